/* recompute.c - the log once more, from its first input, through this program's engine: does it
 * bring about the steps that are stored? Reads only; nothing is sent and nothing written. */
#include "query_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/store/record.h>

struct recompute {
    struct sw_query *q;
    void (*row)(void *ctx, const struct sw_wrong *w);
    void *ctx;
    struct sw_engine *engine;
    struct sw_effects fx;
    struct sw_use stored; /* the record, read beside the log */
    bool stop;
    struct sw_err *err;
};

static void wrong(struct recompute *r, int64_t position, int64_t number, const char *what)
{
    r->row(r->ctx, &(struct sw_wrong){position, number, sw_str(what)});
    r->stop = true;
}

/* ---- what was stored ---------------------------------------------------------------------- */

static bool next_stored(struct recompute *r, int64_t *position, struct sw_step_row *s)
{
    if (!sw_use_row(&r->stored))
        return false;
    *position = sw_get_int(&r->stored);
    s->number = sw_get_int(&r->stored);
    s->at = sw_get_int(&r->stored);
    s->kind = sw_get_str(&r->stored);
    s->actor = sw_get_str(&r->stored);
    s->text = sw_get_str(&r->stored);
    s->seq = sw_get_int(&r->stored);
    s->data = sw_get_str(&r->stored);
    return true;
}

static void compare(struct recompute *r, const struct sw_step_row *made)
{
    int64_t position;
    struct sw_step_row s;

    if (!next_stored(r, &position, &s)) {
        wrong(r, 0, made->number, _("the log brings about more steps than are stored"));
        return;
    }
    if (s.number != made->number || s.at != made->at || s.seq != made->seq ||
        !sw_str_eq(s.kind, made->kind) || !sw_str_eq(s.actor, made->actor) ||
        !sw_str_eq(s.text, made->text) || !sw_str_eq(s.data, made->data))
        wrong(r, position, s.number, _("the log brings about another step here"));
}

/* ---- the log ------------------------------------------------------------------------------ */

static enum sw_code stored_rules(struct recompute *r, struct sw_str digest, struct sw_ruleset **out)
{
    struct sw_buf packed = {0};
    struct sw_diag diag = {0};
    struct sw_bundle *bundle = NULL;
    enum sw_code rc = sw_query_bundle(r->q, digest, &packed, r->err);

    *out = NULL;
    if (rc == SW_OK) {
        bundle = sw_bundle_unpack(sw_buf_view(&packed), r->err);
        rc = bundle == NULL ? r->err->code : SW_OK;
    }
    if (rc == SW_OK)
        *out = sw_ruleset_build(bundle, "", &diag);
    if (rc == SW_OK && *out == NULL)
        rc = sw_fail(r->err, SW_EBAD, _("rules stored earlier no longer compile: %.*s"),
                     SW_STR_ARG(diag.first->message));
    sw_diag_free(&diag);
    sw_buf_free(&packed);
    return rc;
}

static enum sw_code read_key(struct sw_query *q, struct sw_hash_key *key, struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, QUERY_KEY);
    bool found = false;
    enum sw_code rc;

    if (sw_use_row(&u)) {
        struct sw_str value = sw_get_str(&u);

        found = value.n == sizeof(*key);
        if (found)
            memcpy(key, value.p, sizeof(*key));
    }
    rc = sw_use_end(&u, err);
    return rc == SW_OK && !found
               ? sw_fail(err, SW_EBAD, _("database %s is damaged: meta has no proper %s"),
                         q->db.path, "key")
               : rc;
}

static enum sw_code take_rules(struct recompute *r, const struct sw_input *in)
{
    struct sw_ruleset *rules;
    struct sw_hash_key key = {0, 0};
    enum sw_code rc = stored_rules(r, in->body, &rules);

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

static enum sw_code apply(struct recompute *r, const struct sw_input *in)
{
    enum sw_refusal why;
    struct sw_err refused;
    enum sw_code rc = in->kind == SW_IN_RULES ? take_rules(r, in) : SW_OK;

    if (rc != SW_OK)
        return rc;
    if (r->engine == NULL)
        return sw_fail(r->err, SW_EBAD, _("the log does not begin with a ruleset"));
    if (sw_engine_apply(r->engine, in, &r->fx, &why, &refused) != SW_VERDICT_ACCEPTED)
        wrong(r, 0, 0, _("an input of the log is no longer accepted"));
    for (size_t i = 0; !r->stop && i < r->fx.steps.n; i++)
        compare(r, &r->fx.steps.at[i]);
    sw_effects_reset(&r->fx);
    return SW_OK;
}

static enum sw_code read_log(struct recompute *r)
{
    struct sw_use u = sw_query_use(r->q, QUERY_LOG);
    enum sw_code rc = SW_OK;
    enum sw_code end;
    struct sw_input in;

    r->q->deadline = 0;
    while (rc == SW_OK && !r->stop && sw_use_row(&u)) {
        in = sw_get_input(&u);
        rc = apply(r, &in);
    }
    end = sw_use_end(&u, rc == SW_OK ? r->err : NULL);
    return rc == SW_OK ? end : rc;
}

enum sw_code sw_query_recompute(struct sw_query *q,
                                void (*row)(void *ctx, const struct sw_wrong *w), void *ctx,
                                struct sw_err *err)
{
    struct recompute r = {.q = q, .row = row, .ctx = ctx, .err = err};
    struct sw_step_row s;
    int64_t position;
    enum sw_code end;
    enum sw_code rc = sw_query_begin(q, err);

    if (rc != SW_OK)
        return rc;
    r.stored = sw_query_use(q, QUERY_RECORD);
    rc = read_log(&r);
    if (rc == SW_OK && !r.stop && next_stored(&r, &position, &s))
        wrong(&r, position, s.number, _("the log does not bring about this step"));
    end = sw_use_end(&r.stored, rc == SW_OK ? err : NULL);
    sw_query_end(q);
    sw_effects_free(&r.fx);
    sw_engine_free(r.engine);
    return rc == SW_OK ? end : rc;
}
