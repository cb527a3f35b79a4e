/* cases.c - the life of a case: opened by a rise of level, moved by answers as the table of
 * lifecycle.h says, closed by a person.
 *
 * A household (or area) has at most one open case; new facts join it. The engine never closes a
 * case: when the risk is gone it says so in a step and waits for a person. (Only inside a told
 * history, which nobody could answer to, a case ends with its risk.) */
#include "parts.h"
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>

enum { SPLIT_TOLD_DAYS = 183, RELAPSE_DAYS = 365 };

#define YEAR (366 * 86400 * SW_SECOND)

/* ---- rows --------------------------------------------------------------------------------- */

void sw_case_step(struct sw_engine *e, uint32_t index, const char *kind, struct sw_str actor,
                  struct sw_str text, struct sw_effects *fx)
{
    e->cases[index].steps++;
    sw_fx_step(fx, &(struct sw_step_row){
                       .number = FIRST_CASE + (int64_t)index,
                       .at = e->now,
                       .kind = sw_str(kind),
                       .actor = sw_arena_str(&fx->arena, actor),
                       .text = sw_arena_str(&fx->arena, text),
                       .seq = e->seq,
                   });
}

struct listed {
    struct sw_engine *e;
    struct sw_jw *w;
};

static void put_household(void *ctx, uint32_t household)
{
    struct listed *l = ctx;

    sw_jw_str(l->w, sw_intern_text(&l->e->registry.household_id, household));
}

/* The households an area's rule chose. */
static void put_listed(struct sw_engine *e, uint32_t subject, uint32_t rule, struct sw_jw *w)
{
    if (e->rules->rule[rule].list == NULL)
        return;
    sw_jw_key(w, "households");
    sw_jw_array(w);
    sw_area_list(e, sw_area_of(subject), rule, put_household, &(struct listed){e, w});
    sw_jw_end(w);
}

