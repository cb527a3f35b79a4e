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

    return period > 0 && (e->feed[feed].heard == 0 || e->today > e->feed[feed].heard + period);
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

    if (e->feed[feed].heard >= e->today)
        return;
    was_stale = sw_feed_is_stale(e, feed);
    e->feed[feed].heard = e->today;
    e->feed[feed].trouble[SW_FEED_SILENT] = 0;
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

/* Feeds and streams are known by name; one that is new has no past. `old` is NULL at the start. */
void sw_feeds_carry(struct sw_engine *e, const struct sw_schema *old, const struct sw_schema *now)
{
    struct sw_feed_watch *feed = sw_calloc(now->n_feeds + 1, sizeof(*feed));
    struct sw_amounts *amounts = sw_calloc(now->n_streams, sizeof(*amounts));

    for (size_t i = 0; old != NULL && i < now->n_feeds; i++) {
        for (size_t k = 0; k < old->n_feeds; k++) {
            if (sw_str_eq(now->feeds[i].name, old->feeds[k].name))
                feed[i] = e->feed[k];
        }
    }
    for (size_t i = 1; old != NULL && i < now->n_streams; i++) {
        const struct sw_stream *before = sw_schema_stream(old, now->streams[i].name);

        if (before != NULL)
            amounts[i] = e->amounts[before->id];
    }
    free(e->feed);
    free(e->amounts);
    e->feed = feed;
    e->amounts = amounts;
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

static void put_state(const struct sw_engine *e, uint32_t feed, uint64_t held,
                      struct sw_arena *arena, struct sw_feed_state *out)
{
    const struct sw_feed *f = &e->rules->schema->feeds[feed];
    const struct sw_feed_watch *w = &e->feed[feed];
    const struct sw_batch *b = &w->batch[(w->n + BATCHES_KEPT - 1) % BATCHES_KEPT];

    *out = (struct sw_feed_state){.name = f->name,
                                  .period = f->period,
                                  .heard = w->heard,
                                  .stale = sw_feed_is_stale(e, feed),
                                  .batch = f->batch,
                                  .held = held,
                                  .closed = b->day,
                                  .told = b->told,
                                  .arrived = b->rows,
                                  .since = w->rows};
    for (enum sw_feed_trouble t = 0; t < SW_FEED_TROUBLES; t++) {
        out->trouble[t] = w->trouble[t];
        if (w->trouble[t] != 0)
            out->text[t] = sw_feed_trouble_text(e, feed, t, arena);
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
        if (s->feeds[i].period > 0 || e->feed[i].n > 0)
            put_state(e, i, held[i], arena, &(*out)[n++]);
    }
    return n;
}
