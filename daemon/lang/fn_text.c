/* fn_text.c - texts, bytes, sizes. Sizes and places in texts count code points. */
#include "lang/native.h"
#include "lang/type.h"
#include <math.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/utf8.h>
#include <stdlib.h>

char *sw_double_shortest(double d, char out[SW_SHORTEST_SIZE])
{
    char digits[32];
    const char *e;
    int exponent;

    if (isnan(d))
        return strcpy(out, "NaN");
    if (isinf(d))
        return strcpy(out, d < 0 ? "-Infinity" : "Infinity");
    for (int precision = 0; precision <= 16; precision++) {
        snprintf(digits, sizeof(digits), "%.*e", precision, d);
        if (strtod(digits, NULL) == d)
            break;
    }
    e = strchr(digits, 'e');
    exponent = atoi(e + 1);
    if (exponent < -4 || exponent >= 6) {
        strcpy(out, digits);
    } else {
        int shown = (int)(e - digits) - (digits[0] == '-') - 2; /* digits behind the point */
        int places = (shown < 0 ? 0 : shown) - exponent;

        snprintf(out, SW_SHORTEST_SIZE, "%.*f", places < 0 ? 0 : places, d);
    }
    return out;
}

static struct sw_value string_in(struct native *c, const struct sw_buf *text)
{
    return sw_value_str(sw_arena_str(c->arena, sw_buf_view(text)));
}

static struct sw_value string_of_bytes(struct sw_value v)
{
    if (sw_utf8_check(sw_value_text(v)) != v.n)
        return sw_value_error(N_("invalid UTF-8 in bytes, cannot convert to string"));
    v.kind = SW_KSTRING;
    return v;
}

struct sw_value sw_fn_string(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_value v = arg[0];
    struct sw_value out = sw_value_error(sw_no_overload);
    struct sw_buf text = {0};
    char number[SW_SHORTEST_SIZE];

    (void)n;
    switch ((int)v.kind) {
    case SW_KSTRING: return v;
    case SW_KBYTES: return string_of_bytes(v);
    case SW_KBOOL: return sw_value_str(v.b ? SW_STR("true") : SW_STR("false"));
    case SW_KINT: sw_buf_printf(&text, "%lld", (long long)v.i); break;
    case SW_KUINT: sw_buf_printf(&text, "%llu", (unsigned long long)v.u); break;
    case SW_KDOUBLE: sw_buf_cstr(&text, sw_double_shortest(v.d, number)); break;
    case SW_KTIMESTAMP:
    case SW_KDURATION: sw_time_put(v, &text); break;
    case SW_KMONEY:
    case SW_KDATE:
    case SW_KENUM:
    case SW_KPERSON: sw_value_put(c->lang, v, &text); break;
    default: return out;
    }
    out = string_in(c, &text);
    sw_buf_free(&text);
    return out;
}

struct sw_value sw_fn_bytes(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_value v = arg[0];

    (void)c;
    (void)n;
    if (v.kind != SW_KBYTES && v.kind != SW_KSTRING)
        return sw_value_error(sw_no_overload);
    v.kind = SW_KBYTES;
    return v;
}

struct sw_value sw_fn_size(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    switch ((int)arg[0].kind) {
    case SW_KSTRING: return sw_value_int((int64_t)sw_utf8_length(sw_value_text(arg[0])));
    case SW_KBYTES: return sw_value_int(arg[0].n);
    case SW_KLIST: return sw_value_int(arg[0].list->n);
    case SW_KMAP: return sw_value_int(arg[0].map->n);
    default: return sw_value_error(sw_no_overload);
    }
}

static bool two_strings(const struct sw_value *arg)
{
    return arg[0].kind == SW_KSTRING && arg[1].kind == SW_KSTRING;
}

struct sw_value sw_fn_contains(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    if (!two_strings(arg))
        return sw_value_error(sw_no_overload);
    return sw_value_bool(arg[1].n == 0 ||
                         (arg[0].n > 0 && memmem(arg[0].s, arg[0].n, arg[1].s, arg[1].n) != NULL));
}

struct sw_value sw_fn_starts_with(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    if (!two_strings(arg))
        return sw_value_error(sw_no_overload);
    return sw_value_bool(sw_str_starts(sw_value_text(arg[0]), sw_value_text(arg[1])));
}

struct sw_value sw_fn_ends_with(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_str s;

    (void)c;
    (void)n;
    if (!two_strings(arg))
        return sw_value_error(sw_no_overload);
    if (arg[1].n > arg[0].n)
        return sw_value_bool(false);
    s = sw_str_sub(sw_value_text(arg[0]), arg[0].n - arg[1].n, arg[1].n);
    return sw_value_bool(sw_str_eq(s, sw_value_text(arg[1])));
}

/* Adding a thing to itself a few dozen times must not eat the machine. */
enum { TEXT_MAX = 1 << 20, LIST_MAX = 100000 };

static struct sw_value concat_lists(struct native *c, struct sw_value a, struct sw_value b)
{
    struct sw_list *l;

    if (b.list->n == 0)
        return a;
    if (a.list->n == 0)
        return b;
    if (a.list->n + b.list->n > LIST_MAX)
        return sw_value_error(N_("the list gets too long"));
    if (c->frame != NULL && !sw_spend(c->frame, (a.list->n + b.list->n) / 16))
        return sw_value_error(sw_too_long);
    l = sw_list_new(c->arena, a.list->n + b.list->n);
    for (uint32_t i = 0; i < a.list->n; i++)
        sw_list_push(l, a.list->at[i]);
    for (uint32_t i = 0; i < b.list->n; i++)
        sw_list_push(l, b.list->at[i]);
    return (struct sw_value){.kind = SW_KLIST, .list = l};
}

struct sw_value sw_concat(struct native *c, struct sw_value a, struct sw_value b)
{
    char *p;

    if (a.kind == SW_KLIST)
        return concat_lists(c, a, b);
    if (b.n == 0)
        return a;
    if (a.n == 0)
        return b;
    if (a.n > TEXT_MAX || b.n > TEXT_MAX)
        return sw_value_error(N_("the text gets too long"));
    if (c->frame != NULL && !sw_spend(c->frame, (a.n + b.n) / 64))
        return sw_value_error(sw_too_long);
    p = sw_arena_alloc(c->arena, (size_t)a.n + b.n + 1);
    memcpy(p, a.s, a.n);
    memcpy(p + a.n, b.s, b.n);
    p[a.n + b.n] = '\0';
    return (struct sw_value){.kind = a.kind, .n = a.n + b.n, .s = p};
}
