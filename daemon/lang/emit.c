/* emit.c - from a checked tree to code.
 *
 * Registers are a stack: a node's temporaries are free again when it is done. Literals and calls
 * of constants are constants; variables, event fields and loop variables are read where they lie.
 * Typed instructions are a guess by the checker that the evaluator verifies with one comparison of
 * kinds, so a wrong guess costs time, never a wrong result. */
#include "lang/emit.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

/* ---- instructions ---------------------------------------------------------------------------- */

static void too_large(struct emitter *e, const char *why)
{
    if (!e->failed)
        sw_diag_add(e->diag, SW_ERROR, sw_text_place(&e->tree->text, e->tree->root->start), "%s",
                    why);
    e->failed = true;
}

struct ins *sw_emit(struct emitter *e, enum op_code op, uint8_t a, uint16_t b, uint16_t c)
{
    if (e->n_ins >= CODE_MAX) {
        too_large(e, _("the expression is too large once its macros and lets are written out"));
        e->n_ins = 0;
    }
    e->ins = sw_grow(e->ins, &e->cap_ins, e->n_ins + 1, sizeof(*e->ins));
    e->ins[e->n_ins] = (struct ins){.op = (uint8_t)op, .a = a, .b = b, .c = c};
    return &e->ins[e->n_ins++];
}

uint8_t sw_emit_register(struct emitter *e, uint32_t n)
{
    uint32_t first = e->top;

    if (first + n > REGISTERS_MAX) {
        too_large(e, _("the expression is too deeply nested"));
        return 0;
    }
    e->top += n;
    if (e->top > e->most)
        e->most = e->top;
    return (uint8_t)first;
}

void sw_emit_jump(struct emitter *e, struct label *to)
{
    e->ins[e->n_ins - 1].d = to->by_d;
    to->by_d = (uint16_t)e->n_ins;
}

void sw_emit_jump_c(struct emitter *e, struct label *to)
{
    e->ins[e->n_ins - 1].c = to->by_c;
    to->by_c = (uint16_t)e->n_ins;
}

void sw_emit_here(struct emitter *e, struct label *l)
{
    uint16_t here = (uint16_t)e->n_ins;

    while (l->by_d != 0 && !e->failed) {
        uint16_t *target = &e->ins[l->by_d - 1].d;

        l->by_d = *target;
        *target = here;
    }
    while (l->by_c != 0 && !e->failed) {
        uint16_t *target = &e->ins[l->by_c - 1].c;

        l->by_c = *target;
        *target = here;
    }
}

uint16_t sw_emit_constant(struct emitter *e, struct sw_value v)
{
    for (size_t i = 0; i < e->n_constants; i++) {
        const struct sw_value *c = &e->constant[i];

        if (c->kind == v.kind && c->enum_id == v.enum_id && c->n == v.n && c->u == v.u)
            return SW_OPERAND(IN_CONSTANT, i);
    }
    e->constant = sw_grow(e->constant, &e->cap_constants, e->n_constants + 1, sizeof(*e->constant));
    e->constant[e->n_constants] = v;
    return SW_OPERAND(IN_CONSTANT, e->n_constants++);
}

uint16_t sw_emit_native(struct emitter *e, sw_native *f)
{
    for (size_t i = 0; i < e->n_natives; i++) {
        if (e->native[i] == f)
            return (uint16_t)i;
    }
    e->native = sw_grow(e->native, &e->cap_natives, e->n_natives + 1, sizeof(sw_native *));
    e->native[e->n_natives] = f;
    return (uint16_t)e->n_natives++;
}

void sw_set_add(struct number_set *set, uint32_t number)
{
    size_t at = set->n;

    while (at > 0 && set->at[at - 1] >= number) {
        if (set->at[at - 1] == number)
            return;
        at--;
    }
    set->at = sw_grow(set->at, &set->cap, set->n + 1, sizeof(*set->at));
    memmove(set->at + at + 1, set->at + at, (set->n - at) * sizeof(*set->at));
    set->at[at] = number;
    set->n++;
}

void sw_emit_uses_slot(struct emitter *e, const struct symbol *s)
{
    sw_set_add(&e->uses->slots[s->bank], s->slot);
}

/* ---- constants ------------------------------------------------------------------------------- */

