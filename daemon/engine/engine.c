/* engine.c - the fold: one input in, effects out.
 *
 * Events go into a history, then their household is judged. What concerns many households (an event
 * over an area, a new ruleset, a new day) only marks them due; ticks then judge a bounded number
 * each, so that no single input takes long. */
#include "parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

/* Whoever calls this calls sw_seen_begin() when the histories are those of the new schema. */
static void use_ruleset(struct sw_engine *e, struct sw_ruleset *rules)
{
    sw_forget_params(e);
    sw_reads_free(e->reads);
    sw_reads_free(e->area_reads);
    if (e->rules != NULL)
        sw_seen_free(e);
    e->rules = rules;
    e->reads = sw_reads_new(rules->lang);
    e->area_reads = sw_reads_new(rules->area_lang);
    free(e->fired);
    e->fired = sw_calloc(rules->n_rules + 1, 1);
}

struct sw_engine *sw_engine_new(struct sw_hash_key key, struct sw_ruleset *rules)
{
    struct sw_engine *e = sw_calloc(1, sizeof(*e));

    sw_registry_init(&e->registry, key);
    e->parking.dropped = SW_HISTORY_NONE;
    e->today = e->rules_since = e->spread = SW_DAY_NEVER;
    e->people.brief_at = e->people.count_at = SW_TIME_NEVER;
    use_ruleset(e, rules);
    sw_seen_begin(e);
    sw_feeds_carry(e, NULL, rules->schema);
    e->mail.next = e->phones.list_at = SW_TIME_NEVER;
    return e;
}

void sw_engine_free(struct sw_engine *e)
{
    if (e == NULL)
        return;
    sw_forget_params(e);
    sw_reads_free(e->reads);
    sw_reads_free(e->area_reads);
    sw_registry_free(&e->registry);
    sw_parking_free(&e->parking);
    sw_mail_free(&e->mail);
    for (uint32_t h = 0; h < e->standings && e->standing != NULL; h++)
        free(e->standing[h].hits);
    for (uint32_t a = 0; a < e->area_standings && e->area_standing != NULL; a++)
        free(e->area_standing[a].hits);
    if (e->rules != NULL)
        sw_seen_free(e);
    sw_heap_free(&e->due);
    sw_heap_free(&e->wakes);
    sw_arena_free(&e->arena);
    sw_ruleset_free(e->rules);
    sw_ruleset_free(e->next_rules);
    free(e->standing);
    free(e->area_standing);
    free(e->feed);
    free(e->amounts);
    free(e->cases);
    free(e->open);
    free(e->clarified);
    free(e->sent);
    free(e->phones.at);
    free(e->fired);
    free(e);
}

/* Every household and area has a standing. */
static void grow_standings(struct sw_engine *e)
{
    static const struct sw_standing fresh = {
        .due = SW_DAY_NEVER,
        .queued = SW_DAY_NEVER,
        .low_since = SW_DAY_NEVER,
        .told_day = SW_DAY_NEVER,
        .open_case = SW_NONE,
    };
    uint32_t n = e->registry.household_id.count;

    e->standing = sw_grow(e->standing, &e->standing_cap, n, sizeof(*e->standing));
    while (e->standings < n) {
        e->standing[e->standings++] = fresh;
        e->level_count[0]++;
    }
    n = e->registry.area_code.count;
    e->area_standing = sw_grow(e->area_standing, &e->area_standing_cap, n, sizeof(fresh));
    while (e->area_standings < n)
        e->area_standing[e->area_standings++] = fresh;
}

/* ---- events ------------------------------------------------------------------------------- */

/* The identity number of the person a change is about, before it; SW_NONE: none. */
static uint32_t idno_of(const struct sw_engine *e, const struct sw_envelope *env)
{
    struct sw_str id = env->subject;
    struct sw_str kind;
    uint32_t person;

    if (!sw_str_is(env->type, "registry.person") || !sw_str_split(&id, '/', &kind))
        return SW_NONE;
    person = sw_registry_person(&e->registry, id);
    return person == SW_NONE ? SW_NONE : e->registry.person[person].idno;
}

