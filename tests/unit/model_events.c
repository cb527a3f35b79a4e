/* Events against schema and registry: every reason for a refusal, and what an accepted one says. */
#include "model_help.h"

struct offered {
    const char *type, *subject, *data, *more;
    enum sw_refusal want;
};

#define BILL "{\"person\":\"P1\",\"kind\":\"inpatient\",\"self_paid\":12.5}"

static const struct offered offers[] = {
    {"medical.bill", "household/H1", BILL, "", SW_ACCEPTED},
    {"medical.bill", "person/P1", "{\"kind\":\"inpatient\",\"self_paid\":1}", "", SW_ACCEPTED},
    {"medical.bill", "household/H1",
     "{\"person\":\"P1\",\"kind\":\"inpatient\",\"self_paid\":\"12.50\",\"total\":null}", "",
     SW_ACCEPTED},
    {"disaster.hail", "area/610999101201", "{\"severity\":4}", "", SW_ACCEPTED},
    {"work.lost", "person/P1", "{}", "", SW_ACCEPTED},
    {"note", "household/H1", "{\"at\":\"2024-02-29\",\"share\":0.5,\"ok\":true}", "", SW_ACCEPTED},
    {"medical.bill", "household/H1", NULL, ",\"reverses\":\"b1\"", SW_ACCEPTED},
    {"medical.bil", "household/H1", BILL, "", SW_REFUSED_UNKNOWN_TYPE},
    {"household", "household/H1", "{}", "", SW_REFUSED_UNKNOWN_TYPE},
    {"registry.cow", "cow/1", "{}", "", SW_REFUSED_UNKNOWN_TYPE},
    {"medical.bill", "household/H9", BILL, "", SW_REFUSED_UNKNOWN_SUBJECT},
    {"medical.bill", "person/P9", BILL, "", SW_REFUSED_UNKNOWN_SUBJECT},
    {"disaster.hail", "area/1", "{\"severity\":4}", "", SW_REFUSED_UNKNOWN_SUBJECT},
    {"disaster.hail", "household/H1", "{\"severity\":4}", "", SW_REFUSED_ENVELOPE},
    {"work.lost", "household/H1", "{\"person\":\"P1\"}", "", SW_REFUSED_ENVELOPE},
    {"medical.bill", "H1", BILL, "", SW_REFUSED_ENVELOPE},
    {"medical.bill", "household/", BILL, "", SW_REFUSED_ENVELOPE},
    {"medical.bill", "household/H1", "{\"person\":\"P1\",\"kind\":\"inpatient\"}", "",
     SW_REFUSED_MISSING_FIELD},
    {"medical.bill", "household/H1", NULL, "", SW_REFUSED_MISSING_FIELD},
    {"medical.bill", "household/H1", "{\"person\":\"P1\",\"kind\":\"inpatient\",\"self_payed\":1}",
     "", SW_REFUSED_UNKNOWN_FIELD},
    {"medical.bill", "household/H1", "{\"person\":\"P1\",\"kind\":\"impatient\",\"self_paid\":1}",
     "", SW_REFUSED_BAD_FIELD},
    {"medical.bill", "household/H1",
     "{\"person\":\"P1\",\"kind\":\"inpatient\",\"self_paid\":1.001}", "", SW_REFUSED_BAD_FIELD},
    {"medical.bill", "household/H1",
     "{\"person\":\"P1\",\"kind\":\"inpatient\",\"self_paid\":true}", "", SW_REFUSED_BAD_FIELD},
    {"medical.bill", "household/H1",
     "{\"person\":\"P1\",\"kind\":\"inpatient\",\"self_paid\":1e15}", "", SW_REFUSED_BAD_FIELD},
    {"medical.bill", "household/H1", "{\"person\":\"P9\",\"kind\":\"inpatient\",\"self_paid\":1}",
     "", SW_REFUSED_UNKNOWN_SUBJECT},
    {"medical.bill", "household/H1", "{\"person\":\"P2\",\"kind\":\"inpatient\",\"self_paid\":1}",
     "", SW_REFUSED_CONFLICT},
    {"disaster.hail", "area/610999101201", "{\"severity\":4.5}", "", SW_REFUSED_BAD_FIELD},
    {"disaster.hail", "area/610999101201", "{\"severity\":0}", "", SW_REFUSED_BAD_FIELD},
    {"disaster.hail", "area/610999101201", "{\"severity\":6}", "", SW_REFUSED_BAD_FIELD},
    {"disaster.hail", "area/610999101201", "{\"severity\":5}", "", SW_ACCEPTED},
    {"note", "household/H1", "{\"at\":\"2023-02-29\"}", "", SW_REFUSED_BAD_FIELD},
    {"note", "household/H1", "{\"share\":\"0.5\"}", "", SW_REFUSED_BAD_FIELD},
    {"note", "household/H1", "{\"ok\":1}", "", SW_REFUSED_BAD_FIELD},
    {"medical.bill", "household/H1", BILL, ",\"time\":\"2026-11-23T00:00:00+08:00\"",
     SW_REFUSED_BAD_DATE},
    {"medical.bill", "household/H1", BILL, ",\"time\":\"2026-11-22T23:59:59+08:00\"", SW_ACCEPTED},
    {"medical.bill", "household/H1", BILL, ",\"time\":\"1989-12-31T00:00:00Z\"",
     SW_REFUSED_BAD_DATE},
    {"medical.bill", "household/H1", BILL, ",\"time\":\"2026-11-21\"", SW_REFUSED_ENVELOPE},
    {"medical.bill", "household/H1", BILL, ",\"id\":\"\"", SW_REFUSED_ENVELOPE},
    {"medical.bill", "household/H1", "[1]", "", SW_REFUSED_ENVELOPE},
    {"medical.bill", "household/H1", BILL, ",\"datacontenttype\":\"text/xml\"",
     SW_REFUSED_ENVELOPE},
    {"medical.bill", "household/H1", BILL, ",\"unknownattribute\":\"fine\"", SW_ACCEPTED},
    {"registry.household", "household/H7", "{\"members_n\":4}", "", SW_REFUSED_MISSING_FIELD},
    {"registry.household", "household/H7", "{\"area\":\"1\"}", "", SW_REFUSED_UNKNOWN_SUBJECT},
    {"registry.household", "area/H7", "{}", "", SW_REFUSED_ENVELOPE},
    {"registry.person", "person/P7", "{\"household\":\"H9\"}", "", SW_REFUSED_UNKNOWN_SUBJECT},
    {"registry.person", "person/P7", "{\"household\":\"H1\",\"phone\":\"1\"}", "",
     SW_REFUSED_UNKNOWN_FIELD},
    {"registry.person", "person/P1", "{\"household\":\"H1\",\"idno\":\"11010519491231002X\"}", "",
     SW_ACCEPTED},
    {"registry.person", "person/P2", "{\"household\":\"H2\",\"idno\":110105491231002}", "",
     SW_ACCEPTED},
    {"registry.person", "person/P1", "{\"household\":\"H1\",\"idno\":\"110105194912310021\"}", "",
     SW_REFUSED_BAD_FIELD},
    {"registry.person", "person/P1", "{\"household\":\"H1\",\"idno\":\"无\"}", "",
     SW_REFUSED_BAD_FIELD},
    {"medical.bill", "person-idno/440524188001010014", BILL, "", SW_REFUSED_UNKNOWN_SUBJECT},
    {"medical.bill", "person-idno/440524188001010015", BILL, "", SW_REFUSED_BAD_FIELD},
    {"medical.bill", "person-idno/P1", BILL, "", SW_REFUSED_BAD_FIELD},
    {"medical.bill", "person-idno/11010519491231002X", BILL, "", SW_REFUSED_UNKNOWN_SUBJECT},
    {"registry.cadre", "cadre/C1", "{\"name\":\"李\",\"phone\":\"12345\"}", "",
     SW_REFUSED_BAD_FIELD},
    {"registry.cadre", "cadre/C1", "{\"name\":\"李\",\"phone\":\"+86 138-0013-8000\"}", "",
     SW_ACCEPTED},
    {"registry.team", "team/T1", "{\"name\":\"石桥村工作队\",\"leader\":\"C9\"}", "",
     SW_REFUSED_UNKNOWN_SUBJECT},
    {"registry.team", "team/T1", "{\"name\":\"石桥村工作队\",\"leader\":\"C1\"}", "", SW_ACCEPTED},
    {"registry.assignment", "assignment/A1", "{\"household\":\"H1\",\"cadre\":\"C1\"}", "",
     SW_ACCEPTED},
    {"registry.assignment", "assignment/A2", "{\"household\":\"H1\",\"team\":\"T1\"}", "",
     SW_REFUSED_CONFLICT},
    {"registry.assignment", "assignment/A2",
     "{\"area\":\"610999101201\",\"team\":\"T1\",\"from\":\"2026-01-02\",\"until\":\"2026-01-01\"}",
     "", SW_REFUSED_CONFLICT},
    {"registry.area", "area/610999101201", "{\"name\":\"石桥村\",\"parent\":\"610999000000\"}", "",
     SW_REFUSED_CONFLICT},
    {"registry.area", "area/610999102201", "{\"name\":\"新村\",\"parent\":\"610999102000\"}", "",
     SW_REFUSED_UNKNOWN_SUBJECT},
    {"registry.cadre", "cadre/C1", "{\"name\":\"李\",\"phone\":\"13800138000\"}",
     ",\"reverses\":\"x\"", SW_REFUSED_CONFLICT},
};

