/* router.c - the acknowledged door: batches of events in, one answer per batch after the commit.
 *
 * When the part has no room, what was received stays where it is (ahead.h): a batch is never half
 * dropped. Answers to peers gone are dropped; they resend and are told "repeated". */
#include "ahead.h"
#include "zwatch.h"
#include <errno.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/log.h>
#include <shouwang/base/mem.h>
#include <shouwang/intake/doors.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

enum {
    FRAME_MAX = 1 << 20, /* larger ones end the connection; events above 64 KiB are refused */
    EVENTS_PER_BATCH = 1000,
    IDENTITY_MAX = 255,
    TAG_MAX = 64,
    EVENTS_PER_TURN = 1000,
    ENDPOINT_MAX = 256,
    PEERS_MAX = 1024
};

struct refusal {
    uint32_t index; /* in the batch, from 0 */
    const char *reason;
    struct sw_buf text;
};

/* One EVENTS message: read, waiting for its commits, answered. Spare ones are kept. */
struct letter {
    struct letter *next; /* spare */
    struct sw_router *router;
    uint32_t number; /* index in router->letters */
    unsigned char identity[IDENTITY_MAX];
    size_t identity_n;
    char tag[TAG_MAX];
    size_t tag_n;
    bool history;
    bool read; /* its last frame has been read */
    uint32_t events, answered;
    uint32_t stored, repeated, waiting; /* waiting: of those stored */
    struct sw_buf later; /* why an event of it cannot be taken now; empty: all were */
    struct refusal *refusals;
    size_t n_refusals, cap_refusals;
};

/* A peer that said hello: what it has unanswered, and whether it tells a history. A connection is a
 * peer of its own: after one of us was restarted it must say hello again, and then sends everything
 * unanswered in its old order before anything new. */
struct peer {
    unsigned char identity[IDENTITY_MAX];
    size_t identity_n;
    uint32_t outstanding;
    bool history;
};

struct sw_router {
    void *socket;
    struct zwatch watch;
    struct sw_part *part;
    struct sw_source source;
    uint32_t credit;
    char (*endpoint)[ENDPOINT_MAX];
    size_t n_endpoints;
    struct letter **letters;
    size_t n_letters, cap_letters;
    struct letter *spare;
    struct peer *peers;
    size_t n_peers, cap_peers;
    /* the message in hand, and its events that were received and not yet taken */
    struct letter *reading;
    struct ahead ahead;
    bool draining;
    struct sw_door_counts counts;
};

/* ---- frames ------------------------------------------------------------------------------- */

static struct sw_str frame_text(zmq_msg_t *m)
{
    return (struct sw_str){zmq_msg_data(m), zmq_msg_size(m)};
}

/* What is left of a message nobody wants. */
static void skip_rest(struct sw_router *r, bool more)
{
    while (more) {
        zmq_msg_t m;

        if (!zframe_receive(r->socket, &m))
            return;
        more = zmq_msg_more(&m) != 0;
        zframe_wipe(&m);
    }
}

static struct sw_str decimal(char out[24], uint64_t n)
{
    snprintf(out, 24, "%llu", (unsigned long long)n);
    return sw_str(out);
}

/* ---- peers -------------------------------------------------------------------------------- */

static struct peer *find_peer(struct sw_router *r, const unsigned char *identity, size_t n)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        if (r->peers[i].identity_n == n && memcmp(r->peers[i].identity, identity, n) == 0)
            return &r->peers[i];
    }
    return NULL;
}

static struct peer *add_peer(struct sw_router *r, const unsigned char *identity, size_t n)
{
    struct peer *p = find_peer(r, identity, n);

    if (p != NULL)
        return p;
    for (size_t i = 0; i < r->n_peers && r->n_peers >= PEERS_MAX; i++) {
        if (r->peers[i].outstanding == 0) /* went away without a word */
            r->peers[i] = r->peers[--r->n_peers];
    }
    r->peers = sw_grow(r->peers, &r->cap_peers, r->n_peers + 1, sizeof(*r->peers));
    p = &r->peers[r->n_peers++];
    *p = (struct peer){.identity_n = n};
    memcpy(p->identity, identity, n);
    return p;
}

