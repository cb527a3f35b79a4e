/* notice.c - who is told, and in which words.
 *
 * An alert goes to the cadre assigned to the household and to the work team of its village: by text
 * message to phones, as an event to the team's group. When the village has no team, the next area
 * upwards that has one is told. The owner is the newest assigned cadre, else the team's leader. */
#include "parts.h"
#include <shouwang/base/json.h>
#include <shouwang/base/utf8.h>

enum { SMS_CHARACTERS = 70 }; /* of one text message in UCS-2, the signature among them */

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

static struct sw_str short_cause(struct sw_engine *e, const struct sw_rule *r)
{
    return r->sms.n > 0 ? r->sms
                        : sw_arena_printf(&e->arena, "%.*s风险",
                                          SW_STR_ARG(e->rules->category[r->category].label));
}

/* The news with the most points; without news the cause with the most points. */
static const struct sw_rule *main_cause(const struct sw_engine *e, uint32_t subject)
{
    const struct sw_rule *best = NULL;
    double points = 0;
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t i = 0; i < n; i++) {
        const struct sw_rule *r = &e->rules->rule[hits[i].rule];
        double worth = hits[i].score + (hits[i].told == 0 ? 1000 : 0);

        if (!sw_hit_counts(&hits[i]) || r->task || (best != NULL && worth <= points))
            continue;
        best = r;
        points = worth;
    }
    return best;
}

static size_t listed_by(struct sw_engine *e, uint32_t subject)
{
    return sw_is_area(subject) ? sw_area_listed(e, sw_area_of(subject)) : 0;
}

static struct sw_str text_of(struct sw_engine *e, uint32_t index, enum sw_notice kind,
                             bool with_town)
{
    const struct sw_case *c = &e->cases[index];
    const struct sw_wording *words = &e->rules->wording;
    const struct sw_rule *cause = main_cause(e, c->subject);
    struct sw_str wording;
    const struct sw_pair pairs[] = {
        {"level", e->rules->level[c->level].label},
        {"place", sw_place_name(e, c->subject, with_town)},
        {"name", sw_masked_name(e, c->subject)},
        {"tail", tail_of(e, c->subject)},
        {"cause", cause == NULL ? SW_STR("") : short_cause(e, cause)},
        {"deadline", words->deadline[c->level].text},
        {"case", sw_arena_printf(&e->arena, "%u", FIRST_CASE + index)},
        {"reply", words->reply},
        {"count", sw_arena_printf(&e->arena, "%zu", listed_by(e, c->subject))},
    };

    memcpy(&wording,
           (const char *)words +
               (sw_is_area(c->subject) ? notices[kind].of_area : notices[kind].wording),
           sizeof(wording));
    return sw_fill(e, wording, pairs, SW_COUNTOF(pairs));
}

/* The town's name goes first when a text message is too short for everything. */
static struct sw_str sms_text(struct sw_engine *e, uint32_t index, enum sw_notice kind)
{
    struct sw_str text = text_of(e, index, kind, true);

    return sw_utf8_length(text) <= SMS_CHARACTERS ? text : text_of(e, index, kind, false);
}

static void put_causes(struct sw_engine *e, uint32_t subject, struct sw_jw *w)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    sw_jw_key(w, "causes");
    sw_jw_array(w);
    for (size_t i = 0; i < n; i++) {
        if (sw_hit_counts(&hits[i]) && !e->rules->rule[hits[i].rule].task)
            sw_jw_str(w, short_cause(e, &e->rules->rule[hits[i].rule]));
    }
    sw_jw_end(w);
}

/* Standard Webhooks' body: {"type","timestamp","data"}. */
static struct sw_str event_text(struct sw_engine *e, uint32_t index, enum sw_notice kind)
{
    const struct sw_case *c = &e->cases[index];
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    struct sw_str text;
    const struct sw_zone *zone = e->rules->schema->zone;
    char at[SW_RFC3339_SIZE];

