/* layout.c - rules/feeds/NAME.yaml: which columns of a department's table make which event.
 *
 * Everything is checked against the schema when it is loaded, so that a row can only be wrong by
 * what stands in it. */
#include "layout_parts.h"
#include "table_parts.h"
#include <fnmatch.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>
#include <stdlib.h>

enum { FULL_WIDTH = 0xff01 - '!', IDEOGRAPHIC_SPACE = 0x3000, NO_BREAK_SPACE = 0xa0 };

struct loader {
    struct sw_layout *l;
    struct sw_diag *diag;
};

/* ---- texts -------------------------------------------------------------------------------- */

struct sw_str sw_layout_plain(struct sw_arena *arena, struct sw_str text)
{
    char *out = sw_arena_alloc(arena, text.n + 4);
    size_t n = 0;

    for (size_t at = 0; at < text.n;) {
        int32_t c = sw_utf8_next(text, &at);

        if (c >= FULL_WIDTH + '!' && c <= FULL_WIDTH + '~')
            c -= FULL_WIDTH;
        if (c <= ' ' || c == IDEOGRAPHIC_SPACE || c == NO_BREAK_SPACE)
            continue;
        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        n += sw_utf8_put(out + n, (uint32_t)c);
    }
    return (struct sw_str){out, n};
}

/* A text or a list of them. */
static struct sw_str *texts_of(struct loader *r, const struct sw_yaml *y, bool plain, size_t *n)
{
    const struct sw_yaml *v = y == NULL ? NULL : y->kind == SW_YLIST ? y->first : y;
    struct sw_str *out;

    *n = 0;
    if (v == NULL)
        return NULL;
    out = SW_ARENA_ARRAY(&r->l->arena, struct sw_str, y->kind == SW_YLIST ? y->count : 1);
    for (; v != NULL; v = y->kind == SW_YLIST ? v->next : NULL)
        out[(*n)++] = plain ? sw_layout_plain(&r->l->arena, v->text) : v->text;
    return out;
}

/* ---- columns ------------------------------------------------------------------------------ */

static struct sw_layout_column *add_column(struct loader *r, const struct sw_yaml *header)
{
    struct sw_layout_column *c = &r->l->column[r->l->n_columns];

    if (r->l->n_columns == SW_LAYOUT_COLUMNS) {
        sw_diag_add(r->diag, SW_ERROR, header->at, _("more than %d columns"), SW_LAYOUT_COLUMNS);
        return c - 1;
    }
    *c = (struct sw_layout_column){.required = true};
    c->header = texts_of(r, header, true, &c->n_headers);
    if (c->n_headers > 0)
        c->label = header->kind == SW_YLIST ? header->first->text : header->text;
    else
        sw_diag_add(r->diag, SW_ERROR, header->at, _("a column needs at least one title"));
    r->l->n_columns++;
    return c;
}

static size_t column_of(struct loader *r, const struct sw_yaml *header)
{
    if (header == NULL)
        return SIZE_MAX;
    return (size_t)(add_column(r, header) - r->l->column);
}

static void read_subject(struct loader *r, const struct sw_yaml *map)
{
    static const char *const names[] = {"idno", "person", "household",
                                        "area"}; /* sw_layout_subject */
    bool by_area = r->l->stream->scope == SW_AREA;

    for (size_t i = 0; i < SW_COUNTOF(names); i++) {
        const struct sw_yaml *y = sw_yaml_get(map, names[i]);

        if (y == NULL)
            continue;
        r->l->subject = (enum sw_layout_subject)i;
        r->l->subject_column = column_of(r, y);
        if (by_area != (i == SW_BY_AREA) || (r->l->stream->scope == SW_PERSON && i > SW_BY_PERSON))
            sw_diag_add(r->diag, SW_ERROR, y->key_at, _("%.*s happens to %s"),
                        SW_STR_ARG(r->l->stream->name),
                        by_area ? _("an area: subject: {area: …}")
                        : r->l->stream->scope == SW_HOUSEHOLD
                            ? _("a person or a household")
                            : _("a person: subject: {person: …}"));
    }
}

/* Columns that say who the person is; a table may lack them. */
static void read_who(struct loader *r, const struct sw_yaml *map)
{
    static const char *const names[] = {"name", "birth", "area"}; /* sw_layout_who */

    for (size_t i = 0; i < SW_COUNTOF(names); i++) {
        size_t c = column_of(r, sw_yaml_get(map, names[i]));

        r->l->who_column[i] = c;
        if (c != SIZE_MAX)
            r->l->column[c].required = false;
    }
    if (map != NULL && r->l->subject > SW_BY_PERSON)
        sw_diag_add(r->diag, SW_ERROR, map->key_at,
                    _("who: is for rows about a person: subject: {idno: …} or {person: …}"));
}

