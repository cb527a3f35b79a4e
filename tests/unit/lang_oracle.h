/* lang_oracle.h - random worlds, random expressions, and what they are worth by definition. */
#ifndef TESTS_LANG_ORACLE_H
#define TESTS_LANG_ORACLE_H

#include "../tap.h"
#include <shouwang/base/buf.h>
#include <shouwang/base/date.h>
#include <shouwang/lang/lang.h>

/* ---- worlds ---------------------------------------------------------------------------------- */

enum { STREAMS = 3, FIELDS = 4, EVENTS_MAX = 24, HH = 5, PARAMS = 3, KINDS = 3 };
enum { F_PERSON, F_KIND, F_AMOUNT, F_N };
enum { HH_MONEY, HH_INT, HH_BOOL, HH_SINCE, HH_ZERO };
enum { P_MONEY, P_DAYS, P_INT };

/* A field or variable as the oracle sees it. */
enum val_kind { VAL_UNKNOWN, VAL_ERROR, VAL_BOOL, VAL_INT, VAL_MONEY };

struct val {
    enum val_kind kind;
    int64_t i;
};

struct event {
    int stream;
    sw_day day;
    struct val field[FIELDS];
};

/* A variable's value before and from a day on. */
struct dated {
    struct val before, after;
    sw_day from;
};

struct world {
    struct sw_lang *l;
    struct sw_arena arena;
    struct sw_frame frame;
    sw_day start;
    struct event event[EVENTS_MAX]; /* ascending by day */
    int n_events;
    struct dated hh[HH], p[PARAMS], fired;
    struct sw_value hh_value[HH], p_value[PARAMS];
    sw_day hh_until[HH], p_until[PARAMS];
    uint8_t fired_now[1];
    struct sw_enum_item item[KINDS];
    struct sw_field_decl field[FIELDS];
    struct sw_stream_decl stream[STREAMS];
    struct expr *expr; /* the newest, linked for freeing with the arena */
    int depth;
};

static struct val val(enum val_kind kind, int64_t i)
{
    return (struct val){kind, i};
}

static struct val world_at(const struct dated *d, sw_day day)
{
    return day >= d->from ? d->after : d->before;
}

static struct sw_value world_value(struct val v, enum sw_kind kind)
{
    if (v.kind == VAL_UNKNOWN)
        return sw_value_unknown(0);
    if (kind == SW_KBOOL)
        return sw_value_bool(v.i != 0);
    return (struct sw_value){.kind = (uint8_t)kind, .i = v.i};
}

static const enum sw_kind field_kinds[] = {SW_KPERSON, SW_KENUM, SW_KMONEY, SW_KINT};
static const enum sw_kind hh_kinds[] = {SW_KMONEY, SW_KINT, SW_KBOOL, SW_KDATE, SW_KINT};
static const enum sw_kind p_kinds[] = {SW_KMONEY, SW_KINT, SW_KINT};

/* What is so on a day: banks, the days they change, the other rule. */
static void world_on(struct world *w, struct sw_frame *f, sw_day day)
{
    for (int i = 0; i < HH; i++) {
        w->hh_value[i] = world_value(world_at(&w->hh[i], day), hh_kinds[i]);
        w->hh_until[i] = w->hh[i].from > day ? w->hh[i].from : SW_DAY_NEVER;
    }
    for (int i = 0; i < PARAMS; i++) {
        w->p_value[i] = world_value(world_at(&w->p[i], day), p_kinds[i]);
        w->p_until[i] = w->p[i].from > day ? w->p[i].from : SW_DAY_NEVER;
    }
    w->fired_now[0] =
        (uint8_t)(world_at(&w->fired, day).kind == VAL_UNKNOWN ? SW_TRUTH_UNKNOWN
                                                               : world_at(&w->fired, day).i);
    if (w->fired.from > day && w->fired.from < f->horizon)
        f->horizon = w->fired.from;
}

static void world_open(void *ctx, struct sw_cursor *c)
{
    struct world *w = ctx;

    c->at = w->event;
}

static bool world_next(void *ctx, struct sw_cursor *c)
{
    struct world *w = ctx;
    const struct event *e = c->at;

    while (e < w->event + w->n_events && e->stream != c->stream)
        e++;
    if (e == w->event + w->n_events)
        return false;
    c->at = e + 1;
    c->day = e->day;
    for (int i = 0; i < FIELDS; i++) {
        if ((c->need >> i & 1) != 0)
            c->room[i] = world_value(e->field[i], field_kinds[i]);
    }
    c->field = c->room;
    return true;
}

static const struct sw_host world_host = {world_open, world_next};

static bool one_in(struct tap_random *r, uint32_t n)
{
    return tap_below(r, n) == 0;
}

static int64_t between(struct tap_random *r, int64_t lo, int64_t hi)
{
    return lo + tap_below(r, (uint32_t)(hi - lo + 1));
}

