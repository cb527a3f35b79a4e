/* main.c - shouwangd: boot order, signals, reload, shutdown. The one file that knows every part.
 *
 *   up    configuration, rules, gateways, store (snapshot, log), doors, READY
 *   run   one loop; the writer has a thread of its own
 *   down  doors stop reading, gateways finish what is under way, the last batch is committed and
 *         answered, a snapshot is written. kill -9 at any point is correct too, only slower to
 *         start from.
 */
#include "ctl/config.h"
#include "ctl/rulecheck.h"
#include <ev.h>
#include <malloc.h>
#include <shouwang/base/crypt.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/notify.h>
#include <shouwang/base/version.h>
#include <shouwang/web/api.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { DRAIN_SECONDS = 10, CALENDAR_SECONDS = 3600 };

#define STALLED (90 * SW_SECOND) /* a commit or scheduler older than this is no progress */

struct daemon {
    struct sw_config *config;
    struct ev_loop *loop;
    struct sw_gateways *gateways;
    struct sw_http *http;
    struct sw_outbox *outbox;
    struct sw_part *part;
    struct sw_httpd *httpd;
    struct sw_api api;
    struct sw_api_state *api_state;
    void *zmq;
    struct sw_router *router;
    struct sw_pub *pub;
    struct sw_sub *sub[SW_CONFIG_ENDPOINTS];
    size_t n_subs;
    ev_signal term, interrupt, hangup;
    ev_timer watchdog, drained, calendar;
    int32_t year_missed; /* by calendar.yaml, as last logged; 0: none */
    bool stopping, failed;
    /* the clock: see now() */
    sw_time wall_before, steady_before, offset;
};

/* ---- time --------------------------------------------------------------------------------- */

static sw_time read_clock(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (sw_time)ts.tv_sec * SW_SECOND + ts.tv_nsec / 1000;
}

/* The wall clock, except that a leap of more than an hour against the steady clock is not believed:
 * days cannot be taken back once they are in the log. Suspend does not count as a leap. */
static sw_time now(void *ctx)
{
    struct daemon *d = ctx;
    sw_time wall = read_clock(CLOCK_REALTIME) - d->offset;
    sw_time steady = read_clock(CLOCK_BOOTTIME);
    sw_time leap = (wall - d->wall_before) - (steady - d->steady_before);

    if (d->wall_before != 0 && (leap > 3600 * SW_SECOND || leap < -3600 * SW_SECOND)) {
        sw_log(SW_LOG_ERROR, "main", "the clock was stepped; restart shouwangd if it is right now",
               "seconds=%lld", (long long)(leap / SW_SECOND));
        d->offset += leap;
        wall -= leap;
    }
    d->wall_before = wall;
    d->steady_before = steady;
    return wall;
}

/* ---- what the part and the outbox ask of each other --------------------------------------- */

static bool on_claim(void *ctx, const struct sw_message_row *m, struct sw_outbox_change *lease)
{
    struct daemon *d = ctx;

    return sw_outbox_claim(d->outbox, m, lease);
}

static void on_message(void *ctx, const struct sw_outbox_row *m, bool claimed)
{
    struct daemon *d = ctx;

    sw_outbox_add(d->outbox, m, claimed);
}

static void on_changed(void *ctx, uint64_t token)
{
    struct daemon *d = ctx;

    sw_outbox_committed(d->outbox, token);
}

static void on_said(void *ctx, const struct sw_said_row *s)
{
    struct daemon *d = ctx;

    sw_pub_send(d->pub, s->type, s->body);
}

static void on_fatal(void *ctx, const char *why)
{
    struct daemon *d = ctx;

    sw_log(SW_LOG_ERROR, "main", "the store failed; stopping without acknowledging", "error=\"%s\"",
           why);
    d->failed = true;
    ev_break(d->loop, EVBREAK_ALL);
}

static void on_outbox_change(void *ctx, const struct sw_outbox_change *c, uint64_t token)
{
    struct daemon *d = ctx;

    if (d->part != NULL) /* else we are going down: the lease runs out by itself */
        sw_part_outbox(d->part, c, token, (struct sw_str){NULL, 0});
}

static void on_outbox_fate(void *ctx, struct sw_str body, const struct sw_outbox_change *c)
{
    struct daemon *d = ctx;

    if (d->part != NULL)
        sw_part_outbox(d->part, c, 0, body);
}

static void on_progress(void *ctx, int64_t done, int64_t total)
{
    (void)ctx;
    sw_notify_manager("EXTEND_TIMEOUT_USEC=60000000\nSTATUS=reading the log: %lld of %lld",
                      (long long)done, (long long)total);
}

/* ---- rules -------------------------------------------------------------------------------- */

