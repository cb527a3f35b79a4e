/* fn_list.c - comparing, indexing, membership. */
#include "lang/native.h"
#include <math.h>
#include <shouwang/base/i18n.h>

struct sw_value sw_fn_eq(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    return sw_value_bool(sw_value_equal(arg[0], arg[1]));
}

struct sw_value sw_fn_ne(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    return sw_value_bool(!sw_value_equal(arg[0], arg[1]));
}

/* Against NaN every order is false; between kinds without an order there is no overload. */
static struct sw_value ordered(const struct sw_value *arg, enum order one, enum order other)
{
    enum order o = sw_value_order(arg[0], arg[1]);

    return o == ORDER_NEVER ? sw_value_error(sw_no_overload)
                            : sw_value_bool(o == one || o == other);
}

struct sw_value sw_fn_lt(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    return ordered(arg, ORDER_LESS, ORDER_LESS);
}

struct sw_value sw_fn_le(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    return ordered(arg, ORDER_LESS, ORDER_EQUAL);
}

struct sw_value sw_fn_gt(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    return ordered(arg, ORDER_GREATER, ORDER_GREATER);
}

struct sw_value sw_fn_ge(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    return ordered(arg, ORDER_GREATER, ORDER_EQUAL);
}

struct sw_value sw_fn_in(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    if (arg[1].kind == SW_KMAP)
        return sw_value_bool(sw_map_find(arg[1].map, arg[0]) != NULL);
    if (arg[1].kind != SW_KLIST)
        return sw_value_error(sw_no_overload);
    for (uint32_t i = 0; i < arg[1].list->n; i++) {
        if (sw_value_equal(arg[0], arg[1].list->at[i]))
            return sw_value_bool(true);
    }
    return sw_value_bool(false);
}

/* Any number that is whole and not negative; false: none of that. */
static bool index_of(struct sw_value v, uint64_t *at)
{
    if (v.kind == SW_KINT && v.i >= 0)
        *at = (uint64_t)v.i;
    else if (v.kind == SW_KUINT)
        *at = v.u;
    else if (v.kind == SW_KDOUBLE && v.d >= 0 && v.d < 4294967296.0 && v.d == floor(v.d))
        *at = (uint64_t)v.d;
    else
        return false;
    return true;
}

struct sw_value sw_fn_index(struct native *c, const struct sw_value *arg, uint32_t n)
{
    const struct sw_value *found;
    uint64_t at;

    (void)n;
    if (arg[0].kind == SW_KOPTIONAL)
        return sw_fn_opt_index(c, arg, 2);
    if (arg[0].kind == SW_KMAP) {
        found = sw_map_find(arg[0].map, arg[1]);
        return found == NULL ? sw_value_error(N_("no such key")) : *found;
    }
    if (arg[0].kind != SW_KLIST)
        return sw_value_error(sw_no_overload);
    if (!index_of(arg[1], &at) || at >= arg[0].list->n)
        return sw_value_error(N_("index out of bounds"));
    return arg[0].list->at[at];
}
