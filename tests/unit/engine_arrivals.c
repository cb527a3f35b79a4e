/* Any order of arrivals comes to the same: random counties are told to the real engine in order and
 * shuffled - late, repeated, taken back before or after, corrected, in batches, with days passing
 * between - and on the last day
 *
 *   - each rule's condition and score, read anew, and the hits and points the engine has kept up
 *     all the while, are what a naive oracle makes of the events that survive (lang_oracle.h);
 *   - every history has the same bytes in both orders;
 *   - saving and loading the state somewhere on the way has changed nothing.
 *
 * In most counties one stream replaces: its rows say when they were stated, some as rows of lists
 * that are closed, before or after their rows, whole or not.
 *
 * Rules are random expressions over the whole stream vocabulary. What a rule remembers on purpose
 * of the days on which things became known is left out, since it has to depend on them: `for`,
 * `keep`, `clear`, a level's `hold`, when a hit began; and a condition that is unknown says false
 * here (`unknown: false`), for otherwise the verdict of the day before stays. Facts of one moment
 * keep the order in which they came, so each has a moment of its own. */
#include "../tap.h"

static bool forgets_drops;

/* This program's own copy of read.c can be told to forget the days on which events drop out. */
#define SW_DROPS_OUT_ON(day) (forgets_drops ? 0 : (day))
#include "../../daemon/lang/read.c"

#pragma GCC diagnostic ignored "-Wunused-function" /* worlds of other tests begin otherwise */
#include "engine/parts.h"
#include "lang_oracle.h"
#include "ruleset_help.h"
#include "snapshot_help.h"

enum {
    COUNTIES = 170,
    FAULTY = 60, /* counties with a planted fault */
    HOUSEHOLDS = 7,
    RULES = 8, /* and "other", which they ask about */
    STORIES_MAX = 200,
    AGO = 150,  /* days before the first that events may lie */
    SPAN = 220, /* days in which things happen and arrive */
    LISTS = 6,  /* a department draws up */
    CLOSED = 8, /* at most so many are closed */
    STILL = 90  /* at most so many days more, in which time alone passes */
};

/* One thing that is told: an event, its taking back, or a fact. */
struct told {
    int household; /* -1: over the village */
    int stream;    /* -1: a fact; -2: a list of the stream that replaces was closed */
    sw_day day;
    struct val field[FIELDS];
    bool has_data;
    int reverses; /* which, -1: none */
    int fact;
    struct val value;
    sw_time stated; /* recordedtime, 0: not said */
    int rows;       /* of a list */
};

/* When it comes. */
struct arrival {
    sw_day day;
    uint64_t place; /* among those of the day */
    int what;
};

struct rule {
    const struct expr *when, *score;
    struct sw_buf text; /* of both, for telling what went wrong */
};

struct county {
    struct world makes;             /* of the expressions; nothing happens in it */
    struct world shared;            /* what every household's world has in common */
    struct world world[HOUSEHOLDS]; /* what survives, for the oracle */
    struct told told[STORIES_MAX];  /* each has a minute of its own */
    struct arrival arrival[STORIES_MAX * 2];
    struct rule rule[RULES + 1]; /* [0]: other */
    struct sw_ruleset *rules;
    sw_day first, end, last; /* things arrive up to `end` */
    bool over_village;       /* the third stream is */
    int replacing;           /* the stream that replaces, -1: none */
    const char *within;      /* its `replaces:` */
    bool by_kind;            /* … and `key:` */
    int n_told, n_arrivals;
};

/* What gets lost on the way, for the test to notice. */
enum fault { NO_FAULT, LOSES_EARLY_REVERSALS, LOSES_STATED };

struct run {
    struct sw_engine *e;
    struct sw_effects fx;
    const struct county *c;
    int64_t seq;
    sw_time now;
    int refused, repeats;
    size_t slept; /* arrivals on days on which some rule slept (awake.c) */
    enum fault loses;
};

/* ---- rules ----------------------------------------------------------------------------------- */

static void put_rule(struct county *c, struct tap_random *r, int number, struct sw_buf *out)
{
    struct rule *rule = &c->rule[number];
    struct sw_buf when = {0};
    struct sw_buf score = {0};

    do { /* the other rule cannot ask about itself */
        sw_buf_clear(&when);
        rule->when = random_expr(&c->makes, r, VAL_BOOL, &when);
    } while (number == 0 && strstr(when.p, "fired(") != NULL);
    do {
        sw_buf_clear(&score);
        rule->score = random_expr(&c->makes, r, one_in(r, 2) ? VAL_INT : VAL_MONEY, &score);
    } while (number == 0 && strstr(score.p, "fired(") != NULL);
    sw_buf_printf(&rule->text, "when: %s; score: %s", when.p, score.p);
    if (number == 0)
        sw_buf_cstr(out, "  - rule: other\n");
    else
        sw_buf_printf(out, "  - rule: r%d\n", number);
    sw_buf_printf(out,
                  "    label: x\n    category: all\n    unknown: false\n    when: '%s'\n"
                  "    score: '%s'\n    message: x\n",
                  when.p, score.p);
    sw_buf_free(&when);
    sw_buf_free(&score);
}

