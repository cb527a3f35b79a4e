/* check_call.c - operators and functions: which overloads fit.
 *
 * All overloads whose types fit are kept: with dyn around, the kinds of the values decide while
 * evaluating. The result is the overloads' common result, dyn when they differ. */
#include "lang/check.h"
#include <shouwang/base/i18n.h>

/* The short form of one overload with fresh type variables; `types` gets result and arguments. */
static void instantiate(struct checker *ck, const struct overload *o,
                        const struct sw_type *types[8], uint32_t n_args)
{
    const char *sign = sw_overload_types(o);
    const struct sw_type *param[3] = {NULL, NULL, NULL};

    for (int i = 0; i < 3; i++) {
        if (strchr(sign, 'A' + i) != NULL)
            param[i] = sw_unify_var(&ck->u);
    }
    for (uint32_t i = 0; i <= n_args; i++)
        types[i] = sw_type_from_sign(&ck->l->arena, &sign, param);
}

static void no_overload(struct checker *ck, const struct node *n, bool is_member)
{
    struct sw_buf words = {0};
    struct sw_str name = n->op != OP_NONE ? sw_str(sw_op_function(n->op)) : n->name;

    if (ck->is_rules && n->op != OP_NONE) {
        sw_rules_no_operator(ck, n);
        return;
    }
    for (uint32_t i = 0; i < n->n_args; i++) {
        sw_type_put(sw_unify_apply(&ck->u, n->arg[i]->type, true), &words);
        if (is_member && i == 0)
            sw_buf_cstr(&words, ".(");
        else if (i + 1 < n->n_args)
            sw_buf_cstr(&words, ", ");
    }
    if (is_member)
        sw_buf_char(&words, ')');
    sw_check_error(ck, n,
                   is_member ? _("found no matching overload for '%.*s' applied to '%s'")
                             : _("found no matching overload for '%.*s' applied to '(%s)'"),
                   SW_STR_ARG(name), words.n == 0 ? "" : words.p);
    sw_buf_free(&words);
}

const struct sw_type *sw_check_overloads(struct checker *ck, struct node *n, bool is_member)
{
    const struct sw_type *args[8];
    const struct sw_type *result = NULL;

    n->overloads = 0;
    for (uint32_t i = 0; i < n->n_args && i < SW_COUNTOF(args); i++)
        args[i] = n->arg[i]->type;
    for (uint32_t i = 0; i < n->fn->n; i++) {
        const struct overload *o = &n->fn->overload[i];
        const struct sw_type *types[8];
        const struct sw_type *t;

        if (sw_overload_is_member(o) != is_member || sw_overload_args(o) != n->n_args ||
            (sw_overload_is_rules(o) && !ck->is_rules))
            continue;
        instantiate(ck, o, types, n->n_args);
        if (!sw_unify_all(&ck->u, types + 1, args, n->n_args))
            continue;
        n->overloads |= UINT32_C(1) << i;
        t = sw_unify_apply(&ck->u, types[0], false);
        if (result == NULL)
            result = t;
        else if (result->form != TYPE_DYN && !sw_type_same(t, result))
            result = &sw_dyn;
    }
    if (result == NULL && !ck->is_unchecked)
        no_overload(ck, n, is_member);
    return sw_check_set(n, result != NULL ? result : ck->is_unchecked ? &sw_dyn : &sw_error_type);
}

/* ---- operators ------------------------------------------------------------------------------- */

static bool is_logic(const struct node *n)
{
    return n->op == OP_AND || n->op == OP_OR;
}

/* && and || say which operand is no bool instead of complaining about both. */
static const struct sw_type *check_logic(struct checker *ck, struct node *n)
{
    const struct sw_type *t = sw_type_simple(SW_KBOOL);

    n->overloads = 1;
    for (uint32_t i = 0; i < n->n_args && !ck->is_unchecked; i++) {
        const struct node *arg = n->arg[i];
        struct sw_buf word = {0};

        if (sw_unify(&ck->u, sw_type_simple(SW_KBOOL), arg->type))
            continue;
        t = &sw_error_type;
        sw_type_put(sw_check_type(ck, arg), &word);
        if (ck->is_rules)
            sw_check_error_at(ck, arg->start, _("this must be true or false, it is %.*s"),
                              SW_STR_ARG(sw_rules_word(ck, arg)));
        else
            sw_check_error(ck, arg, _("expected type 'bool' but found '%s'"), word.p);
        sw_buf_free(&word);
    }
    return sw_check_set(n, t);
}

