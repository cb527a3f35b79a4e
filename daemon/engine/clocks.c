/* clocks.c - the clock of a case: what happens when nobody answers in time.
 *
 *      began ────50────────100 = due────────150──────►    percent of the time the deadline leaves
 *              remind    late, remind,     escalate       stages.c: what a level's clock does when
 *                        escalate          further up
 *
 * A deadline in working days or hours is counted in working time: nights, weekends and holidays do
 * not bring it nearer, and what comes after it comes when people are at work. One in hours of any
 * day goes by the wall clock. The clock stands while the case is paused, and ends with an answer.
 *
 * Escalating tells the team of the next area upwards; whose the case is stays as it was. `done` is
 * all that is kept of the stages, so other stages can be put in force at any time. In a told
 * history no clock goes; those of the cases that are open at its end begin then. */
#include "parts.h"
#include <shouwang/base/i18n.h>

enum { MINUTES = 60, HOURS = 60 * MINUTES, PAUSE_MAX = 180 };

/* ---- how long ----------------------------------------------------------------------------- */

/* The risk may be gone; what was asked still is. */
uint8_t sw_case_level(const struct sw_engine *e, const struct sw_case *c)
{
    uint8_t told = sw_standing_of(e, c->subject)->told_level;

    return c->level > 0 ? c->level : told > 0 ? told : 1;
}

static const struct sw_stages *stages_of(const struct sw_engine *e, const struct sw_case *c)
{
    return &e->rules->wording.stages[sw_case_level(e, c)];
}

/* Time that counts between two instants. */
static sw_time passed(const struct sw_engine *e, const struct sw_clock *k, sw_time from, sw_time to)
{
    if (k->pace == PACE_WALL)
        return to > from ? to - from : 0;
    return sw_work_between(e->rules->calendar, e->rules->schema->zone, from, to);
}

static sw_time later(const struct sw_engine *e, const struct sw_clock *k, sw_time from,
                     sw_time time)
{
    if (k->pace == PACE_WALL)
        return from + time;
    return sw_work_add(e->rules->calendar, e->rules->schema->zone, from, time);
}

/* When so many percent have passed. From 100 on it is counted from the deadline itself. */
static sw_time moment_of(const struct sw_engine *e, const struct sw_case *c, int32_t percent)
{
    const struct sw_clock *k = &c->clock;
    sw_time all = k->spent + passed(e, k, k->began, c->due);
    sw_time at;

    if (all < HOURS * SW_SECOND) /* another calendar may leave nothing */
        all = HOURS * SW_SECOND;
    if (percent >= 100)
        return later(e, k, c->due, all * (percent - 100) / 100);
    at = all * percent / 100 - k->spent;
    at = later(e, k, k->began, at > 0 ? at : 0);
    return at < c->due ? at : c->due;
}

/* ---- starting and stopping ---------------------------------------------------------------- */

/* Its time is no deadline for anybody: nobody is reminded. */
static bool passes_by_itself(const struct sw_engine *e, const struct sw_case *c)
{
    return e->rules->life->move[c->state][ON_DUE].next != LIFE_REFUSED;
}

static void arm(struct sw_engine *e, uint32_t index)
{
    struct sw_case *c = &e->cases[index];
    int32_t percent = sw_stages_next(stages_of(e, c), c->clock.done);

    c->wake = c->clock.late ? SW_TIME_NEVER : c->due;
    if (percent > 0 && !passes_by_itself(e, c)) {
        sw_time at = moment_of(e, c, percent);

        c->wake = at < c->wake ? at : c->wake;
    }
    sw_wake_at(e, c->wake, SW_WAKE_CASE, index);
}

void sw_clock_start(struct sw_engine *e, uint32_t index, struct sw_until due)
{
    struct sw_case *c = &e->cases[index];

    c->due = due.at;
    c->wake = SW_TIME_NEVER;
    c->clock =
        (struct sw_clock){.began = e->now, .rung = SW_NONE, .runs = c->due > 0, .pace = due.pace};
    if (c->clock.runs && !e->history)
        arm(e, index);
}

void sw_clock_stop(struct sw_engine *e, uint32_t index)
{
    e->cases[index].wake = SW_TIME_NEVER;
    e->cases[index].clock.runs = false;
    e->cases[index].clock.paused = 0;
}

