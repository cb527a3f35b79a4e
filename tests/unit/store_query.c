/* Lists read from a database that another process may be writing. */
#include "../../daemon/store/sqlite.h"
#include "store_fixture.h"
#include <fcntl.h>
#include <sys/wait.h>

enum { BATCHES = 80 };

static const struct sw_backend *const sqlite = &sw_backend_sqlite;

/* Numbers or ids a list gave, in order. */
struct seen {
    int64_t number[200];
    char id[200][32];
    size_t n;
    int64_t score;
    char text[64];
};

static void see_case(void *ctx, const struct sw_case_row *c)
{
    struct seen *s = ctx;

    s->number[s->n++] = c->number;
    s->score = (int64_t)(c->score * 2);
    snprintf(s->text, sizeof(s->text), "%.*s %.*s %.*s", SW_STR_ARG(c->area), SW_STR_ARG(c->state),
             SW_STR_ARG(c->place));
}

static void see_step(void *ctx, const struct sw_step_row *p)
{
    struct seen *s = ctx;

    s->number[s->n++] = p->at / SW_SECOND;
}

static void see_message(void *ctx, const struct sw_queue_row *m)
{
    struct seen *s = ctx;

    snprintf(s->id[s->n], sizeof(s->id[0]), "%.*s", SW_STR_ARG(m->out.message.id));
    s->number[s->n++] = m->out.message.number;
    snprintf(s->text, sizeof(s->text), "%d %.*s %.*s", (int)m->out.state, SW_STR_ARG(m->fate),
             SW_STR_ARG(m->detail));
}

static void see_count(void *ctx, struct sw_str name, int64_t count)
{
    struct sw_buf *out = ctx;

    sw_buf_printf(out, "%.*s=%" PRId64 " ", SW_STR_ARG(name), count);
}

static struct seen cases(struct sw_query *q, struct sw_case_filter f)
{
    struct seen s = {0};
    struct sw_err err;

    is_int(sw_query_cases(q, &f, see_case, &s, &err), SW_OK);
    return s;
}

static struct seen queue(struct sw_query *q, struct sw_queue_filter f)
{
    struct seen s = {0};
    struct sw_err err;

    is_int(sw_query_queue(q, &f, see_message, &s, &err), SW_OK);
    return s;
}

static void test_cases(struct sw_query *q)
{
    struct seen s = cases(q, (struct sw_case_filter){0});
    struct sw_err err;

    is_int(s.n, 40);
    is_int(s.number[0], 139);
    is_int(s.number[39], 100);
    is_int_named(s.score, 3, "the newer of two rows of one case");
    is_str(sw_str(s.text), "3301 open 大溪镇石桥村");
    s = cases(q, (struct sw_case_filter){.limit = 3, .before = 110});
    ok_named(s.n == 3 && s.number[0] == 109 && s.number[2] == 107, "pages");
    s = cases(q, (struct sw_case_filter){.open_only = true, .limit = 200});
    ok_named(s.n == 20 && s.number[0] == 137 && s.number[19] == 100, "open ones");
    s = cases(q, (struct sw_case_filter){.due_before = (T0 + 86400) * SW_SECOND});
    is_int_named(s.n, 0, "a day after the first nobody is late");
    s = cases(q, (struct sw_case_filter){.due_before = (T0 + 86400 + PER_BATCH * 8) * SW_SECOND});
    ok_named(s.n == 4 && s.number[0] == 103 && s.number[3] == 100, "then the oldest are");
    s = cases(q, (struct sw_case_filter){.state = SW_STR("closed"), .area = SW_STR("3302")});
    ok_named(s.n == 10 && s.number[0] == 139, "by state and area");
    is_int_named(cases(q, (struct sw_case_filter){.area = SW_STR("33")}).n, 40, "area: a prefix");
    is_int(cases(q, (struct sw_case_filter){.area = SW_STR("330")}).n, 40);
    is_int(cases(q, (struct sw_case_filter){.area = SW_STR("34")}).n, 0);
    is_int(cases(q, (struct sw_case_filter){.level = SW_STR("orange")}).n, 40);
    is_int(cases(q, (struct sw_case_filter){.owner = SW_STR("C2")}).n, 0);

    s = (struct seen){0};
    is_int(sw_query_case(q, 120, see_case, &s, &err), SW_OK);
    is_int(s.number[0], 120);
    is_int(sw_query_case(q, 99, see_case, &s, &err), SW_ENOTFOUND);
    is_str(sw_str(err.text), "there is no case 99");
    s = (struct seen){0};
    is_int(sw_query_steps(q, 101, see_step, &s, &err), SW_OK);
    ok_named(s.n == 2 && s.number[0] == T0 + 6 && s.number[1] == T0 + 9, "steps, oldest first");
}

