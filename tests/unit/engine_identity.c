/* Who somebody is comes out the same in any order: random counties of persons with and without
 * numbers, events that name them rightly, wrongly or by name alone, and the county's decisions,
 * told in order and shuffled, through snapshots on the way. Afterwards each household's history has
 * the same bytes and as many events wait. */
#include "../tap.h"
#include "engine/parts.h"
#include "ruleset_help.h"
#include "snapshot_help.h"
#include <shouwang/base/mem.h>
#include <shouwang/base/veil.h>

enum { COUNTIES = 300, PERSONS = 6, NUMBERS = 8, NAMES = 4, STORY = 40, TEXT = 600 };

static const char *const names[NAMES] = {"张三", "张三丰", "阿卜杜拉·买买提", "李四"};
static const char *const spelt[NAMES] = {"张　三", "张三丰", "阿卜杜拉•买买提", " 李四"};

struct county {
    struct sw_ruleset *rules;
    char told[STORY][TEXT]; /* one input each */
    size_t n;
    int number_of[PERSONS], name_of[PERSONS], birth_of[PERSONS]; /* number -1: none */
    uint64_t decided[STORY];
    size_t n_decided;
    int owner[NUMBERS]; /* the person a decision gave an unregistered number, -1 */
};

struct run {
    struct sw_engine *e;
    struct sw_effects fx;
    int64_t seq;
    size_t refused;
};

static bool always(void *ctx)
{
    return ctx != NULL;
}

static struct sw_str veiled(const char *text, struct sw_buf *out)
{
    struct sw_veil v = {.key = {1, 2}, .today = 20778, .of_person = always, .ctx = out};

    if (strstr(text, "registry.person") == NULL)
        v.of_person = NULL;
    sw_buf_clear(out);
    if (!sw_veil(&v, sw_str(text), out))
        sw_buf_cstr(out, text);
    return sw_buf_view(out);
}

static void number(int i, char out[SW_IDNO_SIZE])
{
    snprintf(out, SW_IDNO_SIZE, "6109251980010110%d", i % 10);
    out[17] = sw_idno_check(out);
    out[18] = '\0';
}

/* ---- a county ---------------------------------------------------------------------------------
 */

/* Persons are registered with their numbers at any time; `bare`: without, before all else, so that
 * they have the same numbers of ours in any order. */
static void put_person(const struct county *c, int p, bool bare, char out[TEXT])
{
    char idno[SW_IDNO_SIZE];
    char with[60] = "";

    if (c->number_of[p] >= 0 && !bare) {
        number(c->number_of[p], idno);
        snprintf(with, sizeof(with), ",\"idno\":\"%s\"", idno);
    }
    snprintf(
        out, TEXT,
        "{\"specversion\":\"1.0\",\"id\":\"%s%d\",\"source\":\"t\",\"type\":\"registry.person\","
        "\"subject\":\"person/P%d\",\"time\":\"2024-01-0%dT00:00:00Z\",\"data\":{\"household\":"
        "\"H%d\",\"name\":\"%s\",\"birth\":\"19%d-01-01\"%s}}",
        bare ? "p" : "r", p, p, bare ? 1 : 2, p, names[c->name_of[p]], 60 + c->birth_of[p], with);
}

/* What a department says of somebody: subject and attributes. */
static void random_who(struct tap_random *r, char subject[100], char more[200])
{
    char idno[SW_IDNO_SIZE];
    bool named = tap_below(r, 4) > 0;
    uint32_t name = tap_below(r, NAMES);
    const char *text = tap_below(r, 2) ? names[name] : spelt[name];

    more[0] = '\0';
    if (tap_below(r, 4) > 0) {
        number((int)tap_below(r, NUMBERS), idno);
        if (tap_below(r, 6) == 0 && named)
            idno[17] = idno[17] == '1' ? '2' : '1'; /* mistyped, or good by chance */
        snprintf(subject, 100, "person-idno/%s", idno);
        if (named)
            snprintf(more, 200, ",\"personname\":\"%s\"", text);
    } else {
        snprintf(subject, 100, "person-name/%s", text);
    }
    if (tap_below(r, 2))
        snprintf(more + strlen(more), 200 - strlen(more), ",\"personbirth\":\"19%u-01-01\"",
                 60 + tap_below(r, 2));
}

static void put_event(struct county *c, int i, const char *subject, const char *more)
{
    snprintf(c->told[c->n], TEXT,
             "{\"specversion\":\"1.0\",\"id\":\"e%d\",\"source\":\"t\",\"type\":\"work.lost\","
             "\"subject\":"
             "\"%s\",\"time\":\"2024-02-%02dT00:00:00Z\"%s,\"data\":{}}",
             i, subject, 1 + i % 28, more);
    c->n++;
}

