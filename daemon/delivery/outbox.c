/* outbox.c - which message is sent next, and what came of it.
 *
 * Every message is in exactly one state: waiting in its lane's heap, leased (its lease is being
 * committed), or under way. Only the timer's turn takes messages out of the heaps, a bounded number
 * and one from each lane in turn; every other entry point changes state and arms the timer for the
 * earliest moment anything can happen. So no wake-up is lost, and a lane that is full, paused or
 * dead costs the others nothing.
 *
 * Retry times are computed from (id, attempt), not stored; jitter is a hash of them, the same after
 * a restart. The timer never sleeps longer than TICK, so a clock that was set is noticed. */
#include "lane.h"
#include <ev.h>
#include <shouwang/base/crypt.h>
#include <shouwang/base/hash.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/log.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>
#include <time.h>

#define TICK        (5 * SW_SECOND)
#define LEASE_EXTRA (40 * SW_SECOND) /* beyond the request's own time-out */

enum {
    STARTS_PER_TURN = 64,
    EXPIRIES_PER_TURN = 256,
    SLOT_BITS = 24, /* of a handle; the rest counts up, so that order is order of arrival */
};

enum item_state { ITEM_WAITING, ITEM_LEASED, ITEM_SENDING, ITEM_DONE };

/* A request under way; outlives its item when the outbox goes first. */
struct flight {
    struct sw_outbox *outbox; /* NULL: nobody listens any more */
    struct item *item;
};

struct item {
    struct sw_message_row m; /* strings lie behind the struct */
    uint64_t handle;
    struct sw_lane *lane;
    struct flight *flight;
    enum item_state state;
    uint32_t attempts;
    sw_time due;
    struct item *next_unfit;
    char *unfit; /* why no request can carry it */
};

struct sw_outbox {
    struct ev_loop *loop;
    struct sw_http *http;
    struct sw_outbox_sink sink;
    uint64_t seed;
    ev_timer timer;
    struct sw_lane *lanes; /* by gateway, and one more for unknown ones */
    size_t n_lanes;
    size_t turn; /* the lane that is asked first */
    struct item **items;
    size_t n_items, cap_items, live;
    size_t *free_slots;
    size_t n_free, cap_free;
    uint64_t arrivals;
    struct sw_heap expiry;
    struct item *unfit; /* to be rejected at the next turn, not inside a caller's call */
    bool is_draining;
    sw_time last_run;
};

struct moment {
    sw_time wall;   /* leases, retries, expiry: what is in the store */
    sw_time steady; /* pauses and rates: what must not move when the clock is set */
};

static sw_time read_clock(clockid_t which)
{
    struct timespec ts;

    clock_gettime(which, &ts);
    return (sw_time)ts.tv_sec * SW_SECOND + ts.tv_nsec / 1000;
}

static struct moment read_clocks(void)
{
    return (struct moment){read_clock(CLOCK_REALTIME), read_clock(CLOCK_MONOTONIC)};
}

/* ---- items ---- */

static struct item *find_item(const struct sw_outbox *o, uint64_t handle)
{
    size_t slot = handle & ((UINT64_C(1) << SLOT_BITS) - 1);
    struct item *it = slot < o->n_items ? o->items[slot] : NULL;

    return it != NULL && it->handle == handle ? it : NULL;
}

static size_t take_slot(struct sw_outbox *o)
{
    if (o->n_free > 0)
        return o->free_slots[--o->n_free];
    SW_ASSERT(o->n_items < UINT64_C(1) << SLOT_BITS);
    o->items = sw_grow(o->items, &o->cap_items, o->n_items + 1, sizeof(struct item *));
    return o->n_items++;
}

static struct sw_str copy_behind(char **at, struct sw_str s)
{
    struct sw_str copy = {*at, s.n};

    if (s.n > 0)
        memcpy(*at, s.p, s.n);
    *at += s.n;
    return copy;
}

static struct item *new_item(struct sw_outbox *o, const struct sw_message_row *m)
{
    size_t bytes = m->id.n + m->kind.n + m->gateway.n + m->to.n + m->body.n;
    struct item *it = sw_calloc(1, sizeof(*it) + bytes);
    char *at = (char *)(it + 1);
    size_t slot = take_slot(o);

