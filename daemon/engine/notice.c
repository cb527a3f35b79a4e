/* notice.c - in which words people are told: by text message to phones, as an event to a team's
 * group. Who they are is found by people.c. */
#include "parts.h"
#include <shouwang/base/json.h>
#include <shouwang/base/utf8.h>

#define ALERT_LIFE  (3 * 86400 * SW_SECOND)
#define ANSWER_LIFE (86400 * SW_SECOND)

static const struct {
    const char *kind; /* of the message row */
    const char *type; /* of the event in a webhook */
    size_t wording, of_area;
} notices[] = {
#define WORDINGS(name) offsetof(struct sw_wording, name), offsetof(struct sw_wording, area_##name)
    [NOTICE_ALERT] = {"alert", "case.alert", WORDINGS(alert)},
    [NOTICE_RISE] = {"rise", "case.rise", WORDINGS(rise)},
    [NOTICE_CAUSE] = {"cause", "case.cause", WORDINGS(cause)},
    [NOTICE_WITHDRAWN] = {"withdrawn", "case.withdrawn", WORDINGS(withdrawn)},
    [NOTICE_REMIND] = {"remind", "case.remind", WORDINGS(remind)},
    [NOTICE_ESCALATE] = {"escalate", "case.escalate", WORDINGS(escalate)},
    [NOTICE_COPY] = {"copy", "case.copy", WORDINGS(copy)},
    [NOTICE_HANDOVER] = {"handover", "case.handover", WORDINGS(handover)},
    [NOTICE_ASK] = {"ask", "case.ask", WORDINGS(ask)},
#undef WORDINGS
};

/* ---- words -------------------------------------------------------------------------------- */

struct sw_str sw_place_name(struct sw_engine *e, uint32_t subject, bool with_town)
{
    const struct sw_registry *r = &e->registry;
    uint32_t area = sw_place_of(e, subject);
    uint32_t town = area == SW_NONE ? SW_NONE : r->area[area].parent;

    if (town == SW_NONE || r->area[town].parent == SW_NONE)
        with_town = false; /* the parent is the county, which everybody knows */
    return sw_arena_printf(&e->arena, "%.*s%.*s",
                           SW_STR_ARG(with_town ? sw_area_name(r, town) : SW_STR("")),
                           SW_STR_ARG(sw_area_name(r, area)));
}

struct sw_str sw_masked_name(struct sw_engine *e, uint32_t subject)
{
    const struct sw_registry *r = &e->registry;
    struct sw_value value[SW_FIELDS_MAX];
    sw_day until[SW_FIELDS_MAX];
    uint32_t name = e->rules->fact_name;

    if (name == SW_NONE || sw_is_area(subject))
        return SW_STR("");
    sw_history_facts(&r->household[subject].history, &e->rules->schema->streams[SW_FACTS], e->today,
                     value, until);
    if (value[name].kind != SW_KSTRING || value[name].n == 0)
        return SW_STR("");
    return sw_arena_printf(&e->arena, "%.*s*",
                           SW_STR_ARG(sw_utf8_prefix(sw_value_text(value[name]), 1)));
}

static struct sw_str tail_of(struct sw_engine *e, uint32_t subject)
{
    struct sw_str id;

    if (sw_is_area(subject))
        return SW_STR("");
    id = sw_intern_text(&e->registry.household_id, subject);
    return sw_arena_str(&e->arena, id.n > 4 ? sw_str_sub(id, id.n - 4, 4) : id);
}

struct sw_str sw_rule_cause(struct sw_engine *e, uint32_t rule)
{
    const struct sw_rule *r = &e->rules->rule[rule];

    return r->sms.n > 0 ? r->sms
                        : sw_arena_printf(&e->arena, "%.*s风险",
                                          SW_STR_ARG(e->rules->category[r->category].label));
}

/* The news with the most points; without news the cause with the most points. */
uint32_t sw_main_cause(const struct sw_engine *e, uint32_t subject)
{
    uint32_t best = SW_NONE;
    double points = 0;
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t i = 0; i < n; i++) {
        const struct sw_rule *r = &e->rules->rule[hits[i].rule];
        double worth = hits[i].score + (hits[i].told == 0 ? 1000 : 0);

        if (!sw_hit_counts(&hits[i]) || r->task || (best != SW_NONE && worth <= points))
            continue;
        best = hits[i].rule;
        points = worth;
    }
    return best;
}

static size_t listed_by(struct sw_engine *e, uint32_t subject)
{
    return sw_is_area(subject) ? sw_area_listed(e, sw_area_of(subject)) : 0;
}

