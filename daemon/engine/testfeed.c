/* testfeed.c - what happens in a test: its areas, facts and persons are registered as they would
 * be, its events go in as CloudEvents on the day they were recorded, days pass by ticks. */
#include "testrun.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/number.h>

static void note_tasks(struct sw_trial *t)
{
    for (size_t i = 0; i < t->fx.tasks.n; i++) {
        for (uint32_t r = 0; r < t->rs->n_rules; r++) {
            if (sw_str_eq(t->fx.tasks.at[i].rule, t->rs->rule[r].name))
                sw_rules_add(&t->tasked, r);
        }
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
    feed(t, SW_IN_TICK, sw_str(sw_date_format(day, text)), t->test);
}

/* Every due day up to `day`, then the day itself until nothing is due any more. */
void sw_trial_pass_to(struct sw_trial *t, sw_day day)
{
    while (sw_engine_due(t->e) <= day)
        tick(t, sw_engine_due(t->e) > t->e->today ? sw_engine_due(t->e) : t->e->today);
    if (t->e->today != day)
        tick(t, day);
}

static void begin_event(struct sw_trial *t, struct sw_jw *w, struct sw_str type, struct sw_str id,
                        sw_day day)
{
    sw_time noon = sw_zone_midnight(t->rs->schema->zone, day) + 43200 * SW_SECOND;
    char at[SW_RFC3339_SIZE];

    sw_jw_object(w);
    sw_jw_member(w, "specversion", SW_STR("1.0"));
    sw_jw_member(w, "source", SW_STR("test"));
    sw_jw_member(w, "id", id);
    sw_jw_member(w, "type", type);
    sw_jw_member(w, "time", sw_str(sw_rfc3339_format(noon, 0, at)));
}

static void put_subject(struct sw_jw *w, const char *kind, struct sw_str id)
{
    struct sw_buf subject = {0};

    sw_buf_printf(&subject, "%s/%.*s", kind, SW_STR_ARG(id));
    sw_jw_member(w, "subject", sw_buf_view(&subject));
    sw_buf_free(&subject);
}

static void put_value(struct sw_jw *w, const struct sw_stream *st, const struct sw_yaml *v)
{
    const struct sw_field *f = sw_stream_field(st, v->key, NULL);
    bool is_number =
        f != NULL && (f->type == SW_FMONEY || f->type == SW_FINT || f->type == SW_FNUMBER);
    double d;

    sw_jw_key_str(w, v->key);
    if ((is_number && sw_double_parse(v->text, &d)) ||
        (f != NULL && f->type == SW_FBOOL &&
         (sw_str_is(v->text, "true") || sw_str_is(v->text, "false"))))
        sw_jw_raw(w, v->text);
    else
        sw_jw_str(w, v->text);
}

static struct sw_str fresh_id(struct sw_trial *t, char out[32])
{
    snprintf(out, 32, "auto-%lld", (long long)t->seq);
    return sw_str(out);
}

static void register_thing(struct sw_trial *t, const char *entity, struct sw_str id,
                           const struct sw_pair *data, size_t n)
{
    struct sw_buf out = {0};
    struct sw_buf type = {0};
    struct sw_jw w = {.out = &out};
    char event_id[32];

    sw_buf_printf(&type, "registry.%s", entity);
    begin_event(t, &w, sw_buf_view(&type), fresh_id(t, event_id), t->e->today);
    put_subject(&w, entity, id);
    sw_jw_key(&w, "data");
    sw_jw_object(&w);
    for (size_t i = 0; i < n; i++)
        sw_jw_member(&w, data[i].name, data[i].value);
    sw_jw_end(&w);
    sw_jw_end(&w);
    feed(t, SW_IN_EVENT, sw_buf_view(&out), t->test);
    sw_buf_free(&out);
    sw_buf_free(&type);
}

/* Facts of the household; `area` only when it is registered first. */
static void feed_facts(struct sw_trial *t, const struct sw_yaml *facts, sw_day day,
                       struct sw_str area)
{
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    char id[32];

    begin_event(t, &w, SW_STR("registry.household"), fresh_id(t, id), day);
    put_subject(&w, "household", SW_STR("T0001"));
    sw_jw_key(&w, "data");
    sw_jw_object(&w);
    if (area.n > 0)
        sw_jw_member(&w, "area", area);
    for (const struct sw_yaml *v = facts == NULL ? NULL : facts->first; v != NULL; v = v->next)
        put_value(&w, &t->rs->schema->streams[SW_FACTS], v);
    sw_jw_end(&w);
    sw_jw_end(&w);
    feed(t, SW_IN_EVENT, sw_buf_view(&out), facts == NULL ? t->test : facts);
    sw_buf_free(&out);
}

/* Persons named in an event's fields are members of the household. */
static void register_persons(struct sw_trial *t, const struct sw_stream *st,
                             const struct sw_yaml *fields)
{
    const struct sw_pair member[] = {{"household", SW_STR("T0001")}};

    for (const struct sw_yaml *v = fields->first; v != NULL; v = v->next) {
        const struct sw_field *f = sw_stream_field(st, v->key, NULL);

        if (f != NULL && f->type == SW_FPERSON && v->kind == SW_YSCALAR &&
            sw_registry_person(&t->e->registry, v->text) == SW_NONE)
            register_thing(t, "person", v->text, member, 1);
    }
}

static void register_area(struct sw_trial *t, struct sw_str name, struct sw_str parent)
{
    const struct sw_pair data[] = {{"name", name}, {"parent", parent}};

    if (sw_registry_area(&t->e->registry, name) == SW_NONE)
        register_thing(t, "area", name, data, parent.n > 0 ? 2 : 1);
}

/* The stream an event of a test belongs to; its entry is the one key that is no envelope word. */
static const struct sw_yaml *payload_of(const struct sw_yaml *event)
{
    static const char *const words[] = {"on", "recorded", "id", "reverses", "area", "of"};

    for (const struct sw_yaml *v = event->first; v != NULL; v = v->next) {
        bool is_word = false;

        for (size_t i = 0; i < SW_COUNTOF(words); i++)
            is_word |= sw_str_is(v->key, words[i]);
        if (!is_word)
            return v;
    }
    return NULL;
}

/* {reverses: b1} says no type: it is that of the event it takes back. */
static const struct sw_yaml *payload_named(const struct sw_trial *t, struct sw_str id)
{
    for (size_t i = 0; i < t->n_moments; i++) {
        const struct sw_yaml *other = sw_yaml_get(t->moment[i].y, "id");

        if (!t->moment[i].is_expectation && other != NULL && sw_str_eq(other->text, id))
            return payload_of(t->moment[i].y);
    }
    return NULL;
}

void sw_trial_feed(struct sw_trial *t, const struct sw_yaml *event)
{
    const struct sw_yaml *payload = payload_of(event);
    const struct sw_yaml *area = sw_yaml_get(event, "area");
    const struct sw_yaml *id = sw_yaml_get(event, "id");
    const struct sw_yaml *reverses = sw_yaml_get(event, "reverses");
    const struct sw_yaml *typed = payload;
    const struct sw_stream *st;
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    char made_id[32];
    sw_day on = t->e->today;

    sw_date_parse(sw_yaml_get(event, "on")->text, &on);
    if (payload != NULL && sw_str_is(payload->key, "household")) {
        feed_facts(t, payload, on, SW_STR(""));
        return;
    }
    if (typed == NULL && reverses != NULL)
        typed = payload_named(t, reverses->text);
    st = typed == NULL ? NULL : sw_schema_stream(t->rs->schema, typed->key);
    if (st == NULL) {
        sw_trial_fault(t, event, _("no event type %.*s in the schema"),
                       SW_STR_ARG(typed == NULL ? SW_STR("?") : typed->key));
        return;
    }
    if (payload != NULL && payload->kind == SW_YMAP)
        register_persons(t, st, payload);
    begin_event(t, &w, st->name, id == NULL ? fresh_id(t, made_id) : id->text, on);
    if (st->scope == SW_AREA)
        put_subject(&w, "area", area == NULL ? t->village : area->text);
    else
        put_subject(&w, "household", SW_STR("T0001"));
    if (reverses != NULL)
        sw_jw_member(&w, "reverses", reverses->text);
    if (payload != NULL) {
        sw_jw_key(&w, "data");
        sw_jw_object(&w);
        for (const struct sw_yaml *v = payload->first; v != NULL; v = v->next)
            put_value(&w, st, v);
        sw_jw_end(&w);
    }
    sw_jw_end(&w);
    feed(t, SW_IN_EVENT, sw_buf_view(&out), event);
    sw_buf_free(&out);
}

static struct sw_str fact_text(const struct sw_yaml *facts, const char *key, const char *otherwise)
{
    const struct sw_yaml *y = sw_yaml_get(facts, key);

    return y == NULL ? sw_str(otherwise) : y->text;
}

void sw_trial_settle(struct sw_trial *t)
{
    const struct sw_yaml *facts = sw_yaml_get(t->test, "household");
    struct sw_str town = fact_text(facts, "township", "某镇");

    tick(t, t->moment[0].day - 1);
    t->village = fact_text(facts, "village", "某村");
    register_area(t, SW_STR("某县"), SW_STR(""));
    register_area(t, town, SW_STR("某县"));
    register_area(t, t->village, town);
    for (size_t i = 0; i < t->n_moments; i++) {
        const struct sw_yaml *area = sw_yaml_get(t->moment[i].y, "area");

        if (!t->moment[i].is_expectation && area != NULL)
            register_area(t, area->text, town);
    }
    feed_facts(t, facts, t->e->today, t->village);
}
