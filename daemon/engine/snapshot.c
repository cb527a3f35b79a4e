/* snapshot.c - the engine's state as bytes and back.
 *
 * One walk over the state serves both directions, so that what is written and what is read cannot
 * drift apart. Arrays go out as they lie in memory; the pointers in them are made
 * anew from what follows. A snapshot is tied to this machine's byte order, to SNAPSHOT_VERSION and
 * to the ruleset, and is thrown away when any of them differs. The store guards the bytes with a
 * checksum. */
#include "parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>

enum { SNAPSHOT_VERSION = 16 };

struct head {
    char magic[8];
    uint32_t version;
    uint32_t sizes; /* of the structs below, folded: another layout is another version */
    char rules[65];
    char pad[7];
    int64_t seq;
};

struct walk {
    bool (*put)(void *ctx, const void *bytes, size_t n);
    bool (*get)(void *ctx, void *bytes, size_t n);
    void *ctx;
    bool good;
};

static void bytes(struct walk *w, void *p, size_t n)
{
    if (w->good && n > 0)
        w->good = w->put != NULL ? w->put(w->ctx, p, n) : w->get != NULL && w->get(w->ctx, p, n);
}

#define FIELD(w, x) bytes((w), &(x), sizeof(x))

/* An array of *count elements; reading makes room for exactly that many. */
static void *array(struct walk *w, void *p, size_t count, size_t size, size_t *cap)
{
    if (w->put == NULL && w->good && count > 0) {
        p = sw_malloc(count * size);
        if (cap != NULL)
            *cap = count;
    }
    bytes(w, p, count * size);
    return p;
}

#define ARRAY(w, p, count, cap) ((p) = array((w), (p), (count), sizeof(*(p)), &(cap)))

static void walk_intern(struct walk *w, struct sw_intern *t)
{
    uint32_t text = t->count == 0 ? 0 : t->end[t->count - 1];

    FIELD(w, t->count);
    FIELD(w, t->slots);
    FIELD(w, text);
    t->slot = array(w, t->slot, t->slots, sizeof(*t->slot), NULL);
    ARRAY(w, t->end, t->count, t->end_cap);
    ARRAY(w, t->text, text, t->text_cap);
}

/* The array it stands in was walked before and carries a pointer of another life. */
static void walk_history(struct walk *w, struct sw_history *h)
{
    uint32_t length = w->put == NULL ? 0 : sw_history_length(h);

    FIELD(w, length);
    if (w->put != NULL) {
        if (w->good && length > 0)
            w->good = w->put(w->ctx, sw_history_records(h), length);
        return;
    }
    *h = SW_HISTORY_NONE;
    if (w->good && length > 0)
        bytes(w, sw_history_resize(h, length), length);
}

static void walk_hits(struct walk *w, struct sw_standing *st)
{
    struct sw_hits *hits = w->put == NULL ? NULL : st->hits;
    uint32_t n = hits == NULL ? 0 : hits->n;

    FIELD(w, n);
    if (w->put == NULL && w->good && n > 0) {
        hits = sw_calloc(1, sizeof(*hits) + n * sizeof(hits->at[0]));
        hits->n = n;
    }
    if (hits != NULL)
        bytes(w, hits->at, n * sizeof(hits->at[0]));
    st->hits = hits;
}

static void walk_registry(struct walk *w, struct sw_registry *r)
{
    struct sw_intern *tables[] = {&r->household_id,  &r->person_id,  &r->area_code,
                                  &r->cadre_id,      &r->team_id,    &r->texts,
                                  &r->assignment_id, &r->absence_id, &r->idno};

    for (size_t i = 0; i < SW_COUNTOF(tables); i++)
        walk_intern(w, tables[i]);
    FIELD(w, r->assignments);
    FIELD(w, r->phones);
    FIELD(w, r->recodes);
    FIELD(w, r->absences);
    FIELD(w, r->rolls);
    ARRAY(w, r->household, r->household_id.count, r->household_cap);
    ARRAY(w, r->person, r->person_id.count, r->person_cap);
    ARRAY(w, r->area, r->area_code.count, r->area_cap);
    ARRAY(w, r->cadre, r->cadre_id.count, r->cadre_cap);
    ARRAY(w, r->team, r->team_id.count, r->team_cap);
    ARRAY(w, r->assignment, r->assignments, r->assignment_cap);
    ARRAY(w, r->current_assignment, r->assignment_id.count, r->current_cap);
    ARRAY(w, r->absence, r->absences, r->absence_cap);
    ARRAY(w, r->current_absence, r->absence_id.count, r->current_absence_cap);
    ARRAY(w, r->cadre_of_phone, r->phones, r->phone_cap);
    ARRAY(w, r->person_of_idno, r->idno.count, r->idno_cap);
    ARRAY(w, r->roll, r->rolls, r->roll_cap);
    FIELD(w, r->matches);
    ARRAY(w, r->match, r->matches, r->match_cap);
    for (uint32_t h = 0; h < r->household_id.count && r->household != NULL; h++)
        walk_history(w, &r->household[h].history);
    for (uint32_t a = 0; a < r->area_code.count && r->area != NULL; a++)
        walk_history(w, &r->area[a].history);
    walk_history(w, &r->keys);
}

