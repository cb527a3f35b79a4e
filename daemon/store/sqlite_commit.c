/* sqlite_commit.c - one batch, one transaction: the fence first, then the log, then what is rare.
 *
 * Whatever fails, the transaction is rolled back. Only a full disk and somebody else's lock leave
 * the store usable; after anything else it is unknown what a power cut would leave, so the handle
 * refuses further work until it is opened anew. */
#include "sqlite.h"
#include <shouwang/base/i18n.h>

enum { REJECTED_KEPT = 100000, REJECTED_BODY = 65536, KINDS = SW_IN_HISTORY + 1 };

/* ---- message ids ---------------------------------------------------------------------------- */

int64_t sw_message_rowid(struct sw_str id)
{
    struct sw_str rest = id;
    struct sw_str part;
    int64_t seq;
    int64_t n;

    if (!sw_str_split(&rest, '-', &part) || !sw_str_int(part, &seq) || !sw_str_int(rest, &n))
        return 0;
    if (seq < 1 || seq >= INT64_C(1) << (62 - MESSAGE_ID_BITS) || n < 0 ||
        n >= INT64_C(1) << MESSAGE_ID_BITS)
        return 0;
    return seq << MESSAGE_ID_BITS | n;
}

struct sw_str sw_message_id(int64_t rowid, char out[MESSAGE_ID_SIZE])
{
    int64_t mask = (INT64_C(1) << MESSAGE_ID_BITS) - 1;
    int n = snprintf(out, MESSAGE_ID_SIZE, "%lld-%lld", (long long)(rowid >> MESSAGE_ID_BITS),
                     (long long)(rowid & mask));

    return (struct sw_str){out, (size_t)n};
}

static enum sw_code find_rowid(struct sw_str id, int64_t *rowid, struct sw_err *err)
{
    *rowid = sw_message_rowid(id);
    return *rowid != 0 ? SW_OK
                       : sw_fail(err, SW_EBAD, _("\"%.*s\" is no message id (input-number)"),
                                 SW_STR_ARG(id));
}

/* ---- one row each --------------------------------------------------------------------------- */

static enum sw_code add_event(struct sw_db *db, const struct sw_input *in, struct sw_err *err)
{
    struct sw_use u = sw_use(db, TEXT_EVENT);

    sw_put_int(&u, in->seq);
    sw_put_int(&u, in->now);
    sw_put_int(&u, in->kind);
    sw_put_str(&u, in->body);
    return sw_use_run(&u, err);
}

static enum sw_code add_case(struct sw_db *db, const struct sw_case_row *c, struct sw_err *err)
{
    const struct sw_str *const text[] = {&c->household, &c->area,  &c->place,   &c->name,
                                         &c->state,     &c->level, &c->outcome, &c->owner,
                                         &c->causes,    &c->rules};
    struct sw_use u = sw_use(db, TEXT_CASE);

    sw_put_int(&u, c->number);
    for (size_t i = 0; i < SW_COUNTOF(text); i++)
        sw_put_str(&u, *text[i]);
    sw_put_real(&u, c->score);
    sw_put_int(&u, c->opened);
    sw_put_int(&u, c->updated);
    sw_put_int(&u, c->due);
    return sw_use_run(&u, err);
}

static enum sw_code add_message(struct sw_db *db, const struct sw_message_row *m,
                                struct sw_err *err)
{
    struct sw_use u;
    int64_t rowid;
    enum sw_code rc = find_rowid(m->id, &rowid, err);

    if (rc != SW_OK)
        return rc;
    u = sw_use(db, TEXT_MESSAGE);
    sw_put_int(&u, rowid);
    sw_put_int_or_null(&u, m->number);
    sw_put_str(&u, m->kind);
    sw_put_str(&u, m->gateway);
    sw_put_str(&u, m->to);
    sw_put_str(&u, m->body);
    sw_put_int(&u, m->created);
    sw_put_int(&u, m->expires);
    return sw_use_run(&u, err);
}

static enum sw_code end_task(struct sw_db *db, const struct sw_task_row *t, struct sw_err *err)
{
    struct sw_use u = sw_use(db, TEXT_TASK_END);

    sw_put_str(&u, t->household);
    sw_put_str(&u, t->rule);
    sw_put_int(&u, t->closed);
    return sw_use_run(&u, err);
}

