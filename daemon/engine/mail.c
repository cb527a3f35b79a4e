/* mail.c - from "this person is to be told this" to a message, or to the reason why not yet.
 *
 * People.c asks for letters; they are decided about when their input ends, so that what came
 * together is seen together. What a day or new rules brought (nobody did anything) is decided about
 * only when the whole county has been looked at: a wrong number shows itself by how many it
 * raises, and then not one message has left. In order: storm, an area's case that says it already,
 * silence, quiet hours, the like sent a moment ago, budget.
 *
 * There is at most one letter for a person and a case. A correction meets the letter that has not
 * gone yet: both are settled, neither is sent. */
#include "parts.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

void sw_mail_free(struct sw_mail *m)
{
    for (uint32_t i = 0; i < m->n && m->at != NULL; i++) {
        free(m->at[i].text);
        free(m->at[i].about);
    }
    free(m->at);
    free(m->ledger);
    free(m->recent);
    free(m->tally);
    free(m->place);
    free(m->storm);
    free(m->silence);
}

bool sw_level_is_urgent(const struct sw_engine *e, uint8_t level)
{
    return level == e->rules->n_levels;
}

struct sw_str sw_when_text(struct sw_engine *e, sw_time at)
{
    const struct sw_zone *zone = e->rules->schema->zone;
    char text[SW_RFC3339_SIZE];

    sw_rfc3339_format(at, sw_zone_offset(zone, at), text);
    return sw_arena_printf(&e->arena, "%.10s %.5s", text, text + 11);
}

struct sw_str sw_letter_name(const struct sw_engine *e, const struct sw_letter *l)
{
    const struct sw_registry *r = &e->registry;

    if ((l->to & TEAM_BIT) != 0)
        return sw_registry_text(r, r->team[l->to & ~TEAM_BIT].name);
    return sw_registry_text(r, r->cadre[l->to].name);
}

/* ---- a letter's ways ---------------------------------------------------------------------- */

/* Whether the letter before it is about the same case and waits for the same: one step tells of
 * both. */
static bool is_told_already(const struct sw_engine *e, const struct sw_letter *l,
                            enum sw_wait waits)
{
    return l > e->mail.at && l[-1].index == l->index && l[-1].waits == waits &&
           l[-1].holder == l->holder && (waits == WAIT_STORM || waits == WAIT_SILENCE);
}

void sw_letter_wait(struct sw_engine *e, struct sw_letter *l, enum sw_wait waits, sw_time until,
                    struct sw_str why, struct sw_effects *fx)
{
    static const char *const kinds[WAITS] = {"deferred", "deferred", "deferred",
                                             "deferred", "held",     "muted"};

    l->waits = (uint8_t)waits;
    l->until = until;
    l->waited = true;
    if (l->index != SW_NONE && why.n > 0 && !is_told_already(e, l, waits))
        sw_case_step(e, l->index, kinds[waits], SW_STR("engine"), why, fx);
}

void sw_letter_end(struct sw_engine *e, struct sw_letter *l, const char *kind, struct sw_str why,
                   struct sw_effects *fx)
{
    if (l->index != SW_NONE && why.n > 0)
        sw_case_step(e, l->index, kind, SW_STR("engine"), why, fx);
    if (l->index != SW_NONE && l->notice == NOTICE_ALERT && strcmp(kind, "sent") == 0 &&
        e->cases[l->index].clock.paused > 0) {
        sw_clock_anew(e, l->index); /* it stood while the alert was hushed */
        sw_case_write(e, l->index, fx);
    }
    l->to = SW_NONE;
}

bool sw_letter_is_ready(const struct sw_engine *e, const struct sw_letter *l)
{
    return l->to != SW_NONE && l->waits == WAIT_NOTHING &&
           !(l->by_time && sw_engine_due(e) <= e->today);
}

/* ---- new letters -------------------------------------------------------------------------- */

static struct sw_letter *pending(const struct sw_engine *e, uint32_t to, uint32_t index)
{
    for (uint32_t i = e->mail.n; i-- > 0;) {
        if (e->mail.at[i].index == index && e->mail.at[i].to == to)
            return &e->mail.at[i];
    }
    return NULL;
}

