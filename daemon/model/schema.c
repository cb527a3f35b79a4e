/* schema.c - rules/schema.yaml to declarations.
 *
 * Whatever a name may be is checked here once; the rest of the program never meets an unknown type
 * word, a field twice or a stream without a number. */
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <shouwang/model/schema.h>
#include <stdlib.h>

enum { ENUM_ITEMS_MAX = 200 };

static const struct {
    const char *word;
    enum sw_field_type type;
} type_words[] = {
    {"money", SW_FMONEY}, {"int", SW_FINT},       {"number", SW_FNUMBER}, {"bool", SW_FBOOL},
    {"date", SW_FDATE},   {"string", SW_FSTRING}, {"person", SW_FPERSON}, {"area", SW_FAREA},
};

struct loader {
    struct sw_schema *s;
    struct sw_diag *diag;
};

/* Lower-case words, digits and underscores; `dots` between words allowed for streams. */
static bool check_name(struct loader *l, const struct sw_yaml *y, bool dots)
{
    bool good = y->key.n > 0 && y->key.n <= 64;
    bool start = true;

    for (size_t i = 0; i < y->key.n; i++) {
        char c = y->key.p[i];

        if (c == '.' && dots && !start) {
            start = true;
            continue;
        }
        good &= (c >= 'a' && c <= 'z') || (!start && ((c >= '0' && c <= '9') || c == '_'));
        start = false;
    }
    if (!good || start)
        sw_diag_add(l->diag, SW_ERROR, y->key_at,
                    _("%.*s: a name is made of lower-case letters, digits and _"),
                    SW_STR_ARG(y->key));
    return good && !start;
}

static bool is_map(struct loader *l, const struct sw_yaml *y)
{
    if (y->kind == SW_YMAP)
        return true;
    sw_diag_add(l->diag, SW_ERROR, y->at, _("%.*s: expected a map of keys and values"),
                SW_STR_ARG(y->key));
    return false;
}

static struct sw_str copy_text(struct loader *l, const struct sw_yaml *map, const char *key)
{
    const struct sw_yaml *y = sw_yaml_get(map, key);
    struct sw_str text = {NULL, 0};

    if (y != NULL && sw_yaml_text(y, &text, l->diag))
        text = sw_arena_str(&l->s->arena, text);
    return text;
}

static void load_enum(struct loader *l, const struct sw_yaml *y)
{
    struct sw_enum *e = &l->s->enums[l->s->n_enums];

    if (!check_name(l, y, false) || !is_map(l, y))
        return;
    if (y->count == 0 || y->count > ENUM_ITEMS_MAX) {
        sw_diag_add(l->diag, SW_ERROR, y->at, _("%.*s: an enum has 1 to %d values"),
                    SW_STR_ARG(y->key), ENUM_ITEMS_MAX);
        return;
    }
    e->name = sw_arena_str(&l->s->arena, y->key);
    e->items = SW_ARENA_ARRAY(&l->s->arena, struct sw_enum_item, y->count);
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next) {
        struct sw_str label = {NULL, 0};

        sw_yaml_text(v, &label, l->diag);
        e->items[e->n].name = sw_arena_str(&l->s->arena, v->key);
        e->items[e->n++].label = sw_arena_str(&l->s->arena, label);
    }
    l->s->n_enums++;
}

static void load_enums(struct loader *l, const struct sw_yaml *y)
{
    if (y == NULL || !is_map(l, y))
        return;
    l->s->enums = SW_ARENA_ARRAY(&l->s->arena, struct sw_enum, y->count);
    for (const struct sw_yaml *e = y->first; e != NULL; e = e->next)
        load_enum(l, e);
}

/* "enum(bill_kind)" */
static bool read_enum_type(struct loader *l, struct sw_str word, struct sw_field *f)
{
    struct sw_str name;

    if (!sw_str_starts(word, SW_STR("enum(")) || word.p[word.n - 1] != ')')
        return false;
    name = sw_str_sub(word, 5, word.n - 6);
    for (size_t i = 0; i < l->s->n_enums; i++) {
        if (sw_str_eq(l->s->enums[i].name, name)) {
            f->type = SW_FENUM;
            f->of = &l->s->enums[i];
            return true;
        }
    }
    return false;
}

