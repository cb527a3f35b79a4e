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

/* ---- names -------------------------------------------------------------------------------- */

void sw_test_no_such(struct sw_diag *diag, struct sw_place at, const char *what, struct sw_str word,
                     const struct sw_str *names, size_t n)
{
    struct sw_buf there = {0};

    sw_put_choices(&there, word, names, NULL, n);
    sw_diag_add(diag, SW_ERROR, at, _("no %s %.*s%s"), what, SW_STR_ARG(word), there.p);
    sw_buf_free(&there);
}

/* ---- values ------------------------------------------------------------------------------- */

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

    if (v->kind != SW_YSCALAR || field->type == SW_FPERSON || field->type == SW_FAREA)
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

/* What happens to a person says to whom, whether the type has a field for it or not. */
static void check_fields(const struct sw_test_form *f, const struct sw_stream *st,
                         const struct sw_yaml *map)
{
    if (st->scope == SW_PERSON && sw_yaml_get(map, "person") == NULL)
        sw_diag_add(f->diag, SW_ERROR, map->key_at, _("%.*s happens to a person: add person: NAME"),
                    SW_STR_ARG(st->name));
    for (const struct sw_yaml *v = map->first; v != NULL; v = v->next) {
        const struct sw_field *field = sw_stream_field(st, v->key, NULL);

        if (field == NULL && st->scope == SW_PERSON && sw_str_is(v->key, "person"))
            continue;
        if (field == NULL)
            no_field(f, st, 0, v);
        else
            check_value(f, field, v);
    }
}

/* township and village say where a household lives, whether they are declared as facts or not. */
static void check_facts(const struct sw_test_form *f, const struct sw_yaml *map)
{
    const struct sw_stream *facts = &f->rs->schema->streams[SW_FACTS];

    for (const struct sw_yaml *v = map == NULL ? NULL : map->first; v != NULL; v = v->next) {
        uint32_t i = SW_FACT_AREA;
        const struct sw_field *field = sw_stream_field(facts, v->key, &i);

        if (field != NULL && i != SW_FACT_AREA)
            check_value(f, field, v);
        else if (!sw_str_is(v->key, "township") && !sw_str_is(v->key, "village"))
            no_field(f, facts, SW_FACT_AREA + 1, v);
    }
}

/* What every schema takes of a person, beside what it declares under person:. */
static const struct sw_field common_facts[] = {
    {.name = {"name", 4}, .type = SW_FSTRING},
    {.name = {"sex", 3}, .type = SW_FSTRING},
    {.name = {"birth", 5}, .type = SW_FDATE},
    {.name = {"relation", 8}, .type = SW_FSTRING},
};

const struct sw_field *sw_test_person_field(const struct sw_schema *s, struct sw_str name)
{
    uint32_t i = SW_FACT_PERSON;
    const struct sw_field *f = s->persons == NULL ? NULL : sw_stream_field(s->persons, name, &i);

    if (f != NULL && i != SW_FACT_PERSON)
        return f;
    for (i = 0; i < SW_COUNTOF(common_facts); i++) {
        if (sw_str_eq(common_facts[i].name, name))
            return &common_facts[i];
    }
    return NULL;
}

static void no_person_field(const struct sw_test_form *f, const struct sw_yaml *v)
{
    const struct sw_stream *kept = f->rs->schema->persons;
    struct sw_str names[SW_FIELDS_MAX + SW_COUNTOF(common_facts)];
    size_t n = 0;

    for (uint32_t i = SW_FACT_PERSON + 1; kept != NULL && i < kept->n_fields; i++)
        names[n++] = kept->fields[i].name;
    for (size_t i = 0; i < SW_COUNTOF(common_facts); i++)
        names[n++] = common_facts[i].name;
    sw_test_no_such(f->diag, v->key_at, _("fact of a person"), v->key, names, n);
}

static void check_members(const struct sw_test_form *f, const struct sw_yaml *map)
{
    for (const struct sw_yaml *y = map == NULL ? NULL : map->first; y != NULL; y = y->next) {
        for (const struct sw_yaml *v = y->first; v != NULL; v = v->next) {
            const struct sw_field *field = sw_test_person_field(f->rs->schema, v->key);

            if (field == NULL)
                no_person_field(f, v);
            else
                check_value(f, field, v);
        }
    }
}

static void check_stale(const struct sw_test_form *f, const struct sw_yaml *map)
{
    const struct sw_schema *s = f->rs->schema;
    struct sw_str *names = SW_ARENA_ARRAY(f->arena, struct sw_str, s->n_feeds + 1);

    for (size_t i = 0; i < s->n_feeds; i++)
        names[i] = s->feeds[i].name;
    for (const struct sw_yaml *y = map == NULL ? NULL : map->first; y != NULL; y = y->next) {
        size_t i = 0;

        while (i < s->n_feeds && !sw_str_eq(names[i], y->key))
            i++;
        if (i == s->n_feeds)
            sw_test_no_such(f->diag, y->key_at, _("feed"), y->key, names, s->n_feeds);
        else if (s->feeds[i].period == 0)
            sw_diag_add(f->diag, SW_ERROR, y->key_at,
                        _("%.*s has no period in the schema's feeds:, so it is never stale"),
                        SW_STR_ARG(y->key));
    }
}

