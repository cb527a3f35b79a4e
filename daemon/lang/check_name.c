/* check_name.c - what names stand for.
 *
 * From the inside out: variables of loops and the fields of the event in hand, then the longest
 * prefix of a dotted name that is declared, looked for in the container and in what encloses it,
 * then the names of types. A name with a leading dot is looked for at the outside only. */
#include "lang/check.h"
#include <shouwang/base/i18n.h>

bool sw_qualified_name(struct checker *ck, const struct node *n, struct sw_buf *out)
{
    if (n->kind == N_IDENT) {
        sw_buf_str(out, n->name);
        return true;
    }
    if (n->kind != N_SELECT || !sw_qualified_name(ck, n->arg[0], out))
        return false;
    sw_buf_char(out, '.');
    sw_buf_str(out, n->name);
    return true;
}

static const struct node *first_name(const struct node *n)
{
    while (n->kind == N_SELECT)
        n = n->arg[0];
    return n;
}

/* ---- local names ----------------------------------------------------------------------------- */

static bool names_field(const struct scope *s, struct sw_str name, uint32_t *index)
{
    for (size_t i = 0; i < s->stream->n_fields; i++) {
        if (sw_str_eq(s->stream->fields[i].name, name)) {
            *index = (uint32_t)i;
            return true;
        }
    }
    return false;
}

const struct sw_type *sw_record_of(struct checker *ck, const struct sw_stream_decl *stream)
{
    struct sw_type *t = SW_ARENA_NEW(&ck->l->arena, struct sw_type);

    *t = (struct sw_type){.form = TYPE_RECORD,
                          .kind = SW_KRECORD,
                          .name = stream->name,
                          .fields = stream->fields,
                          .n = stream->n_fields,
                          .stream = stream};
    return t;
}

/* A name in one scope; NULL when it is not there. */
static const struct sw_type *find_in_scope(struct checker *ck, struct node *n,
                                           const struct scope *s)
{
    uint32_t index;

    if (s->kind == SCOPE_LOOP) {
        if (!sw_str_eq(s->local->name, n->name))
            return NULL;
        n->bind = BIND_LOOP;
        n->local = s->local;
        return s->local->type;
    }
    if (s->kind == SCOPE_EVENT && s->event.n > 0) {
        if (!sw_str_eq(s->event, n->name))
            return NULL;
        n->bind = BIND_EVENT;
        return sw_record_of(ck, s->stream);
    }
    if (!names_field(s, n->name, &index))
        return NULL;
    if (s->kind == SCOPE_GROUP && (int32_t)index != s->key)
        return NULL;
    n->bind = s->kind == SCOPE_GROUP ? BIND_GROUP : BIND_FIELD;
    n->index = s->kind == SCOPE_GROUP ? 0 : index; /* value 0 of a group is its key */
    return s->stream->fields[index].type;
}

/* A field's name that a macro, list or let has too would change its meaning silently with the
 * next change of either: refused. */
static void refuse_double_meaning(struct checker *ck, const struct node *n)
{
    const struct symbol *s = sw_session_find(ck->l, n->name);

    if (n->bind == BIND_FIELD && s != NULL && (s->kind == SYM_MACRO || s->kind == SYM_LIST))
        sw_check_error(ck, n,
                       _("%.*s is a field of the event and also a macro, list or let; "
                         "rename one of them"),
                       SW_STR_ARG(n->name));
}

static const struct sw_type *find_local(struct checker *ck, struct node *n)
{
    const struct sw_type *t = NULL;

    for (const struct scope *s = ck->scope; s != NULL && t == NULL && !n->is_root; s = s->up) {
        t = find_in_scope(ck, n, s);
        /* A condition on events is the same wherever it stands: it does not see loops around it. */
        if (s->kind != SCOPE_LOOP)
            break;
    }
    return t;
}

bool sw_in_event(const struct checker *ck)
{
    const struct scope *s = ck->scope;

    while (s != NULL && s->kind == SCOPE_LOOP)
        s = s->up;
    return s != NULL;
}

/* ---- declared names -------------------------------------------------------------------------- */

/* Turn n into a literal type value. */
static const struct sw_type *as_type(struct checker *ck, struct node *n, enum sw_kind kind)
{
    const struct sw_type *t = sw_type_simple(kind);

    n->kind = N_LITERAL;
    n->value = sw_value_type(t);
    if (kind == SW_KLIST)
        t = sw_type_make(&ck->l->arena, TYPE_LIST, &sw_dyn, NULL);
    if (kind == SW_KMAP)
        t = sw_type_make(&ck->l->arena, TYPE_MAP, &sw_dyn, &sw_dyn);
    return sw_check_set(n, sw_type_make(&ck->l->arena, TYPE_TYPE, t, NULL));
}

