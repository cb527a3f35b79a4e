/* event.c - the list of events and their order. */
#include "event.h"
#include <stdlib.h>

struct event *event_add(struct event_list *l, struct event e)
{
    l->at = sw_grow(l->at, &l->cap, l->n + 1, sizeof(*l->at));
    l->at[l->n] = e;
    return &l->at[l->n++];
}

void event_free(struct event_list *l)
{
    free(l->at);
    *l = (struct event_list){0};
}

struct place {
    int64_t recorded;
    uint32_t index;
};

static int by_place(const void *a, const void *b)
{
    const struct place *x = a;
    const struct place *y = b;

    if (x->recorded != y->recorded)
        return x->recorded < y->recorded ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

uint32_t *event_order(const struct event_list *l)
{
    struct place *place = sw_calloc(l->n, sizeof(*place));
    uint32_t *order = sw_calloc(l->n, sizeof(*order));

    for (size_t i = 0; i < l->n; i++)
        place[i] = (struct place){l->at[i].recorded, (uint32_t)i};
    qsort(place, l->n, sizeof(*place), by_place);
    for (size_t i = 0; i < l->n; i++)
        order[i] = place[i].index;
    free(place);
    return order;
}