/* [{"rule":…,"label":…,"points":…,"text":…}] of the hits that count. */
static struct sw_str causes_json(struct sw_engine *e, uint32_t subject, struct sw_arena *arena)
{
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    struct sw_frame frame;
    struct sw_str text;
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    sw_jw_array(&w);
    for (size_t i = 0; i < n; i++) {
        const struct sw_rule *r = &e->rules->rule[hits[i].rule];
        struct sw_value v;

        if (!sw_hit_counts(&hits[i]) || r->task)
            continue;
        sw_frame_for(e, subject, &frame); /* listing households used the frame's storage */
        v = sw_eval(r->message, &frame);
        sw_jw_object(&w);
        sw_jw_member(&w, "rule", r->name);
        sw_jw_member(&w, "label", r->label);
        sw_jw_key(&w, "points");
        sw_jw_double(&w, hits[i].score);
        sw_jw_member(&w, "text", v.kind == SW_KSTRING ? sw_value_text(v) : r->label);
        put_listed(e, subject, hits[i].rule, &w);
        sw_jw_end(&w);
    }
    sw_jw_end(&w);
    text = sw_arena_str(arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

void sw_case_write(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];
    const struct sw_registry *r = &e->registry;
    struct sw_arena *a = &fx->arena;
    uint32_t area = sw_place_of(e, c->subject);

    sw_settle_owner(e, index, fx);
    c->score = sw_score(e, c->subject);
    sw_fx_case(fx,
               &(struct sw_case_row){
                   .number = FIRST_CASE + (int64_t)index,
                   .household = sw_is_area(c->subject)
                                    ? SW_STR("")
                                    : sw_arena_str(a, sw_intern_text(&r->household_id, c->subject)),
                   .area = area == SW_NONE ? SW_STR("") : sw_arena_str(a, sw_area_code(r, area)),
                   .place = sw_arena_str(a, sw_place_name(e, c->subject, true)),
                   .name = sw_arena_str(a, sw_masked_name(e, c->subject)),
                   .state = sw_arena_str(a, e->rules->life->state[c->state].name),
                   .level = sw_arena_str(a, e->rules->level[c->level].name),
                   .outcome = sw_arena_str(a, e->rules->life->outcome[c->outcome].name),
                   .owner = c->owner == SW_NONE
                                ? SW_STR("")
                                : sw_arena_str(a, sw_intern_text(&r->cadre_id, c->owner)),
                   .causes = causes_json(e, c->subject, a),
                   .rules = sw_arena_str(a, sw_str(sw_ruleset_digest(e->rules))),
                   .score = c->score,
                   .opened = c->opened,
                   .updated = e->now,
                   .due = sw_clock_due(c),
               });
    sw_record_row(e, index, fx);
}

/* "橙色 48.14分：近12个月自付医疗费过高、失业后长期未再就业" */
static struct sw_str describe(struct sw_engine *e, uint32_t subject)
{
    const struct sw_standing *st = sw_standing_of(e, subject);
    struct sw_buf out = {0};
    struct sw_str text;
    const char *between = "：";
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    sw_buf_printf(&out, "%.*s %.4g分", SW_STR_ARG(e->rules->level[st->level].label),
                  sw_score(e, subject));
    for (size_t i = 0; i < n; i++) {
        const struct sw_rule *r = &e->rules->rule[hits[i].rule];

        if (!sw_hit_counts(&hits[i]) || r->task)
            continue;
        sw_buf_printf(&out, "%s%.*s", between, SW_STR_ARG(r->label));
        between = "、";
    }
    text = sw_arena_str(&e->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

/* Who verifies is told that the household came from another not long ago. */
static struct sw_str describe_split(struct sw_engine *e, uint32_t subject, struct sw_str what)
{
    const struct sw_household *h = sw_is_area(subject) ? NULL : &e->registry.household[subject];
    char day[SW_DATE_SIZE];

    if (h == NULL || h->split_from == SW_NONE || e->today - h->split_day > SPLIT_TOLD_DAYS)
        return what;
    return sw_arena_printf(&e->arena, "%.*s。%s由 %.*s 分户", SW_STR_ARG(what),
                           sw_date_format(h->split_day, day),
                           SW_STR_ARG(sw_intern_text(&e->registry.household_id, h->split_from)));
}

/* Windows go by the day something happened, deadlines by the day it was told. */
static struct sw_str describe_late(struct sw_engine *e, struct sw_str what)
{
    char day[SW_DATE_SIZE];

    if (e->happened == SW_DAY_NEVER || e->happened >= e->today)
        return what;
    if (e->is_statement)
        return sw_arena_printf(&e->arena, "%.*s。%s报出的数，%d天后收到", SW_STR_ARG(what),
                               sw_date_format(e->happened, day), e->today - e->happened);
    return sw_arena_printf(&e->arena, "%.*s。%s的事，迟到%d天", SW_STR_ARG(what),
                           sw_date_format(e->happened, day), e->today - e->happened);
}

/* An alert also says by which rules and numbers it came about, so that it can be explained years
 * later. */
static struct sw_str describe_with_versions(struct sw_engine *e, uint32_t subject)
{
    struct sw_str what = describe_late(e, describe_split(e, subject, describe(e, subject)));
    struct sw_str why = sw_versions_of(e, subject);

    return why.n == 0
               ? what
               : sw_arena_printf(&e->arena, "%.*s。依据：%.*s", SW_STR_ARG(what), SW_STR_ARG(why));
}

/* ---- following the household -------------------------------------------------------------- */

static void list_open(struct sw_engine *e, uint32_t index)
{
    e->open = sw_grow(e->open, &e->open_cap, e->n_open + 1, sizeof(*e->open));
    e->open[e->n_open++] = index;
    sw_standing_of(e, e->cases[index].subject)->open_case = index;
}

/* The subject's newest case, if it was closed within a year. */
static uint32_t closed_before(const struct sw_engine *e, uint32_t subject)
{
    uint32_t index = e->n_cases;

    while (index-- > 0 && e->now - e->cases[index].opened < 2 * YEAR) {
        const struct sw_case *c = &e->cases[index];

        if (c->subject == subject)
            return c->closed != SW_DAY_NEVER && e->today - c->closed <= RELAPSE_DAYS ? index
                                                                                     : SW_NONE;
    }
    return SW_NONE;
}

static uint32_t open_case(struct sw_engine *e, uint32_t subject)
{
    uint32_t earlier = closed_before(e, subject);
    uint32_t index = e->n_cases++;

    e->cases = sw_grow(e->cases, &e->case_cap, index + 1, sizeof(*e->cases));
    e->cases[index] = (struct sw_case){.opened = e->now,
                                       .wake = SW_TIME_NEVER,
                                       .subject = subject,
                                       .owner = SW_NONE,
                                       .acting = SW_NONE,
                                       .briefed = SW_NONE,
                                       .earlier = earlier,
                                       .proposer = SW_NONE,
                                       .verdict_by = SW_NONE,
                                       .asked_of = SW_NONE,
                                       .cleared = SW_DAY_NEVER,
                                       .closed = SW_DAY_NEVER,
                                       .state = e->rules->life->start};
    list_open(e, index);
    return index;
}

void sw_case_close(struct sw_engine *e, uint32_t index)
{
    for (uint32_t i = 0; i < e->n_open; i++) {
        if (e->open[i] == index) {
            e->open[i] = e->open[--e->n_open];
            break;
        }
    }
    sw_clock_stop(e, index);
    e->cases[index].closed = e->today;
    sw_standing_of(e, e->cases[index].subject)->open_case = SW_NONE;
}

void sw_case_reopen(struct sw_engine *e, uint32_t index)
{
    e->cases[index].closed = SW_DAY_NEVER;
    list_open(e, index);
}

/* What came of the earlier case belongs to what is to be looked into now. */
static void tell_earlier(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    const struct sw_case *c = &e->cases[index];
    const struct sw_case *was = &e->cases[c->earlier];
    char day[SW_DATE_SIZE];

    sw_case_step(e, index, "again", SW_STR("engine"),
                 sw_arena_printf(&e->arena, "个案%u于%s办结（%.*s），一年内再次预警",
                                 FIRST_CASE + c->earlier, sw_date_format(was->closed, day),
                                 SW_STR_ARG(e->rules->life->outcome[was->outcome].label)),
                 fx);
    sw_case_step(e, c->earlier, "came_back", SW_STR("engine"),
                 sw_arena_printf(&e->arena, "又成为个案%u", FIRST_CASE + index), fx);
}

static void mark_told(struct sw_engine *e, uint32_t subject, bool alert)
{
    struct sw_standing *st = sw_standing_of(e, subject);
    size_t n;
    struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t i = 0; i < n; i++) {
        if (sw_hit_counts(&hits[i]))
            hits[i].told = e->today;
    }
    if (alert) {
        st->told_level = st->level;
        st->told_day = e->today;
    }
}

/* A rise to a level that was told not long ago is not told again by itself. */
static bool is_cooling(const struct sw_engine *e, const struct sw_standing *st)
{
    return st->told_level >= st->level && st->told_day != SW_DAY_NEVER &&
           e->today - st->told_day < e->rules->level[st->level].cooldown;
}

/* While nobody has answered, a rise never gives more time than there was; after the risk was gone,
 * or once somebody has answered, it is a matter of its own. The rule whose time it is; SW_NONE:
 * that of a level or state. */
static uint32_t set_deadline(struct sw_engine *e, uint32_t index, uint8_t level_before)
{
    const struct sw_case *c = &e->cases[index];
    struct sw_life_stand stand = {.state = e->rules->life->start, .level = c->level};
    uint32_t rule;
    struct sw_until due = sw_case_deadline(e, c->subject, &stand, &rule);

    if (c->due > 0 && level_before > 0 && sw_case_waits(e, c) && (due.at == 0 || due.at >= c->due))
        return SW_NONE;
    if (due.at == 0 && e->rules->life->state[c->state].clock >=
                           CLOCK_CHECKS) /* the state's own time is more than none */
        return SW_NONE;
    sw_clock_start(e, index, due);
    return rule;
}

/* On the same level only a new cause with a time of its own brings the deadline nearer. */
static uint32_t hasten(struct sw_engine *e, uint32_t index)
{
    const struct sw_case *c = &e->cases[index];
    uint32_t rule;
    struct sw_until due = sw_news_deadline(e, c->subject, &rule);

    if (due.at == 0 || !sw_case_waits(e, c) || (c->due > 0 && due.at >= c->due))
        return SW_NONE;
    sw_clock_start(e, index, due);
    return rule;
}

/* Who has to act sooner than the level says is told whose time that is. */
static struct sw_str describe_term(struct sw_engine *e, uint32_t rule, struct sw_str what)
{
    const struct sw_rule *r = &e->rules->rule[rule];

