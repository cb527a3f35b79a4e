/* A household's page: its values, gaps and missing facts in a small county; and what it says of the
 * days to come, for random rules and households, against the engine itself living through those
 * days. Asking changes nothing: the state's digest stays. */
#include "../tap.h"
#include "engine/parts.h"
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/engine/explain.h>

enum { HOUSEHOLDS = 6, ROUNDS = 10, AHEAD = 260, PERSONS_PER = 2 };

/* ---- a county -------------------------------------------------------------------------------- */

struct county {
    struct sw_engine *e;
    struct sw_ruleset *explained;
    struct sw_effects fx;
    struct sw_arena arena;
    struct sw_time_now {
        sw_time at;
        sw_day day;
    } now;
    int64_t seq;
    size_t refused;
};

static const char schema_text[] =
    "schema: 1\ntimezone: Asia/Shanghai\n"
    "enums:\n  kinds: {none: 一般农户, out: 已脱贫户}\n  bills: {inpatient: 住院, drug: 门诊}\n"
    "household:\n"
    "  name: {type: string, optional: true, label: 户主姓名}\n"
    "  kind: {type: enum(kinds), label: 户类型}\n"
    "  members_n: {type: int, label: 家庭人口}\n"
    "  income: {type: money, optional: true, label: 家庭总收入}\n"
    "  since: {type: date, optional: true, label: 纳入日期}\n"
    "events:\n"
    "  bill: {label: 医疗费, fields: {kind: {type: enum(bills)}, paid: {type: money, label: "
    "自付}}}\n"
    "  lost: {label: 失业, fields: {person: {type: person}}}\n"
    "  hired: {label: 就业, fields: {person: {type: person}}}\n"
    "  visit: {label: 走访, fields: {}}\n"
    "  hail: {label: 冰雹, scope: area, fields: {grade: {type: int, label: 强度}}}\n";

static const char heads_text[] =
    "categories:\n  health: {label: 因病, cap: 25}\n  work: {label: 务工, cap: 30}\n"
    "levels:\n"
    "  yellow: {label: 黄色, enter: 20, leave: 15, hold: 30, cooldown: 30}\n"
    "  red: {label: 红色, enter: 40, leave: 30, hold: 30, cooldown: 30}\n";

static struct sw_ruleset *build(const char *schema, const char *params, const char *areas,
                                const char *rules)
{
    const char *const file[][2] = {{"areas.yaml", areas},
                                   {"params.yaml", params},
                                   {"rules.yaml", rules},
                                   {"schema.yaml", schema}};
    struct sw_buf packed = {0};
    struct sw_jw w = {.out = &packed};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs;

    sw_jw_object(&w);
    for (size_t i = 0; i < SW_COUNTOF(file); i++)
        sw_jw_member(&w, file[i][0], sw_str(file[i][1]));
    sw_jw_end(&w);
    rs = sw_ruleset_build(sw_bundle_unpack(sw_buf_view(&packed), NULL), "", &diag);
    if (rs == NULL)
        sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    sw_buf_free(&packed);
    SW_ASSERT(rs != NULL);
    return rs;
}

static void feed(struct county *c, enum sw_input_kind kind, struct sw_str body)
{
    struct sw_input in = {++c->seq, c->now.at, kind, body};
    enum sw_refusal why;
    struct sw_err err = {.code = SW_OK};

    if (sw_engine_apply(c->e, &in, &c->fx, &why, &err) == SW_VERDICT_REJECTED) {
        note("refused: %s", err.text);
        c->refused++;
    }
    sw_effects_reset(&c->fx);
}

static void tick(struct county *c, sw_day day)
{
    char text[SW_DATE_SIZE];
    sw_time noon = sw_zone_midnight(sw_engine_rules(c->e)->schema->zone, day) + 43200 * SW_SECOND;

    c->now.day = day;
    if (noon > c->now.at)
        c->now.at = noon;
    feed(c, SW_IN_TICK, sw_str(sw_date_format(day, text)));
}

static void pass_to(struct county *c, sw_day day)
{
    while (sw_engine_due(c->e) <= day)
        tick(c, sw_engine_due(c->e) > c->now.day ? sw_engine_due(c->e) : c->now.day);
    if (c->now.day != day)
        tick(c, day);
}

/* One event of `day`, learned now. */
static void tell(struct county *c, sw_day day, const char *type, const char *subject,
                 const char *data)
{
    struct sw_buf text = {0};
    char date[SW_DATE_SIZE];

    sw_buf_printf(&text,
                  "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"e%lld\",\"type\":\"%s\","
                  "\"subject\":\"%s\",\"time\":\"%sT00:30:00+08:00\",\"data\":%s}",
                  (long long)c->seq, type, subject, sw_date_format(day, date), data);
    feed(c, SW_IN_EVENT, sw_buf_view(&text));
    sw_buf_free(&text);
}