/* The columns whose cells together are the key: one already read by one of its titles, or one of
 * its own. */
static void read_key(struct loader *r, const struct sw_yaml *list)
{
    for (const struct sw_yaml *y = list == NULL ? NULL : list->first; y != NULL; y = y->next) {
        struct sw_str title =
            y->kind == SW_YSCALAR ? sw_layout_plain(&r->l->arena, y->text) : SW_STR("");
        size_t found = SIZE_MAX;

        for (size_t i = 0; i < r->l->n_columns && title.n > 0; i++) {
            for (size_t k = 0; k < r->l->column[i].n_headers; k++) {
                if (sw_str_eq(r->l->column[i].header[k], title))
                    found = i;
            }
        }
        if (found == SIZE_MAX)
            found = column_of(r, y);
        r->l->column[found].required = true;
        r->l->key_column[r->l->n_keys++] = found;
    }
}

/* ---- fields ------------------------------------------------------------------------------- */

static bool is_item(const struct sw_field *f, struct sw_str item)
{
    if (f->type == SW_FBOOL)
        return sw_str_is(item, "true") || sw_str_is(item, "false");
    return sw_enum_find(f->of, item) >= 0;
}

static void read_words(struct loader *r, struct sw_layout_column *c, const struct sw_yaml *map)
{
    const struct sw_field *f = c->field;
    struct sw_layout_word *w;

    if (map == NULL)
        return;
    if (f->type != SW_FENUM && f->type != SW_FBOOL) {
        sw_diag_add(r->diag, SW_ERROR, map->key_at,
                    _("words: is for fields that are enum(…) or bool; %.*s is neither"),
                    SW_STR_ARG(f->name));
        return;
    }
    w = SW_ARENA_ARRAY(&r->l->arena, struct sw_layout_word, map->count);
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        if (!is_item(f, y->text))
            sw_diag_add(r->diag, SW_ERROR, y->at, _("%.*s has no value \"%.*s\" in schema.yaml"),
                        SW_STR_ARG(f->name), SW_STR_ARG(y->text));
        w[c->n_words++] = (struct sw_layout_word){
            .word = sw_layout_plain(&r->l->arena, y->key),
            .item = y->text,
        };
    }
    c->word = w;
}

static void read_unit(struct loader *r, struct sw_layout_column *c, const struct sw_yaml *map)
{
    static const int64_t shifts[] = {0, 3, 4, -2}; /* by enum layout_unit */
    const struct sw_yaml *y = sw_yaml_get(map, "unit");
    struct layout_field read = {.unit = UNIT_YUAN};
    bool is_money = c->field->type == SW_FMONEY;

    if (!sw_keys_read(&sw_layout_field_keys, map, &read, r->diag) || y == NULL)
        return;
    if (!is_money && (c->field->type != SW_FNUMBER || read.unit != UNIT_PERCENT))
        sw_diag_add(r->diag, SW_ERROR, y->at,
                    _("unit: is 元, 千元 or 万元 for a field of type money, %% for one of type "
                      "number"));
    else if (is_money && read.unit == UNIT_PERCENT)
        sw_diag_add(r->diag, SW_ERROR, y->at, _("an amount is not counted in %%"));
    c->shift = shifts[read.unit];
}

static void check_constant(struct loader *r, const struct sw_layout_column *c,
                           const struct sw_yaml *value)
{
    struct sw_json json;
    struct sw_err why;

    if (!table_value(&r->l->arena, r->l, c, value->text, &json, &why))
        sw_diag_add(r->diag, SW_ERROR, value->at, "%s", why.text);
}

static void read_field(struct loader *r, const struct sw_yaml *y)
{
    const struct sw_yaml *header = sw_yaml_get(y, "header");
    const struct sw_yaml *value = sw_yaml_get(y, "value");
    const struct sw_field *f = sw_stream_field(r->l->stream, y->key, NULL);
    struct sw_str names[SW_FIELDS_MAX];
    struct sw_layout_column *c;
    struct sw_str near;

    if (f == NULL) {
        for (uint32_t i = 0; i < r->l->stream->n_fields; i++)
            names[i] = r->l->stream->fields[i].name;
        near = sw_str_nearest(y->key, names, r->l->stream->n_fields);
        if (near.n > 0)
            sw_diag_add(r->diag, SW_ERROR, y->key_at,
                        _("%.*s has no field %.*s; did you mean %.*s?"),
                        SW_STR_ARG(r->l->stream->name), SW_STR_ARG(y->key), SW_STR_ARG(near));
        else
            sw_diag_add(r->diag, SW_ERROR, y->key_at, _("%.*s has no field %.*s"),
                        SW_STR_ARG(r->l->stream->name), SW_STR_ARG(y->key));
        return;
    }
    if (y->kind != SW_YMAP || (header == NULL) == (value == NULL)) {
        sw_keys_read(&sw_layout_field_keys, y, NULL, r->diag);
        return;
    }
    c = add_column(r, header == NULL ? value : header);
    c->field = f;
    c->required = !f->optional;
    if (value != NULL) {
        c->constant = value->text;
        c->n_headers = 0;
    }
    read_unit(r, c, y);
    read_words(r, c, sw_yaml_get(y, "words"));
    if (value != NULL)
        check_constant(r, c, value);
}