static struct val random_field(struct tap_random *r, int field)
{
    if (one_in(r, 25))
        return val(VAL_UNKNOWN, 0);
    switch (field) {
    case F_PERSON: return val(VAL_INT, between(r, 0, 2));
    case F_KIND: return val(VAL_INT, between(r, 0, KINDS - 1));
    case F_AMOUNT: return val(VAL_MONEY, between(r, -20, 60) * 1000);
    default: return val(VAL_INT, between(r, -2, 5));
    }
}

static void world_events(struct world *w, struct tap_random *r)
{
    w->n_events = (int)tap_below(r, EVENTS_MAX);
    for (int i = 0; i < w->n_events; i++) {
        struct event e = {.stream = (int)tap_below(r, STREAMS)};
        int at = i;

        /* Mostly the last months, some long ago, some still to come. */
        e.day = w->start + (sw_day)between(r, one_in(r, 4) ? -420 : -90, one_in(r, 4) ? 100 : 40);
        for (int k = 0; k < FIELDS; k++)
            e.field[k] = random_field(r, k);
        for (; at > 0 && w->event[at - 1].day > e.day; at--)
            w->event[at] = w->event[at - 1];
        w->event[at] = e;
    }
}

static struct dated random_dated(struct tap_random *r, const struct world *w, struct val a,
                                 struct val b)
{
    struct dated d = {a, a, w->start - 1000};

    if (one_in(r, 4)) {
        d.after = b;
        d.from = w->start + (sw_day)between(r, -20, 150);
    }
    return d;
}

static struct val maybe(struct tap_random *r, struct val v)
{
    return one_in(r, 5) ? val(VAL_UNKNOWN, 0) : v;
}

static void world_data(struct world *w, struct tap_random *r)
{
#define DATED(expression) random_dated(r, w, expression, expression)
    w->hh[HH_MONEY] = DATED(maybe(r, val(VAL_MONEY, between(r, 0, 100) * 1000)));
    w->hh[HH_INT] = DATED(maybe(r, val(VAL_INT, between(r, 0, 6))));
    w->hh[HH_BOOL] = DATED(maybe(r, val(VAL_BOOL, between(r, 0, 1))));
    w->hh[HH_SINCE] = DATED(maybe(r, val(VAL_INT, w->start + between(r, -100, 20))));
    w->hh[HH_ZERO] = DATED(val(VAL_INT, between(r, 0, 2)));
    w->p[P_MONEY] = DATED(val(VAL_MONEY, between(r, 0, 100) * 1000));
    w->p[P_DAYS] = DATED(val(VAL_INT, between(r, 0, 80)));
    w->p[P_INT] = DATED(val(VAL_INT, between(r, 0, 4)));
    w->fired = DATED(maybe(r, val(VAL_BOOL, between(r, 0, 1))));
#undef DATED
}

static const char *const hh_names[] = {"hh.money", "hh.n", "hh.flag", "hh.since", "hh.zero"};
static const char *const p_names[] = {"p.money", "p.days", "p.n"};
static const char *const stream_names[] = {"bill.paid", "job.lost", "note.partial"};
static const char *const kind_names[] = {"red", "green", "blue"};

static void world_declare(struct world *w)
{
    const struct sw_str none = {NULL, 0};
    const struct sw_type *e;

    for (int i = 0; i < KINDS; i++)
        w->item[i].name = sw_str(kind_names[i]);
    e = sw_type_enum(w->l, SW_STR("colour"), w->item, KINDS);
    w->field[F_PERSON] = (struct sw_field_decl){.name = SW_STR("person"), .optional = true};
    w->field[F_KIND] = (struct sw_field_decl){.name = SW_STR("kind"), .optional = true};
    w->field[F_AMOUNT] = (struct sw_field_decl){.name = SW_STR("amount"), .optional = true};
    w->field[F_N] = (struct sw_field_decl){.name = SW_STR("n"), .optional = true};
    for (int i = 0; i < FIELDS; i++)
        w->field[i].type = i == F_KIND ? e : sw_type_of(w->l, field_kinds[i]);
    for (int i = 0; i < STREAMS; i++) {
        w->stream[i] = (struct sw_stream_decl){.name = sw_str(stream_names[i]),
                                               .fields = w->field,
                                               .n_fields = FIELDS,
                                               .id = (uint16_t)i,
                                               .partial = i == 2};
        sw_lang_stream(w->l, &w->stream[i]);
    }
    for (uint32_t i = 0; i < HH; i++)
        sw_lang_var(w->l, sw_str(hh_names[i]), sw_type_of(w->l, hh_kinds[i]), 0, i, true, none,
                    none);
    for (uint32_t i = 0; i < PARAMS; i++)
        sw_lang_var(w->l, sw_str(p_names[i]), sw_type_of(w->l, p_kinds[i]), 1, i, false, none,
                    i == P_DAYS ? SW_STR("天") : none);
    sw_lang_rule(w->l, SW_STR("other"), 0);
    sw_lang_period(w->l, SW_STR("season"), 3, 1);
}