static void open_county(struct county *c, struct sw_ruleset *rs, sw_day day)
{
    *c = (struct county){.e = sw_engine_new((struct sw_hash_key){1, 2}, rs)};
    c->explained = sw_ruleset_explained(rs);
    SW_ASSERT(c->explained != NULL);
    c->now.day = day;
    tick(c, day);
    tell(c, day, "registry.area", "area/610999000000", "{\"name\":\"平川县\"}");
    tell(c, day, "registry.area", "area/610999101000",
         "{\"name\":\"大溪镇\",\"parent\":\"610999000000\"}");
    tell(c, day, "registry.area", "area/610999101201",
         "{\"name\":\"石桥村\",\"parent\":\"610999101000\"}");
    tell(c, day, "registry.area", "area/610999101202",
         "{\"name\":\"东沟村\",\"parent\":\"610999101000\"}");
}

static void close_county(struct county *c)
{
    sw_engine_free(c->e);
    sw_ruleset_free(c->explained);
    sw_effects_free(&c->fx);
    sw_arena_free(&c->arena);
}

static sw_day day_of(const char *text)
{
    sw_day day = 0;

    SW_ASSERT(sw_date_parse(sw_str(text), &day));
    return day;
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* The page of a household, in c->arena; NULL: no page, or it is no JSON. */
static const struct sw_json *ask(struct county *c, const char *household, sw_day day,
                                 const char *rule)
{
    struct sw_explain_ask question = {sw_str(household), day, sw_str(rule)};
    struct sw_buf out = {0};
    struct sw_err err = {.code = SW_OK};
    struct sw_json *page = NULL;
    struct sw_str text;

    if (sw_engine_explain(c->e, c->explained, &question, &out, &err) != SW_OK)
        note("%s", err.text);
    text = sw_arena_str(&c->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    if (sw_json_parse(&c->arena, text, &page, &err) != SW_OK)
        note("no JSON: %s", err.text);
    return page;
}

static const struct sw_json *nth(const struct sw_json *list, size_t n)
{
    const struct sw_json *v = list == NULL ? NULL : list->first;

    while (v != NULL && n-- > 0)
        v = v->next;
    return v;
}

/* "parts.0.left.value" of an object: names and places. */
static struct sw_str at(const struct sw_json *v, const char *path)
{
    struct sw_str rest = sw_str(path);
    struct sw_str name;

    while (v != NULL && rest.n > 0 && sw_str_split(&rest, '.', &name)) {
        int64_t n;
        char key[64];

        snprintf(key, sizeof(key), "%.*s", SW_STR_ARG(name));
        v = sw_str_int(name, &n) ? nth(v, (size_t)n) : sw_json_get(v, key);
    }
    if (v == NULL)
        return SW_STR("(absent)");
    return v->kind == SW_JNULL    ? SW_STR("null")
           : v->kind == SW_JTRUE  ? SW_STR("true")
           : v->kind == SW_JFALSE ? SW_STR("false")
                                  : v->text;
}

static const struct sw_json *rule_of(const struct sw_json *page, const char *name)
{
    const struct sw_json *rules = sw_json_get(page, "rules");

    for (const struct sw_json *r = rules == NULL ? NULL : rules->first; r != NULL; r = r->next) {
        if (sw_str_is(sw_json_text(r, "rule"), name))
            return r;
    }
    return NULL;
}

/* ---- one county, looked at closely ----------------------------------------------------------- */

static const char plain_params[] =
    "line: {label: 预警线, unit: 元, values: [{from: 2020-01-01, value: 5000}, "
    "{from: 2025-06-01, value: 7000}], min: 0, max: 90000}\n"
    "low: {label: 收入线, unit: 元, value: 8000, min: 0, max: 90000, source: 省文件}\n"
    "quiet: {label: 走访间隔, unit: 天, value: 60, min: 1, max: 900}\n";

static const char plain_areas[] = "overrides:\n"
                                  "  - {area: 东沟村, from: 2025-01-01, until: 2025-03-31, set: "
                                  "{line: 1000}, reason: 高寒山区}\n";

static const char plain_rules[] =
    "rules:\n"
    "  - rule: paid\n    label: 医疗费过高\n    category: health\n"
    "    let: {sum: \"bill.within(days(100)).sum(paid)\"}\n"
    "    when: sum >= p.line\n    score: ramp(sum, p.line, 20000, 10, 30)\n    keep: 20d\n"
    "    message: \"自付{{sum}}元\"\n"
    "  - rule: poor\n    label: 收入过低\n    category: work\n"
    "    when: hh.kind == \"out\" && hh.income / hh.members_n < p.low\n    score: 15\n"
    "    message: \"人均{{hh.income / hh.members_n}}元\"\n"
    "  - rule: alone\n    label: 久未走访\n    category: work\n    for: 10d\n"
    "    when: visit.days_since() > p.quiet\n    score: 6\n    message: \"{{hh.name}}\"\n"
    "  - rule: rich\n    label: 收入高\n    category: work\n    when: hh.income > 99999\n"
    "    score: 1\n    message: 高\n"
    "  - rule: both\n    label: 叠加\n    category: work\n"
    "    when: fired(\"paid\") && fired(\"alone\")\n    score: 5\n    hard: red\n    message: "
    "叠加\n"
    "  - rule: old\n    label: 旧规则\n    category: work\n    until: 2024-12-31\n"
    "    when: hh.members_n > 0\n    score: 5\n    message: 旧\n"
    "  - rule: broken\n    label: 会出错\n    category: work\n"
    "    when: 10 / (hh.members_n - 3) > 20\n    score: 5\n    message: 错\n";

static struct county c;

static void make_plain_county(void)
{
    struct sw_buf rules = {0};

    sw_buf_printf(&rules, "%s%s", heads_text, plain_rules);
    open_county(&c, build(schema_text, plain_params, plain_areas, rules.p), day_of("2025-01-01"));
    sw_buf_free(&rules);
    tell(&c, c.now.day, "registry.household", "household/H1",
         "{\"area\":\"610999101201\",\"name\":\"张三\",\"kind\":\"none\",\"members_n\":3,"
         "\"income\":60000}");
    tell(&c, c.now.day, "registry.household", "household/H2",
         "{\"area\":\"610999101202\",\"name\":\"李四\",\"kind\":\"out\",\"members_n\":4}");
    tell(&c, c.now.day, "visit", "household/H1", "{}");
    pass_to(&c, day_of("2025-01-11"));
    tell(&c, c.now.day, "bill", "household/H1", "{\"kind\":\"inpatient\",\"paid\":4000}");
    tell(&c, c.now.day, "bill", "household/H2", "{\"kind\":\"drug\",\"paid\":\"1500.50\"}");
    pass_to(&c, day_of("2025-02-10"));
    is_int_named((int64_t)c.refused, 0, "the county takes it all in");
}

static void test_head(void)
{
    const struct sw_json *page = ask(&c, "H1", SW_DAY_NEVER, "");

    is_str(at(page, "day"), "2025-02-10");
    is_str(at(page, "today"), "2025-02-10");
    is_str(at(page, "household.name"), "张*");
    is_str(at(page, "household.place"), "大溪镇石桥村");
    is_str(at(page, "household.score"), "0");
    is_str(at(page, "household.level"), "none");
    is_str(at(page, "household.next_level.enter"), "20");
    is_str(at(page, "household.case"), "(absent)");
    is_int(sw_json_get(page, "rules")->count, 7);
    page = ask(&c, "H2", SW_DAY_NEVER, "");
    is_str(at(page, "household.categories.0.label"), "因病");
    is_str(at(page, "household.categories.0.counted"), "10.53");
    is_str(at(page, "household.score"), "10.53");
}

static void test_values(void)
{
    const struct sw_json *page;
    const struct sw_json *r = rule_of(ask(&c, "H1", SW_DAY_NEVER, ""), "paid");

    is_str(at(r, "truth"), "false");
    is_str(at(r, "parts.0.kind"), "relation");
    is_str(at(r, "parts.0.sign"), ">=");
    is_str(at(r, "parts.0.left.source"), "sum");
    is_str(at(r, "parts.0.left.words"), "近100天〔医疗费〕自付合计");
    is_str(at(r, "parts.0.words"), "近100天〔医疗费〕自付合计不低于预警线");
    is_str(at(r, "parts.0.left.value"), "4000");
    is_str(at(r, "parts.0.right.text"), "5000");
    is_str(at(r, "parts.0.unit"), "元");
    is_str(at(r, "parts.0.gap"), "1000");
    is_str(at(r, "near"), "0.8");
    is_str(at(r, "message"), "自付4000元");
    is_str(at(r, "params.0.name"), "line");
    is_str(at(r, "params.0.area"), "(absent)");
    is_str(at(r, "params.0.changes"), "2025-06-01");
    is_str(at(r, "hit.state"), "off");
    is_str(at(r, "when_changes"), "(absent)");

    page = ask(&c, "H2", SW_DAY_NEVER, "");
    is_int_named(sw_json_get(page, "events")->count, 1, "streams with events");
    is_str(at(page, "events.0.label"), "医疗费");
    is_str(at(page, "events.0.count"), "1");
    is_str(at(page, "events.0.newest.0.day"), "2025-01-11");
    is_str(at(page, "events.0.newest.0.text"), "门诊，自付1500.5元");
    r = rule_of(page, "paid");
    is_str(at(r, "truth"), "true");
    is_str(at(r, "parts.0.left.value"), "1500.5");
    is_str(at(r, "params.0.value"), "1000");
    is_str(at(r, "params.0.area"), "东沟村");
    is_str(at(r, "params.0.reason"), "高寒山区");
    is_str(at(r, "params.0.changes"), "2025-04-01");
    is_str(at(r, "hit.state"), "on");
    is_str(at(r, "hit.since"), "2025-01-11");
    is_str(at(r, "when_changes.day"), "2025-04-01");
    is_str(at(r, "when_changes.to"), "false");
    is_str_named(at(r, "hit_changes.day"), "2025-04-21", "kept for 20 days after that");
    is_str(at(r, "hit_changes.to"), "off");
}

static void test_unknown_and_waiting(void)
{
    const struct sw_json *page = ask(&c, "H2", SW_DAY_NEVER, "");
    const struct sw_json *r = rule_of(page, "poor");

    is_str(at(r, "truth"), "unknown");
    is_str(at(r, "missing.0"), "家庭总收入");
    is_str(at(r, "parts.0.kind"), "all");
    is_str(at(r, "parts.1.holds"), "true");
    is_str(at(r, "parts.1.left.text"), "已脱贫户");
    is_str(at(r, "parts.2.holds"), "unknown");
    is_str(at(r, "parts.2.left.value"), "null");
    is_str(at(r, "parts.2.left.missing"), "家庭总收入");
    is_str(at(r, "parts.2.right.value"), "8000");
    is_str(at(r, "params.0.rests_on"), "省文件");
    is_str(at(r, "facts.0.text"), "已脱贫户");
    is_str(at(r, "facts.0.value"), "out");
    is_str(at(r, "facts.2.label"), "家庭总收入");
    is_str(at(r, "facts.2.value"), "null");
    is_str_named(at(r, "facts.2.missing"), "(absent)", "which is what is missing itself");

    is_str(at(rule_of(page, "rich"), "parts.0.left.missing"), "家庭总收入");
    r = rule_of(page, "alone");
    is_str_named(at(r, "truth"), "unknown", "never visited");
    is_str(at(r, "missing.0"), "走访");
    is_str_named(at(r, "facts.0"), "(absent)", "a name is no fact to show");
    r = rule_of(page, "old");
    is_str(at(r, "in_force"), "false");
    is_str(at(r, "until"), "2024-12-31");
    is_str(at(r, "when_changes"), "(absent)");
    r = rule_of(ask(&c, "H1", SW_DAY_NEVER, ""), "broken");
    is_str(at(r, "truth"), "error");
    ok(at(r, "error").n > 0 && at(r, "parts.0.left.error").n > 0);

    r = rule_of(ask(&c, "H1", SW_DAY_NEVER, ""), "alone");
    is_str(at(r, "when_changes.day"), "2025-03-03");
    is_str(at(r, "when_changes.to"), "true");
    is_str_named(at(r, "hit_changes.day"), "2025-03-13", "it must hold for ten days");
    pass_to(&c, day_of("2025-03-05"));
    r = rule_of(ask(&c, "H1", SW_DAY_NEVER, ""), "alone");
    is_str(at(r, "hit.state"), "waiting");
    is_str(at(r, "hit.since"), "2025-03-03");
    is_str(at(r, "hit.until"), "2025-03-13");
    is_str(at(r, "hit_changes.day"), "2025-03-13");
    is_str(at(r, "hit_changes.to"), "on");
}

static void test_other_days(void)
{
    const struct sw_json *page = ask(&c, "H2", day_of("2025-01-10"), "");
    const struct sw_json *r = rule_of(page, "paid");

    is_str(at(page, "day"), "2025-01-10");
    is_str(at(page, "today"), "2025-03-05");
    is_str_named(at(r, "truth"), "false", "the day before the bill");
    is_str(at(r, "parts.0.left.value"), "0");
    is_str(at(r, "when_changes.day"), "2025-01-11");
    is_str_named(at(r, "hit"), "(absent)", "hits are known of today only");
    is_int_named(sw_json_get(page, "events")->count, 0, "nor are later events told");
    is_str(at(page, "household.score"), "0");
    r = rule_of(ask(&c, "H2", day_of("2024-12-31"), ""), "paid");
    is_str_named(at(r, "params.0.area"), "(absent)", "before the override began");
    is_str_named(at(rule_of(ask(&c, "H2", day_of("2024-12-31"), ""), "old"), "in_force"), "true",
                 "while the old rule was in force");
    page = ask(&c, "H2", day_of("2025-04-10"), "");
    r = rule_of(page, "paid");
    is_str_named(at(r, "truth"), "false", "after the override has ended");
    is_str(at(r, "parts.0.gap"), "3499.5");
    page = ask(&c, "H2", day_of("2025-01-20"), "");
    is_str_named(at(page, "household.level"), "none", "by conditions alone");
    is_str(at(page, "household.score"), "10.53");
    r = rule_of(ask(&c, "H1", day_of("2025-07-01"), "both"), "both");
    is_str_named(at(r, "parts.1.holds"), "false", "what other rules would say that day");
    is_str(at(r, "parts.2.holds"), "true");
}

static void test_refusals(void)
{
    struct sw_explain_ask question = {SW_STR("H9"), SW_DAY_NEVER, SW_STR("")};
    struct sw_buf out = {0};
    struct sw_err err = {.code = SW_OK};
    const struct sw_json *page = ask(&c, "H1", SW_DAY_NEVER, "poor");

    is_int_named(sw_json_get(page, "rules")->count, 1, "one rule when one is asked for");
    is_str(at(page, "rules.0.rule"), "poor");
    is_int(sw_engine_explain(c.e, c.explained, &question, &out, &err), SW_ENOTFOUND);
    is_str(sw_str(err.text), "there is no household or area H9");
    question.household = SW_STR("H1");
    question.rule = SW_STR("pour");
    is_int(sw_engine_explain(c.e, c.explained, &question, &out, &err), SW_ENOTFOUND);
    is_str(sw_str(err.text), "there is no rule pour; did you mean poor?");
    is_int_named((int64_t)out.n, 0, "nothing is written then");
    for (size_t i = 0; i < 4; i++) {
        static const char *const days[] = {"0001-01-01", "1969-12-31", "2149-12-31", "9999-12-31"};

        ok_named(ask(&c, "H2", day_of(days[i]), "") != NULL, days[i]);
    }
}

static void test_plain(void)
{
    uint64_t before;

    make_plain_county();
    test_head();
    test_values();
    test_unknown_and_waiting();
    before = sw_engine_digest(c.e);
    test_other_days();
    test_refusals();
    ok_named(sw_engine_digest(c.e) == before, "asking changed nothing");
    close_county(&c);
}

/* ---- areas, and feeds that are silent -------------------------------------------------------- */

static const char feeding_schema[] =
    "schema: 1\ntimezone: Asia/Shanghai\n"
    "enums:\n  kinds: {none: 一般农户, out: 已脱贫户}\n"
    "feeds: {人社局: {period: 5d}}\n"
    "household:\n  kind: {type: enum(kinds), label: 户类型}\n"
    "events:\n"
    "  bill: {label: 医疗费, fields: {paid: {type: money, label: 自付}}}\n"
    "  lost: {label: 失业, feed: 人社局, fields: {person: {type: person}}}\n"
    "  hired: {label: 就业, feed: 人社局, fields: {person: {type: person}}}\n";

static const char area_rules[] =
    "rules:\n"
    "  - {rule: ill, subject: village, label: 一村多户大病, category: health, score: 10,\n"
    "     list: 'hh.kind == \"out\"', when: 'bill.within(days(50)).distinct(household) >= 2',\n"
    "     message: '{{area.name}}{{area.households}}户'}\n"
    "  - {rule: jobless, label: 失业, category: work, score: 25, message: m,\n"
    "     when: 'lost.unless(hired, person).older_than(days(10)).count() >= 1'}\n";

static void make_area_county(void)
{
    struct sw_buf rules = {0};

    sw_buf_printf(&rules, "%s%s", heads_text, area_rules);
    open_county(&c, build(feeding_schema, "params: 1\n", "overrides: []\n", rules.p),
                day_of("2025-01-01"));
    sw_buf_free(&rules);
    tell(&c, c.now.day, "registry.household", "household/H1",
         "{\"area\":\"610999101201\",\"kind\":\"none\"}");
    tell(&c, c.now.day, "registry.household", "household/H2",
         "{\"area\":\"610999101201\",\"kind\":\"out\"}");
    tell(&c, c.now.day, "registry.person", "person/P1", "{\"household\":\"H1\"}");
    tell(&c, c.now.day, "bill", "household/H1", "{\"paid\":100}");
    tell(&c, c.now.day, "lost", "household/H1", "{\"person\":\"P1\"}");
    pass_to(&c, day_of("2025-01-21"));
    tell(&c, c.now.day, "bill", "household/H2", "{\"paid\":100}");
    pass_to(&c, day_of("2025-01-22"));
    is_int_named((int64_t)c.refused, 0, "the county takes it all in");
}

static void test_areas(void)
{
    struct sw_explain_ask question = {SW_STR("H1"), SW_DAY_NEVER, SW_STR("ill")};
    struct sw_buf out = {0};
    struct sw_err err = {.code = SW_OK};
    const struct sw_json *page;
    const struct sw_json *r;
    uint64_t before;

    make_area_county();
    before = sw_engine_digest(c.e);
    page = ask(&c, "610999101201", SW_DAY_NEVER, "");
    r = rule_of(page, "ill");
    is_str(at(page, "household.kind"), "village");
    is_str(at(page, "household.place"), "大溪镇石桥村");
    is_int_named(sw_json_get(page, "rules")->count, 1, "rules about villages only");
    is_str(at(r, "parts.0.left.value"), "2");
    is_str(at(r, "message"), "石桥村2户");
    is_str(at(r, "hit.state"), "on");
    is_str_named(at(r, "when_changes.day"), "2025-02-20", "when the first bill drops out");
    is_str(at(page, "household.score"), "10");
    is_str(at(page, "lists.0.count"), "1");
    is_str(at(page, "lists.0.households.0.household"), "H2");
    page = ask(&c, "610999101202", SW_DAY_NEVER, "");
    is_str(at(rule_of(page, "ill"), "truth"), "false");
    is_int_named(sw_json_get(ask(&c, "610999000000", SW_DAY_NEVER, ""), "rules")->count, 0,
                 "no rule is about the county");

    page = ask(&c, "H1", SW_DAY_NEVER, "");
    is_int_named(sw_json_get(page, "rules")->count, 1, "rules about households only");
    r = rule_of(page, "jobless");
    is_str(at(r, "truth"), "true");
    is_str(at(r, "hit.state"), "held");
    is_str(at(r, "hit.held_by"), "人社局");
    is_str_named(at(r, "hit_changes"), "(absent)", "as long as nothing is heard");
    is_int(sw_engine_explain(c.e, c.explained, &question, &out, &err), SW_ENOTFOUND);
    is_str(sw_str(err.text), "the rule ill is not about H1");
    ok_named(sw_engine_digest(c.e) == before, "asking changed nothing");
    close_county(&c);
}

/* ---- random counties against the days themselves --------------------------------------------- */

static int64_t between(struct tap_random *r, int64_t lo, int64_t hi)
{
    return lo + tap_below(r, (uint32_t)(hi - lo + 1));
}

/* Conditions; % stands for a random number of days, # for a random small count. */
static const char *const conditions[] = {
    "bill.within(days(%)).sum(paid) >= p.line",
    "bill.within(days(%)).where(kind == \"drug\").count() >= #",
    "lost.unless(hired, person).older_than(days(p.quiet)).count() >= 1",
    "visit.days_since() > %",
    "visit.days_since().orValue(%) > p.quiet || bill.within(days(%)).count() > #",
    "today - hh.since > days(%)",
    "hh.income / hh.members_n < p.low",
    "hh.kind == \"out\" ? bill.between(days(%), days(400)).max(paid).orValue(0) > 500 : "
    "!(visit.within(days(%)).exists())",
    "100 / bill.within(days(%)).count() > 20",
    "hail.within(days(%)).max(grade).orValue(0) >= 3 && hh.income < p.line * 5",
    "fired(\"r0\") && !fired(\"r3\")",
    "fired(\"r4\") || bill.within(days(%)).sum(paid) > p.low",
    "bill.this_year().sum(paid) > p.low",
    "bill.within(days(%)).max(paid) > 700",
};

static void put_condition(struct tap_random *r, const char *text, struct sw_buf *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '%')
            sw_buf_printf(out, "%d", (int)between(r, 5, 200));
        else if (*text == '#')
            sw_buf_printf(out, "%d", (int)between(r, 1, 3));
        else
            sw_buf_char(out, *text);
    }
}

