/* Tests of rules: what their form allows and what each mistake in it is told, several households
 * and places in one test, what an unmet expectation is told, files of their own; and mutated tests,
 * which must never crash and never be refused in silence. */
#include "../tap.h"
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>
#include <shouwang/engine/ruletest.h>
#include <unistd.h>

static const char schema_text[] =
    "schema: 1\ntimezone: Asia/Shanghai\n"
    "enums: {kinds: {none: 一般农户, out: 已脱贫户}, levels: {none: 无, yellow: 黄色, red: 红色}}\n"
    "person: {labor: {type: bool, label: 劳动力}, born: {type: date, label: 出生}}\n"
    "feeds: {人社局: {period: 30d}}\n"
    "household:\n"
    "  village: {type: string, optional: true, label: 村}\n"
    "  kind: {type: enum(kinds), label: 户类型}\n"
    "  income: {type: money, optional: true, label: 家庭总收入}\n"
    "events:\n"
    "  bill: {label: 医疗费, fields: {person: {type: person}, total: {type: money}, paid: {type: "
    "money, min: 0, label: 自付}}}\n"
    "  lost: {label: 失业, fields: {person: {type: person}}}\n"
    "  hired: {label: 就业, fields: {person: {type: person}}}\n"
    "  hail: {label: 冰雹, scope: area, fields: {grade: {type: int, label: 强度}}}\n"
    "  call: {label: 来电, scope: person, fields: {minutes: {type: int}}}\n"
    "  left: {label: 离岗, feed: 企业, fields: {}}\n"
    "  back: {label: 返岗, feed: 人社局, fields: {}}\n"
    "  alert.raised: {label: 预警, feed: engine, fields: {level: {type: enum(levels)}}}\n";

static const char params_text[] =
    "params: 1\nline: {label: 自付线, unit: 元, value: 5000, min: 0, max: 100000}\n";

static const char rules_text[] =
    "categories: {all: {label: 全部, cap: 50}}\n"
    "levels:\n"
    "  yellow: {label: 黄色, enter: 20, leave: 15, hold: 30, cooldown: 30}\n"
    "  red: {label: 红色, enter: 40, leave: 30, hold: 30, cooldown: 30}\n"
    "rules:\n"
    "  - {rule: bills, label: 医疗, category: all, score: 20, unknown: \"false\",\n"
    "     when: \"bill.within(days(90)).sum(paid) >= p.line\",\n"
    "     message: \"自付{{bill.within(days(90)).sum(paid)}}元\"}\n"
    "  - {rule: jobless, label: 失业, category: all, message: 失业,\n"
    "     when: \"lost.unless(hired, person).older_than(days(10)).count() >= 1\",\n"
    "     score: \"lost.unless(hired, person).older_than(days(10)).count() * 5\"}\n"
    "  - {rule: hailed, label: 冰雹, category: all, score: 10, message: 冰雹,\n"
    "     when: hail.within(days(30)).count() >= 1}\n"
    "  - {rule: poor, label: 收入低, category: all, score: 10, for: 3d, message: 收入低,\n"
    "     when: hh.income < 10000}\n"
    "  - {rule: outlay, label: 支出, category: all, score: 10, message: 支出,\n"
    "     when: bill.latest(total) > 100}\n"
    "  - {rule: home, label: 本村, category: all, score: 10, message: \"{{hh.village}}\",\n"
    "     when: hh.village == \"石桥村\"}\n"
    "  - {rule: hands, label: 无劳力, category: all, score: 10, message: 无劳力,\n"
    "     when: \"!members.exists(m, m.labor)\"}\n"
    "  - {rule: called, label: 来电, category: all, score: 10, message: 来电,\n"
    "     when: call.within(days(30)).sum(minutes) >= 5}\n"
    "  - {rule: away, label: 离岗, category: all, score: 10, message: 离岗,\n"
    "     when: left.unless(back).older_than(days(10)).count() >= 1}\n"
    "  - {rule: again, label: 再次, category: all, score: 10, message: 再次,\n"
    "     when: alert.raised.within(days(365)).count() >= 2}\n"
    "  - {rule: many, label: 多户, subject: village, category: all, score: 20,\n"
    "     when: bill.within(days(90)).distinct(household) >= 3,\n"
    "     message: \"{{bill.within(days(90)).distinct(household)}}户\",\n"
    "     list: hh.kind == \"out\"}\n"
    "  - {rule: town, label: 全镇, subject: township, category: all, score: 20, message: 全镇,\n"
    "     when: bill.within(days(90)).distinct(household) >= 4}\n";

