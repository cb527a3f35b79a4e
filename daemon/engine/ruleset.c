/* ruleset.c - a bundle's texts to one compiled ruleset.
 *
 * Order: schema, parameters, places, then the heads of every rule file (categories, levels, lists),
 * then macros, then rules; so a rule may use what another file declares. Last, rules are sorted and
 * indexed (ruleset_order.c). */
#include "lifecycle.h"
#include "testrun.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/lang/parts.h>
#include <stdlib.h>

struct builder {
    struct sw_ruleset *rs;
    struct sw_diag *diag;
    struct sw_yaml **root; /* one per file of the bundle, NULL when unreadable */
    bool explains;
    bool lacks_params; /* their file is here and was refused: who uses them is not to blame */
};

static const char *const special[] = {"schema.yaml", "params.yaml",   "params.csv",
                                      "areas.yaml",  "messages.yaml", "calendar.yaml",
                                      "cases.yaml",  "people.yaml"};

static struct sw_str path_of(struct builder *b, struct sw_str name)
{
    return b->rs->dir[0] == '\0'
               ? name
               : sw_arena_printf(&b->rs->arena, "%s/%.*s", b->rs->dir, SW_STR_ARG(name));
}

bool sw_bundle_special(struct sw_str name)
{
    for (size_t i = 0; i < SW_COUNTOF(special); i++) {
        if (sw_str_is(name, special[i]))
            return true;
    }
    return false;
}

static struct sw_yaml *file_named(struct builder *b, const char *name)
{
    for (size_t i = 0; i < b->rs->bundle->n; i++) {
        if (sw_str_is(b->rs->bundle->file[i].name, name))
            return b->root[i];
    }
    return NULL;
}

static bool load_schema(struct builder *b)
{
    const struct sw_bundle *bundle = b->rs->bundle;

    for (size_t i = 0; i < bundle->n; i++) {
        if (sw_str_is(bundle->file[i].name, "schema.yaml"))
            b->rs->schema =
                sw_schema_parse(path_of(b, bundle->file[i].name), bundle->file[i].text, b->diag);
    }
    if (b->rs->schema == NULL && b->diag->errors == 0)
        sw_diag_add(b->diag, SW_ERROR, (struct sw_place){.file = path_of(b, SW_STR("schema.yaml"))},
                    _("the schema is missing"));
    return b->rs->schema != NULL;
}

static bool has_file(const struct builder *b, const char *name)
{
    for (size_t i = 0; i < b->rs->bundle->n; i++) {
        if (sw_str_is(b->rs->bundle->file[i].name, name))
            return true;
    }
    return false;
}

static void parse_files(struct builder *b)
{
    const struct sw_bundle *bundle = b->rs->bundle;
    bool two = has_file(b, "params.yaml") && has_file(b, "params.csv");

    b->root = SW_ARENA_ARRAY(&b->rs->arena, struct sw_yaml *, bundle->n + 1);
    for (size_t i = 0; i < bundle->n; i++) {
        struct sw_str name = bundle->file[i].name;
        struct sw_str text = bundle->file[i].text;
        bool of_params = sw_str_is(name, "params.yaml") || sw_str_is(name, "params.csv");
        size_t errors = b->diag->errors;

        if (of_params && two)
            continue; /* load_params() refuses both */
        if (sw_str_is(name, "params.csv"))
            b->root[i] = sw_params_table(&b->rs->arena, path_of(b, name), text, b->diag);
        else if (!sw_str_is(name, "schema.yaml"))
            b->root[i] = sw_yaml_parse(&b->rs->arena, path_of(b, name), text, b->diag);
        b->lacks_params |= of_params && b->diag->errors > errors;
    }
}

