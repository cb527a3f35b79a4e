/* latency.c - row 4: from sw_publish() of one event to its webhook's arrival, everything idle.
 *
 * The parts it cannot do without are measured in turn with it and with the same pauses between,
 * because an idle processor takes its time to wake up: half a ZeroMQ round trip over tcp, one
 * SQLite commit of one row, one POST on a standing connection. Back to back all four are measured
 * too, for a note. */
#include "events.h"
#include "receiver.h"
#include "service.h"
#include <curl/curl.h>
#include <shouwang/intake/publisher.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

enum { HOT = 300, SAMPLES_MAX = 5000, WEBHOOK_BYTES = 350 };

enum what { EVENT, PING, COMMIT, POST, WHATS };

struct latency {
    struct bench b;
    struct receiver *receiver;
    struct service service;
    struct sw_publisher *publisher;
    struct bills bills;
    uint32_t household; /* the next one without an alert */
    char body[BILL_BYTES];
    void *zmq, *dealer;
    pid_t echo;
    sqlite3 *db;
    sqlite3_stmt *insert;
    CURL *curl;
    struct curl_slist *headers;
};

/* ---- the parts ---------------------------------------------------------------------------- */

/* A ROUTER that sends back what it gets. */
static void run_echo(const char *endpoint, pid_t parent)
{
    void *ctx = zmq_ctx_new();
    void *router = zmq_socket(ctx, ZMQ_ROUTER);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || zmq_bind(router, endpoint) != 0)
        _exit(1);
    for (;;) {
        zmq_msg_t id;
        zmq_msg_t body;

        zmq_msg_init(&id);
        zmq_msg_init(&body);
        zmq_msg_recv(&id, router, 0);
        zmq_msg_recv(&body, router, 0);
        zmq_msg_send(&id, router, ZMQ_SNDMORE);
        zmq_msg_send(&body, router, 0);
    }
}

static void open_ping(struct latency *l)
{
    const int no_linger = 0;
    char endpoint[64];
    pid_t parent = getpid();

    snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%u", (unsigned int)bench_free_port());
    l->echo = fork();
    if (l->echo == 0)
        run_echo(endpoint, parent);
    l->zmq = zmq_ctx_new();
    l->dealer = zmq_socket(l->zmq, ZMQ_DEALER);
    zmq_setsockopt(l->dealer, ZMQ_LINGER, &no_linger, sizeof(no_linger));
    bench_must(zmq_connect(l->dealer, endpoint) == 0, "%s", endpoint);
}

static double ping(struct latency *l)
{
    char back[BILL_BYTES];
    double began = bench_now();

    bench_must(zmq_send(l->dealer, l->body, BILL_BYTES, 0) == BILL_BYTES &&
                   zmq_recv(l->dealer, back, sizeof(back), 0) == BILL_BYTES,
               "a ping");
    return (bench_now() - began) / 2;
}

static void run_sql(sqlite3 *db, const char *sql)
{
    bench_must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sql);
}

static void open_commit(struct latency *l)
{
    char path[400];

    snprintf(path, sizeof(path), "%s/parts.db", l->b.folder);
    bench_must(sqlite3_open(path, &l->db) == SQLITE_OK, "%s", path);
    run_sql(l->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                   "PRAGMA wal_autocheckpoint = 20000;"
                   "CREATE TABLE event (seq INTEGER PRIMARY KEY, body TEXT)");
    bench_must(sqlite3_prepare_v3(l->db, "INSERT INTO event VALUES (NULL, ?)", -1,
                                  SQLITE_PREPARE_PERSISTENT, &l->insert, NULL) == SQLITE_OK,
               "INSERT");
}

static double commit(struct latency *l)
{
    double began = bench_now();

    sqlite3_bind_text(l->insert, 1, l->body, BILL_BYTES, SQLITE_STATIC);
    bench_must(sqlite3_step(l->insert) == SQLITE_DONE, "INSERT");
    sqlite3_reset(l->insert);
    return bench_now() - began;
}

