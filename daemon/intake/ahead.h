/* ahead.h - the events of a message, a few of them received before they are wanted. Private to
 * intake. While one is offered the engine is told of those behind it (engine/hint.h), and one that
 * cannot be taken now simply stays. */
#ifndef INTAKE_AHEAD_H
#define INTAKE_AHEAD_H

#include "zframe.h"
#include <shouwang/engine/hint.h>

enum {
    AHEAD_STEP = 3, /* events between two steps of a hint */
    AHEAD = 16      /* events: a power of two above AHEAD_STEP * SW_HINT_STEPS */
};

struct ahead {
    zmq_msg_t frame[AHEAD]; /* a ring: [first, last) modulo its size */
    struct sw_hint hint[AHEAD];
    uint32_t first, last;
};

/* The next event of the message that is being received; NULL: there is none. */
zmq_msg_t *ahead_look(struct ahead *a, void *socket, const struct sw_engine *e);
/* It was taken. */
void ahead_drop(struct ahead *a);
void ahead_free(struct ahead *a);

#endif