/* A person by the number, old or new; two who have one are nobody until the county has settled it.
 */
static void test_identity(void)
{
    struct county c;
    uint32_t person;

    open_county(&c);
    is_int(offer(&c, "registry.person", "person/P1",
                 "{\"household\":\"H1\",\"idno\":\"110105491231002\"}", ""),
           SW_ACCEPTED);
    is_int(offer(&c, "medical.bill", "person-idno/11010519491231002x",
                 "{\"kind\":\"inpatient\",\"self_paid\":1}", ""),
           SW_ACCEPTED);
    sw_stream_field(c.event.stream, SW_STR("person"), &person);
    is_int(c.event.subject, sw_registry_household(&c.r, SW_STR("H1")));
    is_int(c.event.value[person].i, sw_registry_person(&c.r, SW_STR("P1")));
    is_int_named(offer(&c, "registry.person", "person/P2",
                       "{\"household\":\"H2\",\"idno\":\"11010519491231002X\"}", ""),
                 SW_ACCEPTED, "the same number a second time is taken");
    is_int_named(offer(&c, "work.lost", "person-idno/11010519491231002X", "{}", ""),
                 SW_REFUSED_UNKNOWN_SUBJECT, "and then stands for nobody");
    is_int(offer(&c, "registry.person", "person/P2",
                 "{\"household\":\"H2\",\"idno\":\"440524188001010014\"}", ""),
           SW_ACCEPTED);
    is_int_named(offer(&c, "work.lost", "person-idno/11010519491231002X", "{}", ""), SW_ACCEPTED,
                 "until one of them has another");
    is_int(c.event.subject, sw_registry_household(&c.r, SW_STR("H1")));
    is_int_named(offer(&c, "registry.person", "person/P2", "{\"household\":\"H1\"}", ""),
                 SW_ACCEPTED, "who moves keeps the number");
    is_int(offer(&c, "work.lost", "person-idno/440524188001010014", "{}", ""), SW_ACCEPTED);
    is_int(c.event.subject, sw_registry_household(&c.r, SW_STR("H1")));
    offer(&c, "registry.person", "person/P1",
          "{\"household\":\"H1\",\"idno\":\"110105194912310021\"}", "");
    ok_named(strstr(c.err.text, "check digit") != NULL && strstr(c.err.text, "1949") == NULL,
             "what is wrong is told without the number");
    close_county(&c);
}

