/* mem.h - allocation that either succeeds or ends the process.
 * Layer: base.
 * A daemon that has run out of memory cannot keep a promise it has not yet committed; it is stopped
 * and rebuilt from the log instead (Postfix's mymalloc has the same contract). Callers never test
 * the result. Free with free(). */
#ifndef SHOUWANG_BASE_MEM_H
#define SHOUWANG_BASE_MEM_H

#include <shouwang/base/def.h>

void *sw_malloc(size_t size);
void *sw_calloc(size_t count, size_t size); /* zeroed; overflow of count*size ends the process */
void *sw_realloc(void *old, size_t size);
char *sw_strdup(const char *s);

/* Make room for `need` elements of `size` bytes in the array `p` of capacity *cap.
 * Grows by half, at least to 8; returns the (moved) array. New elements are not initialised. */
void *sw_grow(void *p, size_t *cap, size_t need, size_t size);

/* Print "fatal: …" to stderr and abort(): an impossible state, a bug of ours. Asserts stay on. */
void sw_bug(const char *file, int line, const char *what) SW_NORETURN;
#define SW_ASSERT(cond) ((cond) ? (void)0 : sw_bug(__FILE__, __LINE__, #cond))

#endif
