/* clocks.c - the clock of a case: what happens when nobody answers in time.
 *
 * A case wants to be woken at one instant at most (`wake`); an answer stops its clock. */
#include "parts.h"

void sw_clock_start(struct sw_engine *e, uint32_t index)
{
    struct sw_case *c = &e->cases[index];

    c->wake = c->due > 0 ? c->due : SW_TIME_NEVER;
    sw_wake_at(e, c->wake, SW_WAKE_CASE, index);
}

sw_time sw_clock_wanted(const struct sw_engine *e, uint32_t index)
{
    return e->cases[index].wake;
}

void sw_clock_stop(struct sw_engine *e, uint32_t index)
{
    e->cases[index].wake = SW_TIME_NEVER;
}

void sw_clock_fire(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    sw_clock_stop(e, index);
    if (!e->history)
        sw_case_step(e, index, "overdue", SW_STR("engine"), SW_STR("已到时限，还没有人答复"), fx);
}
