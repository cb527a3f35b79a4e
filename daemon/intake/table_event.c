/* table_event.c - one row of a table as a CloudEvent.
 *
 * Every reason why a row cannot go in is told, not the first alone. The event's id is made of the
 * key's cells, so that the same row in the next list is a repeat. Of whom the number is missing or
 * spoilt, the name with birth or village says as much as is known: the engine has the county decide
 * who it is. */
#include "table_parts.h"
#include <shouwang/base/hash.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/name.h>
#include <shouwang/base/veil.h>
#include <shouwang/model/replace.h>
#include <stdlib.h>

enum { ID_SIZE = 40 };

struct row {
    struct sw_table *t;
    const struct sw_layout *l;
    struct sw_str subject;
    struct sw_str who[SW_WHO_COLUMNS]; /* empty: not told */
    bool by_name;                      /* for want of a number */
    char time[SW_RFC3339_SIZE], recorded[SW_RFC3339_SIZE];
    sw_time at, stated; /* of a row that replaces */
    char key[ID_SIZE], id[ID_SIZE], takes_back[ID_SIZE];
    struct sw_buf *why; /* reasons, one behind the other */
};

/* The column's title as this table has it. */
static struct sw_str title_of(const struct row *r, const struct sw_layout_column *c)
{
    size_t i = r->t->cell[c - r->l->column];
    struct sw_str title =
        i < r->t->head.n ? table_clean(r->t->head.field[i]) : (struct sw_str){NULL, 0};

    return title.n > 0 ? title : c->label;
}

static void refuse(struct row *r, const struct sw_layout_column *c, const char *why)
{
    struct sw_str title = c == NULL ? (struct sw_str){NULL, 0} : title_of(r, c);

    if (r->why->n > 0)
        sw_buf_cstr(r->why, "; ");
    if (c != NULL)
        sw_buf_printf(r->why, _("column %.*s: "), SW_STR_ARG(title));
    sw_buf_cstr(r->why, why);
}

/* The cell of the layout's column; empty where the table has none. */
static struct sw_str cell_of(const struct row *r, size_t column)
{
    size_t i = column == SIZE_MAX ? SIZE_MAX : r->t->cell[column];

    return i < r->t->row.n ? table_clean(r->t->row.field[i]) : (struct sw_str){NULL, 0};
}

static void refuse_date(struct row *r, const struct sw_layout_column *c, struct sw_str cell)
{
    struct sw_str shown = sw_str_sub(cell, 0, 60);
    struct sw_err why;

    sw_fail(&why, SW_EINVALID, _("a date such as 2024-03-01 is expected, not \"%.*s\""),
            SW_STR_ARG(shown));
    refuse(r, c, why.text);
}

/* ---- subject and time --------------------------------------------------------------------- */

static void read_birth(struct row *r, struct sw_str cell)
{
    const struct sw_layout_column *c = &r->l->column[r->l->who_column[SW_WHO_BIRTH]];
    char text[SW_DATE_SIZE];
    sw_day day;
    sw_time of_day;

    if (table_date(cell, &day, &of_day))
        r->who[SW_WHO_BIRTH] = sw_arena_str(&r->t->row_arena, sw_str(sw_date_format(day, text)));
    else
        refuse_date(r, c, cell);
}

/* A code is told as it is registered, a name as it stands. */
static void read_village(struct row *r, struct sw_str cell)
{
    const struct sw_layout_column *c = &r->l->column[r->l->who_column[SW_WHO_AREA]];
    struct sw_str code;
    struct sw_err why;

    if (!table_code(&r->t->row_arena, SW_FAREA, cell, &code, &why))
        refuse(r, c, why.text);
    else
        r->who[SW_WHO_AREA] = code.p[0] >= '0' && code.p[0] <= '9' ? code : cell;
}

static void read_who(struct row *r)
{
    for (size_t i = 0; i < SW_WHO_COLUMNS; i++) {
        struct sw_str cell = cell_of(r, r->l->who_column[i]);

        if (table_is_blank(r->l, &r->t->row_arena, cell))
            continue;
        if (i == SW_WHO_BIRTH)
            read_birth(r, cell);
        else if (i == SW_WHO_AREA)
            read_village(r, cell);
        else
            r->who[i] = cell;
    }
}

