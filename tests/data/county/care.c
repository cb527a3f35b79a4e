/* care.c - what is done about it: reports, visits, aid, and what the registry learns. */
#include "year.h"

static const struct quantile relief[] = {
    {0, 30000}, {500000, 120000}, {900000, 400000}, {1000000, 2000000}};

static void pay(struct year *y, uint32_t household, sw_day day)
{
    year_money(y, AID, household, NOBODY, day, dice_tail(&y->dice, relief));
}

/* A household calls, or somebody calls for it; somebody comes; sometimes money follows. */
void care_help(struct year *y, uint32_t household, sw_day day, uint8_t report)
{
    year_trouble(y, household);
    year_word(y, REPORT, household, NOBODY, day, report);
    if (dice_chance(&y->dice, 800))
        year_add(y, VISIT, household, NOBODY, day + dice_between(&y->dice, 1, 8));
    if (dice_chance(&y->dice, 350))
        pay(y, household, day + dice_between(&y->dice, 10, 45));
}

static void tell_reports(struct year *y)
{
    static const uint16_t kinds[] = {42, 8, 13, 10, 14, 13};
    uint32_t n = year_count(y, y->c->households, 900);

    for (; n > 0; n--) {
        uint32_t h = year_household(y);
        uint8_t kind = (uint8_t)dice_choose(&y->dice, kinds, SW_COUNTOF(kinds));

        care_help(y, h, year_any_day(y), kind);
    }
}

/* ---- aid ---------------------------------------------------------------------------------- */

/* 低保 on the tenth of every month. */
static void tell_dibao(struct year *y, uint32_t household)
{
    const struct household *h = &y->c->household[household];
    int32_t heads = dice_between(&y->dice, 1, h->members);
    int64_t fen = (int64_t)heads * dice_between(&y->dice, 210, 480) * 100;

    for (sw_day day = y->early; day < y->end; day++) {
        if (sw_civil_of(day).day == 10)
            year_money(y, AID, household, NOBODY, day, fen);
    }
}

static void tell_aid(struct year *y)
{
    static const uint8_t season[12] = {100, 70, 40, 40, 40, 40, 50, 60, 50, 50, 70, 100};
    uint32_t n = year_count(y, y->c->households, 1500);

    for (; n > 0; n--) {
        uint32_t h = year_household(y);

        pay(y, h, year_day(y, season));
    }
    for (uint32_t h = 0; h < y->c->households; h++) {
        if (y->c->household[h].dibao)
            tell_dibao(y, h);
    }
}

/* ---- visits ------------------------------------------------------------------------------- */

/* Monitored households every month, poor ones every season, others when there is a reason. */
static void tell_visits(struct year *y, uint32_t household)
{
    const struct household *h = &y->c->household[household];
    int32_t step = h->monitored ? 30 : is_poor(h) ? 88 : 0;
    sw_day day = y->early + dice_between(&y->dice, 0, step);

    if (step == 0 && dice_chance(&y->dice, 40))
        year_add(y, VISIT, household, NOBODY, year_any_day(y));
    if (dice_chance(&y->dice, 15)) /* forgotten by those who should come */
        return;
    for (; step > 0 && day < y->end; day += step + dice_between(&y->dice, -4, step / 3))
        year_add(y, VISIT, household, NOBODY, day);
}

/* ---- the registry ------------------------------------------------------------------------- */

/* Who is put on the list: 990 of 100 000 households a year (domain.md 2.7), most for a sudden
 * event. */
static void tell_listed(struct year *y)
{
    uint32_t n = year_count(y, y->c->households, 990);

    for (; n > 0; n--) {
        uint32_t household = year_household(y);
        const struct household *h = &y->c->household[household];
        sw_day day = year_any_day(y);

        if (h->monitored)
            continue;
        year_word(y, LISTED, household, NOBODY, day,
                  h->kind == HH_OUT            ? HH_UNSTABLE
                  : dice_chance(&y->dice, 300) ? HH_EDGE
                                               : HH_SUDDEN);
        year_trouble(y, household);
    }
}

static void tell_facts(struct year *y, uint32_t household)
{
    static const uint8_t surveys[12] = {20, 10, 20, 30, 30, 60, 40, 20, 40, 60, 100, 100};
    const struct household *h = &y->c->household[household];
    int64_t income = h->income >= 0 ? h->income : (int64_t)h->members * 1100000;

    if (h->monitored && y->first - h->monitored_since >= 180 && dice_chance(&y->dice, 300)) {
        year_add(y, UNLISTED, household, NOBODY, year_any_day(y));
        year_trouble(y, household);
    }
    if (dice_chance(&y->dice, h->monitored ? 900 : is_poor(h) ? 300 : 10)) {
        sw_day day = year_day(y, surveys);

        year_money(y, SURVEYED, household, NOBODY, day,
                   income * dice_between(&y->dice, 78, 130) / 10000 * 100);
        year_trouble(y, household);
    }
}

static void tell_staff(struct year *y)
{
    uint32_t phones = year_count(y, y->c->cadres, 2000);
    uint32_t leaders = year_count(y, y->c->villages, 8000);

    for (; phones > 0; phones--) {
        uint32_t cadre = dice_below(&y->dice, y->c->cadres);

        year_add(y, NEW_PHONE, cadre, NOBODY, year_any_day(y));
    }
    for (; leaders > 0; leaders--) {
        uint32_t village = dice_below(&y->dice, y->c->villages);
        uint32_t cadre = dice_below(&y->dice, y->c->cadres);

        year_add(y, NEW_LEADER, village, cadre, year_any_day(y));
    }
}

void care_tell(struct year *y)
{
    tell_reports(y);
    tell_aid(y);
    for (uint32_t h = 0; h < y->c->households; h++)
        tell_visits(y, h);
    tell_listed(y);
    for (uint32_t h = 0; h < y->c->households; h++)
        tell_facts(y, h);
    tell_staff(y);
}
