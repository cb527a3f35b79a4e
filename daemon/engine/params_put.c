/* params_put.c - the parameters in either of their two forms. What is printed here loads again to
 * the same values: params.c reads numbers as they are written here, and `.0` keeps a share that
 * happens to be whole a share. */
#include "parts.h"
#include <shouwang/base/csv.h>
#include <shouwang/base/number.h>
#include <shouwang/base/utf8.h>

enum { NUMBER_SIZE = SW_DOUBLE_SIZE + 2 };

static struct sw_str number(const struct sw_param *p, struct sw_value v, char out[NUMBER_SIZE])
{
    int64_t whole;

    if (p->is_money)
        return sw_str(sw_fen_format(v.i, out));
    if (p->is_whole) {
        snprintf(out, NUMBER_SIZE, "%lld", (long long)v.i);
        return sw_str(out);
    }
    sw_double_format(v.d, out);
    if (sw_str_int(sw_str(out), &whole))
        strcat(out, ".0");
    return sw_str(out);
}

static struct sw_str day_text(sw_day day, char out[SW_DATE_SIZE])
{
    return day == INT32_MIN ? SW_STR("") : sw_str(sw_date_format(day, out));
}

static bool is_dated(const struct sw_param *p)
{
    return p->n > 1 || p->value[0].from != INT32_MIN;
}

/* ---- a table ------------------------------------------------------------------------------ */

static void put_row(struct sw_buf *out, const struct sw_str *cells, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sw_csv_put(out, cells[i], i == 0);
    sw_buf_cstr(out, "\r\n");
}

static void put_rows(const struct sw_param *p, struct sw_buf *out)
{
    for (size_t i = 0; i < p->n; i++) {
        char value[NUMBER_SIZE];
        char min[NUMBER_SIZE];
        char max[NUMBER_SIZE];
        char from[SW_DATE_SIZE];
        const struct sw_str cells[] = {
            p->name,
            p->label,
            p->unit,
            number(p, p->value[i].value, value),
            number(p, p->min, min),
            number(p, p->max, max),
            day_text(p->value[i].from, from),
            p->value[i].source,
        };

        put_row(out, cells, SW_COUNTOF(cells));
    }
}

/* The mark in front is what makes Excel read UTF-8. */
static void put_table(const struct sw_ruleset *rs, struct sw_buf *out)
{
    sw_buf_cstr(out, "\xef\xbb\xbf"
                     "名称,含义,单位,数值,最小,最大,生效日期,依据\r\n");
    if (rs->params_version > 0)
        sw_buf_printf(out, "params,版本号（改一次加一）,,%lld,,,,\r\n",
                      (long long)rs->params_version);
    for (size_t i = 0; i < rs->n_params; i++)
        put_rows(&rs->param[i], out);
}

/* ---- YAML --------------------------------------------------------------------------------- */

/* Letters, digits and Chinese need no quotes wherever a scalar stands. */
static bool is_plain(struct sw_str s)
{
    for (size_t at = 0; at < s.n;) {
        bool first = at == 0;
        int32_t c = sw_utf8_next(s, &at);
        bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c >= 0x3001 && c < 0xd800) || (c > 0xff00 && c < 0xffe0);

        if (!word && (first || c <= ' ' || c > '~' || strchr("-_./%()", c) == NULL))
            return false;
    }
    return s.n > 0;
}

static void put_quoted(struct sw_str s, struct sw_buf *out)
{
    sw_buf_char(out, '"');
    for (size_t at = 0; at < s.n;) {
        size_t begin = at;
        int32_t c = sw_utf8_next(s, &at);

        if (c == '"' || c == '\\')
            sw_buf_char(out, '\\');
        if (c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
            c == 0xfffe || c == 0xffff)
            sw_buf_printf(out, "\\u%04X", (unsigned int)c);
        else
            sw_buf_put(out, s.p + begin, at - begin);
    }
    sw_buf_char(out, '"');
}

/* "key: text" behind `between`; nothing when the text is empty. */
static void put_key(struct sw_buf *out, const char *between, const char *key, struct sw_str text)
{
    if (text.n == 0)
        return;
    sw_buf_printf(out, "%s%s: ", between, key);
    if (is_plain(text))
        sw_buf_str(out, text);
    else
        put_quoted(text, out);
}

static void put_limits(const struct sw_param *p, const char *between, struct sw_buf *out)
{
    char text[NUMBER_SIZE];

    sw_buf_printf(out, "%smin: %s", between, number(p, p->min, text).p);
    sw_buf_printf(out, "%smax: %s", between, number(p, p->max, text).p);
}

/* name: {label: …, unit: …, value: …, min: …, max: …, source: …} */
static void put_line(const struct sw_param *p, struct sw_buf *out)
{
    char text[NUMBER_SIZE];
    const char *between = "{";

    sw_buf_printf(out, "%.*s: ", SW_STR_ARG(p->name));
    put_key(out, between, "label", p->label);
    between = p->label.n > 0 ? ", " : between;
    put_key(out, between, "unit", p->unit);
    between = p->unit.n > 0 ? ", " : between;
    sw_buf_printf(out, "%svalue: %s", between, number(p, p->value[0].value, text).p);
    put_limits(p, ", ", out);
    put_key(out, ", ", "source", p->value[0].source);
    sw_buf_cstr(out, "}\n");
}

static void put_block(const struct sw_param *p, struct sw_buf *out)
{
    sw_buf_printf(out, "%.*s:", SW_STR_ARG(p->name));
    put_key(out, "\n  ", "label", p->label);
    put_key(out, "\n  ", "unit", p->unit);
    put_limits(p, "\n  ", out);
    sw_buf_cstr(out, "\n  values:\n");
    for (size_t i = 0; i < p->n; i++) {
        char text[NUMBER_SIZE];
        char from[SW_DATE_SIZE];
        const char *between = p->value[i].from == INT32_MIN ? "{" : ", ";

        sw_buf_cstr(out, "    - ");
        put_key(out, "{", "from", day_text(p->value[i].from, from));
        sw_buf_printf(out, "%svalue: %s", between, number(p, p->value[i].value, text).p);
        put_key(out, ", ", "source", p->value[i].source);
        sw_buf_cstr(out, "}\n");
    }
}

static void put_yaml(const struct sw_ruleset *rs, struct sw_buf *out)
{
    if (rs->params_version > 0)
        sw_buf_printf(out, "params: %lld\n\n", (long long)rs->params_version);
    for (size_t i = 0; i < rs->n_params; i++) {
        if (is_dated(&rs->param[i]))
            put_block(&rs->param[i], out);
        else
            put_line(&rs->param[i], out);
    }
}

void sw_ruleset_params_put(const struct sw_ruleset *rs, enum sw_params_form form,
                           struct sw_buf *out)
{
    if (form == SW_PARAMS_TABLE)
        put_table(rs, out);
    else
        put_yaml(rs, out);
}
