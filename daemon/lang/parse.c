/* parse.c - from tokens to a tree, by precedence climbing.
 *
 * Grammar: CEL's, langdef.md "Syntax". One run reports every error it can tell apart: after an
 * error nothing more is said until a token fits again (`panic`), an unexpected token is dropped
 * when the one behind it would fit, and inside brackets parsing goes on at the next comma. The
 * limits of rule-language.md 2.2 (text, nodes, depth, list, nesting of loops) are kept here, so
 * later stages may recurse over the tree without counting. */
#include "lang/parser.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/utf8.h>

/* ---- members: .name .name(…) [index] {fields} ---------------------------------------------- */

static struct node *parse_select(struct parser *p, struct node *target)
{
    uint32_t dot = p->now.at;
    bool is_optional = false;
    struct node *n;

    sw_parse_take(p);
    if (p->now.kind == T_QUESTION) {
        is_optional = true;
        sw_parse_take(p);
        if (!p->rules->with_optionals)
            sw_parse_error(p, dot, _("unsupported syntax '.?'"));
    }
    if (p->now.kind != T_IDENT && p->now.kind != T_QUOTED) {
        sw_parse_expected(p, _("a name"));
        return sw_parse_bad(p);
    }
    if (p->now.kind == T_QUOTED)
        sw_parse_error(p, p->now.at, _("unsupported syntax: '`'"));
    n = sw_node_new(p, is_optional ? N_CALL : N_SELECT, dot);
    n->op = is_optional ? OP_OPT_SELECT : OP_NONE;
    n->name = p->now.text;
    n->start = target->start;
    n->from = target->from;
    if (p->now.kind == T_IDENT && p->next.kind == T_OPEN && !is_optional) {
        sw_parse_take(p);
        return sw_parse_call(p, n, target);
    }
    sw_parse_take(p);
    sw_node_args(p, n, &target, 1);
    return n;
}

static struct node *parse_index(struct parser *p, struct node *target)
{
    struct node *n = sw_node_new(p, N_CALL, p->now.at);
    struct node *arg[2] = {target, NULL};

    n->start = target->start;
    n->from = target->from;
    n->op = OP_INDEX;
    sw_parse_take(p);
    if (sw_parse_accept(p, T_QUESTION)) {
        n->op = OP_OPT_INDEX;
        if (!p->rules->with_optionals)
            sw_parse_error(p, n->at, _("unsupported syntax '[?'"));
    }
    arg[1] = sw_parse_expr(p);
    sw_parse_expect(p, T_CLOSE_LIST, "']'");
    sw_node_args(p, n, arg, 2);
    return n;
}

/* a.b.c as one text; false when the tree is not made of names alone. */
static bool dotted_name(struct parser *p, const struct node *n, struct sw_str *name)
{
    if (n->kind == N_IDENT && !n->is_bracketed) {
        *name = n->name;
        return true;
    }
    if (n->kind != N_SELECT || n->is_bracketed || !dotted_name(p, n->arg[0], name))
        return false;
    *name = sw_arena_printf(p->arena, "%.*s.%.*s", SW_STR_ARG(*name), SW_STR_ARG(n->name));
    return true;
}

static struct node *parse_member(struct parser *p, const struct token *behind)
{
    struct node *n = sw_parse_primary(p, behind);
    struct sw_str name;

    for (;;) {
        if (p->now.kind == T_DOT)
            n = parse_select(p, n);
        else if (p->now.kind == T_OPEN_LIST)
            n = parse_index(p, n);
        else if (p->now.kind == T_OPEN_MAP && dotted_name(p, n, &name))
            n = sw_parse_struct(p, name, n->start);
        else
            return n;
    }
}

/* ---- operators ------------------------------------------------------------------------------- */

static bool at_minus(const struct parser *p)
{
    return p->now.kind == T_OPERATOR && p->now.op == OP_SUB;
}

static bool at_number(const struct parser *p)
{
    return p->now.kind == T_INT || p->now.kind == T_FLOAT;
}

static struct node *parse_negative_literal(struct parser *p, uint32_t at)
{
    struct node *n = sw_parse_literal(p, true, at);

    /* -1.foo(): what follows binds to the literal, which is already complete. */
    while (p->now.kind == T_DOT || p->now.kind == T_OPEN_LIST)
        n = p->now.kind == T_DOT ? parse_select(p, n) : parse_index(p, n);
    return n;
}

/* A run of '!' or '-' in front of a member; pairs cancel out. One '-' before a number belongs to
 * the number, so that -9223372036854775808 can be written. */
struct node *sw_parse_unary(struct parser *p, const struct token *behind)
{
    struct token first = p->now;
    bool is_not = p->now.kind == T_NOT;
    uint32_t count = 0;
    struct node *arg;
    struct node *n;

    if (!is_not && !at_minus(p))
        return parse_member(p, behind);
    while (is_not ? p->now.kind == T_NOT : at_minus(p)) {
        sw_parse_take(p);
        count++;
    }
    if (!is_not && count == 1 && at_number(p))
        return parse_negative_literal(p, first.at);
    arg = parse_member(p, NULL);
    if (count % 2 == 0)
        return arg;
    n = sw_node_new(p, N_CALL, first.at);
    n->op = is_not ? OP_NOT : OP_NEG;
    sw_node_args(p, n, &arg, 1);
    return n;
}

