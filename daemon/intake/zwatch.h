/* zwatch.h - a ZeroMQ socket as a libev watcher. Private to intake. */
#ifndef INTAKE_ZWATCH_H
#define INTAKE_ZWATCH_H

#include <ev.h>
#include <stdbool.h>

/* ZMQ_FD is edge-triggered and shared with the library's own commands, so an ev_io alone loses
 * wake-ups. prepare looks at ZMQ_EVENTS before the loop sleeps: ready -> idle keeps it awake, else
 * the io watcher waits; check looks again afterwards and calls back. Nothing happens in the io
 * callback. (flux-core's zwatcher and pijyoi's ev_zsock are the sources of this trick.) */
struct zwatch {
    ev_prepare prepare;
    ev_check check;
    ev_idle idle;
    ev_io io;
    struct ev_loop *loop;
    void *socket;
    short wanted; /* ZMQ_POLLIN, ZMQ_POLLOUT */
    bool again;   /* whatever the socket says */
    void (*ready)(void *ctx);
    void *ctx;
};

/* `ready` is called once per loop turn while the socket is ready; it must do bounded work. */
void zwatch_start(struct zwatch *w, struct ev_loop *loop, void *socket, void (*ready)(void *ctx),
                  void *ctx);
/* From `ready`: something received is left for the next turn of the loop, so call it then. */
void zwatch_again(struct zwatch *w);
/* Reading pauses without losing the watcher. */
void zwatch_want(struct zwatch *w, short events);
void zwatch_stop(struct zwatch *w);

#endif
