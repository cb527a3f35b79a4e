/* testform.c - one test of a rule: from YAML to its days in order.
 *
 * Everything that can be wrong with a test by itself is found here, when the file is loaded: keys,
 * dates, event types, fields and their values, names of rules and levels. What is left to the run
 * is what only the engine knows, such as a history that is full. */
#include "testrun.h"
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>

enum { MOMENTS_MAX = 500, SPAN_MAX_YEARS = 20 };

/* ---- keys --------------------------------------------------------------------------------- */

void sw_test_no_such(struct sw_diag *diag, struct sw_place at, const char *what, struct sw_str word,
                     const struct sw_str *names, size_t n)
{
    struct sw_str near = sw_str_nearest(word, names, n);

    if (near.n > 0)
        sw_diag_add(diag, SW_ERROR, at, _("no %s %.*s; did you mean %.*s?"), what, SW_STR_ARG(word),
                    SW_STR_ARG(near));
    else
        sw_diag_add(diag, SW_ERROR, at, _("no %s %.*s"), what, SW_STR_ARG(word));
}

static bool is_among(struct sw_str word, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (sw_str_is(word, names[i]))
            return true;
    }
    return false;
}

static const char *why_foreign(struct sw_str word, const struct sw_foreign_key *foreign)
{
    for (size_t i = 0; foreign[i].key != NULL; i++) {
        if (sw_str_is(word, foreign[i].key))
            return _(foreign[i].why);
    }
    return NULL;
}

void sw_test_only(const struct sw_yaml *map, const char *const *names,
                  const struct sw_foreign_key *foreign, struct sw_diag *diag)
{
    struct sw_str known[32];
    size_t n = 0;

    for (; names[n] != NULL && n < SW_COUNTOF(known); n++)
        known[n] = sw_str(names[n]);
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        const char *why = why_foreign(y->key, foreign);

        if (why != NULL)
            sw_diag_add(diag, SW_ERROR, y->key_at, "%.*s: %s", SW_STR_ARG(y->key), why);
        else if (!is_among(y->key, names))
            sw_test_no_such(diag, y->key_at, _("key"), y->key, known, n);
    }
}

/* ---- values ------------------------------------------------------------------------------- */

static bool is_map(const struct sw_yaml *y, struct sw_diag *diag)
{
    if (y->kind == SW_YMAP || (y->kind == SW_YSCALAR && y->text.n == 0))
        return true;
    sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: expected a map of keys and values"),
                SW_STR_ARG(y->key));
    return false;
}

static bool is_list(const struct sw_yaml *y, struct sw_diag *diag)
{
    if (y->kind == SW_YLIST || (y->kind == SW_YSCALAR && y->text.n == 0))
        return true;
    sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: expected a list"), SW_STR_ARG(y->key));
    return false;
}

struct sw_json sw_test_json(struct sw_arena *arena, const struct sw_field *f,
                            const struct sw_yaml *v)
{
    bool is_number =
        f != NULL && (f->type == SW_FMONEY || f->type == SW_FINT || f->type == SW_FNUMBER);
    bool is_bool = f != NULL && f->type == SW_FBOOL;
    struct sw_json *json;

    if ((is_number || is_bool) && sw_json_parse(arena, v->text, &json, NULL) == SW_OK &&
        (is_number ? json->kind == SW_JNUMBER : json->kind == SW_JTRUE || json->kind == SW_JFALSE))
        return *json;
    return (struct sw_json){.kind = SW_JSTRING, .text = v->text};
}

