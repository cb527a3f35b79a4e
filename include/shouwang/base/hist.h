/* hist.h - how long things took. Buckets are a quarter of an octave wide, so a quantile is at most
 * a quarter too large and never too small. Fixed size, no memory of its own.
 * Layer: base. Zero is an empty histogram. */
#ifndef SHOUWANG_BASE_HIST_H
#define SHOUWANG_BASE_HIST_H

#include <shouwang/base/def.h>

enum { SW_HIST_BUCKETS = 160 }; /* up to 2^40 µs, twelve days; what is longer counts as that */

struct sw_hist {
    uint64_t n;
    uint64_t sum; /* µs */
    uint32_t bucket[SW_HIST_BUCKETS];
};

void sw_hist_add(struct sw_hist *h, int64_t us); /* below 0 counts as 0: a clock was set */
/* The µs that `q` (0 to 1) of all did not exceed; 0 when there are none. */
int64_t sw_hist_quantile(const struct sw_hist *h, double q);

#endif
