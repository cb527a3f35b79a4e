/* replace.c - which of several statements about the same thing stands. What counts is told in
 * replace.h.
 *
 * A history is walked once for each statement that comes: tens of records, and only in streams that
 * replace. */
#include "history_parts.h"
#include "replace_parts.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

/* ---- periods ------------------------------------------------------------------------------ */

static sw_day period_start(const struct sw_period *p, sw_day day)
{
    struct sw_civil c = sw_civil_of(day);
    sw_day start = sw_day_of(c.year, p->month, p->day);

    return start <= day ? start : sw_day_of(c.year - 1, p->month, p->day);
}

sw_day sw_period_start(const struct sw_schema *s, const struct sw_stream *st, sw_day day)
{
    struct sw_civil c = sw_civil_of(day);

    switch ((enum sw_replaces)st->replaces) {
    case SW_REPLACES_NONE:
    case SW_REPLACES_ALL: break;
    case SW_REPLACES_YEAR: return sw_day_of(c.year, 1, 1);
    case SW_REPLACES_MONTH: return sw_day_of(c.year, c.month, 1);
    case SW_REPLACES_DAY: return day;
    case SW_REPLACES_PERIOD: return period_start(&s->periods[st->period], day);
    }
    return 0;
}

/* ---- statements --------------------------------------------------------------------------- */

/* A record with what tells it apart. Its texts lie in `live`. */
struct statement {
    unsigned char *record;
    sw_day period;
    uint32_t stated;
    struct sw_value key[SW_FIELDS_MAX];
    unsigned char live[RECORD_MAX];
};

static void read_statement(const struct sw_schema *s, const struct sw_stream *st,
                           unsigned char *record, struct statement *out)
{
    uint32_t length = sw_length_of(record);
    struct sw_cursor c = {.stream = st->id,
                          .need = st->key,
                          .room = out->key,
                          .at = out->live,
                          .to = out->live + length};

    memcpy(out->live, record, length);
    out->live[AT_LENGTH] &= (unsigned char)~FLAGS; /* reading skips what does not stand */
    SW_ASSERT(sw_history_next(st, &c));
    out->record = record;
    out->period = sw_period_start(s, st, c.day);
    out->stated = sw_stated_of(record);
}

static bool same_value(struct sw_value a, struct sw_value b)
{
    if (a.kind != b.kind)
        return false;
    switch (a.kind) {
    case SW_KUNKNOWN: return true;
    case SW_KBOOL: return a.b == b.b;
    case SW_KSTRING: return a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
    default: return a.i == b.i;
    }
}

/* About the same thing: one of them can stand. */
static bool compete(const struct sw_stream *st, const struct statement *a,
                    const struct statement *b)
{
    bool same = a->period == b->period;

    for (uint32_t i = 0; same && i < st->n_fields; i++)
        same = (st->key >> i & 1) == 0 || same_value(a->key[i], b->key[i]);
    return same;
}

/* Day, moment and key as one number would not fit: the day and moment. */
static uint32_t when_of(const unsigned char *record)
{
    return (uint32_t)sw_get16(record + AT_DAY) << 16 | sw_get16(record + AT_MOMENT);
}

static bool is_newer(const unsigned char *a, const unsigned char *b)
{
    uint32_t x = sw_stated_of(a);
    uint32_t y = sw_stated_of(b);

    if (x != y)
        return x > y;
    return when_of(a) != when_of(b) ? when_of(a) > when_of(b) : sw_key_of(a) > sw_key_of(b);
}

/* The records of a stream, one after the other; NULL at the end. `at` begins with NULL. */
static unsigned char *next_record(const struct sw_history *h, const struct sw_stream *st,
                                  unsigned char *at)
{
    unsigned char *begin = sw_records_of(h);
    const unsigned char *end = begin == NULL ? NULL : begin + sw_history_length(h);

    for (at = at == NULL ? begin : at + sw_length_of(at); at != end; at += sw_length_of(at)) {
        if (at[AT_STREAM] >= st->id)
            return at[AT_STREAM] == st->id ? at : NULL;
    }
    return NULL;
}

