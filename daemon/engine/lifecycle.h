/* lifecycle.h - the life of a case as one table {state, event, next, action}, read from cases.yaml.
 * Private to engine. A state is its number in the file's order; what a state means to the engine is
 * said by its fields alone, never by its name. */
#ifndef ENGINE_LIFECYCLE_H
#define ENGINE_LIFECYCLE_H

#include "rules_parts.h"

enum {
    LIFE_STATES = 32,
    LIFE_OUTCOMES = 16,
    LIFE_REASONS = 10, /* by digit; [0]: none */
    LIFE_CHECKS = 8,
    LIFE_MEASURES = 64,
    LIFE_REFUSED = LIFE_STATES,
    OWN_WORDS = LIFE_REASONS, /* a reason that is none of the list, but a text */
};

/* What moves a case. Up to ON_BY_ENGINE people do it, with the same names from a phone, in a
 * case.act and on the command line; a step of the case is called the same. */
enum sw_case_event {
    ON_ACKNOWLEDGED,
    ON_NEEDS_HELP,
    ON_HELPED,
    ON_NOT_TRUE,
    ON_UNREACHED,
    ON_PASSED_UP,
    ON_MEASURE, /* something was done for the household */
    ON_GREEN,   /* help first, papers later */
    ON_PAPERS,
    ON_APPLIED,   /* to be registered: village, township, county */
    ON_AGREED,    /* whoever is asked says yes */
    ON_DISAGREED, /* or no */
    ON_PROPOSED,  /* that the case be cleared */
    ON_BY_ENGINE,
    ON_CONTRADICTED = ON_BY_ENGINE, /* one says true, another not true */
    ON_RELAPSED,                    /* the risk came back after clearance */
    ON_DUE,                         /* the state's time is over */
    ON_MERGED,                      /* its household became part of one that has a case */
    ON_DISCARDED,                   /* its alert was held as one of too many, and dropped untold */
    ON_PAST,                        /* in a told history its risk ended: nobody could answer */
    CASE_EVENTS
};

enum sw_life_action {
    DO_NOTHING,
    DO_HAND_UP,    /* to the team of the next area upwards that has one */
    DO_MEASURE,    /* compare what was done with the causes */
    DO_PROPOSE,    /* remember who proposed: another has to agree */
    DO_NEXT_CHECK, /* one re-check less; without one left the case goes to `last` */
    DO_RETURN,     /* begin anew: re-checks count from the start */
    LIFE_ACTIONS
};

/* Whose the next action is. */
enum sw_life_role {
    ROLE_KEEP, /* whose it was */
    ROLE_CADRE,
    ROLE_TEAM,
    ROLE_TOWNSHIP,
    ROLE_COUNTY,
    ROLE_ABOVE, /* the next area upwards from the owner's */
    ROLE_OTHER, /* the nearest upwards who did not propose */
    LIFE_ROLES
};

/* What a person is to a case: a set of these. */
#define SW_IS(role) (UINT8_C(1) << (role))

/* The clock on entering a state. */
enum sw_life_clock {
    CLOCK_KEEP,    /* goes on as it was */
    CLOCK_ALERT,   /* as the alert said: messages.yaml */
    CLOCK_CHECKS,  /* the next of `rechecks` after the clearance */
    CLOCK_COUNTED, /* days or hours of the state's own */
};

struct sw_life_state {
    struct sw_str name, label;
    struct sw_str reply; /* what the digits mean to who is asked; empty: as messages.yaml says */
    struct sw_place at;
    uint8_t clock; /* enum sw_life_clock */
    uint8_t role;  /* enum sw_life_role */
    bool waits;    /* nobody has said yet whether it is true: an answer is expected */
    bool asks;     /* the owner is told on entering, and an answer is expected */
    bool settled;  /* the matter is cleared; what comes now is a relapse */
    bool end;
    struct sw_term time[LEVELS_MAX + 1]; /* CLOCK_COUNTED, by level */
};

struct sw_life_move {
    struct sw_place at;
    uint8_t next;    /* state; LIFE_REFUSED: the state does not allow it */
    uint8_t last;    /* instead of it when no re-check is left */
    uint8_t action;  /* enum sw_life_action */
    uint8_t outcome; /* LIFE_OUTCOMES: stays as it is */
    uint8_t by;      /* set of roles who may; 0: everybody told */
    bool reason;     /* only with one */
    bool other;      /* not by who proposed */
    bool calm;       /* only without a level */
};

struct sw_life_measure {
    struct sw_str name, label;
    uint64_t categories; /* of causes it is meant for */
};

struct sw_life {
    struct sw_life_state state[LIFE_STATES];
    struct sw_life_move move[LIFE_STATES][CASE_EVENTS];
    struct {
        struct sw_str name, label;
    } outcome[LIFE_OUTCOMES]; /* [0]: none yet */
    struct sw_str reason[LIFE_REASONS];
    struct sw_life_measure measure[LIFE_MEASURES];
    int32_t check[LIFE_CHECKS]; /* days after clearance, ascending */
    uint8_t answer[10];         /* of a digit: enum sw_case_event, CASE_EVENTS: none */
    size_t n_states, n_outcomes, n_measures, n_checks;
    uint8_t start;
};

/* lifecycle.c; root: NULL when the folder has no cases.yaml, then the one shipped holds. */
void sw_load_life(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
uint8_t sw_life_state(const struct sw_life *l, struct sw_str name);   /* or LIFE_REFUSED */
uint8_t sw_life_outcome(const struct sw_life *l, struct sw_str name); /* or LIFE_OUTCOMES */
uint8_t sw_life_event(struct sw_str name);                            /* or CASE_EVENTS */
uint32_t sw_life_measure(const struct sw_life *l, struct sw_str name_or_label); /* or SW_NONE */
const char *sw_case_event_name(enum sw_case_event event);
const char *sw_case_event_label(enum sw_case_event event); /* of what people do, in their words */
const char *sw_life_role_label(enum sw_life_role role);
/* Until when the owner has to act who takes over a case in this state at `now`. `before`: until
 * when it was so far; `cleared`: the day of the clearance, and how many re-checks were passed.
 * 0: no certain time. */
struct sw_life_stand {
    uint8_t state, level, checks;
    sw_day cleared;
    sw_time before;
};
struct sw_until sw_lifecycle_deadline(const struct sw_ruleset *rs, const struct sw_life_stand *s,
                                      sw_time now);

#endif
