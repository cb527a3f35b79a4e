/* registry_apply.c - changes of the registry: events of the types registry.area … assignment.
 *
 * Each entity is a row of `entities`: the fields its events may carry and the function that applies
 * them. A function checks everything before it changes anything. The key of an applied event is
 * remembered in the history of the subject it concerns, so that a repeat is recognised. */
#include "event_parts.h"
#include "registry_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/model/registry.h>

enum sw_refusal sw_change_conflict(struct sw_change *c, const char *why)
{
    sw_fail(c->err, SW_EINVALID, "%s", why);
    return SW_REFUSED_CONFLICT;
}

enum sw_refusal sw_change_missing(struct sw_change *c, const char *what)
{
    sw_fail(c->err, SW_EINVALID, _("%.*s: the field %s is missing"), SW_STR_ARG(c->in->type), what);
    return SW_REFUSED_MISSING_FIELD;
}

enum sw_refusal sw_change_unknown_id(struct sw_change *c, const char *field, struct sw_str id)
{
    sw_fail(c->err, SW_ENOTFOUND, _("%s: \"%.*s\" is not registered"), field, SW_STR_ARG(id));
    return SW_REFUSED_UNKNOWN_SUBJECT;
}

bool sw_change_seen(struct sw_change *c, struct sw_history *h)
{
    c->changed.repeat = sw_history_note(h, c->event.key) == SW_RECORDED_REPEAT;
    return c->changed.repeat;
}

uint32_t sw_change_text_number(struct sw_change *c, uint32_t field)
{
    return sw_change_given(c, field) ? sw_intern_add(&c->r->texts, sw_change_text(c, field))
                                     : SW_NONE;
}

/* ---- the people who look after them ------------------------------------------------------- */

enum { CADRE_NAME, CADRE_PHONE };

static const struct sw_field cadre_fields[] = {
    {.name = {"name", 4}, .type = SW_FSTRING},
    {.name = {"phone", 5}, .type = SW_FSTRING},
};

static void leave_phone(struct sw_registry *r, uint32_t cadre)
{
    uint32_t *link = &r->cadre_of_phone[r->cadre[cadre].phone];

    while (*link != cadre)
        link = &r->cadre[*link].next_same_phone;
    *link = r->cadre[cadre].next_same_phone;
}

static void take_phone(struct sw_registry *r, uint32_t cadre, uint32_t phone)
{
    r->cadre_of_phone =
        sw_grow(r->cadre_of_phone, &r->phone_cap, phone + 1, sizeof(*r->cadre_of_phone));
    while (r->phones <= phone)
        r->cadre_of_phone[r->phones++] = SW_NONE;
    r->cadre[cadre].phone = phone;
    r->cadre[cadre].next_same_phone = r->cadre_of_phone[phone];
    r->cadre_of_phone[phone] = cadre;
}

static enum sw_refusal apply_cadre(struct sw_change *c)
{
    struct sw_registry *r = c->r;
    uint32_t cadre = sw_intern_find(&r->cadre_id, c->id);
    char phone[SW_PHONE_SIZE];
    bool is_new = cadre == SW_NONE;

    if (!sw_change_given(c, CADRE_NAME))
        return sw_change_missing(c, "name");
    if (!sw_change_given(c, CADRE_PHONE))
        return sw_change_missing(c, "phone");
    if (!sw_phone_read(sw_change_text(c, CADRE_PHONE), phone)) {
        sw_fail(c->err, SW_EINVALID, _("phone must be a mobile number of 11 digits"));
        return SW_REFUSED_BAD_FIELD;
    }
    if (sw_change_seen(c, &r->keys))
        return SW_ACCEPTED;
    cadre = sw_intern_add(&r->cadre_id, c->id);
    r->cadre = sw_grow(r->cadre, &r->cadre_cap, cadre + 1, sizeof(*r->cadre));
    if (is_new)
        r->cadre[cadre].absence = SW_NONE;
    else
        leave_phone(r, cadre);
    r->cadre[cadre].name = sw_change_text_number(c, CADRE_NAME);
    take_phone(r, cadre, sw_intern_add(&r->texts, sw_str(phone)));
    return SW_ACCEPTED;
}

enum { TEAM_NAME, TEAM_LEADER, TEAM_GATEWAY, TEAM_ROLE };