    it->m = *m;
    it->m.id = copy_behind(&at, m->id);
    it->m.kind = copy_behind(&at, m->kind);
    it->m.gateway = copy_behind(&at, m->gateway);
    it->m.to = copy_behind(&at, m->to);
    it->m.body = copy_behind(&at, m->body);
    it->handle = ++o->arrivals << SLOT_BITS | slot;
    o->items[slot] = it;
    o->live++;
    return it;
}

static void free_item(struct sw_outbox *o, struct item *it)
{
    size_t slot = it->handle & ((UINT64_C(1) << SLOT_BITS) - 1);

    o->items[slot] = NULL;
    o->free_slots = sw_grow(o->free_slots, &o->cap_free, o->n_free + 1, sizeof(*o->free_slots));
    o->free_slots[o->n_free++] = slot;
    o->live--;
    if (it->flight != NULL)
        it->flight->outbox = NULL;
    free(it->unfit);
    free(it);
}

static struct sw_lane *lane_of(struct sw_outbox *o, struct sw_str gateway)
{
    for (size_t i = 0; i + 1 < o->n_lanes; i++) {
        if (sw_str_eq(sw_gateway_name(o->lanes[i].gw), gateway))
            return &o->lanes[i];
    }
    return &o->lanes[o->n_lanes - 1];
}

/* ---- the timer ---- */

/* The waiting message of `lane` that is due first, NULL: none waits. */
static struct item *first_waiting(const struct sw_outbox *o, struct sw_lane *lane)
{
    const struct sw_due *top;

    while ((top = sw_heap_top(&lane->due)) != NULL) {
        struct item *it = find_item(o, top->who);

        if (it != NULL && it->state == ITEM_WAITING && it->due == top->when)
            return it;
        sw_heap_pop(&lane->due);
    }
    return NULL;
}

/* µs until the lane can start a request, 0: now; SW_LANE_CLOSED: something else has to happen
 * first. */
static sw_time lane_start_in(const struct sw_outbox *o, struct sw_lane *lane, struct moment now)
{
    const struct item *it = first_waiting(o, lane);
    sw_time open = sw_lane_open_at(lane);
    sw_time due;

    if (it == NULL || o->is_draining || open == SW_LANE_CLOSED)
        return SW_LANE_CLOSED;
    open = open > now.steady ? open - now.steady : 0;
    due = it->due > now.wall ? it->due - now.wall : 0;
    return due > open ? due : open;
}

static void arm(struct sw_outbox *o)
{
    struct moment now = read_clocks();
    const struct sw_due *expiry = sw_heap_top(&o->expiry);
    sw_time wait = TICK;

    for (size_t i = 0; i < o->n_lanes; i++) {
        sw_time in = lane_start_in(o, &o->lanes[i], now);

        wait = in < wait ? in : wait;
    }
    if (expiry != NULL && expiry->when < now.wall + wait)
        wait = expiry->when > now.wall ? expiry->when - now.wall : 0;
    if (o->unfit != NULL)
        wait = 0;
    ev_now_update(o->loop);
    ev_timer_stop(o->loop, &o->timer);
    ev_timer_set(&o->timer, (double)wait / (double)SW_SECOND, 0.);
    ev_timer_start(o->loop, &o->timer);
}

/* ---- outcomes ---- */

static void put_waiting(struct item *it, sw_time due)
{
    it->state = ITEM_WAITING;
    it->due = due;
    it->lane->waiting++;
    sw_heap_push(&it->lane->due, due, it->handle);
}

/* The last word: told to the sink, then forgotten. */
static void finish(struct sw_outbox *o, struct item *it, const char *state, struct sw_str detail)
{
    struct sw_buf body = {0};
    struct sw_jw w = {.out = &body};
    struct sw_outbox_change c = {
        .message = it->m.id, .state = SW_OUT_FINAL, .attempts = it->attempts, .detail = detail};

    it->state = ITEM_DONE;
    sw_jw_object(&w);
    sw_jw_member(&w, "message", it->m.id);
    sw_jw_member(&w, "state", sw_str(state));
    sw_jw_member(&w, "detail", detail);
    sw_jw_end(&w);
    o->sink.fate(o->sink.ctx, sw_buf_view(&body), &c);
    sw_buf_free(&body);
    free_item(o, it);
}

