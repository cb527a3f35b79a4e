/* hist.c - log-linear buckets: 0, 1, 2, 3, then four to each power of two. */
#include <shouwang/base/hist.h>

static size_t bucket_of(uint64_t us)
{
    unsigned power;
    size_t at;

    if (us < 4)
        return (size_t)us;
    power = 63 - (unsigned)__builtin_clzll(us);
    at = (size_t)(power - 1) * 4 + ((us >> (power - 2)) & 3);
    return at < SW_HIST_BUCKETS ? at : SW_HIST_BUCKETS - 1;
}

/* The largest value that falls into the bucket. */
static int64_t top_of(size_t at)
{
    unsigned power = (unsigned)(at / 4) + 1;

    if (at < 4)
        return (int64_t)at;
    return (int64_t)(((UINT64_C(5) + at % 4) << (power - 2)) - 1);
}

void sw_hist_add(struct sw_hist *h, int64_t us)
{
    uint64_t v = us < 0 ? 0 : (uint64_t)us;

    h->n++;
    h->sum += v;
    h->bucket[bucket_of(v)]++;
}

int64_t sw_hist_quantile(const struct sw_hist *h, double q)
{
    double wanted = q * (double)h->n * (1 - 1e-12); /* rounding up must not reach the next bucket */
    uint64_t seen = 0;

    for (size_t i = 0; i < SW_HIST_BUCKETS && h->n > 0; i++) {
        seen += h->bucket[i];
        if (seen > 0 && (double)seen >= wanted)
            return top_of(i);
    }
    return 0;
}
