/* intern.c - a set of strings numbered in order of arrival. Linear probing; the table is rebuilt
 * at twice the size when it gets three quarters full. */
#include <shouwang/base/intern.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

void sw_intern_init(struct sw_intern *t, struct sw_hash_key key)
{
    *t = (struct sw_intern){.key = key};
}

void sw_intern_free(struct sw_intern *t)
{
    free(t->slot);
    free(t->end);
    free(t->text);
    *t = (struct sw_intern){.key = t->key};
}

struct sw_str sw_intern_text(const struct sw_intern *t, uint32_t id)
{
    uint32_t from = id == 0 ? 0 : t->end[id - 1];

    return (struct sw_str){t->text + from, t->end[id] - from};
}

/* The slot that holds s, or the empty one where it belongs. */
static uint32_t probe(const struct sw_intern *t, struct sw_str s)
{
    uint32_t mask = t->slots - 1;
    uint32_t at = (uint32_t)sw_siphash(t->key, s.p, s.n) & mask;

    while (t->slot[at] != 0 && !sw_str_eq(sw_intern_text(t, t->slot[at] - 1), s))
        at = (at + 1) & mask;
    return at;
}

uint32_t sw_intern_find(const struct sw_intern *t, struct sw_str s)
{
    if (t->slots == 0)
        return SW_NONE;
    return t->slot[probe(t, s)] - 1; /* an empty slot gives SW_NONE */
}

static void grow(struct sw_intern *t)
{
    t->slots = t->slots == 0 ? 16 : t->slots * 2;
    free(t->slot);
    t->slot = sw_calloc(t->slots, sizeof(*t->slot));
    for (uint32_t id = 0; id < t->count; id++)
        t->slot[probe(t, sw_intern_text(t, id))] = id + 1;
}

uint32_t sw_intern_add(struct sw_intern *t, struct sw_str s)
{
    uint32_t from = t->count == 0 ? 0 : t->end[t->count - 1];
    uint32_t at;

    if (t->count + 1 > t->slots / 4 * 3)
        grow(t);
    at = probe(t, s);
    if (t->slot[at] != 0)
        return t->slot[at] - 1;
    SW_ASSERT(s.n < UINT32_MAX - from && t->count < UINT32_MAX / 2);
    t->text = sw_grow(t->text, &t->text_cap, from + s.n + 1, 1); /* + 1: never NULL */
    t->end = sw_grow(t->end, &t->end_cap, t->count + 1, sizeof(*t->end));
    if (s.n > 0)
        memcpy(t->text + from, s.p, s.n);
    t->end[t->count] = from + (uint32_t)s.n;
    t->slot[at] = ++t->count;
    return t->count - 1;
}
