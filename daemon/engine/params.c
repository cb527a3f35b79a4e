/* params.c - the numbers a county tunes (params.yaml) and the places that differ (areas.yaml).
 *
 * A parameter's unit gives its type: 元 is money, everything else a whole number or, when any of
 * its numbers has a fraction, a double. Values may carry a first day; what holds on a day is the
 * newest one that has begun, or the nearest area's override. */
#include "parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>

/* ---- one number --------------------------------------------------------------------------- */

bool sw_param_read(const struct sw_param *p, const struct sw_yaml *y, struct sw_value *out,
                   struct sw_diag *diag)
{
    struct sw_str text;
    int64_t i;
    double d;

    if (!sw_yaml_text(y, &text, diag))
        return false;
    if (p->is_money && sw_fen_parse(text, &i))
        *out = sw_value_money(i);
    else if (!p->is_money && p->is_whole && sw_str_int(text, &i))
        *out = sw_value_int(i);
    else if (!p->is_money && !p->is_whole && sw_double_parse(text, &d))
        *out = sw_value_double(d);
    else {
        sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: \"%s\" is no %s"), SW_STR_ARG(p->name),
                    y->text.p, p->is_money ? _("amount in yuan") : _("number"));
        return false;
    }
    return true;
}

static double as_double(struct sw_value v)
{
    return v.kind == SW_KDOUBLE ? v.d : (double)v.i;
}

static bool in_range(const struct sw_param *p, struct sw_value v, const struct sw_yaml *y,
                     struct sw_diag *diag)
{
    const struct sw_yaml *at = y;
    char lo[SW_DOUBLE_SIZE];
    char hi[SW_DOUBLE_SIZE];
    double unit = p->is_money ? 100 : 1;

    if (as_double(v) >= as_double(p->min) && as_double(v) <= as_double(p->max))
        return true;
    sw_diag_add(diag, SW_ERROR, at->at, _("%.*s: %s is outside the range %s to %s%.*s"),
                SW_STR_ARG(p->name), y->text.p, sw_double_format(as_double(p->min) / unit, lo),
                sw_double_format(as_double(p->max) / unit, hi), SW_STR_ARG(p->unit));
    return false;
}

/* ---- params.yaml -------------------------------------------------------------------------- */

static bool is_fraction(const struct sw_yaml *y)
{
    int64_t i;

    return y != NULL && y->kind == SW_YSCALAR && !sw_str_int(y->text, &i);
}

/* Whether any of the parameter's numbers has a fraction. */
static bool has_fraction(const struct sw_yaml *y)
{
    const struct sw_yaml *values = sw_yaml_get(y, "values");
    bool found = is_fraction(sw_yaml_get(y, "value")) || is_fraction(sw_yaml_get(y, "min")) ||
                 is_fraction(sw_yaml_get(y, "max"));

    if (values != NULL && values->kind == SW_YLIST) {
        for (const struct sw_yaml *v = values->first; v != NULL; v = v->next)
            found |= is_fraction(sw_yaml_get(v, "value"));
    }
    return found;
}

static void load_dated(struct sw_ruleset *rs, struct sw_param *p, const struct sw_yaml *list,
                       struct sw_diag *diag)
{
    p->value = SW_ARENA_ARRAY(&rs->arena, struct sw_dated, list->count);
    for (const struct sw_yaml *v = list->first; v != NULL; v = v->next) {
        struct sw_dated *d = &p->value[p->n];
        const struct sw_yaml *value = sw_yaml_get(v, "value");

        if (!sw_keys_read(&sw_dated_keys, v, d, diag) ||
            !sw_param_read(p, value, &d->value, diag) || !in_range(p, d->value, value, diag))
            continue;
        if (p->n > 0 && d->from <= p->value[p->n - 1].from)
            sw_diag_add(diag, SW_ERROR, sw_yaml_get(v, "from")->at,
                        _("%.*s: dated values go from the oldest on"), SW_STR_ARG(p->name));
        p->n++;
    }
}

static void load_param(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_param *p = &rs->param[rs->n_params];
    const struct sw_yaml *value = sw_yaml_get(y, "value");
    const struct sw_yaml *values = sw_yaml_get(y, "values");

    *p = (struct sw_param){.name = y->key};
    if (!sw_keys_read(&sw_param_keys, y, p, diag))
        return;
    p->is_money = sw_str_is(p->unit, "元");
    p->is_whole = !has_fraction(y);
    if (!sw_param_read(p, sw_yaml_get(y, "min"), &p->min, diag) ||
        !sw_param_read(p, sw_yaml_get(y, "max"), &p->max, diag))
        return;
    if (values != NULL) {
        load_dated(rs, p, values, diag);
    } else {
        p->value = SW_ARENA_NEW(&rs->arena, struct sw_dated);
        p->value[0].from = INT32_MIN;
        if (!sw_param_read(p, value, &p->value[0].value, diag) ||
            !in_range(p, p->value[0].value, value, diag))
            return;
        p->n = 1;
    }
    rs->n_params++;
}

bool sw_load_params(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    size_t errors = diag->errors;

    if (root->count > PARAMS_MAX) {
        sw_diag_add(diag, SW_ERROR, root->at, _("more than %d parameters"), PARAMS_MAX);
        return false;
    }
    rs->param = SW_ARENA_ARRAY(&rs->arena, struct sw_param, root->count + 1);
    sw_keys_read(&sw_params_keys, root, NULL, diag);
    for (const struct sw_yaml *y = root->first; y != NULL; y = y->next) {
        if (y->kind == SW_YMAP)
            load_param(rs, y, diag);
    }
    return diag->errors == errors;
}

/* ---- areas.yaml --------------------------------------------------------------------------- */

