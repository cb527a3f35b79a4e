/* preview.h - what would become of the county if other rules became active now.
 * Layer: engine. It is no estimate: copies of the engine live through it, one with the rules in
 * force, one with the others, and are compared. */
#ifndef SHOUWANG_ENGINE_PREVIEW_H
#define SHOUWANG_ENGINE_PREVIEW_H

#include <shouwang/base/buf.h>
#include <shouwang/engine/engine.h>

struct sw_preview {
    struct sw_ruleset *rules; /* that would become active; stay the caller's */
    int64_t pos;              /* seq of the last input of the log */
    sw_time now;              /* when they would */
    sw_day until;    /* the day to look at, at its end; not later than today: as soon as the whole
                        county has been judged */
    uint32_t listed; /* households and areas to name at most */
    /* NULL, or called for each day that passes in a copy: `days` of `all` have. */
    void (*passed)(void *ctx, uint64_t days, uint64_t all);
    void *ctx;
};

/* One JSON object, appended to `out`; engine/README.md tells the keys. The engine itself does not
 * change. `digest` (or NULL): of the state it would come to. SW_EINVALID: nothing is known of the
 * county yet, or its history is being told. Cost: the state twice more in memory, and judging every
 * household once; with a later day, twice as much time as passes. */
enum sw_code sw_engine_preview(const struct sw_engine *e, const struct sw_preview *asked,
                               struct sw_buf *out, uint64_t *digest, struct sw_err *err);

#endif