static void check_households(const struct sw_test_form *f, const struct sw_yaml *map)
{
    for (const struct sw_yaml *v = map == NULL ? NULL : map->first; v != NULL; v = v->next) {
        if (sw_str_is(v->key, SW_MAIN_HOUSEHOLD))
            sw_diag_add(f->diag, SW_ERROR, v->key_at,
                        _("%s is the main household; its facts stand under household:"),
                        SW_MAIN_HOUSEHOLD);
        check_facts(f, v);
    }
}

/* ---- events ------------------------------------------------------------------------------- */

static bool is_key(struct sw_str key)
{
    for (size_t i = 0; i < sw_event_keys.n; i++) {
        if (sw_str_is(key, sw_event_keys.key[i].name))
            return true;
    }
    return false;
}

/* "on", "id" … say when and whose; everything else says what happened. */
static bool is_circumstance(struct sw_str key)
{
    return is_key(key) && !sw_str_is(key, "household") && !sw_str_is(key, "members");
}

static void no_stream(const struct sw_test_form *f, const struct sw_yaml *y)
{
    const struct sw_schema *s = f->rs->schema;
    struct sw_str names[SW_STREAMS_MAX + 8];
    size_t n = 0;

    for (size_t i = 1; i < s->n_streams; i++)
        names[n++] = s->streams[i].name;
    for (size_t i = 0; i < sw_event_keys.n; i++)
        names[n++] = sw_str(sw_event_keys.key[i].name);
    sw_test_no_such(f->diag, y->key_at, _("event type or key"), y->key, names, n);
}

static void read_payload(const struct sw_test_form *f, struct sw_moment *m, const struct sw_yaml *v)
{
    m->data = v;
    if (sw_str_is(v->key, "household")) {
        m->kind = MOMENT_FACTS;
        m->stream = &f->rs->schema->streams[SW_FACTS];
        check_facts(f, v);
    } else if (sw_str_is(v->key, "members")) {
        m->kind = MOMENT_PERSONS;
        check_members(f, v);
    } else {
        m->stream = sw_schema_stream(f->rs->schema, v->key);
        check_fields(f, m->stream, v);
        m->person = sw_yaml_get(v, "person");
    }
}

static void read_payloads(const struct sw_test_form *f, struct sw_moment *m)
{
    for (const struct sw_yaml *v = m->y->first; v != NULL; v = v->next) {
        if (is_circumstance(v->key))
            continue;
        if (m->data != NULL)
            sw_diag_add(f->diag, SW_ERROR, v->key_at,
                        _("%.*s and %.*s are two events; write two entries"),
                        SW_STR_ARG(m->data->key), SW_STR_ARG(v->key));
        else
            read_payload(f, m, v);
    }
    if (m->data == NULL && m->reverses == NULL)
        sw_diag_add(f->diag, SW_ERROR, m->y->at, _("this event does not say what happened"));
}

static bool read_event(const struct sw_test_form *f, struct sw_moment *m)
{
    size_t errors = f->diag->errors;

    for (const struct sw_yaml *v = m->y->first; v != NULL; v = v->next) {
        if (m->y->kind == SW_YMAP && !is_key(v->key) &&
            sw_schema_stream(f->rs->schema, v->key) == NULL)
            no_stream(f, v);
    }
    m->day = INT32_MIN;
    if (f->diag->errors > errors || !sw_keys_read(&sw_event_keys, m->y, m, f->diag))
        return false;
    if (m->day == INT32_MIN)
        m->day = m->on;
    if (m->day < m->on)
        sw_diag_add(f->diag, SW_ERROR, m->y->at, _("recorded: lies before on:"));
    read_payloads(f, m);
    return f->diag->errors == errors;
}

