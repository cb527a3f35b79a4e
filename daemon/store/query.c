/* query.c - lists for the command-line tool, from a connection that can only read.
 *
 * WAL gives each list one consistent view and never holds up the writer, but the writer cannot
 * reuse its WAL while a view is open: therefore every list is limited in rows and, by a progress
 * handler, in time. Filters are parameters of fixed statements; where one is selective there is a
 * statement whose text lets SQLite use an index. */
#include "query_parts.h"
#include <errno.h>
#include <fcntl.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { DEFAULT_LIMIT = 100, OPS_PER_LOOK = 1000 };

#define CASE_COLUMNS                                                                               \
    "SELECT number, household, area, place, name, state, level, outcome, owner, causes, rules,"    \
    " score, opened, updated, due FROM cases WHERE "
#define CASES(which)                                                                               \
    CASE_COLUMNS which " AND number < ?1 AND (?2 = '' OR state = ?2) AND (?3 = '' OR level = ?3)"  \
                       " AND (substr(area, 1, length(?4)) = ?4 OR area IN (SELECT value FROM"      \
                       " json_each(?9))) AND (?5 = '' OR owner = ?5)"                              \
                       " AND (?7 = '' OR household = ?7 OR (household = '' AND area = ?7))"        \
                       " AND (?8 = 0 OR (due > 0 AND due < ?8)) ORDER BY number DESC LIMIT ?6"
#define MESSAGE_COLUMNS                                                                            \
    "SELECT id, number, kind, gateway, receiver, body, created, expires, state, attempts,"         \
    " next_at, fate, detail, fate_at FROM message WHERE "
#define QUEUE(which)                                                                               \
    MESSAGE_COLUMNS which                                                                          \
        " AND id < ?1 AND (?2 = '' OR gateway = ?2) AND (?3 = '' OR fate = ?3)"                    \
        " AND (?4 = 0 OR number = ?4) AND (?5 = 0 OR state <> 2) ORDER BY id DESC LIMIT ?6"
#define TASK_COLUMNS "SELECT household, area, rule, text, opened, closed FROM task"
#define RECORD(which)                                                                              \
    "SELECT id, number, at, kind, actor, text, seq, data, hash, link FROM step WHERE " which       \
    " ORDER BY id"

static const char *const texts[QUERY_TEXTS] = {
    [QUERY_CASES] = CASES("1"),
    [QUERY_CASES_OPEN] = CASES("state <> 'closed'"),
    [QUERY_CASE] = CASE_COLUMNS "number = ?1",
    [QUERY_STEPS] =
        "SELECT number, at, kind, actor, text, seq, data FROM step WHERE number = ?1 ORDER BY id",
    [QUERY_QUEUE] = QUEUE("1"),
    [QUERY_QUEUE_CASE] = QUEUE("number = ?4"),
    [QUERY_QUEUE_WAITING] = QUEUE("state <> 2"),
    [QUERY_QUEUE_FATE] = QUEUE("fate = ?3"),
    [QUERY_REJECTED] =
        "SELECT at, door, reason, text, body FROM rejected ORDER BY id DESC LIMIT ?1",
    [QUERY_TASKS] = TASK_COLUMNS " WHERE closed IS NULL OR ?2 ORDER BY id DESC LIMIT ?1",
    [QUERY_MISSED] = TASK_COLUMNS " WHERE rule = '" SW_TASK_MISSED "' ORDER BY id",
    [QUERY_INPUTS] = "SELECT 'inputs.event', n_event FROM part"
                     " UNION ALL SELECT 'inputs.reply', n_reply FROM part"
                     " UNION ALL SELECT 'inputs.fate', n_fate FROM part"
                     " UNION ALL SELECT 'inputs.tick', n_tick FROM part"
                     " UNION ALL SELECT 'inputs.rules', n_rules FROM part"
                     " UNION ALL SELECT 'inputs.history', n_history FROM part",
    [QUERY_REFUSALS] = "SELECT 'rejected.' || reason, n FROM refusal ORDER BY reason",
    [QUERY_CASE_STATES] =
        "SELECT 'cases.' || state, count(*) FROM cases GROUP BY state ORDER BY state",
    [QUERY_FATES] = ("SELECT 'messages.' || fate, count(*) FROM message WHERE fate IS NOT NULL"
                     " GROUP BY fate ORDER BY fate"),
    [QUERY_WAITING] = "SELECT 'messages.waiting', count(*) FROM message WHERE state <> 2",
    [QUERY_TASK_COUNT] = "SELECT 'tasks', count(*) FROM task WHERE closed IS NULL",
    [QUERY_BACKUP] = "VACUUM INTO ?1",
    [QUERY_RECORD] = RECORD("1"),
    [QUERY_RECORD_CASE] = RECORD("number = ?1"),
    [QUERY_RECORD_HEAD] = "SELECT n_step, head FROM part WHERE part = 0",
    [QUERY_ROWS] = CASE_COLUMNS "1 ORDER BY number",
    [QUERY_MESSAGE] = MESSAGE_COLUMNS "id = ?1",
    [QUERY_LOG] = "SELECT seq, now, kind, body FROM event WHERE seq > ?1 ORDER BY seq",
    [QUERY_INPUT] = "SELECT seq, now, kind, body FROM event WHERE seq = ?1",
    [QUERY_BUNDLE] = "SELECT body FROM bundle WHERE digest = ?1",
    [QUERY_META] = "SELECT value FROM meta WHERE name = ?1",
    [QUERY_END] = "SELECT pos FROM part WHERE part = 0",
};

