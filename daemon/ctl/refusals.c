/* refusals.c - what became of a table's rows: refused ones are told by line and kept in a table of
 * their own, the others are counted. */
#include "tables.h"
#include <errno.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINES_TOLD = 1000 };

void refusals_keep(struct refusals *r, uint32_t line, struct sw_str why)
{
    r->row = sw_grow(r->row, &r->cap, r->n + 1, sizeof(*r->row));
    r->row[r->n++] = (struct sw_refused_row){line, sw_arena_str(&r->arena, why)};
}

/* The daemon's answer. */
static void on_refused(void *ctx, uint64_t mark, struct sw_str reason, struct sw_str text)
{
    struct refusals *r = ctx;
    struct sw_buf why = {0};

    sw_buf_printf(&why, "%.*s (%.*s)", SW_STR_ARG(text), SW_STR_ARG(reason));
    if (r->are_in)
        sw_buf_printf(&r->job->report, "%s: %s\n", r->job->path, why.p);
    else
        refusals_keep(r, (uint32_t)mark, sw_buf_view(&why));
    sw_buf_free(&why);
}

void refusals_begin(struct refusals *r, struct feeding *f, struct table_job *job)
{
    *r = (struct refusals){.job = job, .f = f};
    f->refuse = on_refused;
    f->refuse_ctx = r;
    f->before = f->stored + f->refused;
    sw_publisher_count(f->publisher, &r->before);
}

void refusals_rows_are_in(struct refusals *r)
{
    sw_publisher_count(r->f->publisher, &r->after);
    r->are_in = true;
}

static enum sw_code write_rejected(const struct refusals *r, struct sw_str text, struct sw_err *err)
{
    if (r->n > 0)
        return sw_file_replace(r->job->rejected, text, err);
    if (unlink(r->job->rejected) != 0 && errno != ENOENT)
        return sw_fail(err, SW_EIO, "%s: %s", r->job->rejected, strerror(errno));
    return SW_OK;
}

static void report_refused(struct refusals *r)
{
    for (size_t i = 0; i < r->n && i < LINES_TOLD; i++)
        sw_buf_printf(&r->job->report, "%s:%u: %.*s\n", r->job->path, r->row[i].line,
                      SW_STR_ARG(r->row[i].why));
    if (r->n > LINES_TOLD)
        sw_buf_printf(&r->job->report, _("%s: … and %zu more\n"), r->job->path, r->n - LINES_TOLD);
}

static void report_sums(struct refusals *r, uint64_t rows, uint64_t skipped)
{
    char waiting[FEEDING_WAITING];

    feeding_waiting(r->after.waiting - r->before.waiting, waiting);
    sw_buf_printf(&r->job->report,
                  _("%s: %llu rows: %llu stored%s, %llu known already, %zu refused, %llu that are "
                    "no data skipped\n"),
                  r->job->path, (unsigned long long)rows,
                  (unsigned long long)(r->after.stored - r->before.stored), waiting,
                  (unsigned long long)(r->after.repeated - r->before.repeated), r->n,
                  (unsigned long long)skipped);
    if (r->n > 0)
        sw_buf_printf(&r->job->report, _("%s: the refused rows are in %s\n"), r->job->path,
                      r->job->told);
}

static enum table_end told(struct refusals *r, struct sw_str rejected, uint64_t rows,
                           uint64_t skipped)
{
    struct sw_err err;

    if (write_rejected(r, rejected, &err) != SW_OK) {
        sw_buf_printf(&r->job->report, "%s\n", err.text);
        return TABLE_UNDONE;
    }
    report_refused(r);
    report_sums(r, rows, skipped);
    if (r->n == 0)
        return TABLE_GOOD;
    return r->n < rows ? TABLE_PARTLY : TABLE_REFUSED;
}

enum table_end refusals_end(struct refusals *r, bool sent, struct sw_str rejected, uint64_t rows,
                            uint64_t skipped)
{
    enum table_end end = TABLE_UNDONE;

    r->f->refuse = NULL;
    if (sent)
        end = told(r, rejected, rows, skipped);
    else
        sw_buf_printf(&r->job->report, _("%s: not finished; hand it in again\n"), r->job->path);
    sw_arena_free(&r->arena);
    free(r->row);
    return end;
}