/* A ruleset whose rule file ends with `tests`; findings are put into `found`. */
static struct sw_ruleset *build(const char *tests, size_t n, struct sw_buf *found)
{
    struct sw_buf rules = {0};
    struct sw_buf packed = {0};
    struct sw_jw w = {.out = &packed};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs;

    sw_buf_cstr(&rules, rules_text);
    sw_buf_put(&rules, tests, n);
    sw_jw_object(&w);
    sw_jw_member(&w, "params.yaml", sw_str(params_text));
    sw_jw_member(&w, "rules.yaml", sw_buf_view(&rules));
    sw_jw_member(&w, "schema.yaml", sw_str(schema_text));
    sw_jw_end(&w);
    rs = sw_ruleset_build(sw_bundle_unpack(sw_buf_view(&packed), NULL), "", &diag);
    if (rs == NULL)
        sw_diag_format(&diag, found);
    sw_diag_free(&diag);
    sw_buf_free(&packed);
    sw_buf_free(&rules);
    return rs;
}

static void on_done(void *ctx, const struct sw_test_case *test, struct sw_str failures)
{
    struct sw_buf *text = ctx;

    (void)test;
    sw_buf_str(text, failures);
}

/* What is told about these tests: findings, or failures; empty when all pass. */
static void tell(const char *tests, struct sw_test_report *report, struct sw_buf *text)
{
    struct sw_ruleset *rs = build(tests, strlen(tests), text);

    *report = (struct sw_test_report){.ctx = text, .done = on_done};
    if (rs != NULL)
        sw_ruleset_test(rs, report);
    sw_ruleset_free(rs);
}

static bool contains(const struct sw_buf *text, const char *part)
{
    return text->n > 0 && strstr(text->p, part) != NULL;
}

/* ---- tests that pass ----------------------------------------------------------------------- */

