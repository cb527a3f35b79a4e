/* source.c - when a department knows. */
#include "source.h"

const struct source_habit sources[SOURCES] = {
    [YIBAO] = {"yibao", "YB", TEN_DAYS, 45, false, false, false},
    [RENSHE] = {"renshe", "RS", WEEKLY, 60, false, false, false},
    [RUHU] = {"ruhu", "RH", WITHIN_DAYS, 30, false, false, false},
    [JIAOYU] = {"jiaoyu", "JY", WEEKLY, 20, false, false, false},
    [ZHUJIAN] = {"zhujian", "ZJ", WITHIN_DAYS, 30, false, false, false},
    [SHUILI] = {"shuili", "SL", AT_ONCE, 10, false, false, false},
    [QIXIANG] = {"qixiang", "QX", AT_ONCE, 0, true, false, true},
    [YINGJI] = {"yingji", "YJ", WITHIN_DAYS, 20, false, false, false},
    [GONGAN] = {"gongan", "GA", WITHIN_DAYS, 20, false, false, false},
    [NONGYE] = {"nongye", "NY", WITHIN_DAYS, 40, false, false, false},
    [YINHANG] = {"yinhang", "YH", MONTHLY, 0, true, true, true},
    [MINZHENG] = {"minzheng", "MZ", MONTHLY, 10, false, true, false},
    [HOTLINE] = {"12317", "RX", AT_ONCE, 0, false, false, true},
    [XIANGZHEN] = {"zoufang", "ZF", WITHIN_DAYS, 15, false, false, false},
    [XIANGCUN] = {"xiangcun", "XC", WITHIN_DAYS, 0, false, false, false},
};

enum { HOUR = 3600, DAY = 86400 };

static const struct quantile days_late[] = {
    {0, 0}, {200000, 0}, {500000, 2}, {900000, 7}, {1000000, 25}};
static const struct quantile months_late[] = {{0, 30}, {600000, 65}, {950000, 120}, {1000000, 160}};

static sw_day friday_after(sw_day day)
{
    return day + 1 + (5 - sw_weekday(day + 1) + 7) % 7;
}

static sw_day tenth_after(sw_day day)
{
    do
        day++;
    while (sw_civil_of(day).day % 10 != 1 || sw_civil_of(day).day == 31);
    return day;
}

static sw_day fifth_after(sw_day day)
{
    do
        day++;
    while (sw_civil_of(day).day != 5);
    return day;
}

int64_t source_knows(struct dice *d, enum source s, int64_t at)
{
    sw_day day = (sw_day)(at / DAY);
    int64_t moment = 0;

    if (dice_chance(d, sources[s].late)) {
        day += (sw_day)dice_tail(d, months_late);
        at = (int64_t)day * DAY;
    }
    switch (sources[s].habit) {
    case AT_ONCE: return at + dice_between(d, 60, HOUR);
    case WITHIN_DAYS:
        day += (sw_day)dice_tail(d, days_late);
        moment = (int64_t)day * DAY + dice_between(d, 8 * HOUR, 18 * HOUR);
        return moment > at ? moment : at + dice_between(d, 60, HOUR);
    case WEEKLY: moment = (int64_t)friday_after(day) * DAY + 16 * HOUR; break;
    case TEN_DAYS: moment = (int64_t)tenth_after(day) * DAY + 2 * HOUR; break;
    case MONTHLY: moment = (int64_t)fifth_after(day) * DAY + 9 * HOUR; break;
    }
    return moment + dice_between(d, 0, 1200);
}