    return rule == SW_NONE
               ? what
               : sw_arena_printf(&e->arena, "%.*s。“%.*s”的时限：%.*s", SW_STR_ARG(what),
                                 SW_STR_ARG(r->label), SW_STR_ARG(r->deadline.text));
}

/* Cleared, and now there is a level again: it begins anew. */
static bool relapses(struct sw_engine *e, uint32_t index, bool risen, struct sw_effects *fx)
{
    if (!risen || !e->rules->life->state[e->cases[index].state].settled)
        return false;
    sw_case_step(e, index, sw_case_event_name(ON_RELAPSED), SW_STR("engine"),
                 SW_STR("解除以后又有预警，重新核实"), fx);
    sw_case_by_engine(e, index, ON_RELAPSED, fx);
    return true;
}

/* Risk alone never clears a case: whoever helps is asked to propose it. */
static void propose_clearance(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    if (e->rules->life->move[e->cases[index].state][ON_PROPOSED].next != LIFE_REFUSED)
        sw_case_task(e, index, "风险已消除，请核实后提出解除", fx);
}

static void follow_rise(struct sw_engine *e, uint32_t subject, const struct sw_finding_of *f,
                        struct sw_effects *fx)
{
    struct sw_standing *st = sw_standing_of(e, subject);
    bool risen = st->level > f->level_before;
    bool loud = risen && !is_cooling(e, st);
    bool is_new = st->open_case == SW_NONE;
    uint32_t index = is_new ? open_case(e, subject) : st->open_case;
    bool settled = e->rules->life->state[e->cases[index].state].settled;
    bool quiet = !risen && !is_new && (f->by_standard || settled);
    uint32_t rule = SW_NONE;
    bool again;