/* True when it had another mark before. */
static bool mark(unsigned char *record, bool replaced)
{
    uint8_t before = record[AT_LENGTH];

    if (replaced && !sw_has_flag(record, DEAD))
        record[AT_LENGTH] |= REPLACED;
    else
        record[AT_LENGTH] &= (unsigned char)~REPLACED;
    return record[AT_LENGTH] != before;
}

/* The statement that stands among those that compete with `one`; NULL: none, or none that a whole
 * list drawn up at `since` leaves. */
static unsigned char *standing(const struct sw_schema *s, const struct sw_stream *st,
                               const struct sw_history *h, const struct statement *one,
                               uint32_t since)
{
    struct statement other;
    unsigned char *best = NULL;
    bool listed = false;

    for (unsigned char *p = next_record(h, st, NULL); p != NULL; p = next_record(h, st, p)) {
        read_statement(s, st, p, &other);
        if (!compete(st, one, &other))
            continue;
        listed |= other.stated >= since;
        if (!sw_has_flag(p, DEAD) && (best == NULL || is_newer(p, best)))
            best = p;
    }
    return listed ? best : NULL;
}

/* Marks the competitors of `one`; *others: another record's mark changed. */
static bool settle(const struct sw_schema *s, const struct sw_stream *st,
                   const struct sw_history *h, const struct statement *one, uint32_t since,
                   bool *others)
{
    unsigned char *best = standing(s, st, h, one, since);
    struct statement other;
    bool changed = false;

    for (unsigned char *p = next_record(h, st, NULL); p != NULL; p = next_record(h, st, p)) {
        read_statement(s, st, p, &other);
        if (!compete(st, one, &other) || !mark(p, p != best))
            continue;
        changed = true;
        *others |= p != one->record;
    }
    return changed;
}

/* ---- whole lists -------------------------------------------------------------------------- */

/* Where the list stands or would: by stream, period and time. */
static uint32_t place_of(const struct sw_registry *r, uint32_t stream, sw_day period,
                         uint32_t stated)
{
    uint32_t i = 0;

    for (; i < r->rolls; i++) {
        const struct sw_roll *l = &r->roll[i];

        if (l->stream != stream   ? l->stream > stream
            : l->period != period ? l->period > period
                                  : l->stated >= stated)
            break;
    }
    return i;
}

static bool is_of(const struct sw_roll *l, uint32_t stream, sw_day period)
{
    return l->stream == stream && l->period == period;
}

/* The list itself, SW_NONE: it is not known. */
static uint32_t find_roll(const struct sw_registry *r, uint32_t stream, sw_day period,
                          uint32_t stated)
{
    uint32_t i = place_of(r, stream, period, stated);

    return i < r->rolls && is_of(&r->roll[i], stream, period) && r->roll[i].stated == stated
               ? i
               : SW_NONE;
}

/* When the newest whole list of the period was drawn up; 0: there is none. It is the first. */
static uint32_t listed_since(const struct sw_registry *r, uint32_t stream, sw_day period)
{
    uint32_t i = place_of(r, stream, period, 0);

    return i < r->rolls && is_of(&r->roll[i], stream, period) && r->roll[i].whole
               ? r->roll[i].stated
               : 0;
}

static void remove_rolls(struct sw_registry *r, uint32_t from, uint32_t n)
{
    memmove(r->roll + from, r->roll + from + n, (r->rolls - from - n) * sizeof(*r->roll));
    r->rolls -= n;
}

/* A list that is whole takes the place of all that were drawn up before it. */
static uint32_t become_whole(struct sw_registry *r, uint32_t i)
{
    uint32_t first = place_of(r, r->roll[i].stream, r->roll[i].period, 0);

    r->roll[i].whole = true;
    remove_rolls(r, first, i - first);
    return first;
}

static uint32_t count_rows(const struct sw_schema *s, const struct sw_stream *st,
                           const struct sw_history *h, sw_day period, uint32_t stated)
{
    uint32_t n = 0;

    for (unsigned char *p = next_record(h, st, NULL); p != NULL; p = next_record(h, st, p))
        n += sw_stated_of(p) == stated && sw_period_start(s, st, sw_get16(p + AT_DAY)) == period;
    return n;
}

