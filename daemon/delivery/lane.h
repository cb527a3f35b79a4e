/* lane.h - one gateway's way out: how much may be under way, and when the next request may begin.
 * Private to delivery. No I/O and no clock: the time is an argument, of a clock that is never set.
 * Owner: the outbox. */
#ifndef DELIVERY_LANE_H
#define DELIVERY_LANE_H

#include <shouwang/base/heap.h>
#include <shouwang/delivery/outbox.h>

#define SW_LANE_CLOSED INT64_MAX /* until a request ends */

/* The last `rate.count` beginnings: exact over any window, unlike a token bucket, which lets twice
 * the count through within one. */
struct rate_log {
    struct sw_rate rate;
    sw_time *begun; /* a ring */
    size_t n, next;
};

struct sw_lane {
    const struct sw_gateway *gw; /* NULL: the lane of messages whose gateway does not exist */
    struct sw_heap due;          /* waiting messages; entries that no longer hold are skipped */
    size_t waiting;
    uint32_t in_flight; /* leased or under way */
    uint32_t window;    /* in_flight allowed now: halved by a failure, one more per success */
    uint32_t failures;  /* in a row */
    sw_time paused_until;
    bool is_disabled;
    struct rate_log rates[SW_RATES_MAX];
    size_t n_rates;
    struct sw_hist taken;
    struct sw_lane_counts counts;
};

void sw_lane_init(struct sw_lane *lane, const struct sw_gateway *gw);
void sw_lane_free(struct sw_lane *lane);
/* The earliest moment at which another request may begin; SW_LANE_CLOSED: not before one ends. */
sw_time sw_lane_open_at(const struct sw_lane *lane);
void sw_lane_begin(struct sw_lane *lane, sw_time now);
void sw_lane_end(struct sw_lane *lane);

/* What came of a request. */
void sw_lane_alive(struct sw_lane *lane);
void sw_lane_failed(struct sw_lane *lane, sw_time now);
void sw_lane_limited(struct sw_lane *lane, sw_time now, sw_time wait);
void sw_lane_disabled(struct sw_lane *lane, sw_time now, struct sw_str detail);

#endif
