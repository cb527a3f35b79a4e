/* history.h - everything known about one subject, packed: its events and dated facts.
 * Layer: model. A history is one blob of records sorted by (stream, day, moment, key), so that the
 * same set of inputs gives the same bytes whatever order it came in:
 *
 *     u8 stream | u8 flags | u16 day | u16 moment | u16 length | u64 key | presence bits | fields
 *
 * day counts from 1970, moment the two-second steps of that day. Fields are variable-length
 * integers: a hospital bill takes about 26 bytes. Repeats are recognised by their
 * key; an event taken back stays as a dead record, and a taking-back that came first waits as a
 * record without fields. Cost: linear in the subject's records (tens, rarely hundreds). */
#ifndef SHOUWANG_MODEL_HISTORY_H
#define SHOUWANG_MODEL_HISTORY_H

#include <shouwang/base/slab.h>
#include <shouwang/model/event.h>

struct sw_history {
    uint32_t ref; /* blob, SW_BLOB_NONE when empty */
    uint32_t length, cap;
};

#define SW_HISTORY_NONE ((struct sw_history){SW_BLOB_NONE, 0, 0})

enum sw_recorded {
    SW_RECORDED,        /* the history changed */
    SW_RECORDED_REPEAT, /* this key was here before: nothing changed */
    SW_RECORDED_FULL    /* no room (1 MiB per subject): nothing changed */
};

/* Put an event in (and take back the one it reverses). */
enum sw_recorded sw_history_add(struct sw_slab *slab, struct sw_history *h,
                                const struct sw_event *e);
/* Remember only a key, for inputs without a record of their own. */
enum sw_recorded sw_history_note(struct sw_slab *slab, struct sw_history *h, uint64_t key);
bool sw_history_has(const struct sw_slab *slab, const struct sw_history *h, uint64_t key);
void sw_history_free(struct sw_slab *slab, struct sw_history *h);

/* Reading the live records of one stream in order of days, as the language's host does:
 * c->stream, need and room are given; `st` is the stream's declaration. */
void sw_history_open(const struct sw_slab *slab, const struct sw_history *h, struct sw_cursor *c);
bool sw_history_next(const struct sw_stream *st, struct sw_cursor *c);

/* The household's facts on a day: value[i] for each field of the facts stream (SW_KUNKNOWN when
 * not known), until[i] the first later day on which it changes (SW_DAY_NEVER: none). */
void sw_history_facts(const struct sw_slab *slab, const struct sw_history *h,
                      const struct sw_stream *facts, sw_day day, struct sw_value *value,
                      sw_day *until);

/* The same history under another schema: streams and fields are matched by name, what has no place
 * there is dropped. */
void sw_history_convert(struct sw_slab *slab, struct sw_history *h, const struct sw_schema *from,
                        const struct sw_schema *to);

#endif
