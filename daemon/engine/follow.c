/* follow.c - open cases follow the people: rotations, vacancies, leave and return.
 *
 * Whatever changes who is registered is followed at once: every open case it may concern has its
 * owner found anew, and says so. Telling waits a little (SETTLE), so that a table of three hundred
 * rows, old people out and new people in, ends as one message to each newcomer about all the cases
 * they have now. Nobody who left is written to. Assignments and leave begin and end on days: the
 * next of these days is a timer. */
#include "parts.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

#define SETTLE (10 * 60 * SW_SECOND)

#define COUNTED_AT (9 * 3600 * SW_SECOND) /* of a day on which owners may be missing */

/* ---- one case ----------------------------------------------------------------------------- */

static struct sw_str name_of(const struct sw_engine *e, uint32_t cadre)
{
    return sw_registry_text(&e->registry, e->registry.cadre[cadre].name);
}

static struct sw_str role_label(const struct sw_engine *e, uint8_t role)
{
    return e->rules->routing.role[role].label;
}

/* "没有帮扶责任人，由驻村工作队负责": the first role of the route that could own the case stands
 * empty, or is passed over because who holds it proposed what another is to agree to. */
static struct sw_str vacancy(struct sw_engine *e, const struct sw_case *c, uint8_t role)
{
    const struct sw_rungs *rungs = &e->rules->routing.route[c->route].owner;

    if (e->rules->life->state[c->state].role == ROLE_OTHER)
        return SW_STR("要由提出的人以外的人同意");
    for (uint8_t i = 0; i < rungs->n; i++) {
        enum sw_subject_kind of = e->rules->routing.role[rungs->role[i]].of;

        if (of < c->least || (of == OF_HOUSEHOLD && sw_is_area(c->subject)))
            continue;
        return rungs->role[i] == role ? SW_STR("")
                                      : sw_arena_printf(&e->arena, "没有%.*s，由%.*s负责",
                                                        SW_STR_ARG(role_label(e, rungs->role[i])),
                                                        SW_STR_ARG(role_label(e, role)));
    }
    return SW_STR("");
}

static void tell_owner(struct sw_engine *e, uint32_t index, const struct sw_charge *now,
                       struct sw_effects *fx)
{
    const struct sw_case *c = &e->cases[index];
    struct sw_str why = now->owner == SW_NONE ? SW_STR("") : vacancy(e, c, now->role);

    if (now->owner == SW_NONE)
        sw_case_step(e, index, "no_owner", SW_STR("engine"),
                     SW_STR("没有责任人，也没有工作队，待县里指定"), fx);
    else if (c->owner != SW_NONE)
        sw_case_step(e, index, "handed_over", SW_STR("engine"),
                     sw_arena_printf(&e->arena, "由%.*s转给%.*s（%.*s）%s%.*s",
                                     SW_STR_ARG(name_of(e, c->owner)),
                                     SW_STR_ARG(name_of(e, now->owner)),
                                     SW_STR_ARG(role_label(e, now->role)), why.n > 0 ? "：" : "",
                                     SW_STR_ARG(why)),
                     fx);
    else if (why.n > 0)
        sw_case_step(e, index, "fallback", SW_STR("engine"), why, fx);
}

static void tell_stand_in(struct sw_engine *e, uint32_t index, const struct sw_charge *now,
                          struct sw_effects *fx)
{
    const struct sw_absence *away = sw_cadre_absence(&e->registry, now->owner, e->today);
    char day[SW_DATE_SIZE];

    if (away == NULL || now->acting == now->owner)
        return;
    sw_case_step(
        e, index, "stand_in", SW_STR("engine"),
        sw_arena_printf(&e->arena, "%.*s不在岗%s%s，由%.*s代办", SW_STR_ARG(name_of(e, now->owner)),
                        away->until == SW_DAY_NEVER ? "" : "至",
                        away->until == SW_DAY_NEVER ? "" : sw_date_format(away->until, day),
                        SW_STR_ARG(name_of(e, now->acting))),
        fx);
}