static void test_queue(struct sw_query *q)
{
    struct seen s = queue(q, (struct sw_queue_filter){0});
    struct sw_err err;
    struct sw_queue_filter bad = {.before = SW_STR("x")};

    is_int(s.n, 80);
    is_str(sw_str(s.id[0]), "238-0");
    is_str(sw_str(s.id[79]), "1-0");
    is_str(sw_str(s.text), "2 delivered ok");
    s = queue(q, (struct sw_queue_filter){.waiting_only = true});
    ok_named(s.n == 1 && strcmp(s.id[0], "238-0") == 0, "waiting");
    is_str(sw_str(s.text), "0  ");
    s = queue(q, (struct sw_queue_filter){.number = 110});
    ok_named(s.n == 2 && s.number[0] == 110 && strcmp(s.id[1], "61-0") == 0, "of a case");
    is_int(queue(q, (struct sw_queue_filter){.gateway = SW_STR("sms")}).n, 40);
    is_int(queue(q, (struct sw_queue_filter){.fate = SW_STR("delivered")}).n, 79);
    is_int(queue(q, (struct sw_queue_filter){.fate = SW_STR("failed")}).n, 0);
    s = queue(q, (struct sw_queue_filter){.before = SW_STR("31-0"), .limit = 2});
    ok_named(s.n == 2 && strcmp(s.id[0], "28-0") == 0 && strcmp(s.id[1], "25-0") == 0, "pages");
    is_int(sw_query_queue(q, &bad, see_message, &s, &err), SW_EINVALID);
}

static void test_counts(struct sw_query *q)
{
    struct sw_buf out = {0};
    struct sw_err err;

    is_int(sw_query_counts(q, see_count, &out, &err), SW_OK);
    is_str(sw_buf_view(&out),
           "inputs.event=160 inputs.reply=80 inputs.fate=0 inputs.tick=0 inputs.rules=0 "
           "inputs.history=0 rejected.bad_field=20 cases.closed=20 cases.open=20 "
           "messages.delivered=79 messages.waiting=1 tasks=16 ");
    sw_buf_free(&out);
}

/* Each list must find its rows by an index or in the order of the table, never by sorting. */
static void test_plans(void)
{
    static const struct {
        const char *sql, *plan;
    } lists[] = {
        {"SELECT * FROM cases WHERE state <> 'closed' AND number < 9 ORDER BY number DESC",
         "cases_open"},
        {"SELECT * FROM step WHERE number = 1 ORDER BY id", "step_case"},
        {"SELECT * FROM message WHERE state <> 2 ORDER BY id", "message_waiting"},
        {"SELECT * FROM message WHERE number = ?1 AND id < ?2 ORDER BY id DESC", "message_case"},
        {"SELECT * FROM message WHERE fate = ?1 AND id < ?2 ORDER BY id DESC", "message_fate"},
        {"SELECT fate, count(*) FROM message WHERE fate IS NOT NULL GROUP BY fate",
         "COVERING INDEX message_fate"},
    };
    struct sw_db db;
    struct sw_err err;

    is_int(sw_db_open(&db, db_path, SQLITE_OPEN_READONLY, NULL, 0, &err), SW_OK);
    for (size_t i = 0; i < SW_COUNTOF(lists); i++) {
        char sql[300];
        sqlite3_stmt *stmt = NULL;
        bool by_index = false;
        bool sorts = false;

        snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", lists[i].sql);
        sqlite3_prepare_v2(db.handle, sql, -1, &stmt, NULL);
        while (sqlite3_step(stmt) == SQLITE_ROW) {
            const char *line = (const char *)sqlite3_column_text(stmt, 3);

            by_index |= strstr(line, lists[i].plan) != NULL;
            sorts |= strstr(line, "TEMP B-TREE") != NULL;
        }
        ok_named(by_index && !sorts, lists[i].plan);
        sqlite3_finalize(stmt);
    }
    sw_db_close(&db);
}

