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

static struct node *parse_expr(struct parser *p);
static struct node *parse_unary(struct parser *p, const struct token *behind);

/* ---- nodes and findings --------------------------------------------------------------------- */

void sw_parse_error(struct parser *p, uint32_t at, const char *why)
{
    p->tree->failed = true;
    if (!p->muted)
        sw_diag_add(p->diag, SW_ERROR, sw_text_place(&p->tree->text, at), "%s", why);
}

/* A limit was passed. Reported once; every loop of the parser ends soon because only T_END comes
 * from now on. */
static void stop(struct parser *p, uint32_t at, const char *fmt, ...) SW_PRINTF(3, 4);

static void stop(struct parser *p, uint32_t at, const char *fmt, ...)
{
    struct sw_buf why = {0};
    va_list ap;

    va_start(ap, fmt);
    sw_buf_vprintf(&why, fmt, ap);
    va_end(ap);
    if (!p->stopped)
        sw_parse_error(p, at, why.p);
    sw_buf_free(&why);
    p->stopped = true;
    p->panic = true;
    p->now = p->next = (struct token){.kind = T_END, .at = at};
}

struct node *sw_node_new(struct parser *p, enum node_kind kind, uint32_t at)
{
    struct node *n = SW_ARENA_NEW(p->arena, struct node);

    n->kind = (uint8_t)kind;
    n->at = n->mark = n->start = at;
    if (++p->tree->nodes > p->rules->nodes_max)
        stop(p, at, _("the expression has more than %u parts; split it with macros"),
             p->rules->nodes_max);
    return n;
}

void sw_node_args(struct parser *p, struct node *n, struct node *const *arg, uint32_t n_args)
{
    n->arg = SW_ARENA_ARRAY(p->arena, struct node *, n_args);
    n->n_args = n_args;
    n->height = 1;
    for (uint32_t i = 0; i < n_args; i++) {
        n->arg[i] = arg[i];
        if (arg[i]->height >= n->height)
            n->height = (uint16_t)(arg[i]->height + 1);
    }
    if (n->height > p->rules->depth_max)
        stop(p, n->at, _("the expression is nested more than %u deep"), p->rules->depth_max);
}

void sw_nodes_add(struct parser *p, struct nodes *list, struct node *n)
{
    if (list->n == list->cap) {
        uint32_t cap = list->cap == 0 ? 4 : list->cap * 2;
        struct node **at = SW_ARENA_ARRAY(p->arena, struct node *, cap);

        if (list->n > 0)
            memcpy(at, list->at, list->n * sizeof(*at));
        list->at = at;
        list->cap = cap;
    }
    list->at[list->n++] = n;
}

static struct node *bad_node(struct parser *p)
{
    return sw_node_new(p, N_BAD, p->now.at);
}

/* ---- tokens --------------------------------------------------------------------------------- */

static void bad_token(void *ctx, struct token t)
{
    struct parser *p = ctx;

    p->tree->failed = true;
    sw_diag_add(p->diag, SW_ERROR, sw_text_place(&p->tree->text, t.at),
                _("syntax error: \"%.*s\" is nothing this language knows"), SW_STR_ARG(t.text));
}

static void skip_token(struct parser *p)
{
    p->end_before = p->now.at + (uint32_t)p->now.text.n;
    p->now = p->next;
    if (p->next.kind != T_END)
        p->next = sw_lex_next(&p->lexer);
}

/* Take a token that fits. */
static void take(struct parser *p)
{
    p->panic = p->stopped;
    skip_token(p);
}

static bool accept(struct parser *p, enum token_kind kind)
{
    if (p->now.kind != kind)
        return false;
    take(p);
    return true;
}

static void expected(struct parser *p, const char *wanted)
{
    if (!p->panic) {
        p->tree->failed = true;
        if (p->now.kind == T_END)
            sw_diag_add(p->diag, SW_ERROR, sw_text_place(&p->tree->text, p->now.at),
                        _("syntax error: found the end but expecting %s"), wanted);
        else
            sw_diag_add(p->diag, SW_ERROR, sw_text_place(&p->tree->text, p->now.at),
                        _("syntax error: found %.*s but expecting %s"), SW_STR_ARG(p->now.text),
                        wanted);
    }
    p->panic = true;
}