static const struct {
    const char *what, *tests;
    size_t expectations;
} passing[] = {
    {"a rule named by the test",
     "tests: [{rule: bills, events: [{on: 2024-03-01, bill: {person: 张三, paid: 6000}}],\n"
     "  expect: {2024-02-29: off, 2024-03-01: on, 2024-05-29: 20, 2024-05-30: off}}]",
     4},
    {"a test of the whole set",
     "tests: [{events: [{on: 2024-03-01, bill: {person: 张三, paid: 6000}}],\n"
     "  expect: {2024-03-01: {score: 20, level: yellow, alert: yellow}, 2024-03-02: {alert: "
     "none}}}]",
     4},
    {"parameters of the file",
     "test_params: {line: 7000}\n"
     "tests: [{rule: bills, events: [{on: 2024-03-01, bill: {person: 张三, paid: 6000}}],\n"
     "  expect: {2024-03-01: off}}]",
     1},
    {"the message, filled in",
     "tests: [{rule: bills, events: [{on: 2024-03-01, bill: {person: 张三, paid: 6000.50}}],\n"
     "  expect: {2024-03-01: {message: 自付6000.5元, truth: \"true\", points: 20}}}]",
     3},
    {"fields an event leaves out are not known",
     "tests: [{rule: outlay, events: [{on: 2024-03-01, bill: {person: 张三, paid: 6000}}],\n"
     "  expect: {2024-03-01: {truth: unknown, task: true}}},\n"
     " {rule: outlay, events: [{on: 2024-03-01, bill: {person: 张三, paid: 1, total: 101}}],\n"
     "  expect: {2024-03-01: on}}]",
     3},
    {"facts, and a later change of them",
     "tests: [{rule: poor, household: {kind: out, income: 9000},\n"
     "  events: [{on: 2024-03-10, household: {income: 10000}}],\n"
     "  expect: {2024-03-03: off, 2024-03-09: on, 2024-03-10: off}}]",
     3},
    {"a change of facts taken back",
     "tests: [{rule: poor, household: {income: 9000},\n"
     "  events: [{on: 2024-03-10, id: f1, household: {income: 10000}},\n"
     "           {on: 2024-03-20, reverses: f1}],\n"
     "  expect: {2024-03-10: off, 2024-03-20: off, 2024-03-23: on}}]",
     3},
    {"known late, taken back later",
     "tests: [{rule: bills, events: [\n"
     "  {on: 2024-03-01, recorded: 2024-03-10, id: b, bill: {person: 张三, paid: 6000}},\n"
     "  {on: 2024-03-20, reverses: b}],\n"
     "  expect: {2024-03-09: off, 2024-03-10: on, 2024-03-20: off}}]",
     3},
    {"further households, each with its own events and expectations",
     "tests: [{rule: bills, households: {甲户: {kind: out}},\n"
     "  events: [{on: 2024-03-01, of: 甲户, bill: {person: 张三, paid: 6000}},\n"
     "           {on: 2024-03-02, of: 乙户, bill: {person: 张三, paid: 1}}],\n"
     "  expect: {2024-03-02: [off, {of: 甲户, points: 20, level: yellow}, {of: 乙户, points: 0},\n"
     "                        {of: T0001, score: 0}]}}]",
     5},
    {"one event for each of a list; people of one name are different people",
     "tests: [{rule: jobless,\n"
     "  events: [{on: 2024-03-01, of: [甲户, 乙户], lost: {person: 张三}},\n"
     "           {on: 2024-03-05, of: 甲户, hired: {person: 张三}},\n"
     "           {on: 2024-03-06, of: T0001, hired: {person: 张三}}],\n"
     "  expect: {2024-03-11: [off, {of: 甲户, points: 0}, {of: 乙户, points: 5}]}}]",
     3},
    {"what is taken back is taken from whom it was",
     "tests: [{rule: bills,\n"
     "  events: [{on: 2024-03-01, id: b, of: [甲户, 乙户], bill: {person: 张三, paid: 6000}},\n"
     "           {on: 2024-03-05, reverses: b, of: 乙户}, {on: 2024-03-09, reverses: b}],\n"
     "  expect: {2024-03-01: [{of: 甲户, points: 20}, {of: 乙户, points: 20}],\n"
     "           2024-03-05: [{of: 甲户, points: 20}, {of: 乙户, points: 0}],\n"
     "           2024-03-09: {of: 甲户, points: 0}}}]",
     5},
    {"an event over an area reaches who lives there",
     "tests: [{rule: hailed, household: {village: 石桥村},\n"
     "  households: {甲户: {}, 乙户: {village: 东沟村}, 丙户: {township: 乙镇, village: 石桥村}},\n"
     "  events: [{on: 2024-03-01, area: 石桥村, hail: {grade: 3}}],\n"
     "  expect: {2024-03-01: [on, {of: 甲户, points: 10}, {of: 乙户, points: 0},\n"
     "                        {of: 丙户, points: 0}]}}]",
     4},
    {"over a household's own village, over a town, over the county",
     "tests: [{rule: hailed, households: {乙户: {township: 乙镇, village: 乙村}},\n"
     "  events: [{on: 2024-03-01, of: 乙户, hail: {grade: 3}}],\n"
     "  expect: {2024-03-01: [off, {of: 乙户, points: 10}]}},\n"
     " {rule: hailed, households: {乙户: {township: 乙镇, village: 乙村}},\n"
     "  events: [{on: 2024-03-01, area: 乙镇, hail: {grade: 3}}],\n"
     "  expect: {2024-03-01: [off, {of: 乙户, points: 10}]}},\n"
     " {rule: hailed, households: {乙户: {township: 乙镇, village: 乙村}},\n"
     "  events: [{on: 2024-03-01, area: 某县, hail: {grade: 3}}],\n"
     "  expect: {2024-03-01: [on, {of: 乙户, points: 10}]}}]",
     6},
    {"a household that moves is reached where it lives now",
     "tests: [{rule: hailed, household: {village: 石桥村},\n"
     "  events: [{on: 2024-03-01, household: {village: 东沟村}},\n"
     "           {on: 2024-03-05, area: 石桥村, hail: {grade: 3}},\n"
     "           {on: 2024-04-10, area: 东沟村, hail: {grade: 3}}],\n"
     "  expect: {2024-03-05: off, 2024-04-10: on}}]",
     2},
    {"what is known of persons counts from its day",
     "tests: [{rule: hands, members: {张三: {labor: true}},\n"
     "  events: [{on: 2024-03-05, members: {张三: {labor: false}}},\n"
     "           {on: 2024-03-09, members: {李四: {labor: true}}}],\n"
     "  expect: {2024-03-04: off, 2024-03-05: on, 2024-03-08: on, 2024-03-09: off}}]",
     4},
    {"what happens to a person, and is taken back",
     "tests: [{rule: called, events: [{on: 2024-03-01, id: c, call: {person: 张三, minutes: 6}},\n"
     "  {on: 2024-03-02, of: 甲户, call: {person: 张三, minutes: 4}}, {on: 2024-03-03, reverses: "
     "c}],\n"
     "  expect: {2024-03-02: [on, {of: 甲户, points: 0}], 2024-03-03: off}}]",
     3},
    {"a feed is heard of every day",
     "tests: [{rule: away, events: [{on: 2024-01-01, left: {}}],\n"
     "  expect: {2024-01-10: off, 2024-01-11: on, 2024-04-01: on}}]",
     3},
    {"unless the test says that it is silent, until it speaks again",
     "tests: [{rule: away, stale: {人社局: 2023-12-01},\n"
     "  events: [{on: 2024-01-01, left: {}}, {on: 2024-02-01, of: 乙户, back: {}}],\n"
     "  expect: {2024-01-11: {points: 0, truth: \"true\"}, 2024-01-31: off, 2024-02-01: on}}]",
     4},
    {"what the engine decided may be told, or come about",
     "tests: [{rule: again, events: [{on: 2023-06-01, alert.raised: {level: yellow}},\n"
     "           {on: 2024-03-01, alert.raised: {level: red}}],\n"
     "  expect: {2024-02-29: off, 2024-03-01: on, 2024-05-31: off}},\n"
     " {rule: again, events: [{on: 2024-01-01, alert.raised: {level: yellow}},\n"
     "           {on: 2024-03-01, bill: {person: 张三, paid: 6000}}],\n"
     "  expect: {2024-02-29: off, 2024-03-01: on}}]",
     5},
    {"a rule about a village, the households it lists, other villages",
     "tests: [{rule: many, household: {kind: out}, households: {甲户: {kind: out}, 乙户: {kind: "
     "none},\n"
     "                丙户: {kind: out, village: 东沟村}},\n"
     "  events: [{on: 2024-03-01, of: [T0001, 甲户, 丙户], bill: {person: 张三, paid: 1}},\n"
     "           {on: 2024-03-05, of: 乙户, bill: {person: 张三, paid: 1}}],\n"
     "  expect: {2024-03-04: [off, {listed: []}],\n"
     "           2024-03-05: [20, {listed: [甲户, T0001], message: 3户, task: true, level: "
     "yellow},\n"
     "                        {of: 东沟村, points: 0, listed: []}, {of: 丙户, points: 0}],\n"
     "           2024-06-03: off}}]",
     11},
    {"a rule about a township",
     "tests: [{rule: town, households: {丙户: {village: 东沟村}},\n"
     "  events: [{on: 2024-03-01, of: [T0001, 甲户, 乙户], bill: {person: 张三, paid: 1}},\n"
     "           {on: 2024-03-05, of: 丙户, bill: {person: 张三, paid: 1}}],\n"
     "  expect: {2024-03-04: off, 2024-03-05: [20, {of: 丙户, score: 20, alert: yellow}]}}]",
     4},
    {"persons with what is known of them",
     "tests: [{rule: jobless, members: {张三: {birth: 1980-01-01, sex: 男}, 李四: {}},\n"
     "  events: [{on: 2024-03-01, lost: {person: 张三}},\n"
     "           {on: 2024-03-02, members: {张三: {relation: 户主}}}],\n"
     "  expect: {2024-03-11: 5}}]",
     1},
};

