/* One compile session: lets, macros, lists, templates, what programs say they look at, the limits
 * on texts, and what is told once. */
#include "../tap.h"
#include "lang_ask.h"

static struct county c;
static struct sw_prog *compile(const char *text, struct sw_diag *diag)
{
    return sw_lang_compile(c.l, county_text(text), NULL, diag);
}

/* The message of the n-th finding, errors and warnings alike; "" when there are fewer. */
static struct sw_str finding(const struct sw_diag *diag, int n)
{
    const struct sw_finding *f = diag->first;

    while (f != NULL && n-- > 0)
        f = f->next;
    return f == NULL ? sw_str("") : f->message;
}

static void forget(struct sw_diag *diag)
{
    sw_diag_free(diag);
    *diag = (struct sw_diag){0};
}

/* ---- lets, macros, lists --------------------------------------------------------------------- */

static void test_lets(void)
{
    struct sw_diag diag = {0};
    struct sw_prog *p;

    ask_begin(&c);
    sw_lang_begin(c.l);
    sw_lang_let(c.l, SW_STR("paid"), county_text("medical.bill.sum(self_paid)"), &diag);
    sw_lang_let(c.l, SW_STR("rest"), county_text("p.med_full - paid"), &diag);
    sw_lang_let(c.l, SW_STR("idle"), county_text("1"), &diag);
    p = compile("rest > 30000", &diag);
    sw_lang_end(c.l, &diag);
    ok(p != NULL);
    is_str(ask_program(&c, p, county_day("2024-03-10")), "true");
    is_int(diag.errors, 0);
    is_str(finding(&diag, 0), "idle is never used");
    forget(&diag);
    ok_named(compile("rest > 0", &diag) == NULL, "lets end with their rule");
    is_str(finding(&diag, 0), "there is no name rest");
    forget(&diag);

    sw_lang_begin(c.l);
    sw_lang_let(c.l, SW_STR("med_paid_12m"), county_text("1"), &diag);
    is_str(finding(&diag, 0), "the name med_paid_12m is taken already");
    forget(&diag);
    sw_lang_let(c.l, SW_STR("own"), county_text("own + 1"), &diag);
    is_str(finding(&diag, 0), "there is no name own");
    forget(&diag);
    ok_named(compile("own > 1", &diag) == NULL, "a broken let breaks what uses it");
    is_int_named(diag.errors, 0, "which is not told twice");
    sw_lang_end(c.l, &diag);
    is_int_named(diag.warnings, 0, "nor called unused");
    sw_diag_free(&diag);
    county_end(&c);
}

static void test_macros(void)
{
    struct sw_diag diag = {0};
    struct sw_text entries[] = {county_text("hail"), county_text("hial"), county_text("fier")};

    ask_begin(&c);
    sw_lang_macro(c.l, SW_STR("broken"), county_text("medical.bill.sum(self_payed)"), &diag);
    is_int(diag.errors, 1);
    ok(compile("broken > 1", &diag) == NULL && compile("broken < 1", &diag) == NULL);
    is_int_named(diag.errors, 1, "a macro's fault is told where it stands, once");
    forget(&diag);
    sw_lang_macro(c.l, SW_STR("bills"), county_text("medical.bill.within(days(30))"), &diag);
    is_str_named(ask(&c, "bills.sum(self_paid) + bills.where(self_paid < 0).sum(self_paid)",
                     county_day("2024-03-10")),
                 "510.55", "a macro may stand for events");
    sw_lang_list(c.l, SW_STR("bad_hazards"), entries, 3);
    ok(compile("disaster.loss.where(kind in bad_hazards).exists()", &diag) == NULL);
    is_str(finding(&diag, 0), "hazard has no value \"hial\"; did you mean hail?");
    is_str(finding(&diag, 1), "hazard has no value \"fier\"; did you mean fire?");
    ok(compile("disaster.loss.where(!(kind in bad_hazards)).exists()", &diag) == NULL);
    is_int_named(diag.errors, 2, "a list's faults are told once");
    forget(&diag);
    ok(compile("disaster.loss.where(kind in farm_hazards).exists()", &diag) != NULL);
    ok(compile("hh.kind in farm_hazards", &diag) == NULL);
    is_str(finding(&diag, 0), "farm_hazards is a list of hazard, not of hh_kind");
    sw_lang_macro(c.l, SW_STR("kind"), county_text("1"), &diag);
    is_str(ask(&c, "medical.bill.where(kind == \"chronic\").exists()", 0),
           "20: kind is a field of the event and also a macro, list or let; rename one of them");
    sw_diag_free(&diag);
    county_end(&c);
}

