/* check.c - types for every node of a tree, or findings.
 *
 * One pass from the leaves up, as CEL's gradual type checking describes it; type variables are
 * bound on the way and written out at the end. In rule mode the same pass first gives literals
 * and lists the type their surroundings want (check_rules.c) and knows streams (check_stream.c).
 * A node that was reported has TYPE_ERROR, which fits everything: one mistake, one finding. */
#include "lang/check.h"
#include <shouwang/base/i18n.h>

/* ---- findings -------------------------------------------------------------------------------- */

static void add_finding(struct checker *ck, enum sw_severity severity, uint32_t at,
                        struct sw_buf *text)
{
    if (severity == SW_ERROR)
        ck->failed = true;
    sw_diag_add(ck->diag, severity, sw_text_place(&ck->tree->text, at), "%s", text->p);
    sw_buf_free(text);
}

void sw_check_error_at(struct checker *ck, uint32_t at, const char *fmt, ...)
{
    struct sw_buf text = {0};
    va_list ap;

    va_start(ap, fmt);
    sw_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    add_finding(ck, SW_ERROR, at, &text);
}

void sw_check_error(struct checker *ck, const struct node *n, const char *fmt, ...)
{
    struct sw_buf text = {0};
    va_list ap;

    va_start(ap, fmt);
    sw_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    add_finding(ck, SW_ERROR, ck->is_rules ? n->mark : n->at, &text);
}

void sw_check_warning(struct checker *ck, const struct node *n, const char *fmt, ...)
{
    struct sw_buf text = {0};
    va_list ap;

    va_start(ap, fmt);
    sw_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    add_finding(ck, SW_WARNING, n->mark, &text);
}

const struct sw_type *sw_check_set(struct node *n, const struct sw_type *t)
{
    n->type = t;
    return t;
}

const struct sw_type *sw_check_type(struct checker *ck, const struct node *n)
{
    return sw_unify_apply(&ck->u, n->type, false);
}

/* ---- lists and maps -------------------------------------------------------------------------- */

/* The type of all elements; mixed ones make dyn, which rule files do not have. */
static const struct sw_type *join(struct checker *ck, const struct sw_type *so_far,
                                  const struct node *element, const struct sw_type *next)
{
    if (so_far == NULL)
        return next;
    if (sw_unify(&ck->u, next, so_far))
        return sw_type_general(so_far, next);
    if (ck->is_rules)
        sw_check_error_at(ck, element->start,
                          _("all elements of a list must be of one kind: here it is %.*s"),
                          SW_STR_ARG(sw_rules_word(ck, element)));
    return ck->is_rules ? &sw_error_type : &sw_dyn;
}

/* An element written ?e adds what the optional e holds. */
static const struct sw_type *element_type(struct checker *ck, struct node **slot)
{
    const struct sw_type *t = sw_check_node(ck, slot);
    const struct sw_type *held;

    if (!(*slot)->is_optional)
        return t;
    held = sw_unify_var(&ck->u);
    if (sw_unify(&ck->u, sw_type_make(&ck->l->arena, TYPE_OPTIONAL, held, NULL), t))
        return sw_unify_apply(&ck->u, held, false);
    sw_check_error(ck, *slot, _("an element with '?' must be an optional"));
    return &sw_error_type;
}

static const struct sw_type *check_list(struct checker *ck, struct node *n)
{
    const struct sw_type *element = NULL;

    for (uint32_t i = 0; i < n->n_args; i++)
        element_type(ck, &n->arg[i]);
    if (ck->is_rules && n->n_args > 0)
        sw_rules_common(ck, n->arg, n->n_args);
    for (uint32_t i = 0; i < n->n_args; i++) {
        const struct sw_type *t = sw_check_type(ck, n->arg[i]);

        if (n->arg[i]->is_optional && t->form == TYPE_OPTIONAL)
            t = t->param[0];
        element = join(ck, element, n->arg[i], t);
    }
    if (element == NULL)
        element = sw_unify_var(&ck->u);
    return sw_check_set(n, sw_type_make(&ck->l->arena, TYPE_LIST, element, NULL));
}

static const struct sw_type *check_map(struct checker *ck, struct node *n)
{
    const struct sw_type *key = NULL;
    const struct sw_type *value = NULL;

    for (uint32_t i = 0; i < n->n_args; i += 2) {
        bool optional = n->arg[i]->is_optional;

        n->arg[i]->is_optional = false;
        key = join(ck, key, n->arg[i], sw_check_node(ck, &n->arg[i]));
        n->arg[i + 1]->is_optional = optional;
        value = join(ck, value, n->arg[i + 1], element_type(ck, &n->arg[i + 1]));
    }
    if (key == NULL) {
        key = sw_unify_var(&ck->u);
        value = sw_unify_var(&ck->u);
    }
    return sw_check_set(n, sw_type_make(&ck->l->arena, TYPE_MAP, key, value));
}