static uint32_t count_all(const struct sw_registry *r, const struct sw_schema *s,
                          const struct sw_stream *st, sw_day period, uint32_t stated)
{
    uint32_t n = 0;

    if (st->scope == SW_AREA) {
        for (uint32_t a = 0; a < r->area_code.count; a++)
            n += count_rows(s, st, &r->area[a].history, period, stated);
        return n;
    }
    for (uint32_t h = 0; h < r->household_id.count; h++) {
        if (h + 4 < r->household_id.count)
            sw_history_prefetch(&r->household[h + 4].history);
        n += count_rows(s, st, &r->household[h].history, period, stated);
    }
    return n;
}

/* A place for a list that was not known. */
static void open_roll(struct sw_registry *r, uint32_t i, struct sw_roll roll)
{
    r->roll = sw_grow(r->roll, &r->roll_cap, r->rolls + 1, sizeof(*r->roll));
    memmove(r->roll + i + 1, r->roll + i, (r->rolls - i) * sizeof(*r->roll));
    r->roll[i] = roll;
    r->rolls++;
}

uint32_t sw_roll_close(struct sw_registry *r, const struct sw_schema *s,
                       const struct sw_batch_told *told, uint32_t needed, uint32_t parked,
                       bool *news)
{
    const struct sw_stream *st = told->roll;
    sw_day period = sw_period_start(s, st, told->day);
    uint32_t i = find_roll(r, st->id, period, told->stated);
    struct sw_roll *l;

    *news = false;
    if (told->stated < listed_since(r, st->id, period))
        return SW_NONE; /* a newer one is whole already */
    if (i == SW_NONE) {
        i = place_of(r, st->id, period, told->stated);
        open_roll(r, i,
                  (struct sw_roll){.stream = st->id,
                                   .period = period,
                                   .stated = told->stated,
                                   .needed = UINT32_MAX,
                                   .arrived = parked + count_all(r, s, st, period, told->stated)});
    }
    l = &r->roll[i];
    if (needed >= l->needed)
        return SW_NONE; /* closed again, with as many rows */
    l->needed = needed;
    l->rows = told->rows > needed ? told->rows : needed;
    *news = true;
    return !l->whole && l->arrived >= needed ? become_whole(r, i) : SW_NONE;
}

uint32_t sw_roll_arrived(struct sw_registry *r, const struct sw_schema *s, const struct sw_event *e)
{
    uint32_t i = SW_NONE;

    if (r->rolls > 0 && e->has_data)
        i = find_roll(r, e->stream->id, sw_period_start(s, e->stream, e->day), e->stated);
    if (i == SW_NONE)
        return SW_NONE;
    r->roll[i].arrived++;
    return !r->roll[i].whole && r->roll[i].arrived >= r->roll[i].needed ? become_whole(r, i)
                                                                        : SW_NONE;
}

uint32_t sw_roll_rows(const struct sw_registry *r, const struct sw_schema *s,
                      const struct sw_batch_told *told)
{
    uint32_t i =
        find_roll(r, told->roll->id, sw_period_start(s, told->roll, told->day), told->stated);

    return i == SW_NONE ? SW_NONE : r->roll[i].arrived;
}

bool sw_roll_sweep(const struct sw_schema *s, const struct sw_roll *roll, struct sw_history *h)
{
    const struct sw_stream *st = &s->streams[roll->stream];
    struct statement one;
    bool changed = false;

    for (unsigned char *p = next_record(h, st, NULL); p != NULL; p = next_record(h, st, p)) {
        if (sw_has_flag(p, FLAGS) || sw_stated_of(p) >= roll->stated)
            continue;
        read_statement(s, st, p, &one);
        if (one.period == roll->period && standing(s, st, h, &one, roll->stated) == NULL)
            changed |= mark(p, true);
    }
    return changed;
}

const struct sw_roll *sw_roll_pending(const struct sw_registry *r, const struct sw_schema *s,
                                      uint32_t feed)
{
    const struct sw_roll *newest = NULL;

    for (uint32_t i = 0; i < r->rolls; i++) {
        const struct sw_roll *l = &r->roll[i];

        if (!l->whole && s->streams[l->stream].feed_number == feed &&
            (newest == NULL || l->stated > newest->stated))
            newest = l;
    }
    return newest;
}

/* ---- an event ----------------------------------------------------------------------------- */

