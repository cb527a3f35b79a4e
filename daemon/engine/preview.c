/* preview.c - other rules in a copy of the engine: they become active, and time passes.
 *
 * Both copies are made as a restart makes them, from what a snapshot holds, and live on as the
 * store lets the engine live: what is due is ticked through in order. So the second copy comes to
 * the very state in which the engine is when the rules are saved (tests/scenario/run.c compares the
 * two at every change of rules). */
#include "preview.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

/* ---- a copy ------------------------------------------------------------------------------- */

struct kept {
    struct sw_buf bytes;
    size_t at; /* what is before it has been read */
};

static bool put(void *ctx, const void *bytes, size_t n)
{
    sw_buf_put(&((struct kept *)ctx)->bytes, bytes, n);
    return true;
}

static bool get(void *ctx, void *bytes, size_t n)
{
    struct kept *k = ctx;

    if (k->bytes.n - k->at < n)
        return false;
    if (n > 0)
        memcpy(bytes, k->bytes.p + k->at, n);
    k->at += n;
    return true;
}

static struct sw_engine *copy(const struct sw_engine *e, struct sw_err *err)
{
    struct kept k = {.at = 0};
    int64_t seq;
    struct sw_engine *c;

    sw_engine_save(e, 0, put, &k);
    c = sw_engine_load(e->registry.key, sw_ruleset_ref(e->rules), &seq, get, &k, err);
    if (c == NULL)
        sw_ruleset_free(e->rules); /* the reference above */
    sw_buf_free(&k.bytes);
    return c;
}

/* ---- living on ---------------------------------------------------------------------------- */

static void count(struct sw_counted *c, int which, struct sw_str text)
{
    uint32_t i = sw_intern_add(&c->text, text);

    if (i >= c->cap) {
        size_t had = c->cap;

        c->n = sw_grow(c->n, &c->cap, i + 1, sizeof(*c->n));
        memset(c->n + had, 0, (c->cap - had) * sizeof(*c->n));
    }
    c->n[i][which]++;
}

static void count_effects(struct sw_branch *b, const struct sw_effects *fx)
{
    for (size_t i = 0; i < fx->messages.n; i++) {
        const struct sw_message_row *m = &fx->messages.at[i];

        count(b->kinds, b->which, m->kind);
        count(b->receivers, b->which, m->to.n > 0 ? m->to : m->gateway);
    }
    for (size_t i = 0; i < fx->tasks.n; i++) {
        b->tasks += fx->tasks.at[i].closed == 0;
        b->tasks_ended += fx->tasks.at[i].closed != 0;
    }
}

static void apply(struct sw_branch *b, enum sw_input_kind kind, sw_time now, struct sw_str body)
{
    struct sw_input in = {b->seq + 1, now, kind, body};
    enum sw_refusal why;
    struct sw_err err;

    SW_ASSERT(sw_engine_apply(b->e, &in, &b->fx, &why, &err) == SW_VERDICT_ACCEPTED);
    b->seq++;
    count_effects(b, &b->fx);
    sw_effects_reset(&b->fx);
}

/* Both copies live through as many days. */
static void tell_passed(const struct sw_branch *b)
{
    const struct sw_preview *asked = b->asked;
    int64_t each = asked->until - b->begun;

    if (asked->passed != NULL && each > 0)
        asked->passed(asked->ctx, (uint64_t)(each * b->which + b->e->today - b->begun),
                      (uint64_t)(each * BRANCHES));
}

/* Whatever is due up to `until` happens at its own time, and what was due before `now` then. */
static void pass(struct sw_branch *b, sw_time now, sw_time until)
{
    char text[SW_RFC3339_SIZE];
    sw_time next;

    while ((next = sw_engine_next(b->e)) <= until) {
        sw_day today = b->e->today;

        apply(b, SW_IN_TICK, next > now ? next : now, sw_engine_tick(b->e, next, text));
        if (b->e->today != today)
            tell_passed(b);
    }
}

static void forget_effects(struct sw_branch *b)
{
    b->tasks = b->tasks_ended = 0;
    for (size_t i = 0; i < b->kinds->cap; i++)
        b->kinds->n[i][b->which] = 0;
    for (size_t i = 0; i < b->receivers->cap; i++)
        b->receivers->n[i][b->which] = 0;
}

static enum sw_code live(struct sw_branch *b, const struct sw_engine *e, struct sw_err *err)
{
    const struct sw_preview *asked = b->asked;
    const struct sw_zone *zone = asked->rules->schema->zone;
    sw_time now = asked->now > e->came ? asked->now : e->came;

    b->e = copy(e, err);
    if (b->e == NULL)
        return err->code;
    b->seq = asked->pos;
    pass(b, now, now); /* a service that is down is behind */
    forget_effects(b);
    b->begun = b->e->today;
    if (b->which == AS_IT_WOULD_BE) {
        sw_engine_set_rules(b->e, sw_ruleset_ref(asked->rules));
        apply(b, SW_IN_RULES, now, sw_str(sw_ruleset_digest(asked->rules)));
        pass(b, now, now);
    }
    if (asked->until > b->e->today)
        pass(b, now, sw_zone_midnight(zone, asked->until + 1) - 1);
    return SW_OK;
}

