/* The HTTP client against servers that behave and servers that do not: which of the three ends a
 * request has decides whether a message may be sent twice. */
#include "delivery_help.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <shouwang/base/url.h>
#include <sys/socket.h>

static struct ev_loop *loop;
static struct sw_http *http;

/* ---- a server that says what it is told to and then does what it is told to ---- */

enum rogue_end { ROGUE_CLOSE, ROGUE_RESET, ROGUE_HANG };

static struct rogue {
    ev_io listening;
    uint16_t port;
    const char *says;
    enum rogue_end end;
    size_t connections;
    bool early; /* before reading anything */
    struct visitor {
        ev_io io;
        size_t got;
        char request[4096];
    } visitors[64];
    char last[4096];
} rogue;

static void rogue_act(struct visitor *v)
{
    struct linger hard = {1, 0};

    if (rogue.says != NULL && send(v->io.fd, rogue.says, strlen(rogue.says), MSG_NOSIGNAL) < 0)
        return;
    if (rogue.end == ROGUE_HANG)
        return;
    if (rogue.end == ROGUE_RESET)
        setsockopt(v->io.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    ev_io_stop(loop, &v->io);
    close(v->io.fd);
    v->io.fd = -1;
}

static void rogue_read(struct ev_loop *l, ev_io *io, int events)
{
    struct visitor *v = SW_CONTAINER(io, struct visitor, io);
    ssize_t got = recv(io->fd, v->request + v->got, sizeof(v->request) - 1 - v->got, 0);

    (void)events;
    if (got <= 0) {
        ev_io_stop(l, io);
        close(io->fd);
        io->fd = -1;
        return;
    }
    v->got += (size_t)got;
    v->request[v->got] = '\0';
    if (strstr(v->request, "\r\n\r\n") == NULL)
        return;
    snprintf(rogue.last, sizeof(rogue.last), "%s", v->request);
    v->got = 0;
    rogue_act(v);
}

static void rogue_accept(struct ev_loop *l, ev_io *io, int events)
{
    struct visitor *v = &rogue.visitors[rogue.connections++ % SW_COUNTOF(rogue.visitors)];
    int fd = accept(io->fd, NULL, NULL);

    (void)events;
    v->got = 0;
    ev_io_init(&v->io, rogue_read, fd, EV_READ);
    if (rogue.early)
        rogue_act(v);
    else
        ev_io_start(l, &v->io);
}

static int listen_somewhere(uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 64) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        abort();
    *port = ntohs(at.sin_port);
    return fd;
}

static struct help_reply ask(const char *says, enum rogue_end end, bool early)
{
    char url[64];
    struct sw_http_request r = {.method = SW_STR("POST"),
                                .body = SW_STR("x"),
                                .timeout = 400000,
                                .connect_timeout = 300000};

    rogue.says = says;
    rogue.end = end;
    rogue.early = early;
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/p", rogue.port);
    r.url = sw_str(url);
    return help_fetch(loop, http, &r);
}

static void test_ends(void)
{
    static const struct {
        const char *name, *says;
        enum rogue_end end;
        bool early;
        enum sw_http_end want;
    } rows[] = {
        {"answered", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", ROGUE_CLOSE, false,
         SW_HTTP_ANSWERED},
        {"answered without length", "HTTP/1.0 500 X\r\n\r\noops", ROGUE_CLOSE, false,
         SW_HTTP_ANSWERED},
        {"hanging", NULL, ROGUE_HANG, false, SW_HTTP_UNKNOWN},
        {"hanging in the headers", "HTTP/1.1 200 OK\r\nConte", ROGUE_HANG, false, SW_HTTP_UNKNOWN},
        {"hanging in the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", ROGUE_HANG, false,
         SW_HTTP_UNKNOWN},
        {"closed without an answer", NULL, ROGUE_CLOSE, false, SW_HTTP_UNKNOWN},
        {"reset without an answer", NULL, ROGUE_RESET, false, SW_HTTP_UNKNOWN},
        {"closed in the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", ROGUE_CLOSE, false,
         SW_HTTP_UNKNOWN},
        {"not HTTP", "SSH-2.0-x\r\n\r\n", ROGUE_CLOSE, false, SW_HTTP_UNKNOWN},
        {"only 100", "HTTP/1.1 100 Continue\r\n\r\n", ROGUE_CLOSE, false, SW_HTTP_UNKNOWN},
    };

    for (size_t i = 0; i < SW_COUNTOF(rows); i++) {
        struct help_reply r = ask(rows[i].says, rows[i].end, rows[i].early);

        is_int_named(r.result.end, rows[i].want, rows[i].name);
        ok((r.error[0] != '\0') == (rows[i].want != SW_HTTP_ANSWERED));
        ok((r.result.status != 0) == (rows[i].want == SW_HTTP_ANSWERED));
        if (r.error[0] != '\0')
            note("%s: %s", rows[i].name, r.error);
    }
}

