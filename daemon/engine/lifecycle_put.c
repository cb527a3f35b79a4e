/* lifecycle_put.c - the table of a case's life in words, for whoever changed cases.yaml. */
#include "lifecycle.h"

static void put_time(struct sw_buf *out, const struct sw_ruleset *rs, const struct sw_life_state *s)
{
    static const char *const words[] = {[CLOCK_KEEP] = "时限照旧",
                                        [CLOCK_ALERT] = "照预警的时限",
                                        [CLOCK_CHECKS] = "按回头看的日子"};

    if (s->clock < CLOCK_COUNTED) {
        sw_buf_printf(out, "，%s", words[s->clock]);
        return;
    }
    for (size_t l = 1; l <= rs->n_levels; l++) {
        sw_buf_printf(out, "%s%.*s", l == 1 ? "，" : "、", SW_STR_ARG(rs->level[l].label));
        sw_term_put(&s->time[l], out);
    }
}

static void put_move(struct sw_buf *out, const struct sw_life *l, enum sw_case_event event,
                     const struct sw_life_move *m)
{
    sw_buf_printf(out, "    %-12s → %.*s %.*s", sw_case_event_name(event),
                  SW_STR_ARG(l->state[m->next].name), SW_STR_ARG(l->state[m->next].label));
    if (m->last != LIFE_REFUSED)
        sw_buf_printf(out, "，最后一次 → %.*s", SW_STR_ARG(l->state[m->last].name));
    if (m->outcome != LIFE_OUTCOMES && m->outcome > 0)
        sw_buf_printf(out, "，结果：%.*s", SW_STR_ARG(l->outcome[m->outcome].label));
    for (size_t r = ROLE_CADRE; r <= ROLE_COUNTY; r++) {
        if ((m->by & SW_IS(r)) != 0)
            sw_buf_printf(out, "，%s", sw_life_role_label((enum sw_life_role)r));
    }
    sw_buf_printf(out, "%s%s%s\n", m->reason ? "，要有原因" : "",
                  m->other ? "，不能是提出的人" : "", m->calm ? "，没有等级才行" : "");
}

size_t sw_ruleset_states(const struct sw_ruleset *rs)
{
    return rs->life->n_states;
}

struct sw_str sw_ruleset_state(const struct sw_ruleset *rs, size_t state, struct sw_str *label)
{
    *label = rs->life->state[state].label;
    return rs->life->state[state].name;
}

void sw_ruleset_cases_put(const struct sw_ruleset *rs, struct sw_buf *out)
{
    const struct sw_life *l = rs->life;

    for (size_t s = 0; s < l->n_states; s++) {
        const struct sw_life_state *st = &l->state[s];

        sw_buf_printf(out, "%.*s %.*s（%s", SW_STR_ARG(st->name), SW_STR_ARG(st->label),
                      st->end ? "办结" : sw_life_role_label((enum sw_life_role)st->role));
        if (!st->end)
            put_time(out, rs, st);
        sw_buf_cstr(out, "）\n");
        for (size_t v = 0; v < CASE_EVENTS; v++) {
            if (l->move[s][v].next != LIFE_REFUSED)
                put_move(out, l, (enum sw_case_event)v, &l->move[s][v]);
        }
    }
}