/* Take `kind`; if it does not come, drop one token when it comes then. */
static bool expect(struct parser *p, enum token_kind kind, const char *wanted)
{
    if (accept(p, kind))
        return true;
    expected(p, wanted);
    if (p->now.kind != T_END && p->next.kind == kind && !p->stopped) {
        skip_token(p);
        take(p);
        return true;
    }
    return false;
}

static bool opens(enum token_kind kind)
{
    return kind == T_OPEN || kind == T_OPEN_LIST || kind == T_OPEN_MAP;
}

static bool closes(enum token_kind kind)
{
    return kind == T_CLOSE || kind == T_CLOSE_LIST || kind == T_CLOSE_MAP;
}

/* Behind something that did not fit: go on at the next comma or closing bracket of this level. */
static void resynchronise(struct parser *p)
{
    int inside = 0;

    while (p->now.kind != T_END) {
        if (inside == 0 && (p->now.kind == T_COMMA || closes(p->now.kind)))
            return;
        inside += opens(p->now.kind) - closes(p->now.kind);
        skip_token(p);
    }
}

/* ---- names ---------------------------------------------------------------------------------- */

static struct node *parse_ident(struct parser *p, bool is_root, uint32_t start)
{
    struct token t = p->now;
    struct node *n = sw_node_new(p, N_IDENT, t.at);

    take(p);
    n->name = t.text;
    n->is_root = is_root;
    n->start = n->mark = is_root ? start : t.at;
    if (sw_lex_is_reserved(t.text) && p->now.kind != T_OPEN) {
        p->tree->failed = true;
        sw_diag_add(p->diag, SW_ERROR, sw_text_place(&p->tree->text, t.at),
                    _("reserved identifier: %.*s"), SW_STR_ARG(t.text));
        n->kind = N_BAD;
    }
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

/* ---- brackets ------------------------------------------------------------------------------- */

/* The arguments of a call up to and with ')'. */
static void parse_arguments(struct parser *p, struct nodes *list)
{
    while (p->now.kind != T_CLOSE && p->now.kind != T_END) {
        sw_nodes_add(p, list, parse_expr(p));
        if (p->now.kind != T_COMMA && p->now.kind != T_CLOSE) {
            expected(p, _("',' or ')'"));
            resynchronise(p);
        }
        if (!accept(p, T_COMMA))
            break;
        if (p->now.kind == T_CLOSE)
            expected(p, _("a value"));
    }
    expect(p, T_CLOSE, "')'");
}

/* A '?' in front of an element, key or field. */
static bool parse_optional_mark(struct parser *p)
{
    uint32_t at = p->now.at;

    if (!accept(p, T_QUESTION))
        return false;
    if (!p->rules->with_optionals)
        sw_parse_error(p, at, _("unsupported syntax '?'"));
    return true;
}

static void limit_list(struct parser *p, uint32_t n, uint32_t at)
{
    if (n > p->rules->list_max)
        stop(p, at, _("a list may have at most %u elements"), p->rules->list_max);
}

static struct node *parse_list(struct parser *p)
{
    struct node *n = sw_node_new(p, N_LIST, p->now.at);
    struct nodes list = {0};

    take(p);
    while (p->now.kind != T_CLOSE_LIST && p->now.kind != T_END) {
        bool is_optional = parse_optional_mark(p);
        struct node *element = parse_expr(p);

        element->is_optional = is_optional;
        sw_nodes_add(p, &list, element);
        limit_list(p, list.n, n->at);
        if (p->now.kind != T_COMMA && p->now.kind != T_CLOSE_LIST) {
            expected(p, _("',' or ']'"));
            resynchronise(p);
        }
        if (!accept(p, T_COMMA))
            break;
    }
    expect(p, T_CLOSE_LIST, "']'");
    sw_node_args(p, n, list.at, list.n);
    return n;
}

/* ": value" of an entry; of a refused one nothing more is said. */
static struct node *parse_entry_value(struct parser *p, bool refused)
{
    bool muted = p->muted;

    if (p->now.kind == T_COLON) {
        struct node *n;

        take(p);
        p->muted = muted || refused;
        n = parse_expr(p);
        p->muted = muted;
        return n;
    }
    expected(p, "':'");
    resynchronise(p);
    return bad_node(p);
}

static struct node *parse_map(struct parser *p)
{
    struct node *n = sw_node_new(p, N_MAP, p->now.at);
    struct nodes list = {0};

