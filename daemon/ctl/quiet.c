/* quiet.c - storms and silences: lists from the running daemon; what is done about them goes in by
 * the ordinary door, as an event that says who and why. */
#include "feeding.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/url.h>
#include <time.h>
#include <unistd.h>

struct pair {
    const char *name, *value; /* value: NULL: not given */
};

/* ---- doing -------------------------------------------------------------------------------- */

static void on_refused(void *ctx, uint64_t line, struct sw_str reason, struct sw_str text)
{
    (void)ctx;
    (void)line;
    ctl_fail("%.*s (%.*s)", SW_STR_ARG(text), SW_STR_ARG(reason));
}

static int send_act(struct ctl *c, const char *endpoint, struct sw_str event)
{
    struct feeding f;
    int status = feeding_begin(&f, c, endpoint, false);

    if (status != CTL_GOOD)
        return status;
    f.refuse = on_refused;
    status = feeding_event(&f, event, 1);
    if (status == CTL_GOOD)
        status = feeding_flush(&f);
    return feeding_end(&f) == CTL_GOOD ? status : CTL_FAILED;
}

static int act(struct ctl *c, const char *endpoint, const char *type, const char *subject,
               const struct pair *data, size_t n)
{
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    struct timespec now;
    char id[64];
    int status;

    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(id, sizeof(id), "%lld.%09ld-%ld", (long long)now.tv_sec, now.tv_nsec, (long)getpid());
    sw_jw_object(&w);
    sw_jw_member(&w, "specversion", SW_STR("1.0"));
    sw_jw_member(&w, "source", SW_STR("shouwang"));
    sw_jw_member(&w, "id", sw_str(id));
    sw_jw_member(&w, "type", sw_str(type));
    sw_jw_member(&w, "subject", sw_str(subject));
    sw_jw_key(&w, "data");
    sw_jw_object(&w);
    for (size_t i = 0; i < n; i++) {
        if (data[i].value != NULL)
            sw_jw_member(&w, data[i].name, sw_str(data[i].value));
    }
    sw_jw_end(&w);
    sw_jw_end(&w);
    status = send_act(c, endpoint, sw_buf_view(&out));
    sw_buf_free(&out);
    return status;
}

/* NUMBER --by WHO --reason WHY: of a storm or a silence. */
static int act_on(struct ctl *c, int argc, char **argv, const char *type, const char *kind)
{
    const char *endpoint = ctl_option(&argc, argv, "--endpoint");
    const struct pair data[] = {{"by", ctl_option(&argc, argv, "--by")},
                                {"reason", ctl_option(&argc, argv, "--reason")}};
    char subject[64];

    if (ctl_unknown_options(argc, argv) || argc != 2)
        return CTL_USAGE;
    if (data[0].value == NULL || data[1].value == NULL)
        return ctl_fail(_("--by and --reason are wanted: who does this, and why, is kept"));
    snprintf(subject, sizeof(subject), "%s/%s", kind, argv[1]);
    return act(c, endpoint, type, subject, data, SW_COUNTOF(data));
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

static void cell_of(struct ctl_table *t, const struct sw_json *v, const char *key)
{
    const struct sw_json *x = sw_json_get(v, key);

    ctl_table_cell(t, x == NULL ? SW_STR("") : x->text);
}

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
        cell_of(t, v, "storm");
        cell_label(t, v, "state");
        cell_of(t, v, "label");
        cell_of(t, v, "held");
        cell_of(t, v, "red");
        cell_of(t, v, "usual");
        ctl_table_cell(t, sw_str_sub(sw_json_text(v, "at"), 0, 16));
        cell_of(t, v, "by");
        cell_of(t, v, "reason");
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
        cell_of(t, v, "silence");
        cell_label(t, v, "state");
        cell_of(t, v, "rule");
        cell_of(t, v, "place");
        cell_of(t, v, "household");
        cell_label(t, v, "level");
        cell_of(t, v, "until");
        cell_of(t, v, "hushed");
        cell_of(t, v, "by");
        cell_of(t, v, "reason");
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
            cell_of(t, v, "household");
            cell_of(t, v, "place");
            cell_of(t, v, "score");
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

static int preview(struct ctl *c, const struct pair *data, size_t n)
{
    struct sw_buf path = {0};
    struct sw_buf body = {0};
    struct sw_err err = {.code = SW_OK};
    const char *between = "?";
    int status;
    int result;

    if (ctl_config(c) == NULL)
        return CTL_FAILED;
    sw_buf_cstr(&path, "/api/v1/silences/preview");
    for (size_t i = 0; i < n; i++) {
        if (data[i].value == NULL)
            continue;
        sw_buf_printf(&path, "%s%s=", between, data[i].name);
        sw_url_encode(&path, sw_str(data[i].value));
        between = "&";
    }
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
    static const char *const names[] = {"rule",  "area",   "household", "level",
                                        "until", "reason", "by"};
    bool only_show = ctl_flag(&argc, argv, "--preview");
    const char *endpoint = ctl_option(&argc, argv, "--endpoint");
    struct pair data[SW_COUNTOF(names)];

    for (size_t i = 0; i < SW_COUNTOF(names); i++) {
        char option[24];

        snprintf(option, sizeof(option), "--%s", names[i]);
        data[i] = (struct pair){names[i], ctl_option(&argc, argv, option)};
    }
    if (ctl_unknown_options(argc, argv) || argc != 1)
        return CTL_USAGE;
    return only_show ? preview(c, data, SW_COUNTOF(data))
                     : act(c, endpoint, "silence.add", "silence/new", data, SW_COUNTOF(data));
}
