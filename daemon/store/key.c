/* key.c - the key that makes tokens of numbers and names, in a file of its own.
 *
 * An identity number has little that cannot be guessed: who has the tokens and the key finds it by
 * trying. So the key does not stay where the tokens are. The database only keeps a print of it, an
 * HMAC of a fixed text, from which the key cannot be had. The file is text: 32 hex digits. */
#include "sqlite.h"
#include <errno.h>
#include <fcntl.h>
#include <shouwang/base/crypt.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEX = 2 * sizeof(struct sw_hash_key) };

static struct sw_str bytes_of(const struct sw_hash_key *key)
{
    return (struct sw_str){(const char *)key, sizeof(*key)};
}

void sw_key_print(const struct sw_hash_key *key, char print[SW_KEY_PRINT])
{
    unsigned char digest[SW_DIGEST_MAX];
    struct sw_buf hex = {0};

    sw_hmac("sha256", bytes_of(key), SW_STR("the key of a database of shouwang"), digest);
    sw_hex_put(&hex, (struct sw_str){(const char *)digest, SW_KEY_PRINT / 2});
    memcpy(print, hex.p, SW_KEY_PRINT);
    sw_buf_free(&hex);
}

/* ---- the file ----------------------------------------------------------------------------- */

/* SW_ENOTFOUND: there is no file. */
static enum sw_code read_file(const char *file, const char print[SW_KEY_PRINT],
                              struct sw_hash_key *key, struct sw_err *err)
{
    char found[SW_KEY_PRINT];
    struct sw_buf text = {0};
    enum sw_code rc = sw_file_secret(file, &text, err);

    if (rc == SW_OK && !sw_hex_read(sw_buf_view(&text), (unsigned char *)key, sizeof(*key)))
        rc = sw_fail(err, SW_EBAD, _("key file %s is damaged: it should hold %d hex digits"), file,
                     (int)HEX);
    if (rc == SW_OK) {
        sw_key_print(key, found);
        if (memcmp(found, print, SW_KEY_PRINT) != 0)
            rc = sw_fail(err, SW_EBAD, _("key file %s is that of another database"), file);
    }
    if (text.n > 0)
        explicit_bzero(text.p, text.n);
    sw_buf_free(&text);
    return rc;
}

enum sw_code sw_key_read(const char *file, const char print[SW_KEY_PRINT], const char *database,
                         struct sw_hash_key *key, struct sw_err *err)
{
    enum sw_code rc;

    if (file == NULL)
        return sw_fail(
            err, SW_EBAD,
            _("the key of database %s is in a file of its own, and it is not said which"),
            database);
    rc = read_file(file, print, key, err);
    if (rc != SW_ENOTFOUND)
        return rc;
    return sw_fail(err, SW_EBAD,
                   _("key file %s is missing: put back the one that belongs to the database, "
                     "nobody can be recognised without it"),
                   file);
}

static enum sw_code fail_errno(const char *path, struct sw_err *err)
{
    return sw_fail(err, errno == ENOSPC || errno == EDQUOT ? SW_EFULL : SW_EIO,
                   _("key file %s: %s"), path, strerror(errno));
}

static enum sw_code write_file(const char *path, struct sw_str text, struct sw_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    enum sw_code rc = SW_OK;

    if (fd < 0)
        return fail_errno(path, err);
    if (fchmod(fd, 0600) != 0) /* one that was left half written */
        rc = fail_errno(path, err);
    if (rc == SW_OK)
        rc = sw_file_write_all(fd, text.p, text.n, err);
    if (rc == SW_OK && fsync(fd) != 0)
        rc = fail_errno(path, err);
    close(fd);
    return rc;
}

enum sw_code sw_key_keep(const char *file, const char print[SW_KEY_PRINT],
                         const struct sw_hash_key *key, struct sw_err *err)
{
    struct sw_hash_key there;
    struct sw_buf text = {0};
    struct sw_buf part = {0};
    enum sw_code rc = read_file(file, print, &there, err);

    explicit_bzero(&there, sizeof(there));
    if (rc != SW_ENOTFOUND)
        return rc == SW_OK ? sw_file_sync_folder(file, err) : rc;
    sw_hex_put(&text, bytes_of(key));
    sw_buf_char(&text, '\n');
    sw_buf_printf(&part, "%s.new", file);
    rc = write_file(part.p, sw_buf_view(&text), err);
    if (rc == SW_OK && rename(part.p, file) != 0)
        rc = fail_errno(file, err);
    if (rc == SW_OK)
        rc = sw_file_sync_folder(file, err);
    explicit_bzero(text.p, text.n);
    sw_buf_free(&text);
    sw_buf_free(&part);
    return rc;
}

/* ---- the database ------------------------------------------------------------------------- */

enum sw_code sw_key_forget(struct sw_db *db, const char print[SW_KEY_PRINT], struct sw_err *err)
{
    struct sw_buf sql = {0};
    enum sw_code rc;

    sw_buf_printf(&sql,
                  "BEGIN IMMEDIATE; INSERT OR REPLACE INTO meta VALUES ('" SW_KEY_PRINT_NAME
                  "', '%.*s'); DELETE FROM meta WHERE name = 'key'; COMMIT",
                  SW_KEY_PRINT, print);
    rc = sw_db_exec(db, sql.p, err);
    if (rc != SW_OK)
        (void)sw_db_exec(db, "ROLLBACK", NULL);
    sw_buf_free(&sql);
    return rc;
}
