/* sql.h - SQLite as this folder uses it: one table of statements per connection, and results as
 * codes. Private to store.
 *
 * A statement is prepared when it is first used and kept. One use is
 *
 *     struct sw_use u = sw_use(db, TEXT_ID);
 *     sw_put_int(&u, number);                 parameters in order
 *     while (sw_use_row(&u))
 *         … sw_get_str(&u) …                  columns in order
 *     rc = sw_use_end(&u, err);               always: resets, clears, tells
 *
 * Any result of SQLite but "row" and "done" is an error and sticks until the end of the use. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <shouwang/base/err.h>
#include <shouwang/base/str.h>
#include <sqlite3.h>

/* "SWdb" in the file's header: tells our files from other people's. */
#define SW_APPLICATION_ID 0x53576462

struct sw_db {
    sqlite3 *handle;
    char *path;
    const char *const *text; /* SQL by id */
    sqlite3_stmt **stmt;
    size_t n;
};

struct sw_use {
    struct sw_db *db;
    sqlite3_stmt *stmt;
    int rc;     /* SQLITE_OK, ROW or DONE, or the first error */
    int param;  /* parameters set */
    int column; /* columns read of the row at hand */
};

/* `text`: n statements, outlives the connection. On failure *db is closed. */
enum sw_code sw_db_open(struct sw_db *db, const char *path, int flags, const char *const *text,
                        size_t n, struct sw_err *err);
void sw_db_close(struct sw_db *db);
/* Statements without rows, from a text that is used once. */
enum sw_code sw_db_exec(struct sw_db *db, const char *sql, struct sw_err *err);
/* The first column of the first row of a text that is used once. */
enum sw_code sw_db_ask(struct sw_db *db, const char *sql, int64_t *out, struct sw_err *err);
/* SQLite's result `rc` of the last call on this connection as a code and a text. */
enum sw_code sw_db_fail(const struct sw_db *db, int rc, struct sw_err *err);

struct sw_use sw_use(struct sw_db *db, int id);
void sw_put_int(struct sw_use *u, int64_t i);
void sw_put_real(struct sw_use *u, double d);
void sw_put_str(struct sw_use *u, struct sw_str s); /* borrowed until the end of the use */
void sw_put_blob(struct sw_use *u, struct sw_str s);
/* NULL when the number is 0 or the text is empty. */
void sw_put_int_or_null(struct sw_use *u, int64_t i);
void sw_put_str_or_null(struct sw_use *u, struct sw_str s);
/* True: the next row is there. False: no more rows, or an error. */
bool sw_use_row(struct sw_use *u);
int64_t sw_get_int(struct sw_use *u);
double sw_get_real(struct sw_use *u);
struct sw_str sw_get_str(struct sw_use *u); /* text or blob, valid until the next row or the end */
enum sw_code sw_use_end(struct sw_use *u, struct sw_err *err);
/* A use that gives no rows, from the parameters to the end. */
enum sw_code sw_use_run(struct sw_use *u, struct sw_err *err);

#endif