static void log_lines(const char *component, const char *msg, struct sw_str text)
{
    struct sw_str line;

    while (text.n > 0 && sw_str_split(&text, '\n', &line))
        sw_log(SW_LOG_ERROR, component, msg, "at=\"%.*s\"", SW_STR_ARG(line));
}

/* What only the registry can tell about rules; appended to `text`. */
static void warn_of_areas(struct daemon *d, const struct sw_ruleset *rules, struct sw_buf *text)
{
    struct sw_diag diag = {0};

    sw_engine_check_areas(sw_part_engine(d->part), rules, &diag);
    sw_diag_format(&diag, text);
    for (const struct sw_finding *f = diag.first; f != NULL; f = f->next)
        sw_log(SW_LOG_WARN, "rules", "areas.yaml", "line=%u warning=\"%.*s\"", f->at.line,
               SW_STR_ARG(f->message));
    sw_diag_free(&diag);
}

/* Once for each year that is wanted and not there. */
static void warn_of_calendar(struct daemon *d, const struct sw_ruleset *rules, struct sw_buf *text)
{
    sw_day today = sw_zone_day(sw_ruleset_schema(rules)->zone, now(d));
    int32_t year = sw_ruleset_missing_year(rules, today);

    if (year != 0 && text != NULL)
        sw_buf_printf(text,
                      _("calendar.yaml lacks the holidays of %d: Monday to Friday are counted\n"),
                      (int)year);
    if (year != 0 && year != d->year_missed)
        sw_log(SW_LOG_WARN, "rules", "calendar.yaml lacks a year's holidays", "year=%d", (int)year);
    d->year_missed = year;
}

static void on_calendar(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct daemon *d = w->data;

    (void)loop;
    (void)revents;
    warn_of_calendar(d, sw_engine_rules(sw_part_engine(d->part)), NULL);
}

static bool reload(void *ctx, struct sw_buf *text)
{
    struct daemon *d = ctx;
    struct sw_ruleset *rules;

    sw_notify_manager("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)read_clock(CLOCK_MONOTONIC));
    rules = sw_rules_load(d->config->rules, text);
    d->api.last_reload = now(d);
    d->api.last_reload_good = rules != NULL;
    if (rules == NULL) {
        log_lines("rules", "refused, the old ones stay", sw_buf_view(text));
        sw_notify_manager("READY=1\nSTATUS=new rules refused, the old ones stay");
        return false;
    }
    warn_of_areas(d, rules, text);
    warn_of_calendar(d, rules, text);
    sw_buf_printf(text, _("%zu rules are active (%.12s)\n"), sw_ruleset_rules(rules),
                  sw_ruleset_digest(rules));
    sw_log(SW_LOG_INFO, "rules", "active", "count=%zu digest=%.12s", sw_ruleset_rules(rules),
           sw_ruleset_digest(rules));
    if (strcmp(sw_ruleset_digest(rules),
               sw_ruleset_digest(sw_engine_rules(sw_part_engine(d->part)))) == 0)
        sw_ruleset_free(rules);
    else
        sw_part_activate(d->part, rules);
    sw_notify_manager("READY=1\nSTATUS=running");
    return true;
}

/* ---- signals and the watchdog ------------------------------------------------------------- */

static void stop_if_drained(struct daemon *d)
{
    if (sw_outbox_in_flight(d->outbox) == 0)
        ev_break(d->loop, EVBREAK_ALL);
}

static void on_drain_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct daemon *d = w->data;

    (void)loop;
    (void)revents;
    stop_if_drained(d);
}

static void on_deadline(int revents, void *arg)
{
    struct daemon *d = arg;

    (void)revents;
    ev_break(d->loop, EVBREAK_ALL);
}

static void on_stop(struct ev_loop *loop, ev_signal *w, int revents)
{
    struct daemon *d = w->data;

    (void)revents;
    if (d->stopping) { /* asked twice: do not wait for gateways */
        ev_break(loop, EVBREAK_ALL);
        return;
    }
    d->stopping = true;
    sw_log(SW_LOG_INFO, "main", "stopping", NULL);
    sw_notify_manager("STOPPING=1\nEXTEND_TIMEOUT_USEC=%lld\nSTATUS=finishing what is under way",
                      (long long)(DRAIN_SECONDS + 30) * SW_SECOND);
    if (d->router != NULL)
        sw_router_drain(d->router);
    sw_outbox_drain(d->outbox);
    ev_timer_init(&d->drained, on_drain_timer, 0., 0.05);
    d->drained.data = d;
    ev_timer_start(loop, &d->drained);
    ev_once(loop, -1, 0, DRAIN_SECONDS, on_deadline, d);
}

