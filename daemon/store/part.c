/* part.c - inputs in, batches out, acknowledgements after the commit.
 *
 * One batch is open at any time; at most PIPELINE more are with the writer, so that it never waits
 * for us and we never run far ahead of the disk. When the store refuses to write (disk full), the
 * writer keeps its batches and tries again; the open batch fills up and pushes are turned away:
 * nothing is lost and nothing is acknowledged. Memory is then ahead of the disk by those batches,
 * which is harmless: whoever is told anything is told after the commit. */
#include "part_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/log.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>
#include <stdlib.h>

/* ---- batches ------------------------------------------------------------------------------ */

static struct batch *take_batch(struct sw_part *p)
{
    struct batch *b = p->spare;

    if (b == NULL) {
        b = sw_calloc(1, sizeof(*b));
        b->part = p;
        return b;
    }
    p->spare = b->next;
    b->next = NULL;
    return b;
}

void sw_batch_free(struct batch *b)
{
    if (b == NULL)
        return;
    sw_arena_free(&b->arena);
    sw_effects_free(&b->fx);
    free(b->inputs.at);
    free(b->outbox.at);
    free(b->rejected.at);
    free(b->waiters.at);
    free(b->tokens.at);
    free(b->claimed.at);
    free(b->bundles.at);
    free(b);
}

#define ADD(rows)                                                                                  \
    ((rows).at = sw_grow((rows).at, &(rows).cap, (rows).n + 1, sizeof(*(rows).at)),                \
     &(rows).at[(rows).n++])

static bool has_rows(const struct batch *b)
{
    return b->inputs.n + b->outbox.n + b->rejected.n > 0;
}

/* Nobody may be waiting for what was refused: those rows fill a batch, too. */
static bool is_full(const struct batch *b)
{
    return b->inputs.n + b->waiters.n + b->rejected.n >= SW_BATCH_INPUTS;
}

bool sw_part_has_open(const struct sw_part *p)
{
    return has_rows(p->open) || p->open->waiters.n > 0;
}

/* Without a loop nobody else hands batches over. */
static void touch(struct sw_part *p)
{
    if (p->conf.loop == NULL)
        sw_part_flush(p);
}

static void give_back(struct sw_part *p, struct batch *b)
{
    sw_arena_reset(&b->arena);
    sw_effects_reset(&b->fx);
    b->inputs.n = b->outbox.n = b->rejected.n = b->waiters.n = b->tokens.n = b->claimed.n = 0;
    b->bundles.n = 0;
    b->next = p->spare;
    p->spare = b;
}

static void acknowledge(struct batch *b)
{
    for (size_t i = 0; i < b->waiters.n; i++) {
        const struct waiter *w = &b->waiters.at[i];

        w->source->ack(w->source->ctx, w->token, &w->ack);
    }
}

/* Repeats only: there is nothing to write; what they repeat is on disk once no batch is under way.
 */
static void answer_repeats(struct sw_part *p)
{
    struct batch *b = p->open;

    if (b->waiters.n == 0 || p->with_writer > 0)
        return;
    p->open = take_batch(p);
    acknowledge(b);
    give_back(p, b);
}

void sw_part_flush(struct sw_part *p)
{
    struct batch *b = p->open;

    if (p->with_writer >= PIPELINE || p->dead)
        return;
    if (!has_rows(b)) {
        answer_repeats(p);
        return;
    }
    b->commit = (struct sw_commit){
        .epoch = p->lease.epoch,
        .old_pos = p->handed_pos,
        .new_pos = p->handed_pos + (int64_t)b->inputs.n,
        .inputs = {b->inputs.at, b->inputs.n},
        .fx = &b->fx,
        .outbox = {b->outbox.at, b->outbox.n},
        .rejected = {b->rejected.at, b->rejected.n},
        .bundles = {b->bundles.at, b->bundles.n},
    };
    p->handed_pos = b->commit.new_pos;
    p->with_writer++;
    p->open = take_batch(p);
    sw_writer_submit(p->writer, &b->commit, b);
}

