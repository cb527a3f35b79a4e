/* parked.c - events that came before whoever they are about was registered.
 *
 * They are right in all else, so they are kept, and told to have been: at-least-once sources need
 * not send them again. What waits is found by who is missing, whatever way they were named. When
 * they come, everything that waited for them goes into the history in order of arrival and is
 * judged once, so that a bill and its reversal that waited together alarm nobody. Nothing goes by
 * itself: what does not fit when its turn comes stays in the list and says why, until somebody
 * drops it by name. Events of which it is not certain whom they are about wait here too, for the
 * county's decision (mismatch.c lists them). */
#include "parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/veil.h>
#include <stdlib.h>

void sw_parking_free(struct sw_parking *p)
{
    for (uint32_t i = 0; i < p->n && p->at != NULL; i++)
        free(p->at[i].body);
    free(p->at);
    sw_history_free(&p->dropped);
    *p = (struct sw_parking){0};
}

/* Of "a" + "/" + "b", so that ("household", "H1") is the subject household/H1. */
static uint64_t hash_of(struct sw_engine *e, struct sw_str a, struct sw_str b)
{
    struct sw_str text =
        sw_arena_printf(&e->arena, "%.*s%s%.*s", SW_STR_ARG(a), b.n > 0 ? "/" : "", SW_STR_ARG(b));
    uint64_t hash = sw_siphash(e->registry.key, text.p, text.n);

    return hash == 0 ? 1 : hash;
}

bool sw_parked_read(struct sw_engine *e, const struct sw_parked *p, struct sw_envelope *env)
{
    struct sw_err err;

    return sw_envelope_read(&e->arena, (struct sw_str){p->body, p->n}, env, &err) == SW_ACCEPTED;
}

uint64_t sw_parked_number(const struct sw_engine *e, const struct sw_parked *p)
{
    const uint64_t both[] = {p->key, p->subject};

    return (sw_siphash(e->registry.key, both, sizeof(both)) & SW_KEY_MASK) | 1;
}

bool sw_parked_is_open(const struct sw_engine *e, const struct sw_parked *p)
{
    return p->told != 0 && sw_match_find(&e->registry, p->told) == NULL;
}

/* ---- somebody has to look ----------------------------------------------------------------- */

/* The condition of a rule reads the stream that holds households on the highest level by itself. */
static bool is_red(const struct sw_engine *e, uint32_t stream)
{
    for (uint32_t r = 0; r < e->rules->n_rules; r++) {
        const struct sw_rule *rule = &e->rules->rule[r];

        if (rule->hard > 0 && rule->hard == e->rules->n_levels &&
            sw_prog_reads_stream(rule->when, stream))
            return true;
    }
    return false;
}

static void put_task(struct sw_engine *e, const struct sw_envelope *env, struct sw_str text,
                     sw_time closed, struct sw_effects *fx)
{
    sw_fx_task(fx, &(struct sw_task_row){.household = sw_arena_str(&fx->arena, env->subject),
                                         .rule = sw_arena_str(&fx->arena, env->type),
                                         .text = sw_arena_str(&fx->arena, text),
                                         .opened = e->now,
                                         .closed = closed});
}

/* One task for all events of a type about one subject; over when the last of them is. */
static void settle(struct sw_engine *e, struct sw_parked *p, struct sw_effects *fx)
{
    uint64_t task = p->task;
    struct sw_envelope env;

    if (task == 0)
        return;
    p->task = 0;
    e->parking.red--;
    for (uint32_t i = 0; i < e->parking.n; i++) {
        if (e->parking.at[i].task == task)
            return;
    }
    if (sw_parked_read(e, p, &env))
        put_task(e, &env, SW_STR(""), e->now, fx);
}

static const char *const doubts[SW_DOUBTS] = {
    [SW_DOUBT_NONE] = "人或户还没有登记",
    [SW_DOUBT_UNKNOWN] = "人或户还没有登记",
    [SW_DOUBT_DIFFERS] = "姓名或出生日期与登记的不一致",
    [SW_DOUBT_SHARED] = "几个人登记了同一个身份证号",
    [SW_DOUBT_WRONG] = "身份证号有错",
    [SW_DOUBT_UNNUMBERED] = "没有身份证号",
};

