/* Whom rules are about and what else they see: members and their ages, villages and counties with
 * the households they list, the engine's own decisions, and feeds that fell silent. Each story runs
 * through the real engine; after each step the state goes through a snapshot and back. */
#include "../tap.h"
#include "engine/parts.h"
#include "ruleset_help.h"
#include "snapshot_help.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

static const char schema_text[] =
    "schema: 1\n"
    "enums:\n"
    "  kinds: {none: 一般农户, poor: 脱贫户}\n"
    "  insured: {\"yes\": 已参保, \"no\": 未参保}\n"
    "  level: {none: 无, yellow: 黄色, red: 红色}\n"
    "  outcome: {needs_help: 需帮扶, helped: 已帮扶, not_true: 不属实}\n"
    "household: {kind: {type: enum(kinds), label: 户类型}, income: {type: money, label: 收入}}\n"
    "person:\n"
    "  birth: {type: date, label: 出生日期}\n"
    "  insured: {type: enum(insured), label: 参保}\n"
    "feeds: {人社局: {period: 7d}, 乡镇: {period: 15d}}\n"
    "events:\n"
    "  severe: {label: 大病, feed: 卫健局, fields: {person: {type: person}}}\n"
    "  visit: {label: 走访, feed: 乡镇}\n"
    "  debt: {label: 欠债, feed: 银行}\n"
    "  lost: {label: 失业, feed: 人社局, fields: {person: {type: person}}}\n"
    "  hired: {label: 就业, feed: 人社局, fields: {person: {type: person}}}\n"
    "  death: {label: 死亡, feed: 公安局, leaves: true, fields: {person: {type: person}}}\n"
    "  ytd: {label: 年初至今自付, feed: 医保局, replaces: year, fields: {paid: {type: money}}}\n"
    "  hail: {label: 冰雹, feed: 气象局, scope: area, fields: {grade: {type: int}}}\n"
    "  alert.raised: {label: 预警, feed: engine, fields: {level: {type: enum(level)}, "
    "score: {type: number}}}\n"
    "  alert.eased: {label: 缓解, feed: engine, fields: {level: {type: enum(level)}}}\n"
    "  case.cleared: {label: 结案, feed: engine, fields: {outcome: {type: enum(outcome)}}}\n";

static const char rules_text[] =
    "categories: {health: {label: 因病, cap: 30}, work: {label: 务工, cap: 30}}\n"
    "levels: {yellow: {label: 黄色, enter: 10, leave: 5}, red: {label: 红色, enter: 30, leave: "
    "25}}\n"
    "macros: {poor: hh.kind == \"poor\"}\n"
    "rules:\n"
    "  - {rule: minor, label: 有未成年人, category: health, score: 1, message: m, tags: [small],\n"
    "     when: 'members.exists(m, years_since(m.birth) < 16)'}\n"
    "  - {rule: uninsured, label: 有人未参保, category: work, score: 1, message: m, tags: "
    "[small],\n"
    "     when: 'members.exists(m, m.insured == \"no\")'}\n"
    "  - {rule: small, label: 小事叠加, category: work, score: 1, message: m,\n"
    "     when: 'count_fired(\"small\") >= 2'}\n"
    "  - {rule: sick, label: 大病, category: health, score: 10, message: m,\n"
    "     when: 'severe.within(days(30)).count() >= 1'}\n"
    "  - {rule: relapse, label: 回退, category: health, score: 20, message: m,\n"
    "     when: 'case.cleared.where(outcome == \"not_true\").within(days(365)).count() >= 1 && "
    "alert.raised.unless(case.cleared).where(level != \"none\").count() >= 1'}\n"
    "  - {rule: jobless, label: 失业未就业, category: work, score: 10, message: m,\n"
    "     when: 'lost.unless(hired, person).older_than(days(20)).count() >= 1'}\n"
    "  - {rule: unvisited, kind: task, label: 没有走访, cooldown: 30d, message: 请走访,\n"
    "     when: 'debt.within(days(60)).count() >= 1 && visit.within(days(60)).count() == 0'}\n"
    "  - {rule: poor_income, label: 低收入, category: work, score: 1, message: m, unknown: task,\n"
    "     when: 'debt.within(days(60)).count() >= 1 && hh.income < 1000'}\n"
    "  - {rule: heavy, label: 自付多, category: health, score: 1, message: m,\n"
    "     when: 'ytd.within(days(365)).max(paid).orValue(0) >= 1000'}\n"
    "  - {rule: cluster, subject: village, label: 一村多户大病, category: health, score: 10,\n"
    "     hard: red, sms: 大病聚集, list: poor, when: 'severe.within(days(90)).distinct(household) "
    ">= "
    "3',\n"
    "     message: '{{area.name}}{{area.households}}户中有"
    "{{severe.within(days(90)).distinct(household)}}户'}\n"
    "  - {rule: town, subject: township, label: 全镇失业, category: work, score: 10, message: m,\n"
    "     when: 'lost.within(days(30)).count() >= 2'}\n"
    "  - {rule: hailed, subject: village, label: 冰雹, category: work, score: 10, message: m,\n"
    "     when: 'hail.within(days(10)).max(grade).orValue(0) >= 3', list: severe.count() >= 1}\n"
    "  - {rule: alarmed, subject: village, label: 多户预警, category: work, score: 1, message: m,\n"
    "     when: 'alert.raised.unless(case.cleared, household).distinct(household) >= 2'}\n"
    "  - {rule: crowded, subject: village, label: 户多, category: work, score: 1, message: m,\n"
    "     when: 'area.households >= 4'}\n";