int64_t sw_param_find(const struct sw_ruleset *rs, struct sw_str name)
{
    for (size_t i = 0; i < rs->n_params; i++) {
        if (sw_str_eq(rs->param[i].name, name))
            return (int64_t)i;
    }
    return -1;
}

static void unknown_param(const struct sw_ruleset *rs, const struct sw_yaml *y,
                          struct sw_diag *diag)
{
    struct sw_str names[PARAMS_MAX];
    struct sw_str near;

    for (size_t i = 0; i < rs->n_params; i++)
        names[i] = rs->param[i].name;
    near = sw_str_nearest(y->key, names, rs->n_params);
    if (near.n > 0)
        sw_diag_add(diag, SW_ERROR, y->key_at, _("no parameter %.*s; did you mean %.*s?"),
                    SW_STR_ARG(y->key), SW_STR_ARG(near));
    else
        sw_diag_add(diag, SW_ERROR, y->key_at, _("no parameter %.*s"), SW_STR_ARG(y->key));
}

/* One place's `set:`, each parameter a row of its own. */
static void load_set(struct sw_ruleset *rs, const struct sw_yaml *set, struct sw_override like,
                     struct sw_diag *diag)
{
    for (const struct sw_yaml *y = set->first; y != NULL; y = y->next) {
        int64_t param = sw_param_find(rs, y->key);
        struct sw_override *o = &rs->override[rs->n_overrides];

        if (param < 0) {
            unknown_param(rs, y, diag);
            continue;
        }
        *o = like;
        o->param = (uint32_t)param;
        if (!sw_param_read(&rs->param[param], y, &o->value, diag) ||
            !in_range(&rs->param[param], o->value, y, diag))
            continue;
        for (size_t i = 0; i < rs->n_overrides; i++) {
            const struct sw_override *x = &rs->override[i];

            if (x->param == o->param && sw_str_eq(x->area, o->area) && x->from <= o->until &&
                o->from <= x->until)
                sw_diag_add(diag, SW_ERROR, y->key_at,
                            _("%.*s: two values for %.*s hold on the same days"),
                            SW_STR_ARG(y->key), SW_STR_ARG(o->area));
        }
        rs->n_overrides++;
    }
}

static void load_override(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_override o = {.from = INT32_MIN, .until = SW_DAY_NEVER};

    if (!sw_keys_read(&sw_override_keys, y, &o, diag))
        return;
    if (o.until < o.from)
        sw_diag_add(diag, SW_ERROR, sw_yaml_get(y, "until")->at, _("until lies before from"));
    else
        load_set(rs, sw_yaml_get(y, "set"), o, diag);
}

bool sw_load_areas(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    const struct sw_yaml *list = sw_yaml_get(root, "overrides");
    size_t errors = diag->errors;
    size_t n = 0;

    sw_keys_read(&sw_areas_keys, root, NULL, diag);
    if (list == NULL || list->kind != SW_YLIST)
        return diag->errors == errors;
    for (const struct sw_yaml *y = list->first; y != NULL; y = y->next) {
        const struct sw_yaml *set = sw_yaml_get(y, "set");

        n += set == NULL ? 0 : set->count;
    }
    rs->override = SW_ARENA_ARRAY(&rs->arena, struct sw_override, n + 1);
    for (const struct sw_yaml *y = list->first; y != NULL; y = y->next)
        load_override(rs, y, diag);
    return diag->errors == errors;
}

/* ---- what holds --------------------------------------------------------------------------- */

static void county_value(const struct sw_param *p, sw_day day, struct sw_value *value,
                         sw_day *until)
{
    *value = sw_value_unknown(0);
    *until = SW_DAY_NEVER;
    for (size_t i = 0; i < p->n; i++) {
        if (p->value[i].from <= day) {
            *value = p->value[i].value;
        } else {
            *until = p->value[i].from;
            return;
        }
    }
}

bool sw_override_concerns(const struct sw_override *o, const struct sw_registry *r, uint32_t area)
{
    return sw_str_eq(o->area, sw_intern_text(&r->area_code, area)) ||
           (r->area[area].name != SW_NONE && sw_str_eq(o->area, sw_area_name(r, area)));
}

bool sw_params_differ(const struct sw_ruleset *rs, const struct sw_registry *r, uint32_t area)
{
    for (; area != SW_NONE; area = r->area[area].parent) {
        for (size_t i = 0; i < rs->n_overrides; i++) {
            if (sw_override_concerns(&rs->override[i], r, area))
                return true;
        }
    }
    return false;
}

/* The nearest area is looked at last, so that its override stays. */
static void apply_overrides(const struct sw_ruleset *rs, const struct sw_registry *r, uint32_t area,
                            sw_day day, struct sw_value *value, sw_day *until)
{
    if (area == SW_NONE)
        return;
    apply_overrides(rs, r, r->area[area].parent, day, value, until);
    for (size_t i = 0; i < rs->n_overrides; i++) {
        const struct sw_override *o = &rs->override[i];
        sw_day next = SW_DAY_NEVER;

        if (!sw_override_concerns(o, r, area))
            continue;
        if (day < o->from)
            next = o->from;
        else if (day <= o->until && o->until != SW_DAY_NEVER)
            next = o->until + 1;
        if (o->from <= day && day <= o->until)
            value[o->param] = o->value;
        if (next < until[o->param])
            until[o->param] = next;
    }
}

void sw_params_at(const struct sw_ruleset *rs, const struct sw_registry *r, uint32_t area,
                  sw_day day, struct sw_value *value, sw_day *until)
{
    for (size_t i = 0; i < rs->n_params; i++)
        county_value(&rs->param[i], day, &value[i], &until[i]);
    apply_overrides(rs, r, area, day, value, until);
}