static bool read_type(struct loader *l, const struct sw_yaml *y, struct sw_field *f)
{
    struct sw_str word;

    if (y == NULL || !sw_yaml_text(y, &word, l->diag))
        return false;
    for (size_t i = 0; i < SW_COUNTOF(type_words); i++) {
        if (sw_str_is(word, type_words[i].word)) {
            f->type = type_words[i].type;
            return true;
        }
    }
    if (read_enum_type(l, word, f))
        return true;
    sw_diag_add(l->diag, SW_ERROR, y->at,
                _("no type %.*s; there are money, int, number, bool, date, string, person, area "
                  "and enum(name)"),
                SW_STR_ARG(word));
    return false;
}

static bool read_number(enum sw_field_type type, struct sw_str text, struct sw_value *out)
{
    int64_t i = 0;
    double d = 0;
    bool good = type == SW_FMONEY    ? sw_fen_parse(text, &i)
                : type == SW_FINT    ? sw_str_int(text, &i)
                : type == SW_FNUMBER ? sw_double_parse(text, &d)
                                     : false;

    *out = type == SW_FMONEY ? sw_value_money(i)
           : type == SW_FINT ? sw_value_int(i)
                             : sw_value_double(d);
    return good;
}

/* min: or max:, a value outside of which is a mistake of whoever sent it. */
static void load_bound(struct loader *l, const struct sw_yaml *map, const char *key,
                       const struct sw_field *f, struct sw_value *out)
{
    const struct sw_yaml *y = sw_yaml_get(map, key);

    *out = sw_value_unknown(0);
    if (y != NULL && (y->kind != SW_YSCALAR || !read_number(f->type, y->text, out)))
        sw_diag_add(l->diag, SW_ERROR, y->at, _("%s: expected a number of the field's type"), key);
}

static void load_field(struct loader *l, const struct sw_yaml *y, struct sw_stream *st)
{
    static const char *const keys[] = {"type", "label", "optional", "source", "unit", "min", "max"};
    struct sw_field *f = &st->fields[st->n_fields];
    const struct sw_yaml *optional;

    if (!check_name(l, y, false) || !is_map(l, y))
        return;
    if (sw_stream_field(st, y->key, NULL) != NULL) {
        sw_diag_add(l->diag, SW_ERROR, y->key_at, _("%.*s is built in and not declared here"),
                    SW_STR_ARG(y->key));
        return;
    }
    sw_yaml_only(y, keys, SW_COUNTOF(keys), l->diag);
    if (sw_yaml_get(y, "type") == NULL)
        sw_diag_add(l->diag, SW_ERROR, y->key_at, _("%.*s: the type is missing"),
                    SW_STR_ARG(y->key));
    if (!read_type(l, sw_yaml_get(y, "type"), f))
        return;
    f->name = sw_arena_str(&l->s->arena, y->key);
    f->label = copy_text(l, y, "label");
    load_bound(l, y, "min", f, &f->min);
    load_bound(l, y, "max", f, &f->max);
    optional = sw_yaml_get(y, "optional");
    if (optional != NULL)
        sw_yaml_bool(optional, &f->optional, l->diag);
    st->n_fields++;
}

/* Fields of `y`, behind those that are there already. */
static void load_fields(struct loader *l, const struct sw_yaml *y, struct sw_stream *st)
{
    if (y != NULL && y->count + st->n_fields > SW_FIELDS_MAX)
        sw_diag_add(l->diag, SW_ERROR, y->at, _("more than %d fields"), SW_FIELDS_MAX);
    else if (y != NULL && is_map(l, y)) {
        for (const struct sw_yaml *f = y->first; f != NULL; f = f->next)
            load_field(l, f, st);
    }
    st->presence = (uint8_t)((st->n_fields + 7) / 8);
}

