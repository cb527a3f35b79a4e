/* school.c - fees at the beginning of terms, absences in between, pupils who stop coming. */
#include "year.h"

static const uint8_t in_term[12] = {70, 15, 100, 100, 100, 90, 5, 0, 100, 90, 100, 100};

/* By age: below 16 board and meals, then tuition. */
static const struct {
    int8_t from, to;
    uint16_t share; /* per thousand that pay */
    struct quantile fee[4];
} stages[] = {
    {6, 15, 260, {{0, 12000}, {500000, 38000}, {950000, 90000}, {1000000, 160000}}},
    {16, 18, 860, {{0, 80000}, {500000, 210000}, {900000, 420000}, {1000000, 900000}}},
    {19, 22, 520, {{0, 250000}, {500000, 520000}, {900000, 850000}, {1000000, 1800000}}},
};

/* The fees of one pupil in the terms that begin in the time told of. */
static void tell_fees(struct year *y, uint32_t person)
{
    const struct person *p = &y->c->person[person];

    for (int32_t year = sw_civil_of(y->early).year; year <= sw_civil_of(y->end).year; year++) {
        sw_day term[] = {sw_day_of(year, 2, 22), sw_day_of(year, 8, 30)};
        int32_t age = age_on(p, term[1]); /* of both terms: whoever pays, pays twice a year */

        for (size_t i = 0; i < SW_COUNTOF(stages); i++) {
            if (age < stages[i].from || age > stages[i].to ||
                !dice_chance(&y->dice, stages[i].share))
                continue;
            for (size_t t = 0; t < SW_COUNTOF(term); t++) {
                sw_day day = term[t] + dice_between(&y->dice, 0, 14);

                int64_t fen = dice_tail(&y->dice, stages[i].fee);

                year_money(y, FEE, p->household, person, day, fen);
                y->c->household[p->household].spent += fen;
            }
        }
    }
}

static bool is_pupil(const struct person *p, sw_day day)
{
    int32_t age = age_on(p, day);

    return age >= 6 && age < 16 && day <= p->gone;
}

static void miss_days(struct year *y, uint32_t person, sw_day day, int32_t most)
{
    uint32_t h = y->c->person[person].household;
    struct event *e = year_add(y, ABSENCE, h, person, day);

    e->count = (uint16_t)dice_between(&y->dice, 1, most);
    year_trouble(y, h);
}

/* Most come back within days or weeks, some are persuaded after months, some never. */
static void drop_out(struct year *y, uint32_t person, sw_day day)
{
    static const struct quantile away[] = {{0, 2}, {400000, 6}, {800000, 25}, {1000000, 110}};
    uint32_t h = y->c->person[person].household;
    sw_day before = day - dice_between(&y->dice, 5, 15);

    if (dice_chance(&y->dice, 700) && in_term[sw_civil_of(before).month - 1] > 0)
        miss_days(y, person, before, 9);
    year_add(y, DROPOUT, h, person, day);
    year_trouble(y, h);
    if (dice_chance(&y->dice, 780))
        year_add(y, BACK, h, person, day + (sw_day)dice_tail(&y->dice, away));
    if (dice_chance(&y->dice, 150))
        care_help(y, h, day + dice_between(&y->dice, 1, 20), FOR_SCHOOL);
}

void school_tell(struct year *y)
{
    for (uint32_t p = 0; p < y->c->persons; p++) {
        const struct person *pupil = &y->c->person[p];

        tell_fees(y, p);
        if (!is_pupil(pupil, y->first))
            continue;
        if (dice_chance(&y->dice, 160))
            miss_days(y, p, year_day(y, in_term), 6);
        if (dice_chance(&y->dice, 12))
            drop_out(y, p, year_day(y, in_term));
    }
}
