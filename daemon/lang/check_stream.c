/* check_stream.c - chains that read events: S.within(…).where(…).sum(f).
 *
 * Every step is checked here for its arguments; plan.c turns a checked chain into a read. The
 * condition of where() sees the fields of one event and what does not change from event to event;
 * neither today nor other streams, so that the day on which an event comes in or drops out is
 * known from its own day alone. */
#include "lang/check.h"
#include "lang/stream.h"
#include <math.h>
#include <shouwang/base/i18n.h>

struct step_rule {
    const char *name;
    enum step step;
    uint32_t least, most; /* arguments behind the receiver */
    bool of_groups;
    const struct sw_type *(*check)(struct checker *ck, struct node *n);
};

static const struct sw_type *stream_of(const struct node *n)
{
    return n->arg[0]->type;
}

static const struct node *behind_alias(const struct node *n)
{
    while (n->kind == N_ALIAS)
        n = n->arg[0];
    return n;
}

/* ---- windows --------------------------------------------------------------------------------- */

static bool is_number(const struct sw_type *t)
{
    return sw_type_is(t, SW_KINT) || sw_type_is(t, SW_KDOUBLE);
}

/* A number that is known when the rules are loaded: written out in range, or a variable. */
static bool is_fixed(struct checker *ck, const struct node *n, int64_t least, int64_t most)
{
    const struct node *literal = sw_literal_of(n);
    double d;

    n = behind_alias(n);
    if (n->kind == N_IDENT && n->bind == BIND_VAR)
        return true;
    if (literal == NULL) {
        sw_check_error_at(ck, n->start, _("this number must be written out or be a parameter"));
        return false;
    }
    d = literal->value.kind == SW_KINT ? (double)literal->value.i : literal->value.d;
    if (d >= (double)least && d <= (double)most && d == floor(d))
        return true;
    sw_check_error_at(ck, n->start, _("this must be a whole number from %lld to %lld"),
                      (long long)least, (long long)most);
    return false;
}

static bool is_days(struct checker *ck, const struct node *call, const struct node *arg)
{
    const struct node *days = behind_alias(arg);

    if (arg->type->form == TYPE_ERROR)
        return false;
    if (!sw_type_is(arg->type, SW_KDURATION) || days->kind != N_CALL ||
        !sw_str_is(days->name, "days")) {
        sw_check_error_at(ck, arg->start,
                          _("%.*s() wants a number of days, days(...); it is "
                            "given %.*s"),
                          SW_STR_ARG(call->name), SW_STR_ARG(sw_rules_word(ck, arg)));
        return false;
    }
    return is_fixed(ck, days->arg[0], 0, SW_WINDOW_DAYS_MAX);
}

/* between(a, b) of numbers written out. */
static bool is_empty(const struct node *n)
{
    const struct node *from = sw_literal_of(behind_alias(n->arg[1])->arg[0]);
    const struct node *to = sw_literal_of(behind_alias(n->arg[2])->arg[0]);

    return from != NULL && to != NULL && from->value.kind == SW_KINT && to->value.kind == SW_KINT &&
           from->value.i >= to->value.i;
}

static const struct sw_type *window(struct checker *ck, struct node *n)
{
    bool good = true;

    for (uint32_t i = 1; i < n->n_args; i++) {
        sw_check_node(ck, &n->arg[i]);
        good = is_days(ck, n, n->arg[i]) && good;
    }
    if (good && n->n_args == 3 && is_empty(n)) {
        sw_check_error(ck, n, _("between(a, b) is from a days ago back to b: a must be less"));
        return &sw_error_type;
    }
    return good ? stream_of(n) : &sw_error_type;
}

/* Steps that look at the field in which a stream tells an event's last day. */
static const struct sw_type *by_end(struct checker *ck, struct node *n)
{
    const struct sw_stream_decl *stream = stream_of(n)->stream;

    if (stream->end == 0) {
        sw_check_error(ck, n,
                       _("%.*s() needs to know when an event ends; %.*s declares no end: field"),
                       SW_STR_ARG(n->name), SW_STR_ARG(stream->name));
        return &sw_error_type;
    }
    return n->n_args > 1 ? window(ck, n) : stream_of(n);
}