/* ---- connection ----------------------------------------------------------------------------- */

static sw_time monotonic(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (sw_time)ts.tv_sec * SW_SECOND + ts.tv_nsec / 1000;
}

/* Not 0: SQLite gives up with SQLITE_INTERRUPT. */
static int on_progress(void *ctx)
{
    const struct sw_query *q = ctx;

    return q->deadline != 0 && monotonic() > q->deadline;
}

enum sw_code sw_query_open(struct sw_query **out, const char *path, struct sw_err *err)
{
    struct sw_query *q;
    enum sw_code rc;

    if (access(path, F_OK) != 0 && errno == ENOENT)
        return sw_fail(err, SW_ENOTFOUND,
                       _("there is no database %s; the service makes it when it "
                         "first starts"),
                       path);
    q = sw_calloc(1, sizeof(*q));
    q->limit = 30 * SW_SECOND;
    rc = sw_db_open(&q->db, path, SQLITE_OPEN_READONLY, texts, QUERY_TEXTS, err);
    if (rc == SW_OK)
        rc = sw_db_exec(&q->db, "PRAGMA busy_timeout = 2000; PRAGMA trusted_schema = OFF;", err);
    if (rc == SW_OK)
        rc = sw_check_version(&q->db, err);
    if (rc != SW_OK) {
        sw_query_close(q);
        return rc;
    }
    sqlite3_progress_handler(q->db.handle, OPS_PER_LOOK, on_progress, q);
    *out = q;
    return SW_OK;
}

void sw_query_close(struct sw_query *q)
{
    if (q == NULL)
        return;
    sw_db_close(&q->db);
    free(q);
}

enum sw_code sw_query_begin(struct sw_query *q, struct sw_err *err)
{
    return sw_db_exec(&q->db, "BEGIN", err);
}

void sw_query_end(struct sw_query *q)
{
    (void)sw_db_exec(&q->db, "COMMIT", NULL);
}

void sw_query_key_file(struct sw_query *q, const char *path)
{
    q->key_file = path;
}

void sw_query_limit(struct sw_query *q, sw_time limit)
{
    q->limit = limit;
}

struct sw_use sw_query_use(struct sw_query *q, enum sw_query_text text)
{
    q->deadline = monotonic() + q->limit;
    return sw_use(&q->db, (int)text);
}

static int64_t rows_of(uint32_t limit)
{
    return limit == 0 ? DEFAULT_LIMIT : limit;
}

/* ---- cases and their steps ------------------------------------------------------------------ */

struct sw_case_row sw_query_get_case(struct sw_use *u)
{
    struct sw_case_row c = {.number = sw_get_int(u)};
    struct sw_str *const text[] = {&c.household, &c.area,    &c.place, &c.name,   &c.state,
                                   &c.level,     &c.outcome, &c.owner, &c.causes, &c.rules};

    for (size_t i = 0; i < SW_COUNTOF(text); i++)
        *text[i] = sw_get_str(u);
    c.score = sw_get_real(u);
    c.opened = sw_get_int(u);
    c.updated = sw_get_int(u);
    c.due = sw_get_int(u);
    return c;
}

enum sw_code sw_query_cases(struct sw_query *q, const struct sw_case_filter *f,
                            void (*row)(void *ctx, const struct sw_case_row *c), void *ctx,
                            struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, f->open_only ? QUERY_CASES_OPEN : QUERY_CASES);

    sw_put_int(&u, f->before == 0 ? INT64_MAX : f->before);
    sw_put_str(&u, f->state);
    sw_put_str(&u, f->level);
    sw_put_str(&u, f->area);
    sw_put_str(&u, f->owner);
    sw_put_int(&u, rows_of(f->limit));
    sw_put_str(&u, f->subject);
    sw_put_int(&u, f->due_before);
    sw_put_str(&u, f->codes.n == 0 ? SW_STR("[]") : f->codes);
    while (sw_use_row(&u)) {
        struct sw_case_row c = sw_query_get_case(&u);

        row(ctx, &c);
    }
    return sw_use_end(&u, err);
}

