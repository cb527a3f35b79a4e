/* vm.c - evaluates code.
 *
 * A register machine in one plain switch. Operands are read where they lie, behind the pointers
 * that a frame begins with (enum space). A typed instruction takes its fast way when the kinds are
 * the ones the checker promised, tested at once; anything else - unknown, error, a kind nobody
 * expected - goes through vm_slow.c, which knows all kinds. What unknown values came from is told
 * to the frame as they are met and taken back when the result turns out to be known all the same.
 *
 * The terms of && and || are the machine's daily bread: one instruction compares, adds to the
 * accumulator, and leaves when it decides, out of the whole code if nothing is left to do. */
#include "lang/vm.h"
#include <shouwang/base/i18n.h>

_Static_assert(offsetof(struct sw_frame, own) == SW_BANKS * sizeof(const struct sw_value *),
               "a frame begins with the pointers to its spaces");

const char *const sw_too_long = N_("the evaluation takes too long");

#define LIKELY(x) __builtin_expect((x), 1)

/* Kinds whose values are compared as whole numbers. */
#define WHOLE_KINDS                                                                                \
    (1U << SW_KINT | 1U << SW_KMONEY | 1U << SW_KDATE | 1U << SW_KENUM | 1U << SW_KPERSON)
#define ARE_WHOLE(x, y)  ((x)->kind == (y)->kind && (WHOLE_KINDS >> (x)->kind & 1) != 0)
#define ARE_DOUBLE(x, y) ((x)->kind == SW_KDOUBLE && (y)->kind == SW_KDOUBLE)
#define ARE_INT(x, y)    ((x)->kind == SW_KINT && (y)->kind == SW_KINT)
#define ARE_SUMMABLE(x, y)                                                                         \
    ((x)->kind == (y)->kind && ((x)->kind == SW_KINT || (x)->kind == SW_KMONEY))

#define A (&reg[i->a])
/* Operands lie behind the pointers a frame begins with; see enum space. */
#define VALUE(o)                                                                                   \
    ((const struct sw_value *)(const void *)((const char *)space[(o)&7U] +                         \
                                             ((size_t)((o)&0xfff8U) << 1)))
#define GO_TO(to) (i = code->ins + (to)-1)

/* Most code, and most loops' bodies, begin with an empty accumulator. */
#define EMPTY_ACCUMULATOR(i)                                                                       \
    do {                                                                                           \
        if ((i)->op == I_BOOL) {                                                                   \
            *A = sw_value_bool((i)->b != 0);                                                       \
            (i)++;                                                                                 \
        }                                                                                          \
    } while (0)

/* A term decided: its outcome is the accumulator's. */
#define DECIDE(outcome)                                                                            \
    do {                                                                                           \
        if (i->d >= SW_AT_LAST)                                                                    \
            return sw_value_bool(outcome);                                                         \
        *A = sw_value_bool(outcome);                                                               \
        GO_TO(i->d);                                                                               \
    } while (0)

/* A term of && (deciding false) or || (true) with this outcome. */
#define TERM(outcome, is_or)                                                                       \
    do {                                                                                           \
        if ((outcome) == (is_or))                                                                  \
            DECIDE(is_or);                                                                         \
        else if (i->d == SW_AT_LAST && LIKELY(A->kind == SW_KBOOL))                                \
            return *A;                                                                             \
    } while (0)

/* A term that is perhaps unknown or an error. */
#define SLOW_TERM(v, is_or)                                                                        \
    do {                                                                                           \
        if (sw_vm_term(A, (v), (is_or)))                                                           \
            DECIDE(is_or);                                                                         \
    } while (0)

#define RELATION_TERM(fits, expression, f, is_or)                                                  \
    x = VALUE(i->b);                                                                               \
    y = VALUE(i->c);                                                                               \
    if (LIKELY(fits(x, y)))                                                                        \
        TERM(expression, is_or);                                                                   \
    else                                                                                           \
        SLOW_TERM(sw_vm_binary(frame, x, y, i, f), is_or);                                         \
    break

#define RELATION(name, fits, expression, f)                                                        \
    case I_AND_##name: RELATION_TERM(fits, expression, f, false);                                  \
    case I_OR_##name:                                                                              \
        RELATION_TERM(fits, expression, f, true);

#define UNARY_TERM(kind_wanted, expression, is_or)                                                 \
    x = VALUE(i->b);                                                                               \
    if (LIKELY(x->kind == (kind_wanted)))                                                          \
        TERM(expression, is_or);                                                                   \
    else                                                                                           \
        SLOW_TERM(sw_vm_unary(frame, x, i, sw_fn_not), is_or);                                     \
    break

