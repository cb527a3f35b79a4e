/* areas.c - rules about a village, township or county: their streams, and the households they list.
 *
 * A rule about an area reads the events of all its households as one stream, with the household as
 * one more field, and events over areas around or inside. Nothing is copied: the events stay in
 * their histories, and `seen` tells for each stream that such rules read which households have any
 * at all. The cost of a read is the number of those households; streams that count by area (new
 * severe diseases, lost jobs) are rare ones. */
#include "parts.h"
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

/* ---- who has events at all ------------------------------------------------------------------ */

static void note(struct sw_seen *s, uint32_t household)
{
    size_t words = household / 64 + 1;

    if (s->words < words) {
        size_t n = words * 2;

        s->bit = sw_realloc(s->bit, n * sizeof(*s->bit));
        memset(s->bit + s->words, 0, (n - s->words) * sizeof(*s->bit));
        s->words = n;
    }
    if ((s->bit[household / 64] >> household % 64 & 1) != 0)
        return;
    s->bit[household / 64] |= UINT64_C(1) << household % 64;
    s->household = sw_grow(s->household, &s->cap, s->n + 1, sizeof(*s->household));
    s->household[s->n++] = household;
}

void sw_seen_add(struct sw_engine *e, uint32_t stream, uint32_t household)
{
    if (e->seen[stream].is_kept)
        note(&e->seen[stream], household);
}

static bool has_any(const struct sw_history *h, const struct sw_stream *st)
{
    struct sw_value room[SW_FIELDS_MAX];
    struct sw_cursor c = {.stream = st->id, .room = room};

    sw_history_open(h, &c);
    return sw_history_next(st, &c);
}

void sw_seen_all(struct sw_engine *e, uint32_t household)
{
    const struct sw_schema *s = e->rules->schema;

    for (size_t st = 1; st < s->n_streams; st++) {
        if (e->seen[st].is_kept &&
            has_any(&e->registry.household[household].history, &s->streams[st]))
            note(&e->seen[st], household);
    }
}

void sw_seen_begin(struct sw_engine *e)
{
    const struct sw_schema *s = e->rules->schema;

    e->seen = sw_calloc(s->n_streams, sizeof(*e->seen));
    for (size_t st = 1; st < s->n_streams; st++) {
        uint64_t any = 0;

        for (size_t w = 0; w < RULE_WORDS; w++)
            any |= e->rules->area_by_stream[st].word[w];
        e->seen[st].is_kept = any != 0 && s->streams[st].scope != SW_AREA;
        for (uint32_t h = 0; e->seen[st].is_kept && h < e->registry.household_id.count; h++) {
            if (has_any(&e->registry.household[h].history, &s->streams[st]))
                note(&e->seen[st], h);
        }
    }
}

void sw_seen_free(struct sw_engine *e)
{
    for (size_t st = 0; e->seen != NULL && st < e->rules->schema->n_streams; st++) {
        free(e->seen[st].household);
        free(e->seen[st].bit);
    }
    free(e->seen);
    e->seen = NULL;
}

/* From so many on it is shorter to ask a village's own households than all who have events. */
enum { SEEN_FEW = 500 };

/* ---- streams -------------------------------------------------------------------------------- */

struct row {
    sw_day day;
    uint32_t household; /* of one day by household, whatever way they were found; SW_NONE: none */
    uint32_t order;     /* of arrival here: those of one stay as they were */
    const struct sw_value *field;
};

struct rows {
    struct row *at;
    size_t n, cap, next;
    const struct sw_cursor *want;
    const struct sw_stream *st;
    struct sw_engine *e;
};

/* The records of one history; `household` becomes the field behind the declared ones. */
static void gather(struct rows *g, const struct sw_history *h, struct sw_value household)
{
    struct sw_cursor c = *g->want;

    sw_history_open(h, &c);
    for (;;) {
        c.room = SW_ARENA_ARRAY(&g->e->arena, struct sw_value, g->st->n_fields + 1);
        if (!sw_history_next(g->st, &c))
            return;
        c.room[g->st->n_fields] = household;
        if (g->n == g->cap) {
            struct row *old = g->at;

            g->cap = g->cap == 0 ? 64 : g->cap * 2;
            g->at = SW_ARENA_ARRAY(&g->e->arena, struct row, g->cap);
            if (g->n > 0)
                memcpy(g->at, old, g->n * sizeof(*old));
        }
        g->at[g->n] =
            (struct row){c.day, household.kind == SW_KPERSON ? (uint32_t)household.i : SW_NONE,
                         (uint32_t)g->n, c.room};
        g->n++;
    }
}

