/* The HTTP server: routes, late answers, limits, and every order in which its two ends can go. */
#include "delivery_help.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

static struct ev_loop *loop;
static struct sw_httpd *httpd;
static struct sw_http *http;
static struct sw_exchange *kept[64];
static size_t n_kept;

static void echo(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_buf out = {0};

    sw_buf_printf(&out, "%s %.*s %.*s?%.*s %s %.*s [%.*s] %.*s", (const char *)ctx,
                  SW_STR_ARG(in->method), SW_STR_ARG(in->path), SW_STR_ARG(in->query),
                  in->from_loopback ? "local" : "far", SW_STR_ARG(in->content_type),
                  SW_STR_ARG(sw_exchange_get(x, "X-Mine")), SW_STR_ARG(in->body));
    sw_exchange_set(x, "Retry-After", "7");
    sw_exchange_answer(x, 200, "text/plain", sw_buf_view(&out));
    sw_buf_free(&out);
}

static void keep(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    (void)ctx;
    (void)in;
    kept[n_kept++] = x;
}

static void size_of(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    char text[32];

    (void)ctx;
    snprintf(text, sizeof(text), "%zu", in->body.n);
    sw_exchange_answer(x, 200, "text/plain", sw_str(text));
}

static struct sw_str url(const char *path)
{
    static char text[2][256];
    static int turn;

    turn = !turn;
    snprintf(text[turn], sizeof(text[turn]), "http://127.0.0.1:%u%s", sw_httpd_port(httpd), path);
    return sw_str(text[turn]);
}

static struct help_reply get(const char *path)
{
    struct sw_http_request r = {.method = SW_STR("GET"), .url = url(path)};

    return help_fetch(loop, http, &r);
}

static void start(unsigned int connections)
{
    struct sw_err err;

    is_int(sw_httpd_start(&httpd, loop, SW_STR("127.0.0.1:0"), connections, &err), SW_OK);
    sw_httpd_route(httpd, "/", echo, "root");
    sw_httpd_route(httpd, "/a/", echo, "a");
    sw_httpd_route(httpd, "/a/b", echo, "ab");
    sw_httpd_route(httpd, "/late", keep, NULL);
    sw_httpd_route(httpd, "/size", size_of, NULL);
    n_kept = 0;
}

static void test_routes(void)
{
    const struct sw_http_header headers[] = {{SW_STR("X-Mine"), SW_STR("h")},
                                             {SW_STR("Content-Type"), SW_STR("a/b")}};
    const struct sw_http_header proxied[] = {{SW_STR("X-Forwarded-For"), SW_STR("192.0.2.1")}};
    struct sw_http_request post = {.method = SW_STR("POST"),
                                   .url = url("/a/b?x=%20+&y"),
                                   .body = SW_STR("守望"),
                                   .headers = headers,
                                   .n_headers = 2};
    struct help_reply r = help_fetch(loop, http, &post);

    is_str(sw_str(r.body), "ab POST /a/b?x=%20+&y local a/b [h] 守望");
    is_int(r.result.status, 200);
    is_str(sw_str(r.retry_after), "7");
    is_str(sw_str(get("/a/bc").body), "a GET /a/bc? local  [] ");
    is_str(sw_str(get("/a%20x/%E5%AE%88").body), "root GET /a x/守? local  [] ");
    is_int(get("/late/no").result.status, 200); /* "/late" is no folder: the root has it */
    post = (struct sw_http_request){
        .method = SW_STR("GET"), .url = url("/"), .headers = proxied, .n_headers = 1};
    is_str(sw_str(help_fetch(loop, http, &post).body), "root GET /? far  [] ");
}

/* Wait until `n` requests are kept. */
static bool wait_kept(size_t n)
{
    double until = ev_time() + 5.;

    while (n_kept < n && ev_time() < until)
        help_rest(loop, 0.01);
    return n_kept == n;
}