#define BOOL_TERM(expression, is_or) UNARY_TERM(SW_KBOOL, expression, is_or)
#define SET_TERM(is_or)              UNARY_TERM(SW_KENUM, is_in_set(code->constant[i->c], x->i), is_or)

#define ARITHMETIC(name, fits, fast, f)                                                            \
    case I_##name:                                                                                 \
        x = VALUE(i->b);                                                                           \
        y = VALUE(i->c);                                                                           \
        if (LIKELY(fits(x, y)))                                                                    \
            *A = (fast);                                                                           \
        else                                                                                       \
            *A = sw_vm_binary(frame, x, y, i, f);                                                  \
        break;

/* Whole numbers: when the result overflows the slow way says so. */
#define WHOLE_ARITHMETIC(name, fits, builtin, f)                                                   \
    case I_##name:                                                                                 \
        x = VALUE(i->b);                                                                           \
        y = VALUE(i->c);                                                                           \
        if (fits(x, y) && !builtin(x->i, y->i, &whole))                                            \
            *A = (struct sw_value){.kind = x->kind, .i = whole};                                   \
        else                                                                                       \
            *A = sw_vm_binary(frame, x, y, i, f);                                                  \
        break;

static struct sw_list *own_list(const struct sw_value *v)
{
    return (struct sw_list *)(uintptr_t)v->list;
}

static inline bool is_in_set(struct sw_value set, int64_t item)
{
    return (uint64_t)item < 64 && (set.u >> item & 1) != 0;
}

/* A read's conditions use the same spaces: put back what this code had there. */
static struct sw_value read_apart(struct sw_frame *frame, uint32_t number)
{
    const struct sw_value *own[SW_COUNTOF(frame->own)];
    uint32_t source = frame->event_source;
    struct sw_value v;

    memcpy(own, frame->own, sizeof(own));
    v = sw_vm_read(frame, number);
    memcpy(frame->own, own, sizeof(own));
    frame->event_source = source;
    return v;
}

/* A loop's next element, and where its fields lie. */
static inline void take_element(struct sw_frame *frame, struct sw_value *loop, const struct ins *i)
{
    const struct sw_value *element = &loop->list->at[loop[1].i];

    loop[1].i++;
    loop[2] = *element;
    if (i->b == 0)
        return;
    SW_SPACE(frame, IN_GROUP) = element->kind == SW_KRECORD ? element->record : sw_all_unknown;
    frame->event_source = i->c == 0 ? NO_SOURCE : (uint32_t)i->c - 1;
}

struct sw_value sw_vm_run(struct sw_frame *frame, const struct code *code)
{
    struct sw_value reg[REGISTERS_MAX];
    const struct sw_value *const *space = (const void *)frame;
    const struct ins *i = code->ins;
    const struct sw_value *x;
    const struct sw_value *y;
    struct sw_value v;
    int64_t whole;

