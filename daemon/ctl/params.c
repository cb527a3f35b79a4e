/* params.c - the numbers a county tunes, in either of their two forms. */
#include "ctl.h"
#include <shouwang/engine/ruleset.h>

static void put_table(const struct sw_ruleset *rs, struct sw_buf *out)
{
    sw_ruleset_params_put(rs, SW_PARAMS_TABLE, out);
}

static void put_yaml(const struct sw_ruleset *rs, struct sw_buf *out)
{
    sw_ruleset_params_put(rs, SW_PARAMS_YAML, out);
}

int ctl_params_csv(struct ctl *c, int argc, char **argv)
{
    return ctl_print_rules(c, argc, argv, put_table);
}

int ctl_params_yaml(struct ctl *c, int argc, char **argv)
{
    return ctl_print_rules(c, argc, argv, put_yaml);
}
