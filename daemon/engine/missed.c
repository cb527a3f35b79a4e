/* missed.c - households that were found to be in need by another way, without an alert before.
 *
 * The fact `monitored` turning true says so: somebody applied, or was visited. When there was no
 * case in the year before, the engine says what it knew, which is the most that can be learned from
 * a miss. A household that is registered as monitored is stock, not news. */
#include "parts.h"

enum { CASE_WITHIN_DAYS = 365 };

static bool is_monitored(struct sw_engine *e, uint32_t household)
{
    const struct sw_stream *facts = &e->rules->schema->streams[SW_FACTS];
    uint32_t fact = e->rules->fact_monitored;
    struct sw_value value[SW_FIELDS_MAX];
    sw_day until[SW_FIELDS_MAX];

    if (fact == SW_NONE)
        return false;
    sw_history_facts(&e->registry.household[household].history, facts, e->today, value, until);
    return value[fact].kind == SW_KBOOL && value[fact].b;
}

static bool had_case(const struct sw_engine *e, uint32_t household)
{
    sw_time since = sw_zone_midnight(e->rules->schema->zone, e->today - CASE_WITHIN_DAYS);

    for (uint32_t i = 0; i < e->n_cases; i++) {
        if (e->cases[i].subject == household && e->cases[i].opened >= since)
            return true;
    }
    return false;
}

/* Something that a department told of it within the year. */
static bool has_data(const struct sw_engine *e, uint32_t household)
{
    const struct sw_schema *schema = e->rules->schema;

    for (uint32_t st = 1; st < schema->n_streams; st++) {
        struct sw_value room[SW_FIELDS_MAX];
        struct sw_cursor c = {
            .stream = (uint8_t)st, .room = room, .since = e->today - CASE_WITHIN_DAYS};

        if (schema->streams[st].scope == SW_AREA || schema->streams[st].of_engine ||
            &schema->streams[st] == schema->persons)
            continue;
        sw_history_open(&e->registry.household[household].history, &c);
        if (sw_history_next(&schema->streams[st], &c))
            return true;
    }
    return false;
}

/* A rule that is switched off and would have held; NULL: none. */
static const struct sw_rule *switched_off(struct sw_engine *e, uint32_t household)
{
    struct sw_frame f;

    sw_frame_for(e, household, &f);
    for (size_t k = 0; k < e->rules->n_ordered; k++) {
        const struct sw_rule *r = &e->rules->rule[e->rules->order[k]];

        if (!r->enabled && r->subject == OF_HOUSEHOLD && !r->task &&
            sw_eval_truth(r->when, &f, NULL) == SW_TRUE)
            return r;
    }
    return NULL;
}

static struct sw_str reason_for(struct sw_engine *e, uint32_t household)
{
    const struct sw_rule *off = switched_off(e, household);
    double score = sw_score(e, household);

    if (off != NULL)
        return sw_arena_printf(&e->arena, "规则“%.*s”没有启用", SW_STR_ARG(off->label));
    if (!has_data(e, household))
        return SW_STR("近一年没有收到部门数据");
    if (score > 0)
        return sw_arena_printf(&e->arena, "只有%.4g分，没有到预警线%.4g分", score,
                               e->rules->level[1].enter);
    return SW_STR("有部门数据，没有规则成立");
}

void sw_monitored_look(struct sw_engine *e, uint32_t household, bool is_new, struct sw_effects *fx)
{
    struct sw_standing *st = sw_standing_of(e, household);
    bool was = st->monitored;

    st->monitored = is_monitored(e, household);
    if (is_new || was || !st->monitored || had_case(e, household))
        return;
    sw_task_put(
        e, household, SW_STR(SW_TASK_MISSED),
        sw_arena_printf(&e->arena, "未经预警纳入监测：%.*s", SW_STR_ARG(reason_for(e, household))),
        0, fx);
    sw_task_end(e, household, SW_STR(SW_TASK_MISSED), fx);
}
