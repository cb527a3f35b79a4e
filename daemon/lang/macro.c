/* macro.c - the calls that are not calls: has(), all(), exists(), exists_one(), map(), filter(),
 * optMap(), optFlatMap().
 *
 * A macro over a list becomes one N_LOOP node instead of CEL's fold with an accumulator: the same
 * meaning, but the checker can say what is wrong in the author's own words and the emitter can
 * make a tight loop. The node keeps the place of the call. */
#include "lang/parser.h"
#include <shouwang/base/i18n.h>

static const struct {
    const char *name;
    uint32_t n_args; /* with the range */
    enum loop loop;
    const char *bad_variable;
} loops[] = {
    {"all", 3, LOOP_ALL, N_("argument must be a simple name")},
    {"exists", 3, LOOP_EXISTS, N_("argument must be a simple name")},
    {"exists_one", 3, LOOP_ONE, N_("argument must be a simple name")},
    {"existsOne", 3, LOOP_ONE, N_("argument must be a simple name")},
    {"map", 3, LOOP_MAP, N_("argument is not an identifier")},
    {"map", 4, LOOP_MAP_IF, N_("argument is not an identifier")},
    {"filter", 3, LOOP_FILTER, N_("argument is not an identifier")},
};

static struct node *expand_has(struct parser *p, struct node *call)
{
    struct node *arg = call->arg[0];

    if (arg->kind != N_SELECT) {
        sw_parse_error(p, arg->at, _("invalid argument to has() macro"));
        arg->kind = N_BAD;
        return arg;
    }
    arg->kind = N_HAS;
    arg->at = call->at;
    arg->mark = arg->start = call->start;
    arg->from = call->from;
    arg->to = p->end_before;
    return arg;
}

static struct node *expand_loop(struct parser *p, struct node *call, enum loop loop,
                                const char *bad_variable)
{
    struct node *variable = call->arg[1];
    struct node *arg[3] = {call->arg[0], call->arg[2], NULL};

    if (variable->kind != N_IDENT || variable->is_root) {
        sw_parse_error(p, variable->at, _(bad_variable));
        call->kind = N_BAD;
        return call;
    }
    if (sw_str_is(variable->name, "__result__")) {
        sw_parse_error(p, variable->at, _("iteration variable overwrites accumulator variable"));
        call->kind = N_BAD;
        return call;
    }
    if (loop == LOOP_MAP_IF)
        arg[2] = call->arg[3];
    call->kind = N_LOOP;
    call->op = (uint8_t)loop;
    call->name = variable->name;
    sw_node_args(p, call, arg, loop == LOOP_MAP_IF ? 3 : 2);
    return call;
}

static struct node *plain_call(struct parser *p, const struct node *like, const char *name,
                               struct node *arg)
{
    struct node *n = sw_node_new(p, N_CALL, like->at);

    n->name = sw_str(name);
    n->start = n->mark = n->from = like->start;
    sw_node_args(p, n, &arg, 1);
    return n;
}

/* o.optMap(x, e): what o holds as a list of one or none, mapped, and back. */
static struct node *expand_optional(struct parser *p, struct node *call, const char *back)
{
    static const char *const bad_variable = N_("argument must be a simple name");

    call->arg[0] = plain_call(p, call, SW_OPTIONAL_LIST, call->arg[0]);
    return plain_call(p, call, back, expand_loop(p, call, LOOP_MAP, bad_variable));
}

struct node *sw_macro_expand(struct parser *p, struct node *call)
{
    if (!p->rules->with_macros)
        return call;
    if (!call->is_member && sw_str_is(call->name, "has") && call->n_args == 1)
        return expand_has(p, call);
    for (size_t i = 0; call->is_member && i < SW_COUNTOF(loops); i++) {
        if (call->n_args == loops[i].n_args && sw_str_is(call->name, loops[i].name))
            return expand_loop(p, call, loops[i].loop, loops[i].bad_variable);
    }
    if (call->is_member && call->n_args == 3 && p->rules->with_optionals) {
        if (sw_str_is(call->name, "optMap"))
            return expand_optional(p, call, "@first");
        if (sw_str_is(call->name, "optFlatMap"))
            return expand_optional(p, call, "@flat");
    }
    return call;
}
