/* zframe.c - one frame in or out; signals do not count. */
#include "zframe.h"
#include <errno.h>
#include <string.h>

#define AGAIN(rc, call)                                                                            \
    do                                                                                             \
        (rc) = (call);                                                                             \
    while ((rc) < 0 && errno == EINTR)

bool zframe_receive(void *socket, zmq_msg_t *m)
{
    int rc;

    zmq_msg_init(m);
    AGAIN(rc, zmq_msg_recv(m, socket, ZMQ_DONTWAIT));
    if (rc < 0)
        zmq_msg_close(m);
    return rc >= 0;
}

bool zframe_send(void *socket, struct sw_str s, bool more)
{
    int rc;

    AGAIN(rc, zmq_send(socket, s.p, s.n, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)));
    return rc >= 0;
}

int zframe_events(void *socket)
{
    int events = 0;
    size_t size = sizeof(events);
    int rc;

    AGAIN(rc, zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size));
    return rc < 0 ? 0 : events;
}

void zframe_wipe(zmq_msg_t *m)
{
    explicit_bzero(zmq_msg_data(m), zmq_msg_size(m));
    zmq_msg_close(m);
}
