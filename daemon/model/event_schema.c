/* event_schema.c - what may be sent, as JSON Schema for the departments: the streams of schema.yaml
 * and the registry's changes.
 *
 * Each type of event is a definition that holds when `type` names it, so that a validator tells
 * what is wrong with this event and not that it is none of forty. Whatever depends on who is
 * registered is left to the daemon. */
#include "event_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/veil.h>
#include <shouwang/base/yaml_keys.h>

#define INSTANT                                                                                    \
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?"                       \
    "([Zz]|[+-][0-9]{2}:[0-9]{2})$"
#define DECIMAL "[0-9]{1,10}(\\.[0-9]{1,2})?$" /* yuan below SW_FEN_MAX */
#define IDNO    "^([0-9]{15}|[0-9]{17}[0-9Xx])$"
#define PHONE   "^(\\+?([ -]*8[ -]*6)?|[ -]*0[ -]*0[ -]*8[ -]*6)[ -]*1([ -]*[0-9]){10}[ -]*$"

static void put_string(struct sw_jw *w, const char *key, const char *text)
{
    sw_jw_member(w, key, sw_str(text));
}

static void open_object(struct sw_jw *w, const char *key)
{
    sw_jw_key(w, key);
    sw_jw_object(w);
}

static void open_array(struct sw_jw *w, const char *key)
{
    sw_jw_key(w, key);
    sw_jw_array(w);
}

static void put_required(struct sw_jw *w, const char *const *names)
{
    open_array(w, "required");
    for (; *names != NULL; names++)
        sw_jw_cstr(w, *names);
    sw_jw_end(w);
}

/* ---- fields ------------------------------------------------------------------------------- */

static void put_types(struct sw_jw *w, const char *type, const char *other, bool optional)
{
    open_array(w, "type");
    sw_jw_cstr(w, type);
    if (other != NULL)
        sw_jw_cstr(w, other);
    if (optional)
        sw_jw_cstr(w, "null");
    sw_jw_end(w);
}

/* A bound of the schema's, or the one every field of the type has. */
static double bound_of(struct sw_value v, double otherwise)
{
    if (v.kind == SW_KMONEY)
        return (double)v.i / 100;
    return v.kind == SW_KINT ? (double)v.i : otherwise;
}

static void put_bound(struct sw_jw *w, const char *key, double bound)
{
    sw_jw_key(w, key);
    sw_jw_double(w, bound);
}

static void put_text(struct sw_jw *w, const struct sw_field *f, const char *pattern, int64_t most)
{
    put_types(w, "string", NULL, f->optional);
    if (pattern != NULL)
        put_string(w, "pattern", pattern);
    if (most > 0)
        sw_jw_member_int(w, "maxLength", most);
}

static void put_enum(struct sw_jw *w, const struct sw_field *f)
{
    open_array(w, "enum");
    for (size_t i = 0; i < f->of->n; i++)
        sw_jw_str(w, f->of->items[i].name);
    if (f->optional)
        sw_jw_raw(w, SW_STR("null"));
    sw_jw_end(w);
}

static void put_type(struct sw_jw *w, const struct sw_field *f)
{
    const double most_fen = (double)(SW_FEN_MAX / 100);
    const double most = (double)SW_INT_MAX;

    switch (f->type) {
    case SW_FMONEY:
        put_types(w, "number", "string", f->optional);
        put_string(w, "pattern",
                   f->min.kind == SW_KMONEY && f->min.i >= 0 ? "^" DECIMAL : "^-?" DECIMAL);
        put_bound(w, "minimum", bound_of(f->min, -most_fen));
        put_bound(w, "maximum", bound_of(f->max, most_fen));
        break;
    case SW_FINT:
        put_types(w, "integer", NULL, f->optional);
        put_bound(w, "minimum", bound_of(f->min, -most));
        put_bound(w, "maximum", bound_of(f->max, most));
        break;
    case SW_FNUMBER:
        put_types(w, "number", NULL, f->optional);
        if (f->min.kind == SW_KDOUBLE)
            put_bound(w, "minimum", f->min.d);
        if (f->max.kind == SW_KDOUBLE)
            put_bound(w, "maximum", f->max.d);
        break;
    case SW_FBOOL: put_types(w, "boolean", NULL, f->optional); break;
    case SW_FDATE: put_text(w, f, SW_KEY_DATE_PATTERN, 0); break;
    case SW_FENUM: put_enum(w, f); break;
    case SW_FPERSON:
    case SW_FAREA: put_text(w, f, NULL, SW_ID_MAX); break;
    case SW_FSTRING:
        put_text(w, f,
                 sw_str_is(f->name, "phone")  ? PHONE
                 : sw_str_is(f->name, "idno") ? IDNO
                 : f->min.kind == SW_KINT     ? "[^ ]"
                                              : NULL,
                 SW_STRING_MAX);
        break;
    }
}