/* A name alone is not enough: half a village may share it. */
static bool is_told_by_name(const struct row *r)
{
    return r->who[SW_WHO_NAME].n > 0 && (r->who[SW_WHO_BIRTH].n > 0 || r->who[SW_WHO_AREA].n > 0);
}

static void read_subject(struct row *r)
{
    static const enum sw_field_type types[] = {[SW_BY_IDNO] = SW_FPERSON,
                                               [SW_BY_PERSON] = SW_FPERSON,
                                               [SW_BY_HOUSEHOLD] = SW_FSTRING,
                                               [SW_BY_AREA] = SW_FAREA};
    const struct sw_layout_column *c = &r->l->column[r->l->subject_column];
    struct sw_str cell = cell_of(r, r->l->subject_column);
    bool is_blank = table_is_blank(r->l, &r->t->row_arena, cell);
    struct sw_err why;

    if (!is_blank && table_code(&r->t->row_arena, types[r->l->subject], cell, &r->subject, &why))
        return;
    if (is_told_by_name(r)) {
        r->subject = r->who[SW_WHO_NAME];
        r->by_name = true;
        return;
    }
    refuse(r, c, is_blank ? _("nothing stands here") : why.text);
    if (r->l->who_column[SW_WHO_NAME] != SIZE_MAX)
        refuse(r, NULL, _("nor is there a name with a day of birth or a village"));
}

static sw_time read_instant(struct row *r, size_t column, char text[SW_RFC3339_SIZE])
{
    const struct sw_layout_column *c = &r->l->column[column];
    struct sw_str cell = cell_of(r, column);
    sw_day day;
    sw_time of_day;
    sw_time at;

    if (!table_date(cell, &day, &of_day)) {
        refuse_date(r, c, cell);
        return 0;
    }
    at = sw_zone_midnight(r->l->schema->zone, day) + of_day;
    sw_rfc3339_format(at, sw_zone_offset(r->l->schema->zone, at), text);
    return at;
}

static void read_stated(struct row *r)
{
    size_t column = r->l->stated_column == SIZE_MAX ? r->l->time_column : r->l->stated_column;

    if (r->l->stream->replaces == SW_REPLACES_NONE)
        return;
    if (r->t->has_as_of) {
        r->stated = r->t->as_of;
        sw_rfc3339_format(r->stated, sw_zone_offset(r->l->schema->zone, r->stated), r->recorded);
    } else if (r->t->cell[column] == SIZE_MAX) {
        refuse(r, &r->l->column[column],
               _("it is not in this table: say when the list was drawn up with --as-of"));
    } else {
        r->stated = read_instant(r, column, r->recorded);
    }
}

/* ---- data --------------------------------------------------------------------------------- */

static void put_value(struct sw_jw *w, struct sw_str name, const struct sw_json *v)
{
    sw_jw_key_str(w, name);
    if (v->kind == SW_JNUMBER)
        sw_jw_raw(w, v->text);
    else if (v->kind == SW_JSTRING)
        sw_jw_str(w, v->text);
    else
        sw_jw_bool(w, v->kind == SW_JTRUE);
}

static void read_fields(struct row *r)
{
    struct sw_jw w = {.out = &r->t->data};

    sw_buf_clear(&r->t->data);
    sw_jw_object(&w);
    for (size_t i = 0; i < r->l->n_columns; i++) {
        const struct sw_layout_column *c = &r->l->column[i];
        struct sw_json v;
        struct sw_err why;

        if (c->field == NULL || (c->n_headers > 0 && r->t->cell[i] == SIZE_MAX))
            continue;
        if (!table_value(&r->t->row_arena, r->l, c, c->n_headers == 0 ? c->constant : cell_of(r, i),
                         &v, &why))
            refuse(r, c, why.text);
        else if (v.kind != SW_JNULL)
            put_value(&w, c->field->name, &v);
    }
    sw_jw_end(&w);
}

/* ---- key ---------------------------------------------------------------------------------- */

static uint64_t hash_of(struct sw_str text, uint64_t which)
{
    return sw_siphash((struct sw_hash_key){which, which + 1}, text.p, text.n);
}

static void put_id(const struct row *r, struct sw_str key, char id[ID_SIZE])
{
    struct sw_buf text = {0};

    sw_buf_str(&text, r->l->stream->name);
    sw_buf_char(&text, '\0');
    sw_buf_str(&text, key);
    snprintf(id, ID_SIZE, "row-%016llx%016llx", (unsigned long long)hash_of(sw_buf_view(&text), 1),
             (unsigned long long)hash_of(sw_buf_view(&text), 3));
    sw_buf_free(&text);
}