static void world_begin(struct world *w, struct tap_random *r)
{
    *w = (struct world){.l = sw_lang_new(SW_LANG_RULES)};
    /* Around leap days and new years, so that calendars matter. */
    w->start = sw_day_of(2023 + (int32_t)tap_below(r, 2), 11, 1) + (sw_day)tap_below(r, 120);
    world_declare(w);
    world_events(w, r);
    world_data(w, r);
    w->frame = (struct sw_frame){.bank = {w->hh_value, w->p_value},
                                 .until = {w->hh_until, w->p_until},
                                 .fired = w->fired_now,
                                 .host = &world_host,
                                 .ctx = w,
                                 .arena = &w->arena,
                                 .budget = 100000};
}

static void world_end(struct world *w)
{
    sw_reads_free(w->frame.reads);
    sw_arena_free(&w->arena);
    sw_lang_free(w->l);
}

/* ---- reads ----------------------------------------------------------------------------------- */

enum cut { CUT_WITHIN, CUT_OLDER, CUT_BETWEEN, CUT_YEAR, CUT_PERIOD };

struct cut_spec {
    enum cut cut;
    int64_t a, b; /* -1: p.days */
};

/* A condition on one event: op 0 kind == v, 1 kind in [v, u], 2 amount > v, 3 n >= p.n, 4 !(0). */
struct where_spec {
    int op;
    int64_t v, u;
};

struct read_spec {
    int stream;
    int n_cuts, n_wheres, n_endings;
    struct cut_spec cut[2];
    struct where_spec where[2];
    struct {
        int stream;
        bool by_person;
    } ending[1];
    int months; /* by_month(months); 0: by(person) */
};

static void put(struct sw_buf *out, const char *fmt, long long a, long long b)
{
    char text[160];
    const char *const args = fmt;

    /* Only %lld, at most twice. */
    (void)args;
    for (const char *c = fmt; *c != '\0'; c++) {
        if (*c != '%') {
            sw_buf_char(out, *c);
            continue;
        }
        snprintf(text, sizeof(text), "%lld", a);
        sw_buf_cstr(out, text);
        a = b;
    }
}

static void put_days(struct sw_buf *out, int64_t n)
{
    put(out, n < 0 ? "days(p.days)" : "days(%)", n, 0);
}

static void random_cut(struct tap_random *r, struct cut_spec *c, struct sw_buf *out)
{
    *c = (struct cut_spec){.cut = (enum cut)tap_below(r, 5)};
    c->a = one_in(r, 4) ? -1 : between(r, 0, 70);
    c->b = between(r, c->a + 1, 120); /* a window written out as empty is refused */
    switch (c->cut) {
    case CUT_WITHIN: sw_buf_cstr(out, ".within("); break;
    case CUT_OLDER: sw_buf_cstr(out, ".older_than("); break;
    case CUT_BETWEEN: sw_buf_cstr(out, ".between("); break;
    case CUT_YEAR: sw_buf_cstr(out, ".this_year()"); return;
    case CUT_PERIOD: sw_buf_cstr(out, ".this(\"season\")"); return;
    }
    put_days(out, c->a);
    if (c->cut == CUT_BETWEEN) {
        sw_buf_cstr(out, ", ");
        put_days(out, c->b);
    }
    sw_buf_char(out, ')');
}

static void random_where(struct tap_random *r, struct where_spec *s, struct sw_buf *out)
{
    *s = (struct where_spec){.op = (int)tap_below(r, 5)};
    s->v = s->op == 2 ? between(r, -20, 40) * 10 : between(r, 0, KINDS - 1);
    s->u = between(r, 0, KINDS - 1);
    switch (s->op) {
    case 0: sw_buf_printf(out, "kind == \"%s\"", kind_names[s->v]); break;
    case 1:
        sw_buf_printf(out, "kind in [\"%s\", \"%s\"]", kind_names[s->v], kind_names[s->u]);
        break;
    case 2: put(out, "amount > %", s->v, 0); break;
    case 3: sw_buf_cstr(out, "n >= p.n"); break;
    default: sw_buf_printf(out, "!(kind == \"%s\")", kind_names[s->v]); break;
    }
}

static void random_read(struct tap_random *r, struct read_spec *s, struct sw_buf *out)
{
    *s = (struct read_spec){.stream = (int)tap_below(r, STREAMS)};
    sw_buf_cstr(out, stream_names[s->stream]);
    for (int i = 0; i < 2 && one_in(r, 2 + (uint32_t)i); i++)
        random_cut(r, &s->cut[s->n_cuts++], out);
    if (one_in(r, 4)) {
        s->ending[s->n_endings].stream = (int)tap_below(r, STREAMS);
        s->ending[s->n_endings].by_person = one_in(r, 2);
        sw_buf_printf(out, ".unless(%s%s)", stream_names[s->ending[0].stream],
                      s->ending[0].by_person ? ", person" : "");
        s->n_endings++;
    }
    for (int i = 0; i < 2 && one_in(r, 3); i++) {
        sw_buf_cstr(out, ".where(");
        random_where(r, &s->where[s->n_wheres++], out);
        sw_buf_char(out, ')');
    }
}

