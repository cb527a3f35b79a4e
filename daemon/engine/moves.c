/* moves.c - what follows when persons and households move: standings, cases, the areas around.
 *
 * The histories have moved already (model/households.c). A household that became part of another
 * has no standing of its own any more; its open case goes to the other, or ends there when that has
 * one. */
#include "parts.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

/* Rules about areas count who lives there. */
static void around_due(struct sw_engine *e, uint32_t area)
{
    for (; area != SW_NONE; area = e->registry.area[area].parent) {
        enum sw_subject_kind kind = sw_subject_kind(e, AREA_BIT | area);
        uint64_t any = 0;

        for (size_t w = 0; kind < SUBJECT_KINDS && w < RULE_WORDS; w++)
            any |= e->rules->of[kind].word[w];
        if (any != 0)
            sw_set_due(e, AREA_BIT | area, e->today);
    }
}

static void drop_standing(struct sw_engine *e, uint32_t household)
{
    struct sw_standing *st = &e->standing[household];

    e->level_count[st->level]--;
    e->level_count[0]++;
    st->level = st->told_level = 0;
    st->low_since = st->told_day = SW_DAY_NEVER;
    sw_set_due(e, household, SW_DAY_NEVER);
    free(st->hits);
    st->hits = NULL;
}

void sw_follow_moves(struct sw_engine *e, const struct sw_changed *c, struct sw_effects *fx)
{
    if (c->area != SW_NONE)
        around_due(e, c->area);
    if (c->area != SW_NONE || c->left != SW_NONE)
        around_due(e, e->registry.household[c->household].area);
    if (c->left == SW_NONE)
        return;
    around_due(e, e->registry.household[c->left].area);
    sw_seen_all(e, c->household);
    if (!c->merged)
        return;
    sw_case_merge(e, c->left, c->household, fx);
    drop_standing(e, c->left);
}
