/* values.c - equality, order, lists, maps, and the ranges of money and time. */
#include "lang/values.h"
#include <math.h>
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>

const char *const sw_no_overload = N_("no such overload");
const char *const sw_overflow = N_("the result is too large");

/* ---- order ----------------------------------------------------------------------------------- */

static enum order order_of(int sign)
{
    return sign < 0 ? ORDER_LESS : sign > 0 ? ORDER_GREATER : ORDER_EQUAL;
}

static enum order order_int(int64_t a, int64_t b)
{
    return order_of((a > b) - (a < b));
}

static enum order order_uint(uint64_t a, uint64_t b)
{
    return order_of((a > b) - (a < b));
}

static enum order order_double(double a, double b)
{
    if (isnan(a) || isnan(b))
        return ORDER_NONE;
    return order_of((a > b) - (a < b));
}

static enum order reverse(enum order o)
{
    return o == ORDER_LESS ? ORDER_GREATER : o == ORDER_GREATER ? ORDER_LESS : o;
}

static enum order order_int_uint(int64_t a, uint64_t b)
{
    return a < 0 ? ORDER_LESS : order_uint((uint64_t)a, b);
}

/* Exactly, never through a rounded double; but 2^63, which is what the text 9223372036854775807.0
 * reads as, equals the int of that name (the conformance suite asks for it). */
static enum order order_int_double(int64_t a, double b)
{
    const double edge = 9223372036854775808.0;
    int64_t whole;

    if (isnan(b))
        return ORDER_NONE;
    if (b > edge)
        return ORDER_LESS;
    if (b < -edge)
        return ORDER_GREATER;
    whole = b >= edge ? INT64_MAX : (int64_t)b;
    if (a != whole)
        return order_int(a, whole);
    return b >= edge ? ORDER_EQUAL : order_double((double)whole, b);
}

static enum order order_uint_double(uint64_t a, double b)
{
    const double edge = 18446744073709551616.0;
    uint64_t whole;

    if (isnan(b))
        return ORDER_NONE;
    if (b > edge)
        return ORDER_LESS;
    if (b < 0)
        return ORDER_GREATER;
    whole = b >= edge ? UINT64_MAX : (uint64_t)b;
    if (a != whole)
        return order_uint(a, whole);
    return b >= edge ? ORDER_EQUAL : order_double((double)whole, b);
}

static enum order order_time(struct sw_value a, struct sw_value b)
{
    return a.i != b.i ? order_int(a.i, b.i) : order_uint(a.n, b.n);
}

static bool is_number(struct sw_value v)
{
    return v.kind == SW_KINT || v.kind == SW_KUINT || v.kind == SW_KDOUBLE;
}

static enum order order_numbers(struct sw_value a, struct sw_value b)
{
    switch ((int)a.kind << 8 | b.kind) {
    case SW_KINT << 8 | SW_KINT: return order_int(a.i, b.i);
    case SW_KUINT << 8 | SW_KUINT: return order_uint(a.u, b.u);
    case SW_KDOUBLE << 8 | SW_KDOUBLE: return order_double(a.d, b.d);
    case SW_KINT << 8 | SW_KUINT: return order_int_uint(a.i, b.u);
    case SW_KINT << 8 | SW_KDOUBLE: return order_int_double(a.i, b.d);
    case SW_KUINT << 8 | SW_KDOUBLE: return order_uint_double(a.u, b.d);
    default: return reverse(order_numbers(b, a));
    }
}

enum order sw_value_order(struct sw_value a, struct sw_value b)
{
    if (is_number(a) && is_number(b))
        return order_numbers(a, b);
    if (a.kind != b.kind)
        return ORDER_NEVER;
    switch ((int)a.kind) {
    case SW_KBOOL: return order_int(a.b, b.b);
    case SW_KMONEY:
    case SW_KDATE: return order_int(a.i, b.i);
    case SW_KSTRING:
    case SW_KBYTES: return order_of(sw_str_cmp(sw_value_text(a), sw_value_text(b)));
    case SW_KTIMESTAMP:
    case SW_KDURATION: return order_time(a, b);
    default: return ORDER_NEVER;
    }
}

/* ---- equality -------------------------------------------------------------------------------- */

static bool equal_within(struct sw_value a, struct sw_value b, uint32_t *steps);

static bool lists_equal(const struct sw_list *a, const struct sw_list *b, uint32_t *steps)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++) {
        if (!equal_within(a->at[i], b->at[i], steps))
            return false;
    }
    return true;
}

static bool maps_equal(const struct sw_map *a, const struct sw_map *b, uint32_t *steps)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++) {
        const struct sw_value *other = sw_map_find(b, a->at[2 * i]);

        if (other == NULL || !equal_within(a->at[2 * i + 1], *other, steps))
            return false;
    }
    return true;
}