/* 1 yes, 0 no, -1 not known */
static int where_holds(const struct world *w, const struct where_spec *s, const struct event *e,
                       sw_day today)
{
    struct val kind = e->field[F_KIND];
    struct val amount = e->field[F_AMOUNT];
    struct val n = e->field[F_N];

    switch (s->op) {
    case 0: return kind.kind == VAL_UNKNOWN ? -1 : kind.i == s->v;
    case 1: return kind.kind == VAL_UNKNOWN ? -1 : kind.i == s->v || kind.i == s->u;
    case 2: return amount.kind == VAL_UNKNOWN ? -1 : amount.i > s->v * 100;
    case 3: return n.kind == VAL_UNKNOWN ? -1 : n.i >= world_at(&w->p[P_INT], today).i;
    default: return kind.kind == VAL_UNKNOWN ? -1 : kind.i != s->v;
    }
}

static bool in_cut(const struct world *w, const struct cut_spec *c, sw_day day, sw_day today)
{
    int64_t days = world_at(&w->p[P_DAYS], today).i;
    int64_t a = c->a < 0 ? days : c->a;
    struct sw_civil then = sw_civil_of(day);
    struct sw_civil now = sw_civil_of(today);

    switch (c->cut) {
    case CUT_WITHIN: return day > today - a;
    case CUT_OLDER: return day <= today - a;
    case CUT_BETWEEN: return day > today - c->b && day <= today - a;
    case CUT_YEAR: return then.year == now.year;
    case CUT_PERIOD: {
        int32_t season = now.month >= 3 ? now.year : now.year - 1;

        return day >= sw_day_of(season, 3, 1);
    }
    }
    return false;
}

/* 1 the event counts today, 0 it does not, -1 not known */
static int counts(const struct world *w, const struct read_spec *s, const struct event *e,
                  sw_day today)
{
    int result = 1;

    if (e->stream != s->stream || e->day > today)
        return 0;
    for (int i = 0; i < s->n_cuts; i++) {
        if (!in_cut(w, &s->cut[i], e->day, today))
            return 0;
    }
    for (int i = 0; i < s->n_wheres; i++) {
        int holds = where_holds(w, &s->where[i], e, today);

        if (holds == 0)
            return 0;
        if (holds < 0)
            result = -1;
    }
    for (int k = 0; s->n_endings > 0 && k < w->n_events; k++) {
        const struct event *t = &w->event[k];
        struct val a = e->field[F_PERSON];
        struct val b = t->field[F_PERSON];

        if (t->stream != s->ending[0].stream || t->day < e->day || t->day > today)
            continue;
        if (s->ending[0].by_person && (a.kind == VAL_UNKNOWN || b.kind == VAL_UNKNOWN))
            result = -1;
        else if (!s->ending[0].by_person || a.i == b.i)
            return 0;
    }
    return result;
}

/* ---- expressions ----------------------------------------------------------------------------- */

enum expr_kind {
    X_AND,
    X_OR,
    X_NOT,
    X_COMPARE,
    X_COND,
    X_KNOWN,
    X_FIRED,
    X_HH,
    X_PARAM,
    X_LITERAL,
    X_ADD,
    X_SUB,
    X_DIV,
    X_TIMES,
    X_LEAST,
    X_OR_VALUE,
    X_DAYS_PASSED, /* today - hh.since in relation to days(n) */
    X_COUNT,
    X_SUM,
    X_MAX,
    X_MIN,
    X_AVG,
    X_LATEST, /* a field of it */
    X_DISTINCT,
    X_DAYS_SINCE,
    X_EXISTS,
    X_GROUPS_EXIST,
    X_COUNT_IF,
    X_MONTH /* today.getMonth() */
};

struct expr {
    enum expr_kind kind;
    enum val_kind type; /* VAL_BOOL, VAL_INT, VAL_MONEY */
    int op;             /* relation: 0 <, 1 <=, 2 >, 3 >=, 4 ==, 5 != */
    int64_t n;
    const struct expr *arg[3];
    struct read_spec read;
};

static const char *const relation_signs[] = {"<", "<=", ">", ">=", "==", "!="};

static const struct expr *random_expr(struct world *w, struct tap_random *r, enum val_kind type,
                                      struct sw_buf *out);

static struct expr *new_expr(struct world *w, enum expr_kind kind, enum val_kind type)
{
    struct expr *e = SW_ARENA_NEW(&w->arena, struct expr);

    e->kind = kind;
    e->type = type;
    return e;
}

static struct expr *binary(struct world *w, struct tap_random *r, struct expr *e, enum val_kind of,
                           const char *sign, struct sw_buf *out)
{
    sw_buf_char(out, '(');
    e->arg[0] = random_expr(w, r, of, out);
    sw_buf_printf(out, " %s ", sign);
    e->arg[1] = random_expr(w, r, of, out);
    sw_buf_char(out, ')');
    return e;
}

