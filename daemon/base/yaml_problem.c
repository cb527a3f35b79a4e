/* yaml_problem.c - what libyaml's few messages mean to the writer of a rule file.
 *
 * libyaml tells where it could not go on, often lines behind the mistake: a quote that is not
 * closed ends at the next one, a full-width colon makes a key part of the value. So the lines
 * between where the thing began and where reading stopped are searched for these first. */
#include "yaml_problem.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>

static const struct {
    const char *problem, *text;
    bool at_beginning; /* of what was being read, not where reading stopped */
} known[] = {
    {"could not find expected ':'", N_("expected a key with : and a blank behind it"), true},
    {"mapping values are not allowed in this context",
     N_("there is a : too many: put a value that holds a : into double quotes, or correct the "
        "indentation of this line"),
     false},
    {"block sequence entries are not allowed in this context",
     N_("no list can begin here: put - on a line of its own, or the value into double quotes"),
     false},
    {"did not find expected '-' indicator",
     N_("expected - as for the entries above, or another indentation of this line"), false},
    {"did not find expected key",
     N_("expected a key here: the indentation differs from the lines above, or a quote or bracket "
        "above is not closed"),
     false},
    {"did not find expected node content", N_("a value is missing here"), false},
    {"found character that cannot start any token",
     N_("no value begins with this character (a tab, %, @ or `); indent with blanks, put the value "
        "into double quotes"),
     false},
    {"found a tab character where an indentation space is expected",
     N_("indent with blanks, not with tabs"), false},
    {"found a tab character that violates indentation", N_("indent with blanks, not with tabs"),
     false},
    {"did not find expected alphabetic or numeric character",
     N_("put a value that begins with !, & or * into double quotes"), false},
    {"did not find expected whitespace or line break",
     N_("put a value that begins with !, & or * into double quotes"), false},
    {"found unknown escape character",
     N_("unknown \\ inside double quotes; write \\\\ for a \\ and \\\" for a quote"), false},
    {"did not find expected hexdecimal number",
     N_("unknown \\ inside double quotes; write \\\\ for a \\ and \\\" for a quote"), false},
    {"did not find expected comment or line break",
     N_("nothing may stand behind | or > in this line"), false},
    {"control characters are not allowed", N_("there is a control character in this line"), false},
};

static struct sw_str line_of(struct sw_str text, uint32_t line)
{
    struct sw_str part = {NULL, 0};

    for (uint32_t i = 0; i < line; i++) {
        if (!sw_str_split(&text, '\n', &part))
            return (struct sw_str){NULL, 0};
    }
    return part;
}

uint32_t sw_yaml_wide_colon(struct sw_str line)
{
    static const char wide[] = "：";

    for (size_t i = 0; i + sizeof(wide) - 1 <= line.n; i++) {
        if (line.p[i] == ':' || line.p[i] == '"' || line.p[i] == '\'' || line.p[i] == '#')
            return 0;
        if (memcmp(line.p + i, wide, sizeof(wide) - 1) == 0)
            return (uint32_t)sw_utf8_length(sw_str_sub(line, 0, i)) + 1;
    }
    return 0;
}

static bool tell_wide_colon(const struct sw_yaml_problem *p, struct sw_diag *diag)
{
    struct sw_place at = p->at;
    uint32_t first = p->began.line > 0 ? p->began.line : p->at.line;

    if (strcmp(p->problem, known[0].problem) != 0 && strcmp(p->problem, known[1].problem) != 0)
        return false;
    for (at.line = p->at.line; at.line > 0 && at.line + 1 >= first; at.line--) {
        at.column = sw_yaml_wide_colon(line_of(at.text, at.line));
        if (at.column > 0) {
            sw_diag_add(diag, SW_ERROR, at,
                        _("a full-width ： behind a key; write : and a blank behind it"));
            return true;
        }
    }
    return false;
}

