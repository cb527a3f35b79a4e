/* preview.h - two courses of one county, to be compared. Private to preview*.c. */
#ifndef ENGINE_PREVIEW_H
#define ENGINE_PREVIEW_H

#include "parts.h"
#include <shouwang/base/json.h>
#include <shouwang/engine/preview.h>

enum { AS_IT_IS, AS_IT_WOULD_BE, BRANCHES };

/* How often each text came up in either branch. */
struct sw_counted {
    struct sw_intern text;
    int64_t (*n)[BRANCHES]; /* by number of the text */
    size_t cap;
};

/* An engine that lives on, and what its inputs brought about. */
struct sw_branch {
    struct sw_engine *e; /* owner: this */
    int64_t seq;         /* of its last input */
    int64_t tasks, tasks_ended;
    struct sw_counted *kinds, *receivers; /* of messages; both branches share them */
    struct sw_effects fx;                 /* of the input in hand */
    const struct sw_preview *asked;
    sw_day begun;
    int which;
};

/* preview_put.c: the difference, as members of a JSON object. */
void sw_preview_put(const struct sw_branch *from, const struct sw_branch *to, uint32_t listed,
                    struct sw_jw *w);

#endif