/* References are looked up when the test runs: it is then that their objects exist. */
static void check_value(const struct sw_test_form *f, const struct sw_field *field,
                        const struct sw_yaml *v)
{
    struct sw_json json;
    struct sw_value value;
    struct sw_err err;

    if (v->kind != SW_YSCALAR) {
        sw_diag_add(f->diag, SW_ERROR, v->at, _("%.*s: expected one value"), SW_STR_ARG(v->key));
        return;
    }
    if (field->type == SW_FPERSON || field->type == SW_FAREA)
        return;
    json = sw_test_json(f->arena, field, v);
    if (sw_field_read(f->arena, field, NULL, &json, &value, &err) != SW_ACCEPTED)
        sw_diag_add(f->diag, SW_ERROR, v->at, "%s", err.text);
}

static void no_field(const struct sw_test_form *f, const struct sw_stream *st, uint32_t first,
                     const struct sw_yaml *v)
{
    struct sw_str names[SW_FIELDS_MAX];
    struct sw_buf what = {0};

    for (uint32_t i = first; i < st->n_fields; i++)
        names[i - first] = st->fields[i].name;
    sw_buf_printf(&what, _("field of %.*s"), SW_STR_ARG(st->name));
    sw_test_no_such(f->diag, v->key_at, what.p, v->key, names, st->n_fields - first);
    sw_buf_free(&what);
}

static void check_fields(const struct sw_test_form *f, const struct sw_stream *st,
                         const struct sw_yaml *map)
{
    if (!is_map(map, f->diag))
        return;
    for (const struct sw_yaml *v = map->first; v != NULL; v = v->next) {
        const struct sw_field *field = sw_stream_field(st, v->key, NULL);

        if (field == NULL)
            no_field(f, st, 0, v);
        else
            check_value(f, field, v);
    }
}

/* township and village say where a household lives, whether they are declared as facts or not. */
static void check_facts(const struct sw_test_form *f, const struct sw_yaml *map)
{
    static const char *const places[] = {"township", "village", NULL};
    const struct sw_stream *facts = &f->rs->schema->streams[SW_FACTS];

    if (map == NULL || !is_map(map, f->diag))
        return;
    for (const struct sw_yaml *v = map->first; v != NULL; v = v->next) {
        uint32_t i = SW_FACT_AREA;
        const struct sw_field *field = sw_stream_field(facts, v->key, &i);
        struct sw_str text;

        if (field != NULL && i != SW_FACT_AREA)
            check_value(f, field, v);
        else if (is_among(v->key, places))
            sw_yaml_text(v, &text, f->diag);
        else
            no_field(f, facts, SW_FACT_AREA + 1, v);
    }
}

static void check_households(const struct sw_test_form *f, const struct sw_yaml *map)
{
    if (map == NULL || !is_map(map, f->diag))
        return;
    for (const struct sw_yaml *v = map->first; v != NULL; v = v->next) {
        if (sw_str_is(v->key, SW_MAIN_HOUSEHOLD))
            sw_diag_add(f->diag, SW_ERROR, v->key_at,
                        _("%s is the main household; its facts stand under household:"),
                        SW_MAIN_HOUSEHOLD);
        check_facts(f, v);
    }
}

/* The facts of persons are the engine's to judge when they are registered. */
static void check_members(const struct sw_test_form *f, const struct sw_yaml *map)
{
    struct sw_str text;

    if (map == NULL || !is_map(map, f->diag))
        return;
    for (const struct sw_yaml *person = map->first; person != NULL; person = person->next) {
        if (!is_map(person, f->diag))
            continue;
        for (const struct sw_yaml *v = person->first; v != NULL; v = v->next)
            sw_yaml_text(v, &text, f->diag);
    }
}

/* ---- events ------------------------------------------------------------------------------- */

static const char *const envelope[] = {"on", "recorded", "id", "reverses", "area", "of", NULL};

/* One word, or a list of words when `many`; absent is good too. */
static bool check_words(const struct sw_test_form *f, const struct sw_yaml *y, bool many)
{
    struct sw_str text;

    if (y == NULL)
        return true;
    if (y->kind != SW_YLIST || !many)
        return sw_yaml_text(y, &text, f->diag);
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next) {
        if (v->kind != SW_YSCALAR) {
            sw_diag_add(f->diag, SW_ERROR, v->at, _("%.*s: expected names of households"),
                        SW_STR_ARG(y->key));
            return false;
        }
    }
    return true;
}

