/* lang_expr.c - any text as an expression: nothing crashes, what compiles keeps its promises.
 *
 * Input: one letter, then the text. Letters: c plain CEL, u the same unchecked, r a rule's
 * expression, n one that must give a number, t a message; of r, n and t every line but the last is
 * a let of its own, named a, b, c ….
 * Promises: findings or a program, never both and never neither; a value of the kind the checker
 * found; the same value when asked again, and without the checker; and the next change by time is
 * the day on which asking every day anew gives another value for the first time; and it can be read
 * back. Build with clang -fsanitize=fuzzer -DSW_LIBFUZZER; without, main() replays files. */
#include "../unit/lang_county.h"
#include "replay.h"
#include <shouwang/base/utf8.h>
#include <stdio.h>

enum { DAYS = 45, TEXT_MAX = 5000 };

/* ---- the world ------------------------------------------------------------------------------- */

static const char events[] =
    "2024-01-10 medical.bill person=张三 kind=inpatient total=9000 self_paid=4000;"
    "2024-02-25 medical.bill person=李四 self_paid=-500;"
    "2024-03-05 medical.bill person=张三 kind=outpatient total=1;"
    "2024-03-06 medical.bill kind=chronic total=20000.50 self_paid=20000;"
    "2024-01-20 work.lost person=张三 reason=cut; 2024-03-01 work.hired person=张三;"
    "2024-02-29 work.lost person=李四; 2024-03-20 work.hired; 2024-02-01 disaster.hail severity=5;"
    "2024-03-09 disaster.loss kind=hail loss=8000; 2024-03-11 disaster.loss kind=fire loss=30000;"
    "2024-02-10 income.record amount=3000; 2023-09-01 edu.absence person=小明 days_absent=7;"
    "2024-03-10 edu.absence person=小明 days_absent=3; 2024-03-10 edu.absence person=小红;"
    "2024-02-20 edu.dropout person=小明; 2024-04-02 edu.back person=小明;"
    "2024-03-07 house.inspect grade=D; 2024-03-03 water.outage; 2024-03-18 water.restored;"
    "2024-01-31 visit.done; 2024-03-31 visit.done";

static const char household[] = "name=张三 kind=out dibao=false monitored=true "
                                "monitored_since=2024-02-01 members_n=4 land_mu=3.5";

static struct county c;
static struct sw_field_decl member_field[3];
static struct sw_value member_value[3][3];
static struct sw_value member[3];
static const struct sw_list members = {3, member};
static struct sw_value bank_2[1];
static uint8_t fired[2];

static void declare_members(void)
{
    static const struct sw_str none = {NULL, 0};
    const struct sw_type *record;

    member_field[0] =
        (struct sw_field_decl){.name = SW_STR("person"), .type = sw_type_of(c.l, SW_KPERSON)};
    member_field[1] = (struct sw_field_decl){
        .name = SW_STR("age"), .type = sw_type_of(c.l, SW_KINT), .optional = true};
    member_field[2] = (struct sw_field_decl){
        .name = SW_STR("ill"), .type = sw_type_of(c.l, SW_KBOOL), .optional = true};
    record = sw_type_record(c.l, SW_STR("member"), member_field, 3);
    sw_lang_var(c.l, SW_STR("hh.members"), sw_type_list(c.l, record), 2, 0, false, none, none);
    for (int i = 0; i < 3; i++) {
        member_value[i][0] = (struct sw_value){.kind = SW_KPERSON, .i = i};
        member_value[i][1] = i == 1 ? sw_value_unknown(0) : sw_value_int(30 + 40 * i);
        member_value[i][2] = i == 2 ? sw_value_unknown(0) : sw_value_bool(i == 1);
        member[i] = (struct sw_value){.kind = SW_KRECORD, .record = member_value[i]};
    }
    bank_2[0] = (struct sw_value){.kind = SW_KLIST, .list = &members};
}

static void begin_rules(struct sw_diag *diag)
{
    county_begin(&c);
    declare_members();
    sw_lang_rule(c.l, SW_STR("other"), 0);
    sw_lang_rule(c.l, SW_STR("another"), 1);
    county_declare_rules(&c, diag);
    SW_ASSERT(diag->errors == 0);
    county_household_is(&c, sw_str(household), 0);
    county_events_are(&c, events);
}

