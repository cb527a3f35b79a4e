/* kill.c - hundreds of kill -9 while a resending publisher streams events.
 *
 *   kill BUILD [KILLS [EVENTS [FAULTS]]]
 *
 * The same events are first published to a daemon nobody disturbs. Then, on an empty folder again,
 * to one that is killed at random moments and started anew; with FAULTS the fresh starts also run
 * on a disk that fills up, fails to sync or fails to write (SW_FAULT, tests/crash/fault_vfs.c).
 * Afterwards:
 *   - every acknowledged event is in the log once, and no event twice;
 *   - cases and messages are those of the undisturbed run;
 *   - every message reached its gateway, and what was sent twice has one id and one text. */
#include "../tap.h"
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/file.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/intake/publisher.h>
#include <shouwang/store/record.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINES_MAX = 100000 };

struct trial {
    const char *build;
    char folder[200]; /* of this run: configuration, data, logs */
    char endpoint[64], url[64];
    pid_t daemon, sink;
    bool faulty;
    unsigned int starts, faults;
};

/* The stream: one line per event; which were acknowledged. */
static char *line[LINES_MAX];
static size_t n_lines;
static _Atomic bool acknowledged[LINES_MAX], refused[LINES_MAX];
static _Atomic size_t n_answered;
static _Atomic bool publishing;

static void die(const char *what)
{
    printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(1);
}

static void path_in(char out[400], const struct trial *t, const char *name)
{
    snprintf(out, 400, "%s/%s", t->folder, name);
}

/* ---- processes ---------------------------------------------------------------------------- */

static void quiet(const char *log)
{
    FILE *f = freopen(log, "a", stderr);

    if (f == NULL || freopen("/dev/null", "w", stdout) == NULL)
        _exit(127);
}

static pid_t spawn(const char *log, char *const argv[], const char *fault)
{
    pid_t pid = fork();

    if (pid == 0) {
        quiet(log);
        if (fault != NULL)
            setenv("SW_FAULT", fault, 1);
        execv(argv[0], argv);
        _exit(127);
    }
    return pid;
}

