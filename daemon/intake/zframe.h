/* zframe.h - one frame in or out, without waiting. Private to intake.
 *
 * Any call into ZeroMQ may end with EINTR before it did anything, when a signal comes at the wrong
 * moment: SIGCHLD when a snapshot is written is enough. Taken for "the peer is gone" or "there is
 * no more" in the middle of a message, that loses an answer, or takes the rest of one message for
 * the beginning of the next. Here such calls are made again. */
#ifndef INTAKE_ZFRAME_H
#define INTAKE_ZFRAME_H

#include <shouwang/base/str.h>
#include <zmq.h>

/* False: nothing has come, and *m needs no close. */
bool zframe_receive(void *socket, zmq_msg_t *m);
/* False: there is nobody, or no room. */
bool zframe_send(void *socket, struct sw_str s, bool more);
/* What of ZMQ_POLLIN and ZMQ_POLLOUT can be done now; 0 when the context is closing. */
int zframe_events(void *socket);
/* An event's frame was taken or is not wanted: what was in it does not stay in memory, where the
 * library may have it beside others in one buffer. */
void zframe_wipe(zmq_msg_t *m);

#endif
