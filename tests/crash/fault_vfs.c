/* fault_vfs.c - SQLite on a disk that fails, fills up or loses power on demand. See fault_vfs.h.
 *
 * A shim above the default VFS. Locks and shared memory pass through: they are memory and do not
 * outlive a power cut anyway. */
#include "fault_vfs.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/str.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR = 512, NAME_MAX_BYTES = 1024 };

/* A write or truncation that is not synced. */
struct pending {
    struct pending *next;
    sqlite3_int64 at;
    size_t n;
    bool truncates; /* to `at` */
    unsigned char bytes[];
};

/* What a disk would have of one file. */
struct disk {
    struct disk *next;
    char path[NAME_MAX_BYTES];
    unsigned char *image;
    size_t size, cap;
    struct pending *first, **last;
};

struct file {
    sqlite3_file base;
    struct disk *disk; /* NULL: not tracked */
    uint64_t power;    /* the era it was opened in */
    sqlite3_file *real;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards all that follows */
static struct sw_fault fault;
static uint64_t writes, syncs, bytes_written, operations;
static uint64_t power = 1; /* +1 at every cut: files of an older era are dead */
static bool fired, cut, kill_on_cut;
static pid_t kill_pid; /* in the child that finishes a cut: its parent */
static struct disk *disks;

static sqlite3_vfs *below;

/* ---- the disk ------------------------------------------------------------------------------- */

static void image_resize(struct disk *d, size_t size)
{
    if (size > d->cap) {
        d->cap = size * 2;
        d->image = sw_realloc(d->image, d->cap);
    }
    if (size > d->size)
        memset(d->image + d->size, 0, size - d->size);
    d->size = size;
}

static void image_write(struct disk *d, size_t at, const unsigned char *bytes, size_t n)
{
    if (at + n > d->size)
        image_resize(d, at + n);
    if (n > 0)
        memcpy(d->image + at, bytes, n);
}

static void image_apply(struct disk *d, const struct pending *p)
{
    if (!p->truncates)
        image_write(d, (size_t)p->at, p->bytes, p->n);
    else if ((size_t)p->at < d->size)
        image_resize(d, (size_t)p->at);
}

static void forget_pending(struct disk *d)
{
    while (d->first != NULL) {
        struct pending *p = d->first;

        d->first = p->next;
        free(p);
    }
    d->last = &d->first;
}

static void keep_pending(struct disk *d)
{
    for (const struct pending *p = d->first; p != NULL; p = p->next)
        image_apply(d, p);
    forget_pending(d);
}

static void add_pending(struct disk *d, sqlite3_int64 at, const void *bytes, size_t n,
                        bool truncates)
{
    struct pending *p = sw_malloc(sizeof(*p) + n);

    *p = (struct pending){.at = at, .n = n, .truncates = truncates};
    if (n > 0)
        memcpy(p->bytes, bytes, n);
    *d->last = p;
    d->last = &p->next;
}

static void read_image(struct disk *d)
{
    int fd = open(d->path, O_RDONLY | O_CLOEXEC);
    unsigned char part[65536];

    for (ssize_t n; fd >= 0 && (n = read(fd, part, sizeof(part))) > 0;)
        image_write(d, d->size, part, (size_t)n);
    if (fd >= 0)
        close(fd);
}

static void write_image(const struct disk *d)
{
    int fd = open(d->path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    SW_ASSERT(ftruncate(fd, 0) == 0);
    for (size_t at = 0; at < d->size;) {
        ssize_t n = pwrite(fd, d->image + at, d->size - at, (off_t)at);

        SW_ASSERT(n > 0);
        at += (size_t)n;
    }
    close(fd);
}

static struct disk *disk_of(const char *path)
{
    struct disk *d;

    if (path == NULL || !fault.track)
        return NULL;
    for (d = disks; d != NULL; d = d->next) {
        if (strcmp(d->path, path) == 0)
            return d;
    }
    d = sw_calloc(1, sizeof(*d));
    snprintf(d->path, sizeof(d->path), "%s", path);
    d->last = &d->first;
    read_image(d);
    d->next = disks;
    disks = d;
    return d;
}

static void forget_disks(void)
{
    while (disks != NULL) {
        struct disk *d = disks;

        disks = d->next;
        forget_pending(d);
        free(d->image);
        free(d);
    }
}

/* ---- power ---------------------------------------------------------------------------------- */

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545f4914f6cdd1d) >> 32;
}

