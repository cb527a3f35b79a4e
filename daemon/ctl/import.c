/* import.c - registry and event tables (CSV) to events.
 *
 * A row becomes a CloudEvent: areas.csv gives registry.area and so on; events.csv names its type in
 * a column. The event's id is made from the row's text, so that the same table loaded twice changes
 * nothing and a corrected row counts. What is right in a table goes in, what is wrong is told by
 * line. */
#include "tables.h"
#include <shouwang/base/csv.h>
#include <shouwang/base/file.h>
#include <shouwang/base/hash.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <shouwang/model/event.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { TABLE_MAX = 1 << 30 };

/* Tables of a folder, in the order in which one needs the other. */
static const struct table {
    const char *name;
    enum sw_entity entity; /* SW_ENTITIES: events of many types */
    const char *id;        /* the column that is the subject */
} tables[] = {
    {"areas", SW_EAREA, "code"},     {"cadres", SW_ECADRE, "id"},
    {"teams", SW_ETEAM, "id"},       {"households", SW_EHOUSEHOLD, "id"},
    {"persons", SW_EPERSON, "id"},   {"assignments", SW_EASSIGNMENT, "id"},
    {"absences", SW_EABSENCE, "id"}, {"events", SW_ENTITIES, NULL},
};

struct import {
    struct feeding feed;
    struct sw_schema *schema;
    const struct table *table;
    struct sw_csv_row head;
    char time[SW_RFC3339_SIZE]; /* of registry rows */
    bool history;
    const char *feed_name; /* --feed, NULL: by the file's name */
    struct tables tables;  /* of departments; no schema: not loaded yet */
    const char *rules;     /* folder, NULL: no configuration */
    bool unused;           /* a file could not be used at all */
};

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

static struct sw_str column(const struct import *im, const struct sw_csv_row *row, const char *name)
{
    for (size_t i = 0; i < im->head.n && i < row->n; i++) {
        if (sw_str_is(im->head.field[i], name))
            return row->field[i];
    }
    return (struct sw_str){NULL, 0};
}

static bool is_envelope(const struct import *im, struct sw_str name)
{
    static const char *const words[] = {"type",   "subject",      "time",    "id",
                                        "source", "recordedtime", "reverses"};

    if (im->table->entity != SW_ENTITIES)
        return sw_str_is(name, im->table->id) || sw_str_is(name, "time");
    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        if (sw_str_is(name, words[i]))
            return true;
    }
    return false;
}

/* A field of a row's data and its type, as far as the schema knows it. */
static const struct sw_field *field_of(const struct import *im, struct sw_str type,
                                       struct sw_str name)
{
    const struct sw_stream *st;
    const struct sw_field *field;
    uint32_t n;

    if (im->schema == NULL)
        return NULL;
    if (im->table->entity == SW_ENTITIES) {
        st = sw_schema_stream(im->schema, type);
        return st == NULL ? NULL : sw_stream_field(st, name, NULL);
    }
    field = sw_entity_fields(im->schema, im->table->entity, &n);
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

static void put_registry_envelope(const struct import *im, const struct sw_csv_row *row,
                                  struct sw_jw *w)
{
    const char *entity = sw_entity_name(im->table->entity);
    struct sw_str time = column(im, row, "time");
    struct sw_buf text = {0};

    put_row_id(row, sw_str_sub(sw_str(im->time), 0, 10), w);
    sw_buf_printf(&text, "import/%s", im->table->name);
    sw_jw_member(w, "source", sw_buf_view(&text));
    sw_buf_clear(&text);
    sw_buf_printf(&text, "registry.%s", entity);
    sw_jw_member(w, "type", sw_buf_view(&text));
    sw_buf_clear(&text);
    sw_buf_printf(&text, "%s/%.*s", entity, SW_STR_ARG(column(im, row, im->table->id)));
    sw_jw_member(w, "subject", sw_buf_view(&text));
    sw_jw_member(w, "time", time.n > 0 ? time : sw_str(im->time));
    if (im->history)
        sw_jw_member(w, "recordedtime", time.n > 0 ? time : sw_str(im->time));
    sw_buf_free(&text);
}

static void put_event_envelope(const struct import *im, const struct sw_csv_row *row,
                               struct sw_jw *w)
{
    static const char *const words[] = {"type", "subject", "time", "recordedtime", "reverses"};
    struct sw_str id = column(im, row, "id");
    struct sw_str source = column(im, row, "source");

    if (id.n > 0)
        sw_jw_member(w, "id", id);
    else
        put_row_id(row, SW_STR(""), w);
    sw_jw_member(w, "source", source.n > 0 ? source : SW_STR("import/events"));
    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        struct sw_str value = column(im, row, words[i]);

