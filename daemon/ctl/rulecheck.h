/* rulecheck.h - rule files as the daemon takes them: they compile and every test of them passes,
 * those in the files and those in the folder's own folder tests/.
 * Private to ctl and main. */
#ifndef CTL_RULECHECK_H
#define CTL_RULECHECK_H

#include <shouwang/engine/ruletest.h>

/* The files of `dir`, compiled. Findings go to `diag`; NULL when there is an error. */
struct sw_ruleset *sw_rules_compile(const char *dir, struct sw_diag *diag);
/* What a file of tests names under rule_files: one folder, or files of one folder. */
struct sw_ruleset *sw_rules_compile_for(const struct sw_test_file *tests, struct sw_diag *diag);
/* The files of tests that belong to `dir`: every *.yaml in its folder tests, sorted; free each and
 * the array. */
bool sw_rules_test_files(const char *dir, char ***paths, size_t *n, struct sw_diag *diag);
/* How many tests of `dir` fail with its rules, or cannot be run; `text` gets what people are told.
 */
size_t sw_rules_fail(const char *dir, struct sw_ruleset *rs, struct sw_buf *text);
/* sw_rules_compile(), and NULL too when a test fails. `text` gets findings and failures for people.
 */
struct sw_ruleset *sw_rules_load(const char *dir, struct sw_buf *text);

#endif
