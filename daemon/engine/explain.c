/* explain.c - the page of a household or area: who it is, where it stands, every rule about it.
 *
 * Works on a view: a copy of the engine's own struct whose working storage (arena, reads, caches of
 * parameters) is its own. The state behind it - registry, histories, standings, cases - is shared
 * and only read, so nothing of the engine changes. */
#include "explain.h"
#include <math.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/engine/explain.h>
#include <stdlib.h>

enum { LISTED_MAX = 50 };

/* ---- the view ----------------------------------------------------------------------------- */

struct sw_engine *sw_view_open(const struct sw_engine *e, struct sw_ruleset *rules, sw_day day)
{
    struct sw_engine *v = sw_malloc(sizeof(*v));

    *v = *e;
    v->rules = rules;
    v->today = day;
    v->arena = (struct sw_arena){0};
    v->reads = sw_reads_new(rules->lang);
    v->area_reads = sw_reads_new(rules->area_lang);
    v->fired = sw_calloc(rules->n_rules + 1, 1);
    v->base = (struct sw_param_cache){.day = SW_DAY_NEVER};
    v->area_params = NULL;
    v->area_params_n = 0;
    v->is_sleepless = true; /* judges nothing */
    return v;
}

void sw_view_close(struct sw_engine *v)
{
    sw_forget_params(v);
    sw_reads_free(v->reads);
    sw_reads_free(v->area_reads);
    sw_arena_free(&v->arena);
    free(v->fired);
    free(v);
}

/* ---- where it stands ---------------------------------------------------------------------- */

/* Points by category, by today's hits or by the conditions of the day in hand. */
static void sum_points(struct sw_page *p, double *sum)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(p->view, p->subject, &n);

    for (size_t i = 0; i < n && p->is_today; i++) {
        if (sw_hit_counts(&hits[i]) && !p->rules->rule[hits[i].rule].task)
            sum[p->rules->rule[hits[i].rule].category] += hits[i].score;
    }
    for (uint32_t i = 0; i < p->rules->n_rules && !p->is_today; i++) {
        const struct sw_rule *r = &p->rules->rule[i];
        struct sw_value v;

        if (!p->ahead[i].counted || r->task || r->score == NULL)
            continue;
        p->frame.budget = p->budget;
        v = sw_eval(r->score, &p->frame);
        sum[r->category] += v.kind == SW_KDOUBLE ? v.d : v.kind == SW_KINT ? (double)v.i : 0;
    }
}

static double put_categories(struct sw_page *p)
{
    double sum[CATEGORIES_MAX] = {0};
    double total = 0;
    struct sw_jw *w = &p->w;

    sum_points(p, sum);
    sw_jw_key(w, "categories");
    sw_jw_array(w);
    for (size_t c = 0; c < p->rules->n_categories; c++) {
        const struct sw_category *category = &p->rules->category[c];
        double counted = sum[c] < category->cap ? sum[c] : category->cap;

        total += counted;
        if (sum[c] == 0)
            continue;
        sw_jw_object(w);
        sw_jw_member(w, "category", category->name);
        sw_jw_member(w, "label", category->label);
        sw_put_number(w, "points", sum[c]);
        sw_put_number(w, "cap", category->cap);
        sw_put_number(w, "counted", counted);
        sw_jw_end(w);
    }
    sw_jw_end(w);
    return round(total * 100) / 100;
}

/* On another day: the level that the conditions alone would give. */
static size_t level_of(const struct sw_page *p, double score)
{
    size_t level = sw_standing_of(p->view, p->subject)->level;
    size_t hard = 0;

    if (p->is_today)
        return level;
    for (uint32_t i = 0; i < p->rules->n_rules; i++) {
        if (p->ahead[i].counted && p->rules->rule[i].hard > hard)
            hard = p->rules->rule[i].hard;
    }
    for (level = p->rules->n_levels; level > hard; level--) {
        if (score >= p->rules->level[level].enter)
            return level;
    }
    return hard;
}

static void put_standing(struct sw_page *p)
{
    const struct sw_standing *st = sw_standing_of(p->view, p->subject);
    struct sw_jw *w = &p->w;
    double score = put_categories(p);
    size_t level = level_of(p, score);
    const struct sw_level *l = &p->rules->level[level];

    sw_put_number(w, "score", score);
    sw_jw_member(w, "level", l->name);
    sw_jw_member(w, "level_label", l->label);
    if (p->is_today && st->low_since != SW_DAY_NEVER)
        sw_put_day(w, "level_falls", st->low_since + l->hold);
    if (level == p->rules->n_levels)
        return;
    sw_jw_key(w, "next_level");
    sw_jw_object(w);
    sw_jw_member(w, "level", l[1].name);
    sw_jw_member(w, "label", l[1].label);
    sw_put_number(w, "enter", l[1].enter);
    sw_jw_end(w);
}