static void put_rule(struct tap_random *r, size_t i, struct sw_buf *out)
{
    static const char *const unknown[] = {"task", "task", "true", "false"};

    sw_buf_printf(out, "  - rule: r%zu\n    label: 规则\n    category: %s\n    when: '", i,
                  i % 2 == 0 ? "health" : "work");
    put_condition(r, conditions[i], out);
    sw_buf_printf(out, "'\n    score: 7\n    message: 有\n    unknown: %s\n",
                  unknown[tap_below(r, 4)]);
    if (tap_below(r, 3) == 0)
        sw_buf_printf(out, "    for: %dd\n", (int)between(r, 1, 40));
    if (tap_below(r, 3) == 0)
        sw_buf_printf(out, "    keep: %dd\n", (int)between(r, 1, 40));
    if (tap_below(r, 3) == 0) {
        sw_buf_cstr(out, "    clear: '");
        put_condition(r, "bill.within(days(%)).sum(paid) < p.low || visit.within(days(%)).exists()",
                      out);
        sw_buf_cstr(out, "'\n");
    }
    if (tap_below(r, 4) == 0)
        sw_buf_printf(out, "    from: 2025-%02d-10\n", (int)between(r, 1, 12));
    if (tap_below(r, 4) == 0)
        sw_buf_printf(out, "    until: 2026-%02d-10\n", (int)between(r, 1, 6));
}

