/* sqlite.c - the store in one SQLite file: opening, taking over, checkpoints, closing.
 *
 * WAL with synchronous=FULL: what commit() has returned is on disk. The WAL is copied back here and
 * nowhere else (SQLite's own checkpoints are off): when nothing is to be done, and before a commit
 * that finds it WAL_LONG pages long, so that sustained load cannot put it off for ever and the
 * batch before is acknowledged without waiting for it. Long, because each page then goes back once
 * for many commits; not longer, because the commit that waits for it gets slow (measured over 2 M
 * events: the same rate at 40 and 80 MB, the slowest commit 0.09-0.23 s against 0.38-0.45 s; a
 * tenth slower below 20 MB). */
#include "sqlite.h"
#include <fcntl.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>
#include <unistd.h>

/* Pages of 8 KiB: 16 events each; a fifth faster than SQLite's 4 KiB both ways (measured). */
#define PAGE_SIZE_PRAGMA "PRAGMA page_size = 8192;"

enum {
    PAGE = 8192,
    WAL_LONG = (40 << 20) / PAGE, /* copy before the next commit */
    WAL_IDLE = (4 << 20) / PAGE,  /* copy when there is nothing else to do */
    WAL_AGAIN = WAL_LONG / 4,     /* something was in the way: try after this many more pages */
};

static const char *const texts[STORE_TEXTS] = {
    [TEXT_BEGIN] = "BEGIN IMMEDIATE",
    [TEXT_COMMIT] = "COMMIT",
    [TEXT_ROLLBACK] = "ROLLBACK",
    [TEXT_FENCE] = "UPDATE part SET pos = ?3, n_event = n_event + ?4, n_reply = n_reply + ?5,"
                   " n_fate = n_fate + ?6, n_tick = n_tick + ?7, n_rules = n_rules + ?8,"
                   " n_history = n_history + ?9 WHERE part = 0 AND epoch = ?1 AND pos = ?2",
    [TEXT_OWNER] = "SELECT epoch, pos FROM part WHERE part = 0",
    [TEXT_EVENT] = "INSERT INTO event (seq, now, kind, body) VALUES (?1, ?2, ?3, ?4)",
    [TEXT_BUNDLE] = "INSERT INTO bundle (digest, body) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [TEXT_CASE] =
        "INSERT INTO cases (number, household, area, place, name, state, level, outcome, owner,"
        " causes, rules, score, opened, updated, due)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
        " ON CONFLICT (number) DO UPDATE SET household = ?2, area = ?3, place = ?4, name = ?5,"
        " state = ?6, level = ?7, outcome = ?8, owner = ?9, causes = ?10, rules = ?11,"
        " score = ?12, opened = ?13, updated = ?14, due = ?15",
    [TEXT_STEP] = "INSERT INTO step (number, at, kind, actor, text, seq, data, hash, link)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [TEXT_STEP_BEFORE] = "SELECT hash FROM step WHERE number = ?1 ORDER BY id DESC LIMIT 1",
    [TEXT_HEAD] = "SELECT n_step, head FROM part WHERE part = 0",
    [TEXT_HEAD_SET] = "UPDATE part SET n_step = ?1, head = ?2 WHERE part = 0",
    [TEXT_MESSAGE] = "INSERT INTO message (id, number, kind, gateway, receiver, body, created,"
                     " expires, next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7)",
    [TEXT_TASK] = "INSERT INTO task (household, area, rule, text, opened)"
                  " VALUES (?1, ?2, ?3, ?4, ?5)"
                  " ON CONFLICT (household, rule) WHERE closed IS NULL"
                  " DO UPDATE SET text = excluded.text",
    [TEXT_TASK_END] = "UPDATE task SET closed = ?3 WHERE household = ?1 AND rule = ?2"
                      " AND closed IS NULL",
    [TEXT_FATE] = "UPDATE message SET fate = ?2, detail = ?3, fate_at = ?4 WHERE id = ?1",
    [TEXT_OUTBOX] = "UPDATE message SET state = ?2, attempts = ?3, next_at = ?4,"
                    " detail = coalesce(?5, detail) WHERE id = ?1",
    [TEXT_REJECTED] =
        "INSERT INTO rejected (at, door, reason, text, body) VALUES (?1, ?2, ?3, ?4, ?5)",
    [TEXT_REFUSAL] = "INSERT INTO refusal (reason, n) VALUES (?1, 1)"
                     " ON CONFLICT (reason) DO UPDATE SET n = n + 1",
    [TEXT_TRIM_REJECTED] = "DELETE FROM rejected WHERE id <= (SELECT max(id) FROM rejected) - ?1",
    [TEXT_TAKE_OVER] = "UPDATE part SET epoch = epoch + 1 WHERE part = 0 RETURNING epoch, pos",
    [TEXT_META] = "SELECT value FROM meta WHERE name = ?1",
    [TEXT_READ_LOG] = "SELECT seq, now, kind, body FROM event WHERE seq > ?1 ORDER BY seq",
    [TEXT_READ_OUTBOX] =
        "SELECT id, number, kind, gateway, receiver, body, created, expires, state, attempts,"
        " next_at FROM message WHERE state <> 2 ORDER BY id",
    [TEXT_READ_BUNDLE] = "SELECT body FROM bundle WHERE digest = ?1",
};

