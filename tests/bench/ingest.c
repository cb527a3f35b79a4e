/* ingest.c - rows 1 to 3: events through the acknowledged door to the disk.
 *
 * A round is: a bare SQLite append loop; as many bills to a service that has the registry and no
 * event; as many to one that holds millions. One bill in a hundred raises an alert whose webhook
 * must have arrived before the clock is stopped. */
#include "events.h"
#include "receiver.h"
#include "service.h"
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    ROWS_A_COMMIT = 1000,
    ALERT_EVERY = 100,
    YEAR = 365,
    FILL_DAYS = 4 * YEAR,
    DELIVERY_PATIENCE = 60, /* seconds */
};

struct ingest {
    struct bench b;
    struct receiver *receiver;
    uint32_t households;
    uint64_t events, fill;
    struct service full;
    double base_bytes; /* of a database with the registry only */
};

/* One service while it takes the events of one round. */
struct run {
    double rate, bytes; /* events per second; bytes a stored event has more than none */
    double loop, writer, zmq, publisher, receiver; /* processor µs an event */
};

/* ---- the reference ------------------------------------------------------------------------ */

static void run_sql(sqlite3 *db, const char *sql)
{
    bench_must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sql);
}

static void append(sqlite3 *db, sqlite3_stmt *insert, const char *body, uint64_t rows)
{
    for (uint64_t i = 0; i < rows; i++) {
        if (i % ROWS_A_COMMIT == 0)
            run_sql(db, "BEGIN");
        sqlite3_bind_int64(insert, 1, INT64_C(1700000000000000) + (int64_t)i);
        sqlite3_bind_int64(insert, 2, (int64_t)(i * 2654435761 % 1000000));
        sqlite3_bind_text(insert, 3, body, BILL_BYTES, SQLITE_STATIC);
        bench_must(sqlite3_step(insert) == SQLITE_DONE, "INSERT");
        sqlite3_reset(insert);
        if (i % ROWS_A_COMMIT == ROWS_A_COMMIT - 1 || i + 1 == rows)
            run_sql(db, "COMMIT");
    }
}

/* Rows per second of the least SQLite must do: `rn` of perf.md, 1000 rows a commit. */
static double run_bare(struct ingest *in)
{
    struct bills bills = bills_new("BARE", YEAR);
    char body[BILL_BYTES];
    char path[400];
    sqlite3_stmt *insert;
    sqlite3 *db;
    double took;

    bills_small(&bills, body, 1);
    snprintf(path, sizeof(path), "%s/bare", in->b.folder);
    bench_remove(path);
    bench_must(sqlite3_open_v2(path, &db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                               NULL) == SQLITE_OK,
               "%s", path);
    run_sql(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                "PRAGMA wal_autocheckpoint = 20000;"
                "CREATE TABLE event (seq INTEGER PRIMARY KEY, at INTEGER, household INTEGER,"
                " body TEXT)");
    bench_must(sqlite3_prepare_v3(db, "INSERT INTO event VALUES (NULL, ?, ?, ?)", -1,
                                  SQLITE_PREPARE_PERSISTENT, &insert, NULL) == SQLITE_OK,
               "INSERT");
    took = bench_now();
    append(db, insert, body, in->events);
    took = bench_now() - took;
    sqlite3_finalize(insert);
    sqlite3_close(db);
    bench_remove(path);
    return (double)in->events / took;
}

/* ---- ours --------------------------------------------------------------------------------- */

