/* explain.h - why a household stands where it stands: every rule's verdict on a day, the values it
 * read, how far they are from the line, what is missing, and when that changes by time alone.
 * Layer: engine. Reads the engine's state and changes nothing in it. */
#ifndef SHOUWANG_ENGINE_EXPLAIN_H
#define SHOUWANG_ENGINE_EXPLAIN_H

#include <shouwang/engine/engine.h>

struct sw_explain_ask {
    struct sw_str household; /* its id; or an area's code, for the rules about such areas */
    sw_day day;              /* SW_DAY_NEVER: the day the engine has reached */
    struct sw_str rule;      /* its name; empty: all rules */
};

/* One JSON object, appended to `out`; engine/README.md tells its keys. `explained` is
 * sw_ruleset_explained() of the engine's own ruleset. On another day than the engine's, facts,
 * parameters and windows are those of that day as the histories tell them now, and conditions are
 * taken alone: what waits, is kept or held is known of today only.
 * SW_ENOTFOUND: no such household, area or rule; SW_EINVALID: no day has begun. */
enum sw_code sw_engine_explain(const struct sw_engine *e, struct sw_ruleset *explained,
                               const struct sw_explain_ask *ask, struct sw_buf *out,
                               struct sw_err *err) SW_MUST_USE;

#endif
