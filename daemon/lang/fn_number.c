/* fn_number.c - arithmetic and conversions of numbers and money.
 *
 * Integers never wrap: a result that does not fit is an error. Conversions cut towards zero and
 * refuse what does not fit. Money adds to money, is multiplied and divided by numbers (rounded half
 * away from zero to the fen), and divided by money gives a number. */
#include "lang/native.h"
#include "lang/type.h"
#include <math.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>
#include <stdlib.h>

static const char *const no_division = N_("division by zero");
static const char *const no_modulus = N_("modulus by zero");
static const char *const out_of_range = N_("range error");

/* a op b of int or money, as `kind`. */
static struct sw_value whole(char op, enum sw_kind kind, int64_t a, int64_t b)
{
    int64_t i = 0;
    bool overflow = op == '+'   ? __builtin_add_overflow(a, b, &i)
                    : op == '-' ? __builtin_sub_overflow(a, b, &i)
                                : __builtin_mul_overflow(a, b, &i);

    return overflow ? sw_value_error(sw_overflow)
                    : (struct sw_value){.kind = (uint8_t)kind, .i = i};
}

static struct sw_value unsigned_whole(char op, uint64_t a, uint64_t b)
{
    uint64_t u = 0;
    bool overflow = op == '+'   ? __builtin_add_overflow(a, b, &u)
                    : op == '-' ? __builtin_sub_overflow(a, b, &u)
                                : __builtin_mul_overflow(a, b, &u);

    return overflow ? sw_value_error(sw_overflow) : sw_value_uint(u);
}

static struct sw_value money_times(int64_t fen, double by)
{
    int64_t product = 0;

    return sw_money_times(fen, by, &product) ? sw_value_money(product)
                                             : sw_value_error(sw_overflow);
}

static struct sw_value money_by_double(int64_t fen, double by)
{
    double quotient = (double)fen / by;

    if (by == 0)
        return sw_value_error(no_division);
    return money_times(1, quotient);
}

/* Exactly, half away from zero. */
static struct sw_value money_by_int(int64_t fen, int64_t by)
{
    int64_t q;
    uint64_t rest;
    uint64_t half;

    if (by == 0)
        return sw_value_error(no_division);
    if (fen == INT64_MIN || by == INT64_MIN)
        return sw_value_error(sw_overflow);
    q = fen / by;
    rest = (uint64_t)llabs(fen % by);
    half = (uint64_t)llabs(by);
    if (rest >= half - rest)
        q += (fen < 0) == (by < 0) ? 1 : -1;
    return sw_value_money(q);
}

struct sw_value sw_fn_add(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_value a = arg[0];
    struct sw_value b = arg[1];

    (void)n;
    switch (SW_PAIR(a.kind, b.kind)) {
    case SW_PAIR(SW_KINT, SW_KINT): return whole('+', SW_KINT, a.i, b.i);
    case SW_PAIR(SW_KUINT, SW_KUINT): return unsigned_whole('+', a.u, b.u);
    case SW_PAIR(SW_KDOUBLE, SW_KDOUBLE): return sw_value_double(a.d + b.d);
    case SW_PAIR(SW_KMONEY, SW_KMONEY): return whole('+', SW_KMONEY, a.i, b.i);
    case SW_PAIR(SW_KSTRING, SW_KSTRING):
    case SW_PAIR(SW_KBYTES, SW_KBYTES):
    case SW_PAIR(SW_KLIST, SW_KLIST): return sw_concat(c, a, b);
    default: return sw_time_add(a, b);
    }
}

struct sw_value sw_fn_sub(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_value a = arg[0];
    struct sw_value b = arg[1];

    (void)c;
    (void)n;
    switch (SW_PAIR(a.kind, b.kind)) {
    case SW_PAIR(SW_KINT, SW_KINT): return whole('-', SW_KINT, a.i, b.i);
    case SW_PAIR(SW_KUINT, SW_KUINT): return unsigned_whole('-', a.u, b.u);
    case SW_PAIR(SW_KDOUBLE, SW_KDOUBLE): return sw_value_double(a.d - b.d);
    case SW_PAIR(SW_KMONEY, SW_KMONEY): return whole('-', SW_KMONEY, a.i, b.i);
    default: return sw_time_sub(a, b);
    }
}

