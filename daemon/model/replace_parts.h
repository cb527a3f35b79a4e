/* replace_parts.h - what changing a history's schema needs of replace.c. Private to model. */
#ifndef MODEL_REPLACE_PARTS_H
#define MODEL_REPLACE_PARTS_H

#include <shouwang/model/replace.h>

/* Rows of a stream of `from` replace one another in `to` as they did (or neither does). */
bool sw_replaces_alike(const struct sw_schema *from, const struct sw_schema *to, uint32_t stream);
/* When a record of `from` was stated, for `to`: when it happened, if it did not say. */
uint32_t sw_stated_there(const struct sw_stream *from, const unsigned char *record,
                         const struct sw_schema *to);
/* Mark anew what stands in streams that replace otherwise than before. */
void sw_history_resettle(struct sw_history *h, const struct sw_schema *from,
                         const struct sw_schema *to);

#endif
