/* figures.c - a fold over the record: what happened to each case, then the cases added up. */
#include "query_parts.h"
#include <shouwang/base/date.h>
#include <shouwang/base/intern.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/store/figures.h>
#include <shouwang/store/record.h>
#include <stdlib.h>

enum { TOWN_DIGITS = 9, KEYS_MAX = 12 };

#define SAME_VISIT (3600 * SW_SECOND)

/* The last thing somebody said who was there: who, what and where the case stood then. */
struct last_visit {
    sw_time at; /* 0: nobody was */
    uint32_t by, state;
    size_t kind;
};

/* What the steps of one case came to. */
struct told {
    sw_time opened, answered, due; /* due: as it was when it was answered, 0: none */
    uint32_t key[KEYS_MAX];        /* rows it counts in; of more causes the rest are left out */
    uint8_t n_keys;
    bool counts, is_open, is_unowned, overdue, passed_up, verified, is_true;
    uint32_t visits, texts, undelivered;
    struct last_visit last;
};

struct counting {
    const struct sw_figures_filter *f;
    struct sw_intern keys, words; /* of rows; persons and states */
    struct sw_figures_row *row;   /* by key */
    size_t rows, row_cap;
    struct told *told; /* by number of the case */
    size_t cases, cap;
    struct sw_arena labels, arena; /* as long as all; one step */
};

static const char *const names[SW_FIGURES] = {
    [SW_FIGURE_OPENED] = "opened",       [SW_FIGURE_OPEN] = "open",
    [SW_FIGURE_ANSWERED] = "answered",   [SW_FIGURE_TIMED] = "timed",
    [SW_FIGURE_IN_TIME] = "in_time",     [SW_FIGURE_OVERDUE] = "overdue",
    [SW_FIGURE_VISITS] = "visits",       [SW_FIGURE_VERIFIED] = "verified",
    [SW_FIGURE_TRUE] = "true",           [SW_FIGURE_NOT_TRUE] = "not_true",
    [SW_FIGURE_PASSED_UP] = "passed_up", [SW_FIGURE_UNOWNED] = "unowned",
    [SW_FIGURE_TEXTS] = "texts",         [SW_FIGURE_UNDELIVERED] = "undelivered",
    [SW_FIGURE_MISSED] = "missed",
};

const char *sw_figure_name(enum sw_figure f)
{
    return names[f];
}

const char *sw_figures_by_name(enum sw_figures_by by)
{
    static const char *const by_names[SW_FIGURES_BYS] = {
        "all", "month", "level", "rule", "role", "town", "village",
    };

    return by_names[by];
}

/* ---- in which rows a case counts ----------------------------------------------------------- */

static uint32_t row_named(struct counting *c, struct sw_str key, struct sw_str label)
{
    uint32_t id = sw_intern_add(&c->keys, key);

    if (id == c->rows) {
        c->row = sw_grow(c->row, &c->row_cap, c->rows + 1, sizeof(*c->row));
        c->row[c->rows++] = (struct sw_figures_row){.label = sw_arena_str(&c->labels, label)};
    }
    return id;
}

static void count_in(struct counting *c, struct told *t, struct sw_str key, struct sw_str label)
{
    uint32_t id = row_named(c, key, label);

    for (uint8_t i = 0; i < t->n_keys; i++) {
        if (t->key[i] == id)
            return;
    }
    if (t->n_keys < SW_COUNTOF(t->key))
        t->key[t->n_keys++] = id;
}

/* The row of something that happened then and there; SW_NONE: rows are of rules or levels. */
static uint32_t row_of(struct counting *c, sw_time at, struct sw_str area, struct sw_str place)
{
    struct sw_civil day = sw_civil_of(sw_zone_day(c->f->zone, at));

    switch (c->f->by) {
    case SW_FIGURES_IN_ALL: return row_named(c, SW_STR(""), SW_STR(""));
    case SW_FIGURES_BY_MONTH:
        return row_named(c, sw_arena_printf(&c->arena, "%04d-%02d", day.year, day.month),
                         SW_STR(""));
    case SW_FIGURES_BY_TOWN: return row_named(c, sw_str_sub(area, 0, TOWN_DIGITS), SW_STR(""));
    case SW_FIGURES_BY_VILLAGE: return row_named(c, area, place);
    case SW_FIGURES_BY_LEVEL:
    case SW_FIGURES_BY_RULE:
    case SW_FIGURES_BY_ROLE:
    case SW_FIGURES_BYS: break;
    }
    return SW_NONE;
}

/* A rule's label is that of the first case that named it. */
static void count_by_rule(struct counting *c, struct told *t, const struct sw_json *data)
{
    const struct sw_json *causes = sw_json_get(data, "causes");

    for (const struct sw_json *v = causes == NULL ? NULL : causes->first; v != NULL; v = v->next)
        count_in(c, t, sw_json_text(v, "rule"), sw_json_text(v, "label"));
}

