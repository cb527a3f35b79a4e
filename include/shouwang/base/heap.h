/* heap.h - a queue of (when, who), earliest first, equal times by `who`: the order never depends
 * on how entries came in. 4-ary heap, flat array. Entries are not removed in the middle; owners
 * skip entries that no longer hold.
 * Layer: base. */
#ifndef SHOUWANG_BASE_HEAP_H
#define SHOUWANG_BASE_HEAP_H

#include <shouwang/base/def.h>

struct sw_due {
    int64_t when;
    uint64_t who;
};

struct sw_heap {
    struct sw_due *at;
    size_t n, cap;
};

void sw_heap_push(struct sw_heap *h, int64_t when, uint64_t who);
/* The earliest, or NULL when empty; valid until the next push or pop. */
const struct sw_due *sw_heap_top(const struct sw_heap *h);
void sw_heap_pop(struct sw_heap *h); /* must not be empty */
void sw_heap_free(struct sw_heap *h);

#endif
