/* frame.c - a subject as the rule language sees it on one day. A household: its facts, its members,
 * its area's parameters, its streams and those of the areas around it. Areas' streams: areas.c. */
#include "parts.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

enum { HOUSEHOLD_BUDGET = 100000, AREA_BUDGET = 20000000 };

/* ---- parameters --------------------------------------------------------------------------- */

static void drop_cache(struct sw_param_cache *c)
{
    free(c->value);
    free(c->until);
    *c = (struct sw_param_cache){.day = SW_DAY_NEVER};
}

void sw_forget_params(struct sw_engine *e)
{
    drop_cache(&e->base);
    for (size_t i = 0; i < e->area_params_n; i++)
        drop_cache(&e->area_params[i]);
    free(e->area_params);
    e->area_params = NULL;
    e->area_params_n = 0;
}

/* Mostly nothing is dated ahead; then no rule has to ask what is. */
static bool any_change(const sw_day *until, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (until[i] != SW_DAY_NEVER)
            return true;
    }
    return false;
}

static void fill_cache(struct sw_engine *e, struct sw_param_cache *c, uint32_t area)
{
    size_t n = e->rules->n_params;

    if (c->day == e->today)
        return;
    c->day = e->today;
    if (c->value == NULL) {
        c->value = sw_calloc(n, sizeof(*c->value));
        c->until = sw_calloc(n, sizeof(*c->until));
    }
    sw_params_at(e->rules, &e->registry, area, e->today, c->value, c->until);
    for (size_t i = 0; e->fixed_params != NULL && i < n; i++) {
        if (e->fixed_params[i].kind != SW_KUNKNOWN) {
            c->value[i] = e->fixed_params[i];
            c->until[i] = SW_DAY_NEVER;
        }
    }
    c->changes = any_change(c->until, n);
    sw_put_to_sleep(e, c);
}

/* The county's values, unless something near the household differs. New areas are looked at once;
 * a change of areas or rules forgets everything (sw_forget_params). */
static struct sw_param_cache *params_of(struct sw_engine *e, uint32_t area)
{
    struct sw_param_cache *c;

    if (area != SW_NONE && e->area_params_n <= area && e->rules->n_overrides > 0) {
        size_t n = e->registry.area_code.count;

        e->area_params = sw_realloc(e->area_params, n * sizeof(*e->area_params));
        for (size_t i = e->area_params_n; i < n; i++) {
            e->area_params[i] = (struct sw_param_cache){.day = SW_DAY_NEVER};
            e->area_params[i].own = sw_params_differ(e->rules, &e->registry, (uint32_t)i);
        }
        e->area_params_n = n;
    }
    c = area < e->area_params_n && e->area_params[area].own ? &e->area_params[area] : &e->base;
    fill_cache(e, c, c == &e->base ? SW_NONE : area);
    return c;
}

/* ---- streams ------------------------------------------------------------------------------ */

/* Events over the areas around a household, gathered and sorted: there are few. */
struct gathered {
    size_t n;
    struct row {
        sw_day day;
        const struct sw_value *field;
    } row[];
};

/* Rules read the same few streams again and again: where each begins is found once a frame. */
struct household {
    struct subject of;
    bool *present;                /* by stream: there are events */
    struct gathered **around;     /* by stream over areas; NULL: not asked for yet */
    const unsigned char *begin[]; /* by stream, in the household's own history */
};

static size_t count_records(struct sw_engine *e, const struct sw_stream *st, uint32_t area)
{
    size_t n = 0;

    for (; area != SW_NONE; area = e->registry.area[area].parent) {
        struct sw_cursor c = {.stream = st->id};

        sw_history_open(&e->registry.area[area].history, &c);
        while (sw_history_next(st, &c))
            n++;
    }
    return n;
}

static void gather(struct sw_engine *e, const struct sw_stream *st, uint32_t area,
                   struct gathered *g)
{
    for (; area != SW_NONE; area = e->registry.area[area].parent) {
        struct sw_cursor c = {.stream = st->id, .need = UINT64_MAX};

        sw_history_open(&e->registry.area[area].history, &c);
        for (;;) {
            size_t i = g->n;

            c.room = SW_ARENA_ARRAY(&e->arena, struct sw_value, st->n_fields);
            if (!sw_history_next(st, &c))
                break;
            for (; i > 0 && g->row[i - 1].day > c.day; i--)
                g->row[i] = g->row[i - 1];
            g->row[i].day = c.day;
            g->row[i].field = c.room;
            g->n++;
        }
    }
}

