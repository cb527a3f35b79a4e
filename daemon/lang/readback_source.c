/* readback_source.c - a checked tree as source text, for what has no words.
 *
 * Written from the tree, not copied from the file: macros and lets stand by their name, and a node
 * that the checker replaced is written as what its author may have typed. */
#include "lang/readback.h"
#include <shouwang/base/date.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>

static void put_quoted(struct sw_str s, struct sw_buf *out)
{
    sw_buf_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            sw_buf_char(out, '\\');
        sw_buf_char(out, s.p[i]);
    }
    sw_buf_char(out, '"');
}

static void put_literal(const struct node *n, struct sw_buf *out)
{
    char number[SW_DOUBLE_SIZE];
    char money[SW_FEN_SIZE];
    char date[SW_DATE_SIZE];

    switch ((int)n->value.kind) {
    case SW_KBOOL: sw_buf_cstr(out, n->value.b ? "true" : "false"); break;
    case SW_KDOUBLE: sw_buf_cstr(out, sw_double_format(n->value.d, number)); break;
    case SW_KMONEY: sw_buf_cstr(out, sw_fen_format(n->value.i, money)); break;
    case SW_KENUM: put_quoted(n->type->items[n->value.i].name, out); break;
    case SW_KSTRING: put_quoted(sw_value_text(n->value), out); break;
    case SW_KDATE: put_quoted(sw_str(sw_date_format((sw_day)n->value.i, date)), out); break;
    default: sw_value_put(NULL, n->value, out); break;
    }
}

static void put_list(const struct node *n, uint32_t from, struct sw_buf *out)
{
    for (uint32_t i = from; i < n->n_args; i++) {
        if (i > from)
            sw_buf_cstr(out, ", ");
        sw_source_put(n->arg[i], out);
    }
}

static bool is_operator(const struct node *n)
{
    return n->kind == N_CALL && (sw_op_precedence(n->op) > 0 || n->op == OP_COND);
}

/* An operand, bracketed when it is an operation itself. */
static void put_operand(const struct node *n, struct sw_buf *out)
{
    bool brackets;

    while (n->kind == N_CONVERT)
        n = n->arg[0];
    brackets = is_operator(n);
    if (brackets)
        sw_buf_char(out, '(');
    sw_source_put(n, out);
    if (brackets)
        sw_buf_char(out, ')');
}

static void put_operator(const struct node *n, struct sw_buf *out)
{
    if (n->op == OP_COND) {
        put_operand(n->arg[0], out);
        sw_buf_cstr(out, " ? ");
        put_operand(n->arg[1], out);
        sw_buf_cstr(out, " : ");
        put_operand(n->arg[2], out);
    } else if (n->op == OP_INDEX) {
        put_operand(n->arg[0], out);
        sw_buf_char(out, '[');
        sw_source_put(n->arg[1], out);
        sw_buf_char(out, ']');
    } else if (n->n_args == 1) {
        sw_buf_cstr(out, sw_op_sign(n->op));
        put_operand(n->arg[0], out);
    } else {
        put_operand(n->arg[0], out);
        sw_buf_printf(out, " %s ", sw_op_sign(n->op));
        put_operand(n->arg[1], out);
    }
}

static void put_call(const struct node *n, struct sw_buf *out)
{
    if (n->op != OP_NONE) {
        put_operator(n, out);
        return;
    }
    if (n->is_member) {
        put_operand(n->arg[0], out);
        sw_buf_char(out, '.');
    }
    sw_buf_str(out, n->name);
    sw_buf_char(out, '(');
    put_list(n, n->is_member ? 1 : 0, out);
    sw_buf_char(out, ')');
}

static void put_loop(const struct node *n, struct sw_buf *out)
{
    static const char *const names[] = {"all", "exists", "exists_one", "map", "map", "filter"};

    put_operand(n->arg[0], out);
    sw_buf_printf(out, ".%s(%.*s, ", names[n->op], SW_STR_ARG(n->name));
    put_list(n, 1, out);
    sw_buf_char(out, ')');
}

static void put_map(const struct node *n, struct sw_buf *out)
{
    sw_buf_char(out, '{');
    for (uint32_t i = 0; i + 1 < n->n_args; i += 2) {
        if (i > 0)
            sw_buf_cstr(out, ", ");
        sw_source_put(n->arg[i], out);
        sw_buf_cstr(out, ": ");
        sw_source_put(n->arg[i + 1], out);
    }
    sw_buf_char(out, '}');
}

void sw_source_put(const struct node *n, struct sw_buf *out)
{
    switch ((enum node_kind)n->kind) {
    case N_LITERAL: put_literal(n, out); break;
    case N_IDENT: sw_buf_str(out, n->name); break;
    case N_SELECT:
    case N_HAS:
        put_operand(n->arg[0], out);
        sw_buf_char(out, '.');
        sw_buf_str(out, n->name);
        break;
    case N_CALL: put_call(n, out); break;
    case N_LIST:
        if (n->symbol != NULL) {
            sw_buf_str(out, n->symbol->name);
            break;
        }
        sw_buf_char(out, '[');
        put_list(n, 0, out);
        sw_buf_char(out, ']');
        break;
    case N_MAP: put_map(n, out); break;
    case N_LOOP: put_loop(n, out); break;
    case N_ALIAS: sw_buf_str(out, n->symbol->name); break;
    case N_CONVERT: sw_source_put(n->arg[0], out); break;
    case N_BAD:
    case N_STRUCT: sw_bug(__FILE__, __LINE__, "a checked tree has no such nodes");
    }
}