static int run(const char *command)
{
    int status = system(command);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A disk that turns bad somewhere in the next stretch of work. */
static const char *random_fault(struct tap_random *r, char out[64])
{
    switch (tap_below(r, 4)) {
    case 0: snprintf(out, 64, "sync:%u", 1 + tap_below(r, 40)); break;
    case 1: snprintf(out, 64, "write:%u", 1 + tap_below(r, 300)); break;
    case 2: snprintf(out, 64, "full:%u", 1 + tap_below(r, 2000000)); break;
    default: snprintf(out, 64, "cut:%u:%u", 1 + tap_below(r, 60), tap_below(r, 1000)); break;
    }
    return out;
}

static void start_daemon(struct trial *t, struct tap_random *r)
{
    char program[400];
    char config[400];
    char log[400];
    char fault[64];
    bool faulty = t->faulty && tap_below(r, 2) == 0;
    char *argv[] = {program, (char[]){"--config"}, config, NULL};

    snprintf(program, sizeof(program), "%s/tests/crash/shouwangd", t->build);
    path_in(config, t, "shouwang.yaml");
    path_in(log, t, "daemon.log");
    t->starts++;
    t->faults += faulty;
    t->daemon = spawn(log, argv, faulty ? random_fault(r, fault) : NULL);
}

static bool answers(const struct trial *t)
{
    char command[300];

    snprintf(command, sizeof(command), "curl -fs -o /dev/null --max-time 2 %s/-/ready", t->url);
    return run(command) == 0;
}

/* False when it ended by itself or took twenty seconds. */
static bool wait_ready(const struct trial *t)
{
    siginfo_t gone = {.si_pid = 0};

    for (int i = 0; i < 400 && gone.si_pid == 0; i++) {
        if (answers(t))
            return true;
        waitid(P_PID, (id_t)t->daemon, &gone, WEXITED | WNOHANG | WNOWAIT);
        usleep(50000);
    }
    return false;
}

static int stop_daemon(struct trial *t, int signal_number)
{
    int status = 0;

    kill(t->daemon, signal_number);
    waitpid(t->daemon, &status, 0);
    t->daemon = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static unsigned int start_sink(struct trial *t)
{
    char log[400];
    char command[1600];
    char text[32] = "";
    char port[400];
    FILE *f;

    path_in(log, t, "sink.jsonl");
    path_in(port, t, "sink.port");
    snprintf(command, sizeof(command), "%s/tests/e2e/sink %s >%s & echo $! >%s.pid", t->build, log,
             port, port);
    run(command);
    for (int i = 0; i < 200 && text[0] == '\0'; i++) {
        usleep(20000);
        f = fopen(port, "re");
        if (f != NULL && fgets(text, sizeof(text), f) == NULL)
            text[0] = '\0';
        if (f != NULL)
            fclose(f);
    }
    snprintf(log, sizeof(log), "%.380s.pid", port);
    f = fopen(log, "re");
    if (f == NULL || fgets(command, sizeof(command), f) == NULL)
        die("sink");
    fclose(f);
    t->sink = (pid_t)strtol(command, NULL, 10);
    return (unsigned int)strtoul(text, NULL, 10);
}

/* Two free ports, one after the other by the kernel's choice. */
static void free_ports(unsigned int port[2])
{
    FILE *p = popen("perl -MSocket -e 'for (1..2) { socket(my $s, PF_INET, SOCK_STREAM, 0);"
                    " bind($s, sockaddr_in(0, INADDR_LOOPBACK)); push @k, $s;"
                    " print +(sockaddr_in(getsockname $s))[0], \"\\n\" }'",
                    "re");

    for (int i = 0; p != NULL && i < 2; i++) {
        char text[32];

        if (fgets(text, sizeof(text), p) == NULL)
            die("ports");
        port[i] = (unsigned int)strtoul(text, NULL, 10);
    }
    pclose(p);
}

static void prepare(struct trial *t)
{
    char path[400];
    unsigned int sink;
    unsigned int port[2];
    FILE *f;

    mkdir(t->folder, 0700);
    path_in(path, t, "data");
    mkdir(path, 0700);
    sink = start_sink(t);
    free_ports(port);
    snprintf(t->endpoint, sizeof(t->endpoint), "tcp://127.0.0.1:%u", port[0]);
    snprintf(t->url, sizeof(t->url), "http://127.0.0.1:%u", port[1]);
    path_in(path, t, "secret");
    f = fopen(path, "we");
    fprintf(f, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    fclose(f);
    chmod(path, 0600);
    path_in(path, t, "shouwang.yaml");
    f = fopen(path, "we");
    fprintf(f,
            "data: data\nrules: ../rules\n"
            "intake: {router: [\"%s\"]}\nhttp: {listen: \"127.0.0.1:%u\"}\n"
            "gateways:\n"
            "  sms: {profile: kannel, params: {base: \"http://127.0.0.1:%u\"}, "
            "secrets: {password_file: %s/secret}}\n"
            "  team: {profile: standard-webhooks, params: {url: \"http://127.0.0.1:%u/as/team\"}, "
            "secrets: {secret_file: %s/secret}}\n",
            t->endpoint, port[1], sink, t->folder, sink, t->folder);
    fclose(f);
}

/* The registry goes in undisturbed; the clean stop leaves a snapshot. */
static void load_registry(struct trial *t, const char *county)
{
    char command[900];

    start_daemon(t, NULL);
    if (!wait_ready(t))
        die("the daemon does not start");
    snprintf(command, sizeof(command),
             "SHOUWANG_CONFIG=%s/shouwang.yaml %s/shouwang import %s 2>>%s/import.log", t->folder,
             t->build, county, t->folder);
    if (run(command) != 0)
        die("import");
    stop_daemon(t, SIGTERM);
}

/* ---- publishing --------------------------------------------------------------------------- */

struct publication {
    const char *endpoint;
    useconds_t pause; /* between batches, so that the stream lasts */
    struct sw_err err;
    enum sw_code rc;
};

static void on_stored(void *ctx, uint64_t mark)
{
    (void)ctx;
    acknowledged[mark] = true;
    n_answered++;
}

static void on_refused(void *ctx, uint64_t mark, struct sw_str reason, struct sw_str text)
{
    (void)ctx;
    (void)reason;
    (void)text;
    refused[mark] = true;
    n_answered++;
}

static void *publish(void *arg)
{
    struct publication *p = arg;
    struct sw_publisher *pub;
    struct sw_publisher_conf conf = {.endpoint = p->endpoint,
                                     .batch = 20,
                                     .patience = 300 * SW_SECOND,
                                     .silence = SW_SECOND / 20,
                                     .refused = on_refused,
                                     .stored = on_stored};

    p->rc = sw_publisher_open(&pub, &conf, &p->err);
    for (size_t i = 0; i < n_lines && p->rc == SW_OK; i++) {
        p->rc = sw_publish(pub, sw_str(line[i]), i, &p->err);
        if (i % 20 == 0 && p->pause > 0)
            usleep(p->pause);
    }
    if (p->rc == SW_OK)
        p->rc = sw_publisher_flush(pub, &p->err);
    sw_publisher_close(pub);
    publishing = false;
    return NULL;
}

static void forget_answers(void)
{
    n_answered = 0;
    for (size_t i = 0; i < n_lines; i++)
        acknowledged[i] = refused[i] = false;
}

/* ---- looking ------------------------------------------------------------------------------ */

static sqlite3 *open_database(const struct trial *t)
{
    char path[400];
    sqlite3 *db;

    path_in(path, t, "data/shouwang.db");
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        die("database");
    return db;
}

/* Every row of a query as one text, fields joined by |. */
static void query(sqlite3 *db, const char *sql, struct sw_buf *out)
{
    sqlite3_stmt *st;

    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
        die(sqlite3_errmsg(db));
    while (sqlite3_step(st) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(st); i++)
            sw_buf_printf(out, "%s%s", i == 0 ? "" : "|", (const char *)sqlite3_column_text(st, i));
        sw_buf_char(out, '\n');
    }
    sqlite3_finalize(st);
}

static int64_t query_number(sqlite3 *db, const char *sql)
{
    struct sw_buf out = {0};
    int64_t n = -1;

    query(db, sql, &out);
    sw_str_int(sw_str_trim(sw_buf_view(&out)), &n);
    sw_buf_free(&out);
    return n;
}

/* A message's id as the world sees it. */
#define ID "((id >> 20) || '-' || (id & 1048575))"

/* What must be equal in both runs: everything but times and the log's own numbers. */
static const char cases_sql[] =
    "SELECT number, household, area, place, name, state, level, outcome, owner, score, causes "
    "FROM cases ORDER BY number";
static const char messages_sql[] =
    "SELECT number, kind, gateway, receiver, "
    "CASE WHEN gateway = 'sms' THEN body ELSE json_remove(body, '$.timestamp', '$.data.due') END "
    "FROM message ORDER BY number, kind, gateway, receiver, body";
static const char steps_sql[] = "SELECT number, kind, actor, text FROM step "
                                "WHERE kind <> 'receipt' ORDER BY number, id"; /* when, varies */

static void compare(struct trial *a, struct trial *b, const char *sql, const char *name)
{
    sqlite3 *da = open_database(a);
    sqlite3 *db = open_database(b);
    struct sw_buf ta = {0};
    struct sw_buf tb = {0};
    struct sw_str ra;
    struct sw_str rb;

    query(da, sql, &ta);
    query(db, sql, &tb);
    if (!ok_named(ta.n > 0 && sw_str_eq(sw_buf_view(&ta), sw_buf_view(&tb)), name)) {
        ra = sw_buf_view(&ta);
        rb = sw_buf_view(&tb);
        for (int shown = 0; shown < 5;) {
            struct sw_str la = {NULL, 0};
            struct sw_str lb = {NULL, 0};
            bool more = sw_str_split(&ra, '\n', &la);

            more |= sw_str_split(&rb, '\n', &lb);
            if (!more)
                break;
            if (!sw_str_eq(la, lb)) {
                note("undisturbed: %.*s", SW_STR_ARG(la));
                note("  disturbed: %.*s", SW_STR_ARG(lb));
                shown++;
            }
        }
    }
    sw_buf_free(&ta);
    sw_buf_free(&tb);
    sqlite3_close(da);
    sqlite3_close(db);
}

/* id of the event in a line of the stream, empty when the line is broken. */
static struct sw_str id_of(struct sw_arena *arena, const char *text)
{
    struct sw_json *event;

    if (sw_json_parse(arena, sw_str(text), &event, NULL) != SW_OK)
        return (struct sw_str){NULL, 0};
    return sw_json_text(event, "id");
}

static void check_log(struct trial *t)
{
    sqlite3 *db = open_database(t);
    struct sw_buf out = {0};
    struct sw_arena arena = {0};
    sqlite3_stmt *st;
    size_t missing = 0;

    query(db, "PRAGMA integrity_check", &out);
    is_str(sw_buf_view(&out), "ok\n");
    is_int_named(query_number(db, "SELECT count(*) - count(DISTINCT json_extract(body, '$.source')"
                                  " || ' ' || json_extract(body, '$.id') || ' ' ||"
                                  " json_extract(body, '$.subject')) FROM event WHERE kind = 1"),
                 0, "no event is in the log twice");
    is_int_named(query_number(db, "SELECT max(seq) - count(*) FROM event"), 0,
                 "the log has no holes");
    sqlite3_close(db);
    db = open_database(t);
    sqlite3_exec(db,
                 "CREATE TEMP TABLE ids AS SELECT json_extract(body, '$.id') AS id FROM event "
                 "WHERE kind = 1; CREATE INDEX temp.by_id ON ids (id)",
                 NULL, NULL, NULL);
    if (sqlite3_prepare_v2(db, "SELECT count(*) FROM ids WHERE id = ?1", -1, &st, NULL) !=
        SQLITE_OK)
        die(sqlite3_errmsg(db));
    for (size_t i = 0; i < n_lines; i++) {
        struct sw_str id = id_of(&arena, line[i]);

        if (acknowledged[i] && id.n > 0) {
            sqlite3_bind_text(st, 1, id.p, (int)id.n, SQLITE_STATIC);
            missing += sqlite3_step(st) != SQLITE_ROW || sqlite3_column_int(st, 0) < 1;
            sqlite3_reset(st);
        }
        sw_arena_reset(&arena);
    }
    sqlite3_finalize(st);
    is_int_named(missing, 0, "every acknowledged event is in the log");
    sqlite3_close(db);
    sw_arena_free(&arena);
    sw_buf_free(&out);
}

/* The sink's lines: id and text of each delivery; one id always has one text. */
static void check_deliveries(struct trial *t)
{
    sqlite3 *db = open_database(t);
    struct sw_arena arena = {0};
    struct sw_buf text = {0};
    struct sw_str rest;
    struct sw_str l;
    char path[400];
    sqlite3_stmt *st;

    path_in(path, t, "sink.jsonl");
    if (sw_file_read(path, SIZE_MAX, &text, NULL) != SW_OK)
        die("sink.jsonl");
    sqlite3_exec(db, "CREATE TEMP TABLE sent (id TEXT, body TEXT)", NULL, NULL, NULL);
    sqlite3_prepare_v2(db, "INSERT INTO sent VALUES (?1, ?2)", -1, &st, NULL);
    rest = sw_buf_view(&text);
    while (sw_str_split(&rest, '\n', &l)) {
        struct sw_json *v;
        struct sw_str id;
        struct sw_str body;

        if (sw_json_parse(&arena, l, &v, NULL) == SW_OK) {
            id = sw_json_text(v, "webhook-id");
            body = sw_json_text(v, "body");
            if (id.n == 0) {
                id = sw_json_text(v, "id");
                body = sw_json_text(v, "text");
            }
            sqlite3_bind_text(st, 1, id.p, (int)id.n, SQLITE_STATIC);
            sqlite3_bind_text(st, 2, body.p, (int)body.n, SQLITE_STATIC);
            sqlite3_step(st);
            sqlite3_reset(st);
        }
        sw_arena_reset(&arena);
    }
    sqlite3_finalize(st);
    is_int_named(
        query_number(db, "SELECT count(*) FROM message WHERE " ID " NOT IN (SELECT id FROM sent)"),
        0, "every message reached its gateway");
    is_int_named(
        query_number(db, "SELECT count(*) FROM sent WHERE id NOT IN (SELECT " ID " FROM message)"),
        0, "nothing was sent that was not committed");
    is_int_named(query_number(db, "SELECT count(*) FROM (SELECT id FROM sent GROUP BY id "
                                  "HAVING count(DISTINCT body) > 1)"),
                 0, "what was sent twice has one id and one text");
    note("%lld messages, %lld deliveries",
         (long long)query_number(db, "SELECT count(*) FROM message"),
         (long long)query_number(db, "SELECT count(*) FROM sent"));
    sqlite3_close(db);
    sw_buf_free(&text);
    sw_arena_free(&arena);
}

/* Until no message waits any more. */
static bool wait_delivered(struct trial *t)
{
    for (int i = 0; i < 1200; i++) {
        sqlite3 *db = open_database(t);
        int64_t waiting = query_number(db, "SELECT count(*) FROM message WHERE state <> 2");

        sqlite3_close(db);
        if (waiting == 0)
            return true;
        usleep(100000);
    }
    return false;
}

/* ---- the two runs ------------------------------------------------------------------------- */

static void run_undisturbed(struct trial *t)
{
    struct publication p = {.endpoint = t->endpoint};

    forget_answers();
    start_daemon(t, NULL);
    if (!wait_ready(t))
        die("the daemon does not start");
    publish(&p);
    is_int_named(p.rc, SW_OK, "the undisturbed run takes everything");
    ok_named(wait_delivered(t), "and delivers everything");
    is_int(stop_daemon(t, SIGTERM), 0);
}

static void run_disturbed(struct trial *t, struct tap_random *r, unsigned int kills)
{
    struct publication p = {.endpoint = t->endpoint, .pause = 4000};
    pthread_t thread;
    unsigned int killed = 0;
    time_t begun = time(NULL);

    forget_answers();
    publishing = true;
    pthread_create(&thread, NULL, publish, &p);
    while (publishing || killed < kills) {
        int status;

        start_daemon(t, r);
        if (t->starts % 4 == 0) /* a slow build must get somewhere too */
            wait_ready(t);
        usleep(20000 + tap_below(r, 280000)); /* often before it is ready, mostly after */
        if (waitpid(t->daemon, &status, WNOHANG) == t->daemon)
            continue; /* the disk failed and it stopped by itself */
        if (!publishing && killed >= kills)
            break;
        stop_daemon(t, SIGKILL);
        killed++;
    }
    pthread_join(thread, NULL);
    t->faulty = false;
    if (t->daemon != 0 && kill(t->daemon, 0) == 0)
        stop_daemon(t, SIGKILL);
    note("%u kills, %u starts, %u of them on a failing disk, %ld s", killed, t->starts, t->faults,
         (long)(time(NULL) - begun));
    is_int_named(p.rc, SW_OK, "the publisher got an answer for every event");
    start_daemon(t, r);
    ok_named(wait_ready(t), "it starts once more");
    ok_named(wait_delivered(t), "and delivers what was left");
    is_int(stop_daemon(t, SIGTERM), 0);
}

static void read_stream(const char *path, size_t most)
{
    FILE *f = fopen(path, "re");
    size_t cap = 0;
    ssize_t n;

    if (f == NULL)
        die(path);
    while (n_lines < most && n_lines < LINES_MAX && (n = getline(&line[n_lines], &cap, f)) > 0) {
        line[n_lines][n - 1] = '\0';
        cap = 0;
        n_lines++;
    }
    free(line[n_lines]);
    fclose(f);
}

static void make_county(const char *build, const char *folder)
{
    char command[900];

    snprintf(command, sizeof(command),
             "%s/tests/data/county/county --seed 5 --scale 0.2 %s/county >/dev/null && cp -r rules "
             "%s/rules && sed -i '/^# ---- 少打扰/,$d' %s/rules/messages.yaml",
             build, folder, folder, folder);
    if (run(command) != 0)
        die("county");
}

static void on_wrong(void *ctx, const struct sw_wrong *w)
{
    if (++*(size_t *)ctx <= 5)
        note("step %lld, case %lld: %.*s", (long long)w->position, (long long)w->number,
             SW_STR_ARG(w->what));
}

/* What was committed between kills is one chain, and the log brings it about once more. */
static void check_record(const struct trial *t)
{
    struct sw_query *q = NULL;
    struct sw_err err = {.code = SW_OK};
    char path[400];
    char key[400];
    size_t n = 0;

    path_in(path, t, "data/shouwang.db");
    path_in(key, t, "data/shouwang.key");
    if (ok_named(sw_query_open(&q, path, &err) == SW_OK && (sw_query_key_file(q, key), true) &&
                     sw_query_verify(q, NULL, on_wrong, &n, &err) == SW_OK &&
                     sw_query_recompute(q, on_wrong, &n, &err) == SW_OK && n == 0,
                 "the record of cases is whole, and the log gives it again") == false)
        note("%s", err.text);
    sw_query_close(q);
}

int main(int argc, char **argv)
{
    const char *build = argc > 1 ? argv[1] : "build";
    unsigned int kills = argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 10) : 200;
    size_t events = argc > 3 ? strtoul(argv[3], NULL, 10) : 20000;
    struct tap_random r = tap_seed();
    struct trial a = {.build = build};
    struct trial b = {.build = build, .faulty = argc > 4};
    char folder[] = "/tmp/shouwang-crash-XXXXXX";
    char path[400];

    if (mkdtemp(folder) == NULL)
        die("mkdtemp");
    snprintf(a.folder, sizeof(a.folder), "%s/a", folder);
    snprintf(b.folder, sizeof(b.folder), "%s/b", folder);
    make_county(build, folder);
    snprintf(path, sizeof(path), "%s/county/history.jsonl", folder);
    read_stream(path, events);
    snprintf(path, sizeof(path), "%s/county", folder);
    prepare(&a);
    load_registry(&a, path);
    run_undisturbed(&a);
    prepare(&b);
    {
        bool faulty = b.faulty;

        b.faulty = false;
        load_registry(&b, path);
        b.faulty = faulty;
    }
    run_disturbed(&b, &r, kills);
    check_log(&b);
    compare(&a, &b, cases_sql, "cases are those of the undisturbed run");
    compare(&a, &b, steps_sql, "and their steps");
    check_record(&b);
    compare(&a, &b, messages_sql, "messages are those of the undisturbed run");
    check_deliveries(&b);
    kill(a.sink, SIGTERM);
    kill(b.sink, SIGTERM);
    if (tap_failures == 0) {
        snprintf(path, sizeof(path), "rm -rf %s", folder);
        run(path);
    } else {
        note("left for looking at: %s", folder);
    }
    for (size_t i = 0; i < n_lines; i++)
        free(line[i]);
    return done_testing();
}