    take(p);
    while (p->now.kind != T_CLOSE_MAP && p->now.kind != T_END) {
        bool is_optional = parse_optional_mark(p);
        struct node *key = parse_expr(p);

        key->is_optional = is_optional;
        sw_nodes_add(p, &list, key);
        sw_nodes_add(p, &list, parse_entry_value(p, is_optional && !p->rules->with_optionals));
        limit_list(p, list.n / 2, n->at);
        if (p->now.kind != T_COMMA && p->now.kind != T_CLOSE_MAP) {
            expected(p, _("',' or '}'"));
            resynchronise(p);
        }
        if (!accept(p, T_COMMA))
            break;
    }
    expect(p, T_CLOSE_MAP, "'}'");
    sw_node_args(p, n, list.at, list.n);
    return n;
}

/* The name of a field of Name{field: …}; an odd token in front of it is dropped. */
static struct sw_str parse_field_name(struct parser *p)
{
    struct sw_str name = p->now.text;

    if (p->now.kind != T_IDENT && p->now.kind != T_QUOTED) {
        expected(p, _("a field name"));
        if (p->next.kind != T_IDENT || p->stopped)
            return (struct sw_str){NULL, 0};
        skip_token(p);
        name = p->now.text;
    } else if (p->now.kind == T_QUOTED) {
        sw_parse_error(p, p->now.at, _("unsupported syntax: '`'"));
    }
    take(p);
    return name;
}

static struct node *parse_struct(struct parser *p, struct sw_str name, uint32_t start)
{
    struct node *n = sw_node_new(p, N_STRUCT, p->now.at);
    struct nodes values = {0};
    struct sw_str *field = SW_ARENA_ARRAY(p->arena, struct sw_str, p->rules->list_max + 1);

    n->name = name;
    n->start = start;
    take(p);
    while (p->now.kind != T_CLOSE_MAP && p->now.kind != T_END && values.n < p->rules->list_max) {
        bool is_optional = parse_optional_mark(p);
        struct node *value;

        field[values.n] = parse_field_name(p);
        value = parse_entry_value(p, is_optional && !p->rules->with_optionals);
        value->is_optional = is_optional;
        sw_nodes_add(p, &values, value);
        if (!accept(p, T_COMMA))
            break;
    }
    expect(p, T_CLOSE_MAP, "'}'");
    n->field = field;
    sw_node_args(p, n, values.at, values.n);
    return n;
}

/* ---- primary -------------------------------------------------------------------------------- */

static struct node *parse_literal(struct parser *p, bool negative, uint32_t start)
{
    struct node *n = sw_node_new(p, N_LITERAL, start);
    struct token t = p->now;
    const char *fault = NULL;

    take(p);
    switch ((int)t.kind) {
    case T_INT: fault = sw_literal_int(t.text, negative, &n->value); break;
    case T_UINT: fault = sw_literal_uint(t.text, &n->value); break;
    case T_FLOAT: fault = sw_literal_double(t.text, negative, &n->value); break;
    case T_STRING: fault = sw_literal_string(p->arena, t.text, false, &n->value); break;
    case T_BYTES: fault = sw_literal_string(p->arena, t.text, true, &n->value); break;
    case T_NULL: n->value = (struct sw_value){.kind = SW_KNULL}; break;
    default: n->value = sw_value_bool(t.kind == T_TRUE);
    }
    if (fault != NULL) {
        sw_parse_error(p, start, _(fault));
        n->kind = N_BAD;
    }
    return n;
}

static bool starts_value(enum token_kind kind, enum op op)
{
    switch ((int)kind) {
    case T_IDENT:
    case T_INT:
    case T_UINT:
    case T_FLOAT:
    case T_STRING:
    case T_BYTES:
    case T_TRUE:
    case T_FALSE:
    case T_NULL:
    case T_DOT:
    case T_OPEN:
    case T_OPEN_LIST:
    case T_OPEN_MAP:
    case T_NOT: return true;
    default: return kind == T_OPERATOR && op == OP_SUB;
    }
}

static struct node *parse_call(struct parser *p, struct node *call, struct node *target)
{
    struct nodes list = {0};