        if (value.n > 0)
            sw_jw_member(w, words[i], value);
    }
}

static void make_event(const struct import *im, const struct sw_csv_row *row, struct sw_buf *out)
{
    struct sw_str type = column(im, row, "type");
    struct sw_jw w = {.out = out};

    sw_jw_object(&w);
    sw_jw_member(&w, "specversion", SW_STR("1.0"));
    if (im->table->entity == SW_ENTITIES)
        put_event_envelope(im, row, &w);
    else
        put_registry_envelope(im, row, &w);
    sw_jw_key(&w, "data");
    sw_jw_object(&w);
    for (size_t i = 0; i < im->head.n && i < row->n; i++) {
        struct sw_str name = im->head.field[i];

        if (row->field[i].n > 0 && !is_envelope(im, name))
            put_cell(&w, field_of(im, type, name), name, row->field[i]);
    }
    sw_jw_end(&w);
    sw_jw_end(&w);
}

/* ---- tables ------------------------------------------------------------------------------- */

static void refuse_row(struct import *im, const struct sw_csv_row *row, const char *why)
{
    im->feed.refused++;
    ctl_progress_say(&im->feed.progress, "%s:%u: %s", im->feed.file, row->line, why);
}

static int import_rows(struct import *im, struct sw_csv *csv)
{
    struct sw_arena arena = {0};
    struct sw_csv_row row;
    struct sw_buf event = {0};
    int status = CTL_GOOD;

    while (status == CTL_GOOD && sw_csv_next(csv, &arena, &row)) {
        if (row.fault != NULL) {
            refuse_row(im, &row, _(row.fault));
        } else {
            sw_buf_clear(&event);
            make_event(im, &row, &event);
            status = feeding_event(&im->feed, sw_buf_view(&event), row.line);
        }
        sw_arena_reset(&arena);
    }
    if (status == CTL_GOOD)
        status = feeding_flush(&im->feed);
    sw_buf_free(&event);
    sw_arena_free(&arena);
    return status;
}

static uint64_t count_rows(struct sw_str text)
{
    struct sw_arena arena = {0};
    struct sw_csv csv = {.rest = text};
    struct sw_csv_row row;
    uint64_t n = 0;

    while (sw_csv_next(&csv, &arena, &row)) {
        n++;
        sw_arena_reset(&arena);
    }
    sw_arena_free(&arena);
    return n == 0 ? 0 : n - 1;
}

static const struct table *table_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct sw_str name = sw_str(slash == NULL ? path : slash + 1);

    for (size_t i = 0; i < SW_COUNTOF(tables); i++) {
        if (sw_str_starts(name, sw_str(tables[i].name)))
            return &tables[i];
    }
    return NULL;
}