/* ---- checkpoints ---------------------------------------------------------------------------- */

static int note_wal(void *ctx, sqlite3 *handle, const char *schema, int pages)
{
    struct sw_store *s = ctx;

    (void)handle;
    (void)schema;
    if (pages < s->wal) { /* it was copied wholly and begins anew */
        s->copied = 0;
        s->checkpoint_at = WAL_LONG;
    }
    s->wal = pages;
    return SQLITE_OK;
}

enum sw_code sw_store_checkpoint(struct sw_store *s, struct sw_err *err)
{
    int rc;

    /* PASSIVE never waits for readers: it copies up to the oldest one's view. */
    rc = sqlite3_wal_checkpoint_v2(s->db.handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &s->wal,
                                   &s->copied);
    s->checkpoint_at = s->wal + (s->copied == s->wal ? WAL_LONG : WAL_AGAIN);
    return rc == SQLITE_OK || rc == SQLITE_BUSY ? SW_OK : sw_db_fail(&s->db, rc, err);
}

enum sw_code sw_store_note(struct sw_store *s, enum sw_code rc)
{
    int on = 1;

    if (rc == SW_OK || rc == SW_EFULL || rc == SW_EBUSY || s->stopped)
        return rc;
    s->stopped = true;
    /* Closing must not write either. */
    sqlite3_db_config(s->db.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on, NULL);
    return rc;
}

static enum sw_code idle(void *handle, struct sw_err *err)
{
    struct sw_store *s = handle;

    if (s->stopped || s->wal - s->copied < WAL_IDLE)
        return SW_OK;
    return sw_store_note(s, sw_store_checkpoint(s, err));
}

/* ---- opening: these in order ---------------------------------------------------------------- */

static enum sw_code find_place(struct sw_store *s, const char *where, struct sw_err *err)
{
    enum sw_code rc;
    int fd;

    if (s->in_memory)
        return SW_OK;
    rc = sw_place_check(where, err);
    if (rc == SW_OK)
        rc = sw_place_lock(where, &s->lock, err);
    if (rc != SW_OK)
        return rc;
    /* Made here and not by SQLite for its permissions; the WAL follows them. A failure is better
     * told by SQLite. */
    fd = open(where, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd >= 0)
        close(fd);
    return SW_OK;
}

static enum sw_code connect_to(struct sw_store *s, const char *where, struct sw_err *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

    return sw_db_open(&s->db, where, flags, texts, STORE_TEXTS, err);
}

static enum sw_code look_first(struct sw_store *s, const char *where, struct sw_err *err)
{
    enum sw_code rc =
        sw_db_exec(&s->db, "PRAGMA busy_timeout = 2000; PRAGMA trusted_schema = OFF;", err);

    (void)where;
    return rc == SW_OK ? sw_check_ours(&s->db, err) : rc;
}

/* SQLite keeps the old journal mode without an error when it cannot change it: ask. */
static enum sw_code begin_wal(struct sw_store *s, const char *where, struct sw_err *err)
{
    int64_t is_wal = 0;
    enum sw_code rc = sw_db_exec(&s->db, PAGE_SIZE_PRAGMA "PRAGMA journal_mode = WAL;", err);

    if (rc == SW_OK)
        rc =
            sw_db_ask(&s->db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal, err);
    if (rc == SW_OK && is_wal == 0 && !s->in_memory)
        rc = sw_fail(err, SW_EIO,
                     _("database %s cannot keep a write-ahead log here; use a local disk"), where);
    return rc;
}

static enum sw_code configure(struct sw_store *s, const char *where, struct sw_err *err)
{
    int keep_wal = 1; /* the file stays, so that a reader without write permission can open it */

    (void)where;
    sqlite3_file_control(s->db.handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep_wal);
    sqlite3_wal_hook(s->db.handle, note_wal, s); /* also ends SQLite's own checkpoints */
    return sw_db_exec(&s->db,
                      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                      "PRAGMA secure_delete = FAST; PRAGMA cache_size = -16384;"
                      "PRAGMA journal_size_limit = 67108864;",
                      err);
}

static enum sw_code bring_up_to_date(struct sw_store *s, const char *where, struct sw_err *err)
{
    (void)where;
    return sw_migrate(&s->db, sw_migrations, sw_schema_version, err);
}

static enum sw_code check(struct sw_store *s, const char *where, struct sw_err *err)
{
    (void)where;
    return sw_store_check(s, err);
}

