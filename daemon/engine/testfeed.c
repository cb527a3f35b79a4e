/* testfeed.c - what happens in a test: its areas, households and persons are registered as they
 * would be, its events go in as CloudEvents on the day they were recorded, days pass by ticks.
 *
 * Households have the names the test gives them. A person of the main household has the name that
 * stands in the event; in another household the same name is somebody else, so the household's name
 * is put behind it. */
#include "testrun.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>

/* ---- inputs and days ---------------------------------------------------------------------- */

static void note_tasks(struct sw_trial *t)
{
    for (size_t i = 0; i < t->fx.tasks.n; i++) {
        struct sw_tasked *k;

        if (t->fx.tasks.at[i].closed != 0)
            continue;
        k = SW_ARENA_NEW(&t->arena, struct sw_tasked);
        k->next = t->tasked;
        k->household = sw_arena_str(&t->arena, t->fx.tasks.at[i].household);
        k->rule = sw_arena_str(&t->arena, t->fx.tasks.at[i].rule);
        t->tasked = k;
    }
    sw_effects_reset(&t->fx);
}

static void feed(struct sw_trial *t, enum sw_input_kind kind, struct sw_str body,
                 const struct sw_yaml *at)
{
    struct sw_input in = {++t->seq, t->now, kind, body};
    enum sw_refusal why;
    struct sw_err err = {.code = SW_OK};

    if (sw_engine_apply(t->e, &in, &t->fx, &why, &err) == SW_VERDICT_REJECTED)
        sw_trial_fault(t, at, "%s", err.text);
    note_tasks(t);
}

static void tick(struct sw_trial *t, sw_day day)
{
    char text[SW_DATE_SIZE];
    sw_time noon = sw_zone_midnight(t->rs->schema->zone, day) + 43200 * SW_SECOND;

    if (noon > t->now)
        t->now = noon;
    feed(t, SW_IN_TICK, sw_str(sw_date_format(day, text)), t->test->y);
}

void sw_trial_pass_to(struct sw_trial *t, sw_day day)
{
    while (sw_engine_due(t->e) <= day)
        tick(t, sw_engine_due(t->e) > t->e->today ? sw_engine_due(t->e) : t->e->today);
    if (t->e->today != day)
        tick(t, day);
}

/* ---- one CloudEvent ----------------------------------------------------------------------- */

/* An event being written. */
struct writing {
    struct sw_buf out;
    struct sw_jw w;
    const struct sw_yaml *at;
};

/* Without an id it gets one of its own. */
static void begin_event(struct sw_trial *t, struct writing *e, struct sw_str type,
                        const struct sw_yaml *id, sw_day day)
{
    sw_time noon = sw_zone_midnight(t->rs->schema->zone, day) + 43200 * SW_SECOND;
    char at[SW_RFC3339_SIZE];
    char made[32];

    snprintf(made, sizeof(made), "auto-%lld", (long long)t->seq);
    e->w = (struct sw_jw){.out = &e->out};
    sw_jw_object(&e->w);
    sw_jw_member(&e->w, "specversion", SW_STR("1.0"));
    sw_jw_member(&e->w, "source", SW_STR("test"));
    sw_jw_member(&e->w, "id", id == NULL ? sw_str(made) : id->text);
    sw_jw_member(&e->w, "type", type);
    sw_jw_member(&e->w, "time", sw_str(sw_rfc3339_format(noon, 0, at)));
}

static void put_subject(struct sw_trial *t, struct writing *e, const char *kind, struct sw_str id)
{
    sw_jw_member(&e->w, "subject", sw_arena_printf(&t->arena, "%s/%.*s", kind, SW_STR_ARG(id)));
}

static void begin_data(struct writing *e)
{
    sw_jw_key(&e->w, "data");
    sw_jw_object(&e->w);
}

