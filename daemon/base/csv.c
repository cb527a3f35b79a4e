/* csv.c - RFC 4180 records with the line each began on. */
#include <shouwang/base/buf.h>
#include <shouwang/base/csv.h>
#include <shouwang/base/i18n.h>

static bool at_newline(const struct sw_csv *c)
{
    return c->rest.n > 0 && (c->rest.p[0] == '\n' || c->rest.p[0] == '\r');
}

static void skip(struct sw_csv *c, size_t n)
{
    c->rest = sw_str_sub(c->rest, n, c->rest.n);
}

/* LF or CRLF (or a lone CR); counts the line. */
static void skip_newline(struct sw_csv *c)
{
    bool crlf = c->rest.n > 1 && c->rest.p[0] == '\r' && c->rest.p[1] == '\n';

    skip(c, crlf ? 2 : 1);
    c->line++;
}

static char separator(const struct sw_csv *c)
{
    return c->separator == 0 ? ',' : c->separator;
}

static struct sw_str plain_field(struct sw_csv *c)
{
    char end = separator(c);
    size_t n = 0;
    struct sw_str field;

    while (n < c->rest.n && c->rest.p[n] != end && c->rest.p[n] != '\n' && c->rest.p[n] != '\r')
        n++;
    field = sw_str_sub(c->rest, 0, n);
    skip(c, n);
    return field;
}

/* Behind the opening quote: up to the closing one, "" standing for one quote. */
static struct sw_str quoted_field(struct sw_csv *c, struct sw_arena *arena, const char **fault)
{
    char *out = NULL;
    size_t kept = 0;
    size_t n = 0;
    bool doubled = false;
    struct sw_str raw;

    skip(c, 1);
    for (;; n++) {
        if (n == c->rest.n) {
            *fault = N_("a quote is opened and not closed");
            break;
        }
        if (c->rest.p[n] == '\n')
            c->line++;
        if (c->rest.p[n] != '"')
            continue;
        if (n + 1 == c->rest.n || c->rest.p[n + 1] != '"')
            break;
        doubled = true;
        n++;
    }
    raw = sw_str_sub(c->rest, 0, n);
    skip(c, n + 1);
    if (!doubled)
        return raw;
    out = sw_arena_alloc(arena, raw.n);
    for (size_t i = 0; i < raw.n; i++) {
        out[kept++] = raw.p[i];
        i += raw.p[i] == '"';
    }
    return (struct sw_str){out, kept};
}

/* Nothing but ="…", without a quote between. */
static bool is_guarded(struct sw_str field)
{
    return field.n >= 3 && sw_str_starts(field, SW_STR("=\"")) &&
           (const char *)memchr(field.p + 2, '"', field.n - 2) == field.p + field.n - 1;
}

static void read_field(struct sw_csv *c, struct sw_arena *arena, struct sw_csv_row *row)
{
    const char *at = c->rest.p;
    struct sw_str field;

    if (c->rest.n > 0 && c->rest.p[0] == '"') {
        field = quoted_field(c, arena, &row->fault);
        if (c->rest.n > 0 && c->rest.p[0] != separator(c) && !at_newline(c)) {
            row->fault = N_("text behind a closing quote");
            plain_field(c);
        }
    } else {
        field = plain_field(c);
        if (field.n > 0 && memchr(field.p, '"', field.n) != NULL &&
            !(c->guarded && is_guarded(field)))
            row->fault = N_("a quote inside a field that does not begin with one");
    }
    if (row->n == SW_CSV_FIELDS) {
        row->fault = N_("more than 256 fields");
    } else {
        row->at[row->n] = at;
        row->field[row->n++] = field;
    }
}

static void read_record(struct sw_csv *c, struct sw_arena *arena, struct sw_csv_row *row)
{
    for (;;) {
        read_field(c, arena, row);
        if (c->rest.n == 0)
            break;
        if (at_newline(c)) {
            skip_newline(c);
            break;
        }
        skip(c, 1); /* the separator */
    }
    if (row->fault == NULL && c->fields > 0 && row->n != c->fields)
        row->fault = N_("more or fewer fields than the first line has");
}

/* Go on with the line behind the one the bad record began on: a stray quote costs one row, not all
 * rows up to the next quote. */
static void resume_behind(struct sw_csv *c, struct sw_str begin, const struct sw_csv_row *row)
{
    c->rest = begin;
    c->line = row->line - 1;
    while (c->rest.n > 0 && !at_newline(c))
        skip(c, 1);
    if (c->rest.n > 0)
        skip_newline(c);
}

bool sw_csv_next(struct sw_csv *c, struct sw_arena *arena, struct sw_csv_row *row)
{
    struct sw_str begin;

    if (c->line == 0 && sw_str_starts(c->rest, SW_STR("\xef\xbb\xbf")))
        skip(c, 3);
    while (at_newline(c))
        skip_newline(c);
    if (c->rest.n == 0)
        return false;
    row->line = c->line + 1;
    row->n = 0;
    row->fault = NULL;
    begin = c->rest;
    read_record(c, arena, row);
    if (row->fault != NULL)
        resume_behind(c, begin, row);
    return true;
}

void sw_csv_put(struct sw_buf *out, struct sw_str field, bool first)
{
    bool quote = false;

    for (size_t i = 0; i < field.n; i++)
        quote |= field.p[i] == ',' || field.p[i] == '"' || field.p[i] == '\n' || field.p[i] == '\r';
    if (!first)
        sw_buf_char(out, ',');
    if (!quote) {
        sw_buf_str(out, field);
        return;
    }
    sw_buf_char(out, '"');
    for (size_t i = 0; i < field.n; i++) {
        if (field.p[i] == '"')
            sw_buf_char(out, '"');
        sw_buf_char(out, field.p[i]);
    }
    sw_buf_char(out, '"');
}
