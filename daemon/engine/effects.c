/* effects.c - rows an input brings about. */
#include "parts.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

void sw_effects_reset(struct sw_effects *fx)
{
    sw_arena_reset(&fx->arena);
    fx->cases.n = fx->steps.n = fx->messages.n = fx->tasks.n = fx->fates.n = fx->said.n = 0;
}

void sw_effects_free(struct sw_effects *fx)
{
    sw_arena_free(&fx->arena);
    free(fx->cases.at);
    free(fx->steps.at);
    free(fx->messages.at);
    free(fx->tasks.at);
    free(fx->fates.at);
    free(fx->said.at);
    *fx = (struct sw_effects){0};
}

#define ADD(rows, row)                                                                             \
    do {                                                                                           \
        (rows).at = sw_grow((rows).at, &(rows).cap, (rows).n + 1, sizeof(*(rows).at));             \
        (rows).at[(rows).n++] = *(row);                                                            \
    } while (0)

/* One row per case and batch of effects: the newest replaces the one before. */
void sw_fx_case(struct sw_effects *fx, const struct sw_case_row *row)
{
    for (size_t i = fx->cases.n; i > 0; i--) {
        if (fx->cases.at[i - 1].number == row->number) {
            fx->cases.at[i - 1] = *row;
            return;
        }
    }
    ADD(fx->cases, row);
}

void sw_fx_step(struct sw_effects *fx, const struct sw_step_row *row)
{
    ADD(fx->steps, row);
}

void sw_fx_message(struct sw_effects *fx, const struct sw_message_row *row)
{
    ADD(fx->messages, row);
}

void sw_fx_task(struct sw_effects *fx, const struct sw_task_row *row)
{
    ADD(fx->tasks, row);
}

void sw_fx_fate(struct sw_effects *fx, const struct sw_fate_row *row)
{
    ADD(fx->fates, row);
}

/* The newest word of an input on a case replaces the one before. */
void sw_fx_said(struct sw_effects *fx, const struct sw_said_row *row)
{
    for (size_t i = fx->said.n; i > 0; i--) {
        if (sw_str_eq(fx->said.at[i - 1].id, row->id)) {
            fx->said.at[i - 1] = *row;
            return;
        }
    }
    ADD(fx->said, row);
}