/* ---- after the commit --------------------------------------------------------------------- */

static void hand_over_messages(struct sw_part *p, struct batch *b)
{
    for (size_t i = 0; i < b->fx.messages.n; i++) {
        struct sw_outbox_row row = {.message = b->fx.messages.at[i],
                                    .state = SW_OUT_PENDING,
                                    .next_at = b->fx.messages.at[i].created};

        p->conf.hooks.message(p->conf.hooks.ctx, &row, b->claimed.at[i]);
    }
    for (size_t i = 0; i < b->tokens.n; i++)
        p->conf.hooks.changed(p->conf.hooks.ctx, b->tokens.at[i]);
    for (size_t i = 0; i < b->fx.said.n && p->conf.hooks.said != NULL; i++)
        p->conf.hooks.said(p->conf.hooks.ctx, &b->fx.said.at[i]);
}

/* A source that is resumed may be turned away again at once: the list is taken first. */
static void resume_sources(struct sw_part *p)
{
    size_t n = p->turned_away.n;
    const struct sw_source **list = p->turned_away.at;

    p->turned_away.at = NULL;
    p->turned_away.n = p->turned_away.cap = 0;
    for (size_t i = 0; i < n; i++) {
        if (list[i]->resume != NULL)
            list[i]->resume(list[i]->ctx);
    }
    free(list);
}

static void on_committed(void *ctx, void *job, sw_time took)
{
    struct sw_part *p = ctx;
    struct batch *b = job;

    p->with_writer--;
    p->pos = b->commit.new_pos;
    p->counts.commits++;
    p->counts.inputs += b->inputs.n;
    p->counts.commit_last = took;
    if (took > p->counts.commit_max)
        p->counts.commit_max = took;
    acknowledge(b);
    hand_over_messages(p, b);
    give_back(p, b);
    sw_part_snapshot_step(p);
    sw_part_flush(p);
    resume_sources(p);
}

static void on_trouble(void *ctx, enum sw_code code, const char *text)
{
    struct sw_part *p = ctx;

    p->counts.store_full = code == SW_EFULL || code == SW_EBUSY;
    if (code == SW_OK) {
        sw_log(SW_LOG_INFO, "store", "writing again", NULL);
    } else if (p->counts.store_full) {
        sw_log(SW_LOG_ERROR, "store", "cannot write, nothing is acknowledged meanwhile",
               "error=\"%s\"", text);
    } else {
        p->dead = true;
        p->conf.hooks.fatal(p->conf.hooks.ctx, text);
    }
}

/* ---- applying ----------------------------------------------------------------------------- */

/* Leases for the messages the last input made; they go into the same commit. */
static void claim_messages(struct sw_part *p, size_t from)
{
    struct batch *b = p->open;

    for (size_t i = from; i < b->fx.messages.n; i++) {
        struct sw_outbox_change lease;
        bool *claimed = ADD(b->claimed);

        *claimed = p->conf.hooks.claim(p->conf.hooks.ctx, &b->fx.messages.at[i], &lease);
        if (*claimed)
            *ADD(b->outbox) = lease;
    }
}

enum sw_verdict sw_part_apply(struct sw_part *p, enum sw_input_kind kind, sw_time now,
                              struct sw_str body, struct sw_refused *refused)
{
    struct batch *b = p->open;
    size_t messages = b->fx.messages.n;
    struct sw_input in = {p->applied_pos + 1, now, kind, body};
    enum sw_verdict verdict = sw_engine_apply(p->engine, &in, &b->fx, &refused->why, &refused->err);

    p->now = now;
    if (verdict != SW_VERDICT_ACCEPTED)
        return verdict;
    p->applied_pos++;
    in.body = sw_arena_str(&b->arena, body);
    *ADD(b->inputs) = in;
    claim_messages(p, messages);
    return verdict;
}

