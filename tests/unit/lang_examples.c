/* The handbook's twenty example rules: every expression compiles, and says on the days of their
 * tests what it is expected to say. What needs a rule's state (for, keep, clear, levels) is tested
 * with the engine. */
#include "../tap.h"
#include "lang_county.h"
#include <math.h>
#include <shouwang/base/buf.h>

struct example_rule {
    const char *name;
    struct {
        const char *name, *text;
    } let[3];
    const char *when, *clear, *score, *message;
};

struct example_test {
    const char *rule, *household, *events, *expect;
};

static const struct example_rule example_rules[] = {
    {"med_oop_12m",
     {{"line", "hh.kind in poor_kinds ? p.med_line_poor : p.med_line_other"}},
     "med_paid_12m >= line",
     NULL,
     "ramp(med_paid_12m, line, p.med_full, 8, 25)",
     "{{hh.name}}近12个月自付医疗费{{med_paid_12m}}元，达到预警线{{line}}元"},
    {"med_burden",
     {{NULL, NULL}},
     "med_paid_12m >= p.med_floor && med_paid_12m > hh.income_12m * p.med_ratio",
     NULL,
     "10",
     "自付医疗费{{med_paid_12m}}元，超过家庭收入{{hh.income_12m}}元的{{p.med_ratio}}倍"},
    {"outpatient_month",
     {{NULL, NULL}},
     "medical.bill.within(days(30)).where(kind in [\"outpatient\", \"chronic\"]).sum(self_paid) >= "
     "p.outpatient_line",
     NULL,
     "6",
     "近30天门诊慢特病自付超过{{p.outpatient_line}}元"},
    {"job_loss",
     {{"n", "work.lost.unless(work.hired, person).older_than(days(p.jobless_days)).count()"}},
     "n >= 1",
     NULL,
     "math.least(n * 10, 20)",
     "{{n}}名劳动力失业满{{p.jobless_days}}天仍未就业"},
    {"hail_village",
     {{NULL, NULL}},
     "disaster.hail.within(days(30)).max(severity).orValue(0) >= p.hail_severity && hh.land_mu >= "
     "p.hail_land",
     NULL,
     "12",
     "所在村近30天冰雹强度{{disaster.hail.within(days(30)).max(severity)}}级，种植{{hh.land_mu}}"
     "亩"},
    {"disaster_loss",
     {{"lost",
       "disaster.loss.within(days(90)).where(kind in farm_hazards || kind == \"fire\").sum(loss)"}},
     "lost >= p.disaster_line",
     NULL,
     "ramp(lost, p.disaster_line, p.disaster_full, 10, 30)",
     "近90天因灾损失{{lost}}元"},
    {"income_low",
     {{NULL, NULL}},
     "hh.income_12m / hh.members_n < p.monitor_line",
     "hh.income_12m / hh.members_n >= p.monitor_line * 1.1",
     "15",
     "人均年收入{{hh.income_12m / hh.members_n}}元，低于监测线{{p.monitor_line}}元"},
    {"balance",
     {{"income", "income.record.within(days(365)).sum(amount).orValue(hh.income_12m)"},
      {"rigid", "med_paid_12m + edu_paid_12m + spend.record.within(days(365)).where(kind == "
                "\"rigid\").sum(amount).orValue(0)"},
      {"left", "(income - rigid) / hh.members_n"}},
     "rigid >= p.rigid_min && left < p.monitor_line",
     NULL,
     "15",
     "近12个月收入{{income}}元，刚性支出{{rigid}}元，人均结余{{left}}元"},
    {"dropout",
     {{NULL, NULL}},
     "edu.dropout.unless(edu.back, person).older_than(days(7)).count() >= 1 || "
     "edu.absence.within(days(30)).sum(days_absent) >= p.absent_days",
     NULL,
     "20",
     "有学生疑似辍学或30天内缺课超过{{p.absent_days}}天"},
    {"edu_cost",
     {{NULL, NULL}},
     "edu_paid_12m > p.edu_line",
     NULL,
     "8",
     "近12个月教育自付{{edu_paid_12m}}元"},
    {"house_danger",
     {{"bad", "house.inspect.unless(house.repaired).where(grade in [\"C\", \"D\"]).count()"}},
     "hh.house_lived && bad >= 1",
     NULL,
     "25",
     "唯一住房鉴定为危房，尚未改造"},
    {"house_d",
     {{NULL, NULL}},
     "hh.house_lived && house.inspect.unless(house.repaired).where(grade == \"D\").count() >= 1",
     NULL,
     "5",
     "D级危房仍有人居住，立即转移"},
    {"water",
     {{NULL, NULL}},
     "water.outage.unless(water.restored).older_than(days(p.water_days)).count() >= 1",
     NULL,
     "8",
     "断水超过{{p.water_days}}天"},
    {"accident",
     {{NULL, NULL}},
     "accident.report.within(days(180)).where(outcome in [\"disabled\", \"death\"]).count() >= 1",
     NULL,
     "20",
     "半年内有成员因意外致残或死亡"},
    {"farm_fail",
     {{NULL, NULL}},
     "farm.loss.within(days(180)).sum(amount) >= hh.income_12m.orValue(p.income_default) * "
     "p.farm_ratio",
     NULL,
     "10",
     "半年内产业损失较大"},
    {"med_person_ytd",
     {{NULL, NULL}},
     "hh.kind in poor_kinds && medical.bill.this_year().by(person).exists(sum(self_paid) >= "
     "p.med_line_poor)",
     NULL,
     "8",
     "有成员本年度自付医疗费达到{{p.med_line_poor}}元"},
    {"outpatient_3of4",
     {{NULL, NULL}},
     "medical.bill.where(kind in [\"outpatient\", "
     "\"chronic\"]).by_month(4).count_if(sum(self_paid) >= p.outpatient_line) >= 3",
     NULL,
     "6",
     "近4个月中至少3个月门诊慢特病自付超过{{p.outpatient_line}}元"},
    {"wage_collapse",
     {{"now90", "income.record.within(days(90)).sum(amount).orValue(0)"},
      {"then90", "income.record.between(days(365), days(455)).sum(amount)"}},
     "then90 > p.income_default * 0.1 && now90 < then90 * 0.3",
     NULL,
     "12",
     "近90天收入{{now90}}元，去年同期{{then90}}元"},
    {"ill_and_jobless",
     {{NULL, NULL}},
     "fired(\"med_oop_12m\") && fired(\"job_loss\")",
     NULL,
     "10",
     "大额医疗支出与失业同时存在"},
    {"no_visit",
     {{NULL, NULL}},
     "hh.monitored && (visit.done.days_since() > p.visit_days || visit.done.count() == 0 && today "
     "- hh.monitored_since > days(p.visit_days))",
     NULL,
     NULL,
     "监测户超过{{p.visit_days}}天未走访"},
};

