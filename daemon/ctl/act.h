/* act.h - what a supervisor decides, as one event through the ordinary door. Private to ctl. */
#ifndef CTL_ACT_H
#define CTL_ACT_H

#include "ctl.h"
#include <shouwang/base/json.h>

/* Options that every act has, taken out of argv. */
struct act {
    const char *by, *reason, *endpoint;
    char login[64]; /* who is logged in, when --by is not given */
};

void act_options(struct act *a, int *argc, char **argv);
/* Send it: its type, its subject, and in `data` whatever it has besides `by` and `reason` (members
 * of a JSON object without the braces, or empty). What the daemon refuses is told. */
int act_send(struct ctl *c, const struct act *a, const char *type, const char *subject,
             struct sw_str data);

#endif
