/* outbox.h - the scheduler of messages: who is due, which gateway has room, what came of it.
 * Layer: delivery. The durable queue is the store's; this is an index in memory, rebuilt from it.
 *
 *   new ──► pending ──► sending (leased) ──► final word as an input: accepted, rejected, expired
 *              ▲             │
 *              └── retry ◄───┘ not sent, unknown, rate limited
 *
 * A message is leased (committed as `sending`) before its request leaves; a crash in between means
 * the lease runs out and the message is sent again with the same id: at least once, never
 * silently lost. One slow gateway holds up only its own lane. */
#ifndef SHOUWANG_DELIVERY_OUTBOX_H
#define SHOUWANG_DELIVERY_OUTBOX_H

#include <shouwang/base/hist.h>
#include <shouwang/delivery/gateway.h>

struct sw_outbox;

/* How the outbox makes its decisions durable; called on the loop's thread, from its timer and from
 * the ends of requests, never from inside add, claim or committed. Both may call back into the
 * outbox (these three) before they return. */
struct sw_outbox_sink {
    void *ctx;
    /* Commit `c` (strings are copied); `sw_outbox_committed(o, token)` is called when it is on
     * disk. token 0: nobody waits. */
    void (*change)(void *ctx, const struct sw_outbox_change *c, uint64_t token);
    /* The last word on a message: an input {"message","state","detail"} (SW_IN_FATE), and the
     * change to final with it. */
    void (*fate)(void *ctx, struct sw_str body, const struct sw_outbox_change *c);
};

/* `http` and `gateways` stay the caller's and must outlive the outbox. `seed` for jitter. */
struct sw_outbox *sw_outbox_new(struct ev_loop *loop, struct sw_http *http,
                                const struct sw_gateways *gateways, struct sw_outbox_sink sink,
                                uint64_t seed);
/* Requests under way are left to end unheard; their leases stay in the store. */
void sw_outbox_free(struct sw_outbox *o);

/* Before a new message is committed: true when it can be sent as soon as it is on disk. *lease is
 * then to be committed together with it (one commit less before the request leaves), and
 * sw_outbox_add(…, true) must follow: the claim holds a place in the gateway's window. *lease
 * borrows the message's id. */
bool sw_outbox_claim(struct sw_outbox *o, const struct sw_message_row *m,
                     struct sw_outbox_change *lease);
/* A message is on disk (new, or read back at start); copied. `claimed`: by the call above, send it
 * now. A row read back as `sending` waits until its old lease (next_at) has run out. Messages for a
 * gateway that is not configured end as rejected, those whose time is over as expired. */
void sw_outbox_add(struct sw_outbox *o, const struct sw_outbox_row *m, bool claimed);
void sw_outbox_committed(struct sw_outbox *o, uint64_t token);

/* Stop giving out leases; what is leased or under way may finish. */
void sw_outbox_drain(struct sw_outbox *o);
size_t sw_outbox_in_flight(const struct sw_outbox *o); /* leased or under way */

struct sw_lane_counts { /* of one gateway */
    struct sw_str gateway;
    size_t waiting, in_flight;
    uint64_t accepted, retried, rejected, expired;
    bool disabled;
    sw_time oldest;              /* creation of its oldest waiting message, 0: none */
    const struct sw_hist *taken; /* from an event's arrival to the gateway's word of acceptance */
};
/* One entry per gateway, and a last one named "" for messages whose gateway is not configured once
 * there was any. Number of entries; at most `max` are filled. Looks at every message. */
size_t sw_outbox_count(const struct sw_outbox *o, struct sw_lane_counts *out, size_t max);
/* When the scheduler last ran, at least every 5 s while the loop turns; for the watchdog. */
sw_time sw_outbox_last_run(const struct sw_outbox *o);

#endif
