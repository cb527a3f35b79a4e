/* stored.h - the rules of a log, as it keeps them. Private to store. */
#ifndef STORE_STORED_H
#define STORE_STORED_H

#include <shouwang/engine/ruleset.h>

/* A bundle of the log, compiled; NULL with *err: it is damaged, or of rules this program does not
 * take any more. */
struct sw_ruleset *sw_stored_rules(struct sw_str packed, struct sw_err *err);

#endif
