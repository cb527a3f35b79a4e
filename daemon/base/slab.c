/* slab.c - many small blobs addressed by 32-bit references.
 *
 * A reference is a slab number (15 bits) and an offset in units of 8 bytes (17 bits). */
#include <shouwang/base/mem.h>
#include <shouwang/base/slab.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT = 8, UNITS = SW_SLAB_BYTES / UNIT };

/* Sizes in units: 1 2 3 4, then four steps per doubling: 5 6 7 8, 10 12 14 16, 20 24 28 32 … */
static uint32_t class_units(uint32_t class)
{
    if (class < 4)
        return class + 1;
    return (class % 4 + 5) << (class / 4 - 1);
}

static uint32_t class_of(uint32_t size)
{
    uint32_t units = (size + UNIT - 1) / UNIT;
    uint32_t log;

    SW_ASSERT(size > 0 && size <= SW_BLOB_MAX);
    if (units <= 4)
        return units - 1;
    /* units - 1 in (4 << k) … (8 << k) - 1 belongs to the four classes of doubling k. */
    log = 31 - (uint32_t)__builtin_clz(units - 1);
    return (log - 1) * 4 + ((units - 1) >> (log - 2)) - 4;
}

void sw_slab_init(struct sw_slab *s)
{
    *s = (struct sw_slab){.next = UNITS};
    for (size_t c = 0; c < SW_SLAB_CLASSES; c++)
        s->free_list[c] = SW_BLOB_NONE;
}

void sw_slab_free(struct sw_slab *s)
{
    for (size_t i = 0; i < s->slabs; i++)
        free(s->slab[i]);
    free(s->slab);
    sw_slab_init(s);
}

uint32_t sw_slab_round(uint32_t size)
{
    return class_units(class_of(size)) * UNIT;
}

/* What is left of the newest slab goes to the free lists, largest classes first. */
static void retire_rest(struct sw_slab *s)
{
    while (s->slabs > 0 && s->next < UNITS) {
        uint32_t left = UNITS - s->next;
        uint32_t class = class_of(left * UNIT);

        if (class_units(class) > left)
            class --;
        sw_slab_release(s, (uint32_t)(s->slabs - 1) * UNITS + s->next, class_units(class) * UNIT);
        s->next += class_units(class);
    }
}

uint32_t sw_slab_alloc(struct sw_slab *s, uint32_t size)
{
    uint32_t class = class_of(size);
    uint32_t units = class_units(class);
    uint32_t ref = s->free_list[class];

    if (ref != SW_BLOB_NONE) {
        memcpy(&s->free_list[class], sw_slab_at(s, ref), sizeof(ref));
        return ref;
    }
    if (UNITS - s->next < units) {
        retire_rest(s);
        SW_ASSERT(s->slabs < UINT32_MAX / UNITS);
        s->slab = sw_grow(s->slab, &s->slab_cap, s->slabs + 1, sizeof(*s->slab));
        s->slab[s->slabs++] = sw_malloc(SW_SLAB_BYTES);
        s->next = 0;
    }
    ref = (uint32_t)(s->slabs - 1) * UNITS + s->next;
    s->next += units;
    return ref;
}

void sw_slab_release(struct sw_slab *s, uint32_t ref, uint32_t cap)
{
    uint32_t class = class_of(cap);

    memcpy(sw_slab_at(s, ref), &s->free_list[class], sizeof(ref));
    s->free_list[class] = ref;
}