struct sw_settled sw_settle(const struct sw_registry *r, const struct sw_schema *s,
                            struct sw_history *h, const struct sw_event *e)
{
    const uint64_t keys[] = {e->has_data ? e->key : 0, e->reverses};
    struct sw_settled out = {.silent = e->reverses == 0};

    for (size_t i = 0; i < SW_COUNTOF(keys); i++) {
        unsigned char *record = keys[i] == 0 ? NULL : sw_history_find(h, keys[i]);
        const struct sw_stream *st = record == NULL || record[AT_STREAM] == NO_STREAM
                                         ? NULL
                                         : &s->streams[record[AT_STREAM]];
        struct statement one;
        bool others = false;

        if (st == NULL || st->replaces == SW_REPLACES_NONE)
            continue;
        read_statement(s, st, record, &one);
        settle(s, st, h, &one, listed_since(r, st->id, one.period), &others);
        out.replaced |= i == 0 && others;
        if (i == 0 && (others || !sw_has_flag(record, FLAGS)))
            out.silent = false;
    }
    return out;
}

/* ---- another schema ----------------------------------------------------------------------- */

static const struct sw_stream *stream_in(const struct sw_schema *s, struct sw_str name)
{
    return name.n == 0 ? NULL : sw_schema_stream(s, name);
}

static bool same_keys(const struct sw_stream *a, const struct sw_stream *b)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < a->n_fields; i++) {
        uint32_t there;

        if ((a->key >> i & 1) == 0)
            continue;
        n++;
        if (sw_stream_field(b, a->fields[i].name, &there) == NULL || (b->key >> there & 1) == 0 ||
            a->fields[i].type != b->fields[there].type)
            return false;
    }
    return n == (uint32_t)__builtin_popcountll(b->key);
}

bool sw_replaces_alike(const struct sw_schema *from, const struct sw_schema *to, uint32_t stream)
{
    const struct sw_stream *a = &from->streams[stream];
    const struct sw_stream *b = stream_in(to, a->name);

    if (a->facts || b == NULL || a->replaces != b->replaces || !same_keys(a, b))
        return b != NULL && a->replaces == SW_REPLACES_NONE && b->replaces == SW_REPLACES_NONE;
    if (a->replaces != SW_REPLACES_PERIOD)
        return true;
    return from->periods[a->period].month == to->periods[b->period].month &&
           from->periods[a->period].day == to->periods[b->period].day;
}

uint32_t sw_stated_there(const struct sw_stream *from, const unsigned char *record,
                         const struct sw_schema *to)
{
    sw_time at;

    if (from->replaces != SW_REPLACES_NONE)
        return sw_stated_of(record);
    at = sw_zone_midnight(to->zone, sw_get16(record + AT_DAY)) +
         sw_get16(record + AT_MOMENT) * 2 * SW_SECOND;
    return (uint32_t)(at / SW_SECOND);
}

void sw_history_resettle(struct sw_history *h, const struct sw_schema *from,
                         const struct sw_schema *to)
{
    for (size_t i = 1; to->any_replaces && i < to->n_streams; i++) {
        const struct sw_stream *st = &to->streams[i];
        const struct sw_stream *before = stream_in(from, st->name);
        bool others = false;
        struct statement one;

        if (st->replaces == SW_REPLACES_NONE ||
            (before != NULL && sw_replaces_alike(from, to, before->id)))
            continue;
        for (unsigned char *p = next_record(h, st, NULL); p != NULL; p = next_record(h, st, p)) {
            read_statement(to, st, p, &one);
            settle(to, st, h, &one, 0, &others);
        }
    }
}

void sw_rolls_convert(struct sw_registry *r, const struct sw_schema *from,
                      const struct sw_schema *to)
{
    struct sw_roll *old = r->roll;
    uint32_t n = r->rolls;

    r->roll = NULL;
    r->roll_cap = 0;
    r->rolls = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct sw_stream *st = stream_in(to, from->streams[old[i].stream].name);
        uint32_t at;

        if (st == NULL || !sw_replaces_alike(from, to, old[i].stream))
            continue;
        old[i].stream = st->id;
        at = place_of(r, st->id, old[i].period, old[i].stated);
        open_roll(r, at, old[i]);
    }
    free(old);
}
