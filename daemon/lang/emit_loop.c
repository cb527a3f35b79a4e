/* emit_loop.c - all(), exists(), exists_one(), map(), filter() over lists and keys.
 *
 * Three registers make a loop: the list, the next index, the element. EACH fills them, NEXT moves
 * on or leaves, LOOP goes back to NEXT. */
#include "lang/emit.h"

struct loop_state {
    uint8_t first; /* of the three registers */
    uint8_t result;
    struct label done, again;
    uint16_t body; /* behind the NEXT */
    bool binds;    /* the element's fields */
};

static uint16_t register_operand(uint32_t r)
{
    return SW_OPERAND(IN_REGISTER, r);
}

/* Fields of records can be read where they lie, in one loop at a time. */
static bool can_bind(const struct emitter *e, const struct node *n)
{
    return !e->is_inner && e->element == NULL && n->local->type->form == TYPE_RECORD &&
           n->local->type->n <= FIELDS_BOUND_MAX;
}

static void emit_step(struct emitter *e, enum op_code op, const struct node *n,
                      const struct loop_state *s)
{
    sw_emit(e, op, s->first, s->binds, s->binds ? (uint16_t)n->local->source : 0);
}

static void open_loop(struct emitter *e, const struct node *n, struct loop_state *s)
{
    uint32_t top;

    s->first = sw_emit_register(e, 3);
    top = e->top;
    sw_emit(e, I_EACH, s->first, sw_emit_plain(e, n->arg[0]), s->result);
    sw_emit_jump(e, &s->done);
    e->top = top;
    n->local->reg = (uint8_t)(s->first + 2);
    n->local->source = sw_emit_source(n->arg[0]);
    if (n->op == LOOP_MAP || n->op == LOOP_MAP_IF || n->op == LOOP_FILTER)
        sw_emit(e, I_LIST_LIKE, s->result, register_operand(s->first), 0);
    s->binds = can_bind(e, n);
    if (s->binds)
        e->element = n->local;
    emit_step(e, I_NEXT, n, s);
    sw_emit_jump(e, &s->done);
    s->body = (uint16_t)e->n_ins;
}

static void close_loop(struct emitter *e, const struct node *n, struct loop_state *s)
{
    sw_emit_here(e, &s->again);
    emit_step(e, I_LOOP, n, s);
    e->ins[e->n_ins - 1].d = s->body;
    sw_emit_here(e, &s->done);
    if (s->binds)
        e->element = NULL;
}

/* The condition of filter() and of map() with one. */
static void emit_choice(struct emitter *e, const struct node *n, struct loop_state *s)
{
    uint32_t top = e->top;

    sw_emit(e, I_IF, s->result, sw_emit_plain(e, n->arg[1]), 0);
    sw_emit_jump(e, &s->again);
    sw_emit_jump_c(e, &s->done);
    e->top = top;
}

static void emit_push(struct emitter *e, uint16_t o, struct loop_state *s)
{
    sw_emit(e, I_PUSH, s->result, o, 0);
    sw_emit_jump(e, &s->done);
}

static void emit_body(struct emitter *e, const struct node *n, struct loop_state *s)
{
    uint32_t top = e->top;

    switch ((enum loop)n->op) {
    case LOOP_ALL:
    case LOOP_EXISTS: sw_emit_term(e, n->arg[1], s->result, n->op == LOOP_ALL, &s->done); break;
    case LOOP_ONE: sw_emit(e, I_COUNT, s->result, sw_emit_plain(e, n->arg[1]), 0); break;
    case LOOP_MAP: emit_push(e, sw_emit_plain(e, n->arg[1]), s); break;
    case LOOP_MAP_IF:
        emit_choice(e, n, s);
        emit_push(e, sw_emit_plain(e, n->arg[2]), s);
        break;
    case LOOP_FILTER:
        emit_choice(e, n, s);
        emit_push(e, register_operand(s->first + 2U), s);
        break;
    }
    e->top = top;
}

void sw_emit_loop(struct emitter *e, const struct node *n, uint8_t r)
{
    struct loop_state s = {.result = r};

    if (n->arg[0]->type->form == TYPE_STREAM) {
        uint32_t number = sw_plan_read(e, n);

        sw_emit(e, I_READ, r, (uint16_t)(number == UINT32_MAX ? 0 : number), 0);
        return;
    }
    if (n->op == LOOP_ALL || n->op == LOOP_EXISTS)
        sw_emit(e, I_BOOL, r, n->op == LOOP_ALL, 0);
    if (n->op == LOOP_ONE)
        sw_emit(e, I_MOVE, r, sw_emit_constant(e, sw_value_int(0)), 0);
    open_loop(e, n, &s);
    emit_body(e, n, &s);
    close_loop(e, n, &s);
    if (n->op == LOOP_ONE)
        sw_emit(e, I_ONE, r, 0, 0);
}