static void release_credit(struct sw_router *r, const struct letter *l)
{
    struct peer *p = find_peer(r, l->identity, l->identity_n);

    if (p != NULL)
        p->outstanding -= l->events < EVENTS_PER_BATCH ? l->events : EVENTS_PER_BATCH;
}

/* ---- letters ------------------------------------------------------------------------------ */

static struct letter *take_letter(struct sw_router *r)
{
    struct letter *l = r->spare;

    if (l != NULL) {
        r->spare = l->next;
        return l;
    }
    l = sw_calloc(1, sizeof(*l));
    l->router = r;
    l->number = (uint32_t)r->n_letters;
    r->letters = sw_grow(r->letters, &r->cap_letters, r->n_letters + 1, sizeof(*r->letters));
    r->letters[r->n_letters++] = l;
    return l;
}

static void give_back(struct letter *l)
{
    struct sw_router *r = l->router;

    for (size_t i = 0; i < l->n_refusals; i++)
        sw_buf_free(&l->refusals[i].text);
    l->n_refusals = 0;
    l->read = l->history = false;
    l->events = l->answered = l->stored = l->repeated = l->waiting = 0;
    sw_buf_clear(&l->later);
    l->next = r->spare;
    r->spare = l;
}

static void add_refusal(struct letter *l, uint32_t index, const char *reason, struct sw_str text)
{
    struct refusal *f;

    l->refusals = sw_grow(l->refusals, &l->cap_refusals, l->n_refusals + 1, sizeof(*l->refusals));
    f = &l->refusals[l->n_refusals++];
    *f = (struct refusal){.index = index, .reason = reason};
    sw_buf_str(&f->text, text);
}

/* SW1 LATER tag text, or SW1 ANSWER tag stored repeated refused (index reason text)* [waiting] */
static bool send_answer(struct sw_router *r, const struct letter *l)
{
    const uint64_t numbers[] = {l->stored, l->repeated, l->n_refusals};
    size_t left = SW_COUNTOF(numbers) + 3 * l->n_refusals + (l->waiting > 0); /* frames */
    bool is_late = l->later.n > 0;
    char text[24];
    bool sent;

    sent =
        zframe_send(r->socket, (struct sw_str){(const char *)l->identity, l->identity_n}, true) &&
        zframe_send(r->socket, SW_STR("SW1"), true) &&
        zframe_send(r->socket, sw_str(is_late ? "LATER" : "ANSWER"), true) &&
        zframe_send(r->socket, (struct sw_str){l->tag, l->tag_n}, true);
    if (is_late)
        return sent && zframe_send(r->socket, sw_buf_view(&l->later), false);
    for (size_t i = 0; i < SW_COUNTOF(numbers) && sent; i++)
        sent = zframe_send(r->socket, decimal(text, numbers[i]), --left > 0);
    for (size_t i = 0; i < l->n_refusals && sent; i++, left -= 3)
        sent = zframe_send(r->socket, decimal(text, l->refusals[i].index), true) &&
               zframe_send(r->socket, sw_str(l->refusals[i].reason), true) &&
               zframe_send(r->socket, sw_buf_view(&l->refusals[i].text), left > 3);
    if (left > 0 && sent)
        sent = zframe_send(r->socket, decimal(text, l->waiting), false);
    return sent;
}

static void finish_if_done(struct letter *l)
{
    struct sw_router *r = l->router;

    if (!l->read || l->answered < l->events)
        return;
    release_credit(r, l);
    if (send_answer(r, l))
        r->counts.answers++;
    else
        r->counts.unreachable++;
    give_back(l);
}

/* The token of an event is its letter's number and its place in the letter. */
static uint64_t token_of(const struct letter *l, uint32_t index)
{
    return (uint64_t)l->number << 16 | index;
}