static void on_hangup(struct ev_loop *loop, ev_signal *w, int revents)
{
    struct sw_buf text = {0};

    (void)loop;
    (void)revents;
    reload(w->data, &text);
    sw_buf_free(&text);
}

/* Alive means: batches reach the disk (or the disk is known to be full) and the scheduler runs. */
static void on_watchdog(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct daemon *d = w->data;
    struct sw_part_counts counts;
    sw_time t = read_clock(CLOCK_REALTIME);
    sw_time ran = sw_outbox_last_run(d->outbox);

    (void)loop;
    (void)revents;
    sw_part_count(d->part, &counts);
    if (counts.oldest_batch != 0 && t - counts.oldest_batch > STALLED && !counts.store_full) {
        sw_log(SW_LOG_ERROR, "main", "no commit for too long", NULL);
        return;
    }
    if (ran != 0 && t - ran > STALLED) {
        sw_log(SW_LOG_ERROR, "main", "the scheduler stands still", NULL);
        return;
    }
    sw_notify_manager("WATCHDOG=1");
}

static void watch_signal(struct daemon *d, ev_signal *w, int number,
                         void (*handler)(struct ev_loop *, ev_signal *, int))
{
    ev_signal_init(w, handler, number);
    w->data = d;
    ev_signal_start(d->loop, w);
}

static void start_signals(struct daemon *d)
{
    sw_time watchdog = sw_notify_watchdog();

    signal(SIGPIPE, SIG_IGN);
    watch_signal(d, &d->term, SIGTERM, on_stop);
    watch_signal(d, &d->interrupt, SIGINT, on_stop);
    watch_signal(d, &d->hangup, SIGHUP, on_hangup);
    ev_timer_init(&d->watchdog, on_watchdog, 0., (double)watchdog / 2 / 1e6);
    d->watchdog.data = d;
    if (watchdog > 0)
        ev_timer_start(d->loop, &d->watchdog);
    ev_timer_init(&d->calendar, on_calendar, 0., CALENDAR_SECONDS);
    d->calendar.data = d;
    ev_timer_start(d->loop, &d->calendar);
}

/* ---- boot --------------------------------------------------------------------------------- */

static bool load_config(struct daemon *d, const char *path)
{
    struct sw_diag diag = {0};

    d->config = sw_config_load(path, &diag);
    if (d->config != NULL) {
        sw_log_level = d->config->log_level;
        d->gateways = sw_gateways_load(d->config->gateways, d->config->profiles, &diag);
    }
    sw_diag_print(&diag, stderr);
    sw_diag_free(&diag);
    return d->gateways != NULL;
}

/* Rules that do not load are no reason not to start: the ones in the database go on. */
static struct sw_ruleset *first_rules(struct daemon *d)
{
    struct sw_buf text = {0};
    struct sw_ruleset *rules = sw_rules_load(d->config->rules, &text);

    d->api.last_reload_good = rules != NULL;
    if (rules == NULL)
        log_lines("rules", "refused", sw_buf_view(&text));
    sw_buf_free(&text);
    return rules;
}

static bool open_part(struct daemon *d)
{
    struct sw_part_conf conf = {
        .loop = d->loop,
        .backend = &sw_backend_sqlite,
        .where = d->config->database,
        .snapshot = d->config->snapshot,
        .key_file = d->config->key_file,
        .hooks = {d, now, on_claim, on_message, on_changed, on_said, on_fatal},
        .rules = first_rules(d),
        .progress = on_progress,
    };
    struct sw_err err;
    struct sw_buf text = {0};
    sw_time begun = read_clock(CLOCK_MONOTONIC);

    if (sw_part_open(&d->part, &conf, &err) != SW_OK) {
        sw_log(SW_LOG_ERROR, "store", "cannot open", "error=\"%s\"", err.text);
        return false;
    }
    sw_log(SW_LOG_INFO, "store", "open", "seconds=%.3f",
           (double)(read_clock(CLOCK_MONOTONIC) - begun) / 1e6);
    warn_of_areas(d, sw_engine_rules(sw_part_engine(d->part)), &text);
    sw_buf_free(&text);
    return true;
}

static bool open_delivery(struct daemon *d)
{
    struct sw_outbox_sink sink = {d, on_outbox_change, on_outbox_fate};
    uint64_t seed;

    sw_random(&seed, sizeof(seed));
    d->http = sw_http_new(d->loop, d->config->ca_file);
    d->outbox = sw_outbox_new(d->loop, d->http, d->gateways, sink, seed);
    return true;
}

