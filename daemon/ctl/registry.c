/* registry.c - registry and event tables (CSV) to events.
 *
 * A row becomes a CloudEvent: areas.csv gives registry.area and so on; events.csv names its type in
 * a column. The event's id is made from the row's text, so that the same table loaded twice changes
 * nothing and a corrected row counts. */
#include "registry.h"
#include <assert.h>
#include <shouwang/base/charset.h>
#include <shouwang/base/hash.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <shouwang/model/event.h>
#include <stdlib.h>
#include <time.h>

/* The last columns of a table of refused rows, as departments' tables have them. */
#define LINE_TITLE   "原行号"
#define REASON_TITLE "拒收原因"

struct registry_table {
    const char *name;
    enum sw_entity entity; /* SW_ENTITIES: events of many types */
    const char *id;        /* the column that is the subject */
};

/* In the order in which one needs the other. */
static const struct registry_table tables[] = {
    {"areas", SW_EAREA, "code"},     {"cadres", SW_ECADRE, "id"},
    {"teams", SW_ETEAM, "id"},       {"households", SW_EHOUSEHOLD, "id"},
    {"persons", SW_EPERSON, "id"},   {"assignments", SW_EASSIGNMENT, "id"},
    {"absences", SW_EABSENCE, "id"}, {"events", SW_ENTITIES, NULL},
};

const struct registry_table *registry_table_of(const char *path)
{
    struct sw_str name = sw_str(tables_file_name(path));

    for (size_t i = 0; i < SW_COUNTOF(tables); i++) {
        if (sw_str_starts(name, sw_str(tables[i].name)))
            return &tables[i];
    }
    return NULL;
}

const char *registry_table_name(const struct registry_table *t)
{
    return t->name;
}

int registry_rank(const struct registry_table *t)
{
    static_assert(SW_COUNTOF(tables) == REGISTRY_RANKS, "a rank each");
    return t == NULL ? REGISTRY_RANKS : (int)(t - tables);
}

/* ---- rows --------------------------------------------------------------------------------- */

/* A cell of a column whose type is a number or a truth goes in bare when it looks like one; the
 * daemon says what is wrong with it otherwise. */
static void put_cell(struct sw_jw *w, const struct sw_field *f, struct sw_str name,
                     struct sw_str cell)
{
    bool is_number =
        f != NULL && (f->type == SW_FMONEY || f->type == SW_FINT || f->type == SW_FNUMBER);
    bool is_truth = f != NULL && f->type == SW_FBOOL;
    double d;

    sw_jw_key_str(w, name);
    if ((is_number && sw_double_parse(cell, &d)) ||
        (is_truth && (sw_str_is(cell, "true") || sw_str_is(cell, "false"))))
        sw_jw_raw(w, cell);
    else
        sw_jw_str(w, cell);
}

static struct sw_str column(const struct registry_rows *rows, const struct sw_csv_row *row,
                            const char *name)
{
    for (size_t i = 0; i < rows->head.n && i < row->n; i++) {
        if (sw_str_is(rows->head.field[i], name))
            return sw_str_trim(row->field[i]);
    }
    return (struct sw_str){NULL, 0};
}

/* A column without which no row says what it is about; NULL: none is missing. */
static const char *lacks(const struct registry_rows *rows)
{
    const char *wanted[] = {rows->table->id, NULL};

    if (rows->table->id == NULL) {
        wanted[0] = "type";
        wanted[1] = "subject";
    }
    for (size_t k = 0; k < SW_COUNTOF(wanted) && wanted[k] != NULL; k++) {
        if (column(rows, &rows->head, wanted[k]).n == 0)
            return wanted[k];
    }
    return NULL;
}

bool registry_head(struct registry_rows *rows, struct sw_csv *csv, struct sw_arena *arena,
                   const char *path, struct sw_buf *why)
{
    const char *lacking;

    if (!sw_csv_next(csv, arena, &rows->head) || rows->head.fault != NULL) {
        sw_buf_printf(why, _("%s: the first line must name the columns"), path);
        return false;
    }
    lacking = lacks(rows);
    if (lacking != NULL) {
        sw_buf_printf(why, _("%s: the first line names no column %s"), path, lacking);
        return false;
    }
    csv->fields = rows->head.n;
    return true;
}

const char *registry_row_fault(const struct sw_csv_row *row)
{
    for (size_t i = 0; row->fault == NULL && i < row->n; i++) {
        if (memmem(row->field[i].p, row->field[i].n, SW_SPOILT, strlen(SW_SPOILT)) != NULL)
            return _("bytes that do not fit the file's encoding");
    }
    return row->fault == NULL ? NULL : _(row->fault);
}

static bool is_envelope(const struct registry_rows *rows, struct sw_str name)
{
    static const char *const words[] = {"type",   "subject",      "time",    "id",
                                        "source", "recordedtime", "reverses"};

    if (sw_str_is(name, LINE_TITLE) || sw_str_is(name, REASON_TITLE))
        return true; /* refused rows, handed in again */
    if (rows->table->entity != SW_ENTITIES)
        return sw_str_is(name, rows->table->id) || sw_str_is(name, "time");
    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        if (sw_str_is(name, words[i]))
            return true;
    }
    return false;
}