static void no_stream(const struct sw_test_form *f, const struct sw_yaml *y)
{
    const struct sw_schema *s = f->rs->schema;
    struct sw_str names[SW_STREAMS_MAX + 8];
    size_t n = 0;

    for (size_t i = 1; i < s->n_streams; i++)
        names[n++] = s->streams[i].name;
    for (size_t i = 0; envelope[i] != NULL; i++)
        names[n++] = sw_str(envelope[i]);
    names[n++] = SW_STR("household");
    names[n++] = SW_STR("members");
    sw_test_no_such(f->diag, y->key_at, _("event type or key"), y->key, names, n);
}

/* The one key that is no envelope word says what happened. */
static void read_payload(const struct sw_test_form *f, struct sw_moment *m)
{
    for (const struct sw_yaml *v = m->y->first; v != NULL; v = v->next) {
        if (is_among(v->key, envelope))
            continue;
        if (m->data != NULL) {
            sw_diag_add(f->diag, SW_ERROR, v->key_at,
                        _("%.*s and %.*s are two events; write two entries"),
                        SW_STR_ARG(m->data->key), SW_STR_ARG(v->key));
            return;
        }
        m->data = v;
        if (sw_str_is(v->key, "household")) {
            m->kind = MOMENT_FACTS;
            m->stream = &f->rs->schema->streams[SW_FACTS];
            check_facts(f, v);
        } else if (sw_str_is(v->key, "members")) {
            m->kind = MOMENT_PERSONS;
            check_members(f, v);
        } else if ((m->stream = sw_schema_stream(f->rs->schema, v->key)) != NULL) {
            check_fields(f, m->stream, v);
        } else {
            no_stream(f, v);
        }
    }
}

static bool read_dates(const struct sw_test_form *f, struct sw_moment *m)
{
    const struct sw_yaml *on = sw_yaml_get(m->y, "on");
    const struct sw_yaml *recorded = sw_yaml_get(m->y, "recorded");

    if (on == NULL) {
        sw_diag_add(f->diag, SW_ERROR, m->y->at, _("an event needs on: DATE"));
        return false;
    }
    if (!sw_yaml_date(on, &m->on, f->diag))
        return false;
    m->day = m->on;
    if (recorded != NULL && !sw_yaml_date(recorded, &m->day, f->diag))
        return false;
    if (m->day < m->on) {
        sw_diag_add(f->diag, SW_ERROR, recorded->at, _("recorded: lies before on:"));
        return false;
    }
    return true;
}

static bool read_event(const struct sw_test_form *f, struct sw_moment *m)
{
    size_t errors = f->diag->errors;

    if (m->y->kind != SW_YMAP) {
        sw_diag_add(f->diag, SW_ERROR, m->y->at,
                    _("an event is written as {on: DATE, medical.bill: {…}}"));
        return false;
    }
    m->of = sw_yaml_get(m->y, "of");
    m->area = sw_yaml_get(m->y, "area");
    m->reverses = sw_yaml_get(m->y, "reverses");
    if (!check_words(f, m->of, true) || !check_words(f, m->area, false) ||
        !check_words(f, m->reverses, false) || !check_words(f, sw_yaml_get(m->y, "id"), false) ||
        !read_dates(f, m))
        return false;
    read_payload(f, m);
    if (m->data == NULL && m->reverses == NULL && f->diag->errors == errors)
        sw_diag_add(f->diag, SW_ERROR, m->y->at, _("this event does not say what happened"));
    return f->diag->errors == errors;
}

