/* params.c - the numbers a county tunes (params.yaml or params.csv) and the places that differ
 * (areas.yaml).
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
    char room[SW_NUMBER_SIZE];
    struct sw_str text;
    int64_t i;
    double d;

    if (!sw_yaml_text(y, &text, diag))
        return false;
    text = sw_number_plain(text, room);
    if (p->is_money && sw_fen_parse(text, &i))
        *out = sw_value_money(i);
    else if (!p->is_money && p->is_whole && sw_str_int(text, &i))
        *out = sw_value_int(i);
    else if (!p->is_money && !p->is_whole && sw_double_parse(text, &d))
        *out = sw_value_double(d);
    else {
        sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: \"%s\" is no %s%s"), SW_STR_ARG(p->name),
                    y->text.p, p->is_money ? _("amount in yuan") : _("number"),
                    sw_number_hint(y->text, p->is_money));
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
    char lo[SW_DOUBLE_SIZE];
    char hi[SW_DOUBLE_SIZE];
    double unit = p->is_money ? 100 : 1;

    if (as_double(v) >= as_double(p->min) && as_double(v) <= as_double(p->max))
        return true;
    sw_diag_add(diag, SW_ERROR, y->at, _("%.*s: %s is outside the range %s to %s%.*s"),
                SW_STR_ARG(p->name), y->text.p, sw_double_format(as_double(p->min) / unit, lo),
                sw_double_format(as_double(p->max) / unit, hi), SW_STR_ARG(p->unit));
    return false;
}

/* ---- params.yaml, and params.csv as a tree (params_table.c) --------------------------------- */

static bool is_fraction(const struct sw_yaml *y)
{
    char room[SW_NUMBER_SIZE];
    int64_t i;

    return y != NULL && y->kind == SW_YSCALAR && !sw_str_int(sw_number_plain(y->text, room), &i);
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

/* A text for people, without blanks around it. What no one can see could stand in neither of the
 * two forms of the file. */
static void tidy(struct sw_str *text, const struct sw_yaml *map, const char *key,
                 struct sw_diag *diag)
{
    *text = sw_str_trim(*text);
    for (size_t i = 0; i < text->n; i++) {
        unsigned char c = (unsigned char)text->p[i];

        if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
            sw_diag_add(diag, SW_ERROR, sw_yaml_get(map, key)->at,
                        _("%s: there is a control character in this text"), key);
            return;
        }
    }
}

/* Values stay in order of their days, however they are written. */
static void add_dated(struct sw_param *p, struct sw_dated d, const struct sw_yaml *at,
                      struct sw_diag *diag)
{
    size_t i = p->n++;

    for (; i > 0 && p->value[i - 1].from > d.from; i--)
        p->value[i] = p->value[i - 1];
    p->value[i] = d;
    if (i > 0 && p->value[i - 1].from == d.from)
        sw_diag_add(diag, SW_ERROR, at->at, _("%.*s: two values begin on the same day"),
                    SW_STR_ARG(p->name));
}

static void load_dated(struct sw_ruleset *rs, struct sw_param *p, const struct sw_yaml *list,
                       struct sw_diag *diag)
{
    p->value = SW_ARENA_ARRAY(&rs->arena, struct sw_dated, list->count);
    for (const struct sw_yaml *v = list->first; v != NULL; v = v->next) {
        struct sw_dated d = {.from = INT32_MIN};
        const struct sw_yaml *from = sw_yaml_get(v, "from");
        const struct sw_yaml *value = sw_yaml_get(v, "value");

        if (!sw_keys_read(&sw_dated_keys, v, &d, diag) ||
            !sw_param_read(p, value, &d.value, diag) || !in_range(p, d.value, value, diag))
            continue;
        tidy(&d.source, v, "source", diag);
        if (d.source.n == 0)
            d.source = p->source;
        add_dated(p, d, from == NULL ? v : from, diag);
    }
}

/* Everything but the numbers; false after a finding that leaves nothing to read. */
static bool load_shape(const struct sw_yaml *y, struct sw_param *p, struct sw_diag *diag)
{
    const struct sw_yaml *values = sw_yaml_get(y, "values");

    *p = (struct sw_param){.at = y->key_at, .name = y->key};
    if (!sw_keys_read(&sw_param_keys, y, p, diag))
        return false;
    if (values != NULL && values->count == 0) {
        sw_diag_add(diag, SW_ERROR, values->at, _("%.*s: there is no value in this list"),
                    SW_STR_ARG(y->key));
        return false;
    }
    tidy(&p->label, y, "label", diag);
    tidy(&p->unit, y, "unit", diag);
    tidy(&p->source, y, "source", diag);
    p->is_money = sw_str_is(p->unit, "元");
    p->is_whole = !has_fraction(y);
    return true;
}

static void load_param(struct sw_ruleset *rs, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_param *p = &rs->param[rs->n_params];
    const struct sw_yaml *value = sw_yaml_get(y, "value");

    if (!load_shape(y, p, diag) || !sw_param_read(p, sw_yaml_get(y, "min"), &p->min, diag) ||
        !sw_param_read(p, sw_yaml_get(y, "max"), &p->max, diag))
        return;
    if (as_double(p->min) > as_double(p->max)) {
        sw_diag_add(diag, SW_ERROR, sw_yaml_get(y, "min")->at,
                    _("%.*s: min is greater than max; exchange them"), SW_STR_ARG(p->name));
        return;
    }
    if (value == NULL) {
        load_dated(rs, p, sw_yaml_get(y, "values"), diag);
    } else {
        p->value = SW_ARENA_NEW(&rs->arena, struct sw_dated);
        p->value[0] = (struct sw_dated){.from = INT32_MIN, .source = p->source};
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
    sw_keys_read(&sw_params_keys, root, rs, diag);
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
    struct sw_buf there = {0};

    for (size_t i = 0; i < rs->n_params; i++)
        names[i] = rs->param[i].name;
    sw_put_choices(&there, y->key, names, NULL, rs->n_params);
    sw_diag_add(diag, SW_ERROR, y->key_at, _("no parameter %.*s%s"), SW_STR_ARG(y->key), there.p);
    sw_buf_free(&there);
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
    o.at = sw_yaml_get(y, "area")->at;
    if (o.until == SW_DAY_NEVER)
        sw_diag_add(diag, SW_WARNING, o.at,
                    _("%.*s: this never ends; write its last day, until: 2026-12-31"),
                    SW_STR_ARG(o.area));
    if (sw_str_trim(o.by).n == 0)
        sw_diag_add(diag, SW_WARNING, o.at,
                    _("%.*s: nobody answers for this; write the meeting or paper, by:"),
                    SW_STR_ARG(o.area));
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
    return sw_area_is_called(r, area, o->area);
}

const struct sw_override *sw_override_at(const struct sw_ruleset *rs, const struct sw_registry *r,
                                         uint32_t area, sw_day day, uint32_t param)
{
    for (; area != SW_NONE; area = r->area[area].parent) {
        for (size_t i = rs->n_overrides; i-- > 0;) { /* the last one holds: apply_overrides() */
            const struct sw_override *o = &rs->override[i];

            if (o->param == param && o->from <= day && day <= o->until &&
                sw_override_concerns(o, r, area))
                return o;
        }
    }
    return NULL;
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
