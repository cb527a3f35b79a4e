/* place.c - where a database may lie and who may own it.
 *
 * A directory that cannot be fsynced cannot keep a new file's name through a power cut, and WAL
 * needs memory shared between processes, which network file systems do not give. The lock is
 * flock() on a file of its own: it vanishes with its process however that dies, and it does not
 * keep readers out as SQLite's exclusive mode would. */
#include "sqlite.h"
#include <errno.h>
#include <fcntl.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

static void put_directory(struct sw_buf *out, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        sw_buf_cstr(out, ".");
    else if (slash == path)
        sw_buf_cstr(out, "/");
    else
        sw_buf_put(out, path, (size_t)(slash - path));
}

/* statfs(2) */
static bool is_remote(int fd)
{
    static const uint32_t remote[] = {
        0x6969,     /* NFS */
        0x517b,     /* SMB */
        0xfe534d42, /* SMB2 */
        0xff534d42, /* CIFS */
        0x5346414f, /* AFS */
        0x00c36400, /* Ceph */
    };
    struct statfs fs;

    if (fstatfs(fd, &fs) != 0)
        return false;
    for (size_t i = 0; i < SW_COUNTOF(remote); i++) {
        if ((uint32_t)fs.f_type == remote[i])
            return true;
    }
    return false;
}

static enum sw_code sync_directory(const char *dir, bool refuse_remote, struct sw_err *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum sw_code rc = SW_OK;

    if (fd < 0)
        return sw_fail(err, SW_EIO, _("directory %s: %s; create it and let this user write to it"),
                       dir, strerror(errno));
    if (refuse_remote && is_remote(fd))
        rc = sw_fail(err, SW_EIO,
                     _("directory %s is on a network file system; the database needs a local disk"),
                     dir);
    else if (fsync(fd) != 0)
        rc = sw_fail(err, SW_EIO,
                     _("directory %s cannot be synced to disk (%s); use one on a local disk"), dir,
                     strerror(errno));
    close(fd);
    return rc;
}

static enum sw_code sync_place(const char *path, bool refuse_remote, struct sw_err *err)
{
    struct sw_buf dir = {0};
    enum sw_code rc;

    put_directory(&dir, path);
    rc = sync_directory(dir.p, refuse_remote, err);
    sw_buf_free(&dir);
    return rc;
}

enum sw_code sw_place_check(const char *path, struct sw_err *err)
{
    return sync_place(path, true, err);
}

enum sw_code sw_place_sync(const char *path, struct sw_err *err)
{
    return sync_place(path, false, err);
}

static enum sw_code fail_locked(int fd, const char *path, struct sw_err *err)
{
    char owner[24];
    ssize_t n = pread(fd, owner, sizeof(owner) - 1, 0);

    owner[n > 0 ? n : 0] = '\0';
    return sw_fail(err, SW_EBUSY, _("database %s is in use by process %s; stop that first"), path,
                   n > 0 ? owner : "?");
}

/* For the text above; the lock holds without it. */
static void write_owner(int fd)
{
    char owner[24];
    int n = snprintf(owner, sizeof(owner), "%ld", (long)getpid());

    if (ftruncate(fd, 0) == 0 && pwrite(fd, owner, (size_t)n, 0) == n)
        return;
    (void)!ftruncate(fd, 0);
}

enum sw_code sw_place_lock(const char *path, int *lock, struct sw_err *err)
{
    struct sw_buf name = {0};
    enum sw_code rc = SW_OK;
    int fd;

    sw_buf_printf(&name, "%s.lock", path);
    fd = open(name.p, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        rc = sw_fail(err, SW_EIO, _("%s: %s; let this user write to the directory"), name.p,
                     strerror(errno));
    else if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        rc = errno == EWOULDBLOCK
                 ? fail_locked(fd, path, err)
                 : sw_fail(err, SW_EIO, _("%s cannot be locked: %s"), name.p, strerror(errno));
    sw_buf_free(&name);
    if (rc == SW_OK) {
        write_owner(fd);
        *lock = fd;
    } else if (fd >= 0) {
        close(fd);
    }
    return rc;
}