static bool open_web(struct daemon *d)
{
    struct sw_err err;

    d->api.part = d->part;
    d->api.outbox = d->outbox;
    d->api.gateways = d->gateways;
    d->api.router = d->router;
    d->api.subs = d->sub;
    d->api.n_subs = d->n_subs;
    d->api.reload = reload;
    d->api.ctx = d;
    d->api.started = now(d);
    if (d->config->http.n == 0)
        return true;
    if (sw_httpd_start(&d->httpd, d->loop, d->config->http,
                       (unsigned int)d->config->http_connections, &err) != SW_OK) {
        sw_log(SW_LOG_ERROR, "web", "cannot listen", "error=\"%s\"", err.text);
        return false;
    }
    d->api_state = sw_api_install(d->httpd, &d->api);
    sw_log(SW_LOG_INFO, "web", "listening", "port=%u", (unsigned int)sw_httpd_port(d->httpd));
    return true;
}

static bool open_doors(struct daemon *d)
{
    const struct sw_config *c = d->config;
    struct sw_err err;

    d->zmq = sw_doors_context();
    if (c->n_routers > 0 && sw_router_open(&d->router, d->loop, d->zmq, c->router, c->n_routers,
                                           (uint32_t)c->credit, d->part, &err) != SW_OK) {
        sw_log(SW_LOG_ERROR, "intake", "cannot open the router", "error=\"%s\"", err.text);
        return false;
    }
    for (size_t i = 0; d->router != NULL && i < c->n_routers; i++)
        sw_log(SW_LOG_INFO, "intake", "listening", "endpoint=%s", sw_router_endpoint(d->router, i));
    if (c->n_pubs > 0 && sw_pub_open(&d->pub, d->zmq, c->pub, c->n_pubs, &err) != SW_OK) {
        sw_log(SW_LOG_ERROR, "intake", "cannot open the publisher", "error=\"%s\"", err.text);
        return false;
    }
    for (size_t i = 0; i < c->n_pubs; i++)
        sw_log(SW_LOG_INFO, "intake", "publishing", "endpoint=%s", sw_pub_endpoint(d->pub, i));
    for (; d->n_subs < c->n_subs; d->n_subs++) {
        const struct sw_config_sub *s = &c->sub[d->n_subs];

        if (sw_sub_open(&d->sub[d->n_subs], d->loop, d->zmq, &s->connect, 1, s->topic, s->n_topics,
                        d->part, &err) != SW_OK) {
            sw_log(SW_LOG_ERROR, "intake", "cannot subscribe", "error=\"%s\"", err.text);
            return false;
        }
    }
    return true;
}

static void shut_down(struct daemon *d)
{
    if (d->router != NULL)
        sw_router_drain(d->router);
    sw_part_close(d->part); /* answers go out through the doors, so these close later */
    d->part = NULL;
    if (d->httpd != NULL)
        sw_httpd_stop(d->httpd);
    sw_api_free(d->api_state);
    sw_router_close(d->router);
    sw_pub_close(d->pub);
    for (size_t i = 0; i < d->n_subs; i++)
        sw_sub_close(d->sub[i]);
    if (d->zmq != NULL)
        sw_doors_context_free(d->zmq);
    if (d->http != NULL)
        sw_http_free(d->http);
    if (d->outbox != NULL)
        sw_outbox_free(d->outbox);
    sw_gateways_free(d->gateways);
    sw_config_free(d->config);
}

static int run(struct daemon *d)
{
    d->loop = ev_default_loop(EVFLAG_AUTO);
    if (!open_delivery(d) || !open_part(d) || !open_doors(d) || !open_web(d))
        return 1;
    start_signals(d);
    sw_notify_manager("READY=1\nSTATUS=running");
    sw_log(SW_LOG_INFO, "main", "ready", "version=%s pid=%ld", SW_VERSION, (long)getpid());
    ev_run(d->loop, 0);
    return d->failed ? 1 : 0;
}

static int usage(FILE *to, int status)
{
    fprintf(to,
            _("usage: shouwangd [--config FILE] [--check-config] [--version]\n"
              "The configuration is read from %s unless another file is named.\n"),
            SW_CONFIG_PATH);
    return status;
}

int main(int argc, char **argv)
{
    struct daemon d = {0};
    const char *path = SW_CONFIG_PATH;
    bool check_only = false;
    int status = 1;

    mallopt(M_PERTURB, 0x5a); /* freed memory is overwritten: numbers of people were in some */
    sw_i18n_init();
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
            path = argv[++i];
        else if (strcmp(argv[i], "--check-config") == 0)
            check_only = true;
        else if (strcmp(argv[i], "--version") == 0)
            return printf("shouwangd %s\n", SW_VERSION) > 0 ? 0 : 1;
        else if (strcmp(argv[i], "--help") == 0)
            return usage(stdout, 0);
        else
            return usage(stderr, 2);
    }
    if (load_config(&d, path))
        status = check_only ? 0 : run(&d);
    shut_down(&d);
    return status;
}
