/* publisher.c - a client of the acknowledged door.
 *
 * Batches are kept until they are answered. After a silence, or when the daemon asks who we are, it
 * was restarted or the connection was: we say hello, and when it answers, every unanswered batch
 * goes out again, in order, before anything new. That is safe: the daemon tells repeats apart by
 * the events' own ids. Nothing is queued for a connection that does not stand (ZMQ_IMMEDIATE), or
 * old batches could overtake each other. */
#include "zframe.h"
#include <errno.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/intake/publisher.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { DEFAULT_BATCH = 200, BATCH_MAX = 1000, FRAMES_MAX = 4096 };

struct batch {
    struct batch *next;
    uint64_t tag;
    struct sw_str *event; /* bytes owned */
    uint64_t *mark;
    size_t n, cap, cap_mark;
    bool is_late; /* the daemon said "later": send again after a pause */
};

struct sw_publisher {
    struct sw_publisher_conf conf;
    void *ctx, *socket;
    struct batch *filling;
    struct batch *first, *last; /* sent and unanswered, oldest first */
    uint64_t next_tag;
    uint64_t credit, outstanding;
    bool greeted, live;
    sw_time heard; /* last sign of life of the daemon */
    sw_time asked; /* last HELLO */
    struct sw_publisher_counts counts;
    struct sw_err error; /* what the daemon said is wrong with us */
};

static sw_time monotonic(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (sw_time)ts.tv_sec * SW_SECOND + ts.tv_nsec / 1000;
}

/* ---- batches ------------------------------------------------------------------------------ */

static void free_batch(struct batch *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->n; i++)
        free(b->event[i].p == NULL ? NULL : (void *)(uintptr_t)b->event[i].p);
    free(b->event);
    free(b->mark);
    free(b);
}

static void add_event(struct batch *b, struct sw_str event, uint64_t mark)
{
    b->event = sw_grow(b->event, &b->cap, b->n + 1, sizeof(*b->event));
    b->mark = sw_grow(b->mark, &b->cap_mark, b->n + 1, sizeof(*b->mark));
    b->event[b->n] = (struct sw_str){sw_str_dup(event), event.n};
    b->mark[b->n++] = mark;
}

static void send_batch(struct sw_publisher *p, const struct batch *b)
{
    char tag[24];
    bool sent;

    snprintf(tag, sizeof(tag), "%llu", (unsigned long long)b->tag);
    sent = zframe_send(p->socket, SW_STR("SW1"), true) &&
           zframe_send(p->socket, SW_STR("EVENTS"), true) &&
           zframe_send(p->socket, sw_str(tag), true);
    for (size_t i = 0; i < b->n && sent; i++)
        sent = zframe_send(p->socket, b->event[i], i + 1 < b->n);
    p->greeted &= sent; /* else hello first, then all again */
}

static void say_hello(struct sw_publisher *p)
{
    p->greeted = false;
    p->asked = monotonic();
    if (zframe_send(p->socket, SW_STR("SW1"), true) &&
        zframe_send(p->socket, SW_STR("HELLO"), true))
        zframe_send(p->socket, p->conf.history ? SW_STR("history") : SW_STR("live"), false);
}

static void send_unanswered(struct sw_publisher *p)
{
    for (struct batch *b = p->first; b != NULL && p->greeted; b = b->next) {
        send_batch(p, b);
        b->is_late = false;
        p->counts.resent++;
    }
}

/* ---- answers ------------------------------------------------------------------------------ */

struct frames {
    zmq_msg_t msg[FRAMES_MAX];
    size_t n;
};

static struct sw_str frame(struct frames *f, size_t i)
{
    if (i >= f->n)
        return (struct sw_str){NULL, 0};
    return (struct sw_str){zmq_msg_data(&f->msg[i]), zmq_msg_size(&f->msg[i])};
}

static int64_t frame_number(struct frames *f, size_t i)
{
    int64_t n = 0;

    sw_str_int(frame(f, i), &n);
    return n;
}

static struct batch *unlink_batch(struct sw_publisher *p, uint64_t tag)
{
    struct batch *before = NULL;

    for (struct batch *b = p->first; b != NULL; before = b, b = b->next) {
        if (b->tag != tag)
            continue;
        if (before == NULL)
            p->first = b->next;
        else
            before->next = b->next;
        if (p->last == b)
            p->last = before;
        return b;
    }
    return NULL;
}

static struct batch *find_batch(struct sw_publisher *p, uint64_t tag)
{
    for (struct batch *b = p->first; b != NULL; b = b->next) {
        if (b->tag == tag)
            return b;
    }
    return NULL;
}

