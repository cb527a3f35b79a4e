/* deadlines.c - until when somebody has to have looked: messages.yaml says how many working days or
 * hours a level leaves, a rule how many its alerts leave, calendar.yaml which days are worked. The
 * nearest holds, so a rule can hurry but never give more time than the level.
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

static bool goes_by_calendar(const struct sw_term *t)
{
    return t->days > 0 || t->work_hours > 0;
}

int32_t sw_ruleset_missing_year(const struct sw_ruleset *rs, sw_day today)
{
    bool counts = false;

    for (size_t level = 1; level <= rs->n_levels; level++)
        counts |= goes_by_calendar(&rs->wording.deadline[level].term);
    for (size_t i = 0; i < rs->n_rules; i++)
        counts |= goes_by_calendar(&rs->rule[i].deadline.term);
    return counts && today != SW_DAY_NEVER ? sw_calendar_missing(rs->calendar, today) : 0;
}

static void load_deadline(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_deadline d = {.text = {0}};
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

struct sw_until sw_term_end(const struct sw_ruleset *rs, const struct sw_term *t, sw_time from)
{
    const struct sw_zone *zone = rs->schema->zone;
    sw_time at = 0;

    if (t->work_hours > 0) {
        at = sw_work_add(rs->calendar, zone, from, (sw_time)t->work_hours * 3600 * SW_SECOND);
        return (struct sw_until){at, PACE_WORK};
    }
    if (t->hours > 0)
        return (struct sw_until){from + (sw_time)t->hours * 3600 * SW_SECOND, PACE_WALL};
    if (t->days > 0)
        at = sw_day_end(zone, sw_calendar_add(rs->calendar, sw_zone_day(zone, from), t->days));
    return (struct sw_until){at, PACE_DAYS};
}

/* ---- rules with a time of their own ------------------------------------------------------- */

void sw_term_put(const struct sw_term *t, struct sw_buf *out)
{
    if (t->days > 0)
        sw_buf_printf(out, "%d个工作日", t->days);
    else if (t->hours > 0)
        sw_buf_printf(out, "%d小时", t->hours);
    else
        sw_buf_printf(out, "%d个工作小时", t->work_hours);
}

void sw_rule_deadline_words(struct sw_ruleset *rs, struct sw_rule *r)
{
    struct sw_buf text = {0};

    if (!sw_term_is_set(&r->deadline.term) || r->deadline.text.n > 0)
        return;
    sw_term_put(&r->deadline.term, &text);
    r->deadline.text = sw_arena_printf(&rs->arena, "%s内", text.p);
    sw_buf_free(&text);
}

/* Became a cause since it was told last. */
static bool is_news(const struct sw_hit *h)
{
    return h->told < h->since;
}

/* The nearest of `due` and what the rules say that count with a subject (`news`: those that nobody
 * was told of yet); of equal ones the first. */
static struct sw_until nearest(const struct sw_engine *e, uint32_t subject, bool news,
                               struct sw_until due, uint32_t *rule)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    *rule = SW_NONE;
    for (size_t i = 0; i < n; i++) {
        const struct sw_rule *r = &e->rules->rule[hits[i].rule];
        struct sw_until own;

        if (r->task || !sw_term_is_set(&r->deadline.term) || !sw_hit_counts(&hits[i]) ||
            (news && !is_news(&hits[i])))
            continue;
        own = sw_term_end(e->rules, &r->deadline.term, e->now);
        if (due.at > 0 && own.at >= due.at)
            continue;
        due = own;
        *rule = hits[i].rule;
    }
    return due;
}

struct sw_until sw_case_deadline(const struct sw_engine *e, uint32_t subject,
                                 const struct sw_life_stand *s, uint32_t *rule)
{
    struct sw_until due = sw_lifecycle_deadline(e->rules, s, e->now);
    uint32_t whose = SW_NONE;

    if (e->rules->life->state[s->state].clock == CLOCK_ALERT)
        due = nearest(e, subject, false, due, &whose);
    if (rule != NULL)
        *rule = whose;
    return due;
}

struct sw_until sw_news_deadline(const struct sw_engine *e, uint32_t subject, uint32_t *rule)
{
    return nearest(e, subject, true, (struct sw_until){0}, rule);
}

struct sw_str sw_deadline_words(const struct sw_engine *e, uint32_t subject, uint8_t level)
{
    const struct sw_deadline *d = &e->rules->wording.deadline[level];
    uint32_t rule;

    nearest(e, subject, false, sw_term_end(e->rules, &d->term, e->now), &rule);
    return rule == SW_NONE ? d->text : e->rules->rule[rule].deadline.text;
}