static void walk_parking(struct walk *w, struct sw_parking *k)
{
    FIELD(w, k->n);
    FIELD(w, k->red);
    FIELD(w, k->bytes);
    ARRAY(w, k->at, k->n, k->cap);
    for (uint32_t i = 0; i < k->n && k->at != NULL; i++) {
        if (w->put == NULL)
            k->at[i].body = w->good ? sw_calloc(1, (size_t)k->at[i].n + 1) : NULL;
        bytes(w, k->at[i].body, k->at[i].n);
    }
    walk_history(w, &k->dropped);
}

static void walk_mail(struct walk *w, struct sw_mail *m)
{
    FIELD(w, m->n);
    FIELD(w, m->n_ledger);
    FIELD(w, m->n_recent);
    FIELD(w, m->n_tally);
    FIELD(w, m->n_place);
    FIELD(w, m->n_storms);
    FIELD(w, m->n_silences);
    FIELD(w, m->day);
    FIELD(w, m->next);
    FIELD(w, m->news);
    FIELD(w, m->counted);
    FIELD(w, m->counted_seq);
    FIELD(w, m->recheck);
    ARRAY(w, m->at, m->n, m->cap);
    ARRAY(w, m->ledger, m->n_ledger, m->ledger_cap);
    ARRAY(w, m->recent, m->n_recent, m->recent_cap);
    m->tally = array(w, m->tally, m->n_tally, sizeof(*m->tally), NULL);
    ARRAY(w, m->place, m->n_place, m->place_cap);
    ARRAY(w, m->storm, m->n_storms, m->storm_cap);
    ARRAY(w, m->silence, m->n_silences, m->silence_cap);
    for (uint32_t i = 0; i < m->n && m->at != NULL; i++) {
        struct sw_letter *l = &m->at[i];

        if (w->put == NULL) {
            l->text = w->good && l->n > 0 ? sw_calloc(1, (size_t)l->n + 1) : NULL;
            l->about = NULL;
        }
        bytes(w, l->text, l->n);
        l->about = array(w, l->about, l->n_about, sizeof(*l->about), NULL);
    }
}

static void walk_engine(struct walk *w, struct sw_engine *e)
{
    uint64_t due = e->due.n;
    uint64_t wakes = e->wakes.n;

    walk_registry(w, &e->registry);
    walk_parking(w, &e->parking);
    walk_mail(w, &e->mail);
    FIELD(w, e->standings);
    FIELD(w, e->area_standings);
    FIELD(w, e->n_cases);
    FIELD(w, e->n_open);
    FIELD(w, e->n_clarified);
    FIELD(w, e->n_reply);
    FIELD(w, e->n_sent);
    FIELD(w, e->reply);
    FIELD(w, e->today);
    FIELD(w, e->rules_since);
    FIELD(w, e->people);
    FIELD(w, e->phones.n);
    FIELD(w, e->phones.list_at);
    FIELD(w, e->now);
    FIELD(w, e->came);
    FIELD(w, e->history);
    FIELD(w, e->spread);
    FIELD(w, e->spread_is_statement);
    FIELD(w, e->level_count);
    FIELD(w, due);
    e->due.n = (size_t)due;
    FIELD(w, wakes);
    e->wakes.n = (size_t)wakes;
    ARRAY(w, e->standing, e->standings, e->standing_cap);
    ARRAY(w, e->area_standing, e->area_standings, e->area_standing_cap);
    bytes(w, e->feed, e->rules->schema->n_feeds * sizeof(*e->feed));
    bytes(w, e->amounts, e->rules->schema->n_streams * sizeof(*e->amounts));
    ARRAY(w, e->cases, e->n_cases, e->case_cap);
    ARRAY(w, e->open, e->n_open, e->open_cap);
    ARRAY(w, e->clarified, e->n_clarified, e->clarified_cap);
    ARRAY(w, e->sent, e->n_sent, e->sent_cap);
    ARRAY(w, e->phones.at, e->phones.n, e->phones.cap);
    ARRAY(w, e->due.at, e->due.n, e->due.cap);
    ARRAY(w, e->wakes.at, e->wakes.n, e->wakes.cap);
    for (uint32_t h = 0; h < e->standings && e->standing != NULL; h++)
        walk_hits(w, &e->standing[h]);
    for (uint32_t a = 0; a < e->area_standings && e->area_standing != NULL; a++)
        walk_hits(w, &e->area_standing[a]);
}