static bool is_empty(const struct sw_rule_set *s)
{
    uint64_t any = 0;

    for (size_t i = 0; i < RULE_WORDS; i++)
        any |= s->word[i];
    return any == 0;
}

/* What `reverses` took back, when it is not of the stream `own`. */
static const struct sw_stream *stream_taken(const struct sw_engine *e, const struct sw_history *h,
                                            uint64_t reverses, uint32_t own)
{
    uint32_t taken = reverses == 0 ? SW_NONE : sw_history_stream_of(h, reverses);

    return taken == SW_NONE || taken == own ? NULL : &e->rules->schema->streams[taken];
}

const struct sw_stream *sw_also_taken(const struct sw_engine *e, const struct sw_event *ev,
                                      const struct sw_history *h)
{
    return stream_taken(e, h, ev->reverses, ev->stream->id);
}

/* The registry took back an event of a household: rules about the places around it read it, too. */
static void judge_around_taken(struct sw_engine *e, const struct sw_changed *c,
                               struct sw_effects *fx)
{
    const struct sw_household *h = &e->registry.household[c->household];
    const struct sw_stream *st = stream_taken(e, &h->history, c->reverses, SW_FACTS);

    if (st != NULL && !is_empty(&e->rules->area_by_stream[st->id]))
        sw_judge_around(e, c->household, st->id, GONE_TAKEN_BACK, fx);
}

static enum sw_verdict apply_registry(struct sw_engine *e, const struct sw_envelope *env,
                                      struct sw_effects *fx, enum sw_refusal *why,
                                      struct sw_err *err)
{
    struct sw_occasion anew = {.gone = NOT_GONE};
    uint32_t areas = e->registry.area_code.count;
    uint32_t households = e->registry.household_id.count;
    uint32_t idno = idno_of(e, env);
    struct sw_changed changed;

    *why = sw_registry_apply(&e->registry, &e->arena, e->rules->schema, env, e->now, &changed, err);
    if (*why != SW_ACCEPTED)
        return SW_VERDICT_REJECTED;
    if (changed.repeat)
        return SW_VERDICT_DUPLICATE;
    if (changed.match != 0) {
        sw_unpark_match(e, &changed, fx);
        return SW_VERDICT_ACCEPTED;
    }
    grow_standings(e);
    if (e->registry.area_code.count > areas || sw_str_is(env->type, "registry.area"))
        sw_forget_params(e);
    if (changed.recoded != SW_NONE)
        sw_follow_recode(e, changed.recoded, fx);
    sw_follow_moves(e, &changed, fx);
    if (changed.reverses != 0) {
        anew.gone = GONE_TAKEN_BACK;
        sw_parked_withdraw(e, env, changed.reverses, fx);
    }
    if (changed.household != SW_NONE) {
        sw_monitored_look(e, changed.household, changed.household >= households, fx);
        sw_judge(e, changed.household, &anew, fx);
    }
    if (changed.left != SW_NONE && !changed.merged)
        sw_judge(e, changed.left, &anew, fx);
    if (changed.household != SW_NONE) {
        judge_around_taken(e, &changed, fx);
        sw_judge_lists(e, changed.household, fx);
    }
    sw_people_follow(e, &changed, fx);
    if (sw_str_is(env->type, "registry.cadre"))
        sw_phones_follow(e);
    sw_unpark(e, env, idno, fx);
    return SW_VERDICT_ACCEPTED;
}

/* Whoever is tested with a rule is made up by the test: nobody comes later. */
static bool may_wait(const struct sw_engine *e, const struct sw_event *ev)
{
    return ev->missing.n > 0 && !e->rules->schema->refuse_unknown && !e->registry.lenient;
}

static void judge_around(struct sw_engine *e, const struct sw_event *ev, const struct sw_stream *st,
                         enum sw_gone gone, struct sw_effects *fx)
{
    if (st != NULL && !is_empty(&e->rules->area_by_stream[st->id]))
        sw_judge_around(e, ev->subject, st->id, gone, fx);
}

