/* lang_tree.h - prints trees the way CEL's reference tools do, for comparing with their output.
 *
 * Without types every node is followed by what it is ("a^#*expr.Expr_IdentExpr#"), with types by
 * its type and what it refers to ("a~int^a"). Loops are written out as the fold they stand for. */
#ifndef TESTS_LANG_TREE_H
#define TESTS_LANG_TREE_H

#include "lang/check.h"
#include <inttypes.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/utf8.h>
#include <stdlib.h>

struct tree_printer {
    struct sw_buf *out;
    int indent;
    bool typed;
};

static void tree_put(struct tree_printer *p, const struct node *n);

static void tree_line(struct tree_printer *p)
{
    sw_buf_char(p->out, '\n');
    for (int i = 0; i < p->indent; i++)
        sw_buf_cstr(p->out, "  ");
}

/* Go's strconv.Quote leaves letters, marks, numbers, signs and the plain space. */
static bool tree_is_printable(int32_t cp)
{
    static const struct {
        int32_t first, last;
    } hidden[] = {{0x7f, 0xa0},     {0xad, 0xad},     {0x2000, 0x200f},  {0x2028, 0x202f},
                  {0x205f, 0x206f}, {0x3000, 0x3000}, {0xd800, 0xf8ff},  {0xfeff, 0xfeff},
                  {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x40000, 0xe00ff}};

    for (size_t i = 0; i < SW_COUNTOF(hidden); i++) {
        if (cp >= hidden[i].first && cp <= hidden[i].last)
            return false;
    }
    return true;
}

/* What follows a node. `what`: its kind without types; `ref`: what it refers to with them. */
static void tree_mark(struct tree_printer *p, const char *what, const struct sw_type *t,
                      const char *ref)
{
    if (!p->typed) {
        sw_buf_printf(p->out, "^#*expr.%s#", what);
        return;
    }
    sw_buf_char(p->out, '~');
    sw_type_put(t, p->out);
    if (ref != NULL && *ref != '\0')
        sw_buf_printf(p->out, "^%s", ref);
}

static void tree_quote(struct sw_buf *out, struct sw_str s, bool is_bytes)
{
    static const char letters[] = "\a\b\f\n\r\t\v\"\\";
    static const char names[] = "abfnrtv\"\\";

    sw_buf_cstr(out, is_bytes ? "b\"" : "\"");
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        int32_t cp = sw_utf8_next(s, &at);
        const char *letter = cp > 0 && cp < 128 ? strchr(letters, cp) : NULL;

        if (letter != NULL)
            sw_buf_printf(out, "\\%c", names[letter - letters]);
        else if (cp < 0)
            sw_buf_printf(out, "\\x%02x", (unsigned char)s.p[from]);
        else if (cp < 32 || cp == 127)
            sw_buf_printf(out, "\\x%02x", (unsigned)cp);
        else if (!tree_is_printable(cp))
            sw_buf_printf(out, cp > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)cp);
        else
            sw_buf_put(out, s.p + from, at - from);
    }
    sw_buf_char(out, '"');
}

static void tree_literal(struct tree_printer *p, const struct node *n)
{
    char number[SW_SHORTEST_SIZE];
    struct sw_value v = n->value;
    const char *what = "Constant_NullValue";
    const char *ref = NULL;

    switch ((int)v.kind) {
    case SW_KNULL: sw_buf_cstr(p->out, "null"); break;
    case SW_KBOOL:
        what = "Constant_BoolValue";
        sw_buf_cstr(p->out, v.b ? "true" : "false");
        break;
    case SW_KINT:
        what = "Constant_Int64Value";
        sw_buf_printf(p->out, "%" PRId64, v.i);
        break;
    case SW_KUINT:
        what = "Constant_Uint64Value";
        sw_buf_printf(p->out, "%" PRIu64 "u", v.u);
        break;
    case SW_KDOUBLE:
        what = "Constant_DoubleValue";
        sw_buf_cstr(p->out, sw_double_shortest(v.d, number));
        break;
    case SW_KSTRING:
    case SW_KBYTES:
        what = v.kind == SW_KBYTES ? "Constant_BytesValue" : "Constant_StringValue";
        tree_quote(p->out, sw_value_text(v), v.kind == SW_KBYTES);
        break;
    default: /* the name of a type */
        ref = sw_type_denotation(v.type->kind);
        sw_buf_cstr(p->out, ref);
    }
    tree_mark(p, what, n->type, ref);
}

/* "equals", or all overloads that fit, sorted. */
static void tree_overloads(const struct node *n, char out[1024])
{
    const char *id[32];
    size_t count = 0;

    out[0] = '\0';
    for (uint32_t i = 0; n->fn != NULL && i < n->fn->n; i++) {
        size_t at = count;

        if ((n->overloads >> i & 1) == 0)
            continue;
        for (; at > 0 && strcmp(id[at - 1], n->fn->overload[i].id) > 0; at--)
            id[at] = id[at - 1];
        id[at] = n->fn->overload[i].id;
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        strcat(out, i > 0 ? "|" : "");
        strcat(out, id[i]);
    }
}

