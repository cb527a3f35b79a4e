/* explain_rule.c - one rule's verdict on one household, taken apart.
 *
 * The condition's parts are evaluated one by one in the page's frame. How near a rule is to being
 * true follows from them: all of several are as near as the farthest, any of several as near as the
 * nearest, and a relation of amounts as near as the one is a share of the other. */
#include "explain.h"
#include <math.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <shouwang/lang/parts.h>
#include <stdlib.h>

enum { NEAR_DAYS = 365 };

void sw_put_number(struct sw_jw *w, const char *key, double d)
{
    sw_jw_key(w, key);
    if (isfinite(d))
        sw_jw_double(w, round(d * 100) / 100);
    else
        sw_jw_raw(w, SW_STR("null"));
}

const char *sw_verdict_name(enum sw_verdict_of v)
{
    static const char *const names[] = {
        [OF_FALSE] = "false",
        [OF_TRUE] = "true",
        [OF_UNKNOWN] = "unknown",
        [OF_ERROR] = "error",
    };

    return names[v];
}

void sw_put_day(struct sw_jw *w, const char *key, sw_day day)
{
    char text[SW_DATE_SIZE];

    if (day != SW_DAY_NEVER && day != INT32_MIN)
        sw_jw_member(w, key, sw_str(sw_date_format(day, text)));
}

/* ---- words -------------------------------------------------------------------------------- */

static void put_rule_label(void *ctx, uint32_t index, struct sw_buf *out)
{
    const struct sw_ruleset *rs = ctx;

    sw_buf_str(out, rs->rule[index].label);
}

/* A part in words, without the values: those stand beside it. */
static void put_words(struct sw_page *p, const struct sw_prog *prog)
{
    struct sw_reader names = {.rule = put_rule_label, .ctx = p->rules};
    struct sw_buf words = {0};

    sw_prog_read(prog, &names, &words);
    sw_jw_member(&p->w, "words", sw_buf_view(&words));
    sw_buf_free(&words);
}

/* ---- values ------------------------------------------------------------------------------- */

static void put_raw_value(struct sw_jw *w, struct sw_value v, struct sw_str text)
{
    char fen[SW_FEN_SIZE];

    if (v.kind == SW_KDOUBLE) {
        sw_put_number(w, "value", v.d);
        return;
    }
    sw_jw_key(w, "value");
    switch ((int)v.kind) {
    case SW_KBOOL: sw_jw_bool(w, v.b); break;
    case SW_KINT: sw_jw_int(w, v.i); break;
    case SW_KMONEY: sw_jw_raw(w, sw_str(sw_fen_format(v.i, fen))); break;
    default: sw_jw_str(w, text); break;
    }
}

static void put_unknown(struct sw_page *p, struct sw_value v)
{
    struct sw_str name = {NULL, 0};

    if (v.kind == SW_KUNKNOWN && v.i >= 0)
        name = sw_lang_source_name(p->lang, (uint32_t)v.i);
    sw_jw_key(&p->w, "value");
    sw_jw_raw(&p->w, SW_STR("null"));
    if (v.kind == SW_KERROR)
        sw_jw_member(&p->w, "error", sw_str(_(v.s)));
    else if (name.n > 0)
        sw_jw_member(&p->w, "missing", name);
}

void sw_put_value(struct sw_page *p, struct sw_value v)
{
    struct sw_buf text = {0};

    if (v.kind == SW_KUNKNOWN || v.kind == SW_KERROR) {
        put_unknown(p, v);
        return;
    }
    sw_value_put(p->lang, v, &text);
    put_raw_value(&p->w, v, sw_buf_view(&text));
    sw_jw_member(&p->w, "text", sw_buf_view(&text));
    sw_buf_free(&text);
}

/* A value on a line of numbers: yuan, days, plain ones. False: it is on none. */
static bool on_line(struct sw_value v, double *out)
{
    switch ((int)v.kind) {
    case SW_KMONEY: *out = (double)v.i / 100; return true;
    case SW_KINT:
    case SW_KDATE: *out = (double)v.i; return true;
    case SW_KDURATION: *out = (double)v.i / 86400; return true;
    case SW_KDOUBLE: *out = v.d; return isfinite(v.d);
    default: return false;
    }
}

