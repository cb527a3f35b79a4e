/* utf8.h - UTF-8: strict check, code points, columns on a terminal.
 * Layer: base. Source: RFC 3629 (no overlong forms, no surrogates, nothing above U+10FFFF). */
#ifndef SHOUWANG_BASE_UTF8_H
#define SHOUWANG_BASE_UTF8_H

#include <shouwang/base/str.h>

/* Offset of the first byte that does not belong to valid UTF-8; s.n when all of it is valid.
 * About 0.1 ns per byte of ASCII. */
size_t sw_utf8_check(struct sw_str s);
/* The code point at s.p[*at], *at moved behind it; -1 at the end or at an invalid byte
 * (*at is moved by one then). */
int32_t sw_utf8_next(struct sw_str s, size_t *at);
/* Write `cp` at `out` (room for 4 bytes); returns the number of bytes, 0 if not a scalar value. */
size_t sw_utf8_put(char *out, uint32_t cp);
/* Number of code points of a valid string. */
size_t sw_utf8_length(struct sw_str s);
/* The first `n` code points of a valid string (all of it if shorter). */
struct sw_str sw_utf8_prefix(struct sw_str s, size_t n);
/* Terminal columns: East Asian wide and full-width characters count two, combining marks none. */
size_t sw_utf8_width(struct sw_str s);

#endif
