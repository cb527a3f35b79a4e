/* people.c - who is told, and whose a case is.
 *
 * An alert goes to the cadre assigned to the household and to the work team of its village, which
 * is left out when only rules count that say `tell: owner`: it has one message about the whole
 * village. When the village has no team, the next area upwards that has one is told. The owner is
 * the newest assigned cadre, else the team's leader. In which words: notice.c. */
#include "parts.h"

/* True when the cadre is among those told of this case, as far as the case remembers. */
static bool was_told(const struct sw_case *c, uint32_t cadre)
{
    for (size_t i = 0; i < c->n_told; i++) {
        if (c->told[i] == cadre)
            return true;
    }
    return c->n_told == TOLD_MAX;
}

static void remember(struct sw_case *c, uint32_t cadre)
{
    if (!was_told(c, cadre))
        c->told[c->n_told++] = cadre;
}

/* One notice in the making: phones already written to are not written to twice. */
struct telling {
    struct sw_engine *e;
    uint32_t index;
    enum sw_notice kind;
    struct sw_effects *fx;
    uint32_t phone[TOLD_MAX];
    size_t n_phones;
};

static void tell_cadre(struct telling *t, uint32_t cadre)
{
    struct sw_case *c = &t->e->cases[t->index];
    uint32_t phone = t->e->registry.cadre[cadre].phone;

    remember(c, cadre);
    if (c->owner == SW_NONE)
        c->owner = cadre;
    for (size_t i = 0; i < t->n_phones; i++) {
        if (t->phone[i] == phone)
            return;
    }
    if (t->n_phones == TOLD_MAX)
        return;
    t->phone[t->n_phones++] = phone;
    sw_notice_cadre(t->e, t->index, t->kind, cadre, t->fx);
}

static void tell_team(struct telling *t, uint32_t team)
{
    uint32_t leader = t->e->registry.team[team].leader;

    if (t->kind == NOTICE_WITHDRAWN && leader != SW_NONE &&
        !was_told(&t->e->cases[t->index], leader))
        return; /* of what was left to the owner alone */
    if (leader != SW_NONE)
        tell_cadre(t, leader);
    sw_notice_team(t->e, t->index, t->kind, team, t->fx);
}

/* The teams of the nearest area from `area` upwards that has one; the area, or SW_NONE. */
static uint32_t tell_nearest_team(struct telling *t, uint32_t area)
{
    const struct sw_registry *r = &t->e->registry;

    for (; area != SW_NONE; area = r->area[area].parent) {
        uint32_t at = r->area[area].assignment;
        uint32_t team = sw_assigned_next(r, t->e->today, &at);

        if (team == SW_NONE)
            continue;
        for (; team != SW_NONE; team = sw_assigned_next(r, t->e->today, &at))
            tell_team(t, team);
        return area;
    }
    return SW_NONE;
}

/* True when nothing counts with the household but what its cadre alone is to be told. */
static bool is_for_owner_alone(const struct sw_engine *e, uint32_t subject)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        const struct sw_rule *r = &e->rules->rule[hits[i].rule];

        if (!sw_hit_counts(&hits[i]) || r->task)
            continue;
        if (!r->owner_alone)
            return false;
        any = true;
    }
    return any;
}

void sw_notify(struct sw_engine *e, uint32_t index, enum sw_notice kind, struct sw_effects *fx)
{
    struct telling t = {.e = e, .index = index, .kind = kind, .fx = fx};
    struct sw_case *c = &e->cases[index];
    uint32_t at = SW_NONE;
    uint32_t cadre;

    if (!sw_is_area(c->subject)) /* an area is its team's */
        at = e->registry.household[c->subject].assignment;
    c->owner = SW_NONE; /* found anew: people change */
    while ((cadre = sw_assigned_next(&e->registry, e->today, &at)) != SW_NONE)
        tell_cadre(&t, cadre);
    if (c->owner == SW_NONE || !is_for_owner_alone(e, c->subject))
        tell_nearest_team(&t, sw_place_of(e, c->subject));
    if (c->owner == SW_NONE)
        sw_case_step(e, index, "no_owner", SW_STR("engine"), SW_STR("没有责任人，也没有工作队"),
                     fx);
    else if (e->history)
        sw_case_step(e, index, "not_sent", SW_STR("engine"), SW_STR("补录历史数据，未发送"), fx);
}

bool sw_notify_owner(struct sw_engine *e, uint32_t index, enum sw_notice kind,
                     struct sw_effects *fx)
{
    struct telling t = {.e = e, .index = index, .kind = kind, .fx = fx};

    if (e->cases[index].owner == SW_NONE)
        return false;
    tell_cadre(&t, e->cases[index].owner);
    return true;
}

bool sw_is_leader(const struct sw_engine *e, uint32_t cadre, uint32_t area)
{
    uint32_t at = e->registry.area[area].assignment;
    uint32_t team;

    while ((team = sw_assigned_next(&e->registry, e->today, &at)) != SW_NONE) {
        if (cadre != SW_NONE && e->registry.team[team].leader == cadre)
            return true;
    }
    return false;
}

bool sw_notify_area(struct sw_engine *e, uint32_t index, enum sw_notice kind, uint32_t area,
                    struct sw_effects *fx)
{
    struct telling t = {.e = e, .index = index, .kind = kind, .fx = fx};
    uint32_t at = e->registry.area[area].assignment;
    uint32_t team;
    bool told = false;

    while ((team = sw_assigned_next(&e->registry, e->today, &at)) != SW_NONE) {
        uint32_t leader = e->registry.team[team].leader;

        if (leader == SW_NONE || leader == e->cases[index].owner)
            continue;
        tell_team(&t, team);
        told = true;
    }
    return told;
}

bool sw_notify_above(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    struct telling t = {.e = e, .index = index, .kind = NOTICE_ALERT, .fx = fx};
    struct sw_case *c = &e->cases[index];
    uint32_t area = sw_place_of(e, c->subject);
    uint32_t before = c->owner;

    if (area == SW_NONE)
        return false;
    c->owner = SW_NONE;
    if (tell_nearest_team(&t, e->registry.area[area].parent) != SW_NONE && c->owner != SW_NONE)
        return true;
    c->owner = before;
    return false;
}

void sw_notify_county(struct sw_engine *e, const char *kind, struct sw_str text,
                      struct sw_str event, struct sw_effects *fx)
{
    const struct sw_registry *r = &e->registry;

    for (uint32_t area = 0; area < r->area_code.count; area++) {
        uint32_t at = r->area[area].parent == SW_NONE ? r->area[area].assignment : SW_NONE;
        uint32_t team;

        while ((team = sw_assigned_next(r, e->today, &at)) != SW_NONE)
            sw_tell_team(e, team, kind, text, event, fx);
    }
}
