/* yaml_keys.c - reading a map of a file by its table. */
#include "yaml_problem.h"
#include <regex.h>
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <shouwang/base/utf8.h>
#include <shouwang/base/yaml_keys.h>

enum { NAMES_MAX = 64, NAME_LENGTH_MAX = 64 };

bool sw_is_name(struct sw_str s, bool dots)
{
    bool start = true;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = c >= 'a' && c <= 'z';
        bool inside = (c >= '0' && c <= '9') || c == '_';

        if (c == '.' && dots && !start)
            start = true;
        else if (letter || (inside && !start))
            start = false;
        else
            return false;
    }
    return !start && s.n <= NAME_LENGTH_MAX;
}

/* ---- one value ---------------------------------------------------------------------------- */

static bool has_bounds(const struct sw_key *k)
{
    return k->lo < 0 || k->lo > 0 || k->hi < 0 || k->hi > 0;
}

static void put_words(struct sw_buf *out, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        sw_buf_printf(out, "%s%s", i == 0 ? "" : ", ", words[i]);
}

/* What a value of this kind is, behind "expected". */
static void put_wanted(struct sw_buf *out, const struct sw_key *k)
{
    static const char *const plain[] = {
        [SW_KEY_TEXT] = N_("a text"),
        [SW_KEY_EXPRESSION] = N_("an expression"),
        [SW_KEY_SCALAR] = N_("a text or a number"),
        [SW_KEY_NUMBER] = N_("a number"),
        [SW_KEY_INT] = N_("a whole number"),
        [SW_KEY_DAYS] = N_("whole days such as 30d"),
        [SW_KEY_DATE] = N_("a date such as 2024-03-14"),
        [SW_KEY_BOOL] = N_("true or false"),
        [SW_KEY_WORD] = N_("one of "),
        [SW_KEY_MAP] = N_("a map of keys and values"),
        [SW_KEY_LIST] = N_("a list"),
    };

    if (k->wanted != NULL)
        sw_buf_printf(out, "%s", _(k->wanted));
    else if (k->kind == SW_KEY_TEXT && k->hi > 0)
        sw_buf_printf(out, _("a text of at most %.0f characters"), k->hi);
    else if (k->kind == SW_KEY_TEXT && k->lo > 0)
        sw_buf_printf(out, "%s", _("a text that is not empty"));
    else if (has_bounds(k) && k->kind == SW_KEY_LIST)
        sw_buf_printf(out, _("a list of at most %.0f entries"), k->hi);
    else if (has_bounds(k) && k->kind == SW_KEY_NUMBER)
        sw_buf_printf(out, _("a number from %g to %g"), k->lo, k->hi);
    else if (has_bounds(k) && k->kind == SW_KEY_INT)
        sw_buf_printf(out, _("a whole number from %.0f to %.0f"), k->lo, k->hi);
    else
        sw_buf_printf(out, "%s", _(plain[k->kind]));
    if (k->kind == SW_KEY_WORD)
        put_words(out, k->words);
    if (k->or_else != NULL) {
        sw_buf_printf(out, "%s", _(" or "));
        put_wanted(out, k->or_else);
    }
}

static void tell_wrong(const struct sw_key *k, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_buf text = {0};
    struct sw_str known[NAMES_MAX];
    struct sw_str near = {NULL, 0};
    size_t n = 0;
    double number;

    if (y->key.n > 0)
        sw_buf_printf(&text, _("%.*s: "), SW_STR_ARG(y->key));
    sw_buf_printf(&text, "%s", _("expected "));
    put_wanted(&text, k);
    if (y->kind == SW_YSCALAR && k->kind != SW_KEY_MAP && k->kind != SW_KEY_LIST)
        sw_buf_printf(&text, _(", got \"%s\""), y->text.p); /* else it may be a secret's place */
    if (y->kind == SW_YSCALAR && (k->kind == SW_KEY_NUMBER || k->kind == SW_KEY_INT) &&
        !sw_double_parse(y->text, &number))
        sw_buf_cstr(&text, sw_number_hint(y->text, false));
    if (k->kind == SW_KEY_WORD && y->kind == SW_YSCALAR) {
        while (n < NAMES_MAX && k->words[n] != NULL) {
            known[n] = sw_str(k->words[n]);
            n++;
        }
        near = sw_str_nearest(y->text, known, n);
    }
    if (near.n > 0)
        sw_buf_printf(&text, _("; did you mean %.*s?"), SW_STR_ARG(near));
    sw_diag_add(diag, SW_ERROR, y->at, "%s", text.p);
    sw_buf_free(&text);
}

static void store_whole(const struct sw_key *k, int64_t value, void *into)
{
    switch (into == NULL ? 0 : k->size) {
    case sizeof(uint8_t): *(uint8_t *)into = (uint8_t)value; break;
    case sizeof(int32_t): *(int32_t *)into = (int32_t)value; break;
    case sizeof(int64_t): *(int64_t *)into = value; break;
    default: break;
    }
}

