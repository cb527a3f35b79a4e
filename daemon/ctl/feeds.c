/* feeds.c - the departments: who was heard of when, how the last batch was, what is wrong. */
#include "ctl.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>

static struct sw_str text_of(const struct sw_json *feed, const char *key)
{
    const struct sw_json *v = sw_json_get(feed, key);

    return v == NULL ? SW_STR("-") : v->text;
}

static bool is_true(const struct sw_json *feed, const char *key)
{
    const struct sw_json *v = sw_json_get(feed, key);

    return v != NULL && v->kind == SW_JTRUE;
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
        sw_buf_cstr(&text, is_true(feed, "stale") ? _("stale") : _("good"));
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

    for (const struct sw_json *f = feeds == NULL ? NULL : feeds->first; f != NULL; f = f->next) {
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

static void show_json(const struct sw_json *feeds)
{
    for (const struct sw_json *f = feeds == NULL ? NULL : feeds->first; f != NULL; f = f->next) {
        struct sw_buf line = {0};
        struct sw_jw w = {.out = &line};

        sw_jw_value(&w, f);
        sw_buf_char(&line, '\n');
        fwrite(line.p, 1, line.n, stdout);
        sw_buf_free(&line);
    }
}

int ctl_feeds_list(struct ctl *c, int argc, char **argv)
{
    struct sw_arena arena = {0};
    struct sw_buf body = {0};
    struct sw_err err = {.code = SW_OK};
    struct sw_json *status = NULL;
    int result = CTL_GOOD;

    if (ctl_unknown_options(argc, argv) || argc > 1)
        return CTL_USAGE;
    if (ctl_config(c) == NULL)
        return CTL_FAILED;
    if (ctl_request(c, "GET", "/api/v1/status", &body, &err) != 200 ||
        sw_json_parse(&arena, sw_buf_view(&body), &status, &err) != SW_OK)
        result = ctl_fail(_("the daemon does not answer: %s"), err.text);
    else if (c->json)
        show_json(sw_json_get(status, "feeds"));
    else
        show(sw_json_get(status, "feeds"));
    sw_arena_free(&arena);
    sw_buf_free(&body);
    return result;
}
