/* testrun.c - the tests that stand in rule files, run through the real engine.
 *
 * Each test is a county of one household: its areas, facts and persons are registered as they
 * would be, its events go in as CloudEvents on the day they were recorded, days pass by ticks, and
 * at the end of each day that is mentioned the engine's state is compared. */
#include "parts.h"
#include <math.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <stdlib.h>

enum { MOMENTS_MAX = 500 };

/* A day on which something is fed or looked at; events come before expectations. */
struct moment {
    sw_day day;
    bool is_expectation;
    const struct sw_yaml *y;
};

struct trial {
    struct sw_engine *e;
    struct sw_ruleset *rs;
    uint32_t rule; /* SW_NONE: a test of the whole set */
    const struct sw_yaml *test;
    struct sw_effects fx;
    struct sw_buf failures;
    struct sw_rule_set tasked; /* rules that have made a task so far */
    struct sw_str village;     /* code of the household's area */
    int64_t seq;
    sw_time now;
    size_t expectations;
    struct moment moment[MOMENTS_MAX];
    size_t n_moments;
};

static void fault(struct trial *t, const struct sw_yaml *at, const char *fmt, ...) SW_PRINTF(3, 4);

static void fault(struct trial *t, const struct sw_yaml *at, const char *fmt, ...)
{
    va_list ap;

    sw_buf_printf(&t->failures, "%.*s:%u: ", SW_STR_ARG(at->at.file), at->at.line);
    va_start(ap, fmt);
    sw_buf_vprintf(&t->failures, fmt, ap);
    va_end(ap);
    sw_buf_char(&t->failures, '\n');
}

/* ---- feeding ------------------------------------------------------------------------------ */

static void note_tasks(struct trial *t)
{
    for (size_t i = 0; i < t->fx.tasks.n; i++) {
        for (uint32_t r = 0; r < t->rs->n_rules; r++) {
            if (sw_str_eq(t->fx.tasks.at[i].rule, t->rs->rule[r].name))
                sw_rules_add(&t->tasked, r);
        }
    }
    sw_effects_reset(&t->fx);
}

static void feed(struct trial *t, enum sw_input_kind kind, struct sw_str body,
                 const struct sw_yaml *at)
{
    struct sw_input in = {++t->seq, t->now, kind, body};
    enum sw_refusal why;
    struct sw_err err = {.code = SW_OK};

    if (sw_engine_apply(t->e, &in, &t->fx, &why, &err) == SW_VERDICT_REJECTED)
        fault(t, at, "%s", err.text);
    note_tasks(t);
}

static void tick(struct trial *t, sw_day day)
{
    char text[SW_DATE_SIZE];
    sw_time noon = sw_zone_midnight(t->rs->schema->zone, day) + 43200 * SW_SECOND;

    if (noon > t->now)
        t->now = noon;
    feed(t, SW_IN_TICK, sw_str(sw_date_format(day, text)), t->test);
}

/* Every due day up to `day`, then the day itself until nothing is due any more. */
static void pass_to(struct trial *t, sw_day day)
{
    while (sw_engine_due(t->e) <= day)
        tick(t, sw_engine_due(t->e) > t->e->today ? sw_engine_due(t->e) : t->e->today);
    if (t->e->today != day)
        tick(t, day);
}