static struct expr *conditional(struct world *w, struct tap_random *r, enum val_kind type,
                                struct sw_buf *out)
{
    struct expr *e = new_expr(w, X_COND, type);

    sw_buf_char(out, '(');
    e->arg[0] = random_expr(w, r, VAL_BOOL, out);
    sw_buf_cstr(out, " ? ");
    e->arg[1] = random_expr(w, r, type, out);
    sw_buf_cstr(out, " : ");
    e->arg[2] = random_expr(w, r, type, out);
    sw_buf_char(out, ')');
    return e;
}

static struct expr *read_expr(struct world *w, struct tap_random *r, enum expr_kind kind,
                              enum val_kind type, const char *fold, struct sw_buf *out)
{
    struct expr *e = new_expr(w, kind, type);

    random_read(r, &e->read, out);
    sw_buf_cstr(out, fold);
    return e;
}

/* .by(person) or .by_month(n), then a condition on the group's sum. */
static struct expr *group_expr(struct world *w, struct tap_random *r, enum expr_kind kind,
                               struct sw_buf *out)
{
    struct expr *e = new_expr(w, kind, kind == X_COUNT_IF ? VAL_INT : VAL_BOOL);

    random_read(r, &e->read, out);
    e->read.months = one_in(r, 2) ? (int)between(r, 1, 4) : 0;
    if (e->read.months > 0)
        put(out, ".by_month(%)", e->read.months, 0);
    else
        sw_buf_cstr(out, ".by(person)");
    e->n = between(r, -10, 60) * 10;
    e->op = (int)tap_below(r, 6);
    sw_buf_printf(out, ".%s(sum(amount) %s ", kind == X_COUNT_IF ? "count_if" : "exists",
                  relation_signs[e->op]);
    put(out, "%)", e->n, 0);
    return e;
}

static struct expr *random_bool(struct world *w, struct tap_random *r, struct sw_buf *out)
{
    struct expr *e;

    switch (tap_below(r, w->depth > 3 ? 6 : 13)) {
    case 0: return read_expr(w, r, X_EXISTS, VAL_BOOL, ".exists()", out);
    case 1: sw_buf_cstr(out, hh_names[HH_BOOL]); return new_expr(w, X_HH, VAL_BOOL);
    case 2: sw_buf_cstr(out, "fired(\"other\")"); return new_expr(w, X_FIRED, VAL_BOOL);
    case 3: return group_expr(w, r, X_GROUPS_EXIST, out);
    case 4:
        e = new_expr(w, X_DAYS_PASSED, VAL_BOOL);
        e->op = (int)tap_below(r, 6);
        e->n = between(r, 0, 90);
        sw_buf_printf(out, "(today - hh.since %s ", relation_signs[e->op]);
        put(out, "days(%))", e->n, 0);
        return e;
    case 5:
        e = new_expr(w, X_KNOWN, VAL_BOOL);
        sw_buf_cstr(out, "known(");
        e->arg[0] = random_expr(w, r, VAL_MONEY, out);
        sw_buf_char(out, ')');
        return e;
    case 6: return binary(w, r, new_expr(w, X_AND, VAL_BOOL), VAL_BOOL, "&&", out);
    case 7: return binary(w, r, new_expr(w, X_OR, VAL_BOOL), VAL_BOOL, "||", out);
    case 8:
        e = new_expr(w, X_NOT, VAL_BOOL);
        sw_buf_cstr(out, "!(");
        e->arg[0] = random_expr(w, r, VAL_BOOL, out);
        sw_buf_char(out, ')');
        return e;
    case 9: return conditional(w, r, VAL_BOOL, out);
    default:
        e = new_expr(w, X_COMPARE, VAL_BOOL);
        e->op = (int)tap_below(r, 6);
        return binary(w, r, e, one_in(r, 2) ? VAL_INT : VAL_MONEY, relation_signs[e->op], out);
    }
}

static struct expr *or_value(struct world *w, struct tap_random *r, enum val_kind type,
                             struct sw_buf *out)
{
    struct expr *e = new_expr(w, X_OR_VALUE, type);

    e->arg[0] = random_expr(w, r, type, out);
    sw_buf_cstr(out, ".orValue(");
    e->arg[1] = random_expr(w, r, type, out);
    sw_buf_char(out, ')');
    return e;
}

static struct expr *random_int(struct world *w, struct tap_random *r, struct sw_buf *out)
{
    struct expr *e;

