/* Code: what the verifier refuses, what the listing shows, that equal reads are done once, that
 * evaluation of plain conditions allocates nothing, and what a spent budget does. */
#include "../tap.h"
#include "lang/code.h"
#include "lang_ask.h"

static struct county c;

/* ---- the verifier ---------------------------------------------------------------------------- */

enum { R0 = SW_OPERAND(IN_REGISTER, 0), R1 = SW_OPERAND(IN_REGISTER, 1) };

static void test_verifier(void)
{
    static const struct {
        struct ins ins[4];
        uint32_t n;
        const char *fault; /* NULL: none */
    } cases[] = {
        {{{I_BOOL, 0, 1, 0, 0}, {I_RETURN, 0, R0, 0, 0}}, 2, NULL},
        {{{I_BOOL, 0, 1, 0, 0}}, 1, "the code runs off its end"},
        {{{I_RETURN, 0, R0, 0, 0}}, 1, "a register is read before it is written"},
        {{{I_RETURN, 0, SW_OPERAND(IN_CONSTANT, 3), 0, 0}}, 1, "no such constant"},
        {{{I_RETURN, 0, SW_OPERAND(IN_CONSTANT, 0), 0, 0}}, 1, NULL},
        {{{I_BOOL, 200, 1, 0, 0}, {I_RETURN, 0, R0, 0, 0}}, 2, "no such register"},
        {{{I_BOOL, 0, 1, 0, 0}, {I_JUMP, 0, 0, 0, 1}, {I_RETURN, 0, R0, 0, 0}},
         3,
         "a jump that does not lead ahead"},
        {{{I_BOOL, 0, 1, 0, 0}, {I_JUMP, 0, 0, 0, 3}, {I_RETURN, 0, R0, 0, 0}},
         3,
         "a jump that does not lead ahead"},
        {{{I_BOOL, 0, 1, 0, 0}, {I_AND, 0, R0, 0, SW_AT_END}, {I_RETURN, 0, R0, 0, 0}}, 3, NULL},
        {{{I_BOOL, 0, 1, 0, 0},
          {I_AND, 0, R0, 0, SW_AT_LAST},
          {I_NOT, 0, R0, 0, 0},
          {I_RETURN, 0, R0, 0, 0}},
         4,
         "a last term must stand before its RETURN"},
        {{{I_BOOL, 0, 1, 0, 0}, {I_IF, 1, R0, 3, 3}, {I_BOOL, 1, 0, 0, 0}, {I_RETURN, 0, R1, 0, 0}},
         4,
         "a register is read before it is written"},
        {{{I_READ, 0, 5, 0, 0}, {I_RETURN, 0, R0, 0, 0}}, 2, "no such read"},
        {{{255, 0, 0, 0, 0}, {I_RETURN, 0, R0, 0, 0}}, 2, "no such instruction"},
        {{{I_BOOL, 0, 1, 0, 0}, {I_LOOP, 0, 0, 0, 1}, {I_RETURN, 0, R0, 0, 0}},
         3,
         "a loop without a beginning"},
        {{{I_BOOL, 0, 1, 0, 0}, {I_CALL, 0, 0, 2, 0}, {I_RETURN, 0, R0, 0, 0}},
         3,
         "a call's argument is not written"},
        {{{I_RETURN, 0, R0, 0, 0}}, 0, "too large"},
    };
    static const struct sw_value constants[] = {{.kind = SW_KBOOL}};
    static sw_native *const natives[] = {sw_fn_not};

    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        struct code code = {.ins = cases[i].ins,
                            .constant = constants,
                            .native = natives,
                            .n_ins = cases[i].n,
                            .n_constants = 1,
                            .n_natives = 1,
                            .n_registers = 4};
        uint32_t where;
        const char *fault = sw_code_verify(&code, 3, &where);

        is_str_named(sw_str(fault == NULL ? "" : fault),
                     cases[i].fault == NULL ? "" : cases[i].fault, "verdict");
    }
}

