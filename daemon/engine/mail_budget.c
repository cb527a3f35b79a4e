/* mail_budget.c - when a person is left in peace: quiet hours, and how many texts are enough. */
#include "parts.h"
#include <shouwang/base/mem.h>

/* ---- quiet hours -------------------------------------------------------------------------- */

/* The county a letter is about; SW_NONE: about none. */
static uint32_t county_of(const struct sw_engine *e, const struct sw_letter *l)
{
    const struct sw_registry *r = &e->registry;
    uint32_t a = l->place;

    while (a != SW_NONE && r->area[a].parent != SW_NONE)
        a = r->area[a].parent;
    return a;
}

static const struct sw_quiet_hours *hours_of(const struct sw_engine *e, const struct sw_letter *l)
{
    const struct sw_mail_rules *m = &e->rules->mail;
    uint32_t county = county_of(e, l);

    for (size_t i = 0; i < m->n_counties && county != SW_NONE; i++) {
        if (sw_area_is_called(&e->registry, county, m->county[i].area))
            return &m->county[i];
    }
    return &m->quiet;
}

static sw_time at_minute(const struct sw_engine *e, sw_day day, int32_t minute)
{
    return sw_zone_midnight(e->rules->schema->zone, day) + (sw_time)minute * 60 * SW_SECOND;
}

sw_time sw_quiet_until(const struct sw_engine *e, const struct sw_letter *l)
{
    const struct sw_quiet_hours *h = hours_of(e, l);
    sw_day today = sw_zone_day(e->rules->schema->zone, e->now);
    bool over_night = h->from > h->until;
    sw_time from = at_minute(e, today, h->from);
    sw_time until = at_minute(e, today, h->until);

    if (h->from == h->until ||
        (l->index != SW_NONE && (e->rules->mail.quiet_levels >> l->level & 1) == 0))
        return 0;
    if (over_night && e->now >= from)
        return at_minute(e, today + 1, h->until);
    if (over_night)
        return e->now < until ? until : 0;
    return e->now >= from && e->now < until ? until : 0;
}

/* ---- budgets ------------------------------------------------------------------------------ */

sw_time sw_digest_at(const struct sw_engine *e)
{
    sw_day today = sw_zone_day(e->rules->schema->zone, e->now);
    sw_time at = at_minute(e, today, e->rules->mail.digest_at);

    return at > e->now ? at : at_minute(e, today + 1, e->rules->mail.digest_at);
}

/* The person's page, with today on it. */
static struct sw_ledger *ledger_of(struct sw_engine *e, uint32_t cadre)
{
    struct sw_mail *m = &e->mail;
    sw_day day = sw_zone_day(e->rules->schema->zone, e->now);
    struct sw_civil c = sw_civil_of(day);
    int32_t month = c.year * 12 + c.month;
    uint32_t n = e->registry.cadre_id.count;
    struct sw_ledger *l;

    m->ledger = sw_grow(m->ledger, &m->ledger_cap, n, sizeof(*m->ledger));
    while (m->n_ledger < n)
        m->ledger[m->n_ledger++] = (struct sw_ledger){.day = day, .month = month};
    l = &m->ledger[cadre];
    if (l->month != month)
        l->in_month = 0;
    if (l->day != day)
        l->in_day = l->digests = 0;
    l->month = month;
    l->day = day;
    return l;
}

bool sw_budget_allows(struct sw_engine *e, uint32_t cadre)
{
    const struct sw_mail_rules *m = &e->rules->mail;
    const struct sw_ledger *l = ledger_of(e, cadre);

    return m->per_day == 0 || (l->in_day < m->per_day && l->in_month < m->per_month);
}

const char *sw_budget_text(struct sw_engine *e, uint32_t cadre)
{
    const struct sw_mail_rules *m = &e->rules->mail;
    const struct sw_ledger *l = ledger_of(e, cadre);
    bool day = l->in_day >= m->per_day;

    return sw_arena_printf(&e->arena, "%s已发%d条（上限%d条），列入早间汇总", day ? "今日" : "本月",
                           day ? l->in_day : l->in_month, day ? m->per_day : m->per_month)
        .p;
}

void sw_budget_spend(struct sw_engine *e, uint32_t cadre, bool digest)
{
    struct sw_ledger *l = ledger_of(e, cadre);

    l->in_day++;
    if (digest)
        l->digests++; /* the month's bound is why there is one: it does not count there */
    else
        l->in_month++;
}
