/* case_acts.c - what moves a case: acts of people, and what the engine itself brings about. Where
 * to, says the table of cases.yaml.
 *
 * An act that the table, the person or the moment does not allow changes nothing but leaves a step
 * with the reason. Two who look after a household and disagree whether it is true are a matter of
 * its own: the second answer is no answer but a contradiction, and the next area upwards decides.
 */
#include "parts.h"
#include <shouwang/base/i18n.h>

enum verdict { SAID_NOTHING, SAID_TRUE, SAID_FALSE };

static enum verdict verdict_of(enum sw_case_event event)
{
    return event == ON_NEEDS_HELP || event == ON_HELPED ? SAID_TRUE
           : event == ON_NOT_TRUE                       ? SAID_FALSE
                                                        : SAID_NOTHING;
}

/* To agree to what was applied is to say that it is true. */
static bool grants(const struct sw_life_state *st, enum sw_case_event event)
{
    return event == ON_AGREED && st->role >= ROLE_TEAM && st->role <= ROLE_COUNTY;
}

static bool is_above_village(uint8_t roles)
{
    return (roles & (SW_IS(ROLE_TOWNSHIP) | SW_IS(ROLE_COUNTY))) != 0;
}

/* ---- moving ------------------------------------------------------------------------------- */

/* Whose it is in the new state: people.c finds them, and who stands in. */
static void hand_over(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];
    const struct sw_life_state *st = &e->rules->life->state[c->state];

    if (st->role == ROLE_ABOVE) {
        if (!sw_case_rise(e, index))
            sw_case_step(e, index, "nobody_above", SW_STR("engine"),
                         SW_STR("上级没有可接手的工作队"), fx);
    } else if (st->role == ROLE_OTHER) {
        c->least = OF_HOUSEHOLD;
    } else if (st->role != ROLE_KEEP) {
        c->least = (uint8_t)(OF_HOUSEHOLD + st->role - ROLE_CADRE);
    }
    sw_settle_owner(e, index, fx);
    if (!st->asks || c->acting == SW_NONE)
        return;
    if (st->role == ROLE_OTHER && c->acting == c->proposer) {
        sw_case_step(e, index, "no_owner", SW_STR("engine"),
                     SW_STR("除了提出的人没有别人可以同意，待县里指定"), fx);
        return;
    }
    sw_notify_owner(e, index, NOTICE_ASK, fx);
    c->briefed = c->acting;
}

static void settle(struct sw_engine *e, struct sw_case *c)
{
    c->cleared = e->today;
    c->checks = 0;
    sw_decide(e, c->subject, CASE_CLEARED, 0, e->rules->life->outcome[c->outcome].name);
}

static uint8_t next_state(const struct sw_engine *e, struct sw_case *c,
                          const struct sw_life_move *m)
{
    if (m->action != DO_NEXT_CHECK || ++c->checks < e->rules->life->n_checks)
        return m->next;
    return m->last;
}

static void enter(struct sw_engine *e, uint32_t index, uint8_t next, struct sw_effects *fx)
{
    const struct sw_life_state *states = e->rules->life->state;
    struct sw_case *c = &e->cases[index];
    const struct sw_life_state *was = &states[c->state];
    const struct sw_life_state *now = &states[next];
    uint8_t before = c->state;

    c->state = next;
    if ((now->settled || now->end) && !was->settled)
        settle(e, c);
    if (was->end && !now->end)
        sw_case_reopen(e, index);
    sw_case_task_end(e, index, fx);
    if (now->end) {
        sw_case_close(e, index);
        return;
    }
    sw_clock_follow(e, index, before);
    if (now->role != ROLE_KEEP || now->asks)
        hand_over(e, index, fx);
}

/* As the table says; the state allows it. */
static void move(struct sw_engine *e, uint32_t index, enum sw_case_event event, uint32_t who,
                 struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];
    const struct sw_life_move *m = &e->rules->life->move[c->state][event];
    uint8_t next = next_state(e, c, m);

    if (m->outcome != LIFE_OUTCOMES)
        c->outcome = m->outcome;
    if (m->action == DO_PROPOSE)
        c->proposer = who;
    if (m->action == DO_RETURN || event == ON_CONTRADICTED)
        c->reason = 0;
    if (m->action == DO_RETURN) {
        c->checks = 0;
        c->cleared = SW_DAY_NEVER;
        c->verdict = SAID_NOTHING;
    }
    if (next != c->state)
        enter(e, index, next, fx);
    if (m->action == DO_HAND_UP && !sw_notify_above(e, index, fx))
        sw_case_step(e, index, "nobody_above", SW_STR("engine"), SW_STR("上级没有可接手的工作队"),
                     fx);
}

