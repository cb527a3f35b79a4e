/* clocks.h - what time brings by itself: ticks, timers, and the clocks of cases. Private to engine;
 * a part of parts.h. */
#ifndef ENGINE_CLOCKS_H
#define ENGINE_CLOCKS_H

#include <shouwang/engine/engine.h>

struct sw_case;

/* ---- ticks.c ------------------------------------------------------------------------------ */

/* Who can ask to be woken at an instant; ticks.c has a line for each. */
enum sw_wake { SW_WAKE_CASE, SW_WAKE_PEOPLE, SW_WAKE_MAIL, SW_WAKE_PHONES, SW_WAKES };
/* Wake the owner then, if it still wants to: it keeps the instant itself, and an entry that is not
 * what the owner wants when its time comes is passed over. SW_TIME_NEVER: nothing to do. */
void sw_wake_at(struct sw_engine *e, sw_time when, enum sw_wake what, uint32_t index);
/* After each input: what is on top of the queue holds. */
void sw_wakes_settle(struct sw_engine *e);
/* An input came: when that is. */
void sw_time_comes(struct sw_engine *e, const struct sw_input *in);
enum sw_verdict sw_tick_apply(struct sw_engine *e, const struct sw_input *in, struct sw_effects *fx,
                              enum sw_refusal *why, struct sw_err *err);

/* ---- clocks.c ----------------------------------------------------------------------------- */

/* The case has this deadline from now on. */
void sw_clock_start(struct sw_engine *e, uint32_t index, struct sw_until due);
/* On which level the case stands, or what it was told on: never none. */
uint8_t sw_case_level(const struct sw_engine *e, const struct sw_case *c);
/* The case moved from another state: whether its clock goes, and from when. */
void sw_clock_follow(struct sw_engine *e, uint32_t index, uint8_t state_before);
void sw_clock_stop(struct sw_engine *e, uint32_t index);
/* As much time as an alert leaves, from now on. */
void sw_clock_anew(struct sw_engine *e, uint32_t index);
/* Other rules: other stages, another calendar. */
void sw_clocks_rules(struct sw_engine *e);
/* A told history is over: nobody could answer till now, so the clocks begin. */
void sw_clocks_live(struct sw_engine *e, struct sw_effects *fx);
/* The clock stands until then, or until it is told to go on. False: there is none, or it does
 * (not) stand already, or `until` is no later time. */
bool sw_clock_pause(struct sw_engine *e, uint32_t index, sw_time until);
bool sw_clock_resume(struct sw_engine *e, uint32_t index);
/* What was told was taken back: the clock stands until then, also one that stood; then it begins
 * anew. */
void sw_clock_rest(struct sw_engine *e, uint32_t index, sw_time until);
/* Stands for that, or because its alert is held: a cause has it go again. */
bool sw_clock_rests(const struct sw_case *c);
/* "case.act" with pause or resume, by somebody who is so much to the case (SW_IS(role)). */
enum sw_refusal sw_clock_act(struct sw_engine *e, uint32_t index, const struct sw_act_told *told,
                             uint8_t roles, struct sw_effects *fx, struct sw_err *err);
/* Until when somebody has to act; 0: nobody has to, or the clock stands. */
sw_time sw_clock_due(const struct sw_case *c);
bool sw_clock_is_late(const struct sw_case *c);
/* "还剩3个工作日", "已超时限2小时" */
struct sw_str sw_clock_left(struct sw_engine *e, uint32_t index);
/* What ticks.c asks. */
sw_time sw_clock_wanted(const struct sw_engine *e, uint32_t index);
void sw_clock_fire(struct sw_engine *e, uint32_t index, struct sw_effects *fx);

#endif
