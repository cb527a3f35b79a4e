/* stored.c - rules that were active once, out of the log again. */
#include "stored.h"
#include <shouwang/base/i18n.h>

struct sw_ruleset *sw_stored_rules(struct sw_str packed, struct sw_err *err)
{
    struct sw_diag diag = {0};
    struct sw_bundle *bundle = sw_bundle_unpack(packed, err);
    struct sw_ruleset *rules = NULL;

    if (bundle == NULL)
        return NULL;
    rules = sw_ruleset_build(bundle, "", &diag);
    if (rules == NULL)
        sw_fail(err, SW_EBAD, _("rules stored earlier no longer compile: %.*s"),
                SW_STR_ARG(diag.first->message));
    sw_diag_free(&diag);
    return rules;
}