    switch (tap_below(r, w->depth > 3 ? 10 : 16)) {
    case 0: return read_expr(w, r, X_COUNT, VAL_INT, ".count()", out);
    case 1: return read_expr(w, r, X_SUM, VAL_INT, ".sum(n)", out);
    case 2:
        if (one_in(r, 3))
            return read_expr(w, r, X_LATEST, VAL_INT, ".latest().n", out);
        return one_in(r, 2) ? read_expr(w, r, X_MAX, VAL_INT, ".max(n)", out)
                            : read_expr(w, r, X_MIN, VAL_INT, ".min(n)", out);
    case 3: return read_expr(w, r, X_DISTINCT, VAL_INT, ".distinct(person)", out);
    case 4:
    case 5: return read_expr(w, r, X_DAYS_SINCE, VAL_INT, ".days_since()", out);
    case 6: return group_expr(w, r, X_COUNT_IF, out);
    case 7: sw_buf_cstr(out, hh_names[HH_INT]); return new_expr(w, X_HH, VAL_INT);
    case 8: sw_buf_cstr(out, p_names[P_INT]); return new_expr(w, X_PARAM, VAL_INT);
    case 9:
        if (one_in(r, 12)) {
            sw_buf_cstr(out, "today.getMonth()");
            return new_expr(w, X_MONTH, VAL_INT);
        }
        e = new_expr(w, X_LITERAL, VAL_INT);
        e->n = between(r, -3, 90);
        put(out, "%", e->n, 0);
        return e;
    case 10: return binary(w, r, new_expr(w, X_ADD, VAL_INT), VAL_INT, "+", out);
    case 11: return binary(w, r, new_expr(w, X_SUB, VAL_INT), VAL_INT, "-", out);
    case 12:
        e = new_expr(w, X_LEAST, VAL_INT);
        sw_buf_cstr(out, "math.least(");
        e->arg[0] = random_expr(w, r, VAL_INT, out);
        sw_buf_cstr(out, ", ");
        e->arg[1] = random_expr(w, r, VAL_INT, out);
        sw_buf_char(out, ')');
        return e;
    case 13: return conditional(w, r, VAL_INT, out);
    case 14:
        e = new_expr(w, X_DIV, VAL_INT);
        sw_buf_char(out, '(');
        e->arg[0] = random_expr(w, r, VAL_INT, out);
        sw_buf_cstr(out, " / hh.zero)");
        return e;
    default: return or_value(w, r, VAL_INT, out);
    }
}

static struct expr *random_money(struct world *w, struct tap_random *r, struct sw_buf *out)
{
    struct expr *e;

    switch (tap_below(r, w->depth > 3 ? 6 : 11)) {
    case 0:
    case 1: return read_expr(w, r, X_SUM, VAL_MONEY, ".sum(amount)", out);
    case 2:
        if (one_in(r, 3))
            return read_expr(w, r, X_LATEST, VAL_MONEY, ".latest().amount", out);
        return one_in(r, 2) ? read_expr(w, r, X_MAX, VAL_MONEY, ".max(amount)", out)
                            : read_expr(w, r, X_MIN, VAL_MONEY, ".min(amount)", out);
    case 3: return read_expr(w, r, X_AVG, VAL_MONEY, ".avg(amount)", out);
    case 4: sw_buf_cstr(out, hh_names[HH_MONEY]); return new_expr(w, X_HH, VAL_MONEY);
    case 5: sw_buf_cstr(out, p_names[P_MONEY]); return new_expr(w, X_PARAM, VAL_MONEY);
    case 6: return binary(w, r, new_expr(w, X_ADD, VAL_MONEY), VAL_MONEY, "+", out);
    case 7: return binary(w, r, new_expr(w, X_SUB, VAL_MONEY), VAL_MONEY, "-", out);
    case 8:
        e = new_expr(w, X_TIMES, VAL_MONEY);
        e->n = between(r, 1, 5);
        sw_buf_char(out, '(');
        e->arg[0] = random_expr(w, r, VAL_MONEY, out);
        put(out, " * %)", e->n, 0);
        return e;
    case 9: return conditional(w, r, VAL_MONEY, out);
    default: return or_value(w, r, VAL_MONEY, out);
    }
}

static const struct expr *random_expr(struct world *w, struct tap_random *r, enum val_kind type,
                                      struct sw_buf *out)
{
    struct expr *e;

    w->depth++;
    e = type == VAL_BOOL  ? random_bool(w, r, out)
        : type == VAL_INT ? random_int(w, r, out)
                          : random_money(w, r, out);
    w->depth--;
    return e;
}

static const struct expr *expr_random(struct world *w, struct tap_random *r, struct sw_buf *out)
{
    return random_expr(w, r, one_in(r, 4) ? VAL_INT : one_in(r, 5) ? VAL_MONEY : VAL_BOOL, out);
}

/* ---- the oracle ------------------------------------------------------------------------------ */

static struct val oracle(const struct world *w, const struct expr *e, sw_day today);

static bool is_trouble(struct val v)
{
    return v.kind == VAL_UNKNOWN || v.kind == VAL_ERROR;
}

static struct val worse(struct val a, struct val b)
{
    if (a.kind == VAL_UNKNOWN || (is_trouble(a) && b.kind != VAL_UNKNOWN))
        return a;
    return b;
}

static bool related(int op, int64_t a, int64_t b)
{
    switch (op) {
    case 0: return a < b;
    case 1: return a <= b;
    case 2: return a > b;
    case 3: return a >= b;
    case 4: return a == b;
    default: return a != b;
    }
}

