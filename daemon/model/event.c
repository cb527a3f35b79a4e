/* event.c - from a CloudEvents 1.0 JSON text to a typed event.
 *
 * The envelope is checked first and without looking anything up; the data against the schema and
 * the registry second. The first fault found is the one reported. */
#include "event_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>
#include <shouwang/base/veil.h>
#include <shouwang/model/event.h>
#include <shouwang/model/registry.h>

enum {
    TYPE_MAX = 64,
    STRINGS_MAX = 2000, /* all of one event, so that a record fits its buffer (history.c) */
};

static const char *const refusal_names[SW_REFUSALS] = {
    "accepted",      "too_large", "not_json", "envelope",        "unknown_type", "missing_field",
    "unknown_field", "bad_field", "bad_date", "unknown_subject", "conflict",     "too_many",
};

static const char *const entity_names[SW_ENTITIES] = {"area", "household",  "person",  "cadre",
                                                      "team", "assignment", "absence", "match"};

const char *sw_refusal_name(enum sw_refusal r)
{
    return refusal_names[r];
}

const char *sw_entity_name(enum sw_entity e)
{
    return entity_names[e];
}

/* A non-empty string attribute of at most `max` bytes; absent optional ones stay empty. */
static bool read_attribute(const struct sw_json *event, const char *name, size_t max, bool required,
                           struct sw_str *out, struct sw_err *err)
{
    const struct sw_json *v = sw_json_get(event, name);

    *out = (struct sw_str){NULL, 0};
    if (v == NULL && !required)
        return true;
    if (v == NULL) {
        sw_fail(err, SW_EINVALID, _("the attribute %s is missing"), name);
        return false;
    }
    if (v->kind != SW_JSTRING || v->text.n == 0 || v->text.n > max) {
        sw_fail(err, SW_EINVALID, _("the attribute %s must be a string of 1 to %zu bytes"), name,
                max);
        return false;
    }
    *out = v->text;
    return true;
}

static bool read_instant(const struct sw_json *event, const char *name, sw_time *out, bool *has,
                         struct sw_err *err)
{
    struct sw_str text;

    if (!read_attribute(event, name, 64, false, &text, err))
        return false;
    *has = text.n > 0;
    if (*has && !sw_rfc3339_parse(text, out)) {
        sw_fail(err, SW_EINVALID,
                _("%s must be an RFC 3339 instant such as 2026-11-21T09:40:00+08:00, not \"%.*s\""),
                name, SW_STR_ARG(text));
        return false;
    }
    return true;
}

static bool read_who(const struct sw_json *event, struct sw_who *out, struct sw_err *err)
{
    struct sw_str birth;

    if (!read_attribute(event, SW_NAME_KEY, SW_ID_MAX, false, &out->name, err) ||
        !read_attribute(event, "personarea", SW_ID_MAX, false, &out->area, err) ||
        !read_attribute(event, "personbirth", 64, false, &birth, err))
        return false;
    out->has_birth = birth.n > 0;
    if (out->has_birth && !sw_date_parse(birth, &out->birth)) {
        sw_fail(err, SW_EINVALID, _("personbirth must be a date such as 1962-03-01"));
        return false;
    }
    return true;
}

static bool read_data(const struct sw_json *event, struct sw_envelope *out, struct sw_err *err)
{
    struct sw_str content;

    out->data = sw_json_get(event, "data");
    if (!read_attribute(event, "datacontenttype", 128, false, &content, err))
        return false;
    if (content.n > 0 && !sw_str_starts(content, SW_STR("application/json"))) {
        sw_fail(err, SW_EINVALID, _("datacontenttype must be application/json"));
        return false;
    }
    if (sw_json_get(event, "data_base64") != NULL ||
        (out->data != NULL && out->data->kind != SW_JOBJECT)) {
        sw_fail(err, SW_EINVALID, _("data must be a JSON object"));
        return false;
    }
    return true;
}

enum sw_refusal sw_envelope_read(struct sw_arena *arena, struct sw_str text,
                                 struct sw_envelope *out, struct sw_err *err)
{
    struct sw_json *event;
    struct sw_str version;

