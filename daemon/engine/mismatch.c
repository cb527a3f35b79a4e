/* mismatch.c - what the county has to decide: whom events are about of which it is not certain.
 *
 * A list made anew whenever somebody asks, of what waits (parked.c), the registry and the county's
 * decisions; nothing of it is kept. All events that say the same of a person are one entry. Names
 * are compared by their hashes and shown as their first character. */
#include "parts.h"
#include <shouwang/base/json.h>
#include <shouwang/base/veil.h>
#include <stdlib.h>

enum { CANDIDATES_SHOWN = 5 };

/* What is told of one person. */
struct entry {
    uint64_t told;
    const struct sw_parked *const *event; /* in order of arrival */
    uint32_t events, red;
    struct sw_str subject; /* as it was told */
    struct sw_who who;
    struct sw_str number; /* the token; empty: none, or one that is wrong */
    uint32_t candidates;
    uint32_t candidate[CANDIDATES_SHOWN];
    enum sw_doubt doubt;
};

struct named {
    uint64_t name;
    uint32_t entry;
};

struct list {
    struct sw_engine *e;
    struct entry *at;
    size_t n;
    struct named *by_name; /* in order of the name's hash */
    size_t named;
};

/* ---- what waits --------------------------------------------------------------------------- */

static int by_told(const void *a, const void *b)
{
    const struct sw_parked *const *x = a;
    const struct sw_parked *const *y = b;

    if ((*x)->told != (*y)->told)
        return (*x)->told < (*y)->told ? -1 : 1;
    return *x < *y ? -1 : *x > *y; /* in order of arrival */
}

static int by_arrival(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;

    return x->event[0] < y->event[0] ? -1 : x->event[0] > y->event[0];
}

/* What the first of an entry's events says. */
static void read_entry(struct list *l, struct entry *t)
{
    enum sw_idno_fault fault;
    struct sw_envelope env;
    struct sw_str id;

    if (!sw_parked_read(l->e, t->event[0], &env))
        return;
    t->subject = env.subject;
    t->who = env.who;
    id = env.subject;
    sw_str_split(&id, '/', &env.type);
    if (sw_str_is(env.type, SW_NAME_SUBJECT))
        t->who.name = id;
    else if (sw_str_is(env.type, SW_IDNO_SUBJECT) && sw_veil_idno(id, &fault) &&
             fault == SW_IDNO_GOOD)
        t->number = id;
}

/* Two persons or more are registered with the number, and the county has not said whose it is. */
static bool is_shared(const struct sw_registry *r, uint32_t idno)
{
    uint32_t first = r->person_of_idno[idno];

    return first != SW_NONE && r->person[first].next_same_idno != SW_NONE &&
           sw_match_of_number(r, sw_intern_text(&r->idno, idno)) == NULL;
}

/* Begins the list: what waits, an entry for all that says the same of a person. */
static void gather(struct list *l)
{
    const struct sw_registry *r = &l->e->registry;
    struct sw_parking *k = &l->e->parking;
    const struct sw_parked **p = SW_ARENA_ARRAY(&l->e->arena, const struct sw_parked *, k->n + 1);
    size_t n = 0;
    size_t shared = 0;

    for (uint32_t i = 0; i < k->n; i++) {
        if (k->at[i].told != 0)
            p[n++] = &k->at[i];
    }
    qsort(p, n, sizeof(const struct sw_parked *), by_told);
    for (uint32_t i = 0; i < r->idno.count; i++)
        shared += is_shared(r, i);
    l->at = SW_ARENA_ARRAY(&l->e->arena, struct entry, n + shared + 1);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || p[i]->told != p[i - 1]->told)
            l->at[l->n++] = (struct entry){
                .told = p[i]->told, .event = &p[i], .doubt = (enum sw_doubt)p[i]->doubt};
        l->at[l->n - 1].events++;
        l->at[l->n - 1].red += p[i]->task != 0;
    }
    qsort(l->at, l->n, sizeof(*l->at), by_arrival);
    for (size_t i = 0; i < l->n; i++)
        read_entry(l, &l->at[i]);
}