/* Who the row is about; a name however it is written. */
static void put_person(const struct row *r, struct sw_buf *out)
{
    if (!r->by_name) {
        sw_buf_str(out, r->subject);
        return;
    }
    sw_name_plain(r->subject, out);
    for (size_t i = SW_WHO_BIRTH; i < SW_WHO_COLUMNS; i++) {
        sw_buf_char(out, '\n');
        sw_buf_str(out, r->who[i]);
    }
}

/* Everything that the row says: two rows with one key must agree in it. */
static void put_content(const struct row *r, struct sw_buf *out)
{
    put_person(r, out);
    sw_buf_char(out, '\0');
    sw_buf_cstr(out, r->time);
    sw_buf_char(out, '\0');
    sw_buf_str(out, sw_buf_view(&r->t->data));
    sw_buf_cstr(out, r->takes_back);
}

static void put_key_cell(struct row *r, size_t column, struct sw_buf *key)
{
    struct sw_str cell = cell_of(r, column);
    struct sw_str plain = {NULL, 0};
    struct sw_err why;
    sw_day day;
    sw_time of_day;

    if (r->by_name && r->t->cell[column] == r->t->cell[r->l->subject_column]) {
        put_person(r, key);
    } else if (table_is_blank(r->l, &r->t->row_arena, cell)) {
        refuse(r, &r->l->column[column], _("nothing stands here, and it is part of the key"));
    } else if (column == r->l->time_column && table_date(cell, &day, &of_day)) {
        sw_buf_cstr(key, r->time);
    } else if (table_code(&r->t->row_arena, SW_FSTRING, cell, &plain, &why)) {
        sw_buf_str(key, sw_layout_plain(&r->t->row_arena, plain));
    } else {
        refuse(r, &r->l->column[column], why.text);
    }
    sw_buf_char(key, '\0');
}

static void read_key(struct row *r)
{
    struct sw_buf key = {0};

    for (size_t i = 0; i < r->l->n_keys; i++)
        put_key_cell(r, r->l->key_column[i], &key);
    if (r->l->n_keys == 0)
        put_content(r, &key);
    if (r->takes_back[0] != '\0')
        sw_buf_cstr(&key, r->takes_back); /* it may bear the number of what it takes back */
    put_id(r, sw_buf_view(&key), r->key);
    if (r->l->stream->replaces != SW_REPLACES_NONE) { /* another list says it anew */
        sw_buf_cstr(&key, r->recorded);
        put_content(r, &key);
    }
    put_id(r, sw_buf_view(&key), r->id);
    sw_buf_free(&key);
}

/* The key of one column, of the row that this one takes back. */
static void read_takes_back(struct row *r)
{
    struct sw_str cell = cell_of(r, r->l->takes_back_column);
    struct sw_buf key = {0};

    if (table_is_blank(r->l, &r->t->row_arena, cell))
        return;
    if (table_is_spoilt_code(cell)) {
        refuse(r, &r->l->column[r->l->takes_back_column],
               _("Excel has spoilt this long number; set the column to text (文本)"));
        return;
    }
    sw_buf_str(&key, sw_layout_plain(&r->t->row_arena, cell));
    sw_buf_char(&key, '\0');
    put_id(r, sw_buf_view(&key), r->takes_back);
    sw_buf_free(&key);
}

/* ---- rows with the same key --------------------------------------------------------------- */

static struct table_seen *slot_of(struct table_seen *seen, size_t size, uint64_t key)
{
    size_t i = key & (size - 1);

    while (seen[i].line != 0 && seen[i].key != key)
        i = (i + 1) & (size - 1);
    return &seen[i];
}

static void grow_seen(struct sw_table *t)
{
    size_t size = t->seen_size == 0 ? 1024 : t->seen_size * 2;
    struct table_seen *seen = sw_calloc(size, sizeof(*seen));

    for (size_t i = 0; i < t->seen_size; i++) {
        if (t->seen[i].line != 0)
            *slot_of(seen, size, t->seen[i].key) = t->seen[i];
    }
    free(t->seen);
    t->seen = seen;
    t->seen_size = size;
}

