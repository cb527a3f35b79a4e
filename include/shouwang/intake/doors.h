/* doors.h - the ZeroMQ doors: how events come in, and where cases are told. The wire protocol is in
 * daemon/intake/README.md. Layer: intake. */
#ifndef SHOUWANG_INTAKE_DOORS_H
#define SHOUWANG_INTAKE_DOORS_H

#include <shouwang/store/part.h>

struct ev_loop;
struct sw_router;
struct sw_sub;
struct sw_pub;

struct sw_door_counts {
    uint64_t messages, events, bad_frames, answers, unreachable;
};

/* The acknowledged door: a ROUTER socket on each of `n` endpoints. A peer may have `credit` events
 * unanswered. `ctx` is a zmq context. */
enum sw_code sw_router_open(struct sw_router **out, struct ev_loop *loop, void *ctx,
                            const char *const *endpoints, size_t n, uint32_t credit,
                            struct sw_part *part, struct sw_err *err) SW_MUST_USE;
/* The endpoint actually bound (a wild-card port filled in). */
const char *sw_router_endpoint(const struct sw_router *r, size_t i);
void sw_router_count(const struct sw_router *r, struct sw_door_counts *out);
/* No more reading; answers still go out until sw_router_close(). */
void sw_router_drain(struct sw_router *r);
void sw_router_close(struct sw_router *r);

/* The best-effort door: a SUB socket connected to departments' publishers. `topics` empty: all. */
enum sw_code sw_sub_open(struct sw_sub **out, struct ev_loop *loop, void *ctx,
                         const char *const *endpoints, size_t n, const char *const *topics,
                         size_t n_topics, struct sw_part *part, struct sw_err *err) SW_MUST_USE;
void sw_sub_count(const struct sw_sub *s, struct sw_door_counts *out);
void sw_sub_close(struct sw_sub *s);

/* The way out, best effort: a PUB socket that tells where cases stand. Frames: type, CloudEvent. */
enum sw_code sw_pub_open(struct sw_pub **out, void *ctx, const char *const *endpoints, size_t n,
                         struct sw_err *err) SW_MUST_USE;
const char *sw_pub_endpoint(const struct sw_pub *p, size_t i); /* a wild-card port filled in */
/* Whoever is too slow misses some: nothing waits here. NULL: does nothing. */
void sw_pub_send(struct sw_pub *p, struct sw_str type, struct sw_str body);
void sw_pub_close(struct sw_pub *p);

/* A zmq context for all. */
void *sw_doors_context(void);
void sw_doors_context_free(void *ctx);

#endif