/* ---- steps --------------------------------------------------------------------------------- */

/* What somebody says who was there; steps have the names of the events in the table of the case's
 * life. */
static const struct {
    const char *kind;
    bool verified, is_true;
} visits[] = {
    {"needs_help", true, true},
    {"helped", true, true},
    {"not_true", true, false},
    {"unreached", false, false},
};

/* What a phone sent that the case could make nothing of, and what people do about clocks, storms
 * and silences. */
static bool is_no_answer(struct sw_str kind)
{
    static const char *const kinds[] = {"unclear", "words_missing", "answer_refused", "paused",
                                        "resumed", "released",      "discarded",      "unmuted"};

    for (size_t i = 0; i < SW_COUNTOF(kinds); i++) {
        if (sw_str_is(kind, kinds[i]))
            return true;
    }
    return false;
}

/* Said twice by the same person while the case stood still: the text went out again, not the
 * visitor. */
static bool is_said_again(struct counting *c, struct told *t, const struct sw_step_row *s,
                          const struct sw_json *data, size_t kind)
{
    const struct last_visit before = t->last;

    t->last = (struct last_visit){.at = s->at,
                                  .by = sw_intern_add(&c->words, s->actor),
                                  .state = sw_intern_add(&c->words, sw_json_text(data, "state")),
                                  .kind = kind};
    return before.at > 0 && s->at - before.at <= SAME_VISIT && before.by == t->last.by &&
           before.state == t->last.state && before.kind == kind;
}

static void take_answer(struct counting *c, struct told *t, const struct sw_step_row *s,
                        const struct sw_json *data)
{
    if (t->answered == 0)
        t->answered = s->at;
    t->passed_up |= sw_str_is(s->kind, "passed_up");
    for (size_t i = 0; i < SW_COUNTOF(visits); i++) {
        if (!sw_str_is(s->kind, visits[i].kind))
            continue;
        t->visits += !is_said_again(c, t, s, data, i);
        t->verified |= visits[i].verified;
        if (visits[i].verified)
            t->is_true = visits[i].is_true;
    }
}

static bool is_lost(struct sw_str fate)
{
    return sw_str_is(fate, "failed") || sw_str_is(fate, "rejected") || sw_str_is(fate, "expired");
}

/* Where the case stood, as long as nobody has answered; with which causes it opened. */
static void take_data(struct counting *c, struct told *t, const struct sw_step_row *s,
                      const struct sw_json *data)
{
    const struct sw_json *due = sw_json_get(data, "due_us");

    if (t->answered == 0 && due != NULL && !sw_str_int(due->text, &t->due))
        t->due = 0;
    if (!sw_str_is(s->kind, "raised"))
        return;
    if (c->f->by == SW_FIGURES_BY_RULE)
        count_by_rule(c, t, data);
    else if (c->f->by == SW_FIGURES_BY_LEVEL)
        count_in(c, t, sw_json_text(data, "level"), sw_json_text(data, "level_label"));
    else if (c->f->by == SW_FIGURES_BY_ROLE)
        count_in(c, t, sw_json_text(data, "owner_role"), sw_json_text(data, "owner_role_label"));
}

static void take_step(void *ctx, const struct sw_sealed_step *sealed)
{
    struct counting *c = ctx;
    const struct sw_step_row *s = &sealed->step;
    struct told *t = s->number >= 0 && (size_t)s->number < c->cases ? &c->told[s->number] : NULL;
    struct sw_json *data = NULL;

    if (t == NULL || !t->counts)
        return;
    sw_arena_reset(&c->arena);
    if (s->data.n > 0 && sw_json_parse(&c->arena, s->data, &data, NULL) != SW_OK)
        data = NULL; /* shouwang verify finds it */
    if (sw_str_is(s->kind, "message")) {
        t->texts += sw_json_text(data, "to").n > 0;
    } else if (sw_str_is(s->kind, "receipt")) {
        t->undelivered += is_lost(sw_json_text(data, "state"));
    } else {
        t->overdue |= sw_str_is(s->kind, "overdue");
        if (data != NULL)
            take_data(c, t, s, data);
        if (!sw_str_is(s->actor, "engine") && !is_no_answer(s->kind))
            take_answer(c, t, s, data);
    }
}

/* ---- cases --------------------------------------------------------------------------------- */

static struct told *told_of(struct counting *c, int64_t number)
{
    static const struct told nothing;
    size_t need = (size_t)number + 1;

    c->told = sw_grow(c->told, &c->cap, need, sizeof(*c->told));
    while (c->cases < need)
        c->told[c->cases++] = nothing;
    return &c->told[number];
}

/* A code has no quotes in it, so that it is in a JSON array of codes only as one of them. */
static bool is_within(const struct sw_figures_filter *f, struct sw_str area)
{
    char quoted[40];
    int n = snprintf(quoted, sizeof(quoted), "\"%.*s\"", SW_STR_ARG(area));

    return sw_str_starts(area, f->area) ||
           (n < (int)sizeof(quoted) && f->codes.n > 0 &&
            memmem(f->codes.p, f->codes.n, quoted, (size_t)n) != NULL);
}

