/* emit_call.c - operators and functions. */
#include "lang/emit.h"
#include <shouwang/base/i18n.h>

/* ---- arithmetic ------------------------------------------------------------------------------ */

static const struct {
    enum op op;
    enum sw_kind left, right;
    enum op_code code;
    bool swapped;
} arithmetic[] = {
    {OP_ADD, SW_KINT, SW_KINT, I_ADD_I, false},
    {OP_ADD, SW_KMONEY, SW_KMONEY, I_ADD_I, false},
    {OP_ADD, SW_KDOUBLE, SW_KDOUBLE, I_ADD_F, false},
    {OP_SUB, SW_KINT, SW_KINT, I_SUB_I, false},
    {OP_SUB, SW_KMONEY, SW_KMONEY, I_SUB_I, false},
    {OP_SUB, SW_KDOUBLE, SW_KDOUBLE, I_SUB_F, false},
    {OP_MUL, SW_KINT, SW_KINT, I_MUL_I, false},
    {OP_MUL, SW_KDOUBLE, SW_KDOUBLE, I_MUL_F, false},
    {OP_MUL, SW_KMONEY, SW_KDOUBLE, I_MUL_MF, false},
    {OP_MUL, SW_KDOUBLE, SW_KMONEY, I_MUL_MF, true},
    {OP_DIV, SW_KDOUBLE, SW_KDOUBLE, I_DIV_F, false},
    {OP_DIV, SW_KMONEY, SW_KMONEY, I_DIV_MM, false},
};

static bool emit_arithmetic(struct emitter *e, const struct node *n, uint8_t r)
{
    for (size_t i = 0; i < SW_COUNTOF(arithmetic); i++) {
        uint16_t left;
        uint16_t right;

        if (arithmetic[i].op != n->op || sw_kind_of(n->arg[0]) != arithmetic[i].left ||
            sw_kind_of(n->arg[1]) != arithmetic[i].right)
            continue;
        left = sw_emit_plain(e, n->arg[arithmetic[i].swapped]);
        right = sw_emit_plain(e, n->arg[!arithmetic[i].swapped]);
        sw_emit(e, arithmetic[i].code, r, left, right);
        return true;
    }
    return false;
}

/* Sums and relations of what grows by itself from day to day. */
static bool emit_daily(struct emitter *e, const struct node *n, uint8_t r)
{
    bool relation = sw_op_precedence(n->op) == 3 && n->op != OP_IN;
    bool sum = n->op == OP_ADD || n->op == OP_SUB;
    uint16_t left;
    uint16_t right;

    if (n->n_args != 2 || !(relation || sum) || !(n->arg[0]->is_linear || n->arg[1]->is_linear))
        return false;
    left = sw_emit_value(e, n->arg[0]);
    right = sw_emit_value(e, n->arg[1]);
    sw_emit(e,
            relation          ? I_DAY_CMP
            : n->op == OP_ADD ? I_DAY_ADD
                              : I_DAY_SUB,
            r, left, right)
        ->d = n->op;
    if (!relation)
        e->ins[e->n_ins - 1].d = 0;
    return true;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static void emit_native(struct emitter *e, const struct node *n, sw_native *f, uint8_t r)
{
    uint16_t operand[2] = {0, 0};
    uint8_t first;

    if (n->n_args == 1 || n->n_args == 2) {
        for (uint32_t i = 0; i < n->n_args; i++)
            operand[i] = sw_emit_plain(e, n->arg[i]);
        sw_emit(e, n->n_args == 1 ? I_CALL1 : I_CALL2, r, operand[0], operand[1])->d =
            sw_emit_native(e, f);
        return;
    }
    first = sw_emit_register(e, n->n_args);
    for (uint32_t i = 0; i < n->n_args; i++) {
        sw_emit_into(e, n->arg[i], (uint8_t)(first + i));
        if (n->arg[i]->is_linear) {
            e->uses->is_daily = true;
            sw_emit(e, I_DAILY, (uint8_t)(first + i), SW_OPERAND(IN_REGISTER, first + i), 0);
        }
    }
    sw_emit(e, I_CALL, r, first, (uint16_t)n->n_args)->d = sw_emit_native(e, f);
}

static void emit_condition(struct emitter *e, const struct node *n, uint8_t r)
{
    struct label done = {0, 0};
    struct label other = {0, 0};
    uint32_t top = e->top;

    sw_emit(e, I_IF, r, sw_emit_plain(e, n->arg[0]), 0);
    sw_emit_jump(e, &other);
    sw_emit_jump_c(e, &done);
    e->top = top;
    sw_emit_into(e, n->arg[1], r);
    sw_emit(e, I_JUMP, 0, 0, 0);
    sw_emit_jump(e, &done);
    sw_emit_here(e, &other);
    sw_emit_into(e, n->arg[2], r);
    sw_emit_here(e, &done);
}

static void emit_or_value(struct emitter *e, const struct node *n, uint8_t r)
{
    struct label done = {0, 0};
    uint32_t top = e->top;

    sw_emit(e, I_OR_VALUE, r, sw_emit_value(e, n->arg[0]), 0);
    sw_emit_jump(e, &done);
    e->top = top;
    sw_emit_into(e, n->arg[1], r);
    sw_emit_here(e, &done);
}

static struct sw_value fn_optional_select(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)n;
    return sw_select_optional(c, arg[0], arg[1]);
}