/* "3月9日前", by the last day that is in time. */
static struct sw_str until(struct sw_engine *e, sw_time due)
{
    char text[SW_DATE_SIZE];
    int month = 0;
    int day = 0;

    if (due == 0)
        return SW_STR("尽快");
    sw_date_format(sw_zone_day(e->rules->schema->zone, due), text);
    sscanf(text, "%*d-%d-%d", &month, &day);
    return sw_arena_printf(&e->arena, "%d月%d日前", month, day);
}

/* The cause the letter was written for, while it counts: what is known by now comes first. */
static uint32_t cause_of(const struct sw_engine *e, const struct sw_letter *l)
{
    uint32_t subject = e->cases[l->index].subject;
    const struct sw_hit *hit = l->rule == SW_NONE ? NULL : sw_hit_find(e, subject, l->rule);

    return hit != NULL && sw_hit_counts(hit) ? l->rule : sw_main_cause(e, subject);
}

static struct sw_str text_of(struct sw_engine *e, const struct sw_letter *l, bool with_town)
{
    const struct sw_case *c = &e->cases[l->index];
    const struct sw_wording *words = &e->rules->wording;
    uint32_t cause = cause_of(e, l);
    const struct sw_life_state *st = &e->rules->life->state[c->state];
    struct sw_str wording;
    const struct sw_pair pairs[] = {
        {"level", e->rules->level[sw_case_level(e, c)].label},
        {"place", sw_place_name(e, c->subject, with_town)},
        {"name", sw_masked_name(e, c->subject)},
        {"tail", tail_of(e, c->subject)},
        {"cause", cause == SW_NONE ? SW_STR("") : sw_rule_cause(e, cause)},
        {"deadline", sw_deadline_words(e, c->subject, c->level)},
        {"case", sw_arena_printf(&e->arena, "%u", FIRST_CASE + l->index)},
        {"reply", st->reply.n > 0 ? st->reply : words->reply},
        {"left", sw_clock_left(e, l->index)},
        {"state", st->label},
        {"until", until(e, c->due)},
        {"count", sw_arena_printf(&e->arena, "%zu", listed_by(e, c->subject))},
    };

    memcpy(&wording,
           (const char *)words +
               (sw_is_area(c->subject) ? notices[l->notice].of_area : notices[l->notice].wording),
           sizeof(wording));
    return sw_fill(e, wording, pairs, SW_COUNTOF(pairs));
}

/* The town's name goes first when a text message is too short for everything. */
static struct sw_str sms_text(struct sw_engine *e, const struct sw_letter *l)
{
    struct sw_str text = text_of(e, l, true);

    return sw_utf8_length(text) <= SMS_CHARACTERS ? text : text_of(e, l, false);
}

static void put_causes(struct sw_engine *e, uint32_t subject, struct sw_jw *w)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    sw_jw_key(w, "causes");
    sw_jw_array(w);
    for (size_t i = 0; i < n; i++) {
        if (sw_hit_counts(&hits[i]) && !e->rules->rule[hits[i].rule].task)
            sw_jw_str(w, sw_rule_cause(e, hits[i].rule));
    }
    sw_jw_end(w);
}

static struct sw_str event_text(struct sw_engine *e, const struct sw_letter *l)
{
    const struct sw_case *c = &e->cases[l->index];
    struct sw_webhook hook;
    struct sw_jw *w = sw_webhook_begin(e, &hook, notices[l->notice].type);

    sw_jw_member_int(w, "case", FIRST_CASE + (int64_t)l->index);
    sw_jw_member(w, "level", e->rules->level[c->level].name);
    sw_jw_key(w, "score");
    sw_jw_double(w, sw_score(e, c->subject));
    sw_jw_member(w, "place", sw_place_name(e, c->subject, true));
    sw_jw_member(w, "name", sw_masked_name(e, c->subject));
    sw_jw_member(w, "tail", tail_of(e, c->subject));
    if (sw_is_area(c->subject))
        sw_jw_member_int(w, "households", (int64_t)listed_by(e, c->subject));
    put_causes(e, c->subject, w);
    sw_jw_member(w, "deadline", sw_deadline_words(e, c->subject, c->level));
    if (c->due > 0)
        sw_put_time(e, w, "due", c->due);
    return sw_webhook_end(e, &hook);
}

/* ---- messages ----------------------------------------------------------------------------- */

static void send(struct sw_engine *e, int64_t number, const char *kind, struct sw_str gateway,
                 struct sw_str to, struct sw_str body, sw_time life, struct sw_effects *fx)
{
    struct sw_arena *a = &fx->arena;
    struct sw_message_row m;