static sw_time wall_clock(struct sw_part *p)
{
    sw_time now = p->conf.hooks.now(p->conf.hooks.ctx);

    return now > p->now ? now : p->now; /* the log's time never runs backwards */
}

/* A ruleset that waits becomes active before the next input, at that input's time. */
static void activate_waiting(struct sw_part *p, sw_time now)
{
    struct sw_refused refused;
    struct sw_buf packed = {0};
    struct batch *b = p->open;
    struct sw_bundle_row row;

    if (p->next_rules == NULL)
        return;
    sw_bundle_pack(sw_ruleset_bundle(p->next_rules), &packed);
    row = (struct sw_bundle_row){
        .digest = sw_arena_str(&b->arena, sw_str(sw_ruleset_digest(p->next_rules))),
        .packed = sw_arena_str(&b->arena, sw_buf_view(&packed)),
    };
    *ADD(b->bundles) = row;
    sw_buf_free(&packed);
    sw_engine_set_rules(p->engine, p->next_rules);
    p->next_rules = NULL;
    SW_ASSERT(sw_part_apply(p, SW_IN_RULES, now, row.digest, &refused) == SW_VERDICT_ACCEPTED);
}

static void tick(struct sw_part *p, sw_time at, sw_time now)
{
    char text[SW_RFC3339_SIZE];
    struct sw_refused refused;

    SW_ASSERT(sw_part_apply(p, SW_IN_TICK, now, sw_engine_tick(p->engine, at, text), &refused) ==
              SW_VERDICT_ACCEPTED);
    sw_part_flush(p);
}

/* Bring the engine to `now`: each midnight and each timer before it, in order, until nothing is due
 * any more. So an input always meets a county that has caught up, and what comes of it does not
 * depend on how fast the clock ticked. At most `ticks` steps at a time; false: there is more to
 * do. */
static bool catch_up(struct sw_part *p, sw_time now, int ticks)
{
    const struct sw_zone *zone = sw_ruleset_schema(sw_engine_rules(p->engine))->zone;

    for (; ticks != 0; ticks--) {
        bool first = sw_engine_day(p->engine) == SW_DAY_NEVER;
        sw_time next =
            first ? sw_zone_midnight(zone, sw_zone_day(zone, now)) : sw_engine_next(p->engine);

        if (next > now)
            return true;
        tick(p, next, now);
    }
    return false;
}

/* So many steps between two looks at the sockets; without a loop, all of them. */
static int steps(const struct sw_part *p)
{
    return p->conf.loop == NULL ? -1 : TICKS_PER_TURN;
}

bool sw_part_pass_time(struct sw_part *p)
{
    sw_time now;

    if (p->closing || p->dead || sw_engine_in_history(p->engine) ||
        sw_engine_day(p->engine) == SW_DAY_NEVER || p->with_writer >= PIPELINE)
        return false;
    now = wall_clock(p);
    activate_waiting(p, now);
    if (!catch_up(p, now, steps(p)))
        return true;
    sw_part_flush(p);
    resume_sources(p);
    return false;
}

/* ---- offers ------------------------------------------------------------------------------- */

static void wait_for_commit(struct sw_part *p, const struct sw_offer *o, enum sw_ack_kind kind,
                            const char *reason, struct sw_str text)
{
    if (o->source == NULL || o->source->ack == NULL)
        return;
    *ADD(p->open->waiters) =
        (struct waiter){o->source, o->token, {kind, reason, sw_arena_str(&p->open->arena, text)}};
}

