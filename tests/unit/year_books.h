/* year_books.h - what a year leaves in a real store, and the figures counted a second way: from
 * what the engine brought about, as it happened. */
#ifndef TESTS_YEAR_BOOKS_H
#define TESTS_YEAR_BOOKS_H

#include "../tap.h"
#include "engine/parts.h"
#include "part_help.h"
#include "store_fixture.h"
#include <shouwang/base/mem.h>
#include <shouwang/store/figures.h>
#include <shouwang/store/record.h>

enum { BOOK_FIGURES = 6 };

/* A case as its rows and steps tell of it. */
struct book_case {
    int month; /* in which it opened: year * 12 + month; 0: there is no such case */
    bool open, answered, overdue, verified, is_true;
};

struct books {
    void *handle;
    struct sw_lease lease;
    struct book_case *at; /* by number of the case */
    size_t n, cap;
    size_t differs, rows;
};

static inline void books_fail(const struct sw_err *err)
{
    bail_out(NULL, err->text);
}

static inline void books_open(struct books *b)
{
    struct sw_err err = {.code = SW_OK};

    make_folder();
    if (sw_backend_sqlite.open(&b->handle, db_path, &b->lease, &err) != SW_OK)
        books_fail(&err);
}

/* ---- counting what happens ---------------------------------------------------------------- */

static inline struct book_case *book_of(struct books *b, int64_t number)
{
    b->at = sw_grow(b->at, &b->cap, (size_t)number + 1, sizeof(*b->at));
    for (; b->n <= (size_t)number; b->n++)
        b->at[b->n] = (struct book_case){.month = 0};
    return &b->at[number];
}

static inline int month_of(const struct sw_zone *zone, sw_time at)
{
    struct sw_civil day = sw_civil_of(sw_zone_day(zone, at));

    return day.year * 12 + day.month;
}

static inline void book_step(struct book_case *c, const struct sw_step_row *s)
{
    c->overdue |= sw_str_is(s->kind, "overdue");
    if (sw_str_is(s->actor, "engine") || sw_life_event(s->kind) >= ON_BY_ENGINE)
        return;
    c->answered = true;
    if (sw_str_is(s->kind, "needs_help") || sw_str_is(s->kind, "helped"))
        c->verified = c->is_true = true;
    if (sw_str_is(s->kind, "not_true")) {
        c->verified = true;
        c->is_true = false;
    }
}

static inline void book_effects(struct books *b, const struct sw_engine *e,
                                const struct sw_effects *fx)
{
    const struct sw_life *life = e->rules->life;

    for (size_t i = 0; i < fx->cases.n; i++) {
        const struct sw_case_row *r = &fx->cases.at[i];
        struct book_case *c = book_of(b, r->number);

        c->month = month_of(e->rules->schema->zone, r->opened);
        c->open = !life->state[sw_life_state(life, r->state)].end;
    }
    for (size_t i = 0; i < fx->steps.n; i++)
        book_step(book_of(b, fx->steps.at[i].number), &fx->steps.at[i]);
}

/* An input that was accepted, and what came of it. The first makes the rules active. */
static inline void books_write(struct books *b, const struct sw_engine *e,
                               const struct sw_input *in, const struct sw_effects *fx)
{
    struct sw_commit c = {.epoch = b->lease.epoch, .old_pos = in->seq - 1, .new_pos = in->seq};
    struct sw_buf packed = {0};
    struct sw_bundle_row bundle;
    struct sw_err err = {.code = SW_OK};

    c.inputs.at = in;
    c.inputs.n = 1;
    c.fx = fx;
    if (in->kind == SW_IN_RULES) {
        sw_bundle_pack(sw_ruleset_bundle(e->rules), &packed);
        bundle = (struct sw_bundle_row){in->body, sw_buf_view(&packed)};
        c.bundles.at = &bundle;
        c.bundles.n = 1;
    }
    if (sw_backend_sqlite.commit(b->handle, &c, &err) != SW_OK)
        books_fail(&err);
    sw_buf_free(&packed);
    book_effects(b, e, fx);
}

/* ---- against the store's figures ----------------------------------------------------------- */

static inline void books_sum(const struct books *b, const char *month, uint64_t sum[SW_FIGURES])
{
    int year = 0;
    int of_year = 0;

    memset(sum, 0, SW_FIGURES * sizeof(*sum));
    if (month[0] != '\0')
        sscanf(month, "%d-%d", &year, &of_year);
    for (size_t i = 0; i < b->n; i++) {
        const struct book_case *c = &b->at[i];

        if (c->month == 0 || (month[0] != '\0' && c->month != year * 12 + of_year))
            continue;
        sum[SW_FIGURE_OPENED]++;
        sum[SW_FIGURE_OPEN] += c->open;
        sum[SW_FIGURE_ANSWERED] += c->answered;
        sum[SW_FIGURE_OVERDUE] += c->overdue;
        sum[SW_FIGURE_VERIFIED] += c->verified;
        sum[SW_FIGURE_TRUE] += c->verified && c->is_true;
    }
}

static inline void books_compare(void *ctx, const struct sw_figures_row *r)
{
    static const enum sw_figure figures[BOOK_FIGURES] = {SW_FIGURE_OPENED,   SW_FIGURE_OPEN,
                                                         SW_FIGURE_ANSWERED, SW_FIGURE_OVERDUE,
                                                         SW_FIGURE_VERIFIED, SW_FIGURE_TRUE};
    struct books *b = ctx;
    uint64_t sum[SW_FIGURES];
    char month[16];

    snprintf(month, sizeof(month), "%.*s", SW_STR_ARG(r->key));
    books_sum(b, month, sum);
    b->rows++;
    for (size_t i = 0; i < BOOK_FIGURES; i++) {
        if (r->n[figures[i]] != sum[figures[i]] && b->differs++ == 0)
            note("%s %s: %llu in the figures, %llu counted", month, sw_figure_name(figures[i]),
                 (unsigned long long)r->n[figures[i]], (unsigned long long)sum[figures[i]]);
    }
}

static inline void books_wrong(void *ctx, const struct sw_wrong *w)
{
    if ((*(size_t *)ctx)++ == 0)
        note("step %lld of case %lld: %.*s", (long long)w->position, (long long)w->number,
             SW_STR_ARG(w->what));
}

static inline void books_check(struct books *b, const struct sw_engine *e)
{
    static const enum sw_figures_by ways[] = {SW_FIGURES_IN_ALL, SW_FIGURES_BY_MONTH};
    struct sw_figures_filter f = {
        .until = INT64_MAX, .zone = e->rules->schema->zone, .now = e->now};
    struct sw_err err = {.code = SW_OK};
    struct sw_query *q;
    size_t wrong = 0;

    sw_backend_sqlite.close(b->handle);
    if (sw_query_open(&q, db_path, &err) != SW_OK)
        books_fail(&err);
    for (size_t i = 0; i < SW_COUNTOF(ways); i++) {
        f.by = ways[i];
        if (sw_query_figures(q, &f, books_compare, b, &err) != SW_OK)
            books_fail(&err);
    }
    ok_named(b->rows > 6, "there are figures of many months");
    is_int_named(b->differs, 0, "they equal what was counted as it happened");
    if (sw_query_verify(q, NULL, books_wrong, &wrong, &err) != SW_OK ||
        sw_query_recompute(q, books_wrong, &wrong, &err) != SW_OK)
        books_fail(&err);
    is_int_named(wrong, 0, "the record is whole, and the log brings it about again");
    sw_query_close(q);
    free(b->at);
}

#endif