/* Every field that an event must have has a column; the person of a row's subject needs none. */
static void check_fields(struct loader *r, const struct sw_yaml *at)
{
    const struct sw_stream *st = r->l->stream;

    for (uint32_t i = 0; i < st->n_fields; i++) {
        const struct sw_field *f = &st->fields[i];
        bool found = f->optional || (f->type == SW_FPERSON && sw_str_is(f->name, "person") &&
                                     r->l->subject <= SW_BY_PERSON);

        for (size_t c = 0; c < r->l->n_columns && !found; c++)
            found = r->l->column[c].field == f;
        if (!found)
            sw_diag_add(r->diag, SW_ERROR, at->at, _("%.*s needs the field %.*s: name its column"),
                        SW_STR_ARG(st->name), SW_STR_ARG(f->name));
    }
}

/* ---- the file ----------------------------------------------------------------------------- */

static bool find_stream(struct loader *r, const struct sw_yaml *root, struct sw_str event)
{
    const struct sw_yaml *feed = sw_yaml_get(root, "feed");

    r->l->stream = sw_schema_stream(r->l->schema, event);
    if (r->l->stream == NULL) {
        sw_diag_add(r->diag, SW_ERROR, sw_yaml_get(root, "event")->at,
                    _("no event type %.*s in the schema"), SW_STR_ARG(event));
        return false;
    }
    if (r->l->stream->of_engine) {
        sw_diag_add(r->diag, SW_ERROR, sw_yaml_get(root, "event")->at,
                    _("events of type %.*s are made by this service alone"), SW_STR_ARG(event));
        return false;
    }
    if (!sw_str_eq(r->l->stream->feed, r->l->feed))
        sw_diag_add(r->diag, SW_WARNING, feed->at, _("schema.yaml has %.*s from %.*s"),
                    SW_STR_ARG(event), SW_STR_ARG(r->l->stream->feed));
    return true;
}

static void check_takes_back(struct loader *r, const struct sw_yaml *y)
{
    if (y != NULL && r->l->n_keys != 1)
        sw_diag_add(r->diag, SW_ERROR, y->key_at,
                    _("takes_back: goes with a key of exactly one column"));
}

/* Lists that replace the one before: what is the same row in the next list, and which is next? */
static void read_stated(struct loader *r, const struct sw_yaml *root)
{
    const struct sw_yaml *y = sw_yaml_get(root, "stated");
    const struct sw_yaml *back = sw_yaml_get(root, "takes_back");

    r->l->stated_column = column_of(r, y);
    if (y != NULL)
        r->l->column[r->l->stated_column].required = false; /* --as-of says it, too */
    if (r->l->stream->replaces == SW_REPLACES_NONE) {
        if (y != NULL)
            sw_diag_add(
                r->diag, SW_ERROR, y->key_at,
                _("stated: is for events with replaces: in schema.yaml; rows of %.*s add up"),
                SW_STR_ARG(r->l->stream->name));
        return;
    }
    if (r->l->n_keys == 0)
        sw_diag_add(
            r->diag, SW_ERROR, root->at,
            _("key: names the columns by which a row is found again in the next list, since "
              "%.*s replaces"),
            SW_STR_ARG(r->l->stream->name));
    if (back != NULL)
        sw_diag_add(r->diag, SW_ERROR, back->key_at,
                    _("takes_back: rows of %.*s are corrected by a newer list"),
                    SW_STR_ARG(r->l->stream->name));
}

