/* literal.c - from the text of a literal to its value.
 *
 * The lexer has already checked the shape, so escapes are complete here. In a string \x and octal
 * escapes are code points, in bytes they are bytes; \u and \U are for strings only. */
#include "lang/ast.h"
#include <math.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/utf8.h>
#include <stdlib.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 0x20) - 'a' + 10;
}

/* Decimal or 0x digits; false on overflow of uint64. */
static bool read_digits(struct sw_str s, uint64_t *out)
{
    uint64_t base = s.n > 2 && s.p[1] == 'x' ? 16 : 10;

    *out = 0;
    for (size_t i = base == 16 ? 2 : 0; i < s.n; i++) {
        if (__builtin_mul_overflow(*out, base, out) ||
            __builtin_add_overflow(*out, (uint64_t)hex_value(s.p[i]), out))
            return false;
    }
    return true;
}

const char *sw_literal_int(struct sw_str text, bool negative, struct sw_value *out)
{
    uint64_t size;

    if (!read_digits(text, &size) || size > (uint64_t)INT64_MAX + negative)
        return N_("invalid int literal");
    *out = sw_value_int(negative ? (int64_t)(0 - size) : (int64_t)size);
    return NULL;
}

const char *sw_literal_uint(struct sw_str text, struct sw_value *out)
{
    uint64_t u;

    if (!read_digits(sw_str_sub(text, 0, text.n - 1), &u))
        return N_("invalid uint literal");
    *out = (struct sw_value){.kind = SW_KUINT, .u = u};
    return NULL;
}

const char *sw_literal_double(struct sw_str text, bool negative, struct sw_value *out)
{
    char *copy = sw_str_dup(text);
    double d = strtod(copy, NULL);

    free(copy);
    if (isinf(d))
        return N_("invalid double literal");
    *out = sw_value_double(negative ? -d : d);
    return NULL;
}

/* The content between the quotes; *raw when it has to be taken as it is. */
static struct sw_str strip_quotes(struct sw_str s, bool *raw)
{
    size_t prefix = 0;
    size_t quotes;

    *raw = false;
    while (s.p[prefix] != '"' && s.p[prefix] != '\'') {
        *raw |= s.p[prefix] == 'r' || s.p[prefix] == 'R';
        prefix++;
    }
    quotes = s.n - prefix >= 6 && s.p[prefix + 1] == s.p[prefix] && s.p[prefix + 2] == s.p[prefix]
                 ? 3
                 : 1;
    return sw_str_sub(s, prefix + quotes, s.n - prefix - 2 * quotes);
}

static uint32_t read_number(const char *p, size_t n, uint32_t base)
{
    uint32_t v = 0;

    for (size_t i = 0; i < n; i++)
        v = v * base + (uint32_t)hex_value(p[i]);
    return v;
}

/* One escape at s.p[*at] (a backslash); bytes written to `to`, or -1 when it stands for nothing. */
static int unescape(struct sw_str s, size_t *at, bool is_bytes, char *to)
{
    static const char letters[] = "abfnrtv";
    static const char meant[] = "\a\b\f\n\r\t\v";
    char c = s.p[*at + 1];
    const char *letter = strchr(letters, c);
    size_t hex = c == 'x' || c == 'X' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    bool octal = c >= '0' && c <= '3';
    uint32_t v;

    *at += octal ? 4 : 2 + hex;
    if (letter != NULL) {
        *to = meant[letter - letters];
        return 1;
    }
    if (hex == 0 && !octal) {
        *to = c;
        return 1;
    }
    v = octal ? read_number(s.p + *at - 3, 3, 8) : read_number(s.p + *at - hex, hex, 16);
    if (is_bytes && hex > 2)
        return -1;
    if (is_bytes) {
        *to = (char)(unsigned char)v;
        return 1;
    }
    /* sw_utf8_put() writes U+0000 as one byte and refuses surrogates with 0. */
    v = (uint32_t)sw_utf8_put(to, v);
    return v == 0 ? -1 : (int)v;
}

const char *sw_literal_string(struct sw_arena *arena, struct sw_str text, bool is_bytes,
                              struct sw_value *out)
{
    bool raw;
    struct sw_str s = strip_quotes(text, &raw);
    bool plain = raw || s.n == 0 || memchr(s.p, '\\', s.n) == NULL;
    char *to;
    size_t n = 0;

    *out = (struct sw_value){.kind = is_bytes ? SW_KBYTES : SW_KSTRING};
    if (plain) {
        out->s = s.p;
        out->n = (uint32_t)s.n;
        return NULL;
    }
    to = sw_arena_alloc(arena, s.n + 4);
    for (size_t at = 0; at < s.n;) {
        int put;

        if (s.p[at] != '\\') {
            to[n++] = s.p[at++];
            continue;
        }
        put = unescape(s, &at, is_bytes, to + n);
        if (put < 0)
            return is_bytes ? N_("\\u and \\U escapes are not allowed in bytes")
                            : N_("invalid unicode code point");
        n += (size_t)put;
    }
    out->s = to;
    out->n = (uint32_t)n;
    return NULL;
}