static const struct sw_type *this_year(struct checker *ck, struct node *n)
{
    (void)ck;
    return stream_of(n);
}

static const struct sw_type *this_period(struct checker *ck, struct node *n)
{
    const struct node *name = n->arg[1];

    if (name->kind != N_LITERAL || name->value.kind != SW_KSTRING) {
        sw_check_error_at(ck, name->start, _("this() takes the name of a period in quotes"));
        return &sw_error_type;
    }
    if (sw_session_period(ck->l, sw_value_text(name->value)) == NULL) {
        sw_unknown_period(ck, name, sw_value_text(name->value));
        return &sw_error_type;
    }
    return stream_of(n);
}

/* ---- conditions and keys --------------------------------------------------------------------- */

static bool condition(struct checker *ck, struct node **slot, struct scope *scope)
{
    const struct sw_type *t = sw_check_in(ck, scope, slot);

    if (t->form == TYPE_ERROR)
        return false;
    if (sw_type_is(sw_check_type(ck, *slot), SW_KBOOL))
        return true;
    sw_check_error_at(ck, (*slot)->start, _("this must be true or false, it is %.*s"),
                      SW_STR_ARG(sw_rules_word(ck, *slot)));
    return false;
}

static const struct sw_type *where(struct checker *ck, struct node *n)
{
    struct scope scope = {.kind = SCOPE_EVENT, .stream = stream_of(n)->stream};

    if (stream_of(n)->projected != NULL) {
        sw_check_error(ck, n, _("behind map() there are no events any more to choose from"));
        return &sw_error_type;
    }
    return condition(ck, &n->arg[1], &scope) ? stream_of(n) : &sw_error_type;
}

/* The field that a bare name means; -1 after a finding. */
static int32_t key_field(struct checker *ck, const struct node *n,
                         const struct sw_stream_decl *stream)
{
    if (n->kind == N_IDENT) {
        for (size_t i = 0; i < stream->n_fields; i++) {
            if (sw_str_eq(stream->fields[i].name, n->name))
                return (int32_t)i;
        }
        sw_unknown_field(ck, n, sw_record_of(ck, stream), n->name);
        return -1;
    }
    sw_check_error_at(ck, n->start, _("here stands the name of a field of %.*s"),
                      SW_STR_ARG(stream->name));
    return -1;
}

/* The stream that ends events: a declared one, perhaps with a condition. */
static const struct sw_stream_decl *ending_stream(struct checker *ck, struct node **slot)
{
    const struct sw_type *t = sw_check_node(ck, slot);
    const struct node *n = behind_alias(*slot);

    if (t->form == TYPE_ERROR)
        return NULL;
    while (n->kind == N_CALL && n->index == STEP_WHERE && t->form == TYPE_STREAM)
        n = behind_alias(n->arg[0]);
    if (t->form == TYPE_STREAM && n->kind == N_IDENT && n->bind == BIND_STREAM)
        return t->stream;
    sw_check_error_at(ck, (*slot)->start,
                      _("unless() takes an event stream, at most with a "
                        "where(...)"));
    return NULL;
}

static const struct sw_type *unless(struct checker *ck, struct node *n)
{
    const struct sw_stream_decl *ending = ending_stream(ck, &n->arg[1]);
    const struct sw_stream_decl *stream = stream_of(n)->stream;
    int32_t a;
    int32_t b;

    if (ending == NULL)
        return &sw_error_type;
    if (n->n_args == 2)
        return stream_of(n);
    a = key_field(ck, n->arg[2], stream);
    b = a < 0 ? -1 : key_field(ck, n->arg[2], ending);
    if (b < 0)
        return &sw_error_type;
    if (!sw_type_same(stream->fields[a].type, ending->fields[b].type)) {
        sw_check_error(ck, n->arg[2], _("%.*s is not the same kind of field in %.*s and %.*s"),
                       SW_STR_ARG(n->arg[2]->name), SW_STR_ARG(stream->name),
                       SW_STR_ARG(ending->name));
        return &sw_error_type;
    }
    return stream_of(n);
}

