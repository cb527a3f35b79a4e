/* pub.c - the way out: where cases stand, for whoever subscribes. Nothing is kept for anybody; what
 * must not be lost goes through a gateway. */
#include "zframe.h"
#include <errno.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/intake/doors.h>
#include <stdlib.h>
#include <zmq.h>

enum { ENDPOINT_SIZE = 256, ENDPOINTS_MAX = 16 };

struct sw_pub {
    void *socket;
    char endpoint[ENDPOINTS_MAX][ENDPOINT_SIZE];
};

static enum sw_code bind_all(struct sw_pub *p, const char *const *endpoints, size_t n,
                             struct sw_err *err)
{
    for (size_t i = 0; i < n; i++) {
        size_t size = ENDPOINT_SIZE;

        if (zmq_bind(p->socket, endpoints[i]) != 0)
            return sw_fail(err, SW_EIO, _("cannot listen on %s: %s"), endpoints[i],
                           zmq_strerror(errno));
        zmq_getsockopt(p->socket, ZMQ_LAST_ENDPOINT, p->endpoint[i], &size);
    }
    return SW_OK;
}

enum sw_code sw_pub_open(struct sw_pub **out, void *ctx, const char *const *endpoints, size_t n,
                         struct sw_err *err)
{
    struct sw_pub *p = sw_calloc(1, sizeof(*p));
    const int linger = 0;
    enum sw_code rc;

    SW_ASSERT(n <= ENDPOINTS_MAX);
    p->socket = zmq_socket(ctx, ZMQ_PUB);
    SW_ASSERT(p->socket != NULL);
    zmq_setsockopt(p->socket, ZMQ_LINGER, &linger, sizeof(linger));
    rc = bind_all(p, endpoints, n, err);
    if (rc != SW_OK) {
        sw_pub_close(p);
        p = NULL;
    }
    *out = p;
    return rc;
}

const char *sw_pub_endpoint(const struct sw_pub *p, size_t i)
{
    return p->endpoint[i];
}

void sw_pub_send(struct sw_pub *p, struct sw_str type, struct sw_str body)
{
    if (p != NULL && zframe_send(p->socket, type, true))
        zframe_send(p->socket, body, false);
}

void sw_pub_close(struct sw_pub *p)
{
    if (p == NULL)
        return;
    zmq_close(p->socket);
    free(p);
}
