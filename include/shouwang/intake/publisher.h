/* publisher.h - the other side of the acknowledged door: a client that does not lose events.
 * Layer: intake. Blocking, single-threaded; for the tool, imports and tests. */
#ifndef SHOUWANG_INTAKE_PUBLISHER_H
#define SHOUWANG_INTAKE_PUBLISHER_H

#include <shouwang/base/err.h>
#include <shouwang/base/str.h>

struct sw_publisher;

struct sw_publisher_counts {
    uint64_t sent, stored, repeated, refused;
    uint64_t waiting; /* of those stored, for who is not registered yet */
    uint64_t resent;  /* batches sent again */
};

struct sw_publisher_conf {
    const char *endpoint;
    bool history;     /* tell the past: each event counts at its own time */
    uint32_t batch;   /* events per message, 0: 200 */
    sw_time patience; /* give up after this long without any answer, 0: 60 s */
    sw_time silence;  /* ask whether the daemon is there after this long, 0: 1 s */
    void *ctx;
    /* An event was refused for good; `mark` as given to publish(). */
    void (*refused)(void *ctx, uint64_t mark, struct sw_str reason, struct sw_str text);
    /* The daemon cannot take events now; they are sent again every `silence`. May be NULL. */
    void (*put_off)(void *ctx, struct sw_str why);
    /* An event is on the daemon's disk, now or from before. May be NULL. */
    void (*stored)(void *ctx, uint64_t mark);
};

enum sw_code sw_publisher_open(struct sw_publisher **out, const struct sw_publisher_conf *conf,
                               struct sw_err *err) SW_MUST_USE;
/* Queue one event (copied); waits while the daemon grants no credit. SW_EUNKNOWN: patience ran out
 * (what is unanswered may or may not be stored; sending it again is safe). */
enum sw_code sw_publish(struct sw_publisher *p, struct sw_str event, uint64_t mark,
                        struct sw_err *err) SW_MUST_USE;
/* Send what is queued and wait until everything is answered. */
enum sw_code sw_publisher_flush(struct sw_publisher *p, struct sw_err *err) SW_MUST_USE;
/* The history is complete: the daemon goes live. Waits for its answer. */
enum sw_code sw_publisher_end_history(struct sw_publisher *p, struct sw_err *err) SW_MUST_USE;
void sw_publisher_count(const struct sw_publisher *p, struct sw_publisher_counts *out);
void sw_publisher_close(struct sw_publisher *p);

#endif
