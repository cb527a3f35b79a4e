/* feed_parts.h - what the engine knows of those who send events; see feeds.c and batches.c. Private
 * to engine. */
#ifndef ENGINE_FEED_PARTS_H
#define ENGINE_FEED_PARTS_H

#include "rules_parts.h"

enum { BATCHES_KEPT = 12, AMOUNTS_PER_DECADE = 8, AMOUNT_STEPS = 13 * AMOUNTS_PER_DECADE };

/* What a batch said of itself, and what came. Amounts in fen. */
struct sw_batch {
    uint64_t period;
    int64_t sum_told, sum;
    uint32_t told, rows, known;
    sw_day day;
    bool has_sum;
    uint8_t pad[7];
};

/* What is known of a feed. */
struct sw_feed_watch {
    sw_day heard;                     /* the last day it sent something, 0: never */
    sw_day known;                     /* the first day it was looked for */
    uint32_t rows;                    /* new events since its last batch */
    uint32_t n;                       /* batches ever closed */
    int64_t sum;                      /* of those events */
    sw_day trouble[SW_FEED_TROUBLES]; /* since when; 0: not */
    uint32_t times;                   /* SW_FEED_AMOUNTS: how many times the usual */
    uint8_t fresh;                    /* troubles nobody was told of yet, one bit each */
    bool is_less;                     /* SW_FEED_AMOUNTS: a fraction of the usual instead */
    uint8_t pad[2];
    struct sw_batch batch[BATCHES_KEPT]; /* a ring, the newest at (n - 1) % BATCHES_KEPT */
};

/* Amounts of one stream in steps of a ratio: how the batch in hand looks, and how the last looked.
 */
struct sw_amounts {
    uint32_t seen[AMOUNT_STEPS];
    uint8_t median[BATCHES_KEPT]; /* a ring of steps */
    uint32_t n;                   /* medians ever noted */
};

/* feeds.c */
/* A feed was heard of today. */
void sw_feed_heard(struct sw_engine *e, uint32_t feed);
bool sw_feed_is_stale(const struct sw_engine *e, uint32_t feed);
/* The first stale feed a rule waits for, SW_NONE: none. */
uint32_t sw_rule_held_by(const struct sw_engine *e, const struct sw_rule *r);
void sw_feeds_carry(struct sw_engine *e, const struct sw_schema *old, const struct sw_schema *now);

/* batches.c */
/* An event of a feed was kept: it counts for the batch in hand. */
void sw_batch_count(struct sw_engine *e, const struct sw_event *ev);
/* False: this batch was closed by this very event before. */
bool sw_batch_close(struct sw_engine *e, const struct sw_batch_told *told);
/* A new day: who is silent or late. */
void sw_feeds_pass_day(struct sw_engine *e);
/* Tell the county of troubles that nobody was told of yet. */
void sw_feeds_tell(struct sw_engine *e, struct sw_effects *fx);
/* What is wrong, in words for people; in `arena`. */
struct sw_str sw_feed_trouble_text(const struct sw_engine *e, uint32_t feed,
                                   enum sw_feed_trouble what, struct sw_arena *arena);

#endif
