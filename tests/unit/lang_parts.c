/* What conditions are made of: which parts there are, and that they add up. Thousands of random
 * conditions are taken apart; their relations are compared by hand from the two operands and put
 * together again by three-valued logic, which must give what the condition itself gives. */
#include "../tap.h"
#include "lang_ask.h"
#include "lang_oracle.h"
#include <shouwang/lang/parts.h>

enum { CONDITIONS = 6000 };

static struct county c;

/* ---- which parts ----------------------------------------------------------------------------- */

static const char *const kind_words[] = {"all", "any", "not", "choice", "relation", "fact"};

static void put_line(const struct sw_prog_part *part, struct sw_buf *out)
{
    for (uint32_t i = 0; i < part->depth; i++)
        sw_buf_cstr(out, "  ");
    sw_buf_printf(out, "%s", kind_words[part->kind]);
    if (part->kind == SW_PART_RELATION)
        sw_buf_printf(out, " [%.*s] %s [%.*s] %.*s", SW_STR_ARG(part->left.source), part->sign,
                      SW_STR_ARG(part->right.source), SW_STR_ARG(part->unit));
    else if (part->kind == SW_PART_FACT)
        sw_buf_printf(out, " [%.*s]", SW_STR_ARG(part->source));
    sw_buf_char(out, '\n');
}

static void check_parts(const char *text, const char *want)
{
    struct sw_diag diag = {0};
    struct sw_prog *p = sw_lang_compile(c.l, county_text(text), sw_type_of(c.l, SW_KBOOL), &diag);
    const struct sw_prog_part *part = NULL;
    size_t n = p == NULL ? 0 : sw_prog_parts(p, &part);
    struct sw_buf out = {0};
    bool nested = n > 0 && part[0].next == n;

    for (size_t i = 0; i < n; i++) {
        put_line(&part[i], &out);
        nested &= part[i].next > i && part[i].next <= n;
        for (size_t k = i + 1; k < part[i].next && nested; k++)
            nested &= part[k].depth > part[i].depth && part[k].next <= part[i].next;
        nested &= part[i].next == n || part[part[i].next].depth <= part[i].depth;
    }
    is_str_named(sw_buf_view(&out), want, text);
    ok_named(nested, "and each ends inside the one around it");
    sw_buf_free(&out);
    sw_diag_free(&diag);
}

static void test_which(void)
{
    struct sw_diag diag = {0};
    struct sw_text entries[] = {county_text("out"), county_text("edge")};

    ask_begin(&c);
    sw_lang_explain(c.l);
    sw_lang_list(c.l, SW_STR("poor"), entries, SW_COUNTOF(entries));
    sw_lang_macro(c.l, SW_STR("ill"), county_text(" (med_paid_12m + 10)*2 >= p.med_floor "), &diag);
    sw_lang_begin(c.l);
    sw_lang_let(c.l, SW_STR("line"), county_text("hh.kind == \"out\" ? p.med_line_poor : 9000"),
                &diag);

    check_parts("med_paid_12m >= line", "relation [med_paid_12m] >= [line] 元\n");
    check_parts("ill && hh.members_n > 2 && !(fired(\"lit\") || line > 3)",
                "all\n"
                "  relation [(med_paid_12m + 10)*2] >= [p.med_floor] 元\n"
                "  relation [hh.members_n] > [2] \n"
                "  not\n"
                "    any\n"
                "      fact [fired(\"lit\")]\n"
                "      relation [line] > [3] 元\n");
    check_parts("hh.dibao ? ill : hh.kind in poor",
                "choice\n"
                "  fact [hh.dibao]\n"
                "  relation [(med_paid_12m + 10)*2] >= [p.med_floor] 元\n"
                "  relation [hh.kind] in [poor] \n");
    check_parts("work.lost.count() >= 2", "relation [work.lost.count()] >= [2] 次\n");
    check_parts("visit.done.days_since().orValue(90) > p.visit_days",
                "relation [visit.done.days_since().orValue(90)] > [p.visit_days] 天\n");
    check_parts("today - hh.monitored_since > days(30)",
                "relation [today - hh.monitored_since] > [days(30)] 天\n");
    check_parts("hh.members.exists(m, m.age > 60 && m.ill)",
                "fact [hh.members.exists(m, m.age > 60 && m.ill)]\n");
    check_parts("medical.bill.where(self_paid > 3 && kind == \"inpatient\").exists()",
                "fact [medical.bill.where(self_paid > 3 && kind == \"inpatient\").exists()]\n");
    check_parts("(hh.dibao) || (hh.dibao || (fired(\"lit\")))",
                "any\n  fact [(hh.dibao)]\n  fact [hh.dibao]\n  fact [(fired(\"lit\"))]\n");
    check_parts("-1 < hh.members_n", "relation [-1] < [hh.members_n] \n");
    sw_lang_end(c.l, &diag);
    is_int(diag.errors, 0);
    sw_diag_free(&diag);
    county_end(&c);
}