/* ---- parts -------------------------------------------------------------------------------- */

struct seen_part {
    enum sw_verdict_of truth;
    struct sw_value left, right;
    bool has_gap;
    double gap; /* right - left */
};

static struct seen_part see(struct sw_page *p, const struct sw_prog_part *part)
{
    struct seen_part s = {.truth = sw_condition_of(part->truth, &p->frame, NULL)};
    double left;
    double right;

    if (part->kind != SW_PART_RELATION)
        return s;
    s.left = sw_eval(part->left.value, &p->frame);
    s.right = sw_eval(part->right.value, &p->frame);
    if (on_line(s.left, &left) && on_line(s.right, &right)) {
        s.has_gap = true;
        s.gap = right - left;
    }
    return s;
}

/* 0 far from being `want` … 1: it is. */
static double relation_near(const struct seen_part *s)
{
    double left = 0;
    double right = 0;
    double most;

    if (!s->has_gap)
        return 0;
    if (s->left.kind == SW_KDATE)
        return fabs(s->gap) >= NEAR_DAYS ? 0 : 1 - fabs(s->gap) / NEAR_DAYS;
    on_line(s->left, &left);
    on_line(s->right, &right);
    most = fmax(fabs(left), fabs(right));
    return most == 0 ? 0 : fmin(fmax(1 - fabs(s->gap) / most, 0), 0.99);
}

static double near_of(const struct sw_prog_part *part, const struct seen_part *seen, uint32_t i,
                      bool want);

static double near_of_terms(const struct sw_prog_part *part, const struct seen_part *seen,
                            uint32_t i, bool want)
{
    bool all = (part[i].kind == SW_PART_ALL) == want;
    double best = all ? 1 : 0;

    for (uint32_t k = i + 1; k < part[i].next; k = part[k].next) {
        double near = near_of(part, seen, k, want);

        best = all ? fmin(best, near) : fmax(best, near);
    }
    return best;
}

static double near_of(const struct sw_prog_part *part, const struct seen_part *seen, uint32_t i,
                      bool want)
{
    uint32_t then;

    if (seen[i].truth == (want ? OF_TRUE : OF_FALSE))
        return 1;
    switch (part[i].kind) {
    case SW_PART_ALL:
    case SW_PART_ANY: return near_of_terms(part, seen, i, want);
    case SW_PART_NOT: return near_of(part, seen, i + 1, !want);
    case SW_PART_CHOICE:
        then = part[i + 1].next;
        if (seen[i + 1].truth > OF_TRUE)
            return 0;
        return near_of(part, seen, seen[i + 1].truth == OF_TRUE ? then : part[then].next, want);
    case SW_PART_RELATION: return relation_near(&seen[i]);
    case SW_PART_FACT: break;
    }
    return 0;
}

static void put_side(struct sw_page *p, const char *key, const struct sw_part_side *side,
                     struct sw_value v)
{
    sw_jw_key(&p->w, key);
    sw_jw_object(&p->w);
    put_words(p, side->value);
    sw_jw_member(&p->w, "source", side->source);
    sw_put_value(p, v);
    sw_jw_end(&p->w);
}

static void put_part(struct sw_page *p, const struct sw_prog_part *part, const struct seen_part *s)
{
    static const char *const kinds[] = {
        [SW_PART_ALL] = "all",       [SW_PART_ANY] = "any",           [SW_PART_NOT] = "not",
        [SW_PART_CHOICE] = "choice", [SW_PART_RELATION] = "relation", [SW_PART_FACT] = "fact",
    };
    struct sw_jw *w = &p->w;

    sw_jw_object(w);
    sw_jw_member_int(w, "depth", part->depth);
    sw_jw_member(w, "kind", sw_str(kinds[part->kind]));
    put_words(p, part->truth);
    sw_jw_member(w, "source", part->source);
    sw_jw_member(w, "holds", sw_str(sw_verdict_name(s->truth)));
    if (part->kind == SW_PART_RELATION) {
        sw_jw_member(w, "sign", sw_str(part->sign));
        put_side(p, "left", &part->left, s->left);
        put_side(p, "right", &part->right, s->right);
        if (part->unit.n > 0)
            sw_jw_member(w, "unit", part->unit);
    }
    if (s->has_gap)
        sw_put_number(w, "gap", s->gap);
    sw_jw_end(w);
}