/* From the first of April the second rule is active, and the household's income is known. */
static void be_on(struct sw_frame *f, sw_day day)
{
    static const uint32_t income = 8;
    sw_day turn = county_day("2024-04-01");

    c.hh[income] = day < turn ? sw_value_unknown(0) : sw_value_money(1200000);
    c.hh_until[income] = day < turn ? turn : SW_DAY_NEVER;
    fired[0] = SW_TRUTH_UNKNOWN;
    fired[1] = day < turn ? SW_FALSE : SW_TRUE;
    if (day < turn && turn < f->horizon)
        f->horizon = turn;
}

static void at_day(void *ctx, struct sw_frame *f, sw_day day)
{
    (void)ctx;
    be_on(f, day);
}

/* ---- promises -------------------------------------------------------------------------------- */

static bool is_same(struct sw_value a, struct sw_value b)
{
    if (a.kind != b.kind)
        return false;
    if (a.kind == SW_KUNKNOWN || a.kind == SW_KERROR)
        return true;
    if (a.kind == SW_KDOUBLE && a.d != a.d)
        return b.d != b.d;
    return sw_value_equal(a, b) || !sw_value_equal(a, a);
}

static void check_kind(const struct sw_prog *p, struct sw_value v)
{
    static const struct {
        const char *type;
        enum sw_kind kind;
    } of[] = {{"null", SW_KNULL},         {"bool", SW_KBOOL},
              {"int", SW_KINT},           {"uint", SW_KUINT},
              {"double", SW_KDOUBLE},     {"string", SW_KSTRING},
              {"bytes", SW_KBYTES},       {"timestamp", SW_KTIMESTAMP},
              {"duration", SW_KDURATION}, {"money", SW_KMONEY},
              {"date", SW_KDATE}};
    struct sw_buf name = {0};

    if (v.kind == SW_KUNKNOWN || v.kind == SW_KERROR)
        return;
    sw_type_put(sw_prog_type(p), &name);
    for (size_t i = 0; i < SW_COUNTOF(of); i++) {
        if (sw_str_is(sw_buf_view(&name), of[i].type))
            SW_ASSERT(v.kind == of[i].kind);
    }
    if (sw_str_starts(sw_buf_view(&name), SW_STR("list(")))
        SW_ASSERT(v.kind == SW_KLIST);
    sw_buf_free(&name);
}

static void show(const struct sw_lang *l, const struct sw_prog *p, struct sw_value v)
{
    struct sw_buf out = {0};

    sw_prog_put(p, &out);
    SW_ASSERT(out.n > 0);
    sw_value_put(l, v, &out);
    sw_buf_free(&out);
}

static struct sw_value ask(const struct sw_prog *p, sw_day day)
{
    struct sw_frame *f = county_frame(&c, day);

    c.learned = SW_DAY_NEVER - 1;
    f->bank[2] = bank_2;
    f->fired = fired;
    be_on(f, day);
    return sw_eval(p, f);
}

static void check_days(const struct sw_prog *p)
{
    sw_day first = county_day("2024-03-10");
    struct sw_value v = ask(p, first);
    sw_day changed = SW_DAY_NEVER;
    sw_day found;

    show(c.l, p, v);
    check_kind(p, v);
    SW_ASSERT(v.kind != SW_KUNKNOWN || c.frame.n_missing <= SW_MISSING_MAX);
    SW_ASSERT(c.frame.horizon > first);
    for (sw_day day = first + 1; day <= first + DAYS && changed == SW_DAY_NEVER; day++) {
        if (!is_same(v, ask(p, day)))
            changed = day;
    }
    SW_ASSERT(is_same(v, ask(p, first)));
    c.frame.budget = 100000;
    found = sw_next_change(p, &c.frame, first + DAYS, at_day, NULL);
    SW_ASSERT(found == changed);
}

static bool no_value(void *ctx, unsigned bank, uint32_t slot, struct sw_buf *out)
{
    (void)ctx;
    (void)slot;
    sw_buf_cstr(out, bank == COUNTY_P ? "1" : "");
    return bank == COUNTY_P;
}

static void on_turn(void *ctx, enum sw_turn turn, struct sw_str source)
{
    (void)ctx;
    (void)turn;
    SW_ASSERT(source.n > 0);
}