struct sw_value sw_fn_mul(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_value a = arg[0];
    struct sw_value b = arg[1];

    (void)c;
    (void)n;
    switch (SW_PAIR(a.kind, b.kind)) {
    case SW_PAIR(SW_KINT, SW_KINT): return whole('*', SW_KINT, a.i, b.i);
    case SW_PAIR(SW_KUINT, SW_KUINT): return unsigned_whole('*', a.u, b.u);
    case SW_PAIR(SW_KDOUBLE, SW_KDOUBLE): return sw_value_double(a.d * b.d);
    case SW_PAIR(SW_KMONEY, SW_KINT):
    case SW_PAIR(SW_KINT, SW_KMONEY): return whole('*', SW_KMONEY, a.i, b.i);
    case SW_PAIR(SW_KMONEY, SW_KDOUBLE): return money_times(a.i, b.d);
    case SW_PAIR(SW_KDOUBLE, SW_KMONEY): return money_times(b.i, a.d);
    default: return sw_value_error(sw_no_overload);
    }
}

struct sw_value sw_fn_div(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_value a = arg[0];
    struct sw_value b = arg[1];

    (void)c;
    (void)n;
    switch (SW_PAIR(a.kind, b.kind)) {
    case SW_PAIR(SW_KINT, SW_KINT):
        if (b.i == 0)
            return sw_value_error(no_division);
        if (a.i == INT64_MIN && b.i == -1)
            return sw_value_error(sw_overflow);
        return sw_value_int(a.i / b.i);
    case SW_PAIR(SW_KUINT, SW_KUINT):
        return b.u == 0 ? sw_value_error(no_division) : sw_value_uint(a.u / b.u);
    case SW_PAIR(SW_KDOUBLE, SW_KDOUBLE): return sw_value_double(a.d / b.d);
    case SW_PAIR(SW_KMONEY, SW_KMONEY):
        return b.i == 0 ? sw_value_error(no_division) : sw_value_double((double)a.i / (double)b.i);
    case SW_PAIR(SW_KMONEY, SW_KINT): return money_by_int(a.i, b.i);
    case SW_PAIR(SW_KMONEY, SW_KDOUBLE): return money_by_double(a.i, b.d);
    default: return sw_value_error(sw_no_overload);
    }
}

struct sw_value sw_fn_mod(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_value a = arg[0];
    struct sw_value b = arg[1];

    (void)c;
    (void)n;
    switch (SW_PAIR(a.kind, b.kind)) {
    case SW_PAIR(SW_KINT, SW_KINT):
        if (b.i == 0)
            return sw_value_error(no_modulus);
        if (a.i == INT64_MIN && b.i == -1)
            return sw_value_error(sw_overflow);
        return sw_value_int(a.i % b.i);
    case SW_PAIR(SW_KUINT, SW_KUINT):
        return b.u == 0 ? sw_value_error(no_modulus) : sw_value_uint(a.u % b.u);
    default: return sw_value_error(sw_no_overload);
    }
}

struct sw_value sw_fn_neg(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_value v = arg[0];

    (void)c;
    (void)n;
    switch ((int)v.kind) {
    case SW_KINT:
    case SW_KMONEY: return whole('-', v.kind, 0, v.i);
    case SW_KDOUBLE: return sw_value_double(-v.d);
    default: return sw_value_error(sw_no_overload);
    }
}

struct sw_value sw_fn_not(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    return arg[0].kind == SW_KBOOL ? sw_value_bool(!arg[0].b) : sw_value_error(sw_no_overload);
}

/* ---- conversions ----------------------------------------------------------------------------- */

static struct sw_value int_of_double(double d)
{
    /* Both borders are refused, as in the public implementations: from 2^63 on an int does not
     * fit, and -2^63 cannot be told from numbers just below it. */
    if (!(d > -9223372036854775808.0 && d < 9223372036854775808.0))
        return sw_value_error(out_of_range);
    return sw_value_int((int64_t)d);
}

static struct sw_value int_of_text(struct sw_str s)
{
    int64_t i;

    if (s.n > 1 && s.p[0] == '+' && s.p[1] != '-')
        s = sw_str_sub(s, 1, s.n);
    return sw_str_int(s, &i) ? sw_value_int(i) : sw_value_error(N_("this text is no int"));
}

struct sw_value sw_fn_int(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_value v = arg[0];
    int64_t nanos;

    (void)c;
    (void)n;
    switch ((int)v.kind) {
    case SW_KINT: return v;
    case SW_KUINT:
        return v.u > INT64_MAX ? sw_value_error(out_of_range) : sw_value_int((int64_t)v.u);
    case SW_KDOUBLE: return int_of_double(v.d);
    case SW_KSTRING: return int_of_text(sw_value_text(v));
    case SW_KTIMESTAMP: return sw_value_int(v.i);
    case SW_KDURATION:
        nanos = (v.i + (v.i < 0)) * 1000000000;
        return sw_value_int(nanos + (int64_t)v.n - (v.i < 0 ? 1000000000 : 0));
    default: return sw_value_error(sw_no_overload);
    }
}