enum sw_code sw_query_case(struct sw_query *q, int64_t number,
                           void (*row)(void *ctx, const struct sw_case_row *c), void *ctx,
                           struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, QUERY_CASE);
    bool found = false;
    enum sw_code rc;

    sw_put_int(&u, number);
    while (sw_use_row(&u)) {
        struct sw_case_row c = sw_query_get_case(&u);

        found = true;
        row(ctx, &c);
    }
    rc = sw_use_end(&u, err);
    return rc == SW_OK && !found
               ? sw_fail(err, SW_ENOTFOUND, _("there is no case %lld"), (long long)number)
               : rc;
}

enum sw_code sw_query_steps(struct sw_query *q, int64_t number,
                            void (*row)(void *ctx, const struct sw_step_row *s), void *ctx,
                            struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, QUERY_STEPS);

    sw_put_int(&u, number);
    while (sw_use_row(&u)) {
        struct sw_step_row s = sw_get_step(&u);

        row(ctx, &s);
    }
    return sw_use_end(&u, err);
}

/* ---- messages ------------------------------------------------------------------------------- */

static enum sw_query_text queue_text(const struct sw_queue_filter *f)
{
    if (f->number != 0)
        return QUERY_QUEUE_CASE;
    if (f->waiting_only)
        return QUERY_QUEUE_WAITING;
    return f->fate.n > 0 ? QUERY_QUEUE_FATE : QUERY_QUEUE;
}

void sw_query_get_message(struct sw_use *u, char id[MESSAGE_ID_SIZE], struct sw_queue_row *r)
{
    r->out = sw_get_outbox(u, id);
    r->fate = sw_get_str(u);
    r->detail = sw_get_str(u);
    r->fate_at = sw_get_int(u);
}

enum sw_code sw_query_queue(struct sw_query *q, const struct sw_queue_filter *f,
                            void (*row)(void *ctx, const struct sw_queue_row *m), void *ctx,
                            struct sw_err *err)
{
    int64_t before = f->before.n == 0 ? INT64_MAX : sw_message_rowid(f->before);
    char id[MESSAGE_ID_SIZE];
    struct sw_queue_row r;
    struct sw_use u;

    if (before == 0)
        return sw_fail(err, SW_EINVALID, _("\"%.*s\" is no message id (input-number)"),
                       SW_STR_ARG(f->before));
    u = sw_query_use(q, queue_text(f));
    sw_put_int(&u, before);
    sw_put_str(&u, f->gateway);
    sw_put_str(&u, f->fate);
    sw_put_int(&u, f->number);
    sw_put_int(&u, f->waiting_only);
    sw_put_int(&u, rows_of(f->limit));
    while (sw_use_row(&u)) {
        sw_query_get_message(&u, id, &r);
        row(ctx, &r);
    }
    return sw_use_end(&u, err);
}

enum sw_code sw_query_message(struct sw_query *q, struct sw_str id,
                              void (*row)(void *ctx, const struct sw_queue_row *m), void *ctx,
                              struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, QUERY_MESSAGE);
    char room[MESSAGE_ID_SIZE];
    struct sw_queue_row r;
    bool found = false;
    enum sw_code rc;

    sw_put_int(&u, sw_message_rowid(id));
    while (sw_use_row(&u)) {
        sw_query_get_message(&u, room, &r);
        found = true;
        row(ctx, &r);
    }
    rc = sw_use_end(&u, err);
    return rc == SW_OK && !found
               ? sw_fail(err, SW_ENOTFOUND, _("there is no message %.*s"), SW_STR_ARG(id))
               : rc;
}

/* ---- the log ------------------------------------------------------------------------------- */

enum sw_code sw_query_input(struct sw_query *q, int64_t seq,
                            void (*row)(void *ctx, const struct sw_input *in), void *ctx,
                            struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, QUERY_INPUT);
    bool found = false;
    struct sw_input in;
    enum sw_code rc;

    sw_put_int(&u, seq);
    while (sw_use_row(&u)) {
        in = sw_get_input(&u);
        found = true;
        row(ctx, &in);
    }
    rc = sw_use_end(&u, err);
    return rc == SW_OK && !found
               ? sw_fail(err, SW_ENOTFOUND, _("there is no input %lld"), (long long)seq)
               : rc;
}