static void test_not_sent(void)
{
    static const char *const urls[] = {
        "http://127.0.0.1:%u/",    "https://127.0.0.1:%u/",        "ftp://127.0.0.1:%u/",
        "file:///etc/hostname?%u", "http://name.invalid:%u",       "gopher://127.0.0.1:%u/_x",
        "not an address %u",       "http://127.0.0.1:%u/\r\nX: y",
    };
    uint16_t dead;

    close(listen_somewhere(&dead));
    for (size_t i = 0; i < SW_COUNTOF(urls); i++) {
        char url[128];
        struct sw_http_request r = {.method = SW_STR("GET")};
        struct help_reply reply;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(url, sizeof(url), urls[i], dead);
#pragma GCC diagnostic pop
        r.url = sw_str(url);
        reply = help_fetch(loop, http, &r);
        is_int_named(reply.result.end, SW_HTTP_NOT_SENT, urls[i]);
        ok(reply.error[0] != '\0');
        note("%s", reply.error);
    }
}

/* TLS that fails in the handshake: bytes went out, but not the request. */
static void test_tls_refused(void)
{
    char url[64];
    struct sw_http_request r = {.method = SW_STR("POST"), .body = SW_STR("x")};

    rogue.says = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    rogue.end = ROGUE_CLOSE;
    rogue.early = true;
    snprintf(url, sizeof(url), "https://127.0.0.1:%u/", rogue.port);
    r.url = sw_str(url);
    is_int(help_fetch(loop, http, &r).result.end, SW_HTTP_NOT_SENT);
}

static void test_headers(void)
{
    const struct sw_http_header good[] = {{SW_STR("webhook-id"), SW_STR("m-1")},
                                          {SW_STR("X-Empty"), SW_STR("")}};
    const struct sw_http_header bad[] = {{SW_STR("X-A"), SW_STR("b\r\nX-Evil: 1")}};
    char url[64];
    struct sw_http_request r = {.method = SW_STR("PUT"), .headers = good, .n_headers = 2};
    struct help_reply reply;

    rogue.says = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nRetry-After: 12\r\n"
                 "Content-Length: 0\r\n\r\n";
    rogue.end = ROGUE_CLOSE;
    rogue.early = false;
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/p?q", rogue.port);
    r.url = sw_str(url);
    reply = help_fetch(loop, http, &r);
    is_int_named(reply.result.status, 302, "redirects are not followed");
    is_str(sw_str(reply.retry_after), "12");
    ok(strstr(rogue.last, "PUT /p?q HTTP/1.1\r\n") == rogue.last);
    ok(strstr(rogue.last, "webhook-id: m-1\r\n") != NULL);
    ok(strstr(rogue.last, "X-Empty:\r\n") != NULL);
    ok(strstr(rogue.last, "Content-Length: 0\r\n") != NULL);
    ok(strstr(rogue.last, "Content-Type") == NULL && strstr(rogue.last, "Expect") == NULL);
    r.headers = bad;
    r.n_headers = 1;
    rogue.last[0] = '\0';
    is_int(help_fetch(loop, http, &r).result.end, SW_HTTP_NOT_SENT);
    is_str(sw_str(rogue.last), "");
    reply = ask("HTTP/1.1 503 X\r\nRetry-After: Sat, 21 Nov 2099 00:00:00 GMT\r\n\r\n", ROGUE_CLOSE,
                false);
    ok(atoll(reply.retry_after) > 1000000);
    is_str(
        sw_str(ask("HTTP/1.1 503 X\r\nRetry-After: soon\r\n\r\n", ROGUE_CLOSE, false).retry_after),
        "");
}

static void big(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    static char bytes[300000];

    (void)ctx;
    (void)in;
    memset(bytes, 'b', sizeof(bytes));
    sw_exchange_answer(x, 200, "text/plain", (struct sw_str){bytes, sizeof(bytes)});
}

static size_t cut_at;

static void take_size(void *ctx, const struct sw_http_result *r)
{
    cut_at = r->body.n;
    *(bool *)ctx = r->end == SW_HTTP_ANSWERED && r->status == 200;
}

