/* writer.c - one thread that commits batches in order.
 *
 * A ring of batches with three counters that only grow: told <= committed <= submitted. The loop's
 * thread moves `submitted` and `told`, the writer's thread `committed`; `lock` guards them all and
 * is never held while the backend works or a callback runs. Without a loop the same steps run
 * inside submit(). */
#include <errno.h>
#include <ev.h>
#include <pthread.h>
#include <shouwang/base/mem.h>
#include <shouwang/store/writer.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RETRY_FIRST SW_SECOND
#define RETRY_LAST  (30 * SW_SECOND)
#define IDLE_AFTER  (SW_SECOND / 5) /* quiet for so long: housekeeping does not delay a batch */

struct entry {
    const struct sw_commit *commit;
    void *job;
    sw_time since, took;
};

/* Owner: the loop's thread; the rest of it as said in writer.h. */
struct sw_writer {
    struct ev_loop *loop; /* NULL: synchronous */
    const struct sw_backend *backend;
    void *handle;
    struct sw_writer_events events;
    ev_async async;
    pthread_t thread;
    bool draining; /* synchronous: submit() is at work further up the stack */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;  /* something to do for the writer's thread */
    struct entry ring[SW_WRITER_MAX];
    uint64_t submitted, committed, told;
    bool ending;
    bool stopped;     /* for good */
    bool idled;       /* nothing was committed since the last housekeeping */
    sw_time retry_at; /* monotonic; 0: nothing failed */
    sw_time retry_gap;
    struct sw_err state; /* how the store is, SW_OK or not */
    bool state_is_new;   /* not yet told */
};

static sw_time clock_now(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return (sw_time)ts.tv_sec * SW_SECOND + ts.tv_nsec / 1000;
}

static bool has_work(const struct sw_writer *w)
{
    return !w->stopped && w->committed < w->submitted;
}

/* ---- on the writer's thread, with the lock -------------------------------------------------- */

static void tell(struct sw_writer *w)
{
    if (w->loop != NULL)
        ev_async_send(w->loop, &w->async);
}

static void set_state(struct sw_writer *w, enum sw_code code, const struct sw_err *err)
{
    if (code == w->state.code && (code == SW_OK || strcmp(err->text, w->state.text) == 0))
        return; /* told already */
    w->state = (struct sw_err){.code = code};
    if (code != SW_OK)
        memcpy(w->state.text, err->text, sizeof(w->state.text));
    w->state_is_new = true;
    tell(w);
}

static void retry_later(struct sw_writer *w, const struct sw_err *err)
{
    if (w->ending) { /* the last try; what waits is not acknowledged and will be sent again */
        w->stopped = true;
        set_state(w, SW_EFULL, err);
        return;
    }
    w->retry_gap = w->retry_gap == 0 ? RETRY_FIRST : w->retry_gap * 2;
    if (w->retry_gap > RETRY_LAST)
        w->retry_gap = RETRY_LAST;
    w->retry_at = clock_now(CLOCK_MONOTONIC) + w->retry_gap;
    set_state(w, SW_EFULL, err);
}

static void stop_for_good(struct sw_writer *w, enum sw_code code, const struct sw_err *err)
{
    w->stopped = true;
    set_state(w, code, err);
}

static void commit_next(struct sw_writer *w)
{
    struct entry *e = &w->ring[w->committed % SW_WRITER_MAX];
    struct sw_err err = {0};
    sw_time start = clock_now(CLOCK_MONOTONIC);
    enum sw_code rc;

    pthread_mutex_unlock(&w->lock);
    rc = w->backend->commit(w->handle, e->commit, &err);
    pthread_mutex_lock(&w->lock);
    w->retry_at = 0;
    w->idled = false;
    if (rc == SW_EFULL || rc == SW_EBUSY) {
        retry_later(w, &err);
    } else if (rc != SW_OK) {
        stop_for_good(w, rc, &err);
    } else {
        e->took = clock_now(CLOCK_MONOTONIC) - start;
        w->retry_gap = 0;
        w->committed++;
        set_state(w, SW_OK, NULL);
        tell(w);
    }
}

static void keep_house(struct sw_writer *w)
{
    struct sw_err err = {0};
    enum sw_code rc;

    w->idled = true;
    pthread_mutex_unlock(&w->lock);
    rc = w->backend->idle(w->handle, &err);
    pthread_mutex_lock(&w->lock);
    if (rc != SW_OK && rc != SW_EFULL && rc != SW_EBUSY) /* those: again after the next commit */
        stop_for_good(w, rc, &err);
}