/* {reverses: b1} says no type and not whose: both are those of the event it takes back. */
static void resolve_reversal(const struct sw_test_form *f, const struct sw_test *test,
                             struct sw_moment *m)
{
    for (size_t i = 0; i < test->n_moments; i++) {
        const struct sw_moment *other = &test->moment[i];
        const struct sw_yaml *id =
            other->kind == MOMENT_EXPECTATION ? NULL : sw_yaml_get(other->y, "id");

        if (id == NULL || other == m || !sw_str_eq(id->text, m->reverses->text))
            continue;
        if (m->data == NULL) {
            m->kind = other->kind;
            m->stream = other->stream;
        }
        m->of = m->of == NULL ? other->of : m->of;
        m->area = m->area == NULL ? other->area : m->area;
        return;
    }
    sw_diag_add(f->diag, SW_ERROR, m->reverses->at, _("no event of this test has id: %s"),
                m->reverses->text.p);
}

/* ---- one test ----------------------------------------------------------------------------- */

static void add_moment(struct sw_test *test, struct sw_moment m)
{
    size_t i = test->n_moments++;

    for (; i > 0; i--) {
        const struct sw_moment *before = &test->moment[i - 1];

        if (before->day < m.day || (before->day == m.day && (before->kind == MOMENT_EXPECTATION) <=
                                                                (m.kind == MOMENT_EXPECTATION)))
            break;
        test->moment[i] = *before;
    }
    test->moment[i] = m;
}

static void read_events(const struct sw_test_form *f, struct sw_test *test,
                        const struct sw_yaml *events)
{
    for (const struct sw_yaml *y = events == NULL ? NULL : events->first; y != NULL; y = y->next) {
        struct sw_moment m = {.y = y};

        if (read_event(f, &m))
            add_moment(test, m);
    }
    for (size_t i = 0; i < test->n_moments; i++) {
        if (test->moment[i].reverses != NULL)
            resolve_reversal(f, test, &test->moment[i]);
    }
}

static void read_expectations(const struct sw_test_form *f, struct sw_test *test,
                              const struct sw_yaml *expected)
{
    for (const struct sw_yaml *y = expected->first; y != NULL; y = y->next) {
        struct sw_moment m = {.kind = MOMENT_EXPECTATION, .y = y};

        if (!sw_date_parse(y->key, &m.day)) {
            sw_diag_add(f->diag, SW_ERROR, y->key_at, _("\"%.*s\" is no date such as 2024-03-14"),
                        SW_STR_ARG(y->key));
            continue;
        }
        sw_test_form_expectation(f, y, test->rule);
        add_moment(test, m);
    }
}

static void read_moments(const struct sw_test_form *f, struct sw_test *test)
{
    const struct sw_yaml *events = sw_yaml_get(test->y, "events");
    const struct sw_yaml *expected = sw_yaml_get(test->y, "expect");
    size_t n;

    if (expected == NULL || expected->kind != SW_YMAP || expected->count == 0) {
        sw_diag_add(f->diag, SW_ERROR, expected == NULL ? test->y->at : expected->at,
                    _("a test without expect: {DATE: …} tests nothing"));
        return;
    }
    if (events != NULL && !is_list(events, f->diag))
        return;
    n = expected->count + (events == NULL ? 0 : events->count);
    if (n > MOMENTS_MAX) {
        sw_diag_add(f->diag, SW_ERROR, test->y->at, _("more than %d events and expectations"),
                    MOMENTS_MAX);
        return;
    }
    test->moment = SW_ARENA_ARRAY(f->arena, struct sw_moment, n);
    read_events(f, test, events);
    read_expectations(f, test, expected);
    if (test->n_moments > 0 &&
        test->moment[test->n_moments - 1].day - test->moment[0].day > SPAN_MAX_YEARS * 366)
        sw_diag_add(f->diag, SW_ERROR, test->y->at, _("a test may span %d years"), SPAN_MAX_YEARS);
}

