/* read.c - reads one stream of one subject and folds it into a value.
 *
 * Whether an event counts is a matter of days alone once its condition holds: it comes in on one
 * day and drops out on a later one (or never). Windows, unless() and whole months each cut that
 * span. So one pass over the records gives the value today and the first day after today on which
 * it can be another one: the nearest day on which some event comes in or drops out.
 *
 * An event whose condition is unknown may or may not count: then the result is unknown, except
 * where it cannot matter (exists() with another event that does count; latest() and days_since()
 * with a later one). */
#include "lang/reads.h"
#include <math.h>
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

/* A test breaks this in a copy of its own to see that it would notice. */
#ifndef SW_DROPS_OUT_ON
#define SW_DROPS_OUT_ON(day) (day)
#endif

/* ---- spans of days --------------------------------------------------------------------------- */

struct limits {
    int64_t from[WINDOWS_MAX], to[WINDOWS_MAX]; /* days; of a period its first and the next's */
    int64_t months;
};

/* A window's number; false: *fault says why there is none. */
static bool resolve(const struct reading *g, const struct amount *a, int64_t most, int64_t *out,
                    struct sw_value *fault)
{
    const struct sw_frame *f = g->frame;
    unsigned bank = SW_OPERAND_SPACE(a->operand);
    uint32_t slot = SW_OPERAND_INDEX(a->operand);
    struct sw_value v;

    *out = a->value;
    if (!a->is_variable)
        return true;
    v = f->bank[bank][slot];
    if (v.kind == SW_KUNKNOWN) {
        *fault = sw_value_unknown(g->frame->lang->slot_source[bank][slot]);
        return false;
    }
    if (v.kind == SW_KINT)
        *out = v.i;
    else if (v.kind == SW_KDOUBLE && v.d == floor(v.d) && fabs(v.d) < 1e9)
        *out = (int64_t)v.d;
    else
        *out = -1;
    if (*out >= 0 && *out <= most)
        return true;
    *fault = sw_value_error(N_("a window must be a whole number of days or months in range"));
    return false;
}

static int32_t month_number(sw_day day)
{
    struct sw_civil c = sw_civil_of(day);

    return c.year * 12 + c.month - 1;
}

static sw_day month_start(int32_t number)
{
    int32_t year = (int32_t)sw_floor_div(number, 12);

    return sw_day_of(year, number - year * 12 + 1, 1);
}

/* The first day of a yearly period in `year`; a day the month does not have is its last. */
static sw_day period_start(int32_t year, int32_t month, int32_t day)
{
    sw_day next = month_start(year * 12 + month);
    sw_day start = sw_day_of(year, month, day);

    return start < next ? start : next - 1;
}

struct span {
    int64_t in, out; /* counts on in <= day < out */
};

/* The yearly period that a day lies in. */
static struct span period_of(sw_day day, const struct window *w)
{
    int32_t year = sw_civil_of(day).year;
    sw_day start = period_start(year, w->month, w->day);

    if (day < start)
        return (struct span){period_start(year - 1, w->month, w->day), start};
    return (struct span){start, period_start(year + 1, w->month, w->day)};
}

static bool is_period(const struct window *w)
{
    return w->step == STEP_YEAR || w->step == STEP_PERIOD;
}

static bool resolve_all(const struct reading *g, const struct read *r, struct limits *l,
                        struct sw_value *fault)
{
    for (uint32_t i = 0; i < r->n_windows; i++) {
        if (is_period(&r->window[i])) {
            struct span s = period_of(g->frame->today, &r->window[i]);

            l->from[i] = s.in;
            l->to[i] = s.out;
        } else if (!resolve(g, &r->window[i].from, SW_WINDOW_DAYS_MAX, &l->from[i], fault) ||
                   !resolve(g, &r->window[i].to, SW_WINDOW_DAYS_MAX, &l->to[i], fault))
            return false;
    }
    return r->by != STEP_BY_MONTH ||
           resolve(g, &r->months, SW_WINDOW_MONTHS_MAX, &l->months, fault);
}