static struct sw_ruleset *random_rules(struct tap_random *r)
{
    struct sw_buf params = {0};
    struct sw_buf areas = {0};
    struct sw_buf rules = {0};
    struct sw_ruleset *rs;

    sw_buf_printf(&params,
                  "line: {label: 线, unit: 元, values: [{from: 2020-01-01, value: %d}, "
                  "{from: 2025-%02d-01, value: %d}], min: 0, max: 90000}\n"
                  "low: {label: 低, unit: 元, value: %d, min: 0, max: 90000}\n"
                  "quiet: {label: 间隔, unit: 天, value: %d, min: 1, max: 900}\n",
                  (int)between(r, 1000, 4000), (int)between(r, 8, 12), (int)between(r, 2000, 9000),
                  (int)between(r, 2000, 9000), (int)between(r, 20, 120));
    sw_buf_printf(&areas,
                  "overrides:\n  - {area: 东沟村, from: 2025-%02d-15, until: 2026-%02d-15, "
                  "set: {line: %d, quiet: %d}, reason: 山区}\n",
                  (int)between(r, 3, 12), (int)between(r, 1, 5), (int)between(r, 500, 3000),
                  (int)between(r, 10, 90));
    sw_buf_printf(&rules, "%srules:\n", heads_text);
    for (size_t i = 0; i < SW_COUNTOF(conditions); i++)
        put_rule(r, i, &rules);
    rs = build(schema_text, params.p, areas.p, rules.p);
    sw_buf_free(&params);
    sw_buf_free(&areas);
    sw_buf_free(&rules);
    return rs;
}

