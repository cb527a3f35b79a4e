/* check_rules.c - what rule files may write where CEL alone would refuse.
 *
 * Only more is accepted, nothing changes its meaning (rule-language.md 2.4): a literal takes the
 * type of what it meets (5000 beside money is an amount, "C" beside an enum one of its items,
 * "2024-01-01" beside a date a date), whole numbers meet other numbers. Units are kept on the way,
 * so that yuan are not compared with days. */
#include "lang/check.h"
#include "lang/stream.h"
#include <math.h>
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>

/* ---- words ----------------------------------------------------------------------------------- */

static bool is_number_type(const struct sw_type *t)
{
    return sw_type_is(t, SW_KINT) || sw_type_is(t, SW_KDOUBLE);
}

static bool is_days_unit(struct sw_str unit)
{
    return sw_str_is(unit, "天") || sw_str_is(unit, "日") || sw_str_is(unit, "days");
}

/* Ages of people and of houses are counted alike. */
static bool is_years_unit(struct sw_str unit)
{
    return sw_str_is(unit, "岁") || sw_str_is(unit, "年") || sw_str_is(unit, "years");
}

struct sw_str sw_rules_word(struct checker *ck, const struct node *n)
{
    const struct sw_type *t = sw_check_type(ck, n);
    struct sw_buf text = {0};
    struct sw_str word;

    if (is_number_type(t) && is_days_unit(n->unit))
        return sw_str(_("days"));
    if (is_number_type(t) && n->unit.n > 0)
        return sw_arena_printf(&ck->l->arena, _("number (%.*s)"), SW_STR_ARG(n->unit));
    if (is_number_type(t))
        return sw_str(_("number"));
    if (t->form == TYPE_STREAM || t->form == TYPE_GROUPS)
        return sw_str(t->form == TYPE_STREAM ? _("events") : _("groups of events"));
    switch ((int)(t->form == TYPE_SIMPLE ? t->kind : SW_KERROR)) {
    case SW_KMONEY: return sw_str(_("amount (yuan)"));
    case SW_KBOOL: return sw_str(_("true or false"));
    case SW_KSTRING: return sw_str(_("text"));
    case SW_KDATE: return sw_str(_("date"));
    case SW_KDURATION: return sw_str(_("days(...)"));
    case SW_KPERSON: return sw_str(_("person"));
    default: break;
    }
    sw_type_put(t, &text);
    word = sw_arena_str(&ck->l->arena, sw_buf_view(&text));
    sw_buf_free(&text);
    return word;
}

void sw_rules_no_operator(struct checker *ck, const struct node *n)
{
    struct sw_str a = sw_rules_word(ck, n->arg[0]);
    struct sw_str b = sw_rules_word(ck, n->arg[n->n_args - 1]);

    if (n->op == OP_COND)
        sw_check_error(ck, n, _("the two results of ?: are of different kinds: %.*s and %.*s"),
                       SW_STR_ARG(sw_rules_word(ck, n->arg[1])), SW_STR_ARG(b));
    else if (n->op == OP_IN)
        sw_check_error(ck, n, _("%.*s cannot be looked for in %.*s"), SW_STR_ARG(a), SW_STR_ARG(b));
    else if (sw_op_precedence(n->op) == 3)
        sw_check_error(ck, n, _("%.*s cannot be compared with %.*s"), SW_STR_ARG(a), SW_STR_ARG(b));
    else if (n->n_args == 1)
        sw_check_error(ck, n, _("%s cannot be used with %.*s"), sw_op_sign(n->op), SW_STR_ARG(a));
    else
        sw_check_error(ck, n, _("%s cannot be used between %.*s and %.*s"), sw_op_sign(n->op),
                       SW_STR_ARG(a), SW_STR_ARG(b));
}

/* ---- literals -------------------------------------------------------------------------------- */

const struct node *sw_literal_of(const struct node *n)
{
    while (n->kind == N_ALIAS)
        n = n->arg[0];
    return n->kind == N_LITERAL ? n : NULL;
}

/* Put a literal with another value where *slot was. */
static void replace_literal(struct checker *ck, struct node **slot, struct sw_value value,
                            const struct sw_type *t)
{
    struct node *n = SW_ARENA_NEW(&ck->l->arena, struct node);

    *n = **slot;
    n->kind = N_LITERAL;
    n->value = value;
    n->n_args = 0;
    n->symbol = NULL;
    n->unit = (struct sw_str){NULL, 0};
    sw_check_set(n, t);
    *slot = n;
}

