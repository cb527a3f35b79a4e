/* Which edition of rules and numbers: what rule files say of themselves and what it bounds, what is
 * found out about a whole folder when it is loaded, and what a case remembers. */
#include "../tap.h"
#include "ruleset_help.h"
#include <shouwang/base/date.h>
#include <shouwang/base/mem.h>
#include <shouwang/engine/engine.h>
#include <shouwang/engine/ruletest.h>

#define PARAMS                                                                                     \
    "params: 7\n"                                                                                  \
    "days: {label: 多少天, unit: 天, value: 90, min: 30, max: 365}\n"                          \
    "line: {label: 预警线, unit: 元, value: 5000, min: 1000, max: 50000}\n"                    \
    "share: {unit: 比例, value: 0.5, min: 0.1, max: 1}\n"
#define HEADS                                                                                      \
    "categories: {health: {label: 因病, cap: 30}}\n"                                             \
    "levels: {yellow: {label: 黄色, enter: 10, leave: 5}}\n"
#define RULE(name, more)                                                                           \
    "  - {rule: " name ", label: 甲, category: health, score: 10, message: 乙, " more "}\n"
#define USES "when: medical.bill.within(days(p.days)).sum(paid) >= p.line * p.share"

/* A line with a finding; that the rules here have no tests is of no interest. */
static bool tells(struct sw_str line)
{
    return line.n > 0 && line.p[0] != ' ' && memmem(line.p, line.n, "has no tests", 12) == NULL;
}

/* The first finding of a folder of these files (NULL: left out), "" when there is none. */
static struct sw_str first_finding(const char *params, const char *areas, const char *rules)
{
    static char text[600];
    const struct rule_file files[] = {{"areas.yaml", sw_str(areas == NULL ? "{}" : areas)},
                                      {"params.yaml", sw_str(params)},
                                      {"rules.yaml", sw_str(rules)},
                                      {"schema.yaml", sw_str(small_schema)}};
    struct sw_diag diag = {0};
    struct sw_buf out = {0};
    struct sw_str rest;
    struct sw_str line = {NULL, 0};

    sw_ruleset_free(build_rules(files, SW_COUNTOF(files), &diag));
    sw_diag_format(&diag, &out);
    rest = sw_buf_view(&out);
    while (rest.n > 0 && sw_str_split(&rest, '\n', &line) && !tells(line)) {}
    line = tells(line) ? line : (struct sw_str){NULL, 0};
    snprintf(text, sizeof(text), "%.*s", SW_STR_ARG(line));
    sw_buf_free(&out);
    sw_diag_free(&diag);
    return sw_str(text);
}

/* ---- findings about a folder -------------------------------------------------------------- */

