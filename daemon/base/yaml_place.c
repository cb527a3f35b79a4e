/* yaml_place.c - where in the file byte n of a scalar's value was written.
 *
 * Walks the value and its raw text side by side, repeating libyaml's unquoting and folding just far
 * enough to count: an error inside an expression must point at the character the author sees. */
#include <shouwang/base/utf8.h>
#include <shouwang/base/yaml.h>

/* Both texts and the two positions that belong together. */
struct walk {
    struct sw_str raw, value;
    size_t at, done;
};

static char raw_at(const struct walk *w, size_t at)
{
    return at < w->raw.n ? w->raw.p[at] : '\0';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A run of white space with a line break in it: one break is a space in the value, k are k - 1. */
static bool step_fold(struct walk *w)
{
    size_t end = w->at;
    size_t breaks = 0;

    for (; is_space(raw_at(w, end)); end++)
        breaks += raw_at(w, end) == '\n';
    if (breaks == 0)
        return false;
    w->at = end;
    w->done += breaks == 1 ? 1 : breaks - 1;
    return true;
}

/* A backslash sequence of a double-quoted scalar. */
static void step_escape(struct walk *w)
{
    char c = raw_at(w, w->at + 1);
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    size_t next = w->done;

    w->at += 2 + digits;
    if (c == '\n') {
        while (is_space(raw_at(w, w->at)))
            w->at++;
        return;
    }
    sw_utf8_next(w->value, &next);
    w->done = next;
}

static void walk_flow(struct walk *w, size_t offset, char quote)
{
    while (w->done < offset && w->at < w->raw.n) {
        if (is_space(raw_at(w, w->at)) && step_fold(w))
            continue;
        if (quote == '"' && raw_at(w, w->at) == '\\') {
            step_escape(w);
            continue;
        }
        w->at += quote == '\'' && raw_at(w, w->at) == '\'' ? 2 : 1;
        w->done++;
    }
}

static void skip_line(struct walk *w)
{
    while (w->at < w->raw.n && raw_at(w, w->at) != '\n')
        w->at++;
    w->at++;
}

static size_t spaces_at(const struct walk *w, size_t at)
{
    size_t n = 0;

    while (raw_at(w, at + n) == ' ')
        n++;
    return n;
}

/* Behind the header line of | or >: each line begins at the indent of the first one that is not
 * blank; a line break is one byte of the value. */
static void walk_block(struct walk *w, size_t offset)
{
    size_t first;
    size_t indent;

    skip_line(w);
    for (first = w->at; raw_at(w, first) == '\n'; first++) {}
    indent = spaces_at(w, first);
    w->at += spaces_at(w, w->at) < indent ? spaces_at(w, w->at) : indent;
    while (w->done < offset && w->at < w->raw.n) {
        bool end_of_line = raw_at(w, w->at) == '\n';

        w->at++;
        w->done++;
        if (end_of_line) {
            size_t n = spaces_at(w, w->at);

            w->at += n < indent ? n : indent;
        }
    }
}

static size_t offset_of(const struct sw_place *at)
{
    size_t from = 0;

    for (uint32_t line = 1; line < at->line && from < at->text.n; from++)
        line += at->text.p[from] == '\n';
    return from + sw_utf8_prefix(sw_str_sub(at->text, from, at->text.n), at->column - 1).n;
}

struct sw_place sw_yaml_place(const struct sw_yaml *scalar, size_t offset)
{
    struct walk w = {.raw = scalar->at.text, .value = scalar->text};
    struct sw_place at = scalar->at;
    char first;
    size_t line_start = 0;

    if (at.line == 0)
        return at;
    w.at = offset_of(&at);
    first = raw_at(&w, w.at);
    if (!scalar->plain && (first == '|' || first == '>')) {
        walk_block(&w, offset);
    } else {
        bool quoted = !scalar->plain && (first == '"' || first == '\'');

        w.at += quoted;
        walk_flow(&w, offset, quoted ? first : '\0');
    }
    at.line = 1;
    for (size_t i = 0; i < w.at && i < w.raw.n; i++) {
        if (w.raw.p[i] == '\n') {
            at.line++;
            line_start = i + 1;
        }
    }
    at.column = (uint32_t)sw_utf8_length(sw_str_sub(w.raw, line_start, w.at - line_start)) + 1;
    return at;
}