enum sw_code sw_query_bundle(struct sw_query *q, struct sw_str digest, struct sw_buf *out,
                             struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, QUERY_BUNDLE);

    return sw_use_bundle(&u, digest, out, err);
}

/* ---- the rest ------------------------------------------------------------------------------- */

enum sw_code sw_query_rejected(struct sw_query *q, uint32_t limit,
                               void (*row)(void *ctx, const struct sw_rejected_row *r), void *ctx,
                               struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, QUERY_REJECTED);
    struct sw_rejected_row r;

    sw_put_int(&u, rows_of(limit));
    while (sw_use_row(&u)) {
        r.at = sw_get_int(&u);
        r.door = sw_get_str(&u);
        r.reason = sw_get_str(&u);
        r.text = sw_get_str(&u);
        r.body = sw_get_str(&u);
        row(ctx, &r);
    }
    return sw_use_end(&u, err);
}

struct sw_task_row sw_query_get_task(struct sw_use *u)
{
    struct sw_task_row t;

    t.household = sw_get_str(u);
    t.area = sw_get_str(u);
    t.rule = sw_get_str(u);
    t.text = sw_get_str(u);
    t.opened = sw_get_int(u);
    t.closed = sw_get_int(u);
    return t;
}

enum sw_code sw_query_tasks(struct sw_query *q, bool all, uint32_t limit,
                            void (*row)(void *ctx, const struct sw_task_row *t), void *ctx,
                            struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, QUERY_TASKS);

    sw_put_int(&u, rows_of(limit));
    sw_put_int(&u, all);
    while (sw_use_row(&u)) {
        struct sw_task_row t = sw_query_get_task(&u);

        row(ctx, &t);
    }
    return sw_use_end(&u, err);
}

enum sw_code sw_query_counts(struct sw_query *q,
                             void (*row)(void *ctx, struct sw_str name, int64_t count), void *ctx,
                             struct sw_err *err)
{
    static const enum sw_query_text counts[] = {QUERY_INPUTS, QUERY_REFUSALS, QUERY_CASE_STATES,
                                                QUERY_FATES,  QUERY_WAITING,  QUERY_TASK_COUNT};
    enum sw_code rc = SW_OK;

    for (size_t i = 0; rc == SW_OK && i < SW_COUNTOF(counts); i++) {
        struct sw_use u = sw_query_use(q, counts[i]);

        while (sw_use_row(&u)) {
            struct sw_str name = sw_get_str(&u);

            row(ctx, name, sw_get_int(&u));
        }
        rc = sw_use_end(&u, err);
    }
    return rc;
}

/* ---- the whole file ------------------------------------------------------------------------- */

enum sw_code sw_query_check(struct sw_query *q, void (*row)(void *ctx, struct sw_str finding),
                            void *ctx, struct sw_err *err)
{
    static const char *const checks[] = {
        "PRAGMA integrity_check",
        ("SELECT format('%s row %d: refers to a missing row of %s', \"table\", rowid, parent)"
         " FROM pragma_foreign_key_check"),
        ("SELECT format('event: %d rows from %d to %d, part is at %d', count(*), min(seq), "
         "max(seq),"
         " pos) FROM event, part"
         " HAVING count(*) <> pos OR coalesce(min(seq), 1) <> 1 OR coalesce(max(seq), 0) <> pos"),
    };
    enum sw_code rc = SW_OK;

    q->deadline = 0;
    for (size_t i = 0; rc == SW_OK && i < SW_COUNTOF(checks); i++)
        rc = sw_db_check(&q->db, checks[i], row, ctx, err);
    return rc;
}

static enum sw_code fail_errno(const char *path, struct sw_err *err)
{
    return sw_fail(err, errno == ENOSPC ? SW_EFULL : SW_EIO, "%s: %s", path, strerror(errno));
}

enum sw_code sw_query_backup(struct sw_query *q, const char *to, struct sw_err *err)
{
    int fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600); /* it holds what people told */
    struct sw_use u;
    enum sw_code rc;

    if (fd < 0 && errno == EEXIST)
        return sw_fail(err, SW_EINVALID, _("%s exists already; a backup does not replace a file"),
                       to);
    if (fd < 0)
        return fail_errno(to, err);
    u = sw_query_use(q, QUERY_BACKUP);
    q->deadline = 0;
    sw_put_str(&u, sw_str(to));
    rc = sw_use_run(&u, err);
    if (rc == SW_OK && fsync(fd) != 0) /* SQLite does not sync the copy */
        rc = fail_errno(to, err);
    if (rc == SW_OK)
        rc = sw_place_sync(to, err);
    if (rc != SW_OK)
        unlink(to);
    close(fd);
    return rc;
}