static void load_facts(struct loader *l, const struct sw_yaml *y)
{
    struct sw_stream *st = &l->s->streams[SW_FACTS];

    st->name = SW_STR("household");
    st->fields = SW_ARENA_ARRAY(&l->s->arena, struct sw_field, SW_FIELDS_MAX);
    st->fields[SW_FACT_AREA] = (struct sw_field){.name = SW_STR("area"),
                                                 .type = SW_FAREA,
                                                 .min = sw_value_unknown(0),
                                                 .max = sw_value_unknown(0)};
    st->n_fields = 1;
    load_fields(l, y, st);
    for (uint32_t i = 0; i < st->n_fields; i++)
        st->fields[i].optional = true; /* a change of facts names only what changed */
}

static void read_scope(struct loader *l, const struct sw_yaml *y, struct sw_stream *st)
{
    static const char *const words[] = {"household", "person", "area"};
    struct sw_str word;

    if (y == NULL || !sw_yaml_text(y, &word, l->diag))
        return;
    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        if (sw_str_is(word, words[i])) {
            st->scope = (enum sw_scope)i;
            return;
        }
    }
    sw_diag_add(l->diag, SW_ERROR, y->at, _("scope is household, person or area"));
}

static void read_coverage(struct loader *l, const struct sw_yaml *y, struct sw_stream *st)
{
    struct sw_str word;

    if (y == NULL || !sw_yaml_text(y, &word, l->diag))
        return;
    if (!sw_str_is(word, "partial") && !sw_str_is(word, "full"))
        sw_diag_add(l->diag, SW_ERROR, y->at, _("coverage is full or partial"));
    st->partial = sw_str_is(word, "partial");
}

static void load_stream(struct loader *l, const struct sw_yaml *y)
{
    static const char *const keys[] = {"label", "feed", "scope", "coverage", "fields"};
    struct sw_stream *st = &l->s->streams[l->s->n_streams];

    if (!check_name(l, y, true) || !is_map(l, y))
        return;
    if (sw_str_starts(y->key, SW_STR("registry."))) {
        sw_diag_add(l->diag, SW_ERROR, y->key_at, _("%.*s is built in and not declared here"),
                    SW_STR_ARG(y->key));
        return;
    }
    sw_yaml_only(y, keys, SW_COUNTOF(keys), l->diag);
    st->name = sw_arena_str(&l->s->arena, y->key);
    st->label = copy_text(l, y, "label");
    st->feed = copy_text(l, y, "feed");
    read_scope(l, sw_yaml_get(y, "scope"), st);
    read_coverage(l, sw_yaml_get(y, "coverage"), st);
    st->fields = SW_ARENA_ARRAY(&l->s->arena, struct sw_field, SW_FIELDS_MAX);
    load_fields(l, sw_yaml_get(y, "fields"), st);
    st->id = (uint16_t)sw_intern_add(&l->s->names, st->name);
    l->s->n_streams++;
}

static void load_streams(struct loader *l, const struct sw_yaml *y)
{
    size_t n = y != NULL && y->kind == SW_YMAP ? y->count : 0;

    if (n >= SW_STREAMS_MAX) {
        sw_diag_add(l->diag, SW_ERROR, y->at, _("more than %d event types"), SW_STREAMS_MAX - 1);
        n = 0;
    }
    l->s->streams = SW_ARENA_ARRAY(&l->s->arena, struct sw_stream, n + 1);
    sw_intern_add(&l->s->names, SW_STR("")); /* number 0: the facts, which no event names */
    l->s->n_streams = 1;
    if (y == NULL) {
        sw_diag_add(l->diag, SW_ERROR, (struct sw_place){0}, _("no events: in the schema"));
        return;
    }
    if (!is_map(l, y) || n == 0)
        return;
    for (const struct sw_yaml *e = y->first; e != NULL; e = e->next)
        load_stream(l, e);
}

static void load_periods(struct loader *l, const struct sw_yaml *y)
{
    if (y == NULL || !is_map(l, y))
        return;
    l->s->periods = SW_ARENA_ARRAY(&l->s->arena, struct sw_period, y->count);
    for (const struct sw_yaml *p = y->first; p != NULL; p = p->next) {
        struct sw_period *period = &l->s->periods[l->s->n_periods];
        struct sw_str text = {NULL, 0};
        struct sw_buf date = {0};
        sw_day day;

        sw_yaml_text(p, &text, l->diag);
        sw_buf_printf(&date, "2023-%.*s", SW_STR_ARG(text));
        if (check_name(l, p, false) && sw_date_parse(sw_buf_view(&date), &day)) {
            period->name = sw_arena_str(&l->s->arena, p->key);
            period->month = sw_civil_of(day).month;
            period->day = sw_civil_of(day).day;
            l->s->n_periods++;
        } else {
            sw_diag_add(l->diag, SW_ERROR, p->at, _("the first day of a period is written 09-01"));
        }
        sw_buf_free(&date);
    }
}