static const struct example_test example_tests[] = {
    {"med_oop_12m", "kind=none members_n=4",
     "2024-02-10 medical.bill person=张三 kind=inpatient self_paid=12000; 2024-05-20 medical.bill "
     "person=张三 kind=inpatient self_paid=11000",
     "2024-05-19 off; 2024-05-20 10.55; 2025-02-08 10.55; 2025-02-09 off"},
    {"med_oop_12m", "kind=unstable members_n=4",
     "2024-02-10 medical.bill person=李四 kind=inpatient self_paid=6000", "2024-02-10 8.49"},
    {"med_oop_12m", "kind=out members_n=3",
     "2024-02-10 medical.bill id=b1 person=李四 kind=inpatient self_paid=6000; 2024-02-15 reverse "
     "b1",
     "2024-02-14 on; 2024-02-15 off"},
    {"med_oop_12m", "kind=out members_n=3",
     "2024-02-10@2024-04-01 medical.bill person=李四 kind=inpatient self_paid=6000",
     "2024-03-31 off; 2024-04-01 on; 2025-02-08 on; 2025-02-09 off"},
    {"med_burden", "kind=none members_n=3 income_12m=20000",
     "2024-03-01 medical.bill person=王五 kind=inpatient self_paid=9000", "2024-03-01 10"},
    {"med_burden", "kind=none members_n=3",
     "2024-03-01 medical.bill person=王五 kind=inpatient self_paid=9000", "2024-03-01 unknown"},
    {"med_burden", "kind=none members_n=3",
     "2024-03-01 medical.bill person=王五 kind=outpatient self_paid=900", "2024-03-01 off"},
    {"outpatient_month", "kind=out members_n=2",
     "2024-03-01 medical.bill person=赵六 kind=inpatient self_paid=3000; 2024-03-05 medical.bill "
     "person=赵六 kind=chronic self_paid=300; 2024-03-20 medical.bill person=赵六 kind=outpatient "
     "self_paid=250",
     "2024-03-05 off; 2024-03-20 6; 2024-04-04 off"},
    {"job_loss", "kind=none members_n=4", "2024-01-10 work.lost person=张三 reason=cut",
     "2024-04-08 off; 2024-04-09 10"},
    {"job_loss", "kind=none members_n=4",
     "2024-01-10 work.lost person=张三 reason=cut; 2024-01-12 work.lost person=李四 reason=cut; "
     "2024-02-01 work.hired person=李四",
     "2024-04-12 10"},
    {"job_loss", "kind=none members_n=4",
     "2024-01-10 work.lost person=张三 reason=cut; 2024-03-01@2024-04-20 work.hired person=张三",
     "2024-04-19 on; 2024-04-20 off"},
    {"hail_village", "kind=none members_n=4 village=石桥村 land_mu=6",
     "2024-06-03 disaster.hail severity=4", "2024-06-02 off; 2024-06-03 12; 2024-08-02 off"},
    {"hail_village", "kind=none members_n=4 village=东沟村 land_mu=6", "", "2024-06-03 off"},
    {"hail_village", "kind=none members_n=4 village=石桥村", "2024-06-03 disaster.hail severity=4",
     "2024-06-03 unknown"},
    {"disaster_loss", "kind=none members_n=4",
     "2024-06-03 disaster.loss kind=hail loss=5000; 2024-07-01 disaster.loss kind=flood loss=7000",
     "2024-06-03 off; 2024-07-01 12.5; 2024-09-01 off"},
    {"income_low", "kind=none members_n=4 income_12m=33000", "", "2024-03-13 off; 2024-03-14 15"},
    {"income_low", "kind=none members_n=4 income_12m=33000",
     "2024-06-01 household income_12m=36000; 2024-09-01 household income_12m=40000",
     "2024-05-31 15; 2024-09-01 off"},
    {"balance", "kind=none members_n=4",
     "2024-01-05 income.record amount=45000; 2024-02-20 edu.fee person=小明 self_paid=8000; "
     "2024-05-06 medical.bill person=张三 kind=inpatient self_paid=9500.50",
     "2024-05-13 15"},
    {"balance", "kind=none members_n=4",
     "2024-05-06 medical.bill person=张三 kind=inpatient self_paid=12000", "2024-05-20 unknown"},
    {"dropout", "kind=none members_n=5",
     "2024-09-05 edu.dropout person=小红; 2024-09-10 edu.back person=小红",
     "2024-09-12 off; 2024-09-20 off"},
    {"dropout", "kind=none members_n=5", "2024-09-05 edu.dropout person=小红",
     "2024-09-11 off; 2024-09-12 20"},
    {"dropout", "kind=none members_n=5",
     "2024-09-05 edu.absence person=小红 days_absent=6; 2024-09-20 edu.absence person=小红 "
     "days_absent=5",
     "2024-09-05 off; 2024-09-20 20"},
    {"edu_cost", "kind=none members_n=4",
     "2024-09-01 edu.fee person=小明 self_paid=10000; 2024-09-02 edu.fee person=小明 "
     "self_paid=0.01",
     "2024-09-01 off; 2024-09-02 8"},
    {"house_danger", "kind=none members_n=2 house_lived=true",
     "2024-03-01 house.inspect grade=C; 2024-08-15 house.repaired",
     "2024-03-01 25; 2024-08-14 25; 2024-08-15 off"},
    {"house_d", "kind=none members_n=2 house_lived=true", "2024-03-01 house.inspect grade=D",
     "2024-03-01 5"},
    {"water", "kind=none members_n=2", "2024-07-01 water.outage; 2024-07-12 water.restored",
     "2024-07-07 off; 2024-07-08 8; 2024-07-12 off"},
    {"accident", "kind=none members_n=4",
     "2024-03-01 accident.report person=张三 outcome=injury; 2024-04-01 accident.report "
     "person=张三 outcome=disabled",
     "2024-03-01 off; 2024-04-01 20; 2024-09-28 off"},
    {"farm_fail", "kind=none members_n=4",
     "2024-03-01 farm.loss amount=5999; 2024-03-02 farm.loss amount=1",
     "2024-03-01 off; 2024-03-02 10"},
    {"med_person_ytd", "kind=edge members_n=4",
     "2024-03-01 medical.bill person=甲 kind=inpatient self_paid=3000; 2024-03-02 medical.bill "
     "person=乙 kind=inpatient self_paid=3000; 2024-11-20 medical.bill person=乙 kind=inpatient "
     "self_paid=2000",
     "2024-03-02 off; 2024-11-20 8; 2024-12-31 8; 2025-01-01 off"},
    {"outpatient_3of4", "kind=out members_n=2",
     "2024-01-08 medical.bill person=甲 kind=chronic self_paid=520; 2024-02-08 medical.bill "
     "person=甲 kind=chronic self_paid=300; 2024-02-20 medical.bill person=甲 kind=outpatient "
     "self_paid=250; 2024-04-08 medical.bill person=甲 kind=chronic self_paid=600",
     "2024-04-30 off; 2024-05-01 6; 2024-05-31 6; 2024-06-01 off"},
    {"wage_collapse", "kind=out members_n=4",
     "2023-02-10 income.record amount=10150; 2024-02-10 income.record amount=1986",
     "2024-02-09 off|unknown; 2024-02-10 12; 2024-05-09 12; 2024-05-10 off|unknown"},
    {"no_visit", "kind=unstable members_n=3 monitored=true monitored_since=2024-01-01",
     "2024-02-01 visit.done", "2024-04-01 off|unknown; 2024-04-02 on"},
    {"no_visit", "kind=unstable members_n=3 monitored=true monitored_since=2024-01-01", "",
     "2024-03-01 off|unknown; 2024-03-02 on"},
};

