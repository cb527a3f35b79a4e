/* schema_keys.c - what schema.yaml may hold. */
#include "schema_parts.h"
#include <shouwang/base/i18n.h>

static const struct sw_key any_text = {.kind = SW_KEY_TEXT};

/* ---- fields ------------------------------------------------------------------------------- */

/* enum sw_field_type, as far as a word names it */
static const char *const types[] = {"money",  "int",    "number", "bool", "date",
                                    "string", "person", "area",   NULL};
static const struct sw_key enum_type = {.pattern = "^enum\\([a-z][a-z0-9_]*\\)$",
                                        .wanted = N_("enum(NAME)")};

static const struct sw_key field[] = {
    {.name = "type",
     SW_INTO(struct sw_field, type),
     .kind = SW_KEY_WORD,
     .words = types,
     .or_else = &enum_type,
     .required = true,
     .help = N_("money (yuan), int, number, bool, date, string, person, area or enum(NAME)")},
    {.name = "label", SW_INTO(struct sw_field, label), .help = N_("what people read")},
    {.name = "optional",
     SW_INTO(struct sw_field, optional),
     .kind = SW_KEY_BOOL,
     .help = N_("true: may be absent, and is unknown then")},
    {.name = "source", .help = N_("where the value comes from")},
    {.name = "unit", .help = N_("for people")},
    {.name = "min",
     .kind = SW_KEY_NUMBER,
     .help = N_("the least that is possible; an event with less is refused")},
    {.name = "max",
     .kind = SW_KEY_NUMBER,
     .help = N_("the most that is possible; an event with more is refused")},
};
const struct sw_keys sw_field_keys = {SW_TABLE("field", field)};

static const struct sw_key one_field = {.kind = SW_KEY_MAP, .of = &sw_field_keys, .later = true};
static const struct sw_keys fields = {
    .name = "fields", .other = &one_field, .names = SW_NAMES_WORDS};

/* ---- events ------------------------------------------------------------------------------- */

static const char *const scopes[] = {"household", "person", "area", NULL}; /* enum sw_scope */
static const char *const coverages[] = {"full", "partial", NULL};

static const struct sw_key stream[] = {
    {.name = "label", SW_INTO(struct sw_stream, label), .help = N_("what people read")},
    {.name = "feed", SW_INTO(struct sw_stream, feed), .help = N_("the department that reports it")},
    {.name = "scope",
     SW_INTO(struct sw_stream, scope),
     .kind = SW_KEY_WORD,
     .words = scopes,
     .help = N_("what it happens to; area: to every household in the place")},
    {.name = "coverage",
     SW_INTO(struct sw_stream, partial),
     .kind = SW_KEY_WORD,
     .words = coverages,
     .help = N_("partial: no record does not mean that nothing happened")},
    {.name = "fields",
     .kind = SW_KEY_MAP,
     .of = &fields,
     .help = N_("what an event of this type says")},
    {.name = "leaves",
     SW_INTO(struct sw_stream, leaves),
     .kind = SW_KEY_BOOL,
     .help = N_("true: the person is no member of the household any more from that day on")},
    {.name = "replaces",
     .help = N_("each row replaces the older one about the same household, person or area, instead "
                "of adding to it: within the same year, month or day, the same period of periods:, "
                "or all")},
    {.name = "key",
     .kind = SW_KEY_LIST,
     .hi = SW_FIELDS_MAX,
     .item = &any_text,
     .help = N_("with replaces: further fields whose values tell rows apart, such as kind; persons "
                "always do")},
    {.name = "end",
     .help = N_("the date field that is an event's last day, for open() and ends_within()")},
};
const struct sw_keys sw_stream_keys = {SW_TABLE("event", stream)};

static const struct sw_key one_stream = {.kind = SW_KEY_MAP, .of = &sw_stream_keys, .later = true};
static const struct sw_keys events = {
    .name = "events", .other = &one_stream, .names = SW_NAMES_DOTTED};

/* ---- feeds -------------------------------------------------------------------------------- */

static const char *const modes[] = {"increments", "cumulative", NULL};

static const struct sw_key feed_rows[] = {
    {.name = "min",
     SW_INTO(struct sw_feed, rows_min),
     .kind = SW_KEY_INT,
     .hi = 100000000,
     .help = N_("fewer are raised to the county")},
    {.name = "max",
     SW_INTO(struct sw_feed, rows_max),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = 100000000,
     .help = N_("more are raised to the county")},
};
static const struct sw_keys feed_rows_keys = {SW_TABLE("feed_rows", feed_rows)};

