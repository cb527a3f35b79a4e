/* silences.c - what is known already and need not be told for a while: by rule, place or household,
 * with an end, a reason and a name.
 *
 * A silence hushes messages, never the risk: cases open and points add up as ever. It hushes up to
 * a level; what rises above it, and the highest level always, is told. What it hushed waits for its
 * end and is told then, if it still is so. One that is too broad is refused: nobody may hush what
 * they have not looked at. */
#include "parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>

/* ---- whom it concerns --------------------------------------------------------------------- */

static bool concerns(const struct sw_engine *e, const struct sw_silence_asked *a, uint32_t subject,
                     uint32_t rule)
{
    uint32_t place = sw_place_of(e, subject);

    return (a->rule == SW_NONE || a->rule == rule) &&
           (a->household == SW_NONE || a->household == subject) &&
           (a->area == SW_NONE ||
            (place != SW_NONE && sw_area_within(&e->registry, place, a->area)));
}

static struct sw_silence_asked asked_of(const struct sw_engine *e, const struct sw_silence *s)
{
    return (struct sw_silence_asked){
        .rule = s->rule == SW_NONE
                    ? SW_NONE
                    : sw_rule_find(e->rules, sw_registry_text(&e->registry, s->rule)),
        .area = s->area,
        .household = s->household,
        .until = s->until,
        .level = s->level,
    };
}

uint32_t sw_silence_of(const struct sw_engine *e, const struct sw_letter *l)
{
    for (uint32_t i = 0; i < e->mail.n_silences; i++) {
        const struct sw_silence *s = &e->mail.silence[i];
        struct sw_silence_asked a = asked_of(e, s);

        if (s->ended != 0 || e->today > s->until || l->level > s->level ||
            sw_level_is_urgent(e, l->level) || l->notice == NOTICE_WITHDRAWN ||
            (s->rule != SW_NONE && a.rule == SW_NONE))
            continue;
        if (concerns(e, &a, e->cases[l->index].subject, l->rule))
            return i;
    }
    return SW_NONE;
}

/* ---- how broad it is ---------------------------------------------------------------------- */

/* Whom it would hush now or may: with a rule, those with whom it is on; else all that live there.
 */
static bool is_hushed_now(const struct sw_engine *e, const struct sw_silence_asked *a,
                          uint32_t household)
{
    const struct sw_hit *hit;

    if (!concerns(e, a, household, a->rule) ||
        e->registry.household[household].merged_into != SW_NONE)
        return false;
    if (a->rule == SW_NONE)
        return true;
    hit = sw_hit_find(e, household, a->rule);
    return hit != NULL && sw_hit_counts(hit);
}

/* Of how many is it a share: of the households on a level when it is about a rule, else of all. */
static uint32_t whole(const struct sw_engine *e, const struct sw_silence_asked *a)
{
    uint32_t n = 0;

    if (a->rule == SW_NONE)
        return e->standings;
    for (size_t l = 1; l <= e->rules->n_levels; l++)
        n += e->level_count[l];
    return n;
}

static enum sw_refusal check_breadth(const struct sw_engine *e, const struct sw_silence_asked *a,
                                     struct sw_err *err)
{
    double share = e->rules->mail.silence_share;
    uint32_t n = 0;

    if (a->rule == SW_NONE && a->area == SW_NONE && a->household == SW_NONE) {
        sw_fail(err, SW_EINVALID, _("a silence names a rule, a place or a household"));
        return SW_REFUSED_MISSING_FIELD;
    }
    if (a->area != SW_NONE && e->registry.area[a->area].parent == SW_NONE) {
        sw_fail(err, SW_EINVALID, _("a silence over the whole county is too broad"));
        return SW_REFUSED_CONFLICT;
    }
    for (uint32_t h = 0; h < e->standings; h++)
        n += is_hushed_now(e, a, h);
    if (a->household == SW_NONE && share > 0 && n > share * whole(e, a)) {
        sw_fail(err, SW_EINVALID,
                _("too broad: %u of %u households, and messages.yaml allows a share of %g"), n,
                whole(e, a), share);
        return SW_REFUSED_CONFLICT;
    }
    return SW_ACCEPTED;
}

