/* yaml_problem.h - a file that is no YAML: what is wrong in the words of its writer. */
#ifndef BASE_YAML_PROBLEM_H
#define BASE_YAML_PROBLEM_H

#include <shouwang/base/diag.h>

/* What libyaml says: `problem` at `at`, while reading something that began at `began` (line 0:
 * unknown). */
struct sw_yaml_problem {
    const char *problem;
    struct sw_place at, began;
};

void sw_yaml_tell(const struct sw_yaml_problem *p, struct sw_diag *diag);
/* Column of a full-width colon where a key's : belongs, 0: none. */
uint32_t sw_yaml_wide_colon(struct sw_str line);

#endif
