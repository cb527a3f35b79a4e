/* judge.c - rules to hits, hits to score, score to level, for one subject (household or area) on
 * one day.
 *
 * A rule's condition is true, false or unknown. Unknown changes nothing: no alert, no clear, no
 * points; it asks for the missing facts. The level rises at once and falls only after the score has
 * stayed below the leave line for the level's hold. The next day on which any of this can change by
 * time alone becomes the subject's due day. */
#include "parts.h"

enum { ASK_AGAIN_DAYS = 30, NEVER_ASKED = 0 };

struct judging {
    struct sw_engine *e;
    uint32_t subject;
    struct sw_frame frame;
    struct sw_effects *fx;
    struct sw_finding_of found;
    struct sw_rule_set begun; /* what counts since now */
    sw_day due;
};

static void due_by(struct judging *j, sw_day day)
{
    if (day < j->due)
        j->due = day;
}

/* ---- tasks -------------------------------------------------------------------------------- */

/* A task about a household; an area's own tasks are those of the households it lists. */
void sw_task_put(struct sw_engine *e, uint32_t subject, struct sw_str rule, struct sw_str text,
                 sw_time closed, struct sw_effects *fx)
{
    struct sw_arena *a = &fx->arena;
    uint32_t area = sw_place_of(e, subject);

    if (!sw_is_area(subject))
        sw_fx_task(
            fx,
            &(struct sw_task_row){
                .household = sw_arena_str(a, sw_intern_text(&e->registry.household_id, subject)),
                .area = area == SW_NONE ? SW_STR("")
                                        : sw_arena_str(a, sw_area_code(&e->registry, area)),
                .rule = sw_arena_str(a, rule),
                .text = sw_arena_str(a, text),
                .opened = e->now,
                .closed = closed,
            });
}

void sw_task_end(struct sw_engine *e, uint32_t subject, struct sw_str rule, struct sw_effects *fx)
{
    sw_task_put(e, subject, rule, SW_STR(""), e->now, fx);
}

void sw_case_task(struct sw_engine *e, uint32_t index, const char *what, struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];

    if (c->has_task || sw_is_area(c->subject))
        return;
    c->has_task = true;
    sw_task_put(e, c->subject, SW_STR("clearance"),
                sw_arena_printf(&e->arena, "个案%u的%s", FIRST_CASE + index, what), 0, fx);
}

void sw_case_task_end(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];

    if (c->has_task)
        sw_task_end(e, c->subject, SW_STR("clearance"), fx);
    c->has_task = false;
}

static void add_task(struct judging *j, uint32_t subject, uint32_t rule, struct sw_str text)
{
    struct sw_hit *hit = sw_hit_of(j->e, subject, rule);

    hit->asked = j->e->today;
    hit->has_task = true;
    sw_task_put(j->e, subject, j->e->rules->rule[rule].name, text, 0, j->fx);
}

/* What was asked is known now, or need not be done any more. */
static void end_task(struct judging *j, uint32_t subject, struct sw_hit *hit)
{
    hit->has_task = false;
    sw_task_end(j->e, subject, j->e->rules->rule[hit->rule].name, j->fx);
}

static bool may_ask(const struct judging *j, const struct sw_hit *hit, int32_t again)
{
    return hit->asked == NEVER_ASKED || j->e->today - hit->asked >= again;
}

/* "核实：近12个月家庭总收入": what is not known and decides. */
static struct sw_str question(const struct judging *j, const struct sw_rule *r)
{
    const struct sw_lang *lang = sw_rule_lang(j->e->rules, r);
    struct sw_buf out = {0};
    struct sw_str text;

