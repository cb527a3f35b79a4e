/* type.c - types, type variables, and finding out whether one fits another.
 *
 * The rules are those of CEL's gradual type checking (langdef.md): dyn fits everything, a variable
 * takes the first type it meets and later a more general one, lists and maps fit when their
 * parameters do, null fits timestamps, durations and wrappers. */
#include "lang/type.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

struct undo {
    uint32_t var;
    const struct sw_type *before;
};

static const struct sw_type simple[] = {
#define SIMPLE(k, n) [k] = {.form = TYPE_SIMPLE, .kind = k, .name = {n, sizeof(n) - 1}}
    SIMPLE(SW_KNULL, "null"),
    SIMPLE(SW_KBOOL, "bool"),
    SIMPLE(SW_KINT, "int"),
    SIMPLE(SW_KUINT, "uint"),
    SIMPLE(SW_KDOUBLE, "double"),
    SIMPLE(SW_KSTRING, "string"),
    SIMPLE(SW_KBYTES, "bytes"),
    SIMPLE(SW_KLIST, "list"),
    SIMPLE(SW_KMAP, "map"),
    SIMPLE(SW_KTIMESTAMP, "timestamp"),
    SIMPLE(SW_KDURATION, "duration"),
    SIMPLE(SW_KTYPE, "type"),
    SIMPLE(SW_KOPTIONAL, "optional_type"),
    SIMPLE(SW_KMONEY, "money"),
    SIMPLE(SW_KDATE, "date"),
    SIMPLE(SW_KENUM, "enum"),
    SIMPLE(SW_KPERSON, "person"),
    SIMPLE(SW_KRECORD, "record"),
    SIMPLE(SW_KUNKNOWN, "unknown"),
    SIMPLE(SW_KERROR, "error"),
};

const struct sw_type sw_dyn = {.form = TYPE_DYN, .kind = SW_KERROR, .name = {"dyn", 3}};
const struct sw_type sw_error_type = {
    .form = TYPE_ERROR, .kind = SW_KERROR, .name = {"!error!", 7}};

const struct sw_type *sw_type_simple(enum sw_kind kind)
{
    return &simple[kind];
}

enum sw_kind sw_type_kind(const struct sw_type *t)
{
    return t->kind;
}

const struct sw_enum_item *sw_type_items(const struct sw_type *t, size_t *n)
{
    *n = t->form == TYPE_ENUM ? t->n : 0;
    return t->form == TYPE_ENUM ? t->items : NULL;
}

const struct sw_type *sw_type_make(struct sw_arena *arena, enum type_form form,
                                   const struct sw_type *a, const struct sw_type *b)
{
    static const enum sw_kind kinds[] = {
        [TYPE_LIST] = SW_KLIST,         [TYPE_MAP] = SW_KMAP,   [TYPE_TYPE] = SW_KTYPE,
        [TYPE_OPTIONAL] = SW_KOPTIONAL, [TYPE_ENUM] = SW_KENUM, [TYPE_RECORD] = SW_KRECORD,
        [TYPE_GROUPS] = SW_KERROR,
    };
    struct sw_type *t = SW_ARENA_NEW(arena, struct sw_type);

    t->form = form;
    t->kind = kinds[form] == SW_KNULL ? SW_KERROR : kinds[form];
    t->param[0] = a;
    t->param[1] = b;
    return t;
}

int32_t sw_type_field(const struct sw_type *record, struct sw_str name)
{
    for (size_t i = 0; i < record->n; i++) {
        if (sw_str_eq(record->fields[i].name, name))
            return (int32_t)i;
    }
    return -1;
}

bool sw_type_same(const struct sw_type *a, const struct sw_type *b)
{
    if (a == b)
        return true;
    if (a->form != b->form || a->kind != b->kind || a->number != b->number ||
        a->stream != b->stream || a->fields != b->fields)
        return false;
    for (size_t i = 0; i < SW_COUNTOF(a->param); i++) {
        if ((a->param[i] == NULL) != (b->param[i] == NULL) ||
            (a->param[i] != NULL && !sw_type_same(a->param[i], b->param[i])))
            return false;
    }
    return true;
}

/* ---- type variables -------------------------------------------------------------------------- */

const struct sw_type *sw_unify_var(struct unify *u)
{
    struct sw_type *t = SW_ARENA_NEW(u->arena, struct sw_type);

    t->form = TYPE_VAR;
    t->kind = SW_KERROR;
    t->number = u->n;
    if (u->n == u->cap) {
        size_t cap = u->cap;

        u->bound = sw_grow(u->bound, &cap, u->n + 1, sizeof(const struct sw_type *));
        u->cap = (uint32_t)cap;
    }
    u->bound[u->n++] = NULL;
    return t;
}

void sw_unify_free(struct unify *u)
{
    free(u->bound);
    free(u->trail);
    *u = (struct unify){.arena = u->arena};
}

static void bind(struct unify *u, const struct sw_type *var, const struct sw_type *to)
{
    u->trail = sw_grow(u->trail, &u->cap_trail, u->n_trail + 1, sizeof(*u->trail));
    u->trail[u->n_trail++] = (struct undo){var->number, u->bound[var->number]};
    u->bound[var->number] = to;
}