/* The condition's parts; how near it is to being true. */
static double put_parts(struct sw_page *p, const char *key, const struct sw_prog *condition)
{
    const struct sw_prog_part *part;
    size_t n = sw_prog_parts(condition, &part);
    struct seen_part *seen = sw_calloc(n + 1, sizeof(*seen));
    double near;

    for (size_t i = 0; i < n; i++)
        seen[i] = see(p, &part[i]);
    sw_jw_key(&p->w, key);
    sw_jw_array(&p->w);
    for (size_t i = 0; i < n; i++)
        put_part(p, &part[i], &seen[i]);
    sw_jw_end(&p->w);
    near = n == 0 ? 0 : near_of(part, seen, 0, true);
    free(seen);
    return near;
}

/* ---- what it read ------------------------------------------------------------------------- */

/* Everything the rule's texts look at in one bank, each once. */
static size_t slots_of(const struct sw_rule *r, unsigned bank, uint32_t *out, size_t most)
{
    const struct sw_prog *progs[] = {r->when, r->clear, r->score, r->message};
    size_t n_out = 0;

    for (size_t i = 0; i < SW_COUNTOF(progs); i++) {
        const uint32_t *slot = NULL;
        size_t n = progs[i] == NULL ? 0 : sw_prog_vars(progs[i], bank, &slot);

        for (size_t k = 0; k < n; k++) {
            size_t at = 0;

            while (at < n_out && out[at] != slot[k])
                at++;
            if (at == n_out && n_out < most)
                out[n_out++] = slot[k];
        }
    }
    return n_out;
}

/* What the county's value rests on. */
static struct sw_str source_of(const struct sw_param *param, sw_day day)
{
    struct sw_str source = param->source;

    for (size_t i = 0; i < param->n && param->value[i].from <= day; i++) {
        if (param->value[i].source.n > 0)
            source = param->value[i].source;
    }
    return source;
}

/* What people call the place that areas.yaml names, perhaps by its code. */
static struct sw_str place_named(const struct sw_registry *r, struct sw_str area)
{
    uint32_t a = sw_registry_area(r, area);

    return a == SW_NONE ? area : sw_area_name(r, a);
}

static void put_params(struct sw_page *p, const struct sw_rule *r)
{
    const struct sw_registry *registry = &p->view->registry;
    uint32_t slot[PARAMS_MAX];
    size_t n = slots_of(r, BANK_PARAMS, slot, SW_COUNTOF(slot));

    sw_jw_key(&p->w, "params");
    sw_jw_array(&p->w);
    for (size_t i = 0; i < n; i++) {
        const struct sw_param *param = &p->rules->param[slot[i]];
        const sw_day *until = p->frame.until[BANK_PARAMS]; /* NULL: nothing is dated ahead */
        struct sw_str source = source_of(param, p->day);
        const struct sw_override *o =
            sw_override_at(p->rules, registry, sw_place_of(p->view, p->subject), p->day, slot[i]);

        sw_jw_object(&p->w);
        sw_jw_member(&p->w, "name", param->name);
        sw_jw_member(&p->w, "label", param->label);
        sw_jw_member(&p->w, "unit", param->unit);
        sw_put_value(p, p->frame.bank[BANK_PARAMS][slot[i]]);
        if (o != NULL) {
            sw_jw_member(&p->w, "area", place_named(registry, o->area));
            sw_jw_member(&p->w, "reason", o->reason);
            sw_jw_member(&p->w, "decided_by", o->by);
        } else if (source.n > 0) {
            sw_jw_member(&p->w, "rests_on", source);
        }
        sw_put_day(&p->w, "changes", until == NULL ? SW_DAY_NEVER : until[slot[i]]);
        sw_jw_end(&p->w);
    }
    sw_jw_end(&p->w);
}

