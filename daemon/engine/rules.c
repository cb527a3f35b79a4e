/* rules.c - rule files: categories, levels, lists, macros, rules. See ruleset.c for the order. */
#include "parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>
#include <shouwang/base/utf8.h>

/* ---- heads: what rules refer to ----------------------------------------------------------- */

static void load_category(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_category *c = &rs->category[rs->n_categories];

    *c = (struct sw_category){.name = y->key};
    if (sw_keys_read(&sw_category_keys, y, c, diag))
        rs->n_categories++;
}

static void load_level(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_level *l = &rs->level[rs->n_levels + 1];

    *l = (struct sw_level){.name = y->key};
    if (!sw_keys_read(&sw_level_keys, y, l, diag))
        return;
    if (l->leave > l->enter)
        sw_diag_add(diag, SW_ERROR, sw_yaml_get(y, "leave")->at,
                    _("%.*s: leave must not lie above enter"), SW_STR_ARG(y->key));
    else if (rs->n_levels > 0 && l->enter <= rs->level[rs->n_levels].enter)
        sw_diag_add(diag, SW_ERROR, sw_yaml_get(y, "enter")->at,
                    _("%.*s: levels go from the lowest line up"), SW_STR_ARG(y->key));
    else
        rs->n_levels++;
}

static void load_levels(struct sw_ruleset *rs, const struct sw_yaml *map, struct sw_diag *diag)
{
    if (rs->n_levels > 0) {
        sw_diag_add(diag, SW_ERROR, map->key_at, _("levels: are in another file already"));
        return;
    }
    if (map->count > LEVELS_MAX) {
        sw_diag_add(diag, SW_ERROR, map->at, _("more than %d levels"), LEVELS_MAX);
        return;
    }
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next)
        load_level(rs, y, diag);
}

static void load_categories(struct sw_ruleset *rs, const struct sw_yaml *map, struct sw_diag *diag)
{
    struct sw_category *old = rs->category;

    if (rs->n_categories + map->count > CATEGORIES_MAX) {
        sw_diag_add(diag, SW_ERROR, map->key_at, _("more than %d categories"), CATEGORIES_MAX);
        return;
    }
    rs->category = SW_ARENA_ARRAY(&rs->arena, struct sw_category, rs->n_categories + map->count);
    for (size_t i = 0; i < rs->n_categories; i++)
        rs->category[i] = old[i];
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        for (size_t i = 0; i < rs->n_categories; i++) {
            if (sw_str_eq(rs->category[i].name, y->key))
                sw_diag_add(diag, SW_ERROR, y->key_at, _("%.*s is in another file already"),
                            SW_STR_ARG(y->key));
        }
        load_category(rs, y, diag);
    }
}

static void load_lists(struct sw_ruleset *rs, const struct sw_yaml *map)
{
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        struct sw_text *entry = SW_ARENA_ARRAY(&rs->arena, struct sw_text, y->count + 1);
        size_t n = 0;

        for (const struct sw_yaml *v = y->first; v != NULL; v = v->next)
            entry[n++] = sw_text_of(v);
        sw_lang_list(rs->lang, y->key, entry, n);
        sw_lang_list(rs->area_lang, y->key, entry, n);
    }
}

/* A head of the right shape, NULL when it is absent or was told to be wrong. */
static const struct sw_yaml *map_of(const struct sw_yaml *root, const char *key)
{
    const struct sw_yaml *y = sw_yaml_get(root, key);

    return y != NULL && y->kind == SW_YMAP ? y : NULL;
}

void sw_load_rule_heads(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    const struct sw_yaml *y;

    sw_load_rule_file(rs, root, diag);
    if ((y = map_of(root, "categories")) != NULL)
        load_categories(rs, y, diag);
    if ((y = map_of(root, "levels")) != NULL)
        load_levels(rs, y, diag);
    if ((y = map_of(root, "lists")) != NULL)
        load_lists(rs, y);
}

/* ---- rules -------------------------------------------------------------------------------- */

static bool find_category(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_rule *r,
                          struct sw_diag *diag)
{
    struct sw_str names[64];
    struct sw_str labels[SW_COUNTOF(names)];
    struct sw_buf there = {0};
    size_t n = 0;

    for (size_t i = 0; i < rs->n_categories; i++) {
        if (sw_str_eq(rs->category[i].name, y->text)) {
            r->category = (uint32_t)i;
            return true;
        }
        if (n < SW_COUNTOF(names)) {
            labels[n] = rs->category[i].label;
            names[n++] = rs->category[i].name;
        }
    }
    sw_put_choices(&there, y->text, names, labels, n);
    sw_diag_add(diag, SW_ERROR, y->at, _("no category %s%s"), y->text.p, there.p);
    sw_buf_free(&there);
    return false;
}

static void read_hard(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_rule *r,
                      struct sw_diag *diag)
{
    struct sw_str names[LEVELS_MAX];
    struct sw_str labels[LEVELS_MAX];
    struct sw_buf there = {0};

    if (y == NULL || y->kind != SW_YSCALAR)
        return;
    for (size_t i = 1; i <= rs->n_levels; i++) {
        names[i - 1] = rs->level[i].name;
        labels[i - 1] = rs->level[i].label;
        if (sw_str_eq(rs->level[i].name, y->text))
            r->hard = (uint8_t)i;
    }
    if (r->hard > 0)
        return;
    sw_put_choices(&there, y->text, names, labels, rs->n_levels);
    sw_diag_add(diag, SW_ERROR, y->at, _("hard: no level %s%s"), y->text.p, there.p);
    sw_buf_free(&there);
}