static const struct sw_type *groups(struct checker *ck, const struct sw_stream_decl *stream)
{
    struct sw_type *t = SW_ARENA_NEW(&ck->l->arena, struct sw_type);

    *t = (struct sw_type){.form = TYPE_GROUPS, .kind = SW_KERROR, .stream = stream};
    return t;
}

static bool is_key(const struct sw_type *t)
{
    return t->form == TYPE_ENUM || sw_type_is(t, SW_KPERSON) || sw_type_is(t, SW_KSTRING) ||
           sw_type_is(t, SW_KINT) || sw_type_is(t, SW_KBOOL) || sw_type_is(t, SW_KDATE) ||
           sw_type_is(t, SW_KMONEY);
}

static const struct sw_type *by(struct checker *ck, struct node *n)
{
    const struct sw_stream_decl *stream = stream_of(n)->stream;
    int32_t field = key_field(ck, n->arg[1], stream);

    if (field < 0)
        return &sw_error_type;
    if (!is_key(stream->fields[field].type)) {
        sw_check_error(ck, n->arg[1], _("events cannot be grouped by %.*s"),
                       SW_STR_ARG(n->arg[1]->name));
        return &sw_error_type;
    }
    n->arg[1]->index = (uint32_t)field;
    return groups(ck, stream);
}

static const struct sw_type *by_month(struct checker *ck, struct node *n)
{
    sw_check_node(ck, &n->arg[1]);
    if (n->arg[1]->type->form == TYPE_ERROR)
        return &sw_error_type;
    if (!is_number(n->arg[1]->type)) {
        sw_check_error_at(ck, n->arg[1]->start,
                          _("by_month() takes a number of months, it is "
                            "given %.*s"),
                          SW_STR_ARG(sw_rules_word(ck, n->arg[1])));
        return &sw_error_type;
    }
    if (!is_fixed(ck, n->arg[1], 1, SW_WINDOW_MONTHS_MAX))
        return &sw_error_type;
    return groups(ck, stream_of(n)->stream);
}

/* ---- folds ----------------------------------------------------------------------------------- */

/* What kinds a fold can be made of, and what comes out. */
static const struct sw_type *fold_type(enum step fold, const struct sw_type *of)
{
    bool amount = is_number(of) || sw_type_is(of, SW_KMONEY);

    switch ((int)fold) {
    case FOLD_SUM: return amount ? of : NULL;
    case FOLD_AVG:
        return !amount ? NULL : sw_type_is(of, SW_KMONEY) ? of : sw_type_simple(SW_KDOUBLE);
    case FOLD_MAX:
    case FOLD_MIN: return amount || sw_type_is(of, SW_KDATE) ? of : NULL;
    case FOLD_DISTINCT: return is_key(of) ? sw_type_simple(SW_KINT) : NULL;
    default: return of;
    }
}

/* The value that each event gives: the fold's argument, or what .map() in front of it made. */
static const struct sw_type *fold_over(struct checker *ck, struct node *n, enum step fold,
                                       struct node **slot, const struct sw_type *stream)
{
    struct scope scope = {.kind = SCOPE_EVENT, .stream = stream->stream};
    const struct sw_type *of = stream->projected;
    const struct sw_type *t;

    if (slot != NULL)
        of = sw_check_in(ck, &scope, slot);
    if (of == NULL) {
        sw_check_error(ck, n, _("%.*s() needs the name of a field"), SW_STR_ARG(n->name));
        return &sw_error_type;
    }
    if (of->form == TYPE_ERROR)
        return of;
    t = fold_type(fold, sw_unify_apply(&ck->u, of, false));
    if (t != NULL)
        return t;
    if (slot != NULL)
        sw_check_error_at(ck, (*slot)->start, _("%.*s() cannot be made of %.*s"),
                          SW_STR_ARG(n->name), SW_STR_ARG(sw_rules_word(ck, *slot)));
    else
        sw_check_error(ck, n, _("%.*s() cannot be made of these"), SW_STR_ARG(n->name));
    return &sw_error_type;
}