static void on_ack(void *ctx, uint64_t token, const struct sw_ack *a)
{
    struct sw_router *r = ctx;
    struct letter *l = r->letters[token >> 16];

    l->answered++;
    switch (a->kind) {
    case SW_ACK_STORED:
        l->stored++;
        l->waiting += a->reason[0] != '\0';
        break;
    case SW_ACK_REPEATED: l->repeated++; break;
    case SW_ACK_LATER:
        if (l->later.n == 0)
            sw_buf_str(&l->later, a->text);
        break;
    case SW_ACK_REFUSED: add_refusal(l, (uint32_t)(token & 0xffff), a->reason, a->text); break;
    }
    finish_if_done(l);
}

/* ---- reading ------------------------------------------------------------------------------ */

/* One event to the part; false: no room. */
static bool offer_event(struct sw_router *r, zmq_msg_t *m)
{
    struct letter *l = r->reading;
    struct sw_offer offer = {
        .source = &r->source,
        .token = token_of(l, l->events),
        .kind = SW_IN_EVENT,
        .body = frame_text(m),
        .history = l->history,
    };

    l->events++; /* before the push: a refusal "later" is answered from inside it */
    if (l->events > EVENTS_PER_BATCH) {
        l->answered++;
        add_refusal(l, l->events - 1, sw_refusal_name(SW_REFUSED_TOO_MANY),
                    sw_str(_("a message carries at most 1000 events")));
    } else if (!sw_part_push(r->part, &offer)) {
        l->events--;
        return false;
    } else {
        find_peer(r, l->identity, l->identity_n)->outstanding++;
        r->counts.events++;
    }
    if (zmq_msg_more(m) == 0) {
        l->read = true;
        r->reading = NULL;
        finish_if_done(l);
    }
    return true;
}

/* Events of the message in hand; false: the part is full. */
static bool read_events(struct sw_router *r, uint32_t *budget)
{
    while (r->reading != NULL && *budget > 0) {
        zmq_msg_t *m = ahead_look(&r->ahead, r->socket, sw_part_engine(r->part));

        if (m == NULL)
            return true;
        if (!offer_event(r, m)) {
            zwatch_want(&r->watch, 0);
            return false;
        }
        ahead_drop(&r->ahead);
        --*budget;
    }
    if (r->reading != NULL)
        zwatch_again(&r->watch); /* perhaps nothing of it is left in the socket */
    return true;
}

/* A short reply of our own: CREDIT n, WHO tag, LATER tag why, ERROR why, LIVE. */
static void reply(struct sw_router *r, zmq_msg_t *identity, const char *command, struct sw_str a,
                  struct sw_str b)
{
    bool sent = zframe_send(r->socket, frame_text(identity), true) &&
                zframe_send(r->socket, SW_STR("SW1"), true) &&
                zframe_send(r->socket, sw_str(command), a.p != NULL || b.p != NULL);

    if (sent && a.p != NULL)
        sent = zframe_send(r->socket, a, b.p != NULL);
    if (sent && b.p != NULL)
        sent = zframe_send(r->socket, b, false);
    r->counts.unreachable += !sent;
}

static void bad_frames(struct sw_router *r, zmq_msg_t *identity, const char *why, bool more)
{
    r->counts.bad_frames++;
    skip_rest(r, more);
    reply(r, identity, "ERROR", sw_str(why), (struct sw_str){NULL, 0});
}

/* A past can be told only to a county that has not begun to live: it would come too late. */
static bool is_live(const struct sw_router *r)
{
    const struct sw_engine *e = sw_part_engine(r->part);

    return sw_engine_day(e) != SW_DAY_NEVER && !sw_engine_in_history(e);
}

/* HELLO [live|history] */
static void on_hello(struct sw_router *r, zmq_msg_t *identity, bool more)
{
    const struct sw_str none = {NULL, 0};
    char text[24];
    zmq_msg_t mode;
    bool history = false;

    if (more && zframe_receive(r->socket, &mode)) {
        history = sw_str_is(frame_text(&mode), "history");
        more = zmq_msg_more(&mode) != 0;
        zmq_msg_close(&mode);
    }
    skip_rest(r, more);
    if (history && is_live(r)) {
        reply(r, identity, "ERROR",
              sw_str(_("this county is live already; a history is told to an empty one")), none);
        return;
    }
    add_peer(r, zmq_msg_data(identity), zmq_msg_size(identity))->history = history;
    reply(r, identity, "CREDIT", decimal(text, r->credit), none);
}

