/* households.c - changes of households and persons: facts, moves, households that split or become
 * one.
 *
 * A person belongs where the newest change that says so puts them, by when it happened, not by when
 * it was told; what is known of them goes along, so their bills count where they live. A household
 * that became part of another stands for it from then on: what is still sent to the old number
 * reaches the new one. */
#include "registry_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/model/replace.h>

/* ---- where households are ----------------------------------------------------------------- */

static void leave_area(struct sw_registry *r, uint32_t household)
{
    uint32_t *link;

    if (r->household[household].area == SW_NONE)
        return;
    link = &r->area[r->household[household].area].first_household;
    while (*link != household)
        link = &r->household[*link].next_in_area;
    *link = r->household[household].next_in_area;
    r->household[household].area = r->household[household].next_in_area = SW_NONE;
}

static void join_area(struct sw_registry *r, uint32_t household, uint32_t area)
{
    r->household[household].area = area;
    if (area == SW_NONE)
        return;
    r->household[household].next_in_area = r->area[area].first_household;
    r->area[area].first_household = household;
}

/* The area follows from the facts as they stand today, whatever order they came in. */
static void settle_area(struct sw_registry *r, const struct sw_schema *schema, uint32_t household,
                        sw_time now, struct sw_changed *changed)
{
    const struct sw_stream *facts = &schema->streams[SW_FACTS];
    struct sw_value value[SW_FIELDS_MAX];
    sw_day until[SW_FIELDS_MAX];
    uint32_t area;

    sw_history_facts(&r->household[household].history, facts, sw_zone_day(schema->zone, now) + 1,
                     value, until);
    area = value[SW_FACT_AREA].kind == SW_KUNKNOWN ? SW_NONE : (uint32_t)value[SW_FACT_AREA].i;
    if (area == r->household[household].area)
        return;
    changed->settled = true;
    changed->area = r->household[household].area;
    leave_area(r, household);
    join_area(r, household, area);
}

void sw_registry_resettle(struct sw_registry *r, const struct sw_schema *schema, uint32_t household,
                          sw_time now, struct sw_changed *changed)
{
    *changed = sw_no_change;
    changed->household = household;
    settle_area(r, schema, household, now, changed);
}

/* ---- persons ------------------------------------------------------------------------------ */

static void leave_household(struct sw_registry *r, uint32_t person)
{
    uint32_t *link = &r->household[r->person[person].household].first_person;

    while (*link != person)
        link = &r->person[*link].next_in_household;
    *link = r->person[person].next_in_household;
}

/* Members stand in order of arrival. */
static void join_household(struct sw_registry *r, uint32_t person, uint32_t household)
{
    uint32_t *link = &r->household[household].first_person;

    while (*link != SW_NONE)
        link = &r->person[*link].next_in_household;
    *link = person;
    r->person[person].household = household;
    r->person[person].next_in_household = SW_NONE;
}

/* With what is known of the person. False: there is no room for it. */
static bool move_person(struct sw_registry *r, const struct sw_schema *schema, uint32_t person,
                        uint32_t to)
{
    uint32_t from = r->person[person].household;

    if (!sw_history_move(&r->household[from].history, &r->household[to].history, schema, person))
        return false;
    leave_household(r, person);
    join_household(r, person, to);
    return true;
}

enum { PERSON_HOUSEHOLD };

/* The declared facts as a record of the household's history; without any, only the key. */
static enum sw_recorded record_person(struct sw_change *c, uint32_t household, uint32_t person)
{
    struct sw_history *h = &c->r->household[household].history;
    const struct sw_stream *kept = c->schema->persons;
    struct sw_event e = c->event;

    if (kept == NULL)
        return sw_history_note(h, c->event.key);
    e.stream = kept;
    e.value = SW_ARENA_ARRAY(c->arena, struct sw_value, kept->n_fields);
    e.value[SW_FACT_PERSON] = (struct sw_value){.kind = SW_KPERSON, .i = person};
    for (uint32_t i = 1; i < kept->n_fields; i++)
        e.value[i] = c->event.value[i];
    return sw_history_add(h, &e);
}

/* True when the change in hand is no older than what says where the person lives now. */
static bool is_newer(const struct sw_change *c, const struct sw_person *p)
{
    return c->event.day > p->since || (c->event.day == p->since && c->event.moment >= p->moment);
}

static enum sw_refusal full(struct sw_change *c)
{
    sw_fail(c->err, SW_EFULL, _("the history of this household is full"));
    return SW_REFUSED_TOO_MANY;
}

static uint32_t add_person(struct sw_change *c, uint32_t household)
{
    struct sw_registry *r = c->r;
    uint32_t person = sw_intern_add(&r->person_id, c->id);

    r->person = sw_grow(r->person, &r->person_cap, person + 1, sizeof(*r->person));
    r->person[person] = (struct sw_person){.since = c->event.day,
                                           .moment = c->event.moment,
                                           .idno = SW_NONE,
                                           .next_same_idno = SW_NONE,
                                           .shown = SW_NONE,
                                           .birth = SW_DAY_NEVER};
    join_household(r, person, household);
    return person;
}

