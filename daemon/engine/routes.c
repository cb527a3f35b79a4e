/* routes.c - people.yaml: which people there are around a household, whose a case is, who is told
 * of it and who gets a copy, by level, cause and place.
 *
 * The first route that fits a case is its route; the last one fits everything. Its `owner` roles
 * are tried one after the other, so a vacancy falls to the next, and the county is always the last.
 * Without people.yaml: cadre, team, township, county; the cadre and the team are told. */
#include "parts.h"
#include <shouwang/base/i18n.h>

/* ---- what the file holds ------------------------------------------------------------------ */

static const struct sw_key role[] = {
    {.name = "label",
     SW_INTO(struct sw_role, label),
     .required = true,
     .help = N_("what people read")},
    {.name = "of",
     SW_INTO(struct sw_role, of),
     .kind = SW_KEY_WORD,
     .words = sw_subject_names,
     .required = true,
     .help = N_("whom they are assigned to: cadres to a household, teams to a village, township or "
                "the county")},
};
static const struct sw_keys role_keys = {SW_TABLE("role", role)};
static const struct sw_key one_role = {.kind = SW_KEY_MAP, .of = &role_keys, .later = true};
static const struct sw_keys roles_map = {
    .name = "roles", .other = &one_role, .names = SW_NAMES_ANY};

static const struct sw_key a_name = {.kind = SW_KEY_TEXT, .lo = 1};

/* A list of the route, kept as it stands: what its names mean is found out when rules are known. */
struct route_text {
    struct sw_str name;
    const struct sw_yaml *levels, *categories, *tags, *rules, *areas, *owner, *tell, *copy;
};

#define NAMES(field, text)                                                                         \
    {                                                                                              \
        .name = #field, SW_INTO(struct route_text, field), .kind = SW_KEY_LIST, .item = &a_name,   \
        .help = text                                                                               \
    }

static const struct sw_key route[] = {
    {.name = "route",
     SW_INTO(struct route_text, name),
     .lo = 1,
     .required = true,
     .help = N_("what this way is called")},
    NAMES(levels, N_("only for cases on these levels")),
    NAMES(categories, N_("only when a rule of these categories counts")),
    NAMES(tags, N_("… or a rule with one of these tags")),
    NAMES(rules, N_("… or one of these rules")),
    NAMES(areas, N_("only in these places and inside them: codes or names")),
    NAMES(owner, N_("roles, the nearest first: the case is the first one's that somebody fills")),
    NAMES(tell, N_("roles that are told; where nobody fills one, the next of `owner` above it")),
    NAMES(copy, N_("roles that get a copy, if somebody fills them")),
};
static const struct sw_keys route_keys = {SW_TABLE("route", route)};
static const struct sw_key one_route = {.kind = SW_KEY_MAP, .of = &route_keys, .later = true};

static const struct sw_key people_file[] = {
    {.name = "roles",
     .kind = SW_KEY_MAP,
     .of = &roles_map,
     .help = N_("which people there are; all of them, in place of the built-in ones")},
    {.name = "routes",
     .kind = SW_KEY_LIST,
     .item = &one_route,
     .help = N_("ways of cases, the first that fits counts")},
    {.name = "needs_owner",
     .kind = SW_KEY_EXPRESSION,
     .help = N_("which households must have somebody in the nearest role: the others are not "
                "listed as missing one")},
    {.name = "bad_number_after",
     SW_INTO(struct sw_routing, bad_number_after),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = 100,
     .help = N_("after so many failures in a row a phone counts as not reached")},
};
const struct sw_keys sw_people_keys = {SW_TABLE("people", people_file)};

/* ---- roles -------------------------------------------------------------------------------- */

static const struct sw_role usual_roles[] = {
    {.name = {"cadre", 5}, .label = {"帮扶责任人", 15}, .of = OF_HOUSEHOLD, .is_usual = true},
    {.name = {"team", 4}, .label = {"驻村工作队", 15}, .of = OF_VILLAGE, .is_usual = true},
    {.name = {"township", 8}, .label = {"乡镇专干", 12}, .of = OF_TOWNSHIP, .is_usual = true},
    {.name = {"county", 6}, .label = {"县专干", 9}, .of = OF_COUNTY, .is_usual = true},
};