/* The numbers stand in one of two files, never in both: nobody could say which one counts. */
static void load_params(struct builder *b)
{
    const struct sw_yaml *yaml = file_named(b, "params.yaml");
    const struct sw_yaml *table = file_named(b, "params.csv");

    if (has_file(b, "params.yaml") && has_file(b, "params.csv")) {
        sw_diag_add(b->diag, SW_ERROR, (struct sw_place){.file = path_of(b, SW_STR("params.csv"))},
                    _("params.yaml is here too; keep one of the two and take the other away"));
        b->lacks_params = true;
    } else if (yaml != NULL || table != NULL) {
        b->lacks_params |= !sw_load_params(b->rs, yaml != NULL ? yaml : table, b->diag);
    }
}

/* Calls `load` for each rule file. */
static void each_rule_file(struct builder *b,
                           void (*load)(struct sw_ruleset *, const struct sw_yaml *,
                                        struct sw_diag *))
{
    for (size_t i = 0; i < b->rs->bundle->n; i++) {
        if (b->root[i] != NULL && !sw_bundle_special(b->rs->bundle->file[i].name))
            load(b->rs, b->root[i], b->diag);
    }
}

/* A macro about households is none for rules about areas: that is told where such a rule uses it.
 */
static void load_macros(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    const struct sw_yaml *map = sw_yaml_get(root, "macros");
    struct sw_diag unsaid = {0};

    if (map == NULL || map->kind != SW_YMAP)
        return;
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        sw_lang_macro(rs->lang, y->key, sw_text_of(y), diag);
        sw_lang_macro(rs->area_lang, y->key, sw_text_of(y), &unsaid);
    }
    sw_diag_free(&unsaid);
}

static uint32_t category_of(const struct sw_ruleset *rs, const struct sw_yaml *rule)
{
    const struct sw_yaml *y = sw_yaml_get(rule, "category");

    for (uint32_t i = 0; y != NULL && y->kind == SW_YSCALAR && i < rs->n_categories; i++) {
        if (sw_str_eq(rs->category[i].name, y->text))
            return i;
    }
    return CATEGORIES_MAX; /* rules without one are a class of their own */
}

static void declare_rule(struct sw_ruleset *rs, const struct sw_yaml *y, uint32_t index)
{
    const struct sw_yaml *name = sw_yaml_get(y, "rule");
    const struct sw_yaml *subject = sw_yaml_get(y, "subject");
    const struct sw_yaml *tags = sw_yaml_get(y, "tags");
    bool of_area =
        subject != NULL && subject->kind == SW_YSCALAR && !sw_str_is(subject->text, "household");
    struct sw_lang *lang = of_area ? rs->area_lang : rs->lang;

    if (name == NULL || name->kind != SW_YSCALAR)
        return;
    sw_lang_rule(lang, name->text, index);
    for (const struct sw_yaml *t = tags != NULL && tags->kind == SW_YLIST ? tags->first : NULL;
         t != NULL; t = t->next) {
        if (t->kind == SW_YSCALAR)
            sw_lang_tag(lang, t->text, index, category_of(rs, y));
    }
}

/* fired("name") needs every name before any rule is compiled, count_fired("tag") every tag. */
static void declare_rules(struct builder *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->rs->bundle->n; i++) {
        const struct sw_yaml *rules = sw_yaml_get(b->root[i], "rules");

        if (rules == NULL || sw_bundle_special(b->rs->bundle->file[i].name))
            continue;
        for (const struct sw_yaml *y = rules->first; y != NULL; y = y->next, n++) {
            if (n < RULES_MAX)
                declare_rule(b->rs, y, (uint32_t)n);
        }
    }
    if (n > RULES_MAX)
        sw_diag_add(b->diag, SW_ERROR, (struct sw_place){0}, _("more than %d rules"), RULES_MAX);
    b->rs->rule = SW_ARENA_ARRAY(&b->rs->arena, struct sw_rule, n + 1);
}

static void tell_double(struct builder *b, const struct sw_rule *here, const struct sw_rule *there)
{
    sw_diag_add(b->diag, SW_ERROR, here->at,
                _("two rules are called %.*s, here and in line %u of %.*s; rename the newer one"),
                SW_STR_ARG(here->name), there->at.line, SW_STR_ARG(there->at.file));
}

