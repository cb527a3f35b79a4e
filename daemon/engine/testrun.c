/* testrun.c - tests of rules, run through the real engine.
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

static void run_moments(struct sw_trial *t)
{
    sw_trial_settle(t);
    if (t->failures.n > 0) /* not the county the test is about */
        return;
    for (size_t i = 0; i < t->test->n_moments; i++) {
        const struct sw_moment *m = &t->test->moment[i];

        sw_trial_pass_to(t, m->day);
        if (m->kind == MOMENT_EXPECTATION)
            sw_trial_expect(t, m->y);
        else
            sw_trial_feed(t, m);
        sw_trial_pass_to(t, m->day);
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

static void run_trial(struct sw_trial *t, const struct sw_value *fixed,
                      const struct sw_rule_set *only)
{
    t->e = sw_engine_new((struct sw_hash_key){0, 0}, sw_ruleset_ref(t->rs));
    t->e->fixed_params = fixed;
    t->e->registry.lenient = true;
    t->e->only = only;
    t->e->all_enabled = true;  /* whoever switches a rule off breaks no test with it */
    t->e->is_sleepless = true; /* few households, many days */
    run_moments(t);
    sw_effects_free(&t->fx);
    sw_arena_free(&t->arena);
    sw_engine_free(t->e);
}

/* Rules that read what the engine decides depend on all that can make it decide. */
static bool reads_decisions(const struct sw_ruleset *rs, uint32_t rule)
{
    for (size_t d = 0; d < DECISIONS; d++) {
        if (rs->decision[d] != 0 && (sw_rules_has(&rs->by_stream[rs->decision[d]], rule) ||
                                     sw_rules_has(&rs->area_by_stream[rs->decision[d]], rule)))
            return true;
    }
    return false;
}

/* What is expected of one rule needs that rule and those it asks about; when it does not come so,
 * how the household stands is told with all of them. */
static void run_test(struct sw_ruleset *rs, const struct sw_test *test,
                     struct sw_test_report *report)
{
    struct sw_value *fixed = fixed_params(rs, test->params);
    struct sw_trial t = {.rs = rs, .test = test};

    run_trial(&t, fixed,
              sw_test_is_of_rule(test) && !reads_decisions(rs, test->rule) ? &rs->needs[test->rule]
                                                                           : NULL);
    if (t.failures.n > 0) {
        sw_buf_free(&t.failures);
        t = (struct sw_trial){.rs = rs, .test = test};
        run_trial(&t, fixed, NULL);
    }
    report->expectations += t.expectations;
    report->passed += t.failures.n == 0;
    report->failed += t.failures.n > 0;
    if (report->done != NULL)
        report->done(report->ctx, &test->what, sw_buf_view(&t.failures));
    sw_buf_free(&t.failures);
    free(fixed);
}

void sw_tests_run(struct sw_ruleset *rs, const struct sw_tests *tests,
                  struct sw_test_report *report)
{
    for (const struct sw_test *test = tests->first; test != NULL; test = test->next) {
        if (report->wanted == NULL || report->wanted(report->ctx, &test->what))
            run_test(rs, test, report);
        else
            report->left_out++;
    }
}

void sw_ruleset_test(struct sw_ruleset *rs, struct sw_test_report *report)
{
    sw_tests_run(rs, &rs->tests, report);
}