static const struct sw_foreign_key of_test[] = {
    {"interval", N_("days pass one by one; each event says on: DATE")},
    {"start_timestamp", N_("days pass one by one; each event says on: DATE")},
    {"input_series", N_("what happens stands under events: [{on: DATE, medical.bill: {…}}]")},
    {"alert_rule_test", N_("what should be stands under expect: {DATE: on}")},
    {"promql_expr_test", N_("expect: {DATE: {truth: true}} asks for a rule's condition")},
    {NULL, NULL},
};

/* Which rule a test of the whole set picks; `rule` for one that stands in a rule. */
static uint32_t rule_of(const struct sw_test_form *f, const struct sw_yaml *y, uint32_t rule)
{
    const struct sw_yaml *named = sw_yaml_get(y, "rule");
    struct sw_str *names;
    struct sw_str name;

    if (rule != SW_NONE || named == NULL || !sw_yaml_text(named, &name, f->diag))
        return rule;
    rule = sw_rule_find(f->rs, name);
    if (rule != SW_NONE)
        return rule;
    names = SW_ARENA_ARRAY(f->arena, struct sw_str, f->rs->n_rules + 1);
    for (size_t i = 0; i < f->rs->n_rules; i++)
        names[i] = f->rs->rule[i].name;
    sw_test_no_such(f->diag, named->at, _("rule"), name, names, f->rs->n_rules);
    return rule;
}

static void read_test(const struct sw_test_form *f, const struct sw_yaml *y, uint32_t rule)
{
    static const char *const in_rule[] = {"name",   "household", "households", "members",
                                          "events", "expect",    NULL};
    static const char *const in_file[] = {"name",    "rule",   "household", "households",
                                          "members", "events", "expect",    NULL};
    struct sw_test *test = SW_ARENA_NEW(f->arena, struct sw_test);
    const struct sw_yaml *name = sw_yaml_get(y, "name");

    if (y->kind != SW_YMAP) {
        sw_diag_add(f->diag, SW_ERROR, y->at, _("a test begins with name: …"));
        return;
    }
    sw_test_only(y, rule == SW_NONE ? in_file : in_rule, of_test, f->diag);
    *test = (struct sw_test){
        .y = y,
        .rule = rule_of(f, y, rule),
        .what = {.file = y->at.file, .line = y->at.line},
        .params = f->params,
        .household = sw_yaml_get(y, "household"),
        .households = sw_yaml_get(y, "households"),
        .members = sw_yaml_get(y, "members"),
    };
    if (name != NULL)
        sw_yaml_text(name, &test->what.name, f->diag);
    if (test->rule != SW_NONE)
        test->what.rule = f->rs->rule[test->rule].name;
    check_facts(f, test->household);
    check_households(f, test->households);
    check_members(f, test->members);
    read_moments(f, test);
    if (f->tests->last == NULL)
        f->tests->first = test;
    else
        f->tests->last->next = test;
    f->tests->last = test;
}

void sw_test_form_list(const struct sw_test_form *f, const struct sw_yaml *list, uint32_t rule)
{
    if (list == NULL || !is_list(list, f->diag))
        return;
    for (const struct sw_yaml *y = list->first; y != NULL; y = y->next)
        read_test(f, y, rule);
}

/* The numbers a file's tests are written for, so that tuning params.yaml breaks no test. */
void sw_test_form_params(const struct sw_test_form *f, const struct sw_yaml *map)
{
    const struct sw_ruleset *rs = f->rs;
    struct sw_str names[PARAMS_MAX];
    struct sw_value value;

    if (map == NULL || !is_map(map, f->diag))
        return;
    for (size_t i = 0; i < rs->n_params && i < PARAMS_MAX; i++)
        names[i] = rs->param[i].name;
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        int64_t i = sw_param_find(rs, y->key);

        if (i < 0)
            sw_test_no_such(f->diag, y->key_at, _("parameter"), y->key, names, rs->n_params);
        else
            sw_param_read(&rs->param[i], y, &value, f->diag);
    }
}
