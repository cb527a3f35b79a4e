/* health.c - hospital stays, medicine by the month, and what is paid back months later.
 *
 * Admissions 20 % of the population a year (domain.md E01); ordinary outpatient visits, the bulk of
 * a real feed, are left out on purpose. Bills have a heavy tail, and a large one leads to more: the
 * next stays, work given up, a call for help. */
#include "year.h"

enum { YUAN = 100 };

/* What is left to the patient, fen. */
static const struct quantile stay[] = {{0, 12000},        {250000, 85000},   {500000, 180000},
                                       {750000, 380000},  {900000, 850000},  {970000, 1900000},
                                       {990000, 4200000}, {998000, 9500000}, {1000000, 26000000}};
static const struct quantile next_stay[] = {
    {0, 30000}, {500000, 160000}, {900000, 620000}, {1000000, 2400000}};
static const struct quantile medicine[] = {
    {0, 1800}, {500000, 13500}, {850000, 38000}, {970000, 90000}, {1000000, 420000}};
static const struct quantile visit[] = {
    {0, 8000}, {500000, 24000}, {900000, 90000}, {1000000, 450000}};

/* Weight of an admission by age, from 0, 15, 45, 65. */
static uint32_t frailty(const struct person *p, sw_day day)
{
    static const struct {
        int8_t from;
        uint8_t weight;
    } ages[] = {{65, 6}, {45, 4}, {0, 2}};
    int32_t age = age_on(p, day);
    size_t i = 0;

    while (i < SW_COUNTOF(ages) - 1 && age < ages[i].from)
        i++;
    return ages[i].weight;
}

/* 大病保险, 医疗救助, 商业保险, 手工报销: each takes its share of what the one before it left. */
static void pay_back(struct year *y, uint32_t person, sw_day day, int64_t left)
{
    static const struct {
        int64_t from;       /* fen */
        uint16_t chance[2]; /* per thousand: others, poor */
        int8_t share[2];    /* per cent, from to */
        int16_t delay[2];   /* days */
    } rules[] = {
        [SERIOUS] = {12000 * YUAN, {750, 850}, {20, 40}, {40, 120}},
        [RELIEF] = {3000 * YUAN, {30, 420}, {15, 35}, {30, 100}},
        [COMMERCIAL] = {2000 * YUAN, {90, 60}, {10, 30}, {20, 110}},
        [MANUAL] = {1500 * YUAN, {70, 90}, {20, 45}, {30, 160}},
    };
    uint32_t h = y->c->person[person].household;
    bool poor = is_poor(&y->c->household[h]);

    for (uint8_t payer = 0; payer < SW_COUNTOF(rules); payer++) {
        int64_t part = left * dice_between(&y->dice, rules[payer].share[0], rules[payer].share[1]);
        sw_day on = day + dice_between(&y->dice, rules[payer].delay[0], rules[payer].delay[1]);

        if (left < rules[payer].from || !dice_chance(&y->dice, rules[payer].chance[poor]))
            continue;
        year_money(y, REFUND, h, person, on, part / 100)->word = payer;
        left -= part / 100;
    }
}

static void bill(struct year *y, uint32_t person, sw_day day, uint8_t kind, int64_t fen)
{
    uint32_t h = y->c->person[person].household;
    struct event *e = year_money(y, BILL, h, person, day, fen);

    e->word = kind;
    if (!dice_chance(&y->dice, 60)) /* some hospitals of other counties leave the total out */
        e->total = fen * dice_between(&y->dice, 150, 420) / 100;
    y->c->household[h].spent += fen;
    if (kind != CHRONIC)
        year_trouble(y, h);
}

/* A stay of `fen`, and what comes of it if that is much. */
static void admit(struct year *y, uint32_t person, sw_day day, int64_t fen)
{
    uint32_t h = y->c->person[person].household;
    int64_t severe = 8000 * YUAN;
    sw_day again = day;

    bill(y, person, day, INPATIENT, fen);
    pay_back(y, person, day, fen);
    if (fen < severe)
        return;
    for (uint32_t more = dice_below(&y->dice, 5); more > 0; more--) {
        int64_t next = dice_tail(&y->dice, next_stay);

        again += dice_between(&y->dice, 18, 60);
        bill(y, person, again, INPATIENT, next);
        pay_back(y, person, again, next);
    }
    if (is_worker(&y->c->person[person], day) && dice_chance(&y->dice, 180))
        work_lose(y, person, day + dice_between(&y->dice, 0, 20), LOST_ILL);
    if (dice_chance(&y->dice, 400))
        year_money(y, SPEND, h, NOBODY, day + dice_between(&y->dice, 5, 40), fen / 10)->word =
            RIGID;
    if (dice_chance(&y->dice, 220))
        care_help(y, h, day + dice_between(&y->dice, 3, 45), FOR_ILL);
}

void health_admit(struct year *y, uint32_t person, sw_day day)
{
    admit(y, person, day, dice_tail(&y->dice, stay));
}

static void tell_stays(struct year *y)
{
    static const uint8_t season[12] = {100, 90, 95, 80, 75, 70, 70, 75, 70, 75, 90, 100};
    uint32_t n = year_count(y, y->c->persons, 16200);

    while (n > 0) {
        uint32_t person = year_person_of(y, year_household(y));
        sw_day day = year_day(y, season);

        if (dice_below(&y->dice, 6) >= frailty(&y->c->person[person], day))
            continue;
        health_admit(y, person, day);
        n--;
    }
}

/* The same medicine every month, settled around the same day. */
static void tell_medicine(struct year *y, uint32_t person)
{
    int64_t usual = dice_tail(&y->dice, medicine);
    sw_day day = y->early + dice_between(&y->dice, 0, 29);

    for (; day < y->end; day += dice_between(&y->dice, 27, 34)) {
        if (dice_chance(&y->dice, 800))
            bill(y, person, day, CHRONIC, usual * dice_between(&y->dice, 75, 130) / 100);
    }
}

void health_tell(struct year *y)
{
    static const uint16_t chronic[7] = {0, 0, 12, 0, 62, 0, 130}; /* by frailty, per thousand */
    uint32_t n = year_count(y, y->c->persons, 4500);

    tell_stays(y);
    for (uint32_t p = 0; p < y->c->persons; p++) {
        if (dice_chance(&y->dice, chronic[frailty(&y->c->person[p], y->first)]))
            tell_medicine(y, p);
    }
    for (; n > 0; n--) {
        uint32_t person = year_person_of(y, year_household(y));
        sw_day day = year_any_day(y);

        bill(y, person, day, OUTPATIENT, dice_tail(&y->dice, visit));
    }
}
