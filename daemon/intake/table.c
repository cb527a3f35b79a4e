/* table.c - a department's table from its bytes to rows, and the refused rows back to a table. */
#include "table_parts.h"
#include <shouwang/base/charset.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

enum sw_code sw_table_open(struct sw_table **out, const struct sw_layout *layout,
                           struct sw_str bytes, struct sw_err *err)
{
    const char *other = sw_table_not_a_text(bytes);
    struct sw_table *t;
    enum sw_code rc = SW_EIO;

    if (other != NULL)
        return sw_fail(err, SW_EINVALID, "%s", _(other));
    t = sw_calloc(1, sizeof(*t));
    t->facts.layout = layout;
    t->facts.encoding = sw_charset_table(bytes, &t->text, err);
    if (t->facts.encoding != NULL)
        rc = table_find_header(t, err);
    if (rc == SW_OK)
        *out = t;
    else
        sw_table_close(t);
    return rc;
}

void sw_table_close(struct sw_table *t)
{
    if (t == NULL)
        return;
    sw_buf_free(&t->text);
    sw_buf_free(&t->data);
    sw_buf_free(&t->unused);
    sw_arena_free(&t->head_arena);
    sw_arena_free(&t->row_arena);
    free(t->seen);
    free(t);
}

const struct sw_table_facts *sw_table_facts(const struct sw_table *t)
{
    return &t->facts;
}

/* ---- rows of data ------------------------------------------------------------------------- */

static bool is_blank_row(const struct sw_csv_row *row)
{
    for (size_t i = 0; i < row->n; i++) {
        if (table_clean(row->field[i]).n > 0)
            return false;
    }
    return true;
}

static bool is_footer_word(struct sw_table *t, struct sw_str cell)
{
    static const char *const words[] = {
        "合计",   "总计",       "小计",     "制表",     "填表",       "审核",  "复核",  "经办",
        "负责人", "单位负责人", "填报单位", "填报日期", "单位(盖章)", "备注:", "说明:", "注:"};
    struct sw_str plain = sw_layout_plain(&t->row_arena, cell);

    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        if (sw_str_starts(plain, sw_str(words[i])))
            return true;
    }
    for (size_t i = 0; i < t->facts.layout->n_footer; i++) {
        if (sw_str_starts(plain, t->facts.layout->footer[i]))
            return true;
    }
    return false;
}

/* A footer begins with such a word and is about nobody; or the header is printed again. */
static bool is_no_data(struct sw_table *t)
{
    size_t subject = t->cell[t->facts.layout->subject_column];
    struct sw_str about = subject < t->row.n ? table_clean(t->row.field[subject]) : SW_STR("");
    struct sw_str title = subject < t->head.n ? table_clean(t->head.field[subject]) : SW_STR("");
    size_t first = 0;

    if (about.n > 0 && sw_str_eq(about, title))
        return true;
    while (first < t->row.n && table_clean(t->row.field[first]).n == 0)
        first++;
    return (about.n == 0 || first == subject) && first < t->row.n &&
           is_footer_word(t, t->row.field[first]);
}

/* Cells without a title are empty, and none is missing: a separator too much or too few moves all
 * that is behind it. */
static const char *shape_fault(const struct sw_table *t)
{
    if (t->row.fault != NULL)
        return _(t->row.fault);
    if (t->row.n < t->width)
        return _("fewer cells than the header has titles");
    for (size_t i = t->width; i < t->row.n; i++) {
        if (table_clean(t->row.field[i]).n > 0)
            return _("more cells than the header has titles");
    }
    for (size_t i = 0; i < t->row.n; i++) {
        if (memmem(t->row.field[i].p, t->row.field[i].n, SW_SPOILT, 3) != NULL)
            return _("bytes that do not fit the file's encoding");
    }
    return NULL;
}

void sw_table_state(struct sw_table *t, sw_time as_of)
{
    t->has_as_of = true;
    t->as_of = as_of;
}