/* A macro or let: its finished tree stands in place of the name. */
static const struct sw_type *as_alias(struct checker *ck, struct node **slot, struct symbol *s)
{
    struct node *n = *slot;
    struct node *alias = SW_ARENA_NEW(&ck->l->arena, struct node);

    *alias = *n;
    alias->kind = N_ALIAS;
    alias->symbol = s;
    alias->arg = SW_ARENA_NEW(&ck->l->arena, struct node *);
    alias->arg[0] = s->tree->root;
    alias->n_args = 1;
    alias->unit = s->unit;
    alias->is_linear = s->tree->root->is_linear;
    alias->is_optional = n->is_optional;
    ck->tree->nodes += s->tree->nodes;
    if (ck->tree->nodes > sw_session_rules(ck->l, NULL).nodes_max && !s->is_faulty) {
        sw_check_error(ck, n,
                       _("with its macros written out the expression has more than %u "
                         "parts"),
                       sw_session_rules(ck->l, NULL).nodes_max);
        ck->tree->nodes = 0;
    }
    *slot = alias;
    ck->failed |= s->is_faulty; /* which has been reported */
    return sw_check_set(alias, s->is_faulty ? &sw_error_type : s->type);
}

static const struct sw_type *as_symbol(struct checker *ck, struct node **slot, struct symbol *s)
{
    struct node *n = *slot;

    s->is_used = true;
    n->symbol = s;
    n->unit = s->unit;
    switch (s->kind) {
    case SYM_VAR:
        n->kind = N_IDENT;
        n->bind = BIND_VAR;
        break;
    case SYM_STREAM:
        n->kind = N_IDENT;
        n->bind = BIND_STREAM;
        if (sw_in_event(ck))
            sw_check_error(ck, n, _("conditions on events cannot look at other events"));
        break;
    case SYM_MACRO: return as_alias(ck, slot, s);
    case SYM_LIST: *slot = sw_rules_list(ck, n, s, NULL); return (*slot)->type;
    }
    n->name = s->name;
    return sw_check_set(n, s->type);
}

/* A whole name in one container; NULL when it is not declared there. */
static const struct sw_type *find_exact(struct checker *ck, struct node **slot, struct sw_str name)
{
    struct symbol *s = sw_session_find(ck->l, name);
    enum sw_kind kind;

    if (s != NULL)
        return as_symbol(ck, slot, s);
    if (sw_str_is(name, "today") && ck->is_rules) {
        (*slot)->bind = BIND_TODAY;
        (*slot)->is_linear = true;
        if (sw_in_event(ck))
            sw_check_error(ck, *slot,
                           _("conditions on events cannot look at today; "
                             "use within(…), older_than(…) or between(…)"));
        return sw_check_set(*slot, sw_type_simple(SW_KDATE));
    }
    if (!ck->is_rules && sw_type_denoted(name, &kind))
        return as_type(ck, *slot, kind);
    return NULL;
}

/* "a.b" in container "x.y": x.y.a.b, x.a.b, a.b. */
static const struct sw_type *find_declared(struct checker *ck, struct node **slot)
{
    struct sw_str in = ck->container;
    struct sw_buf name = {0};
    const struct sw_type *t = NULL;
    bool is_root = first_name(*slot)->is_root;

    for (;;) {
        sw_buf_clear(&name);
        if (in.n > 0 && !is_root)
            sw_buf_printf(&name, "%.*s.", SW_STR_ARG(in));
        if (!sw_qualified_name(ck, *slot, &name))
            break;
        t = find_exact(ck, slot, sw_buf_view(&name));
        if (t != NULL || in.n == 0 || is_root)
            break;
        while (in.n > 0 && in.p[in.n - 1] != '.')
            in.n--;
        in.n -= in.n > 0;
    }
    sw_buf_free(&name);
    return t;
}

static const struct sw_type *missing(struct checker *ck, struct node *n)
{
    if (ck->is_unchecked) {
        n->bind = BIND_MISSING;
        return sw_check_set(n, &sw_dyn);
    }
    if (ck->is_rules)
        sw_unknown_name(ck, n, n->name);
    else
        sw_check_error(ck, n, _("undeclared reference to '%.*s' (in container '%.*s')"),
                       SW_STR_ARG(n->name), SW_STR_ARG(ck->container));
    return sw_check_set(n, &sw_error_type);
}

const struct sw_type *sw_check_ident(struct checker *ck, struct node **slot)
{
    const struct sw_type *t = find_local(ck, *slot);

    if (t != NULL) {
        refuse_double_meaning(ck, *slot);
        return sw_check_set(*slot, t);
    }
    t = find_declared(ck, slot);
    return t != NULL ? t : missing(ck, *slot);
}

/* ---- selection ------------------------------------------------------------------------------- */