struct compiled {
    struct sw_prog *when, *clear, *score, *message;
};

static void compile(struct county *c, const struct example_rule *r, struct compiled *out,
                    struct sw_diag *diag)
{
    const struct sw_type *truth = sw_type_of(c->l, SW_KBOOL);
    const struct sw_type *points = sw_type_of(c->l, SW_KDOUBLE);

    sw_lang_begin(c->l);
    for (size_t i = 0; i < SW_COUNTOF(r->let) && r->let[i].name != NULL; i++)
        sw_lang_let(c->l, sw_str(r->let[i].name), county_text(r->let[i].text), diag);
    out->when = sw_lang_compile(c->l, county_text(r->when), truth, diag);
    out->clear =
        r->clear == NULL ? NULL : sw_lang_compile(c->l, county_text(r->clear), truth, diag);
    out->score =
        r->score == NULL ? NULL : sw_lang_compile(c->l, county_text(r->score), points, diag);
    out->message = sw_lang_template(c->l, county_text(r->message), diag);
    sw_lang_end(c->l, diag);
}

static bool compile_all(struct county *c, struct compiled *out)
{
    struct sw_diag diag = {0};
    bool good;

    county_begin(c);
    county_declare_rules(c, &diag);
    for (uint32_t i = 0; i < SW_COUNTOF(example_rules); i++)
        sw_lang_rule(c->l, sw_str(example_rules[i].name), i);
    for (size_t i = 0; i < SW_COUNTOF(example_rules); i++) {
        compile(c, &example_rules[i], &out[i], &diag);
        ok_named(out[i].when != NULL && out[i].message != NULL &&
                     (out[i].score != NULL || example_rules[i].score == NULL),
                 example_rules[i].name);
    }
    sw_lang_seal(c->l);
    is_int_named(diag.warnings, 0, "without warnings");
    good = diag.errors == 0;
    sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    return good;
}