    sw_buf_cstr(&out, "请核实：");
    for (uint32_t i = 0; i < j->frame.n_missing && i < SW_MISSING_MAX; i++)
        sw_buf_printf(&out, "%s%.*s", i == 0 ? "" : "、",
                      SW_STR_ARG(sw_lang_source_name(lang, j->frame.missing[i])));
    text = sw_arena_str(&j->e->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

/* Now, and again as long as nobody knows. */
static void ask_for_missing(struct judging *j, uint32_t rule)
{
    if (may_ask(j, sw_hit_of(j->e, j->subject, rule), ASK_AGAIN_DAYS))
        add_task(j, j->subject, rule, question(j, &j->e->rules->rule[rule]));
    due_by(j, sw_hit_of(j->e, j->subject, rule)->asked + ASK_AGAIN_DAYS);
}

static struct sw_str message_of(struct judging *j, const struct sw_rule *r)
{
    struct sw_value v = sw_eval(r->message, &j->frame);

    return v.kind == SW_KSTRING ? sw_value_text(v) : r->label;
}

/* ---- one rule ----------------------------------------------------------------------------- */

static bool in_force(struct judging *j, const struct sw_rule *r)
{
    sw_day today = j->e->today;

    if (!r->enabled && !j->e->all_enabled)
        return false;
    if (today < r->from)
        due_by(j, r->from);
    else if (today <= r->until && r->until != SW_DAY_NEVER)
        due_by(j, r->until + 1);
    return today >= r->from && today <= r->until;
}

static enum sw_truth condition(struct judging *j, uint32_t rule)
{
    const struct sw_rule *r = &j->e->rules->rule[rule];
    const char *error = NULL;
    enum sw_truth t;

    if (!in_force(j, r))
        return SW_FALSE;
    j->frame.n_missing = 0;
    t = sw_eval_truth(r->when, &j->frame, &error);
    if (error != NULL) { /* division by zero, overflow: nothing changes, the rule is unwell */
        j->e->rule_errors++;
        return SW_TRUTH_UNKNOWN;
    }
    if (t != SW_TRUTH_UNKNOWN)
        return t;
    if (r->unknown == SW_UNKNOWN_TASK)
        ask_for_missing(j, rule);
    return r->unknown == SW_UNKNOWN_TRUE    ? SW_TRUE
           : r->unknown == SW_UNKNOWN_FALSE ? SW_FALSE
                                            : SW_TRUTH_UNKNOWN;
}

static void set_score(struct judging *j, uint32_t rule)
{
    const struct sw_rule *r = &j->e->rules->rule[rule];
    struct sw_value v;

    if (r->score == NULL)
        return;
    v = sw_eval(r->score, &j->frame);
    if (v.kind == SW_KDOUBLE)
        sw_hit_of(j->e, j->subject, rule)->score = v.d;
    else if (v.kind == SW_KINT)
        sw_hit_of(j->e, j->subject, rule)->score = (double)v.i;
}

static void turn_on(struct judging *j, uint32_t rule)
{
    struct sw_hit *hit = sw_hit_of(j->e, j->subject, rule);
    const struct sw_rule *r = &j->e->rules->rule[rule];
    bool was_counting = sw_hit_counts(hit);

    if (hit->state == HIT_OFF) {
        hit->state = HIT_WAITING;
        hit->since = j->e->today;
    }
    if (!was_counting && j->e->today - hit->since < r->wait) {
        due_by(j, hit->since + r->wait);
        return;
    }
    if (!was_counting && sw_rule_held_by(j->e, r) != SW_NONE) {
        hit->state = HIT_HELD; /* looked at again when the feed is heard of */
        return;
    }
    hit->state = HIT_ON;
    if (!was_counting) {
        hit->since = j->e->today;
        sw_rules_add(&j->begun, rule);
    }
    j->e->fired[rule] = SW_TRUE;
    set_score(j, rule);
}

static void turn_off(struct judging *j, uint32_t rule, struct sw_hit *hit)
{
    const struct sw_rule *r = &j->e->rules->rule[rule];

    if (hit->state == HIT_ON && r->clear != NULL && in_force(j, r) &&
        sw_eval_truth(r->clear, &j->frame, NULL) != SW_TRUE) {
        set_score(j, rule);
        return;
    }
    if (hit->state == HIT_ON && r->keep > 0 && j->found.gone != GONE_TAKEN_BACK) {
        hit->state = HIT_KEPT;
        hit->gone = j->e->today;
    }
    if (hit->state == HIT_KEPT && j->e->today - hit->gone < r->keep) {
        due_by(j, hit->gone + r->keep);
        return;
    }
    j->found.lost_cause |= sw_hit_counts(hit);
    hit->state = HIT_OFF;
    hit->score = 0;
    j->e->fired[rule] = SW_FALSE;
}

static void do_task(struct judging *j, uint32_t rule)
{
    const struct sw_rule *r = &j->e->rules->rule[rule];
    struct sw_hit *hit = sw_hit_of(j->e, j->subject, rule);
    int32_t again = r->cooldown > 0 ? r->cooldown : ASK_AGAIN_DAYS;

    if (!sw_hit_counts(hit))
        return; /* waiting for its days, or for a feed that is silent */
    if (may_ask(j, hit, again))
        add_task(j, j->subject, rule, message_of(j, r));
    due_by(j, sw_hit_of(j->e, j->subject, rule)->asked + again);
}

/* Work is open while the rule counts, a question while nobody knows. */
static void settle_task(struct judging *j, uint32_t rule, enum sw_truth t)
{
    struct sw_hit *hit = sw_hit_of(j->e, j->subject, rule);
    bool is_open = t == SW_TRUTH_UNKNOWN || (j->e->rules->rule[rule].task && sw_hit_counts(hit));

    if (hit->has_task && !is_open && !sw_is_area(j->subject)) /* lists: ask_lists() */
        end_task(j, j->subject, hit);
}

static void step_rule(struct judging *j, uint32_t rule)
{
    const struct sw_rule *r = &j->e->rules->rule[rule];
    enum sw_truth t = condition(j, rule);
    struct sw_hit *hit =
        sw_rules_has(&j->e->has_hit, rule) ? sw_hit_of(j->e, j->subject, rule) : NULL;

    if (t == SW_TRUE) {
        turn_on(j, rule);
        if (r->task)
            do_task(j, rule);
    } else if (t == SW_FALSE && hit != NULL && hit->state != HIT_OFF) {
        turn_off(j, rule, hit);
    } else if (t == SW_TRUTH_UNKNOWN && hit != NULL && hit->state == HIT_WAITING) {
        due_by(j, hit->since + r->wait > j->e->today ? hit->since + r->wait : j->e->today + 1);
    }
    if (hit != NULL)
        settle_task(j, rule, t);
}

/* ---- the level ---------------------------------------------------------------------------- */

static uint8_t held_level(const struct sw_engine *e, uint32_t subject)
{
    uint8_t level = 0;
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t i = 0; i < n; i++) {
        uint8_t hard = e->rules->rule[hits[i].rule].hard;

        if (sw_hit_counts(&hits[i]) && hard > level)
            level = hard;
    }
    return level;
}

/* The highest level up to `most` whose line (enter or leave) the score reaches, or that is held. */
static uint8_t reached(const struct sw_ruleset *rs, double score, uint8_t hard, uint8_t most,
                       bool to_stay)
{
    for (uint8_t l = most; l > 0; l--) {
        if (hard >= l || score >= (to_stay ? rs->level[l].leave : rs->level[l].enter))
            return l;
    }
    return 0;
}

static void set_level(struct sw_engine *e, uint32_t subject, uint8_t level)
{
    struct sw_standing *st = sw_standing_of(e, subject);

    if (!sw_is_area(subject)) { /* the counts are of households */
        e->level_count[st->level]--;
        e->level_count[level]++;
    }
    st->level = level;
    st->low_since = SW_DAY_NEVER;
}

void sw_level_clear(struct sw_engine *e, uint32_t subject)
{
    set_level(e, subject, 0);
}

static void step_level(struct judging *j)
{
    struct sw_engine *e = j->e;
    const struct sw_ruleset *rs = e->rules;
    struct sw_standing *st = sw_standing_of(e, j->subject);
    double score = sw_score(e, j->subject);
    uint8_t hard = held_level(e, j->subject);
    uint8_t level = reached(rs, score, hard, (uint8_t)rs->n_levels, false);

    if (level >= st->level) {
        set_level(e, j->subject, level);
    } else if (reached(rs, score, hard, st->level, true) == st->level) {
        st->low_since = SW_DAY_NEVER;
    } else {
        if (st->low_since == SW_DAY_NEVER)
            st->low_since = e->today;
        if (e->today - st->low_since >= rs->level[st->level].hold)
            set_level(e, j->subject, reached(rs, score, hard, (uint8_t)(st->level - 1), true));
        else
            due_by(j, st->low_since + rs->level[st->level].hold);
    }
}

/* A hit that counts and that nobody was told of, or so long ago that it is news again. One that
 * came back sooner is news when the cooldown is over. */
static bool is_news(struct judging *j, const struct sw_standing *st, const struct sw_hit *h)
{
    int32_t cooldown = j->e->rules->level[st->level].cooldown;

    if (!sw_hit_counts(h) || j->e->rules->rule[h->rule].task)
        return false;
    if (h->told == 0 || h->since <= h->told)
        return h->told == 0;
    if (j->e->today - h->told < cooldown)
        due_by(j, h->told + cooldown);
    return j->e->today - h->told >= cooldown;
}

static void find_news(struct judging *j, bool by_time)
{
    const struct sw_engine *e = j->e;
    const struct sw_standing *st = sw_standing_of(e, j->subject);
    size_t n;
    const struct sw_hit *hits = sw_hits(e, j->subject, &n);
    bool real = !by_time;

    if (st->level == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        if (!is_news(j, st, &hits[i]))
            continue;
        j->found.new_cause = true;
        real = real || !sw_by_standard(e, j->subject, hits[i].rule);
    }
    j->found.by_standard = !real;
}

void sw_set_due(struct sw_engine *e, uint32_t subject, sw_day day)
{
    struct sw_standing *st = sw_standing_of(e, subject);

    if (st->due == day)
        return;
    st->due = day;
    if (day >= st->queued) /* looked at again when its entry comes up */
        return;
    st->queued = day;
    sw_heap_push(&e->due, day, subject);
}

/* ---- households an area's rules choose ----------------------------------------------------- */

struct listing {
    struct judging *j;
    uint32_t rule;
    struct sw_str text;
};

/* The household remembers that it was asked about, in a hit of the area's rule that never counts.
 */
static void ask_listed(void *ctx, uint32_t household, bool chosen)
{
    struct listing *l = ctx;
    const struct sw_rule *r = &l->j->e->rules->rule[l->rule];
    struct sw_hit *hit = sw_hit_find(l->j->e, household, l->rule);

    if (!chosen) {
        if (hit != NULL && hit->has_task)
            end_task(l->j, household, hit);
        return;
    }
    hit = sw_hit_of(l->j->e, household, l->rule);
    if (may_ask(l->j, hit, r->cooldown > 0 ? r->cooldown : ASK_AGAIN_DAYS))
        add_task(l->j, household, l->rule, l->text);
}

/* While the rule counts, who is chosen has a task; when it does not any more, nobody has. An event
 * of one household changes only whether that one is on the list of a rule that counted already:
 * sw_judge_lists() looks at it. */
static void ask_lists(struct judging *j, bool of_household)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(j->e, j->subject, &n);

