/* storm.c - a rule that suddenly gives far more alerts than it usually does in a day.
 *
 * Usual is what nine of ten days with any alerts stayed within. More than `factor` times that (and
 * more than `least`) is held: cases without messages, until a supervisor releases or discards them.
 * The county is told once. What an event brought is held from there on; what rules, numbers or a
 * day brought is counted before anything of it is sent, and held as a whole.
 *
 * Not a storm is what befell a place: an event over it, or alerts that nearly all lie in one
 * village or township and came of events. There every household has one case, so many alerts are
 * many households: that is spread, no repetition. */
#include "parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

enum { DISASTER_DAYS = 7, COUNTY_LEAST = 5 /* times the least of one rule */ };

static const char *const state_names[STORM_STATES] = {"held", "released", "discarded", "over"};

/* ---- counting ----------------------------------------------------------------------------- */

/* The tallies of the rules that hold, and the county's behind them. */
static struct sw_tally *tally_of(struct sw_engine *e, uint32_t rule)
{
    struct sw_mail *m = &e->mail;
    uint32_t n = (uint32_t)e->rules->n_rules + 1;

    if (m->tally == NULL) {
        m->tally = sw_calloc(n, sizeof(*m->tally));
        m->n_tally = n;
    }
    return &m->tally[rule];
}

static uint32_t county_tally(const struct sw_engine *e)
{
    return (uint32_t)e->rules->n_rules;
}

static void count_place(struct sw_mail *m, uint32_t rule, uint32_t place)
{
    for (uint32_t i = 0; i < m->n_place; i++) {
        if (m->place[i].rule == rule && m->place[i].place == place) {
            m->place[i].n++;
            return;
        }
    }
    m->place = sw_grow(m->place, &m->place_cap, m->n_place + 1, sizeof(*m->place));
    m->place[m->n_place++] = (struct sw_tally_place){rule, place, 1};
}

void sw_storm_count(struct sw_engine *e, const struct sw_letter *l)
{
    struct sw_mail *m = &e->mail;

    if (l->rule == SW_NONE || l->of_disaster ||
        (m->counted_seq == e->seq && m->counted == l->index))
        return;
    m->counted = l->index;
    m->counted_seq = e->seq;
    tally_of(e, l->rule)->today++;
    tally_of(e, county_tally(e))->today++;
    count_place(m, l->rule, l->place);
}

static void begin_tallies(struct sw_mail *m, sw_day day)
{
    sw_day first = day - m->day > STORM_DAYS_MAX ? day - STORM_DAYS_MAX : m->day;

    for (uint32_t i = 0; i < m->n_tally; i++) {
        struct sw_tally *t = &m->tally[i];
        uint32_t passed = t->released ? t->today : t->today - t->held;

        for (sw_day d = first; d < day; d++)
            t->day[d % STORM_DAYS_MAX] = 0;
        if (m->day >= first)
            t->day[m->day % STORM_DAYS_MAX] = (uint16_t)(passed > UINT16_MAX ? UINT16_MAX : passed);
        t->today = t->held = 0;
        t->released = false;
    }
    m->n_place = 0;
}

void sw_storm_pass_day(struct sw_engine *e)
{
    struct sw_mail *m = &e->mail;

    if (m->day != 0 && e->today > m->day)
        begin_tallies(m, e->today);
    m->day = e->today;
}

void sw_storm_carry(struct sw_engine *e, const struct sw_ruleset *old, const uint32_t *now)
{
    struct sw_mail *m = &e->mail;
    uint32_t n = (uint32_t)e->rules->n_rules + 1;
    struct sw_tally *tally = sw_calloc(n, sizeof(*tally));
    uint32_t kept = 0;

    for (uint32_t i = 0; i < m->n_tally; i++) {
        uint32_t to = i == old->n_rules ? n - 1 : now[i];

        if (to != SW_NONE)
            tally[to] = m->tally[i];
    }
    free(m->tally);
    m->tally = tally;
    m->n_tally = n;
    for (uint32_t i = 0; i < m->n_place; i++) {
        m->place[kept] = m->place[i];
        m->place[kept].rule = now[m->place[i].rule];
        kept += m->place[kept].rule != SW_NONE;
    }
    m->n_place = kept;
}