static const struct sw_key feed[] = {
    {.name = "period",
     SW_INTO(struct sw_feed, period),
     .kind = SW_KEY_DAYS,
     .required = true,
     .help =
         N_("days within which it is heard of, by events, feed.batch.closed or feed.heartbeat")},
    {.name = "batch",
     SW_INTO(struct sw_feed, batch),
     .kind = SW_KEY_BOOL,
     .help = N_("true: it closes a batch within each period, with feed.batch.closed")},
    {.name = "mode",
     SW_INTO(struct sw_feed, cumulative),
     .kind = SW_KEY_WORD,
     .words = modes,
     .help = N_("increments: each batch tells what is new; cumulative: it is a whole list, and "
                "what it has not any more is gone when it is closed")},
    {.name = "rows",
     .kind = SW_KEY_MAP,
     .of = &feed_rows_keys,
     .help = N_("how many rows a batch has; without it the feed's last batches are the measure")},
    {.name = "missing",
     SW_INTO(struct sw_feed, missing),
     .kind = SW_KEY_NUMBER,
     .hi = 0.5,
     .help = N_("the share of a batch's rows that may fail to arrive (refused, lost) before it is "
                "raised, such as 0.01")},
    {.name = "answers",
     SW_INTO(struct sw_feed, answers),
     .help = N_("the gateway that tells the department what visits found (visit.result)")},
    {.name = "label", .help = N_("what people read")},
};
const struct sw_keys sw_feed_keys = {SW_TABLE("feed", feed)};

static const struct sw_key one_feed = {.kind = SW_KEY_MAP, .of = &sw_feed_keys, .later = true};
static const struct sw_keys feeds = {.name = "feeds", .other = &one_feed};

/* ---- the file ----------------------------------------------------------------------------- */

static const struct sw_keys items = {.name = "items", .other = &any_text};
static const struct sw_key one_enum = {.kind = SW_KEY_MAP, .of = &items};
static const struct sw_keys enums = {.name = "enums", .other = &one_enum, .names = SW_NAMES_WORDS};

static const struct sw_key day_of_year = {
    .pattern = "^((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|"
               "02-(0[1-9]|1[0-9]|2[0-8]))$",
    .wanted = N_("a day of the year such as 09-01")};
static const struct sw_keys periods = {
    .name = "periods", .other = &day_of_year, .names = SW_NAMES_WORDS};

static const char *const unknown_words[] = {"park", "refuse", NULL};

static const struct sw_key file[] = {
    {.name = "schema",
     SW_INTO(struct sw_schema, version),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = 1000000,
     .required = true,
     .help = N_("the number of this edition, such as schema: 1")},
    {.name = "timezone",
     .help = N_("whose days count, such as Asia/Shanghai; a day ends at midnight there")},
    {.name = "unknown",
     SW_INTO(struct sw_schema, refuse_unknown),
     .kind = SW_KEY_WORD,
     .words = unknown_words,
     .help = N_("park: events about households and persons that are not registered wait for them; "
                "refuse: they are refused")},
    {.name = "enums",
     .kind = SW_KEY_MAP,
     .of = &enums,
     .help = N_("lists of values, each with its label, for type: enum(NAME)")},
    {.name = "household",
     .kind = SW_KEY_MAP,
     .of = &fields,
     .help = N_("facts of a household, hh.NAME in rules")},
    {.name = "events",
     .kind = SW_KEY_MAP,
     .of = &events,
     .required = true,
     .help = N_("types of events")},
    {.name = "person",
     .kind = SW_KEY_MAP,
     .of = &fields,
     .help = N_("facts of a person, m.NAME in members.exists(m, ...)")},
    {.name = "feeds",
     .kind = SW_KEY_MAP,
     .of = &feeds,
     .help = N_("how often each department reports; rules that silence makes true wait while it "
                "is late")},
    {.name = "periods",
     .kind = SW_KEY_MAP,
     .of = &periods,
     .help = N_("parts of a year by their first day, for this(\"NAME\")")},
};
const struct sw_keys sw_schema_keys = {SW_TABLE("schema", file)};
