/* sql.c - SQLite as this folder uses it: statements, parameters, columns, results as codes. */
#include "sql.h"
#include <errno.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

/* ---- results as codes ----------------------------------------------------------------------- */

/* Everything that is not named here is a bug of ours or a damaged file: SW_EBAD. */
static const struct outcome {
    int rc; /* primary code */
    enum sw_code code;
    const char *text;
} outcomes[] = {
    {SQLITE_FULL, SW_EFULL, N_("the disk is full; make room on it")},
    {SQLITE_BUSY, SW_EBUSY, N_("another program is writing to it")},
    {SQLITE_LOCKED, SW_EBUSY, N_("another connection of this program is using it")},
    {SQLITE_INTERRUPT, SW_EBUSY, N_("this took too long and was stopped; ask for less")},
    {SQLITE_IOERR, SW_EIO, N_("the disk failed; look at the system's log")},
    {SQLITE_CANTOPEN, SW_EIO, N_("it cannot be opened; look at owner and permissions")},
    {SQLITE_READONLY, SW_EIO, N_("it may only be read; look at owner and permissions")},
    {SQLITE_PERM, SW_EIO, N_("it cannot be opened; look at owner and permissions")},
    {SQLITE_NOMEM, SW_EIO, N_("out of memory")},
    {SQLITE_CORRUPT, SW_EBAD, N_("it is damaged; restore a backup")},
    {SQLITE_NOTADB, SW_EBAD, N_("it is no database or it is damaged; restore a backup")},
};

static const struct outcome *outcome_of(const struct sw_db *db, int rc)
{
    static const struct outcome other = {0, SW_EBAD, N_("this should not happen; report it")};

    /* A quota shows as a failed write (SQLite knows ENOSPC only). Other failures of that kind, a
     * sync above all, leave open what is on disk and stay SW_EIO. */
    if (rc == SQLITE_IOERR_WRITE && sqlite3_system_errno(db->handle) == EDQUOT)
        return &outcomes[0];
    for (size_t i = 0; i < SW_COUNTOF(outcomes); i++) {
        if (outcomes[i].rc == (rc & 0xff))
            return &outcomes[i];
    }
    return &other;
}

enum sw_code sw_db_fail(const struct sw_db *db, int rc, struct sw_err *err)
{
    const struct outcome *o = outcome_of(db, rc);

    return sw_fail(err, o->code, _("database %s: %s (SQLite %d: %s)"), db->path, _(o->text), rc,
                   db->handle != NULL ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc));
}

/* ---- connection ----------------------------------------------------------------------------- */

enum sw_code sw_db_open(struct sw_db *db, const char *path, int flags, const char *const *text,
                        size_t n, struct sw_err *err)
{
    enum sw_code code;
    int rc;

    *db = (struct sw_db){.path = sw_strdup(path), .text = text, .n = n};
    db->stmt = sw_calloc(n, sizeof(*db->stmt));
    /* One thread at a time uses a connection, so SQLite's own mutexes would be pure cost. */
    rc = sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                         NULL);
    if (rc == SQLITE_OK)
        return SW_OK;
    code = sw_db_fail(db, rc, err);
    sw_db_close(db);
    return code;
}

void sw_db_close(struct sw_db *db)
{
    for (size_t i = 0; i < db->n; i++)
        sqlite3_finalize(db->stmt[i]);
    sqlite3_close(db->handle);
    free(db->stmt);
    free(db->path);
    *db = (struct sw_db){0};
}

enum sw_code sw_db_exec(struct sw_db *db, const char *sql, struct sw_err *err)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? SW_OK : sw_db_fail(db, rc, err);
}

enum sw_code sw_db_ask(struct sw_db *db, const char *sql, int64_t *out, struct sw_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        *out = sqlite3_column_int64(stmt, 0);
        rc = sqlite3_reset(stmt);
    }
    sqlite3_finalize(stmt);
    return rc == SQLITE_OK ? SW_OK : sw_db_fail(db, rc, err);
}

/* ---- one use of a statement ----------------------------------------------------------------- */

struct sw_use sw_use(struct sw_db *db, int id)
{
    struct sw_use u = {.db = db};
    sqlite3_stmt **stmt = &db->stmt[id];

    if (*stmt == NULL)
        u.rc =
            sqlite3_prepare_v3(db->handle, db->text[id], -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
    u.stmt = *stmt;
    return u;
}

static void keep(struct sw_use *u, int rc)
{
    if (u->rc == SQLITE_OK)
        u->rc = rc;
}

void sw_put_int(struct sw_use *u, int64_t i)
{
    keep(u, sqlite3_bind_int64(u->stmt, ++u->param, i));
}

void sw_put_real(struct sw_use *u, double d)
{
    keep(u, sqlite3_bind_double(u->stmt, ++u->param, d));
}

/* A NULL pointer would bind SQL's NULL. */
static const char *start_of(struct sw_str s)
{
    return s.n == 0 ? "" : s.p;
}

void sw_put_str(struct sw_use *u, struct sw_str s)
{
    keep(u, sqlite3_bind_text64(u->stmt, ++u->param, start_of(s), s.n, SQLITE_STATIC, SQLITE_UTF8));
}

void sw_put_blob(struct sw_use *u, struct sw_str s)
{
    keep(u, sqlite3_bind_blob64(u->stmt, ++u->param, start_of(s), s.n, SQLITE_STATIC));
}

void sw_put_int_or_null(struct sw_use *u, int64_t i)
{
    if (i != 0)
        sw_put_int(u, i);
    else
        keep(u, sqlite3_bind_null(u->stmt, ++u->param));
}

void sw_put_str_or_null(struct sw_use *u, struct sw_str s)
{
    if (s.n != 0)
        sw_put_str(u, s);
    else
        keep(u, sqlite3_bind_null(u->stmt, ++u->param));
}

bool sw_use_row(struct sw_use *u)
{
    if (u->rc == SQLITE_OK || u->rc == SQLITE_ROW)
        u->rc = sqlite3_step(u->stmt);
    u->column = 0;
    return u->rc == SQLITE_ROW;
}

int64_t sw_get_int(struct sw_use *u)
{
    return sqlite3_column_int64(u->stmt, u->column++);
}

double sw_get_real(struct sw_use *u)
{
    return sqlite3_column_double(u->stmt, u->column++);
}

struct sw_str sw_get_str(struct sw_use *u)
{
    int at = u->column++;
    const char *p = sqlite3_column_blob(u->stmt, at); /* unlike text, never copied for a NUL */

    return (struct sw_str){p, (size_t)sqlite3_column_bytes(u->stmt, at)};
}

enum sw_code sw_use_end(struct sw_use *u, struct sw_err *err)
{
    enum sw_code code = SW_OK;

    if (u->rc != SQLITE_OK && u->rc != SQLITE_ROW && u->rc != SQLITE_DONE)
        code = sw_db_fail(u->db, u->rc, err);
    if (u->stmt != NULL) {
        sqlite3_reset(u->stmt); /* repeats the error that is told already */
        sqlite3_clear_bindings(u->stmt);
    }
    return code;
}

enum sw_code sw_use_run(struct sw_use *u, struct sw_err *err)
{
    while (sw_use_row(u)) {}
    return sw_use_end(u, err);
}
