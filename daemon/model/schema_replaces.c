/* schema_replaces.c - `replaces:` and `key:` of the streams in schema.yaml: what a row of a
 * department's list takes the place of (replace.h). */
#include "schema_parts.h"
#include <shouwang/base/i18n.h>

static const char *const words[] = {"all", "year", "month", "day"}; /* enum sw_replaces, from 1 */

static const struct sw_yaml *entry_of(const struct sw_yaml *map, struct sw_str name)
{
    const struct sw_yaml *y = map == NULL ? NULL : map->first;

    while (y != NULL && !sw_str_eq(y->key, name))
        y = y->next;
    return y;
}

static bool find_period(const struct sw_schema *s, struct sw_str name, struct sw_stream *st)
{
    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        if (sw_str_is(name, words[i])) {
            st->replaces = (uint8_t)(SW_REPLACES_ALL + i);
            return true;
        }
    }
    for (size_t i = 0; i < s->n_periods; i++) {
        if (sw_str_eq(name, s->periods[i].name)) {
            st->replaces = SW_REPLACES_PERIOD;
            st->period = (uint8_t)i;
            return true;
        }
    }
    return false;
}

static void add_key(struct sw_stream *st, const struct sw_yaml *y, struct sw_diag *diag)
{
    uint32_t i;
    const struct sw_field *f = sw_stream_field(st, y->text, &i);

    if (f == NULL)
        sw_diag_add(diag, SW_ERROR, y->at, _("%.*s has no field %.*s"), SW_STR_ARG(st->name),
                    SW_STR_ARG(y->text));
    else if (f->type == SW_FMONEY || f->type == SW_FNUMBER)
        sw_diag_add(
            diag, SW_ERROR, y->at,
            _("key: %.*s is what a row says, not what it is about: a corrected amount would "
              "stand beside the wrong one"),
            SW_STR_ARG(y->text));
    else
        st->key |= UINT64_C(1) << i;
}

static void read_stream(struct sw_schema *s, struct sw_stream *st, const struct sw_yaml *map,
                        struct sw_diag *diag)
{
    const struct sw_yaml *replaces = sw_yaml_get(map, "replaces");
    const struct sw_yaml *key = sw_yaml_get(map, "key");

    if (replaces == NULL && key != NULL)
        sw_diag_add(diag, SW_ERROR, key->key_at,
                    _("key: says what rows replace one another, and without replaces: none does"));
    if (replaces == NULL || replaces->kind != SW_YSCALAR)
        return;
    if (st->of_engine) {
        sw_diag_add(diag, SW_ERROR, replaces->key_at,
                    _("replaces: what the engine decides replaces nothing"));
    } else if (!find_period(s, replaces->text, st)) {
        sw_diag_add(diag, SW_ERROR, replaces->at,
                    _("replaces: is year, month, day, all or a name of periods:, not %.*s"),
                    SW_STR_ARG(replaces->text));
    }
    s->any_replaces |= st->replaces != SW_REPLACES_NONE;
    for (uint32_t i = 0; i < st->n_fields; i++) {
        if (st->fields[i].type == SW_FPERSON)
            st->key |= UINT64_C(1) << i;
    }
    for (const struct sw_yaml *y = key == NULL || key->kind != SW_YLIST ? NULL : key->first;
         y != NULL; y = y->next) {
        if (y->kind == SW_YSCALAR)
            add_key(st, y, diag);
    }
}

/* What a whole list has not any more is gone: its rows must say what they replace. */
static void check_feed(const struct sw_schema *s, const struct sw_feed *f, uint32_t number,
                       const struct sw_yaml *mode, struct sw_diag *diag)
{
    for (size_t i = 1; f->cumulative && i < s->n_streams; i++) {
        const struct sw_stream *st = &s->streams[i];

        if (st->feed_number == number && st->replaces == SW_REPLACES_NONE)
            sw_diag_add(diag, SW_ERROR, mode->at,
                        _("mode: cumulative: %.*s does not say what its rows replace; add "
                          "replaces: year (or month, day, all, a period)"),
                        SW_STR_ARG(st->name));
    }
}

void sw_schema_read_replaces(struct sw_schema *s, const struct sw_yaml *events,
                             const struct sw_yaml *feeds, struct sw_diag *diag)
{
    for (size_t i = 1; i < s->n_streams; i++) {
        const struct sw_yaml *y = entry_of(events, s->streams[i].name);

        if (y != NULL && !s->streams[i].facts)
            read_stream(s, &s->streams[i], y, diag);
    }
    for (size_t i = 0; i < s->n_feeds; i++) {
        const struct sw_yaml *y = entry_of(feeds, s->feeds[i].name);
        const struct sw_yaml *mode = y == NULL ? NULL : sw_yaml_get(y, "mode");

        if (mode != NULL)
            check_feed(s, &s->feeds[i], (uint32_t)i, mode, diag);
    }
}
