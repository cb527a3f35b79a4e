/* check_function.c - rule mode's own functions: known(), fired(), ramp(), days(), math.least() and
 * .orValue(). They are no overloads because they need literals, units, or arguments that may be
 * unknown. */
#include "lang/check.h"
#include <shouwang/base/i18n.h>

static bool is_number(const struct sw_type *t)
{
    return sw_type_is(t, SW_KINT) || sw_type_is(t, SW_KDOUBLE);
}

static bool count_is(struct checker *ck, const struct node *n, uint32_t wanted)
{
    if (n->n_args == wanted)
        return true;
    sw_check_error(ck, n, _("%.*s() takes %u arguments, here are %u"), SW_STR_ARG(n->name), wanted,
                   n->n_args);
    return false;
}

/* Check all arguments; false when one was reported. */
static bool arguments(struct checker *ck, struct node *n)
{
    bool good = true;

    for (uint32_t i = 0; i < n->n_args; i++)
        good = sw_check_node(ck, &n->arg[i])->form != TYPE_ERROR && good;
    return good;
}

static const struct sw_type *known(struct checker *ck, struct node *n)
{
    if (!arguments(ck, n) || !count_is(ck, n, 1))
        return &sw_error_type;
    return sw_type_simple(SW_KBOOL);
}

/* The one argument of fired() and count_fired() is a text in quotes. */
static bool asks_by_name(struct checker *ck, const struct node *n, const char *what)
{
    if (n->arg[0]->kind != N_LITERAL || n->arg[0]->value.kind != SW_KSTRING) {
        sw_check_error_at(ck, n->arg[0]->start, "%s", what);
        return false;
    }
    if (sw_in_event(ck)) {
        sw_check_error(ck, n, _("conditions on events cannot ask whether a rule has fired"));
        return false;
    }
    return true;
}

static const struct sw_type *fired(struct checker *ck, struct node *n)
{
    const struct named *rule;

    if (!arguments(ck, n) || !count_is(ck, n, 1) ||
        !asks_by_name(ck, n, _("fired() takes the name of a rule in quotes")))
        return &sw_error_type;
    rule = sw_session_rule(ck->l, sw_value_text(n->arg[0]->value));
    if (rule == NULL) {
        sw_unknown_rule(ck, n->arg[0], sw_value_text(n->arg[0]->value));
        return &sw_error_type;
    }
    n->index = rule->index;
    return sw_type_simple(SW_KBOOL);
}

static const struct sw_type *count_fired(struct checker *ck, struct node *n)
{
    if (!arguments(ck, n) || !count_is(ck, n, 1) ||
        !asks_by_name(ck, n, _("count_fired() takes a tag of rules in quotes")))
        return &sw_error_type;
    n->index = sw_session_tag(ck->l, sw_value_text(n->arg[0]->value));
    if (n->index == SW_NONE) {
        sw_unknown_tag(ck, n->arg[0], sw_value_text(n->arg[0]->value));
        return &sw_error_type;
    }
    return sw_type_simple(SW_KINT);
}

/* Whole years from a date to today: an age. */
static const struct sw_type *years_since(struct checker *ck, struct node *n)
{
    if (!arguments(ck, n) || !count_is(ck, n, 1))
        return &sw_error_type;
    sw_rules_convert(ck, &n->arg[0], sw_type_simple(SW_KDATE));
    if (!sw_type_is(sw_check_type(ck, n->arg[0]), SW_KDATE)) {
        sw_check_error_at(ck, n->arg[0]->start, _("years_since() takes a date, it is given %.*s"),
                          SW_STR_ARG(sw_rules_word(ck, n->arg[0])));
        return &sw_error_type;
    }
    if (sw_in_event(ck)) {
        sw_check_error(ck, n,
                       _("conditions on events cannot look at today; "
                         "use within(…), older_than(…) or between(…)"));
        return &sw_error_type;
    }
    n->fn = sw_std_find(n->name);
    n->unit = SW_STR("岁");
    return sw_type_simple(SW_KINT);
}

