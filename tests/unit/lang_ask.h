/* lang_ask.h - what a rule's expression comes to in the county of lang_county.h, as one line of
 * text: a value as people read it; "unknown (what is missing)"; "error: why"; or the first finding
 * with its column, "12: there is no …". */
#ifndef TESTS_LANG_ASK_H
#define TESTS_LANG_ASK_H

#include "lang_county.h"
#include <shouwang/base/buf.h>
#include <shouwang/base/i18n.h>

/* ---- one household --------------------------------------------------------------------------- */

static const char ask_household[] = "name=张三 kind=out dibao=false monitored=true "
                                    "monitored_since=2024-02-01 members_n=4 land_mu=3.5";

static const char ask_events[] =
    "2023-03-11 medical.bill person=张三 kind=outpatient total=100 self_paid=100;"
    "2023-03-12 medical.bill person=张三 kind=outpatient total=200 self_paid=200;"
    "2023-12-31 medical.bill person=李四 kind=inpatient total=9000 self_paid=4000;"
    "2024-02-09 medical.bill person=张三 kind=chronic total=600 self_paid=600;"
    "2024-02-10 medical.bill person=张三 kind=chronic total=800 self_paid=550.55;"
    "2024-03-10 medical.bill person=李四 kind=outpatient total=50 self_paid=-20;"
    "2024-03-11 medical.bill person=李四 kind=outpatient total=1 self_paid=1;"
    "2023-11-01 work.lost person=张三 reason=cut; 2023-12-11 work.lost person=李四;"
    "2024-01-15 work.lost person=王五; 2024-01-01 work.hired person=张三;"
    "2024-02-10 disaster.hail; 2024-02-20 disaster.hail severity=4;"
    "2024-03-01 disaster.loss kind=hail loss=8000; 2024-03-02 disaster.loss loss=500;"
    "2024-02-10 income.record amount=3000;"
    "2023-09-01 edu.absence person=小明 days_absent=7; 2024-03-10 edu.absence days_absent=3;"
    "2024-03-05 edu.dropout person=小明;"
    "2024-03-07 house.inspect grade=D; 2024-03-08 house.inspect;"
    "2024-03-03 water.outage; 2024-03-09 water.restored; 2024-03-10 water.outage;"
    "2024-02-09 visit.done;"
    "2023-06-01 loan.issued due=2024-03-10 amount=1000; 2023-07-01 loan.issued due=2024-03-09 "
    "amount=2000; 2023-08-01 loan.issued due=2024-04-09 amount=4000; 2023-09-01 loan.issued "
    "amount=8000; 2024-03-11 loan.issued due=2024-03-12 amount=16000;"
    "2023-10-01 loan.issued due=2025-01-15 amount=32000";

/* Three members: one of unknown age, the oldest one ill. Rules lit, dark and dim (unknown). */
static inline void ask_begin(struct county *c)
{
    static struct sw_field_decl field[3];
    static struct sw_value value[3][3];
    static struct sw_value member[3];
    static const struct sw_list members = {3, member};
    static struct sw_value bank[1];
    static const uint8_t fired[] = {SW_TRUE, SW_FALSE, SW_TRUTH_UNKNOWN};
    const struct sw_type *record;
    struct sw_diag diag = {0};

    county_begin(c);
    field[0] =
        (struct sw_field_decl){.name = SW_STR("person"), .type = sw_type_of(c->l, SW_KPERSON)};
    field[1] = (struct sw_field_decl){
        .name = SW_STR("age"), .type = sw_type_of(c->l, SW_KINT), .optional = true};
    field[2] = (struct sw_field_decl){.name = SW_STR("ill"), .type = sw_type_of(c->l, SW_KBOOL)};
    record = sw_type_record(c->l, SW_STR("member"), field, 3);
    sw_lang_var(c->l, SW_STR("hh.members"), sw_type_list(c->l, record), 2, 0, false,
                SW_STR("家庭成员"), SW_STR(""));
    for (int i = 0; i < 3; i++) {
        value[i][0] = (struct sw_value){.kind = SW_KPERSON, .i = i};
        value[i][1] = i == 1 ? sw_value_unknown(0) : sw_value_int(30 + 20 * i);
        value[i][2] = sw_value_bool(i == 2);
        member[i] = (struct sw_value){.kind = SW_KRECORD, .record = value[i]};
    }
    bank[0] = (struct sw_value){.kind = SW_KLIST, .list = &members};
    sw_lang_rule(c->l, SW_STR("lit"), 0);
    sw_lang_rule(c->l, SW_STR("dark"), 1);
    sw_lang_rule(c->l, SW_STR("dim"), 2);
    sw_lang_tag(c->l, SW_STR("small"), 0, 3);
    sw_lang_tag(c->l, SW_STR("small"), 1, 4);
    sw_lang_tag(c->l, SW_STR("small"), 2, 5);
    sw_lang_tag(c->l, SW_STR("none"), 1, 4);
    county_declare_rules(c, &diag);
    SW_ASSERT(diag.errors == 0);
    county_household_is(c, sw_str(ask_household), 0);
    county_events_are(c, ask_events);
    c->frame.fired = fired;
    c->frame.bank[2] = bank;
}

/* ---- questions ------------------------------------------------------------------------------- */

static inline const struct sw_finding *ask_finding(const struct sw_diag *diag,
                                                   enum sw_severity severity)
{
    for (const struct sw_finding *f = diag->first; f != NULL; f = f->next) {
        if (f->severity == severity)
            return f;
    }
    return NULL;
}

static inline void ask_finding_put(const struct sw_diag *diag, struct sw_buf *out)
{
    const struct sw_finding *f = ask_finding(diag, SW_ERROR);

    if (f == NULL)
        sw_buf_cstr(out, "refused without a finding");
    else
        sw_buf_printf(out, "%u: %.*s", f->at.column, SW_STR_ARG(f->message));
}

static inline void ask_unknown_put(struct county *c, const struct sw_frame *f, struct sw_buf *out)
{
    sw_buf_cstr(out, "unknown (");
    for (uint32_t i = 0; i < f->n_missing; i++)
        sw_buf_printf(out, "%s%.*s", i == 0 ? "" : ", ",
                      SW_STR_ARG(sw_lang_source_name(c->l, f->missing[i])));
    sw_buf_char(out, ')');
}

/* The answer on `day`; valid until the next question. */
static inline struct sw_str ask_program(struct county *c, const struct sw_prog *p, sw_day day)
{
    static struct sw_buf out;
    struct sw_frame *f = county_frame(c, day);
    struct sw_value v = sw_eval(p, f);

    sw_buf_clear(&out);
    if (v.kind == SW_KUNKNOWN)
        ask_unknown_put(c, f, &out);
    else if (v.kind == SW_KERROR)
        sw_buf_printf(&out, "error: %s", v.s);
    else
        sw_value_put(c->l, v, &out);
    return sw_buf_view(&out);
}

/* Compile and ask. A county's reads are only known when all is compiled: it is declared anew. */
static inline struct sw_str ask(struct county *c, const char *text, sw_day day)
{
    static struct sw_buf out;
    struct sw_diag diag = {0};
    struct sw_prog *p = sw_lang_compile(c->l, county_text(text), NULL, &diag);
    struct sw_str answer;

    sw_buf_clear(&out);
    if (p == NULL)
        ask_finding_put(&diag, &out);
    answer = sw_buf_view(&out);
    if (p != NULL) {
        sw_reads_free(c->frame.reads);
        c->frame.reads = NULL;
        answer = ask_program(c, p, day);
    }
    sw_diag_free(&diag);
    return answer;
}

#endif