static void roll_back(struct unify *u, size_t to)
{
    while (u->n_trail > to) {
        u->n_trail--;
        u->bound[u->trail[u->n_trail].var] = u->trail[u->n_trail].before;
    }
}

/* Would binding `var` to `t` make a type that contains itself? */
static bool occurs_in(const struct unify *u, const struct sw_type *var, const struct sw_type *t)
{
    if (t->form == TYPE_VAR && t->number == var->number)
        return true;
    if (t->form == TYPE_VAR)
        return u->bound[t->number] != NULL && occurs_in(u, var, u->bound[t->number]);
    for (size_t i = 0; i < SW_COUNTOF(t->param); i++) {
        if (t->param[i] != NULL && occurs_in(u, var, t->param[i]))
            return true;
    }
    return false;
}

/* Is `a` dyn or a variable where `b` says more, or are both the same? */
static bool is_as_general(const struct sw_type *a, const struct sw_type *b)
{
    if (a->form == TYPE_DYN || a->form == TYPE_VAR)
        return true;
    if (b->form == TYPE_DYN || b->form == TYPE_VAR || a->form != b->form || a->kind != b->kind)
        return false;
    if (a->form == TYPE_TYPE)
        return true;
    if (a->form != TYPE_LIST && a->form != TYPE_MAP && a->form != TYPE_OPTIONAL)
        return sw_type_same(a, b);
    for (size_t i = 0; i < SW_COUNTOF(a->param); i++) {
        if (a->param[i] != NULL && !is_as_general(a->param[i], b->param[i]))
            return false;
    }
    return true;
}

const struct sw_type *sw_type_general(const struct sw_type *a, const struct sw_type *b)
{
    return is_as_general(a, b) ? a : b;
}

static bool fits(struct unify *u, const struct sw_type *to, const struct sw_type *from);

enum substitution { SUB_NO, SUB_YES, SUB_CONFLICT };

/* Can variable `var` be `t`? SUB_CONFLICT: it is something else already. */
static enum substitution substitute(struct unify *u, const struct sw_type *t,
                                    const struct sw_type *var)
{
    const struct sw_type *now = u->bound[var->number];

    if (sw_type_same(t, var))
        return SUB_YES;
    if (now == NULL) {
        if (occurs_in(u, var, t))
            return SUB_NO;
        bind(u, var, t);
        return SUB_YES;
    }
    if (sw_type_same(t, now))
        return SUB_YES;
    if (fits(u, now, t)) {
        const struct sw_type *wide = sw_type_general(t, now);

        if (!occurs_in(u, var, wide))
            bind(u, var, wide);
        return SUB_YES;
    }
    return SUB_CONFLICT;
}

static bool takes_null(const struct sw_type *t)
{
    return t->form == TYPE_WRAPPER || sw_type_is(t, SW_KNULL) || sw_type_is(t, SW_KTIMESTAMP) ||
           sw_type_is(t, SW_KDURATION);
}

/* The parameters of two types of the same form. */
static bool params_fit(struct unify *u, const struct sw_type *to, const struct sw_type *from)
{
    for (size_t i = 0; i < SW_COUNTOF(to->param); i++) {
        if (to->param[i] != NULL && !fits(u, to->param[i], from->param[i]))
            return false;
    }
    return true;
}

static bool fits(struct unify *u, const struct sw_type *to, const struct sw_type *from)
{
    if (to->form == TYPE_VAR) {
        enum substitution s = substitute(u, from, to);

        if (s != SUB_NO)
            return s == SUB_YES;
    }
    if (from->form == TYPE_VAR)
        return substitute(u, to, from) == SUB_YES;
    if (sw_type_is_free(to) || sw_type_is_free(from))
        return true;
    if (sw_type_is(to, SW_KNULL) || sw_type_is(from, SW_KNULL))
        return takes_null(sw_type_is(to, SW_KNULL) ? from : to);
    if (to->form == TYPE_WRAPPER || from->form == TYPE_WRAPPER)
        return fits(u, to->form == TYPE_WRAPPER ? to->param[0] : to,
                    from->form == TYPE_WRAPPER ? from->param[0] : from);
    if (to->form != from->form)
        return false;
    switch (to->form) {
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_OPTIONAL: return params_fit(u, to, from);
    case TYPE_TYPE: return true;
    case TYPE_SIMPLE: return to->kind == from->kind;
    case TYPE_ENUM:
    case TYPE_RECORD:
    case TYPE_STREAM:
    case TYPE_GROUPS:
    case TYPE_DYN:
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_WRAPPER: break;
    }
    return sw_type_same(to, from);
}

bool sw_unify(struct unify *u, const struct sw_type *to, const struct sw_type *from)
{
    return sw_unify_all(u, &to, &from, 1);
}

bool sw_unify_all(struct unify *u, const struct sw_type *const *to,
                  const struct sw_type *const *from, uint32_t n)
{
    size_t trail = u->n_trail;

    for (uint32_t i = 0; i < n; i++) {
        if (!fits(u, to[i], from[i])) {
            roll_back(u, trail);
            return false;
        }
    }
    return true;
}

