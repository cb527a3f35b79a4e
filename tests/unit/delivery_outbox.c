/* The scheduler on a real loop, against a server that is quick, slow, failing, hanging or dead, and
 * a store that commits after a while. */
#include "../../daemon/delivery/lane.h"
#include "delivery_double.h"
#include <shouwang/base/log.h>

/* ---- gateways and messages ---- */

static const char *const hook =
    "profile: hook\nversion: 1\nkind: webhook\nsecrets: [key]\nparams: {url: {required: true}}\n"
    "input: {event: required, msg_id: required}\n"
    "request: {method: POST, url: \"${url}\", headers: {webhook-id: \"${msg_id}\", X-Key: "
    "\"${key}\"}, body: {json_value: event}, timeout_s: 1}\n"
    "response:\n  parse: none\n  success: {status: 2xx}\n  classes: {rate_limited: [{status: "
    "[429]}], disabled: [{status: [410]}], permanent: [{status: [400]}], default: retry}\n"
    "retry: {delays_s: [0, 1, 1, 10], jitter: 0.2}\nreceipts: none\ninbound: none\n";

static struct sw_gateways *make_gateways(void)
{
    static const struct {
        const char *name, *path, *extra;
    } rows[] = {
        {"ok", "/ok", ""},       {"late", "/late", ", concurrency: 5"},
        {"e500", "/500", ""},    {"e410", "/410", ""},
        {"e429", "/429", ""},    {"e400", "/400", ""},
        {"flip", "/flip", ""},   {"once", "/once", ""},
        {"never", "/never", ""}, {"rated", "/ok", ", rate: [{count: 3, window_s: 1}]"},
    };
    struct sw_buf config = {0};
    struct sw_gateways *g;

    for (size_t i = 0; i < SW_COUNTOF(rows); i++)
        sw_buf_printf(&config,
                      "%s: {profile: hook, params: {url: \"http://127.0.0.1:%u%s\"}, secrets: "
                      "{key: hunter2}%s}\n",
                      rows[i].name, sw_httpd_port(httpd), rows[i].path, rows[i].extra);
    sw_buf_printf(&config,
                  "dead: {profile: hook, params: {url: \"http://127.0.0.1:%u/\"}, secrets: {key: "
                  "hunter2}}\n",
                  dead_port());
    g = help_gateways(config.p, help_folder, NULL);
    if (g == NULL)
        abort();
    sw_buf_free(&config);
    return g;
}

static struct sw_gateways *gateways;

static void begin(double commits_take)
{
    const struct sw_outbox_sink sink = {NULL, sink_change, sink_fate};

    memset(records, 0, sizeof(records));
    memset(&served, 0, sizeof(served));
    n_records = n_fates = n_commits = 0;
    commit_takes = commits_take;
    gateways = make_gateways();
    outbox = sw_outbox_new(loop, http, gateways, sink, 42);
}

/* Nothing of one test may be under way in the next. */
static void end(void)
{
    static bool never;
    double until = ev_time() + 3.;

    sw_outbox_free(outbox);
    outbox = NULL;
    for (size_t i = 0; i < served.n_hanging; i++)
        sw_exchange_answer(served.hanging[i], 200, "text/plain", SW_STR(""));
    while (sw_http_active(http) > 0 && ev_time() < until)
        help_run(loop, &never, 0.02);
    help_rest(loop, 0.05);
    sw_gateways_free(gateways);
}

static struct sw_message_row message(const char *gateway, const char *id)
{
    return (struct sw_message_row){.id = sw_str(id),
                                   .gateway = sw_str(gateway),
                                   .body = SW_STR("{\"a\":1}"),
                                   .created = 1000,
                                   .expires = now_us() + 3600 * SW_SECOND};
}

static void add(const char *gateway, size_t n)
{
    static unsigned int number;

    for (size_t i = 0; i < n; i++) {
        struct sw_outbox_row row = {.state = SW_OUT_PENDING};
        char id[24];

        snprintf(id, sizeof(id), "%s-%u", gateway, number++);
        row.message = message(gateway, id);
        sw_outbox_add(outbox, &row, false);
    }
}

static bool wait_fates(size_t n, double seconds)
{
    double until = ev_time() + seconds;

    while (n_fates < n && ev_time() < until)
        help_rest(loop, 0.005);
    return n_fates >= n;
}

static struct sw_lane_counts counts_of(const char *gateway)
{
    struct sw_lane_counts all[16];
    size_t n = sw_outbox_count(outbox, all, SW_COUNTOF(all));

    for (size_t i = 0; i < n; i++) {
        if (sw_str_is(all[i].gateway, gateway))
            return all[i];
    }
    return (struct sw_lane_counts){.waiting = SIZE_MAX};
}