static void take_case(struct counting *c, const struct sw_case_row *r)
{
    const struct sw_figures_filter *f = c->f;
    struct told *t = told_of(c, r->number);
    uint32_t row;

    t->counts = r->opened >= f->from && r->opened < f->until && is_within(f, r->area);
    if (!t->counts)
        return;
    t->opened = r->opened;
    t->is_open = !sw_str_is(r->state, "closed");
    t->is_unowned = t->is_open && r->owner.n == 0;
    sw_arena_reset(&c->arena);
    row = row_of(c, r->opened, r->area, r->place);
    if (row != SW_NONE)
        t->key[t->n_keys++] = row;
}

/* Households found by another way: the engine tells of each in a task that is over at once. */
static void take_missed(struct counting *c, const struct sw_task_row *m)
{
    const struct sw_figures_filter *f = c->f;
    uint32_t row;

    sw_arena_reset(&c->arena);
    if (m->opened < f->from || m->opened >= f->until || !is_within(f, m->area))
        return;
    row = row_of(c, m->opened, m->area, SW_STR(""));
    if (row != SW_NONE)
        c->row[row].n[SW_FIGURE_MISSED]++;
}

static void add_up(struct counting *c, const struct told *t)
{
    const bool is_timed = t->due > 0 && (t->answered > 0 || t->due <= c->f->now);
    const uint64_t worth[SW_FIGURES] = {
        [SW_FIGURE_OPENED] = 1,
        [SW_FIGURE_OPEN] = t->is_open,
        [SW_FIGURE_ANSWERED] = t->answered > 0,
        [SW_FIGURE_TIMED] = is_timed,
        [SW_FIGURE_IN_TIME] = is_timed && t->answered > 0 && t->answered <= t->due,
        [SW_FIGURE_OVERDUE] = t->overdue,
        [SW_FIGURE_VISITS] = t->visits,
        [SW_FIGURE_VERIFIED] = t->verified,
        [SW_FIGURE_TRUE] = t->verified && t->is_true,
        [SW_FIGURE_NOT_TRUE] = t->verified && !t->is_true,
        [SW_FIGURE_PASSED_UP] = t->passed_up,
        [SW_FIGURE_UNOWNED] = t->is_unowned,
        [SW_FIGURE_TEXTS] = t->texts,
        [SW_FIGURE_UNDELIVERED] = t->undelivered,
    };

    for (uint8_t k = 0; k < t->n_keys; k++) {
        for (size_t i = 0; i < SW_FIGURES; i++)
            c->row[t->key[k]].n[i] += worth[i];
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    const struct sw_figures_row *x = a;
    const struct sw_figures_row *y = b;

    return sw_str_cmp(x->key, y->key);
}

static enum sw_code read_cases(struct counting *c, struct sw_query *q, struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, QUERY_ROWS);

    q->deadline = 0;
    while (sw_use_row(&u)) {
        struct sw_case_row r = sw_query_get_case(&u);

        take_case(c, &r);
    }
    return sw_use_end(&u, err);
}

static enum sw_code read_missed(struct counting *c, struct sw_query *q, struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, QUERY_MISSED);

    q->deadline = 0;
    while (sw_use_row(&u)) {
        struct sw_task_row m = sw_query_get_task(&u);

        take_missed(c, &m);
    }
    return sw_use_end(&u, err);
}

enum sw_code sw_query_figures(struct sw_query *q, const struct sw_figures_filter *f,
                              void (*row)(void *ctx, const struct sw_figures_row *r), void *ctx,
                              struct sw_err *err)
{
    struct counting c = {.f = f};
    enum sw_code rc = sw_query_begin(q, err); /* cases and steps of one moment */

    sw_intern_init(&c.keys, (struct sw_hash_key){0, 0});
    sw_intern_init(&c.words, (struct sw_hash_key){0, 0});
    if (rc == SW_OK)
        rc = read_cases(&c, q, err);
    if (rc == SW_OK)
        rc = sw_query_record(q, 0, take_step, &c, err);
    if (rc == SW_OK)
        rc = read_missed(&c, q, err);
    sw_query_end(q);
    for (size_t i = 0; i < c.cases; i++)
        add_up(&c, &c.told[i]);
    for (size_t i = 0; i < c.rows; i++)
        c.row[i].key = sw_intern_text(&c.keys, (uint32_t)i);
    if (c.rows > 0)
        qsort(c.row, c.rows, sizeof(*c.row), by_key);
    for (size_t i = 0; rc == SW_OK && i < c.rows; i++)
        row(ctx, &c.row[i]);
    sw_arena_free(&c.arena);
    sw_arena_free(&c.labels);
    sw_intern_free(&c.keys);
    sw_intern_free(&c.words);
    free(c.row);
    free(c.told);
    return rc;
}