static bool read_whole(const struct sw_key *k, struct sw_str text, void *into)
{
    char room[SW_NUMBER_SIZE];
    int64_t i;

    if (!sw_str_int(sw_number_plain(text, room), &i) ||
        (has_bounds(k) && ((double)i < k->lo || (double)i > k->hi)))
        return false;
    store_whole(k, i, into);
    return true;
}

static bool read_days(const struct sw_key *k, struct sw_str text, void *into)
{
    int64_t days;

    if (text.n > 1 && text.p[text.n - 1] == 'd')
        text.n--;
    if (!sw_str_int(text, &days) || days < 0 || days > SW_KEY_DAYS_MAX)
        return false;
    store_whole(k, days, into);
    return true;
}

static bool read_word(const struct sw_key *k, struct sw_str text, void *into)
{
    for (size_t i = 0; k->words[i] != NULL; i++) {
        if (sw_str_is(text, k->words[i])) {
            store_whole(k, (int64_t)i, into);
            return true;
        }
    }
    return false;
}

static bool read_number(const struct sw_key *k, struct sw_str text, void *into)
{
    char room[SW_NUMBER_SIZE];
    double d;

    if (!sw_double_parse(sw_number_plain(text, room), &d) ||
        (has_bounds(k) && (d < k->lo || d > k->hi)))
        return false;
    if (into != NULL)
        *(double *)into = d;
    return true;
}

static bool read_date(struct sw_str text, void *into)
{
    sw_day day;

    if (!sw_date_parse(text, &day))
        return false;
    if (into != NULL)
        *(sw_day *)into = day;
    return true;
}

static bool matches(const char *pattern, struct sw_str text)
{
    regex_t compiled;
    bool found;

    SW_ASSERT(regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) == 0);
    found = regexec(&compiled, text.p, 0, NULL, 0) == 0;
    regfree(&compiled);
    return found;
}

static bool read_text(const struct sw_key *k, struct sw_str text, void *into)
{
    double length = (double)sw_utf8_length(text);

    if (k->pattern != NULL && !matches(k->pattern, text))
        return false;
    if (length < k->lo || (k->hi > 0 && length > k->hi))
        return false;
    if (into != NULL)
        *(struct sw_str *)into = text;
    return true;
}

static bool is_shaped(const struct sw_key *k, const struct sw_yaml *y)
{
    return y->kind == (k->kind == SW_KEY_MAP    ? SW_YMAP
                       : k->kind == SW_KEY_LIST ? SW_YLIST
                                                : SW_YSCALAR);
}

/* False: not a value of this kind. */
static bool read_value(const struct sw_key *k, const struct sw_yaml *y, void *into)
{
    if (!is_shaped(k, y) || (k->kind == SW_KEY_LIST && has_bounds(k) && y->count > k->hi))
        return false;
    switch (k->kind) {
    case SW_KEY_TEXT: return read_text(k, y->text, into);
    case SW_KEY_NUMBER: return read_number(k, y->text, into);
    case SW_KEY_INT: return read_whole(k, y->text, into);
    case SW_KEY_DAYS: return read_days(k, y->text, into);
    case SW_KEY_DATE: return read_date(y->text, into);
    case SW_KEY_WORD: return read_word(k, y->text, into);
    case SW_KEY_BOOL:
        if (sw_str_is(y->text, "true") || sw_str_is(y->text, "false")) {
            store_whole(k, sw_str_is(y->text, "true"), into);
            return true;
        }
        return false;
    case SW_KEY_EXPRESSION:
    case SW_KEY_SCALAR:
    case SW_KEY_MAP:
    case SW_KEY_LIST:
        if (into != NULL)
            *(const struct sw_yaml **)into = y;
        return true;
    }
    return false;
}

/* What is inside a value of the right shape. */
static bool read_inside(const struct sw_key *shape, const struct sw_yaml *y, void *into,
                        struct sw_diag *diag);

static bool read_entry(const struct sw_key *k, const struct sw_yaml *y, void *into,
                       struct sw_diag *diag)
{
    const struct sw_key *shape = k;

    do {
        void *place = into == NULL || shape->size == 0 ? NULL : (char *)into + shape->into;

        if (read_value(shape, y, place))
            return shape->later || read_inside(shape, y, into, diag);
        shape = shape->or_else;
    } while (shape != NULL);
    tell_wrong(k, y, diag);
    return false;
}

static bool read_inside(const struct sw_key *shape, const struct sw_yaml *y, void *into,
                        struct sw_diag *diag)
{
    bool good = true;

    if (shape->kind == SW_KEY_MAP && shape->of != NULL)
        return sw_keys_read(shape->of, y, into, diag);
    if (shape->kind != SW_KEY_LIST || shape->item == NULL)
        return true;
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next)
        good &= read_entry(shape->item, v, NULL, diag);
    return good;
}

/* ---- a map -------------------------------------------------------------------------------- */

static const struct sw_key *find_key(const struct sw_keys *keys, struct sw_str name)
{
    for (size_t i = 0; i < keys->n; i++) {
        if (sw_str_is(name, keys->key[i].name))
            return &keys->key[i];
    }
    return NULL;
}