static bool all_once(const char *state)
{
    for (size_t i = 0; i < n_records; i++) {
        if (records[i].fates != 1 || strcmp(records[i].state, state) != 0)
            return false;
    }
    return true;
}

/* ---- tests ---- */

static double last_beat, longest_gap;

static void on_beat(struct ev_loop *l, ev_timer *w, int events)
{
    double now = ev_time();

    (void)l;
    (void)w;
    (void)events;
    longest_gap = now - last_beat > longest_gap ? now - last_beat : longest_gap;
    last_beat = now;
}

/* A dead, a hanging, a failing and a slow lane full of messages; the good one is not delayed. */
static void test_isolation(void)
{
    static const char *const bad[] = {"dead", "never", "e500", "e410", "late"};
    struct sw_lane_counts never;
    ev_timer beat;
    double began = ev_time();
    size_t good = 0;

    begin(0.002);
    ev_timer_init(&beat, on_beat, 0.005, 0.005);
    ev_timer_start(loop, &beat);
    last_beat = ev_time();
    for (size_t i = 0; i < SW_COUNTOF(bad); i++)
        add(bad[i], 60);
    add("ok", 60);
    while (good < 60 && ev_time() < began + 5.) {
        help_rest(loop, 0.005);
        good = counts_of("ok").accepted;
    }
    note("60 good messages in %.0f ms, longest gap of the loop %.0f ms",
         (ev_time() - began) * 1000., longest_gap * 1000.);
    ok(good == 60 && ev_time() - began < 1.);
    ok_named(longest_gap < 0.2, "the loop never stood still");
    never = counts_of("never");
    ok(never.in_flight > 0 && never.waiting > 40 && never.accepted == 0);
    is_int(never.oldest, 1000);
    ok_named(counts_of("dead").retried <= 8 && counts_of("dead").retried >= 3,
             "a dead gateway costs few attempts");
    ok(counts_of("e410").disabled && !counts_of("e500").disabled);
    ok(!sent_without_lease);
    help_rest(loop, 1.3); /* the hanging ones run into their time-out */
    ok(counts_of("never").retried > 0);
    is_int(counts_of("late").accepted, 60);
    ev_timer_stop(loop, &beat);
    end();
}

static void test_window(void)
{
    begin(0.001);
    add("late", 40);
    ok(wait_fates(40, 5.));
    is_int(served.most_open, 5);
    ok(all_once("accepted"));
    ok(!sent_without_lease);
    end();
}

static void test_rate(void)
{
    begin(0.001);
    add("rated", 7);
    ok(wait_fates(7, 5.));
    is_int(served.requests, 7);
    for (size_t i = 3; i < 7; i++)
        ok_named(served.times[i] - served.times[i - 3] >= 0.99, "at most three in any second");
    ok(served.times[6] - served.times[0] < 2.5);
    end();
}

/* 429 with Retry-After stops the lane for that long; nothing is lost and ids stay. */
static void test_rate_limited(void)
{
    double began;

    begin(0.001);
    add("e429", 20);
    began = ev_time();
    ok(wait_fates(20, 5.));
    ok(ev_time() - began >= 0.99);
    ok(all_once("accepted"));
    is_int(served.requests, 21);
    ok(served.times[20] - served.times[0] >= 0.99);
    end();
}

static void test_final_words(void)
{
    struct sw_outbox_row row = {.state = SW_OUT_PENDING};

    begin(-1.);
    add("e400", 3);
    add("nosuch", 2);
    row.message = message("dead", "past");
    row.message.expires = now_us() - 1;
    sw_outbox_add(outbox, &row, false);
    row.message = message("dead", "soon");
    row.message.expires = now_us() + SW_SECOND / 3;
    sw_outbox_add(outbox, &row, false);
    row.message = message("ok", "nobody");
    row.message.body = SW_STR("no json");
    sw_outbox_add(outbox, &row, false);
    is_int_named(n_fates, 0, "nothing is told from inside add()");
    ok(wait_fates(8, 3.));
    is_str(sw_str(record_of(SW_STR("past"))->state), "expired");
    is_int(record_of(SW_STR("past"))->leases, 0);
    is_str(sw_str(record_of(SW_STR("soon"))->state), "expired");
    is_str(sw_str(record_of(SW_STR("soon"))->detail),
           "not accepted by the gateway in time (1 attempts)");
    is_str(sw_str(record_of(SW_STR("nobody"))->state), "rejected");
    is_str(sw_str(record_of(SW_STR("nobody"))->detail), "the event is not JSON");
    is_int(counts_of("e400").rejected, 3);
    is_int(counts_of("").rejected, 2);
    for (size_t i = 0; i < n_records; i++) {
        ok(records[i].fates == 1 && records[i].state[0] != '\0');
        ok(strstr(records[i].detail, "hunter2") == NULL);
    }
    end();
}

