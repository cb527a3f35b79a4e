/* work.c - jobs lost and found, notes of income and expense, loans, crops and animals. */
#include "year.h"

enum { YUAN = 100 };

static const struct quantile search[] = {
    {0, 4}, {500000, 38}, {850000, 95}, {1000000, 260}}; /* days to the next job */
static const struct quantile expense[] = {
    {0, 8000}, {500000, 52000}, {900000, 260000}, {990000, 1200000}, {1000000, 3500000}};
static const struct quantile overdue[] = {
    {0, 150000}, {500000, 1200000}, {900000, 3800000}, {1000000, 5000000}};
static const struct quantile farm_loss[] = {
    {0, 60000}, {500000, 310000}, {900000, 1400000}, {1000000, 9000000}};

/* ---- jobs --------------------------------------------------------------------------------- */

void work_lose(struct year *y, uint32_t person, sw_day day, uint8_t reason)
{
    struct person *p = &y->c->person[person];

    if (p->jobless)
        return;
    p->jobless = true;
    year_word(y, LOST, p->household, person, day, reason);
    year_trouble(y, p->household);
    if (dice_chance(&y->dice, reason == LOST_ILL ? 250 : 740))
        year_add(y, HIRED, p->household, person, day + (sw_day)dice_tail(&y->dice, search));
    else if (dice_chance(&y->dice, 120))
        care_help(y, p->household, day + dice_between(&y->dice, 20, 90), FOR_JOBLESS);
}

/* A third of the losses around Spring Festival, when contracts end and people come home, a quarter
 * in October, when building sites of the north close. */
static sw_day loss_day(struct year *y)
{
    static const uint8_t october[12] = {[9] = 100};
    uint32_t when = dice_below(&y->dice, 100);
    sw_day day = year_any_day(y);

    if (when < 35) {
        day = spring_festival(sw_civil_of(day).year) + dice_between(&y->dice, -30, 12);
        return day >= y->early && day < y->end ? day : year_any_day(y);
    }
    return when < 60 ? year_day(y, october) : day;
}

static uint32_t draw_worker(struct year *y, sw_day day)
{
    for (int tries = 0; tries < 1000; tries++) {
        uint32_t p = year_person_of(y, year_household(y));

        if (is_worker(&y->c->person[p], day))
            return p;
    }
    return NOBODY;
}

static void tell_jobs(struct year *y)
{
    static const uint16_t reasons[] = {35, 20, 32, 5, 8};
    static const uint8_t hiring[12] = {30, 80, 100, 80, 60, 50, 40, 50, 60, 50, 40, 30};
    uint32_t lost = year_count(y, y->c->persons, 1900);
    uint32_t hired = year_count(y, y->c->persons, 1150);

    for (; lost > 0; lost--) {
        sw_day day = loss_day(y);
        uint32_t p = draw_worker(y, day);

        if (p != NOBODY)
            work_lose(y, p, day, (uint8_t)dice_choose(&y->dice, reasons, SW_COUNTOF(reasons)));
    }
    for (; hired > 0; hired--) {
        sw_day day = year_day(y, hiring);
        uint32_t p = draw_worker(y, day);

        if (p == NOBODY)
            continue;
        year_add(y, HIRED, y->c->person[p].household, p, day);
        year_trouble(y, y->c->person[p].household); /* no trouble, but it would answer a loss */
    }
}

/* ---- notes -------------------------------------------------------------------------------- */

/* How many days apart the notes of a household are: monitored, other poor, others; 0: none. */
static int32_t note_step(struct year *y, const struct household *h, int32_t monitored, int32_t poor,
                         uint32_t others_permille)
{
    if (h->monitored)
        return monitored;
    if (is_poor(h))
        return poor;
    return dice_chance(&y->dice, others_permille) ? poor : 0;
}