/* ramp(x, lo, hi, a, b): x, lo and hi are amounts or numbers, a and b points. */
static const struct sw_type *ramp(struct checker *ck, struct node *n)
{
    const struct sw_type *t;

    if (!arguments(ck, n) || !count_is(ck, n, 5))
        return &sw_error_type;
    t = sw_rules_common(ck, n->arg, 3);
    if (t == NULL || !(is_number(t) || sw_type_is(t, SW_KMONEY))) {
        sw_check_error(ck, n,
                       _("ramp() compares its first three arguments: %.*s, %.*s and %.*s "
                         "do not go together"),
                       SW_STR_ARG(sw_rules_word(ck, n->arg[0])),
                       SW_STR_ARG(sw_rules_word(ck, n->arg[1])),
                       SW_STR_ARG(sw_rules_word(ck, n->arg[2])));
        return &sw_error_type;
    }
    for (uint32_t i = 3; i < 5; i++) {
        if (!is_number(sw_check_type(ck, n->arg[i]))) {
            sw_check_error_at(ck, n->arg[i]->start,
                              _("ramp() gives points: this must be a number, "
                                "it is %.*s"),
                              SW_STR_ARG(sw_rules_word(ck, n->arg[i])));
            return &sw_error_type;
        }
    }
    for (uint32_t i = 0; i < 5; i++) {
        if (is_number(sw_check_type(ck, n->arg[i])))
            sw_rules_convert(ck, &n->arg[i], sw_type_simple(SW_KDOUBLE));
    }
    return sw_type_simple(SW_KDOUBLE);
}

static const struct sw_type *days(struct checker *ck, struct node *n)
{
    const struct node *arg;

    if (!arguments(ck, n) || !count_is(ck, n, 1))
        return &sw_error_type;
    arg = n->arg[0];
    if (!is_number(sw_check_type(ck, arg)) ||
        (arg->unit.n > 0 && !sw_str_is(arg->unit, "天") && !sw_str_is(arg->unit, "日") &&
         !sw_str_is(arg->unit, "days"))) {
        sw_check_error_at(ck, arg->start, _("days() takes a number of days, it is given %.*s"),
                          SW_STR_ARG(sw_rules_word(ck, arg)));
        return &sw_error_type;
    }
    n->fn = sw_std_find(n->name);
    return sw_type_simple(SW_KDURATION);
}

static const struct {
    const char *name;
    const struct sw_type *(*check)(struct checker *ck, struct node *n);
} own[] = {{"known", known}, {"fired", fired}, {"count_fired", count_fired},
           {"ramp", ramp},   {"days", days},   {"years_since", years_since}};

const struct sw_type *sw_rules_function(struct checker *ck, struct node *n)
{
    const struct sw_type *t;

    for (struct scope *s = ck->scope; s != NULL; s = s->up) {
        if (s->kind == SCOPE_GROUP && (t = sw_group_value(ck, n, s)) != NULL)
            return sw_check_set(n, t);
    }
    for (size_t i = 0; i < SW_COUNTOF(own); i++) {
        if (sw_str_is(n->name, own[i].name))
            return sw_check_set(n, own[i].check(ck, n));
    }
    return NULL;
}

const struct sw_type *sw_rules_least(struct checker *ck, struct node *n)
{
    const struct sw_type *t;

    for (uint32_t i = 0; i < n->n_args; i++) {
        if (n->arg[i]->type->form == TYPE_ERROR)
            return sw_check_set(n, &sw_error_type);
    }
    t = n->n_args == 0 ? NULL : sw_rules_common(ck, n->arg, n->n_args);
    if (t != NULL && n->n_args == 1 && t->form == TYPE_LIST)
        t = t->param[0];
    if (t == NULL || !(is_number(t) || sw_type_is(t, SW_KMONEY))) {
        sw_check_error(ck, n, _("%.*s() takes numbers or amounts, not both"), SW_STR_ARG(n->name));
        return sw_check_set(n, &sw_error_type);
    }
    n->unit = n->arg[0]->unit;
    return sw_check_set(n, t);
}

const struct sw_type *sw_rules_or_value(struct checker *ck, struct node *n)
{
    const struct sw_type *t;
    bool good = true;

    for (uint32_t i = 1; i < n->n_args; i++)
        good = sw_check_node(ck, &n->arg[i])->form != TYPE_ERROR && good;
    if (n->n_args != 2) {
        sw_check_error(ck, n,
                       _("orValue() takes one argument: what to use when the value is "
                         "unknown"));
        return sw_check_set(n, &sw_error_type);
    }
    if (!good)
        return sw_check_set(n, &sw_error_type);
    t = sw_rules_common(ck, n->arg, 2);
    if (t == NULL) {
        sw_check_error_at(
            ck, n->arg[1]->start, _("orValue() must give the same kind of value: %.*s, not %.*s"),
            SW_STR_ARG(sw_rules_word(ck, n->arg[0])), SW_STR_ARG(sw_rules_word(ck, n->arg[1])));
        return sw_check_set(n, &sw_error_type);
    }
    n->unit = n->arg[0]->unit.n > 0 ? n->arg[0]->unit : n->arg[1]->unit;
    n->is_linear = n->arg[0]->is_linear || n->arg[1]->is_linear;
    return sw_check_set(n, t);
}
