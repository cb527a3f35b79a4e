/* deadlines.c - until when somebody has to have looked: messages.yaml says how many working days or
 * hours a level leaves, calendar.yaml which days are worked.
 *
 * Time runs from the arrival of what raised the alert, whenever it happened: nobody is late for a
 * bill that came months later. The day of arrival does not count. */
#include "parts.h"
#include <shouwang/base/i18n.h>

void sw_load_calendar(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    if (root != NULL)
        rs->calendar = sw_calendar_read(&rs->arena, root, diag);
}

const struct sw_calendar *sw_ruleset_calendar(const struct sw_ruleset *rs)
{
    return rs->calendar;
}

int32_t sw_ruleset_missing_year(const struct sw_ruleset *rs, sw_day today)
{
    bool counts = false;

    for (size_t level = 1; level <= rs->n_levels; level++)
        counts |= rs->wording.deadline[level].days > 0;
    return counts && today != SW_DAY_NEVER ? sw_calendar_missing(rs->calendar, today) : 0;
}

static void load_deadline(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_deadline d = {.days = 0};
    size_t level = 1;

    while (level <= rs->n_levels && !sw_str_eq(rs->level[level].name, y->key))
        level++;
    if (level > rs->n_levels)
        sw_diag_add(diag, SW_ERROR, y->key_at, _("no level %.*s"), SW_STR_ARG(y->key));
    else if (y->kind == SW_YSCALAR)
        rs->wording.deadline[level].text = y->text;
    else if (y->kind == SW_YMAP && sw_keys_read(&sw_deadline_keys, y, &d, diag))
        rs->wording.deadline[level] = d;
}

void sw_load_deadlines(struct sw_ruleset *rs, const struct sw_yaml *map, struct sw_diag *diag)
{
    if (map == NULL || map->kind != SW_YMAP)
        return;
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next)
        load_deadline(rs, y, diag);
}

sw_time sw_deadline_at(const struct sw_ruleset *rs, int32_t days, int32_t hours, sw_time from)
{
    const struct sw_zone *zone = rs->schema->zone;

    if (hours > 0)
        return from + (sw_time)hours * 3600 * SW_SECOND;
    if (days > 0)
        return sw_day_end(zone, sw_calendar_add(rs->calendar, sw_zone_day(zone, from), days));
    return 0;
}