struct county {
    struct sw_engine *e;
    struct sw_ruleset *rules;
    struct sw_effects fx;
    sw_time now;
    int64_t seq;
    size_t texts, tasks, settled; /* since the last look */
    char last[512], before[512];  /* the newest text message, and the one before it */
    char step[1024];              /* the newest step of a case that raised something */
    enum sw_refusal why;
    size_t differed; /* snapshots that came back as something else */
};

/* ---- through a snapshot and back ------------------------------------------------------------- */

static struct kept_snapshot saved;

static void reload(struct county *c)
{
    uint64_t digest = sw_engine_digest(c->e);
    struct sw_err err = {.code = SW_OK};
    int64_t seq;

    sw_buf_clear(&saved.text);
    saved.at = 0;
    SW_ASSERT(sw_engine_save(c->e, c->seq, put_snapshot, &saved));
    sw_engine_free(c->e);
    c->e = sw_engine_load((struct sw_hash_key){1, 2}, sw_ruleset_ref(c->rules), &seq, get_snapshot,
                          &saved, &err);
    SW_ASSERT(c->e != NULL);
    c->differed += sw_engine_digest(c->e) != digest || seq != c->seq;
}

/* ---- telling --------------------------------------------------------------------------------- */

static enum sw_verdict feed(struct county *c, enum sw_input_kind kind, struct sw_str body)
{
    struct sw_input in = {++c->seq, c->now, kind, body};
    struct sw_err err = {.code = SW_OK};
    enum sw_verdict v = sw_engine_apply(c->e, &in, &c->fx, &c->why, &err);

    if (v == SW_VERDICT_REJECTED)
        note("refused: %s", err.text);
    for (size_t i = 0; i < c->fx.messages.n; i++) {
        memcpy(c->before, c->last, sizeof(c->before));
        snprintf(c->last, sizeof(c->last), "%.*s", SW_STR_ARG(c->fx.messages.at[i].body));
    }
    for (size_t i = 0; i < c->fx.steps.n; i++) {
        if (sw_str_is(c->fx.steps.at[i].kind, "raised"))
            snprintf(c->step, sizeof(c->step), "%.*s", SW_STR_ARG(c->fx.steps.at[i].text));
    }
    c->texts += c->fx.messages.n;
    for (size_t i = 0; i < c->fx.tasks.n; i++) {
        c->tasks += c->fx.tasks.at[i].closed == 0;
        c->settled += c->fx.tasks.at[i].closed != 0;
    }
    sw_effects_reset(&c->fx);
    reload(c);
    return v;
}

static void pass_to(struct county *c, const char *date)
{
    sw_day day = 0;
    char text[SW_DATE_SIZE];

    sw_date_parse(sw_str(date), &day);
    for (;;) {
        sw_day due = sw_engine_due(c->e);
        sw_day reached = sw_engine_day(c->e);
        sw_day next = due < day ? due : day;

        if (reached == day && due > day)
            return;
        if (reached != SW_DAY_NEVER && next < reached)
            next = reached;
        c->now = sw_zone_midnight(c->rules->schema->zone, next) + 43200 * SW_SECOND;
        feed(c, SW_IN_TICK, sw_str(sw_date_format(next, text)));
    }
}

static enum sw_verdict tell_all(struct county *c, const char *at, const char *type,
                                const char *subject, const char *data, const char *more)
{
    struct sw_buf text = {0};
    char id[64];
    enum sw_verdict v;

    snprintf(id, sizeof(id), ",\"id\":\"e%lld\"", (long long)c->seq);
    sw_buf_printf(&text,
                  "{\"specversion\":\"1.0\",\"source\":\"t\",\"type\":\"%s\",\"subject\":\"%s\","
                  "\"time\":\"%s\"%s%s",
                  type, subject, at, more, strstr(more, "\"id\"") == NULL ? id : "");
    if (data != NULL)
        sw_buf_printf(&text, ",\"data\":{%s}", data);
    sw_buf_cstr(&text, "}");
    v = feed(c, SW_IN_EVENT, sw_buf_view(&text));
    sw_buf_free(&text);
    pass_to(c, sw_date_format(sw_engine_day(c->e), (char[SW_DATE_SIZE]){""}));
    return v;
}

static enum sw_verdict tell_more(struct county *c, const char *type, const char *subject,
                                 const char *data, const char *more)
{
    char at[SW_RFC3339_SIZE];

    return tell_all(c, sw_rfc3339_format(c->now, 28800, at), type, subject, data, more);
}