/* An event of a household is in its history: whom it concerns is judged. Facts taken back (`also`)
 * concern every rule. */
static void follow_event(struct sw_engine *e, const struct sw_event *ev,
                         const struct sw_stream *also, enum sw_gone gone, struct sw_effects *fx)
{
    struct sw_rule_set rules = e->rules->by_stream[ev->stream->id];
    struct sw_occasion why = {.rules = &rules, .gone = gone};

    for (size_t w = 0; also != NULL && w < RULE_WORDS; w++)
        rules.word[w] |= e->rules->by_stream[also->id].word[w];
    if (also != NULL && also->facts)
        why.rules = NULL;
    if (why.rules == NULL || !is_empty(&rules))
        sw_judge(e, ev->subject, &why, fx);
    judge_around(e, ev, ev->stream, gone, fx);
    judge_around(e, ev, also, gone, fx);
    sw_judge_lists(e, ev->subject, fx);
}

/* Whom an event over an area concerns is judged by the ticks that come next, before anything else.
 */
static void spread(struct sw_engine *e)
{
    e->spread = sw_engine_due(e) <= e->today ? e->happened : SW_DAY_NEVER;
    e->spread_is_statement = e->is_statement;
}

static enum sw_verdict apply_event(struct sw_engine *e, struct sw_str body,
                                   const struct sw_envelope *env, struct sw_effects *fx,
                                   enum sw_refusal *why, struct sw_err *err)
{
    struct sw_registry *r = &e->registry;
    const struct sw_stream *also;
    struct sw_history *history;
    struct sw_event ev;
    enum sw_gone gone;
    bool news = true;

    *why = sw_event_read(&e->arena, e->rules->schema, r, env, e->now, &ev, err);
    if (*why == SW_REFUSED_UNKNOWN_SUBJECT && may_wait(e, &ev))
        return sw_park(e, body, env, &ev, fx, why, err);
    if (*why != SW_ACCEPTED)
        return SW_VERDICT_REJECTED;
    if (!ev.is_area)
        __builtin_prefetch(&e->standing[ev.subject]); /* judging comes next */
    history = ev.is_area ? &r->area[ev.subject].history : &r->household[ev.subject].history;
    switch (sw_history_add(history, &ev)) {
    case SW_RECORDED_REPEAT: return SW_VERDICT_DUPLICATE;
    case SW_RECORDED_FULL:
        *why = SW_REFUSED_TOO_MANY;
        sw_fail(err, SW_EFULL, _("the history of %.*s is full"), SW_STR_ARG(env->subject));
        return SW_VERDICT_REJECTED;
    case SW_RECORDED: break;
    }
    also = sw_also_taken(e, &ev, history);
    gone = ev.reverses != 0 ? GONE_TAKEN_BACK : NOT_GONE;
    sw_feed_heard(e, ev.stream->feed_number);
    sw_batch_count(e, &ev);
    if (sw_may_replace(e->rules->schema, &ev)) {
        news = sw_replace(e, &ev, history, &gone);
        sw_roll_row(e, &ev);
    }
    e->happened = sw_said_on(e, &ev);
    e->is_statement = ev.stream->replaces != SW_REPLACES_NONE;
    if (ev.is_area && news)
        sw_area_due(e, ev.subject, ev.stream->id, gone);
    if (ev.is_area && also != NULL)
        sw_area_due(e, ev.subject, also->id, gone);
    if (ev.is_area) {
        spread(e);
        return SW_VERDICT_ACCEPTED;
    }
    if (ev.reverses != 0)
        sw_parked_withdraw(e, env, ev.reverses, fx);
    sw_seen_add(e, ev.stream->id, ev.subject);
    sw_follow_taken(e, ev.subject, also, fx);
    if (news)
        follow_event(e, &ev, also, gone, fx);
    return SW_VERDICT_ACCEPTED;
}

/* "feed.heartbeat" about feed/NAME: nothing happened there, and that is known. */
static enum sw_verdict apply_heartbeat(struct sw_engine *e, const struct sw_envelope *env,
                                       enum sw_refusal *why, struct sw_err *err)
{
    uint32_t feed = sw_feed_find(e->rules->schema, env, err);