    for (size_t i = 0; i < n; i++) {
        const struct sw_rule *r = &j->e->rules->rule[hits[i].rule];
        struct listing l = {.j = j, .rule = hits[i].rule};
        bool counts = sw_hit_counts(&hits[i]);

        if (r->list == NULL || (!counts && !hits[i].has_task) ||
            (counts && of_household && !sw_rules_has(&j->begun, l.rule)))
            continue;
        if (counts) {
            sw_frame_for(j->e, j->subject, &j->frame); /* listing households used its storage */
            l.text = message_of(j, r);
        }
        sw_area_sort(j->e, sw_area_of(j->subject), counts ? l.rule : SW_NONE, ask_listed, &l);
        sw_hit_of(j->e, j->subject, l.rule)->has_task = counts;
    }
}

static void ask_if_listed(struct judging *j, uint32_t rule, uint32_t household)
{
    const struct sw_rule *r = &j->e->rules->rule[rule];

    if (r->list == NULL)
        return;
    if (sw_area_chooses(j->e, rule, household)) {
        sw_frame_for(j->e, j->subject, &j->frame);
        ask_listed(&(struct listing){j, rule, message_of(j, r)}, household, true);
    } else {
        ask_listed(&(struct listing){.j = j, .rule = rule}, household, false);
    }
}