static void cut(struct span *s, int64_t in, int64_t out)
{
    if (in > s->in)
        s->in = in;
    if (out < s->out)
        s->out = out;
}

/* The day behind the event's last; without one it stays open. */
static int64_t end_of(const struct read *r, const struct sw_cursor *c)
{
    struct sw_value v = r->end < 0 ? sw_value_unknown(0) : c->field[r->end];

    return v.kind == SW_KDATE ? v.i + 1 : SW_DAY_NEVER;
}

static struct span span_of(struct reading *g, const struct limits *l, const struct sw_cursor *c)
{
    const struct read *r = g->read;
    sw_day day = c->day;
    int64_t end = end_of(r, c);
    struct span s = {day, SW_DAY_NEVER};

    for (uint32_t i = 0; i < r->n_windows; i++) {
        switch ((int)r->window[i].step) {
        case STEP_WITHIN: cut(&s, day, day + l->to[i]); break;
        case STEP_OLDER: cut(&s, day + l->from[i], SW_DAY_NEVER); break;
        case STEP_BETWEEN: cut(&s, day + l->from[i], day + l->to[i]); break;
        case STEP_OPEN: cut(&s, day, end); break;
        case STEP_ENDS: cut(&s, end == SW_DAY_NEVER ? end : end - 1 - l->to[i], end); break;
        default:
            if (day < l->from[i] || day >= l->to[i]) /* another year's */
                cut(&s, day, period_of(day, &r->window[i]).out);
            else
                cut(&s, day, l->to[i]);
            break;
        }
    }
    if (r->by == STEP_BY_MONTH) {
        g->month_then = month_number(day);
        cut(&s, month_start(g->month_then + 1),
            month_start(g->month_then + 1 + (int32_t)l->months));
    }
    return s;
}

/* ---- conditions ------------------------------------------------------------------------------ */

static struct sw_value run_on_event(struct reading *g, const struct code *code,
                                    const struct sw_cursor *c, uint32_t source)
{
    SW_SPACE(g->frame, IN_EVENT) = c->field;
    g->frame->event_source = source;
    return sw_vm_run(g->frame, code);
}

/* All conditions together: true, false, unknown or an error. */
static struct sw_value holds(struct reading *g, struct code *const *where, uint32_t n,
                             const struct sw_cursor *c, uint32_t source)
{
    struct sw_value all = sw_value_bool(true);

    for (uint32_t i = 0; i < n; i++) {
        struct sw_value v = run_on_event(g, where[i], c, source);

        if (v.kind == SW_KBOOL && !v.b)
            return v;
        if (v.kind != SW_KBOOL)
            all = sw_value_worse(all, sw_value_is_trouble(v) ? v : sw_value_error(sw_no_overload));
    }
    return all;
}

/* ---- endings --------------------------------------------------------------------------------- */

/* One event that ends others. */
struct end {
    sw_day day;
    struct sw_value key;
    struct sw_value trouble; /* true: it ends for certain */
};

struct ends {
    struct end *at; /* ascending by day */
    size_t n, cap;
};

static struct sw_cursor open_stream(struct reading *g, uint16_t stream, uint64_t need, int room)
{
    struct sw_cursor c = {.stream = stream, .need = need, .room = g->reads->room[room]};

    g->frame->host->open(g->frame->ctx, &c);
    return c;
}

static bool next_event(struct reading *g, struct sw_cursor *c)
{
    if (!sw_spend(g->frame, 1))
        return false;
    c->field = c->room;
    return g->frame->host->next(g->frame->ctx, c);
}

static struct end *add_end(struct reading *g, struct ends *ends)
{
    if (ends->n == ends->cap) {
        struct end *more;

        ends->cap = ends->cap == 0 ? 8 : 2 * ends->cap;
        more = SW_ARENA_ARRAY(&g->reads->arena, struct end, ends->cap);
        if (ends->n > 0)
            memcpy(more, ends->at, ends->n * sizeof(*more));
        ends->at = more;
    }
    return &ends->at[ends->n++];
}

