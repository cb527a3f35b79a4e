/* delivery_double.h - the other sides of the outbox: a store that commits after a while and
 * remembers everything, and a server that is quick, slow, failing or silent. */
#ifndef TESTS_UNIT_DELIVERY_DOUBLE_H
#define TESTS_UNIT_DELIVERY_DOUBLE_H

#include "delivery_help.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <shouwang/delivery/outbox.h>
#include <sys/socket.h>

enum { MESSAGES = 512 };

static struct ev_loop *loop;
static struct sw_http *http;
static struct sw_httpd *httpd;

/* ---- the store: what it was told, and commits that take their time ---- */

static struct record {
    char id[24], state[16], detail[200];
    unsigned int leases, retries, fates, requests;
    bool is_leased; /* on disk */
    sw_time next_at, changed_at;
    uint32_t attempts;
} records[MESSAGES];
static size_t n_records, n_fates;
static struct sw_outbox *outbox;
static double commit_takes; /* seconds; < 0: at once, inside the call */
static bool sent_without_lease;

static struct commit {
    ev_timer timer;
    uint64_t token;
    struct record *record;
} commits[4 * MESSAGES];
static size_t n_commits;

static sw_time now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (sw_time)ts.tv_sec * SW_SECOND + ts.tv_nsec / 1000;
}

static struct record *record_of(struct sw_str id)
{
    for (size_t i = 0; i < n_records; i++) {
        if (sw_str_is(id, records[i].id))
            return &records[i];
    }
    if (n_records == MESSAGES)
        abort();
    snprintf(records[n_records].id, sizeof(records[0].id), "%.*s", SW_STR_ARG(id));
    return &records[n_records++];
}

static void on_committed(struct ev_loop *l, ev_timer *w, int events)
{
    struct commit *c = SW_CONTAINER(w, struct commit, timer);

    (void)l;
    (void)events;
    c->record->is_leased = true;
    if (outbox != NULL)
        sw_outbox_committed(outbox, c->token);
}

static void sink_change(void *ctx, const struct sw_outbox_change *c, uint64_t token)
{
    struct record *r = record_of(c->message);
    struct commit *commit = &commits[n_commits++ % SW_COUNTOF(commits)];

    (void)ctx;
    r->next_at = c->next_at;
    r->changed_at = now_us();
    r->attempts = c->attempts;
    r->is_leased = false;
    r->leases += c->state == SW_OUT_SENDING;
    r->retries += c->state == SW_OUT_PENDING;
    if (c->state == SW_OUT_PENDING)
        snprintf(r->detail, sizeof(r->detail), "%.*s", SW_STR_ARG(c->detail));
    if (token == 0)
        return;
    commit->token = token;
    commit->record = r;
    if (commit_takes < 0.) {
        r->is_leased = true;
        sw_outbox_committed(outbox, token);
        return;
    }
    ev_timer_init(&commit->timer, on_committed, commit_takes, 0.);
    ev_timer_start(loop, &commit->timer);
}

static void sink_fate(void *ctx, struct sw_str body, const struct sw_outbox_change *c)
{
    struct record *r = record_of(c->message);
    struct sw_arena arena = {0};
    struct sw_json *tree = NULL;

    (void)ctx;
    if (sw_json_parse(&arena, body, &tree, NULL) != SW_OK || c->state != SW_OUT_FINAL ||
        !sw_str_eq(sw_json_text(tree, "message"), c->message) ||
        !sw_str_eq(sw_json_text(tree, "detail"), c->detail))
        abort();
    snprintf(r->state, sizeof(r->state), "%.*s", SW_STR_ARG(sw_json_text(tree, "state")));
    snprintf(r->detail, sizeof(r->detail), "%.*s", SW_STR_ARG(c->detail));
    r->attempts = c->attempts;
    r->fates++;
    n_fates++;
    sw_arena_free(&arena);
}

/* ---- the server ---- */

static struct double_ {
    size_t requests, open, most_open;
    double times[MESSAGES];
    struct late {
        ev_timer timer;
        struct sw_exchange *x;
        int status;
    } late[MESSAGES];
    struct sw_exchange *hanging[MESSAGES];
    size_t n_hanging;
} served;

static void late_answer(struct ev_loop *l, ev_timer *w, int events)
{
    struct late *late = SW_CONTAINER(w, struct late, timer);

    (void)l;
    (void)events;
    served.open--;
    sw_exchange_answer(late->x, late->status, "text/plain", SW_STR("{}"));
}

static struct record *note_request(struct sw_exchange *x)
{
    struct record *r = record_of(sw_exchange_get(x, "webhook-id"));

    r->requests++;
    sent_without_lease |= !r->is_leased;
    served.times[served.requests++ % MESSAGES] = ev_time();
    return r;
}

static void serve_status(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    int status = *(const int *)ctx;
    const struct record *r = note_request(x);

    (void)in;
    if (status == 429 && served.requests == 1)
        sw_exchange_set(x, "Retry-After", "1");
    else if (status == 429)
        status = 200;
    if (status == -1) /* every other one */
        status = served.requests % 2 == 0 ? 200 : 500;
    if (status == -2) /* some, when they come first */
        status = served.requests % 3 == 0 && r->requests == 1 ? 500 : 200;
    sw_exchange_answer(x, status, "text/plain", SW_STR("{}"));
}

static void serve_late(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct late *late = &served.late[served.requests % MESSAGES];

    (void)in;
    note_request(x);
    late->x = x;
    late->status = 200;
    if (++served.open > served.most_open)
        served.most_open = served.open;
    ev_timer_init(&late->timer, late_answer, *(const double *)ctx, 0.);
    ev_timer_start(loop, &late->timer);
}

static void serve_never(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    (void)ctx;
    (void)in;
    note_request(x);
    served.hanging[served.n_hanging++] = x;
}

static void start_server(void)
{
    static int statuses[] = {200, 500, 410, 429, 400, -1, -2};
    static const char *const paths[] = {"/ok", "/500", "/410", "/429", "/400", "/flip", "/once"};
    static double little = 0.03;
    struct sw_err err;

    if (sw_httpd_start(&httpd, loop, SW_STR("127.0.0.1:0"), 600, &err) != SW_OK)
        abort();
    for (size_t i = 0; i < SW_COUNTOF(paths); i++)
        sw_httpd_route(httpd, paths[i], serve_status, &statuses[i]);
    sw_httpd_route(httpd, "/late", serve_late, &little);
    sw_httpd_route(httpd, "/never", serve_never, NULL);
}

static uint16_t dead_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        abort();
    close(fd);
    return ntohs(at.sin_port);
}

#endif