void sw_case_by_engine(struct sw_engine *e, uint32_t index, enum sw_case_event event,
                       struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];

    if (e->rules->life->state[e->rules->life->move[c->state][event].next].end)
        c->reason = OWN_WORDS; /* the step before says it */
    move(e, index, event, SW_NONE, fx);
}

bool sw_case_due(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];

    if (e->rules->life->move[c->state][ON_DUE].next == LIFE_REFUSED)
        return false;
    sw_case_step(e, index, sw_case_event_name(ON_DUE), SW_STR("engine"),
                 sw_arena_printf(&e->arena, "“%.*s”时间到",
                                 SW_STR_ARG(e->rules->life->state[c->state].label)),
                 fx);
    sw_case_by_engine(e, index, ON_DUE, fx);
    sw_case_write(e, index, fx);
    return true;
}

/* ---- what was done for the household ------------------------------------------------------- */

static bool fits(struct sw_engine *e, uint32_t subject, const struct sw_life_measure *m)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);
    bool has_cause = false;

    for (size_t i = 0; i < n; i++) {
        const struct sw_rule *r = &e->rules->rule[hits[i].rule];

        if (!sw_hit_counts(&hits[i]) || r->task)
            continue;
        has_cause = true;
        if (m->categories >> r->category & 1)
            return true;
    }
    return !has_cause; /* nothing to be against */
}

static void log_measure(struct sw_engine *e, uint32_t index, struct sw_str named,
                        struct sw_effects *fx)
{
    const struct sw_life *l = e->rules->life;
    uint32_t i = sw_life_measure(l, named);

    if (i == SW_NONE)
        sw_case_step(e, index, "measure_unlisted", SW_STR("engine"),
                     sw_arena_printf(&e->arena, "“%.*s”不在措施目录里", SW_STR_ARG(named)), fx);
    else if (!fits(e, e->cases[index].subject, &l->measure[i]))
        sw_case_step(
            e, index, "measure_mismatch", SW_STR("engine"),
            sw_arena_printf(&e->arena, "“%.*s”和预警的原因不对应", SW_STR_ARG(l->measure[i].label)),
            fx);
    sw_keep_measure(e, index, i == SW_NONE ? SW_STR("") : l->measure[i].name);
}

/* ---- allowed or not ----------------------------------------------------------------------- */

/* A contradiction, where it is one and the table knows of it. */
static enum sw_case_event heard(const struct sw_engine *e, const struct sw_case *c,
                                const struct sw_act *a, uint8_t roles)
{
    const struct sw_life *l = e->rules->life;
    enum verdict said = verdict_of(a->event);

    if (said == SAID_NOTHING || c->verdict == SAID_NOTHING || c->verdict == said ||
        c->verdict_by == a->by || is_above_village(roles) ||
        l->move[c->state][ON_CONTRADICTED].next == LIFE_REFUSED)
        return a->event;
    if (l->state[c->state].end && c->verdict != SAID_FALSE)
        return a->event; /* it was true, and is over */
    return ON_CONTRADICTED;
}

static struct sw_str persons_text(struct sw_engine *e, uint8_t by)
{
    struct sw_buf out = {0};
    struct sw_str text;