static enum sw_code add_task(struct sw_db *db, const struct sw_task_row *t, struct sw_err *err)
{
    struct sw_use u;

    if (t->closed != 0)
        return end_task(db, t, err);
    u = sw_use(db, TEXT_TASK);
    sw_put_str(&u, t->household);
    sw_put_str(&u, t->area);
    sw_put_str(&u, t->rule);
    sw_put_str(&u, t->text);
    sw_put_int(&u, t->opened);
    return sw_use_run(&u, err);
}

/* A word about a message that is not here is kept in the log like any input and changes nothing:
 * it comes from outside and must not stop the service. */
static enum sw_code add_fate(struct sw_db *db, const struct sw_fate_row *f, struct sw_err *err)
{
    struct sw_use u = sw_use(db, TEXT_FATE);

    sw_put_int(&u, sw_message_rowid(f->message));
    sw_put_str_or_null(&u, f->state);
    sw_put_str(&u, f->detail);
    sw_put_int(&u, f->at);
    return sw_use_run(&u, err);
}

static enum sw_code change_outbox(struct sw_db *db, const struct sw_outbox_change *c,
                                  struct sw_err *err)
{
    struct sw_use u;
    int64_t rowid;
    enum sw_code rc = find_rowid(c->message, &rowid, err);

    if (rc != SW_OK)
        return rc;
    u = sw_use(db, TEXT_OUTBOX);
    sw_put_int(&u, rowid);
    sw_put_int(&u, c->state);
    sw_put_int(&u, c->attempts);
    sw_put_int(&u, c->next_at);
    sw_put_str_or_null(&u, c->detail);
    rc = sw_use_run(&u, err);
    if (rc == SW_OK && sqlite3_changes(db->handle) != 1)
        rc = sw_fail(err, SW_EBAD, _("there is no message %.*s in the outbox"),
                     SW_STR_ARG(c->message));
    return rc;
}

static enum sw_code add_rejected(struct sw_db *db, const struct sw_rejected_row *r,
                                 struct sw_err *err)
{
    struct sw_use u = sw_use(db, TEXT_REJECTED);
    enum sw_code rc;

    sw_put_int(&u, r->at);
    sw_put_str(&u, r->door);
    sw_put_str(&u, r->reason);
    sw_put_str(&u, r->text);
    sw_put_blob(&u, sw_str_sub(r->body, 0, REJECTED_BODY));
    rc = sw_use_run(&u, err);
    if (rc != SW_OK)
        return rc;
    u = sw_use(db, TEXT_REFUSAL);
    sw_put_str(&u, r->reason);
    return sw_use_run(&u, err);
}

static enum sw_code add_bundle(struct sw_db *db, const struct sw_bundle_row *b, struct sw_err *err)
{
    struct sw_use u = sw_use(db, TEXT_BUNDLE);

    sw_put_str(&u, b->digest);
    sw_put_str(&u, b->packed);
    return sw_use_run(&u, err);
}

/* ---- the transaction ------------------------------------------------------------------------ */

static enum sw_code simple(struct sw_db *db, int text, struct sw_err *err)
{
    struct sw_use u = sw_use(db, text);

    return sw_use_run(&u, err);
}

static enum sw_code check_commit(const struct sw_commit *c, struct sw_err *err)
{
    bool dense = c->new_pos >= c->old_pos && (uint64_t)(c->new_pos - c->old_pos) == c->inputs.n;

    for (size_t i = 0; dense && i < c->inputs.n; i++)
        dense = c->inputs.at[i].seq == c->old_pos + 1 + (int64_t)i &&
                c->inputs.at[i].kind >= SW_IN_EVENT && c->inputs.at[i].kind <= SW_IN_HISTORY;
    return dense
               ? SW_OK
               : sw_fail(err, SW_EBAD, _("a batch from %lld to %lld does not number its inputs so"),
                         (long long)c->old_pos, (long long)c->new_pos);
}

static enum sw_code fail_fenced(struct sw_db *db, const struct sw_commit *c, struct sw_err *err)
{
    struct sw_use u = sw_use(db, TEXT_OWNER);
    int64_t epoch = 0;
    int64_t pos = 0;

