/* httpd.c - libmicrohttpd in external epoll mode inside libev.
 *
 * One ev_io on the library's epoll descriptor and one ev_timer for its time-outs; MHD_run() is
 * called from these two and nowhere else, because a handler runs inside it. An answer that comes
 * later than its handler resumes the connection and pulls the timer to "now": without a run right
 * after it the client would hang until its own time-out.
 *
 * An exchange has two ends, the library's (until `completed`) and the handler's (until the answer);
 * it is freed when both are done, whichever comes first. */
#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/log.h>
#include <shouwang/base/mem.h>
#include <shouwang/web/httpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef PATIENCE     /* tests have less */
#define PATIENCE 30. /* seconds a request may take, to arrive and to be answered */
#endif

enum {
    OVERRUN_MAX = 8 << 20, /* bytes read and dropped so that a 413 can still be told */
    FAREWELL_TURNS = 20,   /* of 5 ms at most, to get the last answers out */
};

struct route {
    struct sw_str path;
    sw_http_handler handler;
    void *ctx;
};

struct sw_exchange {
    struct sw_httpd *httpd;
    struct MHD_Connection *connection; /* NULL: the library has done with it */
    struct sw_exchange *prev, *next;   /* among the suspended ones, oldest first */
    ev_tstamp since;                   /* suspended since */
    char *query;
    struct sw_buf body;
    size_t dropped;        /* bytes beyond the limit */
    struct sw_buf headers; /* of the answer: name NUL value NUL … */
    struct MHD_Response *response;
    int status;
    bool has_begun;
    bool is_owned; /* a handler owes an answer */
    bool is_suspended;
};

struct sw_httpd {
    struct ev_loop *loop;
    struct MHD_Daemon *daemon;
    ev_io io;
    ev_timer timer;
    struct route *routes;
    size_t n_routes, cap_routes;
    struct sw_exchange *first, *last; /* suspended */
    size_t open;                      /* exchanges the library has */
    bool is_stopping;
};

/* ---- the exchange ---- */

static void release(struct sw_exchange *x)
{
    if (x->connection != NULL || x->is_owned)
        return;
    if (x->response != NULL)
        MHD_destroy_response(x->response);
    free(x->query);
    sw_buf_free(&x->body);
    sw_buf_free(&x->headers);
    free(x);
}

static void unlink_suspended(struct sw_exchange *x)
{
    struct sw_httpd *h = x->httpd;

    *(x->prev == NULL ? &h->first : &x->prev->next) = x->next;
    *(x->next == NULL ? &h->last : &x->next->prev) = x->prev;
    x->prev = x->next = NULL;
    x->is_suspended = false;
}

static void suspend(struct sw_exchange *x)
{
    struct sw_httpd *h = x->httpd;

    MHD_suspend_connection(x->connection);
    x->since = ev_now(h->loop);
    x->prev = h->last;
    *(h->last == NULL ? &h->first : &h->last->next) = x;
    h->last = x;
    x->is_suspended = true;
}

/* The library goes on with it at the next run, which is to be soon. */
static void resume(struct sw_exchange *x)
{
    struct sw_httpd *h = x->httpd;

    unlink_suspended(x);
    MHD_resume_connection(x->connection);
    ev_timer_stop(h->loop, &h->timer);
    ev_timer_set(&h->timer, 0., 0.);
    ev_timer_start(h->loop, &h->timer);
}

/* What every answer carries: nobody is to keep or reinterpret what is about people. */
static const char *const constant_headers[][2] = {
    {"Cache-Control", "no-store"},
    {"X-Content-Type-Options", "nosniff"},
};

static void put_response(struct sw_exchange *x, int status, const char *type, struct sw_str body)
{
    union {
        const char *in;
        void *out; /* the library wants void * and copies */
    } bytes = {.in = body.n == 0 ? "" : body.p};

    x->status = status;
    x->response = MHD_create_response_from_buffer(body.n, bytes.out, MHD_RESPMEM_MUST_COPY);
    SW_ASSERT(x->response != NULL);
    MHD_add_response_header(x->response, "Content-Type", type);
    for (size_t i = 0; i < SW_COUNTOF(constant_headers); i++)
        MHD_add_response_header(x->response, constant_headers[i][0], constant_headers[i][1]);
    for (size_t at = 0; at < x->headers.n;) {
        const char *name = x->headers.p + at;
        const char *value = name + strlen(name) + 1;

        MHD_add_response_header(x->response, name, value);
        at += strlen(name) + strlen(value) + 2;
    }
}