/* Numbers that several persons have, although no event is about them yet. */
static void gather_shared(struct list *l)
{
    const struct sw_registry *r = &l->e->registry;
    size_t waiting = l->n;

    for (uint32_t i = 0; i < r->idno.count; i++) {
        struct entry t = {.doubt = SW_DOUBT_SHARED, .number = sw_intern_text(&r->idno, i)};
        bool waits = false;

        if (!is_shared(r, i))
            continue;
        for (size_t k = 0; k < waiting && !waits; k++)
            waits = sw_str_eq(l->at[k].number, t.number);
        if (waits)
            continue;
        t.subject = sw_arena_printf(&l->e->arena, SW_IDNO_SUBJECT "/%.*s", SW_STR_ARG(t.number));
        t.told = sw_told_of(r, t.subject, &t.who);
        l->at[l->n++] = t;
    }
}

/* ---- who it could be ---------------------------------------------------------------------- */

/* By name and at least one thing more, and nothing that says it is not. */
static bool could_be(const struct sw_registry *r, const struct entry *t, uint32_t person)
{
    enum sw_fit birth = sw_birth_fits(r, person, &t->who);
    enum sw_fit area = sw_area_fits(r, person, &t->who);

    return birth != SW_FIT_NOT && area != SW_FIT_NOT && (birth == SW_FITS || area == SW_FITS);
}

static int by_name(const void *a, const void *b)
{
    const struct named *x = a;
    const struct named *y = b;

    if (x->name != y->name)
        return x->name < y->name ? -1 : 1;
    return x->entry < y->entry ? -1 : x->entry > y->entry;
}

static void index_names(struct list *l)
{
    l->by_name = SW_ARENA_ARRAY(&l->e->arena, struct named, l->n + 1);
    for (size_t i = 0; i < l->n; i++) {
        uint64_t name = sw_name_hash(&l->e->registry, l->at[i].who.name);

        if (name != 0)
            l->by_name[l->named++] = (struct named){name, (uint32_t)i};
    }
    qsort(l->by_name, l->named, sizeof(*l->by_name), by_name);
}

