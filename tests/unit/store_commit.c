/* The SQLite backend: what is committed comes back, who may write, which files are refused. */
#include "../../daemon/store/sqlite.h"
#include "store_fixture.h"
#include <fcntl.h>
#include <sys/wait.h>

static const struct sw_backend *const sqlite = &sw_backend_sqlite;

static void *open_db(struct sw_lease *lease)
{
    struct sw_err err = {0};
    void *handle = NULL;

    if (sqlite->open(&handle, db_path, lease, &err) != SW_OK)
        note("%s", err.text);
    return handle;
}

static int64_t ask(const char *sql)
{
    struct sw_db db;
    struct sw_err err;
    int64_t answer = -1;

    if (sw_db_open(&db, db_path, SQLITE_OPEN_READWRITE, NULL, 0, &err) == SW_OK) {
        (void)sw_db_ask(&db, sql, &answer, &err);
        sw_db_close(&db);
    }
    return answer;
}

static void test_round_trip(void)
{
    struct sw_lease first = {0};
    struct sw_lease second = {0};
    struct sw_err err;
    bool all = true;
    void *h = open_db(&first);

    is_int(first.epoch, 1);
    is_int(first.pos, 0);
    is_int(strlen(first.id), 32);
    ok((first.key.k0 | first.key.k1) != 0);
    for (int64_t k = 0; k < 40; k++)
        all &= batch_commit(h, 1, k, 0, &err) == SW_OK;
    ok_named(all, "40 batches");
    ok_named(holds_exactly(h, 40), "are there");
    sqlite->close(h);
    h = open_db(&second);
    is_int(second.epoch, 2);
    is_int(second.pos, 120);
    is_str(sw_str(second.id), first.id);
    ok(second.key.k0 == first.key.k0 && second.key.k1 == first.key.k1);
    ok_named(holds_exactly(h, 40), "are there after opening again");
    is_int(sqlite->idle(h, &err), SW_OK);
    sqlite->close(h);
    remove_database();
}

static bool stop_at_five(void *ctx, const struct sw_input *in)
{
    return ++*(int *)ctx < 5 && in->seq > 0;
}

static void test_reads(void)
{
    struct sw_lease lease;
    struct sw_buf out = {0};
    struct sw_err err;
    int n = 0;
    void *h = open_db(&lease);

    for (int64_t k = 0; k < 4; k++)
        (void)!batch_commit(h, lease.epoch, k, 0, &err);
    is_int(sqlite->read_log(h, 2, stop_at_five, &n, &err), SW_OK);
    is_int_named(n, 5, "stops when told to");
    is_int(sqlite->read_bundle(h, SW_STR("none"), &out, &err), SW_ENOTFOUND);
    is_int(sqlite->read_bundle(h, SW_STR("digest"), &out, &err), SW_OK);
    is_str(sw_buf_view(&out), "packed");
    sw_buf_free(&out);
    sqlite->close(h);
    remove_database();
}

static void test_fence(void)
{
    struct sw_lease lease;
    struct batch b;
    struct sw_err err;
    void *h = open_db(&lease);

    is_int(batch_commit(h, lease.epoch, 0, 0, &err), SW_OK);
    is_int_named(batch_commit(h, lease.epoch, 0, 0, &err), SW_EFENCED, "the same batch twice");
    ok_named(strstr(err.text, "has another owner: epoch 1 at 3, here epoch 1 at 0") != NULL,
             err.text);
    is_int_named(ask("UPDATE part SET n_tick = 0 RETURNING pos"), 3, "and holds up nobody");
    is_int_named(batch_commit(h, lease.epoch, 1, 0, &err), SW_EIO, "then nothing more");
    sqlite->close(h);

    h = open_db(&lease);
    is_int_named(batch_commit(h, lease.epoch - 1, 1, 0, &err), SW_EFENCED, "an epoch that is over");
    sqlite->close(h);

    h = open_db(&lease);
    batch_make(&b, lease.epoch, 1, 0);
    b.in[1].seq = 7;
    is_int_named(sqlite->commit(h, &b.commit, &err), SW_EBAD, "a gap in the numbers");
    sqlite->close(h);

    h = open_db(&lease);
    ok_named(holds_exactly(h, 1), "nothing of all that stayed");
    batch_make(&b, lease.epoch, 1, 0);
    b.commit = (struct sw_commit){.epoch = lease.epoch, .old_pos = 3, .new_pos = 3};
    is_int_named(sqlite->commit(h, &b.commit, &err), SW_OK, "upkeep without inputs");
    sqlite->close(h);
    remove_database();
}

