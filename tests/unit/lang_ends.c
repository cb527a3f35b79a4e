/* What changes by itself because events end and people grow older: the predicted day against asking
 * every day anew, over three years. It begins when all events are known: what is told later nobody
 * can predict. */
#include "../tap.h"
#include "lang_ask.h"

static const char *const texts[] = {
    "loan.issued.open().sum(amount)",
    "loan.issued.open().count() >= 2",
    "loan.issued.ends_within(days(30)).count()",
    "loan.issued.ends_within(days(p.jobless_days)).where(amount > 1500).exists()",
    "loan.issued.within(days(200)).open().max(amount).orValue(0)",
    "years_since(\"2004-02-29\") >= 21",
    "years_since(\"1990-12-31\")",
    "years_since(hh.monitored_since) >= 1 && loan.issued.open().exists()",
};

static void no_change(void *ctx, struct sw_frame *f, sw_day day)
{
    (void)ctx;
    (void)f;
    (void)day;
}

/* The first day after `from` with another answer, by asking. */
static sw_day naive(struct county *c, const struct sw_prog *p, sw_day from, sw_day limit)
{
    struct sw_buf before = {0};
    sw_day day = from + 1;

    sw_buf_str(&before, ask_program(c, p, from));
    while (day <= limit && sw_str_eq(ask_program(c, p, day), sw_buf_view(&before)))
        day++;
    sw_buf_free(&before);
    return day <= limit ? day : SW_DAY_NEVER;
}

int main(void)
{
    static struct county c;
    sw_day first = county_day("2024-03-12");
    sw_day limit = first + 1100;
    size_t changes = 0;

    ask_begin(&c);
    for (size_t i = 0; i < SW_COUNTOF(texts); i++) {
        struct sw_diag diag = {0};
        struct sw_prog *p = sw_lang_compile(c.l, county_text(texts[i]), NULL, &diag);
        bool agree = p != NULL;

        sw_reads_free(c.frame.reads);
        c.frame.reads = NULL;
        for (sw_day day = first; agree && day < limit; day += 3) {
            sw_day want = naive(&c, p, day, limit);
            sw_day got = sw_next_change(p, county_frame(&c, day), limit, no_change, NULL);

            agree = want == got;
            changes += want != SW_DAY_NEVER;
            if (!agree)
                note("%s: from %d on %d, should be %d", texts[i], day, got, want);
        }
        ok_named(agree, texts[i]);
        sw_diag_free(&diag);
    }
    ok(changes > 300);
    note("%zu changes", changes);
    county_end(&c);
    return done_testing();
}
