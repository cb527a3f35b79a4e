/* fold.c - from the events that count to one value, directly or group by group.
 *
 * Sums are exact: int64, fen, or doubles added in order of days. Of no events count() and sum()
 * are 0 and exists() is false, unless the stream's coverage is partial: then nothing recorded does
 * not mean nothing happened, and they are unknown. max(), min(), avg(), latest() and days_since()
 * of no events are always unknown. */
#include "lang/reads.h"
#include <math.h>
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>

struct group {
    struct sw_value key;
    struct sw_value doubt; /* true once an event belongs to it for certain */
    struct gather *of;     /* one for each value the condition asks for; NULL: no event */
};

/* ---- gathering ------------------------------------------------------------------------------- */

static struct sw_value zero(enum sw_kind kind)
{
    return kind == SW_KDOUBLE ? sw_value_double(0) : (struct sw_value){.kind = (uint8_t)kind};
}

static void add_to_sum(struct gather *a, struct sw_value v)
{
    struct sw_value arg[2] = {a->n == 0 ? zero((enum sw_kind)v.kind) : a->value, v};

    a->value = sw_fn_add(NULL, arg, 2);
    if (sw_value_is_trouble(a->value))
        a->doubt = sw_value_worse(a->doubt, a->value);
}

static void keep_best(struct gather *a, struct sw_value v, enum order wanted)
{
    if (a->n == 0 || sw_value_order(v, a->value) == wanted)
        a->value = v;
}

static void note_distinct(struct reading *g, struct gather *a, struct sw_value v)
{
    struct sw_value *more;

    sw_spend(g->frame, a->n_seen / 16);
    for (size_t i = 0; i < a->n_seen; i++) {
        if (sw_value_equal(a->seen[i], v))
            return;
    }
    if (a->n_seen == a->cap_seen) {
        a->cap_seen = a->cap_seen == 0 ? 8 : 2 * a->cap_seen;
        more = SW_ARENA_ARRAY(&g->reads->arena, struct sw_value, a->cap_seen);
        if (a->n_seen > 0)
            memcpy(more, a->seen, a->n_seen * sizeof(*more));
        a->seen = more;
    }
    a->seen[a->n_seen++] = v;
}

static struct sw_value whole_event(struct reading *g, const struct sw_cursor *c)
{
    uint32_t n = g->read->n_fields;
    struct sw_value *copy = SW_ARENA_ARRAY(&g->reads->arena, struct sw_value, n);

    for (uint32_t i = 0; i < n; i++)
        copy[i] = c->field[i];
    return (struct sw_value){.kind = SW_KRECORD, .record = copy};
}

static bool only_the_last_counts(enum step fold)
{
    return fold == FOLD_LATEST || fold == FOLD_DAYS_SINCE;
}

static void gather(struct reading *g, const struct folding *f, struct gather *a,
                   const struct sw_cursor *c, struct sw_value doubt)
{
    struct sw_value v = sw_reading_value(g, f, c);

    if (sw_value_is_trouble(v))
        doubt = sw_value_worse(doubt, v);
    if (only_the_last_counts(f->fold))
        a->doubt = doubt;
    else
        a->doubt = sw_value_worse(a->doubt, doubt);
    if (sw_value_is_trouble(doubt))
        return;
    switch ((int)f->fold) {
    case FOLD_SUM:
    case FOLD_AVG: add_to_sum(a, v); break;
    case FOLD_MAX: keep_best(a, v, ORDER_GREATER); break;
    case FOLD_MIN: keep_best(a, v, ORDER_LESS); break;
    case FOLD_DISTINCT: note_distinct(g, a, v); break;
    case FOLD_LATEST: a->value = f->field < 0 && f->value == NULL ? whole_event(g, c) : v; break;
    default: break;
    }
    a->last = c->day;
    a->n++;
}

/* ---- results --------------------------------------------------------------------------------- */

static struct sw_value average(const struct gather *a)
{
    struct sw_value arg[2] = {a->value, sw_value_int(a->n)};

    if (a->value.kind == SW_KINT)
        return sw_value_double((double)a->value.i / a->n);
    if (a->value.kind == SW_KDOUBLE)
        return sw_value_double(a->value.d / a->n);
    return sw_fn_div(NULL, arg, 2);
}

static struct sw_value days_since(const struct reading *g, const struct gather *a)
{
    struct sw_value v = sw_value_int(g->frame->today - a->last);

    v.slope = 1;
    return v;
}

/* The result of no events. */
static struct sw_value nothing(const struct reading *g, const struct folding *f)
{
    struct sw_value unknown = sw_value_unknown(g->read->source);

    switch ((int)f->fold) {
    case FOLD_COUNT:
    case FOLD_DISTINCT: return g->read->partial ? unknown : sw_value_int(0);
    case FOLD_SUM: return g->read->partial ? unknown : zero(f->kind);
    case FOLD_EXISTS: return g->read->partial ? unknown : sw_value_bool(false);
    default: return unknown;
    }
}

static struct sw_value result(const struct reading *g, const struct folding *f,
                              const struct gather *a)
{
    if (f->fold == FOLD_EXISTS && a->n > 0)
        return sw_value_bool(true);
    if (sw_value_is_trouble(a->doubt))
        return a->doubt;
    if (a->n == 0)
        return nothing(g, f);
    switch ((int)f->fold) {
    case FOLD_COUNT: return sw_value_int(a->n);
    case FOLD_DISTINCT: return sw_value_int((int64_t)a->n_seen);
    case FOLD_AVG: return average(a);
    case FOLD_DAYS_SINCE: return days_since(g, a);
    default: return a->value;
    }
}