/* The first role of a kind is the one of teams that do not say theirs. */
static bool is_first_of(const struct sw_routing *w, enum sw_subject_kind of)
{
    for (size_t i = 0; i < w->n_roles; i++) {
        if (w->role[i].of == of)
            return false;
    }
    return true;
}

static void load_role(struct sw_routing *w, const struct sw_yaml *y, struct sw_diag *diag)
{
    struct sw_role r = {.at = y->key_at, .name = y->key};

    if (y->kind != SW_YMAP || !sw_keys_read(&role_keys, y, &r, diag))
        return;
    if (w->n_roles == ROLES_MAX) {
        sw_diag_add(diag, SW_ERROR, y->key_at, _("more than %d roles"), ROLES_MAX);
        return;
    }
    r.is_usual = is_first_of(w, r.of);
    w->role[w->n_roles++] = r;
}

static void load_roles(struct sw_routing *w, const struct sw_yaml *map, struct sw_diag *diag)
{
    if (map == NULL || map->kind != SW_YMAP) {
        w->n_roles = SW_COUNTOF(usual_roles);
        memcpy(w->role, usual_roles, sizeof(usual_roles));
        return;
    }
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next)
        load_role(w, y, diag);
    if (is_first_of(w, OF_COUNTY) && diag->errors == 0)
        sw_diag_add(diag, SW_ERROR, map->key_at,
                    _("no role is of the county: somebody has to be the last"));
}

/* ---- routes ------------------------------------------------------------------------------- */

struct loading {
    struct sw_ruleset *rs;
    struct sw_routing *w;
    struct sw_diag *diag;
};

enum { NAMES_MAX = 64 };

/* The place of a name among n, -1: a finding says what there is. */
static int64_t find_name(struct loading *l, const struct sw_yaml *y, const char *what,
                         const struct sw_str *names, const struct sw_str *labels, size_t n)
{
    struct sw_buf there = {0};

    for (size_t i = 0; i < n; i++) {
        if (sw_str_eq(names[i], y->text))
            return (int64_t)i;
    }
    sw_put_choices(&there, y->text, names, labels, n);
    sw_diag_add(l->diag, SW_ERROR, y->at, "%s %.*s%s", what, SW_STR_ARG(y->text), there.p);
    sw_buf_free(&there);
    return -1;
}

static void load_rungs(struct loading *l, const struct sw_yaml *list, struct sw_rungs *out)
{
    struct sw_str names[ROLES_MAX];
    struct sw_str labels[ROLES_MAX];

    for (size_t i = 0; i < l->w->n_roles; i++) {
        names[i] = l->w->role[i].name;
        labels[i] = l->w->role[i].label;
    }
    out->n = 0;
    for (const struct sw_yaml *y = list->first; y != NULL; y = y->next) {
        int64_t found = find_name(l, y, _("no role"), names, labels, l->w->n_roles);

        if (found >= 0 && out->n < RUNGS_MAX)
            out->role[out->n++] = (uint8_t)found;
        else if (found >= 0)
            sw_diag_add(l->diag, SW_ERROR, y->at, _("more than %d roles"), RUNGS_MAX);
    }
}

static void load_levels(struct loading *l, const struct sw_yaml *list, struct sw_route *r)
{
    struct sw_str names[LEVELS_MAX];
    struct sw_str labels[LEVELS_MAX];

    for (size_t i = 0; i < l->rs->n_levels; i++) {
        names[i] = l->rs->level[i + 1].name;
        labels[i] = l->rs->level[i + 1].label;
    }
    for (const struct sw_yaml *y = list == NULL ? NULL : list->first; y != NULL; y = y->next) {
        int64_t found = find_name(l, y, _("no level"), names, labels, l->rs->n_levels);

        if (found >= 0)
            r->levels |= (uint8_t)(1 << (found + 1));
    }
}