const struct sw_type *sw_unify_apply(struct unify *u, const struct sw_type *t, bool to_dyn)
{
    const struct sw_type *a;
    const struct sw_type *b;

    if (t->form == TYPE_VAR && u->bound[t->number] != NULL)
        return sw_unify_apply(u, u->bound[t->number], to_dyn);
    if (t->form == TYPE_VAR)
        return to_dyn ? &sw_dyn : t;
    if (t->param[0] == NULL)
        return t;
    a = sw_unify_apply(u, t->param[0], to_dyn);
    b = t->param[1] == NULL ? NULL : sw_unify_apply(u, t->param[1], to_dyn);
    return a == t->param[0] && b == t->param[1] ? t : sw_type_make(u->arena, t->form, a, b);
}

/* ---- types as values ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum sw_kind kind;
} denotations[] = {
    {"null_type", SW_KNULL},
    {"bool", SW_KBOOL},
    {"int", SW_KINT},
    {"uint", SW_KUINT},
    {"double", SW_KDOUBLE},
    {"string", SW_KSTRING},
    {"bytes", SW_KBYTES},
    {"list", SW_KLIST},
    {"map", SW_KMAP},
    {"type", SW_KTYPE},
    {"optional_type", SW_KOPTIONAL},
    {"google.protobuf.Timestamp", SW_KTIMESTAMP},
    {"google.protobuf.Duration", SW_KDURATION},
};

bool sw_type_denoted(struct sw_str name, enum sw_kind *kind)
{
    for (size_t i = 0; i < SW_COUNTOF(denotations); i++) {
        if (sw_str_is(name, denotations[i].name)) {
            *kind = denotations[i].kind;
            return true;
        }
    }
    return false;
}

const char *sw_type_denotation(enum sw_kind kind)
{
    for (size_t i = 0; i < SW_COUNTOF(denotations); i++) {
        if (denotations[i].kind == kind)
            return denotations[i].name;
    }
    return "?";
}

/* ---- texts ----------------------------------------------------------------------------------- */

static const struct {
    char letter;
    enum sw_kind kind;
} letters[] = {
    {'n', SW_KNULL},     {'b', SW_KBOOL},   {'i', SW_KINT},   {'u', SW_KUINT},
    {'d', SW_KDOUBLE},   {'s', SW_KSTRING}, {'y', SW_KBYTES}, {'t', SW_KTIMESTAMP},
    {'r', SW_KDURATION}, {'m', SW_KMONEY},  {'z', SW_KDATE},
};

const struct sw_type *sw_type_from_sign(struct sw_arena *arena, const char **sign,
                                        const struct sw_type *const param[3])
{
    char c = *(*sign)++;
    const struct sw_type *a;

    for (size_t i = 0; i < SW_COUNTOF(letters); i++) {
        if (letters[i].letter == c)
            return sw_type_simple(letters[i].kind);
    }
    switch (c) {
    case 'A':
    case 'B':
    case 'C': return param[c - 'A'];
    case '*': return &sw_dyn;
    case '[': return sw_type_make(arena, TYPE_LIST, sw_type_from_sign(arena, sign, param), NULL);
    case '?':
        return sw_type_make(arena, TYPE_OPTIONAL, sw_type_from_sign(arena, sign, param), NULL);
    case 'T': return sw_type_make(arena, TYPE_TYPE, sw_type_from_sign(arena, sign, param), NULL);
    case '{':
        a = sw_type_from_sign(arena, sign, param);
        return sw_type_make(arena, TYPE_MAP, a, sw_type_from_sign(arena, sign, param));
    default: sw_bug(__FILE__, __LINE__, "type sign");
    }
}

static void put_params(const struct sw_type *t, const char *name, struct sw_buf *out)
{
    sw_buf_printf(out, "%s(", name);
    sw_type_put(t->param[0], out);
    if (t->param[1] != NULL) {
        sw_buf_cstr(out, ", ");
        sw_type_put(t->param[1], out);
    }
    sw_buf_char(out, ')');
}

void sw_type_put(const struct sw_type *t, struct sw_buf *out)
{
    switch (t->form) {
    case TYPE_SIMPLE:
    case TYPE_DYN:
    case TYPE_ERROR:
    case TYPE_RECORD: sw_buf_str(out, t->name); break;
    case TYPE_VAR: sw_buf_printf(out, "_var%u", t->number); break;
    case TYPE_LIST: put_params(t, "list", out); break;
    case TYPE_MAP: put_params(t, "map", out); break;
    case TYPE_TYPE: put_params(t, "type", out); break;
    case TYPE_WRAPPER: put_params(t, "wrapper", out); break;
    case TYPE_OPTIONAL: put_params(t, "optional_type", out); break;
    case TYPE_ENUM: sw_buf_printf(out, "enum(%.*s)", SW_STR_ARG(t->name)); break;
    case TYPE_STREAM: sw_buf_cstr(out, "stream"); break;
    case TYPE_GROUPS: sw_buf_cstr(out, "groups"); break;
    }
}