static void random_household(struct tap_random *r, struct county *k, int h)
{
    char subject[32];
    char data[256];
    char person[32];
    int n;

    snprintf(subject, sizeof(subject), "household/H%d", h);
    n = snprintf(data, sizeof(data), "{\"area\":\"61099910120%d\",\"kind\":\"%s\",\"members_n\":%d",
                 h % 2 + 1, tap_below(r, 2) == 0 ? "none" : "out", (int)between(r, 1, 6));
    if (tap_below(r, 3) > 0)
        n += snprintf(data + n, sizeof(data) - (size_t)n, ",\"income\":%d",
                      (int)between(r, 1000, 60000));
    if (tap_below(r, 3) > 0)
        n += snprintf(data + n, sizeof(data) - (size_t)n, ",\"since\":\"2025-%02d-05\"",
                      (int)between(r, 1, 12));
    snprintf(data + n, sizeof(data) - (size_t)n, "}");
    tell(k, k->now.day, "registry.household", subject, data);
    for (int i = 0; i < PERSONS_PER; i++) {
        snprintf(person, sizeof(person), "person/P%d", h * PERSONS_PER + i);
        snprintf(data, sizeof(data), "{\"household\":\"H%d\"}", h);
        tell(k, k->now.day, "registry.person", person, data);
    }
}

