/* vm.c - evaluates code.
 *
 * A register machine in one plain switch. Operands are read where they lie: `base` has one array
 * per space, registers first. A typed instruction takes its fast way when the kinds are the ones
 * the checker promised, tested at once; anything else - unknown, error, a kind nobody expected -
 * goes through `slow_…`, which knows all kinds. What unknown values came from is told to the frame
 * as they are met and taken back when the result turns out to be known all the same. */
#include "lang/code.h"
#include <math.h>
#include <shouwang/base/i18n.h>

#define NO_SOURCE UINT32_MAX

/* ---- what is missing ------------------------------------------------------------------------ */

static void tell_missing(struct vm *vm, int64_t source)
{
    struct sw_frame *f = vm->frame;

    if (vm->is_inner || source == NO_SOURCE)
        return;
    for (uint32_t i = 0; i < f->n_missing; i++) {
        if (f->missing[i] == (uint32_t)source)
            return;
    }
    if (f->n_missing < SW_MISSING_MAX)
        f->missing[f->n_missing++] = (uint32_t)source;
}

/* A value as an instruction's result: unknown ones get the number of what they came from. */
static struct sw_value name_source(const struct vm *vm, struct sw_value v, uint16_t o)
{
    unsigned space = SW_OPERAND_SPACE(o);

    if (v.kind != SW_KUNKNOWN)
        return v;
    if (space >= IN_BANK && space < IN_EVENT)
        return sw_value_unknown(vm->l->slot_source[space - IN_BANK][SW_OPERAND_INDEX(o)]);
    if (space == IN_EVENT)
        return sw_value_unknown(vm->event_source);
    return v;
}

/* The worse of two operands of which one at least is unknown or an error. */
static struct sw_value trouble(struct vm *vm, const struct sw_value *x, uint16_t ox,
                               const struct sw_value *y, uint16_t oy)
{
    struct sw_value v = sw_value_worse(name_source(vm, *x, ox), name_source(vm, *y, oy));

    if (x->kind == SW_KUNKNOWN)
        tell_missing(vm, name_source(vm, *x, ox).i);
    if (y->kind == SW_KUNKNOWN)
        tell_missing(vm, name_source(vm, *y, oy).i);
    return v;
}

/* ---- the slow ways -------------------------------------------------------------------------- */

#define IS_TROUBLE(v) ((v)->kind >= SW_KUNKNOWN)

static struct sw_value slow_binary(struct vm *vm, const struct sw_value *x,
                                   const struct sw_value *y, const struct ins *i, sw_native *f)
{
    struct sw_value arg[2] = {*x, *y};

    if (IS_TROUBLE(x) || IS_TROUBLE(y))
        return trouble(vm, x, i->b, y, i->c);
    return f(&vm->native, arg, 2);
}

/* The function behind a relation's instruction, by its distance from the plain form. */
static sw_native *relation_native(uint8_t op)
{
    switch (op) {
    case I_LT_I:
    case I_AND_LT_I:
    case I_OR_LT_I:
    case I_LT_F:
    case I_AND_LT_F:
    case I_OR_LT_F: return sw_fn_lt;
    case I_LE_I:
    case I_AND_LE_I:
    case I_OR_LE_I:
    case I_LE_F:
    case I_AND_LE_F:
    case I_OR_LE_F: return sw_fn_le;
    case I_EQ_I:
    case I_AND_EQ_I:
    case I_OR_EQ_I:
    case I_EQ_F:
    case I_AND_EQ_F:
    case I_OR_EQ_F: return sw_fn_eq;
    default: return sw_fn_ne;
    }
}