static bool has_error(const struct node *n)
{
    for (uint32_t i = 0; i < n->n_args; i++) {
        if (n->arg[i]->type->form == TYPE_ERROR)
            return true;
    }
    return false;
}

static bool is_relation(const struct node *n)
{
    return sw_op_precedence(n->op) == 3 || n->op == OP_NOT;
}

static const struct sw_type *check_optional_select(struct checker *ck, struct node *n)
{
    const struct sw_type *t = sw_check_type(ck, n->arg[0]);

    if (t->form == TYPE_OPTIONAL)
        t = sw_unify_apply(&ck->u, t->param[0], false);
    if (t->form != TYPE_MAP && !sw_type_is_free(t) && t->form != TYPE_VAR && !ck->is_unchecked) {
        struct sw_buf word = {0};

        sw_type_put(t, &word);
        sw_check_error(ck, n, _("type '%s' does not support field selection"), word.p);
        sw_buf_free(&word);
    }
    t = t->form == TYPE_MAP ? t->param[1] : &sw_dyn;
    return sw_check_set(n, sw_type_make(&ck->l->arena, TYPE_OPTIONAL, t, NULL));
}

static const struct sw_type *check_operator(struct checker *ck, struct node *n)
{
    for (uint32_t i = 0; i < n->n_args; i++)
        sw_check_node(ck, &n->arg[i]);
    if (is_logic(n))
        return check_logic(ck, n);
    if (n->op == OP_OPT_SELECT)
        return check_optional_select(ck, n);
    n->fn = sw_std_operator(n->op);
    /* A reported operand would fit anything here; in rule mode nothing is concluded from it. */
    if (ck->is_rules && (has_error(n) || !sw_rules_promote(ck, n)))
        return sw_check_set(n, is_relation(n) ? sw_type_simple(SW_KBOOL) : &sw_error_type);
    return sw_check_overloads(ck, n, false);
}

/* ---- functions ------------------------------------------------------------------------------- */

static const struct sw_type *undeclared(struct checker *ck, struct node *n)
{
    const char *feature = sw_std_refused(n->name, n->is_member, n->n_args);

    if (feature != NULL) {
        if (ck->refused != NULL)
            *ck->refused = feature;
        sw_check_error(ck, n, _("%.*s() is not part of this language (extension \"%s\")"),
                       SW_STR_ARG(n->name), feature);
        return sw_check_set(n, &sw_error_type);
    }
    if (ck->is_unchecked) {
        n->bind = BIND_MISSING;
        return sw_check_set(n, &sw_dyn);
    }
    if (ck->is_rules)
        sw_check_error(ck, n, _("there is no function %.*s()"), SW_STR_ARG(n->name));
    else
        sw_check_error(ck, n, _("undeclared reference to '%.*s' (in container '%.*s')"),
                       SW_STR_ARG(n->name), SW_STR_ARG(ck->container));
    return sw_check_set(n, &sw_error_type);
}

/* Functions that rule files are not to use: there is no dyn, and kinds are known. */
static bool is_cel_only(const struct node *n)
{
    static const char *const names[] = {"dyn", "type", "uint", "bytes", "bool"};

    for (size_t i = 0; i < SW_COUNTOF(names); i++) {
        if (sw_str_is(n->name, names[i]))
            return true;
    }
    return sw_str_starts(n->name, SW_STR("optional."));
}

static bool fits_unchecked(const struct node *n, bool is_member)
{
    for (uint32_t i = 0; i < n->fn->n; i++) {
        const struct overload *o = &n->fn->overload[i];

        if (sw_overload_is_member(o) == is_member && sw_overload_args(o) == n->n_args)
            return true;
    }
    return false;
}