static struct sw_value uint_of_text(struct sw_str s)
{
    uint64_t u = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(u, 10, &u) ||
            __builtin_add_overflow(u, (uint64_t)(s.p[i] - '0'), &u))
            return sw_value_error(N_("this text is no uint"));
    }
    return s.n == 0 ? sw_value_error(N_("this text is no uint")) : sw_value_uint(u);
}

struct sw_value sw_fn_uint(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_value v = arg[0];

    (void)c;
    (void)n;
    switch ((int)v.kind) {
    case SW_KUINT: return v;
    case SW_KINT: return v.i < 0 ? sw_value_error(out_of_range) : sw_value_uint((uint64_t)v.i);
    case SW_KDOUBLE:
        if (!(v.d >= 0 && v.d < 18446744073709551616.0))
            return sw_value_error(out_of_range);
        return sw_value_uint((uint64_t)v.d);
    case SW_KSTRING: return uint_of_text(sw_value_text(v));
    default: return sw_value_error(sw_no_overload);
    }
}

/* Decimal with an exponent, inf, infinity, nan in any case; nothing before or behind. */
static struct sw_value double_of_text(struct sw_str s)
{
    char copy[400];
    char *end;
    double d;

    if (s.n == 0 || s.n >= sizeof(copy) || memchr(s.p, '\0', s.n) != NULL ||
        memchr(s.p, ' ', s.n) != NULL || (s.p[0] >= '\t' && s.p[0] <= '\r') ||
        memchr(s.p, '(', s.n) != NULL)
        return sw_value_error(N_("this text is no double"));
    memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    d = strtod(copy, &end);
    /* An overflow reads as infinity although the text does not say so. */
    if (*end != '\0' || (isinf(d) && strpbrk(copy, "iI") == NULL))
        return sw_value_error(N_("this text is no double"));
    return sw_value_double(d);
}

struct sw_value sw_fn_double(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_value v = arg[0];

    (void)c;
    (void)n;
    switch ((int)v.kind) {
    case SW_KDOUBLE: return v;
    case SW_KINT: return sw_value_double((double)v.i);
    case SW_KUINT: return sw_value_double((double)v.u);
    case SW_KMONEY: return sw_value_double((double)v.i / 100);
    case SW_KSTRING: return double_of_text(sw_value_text(v));
    default: return sw_value_error(sw_no_overload);
    }
}

struct sw_value sw_fn_bool(struct native *c, const struct sw_value *arg, uint32_t n)
{
    static const char *const words[] = {"true",  "True",  "TRUE",  "t", "T", "1",
                                        "false", "False", "FALSE", "f", "F", "0"};
    struct sw_value v = arg[0];

    (void)c;
    (void)n;
    if (v.kind == SW_KBOOL)
        return v;
    if (v.kind != SW_KSTRING)
        return sw_value_error(sw_no_overload);
    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        if (sw_str_is(sw_value_text(v), words[i]))
            return sw_value_bool(i < SW_COUNTOF(words) / 2);
    }
    return sw_value_error(N_("this text is no bool"));
}

struct sw_value sw_fn_dyn(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    return arg[0];
}

struct sw_value sw_fn_type(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    return sw_value_type(sw_type_simple(arg[0].kind));
}

/* ---- least and greatest ---------------------------------------------------------------------- */

static struct sw_value pick(const struct sw_value *arg, uint32_t n, enum order wanted)
{
    struct sw_value best;

    if (n == 1 && arg[0].kind == SW_KLIST) {
        n = arg[0].list->n;
        arg = arg[0].list->at;
    }
    if (n == 0)
        return sw_value_error(N_("least and greatest need at least one number"));
    best = arg[0];
    for (uint32_t i = 0; i < n; i++) {
        enum order o = sw_value_order(arg[i], best);
        bool number = arg[i].kind == SW_KINT || arg[i].kind == SW_KUINT ||
                      arg[i].kind == SW_KDOUBLE || arg[i].kind == SW_KMONEY;

        if (!number || o == ORDER_NEVER)
            return sw_value_error(sw_no_overload);
        if (o == wanted)
            best = arg[i];
    }
    return best;
}

struct sw_value sw_fn_least(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    return pick(arg, n, ORDER_LESS);
}

struct sw_value sw_fn_greatest(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    return pick(arg, n, ORDER_GREATER);
}