    call->kind = N_CALL;
    call->at = p->now.at;
    call->is_member = target != NULL;
    if (target != NULL)
        sw_nodes_add(p, &list, target);
    take(p);
    parse_arguments(p, &list);
    sw_node_args(p, call, list.at, list.n);
    return sw_macro_expand(p, call);
}

static struct node *parse_name(struct parser *p)
{
    uint32_t start = p->now.at;
    bool is_root = accept(p, T_DOT);
    struct node *n;

    if (p->now.kind != T_IDENT) {
        expected(p, _("a name"));
        return bad_node(p);
    }
    n = parse_ident(p, is_root, start);
    return p->now.kind == T_OPEN ? parse_call(p, n, NULL) : n;
}

static struct node *parse_bracketed(struct parser *p)
{
    struct node *n;

    take(p);
    n = parse_expr(p);
    n->is_bracketed = true;
    expect(p, T_CLOSE, "')'");
    return n;
}

/* Nothing that could begin a value stands here. In a rule file the operator in front of it is
 * shown, because that is what its author mistyped; CEL's tools show the token itself. NULL when
 * the token was dropped because the next one fits. */
static struct node *parse_nothing(struct parser *p, const struct token *behind)
{
    if (behind != NULL && p->rules->rules_mode && !p->panic && p->now.kind != T_END) {
        p->tree->failed = true;
        p->panic = true;
        sw_diag_add(p->diag, SW_ERROR, sw_text_place(&p->tree->text, behind->at),
                    _("syntax error: found %.*s where the value behind %.*s should be"),
                    SW_STR_ARG(p->now.text), SW_STR_ARG(behind->text));
    }
    expected(p, _("a value"));
    if (starts_value(p->next.kind, p->next.op) && p->now.kind != T_END && !p->stopped) {
        skip_token(p);
        return NULL;
    }
    return bad_node(p);
}

static struct node *parse_primary(struct parser *p, const struct token *behind)
{
    struct node *n;

    switch ((int)p->now.kind) {
    case T_IDENT:
    case T_DOT: return parse_name(p);
    case T_OPEN: return parse_bracketed(p);
    case T_OPEN_LIST: return parse_list(p);
    case T_OPEN_MAP: return parse_map(p);
    case T_INT:
    case T_UINT:
    case T_FLOAT:
    case T_STRING:
    case T_BYTES:
    case T_TRUE:
    case T_FALSE:
    case T_NULL: return parse_literal(p, false, p->now.at);
    default: break;
    }
    n = parse_nothing(p, behind);
    return n != NULL ? n : parse_unary(p, NULL);
}

/* ---- behind a primary: .name .name(…) [index] {fields} ----------------------------------------
 */

static struct node *parse_select(struct parser *p, struct node *target)
{
    uint32_t dot = p->now.at;
    bool is_optional = false;
    struct node *n;

    take(p);
    if (p->now.kind == T_QUESTION) {
        is_optional = true;
        take(p);
        if (!p->rules->with_optionals)
            sw_parse_error(p, dot, _("unsupported syntax '.?'"));
    }
    if (p->now.kind != T_IDENT && p->now.kind != T_QUOTED) {
        expected(p, _("a name"));
        return bad_node(p);
    }
    if (p->now.kind == T_QUOTED)
        sw_parse_error(p, p->now.at, _("unsupported syntax: '`'"));
    n = sw_node_new(p, is_optional ? N_CALL : N_SELECT, dot);
    n->op = is_optional ? OP_OPT_SELECT : OP_NONE;
    n->name = p->now.text;
    n->start = target->start;
    if (p->now.kind == T_IDENT && p->next.kind == T_OPEN && !is_optional) {
        take(p);
        return parse_call(p, n, target);
    }
    take(p);
    sw_node_args(p, n, &target, 1);
    return n;
}

static struct node *parse_index(struct parser *p, struct node *target)
{
    struct node *n = sw_node_new(p, N_CALL, p->now.at);
    struct node *arg[2] = {target, NULL};

    n->start = target->start;
    n->op = OP_INDEX;
    take(p);
    if (accept(p, T_QUESTION)) {
        n->op = OP_OPT_INDEX;
        if (!p->rules->with_optionals)
            sw_parse_error(p, n->at, _("unsupported syntax '[?'"));
    }
    arg[1] = parse_expr(p);
    expect(p, T_CLOSE_LIST, "']'");
    sw_node_args(p, n, arg, 2);
    return n;
}

static struct node *parse_member(struct parser *p, const struct token *behind)
{
    struct node *n = parse_primary(p, behind);
    struct sw_str name;

