/* emit_logic.c - conditions: && and || as accumulators, relations as their terms.
 *
 * a && b && c gathers its terms in one register: true at first, false and done as soon as a term is
 * false, unknown or an error when a term is that and no later one is false. So a decided condition
 * costs one instruction per term it looked at, and neither unknown nor errors need jumps. */
#include "lang/emit.h"

/* A relation with an instruction: AND_… and OR_… follow the plain one in the table. */
struct relation {
    enum op_code op;
    const struct node *left, *right;
    struct sw_value set; /* IN_SET */
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
        enum op op;
        enum op_code whole, number;
        bool swapped;
    } table[] = {
        {OP_LT, I_LT_I, I_LT_F, false}, {OP_LE, I_LE_I, I_LE_F, false},
        {OP_GT, I_LT_I, I_LT_F, true},  {OP_GE, I_LE_I, I_LE_F, true},
        {OP_EQ, I_EQ_I, I_EQ_F, false}, {OP_NE, I_NE_I, I_NE_F, false},
    };
    struct relation r = {.has_op = false};
    enum sw_kind kind;

    if (n->kind != N_CALL || sw_op_precedence(n->op) != 3 || n->arg[0]->is_linear ||
        n->arg[1]->is_linear)
        return r;
    kind = sw_kind_of(n->arg[0]);
    r.left = n->arg[0];
    r.right = n->arg[1];
    if (n->op == OP_IN && kind == SW_KENUM && n->arg[0]->type->n <= 64) {
        r.op = I_IN_SET;
        r.has_op = item_set(e, r.right, &r.set);
        return r;
    }
    for (size_t i = 0; i < SW_COUNTOF(table) && kind == sw_kind_of(r.right); i++) {
        if (table[i].op != n->op || !(is_whole(kind) || kind == SW_KDOUBLE))
            continue;
        r.op = kind == SW_KDOUBLE ? table[i].number : table[i].whole;
        r.left = n->arg[table[i].swapped];
        r.right = n->arg[!table[i].swapped];
        r.has_op = true;
        return r;
    }
    return r;
}

/* !(a < b) of whole numbers is b <= a; of other numbers it is not, because of NaN. */
static struct relation negated(struct relation r)
{
    const struct node *left = r.left;

    switch ((int)r.op) {
    case I_EQ_I: r.op = I_NE_I; break;
    case I_NE_I: r.op = I_EQ_I; break;
    case I_EQ_F: r.op = I_NE_F; break;
    case I_NE_F: r.op = I_EQ_F; break;
    case I_IN_SET: r.set.u = ~r.set.u; break;
    case I_LT_I:
    case I_LE_I:
        r.op = r.op == I_LT_I ? I_LE_I : I_LT_I;
        r.left = r.right;
        r.right = left;
        break;
    default: r.has_op = false;
    }
    return r;
}

/* Emit it as op + `form`: 0 the value in `a`, 1 a term of &&, 2 a term of ||. */
static void emit_relation(struct emitter *e, const struct relation *r, uint8_t a, int form)
{
    uint32_t top = e->top;
    uint16_t left = sw_emit_plain(e, r->left);
    uint16_t right;

    if (r->op == I_IN_SET)
        right = (uint16_t)SW_OPERAND_INDEX(sw_emit_constant(e, r->set));
    else
        right = sw_emit_plain(e, r->right);
    sw_emit(e, (enum op_code)((int)r->op + form), a, left, right);
    e->top = top;
}

bool sw_emit_relation(struct emitter *e, const struct node *n, uint8_t r)
{
    struct relation relation = relation_of(e, n);

    if (relation.has_op)
        emit_relation(e, &relation, r, 0);
    return relation.has_op;
}

static bool is_logic(const struct node *n)
{
    return n->kind == N_CALL && (n->op == OP_AND || n->op == OP_OR);
}

/* Any term: its value is added to acc. */
static void emit_value_term(struct emitter *e, const struct node *n, uint8_t acc, enum op_code op)
{
    uint32_t top = e->top;
    uint16_t o = sw_emit_plain(e, n);

    sw_emit(e, op, acc, o, 0);
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
        emit_relation(e, &relation, acc, is_and ? 1 : 2);
    else if (is_not)
        emit_value_term(e, inner, acc, is_and ? I_AND_NOT : I_OR_NOT);
    else
        emit_value_term(e, n, acc, is_and ? I_AND : I_OR);
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
