/* people.c - households of the right number and kinds, and the persons in them.
 *
 * First the kinds by exact quota (poor villages get more of the poor), then sizes by kind, bent
 * until the persons' number is exact, then the members by one of the shapes a household of that
 * size has, and last what the county has written down about it. */
#include "county.h"
#include <string.h>

const char *const hh_kind_names[HH_KINDS] = {"none", "out", "unstable", "edge", "sudden"};
const char *const relation_names[] = {"户主", "配偶", "儿子", "女儿", "父亲",
                                      "母亲", "儿媳", "孙子", "孙女"};

/* Per 100 000 households. Out of poverty: 4 030 of 18 490 in county D2, the unstable among them;
 * on the lists 2.6 % of households, a third of them for a sudden event (domain.md 2.7). */
static const uint32_t quota[HH_KINDS] = {0, 20876, 920, 1028, 681};

/* Members 1 to 8, per thousand: other households and the poor ones (2.9 on average). */
static const uint16_t sizes[2][8] = {{330, 350, 160, 100, 40, 15, 4, 1},
                                     {170, 280, 220, 180, 100, 35, 10, 5}};

/* s spouse, k child, y younger child, p parent, w the son's wife, g grandchild */
static const struct {
    uint16_t weight;
    uint8_t members;
    int8_t from, to; /* age of the head */
    const char *others;
} shapes[] = {
    {60, 1, 60, 88, ""},       {40, 1, 26, 59, ""},        {62, 2, 56, 82, "s"},
    {15, 2, 34, 55, "s"},      {13, 2, 40, 75, "k"},       {10, 2, 38, 60, "p"},
    {50, 3, 28, 52, "sk"},     {22, 3, 50, 66, "sk"},      {14, 3, 40, 58, "sp"},
    {14, 3, 36, 60, "kp"},     {55, 4, 30, 50, "sky"},     {20, 4, 36, 55, "skp"},
    {25, 4, 52, 70, "kwg"},    {50, 5, 32, 52, "skyp"},    {50, 5, 52, 68, "skwg"},
    {55, 6, 34, 52, "skypp"},  {45, 6, 53, 68, "skwgg"},   {50, 7, 36, 52, "skyypp"},
    {50, 7, 54, 70, "skwggy"}, {50, 8, 38, 52, "skyyypp"}, {50, 8, 55, 70, "skwgggy"},
};

/* Income of a year and head, fen: other, out of poverty, on the lists, sudden. */
static const struct quantile income_other[] = {
    {0, 400000}, {100000, 850000}, {500000, 1650000}, {900000, 3200000}, {1000000, 9000000}};
static const struct quantile income_out[] = {
    {0, 600000}, {100000, 900000}, {500000, 1320000}, {900000, 2200000}, {1000000, 4500000}};
static const struct quantile income_listed[] = {
    {0, 300000}, {100000, 550000}, {500000, 790000}, {900000, 1100000}, {1000000, 1600000}};
static const struct quantile income_sudden[] = {
    {0, 800000}, {100000, 1000000}, {500000, 1400000}, {900000, 2200000}, {1000000, 4000000}};

static const struct quantile land[] = {
    {0, 0}, {150000, 0}, {500000, 35}, {900000, 90}, {1000000, 320}}; /* tenths of a mu */

static const struct {
    const struct quantile *income;
    uint16_t income_unknown, dibao, lived; /* per thousand */
} facts[HH_KINDS] = {
    [HH_NONE] = {income_other, 180, 25, 860},      [HH_OUT] = {income_out, 20, 150, 930},
    [HH_UNSTABLE] = {income_listed, 20, 450, 960}, [HH_EDGE] = {income_listed, 20, 430, 960},
    [HH_SUDDEN] = {income_sudden, 20, 300, 940},
};

bool is_poor(const struct household *h)
{
    return h->kind != HH_NONE;
}

int32_t age_on(const struct person *p, sw_day day)
{
    return (int32_t)sw_floor_div((int64_t)(day - p->birth) * 4, 1461);
}

static void deal_kinds(struct county *c, struct dice *d)
{
    for (uint8_t kind = HH_OUT; kind < HH_KINDS; kind++) {
        uint64_t left = ((uint64_t)c->households * quota[kind] + 50000) / 100000;

        while (left > 0) {
            struct household *h = &c->household[dice_below(d, c->households)];

            if (h->kind != HH_NONE || dice_below(d, 6) >= c->village[h->village].poverty)
                continue;
            h->kind = kind;
            left--;
        }
    }
}

static void deal_sizes(struct county *c, struct dice *d)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < c->households; i++) {
        struct household *h = &c->household[i];

        h->members = (uint8_t)(1 + dice_choose(d, sizes[is_poor(h)], 8));
        sum += h->members;
    }
    while (sum != c->persons) {
        struct household *h = &c->household[dice_below(d, c->households)];

        if (sum < c->persons && h->members < 8) {
            h->members++;
            sum++;
        } else if (sum > c->persons && h->members > 1) {
            h->members--;
            sum--;
        }
    }
}

/* ---- members ------------------------------------------------------------------------------ */

static const struct {
    char letter;
    int8_t from, to; /* added to the head's age */
    uint8_t man, woman;
    int8_t woman_share; /* per cent; -1: the other sex than the head */
} roles[] = {
    {'s', -5, 3, SPOUSE, SPOUSE, -1},
    {'k', -30, -22, SON, DAUGHTER, 46},
    {'y', -36, -28, SON, DAUGHTER, 48},
    {'p', 22, 29, FATHER, MOTHER, 60},
    {'w', -31, -23, WIFE_OF_SON, WIFE_OF_SON, 100},
    {'g', -55, -46, GRANDSON, GRANDDAUGHTER, 47},
};