static struct ends collect_ends(struct reading *g, const struct ending *e)
{
    struct sw_cursor c = open_stream(g, e->stream, e->need, 1);
    struct ends out = {NULL, 0, 0};

    while (next_event(g, &c)) {
        struct sw_value v = holds(g, e->where, e->n_wheres, &c, e->source);

        if (v.kind == SW_KBOOL && !v.b)
            continue;
        *add_end(g, &out) = (struct end){
            .day = c.day,
            .key = e->other_key < 0 ? sw_value_bool(true) : c.field[e->other_key],
            .trouble = v,
        };
    }
    return out;
}

/* What the ends do to one event: cut its span; *doubt when that is not certain. */
static void apply_ends(struct reading *g, const struct ending *e, const struct ends *ends,
                       const struct sw_cursor *c, struct span *s, struct sw_value *doubt)
{
    struct sw_value key = e->key < 0 ? sw_value_bool(true) : c->field[e->key];

    sw_spend(g->frame, ends->n / 16);
    for (size_t i = 0; i < ends->n && ends->at[i].day < s->out; i++) {
        const struct end *end = &ends->at[i];
        bool unknown = key.kind == SW_KUNKNOWN || end->key.kind == SW_KUNKNOWN;

        if (end->day < c->day || (!unknown && !sw_value_equal(key, end->key)))
            continue;
        if (!unknown && end->trouble.kind == SW_KBOOL) {
            cut(s, s->in, end->day);
            return;
        }
        if (end->day > g->frame->today) {
            sw_reading_turns(g, end->day); /* on that day doubt begins */
            continue;
        }
        *doubt = sw_value_worse(*doubt, end->trouble.kind == SW_KBOOL
                                            ? sw_value_unknown(g->frame->event_source)
                                            : end->trouble);
    }
}

/* ---- the pass over the records --------------------------------------------------------------- */

void sw_reading_turns(struct reading *g, int64_t day)
{
    if (day > g->frame->today && day < g->horizon)
        g->horizon = (sw_day)day;
}

/* What each selected event gives to a fold. */
struct sw_value sw_reading_value(struct reading *g, const struct folding *f,
                                 const struct sw_cursor *c)
{
    struct sw_value v;

    if (f->value != NULL)
        return run_on_event(g, f->value, c, g->read->source);
    if (f->field < 0)
        return sw_value_bool(true);
    v = c->field[f->field];
    if (v.kind == SW_KUNKNOWN)
        v.i = g->read->source;
    return v;
}

/* One record: does it count today, and when does that change? */
static void take(struct reading *g, const struct limits *l, const struct ends *ends,
                 const struct sw_cursor *c)
{
    const struct read *r = g->read;
    struct span s = span_of(g, l, c);
    struct sw_value doubt = sw_value_bool(true);
    struct sw_value v;

    if (s.out <= s.in || s.out <= g->frame->today)
        return;
    v = holds(g, r->where, r->n_wheres, c, r->source);
    if (v.kind == SW_KBOOL && !v.b)
        return;
    g->frame->event_source = r->source;
    for (uint32_t i = 0; i < r->n_endings; i++)
        apply_ends(g, &r->ending[i], &ends[i], c, &s, &doubt);
    if (s.out <= s.in || s.out <= g->frame->today)
        return;
    if (s.in > g->frame->today) {
        sw_reading_turns(g, s.in);
        return;
    }
    sw_reading_turns(g, s.out == SW_DAY_NEVER ? 0 : SW_DROPS_OUT_ON(s.out));
    sw_fold_add(g, c, sw_value_worse(v.kind == SW_KBOOL ? doubt : v, doubt));
}

