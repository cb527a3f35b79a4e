/* migrate.c - the file's versions: an ordered list of steps, each one transaction that ends by
 * setting PRAGMA user_version, so that a step is done wholly or not at all.
 *
 * A released step is never changed; what comes later is a step of its own. Test upgrades with files
 * made by the steps before. A file that is newer than the program is refused: an older program
 * would not know what it breaks. */
#include "sqlite.h"
#include <shouwang/base/crypt.h>
#include <shouwang/base/i18n.h>

/* schema.sql, one string per line. */
static const char *const schema_1[] = {
#include "schema.inc"
    NULL};

static const char *const deadlines_2[] = {
    "ALTER TABLE cases ADD COLUMN due INTEGER NOT NULL DEFAULT 0;", /* 0: not said */
    NULL};

/* Tasks end; one is open for a household and rule at a time. */
static const char *const tasks_3[] = {
    "ALTER TABLE task ADD COLUMN closed INTEGER;\n",
    "DELETE FROM task WHERE id NOT IN (SELECT max(id) FROM task GROUP BY household, rule);\n",
    "CREATE UNIQUE INDEX task_open ON task(household, rule) WHERE closed IS NULL;\n", NULL};

/* Steps carry what they prove, and are chained: record.h. */
static const char *const record_4[] = {
    "ALTER TABLE step ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;\n", /* 0: not known */
    "ALTER TABLE step ADD COLUMN data TEXT NOT NULL DEFAULT '';\n",
    "ALTER TABLE step ADD COLUMN hash BLOB NOT NULL DEFAULT x'';\n",
    "ALTER TABLE step ADD COLUMN link BLOB NOT NULL DEFAULT x'';\n",
    "ALTER TABLE part ADD COLUMN n_step INTEGER NOT NULL DEFAULT 0;\n",
    "ALTER TABLE part ADD COLUMN head BLOB NOT NULL DEFAULT x'';\n",
    NULL};

static const char *const tasks_5[] = {
    "ALTER TABLE task ADD COLUMN area TEXT NOT NULL DEFAULT '';\n", /* code; empty: not known */
    NULL};

/* Older programs look for the key in meta: they are to refuse the file by its version. */
static const char *const key_6[] = {"-- the key may be in a file of its own: key.c\n", NULL};

static enum sw_code put_meta(struct sw_db *db, const char *name, struct sw_str value, bool is_blob,
                             struct sw_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db->handle, "INSERT INTO meta VALUES (?1, ?2)", -1, &stmt, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK && is_blob)
        rc = sqlite3_bind_blob64(stmt, 2, value.p, value.n, SQLITE_STATIC);
    else if (rc == SQLITE_OK)
        rc = sqlite3_bind_text64(stmt, 2, value.p, value.n, SQLITE_STATIC, SQLITE_UTF8);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? SW_OK : sw_db_fail(db, rc, err);
}

/* What is particular to this file. */
static enum sw_code make_identity(struct sw_db *db, struct sw_err *err)
{
    unsigned char bytes[32];
    struct sw_buf id = {0};
    enum sw_code rc;

    sw_random(bytes, sizeof(bytes));
    sw_hex_put(&id, (struct sw_str){(const char *)bytes, 16});
    rc = put_meta(db, "id", sw_buf_view(&id), false, err);
    if (rc == SW_OK)
        rc = put_meta(db, "key", (struct sw_str){(const char *)bytes + 16, 16}, true, err);
    if (rc == SW_OK)
        rc = sw_db_exec(db, "INSERT INTO part (part, epoch, pos) VALUES (0, 0, 0)", err);
    sw_buf_free(&id);
    return rc;
}

const struct sw_migration sw_migrations[] = {
    {schema_1, make_identity},       {deadlines_2, NULL}, {tasks_3, NULL},
    {record_4, sw_store_seal_steps}, {tasks_5, NULL},     {key_6, NULL},
};
const size_t sw_schema_version = SW_COUNTOF(sw_migrations);

static enum sw_code run_step(struct sw_db *db, const struct sw_migration *step, size_t version,
                             struct sw_err *err)
{
    struct sw_buf sql = {0};
    enum sw_code rc;

    for (const char *const *line = step->lines; *line != NULL; line++)
        sw_buf_cstr(&sql, *line);
    rc = sw_db_exec(db, "BEGIN IMMEDIATE", err);
    if (rc == SW_OK)
        rc = sw_db_exec(db, sql.p, err);
    if (rc == SW_OK && step->then != NULL)
        rc = step->then(db, err);
    sw_buf_clear(&sql);
    sw_buf_printf(&sql, "PRAGMA application_id = %d; PRAGMA user_version = %zu; COMMIT",
                  SW_APPLICATION_ID, version);
    if (rc == SW_OK)
        rc = sw_db_exec(db, sql.p, err);
    if (rc != SW_OK)
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    sw_buf_free(&sql);
    return rc;
}

static enum sw_code fail_newer(const struct sw_db *db, int64_t version, size_t n,
                               struct sw_err *err)
{
    return sw_fail(err, SW_EBAD,
                   _("database %s has version %lld, this program knows up to %zu: install the "
                     "newer program, or restore the backup made before the upgrade"),
                   db->path, (long long)version, n);
}

/* The file's version, at most n; 0: nothing in it yet. */
static enum sw_code read_version(struct sw_db *db, int64_t *version, size_t n, struct sw_err *err)
{
    int64_t application = 0;
    int64_t tables = 0;
    enum sw_code rc = sw_db_ask(db, "PRAGMA user_version", version, err);

    if (rc == SW_OK)
        rc = sw_db_ask(db, "PRAGMA application_id", &application, err);
    if (rc == SW_OK)
        rc = sw_db_ask(db, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (rc != SW_OK)
        return rc;
    if (application != SW_APPLICATION_ID && (application != 0 || *version != 0 || tables != 0))
        return sw_fail(err, SW_EBAD, _("%s is a database of another program"), db->path);
    return *version >= 0 && (size_t)*version <= n ? SW_OK : fail_newer(db, *version, n, err);
}

enum sw_code sw_migrate(struct sw_db *db, const struct sw_migration *steps, size_t n,
                        struct sw_err *err)
{
    int64_t version = 0;
    enum sw_code rc = read_version(db, &version, n, err);

    for (size_t v = (size_t)version; rc == SW_OK && v < n; v++)
        rc = run_step(db, &steps[v], v + 1, err);
    return rc;
}

enum sw_code sw_check_ours(struct sw_db *db, struct sw_err *err)
{
    int64_t version;

    return read_version(db, &version, sw_schema_version, err);
}

enum sw_code sw_check_version(struct sw_db *db, struct sw_err *err)
{
    int64_t version = 0;
    enum sw_code rc = read_version(db, &version, sw_schema_version, err);

    if (rc == SW_OK && (size_t)version < sw_schema_version)
        rc = sw_fail(err, SW_EBAD,
                     _("database %s has version %lld, this program reads %zu: start the service "
                       "once to bring it up to date"),
                     db->path, (long long)version, sw_schema_version);
    return rc;
}
