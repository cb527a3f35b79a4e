/* sqlite.h - what the files of the SQLite backend share. Private to store. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include "sql.h"
#include <shouwang/store/backend.h>

/* Owner: one thread at a time, normally the writer's. */
struct sw_store {
    struct sw_db db;
    bool in_memory; /* ":memory:", for tests and backtests */
    bool stopped;   /* a failure left open what is on disk: only a new open() can tell */
    int lock;       /* descriptor of the lock file, -1 */
    /* Pages: in the WAL, of these already copied to the database, and how many are to be in it
     * before a commit copies the next time. */
    int wal, copied, checkpoint_at;
};

/* Statements of the backend. */
enum sw_store_text {
    TEXT_BEGIN,
    TEXT_COMMIT,
    TEXT_ROLLBACK,
    TEXT_FENCE,
    TEXT_OWNER,
    TEXT_EVENT,
    TEXT_BUNDLE,
    TEXT_CASE,
    TEXT_STEP,
    TEXT_STEP_BEFORE,
    TEXT_HEAD,
    TEXT_HEAD_SET,
    TEXT_MESSAGE,
    TEXT_TASK,
    TEXT_TASK_END,
    TEXT_FATE,
    TEXT_OUTBOX,
    TEXT_REJECTED,
    TEXT_REFUSAL,
    TEXT_TRIM_REJECTED,
    TEXT_TAKE_OVER,
    TEXT_META,
    TEXT_READ_LOG,
    TEXT_READ_OUTBOX,
    TEXT_READ_BUNDLE,
    STORE_TEXTS
};

/* place.c: a directory that can be synced, on a local disk; its lock; its sync. */
enum sw_code sw_place_check(const char *path, struct sw_err *err);
enum sw_code sw_place_lock(const char *path, int *lock, struct sw_err *err);
/* fsync of the directory `path` lies in. */
enum sw_code sw_place_sync(const char *path, struct sw_err *err);

/* migrate.c: ordered steps from one version of the file to the next. */
struct sw_migration {
    const char *const *lines; /* SQL, NULL at the end */
    enum sw_code (*then)(struct sw_db *db,
                         struct sw_err *err); /* in the same transaction; or NULL */
};
/* Brings the file to version n, one transaction per step. steps[i] leads to version i + 1. SW_EBAD:
 * not ours, or newer than n. */
enum sw_code sw_migrate(struct sw_db *db, const struct sw_migration *steps, size_t n,
                        struct sw_err *err);
extern const struct sw_migration sw_migrations[];
extern const size_t sw_schema_version;
/* Before anything is changed in it: the file is empty, or ours and not newer than this program. */
enum sw_code sw_check_ours(struct sw_db *db, struct sw_err *err);
/* For reading: ours and of exactly this program's version. */
enum sw_code sw_check_version(struct sw_db *db, struct sw_err *err);

/* check.c: is the file whole? Bounded: a large one is checked at its ends only. */
enum sw_code sw_store_check(struct sw_store *s, struct sw_err *err);
/* Every page and row, without bound; findings go to `row`. */
enum sw_code sw_db_check(struct sw_db *db, const char *pragma,
                         void (*row)(void *ctx, struct sw_str finding), void *ctx,
                         struct sw_err *err);

/* key.c: the key behind all tokens, in a file of its own. The database keeps a print of it, which
 * tells whether a key is its own. */
enum { SW_KEY_PRINT = 32 };
#define SW_KEY_PRINT_NAME "key_print"
void sw_key_print(const struct sw_hash_key *key, char print[SW_KEY_PRINT]);
/* SW_EBAD: the file is missing, holds another key, or is NULL. */
enum sw_code sw_key_read(const char *file, const char print[SW_KEY_PRINT], const char *database,
                         struct sw_hash_key *key, struct sw_err *err);
/* The key is in the file and on disk; SW_EBAD: another one is there, and stays. */
enum sw_code sw_key_keep(const char *file, const char print[SW_KEY_PRINT],
                         const struct sw_hash_key *key, struct sw_err *err);
/* The database has the print in place of the key. */
enum sw_code sw_key_forget(struct sw_db *db, const char print[SW_KEY_PRINT], struct sw_err *err);

/* "seq-n" <-> the row's id. 0: malformed. */
enum { MESSAGE_ID_BITS = 20, MESSAGE_ID_SIZE = 40 };
int64_t sw_message_rowid(struct sw_str id);
struct sw_str sw_message_id(int64_t rowid, char out[MESSAGE_ID_SIZE]);

/* sqlite_commit.c, sqlite_read.c: the backend's functions, see backend.h. */
enum sw_code sw_store_commit(void *handle, const struct sw_commit *c, struct sw_err *err);
enum sw_code sw_store_read_log(void *handle, int64_t after,
                               bool (*row)(void *ctx, const struct sw_input *in), void *ctx,
                               struct sw_err *err);
enum sw_code sw_store_read_outbox(void *handle,
                                  bool (*row)(void *ctx, const struct sw_outbox_row *m), void *ctx,
                                  struct sw_err *err);
enum sw_code sw_store_read_bundle(void *handle, struct sw_str digest, struct sw_buf *out,
                                  struct sw_err *err);
/* The same columns, whoever reads them: of an input; of a step (`number` to `data`); of a message,
 * `id` holding its text; the rules with this digest, the only parameter of `u`. */
struct sw_input sw_get_input(struct sw_use *u);
struct sw_step_row sw_get_step(struct sw_use *u);
struct sw_outbox_row sw_get_outbox(struct sw_use *u, char id[MESSAGE_ID_SIZE]);
enum sw_code sw_use_bundle(struct sw_use *u, struct sw_str digest, struct sw_buf *out,
                           struct sw_err *err);
/* What the database says of itself under a name; *found: it does, in so many bytes. */
enum sw_code sw_use_meta(struct sw_use *u, const char *name, void *out, size_t size, bool *found,
                         struct sw_err *err);
/* sqlite_record.c: append steps to the record. */
enum sw_code sw_store_add_steps(struct sw_db *db, const struct sw_step_row *at, size_t n,
                                struct sw_err *err);
/* Chain the steps of a database that has none chained. */
enum sw_code sw_store_seal_steps(struct sw_db *db, struct sw_err *err);
/* sqlite.c: copy the WAL into the database, as far as readers allow. */
enum sw_code sw_store_checkpoint(struct sw_store *s, struct sw_err *err);
/* Stops the store for good when `rc` leaves open what is on disk. Returns rc. */
enum sw_code sw_store_note(struct sw_store *s, enum sw_code rc);

#endif
