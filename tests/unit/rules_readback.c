/* Whole rules read back in Chinese. The rules that are shipped must be said in words completely:
 * whoever signs them must not meet an expression. The handbook's twenty example rules, where it
 * lies beside the checkout, must read as the handbook says; it is not part of the project. */
#include "../tap.h"
#include "ruleset_help.h"
#include <shouwang/base/file.h>
#include <shouwang/base/utf8.h>
#include <shouwang/engine/describe.h>

static struct sw_ruleset *built(struct sw_bundle *b)
{
    struct sw_diag diag = {0};
    struct sw_ruleset *rs = b == NULL ? NULL : sw_ruleset_build(b, "", &diag);

    ok_named(rs != NULL, "the rules load");
    if (rs == NULL)
        sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    return rs;
}

/* Every rule is said in words: no expression is left. */
static void all_in_words(const struct sw_ruleset *rs)
{
    for (size_t i = 0; rs != NULL && i < sw_ruleset_rules(rs); i++) {
        struct sw_buf text = {0};
        struct sw_rule_line line;
        bool complete = sw_rule_read(rs, i, &text);

        sw_rule_line(rs, i, &line);
        ok_named(complete && strchr(text.p, '`') == NULL, line.name.p);
        if (!complete)
            printf("# no words or no label: %s\n", text.p);
        sw_buf_free(&text);
    }
}

static void shipped_rules(void)
{
    struct sw_err err;
    struct sw_ruleset *rs = built(sw_bundle_load("rules", &err));

    all_in_words(rs);
    sw_ruleset_free(rs);
}

/* ---- what is told beside the condition ------------------------------------------------------ */

static const char schema[] =
    "schema: 1\ntimezone: Asia/Shanghai\n"
    "feeds: {人社局: {period: 40d}}\n"
    "household:\n"
    "  income: {type: money, optional: true, label: 收入}\n"
    "  poor: {type: bool, label: 困难户}\n"
    "events:\n"
    "  lost: {label: 失业, feed: 人社局, fields: {person: {type: person}}}\n"
    "  hired: {label: 就业, feed: 人社局, fields: {person: {type: person}}}\n"
    "  paid: {label: 记账, feed: 乡镇, coverage: partial, fields: {amount: {type: money}}}\n";

static const char params[] =
    "params: 1\n"
    "line: {label: 预警线, unit: 元, min: 1, max: 9000, values: [{from: 2023-01-01, value: 100.5}, "
    "{from: 2024-03-14, value: 200}]}\n"
    "days: {label: 等几天, unit: 天, value: 30, min: 1, max: 90}\n";

static const char areas[] = "overrides:\n"
                            "  - {area: 青山镇, from: 2024-01-01, until: 2024-12-31, set: {line: "
                            "50}, reason: 高寒, by: 会议}\n";

static const char rules[] =
    "categories: {work: {label: 务工, cap: 20.5}}\n"
    "levels: {yellow: {label: 黄色, enter: 10, leave: 5}, red: {label: 红色, enter: 30, leave: "
    "20}}\n"
    "macros: {needy: hh.poor && hh.income < 5000}\n"
    "rules:\n"
    "  - {rule: jobless, label: 失业, category: work, hard: red, for: 7d, keep: 30, cooldown: "
    "15d,\n"
    "     when: 'lost.unless(hired, person).older_than(days(p.days)).count() >= 1', score: 10,\n"
    "     from: 2024-01-01, until: 2024-12-31, sms: 失业, message: m}\n"
    "  - {rule: thrift, label: 结余少, category: work, unknown: \"true\", enabled: false, score: "
    "5,\n"
    "     when: 'paid.within(days(30)).sum(amount).orValue(0) < p.line', clear: 'hh.income > 1',\n"
    "     message: m}\n"
    "  - {rule: call, kind: task, label: 去看看, unknown: \"false\", when: hh.poor, message: m}\n"
    "  - {rule: village, subject: village, label: 一村多户, category: work, score: 10, list: "
    "needy,\n"
    "     when: 'lost.by(household).count_if(count() >= 2) >= 3', message: m}\n";

static const char *const told[] = {
    "【失业】计入“务工”（封顶20.5分），直接不低于红色\n"
    "  适用：2024-01-01起至2024-12-31止\n"
    "  当：〔失业〕中之后没有〔就业〕的（同一人）中已满“等几天”(30天)的次数不低于1\n"
    "  持续7天才算\n"
    "  条件消失后保留30天\n"
    "  加分：10分\n"
    "  提醒后15天内不重复提醒\n"
    "  缺数据时：维持原状，列入待核实\n"
    "  依赖：人社局报送〔就业〕，漏报会造成误报；人社局超过40天没有报送时暂不新增\n"
    "  短信原因：失业\n"
    "  测试：0个\n",
    "【结余少】计入“务工”（封顶20.5分）\n"
    "  已停用\n"
    "  "
    "当：近30天〔记账〕金额合计（不详时取0元）低于“预警线”(2023-01-01起100.5、2024-03-14起200元)\n"
    "  解除：收入超过1元\n"
    "  加分：5分\n"
    "  缺数据时：按条件成立处理\n"
    "  按默认值处理：近30天〔记账〕金额合计不详时取0元\n"
    "  数据不全：〔记账〕没有记录时按不详处理\n"
    "  依赖：乡镇报送〔记账〕，漏报会造成误报\n"
    "  地区不同：青山镇“预警线”50元，2024-01-01起至2024-12-31止（依据：会议）\n"
    "  测试：0个\n",
    "【去看看】工作任务，不计分\n"
    "  当：困难户\n"
    "  缺数据时：按条件不成立处理\n"
    "  测试：0个\n",
    "【一村多户】计入“务工”（封顶20.5分）\n"
    "  以村为单位，按该村内各户的情况合并判断\n"
    "  当：〔失业〕（按户）次数不低于2的户数不低于3\n"
    "  加分：10分\n"
    "  随附名单：困难户，并且收入低于5000元\n"
    "  缺数据时：维持原状，列入待核实\n"
    "  测试：0个\n",
};