static const struct sw_type *check_struct(struct checker *ck, struct node *n)
{
    if (ck->refused != NULL)
        *ck->refused = "messages";
    if (ck->is_rules)
        sw_check_error_at(ck, n->at, _("this language has no messages such as %.*s{...}"),
                          SW_STR_ARG(n->name));
    else
        sw_check_error_at(ck, n->at, _("undeclared reference to '%.*s' (in container '%.*s')"),
                          SW_STR_ARG(n->name), SW_STR_ARG(ck->container));
    return sw_check_set(n, &sw_error_type);
}

/* ---- loops ----------------------------------------------------------------------------------- */

/* What the variable of a loop over `range` is; NULL after a finding. */
static const struct sw_type *variable_type(struct checker *ck, const struct node *range)
{
    const struct sw_type *t = sw_check_type(ck, range);
    struct sw_buf word = {0};

    if (t->form == TYPE_LIST || t->form == TYPE_MAP)
        return t->param[0];
    if (t->form == TYPE_VAR || sw_type_is_free(t)) {
        sw_unify(&ck->u, t, &sw_dyn);
        return &sw_dyn;
    }
    sw_type_put(t, &word);
    sw_check_error(ck, range,
                   _("expression of type '%s' cannot be range of a comprehension "
                     "(must be list, map, or dynamic)"),
                   word.p);
    sw_buf_free(&word);
    return &sw_error_type;
}

static void want_bool(struct checker *ck, const struct node *n)
{
    struct sw_buf word = {0};

    if (sw_unify(&ck->u, sw_type_simple(SW_KBOOL), n->type))
        return;
    if (ck->is_rules) {
        sw_check_error_at(ck, n->start, _("this must be true or false, it is %.*s"),
                          SW_STR_ARG(sw_rules_word(ck, n)));
        return;
    }
    sw_type_put(sw_check_type(ck, n), &word);
    sw_check_error(ck, n, _("expected type 'bool' but found '%s'"), word.p);
    sw_buf_free(&word);
}

/* In CEL a condition of map() and filter() is the first operand of a conditional, and that is how
 * its error reads. */
static void want_condition(struct checker *ck, const struct node *loop, const struct node *n,
                           const struct sw_type *list)
{
    struct sw_buf words = {0};

    if (ck->is_rules || sw_unify(&ck->u, sw_type_simple(SW_KBOOL), n->type)) {
        if (ck->is_rules)
            want_bool(ck, n);
        return;
    }
    sw_type_put(sw_unify_apply(&ck->u, n->type, true), &words);
    sw_buf_cstr(&words, ", ");
    sw_type_put(sw_unify_apply(&ck->u, list, true), &words);
    sw_buf_cstr(&words, ", ");
    sw_type_put(sw_unify_apply(&ck->u, list, true), &words);
    sw_check_error(ck, loop, _("found no matching overload for '%s' applied to '(%s)'"), "_?_:_",
                   words.p);
    sw_buf_free(&words);
}

/* The elements collected by map() and filter(). */
static const struct sw_type *collected(struct checker *ck, struct node *n)
{
    const struct node *what = n->arg[n->op == LOOP_MAP_IF ? 2 : 1];
    const struct sw_type *element = sw_unify_var(&ck->u);

    if (n->op != LOOP_FILTER)
        sw_unify(&ck->u, element, what->type);
    return element;
}

static const struct sw_type *check_body(struct checker *ck, struct node *n, struct scope *scope)
{
    const struct sw_type *element;
    const struct sw_type *list;

    for (uint32_t i = 1; i < n->n_args; i++)
        sw_check_in(ck, scope, &n->arg[i]);
    if (n->op == LOOP_ALL || n->op == LOOP_EXISTS || n->op == LOOP_ONE) {
        want_bool(ck, n->arg[1]);
        return sw_type_simple(SW_KBOOL);
    }
    element = collected(ck, n);
    if (n->op == LOOP_FILTER)
        sw_unify(&ck->u, element, scope->local->type);
    list = sw_type_make(&ck->l->arena, TYPE_LIST, element, NULL);
    if (n->op != LOOP_MAP)
        want_condition(ck, n, n->arg[1], list);
    return list;
}

static const struct sw_type *check_loop(struct checker *ck, struct node **slot)
{
    struct node *n = *slot;
    struct parse_rules limits = sw_session_rules(ck->l, NULL);
    struct scope scope = {.kind = SCOPE_LOOP};
    const struct sw_type *t;

    sw_check_node(ck, &n->arg[0]);
    if (sw_check_type(ck, n->arg[0])->form == TYPE_STREAM)
        return sw_stream_loop(ck, slot);
    scope.local = n->local = SW_ARENA_NEW(&ck->l->arena, struct local);
    n->local->name = n->name;
    n->local->type = variable_type(ck, n->arg[0]);
    ck->loops += !sw_str_is(n->arg[0]->name, SW_OPTIONAL_LIST);
    if (ck->loops > limits.loops_max)
        sw_check_error(ck, n, _("loops may be nested %u deep at most"), limits.loops_max);
    t = check_body(ck, n, &scope);
    ck->loops -= !sw_str_is(n->arg[0]->name, SW_OPTIONAL_LIST);
    return sw_check_set(n, t);
}

