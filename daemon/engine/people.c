/* people.c - whose a case is, and who is told of it.
 *
 * The route of a case (people.yaml, routes.c) names roles, the nearest first. The *owner* is the
 * first person found in them: the cadre of the household, else the team of the village, the
 * township, the county. Who *acts* is the owner, or whoever stands in while the owner is away. Both
 * follow from who is registered today, so they are found anew whenever that may have changed
 * (follow.c); a case has one owner at every moment, or stands on the county's list. When only rules
 * count that say `tell: owner`, the owner's role alone is told. In which words: notice.c. */
#include "parts.h"

enum { STAND_INS_MAX = 4 }; /* who stands in may be away as well */

/* ---- who there is ------------------------------------------------------------------------- */

static const struct sw_role *role_at(const struct sw_engine *e, uint8_t role)
{
    return &e->rules->routing.role[role];
}

static const struct sw_route *route_of(const struct sw_engine *e, const struct sw_case *c)
{
    return &e->rules->routing.route[c->route];
}

/* Deeper places than villages are parts of one. */
static enum sw_subject_kind kind_of(const struct sw_engine *e, uint32_t area)
{
    enum sw_subject_kind kind = sw_subject_kind(e, AREA_BIT | area);

    return kind == SUBJECT_KINDS ? OF_VILLAGE : kind;
}

/* A team that names a role has that one, whether by its name or by its label. */
static bool has_role(const struct sw_engine *e, uint32_t team, const struct sw_role *r)
{
    struct sw_str named = sw_registry_text(&e->registry, e->registry.team[team].role);

    return named.n == 0 ? r->is_usual : sw_str_eq(named, r->name) || sw_str_eq(named, r->label);
}

/* Of the teams of a place those that are answerable for it; the others are departments and such. */
static bool is_usual(const struct sw_engine *e, uint32_t area, uint32_t team)
{
    const struct sw_routing *w = &e->rules->routing;

    for (size_t i = 0; i < w->n_roles; i++) {
        if (w->role[i].is_usual && w->role[i].of == kind_of(e, area) &&
            has_role(e, team, &w->role[i]))
            return true;
    }
    return false;
}

/* The people of one role around a subject, one after the other. */
struct search {
    const struct sw_engine *e;
    const struct sw_role *role;
    uint32_t area;  /* being searched; SW_NONE: the household itself, or the end */
    uint32_t at;    /* its next assignment */
    uint32_t team;  /* found last; SW_NONE: a cadre of the household */
    uint32_t cadre; /* the team's leader; SW_NONE: it has none */
};

static struct search search_for(const struct sw_engine *e, uint32_t subject, uint8_t role)
{
    struct search s = {
        .e = e, .role = role_at(e, role), .area = SW_NONE, .at = SW_NONE, .team = SW_NONE};

    if (s.role->of != OF_HOUSEHOLD) {
        s.area = sw_place_of(e, subject);
        s.at = s.area == SW_NONE ? SW_NONE : e->registry.area[s.area].assignment;
    } else if (!sw_is_area(subject)) /* an area is its team's */
        s.at = e->registry.household[subject].assignment;
    return s;
}

static bool found_cadre(struct search *s)
{
    s->cadre = sw_assigned_next(&s->e->registry, s->e->today, &s->at);
    return s->cadre != SW_NONE;
}

/* False: there are no more. Only teams of one place are found: the nearest that has any. */
static bool found(struct search *s)
{
    const struct sw_registry *r = &s->e->registry;

    if (s->role->of == OF_HOUSEHOLD)
        return found_cadre(s);
    while (s->area != SW_NONE) {
        bool here = kind_of(s->e, s->area) == s->role->of;
        uint32_t team = here ? sw_assigned_next(r, s->e->today, &s->at) : SW_NONE;

        if (team != SW_NONE && has_role(s->e, team, s->role)) {
            s->team = team;
            s->cadre = r->team[team].leader;
            return true;
        }
        if (team != SW_NONE)
            continue;
        if (s->team != SW_NONE)
            return false;
        s->area = r->area[s->area].parent;
        s->at = s->area == SW_NONE ? SW_NONE : r->area[s->area].assignment;
    }
    return false;
}

/* Who does a cadre's work today: the cadre, or who stands in; SW_NONE: nobody does. */
static uint32_t present(const struct sw_engine *e, uint32_t cadre)
{
    for (int n = 0; n < STAND_INS_MAX && cadre != SW_NONE; n++) {
        const struct sw_absence *away = sw_cadre_absence(&e->registry, cadre, e->today);

        if (away == NULL)
            return cadre;
        cadre = away->stand_in;
    }
    return SW_NONE;
}

