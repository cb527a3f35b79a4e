/* schema_parts.h - tables of what is inside schema.yaml (that of the whole: schema.h). Private to
 * model. */
#ifndef MODEL_SCHEMA_PARTS_H
#define MODEL_SCHEMA_PARTS_H

#include <shouwang/model/schema.h>

extern const struct sw_keys sw_field_keys, sw_stream_keys, sw_feed_keys;

#endif
