/* vm_slow.c - what instructions do when values are not what they expect: unknown, errors, other
 * kinds; and what is too rare to be fast: lists, maps, loops. */
#include "lang/vm.h"
#include <shouwang/base/i18n.h>

/* ---- what is missing ------------------------------------------------------------------------- */

void sw_vm_missing(struct sw_frame *f, int64_t source)
{
    if (f->is_inner || source == NO_SOURCE)
        return;
    for (uint32_t i = 0; i < f->n_missing; i++) {
        if (f->missing[i] == (uint32_t)source)
            return;
    }
    if (f->n_missing < SW_MISSING_MAX)
        f->missing[f->n_missing++] = (uint32_t)source;
}

/* A value as an instruction's result: unknown ones get the number of what they came from. */
struct sw_value sw_vm_named(const struct sw_frame *f, struct sw_value v, uint16_t o)
{
    unsigned space = SW_OPERAND_SPACE(o);

    if (v.kind != SW_KUNKNOWN)
        return v;
    if (space < SW_BANKS)
        return sw_value_unknown(f->lang->slot_source[space][SW_OPERAND_INDEX(o)]);
    /* Values of groups know their source; elements of a list have that of the list. */
    if (space == IN_EVENT || (space == IN_GROUP && !f->is_inner))
        return sw_value_unknown(f->event_source);
    return v;
}

static struct native native_of(struct sw_frame *f)
{
    return (struct native){.arena = f->arena, .lang = f->lang, .frame = f};
}

/* The worse of two operands of which one at least is unknown or an error. */
static struct sw_value trouble(struct sw_frame *f, const struct sw_value *x, uint16_t ox,
                               const struct sw_value *y, uint16_t oy)
{
    struct sw_value v = sw_value_worse(sw_vm_named(f, *x, ox), sw_vm_named(f, *y, oy));

    if (x->kind == SW_KUNKNOWN)
        sw_vm_missing(f, sw_vm_named(f, *x, ox).i);
    if (y->kind == SW_KUNKNOWN)
        sw_vm_missing(f, sw_vm_named(f, *y, oy).i);
    return v;
}

/* ---- the slow ways --------------------------------------------------------------------------- */

struct sw_value sw_vm_binary(struct sw_frame *f, const struct sw_value *x, const struct sw_value *y,
                             const struct ins *i, sw_native *native)
{
    struct native n = native_of(f);
    struct sw_value arg[2] = {*x, *y};

    if (IS_TROUBLE(x) || IS_TROUBLE(y))
        return trouble(f, x, i->b, y, i->c);
    return native(&n, arg, 2);
}

/* A term that is not simply true or false: it decides only as a value. */
bool sw_vm_term(struct sw_value *acc, struct sw_value term, bool is_or)
{
    if (term.kind == SW_KBOOL && term.b == is_or) {
        *acc = term;
        return true;
    }
    if (term.kind == SW_KBOOL)
        return false;
    if (!sw_value_is_trouble(term))
        term = sw_value_error(sw_no_overload);
    *acc = sw_value_worse(*acc, term);
    return false;
}

struct sw_value sw_vm_unary(struct sw_frame *f, const struct sw_value *x, const struct ins *i,
                            sw_native *native)
{
    struct native n = native_of(f);

    if (IS_TROUBLE(x))
        return trouble(f, x, i->b, x, i->b);
    return native(&n, x, 1);
}

struct sw_value sw_vm_call(struct sw_frame *f, const struct sw_value *arg, const struct ins *i,
                           sw_native *native)
{
    struct native context = native_of(f);

    for (uint32_t n = 0; n < i->c; n++) {
        if (IS_TROUBLE(&arg[n])) {
            struct sw_value v = arg[n];

            for (uint32_t m = 0; m < i->c; m++) {
                if (arg[m].kind == SW_KUNKNOWN)
                    sw_vm_missing(f, arg[m].i);
                v = IS_TROUBLE(&arg[m]) ? sw_value_worse(v, arg[m]) : v;
            }
            return v;
        }
    }
    return native(&context, arg, i->c);
}

struct sw_value sw_vm_field(struct sw_frame *f, const struct sw_value *x, const struct ins *i)
{
    struct sw_value v;

    if (x->kind != SW_KRECORD)
        return IS_TROUBLE(x) ? trouble(f, x, i->b, x, i->b) : sw_value_error(sw_no_overload);
    v = x->record[i->c];
    if (v.kind == SW_KUNKNOWN)
        v.i = i->d == 0 ? NO_SOURCE : (int64_t)i->d - 1;
    return v;
}

struct sw_value sw_vm_money(struct sw_frame *f, const struct sw_value *x, const struct ins *i)
{
    int64_t fen = 0;
    double yuan = x->kind == SW_KINT ? (double)x->i : x->d;

