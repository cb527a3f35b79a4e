/* session.c - declarations.
 *
 * Names, labels and units are copied; declarations of streams, enums and records are borrowed, as
 * their callers keep them in one schema. A name declared twice is a bug of the caller, except for
 * macros, lists and lets, which people write: those are findings. */
#include "lang/session.h"
#include "lang/check.h"
#include "lang/native.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

struct sw_lang *sw_lang_new(enum sw_lang_mode mode)
{
    struct sw_lang *l = sw_calloc(1, sizeof(*l));

    l->mode = mode;
    /* Names come from files that are trusted, not from messages: the key need not be secret. */
    sw_intern_init(&l->names, (struct sw_hash_key){0x73686f7577616e67, 0x6c616e67});
    return l;
}

void sw_lang_free(struct sw_lang *l)
{
    if (l == NULL)
        return;
    sw_intern_free(&l->names);
    free(l->symbol);
    free(l->rule);
    free(l->period);
    for (size_t i = 0; i < l->n_tags; i++)
        free(l->tag[i].at);
    free(l->tag);
    free(l->source);
    free(l->enums);
    for (unsigned b = 0; b < SW_BANKS; b++)
        free(l->slot_source[b]);
    free(l->read);
    sw_arena_free(&l->arena);
    free(l);
}

void sw_lang_zones(struct sw_lang *l, const struct sw_zone *(*find)(void *ctx, struct sw_str name),
                   void *ctx)
{
    l->find_zone = find;
    l->zone_ctx = ctx;
}

const struct sw_zone *sw_session_zone(const struct sw_lang *l, struct sw_str name)
{
    return l == NULL || l->find_zone == NULL ? NULL : l->find_zone(l->zone_ctx, name);
}

void sw_lang_seal(struct sw_lang *l)
{
    l->is_sealed = true;
}

/* ---- types ----------------------------------------------------------------------------------- */

const struct sw_type *sw_type_of(struct sw_lang *l, enum sw_kind kind)
{
    (void)l;
    return sw_type_simple(kind);
}

const struct sw_type *sw_type_list(struct sw_lang *l, const struct sw_type *element)
{
    return sw_type_make(&l->arena, TYPE_LIST, element, NULL);
}

const struct sw_type *sw_type_map(struct sw_lang *l, const struct sw_type *key,
                                  const struct sw_type *value)
{
    return sw_type_make(&l->arena, TYPE_MAP, key, value);
}

const struct sw_type *sw_type_dyn(struct sw_lang *l)
{
    (void)l;
    return &sw_dyn;
}

const struct sw_type *sw_type_enum(struct sw_lang *l, struct sw_str name,
                                   const struct sw_enum_item *items, size_t n)
{
    struct sw_type *t;

    for (size_t i = 0; i < l->n_enums; i++) { /* fields of one enum are of one type */
        if (l->enums[i]->items == items && l->enums[i]->n == n)
            return l->enums[i];
    }
    t = SW_ARENA_NEW(&l->arena, struct sw_type);
    l->enums = sw_grow(l->enums, &l->cap_enums, l->n_enums + 1, sizeof(const struct sw_type *));
    l->enums[l->n_enums++] = t;
    *t = (struct sw_type){.form = TYPE_ENUM,
                          .kind = SW_KENUM,
                          .number = (uint32_t)l->n_enums,
                          .name = sw_arena_str(&l->arena, name),
                          .items = items,
                          .n = n};
    return t;
}

const struct sw_type *sw_type_record(struct sw_lang *l, struct sw_str name,
                                     const struct sw_field_decl *fields, size_t n)
{
    struct sw_type *t = SW_ARENA_NEW(&l->arena, struct sw_type);

    *t = (struct sw_type){.form = TYPE_RECORD,
                          .kind = SW_KRECORD,
                          .name = sw_arena_str(&l->arena, name),
                          .fields = fields,
                          .n = n};
    return t;
}

/* ---- names ----------------------------------------------------------------------------------- */

struct symbol *sw_session_find(const struct sw_lang *l, struct sw_str name)
{
    uint32_t id;

    for (size_t i = 0; i < l->n_lets; i++) {
        if (sw_str_eq(l->let[i]->name, name))
            return l->let[i];
    }
    id = sw_intern_find(&l->names, name);
    return id == SW_NONE ? NULL : l->symbol[id];
}

static struct symbol *new_symbol(struct sw_lang *l, enum symbol_kind kind, struct sw_str name)
{
    struct symbol *s = SW_ARENA_NEW(&l->arena, struct symbol);

    SW_ASSERT(!l->is_sealed);
    s->kind = kind;
    s->name = sw_arena_str(&l->arena, name);
    s->type = &sw_error_type;
    return s;
}

