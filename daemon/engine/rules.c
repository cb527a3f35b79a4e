/* rules.c - rule files: categories, levels, lists, macros, rules. See ruleset.c for the order. */
#include "parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>
#include <shouwang/base/utf8.h>

enum { SMS_CAUSE_MAX = 10 };

static const char *const file_keys[] = {"ruleset",    "version", "effective",  "schema",
                                        "categories", "levels",  "lists",      "macros",
                                        "rules",      "tests",   "test_params"};

static bool read_number(const struct sw_yaml *y, double lo, double hi, double *out,
                        struct sw_diag *diag)
{
    struct sw_str text;

    if (!sw_yaml_text(y, &text, diag))
        return false;
    if (sw_double_parse(text, out) && *out >= lo && *out <= hi)
        return true;
    sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: expected a number from %g to %g"),
                SW_STR_ARG(y->key), lo, hi);
    return false;
}

/* "30d" or "30": whole days. */
static bool read_days(const struct sw_yaml *y, int32_t *out, struct sw_diag *diag)
{
    struct sw_str text;
    int64_t days;
    sw_time length;

    if (y == NULL)
        return true;
    if (!sw_yaml_text(y, &text, diag))
        return false;
    if (!sw_str_int(text, &days)) {
        const sw_time day = 86400 * SW_SECOND;

        days = sw_duration_parse(text, &length) && length % day == 0 ? length / day : -1;
    }
    if (days < 0 || days > 3660) {
        sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: expected whole days such as 30d"),
                    SW_STR_ARG(y->key));
        return false;
    }
    *out = (int32_t)days;
    return true;
}

/* ---- heads: what rules refer to ----------------------------------------------------------- */

static void load_category(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_diag *diag)
{
    static const char *const keys[] = {"label", "cap"};
    struct sw_category *c = &rs->category[rs->n_categories];
    const struct sw_yaml *cap = sw_yaml_get(y, "cap");
    const struct sw_yaml *label = sw_yaml_get(y, "label");

    if (cap == NULL || label == NULL) {
        sw_diag_add(diag, SW_ERROR, y->key_at, _("%.*s: a category has a label and a cap"),
                    SW_STR_ARG(y->key));
        return;
    }
    sw_yaml_only(y, keys, SW_COUNTOF(keys), diag);
    c->name = y->key;
    if (sw_yaml_text(label, &c->label, diag) && read_number(cap, 0, 1000, &c->cap, diag))
        rs->n_categories++;
}

static void load_level(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_diag *diag)
{
    static const char *const keys[] = {"label", "enter", "leave", "hold", "cooldown"};
    struct sw_level *l = &rs->level[rs->n_levels + 1];
    const struct sw_yaml *label = sw_yaml_get(y, "label");
    const struct sw_yaml *enter = sw_yaml_get(y, "enter");
    const struct sw_yaml *leave = sw_yaml_get(y, "leave");

    if (label == NULL || enter == NULL || leave == NULL) {
        sw_diag_add(diag, SW_ERROR, y->key_at,
                    _("%.*s: a level has a label and the lines enter and leave"),
                    SW_STR_ARG(y->key));
        return;
    }
    sw_yaml_only(y, keys, SW_COUNTOF(keys), diag);
    l->name = y->key;
    if (!sw_yaml_text(label, &l->label, diag) || !read_number(enter, 0, 1000, &l->enter, diag) ||
        !read_number(leave, 0, 1000, &l->leave, diag) ||
        !read_days(sw_yaml_get(y, "hold"), &l->hold, diag) ||
        !read_days(sw_yaml_get(y, "cooldown"), &l->cooldown, diag))
        return;
    if (l->leave > l->enter)
        sw_diag_add(diag, SW_ERROR, leave->at, _("%.*s: leave must not lie above enter"),
                    SW_STR_ARG(y->key));
    else if (rs->n_levels > 0 && l->enter <= rs->level[rs->n_levels].enter)
        sw_diag_add(diag, SW_ERROR, enter->at, _("%.*s: levels go from the lowest line up"),
                    SW_STR_ARG(y->key));
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

static void load_lists(struct sw_ruleset *rs, const struct sw_yaml *map, struct sw_diag *diag)
{
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        struct sw_text *entry = SW_ARENA_ARRAY(&rs->arena, struct sw_text, y->count + 1);
        size_t n = 0;

        if (y->kind != SW_YLIST) {
            sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: expected a list"), SW_STR_ARG(y->key));
            continue;
        }
        for (const struct sw_yaml *v = y->first; v != NULL; v = v->next)
            entry[n++] = sw_text_of(v);
        sw_lang_list(rs->lang, y->key, entry, n);
    }
}