static int by_day(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;

    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    if (x->household != y->household)
        return x->household < y->household ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void gather_household(struct rows *g, uint32_t household)
{
    gather(g, &g->e->registry.household[household].history,
           (struct sw_value){.kind = SW_KPERSON, .i = household});
}

static void gather_inside(struct rows *g, uint32_t area)
{
    const struct sw_registry *r = &g->e->registry;

    gather(g, &r->area[area].history, sw_value_unknown(0));
    for (uint32_t a = r->area[area].first_child; a != SW_NONE; a = r->area[a].next_sibling)
        gather_inside(g, a);
}

static void open_area(void *ctx, struct sw_cursor *c)
{
    const struct subject *s = ctx;
    const struct sw_registry *r = &s->e->registry;
    const struct sw_stream *st = &s->e->rules->schema->streams[c->stream];
    struct rows *g = SW_ARENA_NEW(&s->e->arena, struct rows);

    *g = (struct rows){.want = c, .st = st, .e = s->e};
    if (st->scope == SW_AREA) {
        gather_inside(g, s->number);
        for (uint32_t a = r->area[s->number].parent; a != SW_NONE; a = r->area[a].parent)
            gather(g, &r->area[a].history, sw_value_unknown(0));
    } else if (s->e->seen[c->stream].n > SEEN_FEW && r->area[s->number].first_child == SW_NONE) {
        for (uint32_t h = r->area[s->number].first_household; h != SW_NONE;
             h = r->household[h].next_in_area)
            gather_household(g, h);
    } else {
        const struct sw_seen *seen = &s->e->seen[c->stream];

        for (size_t i = 0; i < seen->n; i++) {
            if (sw_area_within(r, r->household[seen->household[i]].area, s->number))
                gather_household(g, seen->household[i]);
        }
    }
    if (g->n > 1)
        qsort(g->at, g->n, sizeof(*g->at), by_day);
    c->from = g;
}

static bool next_of_area(void *ctx, struct sw_cursor *c)
{
    struct rows *g;

    (void)ctx;
    /* The cursor holds it as const for hosts whose records are; this one made it in open_area. */
    memcpy(&g, &c->from, sizeof(g));
    if (g->next == g->n)
        return false;
    c->day = g->at[g->next].day;
    c->field = g->at[g->next++].field;
    return true;
}

const struct sw_host *sw_area_host(void)
{
    static const struct sw_host host = {open_area, next_of_area};

    return &host;
}

/* ---- whom an event concerns ----------------------------------------------------------------- */

/* Whether some of these rules (NULL: of all) are about such an area. */
static bool has_rules(const struct sw_engine *e, uint32_t area, const struct sw_rule_set *rules)
{
    enum sw_subject_kind kind = sw_subject_kind(e, AREA_BIT | area);
    uint64_t any = 0;

    for (size_t w = 0; kind < SUBJECT_KINDS && w < RULE_WORDS; w++)
        any |= e->rules->of[kind].word[w] & (rules == NULL ? UINT64_MAX : rules->word[w]);
    return any != 0;
}

void sw_due_today(struct sw_engine *e, uint32_t subject, enum sw_gone gone)
{
    if (gone != NOT_GONE)
        sw_standing_of(e, subject)->gone = (uint8_t)gone;
    sw_set_due(e, subject, e->today);
}

void sw_around_due(struct sw_engine *e, uint32_t area, const struct sw_rule_set *rules,
                   enum sw_gone gone)
{
    for (; area != SW_NONE; area = e->registry.area[area].parent) {
        if (has_rules(e, area, rules))
            sw_due_today(e, AREA_BIT | area, gone);
    }
}

/* Rules that are judged once a day wait for tomorrow: bills come by the thousand, and such a rule
 * reads all of a year's. */
void sw_judge_around(struct sw_engine *e, uint32_t household, uint32_t stream, enum sw_gone gone,
                     struct sw_effects *fx)
{
    const struct sw_rule_set *all = &e->rules->area_by_stream[stream];
    uint32_t area = e->registry.household[household].area;
    struct sw_rule_set now;
    struct sw_rule_set later;

    for (size_t w = 0; w < RULE_WORDS; w++) {
        now.word[w] = all->word[w] & ~e->rules->daily.word[w];
        later.word[w] = all->word[w] & e->rules->daily.word[w];
    }
    for (; area != SW_NONE; area = e->registry.area[area].parent) {
        if (has_rules(e, area, &now))
            sw_judge(e, AREA_BIT | area,
                     &(struct sw_occasion){.rules = &now, .gone = gone, .of_household = true}, fx);
        if (e->area_standing[area].due > e->today + 1 && has_rules(e, area, &later))
            sw_set_due(e, AREA_BIT | area, e->today + 1);
    }
}

struct concerned {
    struct sw_engine *e;
    enum sw_gone gone;
};

static void due_now(void *ctx, uint32_t household)
{
    const struct concerned *c = ctx;

    sw_due_today(c->e, household, c->gone);
}

static void due_inside(struct sw_engine *e, uint32_t area, uint32_t stream, enum sw_gone gone)
{
    if (has_rules(e, area, &e->rules->area_by_stream[stream]))
        sw_due_today(e, AREA_BIT | area, gone);
    for (uint32_t a = e->registry.area[area].first_child; a != SW_NONE;
         a = e->registry.area[a].next_sibling)
        due_inside(e, a, stream, gone);
}

void sw_area_due(struct sw_engine *e, uint32_t area, uint32_t stream, enum sw_gone gone)
{
    struct concerned c = {.e = e, .gone = gone};
    uint64_t any = 0;

    for (size_t w = 0; w < RULE_WORDS; w++)
        any |= e->rules->by_stream[stream].word[w];
    if (any != 0)
        sw_area_each(&e->registry, area, due_now, &c);
    due_inside(e, area, stream, gone);
    sw_around_due(e, e->registry.area[area].parent, &e->rules->area_by_stream[stream], gone);
}

/* ---- the households a rule lists ------------------------------------------------------------ */

struct sorted {
    uint32_t household;
    bool chosen;
};

struct choosing {
    struct sw_engine *e;
    uint32_t rule; /* SW_NONE: nobody is chosen */
    struct sorted *at;
    size_t n, cap;
};

bool sw_area_chooses(struct sw_engine *e, uint32_t rule, uint32_t household)
{
    struct sw_frame f;

    sw_frame_for(e, household, &f);
    return sw_eval_truth(e->rules->rule[rule].list, &f, NULL) == SW_TRUE;
}

static void choose(void *ctx, uint32_t household)
{
    struct choosing *c = ctx;
    bool chosen = c->rule != SW_NONE && sw_area_chooses(c->e, c->rule, household);

    c->at = sw_grow(c->at, &c->cap, c->n + 1, sizeof(*c->at));
    c->at[c->n++] = (struct sorted){household, chosen};
}

/* Chosen first, called second: what is called may need frames of its own. */
void sw_area_sort(struct sw_engine *e, uint32_t area, uint32_t rule,
                  void (*each)(void *ctx, uint32_t household, bool chosen), void *ctx)
{
    struct choosing c = {.e = e, .rule = rule};

    sw_area_each(&e->registry, area, choose, &c);
    for (size_t i = 0; i < c.n; i++)
        each(ctx, c.at[i].household, c.at[i].chosen);
    free(c.at);
}

struct chosen_only {
    void (*each)(void *ctx, uint32_t household);
    void *ctx;
};

static void if_chosen(void *ctx, uint32_t household, bool chosen)
{
    const struct chosen_only *c = ctx;

    if (chosen)
        c->each(c->ctx, household);
}

void sw_area_list(struct sw_engine *e, uint32_t area, uint32_t rule,
                  void (*each)(void *ctx, uint32_t household), void *ctx)
{
    sw_area_sort(e, area, rule, if_chosen, &(struct chosen_only){each, ctx});
}

static void count_one(void *ctx, uint32_t household)
{
    (void)household;
    ++*(size_t *)ctx;
}

size_t sw_area_listed(struct sw_engine *e, uint32_t area)
{
    bool has_list = false;
    size_t most = 0;
    size_t n;
    const struct sw_hit *hits = sw_hits(e, AREA_BIT | area, &n);

    for (size_t i = 0; i < n; i++) {
        size_t count = 0;

        if (!sw_hit_counts(&hits[i]) || e->rules->rule[hits[i].rule].list == NULL)
            continue;
        has_list = true;
        sw_area_list(e, area, hits[i].rule, count_one, &count);
        if (count > most)
            most = count;
    }
    if (!has_list)
        sw_area_each(&e->registry, area, count_one, &most);
    return most;
}

/* ---- codes ---------------------------------------------------------------------------------- */

static void put_code(void *ctx, struct sw_str code)
{
    sw_jw_str(ctx, code);
}

void sw_engine_area_codes(const struct sw_engine *e, struct sw_str begin, struct sw_buf *out)
{
    struct sw_jw w = {.out = out};

    sw_jw_array(&w);
    sw_area_other_codes(&e->registry, begin, put_code, &w);
    sw_jw_end(&w);
}
