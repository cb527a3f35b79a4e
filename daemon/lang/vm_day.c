/* vm_day.c - values that grow by themselves from day to day: today, days_since(), and their sums.
 *
 * They carry a slope of one (or minus one) day a day. Compared with something, the day on which the
 * relation turns is known and noted; used in any other way, the result may change tomorrow. */
#include "lang/vm.h"
#include <math.h>

static void turns_on(struct sw_frame *f, int64_t day)
{
    if (day > f->today && day < f->horizon)
        f->horizon = (sw_day)day;
}

struct sw_value sw_vm_daily(struct sw_frame *f, const struct sw_value *x, uint16_t o)
{
    struct sw_value v = sw_vm_named(f, *x, o);

    if (v.slope != 0)
        turns_on(f, (int64_t)f->today + 1);
    v.slope = 0;
    return v;
}

/* Sums keep how fast they grow: today + days(3), today - since, days_since() + 1. */
struct sw_value sw_vm_day_sum(struct sw_frame *f, const struct sw_value *x,
                              const struct sw_value *y, const struct ins *i)
{
    bool minus = i->op == I_DAY_SUB;
    int slope = minus ? x->slope - y->slope : x->slope + y->slope;
    struct sw_value v = sw_vm_binary(f, x, y, i, minus ? sw_fn_sub : sw_fn_add);

    /* Two slopes of one are the most a sum can have that is followed; steeper ones are not. */
    if (sw_value_is_trouble(v) || slope < -1 || slope > 1) {
        turns_on(f, (int64_t)f->today + 1);
        slope = 0;
    }
    v.slope = (int8_t)slope;
    return v;
}

/* How far apart two values are, in days; what grows by a day grows by one. */
static bool distance(const struct sw_value *x, const struct sw_value *y, double *days)
{
    switch (SW_PAIR(x->kind, y->kind)) {
    case SW_PAIR(SW_KINT, SW_KINT):
    case SW_PAIR(SW_KDATE, SW_KDATE): *days = (double)x->i - (double)y->i; return true;
    case SW_PAIR(SW_KINT, SW_KDOUBLE): *days = (double)x->i - y->d; return true;
    case SW_PAIR(SW_KDOUBLE, SW_KINT): *days = x->d - (double)y->i; return true;
    case SW_PAIR(SW_KDOUBLE, SW_KDOUBLE): *days = x->d - y->d; return true;
    case SW_PAIR(SW_KDURATION, SW_KDURATION):
        *days = ((double)(x->i - y->i) + ((double)x->n - (double)y->n) / 1e9) / 86400;
        return true;
    default: return false;
    }
}

/* x and y come apart by `slope` a day, gap = x - y now. Note the first day on which their relation
 * may be another one: when the gap reaches zero, and the day after that. */
static void note_turn(struct sw_frame *f, double gap, int slope)
{
    double ahead; /* days until the gap is zero */
    double day;

    if (slope == 0)
        return;
    ahead = -gap / slope;
    if (!(ahead >= 0))
        return;
    day = ceil(ahead);
    if (day < 1)
        day = 1; /* equal now */
    if (day < 4000000)
        turns_on(f, (int64_t)f->today + (int64_t)day);
}

struct sw_value sw_vm_day_compare(struct sw_frame *f, const struct sw_value *x,
                                  const struct sw_value *y, const struct ins *i)
{
    static sw_native *const relation[] = {
        [OP_LT] = sw_fn_lt, [OP_LE] = sw_fn_le, [OP_GT] = sw_fn_gt,
        [OP_GE] = sw_fn_ge, [OP_EQ] = sw_fn_eq, [OP_NE] = sw_fn_ne,
    };
    struct sw_value v = sw_vm_binary(f, x, y, i, relation[i->d]);
    int slope = x->slope - y->slope;
    double gap;

    if (slope != 0 && !sw_value_is_trouble(v) && distance(x, y, &gap))
        note_turn(f, gap, slope);
    else if (slope != 0 && !IS_TROUBLE(x) && !IS_TROUBLE(y))
        turns_on(f, (int64_t)f->today + 1);
    return v;
}