static const struct gathered *gathered(const struct household *s, const struct sw_stream *st)
{
    uint32_t area = s->of.e->registry.household[s->of.number].area;
    struct gathered *g = s->around[st->id];
    size_t n;

    if (g != NULL)
        return g;
    n = count_records(s->of.e, st, area);
    g = sw_arena_zalloc(&s->of.e->arena, sizeof(*g) + n * sizeof(g->row[0]));
    if (n > 0)
        gather(s->of.e, st, area, g);
    return s->around[st->id] = g;
}

/* A stream of the household's own history. */
static void open_own(const struct household *h, struct sw_cursor *c)
{
    c->at = h->begin[c->stream];
    c->to = h->begin[c->stream + 1];
    c->field = c->room;
}

static void open_stream(void *ctx, struct sw_cursor *c)
{
    const struct household *s = ctx;
    const struct sw_stream *st = &s->of.e->rules->schema->streams[c->stream];
    const struct gathered *g;

    c->from = NULL;
    if (st->scope != SW_AREA) {
        open_own(s, c);
        return;
    }
    g = gathered(s, st);
    c->from = g;
    c->at = g->row;
    c->to = g->row + g->n;
}

static bool next_record(void *ctx, struct sw_cursor *c)
{
    const struct household *s = ctx;
    const struct row *row = c->at;

    if (c->from == NULL)
        return sw_history_next(&s->of.e->rules->schema->streams[c->stream], c);
    if (row == c->to)
        return false;
    c->day = row->day;
    c->field = row->field;
    c->at = row + 1;
    return true;
}

static bool is_around(struct sw_engine *e, const struct sw_stream *st, uint32_t area)
{
    bool found = false;

    for (; area != SW_NONE && !found; area = e->registry.area[area].parent) {
        struct sw_cursor c = {.stream = st->id};

        sw_history_open(&e->registry.area[area].history, &c);
        found = sw_history_next(st, &c);
    }
    return found;
}

/* The nearest area from `area` upwards over which anything ever happened: few have any. */
static uint32_t eventful(const struct sw_engine *e, uint32_t area)
{
    while (area != SW_NONE && e->registry.area[area].history.bytes == NULL)
        area = e->registry.area[area].parent;
    return area;
}

static struct household *household_of(struct sw_engine *e, uint32_t household)
{
    const struct sw_schema *schema = e->rules->schema;
    size_t n = schema->n_streams;
    uint32_t area = eventful(e, e->registry.household[household].area);
    struct household *s = sw_arena_alloc(&e->arena, sizeof(*s) + (n + 1) * sizeof(s->begin[0]));

    s->of = (struct subject){e, household};
    s->around = SW_ARENA_ARRAY(&e->arena, struct gathered *, n);
    s->present = SW_ARENA_ARRAY(&e->arena, bool, n);
    sw_history_index(&e->registry.household[household].history, s->begin, n);
    for (size_t i = 1; i < n; i++)
        s->present[i] = schema->streams[i].scope == SW_AREA
                            ? is_around(e, &schema->streams[i], area)
                            : s->begin[i] != s->begin[i + 1];
    return s;
}

/* ---- members ------------------------------------------------------------------------------ */

static struct sw_value *member_of(const struct sw_list *members, struct sw_value *record,
                                  int64_t person)
{
    for (uint32_t i = 0; i < members->n; i++) {
        if (record[i].record[SW_FACT_PERSON].i == person) {
            struct sw_value *field;

            memcpy(&field, &record[i].record, sizeof(field)); /* this file made it */
            return field;
        }
    }
    return NULL;
}

