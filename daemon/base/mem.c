/* mem.c - allocation that either succeeds or ends the process. */
#include <shouwang/base/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void out_of_memory(size_t size) SW_NORETURN;

static void out_of_memory(size_t size)
{
    fprintf(stderr, "fatal: out of memory asking for %zu bytes\n", size);
    abort();
}

void sw_bug(const char *file, int line, const char *what)
{
    fprintf(stderr, "fatal: %s:%d: this must hold: %s\n", file, line, what);
    abort();
}

void *sw_malloc(size_t size)
{
    void *p = malloc(size == 0 ? 1 : size);

    if (p == NULL)
        out_of_memory(size);
    return p;
}

void *sw_calloc(size_t count, size_t size)
{
    void *p = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);

    if (p == NULL)
        out_of_memory(size);
    return p;
}

void *sw_realloc(void *old, size_t size)
{
    void *p = realloc(old, size == 0 ? 1 : size);

    if (p == NULL)
        out_of_memory(size);
    return p;
}

char *sw_strdup(const char *s)
{
    size_t size = strlen(s) + 1;

    return memcpy(sw_malloc(size), s, size);
}

void *sw_grow(void *p, size_t *cap, size_t need, size_t size)
{
    size_t more = *cap;

    if (need <= *cap)
        return p;
    if (more < 8)
        more = 8;
    while (more < need)
        more += more / 2;
    if (more > SIZE_MAX / size)
        out_of_memory(SIZE_MAX);
    *cap = more;
    return sw_realloc(p, more * size);
}
