/* event_parts.h - what the readers of events and their schema share. Private to model. */
#ifndef MODEL_EVENT_PARTS_H
#define MODEL_EVENT_PARTS_H

#include <shouwang/model/event.h>

enum { SW_ID_MAX = 256, SW_STRING_MAX = 1000 }; /* bytes */

/* Large enough for any bill, small enough that 50 000 of them fit an int64, and ten digits: a
 * number of eleven is a phone and does not get this far (base/veil.h). */
#define SW_FEN_MAX INT64_C(999999999999)
#define SW_INT_MAX INT64_C(9999999999)

/* What feed.batch.closed says in its data. */
enum { SW_BATCH_FIELDS = 5 };
extern const struct sw_field sw_batch_fields[SW_BATCH_FIELDS];

/* What case.act says in its data. */
enum { SW_ACT_FIELDS = 7 };
extern const struct sw_field sw_act_fields[SW_ACT_FIELDS];
/* And parked.drop. */
enum { SW_DROP_FIELDS = 2 };
extern const struct sw_field sw_drop_fields[SW_DROP_FIELDS];

/* `min` of a text that must not be blank. */
#define SW_NOT_BLANK                                                                               \
    {                                                                                              \
        .kind = SW_KINT, .i = 1                                                                    \
    }

/* "household/H1" with kind "household" gives "H1". */
bool sw_subject_split(struct sw_str subject, const char *kind, struct sw_str *id);
/* The person a subject names, however it does (match.c): false when it names none, else *rc. */
bool sw_find_person(const struct sw_registry *r, const struct sw_envelope *in, struct sw_event *e,
                    uint32_t *person, enum sw_refusal *rc, struct sw_err *err);
/* Day and moment of an event; refuses days before 1990 and after tomorrow. */
enum sw_refusal sw_event_when(const struct sw_schema *schema, const struct sw_envelope *in,
                              sw_time now, struct sw_event *e, struct sw_err *err);
/* When it was stated: recordedtime, else time. Refuses what lies ahead. */
enum sw_refusal sw_event_stated(const struct sw_envelope *in, sw_time now, uint32_t *stated,
                                struct sw_err *err);
/* All members of `data` into value[] by the stream's fields; missing ones stay unknown. */
enum sw_refusal sw_event_read_fields(struct sw_arena *arena, const struct sw_stream *st,
                                     const struct sw_registry *registry, const struct sw_json *data,
                                     struct sw_value *value, struct sw_err *err);

#endif
