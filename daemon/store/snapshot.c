/* snapshot.c - the engine's state in a file.
 *
 *     head | block | sum | block | sum | …            blocks of BLOCK bytes, the last one shorter
 *
 * Each block's sum is seeded with the one before it and the first with the head's, so blocks of
 * another snapshot or in another order do not pass. The head is written last and holds the length.
 * A block fits the processor's cache, so summing it after reading it costs no trip to memory. */
#include "checksum.h"
#include "sqlite.h"
#include <errno.h>
#include <fcntl.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/store/snapshot.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    VERSION = 1,
    BLOCK = 256 << 10,
    SUM = sizeof(uint64_t),
    WRITE_BEHIND = 32, /* blocks handed to the disk at a time */
};

/* As in the file; no padding. Everything up to `sum` is under it. */
struct head {
    char magic[8];
    uint32_t version, block;
    int64_t seq;
    uint64_t length;   /* of the content */
    char database[32]; /* lease's id */
    char rules[64];    /* digest */
    uint64_t sum;
};
_Static_assert(sizeof(struct head) == 136, "the head is written as it is");

static const char magic[8] = {'S', 'W', 's', 'n', 'a', 'p', '\r', '\n'};

static uint64_t head_sum(const struct head *h)
{
    return sw_checksum(VERSION, h, offsetof(struct head, sum));
}

/* What the first block's sum begins with; the head's own sum is not known yet when it is written.
 */
static uint64_t first_seed(const struct head *h)
{
    return sw_checksum((uint64_t)h->seq, h->database, sizeof(h->database));
}

static char *temporary(const char *path)
{
    struct sw_buf name = {0};

    sw_buf_printf(&name, "%s.tmp", path);
    return name.p;
}

static enum sw_code fail_errno(const char *path, struct sw_err *err)
{
    enum sw_code code = errno == ENOENT                      ? SW_ENOTFOUND
                        : errno == ENOSPC || errno == EDQUOT ? SW_EFULL
                                                             : SW_EIO;

    if (err == NULL) /* a forked child must not wait for gettext's lock */
        return code;
    return sw_fail(err, code, _("snapshot %s: %s"), path, strerror(errno));
}

/* ---- writing -------------------------------------------------------------------------------- */

struct sink {
    int fd;
    unsigned char *block; /* BLOCK + SUM bytes */
    size_t n;             /* bytes in it */
    uint64_t length, sum;
    off_t at;     /* in the file */
    off_t synced; /* up to here the disk has begun */
    enum sw_code rc;
    struct sw_err *err; /* NULL in a child */
};

static bool write_block(struct sink *s)
{
    if (s->n == 0)
        return true;
    s->sum = sw_checksum(s->sum, s->block, s->n);
    memcpy(s->block + s->n, &s->sum, SUM);
    s->rc = sw_file_write_all(s->fd, s->block, s->n + SUM, s->err);
    if (s->rc != SW_OK)
        return false;
    s->length += s->n;
    s->at += (off_t)(s->n + SUM);
    s->n = 0;
    /* Little by little, so that the fsync at the end does not hold up the log's own for seconds. */
    if (s->at - s->synced >= (off_t)WRITE_BEHIND * BLOCK) {
        sync_file_range(s->fd, s->synced, s->at - s->synced, SYNC_FILE_RANGE_WRITE);
        s->synced = s->at;
    }
    return true;
}

static bool put(void *ctx, const void *bytes, size_t n)
{
    struct sink *s = ctx;
    const unsigned char *p = bytes;

    while (n > 0) {
        size_t fits = BLOCK - s->n < n ? BLOCK - s->n : n;

        memcpy(s->block + s->n, p, fits);
        s->n += fits;
        p += fits;
        n -= fits;
        if (s->n == BLOCK && !write_block(s))
            return false;
    }
    return true;
}

static void make_head(struct head *h, const struct sw_engine *e, int64_t seq,
                      const struct sw_lease *lease)
{
    const char *rules = sw_ruleset_digest(sw_engine_rules(e));

    *h = (struct head){.version = VERSION, .block = BLOCK, .seq = seq};
    memcpy(h->magic, magic, sizeof(magic));
    memcpy(h->database, lease->id, sizeof(h->database));
    memcpy(h->rules, rules, strnlen(rules, sizeof(h->rules)));
}

