/* The store beside the least SQLite must do, and a snapshot beside the least reading must do;
 * ratios inside one run are the result.
 *
 *     store [folder [events]]     folder on the disk to be measured; default /var/tmp, 400 000
 *
 * "bare" appends the same 470-byte inputs with a prepared INSERT: WAL, FULL, 1 000 per commit, a
 * checkpoint every 20 000 pages. Variants take turns; medians of ROUNDS. */
#include <fcntl.h>
#include <shouwang/base/mem.h>
#include <shouwang/store/snapshot.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BODY = 470, BATCH = 1000, ROUNDS = 7, SNAPSHOT = 328 << 20 };

static char path[600], snapshot[600];
static int64_t events = 400000;
static char body[BODY + 1];

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

static void remove_files(void)
{
    static const char *const suffix[] = {"", "-wal", "-shm", ".lock"};

    for (size_t i = 0; i < SW_COUNTOF(suffix); i++) {
        char name[700];

        snprintf(name, sizeof(name), "%s%s", path, suffix[i]);
        unlink(name);
    }
}

static double file_size(void)
{
    struct stat st;

    must(stat(path, &st) == 0, "stat");
    return (double)st.st_size;
}

/* ---- appending ------------------------------------------------------------------------------ */

static void bare_batch(sqlite3 *db, sqlite3_stmt *insert, int64_t from, int batch)
{
    must(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK, "BEGIN");
    for (int i = 0; i < batch; i++) {
        sqlite3_bind_int64(insert, 1, from + i);
        sqlite3_bind_int64(insert, 2, INT64_C(1700000000000000) + from + i);
        sqlite3_bind_int64(insert, 3, 1);
        sqlite3_bind_text(insert, 4, body, BODY, SQLITE_STATIC);
        must(sqlite3_step(insert) == SQLITE_DONE, "INSERT");
        sqlite3_reset(insert);
    }
    must(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK, "COMMIT");
}

static double run_bare(int64_t n, int batch, double *bytes)
{
    sqlite3_stmt *insert;
    sqlite3 *db;
    double start;

    remove_files();
    must(sqlite3_open_v2(path, &db,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                         NULL) == SQLITE_OK,
         "open");
    must(sqlite3_exec(db,
                      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                      "PRAGMA wal_autocheckpoint = 20000;"
                      "CREATE TABLE event (seq INTEGER PRIMARY KEY, now INTEGER, kind INTEGER,"
                      " body TEXT)",
                      NULL, NULL, NULL) == SQLITE_OK,
         "CREATE");
    sqlite3_prepare_v3(db, "INSERT INTO event VALUES (?, ?, ?, ?)", -1, SQLITE_PREPARE_PERSISTENT,
                       &insert, NULL);
    start = now();
    for (int64_t seq = 1; seq <= n; seq += batch)
        bare_batch(db, insert, seq, batch);
    start = now() - start;
    sqlite3_finalize(insert);
    sqlite3_close(db);
    *bytes = file_size() / (double)n;
    return (double)n / start;
}

static double run_store(int64_t n, int batch, double *bytes)
{
    static struct sw_input in[BATCH];
    const struct sw_backend *sqlite = &sw_backend_sqlite;
    struct sw_commit c = {0};
    struct sw_lease lease;
    struct sw_err err = {0};
    void *handle;
    double start;

    remove_files();
    must(sqlite->open(&handle, path, &lease, &err) == SW_OK, "open");
    c.epoch = lease.epoch;
    c.inputs.at = in;
    c.inputs.n = (size_t)batch;
    start = now();
    for (; c.old_pos < n; c.old_pos = c.new_pos) {
        c.new_pos = c.old_pos + batch;
        for (int i = 0; i < batch; i++) {
            int64_t seq = c.old_pos + 1 + i;

            in[i] = (struct sw_input){.seq = seq,
                                      .now = INT64_C(1700000000000000) + seq,
                                      .kind = SW_IN_EVENT,
                                      .body = {body, BODY}};
        }
        must(sqlite->commit(handle, &c, &err) == SW_OK, err.text);
    }
    start = now() - start;
    sqlite->close(handle);
    *bytes = file_size() / (double)n;
    return (double)n / start;
}

/* ---- reading -------------------------------------------------------------------------------- */

static bool count_bytes(void *ctx, const struct sw_input *in)
{
    *(uint64_t *)ctx += in->body.n;
    return true;
}

static double run_open(double *read_log)
{
    const struct sw_backend *sqlite = &sw_backend_sqlite;
    struct sw_lease lease;
    struct sw_err err = {0};
    uint64_t bytes = 0;
    void *handle;
    double opened;
    double start = now();

    must(sqlite->open(&handle, path, &lease, &err) == SW_OK, err.text);
    opened = now() - start;
    start = now();
    must(sqlite->read_log(handle, 0, count_bytes, &bytes, &err) == SW_OK, err.text);
    *read_log = (now() - start) / (double)lease.pos;
    sqlite->close(handle);
    return opened;
}

