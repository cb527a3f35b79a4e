/* event_parts.h - what event.c shares with registry_apply.c. Private to model. */
#ifndef MODEL_EVENT_PARTS_H
#define MODEL_EVENT_PARTS_H

#include <shouwang/model/event.h>

/* "household/H1" with kind "household" gives "H1". */
bool sw_subject_split(struct sw_str subject, const char *kind, struct sw_str *id);
/* Day and moment of an event; refuses days before 1990 and after tomorrow. */
enum sw_refusal sw_event_when(const struct sw_schema *schema, const struct sw_envelope *in,
                              sw_time now, struct sw_event *e, struct sw_err *err);
/* All members of `data` into value[] by the stream's fields; missing ones stay unknown. */
enum sw_refusal sw_event_read_fields(struct sw_arena *arena, const struct sw_stream *st,
                                     const struct sw_registry *registry, const struct sw_json *data,
                                     struct sw_value *value, struct sw_err *err);

#endif
