/* eval.c - programs in frames: the public side of evaluation. */
#include "lang/reads.h"
#include <shouwang/base/i18n.h>

void sw_frame_begin(struct sw_frame *f)
{
    if (f->reads != NULL)
        sw_reads_forget(f->reads);
    f->horizon = SW_DAY_NEVER;
    f->n_missing = 0;
}

/* The days on which variables change that the program may read: whether it did is not asked. */
static void note_variables(const struct uses *u, struct sw_frame *f)
{
    for (unsigned bank = 0; bank < SW_BANKS; bank++) {
        for (size_t i = 0; f->until[bank] != NULL && i < u->n_slots[bank]; i++) {
            sw_day day = f->until[bank][u->slot[bank][i]];

            if (day > f->today && day < f->horizon)
                f->horizon = day;
        }
    }
}

static inline struct sw_value evaluate(const struct sw_prog *p, struct sw_frame *f)
{
    uint32_t missing = f->n_missing;
    struct sw_value v;

    f->lang = p->l;
    if (f->until[0] != NULL || f->until[1] != NULL || f->until[2] != NULL || f->until[3] != NULL)
        note_variables(&p->uses, f);
    v = sw_vm_run(f, &p->code);
    /* What was unknown on the way did not matter in the end. */
    if (v.kind != SW_KUNKNOWN)
        f->n_missing = missing;
    return v;
}

struct sw_value sw_eval(const struct sw_prog *p, struct sw_frame *f)
{
    return evaluate(p, f);
}

enum sw_truth sw_eval_truth(const struct sw_prog *p, struct sw_frame *f, const char **error)
{
    struct sw_value v = evaluate(p, f);

    if (error != NULL)
        *error = v.kind == SW_KERROR                           ? v.s
                 : v.kind != SW_KBOOL && v.kind != SW_KUNKNOWN ? sw_no_overload
                                                               : NULL;
    if (v.kind == SW_KBOOL)
        return v.b ? SW_TRUE : SW_FALSE;
    return SW_TRUTH_UNKNOWN;
}

/* ---- the next change ------------------------------------------------------------------------- */

/* Does a program's value differ? Which field is missing, or why there is an error, is no
 * difference; NaN is the same as NaN. */
static bool differs(struct sw_value a, struct sw_value b)
{
    if (a.kind != b.kind)
        return true;
    if (sw_value_is_trouble(a))
        return false;
    if (a.kind == SW_KDOUBLE && a.d != a.d)
        return b.d == b.d;
    return !sw_value_equal(a, b);
}

/* Texts and lists of the first day must outlive the frames of later days. */
static struct sw_value evaluate_on(const struct sw_prog *p, struct sw_frame *f, sw_day day,
                                   uint32_t budget)
{
    f->today = day;
    f->budget = budget;
    return sw_eval(p, f);
}

sw_day sw_next_change(const struct sw_prog *p, struct sw_frame *f, sw_day limit,
                      void (*at_day)(void *ctx, struct sw_frame *f, sw_day day), void *ctx)
{
    sw_day first = f->today;
    sw_day found = SW_DAY_NEVER;
    uint32_t budget = f->budget;
    struct sw_value before;
    sw_day day = first;

    for (;;) {
        struct sw_value v;

        f->today = day;
        sw_frame_begin(f);
        if (at_day != NULL)
            at_day(ctx, f, day);
        v = evaluate_on(p, f, day, budget);
        if (day == first) {
            before = v;
        } else if (differs(before, v)) {
            found = day;
            break;
        }
        day = f->horizon;
        if (day > limit || day == SW_DAY_NEVER)
            break;
    }
    f->today = first;
    f->budget = budget;
    sw_frame_begin(f);
    if (at_day != NULL)
        at_day(ctx, f, first);
    return found;
}

/* ---- what a program looks at ----------------------------------------------------------------- */

const struct sw_type *sw_prog_type(const struct sw_prog *p)
{
    return p->type;
}

size_t sw_prog_streams(const struct sw_prog *p, const uint16_t **ids)
{
    *ids = p->uses.stream;
    return p->uses.n_streams;
}

size_t sw_prog_vars(const struct sw_prog *p, unsigned bank, const uint32_t **slots)
{
    *slots = p->uses.slot[bank];
    return p->uses.n_slots[bank];
}

size_t sw_prog_rules(const struct sw_prog *p, const uint32_t **indexes)
{
    *indexes = p->uses.rule;
    return p->uses.n_rules;
}

size_t sw_prog_absences(const struct sw_prog *p, const uint16_t **ids)
{
    *ids = p->uses.absence;
    return p->uses.n_absences;
}

size_t sw_prog_reads(const struct sw_prog *p, const uint32_t **numbers)
{
    *numbers = p->uses.read;
    return p->uses.n_reads;
}

bool sw_prog_daily(const struct sw_prog *p)
{
    return p->is_daily;
}

void sw_prog_put(const struct sw_prog *p, struct sw_buf *out)
{
    sw_code_put(&p->code, out);
}