    e->cases[index].level = st->level;
    again = relapses(e, index, risen, fx);
    sw_case_rouse(e, index, fx);
    if (risen || is_new) /* after a closed one a new cause opens another, on the same level */
        rule = set_deadline(e, index, f->level_before);
    else if (f->new_cause && !quiet)
        rule = hasten(e, index);
    if (risen)
        sw_decide(e, subject, ALERT_RAISED, st->level, SW_STR(""));
    sw_case_step(e, index,
                 is_new  ? "raised"
                 : risen ? "risen"
                         : "cause",
                 SW_STR("engine"), describe_term(e, rule, describe_with_versions(e, subject)), fx);
    if (is_new && e->cases[index].earlier != SW_NONE)
        tell_earlier(e, index, fx);
    if (quiet) {
        sw_case_step(e, index, "not_sent", SW_STR("engine"),
                     settled ? SW_STR("已解除，没有等级，不另发消息")
                             : SW_STR("标准或规则调整带来的原因，等级没有变，不另发消息"),
                     fx);
        mark_told(e, subject, false);
    } else if (loud || f->new_cause || again) {
        sw_notify(e, index, is_new || again ? NOTICE_ALERT : loud ? NOTICE_RISE : NOTICE_CAUSE, fx);
        mark_told(e, subject, loud || is_new || st->told_level == 0);
    } else {
        sw_case_step(e, index, "not_sent", SW_STR("engine"), SW_STR("冷却期内，不再重复发送"), fx);
    }
    sw_case_write(e, index, fx);
}

bool sw_has_causes(const struct sw_engine *e, uint32_t subject)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t i = 0; i < n; i++) {
        if (sw_hit_counts(&hits[i]) && !e->rules->rule[hits[i].rule].task)
            return true;
    }
    return false;
}