static bool looks_after(const struct sw_engine *e, uint32_t cadre, uint32_t subject)
{
    uint32_t at = sw_is_area(subject) ? SW_NONE : e->registry.household[subject].assignment;
    uint32_t who;

    while ((who = sw_assigned_next(&e->registry, e->today, &at)) != SW_NONE) {
        if (who == cadre)
            return true;
    }
    return false;
}

/* The area whose team looks after a place. */
static uint32_t area_of_team(const struct sw_engine *e, uint32_t place)
{
    const struct sw_registry *r = &e->registry;

    for (uint32_t a = place; a != SW_NONE; a = r->area[a].parent) {
        uint32_t at = r->area[a].assignment;

        if (sw_assigned_next(r, e->today, &at) != SW_NONE)
            return a;
    }
    return place;
}

static struct sw_letter *add(struct sw_engine *e, const struct sw_letter *l)
{
    struct sw_mail *m = &e->mail;

    m->at = sw_grow(m->at, &m->cap, m->n + 1, sizeof(*m->at));
    m->at[m->n] = *l;
    m->news++;
    return &m->at[m->n++];
}

static struct sw_letter make(const struct sw_engine *e, uint32_t to, uint32_t index,
                             enum sw_notice notice)
{
    uint32_t subject = e->cases[index].subject;
    uint32_t place = sw_place_of(e, subject);
    struct sw_letter l = {
        .since = e->now,
        .to = to,
        .index = index,
        .rule = sw_main_cause(e, subject),
        .place = place,
        .holder = SW_NONE,
        .notice = (uint8_t)notice,
        .level = e->cases[index].level,
        .by_time = e->by_time,
        .as_team =
            (to & TEAM_BIT) != 0 || (to != e->cases[index].owner && !looks_after(e, to, subject)),
    };

    if (l.rule == SW_NONE)
        return l;
    l.by_standard = e->by_time && sw_by_standard(e, subject, l.rule);
    l.of_disaster = !l.by_standard && sw_is_disaster(e, place, l.rule);
    if (l.of_disaster && l.as_team)
        l.place = area_of_team(e, place);
    return l;
}

/* Whether a letter that has not gone says the newer instead of what it was to say. */
static bool says_newer(enum sw_notice old, enum sw_notice now)
{
    if (now == NOTICE_ASK || now == NOTICE_ALERT)
        return true;
    if (old == NOTICE_ALERT)
        return false;
    return now == NOTICE_RISE || old == NOTICE_COPY ||
           (old == NOTICE_WITHDRAWN && (now == NOTICE_CAUSE || now == NOTICE_HANDOVER));
}

/* There is a letter to this person about this case that has not gone: the news joins it. True when
 * the new one is not needed any more. */
static bool join(struct sw_engine *e, struct sw_letter *old, const struct sw_letter *l,
                 struct sw_effects *fx)
{
    bool was_first = old->notice == NOTICE_ALERT;

    if (l->notice == NOTICE_WITHDRAWN) {
        sw_letter_end(e, old, "not_sent",
                      sw_arena_printf(&e->arena,
                                      "给%.*s的消息还没有发出，原因已撤销，两相抵消，都不再发送",
                                      SW_STR_ARG(sw_letter_name(e, old))),
                      fx);
        return was_first;
    }
    old->level = l->level;
    old->rule = l->rule;
    old->by_time = l->by_time;
    old->by_standard = l->by_standard;
    old->of_disaster = l->of_disaster;
    if (says_newer((enum sw_notice)old->notice, (enum sw_notice)l->notice))
        old->notice = l->notice;
    if (old->waits == WAIT_NOTHING)
        return true;
    if (old->waits == WAIT_STORM || old->waits == WAIT_SILENCE || sw_level_is_urgent(e, l->level)) {
        old->waits = WAIT_NOTHING;
        old->waited = false; /* what it says now is news */
        old->holder = SW_NONE;
        e->mail.news++;
    }
    return true;
}

static bool alert_waits(const struct sw_engine *e, uint32_t index, enum sw_wait waits)
{
    for (uint32_t i = 0; i < e->mail.n; i++) {
        const struct sw_letter *l = &e->mail.at[i];

        if (l->index == index && l->to != SW_NONE && l->notice == NOTICE_ALERT && l->waits == waits)
            return true;
    }
    return false;
}