/* Add a term to an accumulator of && (deciding value false) or || (true). */
static bool slow_term(struct sw_value *acc, struct sw_value term, bool deciding)
{
    if (term.kind == SW_KBOOL && term.b == deciding) {
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

static bool slow_relation_term(struct vm *vm, struct sw_value *acc, const struct sw_value *x,
                               const struct sw_value *y, const struct ins *i)
{
    /* In each triple the plain form stands first, && second, || third. */
    bool deciding = (i->op - I_LT_I) % 3 == 2;

    return slow_term(acc, slow_binary(vm, x, y, i, relation_native(i->op)), deciding);
}

static struct sw_value slow_unary(struct vm *vm, const struct sw_value *x, const struct ins *i,
                                  sw_native *f)
{
    if (IS_TROUBLE(x))
        return trouble(vm, x, i->b, x, i->b);
    return f(&vm->native, x, 1);
}

static struct sw_value slow_not(struct vm *vm, const struct sw_value *x, const struct ins *i)
{
    return slow_unary(vm, x, i, sw_fn_not);
}

static struct sw_value call(struct vm *vm, const struct sw_value *arg, const struct ins *i,
                            sw_native *f)
{
    for (uint32_t n = 0; n < i->c; n++) {
        if (IS_TROUBLE(&arg[n])) {
            struct sw_value v = arg[n];

            for (uint32_t m = 0; m < i->c; m++) {
                if (arg[m].kind == SW_KUNKNOWN)
                    tell_missing(vm, arg[m].i);
                v = IS_TROUBLE(&arg[m]) ? sw_value_worse(v, arg[m]) : v;
            }
            return v;
        }
    }
    return f(&vm->native, arg, i->c);
}

static struct sw_value in_set(struct vm *vm, const struct sw_value *x, const struct ins *i,
                              const struct sw_value *set)
{
    if (IS_TROUBLE(x))
        return trouble(vm, x, i->b, x, i->b);
    if (x->kind != SW_KENUM)
        return sw_value_error(sw_no_overload);
    return sw_value_bool((uint64_t)x->i < 64 && (set->u >> x->i & 1) != 0);
}

static struct sw_value field(struct vm *vm, const struct sw_value *x, const struct ins *i)
{
    struct sw_value v;

    if (x->kind != SW_KRECORD)
        return IS_TROUBLE(x) ? trouble(vm, x, i->b, x, i->b) : sw_value_error(sw_no_overload);
    v = x->record[i->c];
    if (v.kind == SW_KUNKNOWN)
        v.i = i->d == 0 ? NO_SOURCE : (int64_t)i->d - 1;
    return v;
}

static struct sw_value to_money(struct vm *vm, const struct sw_value *x, const struct ins *i)
{
    int64_t fen = 0;
    double yuan = x->kind == SW_KINT ? (double)x->i : x->d;

    if (IS_TROUBLE(x))
        return trouble(vm, x, i->b, x, i->b);
    if (x->kind == SW_KMONEY)
        return *x;
    if (x->kind != SW_KINT && x->kind != SW_KDOUBLE)
        return sw_value_error(sw_no_overload);
    return sw_money_times(100, yuan, &fen) ? sw_value_money(fen) : sw_value_error(sw_overflow);
}

/* ---- lists, maps, loops --------------------------------------------------------------------- */

static struct sw_list *own_list(const struct sw_value *v)
{
    return (struct sw_list *)(uintptr_t)v->list;
}

static bool push(struct vm *vm, struct sw_value *a, const struct sw_value *x, const struct ins *i)
{
    struct sw_value v = *x;

    v.slope = 0;
    if (IS_TROUBLE(x)) {
        *a = trouble(vm, x, i->b, x, i->b);
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

static bool put(struct vm *vm, struct sw_value *a, const struct sw_value *key,
                const struct sw_value *value, const struct ins *i)
{
    struct sw_value v = *value;

    if (IS_TROUBLE(key) || IS_TROUBLE(value)) {
        *a = trouble(vm, key, i->b, value, i->c);
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
        *a = sw_value_error(N_("Failed with repeated key"));
    else
        return true;
    return false;
}

static struct sw_value keys_of(struct vm *vm, const struct sw_map *m)
{
    struct sw_list *l = sw_list_new(vm->native.arena, m->n);

    for (uint32_t i = 0; i < m->n; i++)
        sw_list_push(l, m->at[2 * i]);
    return (struct sw_value){.kind = SW_KLIST, .list = l};
}

/* Fill a loop's first two registers; false: *fault says why there is no loop. */
static bool each(struct vm *vm, struct sw_value *loop, const struct sw_value *range,
                 const struct ins *i, struct sw_value *fault)
{
    loop[1] = sw_value_int(0);
    if (range->kind == SW_KLIST) {
        loop[0] = *range;
        return true;
    }
    if (range->kind == SW_KMAP) {
        loop[0] = keys_of(vm, range->map);
        return true;
    }
    *fault =
        IS_TROUBLE(range) ? trouble(vm, range, i->b, range, i->b) : sw_value_error(sw_no_overload);
    return false;
}

static void count(struct vm *vm, struct sw_value *a, const struct sw_value *x, const struct ins *i)
{
    if (x->kind == SW_KBOOL) {
        if (a->kind == SW_KINT)
            a->i += x->b;
        return;
    }
    *a = sw_value_worse(*a, IS_TROUBLE(x) ? trouble(vm, x, i->b, x, i->b)
                                          : sw_value_error(sw_no_overload));
}

static struct sw_value fired(const struct vm *vm, uint32_t rule)
{
    enum sw_truth t = vm->frame->fired == NULL ? SW_FALSE : (enum sw_truth)vm->frame->fired[rule];

    return t == SW_TRUTH_UNKNOWN ? sw_value_unknown(NO_SOURCE) : sw_value_bool(t == SW_TRUE);
}

/* ---- what changes by time alone -------------------------------------------------------------- */

static void turns_on(struct vm *vm, int64_t day)
{
    if (day > vm->frame->today && day < vm->frame->horizon)
        vm->frame->horizon = (sw_day)day;
}

static struct sw_value daily(struct vm *vm, const struct sw_value *x, uint16_t o)
{
    struct sw_value v = name_source(vm, *x, o);

    if (v.slope != 0)
        turns_on(vm, (int64_t)vm->frame->today + 1);
    v.slope = 0;
    return v;
}

/* Sums keep how fast they grow: today + days(3), today - since, days_since() + 1. */
static struct sw_value day_sum(struct vm *vm, const struct sw_value *x, const struct sw_value *y,
                               const struct ins *i)
{
    bool minus = i->op == I_DAY_SUB;
    int slope = minus ? x->slope - y->slope : x->slope + y->slope;
    struct sw_value v = slow_binary(vm, x, y, i, minus ? sw_fn_sub : sw_fn_add);

    /* Two slopes of one are the most a sum can have that is followed; steeper ones are not. */
    if (sw_value_is_trouble(v) || slope < -1 || slope > 1) {
        turns_on(vm, (int64_t)vm->frame->today + 1);
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
static void note_turn(struct vm *vm, double gap, int slope)
{
    double ahead = slope > 0 ? -gap : gap; /* days until the gap is zero */
    double day;

    if (slope == 0 || !(ahead >= 0))
        return;
    day = ceil(ahead);
    if (day < 1)
        day = 1; /* equal now */
    if (day < 4000000)
        turns_on(vm, (int64_t)vm->frame->today + (int64_t)day);
}

static struct sw_value day_compare(struct vm *vm, const struct sw_value *x,
                                   const struct sw_value *y, const struct ins *i)
{
    static sw_native *const relation[] = {
        [OP_LT] = sw_fn_lt, [OP_LE] = sw_fn_le, [OP_GT] = sw_fn_gt,
        [OP_GE] = sw_fn_ge, [OP_EQ] = sw_fn_eq, [OP_NE] = sw_fn_ne,
    };
    struct sw_value v = slow_binary(vm, x, y, i, relation[i->d]);
    int slope = x->slope - y->slope;
    double gap;

    if (slope != 0 && !sw_value_is_trouble(v) && distance(x, y, &gap))
        note_turn(vm, gap, slope);
    else if (slope != 0 && !IS_TROUBLE(x) && !IS_TROUBLE(y))
        turns_on(vm, (int64_t)vm->frame->today + 1);
    return v;
}

/* ---- the loop ------------------------------------------------------------------------------- */

/* Kinds whose values are compared and added as whole numbers. */
#define WHOLE_KINDS                                                                                \
    (1U << SW_KINT | 1U << SW_KMONEY | 1U << SW_KDATE | 1U << SW_KENUM | 1U << SW_KPERSON)
#define ARE_WHOLE(x, y)  ((x)->kind == (y)->kind && (WHOLE_KINDS >> (x)->kind & 1) != 0)
#define ARE_DOUBLE(x, y) ((x)->kind == SW_KDOUBLE && (y)->kind == SW_KDOUBLE)
#define ARE_INT(x, y)    ((x)->kind == SW_KINT && (y)->kind == SW_KINT)
#define ARE_SUMMABLE(x, y)                                                                         \
    ((x)->kind == (y)->kind && ((x)->kind == SW_KINT || (x)->kind == SW_KMONEY))

#define A        (&reg[i->a])
#define VALUE(o) (&base[SW_OPERAND_SPACE(o)][SW_OPERAND_INDEX(o)])

/* x R y as a value, as a term of && and as a term of ||. */
#define RELATION(name, fits, expression)                                                           \
    case I_##name:                                                                                 \
        x = VALUE(i->b);                                                                           \
        y = VALUE(i->c);                                                                           \
        if (fits(x, y))                                                                            \
            *A = sw_value_bool(expression);                                                        \
        else                                                                                       \
            *A = slow_binary(vm, x, y, i, relation_native(i->op));                                 \
        break;                                                                                     \
    case I_AND_##name:                                                                             \
        x = VALUE(i->b);                                                                           \
        y = VALUE(i->c);                                                                           \
        if (!fits(x, y)) {                                                                         \
            if (slow_relation_term(vm, A, x, y, i))                                                \
                i = code->ins + i->d - 1;                                                          \
        } else if (!(expression)) {                                                                \
            *A = sw_value_bool(false);                                                             \
            i = code->ins + i->d - 1;                                                              \
        }                                                                                          \
        break;                                                                                     \
    case I_OR_##name:                                                                              \
        x = VALUE(i->b);                                                                           \
        y = VALUE(i->c);                                                                           \
        if (!fits(x, y)) {                                                                         \
            if (slow_relation_term(vm, A, x, y, i))                                                \
                i = code->ins + i->d - 1;                                                          \
        } else if (expression) {                                                                   \
            *A = sw_value_bool(true);                                                              \
            i = code->ins + i->d - 1;                                                              \
        }                                                                                          \
        break;

#define ARITHMETIC(name, fits, fast, f)                                                            \
    case I_##name:                                                                                 \
        x = VALUE(i->b);                                                                           \
        y = VALUE(i->c);                                                                           \
        if (fits(x, y))                                                                            \
            *A = (fast);                                                                           \
        else                                                                                       \
            *A = slow_binary(vm, x, y, i, f);                                                      \
        break;

/* Whole numbers: when the sum overflows the slow way says so. */
#define WHOLE_ARITHMETIC(name, fits, builtin, f)                                                   \
    case I_##name:                                                                                 \
        x = VALUE(i->b);                                                                           \
        y = VALUE(i->c);                                                                           \
        if (fits(x, y) && !builtin(x->i, y->i, &whole))                                            \
            *A = (struct sw_value){.kind = x->kind, .i = whole};                                   \
        else                                                                                       \
            *A = slow_binary(vm, x, y, i, f);                                                      \
        break;

#define GO_TO(to) (i = code->ins + (to)-1)

struct sw_value sw_vm_run(struct vm *vm, const struct code *code)
{
    struct sw_value reg[REGISTERS_MAX];
    const struct sw_value *base[SPACES];
    const struct ins *i;
    const struct sw_value *x;
    const struct sw_value *y;
    struct sw_value v;
    int64_t whole;

    if (vm->frame->budget < code->n_ins)
        return sw_value_error(N_("the evaluation takes too long"));
    vm->frame->budget -= code->n_ins;
    base[IN_REGISTER] = reg;
    base[IN_CONSTANT] = code->constant;
    for (unsigned b = 0; b < SW_BANKS; b++)
        base[IN_BANK + b] = vm->frame->bank[b];
    base[IN_EVENT] = vm->event;
    base[IN_GROUP] = vm->group;
    for (i = code->ins;; i++) {
        switch ((enum op_code)i->op) {
        case I_RETURN:
            v = name_source(vm, *VALUE(i->b), i->b);
            if (v.kind == SW_KUNKNOWN)
                tell_missing(vm, v.i);
            return v;
        case I_MOVE: *A = name_source(vm, *VALUE(i->b), i->b); break;
        case I_BOOL: *A = sw_value_bool(i->b != 0); break;
        case I_JUMP: GO_TO(i->d); break;
        case I_IF:
            x = VALUE(i->b);
            if (x->kind != SW_KBOOL) {
                *A = IS_TROUBLE(x) ? trouble(vm, x, i->b, x, i->b) : sw_value_error(sw_no_overload);
                GO_TO(i->c);
            } else if (!x->b) {
                GO_TO(i->d);
            }
            break;
        case I_AND:
        case I_OR:
            x = VALUE(i->b);
            v = IS_TROUBLE(x) ? trouble(vm, x, i->b, x, i->b) : *x;
            if (slow_term(A, v, i->op == I_OR))
                GO_TO(i->d);
            break;
        case I_AND_NOT:
        case I_OR_NOT:
            x = VALUE(i->b);
            v = x->kind == SW_KBOOL ? sw_value_bool(!x->b) : slow_not(vm, x, i);
            if (slow_term(A, v, i->op == I_OR_NOT))
                GO_TO(i->d);
            break;
        case I_NOT:
            x = VALUE(i->b);
            *A = x->kind == SW_KBOOL ? sw_value_bool(!x->b) : slow_not(vm, x, i);
            break;
            RELATION(LT_I, ARE_WHOLE, x->i < y->i)
            RELATION(LE_I, ARE_WHOLE, x->i <= y->i)
            RELATION(EQ_I, ARE_WHOLE, x->i == y->i)
            RELATION(NE_I, ARE_WHOLE, x->i != y->i)
            RELATION(LT_F, ARE_DOUBLE, x->d < y->d)
            RELATION(LE_F, ARE_DOUBLE, x->d <= y->d)
            RELATION(EQ_F, ARE_DOUBLE, x->d == y->d)
            RELATION(NE_F, ARE_DOUBLE, !(x->d == y->d))
        case I_IN_SET: *A = in_set(vm, VALUE(i->b), i, &code->constant[i->c]); break;
        case I_AND_IN_SET:
        case I_OR_IN_SET:
            v = in_set(vm, VALUE(i->b), i, &code->constant[i->c]);
            if (slow_term(A, v, i->op == I_OR_IN_SET))
                GO_TO(i->d);
            break;
            WHOLE_ARITHMETIC(ADD_I, ARE_SUMMABLE, __builtin_add_overflow, sw_fn_add)
            WHOLE_ARITHMETIC(SUB_I, ARE_SUMMABLE, __builtin_sub_overflow, sw_fn_sub)
            WHOLE_ARITHMETIC(MUL_I, ARE_INT, __builtin_mul_overflow, sw_fn_mul)
            ARITHMETIC(ADD_F, ARE_DOUBLE, sw_value_double(x->d + y->d), sw_fn_add)
            ARITHMETIC(SUB_F, ARE_DOUBLE, sw_value_double(x->d - y->d), sw_fn_sub)
            ARITHMETIC(MUL_F, ARE_DOUBLE, sw_value_double(x->d * y->d), sw_fn_mul)
            ARITHMETIC(DIV_F, ARE_DOUBLE, sw_value_double(x->d / y->d), sw_fn_div)
        case I_MUL_MF:
            x = VALUE(i->b);
            y = VALUE(i->c);
            if (x->kind == SW_KMONEY && y->kind == SW_KDOUBLE && sw_money_times(x->i, y->d, &whole))
                *A = sw_value_money(whole);
            else
                *A = slow_binary(vm, x, y, i, sw_fn_mul);
            break;
        case I_DIV_MM: *A = slow_binary(vm, VALUE(i->b), VALUE(i->c), i, sw_fn_div); break;
        case I_TO_NUMBER:
            x = VALUE(i->b);
            *A = x->kind == SW_KINT ? sw_value_double((double)x->i)
                                    : slow_unary(vm, x, i, sw_fn_double);
            break;
        case I_TO_MONEY: *A = to_money(vm, VALUE(i->b), i); break;
        case I_FIELD: *A = field(vm, VALUE(i->b), i); break;
        case I_TAG:
            *A = name_source(vm, *VALUE(i->b), i->b);
            if (A->kind == SW_KENUM)
                A->enum_id = i->c;
            break;
        case I_CALL1: *A = slow_unary(vm, VALUE(i->b), i, code->native[i->d]); break;
        case I_CALL2: *A = slow_binary(vm, VALUE(i->b), VALUE(i->c), i, code->native[i->d]); break;
        case I_CALL: *A = call(vm, &reg[i->b], i, code->native[i->d]); break;
        case I_LIST:
            *A = (struct sw_value){.kind = SW_KLIST, .list = sw_list_new(vm->native.arena, i->b)};
            break;
        case I_LIST_LIKE:
            *A = (struct sw_value){.kind = SW_KLIST,
                                   .list = sw_list_new(vm->native.arena, VALUE(i->b)->list->n)};
            break;
        case I_PUSH:
        case I_PUSH_SOME:
            if (!push(vm, A, VALUE(i->b), i))
                GO_TO(i->d);
            break;
        case I_PUSH_ANY: sw_list_push(own_list(A), name_source(vm, *VALUE(i->b), i->b)); break;
        case I_MAP:
            *A = (struct sw_value){.kind = SW_KMAP, .map = sw_map_new(vm->native.arena, i->b)};
            break;
        case I_PUT:
        case I_PUT_SOME:
            if (!put(vm, A, VALUE(i->b), VALUE(i->c), i))
                GO_TO(i->d);
            break;
        case I_EACH:
            if (!each(vm, A, VALUE(i->b), i, &reg[i->c]))
                GO_TO(i->d);
            break;
        case I_NEXT:
            if (A[1].i >= A->list->n) {
                GO_TO(i->d);
            } else {
                A[2] = A->list->at[A[1].i];
                A[1].i++;
            }
            break;
        case I_LOOP:
            whole = i - code->ins - i->d;
            if (vm->frame->budget < (uint64_t)whole)
                return sw_value_error(N_("the evaluation takes too long"));
            vm->frame->budget -= (uint32_t)whole;
            GO_TO(i->d);
            break;
        case I_COUNT: count(vm, A, VALUE(i->b), i); break;
        case I_ONE:
            if (A->kind == SW_KINT)
                *A = sw_value_bool(A->i == 1);
            break;
        case I_READ: *A = sw_vm_read(vm, i->b); break;
        case I_FIRED: *A = fired(vm, i->b); break;
        case I_TODAY:
            *A = sw_value_date(vm->frame->today);
            A->slope = 1;
            break;
        case I_DAY_ADD:
        case I_DAY_SUB: *A = day_sum(vm, VALUE(i->b), VALUE(i->c), i); break;
        case I_DAY_CMP: *A = day_compare(vm, VALUE(i->b), VALUE(i->c), i); break;
        case I_DAILY: *A = daily(vm, VALUE(i->b), i->b); break;
        case I_KNOWN:
            x = VALUE(i->b);
            *A = x->kind == SW_KERROR ? *x : sw_value_bool(x->kind != SW_KUNKNOWN);
            break;
        case I_OR_VALUE:
            x = VALUE(i->b);
            if (x->kind != SW_KUNKNOWN) {
                *A = *x;
                GO_TO(i->d);
            }
            break;
        }
    }
}