static struct node *binary_node(struct parser *p, const struct token *t, struct node *left,
                                struct node *right)
{
    struct node *n = sw_node_new(p, N_CALL, t->at);
    struct node *arg[2] = {left, right};

    n->op = (uint8_t)t->op;
    n->start = left->start;
    n->from = left->from;
    sw_node_args(p, n, arg, 2);
    n->to = right->to; /* a chain is joined when all of it has been read */
    return n;
}

/* `left` and every operator behind it that binds at least as tightly as `precedence`. */
static struct node *climb(struct parser *p, struct node *left, int precedence)
{
    while (p->now.kind == T_OPERATOR && sw_op_precedence(p->now.op) >= precedence) {
        struct token t = p->now;
        uint32_t gap = p->end_before;
        struct node *right;

        sw_parse_take(p);
        right = sw_parse_unary(p, &t);
        if (p->now.kind == T_OPERATOR && sw_op_precedence(p->now.op) > sw_op_precedence(t.op))
            right = climb(p, right, sw_op_precedence(t.op) + 1);
        left = binary_node(p, &t, left, right);
        left->mark = gap;
    }
    return left;
}

/* Terms of one kind of logic, joined as a balanced tree: long conditions stay shallow. */
struct chain {
    struct nodes terms;
    struct token *op;
    uint32_t cap;
};

static struct node *balance(struct parser *p, const struct chain *c, uint32_t lo, uint32_t hi)
{
    uint32_t mid = (lo + hi + 1) / 2;
    struct node *left = mid == lo ? c->terms.at[mid] : balance(p, c, lo, mid - 1);
    struct node *right = mid == hi ? c->terms.at[mid + 1] : balance(p, c, mid + 1, hi);

    return binary_node(p, &c->op[mid], left, right);
}

static void chain_op(struct parser *p, struct chain *c)
{
    if (c->terms.n > c->cap) {
        uint32_t cap = c->cap == 0 ? 8 : c->cap * 2;
        struct token *op = SW_ARENA_ARRAY(p->arena, struct token, cap);

        if (c->cap > 0)
            memcpy(op, c->op, c->cap * sizeof(*op));
        c->op = op;
        c->cap = cap;
    }
    c->op[c->terms.n - 1] = p->now;
    sw_parse_take(p);
}

static struct node *parse_logic(struct parser *p, enum op op)
{
    struct chain c = {0};

    for (;;) {
        struct node *term =
            op == OP_OR ? parse_logic(p, OP_AND) : climb(p, sw_parse_unary(p, NULL), 3);

        sw_nodes_add(p, &c.terms, term);
        if (p->now.kind != T_OPERATOR || p->now.op != op)
            break;
        chain_op(p, &c);
    }
    return c.terms.n == 1 ? c.terms.at[0] : balance(p, &c, 0, c.terms.n - 2);
}

static struct node *parse_condition(struct parser *p)
{
    struct node *arg[3];
    struct node *n;

    arg[0] = parse_logic(p, OP_OR);
    if (p->now.kind != T_QUESTION)
        return arg[0];
    n = sw_node_new(p, N_CALL, p->now.at);
    n->op = OP_COND;
    n->start = arg[0]->start;
    n->from = arg[0]->from;
    n->mark = p->end_before;
    sw_parse_take(p);
    arg[1] = parse_logic(p, OP_OR);
    arg[2] = arg[1];
    if (sw_parse_expect(p, T_COLON, "':'"))
        arg[2] = sw_parse_expr(p);
    sw_node_args(p, n, arg, 3);
    return n;
}

struct node *sw_parse_expr(struct parser *p)
{
    struct node *n;

    if (p->depth == p->rules->depth_max)
        sw_parse_stop(p, p->now.at, _("the expression is nested more than %u deep"),
                      p->rules->depth_max);
    p->depth++;
    n = parse_condition(p);
    p->depth--;
    return n;
}

/* ---- whole texts ----------------------------------------------------------------------------- */

/* Texts nothing is read from: too long, or not UTF-8. */
static bool is_readable(struct parser *p, const struct parse_job *job)
{
    size_t bad = sw_utf8_check(sw_str_sub(job->text.text, job->from, job->to - job->from));

    if (job->to - job->from > p->rules->text_max)
        sw_parse_stop(p, job->from, _("the expression is longer than %u bytes"),
                      p->rules->text_max);
    else if (bad < job->to - job->from)
        sw_parse_stop(p, job->from + (uint32_t)bad, _("this is not UTF-8 text"));
    return !p->stopped;
}

struct tree *sw_parse(const struct parse_job *job)
{
    struct parser p = {.arena = job->arena, .rules = job->rules, .diag = job->diag};

    p.tree = SW_ARENA_NEW(job->arena, struct tree);
    p.tree->text = job->text;
    p.lexer = (struct lexer){
        .text = {job->text.text.p, job->to}, .at = job->from, .bad = sw_parse_bad_token, .ctx = &p};
    if (!is_readable(&p, job)) {
        p.tree->root = sw_parse_bad(&p);
        return p.tree;
    }
    p.now = sw_lex_next(&p.lexer);
    p.next = p.now.kind == T_END ? p.now : sw_lex_next(&p.lexer);
    p.tree->root = sw_parse_expr(&p);
    if (p.now.kind != T_END)
        sw_parse_expected(&p, _("the end"));
    while (p.now.kind != T_END)
        sw_parse_skip(&p);
    return p.tree;
}
