/* values.c - values out of answers and callbacks: paths, comparisons, numbers of phones, and what
 * of them may be shown. */
#include "eval.h"
#include "load.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>
#include <shouwang/base/utf8.h>

/* ---- paths ---- */

static bool is_name_end(char c)
{
    return c == '.' || c == '[' || c == ']';
}

/* One part, ".name" or "[3]", from *rest; false: neither. */
static bool take_part(struct loader *l, struct sw_str *rest, struct path *out)
{
    struct sw_str name;
    size_t n = 1;
    int64_t index;

    while (n < rest->n && !is_name_end(rest->p[n]))
        n++;
    name = sw_str_sub(*rest, 1, n - 1);
    if (name.n == 0)
        return false;
    if (rest->p[0] == '.') {
        out->at[out->n++].name = sw_arena_str(l->keep, name);
    } else {
        if (rest->p[0] != '[' || n == rest->n || rest->p[n] != ']' || !sw_str_int(name, &index) ||
            index < 0 || index > 9999)
            return false;
        out->at[out->n++].index = (uint32_t)index;
        n++;
    }
    *rest = sw_str_sub(*rest, n, rest->n);
    return true;
}

bool sw_load_path(struct loader *l, const struct sw_yaml *y, struct path *out)
{
    struct sw_str text;

    *out = (struct path){.n = 0};
    if (!sw_yaml_text(y, &text, l->diag))
        return false;
    if (text.n > 0 && text.p[0] == '$') {
        struct sw_str rest = sw_str_sub(text, 1, text.n);

        while (rest.n > 0 && out->n < PATH_MAX_PARTS && take_part(l, &rest, out)) {}
        if (rest.n == 0)
            return true;
    }
    sw_diag_add(l->diag, SW_ERROR, y->at,
                _("expected a path such as $.result.code or $.items[0], at most %d parts"),
                PATH_MAX_PARTS);
    return false;
}

static const struct sw_json *child_at(const struct sw_json *v, uint32_t index)
{
    if (v->kind != SW_JARRAY)
        return NULL;
    v = v->first;
    while (v != NULL && index-- > 0)
        v = v->next;
    return v;
}

static const struct sw_json *child_named(const struct sw_json *v, struct sw_str name)
{
    if (v->kind != SW_JOBJECT)
        return NULL;
    for (v = v->first; v != NULL; v = v->next) {
        if (sw_str_eq(v->key, name))
            return v;
    }
    return NULL;
}

const struct sw_json *sw_path_json(const struct path *path, const struct sw_json *root)
{
    for (size_t i = 0; i < path->n && root != NULL; i++)
        root = path->at[i].name.p == NULL ? child_at(root, path->at[i].index)
                                          : child_named(root, path->at[i].name);
    return root;
}

/* ---- written values ---- */

static enum sw_json_kind kind_of(const struct sw_yaml *y)
{
    double d;

    if (!y->plain)
        return SW_JSTRING;
    if (sw_str_is(y->text, "true"))
        return SW_JTRUE;
    if (sw_str_is(y->text, "false"))
        return SW_JFALSE;
    if (sw_str_is(y->text, "null"))
        return SW_JNULL;
    return sw_double_parse(y->text, &d) ? SW_JNUMBER : SW_JSTRING;
}

static void load_scalar(struct loader *l, const struct sw_yaml *y, struct scalars *out)
{
    struct sw_str text;

    if (sw_yaml_text(y, &text, l->diag))
        out->at[out->n++] = (struct scalar){kind_of(y), sw_arena_str(l->keep, text)};
}

void sw_load_scalars(struct loader *l, const struct sw_yaml *y, struct scalars *out)
{
    out->n = 0;
    out->at = SW_ARENA_ARRAY(l->keep, struct scalar, y->kind == SW_YLIST ? y->count : 1);
    if (y->kind != SW_YLIST) {
        load_scalar(l, y, out);
        return;
    }
    if (y->count == 0)
        sw_diag_add(l->diag, SW_ERROR, y->at, _("%.*s: an empty list"), SW_STR_ARG(y->key));
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next)
        load_scalar(l, v, out);
}

bool sw_scalar_is(const struct scalar *s, const struct sw_json *v)
{
    if (v == NULL || v->kind != s->kind)
        return false;
    return (v->kind != SW_JNUMBER && v->kind != SW_JSTRING) || sw_str_eq(v->text, s->text);
}

bool sw_scalars_have_text(const struct scalars *list, struct sw_str text)
{
    for (size_t i = 0; i < list->n; i++) {
        if (sw_str_eq(list->at[i].text, text))
            return true;
    }
    return false;
}

/* ---- phones, and what may be shown ---- */

static size_t count_digits(struct sw_str s)
{
    size_t n = 0;

    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    return n;
}

struct sw_str sw_phone_plain(struct sw_str number)
{
    struct sw_str s = sw_str_trim(number);

    if (sw_str_starts(s, SW_STR("+")))
        s = sw_str_sub(s, 1, s.n);
    else if (sw_str_starts(s, SW_STR("00")))
        s = sw_str_sub(s, 2, s.n);
    if (s.n == 13 && sw_str_starts(s, SW_STR("86")))
        s = sw_str_sub(s, 2, s.n);
    return s.n == 11 && s.p[0] == '1' && count_digits(s) == 11 ? s : sw_str_trim(number);
}

/* Length of the secret that `s` begins with, 0: none. Very short ones would hide half of every
 * text and are not searched for. */
static size_t secret_at(const struct sw_gateway *gw, struct sw_str s)
{
    for (uint32_t i = 0; i < gw->profile->count[FROM_SECRET]; i++) {
        if (gw->secrets[i].n >= 3 && sw_str_starts(s, gw->secrets[i]))
            return gw->secrets[i].n;
    }
    return 0;
}

/* Appends one character, or what stands for it; returns the bytes used up. */
static size_t put_safe(const struct sw_gateway *gw, struct sw_str rest, struct sw_buf *out)
{
    size_t secret = secret_at(gw, rest);
    size_t digits = count_digits(rest);
    size_t at = 0;
    int32_t cp;

    if (secret > 0) {
        sw_buf_cstr(out, "<secret>");
        return secret;
    }
    if (digits >= 11) {
        sw_buf_cstr(out, "<number>");
        return digits;
    }
    cp = sw_utf8_next(rest, &at);
    if (cp < 0)
        sw_buf_char(out, '?');
    else if (cp < 0x20 || cp == 0x7f)
        sw_buf_char(out, ' ');
    else
        sw_buf_put(out, rest.p, at);
    return at;
}

struct sw_str sw_safe_text(const struct sw_gateway *gw, struct sw_arena *arena, struct sw_str text,
                           size_t max)
{
    struct sw_buf out = {0};
    struct sw_str kept;

    for (size_t at = 0; at < text.n && out.n < 4 * max;)
        at += put_safe(gw, sw_str_sub(text, at, text.n), &out);
    kept = sw_arena_str(arena, sw_utf8_prefix(sw_buf_view(&out), max));
    sw_buf_free(&out);
    return kept;
}
