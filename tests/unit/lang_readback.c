/* Expressions read back in Chinese, as those see them who sign the rules. What has no words must
 * stand in backquotes and be reported, so each is asked for that too. */
#include "../tap.h"
#include "lang_county.h"
#include <shouwang/base/buf.h>

static const struct {
    const char *text, *words;
} conditions[] = {
    /* windows and folds */
    {"medical.bill.within(days(365)).sum(self_paid) >= 5000",
     "近365天〔医疗费结算〕自付费用合计不低于5000元"},
    {"medical.bill.count() == 0", "〔医疗费结算〕次数等于0"},
    {"medical.bill.this_year().max(self_paid) > 100.5",
     "今年〔医疗费结算〕最高自付费用超过100.5元"},
    {"edu.fee.this(\"school_year\").sum(self_paid) > p.edu_line",
     "本学年（9月1日起）〔教育支出〕自付学费合计超过“年教育自付预警线”(10000元)"},
    {"medical.bill.where(kind == \"chronic\").count() >= 1",
     "〔医疗费结算〕中属于门诊慢特病的次数不低于1"},
    {"medical.bill.older_than(days(90)).exists()", "有〔医疗费结算〕中已满90天的"},
    {"medical.bill.between(days(30), days(90)).exists(kind != \"chronic\")",
     "90天前到30天前有〔医疗费结算〕中不属于门诊慢特病的"},
    {"!medical.bill.within(days(p.visit_days)).exists()",
     "近“监测户走访间隔”(60天)没有〔医疗费结算〕"},
    {"work.lost.unless(work.hired, person).older_than(days(p.jobless_days)).count() >= 1",
     "〔失业登记〕中之后没有〔就业登记〕的（同一人）中已满“失业多少天未再就业”(90天)的次数不低于1"},
    {"work.lost.unless(work.hired.where(person == person)).count() >= 1",
     "〔失业登记〕中之后没有（〔就业登记〕中人员是人员的）的次数不低于1"},
    {"medical.bill.this_year().by(person).exists(sum(self_paid) >= p.med_line_poor)",
     "今年〔医疗费结算〕（按人）有人自付费用合计不低于“脱贫户年自付医疗费预警线”(5000元)"},
    {"!medical.bill.by(person).exists(sum(self_paid) >= 1 && count() > 2)",
     "〔医疗费结算〕（按人）没有人自付费用合计不低于1元并且次数超过2"},
    {"medical.bill.by(person).count_if(sum(self_paid) >= 1 || count() > 2) >= 2",
     "〔医疗费结算〕（按人）自付费用合计不低于1元或者次数超过2的人数不低于2"},
    {"medical.bill.by(kind).count_if(kind == \"chronic\" && count() > 2) >= 2",
     "〔医疗费结算〕（按类别）类别是门诊慢特病并且次数超过2的组数不低于2"},
    {"medical.bill.by_month(4).count_if(sum(self_paid) >= p.outpatient_line) >= 3",
     "近4个整月〔医疗费结算〕（按月）自付费用合计不低于“月门诊慢特病自付线”(500元)的月数不低于3"},
    {"medical.bill.by_month(4).exists(count() >= 3)",
     "近4个整月〔医疗费结算〕（按月）有一个月次数不低于3"},
    {"medical.bill.within(days(30)).by(person).count() >= 2",
     "近30天〔医疗费结算〕（按人）人数不低于2"},
    {"medical.bill.distinct(person) >= 2 && medical.bill.distinct(kind) < 2",
     "〔医疗费结算〕人数不低于2，并且〔医疗费结算〕不同类别的个数低于2"},
    {"medical.bill.sum(total - self_paid) > 3", "〔医疗费结算〕（`total`减自付费用）合计超过3元"},
    {"house.inspect.latest(grade) == \"D\"", "〔房屋鉴定〕最近一次的鉴定等级是D级危房"},
    {"house.inspect.latest().grade in [\"C\", \"D\"]",
     "〔房屋鉴定〕最近一次的鉴定等级是C级危房/D级危房"},
    {"visit.done.days_since() > p.visit_days",
     "〔入户走访〕最近一次至今的天数超过“监测户走访间隔”(60天)"},
    {"medical.bill.filter(e, e.self_paid > 100).map(e, e.self_paid).sum() > 200",
     "〔医疗费结算〕中自付费用超过100元的自付费用合计超过200元"},
    {"medical.bill.avg(self_paid).orValue(0) > 3",
     "〔医疗费结算〕平均自付费用（不详时取0元）超过3元"},
    {"disaster.loss.where(kind in farm_hazards || kind == \"fire\").sum(loss) >= 3",
     "〔灾损上报〕中属于冰雹/洪涝/干旱/大风/低温冻害或者属于火灾的损失金额合计不低于3元"},
    {"hh.kind in poor_kinds && !hh.dibao",
     "户类型是已脱贫户/脱贫不稳定户/边缘易致贫户/突发严重困难户，并且不满足“享受低保”"},
    {"!(hh.kind in poor_kinds) || !(hh.dibao && hh.monitored)",
     "户类型不是已脱贫户/脱贫不稳定户/边缘易致贫户/"
     "突发严重困难户，或者并非（享受低保，并且已纳入监测）"},
    {"hh.kind in poor_kinds && (hh.dibao || hh.monitored)",
     "户类型是已脱贫户/脱贫不稳定户/边缘易致贫户/突发严重困难户，并且（享受低保，或者已纳入监测）"},
    {"hh.kind in poor_kinds && hh.dibao || hh.monitored",
     "（户类型是已脱贫户/脱贫不稳定户/边缘易致贫户/突发严重困难户，并且享受低保），或者已纳入监测"},
    {"hh.dibao == true || hh.dibao != true", "享受低保，或者不满足“享受低保”"},
    {"5000 <= hh.income_12m", "近12个月家庭总收入不低于5000元"},
    {"hh.income_12m * 0.3 + 500 > p.med_ratio * hh.income_12m - 200",
     "近12个月家庭总收入的0.3倍加500元超过近12个月家庭总收入的“自付医疗费占收入比例”(0.4比例)"
     "倍减200元"},
    {"hh.income_12m - (hh.income_12m - 5) > hh.income_12m / hh.members_n * 2",
     "近12个月家庭总收入减（近12个月家庭总收入减5元）超过（近12个月家庭总收入除以家庭人口）的2倍"},
    {"today - hh.monitored_since > days(30)", "纳入监测日期至今的天数超过30天"},
    {"hh.monitored_since + days(30) < today", "纳入监测日期之后30天早于今天"},
    {"hh.monitored_since >= \"2024-01-01\"", "纳入监测日期不早于2024-01-01"},
    {"known(hh.income_12m) && !known(hh.land_mu)", "近12个月家庭总收入已知，并且种植面积(亩)不详"},
    {"hh.village.startsWith(\"石\") && !hh.village.contains(\"x\")", "村以“石”开头，并且村不含“x”"},
    {"fired(\"a\") && !fired(\"b\")", "规则【甲】成立，并且规则【乙】不成立"},
    {"farm.loss.sum(amount) >= math.least(p.farm_ratio * hh.income_12m, 5000)",
     "〔产业损失〕损失金额合计不低于（近12个月家庭总收入的“产业损失占收入比例”(0.3比例)"
     "倍与5000元两者中较小的）"},
    {"hh.dibao ? hh.monitored : hh.house_lived", "如果享受低保，则已纳入监测，否则唯一住房且在住"},
    {"hh.income_12m > (hh.dibao ? 1000 : 2000)",
     "近12个月家庭总收入超过（享受低保时为1000元，否则为2000元）"},
    {"hh.dibao.orValue(false) && !hh.dibao.orValue(true)",
     "享受低保（不详时按否），并且不满足“享受低保”（不详时按满足）"},
    {"[1, 2].exists(x, x > hh.members_n)", "1/2中有该项超过家庭人口的"},
    {"today.getMonth() == 8", "今天的月份（从0数起）等于8"},
    {"duration(\"3h\") > days(1)", "`duration(\"3h\")`超过1天"},
    /* ends, ages, tags, members */
    {"loan.issued.open().sum(amount) > 30000", "〔小额信贷〕中仍在有效期内的金额合计超过30000元"},
    {"loan.issued.ends_within(days(30)).exists()", "有〔小额信贷〕中30天内到期的"},
    {"years_since(hh.monitored_since) >= 3 && !(years_since(hh.monitored_since) > 5)",
     "纳入监测日期至今满3年，并且纳入监测日期至今不满6年"},
    {"years_since(hh.monitored_since) == 3", "纳入监测日期至今的整年数等于3"},
    {"count_fired(\"mild\") >= 2", "规则【甲】【乙】中已成立的类数不低于2"},
    {"members.exists(m, years_since(m.birth) >= 60 && m.ill)",
     "家庭成员中有年满60周岁并且患大病的"},
    {"members.exists(m, years_since(m.birth) < 16 || years_since(m.birth) <= 64)",
     "家庭成员中有不满16周岁或者不满65周岁的"},
    {"!members.exists(m, m.ill)", "家庭成员中没有患大病的"},
    {"members.filter(m, m.labor).all(m, m.job == \"none\")",
     "家庭成员中有劳动能力的全都满足（就业状况是未就业）"},
    {"members.exists_one(m, !m.ill)", "家庭成员中恰有一个不满足“患大病”的"},
    {"members.filter(m, m.ill).size() * 2 >= members.size()",
     "家庭成员中患大病的人数的2倍不低于家庭成员的人数"},
    {"members.map(m, m.job).exists(j, j == \"none\")", "家庭成员的就业状况中有该项是未就业的"},
    {"members.filter(m, m.ill).exists(m, m.labor)", "家庭成员中患大病的中有有劳动能力的"},
    {"math.greatest(1, hh.members_n, 3) > 2", "（1、家庭人口与3中最大的）超过2"},
    {"!(hh.dibao && hh.monitored || fired(\"a\"))",
     "并非（（享受低保，并且已纳入监测），或者规则【甲】成立）"},
    /* what is long and comes twice is said once, behind; what is short is written out */
    {"twice > 3 && twice < 5", "近30天〔医疗费结算〕次数超过3，并且近30天〔医疗费结算〕次数低于5"},
    {"spent > 3 && hh.income_12m - spent < 5", "甲超过3元，并且近12个月家庭总收入减甲低于5元；其中"
                                               "甲＝近365天〔医疗费结算〕自付费用合计加近365天〔"
                                               "教育支出〕自付学费合计"},
    {"left < 3 && spent > 4 && left > 2", "甲低于3元，并且乙超过4元，并且甲超过2元；其中甲＝近12个"
                                          "月家庭总收入的0.3倍减乙；乙＝近365天〔医疗费结算〕"
                                          "自付费用合计加近365天〔教育支出〕自付学费合计"},
    {"!(hh.members_n >= 3)", "家庭人口低于3"},
};