/* ---- snapshot: an engine that is one array -------------------------------------------------- */

static unsigned char *memory;

const struct sw_ruleset *sw_engine_rules(const struct sw_engine *e)
{
    return (const struct sw_ruleset *)(const void *)e;
}

const char *sw_ruleset_digest(const struct sw_ruleset *rs)
{
    (void)rs;
    return "digest";
}

bool sw_engine_save(const struct sw_engine *e, int64_t seq,
                    bool (*put)(void *ctx, const void *bytes, size_t n), void *ctx)
{
    (void)e;
    (void)seq;
    return put(ctx, memory, SNAPSHOT);
}

/* In pieces of 1 MiB, as the engine's slabs are. */
struct sw_engine *sw_engine_load(struct sw_hash_key key, struct sw_ruleset *rules, int64_t *seq,
                                 bool (*get)(void *ctx, void *bytes, size_t n), void *ctx,
                                 struct sw_err *err)
{
    (void)key;
    (void)rules;
    (void)err;
    *seq = 0;
    for (size_t at = 0; at < SNAPSHOT; at += 1 << 20) {
        if (!get(ctx, memory + at, 1 << 20))
            return NULL;
    }
    return (struct sw_engine *)(void *)memory;
}

static double run_bare_read(void)
{
    int fd = open(snapshot, O_RDONLY);
    double start = now();

    for (size_t at = 0; at < SNAPSHOT; at += 1 << 20)
        must(read(fd, memory + at, 1 << 20) == 1 << 20, "read");
    start = now() - start;
    close(fd);
    return start;
}

static double run_load(const struct sw_lease *lease)
{
    struct sw_err err = {0};
    double start = now();
    int64_t seq;

    must(sw_snapshot_load(snapshot, lease, (struct sw_ruleset *)(void *)memory, &seq, &err) != NULL,
         err.text);
    return now() - start;
}

static void bench_snapshot(void)
{
    struct sw_lease lease = {.id = "0123456789abcdef0123456789abcdef"};
    struct sw_err err = {0};
    double bare[ROUNDS];
    double load[ROUNDS];
    double start;

    memory = sw_malloc(SNAPSHOT);
    for (size_t i = 0; i < SNAPSHOT; i++)
        memory[i] = (unsigned char)(i * 7 >> 3);
    start = now();
    must(sw_snapshot_write(snapshot, (struct sw_engine *)(void *)memory, 0, &lease, &err) == SW_OK,
         err.text);
    must(sw_snapshot_publish(snapshot, &err) == SW_OK, err.text);
    printf("snapshot of %d MiB: written in %.2f s", SNAPSHOT >> 20, now() - start);
    for (int i = 0; i < ROUNDS; i++) {
        bare[i] = run_bare_read();
        load[i] = run_load(&lease);
        bare[0] = bare[i] < bare[0] ? bare[i] : bare[0];
        load[0] = load[i] < load[0] ? load[i] : load[0];
    }
    printf(", bare read %.3f s, loaded in %.3f s: ratio %.2f (best of %d)\n", bare[0], load[0],
           load[0] / bare[0], ROUNDS);
    unlink(snapshot);
    free(memory);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *v)
{
    qsort(v, ROUNDS, sizeof(*v), by_value);
    return v[ROUNDS / 2];
}

static void bench_append(int64_t n, int batch)
{
    double bare[ROUNDS];
    double store[ROUNDS];
    double ratio[ROUNDS];
    double bare_bytes;
    double bytes;

    for (int i = 0; i < ROUNDS; i++) {
        bare[i] = run_bare(n, batch, &bare_bytes);
        store[i] = run_store(n, batch, &bytes);
        ratio[i] = store[i] / bare[i];
    }
    printf("batches of %d: bare %.0f events/s, store %.0f, ratio %.2f; bytes/event: bare %.1f,"
           " store %.1f = %.3f x payload\n",
           batch, median(bare), median(store), median(ratio), bare_bytes, bytes, bytes / BODY);
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : "/var/tmp";
    double per_event;
    double opened;

    if (argc > 2)
        events = atoll(argv[2]) / BATCH * BATCH;
    snprintf(path, sizeof(path), "%s/shouwang-bench.%d.db", folder, (int)getpid());
    snprintf(snapshot, sizeof(snapshot), "%s/shouwang-bench.%d.snapshot", folder, (int)getpid());
    memset(body, 'x', BODY);
    memcpy(body, "{\"specversion\":\"1.0\"", 20);
    bench_append(events, BATCH);
    bench_append(4000, 1);
    (void)run_store(events, BATCH, &per_event);
    opened = run_open(&per_event);
    printf("%lld events: opened in %.3f s, log read at %.0f ns/event (warm)\n", (long long)events,
           opened, per_event * 1e9);
    remove_files();
    bench_snapshot();
    return 0;
}