static void test_passing(void)
{
    for (size_t i = 0; i < SW_COUNTOF(passing); i++) {
        struct sw_buf text = {0};
        struct sw_test_report report;

        tell(passing[i].tests, &report, &text);
        is_str_named(sw_buf_view(&text), "", passing[i].what);
        is_int_named(report.expectations, passing[i].expectations, "  every expectation counted");
        sw_buf_free(&text);
    }
}

/* ---- mistakes in their form ----------------------------------------------------------------- */

#define ONE(parts) "tests: [{rule: bills, " parts ", expect: {2024-03-01: off}}]"

static const struct {
    const char *tests, *told;
} mistakes[] = {
    {"tests: [{rule: bils, expect: {2024-03-01: off}}]",
     "rules.yaml:34:16: error: no rule bils; did "
     "you mean bills?"},
    {"tests: [{nme: x, expect: {2024-03-01: {score: 0}}}]", "unknown key nme; did you mean name?"},
    {"tests: [{rule: bills}]", "expect is missing"},
    {"tests: [{rule: bills, expect: {}}]", "tests nothing"},
    {"tests: [{rule: bills, expect: {2024-02-30: off}}]", "2024-02-30: expected a date such as"},
    {"tests: [{rule: bills, expect: {2024-03-01: of}}]", "expected one of on, off or a number"},
    {"tests: [{rule: bills, expect: {2024-03-01: {point: 3}}}]", "did you mean points?"},
    {"tests: [{rule: bills, expect: {2024-03-01: {points: x}}}]", "expected a number"},
    {"tests: [{rule: bills, expect: {2024-03-01: {truth: yes}}}]", "one of false, true, unknown"},
    {"tests: [{rule: bills, expect: {2024-03-01: {level: yelow}}}]",
     "no level yelow; did you mean yellow?"},
    {"tests: [{expect: {2024-03-01: off}}]", "a test without rule: expects {score"},
    {"tests: [{expect: {2024-03-01: {points: 3}}}]", "points is about a rule"},
    {"tests: {a: b}", "tests: expected a list"},
    {"tests: [a]", "expected a map"},
    {ONE("household: {knd: out}"), "no field of household knd; did you mean kind?"},
    {ONE("household: {kind: ut}"), "kind has no value \"ut\"; did you mean out?"},
    {ONE("household: {income: 一万}"), "income must be an amount in yuan"},
    {ONE("household: {area: x}"), "no field of household area"},
    {ONE("household: [kind]"), "household: expected a map"},
    {ONE("households: {甲户: {knd: out}}"), "did you mean kind?"},
    {ONE("households: {T0001: {kind: out}}"), "T0001 is the main household"},
    {ONE("events: [{bill: {person: 张三, paid: 1}}]"), "on is missing"},
    {ONE("events: [{on: 2024-3-1, bill: {paid: 1}}]"), "on: expected a date"},
    {ONE("events: [{on: 2024-03-01}]"), "does not say what happened"},
    {ONE("events: [{on: 2024-03-01, bil: {paid: 1}}]"), "did you mean bill?"},
    {ONE("events: [{on: 2024-03-01, revers: b}]"), "did you mean reverses?"},
    {ONE("events: [{on: 2024-03-01, bill: {payd: 1}}]"),
     "no field of bill payd; did you mean paid?"},
    {ONE("events: [{on: 2024-03-01, bill: {paid: 1.234}}]"), "paid must be an amount"},
    {ONE("events: [{on: 2024-03-01, bill: {paid: -1}}]"), "no less than 0"},
    {ONE("events: [{on: 2024-03-01, bill: {paid: [1]}}]"), "paid: expected a text or a number"},
    {ONE("events: [{on: 2024-03-01, bill: 5}]"), "bill: expected a map"},
    {ONE("events: [{on: 2024-03-01, bill: {paid: 1}, lost: {}}]"), "bill and lost are two events"},
    {ONE("events: [{on: 2024-03-02, recorded: 2024-03-01, bill: {paid: 1}}]"),
     "recorded: lies before on:"},
    {ONE("events: [{on: 2024-03-02, reverses: b}]"), "no event of this test has id: b"},
    {ONE("events: [{on: 2024-03-02, of: {}, bill: {paid: 1}}]"), "of: expected a text"},
    {ONE("events: [{on: 2003-03-02, bill: {paid: 1}}]"), "a test may span 20 years"},
    {ONE("members: {张三: {labr: true}}"), "no fact of a person labr; did you mean labor?"},
    {ONE("members: {张三: {labor: 1}}"), "labor must be true or false"},
    {ONE("members: {张三: 5}"), "张三: expected a map"},
    {ONE("stale: {人社: 2024-03-01}"), "no feed 人社"},
    {ONE("stale: {企业: 2024-03-01}"), "企业 has no period in the schema's feeds:"},
    {ONE("stale: {人社局: x}"), "人社局: expected a date"},
    {ONE("events: [{on: 2024-03-01, call: {minutes: 5}}]"), "call happens to a person"},
    {"tests: [{rule: bills, expect: {2024-03-01: {listed: []}}}]", "bills lists no households"},
    {"tests: [{rule: many, expect: {2024-03-01: {listed: 甲户}}}]", "listed: expected a list"},
    {ONE("interval: 1d"), "interval: days pass one by one"},
    {ONE("input_series: []"), "input_series: what happens stands under events:"},
    {"test_params: {lin: 1}", "no parameter lin; did you mean line?"},
    {"test_params: {line: x}", "line: expected a number"},
};

