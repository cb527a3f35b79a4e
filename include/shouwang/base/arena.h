/* arena.h - memory that is given back all at once: one batch, one file, one evaluation.
 * Layer: base. Zero is a valid empty arena. Under AddressSanitizer each object is a malloc of its
 * own, so an overflow inside an arena is found (the idea is tarantool/small's). */
#ifndef SHOUWANG_BASE_ARENA_H
#define SHOUWANG_BASE_ARENA_H

#include <shouwang/base/str.h>

struct sw_chunk;

struct sw_arena {
    struct sw_chunk *first; /* newest first */
    char *at;               /* next free byte of the newest chunk */
    char *end;
    size_t used; /* bytes handed out since the last reset */
};

/* `size` bytes aligned for any type, not initialised. Never NULL. */
void *sw_arena_alloc(struct sw_arena *a, size_t size);
void *sw_arena_zalloc(struct sw_arena *a, size_t size);
/* A copy with a NUL behind it (not counted in n). */
struct sw_str sw_arena_str(struct sw_arena *a, struct sw_str s);
struct sw_str sw_arena_printf(struct sw_arena *a, const char *fmt, ...) SW_PRINTF(2, 3);
/* Forget every object; keeps one chunk so that a loop of resets stops allocating. */
void sw_arena_reset(struct sw_arena *a);
void sw_arena_free(struct sw_arena *a);

#define SW_ARENA_NEW(a, type)      ((type *)sw_arena_zalloc((a), sizeof(type)))
#define SW_ARENA_ARRAY(a, type, n) ((type *)sw_arena_zalloc((a), sizeof(type) * (n)))

#endif
