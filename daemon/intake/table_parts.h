/* table_parts.h - what the files of one table share. Private to intake. */
#ifndef INTAKE_TABLE_PARTS_H
#define INTAKE_TABLE_PARTS_H

#include <shouwang/base/csv.h>
#include <shouwang/base/json.h>
#include <shouwang/intake/table.h>

/* ---- cells (table_cell.c): what people and spreadsheets write ------------------------------ */

/* Without blanks around it, and without what spreadsheets put in front to keep digits: ' and ="…".
 */
struct sw_str table_clean(struct sw_str cell);
bool table_is_blank(const struct sw_layout *l, struct sw_arena *arena, struct sw_str cell);
/* 2024-03-01, 2024/3/1, 2024.3.1, 20240301, 2024年3月1日 or Excel's number of days, a time of the
 * day behind it or not (µs). */
bool table_date(struct sw_str cell, sw_day *day, sw_time *of_day);
/* A number or code that a spreadsheet has turned into 1.1E+17. */
bool table_is_spoilt_code(struct sw_str cell);
/* A person's, household's or area's number as registered; false: *why. */
bool table_code(struct sw_arena *arena, enum sw_field_type type, struct sw_str cell,
                struct sw_str *out, struct sw_err *why);
/* The JSON value of a cell for the column's field, as in an event's data; false: *why. */
bool table_value(struct sw_arena *arena, const struct sw_layout *l,
                 const struct sw_layout_column *c, struct sw_str cell, struct sw_json *out,
                 struct sw_err *why);

/* ---- a table -------------------------------------------------------------------------------- */

/* Keys seen: for rows with the same key and other values. Open addressing, a power of two. */
struct table_seen {
    uint64_t key, content;
    uint32_t line;
};

struct sw_table {
    struct sw_table_facts facts;
    struct sw_buf text; /* UTF-8 */
    struct sw_csv rest; /* behind the header */
    struct sw_arena head_arena, row_arena;
    struct sw_csv_row upper, head; /* header lines; upper.n == 0: there is one */
    struct sw_csv_row row;
    size_t width;                   /* cells up to the last title */
    size_t cell[SW_LAYOUT_COLUMNS]; /* where each column of the layout is, SIZE_MAX: nowhere */
    struct sw_buf data, unused;
    bool has_as_of;
    sw_time as_of; /* sw_table_state() */
    struct table_seen *seen;
    size_t n_seen, seen_size;
};

/* table_event.c: the row in t->row as an event in `out`, or the reasons why not; false then. */
bool table_event(struct sw_table *t, struct sw_buf *out);
/* table_header.c: find it with any separator and fill in what follows from it. */
enum sw_code table_find_header(struct sw_table *t, struct sw_err *err);
bool table_is_own_title(struct sw_str plain);

/* Columns that sw_table_rejected() adds. */
#define TABLE_LINE_TITLE   "原行号"
#define TABLE_REASON_TITLE "拒收原因"

#endif