/* True when nothing told of the person contradicts what is registered. */
static bool fits(const struct county *c, int p, const struct sw_registry *key,
                 const struct sw_who *who)
{
    static const char front[] = "{\"personname\":\"";
    struct sw_buf text = {0};
    char plain[100];
    struct sw_str token;
    bool good;

    snprintf(plain, sizeof(plain), "%s%s\"}", front, names[c->name_of[p]]);
    token = veiled(plain, &text);
    token = sw_str_sub(token, strlen(front), token.n - strlen(front) - 2);
    good = (who->name.n == 0 || sw_name_hash(key, who->name) == sw_name_hash(key, token)) &&
           (!who->has_birth || sw_civil_of(who->birth).year == 1960 + c->birth_of[p]);
    sw_buf_free(&text);
    return good;
}

/* The decision about what an event says of somebody, unless there is one; a number that nobody is
 * registered with goes to one person only. */
static void put_decision(struct county *c, struct tap_random *r, const struct sw_registry *key,
                         const char *event)
{
    struct sw_arena arena = {0};
    struct sw_buf text = {0};
    struct sw_envelope env;
    struct sw_err err;
    struct sw_str token = {NULL, 0};
    char letters[SW_MATCH_SIZE];
    char with[200] = "";
    int person = (int)tap_below(r, PERSONS);
    struct sw_who who;
    uint64_t told;

    SW_ASSERT(sw_envelope_read(&arena, veiled(event, &text), &env, &err) == SW_ACCEPTED);
    who = env.who;
    if (sw_str_starts(env.subject, SW_STR("person-name/")))
        who.name = sw_str_sub(env.subject, strlen("person-name/"), SIZE_MAX);
    told = sw_told_of(key, env.subject, &who);
    for (size_t i = 0; i < c->n_decided; i++)
        told = c->decided[i] == told ? 0 : told;
    for (int i = 0; i < NUMBERS && told != 0; i++) {
        char idno[SW_IDNO_SIZE];
        bool registered = false;

        number(i, idno);
        if (strstr(event, idno) == NULL)
            continue;
        for (int p = 0; p < PERSONS; p++) {
            registered |= c->number_of[p] == i;
            if (c->number_of[p] == i && fits(c, p, key, &who))
                told = 0; /* there is nothing to decide */
        }
        if (c->owner[i] < 0)
            c->owner[i] = person;
        person = c->owner[i];
        token = sw_str_sub(env.subject, strlen("person-idno/"), SIZE_MAX);
        if (!registered)
            snprintf(with, sizeof(with), ",\"idno\":\"%.*s\"", SW_STR_ARG(token));
    }
    if (told != 0) {
        char *at;

        sw_match_letters(told, letters);
        snprintf(
            c->told[c->n], TEXT,
            "{\"specversion\":\"1.0\",\"id\":\"d%zu\",\"source\":\"t\",\"type\":\"registry.match\","
            "\"subject\":\"match/%s\",\"time\":\"2024-03-01T00:00:00Z\",\"data\":{\"by\":\"刘\",",
            c->n, letters);
        at = c->told[c->n] + strlen(c->told[c->n]);
        if (tap_below(r, 5) == 0)
            snprintf(at, 200, "\"reason\":\"外县\"}}");
        else
            snprintf(at, 240, "\"person\":\"P%d\"%s}}", person, with);
        c->decided[c->n_decided++] = told;
        c->n++;
    }
    sw_buf_free(&text);
    sw_arena_free(&arena);
}

static void make_county(struct county *c, struct tap_random *r, const struct sw_registry *key)
{
    size_t events;

    c->n = c->n_decided = 0;
    for (int i = 0; i < NUMBERS; i++)
        c->owner[i] = -1;
    for (int p = 0; p < PERSONS; p++) {
        c->number_of[p] = tap_below(r, 3) == 0 ? -1 : p; /* whose is a number that two have? */
        c->name_of[p] = (int)tap_below(r, NAMES);
        c->birth_of[p] = (int)tap_below(r, 2);
        put_person(c, p, false, c->told[c->n++]);
    }
    events = 8 + tap_below(r, 10);
    for (size_t i = 0; i < events; i++) {
        char subject[100];
        char more[200];

        random_who(r, subject, more);
        put_event(c, (int)i, subject, more);
        if (tap_below(r, 2) == 0)
            put_decision(c, r, key, c->told[c->n - 1]);
    }
}

/* ---- telling it -------------------------------------------------------------------------------
 */

static void apply(struct run *r, enum sw_input_kind kind, const char *text)
{
    struct sw_buf room = {0};
    struct sw_input in = {++r->seq, (sw_time)1775000000 * SW_SECOND + r->seq, kind,
                          kind == SW_IN_EVENT ? veiled(text, &room) : sw_str(text)};
    struct sw_err err = {.code = SW_OK};
    enum sw_refusal why;

    if (sw_engine_apply(r->e, &in, &r->fx, &why, &err) == SW_VERDICT_REJECTED) {
        note("%s: %s", err.text, text);
        r->refused++;
    }
    sw_effects_reset(&r->fx);
    sw_buf_free(&room);
}

