/* event.h - from a CloudEvents 1.0 JSON text to a typed event, or the reason why not.
 * Layer: model. Pure. The text must outlive the event; values that need memory are in the arena. */
#ifndef SHOUWANG_MODEL_EVENT_H
#define SHOUWANG_MODEL_EVENT_H

#include <shouwang/base/err.h>
#include <shouwang/base/json.h>
#include <shouwang/model/schema.h>

struct sw_registry;

#define SW_EVENT_BYTES_MAX 65536
#define SW_HEARTBEAT       "feed.heartbeat"    /* type of the event that says: nothing happened */
#define SW_BATCH_CLOSED    "feed.batch.closed" /* and: these were all rows of a batch */
#define SW_CASE_ACT        "case.act"          /* and: somebody acts on a case */
#define SW_PARKED_DROP     "parked.drop"       /* what waits is to wait no longer */

/* Why an event was refused; the names are the `reason` of counters and of the table of refused
 * inputs. */
enum sw_refusal {
    SW_ACCEPTED,
    SW_REFUSED_TOO_LARGE,
    SW_REFUSED_NOT_JSON, /* grammar, UTF-8, depth, a key twice */
    SW_REFUSED_ENVELOPE, /* a CloudEvents attribute is missing or malformed */
    SW_REFUSED_UNKNOWN_TYPE,
    SW_REFUSED_MISSING_FIELD,
    SW_REFUSED_UNKNOWN_FIELD,
    SW_REFUSED_BAD_FIELD,       /* ill-typed, unknown enum value, out of range */
    SW_REFUSED_BAD_DATE,        /* before 1990 or after tomorrow */
    SW_REFUSED_UNKNOWN_SUBJECT, /* no such household, person, area, cadre or team */
    SW_REFUSED_CONFLICT,        /* contradicts what is registered */
    SW_REFUSED_TOO_MANY,        /* the subject's history is full */
    SW_REFUSALS
};

const char *sw_refusal_name(enum sw_refusal r); /* "missing_field" */

/* The kinds of registry change; each is an event of type "registry.<name>". */
enum sw_entity {
    SW_EAREA,
    SW_EHOUSEHOLD,
    SW_EPERSON,
    SW_ECADRE,
    SW_ETEAM,
    SW_EASSIGNMENT,
    SW_EABSENCE,
    SW_EMATCH,
    SW_ENTITIES
};

const char *sw_entity_name(enum sw_entity e); /* "area" … */
/* The fields of a change of this kind; of households and persons the schema's. */
const struct sw_field *sw_entity_fields(const struct sw_schema *s, enum sw_entity e, uint32_t *n);

/* What a source says of the person an event is about, to be compared with who is registered. None
 * of it is kept behind the event's own text. */
struct sw_who {
    struct sw_str name; /* personname: its token (base/veil.h); empty: not told */
    struct sw_str area; /* personarea: the village's code or name; empty: not told */
    sw_day birth;       /* personbirth */
    bool has_birth;
};

/* The envelope, checked and typed, before anything is looked up. Everything is borrowed. */
struct sw_envelope {
    struct sw_str id, source, type, subject;
    struct sw_str reverses; /* id of an earlier event of this source; empty: none */
    sw_time time;           /* when it happened; 0 when the text has none */
    sw_time known;          /* recordedtime: when the source knew; 0 when not given */
    bool has_time, has_known;
    struct sw_who who;
    const struct sw_json *data; /* an object, or NULL */
};

/* Parse `text` and check the envelope. On refusal *err has the text for people. */
enum sw_refusal sw_envelope_read(struct sw_arena *arena, struct sw_str text,
                                 struct sw_envelope *out, struct sw_err *err);

/* The JSON Schema (draft 2020-12) of all of them, registry changes too: what can be said of an
 * event without knowing who is registered. One line, appended to `out`. */
void sw_events_schema(const struct sw_schema *schema, struct sw_buf *out);