/* Who looks after the case, anybody but one cadre (SW_NONE: anybody). */
static struct sw_charge charge_but(const struct sw_engine *e, const struct sw_case *c, uint32_t but)
{
    const struct sw_rungs *rungs = &route_of(e, c)->owner;
    struct sw_charge charge = {SW_NONE, SW_NONE, 0};

    for (uint8_t i = 0; i < rungs->n && charge.acting == SW_NONE; i++) {
        struct search s = search_for(e, c->subject, rungs->role[i]);

        if (s.role->of < c->least)
            continue; /* passed up beyond it */
        while (charge.acting == SW_NONE && found(&s)) {
            if (s.cadre != SW_NONE && s.cadre == but)
                continue;
            if (charge.owner == SW_NONE && s.cadre != SW_NONE) {
                charge.owner = s.cadre;
                charge.role = rungs->role[i];
            }
            charge.acting = present(e, s.cadre);
        }
    }
    if (charge.acting == SW_NONE)
        charge.acting = charge.owner; /* away, but there is nobody else */
    return charge;
}

/* Who proposed does not decide. It stays theirs all the same where there is nobody else: a case
 * without an owner is nobody's, and reminders of this one go up until somebody decides. */
struct sw_charge sw_charge_of(const struct sw_engine *e, const struct sw_case *c)
{
    bool is_others = e->rules->life->state[c->state].role == ROLE_OTHER;
    struct sw_charge charge = charge_but(e, c, is_others ? c->proposer : SW_NONE);

    return is_others && charge.owner == SW_NONE ? charge_but(e, c, SW_NONE) : charge;
}

static bool works_for(const struct sw_engine *e, uint32_t subject, uint8_t role, uint32_t cadre)
{
    struct search s = search_for(e, subject, role);

    while (found(&s)) {
        if (s.cadre == cadre || present(e, s.cadre) == cadre)
            return true;
    }
    return false;
}

uint8_t sw_case_roles(const struct sw_engine *e, uint32_t index, uint32_t cadre)
{
    const struct sw_case *c = &e->cases[index];
    uint8_t roles = 0;

    for (size_t role = 0; role < e->rules->routing.n_roles; role++) {
        if (works_for(e, c->subject, (uint8_t)role, cadre))
            roles |= (uint8_t)SW_IS(ROLE_CADRE + role_at(e, (uint8_t)role)->of - OF_HOUSEHOLD);
    }
    return roles;
}

bool sw_has_charge(const struct sw_engine *e, const struct sw_case *c, uint32_t cadre)
{
    bool is_over = e->rules->life->state[c->state].end; /* it follows the people no more */

    if (!is_over && (cadre == c->owner || cadre == c->acting))
        return true;
    for (size_t role = 0; role < e->rules->routing.n_roles; role++) {
        if (works_for(e, c->subject, (uint8_t)role, cadre))
            return true;
    }
    return false;
}

/* ---- telling ------------------------------------------------------------------------------ */

/* Who was told may answer. When there is no more room, somebody goes who has nothing to do with the
 * case any more, else the one told longest ago who does not own it. */
void sw_remember_told(struct sw_engine *e, struct sw_case *c, uint32_t cadre)
{
    size_t out = TOLD_MAX;

    for (size_t i = 0; i < c->n_told; i++) {
        if (c->told[i] == cadre)
            return;
    }
    if (c->n_told < TOLD_MAX) {
        c->told[c->n_told++] = cadre;
        return;
    }
    for (size_t i = TOLD_MAX; i-- > 0;) {
        if (c->told[i] != c->owner && c->told[i] != c->acting)
            out = i;
    }
    for (size_t i = TOLD_MAX; i-- > 0;) {
        if (!sw_has_charge(e, c, c->told[i]))
            out = i;
    }
    if (out == TOLD_MAX)
        return;
    memmove(&c->told[out], &c->told[out + 1], (TOLD_MAX - 1 - out) * sizeof(c->told[0]));
    c->told[TOLD_MAX - 1] = cadre;
}

enum { TOLD_AT_ONCE_MAX = 24 };

/* One notice in the making: phones and groups already written to are not written to twice. */
struct telling {
    struct sw_engine *e;
    uint32_t index;
    enum sw_notice kind;
    struct sw_effects *fx;
    uint32_t phone[TOLD_AT_ONCE_MAX], team[TOLD_AT_ONCE_MAX];
    size_t n_phones, n_teams;
};