static const struct {
    const char *text, *words;
} points[] = {
    {"10", "10分"},
    {"ramp(hh.income_12m, 1000, p.med_full, 8, 25.5)",
     "从8分起，随近12个月家庭总收入由1000元升到“年自付医疗费满分线”(40000元)按比例升至25.5分"},
    {"math.least(medical.bill.count() * 10, 20)", "〔医疗费结算〕次数乘以10分，最多20分"},
    {"hh.dibao ? 5 : 10 + 5", "享受低保时5分，否则10分，再加5分"},
    {"hh.members_n", "按家庭人口计分"},
};

static bool value(void *ctx, unsigned bank, uint32_t slot, struct sw_buf *out)
{
    const struct county *c = ctx;

    if (bank != COUNTY_P)
        return false;
    sw_value_put(c->l, c->p[slot], out);
    sw_buf_cstr(out, county_params[slot].unit);
    return true;
}

static void rule(void *ctx, uint32_t index, struct sw_buf *out)
{
    (void)ctx;
    sw_buf_cstr(out, index == 0 ? "甲" : "乙");
}

static void check(struct county *c, const char *text, const char *words, bool is_points)
{
    struct sw_diag diag = {0};
    struct sw_reader names = {.value = value, .rule = rule, .ctx = c};
    struct sw_buf out = {0};
    const struct sw_type *want = is_points ? sw_type_of(c->l, SW_KDOUBLE) : NULL;
    struct sw_prog *p = sw_lang_compile(c->l, county_text(text), want, &diag);
    bool said = false;

    if (p != NULL)
        said = (is_points ? sw_prog_read_points : sw_prog_read)(p, &names, &out);
    tap_str(sw_buf_view(&out), sw_str(words), __FILE__, __LINE__, text);
    if (said != (strchr(words, '`') == NULL))
        ok_named(false, "what has no words is reported");
    if (p == NULL)
        sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    sw_buf_free(&out);
}