static const struct {
    const char *rules, *finding;
} folders[] = {
    {HEADS "rules:\n" RULE("a", USES), ""},
    {"schema: 3\n" HEADS "rules:\n" RULE("a", USES), ""},
    {"schema: 2\n" HEADS "rules:\n" RULE("a", USES),
     "rules.yaml:1:9: error: these rules were written for schema 2 and schema.yaml is 3; see what "
     "changed there, then write schema: 3 here"},
    {"effective: {from: 2024-02-01, until: 2024-01-31}\n" HEADS "rules:\n" RULE("a", USES),
     "rules.yaml:1:38: error: until lies before from"},
    {"effective: {until: 2023-12-31}\n" HEADS "rules:\n" RULE("a", "from: 2024-01-01, " USES),
     "rules.yaml:5:12: error: a holds on no day: look at its from and until, and at effective"},
    {HEADS "rules:\n" RULE("a", "from: 2024-01-02, until: 2024-01-01, " USES),
     "rules.yaml:4:12: error: a holds on no day: look at its from and until, and at effective"},
    /* a task is no risk */
    {HEADS "rules:\n  - {rule: a, label: 甲, kind: task, message: 乙, score: 5, " USES "}\n",
     "rules.yaml:4:49: warning: score: a task gives no points and no level; take this out"},
    {HEADS "rules:\n  - {rule: a, label: 甲, kind: task, message: 乙, hard: yellow, " USES "}\n",
     "rules.yaml:4:49: warning: hard: a task gives no points and no level; take this out"},
    /* one name twice is told at both */
    {HEADS "rules:\n" RULE("a", USES) RULE("a", USES),
     "rules.yaml:4:12: error: two rules are called a, here and in line 5 of rules.yaml; rename the "
     "newer one"},
    /* parameters nobody uses: read in a condition on events, a let or a message is used */
    {HEADS "rules:\n" RULE("a", "when: medical.bill.within(days(p.days)).exists()"),
     "params.yaml:3:1: warning: no rule uses the parameter line"},
    {HEADS "rules:\n" RULE(
         "a", "when: medical.bill.within(days(p.days)).where(paid > p.line * p.share).exists()"),
     ""},
    {HEADS "rules:\n"
           "  - {rule: a, label: 甲, category: health, score: 10, message: \"{{p.line}}\", "
           "let: {x: p.share > 0.2}, when: medical.bill.count() > p.days && x}\n",
     ""},
    {HEADS "rules:\n" RULE("a", "subject: village, list: hh.income < p.line * p.share, when: "
                                "medical.bill.within(days(p.days)).exists()"),
     ""},
    /* fired() in circles, lets nobody uses */
    {HEADS "rules:\n" RULE("a", "when: \"fired('b')\"")
         RULE("b", "when: \"fired('a') && "
                   "medical.bill.sum(paid) > p.line * p.share"
                   " && p.days > 3\""),
     "rules.yaml:4:12: error: a asks about itself with fired(), perhaps through other rules"},
    {HEADS "rules:\n" RULE("a", "let: {spare: 1 + 1}, " USES),
     "rules.yaml:4:72: warning: spare is never used"},
    /* what a condition on events may look at, what may be unknown */
    {HEADS "rules:\n" RULE("a", "when: \"medical.bill.where(today > date('2024-01-01')).count() > "
                                "p.days && p.line * p.share > 0\""),
     "rules.yaml:4:92: error: conditions on events cannot look at today; use within(…), "
     "older_than(…) or between(…)"},
    {HEADS "rules:\n" RULE("a", "when: medical.bill.within(days(p.days)).max(paid) >= p.line * "
                                "p.share"),
     "rules.yaml:4:105: warning: max() is unknown when there are no events; write .orValue(...) "
     "behind it"},
    {HEADS "rules:\n" RULE("a", "when: medical.bill.within(days(p.days)).latest().paid >= p.line * "
                                "p.share"),
     "rules.yaml:4:105: warning: latest() is unknown when there are no events; write .orValue(...) "
     "behind it"},
    {HEADS "rules:\n" RULE("a", "when: medical.bill.within(days(p.days)).avg(paid).orValue(0) >= "
                                "p.line * p.share"),
     ""},
};

#define GOOD_RULES HEADS "rules:\n" RULE("a", USES)

static const struct {
    const char *areas, *finding;
} places[] = {
    {"overrides: [{area: 青山镇, from: 2024-01-01, until: 2024-12-31, set: {line: 4000}, reason: "
     "高寒, by: 专班}]\n",
     ""},
    {"overrides: [{area: 青山镇, from: 2024-01-01, set: {line: 4000}}]\n",
     "areas.yaml:1:13: error: reason is missing (why it differs)"},
    {"overrides: [{area: 青山镇, from: 2024-01-02, until: 2024-01-01, set: {line: 4000}, reason: "
     "x, by: y}]\n",
     "areas.yaml:1:50: error: until lies before from"},
    {"overrides:\n  - {area: 青山镇, from: 2024-01-01, until: 2024-06-30, set: {line: 4000}, "
     "reason: x, by: y}\n  - {area: 青山镇, from: 2024-06-30, until: 2024-07-01, set: {days: 30, "
     "line: 3000}, reason: x, by: y}\n",
     "areas.yaml:3:70: error: line: two values for 青山镇 hold on the same days"},
    {"overrides:\n  - {area: 青山镇, from: 2024-01-01, until: 2024-06-30, set: {line: 4000}, "
     "reason: x, by: y}\n  - {area: 青山镇, from: 2024-07-01, until: 2024-08-01, set: {line: "
     "3000}, reason: x, by: y}\n",
     ""},
    {"overrides: [{area: 青山镇, until: 2024-12-31, set: {lien: 4000}, reason: x, by: y}]\n",
     "areas.yaml:1:50: error: no parameter lien; did you mean line?"},
    {"overrides: [{area: 青山镇, until: 2024-12-31, set: {line: 900}, reason: x, by: y}]\n",
     "areas.yaml:1:56: error: line: 900 is outside the range 1000 to 50000元"},
    {"overrides: [{area: 青山镇, until: 2024-12-31, set: {line: \"20,000\"}, reason: x, by: y}]\n",
     "areas.yaml:1:56: error: line: expected a number, got \"20,000\"; write it without "
     "separators, 20000 for 20,000"},
    {"overrides: [{area: 青山镇, set: {line: 4000}, reason: x, by: 专班}]\n",
     "areas.yaml:1:20: warning: 青山镇: this never ends; write its last day, until: 2026-12-31"},
    {"overrides: [{area: 青山镇, until: 2024-12-31, set: {line: 4000}, reason: x}]\n",
     "areas.yaml:1:20: warning: 青山镇: nobody answers for this; write the meeting or paper, by:"},
};