    if (feed == SW_NONE) {
        *why = SW_REFUSED_UNKNOWN_SUBJECT;
        return SW_VERDICT_REJECTED;
    }
    if (e->feed[feed].heard >= e->today)
        return SW_VERDICT_DUPLICATE;
    sw_feed_heard(e, feed);
    return SW_VERDICT_ACCEPTED;
}

/* "feed.batch.closed": these were all its rows. */
static enum sw_verdict apply_batch(struct sw_engine *e, const struct sw_envelope *env,
                                   struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err)
{
    struct sw_batch_told told;

    *why = sw_batch_read(&e->arena, e->rules->schema, &e->registry, env, e->now, &told, err);
    if (*why != SW_ACCEPTED)
        return SW_VERDICT_REJECTED;
    if (!sw_batch_close(e, &told))
        return SW_VERDICT_DUPLICATE;
    sw_feed_heard(e, told.feed);
    sw_feeds_tell(e, fx);
    return SW_VERDICT_ACCEPTED;
}

static enum sw_verdict apply_text(struct sw_engine *e, const struct sw_input *in,
                                  struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err)
{
    struct sw_envelope env;

    *why = sw_envelope_read(&e->arena, in->body, &env, err);
    if (*why != SW_ACCEPTED)
        return SW_VERDICT_REJECTED;
    if (sw_str_starts(env.type, SW_STR("registry.")))
        return apply_registry(e, &env, fx, why, err);
    if (sw_is_act(env.type))
        return sw_act_apply(e, &env, fx, why, err);
    if (sw_str_is(env.type, SW_HEARTBEAT))
        return apply_heartbeat(e, &env, why, err);
    if (sw_str_is(env.type, SW_BATCH_CLOSED))
        return apply_batch(e, &env, fx, why, err);
    if (sw_str_is(env.type, SW_CASE_ACT))
        return sw_case_act_apply(e, &env, fx, why, err);
    if (sw_str_is(env.type, SW_PARKED_DROP))
        return sw_parked_drop(e, &env, fx, why, err);
    return apply_event(e, in->body, &env, fx, why, err);
}

/* ---- other inputs ------------------------------------------------------------------------- */

/* A word on a message: receipts come twice and in any order, its fate moves only forward. */
static enum sw_verdict apply_fate(struct sw_engine *e, const struct sw_input *in,
                                  struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err)
{
    struct sw_json *body;
    struct sw_str message;
    struct sw_str state;
    struct sw_fate_row fate;

    if (sw_json_parse(&e->arena, in->body, &body, err) != SW_OK) {
        *why = SW_REFUSED_NOT_JSON;
        return SW_VERDICT_REJECTED;
    }
    message = sw_json_text(body, "message");
    state = sw_json_text(body, "state");
    if (message.n == 0 || message.n > 64 || state.n == 0 || state.n > 32) {
        *why = SW_REFUSED_ENVELOPE;
        sw_fail(err, SW_EINVALID, _("a word on a message names the message and its state"));
        return SW_VERDICT_REJECTED;
    }
    fate = (struct sw_fate_row){
        .message = sw_arena_str(&fx->arena, message),
        .state = sw_arena_str(&fx->arena, state),
        .detail = sw_arena_str(&fx->arena, sw_json_text(body, "detail")),
        .at = e->now,
    };
    if (sw_record_fate(e, &fate, fx))
        sw_fx_fate(fx, &fate);
    return SW_VERDICT_ACCEPTED;
}

static enum sw_verdict apply_history(struct sw_engine *e, const struct sw_input *in,
                                     struct sw_effects *fx, enum sw_refusal *why,
                                     struct sw_err *err)
{
    if (!sw_str_is(in->body, "begin") && !sw_str_is(in->body, "end")) {
        *why = SW_REFUSED_ENVELOPE;
        sw_fail(err, SW_EINVALID, _("a history begins or ends"));
        return SW_VERDICT_REJECTED;
    }
    e->history = sw_str_is(in->body, "begin");
    if (!e->history)
        sw_clocks_live(e, fx);
    sw_feeds_pass_day(e);
    sw_feeds_tell(e, fx);
    return SW_VERDICT_ACCEPTED;
}