static const struct sw_type *call_function(struct checker *ck, struct node *n)
{
    if (n->fn == NULL || (ck->is_rules && is_cel_only(n)))
        return undeclared(ck, n);
    if (ck->is_rules && has_error(n))
        return sw_check_set(n, &sw_error_type);
    if (ck->is_unchecked && !fits_unchecked(n, n->is_member)) {
        n->bind = BIND_MISSING;
        return sw_check_set(n, &sw_dyn);
    }
    return sw_check_overloads(ck, n, n->is_member);
}

/* math.least(a, b, …): the numbers as they are; of one kind the result is of that kind. */
static const struct sw_type *call_least(struct checker *ck, struct node *n)
{
    const struct sw_type *t = NULL;

    if (ck->is_rules)
        return sw_rules_least(ck, n);
    for (uint32_t i = 0; i < n->n_args; i++) {
        const struct sw_type *a = sw_check_type(ck, n->arg[i]);

        if (n->n_args == 1 && a->form == TYPE_LIST)
            a = sw_unify_apply(&ck->u, a->param[0], false);
        t = t == NULL || sw_type_same(t, a) ? a : &sw_dyn;
        if (!sw_type_is_free(a) && a->form != TYPE_VAR && !sw_type_is(a, SW_KINT) &&
            !sw_type_is(a, SW_KUINT) && !sw_type_is(a, SW_KDOUBLE) && !ck->is_unchecked) {
            no_overload(ck, n, false);
            return sw_check_set(n, &sw_error_type);
        }
    }
    if (t == NULL && !ck->is_unchecked) {
        no_overload(ck, n, false);
        return sw_check_set(n, &sw_error_type);
    }
    return sw_check_set(n, t == NULL ? &sw_dyn : t);
}

static bool is_least(struct sw_str name)
{
    return sw_str_is(name, "math.least") || sw_str_is(name, "math.greatest");
}

/* "optional.of" of optional.of(x): receivers that are no values. */
static bool namespaced(struct checker *ck, struct node *n)
{
    struct sw_buf name = {0};
    bool found = false;

    if (!n->is_member || !sw_qualified_name(ck, n->arg[0], &name))
        goto out;
    sw_buf_printf(&name, ".%.*s", SW_STR_ARG(n->name));
    n->fn = sw_std_find(sw_buf_view(&name));
    found = n->fn != NULL || is_least(sw_buf_view(&name)) ||
            sw_std_refused(sw_buf_view(&name), false, 0) != NULL;
    if (found) {
        n->name = sw_arena_str(&ck->l->arena, sw_buf_view(&name));
        n->is_member = false;
        n->arg++;
        n->n_args--;
    }
out:
    sw_buf_free(&name);
    return found;
}

static const struct sw_type *call_plain(struct checker *ck, struct node *n)
{
    const struct sw_type *t = ck->is_rules ? sw_rules_function(ck, n) : NULL;

    if (t != NULL)
        return t;
    for (uint32_t i = 0; i < n->n_args; i++)
        sw_check_node(ck, &n->arg[i]);
    return is_least(n->name) ? call_least(ck, n) : call_function(ck, n);
}

static const struct sw_type *call_member(struct checker *ck, struct node *n)
{
    const struct sw_type *t;

    if (ck->is_rules) {
        t = sw_check_node(ck, &n->arg[0]);
        if (t->form == TYPE_ERROR)
            return sw_check_set(n, t);
        if (t->form == TYPE_STREAM || t->form == TYPE_GROUPS)
            return sw_stream_call(ck, n);
        if (sw_str_is(n->name, "orValue"))
            return sw_rules_or_value(ck, n);
    }
    for (uint32_t i = 1; i < n->n_args; i++)
        sw_check_node(ck, &n->arg[i]);
    if (!ck->is_rules)
        sw_check_node(ck, &n->arg[0]);
    return call_function(ck, n);
}

const struct sw_type *sw_check_call(struct checker *ck, struct node **slot)
{
    struct node *n = *slot;

    if (n->op != OP_NONE)
        return check_operator(ck, n);
    if (namespaced(ck, n))
        return call_plain(ck, n);
    n->fn = sw_std_find(n->name);
    return n->is_member ? call_member(ck, n) : call_plain(ck, n);
}