static void test_warnings(void)
{
    static const struct {
        const char *text, *warning;
    } cases[] = {
        {"farm.loss.max(amount) > 5",
         "max() is unknown when there are no events; write .orValue(...) behind it"},
        {"medical.bill.latest().self_paid > 5",
         "latest() is unknown when there are no events; write .orValue(...) behind it"},
        {"farm.loss.max(amount).orValue(0) > 5", ""},
        {"farm.loss.sum(amount) > 5", ""},
        {"7 / hh.members_n > 1", "whole numbers divide without a remainder: 7 / 2 is 3; write "
                                 "double(…) or a decimal point if that is not meant"},
        {"7.0 / hh.members_n > 1", ""},
    };

    ask_begin(&c);
    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        struct sw_diag diag = {0};

        ok_named(compile(cases[i].text, &diag) != NULL, cases[i].text);
        is_str(finding(&diag, 0), cases[i].warning);
        sw_diag_free(&diag);
    }
    county_end(&c);
}

/* ---- parameters in yuan ---------------------------------------------------------------------- */

static void test_yuan(void)
{
    static struct sw_value bank[2];
    struct sw_diag diag = {0};
    struct sw_prog *number;

    ask_begin(&c);
    sw_lang_var(c.l, SW_STR("p.line"), sw_type_of(c.l, SW_KDOUBLE), 3, 0, false, SW_STR("线"),
                SW_STR("元"));
    sw_lang_var(c.l, SW_STR("p.whole"), sw_type_of(c.l, SW_KINT), 3, 1, true, SW_STR("整线"),
                SW_STR("元"));
    bank[0] = sw_value_double(12.345);
    bank[1] = sw_value_int(500);
    c.frame.bank[3] = bank;
    is_str(ask(&c, "p.line", 0), "12.35");
    is_str(ask(&c, "p.line + p.whole", 0), "512.35");
    is_str(ask(&c, "medical.bill.sum(self_paid) >= p.whole", county_day("2024-03-10")), "true");
    is_str(ask(&c, "medical.bill.where(self_paid > p.whole).count()", county_day("2024-03-10")),
           "3");
    bank[1] = sw_value_unknown(0);
    is_str(ask(&c, "p.line + p.whole", 0), "unknown (整线)");
    number = sw_lang_compile(c.l, county_text("p.line * 2"), sw_type_of(c.l, SW_KDOUBLE), &diag);
    ok(number != NULL && sw_type_kind(sw_prog_type(number)) == SW_KDOUBLE);
    is_str_named(ask_program(&c, number, 0), "24.7", "an amount wanted as a number is in yuan");
    ok(sw_lang_compile(c.l, county_text("hh.kind"), sw_type_of(c.l, SW_KDOUBLE), &diag) == NULL);
    is_str(finding(&diag, 0), "this must be double, it is enum(hh_kind)");
    sw_diag_free(&diag);
    county_end(&c);
}

/* ---- templates ------------------------------------------------------------------------------- */

