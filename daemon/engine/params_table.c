/* params_table.c - params.csv, the twin of params.yaml for spreadsheets, as the tree that
 * params.yaml would have given; params.c reads both with the same functions.
 *
 *     名称,含义,单位,数值,最小,最大,生效日期,依据
 *     params,版本号,,7,,,,
 *     monitor_line,人均年收入监测线,元,7800,5000,20000,2023-01-01,省定2023年
 *     monitor_line,人均年收入监测线,元,8300,5000,20000,2024-03-14,省定2024年
 *
 * Rows of one name are one parameter's dated values, wherever they stand, so that sorting a sheet
 * changes nothing. Each node keeps the place of its cell. A date may look as Excel rewrites it. */
#include "parts.h"
#include <shouwang/base/csv.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/utf8.h>

enum { ROWS_MAX = 10000 };

enum column { NAME, LABEL, UNIT, VALUE, MIN, MAX, FROM, SOURCE, COLUMNS };

static const struct {
    const char *title, *key;
    bool needed;
} columns[COLUMNS] = {
    [NAME] = {"名称", "name", true},      [LABEL] = {"含义", "label", true},
    [UNIT] = {"单位", "unit", true},      [VALUE] = {"数值", "value", true},
    [MIN] = {"最小", "min", true},        [MAX] = {"最大", "max", true},
    [FROM] = {"生效日期", "from", false}, [SOURCE] = {"依据", "source", false},
};

/* The columns that say the same in each row of a parameter. */
static const enum column shared[] = {LABEL, UNIT, MIN, MAX};

/* One parameter as it grows row by row. */
struct group {
    struct sw_yaml *map, *values; /* values: of its rows, in order */
    struct sw_yaml *last;
};

struct table {
    struct sw_arena *arena;
    struct sw_diag *diag;
    struct sw_str file, text;
    struct sw_csv csv;
    struct sw_csv_row row;
    const char *begin;                 /* of the row */
    enum column column[SW_CSV_FIELDS]; /* by field of a row; COLUMNS: none */
    bool is_there[COLUMNS];
    size_t n_titles;
    struct sw_yaml *root, *last;
    struct group group[PARAMS_MAX + 1];
    size_t n_groups, n_rows;
};

/* ---- places and nodes --------------------------------------------------------------------- */

/* The place of a byte of the row in hand. */
static struct sw_place place_of(const struct table *t, const char *at)
{
    struct sw_place place = {.file = t->file, .text = t->text, .line = t->row.line};
    const char *line = t->begin;

    for (const char *p = t->begin; p < at; p++) {
        if (*p == '\n') {
            place.line++;
            line = p + 1;
        }
    }
    place.column = (uint32_t)sw_utf8_length((struct sw_str){line, (size_t)(at - line)}) + 1;
    return place;
}

static size_t field_of(const struct table *t, enum column c)
{
    size_t i = 0;

    while (i < t->n_titles && t->column[i] != c)
        i++;
    return i;
}

/* What stands in a column of the row in hand, without blanks around it; empty when the row ends
 * before it. */
static struct sw_str cell(const struct table *t, enum column c)
{
    size_t i = field_of(t, c);

    return i < t->row.n ? sw_str_trim(t->row.field[i]) : (struct sw_str){NULL, 0};
}

static struct sw_place cell_place(const struct table *t, enum column c)
{
    size_t i = field_of(t, c);

    return place_of(t, t->row.at[i < t->row.n ? i : t->row.n - 1]);
}

static struct sw_yaml *new_node(struct table *t, enum sw_yaml_kind kind, struct sw_place at,
                                const char *key)
{
    struct sw_yaml *y = SW_ARENA_NEW(t->arena, struct sw_yaml);

    y->kind = kind;
    y->at = y->key_at = at;
    y->key = sw_str(key);
    return y;
}

/* In front of its siblings, so that no one has to know the last. */
static void put_in(struct sw_yaml *parent, struct sw_yaml *child)
{
    child->next = parent->first;
    parent->first = child;
    parent->count++;
}

/* ---- dates as spreadsheets rewrite them --------------------------------------------------- */

