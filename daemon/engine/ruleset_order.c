/* ruleset_order.c - rules sorted so that each comes behind those it asks about with fired(), and
 * the index from streams to rules. */
#include "rules_parts.h"
#include <shouwang/base/i18n.h>

enum mark { UNSEEN, UNDER_WAY, PLACED };

struct sorter {
    struct sw_ruleset *rs;
    struct sw_diag *diag;
    enum mark *mark;
};

static void asked_rules(const struct sw_rule *r, struct sw_rule_set *out)
{
    const struct sw_prog *progs[] = {r->when, r->clear, r->score, r->message};

    for (size_t p = 0; p < SW_COUNTOF(progs); p++) {
        const uint32_t *index = NULL;
        size_t n = progs[p] == NULL ? 0 : sw_prog_rules(progs[p], &index);

        for (size_t i = 0; i < n; i++)
            sw_rules_add(out, index[i]);
    }
}

/* Depth first: what a rule asks about is placed before it. */
static void place(struct sorter *s, uint32_t rule)
{
    struct sw_ruleset *rs = s->rs;
    struct sw_rule_set asked = {0};

    if (s->mark[rule] == UNDER_WAY)
        sw_diag_add(s->diag, SW_ERROR, rs->rule[rule].at,
                    _("%.*s asks about itself with fired(), perhaps through other rules"),
                    SW_STR_ARG(rs->rule[rule].name));
    if (s->mark[rule] != UNSEEN)
        return;
    s->mark[rule] = UNDER_WAY;
    asked_rules(&rs->rule[rule], &asked);
    for (uint32_t k = 0; k < rs->n_rules; k++) {
        if (!sw_rules_has(&asked, k))
            continue;
        if (rs->rule[k].subject != rs->rule[rule].subject)
            sw_diag_add(s->diag, SW_ERROR, rs->rule[rule].at,
                        _("%.*s asks about %.*s, which is about another kind of area"),
                        SW_STR_ARG(rs->rule[rule].name), SW_STR_ARG(rs->rule[k].name));
        place(s, k);
    }
    s->mark[rule] = PLACED;
    rs->order[rs->n_ordered++] = rule;
}

static void add_all(struct sw_rule_set *to, const struct sw_rule_set *from)
{
    for (size_t w = 0; w < RULE_WORDS; w++)
        to->word[w] |= from->word[w];
}

/* Who asks about whom with fired(), through others too; each is among its own. */
static void index_asking(struct sw_ruleset *rs)
{
    rs->needs = SW_ARENA_ARRAY(&rs->arena, struct sw_rule_set, rs->n_rules + 1);
    rs->askers = SW_ARENA_ARRAY(&rs->arena, struct sw_rule_set, rs->n_rules + 1);
    for (size_t k = 0; k < rs->n_ordered; k++) {
        uint32_t rule = rs->order[k];
        struct sw_rule_set asked = {0};

        asked_rules(&rs->rule[rule], &asked);
        sw_rules_add(&rs->needs[rule], rule);
        for (uint32_t i = 0; i < rs->n_rules; i++) {
            if (sw_rules_has(&asked, i))
                add_all(&rs->needs[rule], &rs->needs[i]);
        }
        for (uint32_t i = 0; i < rs->n_rules; i++) {
            if (sw_rules_has(&rs->needs[rule], i))
                sw_rules_add(&rs->askers[i], rule);
        }
    }
}

void sw_sort_rules(struct sw_ruleset *rs, struct sw_diag *diag)
{
    struct sorter s = {.rs = rs, .diag = diag};

    s.mark = SW_ARENA_ARRAY(&rs->arena, enum mark, rs->n_rules + 1);
    rs->order = SW_ARENA_ARRAY(&rs->arena, uint32_t, rs->n_rules + 1);
    for (uint32_t i = 0; i < rs->n_rules; i++)
        place(&s, i);
    index_asking(rs);
}

/* ---- who is asked when -------------------------------------------------------------------- */

/* A rule's streams concern it and whoever asks about it. */
static void add_streams(struct sw_rule_set *by_stream, const struct sw_rule *r,
                        const struct sw_rule_set *askers)
{
    const struct sw_prog *progs[] = {r->when, r->clear, r->score};

    for (size_t p = 0; p < SW_COUNTOF(progs); p++) {
        const uint16_t *ids = NULL;
        size_t n = progs[p] == NULL ? 0 : sw_prog_streams(progs[p], &ids);

        for (size_t k = 0; k < n; k++)
            add_all(&by_stream[ids[k]], askers);
    }
}

bool sw_prog_looks_at(const struct sw_prog *p, unsigned bank, uint32_t slot)
{
    const uint32_t *slots = NULL;
    size_t n = p == NULL ? 0 : sw_prog_vars(p, bank, &slots);

    for (size_t i = 0; i < n; i++) {
        if (slots[i] == slot)
            return true;
    }
    return false;
}

/* Whether any of the rule's texts about households looks at the members. */
static bool reads_members(const struct sw_rule *r)
{
    const struct sw_prog *progs[] = {r->list, r->when, r->clear, r->score, r->message};
    size_t n_progs = r->subject == OF_HOUSEHOLD ? SW_COUNTOF(progs) : 1;

    for (size_t p = 0; p < n_progs; p++) {
        if (sw_prog_looks_at(progs[p], BANK_HOUSEHOLD, SW_FIELDS_MAX))
            return true;
    }
    return false;
}

/* The feeds whose silence could make the condition true. */
static void find_feeds(struct sw_ruleset *rs, struct sw_rule *r)
{
    const uint16_t *ids = NULL;
    size_t n = sw_prog_absences(r->when, &ids);
    uint32_t *feed = SW_ARENA_ARRAY(&rs->arena, uint32_t, n + 1);

    for (size_t i = 0; i < n; i++) {
        uint32_t f = rs->schema->streams[ids[i]].feed_number;
        size_t k = 0;

        while (k < r->n_waits_for && feed[k] != f)
            k++;
        if (k == r->n_waits_for && rs->schema->feeds[f].period > 0)
            feed[r->n_waits_for++] = f;
    }
    r->waits_for = feed;
}

/* Deaths and the like change who the members are. */
static void index_members(struct sw_ruleset *rs, uint32_t rule)
{
    rs->uses_members = true;
    for (size_t st = 1; st < rs->schema->n_streams; st++) {
        if (rs->schema->streams[st].leaves)
            add_all(&rs->by_stream[st], &rs->askers[rule]);
    }
}

void sw_index_rules(struct sw_ruleset *rs)
{
    rs->by_stream = SW_ARENA_ARRAY(&rs->arena, struct sw_rule_set, rs->schema->n_streams);
    rs->area_by_stream = SW_ARENA_ARRAY(&rs->arena, struct sw_rule_set, rs->schema->n_streams);
    for (uint32_t i = 0; i < rs->n_rules; i++) {
        struct sw_rule *r = &rs->rule[i];

        sw_rules_add(&rs->of[r->subject], i);
        add_streams(r->subject == OF_HOUSEHOLD ? rs->by_stream : rs->area_by_stream, r,
                    &rs->askers[i]);
        if (r->daily)
            sw_rules_add(&rs->daily, i);
        find_feeds(rs, r);
        if (reads_members(r))
            index_members(rs, i);
    }
}

bool sw_prog_reads_stream(const struct sw_prog *p, uint32_t stream)
{
    const uint16_t *ids;
    size_t n = sw_prog_streams(p, &ids);

    for (size_t i = 0; i < n; i++) {
        if (ids[i] == stream)
            return true;
    }
    return false;
}
