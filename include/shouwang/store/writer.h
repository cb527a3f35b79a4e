/* writer.h - one thread that commits batches in order.
 * Layer: store. The loop's thread submits, the writer's thread calls the backend, an ev_async
 * brings the result back to the loop. Nothing else in the program locks.
 *
 * In synchronous mode (loop == NULL: tests, import into a closed store, backtests) submit() commits
 * before it returns; the same code otherwise. */
#ifndef SHOUWANG_STORE_WRITER_H
#define SHOUWANG_STORE_WRITER_H

#include <shouwang/store/backend.h>

struct ev_loop;
struct sw_writer;

struct sw_writer_events {
    void *ctx;
    /* On the loop's thread, in order of submission: `job` is on disk. */
    void (*committed)(void *ctx, void *job, sw_time took);
    /* On the loop's thread. SW_EFULL: the store cannot write now; the writer keeps the batch and
     * tries again by itself (1 s … 30 s); SW_OK: it works again. Anything else: the writer has
     * stopped, nothing after this will be committed, the process must end. */
    void (*trouble)(void *ctx, enum sw_code code, const char *text);
};

/* `handle` must be open and stays the caller's to close after sw_writer_stop(). */
struct sw_writer *sw_writer_start(struct ev_loop *loop, const struct sw_backend *backend,
                                  void *handle, struct sw_writer_events events);
/* `c` and everything it points to must stay until committed() is called for `job`. */
void sw_writer_submit(struct sw_writer *w, const struct sw_commit *c, void *job);
/* Batches submitted and not yet committed. */
size_t sw_writer_pending(const struct sw_writer *w);
/* When the batch now being committed was submitted, 0: none. For the watchdog. */
sw_time sw_writer_busy_since(const struct sw_writer *w);
/* Run on the writer's thread between batches with the handle (backups, bundles); blocks the caller
 * until done. For rare things only. */
void sw_writer_call(struct sw_writer *w, void (*fn)(void *handle, void *arg), void *arg);
/* Waits until everything submitted is committed (or trouble has stopped the writer), ends the
 * thread, delivers what is left to tell. */
void sw_writer_stop(struct sw_writer *w);

#endif