/* Whatever compiles can be told. */
static void check_words(const struct sw_prog *p, bool is_points)
{
    const struct sw_reader names = {.value = no_value};
    struct sw_buf out = {0};

    (is_points ? sw_prog_read_points : sw_prog_read)(p, &names, &out);
    SW_ASSERT(out.n > 0 && sw_utf8_check(sw_buf_view(&out)) == out.n);
    sw_buf_free(&out);
    sw_prog_turns(p, on_turn, NULL);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static struct sw_text text_of(struct sw_str text)
{
    return (struct sw_text){.text = text, .file = SW_STR("input")};
}

static void try_rule(char how, struct sw_str text)
{
    struct sw_diag diag = {0};
    struct sw_prog *p;
    struct sw_str line;
    uint32_t errors;

    begin_rules(&diag);
    sw_lang_begin(c.l);
    for (const char *name = "abcdefgh"; *name != '\0' && memchr(text.p, '\n', text.n) != NULL;
         name++) {
        sw_str_split(&text, '\n', &line);
        sw_lang_let(c.l, (struct sw_str){name, 1}, text_of(line), &diag);
    }
    errors = (uint32_t)diag.errors;
    if (how == 't')
        p = sw_lang_template(c.l, text_of(text), &diag);
    else
        p = sw_lang_compile(c.l, text_of(text), how == 'n' ? sw_type_of(c.l, SW_KDOUBLE) : NULL,
                            &diag);
    SW_ASSERT(p == NULL || diag.errors == errors);
    SW_ASSERT(p != NULL || diag.errors > 0);
    sw_lang_end(c.l, &diag);
    sw_lang_seal(c.l);
    if (p != NULL)
        check_days(p);
    if (p != NULL && how != 't')
        check_words(p, how == 'n');
    sw_diag_free(&diag);
    county_end(&c);
}

/* The value of a text in a session of its own; `l` and `arena` are to be freed by the caller. */
struct cel {
    struct sw_lang *l;
    struct sw_arena arena;
    struct sw_prog *p;
    struct sw_value v;
};

static void run_cel(struct cel *e, struct sw_str text, bool unchecked)
{
    static const struct sw_value bank[] = {{.kind = SW_KINT, .i = 7},
                                           {.kind = SW_KSTRING, .s = "\xe5\xae\x88", .n = 3},
                                           {.kind = SW_KDOUBLE, .d = -0.0}};
    static const char *const names[] = {"x", "a.s", "a.b.c"};
    struct sw_diag diag = {0};
    struct sw_how how = {.unchecked = unchecked, .container = SW_STR("a.b")};
    struct sw_frame f = {.bank = {bank}, .budget = 100000, .arena = &e->arena};

    *e = (struct cel){.l = sw_lang_new(SW_LANG_CEL)};
    for (uint32_t i = 0; i < SW_COUNTOF(names); i++)
        sw_lang_var(e->l, sw_str(names[i]), sw_type_of(e->l, (enum sw_kind)bank[i].kind), 0, i,
                    false, SW_STR(""), SW_STR(""));
    e->p = sw_lang_compile_as(e->l, text_of(text), &how, &diag);
    SW_ASSERT((e->p == NULL) == (diag.errors > 0));
    sw_diag_free(&diag);
    if (e->p == NULL)
        return;
    sw_frame_begin(&f);
    e->v = sw_eval(e->p, &f);
    show(e->l, e->p, e->v);
    if (!unchecked)
        check_kind(e->p, e->v);
    f.budget = 100000;
    sw_frame_begin(&f);
    SW_ASSERT(is_same(e->v, sw_eval(e->p, &f)));
}

static void end_cel(struct cel *e)
{
    sw_arena_free(&e->arena);
    sw_lang_free(e->l);
}

/* What the checker accepts comes to the same without it. */
static void try_cel(char how, struct sw_str text)
{
    struct cel with;
    struct cel without;

    run_cel(&without, text, true);
    if (how == 'c') {
        run_cel(&with, text, false);
        SW_ASSERT(with.p == NULL || (without.p != NULL && is_same(with.v, without.v)));
        end_cel(&with);
    }
    end_cel(&without);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sw_str text = {(const char *)data + 1, size - 1};

    if (size < 1 || size > TEXT_MAX)
        return 0;
    if (data[0] == 'c' || data[0] == 'u')
        try_cel((char)data[0], text);
    else if (data[0] == 'r' || data[0] == 'n' || data[0] == 't')
        try_rule((char)data[0], text);
    return 0;
}