/* The label, and what the words of an enum or a reference mean. */
static void put_meaning(struct sw_jw *w, const struct sw_field *f)
{
    struct sw_buf text = {0};

    if (f->label.n > 0)
        sw_jw_member(w, "title", f->label);
    if (f->type == SW_FMONEY)
        sw_buf_cstr(&text, _("yuan, at most two decimals; a number or a text"));
    else if (f->type == SW_FPERSON)
        sw_buf_cstr(&text, _("the id of a registered person"));
    else if (f->type == SW_FAREA)
        sw_buf_cstr(&text, _("the code of a registered area"));
    else if (sw_str_is(f->name, "idno"))
        sw_buf_cstr(&text, _("identity number (GB 11643); only a keyed hash and its last four "
                             "characters are kept"));
    for (size_t i = 0; f->type == SW_FENUM && i < f->of->n; i++)
        sw_buf_printf(&text, "%s%.*s: %.*s", i == 0 ? "" : "; ", SW_STR_ARG(f->of->items[i].name),
                      SW_STR_ARG(f->of->items[i].label));
    if (text.n > 0)
        sw_jw_member(w, "description", sw_buf_view(&text));
    sw_buf_free(&text);
}

/* The one named by the subject need not be named again. */
static bool is_in_subject(const struct sw_field *f)
{
    return f->type == SW_FPERSON && sw_str_is(f->name, "person");
}

static void put_data(struct sw_jw *w, const struct sw_field *field, uint32_t n)
{
    open_object(w, "data");
    put_string(w, "type", "object");
    open_object(w, "properties");
    for (uint32_t i = 0; i < n; i++) {
        sw_jw_key_str(w, field[i].name);
        sw_jw_object(w);
        put_meaning(w, &field[i]);
        put_type(w, &field[i]);
        sw_jw_end(w);
    }
    sw_jw_end(w);
    open_array(w, "required");
    for (uint32_t i = 0; i < n; i++) {
        if (!field[i].optional && !is_in_subject(&field[i]))
            sw_jw_str(w, field[i].name);
    }
    sw_jw_end(w);
    sw_jw_key(w, "additionalProperties");
    sw_jw_bool(w, false);
    sw_jw_end(w);
}

static bool needs_data(const struct sw_field *field, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!field[i].optional && !is_in_subject(&field[i]))
            return true;
    }
    return false;
}

/* ---- streams ------------------------------------------------------------------------------ */

static void put_subject(struct sw_jw *w, const char *pattern)
{
    open_object(w, "subject");
    put_string(w, "pattern", pattern);
    sw_jw_end(w);
}

/* Without data only a taking back makes sense. */
static void put_data_needed(struct sw_jw *w)
{
    static const char *const data[] = {"data", NULL};
    static const char *const reverses[] = {"reverses", NULL};

    open_array(w, "anyOf");
    sw_jw_object(w);
    put_required(w, data);
    sw_jw_end(w);
    sw_jw_object(w);
    put_required(w, reverses);
    sw_jw_end(w);
    sw_jw_end(w);
}

/* data.person is required unless the subject is person/ID. */
static void put_person_needed(struct sw_jw *w)
{
    static const char *const person[] = {"person", NULL};

    open_object(w, "if");
    open_object(w, "properties");
    put_subject(w, "^household/");
    sw_jw_end(w);
    sw_jw_end(w);
    open_object(w, "then");
    open_object(w, "properties");
    open_object(w, "data");
    put_required(w, person);
    sw_jw_end(w);
    sw_jw_end(w);
    put_data_needed(w);
    sw_jw_end(w);
}