/* A fact as its bank has it: there an item does not tell of which enum it is. */
static void put_fact(struct sw_page *p, const struct sw_field *f, struct sw_value v)
{
    const struct sw_enum_item *item;

    if (v.kind == SW_KUNKNOWN)
        v.i = -1; /* itself is what is missing */
    if (f->type != SW_FENUM || v.kind != SW_KENUM || v.i < 0 || (size_t)v.i >= f->of->n) {
        sw_put_value(p, v);
        return;
    }
    item = &f->of->items[v.i];
    sw_jw_member(&p->w, "value", item->name);
    sw_jw_member(&p->w, "text", item->label.n > 0 ? item->label : item->name);
}

/* The name of a household's head is on the page once, and masked. */
static void put_facts(struct sw_page *p, const struct sw_rule *r)
{
    const struct sw_stream *facts = &p->rules->schema->streams[SW_FACTS];
    uint32_t slot[SW_FIELDS_MAX];
    size_t n = slots_of(r, BANK_HOUSEHOLD, slot, SW_COUNTOF(slot));

    if (sw_is_area(p->subject))
        return; /* its name and size are not facts that anybody told */
    sw_jw_key(&p->w, "facts");
    sw_jw_array(&p->w);
    for (size_t i = 0; i < n; i++) {
        const struct sw_field *f = &facts->fields[slot[i]];

        if (slot[i] == p->rules->fact_name || slot[i] >= facts->n_fields)
            continue; /* members are behind the fields */
        sw_jw_object(&p->w);
        sw_jw_member(&p->w, "name", f->name);
        sw_jw_member(&p->w, "label", f->label.n > 0 ? f->label : f->name);
        if (f->type == SW_FMONEY)
            sw_jw_member(&p->w, "unit", SW_STR("元"));
        put_fact(p, f, p->frame.bank[BANK_HOUSEHOLD][slot[i]]);
        sw_jw_end(&p->w);
    }
    sw_jw_end(&p->w);
}

void sw_explain_reads(struct sw_page *p, const struct sw_rule *r)
{
    put_params(p, r);
    put_facts(p, r);
}

static void put_missing(struct sw_page *p)
{
    sw_jw_key(&p->w, "missing");
    sw_jw_array(&p->w);
    for (uint32_t i = 0; i < p->frame.n_missing && i < SW_MISSING_MAX; i++) {
        bool again = false;

        for (uint32_t k = 0; k < i; k++)
            again |= p->frame.missing[k] == p->frame.missing[i];
        if (!again)
            sw_jw_str(&p->w, sw_lang_source_name(p->lang, p->frame.missing[i]));
    }
    sw_jw_end(&p->w);
}

/* ---- the rule ----------------------------------------------------------------------------- */

static void put_head(struct sw_page *p, const struct sw_rule *r)
{
    struct sw_jw *w = &p->w;

    sw_jw_member(w, "rule", r->name);
    sw_jw_member(w, "label", r->label);
    sw_jw_member(w, "kind", r->task ? SW_STR("task") : SW_STR("risk"));
    if (!r->task) {
        sw_jw_member(w, "category", p->rules->category[r->category].name);
        sw_jw_member(w, "category_label", p->rules->category[r->category].label);
    }
    if (r->hard > 0)
        sw_jw_member(w, "holds_level", p->rules->level[r->hard].name);
    sw_jw_key(w, "in_force");
    sw_jw_bool(w, sw_rule_in_force(r, p->day));
    sw_put_day(w, "from", r->from);
    sw_put_day(w, "until", r->until);
}

