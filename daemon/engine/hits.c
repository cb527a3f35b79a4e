/* hits.c - the rules that matter to one household. A household's hits are one blob; most households
 * have none. */
#include "parts.h"
#include <math.h>
#include <shouwang/base/mem.h>

struct sw_hit *sw_hits(const struct sw_engine *e, uint32_t household, size_t *n)
{
    const struct sw_standing *st = &e->standing[household];

    *n = st->n_hits;
    return st->n_hits == 0 ? NULL : (struct sw_hit *)(void *)sw_slab_at(&e->slab, st->hits);
}

struct sw_hit *sw_hit_of(struct sw_engine *e, uint32_t household, uint32_t rule)
{
    struct sw_standing *st = &e->standing[household];
    size_t n;
    struct sw_hit *hits = sw_hits(e, household, &n);

    for (size_t i = 0; i < n; i++) {
        if (hits[i].rule == rule)
            return &hits[i];
    }
    if (n == st->cap_hits) {
        uint32_t cap = sw_slab_round((uint32_t)((n + 1) * sizeof(*hits)));
        uint32_t ref = sw_slab_alloc(&e->slab, cap);

        if (n > 0) {
            memcpy(sw_slab_at(&e->slab, ref), hits, n * sizeof(*hits));
            sw_slab_release(&e->slab, st->hits, (uint32_t)(st->cap_hits * sizeof(*hits)));
        }
        st->hits = ref;
        st->cap_hits = (uint16_t)(cap / sizeof(*hits));
        SW_ASSERT(st->cap_hits * sizeof(*hits) == cap);
    }
    hits = (struct sw_hit *)(void *)sw_slab_at(&e->slab, st->hits);
    hits[n] = (struct sw_hit){.rule = (uint16_t)rule};
    st->n_hits++;
    return &hits[n];
}

/* Points add up within a category as far as its cap, and over the categories; to hundredths, as
 * they are shown. */
double sw_score(const struct sw_engine *e, uint32_t household)
{
    const struct sw_ruleset *rs = e->rules;
    double sum[CATEGORIES_MAX] = {0};
    double total = 0;
    size_t n;
    const struct sw_hit *hits = sw_hits(e, household, &n);

    for (size_t i = 0; i < n; i++) {
        const struct sw_rule *r = &rs->rule[hits[i].rule];

        if (sw_hit_counts(&hits[i]) && !r->task)
            sum[r->category] += hits[i].score;
    }
    for (size_t c = 0; c < rs->n_categories; c++)
        total += sum[c] < rs->category[c].cap ? sum[c] : rs->category[c].cap;
    return round(total * 100) / 100;
}