static bool fold_list(struct emitter *e, const struct node *n, struct sw_value *out)
{
    struct sw_list *l = sw_list_new(&e->l->arena, n->n_args);

    for (uint32_t i = 0; i < n->n_args; i++) {
        struct sw_value v;

        if (n->arg[i]->is_optional || !sw_emit_folds(e, n->arg[i], &v))
            return false;
        sw_list_push(l, v);
    }
    *out = (struct sw_value){.kind = SW_KLIST, .list = l};
    return true;
}

static bool fold_map(struct emitter *e, const struct node *n, struct sw_value *out)
{
    struct sw_map *m = sw_map_new(&e->l->arena, n->n_args / 2);

    for (uint32_t i = 0; i < n->n_args; i += 2) {
        struct sw_value key;
        struct sw_value value;

        if (n->arg[i + 1]->is_optional || !sw_emit_folds(e, n->arg[i], &key) ||
            !sw_emit_folds(e, n->arg[i + 1], &value) || !sw_is_key(key) ||
            !sw_map_put(m, key, value))
            return false;
    }
    *out = (struct sw_value){.kind = SW_KMAP, .map = m};
    return true;
}

static bool fold_call(struct emitter *e, const struct node *n, struct sw_value *out)
{
    struct native native = {.arena = &e->l->arena, .lang = e->l};
    struct sw_value arg[8];

    if (n->bind != BIND_NONE || n->fn == NULL || !n->fn->folds || n->fn->native == NULL ||
        n->n_args > SW_COUNTOF(arg))
        return false;
    for (uint32_t i = 0; i < n->n_args; i++) {
        if (!sw_emit_folds(e, n->arg[i], &arg[i]))
            return false;
    }
    *out = n->fn->native(&native, arg, n->n_args);
    return !sw_value_is_trouble(*out);
}

bool sw_emit_folds(struct emitter *e, const struct node *n, struct sw_value *out)
{
    switch ((enum node_kind)n->kind) {
    case N_LITERAL: *out = n->value; return true;
    case N_ALIAS: return sw_emit_folds(e, n->arg[0], out);
    case N_LIST: return fold_list(e, n, out);
    case N_MAP: return fold_map(e, n, out);
    case N_CALL: return fold_call(e, n, out);
    case N_CONVERT:
        if (!sw_emit_folds(e, n->arg[0], out))
            return false;
        *out = sw_fn_double(NULL, out, 1);
        return true;
    case N_BAD:
    case N_IDENT:
    case N_SELECT:
    case N_HAS:
    case N_STRUCT:
    case N_LOOP: break;
    }
    return false;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

enum sw_kind sw_kind_of(const struct node *n)
{
    return n->type->form == TYPE_SIMPLE || n->type->form == TYPE_ENUM ? n->type->kind : SW_KERROR;
}

uint32_t sw_emit_source(const struct node *n)
{
    while (n->kind == N_ALIAS || n->kind == N_SELECT || n->kind == N_CONVERT ||
           (n->kind == N_CALL && n->n_args > 0))
        n = n->arg[0];
    if (n->kind == N_IDENT && (n->bind == BIND_VAR || n->bind == BIND_STREAM))
        return n->symbol->source + 1;
    return n->kind == N_IDENT && n->bind == BIND_LOOP ? n->local->source : 0;
}

static uint16_t register_operand(uint8_t r)
{
    return SW_OPERAND(IN_REGISTER, r);
}

/* What an identifier stands for, where it lies. */
static uint16_t ident_operand(struct emitter *e, const struct node *n)
{
    uint16_t o;
    uint8_t r;

    switch ((enum binding)n->bind) {
    case BIND_LOOP: return register_operand(n->local->reg);
    case BIND_FIELD: return SW_OPERAND(IN_EVENT, n->index);
    case BIND_GROUP: return SW_OPERAND(IN_GROUP, n->index);
    case BIND_VAR:
        sw_emit_uses_slot(e, n->symbol);
        o = SW_OPERAND(n->symbol->bank, n->symbol->slot);
        if (!n->symbol->is_yuan)
            return o;
        r = sw_emit_register(e, 1);
        sw_emit(e, I_TO_MONEY, r, o, 0);
        return register_operand(r);
    case BIND_TODAY:
        r = sw_emit_register(e, 1);
        sw_emit(e, I_TODAY, r, 0, 0);
        return register_operand(r);
    case BIND_EVENT: too_large(e, _("the event itself is no value; look at its fields")); break;
    case BIND_NONE:
    case BIND_STREAM:
    case BIND_MISSING: break;
    }
    return sw_emit_constant(e, sw_value_error(N_("no such variable")));
}

/* A field of the element in hand. */
static bool is_element_field(const struct emitter *e, const struct node *n)
{
    return e->element != NULL && n->kind == N_SELECT && n->arg[0]->kind == N_IDENT &&
           n->arg[0]->bind == BIND_LOOP && n->arg[0]->local == e->element;
}

uint16_t sw_emit_value(struct emitter *e, const struct node *n)
{
    struct sw_value v;
    uint8_t r;

    while (n->kind == N_ALIAS)
        n = n->arg[0];
    if (sw_emit_folds(e, n, &v))
        return sw_emit_constant(e, v);
    if (n->kind == N_IDENT)
        return ident_operand(e, n);
    if (is_element_field(e, n))
        return SW_OPERAND(IN_GROUP, n->index);
    if (n->kind == N_CALL && n->bind == BIND_GROUP)
        return SW_OPERAND(IN_GROUP, sw_plan_group_value(e, n));
    r = sw_emit_register(e, 1);
    sw_emit_into(e, n, r);
    return register_operand(r);
}

uint16_t sw_emit_plain(struct emitter *e, const struct node *n)
{
    uint16_t o = sw_emit_value(e, n);
    uint8_t r;

    if (!n->is_linear)
        return o;
    e->uses->is_daily = true;
    r = sw_emit_register(e, 1);
    sw_emit(e, I_DAILY, r, o, 0);
    return register_operand(r);
}

/* target.name as native functions see it. */
static struct sw_value fn_select(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)n;
    return sw_select(c, arg[0], arg[1]);
}