/* Steps that say why the causes are no more. */
static const struct {
    const char *kind, *text;
} gone_steps[] = {
    [GONE_TAKEN_BACK] = {"withdrawn", "触发的记录已被撤销"},
    [GONE_REPLACED] = {"replaced", "部门新报的数替换了触发的记录"},
    [GONE_UNLISTED] = {"unlisted", "部门新报的名单里已没有触发的记录"},
};

/* The risk grew smaller: the case says so and stays open. */
static void follow_fall(struct sw_engine *e, uint32_t subject, const struct sw_finding_of *f,
                        struct sw_effects *fx)
{
    struct sw_standing *st = sw_standing_of(e, subject);
    uint32_t index = st->open_case;
    struct sw_case *c = &e->cases[index];

    c->level = st->level;
    if (st->level < f->level_before) {
        sw_decide(e, subject, ALERT_EASED, st->level, SW_STR(""));
        sw_case_step(e, index, st->level == 0 ? "eased" : "lowered", SW_STR("engine"),
                     describe(e, subject), fx);
    } else if (f->lost_cause)
        sw_case_step(e, index, "cause_gone", SW_STR("engine"), describe(e, subject), fx);
    if (f->gone != NOT_GONE && f->lost_cause && !sw_has_causes(e, subject) && sw_case_waits(e, c)) {
        sw_case_step(e, index, gone_steps[f->gone].kind, SW_STR("engine"),
                     sw_str(gone_steps[f->gone].text), fx);
        sw_notify(e, index, NOTICE_WITHDRAWN, fx);
        sw_case_rest(e, index, fx);
    }
    if (st->level == 0 && f->level_before > 0)
        propose_clearance(e, index, fx);
    if (e->history && st->level == 0) { /* nobody was told of it, nobody can answer */
        sw_case_step(e, index, "closed", SW_STR("engine"), SW_STR("补录期间风险已消除"), fx);
        sw_case_by_engine(e, index, ON_PAST, fx);
    }
    sw_case_write(e, index, fx);
}

void sw_case_follow(struct sw_engine *e, uint32_t subject, const struct sw_finding_of *f,
                    struct sw_effects *fx)
{
    const struct sw_standing *st = sw_standing_of(e, subject);

    if (st->level > f->level_before || f->new_cause)
        follow_rise(e, subject, f, fx);
    else if (st->open_case == SW_NONE)
        return;
    else if (st->level < f->level_before || f->lost_cause ||
             sw_score(e, subject) != e->cases[st->open_case].score)
        follow_fall(e, subject, f, fx);
}

/* ---- households that become one ----------------------------------------------------------- */

void sw_case_merge(struct sw_engine *e, uint32_t from, uint32_t into, struct sw_effects *fx)
{
    struct sw_standing *there = &e->standing[into];
    uint32_t index = e->standing[from].open_case;
    struct sw_str id = sw_intern_text(&e->registry.household_id, into);

    if (index == SW_NONE)
        return;
    if (there->open_case == SW_NONE) {
        sw_case_step(e, index, "moved", SW_STR("engine"),
                     sw_arena_printf(&e->arena, "并户：个案随户转到 %.*s", SW_STR_ARG(id)), fx);
        e->standing[from].open_case = SW_NONE;
        e->cases[index].subject = into;
        there->open_case = index;
        there->told_level = e->standing[from].told_level;
        there->told_day = e->standing[from].told_day;
        sw_case_write(e, index, fx);
        return;
    }
    sw_case_step(e, index, "merged", SW_STR("engine"),
                 sw_arena_printf(&e->arena, "并户：并入 %.*s 的个案 %u", SW_STR_ARG(id),
                                 FIRST_CASE + there->open_case),
                 fx);
    sw_case_step(e, there->open_case, "joined", SW_STR("engine"),
                 sw_arena_printf(&e->arena, "并户：个案 %u 并入本案", FIRST_CASE + index), fx);
    sw_case_by_engine(e, index, ON_MERGED, fx);
    sw_case_write(e, index, fx);
}

