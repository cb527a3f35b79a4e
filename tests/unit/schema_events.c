/* The JSON Schema of events and the daemon agree: what one refuses for its form, so does the
 * other. Random events of every type, from values that fit and values that do not. */
#include "json_schema.h"
#include "model/event_parts.h"
#include "model_help.h"

enum { EVENTS = 20000 };

static const char *const values[] = {
    "1",
    "0",
    "-1",
    "3",
    "7",
    "1.5",
    "1e20",
    "\"12.5\"",
    "\"x\"",
    "\"\"",
    "\"P1\"",
    "\"P2\"",
    "\"H1\"",
    "\"2024-03-01\"",
    "true",
    "\"2024-02-30\"",
    "null",
    "false",
    "[]",
    "{}",
    "\"1x\"",
    "\"outpatient\"",
    "\"inpatient\"",
    "\"13800138000\"",
    "\"+86 138-0013-8000\"",
    "\"610999101201\"",
    "\"K1\"",
    "\"T1\"",
};
static const char *const subjects[] = {"household/H1",
                                       "person/P1",
                                       "area/610999101201",
                                       "cadre/K1",
                                       "team/T1",
                                       "assignment/A1",
                                       "household/",
                                       "house/H1",
                                       "",
                                       "person-idno/11010519491231002X",
                                       "person-name/张三",
                                       "match/abcdefghijkl",
                                       "match/abcdefghijk1"};
static const char *const attributes[] = {"",
                                         "",
                                         "",
                                         ",\"time\":\"2026-11-20T09:40:00+08:00\"",
                                         ",\"time\":\"2026-11-20\"",
                                         ",\"time\":1",
                                         ",\"reverses\":\"e1\"",
                                         ",\"recordedtime\":\"2026-11-20t09:40:00.5Z\"",
                                         ",\"datacontenttype\":\"application/json\"",
                                         ",\"datacontenttype\":\"text/xml\"",
                                         ",\"data_base64\":\"eA==\"",
                                         ",\"id\":\"\"",
                                         ",\"personname\":\"张三\"",
                                         ",\"personname\":3",
                                         ",\"personbirth\":\"1962-03-01\"",
                                         ",\"personbirth\":\"1962\"",
                                         ",\"personarea\":\"石桥村\"",
                                         ",\"personarea\":\"\"",
                                         ",\"trace\":\"extension\""};

static struct tap_random dice;

static uint32_t roll(uint32_t sides)
{
    return tap_below(&dice, sides);
}

#define PICK(array) (array)[roll(SW_COUNTOF(array))]

static void put_random_data(struct sw_buf *out, const struct sw_field *field, uint32_t n)
{
    const char *comma = "";

    sw_buf_cstr(out, "{");
    for (uint32_t i = 0; i < n; i++) {
        if (roll(8) == 0)
            continue;
        sw_buf_printf(out, "%s\"%.*s\":%s", comma, SW_STR_ARG(field[i].name), PICK(values));
        comma = ",";
    }
    if (roll(20) == 0)
        sw_buf_printf(out, "%s\"selfpaid\":1", comma);
    sw_buf_cstr(out, "}");
}

/* A value that fits, so that whole events get through. */
static const char *fitting(const struct sw_field *f)
{
    switch (f->type) {
    case SW_FMONEY: return roll(2) ? "12.5" : "\"12.5\"";
    case SW_FINT: return "3";
    case SW_FNUMBER: return "1.5";
    case SW_FBOOL: return "true";
    case SW_FDATE: return "\"2024-03-01\"";
    case SW_FPERSON: return "\"P1\"";
    case SW_FAREA: return "\"610999101201\"";
    case SW_FENUM: return "\"inpatient\"";
    case SW_FSTRING: break;
    }
    if (sw_str_is(f->name, "idno"))
        return roll(2) ? "\"11010519491231002X\"" : "\"110105491231002\"";
    return sw_str_is(f->name, "phone") ? "\"13800138000\"" : "\"H1\"";
}

static void put_fitting_data(struct sw_buf *out, const struct sw_field *field, uint32_t n)
{
    uint32_t odd = roll(3) == 0 ? roll(n + 1) : n;

    sw_buf_cstr(out, "{");
    for (uint32_t i = 0; i < n; i++)
        sw_buf_printf(out, "%s\"%.*s\":%s", i == 0 ? "" : ",", SW_STR_ARG(field[i].name),
                      i == odd ? PICK(values) : fitting(&field[i]));
    sw_buf_cstr(out, "}");
}

/* Who is registered is not the form's business; where the daemon stops at that, the schema may
 * find more. */
static bool is_formal(enum sw_refusal r)
{
    return r != SW_ACCEPTED && r != SW_REFUSED_UNKNOWN_SUBJECT && r != SW_REFUSED_CONFLICT &&
           r != SW_REFUSED_BAD_DATE && r != SW_REFUSED_TOO_MANY;
}

struct trial {
    struct county *c;
    const struct sw_json *schema;
    size_t accepted, refused, apart;
};

