/* owners.c - households that somebody should look after and nobody does.
 *
 * `needs_owner` of people.yaml says which households must have a cadre of their own. Beside them
 * stands everybody with an open case that is nobody's at all. The county is told once, the morning
 * after their number changed; the list itself is always at hand. */
#include "explain.h"
#include <shouwang/base/json.h>

static bool has_cadre(const struct sw_engine *e, uint32_t household)
{
    uint32_t at = e->registry.household[household].assignment;

    return sw_assigned_next(&e->registry, e->today, &at) != SW_NONE;
}

static bool is_ownerless(const struct sw_engine *e, uint32_t subject)
{
    uint32_t index = sw_standing_of(e, subject)->open_case;

    return index != SW_NONE && e->cases[index].owner == SW_NONE;
}

/* Uses the storage for facts, and the arena. */
static bool is_missing(struct sw_engine *e, uint32_t household)
{
    struct sw_frame f;

    if (e->registry.household[household].merged_into != SW_NONE)
        return false;
    if (is_ownerless(e, household))
        return true;
    if (e->rules->routing.needs_owner == NULL || has_cadre(e, household))
        return false;
    sw_frame_for(e, household, &f);
    return sw_eval_truth(e->rules->routing.needs_owner, &f, NULL) == SW_TRUE;
}

/* ---- once a day --------------------------------------------------------------------------- */

static struct sw_str event_text(struct sw_engine *e, uint32_t households, uint32_t cases)
{
    struct sw_webhook hook;
    struct sw_jw *w = sw_webhook_begin(e, &hook, "owners.missing");

    sw_jw_member_int(w, "households", households);
    sw_jw_member_int(w, "cases", cases);
    return sw_webhook_end(e, &hook);
}

static void tell_county(struct sw_engine *e, uint32_t households, struct sw_effects *fx)
{
    uint32_t cases = 0;
    struct sw_str text;

    for (uint32_t i = 0; i < e->n_open; i++)
        cases += e->cases[e->open[i]].owner == SW_NONE;
    text = sw_fill(e, e->rules->wording.owners_missing,
                   (const struct sw_pair[]){
                       {"count", sw_arena_printf(&e->arena, "%u", households)},
                       {"cases", sw_arena_printf(&e->arena, "%u", cases)},
                   },
                   2);
    sw_notify_county(e, "owners", text, event_text(e, households, cases), fx);
}

void sw_owners_count(struct sw_engine *e, struct sw_effects *fx)
{
    uint32_t before = e->people.missing;
    uint32_t n = 0;

    for (uint32_t h = 0; h < e->registry.household_id.count; h++) {
        n += is_missing(e, h);
        sw_arena_reset(&e->arena);
    }
    e->people.missing = n;
    if (n != before && n > 0)
        tell_county(e, n, fx);
}

/* ---- the list ----------------------------------------------------------------------------- */

static void put_cadre(struct sw_jw *w, const struct sw_engine *e, const char *key, uint32_t cadre)
{
    sw_jw_member(w, key,
                 cadre == SW_NONE ? SW_STR("") : sw_intern_text(&e->registry.cadre_id, cadre));
}

/* Whose a case of the household is, or would be. */
static void put_subject(struct sw_engine *e, struct sw_jw *w, uint32_t subject)
{
    const struct sw_standing *st = sw_standing_of(e, subject);
    const struct sw_registry *r = &e->registry;
    struct sw_case c = {.subject = subject, .level = st->level};
    struct sw_charge charge;

    c.route = sw_route_for(e, &c);
    if (st->open_case != SW_NONE)
        c = e->cases[st->open_case];
    charge = sw_charge_of(e, &c);
    sw_jw_object(w);
    sw_jw_member(w, "household",
                 sw_is_area(subject) ? SW_STR("") : sw_intern_text(&r->household_id, subject));
    sw_jw_member(w, "area",
                 sw_place_of(e, subject) == SW_NONE ? SW_STR("")
                                                    : sw_area_code(r, sw_place_of(e, subject)));
    sw_jw_member(w, "place", sw_place_name(e, subject, true));
    sw_jw_member(w, "name", sw_masked_name(e, subject));
    sw_jw_member(w, "level", e->rules->level[st->level].name);
    put_cadre(w, e, "owner", charge.owner);
    put_cadre(w, e, "acting", charge.acting);
    sw_jw_member(w, "role",
                 charge.owner == SW_NONE ? SW_STR("") : e->rules->routing.role[charge.role].label);
    if (st->open_case != SW_NONE)
        sw_jw_member_int(w, "case", FIRST_CASE + (int64_t)st->open_case);
    sw_jw_end(w);
}

void sw_engine_ownerless(const struct sw_engine *e, uint32_t limit, struct sw_buf *out)
{
    struct sw_jw w = {.out = out};
    struct sw_engine *view = sw_view_open(e, e->rules, e->today);
    uint32_t n = 0;

    sw_jw_array(&w);
    for (uint32_t a = 0; a < e->area_standings && n < limit; a++) {
        if (is_ownerless(e, AREA_BIT | a)) {
            put_subject(view, &w, AREA_BIT | a);
            n++;
        }
    }
    for (uint32_t h = 0; h < e->standings && n < limit; h++) {
        if (is_missing(view, h)) {
            put_subject(view, &w, h);
            n++;
        }
        sw_arena_reset(&view->arena);
    }
    sw_jw_end(&w);
    sw_view_close(view);
}
