/* buf.c - a growing byte buffer. */
#include <shouwang/base/buf.h>
#include <shouwang/base/mem.h>
#include <stdio.h>
#include <stdlib.h>

void sw_buf_free(struct sw_buf *b)
{
    if (b->p != NULL)
        explicit_bzero(b->p, b->n); /* texts from outside name people */
    free(b->p);
    *b = (struct sw_buf){0};
}

void sw_buf_reserve(struct sw_buf *b, size_t more)
{
    if (b->cap - b->n <= more)
        b->p = sw_grow(b->p, &b->cap, b->n + more + 1, 1);
}

void sw_buf_put(struct sw_buf *b, const void *bytes, size_t n)
{
    sw_buf_reserve(b, n);
    if (n > 0)
        memcpy(b->p + b->n, bytes, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void sw_buf_str(struct sw_buf *b, struct sw_str s)
{
    sw_buf_put(b, s.p, s.n);
}

void sw_buf_cstr(struct sw_buf *b, const char *s)
{
    sw_buf_put(b, s, strlen(s));
}

void sw_buf_char(struct sw_buf *b, char c)
{
    sw_buf_put(b, &c, 1);
}

void sw_buf_vprintf(struct sw_buf *b, const char *fmt, va_list ap)
{
    va_list again;
    int n;

    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    SW_ASSERT(n >= 0);
    sw_buf_reserve(b, (size_t)n);
    vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
    b->n += (size_t)n;
}

void sw_buf_printf(struct sw_buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    sw_buf_vprintf(b, fmt, ap);
    va_end(ap);
}