/* A limit that has run out. The list must be long enough for SQLite to look at the clock. */
static void test_limit(struct sw_query *q)
{
    struct sw_case_filter f = {.owner = SW_STR("nobody"), .before = 101};
    struct seen s = {0};
    struct sw_err err;

    sw_query_limit(q, -1);
    is_int(sw_query_cases(q, &f, see_case, &s, &err), SW_OK);
    is_int_named(s.n, 0, "a short list is through before anybody looks");
    sw_query_limit(q, 30 * SW_SECOND);
}

static void test_limit_stops(void)
{
    struct sw_case_filter f = {.owner = SW_STR("nobody")};
    struct seen s = {0};
    struct sw_lease lease;
    struct sw_query *q;
    struct sw_err err;
    void *h = NULL;

    is_int(sqlite->open(&h, db_path, &lease, &err), SW_OK);
    for (int64_t k = BATCHES; k < 800; k++)
        (void)!batch_commit(h, lease.epoch, k, 0, &err);
    is_int(sw_query_open(&q, db_path, &err), SW_OK);
    sw_query_limit(q, -1);
    is_int(sw_query_cases(q, &f, see_case, &s, &err), SW_EBUSY);
    ok_named(strstr(err.text, "took too long") != NULL, err.text);
    sw_query_limit(q, SW_SECOND);
    is_int_named(sw_query_cases(q, &f, see_case, &s, &err), SW_OK, "and the next one works");
    sw_query_close(q);
    sqlite->close(h);
}

/* A process writes without pause; lists here see whole batches only and never hold it up. */
static void test_beside_a_writer(void)
{
    struct sw_lease lease;
    struct sw_query *q;
    struct sw_err err;
    int64_t last = 0;
    bool whole = true;
    int lists = 0;
    int status = 0;
    pid_t child;
    void *h = NULL;

    is_int(sqlite->open(&h, db_path, &lease, &err), SW_OK);
    sqlite->close(h);
    child = fork();
    if (child == 0) {
        bool all = sqlite->open(&h, db_path, &lease, &err) == SW_OK;

        for (int64_t k = 0; k < 1500; k++) {
            if (k % 50 == 49)
                ((struct sw_store *)h)->checkpoint_at = 0;
            all &= batch_commit(h, lease.epoch, k, 0, &err) == SW_OK;
        }
        sqlite->close(h);
        _exit(all ? 0 : 1);
    }
    is_int(sw_query_open(&q, db_path, &err), SW_OK);
    while (waitpid(child, &status, WNOHANG) == 0) {
        struct sw_queue_filter newest = {.limit = 2};
        struct seen s = {0};
        int64_t seq = 0;

        whole &= sw_query_queue(q, &newest, see_message, &s, &err) == SW_OK;
        if (s.n > 0)
            seq = strtoll(s.id[0], NULL, 10);
        whole &= seq >= last && (s.n < 2 || strtoll(s.id[1], NULL, 10) == seq - PER_BATCH);
        last = seq;
        lists++;
    }
    ok_named(whole, "each list sees a state that was committed, never an older one");
    is_int_named(WEXITSTATUS(status), 0, "the writer was not held up");
    note("%d lists, the last saw %" PRId64, lists, last);
    sw_query_close(q);
    is_int(sqlite->open(&h, db_path, &lease, &err), SW_OK);
    ok(holds_exactly(h, 1500));
    sqlite->close(h);
    remove_database();
}