/* Where no level is named: the one the household stands on, or the one the rule holds, or the
 * lowest; never the highest. */
static uint8_t level_for(const struct sw_engine *e, const struct sw_silence_asked *a)
{
    uint8_t level = a->level > 0              ? a->level
                    : a->household != SW_NONE ? e->standing[a->household].level
                    : a->rule != SW_NONE      ? e->rules->rule[a->rule].hard
                                              : 1;

    if (level == 0)
        return 1;
    return sw_level_is_urgent(e, level) && level > 1 ? (uint8_t)(level - 1) : level;
}

/* ---- beginning and ending ----------------------------------------------------------------- */

static enum sw_verdict add(struct sw_engine *e, const struct sw_envelope *env, enum sw_refusal *why,
                           struct sw_err *err)
{
    struct sw_mail *m = &e->mail;
    struct sw_registry *r = &e->registry;
    struct sw_silence_asked a;

    *why = sw_silence_read(e, env->data, &a, err);
    if (*why == SW_ACCEPTED)
        *why = check_breadth(e, &a, err);
    if (*why != SW_ACCEPTED)
        return SW_VERDICT_REJECTED;
    m->silence = sw_grow(m->silence, &m->silence_cap, m->n_silences + 1, sizeof(*m->silence));
    m->silence[m->n_silences++] = (struct sw_silence){
        .at = e->now,
        .rule = a.rule == SW_NONE ? SW_NONE : sw_intern_add(&r->texts, e->rules->rule[a.rule].name),
        .area = a.area,
        .household = a.household,
        .by = sw_intern_add(&r->texts, sw_str_trim(sw_json_text(env->data, "by"))),
        .reason = sw_intern_add(&r->texts, sw_str_trim(sw_json_text(env->data, "reason"))),
        .ended_by = SW_NONE,
        .until = a.until,
        .level = level_for(e, &a),
    };
    return SW_VERDICT_ACCEPTED;
}

/* What it hushed is decided about anew. */
static void end(struct sw_engine *e, uint32_t number, struct sw_str by, struct sw_str reason,
                struct sw_effects *fx)
{
    struct sw_mail *m = &e->mail;
    struct sw_silence *s = &m->silence[number];
    uint32_t told = SW_NONE;

    s->ended = e->now;
    s->ended_by = sw_intern_add(&e->registry.texts, by);
    for (uint32_t i = 0; i < m->n; i++) {
        struct sw_letter *l = &m->at[i];

        if (l->to == SW_NONE || l->waits != WAIT_SILENCE || l->holder != number)
            continue;
        if (l->index != told)
            sw_case_step(
                e, l->index, "unmuted", by,
                sw_arena_printf(&e->arena, "静默%u提前结束：%.*s", number + 1, SW_STR_ARG(reason)),
                fx);
        told = l->index;
        l->waits = WAIT_NOTHING;
        m->news++;
    }
}

enum sw_verdict sw_silence_apply(struct sw_engine *e, const struct sw_envelope *env,
                                 struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err)
{
    struct sw_str by;
    struct sw_str reason;
    uint32_t number;

    if (sw_str_is(env->type, SW_SILENCE_ADD))
        return add(e, env, why, err);
    *why = sw_act_read(env, "silence", e->mail.n_silences, &number, &by, &reason, err);
    if (*why != SW_ACCEPTED)
        return SW_VERDICT_REJECTED;
    if (e->mail.silence[number].ended != 0 || e->today > e->mail.silence[number].until) {
        *why = SW_REFUSED_CONFLICT;
        sw_fail(err, SW_EINVALID, _("silence %u has ended already"), number + 1);
        return SW_VERDICT_REJECTED;
    }
    end(e, number, by, reason, fx);
    return SW_VERDICT_ACCEPTED;
}