/* Refused events by index, so that the rest can be reported as stored. */
static void tell_refusals(struct sw_publisher *p, const struct batch *b, struct frames *f,
                          bool *refused)
{
    for (size_t i = 6; i + 2 < f->n; i += 3) {
        size_t index = (size_t)frame_number(f, i);

        if (index >= b->n)
            continue;
        refused[index] = true;
        if (p->conf.refused != NULL)
            p->conf.refused(p->conf.ctx, b->mark[index], frame(f, i + 1), frame(f, i + 2));
    }
}

/* SW1 ANSWER tag stored repeated refused (index reason text)* [waiting] */
static void on_answer(struct sw_publisher *p, struct frames *f)
{
    struct batch *b = find_batch(p, (uint64_t)frame_number(f, 2));
    bool *refused;

    if (b == NULL)
        return; /* answered before: it was sent twice */
    unlink_batch(p, b->tag);
    p->outstanding -= b->n;
    p->counts.stored += (uint64_t)frame_number(f, 3);
    p->counts.repeated += (uint64_t)frame_number(f, 4);
    p->counts.refused += (uint64_t)frame_number(f, 5);
    p->counts.waiting += (uint64_t)frame_number(f, 6 + 3 * (size_t)frame_number(f, 5));
    refused = sw_calloc(b->n, sizeof(*refused));
    tell_refusals(p, b, f, refused);
    for (size_t i = 0; i < b->n && p->conf.stored != NULL; i++) {
        if (!refused[i])
            p->conf.stored(p->conf.ctx, b->mark[i]);
    }
    free(refused);
    free_batch(b);
}

static void on_credit(struct sw_publisher *p, struct frames *f)
{
    bool again = p->greeted;

    p->credit = (uint64_t)frame_number(f, 2);
    p->greeted = true;
    if (!again)
        send_unanswered(p);
}

/* SW1 LATER tag text */
static void on_later(struct sw_publisher *p, struct frames *f)
{
    struct batch *b = find_batch(p, (uint64_t)frame_number(f, 2));

    if (b == NULL)
        return;
    b->is_late = true;
    if (p->conf.put_off != NULL)
        p->conf.put_off(p->conf.ctx, frame(f, 3));
}

static void on_who(struct sw_publisher *p, struct frames *f)
{
    (void)f;
    if (p->greeted)
        say_hello(p);
}

static void on_live(struct sw_publisher *p, struct frames *f)
{
    (void)f;
    p->live = true;
}

static void on_error(struct sw_publisher *p, struct frames *f)
{
    sw_fail(&p->error, SW_EINVALID, _("the daemon says: %.*s"), SW_STR_ARG(frame(f, 2)));
}

static const struct {
    const char *name;
    void (*handle)(struct sw_publisher *p, struct frames *f);
} answers[] = {{"ANSWER", on_answer}, {"CREDIT", on_credit}, {"LATER", on_later},
               {"WHO", on_who},       {"LIVE", on_live},     {"ERROR", on_error}};

static bool receive(struct sw_publisher *p, struct frames *f)
{
    bool more = true;

    f->n = 0;
    while (more) {
        zmq_msg_t *m = &f->msg[f->n];

        if (!zframe_receive(p->socket, m))
            return f->n > 0;
        more = zmq_msg_more(m) != 0;
        if (f->n + 1 < FRAMES_MAX)
            f->n++;
        else
            zmq_msg_close(m);
    }
    return true;
}

static void read_answers(struct sw_publisher *p, struct frames *f)
{
    while (receive(p, f)) {
        p->heard = monotonic();
        for (size_t i = 0; i < SW_COUNTOF(answers) && sw_str_is(frame(f, 0), "SW1"); i++) {
            if (sw_str_is(frame(f, 1), answers[i].name))
                answers[i].handle(p, f);
        }
        for (size_t i = 0; i < f->n; i++)
            zmq_msg_close(&f->msg[i]);
    }
}

/* Up to `wait` for something from the daemon; says hello again after a silence. */
static enum sw_code turn(struct sw_publisher *p, sw_time wait, struct sw_err *err)
{
    zmq_pollitem_t item = {p->socket, 0, ZMQ_POLLIN, 0};
    sw_time now;
    struct frames *f;

