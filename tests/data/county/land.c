/* land.c - towns and villages, their codes and sizes; the ids made from them.
 *
 * The county code is invented (610999); a town has the digits 100 to 399 behind it, a village the
 * digits from 201 on, as the statistics bureaus number 镇, 乡 and 村委会. */
#include "county.h"
#include <stdio.h>
#include <stdlib.h>

static uint32_t in_proportion(uint32_t households, uint32_t full)
{
    uint64_t n = ((uint64_t)households * full + FULL_HOUSEHOLDS / 2) / FULL_HOUSEHOLDS;

    return n == 0 ? 1 : (uint32_t)n;
}

static void build_towns(struct county *c)
{
    uint32_t from = 0;

    c->town = sw_calloc(c->towns, sizeof(*c->town));
    for (uint32_t t = 0; t < c->towns; t++) {
        struct area *a = &c->town[t];
        uint32_t to = (uint32_t)((uint64_t)c->villages * (t + 1) / c->towns);

        snprintf(a->code, sizeof(a->code), "610999%03u000", 100 + t);
        names_place(t * 7 + 500, t < 100 ? "镇" : "乡", a->name);
        a->first = from;
        a->count = to - from;
        from = to;
    }
}

static void build_villages(struct county *c, struct dice *d)
{
    uint32_t t = 0;

    c->village = sw_calloc(c->villages, sizeof(*c->village));
    for (uint32_t v = 0; v < c->villages; v++) {
        struct area *a = &c->village[v];

        while (v >= c->town[t].first + c->town[t].count)
            t++;
        a->parent = t;
        snprintf(a->code, sizeof(a->code), "610999%03u%03u", 100 + t, 201 + v - c->town[t].first);
        names_place(v, "村", a->name);
        a->poverty = (uint8_t)dice_between(d, 1, 6);
        a->minority = dice_chance(d, 40) || v == c->villages / 2; /* one at least */
        for (size_t i = 0; i < SW_COUNTOF(a->clan); i++)
            a->clan[i] = (uint8_t)names_surname(d);
    }
}

/* Households to villages in proportion to a drawn weight, so that the sum is exact. */
static void settle(struct county *c, struct dice *d)
{
    uint64_t *upto = sw_calloc(c->villages, sizeof(*upto));
    uint64_t sum = 0;
    uint32_t from = 0;

    for (uint32_t v = 0; v < c->villages; v++)
        upto[v] = sum += (uint64_t)dice_between(d, 60, 150);
    for (uint32_t v = 0; v < c->villages; v++) {
        uint32_t to = (uint32_t)(upto[v] * c->households / sum);

        c->village[v].first = from;
        c->village[v].count = to - from;
        from = to;
    }
    free(upto);
}

void land_build(struct county *c)
{
    struct dice d = dice_new(c->opt.seed, PART_LAND);

    c->households = c->opt.households;
    c->persons = in_proportion(c->households, FULL_PERSONS);
    c->villages = in_proportion(c->households, FULL_VILLAGES);
    c->towns = in_proportion(c->households, FULL_TOWNS);
    c->first = c->opt.start - c->opt.days;
    build_towns(c);
    build_villages(c, &d);
    settle(c, &d);
}

void county_free(struct county *c)
{
    free(c->town);
    free(c->village);
    free(c->household);
    free(c->person);
    free(c->cadre);
    free(c->post);
    *c = (struct county){0};
}

/* ---- ids ---------------------------------------------------------------------------------- */

char *household_id(const struct county *c, uint32_t household, char out[ID_SIZE])
{
    const struct area *village = &c->village[c->household[household].village];

    snprintf(out, ID_SIZE, "%s-%04u", village->code, household - village->first + 1);
    return out;
}

char *person_id(const struct county *c, uint32_t person, char out[ID_SIZE])
{
    uint32_t h = c->person[person].household;
    char household[ID_SIZE];

    snprintf(out, ID_SIZE, "%.24s-%02u", household_id(c, h, household),
             person - c->household[h].first + 1);
    return out;
}

char *cadre_id(uint32_t cadre, char out[ID_SIZE])
{
    snprintf(out, ID_SIZE, "G%05u", cadre + 1);
    return out;
}

char *team_id(const struct county *c, uint32_t village, char out[ID_SIZE])
{
    snprintf(out, ID_SIZE, "T%s", c->village[village].code + 6);
    return out;
}

/* 7919 is prime to 100 000: no number is given twice, and neighbours do not follow each other. */
char *cadre_phone(const struct county *c, uint32_t cadre, char out[ID_SIZE])
{
    uint32_t n = (uint32_t)(((uint64_t)cadre * 7919 + c->opt.seed % 100000) % 100000);

    snprintf(out, ID_SIZE, "13%u0099%04u", n / 10000, n % 10000);
    return out;
}