static void reject(struct sw_outbox *o, struct item *it, struct sw_str detail)
{
    it->lane->counts.rejected++;
    sw_log(SW_LOG_WARN, "outbox", "message rejected for good",
           "message=%.*s gateway=%.*s detail=\"%.*s\"", SW_STR_ARG(it->m.id),
           SW_STR_ARG(it->m.gateway), SW_STR_ARG(detail));
    finish(o, it, "rejected", detail);
}

static void expire(struct sw_outbox *o, struct item *it)
{
    char detail[128];

    it->lane->counts.expired++;
    snprintf(detail, sizeof(detail), _("not accepted by the gateway in time (%u attempts)"),
             it->attempts);
    sw_log(SW_LOG_WARN, "outbox", "message expired", "message=%.*s gateway=%.*s attempts=%u",
           SW_STR_ARG(it->m.id), SW_STR_ARG(it->m.gateway), it->attempts);
    finish(o, it, "expired", sw_str(detail));
}

/* Backoff of this attempt, moved by up to ± jitter; the same for the same message and attempt. */
static sw_time backoff(const struct sw_outbox *o, const struct item *it)
{
    struct sw_hash_key key = {o->seed, it->attempts};
    double unit = (double)(sw_siphash(key, it->m.id.p, it->m.id.n) >> 11) / 9007199254740992.;
    double delay = (double)sw_gateway_backoff(it->lane->gw, it->attempts);

    return (sw_time)(delay * (1. + sw_gateway_jitter(it->lane->gw) * (2. * unit - 1.)));
}

static bool is_over(const struct sw_message_row *m, sw_time now)
{
    return m->expires > 0 && m->expires <= now;
}

static void retry_at(struct sw_outbox *o, struct item *it, sw_time due, struct sw_str detail)
{
    struct sw_outbox_change c = {.message = it->m.id,
                                 .state = SW_OUT_PENDING,
                                 .attempts = it->attempts,
                                 .next_at = due,
                                 .detail = detail};

    if (is_over(&it->m, read_clock(CLOCK_REALTIME))) {
        expire(o, it);
        return;
    }
    it->lane->counts.retried++;
    sw_log(SW_LOG_DEBUG, "outbox", "message is tried again later",
           "message=%.*s gateway=%.*s attempts=%u detail=\"%.*s\"", SW_STR_ARG(it->m.id),
           SW_STR_ARG(it->m.gateway), it->attempts, SW_STR_ARG(detail));
    put_waiting(it, due);
    o->sink.change(o->sink.ctx, &c, 0);
}

/* What the gateway's answer does to its lane and to the message. */
static void settle(struct sw_outbox *o, struct item *it, enum sw_answer answer, sw_time wait,
                   struct sw_str detail)
{
    struct sw_lane *lane = it->lane;
    struct moment now = read_clocks();
    sw_time delay;

    switch (answer) {
    case SW_ANSWER_ACCEPTED:
        sw_lane_alive(lane);
        lane->counts.accepted++;
        sw_hist_add(&lane->taken, now.wall - it->m.created);
        finish(o, it, "accepted", detail);
        return;
    case SW_ANSWER_PERMANENT:
        sw_lane_alive(lane);
        reject(o, it, detail);
        return;
    case SW_ANSWER_RETRY:
        sw_lane_failed(lane, now.steady);
        delay = backoff(o, it);
        retry_at(o, it, now.wall + (delay > wait ? delay : wait), detail);
        return;
    case SW_ANSWER_RATE_LIMITED: sw_lane_limited(lane, now.steady, wait); break;
    case SW_ANSWER_DISABLED: sw_lane_disabled(lane, now.steady, detail); break;
    }
    retry_at(o, it, now.wall + lane->paused_until - now.steady, detail);
}

static void on_done(void *ctx, const struct sw_http_result *result)
{
    struct flight *f = ctx;
    struct sw_outbox *o = f->outbox;
    struct item *it = f->item;
    struct sw_arena arena = {0};
    struct sw_str detail;
    enum sw_answer answer;
    sw_time wait;

    free(f);
    if (o == NULL)
        return;
    it->flight = NULL;
    sw_lane_end(it->lane);
    answer = sw_gateway_judge(it->lane->gw, result, &arena, &wait, &detail);
    settle(o, it, answer, wait, detail);
    sw_arena_free(&arena);
    arm(o);
}

