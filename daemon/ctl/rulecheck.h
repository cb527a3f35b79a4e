/* rulecheck.h - rule files as the daemon takes them: they compile and every test in them passes.
 * Private to ctl and main. */
#ifndef CTL_RULECHECK_H
#define CTL_RULECHECK_H

#include <shouwang/engine/ruleset.h>

/* The files of `dir`, compiled. Findings go to `diag`; NULL when there is an error. */
struct sw_ruleset *sw_rules_compile(const char *dir, struct sw_diag *diag);
/* The same, and NULL too when a test fails. `text` gets findings and failures for people. */
struct sw_ruleset *sw_rules_load(const char *dir, struct sw_buf *text);

#endif