/* ---- the listing ----------------------------------------------------------------------------- */

static struct sw_prog *compile(const char *text)
{
    struct sw_diag diag = {0};
    struct sw_prog *p = sw_lang_compile(c.l, county_text(text), NULL, &diag);

    sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    SW_ASSERT(p != NULL);
    return p;
}

static void test_listing(void)
{
    struct sw_buf out = {0};

    ask_begin(&c);
    sw_prog_put(compile("hh.kind in poor_kinds && med_paid_12m >= p.med_line_poor"), &out);
    is_str(sw_buf_view(&out), "   0 BOOL         r0 1\n"
                              "   1 AND_SET      r0 bank0.3 30 ->end\n"
                              "   2 READ         r1 0\n"
                              "   3 AND_LE_I     r0 bank1.0 r1 ->last\n"
                              "   4 RETURN       r0\n");
    sw_buf_free(&out);
    county_end(&c);
}

/* ---- shared reads ---------------------------------------------------------------------------- */

static int opened;

static void counting_open(void *ctx, struct sw_cursor *cursor)
{
    opened++;
    county_open(ctx, cursor);
}

static void test_sharing(void)
{
    static const struct sw_host host = {counting_open, county_next};
    static const char *const texts[] = {
        "med_paid_12m > 1",
        "medical.bill.within(days(365)).sum(self_paid) > 2",
        "hh.dibao || medical.bill.within(days(365)).sum(self_paid) > 3",
        "medical.bill.within(days(365)).filter(b, true).map(b, b.self_paid).sum() > 4",
        "medical.bill.within(days(30)).where(kind in [\"inpatient\", \"chronic\"]).count() > 1",
        "medical.bill.within(days(30)).where(kind in [\"chronic\", \"inpatient\"]).count() > 2",
        "medical.bill.within(days(30)).where(!(kind in [\"chronic\", \"inpatient\"])).count() > 2",
    };
    struct sw_prog *p[SW_COUNTOF(texts)];
    struct sw_frame *f;

    ask_begin(&c);
    for (size_t i = 0; i < SW_COUNTOF(texts); i++)
        p[i] = compile(texts[i]);
    f = county_frame(&c, county_day("2024-03-10"));
    f->host = &host;
    for (size_t i = 0; i < SW_COUNTOF(texts); i++) {
        sw_eval(p[i], f);
        if (i == 1)
            is_int_named(opened, 1, "the same read is done once for all programs");
    }
    is_int_named(opened, 4, "four different reads");
    sw_frame_begin(f);
    sw_eval(p[0], f);
    sw_eval(p[0], f);
    is_int_named(opened, 5, "and once more in a new frame");
    county_end(&c);
}

/* ---- what evaluation costs ------------------------------------------------------------------- */

static void test_no_allocation(void)
{
    static const char *const texts[] = {
        "hh.kind in poor_kinds && hh.members_n * 3 > 4 && hh.land_mu * 1.5 < p.hail_land",
        "p.med_line_poor * p.med_ratio + p.med_floor - p.monitor_line / 3 > hh.income_12m",
        "hh.members.exists(m, m.ill && m.age >= 60) || today - hh.monitored_since > days(3)",
        "ramp(p.med_line_poor, p.med_floor, p.med_full, 8, 25) * 2 + math.least(1, 2.5)",
    };
    struct sw_arena arena = {.first = NULL};

    ask_begin(&c);
    for (size_t i = 0; i < SW_COUNTOF(texts); i++) {
        struct sw_prog *p = compile(texts[i]);
        struct sw_frame *f = county_frame(&c, county_day("2024-03-10"));

        f->arena = &arena;
        sw_eval(p, f);
        ok_named(arena.first == NULL, texts[i]);
    }
    sw_arena_free(&arena);
    county_end(&c);
}