static void test_templates(void)
{
    static const struct {
        const char *text, *answer;
    } cases[] = {
        {"", ""},
        {"守望", "守望"},
        {"{{hh.name}}近12个月自付{{med_paid_12m}}元", "张三近12个月自付5330.55元"},
        {"{{hh.kind}}/{{medical.bill.latest(kind)}}", "已脱贫户/门诊"},
        {"{{ 1 + 1 }}{{2.5}}{{true}}{{\"x\"}}{{date(\"2024-01-02\")}}", "22.5是x2024-01-02"},
        {"收入{{hh.income_12m}}元", "收入不详元"},
        {"{{medical.bill.where(kind == \"outpatient\").sum(self_paid)}}", "280"},
        {"a { b } c", "a { b } c"},
        {"{{", "1: {{ without }} behind it"},
        {"ab {{hh.nme}} {{p.x}}", "8: there is no household field nme; did you mean name?"},
        {"{{}}", "3: syntax error: found the end but expecting a value"},
        {"{{1 +}} x {{hh.kind", "6: syntax error: found the end but expecting a value"},
        {"{{hh.members}}", "3: this is a whole member; choose one of its fields"},
    };

    ask_begin(&c);
    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        struct sw_diag diag = {0};
        struct sw_buf out = {0};
        struct sw_prog *p = sw_lang_template(c.l, county_text(cases[i].text), &diag);

        if (p == NULL) {
            ask_finding_put(&diag, &out);
        } else {
            sw_reads_free(c.frame.reads);
            c.frame.reads = NULL;
            sw_buf_str(&out, ask_program(&c, p, county_day("2024-03-10")));
        }
        is_str_named(sw_buf_view(&out), cases[i].answer, cases[i].text);
        sw_diag_free(&diag);
        sw_buf_free(&out);
    }
    county_end(&c);
}

/* ---- what programs look at ------------------------------------------------------------------- */

static void put_numbers(struct sw_buf *out, const char *what, const uint32_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sw_buf_printf(out, "%s%s%u", out->n > 0 ? " " : "", what, at[i]);
}

static void put_streams(struct sw_buf *out, const char *what, const uint16_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sw_buf_printf(out, "%s%s%s", out->n > 0 ? " " : "", what, county_streams[ids[i]].name);
}

static void test_uses(void)
{
    static const struct {
        const char *text, *uses;
    } cases[] = {
        {"1 + 2", ""},
        {"hh.kind in poor_kinds && p.med_line_poor > 3", "hh3 p0"},
        {"hh.kind == \"out\" ? p.med_ratio : p.med_ratio", "hh3 p3"},
        {"medical.bill.sum(self_paid) > medical.bill.max(total)", "medical.bill -medical.bill"},
        {"work.lost.unless(work.hired, person).older_than(days(p.jobless_days)).count()",
         "work.lost work.hired -work.hired p6"},
        {"visit.done.days_since() > p.visit_days", "visit.done -visit.done p18"},
        {"visit.done.days_since() * 2", "visit.done -visit.done daily"},
        {"today - hh.monitored_since > days(3)", "hh6"},
        {"today.getFullYear() == 2024", "daily"},
        {"fired(\"dim\") && fired(\"lit\") && fired(\"dim\")", "rule0 rule2"},
        {"medical.bill.where(self_paid > p.med_floor && hh.dibao).exists()", "medical.bill hh4 p4"},
        {"hh.members.exists(m, m.age > p.visit_days)", "p18 other0"},
    };

    ask_begin(&c);
    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        struct sw_diag diag = {0};
        struct sw_buf out = {0};
        struct sw_prog *p = compile(cases[i].text, &diag);
        const uint16_t *ids;
        const uint32_t *at;
        size_t n;

        n = sw_prog_streams(p, &ids);
        put_streams(&out, "", ids, n);
        n = sw_prog_absences(p, &ids);
        put_streams(&out, "-", ids, n);
        n = sw_prog_vars(p, COUNTY_HH, &at);
        put_numbers(&out, "hh", at, n);
        n = sw_prog_vars(p, COUNTY_P, &at);
        put_numbers(&out, "p", at, n);
        n = sw_prog_vars(p, 2, &at);
        put_numbers(&out, "other", at, n);
        n = sw_prog_rules(p, &at);
        put_numbers(&out, "rule", at, n);
        if (sw_prog_daily(p))
            sw_buf_cstr(&out, out.n > 0 ? " daily" : "daily");
        is_str_named(sw_buf_view(&out), cases[i].uses, cases[i].text);
        sw_diag_free(&diag);
        sw_buf_free(&out);
    }
    county_end(&c);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void repeat(struct sw_buf *out, const char *text, int n)
{
    for (int i = 0; i < n; i++)
        sw_buf_cstr(out, text);
}

