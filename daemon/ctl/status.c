/* status.c - how the daemon and the county are; reload; the request both need, and lists in its
 * answers. */
#include "ctl.h"
#include <ev.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/url.h>
#include <shouwang/delivery/http.h>
#include <shouwang/store/query.h>

enum { ANSWER_MAX = 16 << 20 };

/* ---- asking the daemon -------------------------------------------------------------------- */

struct request {
    struct ev_loop *loop;
    struct sw_buf *body;
    struct sw_err *err;
    int status;
};

static void on_done(void *ctx, const struct sw_http_result *result)
{
    struct request *r = ctx;

    if (result->end == SW_HTTP_ANSWERED) {
        r->status = result->status;
        sw_buf_str(r->body, result->body);
    } else {
        sw_fail(r->err, SW_EIO, "%s", result->error);
    }
    ev_break(r->loop, EVBREAK_ALL);
}

int ctl_request(struct ctl *c, const char *method, const char *path, struct sw_buf *body,
                struct sw_err *err)
{
    const struct sw_config *config = ctl_config(c);
    struct request r = {.body = body, .err = err};
    struct sw_http_request request = {
        .method = sw_str(method), .timeout = 60 * SW_SECOND, .answer_max = ANSWER_MAX};
    struct sw_buf url = {0};
    struct sw_http *http;

    if (config == NULL || config->http.n == 0) {
        sw_fail(err, SW_EINVALID, _("the configuration has no http: listen:"));
        return 0;
    }
    r.loop = ev_loop_new(EVFLAG_AUTO);
    http = sw_http_new(r.loop, NULL);
    sw_buf_printf(&url, "http://%.*s%s", SW_STR_ARG(config->http), path);
    request.url = sw_buf_view(&url);
    sw_http_send(http, &request, on_done, &r);
    ev_run(r.loop, 0);
    sw_http_free(http);
    ev_loop_destroy(r.loop);
    sw_buf_free(&url);
    return r.status;
}

void ctl_area_codes(struct ctl *c, struct sw_str area, struct sw_buf *out)
{
    struct sw_buf path = {0};
    struct sw_err err = {.code = SW_OK};

    if (area.n == 0)
        return;
    sw_buf_cstr(&path, "/api/v1/areas?code=");
    sw_url_encode(&path, area);
    if (ctl_request(c, "GET", path.p, out, &err) != 200) {
        sw_buf_clear(out);
        ctl_fail(_("the daemon does not answer: what stands under other codes of %.*s is left out"),
                 SW_STR_ARG(area));
    }
    sw_buf_free(&path);
}

static void show_lines(const struct sw_json *list)
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

int ctl_show_list(struct ctl *c, int argc, char **argv, const char *path, const char *member,
                  void (*show)(const struct sw_json *list))
{
    static const struct sw_json nothing = {0};
    struct sw_arena arena = {0};
    struct sw_buf body = {0};
    struct sw_err err = {.code = SW_OK};
    struct sw_json *answer = NULL;
    int result = CTL_GOOD;

    if (ctl_unknown_options(argc, argv) || argc > 1)
        return CTL_USAGE;
    if (ctl_config(c) == NULL)
        return CTL_FAILED;
    if (ctl_request(c, "GET", path, &body, &err) != 200 ||
        sw_json_parse(&arena, sw_buf_view(&body), &answer, &err) != SW_OK) {
        result = ctl_fail(_("the daemon does not answer: %s"), err.text);
    } else {
        const struct sw_json *list = member == NULL ? answer : sw_json_get(answer, member);

        (c->json ? show_lines : show)(list == NULL ? &nothing : list);
    }
    sw_arena_free(&arena);
    sw_buf_free(&body);
    return result;
}

int ctl_reload(struct ctl *c, int argc, char **argv)
{
    struct sw_buf body = {0};
    struct sw_err err = {.code = SW_OK};
    int status;

    if (ctl_unknown_options(argc, argv) || argc > 1)
        return CTL_USAGE;
    status = ctl_request(c, "POST", "/-/reload", &body, &err);
    if (body.n > 0)
        fwrite(body.p, 1, body.n, status == 200 ? stdout : stderr);
    sw_buf_free(&body);
    if (status == 0)
        return ctl_fail(_("the daemon does not answer: %s"), err.text);
    return status == 200 ? CTL_GOOD : CTL_FAILED;
}

/* ---- showing ------------------------------------------------------------------------------ */

static struct sw_str number(const struct sw_json *object, const char *key)
{
    const struct sw_json *v = sw_json_get(object, key);

    return v == NULL ? SW_STR("-") : v->text;
}

static void put_levels(const struct sw_json *levels)
{
    for (const struct sw_json *l = levels == NULL ? NULL : levels->first; l != NULL; l = l->next)
        printf("  %s %.*s", ctl_label(l->key), SW_STR_ARG(l->text));
    putchar('\n');
}

