/* yaml_schema.c - a table of keys as JSON Schema (draft 2020-12).
 *
 * Every table is a definition of its own, so that tables may refer to each other and the text stays
 * flat. Where the reader takes several spellings (a text may look like a number), so does the
 * schema: it judges what an editor's YAML 1.2 reader makes of the same file. */
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/yaml_keys.h>

enum { TABLES_MAX = 64 };

struct printer {
    struct sw_jw w;
    const struct sw_keys *seen[TABLES_MAX];
    size_t n_seen;
};

static void put_string(struct printer *p, const char *key, const char *text)
{
    sw_jw_member(&p->w, key, sw_str(text));
}

static void put_types(struct printer *p, const char *const *types, size_t n)
{
    sw_jw_key(&p->w, "type");
    sw_jw_array(&p->w);
    for (size_t i = 0; i < n; i++)
        sw_jw_cstr(&p->w, types[i]);
    sw_jw_end(&p->w);
}

static void put_bounds(struct printer *p, const struct sw_key *k)
{
    if (k->lo >= 0 && k->lo <= 0 && k->hi >= 0 && k->hi <= 0)
        return;
    sw_jw_key(&p->w, "minimum");
    sw_jw_double(&p->w, k->lo);
    sw_jw_key(&p->w, "maximum");
    sw_jw_double(&p->w, k->hi);
}

/* `true` and `false` among the words are booleans to an editor. */
static void put_words(struct printer *p, const char *const *words)
{
    sw_jw_key(&p->w, "enum");
    sw_jw_array(&p->w);
    for (size_t i = 0; words[i] != NULL; i++) {
        sw_jw_cstr(&p->w, words[i]);
        if (strcmp(words[i], "true") == 0 || strcmp(words[i], "false") == 0)
            sw_jw_bool(&p->w, words[i][0] == 't');
    }
    sw_jw_end(&p->w);
}

static void put_text(struct printer *p, const struct sw_key *k)
{
    static const char *const types[] = {"string", "number", "boolean", "null"};

    if (k->pattern != NULL) {
        put_string(p, "type", "string");
        put_string(p, "pattern", k->pattern);
        return;
    }
    put_types(p, types, SW_COUNTOF(types) - (k->lo > 0)); /* nothing at all is null */
    if (k->lo > 0)
        sw_jw_member_int(&p->w, "minLength", (int64_t)k->lo);
    if (k->hi > 0)
        sw_jw_member_int(&p->w, "maxLength", (int64_t)k->hi);
}

static void put_days(struct printer *p)
{
    static const char *const types[] = {"integer", "string"};

    put_types(p, types, SW_COUNTOF(types));
    sw_jw_member_int(&p->w, "minimum", 0);
    sw_jw_member_int(&p->w, "maximum", SW_KEY_DAYS_MAX);
    put_string(p, "pattern", "^[0-9]+d?$");
}

static void put_table(struct printer *p, const struct sw_keys *keys)
{
    struct sw_buf ref = {0};

    sw_buf_printf(&ref, "#/$defs/%s", keys->name);
    sw_jw_member(&p->w, "$ref", sw_buf_view(&ref));
    sw_buf_free(&ref);
    for (size_t i = 0; i < p->n_seen; i++) {
        if (p->seen[i] == keys)
            return;
    }
    SW_ASSERT(p->n_seen < TABLES_MAX);
    p->seen[p->n_seen++] = keys;
}

static void put_shape(struct printer *p, const struct sw_key *k);

static void put_one(struct printer *p, const struct sw_key *k)
{
    switch (k->kind) {
    case SW_KEY_TEXT:
    case SW_KEY_EXPRESSION:
    case SW_KEY_SCALAR: put_text(p, k); break;
    case SW_KEY_NUMBER:
        put_string(p, "type", "number");
        put_bounds(p, k);
        break;
    case SW_KEY_INT:
        put_string(p, "type", "integer");
        put_bounds(p, k);
        break;
    case SW_KEY_DAYS: put_days(p); break;
    case SW_KEY_DATE:
        put_string(p, "type", "string");
        put_string(p, "format", "date");
        put_string(p, "pattern", SW_KEY_DATE_PATTERN);
        break;
    case SW_KEY_BOOL: put_string(p, "type", "boolean"); break;
    case SW_KEY_WORD: put_words(p, k->words); break;
    case SW_KEY_MAP:
        if (k->of != NULL)
            put_table(p, k->of);
        else
            put_string(p, "type", "object");
        break;
    case SW_KEY_LIST:
        put_string(p, "type", "array");
        if (k->hi > 0)
            sw_jw_member_int(&p->w, "maxItems", (int64_t)k->hi);
        if (k->item != NULL) {
            sw_jw_key(&p->w, "items");
            put_shape(p, k->item);
        }
        break;
    }
}

static void put_shape(struct printer *p, const struct sw_key *k)
{
    sw_jw_object(&p->w);
    if (k->help != NULL)
        put_string(p, "description", _(k->help));
    if (k->or_else == NULL) {
        put_one(p, k);
        sw_jw_end(&p->w);
        return;
    }
    sw_jw_key(&p->w, "anyOf");
    sw_jw_array(&p->w);
    for (const struct sw_key *shape = k; shape != NULL; shape = shape->or_else) {
        sw_jw_object(&p->w);
        put_one(p, shape);
        sw_jw_end(&p->w);
    }
    sw_jw_end(&p->w);
    sw_jw_end(&p->w);
}

