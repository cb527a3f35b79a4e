/* readback.c - expressions in Chinese words: operators, functions, names, literals.
 *
 * The words are those a county office uses: 不低于, 超过, 是A/B/C, 并且, 或者. Chinese only, as the
 * texts are signed in Chinese. What has no words, or no label, is shown as source text in
 * backquotes rather than told wrongly. */
#include "lang/readback.h"
#include <shouwang/base/date.h>
#include <shouwang/base/number.h>

void sw_tell_source(struct teller *t, const struct node *n)
{
    sw_say(t, "`");
    sw_source_put(n, t->out);
    sw_say(t, "`");
    t->failed = true;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* What a field without a label must be when it is the only one of its kind. */
static const char *only_one(const struct sw_field_decl *fields, size_t n, size_t index)
{
    static const struct {
        enum sw_kind kind;
        const char *word;
    } words[] = {{SW_KMONEY, "金额"}, {SW_KDATE, "日期"}, {SW_KPERSON, "人员"}, {SW_KENUM, "类别"}};
    const struct sw_type *type = fields[index].type;

    for (size_t i = 0; i < n; i++) {
        if (i != index && fields[i].type->kind == type->kind)
            return NULL;
    }
    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        if (words[i].kind == type->kind)
            return words[i].word;
    }
    return NULL;
}

void sw_tell_field(struct teller *t, const struct sw_field_decl *fields, size_t n, size_t index)
{
    const char *word = NULL;

    if (fields[index].label.n > 0) {
        sw_buf_str(t->out, fields[index].label);
        return;
    }
    word = only_one(fields, n, index);
    if (word != NULL) {
        sw_say(t, word);
        return;
    }
    sw_buf_printf(t->out, "`%.*s`", SW_STR_ARG(fields[index].name));
    t->failed = true;
}

/* “年自付医疗费预警线”(5000元) of a parameter, 户类型 of a fact. */
static void tell_variable(struct teller *t, const struct node *n)
{
    const struct symbol *s = n->symbol;
    struct sw_buf value = {0};
    bool has_value =
        t->names->value != NULL && t->names->value(t->names->ctx, s->bank, s->slot, &value);

    if (s->label.n == 0)
        sw_tell_source(t, n);
    else
        sw_buf_printf(t->out, has_value ? "“%.*s”" : "%.*s", SW_STR_ARG(s->label));
    if (has_value)
        sw_buf_printf(t->out, "(%s)", value.n == 0 ? "" : value.p);
    sw_buf_free(&value);
}

static void tell_ident(struct teller *t, const struct node *n)
{
    switch ((enum binding)n->bind) {
    case BIND_VAR: tell_variable(t, n); break;
    case BIND_TODAY: sw_say(t, "今天"); break;
    case BIND_LOOP: sw_say(t, "该项"); break;
    case BIND_FIELD: sw_tell_field(t, t->stream->fields, t->stream->n_fields, n->index); break;
    case BIND_GROUP:
        sw_tell_field(t, t->stream->fields, t->stream->n_fields, (size_t)t->key);
        break;
    case BIND_NONE:
    case BIND_STREAM:
    case BIND_EVENT:
    case BIND_MISSING: sw_tell_source(t, n); break;
    }
}

/* A field of an event, a person: 〔房屋鉴定〕最近一次的鉴定等级, 年龄. */
static void tell_select(struct teller *t, const struct node *n)
{
    const struct node *of = sw_tell_behind(n->arg[0]);
    const struct sw_type *record = of->type;

    if (record->form != TYPE_RECORD) {
        sw_tell_source(t, n);
        return;
    }
    if (of->kind != N_IDENT) {
        sw_tell(t, of, TIGHT_WORD);
        sw_say_of(t);
    }
    sw_tell_field(t, record->fields, record->n, n->index);
}

/* ---- literals -------------------------------------------------------------------------------- */

