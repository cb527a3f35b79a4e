/* diag.h - findings about a text somebody wrote: file:line:column, what is wrong, what to do.
 * Layer: base. One run reports all findings it can, sorted by place when printed.
 *
 *     rules/base.yaml:20:52: error: medical.bill has no field self_payed; did you mean self_paid?
 *         when: medical.bill.within(days(365)).sum(self_payed) >= line
 *                                                  ^
 */
#ifndef SHOUWANG_BASE_DIAG_H
#define SHOUWANG_BASE_DIAG_H

#include <shouwang/base/arena.h>
#include <shouwang/base/buf.h>
#include <stdio.h>

enum sw_severity { SW_WARNING, SW_ERROR };

struct sw_place {
    struct sw_str file;
    struct sw_str text; /* the whole file, for the caret line; empty: no caret line */
    uint32_t line;      /* from 1; 0: the whole file */
    uint32_t column;    /* from 1, in characters (code points) */
};

struct sw_finding {
    struct sw_finding *next;
    struct sw_place at; /* a copy; text is the one line */
    enum sw_severity severity;
    struct sw_str message; /* in the reader's language */
};

/* Owner: the caller that collects. Zero is a valid empty list. Findings beyond 100 are counted,
 * not kept. */
struct sw_diag {
    struct sw_arena arena;
    struct sw_finding *first, *last;
    size_t errors, warnings;
};

void sw_diag_add(struct sw_diag *d, enum sw_severity severity, struct sw_place at, const char *fmt,
                 ...) SW_PRINTF(4, 5);
/* All findings by file and place, each with its caret line; appended to `out`. */
void sw_diag_format(const struct sw_diag *d, struct sw_buf *out);
void sw_diag_print(const struct sw_diag *d, FILE *to);
void sw_diag_free(struct sw_diag *d);
/* Behind "no such word": "; did you mean a?" or, when they are few enough to read, "; there is a
 * (甲), b (乙)". Never leaves out->p NULL. `labels` may be NULL. */
void sw_put_choices(struct sw_buf *out, struct sw_str word, const struct sw_str *names,
                    const struct sw_str *labels, size_t n);

#endif