static void put_stream(struct sw_jw *w, const struct sw_stream *st)
{
    static const char *const subjects[] = {[SW_HOUSEHOLD] =
                                               "^(household|person|person-idno|person-name)/.",
                                           [SW_PERSON] = "^person(-idno|-name)?/.",
                                           [SW_AREA] = "^area/."};
    bool needs_person = false;

    for (uint32_t i = 0; i < st->n_fields; i++)
        needs_person |= is_in_subject(&st->fields[i]) && !st->fields[i].optional;
    sw_jw_key_str(w, st->name);
    sw_jw_object(w);
    if (st->label.n > 0)
        sw_jw_member(w, "title", st->label);
    if (st->feed.n > 0)
        sw_jw_member(w, "description", st->feed);
    open_object(w, "properties");
    put_subject(w, subjects[st->scope]);
    put_data(w, st->fields, st->n_fields);
    sw_jw_end(w);
    if (needs_data(st->fields, st->n_fields))
        put_data_needed(w);
    if (needs_person && st->scope == SW_HOUSEHOLD)
        put_person_needed(w);
    sw_jw_end(w);
}

/* ---- the registry ------------------------------------------------------------------------- */

static const char *const entity_titles[SW_ENTITIES] = {
    [SW_EAREA] = N_("a county, town or village; its code of 12 digits names its parent"),
    [SW_EHOUSEHOLD] = N_("facts of a household; the first time with its area"),
    [SW_EPERSON] = N_("a person and the household"),
    [SW_ECADRE] = N_("a cadre who looks after households"),
    [SW_ETEAM] = N_("a village work team"),
    [SW_EASSIGNMENT] = N_("who looks after a household or an area"),
    [SW_EABSENCE] = N_("a cadre is away, and who stands in"),
    [SW_EMATCH] =
        N_("the county's word on who somebody is, or that it is nobody who is registered"),
};

/* What its fields have to do with each other. */
static void open_data_rule(struct sw_jw *w)
{
    open_array(w, "allOf");
    sw_jw_object(w);
    open_object(w, "properties");
    open_object(w, "data");
}

static void close_data_rule(struct sw_jw *w)
{
    for (int i = 0; i < 4; i++)
        sw_jw_end(w);
}

/* An assignment is a household with a cadre or an area with a team. */
static void put_pairs(struct sw_jw *w)
{
    static const char *const pairs[][3] = {{"household", "cadre", NULL}, {"area", "team", NULL}};

    open_array(w, "oneOf");
    for (size_t i = 0; i < 2; i++) {
        sw_jw_object(w);
        put_required(w, pairs[i]);
        open_object(w, "properties");
        for (size_t k = 0; k < 2; k++) {
            open_object(w, pairs[i][k]);
            put_string(w, "type", "string");
            sw_jw_end(w);
            open_object(w, pairs[1 - i][k]);
            put_string(w, "type", "null");
            sw_jw_end(w);
        }
        sw_jw_end(w);
        sw_jw_end(w);
    }
    sw_jw_end(w);
}

static void put_text_fields(struct sw_jw *w, const char *const *names)
{
    put_required(w, names);
    open_object(w, "properties");
    for (size_t i = 0; names[i] != NULL; i++) {
        open_object(w, names[i]);
        put_string(w, "type", "string");
        sw_jw_end(w);
    }
    sw_jw_end(w);
}

/* from: says since when an area stands for the one it replaces. */
static void put_recoding(struct sw_jw *w)
{
    static const char *const given[] = {"from", NULL};
    static const char *const needed[] = {"replaces", NULL};

    open_data_rule(w);
    open_object(w, "if");
    put_text_fields(w, given);
    sw_jw_end(w);
    open_object(w, "then");
    put_text_fields(w, needed);
    sw_jw_end(w);
    close_data_rule(w);
}

/* Who it is, or why it is nobody. */
static void put_either(struct sw_jw *w)
{
    static const char *const either[][2] = {{"person", NULL}, {"reason", NULL}};

    open_data_rule(w);
    open_array(w, "anyOf");
    for (size_t i = 0; i < SW_COUNTOF(either); i++) {
        sw_jw_object(w);
        put_text_fields(w, either[i]);
        sw_jw_end(w);
    }
    sw_jw_end(w);
    close_data_rule(w);
}