/* Areas, households and bare persons come first, so that they have the same numbers. */
static void begin(struct run *r, const struct county *c)
{
    char text[TEXT];

    *r = (struct run){.e = sw_engine_new((struct sw_hash_key){1, 2}, sw_ruleset_ref(c->rules))};
    apply(r, SW_IN_TICK, "2026-04-01");
    apply(r, SW_IN_EVENT,
          "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"t\",\"type\":\"registry.area\","
          "\"subject\":"
          "\"area/610925000000\",\"data\":{\"name\":\"县\"}}");
    for (int p = 0; p < PERSONS; p++) {
        snprintf(
            text, sizeof(text),
            "{\"specversion\":\"1.0\",\"id\":\"h%d\",\"source\":\"t\",\"type\":\"registry."
            "household\","
            "\"subject\":\"household/H%d\",\"time\":\"2024-01-01T00:00:00Z\",\"data\":{\"area\":"
            "\"610925000000\"}}",
            p, p);
        apply(r, SW_IN_EVENT, text);
        put_person(c, p, true, text);
        apply(r, SW_IN_EVENT, text);
    }
}

static void go_through_snapshot(struct run *r, const struct county *c)
{
    struct kept_snapshot kept = {.at = 0};
    struct sw_err err = {.code = SW_OK};
    uint64_t digest = sw_engine_digest(r->e);
    int64_t seq;

    SW_ASSERT(sw_engine_save(r->e, r->seq, put_snapshot, &kept));
    sw_engine_free(r->e);
    r->e = sw_engine_load((struct sw_hash_key){1, 2}, sw_ruleset_ref(c->rules), &seq, get_snapshot,
                          &kept, &err);
    SW_ASSERT(r->e != NULL && sw_engine_digest(r->e) == digest);
    sw_buf_free(&kept.text);
}

static void tell(struct run *r, const struct county *c, struct tap_random *shuffle)
{
    size_t order[STORY];
    size_t stop = tap_below(shuffle, (uint32_t)c->n);

    for (size_t i = 0; i < c->n; i++) {
        size_t at = tap_below(shuffle, (uint32_t)i + 1);

        order[i] = order[at];
        order[at] = i;
    }
    begin(r, c);
    for (size_t i = 0; i < c->n; i++) {
        apply(r, SW_IN_EVENT, c->told[order[i]]);
        if (i == stop)
            go_through_snapshot(r, c);
    }
}

static bool same_histories(const struct sw_engine *a, const struct sw_engine *b)
{
    for (uint32_t h = 0; h < PERSONS; h++) {
        const struct sw_history *x = &a->registry.household[h].history;
        const struct sw_history *y = &b->registry.household[h].history;
        uint32_t n = sw_history_length(x);

        if (n != sw_history_length(y) ||
            memcmp(sw_history_records(x), sw_history_records(y), n) != 0)
            return false;
    }
    return a->parking.n == b->parking.n && a->registry.matches == b->registry.matches;
}

int main(void)
{
    static struct county c;
    struct tap_random r = tap_seed();
    const struct rule_file files[] = {
        {"schema.yaml", sw_str(small_schema)},
        {"params.yaml", SW_STR("params: 1\n")},
        {"rules.yaml", SW_STR("categories: {all: {label: x, cap: 9}}\n"
                              "levels: {yellow: {label: x, enter: 9, leave: 9}}\n"
                              "rules: []\n")}};
    struct sw_diag diag = {0};
    size_t differ = 0;
    size_t refused = 0;
    size_t parked = 0;
    size_t decided = 0;

    c.rules = build_rules(files, SW_COUNTOF(files), &diag);
    sw_diag_print(&diag, stdout);
    SW_ASSERT(c.rules != NULL);
    for (int i = 0; i < COUNTIES; i++) {
        struct sw_registry key;
        struct run a;

        sw_registry_init(&key, (struct sw_hash_key){1, 2});
        make_county(&c, &r, &key);
        sw_registry_free(&key);
        tell(&a, &c, &r);
        for (int again = 0; again < 3; again++) {
            struct run b;

            tell(&b, &c, &r);
            if (!same_histories(a.e, b.e) && ++differ < 3) {
                note("county %d: %u and %u wait", i, a.e->parking.n, b.e->parking.n);
                for (size_t k = 0; k < c.n; k++)
                    note("%s", c.told[k]);
            }
            refused += b.refused;
            sw_engine_free(b.e);
            sw_effects_free(&b.fx);
        }
        parked += a.e->parking.n;
        decided += a.e->registry.matches;
        sw_engine_free(a.e);
        sw_effects_free(&a.fx);
    }
    is_int_named((int64_t)differ, 0, "any order gives the same histories");
    is_int_named((int64_t)refused, 0, "nothing is refused");
    ok_named(parked > COUNTIES && decided > COUNTIES, "much waits and much is decided");
    note("%zu events wait, %zu decisions", parked, decided);
    sw_ruleset_free(c.rules);
    sw_diag_free(&diag);
    return done_testing();
}