/* {reverses: b1} says no type and not whose: both are those of the event it takes back. */
static void resolve_reversal(const struct sw_test_form *f, const struct sw_test *test,
                             struct sw_moment *m)
{
    for (size_t i = 0; i < test->n_moments; i++) {
        const struct sw_moment *other = &test->moment[i];

        if (other->id == NULL || other == m || !sw_str_eq(other->id->text, m->reverses->text))
            continue;
        if (m->data == NULL) {
            m->kind = other->kind;
            m->stream = other->stream;
            m->person = other->person;
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

static void read_events(const struct sw_test_form *f, struct sw_test *test)
{
    for (const struct sw_yaml *y = test->events == NULL ? NULL : test->events->first; y != NULL;
         y = y->next) {
        struct sw_moment m = {.y = y};

        if (read_event(f, &m))
            add_moment(test, m);
    }
    for (size_t i = 0; i < test->n_moments; i++) {
        if (test->moment[i].reverses != NULL)
            resolve_reversal(f, test, &test->moment[i]);
    }
}

static void read_expectations(const struct sw_test_form *f, struct sw_test *test)
{
    for (const struct sw_yaml *y = test->expect->first; y != NULL; y = y->next) {
        struct sw_moment m = {.kind = MOMENT_EXPECTATION, .y = y};

        if (!sw_date_parse(y->key, &m.day)) /* told already */
            continue;
        if (test->rule != SW_NONE || test->named == NULL)
            sw_test_form_expectation(f, y, test->rule);
        add_moment(test, m);
    }
}

static void read_moments(const struct sw_test_form *f, struct sw_test *test)
{
    size_t n = test->expect->count + (test->events == NULL ? 0 : test->events->count);

    if (test->expect->count == 0)
        sw_diag_add(f->diag, SW_ERROR, test->expect->at,
                    _("a test without expect: {DATE: …} tests nothing"));
    if (n > MOMENTS_MAX)
        sw_diag_add(f->diag, SW_ERROR, test->y->at, _("more than %d events and expectations"),
                    MOMENTS_MAX);
    if (n == 0 || n > MOMENTS_MAX)
        return;
    test->moment = SW_ARENA_ARRAY(f->arena, struct sw_moment, n);
    read_events(f, test);
    read_expectations(f, test);
    if (test->n_moments > 0 &&
        test->moment[test->n_moments - 1].day - test->moment[0].day > SPAN_MAX_YEARS * 366)
        sw_diag_add(f->diag, SW_ERROR, test->y->at, _("a test may span %d years"), SPAN_MAX_YEARS);
}

/* The rule the test stands in, or else the one it names. */
static uint32_t rule_of(const struct sw_test_form *f, const struct sw_test *test, uint32_t rule)
{
    const struct sw_yaml *named = test->named;
    struct sw_str *names;
    uint32_t found;

    if (named == NULL)
        return rule;
    found = sw_rule_find(f->rs, named->text);
    if (found == SW_NONE) {
        names = SW_ARENA_ARRAY(f->arena, struct sw_str, f->rs->n_rules + 1);
        for (size_t i = 0; i < f->rs->n_rules; i++)
            names[i] = f->rs->rule[i].name;
        sw_test_no_such(f->diag, named->at, _("rule"), named->text, names, f->rs->n_rules);
    } else if (rule != SW_NONE && found != rule) {
        sw_diag_add(f->diag, SW_ERROR, named->at, _("this test stands in the rule %.*s"),
                    SW_STR_ARG(f->rs->rule[rule].name));
    }
    return rule != SW_NONE ? rule : found;
}

static void read_test(const struct sw_test_form *f, const struct sw_yaml *y, uint32_t rule)
{
    struct sw_test *test = SW_ARENA_NEW(f->arena, struct sw_test);

    test->y = y;
    test->what.file = y->at.file;
    test->what.line = y->at.line;
    test->params = f->params;
    if (!sw_keys_read(&sw_test_keys, y, test, f->diag))
        return;
    test->rule = rule_of(f, test, rule);
    if (test->rule != SW_NONE) {
        test->what.rule = f->rs->rule[test->rule].name;
        test->what.label = f->rs->rule[test->rule].label;
    }
    check_facts(f, test->household);
    check_households(f, test->households);
    check_members(f, test->members);
    check_stale(f, test->stale);
    read_moments(f, test);
    if (f->tests->last == NULL)
        f->tests->first = test;
    else
        f->tests->last->next = test;
    f->tests->last = test;
}

void sw_test_form_list(const struct sw_test_form *f, const struct sw_yaml *list, uint32_t rule)
{
    for (const struct sw_yaml *y = list == NULL ? NULL : list->first; y != NULL; y = y->next)
        read_test(f, y, rule);
}

/* The numbers a file's tests are written for, so that tuning params.yaml breaks no test. */
void sw_test_form_params(const struct sw_test_form *f, const struct sw_yaml *map)
{
    const struct sw_ruleset *rs = f->rs;
    struct sw_str names[PARAMS_MAX];
    struct sw_value value;

    for (size_t i = 0; i < rs->n_params && i < PARAMS_MAX; i++)
        names[i] = rs->param[i].name;
    for (const struct sw_yaml *y = map == NULL ? NULL : map->first; y != NULL; y = y->next) {
        int64_t i = sw_param_find(rs, y->key);

        if (i < 0)
            sw_test_no_such(f->diag, y->key_at, _("parameter"), y->key, names, rs->n_params);
        else
            sw_param_read(&rs->param[i], y, &value, f->diag);
    }
}