static void test_late(void)
{
    static struct help_reply replies[20];
    double began;

    for (size_t i = 0; i < SW_COUNTOF(replies); i++) {
        struct sw_http_request r = {.method = SW_STR("GET"), .url = url("/late")};

        sw_http_send(http, &r, help_done, &replies[i]);
    }
    ok(wait_kept(SW_COUNTOF(replies)));
    began = ev_time();
    for (size_t i = 0; i < SW_COUNTOF(replies); i++) {
        char text[8];

        snprintf(text, sizeof(text), "%zu", i);
        sw_exchange_answer(kept[i], 202, "text/plain", sw_str(text));
    }
    for (size_t i = 0; i < SW_COUNTOF(replies); i++)
        ok(help_run(loop, &replies[i].done, 5.) && replies[i].result.status == 202);
    ok_named(ev_time() - began < 1., "late answers leave at once");
    n_kept = 0;
}

static void test_body_limit(void)
{
    size_t sizes[] = {0, 1, 70000, SW_HTTPD_BODY_MAX, SW_HTTPD_BODY_MAX + 1, 3 << 20};
    char *bytes = calloc(1, 3 << 20);

    for (size_t i = 0; i < SW_COUNTOF(sizes); i++) {
        struct sw_http_request r = {
            .method = SW_STR("POST"), .url = url("/size"), .body = {bytes, sizes[i]}};
        struct help_reply reply = help_fetch(loop, http, &r);
        char want[32];

        snprintf(want, sizeof(want), "%zu", sizes[i]);
        if (sizes[i] <= SW_HTTPD_BODY_MAX)
            is_str(sw_str(reply.body), want);
        else
            ok_named(reply.result.status == 413 || reply.result.end == SW_HTTP_UNKNOWN, want);
    }
    free(bytes);
}

/* ---- a client that speaks by hand ---- */