static void test_not_asked_for(void)
{
    struct sw_diag diag = {0};
    const struct sw_prog_part *part;
    struct sw_prog *p;

    ask_begin(&c);
    p = sw_lang_compile(c.l, county_text("hh.dibao"), NULL, &diag);
    is_int_named(sw_prog_parts(p, &part), 0, "a session that was not asked keeps no parts");
    sw_diag_free(&diag);
    county_end(&c);

    ask_begin(&c);
    sw_lang_explain(c.l);
    p = sw_lang_compile(c.l, county_text("1 + 1"), NULL, &diag);
    is_int_named(sw_prog_parts(p, &part), 0, "what is no condition has none");
    sw_diag_free(&diag);
    county_end(&c);
}

/* ---- that they add up ------------------------------------------------------------------------ */

static struct world w;

static struct val val_of(struct sw_value v)
{
    switch ((int)v.kind) {
    case SW_KUNKNOWN: return val(VAL_UNKNOWN, 0);
    case SW_KERROR: return val(VAL_ERROR, 0);
    case SW_KBOOL: return val(VAL_BOOL, v.b);
    default: return val(VAL_INT, v.i);
    }
}

static struct val term_of(const struct sw_prog_part *part, uint32_t i);

static struct val all_of(const struct sw_prog_part *part, uint32_t i)
{
    int64_t deciding = part[i].kind == SW_PART_ANY;
    struct val sum = val(VAL_BOOL, !deciding);

    for (uint32_t k = i + 1; k < part[i].next; k = part[k].next) {
        struct val v = term_of(part, k);

        if (v.kind == VAL_BOOL && v.i == deciding)
            return v;
        if (is_trouble(v))
            sum = is_trouble(sum) ? worse(sum, v) : v;
    }
    return sum;
}

static struct val relation_of(const struct sw_prog_part *part)
{
    static const char *const signs[] = {"<", "<=", ">", ">=", "==", "!="};
    struct val a = val_of(sw_eval(part->left.value, &w.frame));
    struct val b = val_of(sw_eval(part->right.value, &w.frame));
    int op = 0;

    while (op < 6 && strcmp(part->sign, signs[op]) != 0)
        op++;
    if (op == 6) /* in: as it is */
        return val_of(sw_eval(part->truth, &w.frame));
    return is_trouble(a) || is_trouble(b) ? worse(a, b) : val(VAL_BOOL, related(op, a.i, b.i));
}

/* The part's value, put together from the innermost ones. */
static struct val term_of(const struct sw_prog_part *part, uint32_t i)
{
    struct val v;

    switch (part[i].kind) {
    case SW_PART_ALL:
    case SW_PART_ANY: return all_of(part, i);
    case SW_PART_NOT: v = term_of(part, i + 1); return is_trouble(v) ? v : val(VAL_BOOL, !v.i);
    case SW_PART_CHOICE:
        v = term_of(part, i + 1);
        if (is_trouble(v))
            return v;
        return term_of(part, v.i ? part[i + 1].next : part[part[i + 1].next].next);
    case SW_PART_RELATION: return relation_of(&part[i]);
    case SW_PART_FACT: break;
    }
    return val_of(sw_eval(part[i].truth, &w.frame));
}

static bool adds_up(const struct sw_prog *p, size_t *relations)
{
    const struct sw_prog_part *part;
    size_t n = sw_prog_parts(p, &part);
    struct val whole = val_of(sw_eval(p, &w.frame));
    bool good = n > 0;

    for (uint32_t i = 0; i < n; i++) {
        struct val put_together = term_of(part, i);
        struct val own = val_of(sw_eval(part[i].truth, &w.frame));

        *relations += part[i].kind == SW_PART_RELATION;
        good &= own.kind == put_together.kind && (is_trouble(own) || own.i == put_together.i);
        good &= i > 0 || (own.kind == whole.kind && (is_trouble(own) || own.i == whole.i));
    }
    return good;
}

static void test_sums(struct tap_random *r)
{
    size_t wrong = 0;
    size_t conditions = 0;
    size_t relations = 0;

    while (conditions < CONDITIONS) {
        struct sw_buf text = {0};
        struct sw_diag diag = {0};
        struct sw_prog *p;

        world_begin(&w, r);
        sw_lang_explain(w.l);
        if (expr_random(&w, r, &text)->type != VAL_BOOL) {
            sw_buf_free(&text);
            world_end(&w);
            continue;
        }
        p = sw_lang_compile(w.l, (struct sw_text){.text = sw_buf_view(&text)}, NULL, &diag);
        w.frame.reads = sw_reads_new(w.l);
        w.frame.today = w.start + (sw_day)tap_below(r, 60);
        sw_frame_begin(&w.frame);
        world_on(&w, &w.frame, w.frame.today);
        if (p == NULL || !adds_up(p, &relations)) {
            if (wrong++ < 5)
                note("%.*s", SW_STR_ARG(sw_buf_view(&text)));
        }
        conditions++;
        sw_diag_free(&diag);
        sw_buf_free(&text);
        world_end(&w);
    }
    is_int_named((int64_t)wrong, 0, "conditions whose parts do not add up");
    note("%zu conditions, %zu relations", conditions, relations);
    ok_named(relations > conditions / 2, "and there were relations in them");
}

int main(void)
{
    struct tap_random r = tap_seed();

    test_which();
    test_not_asked_for();
    test_sums(&r);
    return done_testing();
}
