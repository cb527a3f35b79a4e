/* frame.c - a household as the rule language sees it on one day: its facts, its area's parameters,
 * its streams and those of the areas around it. */
#include "parts.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

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
    c->uses = 0;
    c->asleep = (struct sw_rule_set){{0}};
    for (size_t i = 0; e->fixed_params != NULL && i < n; i++) {
        if (e->fixed_params[i].kind != SW_KUNKNOWN) {
            c->value[i] = e->fixed_params[i];
            c->until[i] = SW_DAY_NEVER;
        }
    }
    c->changes = any_change(c->until, n);
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
struct subject {
    struct sw_engine *e;
    uint32_t household;
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

static const struct gathered *gathered(const struct subject *s, const struct sw_stream *st)
{
    uint32_t area = s->e->registry.household[s->household].area;
    struct gathered *g = s->around[st->id];
    size_t n;

    if (g != NULL)
        return g;
    n = count_records(s->e, st, area);
    g = sw_arena_zalloc(&s->e->arena, sizeof(*g) + n * sizeof(g->row[0]));
    if (n > 0)
        gather(s->e, st, area, g);
    return s->around[st->id] = g;
}

static void open_stream(void *ctx, struct sw_cursor *c)
{
    const struct subject *s = ctx;
    const struct sw_stream *st = &s->e->rules->schema->streams[c->stream];
    const struct gathered *g;

    c->from = NULL;
    if (st->scope != SW_AREA) {
        c->at = s->begin[c->stream];
        c->to = s->begin[c->stream + 1];
        c->field = c->room;
        return;
    }
    g = gathered(s, st);
    c->from = g;
    c->at = g->row;
    c->to = g->row + g->n;
}

static bool next_record(void *ctx, struct sw_cursor *c)
{
    const struct subject *s = ctx;
    const struct row *row = c->at;

    if (c->from == NULL)
        return sw_history_next(&s->e->rules->schema->streams[c->stream], c);
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

static struct subject *subject_of(struct sw_engine *e, uint32_t household)
{
    const struct sw_schema *schema = e->rules->schema;
    size_t n = schema->n_streams;
    uint32_t area = e->registry.household[household].area;
    struct subject *s = sw_arena_alloc(&e->arena, sizeof(*s) + (n + 1) * sizeof(s->begin[0]));

    s->e = e;
    s->household = household;
    s->around = SW_ARENA_ARRAY(&e->arena, struct gathered *, n);
    s->present = SW_ARENA_ARRAY(&e->arena, bool, n);
    sw_history_index(&e->registry.household[household].history, s->begin, n);
    for (size_t i = 1; i < n; i++)
        s->present[i] = schema->streams[i].scope == SW_AREA
                            ? is_around(e, &schema->streams[i], area)
                            : s->begin[i] != s->begin[i + 1];
    return s;
}

/* ---- the frame ---------------------------------------------------------------------------- */

/* Names of the areas stand in for facts nobody told. */
static void fill_place(struct sw_engine *e, uint32_t fact, uint32_t area)
{
    if (fact != SW_NONE && area != SW_NONE && e->facts[fact].kind == SW_KUNKNOWN)
        e->facts[fact] = sw_value_str(sw_area_name(&e->registry, area));
}

/* True when some of them change by time. */
static bool fill_facts(struct sw_engine *e, uint32_t household)
{
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
    return any_change(e->facts_until, rs->schema->streams[SW_FACTS].n_fields);
}

static void fill_fired(struct sw_engine *e, uint32_t household)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(e, household, &n);

    memset(e->fired, SW_FALSE, e->rules->n_rules);
    memset(&e->has_hit, 0, sizeof(e->has_hit));
    for (size_t i = 0; i < n; i++) {
        e->fired[hits[i].rule] = sw_hit_counts(&hits[i]) ? SW_TRUE : SW_FALSE;
        sw_rules_add(&e->has_hit, hits[i].rule);
    }
}

void sw_frame_for(struct sw_engine *e, uint32_t household, struct sw_frame *f)
{
    static const struct sw_host host = {open_stream, next_record};
    struct subject *s = subject_of(e, household);
    struct sw_param_cache *params = params_of(e, e->registry.household[household].area);
    bool facts_change;

    sw_put_to_sleep(e, params);
    facts_change = fill_facts(e, household);
    fill_fired(e, household);
    sw_wake(e, household, params, s->present);
    *f = (struct sw_frame){
        .bank = {[BANK_HOUSEHOLD] = e->facts, [BANK_PARAMS] = params->value},
        .until = {[BANK_HOUSEHOLD] = facts_change ? e->facts_until : NULL,
                  [BANK_PARAMS] = params->changes ? params->until : NULL},
        .fired = e->fired,
        .host = &host,
        .ctx = s,
        .zone = e->rules->schema->zone,
        .today = e->today,
        .budget = 100000,
        .reads = e->reads,
        .arena = &e->arena,
    };
    sw_frame_begin(f);
}