static void put_stream(const struct county *c, int stream, struct sw_buf *out)
{
    sw_buf_printf(out, "  %s: {label: x, feed: %s,%s%s", stream_names[stream],
                  stream == c->replacing ? "lists" : "others",
                  stream == c->replacing ? " replaces: " : "",
                  stream == c->replacing ? c->within : "");
    sw_buf_cstr(out, stream != c->replacing ? "" : c->by_kind ? ", key: [kind]," : ",");
    sw_buf_printf(out,
                  "%s%s fields: {person: {type: person, optional: true}, "
                  "kind: {type: enum(colour), optional: true}, amount: {type: money, optional: "
                  "true}, n: {type: int, optional: true}}}\n",
                  stream == 2 ? " coverage: partial," : "",
                  stream == 2 && c->over_village ? " scope: area," : "");
}

static void put_number(struct sw_buf *out, enum sw_kind kind, int64_t i)
{
    if (kind == SW_KMONEY)
        sw_buf_printf(out, "%s%lld.%02lld", i < 0 ? "-" : "", (long long)(llabs(i) / 100),
                      (long long)(llabs(i) % 100));
    else
        sw_buf_printf(out, "%lld", (long long)i);
}

static void put_param(const struct county *c, int number, struct sw_buf *out)
{
    static const char *const units[] = {" unit: 元,", " unit: 天,", ""};
    const struct dated *d = &c->shared.p[number];
    char date[SW_DATE_SIZE];

    sw_buf_printf(out,
                  "%s: {label: x,%s min: -1000, max: 100000, values: [{from: "
                  "2000-01-01, value: ",
                  p_names[number] + 2, units[number]);
    put_number(out, p_kinds[number], d->before.i);
    if (d->after.i != d->before.i) {
        sw_buf_printf(out, "}, {from: %s, value: ", sw_date_format(d->from, date));
        put_number(out, p_kinds[number], d->after.i);
    }
    sw_buf_cstr(out, "}]}\n");
}

static void make_rules(struct county *c, struct tap_random *r)
{
    struct sw_buf schema = {0};
    struct sw_buf params = {0};
    struct sw_buf rules = {0};
    struct sw_diag diag = {0};

    sw_buf_cstr(&schema, "schema: 1\ntimezone: Asia/Shanghai\n"
                         "enums: {colour: {red: 红, green: 绿, blue: 蓝}}\n"
                         "household:\n  money: {type: money, optional: true, label: x}\n"
                         "  n: {type: int, optional: true, label: x}\n"
                         "  flag: {type: bool, optional: true, label: x}\n"
                         "  since: {type: date, optional: true, label: x}\n"
                         "  zero: {type: int, optional: true, label: x}\n"
                         "periods: {season: 03-01}\nevents:\n");
    for (int i = 0; i < STREAMS; i++)
        put_stream(c, i, &schema);
    sw_buf_cstr(&params, "params: 1\n");
    for (int i = 0; i < PARAMS; i++)
        put_param(c, i, &params);
    sw_buf_cstr(&rules, "categories: {all: {label: x, cap: 1000}}\n"
                        "levels: {yellow: {label: x, enter: 900, leave: 900}}\nrules:\n");
    for (int i = 0; i <= RULES; i++)
        put_rule(c, r, i, &rules);

    const struct rule_file files[] = {{"schema.yaml", sw_buf_view(&schema)},
                                      {"params.yaml", sw_buf_view(&params)},
                                      {"rules.yaml", sw_buf_view(&rules)}};

    c->rules = build_rules(files, SW_COUNTOF(files), &diag);
    if (c->rules == NULL) {
        sw_diag_print(&diag, stdout);
        note("%s", rules.p);
        exit(1);
    }
    sw_diag_free(&diag);
    sw_buf_free(&schema);
    sw_buf_free(&params);
    sw_buf_free(&rules);
}

/* ---- what happens ---------------------------------------------------------------------------- */

/* Noon of the day on which the department draws up one of its lists. */
static sw_time list_time(const struct county *c, uint32_t list)
{
    return sw_zone_midnight(c->rules->schema->zone, c->first + (sw_day)list * SPAN / LISTS) +
           43200 * SW_SECOND;
}