/* Is the front of a chain of names a name of a loop or an event? */
static bool starts_local(struct checker *ck, const struct node *n)
{
    struct node copy = *first_name(n);

    return copy.kind == N_IDENT && find_local(ck, &copy) != NULL;
}

static const struct sw_type *record_field(struct checker *ck, struct node *n,
                                          const struct sw_type *record)
{
    int32_t index = sw_type_field(record, n->name);

    if (index < 0) {
        sw_unknown_field(ck, n, record, n->name);
        return &sw_error_type;
    }
    n->index = (uint32_t)index;
    if (n->arg[0]->bind == BIND_EVENT && n->kind == N_SELECT) {
        n->kind = N_IDENT; /* e.kind is the field kind of the event in hand */
        n->bind = BIND_FIELD;
    }
    return record->fields[index].type;
}

/* The type of `name` selected from n->arg[0]. */
static const struct sw_type *field_type(struct checker *ck, struct node *n)
{
    const struct sw_type *t = sw_check_type(ck, n->arg[0]);
    struct sw_buf word = {0};

    switch ((int)t->form) {
    case TYPE_MAP: return t->param[1];
    case TYPE_RECORD: return record_field(ck, n, t);
    case TYPE_VAR:
    case TYPE_DYN: sw_unify(&ck->u, t, &sw_dyn); return &sw_dyn;
    case TYPE_ERROR: return ck->is_rules ? &sw_error_type : &sw_dyn;
    default: break;
    }
    if (ck->is_rules) {
        sw_check_error(ck, n, _("%.*s has no fields"), SW_STR_ARG(sw_rules_word(ck, n->arg[0])));
        return &sw_error_type;
    }
    if (!ck->is_unchecked) {
        sw_type_put(t, &word);
        sw_check_error(ck, n, _("type '%s' does not support field selection"), word.p);
        sw_buf_free(&word);
    }
    return &sw_dyn;
}

/* a.b of an optional a is an optional b. */
static const struct sw_type *selected(struct checker *ck, struct node *n)
{
    const struct sw_type *t = sw_check_type(ck, n->arg[0]);
    const struct sw_type *held = t->form == TYPE_OPTIONAL ? t->param[0] : t;
    const struct sw_type *field;

    if (t->form != TYPE_OPTIONAL)
        return field_type(ck, n);
    held = sw_unify_apply(&ck->u, held, false);
    field = held->form == TYPE_MAP ? held->param[1] : &sw_dyn;
    return sw_type_make(&ck->l->arena, TYPE_OPTIONAL, field, NULL);
}

/* A chain of names of which nothing is declared: one finding for all of it. */
static bool is_unknown_chain(struct checker *ck, const struct node *n)
{
    struct sw_buf name = {0};
    bool unknown = ck->is_rules && sw_qualified_name(ck, n, &name);

    for (size_t i = 0; unknown && i <= name.n; i++) {
        if ((i == name.n || name.p[i] == '.') &&
            sw_session_find(ck->l, sw_str_sub(sw_buf_view(&name), 0, i)) != NULL)
            unknown = false;
    }
    if (unknown && sw_str_is(first_name(n)->name, "today"))
        unknown = false;
    if (unknown)
        sw_unknown_name(ck, n, sw_buf_view(&name));
    sw_buf_free(&name);
    return unknown;
}

const struct sw_type *sw_check_select(struct checker *ck, struct node **slot)
{
    struct node *n = *slot;

    if (!starts_local(ck, n)) {
        const struct sw_type *t = find_declared(ck, slot);

        if (t != NULL)
            return t;
        if (is_unknown_chain(ck, n))
            return sw_check_set(n, &sw_error_type);
    }
    sw_check_node(ck, &n->arg[0]);
    return sw_check_set(n, selected(ck, n));
}

const struct sw_type *sw_check_has(struct checker *ck, struct node **slot)
{
    struct node *n = *slot;

    if (ck->is_rules) {
        /* has(hh.income) asks whether the value is known, like known(hh.income). */
        n->kind = N_SELECT;
        n->at = n->mark;
        sw_check_select(ck, slot);
        n = SW_ARENA_NEW(&ck->l->arena, struct node);
        *n = **slot;
        n->kind = N_CALL;
        n->op = OP_NONE;
        n->bind = BIND_NONE;
        n->name = SW_STR("known");
        n->arg = SW_ARENA_NEW(&ck->l->arena, struct node *);
        n->arg[0] = *slot;
        n->n_args = 1;
        n->is_member = false;
        n->is_linear = false;
        n->unit = (struct sw_str){NULL, 0};
        *slot = n;
        return sw_check_set(n, sw_type_simple(SW_KBOOL));
    }
    sw_check_node(ck, &n->arg[0]);
    selected(ck, n);
    return sw_check_set(n, sw_type_simple(SW_KBOOL));
}