/* ---- groups ---------------------------------------------------------------------------------- */

static struct group *add_group(struct reading *g, struct sw_value key)
{
    struct group *group;

    if (g->n_groups == g->cap_groups) {
        size_t cap = g->cap_groups == 0 ? 4 : 2 * g->cap_groups;
        struct group *more = SW_ARENA_ARRAY(&g->reads->arena, struct group, cap);

        if (g->n_groups > 0)
            memcpy(more, g->group, g->n_groups * sizeof(*more));
        g->group = more;
        g->cap_groups = cap;
    }
    group = &g->group[g->n_groups++];
    *group = (struct group){.key = key, .doubt = sw_value_bool(true)};
    return group;
}

static void begin_group(struct reading *g, struct group *group)
{
    uint32_t n = g->read->n_group;

    group->of = SW_ARENA_ARRAY(&g->reads->arena, struct gather, n);
    for (uint32_t i = 0; i < n; i++)
        group->of[i].doubt = sw_value_bool(true);
}

/* Every month is a group, also one without events. */
void sw_fold_begin(struct reading *g, uint32_t months)
{
    g->doubt = sw_value_bool(true);
    g->all = (struct gather){.doubt = sw_value_bool(true)};
    if (months > 0) {
        g->group = SW_ARENA_ARRAY(&g->reads->arena, struct group, months);
        g->cap_groups = months;
    }
    for (uint32_t i = 0; i < months; i++)
        add_group(g, sw_value_int(i));
}

static struct group *group_of(struct reading *g, const struct sw_cursor *c, struct sw_value doubt)
{
    struct sw_value key;
    struct group *made;

    if (g->read->by == STEP_BY_MONTH)
        return &g->group[g->month - g->month_then - 1];
    key = c->field[g->read->key];
    sw_spend(g->frame, g->n_groups / 16);
    for (size_t i = 0; i < g->n_groups; i++) {
        if (!sw_value_equal(g->group[i].key, key))
            continue;
        if (doubt.kind == SW_KBOOL)
            g->group[i].doubt = doubt;
        return &g->group[i];
    }
    made = add_group(g, key);
    made->doubt = doubt;
    return made;
}

void sw_fold_add(struct reading *g, const struct sw_cursor *c, struct sw_value doubt)
{
    const struct read *r = g->read;
    struct group *group;

    if (r->by == STEP_NONE) {
        gather(g, &r->folding, &g->all, c, doubt);
        return;
    }
    if (r->by == STEP_BY && c->field[r->key].kind == SW_KUNKNOWN) {
        g->doubt = sw_value_worse(g->doubt, sw_value_unknown(r->source));
        return;
    }
    group = group_of(g, c, doubt);
    if (group->of == NULL)
        begin_group(g, group);
    for (uint32_t i = 0; i < r->n_group; i++)
        gather(g, &r->group[i], &group->of[i], c, doubt);
}

/* The condition for one group. */
static struct sw_value judge(struct reading *g, const struct group *group)
{
    struct sw_value value[GROUP_VALUES_MAX + 1];

    value[0] = group->key;
    for (uint32_t i = 0; i < g->read->n_group; i++)
        value[i + 1] = group->of == NULL ? nothing(g, &g->read->group[i])
                                         : result(g, &g->read->group[i], &group->of[i]);
    SW_SPACE(g->frame, IN_GROUP) = value;
    value[0] = sw_vm_run(g->frame, g->read->condition);
    if (value[0].kind == SW_KBOOL && value[0].b && sw_value_is_trouble(group->doubt))
        return group->doubt;
    return value[0];
}

static struct sw_value judge_all(struct reading *g, bool counts)
{
    struct sw_value doubt = sw_value_bool(true);
    struct sw_value of_none;
    bool has_none = false;
    int64_t n = 0;

    for (size_t i = 0; i < g->n_groups; i++) {
        struct sw_value v;

        /* Months without events are all alike: their condition cannot name the month. */
        if (g->group[i].of != NULL || !has_none)
            v = judge(g, &g->group[i]);
        else
            v = of_none;
        if (g->group[i].of == NULL) {
            of_none = v;
            has_none = true;
        }
        if (v.kind != SW_KBOOL)
            doubt =
                sw_value_worse(doubt, sw_value_is_trouble(v) ? v : sw_value_error(sw_no_overload));
        else
            n += v.b;
    }
    if (!counts && n > 0)
        return sw_value_bool(true);
    if (sw_value_is_trouble(doubt))
        return doubt;
    if (g->n_groups == 0 && g->read->partial)
        return sw_value_unknown(g->read->source);
    return counts ? sw_value_int(n) : sw_value_bool(false);
}

static struct sw_value count_groups(const struct reading *g)
{
    for (size_t i = 0; i < g->n_groups; i++) {
        if (sw_value_is_trouble(g->group[i].doubt))
            return g->group[i].doubt;
    }
    if (g->n_groups == 0 && g->read->partial)
        return sw_value_unknown(g->read->source);
    return sw_value_int((int64_t)g->n_groups);
}

struct sw_value sw_fold_end(struct reading *g)
{
    const struct read *r = g->read;

    if (sw_value_is_trouble(g->doubt))
        return g->doubt;
    if (r->folding.fold == FOLD_GROUPS_EXIST || r->folding.fold == FOLD_COUNT_IF)
        return judge_all(g, r->folding.fold == FOLD_COUNT_IF);
    if (r->folding.fold == FOLD_GROUPS)
        return count_groups(g);
    return result(g, &r->folding, &g->all);
}