static void tell_literal(struct teller *t, const struct node *n)
{
    char number[SW_DOUBLE_SIZE];
    char money[SW_FEN_SIZE];
    char date[SW_DATE_SIZE];
    const struct sw_enum_item *item;

    switch ((int)n->value.kind) {
    case SW_KBOOL: sw_say(t, n->value.b ? "是" : "否"); break;
    case SW_KINT:
        sw_buf_printf(t->out, "%lld%.*s", (long long)n->value.i, SW_STR_ARG(t->unit));
        break;
    case SW_KDOUBLE:
        sw_buf_printf(t->out, "%s%.*s", sw_double_format(n->value.d, number), SW_STR_ARG(t->unit));
        break;
    case SW_KMONEY: sw_buf_printf(t->out, "%s元", sw_fen_format(n->value.i, money)); break;
    case SW_KDATE: sw_say(t, sw_date_format((sw_day)n->value.i, date)); break;
    case SW_KSTRING: sw_buf_printf(t->out, "“%.*s”", SW_STR_ARG(sw_value_text(n->value))); break;
    case SW_KENUM:
        item = &n->type->items[n->value.i];
        if (item->label.n > 0)
            sw_buf_str(t->out, item->label);
        else
            sw_tell_source(t, n);
        break;
    default: sw_tell_source(t, n); break;
    }
}

void sw_tell_list(struct teller *t, const struct node *n)
{
    if (n->n_args == 0)
        sw_say(t, "（空）");
    for (uint32_t i = 0; i < n->n_args; i++) {
        if (i > 0)
            sw_say(t, "/");
        sw_tell(t, n->arg[i], TIGHT_WORD);
    }
}

void sw_tell_days(struct teller *t, const struct node *n)
{
    const struct node *days = sw_tell_behind(n);
    const struct node *number;
    struct sw_str outer = t->unit;

    if (!sw_is_call(days, "days")) {
        sw_tell(t, n, TIGHT_WORD);
        return;
    }
    number = sw_tell_behind(days->arg[0]);
    t->unit = SW_STR("天");
    sw_tell(t, number, TIGHT_WORD);
    t->unit = outer;
    /* A parameter says its unit, a calculated number does not. */
    if (number->kind != N_LITERAL && (number->unit.n == 0 || number->kind != N_IDENT))
        sw_say(t, "天");
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static enum tightness tightness_of(const struct node *n)
{
    if (n->kind == N_LOOP)
        return sw_is_clause(n) ? TIGHT_CLAUSE : TIGHT_WORD;
    if (n->kind != N_CALL)
        return TIGHT_WORD;
    return n->op != OP_NONE ? sw_tightness_of_operator(n->op) : sw_tightness_of_call(n);
}

void sw_tell(struct teller *t, const struct node *n, enum tightness least)
{
    bool brackets;

    if (t->n_asides > 0 && sw_tell_aside(t, n))
        return;
    n = sw_tell_behind(n);
    brackets = tightness_of(n) < least;
    sw_say(t, brackets ? "（" : "");
    switch ((enum node_kind)n->kind) {
    case N_LITERAL: tell_literal(t, n); break;
    case N_IDENT: tell_ident(t, n); break;
    case N_SELECT: tell_select(t, n); break;
    case N_CALL: sw_tell_call(t, n); break;
    case N_LIST: sw_tell_list(t, n); break;
    case N_LOOP: sw_tell_loop(t, n, true); break;
    case N_HAS:
    case N_MAP:
    case N_STRUCT:
    case N_BAD:
    case N_ALIAS:
    case N_CONVERT: sw_tell_source(t, n); break;
    }
    sw_say(t, brackets ? "）" : "");
}

void sw_tell_side(struct teller *t, const struct node *n, struct sw_str unit)
{
    struct sw_str outer = t->unit;

    t->unit = unit;
    sw_tell(t, n, TIGHT_SUM);
    t->unit = outer;
}

void sw_tell_inside(struct teller *t, const struct node *n)
{
    bool outer = t->is_inside;

    t->is_inside = true;
    sw_tell(t, n, TIGHT_OR);
    t->is_inside = outer;
}

/* 不满足“享受低保”; 并非（…） of what has no opposite words. */
static void tell_opposite(struct teller *t, const struct node *n)
{
    if (n->kind == N_LITERAL || n->kind == N_IDENT || n->kind == N_SELECT) {
        sw_say(t, "不满足“");
        sw_tell(t, n, TIGHT_WORD);
        sw_say(t, "”");
        return;
    }
    sw_say(t, "并非（");
    sw_tell(t, n, TIGHT_NOT);
    sw_say(t, "）");
}

void sw_tell_truth(struct teller *t, const struct node *n, bool yes)
{
    n = sw_tell_behind(n);
    if (yes)
        sw_tell(t, n, TIGHT_CLAUSE);
    else if (n->kind == N_LOOP)
        sw_tell_loop(t, n, false);
    else if (n->kind != N_CALL ||
             !(n->op != OP_NONE ? sw_tell_opposite_operator(t, n) : sw_tell_opposite_call(t, n)))
        tell_opposite(t, n);
}