/* What only a mistake of ours can bring: the batch is refused wholly. */
static void test_bad_batches(void)
{
    static const char *const ids[] = {"4", "x-1", "4-", "-4-1", "4-1048576", "0-1", "4-1-1"};
    struct sw_lease lease;
    struct batch b;
    struct sw_err err;
    bool all = true;
    void *h = open_db(&lease);

    (void)!batch_commit(h, lease.epoch, 0, 0, &err);
    sqlite->close(h);
    for (size_t i = 0; i < SW_COUNTOF(ids) + 3; i++) {
        h = open_db(&lease);
        batch_make(&b, lease.epoch, 1, 0);
        if (i < SW_COUNTOF(ids))
            b.m.id = sw_str(ids[i]);
        else if (i == SW_COUNTOF(ids))
            b.s.number = 77;
        else if (i == SW_COUNTOF(ids) + 1)
            b.o.message = SW_STR("999-0");
        else
            b.m.number = 77;
        all &= sqlite->commit(h, &b.commit, &err) == SW_EBAD;
        sqlite->close(h);
    }
    ok_named(all, "bad ids, a step without case, a change without message: SW_EBAD");
    h = open_db(&lease);
    ok_named(holds_exactly(h, 1), "and nothing stays of them");
    batch_make(&b, lease.epoch, 1, 0);
    b.f.message = SW_STR("999-0");
    is_int_named(sqlite->commit(h, &b.commit, &err), SW_OK, "a fate of no message does no harm");
    sqlite->close(h);
    remove_database();
}

struct outbox_seen {
    struct sw_outbox_row row[4];
    char id[4][32];
    size_t n;
};

static bool see_outbox(void *ctx, const struct sw_outbox_row *m)
{
    struct outbox_seen *s = ctx;

    s->row[s->n] = *m;
    snprintf(s->id[s->n], sizeof(s->id[0]), "%.*s", SW_STR_ARG(m->message.id));
    return ++s->n < 4;
}

static void test_outbox(void)
{
    struct sw_lease lease;
    struct sw_message_row m[3];
    struct sw_outbox_change o[2];
    struct outbox_seen seen = {0};
    struct batch b;
    struct sw_err err;
    void *h = open_db(&lease);

    batch_make(&b, lease.epoch, 0, 0);
    for (size_t i = 0; i < 3; i++)
        m[i] = b.m;
    m[0].id = SW_STR("1-10");
    m[1].id = SW_STR("1-9");
    m[2].id = SW_STR("2-0");
    m[2].number = 0;
    SET_ROWS(b.fx.messages, m, 3);
    o[0] = (struct sw_outbox_change){SW_STR("1-9"), SW_OUT_SENDING, 2, 99, SW_STR("no answer")};
    SET_ROWS(b.commit.outbox, o, 1);
    is_int(sqlite->commit(h, &b.commit, &err), SW_OK);
    is_int(sqlite->read_outbox(h, see_outbox, &seen, &err), SW_OK);
    is_int(seen.n, 3);
    is_str(sw_str(seen.id[0]), "1-9");
    is_str(sw_str(seen.id[1]), "1-10");
    is_str(sw_str(seen.id[2]), "2-0");
    is_int(seen.row[0].state, SW_OUT_SENDING);
    is_int(seen.row[0].attempts, 2);
    is_int(seen.row[0].next_at, 99);
    is_int(seen.row[1].state, SW_OUT_PENDING);
    is_int_named(seen.row[1].next_at, b.m.created, "due when created");
    is_int(seen.row[2].message.number, 0);
    o[0] = (struct sw_outbox_change){SW_STR("1-9"), SW_OUT_FINAL, 3, 0, {0}};
    o[1] = (struct sw_outbox_change){SW_STR("2-0"), SW_OUT_FINAL, 3, 0, {0}};
    b.commit = (struct sw_commit){.epoch = lease.epoch, .old_pos = 3, .new_pos = 3};
    SET_ROWS(b.commit.outbox, o, 2);
    is_int(sqlite->commit(h, &b.commit, &err), SW_OK);
    seen.n = 0;
    is_int(sqlite->read_outbox(h, see_outbox, &seen, &err), SW_OK);
    is_int(seen.n, 1);
    is_str(sw_str(seen.id[0]), "1-10");
    sqlite->close(h);
    remove_database();
}