/* Everybody registered in the household, with nothing known of them. */
static struct sw_list *list_members(struct sw_engine *e, const struct sw_stream *facts,
                                    uint32_t household, struct sw_value **record)
{
    const struct sw_registry *r = &e->registry;
    struct sw_list *list = SW_ARENA_NEW(&e->arena, struct sw_list);
    uint32_t n = 0;

    for (uint32_t p = r->household[household].first_person; p != SW_NONE;
         p = r->person[p].next_in_household)
        n++;
    *record = SW_ARENA_ARRAY(&e->arena, struct sw_value, n + 1);
    for (uint32_t p = r->household[household].first_person; p != SW_NONE;
         p = r->person[p].next_in_household) {
        struct sw_value *field = SW_ARENA_ARRAY(&e->arena, struct sw_value, facts->n_fields);

        field[SW_FACT_PERSON] = (struct sw_value){.kind = SW_KPERSON, .i = p};
        for (uint32_t i = 1; i < facts->n_fields; i++)
            field[i] = sw_value_unknown(0);
        (*record)[list->n++] = (struct sw_value){.kind = SW_KRECORD, .record = field};
    }
    list->at = *record;
    return list;
}

/* Who died or moved away is no member any more; taken back, they are again. */
static void leave_out(const struct household *h, const struct sw_stream *st,
                      struct sw_list *members, struct sw_value *record, sw_day *until)
{
    const struct sw_engine *e = h->of.e;
    uint32_t field = sw_stream_person(st);
    struct sw_value room[SW_FIELDS_MAX];
    struct sw_cursor c = {.stream = st->id, .room = room, .need = UINT64_C(1) << field};

    open_own(h, &c);
    while (sw_history_next(st, &c)) {
        if (c.day > e->today) {
            if (c.day < *until)
                *until = c.day;
            return;
        }
        for (uint32_t i = 0; i < members->n; i++) {
            if (record[i].record[SW_FACT_PERSON].i != room[field].i)
                continue;
            memmove(&record[i], &record[i + 1], (members->n - i - 1) * sizeof(*record));
            members->n--;
        }
    }
}

/* The household's members with what is known of them today; unknown when nobody is registered. */
static void fill_members(struct sw_engine *e, const struct household *h)
{
    uint32_t household = h->of.number;
    const struct sw_stream *facts = e->rules->schema->persons;
    struct sw_value *value = &e->facts[SW_FIELDS_MAX];
    sw_day *until = &e->facts_until[SW_FIELDS_MAX];
    struct sw_value room[SW_FIELDS_MAX];
    struct sw_cursor c = {.room = room, .need = UINT64_MAX};
    struct sw_value *record;
    struct sw_list *members;

    *value = sw_value_unknown(0);
    *until = SW_DAY_NEVER;
    if (!e->rules->uses_members || e->registry.household[household].first_person == SW_NONE)
        return;
    members = list_members(e, facts, household, &record);
    *value = (struct sw_value){.kind = SW_KLIST, .list = members};
    c.stream = facts->id;
    open_own(h, &c);
    while (sw_history_next(facts, &c)) {
        struct sw_value *field = member_of(members, record, room[SW_FACT_PERSON].i);

        if (field != NULL && c.day > e->today) {
            *until = c.day;
            break;
        }
        for (uint32_t i = 1; field != NULL && i < facts->n_fields; i++) {
            if (room[i].kind != SW_KUNKNOWN)
                field[i] = room[i];
        }
    }
    for (size_t i = 1; i < e->rules->schema->n_streams; i++) {
        if (h->present[i] && e->rules->schema->streams[i].leaves)
            leave_out(h, &e->rules->schema->streams[i], members, record, until);
    }
}

/* ---- the frame ---------------------------------------------------------------------------- */

/* Names of the areas stand in for facts nobody told. */
static void fill_place(struct sw_engine *e, uint32_t fact, uint32_t area)
{
    if (fact != SW_NONE && area != SW_NONE && e->facts[fact].kind == SW_KUNKNOWN)
        e->facts[fact] = sw_value_str(sw_area_name(&e->registry, area));
}