/* Told at both: which of the two was there first stands in no file. */
static void check_doubles(struct builder *b)
{
    for (size_t i = 0; i < b->rs->n_rules; i++) {
        for (size_t k = 0; k < i; k++) {
            if (sw_str_eq(b->rs->rule[i].name, b->rs->rule[k].name)) {
                tell_double(b, &b->rs->rule[i], &b->rs->rule[k]);
                tell_double(b, &b->rs->rule[k], &b->rs->rule[i]);
            }
        }
    }
}

/* ---- names -------------------------------------------------------------------------------- */

static const struct sw_type *type_of(struct sw_lang *l, const struct sw_field *f)
{
    static const enum sw_kind kinds[] = {
        [SW_FMONEY] = SW_KMONEY,   [SW_FINT] = SW_KINT,   [SW_FNUMBER] = SW_KDOUBLE,
        [SW_FBOOL] = SW_KBOOL,     [SW_FDATE] = SW_KDATE, [SW_FSTRING] = SW_KSTRING,
        [SW_FPERSON] = SW_KPERSON,
    };

    if (f->type == SW_FENUM)
        return sw_type_enum(l, f->of->name, f->of->items, f->of->n);
    return sw_type_of(l, f->type == SW_FAREA ? SW_KPERSON : kinds[f->type]);
}

/* For rules about areas each event has one more field: the household it is about. */
static void declare_stream(struct sw_ruleset *rs, const struct sw_stream *st)
{
    static const struct sw_str household = {"household", 9};
    struct sw_field_decl *field =
        SW_ARENA_ARRAY(&rs->arena, struct sw_field_decl, st->n_fields + 1);
    struct sw_stream_decl *decl = SW_ARENA_ARRAY(&rs->arena, struct sw_stream_decl, 2);

    for (uint32_t i = 0; i < st->n_fields; i++) {
        field[i] =
            (struct sw_field_decl){st->fields[i].name, st->fields[i].label,
                                   type_of(rs->lang, &st->fields[i]), st->fields[i].optional};
    }
    decl[0] = (struct sw_stream_decl){st->name, st->label,   field,  st->n_fields,
                                      st->id,   st->partial, st->end};
    sw_lang_stream(rs->lang, &decl[0]);
    field = SW_ARENA_ARRAY(&rs->arena, struct sw_field_decl, st->n_fields + 1);
    for (uint32_t i = 0; i < st->n_fields; i++) {
        field[i] = decl[0].fields[i];
        field[i].type = type_of(rs->area_lang, &st->fields[i]);
    }
    decl[1] = decl[0];
    decl[1].fields = field;
    if (sw_stream_field(st, household, NULL) == NULL)
        field[decl[1].n_fields++] = (struct sw_field_decl){
            household, SW_STR("户"), sw_type_of(rs->area_lang, SW_KPERSON), false};
    sw_lang_stream(rs->area_lang, &decl[1]);
}

static uint32_t fact_named(const struct sw_stream *facts, const char *name, enum sw_field_type type)
{
    uint32_t i;
    const struct sw_field *f = sw_stream_field(facts, sw_str(name), &i);

    return f == NULL || f->type != type ? SW_NONE : i;
}

/* members.exists(m, …): a list of records. */
static void declare_members(struct sw_ruleset *rs)
{
    const struct sw_stream *st = rs->schema->persons;

    if (st == NULL)
        return;
    rs->member = SW_ARENA_ARRAY(&rs->arena, struct sw_field_decl, st->n_fields);
    for (uint32_t i = 0; i < st->n_fields; i++)
        rs->member[i] =
            (struct sw_field_decl){st->fields[i].name, st->fields[i].label,
                                   type_of(rs->lang, &st->fields[i]), i != SW_FACT_PERSON};
    sw_lang_var(rs->lang, SW_STR("members"),
                sw_type_list(rs->lang, sw_type_record(rs->lang, sw_str(_("a member")), rs->member,
                                                      st->n_fields)),
                BANK_HOUSEHOLD, SW_FIELDS_MAX, true, SW_STR("家庭成员"), SW_STR(""));
}

