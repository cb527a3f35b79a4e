/* year.c - days, people and times of day for what happens. */
#include "year.h"

enum { HOUR = 3600, DAY = 86400, BEFORE = 160 };

/* Between which hours each source's things happen. */
static const int8_t hours[SOURCES][2] = {
    [YIBAO] = {7, 19},   [RENSHE] = {8, 18},    [RUHU] = {8, 20},     [JIAOYU] = {7, 17},
    [ZHUJIAN] = {9, 17}, [SHUILI] = {0, 24},    [QIXIANG] = {13, 21}, [YINGJI] = {0, 24},
    [GONGAN] = {0, 24},  [NONGYE] = {6, 20},    [YINHANG] = {0, 24},  [MINZHENG] = {9, 17},
    [HOTLINE] = {8, 22}, [XIANGZHEN] = {8, 21}, [XIANGCUN] = {9, 18},
};

struct event *year_add_at(struct year *y, enum type t, uint32_t subject, uint32_t person,
                          int64_t at)
{
    struct event e = {.at = at,
                      .recorded = source_knows(&y->dice, event_source(t), at),
                      .subject = subject,
                      .person = person,
                      .reverses = NOBODY,
                      .type = (uint8_t)t,
                      .role = GOOD};
    sw_day day = (sw_day)(at / DAY);

    if (day < y->early || e.recorded < (int64_t)y->first * DAY ||
        e.recorded >= (int64_t)y->end * DAY ||
        (person != NOBODY && t != NEW_LEADER && day > y->c->person[person].gone))
        return &y->dropped;
    e.serial = ++y->list.serials;
    return event_add(&y->list, e);
}

struct event *year_add(struct year *y, enum type t, uint32_t subject, uint32_t person, sw_day day)
{
    const int8_t *between = hours[event_source(t)];
    int32_t moment = dice_between(&y->dice, between[0] * HOUR, between[1] * HOUR - 1);

    return year_add_at(y, t, subject, person, (int64_t)day * DAY + moment);
}

struct event *year_money(struct year *y, enum type t, uint32_t subject, uint32_t person, sw_day day,
                         int64_t fen)
{
    struct event *e = year_add(y, t, subject, person, day);

    e->money = fen;
    return e;
}

struct event *year_word(struct year *y, enum type t, uint32_t subject, uint32_t person, sw_day day,
                        uint8_t word)
{
    struct event *e = year_add(y, t, subject, person, day);

    e->word = word;
    return e;
}

uint32_t year_count(const struct year *y, uint32_t base, uint32_t per_100k)
{
    uint64_t days = (uint64_t)(y->end - y->early);

    return (uint32_t)(((uint64_t)base * per_100k * days + 18250000) / 36500000);
}

sw_day year_any_day(struct year *y)
{
    return dice_between(&y->dice, y->early, y->end - 1);
}

sw_day year_day(struct year *y, const uint8_t month[12])
{
    sw_day day;

    /* A short history may have none of the right months: then any day is as good. */
    for (int tries = 0; tries < 200; tries++) {
        day = year_any_day(y);
        if (dice_below(&y->dice, 100) < month[sw_civil_of(day).month - 1])
            return day;
    }
    return day;
}

uint32_t year_household(struct year *y)
{
    for (;;) {
        uint32_t h = dice_below(&y->dice, y->c->households);

        if (dice_below(&y->dice, 10) < y->c->household[h].luck)
            return h;
    }
}

uint32_t year_person_of(struct year *y, uint32_t household)
{
    const struct household *h = &y->c->household[household];

    return h->first + dice_below(&y->dice, h->members);
}

sw_day spring_festival(int32_t year)
{
    static const int16_t from_2020[] = {125, 212, 201, 122, 210, 129, 217, 206, 126, 213, 203,
                                        123, 211, 131, 219, 208, 128, 215, 204, 124, 212};
    int32_t i = year - 2020;
    int32_t date = i >= 0 && i < (int32_t)SW_COUNTOF(from_2020) ? from_2020[i] : 205;

    return sw_day_of(year, date / 100, date % 100);
}

bool is_worker(const struct person *p, sw_day day)
{
    int32_t age = age_on(p, day);

    return age >= 18 && age < 60 && day <= p->gone;
}

void year_trouble(struct year *y, uint32_t household)
{
    y->c->household[household].trouble = true;
}

void year_tell(struct year *y, struct county *c)
{
    static const struct {
        enum part part;
        void (*tell)(struct year *y);
    } parts[] = {
        {PART_HARM, harm_tell},     {PART_HEALTH, health_tell}, {PART_WORK, work_tell},
        {PART_SCHOOL, school_tell}, {PART_CARE, care_tell},     {PART_NOISE, noise_tell},
    };

    *y = (struct year){.c = c, .early = c->first - BEFORE, .first = c->first, .end = c->opt.start};
    for (size_t i = 0; i < SW_COUNTOF(parts); i++) {
        y->dice = dice_new(c->opt.seed, parts[i].part);
        parts[i].tell(y);
    }
}

void year_free(struct year *y)
{
    event_free(&y->list);
}