static uint64_t lines_of(struct sw_str text)
{
    uint64_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

/* A table that a layout of the rule folder describes. */
static int import_department(struct import *im, const char *path)
{
    struct table_job job = {.path = path,
                            .name = tables_file_name(path),
                            .feed = im->feed_name,
                            .history = im->history};
    struct sw_buf bytes = {0};
    struct sw_buf rejected = {0};
    struct sw_err err;
    enum table_end end;

    if (im->rules == NULL)
        return ctl_fail(_("%s: a department's table needs the configuration, which names the rule "
                          "folder"),
                        path);
    if (im->tables.schema == NULL && !tables_load(&im->tables, im->rules))
        return CTL_FAILED;
    if (sw_file_read(path, TABLE_MAX, &bytes, &err) != SW_OK)
        return ctl_fail("%s", err.text);
    sw_buf_printf(&rejected, "%s.rejected.csv", path);
    job.bytes = sw_buf_view(&bytes);
    job.rejected = job.told = rejected.p;
    im->feed.file = path;
    ctl_progress_begin(&im->feed.progress, job.name, lines_of(job.bytes));
    end = tables_run(&im->tables, &im->feed, &job);
    im->feed.progress.total = im->feed.progress.done; /* lines of title and footers are no rows */
    ctl_progress_end(&im->feed.progress);
    if (!im->feed.quiet)
        fwrite(job.report.p, 1, job.report.n, stderr);
    sw_buf_free(&job.report);
    sw_buf_free(&rejected);
    sw_buf_free(&bytes);
    im->unused |= end == TABLE_REFUSED;
    return end == TABLE_UNDONE ? CTL_FAILED : CTL_GOOD;
}

static int import_file(struct import *im, const char *path)
{
    struct sw_arena head_arena = {0};
    struct sw_buf text = {0};
    struct sw_csv csv = {0};
    struct sw_err err;
    int status = CTL_GOOD;

    im->table = table_of(path);
    if (im->table == NULL || im->feed_name != NULL)
        return import_department(im, path);
    if (sw_file_read(path, TABLE_MAX, &text, &err) != SW_OK)
        return ctl_fail("%s", err.text);
    csv.rest = sw_buf_view(&text);
    im->feed.file = path;
    im->feed.before = im->feed.stored + im->feed.refused;
    ctl_progress_begin(&im->feed.progress, im->table->name, count_rows(csv.rest));
    if (sw_csv_next(&csv, &head_arena, &im->head) && im->head.fault == NULL) {
        csv.fields = im->head.n;
        status = import_rows(im, &csv);
    } else {
        status = ctl_fail(_("%s: the first line must name the columns"), path);
    }
    ctl_progress_end(&im->feed.progress);
    sw_arena_free(&head_arena);
    sw_buf_free(&text);
    return status;
}

static int import_folder(struct import *im, const char *dir)
{
    char **paths;
    size_t n;
    struct sw_err err;
    int status = CTL_GOOD;
    bool any = false;

    if (sw_file_list(dir, ".csv", &paths, &n, &err) != SW_OK)
        return ctl_fail("%s", err.text);
    for (size_t t = 0; t < SW_COUNTOF(tables) && status == CTL_GOOD; t++) {
        for (size_t i = 0; i < n && status == CTL_GOOD; i++) {
            if (table_of(paths[i]) == &tables[t]) {
                any = true;
                status = import_file(im, paths[i]);
            }
        }
    }
    for (size_t i = 0; i < n; i++)
        free(paths[i]);
    free(paths);
    if (!any && status == CTL_GOOD)
        status = ctl_fail(_("%s: no tables here"), dir);
    return status;
}

/* ---- the verb ----------------------------------------------------------------------------- */

/* Types of columns; without a schema everything goes in as text and the daemon decides. */
static void load_schema(struct import *im, struct ctl *c)
{
    struct sw_diag diag = {0};
    struct sw_buf path = {0};

    if (ctl_config(c) == NULL)
        return;
    im->rules = c->config->rules;
    sw_buf_printf(&path, "%s/schema.yaml", c->config->rules);
    im->schema = sw_schema_load(path.p, &diag);
    sw_diag_print(&diag, stderr);
    sw_diag_free(&diag);
    sw_buf_free(&path);
}

static bool set_time(struct import *im, const char *as_of)
{
    sw_day day;

    if (as_of == NULL) {
        sw_rfc3339_format((sw_time)time(NULL) * SW_SECOND, 0, im->time);
        return true;
    }
    if (!sw_date_parse(sw_str(as_of), &day))
        return false;
    sw_rfc3339_format(sw_zone_midnight(im->schema == NULL ? NULL : im->schema->zone, day), 0,
                      im->time);
    return true;
}

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int import_all(struct import *im, int argc, char **argv)
{
    int status = CTL_GOOD;

    for (int i = 1; i < argc && status == CTL_GOOD; i++) {
        status = im->feed_name == NULL && is_folder(argv[i]) ? import_folder(im, argv[i])
                                                             : import_file(im, argv[i]);
    }
    return im->unused ? CTL_FAILED : status;
}

int ctl_import(struct ctl *c, int argc, char **argv)
{
    const char *endpoint = ctl_option(&argc, argv, "--endpoint");
    const char *as_of = ctl_option(&argc, argv, "--as-of");
    const char *feed_name = ctl_option(&argc, argv, "--feed");
    const char *settle = ctl_option(&argc, argv, "--settle");
    bool history = ctl_flag(&argc, argv, "--history");
    bool quiet = ctl_flag(&argc, argv, "--quiet");
    bool watch = ctl_flag(&argc, argv, "--watch");
    struct import *im;
    int status;

    if (ctl_unknown_options(argc, argv) || argc < (watch ? 1 : 2) || (watch && argc > 2))
        return CTL_USAGE;
    if (watch)
        return inbox_watch(c, argc > 1 ? argv[1] : NULL, endpoint, settle);
    im = sw_calloc(1, sizeof(*im));
    status = feeding_begin(&im->feed, c, endpoint, history);
    if (status == CTL_GOOD) {
        im->history = history;
        im->feed_name = feed_name;
        im->feed.quiet = quiet;
        load_schema(im, c);
        if (!set_time(im, as_of))
            status = ctl_fail(_("--as-of takes a date such as 2024-03-14"));
        if (status == CTL_GOOD)
            status = import_all(im, argc, argv);
        if (feeding_end(&im->feed) != CTL_GOOD)
            status = CTL_FAILED;
    }
    tables_free(&im->tables);
    sw_schema_free(im->schema);
    free(im);
    return status;
}
