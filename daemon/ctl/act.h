/* act.h - what a supervisor decides, as one event through the ordinary door. Private to ctl. */
#ifndef CTL_ACT_H
#define CTL_ACT_H

#include "ctl.h"

/* Options that every act has, taken out of argv. */
struct act {
    const char *by, *reason, *endpoint;
    char login[64]; /* who is logged in, when --by is not given */
};
void act_options(struct act *a, int *argc, char **argv);

/* A word of an act's data; value NULL: not given, left out. */
struct act_word {
    const char *name, *value;
};
/* Send it: its type, its subject and its data beside `by` and `reason`. What the daemon refuses is
 * told. */
int act_send(struct ctl *c, const struct act *a, const char *type, const char *subject,
             const struct act_word *data, size_t n);

#endif
