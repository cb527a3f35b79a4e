/* import.c - tables into the daemon: the registry's own (registry.c), by file or a folder of them
 * in the order in which one needs the other, and departments' (tables.c). What is right in a table
 * goes in, what is wrong is told by line. */
#include "registry.h"
#include <shouwang/base/charset.h>
#include <shouwang/base/csv.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { TABLE_MAX = 1 << 30 };

struct import {
    struct feeding feed;
    struct sw_schema *schema;
    struct registry_rows rows;
    char time[SW_RFC3339_SIZE]; /* of registry rows */
    sw_time as_of;              /* --as-of; 0: not given */
    bool history;
    const char *feed_name; /* --feed, NULL: by the file's name */
    struct tables tables;  /* of departments; no schema: not loaded yet */
    const char *rules;     /* folder, NULL: no configuration */
    bool unused;           /* a file could not be used at all */
};

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
        const char *fault = registry_row_fault(&row);

        if (fault != NULL) {
            refuse_row(im, &row, fault);
        } else {
            sw_buf_clear(&event);
            registry_event(&im->rows, &row, &event);
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
                            .as_of = im->as_of,
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
    struct sw_buf bytes = {0};
    struct sw_buf text = {0};
    struct sw_buf why = {0};
    struct sw_csv csv = {0};
    struct sw_err err;
    const struct registry_table *table = registry_table_of(path);
    int status = CTL_GOOD;

    if (table == NULL || im->feed_name != NULL)
        return import_department(im, path);
    im->rows = (struct registry_rows){table, im->schema, im->time, im->history, {0}};
    if (sw_file_read(path, TABLE_MAX, &bytes, &err) != SW_OK)
        return ctl_fail("%s", err.text);
    if (sw_charset_table(sw_buf_view(&bytes), &text, &err) == NULL)
        status = ctl_fail("%s: %s", path, err.text);
    sw_buf_free(&bytes);
    if (status != CTL_GOOD)
        return status;
    csv.rest = sw_buf_view(&text);
    im->feed.file = path;
    im->feed.before = im->feed.stored + im->feed.refused;
    ctl_progress_begin(&im->feed.progress, registry_table_name(table), count_rows(csv.rest));
    if (registry_head(&im->rows, &csv, &head_arena, path, &why))
        status = import_rows(im, &csv);
    else
        status = ctl_fail("%s", why.p);
    ctl_progress_end(&im->feed.progress);
    sw_arena_free(&head_arena);
    sw_buf_free(&why);
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
    for (int rank = 0; rank < REGISTRY_RANKS && status == CTL_GOOD; rank++) {
        for (size_t i = 0; i < n && status == CTL_GOOD; i++) {
            if (registry_rank(registry_table_of(paths[i])) == rank) {
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
    if (sw_date_parse(sw_str(as_of), &day))
        im->as_of = sw_zone_midnight(im->schema == NULL ? NULL : im->schema->zone, day);
    else if (!sw_rfc3339_parse(sw_str(as_of), &im->as_of))
        return false;
    sw_rfc3339_format(im->as_of, 0, im->time);
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
            status = ctl_fail(
                _("--as-of takes a date such as 2024-03-14, or 2024-03-14T15:00:00+08:00"));
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