static void test_large_answer(void)
{
    struct sw_httpd *httpd;
    struct sw_err err;
    char url[64];
    struct sw_http_request r = {.method = SW_STR("GET")};
    bool done = false;

    is_int(sw_httpd_start(&httpd, loop, SW_STR("127.0.0.1:0"), 10, &err), SW_OK);
    sw_httpd_route(httpd, "/", big, NULL);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", sw_httpd_port(httpd));
    r.url = sw_str(url);
    sw_http_send(http, &r, take_size, &done);
    ok_named(help_run(loop, &done, 5.), "a large answer is an answer");
    is_int(cut_at, SW_HTTP_ANSWER_MAX);
    r.answer_max = SW_HTTP_ANSWER_MAX + 10;
    done = false;
    sw_http_send(http, &r, take_size, &done);
    ok_named(help_run(loop, &done, 5.), "who wants more says so");
    is_int(cut_at, SW_HTTP_ANSWER_MAX + 10);
    sw_httpd_stop(httpd);
}

/* Eight requests, one after another, over one connection. */
static void test_reuse(void)
{
    size_t before = rogue.connections;

    for (int i = 0; i < 8; i++) {
        struct help_reply r =
            ask("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ROGUE_HANG, false);

        ok(r.result.status == 200);
    }
    is_int(rogue.connections - before, 1);
}

static void count_unknown(void *ctx, const struct sw_http_result *r)
{
    *(size_t *)ctx += r->end == SW_HTTP_UNKNOWN;
}

static void test_free(void)
{
    struct sw_http *other = sw_http_new(loop, NULL);
    size_t unknown = 0;
    char url[64];
    struct sw_http_request r = {.method = SW_STR("GET")};

    rogue.says = NULL;
    rogue.end = ROGUE_HANG;
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", rogue.port);
    r.url = sw_str(url);
    for (int i = 0; i < 5; i++)
        sw_http_send(other, &r, count_unknown, &unknown);
    r.url = SW_STR("http://x\n");
    sw_http_send(other, &r, count_unknown, &unknown);
    is_int(sw_http_active(other), 6);
    help_rest(loop, 0.1);
    sw_http_free(other);
    is_int_named(unknown, 5, "requests under way end as unknown, the malformed one as not sent");
}

static void test_url(void)
{
    static const struct {
        const char *query, *name, *value;
    } rows[] = {
        {"a=1&b=2", "b", "2"},
        {"text=1+%E5%B7%B2%E8%BD%AC%E7%A7%BB&x", "text", "1 已转移"},
        {"a=%2B%26%3d", "a", "+&="},
        {"a", "a", ""},
        {"b=1&a=", "a", ""},
        {"%61=x", "a", "x"},
        {"a=1&a=2", "a", "1"},
        {"a=b=c", "a", "b=c"},
        {"", "a", NULL},
        {"ab=1", "a", NULL},
        {"a=%4", "a", NULL},
        {"a=%zz", "a", NULL},
        {"a=%", "a", NULL},
    };
    struct sw_buf out = {0};

    for (size_t i = 0; i < SW_COUNTOF(rows); i++) {
        bool found;

        sw_buf_clear(&out);
        found = sw_query_get(sw_str(rows[i].query), rows[i].name, &out);
        ok_named(found == (rows[i].value != NULL), rows[i].query);
        is_str_named(sw_buf_view(&out), rows[i].value == NULL ? "" : rows[i].value, rows[i].query);
    }
    sw_buf_clear(&out);
    sw_url_encode(&out, SW_STR("aZ09-._~ /?&=%+守\n"));
    is_str(sw_buf_view(&out), "aZ09-._~%20%2F%3F%26%3D%25%2B%E5%AE%88%0A");
    sw_buf_free(&out);
}

int main(void)
{
    int fd = listen_somewhere(&rogue.port);

    loop = ev_loop_new(EVFLAG_AUTO);
    http = sw_http_new(loop, NULL);
    ev_io_init(&rogue.listening, rogue_accept, fd, EV_READ);
    ev_io_start(loop, &rogue.listening);
    test_url();
    test_ends();
    test_not_sent();
    test_tls_refused();
    test_headers();
    test_large_answer();
    test_reuse();
    test_free();
    help_rest(loop, 0.05);
    sw_http_free(http);
    ev_io_stop(loop, &rogue.listening);
    close(fd);
    for (size_t i = 0; i < SW_COUNTOF(rogue.visitors); i++) {
        if (ev_is_active(&rogue.visitors[i].io)) {
            ev_io_stop(loop, &rogue.visitors[i].io);
            close(rogue.visitors[i].io.fd);
        }
    }
    ev_loop_destroy(loop);
    return done_testing();
}
