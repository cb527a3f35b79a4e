/* plan.c - from a checked chain to the read it stands for.
 *
 * Walks S.a().b().fold() from the fold inward and gathers windows, conditions, endings and groups.
 * Their order does not matter: each decides about one event at a time. Two chains that ask for the
 * same become the same read, whatever macros and lets they were written with, because the parts
 * are compared as code. */
#include "lang/emit.h"
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>

static const struct node *behind_alias(const struct node *n)
{
    while (n->kind == N_ALIAS)
        n = n->arg[0];
    return n;
}

static void too_many(struct emitter *e, const char *what, unsigned limit)
{
    if (!e->failed)
        sw_diag_add(e->diag, SW_ERROR, sw_text_place(&e->tree->text, e->tree->root->start),
                    _("one read of a stream may have at most %u %s"), limit, what);
    e->failed = true;
}

/* Does a window, a number of days or months, hold this literal or this variable? */
static struct amount amount_of(struct emitter *e, const struct node *n)
{
    const struct node *literal = sw_literal_of(n);

    n = behind_alias(n);
    if (literal != NULL)
        return (struct amount){.value = literal->value.kind == SW_KINT ? (int32_t)literal->value.i
                                                                       : (int32_t)literal->value.d};
    sw_emit_uses_slot(e, n->symbol);
    return (struct amount){.is_variable = true,
                           .operand = SW_OPERAND(n->symbol->bank, n->symbol->slot)};
}

static struct amount days_of(struct emitter *e, const struct node *n)
{
    return amount_of(e, behind_alias(n)->arg[0]);
}

/* ---- conditions and what they look at -------------------------------------------------------- */

/* The fields of the event in hand that code reads. */
static uint64_t fields_of(const struct code *code)
{
    uint64_t need = 0;

    for (uint32_t i = 0; code != NULL && i < code->n_ins; i++) {
        const struct ins *in = &code->ins[i];
        const char *operands = sw_op_operands((enum op_code)in->op);

        if (operands[1] == 'v' && SW_OPERAND_SPACE(in->b) == IN_EVENT)
            need |= UINT64_C(1) << SW_OPERAND_INDEX(in->b);
        if (operands[2] == 'v' && SW_OPERAND_SPACE(in->c) == IN_EVENT)
            need |= UINT64_C(1) << SW_OPERAND_INDEX(in->c);
    }
    return need;
}

static void add_where(struct emitter *e, const struct node *condition, struct code **where,
                      uint8_t *n, uint64_t *need)
{
    struct code *code;

    if (*n == WHERES_MAX) {
        too_many(e, _("conditions"), WHERES_MAX);
        return;
    }
    code = sw_emit_inner(e, condition, NULL);
    *need |= fields_of(code);
    where[(*n)++] = code;
}

