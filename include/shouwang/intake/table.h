/* table.h - a department's table (CSV, TSV; UTF-8, GB18030, UTF-16) row by row as CloudEvents.
 * Layer: intake. Pure: from bytes to texts. */
#ifndef SHOUWANG_INTAKE_TABLE_H
#define SHOUWANG_INTAKE_TABLE_H

#include <shouwang/base/err.h>
#include <shouwang/intake/layout.h>

struct sw_table;

/* NULL when the bytes may be a text; else what they are and what to do about it, for _(). */
const char *sw_table_not_a_text(struct sw_str bytes);

/* Finds encoding, separator and header. SW_EINVALID with what to do when the bytes are no table
 * (Excel, Word, ZIP, PDF …) or have no header as the layout wants it. `bytes` may be freed after.
 */
enum sw_code sw_table_open(struct sw_table **out, const struct sw_layout *layout,
                           struct sw_str bytes, struct sw_err *err) SW_MUST_USE;
void sw_table_close(struct sw_table *t);
/* Rows that replace were stated then, whatever the table says. Before the first row. */
void sw_table_state(struct sw_table *t, sw_time as_of);

enum sw_row { SW_ROW_END, SW_ROW_EVENT, SW_ROW_REFUSED };

/* The next row of data: its line, and the event it makes or every reason why it makes none, put
 * into `text` in place of what was there. Blank rows, footers and headers printed again are not
 * rows of data. */
enum sw_row sw_table_next(struct sw_table *t, uint32_t *line, struct sw_buf *text);

/* What was found; counts of skipped rows grow with sw_table_next(). */
struct sw_table_facts {
    const struct sw_layout *layout;
    const char *encoding;
    char separator;
    uint32_t header_line;  /* the last one of the header */
    uint64_t rows;         /* of data, so far */
    uint64_t skipped;      /* footers and headers printed again, so far */
    uint32_t skipped_line; /* of the last one */
    bool is_rest;          /* made by sw_table_rejected(): part of a file that came before */
    /* Of rows that replace, so far: how many stood there twice; when they were stated and the first
     * happened; false: some were stated at another time, or are about another period. */
    uint64_t repeats;
    sw_time stated, time;
    bool one_list;
    struct sw_str unused; /* headers that nothing reads and `ignore:` does not name */
};
const struct sw_table_facts *sw_table_facts(const struct sw_table *t);

/* A row that did not go in, here or at the daemon. */
struct sw_refused_row {
    uint32_t line;
    struct sw_str why;
};

/* The refused rows as a table of their own, with their lines and the reasons as last columns: to be
 * corrected and handed in again. Sorts `rows`. */
void sw_table_rejected(const struct sw_table *t, struct sw_refused_row *rows, size_t n,
                       struct sw_buf *out);

#endif
