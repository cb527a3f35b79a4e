/* quiet.c - storms and silences: lists from the running daemon; what is done about them goes in by
 * the ordinary door, as an event that says who and why. */
#include "act.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/url.h>

/* ---- doing -------------------------------------------------------------------------------- */

/* NUMBER --by WHO --reason WHY: of a storm or a silence. */
static int act_on(struct ctl *c, int argc, char **argv, const char *type, const char *kind)
{
    struct act a;
    char subject[64];

    act_options(&a, &argc, argv);
    if (ctl_unknown_options(argc, argv) || argc != 2)
        return CTL_USAGE;
    if (a.by == a.login || a.reason == NULL)
        return ctl_fail(_("--by and --reason are wanted: who does this, and why, is kept"));
    snprintf(subject, sizeof(subject), "%s/%s", kind, argv[1]);
    return act_send(c, &a, type, subject, NULL, 0);
}

int ctl_storm_release(struct ctl *c, int argc, char **argv)
{
    return act_on(c, argc, argv, "storm.release", "storm");
}

int ctl_storm_discard(struct ctl *c, int argc, char **argv)
{
    return act_on(c, argc, argv, "storm.discard", "storm");
}

int ctl_silence_end(struct ctl *c, int argc, char **argv)
{
    return act_on(c, argc, argv, "silence.end", "silence");
}

/* ---- lists -------------------------------------------------------------------------------- */

static void cell_label(struct ctl_table *t, const struct sw_json *v, const char *key)
{
    ctl_table_cell(t, sw_str(ctl_label(sw_json_text(v, key))));
}

static void show_storms(const struct sw_json *list)
{
    static const struct ctl_column columns[] = {
        {N_("STORM"), CTL_RIGHT}, {N_("STATE"), CTL_LEFT}, {N_("RULE"), CTL_LEFT},
        {N_("HELD"), CTL_RIGHT},  {N_("RED"), CTL_RIGHT},  {N_("USUAL"), CTL_RIGHT},
        {N_("SINCE"), CTL_LEFT},  {N_("BY"), CTL_LEFT},    {N_("REASON"), CTL_LEFT},
    };
    struct ctl_table *t = ctl_table_new(columns, SW_COUNTOF(columns));

    for (const struct sw_json *v = list->first; v != NULL; v = v->next) {
        ctl_table_cell(t, sw_json_word(v, "storm"));
        cell_label(t, v, "state");
        ctl_table_cell(t, sw_json_word(v, "label"));
        ctl_table_cell(t, sw_json_word(v, "held"));
        ctl_table_cell(t, sw_json_word(v, "red"));
        ctl_table_cell(t, sw_json_word(v, "usual"));
        ctl_table_cell(t, sw_str_sub(sw_json_text(v, "at"), 0, 16));
        ctl_table_cell(t, sw_json_word(v, "by"));
        ctl_table_cell(t, sw_json_word(v, "reason"));
    }
    ctl_table_print(t, stdout);
}

int ctl_storm_list(struct ctl *c, int argc, char **argv)
{
    return ctl_show_list(c, argc, argv, "/api/v1/storms", NULL, show_storms);
}

static void show_silences(const struct sw_json *list)
{
    static const struct ctl_column columns[] = {
        {N_("SILENCE"), CTL_RIGHT}, {N_("STATE"), CTL_LEFT},     {N_("RULE"), CTL_LEFT},
        {N_("PLACE"), CTL_LEFT},    {N_("HOUSEHOLD"), CTL_LEFT}, {N_("UP TO"), CTL_LEFT},
        {N_("UNTIL"), CTL_LEFT},    {N_("HUSHED"), CTL_RIGHT},   {N_("BY"), CTL_LEFT},
        {N_("REASON"), CTL_LEFT},
    };
    struct ctl_table *t = ctl_table_new(columns, SW_COUNTOF(columns));

    for (const struct sw_json *v = list->first; v != NULL; v = v->next) {
        ctl_table_cell(t, sw_json_word(v, "silence"));
        cell_label(t, v, "state");
        ctl_table_cell(t, sw_json_word(v, "rule"));
        ctl_table_cell(t, sw_json_word(v, "place"));
        ctl_table_cell(t, sw_json_word(v, "household"));
        cell_label(t, v, "level");
        ctl_table_cell(t, sw_json_word(v, "until"));
        ctl_table_cell(t, sw_json_word(v, "hushed"));
        ctl_table_cell(t, sw_json_word(v, "by"));
        ctl_table_cell(t, sw_json_word(v, "reason"));
    }
    ctl_table_print(t, stdout);
}