static struct val logic(const struct world *w, const struct expr *e, sw_day today)
{
    struct val a = oracle(w, e->arg[0], today);
    struct val b = oracle(w, e->arg[1], today);
    int64_t deciding = e->kind == X_OR;

    if ((a.kind == VAL_BOOL && a.i == deciding) || (b.kind == VAL_BOOL && b.i == deciding))
        return val(VAL_BOOL, deciding);
    if (is_trouble(a) || is_trouble(b))
        return worse(a, b);
    return val(VAL_BOOL, !deciding);
}

static struct val arithmetic(const struct expr *e, struct val a, struct val b)
{
    if (is_trouble(a) || is_trouble(b))
        return worse(a, b);
    switch ((int)e->kind) {
    case X_COMPARE: return val(VAL_BOOL, related(e->op, a.i, b.i));
    case X_ADD: return val(a.kind, a.i + b.i);
    case X_SUB: return val(a.kind, a.i - b.i);
    case X_LEAST: return val(VAL_INT, a.i < b.i ? a.i : b.i);
    default: return b.i == 0 ? val(VAL_ERROR, 0) : val(VAL_INT, a.i / b.i);
    }
}

static int field_of(const struct expr *e)
{
    return e->type == VAL_MONEY ? F_AMOUNT : F_N;
}

/* Half away from zero. */
static int64_t rounded(int64_t sum, int64_t n)
{
    int64_t twice = 2 * (sum < 0 ? -sum : sum);
    int64_t q = (twice + n) / (2 * n);

    return sum < 0 ? -q : q;
}

/* A field of the last event, or how long ago it was. */
static struct val latest(const struct world *w, const struct expr *e, sw_day today)
{
    struct val last = val(VAL_UNKNOWN, 0);

    for (int i = 0; i < w->n_events; i++) {
        int c = counts(w, &e->read, &w->event[i], today);

        if (c == 0)
            continue;
        if (e->kind == X_DAYS_SINCE)
            last = val(VAL_INT, today - w->event[i].day);
        else
            last = w->event[i].field[field_of(e)];
        if (c < 0)
            last = val(VAL_UNKNOWN, 0);
    }
    return last;
}

static struct val distinct(const struct world *w, const struct expr *e, sw_day today)
{
    bool seen[8] = {false};
    bool any = false;
    int64_t n = 0;

    for (int i = 0; i < w->n_events; i++) {
        int c = counts(w, &e->read, &w->event[i], today);
        struct val person = w->event[i].field[F_PERSON];

        if (c == 0)
            continue;
        if (c < 0 || person.kind == VAL_UNKNOWN)
            return val(VAL_UNKNOWN, 0);
        any = true;
        n += !seen[person.i];
        seen[person.i] = true;
    }
    return !any && e->read.stream == 2 ? val(VAL_UNKNOWN, 0) : val(VAL_INT, n);
}

static struct val fold_events(const struct world *w, const struct expr *e, sw_day today)
{
    int64_t n = 0;
    int64_t sum = 0;
    int64_t best = INT64_MIN;
    int64_t least = INT64_MAX;
    bool doubt = false;

    for (int i = 0; i < w->n_events; i++) {
        int c = counts(w, &e->read, &w->event[i], today);
        struct val v = w->event[i].field[field_of(e)];
        bool needs = e->kind != X_COUNT && e->kind != X_EXISTS;

        if (c == 0)
            continue;
        if (c < 0 || (needs && v.kind == VAL_UNKNOWN)) {
            doubt = true;
            continue;
        }
        n++;
        sum += v.i;
        best = v.i > best ? v.i : best;
        least = v.i < least ? v.i : least;
    }
    if (e->kind == X_EXISTS && n > 0)
        return val(VAL_BOOL, 1);
    if (doubt || (n == 0 && (e->read.stream == 2 || e->kind == X_MAX || e->kind == X_MIN ||
                             e->kind == X_AVG)))
        return val(VAL_UNKNOWN, 0);
    switch ((int)e->kind) {
    case X_EXISTS: return val(VAL_BOOL, 0);
    case X_COUNT: return val(VAL_INT, n);
    case X_SUM: return val(e->type, sum);
    case X_MAX: return val(e->type, best);
    case X_MIN: return val(e->type, least);
    default: return val(VAL_MONEY, rounded(sum, n));
    }
}

/* The group an event is in: a person, or how many months ago less one; -1: none of them. */
static int64_t group_number(const struct expr *e, const struct event *event, sw_day today)
{
    struct sw_civil then = sw_civil_of(event->day);
    struct sw_civil now = sw_civil_of(today);
    int months = (now.year - then.year) * 12 + now.month - then.month - 1;

    if (e->read.months == 0)
        return event->field[F_PERSON].i;
    return months >= 0 && months < e->read.months ? months : -1;
}

struct group_sum {
    int64_t sum, n;
    bool doubt, exists, certain;
};