static void tree_arguments(struct tree_printer *p, struct node *const *arg, uint32_t n)
{
    sw_buf_char(p->out, '(');
    p->indent++;
    for (uint32_t i = 0; i < n; i++) {
        tree_line(p);
        tree_put(p, arg[i]);
        if (i + 1 < n)
            sw_buf_char(p->out, ',');
    }
    p->indent--;
    if (n > 0)
        tree_line(p);
    sw_buf_char(p->out, ')');
}

static void tree_call(struct tree_printer *p, const struct node *n)
{
    char overloads[1024];

    tree_overloads(n, overloads);
    if (n->op == OP_AND || n->op == OP_OR)
        strcpy(overloads, n->op == OP_AND ? "logical_and" : "logical_or");
    if (n->is_member) {
        tree_put(p, n->arg[0]);
        sw_buf_char(p->out, '.');
    }
    if (n->op != OP_NONE)
        sw_buf_cstr(p->out, sw_op_function(n->op));
    else
        sw_buf_str(p->out, n->name);
    tree_arguments(p, n->arg + n->is_member, n->n_args - n->is_member);
    tree_mark(p, "Expr_CallExpr", n->type, overloads);
}

static void tree_elements(struct tree_printer *p, const struct node *n, char open, char close)
{
    uint32_t step = n->kind == N_MAP ? 2 : 1;

    sw_buf_char(p->out, open);
    p->indent++;
    for (uint32_t i = 0; i < n->n_args; i += step) {
        tree_line(p);
        if (n->kind == N_STRUCT)
            sw_buf_printf(p->out, "%.*s:", SW_STR_ARG(n->field[i]));
        tree_put(p, n->arg[i]);
        if (n->kind == N_MAP) {
            sw_buf_char(p->out, ':');
            tree_put(p, n->arg[i + 1]);
        }
        if (n->kind != N_LIST && !p->typed)
            sw_buf_cstr(p->out, "^#*expr.Expr_CreateStruct_Entry#");
        if (i + step < n->n_args)
            sw_buf_char(p->out, ',');
    }
    p->indent--;
    if (n->n_args > 0)
        tree_line(p);
    sw_buf_char(p->out, close);
    tree_mark(p, n->kind == N_LIST ? "Expr_ListExpr" : "Expr_StructExpr", n->type, NULL);
}

/* ---- loops as folds -------------------------------------------------------------------------- */

static struct node tree_ident(const struct sw_type *t)
{
    return (struct node){.kind = N_IDENT, .name = SW_STR("@result"), .type = t};
}

static struct node tree_call_node(enum op op, struct node **arg, uint32_t n,
                                  const struct sw_type *t)
{
    return (struct node){.kind = N_CALL,
                         .op = (uint8_t)op,
                         .arg = arg,
                         .n_args = n,
                         .type = t,
                         .overloads = 0,
                         .fn = NULL};
}

static void tree_section(struct tree_printer *p, const char *title)
{
    tree_line(p);
    sw_buf_printf(p->out, "// %s", title);
    tree_line(p);
}

/* One overload of an operator, as if it had been chosen. */
static void tree_choose(struct node *n, const char *id)
{
    n->fn = sw_std_operator((enum op)n->op);
    for (uint32_t i = 0; i < n->fn->n; i++) {
        if (strcmp(n->fn->overload[i].id, id) == 0)
            n->overloads = UINT32_C(1) << i;
    }
}

static void tree_condition(struct tree_printer *p, const struct node *n)
{
    const struct sw_type *t = sw_type_simple(SW_KBOOL);
    struct node accu = tree_ident(t);
    struct node *one[1] = {&accu};
    struct node negated = tree_call_node(OP_NOT, one, 1, t);
    struct node *inner[1] = {&accu};
    struct node literal = {.kind = N_LITERAL, .value = sw_value_bool(true), .type = t};

    if (n->op != LOOP_ALL && n->op != LOOP_EXISTS) {
        tree_put(p, &literal);
        return;
    }
    tree_choose(&negated, "logical_not");
    if (n->op == LOOP_EXISTS)
        inner[0] = &negated;
    sw_buf_cstr(p->out, "@not_strictly_false");
    tree_arguments(p, inner, 1);
    tree_mark(p, "Expr_CallExpr", t, "not_strictly_false");
}

