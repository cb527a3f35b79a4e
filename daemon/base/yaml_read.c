/* yaml_read.c - typed reading of scalars, and strict keys. */
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/yaml.h>

static bool is_scalar(const struct sw_yaml *y, const char *wanted, struct sw_diag *diag)
{
    if (y->kind == SW_YSCALAR)
        return true;
    sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: expected %s"), SW_STR_ARG(y->key), wanted);
    return false;
}

static bool wrong(const struct sw_yaml *y, const char *wanted, struct sw_diag *diag)
{
    sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: expected %s, got \"%s\""), SW_STR_ARG(y->key),
                wanted, y->text.p);
    return false;
}

bool sw_yaml_bool(const struct sw_yaml *y, bool *out, struct sw_diag *diag)
{
    if (!is_scalar(y, _("true or false"), diag))
        return false;
    if (!sw_str_is(y->text, "true") && !sw_str_is(y->text, "false"))
        return wrong(y, _("true or false"), diag);
    *out = sw_str_is(y->text, "true");
    return true;
}

bool sw_yaml_int(const struct sw_yaml *y, int64_t lo, int64_t hi, int64_t *out,
                 struct sw_diag *diag)
{
    int64_t value;

    if (!is_scalar(y, _("a whole number"), diag))
        return false;
    if (!sw_str_int(y->text, &value))
        return wrong(y, _("a whole number"), diag);
    if (value < lo || value > hi) {
        sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: %lld is outside %lld to %lld"),
                    SW_STR_ARG(y->key), (long long)value, (long long)lo, (long long)hi);
        return false;
    }
    *out = value;
    return true;
}

bool sw_yaml_date(const struct sw_yaml *y, sw_day *out, struct sw_diag *diag)
{
    if (!is_scalar(y, _("a date such as 2024-03-14"), diag))
        return false;
    return sw_date_parse(y->text, out) || wrong(y, _("a date such as 2024-03-14"), diag);
}

bool sw_yaml_text(const struct sw_yaml *y, struct sw_str *out, struct sw_diag *diag)
{
    if (!is_scalar(y, _("a text"), diag))
        return false;
    *out = y->text;
    return true;
}

void sw_yaml_only(const struct sw_yaml *map, const char *const *names, size_t n,
                  struct sw_diag *diag)
{
    struct sw_str known[64];

    for (size_t i = 0; i < n && i < SW_COUNTOF(known); i++)
        known[i] = sw_str(names[i]);
    for (const struct sw_yaml *e = map->first; e != NULL; e = e->next) {
        struct sw_str near;
        bool found = false;

        for (size_t i = 0; i < n; i++)
            found |= sw_str_is(e->key, names[i]);
        if (found)
            continue;
        near = sw_str_nearest(e->key, known, n < SW_COUNTOF(known) ? n : SW_COUNTOF(known));
        if (near.n > 0)
            sw_diag_add(diag, SW_ERROR, e->key_at, _("unknown key %.*s; did you mean %.*s?"),
                        SW_STR_ARG(e->key), SW_STR_ARG(near));
        else
            sw_diag_add(diag, SW_ERROR, e->key_at, _("unknown key %.*s"), SW_STR_ARG(e->key));
    }
}
