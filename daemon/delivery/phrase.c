/* phrase.c - texts with ${names} in them: read, checked and filled in.
 *
 * A text is cut into pieces when the profile is loaded and filled in once; what was put in is never
 * scanned again, so a message that contains "${secret}" stays what it is. */
#include "eval.h"
#include "load.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/utf8.h>
#include <stdlib.h>

/* ---- loading ---- */

static void tell_unknown(struct loader *l, struct sw_place at, struct sw_str name)
{
    struct sw_str names[SYMBOLS_MAX];
    struct sw_str near;

    for (size_t i = 0; i < l->p->n_symbols; i++)
        names[i] = l->p->symbols[i].name;
    near = sw_str_nearest(name, names, l->p->n_symbols);
    if (near.n > 0)
        sw_diag_add(l->diag, SW_ERROR, at, _("nothing is called %.*s; did you mean %.*s?"),
                    SW_STR_ARG(name), SW_STR_ARG(near));
    else
        sw_diag_add(l->diag, SW_ERROR, at,
                    _("nothing is called %.*s; declare it under secrets, params, input or sign"),
                    SW_STR_ARG(name));
}

const struct symbol *sw_load_symbol(struct loader *l, const struct sw_yaml *y, struct sw_str name,
                                    size_t offset)
{
    for (size_t i = 0; i < l->p->n_symbols; i++) {
        const struct symbol *s = &l->p->symbols[i];

        if (!sw_str_eq(s->name, name))
            continue;
        if (s->from == FROM_STEP && l->node <= NODE_BODY)
            l->needs[l->node] |= UINT64_C(1) << s->index;
        return s;
    }
    tell_unknown(l, sw_yaml_place(y, offset), name);
    return NULL;
}

/* Only texts can stand inside a text. */
static bool is_text(struct loader *l, const struct symbol *s, struct sw_place at)
{
    struct sw_str name = s->name;

    switch (s->shape) {
    case SHAPE_TEXT: return true;
    case SHAPE_RAW:
        sw_diag_add(l->diag, SW_ERROR, at,
                    _("%.*s is bytes, not text; use {ref: %.*s}, or out: hex_lower"),
                    SW_STR_ARG(name), SW_STR_ARG(name));
        break;
    case SHAPE_LIST:
        sw_diag_add(l->diag, SW_ERROR, at,
                    _("%.*s is a list; use {list: %.*s} in a JSON body, or a join step"),
                    SW_STR_ARG(name), SW_STR_ARG(name));
        break;
    case SHAPE_JSON:
        sw_diag_add(l->diag, SW_ERROR, at,
                    _("%.*s is JSON; use a step {json: %.*s}, or body: {json_value: %.*s}"),
                    SW_STR_ARG(name), SW_STR_ARG(name), SW_STR_ARG(name));
        break;
    }
    return false;
}

static void add_piece(struct phrase *t, struct sw_str literal, const struct symbol *symbol)
{
    if (symbol == NULL && literal.n == 0)
        return;
    t->at[t->n++] = (struct piece){literal, symbol};
}

/* The name in "${name}" that begins at byte `at`; empty and a finding when it never ends. */
static struct sw_str name_at(struct loader *l, const struct sw_yaml *y, size_t at)
{
    const char *end = memchr(y->text.p + at, '}', y->text.n - at);

    if (end != NULL)
        return (struct sw_str){y->text.p + at + 2, (size_t)(end - y->text.p) - at - 2};
    sw_diag_add(l->diag, SW_ERROR, sw_yaml_place(y, at),
                _("${ without }; for a dollar sign write $$"));
    return (struct sw_str){NULL, 0};
}

static void add_name(struct loader *l, const struct sw_yaml *y, size_t at, struct sw_str name,
                     struct phrase *out)
{
    const struct symbol *s = sw_load_symbol(l, y, name, at);

    if (s != NULL && is_text(l, s, sw_yaml_place(y, at)))
        add_piece(out, (struct sw_str){NULL, 0}, s);
}

static size_t count_dollars(struct sw_str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '$';
    return n;
}

void sw_load_phrase(struct loader *l, const struct sw_yaml *y, struct phrase *out)
{
    struct sw_str text;
    struct sw_str kept;
    size_t from = 0;

    *out = (struct phrase){NULL, 0};
    if (y == NULL || !sw_yaml_text(y, &text, l->diag))
        return;
    kept = sw_arena_str(l->keep, text);
    out->at = SW_ARENA_ARRAY(l->keep, struct piece, 2 * count_dollars(text) + 1);
    for (size_t i = 0; i + 1 < text.n; i++) {
        struct sw_str name;

        if (text.p[i] != '$' || (text.p[i + 1] != '{' && text.p[i + 1] != '$'))
            continue;
        if (text.p[i + 1] == '$') {
            add_piece(out, sw_str_sub(kept, from, i + 1 - from), NULL);
            from = ++i + 1;
            continue;
        }
        add_piece(out, sw_str_sub(kept, from, i - from), NULL);
        name = name_at(l, y, i);
        if (name.p == NULL)
            return;
        add_name(l, y, i, name, out);
        i += name.n + 2;
        from = i + 1;
    }
    add_piece(out, sw_str_sub(kept, from, kept.n - from), NULL);
}

