/* store_fixture.h - batches with known contents, and the check that a database holds exactly the
 * first so many of them: the log and every row that follows from it. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include "../tap.h"
#include <shouwang/base/err.h>
#include <shouwang/store/query.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PER_BATCH = 3, T0 = 1700000000 };

/* ---- a folder of the test's own ------------------------------------------------------------- */

static char folder[512];
static char db_path[600];

static inline void remove_folder(void)
{
    char command[600];

    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    if (system(command) != 0)
        note("%s stays", folder);
}

/* In memory where there is a place for that: these tests sync thousands of times. */
static inline void make_folder(void)
{
    const char *base = getenv("TMPDIR");

    if (base == NULL)
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof(folder), "%s/shouwang-store.XXXXXX", base);
    if (mkdtemp(folder) == NULL)
        exit(2);
    snprintf(db_path, sizeof(db_path), "%s/test.db", folder);
    atexit(remove_folder);
}

static inline void remove_database(void)
{
    static const char *const suffix[] = {"", "-wal", "-shm", "-journal", ".lock"};

    for (size_t i = 0; i < SW_COUNTOF(suffix); i++) {
        char path[700];

        snprintf(path, sizeof(path), "%s%s", db_path, suffix[i]);
        unlink(path);
    }
}

/* ---- batches -------------------------------------------------------------------------------- */

/* Batch k: inputs 3k + 1 … 3k + 3; case 100 + k / 2, so each is written twice; a step; a message,
 * and the last word on the message of the batch before; a refused input with every fourth, a task
 * with every fifth, a bundle with the first. */
struct batch {
    struct sw_commit commit;
    struct sw_effects fx;
    struct sw_input in[PER_BATCH];
    char body[PER_BATCH][80];
    char id[32], id_before[32];
    struct sw_case_row c;
    struct sw_step_row s;
    struct sw_message_row m;
    struct sw_task_row t;
    struct sw_fate_row f;
    struct sw_outbox_change o;
    struct sw_rejected_row r;
    struct sw_bundle_row bundle;
    char *filler; /* makes the first body longer; free() it */
};

static inline void batch_inputs(struct batch *b, int64_t k, size_t filler)
{
    for (int i = 0; i < PER_BATCH; i++) {
        int64_t seq = PER_BATCH * k + 1 + i;

        snprintf(b->body[i], sizeof(b->body[i]), "{\"id\":\"e%" PRId64 "\",\"note\":\"住院\"}",
                 seq);
        b->in[i] = (struct sw_input){.seq = seq,
                                     .now = (T0 + seq) * SW_SECOND,
                                     .kind = i == 2 ? SW_IN_REPLY : SW_IN_EVENT,
                                     .body = sw_str(b->body[i])};
    }
    if (filler > 0) {
        b->filler = malloc(filler);
        memset(b->filler, 'a' + (int)(k % 26), filler);
        b->in[0].body = (struct sw_str){b->filler, filler};
    }
    b->commit.inputs.at = b->in;
    b->commit.inputs.n = PER_BATCH;
}

