/* case_acts.h - what moves a case. Private to engine; a part of telling.h. */
#ifndef ENGINE_CASE_ACTS_H
#define ENGINE_CASE_ACTS_H

#include "lifecycle.h"
#include <shouwang/engine/engine.h>

struct sw_act {
    enum sw_case_event event; /* of those that people do */
    uint32_t by;              /* cadre */
    struct sw_str text;       /* what they wrote, for the step */
    struct sw_str reason;     /* in own words */
    uint8_t reason_digit;     /* or one of the list; 0: none */
    struct sw_str measure;    /* its name or label */
    /* compare and set: only if the case still stands so */
    struct sw_str if_state; /* empty: whatever it is */
    int64_t if_step;        /* number of its steps, 0: whatever it is */
};

/* Empty: done. Else why not, in words for people: the case has a step that says so, nothing more
 * happened. */
struct sw_str sw_case_act(struct sw_engine *e, uint32_t index, const struct sw_act *a,
                          struct sw_effects *fx);
/* Whether the act is to say more than a digit does: a reason, or which measure. */
bool sw_case_wants_words(const struct sw_engine *e, uint32_t index, const struct sw_act *a);
/* What the engine itself brings about; the table allows it. */
void sw_case_by_engine(struct sw_engine *e, uint32_t index, enum sw_case_event event,
                       struct sw_effects *fx);
/* The state's time is over: true when the table says where to go now. */
bool sw_case_due(struct sw_engine *e, uint32_t index, struct sw_effects *fx);
/* What a person is to a case, a set of SW_IS(role); 0: a stranger. */
uint8_t sw_case_roles(const struct sw_engine *e, uint32_t index, uint32_t cadre);
/* "case.act" about case/NUMBER. */
enum sw_verdict sw_case_act_apply(struct sw_engine *e, const struct sw_envelope *env,
                                  struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err);

#endif