/* What the keys that are not expressions refer to. */
static void read_settings(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_rule *r,
                          struct sw_diag *diag)
{
    const struct sw_yaml *category = sw_yaml_get(y, "category");

    if (category != NULL && category->kind == SW_YSCALAR)
        find_category(rs, category, r, diag);
    read_hard(rs, sw_yaml_get(y, "hard"), r, diag);
}

/* An expression about a household or, in `lang`, about an area. A macro about households is known
 * there without a meaning: only then nothing has been said of a rule whose expression fails;
 * `errors` are those before the rule. */
static struct sw_prog *compile(struct sw_lang *lang, const struct sw_yaml *y, enum sw_kind want,
                               size_t errors, struct sw_diag *diag)
{
    struct sw_prog *p;

    if (y == NULL || y->kind != SW_YSCALAR)
        return NULL;
    p = want == SW_KSTRING ? sw_lang_template(lang, sw_text_of(y), diag)
                           : sw_lang_compile(lang, sw_text_of(y), sw_type_of(lang, want), diag);
    if (p == NULL && diag->errors == errors)
        sw_diag_add(diag, SW_ERROR, y->at,
                    _("%.*s: it uses a name that is wrong or about a household, not an area"),
                    SW_STR_ARG(y->key));
    return p;
}

static void read_expressions(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_rule *r,
                             struct sw_diag *diag)
{
    struct sw_lang *lang = sw_rule_lang(rs, r);
    const struct sw_yaml *let = map_of(y, "let");
    const struct sw_yaml *list = sw_yaml_get(y, "list");
    size_t errors = r->subject == OF_HOUSEHOLD ? SIZE_MAX : diag->errors;

    sw_lang_begin(lang);
    for (const struct sw_yaml *v = let == NULL ? NULL : let->first; v != NULL; v = v->next)
        sw_lang_let(lang, v->key, sw_text_of(v), diag);
    r->when = compile(lang, sw_yaml_get(y, "when"), SW_KBOOL, errors, diag);
    r->clear = compile(lang, sw_yaml_get(y, "clear"), SW_KBOOL, errors, diag);
    r->score = compile(lang, sw_yaml_get(y, "score"), SW_KDOUBLE, errors, diag);
    r->message = compile(lang, sw_yaml_get(y, "message"), SW_KSTRING, errors, diag);
    sw_lang_end(lang, diag);
    if (r->daily && r->subject == OF_HOUSEHOLD)
        sw_diag_add(diag, SW_ERROR, sw_yaml_get(y, "daily")->key_at,
                    _("daily: is for rules about an area (subject: village, township or county)"));
    if (list != NULL && r->subject == OF_HOUSEHOLD)
        sw_diag_add(diag, SW_ERROR, list->key_at,
                    _("list: is for rules about an area (subject: village, township or county)"));
    else
        r->list = compile(rs->lang, list, SW_KBOOL, SIZE_MAX, diag);
}

static void warn_of_points(const struct sw_yaml *y, const struct sw_rule *r, struct sw_diag *diag)
{
    static const char *const keys[] = {"score", "hard"};

    for (size_t i = 0; i < SW_COUNTOF(keys) && r->task; i++) {
        const struct sw_yaml *key = sw_yaml_get(y, keys[i]);

        if (key != NULL)
            sw_diag_add(diag, SW_WARNING, key->key_at,
                        _("%s: a task gives no points and no level; take this out"), keys[i]);
    }
    if (r->task && sw_term_is_set(&r->deadline.term))
        sw_diag_add(diag, SW_WARNING, sw_yaml_get(y, "deadline")->key_at,
                    _("deadline: a task is no alert and has none; take this out"));
}

/* False: it names one, and there is none of that name. */
static bool has_subject(const struct sw_yaml *y, const struct sw_rule *r)
{
    const struct sw_yaml *subject = sw_yaml_get(y, "subject");

    return subject == NULL || r->subject != OF_HOUSEHOLD ||
           (subject->kind == SW_YSCALAR && sw_str_is(subject->text, "household"));
}

static void load_rule(struct sw_ruleset *rs, const struct sw_yaml *root, const struct sw_yaml *y,
                      struct sw_diag *diag)
{
    struct sw_rule *r = &rs->rule[rs->n_rules];

    *r = (struct sw_rule){
        .at = y->at, .source = y, .from = INT32_MIN, .until = SW_DAY_NEVER, .enabled = true};
    sw_keys_read(&sw_rule_keys, y, r, diag);
    if (r->name.n == 0)
        return;
    r->at = sw_yaml_get(y, "rule")->at;
    rs->n_rules++;
    if (!has_subject(y, r))
        return; /* whatever else it says would be held against the wrong subject */
    sw_bound_rule(rs, root, r, diag);
    sw_rule_deadline_words(rs, r);
    warn_of_points(y, r, diag);
    read_settings(rs, y, r, diag);
    read_expressions(rs, y, r, diag);
}

void sw_load_rules(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    const struct sw_yaml *rules = sw_yaml_get(root, "rules");

    if (rules == NULL || rules->kind != SW_YLIST)
        return;
    for (const struct sw_yaml *y = rules->first; y != NULL; y = y->next)
        load_rule(rs, root, y, diag);
}