/* ---- another place, or another code of it -------------------------------------------------- */

static void tell_place(struct sw_engine *e, uint32_t index, const char *step, const char *why,
                       struct sw_effects *fx)
{
    uint32_t subject = e->cases[index].subject;
    struct sw_str code = sw_area_code(&e->registry, sw_place_of(e, subject));

    sw_case_step(e, index, step, SW_STR("engine"),
                 sw_arena_printf(&e->arena, "%s：现为%.*s（%.*s）", why,
                                 SW_STR_ARG(sw_place_name(e, subject, true)), SW_STR_ARG(code)),
                 fx);
    sw_case_write(e, index, fx);
}

void sw_case_recode(struct sw_engine *e, uint32_t area, struct sw_effects *fx)
{
    for (uint32_t i = 0; i < e->n_open; i++) {
        uint32_t place = sw_place_of(e, e->cases[e->open[i]].subject);

        if (place != SW_NONE && sw_area_within(&e->registry, place, area))
            tell_place(e, e->open[i], "recoded", "区划调整", fx);
    }
}

void sw_case_move(struct sw_engine *e, uint32_t household, struct sw_effects *fx)
{
    if (e->standing[household].open_case != SW_NONE && sw_place_of(e, household) != SW_NONE)
        tell_place(e, e->standing[household].open_case, "moved", "户迁移", fx);
}

/* ---- another table ------------------------------------------------------------------------ */

/* A state that is gone: of a case that is over, nothing but the name. */
static uint8_t state_instead(const struct sw_life *l, bool end)
{
    uint8_t s = 0;

    if (!end)
        return l->start;
    while (!l->state[s].end)
        s++;
    return s;
}

/* As a new alert: whose it was and how far its time had gone belong to a state that is no more. */
static void begin_anew(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    sw_case_task_end(e, index, fx);
    e->cases[index].least = OF_HOUSEHOLD;
    sw_clock_anew(e, index);
}

static void carry_case(struct sw_engine *e, const struct sw_life *old, uint32_t index,
                       struct sw_effects *fx)
{
    const struct sw_life *now = e->rules->life;
    struct sw_case *c = &e->cases[index];
    const struct sw_life_state *was = &old->state[c->state];
    uint8_t state = sw_life_state(now, was->name);
    uint8_t outcome = sw_life_outcome(now, old->outcome[c->outcome].name);
    bool is_gone = state == LIFE_REFUSED || now->state[state].end != was->end;

    if (is_gone) {
        state = state_instead(now, was->end);
        sw_case_step(e, index, "state_gone", SW_STR("engine"),
                     sw_arena_printf(&e->arena, "流程调整：“%.*s”已取消，现为“%.*s”",
                                     SW_STR_ARG(was->label), SW_STR_ARG(now->state[state].label)),
                     fx);
    }
    c->state = state;
    c->outcome = outcome == LIFE_OUTCOMES ? 0 : outcome;
    if (is_gone && !was->end)
        begin_anew(e, index, fx);
}

void sw_case_carry(struct sw_engine *e, const struct sw_ruleset *old, struct sw_effects *fx)
{
    for (uint32_t i = 0; i < e->n_cases; i++)
        carry_case(e, old->life, i, fx);
}

void sw_case_carried(struct sw_engine *e, struct sw_effects *fx)
{
    size_t n = fx->steps.n;

    for (size_t i = 0; i < n; i++) {
        const struct sw_step_row s = fx->steps.at[i];

        if (s.seq == e->seq && sw_str_is(s.kind, "state_gone"))
            sw_case_write(e, (uint32_t)(s.number - FIRST_CASE), fx);
    }
}