/* The first entry by name whose name is not less. */
static size_t first_of(const struct list *l, uint64_t name)
{
    size_t from = 0;
    size_t to = l->named;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (l->by_name[middle].name < name)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void add_candidate(struct entry *t, uint32_t person)
{
    if (t->candidates < CANDIDATES_SHOWN)
        t->candidate[t->candidates] = person;
    t->candidates++;
}

/* Whoever is registered with the number, or under the id, or was decided to have the number. */
static void add_registered(struct list *l, struct entry *t)
{
    const struct sw_registry *r = &l->e->registry;
    const struct sw_match *m = t->number.n == 0 ? NULL : sw_match_of_number(r, t->number);
    uint32_t idno = sw_intern_find(&r->idno, t->number);
    uint32_t person = idno == SW_NONE ? SW_NONE : r->person_of_idno[idno];
    struct sw_str id = t->subject;
    struct sw_str kind;

    for (; person != SW_NONE; person = r->person[person].next_same_idno)
        add_candidate(t, person);
    if (t->candidates > 0)
        return;
    sw_str_split(&id, '/', &kind);
    person = sw_str_is(kind, "person") ? sw_registry_person(r, id)
             : m != NULL               ? sw_registry_person(r, sw_registry_text(r, m->person))
                                       : SW_NONE;
    if (person != SW_NONE)
        add_candidate(t, person);
}

static void find_candidates(struct list *l)
{
    const struct sw_registry *r = &l->e->registry;

    for (size_t i = 0; i < l->n; i++) {
        if (l->at[i].doubt == SW_DOUBT_SHARED || l->at[i].doubt == SW_DOUBT_DIFFERS)
            add_registered(l, &l->at[i]);
    }
    for (uint32_t p = 0; p < r->person_id.count && l->named > 0; p++) {
        if (r->person[p].name == 0)
            continue;
        for (size_t i = first_of(l, r->person[p].name);
             i < l->named && l->by_name[i].name == r->person[p].name; i++) {
            struct entry *t = &l->at[l->by_name[i].entry];

            if (t->doubt != SW_DOUBT_SHARED && could_be(r, t, p))
                add_candidate(t, p);
        }
    }
}

/* ---- telling ------------------------------------------------------------------------------ */

static void put_year(struct sw_jw *w, sw_day day)
{
    if (day != SW_DAY_NEVER)
        sw_jw_member_int(w, "birth_year", sw_civil_of(day).year);
}

static void put_person(struct sw_engine *e, struct sw_jw *w, uint32_t person)
{
    const struct sw_registry *r = &e->registry;
    const struct sw_person *p = &r->person[person];

    sw_jw_member(w, "person", sw_intern_text(&r->person_id, person));
    sw_jw_member(w, "household", sw_intern_text(&r->household_id, p->household));
    sw_jw_member(w, "name", sw_registry_text(r, p->shown));
    put_year(w, p->birth);
    sw_jw_member(w, "area", sw_place_name(e, p->household, true));
    if (p->idno != SW_NONE)
        sw_jw_member(w, "last_four", sw_veil_tail(sw_intern_text(&r->idno, p->idno)));
}

static void put_fits(struct list *l, struct sw_jw *w, const struct entry *t, uint32_t person)
{
    static const char *const keys[] = {[SW_FITS] = "agrees", [SW_FIT_NOT] = "differs"};
    const struct sw_registry *r = &l->e->registry;
    const struct {
        const char *what;
        enum sw_fit fit;
    } all[] = {{"name", sw_name_fits(r, person, &t->who)},
               {"birth", sw_birth_fits(r, person, &t->who)},
               {"area", sw_area_fits(r, person, &t->who)}};

    for (size_t k = SW_FITS; k <= SW_FIT_NOT; k++) {
        sw_jw_key(w, keys[k]);
        sw_jw_array(w);
        for (size_t i = 0; i < SW_COUNTOF(all); i++) {
            if (all[i].fit == (enum sw_fit)k)
                sw_jw_cstr(w, all[i].what);
        }
        sw_jw_end(w);
    }
}

static const char *kind_of(const struct entry *t)
{
    if (t->doubt == SW_DOUBT_DIFFERS)
        return "differs";
    return t->candidates == 0 ? "nobody" : t->candidates == 1 ? "candidate" : "several";
}

static void put_decision(struct list *l, struct sw_jw *w, const struct entry *t)
{
    const struct sw_registry *r = &l->e->registry;
    const struct sw_match *m = sw_match_find(r, t->told);

    sw_jw_member(w, "state",
                 sw_str(m == NULL              ? "open"
                        : m->person == SW_NONE ? "declined"
                                               : "accepted"));
    if (m == NULL)
        return;
    if (m->person != SW_NONE)
        sw_jw_member(w, "as", sw_registry_text(r, m->person));
    sw_jw_member(w, "by", sw_registry_text(r, m->by));
    sw_jw_member(w, "reason", sw_registry_text(r, m->reason));
}

/* The different ones among the entry's events: their sources, and what they are. */
static void put_sources(struct list *l, struct sw_jw *w, const struct entry *t)
{
    struct sw_engine *e = l->e;
    struct sw_str seen[8];
    size_t n = 0;

    sw_jw_key(w, "told");
    sw_jw_array(w);
    for (uint32_t i = 0; i < t->events && n < SW_COUNTOF(seen); i++) {
        const struct sw_stream *st;
        struct sw_envelope env;
        struct sw_str text;
        bool is_new = true;

        if (!sw_parked_read(e, t->event[i], &env))
            continue;
        st = sw_schema_stream(e->rules->schema, env.type);
        text = sw_arena_printf(&e->arena, "%.*s %.*s", SW_STR_ARG(env.source),
                               SW_STR_ARG(st != NULL && st->label.n > 0 ? st->label : env.type));
        for (size_t k = 0; k < n; k++)
            is_new &= !sw_str_eq(seen[k], text);
        if (is_new)
            sw_jw_str(w, seen[n++] = text);
    }
    sw_jw_end(w);
}

/* Empty: the subject is an id of ours. */
static const char *number_of(const struct list *l, const struct entry *t)
{
    uint32_t n;

    if (t->number.n == 0)
        return sw_str_starts(t->subject, SW_STR(SW_NAME_SUBJECT "/"))   ? "none"
               : sw_str_starts(t->subject, SW_STR(SW_IDNO_SUBJECT "/")) ? "wrong"
                                                                        : "";
    sw_registry_idno(&l->e->registry, t->number, &n);
    return n == 0 ? "unknown" : n == 1 ? "known" : "shared";
}

static void put_entry(struct list *l, struct sw_jw *w, const struct entry *t)
{
    const struct sw_zone *zone = l->e->rules->schema->zone;
    struct sw_str shown = {NULL, 0};
    char id[SW_MATCH_SIZE];
    char text[SW_RFC3339_SIZE];

    sw_match_letters(t->told, id);
    sw_veil_name(t->who.name, &shown);
    sw_jw_object(w);
    sw_jw_member(w, "id", sw_str(id));
    sw_jw_member(w, "kind", sw_str(kind_of(t)));
    sw_jw_member(w, "number", sw_str(number_of(l, t)));
    put_decision(l, w, t);
    sw_jw_member(w, "name", shown);
    if (t->number.n > 0) {
        sw_jw_member(w, "last_four", sw_veil_tail(t->number));
        sw_jw_member(w, "idno", t->number);
    }
    put_year(w, t->who.has_birth ? t->who.birth : SW_DAY_NEVER);
    sw_jw_member(w, "area", t->who.area);
    sw_jw_member_int(w, "events", t->events);
    sw_jw_member_int(w, "red", t->red);
    if (t->events > 0) {
        sw_time since = t->event[0]->arrived;

        sw_jw_member(w, "since", sw_str(sw_rfc3339_format(since, 0, text)));
        sw_jw_member_int(w, "days", l->e->today - sw_zone_day(zone, since));
    }
    put_sources(l, w, t);
    sw_jw_member_int(w, "candidates_n", t->candidates);
    sw_jw_key(w, "candidates");
    sw_jw_array(w);
    for (uint32_t i = 0; i < t->candidates && i < CANDIDATES_SHOWN; i++) {
        sw_jw_object(w);
        put_person(l->e, w, t->candidate[i]);
        put_fits(l, w, t, t->candidate[i]);
        sw_jw_end(w);
    }
    sw_jw_end(w);
    sw_jw_end(w);
}

/* Nobody can say yet who an unknown number is of whom nothing else fits: it waits to be registered,
 * and is in the list of parked events. What was decided and still waits may be decided anew. */
static bool is_for_county(const struct list *l, const struct entry *t)
{
    return t->doubt > SW_DOUBT_UNKNOWN || t->candidates > 0 ||
           sw_match_find(&l->e->registry, t->told) != NULL;
}

void sw_engine_mismatches(const struct sw_engine *e, struct sw_buf *out)
{
    struct sw_engine view = *e; /* with an arena of its own */
    struct list l = {.e = &view};
    struct sw_jw w = {.out = out};

    view.arena = (struct sw_arena){0};
    gather(&l);
    gather_shared(&l);
    index_names(&l);
    find_candidates(&l);
    sw_jw_array(&w);
    for (size_t i = 0; i < l.n; i++) {
        if (is_for_county(&l, &l.at[i]))
            put_entry(&l, &w, &l.at[i]);
    }
    sw_jw_end(&w);
    sw_arena_free(&view.arena);
}

bool sw_engine_person(const struct sw_engine *e, struct sw_str id, struct sw_buf *out)
{
    struct sw_engine view = *e;
    uint32_t person = sw_registry_person(&e->registry, id);
    struct sw_jw w = {.out = out};

    if (person == SW_NONE)
        return false;
    view.arena = (struct sw_arena){0};
    sw_jw_object(&w);
    put_person(&view, &w, person);
    sw_jw_end(&w);
    sw_arena_free(&view.arena);
    return true;
}