static void settings(void)
{
    const struct rule_file files[] = {{"schema.yaml", sw_str(schema)},
                                      {"params.yaml", sw_str(params)},
                                      {"areas.yaml", sw_str(areas)},
                                      {"rules.yaml", sw_str(rules)}};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs = build_rules(files, SW_COUNTOF(files), &diag);

    is_int(rs == NULL ? 0 : sw_ruleset_rules(rs), SW_COUNTOF(told));
    for (size_t i = 0; rs != NULL && i < SW_COUNTOF(told); i++) {
        struct sw_buf text = {0};

        sw_rule_read(rs, i, &text);
        is_str(sw_buf_view(&text), told[i]);
        sw_buf_clear(&text);
        sw_rule_explain(rs, i, 20000, &text);
        ok(strstr(text.p, told[i]) != NULL);
        sw_buf_free(&text);
    }
    if (rs == NULL)
        sw_diag_print(&diag, stdout);
    sw_ruleset_free(rs);
    sw_diag_free(&diag);
}

/* ---- the language's description
 * --------------------------------------------------------------------- */

/* What stands between "```yaml" behind `name` and the next "```". */
static struct sw_str block_behind(struct sw_str book, const char *title, const char *opening)
{
    const char *at = strstr(book.p, title);
    const char *from = at == NULL ? NULL : strstr(at, opening);
    const char *to;

    if (from == NULL)
        return (struct sw_str){NULL, 0};
    from += strlen(opening);
    to = strstr(from, "```");
    return to == NULL ? (struct sw_str){NULL, 0} : (struct sw_str){from, (size_t)(to - from)};
}

static struct sw_bundle *bundle_of(struct sw_str book)
{
    static const char *const names[] = {"schema.yaml", "params.yaml", "areas.yaml", "rules.yaml"};
    struct sw_buf packed = {0};
    struct sw_buf wording = {0};
    struct sw_jw w = {.out = &packed};
    struct sw_bundle *b;
    struct sw_err err;

    ok(sw_file_read("rules/messages.yaml", 1 << 20, &wording, &err) == SW_OK);
    sw_jw_object(&w);
    sw_jw_member(&w, "messages.yaml", sw_buf_view(&wording));
    for (size_t i = 0; i < SW_COUNTOF(names); i++) {
        char title[32];

        snprintf(title, sizeof(title), "\n`%s`", names[i]);
        sw_jw_member(&w, names[i], block_behind(book, title, "```yaml\n"));
    }
    sw_jw_end(&w);
    b = sw_bundle_unpack(sw_buf_view(&packed), &err);
    sw_buf_free(&packed);
    sw_buf_free(&wording);
    return b;
}

/* The read-back whose heading this line is. */
static bool read_by_heading(const struct sw_ruleset *rs, struct sw_str heading, struct sw_buf *out)
{
    for (size_t i = 0; i < sw_ruleset_rules(rs); i++) {
        sw_buf_clear(out);
        sw_rule_read(rs, i, out);
        if (sw_str_starts(sw_buf_view(out), heading) && out->p[heading.n] == '\n')
            return true;
    }
    return false;
}

static bool has_line(const struct sw_buf *text, struct sw_str line)
{
    struct sw_str rest = sw_buf_view(text);
    struct sw_str one;

    while (rest.n > 0 && sw_str_split(&rest, '\n', &one)) {
        if (sw_str_eq(one, line))
            return true;
    }
    return false;
}

static void example_rules(void)
{
    struct sw_buf book = {0};
    struct sw_buf text = {0};
    struct sw_err err;
    struct sw_ruleset *rs;
    struct sw_str rest;
    struct sw_str line;

    if (sw_file_read("../shared/rule-language.md", 1 << 20, &book, &err) != SW_OK) {
        ok_named(true,
                 "the example rules # SKIP their description does not lie beside the checkout");
        return;
    }
    rs = built(bundle_of(sw_buf_view(&book)));
    rest = block_behind(sw_buf_view(&book), "### 3.7", "```\n");
    ok_named(rs != NULL && rest.n > 0, "the description has rules and their read-back");
    all_in_words(rs);
    while (rs != NULL && rest.n > 0 && sw_str_split(&rest, '\n', &line)) {
        char what[200];

        snprintf(what, sizeof(what), "%.*s", SW_STR_ARG(sw_utf8_prefix(line, 40)));
        if (sw_str_starts(line, SW_STR("【")))
            ok_named(read_by_heading(rs, line, &text), what);
        else if (line.n > 0 && !ok_named(has_line(&text, line), what))
            printf("# got\n%s", text.p);
    }
    sw_ruleset_free(rs);
    sw_buf_free(&book);
    sw_buf_free(&text);
}

int main(void)
{
    shipped_rules();
    settings();
    example_rules();
    return done_testing();
}
