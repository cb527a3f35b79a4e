/* awake.c - which rules have to be asked about a household at all.
 *
 * Most rules look for events that most households never had, and are false without them whatever
 * else is known. Who these are is found out once for the parameters of a day: each rule is asked
 * with no events at all and an error for every fact. Only what decides by itself absorbs an error
 * in && and ||, so false then means false for every household without such events. Facts that are
 * unknown would not do: known() and orValue() turn them into values.
 *
 * A rule sleeps with a household when it is such a one, no stream that it or a rule it asks about
 * reads has an event, and none of these rules has a hit. No hit, task or point that judging it
 * could bring about is lost; only days on which it would have been looked at in vain. Because of
 * these the engine's state depends on who slept, so who sleeps must follow from state and day
 * alone: finding out costs as much as judging one household and is done each day, whether it will
 * pay or not. */
#include "parts.h"
#include <shouwang/base/i18n.h>

static void open_nothing(void *ctx, struct sw_cursor *c)
{
    (void)ctx;
    (void)c;
}

static bool next_of_nothing(void *ctx, struct sw_cursor *c)
{
    (void)ctx;
    (void)c;
    return false;
}

static const struct sw_value nobody_knows = {.kind = SW_KERROR, .s = N_("not looked at")};
static const struct sw_host nothing = {open_nothing, next_of_nothing};

static bool is_false(const struct sw_engine *e, const struct sw_rule *r, struct sw_frame *f)
{
    if (!r->enabled && !e->all_enabled)
        return true;
    f->budget = 100000;
    sw_frame_begin(f);
    return sw_eval_truth(r->when, f, NULL) == SW_FALSE && f->horizon == SW_DAY_NEVER;
}

static bool is_within(const struct sw_rule_set *some, const struct sw_rule_set *all)
{
    uint64_t others = 0;

    for (size_t w = 0; w < RULE_WORDS; w++)
        others |= some->word[w] & ~all->word[w];
    return others == 0;
}

void sw_put_to_sleep(struct sw_engine *e, struct sw_param_cache *c)
{
    const struct sw_ruleset *rs = e->rules;
    struct sw_frame f = {
        .bank = {[BANK_HOUSEHOLD] = e->facts, [BANK_PARAMS] = c->value},
        .until = {[BANK_PARAMS] = c->changes ? c->until : NULL},
        .fired = e->fired,
        .host = &nothing,
        .zone = rs->schema->zone,
        .today = e->today,
        .reads = e->reads,
        .arena = &e->arena,
    };

    c->asleep = (struct sw_rule_set){{0}};
    if (e->is_sleepless)
        return;
    for (size_t i = 0; i < SW_COUNTOF(e->facts); i++)
        e->facts[i] = nobody_knows;
    memset(e->fired, SW_FALSE, rs->n_rules);
    for (size_t k = 0; k < rs->n_ordered; k++) {
        uint32_t rule = rs->order[k];
        struct sw_rule_set would = c->asleep;

        sw_rules_add(&would, rule);
        if (rs->rule[rule].subject == OF_HOUSEHOLD && is_within(&rs->needs[rule], &would) &&
            is_false(e, &rs->rule[rule], &f))
            c->asleep = would;
    }
}

static void wake(struct sw_rule_set *awake, const struct sw_rule_set *more)
{
    for (size_t w = 0; w < RULE_WORDS; w++)
        awake->word[w] |= more->word[w];
}

void sw_wake(struct sw_engine *e, uint32_t subject, const struct sw_param_cache *c,
             const bool *present)
{
    const struct sw_ruleset *rs = e->rules;
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t w = 0; w < RULE_WORDS; w++)
        e->awake.word[w] = sw_is_area(subject) ? UINT64_MAX : ~c->asleep.word[w];
    for (size_t st = 1; present != NULL && st < rs->schema->n_streams; st++) {
        if (present[st])
            wake(&e->awake, &rs->by_stream[st]);
    }
    for (size_t i = 0; i < n; i++)
        wake(&e->awake, &rs->askers[hits[i].rule]);
    for (size_t w = 0; e->only != NULL && w < RULE_WORDS; w++)
        e->awake.word[w] &= e->only->word[w];
}