static void put_ms(struct ctl_table *t, const struct sw_json *g, const char *key)
{
    int64_t us = 0;
    char text[32];

    sw_str_int(number(g, key), &us);
    snprintf(text, sizeof(text), "%.1f", (double)us / 1000);
    ctl_table_cell(t, us > 0 ? sw_str(text) : SW_STR("-"));
}

static void put_gateways(const struct sw_json *list)
{
    /* The last two: from an event's arrival to acceptance. */
    static const struct ctl_column columns[] = {
        {N_("GATEWAY"), CTL_LEFT},  {N_("WAITING"), CTL_RIGHT},  {N_("ACCEPTED"), CTL_RIGHT},
        {N_("RETRIED"), CTL_RIGHT}, {N_("REJECTED"), CTL_RIGHT}, {N_("EXPIRED"), CTL_RIGHT},
        {N_("P50 MS"), CTL_RIGHT},  {N_("P99 MS"), CTL_RIGHT},
    };
    struct ctl_table *t = ctl_table_new(columns, SW_COUNTOF(columns));

    for (const struct sw_json *g = list == NULL ? NULL : list->first; g != NULL; g = g->next) {
        static const char *const keys[] = {"waiting", "accepted", "retried", "rejected", "expired"};

        struct sw_str name = sw_json_text(g, "name");

        ctl_table_cell(t, name.n > 0 ? name : sw_str(_("(not configured)")));
        for (size_t i = 0; i < SW_COUNTOF(keys); i++)
            ctl_table_cell(t, number(g, keys[i]));
        put_ms(t, g, "taken_p50_us");
        put_ms(t, g, "taken_p99_us");
    }
    ctl_table_print(t, list != NULL && list->count > 0 ? stdout : NULL);
}

/* "rules  59 active (digest)", which edition of them, and what is odd about the numbers. */
static void put_rules(const struct sw_json *rules)
{
    const struct sw_json *good = sw_json_get(rules, "last_reload_good");
    const struct sw_json *sets = sw_json_get(rules, "rulesets");
    const struct sw_json *warnings = sw_json_get(rules, "warnings");

    printf(_("rules       %.*s active (%.12s)%s\n"), SW_STR_ARG(number(rules, "count")),
           sw_json_text(rules, "digest").p,
           good != NULL && good->kind == SW_JFALSE ? _(" - the files on disk were refused") : "");
    for (const struct sw_json *v = sets == NULL ? NULL : sets->first; v != NULL; v = v->next)
        printf(_("            %.*s %.*s (%.*s)\n"), SW_STR_ARG(sw_json_text(v, "name")),
               SW_STR_ARG(sw_json_text(v, "version")), SW_STR_ARG(sw_json_text(v, "file")));
    if (!sw_str_is(number(rules, "params"), "0"))
        printf(_("            parameters, edition %.*s\n"), SW_STR_ARG(number(rules, "params")));
    for (const struct sw_json *v = warnings == NULL ? NULL : warnings->first; v != NULL;
         v = v->next)
        printf(_("            warning, areas.yaml: %.*s\n"), SW_STR_ARG(v->text));
}

static void put_calendar(const struct sw_json *calendar)
{
    struct sw_str missing = number(calendar, "missing");

    if (calendar != NULL && !sw_str_is(missing, "0"))
        printf(_("calendar    lacks the holidays of %.*s: Monday to Friday are counted; add the "
                 "year to calendar.yaml\n"),
               SW_STR_ARG(missing));
}

/* What is wrong with departments' data, and how much waits for them. */
static void put_feeds(const struct sw_json *feeds)
{
    for (const struct sw_json *f = feeds == NULL ? NULL : feeds->first; f != NULL; f = f->next) {
        const struct sw_json *troubles = sw_json_get(f, "troubles");
        struct sw_str heard = sw_json_text(f, "heard");

        if (sw_json_is_true(f, "stale"))
            printf(_("feed        %.*s is silent: last heard %.*s, expected every %.*s days; %.*s "
                     "alerts held\n"),
                   SW_STR_ARG(sw_json_text(f, "name")),
                   SW_STR_ARG(heard.n > 0 ? heard : sw_str(_("never"))),
                   SW_STR_ARG(number(f, "period_days")), SW_STR_ARG(number(f, "held")));
        for (const struct sw_json *t = troubles == NULL ? NULL : troubles->first; t != NULL;
             t = t->next) {
            if (!sw_str_is(sw_json_text(t, "trouble"), "silent"))
                printf(_("feed        %.*s: %.*s (since %.*s)\n"),
                       SW_STR_ARG(sw_json_text(f, "name")), SW_STR_ARG(sw_json_text(t, "text")),
                       SW_STR_ARG(sw_json_text(t, "since")));
        }
    }
}