    if (IS_TROUBLE(x))
        return trouble(f, x, i->b, x, i->b);
    if (x->kind == SW_KMONEY)
        return *x;
    if (x->kind != SW_KINT && x->kind != SW_KDOUBLE)
        return sw_value_error(sw_no_overload);
    return sw_money_times(100, yuan, &fen) ? sw_value_money(fen) : sw_value_error(sw_overflow);
}

#define EIGHT_UNKNOWN                                                                              \
    {.kind = SW_KUNKNOWN}, {.kind = SW_KUNKNOWN}, {.kind = SW_KUNKNOWN}, {.kind = SW_KUNKNOWN},    \
        {.kind = SW_KUNKNOWN}, {.kind = SW_KUNKNOWN}, {.kind = SW_KUNKNOWN},                       \
    {                                                                                              \
        .kind = SW_KUNKNOWN                                                                        \
    }

const struct sw_value sw_all_unknown[FIELDS_BOUND_MAX] = {
    EIGHT_UNKNOWN, EIGHT_UNKNOWN, EIGHT_UNKNOWN, EIGHT_UNKNOWN,
    EIGHT_UNKNOWN, EIGHT_UNKNOWN, EIGHT_UNKNOWN, EIGHT_UNKNOWN,
};

/* ---- lists, maps, loops ---------------------------------------------------------------------- */

static struct sw_list *own_list(const struct sw_value *v)
{
    return (struct sw_list *)(uintptr_t)v->list;
}

bool sw_vm_push(struct sw_frame *f, struct sw_value *a, const struct sw_value *x,
                const struct ins *i)
{
    struct sw_value v = *x;

    v.slope = 0;
    if (IS_TROUBLE(x)) {
        *a = trouble(f, x, i->b, x, i->b);
        return false;
    }
    if (i->op == I_PUSH_SOME) {
        if (x->kind != SW_KOPTIONAL) {
            *a = sw_value_error(sw_no_overload);
            return false;
        }
        if (x->optional == NULL)
            return true;
        v = *x->optional;
    }
    sw_list_push(own_list(a), v);
    return true;
}

bool sw_vm_put(struct sw_frame *f, struct sw_value *a, const struct sw_value *key,
               const struct sw_value *value, const struct ins *i)
{
    struct sw_value v = *value;

    if (IS_TROUBLE(key) || IS_TROUBLE(value)) {
        *a = trouble(f, key, i->b, value, i->c);
        return false;
    }
    if (i->op == I_PUT_SOME && value->kind == SW_KOPTIONAL && value->optional == NULL)
        return true;
    if (i->op == I_PUT_SOME)
        v = value->kind == SW_KOPTIONAL ? *value->optional : sw_value_error(sw_no_overload);
    if (sw_value_is_trouble(v))
        *a = v;
    else if (!sw_is_key(*key))
        *a = sw_value_error(N_("unsupported key type"));
    else if (!sw_map_put((struct sw_map *)(uintptr_t)a->map, *key, v))
        *a = sw_value_error(N_("a key stands twice in a map"));
    else
        return true;
    return false;
}

static struct sw_value keys_of(struct sw_frame *f, const struct sw_map *m)
{
    struct sw_list *l = sw_list_new(f->arena, m->n);

    for (uint32_t i = 0; i < m->n; i++)
        sw_list_push(l, m->at[2 * i]);
    return (struct sw_value){.kind = SW_KLIST, .list = l};
}

/* Fill a loop's first two registers; false: *fault says why there is no loop. */
bool sw_vm_each(struct sw_frame *f, struct sw_value *loop, const struct sw_value *range,
                const struct ins *i, struct sw_value *fault)
{
    loop[1] = sw_value_int(0);
    if (range->kind == SW_KLIST) {
        loop[0] = *range;
        return true;
    }
    if (range->kind == SW_KMAP) {
        loop[0] = keys_of(f, range->map);
        return true;
    }
    *fault =
        IS_TROUBLE(range) ? trouble(f, range, i->b, range, i->b) : sw_value_error(sw_no_overload);
    return false;
}

void sw_vm_count(struct sw_frame *f, struct sw_value *a, const struct sw_value *x,
                 const struct ins *i)
{
    if (x->kind == SW_KBOOL) {
        if (a->kind == SW_KINT)
            a->i += x->b;
        return;
    }
    *a = sw_value_worse(*a, IS_TROUBLE(x) ? trouble(f, x, i->b, x, i->b)
                                          : sw_value_error(sw_no_overload));
}

struct sw_value sw_vm_fired(const struct sw_frame *f, uint32_t rule)
{
    enum sw_truth t = f->fired == NULL ? SW_FALSE : (enum sw_truth)f->fired[rule];

    return t == SW_TRUTH_UNKNOWN ? sw_value_unknown(NO_SOURCE) : sw_value_bool(t == SW_TRUE);
}
