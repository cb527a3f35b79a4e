/* The writer thread: order, retries, stopping. Run under TSan, too. */
#include "../../daemon/store/sqlite.h"
#include "../crash/fault_vfs.h"
#include "store_fixture.h"
#include <ev.h>
#include <pthread.h>
#include <shouwang/base/mem.h>
#include <shouwang/store/writer.h>

/* ---- a backend that does as it is told ------------------------------------------------------ */

struct fake {
    pthread_mutex_t lock; /* guards all: both threads look at it */
    int64_t done[1000];   /* new_pos of each commit */
    size_t n_done;
    size_t idles;
    enum sw_code next[16]; /* results of the next commits, then SW_OK */
    size_t n_next, used;
    useconds_t slow;
};

static enum sw_code fake_commit(void *handle, const struct sw_commit *c, struct sw_err *err)
{
    struct fake *f = handle;
    enum sw_code rc = SW_OK;

    pthread_mutex_lock(&f->lock);
    if (f->used < f->n_next)
        rc = f->next[f->used++];
    if (rc == SW_OK)
        f->done[f->n_done++] = c->new_pos;
    pthread_mutex_unlock(&f->lock);
    if (f->slow > 0)
        usleep(f->slow);
    return rc == SW_OK ? rc : sw_fail(err, rc, "code %d", (int)rc);
}

static enum sw_code fake_idle(void *handle, struct sw_err *err)
{
    struct fake *f = handle;

    (void)err;
    pthread_mutex_lock(&f->lock);
    f->idles++;
    pthread_mutex_unlock(&f->lock);
    return SW_OK;
}

static const struct sw_backend fake_backend = {
    .name = "fake", .commit = fake_commit, .idle = fake_idle};

static size_t fake_get(struct fake *f, const size_t *what)
{
    size_t n;

    pthread_mutex_lock(&f->lock);
    n = *what;
    pthread_mutex_unlock(&f->lock);
    return n;
}

/* ---- what the loop is told ------------------------------------------------------------------ */

struct told {
    struct sw_writer *writer;
    struct sw_commit commit[1000];
    size_t submitted;
    int64_t job[1000];
    size_t n_jobs;
    enum sw_code trouble[16];
    char text[64];
    size_t n_troubles;
    size_t more; /* submit so many from within committed() */
};

static void submit(struct told *t)
{
    struct sw_commit *c = &t->commit[t->submitted];

    *c = (struct sw_commit){.new_pos = (int64_t)++t->submitted};
    sw_writer_submit(t->writer, c, c);
}

static void on_committed(void *ctx, void *job, sw_time took)
{
    struct told *t = ctx;
    const struct sw_commit *c = job;

    SW_ASSERT(took >= 0);
    t->job[t->n_jobs++] = c->new_pos;
    if (t->more > 0) {
        t->more--;
        submit(t);
    }
}

static void on_trouble(void *ctx, enum sw_code code, const char *text)
{
    struct told *t = ctx;

    t->trouble[t->n_troubles++] = code;
    snprintf(t->text, sizeof(t->text), "%s", text);
}

static struct sw_writer_events events_of(struct told *t)
{
    return (struct sw_writer_events){t, on_committed, on_trouble};
}

static bool in_order(const int64_t *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (v[i] != (int64_t)i + 1)
            return false;
    }
    return true;
}

