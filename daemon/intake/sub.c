/* sub.c - the best-effort door: whatever departments publish, as far as it arrives.
 *
 * PUB/SUB loses messages by design: before the subscription is up, over a full queue, while nobody
 * listens. Nothing can be acknowledged here. Feeds that must not lose anything use the router. */
#include "zframe.h"
#include "zwatch.h"
#include <errno.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/intake/doors.h>
#include <stdlib.h>
#include <zmq.h>

enum { FRAME_MAX = 1 << 20, MESSAGES_PER_TURN = 500 };

struct sw_sub {
    void *socket;
    struct zwatch watch;
    struct sw_part *part;
    struct sw_source source;
    zmq_msg_t held; /* an event the part had no room for */
    bool has_held;
    struct sw_door_counts counts;
};

static bool offer(struct sw_sub *s, zmq_msg_t *m)
{
    struct sw_offer o = {
        .source = &s->source,
        .kind = SW_IN_EVENT,
        .body = {zmq_msg_data(m), zmq_msg_size(m)},
    };

    return sw_part_push(s->part, &o);
}

/* The event of one message: its last frame; a topic may stand in front. False: none is waiting. */
static bool receive(struct sw_sub *s, zmq_msg_t *m)
{
    size_t frames = 0;
    bool more = true;

    while (more) {
        if (!zframe_receive(s->socket, m))
            return false;
        more = zmq_msg_more(m) != 0;
        frames++;
        if (more)
            zframe_wipe(m);
    }
    s->counts.messages++;
    s->counts.bad_frames += frames > 2;
    return true;
}

static void on_ready(void *ctx)
{
    struct sw_sub *s = ctx;

    for (int i = 0; i < MESSAGES_PER_TURN; i++) {
        zmq_msg_t m;

        if (s->has_held) {
            zmq_msg_init(&m);
            zmq_msg_move(&m, &s->held);
            s->has_held = false;
        } else if (!receive(s, &m)) {
            return;
        }
        if (!offer(s, &m)) {
            zmq_msg_init(&s->held);
            zmq_msg_move(&s->held, &m);
            zmq_msg_close(&m);
            s->has_held = true;
            zwatch_want(&s->watch, 0);
            return;
        }
        zframe_wipe(&m);
        s->counts.events++;
    }
}

static void on_resume(void *ctx)
{
    struct sw_sub *s = ctx;

    zwatch_want(&s->watch, ZMQ_POLLIN);
    on_ready(s);
}

static enum sw_code connect_all(struct sw_sub *s, const char *const *endpoints, size_t n,
                                struct sw_err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (zmq_connect(s->socket, endpoints[i]) != 0)
            return sw_fail(err, SW_EIO, _("cannot connect to %s: %s"), endpoints[i],
                           zmq_strerror(errno));
    }
    return SW_OK;
}

enum sw_code sw_sub_open(struct sw_sub **out, struct ev_loop *loop, void *ctx,
                         const char *const *endpoints, size_t n, const char *const *topics,
                         size_t n_topics, struct sw_part *part, struct sw_err *err)
{
    struct sw_sub *s = sw_calloc(1, sizeof(*s));
    const int64_t frame_max = FRAME_MAX;
    const int queue = 100000;
    const int linger = 0;
    enum sw_code rc;

    s->socket = zmq_socket(ctx, ZMQ_SUB);
    SW_ASSERT(s->socket != NULL);
    s->part = part;
    s->source = (struct sw_source){"zmq-sub", s, NULL, on_resume};
    zmq_setsockopt(s->socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof(frame_max));
    zmq_setsockopt(s->socket, ZMQ_RCVHWM, &queue, sizeof(queue));
    zmq_setsockopt(s->socket, ZMQ_LINGER, &linger, sizeof(linger));
    for (size_t i = 0; i < n_topics; i++)
        zmq_setsockopt(s->socket, ZMQ_SUBSCRIBE, topics[i], strlen(topics[i]));
    if (n_topics == 0)
        zmq_setsockopt(s->socket, ZMQ_SUBSCRIBE, "", 0);
    rc = connect_all(s, endpoints, n, err);
    if (rc != SW_OK) {
        zmq_close(s->socket);
        free(s);
        s = NULL;
    } else {
        zwatch_start(&s->watch, loop, s->socket, on_ready, s);
    }
    *out = s;
    return rc;
}

void sw_sub_count(const struct sw_sub *s, struct sw_door_counts *out)
{
    *out = s->counts;
}

void sw_sub_close(struct sw_sub *s)
{
    if (s == NULL)
        return;
    zwatch_stop(&s->watch);
    if (s->has_held)
        zframe_wipe(&s->held);
    zmq_close(s->socket);
    free(s);
}