bool sw_is_held(const struct sw_engine *e, uint32_t index)
{
    return alert_waits(e, index, WAIT_STORM);
}

bool sw_is_unsaid(const struct sw_engine *e, uint32_t to, uint32_t index)
{
    const struct sw_letter *l = pending(e, to, index);

    return l != NULL && l->notice == NOTICE_ALERT;
}

/* Nobody is reminded of an alert that was held back or hushed. */
static bool is_untold(struct sw_engine *e, const struct sw_letter *l, struct sw_effects *fx)
{
    if (!sw_is_held(e, l->index) && !alert_waits(e, l->index, WAIT_SILENCE))
        return false;
    sw_case_step(e, l->index, "not_sent", SW_STR("engine"),
                 sw_arena_printf(&e->arena, "预警本身还扣着没有发，不催%.*s",
                                 SW_STR_ARG(sw_letter_name(e, l))),
                 fx);
    return true;
}

static void write_to(struct sw_engine *e, uint32_t to, uint32_t index, enum sw_notice notice,
                     struct sw_effects *fx)
{
    struct sw_letter l = make(e, to, index, notice);
    struct sw_letter *old;

    if (sw_is_alert(l.notice))
        sw_storm_count(e, &l);
    if (e->history || (sw_is_prompt(l.notice) && is_untold(e, &l, fx)))
        return;
    old = pending(e, to, index);
    if (old == NULL || !join(e, old, &l, fx))
        add(e, &l);
}

void sw_notice_cadre(struct sw_engine *e, uint32_t index, enum sw_notice kind, uint32_t cadre,
                     struct sw_effects *fx)
{
    write_to(e, cadre, index, kind, fx);
}

void sw_notice_team(struct sw_engine *e, uint32_t index, enum sw_notice kind, uint32_t team,
                    struct sw_effects *fx)
{
    if (e->registry.team[team].gateway != SW_NONE)
        write_to(e, TEAM_BIT | team, index, kind, fx);
}

void sw_mail_text(struct sw_engine *e, uint32_t cadre, const char *kind, struct sw_str text,
                  const uint32_t *about, size_t n_about)
{
    struct sw_letter l = {.since = e->now,
                          .to = cadre,
                          .index = SW_NONE,
                          .rule = SW_NONE,
                          .place = SW_NONE,
                          .holder = SW_NONE};

    if (e->history)
        return;
    snprintf(l.kind, sizeof(l.kind), "%s", kind);
    l.text = sw_str_dup(text);
    l.n = (uint32_t)text.n;
    if (n_about > 0) {
        l.about = sw_malloc(n_about * sizeof(*about));
        memcpy(l.about, about, n_about * sizeof(*about));
        l.n_about = (uint32_t)n_about;
    }
    add(e, &l);
}

/* ---- deciding ----------------------------------------------------------------------------- */

static sw_time sent_lately(const struct sw_engine *e, const struct sw_letter *l)
{
    for (uint32_t i = 0; i < e->mail.n_recent; i++) {
        const struct sw_recent *s = &e->mail.recent[i];

        if (s->to == l->to && s->place == l->place && s->rule == l->rule)
            return s->at;
    }
    return 0;
}

/* Until when the like is gathered, 0: not at all. */
static sw_time gathers_until(const struct sw_engine *e, const struct sw_letter *l)
{
    const struct sw_mail_rules *m = &e->rules->mail;
    sw_time length = (sw_time)m->group_minutes * 60 * SW_SECOND;
    sw_time sent;

    if (length == 0 || l->notice != NOTICE_ALERT || l->rule == SW_NONE)
        return 0;
    sent = sent_lately(e, l);
    if (sent != 0 && sent + length > e->now)
        return sent + length;
    return m->group_first_waits && l->since + length > e->now ? l->since + length : 0;
}

