/* silence.c - which streams' silence makes a condition true, by what it compares.
 *
 * unless(), older_than() and days_since() say so themselves (plan.c). Beside them it is the side of
 * a comparison on which less makes it true: count() == 0, sum(f) < line, !exists(). "No visit for
 * sixty days" is only known while whoever reports visits is heard of. */
#include "lang/emit.h"

static const struct node *behind_alias(const struct node *n)
{
    while (n->kind == N_ALIAS)
        n = n->arg[0];
    return n;
}

/* The stream that a value is folded from; NULL: it is no such value. x.orValue(y) is as x. */
static const struct sw_stream_decl *stream_of(const struct node *n)
{
    n = behind_alias(n);
    while (n->kind == N_CALL && n->is_member && n->n_args > 0 && sw_str_is(n->name, "orValue"))
        n = behind_alias(n->arg[0]);
    if ((n->kind != N_CALL && n->kind != N_LOOP) || n->n_args == 0 ||
        (n->arg[0]->type->form != TYPE_STREAM && n->arg[0]->type->form != TYPE_GROUPS))
        return NULL;
    while ((n->kind == N_CALL || n->kind == N_LOOP) && n->n_args > 0)
        n = behind_alias(n->arg[0]);
    return n->kind == N_IDENT && n->symbol != NULL ? n->symbol->stream : NULL;
}

static void add(struct emitter *e, const struct node *n)
{
    const struct sw_stream_decl *stream = stream_of(n);

    if (stream != NULL)
        sw_set_add(&e->uses->absences, stream->id);
}

static bool is_zero(const struct node *n)
{
    const struct node *literal = sw_literal_of(n);

    return literal != NULL &&
           (literal->value.kind == SW_KDOUBLE
                ? literal->value.d == 0
                : (literal->value.kind == SW_KINT || literal->value.kind == SW_KMONEY) &&
                      literal->value.i == 0);
}

static void add_relation(struct emitter *e, const struct node *n, bool negated)
{
    switch ((int)n->op) {
    case OP_LT:
    case OP_LE: add(e, n->arg[negated]); break;
    case OP_GT:
    case OP_GE: add(e, n->arg[!negated]); break;
    case OP_EQ:
    case OP_NE:
        if ((n->op == OP_EQ) == !negated && (is_zero(n->arg[0]) || is_zero(n->arg[1])))
            add(e, n->arg[is_zero(n->arg[0])]);
        break;
    default: break;
    }
}

void sw_note_silence(struct emitter *e, const struct node *n, bool negated)
{
    n = behind_alias(n);
    if (n->kind != N_CALL)
        return;
    if (n->op == OP_AND || n->op == OP_OR) {
        sw_note_silence(e, n->arg[0], negated);
        sw_note_silence(e, n->arg[1], negated);
    } else if (n->op == OP_NOT) {
        sw_note_silence(e, n->arg[0], !negated);
    } else if (n->op == OP_COND) {
        sw_note_silence(e, n->arg[1], negated);
        sw_note_silence(e, n->arg[2], negated);
    } else if (n->op != OP_NONE) {
        add_relation(e, n, negated);
    } else if (negated && sw_type_is(n->type, SW_KBOOL)) {
        add(e, n);
    }
}
