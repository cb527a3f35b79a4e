/* codes.c - areas: their tree, and the codes they have, had and will have.
 *
 * The statistics bureau gives villages new codes, and puts two into one. registry.area with
 * `replaces: OLD, from: DATE` says so:
 *
 * - The new code is not registered: it becomes one more code of the same place. The place keeps its
 *   number, so households, events, cases and teams stay where they are; both codes lead to it on
 * any day, whatever the date; from the date on it has the new code, name and parent.
 * - The new code is a place already: from the date on the old place is a part of it. Its households
 *   count there, events over the new place reach them, and what still comes with the old code
 *   reaches them alone.
 *
 * A code that was replaced is not replaced again by another one: which households went there is
 * said by registering them anew. */
#include "event_parts.h"
#include "registry_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>

enum { AREA_DEPTH_MAX = 8 };

enum { AREA_NAME, AREA_PARENT, AREA_REPLACES, AREA_FROM };

const struct sw_field sw_area_fields[SW_AREA_FIELDS] = {
    [AREA_NAME] = {.name = {"name", 4}, .type = SW_FSTRING},
    [AREA_PARENT] = {.name = {"parent", 6}, .type = SW_FAREA, .optional = true},
    [AREA_REPLACES] = {.name = {"replaces", 8}, .type = SW_FSTRING, .optional = true},
    [AREA_FROM] = {.name = {"from", 4}, .type = SW_FDATE, .optional = true},
};

/* ---- the tree ------------------------------------------------------------------------------- */

/* 12 digits: county 6, town 3, village 3. A village's parent is its town, a town's its county. */
static uint32_t parent_by_code(const struct sw_registry *r, struct sw_str code)
{
    char parent[13] = "000000000000";

    if (code.n != 12)
        return SW_NONE;
    if (memcmp(code.p + 9, "000", 3) != 0)
        memcpy(parent, code.p, 9);
    else if (memcmp(code.p + 6, "000", 3) != 0)
        memcpy(parent, code.p, 6);
    else
        return SW_NONE;
    return sw_registry_area(r, sw_str(parent));
}

static size_t depth_of(const struct sw_registry *r, uint32_t area)
{
    size_t depth = 0;

    for (; area != SW_NONE; area = r->area[area].parent)
        depth++;
    return depth;
}

static size_t height_of(const struct sw_registry *r, uint32_t area)
{
    size_t most = 0;

    for (uint32_t a = r->area[area].first_child; a != SW_NONE; a = r->area[a].next_sibling) {
        size_t height = height_of(r, a);

        most = height > most ? height : most;
    }
    return most + 1;
}

static void join_parent(struct sw_registry *r, uint32_t area, uint32_t parent)
{
    r->area[area].parent = parent;
    r->area[area].next_sibling = SW_NONE;
    if (parent == SW_NONE)
        return;
    r->area[area].next_sibling = r->area[parent].first_child;
    r->area[parent].first_child = area;
}

static void leave_parent(struct sw_registry *r, uint32_t area)
{
    uint32_t *link;

    if (r->area[area].parent == SW_NONE)
        return;
    link = &r->area[r->area[area].parent].first_child;
    while (*link != area)
        link = &r->area[*link].next_sibling;
    *link = r->area[area].next_sibling;
}

/* One more entry: a place of its own, until told otherwise. */
static uint32_t add_entry(struct sw_registry *r, struct sw_str code)
{
    uint32_t n = sw_intern_add(&r->area_code, code);

    r->area = sw_grow(r->area, &r->area_cap, n + 1, sizeof(*r->area));
    r->area[n] = (struct sw_area){.history = SW_HISTORY_NONE,
                                  .name = SW_NONE,
                                  .is = n,
                                  .shown = n,
                                  .next_code = SW_NONE,
                                  .next_parent = SW_NONE,
                                  .from = INT32_MIN,
                                  .parent = SW_NONE,
                                  .first_child = SW_NONE,
                                  .next_sibling = SW_NONE,
                                  .first_household = SW_NONE,
                                  .assignment = SW_NONE};
    return n;
}

/* ---- codes ---------------------------------------------------------------------------------- */

/* The entry whose code a place has on a day: the one with the latest date. */
static uint32_t code_on(const struct sw_registry *r, uint32_t place, sw_day day)
{
    uint32_t best = place;
    sw_day since = INT32_MIN;

    for (uint32_t a = r->area[place].next_code; a != SW_NONE; a = r->area[a].next_code) {
        if (r->area[a].from <= day && r->area[a].from > since) {
            best = a;
            since = r->area[a].from;
        }
    }
    return best;
}

/* True when something is another today than it was. When a change of parent was told it may have
 * been right, and lead in a circle after another that holds since: then the place stays where it
 * is. */
