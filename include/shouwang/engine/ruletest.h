/* ruletest.h - tests of rules: those that stand in the rule files, and those in files of their own.
 * Layer: engine. They run through the real engine, each in a county of its own, on days of its own.
 *
 * A file of its own looks like a rule file's `tests:`, with promtool's names where they fit:
 *
 *     rule_files: [..]                 # folder or files the tests are about, from this file's
 * folder test_params: {med_line: 5000}    # parameters as they were when the tests were written
 *     tests:
 *       - name: …
 *         rule: med_oop_12m            # whose on, off and points the test expects; without: none's
 *         household: {kind: out}
 *         events: [{on: 2024-03-01, medical.bill: {person: 张三, self_paid: 6000}}]
 *         expect: {2024-03-01: on} */
#ifndef SHOUWANG_ENGINE_RULETEST_H
#define SHOUWANG_ENGINE_RULETEST_H

#include <shouwang/engine/ruleset.h>

/* What a file of tests may hold. */
extern const struct sw_keys sw_test_file_keys;

/* Which test it is; texts live as long as the ruleset or the file of tests. */
struct sw_test_case {
    struct sw_str file, rule, name; /* `rule` is empty for tests of the whole set */
    struct sw_str label;            /* of the rule */
    uint32_t line;
};

struct sw_test_report {
    void *ctx;
    /* False: leave the test out. NULL: all are wanted. */
    bool (*wanted)(void *ctx, const struct sw_test_case *test);
    /* After each test; `failures` is empty when it passed, else says what was expected of which
     * day, what was, and how the rule stood that day. */
    void (*done)(void *ctx, const struct sw_test_case *test, struct sw_str failures);
    size_t passed, failed, left_out, expectations; /* counted here */
};

/* The tests in the rule files, file by file. */
void sw_ruleset_test(struct sw_ruleset *rs, struct sw_test_report *report);

struct sw_test_file;

/* NULL when the file cannot be read or is no file of tests; findings go to `diag`. */
struct sw_test_file *sw_test_file_load(const char *path, struct sw_diag *diag);
void sw_test_file_free(struct sw_test_file *f);
const char *sw_test_file_path(const struct sw_test_file *f);
/* Entry `i` of rule_files, as written; NULL: there are no more. */
const char *sw_test_file_rules(const struct sw_test_file *f, size_t i);
/* False when something in the file does not fit these rules: then there are findings and no test
 * was run. */
bool sw_test_file_run(struct sw_test_file *f, struct sw_ruleset *rs, struct sw_test_report *report,
                      struct sw_diag *diag);

#endif