static size_t swallow(char *p, size_t size, size_t n, void *ctx)
{
    (void)p;
    (void)ctx;
    return size * n;
}

static void open_post(struct latency *l)
{
    static char body[WEBHOOK_BYTES + 1];
    char url[64];

    memset(body, 'x', WEBHOOK_BYTES);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/hook",
             (unsigned int)receiver_port(l->receiver));
    l->curl = curl_easy_init();
    l->headers = curl_slist_append(NULL, "Content-Type: application/json");
    curl_easy_setopt(l->curl, CURLOPT_URL, url);
    curl_easy_setopt(l->curl, CURLOPT_HTTPHEADER, l->headers);
    curl_easy_setopt(l->curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(l->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(l->curl, CURLOPT_WRITEFUNCTION, swallow);
}

static double post(struct latency *l)
{
    double began = bench_now();

    bench_must(curl_easy_perform(l->curl) == CURLE_OK, "a POST");
    return bench_now() - began;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static void register_households(struct latency *l, uint32_t n)
{
    struct feed *f = feed_open(l->service.port);

    events_villages(f, n);
    events_households(f, 0, n);
    events_persons(f, 0, n);
    bench_must(feed_counts(f)->stored == feed_counts(f)->sent, "registering");
    feed_close(f);
}

static void open_service(struct latency *l, uint32_t households)
{
    struct sw_publisher_conf conf = {.batch = 1};
    char endpoint[64];
    struct sw_err err;

    service_configure(&l->service, &l->b, "idle", receiver_port(l->receiver));
    service_start(&l->service);
    register_households(l, households);
    snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%u", (unsigned int)l->service.port);
    conf.endpoint = endpoint;
    bench_must(sw_publisher_open(&l->publisher, &conf, &err) == SW_OK, "%s", err.text);
}

/* A bill that alerts; the answer is waited for only when the webhook has come. */
static double event(struct latency *l)
{
    uint64_t before = receiver_count(l->receiver);
    char text[BILL_BYTES];
    struct sw_err err = {0};
    double began;
    double arrived;

    bills_large(&l->bills, text, l->household++);
    began = bench_now();
    bench_must(sw_publish(l->publisher, (struct sw_str){text, BILL_BYTES}, 0, &err) == SW_OK, "%s",
               err.text);
    arrived = receiver_wait(l->receiver, before + 1, 10);
    bench_must(arrived > 0, "a webhook within 10 s");
    bench_must(sw_publisher_flush(l->publisher, &err) == SW_OK, "%s", err.text);
    return arrived - began;
}

static double (*const measure[WHATS])(struct latency *l) = {
    [EVENT] = event, [PING] = ping, [COMMIT] = commit, [POST] = post};

static const char *const names[WHATS] = {"event to webhook", "half a ping", "commit", "POST"};

static double (*cold)[SAMPLES_MAX], (*hot)[SAMPLES_MAX];

/* One of each in turn, 20 to 50 ms apart. */
static void run_cold(struct latency *l, size_t from, size_t samples)
{
    for (size_t i = from; i < from + samples; i++) {
        for (int w = 0; w < WHATS; w++) {
            bench_pause(0.02 + bills_below(&l->bills, 30000) / 1e6);
            cold[w][i] = measure[w](l);
        }
    }
}

static void run_hot(struct latency *l, size_t from)
{
    for (int w = 0; w < WHATS; w++) {
        for (size_t i = from; i < from + HOT; i++)
            hot[w][i] = measure[w](l);
    }
}

/* ---- results ------------------------------------------------------------------------------ */

static double sum_of_parts(double (*v)[SAMPLES_MAX], size_t from, size_t n, double p)
{
    return bench_percentile(v[PING] + from, n, p) + bench_percentile(v[COMMIT] + from, n, p) +
           bench_percentile(v[POST] + from, n, p);
}

static void tell_parts(double (*v)[SAMPLES_MAX], size_t n, const char *how)
{
    bench_note(4, "%s: %s p50 %.2f p99 %.2f ms; %s %.3f, %s %.3f, %s %.3f: sum p50 %.2f ms", how,
               names[EVENT], bench_median(v[EVENT], n) * 1e3,
               bench_percentile(v[EVENT], n, 0.99) * 1e3, names[PING],
               bench_median(v[PING], n) * 1e3, names[COMMIT], bench_median(v[COMMIT], n) * 1e3,
               names[POST], bench_median(v[POST], n) * 1e3, sum_of_parts(v, 0, n, 0.5) * 1e3);
}

static void tell(const struct latency *l, size_t samples)
{
    double ours[BENCH_ROUNDS_MAX];
    double parts[BENCH_ROUNDS_MAX];
    double hurried[BENCH_ROUNDS_MAX];
    size_t n = l->b.rounds;
    char a[64];
    char b[64];

    for (size_t i = 0; i < n; i++) {
        ours[i] = bench_median(cold[EVENT] + i * samples, samples);
        parts[i] = sum_of_parts(cold, i * samples, samples, 0.5);
        hurried[i] = bench_median(hot[EVENT] + i * HOT, HOT) / sum_of_parts(hot, i * HOT, HOT, 0.5);
    }
    snprintf(a, sizeof(a), "%.2f ms, p99 %.2f", bench_median(ours, n) * 1e3,
             bench_percentile(cold[EVENT], n * samples, 0.99) * 1e3);
    snprintf(b, sizeof(b), "%.2f ms ping/2+commit+POST", bench_median(parts, n) * 1e3);
    bench_row(4, a, b, ours, parts, n);
    tell_parts(cold, n * samples, "20 to 50 ms apart");
    tell_parts(hot, n * HOT, "back to back");
    bench_note(4,
               "ratio back to back %.2f [%.2f..%.2f]; 20 to 50 ms apart beside parts back to"
               " back %.2f",
               bench_median(hurried, n), bench_percentile(hurried, n, 0),
               bench_percentile(hurried, n, 1),
               bench_median(ours, n) / sum_of_parts(hot, 0, n * HOT, 0.5));
}

static void close_all(struct latency *l)
{
    sw_publisher_close(l->publisher);
    service_stop(&l->service);
    kill(l->echo, SIGKILL);
    waitpid(l->echo, NULL, 0);
    zmq_close(l->dealer);
    zmq_ctx_term(l->zmq);
    sqlite3_finalize(l->insert);
    sqlite3_close(l->db);
    curl_slist_free_all(l->headers);
    curl_easy_cleanup(l->curl);
    receiver_stop(l->receiver);
    free(cold);
    free(hot);
}

int main(int argc, char **argv)
{
    struct latency l = {.b = bench_begin(argc, argv)};
    size_t samples = (size_t)bench_number("BENCH_ALERTS", 80, 20);
    uint32_t households = (uint32_t)(l.b.rounds * (samples + HOT) + 1);

    bench_must(samples * l.b.rounds <= SAMPLES_MAX && HOT * l.b.rounds <= SAMPLES_MAX,
               "BENCH_ALERTS above %d", SAMPLES_MAX);
    cold = calloc(WHATS, sizeof(*cold));
    hot = calloc(WHATS, sizeof(*hot));
    bench_must(cold != NULL && hot != NULL, "memory");
    open_ping(&l); /* forks: before there are threads */
    l.receiver = receiver_start();
    l.bills = bills_new("LATE", 30);
    bills_small(&l.bills, l.body, 1);
    open_commit(&l);
    open_post(&l);
    open_service(&l, households);
    for (int w = 0; w < WHATS; w++)
        (void)measure[w](&l); /* connections are made */
    for (size_t i = 0; i < l.b.rounds; i++) {
        bench_wait_quiet(&l.b);
        run_cold(&l, i * samples, samples);
        run_hot(&l, i * HOT);
        fprintf(stderr, "round %zu: p50 %.2f ms\n", i + 1,
                bench_median(cold[EVENT] + i * samples, samples) * 1e3);
    }
    tell(&l, samples);
    close_all(&l);
    bench_noise();
    return 0;
}
