/* schema.c - rules/schema.yaml to declarations.
 *
 * Whatever a name may be is checked here once; the rest of the program never meets an unknown type
 * word, a field twice or a stream without a number. */
#include "schema_parts.h"
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <stdlib.h>

enum { ENUM_ITEMS_MAX = 200 };

struct loader {
    struct sw_schema *s;
    struct sw_diag *diag;
};

/* A part of the right shape, NULL when it is absent or was told to be wrong. */
static const struct sw_yaml *map_of(const struct sw_yaml *map, const char *key)
{
    const struct sw_yaml *y = sw_yaml_get(map, key);

    return y != NULL && y->kind == SW_YMAP ? y : NULL;
}

static void load_enum(struct loader *l, const struct sw_yaml *y)
{
    struct sw_enum *e = &l->s->enums[l->s->n_enums];

    if (y->count == 0 || y->count > ENUM_ITEMS_MAX) {
        sw_diag_add(l->diag, SW_ERROR, y->at, _("%.*s: an enum has 1 to %d values"),
                    SW_STR_ARG(y->key), ENUM_ITEMS_MAX);
        return;
    }
    e->name = y->key;
    e->items = SW_ARENA_ARRAY(&l->s->arena, struct sw_enum_item, y->count);
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next) {
        e->items[e->n].name = v->key;
        e->items[e->n++].label = v->text;
    }
    l->s->n_enums++;
}

static void load_enums(struct loader *l, const struct sw_yaml *y)
{
    if (y == NULL)
        return;
    l->s->enums = SW_ARENA_ARRAY(&l->s->arena, struct sw_enum, y->count);
    for (const struct sw_yaml *e = y->first; e != NULL; e = e->next) {
        if (e->kind == SW_YMAP)
            load_enum(l, e);
    }
}

/* "enum(bill_kind)"; the other types were read as words. */
static void read_enum_type(struct loader *l, const struct sw_yaml *y, struct sw_field *f)
{
    struct sw_str name;

    if (!sw_str_starts(y->text, SW_STR("enum(")))
        return;
    name = sw_str_sub(y->text, 5, y->text.n - 6);
    for (size_t i = 0; i < l->s->n_enums; i++) {
        if (sw_str_eq(l->s->enums[i].name, name)) {
            f->type = SW_FENUM;
            f->of = &l->s->enums[i];
            return;
        }
    }
    sw_diag_add(l->diag, SW_ERROR, y->at, _("there is no enum %.*s"), SW_STR_ARG(name));
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
    struct sw_field *f = &st->fields[st->n_fields];

    if (sw_stream_field(st, y->key, NULL) != NULL) {
        sw_diag_add(l->diag, SW_ERROR, y->key_at, _("%.*s is built in and not declared here"),
                    SW_STR_ARG(y->key));
        return;
    }
    f->name = y->key;
    if (!sw_keys_read(&sw_field_keys, y, f, l->diag))
        return;
    read_enum_type(l, sw_yaml_get(y, "type"), f);
    load_bound(l, y, "min", f, &f->min);
    load_bound(l, y, "max", f, &f->max);
    st->n_fields++;
}

/* Fields of `y`, behind those that are there already. */
static void load_fields(struct loader *l, const struct sw_yaml *y, struct sw_stream *st)
{
    if (y != NULL && y->count + st->n_fields > SW_FIELDS_MAX)
        sw_diag_add(l->diag, SW_ERROR, y->at, _("more than %d fields"), SW_FIELDS_MAX);
    else if (y != NULL) {
        for (const struct sw_yaml *f = y->first; f != NULL; f = f->next) {
            if (f->kind == SW_YMAP)
                load_field(l, f, st);
        }
    }
    st->presence = (uint8_t)((st->n_fields + 7) / 8);
}