static void keep(void *ctx, struct sw_str text)
{
    sw_buf_str(ctx, text);
    sw_buf_char(ctx, ';');
}

static void check_defaults(struct county *c)
{
    struct sw_diag diag = {0};
    struct sw_buf told = {0};
    struct sw_buf out = {0};
    struct sw_reader names = {.value = NULL, .defaulted = keep, .ctx = &told};
    struct sw_prog *p = sw_lang_compile(
        c->l, county_text("disaster.hail.max(severity).orValue(0) >= 3 && hh.dibao.orValue(false)"),
        NULL, &diag);

    sw_prog_read(p, &names, &out);
    is_str(sw_buf_view(&told), "〔冰雹预警(按村)〕最高强度(1-5)不详时取0;享受低保不详时按否;");
    sw_diag_free(&diag);
    sw_buf_free(&told);
    sw_buf_free(&out);
}

/* Members of the household, as the engine declares them. */
static void declare_members(struct county *c)
{
    static const struct sw_enum_item jobs[] = {{{"none", 4}, {"未就业", 9}},
                                               {{"near", 4}, {"就近务工", 12}}};
    static struct sw_field_decl field[4];

    field[0] = (struct sw_field_decl){SW_STR("birth"), SW_STR("出生日期"),
                                      sw_type_of(c->l, SW_KDATE), true};
    field[1] =
        (struct sw_field_decl){SW_STR("ill"), SW_STR("患大病"), sw_type_of(c->l, SW_KBOOL), true};
    field[2] = (struct sw_field_decl){SW_STR("labor"), SW_STR("有劳动能力"),
                                      sw_type_of(c->l, SW_KBOOL), true};
    field[3] = (struct sw_field_decl){SW_STR("job"), SW_STR("就业状况"),
                                      sw_type_enum(c->l, SW_STR("job"), jobs, 2), true};
    sw_lang_var(c->l, SW_STR("members"),
                sw_type_list(c->l, sw_type_record(c->l, SW_STR("member"), field, 4)), COUNTY_HH, 30,
                true, SW_STR("家庭成员"), SW_STR(""));
}