static void reject(struct sw_part *p, const struct sw_offer *o, const struct sw_refused *refused)
{
    struct batch *b = p->open;
    struct sw_str body = sw_part_veiled(p, SW_VEIL_WHOLLY, o->body, &p->open->arena);
    struct sw_str text =
        sw_part_veiled(p, SW_VEIL_WHOLLY, sw_str(refused->err.text), &p->open->arena);
    const char *reason = sw_refusal_name(refused->why);

    p->counts.rejected++;
    p->counts.by_reason[refused->why]++;
    *ADD(b->rejected) = (struct sw_rejected_row){
        .at = wall_clock(p),
        .door = sw_str(o->source == NULL ? "" : o->source->name),
        .reason = sw_str(reason),
        .text = sw_arena_str(&b->arena, text),
        .body = sw_arena_str(&b->arena, sw_str_sub(body, 0, SW_EVENT_BYTES_MAX)),
    };
    wait_for_commit(p, o, SW_ACK_REFUSED, reason, text);
}

static void turn_away(struct sw_part *p, const struct sw_source *s)
{
    for (size_t i = 0; i < p->turned_away.n; i++) {
        if (p->turned_away.at[i] == s)
            return;
    }
    if (s != NULL)
        *ADD(p->turned_away) = s;
}

static void later(const struct sw_offer *o, const char *why)
{
    if (o->source != NULL && o->source->ack != NULL)
        o->source->ack(o->source->ctx, o->token, &(struct sw_ack){SW_ACK_LATER, "", sw_str(why)});
}

/* The time an input counts at; false: it cannot be taken now (and was answered). */
static bool time_of(struct sw_part *p, const struct sw_offer *o, sw_time *now)
{
    struct sw_refused refused;
    struct sw_arena *arena = &p->open->arena;
    struct sw_envelope env;

    if (!o->history && sw_engine_in_history(p->engine)) {
        p->counts.later++;
        later(o, _("the county's history is being told; live inputs are taken when it has ended"));
        return false;
    }
    *now = wall_clock(p);
    if (!o->history)
        return true;
    if (!sw_engine_in_history(p->engine) && sw_engine_day(p->engine) != SW_DAY_NEVER) {
        later(o, _("history can only be told to a county that has not gone live"));
        return false;
    }
    if (sw_envelope_read(arena, o->body, &env, &refused.err) != SW_ACCEPTED) {
        *now = p->now; /* it will be refused; that needs no time of its own */
        return true;
    }
    *now = env.has_known ? env.known : env.has_time ? env.time : p->now;
    if (*now > p->conf.hooks.now(p->conf.hooks.ctx)) {
        /* The county's clock would stand in that future for good. */
        refused.why = SW_REFUSED_BAD_DATE;
        sw_fail(&refused.err, SW_EINVALID,
                _("a history is told of the past: recordedtime lies ahead"));
        reject(p, o, &refused);
        touch(p);
        return false;
    }
    if (*now < p->now)
        *now = p->now;
    return true;
}

static void begin_history(struct sw_part *p, sw_time now)
{
    struct sw_refused refused;

    SW_ASSERT(sw_part_apply(p, SW_IN_HISTORY, now, SW_STR("begin"), &refused) ==
              SW_VERDICT_ACCEPTED);
}

/* An offer without identity numbers, at its time. */
static bool take(struct sw_part *p, const struct sw_offer *o)
{
    struct sw_refused refused = {.why = SW_ACCEPTED};
    enum sw_verdict verdict;
    sw_time now;

    if (!time_of(p, o, &now))
        return true;
    activate_waiting(p, now);
    if (o->history && !sw_engine_in_history(p->engine))
        begin_history(p, now);
    if (!catch_up(p, now, steps(p))) {
        turn_away(p, o->source);
        sw_part_more_to_do(p);
        return false;
    }
    verdict = sw_part_apply(p, o->kind, now, o->body, &refused);
    if (verdict == SW_VERDICT_ACCEPTED) {
        p->counts.accepted++;
        wait_for_commit(p, o, SW_ACK_STORED,
                        refused.why == SW_ACCEPTED ? "" : sw_refusal_name(refused.why), SW_STR(""));
    } else if (verdict == SW_VERDICT_DUPLICATE) {
        p->counts.duplicates++;
        wait_for_commit(p, o, SW_ACK_REPEATED, "", SW_STR(""));
    } else {
        reject(p, o, &refused);
    }
    if (is_full(p->open))
        sw_part_flush(p);
    touch(p);
    return true;
}

