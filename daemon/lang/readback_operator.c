/* readback_operator.c - comparisons, logic and arithmetic in words. */
#include "lang/readback.h"

/* ---- relations ------------------------------------------------------------------------------- */

enum style { STYLE_NUMBER, STYLE_DATE, STYLE_KIND, STYLES };

struct relation {
    enum op op, opposite, mirrored;
    const char *words[STYLES];
};

static const struct relation relations[] = {
    {OP_LT, OP_GE, OP_GT, {"低于", "早于", "低于"}},
    {OP_LE, OP_GT, OP_GE, {"不超过", "不晚于", "不超过"}},
    {OP_GE, OP_LT, OP_LE, {"不低于", "不早于", "不低于"}},
    {OP_GT, OP_LE, OP_LT, {"超过", "晚于", "超过"}},
    {OP_EQ, OP_NE, OP_EQ, {"等于", "是", "是"}},
    {OP_NE, OP_EQ, OP_NE, {"不等于", "不是", "不是"}},
};

static const struct relation *relation_of(enum op op)
{
    for (size_t i = 0; i < SW_COUNTOF(relations); i++) {
        if (relations[i].op == op)
            return &relations[i];
    }
    return NULL;
}

static enum style style_of(const struct node *n)
{
    if (n->type->form == TYPE_ENUM || sw_type_is(n->type, SW_KSTRING) ||
        sw_type_is(n->type, SW_KPERSON) || sw_is_clause(n))
        return STYLE_KIND;
    return sw_type_is(n->type, SW_KDATE) ? STYLE_DATE : STYLE_NUMBER;
}

/* An enum's field without a label says what it is by its items: 属于住院. */
static bool is_nameless_kind(const struct teller *t, const struct node *n)
{
    n = sw_tell_behind(n);
    return n->type->form == TYPE_ENUM && n->kind == N_IDENT && n->bind == BIND_FIELD &&
           t->stream->fields[n->index].label.n == 0;
}

/* x == true, x != false … as x or its opposite. */
static bool tell_with_truth(struct teller *t, const struct node *a, const struct node *b, bool same)
{
    const struct node *literal = sw_tell_behind(b);

    if (literal->kind != N_LITERAL || literal->value.kind != SW_KBOOL)
        return false;
    sw_tell_truth(t, a, same == literal->value.b);
    return true;
}

static void tell_relation(struct teller *t, const struct node *n, bool yes)
{
    const struct node *a = n->arg[0];
    const struct node *b = n->arg[1];
    const struct relation *r = relation_of(n->op);

    if (!yes)
        r = relation_of(r->opposite);
    if (sw_tell_behind(a)->kind == N_LITERAL && sw_tell_behind(b)->kind != N_LITERAL) {
        a = n->arg[1];
        b = n->arg[0];
        r = relation_of(r->mirrored);
    }
    if ((r->op == OP_EQ || r->op == OP_NE) && tell_with_truth(t, a, b, r->op == OP_EQ))
        return;
    if (sw_is_call(sw_tell_behind(a), "years_since") &&
        sw_tell_years_relation(t, sw_tell_behind(a), r->op, b))
        return;
    if ((r->op == OP_EQ || r->op == OP_NE) && is_nameless_kind(t, a)) {
        sw_say(t, r->op == OP_EQ ? "属于" : "不属于");
    } else {
        sw_tell_side(t, a, b->unit);
        sw_say(t, r->words[style_of(a)]);
    }
    sw_tell_side(t, b, a->unit);
}

static void tell_in(struct teller *t, const struct node *n, bool yes)
{
    const struct node *list = sw_tell_behind(n->arg[1]);

    if (is_nameless_kind(t, n->arg[0])) {
        sw_say(t, yes ? "属于" : "不属于");
        sw_tell(t, list, TIGHT_WORD);
        return;
    }
    sw_tell_side(t, n->arg[0], (struct sw_str){NULL, 0});
    if (list->kind == N_LIST) {
        sw_say(t, yes ? "是" : "不是");
        sw_tell_list(t, list);
        return;
    }
    sw_say(t, yes ? "在" : "不在");
    sw_tell(t, list, TIGHT_WORD);
    sw_say(t, "中");
}

/* ---- and, or, not, ?: ------------------------------------------------------------------------ */

static void tell_terms(struct teller *t, const struct node *n, enum op op, bool *is_first)
{
    const struct node *term = sw_tell_behind(n);

    if (term->kind == N_CALL && term->op == op) {
        tell_terms(t, term->arg[0], op, is_first);
        tell_terms(t, term->arg[1], op, is_first);
        return;
    }
    if (!*is_first)
        sw_buf_printf(t->out, "%s%s", t->is_inside ? "" : "，", op == OP_AND ? "并且" : "或者");
    *is_first = false;
    sw_tell(t, n, TIGHT_CLAUSE);
}