static enum sw_verdict tell_at(struct county *c, const char *day, const char *type,
                               const char *subject, const char *data)
{
    char at[64];

    snprintf(at, sizeof(at), "%sT09:00:00+08:00", day);
    return tell_all(c, at, type, subject, data, "");
}

static enum sw_verdict tell(struct county *c, const char *type, const char *subject,
                            const char *data)
{
    return tell_more(c, type, subject, data, "");
}

static void reply(struct county *c, const char *text)
{
    struct sw_buf body = {0};

    sw_buf_printf(&body,
                  "{\"gateway\":\"sms\",\"id\":\"r%lld\",\"from\":\"13800138000\",\"text\":\"%s\"}",
                  (long long)c->seq, text);
    feed(c, SW_IN_REPLY, sw_buf_view(&body));
    sw_buf_free(&body);
    pass_to(c, sw_date_format(sw_engine_day(c->e), (char[SW_DATE_SIZE]){""}));
}

/* ---- looking --------------------------------------------------------------------------------- */

static enum sw_hit_state state_of(const struct county *c, const char *rule, uint32_t subject)
{
    uint32_t index = sw_rule_find(c->rules, sw_str(rule));
    size_t n;
    const struct sw_hit *hits = sw_hits(c->e, subject, &n);

    SW_ASSERT(index != SW_NONE);
    for (size_t i = 0; i < n; i++) {
        if (hits[i].rule == index)
            return (enum sw_hit_state)hits[i].state;
    }
    return HIT_OFF;
}

static bool is_on(const struct county *c, const char *rule, const char *household)
{
    return state_of(c, rule, sw_registry_household(&c->e->registry, sw_str(household))) == HIT_ON;
}

static uint32_t place(const struct county *c, const char *code)
{
    return AREA_BIT | sw_registry_area(&c->e->registry, sw_str(code));
}

static void open_county(struct county *c)
{
    struct rule_file files[] = {{"rules.yaml", sw_str(rules_text)},
                                {"schema.yaml", sw_str(schema_text)}};
    struct sw_diag diag = {0};

    *c = (struct county){.rules = build_rules(files, SW_COUNTOF(files), &diag)};
    if (c->rules == NULL)
        sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    SW_ASSERT(c->rules != NULL);
    c->e = sw_engine_new((struct sw_hash_key){1, 2}, sw_ruleset_ref(c->rules));
    pass_to(c, "2024-01-01");
    tell(c, "registry.area", "area/610999000000", "\"name\":\"平川县\"");
    tell(c, "registry.area", "area/610999101000", "\"name\":\"大溪镇\"");
    tell(c, "registry.area", "area/610999101201", "\"name\":\"石桥村\"");
    tell(c, "registry.area", "area/610999101202", "\"name\":\"东沟村\"");
    tell(c, "registry.cadre", "cadre/C1", "\"name\":\"王干部\",\"phone\":\"13800138000\"");
    tell(c, "registry.team", "team/T1", "\"name\":\"石桥村工作队\",\"leader\":\"C1\"");
    tell(c, "registry.assignment", "assignment/A1", "\"area\":\"610999101000\",\"team\":\"T1\"");
    for (int h = 1; h <= 4; h++) {
        char subject[32];
        char data[96];

        snprintf(subject, sizeof(subject), "household/H%d", h);
        snprintf(data, sizeof(data), "\"area\":\"61099910120%d\",\"kind\":\"%s\"", h == 4 ? 2 : 1,
                 h % 2 == 0 ? "poor" : "none");
        tell(c, "registry.household", subject, data);
        snprintf(subject, sizeof(subject), "person/P%d", h);
        snprintf(data, sizeof(data),
                 "\"household\":\"H%d\",\"birth\":\"1980-01-01\",\"insured\":\"yes\"", h);
        tell(c, "registry.person", subject, data);
    }
    c->texts = c->tasks = 0;
}

static void close_county(struct county *c)
{
    is_int_named((int64_t)c->differed, 0, "snapshots give back the same state");
    sw_effects_free(&c->fx);
    sw_engine_free(c->e);
    sw_ruleset_free(c->rules);
}

/* ---- stories --------------------------------------------------------------------------------- */