/* ---- effective ---------------------------------------------------------------------------- */

static void count_failures(void *ctx, const struct sw_test_case *test, struct sw_str failures)
{
    (void)ctx;
    (void)test;
    if (failures.n > 0)
        note("%.*s", SW_STR_ARG(failures));
}

/* The rules of a file hold from its first to its last day, whatever they say themselves. */
static void test_effective(void)
{
    static const char rules[] =
        "ruleset: 医疗\nversion: 1\n"
        "effective: {from: 2024-02-12, until: 2024-02-20}\n" HEADS "rules:\n"
        "  - rule: always\n    label: 甲\n    category: health\n    score: 10\n    message: 乙\n"
        "    " USES "\n"
        "    tests:\n"
        "      - household: {}\n"
        "        name: 生效期内\n"
        "        events: [{on: 2024-02-10, medical.bill: {person: 张三, paid: 50000}}]\n"
        "        expect: {2024-02-11: off, 2024-02-12: 10, 2024-02-20: 10, 2024-02-21: off}\n"
        "  - rule: from_later\n    label: 甲\n    category: health\n    score: 10\n    message: "
        "乙\n"
        "    from: 2024-02-15\n    until: 2030-01-01\n"
        "    " USES "\n"
        "    tests:\n"
        "      - household: {}\n"
        "        name: 规则自己的日期更晚\n"
        "        events: [{on: 2024-02-10, medical.bill: {person: 张三, paid: 50000}}]\n"
        "        expect: {2024-02-14: off, 2024-02-15: 10, 2024-02-20: 10, 2024-02-21: off}\n";
    const struct rule_file files[] = {{"params.yaml", sw_str(PARAMS)},
                                      {"rules.yaml", sw_str(rules)},
                                      {"schema.yaml", sw_str(small_schema)}};
    struct sw_test_report report = {.done = count_failures};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs = build_rules(files, SW_COUNTOF(files), &diag);
    const struct sw_rule_file *file;

    sw_diag_print(&diag, stdout);
    SW_ASSERT(rs != NULL);
    sw_ruleset_test(rs, &report);
    is_int_named(report.passed, 2, "effective bounds every rule of its file");
    is_int(report.failed, 0);
    is_int(sw_ruleset_files(rs, &file), 1);
    is_str(file->file, "rules.yaml");
    is_str(file->ruleset, "医疗");
    is_str(file->version, "1");
    is_int(sw_ruleset_params(rs), 7);
    sw_ruleset_free(rs);
    sw_diag_free(&diag);
}

/* ---- what a case remembers ---------------------------------------------------------------- */

struct world {
    struct sw_engine *e;
    struct sw_effects fx;
    struct sw_err err;
    int64_t seq;
    sw_time now;
};

static void input(struct world *w, enum sw_input_kind kind, const char *body)
{
    struct sw_input in = {.seq = ++w->seq, .now = w->now, .kind = kind, .body = sw_str(body)};
    enum sw_refusal why;

    if (sw_engine_apply(w->e, &in, &w->fx, &why, &w->err) != SW_VERDICT_ACCEPTED)
        note("%s: %s", body, w->err.text);
}

#define CHANGE(id, type, subject, data)                                                            \
    "{\"specversion\":\"1.0\",\"id\":\"" id "\",\"source\":\"m\",\"type\":\"" type                 \
    "\",\"subject\":\"" subject "\",\"time\":\"2024-06-01T09:00:00+08:00\",\"data\":{" data "}}"

static void begin_world(struct world *w, struct sw_ruleset *rs)
{
    sw_day day;

    SW_ASSERT(sw_date_parse(SW_STR("2024-06-01"), &day));
    *w = (struct world){.now = ((sw_time)day * 86400 + 4 * 3600) * SW_SECOND};
    w->e = sw_engine_new((struct sw_hash_key){1, 2}, rs);
    input(w, SW_IN_TICK, "2024-06-01");
}