static void end_event(struct sw_trial *t, struct writing *e, bool has_data)
{
    if (has_data)
        sw_jw_end(&e->w);
    sw_jw_end(&e->w);
    feed(t, SW_IN_EVENT, sw_buf_view(&e->out), e->at);
    sw_buf_free(&e->out);
}

static bool is_main(struct sw_str household)
{
    return sw_str_is(household, SW_MAIN_HOUSEHOLD);
}

static struct sw_str person_id(struct sw_trial *t, struct sw_str name, struct sw_str household)
{
    return is_main(household)
               ? name
               : sw_arena_printf(&t->arena, "%.*s%.*s", SW_STR_ARG(name), SW_STR_ARG(household));
}

static void put_value(struct sw_trial *t, struct writing *e, const struct sw_field *f,
                      const struct sw_yaml *v, struct sw_str household)
{
    struct sw_json json = sw_test_json(&t->arena, f, v);

    sw_jw_key_str(&e->w, v->key);
    if (f != NULL && f->type == SW_FPERSON)
        sw_jw_str(&e->w, person_id(t, v->text, household));
    else if (json.kind == SW_JTRUE || json.kind == SW_JFALSE)
        sw_jw_bool(&e->w, json.kind == SW_JTRUE);
    else if (json.kind == SW_JNUMBER)
        sw_jw_raw(&e->w, v->text);
    else
        sw_jw_str(&e->w, v->text);
}

/* ---- the registry ------------------------------------------------------------------------- */

static void register_area(struct sw_trial *t, struct sw_str code, struct sw_str name,
                          struct sw_str parent)
{
    struct writing e = {.at = t->test->y};

    if (sw_registry_area(&t->e->registry, code) != SW_NONE)
        return;
    begin_event(t, &e, SW_STR("registry.area"), NULL, t->e->today);
    put_subject(t, &e, "area", code);
    begin_data(&e);
    sw_jw_member(&e.w, "name", name);
    if (parent.n > 0)
        sw_jw_member(&e.w, "parent", parent);
    end_event(t, &e, true);
}

/* An area's code is its name; a second village of a name, in another town, has both names. */
static struct sw_str settle_village(struct sw_trial *t, struct sw_str town, struct sw_str name)
{
    const struct sw_registry *r = &t->e->registry;
    uint32_t there;
    struct sw_str code = name;

    register_area(t, town, town, SW_STR("某县"));
    there = sw_registry_area(r, name);
    if (there != SW_NONE && (r->area[there].parent == SW_NONE ||
                             !sw_str_eq(sw_area_name(r, r->area[there].parent), town)))
        code = sw_arena_printf(&t->arena, "%.*s%.*s", SW_STR_ARG(town), SW_STR_ARG(name));
    register_area(t, code, name, town);
    return code;
}

static struct sw_str fact_text(const struct sw_yaml *facts, const char *key,
                               struct sw_str otherwise)
{
    const struct sw_yaml *y = sw_yaml_get(facts, key);

    return y == NULL ? otherwise : y->text;
}

/* Where facts say that a household lives: beside the main one unless they name another place. */
static struct sw_str place_of(struct sw_trial *t, const struct sw_yaml *facts)
{
    struct sw_str town = fact_text(facts, "township", t->town);
    bool is_near = sw_str_eq(town, t->town);

    return settle_village(t, town,
                          fact_text(facts, "village", is_near ? t->village : SW_STR("某村")));
}

/* `area` is empty when it stays what it is. */
static void feed_facts(struct sw_trial *t, const struct sw_moment *m, struct sw_str household,
                       struct sw_str area)
{
    const struct sw_stream *facts = &t->rs->schema->streams[SW_FACTS];
    struct writing e = {.at = m->y};