static void test_members(void)
{
    struct county c;

    open_county(&c);
    ok(!is_on(&c, "minor", "H1"));
    tell(&c, "registry.person", "person/P9",
         "\"household\":\"H1\",\"birth\":\"2010-05-20\",\"insured\":\"yes\"");
    ok_named(is_on(&c, "minor", "H1"), "a child moves the rule");
    ok(!is_on(&c, "small", "H1"));
    tell(&c, "registry.person", "person/P1", "\"household\":\"H1\",\"insured\":\"no\"");
    ok_named(is_on(&c, "uninsured", "H1"), "so does what becomes known of another member");
    ok_named(is_on(&c, "small", "H1"), "count_fired() counts two categories");
    pass_to(&c, "2024-02-01");
    tell(&c, "registry.person", "person/P1", "\"household\":\"H1\",\"insured\":\"yes\"");
    ok_named(!is_on(&c, "uninsured", "H1"), "the newest fact holds");
    ok(is_on(&c, "minor", "H1"));
    tell(&c, "registry.person", "person/P9", "\"household\":\"H2\",\"birth\":\"2010-05-20\"");
    ok_named(!is_on(&c, "minor", "H1") && is_on(&c, "minor", "H2"),
             "who moves is counted where they live");
    pass_to(&c, "2026-05-19");
    ok_named(is_on(&c, "minor", "H2"), "the day before the sixteenth birthday");
    pass_to(&c, "2026-05-20");
    ok_named(!is_on(&c, "minor", "H2"), "the birthday, without any event");
    close_county(&c);
}

/* "H1 H2": the households with the rule on. */
static void on_are(const struct county *c, const char *rule, const char *want)
{
    char got[64] = "";

    for (uint32_t h = 0; h < c->e->registry.household_id.count; h++) {
        if (state_of(c, rule, h) == HIT_ON)
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.*s", got[0] ? " " : "",
                     SW_STR_ARG(sw_intern_text(&c->e->registry.household_id, h)));
    }
    is_str_named(sw_str(got), want, rule);
}

static void test_moves(void)
{
    struct county c;

    open_county(&c);
    tell_more(&c, "severe", "person/P1", "", "");
    on_are(&c, "sick", "H1");
    /* what is known of a person goes where the person goes */
    tell(&c, "registry.person", "person/P1", "\"household\":\"H2\"");
    on_are(&c, "sick", "H2");
    /* an older change that is told later moves nobody */
    pass_to(&c, "2024-01-10");
    tell_at(&c, "2023-12-01", "registry.person", "person/P1", "\"household\":\"H3\"");
    on_are(&c, "sick", "H2");
    /* a bill told now reaches the household of now, by either name */
    tell(&c, "severe", "person/P1", "");
    is_int(tell(&c, "severe", "household/H1", "\"person\":\"P1\""), SW_VERDICT_REJECTED);
    /* a death: no member any more; a mistaken one: again */
    tell(&c, "registry.person", "person/P2", "\"household\":\"H2\",\"insured\":\"no\"");
    on_are(&c, "uninsured", "H2");
    tell_more(&c, "death", "person/P2", "", ",\"id\":\"d1\"");
    on_are(&c, "uninsured", "");
    tell_more(&c, "death", "person/P2", NULL, ",\"reverses\":\"d1\"");
    on_are(&c, "uninsured", "H2");
    close_county(&c);
}

/* Who takes something back may say it by an event of another type: what was taken back counts. */
static void test_taken_back(void)
{
    struct county c;

    open_county(&c);
    tell_more(&c, "severe", "person/P1", "", ",\"id\":\"s1\"");
    tell_more(&c, "severe", "person/P2", "", ",\"id\":\"s2\"");
    tell_more(&c, "severe", "person/P3", "", ",\"id\":\"s3\"");
    on_are(&c, "sick", "H1 H2 H3");
    is_int_named(state_of(&c, "cluster", place(&c, "610999101201")), HIT_ON, "three in a village");
    tell_more(&c, "debt", "household/H1", NULL, ",\"reverses\":\"s1\"");
    on_are(&c, "sick", "H2 H3");
    is_int_named(state_of(&c, "cluster", place(&c, "610999101201")), HIT_OFF,
                 "two, as soon as one is taken back");
    /* with data of its own it is a correction: both types are looked at */
    c.tasks = 0;
    tell_more(&c, "debt", "household/H2", "", ",\"reverses\":\"s2\"");
    on_are(&c, "sick", "H3");
    is_int_named(c.tasks, 2, "the debt asks for the income, the case for a word");
    /* and facts concern every rule */
    tell_more(&c, "registry.household", "household/H3", "\"area\":\"610999101201\",\"income\":900",
              ",\"id\":\"f1\"");
    tell(&c, "debt", "household/H3", "");
    on_are(&c, "poor_income", "H3");
    c.tasks = 0;
    tell_more(&c, "severe", "household/H3", NULL, ",\"reverses\":\"f1\"");
    is_int_named(c.tasks, 1, "the income is not known any more");
    close_county(&c);
}

/* Where a household is said to live is taken back by an event of whatever type: it lives where it
 * did before. And its registration may take back an event. */
