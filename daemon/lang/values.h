/* values.h - working with values: errors, equality, order, numbers, times. Private to lang. */
#ifndef LANG_VALUES_H
#define LANG_VALUES_H

#include <shouwang/base/arena.h>
#include <shouwang/lang/lang.h>

/* Instants are years 0001 to 9999, durations what int64 nanoseconds hold (292 years each way). */
#define SW_INSTANT_MIN INT64_C(-62135596800)
#define SW_INSTANT_MAX INT64_C(253402300799)

/* `why` is a message id (N_) that lives for ever. */
static inline struct sw_value sw_value_error(const char *why)
{
    return (struct sw_value){.kind = SW_KERROR, .s = why};
}

static inline bool sw_value_is_trouble(struct sw_value v)
{
    return v.kind >= SW_KUNKNOWN;
}

extern const char *const sw_no_overload;
extern const char *const sw_overflow;

/* unknown wins over error, the first over the second. */
static inline struct sw_value sw_value_worse(struct sw_value a, struct sw_value b)
{
    if (!sw_value_is_trouble(a) || (a.kind == SW_KERROR && b.kind == SW_KUNKNOWN))
        return b;
    return a;
}

static inline struct sw_value sw_value_uint(uint64_t u)
{
    return (struct sw_value){.kind = SW_KUINT, .u = u};
}

static inline struct sw_value sw_value_type(const struct sw_type *t)
{
    return (struct sw_value){.kind = SW_KTYPE, .type = t};
}

/* Seconds and 0 … 999 999 999 nanoseconds; an error when out of range. */
struct sw_value sw_value_instant(int64_t seconds, int64_t nanos);
struct sw_value sw_value_span(int64_t seconds, int64_t nanos);
/* A whole number of days. */
struct sw_value sw_value_days(int64_t days);

enum order { ORDER_LESS = -1, ORDER_EQUAL, ORDER_GREATER, ORDER_NONE /* NaN */, ORDER_NEVER };

/* ORDER_NEVER: values of these kinds have no order. Numbers of different kinds compare as the
 * numbers they are; money compares with money only. */
enum order sw_value_order(struct sw_value a, struct sw_value b);
/* The value under a key, NULL when there is none. Numbers find equal numbers of another kind. */
const struct sw_value *sw_map_find(const struct sw_map *m, struct sw_value key);

struct sw_list *sw_list_new(struct sw_arena *arena, uint32_t room);
/* `l` must have room. */
void sw_list_push(struct sw_list *l, struct sw_value v);
struct sw_map *sw_map_new(struct sw_arena *arena, uint32_t room);
/* False: the key is there already. */
bool sw_map_put(struct sw_map *m, struct sw_value key, struct sw_value value);
bool sw_is_key(struct sw_value v);

/* Money times a number, rounded half away from zero; false: too large. In double on purpose: 0.35
 * is a little less than 35 %, and the rounding of the product puts 10 fen × 0.35 back on 3.5, as
 * its author meant it. */
static inline bool sw_money_times(int64_t fen, double by, int64_t *out)
{
    double product = (double)fen * by;
    int64_t whole;

    if (!(product > -9.0e18 && product < 9.0e18))
        return false;
    whole = (int64_t)product;
    product -= (double)whole;
    *out = whole + (product >= 0.5) - (product <= -0.5);
    return true;
}

#endif