static double own_seconds(void)
{
    struct rusage u;

    getrusage(RUSAGE_THREAD, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void expect_stored(const struct feed *f)
{
    const struct feed_counts *c = feed_counts(f);

    bench_must(c->stored == c->sent, "%llu events: %llu stored, %llu repeated, %llu refused",
               (unsigned long long)c->sent, (unsigned long long)c->stored,
               (unsigned long long)c->repeated, (unsigned long long)c->refused);
}

/* Bills to everybody below `quiet`; every hundredth to the next household from there on, which is
 * alerted. */
static void publish(struct ingest *in, struct feed *f, const char source[5], uint32_t quiet)
{
    /* Spread like those that fill the other service, so that rounds do not crowd its newest year.
     */
    struct bills bills = bills_new(source, FILL_DAYS);
    uint32_t alerted = quiet;

    for (uint64_t i = 0; i < in->events; i++) {
        char *out = feed_event(f, BILL_BYTES);

        if (i % ALERT_EVERY == ALERT_EVERY - 1)
            bills_large(&bills, out, alerted++);
        else
            bills_small(&bills, out, bills_below(&bills, quiet));
    }
    feed_flush(f);
}

/* One round's events to the service `s`; households from `quiet` on have had no alert yet. */
static struct run run_service(struct ingest *in, struct service *s, const char source[5],
                              uint32_t quiet)
{
    uint64_t alerts = in->events / ALERT_EVERY;
    uint64_t before = receiver_count(in->receiver);
    struct feed *f = feed_open(s->port);
    double per = 1e6 / (double)in->events;
    struct service_work w0 = service_work(s);
    double own = own_seconds();
    double receiver = receiver_seconds(in->receiver);
    double began = bench_now();
    struct service_work w1;
    struct run r = {0};
    double ended;
    double arrived;

    publish(in, f, source, quiet);
    ended = bench_now();
    arrived = receiver_wait(in->receiver, before + alerts, DELIVERY_PATIENCE);
    bench_must(alerts == 0 || arrived > 0, "%llu webhooks of %llu arrive",
               (unsigned long long)(receiver_count(in->receiver) - before),
               (unsigned long long)alerts);
    r.rate = (double)in->events / ((arrived > ended ? arrived : ended) - began);
    w1 = service_work(s);
    r.loop = (w1.loop - w0.loop) * per;
    r.writer = (w1.writer - w0.writer) * per;
    r.zmq = (w1.zmq - w0.zmq) * per;
    r.publisher = (own_seconds() - own) * per;
    r.receiver = (receiver_seconds(in->receiver) - receiver) * per;
    expect_stored(f);
    feed_close(f);
    return r;
}

/* A service that has the registry and no event yet. */
static struct run run_empty(struct ingest *in, uint32_t quiet)
{
    struct service s;
    char from[400];
    char to[400];
    struct run r;

    service_configure(&s, &in->b, "empty", receiver_port(in->receiver));
    snprintf(from, sizeof(from), "%s/registry/data/.", in->b.folder);
    snprintf(to, sizeof(to), "%s/data/", s.folder);
    bench_copy(from, to);
    service_start(&s);
    bench_wait_quiet(&in->b);
    r = run_service(in, &s, "EMPT", quiet);
    service_stop(&s);
    r.bytes = (service_stored(&s) - in->base_bytes) / (double)in->events;
    bench_remove(s.folder);
    return r;
}

/* ---- before the rounds -------------------------------------------------------------------- */

static void register_county(struct ingest *in)
{
    struct service s;
    struct feed *f;
    double took;

    service_configure(&s, &in->b, "registry", receiver_port(in->receiver));
    service_start(&s);
    f = feed_open(s.port);
    took = bench_now();
    events_villages(f, in->households);
    events_households(f, 0, in->households);
    events_persons(f, 0, in->households);
    took = bench_now() - took;
    expect_stored(f);
    bench_note(1, "registry: %u households and persons loaded at %.0f k events/s", in->households,
               (double)feed_counts(f)->sent / took / 1e3);
    feed_close(f);
    service_stop(&s);
    in->base_bytes = service_stored(&s);
}

/* A service that holds `fill` events, spread over four years and all households. */
static void fill_service(struct ingest *in)
{
    struct bills bills = bills_new("FILL", FILL_DAYS);
    struct service *s = &in->full;
    char from[400];
    char to[400];
    struct feed *f;
    double took;

    service_configure(s, &in->b, "full", receiver_port(in->receiver));
    snprintf(from, sizeof(from), "%s/registry/data/.", in->b.folder);
    snprintf(to, sizeof(to), "%s/data/", s->folder);
    bench_copy(from, to);
    service_start(s);
    f = feed_open(s->port);
    took = bench_now();
    for (uint64_t i = 0; i < in->fill; i++)
        bills_small(&bills, feed_event(f, BILL_BYTES), bills_below(&bills, in->households));
    feed_flush(f);
    took = bench_now() - took;
    expect_stored(f);
    feed_close(f);
    bench_note(2, "filled with %.1f M events at %.0f k/s", (double)in->fill / 1e6,
               (double)in->fill / took / 1e3);
}

/* ---- the rows ----------------------------------------------------------------------------- */

static void tell_work(int row, const char *what, const struct run *r, size_t n)
{
    double v[5][BENCH_ROUNDS_MAX];

    for (size_t i = 0; i < n; i++) {
        v[0][i] = r[i].loop;
        v[1][i] = r[i].writer;
        v[2][i] = r[i].zmq;
        v[3][i] = r[i].publisher;
        v[4][i] = r[i].receiver;
    }
    bench_note(row,
               "%s, processor us an event: loop %.2f, writer %.2f, zmq %.2f; beside it publisher"
               " %.2f, receiver %.2f",
               what, bench_median(v[0], n), bench_median(v[1], n), bench_median(v[2], n),
               bench_median(v[3], n), bench_median(v[4], n));
}

static void tell(struct ingest *in, const double *bare, const struct run *empty,
                 const struct run *full)
{
    double ours[BENCH_ROUNDS_MAX];
    double filled[BENCH_ROUNDS_MAX];
    double bytes[BENCH_ROUNDS_MAX];
    double payload[BENCH_ROUNDS_MAX];
    size_t n = in->b.rounds;
    char a[64];
    char b[64];

    for (size_t i = 0; i < n; i++) {
        ours[i] = empty[i].rate;
        filled[i] = full[i].rate;
        bytes[i] = empty[i].bytes;
        payload[i] = BILL_BYTES;
    }
    snprintf(a, sizeof(a), "%.0f k/s", bench_median(ours, n) / 1e3);
    snprintf(b, sizeof(b), "%.0f k/s bare SQLite", bench_median(bare, n) / 1e3);
    bench_row(1, a, b, ours, bare, n);
    tell_work(1, "empty", empty, n);
    snprintf(a, sizeof(a), "%.0f k/s", bench_median(filled, n) / 1e3);
    snprintf(b, sizeof(b), "%.0f k/s empty", bench_median(ours, n) / 1e3);
    bench_row(2, a, b, filled, ours, n);
    tell_work(2, "full", full, n);
    snprintf(a, sizeof(a), "%.0f B", bench_median(bytes, n));
    snprintf(b, sizeof(b), "%d B payload", BILL_BYTES);
    bench_row(3, a, b, bytes, payload, n);
}

int main(int argc, char **argv)
{
    static double bare[BENCH_ROUNDS_MAX];
    static struct run empty[BENCH_ROUNDS_MAX];
    static struct run full[BENCH_ROUNDS_MAX];
    struct ingest in = {.b = bench_begin(argc, argv)};
    uint32_t alerts;

    in.households = (uint32_t)bench_number("BENCH_HOUSEHOLDS", 400000, 5000);
    in.events = (uint64_t)bench_number("BENCH_EVENTS", 1000000, 20000);
    in.fill = (uint64_t)bench_number("BENCH_FILL", 5000000, 100000);
    alerts = (uint32_t)(in.events / ALERT_EVERY);
    bench_must(alerts * (in.b.rounds + 1) < in.households, "%u alerts a round, %u households",
               alerts, in.households);
    in.receiver = receiver_start();
    register_county(&in);
    fill_service(&in);
    for (size_t i = 0; i < in.b.rounds; i++) {
        char source[5] = "RND0";

        source[3] = (char)('A' + (int)i);
        bench_wait_quiet(&in.b);
        bare[i] = run_bare(&in);
        empty[i] = run_empty(&in, in.households - alerts);
        bench_wait_quiet(&in.b);
        full[i] = run_service(&in, &in.full, source, in.households - (uint32_t)(i + 1) * alerts);
        fprintf(stderr, "round %zu: bare %.0f k/s, empty %.0f k/s, full %.0f k/s\n", i + 1,
                bare[i] / 1e3, empty[i].rate / 1e3, full[i].rate / 1e3);
    }
    service_stop(&in.full);
    receiver_stop(in.receiver);
    tell(&in, bare, empty, full);
    bench_noise();
    return 0;
}
