/* intern.h - a set of strings numbered 0, 1, 2 … in order of arrival.
 * Layer: base. Three flat arrays and no pointers between them, so a snapshot writes them as they
 * are. Strings are never removed; at most 2^27 - 1 of them. Cost: one probe run, about the text
 * plus 10 bytes each. */
#ifndef SHOUWANG_BASE_INTERN_H
#define SHOUWANG_BASE_INTERN_H

#include <shouwang/base/hash.h>

#define SW_NONE UINT32_MAX

struct sw_intern {
    struct sw_hash_key key;
    uint32_t count;
    uint32_t slots; /* power of two, at most 3/4 full; 0 while empty */
    uint32_t *slot; /* id + 1 and some bits of the hash, 0 = empty */
    uint32_t *end;  /* text of id: [id == 0 ? 0 : end[id - 1], end[id]) of `text` */
    char *text;
    size_t end_cap, text_cap;
};

void sw_intern_init(struct sw_intern *t, struct sw_hash_key key);
void sw_intern_free(struct sw_intern *t);
uint32_t sw_intern_find(const struct sw_intern *t, struct sw_str s); /* SW_NONE: not there */
/* Finds or adds. */
uint32_t sw_intern_add(struct sw_intern *t, struct sw_str s);
/* Valid until the next add. */
struct sw_str sw_intern_text(const struct sw_intern *t, uint32_t id);

/* A find() ahead of time, in steps some 100 ns apart: each asks for memory that the next one and at
 * last find() itself read. The first gives the hash, the second the number that s probably has,
 * SW_NONE: it is not there. */
uint64_t sw_intern_ahead(const struct sw_intern *t, struct sw_str s);
uint32_t sw_intern_likely(const struct sw_intern *t, uint64_t hash);
void sw_intern_ahead_text(const struct sw_intern *t, uint32_t id);

#endif