static void tell_income(struct year *y, uint32_t household)
{
    static const uint16_t kinds[] = {50, 25, 5, 20};
    const struct household *h = &y->c->household[household];
    int64_t yearly = h->income >= 0 ? h->income : (int64_t)h->members * 900000;
    int32_t step = note_step(y, h, 31, 73, 40);
    sw_day day = y->early + dice_between(&y->dice, 0, step);

    for (; step > 0 && day < y->end; day += step + dice_between(&y->dice, -4, 4)) {
        int64_t fen = yearly * step / 365 * dice_between(&y->dice, 45, 150) / 100;
        struct event *e = year_money(y, INCOME, household, NOBODY, day, fen);

        e->word = (uint8_t)dice_choose(&y->dice, kinds, SW_COUNTOF(kinds));
        if (dice_chance(&y->dice, 80))
            e->word = NO_WORD;
    }
}

static void tell_spending(struct year *y, uint32_t household)
{
    static const uint16_t kinds[] = {15, 8, 57, 20};
    int32_t step = note_step(y, &y->c->household[household], 60, 290, 20);
    sw_day day = y->early + dice_between(&y->dice, 0, step);

    for (; step > 0 && day < y->end; day += step + dice_between(&y->dice, -15, 15)) {
        uint8_t kind = (uint8_t)dice_choose(&y->dice, kinds, SW_COUNTOF(kinds));
        int64_t fen = dice_tail(&y->dice, expense);

        year_money(y, SPEND, household, NOBODY, day, fen)->word = kind;
        y->c->household[household].spent += kind == RIGID ? fen : 0;
    }
}

/* ---- loans, crops, animals ---------------------------------------------------------------- */

static void tell_loans(struct year *y)
{
    static const uint8_t season[12] = {60, 30, 50, 50, 60, 70, 50, 50, 60, 70, 90, 100};
    uint32_t repaid = year_count(y, y->c->households, 8000);
    uint32_t late = year_count(y, y->c->households, 300);

    for (; repaid > 0; repaid--) {
        uint32_t h = dice_below(&y->dice, y->c->households);

        year_add(y, REPAID, h, NOBODY, year_day(y, season));
        year_trouble(y, h); /* it would answer for an overdue loan of the live day */
    }
    for (; late > 0; late--) {
        uint32_t h = year_household(y);
        sw_day day = year_any_day(y);

        year_money(y, OVERDUE, h, NOBODY, day, dice_tail(&y->dice, overdue));
        year_trouble(y, h);
        if (dice_chance(&y->dice, 550))
            year_add(y, REPAID, h, NOBODY, day + dice_between(&y->dice, 15, 120));
    }
}

static void lose_animals(struct year *y, uint32_t household, sw_day day)
{
    year_money(y, FARM, household, NOBODY, day, dice_tail(&y->dice, farm_loss));
    year_trouble(y, household);
}

/* Single losses, and sicknesses that go through a village. */
static void tell_farms(struct year *y)
{
    uint32_t single = year_count(y, y->c->households, 350);
    uint32_t waves = year_count(y, y->c->villages, 6000);

    for (; single > 0; single--) {
        uint32_t h = year_household(y);

        lose_animals(y, h, year_any_day(y));
    }
    for (; waves > 0; waves--) {
        const struct area *v = &y->c->village[dice_below(&y->dice, y->c->villages)];
        sw_day day = year_any_day(y);

        for (int32_t n = dice_between(&y->dice, 4, 18); n > 0; n--) {
            uint32_t h = v->first + dice_below(&y->dice, v->count);

            lose_animals(y, h, day + dice_between(&y->dice, 0, 15));
        }
    }
}

void work_tell(struct year *y)
{
    tell_jobs(y);
    for (uint32_t h = 0; h < y->c->households; h++)
        tell_income(y, h);
    for (uint32_t h = 0; h < y->c->households; h++)
        tell_spending(y, h);
    tell_loans(y);
    tell_farms(y);
}