static void load_concat(struct loader *l, const struct sw_yaml *y, struct operand *out)
{
    if (y->kind != SW_YLIST) {
        sw_diag_add(l->diag, SW_ERROR, y->at, _("concat: expected a list"));
        return;
    }
    out->kind = OPERAND_CONCAT;
    out->parts = SW_ARENA_ARRAY(l->keep, struct operand, y->count);
    for (const struct sw_yaml *part = y->first; part != NULL; part = part->next)
        sw_load_operand(l, part, &out->parts[out->n++]);
}

static void load_ref(struct loader *l, const struct sw_yaml *y, struct operand *out)
{
    struct sw_str name;

    if (!sw_yaml_text(y, &name, l->diag))
        return;
    out->kind = OPERAND_STEP;
    out->step = sw_load_symbol(l, y, name, 0);
    if (out->step != NULL && out->step->from != FROM_STEP)
        sw_diag_add(l->diag, SW_ERROR, y->at, _("ref names a step of sign; write \"${%.*s}\""),
                    SW_STR_ARG(name));
}

void sw_load_operand(struct loader *l, const struct sw_yaml *y, struct operand *out)
{
    static const char *const keys[] = {"body", "ref", "concat"};

    *out = (struct operand){.kind = OPERAND_TEXT};
    if (y == NULL)
        return;
    if (y->kind != SW_YMAP) {
        sw_load_phrase(l, y, &out->text);
        return;
    }
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    if (y->count != 1) {
        sw_diag_add(l->diag, SW_ERROR, y->at,
                    _("expected a text, {body: true}, {ref: step} or {concat: […]}"));
        return;
    }
    if (sw_yaml_get(y, "concat") != NULL)
        load_concat(l, y->first, out);
    else if (sw_yaml_get(y, "ref") != NULL)
        load_ref(l, y->first, out);
    else if (sw_yaml_get(y, "body") != NULL) {
        out->kind = OPERAND_BODY;
        if (l->node <= NODE_BODY)
            l->needs[l->node] |= UINT64_C(1) << NODE_BODY;
    }
}

/* ---- running ---- */

struct sw_str sw_eval_fail(struct eval *e, const char *fmt, ...)
{
    char text[sizeof(e->err->text)];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (!e->has_failed)
        sw_fail(e->err, SW_EINVALID, "%s", text);
    e->has_failed = true;
    return (struct sw_str){NULL, 0};
}

struct sw_str sw_eval_keep(struct eval *e, struct sw_str s)
{
    return sw_arena_str(e->arena, s);
}

static struct sw_str eval_input(const struct eval *e, const struct symbol *s)
{
    const struct sw_message_row *m = e->m;
    struct sw_str value = {NULL, 0};

    if (m == NULL)
        return value;
    if (sw_str_is(s->name, "msg_id"))
        value = m->id;
    else if (sw_str_is(s->name, "mobile") || sw_str_is(s->name, "mobiles"))
        value = m->to;
    else
        value = m->body; /* text, event */
    return value.n > 0 ? value : (struct sw_str){NULL, 0};
}

struct sw_str sw_eval_symbol(struct eval *e, const struct symbol *s)
{
    switch (s->from) {
    case FROM_GATEWAY: return e->gw->name;
    case FROM_SECRET: return e->gw->secrets[s->index];
    case FROM_PARAM: return e->gw->params[s->index];
    case FROM_INPUT: return eval_input(e, s);
    case FROM_STEP: return sw_eval_step(e, s->index);
    }
    return (struct sw_str){NULL, 0};
}

/* The parts behind one another, absent when one of them is. */
static struct sw_str put_together(struct eval *e, const struct sw_str *parts, size_t n)
{
    struct sw_str whole = {NULL, 0};
    char *at;

    for (size_t i = 0; i < n; i++) {
        if (parts[i].p == NULL)
            return (struct sw_str){NULL, 0};
        whole.n += parts[i].n;
    }
    whole.p = at = sw_arena_alloc(e->arena, whole.n + 1);
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n > 0)
            memcpy(at, parts[i].p, parts[i].n);
        at += parts[i].n;
    }
    *at = '\0';
    return whole;
}

struct sw_str sw_eval_phrase(struct eval *e, const struct phrase *t)
{
    struct sw_str *parts = SW_ARENA_ARRAY(e->arena, struct sw_str, t->n);

    for (size_t i = 0; i < t->n; i++)
        parts[i] = t->at[i].symbol == NULL ? t->at[i].literal : sw_eval_symbol(e, t->at[i].symbol);
    return t->n == 1 ? parts[0] : put_together(e, parts, t->n);
}

static struct sw_str eval_concat(struct eval *e, const struct operand *o)
{
    struct sw_str *parts = SW_ARENA_ARRAY(e->arena, struct sw_str, o->n);

    for (size_t i = 0; i < o->n; i++)
        parts[i] = sw_eval_operand(e, &o->parts[i]);
    return put_together(e, parts, o->n);
}

struct sw_str sw_eval_operand(struct eval *e, const struct operand *o)
{
    switch (o->kind) {
    case OPERAND_TEXT: return sw_eval_phrase(e, &o->text);
    case OPERAND_BODY: return sw_eval_body(e);
    case OPERAND_STEP: return sw_eval_step(e, o->step->index);
    case OPERAND_CONCAT: return eval_concat(e, o);
    }
    return (struct sw_str){NULL, 0};
}
