/* http.c - libcurl's multi interface driven by libev.
 *
 * curl tells which descriptors and which one timer it wants; everything goes forward through
 * curl_multi_socket_action() called from those watchers, never from inside curl's own callbacks.
 * After each step the finished transfers are drained: their results are copied out before anybody
 * hears of them, so `done` may send again.
 *
 * Whether a request left is read from the bytes curl wrote, not guessed from the error: none sent
 * means nobody can have received it; anything else without a whole answer is unknown.
 *
 * Requests are left to run into their own time-out. Removing one early may make curl wait for a
 * resolver thread and stall the loop (curl issue 4852). */
#include <curl/curl.h>
#include <ev.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/log.h>
#include <shouwang/base/mem.h>
#include <shouwang/delivery/http.h>
#include <stdio.h>
#include <stdlib.h>

#define CONNECT_TIMEOUT (5 * SW_SECOND)
#define TIMEOUT         (20 * SW_SECOND)

enum {
    IDLE_HANDLES = 64,     /* easy handles kept for the next request */
    IDLE_CONNECTIONS = 64, /* kept open by the multi handle */
    DNS_CACHE = 300,       /* seconds */
};

struct transfer {
    struct transfer *prev, *next; /* among the active ones */
    CURL *easy;
    struct curl_slist *headers;
    struct sw_buf request_body;
    struct sw_buf answer;
    size_t answer_max;
    bool is_cut;       /* the answer was longer than what is kept */
    bool is_malformed; /* never given to curl */
    char error[CURL_ERROR_SIZE];
    sw_http_done done;
    void *ctx;
    ev_tstamp since;
};

/* One descriptor curl wants watched. */
struct watch {
    ev_io io;
    struct sw_http *http;
    struct watch *prev, *next;
};

struct sw_http {
    struct ev_loop *loop;
    CURLM *multi;
    char *ca_file;
    ev_timer timer; /* the one curl asked for */
    ev_timer soon;  /* tells of malformed requests, outside sw_http_send() */
    struct transfer *active;
    size_t n_active;
    struct watch *watches;
    CURL *idle[IDLE_HANDLES];
    size_t n_idle;
};

/* ---- ends of a transfer ---- */

static void link_transfer(struct sw_http *h, struct transfer *t)
{
    t->next = h->active;
    if (h->active != NULL)
        h->active->prev = t;
    h->active = t;
    h->n_active++;
}

static void unlink_transfer(struct sw_http *h, struct transfer *t)
{
    *(t->prev == NULL ? &h->active : &t->prev->next) = t->next;
    if (t->next != NULL)
        t->next->prev = t->prev;
    h->n_active--;
}

static void keep_handle(struct sw_http *h, CURL *easy)
{
    if (easy == NULL)
        return;
    if (h->n_idle == IDLE_HANDLES) {
        curl_easy_cleanup(easy);
        return;
    }
    curl_easy_reset(easy);
    h->idle[h->n_idle++] = easy;
}

static void free_transfer(struct transfer *t)
{
    curl_slist_free_all(t->headers);
    sw_buf_free(&t->request_body);
    sw_buf_free(&t->answer);
    free(t);
}

/* Give the result to whoever asked. The easy handle must be out of the multi handle. */
static void deliver(struct sw_http *h, struct transfer *t, struct sw_http_result *r)
{
    r->took = (sw_time)((ev_time() - t->since) * (double)SW_SECOND);
    unlink_transfer(h, t);
    keep_handle(h, t->easy);
    t->done(t->ctx, r);
    free_transfer(t);
}

static bool nothing_left(CURL *easy)
{
    long sent = 0;

    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    return sent == 0;
}

/* A header in seconds or as a date; curl turns both into seconds from now. */
static struct sw_str read_retry_after(CURL *easy, char *text, size_t size)
{
    curl_off_t seconds = 0;

    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds <= 0)
        return (struct sw_str){NULL, 0};
    snprintf(text, size, "%lld", (long long)seconds);
    return sw_str(text);
}

/* curl says the transfer is over. */
static void finish(struct sw_http *h, struct transfer *t, CURLcode code)
{
    struct sw_http_result r = {.end = SW_HTTP_ANSWERED, .body = sw_buf_view(&t->answer)};
    char retry_after[24];
    long status = 0;

    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    r.status = (int)status;
    r.retry_after = read_retry_after(t->easy, retry_after, sizeof(retry_after));
    if ((code != CURLE_OK && !t->is_cut) || status == 0) {
        r.end = nothing_left(t->easy) ? SW_HTTP_NOT_SENT : SW_HTTP_UNKNOWN;
        r.status = 0;
        r.error = t->error[0] != '\0' ? t->error : curl_easy_strerror(code);
        r.body.n = 0;
    }
    curl_multi_remove_handle(h->multi, t->easy);
    deliver(h, t, &r);
}