static void put_entity(struct sw_jw *w, const struct sw_schema *s, enum sw_entity e)
{
    static const char *const data[] = {"data", NULL};
    uint32_t n;
    const struct sw_field *field = sw_entity_fields(s, e, &n);
    struct sw_buf text = {0};

    sw_buf_printf(&text, "registry.%s", sw_entity_name(e));
    sw_jw_key_str(w, sw_buf_view(&text));
    sw_jw_object(w);
    put_string(w, "title", _(entity_titles[e]));
    sw_buf_clear(&text);
    sw_buf_printf(&text, e == SW_EMATCH ? "^%s/[a-p]{12}$" : "^%s/.", sw_entity_name(e));
    open_object(w, "properties");
    put_subject(w, text.p);
    put_data(w, field, n);
    if (e != SW_EHOUSEHOLD) { /* only facts can be taken back */
        sw_jw_key(w, "reverses");
        sw_jw_bool(w, false);
    }
    sw_jw_end(w);
    if (e != SW_EHOUSEHOLD)
        put_required(w, data);
    if (e == SW_EAREA)
        put_recoding(w);
    if (e == SW_EMATCH)
        put_either(w);
    if (e == SW_EASSIGNMENT) {
        open_data_rule(w);
        put_pairs(w);
        close_data_rule(w);
    }
    sw_jw_end(w);
    sw_buf_free(&text);
}

/* ---- the envelope ------------------------------------------------------------------------- */

static void put_attribute(struct sw_jw *w, const char *name, const char *help, const char *pattern)
{
    open_object(w, name);
    put_string(w, "type", "string");
    put_string(w, "description", _(help));
    sw_jw_member_int(w, "minLength", 1);
    sw_jw_member_int(w, "maxLength", SW_ID_MAX);
    if (pattern != NULL)
        put_string(w, "pattern", pattern);
    sw_jw_end(w);
}

static const char *const heartbeat_title =
    N_("a department is there and has nothing to tell; the subject is feed/NAME");

static const char *const batch_title =
    N_("a department has told all rows of a batch, and how many there were; the subject is "
       "feed/NAME");

static const char *const act_title =
    N_("somebody who was told of a case acts on it; the subject is case/NUMBER");

static void put_feed_names(struct sw_jw *w, const struct sw_schema *s)
{
    struct sw_buf text = {0};

    open_object(w, "subject");
    open_array(w, "enum");
    for (size_t i = 0; i < s->n_feeds; i++) {
        sw_buf_clear(&text);
        sw_buf_printf(&text, "feed/%.*s", SW_STR_ARG(s->feeds[i].name));
        if (s->feeds[i].name.n > 0 && !sw_str_is(s->feeds[i].name, "engine"))
            sw_jw_str(w, sw_buf_view(&text));
    }
    sw_jw_end(w);
    sw_jw_end(w);
    sw_buf_free(&text);
}

static const char *const drop_title =
    N_("an event that waits is to wait no longer, and why; the subject is parked/ID");

/* What is told to this service itself, of a feed unless there is a pattern of subjects; without
 * fields: nothing is said but that. */
static void put_own(struct sw_jw *w, const struct sw_schema *s, const char *type, const char *title,
                    const char *subject, const struct sw_field *fields, uint32_t n)
{
    static const char *const data[] = {"data", NULL};

    open_object(w, type);
    put_string(w, "title", _(title));
    open_object(w, "properties");
    if (subject != NULL)
        put_subject(w, subject);
    else
        put_feed_names(w, s);
    if (n > 0) {
        put_data(w, fields, n);
        sw_jw_key(w, "reverses");
        sw_jw_bool(w, false);
    }
    sw_jw_end(w);
    if (n > 0)
        put_required(w, data);
    sw_jw_end(w);
}

/* Not what the engine itself makes, nor what stands for facts of persons. */
static bool is_sent(const struct sw_schema *s, const struct sw_stream *st)
{
    return !st->of_engine && st != s->persons;
}

/* Calls for every type of event there is. */
static void each_type(struct sw_jw *w, const struct sw_schema *s,
                      void (*put)(struct sw_jw *w, struct sw_str name, struct sw_str label))
{
    struct sw_buf text = {0};

    for (size_t i = 1; i < s->n_streams; i++) {
        if (is_sent(s, &s->streams[i]))
            put(w, s->streams[i].name, s->streams[i].label);
    }
    put(w, SW_STR(SW_HEARTBEAT), sw_str(_(heartbeat_title)));
    put(w, SW_STR(SW_BATCH_CLOSED), sw_str(_(batch_title)));
    put(w, SW_STR(SW_CASE_ACT), sw_str(_(act_title)));
    put(w, SW_STR(SW_PARKED_DROP), sw_str(_(drop_title)));
    for (size_t e = 0; e < SW_ENTITIES; e++) {
        sw_buf_clear(&text);
        sw_buf_printf(&text, "registry.%s", sw_entity_name((enum sw_entity)e));
        put(w, sw_buf_view(&text), sw_str(_(entity_titles[e])));
    }
    sw_buf_free(&text);
}

