/* feeds.c - the departments: who was heard of when, how the last batch was, what is wrong. */
#include "ctl.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>

static struct sw_str text_of(const struct sw_json *feed, const char *key)
{
    const struct sw_json *v = sw_json_get(feed, key);

    return v == NULL ? SW_STR("-") : v->text;
}

/* "990/1000": of the rows the last batch said it has, so many were new. */
static void put_rows(struct ctl_table *t, const struct sw_json *feed)
{
    struct sw_buf text = {0};

    if (sw_json_get(feed, "rows_told") != NULL)
        sw_buf_printf(&text, "%.*s/%.*s", SW_STR_ARG(text_of(feed, "rows_arrived")),
                      SW_STR_ARG(text_of(feed, "rows_told")));
    else
        sw_buf_char(&text, '-');
    ctl_table_cell(t, sw_buf_view(&text));
    sw_buf_free(&text);
}

static void put_state(struct ctl_table *t, const struct sw_json *feed)
{
    const struct sw_json *troubles = sw_json_get(feed, "troubles");
    struct sw_buf text = {0};

    for (const struct sw_json *v = troubles == NULL ? NULL : troubles->first; v != NULL;
         v = v->next)
        sw_buf_printf(&text, "%s%.*s", text.n == 0 ? "" : "；",
                      SW_STR_ARG(sw_json_text(v, "text")));
    if (text.n == 0)
        sw_buf_cstr(&text, sw_json_is_true(feed, "stale") ? _("stale") : _("good"));
    ctl_table_cell(t, sw_buf_view(&text));
    sw_buf_free(&text);
}

static void show(const struct sw_json *feeds)
{
    static const struct ctl_column columns[] = {
        {N_("FEED"), CTL_LEFT},       {N_("PERIOD"), CTL_RIGHT}, {N_("HEARD"), CTL_LEFT},
        {N_("LAST BATCH"), CTL_LEFT}, {N_("ROWS"), CTL_RIGHT},   {N_("SINCE"), CTL_RIGHT},
        {N_("HELD"), CTL_RIGHT},      {N_("STATE"), CTL_LEFT},
    };
    struct ctl_table *t = ctl_table_new(columns, SW_COUNTOF(columns));

    for (const struct sw_json *f = feeds->first; f != NULL; f = f->next) {
        ctl_table_cell(t, sw_json_text(f, "name"));
        ctl_table_cell(t, text_of(f, "period_days"));
        ctl_table_cell(t, text_of(f, "heard"));
        ctl_table_cell(t, text_of(f, "closed"));
        put_rows(t, f);
        ctl_table_cell(t, text_of(f, "rows_since"));
        ctl_table_cell(t, text_of(f, "held"));
        put_state(t, f);
    }
    ctl_table_print(t, stdout);
}

int ctl_feeds_list(struct ctl *c, int argc, char **argv)
{
    return ctl_show_list(c, argc, argv, "/api/v1/status", "feeds", show);
}