static inline void batch_rows(struct batch *b, int64_t k)
{
    sw_time now = (T0 + PER_BATCH * k) * SW_SECOND;

    snprintf(b->id, sizeof(b->id), "%" PRId64 "-0", PER_BATCH * k + 1);
    snprintf(b->id_before, sizeof(b->id_before), "%" PRId64 "-0", PER_BATCH * (k - 1) + 1);
    b->c = (struct sw_case_row){.number = 100 + k / 2,
                                .household = SW_STR("H1"),
                                .area = k % 4 < 2 ? SW_STR("3301") : SW_STR("3302"),
                                .place = SW_STR("大溪镇石桥村"),
                                .name = SW_STR("张*"),
                                .state = k % 8 < 4 ? SW_STR("open") : SW_STR("closed"),
                                .level = k % 2 == 0 ? SW_STR("yellow") : SW_STR("orange"),
                                .owner = SW_STR("C1"),
                                .causes = SW_STR("[]"),
                                .rules = SW_STR("digest"),
                                .score = (double)k + 0.5,
                                .opened = now,
                                .updated = now,
                                .due = now + 86400 * SW_SECOND};
    b->s = (struct sw_step_row){.number = b->c.number,
                                .at = now,
                                .kind = SW_STR("raised"),
                                .actor = SW_STR("engine"),
                                .text = SW_STR("x"),
                                .seq = PER_BATCH * k + 1,
                                .data = SW_STR("{}")};
    b->m = (struct sw_message_row){.id = sw_str(b->id),
                                   .number = b->c.number,
                                   .kind = SW_STR("alert"),
                                   .gateway = k % 2 == 0 ? SW_STR("sms") : SW_STR("hook"),
                                   .to = SW_STR("13800000001"),
                                   .body = SW_STR("【守望】…"),
                                   .created = now,
                                   .expires = now + 3600 * SW_SECOND};
    b->t = (struct sw_task_row){.household = sw_str(b->id),
                                .rule = SW_STR("R1"),
                                .text = SW_STR("查明收入"),
                                .opened = now};
    b->f = (struct sw_fate_row){sw_str(b->id_before), SW_STR("delivered"), SW_STR("ok"), now};
    b->o = (struct sw_outbox_change){sw_str(b->id_before), SW_OUT_FINAL, 1, now, {0}};
    b->r = (struct sw_rejected_row){now, SW_STR("http"), SW_STR("bad_field"), SW_STR("why"),
                                    SW_STR("\xff\x00{")};
}

#define SET_ROWS(rows, row, count) ((rows).at = (row), (rows).n = (count))

/* The caller keeps `b` where it is. */
static inline void batch_make(struct batch *b, int64_t epoch, int64_t k, size_t filler)
{
    *b = (struct batch){0};
    batch_inputs(b, k, filler);
    batch_rows(b, k);
    SET_ROWS(b->fx.cases, &b->c, 1);
    SET_ROWS(b->fx.steps, &b->s, 1);
    SET_ROWS(b->fx.messages, &b->m, 1);
    SET_ROWS(b->fx.tasks, &b->t, k % 5 == 0);
    SET_ROWS(b->fx.fates, &b->f, k > 0);
    b->commit.epoch = epoch;
    b->commit.old_pos = PER_BATCH * k;
    b->commit.new_pos = PER_BATCH * (k + 1);
    b->commit.fx = &b->fx;
    SET_ROWS(b->commit.outbox, &b->o, k > 0);
    SET_ROWS(b->commit.rejected, &b->r, k % 4 == 0);
    b->bundle = (struct sw_bundle_row){SW_STR("digest"), SW_STR("packed")};
    SET_ROWS(b->commit.bundles, &b->bundle, k == 0);
}

static inline enum sw_code batch_commit(void *handle, int64_t epoch, int64_t k, size_t filler,
                                        struct sw_err *err)
{
    struct batch b;
    enum sw_code rc;

    batch_make(&b, epoch, k, filler);
    rc = sw_backend_sqlite.commit(handle, &b.commit, err);
    free(b.filler);
    return rc;
}

/* ---- is it all there? ----------------------------------------------------------------------- */

struct census {
    int64_t cases, orange, steps, messages, waiting, rejected, tasks, findings, count;
    int64_t inputs, order;
    bool wrong;
};

static inline bool census_input(void *ctx, const struct sw_input *in)
{
    struct census *n = ctx;
    char body[80];
    int64_t seq = ++n->inputs;

    snprintf(body, sizeof(body), "{\"id\":\"e%" PRId64 "\",\"note\":\"住院\"}", seq);
    n->wrong |= in->seq != seq || in->now != (T0 + seq) * SW_SECOND ||
                in->kind != (seq % PER_BATCH == 0 ? SW_IN_REPLY : SW_IN_EVENT) ||
                (in->body.n < 200 && !sw_str_is(in->body, body));
    return true;
}

static inline void census_case(void *ctx, const struct sw_case_row *c)
{
    struct census *n = ctx;

    n->cases++;
    n->orange += sw_str_is(c->level, "orange");
}