static struct symbol *add_symbol(struct sw_lang *l, enum symbol_kind kind, struct sw_str name)
{
    struct symbol *s = new_symbol(l, kind, name);
    uint32_t id = sw_intern_add(&l->names, name);

    l->symbol = sw_grow(l->symbol, &l->cap_symbols, (size_t)id + 1, sizeof(struct symbol *));
    l->symbol[id] = s;
    return s;
}

static uint32_t add_source(struct sw_lang *l, const struct symbol *s)
{
    l->source = sw_grow(l->source, &l->cap_sources, l->n_sources + 1, sizeof(*l->source));
    l->source[l->n_sources] = (struct source){s->name, s->label};
    return (uint32_t)l->n_sources++;
}

struct sw_str sw_lang_source_name(const struct sw_lang *l, uint32_t source)
{
    if (source >= l->n_sources)
        return (struct sw_str){NULL, 0};
    return l->source[source].label.n > 0 ? l->source[source].label : l->source[source].name;
}

static void set_slot_source(struct sw_lang *l, const struct symbol *s)
{
    uint32_t **of = &l->slot_source[s->bank];

    *of = sw_grow(*of, &l->cap_slots[s->bank], (size_t)s->slot + 1, sizeof(**of));
    while (l->n_slots[s->bank] <= s->slot)
        (*of)[l->n_slots[s->bank]++] = UINT32_MAX;
    (*of)[s->slot] = s->source;
}

void sw_lang_var(struct sw_lang *l, struct sw_str name, const struct sw_type *type, unsigned bank,
                 uint32_t slot, bool optional, struct sw_str label, struct sw_str unit)
{
    struct symbol *s = add_symbol(l, SYM_VAR, name);

    SW_ASSERT(bank < SW_BANKS && slot < SW_SLOTS_MAX);
    s->type = type;
    s->bank = bank;
    s->slot = slot;
    s->optional = optional;
    s->label = sw_arena_str(&l->arena, label);
    s->unit = sw_arena_str(&l->arena, unit);
    s->is_yuan = l->mode == SW_LANG_RULES && sw_str_is(unit, "元") &&
                 (sw_type_is(type, SW_KINT) || sw_type_is(type, SW_KDOUBLE));
    if (s->is_yuan)
        s->type = sw_type_simple(SW_KMONEY);
    s->source = add_source(l, s);
    set_slot_source(l, s);
}

void sw_lang_stream(struct sw_lang *l, const struct sw_stream_decl *decl)
{
    struct symbol *s = add_symbol(l, SYM_STREAM, decl->name);
    struct sw_type *t = SW_ARENA_NEW(&l->arena, struct sw_type);

    SW_ASSERT(decl->n_fields <= 64);
    *t = (struct sw_type){.form = TYPE_STREAM, .kind = SW_KERROR, .stream = decl};
    s->type = t;
    s->stream = decl;
    s->label = sw_arena_str(&l->arena, decl->label);
    s->source = add_source(l, s);
    if (decl->n_fields > l->most_fields)
        l->most_fields = (uint32_t)decl->n_fields;
}

void sw_lang_list(struct sw_lang *l, struct sw_str name, const struct sw_text *entries, size_t n)
{
    struct symbol *s = add_symbol(l, SYM_LIST, name);
    struct sw_text *copy = SW_ARENA_ARRAY(&l->arena, struct sw_text, n);

    for (size_t i = 0; i < n; i++) {
        copy[i] = entries[i];
        copy[i].text = sw_arena_str(&l->arena, entries[i].text);
    }
    s->entry = copy;
    s->n_entries = n;
}

static void add_named(struct sw_lang *l, struct named **list, size_t *cap, size_t *n,
                      struct named entry)
{
    SW_ASSERT(!l->is_sealed);
    *list = sw_grow(*list, cap, *n + 1, sizeof(**list));
    entry.name = sw_arena_str(&l->arena, entry.name);
    (*list)[(*n)++] = entry;
}

void sw_lang_rule(struct sw_lang *l, struct sw_str name, uint32_t index)
{
    add_named(l, &l->rule, &l->cap_rules, &l->n_rules,
              (struct named){.name = name, .index = index});
}

void sw_lang_period(struct sw_lang *l, struct sw_str name, int32_t month, int32_t day)
{
    add_named(l, &l->period, &l->cap_periods, &l->n_periods,
              (struct named){.name = name, .month = month, .day = day});
}

uint32_t sw_session_tag(const struct sw_lang *l, struct sw_str name)
{
    for (size_t i = 0; i < l->n_tags; i++) {
        if (sw_str_eq(l->tag[i].name, name))
            return (uint32_t)i;
    }
    return SW_NONE;
}

