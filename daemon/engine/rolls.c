/* rolls.c - what departments say anew each time: rows that replace older ones, and whole lists that
 * also say who is not in them any more (model/replace.h has the meaning).
 *
 * A list that becomes whole is compared with every history at once; whoever lost a row by it is
 * only marked due, and judged by the ticks that follow. */
#include "parts.h"

/* A statement speaks of how things stand: for the case it matters when it was made. */
sw_day sw_said_on(const struct sw_engine *e, const struct sw_event *ev)
{
    return ev->stream->replaces == SW_REPLACES_NONE
               ? ev->day
               : sw_zone_day(e->rules->schema->zone, ev->stated * SW_SECOND);
}

/* ---- whole lists -------------------------------------------------------------------------- */

static void household_lost(struct sw_engine *e, uint32_t household, uint32_t stream)
{
    uint32_t place = sw_place_of(e, household);

    sw_due_today(e, household, GONE_UNLISTED);
    if (place != SW_NONE)
        sw_around_due(e, place, &e->rules->area_by_stream[stream], GONE_UNLISTED);
}

static void take_effect(struct sw_engine *e, uint32_t number)
{
    const struct sw_registry *r = &e->registry;
    const struct sw_schema *s = e->rules->schema;
    const struct sw_roll *roll = &r->roll[number];
    const struct sw_stream *st = &s->streams[roll->stream];

    if (st->scope == SW_AREA) {
        for (uint32_t a = 0; a < r->area_code.count; a++) {
            if (sw_roll_sweep(s, roll, &r->area[a].history))
                sw_area_due(e, a, st->id, GONE_UNLISTED);
        }
    } else {
        for (uint32_t h = 0; h < r->household_id.count; h++) {
            if (sw_roll_sweep(s, roll, &r->household[h].history))
                household_lost(e, h, st->id);
        }
    }
    if (!e->history)
        sw_judge_short(e, st->feed_number);
}

void sw_roll_row(struct sw_engine *e, const struct sw_event *ev)
{
    uint32_t whole = ev->stream->replaces == SW_REPLACES_NONE
                         ? SW_NONE
                         : sw_roll_arrived(&e->registry, e->rules->schema, ev);

    if (whole != SW_NONE)
        take_effect(e, whole);
}

/* Rows of the list that wait for who is not registered. */
static uint32_t count_parked(struct sw_engine *e, const struct sw_batch_told *told)
{
    const struct sw_schema *s = e->rules->schema;
    sw_day period = sw_period_start(s, told->roll, told->day);
    uint32_t n = 0;

    for (uint32_t i = 0; i < e->parking.n; i++) {
        const struct sw_parked *p = &e->parking.at[i];
        struct sw_envelope env;
        struct sw_event ev;
        struct sw_err err;

        if (sw_envelope_read(&e->arena, (struct sw_str){p->body, p->n}, &env, &err) !=
                SW_ACCEPTED ||
            !sw_str_eq(env.type, told->roll->name))
            continue;
        sw_event_read(&e->arena, s, &e->registry, &env, p->arrived, &ev, &err);
        n += ev.has_data && ev.stated == told->stated &&
             sw_period_start(s, told->roll, ev.day) == period;
    }
    return n;
}

uint32_t sw_rows_needed(const struct sw_feed *f, uint32_t told)
{
    const double rounding = 1e-6; /* 0.29 of 100 are 29, not 28.999… */

    return told - (uint32_t)((double)told * f->missing + rounding);
}

/* A list that is shorter than any should be, by `rows: {min: …}`, takes nobody away. */
static uint32_t rows_of_list(const struct sw_feed *f, uint32_t told)
{
    uint32_t needed = sw_rows_needed(f, told);

    return f->cumulative && needed < (uint32_t)f->rows_min ? (uint32_t)f->rows_min : needed;
}

bool sw_roll_told(struct sw_engine *e, const struct sw_batch_told *told)
{
    const struct sw_schema *s = e->rules->schema;
    uint32_t needed = rows_of_list(&s->feeds[told->feed], told->rows);
    uint32_t parked = count_parked(e, told);
    bool news;
    uint32_t whole = sw_roll_close(&e->registry, s, told, needed, parked, &news);

    if (whole != SW_NONE)
        take_effect(e, whole);
    else if (!e->history)
        sw_judge_short(e, told->feed);
    return news;
}

/* ---- rows --------------------------------------------------------------------------------- */

bool sw_replace(struct sw_engine *e, const struct sw_event *ev, struct sw_history *h,
                enum sw_gone *gone)
{
    struct sw_settled settled = sw_settle(&e->registry, e->rules->schema, h, ev);

    if (settled.replaced && *gone == NOT_GONE)
        *gone = GONE_REPLACED;
    return !settled.silent;
}

void sw_judge_due(struct sw_engine *e, uint32_t subject, struct sw_effects *fx)
{
    struct sw_standing *st = sw_standing_of(e, subject);
    const struct sw_occasion why = {.by_time = st->gone == NOT_GONE,
                                    .gone = (enum sw_gone)st->gone};

    st->gone = NOT_GONE;
    sw_judge(e, subject, &why, fx);
    if (why.gone != NOT_GONE && !sw_is_area(subject))
        sw_judge_lists(e, subject, fx);
}