    *out = (struct sw_envelope){0};
    if (text.n > SW_EVENT_BYTES_MAX) {
        sw_fail(err, SW_EINVALID, _("%zu bytes are more than the %d an event may have"), text.n,
                SW_EVENT_BYTES_MAX);
        return SW_REFUSED_TOO_LARGE;
    }
    if (sw_json_parse(arena, text, &event, err) != SW_OK)
        return SW_REFUSED_NOT_JSON;
    if (event->kind != SW_JOBJECT) {
        sw_fail(err, SW_EINVALID, _("an event is a JSON object"));
        return SW_REFUSED_ENVELOPE;
    }
    if (!read_attribute(event, "specversion", 8, true, &version, err) ||
        !read_attribute(event, "id", SW_ID_MAX, true, &out->id, err) ||
        !read_attribute(event, "source", SW_ID_MAX, true, &out->source, err) ||
        !read_attribute(event, "type", TYPE_MAX, true, &out->type, err) ||
        !read_attribute(event, "subject", SW_ID_MAX, true, &out->subject, err) ||
        !read_attribute(event, "reverses", SW_ID_MAX, false, &out->reverses, err) ||
        !read_instant(event, "time", &out->time, &out->has_time, err) ||
        !read_instant(event, "recordedtime", &out->known, &out->has_known, err) ||
        !read_who(event, &out->who, err) || !read_data(event, out, err))
        return SW_REFUSED_ENVELOPE;
    if (!sw_str_is(version, "1.0")) {
        sw_fail(err, SW_EINVALID, _("specversion must be 1.0"));
        return SW_REFUSED_ENVELOPE;
    }
    return SW_ACCEPTED;
}

/* ---- fields ------------------------------------------------------------------------------- */

static enum sw_refusal bad(const struct sw_field *f, const char *wanted, struct sw_str got,
                           struct sw_err *err)
{
    if (sw_veil_is_token(got))
        sw_fail(err, SW_EINVALID,
                _("%.*s must be %s: numbers as long as a phone's or an identity number are not "
                  "kept, and an amount has ten digits at most"),
                SW_STR_ARG(f->name), wanted);
    else
        sw_fail(err, SW_EINVALID, _("%.*s must be %s, not \"%.*s\""), SW_STR_ARG(f->name), wanted,
                (int)(got.n < 40 ? got.n : 40), got.p);
    return SW_REFUSED_BAD_FIELD;
}

static enum sw_refusal read_money(const struct sw_field *f, const struct sw_json *v,
                                  struct sw_value *out, struct sw_err *err)
{
    int64_t fen;

    if ((v->kind != SW_JNUMBER && v->kind != SW_JSTRING) || !sw_fen_parse(v->text, &fen) ||
        fen > SW_FEN_MAX || fen < -SW_FEN_MAX)
        return bad(f, _("an amount in yuan with at most two decimals"), v->text, err);
    *out = sw_value_money(fen);
    return SW_ACCEPTED;
}

static enum sw_refusal read_int(const struct sw_field *f, const struct sw_json *v,
                                struct sw_value *out, struct sw_err *err)
{
    int64_t i;

    if (v->kind != SW_JNUMBER || !sw_str_int(v->text, &i) || i > SW_INT_MAX || i < -SW_INT_MAX)
        return bad(f, _("a whole number"), v->text, err);
    *out = sw_value_int(i);
    return SW_ACCEPTED;
}

static enum sw_refusal read_number(const struct sw_field *f, const struct sw_json *v,
                                   struct sw_value *out, struct sw_err *err)
{
    double d;

    if (v->kind != SW_JNUMBER || !sw_double_parse(v->text, &d))
        return bad(f, _("a number"), v->text, err);
    *out = sw_value_double(d);
    return SW_ACCEPTED;
}

static enum sw_refusal read_bool(const struct sw_field *f, const struct sw_json *v,
                                 struct sw_value *out, struct sw_err *err)
{
    if (v->kind != SW_JTRUE && v->kind != SW_JFALSE)
        return bad(f, _("true or false"), v->text, err);
    *out = sw_value_bool(v->kind == SW_JTRUE);
    return SW_ACCEPTED;
}

static enum sw_refusal read_date(const struct sw_field *f, const struct sw_json *v,
                                 struct sw_value *out, struct sw_err *err)
{
    sw_day day;

    if (v->kind != SW_JSTRING || !sw_date_parse(v->text, &day))
        return bad(f, _("a date such as 2024-03-14"), v->text, err);
    *out = sw_value_date(day);
    return SW_ACCEPTED;
}

