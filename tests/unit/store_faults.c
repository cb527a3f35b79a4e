/* The SQLite backend on a disk that fails: every write, every sync, every size of disk, and power
 * cuts. After each the database is opened again on a good disk and must hold every batch that was
 * reported committed, wholly, and of an unreported one nothing, unless the report was "unknown". */
#include "../../daemon/store/sqlite.h"
#include "../crash/fault_vfs.h"
#include "store_fixture.h"

enum { BATCHES = 9, LIMIT = 5000 };

static const struct sw_backend *const sqlite = &sw_backend_sqlite;

struct outcome {
    bool opened;
    int64_t committed; /* batches reported as on disk, before this run too */
    bool unknown;      /* the next one may be there as well */
    enum sw_code code; /* the first failure */
};

/* The next batch, now and then with a checkpoint before it. True: go on. */
static bool one_batch(struct sw_store *s, const struct sw_lease *lease, struct outcome *out,
                      size_t filler)
{
    struct sw_err err = {0};
    enum sw_code rc;

    if (out->committed % 3 == 2)
        s->checkpoint_at = 0;
    rc = batch_commit(s, lease->epoch, out->committed, filler, &err);
    if (rc == SW_OK) {
        out->committed++;
        return true;
    }
    if (out->code == SW_OK)
        out->code = rc;
    out->unknown = rc == SW_EIO || rc == SW_EBAD;
    return false;
}

/* Opens what is there and commits batches up to BATCHES, until something fails. */
static struct outcome run(size_t filler)
{
    struct outcome out = {0};
    struct sw_lease lease;
    struct sw_err err = {0};
    void *h = NULL;

    out.code = sqlite->open(&h, db_path, &lease, &err);
    if (h == NULL)
        return out;
    out.opened = true;
    out.committed = lease.pos / PER_BATCH;
    while (out.committed < BATCHES && one_batch(h, &lease, &out, filler)) {}
    sqlite->close(h);
    return out;
}

/* On a good disk: what is promised is there, no more than allowed, and work goes on. */
static bool survives(const struct outcome *out)
{
    struct sw_lease lease;
    struct sw_err err = {0};
    int64_t batches;
    void *h = NULL;
    bool good;

    if (sqlite->open(&h, db_path, &lease, &err) != SW_OK) {
        note("%s", err.text);
        return false;
    }
    batches = lease.pos / PER_BATCH;
    good = lease.pos % PER_BATCH == 0 && batches >= out->committed &&
           batches <= out->committed + out->unknown && holds_exactly(h, batches) &&
           batch_commit(h, lease.epoch, batches, 0, &err) == SW_OK && holds_exactly(h, batches + 1);
    if (!good)
        note("committed %" PRId64 " unknown %d, found %" PRId64 " (%s)", out->committed,
             out->unknown, lease.pos, err.text);
    sqlite->close(h);
    return good;
}

/* `kind` at 1, 2, 3 … until a run sees no fault. Returns how many there were. */
static int every(enum sw_fault_kind kind, bool lasting, uint64_t first, uint64_t by,
                 uint32_t wanted, bool *all)
{
    struct outcome out;
    bool fired;

    for (int i = 0; i < LIMIT; i++) {
        sw_fault_set(
            (struct sw_fault){.kind = kind, .n = first + by * (uint64_t)i, .lasting = lasting});
        out = run(0);
        fired = sw_fault_fired();
        sw_fault_set((struct sw_fault){0});
        /* A failed checkpoint while closing is nobody's loss. */
        *all &= survives(&out) && (out.code == SW_OK || (1U << out.code & wanted) != 0) &&
                (fired || (out.code == SW_OK && out.committed == BATCHES));
        remove_database();
        if (!fired)
            return i;
    }
    *all = false;
    return LIMIT;
}

static void test_every_fault(void)
{
    static const struct {
        const char *name;
        enum sw_fault_kind kind;
        bool lasting;
        uint64_t first, by;
        uint32_t wanted; /* codes a failure may have */
    } faults[] = {
        {"write", SW_FAULT_WRITE, false, 1, 1, 1U << SW_EIO},
        {"every write from there on", SW_FAULT_WRITE, true, 1, 3, 1U << SW_EIO},
        {"sync", SW_FAULT_SYNC, false, 1, 1, 1U << SW_EIO},
        {"every sync from there on", SW_FAULT_SYNC, true, 1, 1, 1U << SW_EIO},
        {"full disk", SW_FAULT_FULL, true, 0, 4000, 1U << SW_EFULL},
    };

    for (size_t i = 0; i < SW_COUNTOF(faults); i++) {
        bool all = true;
        int n = every(faults[i].kind, faults[i].lasting, faults[i].first, faults[i].by,
                      faults[i].wanted, &all);

        ok_named(all && n > 5, faults[i].name);
        note("%d places", n);
    }
}