void sw_clock_anew(struct sw_engine *e, uint32_t index)
{
    const struct sw_case *c = &e->cases[index];
    struct sw_life_stand s = {.state = e->rules->life->start, .level = sw_case_level(e, c)};

    sw_clock_start(e, index, sw_case_deadline(e, c->subject, &s, NULL));
}

void sw_clock_follow(struct sw_engine *e, uint32_t index, uint8_t state_before)
{
    struct sw_case *c = &e->cases[index];
    const struct sw_life_state *s = &e->rules->life->state[c->state];
    struct sw_life_stand stand = {c->state, c->level, c->checks, c->cleared, c->due};
    struct sw_until due = sw_case_deadline(e, c->subject, &stand, NULL);

    c->due = due.at;
    if (s->end || (!s->waits && s->clock < CLOCK_CHECKS)) {
        sw_clock_stop(e, index);
        return;
    }
    if (s->clock != CLOCK_KEEP && c->state != state_before)
        sw_clock_start(e, index, due);
    /* It was answered, and has to be answered again: months to help in are no time for that. */
    if (!c->clock.runs || (s->clock == CLOCK_KEEP && !e->rules->life->state[state_before].waits))
        sw_clock_anew(e, index);
}

void sw_clocks_rules(struct sw_engine *e)
{
    for (uint32_t i = 0; i < e->n_open; i++) {
        const struct sw_case *c = &e->cases[e->open[i]];

        if (c->clock.runs && c->clock.paused == 0 && !e->history)
            arm(e, e->open[i]);
    }
}

void sw_clocks_live(struct sw_engine *e, struct sw_effects *fx)
{
    for (uint32_t i = 0; i < e->n_open; i++) {
        if (!e->cases[e->open[i]].clock.runs)
            continue;
        sw_clock_anew(e, e->open[i]);
        sw_case_write(e, e->open[i], fx);
    }
}

sw_time sw_clock_wanted(const struct sw_engine *e, uint32_t index)
{
    return e->cases[index].wake;
}

sw_time sw_clock_due(const struct sw_case *c)
{
    return c->clock.runs && c->clock.paused == 0 ? c->due : 0;
}

bool sw_clock_is_late(const struct sw_case *c)
{
    return c->clock.runs && c->clock.paused == 0 && c->clock.late;
}

/* ---- pausing ------------------------------------------------------------------------------ */

static void stand(struct sw_engine *e, uint32_t index, sw_time until)
{
    struct sw_case *c = &e->cases[index];
    struct sw_clock *k = &c->clock;

    if (k->paused == 0) {
        k->spent += passed(e, k, k->began, e->now < c->due ? e->now : c->due);
        k->paused = e->now;
    }
    c->wake = k->until = until;
    sw_wake_at(e, c->wake, SW_WAKE_CASE, index);
}

bool sw_clock_pause(struct sw_engine *e, uint32_t index, sw_time until)
{
    const struct sw_clock *k = &e->cases[index].clock;

    if (!k->runs || k->paused > 0 || until <= e->now)
        return false;
    stand(e, index, until);
    return true;
}

void sw_clock_rest(struct sw_engine *e, uint32_t index, sw_time until)
{
    if (!e->cases[index].clock.runs)
        return;
    stand(e, index, until);
    e->cases[index].clock.rests = true;
}

bool sw_clock_rests(const struct sw_case *c)
{
    const struct sw_clock *k = &c->clock;

    return k->runs && k->paused > 0 && (k->rests || k->until == SW_TIME_NEVER);
}

/* The end of the day that so many working days ago was the last to act on. */
static sw_time late_since(const struct sw_engine *e, sw_day today, int32_t late)
{
    sw_day day = today - 1;

    while (sw_calendar_between(e->rules->calendar, day, today) < late)
        day--;
    return sw_day_end(e->rules->schema->zone, day);
}

/* As much is left as there was: so many hours, or so many working days after that of the pause; and
 * what was late is as late as it was, to the working day. */
