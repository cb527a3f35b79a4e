/* posts.c - the cadres, and from when until when each looks after whom.
 *
 * A desk is a set of households that changes hands as one. Poor households sit at desks of 3 to 8
 * held by county and town staff; the others at the desks of their village's own cadres, 25 to 40
 * each. Some desks change hands on the usual days of the year, some stay empty for weeks, a few
 * are empty today; a few households never had anybody. */
#include "county.h"
#include <stdio.h>

enum { DESK_MIN = 3, DESK_MAX = 8, VILLAGE_DESK = 33 };

struct stint {
    uint32_t cadre;
    sw_day from, until;
};

struct desk {
    struct stint stint[2];
    size_t n;
};

static uint32_t add_cadre(struct county *c, struct dice *d)
{
    struct cadre *cadre;
    bool woman = dice_chance(d, 330);
    uint32_t surname = names_surname(d);
    int32_t born = dice_between(d, 1964, 2002);

    c->cadre = sw_grow(c->cadre, &c->cadre_cap, c->cadres + 1, sizeof(*c->cadre));
    cadre = &c->cadre[c->cadres];
    names_person(d, surname, woman, born, cadre->name);
    return c->cadres++;
}

static void add_post(struct county *c, uint32_t subject, struct stint s)
{
    c->post = sw_grow(c->post, &c->post_cap, c->posts + 1, sizeof(*c->post));
    c->post[c->posts++] = (struct post){subject, s.cadre, s.from, s.until};
    c->rotated += s.until != SW_DAY_NEVER;
}

/* 1 March or 1 August of the history: when transfers take effect; else its middle. */
static sw_day transfer_day(const struct county *c, struct dice *d)
{
    int32_t month = dice_chance(d, 500) ? 3 : 8;
    sw_day day = sw_day_of(sw_civil_of(c->opt.start - 1).year, month, 1);

    if (day >= c->opt.start)
        day = sw_day_of(sw_civil_of(day).year - 1, month, 1);
    return day > c->first ? day : c->first + c->opt.days / 2;
}

/* Who sits at a desk over the years. `turnover` per thousand. */
static struct desk hold_desk(struct county *c, struct dice *d, uint32_t turnover)
{
    sw_day since = c->first - dice_between(d, 30, 1400);
    struct desk desk = {{{add_cadre(c, d), since, SW_DAY_NEVER}}, 1};
    sw_day gap = 0;
    sw_day day;

    if (!dice_chance(d, turnover))
        return desk;
    day = transfer_day(c, d);
    desk.stint[0].until = day - 1;
    if (dice_chance(d, 200))
        gap = dice_between(d, 20, 60);
    if (dice_chance(d, 120)) /* and nobody yet */
        return desk;
    desk.stint[1] = (struct stint){add_cadre(c, d), day + gap, SW_DAY_NEVER};
    desk.n = 2;
    return desk;
}

static void seat(struct county *c, const struct desk *desk, uint32_t household)
{
    const struct stint *last = &desk->stint[desk->n - 1];

    for (size_t s = 0; s < desk->n; s++)
        add_post(c, household, desk->stint[s]);
    if (last->from <= c->opt.start && c->opt.start <= last->until)
        c->household[household].cadre = last->cadre;
}

/* ---- teams -------------------------------------------------------------------------------- */

static void build_teams(struct county *c, struct dice *d)
{
    uint32_t empty = c->villages >= 40 ? dice_below(d, c->villages) : NOBODY;

    for (uint32_t v = 0; v < c->villages; v++)
        add_cadre(c, d); /* cadre v leads the team of village v */
    for (uint32_t v = 0; v < c->villages; v++) {
        sw_day since = c->first - dice_between(d, 150, 1300);

        sw_day until = v == empty ? c->opt.start - 40 : SW_DAY_NEVER;

        add_post(c, v, (struct stint){NOBODY, since, until});
    }
}

/* ---- desks -------------------------------------------------------------------------------- */

/* How many of `left` poor households the next desk takes, so that at least three stay or none. */
static uint32_t desk_size(struct dice *d, uint32_t left)
{
    uint32_t n = (uint32_t)dice_between(d, DESK_MIN, DESK_MAX);

    if (left <= DESK_MAX)
        return left;
    return left - n < DESK_MIN ? left - DESK_MIN : n;
}

static void seat_poor(struct county *c, struct dice *d)
{
    uint32_t left = 0;
    uint32_t room = 0;
    struct desk desk = {0};

    for (uint32_t h = 0; h < c->households; h++)
        left += is_poor(&c->household[h]);
    for (uint32_t h = 0; h < c->households; h++) {
        if (!is_poor(&c->household[h]))
            continue;
        if (room == 0) {
            room = desk_size(d, left);
            desk = hold_desk(c, d, 80);
        }
        seat(c, &desk, h);
        room--;
        left--;
    }
}

static void seat_village(struct county *c, struct dice *d, const struct area *village)
{
    uint32_t others = 0;
    uint32_t seated = 0;
    uint32_t desks;
    uint32_t at = NOBODY;
    struct desk desk = {0};

    for (uint32_t h = village->first; h < village->first + village->count; h++)
        others += !is_poor(&c->household[h]);
    desks = (others + VILLAGE_DESK - 1) / VILLAGE_DESK;
    for (uint32_t h = village->first; h < village->first + village->count; h++) {
        uint32_t of = others == 0 ? 0 : seated * desks / others;

        if (is_poor(&c->household[h]))
            continue;
        if (of != at)
            desk = hold_desk(c, d, 15);
        at = of;
        if (!dice_chance(d, 3)) /* else forgotten when the list was made */
            seat(c, &desk, h);
        seated++;
    }
}

void posts_build(struct county *c)
{
    struct dice d = dice_new(c->opt.seed, PART_POSTS);

    build_teams(c, &d);
    seat_poor(c, &d);
    for (uint32_t v = 0; v < c->villages; v++)
        seat_village(c, &d, &c->village[v]);
    for (uint32_t h = 0; h < c->households; h++)
        c->vacant += c->household[h].cadre == NOBODY;
}
