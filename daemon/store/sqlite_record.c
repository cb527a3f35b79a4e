/* sqlite_record.c - steps into the database, chained. The one place that makes hashes of steps:
 * what is chained is what is on disk, in the order in which it came there. A replay writes nothing,
 * so a later version of the program that would word a step otherwise cannot break the chain of what
 * was said then; from the same log the same version makes the same chain, however it is cut into
 * batches. */
#include "sqlite.h"
#include <shouwang/base/i18n.h>
#include <shouwang/store/record.h>

/* A seal as it is stored; another length is somebody's work and counts as nothing. */
static void get_seal(struct sw_use *u, struct sw_seal *out)
{
    struct sw_str bytes = sw_get_str(u);

    *out = (struct sw_seal){{0}};
    if (bytes.n == SW_SEAL_SIZE)
        memcpy(out->byte, bytes.p, SW_SEAL_SIZE);
}

static struct sw_str seal_view(const struct sw_seal *s)
{
    return (struct sw_str){(const char *)s->byte, SW_SEAL_SIZE};
}

static enum sw_code read_head(struct sw_db *db, struct sw_record_head *head, struct sw_err *err)
{
    struct sw_use u = sw_use(db, TEXT_HEAD);

    *head = (struct sw_record_head){0};
    if (sw_use_row(&u)) {
        head->steps = sw_get_int(&u);
        get_seal(&u, &head->link);
    }
    return sw_use_end(&u, err);
}

static enum sw_code read_before(struct sw_db *db, int64_t number, struct sw_seal *before,
                                struct sw_err *err)
{
    struct sw_use u = sw_use(db, TEXT_STEP_BEFORE);

    *before = (struct sw_seal){{0}};
    sw_put_int(&u, number);
    if (sw_use_row(&u))
        get_seal(&u, before);
    return sw_use_end(&u, err);
}

static enum sw_code add_step(struct sw_db *db, const struct sw_step_row *s,
                             struct sw_record_head *head, struct sw_err *err)
{
    struct sw_seal hash;
    struct sw_use u;
    enum sw_code rc = read_before(db, s->number, &hash, err);

    if (rc != SW_OK)
        return rc;
    hash = sw_step_hash(&hash, s);
    head->link = sw_step_link(&head->link, ++head->steps, &hash);
    u = sw_use(db, TEXT_STEP);
    sw_put_int(&u, s->number);
    sw_put_int(&u, s->at);
    sw_put_str(&u, s->kind);
    sw_put_str(&u, s->actor);
    sw_put_str(&u, s->text);
    sw_put_int(&u, s->seq);
    sw_put_str(&u, s->data);
    sw_put_blob(&u, seal_view(&hash));
    sw_put_blob(&u, seal_view(&head->link));
    return sw_use_run(&u, err);
}

static enum sw_code put_head(struct sw_db *db, const struct sw_record_head *head,
                             struct sw_err *err)
{
    struct sw_use u = sw_use(db, TEXT_HEAD_SET);

    sw_put_int(&u, head->steps);
    sw_put_blob(&u, seal_view(&head->link));
    return sw_use_run(&u, err);
}

enum sw_code sw_store_add_steps(struct sw_db *db, const struct sw_step_row *at, size_t n,
                                struct sw_err *err)
{
    struct sw_record_head head;
    enum sw_code rc = n == 0 ? SW_OK : read_head(db, &head, err);

    for (size_t i = 0; rc == SW_OK && i < n; i++)
        rc = add_step(db, &at[i], &head, err);
    return rc == SW_OK && n > 0 ? put_head(db, &head, err) : rc;
}

/* ---- databases from before there was a chain ---------------------------------------------- */

enum sealing { SEAL_NEXT, SEAL_BEFORE, SEAL_SET, SEAL_HEAD, SEALING_TEXTS };

static const char *const sealing[SEALING_TEXTS] = {
    [SEAL_NEXT] = ("SELECT id, number, at, kind, actor, text, seq, data FROM step WHERE id > ?1"
                   " ORDER BY id LIMIT 1"),
    [SEAL_BEFORE] = "SELECT hash FROM step WHERE number = ?1 AND id < ?2 ORDER BY id DESC LIMIT 1",
    [SEAL_SET] = "UPDATE step SET hash = ?2, link = ?3 WHERE id = ?1",
    [SEAL_HEAD] = "UPDATE part SET n_step = ?1, head = ?2 WHERE part = 0",
};

static enum sw_code hash_before(struct sw_db *db, int64_t number, int64_t id,
                                struct sw_seal *before, struct sw_err *err)
{
    struct sw_use u = sw_use(db, SEAL_BEFORE);

    *before = (struct sw_seal){{0}};
    sw_put_int(&u, number);
    sw_put_int(&u, id);
    if (sw_use_row(&u))
        get_seal(&u, before);
    return sw_use_end(&u, err);
}

/* The step behind `*id`, sealed; *id = 0: there is none. */
static enum sw_code seal_next(struct sw_db *db, int64_t *id, struct sw_record_head *head,
                              struct sw_err *err)
{
    struct sw_use u = sw_use(db, SEAL_NEXT);
    struct sw_seal hash = {{0}};
    struct sw_step_row s;
    enum sw_code rc;

    sw_put_int(&u, *id);
    *id = 0;
    if (sw_use_row(&u)) {
        *id = sw_get_int(&u);
        s = sw_get_step(&u);
        rc = hash_before(db, s.number, *id, &hash, err);
        if (rc != SW_OK) {
            (void)sw_use_end(&u, NULL);
            return rc;
        }
        hash = sw_step_hash(&hash, &s);
    }
    rc = sw_use_end(&u, err);
    if (rc != SW_OK || *id == 0)
        return rc;
    head->link = sw_step_link(&head->link, ++head->steps, &hash);
    u = sw_use(db, SEAL_SET);
    sw_put_int(&u, *id);
    sw_put_blob(&u, seal_view(&hash));
    sw_put_blob(&u, seal_view(&head->link));
    return sw_use_run(&u, err);
}

enum sw_code sw_store_seal_steps(struct sw_db *db, struct sw_err *err)
{
    struct sw_db own = *db; /* the connection, with statements of this file */
    struct sw_record_head head = {0};
    sqlite3_stmt *stmt[SEALING_TEXTS] = {NULL};
    struct sw_use u;
    int64_t id = 0;
    enum sw_code rc;

    own.text = sealing;
    own.stmt = stmt;
    own.n = SEALING_TEXTS;
    do {
        rc = seal_next(&own, &id, &head, err);
    } while (rc == SW_OK && id != 0);
    if (rc == SW_OK) {
        u = sw_use(&own, SEAL_HEAD);
        sw_put_int(&u, head.steps);
        sw_put_blob(&u, seal_view(&head.link));
        rc = sw_use_run(&u, err);
    }
    for (size_t i = 0; i < SEALING_TEXTS; i++)
        sqlite3_finalize(stmt[i]);
    return rc;
}
