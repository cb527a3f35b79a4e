/* dice.c - the generator's own random numbers: xorshift64*, started by splitmix64.
 * Source: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016. */
#include "dice.h"

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

struct dice dice_new(uint64_t seed, enum part part)
{
    uint64_t state = mix(mix(seed) + (uint64_t)part);

    return (struct dice){state == 0 ? 1 : state};
}

uint64_t dice_next(struct dice *d)
{
    d->state ^= d->state >> 12;
    d->state ^= d->state << 25;
    d->state ^= d->state >> 27;
    return d->state * UINT64_C(0x2545f4914f6cdd1d);
}

uint32_t dice_below(struct dice *d, uint32_t n)
{
    return (uint32_t)((dice_next(d) >> 32) * n >> 32);
}

int32_t dice_between(struct dice *d, int32_t lo, int32_t hi)
{
    return lo + (int32_t)dice_below(d, (uint32_t)(hi - lo) + 1);
}

bool dice_chance(struct dice *d, uint32_t permille)
{
    return dice_below(d, 1000) < permille;
}

uint32_t dice_choose(struct dice *d, const uint16_t *weight, size_t n)
{
    uint32_t sum = 0;
    uint32_t left;
    uint32_t i = 0;

    for (size_t k = 0; k < n; k++)
        sum += weight[k];
    for (left = dice_below(d, sum); left >= weight[i]; i++)
        left -= weight[i];
    return i;
}

int64_t dice_tail(struct dice *d, const struct quantile *q)
{
    uint32_t at = dice_below(d, 1000000);

    while (q[1].ppm <= at)
        q++;
    return q[0].value +
           (q[1].value - q[0].value) * (int64_t)(at - q[0].ppm) / (int64_t)(q[1].ppm - q[0].ppm);
}
