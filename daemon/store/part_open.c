/* part_open.c - from a database to an engine in memory, and the way back down.
 *
 * The snapshot, when there is a good one, is loaded and the rest of the log applied; without one
 * the whole log is. Rulesets change where the log says they changed: each bundle that was ever
 * active is in the store. */
#include "part_parts.h"
#include "stored.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/log.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

enum { PROGRESS_EVERY = 10000 };

/* ---- reading the log ---------------------------------------------------------------------- */

struct replay {
    struct sw_part *p;
    struct sw_effects fx; /* thrown away: what they brought about is in the store */
    enum sw_code rc;
    struct sw_err *err;
    uint64_t refused;
};

static struct sw_ruleset *stored_ruleset(struct sw_part *p, struct sw_str digest,
                                         struct sw_err *err)
{
    struct sw_buf packed = {0};
    struct sw_ruleset *rules = NULL;

    if (p->conf.backend->read_bundle(p->handle, digest, &packed, err) == SW_OK)
        rules = sw_stored_rules(sw_buf_view(&packed), err);
    sw_buf_free(&packed);
    return rules;
}

/* The first input of a log activates a ruleset: the engine begins with it. */
static bool ensure_engine(struct replay *r, const struct sw_input *in)
{
    struct sw_ruleset *rules;

    if (in->kind == SW_IN_RULES) {
        rules = stored_ruleset(r->p, in->body, r->err);
        if (rules == NULL) {
            r->rc = SW_EBAD;
            return false;
        }
        if (r->p->engine == NULL)
            r->p->engine = sw_engine_new(r->p->lease.key, sw_ruleset_ref(rules));
        sw_engine_set_rules(r->p->engine, rules);
    }
    if (r->p->engine != NULL)
        return true;
    r->rc = sw_fail(r->err, SW_EBAD, _("the log does not begin with a ruleset"));
    return false;
}

static bool replay_input(void *ctx, const struct sw_input *in)
{
    struct replay *r = ctx;
    struct sw_part *p = r->p;
    struct sw_refused refused;

    if (!ensure_engine(r, in))
        return false;
    if (sw_engine_apply(p->engine, in, &r->fx, &refused.why, &refused.err) != SW_VERDICT_ACCEPTED)
        r->refused++;
    sw_effects_reset(&r->fx);
    p->now = in->now;
    p->applied_pos = in->seq;
    if (p->conf.progress != NULL && in->seq % PROGRESS_EVERY == 0)
        p->conf.progress(p->conf.hooks.ctx, in->seq, p->lease.pos);
    return true;
}

static enum sw_code replay_log(struct sw_part *p, struct sw_err *err)
{
    struct replay r = {.p = p, .err = err};
    enum sw_code rc = p->conf.backend->read_log(p->handle, p->applied_pos, replay_input, &r, err);

    sw_effects_free(&r.fx);
    if (r.refused > 0)
        sw_log(SW_LOG_ERROR, "store", "inputs of the log are no longer accepted", "count=%llu",
               (unsigned long long)r.refused);
    return rc == SW_OK ? r.rc : rc;
}

/* Memory as of the snapshot; anything wrong with it costs only time. */
static void load_snapshot(struct sw_part *p)
{
    char digest[65];
    struct sw_ruleset *rules;
    struct sw_err err;
    int64_t seq;
    enum sw_code rc;

    if (p->conf.snapshot == NULL)
        return;
    rc = sw_snapshot_peek(p->conf.snapshot, &p->lease, digest, &seq, &err);
    if (rc == SW_ENOTFOUND)
        return;
    if (rc == SW_OK && seq > p->lease.pos)
        rc = sw_fail(&err, SW_EBAD, _("the snapshot is ahead of the log"));
    rules = rc == SW_OK ? stored_ruleset(p, sw_str(digest), &err) : NULL;
    if (rules != NULL)
        p->engine = sw_snapshot_load(p->conf.snapshot, &p->lease, rules, &seq, &err);
    if (p->engine == NULL) {
        sw_ruleset_free(rules);
        sw_log(SW_LOG_WARN, "store", "snapshot not used, reading the whole log", "error=\"%s\"",
               err.text);
        return;
    }
    p->applied_pos = p->snapshot_pos = seq;
    p->now = sw_engine_now(p->engine); /* a clock that was put back meanwhile waits for it */
}

/* An engine for an empty log; and the ruleset of the files when it is another one. */
static enum sw_code settle_rules(struct sw_part *p, struct sw_err *err)
{
    struct sw_ruleset *files = p->conf.rules;

    p->conf.rules = NULL;
    if (p->engine == NULL && files == NULL)
        return sw_fail(err, SW_EINVALID, _("a new database needs rules"));
    if (p->engine == NULL)
        p->engine = sw_engine_new(p->lease.key, sw_ruleset_ref(files));
    else if (files != NULL &&
             strcmp(sw_ruleset_digest(files), sw_ruleset_digest(sw_engine_rules(p->engine))) == 0) {
        sw_ruleset_free(files);
        files = NULL;
    }
    p->next_rules = files;
    return SW_OK;
}

