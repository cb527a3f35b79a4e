/* hits.c - the rules that matter to one subject. Most have none. */
#include "parts.h"
#include <math.h>
#include <shouwang/base/mem.h>

struct sw_standing *sw_standing_of(const struct sw_engine *e, uint32_t subject)
{
    return sw_is_area(subject) ? &e->area_standing[sw_area_of(subject)] : &e->standing[subject];
}

struct sw_hit *sw_hits(const struct sw_engine *e, uint32_t subject, size_t *n)
{
    struct sw_hits *hits = sw_standing_of(e, subject)->hits;

    *n = hits == NULL ? 0 : hits->n;
    return hits == NULL ? NULL : hits->at;
}

struct sw_hit *sw_hit_find(const struct sw_engine *e, uint32_t subject, uint32_t rule)
{
    size_t n;
    struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t i = 0; i < n; i++) {
        if (hits[i].rule == rule)
            return &hits[i];
    }
    return NULL;
}

struct sw_hit *sw_hit_of(struct sw_engine *e, uint32_t subject, uint32_t rule)
{
    struct sw_standing *st = sw_standing_of(e, subject);
    struct sw_hit *found = sw_hit_find(e, subject, rule);
    size_t n = st->hits == NULL ? 0 : st->hits->n;

    if (found != NULL)
        return found;
    st->hits = sw_realloc(st->hits, sizeof(*st->hits) + (n + 1) * sizeof(st->hits->at[0]));
    st->hits->n = (uint32_t)n + 1;
    st->hits->at[n] = (struct sw_hit){.rule = (uint16_t)rule};
    return &st->hits->at[n];
}

/* Points add up within a category as far as its cap, and over the categories; to hundredths, as
 * they are shown. */
double sw_score(const struct sw_engine *e, uint32_t subject)
{
    const struct sw_ruleset *rs = e->rules;
    double sum[CATEGORIES_MAX] = {0};
    double total = 0;
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t i = 0; i < n; i++) {
        const struct sw_rule *r = &rs->rule[hits[i].rule];

        if (sw_hit_counts(&hits[i]) && !r->task)
            sum[r->category] += hits[i].score;
    }
    for (size_t c = 0; c < rs->n_categories; c++)
        total += sum[c] < rs->category[c].cap ? sum[c] : rs->category[c].cap;
    return round(total * 100) / 100;
}
