/* file.c - whole files in and out. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <shouwang/base/file.h>
#include <shouwang/base/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum sw_code fail_errno(struct sw_err *err, const char *path)
{
    enum sw_code code = errno == ENOENT ? SW_ENOTFOUND : SW_EIO;

    return sw_fail(err, code, "%s: %s", path, strerror(errno));
}

static enum sw_code read_fd(int fd, const char *path, size_t max, struct sw_buf *out,
                            struct sw_err *err)
{
    size_t start = out->n;

    for (;;) {
        ssize_t got;

        sw_buf_reserve(out, 65536);
        got = read(fd, out->p + out->n, 65536);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(err, path);
        if (got == 0)
            break;
        out->n += (size_t)got;
        if (out->n - start > max)
            return sw_fail(err, SW_EFULL, "%s: larger than %zu bytes", path, max);
    }
    out->p[out->n] = '\0';
    return SW_OK;
}

enum sw_code sw_file_read(const char *path, size_t max, struct sw_buf *out, struct sw_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum sw_code rc;

    if (fd < 0)
        return fail_errno(err, path);
    rc = read_fd(fd, path, max, out, err);
    close(fd);
    return rc;
}

/* What is not there and what is a folder fails well when it is read. */
bool sw_file_is_regular(const char *path)
{
    struct stat st;

    return stat(path, &st) != 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);
}

enum sw_code sw_file_secret(const char *path, struct sw_buf *out, struct sw_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    enum sw_code rc;
    char *newline;

    if (fd < 0)
        return fail_errno(err, path);
    if (fstat(fd, &st) != 0)
        rc = fail_errno(err, path);
    else if ((st.st_mode & (S_IROTH | S_IWOTH)) != 0)
        rc = sw_fail(err, SW_EINVALID, "%s: everybody may read this secret; chmod 600 it", path);
    else
        rc = read_fd(fd, path, 65536, out, err);
    close(fd);
    if (rc != SW_OK)
        return rc;
    newline = strpbrk(out->p, "\r\n");
    if (newline != NULL)
        out->n = (size_t)(newline - out->p);
    out->p[out->n] = '\0';
    return out->n > 0 ? SW_OK : sw_fail(err, SW_EINVALID, "%s: the first line is empty", path);
}

void sw_file_beside(const char *from, struct sw_str path, struct sw_buf *out)
{
    const char *slash = strrchr(from, '/');

    if (slash != NULL && (path.n == 0 || path.p[0] != '/'))
        sw_buf_put(out, from, (size_t)(slash - from) + 1);
    sw_buf_str(out, path);
}

enum sw_code sw_file_write_all(int fd, const void *bytes, size_t n, struct sw_err *err)
{
    const char *p = bytes;

    while (n > 0) {
        ssize_t put = write(fd, p, n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return sw_fail(err, errno == ENOSPC ? SW_EFULL : SW_EIO, "write: %s", strerror(errno));
        p += put;
        n -= (size_t)put;
    }
    return SW_OK;
}

enum sw_code sw_file_sync_folder(const char *path, struct sw_err *err)
{
    struct sw_buf folder = {0};
    enum sw_code rc = SW_OK;
    int fd;

    sw_file_beside(path, SW_STR("."), &folder);
    fd = open(folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        rc = fail_errno(err, folder.p);
    if (fd >= 0)
        close(fd);
    sw_buf_free(&folder);
    return rc;
}

static enum sw_code write_new(const char *path, struct sw_str text, struct sw_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    enum sw_code rc;

    if (fd < 0)
        return fail_errno(err, path);
    rc = sw_file_write_all(fd, text.p, text.n, err);
    if (rc == SW_OK && fsync(fd) != 0)
        rc = fail_errno(err, path);
    if (close(fd) != 0 && rc == SW_OK)
        rc = fail_errno(err, path);
    return rc;
}

enum sw_code sw_file_replace(const char *path, struct sw_str text, struct sw_err *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    struct sw_buf tmp = {0};
    enum sw_code rc;

    sw_buf_printf(&tmp, "%.*s.%s.new", (int)(name - path), path, name);
    rc = write_new(tmp.p, text, err);
    if (rc == SW_OK && rename(tmp.p, path) != 0)
        rc = fail_errno(err, path);
    if (rc != SW_OK)
        unlink(tmp.p);
    else
        rc = sw_file_sync_folder(path, err);
    sw_buf_free(&tmp);
    return rc;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum sw_code sw_file_list(const char *dir, const char *suffix, char ***paths, size_t *n,
                          struct sw_err *err)
{
    DIR *d = opendir(dir);
    size_t cap = 0;

    *paths = NULL;
    *n = 0;
    if (d == NULL && errno == ENOENT)
        return SW_OK;
    if (d == NULL)
        return fail_errno(err, dir);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        size_t length = strlen(e->d_name);
        struct sw_buf path = {0};

        if (e->d_name[0] == '.' || length <= strlen(suffix) ||
            strcmp(e->d_name + length - strlen(suffix), suffix) != 0)
            continue;
        sw_buf_printf(&path, "%s/%s", dir, e->d_name);
        *paths = sw_grow(*paths, &cap, *n + 1, sizeof(**paths));
        (*paths)[(*n)++] = path.p;
    }
    closedir(d);
    if (*n > 1)
        qsort(*paths, *n, sizeof(**paths), by_bytes);
    return SW_OK;
}