static bool hand_over(void *ctx, const struct sw_outbox_row *m)
{
    struct sw_part *p = ctx;

    p->conf.hooks.message(p->conf.hooks.ctx, m, false);
    return true;
}

/* ---- watchers ----------------------------------------------------------------------------- */

static void on_prepare(struct ev_loop *loop, ev_prepare *w, int revents)
{
    (void)loop;
    (void)revents;
    sw_part_flush(w->data);
}

static void pass(struct sw_part *p)
{
    if (sw_part_pass_time(p))
        ev_idle_start(p->conf.loop, &p->busy);
    else
        ev_idle_stop(p->conf.loop, &p->busy);
}

static void on_second(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    pass(w->data);
}

static void on_idle(struct ev_loop *loop, ev_idle *w, int revents)
{
    (void)loop;
    (void)revents;
    pass(w->data);
}

void sw_part_more_to_do(struct sw_part *p)
{
    if (p->conf.loop != NULL)
        ev_idle_start(p->conf.loop, &p->busy);
    else
        sw_part_pass_time(p);
}

static void start_watchers(struct sw_part *p)
{
    ev_prepare_init(&p->prepare, on_prepare);
    ev_set_priority(&p->prepare, EV_MAXPRI);
    ev_timer_init(&p->second, on_second, 0., 1.);
    ev_idle_init(&p->busy, on_idle);
    p->prepare.data = p->second.data = p->busy.data = p;
    ev_prepare_start(p->conf.loop, &p->prepare);
    ev_timer_start(p->conf.loop, &p->second);
}

static void stop_watchers(struct sw_part *p)
{
    ev_prepare_stop(p->conf.loop, &p->prepare);
    ev_timer_stop(p->conf.loop, &p->second);
    ev_idle_stop(p->conf.loop, &p->busy);
}

/* ---- open and close ----------------------------------------------------------------------- */

static void free_part(struct sw_part *p)
{
    sw_engine_free(p->engine);
    sw_ruleset_free(p->next_rules);
    sw_ruleset_free(p->conf.rules);
    if (p->handle != NULL)
        p->conf.backend->close(p->handle);
    sw_batch_free(p->open);
    while (p->spare != NULL) {
        struct batch *b = p->spare;

        p->spare = b->next;
        sw_batch_free(b);
    }
    free(p->turned_away.at);
    free(p);
}

/* The log's time never runs backwards: a clock that was wrong once is worth a word. */
static void tell_clock(const struct sw_part *p)
{
    sw_time ahead = p->now - p->conf.hooks.now(p->conf.hooks.ctx);

    if (ahead > 3600 * SW_SECOND)
        sw_log(SW_LOG_WARN, "store", "the clock is behind the log's time, which waits for it",
               "seconds=%lld", (long long)(ahead / SW_SECOND));
}

static enum sw_code take_key(struct sw_part *p, struct sw_err *err)
{
    if (p->conf.key_file == NULL && p->lease.has_key)
        return SW_OK;
    return p->conf.backend->move_key(p->handle, p->conf.key_file, &p->lease, err);
}

enum sw_code sw_part_open(struct sw_part **out, const struct sw_part_conf *conf, struct sw_err *err)
{
    struct sw_part *p = sw_calloc(1, sizeof(*p));
    enum sw_code rc;

    *out = NULL;
    p->conf = *conf;
    rc = conf->backend->open(&p->handle, conf->where, &p->lease, err);
    if (rc == SW_OK)
        rc = take_key(p, err);
    if (rc == SW_OK) {
        load_snapshot(p);
        rc = replay_log(p, err);
    }
    if (rc == SW_OK)
        rc = settle_rules(p, err);
    if (rc == SW_OK)
        rc = conf->backend->read_outbox(p->handle, hand_over, p, err);
    if (rc != SW_OK) {
        free_part(p);
        return rc;
    }
    p->pos = p->handed_pos = p->applied_pos;
    tell_clock(p);
    p->open = sw_part_first_batch(p);
    p->writer = sw_writer_start(conf->loop, conf->backend, p->handle, sw_part_writer_events(p));
    if (conf->loop != NULL)
        start_watchers(p);
    *out = p;
    return SW_OK;
}

/* Everything offered goes to disk and is answered. A store that cannot write keeps nobody waiting:
 * what is not acknowledged will be offered again. */
static void finish(struct sw_part *p)
{
    for (;;) {
        sw_part_flush(p);
        if (p->dead || p->counts.store_full || (p->with_writer == 0 && !sw_part_has_open(p)))
            return;
        if (p->conf.loop != NULL && p->with_writer > 0)
            ev_run(p->conf.loop, EVRUN_ONCE);
    }
}

void sw_part_close(struct sw_part *p)
{
    if (p == NULL)
        return;
    p->closing = true;
    if (p->conf.loop != NULL)
        stop_watchers(p);
    finish(p);
    sw_writer_stop(p->writer);
    sw_part_snapshot_end(p);
    free_part(p);
}