static bool take_number(struct sw_str *s, int32_t *out)
{
    size_t n = 0;

    *out = 0;
    for (; n < s->n && n < 4 && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        *out = *out * 10 + (s->p[n] - '0');
    *s = sw_str_sub(*s, n, s->n);
    return n > 0;
}

static bool take_mark(struct sw_str *s, const char *word)
{
    static const char *const usual[] = {"-", "/", "."};

    for (size_t i = 0; i < SW_COUNTOF(usual) + 1; i++) {
        struct sw_str mark = sw_str(i < SW_COUNTOF(usual) ? usual[i] : word);

        if (sw_str_starts(*s, mark)) {
            *s = sw_str_sub(*s, mark.n, s->n);
            return true;
        }
    }
    return false;
}

/* 2024/3/14, 2024-3-14 or 2024年3月14日 as 2024-03-14; other texts stay for whoever refuses them.
 */
static struct sw_str plain_date(struct table *t, struct sw_str text)
{
    struct sw_str rest = text;
    int32_t year;
    int32_t month;
    int32_t day;
    char iso[SW_DATE_SIZE];

    if (!take_number(&rest, &year) || !take_mark(&rest, "年") || !take_number(&rest, &month) ||
        !take_mark(&rest, "月") || !take_number(&rest, &day))
        return text;
    if (sw_str_starts(rest, SW_STR("日")))
        rest = sw_str_sub(rest, 3, rest.n);
    if (rest.n > 0 || year < 1900 || !sw_date_valid(year, month, day))
        return text;
    return sw_arena_str(t->arena, sw_str(sw_date_format(sw_day_of(year, month, day), iso)));
}

/* ---- the first line ----------------------------------------------------------------------- */

static enum column column_named(struct sw_str title)
{
    enum column c = NAME;

    while (c < COLUMNS && !sw_str_is(title, columns[c].title) && !sw_str_is(title, columns[c].key))
        c++;
    return c;
}

static void unknown_column(struct table *t, struct sw_str title, struct sw_place at)
{
    struct sw_str names[2 * COLUMNS];
    struct sw_str near;

    for (size_t i = 0; i < COLUMNS; i++) {
        names[2 * i] = sw_str(columns[i].title);
        names[2 * i + 1] = sw_str(columns[i].key);
    }
    near = sw_str_nearest(title, names, SW_COUNTOF(names));
    if (near.n > 0)
        sw_diag_add(t->diag, SW_ERROR, at, _("unknown column %.*s; did you mean %.*s?"),
                    SW_STR_ARG(title), SW_STR_ARG(near));
    else
        sw_diag_add(t->diag, SW_ERROR, at,
                    _("unknown column %.*s; the columns are 名称 含义 单位 数值 最小 最大 "
                      "生效日期 依据, separated by commas"),
                    SW_STR_ARG(title));
}

static void read_title(struct table *t, size_t i)
{
    struct sw_str title = sw_str_trim(t->row.field[i]);
    enum column c = column_named(title);

    t->column[i] = c;
    if (c < COLUMNS && t->is_there[c])
        sw_diag_add(t->diag, SW_ERROR, place_of(t, t->row.at[i]),
                    _("the column %.*s is here twice"), SW_STR_ARG(title));
    else if (c < COLUMNS)
        t->is_there[c] = true;
    else if (title.n > 0) /* a sheet may have empty columns behind the last one */
        unknown_column(t, title, place_of(t, t->row.at[i]));
}

/* False: without its columns nothing more can be said of the table. */
static bool read_titles(struct table *t)
{
    size_t errors = t->diag->errors;

    t->n_titles = t->row.n;
    for (size_t i = 0; i < t->row.n; i++)
        read_title(t, i);
    for (enum column c = NAME; c < COLUMNS; c++) {
        if (columns[c].needed && !t->is_there[c])
            sw_diag_add(t->diag, SW_ERROR, place_of(t, t->begin), _("the column %s is missing"),
                        columns[c].title);
    }
    return t->diag->errors == errors;
}

/* ---- the rows ----------------------------------------------------------------------------- */

/* A cell as a node; NULL when it is empty. */
static struct sw_yaml *node_of(struct table *t, enum column c)
{
    struct sw_str text = cell(t, c);
    struct sw_yaml *y;

    if (text.n == 0)
        return NULL;
    y = new_node(t, SW_YSCALAR, cell_place(t, c), columns[c].key);
    y->text = sw_arena_str(t->arena, c == FROM ? plain_date(t, text) : text);
    return y;
}

/* A row's label, unit, minimum and maximum are those of the rows before it. */
static void check_shared(struct table *t, struct group *g)
{
    for (size_t i = 0; i < SW_COUNTOF(shared); i++) {
        struct sw_yaml *y = node_of(t, shared[i]);
        const struct sw_yaml *first = sw_yaml_get(g->map, columns[shared[i]].key);

        if (y != NULL && first == NULL)
            put_in(g->map, y);
        else if (y != NULL && !sw_str_eq(y->text, first->text))
            sw_diag_add(t->diag, SW_ERROR, y->at,
                        _("%.*s: %s is %s here and %s in line %u; it must be the same in all its "
                          "rows"),
                        SW_STR_ARG(g->map->key), columns[shared[i]].title, y->text.p, first->text.p,
                        first->at.line);
    }
}

static struct group *group_of(struct table *t)
{
    struct sw_str name = cell(t, NAME);
    struct group *g;

    for (size_t i = 0; i < t->n_groups; i++) {
        if (sw_str_eq(t->group[i].map->key, name))
            return &t->group[i];
    }
    if (t->n_groups > PARAMS_MAX)
        return NULL;
    g = &t->group[t->n_groups++];
    g->map = new_node(t, SW_YMAP, cell_place(t, NAME), "");
    g->map->key = sw_arena_str(t->arena, name);
    g->values = new_node(t, SW_YLIST, g->map->at, "values");
    sw_yaml_append(t->root, &t->last, g->map);
    return g;
}

static void read_value(struct table *t)
{
    static const enum column own[] = {SOURCE, VALUE, FROM};
    struct sw_yaml *row = new_node(t, SW_YMAP, cell_place(t, NAME), "");
    struct group *g;

    if (cell(t, VALUE).n == 0) {
        sw_diag_add(t->diag, SW_ERROR, cell_place(t, VALUE), _("%.*s: the number is missing"),
                    SW_STR_ARG(cell(t, NAME)));
        return;
    }
    g = group_of(t);
    if (g == NULL) /* params.c says that these are too many */
        return;
    check_shared(t, g);
    for (size_t i = 0; i < SW_COUNTOF(own); i++) {
        struct sw_yaml *y = node_of(t, own[i]);

        if (y != NULL)
            put_in(row, y);
    }
    sw_yaml_append(g->values, &g->last, row);
}

/* The row `params` is the table's version number. */
static void read_version(struct table *t)
{
    struct sw_yaml *y = node_of(t, VALUE);

    if (y == NULL || sw_yaml_get(t->root, "params") != NULL) {
        sw_diag_add(t->diag, SW_ERROR, cell_place(t, NAME),
                    y == NULL ? _("the row params has no version number")
                              : _("the row params, the version number, is here twice"));
        return;
    }
    y->key = SW_STR("params");
    y->key_at = cell_place(t, NAME);
    sw_yaml_append(t->root, &t->last, y);
}

/* The cell that belongs to no column; row.n: there is none. A number with commas in it makes one.
 */
static size_t stray_cell(const struct table *t)
{
    for (size_t i = 0; i < t->row.n && i < t->n_titles; i++) {
        if (t->column[i] == COLUMNS && sw_str_trim(t->row.field[i]).n > 0)
            return i;
    }
    return t->row.n > t->n_titles ? t->n_titles : t->row.n;
}

static bool is_blank(const struct table *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->row.n; i++)
        n += sw_str_trim(t->row.field[i]).n;
    return n == 0;
}