/* Turns of the loop until everything was told, or for `seconds`. */
static void run_loop(struct ev_loop *loop, struct told *t, double seconds)
{
    double end = ev_time() + seconds;

    while (sw_writer_pending(t->writer) > 0 && ev_time() < end) {
        ev_run(loop, EVRUN_NOWAIT);
        usleep(500);
    }
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void test_order(struct ev_loop *loop)
{
    struct fake f = {.lock = PTHREAD_MUTEX_INITIALIZER, .slow = 50};
    static struct told t;

    t = (struct told){.more = 300};
    t.writer = sw_writer_start(loop, &fake_backend, &f, events_of(&t));
    is_int(sw_writer_pending(t.writer), 0);
    is_int(sw_writer_busy_since(t.writer), 0);
    for (int i = 0; i < 200; i++)
        submit(&t);
    ok(sw_writer_pending(t.writer) == 200);
    ok_named(t.n_jobs == 0, "nothing is told before the loop turns");
    run_loop(loop, &t, 10);
    is_int(t.n_jobs, 500);
    ok_named(in_order(t.job, 500), "told in order");
    is_int(sw_writer_stop(t.writer), 0);
    is_int(f.n_done, 500);
    ok_named(in_order(f.done, 500), "committed in order");
    is_int(t.n_troubles, 0);
}

static void test_retry(struct ev_loop *loop)
{
    struct fake f = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .next = {SW_OK, SW_EFULL, SW_EBUSY}, .n_next = 3};
    static struct told t;
    double start = ev_time();

    t = (struct told){0};
    t.writer = sw_writer_start(loop, &fake_backend, &f, events_of(&t));
    for (int i = 0; i < 5; i++)
        submit(&t);
    for (int i = 0; i < 1000 && t.n_troubles == 0; i++)
        run_loop(loop, &t, 0.01);
    is_int(t.n_troubles, 1);
    is_int(t.trouble[0], SW_EFULL);
    is_str(sw_str(t.text), "code 4");
    is_int(t.n_jobs, 1);
    ok(sw_writer_busy_since(t.writer) > 1000000 * SW_SECOND);
    run_loop(loop, &t, 20);
    ok_named(ev_time() - start > 2.5, "after one and then two seconds");
    is_int(t.n_jobs, 5);
    ok_named(in_order(f.done, 5), "the same batch, then those behind it");
    is_int_named(t.n_troubles, 3, "full, locked, works again");
    is_int(t.trouble[1], SW_EFULL);
    is_int(t.trouble[2], SW_OK);
    is_int(sw_writer_stop(t.writer), 0);
}

static void test_stop_for_good(struct ev_loop *loop)
{
    static const enum sw_code codes[] = {SW_EIO, SW_EBAD, SW_EFENCED, SW_EUNKNOWN};
    static struct told t;

    for (size_t i = 0; i < SW_COUNTOF(codes); i++) {
        struct fake f = {
            .lock = PTHREAD_MUTEX_INITIALIZER, .next = {SW_OK, SW_OK, codes[i]}, .n_next = 3};

        t = (struct told){0};
        t.writer = sw_writer_start(loop, &fake_backend, &f, events_of(&t));
        for (int k = 0; k < 6; k++)
            submit(&t);
        for (int k = 0; k < 1000 && t.n_troubles == 0; k++)
            run_loop(loop, &t, 0.01);
        submit(&t);
        run_loop(loop, &t, 0.02);
        is_int(t.trouble[0], codes[i]);
        is_int(t.n_jobs, 2);
        is_int_named(f.n_done, 2, "nothing after it");
        is_int(sw_writer_stop(t.writer), 5);
        is_int(t.n_troubles, 1);
    }
}

/* A disk that stays full does not keep the process from ending. */
static void test_end_while_full(struct ev_loop *loop)
{
    struct fake f = {.lock = PTHREAD_MUTEX_INITIALIZER, .n_next = 16};
    static struct told t;
    double start = ev_time();

    for (size_t i = 0; i < SW_COUNTOF(f.next); i++)
        f.next[i] = SW_EFULL;
    t = (struct told){0};
    t.writer = sw_writer_start(loop, &fake_backend, &f, events_of(&t));
    submit(&t);
    submit(&t);
    for (int i = 0; i < 1000 && t.n_troubles == 0; i++)
        run_loop(loop, &t, 0.01);
    is_int(sw_writer_stop(t.writer), 2);
    ok_named(ev_time() - start < 1, "at once");
    is_int(fake_get(&f, &f.used), 2);
}