static struct sw_str limit(enum sw_lang_mode mode, const char *front, const char *middle, int n,
                           const char *back)
{
    static struct sw_buf out;
    struct sw_lang *l = sw_lang_new(mode);
    struct sw_diag diag = {0};
    struct sw_buf text = {0};
    struct sw_prog *p;

    sw_buf_cstr(&text, front);
    repeat(&text, middle, n);
    sw_buf_cstr(&text, back);
    p = sw_lang_compile(l, county_text(text.p), NULL, &diag);
    sw_buf_clear(&out);
    if (p != NULL)
        sw_buf_cstr(&out, "fits");
    else
        sw_buf_str(&out, finding(&diag, 0));
    sw_diag_free(&diag);
    sw_buf_free(&text);
    sw_lang_free(l);
    return sw_buf_view(&out);
}

static void test_limits(void)
{
    static const enum sw_lang_mode modes[] = {SW_LANG_CEL, SW_LANG_RULES};

    for (size_t i = 0; i < 2; i++) {
        is_str(limit(modes[i], "", " ", 4095, "1"), "fits");
        is_str(limit(modes[i], "", " ", 4096, "1"), "the expression is longer than 4096 bytes");
        is_str(limit(modes[i], "[1", ",1", 199, "]"), "fits");
        is_str(limit(modes[i], "[1", ",1", 200, "]"), "a list may have at most 200 elements");
        is_str(limit(modes[i], "1", "+1", 64, ""), "fits");
        is_str(limit(modes[i], "1", "+1", 65, ""), "the expression is nested more than 64 deep");
        is_str(limit(modes[i], "true", "&&true", 249, ""), "fits");
        is_str(limit(modes[i], "true", "&&true", 250, ""),
               "the expression has more than 500 parts; split it with macros");
        is_str(limit(modes[i], "", "(", 2000, "1"), "the expression is nested more than 64 deep");
        is_str_named(limit(modes[i], "", "-", 2001, "1"), "fits", "pairs of signs cancel out");
        is_str(limit(modes[i], "", "[", 2000, ""), "the expression is nested more than 64 deep");
    }
}

/* Macros written out count. */
static void test_grown(void)
{
    struct sw_diag diag = {0};

    ask_begin(&c);
    sw_lang_macro(c.l, SW_STR("m1"), county_text("[1,2,3,4,5,6,7,8,9,10].size()"), &diag);
    sw_lang_macro(c.l, SW_STR("m2"), county_text("m1+m1+m1+m1+m1+m1+m1+m1+m1+m1"), &diag);
    is_int(diag.errors, 0);
    is_str(ask(&c, "m2", 0), "100");
    sw_lang_macro(c.l, SW_STR("m3"), county_text("m2+m2+m2+m2+m2+m2+m2+m2+m2+m2"), &diag);
    is_str(finding(&diag, 0), "with its macros written out the expression has more than 500 parts");
    sw_diag_free(&diag);
    county_end(&c);
}

int main(void)
{
    test_lets();
    test_macros();
    test_warnings();
    test_yuan();
    test_templates();
    test_uses();
    test_limits();
    test_grown();
    return done_testing();
}
