/* history_move.c - a history follows the person: when somebody moves, dies out of a household or
 * households become one, the records go along, bytes and all.
 *
 * Keys, days and what was taken back stay as they are, so repeats and reversals that come later
 * find what they mean in the new place. */
#include "history_parts.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

/* Whether a record is about a person: its first field of that type says whom. */
static bool is_about(const unsigned char *record, const struct sw_schema *s, uint32_t person)
{
    const struct sw_stream *st = &s->streams[record[AT_STREAM]];
    struct sw_value room[SW_FIELDS_MAX];
    unsigned char live[RECORD_MAX];
    struct sw_cursor c = {.room = room, .at = live, .to = live + sw_length_of(record)};
    uint32_t field = sw_stream_person(st);

    if (field == SW_NONE)
        return false;
    c.stream = st->id;
    c.need = UINT64_C(1) << field;
    memcpy(live, record, sw_length_of(record));
    live[AT_LENGTH] &= (unsigned char)~FLAGS; /* reading skips the dead */
    return sw_history_next(st, &c) && room[field].kind == SW_KPERSON && room[field].i == person;
}

static bool is_of_facts(const unsigned char *record, const struct sw_schema *s)
{
    return record[AT_STREAM] != NO_STREAM && s->streams[record[AT_STREAM]].facts;
}

static bool goes(const unsigned char *record, const struct sw_schema *s, uint32_t person)
{
    if (person == SW_NONE) /* everything but the household's own facts */
        return record[AT_STREAM] != SW_FACTS;
    return record[AT_STREAM] != SW_FACTS && record[AT_STREAM] != NO_STREAM &&
           is_about(record, s, person);
}

bool sw_history_move(struct sw_history *from, struct sw_history *to, const struct sw_schema *s,
                     uint32_t person)
{
    const unsigned char *p = sw_history_records(from);
    uint32_t length = sw_history_length(from);
    uint32_t going = 0;
    unsigned char *records;

    for (uint32_t at = 0; at < length; at += sw_length_of(p + at))
        going += goes(p + at, s, person) ? sw_length_of(p + at) : 0;
    if (sw_history_length(to) + going > HISTORY_MAX)
        return false;
    records = sw_malloc(length + 1); /* resizing moves what is being walked */
    if (length > 0)
        memcpy(records, p, length);
    sw_history_resize(from, length - going);
    p = sw_history_records(from);
    for (uint32_t at = 0, kept = 0; at < length; at += sw_length_of(records + at)) {
        uint32_t n = sw_length_of(records + at);

        if (goes(records + at, s, person)) {
            SW_ASSERT(sw_history_insert(to, records + at, n, is_of_facts(records + at, s)));
        } else {
            memcpy(from->bytes + (p - from->bytes) + kept, records + at, n);
            kept += n;
        }
    }
    free(records);
    return true;
}