static enum sw_refusal read_enum(const struct sw_field *f, const struct sw_json *v,
                                 struct sw_value *out, struct sw_err *err)
{
    int32_t i = v->kind == SW_JSTRING ? sw_enum_find(f->of, v->text) : -1;
    struct sw_str names[32];
    size_t n = f->of->n < SW_COUNTOF(names) ? f->of->n : SW_COUNTOF(names);
    struct sw_str labels[SW_COUNTOF(names)];
    struct sw_buf there = {0};

    if (i >= 0) {
        *out = (struct sw_value){.kind = SW_KENUM, .i = i};
        return SW_ACCEPTED;
    }
    for (size_t k = 0; k < n; k++) {
        names[k] = f->of->items[k].name;
        labels[k] = f->of->items[k].label;
    }
    sw_put_choices(&there, v->text, names, labels, n);
    sw_fail(err, SW_EINVALID, _("%.*s has no value \"%.*s\"%s"), SW_STR_ARG(f->name),
            (int)(v->text.n < 40 ? v->text.n : 40), v->text.p, there.p);
    sw_buf_free(&there);
    return SW_REFUSED_BAD_FIELD;
}

static enum sw_refusal read_reference(const struct sw_field *f, const struct sw_registry *r,
                                      const struct sw_json *v, struct sw_value *out,
                                      struct sw_err *err)
{
    bool person = f->type == SW_FPERSON;
    uint32_t number;

    if (v->kind != SW_JSTRING)
        return bad(f, person ? _("a person's id") : _("an area's code"), v->text, err);
    number = person ? sw_registry_person(r, v->text) : sw_registry_area(r, v->text);
    if (number == SW_NONE) {
        sw_fail(err, SW_ENOTFOUND, _("%.*s: \"%.*s\" is not registered"), SW_STR_ARG(f->name),
                SW_STR_ARG(v->text));
        return SW_REFUSED_UNKNOWN_SUBJECT;
    }
    *out = (struct sw_value){.kind = SW_KPERSON, .i = number};
    return SW_ACCEPTED;
}

/* <0, 0, >0; both of the field's own kind. */
static int compare(struct sw_value a, struct sw_value b)
{
    if (a.kind == SW_KDOUBLE)
        return (a.d > b.d) - (a.d < b.d);
    return (a.i > b.i) - (a.i < b.i);
}

/* As people write it, money in yuan. */
static double plain(struct sw_value v)
{
    return v.kind == SW_KDOUBLE ? v.d : (double)v.i / (v.kind == SW_KMONEY ? 100 : 1);
}

static enum sw_refusal check_bounds(const struct sw_field *f, const struct sw_json *v,
                                    struct sw_value value, struct sw_err *err)
{
    char wanted[80] = "";

    if (f->min.kind == value.kind && compare(value, f->min) < 0)
        snprintf(wanted, sizeof(wanted), _("no less than %.10g"), plain(f->min));
    else if (f->max.kind == value.kind && compare(value, f->max) > 0)
        snprintf(wanted, sizeof(wanted), _("no more than %.10g"), plain(f->max));
    return wanted[0] == '\0' ? SW_ACCEPTED : bad(f, wanted, v->text, err);
}

static enum sw_refusal read_typed(struct sw_arena *arena, const struct sw_field *f,
                                  const struct sw_registry *registry, const struct sw_json *v,
                                  struct sw_value *out, struct sw_err *err)
{
    switch (f->type) {
    case SW_FMONEY: return read_money(f, v, out, err);
    case SW_FINT: return read_int(f, v, out, err);
    case SW_FNUMBER: return read_number(f, v, out, err);
    case SW_FBOOL: return read_bool(f, v, out, err);
    case SW_FDATE: return read_date(f, v, out, err);
    case SW_FENUM: return read_enum(f, v, out, err);
    case SW_FPERSON:
    case SW_FAREA: return read_reference(f, registry, v, out, err);
    case SW_FSTRING: break;
    }
    if (v->kind != SW_JSTRING || v->text.n > SW_STRING_MAX)
        return bad(f, _("a text of at most 1000 bytes"), v->text, err);
    if (f->min.kind == SW_KINT && sw_str_trim(v->text).n == 0)
        return bad(f, _("a text that says something"), v->text, err);
    *out = sw_value_str(sw_arena_str(arena, v->text));
    return SW_ACCEPTED;
}

enum sw_refusal sw_field_read(struct sw_arena *arena, const struct sw_field *f,
                              const struct sw_registry *registry, const struct sw_json *v,
                              struct sw_value *out, struct sw_err *err)
{
    enum sw_refusal r = read_typed(arena, f, registry, v, out, err);

