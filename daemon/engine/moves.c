/* moves.c - what follows when persons and households move: standings, cases, the areas around.
 *
 * The histories have moved already (model/households.c). A household that became part of another
 * has no standing of its own any more; its open case goes to the other, or ends there when that has
 * one. */
#include "parts.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

static void drop_standing(struct sw_engine *e, uint32_t household, struct sw_effects *fx)
{
    struct sw_standing *st = &e->standing[household];

    e->level_count[st->level]--;
    e->level_count[0]++;
    st->level = st->told_level = 0;
    st->low_since = st->told_day = SW_DAY_NEVER;
    sw_set_due(e, household, SW_DAY_NEVER);
    for (uint32_t i = 0; st->hits != NULL && i < st->hits->n; i++) {
        if (st->hits->at[i].has_task)
            sw_task_end(e, household, e->rules->rule[st->hits->at[i].rule].name, fx);
    }
    free(st->hits);
    st->hits = NULL;
}

/* What the case stood on may have gone with them: whoever looks after it can see where. */
static void tell_member_gone(struct sw_engine *e, uint32_t left, uint32_t to, struct sw_effects *fx)
{
    struct sw_str id = sw_intern_text(&e->registry.household_id, to);

    if (e->standing[left].open_case != SW_NONE)
        sw_case_step(e, e->standing[left].open_case, "member_gone", SW_STR("engine"),
                     sw_arena_printf(&e->arena, "有成员转到 %.*s，记录随人转走", SW_STR_ARG(id)),
                     fx);
}

void sw_follow_moves(struct sw_engine *e, const struct sw_changed *c, struct sw_effects *fx)
{
    const struct sw_household *household = e->registry.household;

    /* rules about areas count who lives there */
    if (c->settled)
        sw_around_due(e, c->area, NULL, NOT_GONE);
    if (c->settled || c->left != SW_NONE)
        sw_around_due(e, household[c->household].area, NULL, NOT_GONE);
    if (c->settled && !c->merged)
        sw_case_move(e, c->household, fx);
    if (c->left == SW_NONE)
        return;
    sw_around_due(e, household[c->left].area, NULL, NOT_GONE);
    sw_seen_all(e, c->household);
    if (!c->merged) {
        tell_member_gone(e, c->left, c->household, fx);
        return;
    }
    sw_case_merge(e, c->left, c->household, fx);
    drop_standing(e, c->left, fx);
}

void sw_follow_taken(struct sw_engine *e, uint32_t household, const struct sw_stream *also,
                     struct sw_effects *fx)
{
    struct sw_changed changed;

    if (also == NULL || !also->facts)
        return;
    sw_registry_resettle(&e->registry, e->rules->schema, household, e->now, &changed);
    sw_follow_moves(e, &changed, fx);
    sw_monitored_look(e, household, false, fx);
    sw_people_follow(e, &changed, fx);
}

static void due_today(void *ctx, uint32_t household)
{
    struct sw_engine *e = ctx;

    sw_set_due(e, household, e->today);
}

/* Its number stays, so only what depends on codes and on places around it is done anew: parameters
 * of its own, rules about the areas it left and joined, and what its open cases say. */
void sw_follow_recode(struct sw_engine *e, uint32_t area, struct sw_effects *fx)
{
    sw_forget_params(e);
    sw_area_each(&e->registry, area, due_today, e);
    for (uint32_t a = 0; a < e->area_standings; a++)
        sw_around_due(e, a, NULL, NOT_GONE);
    sw_case_recode(e, area, fx);
}