static const struct sw_field team_fields[] = {
    {.name = {"name", 4}, .type = SW_FSTRING},
    {.name = {"leader", 6}, .type = SW_FSTRING, .optional = true},
    {.name = {"gateway", 7}, .type = SW_FSTRING, .optional = true},
    {.name = {"role", 4}, .type = SW_FSTRING, .optional = true},
};

static enum sw_refusal apply_team(struct sw_change *c)
{
    struct sw_registry *r = c->r;
    uint32_t leader = sw_intern_find(&r->cadre_id, sw_change_text(c, TEAM_LEADER));
    uint32_t team;

    if (!sw_change_given(c, TEAM_NAME))
        return sw_change_missing(c, "name");
    if (sw_change_given(c, TEAM_LEADER) && leader == SW_NONE)
        return sw_change_unknown_id(c, "leader", sw_change_text(c, TEAM_LEADER));
    if (sw_change_seen(c, &r->keys))
        return SW_ACCEPTED;
    team = sw_intern_add(&r->team_id, c->id);
    r->team = sw_grow(r->team, &r->team_cap, team + 1, sizeof(*r->team));
    r->team[team] = (struct sw_team){sw_change_text_number(c, TEAM_NAME), leader,
                                     sw_change_text_number(c, TEAM_GATEWAY),
                                     sw_change_text_number(c, TEAM_ROLE)};
    c->changed.people = true;
    return SW_ACCEPTED;
}

enum { OF_HOUSEHOLD, OF_AREA, BY_CADRE, BY_TEAM, OF_FROM, OF_UNTIL };

static const struct sw_field assignment_fields[] = {
    {.name = {"household", 9}, .type = SW_FSTRING, .optional = true},
    {.name = {"area", 4}, .type = SW_FAREA, .optional = true},
    {.name = {"cadre", 5}, .type = SW_FSTRING, .optional = true},
    {.name = {"team", 4}, .type = SW_FSTRING, .optional = true},
    {.name = {"from", 4}, .type = SW_FDATE, .optional = true},
    {.name = {"until", 5}, .type = SW_FDATE, .optional = true},
};

/* A changed text of one assignment replaces the one before: the old entry stays, ended. */
static void add_assignment(struct sw_change *c, struct sw_assignment a, uint32_t *newest)
{
    struct sw_registry *r = c->r;
    uint32_t id = sw_intern_find(&r->assignment_id, c->id);
    uint32_t n = r->assignments++;

    r->assignment = sw_grow(r->assignment, &r->assignment_cap, n + 1, sizeof(*r->assignment));
    c->changed.people = a.of_area;
    c->changed.assigned = a.of_area ? SW_NONE : a.subject;
    if (id != SW_NONE) {
        struct sw_assignment *old = &r->assignment[r->current_assignment[id]];

        old->ended = true;
        c->changed.people |= old->subject != a.subject || old->of_area != a.of_area;
    }
    a.older = *newest;
    r->assignment[n] = a;
    *newest = n;
    id = sw_intern_add(&r->assignment_id, c->id);
    r->current_assignment =
        sw_grow(r->current_assignment, &r->current_cap, id + 1, sizeof(*r->current_assignment));
    r->current_assignment[id] = n;
}

static enum sw_refusal apply_assignment(struct sw_change *c)
{
    struct sw_registry *r = c->r;
    struct sw_assignment a = {
        .from = sw_change_given(c, OF_FROM) ? (sw_day)c->event.value[OF_FROM].i : c->event.day,
        .until = sw_change_given(c, OF_UNTIL) ? (sw_day)c->event.value[OF_UNTIL].i : SW_DAY_NEVER,
        .of_area = sw_change_given(c, OF_AREA),
    };
    uint32_t who_field = a.of_area ? BY_TEAM : BY_CADRE;

