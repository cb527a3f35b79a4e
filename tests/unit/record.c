/* The record of cases: every single changed byte of a stored step is found, and so is what was
 * taken out, added, moved or cut off; the same log gives the same chain, however it is cut into
 * batches. */
#include "../../daemon/store/sqlite.h"
#include "part_help.h"
#include "store_fixture.h"
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/store/record.h>
#include <sys/resource.h>

static char copy_path[600];

/* ---- a county with a case of every kind of step ------------------------------------------- */

static struct sw_part *open_part(void)
{
    struct sw_part_conf conf = {
        .backend = &sw_backend_sqlite,
        .where = db_path,
        .hooks = {NULL, tell_clock, claim_none, keep_message, keep_change, NULL, bail_out},
        .rules = shipped_rules(),
    };

    return open_part_with(&conf);
}

static char *first_message(void)
{
    static char id[32];
    struct sw_db db;
    struct sw_err err;
    int64_t rowid = 0;

    if (sw_db_open(&db, db_path, SQLITE_OPEN_READONLY, NULL, 0, &err) == SW_OK) {
        (void)sw_db_ask(&db, "SELECT min(id) FROM message", &rowid, &err);
        sw_db_close(&db);
    }
    snprintf(id, sizeof(id), "%lld-%lld", (long long)(rowid >> 20),
             (long long)(rowid & ((1 << 20) - 1)));
    return id;
}

static void fate(struct sw_part *p, const char *state)
{
    char body[120];

    snprintf(body, sizeof(body), "{\"message\":\"%s\",\"state\":\"%s\",\"detail\":\"x\"}",
             first_message(), state);
    push(p, SW_IN_FATE, body);
}

static void make_database(void)
{
    struct sw_part *p = open_part();

    tell(p, "registry.area", "area/6109", "{\"name\":\"县\"}");
    tell(p, "registry.area", "area/610901", "{\"name\":\"镇\",\"parent\":\"6109\"}");
    for (int h = 1; h <= 2; h++) {
        char subject[40];
        char data[200];

        snprintf(subject, sizeof(subject), "household/H%d", h);
        tell(p, "registry.household", subject,
             "{\"area\":\"610901\",\"name\":\"张三\",\"kind\":\"unstable\",\"members_n\":4,"
             "\"income_12m\":60000,\"house_lived\":true}");
        snprintf(data, sizeof(data), "{\"household\":\"H%d\",\"name\":\"张三\"}", h);
        snprintf(subject, sizeof(subject), "person/P%d", h);
        tell(p, "registry.person", subject, data);
    }
    tell(p, "registry.cadre", "cadre/C1", "{\"name\":\"王五\",\"phone\":\"13800138001\"}");
    tell(p, "registry.assignment", "assignment/A1", "{\"household\":\"H1\",\"cadre\":\"C1\"}");
    tell(p, "medical.bill", "household/H1",
         "{\"person\":\"P1\",\"kind\":\"inpatient\",\"self_paid\":6000}");
    tell(p, "medical.bill", "household/H2",
         "{\"person\":\"P2\",\"kind\":\"inpatient\",\"self_paid\":7000}");
    fate(p, "accepted");
    fate(p, "delivered");
    fate(p, "delivered"); /* again: no step */
    fate(p, "accepted");  /* late: no step */
    tell(p, "medical.bill", "household/H1",
         "{\"person\":\"P1\",\"kind\":\"inpatient\",\"self_paid\":500}");
    push(p, SW_IN_REPLY,
         "{\"gateway\":\"sms\",\"id\":\"r1\",\"from\":\"13800138001\",\"text\":\"2\"}");
    sw_part_close(p);
}

/* ---- looking ------------------------------------------------------------------------------ */

struct found {
    size_t n;
    int64_t position, number; /* of the first */
    char what[200];
};

static void on_wrong(void *ctx, const struct sw_wrong *w)
{
    struct found *f = ctx;

    if (f->n++ > 0)
        return;
    f->position = w->position;
    f->number = w->number;
    snprintf(f->what, sizeof(f->what), "%.*s", SW_STR_ARG(w->what));
}

static struct found look_through(struct sw_query *q, const struct sw_record_head *noted, bool log)
{
    struct found f = {0};
    struct sw_err err = {.code = SW_OK};
    enum sw_code rc = log ? sw_query_recompute(q, on_wrong, &f, &err)
                          : sw_query_verify(q, noted, on_wrong, &f, &err);

    if (rc != SW_OK) {
        note("%s", err.text);
        f.n = SIZE_MAX;
    }
    return f;
}