static size_t shape_of(struct dice *d, uint8_t members)
{
    uint16_t weight[SW_COUNTOF(shapes)];

    for (size_t i = 0; i < SW_COUNTOF(shapes); i++)
        weight[i] = shapes[i].members == members ? shapes[i].weight : 0;
    return dice_choose(d, weight, SW_COUNTOF(shapes));
}

static void name_person(struct dice *d, struct person *p, bool of_minority, uint32_t family)
{
    bool by_blood = p->relation != SPOUSE && p->relation != MOTHER && p->relation != WIFE_OF_SON;
    uint32_t surname = by_blood ? family : names_surname(d);

    if (of_minority)
        names_minority(d, p->woman, p->name);
    else
        names_person(d, surname, p->woman, sw_civil_of(p->birth).year, p->name);
}

static void add_person(struct county *c, struct dice *d, uint32_t household, int32_t age,
                       uint8_t relation, bool woman)
{
    struct person *p = &c->person[c->persons++];
    int32_t years = age < 0 ? 0 : age > 101 ? 101 : age;

    *p = (struct person){.household = household,
                         .birth = c->first - years * 1461 / 4 - dice_between(d, 1, 364),
                         .gone = SW_DAY_NEVER,
                         .relation = relation,
                         .woman = woman};
}

static void add_others(struct county *c, struct dice *d, uint32_t household, const char *others,
                       int32_t head_age, bool head_woman)
{
    bool has_wife = strchr(others, 'w') != NULL;
    uint32_t parents = 0;

    for (const char *o = others; *o != '\0'; o++) {
        size_t r = 0;
        bool woman;

        while (roles[r].letter != *o)
            r++;
        woman = roles[r].woman_share < 0 ? !head_woman
                                         : dice_below(d, 100) < (uint32_t)roles[r].woman_share;
        if (*o == 'k' && has_wife)
            woman = false;
        if (*o == 'p' && parents++ > 0)
            woman = !c->person[c->persons - 1].woman;
        add_person(c, d, household, head_age + dice_between(d, roles[r].from, roles[r].to),
                   woman ? roles[r].woman : roles[r].man, woman);
    }
}

static void add_members(struct county *c, struct dice *d, uint32_t household)
{
    struct household *h = &c->household[household];
    const struct area *village = &c->village[h->village];
    size_t s = shape_of(d, h->members);
    int32_t age = dice_between(d, shapes[s].from, shapes[s].to);
    bool woman = dice_chance(d, 180);
    bool of_minority = village->minority && dice_chance(d, 400);
    uint32_t family = dice_chance(d, 500) ? village->clan[dice_below(d, SW_COUNTOF(village->clan))]
                                          : names_surname(d);

    h->first = c->persons;
    add_person(c, d, household, age, HEAD, woman);
    add_others(c, d, household, shapes[s].others, age, woman);
    for (uint32_t p = h->first; p < c->persons; p++)
        name_person(d, &c->person[p], of_minority, family);
}

/* ---- what is written down about them ------------------------------------------------------ */

static int8_t count_labor(const struct county *c, struct dice *d, const struct household *h)
{
    int8_t n = 0;

    for (uint32_t p = h->first; p < h->first + h->members; p++) {
        int32_t age = age_on(&c->person[p], c->first);

        n = (int8_t)(n + (age >= 18 && age < 60 && !dice_chance(d, 50)));
    }
    return n;
}

static void add_facts(const struct county *c, struct dice *d, struct household *h)
{
    static const uint16_t luck_weights[] = {850, 120, 30};
    static const uint8_t luck[] = {1, 3, 10};
    int64_t income = dice_tail(d, facts[h->kind].income) * h->members / 100 * 100;

    h->income = dice_chance(d, facts[h->kind].income_unknown) ? -1 : income;
    h->dibao = dice_chance(d, facts[h->kind].dibao);
    h->lived = dice_chance(d, facts[h->kind].lived);
    h->land = (int16_t)dice_tail(d, land);
    if (dice_chance(d, 40))
        h->land = -1;
    h->labor = dice_chance(d, 50) ? -1 : count_labor(c, d, h);
    h->luck = luck[dice_choose(d, luck_weights, SW_COUNTOF(luck))];
    h->monitored = h->kind >= HH_UNSTABLE && dice_chance(d, 700);
    h->monitored_since = c->first - dice_between(d, 20, 1500);
}

void people_build(struct county *c)
{
    struct dice d = dice_new(c->opt.seed, PART_PEOPLE);

    c->household = sw_calloc(c->households, sizeof(*c->household));
    for (uint32_t v = 0; v < c->villages; v++) {
        for (uint32_t i = 0; i < c->village[v].count; i++)
            c->household[c->village[v].first + i] =
                (struct household){.village = v, .cadre = NOBODY};
    }
    deal_kinds(c, &d);
    deal_sizes(c, &d);
    c->person = sw_calloc(c->persons, sizeof(*c->person));
    c->persons = 0; /* counted again while they are added */
    for (uint32_t h = 0; h < c->households; h++)
        add_members(c, &d, h);
    for (uint32_t h = 0; h < c->households; h++)
        add_facts(c, &d, &c->household[h]);
}