    sw_rfc3339_format(e->now, sw_zone_offset(zone, e->now), at);
    sw_jw_object(&w);
    sw_jw_member(&w, "type", sw_str(notices[kind].type));
    sw_jw_member(&w, "timestamp", sw_str(at));
    sw_jw_key(&w, "data");
    sw_jw_object(&w);
    sw_jw_member_int(&w, "case", FIRST_CASE + (int64_t)index);
    sw_jw_member(&w, "level", e->rules->level[c->level].name);
    sw_jw_key(&w, "score");
    sw_jw_double(&w, sw_score(e, c->subject));
    sw_jw_member(&w, "place", sw_place_name(e, c->subject, true));
    sw_jw_member(&w, "name", sw_masked_name(e, c->subject));
    sw_jw_member(&w, "tail", tail_of(e, c->subject));
    if (sw_is_area(c->subject))
        sw_jw_member_int(&w, "households", (int64_t)listed_by(e, c->subject));
    put_causes(e, c->subject, &w);
    sw_jw_member(&w, "deadline", e->rules->wording.deadline[c->level].text);
    if (c->due > 0)
        sw_jw_member(&w, "due",
                     sw_str(sw_rfc3339_format(c->due, sw_zone_offset(zone, c->due), at)));
    sw_jw_end(&w);
    sw_jw_end(&w);
    text = sw_arena_str(&e->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

/* ---- receivers ---------------------------------------------------------------------------- */

static void send(struct sw_engine *e, int64_t number, const char *kind, struct sw_str gateway,
                 struct sw_str to, struct sw_str body, sw_time life, struct sw_effects *fx)
{
    struct sw_arena *a = &fx->arena;

    if (e->history)
        return;
    sw_fx_message(fx, &(struct sw_message_row){
                          .id = sw_arena_printf(a, "%lld-%u", (long long)e->seq, e->messages++),
                          .number = number,
                          .kind = sw_str(kind),
                          .gateway = sw_arena_str(a, gateway),
                          .to = sw_arena_str(a, to),
                          .body = sw_arena_str(a, body),
                          .created = e->now,
                          .expires = e->now + life,
                      });
}

/* True when the cadre was not among those told of this case. */
static bool remember(struct sw_case *c, uint32_t cadre)
{
    for (size_t i = 0; i < c->n_told; i++) {
        if (c->told[i] == cadre)
            return false;
    }
    if (c->n_told < TOLD_MAX)
        c->told[c->n_told++] = cadre;
    return true;
}

/* One notice in the making: phones already written to are not written to twice. */
struct telling {
    struct sw_engine *e;
    uint32_t index;
    enum sw_notice kind;
    struct sw_effects *fx;
    uint32_t phone[TOLD_MAX];
    size_t n_phones;
};

static void tell_cadre(struct telling *t, uint32_t cadre)
{
    struct sw_case *c = &t->e->cases[t->index];
    uint32_t phone = t->e->registry.cadre[cadre].phone;

    remember(c, cadre);
    if (c->owner == SW_NONE)
        c->owner = cadre;
    for (size_t i = 0; i < t->n_phones; i++) {
        if (t->phone[i] == phone)
            return;
    }
    if (t->n_phones == TOLD_MAX)
        return;
    t->phone[t->n_phones++] = phone;
    send(t->e, FIRST_CASE + (int64_t)t->index, notices[t->kind].kind, SW_STR("sms"),
         sw_registry_text(&t->e->registry, phone),
         sw_utf8_prefix(sms_text(t->e, t->index, t->kind), SMS_CHARACTERS), ALERT_LIFE, t->fx);
}

static void tell_team(struct telling *t, uint32_t team)
{
    const struct sw_team *tm = &t->e->registry.team[team];

    if (tm->leader != SW_NONE)
        tell_cadre(t, tm->leader);
    if (tm->gateway != SW_NONE)
        send(t->e, FIRST_CASE + (int64_t)t->index, notices[t->kind].kind,
             sw_registry_text(&t->e->registry, tm->gateway), SW_STR(""),
             event_text(t->e, t->index, t->kind), ALERT_LIFE, t->fx);
}

/* The teams of the nearest area from `area` upwards that has one; the area, or SW_NONE. */
static uint32_t tell_nearest_team(struct telling *t, uint32_t area)
{
    const struct sw_registry *r = &t->e->registry;

    for (; area != SW_NONE; area = r->area[area].parent) {
        uint32_t at = r->area[area].assignment;
        uint32_t team = sw_assigned_next(r, t->e->today, &at);

        if (team == SW_NONE)
            continue;
        for (; team != SW_NONE; team = sw_assigned_next(r, t->e->today, &at))
            tell_team(t, team);
        return area;
    }
    return SW_NONE;
}

void sw_notify(struct sw_engine *e, uint32_t index, enum sw_notice kind, struct sw_effects *fx)
{
    struct telling t = {.e = e, .index = index, .kind = kind, .fx = fx};
    struct sw_case *c = &e->cases[index];
    uint32_t at = SW_NONE;
    uint32_t cadre;

    if (!sw_is_area(c->subject)) /* an area is its team's */
        at = e->registry.household[c->subject].assignment;
    c->owner = SW_NONE; /* found anew: people change */
    while ((cadre = sw_assigned_next(&e->registry, e->today, &at)) != SW_NONE)
        tell_cadre(&t, cadre);
    tell_nearest_team(&t, sw_place_of(e, c->subject));
    if (c->owner == SW_NONE)
        sw_case_step(e, index, "no_owner", SW_STR("engine"), SW_STR("没有责任人，也没有工作队"),
                     fx);
    else if (e->history)
        sw_case_step(e, index, "not_sent", SW_STR("engine"), SW_STR("补录历史数据，未发送"), fx);
}

bool sw_notify_above(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    struct telling t = {.e = e, .index = index, .kind = NOTICE_ALERT, .fx = fx};
    struct sw_case *c = &e->cases[index];
    uint32_t area = sw_place_of(e, c->subject);
    uint32_t before = c->owner;

    if (area == SW_NONE)
        return false;
    c->owner = SW_NONE;
    if (tell_nearest_team(&t, e->registry.area[area].parent) != SW_NONE && c->owner != SW_NONE)
        return true;
    c->owner = before;
    return false;
}

void sw_notify_county(struct sw_engine *e, const char *kind, struct sw_str text,
                      struct sw_str event, struct sw_effects *fx)
{
    const struct sw_registry *r = &e->registry;

    for (uint32_t area = 0; area < r->area_code.count; area++) {
        uint32_t at = r->area[area].parent == SW_NONE ? r->area[area].assignment : SW_NONE;
        uint32_t team;

        while ((team = sw_assigned_next(r, e->today, &at)) != SW_NONE) {
            const struct sw_team *tm = &r->team[team];

            if (tm->leader != SW_NONE)
                send(e, 0, kind, SW_STR("sms"), sw_registry_text(r, r->cadre[tm->leader].phone),
                     sw_utf8_prefix(text, SMS_CHARACTERS), ALERT_LIFE, fx);
            if (tm->gateway != SW_NONE)
                send(e, 0, kind, sw_registry_text(r, tm->gateway), SW_STR(""), event, ALERT_LIFE,
                     fx);
        }
    }
}

void sw_text_phone(struct sw_engine *e, struct sw_str phone, const char *kind, struct sw_str body,
                   struct sw_effects *fx)
{
    send(e, 0, kind, SW_STR("sms"), phone, sw_utf8_prefix(body, SMS_CHARACTERS), ANSWER_LIFE, fx);
}
