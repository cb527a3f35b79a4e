/* Random histories, random expressions: evaluation and the next change against an oracle that asks
 * every day anew, straight from the definitions.
 *
 * An expression is made twice from the same random numbers: as text for the language and as a
 * small tree for the oracle, which knows nothing of spans, horizons, sharing or code. Histories
 * have late, missing, negative and future events, fields that are not known, parameters and
 * household data that change on a day, and another rule that fires on one. */
#include "../tap.h"

static bool plants_fault;

/* This program's own copy of read.c can be told to forget the days on which events drop out. */
#define SW_DROPS_OUT_ON(day) (plants_fault ? 0 : (day))
#include "../../daemon/lang/read.c"

#include "lang_oracle.h"

enum { PAIRS = 12000, DAYS = 130 };

static struct world w;

static void at_day(void *ctx, struct sw_frame *f, sw_day day)
{
    (void)ctx;
    world_on(&w, f, day);
}

static bool agrees(struct sw_value got, struct val want)
{
    switch (want.kind) {
    case VAL_UNKNOWN: return got.kind == SW_KUNKNOWN;
    case VAL_ERROR: return got.kind == SW_KERROR;
    case VAL_BOOL: return got.kind == SW_KBOOL && got.b == (want.i != 0);
    case VAL_INT: return got.kind == SW_KINT && got.i == want.i;
    case VAL_MONEY: return got.kind == SW_KMONEY && got.i == want.i;
    }
    return false;
}

static bool same(struct val a, struct val b)
{
    return a.kind == b.kind && (a.kind == VAL_UNKNOWN || a.kind == VAL_ERROR || a.i == b.i);
}

static sw_day naive_change(const struct expr *e, sw_day from)
{
    struct val before = oracle(&w, e, from);

    for (sw_day day = from + 1; day <= from + DAYS; day++) {
        if (!same(before, oracle(&w, e, day)))
            return day;
    }
    return SW_DAY_NEVER;
}

/* One expression in one world. Prints what went wrong. */
static bool run_pair(struct tap_random *r, size_t *changes, bool quiet)
{
    struct sw_buf text = {0};
    struct sw_diag diag = {0};
    struct sw_prog *p;
    const struct expr *e;
    bool good = true;

    world_begin(&w, r);
    e = expr_random(&w, r, &text);
    p = sw_lang_compile(w.l, (struct sw_text){.text = sw_buf_view(&text)}, NULL, &diag);
    if (p == NULL) {
        sw_diag_print(&diag, stdout);
        good = false;
    } else {
        sw_day from = w.start + (sw_day)tap_below(r, 60);
        sw_day naive = naive_change(e, from);
        sw_day found;
        struct sw_value v;

        w.frame.reads = sw_reads_new(w.l);
        w.frame.today = from;
        sw_frame_begin(&w.frame);
        world_on(&w, &w.frame, from);
        v = sw_eval(p, &w.frame);
        if (!agrees(v, oracle(&w, e, from)))
            good = false;
        found = sw_next_change(p, &w.frame, from + DAYS, at_day, NULL);
        *changes += naive != SW_DAY_NEVER;
        if (found != naive)
            good = false;
        if (!good && !quiet) {
            struct sw_buf shown = {0};

            sw_value_put(w.l, v, &shown);
            note("%.*s", SW_STR_ARG(sw_buf_view(&text)));
            note("on %d: %.*s, oracle kind %d %lld; next change %d, oracle %d", from,
                 SW_STR_ARG(sw_buf_view(&shown)), oracle(&w, e, from).kind,
                 (long long)oracle(&w, e, from).i, found, naive);
            sw_buf_free(&shown);
        }
    }
    sw_diag_free(&diag);
    sw_buf_free(&text);
    world_end(&w);
    return good;
}

static size_t run_pairs(struct tap_random *r, size_t n, bool quiet, size_t *changes)
{
    size_t wrong = 0;

    for (size_t i = 0; i < n; i++)
        wrong += !run_pair(r, changes, quiet || wrong > 5);
    return wrong;
}

int main(void)
{
    struct tap_random r = tap_seed();
    size_t changes = 0;
    size_t wrong = run_pairs(&r, PAIRS, false, &changes);

    is_int_named((int64_t)wrong, 0, "pairs that disagree");
    note("%d pairs, %zu of them change within %d days", PAIRS, changes, DAYS);
    ok(changes > PAIRS / 10);
    plants_fault = true;
    wrong = run_pairs(&r, PAIRS / 10, true, &changes);
    note("with a planted fault %zu of %d pairs disagree", wrong, PAIRS / 10);
    ok_named(wrong > 0, "the test notices a planted fault");
    return done_testing();
}