/* Everything into the open file `s->fd`. Allocates nothing: it may run in a forked child. */
static enum sw_code write_to(struct sink *s, struct head *h, const struct sw_engine *e)
{
    s->at = s->synced = (off_t)sizeof(*h);
    s->sum = first_seed(h);
    if (lseek(s->fd, (off_t)sizeof(*h), SEEK_SET) < 0)
        return fail_errno("lseek", s->err);
    if (!sw_engine_save(e, h->seq, put, s) || !write_block(s))
        return s->rc != SW_OK ? s->rc : sw_fail(s->err, SW_EBAD, "sw_engine_save");
    h->length = s->length;
    h->sum = head_sum(h);
    if (pwrite(s->fd, h, sizeof(*h), 0) != (ssize_t)sizeof(*h))
        return fail_errno("write", s->err);
    return fsync(s->fd) == 0 ? SW_OK : fail_errno("fsync", s->err);
}

/* Whoever may read the database may read what is made of it. */
static enum sw_code open_sink(struct sink *s, const char *tmp, struct sw_err *err)
{
    *s = (struct sink){.fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640), .err = err};
    if (s->fd < 0)
        return fail_errno(tmp, err);
    s->block = sw_malloc(BLOCK + SUM);
    return SW_OK;
}

static void close_sink(struct sink *s)
{
    close(s->fd);
    free(s->block);
}

enum sw_code sw_snapshot_write(const char *path, const struct sw_engine *e, int64_t seq,
                               const struct sw_lease *lease, struct sw_err *err)
{
    char *tmp = temporary(path);
    struct head h;
    struct sink s;
    enum sw_code rc = open_sink(&s, tmp, err);

    if (rc == SW_OK) {
        make_head(&h, e, seq, lease);
        rc = write_to(&s, &h, e);
        close_sink(&s);
    }
    free(tmp);
    return rc;
}

/* The child keeps only the file and the standard descriptors: the database's lock, kept open by a
 * child, would outlive this process and keep the next one out. Signal handlers are the loop's. */
static void leave_parent(struct sink *s, pid_t parent)
{
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before the line above */
        _exit(SW_EBUSY);
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (s->fd != STDERR_FILENO + 1) {
        dup2(s->fd, STDERR_FILENO + 1);
        s->fd = STDERR_FILENO + 1;
    }
    if (close_range(STDERR_FILENO + 2, ~0U, 0) != 0) {
        for (int fd = STDERR_FILENO + 2; fd < (int)sysconf(_SC_OPEN_MAX) && fd < 65536; fd++)
            close(fd);
    }
    setpriority(PRIO_PROCESS, 0, 10);
}

pid_t sw_snapshot_fork(const char *path, const struct sw_engine *e, int64_t seq,
                       const struct sw_lease *lease, struct sw_err *err)
{
    char *tmp = temporary(path);
    pid_t parent = getpid();
    pid_t child = -1;
    struct head h;
    struct sink s;

    if (open_sink(&s, tmp, err) != SW_OK)
        goto out;
    make_head(&h, e, seq, lease);
    child = fork();
    if (child == 0) {
        s.err = NULL;
        leave_parent(&s, parent);
        _exit((int)write_to(&s, &h, e));
    }
    if (child < 0)
        sw_fail(err, SW_EIO, _("no process for a snapshot: %s"), strerror(errno));
    close_sink(&s);
out:
    free(tmp);
    return child;
}

enum sw_code sw_snapshot_publish(const char *path, struct sw_err *err)
{
    char *tmp = temporary(path);
    enum sw_code rc = rename(tmp, path) == 0 ? sw_place_sync(path, err) : fail_errno(tmp, err);

    free(tmp);
    return rc;
}

/* ---- reading -------------------------------------------------------------------------------- */

struct source {
    int fd;
    unsigned char *block; /* BLOCK + SUM bytes */
    size_t n, at;         /* bytes in it, of these handed on */
    uint64_t left;        /* content not yet read from the file */
    uint64_t sum;
    bool damaged;
};

