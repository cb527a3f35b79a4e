/* ahead.c - a ring of frames, filled up to the end of the message they belong to. */
#include "ahead.h"

static zmq_msg_t *frame_at(struct ahead *a, uint32_t i)
{
    return &a->frame[i % AHEAD];
}

/* The parts of one message come together: there is always one more until the last. */
static bool is_whole(struct ahead *a)
{
    return a->last > a->first && zmq_msg_more(frame_at(a, a->last - 1)) == 0;
}

zmq_msg_t *ahead_look(struct ahead *a, void *socket, const struct sw_engine *e)
{
    while (a->last - a->first < AHEAD && !is_whole(a) &&
           zframe_receive(socket, frame_at(a, a->last))) {
        zmq_msg_t *m = frame_at(a, a->last);

        sw_hint_begin(e, &a->hint[a->last++ % AHEAD],
                      (struct sw_str){zmq_msg_data(m), zmq_msg_size(m)});
    }
    for (uint32_t i = a->first + AHEAD_STEP; i < a->last; i += AHEAD_STEP)
        sw_hint_step(e, &a->hint[i % AHEAD]);
    return a->first == a->last ? NULL : frame_at(a, a->first);
}

void ahead_drop(struct ahead *a)
{
    zframe_wipe(frame_at(a, a->first++));
}

void ahead_free(struct ahead *a)
{
    while (a->first < a->last)
        ahead_drop(a);
}
