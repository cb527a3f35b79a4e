/* testrun.h - what the tests of rules are made of. Private to engine.
 *
 *   testfile.c    files ──► the list of tests: those of a rule file, those of a file of its own
 *   testkeys.c    what a test may hold; `shouwang schema tests` prints it
 *   testform.c    YAML ──► one test: its days in order; each mistake in it is a finding
 *   testrun.c     runs them, one county each ──► report
 *   testfeed.c    what happens: areas, households, persons, events, days
 *   testexpect.c  what should be: points, level, truth; and how things stood when it is not so
 */
#ifndef ENGINE_TESTRUN_H
#define ENGINE_TESTRUN_H

#include "parts.h"
#include <shouwang/engine/ruletest.h>

/* Id of the household a test is about when it does not say which. */
#define SW_MAIN_HOUSEHOLD "T0001"

enum sw_moment_kind { MOMENT_EVENT, MOMENT_FACTS, MOMENT_PERSONS, MOMENT_EXPECTATION };

/* Something that is fed or looked at. */
struct sw_moment {
    sw_day day; /* when it becomes known */
    sw_day on;  /* when it happened */
    enum sw_moment_kind kind;
    const struct sw_yaml *y;
    const struct sw_yaml *of;       /* whose: one name or a list; NULL: the main household's */
    const struct sw_yaml *area;     /* of an event over an area; NULL: the household's village */
    const struct sw_yaml *data;     /* fields, facts or persons; NULL: it only takes back */
    const struct sw_yaml *id;       /* what it can be taken back by, or NULL */
    const struct sw_yaml *reverses; /* id of the event it takes back, or NULL */
    const struct sw_stream *stream; /* of an event */
    const struct sw_yaml *person;   /* whom it happened to, where the type wants that */
};

/* One test, checked: whoever runs it need not doubt its form. */
struct sw_test {
    struct sw_test *next;
    const struct sw_yaml *y;
    struct sw_test_case what;
    uint32_t rule;                /* SW_NONE: a test of the whole set */
    const struct sw_yaml *params; /* test_params of its file, or NULL */
    const struct sw_yaml *named, *household, *households, *members, *stale, *events, *expect;
    struct sw_moment *moment; /* by day, on one day expectations last */
    size_t n_moments;
};

/* A file of tests. */
struct sw_test_file {
    struct sw_arena arena;
    const char *path;
    const struct sw_yaml *root, *rule_files, *params, *list;
    struct sw_tests tests;
};

extern const struct sw_keys sw_event_keys, sw_test_keys;
extern const struct sw_key sw_one_test;

/* Where tests are read: which rules they are for, what memory they live in. */
struct sw_test_form {
    struct sw_ruleset *rs;
    struct sw_arena *arena;
    struct sw_diag *diag;
    struct sw_tests *tests;
    const struct sw_yaml *params;
};

/* The tests of a rule file, once every rule is known. */
void sw_load_tests(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
/* A warning for each rule that no test in the rule files is about. */
void sw_tell_untested(const struct sw_ruleset *rs, struct sw_diag *diag);
/* A list under `tests:`; `rule` is the one it stands in, or SW_NONE. */
void sw_test_form_list(const struct sw_test_form *f, const struct sw_yaml *list, uint32_t rule);
void sw_test_form_params(const struct sw_test_form *f, const struct sw_yaml *map);
/* What one entry of expect: asks for must be there: levels, and a rule to ask of. */
void sw_test_form_expectation(const struct sw_test_form *f, const struct sw_yaml *want,
                              uint32_t rule);
/* Nothing is expected but of its rule: others need not be judged. */
bool sw_test_is_of_rule(const struct sw_test *test);
/* The field of a person's fact, NULL: there is none. `name` is a text that every schema takes. */
const struct sw_field *sw_test_person_field(const struct sw_schema *s, struct sw_str name);
/* "no rule med_oop; did you mean med_oop_12m?" */
void sw_test_no_such(struct sw_diag *diag, struct sw_place at, const char *what, struct sw_str word,
                     const struct sw_str *names, size_t n);
/* A scalar as the JSON that an event of this field would carry. */
struct sw_json sw_test_json(struct sw_arena *arena, const struct sw_field *f,
                            const struct sw_yaml *v);

/* A task that was made so far. */
struct sw_tasked {
    struct sw_tasked *next;
    struct sw_str household, rule;
};

/* One test under way. */
struct sw_trial {
    struct sw_engine *e;
    struct sw_ruleset *rs;
    const struct sw_test *test;
    struct sw_effects fx;
    struct sw_arena arena;
    struct sw_buf failures;
    struct sw_tasked *tasked;
    struct sw_str town, village; /* codes of the main household's areas */
    int64_t seq;
    sw_time now;
    size_t expectations;
};

/* Note an unmet expectation or a mistake in the test, with its place. */
void sw_trial_fault(struct sw_trial *t, const struct sw_yaml *at, const char *fmt, ...)
    SW_PRINTF(3, 4);

/* Let the day before the test's first begin, and register what the test starts with. */
void sw_trial_settle(struct sw_trial *t);
/* Every due day up to `day`, then the day itself until nothing is due any more. */
void sw_trial_pass_to(struct sw_trial *t, sw_day day);
void sw_trial_feed(struct sw_trial *t, const struct sw_moment *m);
/* Compare one entry of expect: with the engine's state as it is. */
void sw_trial_expect(struct sw_trial *t, const struct sw_yaml *want);

void sw_tests_run(struct sw_ruleset *rs, const struct sw_tests *tests,
                  struct sw_test_report *report);

#endif
