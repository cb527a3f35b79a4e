/* describe.c - a whole rule in Chinese, as it is put before those who sign it.
 *
 *   【近12个月自付医疗费过高】计入“因病”（封顶35分）
 *     当：近365天〔医疗费结算〕自付费用合计不低于…
 *     加分：从8分起，…
 *
 * Everything that decides about a household is in it: numbers with their dates, areas that differ,
 * how long, what happens when data is missing, on whose reports it depends. Chinese only. */
#include "testrun.h"
#include "words.h"
#include <shouwang/base/date.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <stdlib.h>

/* One reading: who is asked, and what was noticed on the way. */
struct reading {
    const struct sw_ruleset *rs;
    const struct sw_rule *rule;
    struct sw_buf *out;
    struct sw_buf defaults; /* "…不详时取0；…" */
    bool complete;
};

/* ---- names and values --------------------------------------------------------------------- */

static void put_number(const struct sw_param *p, struct sw_value v, struct sw_buf *out)
{
    char number[SW_DOUBLE_SIZE];
    char money[SW_FEN_SIZE];

    if (p->is_money)
        sw_buf_cstr(out, sw_fen_format(v.i, money));
    else if (v.kind == SW_KINT)
        sw_buf_printf(out, "%lld", (long long)v.i);
    else
        sw_buf_cstr(out, sw_double_format(v.d, number));
}

void sw_param_put(const struct sw_param *p, struct sw_value v, struct sw_buf *out)
{
    put_number(p, v, out);
    sw_buf_str(out, p->unit);
}

static void put_date(sw_day day, struct sw_buf *out)
{
    char date[SW_DATE_SIZE];

    sw_buf_cstr(out, sw_date_format(day, date));
}

/* 5000元; 2023-01-01起7800、2024-03-14起8800元 */
static void put_values(const struct sw_param *p, struct sw_buf *out)
{
    for (size_t i = 0; i < p->n; i++) {
        if (i > 0)
            sw_buf_cstr(out, "、");
        if (p->value[i].from != INT32_MIN) {
            put_date(p->value[i].from, out);
            sw_buf_cstr(out, "起");
        }
        put_number(p, p->value[i].value, out);
    }
    sw_buf_str(out, p->unit);
}

static bool on_value(void *ctx, unsigned bank, uint32_t slot, struct sw_buf *out)
{
    const struct reading *r = ctx;

    if (bank != BANK_PARAMS)
        return false;
    put_values(&r->rs->param[slot], out);
    return true;
}

static void on_rule(void *ctx, uint32_t index, struct sw_buf *out)
{
    const struct reading *r = ctx;

    sw_buf_str(out, r->rs->rule[index].label);
}

/* Each default once, however often its macro is used. */
static void on_default(void *ctx, struct sw_str text)
{
    struct reading *r = ctx;
    struct sw_str rest = sw_buf_view(&r->defaults);
    struct sw_str one;

    while (rest.n > 0 && sw_str_split(&rest, '\n', &one)) {
        if (sw_str_eq(one, text))
            return;
    }
    if (r->defaults.n > 0)
        sw_buf_char(&r->defaults, '\n');
    sw_buf_str(&r->defaults, text);
}

/* ---- expressions -------------------------------------------------------------------------- */

static void put_condition(struct reading *r, const char *title, const struct sw_prog *p)
{
    const struct sw_reader names = {on_value, on_rule, on_default, r};

    if (p == NULL)
        return;
    sw_buf_printf(r->out, "  %s：", title);
    r->complete &= sw_prog_read(p, &names, r->out);
    sw_buf_char(r->out, '\n');
}

static void put_points(struct reading *r)
{
    const struct sw_reader names = {on_value, on_rule, on_default, r};

    if (r->rule->score == NULL)
        return;
    sw_buf_cstr(r->out, "  加分：");
    r->complete &= sw_prog_read_points(r->rule->score, &names, r->out);
    sw_buf_char(r->out, '\n');
}

static void put_defaults(struct reading *r)
{
    struct sw_str rest = sw_buf_view(&r->defaults);
    struct sw_str one;

    if (rest.n == 0)
        return;
    sw_buf_cstr(r->out, "  按默认值处理：");
    while (rest.n > 0 && sw_str_split(&rest, '\n', &one)) {
        sw_buf_str(r->out, one);
        sw_buf_cstr(r->out, rest.n > 0 ? "；" : "\n");
    }
}

/* ---- settings ----------------------------------------------------------------------------- */

static void put_heading(struct reading *r)
{
    const struct sw_rule *rule = r->rule;
    char cap[SW_DOUBLE_SIZE];

    sw_buf_printf(r->out, "【%.*s】", SW_STR_ARG(rule->label));
    if (rule->task) {
        sw_buf_cstr(r->out, "工作任务，不计分");
    } else {
        const struct sw_category *c = &r->rs->category[rule->category];

        sw_buf_printf(r->out, "计入“%.*s”（封顶%s分）", SW_STR_ARG(c->label),
                      sw_double_format(c->cap, cap));
    }
    if (rule->hard > 0)
        sw_buf_printf(r->out, "，直接不低于%.*s", SW_STR_ARG(r->rs->level[rule->hard].label));
    sw_buf_char(r->out, '\n');
}