/* Some of the sectors a write touches. */
static void apply_torn(struct disk *d, const struct pending *p, uint64_t *state)
{
    size_t at = (size_t)p->at;
    size_t end = at + p->n;

    while (at < end) {
        size_t stop = (at / SECTOR + 1) * SECTOR;

        if (stop > end)
            stop = end;
        if (random_next(state) % 2 == 0)
            image_write(d, at, p->bytes + (at - (size_t)p->at), stop - at);
        at = stop;
    }
}

/* Putting the disk's bytes in place takes a while, and a kill -9 from outside in the middle would
 * leave what no disk leaves. So a child does it, which outlives us; it holds the database's lock
 * as long, and ends us when it is done. */
static void hand_to_child(void)
{
    pid_t us = getpid();
    pid_t child = fork();

    if (child == 0) {
        kill_pid = us;
        return;
    }
    for (;;)
        pause();
}

static void cut_power(uint64_t seed)
{
    uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;

    if (kill_on_cut)
        hand_to_child();

    for (struct disk *d = disks; d != NULL; d = d->next) {
        for (const struct pending *p = d->first; p != NULL; p = p->next) {
            uint64_t lot = random_next(&state) % 10;

            if (lot < 4)
                image_apply(d, p);
            else if (lot < 7 && !p->truncates)
                apply_torn(d, p, &state);
        }
        forget_pending(d);
        write_image(d);
    }
    power++;
    cut = true;
    fired = true;
    if (kill_on_cut) {
        kill(kill_pid, SIGKILL);
        _exit(0);
    }
}

/* Counts a change of the disk. False: there is no power. */
static bool powered(const struct file *f)
{
    operations++;
    if (fault.kind == SW_FAULT_CUT && operations == fault.n && f->power == power)
        cut_power(fault.seed);
    return f->power == power;
}

void sw_fault_power_cut(uint64_t seed)
{
    pthread_mutex_lock(&lock);
    cut_power(seed);
    pthread_mutex_unlock(&lock);
}

void sw_fault_set(struct sw_fault f)
{
    pthread_mutex_lock(&lock);
    if (f.kind == SW_FAULT_CUT)
        f.track = true;
    if (!f.track || !fault.track)
        forget_disks();
    fault = f;
    writes = syncs = bytes_written = operations = 0;
    fired = cut = false;
    pthread_mutex_unlock(&lock);
}

bool sw_fault_fired(void)
{
    bool result;

    pthread_mutex_lock(&lock);
    result = fired;
    pthread_mutex_unlock(&lock);
    return result;
}

uint64_t sw_fault_changes(void)
{
    uint64_t result;

    pthread_mutex_lock(&lock);
    result = operations;
    pthread_mutex_unlock(&lock);
    return result;
}

/* ---- files ---------------------------------------------------------------------------------- */

static struct file *file_of(sqlite3_file *f)
{
    return (struct file *)(void *)f;
}

/* One more of a kind: is it this one's turn to fail? */
static bool falls_on(enum sw_fault_kind kind, uint64_t count)
{
    bool now = fault.kind == kind && (count == fault.n || (fault.lasting && count > fault.n));

    fired |= now;
    return now;
}

static int pass_write(struct file *f, const void *bytes, int n, sqlite3_int64 at)
{
    if (n > 0 && f->disk != NULL)
        add_pending(f->disk, at, bytes, (size_t)n, false);
    return n > 0 ? f->real->pMethods->xWrite(f->real, bytes, n, at) : SQLITE_OK;
}