static void on_end(struct sw_router *r, zmq_msg_t *identity, bool more)
{
    const struct sw_str none = {NULL, 0};
    struct peer *p = find_peer(r, zmq_msg_data(identity), zmq_msg_size(identity));

    skip_rest(r, more);
    if (p != NULL && p->outstanding > 0) {
        reply(r, identity, "ERROR", SW_STR("END before every batch was answered"), none);
        return;
    }
    sw_part_end_history(r->part);
    reply(r, identity, "LIVE", none, none);
}

/* A peer may overdraw its credit by one message; the next one must wait for an answer. */
static void on_events(struct sw_router *r, zmq_msg_t *identity, bool more)
{
    struct letter *l;
    struct peer *p;
    zmq_msg_t tag;

    if (!more || !zframe_receive(r->socket, &tag)) {
        bad_frames(r, identity, "EVENTS needs a tag", false);
        return;
    }
    more = zmq_msg_more(&tag) != 0;
    if (!more || zmq_msg_size(&tag) > TAG_MAX) {
        zmq_msg_close(&tag);
        bad_frames(r, identity, "EVENTS needs a tag of at most 64 bytes and events", more);
        return;
    }
    p = find_peer(r, zmq_msg_data(identity), zmq_msg_size(identity));
    if (p == NULL || p->outstanding >= r->credit) {
        skip_rest(r, true);
        reply(r, identity, p == NULL ? "WHO" : "LATER", frame_text(&tag),
              p == NULL ? (struct sw_str){NULL, 0} : SW_STR("no credit left"));
        zmq_msg_close(&tag);
        return;
    }
    l = take_letter(r);
    l->identity_n = zmq_msg_size(identity);
    memcpy(l->identity, zmq_msg_data(identity), l->identity_n);
    l->tag_n = zmq_msg_size(&tag);
    memcpy(l->tag, zmq_msg_data(&tag), l->tag_n);
    l->history = p->history;
    zmq_msg_close(&tag);
    r->reading = l;
}

static const struct {
    const char *name;
    void (*handle)(struct sw_router *r, zmq_msg_t *identity, bool more);
} commands[] = {{"EVENTS", on_events}, {"HELLO", on_hello}, {"END", on_end}};

static void dispatch(struct sw_router *r, zmq_msg_t *identity)
{
    zmq_msg_t version;
    zmq_msg_t command;
    bool more;

    if (zmq_msg_more(identity) == 0 || !zframe_receive(r->socket, &version))
        return;
    more = zmq_msg_more(&version) != 0;
    if (!sw_str_is(frame_text(&version), "SW1") || !more || !zframe_receive(r->socket, &command)) {
        zmq_msg_close(&version);
        bad_frames(r, identity, "a message begins with SW1 and a command", more);
        return;
    }
    zmq_msg_close(&version);
    more = zmq_msg_more(&command) != 0;
    for (size_t i = 0; i < SW_COUNTOF(commands); i++) {
        if (sw_str_is(frame_text(&command), commands[i].name)) {
            zmq_msg_close(&command);
            commands[i].handle(r, identity, more);
            return;
        }
    }
    zmq_msg_close(&command);
    bad_frames(r, identity, "the commands are HELLO, EVENTS and END", more);
}

static void on_ready(void *ctx)
{
    struct sw_router *r = ctx;
    uint32_t budget = EVENTS_PER_TURN;

    while (budget > 0 && !r->draining) {
        zmq_msg_t identity;

        if (!read_events(r, &budget))
            return;
        if (r->reading != NULL || !zframe_receive(r->socket, &identity))
            return;
        r->counts.messages++;
        budget--;
        dispatch(r, &identity);
        zmq_msg_close(&identity);
    }
}