static void test_offers(void)
{
    struct county c;

    open_county(&c);
    for (size_t i = 0; i < SW_COUNTOF(offers); i++) {
        const struct offered *o = &offers[i];
        enum sw_refusal got = offer(&c, o->type, o->subject, o->data, o->more);
        char name[300];

        snprintf(name, sizeof(name), "%s %s %s%s: %s", o->type, o->subject,
                 o->data == NULL ? "-" : o->data, o->more, sw_refusal_name(o->want));
        if (!is_int_named(got, o->want, name))
            note("%s", c.err.text);
    }
    close_county(&c);
}

static void test_values(void)
{
    struct county c;
    uint32_t i = 0;

    open_county(&c);
    is_int(offer(&c, "medical.bill", "person/P1", "{\"kind\":\"outpatient\",\"self_paid\":-12.34}",
                 ",\"id\":\"b7\",\"time\":\"2026-11-20T16:30:04Z\",\"reverses\":\"b6\""),
           SW_ACCEPTED);
    is_int(c.event.subject, sw_registry_household(&c.r, SW_STR("H1")));
    is_int(c.event.day, sw_day_of(2026, 11, 21));
    is_int(c.event.moment, 902); /* half an hour and four seconds */
    ok(c.event.key == sw_event_key(&c.r, SW_STR("t"), SW_STR("b7")));
    ok(c.event.reverses == sw_event_key(&c.r, SW_STR("t"), SW_STR("b6")));
    sw_stream_field(c.event.stream, SW_STR("self_paid"), &i);
    is_int(c.event.value[i].i, -1234);
    sw_stream_field(c.event.stream, SW_STR("kind"), &i);
    is_int(c.event.value[i].i, 1);
    sw_stream_field(c.event.stream, SW_STR("person"), &i);
    is_int(c.event.value[i].i, sw_registry_person(&c.r, SW_STR("P1")));
    sw_stream_field(c.event.stream, SW_STR("total"), &i);
    is_int(c.event.value[i].kind, SW_KUNKNOWN);
    ok(sw_event_key(&c.r, SW_STR("a"), SW_STR("bc")) !=
       sw_event_key(&c.r, SW_STR("ab"), SW_STR("c")));
    close_county(&c);
}