static bool settle(struct sw_registry *r, uint32_t place, sw_day day)
{
    struct sw_area *a = &r->area[place];
    uint32_t shown = code_on(r, place, day);
    uint32_t parent = a->parent;
    bool changed = shown != a->shown;

    if (a->next_parent != SW_NONE && a->from <= day) {
        a->is_part = !sw_area_within(r, a->next_parent, place);
        parent = a->is_part ? a->next_parent : parent;
        a->next_parent = SW_NONE;
    } else if (changed && !a->is_part && shown != place) {
        parent = r->area[shown].next_parent;
    }
    a->shown = shown;
    if (parent == a->parent || (parent != SW_NONE && sw_area_within(r, parent, place)))
        return changed;
    leave_parent(r, place);
    join_parent(r, place, parent);
    return true;
}

static uint32_t still_to_come(const struct sw_registry *r, sw_day day)
{
    uint32_t n = 0;

    for (uint32_t a = 0; a < r->area_code.count; a++)
        n += r->area[a].from > day && (r->area[a].is != a || r->area[a].next_parent != SW_NONE);
    return n;
}

uint32_t sw_registry_recode(struct sw_registry *r, sw_day day)
{
    for (uint32_t a = 0; r->recodes > 0 && a < r->area_code.count; a++) {
        if (r->area[a].is == a && settle(r, a, day))
            return a;
    }
    r->recodes = r->recodes == 0 ? 0 : still_to_come(r, day);
    return SW_NONE;
}

/* ---- registry.area -------------------------------------------------------------------------- */

static uint32_t parent_of(const struct sw_change *c)
{
    return sw_change_given(c, AREA_PARENT) ? (uint32_t)c->event.value[AREA_PARENT].i
                                           : parent_by_code(c->r, c->id);
}

static sw_day from_of(const struct sw_change *c)
{
    return sw_change_given(c, AREA_FROM) ? (sw_day)c->event.value[AREA_FROM].i : c->event.day;
}

static enum sw_refusal check_place(struct sw_change *c, uint32_t place, uint32_t parent)
{
    if (parent != SW_NONE && sw_area_within(c->r, parent, place))
        return sw_change_conflict(c, _("an area cannot lie inside itself"));
    if (depth_of(c->r, parent) + height_of(c->r, place) > AREA_DEPTH_MAX)
        return sw_change_conflict(c, _("areas are nested too deep"));
    return SW_ACCEPTED;
}

/* From its date on, `place` has one code more. */
static enum sw_refusal add_code(struct sw_change *c, uint32_t place)
{
    struct sw_registry *r = c->r;
    uint32_t parent = parent_of(c);
    enum sw_refusal rc = check_place(c, place, parent);
    uint32_t n;

    if (rc != SW_ACCEPTED || sw_change_seen(c, &r->area[place].history))
        return rc;
    n = add_entry(r, c->id);
    r->area[n].is = place;
    r->area[n].name = sw_change_text_number(c, AREA_NAME);
    r->area[n].from = from_of(c);
    r->area[n].next_parent = parent;
    r->area[n].next_code = r->area[place].next_code;
    r->area[place].next_code = n;
    return SW_ACCEPTED;
}

/* Is a part of it, or will be. */
static bool is_joining(const struct sw_registry *r, uint32_t place, uint32_t whole)
{
    return r->area[place].next_parent == whole ||
           (r->area[place].is_part && r->area[place].parent == whole);
}

/* Lies in `place`, or will when everything told so far holds. */
static bool will_lie_in(const struct sw_registry *r, uint32_t area, uint32_t place)
{
    for (int n = 0; area != SW_NONE && n <= 2 * AREA_DEPTH_MAX; n++) {
        if (area == place)
            return true;
        area =
            r->area[area].next_parent != SW_NONE ? r->area[area].next_parent : r->area[area].parent;
    }
    return false;
}

/* From its date on, `place` is a part of `whole`. */
static enum sw_refusal join(struct sw_change *c, uint32_t place, uint32_t whole)
{
    struct sw_area *a = &c->r->area[place];
    enum sw_refusal rc = check_place(c, place, whole);

    if (rc == SW_ACCEPTED && will_lie_in(c->r, whole, place))
        return sw_change_conflict(c, _("an area cannot lie inside itself"));
    if (rc == SW_ACCEPTED && !is_joining(c->r, place, whole) &&
        depth_of(c->r, place) != depth_of(c->r, whole))
        return sw_change_conflict(
            c, _("replaces: a village becomes part of a village, a town of a town"));
    if (rc != SW_ACCEPTED || sw_change_seen(c, &a->history))
        return rc;
    if (is_joining(c->r, place, whole))
        return SW_ACCEPTED; /* told again by another event */
    a->next_parent = whole;
    a->from = from_of(c);
    return SW_ACCEPTED;
}