/* ---- who it is ---------------------------------------------------------------------------- */

static void put_cadre(struct sw_page *p, const char *key, uint32_t cadre)
{
    const struct sw_registry *r = &p->view->registry;

    if (cadre == SW_NONE)
        return;
    sw_jw_key(&p->w, key);
    sw_jw_object(&p->w);
    sw_jw_member(&p->w, "cadre", sw_intern_text(&r->cadre_id, cadre));
    sw_jw_member(&p->w, "name", sw_registry_text(r, r->cadre[cadre].name));
    sw_jw_end(&p->w);
}

static void put_case(struct sw_page *p)
{
    uint32_t index = sw_standing_of(p->view, p->subject)->open_case;
    const struct sw_case *c;
    struct sw_jw *w = &p->w;

    if (index == SW_NONE)
        return;
    c = &p->view->cases[index];
    sw_jw_key(w, "case");
    sw_jw_object(w);
    sw_jw_member_int(w, "number", FIRST_CASE + (int64_t)index);
    sw_jw_member(w, "state", p->rules->life->state[c->state].name);
    sw_put_time(p->view, w, "opened", c->opened);
    put_cadre(p, "owner", c->owner);
    sw_jw_end(w);
}

static void put_subject(struct sw_page *p)
{
    const struct sw_registry *r = &p->view->registry;
    uint32_t area = sw_place_of(p->view, p->subject);
    struct sw_jw *w = &p->w;

    sw_jw_key(w, "household");
    sw_jw_object(w);
    sw_jw_member(w, "kind", sw_str(p->kind == SUBJECT_KINDS ? "area" : sw_subject_names[p->kind]));
    sw_jw_member(w, "id",
                 sw_is_area(p->subject) ? sw_area_code(r, area)
                                        : sw_intern_text(&r->household_id, p->subject));
    sw_jw_member(w, "name", sw_masked_name(p->view, p->subject));
    if (area != SW_NONE) {
        sw_jw_member(w, "place", sw_place_name(p->view, p->subject, true));
        sw_jw_member(w, "area", sw_area_code(r, area));
    }
    if (!sw_is_area(p->subject)) {
        uint32_t assignment = r->household[p->subject].assignment;

        put_cadre(p, "assigned", sw_assigned_next(r, p->day, &assignment));
    }
    put_standing(p);
    put_case(p);
    sw_jw_end(w);
}

/* ---- the households that an area's rules choose ------------------------------------------- */

struct chosen {
    struct sw_page *page;
    size_t n;
};

static void put_chosen(void *ctx, uint32_t household)
{
    struct chosen *c = ctx;
    struct sw_page *p = c->page;

    if (c->n++ >= LISTED_MAX)
        return;
    sw_jw_object(&p->w);
    sw_jw_member(&p->w, "household", sw_intern_text(&p->view->registry.household_id, household));
    sw_jw_member(&p->w, "place", sw_place_name(p->view, household, true));
    sw_jw_member(&p->w, "name", sw_masked_name(p->view, household));
    sw_jw_end(&p->w);
}

/* Last, for it takes frames of its own. */
static void put_lists(struct sw_page *p)
{
    if (!sw_is_area(p->subject))
        return;
    sw_jw_key(&p->w, "lists");
    sw_jw_array(&p->w);
    for (uint32_t i = 0; i < p->rules->n_rules; i++) {
        const struct sw_rule *r = &p->rules->rule[i];
        struct chosen c = {p, 0};

        if (!sw_on_page(p, i) || r->list == NULL || p->ahead[i].first != OF_TRUE ||
            (p->rule != SW_NONE && p->rule != i))
            continue;
        sw_jw_object(&p->w);
        sw_jw_member(&p->w, "rule", r->name);
        sw_jw_member(&p->w, "label", r->label);
        sw_jw_key(&p->w, "households");
        sw_jw_array(&p->w);
        sw_area_list(p->view, sw_area_of(p->subject), i, put_chosen, &c);
        sw_jw_end(&p->w);
        sw_jw_member_int(&p->w, "count", (int64_t)c.n);
        sw_jw_end(&p->w);
    }
    sw_jw_end(&p->w);
}

/* ---- the page ----------------------------------------------------------------------------- */

/* The day in hand once more, with what had fired then. */
static void stand_on_day(struct sw_page *p)
{
    sw_arena_reset(&p->view->arena);
    p->view->today = p->day;
    sw_frame_for(p->view, p->subject, &p->frame);
    p->budget = p->frame.budget;
    for (uint32_t i = 0; i < p->rules->n_rules; i++)
        p->view->fired[i] = p->ahead[i].counted ? SW_TRUE : SW_FALSE;
}