/* A field of a row's data and its type, as far as the schema knows it. */
static const struct sw_field *field_of(const struct registry_rows *rows, struct sw_str type,
                                       struct sw_str name)
{
    const struct sw_stream *st;
    const struct sw_field *field;
    uint32_t n;

    if (rows->schema == NULL)
        return NULL;
    if (rows->table->entity == SW_ENTITIES) {
        st = sw_schema_stream(rows->schema, type);
        return st == NULL ? NULL : sw_stream_field(st, name, NULL);
    }
    field = sw_entity_fields(rows->schema, rows->table->entity, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (sw_str_eq(field[i].name, name))
            return &field[i];
    }
    return NULL;
}

/* Two halves of a hash over the whole row and the day it tells of: the same table twice a day is
 * known already, another day it is news, even where it goes back to an older one. */
static void put_row_id(const struct sw_csv_row *row, struct sw_str day, struct sw_jw *w)
{
    struct sw_buf text = {0};
    char id[40];

    for (size_t i = 0; i < row->n; i++)
        sw_csv_put(&text, row->field[i], i == 0);
    sw_buf_str(&text, day);
    snprintf(id, sizeof(id), "row-%016llx%016llx",
             (unsigned long long)sw_siphash((struct sw_hash_key){1, 2}, text.p, text.n),
             (unsigned long long)sw_siphash((struct sw_hash_key){3, 4}, text.p, text.n));
    sw_jw_member(w, "id", sw_str(id));
    sw_buf_free(&text);
}

static void put_registry_envelope(const struct registry_rows *rows, const struct sw_csv_row *row,
                                  struct sw_jw *w)
{
    const char *entity = sw_entity_name(rows->table->entity);
    struct sw_str time = column(rows, row, "time");
    struct sw_buf text = {0};

    put_row_id(row, sw_str_sub(sw_str(rows->time), 0, 10), w);
    sw_buf_printf(&text, "import/%s", rows->table->name);
    sw_jw_member(w, "source", sw_buf_view(&text));
    sw_buf_clear(&text);
    sw_buf_printf(&text, "registry.%s", entity);
    sw_jw_member(w, "type", sw_buf_view(&text));
    sw_buf_clear(&text);
    sw_buf_printf(&text, "%s/%.*s", entity, SW_STR_ARG(column(rows, row, rows->table->id)));
    sw_jw_member(w, "subject", sw_buf_view(&text));
    sw_jw_member(w, "time", time.n > 0 ? time : sw_str(rows->time));
    if (rows->history)
        sw_jw_member(w, "recordedtime", time.n > 0 ? time : sw_str(rows->time));
    sw_buf_free(&text);
}

static void put_event_envelope(const struct registry_rows *rows, const struct sw_csv_row *row,
                               struct sw_jw *w)
{
    static const char *const words[] = {"type", "subject", "time", "recordedtime", "reverses"};
    struct sw_str id = column(rows, row, "id");
    struct sw_str source = column(rows, row, "source");

    if (id.n > 0)
        sw_jw_member(w, "id", id);
    else
        put_row_id(row, SW_STR(""), w);
    sw_jw_member(w, "source", source.n > 0 ? source : SW_STR("import/events"));
    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        struct sw_str value = column(rows, row, words[i]);

        if (value.n > 0)
            sw_jw_member(w, words[i], value);
    }
}

void registry_event(const struct registry_rows *rows, const struct sw_csv_row *row,
                    struct sw_buf *out)
{
    struct sw_str type = column(rows, row, "type");
    struct sw_jw w = {.out = out};

    sw_jw_object(&w);
    sw_jw_member(&w, "specversion", SW_STR("1.0"));
    if (rows->table->entity == SW_ENTITIES)
        put_event_envelope(rows, row, &w);
    else
        put_registry_envelope(rows, row, &w);
    sw_jw_key(&w, "data");
    sw_jw_object(&w);
    for (size_t i = 0; i < rows->head.n && i < row->n; i++) {
        struct sw_str name = rows->head.field[i];
        struct sw_str cell = sw_str_trim(row->field[i]);

        if (cell.n > 0 && !is_envelope(rows, name))
            put_cell(&w, field_of(rows, type, name), name, cell);
    }
    sw_jw_end(&w);
    sw_jw_end(&w);
}

/* ---- a table with its report -------------------------------------------------------------- */

struct run {
    struct registry_rows rows;
    struct table_job *job;
    struct feeding *f;
    struct refusals refusals;
    struct sw_str text;
    uint64_t n; /* rows of data */
};

static void refuse(struct run *r, uint32_t line, const char *why)
{
    r->f->refused++;
    refusals_keep(&r->refusals, line, sw_str(why));
}