static void ask_the_county(struct sw_engine *e, struct sw_parked *p, const struct sw_envelope *env,
                           const struct sw_event *ev, struct sw_effects *fx)
{
    const struct sw_stream *st = ev->stream;
    const struct sw_str name = st->label.n > 0 ? st->label : st->name;

    if (e->history || ev->has_data == false || !is_red(e, st->id) ||
        (p->told != 0 && !sw_parked_is_open(e, p)))
        return;
    p->task = hash_of(e, env->subject, env->type);
    e->parking.red++;
    put_task(e, env,
             sw_arena_printf(&e->arena, "请核实是谁家%s：收到%.*s（%.*s），%s",
                             p->doubt <= SW_DOUBT_UNKNOWN ? "并补登记" : "", SW_STR_ARG(name),
                             SW_STR_ARG(env->source), doubts[p->doubt]),
             0, fx);
}

/* ---- coming ------------------------------------------------------------------------------- */

static struct sw_parked *find(struct sw_engine *e, uint64_t key, uint64_t subject)
{
    for (uint32_t i = 0; i < e->parking.n; i++) {
        if (e->parking.at[i].key == key && e->parking.at[i].subject == subject)
            return &e->parking.at[i];
    }
    return NULL;
}

static void withdraw(struct sw_engine *e, uint64_t key, uint64_t subject, struct sw_effects *fx)
{
    struct sw_parked *p = key == 0 ? NULL : find(e, key, subject);

    if (p == NULL)
        return;
    p->withdrawn = true;
    settle(e, p, fx);
}

void sw_parked_withdraw(struct sw_engine *e, const struct sw_envelope *env, uint64_t reverses,
                        struct sw_effects *fx)
{
    if (e->parking.n > 0)
        withdraw(e, reverses, hash_of(e, env->subject, SW_STR("")), fx);
}

/* Whom it waits for. */
static void note_missing(struct sw_engine *e, struct sw_parked *p, const struct sw_event *ev)
{
    p->waits = hash_of(e, sw_str(ev->missing_kind), ev->missing);
    p->person = 0;
    if (ev->doubt == SW_DOUBT_DIFFERS)
        p->person =
            hash_of(e, SW_STR("person"), sw_intern_text(&e->registry.person_id, ev->differs_from));
    p->doubt = (uint8_t)ev->doubt;
}

static bool was_dropped(const struct sw_engine *e, uint64_t key, uint64_t subject)
{
    const struct sw_parked p = {.key = key, .subject = subject};

    return sw_history_has(&e->parking.dropped, sw_parked_number(e, &p));
}

enum sw_verdict sw_park(struct sw_engine *e, struct sw_str body, const struct sw_envelope *env,
                        const struct sw_event *ev, struct sw_effects *fx, enum sw_refusal *why,
                        struct sw_err *err)
{
    struct sw_parking *k = &e->parking;
    uint64_t subject = hash_of(e, env->subject, SW_STR(""));
    struct sw_parked *p;

    if (find(e, ev->key, subject) != NULL || was_dropped(e, ev->key, subject))
        return SW_VERDICT_DUPLICATE;
    if (k->n == PARKED_MAX || k->bytes + body.n > PARKED_BYTES_MAX) {
        *why = SW_REFUSED_TOO_MANY;
        sw_fail(err, SW_EFULL,
                _("%u events wait for households and persons that are not registered; register "
                  "them first"),
                k->n);
        return SW_VERDICT_REJECTED;
    }
    k->at = sw_grow(k->at, &k->cap, k->n + 1, sizeof(*k->at));
    p = &k->at[k->n++];
    *p = (struct sw_parked){
        .body = sw_str_dup(body),
        .key = ev->key,
        .subject = subject,
        .told = ev->told,
        .arrived = e->now,
        .n = (uint32_t)body.n,
    };
    note_missing(e, p, ev);
    k->bytes += body.n;
    sw_feed_heard(e, ev->stream->feed_number);
    sw_batch_count(e, ev);
    sw_roll_row(e, ev);
    withdraw(e, ev->reverses, subject, fx);
    ask_the_county(e, p, env, ev, fx);
    return SW_VERDICT_ACCEPTED;
}