    begin_event(t, &e, SW_STR("registry.household"), m->id, m->on);
    put_subject(t, &e, "household", household);
    if (m->reverses != NULL)
        sw_jw_member(&e.w, "reverses", m->reverses->text);
    if (m->data == NULL && area.n == 0) {
        end_event(t, &e, false);
        return;
    }
    begin_data(&e);
    if (area.n > 0)
        sw_jw_member(&e.w, "area", area);
    for (const struct sw_yaml *v = m->data == NULL ? NULL : m->data->first; v != NULL;
         v = v->next) {
        const struct sw_field *f = sw_stream_field(facts, v->key, NULL);

        if (f != NULL)
            put_value(t, &e, f, v, household);
    }
    end_event(t, &e, true);
}

/* A person with what is said of it; `facts` may be NULL. */
static void feed_person(struct sw_trial *t, struct sw_str name, const struct sw_yaml *facts,
                        sw_day on, struct sw_str household)
{
    struct writing e = {.at = facts == NULL ? t->test->y : facts};

    begin_event(t, &e, SW_STR("registry.person"), NULL, on);
    put_subject(t, &e, "person", person_id(t, name, household));
    begin_data(&e);
    sw_jw_member(&e.w, "household", household);
    for (const struct sw_yaml *v = facts == NULL ? NULL : facts->first; v != NULL; v = v->next)
        put_value(t, &e, sw_test_person_field(t->rs->schema, v->key), v, household);
    end_event(t, &e, true);
}

static void feed_members(struct sw_trial *t, const struct sw_yaml *members, sw_day on,
                         struct sw_str household)
{
    for (const struct sw_yaml *y = members == NULL ? NULL : members->first; y != NULL; y = y->next)
        feed_person(t, y->key, y, on, household);
}

static void register_person(struct sw_trial *t, struct sw_str name, struct sw_str household)
{
    struct sw_str id = person_id(t, name, household);

    if (sw_registry_person(&t->e->registry, id) == SW_NONE)
        feed_person(t, name, NULL, t->e->today, household);
}

/* What an event names must be there: persons are members of its household, areas lie in its town.
 */
static void register_named(struct sw_trial *t, const struct sw_moment *m, struct sw_str household)
{
    if (m->stream->scope == SW_PERSON)
        register_person(t, m->person->text, household);
    for (const struct sw_yaml *v = m->data == NULL ? NULL : m->data->first; v != NULL;
         v = v->next) {
        const struct sw_field *f = sw_stream_field(m->stream, v->key, NULL);

        if (f != NULL && f->type == SW_FPERSON)
            register_person(t, v->text, household);
        else if (f != NULL && f->type == SW_FAREA)
            register_area(t, v->text, v->text, t->town);
    }
}

/* ---- events ------------------------------------------------------------------------------- */

static struct sw_str area_of(const struct sw_trial *t, const struct sw_moment *m,
                             struct sw_str household)
{
    const struct sw_registry *r = &t->e->registry;
    uint32_t h = sw_registry_household(r, household);

    if (m->area != NULL)
        return m->area->text;
    return h == SW_NONE || r->household[h].area == SW_NONE ? t->village
                                                           : sw_area_code(r, r->household[h].area);
}

static void feed_event(struct sw_trial *t, const struct sw_moment *m, struct sw_str household)
{
    struct writing e = {.at = m->y};

    register_named(t, m, household);
    begin_event(t, &e, m->stream->name, m->id, m->on);
    if (m->stream->scope == SW_AREA)
        put_subject(t, &e, "area", area_of(t, m, household));
    else if (m->stream->scope == SW_PERSON)
        put_subject(t, &e, "person", person_id(t, m->person->text, household));
    else
        put_subject(t, &e, "household", household);
    if (m->reverses != NULL)
        sw_jw_member(&e.w, "reverses", m->reverses->text);
    if (m->data == NULL) {
        end_event(t, &e, false);
        return;
    }
    begin_data(&e);
    for (const struct sw_yaml *v = m->data->first; v != NULL; v = v->next) {
        const struct sw_field *f = sw_stream_field(m->stream, v->key, NULL);

        if (f != NULL)
            put_value(t, &e, f, v, household);
    }
    end_event(t, &e, true);
}