enum sw_row sw_table_next(struct sw_table *t, uint32_t *line, struct sw_buf *text)
{
    for (;;) {
        const char *fault;

        sw_arena_reset(&t->row_arena);
        if (!sw_csv_next(&t->rest, &t->row_arena, &t->row))
            return SW_ROW_END;
        if (t->row.fault == NULL && is_blank_row(&t->row))
            continue;
        if (t->row.fault == NULL && is_no_data(t)) {
            t->facts.skipped++;
            t->facts.skipped_line = t->row.line;
            continue;
        }
        t->facts.rows++;
        *line = t->row.line;
        fault = shape_fault(t);
        if (fault == NULL)
            return table_event(t, text) ? SW_ROW_EVENT : SW_ROW_REFUSED;
        sw_buf_clear(text);
        sw_buf_cstr(text, fault);
        return SW_ROW_REFUSED;
    }
}

/* ---- the refused rows --------------------------------------------------------------------- */

static int by_line(const void *a, const void *b)
{
    uint32_t x = ((const struct sw_refused_row *)a)->line;
    uint32_t y = ((const struct sw_refused_row *)b)->line;

    return (x > y) - (x < y);
}

/* Long numbers get a tab in front, which keeps a spreadsheet from turning them into 1.1E+17. */
static void put_cell(struct sw_buf *out, struct sw_str cell, bool first)
{
    struct sw_str clean = table_clean(cell);
    struct sw_buf kept = {0};
    size_t digits = 0;

    while (digits < clean.n && clean.p[digits] >= '0' && clean.p[digits] <= '9')
        digits++;
    if (digits < 12 || digits + 1 < clean.n) {
        sw_csv_put(out, cell, first);
        return;
    }
    sw_buf_char(&kept, '\t');
    sw_buf_str(&kept, clean);
    sw_csv_put(out, sw_buf_view(&kept), first);
    sw_buf_free(&kept);
}

static bool is_own_column(const struct sw_table *t, struct sw_arena *arena, size_t i)
{
    return i < t->head.n && table_is_own_title(sw_layout_plain(arena, t->head.field[i]));
}

/* The row's cells, as many as there are titles, without the columns added when it was refused
 * before. */
static void put_row(const struct sw_table *t, struct sw_arena *arena, const struct sw_csv_row *row,
                    struct sw_buf *out)
{
    bool first = true;

    for (size_t i = 0; i < t->width || i < row->n; i++) {
        if (is_own_column(t, arena, i))
            continue;
        put_cell(out, i < row->n ? row->field[i] : SW_STR(""), first);
        first = false;
    }
}

/* A row whose cells cannot be told apart: its line as it is. */
static void put_raw(const struct sw_table *t, const struct sw_csv_row *row, struct sw_buf *out)
{
    const char *end = t->text.p + t->text.n;
    size_t n = 0;

    while (row->at[0] + n < end && row->at[0][n] != '\n' && row->at[0][n] != '\r')
        n++;
    sw_csv_put(out, (struct sw_str){row->at[0], n}, true);
    for (size_t i = 1; i < t->width; i++)
        sw_buf_char(out, ',');
}

static void put_header(const struct sw_table *t, struct sw_arena *arena, struct sw_buf *out)
{
    sw_buf_cstr(out, "\xef\xbb\xbf"); /* for Excel */
    if (t->upper.n > 0) {
        put_row(t, arena, &t->upper, out);
        sw_buf_cstr(out, ",,\r\n");
    }
    put_row(t, arena, &t->head, out);
    sw_buf_cstr(out, "," TABLE_LINE_TITLE "," TABLE_REASON_TITLE "\r\n");
}

void sw_table_rejected(const struct sw_table *t, struct sw_refused_row *rows, size_t n,
                       struct sw_buf *out)
{
    struct sw_csv csv = {
        .rest = sw_buf_view(&t->text), .separator = t->facts.separator, .guarded = true};
    struct sw_csv_row *row = sw_malloc(sizeof(*row));
    struct sw_arena arena = {0};
    size_t i = 0;

    if (n > 1)
        qsort(rows, n, sizeof(*rows), by_line);
    put_header(t, &arena, out);
    while (i < n && sw_csv_next(&csv, &arena, row)) {
        if (row->line == rows[i].line) {
            if (row->fault != NULL)
                put_raw(t, row, out);
            else
                put_row(t, &arena, row, out);
            sw_buf_printf(out, ",%u", row->line);
            sw_csv_put(out, rows[i].why, false);
            sw_buf_cstr(out, "\r\n");
            i++;
        }
        sw_arena_reset(&arena);
    }
    sw_arena_free(&arena);
    free(row);
}