static const struct compiled *find(const struct compiled *all, const char *rule)
{
    for (size_t i = 0; i < SW_COUNTOF(example_rules); i++) {
        if (strcmp(example_rules[i].name, rule) == 0)
            return &all[i];
    }
    abort();
}

/* "off", "on", "unknown", "off|unknown" or points. */
static bool is_as_expected(const struct compiled *r, struct sw_frame *f, struct sw_str want)
{
    enum sw_truth t = sw_eval_truth(r->when, f, NULL);
    struct sw_value points;
    double wanted;

    if (sw_str_is(want, "off"))
        return t == SW_FALSE;
    if (sw_str_is(want, "off|unknown"))
        return t != SW_TRUE;
    if (sw_str_is(want, "unknown"))
        return t == SW_TRUTH_UNKNOWN && f->n_missing > 0;
    if (t != SW_TRUE || sw_str_is(want, "on"))
        return t == SW_TRUE;
    points = sw_eval(r->score, f);
    return points.kind == SW_KDOUBLE && sw_double_parse(want, &wanted) &&
           fabs(points.d - wanted) < 0.005;
}

static void set_params(struct county *c, sw_day day)
{
    for (size_t i = 0; i < SW_COUNTOF(county_params); i++) {
        if (strcmp(county_params[i].name, "monitor_line") == 0)
            c->p[i] = sw_value_money(day >= county_day("2024-03-14") ? 880000 : 780000);
    }
}