static void count_rejected(void *ctx, const struct sw_rejected_row *r)
{
    int64_t *n = ctx;

    n[0]++;
    n[1] = r->at; /* of the oldest, in the end */
}

static void see_refusals(void *ctx, struct sw_str name, int64_t count)
{
    if (sw_str_is(name, "rejected.not_json"))
        *(int64_t *)ctx = count;
}

static void test_rejected_are_bounded(void)
{
    enum { ROWS = 1000 };
    static struct sw_rejected_row row[ROWS];
    struct sw_commit c = {0};
    struct sw_lease lease;
    struct sw_query *q;
    struct sw_err err;
    int64_t n[2] = {0};
    int64_t total = 0;
    bool all = true;
    void *h = open_db(&lease);

    c.epoch = lease.epoch;
    SET_ROWS(c.rejected, row, ROWS);
    for (int64_t i = 0; i < 102; i++) {
        for (int64_t j = 0; j < ROWS; j++)
            row[j] = (struct sw_rejected_row){i * ROWS + j, SW_STR("zmq-sub"), SW_STR("not_json"),
                                              SW_STR("x"), SW_STR("y")};
        all &= sqlite->commit(h, &c, &err) == SW_OK;
    }
    ok_named(all, "102 000 refused inputs");
    is_int(sw_query_open(&q, db_path, &err), SW_OK);
    is_int(sw_query_rejected(q, 200000, count_rejected, n, &err), SW_OK);
    is_int_named(n[0], 100000, "the newest 100 000 are kept");
    is_int(n[1], 2000);
    is_int(sw_query_counts(q, see_refusals, &total, &err), SW_OK);
    is_int_named(total, 102000, "all of them are counted");
    sw_query_close(q);
    sqlite->close(h);
    remove_database();
}

static void test_second_instance(void)
{
    struct sw_lease lease;
    struct sw_err err = {0};
    void *h = open_db(&lease);
    void *other = NULL;
    char text[64];
    pid_t child;
    int status = 0;

    is_int(sqlite->open(&other, db_path, &lease, &err), SW_EBUSY);
    snprintf(text, sizeof(text), "is in use by process %d;", (int)getpid());
    ok_named(strstr(err.text, text) != NULL, err.text);
    child = fork();
    if (child == 0)
        _exit((int)sqlite->open(&other, db_path, &lease, &err));
    waitpid(child, &status, 0);
    is_int_named(WEXITSTATUS(status), SW_EBUSY, "nor from another process");
    is_int_named(batch_commit(h, 1, 0, 0, &err), SW_OK, "the first one works on");
    sqlite->close(h);
    h = open_db(&lease);
    ok_named(h != NULL, "free again");
    sqlite->close(h);
    remove_database();
}

