/* history_parts.h - the layout of a history's records, drawn in history.h. Private to model. */
#ifndef MODEL_HISTORY_PARTS_H
#define MODEL_HISTORY_PARTS_H

#include <shouwang/model/history.h>

/* A record: u8 stream | u8 flags and length | u16 day | u16 moment | 6 bytes of key. A length of 63
 * says that the true one stands in two more bytes behind the key. */
enum {
    AT_STREAM = 0,
    AT_LENGTH = 1,
    AT_DAY = 2,
    AT_MOMENT = 4,
    AT_KEY = 6,
    HEADER = 12,
    LONG = 63,
    LONG_BYTES = 2,
    RECORD_MAX = 4096, /* 60 fields of 10 bytes and 2000 bytes of texts (event.c) fit */
    HISTORY_MAX = 1 << 20,

    NO_STREAM = 255, /* notes and waiting reversals, behind every stream */
};

/* In the length's two upper bits. A record is dead when it was taken back, replaced while another
 * stands for it (replace.c); of notes the second bit says that they wait, both that they are what a
 * record that moved along with a person left behind: the person stands where the day would. */
enum {
    DEAD = 1 << 6,
    REPLACED = 1 << 7,
    FLAGS = DEAD | REPLACED,
    WAITING = REPLACED,
    TRACE = FLAGS
};

/* The bytes begin with their length. */
enum { AT_RECORDS = sizeof(uint32_t) };

static inline unsigned char *sw_records_of(const struct sw_history *h)
{
    return h->bytes == NULL ? NULL : h->bytes + AT_RECORDS;
}

static inline uint16_t sw_get16(const unsigned char *p)
{
    uint16_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static inline void sw_put16(unsigned char *p, uint16_t v)
{
    memcpy(p, &v, sizeof(v));
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "records are read as little-endian words");

/* Eight bytes at once: the header is read far more often than anything else. */
static inline uint64_t sw_get64(const unsigned char *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static inline uint64_t sw_key_of(const unsigned char *record)
{
    return sw_get64(record + AT_MOMENT) >> 16;
}

static inline uint32_t sw_length_of(const unsigned char *record)
{
    uint32_t length = record[AT_LENGTH] & ~(uint32_t)FLAGS;

    return length < LONG ? length : sw_get16(record + HEADER);
}

/* Presence bits and fields. */
static inline const unsigned char *sw_content_of(const unsigned char *record)
{
    return record + HEADER + ((record[AT_LENGTH] & ~FLAGS) < LONG ? 0 : LONG_BYTES);
}

static inline bool sw_has_flag(const unsigned char *record, uint8_t flag)
{
    return (record[AT_LENGTH] & flag) != 0;
}

static inline bool sw_is_waiting(const unsigned char *record)
{
    return record[AT_STREAM] == NO_STREAM && (record[AT_LENGTH] & FLAGS) == WAITING;
}

static inline bool sw_is_trace(const unsigned char *record)
{
    return record[AT_STREAM] == NO_STREAM && (record[AT_LENGTH] & FLAGS) == TRACE;
}

/* Of a record of a stream that replaces: its last bytes say when it was stated. */
enum { STATED = sizeof(uint32_t) };

static inline uint32_t sw_stated_of(const unsigned char *record)
{
    uint32_t v;

    memcpy(&v, record + sw_length_of(record) - STATED, sizeof(v));
    return v;
}

/* The record with this key, NULL: none. */
unsigned char *sw_history_find(const struct sw_history *h, uint64_t key);
/* Put a record where it belongs; `facts` as in its stream. False: the history is full. */
bool sw_history_insert(struct sw_history *h, const unsigned char *record, uint32_t length,
                       bool facts);
void sw_history_remove(struct sw_history *h, unsigned char *record);

#endif