static bool is_map(const struct sw_yaml *y, struct sw_diag *diag)
{
    if (y->kind == SW_YMAP)
        return true;
    sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: expected a map of keys and values"),
                SW_STR_ARG(y->key));
    return false;
}

void sw_load_rule_heads(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    const struct sw_yaml *y;

    if (root->kind != SW_YMAP) {
        sw_diag_add(diag, SW_ERROR, root->at, _("a rule file is a map of keys and values"));
        return;
    }
    sw_yaml_only(root, file_keys, SW_COUNTOF(file_keys), diag);
    if ((y = sw_yaml_get(root, "categories")) != NULL && is_map(y, diag))
        load_categories(rs, y, diag);
    if ((y = sw_yaml_get(root, "levels")) != NULL && is_map(y, diag))
        load_levels(rs, y, diag);
    if ((y = sw_yaml_get(root, "lists")) != NULL && is_map(y, diag))
        load_lists(rs, y, diag);
}

/* ---- rules -------------------------------------------------------------------------------- */

static const char *const rule_keys[] = {
    "rule",  "label",   "category", "kind",    "let",     "when",  "clear",    "for",
    "keep",  "score",   "hard",     "unknown", "message", "sms",   "cooldown", "from",
    "until", "enabled", "version",  "owner",   "tags",    "tests",
};

static bool find_category(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_rule *r,
                          struct sw_diag *diag)
{
    struct sw_str names[64];
    struct sw_str near;
    size_t n = 0;

    for (size_t i = 0; i < rs->n_categories; i++) {
        if (sw_str_eq(rs->category[i].name, y->text)) {
            r->category = (uint32_t)i;
            return true;
        }
        if (n < SW_COUNTOF(names))
            names[n++] = rs->category[i].name;
    }
    near = sw_str_nearest(y->text, names, n);
    if (near.n > 0)
        sw_diag_add(diag, SW_ERROR, y->at, _("no category %s; did you mean %.*s?"), y->text.p,
                    SW_STR_ARG(near));
    else
        sw_diag_add(diag, SW_ERROR, y->at, _("no category %s"), y->text.p);
    return false;
}

static void read_hard(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_rule *r,
                      struct sw_diag *diag)
{
    if (y == NULL)
        return;
    for (size_t i = 1; i <= rs->n_levels; i++) {
        if (sw_str_eq(rs->level[i].name, y->text))
            r->hard = (uint8_t)i;
    }
    if (r->hard == 0)
        sw_diag_add(diag, SW_ERROR, y->at, _("hard: no level %s"), y->text.p);
}

static void read_unknown(const struct sw_yaml *y, struct sw_rule *r, struct sw_diag *diag)
{
    static const char *const words[] = {"task", "true", "false"};

    if (y == NULL)
        return;
    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        if (sw_str_is(y->text, words[i])) {
            r->unknown = (enum sw_on_unknown)i;
            return;
        }
    }
    sw_diag_add(diag, SW_ERROR, y->at, _("unknown: is task, true or false"));
}

static void read_kind(const struct sw_yaml *y, struct sw_rule *r, struct sw_diag *diag)
{
    if (y == NULL)
        return;
    r->task = sw_str_is(y->text, "task");
    if (!r->task && !sw_str_is(y->text, "risk"))
        sw_diag_add(diag, SW_ERROR, y->at, _("kind: is risk or task"));
}

static void read_sms(const struct sw_yaml *y, struct sw_rule *r, struct sw_diag *diag)
{
    if (y == NULL || !sw_yaml_text(y, &r->sms, diag))
        return;
    if (sw_utf8_length(r->sms) > SMS_CAUSE_MAX)
        sw_diag_add(diag, SW_ERROR, y->at, _("sms: the cause may have %d characters"),
                    SMS_CAUSE_MAX);
}

/* The keys that are not expressions. */
static void read_settings(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_rule *r,
                          struct sw_diag *diag)
{
    const struct sw_yaml *v;

    r->enabled = true;
    r->from = INT32_MIN;
    r->until = SW_DAY_NEVER;
    if ((v = sw_yaml_get(y, "label")) != NULL)
        sw_yaml_text(v, &r->label, diag);
    else
        sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: the label is missing"), SW_STR_ARG(r->name));
    read_kind(sw_yaml_get(y, "kind"), r, diag);
    if ((v = sw_yaml_get(y, "category")) != NULL)
        find_category(rs, v, r, diag);
    else if (!r->task)
        sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: the category is missing"), SW_STR_ARG(r->name));
    read_hard(rs, sw_yaml_get(y, "hard"), r, diag);
    read_unknown(sw_yaml_get(y, "unknown"), r, diag);
    read_sms(sw_yaml_get(y, "sms"), r, diag);
    read_days(sw_yaml_get(y, "for"), &r->wait, diag);
    read_days(sw_yaml_get(y, "keep"), &r->keep, diag);
    read_days(sw_yaml_get(y, "cooldown"), &r->cooldown, diag);
    if ((v = sw_yaml_get(y, "from")) != NULL)
        sw_yaml_date(v, &r->from, diag);
    if ((v = sw_yaml_get(y, "until")) != NULL)
        sw_yaml_date(v, &r->until, diag);
    if ((v = sw_yaml_get(y, "enabled")) != NULL)
        sw_yaml_bool(v, &r->enabled, diag);
    r->tests = sw_yaml_get(y, "tests");
}