static void test_facts_taken_back(void)
{
    struct county c;
    uint32_t village;
    uint32_t other;

    open_county(&c);
    village = place(&c, "610999101201");
    other = place(&c, "610999101202");
    tell(&c, "registry.household", "household/H5", "\"area\":\"610999101201\"");
    is_int_named(state_of(&c, "crowded", village), HIT_ON, "four households live there");
    tell_more(&c, "registry.household", "household/H1", "\"area\":\"610999101202\"",
              ",\"id\":\"m1\"");
    is_int_named(state_of(&c, "crowded", village), HIT_OFF, "one moves");
    is_int(AREA_BIT | c.e->registry.household[0].area, other);
    tell_more(&c, "debt", "household/H1", NULL, ",\"reverses\":\"m1\"");
    is_int_named(AREA_BIT | c.e->registry.household[0].area, village, "it did not");
    is_int_named(state_of(&c, "crowded", village), HIT_ON, "and the village counts it");
    tell_more(&c, "severe", "person/P1", "", ",\"id\":\"s1\"");
    tell_more(&c, "severe", "person/P2", "", ",\"id\":\"s2\"");
    tell_more(&c, "severe", "person/P3", "", ",\"id\":\"s3\"");
    is_int(state_of(&c, "cluster", village), HIT_ON);
    tell_more(&c, "registry.household", "household/H1", NULL, ",\"reverses\":\"s1\"");
    on_are(&c, "sick", "H2 H3");
    is_int_named(state_of(&c, "cluster", village), HIT_OFF, "the registry takes an event back");
    /* of two statements the newer goes: the older stands again */
    tell_more(&c, "ytd", "household/H2", "\"paid\":2000",
              ",\"recordedtime\":\"2024-01-01T01:00:00+08:00\"");
    on_are(&c, "heavy", "H2");
    tell_more(&c, "ytd", "household/H2", "\"paid\":100",
              ",\"id\":\"y2\",\"recordedtime\":\"2024-01-01T02:00:00+08:00\"");
    on_are(&c, "heavy", "");
    tell_more(&c, "registry.household", "household/H2", NULL, ",\"reverses\":\"y2\"");
    on_are(&c, "heavy", "H2");
    /* the taking back waits for a person */
    tell_more(&c, "registry.household", "household/H1", "\"area\":\"610999101202\"",
              ",\"id\":\"m2\"");
    tell_more(&c, "lost", "household/H1", "\"person\":\"P7\"", ",\"reverses\":\"m2\"");
    is_int(AREA_BIT | c.e->registry.household[0].area, other);
    tell(&c, "registry.person", "person/P7", "\"household\":\"H1\"");
    is_int_named(AREA_BIT | c.e->registry.household[0].area, village, "who came takes it back");
    close_county(&c);
}

/* {"id": …, "withdrawn": true} of what waits: "b1 b3". */
static void withdrawn_are(const struct county *c, const char *want)
{
    struct sw_arena arena = {0};
    struct sw_buf list = {0};
    struct sw_buf got = {0};
    struct sw_json *all;
    struct sw_err err;

    sw_engine_parked(c->e, 100, &list);
    SW_ASSERT(sw_json_parse(&arena, sw_buf_view(&list), &all, &err) == SW_OK);
    for (const struct sw_json *p = all->first; p != NULL; p = p->next) {
        struct sw_str id = sw_json_text(p, "id");

        if (sw_json_is_true(p, "withdrawn"))
            sw_buf_printf(&got, "%s%.*s", got.n > 0 ? " " : "", SW_STR_ARG(id));
    }
    is_str(sw_buf_view(&got), want);
    sw_buf_free(&got);
    sw_buf_free(&list);
    sw_arena_free(&arena);
}

/* What is taken back while it waits is marked, whoever takes it back, and alarms nobody later. */
static void test_withdrawn(void)
{
    struct county c;

    open_county(&c);
    tell_more(&c, "severe", "household/H1", "\"person\":\"P7\"", ",\"id\":\"w1\"");
    tell_more(&c, "severe", "household/H1", "\"person\":\"P8\"", ",\"id\":\"w2\"");
    tell_more(&c, "severe", "household/H9", "\"person\":\"P9\"", ",\"id\":\"w3\"");
    withdrawn_are(&c, "");
    tell_more(&c, "debt", "household/H2", NULL, ",\"reverses\":\"w1\"");
    withdrawn_are(&c, ""); /* another subject: another event */
    tell_more(&c, "debt", "household/H1", NULL, ",\"reverses\":\"w1\"");
    withdrawn_are(&c, "w1");
    tell_more(&c, "registry.household", "household/H1", NULL, ",\"reverses\":\"w2\"");
    withdrawn_are(&c, "w1 w2");
    tell_more(&c, "debt", "household/H9", NULL, ",\"id\":\"w4\",\"reverses\":\"w3\"");
    withdrawn_are(&c, "w1 w2 w3");
    tell(&c, "registry.person", "person/P7", "\"household\":\"H1\"");
    withdrawn_are(&c, "w2 w3");
    on_are(&c, "sick", "");
    tell(&c, "registry.person", "person/P8", "\"household\":\"H1\"");
    on_are(&c, "sick", "");
    close_county(&c);
}

