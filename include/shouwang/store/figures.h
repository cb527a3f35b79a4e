/* figures.h - what became of alerts, counted from the record: the figures supervisors ask for.
 * Layer: store. One pass over cases and steps (about 10 µs a step), nothing kept in between, so
 * they equal a recount by definition. Cases count by the month in which they opened, missed
 * households by the month in which they were found (not by rule or level: they had none). There is
 * no way to count by person: figures are to find noisy rules and places without help, not to rank.
 */
#ifndef SHOUWANG_STORE_FIGURES_H
#define SHOUWANG_STORE_FIGURES_H

#include <shouwang/base/zone.h>
#include <shouwang/store/query.h>

enum sw_figure {
    SW_FIGURE_OPENED,      /* cases */
    SW_FIGURE_OPEN,        /* of them not over yet */
    SW_FIGURE_ANSWERED,    /* somebody answered, whatever it was: an act of a case's life */
    SW_FIGURE_TIMED,       /* had a deadline when they were answered, or it has passed unanswered */
    SW_FIGURE_IN_TIME,     /* of the timed: answered before it */
    SW_FIGURE_OVERDUE,     /* a deadline passed at least once */
    SW_FIGURE_VISITS,      /* answers from a visit, those that met nobody among them; the same
                              answer of the same person within the hour is the same visit */
    SW_FIGURE_VERIFIED,    /* cases with an outcome of a visit; true + not true */
    SW_FIGURE_TRUE,        /* the last word was: it is so (needs help, or is helped) */
    SW_FIGURE_NOT_TRUE,    /* the last word was: it is not so */
    SW_FIGURE_PASSED_UP,   /* handed to the next area upwards */
    SW_FIGURE_UNOWNED,     /* nobody owns it now */
    SW_FIGURE_TEXTS,       /* text messages about them */
    SW_FIGURE_UNDELIVERED, /* of them: refused, expired or never delivered by the operator */
    SW_FIGURE_MISSED,      /* households found by another way, without a case in the year before */
    SW_FIGURES
};
const char *sw_figure_name(enum sw_figure f); /* "opened", "in_time" … */

enum sw_figures_by {
    SW_FIGURES_IN_ALL,
    SW_FIGURES_BY_MONTH, /* "2026-11" */
    SW_FIGURES_BY_LEVEL, /* the highest it had */
    SW_FIGURES_BY_RULE,  /* each cause it opened with: a case counts with several */
    SW_FIGURES_BY_ROLE, /* what its owner was when it opened: people.yaml; empty: nobody owned it */
    SW_FIGURES_BY_TOWN, /* nine digits of the area's code */
    SW_FIGURES_BY_VILLAGE,
    SW_FIGURES_BYS
};
const char *sw_figures_by_name(enum sw_figures_by by); /* "month" */

struct sw_figures_filter {
    enum sw_figures_by by;
    sw_time from, until; /* opened in [from, until) */
    struct sw_str area;  /* prefix of the code, empty: any */
    struct sw_str codes; /* beside those of `area`, these too: a JSON array; empty: none */
    const struct sw_zone *zone;
    sw_time now;
};

struct sw_figures_row {
    struct sw_str key;   /* empty: SW_FIGURES_IN_ALL, or not known */
    struct sw_str label; /* the place, the rule's label; may be empty */
    uint64_t n[SW_FIGURES];
};

/* Rows in order of their keys; strings are valid during the call. */
enum sw_code sw_query_figures(struct sw_query *q, const struct sw_figures_filter *f,
                              void (*row)(void *ctx, const struct sw_figures_row *r), void *ctx,
                              struct sw_err *err);

#endif