/* ---- going -------------------------------------------------------------------------------- */

/* An event that took effect late. */
struct late {
    uint32_t household;
    const struct sw_stream *stream, *also; /* and of what it took back: sw_also_taken() */
    sw_time arrived;
    sw_day day; /* it happened, or was stated */
};

struct unparking {
    uint64_t name[3]; /* of who came */
    size_t names;
    uint64_t told;    /* what the county decided about, 0: it did not */
    struct sw_str by; /* who decided */
    struct late *late;
    size_t n;
    enum sw_gone gone;
};

static bool is_meant(const struct unparking *u, const struct sw_parked *p)
{
    for (size_t i = 0; i < u->names; i++) {
        if (u->name[i] == p->waits || u->name[i] == p->person)
            return true;
    }
    return u->told != 0 && u->told == p->told;
}

/* True when it is done with; else it goes on waiting, perhaps for somebody else. */
static bool take_effect(struct sw_engine *e, struct unparking *u, struct sw_parked *p,
                        struct sw_effects *fx)
{
    struct sw_registry *r = &e->registry;
    const struct sw_stream *also;
    struct sw_envelope env;
    struct sw_event ev = {.missing = {NULL, 0}};
    struct sw_err err;
    enum sw_refusal why;

    if (!sw_parked_read(e, p, &env))
        return false;
    why = sw_event_read(&e->arena, e->rules->schema, r, &env, p->arrived, &ev, &err);
    p->refused = (uint8_t)(ev.missing.n > 0 ? SW_ACCEPTED : why);
    if (ev.missing.n > 0)
        note_missing(e, p, &ev);
    if (why != SW_ACCEPTED)
        return false;
    switch (sw_history_add(&r->household[ev.subject].history, &ev)) {
    case SW_RECORDED_REPEAT: return true; /* it came again and was taken then */
    case SW_RECORDED_FULL: p->refused = SW_REFUSED_TOO_MANY; return false;
    case SW_RECORDED: break;
    }
    sw_seen_add(e, ev.stream->id, ev.subject);
    if (ev.reverses != 0)
        u->gone = GONE_TAKEN_BACK;
    if (sw_may_replace(e->rules->schema, &ev))
        sw_replace(e, &ev, &r->household[ev.subject].history, &u->gone);
    also = sw_also_taken(e, &ev, &r->household[ev.subject].history);
    sw_follow_taken(e, ev.subject, also, fx);
    u->late[u->n++] = (struct late){ev.subject, ev.stream, also, p->arrived, sw_said_on(e, &ev)};
    return true;
}

static void discard(struct sw_engine *e, struct sw_parked *p, struct sw_effects *fx)
{
    settle(e, p, fx);
    e->parking.bytes -= p->n;
    free(p->body);
    p->key = 0; /* which no event has */
}

/* The others stay in order. */
static void close_gaps(struct sw_parking *k)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < k->n; i++) {
        if (k->at[i].key != 0)
            k->at[n++] = k->at[i];
    }
    k->n = n;
}

static void go_through(struct sw_engine *e, struct unparking *u, struct sw_effects *fx)
{
    u->late = SW_ARENA_ARRAY(&e->arena, struct late, e->parking.n);
    for (uint32_t i = 0; i < e->parking.n; i++) {
        struct sw_parked *p = &e->parking.at[i];

        if (is_meant(u, p) && take_effect(e, u, p, fx))
            discard(e, p, fx);
    }
    if (u->n > 0)
        close_gaps(&e->parking);
}

/* "住院结算：2026-03-01收到，当时人或户没有登记，迟到12天" */
static void tell_case(struct sw_engine *e, const struct unparking *u, const struct late *l,
                      struct sw_effects *fx)
{
    uint32_t index = e->standing[l->household].open_case;
    sw_day came = sw_zone_day(e->rules->schema->zone, l->arrived);
    char day[SW_DATE_SIZE];

