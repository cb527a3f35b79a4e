/* history.h - everything known about one subject, packed: its events and dated facts.
 * Layer: model. A history is one piece of memory: its length and records sorted by (stream, day,
 * moment, key), so that the same set of events gives the same bytes whatever order it came in
 * (facts of one moment stay in the order of arrival):
 *
 *     u8 stream | u8 flags, length | u16 day | u16 moment | 48-bit key | presence bits | fields
 *
 * day counts from 1970, moment the two-second steps of that day. Fields are variable-length
 * integers: a hospital bill takes about 23 bytes. Repeats are recognised by their key; an event
 * taken back stays as a dead record, and a taking-back that came first waits as a record without
 * fields. Cost: linear in the subject's records (tens, rarely hundreds). */
#ifndef SHOUWANG_MODEL_HISTORY_H
#define SHOUWANG_MODEL_HISTORY_H

#include <shouwang/model/event.h>

/* Keys of events are 48-bit hashes: among a subject's hundred, two alike once in 10^11 subjects. */
#define SW_KEY_MASK ((UINT64_C(1) << 48) - 1)

struct sw_history {
    unsigned char *bytes; /* NULL when empty; owner: the history */
};

#define SW_HISTORY_NONE ((struct sw_history){NULL})

enum sw_recorded {
    SW_RECORDED,        /* the history changed */
    SW_RECORDED_REPEAT, /* this key was here before: nothing changed */
    SW_RECORDED_FULL    /* no room (1 MiB per subject): nothing changed */
};

/* Put an event in (and take back the one it reverses). */
enum sw_recorded sw_history_add(struct sw_history *h, const struct sw_event *e);
/* Remember only a key, for inputs without a record of their own. */
enum sw_recorded sw_history_note(struct sw_history *h, uint64_t key);
bool sw_history_has(const struct sw_history *h, uint64_t key);
/* True when of this key nothing but the key is known: it took something back, or changed who is
 * who.
 */
bool sw_history_is_note(const struct sw_history *h, uint64_t key);
/* The stream of the event or fact with this key, taken back or not; SW_NONE: there is none. */
uint32_t sw_history_stream_of(const struct sw_history *h, uint64_t key);
/* The history will be needed soon. */
void sw_history_prefetch(const struct sw_history *h);
/* The records as they lie, for snapshots and digests. Resizing gives room for `length` bytes (at
 * most what was once returned by sw_history_length) and keeps what fits. */
uint32_t sw_history_length(const struct sw_history *h);
const unsigned char *sw_history_records(const struct sw_history *h);
unsigned char *sw_history_resize(struct sw_history *h, uint32_t length);
void sw_history_free(struct sw_history *h);

/* Reading the live records of one stream in order of days, as the language's host does:
 * c->stream, need and room are given; `st` is the stream's declaration. */
void sw_history_open(const struct sw_history *h, struct sw_cursor *c);
/* For who opens many streams of one history: begin[i] is where stream i begins, for i up to and
 * including n. A cursor stands at begin[stream] and ends at begin[stream + 1]. */
void sw_history_index(const struct sw_history *h, const unsigned char **begin, size_t n);
bool sw_history_next(const struct sw_stream *st, struct sw_cursor *c);

/* The household's facts on a day: value[i] for each field of the facts stream (SW_KUNKNOWN when
 * not known), until[i] the first later day on which it changes (SW_DAY_NEVER: none). */
void sw_history_facts(const struct sw_history *h, const struct sw_stream *facts, sw_day day,
                      struct sw_value *value, sw_day *until);

/* Move the records about a person (SW_NONE: everything but the household's own facts) to another
 * history. False: there is no room for them, nothing changed. */
bool sw_history_move(struct sw_history *from, struct sw_history *to, const struct sw_schema *s,
                     uint32_t person);
/* The person with whom the record with this key moved away; SW_NONE: it did not. */
uint32_t sw_history_went(const struct sw_history *h, uint64_t key);

/* The same history under another schema: streams and fields are matched by name, what has no place
 * there is dropped. */
void sw_history_convert(struct sw_history *h, const struct sw_schema *from,
                        const struct sw_schema *to);

#endif