/* True when some of them change by time. */
static bool fill_facts(struct sw_engine *e, const struct household *h)
{
    uint32_t household = h->of.number;
    const struct sw_registry *r = &e->registry;
    const struct sw_ruleset *rs = e->rules;
    uint32_t area = r->household[household].area;
    uint32_t up = area == SW_NONE ? SW_NONE : r->area[area].parent;

    sw_history_facts(&r->household[household].history, &rs->schema->streams[SW_FACTS], e->today,
                     e->facts, e->facts_until);
    if (up != SW_NONE && r->area[up].parent != SW_NONE) { /* county, town, village */
        fill_place(e, rs->fact_village, area);
        fill_place(e, rs->fact_township, up);
    } else if (up != SW_NONE) {
        fill_place(e, rs->fact_township, area);
    }
    fill_members(e, h);
    return any_change(e->facts_until, rs->schema->streams[SW_FACTS].n_fields) ||
           e->facts_until[SW_FIELDS_MAX] != SW_DAY_NEVER;
}

static void count_one(void *ctx, uint32_t household)
{
    (void)household;
    ++*(int64_t *)ctx;
}

/* area.name, area.households */
static void fill_area(struct sw_engine *e, uint32_t area)
{
    int64_t n = 0;

    sw_area_each(&e->registry, area, count_one, &n);
    e->facts[AREA_NAME] = sw_value_str(sw_area_name(&e->registry, area));
    e->facts[AREA_HOUSEHOLDS] = sw_value_int(n);
}

static struct subject *area_of(struct sw_engine *e, uint32_t area)
{
    struct subject *s = SW_ARENA_NEW(&e->arena, struct subject);

    *s = (struct subject){e, area};
    return s;
}

static void fill_fired(struct sw_engine *e, uint32_t subject)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    memset(e->fired, SW_FALSE, e->rules->n_rules);
    memset(&e->has_hit, 0, sizeof(e->has_hit));
    for (size_t i = 0; i < n; i++) {
        e->fired[hits[i].rule] = sw_hit_counts(&hits[i]) ? SW_TRUE : SW_FALSE;
        sw_rules_add(&e->has_hit, hits[i].rule);
    }
}

uint32_t sw_place_of(const struct sw_engine *e, uint32_t subject)
{
    return sw_is_area(subject) ? sw_area_of(subject) : e->registry.household[subject].area;
}

enum sw_subject_kind sw_subject_kind(const struct sw_engine *e, uint32_t subject)
{
    static const enum sw_subject_kind by_depth[] = {OF_COUNTY, OF_TOWNSHIP, OF_VILLAGE};
    uint32_t area;
    size_t depth = 0;

    if (!sw_is_area(subject))
        return OF_HOUSEHOLD;
    if (e->registry.area[sw_area_of(subject)].is != sw_area_of(subject))
        return SUBJECT_KINDS; /* a later code of a place, not another place */
    for (area = sw_area_of(subject); e->registry.area[area].parent != SW_NONE; depth++)
        area = e->registry.area[area].parent;
    return depth < SW_COUNTOF(by_depth) ? by_depth[depth] : SUBJECT_KINDS;
}

void sw_frame_for(struct sw_engine *e, uint32_t subject, struct sw_frame *f)
{
    static const struct sw_host host = {open_stream, next_record};
    struct sw_param_cache *params = params_of(e, sw_place_of(e, subject));
    bool is_area = sw_is_area(subject);
    bool facts_change = false;
    struct household *h = NULL;

    if (is_area) {
        fill_area(e, sw_area_of(subject));
    } else {
        h = household_of(e, subject);
        facts_change = fill_facts(e, h);
    }
    fill_fired(e, subject);
    sw_wake(e, subject, params, is_area ? NULL : h->present);
    *f = (struct sw_frame){
        .bank = {[BANK_HOUSEHOLD] = e->facts, [BANK_PARAMS] = params->value},
        .until = {[BANK_HOUSEHOLD] = facts_change ? e->facts_until : NULL,
                  [BANK_PARAMS] = params->changes ? params->until : NULL},
        .fired = e->fired,
        .host = is_area ? sw_area_host() : &host,
        .ctx = is_area ? area_of(e, sw_area_of(subject)) : &h->of,
        .zone = e->rules->schema->zone,
        .today = e->today,
        .budget = is_area ? AREA_BUDGET : HOUSEHOLD_BUDGET,
        .reads = is_area ? e->area_reads : e->reads,
        .arena = &e->arena,
    };
    sw_frame_begin(f);
}