/* What the last owner left in the WAL goes into the database now. Were it ended by a failed sync,
 * pages may be in the system's memory only and count as clean: copied, they are written anew. */
static enum sw_code settle(struct sw_store *s, const char *where, struct sw_err *err)
{
    int rc = sqlite3_wal_checkpoint_v2(s->db.handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

    if (rc == SQLITE_OK || rc == SQLITE_BUSY) /* busy: a reader; it will be done in its time */
        return s->in_memory ? SW_OK : sw_place_sync(where, err);
    return sw_db_fail(&s->db, rc, err);
}

/* Steps of open(), each relying on those before. */
static enum sw_code (*const opening[])(struct sw_store *s, const char *where,
                                       struct sw_err *err) = {
    find_place, connect_to, look_first, begin_wal, configure, bring_up_to_date, check, settle,
};

static enum sw_code read_meta(struct sw_store *s, const char *name, void *out, size_t size,
                              bool *found, struct sw_err *err)
{
    struct sw_use u = sw_use(&s->db, TEXT_META);

    return sw_use_meta(&u, name, out, size, found, err);
}

static enum sw_code read_identity(struct sw_store *s, struct sw_lease *lease, struct sw_err *err)
{
    char print[SW_KEY_PRINT];
    bool has_id;
    bool has_print = false;
    enum sw_code rc = read_meta(s, "id", lease->id, sizeof(lease->id) - 1, &has_id, err);

    if (rc == SW_OK)
        rc = read_meta(s, "key", &lease->key, sizeof(lease->key), &lease->has_key, err);
    if (rc == SW_OK && !lease->has_key)
        rc = read_meta(s, SW_KEY_PRINT_NAME, print, sizeof(print), &has_print, err);
    if (rc == SW_OK && (!has_id || (!lease->has_key && !has_print)))
        rc = sw_fail(err, SW_EBAD, _("database %s is damaged: meta has no proper %s"), s->db.path,
                     has_id ? "key" : "id");
    return rc;
}

/* Into the file first: a kill between the two leaves both, and they are the same. */
static enum sw_code move_key(void *handle, const char *file, struct sw_lease *lease,
                             struct sw_err *err)
{
    struct sw_store *s = handle;
    char print[SW_KEY_PRINT];
    bool has_print;
    enum sw_code rc;

    if (!lease->has_key) {
        rc = read_meta(s, SW_KEY_PRINT_NAME, print, sizeof(print), &has_print, err);
        return rc == SW_OK ? sw_key_read(file, print, s->db.path, &lease->key, err) : rc;
    }
    sw_key_print(&lease->key, print);
    rc = sw_key_keep(file, print, &lease->key, err);
    if (rc == SW_OK)
        rc = sw_key_forget(&s->db, print, err);
    lease->has_key = rc != SW_OK;
    return rc == SW_OK ? settle(s, s->db.path, err) : rc;
}

static enum sw_code take_over(struct sw_store *s, struct sw_lease *out, struct sw_err *err)
{
    struct sw_lease lease = {0};
    struct sw_use u;
    enum sw_code rc = read_identity(s, &lease, err);

    if (rc != SW_OK)
        return rc;
    u = sw_use(&s->db, TEXT_TAKE_OVER);
    while (sw_use_row(&u)) {
        lease.epoch = sw_get_int(&u);
        lease.pos = sw_get_int(&u);
    }
    rc = sw_use_end(&u, err);
    if (rc == SW_OK && lease.epoch == 0)
        rc = sw_fail(err, SW_EBAD, _("database %s is damaged: nothing is in part"), s->db.path);
    *out = lease;
    return rc;
}

static void close_store(void *handle)
{
    struct sw_store *s = handle;

    sw_db_close(&s->db);
    if (s->lock >= 0)
        close(s->lock);
    free(s);
}

static enum sw_code open_store(void **handle, const char *where, struct sw_lease *out,
                               struct sw_err *err)
{
    struct sw_store *s = sw_calloc(1, sizeof(*s));
    enum sw_code rc = SW_OK;

    s->in_memory = strcmp(where, ":memory:") == 0;
    s->lock = -1;
    s->checkpoint_at = WAL_LONG;
    for (size_t i = 0; rc == SW_OK && i < SW_COUNTOF(opening); i++)
        rc = opening[i](s, where, err);
    if (rc == SW_OK)
        rc = take_over(s, out, err);
    if (rc == SW_OK)
        *handle = s;
    else
        close_store(s);
    return rc;
}

const struct sw_backend sw_backend_sqlite = {
    .name = "sqlite",
    .open = open_store,
    .move_key = move_key,
    .commit = sw_store_commit,
    .read_log = sw_store_read_log,
    .read_outbox = sw_store_read_outbox,
    .read_bundle = sw_store_read_bundle,
    .idle = idle,
    .close = close_store,
};