static struct sw_value fn_has(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    return sw_select_has(arg[0], arg[1]);
}

static void emit_select(struct emitter *e, const struct node *n, uint8_t r)
{
    uint16_t target;

    if (is_element_field(e, n)) {
        sw_emit(e, I_MOVE, r, SW_OPERAND(IN_GROUP, n->index), 0);
        return;
    }
    target = sw_emit_plain(e, n->arg[0]);

    if (n->kind == N_SELECT && n->arg[0]->type->form == TYPE_RECORD) {
        sw_emit(e, I_FIELD, r, target, (uint16_t)n->index)->d = (uint16_t)sw_emit_source(n->arg[0]);
        return;
    }
    sw_emit(e, I_CALL2, r, target, sw_emit_constant(e, sw_value_str(n->name)))->d =
        sw_emit_native(e, n->kind == N_HAS ? fn_has : fn_select);
}

static void emit_list(struct emitter *e, const struct node *n, uint8_t r)
{
    struct label done = {0, 0};

    sw_emit(e, I_LIST, r, (uint16_t)n->n_args, 0);
    for (uint32_t i = 0; i < n->n_args; i++) {
        uint32_t top = e->top;
        uint16_t o = sw_emit_plain(e, n->arg[i]);

        sw_emit(e, n->arg[i]->is_optional ? I_PUSH_SOME : I_PUSH, r, o, 0);
        sw_emit_jump(e, &done);
        e->top = top;
    }
    sw_emit_here(e, &done);
}

static void emit_map(struct emitter *e, const struct node *n, uint8_t r)
{
    struct label done = {0, 0};

    sw_emit(e, I_MAP, r, (uint16_t)(n->n_args / 2), 0);
    for (uint32_t i = 0; i < n->n_args; i += 2) {
        uint32_t top = e->top;
        uint16_t key = sw_emit_plain(e, n->arg[i]);
        uint16_t value = sw_emit_plain(e, n->arg[i + 1]);

        sw_emit(e, n->arg[i + 1]->is_optional ? I_PUT_SOME : I_PUT, r, key, value);
        sw_emit_jump(e, &done);
        e->top = top;
    }
    sw_emit_here(e, &done);
}

void sw_emit_into(struct emitter *e, const struct node *n, uint8_t r)
{
    uint32_t top = e->top;
    struct sw_value v;

    while (n->kind == N_ALIAS)
        n = n->arg[0];
    if (sw_emit_folds(e, n, &v)) {
        sw_emit(e, I_MOVE, r, sw_emit_constant(e, v), 0);
        return;
    }
    switch ((enum node_kind)n->kind) {
    case N_IDENT: sw_emit(e, I_MOVE, r, ident_operand(e, n), 0); break;
    case N_SELECT:
    case N_HAS: emit_select(e, n, r); break;
    case N_CALL: sw_emit_call(e, n, r); break;
    case N_LIST: emit_list(e, n, r); break;
    case N_MAP: emit_map(e, n, r); break;
    case N_LOOP: sw_emit_loop(e, n, r); break;
    case N_CONVERT: sw_emit(e, I_TO_NUMBER, r, sw_emit_plain(e, n->arg[0]), 0); break;
    case N_BAD:
    case N_LITERAL:
    case N_STRUCT:
    case N_ALIAS: sw_bug(__FILE__, __LINE__, "a checked tree has no such nodes");
    }
    e->top = top;
}