static void try_event(struct trial *t, struct sw_str type, const struct sw_field *field, uint32_t n,
                      const char *subject)
{
    struct sw_buf data = {0};
    struct sw_buf name = {0};
    struct sw_buf text = {0};
    struct sw_arena arena = {0};
    const char *more = PICK(attributes);
    struct sw_json *event;
    enum sw_refusal r;
    struct sw_err err;
    bool valid, apart;

    if (roll(4) == 0)
        put_random_data(&data, field, n);
    else
        put_fitting_data(&data, field, n);
    if (roll(20) == 0)
        sw_buf_clear(&data);
    sw_buf_printf(&name, "%.*s%s", SW_STR_ARG(type), roll(40) == 0 ? "x" : "");
    if (roll(6) == 0)
        subject = PICK(subjects);
    sw_buf_printf(
        &text, "{\"specversion\":\"1.0\",\"source\":\"t\",\"type\":\"%s\",\"subject\":\"%s\"%s%s",
        name.p, subject, strstr(more, "\"id\"") == NULL ? ",\"id\":\"e\"" : "", more);
    sw_buf_printf(&text, data.n > 0 ? ",\"data\":%s}" : "}", data.p);
    r = offer(t->c, name.p, subject, data.n > 0 ? data.p : NULL, more);
    valid = sw_json_parse(&arena, sw_buf_view(&text), &event, &err) == SW_OK &&
            validate(t->schema, t->schema, event);
    t->accepted += valid;
    t->refused += !valid;
    apart = valid ? is_formal(r) : r == SW_ACCEPTED;
    t->apart += apart;
    if (apart && t->apart < 5)
        note("schema %s, daemon %s (%s): %s", valid ? "takes" : "refuses", sw_refusal_name(r),
             t->c->err.text, text.p);
    sw_buf_free(&data);
    sw_buf_free(&name);
    sw_buf_free(&text);
    sw_arena_free(&arena);
}

static void try_any(struct trial *t)
{
    static const char *const homes[] = {"household/H1", "person/P1", "area/610999101201"};
    size_t pick = roll((uint32_t)t->c->schema->n_streams - 1 + SW_ENTITIES);
    struct sw_buf type = {0};

    if (pick < SW_ENTITIES) {
        static const char *const own[] = {"area/610999101203", "household/H1",      "person/P1",
                                          "cadre/K1",          "team/T1",           "assignment/A1",
                                          "absence/B1",        "match/abcdefghijkl"};

        uint32_t n;
        const struct sw_field *field = sw_entity_fields(t->c->schema, (enum sw_entity)pick, &n);

        sw_buf_printf(&type, "registry.%s", sw_entity_name((enum sw_entity)pick));
        try_event(t, sw_buf_view(&type), field, n, own[pick]);
    } else {
        const struct sw_stream *st = &t->c->schema->streams[pick - SW_ENTITIES + 1];

        if (st != t->c->schema->persons) /* told as registry.person */
            try_event(t, st->name, st->fields, st->n_fields, homes[st->scope]);
    }
    sw_buf_free(&type);
}

static void test_agreement(const char *declarations)
{
    struct county c;
    struct sw_buf text = {0};
    struct sw_arena arena = {0};
    struct sw_json *schema = NULL;
    struct sw_err err;
    struct trial t = {.c = &c};

    open_county(&c);
    sw_buf_printf(&text, "%s%s", small_schema, declarations);
    sw_schema_free(c.schema);
    c.schema = load_small(text.p);
    sw_buf_clear(&text);
    sw_events_schema(c.schema, &text);
    ok(sw_json_parse(&arena, sw_buf_view(&text), &schema, &err) == SW_OK);
    t.schema = schema;
    for (size_t i = 0; i < EVENTS; i++)
        try_any(&t);
    is_int_named((int64_t)t.apart, 0, "schema and daemon agree on every event");
    ok_named(t.accepted > EVENTS / 10, "many events are accepted");
    ok_named(t.refused > EVENTS / 10, "many events are refused");
    note("%zu accepted, %zu refused", t.accepted, t.refused);
    sw_buf_free(&text);
    sw_arena_free(&arena);
    close_county(&c);
}

static void test_meanings(void)
{
    struct county c;
    struct sw_buf text = {0};

    open_county(&c);
    sw_events_schema(c.schema, &text);
    ok_named(strstr(text.p, "\"title\":\"医疗费\"") != NULL, "labels are told");
    ok_named(strstr(text.p, "inpatient: 住院; outpatient: 门诊") != NULL, "so are words of enums");
    sw_buf_clear(&text);
    sw_schema_free(c.schema);
    c.schema = load_small("schema: 1\nevents:\n  a: {feed: 医保局}\n  b: {feed: engine}\n");
    sw_events_schema(c.schema, &text);
    ok_named(strstr(text.p, "\"enum\":[\"feed/医保局\"]") != NULL, "feeds may say they are alive");
    ok_named(strstr(text.p, "\"b\"") == NULL, "what the engine makes is not sent");
    sw_buf_free(&text);
    close_county(&c);
}

int main(void)
{
    dice = tap_seed();
    test_agreement("");
    test_agreement("  alert.raised: {feed: engine, fields: {score: {type: number}}}\n"
                   "person:\n  birth: {type: date, label: 出生}\n  ill: {type: bool}\n");
    test_meanings();
    return done_testing();
}
