/* query.h - reading a store that another process may be writing: the tool's lists.
 * Layer: store. Read-only connections see the last commit and never hold up the writer; each list
 * is paged and bounded. */
#ifndef SHOUWANG_STORE_QUERY_H
#define SHOUWANG_STORE_QUERY_H

#include <shouwang/store/backend.h>

struct sw_query;

/* SW_ENOTFOUND: no such file. SW_EBAD: no store, or of another version. Permission to read suffices
 * (files and directory). */
enum sw_code sw_query_open(struct sw_query **out, const char *path, struct sw_err *err) SW_MUST_USE;
void sw_query_close(struct sw_query *q);
/* How long one list may take before it is stopped with SW_EBUSY; at first 30 s. In a loop: 50 ms.
 */
void sw_query_limit(struct sw_query *q, sw_time limit);
/* Where the database's key is, for sw_query_recompute(). Borrowed. */
void sw_query_key_file(struct sw_query *q, const char *path);

struct sw_case_filter {
    struct sw_str state, level, area, owner; /* empty: any; area: prefix of the code */
    struct sw_str codes;   /* beside those of `area`, these too: a JSON array; empty: none */
    struct sw_str subject; /* id of a household, or code of an area; empty: any */
    bool open_only;        /* every state but "closed" */
    sw_time due_before;    /* those whose time was over then; 0: any */
    int64_t before;        /* case numbers below this one, 0: from the newest */
    uint32_t limit;        /* 0: 100 */
};

/* Rows newest first; strings are valid during the call. Each returns SW_OK also for no rows. */
enum sw_code sw_query_cases(struct sw_query *q, const struct sw_case_filter *f,
                            void (*row)(void *ctx, const struct sw_case_row *c), void *ctx,
                            struct sw_err *err);
enum sw_code sw_query_case(struct sw_query *q, int64_t number,
                           void (*row)(void *ctx, const struct sw_case_row *c), void *ctx,
                           struct sw_err *err); /* SW_ENOTFOUND */
enum sw_code sw_query_steps(struct sw_query *q, int64_t number,
                            void (*row)(void *ctx, const struct sw_step_row *s), void *ctx,
                            struct sw_err *err); /* oldest first */

struct sw_queue_row {
    struct sw_outbox_row out;
    struct sw_str fate;   /* empty: none yet */
    struct sw_str detail; /* newest word of gateway or receipt */
    sw_time fate_at;      /* 0: no fate yet */
};

struct sw_queue_filter {
    struct sw_str gateway; /* empty: any */
    struct sw_str fate;    /* empty: any */
    int64_t number;        /* of a case, 0: any */
    bool waiting_only;     /* not final */
    uint32_t limit;        /* 0: 100 */
    struct sw_str before;  /* messages older than this id, empty: from the newest */
};
enum sw_code sw_query_queue(struct sw_query *q, const struct sw_queue_filter *f,
                            void (*row)(void *ctx, const struct sw_queue_row *m), void *ctx,
                            struct sw_err *err); /* newest first */

enum sw_code sw_query_rejected(struct sw_query *q, uint32_t limit,
                               void (*row)(void *ctx, const struct sw_rejected_row *r), void *ctx,
                               struct sw_err *err); /* newest first */

enum sw_code sw_query_tasks(struct sw_query *q, bool all, uint32_t limit,
                            void (*row)(void *ctx, const struct sw_task_row *t), void *ctx,
                            struct sw_err *err); /* newest first */

/* Totals by name for `status` and the demo's summary: "inputs.event" … (by kind, all that ever
 * were accepted), "rejected.bad_field" … (all that ever were), "cases.open" … (by state),
 * "messages.delivered" … (by newest fate), "messages.waiting" (not final), "tasks". */
enum sw_code sw_query_counts(struct sw_query *q,
                             void (*row)(void *ctx, struct sw_str name, int64_t count), void *ctx,
                             struct sw_err *err);

/* The packed texts of a set of rules that was once active, appended to `out`; SW_ENOTFOUND. */
enum sw_code sw_query_bundle(struct sw_query *q, struct sw_str digest, struct sw_buf *out,
                             struct sw_err *err);
/* An input of the log; SW_ENOTFOUND. */
enum sw_code sw_query_input(struct sw_query *q, int64_t seq,
                            void (*row)(void *ctx, const struct sw_input *in), void *ctx,
                            struct sw_err *err);
/* One message; SW_ENOTFOUND. */
enum sw_code sw_query_message(struct sw_query *q, struct sw_str id,
                              void (*row)(void *ctx, const struct sw_queue_row *m), void *ctx,
                              struct sw_err *err);
/* What is asked between these two sees one and the same commit. */
enum sw_code sw_query_begin(struct sw_query *q, struct sw_err *err);
void sw_query_end(struct sw_query *q);

/* The county as the log has it: the newest snapshot in that file, or none, and the rest of the log.
 * An engine of the caller's own, and the position it has reached. Seconds after a good snapshot,
 * minutes for a whole year. SW_ENOTFOUND: the log is empty. */
enum sw_code sw_query_engine(struct sw_query *q, const char *snapshot, struct sw_engine **out,
                             int64_t *pos, struct sw_err *err);

/* Every page, row and reference; one text per finding, SW_OK also when there are some. As long as
 * it takes: minutes for a year of a province. */
enum sw_code sw_query_check(struct sw_query *q, void (*row)(void *ctx, struct sw_str finding),
                            void *ctx, struct sw_err *err);
/* A whole copy of the last commit at `to`, on disk when it returns. SW_EINVALID: `to` exists. */
enum sw_code sw_query_backup(struct sw_query *q, const char *to, struct sw_err *err);

#endif
