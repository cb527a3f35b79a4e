/* schema_parts.h - tables of what is inside schema.yaml (that of the whole: schema.h). Private to
 * model. */
#ifndef MODEL_SCHEMA_PARTS_H
#define MODEL_SCHEMA_PARTS_H

#include <shouwang/model/schema.h>

extern const struct sw_keys sw_field_keys, sw_stream_keys, sw_feed_keys;

/* schema_replaces.c: what rows replace, when streams, feeds and periods are known. */
void sw_schema_read_replaces(struct sw_schema *s, const struct sw_yaml *events,
                             const struct sw_yaml *feeds, struct sw_diag *diag);

#endif