    if (sw_change_given(c, OF_AREA) == sw_change_given(c, OF_HOUSEHOLD) ||
        sw_change_given(c, BY_TEAM) == sw_change_given(c, BY_CADRE) ||
        sw_change_given(c, OF_AREA) != sw_change_given(c, BY_TEAM))
        return sw_change_conflict(
            c, _("an assignment is a household with a cadre or an area with a team"));
    a.who = sw_intern_find(a.of_area ? &r->team_id : &r->cadre_id, sw_change_text(c, who_field));
    if (a.who == SW_NONE)
        return sw_change_unknown_id(c, a.of_area ? "team" : "cadre", sw_change_text(c, who_field));
    a.subject = a.of_area ? (uint32_t)c->event.value[OF_AREA].i
                          : sw_registry_household(r, sw_change_text(c, OF_HOUSEHOLD));
    if (a.subject == SW_NONE)
        return sw_change_unknown_id(c, "household", sw_change_text(c, OF_HOUSEHOLD));
    if (a.until < a.from)
        return sw_change_conflict(c, _("until lies before from"));
    if (sw_change_seen(c,
                       a.of_area ? &r->area[a.subject].history : &r->household[a.subject].history))
        return SW_ACCEPTED;
    add_assignment(
        c, a, a.of_area ? &r->area[a.subject].assignment : &r->household[a.subject].assignment);
    return SW_ACCEPTED;
}

enum { AWAY_CADRE, AWAY_STAND_IN, AWAY_FROM, AWAY_UNTIL, AWAY_CANCELLED };

static const struct sw_field absence_fields[] = {
    {.name = {"cadre", 5}, .type = SW_FSTRING},
    {.name = {"stand_in", 8}, .type = SW_FSTRING, .optional = true},
    {.name = {"from", 4}, .type = SW_FDATE, .optional = true},
    {.name = {"until", 5}, .type = SW_FDATE, .optional = true},
    {.name = {"cancelled", 9}, .type = SW_FBOOL, .optional = true},
};

/* As with assignments: a changed text of one absence replaces the one before. */
static void add_absence(struct sw_change *c, struct sw_absence a)
{
    struct sw_registry *r = c->r;
    uint32_t id = sw_intern_find(&r->absence_id, c->id);
    uint32_t n = r->absences++;

    r->absence = sw_grow(r->absence, &r->absence_cap, n + 1, sizeof(*r->absence));
    if (id != SW_NONE)
        r->absence[r->current_absence[id]].ended = 1;
    a.older = r->cadre[a.cadre].absence;
    r->absence[n] = a;
    r->cadre[a.cadre].absence = n;
    id = sw_intern_add(&r->absence_id, c->id);
    r->current_absence =
        sw_grow(r->current_absence, &r->current_absence_cap, id + 1, sizeof(*r->current_absence));
    r->current_absence[id] = n;
}

static enum sw_refusal apply_absence(struct sw_change *c)
{
    struct sw_registry *r = c->r;
    struct sw_str stand_in = sw_change_text(c, AWAY_STAND_IN);
    struct sw_absence a = {
        .cadre = sw_intern_find(&r->cadre_id, sw_change_text(c, AWAY_CADRE)),
        .stand_in = sw_intern_find(&r->cadre_id, stand_in),
        .from = sw_change_given(c, AWAY_FROM) ? (sw_day)c->event.value[AWAY_FROM].i : c->event.day,
        .until =
            sw_change_given(c, AWAY_UNTIL) ? (sw_day)c->event.value[AWAY_UNTIL].i : SW_DAY_NEVER,
        .ended = sw_change_given(c, AWAY_CANCELLED) && c->event.value[AWAY_CANCELLED].b,
    };

    if (!sw_change_given(c, AWAY_CADRE))
        return sw_change_missing(c, "cadre");
    if (a.cadre == SW_NONE)
        return sw_change_unknown_id(c, "cadre", sw_change_text(c, AWAY_CADRE));
    if (sw_change_given(c, AWAY_STAND_IN) && a.stand_in == SW_NONE)
        return sw_change_unknown_id(c, "stand_in", stand_in);
    if (a.stand_in == a.cadre)
        return sw_change_conflict(c, _("nobody stands in for themselves"));
    if (a.until < a.from)
        return sw_change_conflict(c, _("until lies before from"));
    if (sw_change_seen(c, &r->keys))
        return SW_ACCEPTED;
    add_absence(c, a);
    c->changed.people = true;
    return SW_ACCEPTED;
}

/* ---- the table ---------------------------------------------------------------------------- */

#define FIELDS(a) .fields = a, .n_fields = SW_COUNTOF(a)