    for (size_t r = ROLE_CADRE; r <= ROLE_COUNTY; r++) {
        if ((by & SW_IS(r)) != 0)
            sw_buf_printf(&out, "%s%s", out.n == 0 ? "" : "、",
                          sw_life_role_label((enum sw_life_role)r));
    }
    text = sw_arena_str(&e->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

/* The case is not what the sender saw. */
static struct sw_str has_changed(struct sw_engine *e, const struct sw_case *c,
                                 const struct sw_act *a)
{
    const struct sw_life_state *st = &e->rules->life->state[c->state];

    if (a->if_state.n > 0 && !sw_str_eq(a->if_state, st->name))
        return sw_arena_printf(&e->arena, "个案已经是“%.*s”", SW_STR_ARG(st->label));
    if (a->if_step > 0 && a->if_step != c->steps)
        return SW_STR("个案已经有了新的记录");
    return SW_STR("");
}

static struct sw_str not_in_this_state(struct sw_engine *e, const struct sw_case *c)
{
    const struct sw_life_state *st = &e->rules->life->state[c->state];

    return st->end ? SW_STR("已办结")
                   : sw_arena_printf(&e->arena, "现在是“%.*s”，不能这样办", SW_STR_ARG(st->label));
}

/* Empty: it may be done. */
static struct sw_str why_not(struct sw_engine *e, uint32_t index, const struct sw_act *a,
                             enum sw_case_event event, uint8_t roles)
{
    const struct sw_case *c = &e->cases[index];
    const struct sw_life_move *m = &e->rules->life->move[c->state][event];
    const struct sw_standing *st = sw_standing_of(e, c->subject);
    struct sw_str changed = has_changed(e, c, a);

    if (changed.n > 0)
        return changed;
    if (m->next == LIFE_REFUSED)
        return not_in_this_state(e, c);
    if (m->by != 0 && (m->by & roles) == 0)
        return sw_arena_printf(&e->arena, "要由%.*s来办", SW_STR_ARG(persons_text(e, m->by)));
    if (m->other && a->by == c->proposer)
        return SW_STR("不能由提出的人自己同意");
    if (m->calm && st->level > 0)
        return sw_arena_printf(&e->arena, "风险还没有消除（%.*s）",
                               SW_STR_ARG(e->rules->level[st->level].label));
    if ((m->reason || a->event == ON_NOT_TRUE) && a->reason.n == 0 && a->reason_digit == 0)
        return SW_STR("要写明原因");
    if (verdict_of(a->event) != SAID_NOTHING && c->verdict != SAID_NOTHING &&
        c->verdict != verdict_of(a->event) && c->verdict_by != SW_NONE &&
        !is_above_village(roles) && is_above_village(sw_case_roles(e, index, c->verdict_by)))
        return SW_STR("上级已经裁定");
    if (e->rules->life->state[c->state].end && st->open_case != SW_NONE)
        return sw_arena_printf(&e->arena, "已办结，这户另有个案%u", FIRST_CASE + st->open_case);
    return SW_STR("");
}

bool sw_case_wants_words(const struct sw_engine *e, uint32_t index, const struct sw_act *a)
{
    const struct sw_life_move *m = &e->rules->life->move[e->cases[index].state][a->event];

    if (m->next == LIFE_REFUSED)
        return false;
    return (m->reason && a->reason.n == 0 && a->reason_digit == 0) ||
           (m->action == DO_MEASURE && a->measure.n == 0);
}

/* ---- acting ------------------------------------------------------------------------------- */

/* What was written, and what a digit of it stands for. */
static struct sw_str words_of(struct sw_engine *e, const struct sw_act *a)
{
    struct sw_str label = e->rules->life->reason[a->reason_digit];

    if (label.n > 0)
        return sw_arena_printf(&e->arena, "%.*s（%.*s）", SW_STR_ARG(a->text), SW_STR_ARG(label));
    return a->text;
}

static void note(struct sw_engine *e, uint32_t index, const struct sw_act *a,
                 enum sw_case_event event, struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];
    const struct sw_intern *ids = &e->registry.cadre_id;
    enum verdict said =
        grants(&e->rules->life->state[c->state], event) ? SAID_TRUE : verdict_of(a->event);

    sw_case_step(e, index, sw_case_event_name(a->event), sw_intern_text(ids, a->by), words_of(e, a),
                 fx);
    if (event == ON_CONTRADICTED)
        sw_case_step(e, index, sw_case_event_name(event), SW_STR("engine"),
                     sw_arena_printf(&e->arena, "和 %.*s 说的不一致，由上一级裁定",
                                     SW_STR_ARG(sw_intern_text(ids, c->verdict_by))),
                     fx);
    if (e->rules->life->move[c->state][event].reason)
        c->reason = a->reason_digit > 0 ? a->reason_digit : OWN_WORDS;
    if (said != SAID_NOTHING) {
        c->verdict = (uint8_t)said;
        c->verdict_by = a->by;
    }
}

struct sw_str sw_case_act(struct sw_engine *e, uint32_t index, const struct sw_act *a,
                          struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];
    uint8_t roles = sw_case_roles(e, index, a->by);
    enum sw_case_event event = heard(e, c, a, roles);
    struct sw_str why = why_not(e, index, a, event, roles);