static void tree_step(struct tree_printer *p, const struct node *n, const struct sw_type *t)
{
    struct node accu = tree_ident(t);
    struct node literal = {.kind = N_LITERAL, .value = sw_value_int(1), .type = t};
    struct node element = {.kind = N_IDENT, .name = n->name, .bind = BIND_LOOP};
    struct node *held[1] = {n->op == LOOP_FILTER ? &element : n->arg[n->op == LOOP_MAP_IF ? 2 : 1]};
    struct node list = {.kind = N_LIST, .arg = held, .n_args = 1, .type = t};
    struct node *sum_arg[2] = {&accu, n->op == LOOP_ONE ? &literal : &list};
    struct node sum = tree_call_node(OP_ADD, sum_arg, 2, t);
    struct node *cond_arg[3] = {n->arg[1], &sum, &accu};
    struct node cond = tree_call_node(OP_COND, cond_arg, 3, t);
    struct node *logic_arg[2] = {&accu, n->arg[1]};
    struct node logic = tree_call_node(n->op == LOOP_ALL ? OP_AND : OP_OR, logic_arg, 2, t);

    if (p->typed)
        element.type = n->local->type;
    tree_choose(&sum, n->op == LOOP_ONE ? "add_int64" : "add_list");
    tree_choose(&cond, "conditional");
    if (n->op == LOOP_ALL || n->op == LOOP_EXISTS)
        tree_put(p, &logic);
    else
        tree_put(p, n->op == LOOP_MAP ? &sum : &cond);
}

static void tree_result(struct tree_printer *p, const struct node *n, const struct sw_type *t)
{
    struct node accu = tree_ident(t);
    struct node literal = {.kind = N_LITERAL, .value = sw_value_int(1), .type = t};
    struct node *arg[2] = {&accu, &literal};
    struct node equal = tree_call_node(OP_EQ, arg, 2, sw_type_simple(SW_KBOOL));

    tree_choose(&equal, "equals");
    tree_put(p, n->op == LOOP_ONE ? &equal : &accu);
}

static void tree_loop(struct tree_printer *p, const struct node *n)
{
    const struct sw_type *t = n->op == LOOP_ONE ? sw_type_simple(SW_KINT) : n->type;
    struct node init = {.kind = N_LITERAL, .type = t};

    init.value = n->op == LOOP_ONE ? sw_value_int(0) : sw_value_bool(n->op == LOOP_ALL);
    if (n->op != LOOP_ONE && n->op != LOOP_ALL && n->op != LOOP_EXISTS)
        init.kind = N_LIST;
    sw_buf_cstr(p->out, "__comprehension__(");
    p->indent++;
    tree_section(p, "Variable");
    sw_buf_printf(p->out, "%.*s,", SW_STR_ARG(n->name));
    tree_section(p, "Target");
    tree_put(p, n->arg[0]);
    sw_buf_char(p->out, ',');
    tree_section(p, "Accumulator");
    sw_buf_cstr(p->out, "@result,");
    tree_section(p, "Init");
    tree_put(p, &init);
    sw_buf_char(p->out, ',');
    tree_section(p, "LoopCondition");
    tree_condition(p, n);
    sw_buf_char(p->out, ',');
    tree_section(p, "LoopStep");
    tree_step(p, n, t);
    sw_buf_char(p->out, ',');
    tree_section(p, "Result");
    tree_result(p, n, t);
    p->indent--;
    sw_buf_char(p->out, ')');
    tree_mark(p, "Expr_ComprehensionExpr", n->type, NULL);
}

static void tree_put(struct tree_printer *p, const struct node *n)
{
    char name[256];

    switch ((int)n->kind) {
    case N_LITERAL: tree_literal(p, n); break;
    case N_IDENT:
        snprintf(name, sizeof(name), "%s%.*s", n->is_root && !p->typed ? "." : "",
                 SW_STR_ARG(n->name));
        sw_buf_cstr(p->out, name);
        tree_mark(p, "Expr_IdentExpr", n->type, name);
        break;
    case N_SELECT:
    case N_HAS:
        tree_put(p, n->arg[0]);
        sw_buf_printf(p->out, ".%.*s%s", SW_STR_ARG(n->name),
                      n->kind == N_HAS ? "~test-only~" : "");
        tree_mark(p, "Expr_SelectExpr", n->type, NULL);
        break;
    case N_CALL: tree_call(p, n); break;
    case N_LIST: tree_elements(p, n, '[', ']'); break;
    case N_MAP: tree_elements(p, n, '{', '}'); break;
    case N_STRUCT:
        sw_buf_str(p->out, n->name);
        tree_elements(p, n, '{', '}');
        break;
    case N_LOOP: tree_loop(p, n); break;
    default: sw_buf_cstr(p->out, "?"); break;
    }
}

/* The whole tree, with types after checking. */
static inline void tree_print(const struct node *root, bool typed, struct sw_buf *out)
{
    struct tree_printer p = {.out = out, .typed = typed};

    tree_put(&p, root);
}

#endif