static void random_event(struct tap_random *r, struct county *k, sw_day day)
{
    int h = (int)tap_below(r, HOUSEHOLDS);
    char subject[32];
    char data[96];

    snprintf(subject, sizeof(subject), "household/H%d", h);
    snprintf(data, sizeof(data), "{\"person\":\"P%d\"}",
             h * PERSONS_PER + (int)tap_below(r, PERSONS_PER));
    switch (tap_below(r, 6)) {
    case 0: tell(k, day, "visit", subject, "{}"); break;
    case 1: tell(k, day, "lost", subject, data); break;
    case 2: tell(k, day, "hired", subject, data); break;
    case 3:
        snprintf(data, sizeof(data), "{\"grade\":%d}", (int)between(r, 1, 5));
        tell(k, day, "hail", tap_below(r, 2) == 0 ? "area/610999101201" : "area/610999101000",
             data);
        break;
    default:
        snprintf(data, sizeof(data), "{\"kind\":\"%s\",\"paid\":%d}",
                 tap_below(r, 2) == 0 ? "inpatient" : "drug", (int)between(r, 100, 3000));
        tell(k, day, "bill", subject, data);
    }
}

/* What a page said of one rule, and what was seen of it since. */
struct foretold {
    char truth[12], to[12];
    sw_day when_day, hit_day;
    bool hit_to, counted;
    sw_day seen_when, seen_hit;
    char seen_to[12];
    bool seen_hit_to;
};

