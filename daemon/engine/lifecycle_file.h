/* lifecycle_file.h - rows of cases.yaml as the tables of lifecycle_keys.c store them. Private to
 * lifecycle.c. */
#ifndef ENGINE_LIFECYCLE_FILE_H
#define ENGINE_LIFECYCLE_FILE_H

#include "lifecycle.h"

struct life_deadline_row {
    struct sw_term time;
    const struct sw_yaml *levels;
};

struct life_state_row {
    struct sw_life_state state;
    const struct sw_yaml *counted;
};

struct life_measure_row {
    struct sw_str label;
    const struct sw_yaml *of;
};

struct life_move_row {
    struct sw_str state, next, last, outcome;
    struct sw_life_move move;
    uint8_t event;
    const struct sw_yaml *state_list, *event_list, *by;
};

struct life_file {
    struct sw_str start;
    const struct sw_yaml *states, *outcomes, *answers, *reasons, *rechecks, *measures, *moves;
};

extern const struct sw_keys sw_life_time_keys, sw_life_deadline_keys, sw_life_state_keys,
    sw_life_measure_keys, sw_life_move_keys;
extern const char *const sw_life_events[CASE_EVENTS + 1];    /* ends with NULL */
extern const char *const sw_life_event_labels[ON_BY_ENGINE]; /* of what people do */
extern const char *const sw_life_roles[LIFE_ROLES + 1];
extern const char *const sw_life_role_labels[LIFE_ROLES];

#endif