static bool equal_within(struct sw_value a, struct sw_value b, uint32_t *steps)
{
    if (*steps == 0)
        return false;
    (*steps)--;
    if (is_number(a) && is_number(b))
        return order_numbers(a, b) == ORDER_EQUAL;
    if (a.kind != b.kind)
        return false;
    switch ((int)a.kind) {
    case SW_KNULL: return true;
    case SW_KLIST: return lists_equal(a.list, b.list, steps);
    case SW_KMAP: return maps_equal(a.map, b.map, steps);
    case SW_KTYPE: return a.type == b.type;
    case SW_KENUM:
    case SW_KPERSON: return a.i == b.i;
    case SW_KRECORD: return a.record == b.record;
    case SW_KOPTIONAL:
        if (a.optional == NULL || b.optional == NULL)
            return a.optional == b.optional;
        return equal_within(*a.optional, *b.optional, steps);
    default: return sw_value_order(a, b) == ORDER_EQUAL;
    }
}

bool sw_value_equal(struct sw_value a, struct sw_value b)
{
    /* Lists that hold the same list many times over are larger than they look. */
    uint32_t steps = 1000000;

    return equal_within(a, b, &steps);
}

/* ---- lists and maps -------------------------------------------------------------------------- */

struct sw_list *sw_list_new(struct sw_arena *arena, uint32_t room)
{
    struct sw_list *l = SW_ARENA_NEW(arena, struct sw_list);

    l->at = SW_ARENA_ARRAY(arena, struct sw_value, room);
    return l;
}

/* Lists are only written to by whoever has just made them; everybody else sees them const. */
static struct sw_value *own(const struct sw_value *at)
{
    return (struct sw_value *)(uintptr_t)at;
}

void sw_list_push(struct sw_list *l, struct sw_value v)
{
    own(l->at)[l->n++] = v;
}

struct sw_map *sw_map_new(struct sw_arena *arena, uint32_t room)
{
    struct sw_map *m = SW_ARENA_NEW(arena, struct sw_map);

    m->at = SW_ARENA_ARRAY(arena, struct sw_value, 2 * (size_t)room);
    return m;
}

const struct sw_value *sw_map_find(const struct sw_map *m, struct sw_value key)
{
    for (uint32_t i = 0; i < m->n; i++) {
        if (sw_value_equal(m->at[2 * i], key))
            return &m->at[2 * i + 1];
    }
    return NULL;
}

bool sw_is_key(struct sw_value v)
{
    return v.kind == SW_KBOOL || v.kind == SW_KINT || v.kind == SW_KUINT || v.kind == SW_KSTRING;
}

bool sw_map_put(struct sw_map *m, struct sw_value key, struct sw_value value)
{
    if (sw_map_find(m, key) != NULL)
        return false;
    own(m->at)[2 * m->n] = key;
    own(m->at)[2 * m->n + 1] = value;
    m->n++;
    return true;
}

/* ---- ranges ---------------------------------------------------------------------------------- */

/* Bring nanoseconds (any sign, below 2e18) into 0 … 999 999 999; false on overflow of seconds. */
static bool normalise(int64_t *seconds, int64_t *nanos)
{
    int64_t carry = sw_floor_div(*nanos, 1000000000);

    *nanos -= carry * 1000000000;
    return !__builtin_add_overflow(*seconds, carry, seconds);
}

struct sw_value sw_value_instant(int64_t seconds, int64_t nanos)
{
    if (!normalise(&seconds, &nanos) || seconds < SW_INSTANT_MIN || seconds > SW_INSTANT_MAX)
        return sw_value_error(N_("timestamp out of range"));
    return (struct sw_value){.kind = SW_KTIMESTAMP, .n = (uint32_t)nanos, .i = seconds};
}

struct sw_value sw_value_span(int64_t seconds, int64_t nanos)
{
    int64_t all;

    /* Towards zero first, so that the smallest int64 of nanoseconds does not overflow half-way. */
    if (!normalise(&seconds, &nanos))
        return sw_value_error(N_("duration out of range"));
    if (__builtin_mul_overflow(seconds + (seconds < 0), 1000000000, &all) ||
        __builtin_add_overflow(all, nanos - (seconds < 0 ? 1000000000 : 0), &all))
        return sw_value_error(N_("duration out of range"));
    return (struct sw_value){.kind = SW_KDURATION, .n = (uint32_t)nanos, .i = seconds};
}

struct sw_value sw_value_days(int64_t days)
{
    if (days > 1000000 || days < -1000000)
        return sw_value_error(N_("duration out of range"));
    return sw_value_span(days * 86400, 0);
}
