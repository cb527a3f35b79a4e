/* buf.h - a growing byte buffer. Zero is a valid empty buffer; sw_buf_free() returns it to zero.
 * Layer: base. Owner: whoever declared it. */
#ifndef SHOUWANG_BASE_BUF_H
#define SHOUWANG_BASE_BUF_H

#include <shouwang/base/str.h>
#include <stdarg.h>

struct sw_buf {
    char *p; /* always NUL-terminated behind n once anything was put in */
    size_t n;
    size_t cap;
};

void sw_buf_free(struct sw_buf *b);
void sw_buf_reserve(struct sw_buf *b, size_t more);
void sw_buf_put(struct sw_buf *b, const void *bytes, size_t n);
void sw_buf_str(struct sw_buf *b, struct sw_str s);
void sw_buf_cstr(struct sw_buf *b, const char *s);
void sw_buf_char(struct sw_buf *b, char c);
void sw_buf_printf(struct sw_buf *b, const char *fmt, ...) SW_PRINTF(2, 3);
void sw_buf_vprintf(struct sw_buf *b, const char *fmt, va_list ap) SW_PRINTF(2, 0);

static inline void sw_buf_clear(struct sw_buf *b)
{
    b->n = 0;
}

/* What it holds; valid until the next call that adds to it. */
static inline struct sw_str sw_buf_view(const struct sw_buf *b)
{
    return (struct sw_str){b->p, b->n};
}

#endif
