/* phones.c - numbers of cadres that messages do not reach. */
#include "ctl.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>

static void show(const struct sw_json *list)
{
    static const struct ctl_column columns[] = {
        {N_("CADRE"), CTL_LEFT},     {N_("NAME"), CTL_LEFT},  {N_("PHONE"), CTL_LEFT},
        {N_("FAILURES"), CTL_RIGHT}, {N_("SINCE"), CTL_LEFT}, {N_("LAST WORD"), CTL_LEFT},
        {N_("CASES"), CTL_LEFT},
    };
    struct ctl_table *t = ctl_table_new(columns, SW_COUNTOF(columns));

    for (const struct sw_json *v = list->first; v != NULL; v = v->next) {
        const struct sw_json *failures = sw_json_get(v, "failures");
        const struct sw_json *cases = sw_json_get(v, "cases");
        struct sw_str since = sw_json_text(v, "since");
        struct sw_buf numbers = {0};

        for (const struct sw_json *c = cases == NULL ? NULL : cases->first; c != NULL; c = c->next)
            sw_buf_printf(&numbers, "%s%.*s", numbers.n > 0 ? " " : "", SW_STR_ARG(c->text));
        ctl_table_cell(t, sw_json_text(v, "cadre"));
        ctl_table_cell(t, sw_json_text(v, "name"));
        ctl_table_cell(t, sw_json_text(v, "phone"));
        ctl_table_cell(t, failures == NULL ? SW_STR("") : failures->text);
        ctl_table_cell(t, since.n > 10 ? (struct sw_str){since.p, 10} : since);
        ctl_table_cell(t, sw_json_text(v, "word"));
        ctl_table_cell(t, sw_buf_view(&numbers));
        sw_buf_free(&numbers);
    }
    ctl_table_print(t, stdout);
}

int ctl_phones_bad(struct ctl *c, int argc, char **argv)
{
    return ctl_show_list(c, argc, argv, "/api/v1/phones", NULL, show);
}