static struct val judge_group(const struct expr *e, const struct group_sum *g)
{
    bool partial = e->read.stream == 2;

    if (g->doubt || (g->n == 0 && partial))
        return val(VAL_UNKNOWN, 0);
    return val(VAL_BOOL, related(e->op, g->sum, e->n * 100));
}

static struct val groups(const struct world *w, const struct expr *e, sw_day today)
{
    struct group_sum g[8] = {{.exists = false}};
    int64_t n = 0;
    bool doubt = false;
    bool any = false;

    for (int i = 0; i < e->read.months; i++)
        g[i].exists = true;
    for (int i = 0; i < w->n_events; i++) {
        const struct event *event = &w->event[i];
        int c = counts(w, &e->read, event, today);
        int64_t number;

        if (c == 0)
            continue;
        if (e->read.months == 0 && event->field[F_PERSON].kind == VAL_UNKNOWN)
            return val(VAL_UNKNOWN, 0);
        number = group_number(e, event, today);
        if (number < 0)
            continue;
        g[number].exists = true;
        if (c < 0 || event->field[F_AMOUNT].kind == VAL_UNKNOWN) {
            g[number].doubt = true;
        } else {
            g[number].n++;
            g[number].sum += event->field[F_AMOUNT].i;
        }
    }
    for (int i = 0; i < 8; i++) {
        struct val v = judge_group(e, &g[i]);

        if (!g[i].exists)
            continue;
        any = true;
        if (v.kind == VAL_UNKNOWN)
            doubt = true;
        else
            n += v.i;
    }
    if (e->kind == X_GROUPS_EXIST && n > 0)
        return val(VAL_BOOL, 1);
    if (doubt || (!any && e->read.stream == 2))
        return val(VAL_UNKNOWN, 0);
    return e->kind == X_COUNT_IF ? val(VAL_INT, n) : val(VAL_BOOL, 0);
}

static struct val variable(const struct world *w, const struct expr *e, sw_day today)
{
    if (e->kind == X_FIRED)
        return world_at(&w->fired, today);
    if (e->kind == X_PARAM)
        return world_at(&w->p[e->type == VAL_MONEY ? P_MONEY : P_INT], today);
    return world_at(&w->hh[e->type == VAL_MONEY  ? HH_MONEY
                           : e->type == VAL_BOOL ? HH_BOOL
                                                 : HH_INT],
                    today);
}

static struct val days_passed(const struct world *w, const struct expr *e, sw_day today)
{
    struct val since = world_at(&w->hh[HH_SINCE], today);

    return since.kind == VAL_UNKNOWN ? since : val(VAL_BOOL, related(e->op, today - since.i, e->n));
}

static struct val chosen(const struct world *w, const struct expr *e, sw_day today)
{
    struct val c = oracle(w, e->arg[0], today);

    if (e->kind == X_OR_VALUE)
        return c.kind == VAL_UNKNOWN ? oracle(w, e->arg[1], today) : c;
    if (is_trouble(c))
        return c;
    return oracle(w, e->arg[c.i != 0 ? 1 : 2], today);
}

static struct val oracle(const struct world *w, const struct expr *e, sw_day today)
{
    struct val v;

    switch (e->kind) {
    case X_AND:
    case X_OR: return logic(w, e, today);
    case X_NOT: v = oracle(w, e->arg[0], today); return is_trouble(v) ? v : val(VAL_BOOL, !v.i);
    case X_KNOWN:
        v = oracle(w, e->arg[0], today);
        return v.kind == VAL_ERROR ? v : val(VAL_BOOL, v.kind != VAL_UNKNOWN);
    case X_TIMES:
        v = oracle(w, e->arg[0], today);
        return is_trouble(v) ? v : val(VAL_MONEY, v.i * e->n);
    case X_COND:
    case X_OR_VALUE: return chosen(w, e, today);
    case X_FIRED:
    case X_HH:
    case X_PARAM: return variable(w, e, today);
    case X_LITERAL: return val(VAL_INT, e->n);
    case X_MONTH: return val(VAL_INT, sw_civil_of(today).month - 1);
    case X_DIV: return arithmetic(e, oracle(w, e->arg[0], today), world_at(&w->hh[HH_ZERO], today));
    case X_DAYS_PASSED: return days_passed(w, e, today);
    case X_LATEST:
    case X_DAYS_SINCE: return latest(w, e, today);
    case X_DISTINCT: return distinct(w, e, today);
    case X_GROUPS_EXIST:
    case X_COUNT_IF: return groups(w, e, today);
    case X_COMPARE:
    case X_ADD:
    case X_SUB:
    case X_LEAST: return arithmetic(e, oracle(w, e->arg[0], today), oracle(w, e->arg[1], today));
    case X_COUNT:
    case X_SUM:
    case X_MAX:
    case X_MIN:
    case X_AVG:
    case X_EXISTS: return fold_events(w, e, today);
    }
    return val(VAL_ERROR, 0);
}

#endif
