/* junit.h - results of tests as JUnit's XML, which CI systems show. Private to ctl.
 *
 * One <testsuite> per file, in the order its first test came; a <testcase> per test with the rule
 * as its class. A file that cannot be used is a suite with an <error>. */
#ifndef CTL_JUNIT_H
#define CTL_JUNIT_H

#include <shouwang/base/err.h>
#include <shouwang/base/str.h>

struct ctl_junit;

struct ctl_junit *ctl_junit_new(void);
void ctl_junit_free(struct ctl_junit *j);
/* `failures` is empty when the test passed; its first line becomes the failure's message. */
void ctl_junit_test(struct ctl_junit *j, struct sw_str file, struct sw_str rule, struct sw_str name,
                    sw_time took, struct sw_str failures);
void ctl_junit_error(struct ctl_junit *j, struct sw_str file, struct sw_str findings);
/* To a file, or to stdout when `path` is "-". `began`: when the run did. */
enum sw_code ctl_junit_write(const struct ctl_junit *j, const char *path, sw_time began,
                             struct sw_err *err) SW_MUST_USE;

#endif