static struct sw_query *open_copy(void)
{
    struct sw_query *q = NULL;
    struct sw_err err;

    if (sw_query_open(&q, copy_path, &err) != SW_OK) {
        note("%s", err.text);
        exit(2);
    }
    return q;
}

/* What verify says of the copy; with `log` what the log says of it. */
static struct found look(const struct sw_record_head *noted, bool log)
{
    struct sw_query *q = open_copy();
    struct found f = look_through(q, noted, log);

    sw_query_close(q);
    return f;
}

static struct sw_record_head head_of(const char *path)
{
    struct sw_query *q = NULL;
    struct sw_record_head head = {0};
    struct sw_err err;

    if (sw_query_open(&q, path, &err) == SW_OK)
        (void)sw_query_record_head(q, &head, &err);
    sw_query_close(q);
    return head;
}

static sqlite3 *copy; /* a copy to spoil, open for writing */

static void fresh_copy(void)
{
    char command[2000];

    sqlite3_close(copy);
    snprintf(command, sizeof(command), "rm -f '%s'* && cp '%s' '%s'", copy_path, db_path,
             copy_path);
    if (system(command) != 0 || sqlite3_open(copy_path, &copy) != SQLITE_OK)
        exit(2);
    sqlite3_exec(copy, "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;", NULL, NULL, NULL);
}

static bool spoil(const char *sql)
{
    char *error = NULL;
    bool done = sqlite3_exec(copy, sql, NULL, NULL, &error) == SQLITE_OK;

    if (!done)
        note("%s: %s", sql, error);
    sqlite3_free(error);
    return done && sqlite3_changes(copy) > 0;
}

