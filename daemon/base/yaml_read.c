/* yaml_read.c - typed reading of scalars. */
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

bool sw_yaml_text(const struct sw_yaml *y, struct sw_str *out, struct sw_diag *diag)
{
    if (!is_scalar(y, _("a text"), diag))
        return false;
    *out = y->text;
    return true;
}
