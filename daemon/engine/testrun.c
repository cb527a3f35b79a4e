/* testrun.c - the tests that stand in rule files, run through the real engine.
 *
 * Each test is a county of its own: events go in and days pass (testfeed.c), and at the end of each
 * day that is mentioned the engine's state is compared (testexpect.c). */
#include "testrun.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

void sw_trial_fault(struct sw_trial *t, const struct sw_yaml *at, const char *fmt, ...)
{
    va_list ap;

    sw_buf_printf(&t->failures, "%.*s:%u: ", SW_STR_ARG(at->at.file), at->at.line);
    va_start(ap, fmt);
    sw_buf_vprintf(&t->failures, fmt, ap);
    va_end(ap);
    sw_buf_char(&t->failures, '\n');
}

static void add_moment(struct sw_trial *t, const struct sw_yaml *y, struct sw_str date,
                       bool is_expectation)
{
    struct sw_moment m = {.is_expectation = is_expectation, .y = y};
    size_t i;

    if (!sw_date_parse(date, &m.day)) {
        sw_trial_fault(t, y, _("\"%.*s\" is no date such as 2024-03-14"), SW_STR_ARG(date));
        return;
    }
    if (t->n_moments == MOMENTS_MAX) {
        sw_trial_fault(t, y, _("more than %d events and expectations"), MOMENTS_MAX);
        return;
    }
    for (i = t->n_moments++; i > 0; i--) {
        const struct sw_moment *before = &t->moment[i - 1];

        if (before->day < m.day ||
            (before->day == m.day && before->is_expectation <= m.is_expectation))
            break;
        t->moment[i] = *before;
    }
    t->moment[i] = m;
}

static void collect(struct sw_trial *t)
{
    const struct sw_yaml *events = sw_yaml_get(t->test, "events");
    const struct sw_yaml *expected = sw_yaml_get(t->test, "expect");

    if (expected == NULL || expected->kind != SW_YMAP || expected->count == 0) {
        sw_trial_fault(t, t->test, _("a test without expect: tests nothing"));
        return;
    }
    for (const struct sw_yaml *y = events == NULL ? NULL : events->first; y != NULL; y = y->next) {
        const struct sw_yaml *recorded = sw_yaml_get(y, "recorded");
        const struct sw_yaml *on = sw_yaml_get(y, "on");

        if (on == NULL)
            sw_trial_fault(t, y, _("an event needs on: DATE"));
        else
            add_moment(t, y, recorded == NULL ? on->text : recorded->text, false);
    }
    for (const struct sw_yaml *y = expected->first; y != NULL; y = y->next)
        add_moment(t, y, y->key, true);
}

static void run_moments(struct sw_trial *t)
{
    sw_trial_settle(t);
    if (t->failures.n > 0) /* there is no household to look at */
        return;
    for (size_t i = 0; i < t->n_moments; i++) {
        sw_trial_pass_to(t, t->moment[i].day);
        if (t->moment[i].is_expectation)
            sw_trial_expect(t, t->moment[i].y);
        else
            sw_trial_feed(t, t->moment[i].y);
        sw_trial_pass_to(t, t->moment[i].day);
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
    struct sw_trial *t = sw_calloc(1, sizeof(*t));
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
            sw_trial_fault(t, y, _("unknown key %.*s"), SW_STR_ARG(y->key));
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
