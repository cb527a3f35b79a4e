/* zwatch.c - a ZeroMQ socket as a libev watcher. The only file that knows the trick. */
#include "zwatch.h"
#include "zframe.h"
#include <shouwang/base/mem.h>

static bool is_ready(struct zwatch *w)
{
    return w->wanted != 0 && (w->again || (zframe_events(w->socket) & w->wanted) != 0);
}

static void on_prepare(struct ev_loop *loop, ev_prepare *p, int revents)
{
    struct zwatch *w = SW_CONTAINER(p, struct zwatch, prepare);

    (void)revents;
    if (is_ready(w))
        ev_idle_start(loop, &w->idle);
    else
        ev_io_start(loop, &w->io);
}

static void on_check(struct ev_loop *loop, ev_check *c, int revents)
{
    struct zwatch *w = SW_CONTAINER(c, struct zwatch, check);

    (void)revents;
    ev_io_stop(loop, &w->io);
    ev_idle_stop(loop, &w->idle);
    if (is_ready(w)) {
        w->again = false;
        w->ready(w->ctx);
    }
}

static void on_idle(struct ev_loop *loop, ev_idle *i, int revents)
{
    (void)loop;
    (void)i;
    (void)revents;
}

static void on_io(struct ev_loop *loop, ev_io *i, int revents)
{
    (void)loop;
    (void)i;
    (void)revents;
}

void zwatch_start(struct zwatch *w, struct ev_loop *loop, void *socket, void (*ready)(void *ctx),
                  void *ctx)
{
    int fd = -1;
    size_t size = sizeof(fd);

    *w = (struct zwatch){
        .loop = loop, .socket = socket, .wanted = ZMQ_POLLIN, .ready = ready, .ctx = ctx};
    SW_ASSERT(zmq_getsockopt(socket, ZMQ_FD, &fd, &size) == 0);
    ev_prepare_init(&w->prepare, on_prepare);
    ev_check_init(&w->check, on_check);
    ev_idle_init(&w->idle, on_idle);
    ev_io_init(&w->io, on_io, fd, EV_READ);
    /* Behind the part's own prepare watcher: what it sends must be seen before the loop sleeps. */
    ev_set_priority(&w->prepare, EV_MINPRI);
    ev_set_priority(&w->check, EV_MAXPRI);
    ev_prepare_start(loop, &w->prepare);
    ev_check_start(loop, &w->check);
}

void zwatch_again(struct zwatch *w)
{
    w->again = true;
}

void zwatch_want(struct zwatch *w, short events)
{
    w->wanted = events;
}

void zwatch_stop(struct zwatch *w)
{
    ev_prepare_stop(w->loop, &w->prepare);
    ev_check_stop(w->loop, &w->check);
    ev_idle_stop(w->loop, &w->idle);
    ev_io_stop(w->loop, &w->io);
}