/* ---- sending ---- */

/* The lease is on disk. */
static void send_item(struct sw_outbox *o, struct item *it)
{
    struct sw_attempt attempt = {.now = read_clock(CLOCK_REALTIME)};
    struct sw_http_request request;
    struct sw_arena arena = {0};
    struct sw_err err;

    sw_random(attempt.random, sizeof(attempt.random));
    it->state = ITEM_SENDING;
    if (sw_gateway_request(it->lane->gw, &it->m, &attempt, &arena, &request, &err) == SW_OK) {
        it->flight = sw_calloc(1, sizeof(*it->flight));
        *it->flight = (struct flight){o, it};
        sw_http_send(o->http, &request, on_done, it->flight);
    } else {
        sw_lane_end(it->lane);
        it->unfit = sw_strdup(err.text);
        it->next_unfit = o->unfit;
        o->unfit = it;
    }
    sw_arena_free(&arena);
}

static void reject_unfit(struct sw_outbox *o)
{
    while (o->unfit != NULL) {
        struct item *it = o->unfit;

        o->unfit = it->next_unfit;
        reject(o, it, sw_str(it->unfit));
    }
}

static struct sw_outbox_change lease_of(const struct sw_lane *lane, const struct sw_message_row *m,
                                        uint32_t attempts, sw_time now)
{
    return (struct sw_outbox_change){
        .message = m->id,
        .state = SW_OUT_SENDING,
        .attempts = attempts,
        .next_at = now + sw_gateway_timeout(lane->gw) + LEASE_EXTRA,
    };
}

static void start(struct sw_outbox *o, struct item *it, struct moment now)
{
    struct sw_outbox_change c;

    sw_heap_pop(&it->lane->due);
    it->lane->waiting--;
    if (it->lane->gw == NULL) {
        reject(o, it, sw_str(_("no gateway of this name is configured")));
        return;
    }
    if (is_over(&it->m, now.wall)) {
        expire(o, it);
        return;
    }
    sw_lane_begin(it->lane, now.steady);
    it->state = ITEM_LEASED;
    c = lease_of(it->lane, &it->m, ++it->attempts, now.wall);
    o->sink.change(o->sink.ctx, &c, it->handle); /* may send before it returns */
}

/* One message from each lane in turn, until none can start or the turn's share is used up. */
static void start_due(struct sw_outbox *o, struct moment now)
{
    size_t idle = 0;

    for (int left = STARTS_PER_TURN; left > 0 && idle < o->n_lanes;) {
        struct sw_lane *lane = &o->lanes[o->turn++ % o->n_lanes];

        if (lane_start_in(o, lane, now) > 0) {
            idle++;
            continue;
        }
        start(o, first_waiting(o, lane), now);
        idle = 0;
        left--;
    }
}

/* Entries of messages that ended in time stay in the heap; when they are most of it, it is made
 * anew. */
static void tidy_expiry(struct sw_outbox *o)
{
    if (o->expiry.n < 2 * o->live + 1024)
        return;
    sw_heap_free(&o->expiry);
    for (size_t i = 0; i < o->n_items; i++) {
        if (o->items[i] != NULL && o->items[i]->m.expires > 0)
            sw_heap_push(&o->expiry, o->items[i]->m.expires, o->items[i]->handle);
    }
}

/* A message under way may still be accepted; if not, retry_at() lets it expire. */
static void expire_due(struct sw_outbox *o, sw_time now)
{
    const struct sw_due *top;

    for (int left = EXPIRIES_PER_TURN; left > 0; left--) {
        struct item *it;

        top = sw_heap_top(&o->expiry);
        if (top == NULL || top->when > now)
            break;
        it = find_item(o, top->who);
        sw_heap_pop(&o->expiry);
        if (it == NULL || it->state != ITEM_WAITING)
            continue;
        it->lane->waiting--;
        expire(o, it);
    }
    tidy_expiry(o);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct sw_outbox *o = SW_CONTAINER(timer, struct sw_outbox, timer);
    struct moment now = read_clocks();

    (void)loop;
    (void)events;
    o->last_run = now.wall;
    reject_unfit(o);
    expire_due(o, now.wall);
    start_due(o, now);
    arm(o);
}

