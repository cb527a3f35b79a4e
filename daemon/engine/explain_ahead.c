/* explain_ahead.c - what becomes of a household's rules by time alone.
 *
 * Walks from the day in hand to the next day on which any rule can change, evaluates the rules
 * concerned and moves copies of their hits as judging would (judge.c; tests/unit/engine_explain.c
 * compares with it). Each rule carries its own horizon, so a rule that looks at today's date costs
 * nothing to the others. */
#include "explain.h"
#include <shouwang/base/mem.h>

/* Instructions, about 100 ms of them: the daemon waits meanwhile. An evaluation is this much beside
 * its own; an area's frame counts all its households. */
enum { WORK_MAX = 10000000, WORK_OF_HOUSEHOLD = 20, WORK_OF_AREA = 20000 };

bool sw_rule_in_force(const struct sw_rule *r, sw_day day)
{
    return r->enabled && day >= r->from && day <= r->until;
}

enum sw_verdict_of sw_condition_of(const struct sw_prog *condition, struct sw_frame *f,
                                   const char **error)
{
    const char *why = NULL;
    enum sw_truth t = sw_eval_truth(condition, f, &why);

    if (error != NULL)
        *error = why;
    if (why != NULL)
        return OF_ERROR;
    return t == SW_TRUE ? OF_TRUE : t == SW_FALSE ? OF_FALSE : OF_UNKNOWN;
}

static void look_by(struct sw_ahead *a, sw_day day)
{
    if (day < a->look)
        a->look = day;
}

/* ---- one rule on one day ------------------------------------------------------------------ */

static enum sw_verdict_of verdict(struct sw_page *p, const struct sw_rule *r, struct sw_ahead *a)
{
    sw_day day = p->view->today;

    if (r->enabled && day < r->from)
        look_by(a, r->from);
    else if (r->enabled && day <= r->until && r->until != SW_DAY_NEVER)
        look_by(a, r->until + 1);
    return sw_rule_in_force(r, day) ? sw_condition_of(r->when, &p->frame, NULL) : OF_FALSE;
}

static enum sw_truth taken_as(const struct sw_rule *r, enum sw_verdict_of v)
{
    if (v == OF_UNKNOWN && r->unknown != SW_UNKNOWN_TASK)
        return r->unknown == SW_UNKNOWN_TRUE ? SW_TRUE : SW_FALSE;
    return v == OF_TRUE ? SW_TRUE : v == OF_FALSE ? SW_FALSE : SW_TRUTH_UNKNOWN;
}

/* A feed that speaks today is taken to go on speaking. */
static void turn_on(struct sw_ahead *a, const struct sw_rule *r, sw_day day)
{
    bool counted = sw_hit_counts(&a->hit);

    if (a->hit.state == HIT_OFF) {
        a->hit.state = HIT_WAITING;
        a->hit.since = day;
    }
    if (!counted && day - a->hit.since < r->wait)
        look_by(a, a->hit.since + r->wait);
    else
        a->hit.state = !counted && a->held_by != SW_NONE ? HIT_HELD : HIT_ON;
}

static void turn_off(struct sw_page *p, struct sw_ahead *a, const struct sw_rule *r, sw_day day)
{
    if (a->hit.state == HIT_ON && r->clear != NULL && sw_rule_in_force(r, day) &&
        sw_condition_of(r->clear, &p->frame, NULL) != OF_TRUE)
        return;
    if (a->hit.state == HIT_ON && r->keep > 0) {
        a->hit.state = HIT_KEPT;
        a->hit.gone = day;
    }
    if (a->hit.state == HIT_KEPT && day - a->hit.gone < r->keep)
        look_by(a, a->hit.gone + r->keep);
    else
        a->hit.state = HIT_OFF;
}

/* Of another day than today nobody knows what was waiting or kept: the condition alone counts. */
static void move_hit(struct sw_page *p, uint32_t rule, enum sw_truth t)
{
    const struct sw_rule *r = &p->rules->rule[rule];
    struct sw_ahead *a = &p->ahead[rule];
    sw_day day = p->view->today;

    if (!p->is_today)
        a->hit.state = t == SW_TRUE ? HIT_ON : HIT_OFF;
    else if (t == SW_TRUE)
        turn_on(a, r, day);
    else if (t == SW_FALSE && a->hit.state != HIT_OFF)
        turn_off(p, a, r, day);
    else if (t == SW_TRUTH_UNKNOWN && a->hit.state == HIT_WAITING)
        look_by(a, a->hit.since + r->wait > day ? a->hit.since + r->wait : day + 1);
}