static struct folding folding_of(struct emitter *e, enum step fold, const struct node *value,
                                 uint64_t *need)
{
    struct folding f = {.fold = fold, .kind = SW_KNULL, .field = -1};

    if (value == NULL)
        return f;
    value = behind_alias(value);
    f.kind = sw_kind_of(value);
    if (value->kind == N_IDENT && value->bind == BIND_FIELD) {
        f.field = (int16_t)value->index;
        *need |= UINT64_C(1) << value->index;
        return f;
    }
    f.value = sw_emit_inner(e, value, NULL);
    *need |= fields_of(f.value);
    return f;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static int16_t field_number(const struct sw_stream_decl *stream, struct sw_str name)
{
    for (size_t i = 0; i < stream->n_fields; i++) {
        if (sw_str_eq(stream->fields[i].name, name))
            return (int16_t)i;
    }
    return -1;
}

static void add_ending(struct emitter *e, const struct node *n, struct read *r)
{
    const struct node *from = behind_alias(n->arg[1]);
    struct ending *ending;

    if (r->n_endings == ENDINGS_MAX) {
        too_many(e, "unless()", ENDINGS_MAX);
        return;
    }
    ending = &r->ending[r->n_endings++];
    ending->key = ending->other_key = -1;
    while (from->kind == N_CALL || from->kind == N_LOOP) {
        add_where(e, from->arg[1], ending->where, &ending->n_wheres, &ending->need);
        from = behind_alias(from->arg[0]);
    }
    ending->stream = from->symbol->stream->id;
    ending->source = from->symbol->source;
    sw_set_add(&e->uses->streams, ending->stream);
    sw_set_add(&e->uses->absences, ending->stream);
    if (n->n_args > 2) {
        ending->key = field_number(n->type->stream, n->arg[2]->name);
        ending->other_key = field_number(from->symbol->stream, n->arg[2]->name);
        SW_ASSERT(ending->key >= 0 && ending->other_key >= 0); /* the checker saw to it */
        r->need |= UINT64_C(1) << ending->key;
        ending->need |= UINT64_C(1) << ending->other_key;
    }
}

static void add_window(struct emitter *e, const struct node *n, struct read *r)
{
    struct window *w;

    if (r->n_windows == WINDOWS_MAX) {
        too_many(e, _("windows"), WINDOWS_MAX);
        return;
    }
    w = &r->window[r->n_windows++];
    w->step = (enum step)n->index;
    w->month = w->day = 1;
    switch ((int)w->step) {
    case STEP_WITHIN: w->to = days_of(e, n->arg[1]); break;
    case STEP_OLDER: w->from = days_of(e, n->arg[1]); break;
    case STEP_BETWEEN:
        w->from = days_of(e, n->arg[1]);
        w->to = days_of(e, n->arg[2]);
        break;
    case STEP_PERIOD: {
        const struct named *p = sw_session_period(e->l, sw_value_text(n->arg[1]->value));

        w->month = p->month;
        w->day = p->day;
        break;
    }
    case STEP_ENDS: w->to = days_of(e, n->arg[1]); break;
    default: break;
    }
    if (w->step == STEP_ENDS || w->step == STEP_OPEN) {
        r->end = (int16_t)(n->type->stream->end - 1);
        r->need |= UINT64_C(1) << r->end;
    }
}

static void add_stream(struct emitter *e, const struct symbol *s, struct read *r)
{
    r->stream = s->stream->id;
    r->partial = s->stream->partial;
    r->n_fields = (uint32_t)s->stream->n_fields;
    r->source = s->source;
    sw_set_add(&e->uses->streams, r->stream);
}

/* Everything in front of the fold. *projected: what .map() made of each event. */
static void add_steps(struct emitter *e, const struct node *n, struct read *r,
                      const struct node **projected)
{
    for (n = behind_alias(n); n->kind != N_IDENT && !e->failed; n = behind_alias(n->arg[0])) {
        switch ((enum step)n->index) {
        case STEP_WHERE: add_where(e, n->arg[1], r->where, &r->n_wheres, &r->need); break;
        case STEP_UNLESS: add_ending(e, n, r); break;
        case STEP_MAP: *projected = n->arg[1]; break;
        case STEP_BY:
            r->by = STEP_BY;
            r->key = (int16_t)n->arg[1]->index;
            r->need |= UINT64_C(1) << r->key;
            break;
        case STEP_BY_MONTH:
            r->by = STEP_BY_MONTH;
            r->months = amount_of(e, n->arg[1]);
            break;
        case STEP_WITHIN:
        case STEP_OLDER:
        case STEP_BETWEEN:
        case STEP_YEAR:
        case STEP_PERIOD:
        case STEP_OPEN:
        case STEP_ENDS: add_window(e, n, r); break;
        case STEP_NONE:
        case FOLD_COUNT:
        case FOLD_SUM:
        case FOLD_MAX:
        case FOLD_MIN:
        case FOLD_AVG:
        case FOLD_DISTINCT:
        case FOLD_LATEST:
        case FOLD_DAYS_SINCE:
        case FOLD_EXISTS:
        case FOLD_GROUPS_EXIST:
        case FOLD_COUNT_IF:
        case FOLD_GROUPS: sw_bug(__FILE__, __LINE__, "a fold is the last step of a chain");
        }
    }
    if (!e->failed)
        add_stream(e, n->symbol, r);
}

/* Streams whose silence counts: what unless() waits for, what days_since() counts from, and what
 * older_than() looks at when nothing ends it. */
static void note_absences(struct emitter *e, const struct read *r)
{
    bool counts = r->folding.fold == FOLD_DAYS_SINCE;

    for (uint32_t i = 0; i < r->n_windows; i++)
        counts |= r->window[i].step == STEP_OLDER && r->n_endings == 0;
    if (counts)
        sw_set_add(&e->uses->absences, r->stream);
}

/* ---- groups ---------------------------------------------------------------------------------- */

static bool foldings_equal(const struct folding *a, const struct folding *b)
{
    return a->fold == b->fold && a->field == b->field && sw_code_equal(a->value, b->value);
}

uint32_t sw_plan_group_value(struct emitter *e, const struct node *n)
{
    struct read *r = e->groups;
    struct folding f;

    f = folding_of(e, (enum step)n->index, n->n_args > 0 ? n->arg[0] : NULL, &r->need);
    for (uint32_t i = 0; i < r->n_group; i++) {
        if (foldings_equal(&r->group[i], &f))
            return i + 1;
    }
    if (r->n_group == GROUP_VALUES_MAX) {
        too_many(e, _("values per group"), GROUP_VALUES_MAX);
        return 0;
    }
    r->group[r->n_group++] = f;
    return r->n_group;
}

/* ---- sharing --------------------------------------------------------------------------------- */

static bool amounts_equal(const struct amount *a, const struct amount *b)
{
    return a->is_variable == b->is_variable && a->operand == b->operand && a->value == b->value;
}

static bool windows_equal(const struct window *a, const struct window *b)
{
    return a->step == b->step && a->month == b->month && a->day == b->day &&
           amounts_equal(&a->from, &b->from) && amounts_equal(&a->to, &b->to);
}

static bool codes_equal(struct code *const *a, struct code *const *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!sw_code_equal(a[i], b[i]))
            return false;
    }
    return true;
}