/* ---- a new ruleset ------------------------------------------------------------------------ */

/* Hits follow their rule by name, now[its number before]; those of rules that are gone are
 * dropped. */
static void carry_hits(struct sw_engine *e, const struct sw_ruleset *old, const uint32_t *now,
                       uint32_t subject, struct sw_effects *fx)
{
    struct sw_standing *st = sw_standing_of(e, subject);
    size_t n;
    struct sw_hit *hits = sw_hits(e, subject, &n);
    uint16_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t rule = now[hits[i].rule];

        if (rule == SW_NONE) {
            if (hits[i].has_task)
                sw_task_end(e, subject, old->rule[hits[i].rule].name, fx);
            continue;
        }
        hits[kept] = hits[i];
        hits[kept++].rule = (uint16_t)rule;
    }
    if (st->hits != NULL)
        st->hits->n = kept;
}

static void carry_level(struct sw_engine *e, const struct sw_ruleset *old, uint8_t *level)
{
    size_t found = 0;

    for (size_t l = 1; l <= e->rules->n_levels; l++) {
        if (*level > 0 && sw_str_eq(e->rules->level[l].name, old->level[*level].name))
            found = l;
    }
    *level = (uint8_t)found;
}

static void carry_standing(struct sw_engine *e, const struct sw_ruleset *old, const uint32_t *now,
                           uint32_t subject, struct sw_history *history, struct sw_effects *fx)
{
    struct sw_standing *st = sw_standing_of(e, subject);

    if (old->schema->digest != e->rules->schema->digest)
        sw_history_convert(history, old->schema, e->rules->schema);
    carry_hits(e, old, now, subject, fx);
    carry_level(e, old, &st->level);
    carry_level(e, old, &st->told_level);
    if (st->open_case != SW_NONE)
        e->cases[st->open_case].level = st->level;
    sw_set_due(e, subject, e->today);
}

static void carry_over(struct sw_engine *e, const struct sw_ruleset *old, struct sw_effects *fx)
{
    struct sw_registry *r = &e->registry;
    uint32_t now[RULES_MAX];

    for (size_t i = 0; i < old->n_rules; i++)
        now[i] = sw_rule_find(e->rules, old->rule[i].name);
    memset(e->level_count, 0, sizeof(e->level_count));
    for (uint32_t h = 0; h < e->standings; h++) {
        carry_standing(e, old, now, h, &r->household[h].history, fx);
        e->level_count[e->standing[h].level]++;
    }
    for (uint32_t a = 0; a < e->area_standings; a++)
        carry_standing(e, old, now, AREA_BIT | a, &r->area[a].history, fx);
    sw_case_carry(e, old, fx);
    sw_rolls_convert(r, old->schema, e->rules->schema);
    sw_feeds_carry(e, old->schema, e->rules->schema);
    sw_mail_carry(e, old, now);
    sw_seen_begin(e);
}

static enum sw_verdict apply_rules(struct sw_engine *e, const struct sw_input *in,
                                   struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err)
{
    struct sw_ruleset *old = e->rules;

    if (e->next_rules == NULL || !sw_str_is(in->body, sw_ruleset_digest(e->next_rules))) {
        *why = SW_REFUSED_CONFLICT;
        sw_fail(err, SW_EINVALID, _("these rules were not made ready"));
        return SW_VERDICT_REJECTED;
    }
    use_ruleset(e, e->next_rules);
    e->next_rules = NULL;
    e->rules_since = e->today;
    carry_over(e, old, fx);
    sw_clocks_rules(e);
    sw_people_carry(e, old, fx);
    sw_case_carried(e, fx);
    sw_feeds_pass_day(e); /* other periods: other troubles */
    sw_feeds_tell(e, fx);
    sw_ruleset_free(old);
    return SW_VERDICT_ACCEPTED;
}