enum sw_refusal sw_apply_person(struct sw_change *c)
{
    struct sw_registry *r = c->r;
    uint32_t household = sw_registry_household(r, sw_change_text(c, PERSON_HOUSEHOLD));
    uint32_t person = sw_registry_person(r, c->id);
    bool is_new = person == SW_NONE;
    struct sw_str idno;
    enum sw_refusal rc;
    uint32_t now;

    if (!sw_change_given(c, PERSON_HOUSEHOLD))
        return sw_change_missing(c, "household");
    if (household == SW_NONE)
        return sw_change_unknown_id(c, "household", sw_change_text(c, PERSON_HOUSEHOLD));
    rc = sw_change_idno(c, &idno);
    if (rc != SW_ACCEPTED)
        return rc;
    now = is_new ? household : r->person[person].household;
    switch (record_person(c, now, is_new ? r->person_id.count : person)) {
    case SW_RECORDED_REPEAT: c->changed.repeat = true; return SW_ACCEPTED;
    case SW_RECORDED_FULL: return full(c);
    case SW_RECORDED: break;
    }
    c->changed.household = now;
    if (is_new) {
        person = add_person(c, household);
    } else if (is_newer(c, &r->person[person])) {
        if (now != household && move_person(r, c->schema, person, household)) {
            c->changed.left = now;
            c->changed.household = household;
        }
        r->person[person].since = c->event.day;
        r->person[person].moment = c->event.moment;
    }
    if (idno.n > 0)
        sw_person_take_idno(c, person, idno);
    sw_person_take_told(c, person);
    return SW_ACCEPTED;
}

/* ---- households --------------------------------------------------------------------------- */

/* Fields behind the declared facts: schema.c puts them there. */
static uint32_t field_into(const struct sw_change *c)
{
    return c->schema->streams[SW_FACTS].n_fields;
}

static uint32_t field_from(const struct sw_change *c)
{
    return field_into(c) + 1;
}

/* The household becomes part of another: everybody and everything but its own facts goes there. */
static enum sw_refusal merge(struct sw_change *c, uint32_t h)
{
    struct sw_registry *r = c->r;
    uint32_t into = sw_registry_household(r, sw_change_text(c, field_into(c)));

    if (into == SW_NONE)
        return sw_change_unknown_id(c, "into", sw_change_text(c, field_into(c)));
    if (h == SW_NONE)
        return sw_change_unknown_id(c, "household", c->id);
    if (sw_history_has(&r->household[into].history, c->event.key)) {
        c->changed.repeat = true;
        return SW_ACCEPTED;
    }
    if (into == h)
        return sw_change_conflict(c, _("a household cannot become part of itself"));
    if (!sw_history_move(&r->household[h].history, &r->household[into].history, c->schema, SW_NONE))
        return full(c);
    sw_history_note(&r->household[into].history, c->event.key);
    while (r->household[h].first_person != SW_NONE) {
        uint32_t person = r->household[h].first_person;

        leave_household(r, person);
        join_household(r, person, into);
    }
    c->changed.settled = true;
    c->changed.area = r->household[h].area;
    leave_area(r, h);
    r->household[h].merged_into = into;
    c->changed.household = into;
    c->changed.left = h;
    c->changed.merged = true;
    return SW_ACCEPTED;
}

static uint32_t add_household(struct sw_change *c)
{
    struct sw_registry *r = c->r;
    uint32_t h = sw_intern_add(&r->household_id, c->id);

    r->household = sw_grow(r->household, &r->household_cap, h + 1, sizeof(*r->household));
    r->household[h] = (struct sw_household){.area = SW_NONE,
                                            .next_in_area = SW_NONE,
                                            .assignment = SW_NONE,
                                            .first_person = SW_NONE,
                                            .merged_into = SW_NONE,
                                            .split_from = SW_NONE};
    return h;
}

enum sw_refusal sw_apply_household(struct sw_change *c)
{
    struct sw_registry *r = c->r;
    uint32_t h = sw_registry_household(r, c->id);
    uint32_t from = sw_registry_household(r, sw_change_text(c, field_from(c)));

    if (sw_change_given(c, field_into(c)))
        return merge(c, h);
    if (h == SW_NONE && !sw_change_given(c, SW_FACT_AREA))
        return sw_change_missing(c, "area");
    if (sw_change_given(c, field_from(c)) && from == SW_NONE)
        return sw_change_unknown_id(c, "from", sw_change_text(c, field_from(c)));
    if (h != SW_NONE && c->event.reverses != 0 &&
        sw_history_is_note(&r->household[h].history, c->event.reverses))
        return sw_change_conflict(
            c, _("only facts of households can be taken back; send the right values"));
    if (h == SW_NONE)
        h = add_household(c);
    c->event.stream = &c->schema->streams[SW_FACTS];
    switch (sw_history_add(&r->household[h].history, &c->event)) {
    case SW_RECORDED_REPEAT: c->changed.repeat = true; return SW_ACCEPTED;
    case SW_RECORDED_FULL: return full(c);
    case SW_RECORDED: break;
    }
    if (from != SW_NONE && from != h) {
        r->household[h].split_from = from;
        r->household[h].split_day = c->event.day;
    }
    if (sw_may_replace(c->schema, &c->event))
        sw_settle(r, c->schema, &r->household[h].history, &c->event);
    settle_area(r, c->schema, h, c->now, &c->changed);
    c->changed.household = h;
    c->changed.reverses = c->event.reverses;
    return SW_ACCEPTED;
}