static void put_hit(struct sw_page *p, uint32_t rule)
{
    static const char *const states[] = {[HIT_OFF] = "off",
                                         [HIT_WAITING] = "waiting",
                                         [HIT_ON] = "on",
                                         [HIT_KEPT] = "kept",
                                         [HIT_HELD] = "held"};
    const struct sw_rule *r = &p->rules->rule[rule];
    struct sw_hit off = {.state = HIT_OFF};
    const struct sw_hit *hit = &off;
    size_t n;
    const struct sw_hit *hits = sw_hits(p->view, p->subject, &n);
    struct sw_jw *w = &p->w;

    for (size_t i = 0; i < n; i++) {
        if (hits[i].rule == rule)
            hit = &hits[i];
    }
    sw_jw_key(w, "hit");
    sw_jw_object(w);
    sw_jw_member(w, "state", sw_str(states[hit->state]));
    if (hit->state != HIT_OFF)
        sw_put_day(w, "since", hit->since);
    if (hit->state == HIT_WAITING)
        sw_put_day(w, "until", hit->since + r->wait);
    if (hit->state == HIT_KEPT)
        sw_put_day(w, "until", hit->gone + r->keep);
    if (sw_hit_counts(hit))
        sw_put_number(w, "points", hit->score);
    else if (p->ahead[rule].held_by != SW_NONE)
        sw_jw_member(w, "held_by", p->rules->schema->feeds[p->ahead[rule].held_by].name);
    sw_jw_end(w);
}

static void put_verdict(struct sw_page *p, const struct sw_rule *r)
{
    const char *error = NULL;
    enum sw_verdict_of v;
    static const char *const taken[] = {[SW_UNKNOWN_TRUE] = "true", [SW_UNKNOWN_FALSE] = "false"};

    p->frame.n_missing = 0;
    v = sw_condition_of(r->when, &p->frame, &error);
    sw_jw_member(&p->w, "truth", sw_str(sw_verdict_name(v)));
    if (error != NULL)
        sw_jw_member(&p->w, "error", sw_str(_(error)));
    if (v == OF_UNKNOWN && r->unknown != SW_UNKNOWN_TASK)
        sw_jw_member(&p->w, "taken_as", sw_str(taken[r->unknown]));
    put_missing(p);
}

static void put_points(struct sw_page *p, const struct sw_rule *r)
{
    struct sw_value v;
    double points;

    if (r->score == NULL)
        return;
    v = sw_eval(r->score, &p->frame);
    if (on_line(v, &points))
        sw_put_number(&p->w, "points", points);
}

static void put_change(struct sw_jw *w, const char *key, sw_day day, const char *to)
{
    if (day == SW_DAY_NEVER)
        return;
    sw_jw_key(w, key);
    sw_jw_object(w);
    sw_put_day(w, "day", day);
    sw_jw_member(w, "to", sw_str(to));
    sw_jw_end(w);
}

void sw_explain_rule(struct sw_page *p, uint32_t rule)
{
    const struct sw_rule *r = &p->rules->rule[rule];
    const struct sw_ahead *a = &p->ahead[rule];
    struct sw_jw *w = &p->w;
    struct sw_value message;
    double near;

    p->frame.budget = p->budget;
    sw_jw_object(w);
    put_head(p, r);
    put_verdict(p, r);
    put_points(p, r);
    message = sw_eval(r->message, &p->frame);
    sw_jw_member(w, "message", message.kind == SW_KSTRING ? sw_value_text(message) : SW_STR(""));
    near = put_parts(p, "parts", r->when);
    if (r->clear != NULL)
        put_parts(p, "clear_parts", r->clear);
    sw_put_number(w, "near", near);
    sw_explain_reads(p, r);
    if (p->is_today)
        put_hit(p, rule);
    put_change(w, "when_changes", a->when_day, sw_verdict_name(a->when_to));
    put_change(w, "hit_changes", p->is_today ? a->hit_day : SW_DAY_NEVER, a->hit_to ? "on" : "off");
    sw_jw_end(w);
}