/* The first day whose events can still count: what dropped out of a window stays out. */
static sw_day first_day(const struct reading *g, const struct limits *l)
{
    const struct read *r = g->read;
    int64_t today = g->frame->today;
    int64_t first = 0;

    for (uint32_t i = 0; i < r->n_windows; i++) {
        bool ends = r->window[i].step == STEP_WITHIN || r->window[i].step == STEP_BETWEEN;
        int64_t since = is_period(&r->window[i]) ? l->from[i] : ends ? today - l->to[i] + 1 : 0;

        first = since > first ? since : first;
    }
    if (r->by == STEP_BY_MONTH && month_start(g->month - (int32_t)l->months) > first)
        first = month_start(g->month - (int32_t)l->months);
    return (sw_day)first;
}

static struct sw_value read_stream(struct reading *g)
{
    const struct read *r = g->read;
    struct limits l = {.months = 0};
    struct sw_value fault = sw_value_bool(true);
    struct sw_cursor c;

    if (!resolve_all(g, r, &l, &fault))
        return fault;
    if (r->by == STEP_BY_MONTH)
        g->month = month_number(g->frame->today);
    sw_fold_begin(g, (uint32_t)l.months);
    c = open_stream(g, r->stream, r->need, 0);
    c.since = first_day(g, &l);
    if (next_event(g, &c)) { /* mostly there is nothing that could end */
        struct ends ends[ENDINGS_MAX] = {{0}};

        for (uint32_t i = 0; i < r->n_endings; i++)
            ends[i] = collect_ends(g, &r->ending[i]);
        do
            take(g, &l, ends, &c);
        while (next_event(g, &c));
    }
    if (g->frame->budget == 0)
        return sw_value_error(sw_too_long);
    return sw_fold_end(g);
}

/* Conditions are evaluated in the same frame, but what they make must live as long as the read, and
 * what they miss is told by whoever uses its value. */
static void read_in_frame(struct sw_frame *f, struct sw_reads *reads, uint32_t number)
{
    struct reading g = {
        .frame = f, .reads = reads, .read = f->lang->read[number], .horizon = SW_DAY_NEVER};
    struct sw_arena *arena = f->arena;

    f->arena = &reads->arena;
    f->is_inner = true;
    reads->at[number].value = read_stream(&g);
    if (f->budget == 0)
        sw_reading_turns(&g, (int64_t)f->today + 1);
    reads->at[number].horizon = g.horizon;
    reads->at[number].epoch = reads->epoch;
    f->is_inner = false;
    f->arena = arena;
}

struct sw_value sw_vm_read(struct sw_frame *f, uint32_t number)
{
    struct sw_reads *reads = f->reads;

    SW_ASSERT(reads != NULL && number < reads->n);
    if (reads->at[number].epoch != reads->epoch)
        read_in_frame(f, reads, number);
    if (reads->at[number].horizon < f->horizon)
        f->horizon = reads->at[number].horizon;
    return reads->at[number].value;
}

/* ---- storage --------------------------------------------------------------------------------- */

struct sw_reads *sw_reads_new(const struct sw_lang *l)
{
    struct sw_reads *r = sw_calloc(1, sizeof(*r));

    r->n = l->n_reads;
    r->at = sw_calloc(r->n, sizeof(*r->at));
    r->epoch = 1;
    for (int i = 0; i < 2; i++)
        r->room[i] = sw_calloc(l->most_fields, sizeof(*r->room[i]));
    return r;
}

void sw_reads_free(struct sw_reads *r)
{
    if (r == NULL)
        return;
    free(r->at);
    free(r->room[0]);
    free(r->room[1]);
    sw_arena_free(&r->arena);
    free(r);
}

void sw_reads_forget(struct sw_reads *r)
{
    sw_arena_reset(&r->arena);
    if (++r->epoch != 0)
        return;
    /* After four billion frames the numbers begin anew: nothing may look current by accident. */
    for (size_t i = 0; i < r->n; i++)
        r->at[i].epoch = 0;
    r->epoch = 1;
}