/* False: it is there already, or there is no room. */
static bool is_new(uint32_t *list, size_t *n, uint32_t x)
{
    for (size_t i = 0; i < *n; i++) {
        if (list[i] == x)
            return false;
    }
    if (*n == TOLD_AT_ONCE_MAX)
        return false;
    list[(*n)++] = x;
    return true;
}

/* True when the cadre is among those told of this case, as far as the case remembers. */
static bool was_told(const struct sw_case *c, uint32_t cadre)
{
    for (size_t i = 0; i < c->n_told; i++) {
        if (c->told[i] == cadre)
            return true;
    }
    return c->n_told == TOLD_MAX;
}

/* Next to a cadre whose number is bad: the group of the team that was found, else its person, if
 * that number is good. False: neither. */
static bool pass_to(struct telling *t, uint32_t cadre, const struct search *s)
{
    struct sw_engine *e = t->e;
    bool to_group = s->team != SW_NONE && e->registry.team[s->team].gateway != SW_NONE;
    uint32_t next = present(e, s->cadre);
    struct sw_letter to = {.to = to_group ? TEAM_BIT | s->team : next};

    if (!to_group && (next == SW_NONE || next == cadre || sw_phone_is_bad(e, next)))
        return false;
    if (t->kind == NOTICE_WITHDRAWN && !to_group && !was_told(&e->cases[t->index], next))
        return true;
    sw_case_step(
        e, t->index, "bad_number", SW_STR("engine"),
        sw_arena_printf(&e->arena, "%.*s的手机号连续%u次送不到，同时通知%.*s",
                        SW_STR_ARG(sw_registry_text(&e->registry, e->registry.cadre[cadre].name)),
                        sw_phone_failures(e, cadre), SW_STR_ARG(sw_letter_name(e, &to))),
        t->fx);
    if (to_group) {
        if (is_new(t->team, &t->n_teams, s->team))
            sw_notice_team(e, t->index, t->kind, s->team, t->fx);
        return true;
    }
    sw_remember_told(e, &e->cases[t->index], next);
    if (is_new(t->phone, &t->n_phones, e->registry.cadre[next].phone))
        sw_notice_cadre(e, t->index, t->kind, next, t->fx);
    return true;
}

/* The nearest role of the route in which the cadre works. */
static uint8_t rung_of(const struct sw_engine *e, const struct sw_case *c, uint32_t cadre)
{
    const struct sw_rungs *rungs = &route_of(e, c)->owner;

    for (uint8_t i = 0; i < rungs->n; i++) {
        if (works_for(e, c->subject, rungs->role[i], cadre))
            return i;
    }
    return 0;
}

static void pass_on(struct telling *t, uint32_t cadre)
{
    const struct sw_case *c = &t->e->cases[t->index];
    const struct sw_rungs *rungs = &route_of(t->e, c)->owner;

    for (uint8_t i = rung_of(t->e, c, cadre); i < rungs->n; i++) {
        struct search s = search_for(t->e, c->subject, rungs->role[i]);

        while (s.role->of >= c->least && found(&s)) {
            if (pass_to(t, cadre, &s))
                return;
        }
    }
    sw_case_step(t->e, t->index, "bad_number", SW_STR("engine"),
                 sw_arena_printf(&t->e->arena, "%.*s的手机号连续%u次送不到，没有别的人可以通知",
                                 SW_STR_ARG(sw_registry_text(&t->e->registry,
                                                             t->e->registry.cadre[cadre].name)),
                                 sw_phone_failures(t->e, cadre)),
                 t->fx);
}

void sw_pass_on(struct sw_engine *e, uint32_t index, enum sw_notice kind, uint32_t cadre,
                struct sw_effects *fx)
{
    struct telling t = {.e = e, .index = index, .kind = kind, .fx = fx};

    pass_on(&t, cadre);
}

/* A copy asks for nothing, so who gets one is not among those who may answer by number alone. */
static void tell_cadre(struct telling *t, uint32_t cadre)
{
    struct sw_case *c = &t->e->cases[t->index];

    if (cadre == SW_NONE)
        return;
    if (t->kind != NOTICE_COPY)
        sw_remember_told(t->e, c, cadre);
    if (is_new(t->phone, &t->n_phones, t->e->registry.cadre[cadre].phone))
        sw_notice_cadre(t->e, t->index, t->kind, cadre, t->fx);
    if (t->kind != NOTICE_COPY && !t->e->history && sw_phone_is_bad(t->e, cadre))
        pass_on(t, cadre);
}