static int write_locked(struct file *f, const void *bytes, int n, sqlite3_int64 at)
{
    uint64_t before = bytes_written;

    if (!powered(f))
        return SQLITE_IOERR_WRITE;
    if (falls_on(SW_FAULT_WRITE, ++writes)) {
        (void)pass_write(f, bytes, n / 2, at);
        return SQLITE_IOERR_WRITE;
    }
    bytes_written += (uint64_t)n;
    if (fault.kind == SW_FAULT_FULL && bytes_written > fault.n) {
        fired = true;
        if (before < fault.n)
            (void)pass_write(f, bytes, (int)(fault.n - before), at);
        return SQLITE_FULL;
    }
    return pass_write(f, bytes, n, at);
}

static int file_write(sqlite3_file *base, const void *bytes, int n, sqlite3_int64 at)
{
    int rc;

    pthread_mutex_lock(&lock);
    rc = write_locked(file_of(base), bytes, n, at);
    pthread_mutex_unlock(&lock);
    return rc;
}

static int truncate_locked(struct file *f, sqlite3_int64 size)
{
    if (!powered(f))
        return SQLITE_IOERR_TRUNCATE;
    if (f->disk != NULL)
        add_pending(f->disk, size, NULL, 0, true);
    return f->real->pMethods->xTruncate(f->real, size);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    int rc;

    pthread_mutex_lock(&lock);
    rc = truncate_locked(file_of(base), size);
    pthread_mutex_unlock(&lock);
    return rc;
}

static int sync_locked(struct file *f, int flags)
{
    if (!powered(f))
        return SQLITE_IOERR_FSYNC;
    if (falls_on(SW_FAULT_SYNC, ++syncs)) {
        /* Linux: the pages count as clean from now on, though the disk never got them. */
        if (f->disk != NULL)
            forget_pending(f->disk);
        return SQLITE_IOERR_FSYNC;
    }
    if (f->disk != NULL)
        keep_pending(f->disk);
    return f->real->pMethods->xSync(f->real, flags);
}

static int file_sync(sqlite3_file *base, int flags)
{
    int rc;

    pthread_mutex_lock(&lock);
    rc = sync_locked(file_of(base), flags);
    pthread_mutex_unlock(&lock);
    return rc;
}

static bool is_dead(const struct file *f)
{
    bool dead;

    pthread_mutex_lock(&lock);
    dead = f->power != power;
    pthread_mutex_unlock(&lock);
    return dead;
}

static int file_read(sqlite3_file *base, void *bytes, int n, sqlite3_int64 at)
{
    struct file *f = file_of(base);

    return is_dead(f) ? SQLITE_IOERR_READ : f->real->pMethods->xRead(f->real, bytes, n, at);
}

static int file_close(sqlite3_file *base)
{
    struct file *f = file_of(base);

    return f->real->pMethods->xClose(f->real);
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
    struct file *f = file_of(base);

    return is_dead(f) ? SQLITE_IOERR_FSTAT : f->real->pMethods->xFileSize(f->real, size);
}

static int file_lock(sqlite3_file *base, int level)
{
    struct file *f = file_of(base);

    return f->real->pMethods->xLock(f->real, level);
}

static int file_unlock(sqlite3_file *base, int level)
{
    struct file *f = file_of(base);

    return f->real->pMethods->xUnlock(f->real, level);
}

static int file_reserved(sqlite3_file *base, int *out)
{
    struct file *f = file_of(base);

    return f->real->pMethods->xCheckReservedLock(f->real, out);
}

static int file_control(sqlite3_file *base, int op, void *arg)
{
    struct file *f = file_of(base);

    return f->real->pMethods->xFileControl(f->real, op, arg);
}