/* The daemon would take the second of two such rows for a repeat and what it says would be lost. */
static void check_seen(struct row *r)
{
    struct sw_table *t = r->t;
    struct sw_buf content = {0};
    struct table_seen now = {.line = t->row.line};
    struct table_seen *before;
    struct sw_err why;

    if (t->n_seen * 2 >= t->seen_size)
        grow_seen(t);
    put_content(r, &content);
    now.key = hash_of(sw_str(r->key), 5);
    now.content = hash_of(sw_buf_view(&content), 7);
    sw_buf_free(&content);
    before = slot_of(t->seen, t->seen_size, now.key);
    if (before->line == 0) {
        *before = now;
        t->n_seen++;
    } else if (before->content != now.content) {
        sw_fail(&why, SW_EINVALID, _("line %u has the same key and says something else"),
                before->line);
        refuse(r, NULL, why.text);
    } else if (r->l->stream->replaces != SW_REPLACES_NONE) {
        t->facts.repeats++; /* one statement, however often it stands there */
    }
}

/* Whether all rows can be one whole list. */
static void check_list(struct row *r)
{
    struct sw_table_facts *f = &r->t->facts;
    const struct sw_schema *s = r->l->schema;
    const struct sw_stream *st = r->l->stream;

    if (f->time == 0) {
        f->time = r->at;
        f->stated = r->stated;
        f->one_list = true;
    }
    f->one_list &=
        f->stated == r->stated && sw_period_start(s, st, sw_zone_day(s->zone, f->time)) ==
                                      sw_period_start(s, st, sw_zone_day(s->zone, r->at));
}

/* ---- the event ---------------------------------------------------------------------------- */

static void put_who(const struct row *r, struct sw_jw *w)
{
    static const char *const names[] = {SW_NAME_KEY, "personbirth",
                                        "personarea"}; /* sw_layout_who */

    for (size_t i = r->by_name ? SW_WHO_BIRTH : SW_WHO_NAME; i < SW_WHO_COLUMNS; i++) {
        if (r->who[i].n > 0)
            sw_jw_member(w, names[i], r->who[i]);
    }
}

static void put_event(const struct row *r, struct sw_buf *out)
{
    static const char *const kinds[] = {SW_IDNO_SUBJECT, "person", "household",
                                        "area"}; /* sw_layout_subject */
    struct sw_jw w = {.out = out};
    struct sw_str text;

    sw_jw_object(&w);
    sw_jw_member(&w, "specversion", SW_STR("1.0"));
    sw_jw_member(&w, "id", sw_str(r->id));
    text = sw_arena_printf(&r->t->row_arena, "table/%.*s", SW_STR_ARG(r->l->feed));
    sw_jw_member(&w, "source", text);
    sw_jw_member(&w, "type", r->l->stream->name);
    text = sw_arena_printf(&r->t->row_arena, "%s/%.*s",
                           r->by_name ? SW_NAME_SUBJECT : kinds[r->l->subject],
                           SW_STR_ARG(r->subject));
    sw_jw_member(&w, "subject", text);
    put_who(r, &w);
    sw_jw_member(&w, "time", sw_str(r->time));
    if (r->recorded[0] != '\0')
        sw_jw_member(&w, "recordedtime", sw_str(r->recorded));
    if (r->takes_back[0] != '\0') {
        sw_jw_member(&w, "reverses", sw_str(r->takes_back));
    } else {
        sw_jw_key(&w, "data");
        sw_jw_raw(&w, sw_buf_view(&r->t->data));
    }
    sw_jw_end(&w);
}

bool table_event(struct sw_table *t, struct sw_buf *out)
{
    struct row r = {.t = t, .l = t->facts.layout, .why = out};

    sw_buf_clear(out);
    read_who(&r);
    read_subject(&r);
    r.at = read_instant(&r, r.l->time_column, r.time);
    if (out->n == 0)
        read_stated(&r);
    read_takes_back(&r);
    if (r.takes_back[0] == '\0')
        read_fields(&r);
    else
        sw_buf_clear(&t->data);
    read_key(&r);
    if (out->n == 0)
        check_seen(&r);
    if (out->n > 0)
        return false;
    if (r.l->stream->replaces != SW_REPLACES_NONE)
        check_list(&r);
    put_event(&r, out);
    return true;
}