static void make_event(struct county *c, struct tap_random *r, struct told *t)
{
    t->stream = (int)tap_below(r, STREAMS);
    if (one_in(r, 4))
        t->stream = c->replacing < 0 ? t->stream : c->replacing;
    if (t->stream == c->replacing && !one_in(r, 4))
        t->stated = list_time(c, tap_below(r, LISTS)) + (one_in(r, 4) ? 7 * SW_SECOND : 0);
    if (t->stream == 2 && c->over_village)
        t->household = -1;
    t->has_data = true;
    for (int k = 0; k < FIELDS; k++)
        t->field[k] = random_field(r, k);
    if (t->stream == c->replacing && !one_in(r, 3)) /* mostly about few things */
        t->field[F_PERSON] = t->field[F_KIND] = val(VAL_INT, 0);
    if (t->household < 0)
        t->field[F_PERSON] = val(VAL_UNKNOWN, 0);
}

/* Takes back an event told before it, if there is one of its household. */
static void make_reversal(struct county *c, struct tap_random *r, struct told *t)
{
    int other = (int)tap_below(r, (uint32_t)c->n_told + 1);

    if (other == c->n_told || c->told[other].stream < 0)
        return;
    t->reverses = other;
    t->household = c->told[other].household;
    t->stream = c->told[other].stream;
    if (t->household < 0)
        t->field[F_PERSON] = val(VAL_UNKNOWN, 0);
    t->has_data = one_in(r, 2);
}

static void make_fact(struct tap_random *r, const struct county *c, struct told *t)
{
    t->stream = -1;
    t->fact = (int)tap_below(r, HH);
    switch (t->fact) {
    case HH_MONEY: t->value = val(VAL_MONEY, between(r, 0, 100) * 1000); break;
    case HH_INT: t->value = val(VAL_INT, between(r, 0, 6)); break;
    case HH_BOOL: t->value = val(VAL_BOOL, between(r, 0, 1)); break;
    case HH_SINCE: t->value = val(VAL_INT, c->last - between(r, 0, 200)); break;
    default: t->value = val(VAL_INT, between(r, 1, 2)); break; /* an error would keep its verdict */
    }
}

static sw_day began(const struct county *c, sw_day day);
static sw_time stated_of(const struct county *c, const struct told *t);

static bool is_row_of(const struct county *c, const struct told *row, const struct told *list)
{
    return row->stream == c->replacing && row->has_data &&
           stated_of(c, row) == stated_of(c, list) && began(c, row->day) == began(c, list->day);
}

/* Closes the list of some row, mostly with as many rows as it has. */
static void make_list(struct county *c, struct tap_random *r)
{
    struct told *t = &c->told[c->n_told];
    const struct told *row = &c->told[tap_below(r, (uint32_t)c->n_told)];

    if (row->stream != c->replacing || row->stated == 0)
        return;
    *t = (struct told){
        .household = -1, .stream = -2, .reverses = -1, .day = row->day, .stated = row->stated};
    for (int i = 0; i < c->n_told; i++)
        t->rows += is_row_of(c, &c->told[i], t);
    t->rows = one_in(r, 4) ? (int)tap_below(r, (uint32_t)t->rows + 2) : t->rows;
    c->n_told++;
}

static void make_told(struct county *c, struct tap_random *r)
{
    int n = 40 + (int)tap_below(r, 100);

    for (c->n_told = 0; c->n_told < n; c->n_told++) {
        struct told *t = &c->told[c->n_told];

        *t = (struct told){.household = (int)tap_below(r, HOUSEHOLDS), .reverses = -1};
        t->day = c->first + (sw_day)between(r, one_in(r, 4) ? -AGO : 0, SPAN);
        if (one_in(r, 5)) {
            make_fact(r, c, t);
            continue;
        }
        make_event(c, r, t);
        if (one_in(r, 4))
            make_reversal(c, r, t);
    }
    for (int i = one_in(r, 2) ? CLOSED * 3 : 0;
         i < CLOSED * 3 && c->replacing >= 0 && c->n_told < n + CLOSED; i++)
        make_list(c, r);
}

/* ---- what survives --------------------------------------------------------------------------- */

static bool is_dead(const struct county *c, int i)
{
    bool dead = !c->told[i].has_data;

    for (int k = 0; k < c->n_told; k++)
        dead |= c->told[k].reverses == i;
    return dead;
}

/* First day of the period in which rows replace one another. */
static sw_day began(const struct county *c, sw_day day)
{
    struct sw_civil date = sw_civil_of(day);

    switch (c->within[0]) {
    case 'y': return sw_day_of(date.year, 1, 1);
    case 'm': return sw_day_of(date.year, date.month, 1);
    case 'd': return day;
    case 's': return sw_day_of(date.month < 3 ? date.year - 1 : date.year, 3, 1);
    default: return 0;
    }
}