static void test_budget(void)
{
    struct sw_prog *p;
    struct sw_prog *loop;
    struct sw_frame *f;
    struct sw_value v;

    ask_begin(&c);
    p = compile("medical.bill.sum(self_paid) > 1");
    loop = compile("[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, a + b > 0))");
    f = county_frame(&c, county_day("2024-03-10"));
    f->budget = 6;
    v = sw_eval(p, f);
    is_int(v.kind, SW_KERROR);
    is_str(sw_str(v.s), "the evaluation takes too long");
    is_int_named(f->horizon, f->today + 1, "tomorrow it may be different");
    v = sw_eval(loop, f);
    is_int_named(v.kind, SW_KERROR, "nothing more in this frame");
    f = county_frame(&c, county_day("2024-03-10"));
    f->budget = 200;
    v = sw_eval(loop, f);
    is_int_named(v.kind, SW_KERROR, "loops are counted");
    f->budget = 2000;
    v = sw_eval(loop, f);
    ok(v.kind == SW_KBOOL && v.b);
    ok(f->budget < 1800);
    county_end(&c);
}

/* ---- days ------------------------------------------------------------------------------------ */

static void test_horizon(void)
{
    static const struct {
        const char *text, *horizon, *change; /* change: up to 2024-12-31 */
    } cases[] = {
        {"hh.dibao", "", ""},
        {"medical.bill.within(days(30)).count()", "2024-03-11", "2024-04-09"},
        {"medical.bill.within(days(30)).sum(self_paid) > 540", "2024-03-11", ""},
        {"medical.bill.within(days(30)).sum(self_paid) > 510", "2024-03-11", "2024-03-11"},
        {"hh.dibao && medical.bill.within(days(30)).count() > 0", "", ""},
        {"work.lost.unless(work.hired, person).older_than(days(91)).exists()", "2024-03-11",
         "2024-03-11"},
        {"work.lost.unless(work.hired, person).older_than(days(90)).count()", "2024-04-14",
         "2024-04-14"},
        {"visit.done.days_since() > 60", "2024-04-09", "2024-04-10"},
        {"visit.done.days_since()", "2024-03-11", "2024-03-11"},
        {"today - hh.monitored_since >= days(40)", "2024-03-12", "2024-03-12"},
        {"today >= date(\"2024-09-01\")", "2024-09-01", "2024-09-01"},
        {"today.getMonth() == 3", "2024-03-11", "2024-04-01"},
        {"medical.bill.this_year().count()", "2025-01-01", "2024-03-11"},
        {"visit.done.this_year().count()", "2025-01-01", ""},
        {"edu.absence.this(\"school_year\").count()", "2024-09-01", "2024-09-01"},
        {"visit.done.by_month(3).count_if(count() > 0)", "2024-06-01", "2024-06-01"},
        {"disaster.hail.between(days(20), days(40)).count()", "2024-03-11", "2024-03-11"},
        {"farm.loss.within(days(p.visit_days)).sum(amount)", "", ""},
    };

    ask_begin(&c);
    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        struct sw_prog *p = compile(cases[i].text);
        struct sw_frame *f;
        sw_day change;
        char horizon[SW_DATE_SIZE] = "";
        char found[SW_DATE_SIZE] = "";

        sw_reads_free(c.frame.reads);
        c.frame.reads = NULL;
        f = county_frame(&c, county_day("2024-03-10"));
        sw_eval(p, f);
        if (f->horizon != SW_DAY_NEVER)
            sw_date_format(f->horizon, horizon);
        c.learned = SW_DAY_NEVER - 1;
        change = sw_next_change(p, f, county_day("2024-12-31"), NULL, NULL);
        if (change != SW_DAY_NEVER)
            sw_date_format(change, found);
        is_str_named(sw_str(horizon), cases[i].horizon, cases[i].text);
        is_str_named(sw_str(found), cases[i].change, "  and the change");
        is_int(f->today, county_day("2024-03-10"));
    }
    county_end(&c);
}

int main(void)
{
    test_verifier();
    test_listing();
    test_sharing();
    test_no_allocation();
    test_budget();
    test_horizon();
    return done_testing();
}