static void test_large(void)
{
    struct county c;
    struct sw_buf data = {0};
    struct sw_arena arena = {0};
    struct sw_envelope env;
    struct sw_err err;
    static char big[SW_EVENT_BYTES_MAX + 10];

    open_county(&c);
    sw_buf_printf(&data, "{\"a\":\"%990s\",\"b\":\"%990s\"}", "x", "y");
    is_int_named(offer(&c, "note", "household/H1", data.p, ""), SW_ACCEPTED, "two long texts");
    sw_buf_clear(&data);
    sw_buf_printf(&data, "{\"a\":\"%990s\",\"b\":\"%990s\",\"c\":\"%990s\"}", "x", "y", "z");
    is_int_named(offer(&c, "note", "household/H1", data.p, ""), SW_REFUSED_BAD_FIELD,
                 "three are too much for one record");
    sw_buf_clear(&data);
    sw_buf_printf(&data, "{\"a\":\"%1001s\"}", "x");
    is_int_named(offer(&c, "note", "household/H1", data.p, ""), SW_REFUSED_BAD_FIELD,
                 "one text above 1000 bytes");
    memset(big, ' ', sizeof(big));
    is_int(sw_envelope_read(&arena, (struct sw_str){big, sizeof(big)}, &env, &err),
           SW_REFUSED_TOO_LARGE);
    is_int(sw_envelope_read(&arena, SW_STR("{\"id\":\"\xc0\xaf\"}"), &env, &err),
           SW_REFUSED_NOT_JSON);
    is_int(sw_envelope_read(&arena, SW_STR("[]"), &env, &err), SW_REFUSED_ENVELOPE);
    sw_arena_free(&arena);
    sw_buf_free(&data);
    close_county(&c);
}

static void test_schema_faults(void)
{
    static const struct {
        const char *text, *finding;
    } bad[] = {
        {"schema: 1\nevents:\n  a.b: {fields: {x: {type: mony}}}\n",
         "type: expected one of money, int, number, bool, date, string, person, area or "
         "enum(NAME), "
         "got \"mony\"; did you mean money?"},
        {"schema: 1\nevents:\n  A: {}\n", "A: a name is made of"},
        {"schema: 1\nevents:\n  registry.x: {}\n", "registry.x is built in"},
        {"schema: 1\nevents:\n  a: {scope: town}\n",
         "scope: expected one of household, person, area, got \"town\""},
        {"schema: 1\nevents:\n  a: {fields: {x: {label: x}}}\n", "x: type is missing"},
        {"schema: 1\nevents: {a: {}}\nhousehold: {area: {type: int}}\n", "area is built in"},
        {"schema: 1\nevents: {a: {}}\ntimezone: Mars/Olympus\n", "no time zone"},
        {"schema: 1\nevents: {a: {fields: {x: {type: int, min: 1.5}}}}\n",
         "min: expected a number"},
        {"events: {a: {}}\n", "schema is missing (the number"},
        {"schema: 1\n", "events is missing"},
        {"schema: 1\nevents:\n  a:\n    replaces: weak\n",
         "s.yaml:4:15: error: replaces: is year, month, day, all or a name of periods:, not weak"},
        {"schema: 1\nevents:\n  a: {replaces: year, key: [x]}\n",
         "s.yaml:3:29: error: a has no field x"},
        {"schema: 1\nevents:\n  a: {replaces: all, key: [x], fields: {x: {type: money}}}\n",
         "s.yaml:3:28: error: key: x is what a row says, not what it is about"},
        {"schema: 1\nevents:\n  a: {key: [x], fields: {x: {type: int}}}\n",
         "s.yaml:3:7: error: key: says what rows replace one another, and without replaces: none "
         "does"},
        {"schema: 1\nevents:\n  a: {feed: engine, replaces: all}\n",
         "s.yaml:3:21: error: replaces: what the engine decides replaces nothing"},
        {"schema: 1\nevents:\n  a: {feed: f}\nfeeds:\n  f: {period: 9d, mode: cumulative}\n",
         "s.yaml:5:25: error: mode: cumulative: a does not say what its rows replace"},
        {"schema: 1\nevents: {a: {feilds: {}}}\n", "did you mean fields?"},
    };

    for (size_t i = 0; i < SW_COUNTOF(bad); i++) {
        struct sw_diag diag = {0};
        struct sw_buf out = {0};

        ok(sw_schema_parse(SW_STR("s.yaml"), sw_str(bad[i].text), &diag) == NULL);
        sw_diag_format(&diag, &out);
        if (!ok_named(strstr(out.p, bad[i].finding) != NULL, bad[i].finding))
            note("%s", out.p);
        sw_buf_free(&out);
        sw_diag_free(&diag);
    }
}