static void tell_return(struct sw_engine *e, uint32_t index, uint32_t cadre, struct sw_effects *fx)
{
    sw_case_step(e, index, "returned", SW_STR("engine"),
                 sw_arena_printf(&e->arena, "%.*s回岗，由本人办理", SW_STR_ARG(name_of(e, cadre))),
                 fx);
}

static void brief_at(struct sw_engine *e, sw_time at)
{
    if (e->people.brief_at <= at)
        return;
    e->people.brief_at = at;
    sw_wake_at(e, at, SW_WAKE_PEOPLE, PEOPLE_BRIEF);
}

/* Steps and messages about a change; nobody is told at the opening: sw_notify() does. */
static void tell_change(struct sw_engine *e, uint32_t index, const struct sw_charge *now,
                        struct sw_effects *fx)
{
    const struct sw_case *c = &e->cases[index];
    bool same_owner = c->is_settled && now->owner == c->owner;

    if (!same_owner)
        tell_owner(e, index, now, fx);
    if (now->owner == SW_NONE)
        return;
    if (same_owner && now->acting == now->owner)
        tell_return(e, index, now->owner, fx);
    else
        tell_stand_in(e, index, now, fx);
}

bool sw_settle_owner(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];
    struct sw_charge now;

    if (sw_standing_of(e, c->subject)->open_case != index)
        return false;
    if (!c->is_settled)
        c->route = sw_route_for(e, c);
    now = sw_charge_of(e, c);
    c->role = now.role;
    if (c->is_settled && now.owner == c->owner && now.acting == c->acting) {
        if (c->acting != SW_NONE && c->acting != c->briefed)
            brief_at(e, e->now + SETTLE);
        return false;
    }
    tell_change(e, index, &now, fx);
    if (!c->is_settled)
        c->briefed = now.acting;
    c->is_settled = true;
    c->owner = now.owner;
    c->acting = now.acting;
    if (c->acting != SW_NONE && c->acting != c->briefed)
        brief_at(e, e->now + SETTLE);
    return true;
}

/* ---- what may concern cases --------------------------------------------------------------- */

static void settle_one(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    if (index != SW_NONE && sw_settle_owner(e, index, fx))
        sw_case_write(e, index, fx);
}

static void settle_all(struct sw_engine *e, struct sw_effects *fx)
{
    for (uint32_t i = 0; i < e->n_open; i++)
        settle_one(e, e->open[i], fx);
}

void sw_people_follow(struct sw_engine *e, const struct sw_changed *c, struct sw_effects *fx)
{
    if (c->people || c->recoded != SW_NONE)
        settle_all(e, fx);
    else if (c->assigned != SW_NONE)
        settle_one(e, e->standing[c->assigned].open_case, fx);
    else if (c->household != SW_NONE)
        settle_one(e, e->standing[c->household].open_case, fx);
    if (c->people || c->assigned != SW_NONE || c->household != SW_NONE || c->recoded != SW_NONE)
        e->people.is_stale = true;
}

/* Some assignment or absence begins today, or ended yesterday. */
static bool is_turning_day(const struct sw_engine *e)
{
    const struct sw_registry *r = &e->registry;

    for (uint32_t i = 0; i < r->assignments; i++) {
        const struct sw_assignment *a = &r->assignment[i];

        if (!a->ended && (a->from == e->today || a->until == e->today - 1))
            return true;
    }
    for (uint32_t i = 0; i < r->absences; i++) {
        const struct sw_absence *a = &r->absence[i];

        if (a->ended == 0 && (a->from == e->today || a->until == e->today - 1))
            return true;
    }
    return false;
}