int main(void)
{
    struct county c;
    struct sw_diag diag = {0};

    county_begin(&c);
    declare_members(&c);
    sw_lang_tag(c.l, SW_STR("mild"), 0, 0);
    sw_lang_tag(c.l, SW_STR("mild"), 1, 1);
    sw_lang_macro(c.l, SW_STR("twice"), county_text("medical.bill.within(days(30)).count()"),
                  &diag);
    sw_lang_macro(c.l, SW_STR("spent"),
                  county_text("medical.bill.within(days(365)).sum(self_paid) + "
                              "edu.fee.within(days(365)).sum(self_paid)"),
                  &diag);
    sw_lang_macro(c.l, SW_STR("left"), county_text("hh.income_12m * 0.3 - spent"), &diag);
    county_declare_rules(&c, &diag);
    sw_lang_rule(c.l, SW_STR("a"), 0);
    sw_lang_rule(c.l, SW_STR("b"), 1);
    for (size_t i = 0; i < SW_COUNTOF(conditions); i++)
        check(&c, conditions[i].text, conditions[i].words, false);
    for (size_t i = 0; i < SW_COUNTOF(points); i++)
        check(&c, points[i].text, points[i].words, true);
    check_defaults(&c);
    is_int_named(diag.errors, 0, "the county is declared");
    sw_diag_free(&diag);
    county_end(&c);
    return done_testing();
}