static sw_time due_after_pause(const struct sw_engine *e, const struct sw_case *c)
{
    const struct sw_calendar *calendar = e->rules->calendar;
    const struct sw_zone *zone = e->rules->schema->zone;
    sw_day last = sw_zone_day(zone, c->due);
    sw_day day = sw_zone_day(zone, e->now);
    sw_day stood = sw_zone_day(zone, c->clock.paused);
    int32_t left;

    if (c->clock.pace == PACE_WALL)
        return e->now + c->due - c->clock.paused;
    if (c->due <= c->clock.paused)
        return late_since(e, day, sw_calendar_between(calendar, last, stood));
    if (c->clock.pace == PACE_WORK)
        return sw_work_add(calendar, zone, e->now,
                           sw_work_between(calendar, zone, c->clock.paused, c->due));
    left = sw_calendar_between(calendar, stood, last);
    if (left > 0)
        return sw_day_end(zone, sw_calendar_add(calendar, day, left));
    while (!sw_calendar_is_working(calendar, day))
        day++;
    return sw_day_end(zone, day);
}

bool sw_clock_resume(struct sw_engine *e, uint32_t index)
{
    struct sw_case *c = &e->cases[index];
    struct sw_clock *k = &c->clock;

    if (k->paused == 0)
        return false;
    c->due = due_after_pause(e, c);
    k->began = e->now;
    k->paused = k->until = 0;
    k->rests = false;
    arm(e, index);
    return true;
}

/* Nobody stops the clock that goes for themselves: the team, the township or the county does. */
enum sw_refusal sw_clock_act(struct sw_engine *e, uint32_t index, const struct sw_act_told *told,
                             uint8_t roles, struct sw_effects *fx, struct sw_err *err)
{
    bool pauses = sw_str_is(told->act, "pause");
    char day[SW_DATE_SIZE];

    if (told->reason.n == 0 || (pauses && told->until == SW_DAY_NEVER)) {
        sw_fail(err, SW_EINVALID, _("%s is missing: a clock stands with a reason and an end"),
                told->reason.n == 0 ? "reason" : "until");
        return SW_REFUSED_MISSING_FIELD;
    }
    if (pauses && (told->until < e->today || told->until > e->today + PAUSE_MAX)) {
        sw_fail(err, SW_EINVALID, _("until: a pause ends within %d days"), PAUSE_MAX);
        return SW_REFUSED_BAD_DATE;
    }
    if ((roles & (SW_IS(ROLE_TEAM) | SW_IS(ROLE_TOWNSHIP) | SW_IS(ROLE_COUNTY))) == 0) {
        sw_fail(err, SW_EINVALID, _("only the team, the township or the county does this"));
        return SW_REFUSED_CONFLICT;
    }
    if (!(pauses
              ? sw_clock_pause(e, index, sw_zone_midnight(e->rules->schema->zone, told->until + 1))
              : sw_clock_resume(e, index))) {
        sw_fail(err, SW_EINVALID, _("the clock of this case does not go, or does not stand"));
        return SW_REFUSED_CONFLICT;
    }
    sw_case_step(e, index, pauses ? "paused" : "resumed", told->by,
                 pauses
                     ? sw_arena_printf(&e->arena, "暂停计时到%s：%.*s",
                                       sw_date_format(told->until, day), SW_STR_ARG(told->reason))
                     : sw_arena_printf(&e->arena, "继续计时：%.*s", SW_STR_ARG(told->reason)),
                 fx);
    sw_case_write(e, index, fx);
    return SW_ACCEPTED;
}

/* ---- striking ----------------------------------------------------------------------------- */

static void remind(struct sw_engine *e, uint32_t index, int32_t percent, struct sw_effects *fx)
{
    bool told = sw_notify_owner(e, index, NOTICE_REMIND, fx);

    sw_case_step(e, index, told ? "reminded" : "nobody_to_remind", SW_STR("engine"),
                 sw_arena_printf(&e->arena, "时限已过%d%%，%s", percent,
                                 told ? "提醒责任人" : "没有责任人可提醒"),
                 fx);
}

/* The first area to tell: above the one that was told last, and above those whose team the owner
 * leads; the last one again when there is none above. */
static uint32_t next_rung(const struct sw_engine *e, const struct sw_case *c)
{
    const struct sw_registry *r = &e->registry;
    uint32_t area = sw_place_of(e, c->subject);
    uint32_t next =
        c->clock.rung == SW_NONE || area == SW_NONE ? area : r->area[c->clock.rung].parent;

    for (uint32_t a = next; a != SW_NONE; a = r->area[a].parent) {
        if (sw_is_leader(e, c->owner, a))
            next = r->area[a].parent;
    }
    return next == SW_NONE ? c->clock.rung : next;
}