/* ---- what comes later --------------------------------------------------------------------- */

static bool has_value(const struct sw_ruleset *rs, const struct sw_param *p,
                      const struct sw_dated *d)
{
    int64_t same = sw_param_find(rs, p->name);

    for (size_t i = 0; same >= 0 && i < rs->param[same].n; i++) {
        if (rs->param[same].value[i].from == d->from &&
            sw_value_equal(rs->param[same].value[i].value, d->value))
            return true;
    }
    return false;
}

static bool has_override(const struct sw_ruleset *rs, const struct sw_ruleset *of,
                         const struct sw_override *o)
{
    for (size_t i = 0; i < rs->n_overrides; i++) {
        const struct sw_override *k = &rs->override[i];

        if (sw_str_eq(rs->param[k->param].name, of->param[o->param].name) &&
            sw_str_eq(k->area, o->area) && k->from == o->from && k->until == o->until &&
            sw_value_equal(k->value, o->value))
            return true;
    }
    return false;
}

static void sooner(sw_day *first, sw_day after, sw_day day)
{
    if (day > after && day < *first)
        *first = day;
}

static sw_day day_behind(sw_day last)
{
    return last == SW_DAY_NEVER ? SW_DAY_NEVER : last + 1;
}

/* The first day after `day` on which something of `rs` changes that does not in `other`. */
static void find_ahead(const struct sw_ruleset *rs, const struct sw_ruleset *other, sw_day day,
                       sw_day *first)
{
    for (size_t i = 0; i < rs->n_params; i++) {
        for (size_t k = 0; k < rs->param[i].n; k++) {
            if (!has_value(other, &rs->param[i], &rs->param[i].value[k]))
                sooner(first, day, rs->param[i].value[k].from);
        }
    }
    for (size_t i = 0; i < rs->n_overrides; i++) {
        if (!has_override(other, rs, &rs->override[i])) {
            sooner(first, day, rs->override[i].from);
            sooner(first, day, day_behind(rs->override[i].until));
        }
    }
    for (size_t i = 0; i < rs->n_rules; i++) {
        uint32_t same = sw_rule_find(other, rs->rule[i].name);

        if (same == SW_NONE || other->rule[same].from != rs->rule[i].from)
            sooner(first, day, rs->rule[i].from);
        if (same == SW_NONE || other->rule[same].until != rs->rule[i].until)
            sooner(first, day, day_behind(rs->rule[i].until));
    }
}

static void put_ahead(const struct sw_ruleset *old, const struct sw_ruleset *now, sw_day day,
                      struct sw_jw *w)
{
    sw_day first = SW_DAY_NEVER;
    char text[SW_DATE_SIZE];

    find_ahead(old, now, day, &first);
    find_ahead(now, old, day, &first);
    sw_jw_member(w, "ahead", sw_str(first == SW_DAY_NEVER ? "" : sw_date_format(first, text)));
}

/* ---- the whole ---------------------------------------------------------------------------- */

static void free_counted(struct sw_counted *c)
{
    sw_intern_free(&c->text);
    free(c->n);
}

enum sw_code sw_engine_preview(const struct sw_engine *e, const struct sw_preview *asked,
                               struct sw_buf *out, uint64_t *digest, struct sw_err *err)
{
    struct sw_counted kinds = {.cap = 0};
    struct sw_counted receivers = {.cap = 0};
    struct sw_branch branch[BRANCHES];
    struct sw_jw w = {.out = out};
    enum sw_code rc = SW_OK;

    if (e->today == SW_DAY_NEVER)
        return sw_fail(err, SW_EINVALID, _("nothing is known of the county yet"));
    if (e->history)
        return sw_fail(err, SW_EINVALID,
                       _("the county's history is being told; what rules change can be seen when "
                         "it has ended"));
    sw_intern_init(&kinds.text, (struct sw_hash_key){0, 0});
    sw_intern_init(&receivers.text, (struct sw_hash_key){0, 0});
    for (int i = 0; i < BRANCHES; i++)
        branch[i] = (struct sw_branch){
            .kinds = &kinds, .receivers = &receivers, .asked = asked, .which = i};
    for (int i = 0; i < BRANCHES && rc == SW_OK; i++)
        rc = live(&branch[i], e, err);
    if (rc == SW_OK) {
        sw_jw_object(&w);
        sw_preview_put(&branch[AS_IT_IS], &branch[AS_IT_WOULD_BE], asked->listed, &w);
        put_ahead(e->rules, asked->rules, branch[AS_IT_WOULD_BE].e->today, &w);
        sw_jw_end(&w);
    }
    if (rc == SW_OK && digest != NULL)
        *digest = sw_engine_digest(branch[AS_IT_WOULD_BE].e);
    for (int i = 0; i < BRANCHES; i++) {
        sw_engine_free(branch[i].e);
        sw_effects_free(&branch[i].fx);
    }
    free_counted(&kinds);
    free_counted(&receivers);
    return rc;
}
