/* native.h - the standard functions as C functions. Private to lang.
 * A native gets arguments that are values, never unknown or an error, of whatever kinds: types are
 * checked here because unchecked and dyn expressions come here too. */
#ifndef LANG_NATIVE_H
#define LANG_NATIVE_H

#include "lang/values.h"

struct native {
    struct sw_arena *arena; /* for what is made */
    const struct sw_lang *lang;
    struct sw_frame *frame; /* NULL while folding constants */
};

/* Take the cost of some work off what the frame may still spend. False: there was not enough left;
 * nothing more will be evaluated in this frame, and tomorrow it is to be tried again. */
static inline bool sw_spend(struct sw_frame *f, uint64_t cost)
{
    if (f->budget >= cost) {
        f->budget -= (uint32_t)cost;
        return true;
    }
    f->budget = 0;
    if (f->horizon > f->today)
        f->horizon = f->today + 1;
    return false;
}

extern const char *const sw_too_long; /* the error's text */

typedef struct sw_value sw_native(struct native *c, const struct sw_value *arg, uint32_t n);

/* fn_number.c */
sw_native sw_fn_add, sw_fn_sub, sw_fn_mul, sw_fn_div, sw_fn_mod, sw_fn_neg, sw_fn_not;
sw_native sw_fn_int, sw_fn_uint, sw_fn_double, sw_fn_bool, sw_fn_dyn, sw_fn_type;
sw_native sw_fn_least, sw_fn_greatest;
/* fn_text.c */
sw_native sw_fn_string, sw_fn_bytes, sw_fn_size;
sw_native sw_fn_contains, sw_fn_starts_with, sw_fn_ends_with;
struct sw_value sw_concat(struct native *c, struct sw_value a, struct sw_value b);
/* fn_list.c */
sw_native sw_fn_eq, sw_fn_ne, sw_fn_lt, sw_fn_le, sw_fn_gt, sw_fn_ge, sw_fn_in, sw_fn_index;
/* fn_time.c */
sw_native sw_fn_timestamp, sw_fn_duration;
sw_native sw_fn_year, sw_fn_month, sw_fn_day_of_month, sw_fn_date_of_month, sw_fn_day_of_week;
sw_native sw_fn_day_of_year, sw_fn_hours, sw_fn_minutes, sw_fn_seconds, sw_fn_milliseconds;
struct sw_value sw_time_add(struct sw_value a, struct sw_value b);
struct sw_value sw_time_sub(struct sw_value a, struct sw_value b);
/* "2009-02-13T23:31:30.5Z", "1.5s": appended to `out`. */
void sw_time_put(struct sw_value v, struct sw_buf *out);
/* fn_rules.c */
sw_native sw_fn_days, sw_fn_date, sw_fn_years_since, sw_fn_ramp, sw_fn_count_fired, sw_fn_text_of;
/* fn_optional.c */
sw_native sw_fn_opt_of, sw_fn_opt_none, sw_fn_opt_non_zero, sw_fn_opt_has_value, sw_fn_opt_value;
sw_native sw_fn_opt_or, sw_fn_opt_or_value, sw_fn_opt_index;
/* What optMap() and optFlatMap() are made of: optional to list, list to optional, and the same of a
 * list of optionals. */
sw_native sw_fn_opt_list, sw_fn_opt_first, sw_fn_opt_flat;
/* target.name, has(target.name), target.?name for maps and what optionals hold. */
struct sw_value sw_select(struct native *c, struct sw_value target, struct sw_value name);
struct sw_value sw_select_has(struct sw_value target, struct sw_value name);
struct sw_value sw_select_optional(struct native *c, struct sw_value target, struct sw_value name);

/* Shortest text of a double with an exponent where %g of six digits would have one. */
#define SW_SHORTEST_SIZE 32
char *sw_double_shortest(double d, char out[SW_SHORTEST_SIZE]);

/* Two kinds as one case label. */
#define SW_PAIR(a, b) ((int)(a) << 8 | (int)(b))

#endif