int ctl_silence_list(struct ctl *c, int argc, char **argv)
{
    return ctl_show_list(c, argc, argv, "/api/v1/silences", NULL, show_silences);
}

/* ---- a new silence ------------------------------------------------------------------------ */

static int show_preview(struct ctl *c, const struct sw_buf *body)
{
    static const struct ctl_column columns[] = {
        {N_("HOUSEHOLD"), CTL_LEFT}, {N_("PLACE"), CTL_LEFT},  {N_("SCORE"), CTL_RIGHT},
        {N_("LEVEL"), CTL_LEFT},     {N_("HUSHED"), CTL_LEFT},
    };
    struct sw_arena arena = {0};
    struct sw_json *root;
    struct sw_err err;
    struct sw_str refused;
    struct ctl_table *t;

    if (c->json) {
        printf("%.*s\n", SW_STR_ARG(sw_buf_view(body)));
        return CTL_GOOD;
    }
    if (sw_json_parse(&arena, sw_buf_view(body), &root, &err) != SW_OK)
        return ctl_fail("%s", err.text);
    if (sw_json_get(root, "list") != NULL) {
        t = ctl_table_new(columns, SW_COUNTOF(columns));
        for (const struct sw_json *v = sw_json_get(root, "list")->first; v != NULL; v = v->next) {
            ctl_table_cell(t, sw_json_word(v, "household"));
            ctl_table_cell(t, sw_json_word(v, "place"));
            ctl_table_cell(t, sw_json_word(v, "score"));
            cell_label(t, v, "level");
            ctl_table_cell(t, sw_str(sw_json_is_true(v, "hushed") ? _("yes") : _("no: above")));
        }
        ctl_table_print(t, stdout);
        printf(_("%.*s households of %.*s; hushed up to %s\n"),
               SW_STR_ARG(sw_json_get(root, "households")->text),
               SW_STR_ARG(sw_json_get(root, "of")->text), ctl_label(sw_json_text(root, "level")));
    }
    refused = sw_json_text(root, "refused");
    if (refused.n > 0)
        ctl_fail("%.*s", SW_STR_ARG(refused));
    sw_arena_free(&arena);
    return refused.n > 0 ? CTL_FAILED : CTL_GOOD;
}

static void put_query(struct sw_buf *path, const char *name, const char *value)
{
    if (value == NULL)
        return;
    sw_buf_printf(path, "%s%s=", memchr(path->p, '?', path->n) == NULL ? "?" : "&", name);
    sw_url_encode(path, sw_str(value));
}

static int preview(struct ctl *c, const struct act *a, const struct act_word *data, size_t n)
{
    struct sw_buf path = {0};
    struct sw_buf body = {0};
    struct sw_err err = {.code = SW_OK};
    int status;
    int result;

    if (ctl_config(c) == NULL)
        return CTL_FAILED;
    sw_buf_cstr(&path, "/api/v1/silences/preview");
    put_query(&path, "by", a->by);
    put_query(&path, "reason", a->reason);
    for (size_t i = 0; i < n; i++)
        put_query(&path, data[i].name, data[i].value);
    status = ctl_request(c, "GET", path.p, &body, &err);
    result = status == 200 ? show_preview(c, &body)
             : status == 0 ? ctl_fail(_("the daemon does not answer (%s)"), err.text)
                           : ctl_fail("%.*s", SW_STR_ARG(sw_str_trim(sw_buf_view(&body))));
    sw_buf_free(&path);
    sw_buf_free(&body);
    return result;
}

int ctl_silence_add(struct ctl *c, int argc, char **argv)
{
    static const char *const names[] = {"rule", "area", "household", "level", "until"};
    bool only_show = ctl_flag(&argc, argv, "--preview");
    struct act_word data[SW_COUNTOF(names)];
    struct act a;

    act_options(&a, &argc, argv);
    if (a.by == a.login)
        a.by = NULL; /* the daemon asks for it */
    for (size_t i = 0; i < SW_COUNTOF(names); i++) {
        char option[24];

        snprintf(option, sizeof(option), "--%s", names[i]);
        data[i] = (struct act_word){names[i], ctl_option(&argc, argv, option)};
    }
    if (ctl_unknown_options(argc, argv) || argc != 1)
        return CTL_USAGE;
    return only_show ? preview(c, &a, data, SW_COUNTOF(data))
                     : act_send(c, &a, "silence.add", "silence/new", data, SW_COUNTOF(data));
}