static void add_category(struct loading *l, const struct sw_yaml *y, struct sw_route *r)
{
    struct sw_str names[CATEGORIES_MAX];
    struct sw_str labels[CATEGORIES_MAX];
    int64_t found;

    for (size_t i = 0; i < l->rs->n_categories; i++) {
        names[i] = l->rs->category[i].name;
        labels[i] = l->rs->category[i].label;
    }
    found = find_name(l, y, _("no category"), names, labels, l->rs->n_categories);
    for (uint32_t i = 0; i < l->rs->n_rules && found >= 0; i++) {
        if (!l->rs->rule[i].task && l->rs->rule[i].category == found)
            sw_rules_add(&r->rules, i);
    }
}

static bool has_tag(const struct sw_rule *r, struct sw_str tag)
{
    const struct sw_yaml *list = r->tags != NULL && r->tags->kind == SW_YLIST ? r->tags : NULL;

    for (const struct sw_yaml *t = list == NULL ? NULL : list->first; t != NULL; t = t->next) {
        if (sw_str_eq(t->text, tag))
            return true;
    }
    return false;
}

static void add_tag(struct loading *l, const struct sw_yaml *y, struct sw_route *r)
{
    bool known = false;

    for (uint32_t i = 0; i < l->rs->n_rules; i++) {
        if (has_tag(&l->rs->rule[i], y->text)) {
            sw_rules_add(&r->rules, i);
            known = true;
        }
    }
    if (!known)
        sw_diag_add(l->diag, SW_WARNING, y->at, _("no rule has the tag %.*s"), SW_STR_ARG(y->text));
}

static void add_rule(struct loading *l, const struct sw_yaml *y, struct sw_route *r)
{
    uint32_t rule = sw_rule_find(l->rs, y->text);

    if (rule == SW_NONE)
        sw_diag_add(l->diag, SW_ERROR, y->at, _("no rule %.*s"), SW_STR_ARG(y->text));
    else
        sw_rules_add(&r->rules, rule);
}

static void load_causes(struct loading *l, const struct sw_yaml *list, struct sw_route *r,
                        void (*add)(struct loading *, const struct sw_yaml *, struct sw_route *))
{
    r->some_rules |= list != NULL;
    for (const struct sw_yaml *y = list == NULL ? NULL : list->first; y != NULL; y = y->next)
        add(l, y, r);
}

static bool is_for_all(const struct sw_route *r)
{
    return r->levels == 0 && !r->some_rules && r->areas == NULL;
}

/* Cadre, team, township, county; the county's usual role ends every chain that has none. */
static void complete(const struct sw_routing *w, struct sw_route *r, bool has_owner, bool has_tell)
{
    bool county = false;

    for (size_t i = 0; i < w->n_roles && !has_owner; i++) {
        if (w->role[i].is_usual && r->owner.n < RUNGS_MAX)
            r->owner.role[r->owner.n++] = (uint8_t)i;
    }
    for (size_t i = 0; i < w->n_roles && !has_tell; i++) {
        if (w->role[i].is_usual && w->role[i].of <= OF_VILLAGE && r->tell.n < RUNGS_MAX)
            r->tell.role[r->tell.n++] = (uint8_t)i;
    }
    for (size_t i = 0; i < r->owner.n; i++)
        county |= w->role[r->owner.role[i]].of == OF_COUNTY;
    for (size_t i = 0; i < w->n_roles && !county; i++) {
        if (w->role[i].is_usual && w->role[i].of == OF_COUNTY)
            r->owner.role[r->owner.n++] = (uint8_t)i;
    }
}