/* ---- what is told of them ----------------------------------------------------------------- */

static void put_silence(const struct sw_engine *e, uint32_t number, struct sw_jw *w)
{
    const struct sw_silence *s = &e->mail.silence[number];
    const struct sw_registry *r = &e->registry;
    char text[SW_RFC3339_SIZE];

    sw_jw_object(w);
    sw_jw_member_int(w, "silence", number + 1);
    sw_jw_member(w, "state",
                 s->ended != 0         ? SW_STR("ended")
                 : e->today > s->until ? SW_STR("expired")
                                       : SW_STR("active"));
    sw_jw_member(w, "rule", sw_registry_text(r, s->rule));
    sw_jw_member(w, "area", s->area == SW_NONE ? SW_STR("") : sw_area_code(r, s->area));
    sw_jw_member(w, "place", s->area == SW_NONE ? SW_STR("") : sw_area_name(r, s->area));
    sw_jw_member(w, "household",
                 s->household == SW_NONE ? SW_STR("")
                                         : sw_intern_text(&r->household_id, s->household));
    sw_jw_member(w, "level", e->rules->level[s->level].name);
    sw_jw_member(w, "until", sw_str(sw_date_format(s->until, text)));
    sw_jw_member(w, "by", sw_registry_text(r, s->by));
    sw_jw_member(w, "reason", sw_registry_text(r, s->reason));
    sw_jw_member(w, "ended_by", sw_registry_text(r, s->ended_by));
    sw_jw_member_int(w, "hushed", s->hushed);
    sw_jw_end(w);
}

void sw_engine_silences(const struct sw_engine *e, struct sw_buf *out)
{
    struct sw_jw w = {.out = out};

    sw_jw_array(&w);
    for (uint32_t i = e->mail.n_silences; i-- > 0;)
        put_silence(e, i, &w);
    sw_jw_end(&w);
}

static void put_preview(const struct sw_engine *e, const struct sw_silence_asked *a,
                        struct sw_jw *w)
{
    enum { SHOWN = 200 };
    uint32_t n = 0;

    sw_jw_key(w, "list");
    sw_jw_array(w);
    for (uint32_t h = 0; h < e->standings; h++) {
        const struct sw_standing *st = &e->standing[h];
        uint32_t place = sw_place_of(e, h);

        if (!is_hushed_now(e, a, h) || n++ >= SHOWN)
            continue;
        sw_jw_object(w);
        sw_jw_member(w, "household", sw_intern_text(&e->registry.household_id, h));
        sw_jw_member(w, "place", place == SW_NONE ? SW_STR("") : sw_area_name(&e->registry, place));
        sw_jw_key(w, "score");
        sw_jw_double(w, sw_score(e, h));
        sw_jw_member(w, "level", e->rules->level[st->level].name);
        sw_jw_key(w, "hushed");
        sw_jw_bool(w, st->level <= level_for(e, a));
        sw_jw_end(w);
    }
    sw_jw_end(w);
    sw_jw_member_int(w, "households", n);
    sw_jw_member_int(w, "of", whole(e, a));
}

void sw_engine_silence_preview(const struct sw_engine *e, const struct sw_json *asked,
                               struct sw_buf *out)
{
    struct sw_jw w = {.out = out};
    struct sw_silence_asked a;
    struct sw_err err = {.text = ""};
    enum sw_refusal why = sw_silence_read(e, asked, &a, &err);

    sw_jw_object(&w);
    if (why == SW_ACCEPTED) {
        why = check_breadth(e, &a, &err);
        sw_jw_member(&w, "level", e->rules->level[level_for(e, &a)].name);
        put_preview(e, &a, &w);
    }
    sw_jw_member(&w, "refused", sw_str(why == SW_ACCEPTED ? "" : err.text));
    sw_jw_end(&w);
}