static void drain(struct sw_http *h)
{
    CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
        struct transfer *t = NULL;

        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        finish(h, t, m->data.result);
    }
}

/* ---- what curl asks of the loop ---- */

static void rebuild(struct sw_http *h);

static void step(struct sw_http *h, curl_socket_t fd, int what)
{
    int running;

    if (curl_multi_socket_action(h->multi, fd, what, &running) != CURLM_OK)
        rebuild(h);
    else
        drain(h);
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
    struct watch *w = SW_CONTAINER(io, struct watch, io);
    int what = 0;

    (void)loop;
    if ((events & EV_READ) != 0)
        what |= CURL_CSELECT_IN;
    if ((events & EV_WRITE) != 0)
        what |= CURL_CSELECT_OUT;
    step(w->http, io->fd, what);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    step(SW_CONTAINER(timer, struct sw_http, timer), CURL_SOCKET_TIMEOUT, 0);
}

static void free_watch(struct sw_http *h, struct watch *w)
{
    ev_io_stop(h->loop, &w->io);
    *(w->prev == NULL ? &h->watches : &w->prev->next) = w->next;
    if (w->next != NULL)
        w->next->prev = w->prev;
    free(w);
}

static struct watch *new_watch(struct sw_http *h, curl_socket_t fd)
{
    struct watch *w = sw_calloc(1, sizeof(*w));

    ev_init(&w->io, on_io);
    w->http = h;
    w->next = h->watches;
    if (h->watches != NULL)
        h->watches->prev = w;
    h->watches = w;
    curl_multi_assign(h->multi, fd, w);
    return w;
}

/* Comes at any time, even from curl_multi_cleanup(), and for descriptors that are no connections
 * (the resolver's). */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *slot)
{
    struct sw_http *h = ctx;
    struct watch *w = slot;
    int events = 0;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        curl_multi_assign(h->multi, fd, NULL);
        if (w != NULL)
            free_watch(h, w);
        return 0;
    }
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= EV_READ;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= EV_WRITE;
    if (w == NULL)
        w = new_watch(h, fd);
    ev_io_stop(h->loop, &w->io);
    ev_io_set(&w->io, fd, events);
    ev_io_start(h->loop, &w->io);
    return 0;
}

/* Only arms the timer, also for 0 ms: curl must not be called from inside its callback. */
static int on_timeout(CURLM *multi, long ms, void *ctx)
{
    struct sw_http *h = ctx;

    (void)multi;
    ev_timer_stop(h->loop, &h->timer);
    if (ms < 0)
        return 0;
    ev_now_update(h->loop); /* libev's "now" is the beginning of this turn */
    ev_timer_set(&h->timer, (double)ms / 1000., 0.);
    ev_timer_start(h->loop, &h->timer);
    return 0;
}

/* ---- the multi handle ---- */

static CURLM *new_multi(struct sw_http *h)
{
    CURLM *multi = curl_multi_init();

    SW_ASSERT(multi != NULL);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, h);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
    return multi;
}

/* All transfers out of the multi handle, told as unknown; `done` may send again meanwhile, into
 * the new one. */
static void abandon(struct sw_http *h, CURLM *old, const char *why)
{
    struct transfer *first = h->active;

    for (struct transfer *t = first; t != NULL; t = t->next) {
        if (t->easy != NULL)
            curl_multi_remove_handle(old, t->easy);
    }
    while (first != NULL) {
        struct transfer *t = first;
        struct sw_http_result r = {.end = SW_HTTP_UNKNOWN, .error = why};

        first = t->next; /* new ones are put before the old head, never behind it */
        deliver(h, t, &r);
    }
}

/* An error of curl's own makes every transfer uncertain. */
static void rebuild(struct sw_http *h)
{
    CURLM *old = h->multi;

    sw_log(SW_LOG_ERROR, "http", "libcurl failed; outcome of all requests unknown", "requests=%zu",
           h->n_active);
    h->multi = new_multi(h);
    abandon(h, old, _("the HTTP library failed"));
    curl_multi_cleanup(old);
}

/* ---- requests ---- */

static size_t on_body(char *bytes, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    size_t room = t->answer_max - t->answer.n;
    size_t got = size * n;

    sw_buf_put(&t->answer, bytes, got < room ? got : room);
    if (got <= room)
        return got;
    t->is_cut = true; /* the rest is nobody's business: the connection is closed */
    return 0;
}

static bool has_control(struct sw_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return true;
    }
    return false;
}

static void add_header(struct transfer *t, struct sw_str name, struct sw_str value)
{
    struct sw_buf line = {0};

    sw_buf_str(&line, name);
    sw_buf_cstr(&line, value.n > 0 ? ": " : ";"); /* "Name;" is curl's way to send it empty */
    sw_buf_str(&line, value);
    t->headers = curl_slist_append(t->headers, line.p);
    SW_ASSERT(t->headers != NULL);
    sw_buf_free(&line);
}