    if (zmq_poll(&item, 1, (long)(wait / 1000)) < 0 && errno != EINTR)
        return sw_fail(err, SW_EIO, "%s", zmq_strerror(errno));
    f = sw_malloc(sizeof(*f));
    read_answers(p, f);
    free(f);
    now = monotonic();
    if (p->error.code != SW_OK) {
        *err = p->error;
        return err->code;
    }
    for (struct batch *b = p->first; b != NULL; b = b->next) {
        if (b->is_late && now - p->asked >= p->conf.silence) {
            say_hello(p);
            break;
        }
    }
    if ((!p->greeted || now - p->heard >= p->conf.silence) && now - p->asked >= p->conf.silence)
        say_hello(p);
    if (now - p->heard < p->conf.patience)
        return SW_OK;
    return sw_fail(err, SW_EUNKNOWN, _("no answer from %s; is shouwangd running?"),
                   p->conf.endpoint);
}

/* ---- publishing --------------------------------------------------------------------------- */

enum sw_code sw_publisher_open(struct sw_publisher **out, const struct sw_publisher_conf *conf,
                               struct sw_err *err)
{
    struct sw_publisher *p = sw_calloc(1, sizeof(*p));
    const int linger = 0;
    const int immediate = 1;
    const int reconnect = 50; /* ms */

    p->conf = *conf;
    if (p->conf.batch == 0 || p->conf.batch > BATCH_MAX)
        p->conf.batch = DEFAULT_BATCH;
    if (p->conf.patience == 0)
        p->conf.patience = 60 * SW_SECOND;
    if (p->conf.silence == 0)
        p->conf.silence = SW_SECOND;
    p->ctx = zmq_ctx_new();
    p->socket = zmq_socket(p->ctx, ZMQ_DEALER);
    SW_ASSERT(p->ctx != NULL && p->socket != NULL);
    zmq_setsockopt(p->socket, ZMQ_LINGER, &linger, sizeof(linger));
    zmq_setsockopt(p->socket, ZMQ_IMMEDIATE, &immediate, sizeof(immediate));
    zmq_setsockopt(p->socket, ZMQ_RECONNECT_IVL, &reconnect, sizeof(reconnect));
    p->heard = monotonic();
    *out = p;
    if (zmq_connect(p->socket, conf->endpoint) != 0) {
        sw_publisher_close(p);
        *out = NULL;
        return sw_fail(err, SW_EINVALID, _("cannot connect to %s: %s"), conf->endpoint,
                       zmq_strerror(errno));
    }
    return SW_OK;
}

static void send_filling(struct sw_publisher *p)
{
    struct batch *b = p->filling;

    if (b == NULL)
        return;
    p->filling = NULL;
    b->tag = ++p->next_tag;
    if (p->last == NULL)
        p->first = b;
    else
        p->last->next = b;
    p->last = b;
    p->outstanding += b->n;
    p->counts.sent += b->n;
    if (p->greeted)
        send_batch(p, b);
}

enum sw_code sw_publish(struct sw_publisher *p, struct sw_str event, uint64_t mark,
                        struct sw_err *err)
{
    enum sw_code rc = SW_OK;

    if (p->filling == NULL)
        p->filling = sw_calloc(1, sizeof(*p->filling));
    add_event(p->filling, event, mark);
    if (p->filling->n < p->conf.batch)
        return SW_OK;
    if (p->greeted)
        rc = turn(p, 0, err);
    while (rc == SW_OK && (!p->greeted || p->outstanding + p->filling->n > p->credit))
        rc = turn(p, SW_SECOND / 50, err);
    if (rc == SW_OK)
        send_filling(p);
    return rc;
}

enum sw_code sw_publisher_flush(struct sw_publisher *p, struct sw_err *err)
{
    enum sw_code rc = SW_OK;

    send_filling(p);
    while (rc == SW_OK && p->first != NULL)
        rc = turn(p, SW_SECOND / 50, err);
    return rc;
}

enum sw_code sw_publisher_end_history(struct sw_publisher *p, struct sw_err *err)
{
    enum sw_code rc = sw_publisher_flush(p, err);
    sw_time asked = 0;

    while (rc == SW_OK && !p->live) {
        if (p->greeted && monotonic() - asked > p->conf.silence) {
            asked = monotonic();
            if (zframe_send(p->socket, SW_STR("SW1"), true))
                zframe_send(p->socket, SW_STR("END"), false);
        }
        rc = turn(p, SW_SECOND / 50, err);
    }
    return rc;
}

void sw_publisher_count(const struct sw_publisher *p, struct sw_publisher_counts *out)
{
    *out = p->counts;
}

void sw_publisher_close(struct sw_publisher *p)
{
    if (p == NULL)
        return;
    zmq_close(p->socket);
    zmq_ctx_term(p->ctx);
    free_batch(p->filling);
    while (p->first != NULL) {
        struct batch *b = p->first;

        p->first = b->next;
        free_batch(b);
    }
    free(p);
}
