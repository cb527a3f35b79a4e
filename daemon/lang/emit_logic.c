/* emit_logic.c - conditions: && and || as accumulators, relations as their terms.
 *
 * a && b && c gathers its terms in one register: true at first, false and done as soon as a term is
 * false, unknown or an error when a term is that and no later one is false. So a decided condition
 * costs one instruction per term it looked at, and neither unknown nor errors need jumps. */
#include "lang/emit.h"

/* A relation with an instruction: `op` is the one for &&, that for || follows it. */
struct relation {
    enum op_code op;
    const struct node *left, *right;
    struct sw_value set; /* I_AND_SET */
    bool has_op;
};

static bool is_whole(enum sw_kind kind)
{
    return kind == SW_KINT || kind == SW_KMONEY || kind == SW_KDATE || kind == SW_KENUM ||
           kind == SW_KPERSON;
}

static const struct node *behind_alias(const struct node *n)
{
    while (n->kind == N_ALIAS)
        n = n->arg[0];
    return n;
}

/* The items of a constant list as bits. */
static bool item_set(struct emitter *e, const struct node *list, struct sw_value *set)
{
    struct sw_value v;

    if (!sw_emit_folds(e, list, &v) || v.kind != SW_KLIST)
        return false;
    *set = sw_value_uint(0);
    for (uint32_t i = 0; i < v.list->n; i++) {
        if (v.list->at[i].kind != SW_KENUM || v.list->at[i].i >= 64)
            return false;
        set->u |= UINT64_C(1) << v.list->at[i].i;
    }
    return true;
}

static struct relation relation_of(struct emitter *e, const struct node *n)
{
    static const struct {
        enum op_code whole, number;
        bool swapped;
    } of[] = {
        [OP_LT] = {I_AND_LT_I, I_AND_LT_F, false}, [OP_LE] = {I_AND_LE_I, I_AND_LE_F, false},
        [OP_GT] = {I_AND_LT_I, I_AND_LT_F, true},  [OP_GE] = {I_AND_LE_I, I_AND_LE_F, true},
        [OP_EQ] = {I_AND_EQ_I, I_AND_EQ_F, false}, [OP_NE] = {I_AND_NE_I, I_AND_NE_F, false},
    };
    struct relation r = {.has_op = false};
    enum sw_kind kind;

    if (n->kind != N_CALL || sw_op_precedence(n->op) != 3 || n->arg[0]->is_linear ||
        n->arg[1]->is_linear)
        return r;
    kind = sw_kind_of(n->arg[0]);
    r.left = n->arg[0];
    r.right = n->arg[1];
    if (n->op == OP_IN) {
        r.op = I_AND_SET;
        r.has_op = kind == SW_KENUM && n->arg[0]->type->n <= 64 && item_set(e, r.right, &r.set);
    } else if (kind == sw_kind_of(r.right) && (is_whole(kind) || kind == SW_KDOUBLE)) {
        r.op = kind == SW_KDOUBLE ? of[n->op].number : of[n->op].whole;
        r.left = n->arg[of[n->op].swapped];
        r.right = n->arg[!of[n->op].swapped];
        r.has_op = true;
    }
    return r;
}

/* !(a < b) of whole numbers is b <= a; of other numbers it is not, because of NaN. */
static struct relation negated(struct relation r)
{
    const struct node *left = r.left;

    switch ((int)r.op) {
    case I_AND_EQ_I: r.op = I_AND_NE_I; break;
    case I_AND_NE_I: r.op = I_AND_EQ_I; break;
    case I_AND_EQ_F: r.op = I_AND_NE_F; break;
    case I_AND_NE_F: r.op = I_AND_EQ_F; break;
    case I_AND_SET: r.set.u = ~r.set.u; break;
    case I_AND_LT_I:
    case I_AND_LE_I:
        r.op = r.op == I_AND_LT_I ? I_AND_LE_I : I_AND_LT_I;
        r.left = r.right;
        r.right = left;
        break;
    default: r.has_op = false;
    }
    return r;
}

/* The relation as a term of && or ||; where it goes on is still open. */
static void emit_relation(struct emitter *e, const struct relation *r, uint8_t acc, bool is_and)
{
    uint32_t top = e->top;
    uint16_t left = sw_emit_plain(e, r->left);
    uint16_t right;

    if (r->op == I_AND_SET)
        right = (uint16_t)SW_OPERAND_INDEX(sw_emit_constant(e, r->set));
    else
        right = sw_emit_plain(e, r->right);
    sw_emit(e, (enum op_code)(r->op + !is_and), acc, left, right);
    e->top = top;
}

/* One relation is a && of one term. */
bool sw_emit_relation(struct emitter *e, const struct node *n, uint8_t r)
{
    struct relation relation = relation_of(e, n);
    struct label decided = {0, 0};

    if (!relation.has_op)
        return false;
    sw_emit(e, I_BOOL, r, true, 0);
    emit_relation(e, &relation, r, true);
    sw_emit_jump(e, &decided);
    sw_emit_here(e, &decided);
    return true;
}

static bool is_logic(const struct node *n)
{
    return n->kind == N_CALL && (n->op == OP_AND || n->op == OP_OR);
}

/* Any term: its value, or with `is_not` the contrary. */
static void emit_value_term(struct emitter *e, const struct node *n, bool is_not, uint8_t acc,
                            bool is_and)
{
    static const enum op_code of[2][2] = {{I_OR, I_OR_NOT}, {I_AND, I_AND_NOT}};
    uint32_t top = e->top;
    uint16_t o = sw_emit_plain(e, n);

    sw_emit(e, of[is_and][is_not], acc, o, 0);
    e->top = top;
}

void sw_emit_term(struct emitter *e, const struct node *n, uint8_t acc, bool is_and,
                  struct label *decided)
{
    struct relation relation;
    const struct node *inner;
    bool is_not;

    n = behind_alias(n);
    if (is_logic(n) && (n->op == OP_AND) == is_and) {
        sw_emit_term(e, n->arg[0], acc, is_and, decided);
        sw_emit_term(e, n->arg[1], acc, is_and, decided);
        return;
    }
    is_not = n->kind == N_CALL && n->op == OP_NOT;
    inner = is_not ? behind_alias(n->arg[0]) : n;
    relation = relation_of(e, inner);
    if (relation.has_op && is_not)
        relation = negated(relation);
    if (relation.has_op)
        emit_relation(e, &relation, acc, is_and);
    else
        emit_value_term(e, inner, is_not, acc, is_and);
    sw_emit_jump(e, decided);
}

void sw_emit_logic(struct emitter *e, const struct node *n, uint8_t r)
{
    bool is_and = n->op == OP_AND;
    struct label decided = {0, 0};

    sw_emit(e, I_BOOL, r, is_and, 0);
    sw_emit_term(e, n, r, is_and, &decided);
    sw_emit_here(e, &decided);
}