static struct head make_head(const struct sw_ruleset *rules, int64_t seq)
{
    struct head h = {.magic = "SWSNAP\n", .version = SNAPSHOT_VERSION, .seq = seq};
    const size_t sizes[] = {
        sizeof(struct sw_household),  sizeof(struct sw_area),    sizeof(struct sw_assignment),
        sizeof(struct sw_standing),   sizeof(struct sw_case),    sizeof(struct sw_hit),
        sizeof(struct sw_cadre),      sizeof(struct sw_team),    sizeof(struct sw_person),
        sizeof(struct sw_feed_watch), sizeof(struct sw_amounts), sizeof(struct sw_parked),
        sizeof(struct sw_absence),    sizeof(struct sw_sent),    sizeof(struct sw_letter),
        sizeof(struct sw_ledger),     sizeof(struct sw_tally),   sizeof(struct sw_storm),
        sizeof(struct sw_silence),    sizeof(struct sw_recent),  sizeof(struct sw_roll),
        sizeof(struct sw_match),      sizeof(struct sw_phone)};

    for (size_t i = 0; i < SW_COUNTOF(sizes); i++)
        h.sizes = h.sizes * 131 + (uint32_t)sizes[i];
    memcpy(h.rules, sw_ruleset_digest(rules), sizeof(h.rules));
    return h;
}

bool sw_engine_save(const struct sw_engine *e, int64_t seq,
                    bool (*put)(void *ctx, const void *bytes, size_t n), void *ctx)
{
    struct walk w = {.put = put, .ctx = ctx, .good = true};
    struct head h = make_head(e->rules, seq);
    struct sw_engine copy = *e; /* the walk writes back what it read: into the copy */

    FIELD(&w, h);
    walk_engine(&w, &copy);
    return w.good;
}

struct sw_engine *sw_engine_load(struct sw_hash_key key, struct sw_ruleset *rules, int64_t *seq,
                                 bool (*get)(void *ctx, void *bytes, size_t n), void *ctx,
                                 struct sw_err *err)
{
    struct walk w = {.get = get, .ctx = ctx, .good = true};
    struct head want = make_head(rules, 0);
    struct head h = {.seq = 0};
    struct sw_engine *e;

    FIELD(&w, h);
    *seq = h.seq;
    h.seq = 0;
    if (!w.good || memcmp(&h, &want, sizeof(h)) != 0) {
        sw_fail(err, SW_EBAD, _("the snapshot was made by another version or other rules"));
        return NULL;
    }
    e = sw_engine_new(key, rules);
    walk_engine(&w, e);
    if (w.good) {
        sw_seen_free(e); /* what was made of no histories */
        sw_seen_begin(e);
        return e;
    }
    sw_fail(err, SW_EBAD, _("the snapshot is damaged"));
    sw_seen_free(e);
    e->rules = NULL; /* stays the caller's */
    sw_engine_free(e);
    return NULL;
}

/* ---- equal states, equal digests ---------------------------------------------------------- */

static void fold(uint64_t *digest, const void *p, size_t n)
{
    struct sw_hash_key key = {*digest, n};

    *digest = sw_siphash(key, p, n);
}

static void fold_history(uint64_t *digest, const struct sw_history *h)
{
    uint32_t length = sw_history_length(h);

    fold(digest, &length, sizeof(length));
    if (length > 0)
        fold(digest, sw_history_records(h), length);
}

static void fold_subject(uint64_t *digest, const struct sw_engine *e, uint32_t subject)
{
    const struct sw_standing *st = sw_standing_of(e, subject);
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);
    const int64_t numbers[] = {(int64_t)n,
                               st->due,
                               st->low_since,
                               st->told_day,
                               st->open_case,
                               ((st->gone * 2 + st->monitored) * 256 + st->level) * 256 +
                                   st->told_level,
                               sw_place_of(e, subject)};

    fold(digest, numbers, sizeof(numbers));
    for (size_t i = 0; i < n; i++) {
        const int64_t hit[] = {hits[i].rule,  hits[i].state, hits[i].since,   hits[i].gone,
                               hits[i].asked, hits[i].told,  hits[i].has_task};

        fold(digest, hit, sizeof(hit));
        fold(digest, &hits[i].score, sizeof(hits[i].score));
    }
}

#define FOLD(digest, p, count) fold((digest), (p), (count) * sizeof(*(p)))