    if (sw_use_row(&u)) {
        epoch = sw_get_int(&u);
        pos = sw_get_int(&u);
    }
    (void)sw_use_end(&u, NULL);
    return sw_fail(err, SW_EFENCED,
                   _("database %s has another owner: epoch %lld at %lld, here epoch %lld at %lld"),
                   db->path, (long long)epoch, (long long)pos, (long long)c->epoch,
                   (long long)c->old_pos);
}

static enum sw_code pass_fence(struct sw_db *db, const struct sw_commit *c, struct sw_err *err)
{
    struct sw_use u = sw_use(db, TEXT_FENCE);
    int64_t count[KINDS] = {0};
    enum sw_code rc;

    for (size_t i = 0; i < c->inputs.n; i++)
        count[c->inputs.at[i].kind]++;
    sw_put_int(&u, c->epoch);
    sw_put_int(&u, c->old_pos);
    sw_put_int(&u, c->new_pos);
    for (size_t kind = SW_IN_EVENT; kind < KINDS; kind++)
        sw_put_int(&u, count[kind]);
    rc = sw_use_run(&u, err);
    if (rc == SW_OK && sqlite3_changes(db->handle) != 1)
        rc = fail_fenced(db, c, err);
    return rc;
}

/* Every row of a view through its function, until one fails. */
#define EACH(rc, db, rows, add, err)                                                               \
    for (size_t i_ = 0; (rc) == SW_OK && i_ < (rows).n; i_++)                                      \
    (rc) = add((db), &(rows).at[i_], (err))

static enum sw_code put_effects(struct sw_db *db, const struct sw_effects *fx, struct sw_err *err)
{
    enum sw_code rc = SW_OK;

    EACH(rc, db, fx->cases, add_case, err); /* first: steps and messages refer to them */
    if (rc == SW_OK)
        rc = sw_store_add_steps(db, fx->steps.at, fx->steps.n, err);
    EACH(rc, db, fx->messages, add_message, err);
    EACH(rc, db, fx->tasks, add_task, err);
    EACH(rc, db, fx->fates, add_fate, err);
    return rc;
}

static enum sw_code trim_rejected(struct sw_db *db, struct sw_err *err)
{
    struct sw_use u = sw_use(db, TEXT_TRIM_REJECTED);

    sw_put_int(&u, REJECTED_KEPT);
    return sw_use_run(&u, err);
}

static enum sw_code put_all(struct sw_db *db, const struct sw_commit *c, struct sw_err *err)
{
    enum sw_code rc = pass_fence(db, c, err);

    EACH(rc, db, c->inputs, add_event, err);
    if (rc == SW_OK && c->fx != NULL)
        rc = put_effects(db, c->fx, err);
    EACH(rc, db, c->outbox, change_outbox, err);
    EACH(rc, db, c->rejected, add_rejected, err);
    if (rc == SW_OK && c->rejected.n > 0)
        rc = trim_rejected(db, err);
    EACH(rc, db, c->bundles, add_bundle, err);
    return rc;
}

/* One batch inside a transaction. */
static enum sw_code transact(struct sw_db *db, const struct sw_commit *c, struct sw_err *err)
{
    enum sw_code rc = simple(db, TEXT_BEGIN, err);

    if (rc == SW_OK)
        rc = put_all(db, c, err);
    if (rc == SW_OK)
        rc = simple(db, TEXT_COMMIT, err);
    if (rc == SW_OK || sqlite3_get_autocommit(db->handle) != 0) /* SQLite has taken it back */
        return rc;
    if (simple(db, TEXT_ROLLBACK, NULL) != SW_OK)
        rc = sw_fail(err, SW_EIO, _("database %s: a failed batch cannot be taken back"), db->path);
    return rc;
}

enum sw_code sw_store_commit(void *handle, const struct sw_commit *c, struct sw_err *err)
{
    struct sw_store *s = handle;
    enum sw_code rc = check_commit(c, err);

    if (rc == SW_OK && s->stopped)
        rc = sw_fail(err, SW_EIO, _("database %s has failed before; open it anew"), s->db.path);
    if (rc == SW_OK && s->wal >= s->checkpoint_at)
        rc = sw_store_checkpoint(s, err);
    if (rc == SW_OK || rc == SW_EFULL) /* no room to copy into; perhaps there is in the WAL */
        rc = transact(&s->db, c, err);
    return sw_store_note(s, rc);
}