static void test_mistakes(void)
{
    for (size_t i = 0; i < SW_COUNTOF(mistakes); i++) {
        struct sw_buf text = {0};
        struct sw_ruleset *rs = build(mistakes[i].tests, strlen(mistakes[i].tests), &text);

        if (!ok_named(rs == NULL && contains(&text, mistakes[i].told), mistakes[i].told))
            note("%s\n%s", mistakes[i].tests, text.n == 0 ? "nothing is told" : text.p);
        sw_ruleset_free(rs);
        sw_buf_free(&text);
    }
}

/* ---- expectations that are not met ---------------------------------------------------------- */

static void test_unmet(void)
{
    static const char failing[] =
        "tests:\n"
        "  - rule: bills\n"
        "    events: [{on: 2024-03-01, bill: {person: 张三, paid: 4999.99}}]\n"
        "    expect: {2024-03-01: on}\n"
        "  - rule: poor\n"
        "    households: {甲户: {income: 1}}\n"
        "    expect:\n"
        "      2024-03-01: {truth: \"true\"}\n"
        "      2024-03-02: {of: 甲户, points: 10, level: red}\n"
        "  - expect: {2024-03-01: {score: 1}}\n"
        "  - rule: bills\n"
        "    events: [{on: 2024-03-01, bill: {person: 张三, paid: 6000}}]\n"
        "    expect: {2024-03-01: off}\n"
        "  - {rule: bills, expect: {2024-03-01: {of: 丙户, points: 0}}}\n"
        "  - {rule: away, stale: {人社局: 2024-01-01}, events: [{on: 2024-03-01, left: {}}],\n"
        "     expect: {2024-05-01: on}}\n"
        "  - {rule: many, expect: {2024-03-01: on}}\n"
        "  - {rule: bills, expect: {1990-01-01: off}}\n";
    static const char *const told[] = {
        "rules.yaml:37: 2024-03-01: the rule should be on, not off\n"
        "    that day: condition false; the rule is off, 0 points\n"
        "    its message: 自付4999.99元\n"
        "    the household: score 0, level none, rules on: none\n",
        "rules.yaml:41: 2024-03-01: the condition should be true, not unknown\n"
        "    that day: condition unknown; the rule is off, 0 points\n"
        "    not known: 家庭总收入\n",
        "rules.yaml:42: 2024-03-02 甲户: the points should be 10, not 0\n"
        "rules.yaml:42: 2024-03-02 甲户: the level should be red, not none\n"
        "    that day: condition true; the rule is waiting for its days (for:), 0 points\n",
        "rules.yaml:43: 2024-03-01: the score should be 1, not 0\n"
        "    the household: score 0, level none, rules on: none\n",
        "rules.yaml:46: 2024-03-01: the rule should be off, not on\n"
        "    that day: condition true; the rule is on, 20 points\n"
        "    its message: 自付6000元\n"
        "    the household: score 20, level yellow, rules on: bills 20\n",
        "rules.yaml:47: nothing here is called 丙户\n",
        "rules.yaml:49: 2024-05-01: the rule should be on, not off\n"
        "    that day: condition true; the rule is held while a feed is silent, 0 points\n",
        "rules.yaml:50: 2024-03-01: the rule should be on, not off\n"
        "    that day: condition false; the rule is off, 0 points\n"
        "    its message: 0户\n"
        "    某村: score 0, level none, rules on: none\n",
        "rules.yaml:51: time: 1989-12-31 is before 1990 or after tomorrow\n",
    };
    struct sw_buf text = {0};
    struct sw_test_report report;

    tell(failing, &report, &text);
    is_int_named(report.failed, 8, "tests with unmet expectations fail");
    is_int_named(report.passed, 0, "and only they");
    for (size_t i = 0; i < SW_COUNTOF(told); i++) {
        if (!ok_named(contains(&text, told[i]), "what was expected, what was, and why"))
            note("want %s\n got %s", told[i], text.p);
    }
    sw_buf_free(&text);
}