static void put_required(struct printer *p, const struct sw_keys *keys)
{
    sw_jw_key(&p->w, "required");
    sw_jw_array(&p->w);
    for (size_t i = 0; i < keys->n; i++) {
        if (keys->key[i].required && keys->key[i].unless_key == NULL)
            sw_jw_cstr(&p->w, keys->key[i].name);
    }
    sw_jw_end(&p->w);
}

static void put_only(struct printer *p, const char *word, const char *name)
{
    sw_jw_key(&p->w, word);
    sw_jw_array(&p->w);
    sw_jw_cstr(&p->w, name);
    sw_jw_end(&p->w);
}

/* {"required":[…]} once for each of the keys of which one is given. */
static void put_choice(struct printer *p, const struct sw_keys *keys)
{
    bool begun = false;

    for (size_t i = 0; i < keys->n; i++) {
        if (!keys->key[i].choice)
            continue;
        if (!begun) {
            sw_jw_key(&p->w, "oneOf");
            sw_jw_array(&p->w);
        }
        begun = true;
        sw_jw_object(&p->w);
        put_only(p, "required", keys->key[i].name);
        sw_jw_end(&p->w);
    }
    if (begun)
        sw_jw_end(&p->w);
}

/* Either the excuse holds or the key is there. */
static void put_excused(struct printer *p, const struct sw_key *k)
{
    sw_jw_object(&p->w);
    sw_jw_key(&p->w, "if");
    sw_jw_object(&p->w);
    sw_jw_key(&p->w, "properties");
    sw_jw_object(&p->w);
    sw_jw_key(&p->w, k->unless_key);
    sw_jw_object(&p->w);
    put_string(p, "const", k->unless_word);
    sw_jw_end(&p->w);
    sw_jw_end(&p->w);
    put_only(p, "required", k->unless_key);
    sw_jw_end(&p->w);
    sw_jw_key(&p->w, "else");
    sw_jw_object(&p->w);
    put_only(p, "required", k->name);
    sw_jw_end(&p->w);
    sw_jw_end(&p->w);
}

static void put_excuses(struct printer *p, const struct sw_keys *keys)
{
    bool begun = false;

    for (size_t i = 0; i < keys->n; i++) {
        if (!keys->key[i].required || keys->key[i].unless_key == NULL)
            continue;
        if (!begun) {
            sw_jw_key(&p->w, "allOf");
            sw_jw_array(&p->w);
        }
        begun = true;
        put_excused(p, &keys->key[i]);
    }
    if (begun)
        sw_jw_end(&p->w);
}

/* The names of the table, and those of the pattern. */
static void put_names(struct printer *p, const struct sw_keys *keys, const char *pattern)
{
    sw_jw_object(&p->w);
    if (keys->n > 0) {
        sw_jw_key(&p->w, "anyOf");
        sw_jw_array(&p->w);
        sw_jw_object(&p->w);
        sw_jw_key(&p->w, "enum");
        sw_jw_array(&p->w);
        for (size_t i = 0; i < keys->n; i++)
            sw_jw_str(&p->w, sw_str(keys->key[i].name));
        sw_jw_end(&p->w);
        sw_jw_end(&p->w);
        sw_jw_object(&p->w);
    }
    put_string(p, "pattern", pattern);
    if (keys->n > 0) {
        sw_jw_end(&p->w);
        sw_jw_end(&p->w);
    }
    sw_jw_end(&p->w);
}

static void put_others(struct printer *p, const struct sw_keys *keys)
{
    static const char *const patterns[] = {
        [SW_NAMES_ANY] = NULL,
        [SW_NAMES_WORDS] = "^[a-z][a-z0-9_]*$",
        [SW_NAMES_DOTTED] = "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$",
        [SW_NAMES_DATES] = (SW_KEY_DATE_PATTERN),
        [SW_NAMES_YEARS] = (SW_KEY_YEAR_PATTERN),
    };

    sw_jw_key(&p->w, "additionalProperties");
    if (keys->other == NULL) {
        sw_jw_bool(&p->w, false);
        return;
    }
    put_shape(p, keys->other);
    if (patterns[keys->names] == NULL)
        return;
    sw_jw_key(&p->w, "propertyNames");
    put_names(p, keys, patterns[keys->names]);
}

static void put_definition(struct printer *p, const struct sw_keys *keys)
{
    sw_jw_key(&p->w, keys->name);
    sw_jw_object(&p->w);
    put_string(p, "type", "object");
    sw_jw_key(&p->w, "properties");
    sw_jw_object(&p->w);
    for (size_t i = 0; i < keys->n; i++) {
        if (keys->key[i].refused != NULL)
            continue;
        sw_jw_key(&p->w, keys->key[i].name);
        put_shape(p, &keys->key[i]);
    }
    sw_jw_end(&p->w);
    put_others(p, keys);
    put_required(p, keys);
    put_choice(p, keys);
    put_excuses(p, keys);
    sw_jw_end(&p->w);
}

void sw_keys_schema(const struct sw_keys *keys, const char *title, struct sw_buf *out)
{
    struct printer p = {.w = {.out = out}};

    sw_jw_object(&p.w);
    put_string(&p, "$schema", SW_JSON_SCHEMA);
    put_string(&p, "title", title);
    put_table(&p, keys);
    sw_jw_key(&p.w, "$defs");
    sw_jw_object(&p.w);
    for (size_t i = 0; i < p.n_seen; i++) /* grows while it is walked */
        put_definition(&p, p.seen[i]);
    sw_jw_end(&p.w);
    sw_jw_end(&p.w);
}
