/* arena.c - memory that is given back all at once.
 *
 * Chunks grow from 4 KiB to 1 MiB; an object larger than a chunk gets one of its own. With
 * AddressSanitizer every object is its own malloc and the chunk list is a list of objects. */
#include <shouwang/base/arena.h>
#include <shouwang/base/mem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define OBJECTS_APART 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OBJECTS_APART 1
#endif
#endif
#ifndef OBJECTS_APART
#define OBJECTS_APART 0
#endif

enum { ALIGN = 16, FIRST_CHUNK = 4096, LARGEST_CHUNK = 1 << 20 };

struct sw_chunk {
    struct sw_chunk *older;
    size_t size; /* of data */
    _Alignas(ALIGN) char data[];
};

static struct sw_chunk *add_chunk(struct sw_arena *a, size_t size)
{
    struct sw_chunk *c = sw_malloc(sizeof(*c) + size);

    c->older = a->first;
    c->size = size;
    a->first = c;
    a->at = c->data;
    a->end = c->data + size;
    return c;
}

void *sw_arena_alloc(struct sw_arena *a, size_t size)
{
    size_t rounded = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    char *p;

    a->used += rounded;
    if (OBJECTS_APART) {
        p = add_chunk(a, size)->data;
        a->at = a->end;
        return p;
    }
    if ((size_t)(a->end - a->at) < rounded) {
        size_t next = a->first == NULL ? FIRST_CHUNK : a->first->size * 2;

        if (next > LARGEST_CHUNK)
            next = LARGEST_CHUNK;
        add_chunk(a, next < rounded ? rounded : next);
    }
    p = a->at;
    a->at += rounded;
    return p;
}

void *sw_arena_zalloc(struct sw_arena *a, size_t size)
{
    return memset(sw_arena_alloc(a, size), 0, size);
}

struct sw_str sw_arena_str(struct sw_arena *a, struct sw_str s)
{
    char *p = sw_arena_alloc(a, s.n + 1);

    if (s.n > 0)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (struct sw_str){p, s.n};
}

struct sw_str sw_arena_printf(struct sw_arena *a, const char *fmt, ...)
{
    va_list ap;
    va_list again;
    int n;
    char *p;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    SW_ASSERT(n >= 0);
    p = sw_arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return (struct sw_str){p, (size_t)n};
}

void sw_arena_reset(struct sw_arena *a)
{
    struct sw_chunk *keep = OBJECTS_APART ? NULL : a->first;

    for (struct sw_chunk *c = a->first; c != NULL;) {
        struct sw_chunk *older = c->older;

        if (c != keep)
            free(c);
        c = older;
    }
    *a = (struct sw_arena){.first = keep};
    if (keep != NULL) {
        keep->older = NULL;
        a->at = keep->data;
        a->end = keep->data + keep->size;
    }
}

void sw_arena_free(struct sw_arena *a)
{
    sw_arena_reset(a);
    free(a->first);
    *a = (struct sw_arena){0};
}
