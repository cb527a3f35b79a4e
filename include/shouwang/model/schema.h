/* schema.h - what events may say: streams, their fields, units and enums, from rules/schema.yaml.
 * Layer: model. Immutable after loading; owns everything it points to. */
#ifndef SHOUWANG_MODEL_SCHEMA_H
#define SHOUWANG_MODEL_SCHEMA_H

#include <shouwang/base/diag.h>
#include <shouwang/base/intern.h>
#include <shouwang/base/yaml_keys.h>
#include <shouwang/base/zone.h>
#include <shouwang/lang/lang.h>

enum sw_field_type {
    SW_FMONEY, /* yuan in texts, int64 fen inside */
    SW_FINT,
    SW_FNUMBER, /* double */
    SW_FBOOL,
    SW_FDATE,
    SW_FSTRING,
    SW_FPERSON, /* a registered person's id in texts, its number inside */
    SW_FAREA,   /* a registered area's code in texts, its number inside */
    SW_FENUM
};

struct sw_enum {
    struct sw_str name;
    struct sw_enum_item *items;
    size_t n;
};

struct sw_field {
    struct sw_str name, label;
    enum sw_field_type type;
    bool optional;
    const struct sw_enum *of; /* SW_FENUM */
    struct sw_value min, max; /* of money, int and number; SW_KUNKNOWN: no bound of its own */
};

enum sw_scope { SW_HOUSEHOLD, SW_PERSON, SW_AREA };

/* `replaces:` of a stream: within which time a row takes the place of an older one of the same
 * subject and key (replace.h). */
enum sw_replaces {
    SW_REPLACES_NONE, /* rows add up */
    SW_REPLACES_ALL,
    SW_REPLACES_YEAR,
    SW_REPLACES_MONTH,
    SW_REPLACES_DAY,
    SW_REPLACES_PERIOD /* one of `periods:` */
};

#define SW_STREAMS_MAX 250
#define SW_FIELDS_MAX  60

/* One type of event. Stream 0 is the household's own facts: every field optional, the newest value
 * holds, field 0 is the area. */
struct sw_stream {
    struct sw_place at; /* where it is declared */
    struct sw_str name, label, feed;
    uint16_t id;
    enum sw_scope scope;
    bool partial;     /* coverage: partial */
    uint8_t presence; /* bytes of a record's presence bits, one bit per field */
    struct sw_field *fields;
    uint32_t n_fields;
    uint32_t end;         /* 1 + number of the date field with an event's last day, 0: none */
    uint32_t feed_number; /* in sw_schema.feeds */
    bool facts;           /* they hold from a day on; of two of one moment the later to come */
    bool leaves;          /* whom it names is no member of the household from that day on */
    bool of_engine;       /* `feed: engine`: only the engine itself makes such events */
    uint8_t replaces;     /* enum sw_replaces */
    uint8_t period;       /* SW_REPLACES_PERIOD: number of the period */
    uint64_t key;         /* fields that tell rows apart which replace one another, one bit each */
};

/* Who sends events. A feed that has been silent for longer than its period is stale: that nothing
 * was told then says nothing. */
struct sw_feed {
    struct sw_str name;
    int32_t period;             /* days, 0: none declared, never stale */
    bool batch;                 /* it closes batches, one within each period */
    bool cumulative;            /* each batch is a whole list: what it has not any more is gone */
    int32_t rows_min, rows_max; /* of a batch; 0: not declared */
    double missing;             /* the share of a batch's rows that may fail to arrive */
    struct sw_str answers;      /* the gateway that takes back what visits found; empty: none */
};

struct sw_period {
    struct sw_str name;
    int32_t month, day;
};

struct sw_schema {
    struct sw_arena arena;
    int64_t version;     /* `schema:` */
    bool refuse_unknown; /* `unknown: refuse`: no event waits for who is not registered */
    uint64_t digest;     /* of the file's text: a snapshot made under another one is not used */
    struct sw_zone *zone;
    struct sw_enum *enums;
    size_t n_enums;
    struct sw_stream *streams; /* [0] = household */
    size_t n_streams;
    bool any_replaces; /* some stream does */
    struct sw_period *periods;
    size_t n_periods;
    struct sw_feed *feeds; /* every feed that a stream names */
    size_t n_feeds;
    const struct sw_stream *persons; /* facts of persons, kept with their household: field 0 is the
                                        person; NULL: none declared */
    struct sw_field *person_fields;  /* of registry.person: household, the declared ones, others */
    uint32_t n_person_fields;
    struct sw_field *household_fields; /* of registry.household: the facts, into, from */
    uint32_t n_household_fields;
    struct sw_intern names; /* stream name to id */
};

extern const struct sw_keys sw_schema_keys; /* what the file holds */

#define SW_FACTS     0 /* the stream of household facts */
#define SW_FACT_AREA 0 /* its field 0 */

#define SW_PERSON_FACTS "registry.person" /* name of the stream of persons' facts */
#define SW_FACT_PERSON  0                 /* its field 0 */

/* NULL when there is any error finding. Free with sw_schema_free(). */
struct sw_schema *sw_schema_load(const char *path, struct sw_diag *diag);
struct sw_schema *sw_schema_parse(struct sw_str file, struct sw_str text, struct sw_diag *diag);
void sw_schema_free(struct sw_schema *s);

/* NULL: no such stream (the household's facts cannot be found by name here). */
const struct sw_stream *sw_schema_stream(const struct sw_schema *s, struct sw_str name);
/* NULL: no such field. *index when given. */
const struct sw_field *sw_stream_field(const struct sw_stream *st, struct sw_str name,
                                       uint32_t *index);
/* The field that says whom an event is about, SW_NONE: none does. */
uint32_t sw_stream_person(const struct sw_stream *st);
/* Index of the item, -1 when there is none. */
int32_t sw_enum_find(const struct sw_enum *e, struct sw_str name);

#endif