/* Events about people nobody knows; serious ones first, because they may not wait. */
static void put_parked(const struct sw_json *county)
{
    struct sw_str n = number(county, "parked");
    struct sw_str red = number(county, "parked_red");

    if (!sw_str_is(red, "0") && !sw_str_is(red, "-"))
        printf(_("parked      %.*s SERIOUS events about people who are not registered: shouwang "
                 "parked list\n"),
               SW_STR_ARG(red));
    if (!sw_str_is(n, "0") && !sw_str_is(n, "-"))
        printf(_("parked      %.*s events wait for households and persons to be registered\n"),
               SW_STR_ARG(n));
    n = number(county, "doubtful");
    if (!sw_str_is(n, "0") && !sw_str_is(n, "-"))
        printf(_("doubtful    %.*s of them are about somebody to be decided on: shouwang mismatch "
                 "list\n"),
               SW_STR_ARG(n));
}

static void put_ownerless(const struct sw_json *county)
{
    struct sw_str n = number(county, "ownerless");

    if (!sw_str_is(n, "0") && !sw_str_is(n, "-"))
        printf(_("owners      %.*s households without a cadre of their own: shouwang owners "
                 "missing\n"),
               SW_STR_ARG(n));
}

static void put_quiet(const struct sw_json *county)
{
    struct sw_str storms = number(county, "storms");
    struct sw_str letters = number(county, "letters");

    if (!sw_str_is(storms, "0") && !sw_str_is(storms, "-"))
        printf(_("storms      %.*s HELD, nothing of them was sent: shouwang storm list\n"),
               SW_STR_ARG(storms));
    if (!sw_str_is(letters, "0") && !sw_str_is(letters, "-"))
        printf(_("letters     %.*s wait for their time\n"), SW_STR_ARG(letters));
}

static void show(const struct sw_json *status)
{
    const struct sw_json *county = sw_json_get(status, "county");
    const struct sw_json *inputs = sw_json_get(status, "inputs");
    const struct sw_json *store = sw_json_get(status, "store");

    printf(_("shouwangd %.*s, running for %.*s s\n"), SW_STR_ARG(sw_json_text(status, "version")),
           SW_STR_ARG(number(status, "uptime_s")));
    put_rules(sw_json_get(status, "rules"));
    printf(_("county      %.*s households, %.*s persons, %.*s areas, %.*s cadres, %.*s teams\n"),
           SW_STR_ARG(number(county, "households")), SW_STR_ARG(number(county, "persons")),
           SW_STR_ARG(number(county, "areas")), SW_STR_ARG(number(county, "cadres")),
           SW_STR_ARG(number(county, "teams")));
    printf(_("levels    "));
    put_levels(sw_json_get(county, "by_level"));
    printf(_("cases       %.*s open of %.*s, %.*s without an owner, %.*s overdue, %.*s paused\n"),
           SW_STR_ARG(number(county, "open_cases")), SW_STR_ARG(number(county, "cases")),
           SW_STR_ARG(number(county, "without_owner")), SW_STR_ARG(number(county, "overdue")),
           SW_STR_ARG(number(county, "paused")));
    put_ownerless(county);
    put_quiet(county);
    put_parked(county);
    printf(_("inputs      %.*s accepted, %.*s repeated, %.*s refused since start\n"),
           SW_STR_ARG(number(inputs, "accepted")), SW_STR_ARG(number(inputs, "duplicates")),
           SW_STR_ARG(number(inputs, "rejected")));
    printf(_("store       position %.*s, %.*s commits, slowest %.*s us\n"),
           SW_STR_ARG(number(store, "position")), SW_STR_ARG(number(store, "commits")),
           SW_STR_ARG(number(store, "commit_max_us")));
    if (sw_json_is_true(county, "in_history"))
        printf(_("history     being told; nothing is sent until `shouwang history end`\n"));
    if (sw_json_is_true(store, "full"))
        printf(_("store       CANNOT WRITE: nothing is acknowledged until the disk has room\n"));
    put_calendar(sw_json_get(status, "calendar"));
    put_feeds(sw_json_get(status, "feeds"));
    put_gateways(sw_json_get(status, "gateways"));
}

static void on_count(void *ctx, struct sw_str name, int64_t count)
{
    (void)ctx;
    printf("  %-32.*s %lld\n", SW_STR_ARG(name), (long long)count);
}

/* Without a daemon the database still has something to say. */
static int show_store(struct ctl *c, const struct sw_err *why)
{
    struct sw_query *q;
    struct sw_err err;

    printf(_("shouwangd does not answer (%s)\n"), why->text);
    if (ctl_config(c) == NULL || sw_query_open(&q, c->config->database, &err) != SW_OK)
        return CTL_FAILED;
    printf(_("in the database:\n"));
    sw_query_counts(q, on_count, NULL, &err);
    sw_query_close(q);
    return CTL_FAILED;
}

int ctl_status(struct ctl *c, int argc, char **argv)
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
    if (ctl_request(c, "GET", "/api/v1/status", &body, &err) != 200)
        result = show_store(c, &err);
    else if (c->json)
        fwrite(body.p, 1, body.n, stdout);
    else if (sw_json_parse(&arena, sw_buf_view(&body), &status, &err) == SW_OK)
        show(status);
    sw_arena_free(&arena);
    sw_buf_free(&body);
    return result;
}