    if (index == SW_NONE)
        return;
    sw_case_step(
        e, index, "late", u->told != 0 ? u->by : SW_STR("engine"),
        sw_arena_printf(&e->arena, "%.*s：%s收到，%s，迟到%d天",
                        SW_STR_ARG(l->stream->label.n > 0 ? l->stream->label : l->stream->name),
                        sw_date_format(came, day),
                        u->told != 0 ? "当时不能确定是谁，经县里认定" : "当时人或户没有登记",
                        e->today - came),
        fx);
}

static bool is_first(const struct unparking *u, size_t i, bool same_stream)
{
    for (size_t k = 0; k < i; k++) {
        if (u->late[k].household == u->late[i].household &&
            (!same_stream || u->late[k].stream == u->late[i].stream))
            return false;
    }
    return true;
}

static void judge_late(struct sw_engine *e, const struct unparking *u, struct sw_effects *fx)
{
    const struct sw_occasion why = {.gone = u->gone};

    for (size_t i = 0; i < u->n; i++) {
        if (!is_first(u, i, false))
            continue;
        e->happened = u->late[i].day;
        e->is_statement = u->late[i].stream->replaces != SW_REPLACES_NONE;
        sw_judge(e, u->late[i].household, &why, fx);
    }
    for (size_t i = 0; i < u->n; i++) {
        if (is_first(u, i, true))
            sw_judge_around(e, u->late[i].household, u->late[i].stream->id, u->gone, fx);
        if (u->late[i].also != NULL)
            sw_judge_around(e, u->late[i].household, u->late[i].also->id, u->gone, fx);
        if (is_first(u, i, false))
            sw_judge_lists(e, u->late[i].household, fx);
        tell_case(e, u, &u->late[i], fx);
    }
}

void sw_unpark(struct sw_engine *e, const struct sw_envelope *env, uint32_t before,
               struct sw_effects *fx)
{
    const struct sw_registry *r = &e->registry;
    struct unparking u = {.names = 0};
    uint32_t person = SW_NONE;
    struct sw_str id = env->subject;
    struct sw_str kind;

    if (e->parking.n == 0)
        return;
    u.name[u.names++] = hash_of(e, env->subject, SW_STR(""));
    if (sw_str_split(&id, '/', &kind) && sw_str_is(kind, "person"))
        person = sw_registry_person(r, id);
    if (before != SW_NONE)
        u.name[u.names++] = hash_of(e, SW_STR(SW_IDNO_SUBJECT), sw_intern_text(&r->idno, before));
    if (person != SW_NONE && r->person[person].idno != SW_NONE)
        u.name[u.names++] =
            hash_of(e, SW_STR(SW_IDNO_SUBJECT), sw_intern_text(&r->idno, r->person[person].idno));
    go_through(e, &u, fx);
    judge_late(e, &u, fx);
}

void sw_unpark_match(struct sw_engine *e, const struct sw_changed *changed, struct sw_effects *fx)
{
    const struct sw_match *m = sw_match_find(&e->registry, changed->match);
    struct unparking u = {.told = changed->match, .by = sw_registry_text(&e->registry, m->by)};

    if (changed->idno.n > 0)
        u.name[u.names++] = hash_of(e, SW_STR(SW_IDNO_SUBJECT), changed->idno);
    go_through(e, &u, fx);
    for (uint32_t i = 0; i < e->parking.n; i++) {
        if (e->parking.at[i].told == changed->match)
            settle(e, &e->parking.at[i], fx); /* somebody has looked */
    }
    judge_late(e, &u, fx);
}

enum sw_verdict sw_parked_drop(struct sw_engine *e, const struct sw_envelope *env,
                               struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err)
{
    struct sw_parking *k = &e->parking;
    uint64_t act = sw_event_key(&e->registry, env->source, env->id);
    uint64_t which;
    uint32_t before = k->n;

    *why = sw_drop_read(&e->arena, &e->registry, env, &which, err);
    if (*why != SW_ACCEPTED)
        return SW_VERDICT_REJECTED;
    if (sw_history_has(&k->dropped, act))
        return SW_VERDICT_DUPLICATE;
    for (uint32_t i = 0; i < before; i++) {
        struct sw_parked *p = &k->at[i];

        if (sw_parked_number(e, p) != which && p->told != which)
            continue;
        if (sw_history_note(&k->dropped, sw_parked_number(e, p)) == SW_RECORDED_FULL) {
            *why = SW_REFUSED_TOO_MANY;
            break;
        }
        discard(e, p, fx);
    }
    close_gaps(k);
    if (k->n == before && *why == SW_REFUSED_TOO_MANY) {
        sw_fail(err, SW_EFULL, _("more events were dropped than can be remembered"));
        return SW_VERDICT_REJECTED;
    }
    if (k->n == before) {
        *why = SW_REFUSED_UNKNOWN_SUBJECT;
        sw_fail(err, SW_ENOTFOUND, _("%.*s: no such event waits"), SW_STR_ARG(env->subject));
        return SW_VERDICT_REJECTED;
    }
    *why = SW_ACCEPTED;
    sw_history_note(&k->dropped, act);
    return SW_VERDICT_ACCEPTED;
}

