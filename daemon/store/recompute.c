/* recompute.c - the log once more, from its first input, through this program's engine: does it
 * bring about the steps that are stored? Reads only; nothing is sent and nothing written. */
#include "query_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/store/record.h>

struct recompute {
    void (*row)(void *ctx, const struct sw_wrong *w);
    void *ctx;
    struct sw_use stored; /* the record, read beside the log */
    bool stop;
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
    *s = sw_get_step(&r->stored);
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

/* Whoever is told of an input says whether there is to be a next one. */
static bool on_input(void *ctx, bool accepted, const struct sw_effects *fx)
{
    struct recompute *r = ctx;

    if (!accepted)
        wrong(r, 0, 0, _("an input of the log is no longer accepted"));
    for (size_t i = 0; !r->stop && i < fx->steps.n; i++)
        compare(r, &fx->steps.at[i]);
    return !r->stop;
}

enum sw_code sw_query_recompute(struct sw_query *q,
                                void (*row)(void *ctx, const struct sw_wrong *w), void *ctx,
                                struct sw_err *err)
{
    struct recompute r = {.row = row, .ctx = ctx};
    struct sw_replay log = {.q = q, .err = err, .each = on_input, .ctx = &r};
    struct sw_step_row s;
    int64_t position;
    enum sw_code end;
    enum sw_code rc = sw_query_begin(q, err);

    if (rc != SW_OK)
        return rc;
    r.stored = sw_query_use(q, QUERY_RECORD);
    rc = sw_replay_run(&log);
    if (rc == SW_OK && !r.stop && next_stored(&r, &position, &s))
        wrong(&r, position, s.number, _("the log does not bring about this step"));
    end = sw_use_end(&r.stored, rc == SW_OK ? err : NULL);
    sw_query_end(q);
    sw_engine_free(log.engine);
    return rc == SW_OK ? end : rc;
}