static void put_choice(struct sw_jw *w, struct sw_str name, struct sw_str label)
{
    sw_jw_object(w);
    sw_jw_member(w, "const", name);
    if (label.n > 0)
        sw_jw_member(w, "title", label);
    sw_jw_end(w);
}

static void put_case(struct sw_jw *w, struct sw_str name, struct sw_str label)
{
    struct sw_buf ref = {0};

    (void)label;
    sw_buf_printf(&ref, "#/$defs/%.*s", SW_STR_ARG(name));
    sw_jw_object(w);
    open_object(w, "if");
    open_object(w, "properties");
    open_object(w, "type");
    sw_jw_member(w, "const", name);
    sw_jw_end(w);
    sw_jw_end(w);
    sw_jw_end(w);
    open_object(w, "then");
    sw_jw_member(w, "$ref", sw_buf_view(&ref));
    sw_jw_end(w);
    sw_jw_end(w);
    sw_buf_free(&ref);
}

static void put_envelope(struct sw_jw *w, const struct sw_schema *s)
{
    static const char *const required[] = {"specversion", "id", "source", "type", "subject", NULL};

    put_string(w, "type", "object");
    put_required(w, required);
    open_object(w, "properties");
    open_object(w, "specversion");
    put_string(w, "const", "1.0");
    sw_jw_end(w);
    put_attribute(w, "id", N_("with source: makes a repeat a repeat"), NULL);
    put_attribute(w, "source", N_("who reports"), NULL);
    open_object(w, "type");
    open_array(w, "oneOf");
    each_type(w, s, put_choice);
    sw_jw_end(w);
    sw_jw_end(w);
    put_attribute(w, "subject",
                  N_("household/ID, person/ID, person-idno/NUMBER, person-name/NAME, area/CODE, "
                     "feed/NAME or case/NUMBER"),
                  "^[a-z-]+/.");
    put_attribute(w, "time", N_("when it happened, with its offset; without it, now"), INSTANT);
    put_attribute(w, "recordedtime", N_("when the source knew"), INSTANT);
    put_attribute(w, "reverses", N_("id of an earlier event of this source that is taken back"),
                  NULL);
    put_attribute(w, SW_NAME_KEY,
                  N_("what the source calls the person, to be compared; only a keyed hash is kept"),
                  NULL);
    put_attribute(w, "personbirth", N_("the person's day of birth, to be compared"),
                  SW_KEY_DATE_PATTERN);
    put_attribute(w, "personarea", N_("the person's village, by code or name, to be compared"),
                  NULL);
    put_attribute(w, "datacontenttype", N_("application/json"), "^application/json");
    open_object(w, "data");
    put_string(w, "type", "object");
    sw_jw_end(w);
    sw_jw_key(w, "data_base64");
    sw_jw_bool(w, false);
    sw_jw_end(w);
}

void sw_events_schema(const struct sw_schema *schema, struct sw_buf *out)
{
    struct sw_jw writer = {.out = out};
    struct sw_jw *w = &writer;

    sw_jw_object(w);
    put_string(w, "$schema", SW_JSON_SCHEMA);
    put_string(w, "title", _("Shouwang: an event (CloudEvents 1.0, JSON)"));
    put_envelope(w, schema);
    open_array(w, "allOf");
    each_type(w, schema, put_case);
    sw_jw_end(w);
    open_object(w, "$defs");
    for (size_t i = 1; i < schema->n_streams; i++) {
        if (is_sent(schema, &schema->streams[i]))
            put_stream(w, &schema->streams[i]);
    }
    put_own(w, schema, SW_HEARTBEAT, heartbeat_title, NULL, NULL, 0);
    put_own(w, schema, SW_BATCH_CLOSED, batch_title, NULL, sw_batch_fields, SW_BATCH_FIELDS);
    put_own(w, schema, SW_PARKED_DROP, drop_title, "^parked/[a-p]{12}$", sw_drop_fields,
            SW_DROP_FIELDS);
    put_own(w, schema, SW_CASE_ACT, act_title, "^case/[0-9]+$", sw_act_fields, SW_ACT_FIELDS);
    for (size_t e = 0; e < SW_ENTITIES; e++)
        put_entity(w, schema, (enum sw_entity)e);
    sw_jw_end(w);
    sw_jw_end(w);
}