static sw_time time_of(const struct county *c, const struct told *t)
{
    return sw_zone_midnight(c->rules->schema->zone, t->day) + (t - c->told) * 60 * SW_SECOND;
}

static sw_time stated_of(const struct county *c, const struct told *t)
{
    return t->stated != 0 ? t->stated : time_of(c, t);
}

static bool same_val(struct val a, struct val b)
{
    return a.kind == b.kind && (a.kind == VAL_UNKNOWN || a.i == b.i);
}

static bool same_thing(const struct county *c, const struct told *a, const struct told *b)
{
    return a->stream == b->stream && a->has_data && b->has_data && a->household == b->household &&
           began(c, a->day) == began(c, b->day) &&
           same_val(a->field[F_PERSON], b->field[F_PERSON]) &&
           (!c->by_kind || same_val(a->field[F_KIND], b->field[F_KIND]));
}

/* When the newest whole list of the row's period was drawn up; 0: there is none. */
static sw_time listed_since(const struct county *c, const struct told *row)
{
    sw_time newest = 0;

    for (int i = 0; i < c->n_told; i++) {
        const struct told *list = &c->told[i];
        int rows = 0;

        if (list->stream != -2 || began(c, list->day) != began(c, row->day))
            continue;
        for (int k = 0; k < c->n_told; k++)
            rows += is_row_of(c, &c->told[k], list);
        if (rows >= list->rows && list->stated > newest)
            newest = list->stated;
    }
    return newest;
}

/* No newer statement about the same thing, and no newer list without it. */
static bool stands(const struct county *c, int i)
{
    const struct told *t = &c->told[i];
    bool listed = false;

    if (t->stream != c->replacing)
        return true;
    for (int k = 0; k < c->n_told; k++) {
        const struct told *o = &c->told[k];
        sw_time x = stated_of(c, o);
        sw_time y = stated_of(c, t);

        if (!same_thing(c, t, o))
            continue;
        listed |= x >= listed_since(c, t);
        if (!is_dead(c, k) && (x != y ? x > y : time_of(c, o) > time_of(c, t)))
            return false;
    }
    return listed;
}

static void add_event(struct world *w, const struct told *t)
{
    int at = w->n_events++;

    SW_ASSERT(w->n_events <= EVENTS_MAX);
    for (; at > 0 && w->event[at - 1].day > t->day; at--)
        w->event[at] = w->event[at - 1];
    w->event[at] = (struct event){.stream = t->stream, .day = t->day};
    memcpy(w->event[at].field, t->field, sizeof(t->field));
}

/* False: more events than the oracle has room for. */
static bool make_world(struct county *c, int household)
{
    struct world *w = &c->world[household];
    sw_day told[HH] = {0};

    *w = c->shared;
    for (int i = 0; i < c->n_told; i++) {
        const struct told *t = &c->told[i];

        if (t->household != household && t->household >= 0)
            continue;
        if (t->stream == -2)
            continue;
        if (t->stream < 0) {
            /* Later days win; of one day the later minute, which is the later number. */
            if (t->day >= told[t->fact]) {
                told[t->fact] = t->day;
                w->hh[t->fact] = (struct dated){t->value, t->value, 0};
            }
        } else if (!is_dead(c, i) && stands(c, i)) {
            if (w->n_events == EVENTS_MAX)
                return false;
            add_event(w, t);
        }
    }
    return true;
}

/* ---- telling it ------------------------------------------------------------------------------ */

static void apply(struct run *r, enum sw_input_kind kind, struct sw_str body)
{
    struct sw_input in = {++r->seq, ++r->now, kind, body};
    enum sw_refusal why;
    struct sw_err err = {.code = SW_OK};
    enum sw_verdict v = sw_engine_apply(r->e, &in, &r->fx, &why, &err);

    if (v == SW_VERDICT_REJECTED && r->refused++ < 3)
        note("%s: %.*s", err.text, SW_STR_ARG(body));
    r->repeats += v == SW_VERDICT_DUPLICATE;
    sw_effects_reset(&r->fx);
}

static void tick(struct run *r, sw_day day)
{
    char date[SW_DATE_SIZE];
    sw_time noon = sw_zone_midnight(r->c->rules->schema->zone, day) + 43200 * SW_SECOND;

    r->now = noon > r->now ? noon : r->now;
    apply(r, SW_IN_TICK, sw_str(sw_date_format(day, date)));
}

/* Every due day up to `day`, then the day itself until nothing is due any more. */
static void pass_to(struct run *r, sw_day day)
{
    while (sw_engine_due(r->e) <= day)
        tick(r, sw_engine_due(r->e) > r->e->today ? sw_engine_due(r->e) : r->e->today);
    if (r->e->today != day)
        tick(r, day);
}