/* A name that is no text became a token, which is one: the bytes that came decide. */
static bool is_text(const struct sw_offer *came, const struct sw_offer *veiled)
{
    return veiled->body.p == came->body.p || sw_utf8_check(came->body) == came->body.n;
}

static bool refuse_bytes(struct sw_part *p, const struct sw_offer *o)
{
    struct sw_refused refused = {.why = SW_REFUSED_NOT_JSON};

    sw_fail(&refused.err, SW_EINVALID, _("this is not UTF-8 text"));
    reject(p, o, &refused);
    touch(p);
    return true;
}

bool sw_part_push(struct sw_part *p, const struct sw_offer *o)
{
    struct sw_offer veiled = *o;
    struct sw_arena arena = {0}; /* catching up with time may give the open batch back */
    bool taken;

    if (p->closing || p->dead || (is_full(p->open) && p->with_writer >= PIPELINE)) {
        turn_away(p, o->source);
        return false;
    }
    veiled.body =
        sw_part_veiled(p, o->kind == SW_IN_REPLY ? SW_VEIL_REPLY : SW_VEIL_EVENT, o->body, &arena);
    taken = is_text(o, &veiled) ? take(p, &veiled) : refuse_bytes(p, &veiled);
    sw_arena_free(&arena);
    return taken;
}

void sw_part_end_history(struct sw_part *p)
{
    struct sw_refused refused;

    if (!sw_engine_in_history(p->engine))
        return;
    SW_ASSERT(sw_part_apply(p, SW_IN_HISTORY, wall_clock(p), SW_STR("end"), &refused) ==
              SW_VERDICT_ACCEPTED);
    while (sw_part_pass_time(p)) {}
    touch(p);
}

void sw_part_outbox(struct sw_part *p, const struct sw_outbox_change *c, uint64_t token,
                    struct sw_str fate)
{
    struct batch *b = p->open;
    struct sw_outbox_change *row;
    struct sw_refused refused;

    if (fate.n > 0 && !p->dead) {
        sw_part_apply(p, SW_IN_FATE, wall_clock(p),
                      sw_part_veiled(p, SW_VEIL_WHOLLY, fate, &p->open->arena), &refused);
        b = p->open;
    }
    row = ADD(b->outbox);
    *row = *c;
    row->message = sw_arena_str(&b->arena, c->message);
    row->detail = sw_arena_str(&b->arena, sw_part_veiled(p, SW_VEIL_WHOLLY, c->detail, &b->arena));
    if (token != 0)
        *ADD(b->tokens) = token;
    touch(p);
}

void sw_part_activate(struct sw_part *p, struct sw_ruleset *rules)
{
    sw_ruleset_free(p->next_rules);
    p->next_rules = rules;
    /* A county nobody has told anything yet takes them with its first input. */
    sw_part_more_to_do(p);
}

/* ---- life --------------------------------------------------------------------------------- */

struct sw_writer_events sw_part_writer_events(struct sw_part *p)
{
    return (struct sw_writer_events){p, on_committed, on_trouble};
}

struct batch *sw_part_first_batch(struct sw_part *p)
{
    return take_batch(p);
}

const struct sw_engine *sw_part_engine(const struct sw_part *p)
{
    return p->engine;
}

void sw_part_count(const struct sw_part *p, struct sw_part_counts *out)
{
    *out = p->counts;
    out->pos = p->pos;
    out->waiting = p->with_writer;
    out->snapshot_pos = p->snapshot_pos;
    out->oldest_batch = sw_writer_busy_since(p->writer);
}