static struct sw_value money_literal(struct checker *ck, const struct node *n, struct sw_value v)
{
    double fen = v.kind == SW_KINT ? (double)v.i * 100 : v.d * 100;

    if (!(fen > -9e15 && fen < 9e15) || fabs(fen - round(fen)) > 1e-4)
        sw_check_error_at(ck, n->start, _("an amount has at most two decimals"));
    return sw_value_money((int64_t)(fabs(fen) < 9e15 ? round(fen) : 0));
}

/* The last part of the name of the field or variable whose items are asked for. */
static struct sw_str owner_name(const struct node *n, const struct sw_type *e)
{
    struct sw_str name = n->kind == N_IDENT || n->kind == N_SELECT ? n->name : e->name;

    for (size_t i = name.n; i > 0; i--) {
        if (name.p[i - 1] == '.')
            return sw_str_sub(name, i, name.n);
    }
    return name;
}

static struct sw_value item_literal(struct checker *ck, struct node **slot, const struct sw_type *e,
                                    const struct node *owner)
{
    struct sw_str name = sw_value_text(sw_literal_of(*slot)->value);

    for (size_t i = 0; i < e->n; i++) {
        if (sw_str_eq(e->items[i].name, name))
            return (struct sw_value){
                .kind = SW_KENUM, .enum_id = (uint16_t)e->number, .i = (int64_t)i};
    }
    ck->failed = true;
    sw_unknown_item(ck, sw_text_place(&ck->tree->text, (*slot)->start), e, name,
                    owner == NULL ? e->name : owner_name(owner, e));
    return sw_value_error(sw_no_overload);
}

static void date_literal(struct checker *ck, struct node **slot, struct sw_value v)
{
    sw_day day = 0;

    if (!sw_date_parse(sw_value_text(v), &day))
        sw_check_error_at(ck, (*slot)->start, _("\"%.*s\" is no date such as 2024-03-14"),
                          SW_STR_ARG(sw_value_text(v)));
    replace_literal(ck, slot, sw_value_date(day), sw_type_simple(SW_KDATE));
}

/* A literal as `t`; false when it cannot be one. A finding leaves TYPE_ERROR behind. */
static bool convert_literal(struct checker *ck, struct node **slot, const struct sw_type *t,
                            const struct node *owner)
{
    struct sw_value v = sw_literal_of(*slot)->value;
    bool number = v.kind == SW_KINT || v.kind == SW_KDOUBLE;
    bool failed = ck->failed;

    ck->failed = false;
    if (sw_type_is(t, SW_KMONEY) && number)
        replace_literal(ck, slot, money_literal(ck, *slot, v), t);
    else if (sw_type_is(t, SW_KDOUBLE) && v.kind == SW_KINT)
        replace_literal(ck, slot, sw_value_double((double)v.i), t);
    else if (t->form == TYPE_ENUM && v.kind == SW_KSTRING)
        replace_literal(ck, slot, item_literal(ck, slot, t, owner), t);
    else if (sw_type_is(t, SW_KDATE) && v.kind == SW_KSTRING)
        date_literal(ck, slot, v);
    else {
        ck->failed = failed;
        return false;
    }
    if (ck->failed)
        (*slot)->type = &sw_error_type;
    ck->failed |= failed;
    return true;
}

static bool convert_for(struct checker *ck, struct node **slot, const struct sw_type *t,
                        const struct node *owner);

/* Both results of a condition. */
static bool convert_branches(struct checker *ck, struct node *n, const struct sw_type *t,
                             const struct node *owner)
{
    if (!convert_for(ck, &n->arg[1], t, owner) || !convert_for(ck, &n->arg[2], t, owner))
        return false;
    n->type = n->arg[1]->type->form == TYPE_ERROR ? n->arg[1]->type : n->arg[2]->type;
    return true;
}

static bool convert_for(struct checker *ck, struct node **slot, const struct sw_type *t,
                        const struct node *owner)
{
    struct node *n = *slot;
    const struct sw_type *now = sw_check_type(ck, n);
    struct node *made;

    if (sw_type_same(now, t) || now->form == TYPE_ERROR)
        return true;
    if (sw_literal_of(n) != NULL)
        return convert_literal(ck, slot, t, owner);
    if (n->kind == N_CALL && n->op == OP_COND)
        return convert_branches(ck, n, t, owner);
    if (!sw_type_is(t, SW_KDOUBLE) || !sw_type_is(now, SW_KINT))
        return false;
    made = SW_ARENA_NEW(&ck->l->arena, struct node);
    *made = *n;
    made->kind = N_CONVERT;
    made->bind = BIND_NONE;
    made->is_linear = false;
    made->arg = SW_ARENA_NEW(&ck->l->arena, struct node *);
    made->arg[0] = n;
    made->n_args = 1;
    sw_check_set(made, t);
    *slot = made;
    return true;
}