/* Whom an area's rule is about, and whose names it gives along. */
static void put_subject(struct reading *r)
{
    static const char *const units[] = {"户", "村", "乡镇", "县"};

    if (r->rule->subject == OF_HOUSEHOLD)
        return;
    sw_buf_printf(r->out, "  以%s为单位，按该%s内各户的情况合并判断\n", units[r->rule->subject],
                  units[r->rule->subject]);
}

/* From when to when, and whether at all. */
static void put_validity(struct reading *r)
{
    const struct sw_rule *rule = r->rule;
    bool has_from = rule->from != INT32_MIN;
    bool has_until = rule->until != SW_DAY_NEVER;

    if (!rule->enabled)
        sw_buf_cstr(r->out, "  已停用\n");
    if (!has_from && !has_until)
        return;
    sw_buf_cstr(r->out, "  适用：");
    if (has_from) {
        put_date(rule->from, r->out);
        sw_buf_cstr(r->out, "起");
    }
    if (has_until) {
        sw_buf_cstr(r->out, "至");
        put_date(rule->until, r->out);
        sw_buf_cstr(r->out, "止");
    }
    sw_buf_char(r->out, '\n');
}

static void put_days(struct reading *r, const char *format, int32_t days)
{
    struct sw_str rest = sw_str(format);
    struct sw_str front;

    if (days == 0)
        return;
    sw_str_split(&rest, '$', &front);
    sw_buf_printf(r->out, "  %.*s%d%.*s\n", SW_STR_ARG(front), days, SW_STR_ARG(rest));
}

static void put_unknown(struct reading *r)
{
    static const char *const words[] = {
        [SW_UNKNOWN_TASK] = "维持原状，列入待核实",
        [SW_UNKNOWN_TRUE] = "按条件成立处理",
        [SW_UNKNOWN_FALSE] = "按条件不成立处理",
    };

    sw_buf_printf(r->out, "  缺数据时：%s\n", words[r->rule->unknown]);
}

/* ---- on what it depends ------------------------------------------------------------------- */

size_t sw_rule_progs(const struct sw_ruleset *rs, const struct sw_rule *rule,
                     struct rule_prog out[RULE_PROGS])
{
    const struct sw_lang *own = sw_rule_lang(rs, rule);
    const struct rule_prog all[RULE_PROGS] = {{"when", rule->when, own},
                                              {"clear", rule->clear, own},
                                              {"score", rule->score, own},
                                              {"list", rule->list, rs->lang}};
    size_t n = 0;

    for (size_t i = 0; i < RULE_PROGS; i++) {
        if (all[i].prog != NULL)
            out[n++] = all[i];
    }
    return n;
}

void sw_rule_streams(const struct sw_ruleset *rs, const struct sw_rule *rule, sw_ids_of *of,
                     bool has[SW_STREAMS_MAX])
{
    struct rule_prog progs[RULE_PROGS];
    size_t n_progs = sw_rule_progs(rs, rule, progs);

    for (size_t p = 0; p < n_progs; p++) {
        const uint16_t *ids = NULL;
        size_t n = of(progs[p].prog, &ids);

        for (size_t i = 0; i < n; i++)
            has[ids[i]] = true;
    }
}

bool sw_rule_uses_param(const struct sw_ruleset *rs, const struct sw_rule *rule, uint32_t param)
{
    struct rule_prog progs[RULE_PROGS];
    size_t n = sw_rule_progs(rs, rule, progs);

    for (size_t p = 0; p < n; p++) {
        if (sw_prog_looks_at(progs[p].prog, BANK_PARAMS, param))
            return true;
    }
    return false;
}

static void put_stream(struct sw_buf *out, const struct sw_stream *st)
{
    sw_buf_printf(out, "〔%.*s〕", SW_STR_ARG(st->label.n > 0 ? st->label : st->name));
}

/* Reports whose absence makes the rule true. While a feed is silent for longer than its period
 * nothing new is held against anybody. */
static void put_feeds(struct reading *r)
{
    bool has[SW_STREAMS_MAX] = {false};
    const char *between = "  依赖：";

    sw_rule_streams(r->rs, r->rule, sw_prog_absences, has);
    for (size_t i = 0; i < r->rs->schema->n_streams; i++) {
        const struct sw_stream *st = &r->rs->schema->streams[i];

        if (!has[i] || st->of_engine)
            continue;
        sw_buf_cstr(r->out, between);
        if (st->feed.n > 0)
            sw_buf_printf(r->out, "%.*s报送", SW_STR_ARG(st->feed));
        put_stream(r->out, st);
        between = "、";
    }
    if (strcmp(between, "、") != 0)
        return;
    sw_buf_cstr(r->out, "，漏报会造成误报");
    for (size_t i = 0; i < r->rule->n_waits_for; i++) {
        const struct sw_feed *f = &r->rs->schema->feeds[r->rule->waits_for[i]];

        sw_buf_printf(r->out, "；%.*s超过%d天没有报送时暂不新增", SW_STR_ARG(f->name), f->period);
    }
    sw_buf_char(r->out, '\n');
}