static void begin(struct sw_jw *w, const char *type, const char *subject, const char *id,
                  const char *time)
{
    sw_jw_object(w);
    sw_jw_member(w, "specversion", SW_STR("1.0"));
    sw_jw_member(w, "source", SW_STR("t"));
    sw_jw_member(w, "type", sw_str(type));
    sw_jw_member(w, "subject", sw_str(subject));
    sw_jw_member(w, "id", sw_str(id));
    sw_jw_member(w, "time", sw_str(time));
}

static void put_value(struct sw_jw *w, const char *name, enum sw_kind kind, struct val v,
                      int household)
{
    struct sw_buf text = {0};
    char date[SW_DATE_SIZE];

    if (v.kind == VAL_UNKNOWN)
        return;
    sw_jw_key(w, name);
    switch ((int)kind) {
    case SW_KBOOL: sw_jw_bool(w, v.i != 0); break;
    case SW_KENUM: sw_jw_str(w, sw_str(kind_names[v.i])); break;
    case SW_KDATE: sw_jw_str(w, sw_str(sw_date_format((sw_day)v.i, date))); break;
    case SW_KPERSON:
        sw_buf_printf(&text, "P%d-%lld", household, (long long)v.i);
        sw_jw_str(w, sw_buf_view(&text));
        break;
    default: put_number(&text, kind, v.i); sw_jw_raw(w, sw_buf_view(&text));
    }
    sw_buf_free(&text);
}

static void put_recorded(const struct run *r, struct sw_jw *w, const struct told *t)
{
    char text[SW_RFC3339_SIZE];

    if (t->stated != 0 && r->loses != LOSES_STATED)
        sw_jw_member(w, "recordedtime", sw_str(sw_rfc3339_format(t->stated, 28800, text)));
}

static void close_list(struct run *r, const struct told *t, const char *id, const char *time)
{
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};

    begin(&w, SW_BATCH_CLOSED, "feed/lists", id, time);
    put_recorded(r, &w, t);
    sw_jw_key(&w, "data");
    sw_jw_object(&w);
    sw_jw_member_int(&w, "rows", t->rows);
    sw_jw_member(&w, "list", sw_str(stream_names[r->c->replacing]));
    sw_jw_end(&w);
    sw_jw_end(&w);
    apply(r, SW_IN_EVENT, sw_buf_view(&out));
    sw_buf_free(&out);
}

static void tell(struct run *r, int number)
{
    static const char *const field_names[] = {"person", "kind", "amount", "n"};
    const struct told *t = &r->c->told[number];
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    char subject[32] = "area/V";
    char id[32];
    char date[SW_DATE_SIZE];
    char time[40];

    if (t->household >= 0)
        snprintf(subject, sizeof(subject), "household/H%d", t->household);
    snprintf(id, sizeof(id), "e%d", number);
    snprintf(time, sizeof(time), "%sT%02d:%02d:00+08:00", sw_date_format(t->day, date), number / 60,
             number % 60);
    if (t->stream == -2) {
        close_list(r, t, id, time);
        return;
    }
    begin(&w, t->stream < 0 ? "registry.household" : stream_names[t->stream], subject, id, time);
    put_recorded(r, &w, t);
    if (t->reverses >= 0) {
        snprintf(id, sizeof(id), "e%d", t->reverses);
        sw_jw_member(&w, "reverses", sw_str(id));
    }
    if (t->stream < 0 || t->has_data) {
        sw_jw_key(&w, "data");
        sw_jw_object(&w);
        if (t->stream < 0)
            put_value(&w, hh_names[t->fact] + 3, hh_kinds[t->fact], t->value, t->household);
        for (int k = 0; t->stream >= 0 && k < FIELDS; k++)
            put_value(&w, field_names[k], field_kinds[k], t->field[k], t->household);
        sw_jw_end(&w);
    }
    sw_jw_end(&w);
    apply(r, SW_IN_EVENT, sw_buf_view(&out));
    sw_buf_free(&out);
}

static void register_thing(struct run *r, const char *type, const char *subject, const char *key,
                           const char *value)
{
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};

    begin(&w, type, subject, subject, "2020-01-01T00:00:00+08:00");
    sw_jw_key(&w, "data");
    sw_jw_object(&w);
    sw_jw_member(&w, key, sw_str(value));
    sw_jw_end(&w);
    sw_jw_end(&w);
    apply(r, SW_IN_EVENT, sw_buf_view(&out));
    sw_buf_free(&out);
}

