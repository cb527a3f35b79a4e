/* Mistakes are found when the files are loaded, at the right place, with the right suggestion. */
#include "../tap.h"
#include "lang_county.h"
#include <shouwang/base/buf.h>
#include <shouwang/base/i18n.h>

/* The rule files as a technician would have them, with the nine mistakes of the handbook; each
 * expression stands in its file's form, so that the columns are those people see. */
static const char broken[] =
    "macros:\n"
    "  med_paid_12m: medical.bill.within(days(365)).sum(self_payed)\n"
    "  edu_paid_12m: edu.fee.within(days(365)).sum(self_paid)\n"
    "rules:\n"
    "    when: medical.bil.within(days(30)).where(kind in [\"outpatient\", \"chronic\"])"
    ".sum(self_paid) >= p.outpatient_line\n"
    "    let: {n: \"work.lost.unless(work.hired, person).older_than(days(p.jobless_days))"
    ".total()\"}\n"
    "    score: lost >= p.jobless_days\n"
    "    clear: edu_paid_12m > p.edu_lien\n"
    "    bad1: hh.house_lived && bad >> 1\n"
    "    bad2: accident.report.within(days(180)).where(outcome in [\"disable\", \"death\"])"
    ".count() >= 1\n"
    "    bad3: farm.loss.within(180).sum(amount) >= p.income_default\n"
    "    bad4: fired(\"med_oop_12m\") && fired(\"jobloss\")\n"
    "    bad5: medical.bill.within(days(30)).sum(self_paid) >=\n"
    "      p.outpatient_lin && hh.kind == \"poor\"\n";

static const struct {
    const char *key;
    uint32_t line, column;
    const char *message;
} expected[] = {
    {"med_paid_12m", 2, 52, "medical.bill has no field self_payed; did you mean self_paid?"},
    {"when", 5, 18, "there is no event stream medical.bil; did you mean medical.bill?"},
    {"let", 6, 84, "event streams have no total()"},
    {"score", 7, 16, "amount (yuan) cannot be compared with days"},
    {"clear", 8, 28, "there is no parameter edu_lien; did you mean edu_line?"},
    {"bad1", 9, 33, "syntax error: found > where the value behind > should be"},
    {"bad2", 10, 63, "outcome has no value \"disable\"; did you mean disabled?"},
    {"bad3", 11, 28, "within() wants a number of days, days(...); it is given number"},
    {"bad4", 12, 41, "there is no rule jobloss; did you mean job_loss?"},
    {"bad5", 14, 8, "there is no parameter outpatient_lin; did you mean outpatient_line?"},
};

static const struct sw_finding *compile_entry(struct county *c, const struct sw_yaml *y,
                                              struct sw_diag *diag)
{
    const struct sw_yaml *scalar = y->kind == SW_YMAP ? y->first : y;

    sw_lang_begin(c->l);
    sw_lang_let(c->l, SW_STR("lost"), county_text("disaster.loss.within(days(90)).sum(loss)"),
                diag);
    sw_lang_let(c->l, SW_STR("bad"), county_text("house.inspect.count()"), diag);
    sw_lang_compile(c->l, sw_text_of(scalar), NULL, diag);
    sw_lang_end(c->l, diag);
    for (const struct sw_finding *f = diag->first; f != NULL; f = f->next) {
        if (f->severity == SW_ERROR)
            return f;
    }
    return NULL;
}

static void test_places(void)
{
    struct sw_arena arena = {.first = NULL};
    struct sw_diag yaml_diag = {0};
    struct sw_yaml *root = sw_yaml_parse(&arena, SW_STR("rules.yaml"), sw_str(broken), &yaml_diag);

    for (size_t i = 0; i < SW_COUNTOF(expected); i++) {
        static struct county c;
        const struct sw_yaml *at = sw_yaml_get(root, "macros");
        struct sw_diag diag = {0};
        const struct sw_finding *f;

        county_begin(&c);
        county_declare_rules(&c, &diag);
        sw_lang_rule(c.l, SW_STR("med_oop_12m"), 0);
        sw_lang_rule(c.l, SW_STR("job_loss"), 1);
        if (sw_yaml_get(at, expected[i].key) == NULL)
            at = sw_yaml_get(root, "rules");
        f = compile_entry(&c, sw_yaml_get(at, expected[i].key), &diag);
        if (ok_named(f != NULL, expected[i].key)) {
            is_int_named(f->at.line, expected[i].line, "line");
            is_int_named(f->at.column, expected[i].column, "column");
            is_str(f->message, expected[i].message);
        }
        is_int_named(diag.errors, expected[i].line == 14 ? 2 : 1, "and nothing else");
        sw_diag_free(&diag);
        county_end(&c);
    }
    sw_diag_free(&yaml_diag);
    sw_arena_free(&arena);
}

int main(void)
{
    test_places();
    return done_testing();
}
