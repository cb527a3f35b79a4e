/* replay.c - the log through an engine once more, beside the process that owns it: whole, or what
 * came after the newest snapshot. Reads only. */
#include "query_parts.h"
#include "stored.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/store/snapshot.h>

enum { LOOKS = 3 }; /* at a snapshot that is replaced while it is read */

/* ---- what the database says of itself ----------------------------------------------------- */

static enum sw_code read_meta(struct sw_query *q, const char *name, void *out, size_t size,
                              bool *found, struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, QUERY_META);

    return sw_use_meta(&u, name, out, size, found, err);
}

static enum sw_code fail_meta(const struct sw_query *q, const char *name, struct sw_err *err)
{
    return sw_fail(err, SW_EBAD, _("database %s is damaged: meta has no proper %s"), q->db.path,
                   name);
}

/* From the file of its own, or the database where it has not been taken out. */
static enum sw_code read_key(struct sw_query *q, struct sw_hash_key *key, struct sw_err *err)
{
    char print[SW_KEY_PRINT];
    bool found;
    enum sw_code rc = read_meta(q, "key", key, sizeof(*key), &found, err);

    if (rc != SW_OK || found)
        return rc;
    rc = read_meta(q, SW_KEY_PRINT_NAME, print, sizeof(print), &found, err);
    if (rc != SW_OK)
        return rc;
    if (!found)
        return fail_meta(q, "key", err);
    return sw_key_read(q->key_file, print, q->db.path, key, err);
}

static enum sw_code read_rules(struct sw_query *q, struct sw_str digest, struct sw_ruleset **out,
                               struct sw_err *err)
{
    struct sw_buf packed = {0};
    enum sw_code rc = sw_query_bundle(q, digest, &packed, err);

    *out = rc == SW_OK ? sw_stored_rules(sw_buf_view(&packed), err) : NULL;
    sw_buf_free(&packed);
    return rc == SW_OK && *out == NULL ? err->code : rc;
}

/* ---- the log ------------------------------------------------------------------------------ */

static enum sw_code take_rules(struct sw_replay *r, const struct sw_input *in)
{
    struct sw_ruleset *rules;
    struct sw_hash_key key = {0, 0};
    enum sw_code rc = read_rules(r->q, in->body, &rules, r->err);

    if (rc == SW_OK && r->engine == NULL)
        rc = read_key(r->q, &key, r->err);
    r->q->deadline = 0;
    if (rc != SW_OK) {
        sw_ruleset_free(rules);
        return rc;
    }
    if (r->engine == NULL)
        r->engine = sw_engine_new(key, sw_ruleset_ref(rules));
    sw_engine_set_rules(r->engine, rules);
    return SW_OK;
}

static enum sw_code apply(struct sw_replay *r, const struct sw_input *in, bool *more)
{
    enum sw_refusal why;
    struct sw_err refused;
    enum sw_code rc = in->kind == SW_IN_RULES ? take_rules(r, in) : SW_OK;
    bool accepted;

    if (rc != SW_OK)
        return rc;
    if (r->engine == NULL)
        return sw_fail(r->err, SW_EBAD, _("the log does not begin with a ruleset"));
    accepted = sw_engine_apply(r->engine, in, &r->fx, &why, &refused) == SW_VERDICT_ACCEPTED;
    r->pos = in->seq;
    *more = r->each == NULL || r->each(r->ctx, accepted, &r->fx);
    sw_effects_reset(&r->fx);
    return SW_OK;
}

enum sw_code sw_replay_run(struct sw_replay *r)
{
    struct sw_use u = sw_query_use(r->q, QUERY_LOG);
    enum sw_code rc = SW_OK;
    enum sw_code end;
    bool more = true;
    struct sw_input in;

    r->q->deadline = 0; /* as long as it takes */
    sw_put_int(&u, r->pos);
    while (rc == SW_OK && more && sw_use_row(&u)) {
        in = sw_get_input(&u);
        rc = apply(r, &in, &more);
    }
    end = sw_use_end(&u, rc == SW_OK ? r->err : NULL);
    sw_effects_free(&r->fx);
    return rc == SW_OK ? end : rc;
}

/* ---- the county as it is ------------------------------------------------------------------ */

/* The snapshot's engine and position. The lease is nobody's: it knows of no end of the log, which
 * is read later and must then reach as far. SW_EBUSY: it was just replaced by another. */
static enum sw_code load_snapshot(struct sw_replay *r, const char *path)
{
    struct sw_lease lease = {.pos = INT64_MAX};
    struct sw_ruleset *rules = NULL;
    char digest[65];
    int64_t seq;
    bool found;
    enum sw_code rc = read_meta(r->q, "id", lease.id, sizeof(lease.id) - 1, &found, r->err);

    if (rc == SW_OK && !found)
        rc = fail_meta(r->q, "id", r->err);
    if (rc == SW_OK)
        rc = read_key(r->q, &lease.key, r->err);
    if (rc == SW_OK)
        rc = sw_snapshot_peek(path, &lease, digest, &seq, r->err);
    if (rc == SW_OK)
        rc = read_rules(r->q, sw_str(digest), &rules, r->err);
    if (rc == SW_OK)
        r->engine = sw_snapshot_load(path, &lease, rules, &seq, r->err);
    if (rc != SW_OK)
        return rc;
    if (r->engine == NULL) {
        sw_ruleset_free(rules);
        return SW_EBUSY;
    }
    r->pos = seq;
    return SW_OK;
}

/* Without a good snapshot, or with one that is ahead of an older log, the whole log is read. */
static enum sw_code read_on(struct sw_replay *r)
{
    struct sw_use u;
    int64_t end = 0;
    enum sw_code rc = sw_query_begin(r->q, r->err);

    if (rc != SW_OK)
        return rc;
    u = sw_query_use(r->q, QUERY_END);
    while (sw_use_row(&u))
        end = sw_get_int(&u);
    rc = sw_use_end(&u, r->err);
    if (rc == SW_OK && r->pos > end) {
        sw_engine_free(r->engine);
        r->engine = NULL;
        r->pos = 0;
    }
    if (rc == SW_OK)
        rc = sw_replay_run(r);
    sw_query_end(r->q);
    return rc;
}

enum sw_code sw_query_engine(struct sw_query *q, const char *snapshot, struct sw_engine **out,
                             int64_t *pos, struct sw_err *err)
{
    struct sw_replay r = {.q = q, .err = err};
    enum sw_code rc = SW_EBUSY;

    for (int i = 0; i < LOOKS && rc == SW_EBUSY; i++)
        rc = load_snapshot(&r, snapshot);
    rc = read_on(&r);
    if (rc == SW_OK && r.engine == NULL)
        rc = sw_fail(err, SW_ENOTFOUND, _("the log is empty: nothing is known of a county yet"));
    if (rc != SW_OK) {
        sw_engine_free(r.engine);
        r.engine = NULL;
    }
    *out = r.engine;
    *pos = r.pos;
    return rc;
}
