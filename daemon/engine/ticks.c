/* ticks.c - what time brings by itself: days, subjects that are due on them, timers.
 *
 * A tick says how far time has come: a day (its midnight) or an instant. Whatever is due up to then
 * happens in order and at its own time, which is what the state remembers; so neither how often the
 * clock ticked nor how long the machine was down can be seen in it. At one instant a new day comes
 * first, then the subjects due on it, then the timers. A tick does a bounded amount of work: the
 * rest is due again (sw_engine_next). */
#include "parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>

/* ---- timers ------------------------------------------------------------------------------- */

/* Owners of timers keep their instant themselves: an entry counts only while the owner still wants
 * to be woken then, so a timer is moved or stopped by changing the owner's mind. */
static const struct {
    sw_time (*wanted)(const struct sw_engine *e, uint32_t index); /* SW_TIME_NEVER: not at all */
    void (*fire)(struct sw_engine *e, uint32_t index, struct sw_effects *fx);
} timers[SW_WAKES] = {
    [SW_WAKE_CASE] = {sw_clock_wanted, sw_clock_fire},
    [SW_WAKE_PEOPLE] = {sw_people_wanted, sw_people_fire},
    [SW_WAKE_MAIL] = {sw_mail_wanted, sw_mail_fire},
    [SW_WAKE_PHONES] = {sw_phones_wanted, sw_phones_fire},
};

void sw_wake_at(struct sw_engine *e, sw_time when, enum sw_wake what, uint32_t index)
{
    SW_ASSERT(what < SW_WAKES);
    if (when != SW_TIME_NEVER)
        sw_heap_push(&e->wakes, when, (uint64_t)what << 32 | index);
}

/* The next timer that holds; entries before it that do not are forgotten. */
static const struct sw_due *next_timer(struct sw_engine *e)
{
    const struct sw_due *top;

    while ((top = sw_heap_top(&e->wakes)) != NULL &&
           timers[top->who >> 32].wanted(e, (uint32_t)top->who) != top->when)
        sw_heap_pop(&e->wakes);
    return top;
}

void sw_wakes_settle(struct sw_engine *e)
{
    next_timer(e);
}

/* Time goes on. What was to be told before goes before, however far one tick goes. */
static void reach(struct sw_engine *e, sw_time when, struct sw_effects *fx)
{
    if (when > e->came)
        when = e->came;
    if (when <= e->now)
        return;
    sw_mail_flush(e, fx);
    e->now = when;
}

/* Fires the timers that are due before `end`, in order; false: that was too much for one tick. */
static bool fire_before(struct sw_engine *e, sw_time end, struct sw_effects *fx)
{
    const struct sw_due *top;

    for (int n = 0; (top = next_timer(e)) != NULL && top->when < end; n++) {
        struct sw_due due = *top;
        sw_day day = sw_zone_day(e->rules->schema->zone, due.when);

        if (n == DUE_PER_TICK)
            return false;
        sw_heap_pop(&e->wakes);
        reach(e, due.when, fx);
        if (day > e->today) /* a day on which nothing else was due */
            e->today = day;
        timers[due.who >> 32].fire(e, (uint32_t)due.who, fx);
        sw_arena_reset(&e->arena);
    }
    return true;
}

/* ---- days --------------------------------------------------------------------------------- */

/* The next subject to judge today, SW_NONE: none is left. */
static uint32_t take_due(struct sw_engine *e)
{
    const struct sw_due *top;

    while ((top = sw_heap_top(&e->due)) != NULL && top->when <= e->today) {
        uint32_t subject = (uint32_t)top->who;
        struct sw_standing *st = sw_standing_of(e, subject);
        sw_day queued = (sw_day)top->when;
        sw_day due = st->due;

        sw_heap_pop(&e->due);
        if (st->queued != queued)
            continue; /* an earlier entry took its place */
        st->queued = st->due = SW_DAY_NEVER;
        if (due <= e->today)
            return subject;
        sw_set_due(e, subject, due);
    }
    return SW_NONE;
}

