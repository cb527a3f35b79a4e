/* harm.c - weather over villages, houses, water, accidents, fire. */
#include "year.h"

enum { SECONDS_A_DAY = 86400 };

static const struct quantile crops[] = {
    {0, 30000}, {500000, 180000}, {900000, 720000}, {980000, 1800000}, {1000000, 5000000}};
static const struct quantile house_fire[] = {
    {0, 400000}, {500000, 1900000}, {900000, 6500000}, {1000000, 20000000}};

/* ---- houses ------------------------------------------------------------------------------- */

static void inspect(struct year *y, uint32_t household, sw_day day, uint8_t grade)
{
    year_word(y, INSPECT, household, NOBODY, day, grade);
    if (grade < GRADE_C)
        return;
    year_trouble(y, household);
    if (dice_chance(&y->dice, 720))
        year_add(y, REPAIRED, household, NOBODY, day + dice_between(&y->dice, 50, 200));
}

static void tell_houses(struct year *y)
{
    static const uint8_t season[12] = {10, 10, 60, 90, 100, 80, 60, 60, 60, 50, 40, 20};
    static const uint16_t grades[] = {520, 400, 60, 20};
    uint32_t n = year_count(y, y->c->households, 3200);

    for (; n > 0; n--) {
        uint32_t h = dice_below(&y->dice, y->c->households);
        uint8_t grade = (uint8_t)dice_choose(&y->dice, grades, SW_COUNTOF(grades));

        inspect(y, h, year_day(y, season), grade);
    }
}

/* ---- weather ------------------------------------------------------------------------------ */

/* Kinds that come over whole villages. Only hail has an event of its own for the village; what the
 * others do is known from the households' losses. */
static const struct weather {
    uint8_t hazard;
    uint16_t per_100k;   /* storms a year and 100 000 villages */
    uint8_t villages[2]; /* that one storm reaches, from to */
    uint8_t hit[2];      /* per cent of households with a loss, from to */
    uint8_t worse;       /* per cent of the usual loss */
    bool floods;         /* damages houses and wells too */
    uint8_t season[12];
} weathers[] = {
    {BY_HAIL, 9000, {1, 5}, {10, 30}, 110, false, {0, 0, 10, 50, 80, 100, 90, 70, 30, 0, 0, 0}},
    {BY_FLOOD, 3500, {2, 4}, {8, 20}, 150, true, {0, 0, 0, 0, 20, 50, 100, 90, 40, 0, 0, 0}},
    {BY_DROUGHT, 2300, {3, 7}, {3, 8}, 70, false, {0, 0, 0, 20, 50, 80, 100, 90, 20, 0, 0, 0}},
    {BY_WIND, 2300, {1, 3}, {2, 6}, 60, false, {10, 30, 80, 100, 70, 40, 40, 30, 10, 10, 10, 10}},
    {BY_FROST, 2300, {2, 5}, {3, 8}, 80, false, {20, 40, 100, 90, 10, 0, 0, 0, 0, 10, 40, 30}},
};

static void lose(struct year *y, uint32_t household, sw_day day, const struct weather *w)
{
    const struct household *h = &y->c->household[household];
    int64_t fen = dice_tail(&y->dice, crops) * w->worse / 100;
    uint8_t grade = dice_chance(&y->dice, 400) ? GRADE_D : GRADE_C;

    if (h->land == 0 && !w->floods)
        return;
    year_money(y, LOSS, household, NOBODY, day, fen)->word = w->hazard;
    year_trouble(y, household);
    if (w->floods && dice_chance(&y->dice, 25))
        inspect(y, household, day + dice_between(&y->dice, 4, 20), grade);
    if (dice_chance(&y->dice, 60))
        care_help(y, household, day + dice_between(&y->dice, 2, 30), FOR_DISASTER);
}

static void dry_up(struct year *y, uint32_t village, sw_day day);

/* What comes over a village is a matter of its poor households at once. */
static void trouble_poor(struct year *y, const struct area *village)
{
    for (uint32_t h = village->first; h < village->first + village->count; h++) {
        if (is_poor(&y->c->household[h]))
            year_trouble(y, h);
    }
}

static void strike(struct year *y, uint32_t village, sw_day day, const struct weather *w,
                   bool strong)
{
    static const uint16_t severities[] = {15, 27, 32, 18, 8};
    const struct area *v = &y->c->village[village];
    uint32_t hit = (uint32_t)dice_between(&y->dice, w->hit[0], w->hit[1]);

    if (w->hazard == BY_HAIL) {
        uint32_t severity = 1 + dice_choose(&y->dice, severities, SW_COUNTOF(severities));

        severity += strong && severity < 3 ? 2 : 0;
        year_add(y, HAIL, village, NOBODY, day)->count = (uint16_t)severity;
        hit = severity < 3 ? hit / 8 : hit;
        if (severity >= 3)
            trouble_poor(y, v);
    }
    if (w->floods && dice_chance(&y->dice, 400))
        dry_up(y, village, day);
    for (uint32_t h = v->first; h < v->first + v->count; h++) {
        if (dice_below(&y->dice, 100) < hit)
            lose(y, h, day, w);
    }
}