static void begin_event(struct trial *t, struct sw_jw *w, struct sw_str type, struct sw_str id,
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

static struct sw_str fresh_id(struct trial *t, char out[32])
{
    snprintf(out, 32, "auto-%lld", (long long)t->seq);
    return sw_str(out);
}

static void register_thing(struct trial *t, const char *entity, struct sw_str id,
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
static void feed_facts(struct trial *t, const struct sw_yaml *facts, sw_day day, struct sw_str area)
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
static void register_persons(struct trial *t, const struct sw_stream *st,
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

static void register_area(struct trial *t, struct sw_str name, struct sw_str parent)
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
static const struct sw_yaml *payload_named(const struct trial *t, struct sw_str id)
{
    for (size_t i = 0; i < t->n_moments; i++) {
        const struct sw_yaml *other = sw_yaml_get(t->moment[i].y, "id");

        if (!t->moment[i].is_expectation && other != NULL && sw_str_eq(other->text, id))
            return payload_of(t->moment[i].y);
    }
    return NULL;
}

static void feed_event(struct trial *t, const struct sw_yaml *event)
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
        fault(t, event, _("no event type %.*s in the schema"),
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

/* ---- looking ------------------------------------------------------------------------------ */

static const struct sw_hit *hit_of(const struct trial *t)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(t->e, 0, &n);

    for (size_t i = 0; i < n; i++) {
        if (hits[i].rule == t->rule && sw_hit_counts(&hits[i]))
            return &hits[i];
    }
    return NULL;
}

static void expect_number(struct trial *t, const struct sw_yaml *want, const char *what, double got)
{
    double d;
    char text[SW_DOUBLE_SIZE];

    if (!sw_double_parse(want->text, &d))
        fault(t, want, _("expected a number, got \"%s\""), want->text.p);
    else if (fabs(d - got) >= 0.005)
        fault(t, want, _("%s should be %s, is %s"), what, want->text.p,
              sw_double_format(round(got * 100) / 100, text));
}

static void expect_word(struct trial *t, const struct sw_yaml *want, const char *what,
                        struct sw_str got)
{
    if (!sw_str_eq(want->text, got))
        fault(t, want, _("%s should be %s, is %.*s"), what, want->text.p, SW_STR_ARG(got));
}

static struct sw_str truth_now(struct trial *t)
{
    static const struct sw_str words[] = {{"false", 5}, {"true", 4}, {"unknown", 7}};
    struct sw_frame f;
    enum sw_truth truth;

    sw_frame_for(t->e, 0, &f);
    truth = sw_eval_truth(t->rs->rule[t->rule].when, &f, NULL);
    sw_arena_reset(&t->e->arena);
    return words[truth];
}

/* {score:, level:, alert:, points:, truth:, task:} */
static void expect_entry(struct trial *t, const struct sw_yaml *want)
{
    const struct sw_standing *st = &t->e->standing[0];
    bool of_rule = t->rule != SW_NONE;

    if (sw_str_is(want->key, "score"))
        expect_number(t, want, _("the score"), sw_score(t->e, 0));
    else if (sw_str_is(want->key, "level"))
        expect_word(t, want, _("the level"), t->rs->level[st->level].name);
    else if (sw_str_is(want->key, "alert"))
        expect_word(t, want, _("the alert"),
                    t->rs->level[st->told_day == t->e->today ? st->told_level : 0].name);
    else if (of_rule && sw_str_is(want->key, "points"))
        expect_number(t, want, _("the points"), hit_of(t) == NULL ? 0 : hit_of(t)->score);
    else if (of_rule && sw_str_is(want->key, "truth"))
        expect_word(t, want, _("the condition"), truth_now(t));
    else if (of_rule && sw_str_is(want->key, "task"))
        expect_word(t, want, _("a task"),
                    sw_rules_has(&t->tasked, t->rule) ? SW_STR("true") : SW_STR("false"));
    else
        fault(t, want, _("no expectation %.*s; there are score, level, alert, points, truth, task"),
              SW_STR_ARG(want->key));
}

static void expect(struct trial *t, const struct sw_yaml *want)
{
    t->expectations++;
    if (want->kind == SW_YMAP) {
        for (const struct sw_yaml *v = want->first; v != NULL; v = v->next)
            expect_entry(t, v);
    } else if (t->rule == SW_NONE) {
        fault(t, want, _("a test of the whole set expects {score:, level:, alert:}"));
    } else if (sw_str_is(want->text, "off")) {
        if (hit_of(t) != NULL)
            fault(t, want, _("%.*s: should be off, is on"), SW_STR_ARG(want->key));
    } else if (hit_of(t) == NULL) {
        fault(t, want, _("%.*s: should be on, is off"), SW_STR_ARG(want->key));
    } else if (!sw_str_is(want->text, "on")) {
        expect_number(t, want, _("the points"), hit_of(t)->score);
    }
}

/* ---- one test ----------------------------------------------------------------------------- */

static void add_moment(struct trial *t, const struct sw_yaml *y, struct sw_str date,
                       bool is_expectation)
{
    struct moment m = {.is_expectation = is_expectation, .y = y};
    size_t i;

    if (!sw_date_parse(date, &m.day)) {
        fault(t, y, _("\"%.*s\" is no date such as 2024-03-14"), SW_STR_ARG(date));
        return;
    }
    if (t->n_moments == MOMENTS_MAX) {
        fault(t, y, _("more than %d events and expectations"), MOMENTS_MAX);
        return;
    }
    for (i = t->n_moments++; i > 0; i--) {
        const struct moment *before = &t->moment[i - 1];

        if (before->day < m.day ||
            (before->day == m.day && before->is_expectation <= m.is_expectation))
            break;
        t->moment[i] = *before;
    }
    t->moment[i] = m;
}

static void collect(struct trial *t)
{
    const struct sw_yaml *events = sw_yaml_get(t->test, "events");
    const struct sw_yaml *expected = sw_yaml_get(t->test, "expect");

    if (expected == NULL || expected->kind != SW_YMAP || expected->count == 0) {
        fault(t, t->test, _("a test without expect: tests nothing"));
        return;
    }
    for (const struct sw_yaml *y = events == NULL ? NULL : events->first; y != NULL; y = y->next) {
        const struct sw_yaml *recorded = sw_yaml_get(y, "recorded");
        const struct sw_yaml *on = sw_yaml_get(y, "on");

        if (on == NULL)
            fault(t, y, _("an event needs on: DATE"));
        else
            add_moment(t, y, recorded == NULL ? on->text : recorded->text, false);
    }
    for (const struct sw_yaml *y = expected->first; y != NULL; y = y->next)
        add_moment(t, y, y->key, true);
}

static struct sw_str fact_text(const struct sw_yaml *facts, const char *key, const char *otherwise)
{
    const struct sw_yaml *y = sw_yaml_get(facts, key);

    return y == NULL ? sw_str(otherwise) : y->text;
}

static void settle(struct trial *t)
{
    const struct sw_yaml *facts = sw_yaml_get(t->test, "household");
    struct sw_str town = fact_text(facts, "township", "某镇");

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

static void run_moments(struct trial *t)
{
    tick(t, t->moment[0].day - 1);
    settle(t);
    for (size_t i = 0; i < t->n_moments; i++) {
        pass_to(t, t->moment[i].day);
        if (t->moment[i].is_expectation)
            expect(t, t->moment[i].y);
        else
            feed_event(t, t->moment[i].y);
        pass_to(t, t->moment[i].day);
    }
}

/* Parameters the file fixes for its tests; unknown where it says nothing. */
static struct sw_value *fixed_params(const struct sw_ruleset *rs, const struct sw_yaml *map)
{
    struct sw_value *value = sw_calloc(rs->n_params, sizeof(*value));

    for (size_t i = 0; i < rs->n_params; i++)
        value[i] = sw_value_unknown(0);
    for (const struct sw_yaml *y = map == NULL ? NULL : map->first; y != NULL; y = y->next) {
        int64_t i = sw_param_find(rs, y->key);

        if (i >= 0)
            sw_param_read(&rs->param[i], y, &value[i], &(struct sw_diag){0});
    }
    return value;
}

/* Where a test stands: its rule (SW_NONE: none) and the parameters its file fixes. */
struct setting {
    struct sw_ruleset *rs;
    uint32_t rule;
    const struct sw_yaml *params;
};

static void run_test(const struct setting *at, const struct sw_yaml *test,
                     struct sw_test_report *report)
{
    static const char *const keys[] = {"name", "household", "events", "expect"};
    struct trial *t = sw_calloc(1, sizeof(*t));
    const struct sw_yaml *name = sw_yaml_get(test, "name");
    struct sw_value *fixed = fixed_params(at->rs, at->params);

    t->rs = at->rs;
    t->rule = at->rule;
    t->test = test;
    t->e = sw_engine_new((struct sw_hash_key){0, 0}, sw_ruleset_ref(at->rs));
    t->e->fixed_params = fixed;
    for (const struct sw_yaml *y = test->first; y != NULL; y = y->next) {
        bool known = false;

        for (size_t i = 0; i < SW_COUNTOF(keys); i++)
            known |= sw_str_is(y->key, keys[i]);
        if (!known)
            fault(t, y, _("unknown key %.*s"), SW_STR_ARG(y->key));
    }
    collect(t);
    if (t->failures.n == 0)
        run_moments(t);
    report->expectations += t->expectations;
    report->passed += t->failures.n == 0;
    report->failed += t->failures.n > 0;
    if (report->done != NULL)
        report->done(report->ctx, at->rule == SW_NONE ? SW_STR("") : at->rs->rule[at->rule].name,
                     name == NULL ? SW_STR("") : name->text, sw_buf_view(&t->failures));
    sw_buf_free(&t->failures);
    sw_effects_free(&t->fx);
    sw_engine_free(t->e);
    free(fixed);
    free(t);
}

void sw_ruleset_test(struct sw_ruleset *rs, struct sw_test_report *report)
{
    for (uint32_t r = 0; r < rs->n_rules; r++) {
        const struct sw_yaml *list = rs->rule[r].tests;
        struct setting at = {rs, r, rs->rule[r].test_params};

        for (const struct sw_yaml *y = list == NULL ? NULL : list->first; y != NULL; y = y->next)
            run_test(&at, y, report);
    }
    for (size_t i = 0; i < rs->n_suites; i++) {
        struct setting at = {rs, SW_NONE, rs->suites[i].test_params};

        for (const struct sw_yaml *y = rs->suites[i].tests->first; y != NULL; y = y->next)
            run_test(&at, y, report);
    }
}