static void test_households(void)
{
    struct county c;

    open_county(&c);
    tell(&c, "severe", "person/P1", "");
    tell(&c, "severe", "person/P2", "");
    is_int_named((int64_t)c.e->n_open, 2, "two open cases");
    is_int(tell(&c, "registry.household", "household/H1", "\"into\":\"H9\""), SW_VERDICT_REJECTED);
    is_int(tell(&c, "registry.household", "household/H1", "\"into\":\"H1\""), SW_VERDICT_REJECTED);
    is_int(tell(&c, "registry.household", "household/H1", "\"into\":\"H2\""), SW_VERDICT_ACCEPTED);
    on_are(&c, "sick", "H2");
    is_int_named((int64_t)c.e->n_open, 1, "one household, one open case");
    is_int_named(tell(&c, "severe", "household/H1", "\"person\":\"P1\""), SW_VERDICT_ACCEPTED,
                 "the old number reaches the new household");
    tell(&c, "severe", "person/P3", "");
    is_int(tell(&c, "registry.household", "household/H3", "\"into\":\"H4\""), SW_VERDICT_ACCEPTED);
    on_are(&c, "sick", "H2 H4");
    is_int_named((int64_t)c.e->n_open, 2, "the open case went along");
    is_int(c.e->cases[c.e->standing[3].open_case].subject, 3);
    /* a household that came from another: who verifies is told */
    tell(&c, "registry.household", "household/H5",
         "\"area\":\"610999101201\",\"from\":\"H2\",\"kind\":\"none\"");
    tell(&c, "registry.person", "person/P2", "\"household\":\"H5\"");
    on_are(&c, "sick", "H2 H4 H5");
    ok_named(strstr(c.step, "由 H2 分户") != NULL, c.step);
    close_county(&c);
}

static void test_village(void)
{
    struct county c;

    open_county(&c);
    tell(&c, "severe", "person/P1", "");
    tell(&c, "severe", "person/P1", "");
    tell(&c, "severe", "person/P2", "");
    tell(&c, "severe", "person/P4", "");
    is_int(state_of(&c, "cluster", place(&c, "610999101201")), HIT_OFF);
    c.texts = c.tasks = 0;
    tell_more(&c, "severe", "person/P3", "", "");
    is_int_named(state_of(&c, "cluster", place(&c, "610999101201")), HIT_ON,
                 "three households of one village");
    is_int(state_of(&c, "cluster", place(&c, "610999101202")), HIT_OFF);
    is_int(sw_standing_of(c.e, place(&c, "610999101201"))->level, 2);
    is_int_named((int64_t)c.texts, 2, "one text about the household, one about the village");
    ok_named(strstr(c.before, "红色预警:大溪镇石桥村大病聚集,涉及1户") != NULL,
             "the higher level goes first");
    is_int_named((int64_t)c.tasks, 1, "a task for the one household that the rule lists");
    c.texts = c.tasks = 0;
    tell(&c, "severe", "person/P1", "");
    is_int_named((int64_t)(c.texts + c.tasks), 0, "the same again is silence");
    pass_to(&c, "2024-03-30");
    is_int(state_of(&c, "cluster", place(&c, "610999101201")), HIT_ON);
    c.settled = 0;
    pass_to(&c, "2024-03-31");
    is_int_named(state_of(&c, "cluster", place(&c, "610999101201")), HIT_OFF,
                 "ninety days later it is over by itself");
    is_int_named((int64_t)c.settled, 1, "and so is the task of the household it listed");
    close_county(&c);
}

static void test_places(void)
{
    struct county c;

    open_county(&c);
    tell(&c, "lost", "person/P1", "");
    is_int(state_of(&c, "town", place(&c, "610999101000")), HIT_OFF);
    tell(&c, "lost", "person/P4", "");
    is_int_named(state_of(&c, "town", place(&c, "610999101000")), HIT_ON,
                 "two villages of one township");
    is_int(state_of(&c, "town", place(&c, "610999101201")), HIT_OFF);
    tell(&c, "hail", "area/610999101000", "\"grade\":4");
    is_int_named(state_of(&c, "hailed", place(&c, "610999101201")), HIT_ON,
                 "what falls on the township falls on its villages");
    is_int(state_of(&c, "hailed", place(&c, "610999101202")), HIT_ON);
    is_int(state_of(&c, "hailed", place(&c, "610999101000")), HIT_OFF);
    tell(&c, "registry.household", "household/H1", "\"area\":\"610999101202\"");
    tell(&c, "severe", "person/P1", "");
    tell(&c, "severe", "person/P4", "");
    is_int_named(state_of(&c, "cluster", place(&c, "610999101202")), HIT_OFF,
                 "who moved counts where they live now");
    close_county(&c);
}

static void test_decisions(void)
{
    struct county c;

    open_county(&c);
    is_int(tell(&c, "alert.raised", "household/H1", "\"level\":\"red\",\"score\":1"),
           SW_VERDICT_REJECTED);
    tell(&c, "severe", "person/P1", "");
    ok(is_on(&c, "sick", "H1"));
    ok_named(!is_on(&c, "relapse", "H1"), "an alert alone is no relapse");
    reply(&c, "34");
    is_int_named((int64_t)c.e->n_open, 0, "closed as not true");
    ok(!is_on(&c, "relapse", "H1"));
    pass_to(&c, "2024-05-01");
    is_int(c.e->standing[0].level, 0);
    tell(&c, "severe", "person/P1", "");
    ok_named(is_on(&c, "relapse", "H1"), "an alert after a closed case is one");
    is_int_named(c.e->standing[0].level, 2, "and counts on top");
    close_county(&c);
}