static void fold_mail(uint64_t *digest, const struct sw_mail *m)
{
    const int64_t numbers[] = {m->n,       m->n_ledger, m->n_recent, m->n_tally,
                               m->n_place, m->n_storms, m->day,      m->next,
                               m->news,    m->counted,  m->recheck,  m->n_silences};

    fold(digest, numbers, sizeof(numbers)); /* counted_seq counts ticks, too */
    for (uint32_t i = 0; i < m->n; i++) {
        const struct sw_letter *l = &m->at[i];
        const int64_t row[] = {l->since,    l->until,   l->to,          l->index,
                               l->rule,     l->place,   l->holder,      l->level,
                               l->waits,    l->notice,  l->by_time,     l->by_standard,
                               l->released, l->as_team, l->of_disaster, l->waited};

        fold(digest, row, sizeof(row));
        fold(digest, l->kind, sizeof(l->kind));
        fold(digest, l->text, l->n);
        FOLD(digest, l->about, l->n_about);
    }
    FOLD(digest, m->ledger, m->n_ledger);
    FOLD(digest, m->recent, m->n_recent);
    FOLD(digest, m->tally, m->n_tally);
    FOLD(digest, m->place, m->n_place);
    FOLD(digest, m->storm, m->n_storms);
    FOLD(digest, m->silence, m->n_silences);
}

/* Who is who, beside households and areas. */
static void fold_registry(uint64_t *digest, const struct sw_registry *r)
{
    FOLD(digest, r->person, r->person_id.count);
    FOLD(digest, r->cadre, r->cadre_id.count);
    FOLD(digest, r->team, r->team_id.count);
    FOLD(digest, r->assignment, r->assignments);
    FOLD(digest, r->current_assignment, r->assignment_id.count);
    FOLD(digest, r->absence, r->absences);
    FOLD(digest, r->cadre_of_phone, r->phones);
    FOLD(digest, r->person_of_idno, r->idno.count);
    FOLD(digest, r->roll, r->rolls);
    FOLD(digest, r->match, r->matches);
    fold_history(digest, &r->keys);
}

/* What was sent, and what is known of the numbers. */
static void fold_phones(uint64_t *digest, const struct sw_engine *e)
{
    for (uint32_t i = 0; i < e->n_sent; i++) {
        const int64_t sent[] = {e->sent[i].index, e->sent[i].phone, e->sent[i].day,
                                e->sent[i].rank};

        fold(digest, sent, sizeof(sent)); /* ids count ticks, too */
    }
    fold(digest, &e->phones.list_at, sizeof(e->phones.list_at));
    fold(digest, e->phones.at, e->phones.n * sizeof(*e->phones.at));
}

uint64_t sw_engine_digest(const struct sw_engine *e)
{
    const struct sw_registry *r = &e->registry;
    const int64_t numbers[] = {e->today,
                               e->rules_since,
                               e->history,
                               e->n_cases,
                               e->n_open,
                               e->n_reply,
                               e->parking.n,
                               e->parking.red,
                               e->n_clarified,
                               e->n_sent,
                               r->person_id.count,
                               e->spread,
                               e->spread_is_statement};
    uint64_t digest = 0;

    fold(&digest, numbers, sizeof(numbers));
    for (uint32_t h = 0; h < e->standings; h++) {
        fold_subject(&digest, e, h);
        fold(&digest, &r->household[h].merged_into,
             sizeof(r->household[h]) - offsetof(struct sw_household, merged_into));
        fold_history(&digest, &r->household[h].history);
    }
    for (uint32_t a = 0; a < e->area_standings; a++) {
        fold_subject(&digest, e, AREA_BIT | a);
        fold(&digest, &r->area[a].name, sizeof(r->area[a]) - offsetof(struct sw_area, name));
        fold_history(&digest, &r->area[a].history);
    }
    fold_registry(&digest, r);
    fold_history(&digest, &e->parking.dropped);
    FOLD(&digest, e->feed, e->rules->schema->n_feeds);
    FOLD(&digest, e->amounts, e->rules->schema->n_streams);
    for (uint32_t i = 0; i < e->parking.n; i++) {
        const struct sw_parked *k = &e->parking.at[i];

        fold(&digest, k->body, k->n);
        fold(&digest, &k->key, sizeof(*k) - offsetof(struct sw_parked, key));
    }
    FOLD(&digest, e->cases, e->n_cases);
    FOLD(&digest, e->open, e->n_open);
    fold_mail(&digest, &e->mail);
    fold(&digest, e->reply, sizeof(e->reply));
    fold(&digest, e->clarified, e->n_clarified);
    fold_phones(&digest, e);
    fold(&digest, &e->people, sizeof(e->people));
    fold(&digest, e->level_count, sizeof(e->level_count));
    return digest;
}