/* The code `old` has a successor of a later date than its own already. */
static bool is_replaced(const struct sw_registry *r, uint32_t old)
{
    uint32_t place = r->area[old].is;

    if (r->area[place].is_part || r->area[place].next_parent != SW_NONE)
        return true;
    for (uint32_t a = r->area[place].next_code; a != SW_NONE; a = r->area[a].next_code) {
        if (a != old && (old == place || r->area[a].from > r->area[old].from))
            return true;
    }
    return false;
}

static enum sw_refusal apply_replacing(struct sw_change *c, uint32_t entry)
{
    struct sw_registry *r = c->r;
    uint32_t old = sw_intern_find(&r->area_code, sw_change_text(c, AREA_REPLACES));
    sw_day today = sw_zone_day(c->schema->zone, c->now);
    enum sw_refusal rc = SW_ACCEPTED;
    uint32_t place;

    if (old == SW_NONE)
        return sw_change_unknown_id(c, "replaces", sw_change_text(c, AREA_REPLACES));
    place = r->area[old].is;
    if (entry == old)
        return sw_change_conflict(c, _("an area cannot replace itself"));
    if (entry != SW_NONE && r->area[entry].is == place) { /* told again: only the name is new */
        if (!sw_change_seen(c, &r->area[place].history))
            r->area[entry].name = sw_change_text_number(c, AREA_NAME);
    } else if (r->area[old].is != old && from_of(c) <= r->area[old].from) {
        return sw_change_conflict(c, _("from: lies before the date of the code it replaces"));
    } else if (is_replaced(r, old) &&
               !(entry != SW_NONE && is_joining(r, place, r->area[entry].is))) {
        return sw_change_conflict(c, _("replaces: that code was replaced already; say which "
                                       "households went here by registering them anew"));
    } else {
        rc = entry == SW_NONE ? add_code(c, place) : join(c, place, r->area[entry].is);
    }
    if (rc != SW_ACCEPTED || c->changed.repeat)
        return rc;
    if (settle(r, place, today) || (entry != SW_NONE && r->area[place].shown == entry))
        c->changed.recoded = place;
    r->recodes = still_to_come(r, today);
    return SW_ACCEPTED;
}

enum sw_refusal sw_apply_area(struct sw_change *c)
{
    struct sw_registry *r = c->r;
    uint32_t entry = sw_intern_find(&r->area_code, c->id);
    uint32_t parent = parent_of(c);

    if (!sw_change_given(c, AREA_NAME))
        return sw_change_missing(c, "name");
    if (sw_change_given(c, AREA_REPLACES))
        return apply_replacing(c, entry);
    if (sw_change_given(c, AREA_FROM))
        return sw_change_conflict(c, _("from: says since when a code replaces another: replaces"));
    if (entry != SW_NONE && sw_change_given(c, AREA_PARENT) && r->area[entry].is == entry &&
        r->area[entry].shown == entry && !r->area[entry].is_part && parent != r->area[entry].parent)
        return sw_change_conflict(
            c, _("an area moves to another parent with its new code: replaces and from"));
    if (depth_of(r, parent) >= AREA_DEPTH_MAX)
        return sw_change_conflict(c, _("areas are nested too deep"));
    if (entry == SW_NONE) {
        entry = add_entry(r, c->id);
        join_parent(r, entry, parent);
    }
    if (!sw_change_seen(c, &r->area[r->area[entry].is].history))
        r->area[entry].name = sw_change_text_number(c, AREA_NAME);
    return SW_ACCEPTED;
}

/* ---- whose codes ---------------------------------------------------------------------------- */

static struct sw_str code_of(const struct sw_registry *r, uint32_t entry)
{
    return sw_intern_text(&r->area_code, entry);
}

static bool has_code(const struct sw_registry *r, uint32_t place, struct sw_str begin)
{
    bool has = sw_str_starts(code_of(r, place), begin);

    for (uint32_t a = r->area[place].next_code; a != SW_NONE && !has; a = r->area[a].next_code)
        has = sw_str_starts(code_of(r, a), begin);
    return has;
}

void sw_area_other_codes(const struct sw_registry *r, struct sw_str begin,
                         void (*each)(void *ctx, struct sw_str code), void *ctx)
{
    for (uint32_t a = 0; a < r->area_code.count; a++) {
        uint32_t place = r->area[a].is;

        if (sw_str_starts(code_of(r, a), begin))
            continue;
        while (place != SW_NONE && !has_code(r, place, begin))
            place = r->area[place].parent;
        if (place != SW_NONE)
            each(ctx, code_of(r, a));
    }
}
