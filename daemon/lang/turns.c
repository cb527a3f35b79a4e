/* turns.c - what a technician wants to know of a program beside its code: where it reads, and what
 * lets its value change while nothing happens. */
#include "lang/code.h"
#include "lang/readback.h"

void sw_prog_read_put(const struct sw_prog *p, uint32_t number, struct sw_buf *out)
{
    sw_source_put(p->l->read[number]->fold, out);
}

static bool turn_of_step(enum step step, enum sw_turn *turn)
{
    static const struct {
        enum step step;
        enum sw_turn turn;
    } turns[] = {
        {STEP_WITHIN, SW_TURN_OUT},       {STEP_OLDER, SW_TURN_IN},
        {STEP_OPEN, SW_TURN_END},         {STEP_ENDS, SW_TURN_END},
        {STEP_BETWEEN, SW_TURN_IN_OUT},   {STEP_YEAR, SW_TURN_YEAR},
        {STEP_PERIOD, SW_TURN_PERIOD},    {STEP_BY_MONTH, SW_TURN_MONTH},
        {FOLD_DAYS_SINCE, SW_TURN_SINCE},
    };

    for (size_t i = 0; i < SW_COUNTOF(turns); i++) {
        if (turns[i].step == step) {
            *turn = turns[i].turn;
            return true;
        }
    }
    return false;
}

static bool turn_of(const struct node *n, enum sw_turn *turn)
{
    if (n->kind == N_IDENT && n->bind == BIND_TODAY) {
        *turn = SW_TURN_TODAY;
        return true;
    }
    if (sw_is_call(n, "years_since")) {
        *turn = SW_TURN_BIRTHDAY;
        return true;
    }
    return sw_is_on_stream(n) && n->kind == N_CALL && turn_of_step((enum step)n->index, turn);
}

struct walk {
    void (*turn)(void *ctx, enum sw_turn turn, struct sw_str source);
    void *ctx;
};

static void walk(const struct walk *w, const struct node *n)
{
    struct sw_buf source = {0};
    enum sw_turn turn;

    if (turn_of(n, &turn)) {
        sw_source_put(n, &source);
        w->turn(w->ctx, turn, sw_buf_view(&source));
        sw_buf_free(&source);
    }
    for (uint32_t i = 0; i < n->n_args; i++)
        walk(w, n->arg[i]);
}

void sw_prog_turns(const struct sw_prog *p,
                   void (*turn)(void *ctx, enum sw_turn turn, struct sw_str source), void *ctx)
{
    const struct walk w = {turn, ctx};

    if (p->root != NULL)
        walk(&w, p->root);
}