/* A child that holds the database dies without a word. */
static void test_lock_dies_with_its_owner(void)
{
    struct sw_lease lease;
    struct sw_err err;
    int ready[2];
    char c = 0;
    pid_t child;
    void *h;

    if (pipe(ready) != 0)
        return;
    child = fork();
    if (child == 0) {
        h = open_db(&lease);
        c = batch_commit(h, lease.epoch, 0, 0, &err) == SW_OK;
        (void)!write(ready[1], &c, 1);
        for (;;)
            pause();
    }
    is_int(read(ready[0], &c, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    h = open_db(&lease);
    ok_named(h != NULL && lease.epoch == 2 && lease.pos == 3, "the next one takes over at once");
    sqlite->close(h);
    close(ready[0]);
    close(ready[1]);
    remove_database();
}

/* ---- versions ------------------------------------------------------------------------------- */

static const char *const to_next[] = {
    "ALTER TABLE cases ADD COLUMN village TEXT NOT NULL DEFAULT '';\n",
    "UPDATE cases SET village = place;\n", NULL};
static const char *const to_after[] = {"CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;\n",
                                       NULL};
static const char *const broken[] = {"CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT;\n",
                                     "INSERT INTO nowhere VALUES (1);\n", NULL};

static enum sw_code migrate_with(const struct sw_migration *steps, size_t n, struct sw_err *err)
{
    struct sw_db db;
    enum sw_code rc = sw_db_open(&db, db_path, SQLITE_OPEN_READWRITE, NULL, 0, err);

    if (rc == SW_OK)
        rc = sw_migrate(&db, steps, n, err);
    sw_db_close(&db);
    return rc;
}

enum { STEPS_MAX = 20 };

/* Today's steps and two more; how many. */
static size_t steps_of_later(struct sw_migration steps[STEPS_MAX], const char *const *last)
{
    size_t n = sw_schema_version;

    memcpy(steps, sw_migrations, n * sizeof(*steps));
    steps[n++] = (struct sw_migration){to_next, NULL};
    steps[n++] = (struct sw_migration){last, NULL};
    return n;
}

static int64_t put_task(void *h, const struct sw_lease *lease, int64_t k, struct sw_task_row t)
{
    struct batch b;
    struct sw_err err;

    batch_make(&b, lease->epoch, k, 0);
    SET_ROWS(b.fx.tasks, &t, 1);
    return sqlite->commit(h, &b.commit, &err);
}

/* One task is open for a household and rule: asked again it stays one, settled it can come anew. */
static void test_tasks(void)
{
    struct sw_task_row t = {.household = SW_STR("H7"), .rule = SW_STR("R7"), .opened = 5};
    struct sw_lease lease;
    void *h = open_db(&lease);

    t.text = SW_STR("first");
    is_int(put_task(h, &lease, 0, t), SW_OK);
    t.text = SW_STR("second");
    is_int(put_task(h, &lease, 1, t), SW_OK);
    is_int(ask("SELECT count(*) FROM task WHERE rule = 'R7'"), 1);
    is_int(ask("SELECT text = 'second' AND closed IS NULL FROM task WHERE rule = 'R7'"), 1);
    t.closed = 9;
    is_int(put_task(h, &lease, 2, t), SW_OK);
    is_int(put_task(h, &lease, 3, t), SW_OK);
    is_int(ask("SELECT closed FROM task WHERE rule = 'R7'"), 9);
    t.closed = 0;
    is_int(put_task(h, &lease, 4, t), SW_OK);
    is_int(ask("SELECT count(*) FROM task WHERE rule = 'R7'"), 2);
    sqlite->close(h);
    remove_database();
}

/* Today's file is the old one of a later program. */
static void test_migrations(void)
{
    struct sw_migration later[STEPS_MAX];
    struct sw_migration failing[STEPS_MAX];
    int64_t today = (int64_t)sw_schema_version;
    size_t n = steps_of_later(later, to_after);
    char text[80];
    struct sw_lease lease;
    struct sw_query *q;
    struct sw_err err;
    void *h = open_db(&lease);

    steps_of_later(failing, broken);
    for (int64_t k = 0; k < 4; k++)
        (void)!batch_commit(h, lease.epoch, k, 0, &err);
    sqlite->close(h);
    is_int(ask("PRAGMA user_version"), today);
    is_int_named(migrate_with(failing, n, &err), SW_EBAD, "a step that fails");
    is_int_named(ask("PRAGMA user_version"), today + 1, "leaves the step before it");
    is_int_named(ask("SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0,
                 "and nothing of itself");
    is_int(migrate_with(later, n, &err), SW_OK);
    is_int(ask("PRAGMA user_version"), today + 2);
    is_int(ask("SELECT count(*) FROM cases WHERE village = '大溪镇石桥村'"), 2);
    is_int_named(migrate_with(later, n, &err), SW_OK, "once more: nothing to do");

    is_int_named(sqlite->open(&h, db_path, &lease, &err), SW_EBAD, "a newer file is refused");
    snprintf(text, sizeof(text), "has version %" PRId64 ", this program knows up to %" PRId64,
             today + 2, today);
    ok_named(strstr(err.text, text) != NULL, err.text);
    is_int_named(sw_query_open(&q, db_path, &err), SW_EBAD, "for reading, too");
    is_int_named(ask("SELECT epoch FROM part"), 1, "and not touched");
    remove_database();
}

static void see_due(void *ctx, const struct sw_case_row *c)
{
    *(sw_time *)ctx = c->due;
}

/* A file of version 1 with a case: it has no deadline after the upgrade, and gets one when it is
 * written again. */
static void test_version_1(void)
{
    static const char old_case[] =
        "INSERT INTO cases VALUES (100, 'H1', '3301', '大溪镇石桥村', '张*', 'open', 'yellow', '',"
        " 'C1', '[]', 'digest', 1.5, 1, 1)";
    struct sw_lease lease;
    struct sw_query *q;
    struct sw_db db;
    struct sw_err err;
    sw_time due = -1;
    void *h;

    is_int(sw_db_open(&db, db_path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL, 0, &err),
           SW_OK);
    is_int(sw_migrate(&db, sw_migrations, 1, &err), SW_OK);
    is_int(sw_db_exec(&db, old_case, &err), SW_OK);
    sw_db_close(&db);
    is_int_named(sw_query_open(&q, db_path, &err), SW_EBAD, "an old file is not read");
    ok_named(strstr(err.text, "start the service once") != NULL, err.text);
    h = open_db(&lease);
    is_int(ask("PRAGMA user_version"), (int64_t)sw_schema_version);
    is_int_named(ask("SELECT due FROM cases WHERE number = 100"), 0, "no deadline was said");
    is_int(batch_commit(h, lease.epoch, 0, 0, &err), SW_OK);
    sqlite->close(h);
    is_int(sw_query_open(&q, db_path, &err), SW_OK);
    is_int(sw_query_case(q, 100, see_due, &due, &err), SW_OK);
    is_int_named(due, (T0 + 86400) * SW_SECOND, "the case was written with its deadline");
    sw_query_close(q);
    remove_database();
}

/* ---- the key -------------------------------------------------------------------------------- */

static bool same_key(const struct sw_lease *a, const struct sw_lease *b)
{
    return a->key.k0 == b->key.k0 && a->key.k1 == b->key.k1;
}

/* The key goes into a file; when the database cannot let go of it both have it, and the next start
 * goes on from there. */
static void test_key(void)
{
    struct sw_lease first;
    struct sw_lease lease;
    struct sw_db other;
    struct sw_err err;
    char file[700];
    void *h = open_db(&first);

    snprintf(file, sizeof(file), "%s/test.key", folder);
    ok_named(first.has_key, "a new database has its key");
    is_int(sw_db_open(&other, db_path, SQLITE_OPEN_READWRITE, NULL, 0, &err), SW_OK);
    is_int(sw_db_exec(&other, "BEGIN IMMEDIATE", &err), SW_OK);
    lease = first;
    is_int_named(sqlite->move_key(h, file, &lease, &err), SW_EBUSY, "somebody else writes");
    ok_named(lease.has_key && same_key(&lease, &first), "the key is still there");
    is_int_named(access(file, F_OK), 0, "and in the file");
    sw_db_close(&other);
    sqlite->close(h);
    is_int(ask("SELECT count(*) FROM meta WHERE name = 'key'"), 1);

    h = open_db(&lease);
    is_int(sqlite->move_key(h, file, &lease, &err), SW_OK);
    ok(!lease.has_key && same_key(&lease, &first));
    is_int(ask("SELECT count(*) FROM meta WHERE name = 'key'"), 0);
    sqlite->close(h);
    h = open_db(&lease);
    ok_named(!lease.has_key && !same_key(&lease, &first), "the database does not know it any more");
    is_int(sqlite->move_key(h, file, &lease, &err), SW_OK);
    ok_named(same_key(&lease, &first), "the file does");
    is_int_named(sqlite->move_key(h, NULL, &lease, &err), SW_EBAD, "no file is said");
    unlink(file);
    is_int_named(sqlite->move_key(h, file, &lease, &err), SW_EBAD, "no file is there");
    ok_named(strstr(err.text, "test.key is missing") != NULL, err.text);
    is_int_named(sqlite->move_key(h, "/proc/test.key", &first, &err), SW_EIO, "it cannot be made");
    ok(first.has_key);
    sqlite->close(h);
    (void)ask("DELETE FROM meta WHERE name = 'key_print'");
    is_int_named(sqlite->open(&h, db_path, &lease, &err), SW_EBAD, "neither key nor print");
    remove_database();
}

static void test_strangers(void)
{
    struct sw_lease lease;
    struct sw_db db;
    struct sw_query *q;
    struct sw_err err;
    void *h = NULL;
    int fd;

    is_int(sw_db_open(&db, db_path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL, 0, &err),
           SW_OK);
    is_int(sw_db_exec(&db, "CREATE TABLE recipe (name TEXT)", &err), SW_OK);
    sw_db_close(&db);
    is_int(sqlite->open(&h, db_path, &lease, &err), SW_EBAD);
    ok_named(strstr(err.text, "database of another program") != NULL, err.text);
    is_int(sw_query_open(&q, db_path, &err), SW_EBAD);
    is_int_named(ask("SELECT journal_mode = 'delete' FROM pragma_journal_mode"), 1, "not touched");
    remove_database();

    fd = open(db_path, O_WRONLY | O_CREAT, 0600);
    (void)!write(fd, "this is a text file, not a database at all, and long enough to be read", 70);
    close(fd);
    is_int(sqlite->open(&h, db_path, &lease, &err), SW_EBAD);
    is_int(sw_query_open(&q, db_path, &err), SW_EBAD);
    remove_database();

    is_int(sw_query_open(&q, db_path, &err), SW_ENOTFOUND);
    is_int(sqlite->open(&h, "/nonexistent/x/test.db", &lease, &err), SW_EIO);
    is_int_named(sqlite->open(&h, "/proc/test.db", &lease, &err), SW_EIO, "cannot be synced");
    ok_named(strstr(err.text, "cannot be synced") != NULL, err.text);
}

/* ---- damage --------------------------------------------------------------------------------- */

/* Any page overwritten: either the start refuses the file, or everything it relies on is there. */
static void test_corrupt(void)
{
    struct sw_lease lease;
    struct sw_err err;
    char copy[700];
    char command[3000];
    char junk[8192];
    int refused = 0;
    int pages;
    struct stat st;
    void *h = open_db(&lease);

    for (int64_t k = 0; k < 60; k++)
        (void)!batch_commit(h, lease.epoch, k, 2000, &err);
    sqlite->close(h);
    snprintf(copy, sizeof(copy), "%s/copy", folder);
    snprintf(command, sizeof(command), "cp '%s' '%s'", db_path, copy);
    is_int(system(command), 0);
    snprintf(command, sizeof(command), "cp '%s' '%s'; rm -f '%s-wal' '%s-shm'", copy, db_path,
             db_path, db_path);
    stat(copy, &st);
    pages = (int)(st.st_size / (off_t)sizeof(junk));
    memset(junk, 0xa5, sizeof(junk));
    for (int page = 0; page < pages; page++) {
        int fd;

        if (system(command) != 0)
            break;
        fd = open(db_path, O_WRONLY);
        (void)!pwrite(fd, junk, sizeof(junk), (off_t)page * (off_t)sizeof(junk));
        close(fd);
        h = NULL;
        refused += sqlite->open(&h, db_path, &lease, &err) == SW_EBAD;
        if (h != NULL)
            sqlite->close(h);
    }
    is_int_named(refused, pages, "a page of junk is found wherever it is");
    remove_database();
}

/* A file too large to be read at each start. */
static void test_corrupt_large(void)
{
    struct sw_lease lease;
    struct sw_err err = {0};
    struct stat st;
    char junk[8192];
    int fd;
    void *h = open_db(&lease);

    for (int64_t k = 0; k < 1100; k++)
        (void)!batch_commit(h, lease.epoch, k, 60000, &err);
    sqlite->close(h);
    stat(db_path, &st);
    ok_named(st.st_size > 64 << 20, "more than 64 MiB");
    h = open_db(&lease);
    ok_named(h != NULL && lease.pos == 3300, "opens");
    sqlite->close(h);
    is_int(ask("DELETE FROM event WHERE seq = 3300 RETURNING seq"), 3300);
    is_int_named(sqlite->open(&h, db_path, &lease, &err), SW_EBAD, "the last input is missing");
    ok_named(strstr(err.text, "its log ends at 3299 instead of 3300") != NULL, err.text);
    is_int(ask("UPDATE part SET pos = 3299 RETURNING pos"), 3299);
    is_int(ask("DELETE FROM event WHERE seq = 3000 RETURNING seq"), 3000);
    is_int_named(sqlite->open(&h, db_path, &lease, &err), SW_EBAD, "one of the last is missing");
    memset(junk, 0xa5, sizeof(junk));
    fd = open(db_path, O_WRONLY);
    (void)!pwrite(fd, junk, sizeof(junk), sizeof(junk)); /* page 2: meta */
    close(fd);
    is_int_named(sqlite->open(&h, db_path, &lease, &err), SW_EBAD, "a small table");
    remove_database();
}

/* Without a quiet moment the WAL is copied back all the same; a reader in the way puts it off. */
static void test_checkpoints(void)
{
    struct sw_lease lease;
    struct sw_err err;
    struct sw_db reader;
    struct sw_store *s = open_db(&lease);
    int longest = 0;
    int64_t k = 0;

    for (; k < 900; k++) {
        (void)!batch_commit(s, lease.epoch, k, 60000, &err);
        longest = s->wal > longest ? s->wal : longest;
    }
    ok_named(longest >= 5120 && longest < 5170, "about 40 MiB and no more");
    is_int(sqlite->idle(s, &err), SW_OK);
    is_int_named(s->copied, s->wal, "a quiet moment copies the rest");

    is_int(sw_db_open(&reader, db_path, SQLITE_OPEN_READONLY, NULL, 0, &err), SW_OK);
    is_int(sw_db_exec(&reader, "BEGIN; SELECT * FROM part;", &err), SW_OK);
    for (int64_t end = k + 30; k < end; k++)
        (void)!batch_commit(s, lease.epoch, k, 0, &err);
    s->checkpoint_at = 0;
    is_int_named(batch_commit(s, lease.epoch, k++, 0, &err), SW_OK, "a reader holds up no commit");
    ok_named(s->copied < s->wal && s->checkpoint_at > s->wal, "the WAL waits for it");
    sw_db_close(&reader);
    s->checkpoint_at = 0;
    is_int(batch_commit(s, lease.epoch, k++, 0, &err), SW_OK);
    ok_named(s->wal < 100, "and begins anew when it has gone");
    sqlite->close(s);
    remove_database();
}

static void test_in_memory(void)
{
    struct sw_lease lease;
    struct sw_err err;
    struct census n = {0};
    void *h = NULL;
    bool all = true;

    is_int(sqlite->open(&h, ":memory:", &lease, &err), SW_OK);
    for (int64_t k = 0; k < 20; k++)
        all &= batch_commit(h, lease.epoch, k, 0, &err) == SW_OK;
    ok(all);
    is_int(sqlite->read_log(h, 0, census_input, &n, &err), SW_OK);
    ok_named(n.inputs == 60 && !n.wrong, "a store in memory");
    is_int(sqlite->idle(h, &err), SW_OK);
    sqlite->close(h);
}

int main(void)
{
    make_folder();
    test_round_trip();
    test_reads();
    test_fence();
    test_bad_batches();
    test_outbox();
    test_rejected_are_bounded();
    test_second_instance();
    test_lock_dies_with_its_owner();
    test_tasks();
    test_migrations();
    test_version_1();
    test_key();
    test_strangers();
    test_corrupt();
    test_corrupt_large();
    test_checkpoints();
    test_in_memory();
    return done_testing();
}