static void load_facts(struct loader *l, const struct sw_yaml *y)
{
    struct sw_stream *st = &l->s->streams[SW_FACTS];

    st->name = SW_STR("household");
    st->facts = true;
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

/* end: FIELD, the date that is an event's last day. */
static void read_end(struct loader *l, const struct sw_yaml *y, struct sw_stream *st)
{
    const struct sw_field *f;
    uint32_t i;

    if (y == NULL || y->kind != SW_YSCALAR)
        return;
    f = sw_stream_field(st, y->text, &i);
    if (f != NULL && f->type == SW_FDATE)
        st->end = i + 1;
    else
        sw_diag_add(l->diag, SW_ERROR, y->at, _("end: names a field of %.*s that is a date"),
                    SW_STR_ARG(st->name));
}

static uint32_t feed_number(struct sw_schema *s, struct sw_str name)
{
    for (uint32_t i = 0; i < s->n_feeds; i++) {
        if (sw_str_eq(s->feeds[i].name, name))
            return i;
    }
    s->feeds[s->n_feeds].name = name;
    return (uint32_t)s->n_feeds++;
}

static void load_stream(struct loader *l, const struct sw_yaml *y)
{
    struct sw_stream *st = &l->s->streams[l->s->n_streams];

    if (sw_str_starts(y->key, SW_STR("registry."))) {
        sw_diag_add(l->diag, SW_ERROR, y->key_at, _("%.*s is built in and not declared here"),
                    SW_STR_ARG(y->key));
        return;
    }
    st->name = y->key;
    sw_keys_read(&sw_stream_keys, y, st, l->diag);
    st->fields = SW_ARENA_ARRAY(&l->s->arena, struct sw_field, SW_FIELDS_MAX);
    load_fields(l, map_of(y, "fields"), st);
    read_end(l, sw_yaml_get(y, "end"), st);
    if (st->leaves && sw_stream_person(st) == SW_NONE)
        sw_diag_add(l->diag, SW_ERROR, sw_yaml_get(y, "leaves")->at,
                    _("leaves: needs a field of type person that says who"));
    st->at = y->key_at;
    st->of_engine = sw_str_is(st->feed, "engine");
    st->feed_number = feed_number(l->s, st->feed);
    st->id = (uint16_t)sw_intern_add(&l->s->names, st->name);
    l->s->n_streams++;
}

static void load_streams(struct loader *l, const struct sw_yaml *y)
{
    size_t n = y == NULL ? 0 : y->count;

    if (n >= SW_STREAMS_MAX) {
        sw_diag_add(l->diag, SW_ERROR, y->at, _("more than %d event types"), SW_STREAMS_MAX - 1);
        n = 0;
    }
    l->s->streams = SW_ARENA_ARRAY(&l->s->arena, struct sw_stream, n + 2);
    l->s->feeds = SW_ARENA_ARRAY(&l->s->arena, struct sw_feed, n + 1);
    sw_intern_add(&l->s->names, SW_STR("")); /* number 0: the facts, which no event names */
    l->s->n_streams = 1;
    for (const struct sw_yaml *e = n == 0 ? NULL : y->first; e != NULL; e = e->next) {
        if (e->kind == SW_YMAP)
            load_stream(l, e);
    }
}

/* What every registry.person may say; what is declared under person: besides, and kept. */
static const struct sw_field person_household = {.name = {"household", 9}, .type = SW_FSTRING};
static const struct sw_field person_others[] = {
    {.name = {"name", 4}, .type = SW_FSTRING, .optional = true},
    {.name = {"sex", 3}, .type = SW_FSTRING, .optional = true},
    {.name = {"birth", 5}, .type = SW_FDATE, .optional = true},
    {.name = {"relation", 8}, .type = SW_FSTRING, .optional = true},
    {.name = {"idno", 4}, .type = SW_FSTRING, .optional = true}, /* kept as a token only */
};

/* A household that becomes part of another, or came from one. */
static const struct sw_field household_others[] = {
    {.name = {"into", 4}, .type = SW_FSTRING, .optional = true},
    {.name = {"from", 4}, .type = SW_FSTRING, .optional = true},
};

static void list_household_fields(struct loader *l, const struct sw_yaml *declared)
{
    struct sw_schema *s = l->s;
    const struct sw_stream *facts = &s->streams[SW_FACTS];
    struct sw_field *f =
        SW_ARENA_ARRAY(&s->arena, struct sw_field, facts->n_fields + SW_COUNTOF(household_others));

    memcpy(f, facts->fields, facts->n_fields * sizeof(*f));
    for (size_t i = 0; i < SW_COUNTOF(household_others); i++) {
        const struct sw_field *other = &household_others[i];

        f[facts->n_fields + i] = *other;
        if (sw_stream_field(facts, other->name, NULL) != NULL)
            sw_diag_add(l->diag, SW_ERROR, declared->at,
                        _("%.*s is built in and not declared here"), SW_STR_ARG(other->name));
    }
    s->household_fields = f;
    s->n_household_fields = facts->n_fields + (uint32_t)SW_COUNTOF(household_others);
}

/* Field i of the kept stream is field i here: its field 0, the person, is the subject instead. */
static void list_person_fields(struct loader *l)
{
    struct sw_schema *s = l->s;
    uint32_t kept = s->persons == NULL ? 1 : s->persons->n_fields;
    struct sw_field *f =
        SW_ARENA_ARRAY(&s->arena, struct sw_field, kept + SW_COUNTOF(person_others));
    uint32_t n = 0;

    f[n++] = person_household;
    while (n < kept) {
        f[n] = s->persons->fields[n];
        n++;
    }
    for (size_t i = 0; i < SW_COUNTOF(person_others); i++) {
        if (s->persons == NULL || sw_stream_field(s->persons, person_others[i].name, NULL) == NULL)
            f[n++] = person_others[i];
    }
    s->person_fields = f;
    s->n_person_fields = n;
}

/* What is known of persons: a stream of its own in the history of their household. */
static void load_persons(struct loader *l, const struct sw_yaml *y)
{
    struct sw_stream *st = &l->s->streams[l->s->n_streams];

    if (y == NULL)
        return;
    st->name = SW_STR(SW_PERSON_FACTS);
    st->facts = true;
    st->fields = SW_ARENA_ARRAY(&l->s->arena, struct sw_field, SW_FIELDS_MAX);
    st->fields[SW_FACT_PERSON] = (struct sw_field){.name = SW_STR("person"),
                                                   .type = SW_FPERSON,
                                                   .min = sw_value_unknown(0),
                                                   .max = sw_value_unknown(0)};
    st->n_fields = 1;
    load_fields(l, y, st);
    for (uint32_t i = 1; i < st->n_fields; i++)
        st->fields[i].optional = true;
    st->id = (uint16_t)sw_intern_add(&l->s->names, st->name);
    st->feed_number = feed_number(l->s, (struct sw_str){NULL, 0});
    l->s->persons = st;
    l->s->n_streams++;
}

/* feeds: {人社局: {period: 7d}} */
static void load_feeds(struct loader *l, const struct sw_yaml *y)
{
    size_t known = l->s->n_feeds;

    for (const struct sw_yaml *v = y == NULL ? NULL : y->first; v != NULL; v = v->next) {
        uint32_t i = 0;

        while (i < known && !sw_str_eq(l->s->feeds[i].name, v->key))
            i++;
        if (i == known)
            sw_diag_add(l->diag, SW_ERROR, v->key_at, _("no event type has feed: %.*s"),
                        SW_STR_ARG(v->key));
        else if (v->kind == SW_YMAP)
            sw_keys_read(&sw_feed_keys, v, &l->s->feeds[i], l->diag);
    }
}

static void load_periods(struct loader *l, const struct sw_yaml *y)
{
    if (y == NULL)
        return;
    l->s->periods = SW_ARENA_ARRAY(&l->s->arena, struct sw_period, y->count);
    for (const struct sw_yaml *p = y->first; p != NULL; p = p->next) {
        struct sw_period *period = &l->s->periods[l->s->n_periods];
        struct sw_buf date = {0};
        sw_day day;

        sw_buf_printf(&date, "2023-%.*s", SW_STR_ARG(p->text));
        if (sw_date_parse(sw_buf_view(&date), &day)) {
            period->name = p->key;
            period->month = sw_civil_of(day).month;
            period->day = sw_civil_of(day).day;
            l->s->n_periods++;
        }
        sw_buf_free(&date);
    }
}

static void load_zone(struct loader *l, const struct sw_yaml *y)
{
    struct sw_str name = SW_STR("Asia/Shanghai");
    struct sw_err err;

    if (y != NULL && y->kind == SW_YSCALAR)
        name = y->text;
    if (sw_zone_load(&l->s->zone, name, &err) != SW_OK)
        sw_diag_add(l->diag, SW_ERROR, y == NULL ? (struct sw_place){0} : y->at, "%s", err.text);
}

static void load_all(struct loader *l, const struct sw_yaml *root)
{
    sw_keys_read(&sw_schema_keys, root, l->s, l->diag);
    load_zone(l, sw_yaml_get(root, "timezone"));
    load_enums(l, map_of(root, "enums"));
    load_streams(l, map_of(root, "events"));
    load_facts(l, map_of(root, "household"));
    list_household_fields(l, map_of(root, "household"));
    load_persons(l, map_of(root, "person"));
    list_person_fields(l);
    load_feeds(l, map_of(root, "feeds"));
    load_periods(l, map_of(root, "periods"));
    sw_schema_read_replaces(l->s, map_of(root, "events"), map_of(root, "feeds"), l->diag);
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

uint32_t sw_stream_person(const struct sw_stream *st)
{
    for (uint32_t i = 0; i < st->n_fields; i++) {
        if (st->fields[i].type == SW_FPERSON)
            return i;
    }
    return SW_NONE;
}

int32_t sw_enum_find(const struct sw_enum *e, struct sw_str name)
{
    for (size_t i = 0; i < e->n; i++) {
        if (sw_str_eq(e->items[i].name, name))
            return (int32_t)i;
    }
    return -1;
}