/* Due times after a failure lie within ± a fifth of the schedule and differ between messages. */
static void test_jitter(void)
{
    double least = 1e9;
    double most = 0.;
    size_t n = 0;

    begin(-1.);
    add("flip", 400);
    for (double until = ev_time() + 3.; served.requests < 400 && ev_time() < until;)
        help_rest(loop, 0.01);
    for (size_t i = 0; i < n_records; i++) {
        double delay = (double)(records[i].next_at - records[i].changed_at) / 1e6;

        if (records[i].retries != 1 || records[i].leases != 1)
            continue;
        n++;
        least = delay < least ? delay : least;
        most = delay > most ? delay : most;
    }
    note("%zu delays from %.3f to %.3f s", n, least, most);
    ok(n > 100);
    ok(least >= 0.79 && least < 0.85 && most <= 1.2 && most > 1.15);
    ok(wait_fates(300, 3.));
    end();
}

static void test_claim(void)
{
    struct sw_outbox_change lease;
    struct sw_outbox_row row = {.state = SW_OUT_SENDING};
    struct sw_message_row m[6];
    char ids[6][8];
    size_t claimed = 0;

    begin(0.001);
    for (size_t i = 0; i < 6; i++) {
        snprintf(ids[i], sizeof(ids[i]), "c-%zu", i);
        m[i] = message("late", ids[i]);
        claimed += sw_outbox_claim(outbox, &m[i], &lease);
    }
    is_int_named(claimed, 5, "as many as the window holds");
    is_str(lease.message, "c-4");
    ok(lease.state == SW_OUT_SENDING && lease.attempts == 1 && lease.next_at > now_us());
    is_int(sw_outbox_in_flight(outbox), 5);
    for (size_t i = 0; i < 6; i++) {
        record_of(m[i].id)->is_leased = i < 5; /* committed with the input */
        row.message = m[i];
        row.attempts = i < 5;
        row.next_at = i < 5 ? lease.next_at : 0;
        sw_outbox_add(outbox, &row, i < 5);
    }
    ok(wait_fates(6, 3.));
    ok(all_once("accepted"));
    is_int(record_of(SW_STR("c-0"))->leases, 0);
    is_int(record_of(SW_STR("c-5"))->leases, 1);
    ok(!sent_without_lease);
    m[0] = message("ok", "unfit");
    m[0].body = SW_STR("no json");
    ok(sw_outbox_claim(outbox, &m[0], &lease));
    row.message = m[0];
    sw_outbox_add(outbox, &row, true);
    is_int_named(n_fates, 6, "nothing is told from inside add()");
    ok(wait_fates(7, 1.));
    is_str(sw_str(record_of(SW_STR("unfit"))->state), "rejected");
    is_int(sw_outbox_in_flight(outbox), 0);
    m[0] = message("nosuch", "x");
    ok(!sw_outbox_claim(outbox, &m[0], &lease));
    m[0] = message("ok", "x");
    m[0].expires = 1;
    ok(!sw_outbox_claim(outbox, &m[0], &lease));
    sw_outbox_drain(outbox);
    m[0] = message("ok", "x");
    ok(!sw_outbox_claim(outbox, &m[0], &lease));
    end();
}

/* After a restart: a lease of the last process is waited for, what is pending goes at once. */
static void test_restart(void)
{
    struct sw_outbox_row leased = {.state = SW_OUT_SENDING, .attempts = 2};
    struct sw_outbox_row pending = {.state = SW_OUT_PENDING, .attempts = 1, .next_at = 5};
    double began = ev_time();

    begin(0.001);
    leased.message = message("ok", "leased");
    leased.next_at = now_us() + SW_SECOND / 2;
    pending.message = message("ok", "pending");
    sw_outbox_add(outbox, &leased, false);
    sw_outbox_add(outbox, &pending, false);
    ok(wait_fates(1, 2.));
    ok(ev_time() - began < 0.4);
    is_str(sw_str(record_of(SW_STR("pending"))->state), "accepted");
    is_int(record_of(SW_STR("pending"))->attempts, 2);
    ok(wait_fates(2, 2.));
    ok(ev_time() - began >= 0.49);
    is_int(record_of(SW_STR("leased"))->attempts, 3);
    is_int(record_of(SW_STR("leased"))->requests, 1);
    end();
}

static void test_drain(void)
{
    begin(0.001);
    add("late", 30);
    help_rest(loop, 0.02);
    ok(sw_outbox_in_flight(outbox) == 5);
    sw_outbox_drain(outbox);
    help_rest(loop, 0.3);
    is_int(sw_outbox_in_flight(outbox), 0);
    ok(n_fates >= 5 && n_fates <= 6);
    ok(now_us() - sw_outbox_last_run(outbox) < 6 * SW_SECOND);
    end();
}