static bool is_hushed(struct sw_engine *e, struct sw_letter *l, struct sw_effects *fx)
{
    uint32_t silence = l->index == SW_NONE ? SW_NONE : sw_silence_of(e, l);
    struct sw_silence *s;
    const struct sw_registry *r = &e->registry;
    char day[SW_DATE_SIZE];

    if (silence == SW_NONE)
        return false;
    s = &e->mail.silence[silence];
    l->holder = silence;
    if (!is_told_already(e, l, WAIT_SILENCE))
        s->hushed++;
    sw_letter_wait(e, l, WAIT_SILENCE, sw_zone_midnight(e->rules->schema->zone, s->until + 1),
                   sw_arena_printf(&e->arena, "静默%u期内不发，到%s为止（%.*s：%.*s）", silence + 1,
                                   sw_date_format(s->until, day),
                                   SW_STR_ARG(sw_registry_text(r, s->by)),
                                   SW_STR_ARG(sw_registry_text(r, s->reason))),
                   fx);
    if (l->notice == NOTICE_ALERT && sw_clock_pause(e, l->index, l->until))
        sw_case_write(e, l->index, fx);
    return true;
}

/* "免打扰时段，给王干部的消息推迟到2026-03-02 07:00" */
static void put_off(struct sw_engine *e, struct sw_letter *l, enum sw_wait waits, sw_time until,
                    const char *why, struct sw_effects *fx)
{
    sw_letter_wait(e, l, waits, until,
                   sw_arena_printf(&e->arena, "%s，给%.*s的消息推迟到%.*s", why,
                                   SW_STR_ARG(sw_letter_name(e, l)),
                                   SW_STR_ARG(sw_when_text(e, until))),
                   fx);
}

static void decide(struct sw_engine *e, struct sw_letter *l, struct sw_effects *fx)
{
    bool to_group = (l->to & TEAM_BIT) != 0;
    bool urgent;
    sw_time until;

    if (l->index != SW_NONE)
        l->level = e->cases[l->index].level; /* may have changed while it waited */
    urgent = l->index != SW_NONE && sw_level_is_urgent(e, l->level);
    if (sw_letter_is_moot(e, l, fx) || is_hushed(e, l, fx))
        return;
    if (!urgent && !to_group && (until = sw_quiet_until(e, l)) != 0)
        put_off(e, l, WAIT_QUIET, until, "免打扰时段", fx);
    else if (!urgent && (until = gathers_until(e, l)) != 0)
        put_off(e, l, WAIT_GROUP, until, "同村同因的合并成一条", fx);
    else if (!urgent && !to_group && l->index != SW_NONE && !sw_budget_allows(e, l->to))
        put_off(e, l, WAIT_BUDGET, sw_digest_at(e), sw_budget_text(e, l->to), fx);
    else
        sw_send_group(e, l, fx);
}

/* The area's open case that says the same, SW_NONE: there is none. */
static uint32_t area_case(const struct sw_engine *e, const struct sw_letter *l)
{
    for (uint32_t a = sw_place_of(e, e->cases[l->index].subject); a != SW_NONE;
         a = e->registry.area[a].parent) {
        uint32_t index = e->area_standing[a].open_case;
        size_t n;
        const struct sw_hit *hits = sw_hits(e, AREA_BIT | a, &n);

        for (size_t i = 0; i < n && index != SW_NONE; i++) {
            if (sw_hit_counts(&hits[i]) && sw_rules_share(e->rules, hits[i].rule, l->rule))
                return index;
        }
    }
    return SW_NONE;
}

/* The big hushes the small: a team that is told of its area is not told of each household there. */
static bool is_said_of_area(struct sw_engine *e, struct sw_letter *l, struct sw_effects *fx)
{
    uint32_t index;

    if (l->index == SW_NONE || !l->as_team || !l->of_disaster || l->notice != NOTICE_ALERT ||
        sw_is_area(e->cases[l->index].subject))
        return false;
    index = area_case(e, l);
    if (index == SW_NONE)
        return false;
    sw_letter_end(e, l, "not_sent",
                  sw_arena_printf(&e->arena, "个案%u已把整片情况告知%.*s，不逐户另发",
                                  FIRST_CASE + index, SW_STR_ARG(sw_letter_name(e, l))),
                  fx);
    return true;
}

/* ---- the flush ---------------------------------------------------------------------------- */

struct turn {
    sw_time due;
    uint32_t at;
    uint8_t level;
};

