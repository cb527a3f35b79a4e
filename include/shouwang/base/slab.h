/* slab.h - many small blobs addressed by 32-bit references instead of pointers.
 * Layer: base. Blobs live in slabs of 1 MiB that never move; sizes are rounded up to classes (four
 * per doubling), freed blobs are reused within their class. A snapshot writes the slabs as they
 * are. Owner remembers each blob's capacity (as returned); there is no header per blob. */
#ifndef SHOUWANG_BASE_SLAB_H
#define SHOUWANG_BASE_SLAB_H

#include <shouwang/base/def.h>

#define SW_SLAB_BYTES   (1U << 20)
#define SW_BLOB_MAX     SW_SLAB_BYTES
#define SW_SLAB_CLASSES 64
#define SW_BLOB_NONE    UINT32_MAX /* no blob */

struct sw_slab {
    unsigned char **slab;
    size_t slabs, slab_cap;
    uint32_t next;                       /* bytes / 8 used of the newest slab */
    uint32_t free_list[SW_SLAB_CLASSES]; /* reference of the first free blob, or SW_BLOB_NONE */
};

void sw_slab_init(struct sw_slab *s);
void sw_slab_free(struct sw_slab *s);
/* The capacity a request of `size` bytes gets: the class's size. 1 <= size <= SW_BLOB_MAX. */
uint32_t sw_slab_round(uint32_t size);
uint32_t sw_slab_alloc(struct sw_slab *s, uint32_t size);
/* `cap` as sw_slab_round() gave it for this blob. */
void sw_slab_release(struct sw_slab *s, uint32_t ref, uint32_t cap);

static inline unsigned char *sw_slab_at(const struct sw_slab *s, uint32_t ref)
{
    return s->slab[ref >> 17] + ((size_t)(ref & 0x1ffff) << 3);
}

#endif
