/* table_header.c - where a table begins: nobody is asked for the separator or for how many lines of
 * title stand above. The first row that has every needed column is the header. */
#include "table_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>
#include <stdlib.h>

enum { LOOKED_THROUGH = 30 };

/* A header somewhere in the table, and how well it fits. */
struct found {
    struct sw_csv rest; /* behind it */
    struct sw_csv_row upper, head;
    size_t cell[SW_LAYOUT_COLUMNS];
    size_t fits, lacks, twice; /* columns; twice: 1 + the number of one that is there twice */
};

/* ---- titles ------------------------------------------------------------------------------- */

static struct sw_str cell_of(const struct sw_csv_row *row, size_t i)
{
    return i < row->n ? row->field[i] : SW_STR("");
}

/* The upper title over column i: merged cells leave those to the right empty. */
static struct sw_str upper_of(struct sw_arena *arena, const struct sw_csv_row *upper, size_t i)
{
    struct sw_str title = {NULL, 0};

    for (size_t k = 0; k <= i && k < upper->n; k++) {
        struct sw_str plain = sw_layout_plain(arena, upper->field[k]);

        if (plain.n > 0)
            title = plain;
    }
    return title;
}

/* The names a column of the table answers to: 总额, and 医疗费用/总额 under a merged title. */
static size_t names_of(struct sw_arena *arena, const struct found *f, size_t i,
                       struct sw_str name[2])
{
    struct sw_str lower = sw_layout_plain(arena, cell_of(&f->head, i));
    struct sw_str upper;

    if (f->upper.n == 0) {
        name[0] = lower;
        return lower.n > 0;
    }
    if (lower.n == 0) {
        name[0] = sw_layout_plain(arena, cell_of(&f->upper, i));
        return name[0].n > 0;
    }
    upper = upper_of(arena, &f->upper, i);
    name[0] = sw_arena_printf(arena, "%.*s/%.*s", SW_STR_ARG(upper), SW_STR_ARG(lower));
    name[1] = lower;
    return 2;
}

static bool answers(const struct sw_layout_column *c, struct sw_str name)
{
    for (size_t i = 0; i < c->n_headers; i++) {
        if (sw_str_eq(c->header[i], name))
            return true;
    }
    return false;
}

static size_t width_of(const struct found *f)
{
    return f->upper.n > f->head.n ? f->upper.n : f->head.n;
}

/* How well each title answers to the column: 2 by its full name, 1 by its own line alone. */
static void place_column(struct sw_arena *arena, const struct sw_layout *l, struct found *f,
                         size_t number)
{
    size_t best = 0;
    size_t times = 0;

    for (size_t i = 0; i < width_of(f); i++) {
        struct sw_str name[2];
        size_t n = names_of(arena, f, i, name);

        for (size_t k = 0; k < n; k++) {
            size_t rank = 2 - k;

            if (!answers(&l->column[number], name[k]) || rank < best)
                continue;
            times = rank > best ? 1 : times + 1;
            best = rank;
            f->cell[number] = i;
            break;
        }
    }
    if (times > 1)
        f->twice = number + 1;
}

static void place_columns(struct sw_arena *arena, const struct sw_layout *l, struct found *f)
{
    f->fits = f->lacks = f->twice = 0;
    for (size_t i = 0; i < l->n_columns; i++) {
        f->cell[i] = SIZE_MAX;
        if (l->column[i].n_headers == 0)
            continue;
        place_column(arena, l, f, i);
        f->fits += f->cell[i] != SIZE_MAX;
        f->lacks += f->cell[i] == SIZE_MAX && l->column[i].required;
    }
}

/* ---- looking through ---------------------------------------------------------------------- */

static bool is_better(const struct found *a, const struct found *b)
{
    if ((a->lacks == 0) != (b->lacks == 0))
        return a->lacks == 0;
    return a->fits > b->fits;
}