/* False: a name or value would break the request. */
static bool add_headers(struct transfer *t, const struct sw_http_request *r)
{
    /* No waiting for "100 Continue", no type that the caller did not give. */
    t->headers = curl_slist_append(NULL, "Expect:");
    t->headers = curl_slist_append(t->headers, "Content-Type:");
    for (size_t i = 0; i < r->n_headers; i++) {
        if (has_control(r->headers[i].name) || has_control(r->headers[i].value))
            return false;
        add_header(t, r->headers[i].name, r->headers[i].value);
    }
    return true;
}

static long to_ms(sw_time given, sw_time otherwise)
{
    sw_time t = given > 0 ? given : otherwise;

    return (long)((t + 999) / 1000);
}

/* What every request has in common; nothing here can fail for a reason a caller could mend. */
static void set_common(struct sw_http *h, struct transfer *t)
{
    CURL *e = t->easy;

    curl_easy_setopt(e, CURLOPT_PRIVATE, t);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_PROXY, ""); /* nor one from the environment */
    curl_easy_setopt(e, CURLOPT_DNS_CACHE_TIMEOUT, (long)DNS_CACHE);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "shouwang");
    if (h->ca_file != NULL)
        curl_easy_setopt(e, CURLOPT_CAINFO, h->ca_file);
}

static bool set_request(struct transfer *t, const struct sw_http_request *r)
{
    char *url = sw_str_dup(r->url);
    char *method = sw_str_dup(r->method);
    CURL *e = t->easy;
    bool good = !has_control(r->url) && add_headers(t, r);

    sw_buf_str(&t->request_body, r->body);
    curl_easy_setopt(e, CURLOPT_URL, url);
    if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
    } else if (strcmp(method, "GET") != 0 || r->body.n > 0) {
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, r->body.n > 0 ? t->request_body.p : "");
        curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, method);
    }
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, to_ms(r->connect_timeout, CONNECT_TIMEOUT));
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, to_ms(r->timeout, TIMEOUT));
    free(url);
    free(method);
    return good;
}

void sw_http_send(struct sw_http *h, const struct sw_http_request *r, sw_http_done done, void *ctx)
{
    struct transfer *t = sw_calloc(1, sizeof(*t));

    t->done = done;
    t->ctx = ctx;
    t->answer_max = r->answer_max == 0 ? SW_HTTP_ANSWER_MAX : r->answer_max;
    t->since = ev_time();
    t->easy = h->n_idle > 0 ? h->idle[--h->n_idle] : curl_easy_init();
    SW_ASSERT(t->easy != NULL);
    set_common(h, t);
    link_transfer(h, t);
    if (set_request(t, r) && curl_multi_add_handle(h->multi, t->easy) == CURLM_OK)
        return;
    t->is_malformed = true;
    ev_timer_stop(h->loop, &h->soon);
    ev_timer_set(&h->soon, 0., 0.);
    ev_timer_start(h->loop, &h->soon);
}

static struct transfer *find_malformed(struct sw_http *h)
{
    for (struct transfer *t = h->active; t != NULL; t = t->next) {
        if (t->is_malformed)
            return t;
    }
    return NULL;
}

static void on_soon(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct sw_http *h = SW_CONTAINER(timer, struct sw_http, soon);
    struct transfer *t = find_malformed(h);

    (void)events;
    if (t == NULL)
        return;
    deliver(h, t,
            &(struct sw_http_result){.end = SW_HTTP_NOT_SENT,
                                     .error = _("the address or a header is malformed")});
    ev_timer_set(timer, 0., 0.); /* one a turn, until none is left */
    ev_timer_start(loop, timer);
}

size_t sw_http_active(const struct sw_http *h)
{
    return h->n_active;
}

/* ---- life ---- */

struct sw_http *sw_http_new(struct ev_loop *loop, const char *ca_file)
{
    struct sw_http *h = sw_calloc(1, sizeof(*h));

    SW_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); /* counted by curl */
    h->loop = loop;
    h->ca_file = ca_file == NULL ? NULL : sw_strdup(ca_file);
    ev_init(&h->timer, on_timer);
    ev_init(&h->soon, on_soon);
    h->multi = new_multi(h);
    return h;
}

void sw_http_free(struct sw_http *h)
{
    if (h == NULL)
        return;
    abandon(h, h->multi, _("shutting down"));
    for (size_t i = 0; i < h->n_idle; i++)
        curl_easy_cleanup(h->idle[i]);
    curl_multi_cleanup(h->multi);
    while (h->watches != NULL)
        free_watch(h, h->watches); /* NOLINT(clang-analyzer-unix.Malloc): it moves the head on */
    ev_timer_stop(h->loop, &h->timer);
    ev_timer_stop(h->loop, &h->soon);
    free(h->ca_file);
    free(h);
    curl_global_cleanup();
}
