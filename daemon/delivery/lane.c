/* lane.c - a gateway's window, rates, pauses and circuit breaker.
 *
 * After the third failure in a row the whole lane pauses, 1 s at first and doubling to a minute,
 * and only one request is tried after each pause: a dead gateway costs one attempt of one message
 * now and then instead of all attempts of all messages. A gateway that says it is out of order is
 * tried every five minutes, so that mending it is enough. */
#include "lane.h"
#include <shouwang/base/log.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

#define PROBE_EVERY (5 * 60 * SW_SECOND)
#define PAUSE_MAX   (60 * SW_SECOND)

enum { FAILURES_ALLOWED = 2 };

void sw_lane_init(struct sw_lane *lane, const struct sw_gateway *gw)
{
    const struct sw_rate *rates;

    *lane = (struct sw_lane){.gw = gw, .window = 1};
    if (gw == NULL)
        return;
    lane->window = sw_gateway_concurrency(gw);
    lane->counts.gateway = sw_gateway_name(gw);
    rates = sw_gateway_rates(gw, &lane->n_rates);
    for (size_t i = 0; i < lane->n_rates; i++)
        lane->rates[i] =
            (struct rate_log){rates[i], sw_calloc(rates[i].count, sizeof(sw_time)), 0, 0};
}

void sw_lane_free(struct sw_lane *lane)
{
    for (size_t i = 0; i < lane->n_rates; i++)
        free(lane->rates[i].begun);
    sw_heap_free(&lane->due);
}

sw_time sw_lane_open_at(const struct sw_lane *lane)
{
    sw_time at = lane->paused_until;

    if (lane->in_flight >= lane->window)
        return SW_LANE_CLOSED;
    for (size_t i = 0; i < lane->n_rates; i++) {
        const struct rate_log *r = &lane->rates[i];

        if (r->n == r->rate.count && r->begun[r->next] + r->rate.window > at)
            at = r->begun[r->next] + r->rate.window; /* the oldest of the ring is the next */
    }
    return at;
}

void sw_lane_begin(struct sw_lane *lane, sw_time now)
{
    lane->in_flight++;
    for (size_t i = 0; i < lane->n_rates; i++) {
        struct rate_log *r = &lane->rates[i];

        r->begun[r->next] = now;
        r->next = (r->next + 1) % r->rate.count;
        r->n += r->n < r->rate.count;
    }
}

void sw_lane_end(struct sw_lane *lane)
{
    SW_ASSERT(lane->in_flight > 0);
    lane->in_flight--;
}

static void pause_until(struct sw_lane *lane, sw_time at)
{
    if (at > lane->paused_until)
        lane->paused_until = at;
}

void sw_lane_alive(struct sw_lane *lane)
{
    lane->failures = 0;
    if (lane->window < sw_gateway_concurrency(lane->gw))
        lane->window++;
    if (!lane->is_disabled)
        return;
    lane->is_disabled = false;
    lane->paused_until = 0;
    sw_log(SW_LOG_INFO, "outbox", "gateway works again", "gateway=%.*s",
           SW_STR_ARG(lane->counts.gateway));
}

void sw_lane_failed(struct sw_lane *lane, sw_time now)
{
    uint32_t doublings;

    lane->failures++;
    lane->window = lane->window > 1 ? lane->window / 2 : 1;
    if (lane->is_disabled)
        pause_until(lane, now + PROBE_EVERY);
    if (lane->failures <= FAILURES_ALLOWED)
        return;
    doublings = lane->failures - FAILURES_ALLOWED - 1;
    lane->window = 1;
    pause_until(lane, now + (doublings < 6 ? SW_SECOND << doublings : PAUSE_MAX));
}

void sw_lane_limited(struct sw_lane *lane, sw_time now, sw_time wait)
{
    lane->window = lane->window > 1 ? lane->window / 2 : 1;
    pause_until(lane, now + wait);
}

void sw_lane_disabled(struct sw_lane *lane, sw_time now, struct sw_str detail)
{
    if (!lane->is_disabled)
        sw_log(SW_LOG_ERROR, "outbox", "gateway is out of order; mend it, it is tried every 5 min",
               "gateway=%.*s detail=\"%.*s\"", SW_STR_ARG(lane->counts.gateway),
               SW_STR_ARG(detail));
    lane->is_disabled = true;
    lane->window = 1;
    pause_until(lane, now + PROBE_EVERY);
}