    if (!LIKELY(sw_spend(frame, code->n_ins)))
        return sw_value_error(sw_too_long);
    SW_SPACE(frame, IN_REGISTER) = reg;
    SW_SPACE(frame, IN_CONSTANT) = code->constant;
    EMPTY_ACCUMULATOR(i);
    for (;; i++) {
        switch ((enum op_code)i->op) {
            RELATION(LT_I, ARE_WHOLE, x->i < y->i, sw_fn_lt)
            RELATION(LE_I, ARE_WHOLE, x->i <= y->i, sw_fn_le)
            RELATION(EQ_I, ARE_WHOLE, x->i == y->i, sw_fn_eq)
            RELATION(NE_I, ARE_WHOLE, x->i != y->i, sw_fn_ne)
            RELATION(LT_F, ARE_DOUBLE, x->d < y->d, sw_fn_lt)
            RELATION(LE_F, ARE_DOUBLE, x->d <= y->d, sw_fn_le)
            RELATION(EQ_F, ARE_DOUBLE, x->d == y->d, sw_fn_eq)
            RELATION(NE_F, ARE_DOUBLE, !(x->d == y->d), sw_fn_ne)
        case I_AND: BOOL_TERM(x->b, false);
        case I_OR: BOOL_TERM(x->b, true);
        case I_AND_NOT: BOOL_TERM(!x->b, false);
        case I_OR_NOT: BOOL_TERM(!x->b, true);
        case I_AND_SET: SET_TERM(false);
        case I_OR_SET: SET_TERM(true);
        case I_RETURN:
            v = *VALUE(i->b);
            if (v.kind == SW_KUNKNOWN) {
                v = sw_vm_named(frame, v, i->b);
                sw_vm_missing(frame, v.i);
            }
            return v;
        case I_MOVE: *A = sw_vm_named(frame, *VALUE(i->b), i->b); break;
        case I_BOOL: *A = sw_value_bool(i->b != 0); break;
        case I_JUMP: GO_TO(i->d); break;
        case I_IF:
            x = VALUE(i->b);
            if (x->kind != SW_KBOOL) {
                *A = sw_vm_unary(frame, x, i, sw_fn_not);
                GO_TO(i->c);
            } else if (!x->b) {
                GO_TO(i->d);
            }
            break;
        case I_NOT:
            *A = sw_vm_unary(frame, VALUE(i->b), i, sw_fn_not);
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
                *A = sw_vm_binary(frame, x, y, i, sw_fn_mul);
            break;
        case I_DIV_MM: *A = sw_vm_binary(frame, VALUE(i->b), VALUE(i->c), i, sw_fn_div); break;
        case I_TO_NUMBER: *A = sw_vm_unary(frame, VALUE(i->b), i, sw_fn_double); break;
        case I_TO_MONEY: *A = sw_vm_money(frame, VALUE(i->b), i); break;
        case I_FIELD:
            x = VALUE(i->b);
            if (x->kind == SW_KRECORD && x->record[i->c].kind != SW_KUNKNOWN)
                *A = x->record[i->c];
            else
                *A = sw_vm_field(frame, x, i);
            break;
        case I_TAG:
            *A = sw_vm_named(frame, *VALUE(i->b), i->b);
            if (A->kind == SW_KENUM)
                A->enum_id = i->c;
            break;
        case I_CALL1: *A = sw_vm_unary(frame, VALUE(i->b), i, code->native[i->d]); break;
        case I_CALL2:
            *A = sw_vm_binary(frame, VALUE(i->b), VALUE(i->c), i, code->native[i->d]);
            break;
        case I_CALL: *A = sw_vm_call(frame, &reg[i->b], i, code->native[i->d]); break;
        case I_LIST:
            *A = (struct sw_value){.kind = SW_KLIST, .list = sw_list_new(frame->arena, i->b)};
            break;
        case I_LIST_LIKE:
            *A = (struct sw_value){.kind = SW_KLIST,
                                   .list = sw_list_new(frame->arena, VALUE(i->b)->list->n)};
            break;
        case I_PUSH:
        case I_PUSH_SOME:
            if (!sw_vm_push(frame, A, VALUE(i->b), i))
                GO_TO(i->d);
            break;
        case I_PUSH_ANY: sw_list_push(own_list(A), sw_vm_named(frame, *VALUE(i->b), i->b)); break;
        case I_MAP:
            *A = (struct sw_value){.kind = SW_KMAP, .map = sw_map_new(frame->arena, i->b)};
            break;
        case I_PUT:
        case I_PUT_SOME:
            if (!sw_vm_put(frame, A, VALUE(i->b), VALUE(i->c), i))
                GO_TO(i->d);
            break;
        case I_EACH:
            x = VALUE(i->b);
            if (LIKELY(x->kind == SW_KLIST)) {
                A[0] = *x;
                A[1] = sw_value_int(0);
            } else if (!sw_vm_each(frame, A, x, i, &reg[i->c])) {
                GO_TO(i->d);
            }
            break;
        case I_NEXT:
            if (A[1].i >= A->list->n) {
                GO_TO(i->d);
                break;
            }
            take_element(frame, A, i);
            i++;
            EMPTY_ACCUMULATOR(i);
            i--;
            break;
        case I_LOOP:
            if (A[1].i >= A->list->n)
                break;
            whole = i - code->ins - i->d + 1;
            if (!sw_spend(frame, (uint64_t)whole))
                return sw_value_error(sw_too_long);
            take_element(frame, A, i);
            i = code->ins + i->d;
            EMPTY_ACCUMULATOR(i);
            i--;
            break;
        case I_COUNT: sw_vm_count(frame, A, VALUE(i->b), i); break;
        case I_ONE:
            if (A->kind == SW_KINT)
                *A = sw_value_bool(A->i == 1);
            break;
        case I_READ: *A = read_apart(frame, i->b); break;
        case I_FIRED: *A = sw_vm_fired(frame, i->b); break;
        case I_TODAY:
            *A = sw_value_date(frame->today);
            A->slope = 1;
            break;
        case I_DAY_ADD:
        case I_DAY_SUB: *A = sw_vm_day_sum(frame, VALUE(i->b), VALUE(i->c), i); break;
        case I_DAY_CMP: *A = sw_vm_day_compare(frame, VALUE(i->b), VALUE(i->c), i); break;
        case I_DAILY: *A = sw_vm_daily(frame, VALUE(i->b), i->b); break;
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
        default: __builtin_unreachable(); /* verify.c has seen to that */
        }
    }
}
