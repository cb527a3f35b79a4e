/* feeds.c - who has been heard of, and what waits while a feed is silent.
 *
 * "Lost the job and not hired again" is only known while the bureau that tells of new jobs is heard
 * of. A rule that such silence could make true does not begin to count while the feed is stale; it
 * is held, and looked at again when the feed speaks. What counted before goes on counting. */
#include "parts.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

bool sw_feed_is_stale(const struct sw_engine *e, uint32_t feed)
{
    int32_t period = e->rules->schema->feeds[feed].period;

    return period > 0 && (e->heard[feed] == 0 || e->today > e->heard[feed] + period);
}

uint32_t sw_rule_held_by(const struct sw_engine *e, const struct sw_rule *r)
{
    for (size_t i = 0; i < r->n_waits_for; i++) {
        if (sw_feed_is_stale(e, r->waits_for[i]))
            return r->waits_for[i];
    }
    return SW_NONE;
}

static bool is_held(const struct sw_standing *st)
{
    for (uint32_t i = 0; st->hits != NULL && i < st->hits->n; i++) {
        if (st->hits->at[i].state == HIT_HELD)
            return true;
    }
    return false;
}

void sw_feed_heard(struct sw_engine *e, uint32_t feed)
{
    bool was_stale;

    if (e->heard[feed] >= e->today)
        return;
    was_stale = sw_feed_is_stale(e, feed);
    e->heard[feed] = e->today;
    if (!was_stale)
        return;
    for (uint32_t h = 0; h < e->standings; h++) {
        if (is_held(&e->standing[h]))
            sw_set_due(e, h, e->today);
    }
    for (uint32_t a = 0; a < e->area_standings; a++) {
        if (is_held(&e->area_standing[a]))
            sw_set_due(e, AREA_BIT | a, e->today);
    }
}

/* Feeds are known by name; one that is new has not been heard of. `old` is NULL at the start. */
void sw_feeds_carry(struct sw_engine *e, const struct sw_schema *old, const struct sw_schema *now)
{
    sw_day *heard = sw_calloc(now->n_feeds + 1, sizeof(*heard));

    for (size_t i = 0; old != NULL && i < now->n_feeds; i++) {
        for (size_t k = 0; k < old->n_feeds; k++) {
            if (sw_str_eq(now->feeds[i].name, old->feeds[k].name))
                heard[i] = e->heard[k];
        }
    }
    free(e->heard);
    e->heard = heard;
}

/* ---- told --------------------------------------------------------------------------------- */

static void count_held(const struct sw_engine *e, const struct sw_standing *st, uint64_t *held)
{
    for (uint32_t i = 0; st->hits != NULL && i < st->hits->n; i++) {
        const struct sw_hit *h = &st->hits->at[i];
        uint32_t feed;

        if (h->state != HIT_HELD)
            continue;
        feed = sw_rule_held_by(e, &e->rules->rule[h->rule]);
        if (feed != SW_NONE)
            held[feed]++;
    }
}

size_t sw_engine_feeds(const struct sw_engine *e, struct sw_arena *arena,
                       struct sw_feed_state **out)
{
    const struct sw_schema *s = e->rules->schema;
    uint64_t *held = SW_ARENA_ARRAY(arena, uint64_t, s->n_feeds + 1);
    size_t n = 0;

    *out = SW_ARENA_ARRAY(arena, struct sw_feed_state, s->n_feeds + 1);
    for (uint32_t h = 0; h < e->standings; h++)
        count_held(e, &e->standing[h], held);
    for (uint32_t a = 0; a < e->area_standings; a++)
        count_held(e, &e->area_standing[a], held);
    for (uint32_t i = 0; i < s->n_feeds; i++) {
        if (s->feeds[i].period > 0)
            (*out)[n++] = (struct sw_feed_state){.name = s->feeds[i].name,
                                                 .period = s->feeds[i].period,
                                                 .heard = e->heard[i],
                                                 .stale = sw_feed_is_stale(e, i),
                                                 .held = held[i]};
    }
    return n;
}