/* Until woken or until the monotonic time `until` (0: no limit). False: that time has come. */
static bool wait_until(struct sw_writer *w, sw_time until)
{
    struct timespec ts = {.tv_sec = until / SW_SECOND, .tv_nsec = until % SW_SECOND * 1000};

    if (until == 0)
        return pthread_cond_wait(&w->wake, &w->lock) == 0;
    return pthread_cond_timedwait(&w->wake, &w->lock, &ts) != ETIMEDOUT;
}

static void *run(void *arg)
{
    struct sw_writer *w = arg;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        sw_time now = clock_now(CLOCK_MONOTONIC);

        if (has_work(w) && (now >= w->retry_at || w->ending))
            commit_next(w);
        else if (has_work(w))
            wait_until(w, w->retry_at);
        else if (w->ending)
            break;
        else if (w->idled || w->stopped)
            wait_until(w, 0);
        else if (!wait_until(w, now + IDLE_AFTER) && !has_work(w))
            keep_house(w);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ---- on the loop's thread ------------------------------------------------------------------- */

/* What has happened since the last time: commits in order, then how the store is. */
static void deliver(struct sw_writer *w)
{
    pthread_mutex_lock(&w->lock);
    while (w->told < w->committed || w->state_is_new) {
        if (w->told < w->committed) {
            struct entry e = w->ring[w->told++ % SW_WRITER_MAX];

            pthread_mutex_unlock(&w->lock);
            w->events.committed(w->events.ctx, e.job, e.took);
        } else {
            struct sw_err state = w->state;

            w->state_is_new = false;
            pthread_mutex_unlock(&w->lock);
            w->events.trouble(w->events.ctx, state.code, state.text);
        }
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
}

static void on_async(struct ev_loop *loop, ev_async *watcher, int revents)
{
    (void)loop;
    (void)revents;
    deliver(SW_CONTAINER(watcher, struct sw_writer, async));
}

/* Synchronous mode: everything submitted, by callbacks too, before it returns. */
static void drain(struct sw_writer *w)
{
    w->draining = true;
    while (has_work(w)) {
        sw_time wait = w->retry_at == 0 ? 0 : w->retry_at - clock_now(CLOCK_MONOTONIC);

        if (wait > 0 && !w->ending) {
            nanosleep(&(struct timespec){wait / SW_SECOND, wait % SW_SECOND * 1000}, NULL);
            continue;
        }
        pthread_mutex_lock(&w->lock);
        commit_next(w);
        pthread_mutex_unlock(&w->lock);
        deliver(w);
    }
    w->draining = false;
}

/* Signals belong to the loop's thread. */
static void start_thread(struct sw_writer *w)
{
    sigset_t all;
    sigset_t before;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&w->thread, NULL, run, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    SW_ASSERT(rc == 0);
    pthread_setname_np(w->thread, "writer");
}

struct sw_writer *sw_writer_start(struct ev_loop *loop, const struct sw_backend *backend,
                                  void *handle, struct sw_writer_events events)
{
    struct sw_writer *w = sw_calloc(1, sizeof(*w));
    pthread_condattr_t attr;

    w->loop = loop;
    w->backend = backend;
    w->handle = handle;
    w->events = events;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &attr);
    pthread_condattr_destroy(&attr);
    if (loop != NULL) {
        ev_async_init(&w->async, on_async);
        ev_async_start(loop, &w->async);
        start_thread(w);
    }
    return w;
}

void sw_writer_submit(struct sw_writer *w, const struct sw_commit *c, void *job)
{
    pthread_mutex_lock(&w->lock);
    SW_ASSERT(w->submitted - w->told < SW_WRITER_MAX);
    w->ring[w->submitted++ % SW_WRITER_MAX] =
        (struct entry){.commit = c, .job = job, .since = clock_now(CLOCK_REALTIME)};
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    if (w->loop == NULL && !w->draining)
        drain(w);
}

size_t sw_writer_pending(const struct sw_writer *w)
{
    return (size_t)(w->submitted - w->told); /* both are moved by this thread only */
}

sw_time sw_writer_busy_since(struct sw_writer *w)
{
    sw_time since = 0;

    pthread_mutex_lock(&w->lock);
    if (has_work(w))
        since = w->ring[w->committed % SW_WRITER_MAX].since;
    pthread_mutex_unlock(&w->lock);
    return since;
}

size_t sw_writer_stop(struct sw_writer *w)
{
    size_t left;

    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    if (w->loop != NULL) {
        pthread_join(w->thread, NULL);
        ev_async_stop(w->loop, &w->async);
    }
    deliver(w);
    left = sw_writer_pending(w);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w);
    return left;
}
