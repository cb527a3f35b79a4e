/* parked.c - events that came before whoever they are about was registered. */
#include "ctl.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>

static struct sw_str state_of(const struct sw_json *event)
{
    struct sw_str refused = sw_json_text(event, "refused");
    struct sw_str doubt = sw_json_text(event, "doubt");

    if (refused.n > 0)
        return refused;
    if (sw_json_is_true(event, "withdrawn"))
        return sw_str(_("withdrawn"));
    if (sw_str_is(doubt, "declined"))
        return sw_str(_("declined"));
    if (sw_json_is_true(event, "red"))
        return sw_str(_("serious"));
    return sw_str(doubt.n > 0 ? _("see mismatch list") : "");
}

static void show(const struct sw_json *list)
{
    static const struct ctl_column columns[] = {
        {N_("ID"), CTL_LEFT},    {N_("DAYS"), CTL_RIGHT},   {N_("EVENT"), CTL_LEFT},
        {N_("FROM"), CTL_LEFT},  {N_("SUBJECT"), CTL_LEFT}, {N_("WAITS FOR"), CTL_LEFT},
        {N_("STATE"), CTL_LEFT},
    };
    struct ctl_table *t = ctl_table_new(columns, SW_COUNTOF(columns));

    for (const struct sw_json *v = list->first; v != NULL; v = v->next) {
        const struct sw_json *days = sw_json_get(v, "days");
        struct sw_str label = sw_json_text(v, "label");

        ctl_table_cell(t, sw_json_text(v, "handle"));
        ctl_table_cell(t, days == NULL ? SW_STR("-") : days->text);
        ctl_table_cell(t, label.n > 0 ? label : sw_json_text(v, "type"));
        ctl_table_cell(t, sw_json_text(v, "source"));
        ctl_table_cell(t, sw_json_text(v, "subject"));
        ctl_table_cell(t, sw_json_text(v, "waits_for"));
        ctl_table_cell(t, state_of(v));
    }
    ctl_table_print(t, stdout);
}

int ctl_parked_list(struct ctl *c, int argc, char **argv)
{
    return ctl_show_list(c, argc, argv, "/api/v1/parked", NULL, show);
}
