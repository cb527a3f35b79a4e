/* parse_value.c - names, literals, brackets: whatever an operator may stand next to.
 *
 * Inside brackets parsing goes on at the next comma after an error, so that every argument gets its
 * own findings. */
#include "lang/parser.h"
#include <shouwang/base/i18n.h>

/* ---- names ----------------------------------------------------------------------------------- */

static struct node *parse_ident(struct parser *p, bool is_root, uint32_t start)
{
    struct token t = p->now;
    struct node *n = sw_node_new(p, N_IDENT, t.at);

    sw_parse_take(p);
    n->name = t.text;
    n->is_root = is_root;
    n->start = n->mark = n->from = is_root ? start : t.at;
    n->to = p->end_before;
    if (sw_lex_is_reserved(t.text) && p->now.kind != T_OPEN) {
        p->tree->failed = true;
        sw_diag_add(p->diag, SW_ERROR, sw_text_place(&p->tree->text, t.at),
                    _("reserved identifier: %.*s"), SW_STR_ARG(t.text));
        n->kind = N_BAD;
    }
    return n;
}

/* ---- brackets -------------------------------------------------------------------------------- */

/* Behind an element: true when a comma announces another one. */
static bool goes_on(struct parser *p, enum token_kind close, const char *expected)
{
    if (p->now.kind != T_COMMA && p->now.kind != close) {
        sw_parse_expected(p, expected);
        sw_parse_resynchronise(p);
    }
    return sw_parse_accept(p, T_COMMA);
}

/* The arguments of a call up to and with ')'. */
static void parse_arguments(struct parser *p, struct nodes *list)
{
    while (p->now.kind != T_CLOSE && p->now.kind != T_END) {
        sw_nodes_add(p, list, sw_parse_expr(p));
        if (!goes_on(p, T_CLOSE, _("',' or ')'")))
            break;
        if (p->now.kind == T_CLOSE)
            sw_parse_expected(p, _("a value"));
    }
    sw_parse_expect(p, T_CLOSE, "')'");
}

/* A '?' in front of an element, key or field. */
static bool parse_optional_mark(struct parser *p)
{
    uint32_t at = p->now.at;

    if (!sw_parse_accept(p, T_QUESTION))
        return false;
    if (!p->rules->with_optionals)
        sw_parse_error(p, at, _("unsupported syntax '?'"));
    return true;
}

static void limit_list(struct parser *p, uint32_t n, uint32_t at)
{
    if (n > p->rules->list_max)
        sw_parse_stop(p, at, _("a list may have at most %u elements"), p->rules->list_max);
}

static struct node *parse_list(struct parser *p)
{
    struct node *n = sw_node_new(p, N_LIST, p->now.at);
    struct nodes list = {0};

    sw_parse_take(p);
    while (p->now.kind != T_CLOSE_LIST && p->now.kind != T_END) {
        bool is_optional = parse_optional_mark(p);
        struct node *element = sw_parse_expr(p);

        element->is_optional = is_optional;
        sw_nodes_add(p, &list, element);
        limit_list(p, list.n, n->at);
        if (!goes_on(p, T_CLOSE_LIST, _("',' or ']'")))
            break;
    }
    sw_parse_expect(p, T_CLOSE_LIST, "']'");
    sw_node_args(p, n, list.at, list.n);
    return n;
}

/* ": value" of an entry; of a refused one nothing more is said. */
static struct node *parse_entry_value(struct parser *p, bool refused)
{
    bool muted = p->muted;

    if (p->now.kind == T_COLON) {
        struct node *n;

        sw_parse_take(p);
        p->muted = muted || refused;
        n = sw_parse_expr(p);
        p->muted = muted;
        return n;
    }
    sw_parse_expected(p, "':'");
    sw_parse_resynchronise(p);
    return sw_parse_bad(p);
}

static struct node *parse_map(struct parser *p)
{
    struct node *n = sw_node_new(p, N_MAP, p->now.at);
    struct nodes list = {0};