    for (;;) {
        if (p->now.kind == T_DOT)
            n = parse_select(p, n);
        else if (p->now.kind == T_OPEN_LIST)
            n = parse_index(p, n);
        else if (p->now.kind == T_OPEN_MAP && dotted_name(p, n, &name))
            n = parse_struct(p, name, n->start);
        else
            return n;
    }
}

/* ---- operators ------------------------------------------------------------------------------ */

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
    struct node *n = parse_literal(p, true, at);

    /* -1.foo(): what follows binds to the literal, which is already complete. */
    while (p->now.kind == T_DOT || p->now.kind == T_OPEN_LIST)
        n = p->now.kind == T_DOT ? parse_select(p, n) : parse_index(p, n);
    return n;
}

/* A run of '!' or '-' in front of a member; pairs cancel out. One '-' before a number belongs to
 * the number, so that -9223372036854775808 can be written. */
static struct node *parse_unary(struct parser *p, const struct token *behind)
{
    struct token first = p->now;
    bool is_not = p->now.kind == T_NOT;
    uint32_t count = 0;
    struct node *arg;
    struct node *n;

    if (!is_not && !at_minus(p))
        return parse_member(p, behind);
    while (is_not ? p->now.kind == T_NOT : at_minus(p)) {
        take(p);
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
    sw_node_args(p, n, arg, 2);
    return n;
}

/* `left` and every operator behind it that binds at least as tightly as `precedence`. */
static struct node *climb(struct parser *p, struct node *left, int precedence)
{
    while (p->now.kind == T_OPERATOR && sw_op_precedence(p->now.op) >= precedence) {
        struct token t = p->now;
        uint32_t gap = p->end_before;
        struct node *right;

        take(p);
        right = parse_unary(p, &t);
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
    take(p);
}

static struct node *parse_logic(struct parser *p, enum op op)
{
    struct chain c = {0};

    for (;;) {
        struct node *term =
            op == OP_OR ? parse_logic(p, OP_AND) : climb(p, parse_unary(p, NULL), 3);

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
    n->mark = p->end_before;
    take(p);
    arg[1] = parse_logic(p, OP_OR);
    arg[2] = arg[1];
    if (expect(p, T_COLON, "':'"))
        arg[2] = parse_expr(p);
    sw_node_args(p, n, arg, 3);
    return n;
}

static struct node *parse_expr(struct parser *p)
{
    struct node *n;

    if (p->depth == p->rules->depth_max)
        stop(p, p->now.at, _("the expression is nested more than %u deep"), p->rules->depth_max);
    p->depth++;
    n = parse_condition(p);
    p->depth--;
    return n;
}

/* ---- whole texts ---------------------------------------------------------------------------- */

/* Texts nothing is read from: too long, or not UTF-8. */
static bool is_readable(struct parser *p, const struct parse_job *job)
{
    size_t bad = sw_utf8_check(sw_str_sub(job->text.text, job->from, job->to - job->from));

    if (job->to - job->from > p->rules->text_max)
        stop(p, job->from, _("the expression is longer than %u bytes"), p->rules->text_max);
    else if (bad < job->to - job->from)
        stop(p, job->from + (uint32_t)bad, _("this is not UTF-8 text"));
    return !p->stopped;
}

struct tree *sw_parse(const struct parse_job *job)
{
    struct parser p = {.arena = job->arena, .rules = job->rules, .diag = job->diag};

    p.tree = SW_ARENA_NEW(job->arena, struct tree);
    p.tree->text = job->text;
    p.lexer = (struct lexer){
        .text = {job->text.text.p, job->to}, .at = job->from, .bad = bad_token, .ctx = &p};
    if (!is_readable(&p, job)) {
        p.tree->root = bad_node(&p);
        return p.tree;
    }
    p.now = sw_lex_next(&p.lexer);
    p.next = p.now.kind == T_END ? p.now : sw_lex_next(&p.lexer);
    p.tree->root = parse_expr(&p);
    if (p.now.kind != T_END)
        expected(&p, _("the end"));
    while (p.now.kind != T_END)
        skip_token(&p);
    return p.tree;
}