/* Column of the quote in this line that has no partner in it, 0: none. */
static uint32_t open_quote(struct sw_str line)
{
    char quote = 0;
    size_t from = 0;

    for (size_t i = 0; i < line.n; i++) {
        char c = line.p[i];

        if (quote == '"' && c == '\\') {
            i++;
        } else if (quote != 0) {
            quote = c == quote ? 0 : quote;
        } else if (c == '#' && (i == 0 || line.p[i - 1] == ' ')) {
            break;
        } else if (c == '"' || (c == '\'' && i > 0 && strchr(" [{,(", line.p[i - 1]) != NULL)) {
            quote = c;
            from = i;
        }
    }
    return quote == 0 ? 0 : (uint32_t)sw_utf8_length(sw_str_sub(line, 0, from)) + 1;
}

static bool tell_quote(const struct sw_yaml_problem *p, struct sw_diag *diag)
{
    struct sw_place at = p->at;

    at.line = p->began.line > 0 ? p->began.line : p->at.line;
    for (; at.line <= p->at.line; at.line++) {
        at.column = open_quote(line_of(at.text, at.line));
        if (at.column == 0)
            continue;
        if (at.line == p->at.line)
            sw_diag_add(diag, SW_ERROR, at, _("this quote is not closed"));
        else
            sw_diag_add(diag, SW_ERROR, at,
                        _("this quote is not closed in its line (it was noticed in line %u)"),
                        p->at.line);
        return true;
    }
    return false;
}

static bool tell_bracket(const struct sw_yaml_problem *p, struct sw_diag *diag)
{
    bool map = strcmp(p->problem, "did not find expected ',' or '}'") == 0;

    if (p->began.line == 0 || (!map && strcmp(p->problem, "did not find expected ',' or ']'") != 0))
        return false;
    if (p->began.line == p->at.line)
        sw_diag_add(diag, SW_ERROR, p->at,
                    _("expected , or %c here: the %c in column %u is not closed yet"),
                    map ? '}' : ']', map ? '{' : '[', p->began.column);
    else
        sw_diag_add(diag, SW_ERROR, p->began,
                    _("this %c is not closed; expected , or %c by line %u"), map ? '{' : '[',
                    map ? '}' : ']', p->at.line);
    return true;
}

/* "overrides: []" with entries below it: the list is said to be empty and then is not. */
static bool tell_empty_list(const struct sw_yaml_problem *p, struct sw_diag *diag)
{
    struct sw_place at = p->at;
    struct sw_str line = sw_str_trim(line_of(at.text, at.line));

    if (line.n == 0 || line.p[0] != '-')
        return false;
    do {
        at.line--;
        line = line_of(at.text, at.line);
    } while (at.line > 1 && (sw_str_trim(line).n == 0 || sw_str_trim(line).p[0] == '#'));
    while (line.n > 0 && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\r'))
        line.n--;
    if (line.n < 2 || memcmp(line.p + line.n - 2, "[]", 2) != 0)
        return false;
    at.column = (uint32_t)sw_utf8_length(sw_str_sub(line, 0, line.n - 2)) + 1;
    sw_diag_add(diag, SW_ERROR, at,
                _("[] says that there is no entry; take it away, for entries stand below"));
    return true;
}

void sw_yaml_tell(const struct sw_yaml_problem *p, struct sw_diag *diag)
{
    if (tell_wide_colon(p, diag) || tell_empty_list(p, diag) || tell_quote(p, diag) ||
        tell_bracket(p, diag))
        return;
    for (size_t i = 0; i < SW_COUNTOF(known); i++) {
        if (strcmp(p->problem, known[i].problem) != 0)
            continue;
        sw_diag_add(diag, SW_ERROR, known[i].at_beginning && p->began.line > 0 ? p->began : p->at,
                    "%s", _(known[i].text));
        return;
    }
    sw_diag_add(diag, SW_ERROR, p->at, _("not YAML: %s"), p->problem);
}