static void step(struct sw_page *p, uint32_t rule)
{
    const struct sw_rule *r = &p->rules->rule[rule];
    struct sw_ahead *a = &p->ahead[rule];
    sw_day day = p->view->today;
    enum sw_verdict_of v;

    a->look = SW_DAY_NEVER;
    p->frame.horizon = SW_DAY_NEVER;
    v = verdict(p, r, a);
    move_hit(p, rule, taken_as(r, v));
    look_by(a, p->frame.horizon);
    p->view->fired[rule] = sw_hit_counts(&a->hit) ? SW_TRUE : SW_FALSE;
    if (day == p->day) {
        a->first = v;
        if (!p->is_today)
            a->counted = sw_hit_counts(&a->hit);
    } else if (a->when_day == SW_DAY_NEVER && v != a->first) {
        a->when_day = day;
        a->when_to = v;
    }
    if (a->hit_day == SW_DAY_NEVER && sw_hit_counts(&a->hit) != a->counted) {
        a->hit_day = day;
        a->hit_to = !a->counted;
    }
}

/* ---- the walk ----------------------------------------------------------------------------- */

static void note_asked(struct sw_page *p, const struct sw_prog *prog)
{
    const uint32_t *index = NULL;
    size_t n = prog == NULL ? 0 : sw_prog_rules(prog, &index);

    for (size_t i = 0; i < n; i++)
        p->ahead[index[i]].is_asked = true;
}

static bool asks(const struct sw_rule *r)
{
    const uint32_t *index;

    return sw_prog_rules(r->when, &index) > 0 ||
           (r->clear != NULL && sw_prog_rules(r->clear, &index) > 0);
}

static void begin(struct sw_page *p)
{
    size_t n = p->rules->n_rules;
    size_t n_hits;
    const struct sw_hit *hits = sw_hits(p->view, p->subject, &n_hits);

    p->ahead = sw_calloc(n + 1, sizeof(*p->ahead));
    for (uint32_t i = 0; i < n; i++) {
        p->ahead[i].when_day = p->ahead[i].hit_day = SW_DAY_NEVER;
        p->ahead[i].held_by = SW_NONE;
        p->ahead[i].look = SW_DAY_NEVER;
        if (!sw_on_page(p, i))
            continue;
        p->ahead[i].look = p->day;
        if (p->is_today)
            p->ahead[i].held_by = sw_rule_held_by(p->view, &p->rules->rule[i]);
        note_asked(p, p->rules->rule[i].when);
        note_asked(p, p->rules->rule[i].clear);
    }
    for (size_t i = 0; i < n_hits && p->is_today; i++) {
        p->ahead[hits[i].rule].hit = hits[i];
        p->ahead[hits[i].rule].counted = sw_hit_counts(&hits[i]);
    }
}

/* Nothing is left to be found out about a rule that nobody asks. */
static bool is_done(const struct sw_page *p, uint32_t rule)
{
    const struct sw_ahead *a = &p->ahead[rule];

    if (a->is_asked)
        return false;
    return (p->rule != SW_NONE && p->rule != rule) ||
           (a->when_day != SW_DAY_NEVER && a->hit_day != SW_DAY_NEVER);
}

/* The view's frame on a day, with hits as they have moved so far. */
static void stand_on(struct sw_page *p, sw_day day)
{
    sw_arena_reset(&p->view->arena);
    p->view->today = day;
    sw_frame_for(p->view, p->subject, &p->frame);
    p->budget = p->frame.budget;
    for (uint32_t i = 0; i < p->rules->n_rules; i++)
        p->view->fired[i] = sw_hit_counts(&p->ahead[i].hit) ? SW_TRUE : SW_FALSE;
}

static sw_day next_day(const struct sw_page *p)
{
    sw_day day = SW_DAY_NEVER;

    for (uint32_t i = 0; i < p->rules->n_rules; i++) {
        if (p->ahead[i].look < day && !is_done(p, i))
            day = p->ahead[i].look;
    }
    return day;
}

void sw_look_ahead(struct sw_page *p)
{
    sw_day last = p->day + AHEAD_DAYS;
    uint32_t each = sw_is_area(p->subject) ? WORK_OF_AREA : WORK_OF_HOUSEHOLD;
    uint64_t spent = 0;
    sw_day day;

    begin(p);
    for (day = p->day; day <= last && spent < WORK_MAX; day = next_day(p)) {
        stand_on(p, day);
        for (size_t k = 0; k < p->rules->n_ordered; k++) {
            uint32_t rule = p->rules->order[k];
            const struct sw_ahead *a = &p->ahead[rule];

            if (!sw_on_page(p, rule))
                continue;
            if (day == p->day ||
                (!is_done(p, rule) && (a->look <= day || asks(&p->rules->rule[rule])))) {
                p->frame.budget = p->budget;
                step(p, rule);
                spent += each + p->budget - p->frame.budget;
            }
        }
    }
    p->looked_until = day <= last ? day - 1 : last;
}
