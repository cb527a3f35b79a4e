/* sink.c - the other end of every gateway in tests: an HTTP server that behaves as its paths say.
 *
 *   sink FILE [PORT]      prints its port; appends one JSON line per request to FILE
 *
 * Paths: /ok 200, /slow 200 after 2 s, /error 500, /hang never, /busy 429 with Retry-After: 1,
 * /gone 410, /cgi-bin/sendsms what Kannel says. A request to /as/NAME behaves like the current mode
 * of NAME, which `GET /mode?name=NAME&mode=ok` changes: so a gateway can recover. */
#include <ev.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/url.h>
#include <shouwang/web/httpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { NAMES_MAX = 16 };

struct sink {
    struct ev_loop *loop;
    struct sw_httpd *httpd;
    FILE *log;
    struct {
        char name[32], mode[16];
    } names[NAMES_MAX];
    size_t n_names;
};

static sw_time now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (sw_time)ts.tv_sec * SW_SECOND + ts.tv_nsec / 1000;
}

/* ---- answering ---------------------------------------------------------------------------- */

static void say(struct sw_exchange *x, int status, const char *text)
{
    sw_exchange_answer(x, status, "text/plain", sw_str(text));
}

static void later(int revents, void *arg)
{
    (void)revents;
    say(arg, 200, "ok");
}

static void behave(struct sink *s, struct sw_exchange *x, struct sw_str mode)
{
    if (sw_str_is(mode, "slow")) {
        ev_once(s->loop, -1, 0, 2., later, x);
    } else if (sw_str_is(mode, "error")) {
        say(x, 500, "no");
    } else if (sw_str_is(mode, "busy")) {
        sw_exchange_set(x, "Retry-After", "1");
        say(x, 429, "later");
    } else if (sw_str_is(mode, "gone")) {
        say(x, 410, "gone");
    } else if (sw_str_is(mode, "sendsms")) {
        say(x, 202, "0: Accepted for delivery");
    } else if (!sw_str_is(mode, "hang")) {
        say(x, 200, "ok");
    }
}

/* ---- recording ---------------------------------------------------------------------------- */

static void record(struct sink *s, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    static const char *const headers[] = {"webhook-id", "webhook-timestamp", "webhook-signature"};
    struct sw_buf line = {0};
    struct sw_buf value = {0};
    struct sw_jw w = {.out = &line};

    sw_jw_object(&w);
    sw_jw_member_int(&w, "at_us", now());
    sw_jw_member(&w, "path", in->path);
    for (size_t i = 0; i < SW_COUNTOF(headers); i++)
        sw_jw_member(&w, headers[i], sw_exchange_get(x, headers[i]));
    if (sw_query_get(in->query, "dlr-url", &value)) {
        struct sw_buf id = {0};
        const char *query = strchr(value.p, '?');

        if (query != NULL && sw_query_get(sw_str(query + 1), "id", &id))
            sw_jw_member(&w, "id", sw_buf_view(&id));
        sw_buf_free(&id);
    }
    sw_buf_clear(&value);
    if (sw_query_get(in->query, "to", &value))
        sw_jw_member(&w, "to", sw_buf_view(&value));
    sw_buf_clear(&value);
    if (sw_query_get(in->query, "text", &value))
        sw_jw_member(&w, "text", sw_buf_view(&value));
    sw_jw_member(&w, "body", in->body);
    sw_jw_end(&w);
    sw_buf_char(&line, '\n');
    fwrite(line.p, 1, line.n, s->log);
    fflush(s->log);
    sw_buf_free(&line);
    sw_buf_free(&value);
}

/* ---- paths -------------------------------------------------------------------------------- */

static struct sw_str mode_of(struct sink *s, struct sw_str name)
{
    for (size_t i = 0; i < s->n_names; i++) {
        if (sw_str_is(name, s->names[i].name))
            return sw_str(s->names[i].mode);
    }
    return SW_STR("ok");
}

static void on_mode(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sink *s = ctx;
    struct sw_buf name = {0};
    struct sw_buf mode = {0};
    size_t i = 0;

    if (sw_query_get(in->query, "name", &name) && sw_query_get(in->query, "mode", &mode)) {
        while (i < s->n_names && strcmp(s->names[i].name, name.p) != 0)
            i++;
        if (i < NAMES_MAX) {
            snprintf(s->names[i].name, sizeof(s->names[i].name), "%s", name.p);
            snprintf(s->names[i].mode, sizeof(s->names[i].mode), "%s", mode.p);
            s->n_names += i == s->n_names;
        }
    }
    sw_buf_free(&name);
    sw_buf_free(&mode);
    say(x, 200, "set");
}

static void on_request(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sink *s = ctx;
    struct sw_str mode = sw_str_sub(in->path, 1, in->path.n);

    record(s, x, in);
    if (sw_str_starts(in->path, SW_STR("/as/")))
        mode = mode_of(s, sw_str_sub(in->path, 4, in->path.n));
    else if (sw_str_is(in->path, "/cgi-bin/sendsms"))
        mode = sw_str_is(mode_of(s, SW_STR("sms")), "ok") ? SW_STR("sendsms")
                                                          : mode_of(s, SW_STR("sms"));
    behave(s, x, mode);
}

int main(int argc, char **argv)
{
    struct sink s = {.loop = ev_default_loop(EVFLAG_AUTO)};
    char address[64];
    struct sw_err err;

    if (argc < 2)
        return 2;
    s.log = fopen(argv[1], "ae");
    snprintf(address, sizeof(address), "127.0.0.1:%s", argc > 2 ? argv[2] : "0");
    if (s.log == NULL || sw_httpd_start(&s.httpd, s.loop, sw_str(address), 2000, &err) != SW_OK) {
        fprintf(stderr, "sink: %s\n", s.log == NULL ? argv[1] : err.text);
        return 1;
    }
    sw_httpd_route(s.httpd, "/mode", on_mode, &s);
    sw_httpd_route(s.httpd, "/", on_request, &s);
    printf("%u\n", (unsigned int)sw_httpd_port(s.httpd));
    fflush(stdout);
    ev_run(s.loop, 0);
    return 0;
}