static void escalate(struct sw_engine *e, uint32_t index, const struct sw_stage *s,
                     struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];
    const struct sw_registry *r = &e->registry;
    uint32_t first = next_rung(e, c);
    uint32_t area = first;

    while (area != SW_NONE && !sw_notify_area(e, index, NOTICE_ESCALATE, area, fx))
        area = s->vacant == VACANT_HOLD ? SW_NONE : r->area[area].parent;
    if (area != SW_NONE) {
        c->clock.rung = area;
        sw_case_step(
            e, index, "escalated", SW_STR("engine"),
            sw_arena_printf(&e->arena, "超时尚未办理，报%.*s", SW_STR_ARG(sw_area_name(r, area))),
            fx);
    } else if (first != SW_NONE && s->vacant == VACANT_HOLD) {
        sw_case_step(e, index, "escalation_held", SW_STR("engine"),
                     sw_arena_printf(&e->arena, "应报%.*s，但没有可接手的人，停在这一级",
                                     SW_STR_ARG(sw_area_name(r, first))),
                     fx);
    } else {
        sw_case_step(e, index, "nobody_above", SW_STR("engine"), SW_STR("上级没有可接手的工作队"),
                     fx);
    }
}

static void strike(struct sw_engine *e, uint32_t index, int32_t percent, struct sw_effects *fx)
{
    const struct sw_stages *stages = stages_of(e, &e->cases[index]);

    for (size_t i = 0; i < stages->n; i++) {
        const struct sw_stage *s = &stages->at[i];

        if (s->at != percent && !(i + 1 == stages->n && percent > s->at))
            continue;
        if (s->does == STAGE_REMINDS)
            remind(e, index, percent, fx);
        else
            escalate(e, index, s, fx);
    }
    e->cases[index].clock.done = percent;
}

/* The pause is over; a case nobody has closed in its rest begins anew, and is followed again. */
static void go_on(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    bool rested = e->cases[index].clock.rests;

    if (rested)
        sw_clock_anew(e, index);
    else
        sw_clock_resume(e, index);
    sw_case_step(e, index, "resumed", SW_STR("engine"),
                 rested ? SW_STR("更正以后一直没有办结，重新计时") : SW_STR("暂停期满，继续计时"),
                 fx);
    sw_case_write(e, index, fx);
}

void sw_clock_fire(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];
    int32_t percent;

    if (c->clock.paused > 0) {
        go_on(e, index, fx);
        return;
    }
    if (c->due <= e->now && sw_case_due(e, index, fx))
        return;
    if (!c->clock.late && c->due <= e->now) {
        c->clock.late = true;
        sw_case_step(e, index, "overdue", SW_STR("engine"),
                     sw_arena_printf(&e->arena, "时限已到，还是“%.*s”",
                                     SW_STR_ARG(e->rules->life->state[c->state].label)),
                     fx);
    }
    percent = sw_stages_next(stages_of(e, c), c->clock.done);
    if (percent > 0 && moment_of(e, c, percent) <= e->now)
        strike(e, index, percent, fx);
    arm(e, index);
    sw_case_write(e, index, fx);
}

/* ---- words -------------------------------------------------------------------------------- */

static struct sw_str left_words(struct sw_engine *e, bool late, int64_t n, const char *unit)
{
    if (n == 0)
        return late ? SW_STR("已超时限") : SW_STR("今天到期");
    return sw_arena_printf(&e->arena, "%s%lld%s", late ? "已超时限" : "还剩", (long long)n, unit);
}

struct sw_str sw_clock_left(struct sw_engine *e, uint32_t index)
{
    const struct sw_case *c = &e->cases[index];
    const struct sw_calendar *calendar = e->rules->calendar;
    sw_day day = sw_zone_day(e->rules->schema->zone, c->due);
    bool late = c->due <= e->now;
    const sw_time hour = HOURS * SW_SECOND;

    if (c->clock.pace == PACE_WORK)
        return left_words(
            e, late,
            (late ? passed(e, &c->clock, c->due, e->now) : passed(e, &c->clock, e->now, c->due)) /
                hour,
            "个工作小时");
    if (c->clock.pace == PACE_WALL)
        return left_words(e, late, late ? (e->now - c->due) / hour : (c->due - e->now) / hour,
                          "小时");
    return left_words(e, late,
                      late ? sw_calendar_between(calendar, day, e->today)
                           : sw_calendar_between(calendar, e->today, day),
                      "个工作日");
}
