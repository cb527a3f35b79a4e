/* owners.c - households that somebody should look after and nobody does. */
#include "ctl.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>

static void show(const struct sw_json *list)
{
    static const struct ctl_column columns[] = {
        {N_("HOUSEHOLD"), CTL_LEFT}, {N_("PLACE"), CTL_LEFT}, {N_("NAME"), CTL_LEFT},
        {N_("LEVEL"), CTL_LEFT},     {N_("CASE"), CTL_RIGHT}, {N_("FOR NOW"), CTL_LEFT},
        {N_("ROLE"), CTL_LEFT},
    };
    struct ctl_table *t = ctl_table_new(columns, SW_COUNTOF(columns));

    for (const struct sw_json *v = list->first; v != NULL; v = v->next) {
        const struct sw_json *number = sw_json_get(v, "case");
        struct sw_str acting = sw_json_text(v, "acting");

        ctl_table_cell(t, sw_json_text(v, "household"));
        ctl_table_cell(t, sw_json_text(v, "place"));
        ctl_table_cell(t, sw_json_text(v, "name"));
        ctl_table_cell(t, sw_json_text(v, "level"));
        ctl_table_cell(t, number == NULL ? SW_STR("") : number->text);
        ctl_table_cell(t, acting.n > 0 ? acting : sw_str(_("NOBODY")));
        ctl_table_cell(t, sw_json_text(v, "role"));
    }
    ctl_table_print(t, stdout);
}

int ctl_owners_missing(struct ctl *c, int argc, char **argv)
{
    return ctl_show_list(c, argc, argv, "/api/v1/owners", NULL, show);
}