/* ---- whole codes ----------------------------------------------------------------------------- */

static const void *keep(struct sw_arena *arena, const void *p, size_t n, size_t size)
{
    void *copy = sw_arena_alloc(arena, n * size);

    if (n > 0)
        memcpy(copy, p, n * size);
    return copy;
}

static void end_emitter(struct emitter *e)
{
    free(e->ins);
    free(e->constant);
    free((void *)e->native);
}

/* Terms come in pairs: that of && is even, that of || odd. */
static bool is_term(const struct ins *i)
{
    return i->op >= I_AND && i->op <= I_OR_NE_F;
}

static bool is_or(const struct ins *i)
{
    return (i->op - I_AND) % 2 == 1;
}

/* Where a term that decides goes on: past an enclosing && or || to which its outcome adds nothing,
 * and out of the code at once where that is all that is left to do. So does the last term of all,
 * whatever comes out. */
static void shorten_jumps(struct emitter *e)
{
    for (size_t n = 0; n < e->n_ins; n++) {
        struct ins *i = &e->ins[n];
        uint16_t self = SW_OPERAND(IN_REGISTER, i->a);

        if (!is_term(i))
            continue;
        while ((e->ins[i->d].op == I_AND || e->ins[i->d].op == I_OR) && e->ins[i->d].b == self &&
               is_or(&e->ins[i->d]) != is_or(i))
            i->d++;
        if (e->ins[i->d].op == I_RETURN && e->ins[i->d].b == self)
            i->d = i[1].op == I_RETURN ? SW_AT_LAST : SW_AT_END;
    }
}

/* Close the code with the value of operand `o`; false after a finding. */
static bool finish(struct emitter *e, uint16_t o, struct code *out)
{
    uint32_t where = 0;
    const char *fault;

    sw_emit(e, I_RETURN, 0, o, 0);
    if (!e->failed) {
        shorten_jumps(e);
        *out = (struct code){
            .ins = keep(&e->l->arena, e->ins, e->n_ins, sizeof(*e->ins)),
            .constant = keep(&e->l->arena, e->constant, e->n_constants, sizeof(*e->constant)),
            .native =
                keep(&e->l->arena, (const void *)e->native, e->n_natives, sizeof(sw_native *)),
            .n_ins = (uint32_t)e->n_ins,
            .n_constants = (uint32_t)e->n_constants,
            .n_natives = (uint32_t)e->n_natives,
            .n_registers = e->most,
        };
        fault = sw_code_verify(out, e->l->n_reads, &where);
        if (fault != NULL)
            sw_bug(__FILE__, (int)where, fault);
    }
    end_emitter(e);
    return !e->failed;
}

struct code *sw_emit_inner(struct emitter *outer, const struct node *n, struct read *groups)
{
    struct emitter e = {.l = outer->l,
                        .tree = outer->tree,
                        .diag = outer->diag,
                        .uses = outer->uses,
                        .groups = groups,
                        .is_inner = true};
    struct code *code = SW_ARENA_NEW(&e.l->arena, struct code);
    uint16_t o = sw_emit_plain(&e, n);

    if (!finish(&e, o, code)) {
        outer->failed = true;
        return NULL;
    }
    return code;
}

static bool values_equal(struct sw_value a, struct sw_value b)
{
    if (a.kind != b.kind || a.enum_id != b.enum_id)
        return false;
    /* 1.0 and NaN by their bits: what matters is that the code does the same. */
    return a.kind == SW_KDOUBLE || a.kind == SW_KERROR ? a.u == b.u : sw_value_equal(a, b);
}

bool sw_code_equal(const struct code *a, const struct code *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    if (a->n_ins != b->n_ins || a->n_constants != b->n_constants || a->n_natives != b->n_natives ||
        memcmp(a->ins, b->ins, a->n_ins * sizeof(*a->ins)) != 0)
        return false;
    for (uint32_t i = 0; i < a->n_constants; i++) {
        if (!values_equal(a->constant[i], b->constant[i]))
            return false;
    }
    for (uint32_t i = 0; i < a->n_natives; i++) {
        if (a->native[i] != b->native[i])
            return false;
    }
    return true;
}