/* ---- what is usual ------------------------------------------------------------------------ */

static int compare_counts(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* What nine of ten days with any alerts stayed within. */
static uint32_t usual_of(const struct sw_engine *e, const struct sw_tally *t)
{
    uint16_t busy[STORM_DAYS_MAX];
    size_t n = 0;

    for (int32_t back = 1; back <= e->rules->mail.storm_days && back < STORM_DAYS_MAX; back++) {
        sw_day day = e->mail.day - back;
        uint16_t count = day < 0 ? 0 : t->day[day % STORM_DAYS_MAX];

        if (count > 0)
            busy[n++] = count;
    }
    if (n == 0)
        return 0;
    qsort(busy, n, sizeof(*busy), compare_counts);
    return busy[(n * 9 + 9) / 10 - 1];
}

static uint32_t bound_of(const struct sw_engine *e, uint32_t rule, uint32_t usual)
{
    const struct sw_mail_rules *m = &e->rules->mail;
    double least = m->storm_least * (rule == county_tally(e) ? COUNTY_LEAST : 1.0);
    double bound = m->storm_factor * usual;

    return (uint32_t)(bound > least ? bound : least);
}

/* ---- what befell a place ------------------------------------------------------------------ */

bool sw_rules_share(const struct sw_ruleset *rs, uint32_t a, uint32_t b)
{
    for (uint32_t s = 0; s < rs->schema->n_streams && a != SW_NONE && b != SW_NONE; s++) {
        const struct sw_rule_set *of_area = &rs->area_by_stream[s];
        const struct sw_rule_set *of_household = &rs->by_stream[s];

        if ((sw_rules_has(of_area, a) && sw_rules_has(of_household, b)) ||
            (sw_rules_has(of_household, a) && sw_rules_has(of_area, b)))
            return true;
    }
    return false;
}

static bool has_event(const struct sw_engine *e, uint32_t place, const struct sw_stream *st)
{
    for (uint32_t a = place; a != SW_NONE; a = e->registry.area[a].parent) {
        struct sw_cursor c = {.stream = st->id};

        sw_history_open(&e->registry.area[a].history, &c);
        while (sw_history_next(st, &c)) {
            if (c.day <= e->today && e->today - c.day <= DISASTER_DAYS)
                return true;
        }
    }
    return false;
}

bool sw_is_disaster(const struct sw_engine *e, uint32_t place, uint32_t rule)
{
    const struct sw_schema *schema = e->rules->schema;

    for (uint32_t s = 0; s < schema->n_streams; s++) {
        if ((sw_rules_has(&e->rules->by_stream[s], rule) ||
             sw_rules_has(&e->rules->area_by_stream[s], rule)) &&
            has_event(e, place, &schema->streams[s]))
            return true;
    }
    return false;
}

static uint32_t count_within(const struct sw_engine *e, uint32_t rule, uint32_t area)
{
    const struct sw_mail *m = &e->mail;
    uint32_t n = 0;

    for (uint32_t i = 0; i < m->n_place; i++) {
        if (m->place[i].rule == rule && m->place[i].place != SW_NONE &&
            sw_area_within(&e->registry, m->place[i].place, area))
            n += m->place[i].n;
    }
    return n;
}

/* Nearly all of a rule's alerts of today lie in one village or township. */
static bool is_local(struct sw_engine *e, uint32_t rule)
{
    const struct sw_mail *m = &e->mail;
    const struct sw_area *area = e->registry.area;
    double wanted = e->rules->mail.storm_local * tally_of(e, rule)->today;

    for (uint32_t i = 0; i < m->n_place; i++) {
        if (m->place[i].rule != rule)
            continue;
        for (uint32_t a = m->place[i].place; a != SW_NONE && area[a].parent != SW_NONE;
             a = area[a].parent) {
            if (count_within(e, rule, a) >= wanted)
                return true;
        }
    }
    return false;
}

/* ---- holding ------------------------------------------------------------------------------ */

static struct sw_str rule_label(const struct sw_engine *e, const struct sw_storm *s)
{
    struct sw_str name;
    uint32_t rule;

    if (s->rule == SW_NONE)
        return SW_STR("全县");
    name = sw_registry_text(&e->registry, s->rule);
    rule = sw_rule_find(e->rules, name);
    return rule == SW_NONE ? name : e->rules->rule[rule].label;
}

/* The storm that holds today's letters of a rule, begun when there is none. */
static uint32_t storm_of(struct sw_engine *e, uint32_t rule)
{
    struct sw_mail *m = &e->mail;
    const struct sw_zone *zone = e->rules->schema->zone;
    uint32_t name = rule == county_tally(e)
                        ? SW_NONE
                        : sw_intern_add(&e->registry.texts, e->rules->rule[rule].name);
    uint32_t usual = usual_of(e, tally_of(e, rule));

    for (uint32_t i = m->n_storms; i-- > 0;) {
        if (m->storm[i].state == STORM_HELD && m->storm[i].rule == name &&
            sw_zone_day(zone, m->storm[i].at) == sw_zone_day(zone, e->now))
            return i;
    }
    m->storm = sw_grow(m->storm, &m->storm_cap, m->n_storms + 1, sizeof(*m->storm));
    m->storm[m->n_storms] = (struct sw_storm){.at = e->now,
                                              .rule = name,
                                              .by = SW_NONE,
                                              .reason = SW_NONE,
                                              .usual = usual,
                                              .bound = bound_of(e, rule, usual)};
    return m->n_storms++;
}

/* `is_held`, by case: one counts once, wherever its letters stand. */
static void hold(struct sw_engine *e, struct sw_letter *l, uint32_t rule, bool *is_held,
                 struct sw_effects *fx)
{
    uint32_t number = storm_of(e, rule);
    struct sw_storm *s = &e->mail.storm[number];

    l->holder = number;
    if (!is_held[l->index]) {
        is_held[l->index] = true;
        s->held++;
        s->red += sw_level_is_urgent(e, l->level);
        tally_of(e, rule)->held++;
        if (rule != county_tally(e))
            tally_of(e, county_tally(e))->held++;
    }
    if (l->notice == NOTICE_ALERT)
        sw_clock_pause(e, l->index, SW_TIME_NEVER); /* nobody knows of the case yet */
    sw_letter_wait(e, l, WAIT_STORM, SW_TIME_NEVER,
                   sw_arena_printf(&e->arena,
                                   "预警激增%u：%.*s今日%u户，平常一天%u户，暂扣待县里放行",
                                   number + 1, SW_STR_ARG(rule_label(e, s)),
                                   tally_of(e, rule)->today, s->usual),
                   fx);
}

/* Why a letter is too much: the rule, the county, SW_NONE: it is not. */
static uint32_t too_much(struct sw_engine *e, const struct sw_letter *l, const bool *local)
{
    const uint32_t which[] = {l->rule, county_tally(e)};

    for (size_t i = 0; i < SW_COUNTOF(which); i++) {
        const struct sw_tally *t = tally_of(e, which[i]);
        bool befell = i == 0 && !l->by_standard && local[l->rule];

        if (befell)
            return SW_NONE;
        if (!t->released &&
            t->today - (i == 1 ? t->held : 0) > bound_of(e, which[i], usual_of(e, t)))
            return which[i];
    }
    return SW_NONE;
}

static bool is_guarded(const struct sw_engine *e, const struct sw_letter *l)
{
    return sw_letter_is_ready(e, l) && l->index != SW_NONE && l->rule != SW_NONE && !l->released &&
           !l->of_disaster && !l->waited && sw_is_alert(l->notice);
}

static struct sw_str county_event(struct sw_engine *e, uint32_t number)
{
    const struct sw_storm *s = &e->mail.storm[number];
    struct sw_webhook hook;
    struct sw_jw *w = sw_webhook_begin(e, &hook, "storm.held");

    sw_jw_member_int(w, "storm", number + 1);
    sw_jw_member(w, "rule", rule_label(e, s));
    sw_jw_member_int(w, "households", s->held);
    sw_jw_member_int(w, "red", s->red);
    sw_jw_member_int(w, "usual", s->usual);
    return sw_webhook_end(e, &hook);
}

static void tell_county(struct sw_engine *e, uint32_t number, struct sw_effects *fx)
{
    const struct sw_storm *s = &e->mail.storm[number];
    const struct sw_pair pairs[] = {
        {"rule", rule_label(e, s)},
        {"count", sw_arena_printf(&e->arena, "%u", s->held)},
        {"usual", sw_arena_printf(&e->arena, "%u", s->usual)},
        {"number", sw_arena_printf(&e->arena, "%u", number + 1)},
    };

    sw_notify_county(e, "storm",
                     sw_fill(e, e->rules->wording.storm_alert, pairs, SW_COUNTOF(pairs)),
                     county_event(e, number), fx);
}

void sw_storm_guard(struct sw_engine *e, struct sw_effects *fx)
{
    struct sw_mail *m = &e->mail;
    uint32_t storms = m->n_storms;
    bool *local;
    bool *is_held = NULL;

    if (e->rules->mail.storm_factor == 0 || m->news == 0)
        return;
    local = SW_ARENA_ARRAY(&e->arena, bool, e->rules->n_rules);
    for (uint32_t r = 0; r < e->rules->n_rules; r++)
        local[r] = tally_of(e, r)->today > (uint32_t)e->rules->mail.storm_least && is_local(e, r);
    for (uint32_t i = 0; i < m->n; i++) {
        uint32_t rule = is_guarded(e, &m->at[i]) ? too_much(e, &m->at[i], local) : SW_NONE;

        if (rule == SW_NONE)
            continue;
        if (is_held == NULL) /* seldom: there may be many cases */
            is_held = SW_ARENA_ARRAY(&e->arena, bool, e->n_cases);
        hold(e, &m->at[i], rule, is_held, fx);
    }
    for (; storms < m->n_storms; storms++)
        tell_county(e, storms, fx);
}

/* ---- ending ------------------------------------------------------------------------------- */

/* Cases whose alert was held and went to nobody: with it they are over, or their time begins. */
struct unknown_cases {
    uint32_t *index;
    size_t n;
};

static void note_case(struct unknown_cases *u, const struct sw_letter *l)
{
    if (l->notice == NOTICE_ALERT && (u->n == 0 || u->index[u->n - 1] != l->index))
        u->index[u->n++] = l->index;
}

/* The alert was never told: a later one is no repetition of it. */
static void forget_told(struct sw_engine *e, uint32_t index)
{
    struct sw_standing *st = sw_standing_of(e, e->cases[index].subject);

    st->told_level = 0;
    st->told_day = SW_DAY_NEVER;
    if (!sw_has_causes(e, e->cases[index].subject))
        sw_level_clear(e, e->cases[index].subject); /* it was a mistake: there is nothing to hold */
}

static void end_cases(struct sw_engine *e, const struct unknown_cases *u, bool discard,
                      struct sw_effects *fx)
{
    const struct sw_life *life = e->rules->life;

    for (size_t i = 0; i < u->n; i++) {
        uint32_t index = u->index[i];

        if (discard)
            forget_told(e, index);
        if (discard && life->move[e->cases[index].state][ON_DISCARDED].next != LIFE_REFUSED)
            sw_case_by_engine(e, index, ON_DISCARDED, fx);
        else
            sw_clock_resume(e, index);
        sw_case_write(e, index, fx);
    }
}

void sw_storm_recheck(struct sw_engine *e, struct sw_effects *fx)
{
    struct sw_mail *m = &e->mail;
    uint32_t *left = SW_ARENA_ARRAY(&e->arena, uint32_t, m->n_storms + 1);
    struct unknown_cases gone = {.index = SW_ARENA_ARRAY(&e->arena, uint32_t, m->n + 1)};

    m->recheck = false;
    for (uint32_t i = 0; i < m->n_storms; i++)
        left[i] = 0;
    for (uint32_t i = 0; i < m->n; i++) {
        struct sw_letter *l = &m->at[i];

        if (l->to == SW_NONE || l->waits != WAIT_STORM)
            continue;
        if (!sw_letter_is_moot(e, l, fx))
            left[l->holder]++;
        else if (!sw_has_causes(e, e->cases[l->index].subject))
            note_case(&gone, l);
    }
    end_cases(e, &gone, true, fx);
    for (uint32_t i = 0; i < m->n_storms; i++) {
        if (m->storm[i].state == STORM_HELD && left[i] == 0) {
            m->storm[i].state = STORM_OVER;
            m->storm[i].ended = e->now;
        }
    }
}

static void end_storm(struct sw_engine *e, uint32_t number, bool release, struct sw_str by,
                      struct sw_str reason, struct sw_effects *fx)
{
    struct sw_mail *m = &e->mail;
    struct sw_storm *s = &m->storm[number];
    uint32_t rule = s->rule == SW_NONE
                        ? county_tally(e)
                        : sw_rule_find(e->rules, sw_registry_text(&e->registry, s->rule));
    uint32_t told = SW_NONE;
    struct unknown_cases unknown = {.index = SW_ARENA_ARRAY(&e->arena, uint32_t, m->n + 1)};

    s->state = release ? STORM_RELEASED : STORM_DISCARDED;
    s->ended = e->now;
    s->by = sw_intern_add(&e->registry.texts, by);
    s->reason = sw_intern_add(&e->registry.texts, reason);
    if (release && rule != SW_NONE && sw_zone_day(e->rules->schema->zone, s->at) == m->day)
        tally_of(e, rule)->released = true;
    for (uint32_t i = 0; i < m->n; i++) {
        struct sw_letter *l = &m->at[i];

        if (l->to == SW_NONE || l->waits != WAIT_STORM || l->holder != number)
            continue;
        if (l->index != told)
            sw_case_step(e, l->index, release ? "released" : "discarded", by,
                         sw_arena_printf(&e->arena, "预警激增%u%s：%.*s", number + 1,
                                         release ? "放行" : "作废，不再发送", SW_STR_ARG(reason)),
                         fx);
        told = l->index;
        l->waits = WAIT_NOTHING;
        l->released = true;
        l->holder = SW_NONE;
        m->news++;
        note_case(&unknown, l);
        if (release)
            continue;
        forget_told(e, l->index);
        sw_letter_end(e, l, "not_sent", SW_STR(""), fx);
    }
    end_cases(e, &unknown, !release, fx);
}

enum sw_verdict sw_storm_apply(struct sw_engine *e, const struct sw_envelope *env,
                               struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err)
{
    struct sw_mail *m = &e->mail;
    bool release = sw_str_is(env->type, SW_STORM_RELEASE);
    struct sw_str by;
    struct sw_str reason;
    uint32_t number;

    *why = sw_act_read(env, "storm", m->n_storms, &number, &by, &reason, err);
    if (*why != SW_ACCEPTED)
        return SW_VERDICT_REJECTED;
    if (m->storm[number].state != STORM_HELD) {
        *why = SW_REFUSED_CONFLICT;
        sw_fail(err, SW_EINVALID, _("storm %u is %s already"), number + 1,
                state_names[m->storm[number].state]);
        return SW_VERDICT_REJECTED;
    }
    end_storm(e, number, release, by, reason, fx);
    return SW_VERDICT_ACCEPTED;
}

/* ---- what is told of them ----------------------------------------------------------------- */

void sw_engine_storms(const struct sw_engine *e, struct sw_buf *out)
{
    struct sw_jw w = {.out = out};

    sw_jw_array(&w);
    for (uint32_t i = e->mail.n_storms; i-- > 0;) {
        const struct sw_storm *s = &e->mail.storm[i];

        sw_jw_object(&w);
        sw_jw_member_int(&w, "storm", i + 1);
        sw_jw_member(&w, "state", sw_str(state_names[s->state]));
        sw_jw_member(&w, "rule",
                     s->rule == SW_NONE ? SW_STR("") : sw_registry_text(&e->registry, s->rule));
        sw_jw_member(&w, "label", rule_label(e, s));
        sw_jw_member_int(&w, "held", s->held);
        sw_jw_member_int(&w, "red", s->red);
        sw_jw_member_int(&w, "usual", s->usual);
        sw_jw_member_int(&w, "bound", s->bound);
        sw_put_time(e, &w, "at", s->at);
        if (s->ended != 0)
            sw_put_time(e, &w, "ended", s->ended);
        sw_jw_member(&w, "by", sw_registry_text(&e->registry, s->by));
        sw_jw_member(&w, "reason", sw_registry_text(&e->registry, s->reason));
        sw_jw_end(&w);
    }
    sw_jw_end(&w);
}