static void on_resume(void *ctx)
{
    struct sw_router *r = ctx;

    zwatch_want(&r->watch, r->draining ? 0 : ZMQ_POLLIN);
    if (!r->draining)
        on_ready(r);
}

/* ---- opening ------------------------------------------------------------------------------ */

static void set_option(void *socket, int option, int value)
{
    SW_ASSERT(zmq_setsockopt(socket, option, &value, sizeof(value)) == 0);
}

static void set_options(struct sw_router *r)
{
    const int64_t frame_max = FRAME_MAX;

    SW_ASSERT(zmq_setsockopt(r->socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof(frame_max)) == 0);
    set_option(r->socket, ZMQ_ROUTER_MANDATORY, 1); /* tells us when a peer is gone */
    set_option(r->socket, ZMQ_LINGER, 1000);
    set_option(r->socket, ZMQ_RCVHWM, 10000);
    set_option(r->socket, ZMQ_SNDHWM, (int)r->credit * 16); /* answers are many frames */
    set_option(r->socket, ZMQ_HEARTBEAT_IVL, 10000);
    set_option(r->socket, ZMQ_HANDSHAKE_IVL, 10000);
    set_option(r->socket, ZMQ_TCP_KEEPALIVE, 1);
}

static enum sw_code bind_all(struct sw_router *r, const char *const *endpoints, struct sw_err *err)
{
    for (size_t i = 0; i < r->n_endpoints; i++) {
        size_t size = ENDPOINT_MAX;

        if (zmq_bind(r->socket, endpoints[i]) != 0)
            return sw_fail(err, SW_EIO, _("cannot listen on %s: %s"), endpoints[i],
                           zmq_strerror(errno));
        SW_ASSERT(zmq_getsockopt(r->socket, ZMQ_LAST_ENDPOINT, r->endpoint[i], &size) == 0);
    }
    return SW_OK;
}

enum sw_code sw_router_open(struct sw_router **out, struct ev_loop *loop, void *ctx,
                            const char *const *endpoints, size_t n, uint32_t credit,
                            struct sw_part *part, struct sw_err *err)
{
    struct sw_router *r = sw_calloc(1, sizeof(*r));
    enum sw_code rc;

    r->socket = zmq_socket(ctx, ZMQ_ROUTER);
    SW_ASSERT(r->socket != NULL);
    r->part = part;
    r->credit = credit;
    r->n_endpoints = n;
    r->endpoint = sw_calloc(n, sizeof(*r->endpoint));
    r->source = (struct sw_source){"zmq-router", r, on_ack, on_resume};
    set_options(r);
    rc = bind_all(r, endpoints, err);
    if (rc != SW_OK) {
        zmq_close(r->socket);
        free(r->endpoint);
        free(r);
        r = NULL;
    } else {
        zwatch_start(&r->watch, loop, r->socket, on_ready, r);
    }
    *out = r;
    return rc;
}

const char *sw_router_endpoint(const struct sw_router *r, size_t i)
{
    return r->endpoint[i];
}

void sw_router_count(const struct sw_router *r, struct sw_door_counts *out)
{
    *out = r->counts;
}

void sw_router_drain(struct sw_router *r)
{
    r->draining = true;
    zwatch_want(&r->watch, 0);
}

void sw_router_close(struct sw_router *r)
{
    if (r == NULL)
        return;
    zwatch_stop(&r->watch);
    ahead_free(&r->ahead);
    zmq_close(r->socket);
    for (size_t i = 0; i < r->n_letters; i++) {
        struct letter *l = r->letters[i];

        give_back(l);
        free(l->refusals);
        sw_buf_free(&l->later);
        free(l);
    }
    free(r->letters);
    free(r->peers);
    free(r->endpoint);
    free(r);
}

void *sw_doors_context(void)
{
    void *ctx = zmq_ctx_new();

    SW_ASSERT(ctx != NULL);
    return ctx;
}

void sw_doors_context_free(void *ctx)
{
    zmq_ctx_shutdown(ctx);
    zmq_ctx_term(ctx);
}
