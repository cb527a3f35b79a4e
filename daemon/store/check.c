/* check.c - is the file whole?
 *
 * SQLite's quick_check reads every page: right for a small file at each start, but 12 M events are
 * 6 GB and more than ten seconds. Above CHECK_ALL bytes a start therefore checks the small tables
 * wholly and, of the log, what this start relies on: that it ends where `part` says and that its
 * newest rows are there one by one. Reading the log back checks the rest as it goes, and the
 * command-line tool can check everything at any time (sw_query_check). */
#include "sqlite.h"
#include <shouwang/base/buf.h>
#include <shouwang/base/i18n.h>

enum { CHECK_ALL = 64 << 20, NEWEST = 1000 };

/* quick_check gives rows of text, a single "ok" when it finds nothing: without reading them a
 * damaged file would pass. */
enum sw_code sw_db_check(struct sw_db *db, const char *pragma,
                         void (*row)(void *ctx, struct sw_str finding), void *ctx,
                         struct sw_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db->handle, pragma, -1, &stmt, NULL);

    while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct sw_str text = sw_str((const char *)sqlite3_column_text(stmt, 0));

        if (!sw_str_is(text, "ok"))
            row(ctx, text);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? SW_OK : sw_db_fail(db, rc, err);
}

static void collect(void *ctx, struct sw_str finding)
{
    struct sw_buf *out = ctx;

    sw_buf_cstr(out, out->n == 0 ? "" : "; ");
    for (size_t i = 0; i < finding.n; i++)
        sw_buf_char(out, finding.p[i] == '\n' ? ' ' : finding.p[i]);
}

static enum sw_code quick_check(struct sw_db *db, const char *pragma, struct sw_err *err)
{
    struct sw_buf findings = {0};
    enum sw_code rc = sw_db_check(db, pragma, collect, &findings, err);

    if (rc == SW_OK && findings.n > 0)
        rc = sw_fail(err, SW_EBAD, _("database %s is damaged; restore a backup (%s)"), db->path,
                     findings.p);
    sw_buf_free(&findings);
    return rc;
}

static bool note_seq(void *ctx, const struct sw_input *in)
{
    *(int64_t *)ctx = in->seq;
    return true;
}

static enum sw_code check_newest(struct sw_store *s, struct sw_err *err)
{
    int64_t pos = 0;
    int64_t last;
    enum sw_code rc = sw_db_ask(&s->db, "SELECT pos FROM part WHERE part = 0", &pos, err);

    last = pos > NEWEST ? pos - NEWEST : 0;
    if (rc == SW_OK)
        rc = sw_store_read_log(s, last, note_seq, &last, err);
    if (rc == SW_OK && last != pos)
        rc = sw_fail(err, SW_EBAD,
                     _("database %s is damaged: its log ends at %lld instead of %lld; restore a "
                       "backup"),
                     s->db.path, (long long)last, (long long)pos);
    return rc;
}

enum sw_code sw_store_check(struct sw_store *s, struct sw_err *err)
{
    static const char *const small[] = {"PRAGMA quick_check('meta')", "PRAGMA quick_check('part')",
                                        "PRAGMA quick_check('bundle')",
                                        "PRAGMA quick_check('refusal')"};
    int64_t bytes = 0;
    enum sw_code rc =
        sw_db_ask(&s->db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
                  &bytes, err);

    if (rc == SW_OK && bytes <= CHECK_ALL)
        rc = quick_check(&s->db, "PRAGMA quick_check(3)", err);
    for (size_t i = 0; rc == SW_OK && bytes > CHECK_ALL && i < SW_COUNTOF(small); i++)
        rc = quick_check(&s->db, small[i], err);
    if (rc == SW_OK)
        rc = check_newest(s, err);
    return rc;
}