    sw_parse_take(p);
    while (p->now.kind != T_CLOSE_MAP && p->now.kind != T_END) {
        bool is_optional = parse_optional_mark(p);
        struct node *key = sw_parse_expr(p);

        key->is_optional = is_optional;
        sw_nodes_add(p, &list, key);
        sw_nodes_add(p, &list, parse_entry_value(p, is_optional && !p->rules->with_optionals));
        limit_list(p, list.n / 2, n->at);
        if (!goes_on(p, T_CLOSE_MAP, _("',' or '}'")))
            break;
    }
    sw_parse_expect(p, T_CLOSE_MAP, "'}'");
    sw_node_args(p, n, list.at, list.n);
    return n;
}

/* The name of a field of Name{field: …}; an odd token in front of it is dropped. */
static struct sw_str parse_field_name(struct parser *p)
{
    struct sw_str name = p->now.text;

    if (p->now.kind != T_IDENT && p->now.kind != T_QUOTED) {
        sw_parse_expected(p, _("a field name"));
        if (p->next.kind != T_IDENT || p->stopped)
            return (struct sw_str){NULL, 0};
        sw_parse_skip(p);
        name = p->now.text;
    } else if (p->now.kind == T_QUOTED) {
        sw_parse_error(p, p->now.at, _("unsupported syntax: '`'"));
    }
    sw_parse_take(p);
    return name;
}

struct node *sw_parse_struct(struct parser *p, struct sw_str name, uint32_t start)
{
    struct node *n = sw_node_new(p, N_STRUCT, p->now.at);
    struct nodes values = {0};
    struct sw_str *field = SW_ARENA_ARRAY(p->arena, struct sw_str, p->rules->list_max + 1);

    n->name = name;
    n->start = n->from = start;
    sw_parse_take(p);
    while (p->now.kind != T_CLOSE_MAP && p->now.kind != T_END && values.n < p->rules->list_max) {
        bool is_optional = parse_optional_mark(p);
        struct node *value;

        field[values.n] = parse_field_name(p);
        value = parse_entry_value(p, is_optional && !p->rules->with_optionals);
        value->is_optional = is_optional;
        sw_nodes_add(p, &values, value);
        if (!sw_parse_accept(p, T_COMMA))
            break;
    }
    sw_parse_expect(p, T_CLOSE_MAP, "'}'");
    n->field = field;
    sw_node_args(p, n, values.at, values.n);
    return n;
}

/* ---- primary --------------------------------------------------------------------------------- */

struct node *sw_parse_literal(struct parser *p, bool negative, uint32_t start)
{
    struct node *n = sw_node_new(p, N_LITERAL, start);
    struct token t = p->now;
    const char *fault = NULL;

    sw_parse_take(p);
    n->to = p->end_before;
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

struct node *sw_parse_call(struct parser *p, struct node *call, struct node *target)
{
    struct nodes list = {0};

    call->kind = N_CALL;
    call->at = p->now.at;
    call->is_member = target != NULL;
    if (target != NULL)
        sw_nodes_add(p, &list, target);
    sw_parse_take(p);
    parse_arguments(p, &list);
    sw_node_args(p, call, list.at, list.n);
    return sw_macro_expand(p, call);
}

static struct node *parse_name(struct parser *p)
{
    uint32_t start = p->now.at;
    bool is_root = sw_parse_accept(p, T_DOT);
    struct node *n;

    if (p->now.kind != T_IDENT) {
        sw_parse_expected(p, _("a name"));
        return sw_parse_bad(p);
    }
    n = parse_ident(p, is_root, start);
    return p->now.kind == T_OPEN ? sw_parse_call(p, n, NULL) : n;
}

static struct node *parse_bracketed(struct parser *p)
{
    uint32_t from = p->now.at;
    struct node *n;

    sw_parse_take(p);
    n = sw_parse_expr(p);
    n->is_bracketed = true;
    sw_parse_expect(p, T_CLOSE, "')'");
    n->from = from;
    n->to = p->end_before;
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
    sw_parse_expected(p, _("a value"));
    if (starts_value(p->next.kind, p->next.op) && p->now.kind != T_END && !p->stopped) {
        sw_parse_skip(p);
        return NULL;
    }
    return sw_parse_bad(p);
}

struct node *sw_parse_primary(struct parser *p, const struct token *behind)
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
    case T_NULL: return sw_parse_literal(p, false, p->now.at);
    default: break;
    }
    n = parse_nothing(p, behind);
    return n != NULL ? n : sw_parse_unary(p, NULL);
}