static void emit_operator(struct emitter *e, const struct node *n, uint8_t r)
{
    if (n->op == OP_AND || n->op == OP_OR)
        sw_emit_logic(e, n, r);
    else if (n->op == OP_COND)
        emit_condition(e, n, r);
    else if (n->op == OP_NOT)
        sw_emit(e, I_NOT, r, sw_emit_plain(e, n->arg[0]), 0);
    else if (n->op == OP_OPT_SELECT)
        sw_emit(e, I_CALL2, r, sw_emit_plain(e, n->arg[0]),
                sw_emit_constant(e, sw_value_str(n->name)))
            ->d = sw_emit_native(e, fn_optional_select);
    else if (!emit_daily(e, n, r) && !sw_emit_relation(e, n, r) && !emit_arithmetic(e, n, r))
        emit_native(e, n, n->fn->native, r);
}

static bool is_read(const struct node *n)
{
    return n->n_args > 0 && n->is_member &&
           (n->arg[0]->type->form == TYPE_STREAM || n->arg[0]->type->form == TYPE_GROUPS);
}

static void emit_read(struct emitter *e, const struct node *n, uint8_t r)
{
    uint32_t number = sw_plan_read(e, n);

    sw_emit(e, I_READ, r, (uint16_t)(number == UINT32_MAX ? 0 : number), 0);
}

/* Rule mode's functions that are no natives. */
static bool emit_own(struct emitter *e, const struct node *n, uint8_t r)
{
    if (n->fn != NULL && !(n->is_member && sw_str_is(n->name, "orValue")))
        return false;
    if (sw_str_is(n->name, "known"))
        sw_emit(e, I_KNOWN, r, sw_emit_value(e, n->arg[0]), 0);
    else if (sw_str_is(n->name, "orValue"))
        emit_or_value(e, n, r);
    else if (sw_str_is(n->name, "ramp"))
        emit_native(e, n, sw_fn_ramp, r);
    else if (sw_str_is(n->name, "fired")) {
        sw_set_add(&e->uses->rules, n->index);
        sw_emit(e, I_FIRED, r, (uint16_t)n->index, 0);
    } else if (sw_str_is(n->name, "count_fired")) {
        const struct tag *t = &e->l->tag[n->index];

        for (size_t i = 0; i < t->n; i++)
            sw_set_add(&e->uses->rules, t->at[i].rule);
        sw_emit(e, I_CALL1, r, sw_emit_constant(e, sw_value_int(n->index)), 0)->d =
            sw_emit_native(e, sw_fn_count_fired);
    } else {
        return false;
    }
    return true;
}

void sw_emit_call(struct emitter *e, const struct node *n, uint8_t r)
{
    if (n->bind == BIND_MISSING)
        sw_emit(e, I_MOVE, r, sw_emit_constant(e, sw_value_error(sw_no_overload)), 0);
    else if (n->bind == BIND_GROUP)
        sw_emit(e, I_MOVE, r, SW_OPERAND(IN_GROUP, sw_plan_group_value(e, n)), 0);
    else if (n->op != OP_NONE)
        emit_operator(e, n, r);
    else if (is_read(n))
        emit_read(e, n, r);
    else if (e->l->mode == SW_LANG_RULES && emit_own(e, n, r))
        return;
    else if (sw_str_is(n->name, "math.least"))
        emit_native(e, n, sw_fn_least, r);
    else if (sw_str_is(n->name, "math.greatest"))
        emit_native(e, n, sw_fn_greatest, r);
    else
        emit_native(e, n, n->fn->native, r);
}