static void read_all(struct loader *r, const struct sw_yaml *root)
{
    struct layout_file file = {.header_rows = 1};
    struct sw_layout *l = r->l;

    if (!sw_keys_read(&sw_layout_keys, root, &file, r->diag))
        return;
    l->feed = file.feed;
    l->header_rows = file.header_rows;
    l->batch = file.batch;
    if (!find_stream(r, root, file.event))
        return;
    read_subject(r, sw_yaml_get(root, "subject"));
    read_who(r, sw_yaml_get(root, "who"));
    l->time_column = column_of(r, sw_yaml_get(root, "time"));
    if (sw_yaml_get(root, "fields") != NULL) {
        for (const struct sw_yaml *y = sw_yaml_get(root, "fields")->first; y != NULL; y = y->next)
            read_field(r, y);
    }
    read_key(r, sw_yaml_get(root, "key"));
    l->takes_back_column = column_of(r, sw_yaml_get(root, "takes_back"));
    check_takes_back(r, sw_yaml_get(root, "takes_back"));
    read_stated(r, root);
    if (l->takes_back_column != SIZE_MAX)
        l->column[l->takes_back_column].required = false;
    l->ignore = texts_of(r, sw_yaml_get(root, "ignore"), true, &l->n_ignore);
    l->footer = texts_of(r, sw_yaml_get(root, "footer"), true, &l->n_footer);
    l->blank = texts_of(r, sw_yaml_get(root, "blank"), true, &l->n_blank);
    l->file = texts_of(r, sw_yaml_get(root, "files"), false, &l->n_files);
    check_fields(r, root);
}

/* "医保局-结算" of "rules/feeds/医保局-结算.yaml". */
static struct sw_str base_name(struct sw_str path)
{
    size_t from = path.n;
    size_t to = path.n;

    while (from > 0 && path.p[from - 1] != '/')
        from--;
    if (to - from > 5 && memcmp(path.p + to - 5, ".yaml", 5) == 0)
        to -= 5;
    return sw_str_sub(path, from, to - from);
}

static struct sw_layout *finish(struct loader *r, const struct sw_yaml *root, size_t errors)
{
    if (root != NULL)
        read_all(r, root);
    if (root != NULL && r->diag->errors == errors)
        return r->l;
    sw_layout_free(r->l);
    return NULL;
}

static struct loader begin(struct sw_str path, const struct sw_schema *schema, struct sw_diag *diag)
{
    struct sw_layout *l = sw_calloc(1, sizeof(*l));

    l->schema = schema;
    l->path = sw_arena_str(&l->arena, path);
    l->name = base_name(l->path);
    l->subject_column = l->time_column = l->takes_back_column = l->stated_column = SIZE_MAX;
    return (struct loader){l, diag};
}

struct sw_layout *sw_layout_load(const char *path, const struct sw_schema *schema,
                                 struct sw_diag *diag)
{
    struct loader r = begin(sw_str(path), schema, diag);
    size_t errors = diag->errors;

    return finish(&r, sw_yaml_load(&r.l->arena, path, diag), errors);
}

struct sw_layout *sw_layout_parse(struct sw_str file, struct sw_str text,
                                  const struct sw_schema *schema, struct sw_diag *diag)
{
    struct loader r = begin(file, schema, diag);
    size_t errors = diag->errors;

    return finish(&r, sw_yaml_parse(&r.l->arena, file, text, diag), errors);
}

void sw_layout_free(struct sw_layout *l)
{
    if (l == NULL)
        return;
    sw_arena_free(&l->arena);
    free(l);
}

/* ---- all of them -------------------------------------------------------------------------- */

bool sw_layouts_load(const char *folder, const struct sw_schema *schema, struct sw_layouts *out,
                     struct sw_diag *diag)
{
    struct sw_buf dir = {0};
    size_t errors = diag->errors;
    struct sw_err err;
    char **paths;
    size_t n;

    *out = (struct sw_layouts){0};
    sw_buf_printf(&dir, "%s/feeds", folder);
    if (sw_file_list(dir.p, ".yaml", &paths, &n, &err) != SW_OK) {
        sw_diag_add(diag, SW_ERROR, (struct sw_place){.file = sw_buf_view(&dir)}, "%s", err.text);
        n = 0;
    }
    out->layout = n == 0 ? NULL : sw_calloc(n, sizeof(struct sw_layout *));
    for (size_t i = 0; i < n; i++) {
        struct sw_layout *l = sw_layout_load(paths[i], schema, diag);

        if (l != NULL)
            out->layout[out->n++] = l;
        free(paths[i]);
    }
    if (n > 0)
        free(paths);
    sw_buf_free(&dir);
    return diag->errors == errors;
}

void sw_layouts_free(struct sw_layouts *all)
{
    for (size_t i = 0; i < all->n; i++)
        sw_layout_free(all->layout[i]);
    free(all->layout);
    *all = (struct sw_layouts){0};
}

bool sw_layout_is_for(const struct sw_layout *l, const char *file)
{
    for (size_t i = 0; i < l->n_files; i++) {
        if (fnmatch(l->file[i].p, file, 0) == 0)
            return true;
    }
    return false;
}
