/* writer.h - one thread that commits batches in order.
 * Layer: store. The loop's thread submits, the writer's thread calls the backend, an ev_async
 * brings the result back to the loop. Nothing else in the program locks.
 *
 * In synchronous mode (loop == NULL: tests, import into a closed store, backtests) submit() commits
 * before it returns; the same code otherwise. */
#ifndef SHOUWANG_STORE_WRITER_H
#define SHOUWANG_STORE_WRITER_H

#include <shouwang/store/backend.h>

/* Batches that may be under way at once; whoever submits stops taking inputs long before. */
#define SW_WRITER_MAX 256

struct ev_loop;
struct sw_writer;

/* Callbacks may submit, not stop. */
struct sw_writer_events {
    void *ctx;
    /* On the loop's thread, in order of submission: `job` is on disk. `took`: the commit alone. */
    void (*committed)(void *ctx, void *job, sw_time took);
    /* On the loop's thread, told when it changes. SW_EFULL: the store cannot write now (full disk,
     * quota, or another program holds the database: the text says which); the writer keeps the
     * batch and tries again by itself (1 s … 30 s). SW_OK: it works again. Anything else: the
     * writer has stopped, nothing after this will be committed, the process must end. */
    void (*trouble)(void *ctx, enum sw_code code, const char *text);
};

/* `handle` must be open and stays the caller's to close after sw_writer_stop(). */
struct sw_writer *sw_writer_start(struct ev_loop *loop, const struct sw_backend *backend,
                                  void *handle, struct sw_writer_events events);
/* `c` and everything it points to must stay until committed() is called for `job`, or until
 * sw_writer_stop() has returned. At most SW_WRITER_MAX may be pending (one more is a bug). In
 * synchronous mode it waits for a full disk like the thread would; called from committed() it is
 * done when that has returned. */
void sw_writer_submit(struct sw_writer *w, const struct sw_commit *c, void *job);
/* Batches submitted whose committed() has not been called yet. No lock. */
size_t sw_writer_pending(const struct sw_writer *w);
/* When the batch now being committed (or waiting to be tried again) was submitted, 0: none. For the
 * watchdog. */
sw_time sw_writer_busy_since(struct sw_writer *w);
/* Waits until everything submitted is committed (or trouble has stopped the writer; a full disk is
 * tried once more and then given up), ends the thread, delivers what is left to tell. Returns how
 * many batches were not committed: their inputs were not acknowledged and will be sent again. */
size_t sw_writer_stop(struct sw_writer *w);

#endif
