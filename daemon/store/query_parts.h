/* query_parts.h - what the files that read a store beside its owner share. Private to store. */
#ifndef STORE_QUERY_PARTS_H
#define STORE_QUERY_PARTS_H

#include "sqlite.h"
#include <shouwang/store/query.h>

struct sw_query {
    struct sw_db db;
    const char *key_file; /* NULL: not said */
    sw_time limit;
    sw_time deadline; /* monotonic, 0: none */
};

enum sw_query_text {
    QUERY_CASES,
    QUERY_CASES_OPEN,
    QUERY_CASE,
    QUERY_STEPS,
    QUERY_QUEUE,
    QUERY_QUEUE_CASE,
    QUERY_QUEUE_WAITING,
    QUERY_QUEUE_FATE,
    QUERY_REJECTED,
    QUERY_TASKS,
    QUERY_MISSED,
    QUERY_INPUTS,
    QUERY_REFUSALS,
    QUERY_CASE_STATES,
    QUERY_FATES,
    QUERY_WAITING,
    QUERY_TASK_COUNT,
    QUERY_BACKUP,
    QUERY_RECORD,
    QUERY_RECORD_CASE,
    QUERY_RECORD_HEAD,
    QUERY_ROWS,
    QUERY_MESSAGE,
    QUERY_LOG,
    QUERY_INPUT,
    QUERY_BUNDLE,
    QUERY_META,
    QUERY_END,
    QUERY_TEXTS
};

/* A use whose time begins now. */
struct sw_use sw_query_use(struct sw_query *q, enum sw_query_text text);
struct sw_case_row sw_query_get_case(struct sw_use *u);
struct sw_task_row sw_query_get_task(struct sw_use *u);
/* The columns of a message; `id` holds its text. */
void sw_query_get_message(struct sw_use *u, char id[MESSAGE_ID_SIZE], struct sw_queue_row *r);

/* replay.c: inputs of the log after `pos` through `engine`, made with the first rules when it is
 * NULL; `each` is told what each brought about and says whether to go on. The engine stays the
 * caller's. */
struct sw_replay {
    struct sw_query *q;
    struct sw_engine *engine;
    int64_t pos;
    bool (*each)(void *ctx, bool accepted, const struct sw_effects *fx); /* or NULL */
    void *ctx;
    struct sw_err *err;
    struct sw_effects fx; /* of the input in hand */
};
enum sw_code sw_replay_run(struct sw_replay *r);

#endif