static void declare_params(struct sw_ruleset *rs, struct sw_lang *l)
{
    for (uint32_t i = 0; i < rs->n_params; i++) {
        const struct sw_param *p = &rs->param[i];

        sw_lang_var(l, sw_arena_printf(&rs->arena, "p.%.*s", SW_STR_ARG(p->name)),
                    sw_type_of(l, p->is_money   ? SW_KMONEY
                                  : p->is_whole ? SW_KINT
                                                : SW_KDOUBLE),
                    BANK_PARAMS, i, false, p->label, p->unit);
    }
}

void sw_declare_names(struct sw_ruleset *rs)
{
    const struct sw_schema *s = rs->schema;
    const struct sw_stream *facts = &s->streams[SW_FACTS];
    struct sw_lang *both[] = {rs->lang, rs->area_lang};

    for (size_t i = 1; i < s->n_streams; i++) {
        if (&s->streams[i] != s->persons)
            declare_stream(rs, &s->streams[i]);
    }
    for (uint32_t i = 1; i < facts->n_fields; i++)
        sw_lang_var(rs->lang,
                    sw_arena_printf(&rs->arena, "hh.%.*s", SW_STR_ARG(facts->fields[i].name)),
                    type_of(rs->lang, &facts->fields[i]), BANK_HOUSEHOLD, i, true,
                    facts->fields[i].label, (struct sw_str){NULL, 0});
    declare_members(rs);
    sw_lang_var(rs->area_lang, SW_STR("area.name"), sw_type_of(rs->area_lang, SW_KSTRING),
                BANK_HOUSEHOLD, AREA_NAME, false, SW_STR("地区"), SW_STR(""));
    sw_lang_var(rs->area_lang, SW_STR("area.households"), sw_type_of(rs->area_lang, SW_KINT),
                BANK_HOUSEHOLD, AREA_HOUSEHOLDS, false, SW_STR("户数"), SW_STR("户"));
    for (size_t l = 0; l < SW_COUNTOF(both); l++) {
        declare_params(rs, both[l]);
        for (size_t i = 0; i < s->n_periods; i++)
            sw_lang_period(both[l], s->periods[i].name, s->periods[i].month, s->periods[i].day);
    }
    rs->fact_name = fact_named(facts, "name", SW_FSTRING);
    rs->fact_township = fact_named(facts, "township", SW_FSTRING);
    rs->fact_village = fact_named(facts, "village", SW_FSTRING);
    rs->fact_monitored = fact_named(facts, "monitored", SW_FBOOL);
}

/* ---- all of it ---------------------------------------------------------------------------- */

static void build(struct builder *b)
{
    const struct sw_yaml *areas;

    if (!load_schema(b))
        return;
    parse_files(b);
    areas = file_named(b, "areas.yaml");
    load_params(b);
    if (areas != NULL && !b->lacks_params)
        sw_load_areas(b->rs, areas, b->diag);
    b->rs->lang = sw_lang_new(SW_LANG_RULES);
    b->rs->area_lang = sw_lang_new(SW_LANG_RULES);
    if (b->explains) {
        sw_lang_explain(b->rs->lang);
        sw_lang_explain(b->rs->area_lang);
    }
    b->rs->level = SW_ARENA_ARRAY(&b->rs->arena, struct sw_level, LEVELS_MAX + 1);
    b->rs->level[0] = (struct sw_level){.name = SW_STR("none"), .label = SW_STR("无")};
    sw_declare_names(b->rs);
    b->rs->file = SW_ARENA_ARRAY(&b->rs->arena, struct sw_rule_file, b->rs->bundle->n + 1);
    each_rule_file(b, sw_load_rule_heads);
    if (b->rs->n_levels == 0 && b->diag->errors == 0)
        sw_diag_add(b->diag, SW_ERROR, (struct sw_place){0}, _("no rule file has levels:"));
    sw_check_decisions(b->rs, b->diag);
    sw_load_wording(b->rs, file_named(b, "messages.yaml"), b->diag);
    sw_load_calendar(b->rs, file_named(b, "calendar.yaml"), b->diag);
    sw_load_life(b->rs, file_named(b, "cases.yaml"), b->diag);
    declare_rules(b);
    if (b->diag->errors > 0)
        return;
    each_rule_file(b, load_macros);
    each_rule_file(b, sw_load_rules);
    check_doubles(b);
    sw_load_people(b->rs, file_named(b, "people.yaml"), b->diag);
    each_rule_file(b, sw_load_tests);
    sw_tell_untested(b->rs, b->diag);
    if (b->diag->errors > 0)
        return;
    sw_sort_rules(b->rs, b->diag);
    if (b->diag->errors > 0)
        return;
    sw_index_rules(b->rs);
    sw_check_unused(b->rs, b->diag);
    sw_lang_seal(b->rs->lang);
    sw_lang_seal(b->rs->area_lang);
}