static const struct {
    const struct sw_field *fields; /* NULL: by the schema */
    uint32_t n_fields;
    enum sw_refusal (*apply)(struct sw_change *c);
} entities[SW_ENTITIES] = {
    [SW_EAREA] = {sw_area_fields, SW_AREA_FIELDS, sw_apply_area},
    [SW_EHOUSEHOLD] = {NULL, 0, sw_apply_household},
    [SW_EPERSON] = {NULL, 0, sw_apply_person},
    [SW_ECADRE] = {FIELDS(cadre_fields), apply_cadre},
    [SW_ETEAM] = {FIELDS(team_fields), apply_team},
    [SW_EASSIGNMENT] = {FIELDS(assignment_fields), apply_assignment},
    [SW_EABSENCE] = {FIELDS(absence_fields), apply_absence},
    [SW_EMATCH] = {sw_match_fields, SW_MATCH_FIELDS, sw_apply_match},
};

const struct sw_field *sw_entity_fields(const struct sw_schema *s, enum sw_entity e, uint32_t *n)
{
    bool of_person = e == SW_EPERSON;

    *n = entities[e].fields != NULL ? entities[e].n_fields
         : of_person                ? s->n_person_fields
                                    : s->n_household_fields;
    return entities[e].fields != NULL ? entities[e].fields
           : of_person                ? s->person_fields
                                      : s->household_fields;
}

static enum sw_refusal read_change(struct sw_change *c, size_t entity, struct sw_stream *st)
{
    uint32_t n;
    const struct sw_field *field = sw_entity_fields(c->schema, (enum sw_entity)entity, &n);
    enum sw_refusal rc;

    *st = (struct sw_stream){.name = c->in->type, .n_fields = n};
    st->fields = SW_ARENA_ARRAY(c->arena, struct sw_field, n);
    memcpy(st->fields, field, n * sizeof(*field));
    c->event = (struct sw_event){.stream = st, .has_data = true};
    c->event.key = sw_event_key(c->r, c->in->source, c->in->id);
    if (c->in->reverses.n > 0 && entity != SW_EHOUSEHOLD)
        return sw_change_conflict(
            c, _("only facts of households can be taken back; send the right values"));
    if (c->in->reverses.n > 0) {
        c->event.reverses = sw_event_key(c->r, c->in->source, c->in->reverses);
        c->event.has_data = c->in->data != NULL;
    }
    c->event.value = SW_ARENA_ARRAY(c->arena, struct sw_value, st->n_fields);
    rc = sw_event_when(c->schema, c->in, c->now, &c->event, c->err);
    if (rc == SW_ACCEPTED)
        rc = sw_event_read_fields(c->arena, st, c->r, c->in->data, c->event.value, c->err);
    return rc;
}

const struct sw_changed sw_no_change = {.household = SW_NONE,
                                        .left = SW_NONE,
                                        .area = SW_NONE,
                                        .recoded = SW_NONE,
                                        .assigned = SW_NONE};

enum sw_refusal sw_registry_apply(struct sw_registry *r, struct sw_arena *arena,
                                  const struct sw_schema *schema, const struct sw_envelope *in,
                                  sw_time now, struct sw_changed *changed, struct sw_err *err)
{
    struct sw_change c = {.r = r,
                          .arena = arena,
                          .schema = schema,
                          .in = in,
                          .now = now,
                          .changed = sw_no_change,
                          .err = err};
    struct sw_stream st;
    enum sw_refusal rc = SW_REFUSED_UNKNOWN_TYPE;

    *changed = c.changed;
    for (size_t e = 0; e < SW_ENTITIES; e++) {
        if (!sw_str_is(sw_str_sub(in->type, strlen("registry."), in->type.n),
                       sw_entity_name((enum sw_entity)e)))
            continue;
        if (!sw_subject_split(in->subject, sw_entity_name((enum sw_entity)e), &c.id)) {
            sw_fail(err, SW_EINVALID, _("the subject of %.*s must be %s/ID"), SW_STR_ARG(in->type),
                    sw_entity_name((enum sw_entity)e));
            return SW_REFUSED_ENVELOPE;
        }
        rc = read_change(&c, e, &st);
        if (rc == SW_ACCEPTED)
            rc = entities[e].apply(&c);
        *changed = c.changed;
        return rc;
    }
    sw_fail(err, SW_EINVALID,
            _("no event type %.*s; registry. has area, household, person, cadre, "
              "team, assignment, absence and match"),
            SW_STR_ARG(in->type));
    return rc;
}