static bool endings_equal(const struct ending *a, const struct ending *b)
{
    return a->stream == b->stream && a->key == b->key && a->other_key == b->other_key &&
           a->n_wheres == b->n_wheres && codes_equal(a->where, b->where, a->n_wheres);
}

static bool reads_equal(const struct read *a, const struct read *b)
{
    if (a->stream != b->stream || a->n_windows != b->n_windows || a->n_wheres != b->n_wheres ||
        a->n_endings != b->n_endings || a->by != b->by || a->key != b->key ||
        a->n_group != b->n_group || !amounts_equal(&a->months, &b->months) ||
        !foldings_equal(&a->folding, &b->folding))
        return false;
    for (uint32_t i = 0; i < a->n_windows; i++) {
        if (!windows_equal(&a->window[i], &b->window[i]))
            return false;
    }
    for (uint32_t i = 0; i < a->n_endings; i++) {
        if (!endings_equal(&a->ending[i], &b->ending[i]))
            return false;
    }
    for (uint32_t i = 0; i < a->n_group; i++) {
        if (!foldings_equal(&a->group[i], &b->group[i]))
            return false;
    }
    return codes_equal(a->where, b->where, a->n_wheres) &&
           sw_code_equal(a->condition, b->condition);
}

static uint32_t share(struct sw_lang *l, struct read *r)
{
    for (size_t i = 0; i < l->n_reads; i++) {
        if (reads_equal(l->read[i], r))
            return (uint32_t)i;
    }
    l->read = sw_grow(l->read, &l->cap_reads, l->n_reads + 1, sizeof(struct read *));
    r->number = (uint32_t)l->n_reads;
    l->read[l->n_reads++] = r;
    return r->number;
}

uint32_t sw_plan_read(struct emitter *e, const struct node *fold)
{
    struct read *r = SW_ARENA_NEW(&e->l->arena, struct read);
    const struct node *projected = NULL;
    const struct node *argument = fold->n_args > 1 ? fold->arg[1] : NULL;
    enum step step = (enum step)fold->index;
    uint32_t number;

    r->key = r->end = -1;
    r->fold = fold;
    add_steps(e, fold->arg[0], r, &projected);
    if (e->failed)
        return UINT32_MAX;
    r->folding = (struct folding){.fold = step, .kind = SW_KNULL, .field = -1};
    if (step == FOLD_GROUPS_EXIST || step == FOLD_COUNT_IF)
        r->condition = sw_emit_inner(e, argument, r);
    else if (step == FOLD_EXISTS && argument != NULL)
        add_where(e, argument, r->where, &r->n_wheres, &r->need);
    else if (step != FOLD_COUNT && step != FOLD_EXISTS)
        r->folding = folding_of(e, step, argument != NULL ? argument : projected, &r->need);
    if (step == FOLD_LATEST && r->folding.field < 0 && r->folding.value == NULL)
        r->need = r->n_fields == 64 ? UINT64_MAX : (UINT64_C(1) << r->n_fields) - 1;
    note_absences(e, r);
    if (e->failed)
        return UINT32_MAX;
    if (e->l->n_reads > UINT16_MAX) {
        too_many(e, _("other reads in one set of rules"), UINT16_MAX);
        return UINT32_MAX;
    }
    number = share(e->l, r);
    sw_set_add(&e->uses->reads, number);
    return number;
}