/* ---- programs -------------------------------------------------------------------------------- */

static uint16_t *narrow(struct sw_arena *arena, const struct number_set *set)
{
    uint16_t *out = SW_ARENA_ARRAY(arena, uint16_t, set->n);

    for (size_t i = 0; i < set->n; i++)
        out[i] = (uint16_t)set->at[i];
    return out;
}

static uint32_t *wide(struct sw_arena *arena, const struct number_set *set)
{
    uint32_t *out = SW_ARENA_ARRAY(arena, uint32_t, set->n);

    for (size_t i = 0; i < set->n; i++)
        out[i] = set->at[i];
    return out;
}

static void keep_uses(struct sw_arena *arena, struct collector *c, struct sw_prog *p)
{
    struct uses *u = &p->uses;

    *u = (struct uses){.stream = narrow(arena, &c->streams),
                       .absence = narrow(arena, &c->absences),
                       .rule = wide(arena, &c->rules),
                       .read = wide(arena, &c->reads),
                       .n_streams = c->streams.n,
                       .n_absences = c->absences.n,
                       .n_rules = c->rules.n,
                       .n_reads = c->reads.n};
    for (unsigned b = 0; b < SW_BANKS; b++) {
        u->slot[b] = wide(arena, &c->slots[b]);
        u->n_slots[b] = c->slots[b].n;
        free(c->slots[b].at);
    }
    p->is_daily = c->is_daily;
    free(c->streams.at);
    free(c->absences.at);
    free(c->rules.at);
    free(c->reads.at);
}

/* Mark an enum's item as such, so that it can be shown without its static type. */
static uint16_t tagged(struct emitter *e, const struct node *n, uint16_t o)
{
    uint8_t r;

    if (n->type->form != TYPE_ENUM || SW_OPERAND_SPACE(o) == IN_CONSTANT)
        return o;
    r = sw_emit_register(e, 1);
    sw_emit(e, I_TAG, r, o, (uint16_t)n->type->number);
    return register_operand(r);
}

struct sw_prog *sw_emit_program(struct sw_lang *l, const struct tree *tree, struct sw_diag *diag)
{
    struct collector uses = {.is_daily = false};
    struct emitter e = {.l = l, .tree = tree, .diag = diag, .uses = &uses};
    struct sw_prog *p = SW_ARENA_NEW(&l->arena, struct sw_prog);
    uint16_t o = tagged(&e, tree->root, sw_emit_plain(&e, tree->root));
    bool done = finish(&e, o, &p->code);

    sw_note_silence(&e, tree->root, false);
    p->l = l;
    p->type = tree->root->type;
    p->root = tree->root;
    keep_uses(&l->arena, &uses, p);
    return done ? p : NULL;
}

struct sw_prog *sw_emit_template(struct sw_lang *l, const struct part *parts, size_t n,
                                 struct sw_diag *diag)
{
    static const struct node no_node = {.kind = N_BAD};
    struct tree text = {.root = (struct node *)(uintptr_t)&no_node};
    struct collector uses = {.is_daily = false};
    struct emitter e = {.l = l, .tree = &text, .diag = diag, .uses = &uses};
    struct sw_prog *p = SW_ARENA_NEW(&l->arena, struct sw_prog);
    uint8_t list = sw_emit_register(&e, 1);
    bool done;

    sw_emit(&e, I_LIST, list, (uint16_t)n, 0);
    for (size_t i = 0; i < n; i++) {
        uint32_t top = e.top;
        uint16_t o;

        e.tree = parts[i].tree != NULL ? parts[i].tree : &text;
        o = parts[i].tree == NULL ? sw_emit_constant(&e, sw_value_str(parts[i].text))
                                  : tagged(&e, e.tree->root, sw_emit_plain(&e, e.tree->root));
        sw_emit(&e, I_PUSH_ANY, list, o, 0);
        e.top = top;
    }
    sw_emit(&e, I_CALL1, list, register_operand(list), 0)->d = sw_emit_native(&e, sw_fn_text_of);
    done = finish(&e, register_operand(list), &p->code);
    p->l = l;
    p->type = sw_type_simple(SW_KSTRING);
    keep_uses(&l->arena, &uses, p);
    return done ? p : NULL;
}