static void put_page(struct sw_page *p, sw_day today)
{
    struct sw_jw *w = &p->w;

    sw_look_ahead(p);
    stand_on_day(p);
    sw_jw_object(w);
    sw_put_day(w, "day", p->day);
    sw_put_day(w, "today", today);
    sw_put_day(w, "looked_until", p->looked_until);
    sw_jw_member(w, "ruleset", sw_str(sw_ruleset_digest(p->rules)));
    put_subject(p);
    sw_jw_key(w, "rules");
    sw_jw_array(w);
    for (uint32_t i = 0; i < p->rules->n_rules; i++) {
        if (sw_on_page(p, i) && (p->rule == SW_NONE || p->rule == i))
            sw_explain_rule(p, i);
    }
    sw_jw_end(w);
    sw_explain_events(p);
    put_lists(p);
    sw_jw_end(w);
    sw_buf_char(w->out, '\n');
    free(p->ahead);
}

/* The rule asked for; SW_NONE with *err when there is none. */
static enum sw_code find_rule(const struct sw_ruleset *rs, struct sw_str name, uint32_t *rule,
                              struct sw_err *err)
{
    struct sw_str names[RULES_MAX];
    struct sw_str near;

    *rule = SW_NONE;
    if (name.n == 0)
        return SW_OK;
    for (uint32_t i = 0; i < rs->n_rules; i++) {
        names[i] = rs->rule[i].name;
        if (sw_str_eq(name, names[i])) {
            *rule = i;
            return SW_OK;
        }
    }
    near = sw_str_nearest(name, names, rs->n_rules);
    if (near.n > 0)
        return sw_fail(err, SW_ENOTFOUND, _("there is no rule %.*s; did you mean %.*s?"),
                       SW_STR_ARG(name), SW_STR_ARG(near));
    return sw_fail(err, SW_ENOTFOUND, _("there is no rule %.*s"), SW_STR_ARG(name));
}

/* The only area of this name, as areas.yaml may call it; SW_NONE: none, or several. */
static uint32_t area_named(const struct sw_registry *r, struct sw_str name)
{
    uint32_t found = SW_NONE;

    for (uint32_t a = 0; a < r->area_code.count; a++) {
        if (r->area[a].name == SW_NONE || !sw_str_eq(sw_area_name(r, a), name))
            continue;
        if (found != SW_NONE)
            return SW_NONE;
        found = a;
    }
    return found;
}

/* A household by its id, else an area by its code or name. */
static bool find_subject(const struct sw_engine *e, struct sw_str id, uint32_t *subject)
{
    uint32_t area;

    *subject = sw_registry_household(&e->registry, id);
    if (*subject != SW_NONE)
        return true;
    area = sw_registry_area(&e->registry, id);
    if (area == SW_NONE)
        area = area_named(&e->registry, id);
    *subject = AREA_BIT | area;
    return area != SW_NONE;
}

enum sw_code sw_engine_explain(const struct sw_engine *e, struct sw_ruleset *explained,
                               const struct sw_explain_ask *ask, struct sw_buf *out,
                               struct sw_err *err)
{
    struct sw_page p = {.rules = explained, .w = {.out = out}};
    enum sw_code rc;

    SW_ASSERT(strcmp(sw_ruleset_digest(explained), sw_ruleset_digest(e->rules)) == 0);
    if (!find_subject(e, ask->household, &p.subject))
        return sw_fail(err, SW_ENOTFOUND, _("there is no household or area %.*s"),
                       SW_STR_ARG(ask->household));
    p.kind = sw_subject_kind(e, p.subject);
    p.lang = p.kind == OF_HOUSEHOLD ? explained->lang : explained->area_lang;
    rc = find_rule(explained, ask->rule, &p.rule, err);
    if (rc != SW_OK)
        return rc;
    if (p.rule != SW_NONE && !sw_on_page(&p, p.rule))
        return sw_fail(err, SW_ENOTFOUND, _("the rule %.*s is not about %.*s"),
                       SW_STR_ARG(ask->rule), SW_STR_ARG(ask->household));
    if (e->today == SW_DAY_NEVER)
        return sw_fail(err, SW_EINVALID, _("no day has begun yet: no input has come so far"));
    p.day = ask->day == SW_DAY_NEVER ? e->today : ask->day;
    p.is_today = p.day == e->today;
    p.view = sw_view_open(e, explained, p.day);
    put_page(&p, e->today);
    sw_view_close(p.view);
    return SW_OK;
}
