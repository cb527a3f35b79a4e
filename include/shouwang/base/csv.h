/* csv.h - RFC 4180 records with the line each began on.
 * Layer: base. Reads from memory; accepts LF and CRLF, a UTF-8 byte order mark, no newline at the
 * end. Own code because the packaged libcsv tells no positions, and a refusal must name a line. */
#ifndef SHOUWANG_BASE_CSV_H
#define SHOUWANG_BASE_CSV_H

#include <shouwang/base/arena.h>

#define SW_CSV_FIELDS 256

struct sw_csv {
    struct sw_str rest; /* set to the text before the first call */
    uint32_t line;      /* lines consumed so far; set to 0 */
    size_t fields;      /* how many each record must have, 0: any number */
    char separator;     /* 0: a comma */
    bool guarded; /* a field may stand as ="…", which keeps spreadsheets from counting with it;
                   * it is handed over with that */
};

struct sw_csv_row {
    uint32_t line; /* where the record began, from 1 */
    size_t n;
    struct sw_str field[SW_CSV_FIELDS];
    const char *at[SW_CSV_FIELDS]; /* where each begins in the text, its quote if it has one */
    const char *fault; /* NULL, or why the record is unusable (for _()); reading goes on with the
                        * next line, even when a quote seemed to lead further */
};

/* The next record; false at the end. Blank lines are skipped. Unquoted fields point into the text,
 * quoted ones with "" into `arena`. */
bool sw_csv_next(struct sw_csv *c, struct sw_arena *arena, struct sw_csv_row *row);
/* Append one field, quoted when it has to be, and a separator before it unless `first`. */
struct sw_buf;
void sw_csv_put(struct sw_buf *out, struct sw_str field, bool first);

#endif