static int dial(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(sw_httpd_port(httpd)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        abort();
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void say(int fd, const char *bytes, size_t n)
{
    double until = ev_time() + 5.;

    while (n > 0 && ev_time() < until) {
        ssize_t put = send(fd, bytes, n, MSG_NOSIGNAL);

        if (put > 0) {
            bytes += put;
            n -= (size_t)put;
        } else if (put < 0 && errno != EAGAIN) {
            return;
        }
        help_rest(loop, 0.);
        ev_run(loop, EVRUN_NOWAIT);
    }
}

/* What the server says until it closes, or `seconds` have passed. */
static const char *hear(int fd, double seconds)
{
    static char text[4096];
    double until = ev_time() + seconds;
    size_t n = 0;

    while (ev_time() < until && n + 1 < sizeof(text)) {
        ssize_t got = recv(fd, text + n, sizeof(text) - 1 - n, 0);

        if (got == 0 || (got < 0 && errno != EAGAIN))
            break;
        n += got > 0 ? (size_t)got : 0;
        help_rest(loop, 0.01);
    }
    text[n] = '\0';
    return text;
}

static void test_chunked_limit(void)
{
    static const char head[] =
        "POST /size HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    char *chunk = calloc(1, 65536 + 8);
    int fd = dial();

    memcpy(chunk, "10000\r\n", 7);
    memset(chunk + 7, 'x', 65536);
    say(fd, head, sizeof(head) - 1);
    for (int i = 0; i < 20; i++) {
        say(fd, chunk, 65536 + 7);
        say(fd, "\r\n", 2);
    }
    say(fd, "0\r\n\r\n", 5);
    ok_named(strstr(hear(fd, 0.5), "HTTP/1.1 413 ") != NULL, "413 to a chunked body");
    close(fd);
    free(chunk);
}

static void test_bad_clients(void)
{
    static const char *const bad[] = {
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST /size HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "GET /%00/%zz?%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this",
    };

    for (size_t i = 0; i < SW_COUNTOF(bad); i++) {
        int fd = dial();

        say(fd, bad[i], strlen(bad[i]));
        note("%zu: %.40s", i, hear(fd, 0.1));
        close(fd);
    }
    help_rest(loop, 0.05);
    is_int_named(get("/").result.status, 200, "still serving");
}

static void test_client_gone(void)
{
    static const char head[] = "GET /late HTTP/1.1\r\nHost: x\r\n\r\n";
    int fd = dial();

    say(fd, head, sizeof(head) - 1);
    ok(wait_kept(1));
    close(fd);
    help_rest(loop, 0.05);
    sw_exchange_answer(kept[0], 200, "text/plain", SW_STR("nobody hears this"));
    help_rest(loop, 0.05);
    n_kept = 0;
    is_int(get("/").result.status, 200);
}

static void test_start_errors(void)
{
    static const char *const bad[] = {"",       "7480",         "127.0.0.1",    "127.0.0.1:",
                                      ":7480",  "localhost:80", "127.0.0.1:x",  "127.0.0.1:70000",
                                      "[::1]",  "[::1:80",      "1.2.3.4.5:80", "[]:80",
                                      "::1:80x"};
    char taken[32];
    struct sw_httpd *other;
    struct sw_err err;

    for (size_t i = 0; i < SW_COUNTOF(bad); i++)
        is_int_named(sw_httpd_start(&other, loop, sw_str(bad[i]), 10, &err), SW_EINVALID, bad[i]);
    snprintf(taken, sizeof(taken), "127.0.0.1:%u", sw_httpd_port(httpd));
    is_int(sw_httpd_start(&other, loop, sw_str(taken), 10, &err), SW_EBUSY);
    ok(strstr(err.text, taken) != NULL);
    if (sw_httpd_start(&other, loop, SW_STR("[::1]:0"), 10, &err) == SW_OK) {
        ok(sw_httpd_port(other) != 0);
        sw_httpd_stop(other);
    }
}

static void test_connection_limit(void)
{
    static const char head[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    int fds[6];
    int answered = 0;

    start(4);
    for (size_t i = 0; i < SW_COUNTOF(fds); i++)
        fds[i] = dial();
    for (size_t i = 0; i < SW_COUNTOF(fds); i++)
        say(fds[i], head, sizeof(head) - 1);
    for (size_t i = 0; i < SW_COUNTOF(fds); i++)
        answered += strstr(hear(fds[i], 0.2), "HTTP/1.1 200") != NULL;
    for (size_t i = 0; i < SW_COUNTOF(fds); i++)
        close(fds[i]);
    ok(answered >= 3 && answered <= 4);
    sw_httpd_stop(httpd);
}

/* Three requests are open: one is answered with 503 by the stop, and their owners answer later. */
static void test_stop(void)
{
    static struct help_reply replies[3];

    start(100);
    for (size_t i = 0; i < SW_COUNTOF(replies); i++) {
        struct sw_http_request r = {.method = SW_STR("GET"), .url = url("/late")};

        sw_http_send(http, &r, help_done, &replies[i]);
    }
    ok(wait_kept(3));
    sw_httpd_stop(httpd);
    for (size_t i = 0; i < SW_COUNTOF(replies); i++)
        ok(help_run(loop, &replies[i].done, 5.) && replies[i].result.status == 503);
    for (size_t i = 0; i < SW_COUNTOF(replies); i++)
        sw_exchange_answer(kept[i], 200, "text/plain", SW_STR("too late"));
}

int main(void)
{
    loop = ev_loop_new(EVFLAG_AUTO);
    http = sw_http_new(loop, NULL);
    start(100);
    test_routes();
    test_late();
    test_body_limit();
    test_chunked_limit();
    test_bad_clients();
    test_client_gone();
    test_start_errors();
    sw_httpd_stop(httpd);
    test_connection_limit();
    test_stop();
    sw_http_free(http);
    ev_loop_destroy(loop);
    return done_testing();
}