static const char areas_yaml[] =
    "overrides:\n"
    "  - {area: 青山镇, from: 2024-01-01, until: 2024-12-31, set: {line: 4000, days: 60}, reason: "
    "高寒山区, by: 专班第12次会议}\n"
    "  - {area: 青山镇, from: 2025-01-01, set: {line: 3000}, reason: 明年}\n"
    "  - {area: 青山乡, set: {line: 2000}, reason: 写错了}\n"
    "  - {area: 海洋局, set: {line: 2000, days: 40}, reason: 没有}\n"
    "  - {area: 石桥村, set: {days: 45}, reason: 村里}\n"
    "  - {area: 平川县, set: {spare: 2, line: 4500}, reason: 全县}\n";

static struct sw_ruleset *county_rules(void)
{
    static const char params[] = PARAMS "spare: {value: 1, min: 0, max: 9}\n";
    static const char rules[] = "ruleset: 防返贫\nversion: 2024.3\n" GOOD_RULES;
    const struct rule_file files[] = {{"areas.yaml", sw_str(areas_yaml)},
                                      {"params.yaml", sw_str(params)},
                                      {"rules.yaml", sw_str(rules)},
                                      {"schema.yaml", sw_str(small_schema)}};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs = build_rules(files, SW_COUNTOF(files), &diag);

    SW_ASSERT(rs != NULL);
    sw_diag_free(&diag);
    return rs;
}

static void check_areas(const struct world *w, const char *want, const char *name)
{
    struct sw_diag diag = {0};
    struct sw_buf out = {0};

    sw_engine_check_areas(w->e, sw_engine_rules(w->e), &diag);
    for (const struct sw_finding *f = diag.first; f != NULL; f = f->next)
        sw_buf_printf(&out, "%u:%u %.*s\n", f->at.line, f->at.column, SW_STR_ARG(f->message));
    is_str_named(out.p == NULL ? SW_STR("") : sw_buf_view(&out), want, name);
    is_int(diag.errors, 0);
    sw_buf_free(&out);
    sw_diag_free(&diag);
}

static void test_case(void)
{
    struct world w;

    begin_world(&w, county_rules());
    check_areas(&w, "", "nothing is said of places while none is registered");
    input(&w, SW_IN_EVENT, CHANGE("a", "registry.area", "area/1", "\"name\":\"平川县\""));
    input(&w, SW_IN_EVENT,
          CHANGE("b", "registry.area", "area/2", "\"name\":\"青山镇\",\"parent\":\"1\""));
    input(&w, SW_IN_EVENT,
          CHANGE("c", "registry.area", "area/3", "\"name\":\"石桥村\",\"parent\":\"2\""));
    input(&w, SW_IN_EVENT, CHANGE("d", "registry.household", "household/H1", "\"area\":\"3\""));
    input(&w, SW_IN_EVENT, CHANGE("e", "registry.person", "person/P1", "\"household\":\"H1\""));
    check_areas(&w,
                "4:12 no area is called 青山乡, so this changes nothing; did you mean 青山镇?\n"
                "5:12 no area is called 海洋局, so this changes nothing\n",
                "places nobody knows, each once");
    input(&w, SW_IN_EVENT,
          CHANGE("f", "medical.bill", "household/H1", "\"person\":\"P1\",\"paid\":9000"));
    is_int(w.fx.steps.n > 0, 1);
    is_str(w.fx.steps.at[0].kind, "raised");
    is_str(w.fx.steps.at[0].text,
           "黄色 10分：甲。依据：防返贫 2024.3，参数第7版，青山镇 "
           "预警线=4000元（2024-01-01起，2024-12-31止，高寒山区，专班第12次会议），石桥村 "
           "多少天=45天（村里）");
    sw_engine_free(w.e);
    sw_effects_free(&w.fx);
}

int main(void)
{
    for (size_t i = 0; i < SW_COUNTOF(folders); i++)
        is_str_named(first_finding(PARAMS, NULL, folders[i].rules), folders[i].finding,
                     folders[i].finding[0] == '\0' ? "nothing to say" : folders[i].finding);
    for (size_t i = 0; i < SW_COUNTOF(places); i++)
        is_str_named(first_finding(PARAMS, places[i].areas, GOOD_RULES), places[i].finding,
                     places[i].finding[0] == '\0' ? "nothing to say" : places[i].finding);
    test_effective();
    test_case();
    return done_testing();
}