static const struct sw_type *fold(struct checker *ck, struct node *n)
{
    n->is_linear = false;
    return fold_over(ck, n, (enum step)n->index, n->n_args > 1 ? &n->arg[1] : NULL, stream_of(n));
}

static const struct sw_type *count(struct checker *ck, struct node *n)
{
    (void)ck;
    (void)n;
    return sw_type_simple(SW_KINT);
}

static const struct sw_type *days_since(struct checker *ck, struct node *n)
{
    (void)ck;
    n->is_linear = true;
    n->unit = SW_STR("天");
    return sw_type_simple(SW_KINT);
}

static const struct sw_type *latest(struct checker *ck, struct node *n)
{
    if (n->n_args > 1 || stream_of(n)->projected != NULL)
        return fold(ck, n);
    return sw_record_of(ck, stream_of(n)->stream);
}

static const struct sw_type *exists(struct checker *ck, struct node *n)
{
    if (n->n_args > 1 && where(ck, n)->form == TYPE_ERROR)
        return &sw_error_type;
    return sw_type_simple(SW_KBOOL);
}

static const struct sw_type *of_groups(struct checker *ck, struct node *n)
{
    const struct node *by_node = behind_alias(n->arg[0]);
    struct scope scope = {.kind = SCOPE_GROUP, .stream = stream_of(n)->stream, .key = -1};

    if (n->index == FOLD_GROUPS)
        return sw_type_simple(SW_KINT);
    if (by_node->index == STEP_BY)
        scope.key = (int32_t)by_node->arg[1]->index;
    if (!condition(ck, &n->arg[1], &scope))
        return &sw_error_type;
    return sw_type_simple(n->index == FOLD_COUNT_IF ? SW_KINT : SW_KBOOL);
}

static const struct step_rule steps[] = {
    {"within", STEP_WITHIN, 1, 1, false, window},
    {"older_than", STEP_OLDER, 1, 1, false, window},
    {"between", STEP_BETWEEN, 2, 2, false, window},
    {"this_year", STEP_YEAR, 0, 0, false, this_year},
    {"this", STEP_PERIOD, 1, 1, false, this_period},
    {"open", STEP_OPEN, 0, 0, false, by_end},
    {"ends_within", STEP_ENDS, 1, 1, false, by_end},
    {"where", STEP_WHERE, 1, 1, false, where},
    {"unless", STEP_UNLESS, 1, 2, false, unless},
    {"by", STEP_BY, 1, 1, false, by},
    {"by_month", STEP_BY_MONTH, 1, 1, false, by_month},
    {"count", FOLD_COUNT, 0, 0, false, count},
    {"size", FOLD_COUNT, 0, 0, false, count},
    {"sum", FOLD_SUM, 0, 1, false, fold},
    {"max", FOLD_MAX, 0, 1, false, fold},
    {"min", FOLD_MIN, 0, 1, false, fold},
    {"avg", FOLD_AVG, 0, 1, false, fold},
    {"distinct", FOLD_DISTINCT, 0, 1, false, fold},
    {"latest", FOLD_LATEST, 0, 1, false, latest},
    {"days_since", FOLD_DAYS_SINCE, 0, 0, false, days_since},
    {"exists", FOLD_EXISTS, 0, 1, false, exists},
    {"exists", FOLD_GROUPS_EXIST, 1, 1, true, of_groups},
    {"count_if", FOLD_COUNT_IF, 1, 1, true, of_groups},
    {"count", FOLD_GROUPS, 0, 0, true, of_groups},
};

static const struct step_rule *find_step(struct sw_str name, bool of_groups)
{
    for (size_t i = 0; i < SW_COUNTOF(steps); i++) {
        if (steps[i].of_groups == of_groups && sw_str_is(name, steps[i].name))
            return &steps[i];
    }
    return NULL;
}

