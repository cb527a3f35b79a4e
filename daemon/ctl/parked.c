/* parked.c - events that came before whoever they are about was registered. */
#include "ctl.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>

static bool is_true(const struct sw_json *event, const char *key)
{
    const struct sw_json *v = sw_json_get(event, key);

    return v != NULL && v->kind == SW_JTRUE;
}

static struct sw_str state_of(const struct sw_json *event)
{
    struct sw_str refused = sw_json_text(event, "refused");

    if (refused.n > 0)
        return refused;
    if (is_true(event, "withdrawn"))
        return sw_str(_("withdrawn"));
    return sw_str(is_true(event, "red") ? _("serious") : "");
}

static void show(const struct sw_json *list)
{
    static const struct ctl_column columns[] = {
        {N_("DAYS"), CTL_RIGHT},   {N_("EVENT"), CTL_LEFT},     {N_("FROM"), CTL_LEFT},
        {N_("SUBJECT"), CTL_LEFT}, {N_("WAITS FOR"), CTL_LEFT}, {N_("STATE"), CTL_LEFT},
    };
    struct ctl_table *t = ctl_table_new(columns, SW_COUNTOF(columns));

    for (const struct sw_json *v = list->first; v != NULL; v = v->next) {
        const struct sw_json *days = sw_json_get(v, "days");
        struct sw_str label = sw_json_text(v, "label");

        ctl_table_cell(t, days == NULL ? SW_STR("-") : days->text);
        ctl_table_cell(t, label.n > 0 ? label : sw_json_text(v, "type"));
        ctl_table_cell(t, sw_json_text(v, "source"));
        ctl_table_cell(t, sw_json_text(v, "subject"));
        ctl_table_cell(t, sw_json_text(v, "waits_for"));
        ctl_table_cell(t, state_of(v));
    }
    ctl_table_print(t, stdout);
}

static void show_json(const struct sw_json *list)
{
    for (const struct sw_json *v = list->first; v != NULL; v = v->next) {
        struct sw_buf line = {0};
        struct sw_jw w = {.out = &line};

        sw_jw_value(&w, v);
        sw_buf_char(&line, '\n');
        fwrite(line.p, 1, line.n, stdout);
        sw_buf_free(&line);
    }
}

int ctl_parked_list(struct ctl *c, int argc, char **argv)
{
    struct sw_arena arena = {0};
    struct sw_buf body = {0};
    struct sw_err err = {.code = SW_OK};
    struct sw_json *list = NULL;
    int result = CTL_GOOD;

    if (ctl_unknown_options(argc, argv) || argc > 1)
        return CTL_USAGE;
    if (ctl_config(c) == NULL)
        return CTL_FAILED;
    if (ctl_request(c, "GET", "/api/v1/parked", &body, &err) != 200 ||
        sw_json_parse(&arena, sw_buf_view(&body), &list, &err) != SW_OK)
        result = ctl_fail(_("the daemon does not answer: %s"), err.text);
    else if (c->json)
        show_json(list);
    else
        show(list);
    sw_arena_free(&arena);
    sw_buf_free(&body);
    return result;
}
