/* rulecheck.c - rule files as the daemon takes them. */
#include "rulecheck.h"
#include <shouwang/base/i18n.h>
#include <shouwang/engine/ruletest.h>

struct sw_ruleset *sw_rules_compile(const char *dir, struct sw_diag *diag)
{
    struct sw_err err;
    struct sw_bundle *bundle = sw_bundle_load(dir, &err);

    if (bundle == NULL) {
        sw_diag_add(diag, SW_ERROR, (struct sw_place){.file = sw_str(dir)}, "%s", err.text);
        return NULL;
    }
    return sw_ruleset_build(bundle, dir, diag);
}

static void on_test(void *ctx, const struct sw_test_case *test, struct sw_str failures)
{
    struct sw_buf *text = ctx;

    if (failures.n > 0)
        sw_buf_printf(text, _("test failed: %.*s %.*s\n%.*s"), SW_STR_ARG(test->rule),
                      SW_STR_ARG(test->name), SW_STR_ARG(failures));
}

struct sw_ruleset *sw_rules_load(const char *dir, struct sw_buf *text)
{
    struct sw_test_report report = {.ctx = text, .done = on_test};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs = sw_rules_compile(dir, &diag);

    sw_diag_format(&diag, text);
    sw_diag_free(&diag);
    if (rs == NULL)
        return NULL;
    sw_ruleset_test(rs, &report);
    if (report.failed == 0)
        return rs;
    sw_ruleset_free(rs);
    return NULL;
}