const struct sw_type *sw_check_in(struct checker *ck, struct scope *scope, struct node **slot)
{
    const struct sw_type *t;

    scope->up = ck->scope;
    ck->scope = scope;
    t = sw_check_node(ck, slot);
    ck->scope = scope->up;
    return t;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

const struct sw_type *sw_check_node(struct checker *ck, struct node **slot)
{
    struct node *n = *slot;

    switch ((enum node_kind)n->kind) {
    case N_BAD: return sw_check_set(n, &sw_error_type);
    case N_LITERAL: return sw_check_set(n, sw_type_simple(n->value.kind));
    case N_IDENT: return sw_check_ident(ck, slot);
    case N_SELECT: return sw_check_select(ck, slot);
    case N_HAS: return sw_check_has(ck, slot);
    case N_CALL: return sw_check_call(ck, slot);
    case N_LIST: return check_list(ck, n);
    case N_MAP: return check_map(ck, n);
    case N_STRUCT: return check_struct(ck, n);
    case N_LOOP: return check_loop(ck, slot);
    case N_ALIAS:
    case N_CONVERT: break; /* made by the checker, with their types */
    }
    return n->type;
}

/* Replace type variables by what they turned out to be. Aliases were finished when defined. */
static void finish(struct checker *ck, struct node *n)
{
    n->type = sw_unify_apply(&ck->u, n->type == NULL ? &sw_dyn : n->type, true);
    if (n->local != NULL && n->kind == N_LOOP)
        n->local->type = sw_unify_apply(&ck->u, n->local->type, true);
    if (n->kind == N_ALIAS)
        return;
    for (uint32_t i = 0; i < n->n_args; i++)
        finish(ck, n->arg[i]);
}

static void check_want(struct checker *ck, const struct sw_type *want)
{
    struct node *root = ck->tree->root;
    struct sw_buf word = {0};

    if (want == NULL || (ck->is_rules && sw_rules_convert(ck, &ck->tree->root, want)))
        return;
    if (sw_unify(&ck->u, want, root->type))
        return;
    if (sw_type_is(want, SW_KBOOL)) {
        want_bool(ck, root);
        return;
    }
    sw_type_put(want, &word);
    sw_check_error_at(ck, root->start, _("this must be %s, it is %.*s"), word.p,
                      SW_STR_ARG(sw_rules_word(ck, root)));
    sw_buf_free(&word);
}

/* A stream, or groups of one, are no value by themselves. */
static void check_is_value(struct checker *ck)
{
    const struct sw_type *t = sw_check_type(ck, ck->tree->root);

    if (t->form == TYPE_STREAM || t->form == TYPE_GROUPS)
        sw_check_error_at(ck, ck->tree->root->start,
                          _("events alone are no value; count, sum or look at them: "
                            ".count(), .sum(…), .exists(…)"));
    else if (t->form == TYPE_RECORD || (t->form == TYPE_LIST && t->param[0]->form == TYPE_RECORD))
        sw_check_error_at(ck, ck->tree->root->start,
                          _("this is a whole %.*s; choose one of its fields"),
                          SW_STR_ARG(t->form == TYPE_RECORD ? t->name : t->param[0]->name));
}

static struct checker start(struct sw_lang *l, struct tree *tree, struct sw_diag *diag)
{
    return (struct checker){.l = l,
                            .tree = tree,
                            .diag = diag,
                            .u = {.arena = &l->arena},
                            .is_rules = l->mode == SW_LANG_RULES};
}

const struct sw_type *sw_check_definition(struct sw_lang *l, struct tree *tree,
                                          struct sw_diag *diag)
{
    struct checker ck = start(l, tree, diag);

    if (tree->failed)
        return sw_check_set(tree->root, &sw_error_type);
    sw_check_node(&ck, &tree->root);
    finish(&ck, tree->root);
    sw_unify_free(&ck.u);
    return ck.failed ? &sw_error_type : tree->root->type;
}

bool sw_check_tree(struct sw_lang *l, struct tree *tree, const struct sw_type *want,
                   const struct sw_how *how, struct sw_diag *diag)
{
    struct checker ck = start(l, tree, diag);

    if (tree->failed)
        return false;
    if (how != NULL) {
        ck.is_unchecked = how->unchecked;
        ck.container = how->container;
        ck.refused = how->refused;
    }
    sw_check_node(&ck, &tree->root);
    if (!ck.failed && !ck.is_unchecked) {
        check_is_value(&ck);
        check_want(&ck, want);
    }
    finish(&ck, tree->root);
    sw_unify_free(&ck.u);
    return !ck.failed;
}