static void read_row(struct table *t)
{
    size_t stray = stray_cell(t);

    if (is_blank(t))
        return;
    if (stray < t->row.n)
        sw_diag_add(t->diag, SW_ERROR, place_of(t, t->row.at[stray]),
                    _("more cells than columns; write numbers without separators, 20000 for "
                      "20,000"));
    else if (cell(t, NAME).n == 0)
        sw_diag_add(t->diag, SW_ERROR, cell_place(t, NAME), _("the name is missing"));
    else if (sw_str_is(cell(t, NAME), "params"))
        read_version(t);
    else
        read_value(t);
}

/* The next row; false at the end or when there are too many. */
static bool next_row(struct table *t)
{
    do {
        if (!sw_csv_next(&t->csv, t->arena, &t->row))
            return false;
        t->begin = t->row.at[0];
        if (t->row.fault != NULL)
            sw_diag_add(t->diag, SW_ERROR, place_of(t, t->begin), "%s", _(t->row.fault));
    } while (t->row.fault != NULL);
    if (t->n_rows++ < ROWS_MAX)
        return true;
    sw_diag_add(t->diag, SW_ERROR, place_of(t, t->begin), _("more than %d rows"), ROWS_MAX);
    return false;
}

/* A parameter of one row without a date has a value, any other dated values. */
static void finish(struct group *g)
{
    struct sw_yaml *only = g->values->first;

    if (only == NULL || only->next != NULL || sw_yaml_get(only, "from") != NULL) {
        put_in(g->map, g->values);
        return;
    }
    for (struct sw_yaml *y = only->first, *next; y != NULL; y = next) {
        next = y->next;
        put_in(g->map, y);
    }
}

struct sw_yaml *sw_params_table(struct sw_arena *arena, struct sw_str file, struct sw_str text,
                                struct sw_diag *diag)
{
    struct table *t = SW_ARENA_NEW(arena, struct table);
    size_t bad = sw_utf8_check(text);

    text = sw_str_sub(text, 0, bad); /* bundle.c has converted it; a damaged one is refused */
    t->arena = arena;
    t->diag = diag;
    t->file = sw_arena_str(arena, file);
    t->text = sw_arena_str(arena, text);
    t->csv.rest = t->text;
    t->root = new_node(t, SW_YMAP, (struct sw_place){.file = t->file, .text = t->text}, "");
    if (!next_row(t)) {
        sw_diag_add(diag, SW_ERROR, t->root->at, "%s",
                    sw_str_trim(t->text).n == 0
                        ? _("this file is empty; take it away, or write it elsewhere with "
                            "`shouwang params csv` and move it here")
                        : _("the first line must name the columns"));
        return t->root;
    }
    if (!read_titles(t))
        return t->root;
    while (next_row(t))
        read_row(t);
    for (size_t i = 0; i < t->n_groups; i++)
        finish(&t->group[i]);
    return t->root;
}