static void test_areas(void)
{
    struct county c;
    uint32_t county;
    uint32_t village;
    uint32_t other;

    open_county(&c);
    county = sw_registry_area(&c.r, SW_STR("610999000000"));
    village = sw_registry_area(&c.r, SW_STR("610999101201"));
    other = sw_registry_area(&c.r, SW_STR("610999101202"));
    ok(sw_area_within(&c.r, village, county));
    ok(!sw_area_within(&c.r, county, village));
    is_int(c.r.household[0].area, village);
    is_int(offer(&c, "registry.household", "household/H1", "{\"area\":\"610999101202\"}", ""),
           SW_ACCEPTED);
    is_int_named(c.r.household[0].area, other, "a household moves");
    is_int_named(c.r.area[village].first_household, SW_NONE, "nobody is left in the old village");
    is_int(offer(&c, "registry.household", "household/H1", "{\"members_n\":5}", ",\"id\":\"x\""),
           SW_ACCEPTED);
    ok(!c.changed.repeat);
    offer(&c, "registry.household", "household/H1", "{\"members_n\":5}", ",\"id\":\"x\"");
    ok_named(c.changed.repeat, "the same change again is a repeat");
    close_county(&c);
}

static void test_people(void)
{
    struct county c;
    uint32_t from;
    uint32_t c1;
    char phone[SW_PHONE_SIZE];

    open_county(&c);
    offer(&c, "registry.cadre", "cadre/C1", "{\"name\":\"李\",\"phone\":\"13800138001\"}", "");
    offer(&c, "registry.cadre", "cadre/C2", "{\"name\":\"王\",\"phone\":\"13800138001\"}", "");
    offer(
        &c, "registry.assignment", "assignment/A1",
        "{\"household\":\"H1\",\"cadre\":\"C1\",\"from\":\"2026-01-01\",\"until\":\"2026-06-30\"}",
        "");
    offer(&c, "registry.assignment", "assignment/A2",
          "{\"household\":\"H1\",\"cadre\":\"C2\",\"from\":\"2026-07-01\"}", "");
    c1 = sw_intern_find(&c.r.cadre_id, SW_STR("C1"));
    from = c.r.household[0].assignment;
    is_int_named(sw_assigned_next(&c.r, sw_day_of(2026, 6, 30), &from), c1,
                 "until is the last day");
    is_int(sw_assigned_next(&c.r, sw_day_of(2026, 6, 30), &from), SW_NONE);
    from = c.r.household[0].assignment;
    ok(sw_assigned_next(&c.r, sw_day_of(2026, 7, 1), &from) != c1);
    ok_named(sw_registry_phone(&c.r, SW_STR("13800138001")) != SW_NONE, "a shared phone is found");
    offer(&c, "registry.cadre", "cadre/C2", "{\"name\":\"王\",\"phone\":\"13800138002\"}", "");
    is_int_named(sw_registry_phone(&c.r, SW_STR("13800138001")), c1, "after one of them left it");
    offer(&c, "registry.assignment", "assignment/A2",
          "{\"household\":\"H1\",\"cadre\":\"C1\",\"from\":\"2026-07-01\"}", "");
    from = c.r.household[0].assignment;
    is_int_named(sw_assigned_next(&c.r, sw_day_of(2026, 7, 1), &from), c1,
                 "a changed text replaces the assignment");
    is_int(sw_assigned_next(&c.r, sw_day_of(2026, 7, 1), &from), SW_NONE);
    ok(sw_phone_read(SW_STR("008613800138000"), phone));
    is_str(sw_str(phone), "13800138000");
    ok(!sw_phone_read(SW_STR("02912345678"), phone));
    ok(!sw_phone_read(SW_STR("1380013800a"), phone));
    close_county(&c);
}

int main(void)
{
    test_offers();
    test_identity();
    test_values();
    test_large();
    test_schema_faults();
    test_areas();
    test_people();
    return done_testing();
}