    if (e->history)
        return;
    m = (struct sw_message_row){
        .id = sw_arena_printf(a, "%lld-%u", (long long)e->seq, e->messages++),
        .number = number,
        .kind = sw_arena_str(a, sw_str(kind)), /* a letter has its own, and goes */
        .gateway = sw_arena_str(a, gateway),
        .to = sw_arena_str(a, to),
        .body = sw_arena_str(a, body),
        .created = e->came,
        .expires = e->came + life,
    };
    sw_fx_message(fx, &m);
    if (number != 0 || to.n > 0)
        sw_record_message(e, number == 0 ? SW_NONE : (uint32_t)(number - FIRST_CASE), &m, fx);
}

void sw_send_event(struct sw_engine *e, uint32_t index, const char *kind, struct sw_str gateway,
                   struct sw_str body, struct sw_effects *fx)
{
    send(e, FIRST_CASE + (int64_t)index, kind, gateway, SW_STR(""), body, ALERT_LIFE, fx);
}

/* To whom it is: a team's group by its gateway, a cadre by phone. */
static void send_to(struct sw_engine *e, uint32_t to, int64_t number, const char *kind,
                    struct sw_str text, struct sw_effects *fx)
{
    const struct sw_registry *r = &e->registry;

    if ((to & TEAM_BIT) != 0)
        send(e, number, kind, sw_registry_text(r, r->team[to & ~TEAM_BIT].gateway), SW_STR(""),
             text, ALERT_LIFE, fx);
    else
        send(e, number, kind, SW_STR("sms"), sw_registry_text(r, r->cadre[to].phone),
             sw_utf8_prefix(text, SMS_CHARACTERS), ALERT_LIFE, fx);
}

void sw_send_letter(struct sw_engine *e, const struct sw_letter *l, struct sw_effects *fx)
{
    bool to_group = (l->to & TEAM_BIT) != 0;

    if (l->index == SW_NONE) {
        send_to(e, l->to, l->n_about == 0 ? 0 : FIRST_CASE + (int64_t)l->about[0], l->kind,
                (struct sw_str){l->text, l->n}, fx);
        for (uint32_t i = 1; i < l->n_about; i++)
            sw_record_also(e, l->about[i], fx);
    } else
        send_to(e, l->to, FIRST_CASE + (int64_t)l->index, notices[l->notice].kind,
                to_group ? event_text(e, l) : sms_text(e, l), fx);
}

void sw_send_text(struct sw_engine *e, uint32_t to, uint32_t index, const char *kind,
                  struct sw_str text, struct sw_effects *fx)
{
    send_to(e, to, FIRST_CASE + (int64_t)index, kind, text, fx);
}

/* "163、157、142、138等" */
static struct sw_str case_numbers(struct sw_engine *e, const uint32_t *index, size_t n)
{
    struct sw_buf out = {0};
    struct sw_str text;

    for (size_t i = 0; i < n && i < CASES_NAMED; i++)
        sw_buf_printf(&out, "%s%u", i == 0 ? "" : "、", FIRST_CASE + index[i]);
    if (n > CASES_NAMED)
        sw_buf_cstr(&out, "等");
    text = sw_arena_str(&e->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

void sw_notice_handover(struct sw_engine *e, uint32_t cadre, const uint32_t *index, size_t n,
                        struct sw_effects *fx)
{
    const struct sw_pair pairs[] = {
        {"count", sw_arena_printf(&e->arena, "%zu", n)},
        {"cases", case_numbers(e, index, n)},
    };

    if (n == 1) {
        sw_notice_cadre(e, index[0], NOTICE_HANDOVER, cadre, fx);
        return;
    }
    sw_mail_text(e, cadre, notices[NOTICE_HANDOVER].kind,
                 sw_fill(e, e->rules->wording.handover_many, pairs, SW_COUNTOF(pairs)), index, n);
}

void sw_tell_team(struct sw_engine *e, uint32_t team, const char *kind, struct sw_str text,
                  struct sw_str event, struct sw_effects *fx)
{
    const struct sw_registry *r = &e->registry;
    const struct sw_team *t = &r->team[team];

    if (t->leader != SW_NONE)
        sw_mail_text(e, t->leader, kind, text, NULL, 0);
    if (t->gateway != SW_NONE)
        send(e, 0, kind, sw_registry_text(r, t->gateway), SW_STR(""), event, ALERT_LIFE, fx);
}

void sw_text_phone(struct sw_engine *e, struct sw_str phone, const char *kind, struct sw_str body,
                   struct sw_effects *fx)
{
    send(e, 0, kind, SW_STR("sms"), phone, sw_utf8_prefix(body, SMS_CHARACTERS), ANSWER_LIFE, fx);
}