static void put_words(struct sw_exchange *x, int status, const char *words)
{
    put_response(x, status, "text/plain; charset=utf-8", sw_str(words));
}

static enum MHD_Result queue_response(struct sw_exchange *x)
{
    enum MHD_Result rc = MHD_queue_response(x->connection, (unsigned int)x->status, x->response);

    MHD_destroy_response(x->response);
    x->response = NULL;
    return rc;
}

struct sw_str sw_exchange_get(const struct sw_exchange *x, const char *name)
{
    return sw_str(MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name));
}

void sw_exchange_set(struct sw_exchange *x, const char *name, const char *value)
{
    sw_buf_put(&x->headers, name, strlen(name) + 1);
    sw_buf_put(&x->headers, value, strlen(value) + 1);
}

void sw_exchange_answer(struct sw_exchange *x, int status, const char *type, struct sw_str body)
{
    SW_ASSERT(x->is_owned);
    x->is_owned = false;
    if (x->connection == NULL) {
        release(x);
        return;
    }
    if (x->response != NULL)
        return; /* too late: 503 or 504 is on its way */
    put_response(x, status, type, body);
    if (x->is_suspended)
        resume(x);
}

/* ---- what libmicrohttpd calls ---- */

/* The first call of a request; the raw URI is given only here. */
static void *on_uri(void *ctx, const char *uri, struct MHD_Connection *connection)
{
    struct sw_exchange *x = sw_calloc(1, sizeof(*x));
    const char *query = strchr(uri, '?');

    x->httpd = ctx;
    x->connection = connection;
    x->query = sw_strdup(query == NULL ? "" : query + 1);
    x->httpd->open++;
    return x;
}

/* The last call of a request, whatever became of it. */
static void on_completed(void *ctx, struct MHD_Connection *connection, void **slot,
                         enum MHD_RequestTerminationCode why)
{
    struct sw_httpd *h = ctx;
    struct sw_exchange *x = *slot;

    (void)connection;
    (void)why;
    if (x == NULL)
        return;
    *slot = NULL;
    h->open--;
    if (x->is_suspended)
        unlink_suspended(x);
    x->connection = NULL;
    release(x);
}

static bool is_loopback_address(const struct sockaddr *peer)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (peer->sa_family == AF_INET) {
        memcpy(&v4, peer, sizeof(v4));
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    if (peer->sa_family != AF_INET6)
        return false;
    memcpy(&v6, peer, sizeof(v6));
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
           (memcmp(&v6.sin6_addr, mapped, sizeof(mapped)) == 0 && v6.sin6_addr.s6_addr[12] == 127);
}

/* A reverse proxy on this machine would make every stranger look local; the headers it adds tell
 * that it speaks for somebody else. */