/* A full disk keeps the handle usable: the same batch goes through once there is room. */
static void test_full_then_room(void)
{
    struct outcome out = {0};
    struct sw_lease lease;
    struct sw_err err = {0};
    void *h = NULL;
    bool all = true;
    int full = 0;

    is_int(sqlite->open(&h, db_path, &lease, &err), SW_OK);
    for (; out.committed < 60 && all; full += out.code == SW_EFULL) {
        sw_fault_set((struct sw_fault){
            .kind = SW_FAULT_FULL, .n = 3000 + 1500 * (uint64_t)out.committed, .lasting = true});
        out.code = SW_OK;
        while (out.committed < 60 && one_batch(h, &lease, &out, 0)) {}
        all &= out.committed == 60 || out.code == SW_EFULL;
        sw_fault_set((struct sw_fault){0});
        all &= out.committed == 60 || one_batch(h, &lease, &out, 0);
    }
    ok_named(all && full > 10, "each batch goes through when there is room");
    note("%d times full", full);
    ok(holds_exactly(h, 60));
    sqlite->close(h);
    remove_database();
}

/* After a failed write nothing touches the disk any more, closing included. */
static void test_stopped_is_quiet(void)
{
    struct sw_lease lease;
    struct sw_err err;
    uint64_t changes;
    void *h = NULL;

    is_int(sqlite->open(&h, db_path, &lease, &err), SW_OK);
    is_int(batch_commit(h, lease.epoch, 0, 0, &err), SW_OK);
    sw_fault_set((struct sw_fault){.kind = SW_FAULT_SYNC, .n = 1});
    is_int(batch_commit(h, lease.epoch, 1, 0, &err), SW_EIO);
    changes = sw_fault_changes();
    is_int(batch_commit(h, lease.epoch, 1, 0, &err), SW_EIO);
    is_int(sqlite->idle(h, &err), SW_OK);
    sqlite->close(h);
    is_int_named(sw_fault_changes(), changes, "a stopped store leaves the disk alone");
    sw_fault_set((struct sw_fault){0});
    remove_database();
}

/* Power is cut before the n-th change of the disk, for every n and several fates of what was not
 * synced; then again while the next start recovers from it. */
static void test_power_cuts(struct tap_random *r)
{
    int cuts = 0;
    bool all = true;

    for (uint64_t n = 1;; n++) {
        struct outcome out;
        struct outcome before;

        sw_fault_set((struct sw_fault){.kind = SW_FAULT_CUT, .n = n, .seed = tap_next(r)});
        out = run(n % 2 * 5000);
        if (!sw_fault_fired())
            break;
        out.unknown = true;
        before = out;
        for (uint64_t again = 1; again <= 2; again++) {
            sw_fault_set((struct sw_fault){
                .kind = SW_FAULT_CUT, .n = 1 + tap_below(r, 12), .seed = tap_next(r)});
            out = run(0);
            if (!out.opened)
                out = before; /* it came to no commit */
            all &= out.committed >= before.committed;
            out.unknown = true;
            before = out;
        }
        sw_fault_set((struct sw_fault){0});
        all &= survives(&out);
        remove_database();
        cuts++;
    }
    sw_fault_set((struct sw_fault){0});
    remove_database();
    ok_named(all && cuts > 50, "power cuts lose nothing that was reported");
    note("%d places", cuts);
}

/* Power is cut while the store is open. */
static struct outcome run_two_and_cut(uint64_t seed)
{
    struct outcome out = {0};
    struct sw_lease lease;
    struct sw_err err = {0};
    void *h = NULL;

    out.code = sqlite->open(&h, db_path, &lease, &err);
    if (h == NULL)
        return out;
    out.opened = true;
    out.committed = lease.pos / PER_BATCH;
    for (int i = 0; i < 2 && out.code == SW_OK; i++) {
        out.code = batch_commit(h, lease.epoch, out.committed, 0, &err);
        out.committed += out.code == SW_OK;
    }
    sw_fault_power_cut(seed);
    sqlite->close(h);
    return out;
}

/* The worst case of a failed sync: the system forgets that the pages never reached the disk. The
 * program ends, a new one starts on what the system still shows, acknowledges more, and then power
 * is cut. */
static void test_failed_sync_then_cut(struct tap_random *r)
{
    int places = 0;
    bool all = true;

    for (uint64_t n = 1;; n++) {
        struct outcome out;
        bool fired;

        sw_fault_set((struct sw_fault){.kind = SW_FAULT_SYNC, .n = n, .track = true});
        (void)run(0);
        fired = sw_fault_fired();
        sw_fault_set((struct sw_fault){.track = true});
        out = run_two_and_cut(tap_next(r));
        all &= out.opened && out.code == SW_OK;
        sw_fault_set((struct sw_fault){0});
        all &= survives(&out);
        remove_database();
        if (!fired)
            break;
        places++;
    }
    ok_named(all && places > 10, "a failed sync, a restart and a power cut lose nothing");
    note("%d places", places);
}

int main(void)
{
    struct tap_random r = tap_seed();

    make_folder();
    sw_fault_vfs_register();
    test_every_fault();
    test_full_then_room();
    test_stopped_is_quiet();
    test_power_cuts(&r);
    test_failed_sync_then_cut(&r);
    return done_testing();
}