static size_t run_test(struct county *c, const struct compiled *all, const struct example_test *t)
{
    const struct compiled *r = find(all, t->rule);
    struct sw_str rest = sw_str(t->expect);
    struct sw_str one;
    size_t n = 0;

    for (size_t i = 0; i < SW_COUNTOF(county_household); i++)
        c->hh[i] = sw_value_unknown(0);
    county_household_is(c, SW_STR("dibao=false monitored=false house_lived=false"), 0);
    county_household_is(c, sw_str(t->household), 0);
    county_events_are(c, t->events);
    while (rest.n > 0 && sw_str_split(&rest, ';', &one)) {
        struct sw_str date = sw_str_sub(sw_str_trim(one), 0, 10);
        struct sw_str want = sw_str_sub(sw_str_trim(one), 11, SIZE_MAX);
        char what[160];
        sw_day day = 0;

        sw_date_parse(date, &day);
        set_params(c, day);
        snprintf(what, sizeof(what), "%s on %.*s: %.*s", t->rule, SW_STR_ARG(date),
                 SW_STR_ARG(want));
        ok_named(is_as_expected(r, county_frame(c, day), want), what);
        n++;
    }
    return n;
}

static void test_messages(struct county *c, const struct compiled *all)
{
    struct sw_value v;

    county_household_is(c, SW_STR("name=张三户 kind=unstable"), 0);
    county_events_are(c, "2024-02-10 medical.bill person=张三 kind=inpatient self_paid=30000");
    v = sw_eval(find(all, "med_oop_12m")->message, county_frame(c, county_day("2024-04-09")));
    is_str(sw_value_text(v), "张三户近12个月自付医疗费30000元，达到预警线5000元");
    county_household_is(c, SW_STR("income_12m=20000.5"), 0);
    v = sw_eval(find(all, "med_burden")->message, county_frame(c, county_day("2024-04-09")));
    is_str(sw_value_text(v), "自付医疗费30000元，超过家庭收入20000.5元的0.4倍");
}

static void test_uses(struct county *c, const struct compiled *all)
{
    const uint16_t *streams;
    const uint32_t *slots;

    (void)c;
    is_int(sw_prog_streams(find(all, "job_loss")->when, &streams), 2);
    ok(streams[0] == 1 && streams[1] == 2);
    is_int(sw_prog_absences(find(all, "job_loss")->when, &streams), 1);
    is_int_named(streams[0], 2, "job_loss waits for work.hired");
    is_int(sw_prog_absences(find(all, "med_oop_12m")->when, &streams), 0);
    is_int(sw_prog_vars(find(all, "job_loss")->when, COUNTY_P, &slots), 1);
    is_int_named(slots[0], 6, "and looks at jobless_days");
    is_int(sw_prog_rules(find(all, "ill_and_jobless")->when, &slots), 2);
    ok(!sw_prog_daily(find(all, "no_visit")->when));
}

int main(void)
{
    static struct county c;
    struct compiled all[SW_COUNTOF(example_rules)];
    size_t n = 0;

    if (ok_named(compile_all(&c, all), "all examples compile")) {
        for (size_t i = 0; i < SW_COUNTOF(example_tests); i++)
            n += run_test(&c, all, &example_tests[i]);
        note("%zu expectations", n);
        test_messages(&c, all);
        test_uses(&c, all);
    }
    county_end(&c);
    return done_testing();
}
