/* diag.c - findings about a text somebody wrote. */
#include <shouwang/base/diag.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>
#include <stdlib.h>

enum { KEPT_MAX = 100, LINE_SHOWN = 160, CHOICES_SHOWN = 16 };

static struct sw_str line_of(struct sw_str text, uint32_t line)
{
    struct sw_str part = {NULL, 0};

    for (uint32_t i = 0; i < line; i++) {
        if (!sw_str_split(&text, '\n', &part))
            return (struct sw_str){NULL, 0};
    }
    if (part.n > 0 && part.p[part.n - 1] == '\r')
        part.n--;
    return part;
}

void sw_diag_add(struct sw_diag *d, enum sw_severity severity, struct sw_place at, const char *fmt,
                 ...)
{
    size_t kept = d->errors + d->warnings;
    struct sw_finding *f;
    struct sw_buf text = {0};
    va_list ap;

    if (severity == SW_ERROR)
        d->errors++;
    else
        d->warnings++;
    if (kept >= KEPT_MAX)
        return;
    va_start(ap, fmt);
    sw_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    f = SW_ARENA_NEW(&d->arena, struct sw_finding);
    f->at = at;
    f->at.file = sw_arena_str(&d->arena, at.file);
    f->at.text = sw_arena_str(&d->arena, line_of(at.text, at.line));
    f->severity = severity;
    f->message = sw_arena_str(&d->arena, sw_buf_view(&text));
    sw_buf_free(&text);
    if (d->last == NULL)
        d->first = f;
    else
        d->last->next = f;
    d->last = f;
}

/* The line and a caret under the column; a long line is shown from near the column on. */
static void put_caret_line(const struct sw_place *at, struct sw_buf *out)
{
    struct sw_str line = at->text;
    struct sw_str before = sw_utf8_prefix(line, at->column - 1);
    size_t from = 0;

    if (line.n == 0 || at->column == 0)
        return;
    if (sw_utf8_width(before) > LINE_SHOWN / 2) {
        from = sw_utf8_prefix(line, sw_utf8_length(before) - LINE_SHOWN / 4).n;
        sw_buf_cstr(out, "    … ");
    } else {
        sw_buf_cstr(out, "    ");
    }
    sw_buf_str(out, sw_utf8_prefix(sw_str_sub(line, from, line.n), LINE_SHOWN));
    sw_buf_printf(out, "\n%*s^\n",
                  (int)(sw_utf8_width(sw_str_sub(before, from, before.n)) + (from > 0 ? 6 : 4)),
                  "");
}

static void put_finding(const struct sw_finding *f, struct sw_buf *out)
{
    sw_buf_str(out, f->at.file);
    if (f->at.line > 0)
        sw_buf_printf(out, ":%u:%u", f->at.line, f->at.column);
    sw_buf_printf(out, "%s%s: %.*s\n", f->at.file.n > 0 ? ": " : "",
                  f->severity == SW_ERROR ? _("error") : _("warning"), SW_STR_ARG(f->message));
    if (f->at.line > 0)
        put_caret_line(&f->at, out);
}

static int by_place(const void *a, const void *b)
{
    const struct sw_finding *x = *(const struct sw_finding *const *)a;
    const struct sw_finding *y = *(const struct sw_finding *const *)b;
    int order = sw_str_cmp(x->at.file, y->at.file);

    if (order != 0)
        return order;
    if (x->at.line != y->at.line)
        return x->at.line < y->at.line ? -1 : 1;
    return (x->at.column > y->at.column) - (x->at.column < y->at.column);
}

void sw_diag_format(const struct sw_diag *d, struct sw_buf *out)
{
    const struct sw_finding *sorted[KEPT_MAX];
    size_t n = 0;

    for (const struct sw_finding *f = d->first; f != NULL; f = f->next)
        sorted[n++] = f;
    if (n > 1)
        qsort(sorted, n, sizeof(sorted[0]), by_place);
    for (size_t i = 0; i < n; i++)
        put_finding(sorted[i], out);
    if (d->errors + d->warnings > n)
        sw_buf_printf(out, _("… and %zu more\n"), d->errors + d->warnings - n);
}

void sw_diag_print(const struct sw_diag *d, FILE *to)
{
    struct sw_buf out = {0};

    sw_diag_format(d, &out);
    if (out.n > 0)
        fwrite(out.p, 1, out.n, to);
    sw_buf_free(&out);
}

void sw_put_choices(struct sw_buf *out, struct sw_str word, const struct sw_str *names,
                    const struct sw_str *labels, size_t n)
{
    struct sw_str near = sw_str_nearest(word, names, n);

    sw_buf_cstr(out, "");
    if (near.n > 0)
        sw_buf_printf(out, _("; did you mean %.*s?"), SW_STR_ARG(near));
    if (near.n > 0 || n == 0 || n > CHOICES_SHOWN)
        return;
    sw_buf_cstr(out, _("; there is "));
    for (size_t i = 0; i < n; i++) {
        sw_buf_printf(out, "%s%.*s", i == 0 ? "" : _(", "), SW_STR_ARG(names[i]));
        if (labels != NULL && labels[i].n > 0)
            sw_buf_printf(out, _(" (%.*s)"), SW_STR_ARG(labels[i]));
    }
}

void sw_diag_free(struct sw_diag *d)
{
    sw_arena_free(&d->arena);
    *d = (struct sw_diag){0};
}