/* A storm goes over neighbouring villages of one town. The first of a kind is strong and, if the
 * season allows, falls into the history; the smallest county has hail at least. */
static void tell_weather(struct year *y, const struct weather *w)
{
    uint32_t storms = year_count(y, y->c->villages, w->per_100k);

    if (storms == 0 && w->hazard == BY_HAIL)
        storms = 1;
    for (uint32_t s = 0; s < storms; s++) {
        const struct area *town = &y->c->town[dice_below(&y->dice, y->c->towns)];
        uint32_t n = (uint32_t)dice_between(&y->dice, w->villages[0], w->villages[1]);
        uint32_t from = dice_below(&y->dice, town->count);
        sw_day day = year_day(y, w->season);

        for (int tries = 0; s == 0 && day < y->first && tries < 50; tries++)
            day = year_day(y, w->season);
        for (uint32_t v = from; v < from + n && v < town->count; v++)
            strike(y, town->first + v, day, w, s == 0);
    }
}

static void tell_fires(struct year *y)
{
    uint32_t n = year_count(y, y->c->households, 50);

    for (; n > 0; n--) {
        uint32_t h = year_household(y);
        sw_day day = year_any_day(y);

        year_money(y, LOSS, h, NOBODY, day, dice_tail(&y->dice, house_fire))->word = BY_FIRE;
        year_trouble(y, h);
        if (dice_chance(&y->dice, 350))
            inspect(y, h, day + dice_between(&y->dice, 1, 8), GRADE_D);
        if (dice_chance(&y->dice, 500))
            care_help(y, h, day + dice_between(&y->dice, 1, 10), FOR_DISASTER);
    }
}

/* ---- water -------------------------------------------------------------------------------- */

static void dry_up(struct year *y, uint32_t village, sw_day day)
{
    static const struct quantile hours[] = {
        {0, 1}, {500000, 14}, {850000, 55}, {970000, 160}, {1000000, 330}};
    int64_t from = (int64_t)day * SECONDS_A_DAY + dice_between(&y->dice, 0, SECONDS_A_DAY - 1);
    int64_t seconds = dice_tail(&y->dice, hours) * 3600 + dice_between(&y->dice, 0, 3599);
    const struct event *back;

    year_add_at(y, OUTAGE, village, NOBODY, from);
    if (dice_chance(&y->dice, 30)) { /* nobody told that it flows again */
        y->c->village[village].dry = true;
        return;
    }
    back = year_add_at(y, RESTORED, village, NOBODY, from + seconds);
    if (back == &y->dropped || back->recorded - from >= 2 * SECONDS_A_DAY)
        trouble_poor(y, &y->c->village[village]);
}

static void tell_water(struct year *y)
{
    static const uint8_t season[12] = {100, 70, 30, 30, 40, 60, 90, 90, 40, 30, 40, 90};
    uint32_t n = year_count(y, y->c->villages, 200000);

    for (; n > 0; n--) {
        uint32_t village = dice_below(&y->dice, y->c->villages);

        dry_up(y, village, year_day(y, season));
    }
}

/* ---- accidents ---------------------------------------------------------------------------- */

static void tell_accidents(struct year *y)
{
    static const uint16_t outcomes[] = {64, 20, 16};
    uint32_t n = year_count(y, y->c->persons, 170);

    for (; n > 0; n--) {
        uint32_t h = year_household(y);
        uint32_t p = year_person_of(y, h);
        sw_day day = year_any_day(y);
        uint8_t outcome = (uint8_t)dice_choose(&y->dice, outcomes, SW_COUNTOF(outcomes));

        if (day > y->c->person[p].gone || age_on(&y->c->person[p], day) < 4)
            continue;
        year_word(y, ACCIDENT, h, p, day, outcome);
        year_trouble(y, h);
        if (outcome == DEATH)
            y->c->person[p].gone = day;
        else if (outcome == DISABLED || dice_chance(&y->dice, 600))
            health_admit(y, p, day + dice_between(&y->dice, 8, 40));
        if (outcome != INJURY && dice_chance(&y->dice, 450))
            care_help(y, h, day + dice_between(&y->dice, 3, 30),
                      outcome == DISABLED ? FOR_DISABLED : FOR_OTHER);
    }
}

void harm_tell(struct year *y)
{
    tell_accidents(y);
    for (size_t i = 0; i < SW_COUNTOF(weathers); i++)
        tell_weather(y, &weathers[i]);
    tell_fires(y);
    tell_houses(y);
    tell_water(y);
}