void sw_lang_tag(struct sw_lang *l, struct sw_str name, uint32_t rule, uint32_t group)
{
    uint32_t i = sw_session_tag(l, name);
    struct tag *t;

    SW_ASSERT(!l->is_sealed && group < SW_GROUPS_MAX);
    if (i == SW_NONE) {
        i = (uint32_t)l->n_tags++;
        l->tag = sw_grow(l->tag, &l->cap_tags, l->n_tags, sizeof(*l->tag));
        l->tag[i] = (struct tag){.name = sw_arena_str(&l->arena, name)};
    }
    t = &l->tag[i];
    t->at = sw_grow(t->at, &t->cap, t->n + 1, sizeof(*t->at));
    t->at[t->n++] = (struct tagged){rule, group};
}

static const struct named *find_named(const struct named *list, size_t n, struct sw_str name)
{
    for (size_t i = 0; i < n; i++) {
        if (sw_str_eq(list[i].name, name))
            return &list[i];
    }
    return NULL;
}

const struct named *sw_session_rule(const struct sw_lang *l, struct sw_str name)
{
    return find_named(l->rule, l->n_rules, name);
}

const struct named *sw_session_period(const struct sw_lang *l, struct sw_str name)
{
    return find_named(l->period, l->n_periods, name);
}

/* ---- macros and lets ------------------------------------------------------------------------- */

struct parse_rules sw_session_rules(const struct sw_lang *l, const struct sw_how *how)
{
    return (struct parse_rules){
        .rules_mode = l->mode == SW_LANG_RULES,
        .with_macros = how == NULL || !how->no_macros,
        .with_optionals = l->mode == SW_LANG_CEL && (how == NULL || !how->no_optionals),
        .text_max = 4096,
        .nodes_max = 500,
        .depth_max = 64,
        .list_max = 200,
        .loops_max = 2,
    };
}

/* Where the name of a macro or let was written. */
static struct sw_place name_place(const struct sw_text *text)
{
    if (text->scalar != NULL && text->scalar->key_at.line > 0)
        return text->scalar->key_at;
    return sw_text_place(text, 0);
}

static void define(struct sw_lang *l, struct symbol *s, struct sw_text text, struct sw_diag *diag)
{
    struct parse_rules rules = sw_session_rules(l, NULL);
    struct parse_job job = {.text = text,
                            .to = (uint32_t)text.text.n,
                            .rules = &rules,
                            .arena = &l->arena,
                            .diag = diag};

    s->text = text;
    job.text.text = sw_arena_str(&l->arena, text.text);
    s->tree = sw_parse(&job);
    s->type = sw_check_definition(l, s->tree, diag);
    s->unit = s->tree->root->unit;
    s->is_faulty = s->type->form == TYPE_ERROR;
}

static bool is_taken(struct sw_lang *l, struct sw_str name, struct sw_text text,
                     struct sw_diag *diag)
{
    if (sw_session_find(l, name) == NULL)
        return false;
    sw_diag_add(diag, SW_ERROR, name_place(&text), _("the name %.*s is taken already"),
                SW_STR_ARG(name));
    return true;
}

void sw_lang_macro(struct sw_lang *l, struct sw_str name, struct sw_text text, struct sw_diag *diag)
{
    if (!is_taken(l, name, text, diag)) {
        /* Declared behind its own definition, so that it cannot use itself. */
        struct symbol *s = new_symbol(l, SYM_MACRO, name);

        define(l, s, text, diag);
        *add_symbol(l, SYM_MACRO, name) = *s;
    }
}

void sw_lang_begin(struct sw_lang *l)
{
    SW_ASSERT(!l->is_sealed && !l->has_lets);
    l->has_lets = true;
    l->n_lets = 0;
}

void sw_lang_let(struct sw_lang *l, struct sw_str name, struct sw_text text, struct sw_diag *diag)
{
    struct symbol *s;

    SW_ASSERT(l->has_lets);
    if (is_taken(l, name, text, diag))
        return;
    if (l->n_lets == SW_LETS_MAX) {
        sw_diag_add(diag, SW_ERROR, name_place(&text), _("a rule may have at most %d lets"),
                    SW_LETS_MAX);
        return;
    }
    s = new_symbol(l, SYM_MACRO, name);
    s->is_let = true;
    define(l, s, text, diag);
    l->let[l->n_lets++] = s;
}

void sw_lang_end(struct sw_lang *l, struct sw_diag *diag)
{
    SW_ASSERT(l->has_lets);
    for (size_t i = 0; i < l->n_lets; i++) {
        const struct symbol *s = l->let[i];

        if (!s->is_used && !s->is_faulty)
            sw_diag_add(diag, SW_WARNING, name_place(&s->text), _("%.*s is never used"),
                        SW_STR_ARG(s->name));
    }
    l->n_lets = 0;
    l->has_lets = false;
}
