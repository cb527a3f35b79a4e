/* reads.h - what read.c shares with fold.c and eval.c. Private to lang. */
#ifndef LANG_READS_H
#define LANG_READS_H

#include "lang/code.h"

struct cached {
    uint32_t epoch; /* of the frame it was read in */
    sw_day horizon;
    struct sw_value value;
};

struct sw_reads {
    struct cached *at; /* by number of the read */
    size_t n;
    uint32_t epoch;
    struct sw_value *room[2]; /* fields of the event in hand: of the stream, of what ends it */
    struct sw_arena arena;    /* records and groups of this frame */
};

void sw_reads_forget(struct sw_reads *r);

/* A value in the making. */
struct gather {
    uint32_t n;            /* events that count for certain */
    struct sw_value value; /* sum, best or latest so far */
    struct sw_value doubt; /* true, or why the result is not known */
    struct sw_value *seen; /* distinct() */
    size_t n_seen, cap_seen;
    sw_day last;
};

struct group;

/* One read while it is being done. */
struct reading {
    struct sw_frame *frame;
    struct sw_reads *reads;
    const struct read *read;
    sw_day horizon;
    int32_t month, month_then; /* by_month: today's and the event's, counted from year 0 */
    struct gather all;         /* of a read that is not grouped */
    struct group *group;       /* of one that is */
    size_t n_groups, cap_groups;
    struct sw_value doubt; /* true; or an event counts and nobody knows for which group */
};

/* The value may be another one from this day on, if the day is to come. */
void sw_reading_turns(struct reading *g, int64_t day);
struct sw_value sw_reading_value(struct reading *g, const struct folding *f,
                                 const struct sw_cursor *c);

/* fold.c: begin, add the events that count today in order of days, end. `doubt`: true when the
 * event counts for certain, else why it is not known. */
void sw_fold_begin(struct reading *g, uint32_t months);
void sw_fold_add(struct reading *g, const struct sw_cursor *c, struct sw_value doubt);
struct sw_value sw_fold_end(struct reading *g);

#endif