static void load_route(struct loading *l, const struct sw_yaml *y)
{
    struct sw_route *r = &l->w->route[l->w->n_routes];
    struct route_text text = {.levels = NULL};

    *r = (struct sw_route){.at = y->at};
    if (y->kind != SW_YMAP || !sw_keys_read(&route_keys, y, &text, l->diag))
        return;
    r->name = text.name;
    r->areas = text.areas;
    load_levels(l, text.levels, r);
    load_causes(l, text.categories, r, add_category);
    load_causes(l, text.tags, r, add_tag);
    load_causes(l, text.rules, r, add_rule);
    if (text.owner != NULL)
        load_rungs(l, text.owner, &r->owner);
    if (text.tell != NULL)
        load_rungs(l, text.tell, &r->tell);
    if (text.copy != NULL)
        load_rungs(l, text.copy, &r->copy);
    complete(l->w, r, text.owner != NULL, text.tell != NULL);
    if (l->w->n_routes > 0 && is_for_all(r - 1))
        sw_diag_add(l->diag, SW_ERROR, y->at,
                    _("no case comes this far: the route before it has no conditions"));
    l->w->n_routes++;
}

static void load_routes(struct loading *l, const struct sw_yaml *list)
{
    size_t n = list != NULL && list->kind == SW_YLIST ? list->count : 0;
    struct sw_route *last;

    if (n >= ROUTES_MAX) {
        sw_diag_add(l->diag, SW_ERROR, list->at, _("more than %d routes"), ROUTES_MAX - 1);
        return;
    }
    l->w->route = SW_ARENA_ARRAY(&l->rs->arena, struct sw_route, n + 1);
    for (const struct sw_yaml *y = n == 0 ? NULL : list->first; y != NULL; y = y->next)
        load_route(l, y);
    if (l->w->n_routes > 0 && is_for_all(&l->w->route[l->w->n_routes - 1]))
        return;
    last = &l->w->route[l->w->n_routes++];
    *last = (struct sw_route){.name = SW_STR("默认")};
    complete(l->w, last, false, false);
}

void sw_load_people(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    struct loading l = {rs, &rs->routing, diag};
    const struct sw_yaml *needs = sw_yaml_get(root, "needs_owner");

    rs->routing.bad_number_after = BAD_NUMBER_AFTER;
    if (root != NULL)
        sw_keys_read(&sw_people_keys, root, &rs->routing, diag);
    load_roles(&rs->routing, sw_yaml_get(root, "roles"), diag);
    if (diag->errors == 0)
        load_routes(&l, sw_yaml_get(root, "routes"));
    if (needs != NULL && needs->kind == SW_YSCALAR)
        rs->routing.needs_owner =
            sw_lang_compile(rs->lang, sw_text_of(needs), sw_type_of(rs->lang, SW_KBOOL), diag);
}

/* ---- choosing ----------------------------------------------------------------------------- */

static bool is_there(const struct sw_engine *e, const struct sw_route *r, uint32_t area)
{
    for (; r->areas != NULL && area != SW_NONE; area = e->registry.area[area].parent) {
        for (const struct sw_yaml *y = r->areas->first; y != NULL; y = y->next) {
            if (sw_area_is_called(&e->registry, area, y->text))
                return true;
        }
    }
    return r->areas == NULL;
}

static bool counts_some(const struct sw_engine *e, const struct sw_route *r, uint32_t subject)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t i = 0; i < n && r->some_rules; i++) {
        if (sw_hit_counts(&hits[i]) && sw_rules_has(&r->rules, hits[i].rule))
            return true;
    }
    return !r->some_rules;
}

uint8_t sw_route_for(const struct sw_engine *e, const struct sw_case *c)
{
    const struct sw_routing *w = &e->rules->routing;
    uint8_t i = 0;

    for (; i + 1U < w->n_routes; i++) {
        const struct sw_route *r = &w->route[i];

        if ((r->levels == 0 || (r->levels >> c->level & 1) != 0) &&
            is_there(e, r, sw_place_of(e, c->subject)) && counts_some(e, r, c->subject))
            break;
    }
    return i;
}

uint8_t sw_route_named(const struct sw_ruleset *rs, struct sw_str name)
{
    uint8_t i = 0;

    while (i < rs->routing.n_routes && !sw_str_eq(rs->routing.route[i].name, name))
        i++;
    return i;
}

uint8_t sw_role_named(const struct sw_ruleset *rs, struct sw_str name)
{
    uint8_t i = 0;

    while (i < rs->routing.n_roles && !sw_str_eq(rs->routing.role[i].name, name))
        i++;
    return i;
}