static void unknown_step(struct checker *ck, const struct node *n, bool of_groups)
{
    struct sw_str names[SW_COUNTOF(steps)];
    size_t count_of = 0;
    struct sw_str near;

    for (size_t i = 0; i < SW_COUNTOF(steps); i++) {
        if (steps[i].of_groups == of_groups)
            names[count_of++] = sw_str(steps[i].name);
    }
    near = sw_str_nearest(n->name, names, count_of);
    if (of_groups)
        sw_check_error(ck, n, _("groups have exists(...) and count_if(...), not %.*s()"),
                       SW_STR_ARG(n->name));
    else if (near.n > 0)
        sw_check_error(ck, n, _("event streams have no %.*s(); did you mean %.*s()?"),
                       SW_STR_ARG(n->name), SW_STR_ARG(near));
    else
        sw_check_error(ck, n, _("event streams have no %.*s()"), SW_STR_ARG(n->name));
}

const struct sw_type *sw_stream_call(struct checker *ck, struct node *n)
{
    bool of_groups = stream_of(n)->form == TYPE_GROUPS;
    const struct step_rule *rule = find_step(n->name, of_groups);
    uint32_t given = n->n_args - 1;

    if (rule == NULL) {
        unknown_step(ck, n, of_groups);
        return sw_check_set(n, &sw_error_type);
    }
    if (given < rule->least || given > rule->most) {
        sw_check_error(ck, n, _("%.*s() takes %u arguments, here are %u"), SW_STR_ARG(n->name),
                       given < rule->least ? rule->least : rule->most, given);
        return sw_check_set(n, &sw_error_type);
    }
    n->index = rule->step;
    return sw_check_set(n, rule->check(ck, n));
}

/* ---- plain macros on streams ----------------------------------------------------------------- */

static const struct sw_type *projection(struct checker *ck, struct node *n, struct scope *scope)
{
    const struct sw_type *t = sw_check_in(ck, scope, &n->arg[1]);
    struct sw_type *made = SW_ARENA_NEW(&ck->l->arena, struct sw_type);

    if (t->form == TYPE_ERROR)
        return t;
    *made = *stream_of(n);
    made->projected = sw_check_type(ck, n->arg[1]);
    return made;
}

const struct sw_type *sw_stream_loop(struct checker *ck, struct node **slot)
{
    struct node *n = *slot;
    struct scope scope = {.kind = SCOPE_EVENT, .stream = stream_of(n)->stream, .event = n->name};
    const struct sw_type *t;

    if (stream_of(n)->projected != NULL ||
        (n->op != LOOP_FILTER && n->op != LOOP_MAP && n->op != LOOP_EXISTS)) {
        sw_check_error(ck, n,
                       _("event streams have no such macro; write where(...), sum(...), "
                         "exists(...)"));
        return sw_check_set(n, &sw_error_type);
    }
    if (n->op == LOOP_MAP) {
        n->index = STEP_MAP;
        return sw_check_set(n, projection(ck, n, &scope));
    }
    n->index = n->op == LOOP_FILTER ? STEP_WHERE : FOLD_EXISTS;
    t = n->op == LOOP_FILTER ? stream_of(n) : sw_type_simple(SW_KBOOL);
    return sw_check_set(n, condition(ck, &n->arg[1], &scope) ? t : &sw_error_type);
}

/* ---- inside groups --------------------------------------------------------------------------- */

/* sum(f), count() … in the condition of groups; NULL: another function. */
const struct sw_type *sw_group_value(struct checker *ck, struct node *n, struct scope *scope)
{
    const struct step_rule *rule = find_step(n->name, false);
    struct sw_type stream = {.form = TYPE_STREAM, .stream = scope->stream};
    uint32_t wanted;

    if (rule == NULL || rule->step < FOLD_COUNT || rule->step > FOLD_DISTINCT)
        return NULL;
    wanted = rule->step == FOLD_COUNT ? 0 : 1;
    if (n->n_args != wanted) {
        sw_check_error(ck, n, _("%.*s() takes %u arguments, here are %u"), SW_STR_ARG(n->name),
                       wanted, n->n_args);
        return &sw_error_type;
    }
    n->bind = BIND_GROUP;
    n->index = rule->step;
    if (wanted == 0)
        return sw_type_simple(SW_KINT);
    return fold_over(ck, n, rule->step, &n->arg[0], &stream);
}
