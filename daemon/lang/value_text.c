/* value_text.c - values as people read them. */
#include "lang/native.h"
#include "lang/session.h"
#include <math.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>

enum { LONGEST = 64 * 1024 };

/* Two places at most, without needless zeros: 0.4, 12.35, 7. Never "-0". */
static void put_rounded(double d, struct sw_buf *out)
{
    char text[SW_SHORTEST_SIZE];
    double rounded = round(d * 100) / 100;

    if (!(fabs(d) < 1e15))
        rounded = d;
    if (rounded == 0)
        rounded = 0;
    if (fabs(rounded) >= 1e15 || isnan(rounded)) {
        sw_buf_cstr(out, sw_double_shortest(rounded, text));
        return;
    }
    snprintf(text, sizeof(text), "%.2f", rounded);
    for (size_t n = strlen(text); text[n - 1] == '0' || text[n - 1] == '.'; n--) {
        bool point = text[n - 1] == '.';

        text[n - 1] = '\0';
        if (point)
            break;
    }
    sw_buf_cstr(out, text);
}

static void put_item(const struct sw_lang *l, struct sw_value v, struct sw_buf *out)
{
    const struct sw_type *e = NULL;

    if (l != NULL && v.enum_id > 0 && v.enum_id <= l->n_enums)
        e = l->enums[v.enum_id - 1];
    if (e == NULL || v.i < 0 || (size_t)v.i >= e->n)
        sw_buf_printf(out, "#%lld", (long long)v.i);
    else
        sw_buf_str(out, e->items[v.i].label.n > 0 ? e->items[v.i].label : e->items[v.i].name);
}

static void put_list(const struct sw_lang *l, const struct sw_value *at, size_t n, bool pairs,
                     struct sw_buf *out)
{
    sw_buf_char(out, pairs ? '{' : '[');
    for (size_t i = 0; i < n && out->n < LONGEST; i++) {
        if (i > 0)
            sw_buf_cstr(out, pairs && i % 2 == 1 ? ": " : ", ");
        sw_value_put(l, at[i], out);
    }
    sw_buf_char(out, pairs ? '}' : ']');
}

static void put_number(const struct sw_lang *l, double d, struct sw_buf *out)
{
    char text[SW_SHORTEST_SIZE];

    if (l != NULL && l->mode == SW_LANG_RULES)
        put_rounded(d, out);
    else
        sw_buf_cstr(out, sw_double_shortest(d, text));
}

/* Whole days are a number of days to those who read rules. */
static void put_duration(const struct sw_lang *l, struct sw_value v, struct sw_buf *out)
{
    if (l != NULL && l->mode == SW_LANG_RULES && v.n == 0 && v.i % 86400 == 0)
        sw_buf_printf(out, "%lld", (long long)(v.i / 86400));
    else
        sw_time_put(v, out);
}

static void put_bytes(struct sw_value v, struct sw_buf *out)
{
    for (uint32_t i = 0; i < v.n && out->n < LONGEST; i++)
        sw_buf_printf(out, "%02x", (unsigned char)v.s[i]);
}

static void put_other(const struct sw_lang *l, struct sw_value v, struct sw_buf *out)
{
    switch ((int)v.kind) {
    case SW_KLIST: put_list(l, v.list->at, v.list->n, false, out); break;
    case SW_KMAP: put_list(l, v.map->at, 2 * (size_t)v.map->n, true, out); break;
    case SW_KTYPE: sw_buf_cstr(out, sw_type_denotation(v.type->kind)); break;
    case SW_KOPTIONAL:
        sw_buf_cstr(out, v.optional == NULL ? "optional.none()" : "optional.of(");
        if (v.optional != NULL) {
            sw_value_put(l, *v.optional, out);
            sw_buf_char(out, ')');
        }
        break;
    case SW_KRECORD: sw_buf_cstr(out, "{…}"); break;
    case SW_KUNKNOWN: sw_buf_cstr(out, _("unknown")); break;
    default: sw_buf_cstr(out, _(v.s)); break;
    }
}

void sw_value_put(const struct sw_lang *l, struct sw_value v, struct sw_buf *out)
{
    char money[SW_FEN_SIZE];
    char date[SW_DATE_SIZE];

    if (out->n >= LONGEST)
        return;
    switch ((int)v.kind) {
    case SW_KNULL: sw_buf_cstr(out, "null"); break;
    case SW_KBOOL: sw_buf_cstr(out, v.b ? _("true") : _("false")); break;
    case SW_KINT: sw_buf_printf(out, "%lld", (long long)v.i); break;
    case SW_KUINT: sw_buf_printf(out, "%llu", (unsigned long long)v.u); break;
    case SW_KDOUBLE: put_number(l, v.d, out); break;
    case SW_KSTRING: sw_buf_str(out, sw_value_text(v)); break;
    case SW_KBYTES: put_bytes(v, out); break;
    case SW_KTIMESTAMP: sw_time_put(v, out); break;
    case SW_KDURATION: put_duration(l, v, out); break;
    case SW_KMONEY: sw_buf_cstr(out, sw_fen_format(v.i, money)); break;
    case SW_KDATE: sw_buf_cstr(out, sw_date_format((sw_day)v.i, date)); break;
    case SW_KENUM: put_item(l, v, out); break;
    case SW_KPERSON: sw_buf_printf(out, "#%lld", (long long)v.i); break;
    default: put_other(l, v, out); break;
    }
}