static struct sw_ruleset *build_bundle(struct sw_bundle *bundle, const char *dir, bool explains,
                                       struct sw_diag *diag)
{
    struct sw_ruleset *rs = sw_calloc(1, sizeof(*rs));
    struct builder b = {.rs = rs, .diag = diag, .explains = explains};
    size_t errors = diag->errors;

    rs->owners = 1;
    rs->bundle = bundle;
    rs->dir = sw_arena_str(&rs->arena, sw_str(dir)).p;
    build(&b);
    if (diag->errors == errors)
        return rs;
    sw_ruleset_free(rs);
    return NULL;
}

struct sw_ruleset *sw_ruleset_build(struct sw_bundle *bundle, const char *dir, struct sw_diag *diag)
{
    return build_bundle(bundle, dir, false, diag);
}

struct sw_ruleset *sw_ruleset_explained(const struct sw_ruleset *rs)
{
    struct sw_diag diag = {0};
    struct sw_buf packed = {0};
    struct sw_bundle *copy;
    struct sw_ruleset *made;

    sw_bundle_pack(rs->bundle, &packed);
    copy = sw_bundle_unpack(sw_buf_view(&packed), NULL);
    sw_buf_free(&packed);
    made = copy == NULL ? NULL : build_bundle(copy, rs->dir, true, &diag);
    sw_diag_free(&diag);
    return made;
}

struct sw_ruleset *sw_ruleset_ref(struct sw_ruleset *rs)
{
    rs->owners++;
    return rs;
}

void sw_ruleset_free(struct sw_ruleset *rs)
{
    if (rs == NULL || --rs->owners > 0)
        return;
    sw_lang_free(rs->lang);
    sw_lang_free(rs->area_lang);
    sw_schema_free(rs->schema);
    sw_bundle_free(rs->bundle);
    sw_arena_free(&rs->arena);
    free(rs);
}

const struct sw_schema *sw_ruleset_schema(const struct sw_ruleset *rs)
{
    return rs->schema;
}

const char *sw_ruleset_digest(const struct sw_ruleset *rs)
{
    return rs->bundle->digest;
}

const struct sw_bundle *sw_ruleset_bundle(const struct sw_ruleset *rs)
{
    return rs->bundle;
}

size_t sw_ruleset_rules(const struct sw_ruleset *rs)
{
    return rs->n_rules;
}

uint32_t sw_rule_find(const struct sw_ruleset *rs, struct sw_str name)
{
    for (uint32_t i = 0; i < rs->n_rules; i++) {
        if (sw_str_eq(rs->rule[i].name, name))
            return i;
    }
    return SW_NONE;
}

size_t sw_ruleset_levels(const struct sw_ruleset *rs)
{
    return rs->n_levels;
}

struct sw_str sw_ruleset_level(const struct sw_ruleset *rs, size_t level)
{
    return rs->level[level].name;
}