static sw_day day_at(const struct sw_json *r, const char *path)
{
    sw_day day;

    return sw_date_parse(at(r, path), &day) ? day : SW_DAY_NEVER;
}

static void keep_text(char out[12], struct sw_str s)
{
    snprintf(out, 12, "%.*s", SW_STR_ARG(s));
}

static bool counts(struct sw_str state)
{
    return sw_str_is(state, "on") || sw_str_is(state, "kept");
}

static void foretell(struct county *k, int h, struct foretold *f)
{
    char id[16];
    const struct sw_json *page;

    snprintf(id, sizeof(id), "H%d", h);
    page = ask(k, id, SW_DAY_NEVER, "");
    for (size_t i = 0; i < SW_COUNTOF(conditions); i++) {
        const struct sw_json *r = nth(sw_json_get(page, "rules"), i);
        bool in_force = sw_str_is(at(r, "in_force"), "true");

        f[i] = (struct foretold){.seen_when = SW_DAY_NEVER, .seen_hit = SW_DAY_NEVER};
        keep_text(f[i].truth, in_force ? at(r, "truth") : SW_STR("false"));
        keep_text(f[i].to, at(r, "when_changes.to"));
        f[i].when_day = day_at(r, "when_changes.day");
        f[i].hit_day = day_at(r, "hit_changes.day");
        f[i].hit_to = sw_str_is(at(r, "hit_changes.to"), "on");
        f[i].counted = counts(at(r, "hit.state"));
    }
}

/* The same day, told of in advance and lived: conditions that look at no other rule agree. */
static size_t compare_days(const struct sw_json *before, const struct sw_json *now)
{
    size_t wrong = 0;

    for (size_t i = 0; i < SW_COUNTOF(conditions); i++) {
        const struct sw_json *a = nth(sw_json_get(before, "rules"), i);
        const struct sw_json *b = nth(sw_json_get(now, "rules"), i);

        if (strstr(conditions[i], "fired") != NULL)
            continue;
        wrong += !sw_str_eq(at(a, "truth"), at(b, "truth")) ||
                 !sw_str_eq(at(a, "parts.0.left.text"), at(b, "parts.0.left.text")) ||
                 !sw_str_eq(at(a, "params.0.text"), at(b, "params.0.text"));
    }
    return wrong;
}

