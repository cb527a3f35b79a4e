/* registry.h - tables of our own registry, which are told by their names: areas.csv,
 * households-2026.csv … Private to ctl. */
#ifndef CTL_REGISTRY_H
#define CTL_REGISTRY_H

#include "tables.h"
#include <shouwang/base/csv.h>

struct registry_table;
/* NULL: it is none. */
const struct registry_table *registry_table_of(const char *path);
const char *registry_table_name(const struct registry_table *t);
/* Tables of a lower rank come first, as others need them; REGISTRY_RANKS for NULL. */
enum { REGISTRY_RANKS = 8 };
int registry_rank(const struct registry_table *t);

struct registry_rows {
    const struct registry_table *table;
    const struct sw_schema *schema; /* NULL: everything goes in as text */
    const char *time;               /* of rows that say none */
    bool history;
    struct sw_csv_row head;
};

/* Reads the line that names the columns, into `head`, whose memory is of `arena`. False: it cannot
 * be one; `why` gets what people are told. */
bool registry_head(struct registry_rows *rows, struct sw_csv *csv, struct sw_arena *arena,
                   const char *path, struct sw_buf *why);
/* What is wrong with the row's cells, for people; NULL: nothing. */
const char *registry_row_fault(const struct sw_csv_row *row);
void registry_event(const struct registry_rows *rows, const struct sw_csv_row *row,
                    struct sw_buf *out);

/* A whole table, with its report and refused rows. */
enum table_end registry_run(const struct registry_table *t, const struct sw_schema *schema,
                            struct feeding *f, struct table_job *job);

#endif