static void test_untested(void)
{
    static const char one[] = "tests: [{rule: bills, expect: {2024-03-01: off}},\n"
                              "        {rule: poor, expect: {2024-13-01: off}}]\n";
    struct sw_buf text = {0};
    struct sw_ruleset *rs = build(one, strlen(one), &text);

    ok_named(rs == NULL && contains(&text, "warning: jobless has no tests"),
             "a rule without tests is told");
    ok_named(!contains(&text, "bills has no tests"), "one that a test names has some");
    sw_ruleset_free(rs);
    sw_buf_free(&text);
}

/* ---- choosing, and files of their own ------------------------------------------------------- */

static bool only_bills(void *ctx, const struct sw_test_case *test)
{
    (void)ctx;
    return sw_str_is(test->rule, "bills");
}

static void test_choosing(void)
{
    static const char two[] = "tests:\n"
                              "  - {rule: bills, name: 一, expect: {2024-03-01: off}}\n"
                              "  - {rule: poor, name: 二, expect: {2024-03-01: on}}\n";
    struct sw_buf text = {0};
    struct sw_ruleset *rs = build(two, strlen(two), &text);
    struct sw_test_report report = {.wanted = only_bills};

    sw_ruleset_test(rs, &report);
    is_int_named(report.passed, 1, "a test that is wanted runs");
    is_int_named(report.left_out, 1, "one that is not is left out");
    is_int_named(report.failed, 0, "and cannot fail");
    sw_ruleset_free(rs);
    sw_buf_free(&text);
}

