/* history_move.c - a history follows the person: when somebody moves, dies out of a household or
 * households become one, the records go along, bytes and all.
 *
 * Keys, days and what was taken back stay as they are, so repeats and reversals that come later
 * find what they mean in the new place. Who still names the old household finds the way by the
 * trace that each record leaves there. Reversals that came before what they take back do not say
 * whose it is: they wait in both places. */
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

/* What a record of a person leaves where it was; a history that is full does without. */
static void leave_trace(struct sw_history *from, const unsigned char *record, uint32_t person)
{
    unsigned char trace[HEADER];

    memcpy(trace, record, HEADER);
    trace[AT_STREAM] = NO_STREAM;
    trace[AT_LENGTH] = HEADER | TRACE;
    memcpy(trace + AT_DAY, &person, sizeof(person));
    sw_history_insert(from, trace, HEADER, false);
}

/* A note goes where something may be known of its key; true: then nothing is to be put there. */
static bool is_known(unsigned char *there, const unsigned char *note)
{
    if (there != NULL && sw_is_waiting(note) && there[AT_STREAM] != NO_STREAM)
        there[AT_LENGTH] |= DEAD;
    return there != NULL;
}

static void arrive(struct sw_history *to, const unsigned char *record, const struct sw_schema *s)
{
    unsigned char *there = sw_history_find(to, sw_key_of(record));
    uint32_t n = sw_length_of(record);
    unsigned char copy[RECORD_MAX];

    if (record[AT_STREAM] == NO_STREAM && is_known(there, record))
        return;
    memcpy(copy, record, n);
    if (there != NULL && sw_is_waiting(there))
        copy[AT_LENGTH] |= DEAD; /* its taking-back was here first */
    if (there != NULL && (sw_is_waiting(there) || sw_is_trace(there)))
        sw_history_remove(to, there);
    SW_ASSERT(sw_history_insert(to, copy, n, is_of_facts(copy, s)));
}

/* The records that stay, in their order. */
static void keep_rest(struct sw_history *from, const unsigned char *records, uint32_t length,
                      uint32_t kept, const struct sw_schema *s, uint32_t person)
{
    unsigned char *p = sw_history_resize(from, kept);

    for (uint32_t at = 0; at < length; at += sw_length_of(records + at)) {
        uint32_t n = sw_length_of(records + at);

        if (goes(records + at, s, person))
            continue;
        memcpy(p, records + at, n);
        p += n;
    }
}

bool sw_history_move(struct sw_history *from, struct sw_history *to, const struct sw_schema *s,
                     uint32_t person)
{
    const unsigned char *p = sw_history_records(from);
    uint32_t length = sw_history_length(from);
    uint32_t going = 0;
    uint32_t waiting = 0;
    unsigned char *records;

    for (uint32_t at = 0; at < length; at += sw_length_of(p + at)) {
        going += goes(p + at, s, person) ? sw_length_of(p + at) : 0;
        waiting += sw_is_waiting(p + at) ? HEADER : 0;
    }
    if (sw_history_length(to) + going + waiting > HISTORY_MAX)
        return false;
    records = sw_malloc(length + 1); /* resizing moves what is being walked */
    if (length > 0)
        memcpy(records, p, length);
    keep_rest(from, records, length, length - going, s, person);
    for (uint32_t at = 0; at < length; at += sw_length_of(records + at)) {
        bool moves = goes(records + at, s, person);

        if (moves || sw_is_waiting(records + at))
            arrive(to, records + at, s);
        if (moves && person != SW_NONE)
            leave_trace(from, records + at, person);
    }
    free(records);
    return true;
}

uint32_t sw_history_went(const struct sw_history *h, uint64_t key)
{
    const unsigned char *record = sw_history_find(h, key);
    uint32_t person = SW_NONE;

    if (record != NULL && sw_is_trace(record))
        memcpy(&person, record + AT_DAY, sizeof(person));
    return person;
}