static void load_zone(struct loader *l, const struct sw_yaml *y)
{
    struct sw_str name = SW_STR("Asia/Shanghai");
    struct sw_err err;

    if (y != NULL && !sw_yaml_text(y, &name, l->diag))
        return;
    if (sw_zone_load(&l->s->zone, name, &err) != SW_OK)
        sw_diag_add(l->diag, SW_ERROR, y == NULL ? (struct sw_place){0} : y->at, "%s", err.text);
}

static void load_all(struct loader *l, const struct sw_yaml *root)
{
    static const char *const keys[] = {"schema",    "timezone", "enums",
                                       "household", "events",   "periods"};
    const struct sw_yaml *version = sw_yaml_get(root, "schema");

    if (!is_map(l, root))
        return;
    sw_yaml_only(root, keys, SW_COUNTOF(keys), l->diag);
    if (version == NULL)
        sw_diag_add(l->diag, SW_ERROR, root->at, _("the schema's number is missing (schema: 1)"));
    else
        sw_yaml_int(version, 1, 1000000, &l->s->version, l->diag);
    load_zone(l, sw_yaml_get(root, "timezone"));
    load_enums(l, sw_yaml_get(root, "enums"));
    load_streams(l, sw_yaml_get(root, "events"));
    load_facts(l, sw_yaml_get(root, "household"));
    load_periods(l, sw_yaml_get(root, "periods"));
}

struct sw_schema *sw_schema_parse(struct sw_str file, struct sw_str text, struct sw_diag *diag)
{
    struct sw_schema *s = sw_calloc(1, sizeof(*s));
    struct loader l = {s, diag};
    size_t errors = diag->errors;
    const struct sw_yaml *root = sw_yaml_parse(&s->arena, file, text, diag);

    sw_intern_init(&s->names, (struct sw_hash_key){0, 0});
    s->digest = sw_siphash((struct sw_hash_key){0, 0}, text.p, text.n);
    if (root != NULL)
        load_all(&l, root);
    if (diag->errors > errors) {
        sw_schema_free(s);
        return NULL;
    }
    return s;
}

struct sw_schema *sw_schema_load(const char *path, struct sw_diag *diag)
{
    struct sw_buf text = {0};
    struct sw_err err;
    struct sw_schema *s = NULL;

    if (sw_file_read(path, 4 << 20, &text, &err) == SW_OK)
        s = sw_schema_parse(sw_str(path), sw_buf_view(&text), diag);
    else
        sw_diag_add(diag, SW_ERROR, (struct sw_place){.file = sw_str(path)}, "%s", err.text);
    sw_buf_free(&text);
    return s;
}

void sw_schema_free(struct sw_schema *s)
{
    if (s == NULL)
        return;
    sw_zone_free(s->zone);
    sw_intern_free(&s->names);
    sw_arena_free(&s->arena);
    free(s);
}

const struct sw_stream *sw_schema_stream(const struct sw_schema *s, struct sw_str name)
{
    uint32_t id = sw_intern_find(&s->names, name);

    return id == SW_NONE || id == SW_FACTS ? NULL : &s->streams[id];
}

const struct sw_field *sw_stream_field(const struct sw_stream *st, struct sw_str name,
                                       uint32_t *index)
{
    for (uint32_t i = 0; i < st->n_fields; i++) {
        if (sw_str_eq(st->fields[i].name, name)) {
            if (index != NULL)
                *index = i;
            return &st->fields[i];
        }
    }
    return NULL;
}

int32_t sw_enum_find(const struct sw_enum *e, struct sw_str name)
{
    for (size_t i = 0; i < e->n; i++) {
        if (sw_str_eq(e->items[i].name, name))
            return (int32_t)i;
    }
    return -1;
}