static void test_idle(struct ev_loop *loop)
{
    struct fake f = {.lock = PTHREAD_MUTEX_INITIALIZER, .next = {SW_OK, SW_EFULL}, .n_next = 2};
    static struct told t;
    size_t idles;

    t = (struct told){0};
    t.writer = sw_writer_start(loop, &fake_backend, &f, events_of(&t));
    submit(&t);
    usleep(500000);
    idles = fake_get(&f, &f.idles);
    is_int_named(idles, 1, "housekeeping once it is quiet");
    usleep(300000);
    is_int_named(fake_get(&f, &f.idles), 1, "and not again while nothing happens");
    submit(&t);
    for (int i = 0; i < 1000 && t.n_troubles == 0; i++)
        run_loop(loop, &t, 0.01);
    is_int(sw_writer_stop(t.writer), 0);
    is_int_named(t.n_jobs, 2, "what is left is told when it stops");
}

static void test_synchronous(void)
{
    struct fake f = {.lock = PTHREAD_MUTEX_INITIALIZER};
    static struct told t;

    t = (struct told){.more = 5};
    t.writer = sw_writer_start(NULL, &fake_backend, &f, events_of(&t));
    submit(&t);
    is_int_named(t.n_jobs, 6, "done when submit returns, also what was submitted meanwhile");
    ok(in_order(f.done, 6) && in_order(t.job, 6));
    f.next[0] = SW_EFULL;
    f.next[1] = SW_OK;
    f.next[2] = SW_EBAD;
    f.n_next = 3;
    submit(&t);
    is_int_named(t.n_jobs, 7, "waits for room");
    is_int(t.n_troubles, 2);
    submit(&t);
    submit(&t);
    is_int(t.n_jobs, 7);
    is_int(t.trouble[2], SW_EBAD);
    is_int(sw_writer_pending(t.writer), 2);
    is_int(sw_writer_stop(t.writer), 2);
}

/* ---- with the real backend ------------------------------------------------------------------ */

enum { REAL = 200 };

/* Batches on the thread, a reader beside them, the disk full in between. */
static void test_real(struct ev_loop *loop)
{
    static struct batch b[REAL];
    static struct told t;
    const struct sw_backend *sqlite = &sw_backend_sqlite;
    struct sw_lease lease;
    struct sw_err err = {0};
    void *h = NULL;

    is_int(sqlite->open(&h, db_path, &lease, &err), SW_OK);
    t = (struct told){0};
    t.writer = sw_writer_start(loop, sqlite, h, events_of(&t));
    sw_fault_set((struct sw_fault){.kind = SW_FAULT_FULL, .n = 200000, .lasting = true});
    for (int64_t k = 0; k < REAL; k++) {
        batch_make(&b[k], lease.epoch, k, 0);
        sw_writer_submit(t.writer, &b[k].commit, &b[k].commit);
    }
    for (int i = 0; i < 1000 && t.n_troubles == 0; i++)
        run_loop(loop, &t, 0.01);
    is_int(t.trouble[0], SW_EFULL);
    ok(t.n_jobs > 0 && t.n_jobs < REAL);
    sw_fault_set((struct sw_fault){0});
    run_loop(loop, &t, 20);
    is_int(t.n_jobs, REAL);
    is_int(t.trouble[1], SW_OK);
    is_int(sw_writer_stop(t.writer), 0);
    ok(holds_exactly(h, REAL));
    sqlite->close(h);
    remove_database();
}

int main(void)
{
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);

    make_folder();
    sw_fault_vfs_register();
    test_order(loop);
    test_retry(loop);
    test_stop_for_good(loop);
    test_end_while_full(loop);
    test_idle(loop);
    test_synchronous();
    test_real(loop);
    ev_loop_destroy(loop);
    return done_testing();
}