    if (why.n > 0) {
        sw_case_step(e, index, "answer_refused", sw_intern_text(&e->registry.cadre_id, a->by),
                     sw_arena_printf(&e->arena, "“%s”未受理：%.*s", sw_case_event_label(a->event),
                                     SW_STR_ARG(why)),
                     fx);
        return why;
    }
    note(e, index, a, event, fx);
    c->asked_of = SW_NONE;
    if (e->rules->life->move[c->state][event].action == DO_MEASURE)
        log_measure(e, index, a->measure, fx);
    move(e, index, event, a->by, fx);
    sw_case_write(e, index, fx);
    return SW_STR("");
}

/* ---- as an event -------------------------------------------------------------------------- */

/* "pause" and "resume" move no case: they are about its clock. */
static bool is_of_clock(const struct sw_act_told *told)
{
    return sw_str_is(told->act, "pause") || sw_str_is(told->act, "resume");
}

static bool read_act(struct sw_engine *e, const struct sw_act_told *told, struct sw_act *a,
                     enum sw_refusal *why, struct sw_err *err)
{
    uint8_t event = sw_life_event(told->act);

    *why = SW_REFUSED_UNKNOWN_SUBJECT;
    if (told->number < FIRST_CASE || told->number - FIRST_CASE >= e->n_cases) {
        sw_fail(err, SW_ENOTFOUND, _("no case %lld"), (long long)told->number);
        return false;
    }
    a->by = sw_intern_find(&e->registry.cadre_id, told->by);
    if (a->by == SW_NONE) {
        sw_fail(err, SW_ENOTFOUND, _("%s: \"%.*s\" is not registered"), "by", SW_STR_ARG(told->by));
        return false;
    }
    *why = SW_REFUSED_BAD_FIELD;
    if (event >= ON_BY_ENGINE && !is_of_clock(told)) {
        sw_fail(err, SW_EINVALID, _("act: nobody can do \"%.*s\""), SW_STR_ARG(told->act));
        return false;
    }
    a->event = (enum sw_case_event)event;
    *why = SW_REFUSED_CONFLICT;
    if (sw_case_roles(e, (uint32_t)(told->number - FIRST_CASE), a->by) == 0) {
        sw_fail(err, SW_EINVALID,
                _("%.*s was not told of this case and does not look after the household or place"),
                SW_STR_ARG(told->by));
        return false;
    }
    return true;
}

/* A reason given as one of the list's labels counts as that. */
static uint8_t reason_digit(const struct sw_life *l, struct sw_str reason)
{
    for (size_t i = 1; i < LIFE_REASONS; i++) {
        if (l->reason[i].n > 0 && sw_str_eq(l->reason[i], reason))
            return (uint8_t)i;
    }
    return 0;
}

enum sw_verdict sw_case_act_apply(struct sw_engine *e, const struct sw_envelope *env,
                                  struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err)
{
    struct sw_act_told told = {.number = 0};
    struct sw_act a = {.by = SW_NONE};
    uint32_t index;

    *why = sw_case_act_read(&e->arena, &e->registry, env, &told, err);
    if (*why != SW_ACCEPTED)
        return SW_VERDICT_REJECTED;
    /* First of all: since it was taken the case may have gone on, and its sender may have left. */
    if (sw_history_has(&e->registry.keys, told.key))
        return SW_VERDICT_DUPLICATE;
    if (!read_act(e, &told, &a, why, err))
        return SW_VERDICT_REJECTED;
    index = (uint32_t)(told.number - FIRST_CASE);
    if (is_of_clock(&told)) {
        *why = sw_clock_act(e, index, &told, sw_case_roles(e, index, a.by), fx, err);
        if (*why != SW_ACCEPTED)
            return SW_VERDICT_REJECTED;
        sw_history_note(&e->registry.keys, told.key);
        return SW_VERDICT_ACCEPTED;
    }
    a.text = told.measure.n > 0 ? told.measure : told.reason;
    a.reason = told.reason;
    a.reason_digit = reason_digit(e->rules->life, told.reason);
    if (a.reason_digit > 0)
        a.text = SW_STR("");
    a.measure = told.measure;
    a.if_state = told.if_state;
    a.if_step = told.if_step;
    if (sw_case_wants_words(e, index, &a)) {
        *why = SW_REFUSED_MISSING_FIELD;
        sw_fail(err, SW_EINVALID, _("%.*s: the field %s is missing"), SW_STR_ARG(env->type),
                a.event == ON_MEASURE ? "measure" : "reason");
        return SW_VERDICT_REJECTED;
    }
    sw_history_note(&e->registry.keys, told.key);
    *why = SW_ACCEPTED;
    sw_case_act(e, index, &a, fx);
    return SW_VERDICT_ACCEPTED;
}