static void begin_day(struct sw_engine *e, sw_day day, struct sw_effects *fx)
{
    uint32_t area;

    reach(e, sw_zone_midnight(e->rules->schema->zone, day), fx);
    e->today = day;
    while ((area = sw_registry_recode(&e->registry, day)) != SW_NONE)
        sw_follow_recode(e, area, fx);
    sw_people_pass_day(e, fx);
    sw_storm_pass_day(e);
    sw_feeds_pass_day(e);
    sw_feeds_tell(e, fx);
    sw_record_pass_day(e);
}

/* False: so many are due today that it takes more ticks. */
static bool judge_due(struct sw_engine *e, struct sw_effects *fx)
{
    uint32_t subject;

    for (int n = 0; n < DUE_PER_TICK && (subject = take_due(e)) != SW_NONE; n++) {
        sw_judge_due(e, subject, fx);
        sw_arena_reset(&e->arena);
    }
    return sw_engine_due(e) > e->today;
}

/* ---- inputs ------------------------------------------------------------------------------- */

/* In a tick time passes step by step. A word on a message comes whenever a gateway has one, perhaps
 * before the ticks for what was missed: it must not bring time nearer than they do. */
void sw_time_comes(struct sw_engine *e, const struct sw_input *in)
{
    e->came = in->now;
    if (in->kind != SW_IN_TICK && (in->kind != SW_IN_FATE || sw_engine_next(e) > in->now))
        e->now = in->now;
}

/* ---- ticks -------------------------------------------------------------------------------- */

static bool read_tick(const struct sw_engine *e, struct sw_str body, sw_day *day, sw_time *when)
{
    const struct sw_zone *zone = e->rules->schema->zone;

    if (sw_date_parse(body, day))
        *when = sw_zone_midnight(zone, *day);
    else if (sw_rfc3339_parse(body, when))
        *day = sw_zone_day(zone, *when);
    else
        return false;
    return e->today == SW_DAY_NEVER || *day >= e->today;
}

enum sw_verdict sw_tick_apply(struct sw_engine *e, const struct sw_input *in, struct sw_effects *fx,
                              enum sw_refusal *why, struct sw_err *err)
{
    sw_time when;
    sw_day day;

    if (!read_tick(e, in->body, &day, &when)) {
        *why = SW_REFUSED_BAD_DATE;
        sw_fail(err, SW_EINVALID, _("a tick must carry today's date or a later one"));
        return SW_VERDICT_REJECTED;
    }
    if (e->today == SW_DAY_NEVER || day > e->today) {
        if (!fire_before(e, sw_zone_midnight(e->rules->schema->zone, day), fx))
            return SW_VERDICT_ACCEPTED;
        begin_day(e, day, fx);
        e->spread = SW_DAY_NEVER;
    }
    e->happened = e->spread;
    e->is_statement = e->spread_is_statement;
    if (judge_due(e, fx)) {
        e->happened = e->spread = SW_DAY_NEVER;
        fire_before(e, when + 1, fx);
        reach(e, when, fx);
    }
    return SW_VERDICT_ACCEPTED;
}

sw_day sw_engine_due(const struct sw_engine *e)
{
    const struct sw_due *top = sw_heap_top(&e->due);

    return top == NULL ? SW_DAY_NEVER : (sw_day)top->when;
}

sw_time sw_engine_next(const struct sw_engine *e)
{
    const struct sw_zone *zone = e->rules->schema->zone;
    const struct sw_due *top = sw_heap_top(&e->wakes);
    sw_time midnight;

    if (e->today == SW_DAY_NEVER)
        return SW_TIME_NEVER;
    midnight = sw_zone_midnight(zone, e->today);
    if (sw_engine_due(e) <= e->today)
        return midnight;
    if (top != NULL && top->when <= e->now) /* set into the past: all of them at once */
        return e->now > midnight ? e->now : midnight;
    midnight = sw_zone_midnight(zone, e->today + 1);
    return top != NULL && top->when < midnight ? top->when : midnight;
}

struct sw_str sw_engine_tick(const struct sw_engine *e, sw_time at, char text[SW_RFC3339_SIZE])
{
    const struct sw_zone *zone = e->rules->schema->zone;
    sw_day day = sw_zone_day(zone, at);

    return sw_str(sw_zone_midnight(zone, day) == at
                      ? sw_date_format(day, text)
                      : sw_rfc3339_format(at, sw_zone_offset(zone, at), text));
}
