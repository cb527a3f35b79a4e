/* batch.c - "feed.batch.closed" about feed/NAME: a department has told all rows of a batch, and
 * says how many there were. */
#include "event_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/model/registry.h>

enum { BATCH_PERIOD, BATCH_ROWS, BATCH_KNOWN, BATCH_SUM, BATCH_LIST };

const struct sw_field sw_batch_fields[SW_BATCH_FIELDS] = {
    [BATCH_PERIOD] = {.name = {"period", 6}, .type = SW_FSTRING, .optional = true},
    [BATCH_ROWS] = {.name = {"rows", 4},
                    .type = SW_FINT,
                    .min = {.kind = SW_KINT, .i = 0},
                    .max = {.kind = SW_KINT, .i = INT32_MAX}},
    [BATCH_KNOWN] = {.name = {"known", 5},
                     .type = SW_FINT,
                     .optional = true,
                     .min = {.kind = SW_KINT, .i = 0},
                     .max = {.kind = SW_KINT, .i = INT32_MAX}},
    [BATCH_SUM] = {.name = {"sum", 3}, .type = SW_FMONEY, .optional = true},
    [BATCH_LIST] = {.name = {"list", 4}, .type = SW_FSTRING, .optional = true},
};

uint32_t sw_feed_find(const struct sw_schema *s, const struct sw_envelope *in, struct sw_err *err)
{
    struct sw_str name = {NULL, 0};

    sw_subject_split(in->subject, "feed", &name);
    for (uint32_t i = 0; i < s->n_feeds; i++) {
        if (name.n > 0 && sw_str_eq(name, s->feeds[i].name))
            return i;
    }
    sw_fail(err, SW_ENOTFOUND,
            _("the subject of %.*s is feed/NAME with a feed of the schema, not %.*s"),
            SW_STR_ARG(in->type), SW_STR_ARG(in->subject));
    return SW_NONE;
}

/* The stream that a closed batch was a whole list of, into out->roll: the one that is named, or the
 * only one of a feed that sends nothing but whole lists. */
static enum sw_refusal find_roll(const struct sw_schema *s, struct sw_value list,
                                 struct sw_batch_told *out, struct sw_err *err)
{
    bool named = list.kind != SW_KUNKNOWN && list.n > 0;
    uint32_t n = 0;

    for (size_t i = 1; i < s->n_streams; i++) {
        const struct sw_stream *st = &s->streams[i];

        if (st->feed_number != out->feed || st->replaces == SW_REPLACES_NONE ||
            (named && !sw_str_eq(st->name, (struct sw_str){list.s, list.n})))
            continue;
        out->roll = st;
        n++;
    }
    if (named && n == 0) {
        sw_fail(err, SW_EINVALID,
                _("%s: %.*s is no event type of %.*s with replaces: in the schema"), "list",
                (int)list.n, list.s, SW_STR_ARG(s->feeds[out->feed].name));
        return SW_REFUSED_BAD_FIELD;
    }
    if (!named && !s->feeds[out->feed].cumulative)
        out->roll = NULL;
    if (out->roll != NULL && n > 1) {
        sw_fail(err, SW_EINVALID, _("%.*s sends several lists: say in %s which one this was"),
                SW_STR_ARG(s->feeds[out->feed].name), "list");
        return SW_REFUSED_MISSING_FIELD;
    }
    return SW_ACCEPTED;
}

/* Which period a whole list is about, and when it was drawn up: its rows say the same of
 * themselves. */
static enum sw_refusal read_drawn_up(const struct sw_schema *s, const struct sw_envelope *in,
                                     sw_time now, struct sw_batch_told *out, struct sw_err *err)
{
    struct sw_event when;
    enum sw_refusal r = sw_event_when(s, in, now, &when, err);

    out->day = when.day;
    return r == SW_ACCEPTED ? sw_event_stated(in, now, &out->stated, err) : r;
}

enum sw_refusal sw_batch_read(struct sw_arena *arena, const struct sw_schema *schema,
                              const struct sw_registry *registry, const struct sw_envelope *in,
                              sw_time now, struct sw_batch_told *out, struct sw_err *err)
{
    struct sw_field fields[SW_BATCH_FIELDS];
    const struct sw_stream st = {.name = in->type, .fields = fields, .n_fields = SW_BATCH_FIELDS};
    struct sw_value value[SW_BATCH_FIELDS];
    enum sw_refusal r;

    memcpy(fields, sw_batch_fields, sizeof(fields));
    *out = (struct sw_batch_told){.feed = sw_feed_find(schema, in, err)};
    if (out->feed == SW_NONE)
        return SW_REFUSED_UNKNOWN_SUBJECT;
    if (in->reverses.n > 0) {
        sw_fail(err, SW_EINVALID,
                _("a closed batch is not taken back; close it again with the same period"));
        return SW_REFUSED_CONFLICT;
    }
    r = sw_event_read_fields(arena, &st, registry, in->data, value, err);
    if (r != SW_ACCEPTED)
        return r;
    if (value[BATCH_ROWS].kind == SW_KUNKNOWN) {
        sw_fail(err, SW_EINVALID, _("%.*s: the field %s is missing"), SW_STR_ARG(in->type), "rows");
        return SW_REFUSED_MISSING_FIELD;
    }
    out->key = sw_event_key(registry, in->source, in->id);
    out->rows = (uint32_t)value[BATCH_ROWS].i;
    out->known = value[BATCH_KNOWN].kind == SW_KUNKNOWN ? 0 : (uint32_t)value[BATCH_KNOWN].i;
    out->has_sum = value[BATCH_SUM].kind != SW_KUNKNOWN;
    out->sum = out->has_sum ? value[BATCH_SUM].i : 0;
    if (value[BATCH_PERIOD].kind != SW_KUNKNOWN && value[BATCH_PERIOD].n > 0)
        out->period = sw_siphash(registry->key, value[BATCH_PERIOD].s, value[BATCH_PERIOD].n) | 1;
    r = find_roll(schema, value[BATCH_LIST], out, err);
    if (r == SW_ACCEPTED && out->roll != NULL)
        r = read_drawn_up(schema, in, now, out, err);
    return r;
}