void sw_judge_lists(struct sw_engine *e, uint32_t household, struct sw_effects *fx)
{
    const struct sw_area *areas = e->registry.area;

    for (uint32_t a = sw_place_of(e, household); a != SW_NONE; a = areas[a].parent) {
        struct judging j = {.e = e, .subject = AREA_BIT | a, .fx = fx};
        size_t n;
        const struct sw_hit *hits = sw_hits(e, j.subject, &n);

        for (size_t i = 0; i < n; i++) {
            if (sw_hit_counts(&hits[i]))
                ask_if_listed(&j, hits[i].rule, household);
        }
    }
}

/* Those of `rules` (NULL: all) that are about such a subject and awake. */
static struct sw_rule_set rules_to_ask(const struct sw_engine *e, enum sw_subject_kind kind,
                                       const struct sw_rule_set *rules)
{
    struct sw_rule_set ask;

    for (size_t w = 0; w < RULE_WORDS; w++)
        ask.word[w] = e->rules->of[kind].word[w] & e->awake.word[w] &
                      (rules == NULL ? UINT64_MAX : rules->word[w]);
    return ask;
}

void sw_judge(struct sw_engine *e, uint32_t subject, const struct sw_occasion *why,
              struct sw_effects *fx)
{
    struct judging j = {.e = e, .subject = subject, .fx = fx, .due = SW_DAY_NEVER};
    enum sw_subject_kind kind = sw_subject_kind(e, subject);
    struct sw_standing *st = sw_standing_of(e, subject);
    struct sw_rule_set ask;

    if (kind == SUBJECT_KINDS)
        return; /* a place deeper than a village */
    if (!sw_is_area(subject) && e->registry.household[subject].merged_into != SW_NONE)
        return; /* another household stands for it */
    e->judged++;
    j.found.level_before = st->level;
    j.found.gone = why->gone;
    sw_frame_for(e, subject, &j.frame);
    ask = rules_to_ask(e, kind, why->rules);
    for (size_t k = 0; k < e->rules->n_ordered; k++) {
        if (sw_rules_has(&ask, e->rules->order[k]))
            step_rule(&j, e->rules->order[k]);
    }
    step_level(&j);
    due_by(&j, j.frame.horizon);
    find_news(&j, why->by_time);
    /* Judging some rules says nothing of when the others change: the nearer day stays. */
    if (why->rules == NULL || j.due < st->due)
        sw_set_due(e, subject, j.due);
    if (sw_is_area(subject))
        ask_lists(&j, why->of_household);
    e->by_time = why->by_time;
    sw_case_follow(e, subject, &j.found, fx);
}