/* The outbox goes while requests are under way: their ends find nobody. */
static void test_gone(void)
{
    begin(0.001);
    add("late", 5);
    add("dead", 2);
    help_rest(loop, 0.02);
    ok(sw_http_active(http) > 0);
    end();
    is_int(sw_http_active(http), 0);
}

/* Any mixture, commits of any length: each message ends once, and none is sent without a lease. */
static void test_mixture(void)
{
    static const char *const lanes[] = {"ok", "late", "e400", "once", "e429", "nosuch"};
    struct tap_random random = tap_seed();
    size_t n = 0;

    begin(0.);
    for (int i = 0; i < 60; i++) {
        size_t some = 1 + tap_below(&random, 5);

        commit_takes = tap_below(&random, 3) == 0 ? -1. : (double)tap_below(&random, 20) / 1000.;
        add(lanes[tap_below(&random, SW_COUNTOF(lanes))], some);
        n += some;
        if (tap_below(&random, 3) == 0)
            help_rest(loop, (double)tap_below(&random, 10) / 1000.);
    }
    ok(wait_fates(n, 20.));
    is_int(n_records, n);
    for (size_t i = 0; i < n_records; i++) {
        if (records[i].fates != 1)
            note("%s: %u fates", records[i].id, records[i].fates);
    }
    is_int(n_fates, n);
    ok(!sent_without_lease);
    is_int(sw_outbox_in_flight(outbox), 0);
    end();
}

/* Pauses and probes, without waiting for them. */
static void test_lane(void)
{
    struct sw_lane lane;
    struct sw_gateways *g = make_gateways();
    const sw_time pauses[] = {0, 0, 1, 2, 4, 8, 16, 32, 60, 60};

    sw_lane_init(&lane, sw_gateway_find(g, SW_STR("ok")));
    is_int(lane.window, 4);
    for (size_t i = 0; i < SW_COUNTOF(pauses); i++) {
        sw_time at = (sw_time)(i + 1) * 1000 * SW_SECOND;

        sw_lane_begin(&lane, at);
        sw_lane_end(&lane);
        sw_lane_failed(&lane, at);
        is_int(sw_lane_open_at(&lane), pauses[i] == 0 ? 0 : at + pauses[i] * SW_SECOND);
    }
    is_int(lane.window, 1);
    for (int i = 0; i < 6; i++)
        sw_lane_alive(&lane);
    is_int(lane.window, 4);
    sw_lane_disabled(&lane, 0, SW_STR("HTTP 410"));
    ok(lane.is_disabled);
    is_int(sw_lane_open_at(&lane), 10060 * SW_SECOND);
    sw_lane_disabled(&lane, 20000 * SW_SECOND, SW_STR("HTTP 410"));
    is_int(sw_lane_open_at(&lane), 20300 * SW_SECOND);
    sw_lane_begin(&lane, 20300 * SW_SECOND);
    is_int(sw_lane_open_at(&lane), SW_LANE_CLOSED);
    sw_lane_end(&lane);
    sw_lane_alive(&lane);
    ok(!lane.is_disabled);
    is_int(sw_lane_open_at(&lane), 0);
    sw_lane_free(&lane);
    sw_gateways_free(g);
}

/* What was logged meanwhile: gateways and ids, never secrets, texts or numbers. */
static void test_log(void)
{
    static const char *const never[] = {"hunter2", "\"a\"", "no json"};
    char path[160];
    char *text = calloc(1, 1 << 20);
    FILE *f;

    fflush(stderr);
    snprintf(path, sizeof(path), "%s/log", help_folder);
    f = fopen(path, "r");
    ok(f != NULL && fread(text, 1, (1 << 20) - 1, f) > 0);
    if (f != NULL)
        fclose(f);
    ok(strstr(text, "msg=\"message rejected for good\"") != NULL);
    ok(strstr(text, "msg=\"gateway is out of order") != NULL);
    for (size_t i = 0; i < SW_COUNTOF(never); i++)
        ok_named(strstr(text, never[i]) == NULL, never[i]);
    free(text);
    help_remove("log");
}

int main(void)
{
    char path[160];

    help_begin();
    help_write("hook.yaml", hook, 0644);
    snprintf(path, sizeof(path), "%s/log", help_folder);
    sw_log_level = SW_LOG_DEBUG;
    if (freopen(path, "w", stderr) == NULL)
        return 1;
    loop = ev_loop_new(EVFLAG_AUTO);
    http = sw_http_new(loop, NULL);
    start_server();
    test_lane();
    test_window();
    test_rate();
    test_rate_limited();
    test_final_words();
    test_jitter();
    test_claim();
    test_restart();
    test_drain();
    test_gone();
    test_mixture();
    test_isolation();
    sw_httpd_stop(httpd);
    sw_http_free(http);
    ev_loop_destroy(loop);
    test_log();
    help_remove("hook.yaml");
    help_end();
    return done_testing();
}