static bool is_from_loopback(const struct sw_exchange *x)
{
    static const char *const proxied[] = {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"};
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    for (size_t i = 0; i < SW_COUNTOF(proxied); i++) {
        if (sw_exchange_get(x, proxied[i]).p != NULL)
            return false;
    }
    return info != NULL && info->client_addr != NULL && is_loopback_address(info->client_addr);
}

static const struct route *find_route(const struct sw_httpd *h, struct sw_str path)
{
    const struct route *best = NULL;

    for (size_t i = 0; i < h->n_routes; i++) {
        const struct route *r = &h->routes[i];
        bool is_folder = r->path.p[r->path.n - 1] == '/';

        if (is_folder ? !sw_str_starts(path, r->path) : !sw_str_eq(path, r->path))
            continue;
        if (best == NULL || r->path.n > best->path.n)
            best = r;
    }
    return best;
}

/* The whole request is here: to its handler, and into the queue or to sleep. */
static enum MHD_Result dispatch(struct sw_exchange *x, const char *url, const char *method)
{
    struct sw_http_incoming in = {
        .method = sw_str(method),
        .path = sw_str(url),
        .query = sw_str(x->query),
        .body = sw_buf_view(&x->body),
        .content_type = sw_exchange_get(x, "Content-Type"),
        .from_loopback = is_from_loopback(x),
    };
    const struct route *r = find_route(x->httpd, in.path);

    if (x->dropped > 0) {
        put_words(x, 413, "the body is larger than 1 MiB\n");
    } else if (x->httpd->is_stopping) {
        put_words(x, 503, "shutting down\n");
    } else if (r == NULL) {
        put_words(x, 404, "no such page\n");
    } else {
        x->is_owned = true;
        r->handler(r->ctx, x, &in);
    }
    if (x->response != NULL)
        return queue_response(x);
    suspend(x);
    return MHD_YES;
}

/* Only the headers are here: a body announced as too large need not be sent. */
static enum MHD_Result begin(struct sw_exchange *x)
{
    int64_t length;

    x->has_begun = true;
    if (!sw_str_int(sw_exchange_get(x, "Content-Length"), &length) || length <= SW_HTTPD_BODY_MAX)
        return MHD_YES;
    put_words(x, 413, "the body is larger than 1 MiB\n");
    return queue_response(x);
}

static enum MHD_Result take_body(struct sw_exchange *x, const char *bytes, size_t n)
{
    size_t room = SW_HTTPD_BODY_MAX - x->body.n;
    size_t kept = n < room ? n : room;

    sw_buf_put(&x->body, bytes, kept);
    x->dropped += n - kept;
    return x->dropped <= OVERRUN_MAX ? MHD_YES : MHD_NO;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *n, void **slot)
{
    struct sw_exchange *x = *slot;
    size_t got = *n;

    (void)ctx;
    (void)connection;
    (void)version;
    if (x->response != NULL)
        return queue_response(x); /* resumed with its answer */
    if (!x->has_begun)
        return begin(x);
    if (got == 0)
        return dispatch(x, url, method);
    *n = 0;
    return take_body(x, bytes, got);
}

static void on_log(void *ctx, const char *fmt, va_list ap) SW_PRINTF(2, 0);

static void on_log(void *ctx, const char *fmt, va_list ap)
{
    char text[200];

    (void)ctx;
    vsnprintf(text, sizeof(text), fmt, ap);
    sw_log(SW_LOG_DEBUG, "httpd", "libmicrohttpd says", "text=\"%s\"", text);
}

/* ---- the loop ---- */

/* When the library wants to run again, or the oldest kept exchange has waited long enough. */
static void arm(struct sw_httpd *h)
{
    MHD_UNSIGNED_LONG_LONG ms;
    ev_tstamp after = -1.;

    ev_now_update(h->loop);
    if (MHD_get_timeout(h->daemon, &ms) == MHD_YES)
        after = (ev_tstamp)ms / 1000.;
    if (h->first != NULL) {
        ev_tstamp left = h->first->since + PATIENCE - ev_now(h->loop);

        left = left > 0. ? left : 0.;
        after = after < 0. || left < after ? left : after;
    }
    ev_timer_stop(h->loop, &h->timer);
    if (after < 0.)
        return;
    ev_timer_set(&h->timer, after, 0.);
    ev_timer_start(h->loop, &h->timer);
}

static void run(struct sw_httpd *h)
{
    MHD_run(h->daemon);
    arm(h);
}

static void on_io(struct ev_loop *loop, ev_io *w, int events)
{
    (void)loop;
    (void)events;
    run(SW_CONTAINER(w, struct sw_httpd, io));
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
    struct sw_httpd *h = SW_CONTAINER(w, struct sw_httpd, timer);

    (void)events;
    while (h->first != NULL && h->first->since + PATIENCE <= ev_now(loop)) {
        struct sw_exchange *x = h->first;

        put_words(x, 504, "no answer in time; whether it was done is unknown\n");
        resume(x);
    }
    run(h);
}

/* ---- start and stop ---- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* "127.0.0.1:7480" or "[::1]:7480"; names are not looked up. */
static bool parse_address(struct sw_str text, union address *out)
{
    char host[64] = "";
    bool is_v6 = text.n > 0 && text.p[0] == '[';
    size_t colon = text.n;
    size_t from = is_v6;
    size_t n;
    int64_t port;

    while (colon > 0 && text.p[colon - 1] != ':')
        colon--;
    if (colon < 2 + 2 * from || (is_v6 && text.p[colon - 2] != ']') ||
        !sw_str_int(sw_str_sub(text, colon, text.n), &port) || port < 0 || port > 65535)
        return false;
    n = colon - 1 - 2 * from;
    if (n >= sizeof(host))
        return false;
    memcpy(host, text.p + from, n);
    memset(out, 0, sizeof(*out));
    if (is_v6) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons((uint16_t)port);
        return inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1;
    }
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &out->v4.sin_addr) == 1;
}