bool sw_rules_convert(struct checker *ck, struct node **slot, const struct sw_type *t)
{
    struct node *n = *slot;

    if (sw_type_is(t, SW_KDOUBLE) && sw_type_is(sw_check_type(ck, n), SW_KMONEY)) {
        struct node *made = SW_ARENA_NEW(&ck->l->arena, struct node);

        *made = *n;
        made->kind = N_CONVERT;
        made->bind = BIND_NONE;
        made->arg = SW_ARENA_NEW(&ck->l->arena, struct node *);
        made->arg[0] = n;
        made->n_args = 1;
        sw_check_set(made, t);
        *slot = made;
        return true;
    }
    return convert_for(ck, slot, t, NULL);
}

/* ---- one kind for several -------------------------------------------------------------------- */

/* How much a type decides about its neighbours. */
static int strength(const struct sw_type *t)
{
    if (t->form == TYPE_ENUM || sw_type_is(t, SW_KMONEY) || sw_type_is(t, SW_KDATE))
        return 3;
    if (sw_type_is(t, SW_KDOUBLE))
        return 2;
    return 1;
}

const struct sw_type *sw_rules_common(struct checker *ck, struct node **slots, uint32_t n)
{
    const struct node *owner = slots[0];
    const struct sw_type *t = sw_check_type(ck, owner);

    for (uint32_t i = 1; i < n; i++) {
        const struct sw_type *next = sw_check_type(ck, slots[i]);

        if (strength(next) > strength(t) || t->form == TYPE_ERROR) {
            owner = slots[i];
            t = next;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct sw_type *now = sw_check_type(ck, slots[i]);

        if (!sw_type_same(now, t) && strength(t) == 1)
            return sw_unify(&ck->u, t, now) ? t : NULL;
        if (!convert_for(ck, &slots[i], t, owner))
            return NULL;
    }
    return t;
}

/* ---- operators ------------------------------------------------------------------------------- */

static void pass_on(struct node *n, const struct node *a, const struct node *b)
{
    n->unit = a->unit.n > 0 ? a->unit : b->unit;
    n->is_linear = a->is_linear || b->is_linear;
}

static bool units_differ(const struct node *a, const struct node *b)
{
    if (a->unit.n == 0 || b->unit.n == 0 || !is_number_type(a->type) || !is_number_type(b->type))
        return false;
    return !sw_str_eq(a->unit, b->unit) && !(is_days_unit(a->unit) && is_days_unit(b->unit)) &&
           !(is_years_unit(a->unit) && is_years_unit(b->unit));
}

/* Literals on either side of a comparison or sum take the other side's kind. */
static void meet(struct checker *ck, struct node *n)
{
    bool mixed = is_number_type(n->arg[0]->type) && is_number_type(n->arg[1]->type);
    bool ordered = sw_op_precedence(n->op) == 3 && n->op != OP_EQ && n->op != OP_NE;

    /* Ordering whole numbers with others is exact as it is. */
    if (mixed && ordered && sw_literal_of(n->arg[0]) == NULL && sw_literal_of(n->arg[1]) == NULL)
        return;
    sw_rules_common(ck, n->arg, 2);
}

/* max(), min(), avg() and latest() of no events are unknown: the author should say what then. */
static void warn_of_empty(struct checker *ck, const struct node *shown)
{
    const struct node *n = shown;
    const struct sw_type *t;

    while (n->kind == N_ALIAS || n->kind == N_CONVERT || n->kind == N_SELECT)
        n = n->arg[0];
    t = n->kind == N_CALL && n->is_member && n->op == OP_NONE ? n->arg[0]->type : NULL;
    if (t == NULL || t->form != TYPE_STREAM)
        return;
    if (n->index == FOLD_MAX || n->index == FOLD_MIN || n->index == FOLD_AVG ||
        n->index == FOLD_LATEST)
        sw_check_warning(ck, n,
                         _("%.*s() is unknown when there are no events; write "
                           ".orValue(...) behind it"),
                         SW_STR_ARG(n->name));
}

static bool promote_relation(struct checker *ck, struct node *n)
{
    meet(ck, n);
    warn_of_empty(ck, n->arg[0]);
    warn_of_empty(ck, n->arg[1]);
    if (units_differ(n->arg[0], n->arg[1])) {
        sw_rules_no_operator(ck, n);
        return false;
    }
    return true;
}

/* The list literal that *slot is, made this expression's own so that it can be changed: a named
 * list as elements of type `t`, a macro's list copied. NULL: it is no literal. */
static struct node *own_list(struct checker *ck, struct node **slot, const struct sw_type *t)
{
    const struct node *n = *slot;
    struct node *list;

    while (n->kind == N_ALIAS)
        n = n->arg[0];
    if (n->kind != N_LIST)
        return NULL;
    if (n->symbol != NULL) {
        *slot = sw_rules_list(ck, *slot, n->symbol, t);
        return *slot;
    }
    list = SW_ARENA_NEW(&ck->l->arena, struct node);
    *list = *n;
    list->arg = SW_ARENA_ARRAY(&ck->l->arena, struct node *, n->n_args);
    for (uint32_t i = 0; i < n->n_args; i++) {
        list->arg[i] = SW_ARENA_NEW(&ck->l->arena, struct node);
        *list->arg[i] = *n->arg[i];
        /* Inside a macro's text the elements stand elsewhere: findings show the macro's name. */
        if (n != *slot)
            list->arg[i]->start = list->arg[i]->at = list->arg[i]->mark = (*slot)->start;
    }
    *slot = list;
    return list;
}

/* The elements of a list literal, or of a named list, become what the left side is. */
static bool promote_in(struct checker *ck, struct node *n)
{
    const struct sw_type *left = sw_check_type(ck, n->arg[0]);
    struct node *list = own_list(ck, &n->arg[1], left);

    for (uint32_t i = 0; list != NULL && i < list->n_args; i++) {
        if (!convert_for(ck, &list->arg[i], left, n->arg[0])) {
            sw_rules_no_operator(ck, n);
            return false;
        }
        if (list->arg[i]->type->form == TYPE_ERROR)
            return false;
    }
    if (list != NULL && list->n_args > 0)
        list->type = sw_type_make(&ck->l->arena, TYPE_LIST, left, NULL);
    return true;
}

static bool promote_sum(struct checker *ck, struct node *n)
{
    if (n->arg[0]->type->form == TYPE_ENUM || n->arg[1]->type->form == TYPE_ENUM) {
        sw_rules_no_operator(ck, n);
        return false;
    }
    meet(ck, n);
    pass_on(n, n->arg[0], n->arg[1]);
    if (units_differ(n->arg[0], n->arg[1])) {
        sw_rules_no_operator(ck, n);
        return false;
    }
    return true;
}

static bool promote_product(struct checker *ck, struct node *n)
{
    const struct sw_type *a = sw_check_type(ck, n->arg[0]);
    const struct sw_type *b = sw_check_type(ck, n->arg[1]);

    if (is_number_type(a) && is_number_type(b) && !sw_type_same(a, b))
        sw_rules_common(ck, n->arg, 2);
    if (n->op == OP_DIV && sw_type_is(a, SW_KINT) && sw_type_is(b, SW_KINT))
        sw_check_warning(ck, n,
                         _("whole numbers divide without a remainder: 7 / 2 is 3; write "
                           "double(…) or a decimal point if that is not meant"));
    return true;
}

static bool promote_condition(struct checker *ck, struct node *n)
{
    const struct sw_type *t;

    if (!sw_type_is(sw_check_type(ck, n->arg[0]), SW_KBOOL)) {
        sw_check_error_at(ck, n->arg[0]->start, _("this must be true or false, it is %.*s"),
                          SW_STR_ARG(sw_rules_word(ck, n->arg[0])));
        return false;
    }
    t = sw_rules_common(ck, &n->arg[1], 2);
    pass_on(n, n->arg[1], n->arg[2]);
    if (t == NULL)
        sw_rules_no_operator(ck, n);
    return t != NULL;
}

bool sw_rules_promote(struct checker *ck, struct node *n)
{
    bool done = true;

    switch ((int)n->op) {
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_EQ:
    case OP_NE: done = promote_relation(ck, n); break;
    case OP_IN: done = promote_in(ck, n); break;
    case OP_ADD:
    case OP_SUB: done = promote_sum(ck, n); break;
    case OP_MUL:
    case OP_DIV: done = promote_product(ck, n); break;
    case OP_NEG: n->unit = n->arg[0]->unit; break;
    case OP_COND: done = promote_condition(ck, n); break;
    default: break;
    }
    for (uint32_t i = 0; i < n->n_args; i++)
        done = done && n->arg[i]->type->form != TYPE_ERROR;
    return done;
}

/* ---- named lists ----------------------------------------------------------------------------- */

/* The type of a list's entries as they are written: numbers when all are, else texts. */
static const struct sw_type *written_type(const struct symbol *s)
{
    enum sw_kind kind = SW_KINT;

    for (size_t i = 0; i < s->n_entries; i++) {
        int64_t whole;
        double number;

        if (sw_str_int(s->entry[i].text, &whole))
            continue;
        if (!sw_double_parse(s->entry[i].text, &number))
            return sw_type_simple(SW_KSTRING);
        kind = SW_KDOUBLE;
    }
    return sw_type_simple(s->n_entries == 0 ? SW_KSTRING : kind);
}

/* One entry as `t`; SW_KERROR when it is none. */
static struct sw_value entry_value(struct sw_str text, const struct sw_type *t)
{
    int64_t whole;
    double number;
    sw_day day;

    for (size_t i = 0; t->form == TYPE_ENUM && i < t->n; i++) {
        if (sw_str_eq(t->items[i].name, text))
            return (struct sw_value){
                .kind = SW_KENUM, .enum_id = (uint16_t)t->number, .i = (int64_t)i};
    }
    if (sw_type_is(t, SW_KSTRING))
        return sw_value_str(text);
    if (sw_type_is(t, SW_KINT) && sw_str_int(text, &whole))
        return sw_value_int(whole);
    if (sw_type_is(t, SW_KDOUBLE) && sw_double_parse(text, &number))
        return sw_value_double(number);
    if (sw_type_is(t, SW_KMONEY) && sw_fen_parse(text, &whole))
        return sw_value_money(whole);
    if (sw_type_is(t, SW_KDATE) && sw_date_parse(text, &day))
        return sw_value_date(day);
    return sw_value_error(sw_no_overload);
}

static void bad_entry(struct checker *ck, const struct sw_text *entry, const struct sw_type *t)
{
    struct sw_buf word = {0};

    ck->failed = true;
    if (t->form == TYPE_ENUM) {
        sw_unknown_item(ck, sw_text_place(entry, 0), t, entry->text, t->name);
        return;
    }
    sw_type_put(t, &word);
    sw_diag_add(ck->diag, SW_ERROR, sw_text_place(entry, 0), _("%.*s is no %s"),
                SW_STR_ARG(entry->text), word.p);
    sw_buf_free(&word);
}

/* A named list whose entries fitted one enum was asked for items of another. */
static void wrong_list(struct checker *ck, const struct node *n, const struct symbol *s,
                       const struct sw_type *t)
{
    sw_check_error_at(ck, n->start, _("%.*s is a list of %.*s, not of %.*s"), SW_STR_ARG(s->name),
                      SW_STR_ARG(s->fits->name), SW_STR_ARG(t->name));
}

/* The entries as `t`; false when one is none. What is wrong with a list is told once. */
static bool convert_entries(struct checker *ck, struct node *list, struct symbol *s,
                            const struct sw_type *t)
{
    bool good = true;

    for (size_t i = 0; i < s->n_entries; i++) {
        struct node *n = list->arg[i] = SW_ARENA_NEW(&ck->l->arena, struct node);

        n->kind = N_LITERAL;
        n->value = entry_value(s->entry[i].text, t);
        sw_check_set(n, t);
        if (n->value.kind != SW_KERROR)
            continue;
        good = false;
        n->type = &sw_error_type;
        if (s->fits == NULL && !s->is_faulty)
            bad_entry(ck, &s->entry[i], t);
    }
    return good;
}

struct node *sw_rules_list(struct checker *ck, const struct node *n, struct symbol *s,
                           const struct sw_type *t)
{
    struct node *list = SW_ARENA_NEW(&ck->l->arena, struct node);

    t = t == NULL ? written_type(s) : t;
    if (s->list != NULL && sw_type_same(s->list_type, t))
        return s->list;
    list->kind = N_LIST;
    list->symbol = s;
    list->arg = SW_ARENA_ARRAY(&ck->l->arena, struct node *, s->n_entries);
    list->n_args = (uint32_t)s->n_entries;
    sw_check_set(list, sw_type_make(&ck->l->arena, TYPE_LIST, t, NULL));
    if (convert_entries(ck, list, s, t)) {
        s->list = list;
        s->list_type = t;
        if (t->form == TYPE_ENUM)
            s->fits = t;
        return list;
    }
    if (s->fits != NULL)
        wrong_list(ck, n, s, t);
    s->is_faulty |= s->fits == NULL;
    ck->failed = true;
    list->type = &sw_error_type;
    return list;
}