void sw_people_pass_day(struct sw_engine *e, struct sw_effects *fx)
{
    if (is_turning_day(e)) {
        settle_all(e, fx);
        e->people.is_stale = true;
    }
    if (!e->people.is_stale || e->history)
        return;
    e->people.count_at = sw_zone_midnight(e->rules->schema->zone, e->today) + COUNTED_AT;
    sw_wake_at(e, e->people.count_at, SW_WAKE_PEOPLE, PEOPLE_COUNT);
}

/* Routes and roles are found by name; a case whose route is gone takes the first that fits. Those
 * that are over are among them: who contradicts opens them again. */
void sw_people_carry(struct sw_engine *e, const struct sw_ruleset *old, struct sw_effects *fx)
{
    const struct sw_routing *now = &e->rules->routing;

    for (uint32_t i = 0; i < e->n_cases; i++) {
        struct sw_case *c = &e->cases[i];

        c->route = sw_route_named(e->rules, old->routing.route[c->route].name);
        if (c->route == now->n_routes)
            c->route = sw_route_for(e, c);
        c->role = sw_role_named(e->rules, old->routing.role[c->role].name);
        if (c->role == now->n_roles)
            c->role = sw_charge_of(e, c).role;
    }
    settle_all(e, fx);
    e->people.is_stale = true;
}

/* ---- briefing ----------------------------------------------------------------------------- */

struct taken {
    uint32_t cadre, index;
};

static int by_cadre(const void *a, const void *b)
{
    const struct taken *x = a;
    const struct taken *y = b;

    if (x->cadre != y->cadre)
        return x->cadre < y->cadre ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void brief(struct sw_engine *e, const struct taken *t, size_t n, struct sw_effects *fx)
{
    uint32_t *index = SW_ARENA_ARRAY(&e->arena, uint32_t, n);

    for (size_t i = 0; i < n; i++) {
        struct sw_case *c = &e->cases[t[i].index];

        sw_remember_told(e, c, t->cadre);
        c->briefed = t->cadre;
        if (sw_phone_is_bad(e, t->cadre))
            sw_pass_on(e, t[i].index, NOTICE_HANDOVER, t->cadre, fx);
        index[i] = t[i].index;
    }
    sw_notice_handover(e, t->cadre, index, n, fx);
}

/* One message to each who acts for cases now and was not told so. At night several cases wait for
 * the morning: until then they may go to others. Of a case that a storm holds nobody is told. */
static void brief_all(struct sw_engine *e, struct sw_effects *fx)
{
    const struct sw_letter many = {.index = SW_NONE, .place = SW_NONE};
    struct taken *t = SW_ARENA_ARRAY(&e->arena, struct taken, e->n_open + 1);
    sw_time quiet = sw_quiet_until(e, &many);
    size_t n = 0;

    for (uint32_t i = 0; i < e->n_open; i++) {
        const struct sw_case *c = &e->cases[e->open[i]];

        if (c->acting != SW_NONE && c->acting != c->briefed && !sw_is_held(e, e->open[i]))
            t[n++] = (struct taken){c->acting, e->open[i]};
    }
    qsort(t, n, sizeof(*t), by_cadre);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && t[end].cadre == t[i].cadre; end++) {}
        if (end - i > 1 && quiet != 0)
            brief_at(e, quiet);
        else
            brief(e, t + i, end - i, fx);
    }
}

/* ---- timers ------------------------------------------------------------------------------- */

sw_time sw_people_wanted(const struct sw_engine *e, uint32_t what)
{
    return what == PEOPLE_BRIEF ? e->people.brief_at : e->people.count_at;
}

void sw_people_fire(struct sw_engine *e, uint32_t what, struct sw_effects *fx)
{
    if (what == PEOPLE_BRIEF) {
        e->people.brief_at = SW_TIME_NEVER;
        brief_all(e, fx);
    } else {
        e->people.count_at = SW_TIME_NEVER;
        e->people.is_stale = false;
        sw_owners_count(e, fx);
    }
}
