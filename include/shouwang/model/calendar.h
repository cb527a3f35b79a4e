/* calendar.h - which days are worked: Monday to Friday, but for public holidays and for the
 * weekends that are worked in exchange (调休), as the State Council announces them each autumn.
 * Layer: model. Pure; read once, never changed. Everywhere below NULL is a calendar without any
 * year. */
#ifndef SHOUWANG_MODEL_CALENDAR_H
#define SHOUWANG_MODEL_CALENDAR_H

#include <shouwang/base/yaml_keys.h>
#include <shouwang/base/zone.h>

#define SW_WORKING_DAYS_MAX 250 /* about a year */

struct sw_calendar; /* lies in the arena it was read into */

/* What calendar.yaml holds. */
extern const struct sw_keys sw_calendar_keys;

/* Never NULL; what is wrong in the file is told in `diag`. */
const struct sw_calendar *sw_calendar_read(struct sw_arena *arena, const struct sw_yaml *root,
                                           struct sw_diag *diag);

/* The years it knows, ascending; how many. In any other year Monday to Friday are worked. */
size_t sw_calendar_years(const struct sw_calendar *c, const int32_t **years);
bool sw_calendar_has(const struct sw_calendar *c, int32_t year);
/* The year that is wanted on a day and is not there: that day's own or, from November on, when its
 * holidays are announced, the next. 0: none is missing. */
int32_t sw_calendar_missing(const struct sw_calendar *c, sw_day today);

bool sw_calendar_is_working(const struct sw_calendar *c, sw_day day);
/* The n-th working day after `from`, which itself is not counted; n from 1 to SW_WORKING_DAYS_MAX.
 */
sw_day sw_calendar_add(const struct sw_calendar *c, sw_day from, int32_t n);
/* Working days after `from` up to and with `to`; 0 when `to` is not later. */
int32_t sw_calendar_between(const struct sw_calendar *c, sw_day from, sw_day to);
/* The working hours of a working day, from its midnight: 8:30 to 17:30 if the file says nothing. */
void sw_calendar_hours(const struct sw_calendar *c, sw_time *from, sw_time *to);
/* worktime.c: how much working time lies between two instants; 0 when `to` is not later. */
sw_time sw_work_between(const struct sw_calendar *c, const struct sw_zone *zone, sw_time from,
                        sw_time to);
/* The first instant at which so much working time has passed since `from`; none wanted: the first
 * instant from then on at which people are at work. */
sw_time sw_work_add(const struct sw_calendar *c, const struct sw_zone *zone, sw_time from,
                    sw_time work);
/* The last second of a local day: who is done by then is in time. */
sw_time sw_day_end(const struct sw_zone *zone, sw_day day);

#endif