static inline void census_step(void *ctx, const struct sw_step_row *s)
{
    struct census *n = ctx;

    n->steps++;
    n->wrong |= !sw_str_is(s->actor, "engine");
}

static inline void census_message(void *ctx, const struct sw_queue_row *m)
{
    struct census *n = ctx;
    bool is_last = n->messages++ == 0; /* newest first */

    n->wrong |= is_last != (m->out.state == SW_OUT_PENDING) || is_last != (m->fate.n == 0) ||
                (!is_last && (!sw_str_is(m->fate, "delivered") || m->out.attempts != 1));
}

static inline bool census_waiting(void *ctx, const struct sw_outbox_row *m)
{
    ((struct census *)ctx)->waiting += m->state == SW_OUT_PENDING;
    return true;
}

static inline void census_rejected(void *ctx, const struct sw_rejected_row *r)
{
    struct census *n = ctx;

    n->rejected++;
    n->wrong |= !sw_str_eq(r->body, SW_STR("\xff\x00{"));
}

static inline void census_task(void *ctx, const struct sw_task_row *t)
{
    (void)t;
    ((struct census *)ctx)->tasks++;
}

static inline void census_finding(void *ctx, struct sw_str finding)
{
    note("%.*s", SW_STR_ARG(finding));
    ((struct census *)ctx)->findings++;
}

static inline void census_query(struct census *n, int64_t batches)
{
    static const struct sw_case_filter every_case = {.limit = 100000};
    static const struct sw_queue_filter every_message = {.limit = 100000};
    struct sw_query *q = NULL;
    struct sw_err err;

    if (sw_query_open(&q, db_path, &err) != SW_OK) {
        note("%s", err.text);
        n->wrong = true;
        return;
    }
    n->wrong |= sw_query_cases(q, &every_case, census_case, n, &err) != SW_OK;
    for (int64_t k = 0; k < batches; k += 2)
        n->wrong |= sw_query_steps(q, 100 + k / 2, census_step, n, &err) != SW_OK;
    n->wrong |= sw_query_queue(q, &every_message, census_message, n, &err) != SW_OK;
    n->wrong |= sw_query_rejected(q, 100000, census_rejected, n, &err) != SW_OK;
    n->wrong |= sw_query_tasks(q, true, 100000, census_task, n, &err) != SW_OK;
    n->wrong |= sw_query_check(q, census_finding, n, &err) != SW_OK;
    sw_query_close(q);
}

/* The open store holds batches 0 … batches - 1 wholly and nothing else. Quiet unless it does not.
 */
static inline bool holds_exactly(void *handle, int64_t batches)
{
    struct census n = {0};
    struct sw_buf bundle = {0};
    struct sw_err err = {0};
    bool good;

    n.wrong |= sw_backend_sqlite.read_log(handle, 0, census_input, &n, &err) != SW_OK;
    n.wrong |= sw_backend_sqlite.read_outbox(handle, census_waiting, &n, &err) != SW_OK;
    n.wrong |= (sw_backend_sqlite.read_bundle(handle, SW_STR("digest"), &bundle, &err) == SW_OK) !=
               (batches > 0);
    census_query(&n, batches);
    sw_buf_free(&bundle);
    good = !n.wrong && n.inputs == batches * PER_BATCH && n.cases == (batches + 1) / 2 &&
           n.orange == batches / 2 && n.steps == batches && n.messages == batches &&
           n.waiting == (batches > 0) && n.rejected == (batches + 3) / 4 &&
           n.tasks == (batches + 4) / 5 && n.findings == 0;
    if (!good)
        note("%" PRId64 " batches wanted; wrong %d inputs %" PRId64 " cases %" PRId64
             " orange %" PRId64 " steps %" PRId64 " messages %" PRId64 " waiting %" PRId64
             " rejected %" PRId64 " tasks %" PRId64 " findings %" PRId64 " (%s)",
             batches, n.wrong, n.inputs, n.cases, n.orange, n.steps, n.messages, n.waiting,
             n.rejected, n.tasks, n.findings, err.text);
    return good;
}

#endif