void sw_engine_set_rules(struct sw_engine *e, struct sw_ruleset *rules)
{
    sw_ruleset_free(e->next_rules);
    e->next_rules = rules;
}

/* ---- dispatch ----------------------------------------------------------------------------- */

enum sw_verdict sw_engine_apply(struct sw_engine *e, const struct sw_input *in,
                                struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err)
{
    static enum sw_verdict (*const apply[])(struct sw_engine *, const struct sw_input *,
                                            struct sw_effects *, enum sw_refusal *,
                                            struct sw_err *) = {
        [SW_IN_EVENT] = apply_text,  [SW_IN_REPLY] = sw_reply_apply,
        [SW_IN_FATE] = apply_fate,   [SW_IN_TICK] = sw_tick_apply,
        [SW_IN_RULES] = apply_rules, [SW_IN_HISTORY] = apply_history,
    };
    enum sw_verdict verdict;

    SW_ASSERT((size_t)in->kind < SW_COUNTOF(apply) && apply[in->kind] != NULL);
    SW_ASSERT(in->now >= e->came);
    SW_ASSERT(e->today != SW_DAY_NEVER || in->kind >= SW_IN_TICK); /* the rest needs a day */
    *why = SW_ACCEPTED;
    sw_time_comes(e, in);
    e->seq = in->seq;
    e->messages = 0;
    e->happened = SW_DAY_NEVER;
    e->by_time = false;
    verdict = apply[in->kind](e, in, fx, why, err);
    if (verdict == SW_VERDICT_ACCEPTED)
        sw_mail_flush(e, fx);
    sw_wakes_settle(e);
    sw_arena_reset(&e->arena);
    return verdict;
}

sw_time sw_engine_now(const struct sw_engine *e)
{
    return e->came;
}

sw_day sw_engine_day(const struct sw_engine *e)
{
    return e->today;
}

const struct sw_ruleset *sw_engine_rules(const struct sw_engine *e)
{
    return e->rules;
}

bool sw_engine_in_history(const struct sw_engine *e)
{
    return e->history;
}

bool sw_engine_is_cadre(const struct sw_engine *e, struct sw_str phone)
{
    return sw_registry_phone(&e->registry, phone) != SW_NONE;
}

bool sw_engine_is_own_code(const struct sw_engine *e, struct sw_str begin)
{
    const struct sw_registry *r = &e->registry;

    for (uint32_t a = 0; a < r->area_code.count; a++) {
        if (r->area[a].is == a && r->area[a].parent == SW_NONE &&
            sw_str_starts(sw_area_code(r, a), begin))
            return true;
    }
    return false;
}

void sw_engine_count(const struct sw_engine *e, struct sw_engine_counts *out)
{
    *out = (struct sw_engine_counts){
        .households = e->registry.household_id.count,
        .persons = e->registry.person_id.count,
        .cadres = e->registry.cadre_id.count,
        .teams = e->registry.team_id.count,
        .judged = e->judged,
        .rule_errors = e->rule_errors,
        .open_cases = e->n_open,
        .ownerless = e->people.missing,
        .parked = e->parking.n,
        .parked_red = e->parking.red,
        .cases = e->n_cases,
    };
    for (uint32_t a = 0; a < e->registry.area_code.count; a++)
        out->areas += e->registry.area[a].is == a;
    out->letters = e->mail.n;
    for (uint32_t i = 0; i < e->mail.n_storms; i++)
        out->storms += e->mail.storm[i].state == STORM_HELD;
    for (uint32_t i = 0; i < e->parking.n; i++)
        out->doubtful +=
            e->parking.at[i].doubt > SW_DOUBT_UNKNOWN && sw_parked_is_open(e, &e->parking.at[i]);
    for (uint32_t i = 0; i < e->n_open; i++) {
        const struct sw_case *c = &e->cases[e->open[i]];

        out->without_owner += c->owner == SW_NONE;
        out->overdue += sw_clock_is_late(c);
        out->paused += c->clock.paused > 0;
    }
    for (size_t l = 0; l <= LEVELS_MAX; l++)
        out->by_level[l] = e->level_count[l];
}