    return r == SW_ACCEPTED ? check_bounds(f, v, *out, err) : r;
}

static enum sw_refusal unknown_field(const struct sw_stream *st, struct sw_str name,
                                     struct sw_err *err)
{
    struct sw_str names[SW_FIELDS_MAX];
    struct sw_str near;

    for (uint32_t i = 0; i < st->n_fields; i++)
        names[i] = st->fields[i].name;
    near = sw_str_nearest(name, names, st->n_fields);
    if (near.n > 0)
        sw_fail(err, SW_EINVALID, _("%.*s has no field %.*s; did you mean %.*s?"),
                SW_STR_ARG(st->name), SW_STR_ARG(name), SW_STR_ARG(near));
    else
        sw_fail(err, SW_EINVALID, _("%.*s has no field %.*s"), SW_STR_ARG(st->name),
                SW_STR_ARG(name));
    return SW_REFUSED_UNKNOWN_FIELD;
}

enum sw_refusal sw_event_read_fields(struct sw_arena *arena, const struct sw_stream *st,
                                     const struct sw_registry *registry, const struct sw_json *data,
                                     struct sw_value *value, struct sw_err *err)
{
    size_t texts = 0;

    for (uint32_t i = 0; i < st->n_fields; i++)
        value[i] = sw_value_unknown(i);
    for (const struct sw_json *m = data == NULL ? NULL : data->first; m != NULL; m = m->next) {
        uint32_t i;
        const struct sw_field *f = sw_stream_field(st, m->key, &i);
        enum sw_refusal r;

        if (f == NULL)
            return unknown_field(st, m->key, err);
        if (m->kind == SW_JNULL && f->optional)
            continue;
        r = sw_field_read(arena, f, registry, m, &value[i], err);
        if (r != SW_ACCEPTED)
            return r;
        texts += f->type == SW_FSTRING ? value[i].n : 0;
    }
    if (texts > STRINGS_MAX) {
        sw_fail(err, SW_EINVALID, _("the texts of one event may have %d bytes together"),
                STRINGS_MAX);
        return SW_REFUSED_BAD_FIELD;
    }
    return SW_ACCEPTED;
}

static enum sw_refusal require_fields(const struct sw_stream *st, const struct sw_value *value,
                                      struct sw_err *err)
{
    for (uint32_t i = 0; i < st->n_fields; i++) {
        if (value[i].kind == SW_KUNKNOWN && !st->fields[i].optional) {
            sw_fail(err, SW_EINVALID, _("%.*s: the field %.*s is missing"), SW_STR_ARG(st->name),
                    SW_STR_ARG(st->fields[i].name));
            return SW_REFUSED_MISSING_FIELD;
        }
    }
    return SW_ACCEPTED;
}

/* ---- subject and day ---------------------------------------------------------------------- */

bool sw_subject_split(struct sw_str subject, const char *kind, struct sw_str *id)
{
    size_t n = strlen(kind);

    if (!sw_str_starts(subject, sw_str(kind)) || subject.n <= n + 1 || subject.p[n] != '/')
        return false;
    *id = sw_str_sub(subject, n + 1, subject.n);
    return true;
}

static enum sw_refusal not_registered(struct sw_str subject, struct sw_err *err)
{
    sw_fail(err, SW_ENOTFOUND, _("%.*s is not registered"), SW_STR_ARG(subject));
    return SW_REFUSED_UNKNOWN_SUBJECT;
}

static enum sw_refusal find_area(const struct sw_registry *r, struct sw_str subject,
                                 struct sw_event *e, struct sw_err *err)
{
    struct sw_str id;

    if (!sw_subject_split(subject, "area", &id)) {
        sw_fail(err, SW_EINVALID, _("the subject of %.*s must be area/CODE"),
                SW_STR_ARG(e->stream->name));
        return SW_REFUSED_ENVELOPE;
    }
    e->is_area = true;
    e->subject = sw_registry_area(r, id);
    return e->subject == SW_NONE ? not_registered(subject, err) : SW_ACCEPTED;
}

/* A household by its id, or by one of its persons; *person is SW_NONE then. */
static enum sw_refusal find_household(const struct sw_registry *r, const struct sw_envelope *in,
                                      struct sw_event *e, uint32_t *person, struct sw_err *err)
{
    struct sw_str subject = in->subject;
    enum sw_refusal rc;
    struct sw_str id;