static bool read_all(int fd, unsigned char *p, size_t n)
{
    while (n > 0) {
        ssize_t got = read(fd, p, n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

/* The next block of n bytes and its sum to `to`; the sum goes behind the block in the buffer. */
static bool read_block(struct source *s, unsigned char *to, size_t n)
{
    struct iovec part[2] = {{to, n}, {s->block + BLOCK, SUM}};
    ssize_t got = readv(s->fd, part, 2);
    size_t done = got < 0 ? 0 : (size_t)got;
    uint64_t sum;

    /* Short reads are rare: finish them plainly. */
    if (done < n && !read_all(s->fd, to + done, n - done))
        return false;
    done = done > n ? done - n : 0;
    if (!read_all(s->fd, s->block + BLOCK + done, SUM - done))
        return false;
    s->sum = sw_checksum(s->sum, to, n);
    memcpy(&sum, s->block + BLOCK, SUM);
    s->left -= n;
    return sum == s->sum;
}

static size_t next_length(const struct source *s)
{
    return s->left < BLOCK ? (size_t)s->left : BLOCK;
}

/* A whole block that is wanted goes straight to where it is wanted. */
static bool get(void *ctx, void *bytes, size_t n)
{
    struct source *s = ctx;
    unsigned char *p = bytes;

    while (n > 0 && !s->damaged) {
        size_t take = s->n - s->at < n ? s->n - s->at : n;
        size_t next = next_length(s);

        if (take > 0) {
            memcpy(p, s->block + s->at, take);
            s->at += take;
        } else if (next == 0) {
            break;
        } else if (n >= next) {
            s->damaged = !read_block(s, p, next);
            take = next;
        } else {
            s->damaged = !read_block(s, s->block, next);
            s->n = next;
            s->at = 0;
        }
        p += take;
        n -= take;
    }
    return n == 0 && !s->damaged;
}

static enum sw_code fail_unusable(const char *path, const char *why, struct sw_err *err)
{
    return sw_fail(err, SW_EBAD, _("snapshot %s cannot be used: %s"), path, why);
}

/* The length a file with this head has. */
static uint64_t file_length(const struct head *h)
{
    return sizeof(*h) + h->length + (h->length + BLOCK - 1) / BLOCK * SUM;
}

static enum sw_code check_head(const char *path, int fd, const struct head *h,
                               const struct sw_lease *lease, struct sw_err *err)
{
    struct stat st;

    if (memcmp(h->magic, magic, sizeof(magic)) != 0 || h->version != VERSION || h->block != BLOCK)
        return fail_unusable(path, _("it is of another version"), err);
    if (h->sum != head_sum(h) || fstat(fd, &st) != 0 || (uint64_t)st.st_size != file_length(h))
        return fail_unusable(path, _("it is damaged"), err);
    if (memcmp(h->database, lease->id, sizeof(h->database)) != 0)
        return fail_unusable(path, _("it belongs to another database"), err);
    if (h->seq <= lease->pos)
        return SW_OK;
    unlink(path);
    (void)sw_place_sync(path, NULL);
    return fail_unusable(path, _("it is ahead of the database, which is an older one; removed"),
                         err);
}

static enum sw_code open_source(const char *path, const struct sw_lease *lease, int *fd,
                                struct head *h, struct sw_err *err)
{
    enum sw_code rc;

    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0)
        return fail_errno(path, err);
    if (read_all(*fd, (unsigned char *)h, sizeof(*h)))
        rc = check_head(path, *fd, h, lease, err);
    else
        rc = fail_unusable(path, _("it is damaged"), err);
    if (rc != SW_OK)
        close(*fd);
    return rc;
}

enum sw_code sw_snapshot_peek(const char *path, const struct sw_lease *lease, char digest[65],
                              int64_t *seq, struct sw_err *err)
{
    struct head h = {0};
    int fd;
    enum sw_code rc = open_source(path, lease, &fd, &h, err);

    if (rc != SW_OK)
        return rc;
    close(fd);
    memcpy(digest, h.rules, sizeof(h.rules));
    digest[sizeof(h.rules)] = '\0';
    *seq = h.seq;
    return SW_OK;
}

struct sw_engine *sw_snapshot_load(const char *path, const struct sw_lease *lease,
                                   struct sw_ruleset *rules, int64_t *seq, struct sw_err *err)
{
    struct sw_engine *e = NULL;
    struct source s = {0};
    struct head h = {0};

    if (open_source(path, lease, &s.fd, &h, err) != SW_OK)
        return NULL;
    posix_fadvise(s.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    s.block = sw_malloc(BLOCK + SUM);
    s.left = h.length;
    s.sum = first_seed(&h);
    e = sw_engine_load(lease->key, rules, seq, get, &s, err);
    if (e == NULL && s.damaged)
        fail_unusable(path, _("it is damaged"), err);
    free(s.block);
    close(s.fd);
    return e;
}
