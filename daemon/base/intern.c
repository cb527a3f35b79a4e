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

/* A slot is a string's number + 1 and above it some bits of its hash: most strings that are not the
 * one looked for are told from it without a look at them, which would be two cache misses. */
enum { NUMBER_BITS = 27, NUMBERS = (1 << NUMBER_BITS) - 1 };

static uint32_t number_in(uint32_t slot)
{
    return (slot & NUMBERS) - 1; /* an empty slot gives more than there are */
}

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32) & ~(uint32_t)NUMBERS;
}

/* The slot that holds s, or the empty one where it belongs; *tag: what it has above the number. */
static uint32_t probe(const struct sw_intern *t, struct sw_str s, uint32_t *tag)
{
    uint64_t hash = sw_siphash(t->key, s.p, s.n);
    uint32_t mask = t->slots - 1;
    uint32_t at = (uint32_t)hash & mask;
    uint32_t slot;

    *tag = tag_of(hash);
    while ((slot = t->slot[at]) != 0 && ((slot & ~(uint32_t)NUMBERS) != *tag ||
                                         !sw_str_eq(sw_intern_text(t, number_in(slot)), s)))
        at = (at + 1) & mask;
    return at;
}

uint32_t sw_intern_find(const struct sw_intern *t, struct sw_str s)
{
    uint32_t tag;
    uint32_t slot = t->slots == 0 ? 0 : t->slot[probe(t, s, &tag)];

    return slot == 0 ? SW_NONE : number_in(slot);
}

static void grow(struct sw_intern *t)
{
    uint32_t tag;

    t->slots = t->slots == 0 ? 16 : t->slots * 2;
    free(t->slot);
    t->slot = sw_calloc(t->slots, sizeof(*t->slot));
    for (uint32_t id = 0; id < t->count; id++) {
        uint32_t at = probe(t, sw_intern_text(t, id), &tag);

        t->slot[at] = tag | (id + 1);
    }
}

uint32_t sw_intern_add(struct sw_intern *t, struct sw_str s)
{
    uint32_t from = t->count == 0 ? 0 : t->end[t->count - 1];
    uint32_t tag;
    uint32_t at;

    if (t->count + 1 > t->slots / 4 * 3)
        grow(t);
    at = probe(t, s, &tag);
    if (t->slot[at] != 0)
        return number_in(t->slot[at]);
    SW_ASSERT(s.n < UINT32_MAX - from && t->count < NUMBERS);
    t->text = sw_grow(t->text, &t->text_cap, from + s.n + 1, 1); /* + 1: never NULL */
    t->end = sw_grow(t->end, &t->end_cap, t->count + 1, sizeof(*t->end));
    if (s.n > 0)
        memcpy(t->text + from, s.p, s.n);
    t->end[t->count] = from + (uint32_t)s.n;
    t->slot[at] = tag | ++t->count;
    return t->count - 1;
}

/* ---- ahead of time ------------------------------------------------------------------------ */

uint64_t sw_intern_ahead(const struct sw_intern *t, struct sw_str s)
{
    uint64_t hash = sw_siphash(t->key, s.p, s.n);

    if (t->slots > 0)
        __builtin_prefetch(&t->slot[(uint32_t)hash & (t->slots - 1)]);
    return hash;
}

uint32_t sw_intern_likely(const struct sw_intern *t, uint64_t hash)
{
    uint32_t mask = t->slots - 1;
    uint32_t at = (uint32_t)hash & mask;
    uint32_t tag = tag_of(hash);
    uint32_t slot;

    if (t->slots == 0)
        return SW_NONE;
    while ((slot = t->slot[at]) != 0 && (slot & ~(uint32_t)NUMBERS) != tag)
        at = (at + 1) & mask;
    if (slot == 0)
        return SW_NONE;
    __builtin_prefetch(&t->end[number_in(slot)]);
    return number_in(slot);
}

void sw_intern_ahead_text(const struct sw_intern *t, uint32_t id)
{
    __builtin_prefetch(t->text + t->end[id] - 1);
}