/* False: nobody fills this role. */
static bool tell_role(struct telling *t, uint8_t role)
{
    struct search s = search_for(t->e, t->e->cases[t->index].subject, role);
    bool any = false;

    while (found(&s)) {
        any = true;
        if (t->kind == NOTICE_WITHDRAWN && s.team != SW_NONE && s.cadre != SW_NONE &&
            !was_told(&t->e->cases[t->index], s.cadre))
            continue; /* of what was left to the owner alone */
        tell_cadre(t, present(t->e, s.cadre));
        if (s.team != SW_NONE && is_new(t->team, &t->n_teams, s.team))
            sw_notice_team(t->e, t->index, t->kind, s.team, t->fx);
    }
    return any;
}

/* The role's people, or those of the next role above it who are there. */
static void tell_nearest(struct telling *t, const struct sw_route *r, uint8_t role)
{
    enum sw_subject_kind of = role_at(t->e, role)->of;

    if (tell_role(t, role))
        return;
    for (uint8_t i = 0; i < r->owner.n; i++) {
        if (role_at(t->e, r->owner.role[i])->of > of && tell_role(t, r->owner.role[i]))
            return;
    }
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
    const struct sw_route *r;

    if (kind != NOTICE_WITHDRAWN)
        c->route = sw_route_for(e, c);
    r = route_of(e, c);
    sw_settle_owner(e, index, fx);
    if (e->history && c->owner != SW_NONE)
        sw_case_step(e, index, "not_sent", SW_STR("engine"), SW_STR("补录历史数据，未发送"), fx);
    tell_cadre(&t, c->acting);
    c->briefed = c->acting;
    if (c->owner != SW_NONE && is_for_owner_alone(e, c->subject)) {
        tell_role(&t, c->role);
        return;
    }
    for (uint8_t i = 0; i < r->tell.n; i++)
        tell_nearest(&t, r, r->tell.role[i]);
    if (kind == NOTICE_ALERT || kind == NOTICE_RISE) {
        t.kind = NOTICE_COPY;
        for (uint8_t i = 0; i < r->copy.n; i++)
            tell_role(&t, r->copy.role[i]);
    }
}

bool sw_notify_owner(struct sw_engine *e, uint32_t index, enum sw_notice kind,
                     struct sw_effects *fx)
{
    struct telling t = {.e = e, .index = index, .kind = kind, .fx = fx};

    tell_cadre(&t, e->cases[index].acting);
    return e->cases[index].acting != SW_NONE;
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
        uint32_t leader = present(e, e->registry.team[team].leader);

        if (leader == SW_NONE || leader == e->cases[index].owner ||
            leader == e->cases[index].acting || !is_usual(e, area, team))
            continue;
        tell_cadre(&t, leader);
        sw_notice_team(e, index, kind, team, fx);
        told = true;
    }
    return told;
}

bool sw_case_rise(struct sw_engine *e, uint32_t index)
{
    struct sw_case *c = &e->cases[index];
    uint32_t area = sw_place_of(e, c->subject);
    struct sw_case higher = *c;

    if (area == SW_NONE)
        return false;
    higher.least = (uint8_t)(kind_of(e, area) + 1);
    if (c->owner != SW_NONE && role_at(e, c->role)->of >= higher.least)
        higher.least = (uint8_t)(role_at(e, c->role)->of + 1);
    if (sw_charge_of(e, &higher).owner == SW_NONE)
        return false;
    c->least = higher.least;
    return true;
}

bool sw_notify_above(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    struct telling t = {.e = e, .index = index, .kind = NOTICE_ALERT, .fx = fx};
    struct sw_case *c = &e->cases[index];

    if (!sw_case_rise(e, index))
        return false;
    sw_settle_owner(e, index, fx);
    tell_cadre(&t, c->acting);
    c->briefed = c->acting;
    tell_role(&t, c->role);
    return true;
}

void sw_notify_county(struct sw_engine *e, const char *kind, struct sw_str text,
                      struct sw_str event, struct sw_effects *fx)
{
    const struct sw_registry *r = &e->registry;

    for (uint32_t area = 0; area < r->area_code.count; area++) {
        uint32_t at = r->area[area].parent == SW_NONE ? r->area[area].assignment : SW_NONE;
        uint32_t team;

        while ((team = sw_assigned_next(r, e->today, &at)) != SW_NONE) {
            if (is_usual(e, area, team))
                sw_tell_team(e, team, kind, text, event, fx);
        }
    }
}