static struct sw_prog *compile(struct sw_ruleset *rs, const struct sw_yaml *y, enum sw_kind want,
                               struct sw_diag *diag)
{
    if (y == NULL)
        return NULL;
    if (y->kind != SW_YSCALAR) {
        sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: expected an expression"), SW_STR_ARG(y->key));
        return NULL;
    }
    return sw_lang_compile(rs->lang, sw_text_of(y), sw_type_of(rs->lang, want), diag);
}

static void read_expressions(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_rule *r,
                             struct sw_diag *diag)
{
    const struct sw_yaml *let = sw_yaml_get(y, "let");
    const struct sw_yaml *message = sw_yaml_get(y, "message");

    sw_lang_begin(rs->lang);
    if (let != NULL && is_map(let, diag)) {
        for (const struct sw_yaml *v = let->first; v != NULL; v = v->next)
            sw_lang_let(rs->lang, v->key, sw_text_of(v), diag);
    }
    if (sw_yaml_get(y, "when") == NULL)
        sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: when: is missing"), SW_STR_ARG(r->name));
    if (sw_yaml_get(y, "score") == NULL && !r->task)
        sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: score: is missing"), SW_STR_ARG(r->name));
    if (message == NULL)
        sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: message: is missing"), SW_STR_ARG(r->name));
    r->when = compile(rs, sw_yaml_get(y, "when"), SW_KBOOL, diag);
    r->clear = compile(rs, sw_yaml_get(y, "clear"), SW_KBOOL, diag);
    r->score = compile(rs, sw_yaml_get(y, "score"), SW_KDOUBLE, diag);
    if (message != NULL && message->kind == SW_YSCALAR)
        r->message = sw_lang_template(rs->lang, sw_text_of(message), diag);
    sw_lang_end(rs->lang, diag);
}

static void load_rule(struct sw_ruleset *rs, const struct sw_yaml *y,
                      const struct sw_yaml *test_params, struct sw_diag *diag)
{
    struct sw_rule *r = &rs->rule[rs->n_rules];
    const struct sw_yaml *name = sw_yaml_get(y, "rule");

    if (name == NULL || name->kind != SW_YSCALAR || name->text.n == 0) {
        sw_diag_add(diag, SW_ERROR, y->at, _("a rule begins with rule: NAME"));
        return;
    }
    sw_yaml_only(y, rule_keys, SW_COUNTOF(rule_keys), diag);
    *r = (struct sw_rule){.at = name->at, .name = name->text, .test_params = test_params};
    rs->n_rules++;
    read_settings(rs, y, r, diag);
    read_expressions(rs, y, r, diag);
    if (r->tests == NULL)
        sw_diag_add(diag, SW_WARNING, name->at, _("%.*s has no tests"), SW_STR_ARG(r->name));
}

/* The numbers a file's tests are written for, so that tuning params.yaml breaks no test. */
static void check_test_params(struct sw_ruleset *rs, const struct sw_yaml *map,
                              struct sw_diag *diag)
{
    struct sw_value value;

    if (map == NULL || !is_map(map, diag))
        return;
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        int64_t i = sw_param_find(rs, y->key);

        if (i < 0)
            sw_diag_add(diag, SW_ERROR, y->key_at, _("no parameter %.*s"), SW_STR_ARG(y->key));
        else
            sw_param_read(&rs->param[i], y, &value, diag);
    }
}

void sw_load_rules(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    const struct sw_yaml *rules = sw_yaml_get(root, "rules");
    const struct sw_yaml *tests = sw_yaml_get(root, "tests");
    const struct sw_yaml *fixed = sw_yaml_get(root, "test_params");

    check_test_params(rs, fixed, diag);
    if (tests != NULL && tests->kind == SW_YLIST)
        rs->suites[rs->n_suites++] = (struct sw_suite){tests, fixed};
    if (rules == NULL)
        return;
    if (rules->kind != SW_YLIST) {
        sw_diag_add(diag, SW_ERROR, rules->at, _("rules: expected a list"));
        return;
    }
    for (const struct sw_yaml *y = rules->first; y != NULL; y = y->next)
        load_rule(rs, y, fixed, diag);
}