    if (sw_find_person(r, in, e, person, &rc, err)) {
        if (rc == SW_ACCEPTED)
            e->subject = r->person[*person].household;
        return rc;
    }
    if (e->stream->scope == SW_PERSON || !sw_subject_split(subject, "household", &id)) {
        sw_fail(err, SW_EINVALID, _("the subject of %.*s must be %s"), SW_STR_ARG(e->stream->name),
                e->stream->scope == SW_PERSON ? "person/ID" : "household/ID or person/ID");
        return SW_REFUSED_ENVELOPE;
    }
    e->subject = sw_registry_household(r, id);
    if (e->subject != SW_NONE)
        return SW_ACCEPTED;
    e->missing_kind = "household";
    e->missing = id;
    return not_registered(subject, err);
}

/* Persons named in the data belong to the household; one named by the subject fills the field
 * `person` when the data leaves it out. */
static enum sw_refusal check_persons(const struct sw_registry *r, struct sw_event *e,
                                     uint32_t person, struct sw_err *err)
{
    uint32_t i;

    if (person != SW_NONE && sw_stream_field(e->stream, SW_STR("person"), &i) != NULL &&
        e->stream->fields[i].type == SW_FPERSON && e->value[i].kind == SW_KUNKNOWN)
        e->value[i] = (struct sw_value){.kind = SW_KPERSON, .i = person};
    for (i = 0; i < e->stream->n_fields; i++) {
        if (e->stream->fields[i].type != SW_FPERSON || e->value[i].kind == SW_KUNKNOWN)
            continue;
        if (r->person[e->value[i].i].household != e->subject) {
            if (sw_history_has(&r->household[e->subject].history, e->key))
                return SW_ACCEPTED; /* a repeat of what came when they lived there */
            sw_fail(err, SW_EINVALID, _("%.*s: this person is registered in another household"),
                    SW_STR_ARG(e->stream->fields[i].name));
            return SW_REFUSED_CONFLICT;
        }
    }
    return SW_ACCEPTED;
}

/* What is taken back has moved to another household since, along with a person: so does this. */
static void follow_moved(const struct sw_registry *r, struct sw_event *e)
{
    const struct sw_history *h = &r->household[e->subject].history;
    uint32_t person = sw_history_has(h, e->key) ? SW_NONE : sw_history_went(h, e->reverses);

    if (person != SW_NONE)
        e->subject = r->person[person].household;
}

enum sw_refusal sw_event_when(const struct sw_schema *schema, const struct sw_envelope *in,
                              sw_time now, struct sw_event *e, struct sw_err *err)
{
    const sw_day earliest = 7305; /* 1990-01-01 */
    sw_time at = in->has_time ? in->time : now;
    char text[SW_DATE_SIZE];

    e->day = sw_zone_day(schema->zone, at);
    if (e->day < earliest || e->day > sw_zone_day(schema->zone, now) + 1) {
        sw_fail(err, SW_EINVALID, _("time: %s is before 1990 or after tomorrow"),
                sw_date_format(e->day, text));
        return SW_REFUSED_BAD_DATE;
    }
    e->moment = (uint16_t)((at - sw_zone_midnight(schema->zone, e->day)) / (2 * SW_SECOND));
    return SW_ACCEPTED;
}

enum sw_refusal sw_event_stated(const struct sw_envelope *in, sw_time now, uint32_t *stated,
                                struct sw_err *err)
{
    sw_time at = in->has_known ? in->known : in->has_time ? in->time : now;

    if (at < 0 || at > now + 86400 * SW_SECOND) { /* clocks differ; a list of next year is wrong */
        sw_fail(err, SW_EINVALID, _("recordedtime lies more than a day ahead"));
        return SW_REFUSED_BAD_DATE;
    }
    *stated = (uint32_t)(at / SW_SECOND);
    return SW_ACCEPTED;
}

/* A field of an event whose household or persons are not registered: references to persons may be
 * to anybody, all else must be right. */
static enum sw_refusal read_waiting_field(struct sw_arena *arena,
                                          const struct sw_registry *registry,
                                          const struct sw_json *m, struct sw_event *e,
                                          struct sw_err *err)
{
    uint32_t i;
    const struct sw_field *f = sw_stream_field(e->stream, m->key, &i);