/* ---- what others call ---- */

bool sw_outbox_claim(struct sw_outbox *o, const struct sw_message_row *m,
                     struct sw_outbox_change *lease)
{
    struct sw_lane *lane = lane_of(o, m->gateway);
    struct moment now = read_clocks();

    if (lane->gw == NULL || o->is_draining || lane_start_in(o, lane, now) == 0 ||
        sw_lane_open_at(lane) > now.steady || is_over(m, now.wall))
        return false;
    sw_lane_begin(lane, now.steady);
    *lease = lease_of(lane, m, 1, now.wall);
    return true;
}

void sw_outbox_add(struct sw_outbox *o, const struct sw_outbox_row *m, bool claimed)
{
    struct item *it = new_item(o, &m->message);

    it->lane = lane_of(o, m->message.gateway);
    it->attempts = claimed && m->attempts == 0 ? 1 : m->attempts;
    if (it->m.expires > 0)
        sw_heap_push(&o->expiry, it->m.expires, it->handle);
    if (claimed)
        send_item(o, it);
    else
        put_waiting(it, m->next_at);
    arm(o);
}

void sw_outbox_committed(struct sw_outbox *o, uint64_t token)
{
    struct item *it = find_item(o, token);

    if (it == NULL || it->state != ITEM_LEASED)
        return;
    send_item(o, it);
    arm(o);
}

void sw_outbox_drain(struct sw_outbox *o)
{
    o->is_draining = true;
}

size_t sw_outbox_in_flight(const struct sw_outbox *o)
{
    size_t n = 0;

    for (size_t i = 0; i < o->n_lanes; i++)
        n += o->lanes[i].in_flight;
    return n;
}

size_t sw_outbox_count(const struct sw_outbox *o, struct sw_lane_counts *out, size_t max)
{
    const struct sw_lane *unknown = &o->lanes[o->n_lanes - 1];
    size_t n = o->n_lanes - (unknown->waiting == 0 && unknown->counts.rejected == 0);

    for (size_t i = 0; i < n && i < max; i++) {
        out[i] = o->lanes[i].counts;
        out[i].waiting = o->lanes[i].waiting;
        out[i].in_flight = o->lanes[i].in_flight;
        out[i].disabled = o->lanes[i].is_disabled;
        out[i].taken = &o->lanes[i].taken;
    }
    for (size_t i = 0; i < o->n_items; i++) {
        const struct item *it = o->items[i];
        size_t lane = it == NULL ? max : (size_t)(it->lane - o->lanes);

        if (it != NULL && it->state == ITEM_WAITING && lane < max &&
            (out[lane].oldest == 0 || it->m.created < out[lane].oldest))
            out[lane].oldest = it->m.created;
    }
    return n;
}

sw_time sw_outbox_last_run(const struct sw_outbox *o)
{
    return o->last_run;
}

struct sw_outbox *sw_outbox_new(struct ev_loop *loop, struct sw_http *http,
                                const struct sw_gateways *gateways, struct sw_outbox_sink sink,
                                uint64_t seed)
{
    struct sw_outbox *o = sw_calloc(1, sizeof(*o));

    o->loop = loop;
    o->http = http;
    o->sink = sink;
    o->seed = seed;
    o->last_run = read_clock(CLOCK_REALTIME);
    o->n_lanes = sw_gateways_count(gateways) + 1;
    o->lanes = sw_calloc(o->n_lanes, sizeof(*o->lanes));
    for (size_t i = 0; i < o->n_lanes; i++)
        sw_lane_init(&o->lanes[i], i + 1 < o->n_lanes ? sw_gateway_at(gateways, i) : NULL);
    ev_timer_init(&o->timer, on_timer, 0., 0.);
    arm(o);
    return o;
}

void sw_outbox_free(struct sw_outbox *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; i < o->n_items; i++) {
        if (o->items[i] != NULL)
            free_item(o, o->items[i]);
    }
    for (size_t i = 0; i < o->n_lanes; i++)
        sw_lane_free(&o->lanes[i]);
    ev_timer_stop(o->loop, &o->timer);
    sw_heap_free(&o->expiry);
    free(o->lanes);
    free(o->items);
    free(o->free_slots);
    free(o);
}