static int file_sector(sqlite3_file *base)
{
    struct file *f = file_of(base);

    return f->real->pMethods->xSectorSize(f->real);
}

static int file_device(sqlite3_file *base)
{
    struct file *f = file_of(base);

    return f->real->pMethods->xDeviceCharacteristics(f->real);
}

static int shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **out)
{
    struct file *f = file_of(base);

    return f->real->pMethods->xShmMap(f->real, page, size, extend, out);
}

static int shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
    struct file *f = file_of(base);

    return f->real->pMethods->xShmLock(f->real, offset, n, flags);
}

static void shm_barrier(sqlite3_file *base)
{
    struct file *f = file_of(base);

    f->real->pMethods->xShmBarrier(f->real);
}

static int shm_unmap(sqlite3_file *base, int remove)
{
    struct file *f = file_of(base);

    return f->real->pMethods->xShmUnmap(f->real, remove);
}

/* Version 2: no memory-mapped reading of database pages. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

/* ---- the file system ------------------------------------------------------------------------ */

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags,
                    int *out_flags)
{
    struct file *f = file_of(base);
    int rc;

    (void)vfs;
    *f = (struct file){.real = (sqlite3_file *)(void *)(f + 1)};
    rc = below->xOpen(below, name, f->real, flags, out_flags);
    if (rc != SQLITE_OK)
        return rc;
    pthread_mutex_lock(&lock);
    f->disk = disk_of(name);
    f->power = power;
    pthread_mutex_unlock(&lock);
    f->base.pMethods = &methods;
    return SQLITE_OK;
}

/* A name that is gone is gone: what SQLite deletes in WAL mode is empty. */
static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    bool dead;

    (void)vfs;
    pthread_mutex_lock(&lock);
    dead = cut;
    for (struct disk *d = disks; !dead && d != NULL; d = d->next) {
        if (strcmp(d->path, name) == 0) {
            forget_pending(d);
            d->size = 0;
        }
    }
    pthread_mutex_unlock(&lock);
    return dead ? SQLITE_IOERR_DELETE : below->xDelete(below, name, sync_dir);
}

/* "sync:57+" */
static struct sw_fault parse_fault(const char *text)
{
    static const struct {
        const char *name;
        enum sw_fault_kind kind;
    } kinds[] = {{"write:", SW_FAULT_WRITE},
                 {"sync:", SW_FAULT_SYNC},
                 {"full:", SW_FAULT_FULL},
                 {"cut:", SW_FAULT_CUT}};
    struct sw_fault f = {0};
    char *end;

    for (size_t i = 0; i < SW_COUNTOF(kinds); i++) {
        size_t n = strlen(kinds[i].name);

        if (strncmp(text, kinds[i].name, n) != 0)
            continue;
        f.kind = kinds[i].kind;
        f.n = strtoull(text + n, &end, 10);
        f.lasting = *end == '+';
        f.seed = *end == ':' ? strtoull(end + 1, NULL, 10) : 1;
        return f;
    }
    fprintf(stderr, "SW_FAULT=%s: not understood\n", text);
    exit(2);
}

void sw_fault_vfs_register(void)
{
    static sqlite3_vfs vfs;
    const char *wanted = getenv("SW_FAULT");

    if (below != NULL)
        return;
    below = sqlite3_vfs_find(NULL);
    vfs =
        *below; /* everything but these passes through, with this struct in the place of its own */
    vfs.zName = "sw-fault";
    vfs.szOsFile = (int)sizeof(struct file) + below->szOsFile;
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.pNext = NULL;
    SW_ASSERT(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
    if (wanted != NULL) {
        kill_on_cut = true;
        sw_fault_set(parse_fault(wanted));
    }
}

/* A daemon that is linked with this file needs no line of its own for it. */
__attribute__((constructor)) static void register_if_wanted(void)
{
    if (getenv("SW_FAULT") != NULL)
        sw_fault_vfs_register();
}
