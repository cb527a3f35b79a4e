/* params.c - the numbers a county tunes, in either of their two forms. */
#include "ctl.h"
#include "rulecheck.h"

static int print_params(struct ctl *c, int argc, char **argv, enum sw_params_form form)
{
    struct sw_diag diag = {0};
    struct sw_buf out = {0};
    struct sw_ruleset *rs;
    const char *dir;

    if (ctl_unknown_options(argc, argv) || argc > 2)
        return CTL_USAGE;
    dir = ctl_rules_folder(c, argc, argv);
    if (dir == NULL)
        return CTL_FAILED;
    rs = sw_rules_compile(dir, &diag);
    if (rs == NULL) {
        sw_diag_print(&diag, stderr);
        sw_diag_free(&diag);
        return CTL_FAILED;
    }
    sw_ruleset_params_put(rs, form, &out);
    fwrite(out.p == NULL ? "" : out.p, 1, out.n, stdout);
    sw_buf_free(&out);
    sw_diag_free(&diag);
    sw_ruleset_free(rs);
    return CTL_GOOD;
}

int ctl_params_csv(struct ctl *c, int argc, char **argv)
{
    return print_params(c, argc, argv, SW_PARAMS_TABLE);
}

int ctl_params_yaml(struct ctl *c, int argc, char **argv)
{
    return print_params(c, argc, argv, SW_PARAMS_YAML);
}
