/* stream.h - the steps of a chain that reads events. Private to lang. */
#ifndef LANG_STREAM_H
#define LANG_STREAM_H

/* In node->index of a call (or plain macro) on a stream. */
enum step {
    STEP_NONE,
    /* which events */
    STEP_WITHIN,
    STEP_OLDER,
    STEP_BETWEEN,
    STEP_YEAR,
    STEP_PERIOD,
    STEP_OPEN,
    STEP_ENDS,
    STEP_WHERE,
    STEP_UNLESS,
    STEP_MAP, /* a plain macro's .map(e, …): what the fold behind it takes */
    /* in groups */
    STEP_BY,
    STEP_BY_MONTH,
    /* one value of them all; the same of one group */
    FOLD_COUNT,
    FOLD_SUM,
    FOLD_MAX,
    FOLD_MIN,
    FOLD_AVG,
    FOLD_DISTINCT,
    FOLD_LATEST,
    FOLD_DAYS_SINCE,
    FOLD_EXISTS,
    /* of groups */
    FOLD_GROUPS_EXIST,
    FOLD_COUNT_IF,
    FOLD_GROUPS
};

#define SW_WINDOW_DAYS_MAX   1830 /* five years */
#define SW_WINDOW_MONTHS_MAX 60

#endif