/* What moves a rule about a place besides events: decisions, households that come and go, and, for
 * its list, whatever befalls a household while the rule holds. */
static void test_around(void)
{
    struct county c;

    open_county(&c);
    tell(&c, "severe", "person/P1", "");
    is_int(state_of(&c, "alarmed", place(&c, "610999101201")), HIT_OFF);
    tell(&c, "severe", "person/P2", "");
    is_int_named(state_of(&c, "alarmed", place(&c, "610999101201")), HIT_ON,
                 "two households with an alert: the decision moves the village's rule");
    reply(&c, "101 34");
    is_int_named(state_of(&c, "alarmed", place(&c, "610999101201")), HIT_OFF,
                 "so does a closed case");
    is_int(state_of(&c, "crowded", place(&c, "610999101201")), HIT_OFF);
    tell(&c, "registry.household", "household/H4", "\"area\":\"610999101201\"");
    is_int_named(state_of(&c, "crowded", place(&c, "610999101201")), HIT_ON,
                 "a household that moves in is counted at once");
    tell(&c, "severe", "person/P4", "");
    is_int(state_of(&c, "alarmed", place(&c, "610999101201")), HIT_ON);
    tell(&c, "registry.household", "household/H4", "\"area\":\"610999101202\"");
    is_int_named(state_of(&c, "alarmed", place(&c, "610999101201")), HIT_OFF,
                 "who moves away takes the events along");
    is_int(state_of(&c, "crowded", place(&c, "610999101201")), HIT_OFF);
    tell(&c, "registry.household", "household/H5", "\"area\":\"610999101201\",\"kind\":\"none\"");
    is_int_named(state_of(&c, "crowded", place(&c, "610999101201")), HIT_ON, "or is new there");
    tell(&c, "hail", "area/610999101201", "\"grade\":4");
    c.tasks = 0;
    tell(&c, "registry.person", "person/P5", "\"household\":\"H5\"");
    is_int((int64_t)c.tasks, 0);
    tell(&c, "severe", "person/P5", "");
    is_int_named((int64_t)c.tasks, 1, "who comes onto the list later is a task then");
    tell(&c, "severe", "person/P5", "");
    is_int_named((int64_t)c.tasks, 1, "once");
    close_county(&c);
}

static void test_silence(void)
{
    struct county c;
    struct sw_arena arena = {0};
    struct sw_feed_state *feed;
    size_t n;

    open_county(&c);
    tell(&c, "lost", "person/P1", "");
    pass_to(&c, "2024-01-21");
    is_int_named(state_of(&c, "jobless", 0), HIT_HELD, "the bureau was last heard of 20 days ago");
    is_int_named((int64_t)c.texts, 0, "nobody is told");
    n = sw_engine_feeds(c.e, &arena, &feed);
    ok_named(n == 2 && feed[0].stale && feed[0].held + feed[1].held == 1,
             "the feed and what it holds are told");
    is_int(tell(&c, "feed.heartbeat", "feed/人社厅", ""), SW_VERDICT_REJECTED);
    is_int(tell(&c, "feed.heartbeat", "feed/人社局", ""), SW_VERDICT_ACCEPTED);
    is_int_named(state_of(&c, "jobless", 0), HIT_ON, "it is there and knows of no new job");
    is_int(tell(&c, "feed.heartbeat", "feed/人社局", ""), SW_VERDICT_DUPLICATE);
    pass_to(&c, "2024-03-01");
    is_int_named(state_of(&c, "jobless", 0), HIT_ON, "what counts goes on counting");
    tell(&c, "hired", "person/P1", "");
    is_int(state_of(&c, "jobless", 0), HIT_OFF);
    sw_arena_free(&arena);
    close_county(&c);
}

static void test_tasks(void)
{
    struct county c;

    open_county(&c);
    c.tasks = c.settled = 0;
    tell(&c, "debt", "household/H1", "");
    is_int_named((int64_t)c.tasks, 1, "the income is to be found out");
    is_int_named(state_of(&c, "unvisited", 0), HIT_HELD,
                 "who was not visited is not known while the townships are silent");
    tell(&c, "feed.heartbeat", "feed/乡镇", "");
    is_int(state_of(&c, "unvisited", 0), HIT_ON);
    is_int_named((int64_t)c.tasks, 2, "now a visit is asked for");
    is_int((int64_t)c.settled, 0);
    tell(&c, "registry.household", "household/H1", "\"income\":5000");
    is_int_named((int64_t)c.settled, 1, "what was asked is known");
    tell(&c, "visit", "household/H1", "");
    is_int_named((int64_t)c.settled, 2, "what was asked for is done");
    is_int((int64_t)c.tasks, 2);
    close_county(&c);
}

