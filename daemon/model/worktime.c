/* worktime.c - working time: what of a stretch lies within the working hours of working days.
 *
 * Where a county's clocks are put forward or back, a day's hours are still from its midnight on:
 * nobody works at two in the morning. */
#include <shouwang/model/calendar.h>

struct hours {
    sw_time from, to;
};

/* The working hours of a day as instants; false: it is not worked. */
static bool hours_of(const struct sw_calendar *c, const struct sw_zone *zone, sw_day day,
                     struct hours *h)
{
    sw_time midnight;

    if (!sw_calendar_is_working(c, day))
        return false;
    midnight = sw_zone_midnight(zone, day);
    sw_calendar_hours(c, &h->from, &h->to);
    h->from += midnight;
    h->to += midnight;
    return true;
}

sw_time sw_work_between(const struct sw_calendar *c, const struct sw_zone *zone, sw_time from,
                        sw_time to)
{
    sw_day last = sw_zone_day(zone, to);
    sw_time work = 0;

    for (sw_day day = sw_zone_day(zone, from); from < to && day <= last; day++) {
        struct hours h;

        if (!hours_of(c, zone, day, &h))
            continue;
        h.from = h.from > from ? h.from : from;
        h.to = h.to < to ? h.to : to;
        work += h.to > h.from ? h.to - h.from : 0;
    }
    return work;
}

sw_time sw_work_add(const struct sw_calendar *c, const struct sw_zone *zone, sw_time from,
                    sw_time work)
{
    for (sw_day day = sw_zone_day(zone, from);; day++) {
        struct hours h;

        if (!hours_of(c, zone, day, &h) || h.to <= from)
            continue;
        h.from = h.from > from ? h.from : from;
        if (h.to - h.from > work || (work > 0 && h.to - h.from == work))
            return h.from + work;
        work -= h.to - h.from;
    }
}
