/* dice.h - the generator's own random numbers: the same for a seed on every machine.
 * Private to tests/data/county. Whole numbers only; no double can round differently elsewhere. And
 * never two throws in one expression or one list of arguments: C leaves their order open. */
#ifndef COUNTY_DICE_H
#define COUNTY_DICE_H

#include <shouwang/base/def.h>

struct dice {
    uint64_t state;
};

/* Each part of the county throws its own dice, so that a change in one part leaves the others'
 * bytes alone. */
enum part {
    PART_LAND,
    PART_PEOPLE,
    PART_POSTS,
    PART_HEALTH,
    PART_WORK,
    PART_SCHOOL,
    PART_HARM,
    PART_CARE,
    PART_NOISE,
    PART_LIVE
};

struct dice dice_new(uint64_t seed, enum part part);
uint64_t dice_next(struct dice *d);
uint32_t dice_below(struct dice *d, uint32_t n);              /* 0 … n - 1; n > 0 */
int32_t dice_between(struct dice *d, int32_t lo, int32_t hi); /* both included */
bool dice_chance(struct dice *d, uint32_t permille);
/* An index of `weight` (n > 0, not all zero), each as likely as its weight. */
uint32_t dice_choose(struct dice *d, const uint16_t *weight, size_t n);

/* A distribution by its quantiles, straight lines between them; the first is 0, the last 1 000 000
 * parts per million. Heavy tails are a steep last piece. */
struct quantile {
    uint32_t ppm;
    int64_t value;
};

int64_t dice_tail(struct dice *d, const struct quantile *q);

#endif