static void feed_one(struct sw_trial *t, const struct sw_moment *m, struct sw_str household)
{
    bool moves = m->kind == MOMENT_FACTS && (sw_yaml_get(m->data, "village") != NULL ||
                                             sw_yaml_get(m->data, "township") != NULL);

    if (m->kind == MOMENT_EVENT)
        feed_event(t, m, household);
    else if (m->kind == MOMENT_FACTS)
        feed_facts(t, m, household, moves ? place_of(t, m->data) : SW_STR(""));
    else
        feed_members(t, m->data, m->on, household);
}

/* Calls `each` for every household that `of` names: one, or those of a list. */
static void each_of(struct sw_trial *t, const struct sw_moment *m,
                    void (*each)(struct sw_trial *, const struct sw_moment *, struct sw_str))
{
    if (m->of == NULL)
        each(t, m, SW_STR(SW_MAIN_HOUSEHOLD));
    else if (m->of->kind == SW_YSCALAR)
        each(t, m, m->of->text);
    else
        for (const struct sw_yaml *y = m->of->first; y != NULL; y = y->next)
            each(t, m, y->text);
}

void sw_trial_feed(struct sw_trial *t, const struct sw_moment *m)
{
    each_of(t, m, feed_one);
}

/* ---- the beginning ------------------------------------------------------------------------ */

static void settle_household(struct sw_trial *t, const struct sw_moment *m, struct sw_str id)
{
    if (sw_registry_household(&t->e->registry, id) == SW_NONE)
        feed_facts(t, m, id, place_of(t, m->data));
}

/* A household with its facts, or (NULL) one of which nothing is known but where it lives. */
static void settle_with(struct sw_trial *t, const struct sw_yaml *facts, struct sw_str id)
{
    struct sw_moment m = {.kind = MOMENT_FACTS, .y = facts, .data = facts, .on = t->e->today};

    if (facts == NULL)
        m.y = t->test->y;
    settle_household(t, &m, id);
}

static void settle_mentioned(struct sw_trial *t, const struct sw_moment *m, struct sw_str id)
{
    (void)m;
    settle_with(t, NULL, id);
}

/* Every feed is heard of every day, but those that the test says are silent. */
static void settle_feeds(struct sw_trial *t)
{
    const struct sw_schema *s = t->rs->schema;

    for (size_t i = 0; i < s->n_feeds; i++) {
        const struct sw_yaml *stale = t->test->stale == NULL ? NULL : t->test->stale->first;

        t->e->feed[i].heard = SW_DAY_NEVER / 2;
        for (; stale != NULL; stale = stale->next) {
            if (sw_str_eq(stale->key, s->feeds[i].name))
                sw_date_parse(stale->text, &t->e->feed[i].heard);
        }
    }
}

void sw_trial_settle(struct sw_trial *t)
{
    const struct sw_test *test = t->test;
    const struct sw_yaml *further = test->households == NULL ? NULL : test->households->first;

    settle_feeds(t);
    tick(t, test->moment[0].day - 1);
    t->town = fact_text(test->household, "township", SW_STR("某镇"));
    register_area(t, SW_STR("某县"), SW_STR("某县"), SW_STR(""));
    t->village = settle_village(t, t->town, fact_text(test->household, "village", SW_STR("某村")));
    settle_with(t, test->household, SW_STR(SW_MAIN_HOUSEHOLD));
    for (; further != NULL; further = further->next)
        settle_with(t, further, further->key);
    for (size_t i = 0; i < test->n_moments; i++) {
        const struct sw_moment *m = &test->moment[i];

        if (m->area != NULL)
            register_area(t, m->area->text, m->area->text, t->town);
        if (m->kind != MOMENT_EXPECTATION)
            each_of(t, m, settle_mentioned);
    }
    feed_members(t, test->members, t->e->today, SW_STR(SW_MAIN_HOUSEHOLD));
}