    if (f == NULL)
        return unknown_field(e->stream, m->key, err);
    if (m->kind == SW_JNULL && f->optional)
        return SW_ACCEPTED;
    if (f->type != SW_FPERSON || m->kind != SW_JSTRING)
        return sw_field_read(arena, f, registry, m, &e->value[i], err);
    e->value[i] = (struct sw_value){.kind = SW_KPERSON, .i = SW_NONE};
    if (e->missing.n == 0 && sw_registry_person(registry, m->text) == SW_NONE) {
        e->missing_kind = "person";
        e->missing = m->text;
    }
    return SW_ACCEPTED;
}

/* Somebody is not registered: SW_REFUSED_UNKNOWN_SUBJECT with what *err says already and whom it
 * waits for, when everything else is right. */
static enum sw_refusal check_waiting(struct sw_arena *arena, const struct sw_registry *registry,
                                     const struct sw_envelope *in, struct sw_event *e,
                                     struct sw_err *err)
{
    const struct sw_err first = *err;
    enum sw_refusal r = SW_ACCEPTED;
    uint32_t i;

    for (i = 0; i < e->stream->n_fields; i++)
        e->value[i] = sw_value_unknown(i);
    for (const struct sw_json *m = in->data == NULL ? NULL : in->data->first;
         m != NULL && r == SW_ACCEPTED; m = m->next)
        r = read_waiting_field(arena, registry, m, e, err);
    if (!sw_str_starts(in->subject, SW_STR("household/")) &&
        sw_stream_field(e->stream, SW_STR("person"), &i) != NULL)
        e->value[i] = (struct sw_value){.kind = SW_KPERSON, .i = SW_NONE}; /* the subject */
    if (r == SW_ACCEPTED && e->has_data && !registry->lenient)
        r = require_fields(e->stream, e->value, err);
    if (r != SW_ACCEPTED) {
        e->missing = (struct sw_str){NULL, 0};
        return r;
    }
    *err = first;
    return SW_REFUSED_UNKNOWN_SUBJECT;
}

enum sw_refusal sw_event_read(struct sw_arena *arena, const struct sw_schema *schema,
                              const struct sw_registry *registry, const struct sw_envelope *in,
                              sw_time now, struct sw_event *out, struct sw_err *err)
{
    enum sw_refusal r;
    uint32_t person = SW_NONE;

    *out = (struct sw_event){.stream = sw_schema_stream(schema, in->type)};
    if (out->stream == NULL) {
        sw_fail(err, SW_EINVALID, _("no event type %.*s in the schema"), SW_STR_ARG(in->type));
        return SW_REFUSED_UNKNOWN_TYPE;
    }
    if (out->stream->of_engine && !registry->lenient) {
        sw_fail(err, SW_EINVALID, _("events of type %.*s are made by this service alone"),
                SW_STR_ARG(in->type));
        return SW_REFUSED_UNKNOWN_TYPE;
    }
    r = sw_event_when(schema, in, now, out, err);
    if (r == SW_ACCEPTED && out->stream->replaces != SW_REPLACES_NONE)
        r = sw_event_stated(in, now, &out->stated, err);
    if (r == SW_ACCEPTED && out->stream->scope == SW_AREA)
        r = find_area(registry, in->subject, out, err);
    else if (r == SW_ACCEPTED)
        r = find_household(registry, in, out, &person, err);
    if (r != SW_ACCEPTED && out->missing.n == 0)
        return r;
    if (r == SW_ACCEPTED && !out->is_area)
        sw_history_prefetch(&registry->household[out->subject].history);
    out->key = sw_event_key(registry, in->source, in->id);
    out->reverses = in->reverses.n == 0 ? 0 : sw_event_key(registry, in->source, in->reverses);
    out->has_data = in->data != NULL || in->reverses.n == 0;
    if (r == SW_ACCEPTED && !out->is_area && out->reverses != 0)
        follow_moved(registry, out);
    out->value = SW_ARENA_ARRAY(arena, struct sw_value, out->stream->n_fields);
    if (r == SW_ACCEPTED)
        r = sw_event_read_fields(arena, out->stream, registry, in->data, out->value, err);
    if (r == SW_REFUSED_UNKNOWN_SUBJECT)
        return check_waiting(arena, registry, in, out, err);
    if (r == SW_ACCEPTED && out->has_data)
        r = check_persons(registry, out, person, err);
    if (r == SW_ACCEPTED && out->has_data && !registry->lenient)
        r = require_fields(out->stream, out->value, err);
    return r;
}