/* Somebody who may read the files and nothing else, with and without a service running. */
static void test_without_permission(void)
{
    struct sw_lease lease;
    struct sw_err err = {0};
    void *h = NULL;

    if (geteuid() != 0) {
        note("not root: cannot become somebody else");
        return;
    }
    is_int(sqlite->open(&h, db_path, &lease, &err), SW_OK);
    (void)!batch_commit(h, lease.epoch, 0, 0, &err);
    for (int running = 1; running >= 0; running--) {
        int status = 0;
        pid_t child;

        if (running == 0)
            sqlite->close(h);
        if (chmod(folder, 0755) != 0)
            return;
        for (int i = 0; i < 3; i++) {
            static const char *const suffix[] = {"", "-wal", "-shm"};
            char path[700];

            snprintf(path, sizeof(path), "%s%s", db_path, suffix[i]);
            (void)!chmod(path, 0644);
        }
        child = fork();
        if (child == 0) {
            struct sw_query *q = NULL;
            struct seen s = {0};
            struct sw_case_filter f = {0};
            enum sw_code rc;

            if (seteuid(65534) != 0)
                _exit(2);
            rc = sw_query_open(&q, db_path, &err);
            if (rc == SW_OK)
                rc = sw_query_cases(q, &f, see_case, &s, &err);
            if (rc != SW_OK)
                note("%s", err.text);
            sw_query_close(q);
            _exit(rc == SW_OK && s.n == 1 ? 0 : 1);
        }
        waitpid(child, &status, 0);
        is_int_named(WEXITSTATUS(status), 0, running ? "reads beside a service" : "and without");
    }
    remove_database();
}

static void test_backup_and_check(struct sw_query *q)
{
    struct census n = {0};
    struct sw_lease lease;
    struct sw_err err;
    char copy[700];
    char original[600];
    struct stat st;
    void *h = NULL;

    is_int(sw_query_check(q, census_finding, &n, &err), SW_OK);
    is_int(n.findings, 0);
    snprintf(copy, sizeof(copy), "%s/backup.db", folder);
    is_int(sw_query_backup(q, copy, &err), SW_OK);
    is_int(sw_query_backup(q, copy, &err), SW_EINVALID);
    is_int_named(stat(copy, &st) == 0 ? st.st_mode & 0777 : 0, 0600, "for nobody else's eyes");
    memcpy(original, db_path, sizeof(original));
    snprintf(db_path, sizeof(db_path), "%s/backup.db", folder);
    is_int(sqlite->open(&h, db_path, &lease, &err), SW_OK);
    is_int(lease.pos, BATCHES * PER_BATCH);
    ok_named(holds_exactly(h, BATCHES), "a backup is a database");
    sqlite->close(h);
    remove_database();
    memcpy(db_path, original, sizeof(original));
}

static void test_check_finds(void)
{
    struct sw_db db;
    struct census n = {0};
    struct sw_query *q;
    struct sw_err err;

    is_int(sw_db_open(&db, db_path, SQLITE_OPEN_READWRITE, NULL, 0, &err), SW_OK);
    is_int(sw_db_exec(&db, "DELETE FROM event WHERE seq = 17; DELETE FROM cases WHERE number = 105",
                      &err),
           SW_OK);
    sw_db_close(&db);
    is_int(sw_query_open(&q, db_path, &err), SW_OK);
    is_int(sw_query_check(q, census_finding, &n, &err), SW_OK);
    is_int_named(n.findings, 5, "a gap in the log; two steps and two messages without their case");
    sw_query_close(q);
}

int main(void)
{
    struct sw_lease lease;
    struct sw_query *q = NULL;
    struct sw_err err = {0};
    void *h = NULL;

    make_folder();
    is_int(sqlite->open(&h, db_path, &lease, &err), SW_OK);
    for (int64_t k = 0; k < BATCHES; k++)
        (void)!batch_commit(h, lease.epoch, k, 0, &err);
    is_int(sw_query_open(&q, db_path, &err), SW_OK);
    test_cases(q);
    test_queue(q);
    test_counts(q);
    test_limit(q);
    test_plans();
    test_backup_and_check(q);
    sw_query_close(q);
    sqlite->close(h);
    test_limit_stops();
    test_check_finds();
    remove_database();
    test_without_permission();
    test_beside_a_writer();
    return done_testing();
}
