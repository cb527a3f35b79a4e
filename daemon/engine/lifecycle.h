/* lifecycle.h - the life of a case as one table {state, event, next, action}, read from cases.yaml.
 * Private to engine. A state is its number in the file's order; what a state means to the engine is
 * said by its fields alone, never by its name. */
#ifndef ENGINE_LIFECYCLE_H
#define ENGINE_LIFECYCLE_H

#include "rules_parts.h"

enum { LIFE_STATES = 32, LIFE_OUTCOMES = 16, LIFE_REFUSED = LIFE_STATES };

/* What moves a case. Up to ON_BY_ENGINE people do it, with the same names from a phone, in a
 * case.act and on the command line; a step of the case is called the same. */
enum sw_case_event {
    ON_ACKNOWLEDGED,
    ON_NEEDS_HELP,
    ON_HELPED,
    ON_NOT_TRUE,
    ON_UNREACHED,
    ON_PASSED_UP,
    ON_BY_ENGINE,
    ON_MERGED = ON_BY_ENGINE, /* its household became part of one that has a case */
    ON_PAST,                  /* in a told history its risk ended: nobody could answer */
    CASE_EVENTS
};

enum sw_life_action {
    DO_NOTHING,
    DO_HAND_UP, /* to the team of the next area upwards that has one */
    LIFE_ACTIONS
};

/* The clock on entering a state. */
enum sw_life_clock {
    CLOCK_KEEP,   /* goes on as it was */
    CLOCK_ALERT,  /* as the alert said: messages.yaml */
    CLOCK_COUNTED /* days or hours of the state's own */
};

struct sw_life_time {
    int32_t days, hours; /* working days; hours of any day */
};

struct sw_life_state {
    struct sw_str name, label;
    struct sw_place at;
    uint8_t clock; /* enum sw_life_clock */
    bool waits;    /* nobody has said yet whether it is true: an answer is expected */
    bool end;
    struct sw_life_time time[LEVELS_MAX + 1]; /* CLOCK_COUNTED, by level */
};

struct sw_life_move {
    struct sw_place at;
    uint8_t next;    /* state; LIFE_REFUSED: the state does not allow it */
    uint8_t action;  /* enum sw_life_action */
    uint8_t outcome; /* LIFE_OUTCOMES: stays as it is */
};

struct sw_life {
    struct sw_life_state state[LIFE_STATES];
    struct sw_life_move move[LIFE_STATES][CASE_EVENTS];
    struct {
        struct sw_str name, label;
    } outcome[LIFE_OUTCOMES]; /* [0]: none yet */
    uint8_t answer[10];       /* of a digit: enum sw_case_event, CASE_EVENTS: none */
    size_t n_states, n_outcomes;
    uint8_t start;
};

/* lifecycle.c; root: NULL when the folder has no cases.yaml, then the one shipped holds. */
void sw_load_life(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
uint8_t sw_life_state(const struct sw_life *l, struct sw_str name);   /* or LIFE_REFUSED */
uint8_t sw_life_outcome(const struct sw_life *l, struct sw_str name); /* or LIFE_OUTCOMES */
const char *sw_case_event_name(enum sw_case_event event);
/* Until when the owner has to act who takes over a case in this state at `now`; `before`: until
 * when it was so far; 0: no certain time. */
sw_time sw_lifecycle_deadline(const struct sw_ruleset *rs, uint8_t state, uint8_t level,
                              sw_time now, sw_time before);
/* That time goes by the wall clock: it is said in hours, not in working days. */
bool sw_lifecycle_by_wall(const struct sw_ruleset *rs, uint8_t state, uint8_t level);

#endif