/* A condition of two others: 如果…，则…，否则…. A value: …时为…，否则为…. */
static void tell_choice(struct teller *t, const struct node *n)
{
    bool clause = sw_is_clause(n);

    for (;;) {
        sw_say(t, clause ? "如果" : "");
        sw_tell(t, n->arg[0], TIGHT_CLAUSE);
        sw_say(t, clause ? "，则" : "时为");
        sw_tell(t, n->arg[1], clause ? TIGHT_CLAUSE : TIGHT_SUM);
        sw_say(t, "，");
        n = sw_tell_behind(n->arg[2]);
        if (n->kind != N_CALL || n->op != OP_COND)
            break;
    }
    sw_say(t, clause ? "否则" : "否则为");
    sw_tell(t, n, clause ? TIGHT_CLAUSE : TIGHT_SUM);
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

/* A.的B倍: the amount comes first, the number behind it. */
static void tell_product(struct teller *t, const struct node *n)
{
    const struct node *a = n->arg[0];
    const struct node *b = n->arg[1];
    struct sw_str outer = t->unit;

    if ((sw_tell_behind(a)->kind == N_LITERAL && sw_tell_behind(b)->kind != N_LITERAL) ||
        (sw_type_is(b->type, SW_KMONEY) && !sw_type_is(a->type, SW_KMONEY))) {
        a = n->arg[1];
        b = n->arg[0];
    }
    t->unit = (struct sw_str){NULL, 0};
    sw_tell(t, a, TIGHT_PRODUCT);
    sw_say_of(t);
    sw_tell(t, b, TIGHT_WORD);
    sw_say(t, "倍");
    t->unit = outer;
}

static void tell_share(struct teller *t, const struct node *n)
{
    sw_tell(t, n->arg[0], TIGHT_PRODUCT);
    sw_say(t, "除以");
    sw_tell(t, n->arg[1], TIGHT_WORD);
    if (n->op == OP_MOD)
        sw_say(t, "的余数");
}

/* 纳入监测日期至今的天数; 出生日期之后30天. */
static void tell_dates(struct teller *t, const struct node *n)
{
    const struct node *a = sw_tell_behind(n->arg[0]);
    const struct node *b = sw_tell_behind(n->arg[1]);

    if (sw_type_is(a->type, SW_KDATE) && sw_type_is(b->type, SW_KDATE)) {
        sw_tell(t, b, TIGHT_WORD);
        sw_say(t, a->bind == BIND_TODAY ? "至" : "到");
        sw_say(t, a->bind == BIND_TODAY ? "今" : "");
        if (a->bind != BIND_TODAY)
            sw_tell(t, a, TIGHT_WORD);
        sw_say(t, "的天数");
        return;
    }
    if (!sw_type_is(a->type, SW_KDATE)) {
        a = sw_tell_behind(n->arg[1]);
        b = sw_tell_behind(n->arg[0]);
    }
    sw_tell(t, a, TIGHT_WORD);
    sw_say(t, n->op == OP_ADD ? "之后" : "之前");
    sw_tell_days(t, b);
}

static void tell_sum(struct teller *t, const struct node *n)
{
    if (sw_type_is(n->arg[0]->type, SW_KDATE) || sw_type_is(n->arg[1]->type, SW_KDATE)) {
        tell_dates(t, n);
        return;
    }
    sw_tell(t, n->arg[0], sw_tell_behind(n->arg[0])->op == OP_DIV ? TIGHT_PRODUCT : TIGHT_SUM);
    sw_say(t, n->op == OP_ADD ? "加" : "减");
    sw_tell(t, n->arg[1],
            n->op == OP_ADD && sw_tell_behind(n->arg[1])->op == OP_ADD ? TIGHT_SUM : TIGHT_PRODUCT);
}

void sw_tell_operator(struct teller *t, const struct node *n)
{
    bool is_first = true;

    switch ((int)n->op) {
    case OP_COND: tell_choice(t, n); break;
    case OP_OR:
    case OP_AND: tell_terms(t, n, n->op, &is_first); break;
    case OP_LT:
    case OP_LE:
    case OP_GE:
    case OP_GT:
    case OP_EQ:
    case OP_NE: tell_relation(t, n, true); break;
    case OP_IN: tell_in(t, n, true); break;
    case OP_NOT: sw_tell_truth(t, n->arg[0], false); break;
    case OP_ADD:
    case OP_SUB: tell_sum(t, n); break;
    case OP_MUL: tell_product(t, n); break;
    case OP_DIV:
    case OP_MOD: tell_share(t, n); break;
    case OP_NEG:
        sw_say(t, "负");
        sw_tell(t, n->arg[0], TIGHT_WORD);
        break;
    default: sw_tell_source(t, n); break;
    }
}

enum tightness sw_tightness_of_operator(enum op op)
{
    switch ((int)op) {
    case OP_COND: return TIGHT_NOT;
    case OP_OR: return TIGHT_OR;
    case OP_AND: return TIGHT_AND;
    case OP_ADD:
    case OP_SUB: return TIGHT_SUM;
    case OP_DIV:
    case OP_MOD: return TIGHT_SHARE;
    case OP_MUL: return TIGHT_PRODUCT;
    case OP_NEG:
    case OP_INDEX: return TIGHT_WORD;
    default: return TIGHT_CLAUSE;
    }
}

bool sw_tell_opposite_operator(struct teller *t, const struct node *n)
{
    if (n->op == OP_NOT)
        sw_tell_truth(t, n->arg[0], true);
    else if (n->op == OP_IN)
        tell_in(t, n, false);
    else if (relation_of(n->op) != NULL)
        tell_relation(t, n, false);
    else
        return false;
    return true;
}