/* Cut off anywhere, a snapshot is refused and the rules stay the caller's. */
static void test_cut(void)
{
    struct county c;
    struct sw_err err = {.code = SW_OK};
    size_t taken = 0;
    size_t whole;
    int64_t seq;

    open_county(&c);
    for (int h = 1; h <= 4; h++) {
        char person[32];

        snprintf(person, sizeof(person), "person/P%d", h);
        tell(&c, "severe", person, "");
    }
    whole = saved.text.n;
    for (saved.text.n = 0; saved.text.n < whole; saved.text.n += 1 + whole / 300) {
        saved.at = 0;
        taken += sw_engine_load((struct sw_hash_key){1, 2}, c.rules, &seq, get_snapshot, &saved,
                                &err) != NULL;
    }
    is_int_named((int64_t)taken, 0, "300 snapshots cut off are refused");
    is_str(sw_str(err.text), "the snapshot is damaged");
    close_county(&c);
}

/* ---- what the loader says -------------------------------------------------------------------- */

static void finding(const char *rule, const char *want)
{
    struct sw_buf text = {0};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs;
    bool found = false;

    sw_buf_printf(&text, "%s  - {rule: x, label: x, category: work, score: 1, message: m, %s}\n",
                  rules_text, rule);
    rs = build_rules((struct rule_file[]){{"rules.yaml", sw_buf_view(&text)},
                                          {"schema.yaml", sw_str(schema_text)}},
                     2, &diag);
    for (const struct sw_finding *f = diag.first; f != NULL; f = f->next)
        found |= f->severity == SW_ERROR && sw_str_is(f->message, want);
    if (!ok_named(found && diag.errors == 1 && rs == NULL, want))
        sw_diag_print(&diag, stdout);
    sw_ruleset_free(rs);
    sw_diag_free(&diag);
    sw_buf_free(&text);
}

static void schema_finding(const char *more, const char *want)
{
    struct sw_buf text = {0};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs;
    bool found = false;

    sw_buf_printf(&text, "%s%s", schema_text, more);
    rs = build_rules((struct rule_file[]){{"rules.yaml", sw_str(rules_text)},
                                          {"schema.yaml", sw_buf_view(&text)}},
                     2, &diag);
    for (const struct sw_finding *f = diag.first; f != NULL; f = f->next)
        found |= f->severity == SW_ERROR && sw_str_is(f->message, want);
    if (!ok_named(found && rs == NULL, want))
        sw_diag_print(&diag, stdout);
    sw_ruleset_free(rs);
    sw_diag_free(&diag);
    sw_buf_free(&text);
}

static void test_findings(void)
{
    finding("subject: village, when: 'hh.kind == \"poor\"'",
            "hh.kind: nothing of hh. can be used here");
    finding("daily: true, when: 'hh.kind == \"poor\"'",
            "daily: is for rules about an area (subject: village, township or county)");
    finding("subject: village, when: poor",
            "when: it uses a name that is wrong or about a household, not an area");
    finding("subject: village, when: 'fired(\"town\")'",
            "x asks about town, which is about another kind of area");
    finding("subject: village, when: 'fired(\"sick\")'", "there is no rule sick");
    finding("when: 'severe.count() > 0', list: 'true'",
            "list: is for rules about an area (subject: village, township or county)");
    finding("when: 'severe.distinct(household) > 2'",
            "severe has no field household; there is person");
    finding("when: 'members.exists(m, m.insurd == \"no\")'",
            "a member has no field insurd; did you mean insured?");
    finding("when: 'true', hard: 橙色", "hard: no level 橙色; there is yellow (黄色), red (红色)");
    finding("subject: 村, when: 'n > 3', list: 'true'",
            "subject: expected one of household, village, township, county, got \"村\"");
    finding("subject: village, when: 'true', list: 'hh.knd', tests: [{expect: {2024-03-01: "
            "{listed: []}}}]",
            "there is no household field knd; did you mean kind?");
    finding("when: 'count_fired(\"smal\") > 1'", "there is no tag smal; did you mean small?");
    finding("when: 'count_fired(\"own\") > 1', tags: [own]",
            "x asks about itself with fired(), perhaps through other rules");
    schema_finding("  score.daily: {feed: engine, fields: {}}\n",
                   "feed: engine is for alert.raised, alert.eased and case.cleared, not for "
                   "score.daily");
    schema_finding("  loan: {fields: {due: {type: date}}, end: duee}\n",
                   "end: names a field of loan that is a date");
}

int main(void)
{
    test_members();
    test_moves();
    test_taken_back();
    test_facts_taken_back();
    test_withdrawn();
    test_households();
    test_village();
    test_places();
    test_decisions();
    test_around();
    test_silence();
    test_tasks();
    test_cut();
    test_findings();
    sw_buf_free(&saved.text);
    return done_testing();
}
