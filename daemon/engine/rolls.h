/* rolls.h - statements that replace one another, and whole lists of them, in the fold. Private to
 * engine; a part of parts.h. */
#ifndef ENGINE_ROLLS_H
#define ENGINE_ROLLS_H

#include "telling.h"

/* The day the case is to speak of: on which it happened, or on which a statement was made. */
sw_day sw_said_on(const struct sw_engine *e, const struct sw_event *ev);
/* The event was recorded in `h`: what it replaces gives way. False: nothing that anybody can read
 * has changed. *gone says what the case is to say. */
bool sw_replace(struct sw_engine *e, const struct sw_event *ev, struct sw_history *h,
                enum sw_gone *gone);
/* A row is here, in a history or parked: perhaps the last one of its list. */
void sw_roll_row(struct sw_engine *e, const struct sw_event *ev);
/* A whole list was closed; false: it says nothing new. */
bool sw_roll_told(struct sw_engine *e, const struct sw_batch_told *told);
/* So many of a batch's rows have to come, by what the feed declares as `missing`. */
uint32_t sw_rows_needed(const struct sw_feed *f, uint32_t told);
/* batches.c: whether a feed's rows are all there. */
void sw_judge_short(struct sw_engine *e, uint32_t feed);
/* Judge a subject whose day has come. */
void sw_judge_due(struct sw_engine *e, uint32_t subject, struct sw_effects *fx);

#endif