static void put_partial(struct reading *r)
{
    bool has[SW_STREAMS_MAX] = {false};
    const char *between = "  数据不全：";

    sw_rule_streams(r->rs, r->rule, sw_prog_streams, has);
    for (size_t i = 0; i < r->rs->schema->n_streams; i++) {
        if (!has[i] || !r->rs->schema->streams[i].partial)
            continue;
        sw_buf_cstr(r->out, between);
        put_stream(r->out, &r->rs->schema->streams[i]);
        between = "、";
    }
    if (strcmp(between, "、") == 0)
        sw_buf_cstr(r->out, "没有记录时按不详处理\n");
}

/* Areas with numbers of their own. */
static void put_overrides(struct reading *r)
{
    for (size_t i = 0; i < r->rs->n_overrides; i++) {
        const struct sw_override *o = &r->rs->override[i];
        const struct sw_param *p = &r->rs->param[o->param];

        if (!sw_rule_uses_param(r->rs, r->rule, o->param))
            continue;
        sw_buf_printf(r->out, "  地区不同：%.*s“%.*s”", SW_STR_ARG(o->area),
                      SW_STR_ARG(p->label.n > 0 ? p->label : p->name));
        sw_param_put(p, o->value, r->out);
        if (o->from != INT32_MIN) {
            sw_buf_cstr(r->out, "，");
            put_date(o->from, r->out);
            sw_buf_cstr(r->out, "起");
        }
        if (o->until != SW_DAY_NEVER) {
            sw_buf_cstr(r->out, o->from == INT32_MIN ? "，至" : "至");
            put_date(o->until, r->out);
            sw_buf_cstr(r->out, "止");
        }
        if (o->by.n > 0)
            sw_buf_printf(r->out, "（依据：%.*s）", SW_STR_ARG(o->by));
        sw_buf_char(r->out, '\n');
    }
}

/* ---- a rule ------------------------------------------------------------------------------- */

static size_t count_tests(const struct sw_ruleset *rs, size_t rule)
{
    size_t n = 0;

    for (const struct sw_test *t = rs->tests.first; t != NULL; t = t->next)
        n += t->rule == rule;
    return n;
}

bool sw_rule_read(const struct sw_ruleset *rs, size_t rule, struct sw_buf *out)
{
    struct reading r = {.rs = rs, .rule = &rs->rule[rule], .out = out, .complete = true};

    put_heading(&r);
    put_validity(&r);
    put_subject(&r);
    put_condition(&r, "当", r.rule->when);
    put_condition(&r, "解除", r.rule->clear);
    put_days(&r, "持续$天才算", r.rule->wait);
    put_days(&r, "条件消失后保留$天", r.rule->keep);
    put_points(&r);
    put_condition(&r, "随附名单", r.rule->list);
    put_days(&r, "提醒后$天内不重复提醒", r.rule->cooldown);
    if (sw_term_is_set(&r.rule->deadline.term))
        sw_buf_printf(out, "  时限：%.*s（等级的时限更近就按等级）\n",
                      SW_STR_ARG(r.rule->deadline.text));
    put_unknown(&r);
    put_defaults(&r);
    put_partial(&r);
    put_feeds(&r);
    put_overrides(&r);
    if (r.rule->sms.n > 0)
        sw_buf_printf(out, "  短信原因：%.*s\n", SW_STR_ARG(r.rule->sms));
    if (r.rule->owner_alone)
        sw_buf_cstr(out, "  只告诉帮扶责任人：整村的情况由另一条规则告诉工作队\n");
    sw_buf_printf(out, "  测试：%zu个\n", count_tests(rs, rule));
    sw_buf_free(&r.defaults);
    return r.complete;
}

/* ---- lists -------------------------------------------------------------------------------- */

void sw_rule_line(const struct sw_ruleset *rs, size_t rule, struct sw_rule_line *out)
{
    const struct sw_rule *r = &rs->rule[rule];
    bool has[SW_STREAMS_MAX] = {false};

    *out = (struct sw_rule_line){.at = r->at,
                                 .name = r->name,
                                 .label = r->label,
                                 .enabled = r->enabled,
                                 .task = r->task,
                                 .from = r->from,
                                 .until = r->until,
                                 .tests = count_tests(rs, rule)};
    out->subject = sw_str(sw_subject_names[r->subject]);
    if (!r->task)
        out->category = rs->category[r->category].label;
    sw_rule_streams(rs, r, sw_prog_streams, has);
    for (size_t i = 0; i < rs->schema->n_streams; i++) {
        if (has[i])
            out->stream[out->n_streams++] = rs->schema->streams[i].name;
    }
}

struct sw_str sw_rule_nearest(const struct sw_ruleset *rs, struct sw_str name)
{
    struct sw_str names[RULES_MAX];

    for (size_t i = 0; i < rs->n_rules; i++)
        names[i] = rs->rule[i].name;
    return sw_str_nearest(name, names, rs->n_rules);
}
