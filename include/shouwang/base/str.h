/* str.h - borrowed strings: a pointer and a length, not NUL-terminated, never owned.
 * Layer: base. */
#ifndef SHOUWANG_BASE_STR_H
#define SHOUWANG_BASE_STR_H

#include <shouwang/base/def.h>
#include <string.h>

struct sw_str {
    const char *p; /* may be NULL when n == 0 */
    size_t n;      /* bytes */
};

#define SW_STR(literal) ((struct sw_str){"" literal, sizeof(literal) - 1})
#define SW_STR_ARG(s)   (int)(s).n, (s).p /* for "%.*s" */

static inline struct sw_str sw_str(const char *cstr)
{
    return (struct sw_str){cstr, cstr == NULL ? 0 : strlen(cstr)};
}

static inline bool sw_str_eq(struct sw_str a, struct sw_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool sw_str_is(struct sw_str a, const char *cstr)
{
    return sw_str_eq(a, sw_str(cstr));
}

/* strcmp order: <0, 0, >0 by bytes, the shorter first. */
int sw_str_cmp(struct sw_str a, struct sw_str b);
bool sw_str_starts(struct sw_str s, struct sw_str prefix);
/* Bytes [from, from+n) of s, cut to what exists. */
struct sw_str sw_str_sub(struct sw_str s, size_t from, size_t n);
/* Without ASCII white space at both ends. */
struct sw_str sw_str_trim(struct sw_str s);
/* The part of *rest before `sep`; *rest becomes what follows. False when *rest is used up
 * (rest->p == NULL then). "a,,b" gives three parts, "" gives one. */
bool sw_str_split(struct sw_str *rest, char sep, struct sw_str *part);
/* Decimal integer, the whole of s, optional minus, in int64 range. False: *out untouched. */
bool sw_str_int(struct sw_str s, int64_t *out);
/* A NUL-terminated copy for C libraries; free() it. */
char *sw_str_dup(struct sw_str s);
/* The name of `names` (n of them) nearest to `s` by edit distance, if within max(2, len/3);
 * otherwise an empty string. For "did you mean". */
struct sw_str sw_str_nearest(struct sw_str s, const struct sw_str *names, size_t n);

#endif