static void watch(struct county *k, int h, struct foretold *f)
{
    char id[16];
    const struct sw_json *page;

    snprintf(id, sizeof(id), "H%d", h);
    page = ask(k, id, SW_DAY_NEVER, "");
    for (size_t i = 0; i < SW_COUNTOF(conditions); i++) {
        const struct sw_json *r = nth(sw_json_get(page, "rules"), i);
        struct sw_str truth =
            sw_str_is(at(r, "in_force"), "true") ? at(r, "truth") : SW_STR("false");
        bool counted = counts(at(r, "hit.state"));

        if (f[i].seen_when == SW_DAY_NEVER && !sw_str_is(truth, f[i].truth)) {
            f[i].seen_when = k->now.day;
            keep_text(f[i].seen_to, truth);
        }
        if (f[i].seen_hit == SW_DAY_NEVER && counted != f[i].counted) {
            f[i].seen_hit = k->now.day;
            f[i].seen_hit_to = counted;
        }
    }
    sw_arena_reset(&k->arena);
}

static size_t told_wrong(const struct foretold *f, sw_day last, int h, size_t changes[2])
{
    size_t wrong = 0;

    for (size_t i = 0; i < SW_COUNTOF(conditions); i++) {
        sw_day when = f[i].when_day > last ? SW_DAY_NEVER : f[i].when_day;
        sw_day hit = f[i].hit_day > last ? SW_DAY_NEVER : f[i].hit_day;
        bool good = when == f[i].seen_when && hit == f[i].seen_hit &&
                    (when == SW_DAY_NEVER || strcmp(f[i].to, f[i].seen_to) == 0) &&
                    (hit == SW_DAY_NEVER || f[i].hit_to == f[i].seen_hit_to);

        changes[0] += f[i].seen_when != SW_DAY_NEVER;
        changes[1] += f[i].seen_hit != SW_DAY_NEVER;
        if (!good && wrong++ < 3)
            note("H%d r%zu %s: when %d %s, seen %d %s; hit %d %d, seen %d %d", h, i, conditions[i],
                 when, f[i].to, f[i].seen_when, f[i].seen_to, hit, f[i].hit_to, f[i].seen_hit,
                 f[i].seen_hit_to);
    }
    return wrong;
}

struct tally {
    size_t wrong, disagree, changes[2], compared;
    bool touched;
};

static void run_round(struct tap_random *r, struct tally *t)
{
    static struct foretold foretold[HOUSEHOLDS][SW_COUNTOF(conditions)];
    sw_day start = day_of("2025-01-02");
    sw_day now = start + 250;
    sw_day far = now + (sw_day)between(r, 1, AHEAD);
    struct county k;
    const struct sw_json *before;
    struct sw_arena aside;
    uint64_t digest;

    open_county(&k, random_rules(r), start);
    for (int h = 0; h < HOUSEHOLDS; h++)
        random_household(r, &k, h);
    for (sw_day day = start; day < now; day += (sw_day)between(r, 0, 6)) {
        pass_to(&k, day > k.now.day ? day : k.now.day);
        random_event(r, &k, day - (sw_day)between(r, 0, 3) * 5 > start ? day - 5 : day);
    }
    pass_to(&k, now);
    digest = sw_engine_digest(k.e);
    for (int h = 0; h < HOUSEHOLDS; h++)
        foretell(&k, h, foretold[h]);
    sw_arena_reset(&k.arena);
    before = ask(&k, "H1", far, "");
    aside = k.arena; /* watching forgets what was asked */
    k.arena = (struct sw_arena){0};
    t->touched |= sw_engine_digest(k.e) != digest || k.refused > 0;
    for (sw_day day = now + 1; day <= now + AHEAD; day++) {
        pass_to(&k, day);
        if (day == far) {
            t->disagree += compare_days(before, ask(&k, "H1", SW_DAY_NEVER, ""));
            t->compared++;
        }
        for (int h = 0; h < HOUSEHOLDS; h++)
            watch(&k, h, foretold[h]);
    }
    for (int h = 0; h < HOUSEHOLDS; h++)
        t->wrong += told_wrong(foretold[h], now + AHEAD, h, t->changes);
    sw_arena_free(&aside);
    close_county(&k);
}

static void test_days_to_come(void)
{
    struct tap_random r = tap_seed();
    struct tally t = {0};

    for (int i = 0; i < ROUNDS && t.wrong < 20; i++)
        run_round(&r, &t);
    note("%zu conditions changed, %zu hits came or went", t.changes[0], t.changes[1]);
    is_int_named((int64_t)t.wrong, 0, "changes told wrongly");
    is_int_named((int64_t)t.disagree, 0, "days told of in advance that came otherwise");
    ok_named(!t.touched, "the state's digest stays");
    ok_named(t.changes[0] > 10 * ROUNDS && t.changes[1] > 10 * ROUNDS,
             "there were changes to tell");
}

int main(void)
{
    test_plain();
    test_areas();
    test_days_to_come();
    return done_testing();
}