/* The best header with this separator, if it is better than what was found before. */
static void look_through(struct sw_table *t, char separator, struct found *f, struct found *best)
{
    struct sw_csv csv = {.rest = sw_buf_view(&t->text), .separator = separator, .guarded = true};
    const struct sw_layout *l = t->facts.layout;

    for (size_t i = 0; i < LOOKED_THROUGH && best->lacks > 0; i++) {
        f->upper.n = 0;
        if (!sw_csv_next(&csv, &t->head_arena, &f->head))
            return;
        if (f->head.fault != NULL)
            continue;
        f->rest = csv;
        if (l->header_rows == 2) {
            f->upper = f->head;
            if (!sw_csv_next(&f->rest, &t->head_arena, &f->head) || f->head.fault != NULL)
                continue;
        }
        place_columns(&t->head_arena, l, f);
        if (is_better(f, best))
            *best = *f;
    }
}

static void tell_lacking(const struct sw_table *t, const struct found *f, struct sw_err *err)
{
    const struct sw_layout *l = t->facts.layout;
    struct sw_buf names = {0};

    for (size_t i = 0; i < l->n_columns; i++) {
        if (l->column[i].required && l->column[i].n_headers > 0 &&
            (f->fits == 0 || f->cell[i] == SIZE_MAX))
            sw_buf_printf(&names, "%s%.*s", names.n == 0 ? "" : "、",
                          SW_STR_ARG(l->column[i].label));
    }
    if (f->fits == 0)
        sw_fail(err, SW_EINVALID, _("no line of titles is found: %.*s looks for %s"),
                SW_STR_ARG(l->path), names.p);
    else
        sw_fail(err, SW_EINVALID,
                _("the line of titles (%u) lacks %s; if they are called otherwise here, add the "
                  "spelling to %.*s"),
                f->head.line, names.p, SW_STR_ARG(l->path));
    sw_buf_free(&names);
}

bool table_is_own_title(struct sw_str plain)
{
    return sw_str_is(plain, TABLE_LINE_TITLE) || sw_str_is(plain, TABLE_REASON_TITLE);
}

static bool is_used(const struct sw_table *t, const struct found *f, size_t i)
{
    const struct sw_layout *l = t->facts.layout;

    for (size_t c = 0; c < l->n_columns; c++) {
        if (f->cell[c] == i)
            return true;
    }
    return false;
}

static void list_unused(struct sw_table *t, const struct found *f)
{
    const struct sw_layout *l = t->facts.layout;

    for (size_t i = 0; i < t->width; i++) {
        struct sw_str name[2];
        size_t n = names_of(&t->head_arena, f, i, name);
        bool known = n == 0 || is_used(t, f, i);

        for (size_t k = 0; k < n && !known; k++) {
            known = table_is_own_title(name[k]);
            t->facts.is_rest |= known;
            for (size_t j = 0; j < l->n_ignore && !known; j++)
                known = sw_str_eq(l->ignore[j], name[k]);
        }
        if (!known)
            sw_buf_printf(&t->unused, "%s%.*s", t->unused.n == 0 ? "" : "、", SW_STR_ARG(name[0]));
    }
    t->facts.unused = sw_buf_view(&t->unused);
}

static void take(struct sw_table *t, const struct found *f)
{
    struct sw_str name[2];

    t->rest = f->rest;
    t->upper = f->upper;
    t->head = f->head;
    memcpy(t->cell, f->cell, sizeof(t->cell));
    t->facts.separator = f->rest.separator;
    t->facts.header_line = f->head.line;
    for (size_t i = 0; i < width_of(f); i++) {
        if (names_of(&t->head_arena, f, i, name) > 0)
            t->width = i + 1;
    }
    list_unused(t, f);
}

enum sw_code table_find_header(struct sw_table *t, struct sw_err *err)
{
    static const char separators[] = {',', '\t', ';'};
    const struct sw_layout *l = t->facts.layout;
    struct found *f = sw_calloc(2, sizeof(*f));
    enum sw_code rc = SW_OK;

    f[1].lacks = SIZE_MAX;
    for (size_t i = 0; i < SW_COUNTOF(separators); i++)
        look_through(t, separators[i], &f[0], &f[1]);
    if (f[1].lacks > 0) {
        tell_lacking(t, &f[1], err);
        rc = SW_EINVALID;
    } else if (f[1].twice > 0) {
        rc = sw_fail(err, SW_EINVALID, _("two columns of line %u are called %.*s"), f[1].head.line,
                     SW_STR_ARG(l->column[f[1].twice - 1].label));
    } else {
        take(t, &f[1]);
    }
    free(f);
    return rc;
}