/* False: not all rows were handed over and answered. */
static bool send_rows(struct run *r, struct sw_csv *csv)
{
    struct sw_arena arena = {0};
    struct sw_csv_row *row = sw_malloc(sizeof(*row));
    struct sw_buf event = {0};
    bool good = true;

    while (good && sw_csv_next(csv, &arena, row)) {
        const char *fault = registry_row_fault(row);

        r->n++;
        if (fault != NULL) {
            refuse(r, row->line, fault);
        } else {
            sw_buf_clear(&event);
            registry_event(&r->rows, row, &event);
            good = feeding_event(r->f, sw_buf_view(&event), row->line) == CTL_GOOD;
        }
        good = good && (r->job->stop == NULL || *r->job->stop == 0);
        sw_arena_reset(&arena);
    }
    sw_buf_free(&event);
    free(row);
    sw_arena_free(&arena);
    return good && feeding_flush(r->f) == CTL_GOOD;
}

static int by_line(const void *a, const void *b)
{
    const struct sw_refused_row *x = a;
    const struct sw_refused_row *y = b;

    return x->line < y->line ? -1 : x->line > y->line;
}

/* A row whose cells cannot be told apart is its line, in the first cell. */
static void put_cells(const struct run *r, const struct sw_csv_row *row, struct sw_buf *out)
{
    struct sw_str rest = sw_str_sub(r->text, (size_t)(row->at[0] - r->text.p), r->text.n);
    struct sw_str line;
    bool first = true;

    sw_str_split(&rest, '\n', &line);
    for (size_t i = 0; i < r->rows.head.n; i++) {
        struct sw_str title = r->rows.head.field[i];

        if (sw_str_is(title, LINE_TITLE) || sw_str_is(title, REASON_TITLE))
            continue;
        if (row->fault == NULL && i < row->n)
            sw_csv_put(out, row->field[i], first);
        else
            sw_csv_put(out, first ? sw_str_trim(line) : SW_STR(""), first);
        first = false;
    }
}

/* The refused rows as a table of their own, to be corrected and handed in again. */
static void put_rejected(struct run *r, struct sw_buf *out)
{
    struct sw_csv csv = {.rest = r->text};
    struct sw_csv_row *row = sw_malloc(sizeof(*row));
    struct sw_arena arena = {0};

    qsort(r->refusals.row, r->refusals.n, sizeof(*r->refusals.row), by_line);
    sw_buf_cstr(out, "\xef\xbb\xbf"); /* for Excel */
    put_cells(r, &r->rows.head, out);
    sw_buf_cstr(out, "," LINE_TITLE "," REASON_TITLE "\r\n");
    for (size_t i = 0; i < r->refusals.n && sw_csv_next(&csv, &arena, row);) {
        if (row->line == r->refusals.row[i].line) {
            put_cells(r, row, out);
            sw_buf_printf(out, ",%u", row->line);
            sw_csv_put(out, r->refusals.row[i++].why, false);
            sw_buf_cstr(out, "\r\n");
        }
        sw_arena_reset(&arena);
    }
    sw_arena_free(&arena);
    free(row);
}

static enum table_end run_rows(struct run *r, struct sw_csv *csv)
{
    struct sw_buf rejected = {0};
    enum table_end end;
    bool sent;

    refusals_begin(&r->refusals, r->f, r->job);
    sent = send_rows(r, csv);
    if (sent)
        refusals_rows_are_in(&r->refusals);
    if (sent && r->refusals.n > 0)
        put_rejected(r, &rejected);
    end = refusals_end(&r->refusals, sent, sw_buf_view(&rejected), r->n, 0);
    sw_buf_free(&rejected);
    return end;
}

enum table_end registry_run(const struct registry_table *t, const struct sw_schema *schema,
                            struct feeding *f, struct table_job *job)
{
    char now[SW_RFC3339_SIZE];
    struct run *r = sw_calloc(1, sizeof(*r));
    struct sw_arena arena = {0};
    struct sw_buf text = {0};
    struct sw_csv csv = {0};
    struct sw_err err;
    const char *encoding = sw_charset_table(job->bytes, &text, &err);
    enum table_end end = TABLE_REFUSED;

    sw_rfc3339_format((sw_time)time(NULL) * SW_SECOND, 0, now);
    *r = (struct run){.rows = {t, schema, now, job->history, {0}}, .job = job, .f = f};
    r->text = csv.rest = sw_buf_view(&text);
    if (encoding == NULL) {
        sw_buf_printf(&job->report, "%s: %s\n", job->path, err.text);
    } else if (!registry_head(&r->rows, &csv, &arena, job->path, &job->report)) {
        sw_buf_char(&job->report, '\n');
    } else {
        sw_buf_printf(&job->report, _("%s: the registry's %s, %s\n"), job->path, t->name, encoding);
        end = run_rows(r, &csv);
    }
    sw_buf_free(&text);
    sw_arena_free(&arena);
    free(r);
    return end;
}