/* ---- the list ----------------------------------------------------------------------------- */

/* Empty when it is certain, or not known to be uncertain; "declined" when the county has looked. */
static const char *doubt_of(const struct sw_engine *e, const struct sw_parked *p)
{
    static const char *const names[SW_DOUBTS] = {
        [SW_DOUBT_NONE] = "",         [SW_DOUBT_UNKNOWN] = "",    [SW_DOUBT_DIFFERS] = "differs",
        [SW_DOUBT_SHARED] = "shared", [SW_DOUBT_WRONG] = "wrong", [SW_DOUBT_UNNUMBERED] = "none",
    };
    const struct sw_match *m = p->told == 0 ? NULL : sw_match_find(&e->registry, p->told);

    return m != NULL && m->person == SW_NONE ? "declined" : names[p->doubt];
}

static void put_parked(struct sw_engine *e, struct sw_jw *w, const struct sw_parked *p)
{
    const struct sw_schema *s = e->rules->schema;
    const struct sw_stream *st;
    struct sw_envelope env;
    struct sw_event ev;
    struct sw_err err;
    char text[SW_RFC3339_SIZE];
    char handle[SW_MATCH_SIZE];
    struct sw_str missing = {NULL, 0};

    if (!sw_parked_read(e, p, &env))
        return;
    st = sw_schema_stream(s, env.type);
    if (sw_event_read(&e->arena, s, &e->registry, &env, p->arrived, &ev, &err) ==
            SW_REFUSED_UNKNOWN_SUBJECT &&
        ev.missing.n > 0)
        missing = sw_arena_printf(&e->arena, "%s/%.*s", ev.missing_kind, SW_STR_ARG(ev.missing));
    sw_match_letters(sw_parked_number(e, p), handle);
    sw_jw_object(w);
    sw_jw_member(w, "handle", sw_str(handle));
    sw_jw_member(w, "arrived", sw_str(sw_rfc3339_format(p->arrived, 0, text)));
    sw_jw_member_int(w, "days", e->today - sw_zone_day(s->zone, p->arrived));
    sw_jw_member(w, "subject", env.subject);
    sw_jw_member(w, "waits_for", missing);
    sw_jw_member(w, "type", env.type);
    sw_jw_member(w, "label", st == NULL ? SW_STR("") : st->label);
    sw_jw_member(w, "source", env.source);
    sw_jw_member(w, "id", env.id);
    sw_jw_key(w, "red");
    sw_jw_bool(w, p->task != 0);
    sw_jw_key(w, "withdrawn");
    sw_jw_bool(w, p->withdrawn);
    sw_jw_member(w, "refused", sw_str(p->refused == 0 ? "" : err.text));
    sw_jw_member(w, "doubt", sw_str(doubt_of(e, p)));
    sw_jw_end(w);
}

void sw_engine_parked(const struct sw_engine *e, uint32_t limit, struct sw_buf *out)
{
    struct sw_jw w = {.out = out};
    struct sw_engine view = *e; /* with an arena of its own */

    view.arena = (struct sw_arena){0};
    sw_jw_array(&w);
    for (uint32_t i = 0; i < e->parking.n && i < limit; i++) {
        put_parked(&view, &w, &e->parking.at[i]);
        sw_arena_reset(&view.arena);
    }
    sw_jw_end(&w);
    sw_arena_free(&view.arena);
}