static int64_t ask(const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t n = -1;

    if (sqlite3_prepare_v2(copy, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

/* ---- every byte --------------------------------------------------------------------------- */

/* Puts a value back, or one that differs in a byte. */
static void put_column(int64_t id, const char *column, const unsigned char *bytes, size_t n,
                       int type)
{
    sqlite3_stmt *stmt = NULL;
    char sql[120];

    snprintf(sql, sizeof(sql), "UPDATE step SET %s = ?1 WHERE id = %lld", column, (long long)id);
    sqlite3_prepare_v2(copy, sql, -1, &stmt, NULL);
    if (type == SQLITE_TEXT)
        sqlite3_bind_text(stmt, 1, (const char *)bytes, (int)n, SQLITE_STATIC);
    else if (type == SQLITE_BLOB)
        sqlite3_bind_blob(stmt, 1, bytes, (int)n, SQLITE_STATIC);
    else {
        int64_t i;

        memcpy(&i, bytes, sizeof(i));
        sqlite3_bind_int64(stmt, 1, i);
    }
    if (sqlite3_step(stmt) != SQLITE_DONE)
        note("%s: %s", sql, sqlite3_errmsg(copy));
    sqlite3_finalize(stmt);
}

/* Each byte of one column of one step, one bit after the other; how many were missed. */
static size_t flip_column(struct sw_query *q, int64_t id, const char *column, struct tap_random *r,
                          size_t *tried)
{
    sqlite3_stmt *stmt = NULL;
    unsigned char *bytes = NULL;
    size_t n = 0;
    size_t missed = 0;
    int64_t number = 0;
    char sql[120];
    int type = SQLITE_NULL;

    snprintf(sql, sizeof(sql), "SELECT %s, number FROM step WHERE id = %lld", column,
             (long long)id);
    sqlite3_prepare_v2(copy, sql, -1, &stmt, NULL);
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        int64_t i = sqlite3_column_int64(stmt, 0);

        type = sqlite3_column_type(stmt, 0);
        number = sqlite3_column_int64(stmt, 1);
        n = type == SQLITE_INTEGER ? sizeof(i) : (size_t)sqlite3_column_bytes(stmt, 0);
        bytes = malloc(n + 1);
        if (n > 0)
            memcpy(bytes, type == SQLITE_INTEGER ? (const void *)&i : sqlite3_column_blob(stmt, 0),
                   n);
    }
    sqlite3_finalize(stmt);
    for (size_t i = 0; i < n; i++) {
        unsigned char before = bytes[i];
        struct found f;

        bytes[i] ^= (unsigned char)(1U << tap_below(r, 8));
        put_column(id, column, bytes, n, type);
        f = look_through(q, NULL, false);
        if (f.n == 0 || f.n == SIZE_MAX || f.position != id ||
            (f.number != number && strcmp(column, "number") != 0)) {
            if (missed++ < 3)
                note("step %lld, %s, byte %zu: %zu found, first at %lld: %s", (long long)id, column,
                     i, f.n, (long long)f.position, f.what);
        }
        ++*tried;
        bytes[i] = before;
    }
    if (n > 0)
        put_column(id, column, bytes, n, type);
    free(bytes);
    return missed;
}

/* In MiB, at most so far. */
static long memory_used(void)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    return use.ru_maxrss >> 10;
}

static void test_every_byte(void)
{
    static const char *const columns[] = {"number", "at",   "seq",  "kind", "actor",
                                          "text",   "data", "hash", "link"};
    struct tap_random r = tap_seed();
    size_t tried = 0;
    size_t missed = 0;
    struct sw_query *q;
    int64_t steps;

    fresh_copy();
    sqlite3_exec(copy, "PRAGMA journal_mode = MEMORY", NULL, NULL, NULL);
    q = open_copy();
    steps = ask("SELECT count(*) FROM step");
    is_int(look_through(q, NULL, false).n, 0);
    for (int64_t id = 1; id <= steps; id++) {
        for (size_t c = 0; c < SW_COUNTOF(columns); c++)
            missed += flip_column(q, id, columns[c], &r, &tried);
    }
    note("%lld steps, %zu bytes", (long long)steps, tried);
    sw_query_close(q);
    ok(steps >= 7 && tried > 5000);
    is_int_named(missed, 0, "each changed byte is found, in the step and case it was changed in");
    ok_named(memory_used() < 2048, "a number far from all cases costs no memory for them");
    is_int_named(look(NULL, false).n, 0, "what was put back is good");
}

/* ---- whole steps -------------------------------------------------------------------------- */

static void test_whole_steps(void)
{
    static const struct {
        const char *name, *sql;
        int64_t at; /* the step that is named; 0: not asked */
    } trials[] = {
        {"the first taken out", "DELETE FROM step WHERE id = 1", 2},
        {"one in the middle taken out", "DELETE FROM step WHERE id = 4", 5},
        {"the last taken off", "DELETE FROM step WHERE id = (SELECT max(id) FROM step)", 0},
        {"the last three taken off", "DELETE FROM step WHERE id > (SELECT max(id) FROM step) - 3",
         0},
        {"all taken out", "DELETE FROM step", 0},
        {"one added at the end",
         "INSERT INTO step (number, at, kind, actor, text, seq, data, hash, link) SELECT number, "
         "at, kind, actor, text, seq, data, hash, link FROM step WHERE id = 1",
         0},
        {"one added in front",
         "INSERT INTO step (id, number, at, kind, actor, text, seq, data, hash, link) SELECT 0, "
         "number, at, kind, actor, text, seq, data, hash, link FROM step WHERE id = 1",
         0},
        {"two exchanged",
         "UPDATE step SET id = CASE id WHEN 2 THEN -3 ELSE -2 END WHERE id IN (2, 3);"
         "UPDATE step SET id = -id WHERE id < 0",
         2},
        {"the end kept beside it", "UPDATE part SET head = zeroblob(32)", 0},
        {"the number kept beside it", "UPDATE part SET n_step = n_step + 1", 0},
    };

    for (size_t i = 0; i < SW_COUNTOF(trials); i++) {
        struct found f;

        fresh_copy();
        ok_named(spoil(trials[i].sql), "done");
        f = look(NULL, false);
        ok_named(f.n > 0 && f.n != SIZE_MAX && (trials[i].at == 0 || f.position == trials[i].at),
                 trials[i].name);
    }
}

/* Rows that steps tell of. */
static void test_rows(void)
{
    static const char *const trials[] = {
        "UPDATE cases SET household = 'H2' WHERE number = 100",
        "UPDATE cases SET area = '1' WHERE number = 100",
        "UPDATE cases SET place = '村' WHERE number = 100",
        "UPDATE cases SET name = '李*' WHERE number = 100",
        "UPDATE cases SET state = 'closed' WHERE number = 100",
        "UPDATE cases SET level = 'none' WHERE number = 100",
        "UPDATE cases SET outcome = 'not_true' WHERE number = 100",
        "UPDATE cases SET owner = 'C2' WHERE number = 100",
        "UPDATE cases SET causes = '[]' WHERE number = 100",
        "UPDATE cases SET rules = 'x' WHERE number = 100",
        "UPDATE cases SET score = score + 0.000001 WHERE number = 100",
        "UPDATE cases SET opened = opened + 1 WHERE number = 100",
        "UPDATE cases SET updated = updated + 1 WHERE number = 100",
        "UPDATE cases SET due = due + 1 WHERE number = 100",
        "DELETE FROM cases WHERE number = 101",
        "INSERT INTO cases SELECT 200, household, area, place, name, state, level, outcome, owner, "
        "causes, rules, score, opened, updated, due FROM cases WHERE number = 100",
        "DELETE FROM message",
        "UPDATE message SET body = body || '!'",
        "UPDATE message SET receiver = '13900138001'",
        "UPDATE message SET gateway = 'other'",
        "UPDATE message SET kind = 'clarify'",
        "UPDATE message SET number = 101",
    };

    for (size_t i = 0; i < SW_COUNTOF(trials); i++) {
        struct found f;

        fresh_copy();
        ok_named(spoil(trials[i]), "done");
        f = look(NULL, false);
        ok_named(f.n == 1, trials[i]);
    }
}

/* ---- a chain made anew -------------------------------------------------------------------- */

/* What somebody could do who knows all of this and may write the file. */
static void test_made_anew(void)
{
    struct sw_record_head noted = head_of(db_path);
    struct sw_record_head early = noted;
    struct sw_db db;
    struct sw_err err;
    struct found f;

    fresh_copy();
    ok(spoil("UPDATE step SET text = replace(text, '分', '点') WHERE id = 1"));
    ok(sw_db_open(&db, copy_path, SQLITE_OPEN_READWRITE, NULL, 0, &err) == SW_OK);
    is_int(sw_store_seal_steps(&db, &err), SW_OK);
    sw_db_close(&db);
    is_int_named(look(NULL, false).n, 0, "a whole new chain agrees with itself");
    f = look(&noted, false);
    ok_named(f.n == 1 && f.position == noted.steps, "but not with the end noted before");
    f = look(NULL, true);
    ok_named(f.n == 1 && f.position == 1, "nor with the log");
    fresh_copy();
    is_int_named(look(&noted, false).n, 0, "the end noted of the true one is met");
    is_int_named(look(NULL, true).n, 0, "and the log brings about the same");
    early.steps++;
    is_int_named(look(&early, false).n, 1, "a noted end that lies ahead: something was cut off");
    ok(spoil("UPDATE event SET body = replace(body, '6000', '9000')"));
    is_int_named(look(NULL, true).n, 1, "another log, other steps");
}

/* ---- the same log, the same chain --------------------------------------------------------- */

struct refold {
    struct sw_engine *engine;
    struct sw_effects fx;
    struct sw_arena arena;
    struct sw_input *at;
    size_t n, cap;
    struct sw_lease *lease;
};

static bool refold_input(void *ctx, const struct sw_input *in)
{
    struct refold *r = ctx;
    enum sw_refusal why;
    struct sw_err err;

    if (r->engine == NULL)
        r->engine = sw_engine_new(r->lease->key, shipped_rules());
    if (in->kind == SW_IN_RULES)
        sw_engine_set_rules(r->engine, shipped_rules());
    is_int(sw_engine_apply(r->engine, in, &r->fx, &why, &err), SW_VERDICT_ACCEPTED);
    r->at = sw_grow(r->at, &r->cap, r->n + 1, sizeof(*r->at));
    r->at[r->n] = *in;
    r->at[r->n++].body = sw_arena_str(&r->arena, in->body);
    return true;
}

/* All inputs in one batch, to another database. */
static void test_one_batch(void)
{
    struct sw_record_head head = head_of(db_path);
    struct sw_record_head other;
    struct sw_lease lease = {0};
    struct refold r = {.lease = &lease};
    struct sw_ruleset *rules = shipped_rules();
    struct sw_buf packed = {0};
    struct sw_bundle_row bundle;
    struct sw_commit c = {0};
    struct sw_err err = {.code = SW_OK};
    void *h = NULL;

    fresh_copy();
    sqlite3_close(copy);
    copy = NULL;
    is_int(sw_backend_sqlite.open(&h, db_path, &lease, &err), SW_OK);
    is_int(sw_backend_sqlite.read_log(h, 0, refold_input, &r, &err), SW_OK);
    sw_backend_sqlite.close(h);
    unlink(copy_path);
    is_int(sw_backend_sqlite.open(&h, copy_path, &lease, &err), SW_OK);
    c.epoch = lease.epoch;
    c.new_pos = (int64_t)r.n;
    c.inputs.at = r.at;
    c.inputs.n = r.n;
    c.fx = &r.fx;
    sw_bundle_pack(sw_ruleset_bundle(rules), &packed);
    bundle = (struct sw_bundle_row){sw_str(sw_ruleset_digest(rules)), sw_buf_view(&packed)};
    c.bundles.at = &bundle;
    c.bundles.n = 1;
    is_int(sw_backend_sqlite.commit(h, &c, &err), SW_OK);
    sw_backend_sqlite.close(h);
    sw_ruleset_free(rules);
    sw_buf_free(&packed);
    other = head_of(copy_path);
    is_int(other.steps, head.steps);
    ok_named(memcmp(&other.link, &head.link, sizeof(head.link)) == 0,
             "one batch gives the chain that many gave");
    is_int(look(NULL, false).n, 0);
    sw_engine_free(r.engine);
    sw_effects_free(&r.fx);
    sw_arena_free(&r.arena);
    free(r.at);
}

/* ---- the form ----------------------------------------------------------------------------- */

/* The same bytes through sha256sum: whoever has only the description comes to the same hash. */
static void test_form(void)
{
    static const struct sw_step_row s = {.number = 100,
                                         .at = 1700000000000000,
                                         .kind = {"raised", 6},
                                         .actor = {"engine", 6},
                                         .text = {"橙色", 6},
                                         .seq = 7,
                                         .data = {"{}", 2}};
    struct sw_seal none = {{0}};
    struct sw_seal hash = sw_step_hash(&none, &s);
    struct sw_seal link = sw_step_link(&none, 1, &hash);
    struct sw_seal back;
    char hex[2 * SW_SEAL_SIZE + 1];
    char zeros[65];
    char script[600];
    char want[65] = "";
    FILE *p;

    memset(zeros, '0', 64);
    zeros[64] = '\0';
    snprintf(script, sizeof(script),
             "printf 'shouwang step 1\\n%s\\n100\\n1700000000000000\\n7\\n6:raised\\n6:engine\\n"
             "6:橙色\\n2:{}\\n' | sha256sum",
             zeros);
    p = popen(script, "r");
    ok(p != NULL && fread(want, 1, 64, p) == 64);
    pclose(p);
    sw_seal_hex(&hash, hex);
    is_str(sw_str(hex), want);
    snprintf(script, sizeof(script), "printf 'shouwang link 1\\n%s\\n1\\n%s\\n' | sha256sum", zeros,
             hex);
    p = popen(script, "r");
    ok(p != NULL && fread(want, 1, 64, p) == 64);
    pclose(p);
    sw_seal_hex(&link, hex);
    is_str(sw_str(hex), want);
    ok(sw_seal_read(sw_str(hex), &back) && memcmp(&back, &link, sizeof(back)) == 0);
    hex[3] = 'G';
    ok(!sw_seal_read(sw_str(hex), &back));
    ok(!sw_seal_read(SW_STR("00"), &back));
}

/* A database from before there was a chain: version 3. What later versions added stays in it. */
static void test_migration(void)
{
    static const char older[] =
        "ALTER TABLE step DROP COLUMN seq; ALTER TABLE step DROP COLUMN data;"
        "ALTER TABLE step DROP COLUMN hash; ALTER TABLE step DROP COLUMN link;"
        "ALTER TABLE part DROP COLUMN n_step; ALTER TABLE part DROP COLUMN head;"
        "PRAGMA user_version = 3";
    struct sw_db db;
    struct sw_err err = {.code = SW_OK};
    char sql[60];
    int64_t steps;

    fresh_copy();
    steps = ask("SELECT count(*) FROM step");
    sqlite3_exec(copy, older, NULL, NULL, NULL);
    is_int(ask("PRAGMA user_version"), 3);
    ok(sw_db_open(&db, copy_path, SQLITE_OPEN_READWRITE, NULL, 0, &err) == SW_OK);
    is_int(sw_migrate(&db, sw_migrations, 4, &err), SW_OK);
    sw_db_close(&db);
    snprintf(sql, sizeof(sql), "PRAGMA user_version = %zu", sw_schema_version);
    sqlite3_exec(copy, sql, NULL, NULL, NULL);
    is_int_named(head_of(copy_path).steps, steps, "its steps are chained as they are found");
    is_int(look(NULL, false).n, 0);
}

int main(void)
{
    make_folder();
    snprintf(copy_path, sizeof(copy_path), "%s/copy.db", folder);
    make_database();
    test_form();
    test_every_byte();
    test_whole_steps();
    test_rows();
    test_made_anew();
    test_one_batch();
    test_migration();
    sqlite3_close(copy);
    return done_testing();
}
