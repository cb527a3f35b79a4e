/* testrun.h - what the runner of the tests in rule files is made of. Private to engine.
 *
 *   testrun.c ── the list of tests ──► one trial: its days in order ──► report
 *   testfeed.c    what happens: areas, households, persons, events, days
 *   testexpect.c  what should be: points, level, truth */
#ifndef ENGINE_TESTRUN_H
#define ENGINE_TESTRUN_H

#include "parts.h"

enum { MOMENTS_MAX = 500 };

/* A day on which something is fed or looked at; events come before expectations. */
struct sw_moment {
    sw_day day;
    bool is_expectation;
    const struct sw_yaml *y;
};

/* One test under way. */
struct sw_trial {
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
    struct sw_moment moment[MOMENTS_MAX];
    size_t n_moments;
};

/* Note an unmet expectation or a mistake in the test, with its place. */
void sw_trial_fault(struct sw_trial *t, const struct sw_yaml *at, const char *fmt, ...)
    SW_PRINTF(3, 4);

/* Let the day before the test's first begin, and register what the test starts with. */
void sw_trial_settle(struct sw_trial *t);
/* Every due day up to `day`, then the day itself until nothing is due any more. */
void sw_trial_pass_to(struct sw_trial *t, sw_day day);
void sw_trial_feed(struct sw_trial *t, const struct sw_yaml *event);

/* One entry of expect: compared with the engine's state as it is. */
void sw_trial_expect(struct sw_trial *t, const struct sw_yaml *want);

#endif