/* Why it is not certain who an event is about. */
enum sw_doubt {
    SW_DOUBT_NONE,
    SW_DOUBT_UNKNOWN,    /* nobody is registered with the number: perhaps not yet */
    SW_DOUBT_DIFFERS,    /* somebody is, by another name or born on another day */
    SW_DOUBT_SHARED,     /* several are */
    SW_DOUBT_WRONG,      /* it is no identity number, but there is a name */
    SW_DOUBT_UNNUMBERED, /* there is a name alone */
    SW_DOUBTS
};

struct sw_event {
    const struct sw_stream *stream;
    uint32_t subject; /* number of the household or area */
    bool is_area;
    bool has_data;          /* false: only takes back */
    sw_day day;             /* local day it happened */
    uint16_t moment;        /* and when on that day, in steps of two seconds */
    uint64_t key;           /* hash of (source, id): what makes a repeat a repeat */
    uint64_t reverses;      /* key of the event it takes back, 0: none */
    uint32_t stated;        /* of a stream that replaces: when it was said, seconds since 1970 */
    struct sw_value *value; /* one per field; SW_KUNKNOWN where an optional one is missing */
    /* When it is refused for nothing but a household or person that is not registered (yet): whom
     * it waits for, "household", "person" or "person-idno" and the id. Else `missing` is empty. */
    const char *missing_kind;
    struct sw_str missing;
    uint64_t told; /* what the county decides about: sw_told_of(); 0: nothing */
    enum sw_doubt doubt;
    uint32_t differs_from; /* SW_DOUBT_DIFFERS: the person who is registered */
};

/* A department's event against the schema and the registry as it stands. `now`: for dates. */
enum sw_refusal sw_event_read(struct sw_arena *arena, const struct sw_schema *schema,
                              const struct sw_registry *registry, const struct sw_envelope *in,
                              sw_time now, struct sw_event *out, struct sw_err *err);

/* Number of the feed that the subject feed/NAME names; SW_NONE with *err: the schema has none. */
uint32_t sw_feed_find(const struct sw_schema *s, const struct sw_envelope *in, struct sw_err *err);

/* What feed.batch.closed says. */
struct sw_batch_told {
    uint32_t feed;
    uint32_t rows;
    uint32_t known;  /* of them: answered as repeats, so that they came before */
    uint64_t key;    /* of the event: what makes a repeat a repeat */
    uint64_t period; /* hash of the period's name, 0: none was given */
    int64_t sum;     /* of the rows' amounts, in fen */
    bool has_sum;
    const struct sw_stream *roll; /* it was a whole list of this stream; NULL: it was none */
    sw_day day;                   /* the list is about the period around this day … */
    uint32_t stated;              /* … and was drawn up then, seconds since 1970 */
};
enum sw_refusal sw_batch_read(struct sw_arena *arena, const struct sw_schema *schema,
                              const struct sw_registry *registry, const struct sw_envelope *in,
                              sw_time now, struct sw_batch_told *out, struct sw_err *err);

/* What case.act says; texts are empty and if_step is 0 where it says nothing. */
struct sw_act_told {
    int64_t number;
    uint64_t key;
    struct sw_str act, by, reason, measure, if_state;
    int64_t if_step;
    sw_day until; /* SW_DAY_NEVER: not said */
};
enum sw_refusal sw_case_act_read(struct sw_arena *arena, const struct sw_registry *registry,
                                 const struct sw_envelope *in, struct sw_act_told *out,
                                 struct sw_err *err);

/* What parked.drop is about: an event that waits, or what was told of a person (sw_told_of()). */
enum sw_refusal sw_drop_read(struct sw_arena *arena, const struct sw_registry *registry,
                             const struct sw_envelope *in, uint64_t *which, struct sw_err *err);

/* One field's text or JSON value to its typed value (also used by rule tests and CSV). */
enum sw_refusal sw_field_read(struct sw_arena *arena, const struct sw_field *f,
                              const struct sw_registry *registry, const struct sw_json *v,
                              struct sw_value *out, struct sw_err *err);

#endif