static struct MHD_Daemon *start_daemon(struct sw_httpd *h, const union address *at,
                                       unsigned int connections)
{
    unsigned int flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;

    if (at->any.sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_log,
                            NULL, MHD_OPTION_SOCK_ADDR, &at->any, MHD_OPTION_CONNECTION_LIMIT,
                            connections, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)PATIENCE,
                            MHD_OPTION_URI_LOG_CALLBACK, on_uri, h, MHD_OPTION_NOTIFY_COMPLETED,
                            on_completed, h, MHD_OPTION_END);
}

enum sw_code sw_httpd_start(struct sw_httpd **out, struct ev_loop *loop, struct sw_str listen,
                            unsigned int connections, struct sw_err *err)
{
    struct sw_httpd *h;
    union address at;
    int fd;

    *out = NULL;
    if (!parse_address(listen, &at))
        return sw_fail(err, SW_EINVALID,
                       _("%.*s: expected an address and a port such as 127.0.0.1:7480 or "
                         "[::1]:7480"),
                       SW_STR_ARG(listen));
    h = sw_calloc(1, sizeof(*h));
    h->loop = loop;
    errno = 0;
    h->daemon = start_daemon(h, &at, connections);
    if (h->daemon == NULL) {
        enum sw_code code = errno == EADDRINUSE ? SW_EBUSY : SW_EIO;

        sw_fail(err, code, _("cannot listen on %.*s: %s"), SW_STR_ARG(listen), strerror(errno));
        free(h);
        return code;
    }
    fd = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    ev_io_init(&h->io, on_io, fd, EV_READ);
    ev_timer_init(&h->timer, on_timer, 0., 0.);
    ev_io_start(loop, &h->io);
    *out = h;
    return SW_OK;
}

uint16_t sw_httpd_port(const struct sw_httpd *h)
{
    return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void sw_httpd_route(struct sw_httpd *h, const char *path, sw_http_handler handler, void *ctx)
{
    SW_ASSERT(path[0] == '/');
    h->routes = sw_grow(h->routes, &h->cap_routes, h->n_routes + 1, sizeof(*h->routes));
    h->routes[h->n_routes++] = (struct route){sw_str(sw_strdup(path)), handler, ctx};
}

/* Answers in the sockets' buffers need the library to run a few times more. */
static void say_farewell(struct sw_httpd *h)
{
    struct pollfd fd = {.fd = h->io.fd, .events = POLLIN};

    while (h->first != NULL) {
        struct sw_exchange *x = h->first;

        put_words(x, 503, "shutting down\n");
        resume(x);
    }
    for (int i = 0; i < FAREWELL_TURNS && h->open > 0; i++) {
        MHD_run(h->daemon);
        poll(&fd, 1, 5);
    }
}

void sw_httpd_stop(struct sw_httpd *h)
{
    MHD_socket listening;

    if (h == NULL)
        return;
    h->is_stopping = true;
    listening = MHD_quiesce_daemon(h->daemon);
    if (listening != MHD_INVALID_SOCKET)
        close(listening);
    say_farewell(h);
    ev_io_stop(h->loop, &h->io);
    ev_timer_stop(h->loop, &h->timer);
    MHD_stop_daemon(h->daemon);
    for (size_t i = 0; i < h->n_routes; i++)
        free((char *)(uintptr_t)h->routes[i].path.p);
    free(h->routes);
    free(h);
}
