/* fn_rules.c - rule mode's own functions. */
#include "lang/native.h"
#include "lang/session.h"
#include <math.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>

/* A whole number of days as a duration. */
struct sw_value sw_fn_days(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    if (arg[0].kind == SW_KINT)
        return sw_value_days(arg[0].i);
    if (arg[0].kind != SW_KDOUBLE)
        return sw_value_error(sw_no_overload);
    if (arg[0].d != floor(arg[0].d) || fabs(arg[0].d) > 1e6)
        return sw_value_error(N_("days() takes a whole number of days"));
    return sw_value_days((int64_t)arg[0].d);
}

/* "2024-03-14", or the local day of an instant. */
struct sw_value sw_fn_date(struct native *c, const struct sw_value *arg, uint32_t n)
{
    sw_day day;

    (void)n;
    if (arg[0].kind == SW_KTIMESTAMP)
        return sw_value_date(
            sw_zone_day(c->frame == NULL ? NULL : c->frame->zone, arg[0].i * SW_SECOND));
    if (arg[0].kind != SW_KSTRING)
        return sw_value_error(sw_no_overload);
    if (!sw_date_parse(sw_value_text(arg[0]), &day))
        return sw_value_error(N_("this text is no date"));
    return sw_value_date(day);
}

/* The day on which `years` are complete; who is born on 29 February has 1 March in other years. */
static int64_t anniversary(struct sw_civil born, int64_t years)
{
    return sw_day_of((int32_t)(born.year + years), born.month, born.day);
}

/* Whole years from a date to today. They grow on the date's day: that day is told. */
struct sw_value sw_fn_years_since(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_frame *f = c->frame;
    struct sw_civil born;
    int64_t years;

    (void)n;
    if (arg[0].kind != SW_KDATE || f == NULL)
        return sw_value_error(sw_no_overload);
    born = sw_civil_of((sw_day)arg[0].i);
    years = (int64_t)sw_civil_of(f->today).year - born.year;
    if (anniversary(born, years) > f->today)
        years--;
    if (anniversary(born, years + 1) < f->horizon)
        f->horizon = (sw_day)anniversary(born, years + 1);
    return sw_value_int(years);
}

/* How many groups have a rule with the tag that has fired. */
struct sw_value sw_fn_count_fired(struct native *c, const struct sw_value *arg, uint32_t n)
{
    const struct tag *t = &c->lang->tag[arg[0].i];
    uint64_t seen[SW_GROUPS_MAX / 64] = {0};
    int64_t count = 0;

    (void)n;
    for (size_t i = 0; i < t->n; i++) {
        uint64_t bit = UINT64_C(1) << t->at[i].group % 64;
        uint64_t *word = &seen[t->at[i].group / 64];

        if (c->frame == NULL || c->frame->fired == NULL ||
            c->frame->fired[t->at[i].rule] != SW_TRUE || (*word & bit) != 0)
            continue;
        *word |= bit;
        count++;
    }
    return sw_value_int(count);
}

static bool number_of(struct sw_value v, double *out)
{
    if (v.kind == SW_KDOUBLE)
        *out = v.d;
    else if (v.kind == SW_KMONEY || v.kind == SW_KINT)
        *out = (double)v.i;
    else
        return false;
    return true;
}

/* ramp(x, lo, hi, a, b): 0 below lo, a at lo, rising to b at hi, b above. */
struct sw_value sw_fn_ramp(struct native *c, const struct sw_value *arg, uint32_t n)
{
    double x[5] = {0};

    (void)c;
    for (uint32_t i = 0; i < 5 && i < n; i++) {
        if (!number_of(arg[i], &x[i]) || (i > 0 && i < 3 && arg[i].kind != arg[0].kind))
            return sw_value_error(sw_no_overload);
    }
    if (x[0] < x[1])
        return sw_value_double(0);
    if (x[0] >= x[2] || x[2] <= x[1])
        return sw_value_double(x[4]);
    return sw_value_double(x[3] + (x[4] - x[3]) * (x[0] - x[1]) / (x[2] - x[1]));
}

/* Messages are in the county's language, whatever the process speaks: they go into the log. */
static void put_part(const struct sw_lang *l, struct sw_value v, struct sw_buf *out)
{
    if (v.kind == SW_KUNKNOWN)
        sw_buf_cstr(out, "不详");
    else if (v.kind == SW_KBOOL)
        sw_buf_cstr(out, v.b ? "是" : "否");
    else
        sw_value_put(l, v, out);
}

/* The parts of a message, one after another. What is unknown is said to be. */
struct sw_value sw_fn_text_of(struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct sw_buf text = {0};
    struct sw_value out;

    (void)n;
    for (uint32_t i = 0; i < arg[0].list->n; i++)
        put_part(c->lang, arg[0].list->at[i], &text);
    out = sw_value_str(sw_arena_str(c->arena, sw_buf_view(&text)));
    sw_buf_free(&text);
    return out;
}
