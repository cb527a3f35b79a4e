/* telling.h - who is told in which words, and the rows that come of an input. Private to engine; a
 * part of parts.h. */
#ifndef ENGINE_TELLING_H
#define ENGINE_TELLING_H

#include <shouwang/engine/engine.h>

/* ---- notice.c, wording.c ------------------------------------------------------------------ */

enum sw_notice { NOTICE_ALERT, NOTICE_RISE, NOTICE_CAUSE, NOTICE_WITHDRAWN };
/* Tell those who look after the household; remembers whom in the case. Inside a told history nobody
 * is sent anything. */
void sw_notify(struct sw_engine *e, uint32_t index, enum sw_notice kind, struct sw_effects *fx);
/* Hand the case to the team of the next area upwards that has one; false: there is none. */
bool sw_notify_above(struct sw_engine *e, uint32_t index, struct sw_effects *fx);
/* To the teams of the county, about no case: a text for their leaders, `event` for their groups. */
void sw_notify_county(struct sw_engine *e, const char *kind, struct sw_str text,
                      struct sw_str event, struct sw_effects *fx);
/* One text to one phone about no case in particular. */
void sw_text_phone(struct sw_engine *e, struct sw_str phone, const char *kind, struct sw_str body,
                   struct sw_effects *fx);
/* A wording with {{names}} filled in from pairs, the signature in front. */
struct sw_pair {
    const char *name;
    struct sw_str value;
};
struct sw_str sw_fill(struct sw_engine *e, struct sw_str wording, const struct sw_pair *pairs,
                      size_t n);
struct sw_str sw_place_name(struct sw_engine *e, uint32_t subject, bool with_town);
struct sw_str sw_masked_name(struct sw_engine *e, uint32_t subject); /* empty for an area */

/* ---- effects.c ---------------------------------------------------------------------------- */

void sw_fx_case(struct sw_effects *fx, const struct sw_case_row *row);
void sw_fx_step(struct sw_effects *fx, const struct sw_step_row *row);
void sw_fx_message(struct sw_effects *fx, const struct sw_message_row *row);
void sw_fx_task(struct sw_effects *fx, const struct sw_task_row *row);
void sw_fx_fate(struct sw_effects *fx, const struct sw_fate_row *row);

#endif
