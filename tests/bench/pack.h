/* pack.h - a rule pack of any size for measuring: pack/templates.txt written out. */
#ifndef TESTS_BENCH_PACK_H
#define TESTS_BENCH_PACK_H

#include <shouwang/engine/ruleset.h>

enum { PACK_RULES_MAX = 300, PACK_TESTS_EACH = 3 };

/* Write the pack's schema, parameters and so many rules (0: only what rules refer to) into
 * `folder`, which is made. Its tests are written for edition 0; another has another line for the
 * sum of medical bills. */
void pack_write(const char *folder, uint32_t rules, int edition);
/* Read it back and compile it. */
struct sw_ruleset *pack_load(const char *folder);

#endif
