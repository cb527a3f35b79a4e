/* inbox.c - a folder where departments' tables and the registry's are put: `shouwang import
 * --watch`.
 *
 * A file is taken when nobody has written to it for a while, is worked through, and goes to done/
 * or failed/ with its report as the last step. Killed at any point before, it is worked through
 * again and every row counts once. One process at a time, which a lock in the folder sees to. The
 * folder is looked at again and again: notification does not work on shares. */
#include "registry.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 30, SETTLE_SECONDS = 10, NAMES_TRIED = 100000 };

static volatile sig_atomic_t stopped;

struct waiting {
    char *name;
    struct stat st;
    time_t since; /* unchanged since then, by the monotonic clock */
    bool there;   /* seen in this round */
};

struct inbox {
    struct ctl *c;
    const char *dir, *endpoint, *rules;
    int64_t settle;
    int lock;
    struct waiting *file;
    size_t n, cap;
};

static void on_signal(int number)
{
    stopped = number;
}

static time_t monotonic(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void path_in(const struct inbox *in, const char *folder, const char *name,
                    struct sw_buf *out)
{
    sw_buf_clear(out);
    sw_buf_printf(out, "%s/%s%s%s", in->dir, folder, folder[0] == '\0' ? "" : "/", name);
}

/* ---- which files are complete ------------------------------------------------------------- */

/* Names that programs give to what they are still writing. */
static bool is_unfinished(const char *name)
{
    static const char *const tails[] = {".tmp",      ".part",       ".partial",
                                        ".filepart", ".crdownload", ".swp"};
    size_t n = strlen(name);

    if (name[0] == '.' || name[0] == '~')
        return true;
    for (size_t i = 0; i < SW_COUNTOF(tails); i++) {
        size_t k = strlen(tails[i]);

        if (n > k && strcasecmp(name + n - k, tails[i]) == 0)
            return true;
    }
    return false;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void see(struct inbox *in, const char *name, const struct stat *st)
{
    struct waiting *w = NULL;

    for (size_t i = 0; i < in->n; i++) {
        if (strcmp(in->file[i].name, name) == 0)
            w = &in->file[i];
    }
    if (w == NULL) {
        in->file = sw_grow(in->file, &in->cap, in->n + 1, sizeof(*in->file));
        w = &in->file[in->n++];
        *w = (struct waiting){.name = sw_strdup(name), .st = *st, .since = monotonic()};
    } else if (!is_same(&w->st, st)) {
        w->st = *st;
        w->since = monotonic();
    }
    w->there = true;
}

/* The registry's tables first, in the order in which one needs the other; by name. */
static int by_turn(const void *a, const void *b)
{
    const char *x = ((const struct waiting *)a)->name;
    const char *y = ((const struct waiting *)b)->name;
    int rank = registry_rank(registry_table_of(x)) - registry_rank(registry_table_of(y));

    return rank != 0 ? rank : strcmp(x, y);
}

static void forget_gone(struct inbox *in)
{
    size_t kept = 0;

    for (size_t i = 0; i < in->n; i++) {
        if (in->file[i].there)
            in->file[kept++] = in->file[i];
        else
            free(in->file[i].name);
    }
    in->n = kept;
    if (in->n > 1)
        qsort(in->file, in->n, sizeof(*in->file), by_turn);
}

static bool look(struct inbox *in)
{
    DIR *d = opendir(in->dir);
    struct sw_buf path = {0};

    if (d == NULL) {
        ctl_fail("%s: %s", in->dir, strerror(errno));
        return false;
    }
    for (size_t i = 0; i < in->n; i++)
        in->file[i].there = false;
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        struct stat st;

        path_in(in, "", e->d_name, &path);
        if (!is_unfinished(e->d_name) && lstat(path.p, &st) == 0 && S_ISREG(st.st_mode))
            see(in, e->d_name, &st);
    }
    closedir(d);
    sw_buf_free(&path);
    forget_gone(in);
    return true;
}

/* ---- one file ----------------------------------------------------------------------------- */

enum reading { READ_WHOLE, READ_CHANGED, READ_FAILED };

/* Its bytes, unless somebody has written to it meanwhile. */
static enum reading read_whole(const char *path, struct waiting *w, struct sw_buf *out,
                               struct sw_err *err)
{
    bool fits = w->st.st_size <= FILE_MAX;
    bool good = fits && sw_file_read(path, FILE_MAX, out, err) == SW_OK;
    struct stat st;

    if (lstat(path, &st) != 0)
        return READ_CHANGED;
    if (!is_same(&st, &w->st)) {
        w->st = st;
        return READ_CHANGED;
    }
    if (!fits)
        sw_fail(err, SW_EINVALID, _("%s: it is larger than 1 GiB; send it in parts"), w->name);
    return good ? READ_WHOLE : READ_FAILED;
}

/* A name that nothing in the folder has: NAME, NAME.2, NAME.3 … */
static void free_name(const struct inbox *in, const char *folder, const char *name,
                      struct sw_buf *path)
{
    struct stat st;

    path_in(in, folder, name, path);
    for (int i = 2; lstat(path->p, &st) == 0 && i < NAMES_TRIED; i++) {
        path_in(in, folder, name, path);
        sw_buf_printf(path, ".%d", i);
    }
}

/* What was left by a process that was killed here is taken away. */
static bool is_gone(const char *path)
{
    return unlink(path) == 0 || errno == ENOENT;
}

/* The report first, the file last: what lies in done/ or failed/ is finished. */
static bool put_away(const struct inbox *in, const char *folder, const char *from,
                     const char *rejected, const struct table_job *job, const char *name)
{
    struct sw_buf to = {0};
    struct sw_buf beside = {0};
    struct sw_err err;
    bool good;

    free_name(in, folder, name, &to);
    sw_buf_printf(&beside, "%s.report.txt", to.p);
    good = sw_file_replace(beside.p, sw_buf_view(&job->report), &err) == SW_OK;
    sw_buf_clear(&beside);
    sw_buf_printf(&beside, "%s.rejected.csv", to.p);
    if (good && rename(rejected, beside.p) != 0 && (errno != ENOENT || !is_gone(beside.p)))
        good = sw_fail(&err, SW_EIO, "%s: %s", beside.p, strerror(errno)) == SW_OK;
    if (good && rename(from, to.p) != 0)
        good = sw_fail(&err, SW_EIO, "%s: %s", to.p, strerror(errno)) == SW_OK;
    if (good)
        good = sw_file_sync_folder(to.p, &err) == SW_OK && sw_file_sync_folder(from, &err) == SW_OK;
    if (!good)
        ctl_fail("%s", err.text);
    sw_buf_free(&to);
    sw_buf_free(&beside);
    return good;
}

static enum table_end feed(struct inbox *in, struct table_job *job)
{
    const struct registry_table *own = registry_table_of(job->name);
    struct tables ts;
    struct feeding f;
    enum table_end end = TABLE_UNDONE;

    if (tables_load(&ts, in->rules) && feeding_begin(&f, in->c, in->endpoint, false) == CTL_GOOD) {
        f.file = job->path;
        end = own == NULL ? tables_run(&ts, &f, job) : registry_run(own, ts.schema, &f, job);
        sw_publisher_close(f.publisher);
    }
    tables_free(&ts);
    return end;
}

/* What cannot be read goes to failed/ like a table that is none, and holds up no other. */
static enum table_end take_in(struct inbox *in, struct waiting *w, const char *path,
                              struct table_job *job)
{
    struct sw_buf bytes = {0};
    enum table_end end = TABLE_UNDONE;
    struct sw_err err;

    switch (read_whole(path, w, &bytes, &err)) {
    case READ_WHOLE:
        job->bytes = sw_buf_view(&bytes);
        end = feed(in, job);
        break;
    case READ_FAILED:
        sw_buf_printf(&job->report, "%s\n", err.text);
        end = TABLE_REFUSED;
        break;
    case READ_CHANGED: break;
    }
    sw_buf_free(&bytes);
    return end;
}

/* False: it stays and is tried again. */
static bool work_through(struct inbox *in, struct waiting *w)
{
    struct sw_buf path = {0};
    struct sw_buf rejected = {0};
    struct table_job job = {.path = w->name, .name = w->name, .stop = &stopped};
    enum table_end end;
    bool good = false;

    path_in(in, "", w->name, &path);
    sw_buf_printf(&rejected, "%s/.%s.rejected", in->dir, w->name);
    job.rejected = rejected.p;
    job.told = _("the file beside this report that ends in .rejected.csv");
    end = take_in(in, w, path.p, &job);
    if (end == TABLE_UNDONE) /* else the report lies beside it: cells are not for the journal */
        fwrite(job.report.p, 1, job.report.n, stderr);
    else
        fprintf(stderr, "%s → %s/\n", w->name, end == TABLE_REFUSED ? "failed" : "done");
    if (end != TABLE_UNDONE)
        good = put_away(in, end == TABLE_REFUSED ? "failed" : "done", path.p, rejected.p, &job,
                        w->name);
    w->since = monotonic();
    sw_buf_free(&job.report);
    sw_buf_free(&rejected);
    sw_buf_free(&path);
    return good;
}

/* ---- the folder --------------------------------------------------------------------------- */

static bool make_folder(const struct inbox *in, const char *name)
{
    struct sw_buf path = {0};
    bool good;

    path_in(in, "", name, &path);
    good = mkdir(path.p, 0770) == 0 || errno == EEXIST;
    if (!good)
        ctl_fail("%s: %s", path.p, strerror(errno));
    sw_buf_free(&path);
    return good;
}

static bool take_lock(struct inbox *in)
{
    struct sw_buf path = {0};

    path_in(in, "", ".lock", &path);
    in->lock = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (in->lock < 0)
        ctl_fail("%s: %s", path.p, strerror(errno));
    sw_buf_free(&path);
    if (in->lock >= 0 && flock(in->lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (in->lock >= 0)
        ctl_fail(_("%s: another process works through this folder"), in->dir);
    return false;
}

/* In their order, those that are complete. A table of the registry waits for those before it that
 * are still being written. */
static void work_round(struct inbox *in)
{
    time_t now = monotonic();
    bool waits = false;

    for (size_t i = 0; i < in->n && stopped == 0; i++) {
        bool is_own = registry_table_of(in->file[i].name) != NULL;

        if (now - in->file[i].since < in->settle)
            waits |= is_own;
        else if (!(waits && is_own) && !work_through(in, &in->file[i]))
            break;
    }
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

static int run(struct inbox *in)
{
    const struct timespec pause = {.tv_sec = 1};

    if (!make_folder(in, "") || !make_folder(in, "done") || !make_folder(in, "failed") ||
        !take_lock(in))
        return CTL_FAILED;
    catch_signals();
    fprintf(stderr, _("watching %s\n"), in->dir);
    while (stopped == 0 && look(in)) {
        work_round(in);
        nanosleep(&pause, NULL);
    }
    return stopped != 0 ? CTL_GOOD : CTL_FAILED;
}

int inbox_watch(struct ctl *c, const char *dir, const char *endpoint, const char *settle)
{
    struct inbox in = {
        .c = c, .dir = dir, .endpoint = endpoint, .settle = SETTLE_SECONDS, .lock = -1};
    int status;

    if (ctl_config(c) == NULL)
        return CTL_FAILED;
    in.rules = c->config->rules;
    if (dir == NULL)
        in.dir = c->config->inbox;
    if (in.dir == NULL)
        return ctl_fail(_("which folder? name one, or set inbox: in the configuration"));
    if (settle != NULL && (!sw_str_int(sw_str(settle), &in.settle) || in.settle < 0))
        return ctl_fail(_("--settle takes a number of seconds"));
    status = run(&in);
    for (size_t i = 0; i < in.n; i++)
        free(in.file[i].name);
    free(in.file);
    if (in.lock >= 0)
        close(in.lock);
    return status;
}