static void open_run(struct run *r, const struct county *c)
{
    *r = (struct run){.c = c};
    r->e = sw_engine_new((struct sw_hash_key){3, 4}, sw_ruleset_ref(c->rules));
    tick(r, c->first - 1);
    register_thing(r, "registry.area", "area/V", "name", "石桥村");
    for (int h = 0; h < HOUSEHOLDS; h++) {
        char subject[32];
        char household[16];

        snprintf(subject, sizeof(subject), "household/H%d", h);
        snprintf(household, sizeof(household), "H%d", h);
        register_thing(r, "registry.household", subject, "area", "V");
        for (int p = 0; p < 3; p++) {
            snprintf(subject, sizeof(subject), "person/P%d-%d", h, p);
            register_thing(r, "registry.person", subject, "household", household);
        }
    }
}

static void close_run(struct run *r)
{
    sw_engine_free(r->e);
    sw_effects_free(&r->fx);
}

/* ---- orders of arrival ----------------------------------------------------------------------- */

static int by_arrival(const void *a, const void *b)
{
    const struct arrival *x = a;
    const struct arrival *y = b;

    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static sw_day not_after(sw_day day, sw_day last)
{
    return day < last ? day : last;
}

/* Everything on its day, in order. */
static void arrive_in_order(struct county *c)
{
    c->n_arrivals = c->n_told;
    for (int i = 0; i < c->n_told; i++) {
        sw_day day = c->told[i].day > c->first ? c->told[i].day : c->first;
        sw_day stated = sw_zone_day(c->rules->schema->zone, c->told[i].stated);

        c->arrival[i] = (struct arrival){day > stated ? day : stated, (uint64_t)i, i};
    }
    qsort(c->arrival, (size_t)c->n_arrivals, sizeof(c->arrival[0]), by_arrival);
}

/* Most late by up to two months, half of them in batches of ten or sixty days; one in eight twice.
 */
static void arrive_shuffled(struct county *c, struct tap_random *r)
{
    sw_day batch = one_in(r, 2) ? 10 : 60;

    arrive_in_order(c);
    for (int i = 0; i < c->n_told; i++) {
        struct arrival *a = &c->arrival[i];

        a->day += one_in(r, 3) ? 0 : (sw_day)tap_below(r, 60);
        if (one_in(r, 2))
            a->day += batch - 1 - (a->day - c->first) % batch;
        a->day = not_after(a->day, c->end);
        a->place = tap_next(r);
        if (one_in(r, 8))
            c->arrival[c->n_arrivals++] = (struct arrival){
                not_after(a->day + (sw_day)tap_below(r, 30), c->end), tap_next(r), a->what};
    }
    qsort(c->arrival, (size_t)c->n_arrivals, sizeof(c->arrival[0]), by_arrival);
}

static bool is_early_reversal(const struct county *c, int arrival)
{
    int original = c->told[c->arrival[arrival].what].reverses;

    for (int i = 0; original >= 0 && i < arrival; i++) {
        if (c->arrival[i].what == original)
            return false;
    }
    return original >= 0;
}

/* ---- the state as bytes ---------------------------------------------------------------------- */

static void save_and_load(struct run *r)
{
    struct kept_snapshot b = {.at = 0};
    struct sw_err err = {.code = SW_OK};
    int64_t seq = 0;
    bool saved = sw_engine_save(r->e, r->seq, put_snapshot, &b);
    struct sw_engine *e = sw_engine_load((struct sw_hash_key){3, 4}, sw_ruleset_ref(r->c->rules),
                                         &seq, get_snapshot, &b, &err);

    if (!saved || e == NULL || seq != r->seq || sw_engine_digest(e) != sw_engine_digest(r->e)) {
        note("a saved state does not come back: %s", err.text);
        exit(1);
    }
    sw_engine_free(r->e);
    r->e = e;
    sw_buf_free(&b.text);
}

/* Everything as it arrives; the state is saved and loaded before arrival `saves` (-1: never). */
static void run(struct run *r, int saves)
{
    const struct county *c = r->c;

    for (int i = 0; i < c->n_arrivals; i++) {
        pass_to(r, c->arrival[i].day);
        if (i == saves)
            save_and_load(r);
        if (r->loses != LOSES_EARLY_REVERSALS || !is_early_reversal(c, i))
            tell(r, c->arrival[i].what);
        for (size_t w = 0; w < RULE_WORDS; w++)
            r->slept += r->e->base.asleep.word[w] != 0;
    }
    pass_to(r, c->last);
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* A score as the engine keeps it: yuan, or a plain number. */
static double points_of(struct val v)
{
    return v.kind == VAL_MONEY ? (double)v.i / 100 : (double)v.i;
}

static bool agrees(struct sw_value got, struct val want)
{
    switch (want.kind) {
    case VAL_UNKNOWN: return got.kind == SW_KUNKNOWN;
    case VAL_ERROR: return got.kind == SW_KERROR;
    case VAL_BOOL: return got.kind == SW_KBOOL && got.b == (want.i != 0);
    case VAL_INT:
    case VAL_MONEY: return got.kind == SW_KDOUBLE && got.d == points_of(want);
    }
    return false;
}

static const struct sw_hit *hit_of(const struct sw_engine *e, uint32_t household, uint32_t rule)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(e, household, &n);

    for (size_t i = 0; i < n; i++) {
        if (hits[i].rule == rule && sw_hit_counts(&hits[i]))
            return &hits[i];
    }
    return NULL;
}

/* What the engine says of one rule and one household: kept up, and read anew. */
static bool rule_agrees(const struct run *r, uint32_t household, uint32_t rule, struct sw_frame *f)
{
    const struct county *c = r->c;
    const struct world *w = &c->world[household];
    const struct sw_hit *hit = hit_of(r->e, household, rule);
    struct val when = oracle(w, c->rule[rule].when, c->last);
    struct val score = oracle(w, c->rule[rule].score, c->last);
    bool is_true = when.kind == VAL_BOOL && when.i != 0;
    bool kept = (hit != NULL) == is_true &&
                (hit == NULL || is_trouble(score) || hit->score == points_of(score));
    bool read = agrees(sw_eval(c->rules->rule[rule].when, f), when) &&
                agrees(sw_eval(c->rules->rule[rule].score, f), score);

    return kept && read;
}

static size_t count_wrong(const struct run *r, bool quiet)
{
    size_t wrong = 0;

    for (uint32_t h = 0; h < HOUSEHOLDS; h++) {
        struct sw_frame f;

        sw_frame_for(r->e, h, &f);
        for (uint32_t k = 0; k <= RULES; k++) {
            if (rule_agrees(r, h, k, &f))
                continue;
            if (wrong++ == 0 && !quiet)
                note("household %u, on %d: %s", h, r->c->last, r->c->rule[k].text.p);
        }
        sw_arena_reset(&r->e->arena);
    }
    return wrong;
}

static bool same_history(const struct sw_history *a, const struct sw_history *b)
{
    return sw_history_length(a) == sw_history_length(b) &&
           (sw_history_length(a) == 0 ||
            memcmp(sw_history_records(a), sw_history_records(b), sw_history_length(a)) == 0);
}

static bool same_histories(const struct sw_engine *a, const struct sw_engine *b)
{
    bool same = same_history(&a->registry.area[0].history, &b->registry.area[0].history) &&
                a->registry.rolls == b->registry.rolls &&
                (a->registry.rolls == 0 || memcmp(a->registry.roll, b->registry.roll,
                                                  a->registry.rolls * sizeof(struct sw_roll)) == 0);

    for (uint32_t h = 0; h < HOUSEHOLDS; h++)
        same &= same_history(&a->registry.household[h].history, &b->registry.household[h].history);
    return same;
}

/* ---- counties -------------------------------------------------------------------------------- */

static void make_county(struct county *c, struct tap_random *r)
{
    bool fits;

    static const char *const within[] = {"all", "year", "month", "day", "season"};

    *c = (struct county){.over_village = one_in(r, 2),
                         .replacing = (int)tap_below(r, STREAMS + 1) - 1,
                         .within = within[tap_below(r, SW_COUNTOF(within))],
                         .by_kind = one_in(r, 2)};
    c->first = sw_day_of(2023 + (int32_t)tap_below(r, 2), 1, 1) + (sw_day)tap_below(r, 300);
    c->end = c->first + SPAN;
    c->last = c->end + (sw_day)tap_below(r, STILL);
    c->shared.start = c->first;
    for (int i = 0; i < HH; i++)
        c->shared.hh[i] = (struct dated){val(VAL_UNKNOWN, 0), val(VAL_UNKNOWN, 0), 0};
    c->shared.p[P_MONEY] = random_dated(r, &c->shared, val(VAL_MONEY, between(r, 0, 100) * 1000),
                                        val(VAL_MONEY, between(r, 0, 100) * 1000));
    c->shared.p[P_DAYS] = random_dated(r, &c->shared, val(VAL_INT, between(r, 0, 80)),
                                       val(VAL_INT, between(r, 0, 80)));
    c->shared.p[P_INT] =
        random_dated(r, &c->shared, val(VAL_INT, between(r, 0, 4)), val(VAL_INT, between(r, 0, 4)));
    make_rules(c, r);
    do {
        make_told(c, r);
        fits = true;
        for (int h = 0; h < HOUSEHOLDS; h++)
            fits &= make_world(c, h);
    } while (!fits);
    for (int h = 0; h < HOUSEHOLDS; h++) {
        struct val other = oracle(&c->world[h], c->rule[0].when, c->last);
        struct val fired = val(VAL_BOOL, other.kind == VAL_BOOL && other.i != 0);

        c->world[h].fired = (struct dated){fired, fired, 0};
    }
}

static void free_county(struct county *c)
{
    for (int i = 0; i <= RULES; i++)
        sw_buf_free(&c->rule[i].text);
    sw_ruleset_free(c->rules);
    sw_arena_free(&c->makes.arena);
}

struct tally {
    size_t wrong;       /* verdicts unlike the oracle's */
    size_t other_bytes; /* counties whose histories depend on the order */
    size_t other_state; /* counties that a snapshot changed */
    size_t hits, repeats, early, slept, replaced, unlisted;
    int refused;
};

/* How many rows gave way to newer ones, and how many to lists that have them not. */
static void count_replaced(const struct county *c, struct tally *t)
{
    for (int i = 0; i < c->n_told; i++) {
        const struct told *row = &c->told[i];

        if (row->stream != c->replacing || row->stream < 0 || is_dead(c, i) || stands(c, i))
            continue;
        t->replaced++;
        t->unlisted += stated_of(c, row) < listed_since(c, row);
    }
}

static void run_county(struct tap_random *r, struct tally *t, bool quiet, enum fault fault)
{
    static struct county c;
    struct run ordered;
    struct run shuffled;
    struct run saved;

    make_county(&c, r);
    arrive_in_order(&c);
    open_run(&ordered, &c);
    run(&ordered, -1);
    t->wrong += count_wrong(&ordered, quiet || t->wrong > 3);
    arrive_shuffled(&c, r);
    open_run(&shuffled, &c);
    shuffled.loses = fault;
    run(&shuffled, -1);
    t->wrong += count_wrong(&shuffled, quiet || t->wrong > 3);
    open_run(&saved, &c);
    saved.loses = fault;
    run(&saved, (int)tap_below(r, (uint32_t)c.n_arrivals));
    t->other_bytes += !same_histories(ordered.e, shuffled.e);
    t->other_state += sw_engine_digest(shuffled.e) != sw_engine_digest(saved.e);
    t->refused += ordered.refused + shuffled.refused + saved.refused;
    t->repeats += (size_t)shuffled.repeats;
    t->slept += shuffled.slept;
    count_replaced(&c, t);
    for (int i = 0; i < c.n_arrivals; i++)
        t->early += is_early_reversal(&c, i);
    for (uint32_t h = 0; h < HOUSEHOLDS; h++) {
        for (uint32_t k = 0; k <= RULES; k++)
            t->hits += hit_of(shuffled.e, h, k) != NULL;
    }
    close_run(&ordered);
    close_run(&shuffled);
    close_run(&saved);
    free_county(&c);
}

int main(void)
{
    struct tap_random r = tap_seed();
    struct tally t = {0};
    struct tally faulty = {0};

    for (int i = 0; i < COUNTIES; i++)
        run_county(&r, &t, false, NO_FAULT);
    note("%d histories in %d counties, %zu hits, %zu repeats, %zu takings-back that came first, "
         "%zu arrivals while rules slept, %zu rows replaced, of which %zu by lists without them",
         COUNTIES * HOUSEHOLDS, COUNTIES, t.hits, t.repeats, t.early, t.slept, t.replaced,
         t.unlisted);
    is_int_named((int64_t)t.wrong, 0, "verdicts and points that are not the oracle's");
    is_int_named((int64_t)t.other_bytes, 0, "counties whose histories depend on the order");
    is_int_named((int64_t)t.other_state, 0, "counties that a saved and loaded state changed");
    is_int_named(t.refused, 0, "inputs that were refused");
    ok(t.hits > COUNTIES * HOUSEHOLDS && t.repeats > COUNTIES && t.early > COUNTIES &&
       t.slept > COUNTIES && t.replaced > COUNTIES && t.unlisted > COUNTIES / 2);
    forgets_drops = true;
    for (int i = 0; i < FAULTY; i++)
        run_county(&r, &faulty, true, NO_FAULT);
    note("reads that forget when events drop out: %zu wrong verdicts", faulty.wrong);
    ok_named(faulty.wrong > 0, "the test notices a fault in reading");
    forgets_drops = false;
    faulty = (struct tally){0};
    for (int i = 0; i < FAULTY; i++)
        run_county(&r, &faulty, true, LOSES_EARLY_REVERSALS);
    note("takings-back that come first get lost: %zu wrong verdicts, %zu counties with other bytes",
         faulty.wrong, faulty.other_bytes);
    ok_named(faulty.wrong > 0 && faulty.other_bytes > 0, "the test notices lost arrivals");
    faulty = (struct tally){0};
    for (int i = 0; i < FAULTY; i++)
        run_county(&r, &faulty, true, LOSES_STATED);
    note("what was stated when gets lost: %zu wrong verdicts", faulty.wrong);
    ok_named(faulty.wrong > 0, "the test notices statements out of their time");
    return done_testing();
}
