/* heap.c - a 4-ary heap of (when, who). */
#include <shouwang/base/heap.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

static bool is_before(const struct sw_due *a, const struct sw_due *b)
{
    return a->when != b->when ? a->when < b->when : a->who < b->who;
}

void sw_heap_push(struct sw_heap *h, int64_t when, uint64_t who)
{
    struct sw_due it = {when, who};
    size_t at;

    h->at = sw_grow(h->at, &h->cap, h->n + 1, sizeof(*h->at));
    for (at = h->n++; at > 0; at = (at - 1) / 4) {
        if (!is_before(&it, &h->at[(at - 1) / 4]))
            break;
        h->at[at] = h->at[(at - 1) / 4];
    }
    h->at[at] = it;
}

const struct sw_due *sw_heap_top(const struct sw_heap *h)
{
    return h->n == 0 ? NULL : &h->at[0];
}

void sw_heap_pop(struct sw_heap *h)
{
    struct sw_due last = h->at[--h->n];
    size_t at = 0;

    for (;;) {
        size_t child = at * 4 + 1;
        size_t least = child;

        if (child >= h->n)
            break;
        for (size_t c = child + 1; c < child + 4 && c < h->n; c++) {
            if (is_before(&h->at[c], &h->at[least]))
                least = c;
        }
        if (!is_before(&h->at[least], &last))
            break;
        h->at[at] = h->at[least];
        at = least;
    }
    h->at[at] = last;
}

void sw_heap_free(struct sw_heap *h)
{
    free(h->at);
    *h = (struct sw_heap){0};
}