/* The highest level first, then who has the least time, then who came first. */
static int compare_turns(const void *a, const void *b)
{
    const struct turn *x = a;
    const struct turn *y = b;

    if (x->level != y->level)
        return x->level > y->level ? -1 : 1;
    if (x->due != y->due)
        return x->due < y->due ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

static void decide_all(struct sw_engine *e, struct sw_effects *fx)
{
    const struct sw_mail *m = &e->mail;
    struct turn *turn = SW_ARENA_ARRAY(&e->arena, struct turn, m->n);
    size_t n = 0;

    for (uint32_t i = 0; i < m->n; i++) {
        struct sw_letter *l = &m->at[i];
        sw_time due = l->index == SW_NONE ? 0 : e->cases[l->index].due;

        if (sw_letter_is_ready(e, l) && !is_said_of_area(e, l, fx))
            turn[n++] = (struct turn){due == 0 ? SW_TIME_NEVER : due, i, l->level};
    }
    if (n > 1)
        qsort(turn, n, sizeof(*turn), compare_turns);
    for (size_t i = 0; i < n; i++) {
        if (sw_letter_is_ready(e, &m->at[turn[i].at])) /* may have gone with another */
            decide(e, &m->at[turn[i].at], fx);
    }
}

/* Whose wait is over is decided about anew; a digest is one for all that waits for it. */
static void end_waits(struct sw_engine *e, struct sw_effects *fx)
{
    for (uint32_t i = 0; i < e->mail.n; i++) {
        struct sw_letter *l = &e->mail.at[i];

        if (l->to == SW_NONE || l->waits == WAIT_NOTHING || l->until > e->now)
            continue;
        if (l->waits == WAIT_BUDGET)
            sw_send_digest(e, l->to, fx);
        else
            l->waits = WAIT_NOTHING;
    }
}

static void forget_recent(struct sw_engine *e)
{
    struct sw_mail *m = &e->mail;
    sw_time length = (sw_time)e->rules->mail.group_minutes * 60 * SW_SECOND;
    uint32_t n = 0;

    for (uint32_t i = 0; i < m->n_recent; i++) {
        if (m->recent[i].at + length > e->now)
            m->recent[n++] = m->recent[i];
    }
    m->n_recent = n;
}

static void forget_settled(struct sw_engine *e)
{
    struct sw_mail *m = &e->mail;
    uint32_t n = 0;

    m->news = 0;
    m->next = SW_TIME_NEVER;
    for (uint32_t i = 0; i < m->n; i++) {
        if (m->at[i].to == SW_NONE) {
            free(m->at[i].text);
            free(m->at[i].about);
            continue;
        }
        m->at[n] = m->at[i];
        m->news += m->at[n].waits == WAIT_NOTHING;
        if (m->at[n].waits != WAIT_NOTHING && m->at[n].until < m->next)
            m->next = m->at[n].until;
        n++;
    }
    m->n = n;
    sw_wake_at(e, m->next, SW_WAKE_MAIL, 0);
}

void sw_mail_flush(struct sw_engine *e, struct sw_effects *fx)
{
    struct sw_mail *m = &e->mail;
    bool recheck = m->recheck && sw_engine_due(e) > e->today;

    if (m->news == 0 && e->now < m->next && !recheck)
        return;
    if (recheck)
        sw_storm_recheck(e, fx);
    forget_recent(e);
    end_waits(e, fx);
    sw_storm_guard(e, fx);
    decide_all(e, fx);
    forget_settled(e);
}

sw_time sw_mail_wanted(const struct sw_engine *e, uint32_t index)
{
    (void)index;
    return e->mail.next;
}

void sw_mail_fire(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    (void)index;
    sw_mail_flush(e, fx);
}

void sw_mail_carry(struct sw_engine *e, const struct sw_ruleset *old, const uint32_t *now)
{
    struct sw_mail *m = &e->mail;

    for (uint32_t i = 0; i < m->n; i++) {
        if (m->at[i].rule != SW_NONE)
            m->at[i].rule = now[m->at[i].rule];
        if (m->at[i].level > e->rules->n_levels)
            m->at[i].level = (uint8_t)e->rules->n_levels;
    }
    for (uint32_t i = 0; i < m->n_recent; i++) {
        if (m->recent[i].rule != SW_NONE)
            m->recent[i].rule = now[m->recent[i].rule];
    }
    m->recheck = true;
    sw_storm_carry(e, old, now);
}
