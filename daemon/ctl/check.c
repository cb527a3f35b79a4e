/* check.c - check rules, check config: promtool's verbs and exit codes. */
#include "ctl.h"
#include "rulecheck.h"
#include <shouwang/base/i18n.h>
#include <shouwang/delivery/gateway.h>
#include <shouwang/intake/layout.h>

const char *ctl_rules_folder(struct ctl *c, int argc, char **argv)
{
    if (argc > 1)
        return argv[1];
    return ctl_config(c) == NULL ? NULL : c->config->rules;
}

int ctl_print_rules(struct ctl *c, int argc, char **argv,
                    void (*put)(const struct sw_ruleset *rs, struct sw_buf *out))
{
    struct sw_diag diag = {0};
    struct sw_buf out = {0};
    struct sw_ruleset *rs;
    const char *dir;
    int status;

    if (ctl_unknown_options(argc, argv) || argc > 2)
        return CTL_USAGE;
    dir = ctl_rules_folder(c, argc, argv);
    if (dir == NULL)
        return CTL_FAILED;
    rs = sw_rules_compile(dir, &diag);
    status = rs == NULL ? CTL_FAILED : CTL_GOOD;
    if (rs == NULL)
        sw_diag_print(&diag, stderr);
    else
        put(rs, &out);
    fwrite(out.p == NULL ? "" : out.p, 1, out.n, stdout);
    sw_buf_free(&out);
    sw_diag_free(&diag);
    sw_ruleset_free(rs);
    return status;
}

/* The years whose holidays are known. */
static void put_years(const struct sw_calendar *c)
{
    const int32_t *years;
    size_t n = sw_calendar_years(c, &years);

    for (size_t i = 0; i < n; i++)
        printf("%s %d%s", i == 0 ? _("  calendar:") : "", (int)years[i], i + 1 == n ? "\n" : "");
}

/* The tables of departments that stand in the rule folder; the number of them. */
static size_t check_feeds(const char *dir, struct sw_diag *diag)
{
    struct sw_diag of_schema = {0}; /* told with the rules */
    struct sw_buf path = {0};
    struct sw_layouts all = {0};
    struct sw_schema *schema;
    size_t n = 0;

    sw_buf_printf(&path, "%s/schema.yaml", dir);
    schema = sw_schema_load(path.p, &of_schema);
    if (schema != NULL) {
        sw_layouts_load(dir, schema, &all, diag);
        n = all.n;
    }
    sw_layouts_free(&all);
    sw_schema_free(schema);
    sw_buf_free(&path);
    sw_diag_free(&of_schema);
    return n;
}

int ctl_check_rules(struct ctl *c, int argc, char **argv)
{
    bool fatal = ctl_flag(&argc, argv, "--lint-fatal");
    struct sw_diag diag = {0};
    const char *dir;
    struct sw_ruleset *rs;
    size_t feeds;
    int status = CTL_GOOD;

    if (ctl_unknown_options(argc, argv) || argc > 2)
        return CTL_USAGE;
    dir = ctl_rules_folder(c, argc, argv);
    if (dir == NULL)
        return CTL_FAILED;
    printf(_("Checking %s\n"), dir);
    rs = sw_rules_compile(dir, &diag);
    feeds = check_feeds(dir, &diag);
    sw_diag_print(&diag, stdout);
    if (rs == NULL || diag.errors > 0) {
        printf(_("  FAILED: %zu errors\n"), diag.errors);
        status = CTL_FAILED;
    } else {
        put_years(sw_ruleset_calendar(rs));
        if (feeds > 0)
            printf(_("  tables of departments: %zu\n"), feeds);
        printf(_("  SUCCESS: %zu rules found\n"), sw_ruleset_rules(rs));
        if (fatal && diag.warnings > 0)
            status = CTL_LINT;
    }
    sw_diag_free(&diag);
    sw_ruleset_free(rs);
    return status;
}

int ctl_check_config(struct ctl *c, int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : c->config_path;
    struct sw_diag diag = {0};
    struct sw_config *config;
    struct sw_gateways *gateways = NULL;

    if (ctl_unknown_options(argc, argv) || argc > 2)
        return CTL_USAGE;
    printf(_("Checking %s\n"), path);
    config = sw_config_load(path, &diag);
    if (config != NULL)
        gateways = sw_gateways_load(config->gateways, config->profiles, &diag);
    sw_diag_print(&diag, stdout);
    if (gateways == NULL)
        printf(_("  FAILED: %zu errors\n"), diag.errors);
    else
        printf(_("  SUCCESS: %zu gateways\n"), sw_gateways_count(gateways));
    sw_diag_free(&diag);
    sw_config_free(config);
    if (gateways == NULL)
        return CTL_FAILED;
    sw_gateways_free(gateways);
    return CTL_GOOD;
}
