/* parts.c - the parts of a condition as programs of their own.
 *
 * Walks the checked tree along && || ! ?: and through macros and lets; what is left are relations
 * and facts. A part's tree is the condition's own, so that its reads are too. */
#include "lang/emit.h"
#include "lang/stream.h"
#include <shouwang/base/mem.h>
#include <shouwang/lang/parts.h>
#include <stdlib.h>

struct cutter {
    struct sw_lang *l;
    struct sw_diag *diag;
    struct sw_prog_part *at;
    size_t n, cap;
};

void sw_lang_explain(struct sw_lang *l)
{
    SW_ASSERT(!l->is_sealed);
    l->explains = true;
}

size_t sw_prog_parts(const struct sw_prog *p, const struct sw_prog_part **parts)
{
    *parts = p->part;
    return p->n_parts;
}

/* A node, and the text it was parsed from. */
struct piece {
    const struct tree *tree;
    struct node *node;
};

/* What stands behind the names of macros and lets. */
static struct piece unfold(struct piece p)
{
    while (p.node->kind == N_ALIAS)
        p = (struct piece){p.node->symbol->tree, p.node->arg[0]};
    return p;
}

static struct piece argument(struct piece of, uint32_t i)
{
    return (struct piece){of.tree, of.node->arg[i]};
}

static struct sw_str source_of(struct piece p)
{
    if (p.node->kind == N_LIST && p.node->symbol != NULL) /* shared, it stands nowhere */
        return p.node->symbol->name;
    return sw_str_trim(sw_str_sub(p.tree->text.text, p.node->from, p.node->to - p.node->from));
}

static const struct sw_prog *program(struct cutter *c, struct piece p)
{
    struct tree *tree = SW_ARENA_NEW(&c->l->arena, struct tree);

    *tree = (struct tree){.text = p.tree->text, .root = p.node, .nodes = p.tree->nodes};
    return sw_emit_program(c->l, tree, c->diag);
}

static struct sw_part_side side_of(struct cutter *c, struct piece p)
{
    return (struct sw_part_side){program(c, p), source_of(p)};
}

static struct sw_str unit_of(const struct node *n)
{
    const struct sw_type *target;

    while (n->unit.n == 0 && (n->kind == N_ALIAS || n->kind == N_CONVERT))
        n = n->arg[0];
    if (n->unit.n > 0)
        return n->unit;
    if (sw_type_is(n->type, SW_KMONEY))
        return SW_STR("元");
    if (sw_type_is(n->type, SW_KDATE) || sw_type_is(n->type, SW_KDURATION))
        return SW_STR("天");
    if (n->kind != N_CALL || !n->is_member || n->op != OP_NONE)
        return SW_STR("");
    target = n->arg[0]->type;
    return target->form == TYPE_STREAM && n->index == FOLD_COUNT ? SW_STR("次") : SW_STR("");
}

static bool is_relation(const struct node *n)
{
    return n->kind == N_CALL && sw_op_precedence(n->op) == 3;
}

static enum sw_part_kind kind_of(const struct node *n)
{
    if (n->kind != N_CALL)
        return SW_PART_FACT;
    switch ((int)n->op) {
    case OP_AND: return SW_PART_ALL;
    case OP_OR: return SW_PART_ANY;
    case OP_NOT: return SW_PART_NOT;
    case OP_COND: return SW_PART_CHOICE;
    default: return is_relation(n) ? SW_PART_RELATION : SW_PART_FACT;
    }
}

static struct sw_prog_part relation(struct cutter *c, struct piece p)
{
    struct sw_prog_part part = {.sign = sw_op_sign((enum op)p.node->op),
                                .left = side_of(c, argument(p, 0)),
                                .right = side_of(c, argument(p, 1))};

    part.unit = unit_of(p.node->arg[0]);
    if (part.unit.n == 0)
        part.unit = unit_of(p.node->arg[1]);
    return part;
}

static void cut(struct cutter *c, struct piece p, uint32_t depth);

/* a && b && c is one part with three, however it was bracketed. */
static void cut_terms(struct cutter *c, struct piece p, uint8_t op, uint32_t depth)
{
    p = unfold(p);
    if (p.node->kind != N_CALL || p.node->op != op) {
        cut(c, p, depth);
        return;
    }
    cut_terms(c, argument(p, 0), op, depth);
    cut_terms(c, argument(p, 1), op, depth);
}

static void cut(struct cutter *c, struct piece p, uint32_t depth)
{
    struct sw_prog_part part = {.kind = SW_PART_FACT};
    size_t own = c->n;
    enum sw_part_kind kind;

    p = unfold(p);
    kind = kind_of(p.node);
    if (kind == SW_PART_RELATION)
        part = relation(c, p);
    part.kind = kind;
    part.depth = depth;
    part.truth = program(c, p);
    part.source = source_of(p);
    c->at = sw_grow(c->at, &c->cap, c->n + 1, sizeof(*c->at));
    c->at[c->n++] = part;
    for (uint32_t i = 0; kind < SW_PART_RELATION && i < p.node->n_args; i++) {
        if (kind == SW_PART_ALL || kind == SW_PART_ANY)
            cut_terms(c, argument(p, i), p.node->op, depth + 1);
        else
            cut(c, argument(p, i), depth + 1);
    }
    c->at[own].next = (uint32_t)c->n;
}

void sw_parts_keep(struct sw_lang *l, const struct tree *tree, struct sw_prog *p,
                   struct sw_diag *diag)
{
    struct cutter c = {.l = l, .diag = diag};
    struct sw_prog_part *kept;

    cut(&c, (struct piece){tree, tree->root}, 0);
    kept = SW_ARENA_ARRAY(&l->arena, struct sw_prog_part, c.n);
    memcpy(kept, c.at, c.n * sizeof(*kept));
    free(c.at);
    p->part = kept;
    p->n_parts = c.n;
}