static struct sw_test_file *load(const char *text, struct sw_diag *diag)
{
    char path[] = "/tmp/shouwang-tests-XXXXXX";
    int fd = mkstemp(path);
    struct sw_test_file *f;

    SW_ASSERT(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    f = sw_test_file_load(path, diag);
    unlink(path);
    return f;
}

static void is_refused(const char *text, const char *told)
{
    struct sw_diag diag = {0};
    struct sw_buf found = {0};
    struct sw_test_file *f = load(text, &diag);

    sw_diag_format(&diag, &found);
    if (!ok_named(f == NULL && contains(&found, told), told))
        note("%s", found.n == 0 ? "nothing is told" : found.p);
    sw_test_file_free(f);
    sw_diag_free(&diag);
    sw_buf_free(&found);
}

static void test_files(void)
{
    struct sw_diag diag = {0};
    struct sw_buf text = {0};
    struct sw_ruleset *rs = build("", 0, &text);
    struct sw_test_report report = {.ctx = &text, .done = on_done};
    struct sw_test_file *f = load("rule_files: [.., x.yaml]\ntest_params: {line: 1}\n"
                                  "tests: [{rule: bills, events: [{on: 2024-03-01, bill: {person: "
                                  "张三, paid: 2}}], expect: {2024-03-01: on}}]\n",
                                  &diag);

    ok_named(f != NULL, "a file of tests is read");
    is_str_named(sw_str(sw_test_file_rules(f, 0)), "..", "with what it is about");
    is_str_named(sw_str(sw_test_file_rules(f, 1)), "x.yaml", "entry for entry");
    ok_named(sw_test_file_rules(f, 2) == NULL, "to the end");
    for (int run = 1; run <= 2; run++) {
        ok_named(sw_test_file_run(f, rs, &report, &diag), "it runs, and once more");
        is_int_named(report.passed, run, "and passes, with its own parameters");
    }
    is_str_named(sw_buf_view(&text), "", "without a word");
    sw_test_file_free(f);
    f = load("tests: [{rule: bils, expect: {2024-03-01: on}}]\n", &diag);
    ok_named(f != NULL && !sw_test_file_run(f, rs, &report, &diag),
             "one that does not fit the rules is not run");
    is_int_named(report.passed + report.failed, 2, "not in part either");
    sw_diag_format(&diag, &text);
    ok_named(contains(&text, "no rule bils; did you mean bills?"), "but told what is wrong");
    sw_test_file_free(f);
    sw_ruleset_free(rs);
    sw_diag_free(&diag);
    sw_buf_free(&text);
    is_refused("evaluation_interval: 1m\ntests: []\n", "evaluation_interval: rules are judged day");
    is_refused("fuzzy_compare: true\ntests: []\n", "fuzzy_compare: points are compared");
    is_refused("rules: []\n", "rules: this is a rule file");
    is_refused("rule_file: [..]\ntests: []\n", "did you mean rule_files?");
    is_refused("rule_files: []\ntests: []\n", "rule_files: names a folder");
    is_refused("rule_files: [[a]]\ntests: []\n", "expected a text");
    is_refused("rule_files: [..]\n", "tests is missing");
    is_refused("- a\n", "expected a map");
    is_refused("tests: [\n", "error");
}

/* ---- mutants -------------------------------------------------------------------------------- */

/* A byte changed, a stretch doubled or cut out, a token put in, once or twice. */
static void mutate(struct tap_random *r, struct sw_buf *b)
{
    static const char *const tokens[] = {"{",      "}",    "[",    "]",   ": ",   ",",  "\n",
                                         "- ",     "\"",   "of: ", "id",  "2024", "99", "{}",
                                         "T0001",  "null", "1e9",  "''",  "甲户", "on", "-1",
                                         "expect", "|",    "area", "bill"};

    for (uint32_t n = 1 + tap_below(r, 2); n > 0; n--) {
        size_t at = tap_below(r, (uint32_t)b->n + 1);
        size_t length = tap_below(r, 12);
        struct sw_buf out = {0};
        uint32_t kind = tap_below(r, 4);

        if (at + length > b->n)
            length = b->n - at;
        sw_buf_put(&out, b->p, at);
        if (kind == 0)
            sw_buf_cstr(&out, tokens[tap_below(r, SW_COUNTOF(tokens))]);
        else if (kind == 1)
            sw_buf_put(&out, b->p + at, length);
        else if (kind == 2)
            sw_buf_char(&out, (char)(32 + tap_below(r, 95)));
        sw_buf_put(&out, b->p + at + (kind == 1 ? 0 : length),
                   b->n - at - (kind == 1 ? 0 : length));
        sw_buf_free(b);
        *b = out;
    }
    for (;;) { /* JSON carries the files: keep them UTF-8 */
        size_t bad = sw_utf8_check(sw_buf_view(b));

        if (bad == b->n)
            return;
        b->p[bad] = '?';
    }
}

static void test_mutants(void)
{
    enum { MUTANTS = 6000 };
    struct tap_random r = tap_seed();
    size_t refused = 0;
    size_t silent = 0;
    size_t failed = 0;
    size_t passed = 0;

    for (int i = 0; i < MUTANTS; i++) {
        struct sw_buf tests = {0};
        struct sw_buf text = {0};
        struct sw_test_report report = {.ctx = &text, .done = on_done};
        struct sw_ruleset *rs;

        sw_buf_cstr(&tests, passing[tap_below(&r, SW_COUNTOF(passing))].tests);
        mutate(&r, &tests);
        rs = build(tests.p, tests.n, &text);
        refused += rs == NULL;
        silent += rs == NULL && text.n == 0;
        if (rs != NULL)
            sw_ruleset_test(rs, &report);
        failed += report.failed > 0;
        silent += report.failed > 0 && text.n == 0;
        passed += rs != NULL && report.failed == 0;
        sw_ruleset_free(rs);
        sw_buf_free(&tests);
        sw_buf_free(&text);
    }
    note("%zu of %d mutants refused, %zu failed, %zu passed", refused, MUTANTS, failed, passed);
    ok_named(refused > MUTANTS / 4 && failed > 0 && passed > 0, "some get through, some do not");
    is_int_named(silent, 0, "none without a word");
}

int main(void)
{
    test_passing();
    test_mistakes();
    test_unmet();
    test_untested();
    test_choosing();
    test_files();
    test_mutants();
    return done_testing();
}