static void tell_unknown(const struct sw_keys *keys, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_str known[NAMES_MAX];
    struct sw_str near;
    size_t n = 0;

    if (sw_yaml_wide_colon(y->key) > 0) {
        sw_diag_add(diag, SW_ERROR, y->key_at,
                    _("a full-width ： behind a key; write : and a blank behind it"));
        return;
    }
    for (; n < keys->n && n < NAMES_MAX; n++)
        known[n] = sw_str(keys->key[n].refused == NULL ? keys->key[n].name : "");
    near = sw_str_nearest(y->key, known, n);
    if (near.n > 0)
        sw_diag_add(diag, SW_ERROR, y->key_at, _("unknown key %.*s; did you mean %.*s?"),
                    SW_STR_ARG(y->key), SW_STR_ARG(near));
    else
        sw_diag_add(diag, SW_ERROR, y->key_at, _("unknown key %.*s"), SW_STR_ARG(y->key));
}

/* A key the writer chose. */
static bool check_chosen(enum sw_key_names names, const struct sw_yaml *y, struct sw_diag *diag)
{
    sw_day day;
    int64_t year;

    switch (names) {
    case SW_NAMES_ANY: return true;
    case SW_NAMES_WORDS:
    case SW_NAMES_DOTTED:
        if (sw_is_name(y->key, names == SW_NAMES_DOTTED))
            return true;
        sw_diag_add(diag, SW_ERROR, y->key_at,
                    _("%.*s: a name is made of lower-case letters, digits and _"),
                    SW_STR_ARG(y->key));
        return false;
    case SW_NAMES_DATES:
        if (sw_date_parse(y->key, &day))
            return true;
        sw_diag_add(diag, SW_ERROR, y->key_at, _("%.*s: expected a date such as 2024-03-14"),
                    SW_STR_ARG(y->key));
        return false;
    case SW_NAMES_YEARS:
        if (y->key.n == 4 && sw_str_int(y->key, &year) && year >= 0)
            return true;
        sw_diag_add(diag, SW_ERROR, y->key_at, _("%.*s: expected a year such as 2026"),
                    SW_STR_ARG(y->key));
        return false;
    }
    return false;
}

static bool is_excused(const struct sw_key *k, const struct sw_yaml *map)
{
    const struct sw_yaml *y = k->unless_key == NULL ? NULL : sw_yaml_get(map, k->unless_key);

    return y != NULL && y->kind == SW_YSCALAR && sw_str_is(y->text, k->unless_word);
}

static void tell_missing(const struct sw_key *k, const struct sw_yaml *map, struct sw_diag *diag)
{
    struct sw_buf text = {0};

    if (map->key.n > 0)
        sw_buf_printf(&text, _("%.*s: "), SW_STR_ARG(map->key));
    sw_buf_printf(&text, _("%s is missing"), k->name);
    if (k->help != NULL)
        sw_buf_printf(&text, _(" (%s)"), _(k->help));
    sw_diag_add(diag, SW_ERROR, map->key.n > 0 ? map->key_at : map->at, "%s", text.p);
    sw_buf_free(&text);
}

static bool check_choice(const struct sw_keys *keys, const struct sw_yaml *map,
                         struct sw_diag *diag)
{
    struct sw_buf names = {0};
    size_t given = 0;
    bool good;

    for (size_t i = 0; i < keys->n; i++) {
        if (!keys->key[i].choice)
            continue;
        sw_buf_printf(&names, "%s%s", names.n == 0 ? "" : ", ", keys->key[i].name);
        given += sw_yaml_get(map, keys->key[i].name) != NULL;
    }
    good = names.n == 0 || given == 1;
    if (!good)
        sw_diag_add(diag, SW_ERROR, map->key.n > 0 ? map->key_at : map->at,
                    _("%.*s: exactly one of %s is given"), SW_STR_ARG(map->key), names.p);
    sw_buf_free(&names);
    return good;
}

bool sw_keys_read(const struct sw_keys *keys, const struct sw_yaml *map, void *into,
                  struct sw_diag *diag)
{
    static const struct sw_key whole = {.kind = SW_KEY_MAP};
    bool good = true;

    if (map->kind != SW_YMAP) {
        tell_wrong(&whole, map, diag);
        return false;
    }
    for (size_t i = 0; i < keys->n; i++) {
        const struct sw_key *k = &keys->key[i];

        if (k->required && sw_yaml_get(map, k->name) == NULL && !is_excused(k, map)) {
            tell_missing(k, map, diag);
            good = false;
        }
    }
    good &= check_choice(keys, map, diag);
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        const struct sw_key *k = find_key(keys, y->key);

        if (k != NULL && k->refused != NULL)
            sw_diag_add(diag, SW_ERROR, y->key_at, "%s: %s", k->name, _(k->refused));
        else if (k != NULL)
            good &= read_entry(k, y, into, diag);
        else if (keys->other == NULL)
            tell_unknown(keys, y, diag);
        else
            good &= check_chosen(keys->names, y, diag) && read_entry(keys->other, y, into, diag);
    }
    return good;
}
