/* tables.h - departments' tables to events: import uses it for files, the inbox for a folder.
 * Private to ctl. */
#ifndef CTL_TABLES_H
#define CTL_TABLES_H

#include "feeding.h"
#include <shouwang/intake/table.h>
#include <signal.h>

/* The layouts of a rule folder, and the schema they were checked against. */
struct tables {
    struct sw_schema *schema;
    struct sw_layouts layouts;
};

/* Findings are printed. False: the folder has no schema that can be used, or a layout is wrong. */
bool tables_load(struct tables *ts, const char *rules);
void tables_free(struct tables *ts);

/* A path without its folder. */
const char *tables_file_name(const char *path);

enum table_end {
    TABLE_GOOD,    /* every row went in, now or before */
    TABLE_PARTLY,  /* some rows were refused */
    TABLE_REFUSED, /* the file cannot be used, or no row of it */
    TABLE_UNDONE   /* the daemon did not answer, or *stop was set: hand it in again */
};

struct table_job {
    const char *path; /* in reports */
    const char *name; /* without folder */
    bool history;     /* a past is told: batches are of no interest */
    const char *feed; /* --feed, NULL: by the file's name */
    sw_time as_of;    /* --as-of: when a list that replaces was drawn up; 0: the table says it */
    struct sw_str bytes;
    const char *rejected;              /* where refused rows are kept */
    const char *told;                  /* the same for people */
    const volatile sig_atomic_t *stop; /* NULL: nothing stops it */
    struct sw_buf report;              /* told line by line; the caller frees it */
};

enum table_end tables_run(const struct tables *ts, struct feeding *f, struct table_job *job);

/* refusals.c: what became of a table's rows, into the job's report. */
struct refusals {
    struct table_job *job;
    struct feeding *f;
    struct sw_arena arena; /* the reasons */
    struct sw_refused_row *row;
    size_t n, cap;
    struct sw_publisher_counts before, after; /* of the rows */
    bool are_in;                              /* what is sent now is no row */
};

/* From here on the daemon's refusals come here; ended by refusals_end() whatever happens. */
void refusals_begin(struct refusals *r, struct feeding *f, struct table_job *job);
void refusals_keep(struct refusals *r, uint32_t line, struct sw_str why);
/* All rows are answered. */
void refusals_rows_are_in(struct refusals *r);
/* `sent`: all rows were handed over and answered. `rejected`: the refused ones as a table. */
enum table_end refusals_end(struct refusals *r, bool sent, struct sw_str rejected, uint64_t rows,
                            uint64_t skipped);

/* Works through the folder until a signal ends it; an exit code. */
int inbox_watch(struct ctl *c, const char *dir, const char *endpoint, const char *settle);

#endif
