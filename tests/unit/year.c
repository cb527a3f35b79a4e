/* A year of an invented county under the rules we ship, on a fake clock, with cadres who answer
 * late, wrongly, twice or never, and an engine that is killed again and again: it comes back from
 * its last snapshot and the log since. After every input each open case has one owner and one
 * clock; none ends without an outcome and its reason; nobody is sent more than the budget but for
 * what is red. SEED=n repeats a run. */
#include "../tap.h"
#include "county_help.h"
#include "snapshot_help.h"
#include "year_books.h"
#include <shouwang/base/file.h>
#include <shouwang/base/mem.h>

enum { FILE_MAX = 64 << 20, SAVE_EVERY = 1500, KILL_ONCE_IN = 600 };

static char households[] = "900";
static const char first_day[] = "2025-11-21"; /* the generator's year before its live day */
static char live_day[] = "2026-11-21";

/* Something a phone will send. */
struct answer {
    sw_time at;
    int64_t number; /* of the case */
    char phone[SW_PHONE_SIZE];
};

struct sent_to {
    char phone[SW_PHONE_SIZE];
    sw_day day;
    int32_t month, in_day, in_month; /* alerts */
};

struct year {
    struct tap_random dice;
    struct sw_engine *e;
    struct sw_effects fx;
    struct sw_heap due; /* (instant, answer) */
    struct answer *answer;
    struct sent_to *sent;
    size_t answers, answer_cap, phones, phone_cap;
    int64_t seq;
    struct books books;
    struct kept_snapshot saved;
    struct sw_input *log; /* since then */
    struct sw_arena bodies;
    size_t logged, log_cap;
    uint32_t inputs, replies, kills;
    uint32_t refused, alerts, ended, cleared, relapsed;
    uint32_t unowned, unclocked, nameless, overrun, changed;
};

/* ---- what must hold ------------------------------------------------------------------------ */

/* Something that happens by itself is ahead, or a person has to release it. */
static bool has_clock(const struct sw_engine *e, uint32_t index)
{
    const struct sw_case *c = &e->cases[index];

    return c->clock.runs &&
           (c->clock.paused == 0 ? c->due > 0
                                 : c->clock.until != SW_TIME_NEVER || sw_is_held(e, index));
}

static void look(struct year *y)
{
    const struct sw_engine *e = y->e;

    for (uint32_t i = 0; i < e->n_open; i++) {
        const struct sw_case *c = &e->cases[e->open[i]];

        if (c->owner == SW_NONE && y->unowned++ == 0)
            note("case %u has no owner on day %d", FIRST_CASE + e->open[i], e->today);
        if (!has_clock(e, e->open[i]) && y->unclocked++ == 0)
            note("case %u in state %.*s has no time on day %d", FIRST_CASE + e->open[i],
                 SW_STR_ARG(e->rules->life->state[c->state].name), e->today);
    }
}

/* What ends a case with an outcome, and whether that step says why in words of its own; re-checks
 * that were passed are the reason themselves. */
static const struct {
    const char *outcome, *step;
    bool words;
} ends[] = {
    {"not_true", "not_true", true},   {"cleared", "agreed", false}, {"merged", "merged", true},
    {"discarded", "discarded", true}, {"eased", "closed", true},
};

/* The step that ended it: of the kind that leads to this outcome, which it carries as proof. */
static bool is_end_of(const struct sw_step_row *s, const struct sw_case_row *r,
                      struct sw_arena *arena)
{
    struct sw_json *data = NULL;
    struct sw_err err;
    size_t i = 0;

    while (i < SW_COUNTOF(ends) && !sw_str_is(r->outcome, ends[i].outcome))
        i++;
    return s->number == r->number && i < SW_COUNTOF(ends) && sw_str_is(s->kind, ends[i].step) &&
           (s->text.n > 0 || !ends[i].words) && s->data.n > 0 &&
           sw_json_parse(arena, s->data, &data, &err) == SW_OK &&
           sw_str_eq(sw_json_text(data, "outcome"), r->outcome) &&
           sw_str_eq(sw_json_text(data, "state"), r->state);
}

/* A case that is over has an outcome, a reason, and the step that brought both. */
static void look_at_ends(struct year *y)
{
    struct sw_arena arena = {0};

    const struct sw_life *life = y->e->rules->life;

    for (size_t i = 0; i < y->fx.cases.n; i++) {
        const struct sw_case_row *r = &y->fx.cases.at[i];
        const struct sw_case *c = &y->e->cases[r->number - FIRST_CASE];
        bool said = false;

        if (!life->state[sw_life_state(life, r->state)].end)
            continue;
        for (size_t k = 0; k < y->fx.steps.n; k++)
            said |= is_end_of(&y->fx.steps.at[k], r, &arena);
        y->ended++;
        y->cleared += sw_str_is(r->outcome, "cleared");
        if (r->outcome.n == 0 || c->reason == 0 || !said) {
            if (y->nameless++ == 0)
                note("case %lld ends as \"%.*s\"", (long long)r->number, SW_STR_ARG(r->outcome));
        }
    }
    sw_arena_free(&arena);
}

static struct sent_to *page_of(struct year *y, struct sw_str phone)
{
    sw_day today = y->e->today;
    int32_t month = sw_civil_of(today).month;
    struct sent_to *p = NULL;

    for (size_t i = 0; i < y->phones && p == NULL; i++) {
        if (sw_str_is(phone, y->sent[i].phone))
            p = &y->sent[i];
    }
    if (p == NULL) {
        y->sent = sw_grow(y->sent, &y->phone_cap, y->phones + 1, sizeof(*y->sent));
        p = &y->sent[y->phones++];
        *p = (struct sent_to){.day = today};
        snprintf(p->phone, sizeof(p->phone), "%.*s", SW_STR_ARG(phone));
    }
    if (p->month != month)
        p->in_month = 0;
    if (p->day != today)
        p->in_day = 0;
    p->day = today;
    p->month = month;
    return p;
}

static bool is_alert_kind(struct sw_str kind)
{
    return sw_str_is(kind, "alert") || sw_str_is(kind, "rise") || sw_str_is(kind, "cause");
}

static void count_budget(struct year *y, const struct sw_message_row *m)
{
    const struct sw_engine *e = y->e;
    struct sent_to *p = page_of(y, m->to);
    const struct sw_mail_rules *bound = &e->rules->mail;

    if (!is_alert_kind(m->kind) || m->number == 0 ||
        sw_level_is_urgent(e, e->cases[m->number - FIRST_CASE].level))
        return;
    if ((++p->in_day > bound->per_day || ++p->in_month > bound->per_month) && y->overrun++ == 0)
        note("%s: %d alerts on day %d, %d in its month", p->phone, p->in_day, p->day, p->in_month);
}

/* ---- cadres --------------------------------------------------------------------------------
 */

/* What is fitting in a state, half of the time. */
static const struct {
    const char *state, *text;
} fitting[] = {
    {"visited", "5 临时救助"}, {"helping", "6 已稳定"}, {"helped", "6 已稳定"},
    {"review", "7"},           {"audit", "7"},          {"decision", "7"},
    {"clearance", "7"},        {"recheck", "7"},
};

static const char *choose_answer(struct year *y, int64_t number)
{
    static const char *const any[] = {
        "0", "1",          "1", "2",  "31",   "3 家里能应付", "4",        "9", "5",
        "7", "8 还没落实", "3", "77", "收到", "谢谢",         "6 已稳定", ""};
    const struct sw_case *c = &y->e->cases[number - FIRST_CASE];
    struct sw_str state = y->e->rules->life->state[c->state].name;

    for (size_t i = 0; i < SW_COUNTOF(fitting); i++) {
        if (sw_str_is(state, fitting[i].state) && tap_below(&y->dice, 2) == 0)
            return fitting[i].text;
    }
    return any[tap_below(&y->dice, SW_COUNTOF(any))];
}

/* Mostly with the case's number, at times with another one or none. */
static void write_answer(struct year *y, const struct answer *a, char text[64])
{
    const char *answer = choose_answer(y, a->number);

    if (tap_below(&y->dice, 12) == 0)
        snprintf(text, 64, "%s", answer);
    else
        snprintf(text, 64, "%lld %s", (long long)a->number + (tap_below(&y->dice, 30) == 0),
                 answer);
}

static void plan_answer(struct year *y, sw_time at, const struct sw_message_row *m)
{
    struct answer *a;

    y->answer = sw_grow(y->answer, &y->answer_cap, y->answers + 1, sizeof(*y->answer));
    a = &y->answer[y->answers];
    a->at = at;
    a->number = m->number;
    snprintf(a->phone, sizeof(a->phone), "%.*s", SW_STR_ARG(m->to));
    sw_heap_push(&y->due, at, y->answers++);
}

/* Soon, after days, after weeks, twice, or never. */
static void react(struct year *y, const struct sw_message_row *m)
{
    static const int64_t seconds[] = {300, 7200, 90000, 600000, 2500000};
    sw_time wait = (sw_time)seconds[tap_below(&y->dice, SW_COUNTOF(seconds))] * SW_SECOND;
    sw_time at = y->e->now + wait / 2 + (sw_time)tap_below(&y->dice, 1000) * wait / 1000;

    if (m->to.n == 0 || m->number == 0 || tap_below(&y->dice, 4) == 0)
        return;
    plan_answer(y, at, m);
    if (tap_below(&y->dice, 8) == 0)
        plan_answer(y, at + SW_SECOND, m);
}

/* ---- the clock -----------------------------------------------------------------------------
 */

static void take_effects(struct year *y)
{
    look_at_ends(y);
    for (size_t i = 0; i < y->fx.messages.n; i++) {
        y->alerts += is_alert_kind(y->fx.messages.at[i].kind);
        if (y->fx.messages.at[i].to.n > 0)
            count_budget(y, &y->fx.messages.at[i]);
        react(y, &y->fx.messages.at[i]);
    }
    for (size_t i = 0; i < y->fx.steps.n; i++)
        y->relapsed += sw_str_is(y->fx.steps.at[i].kind, "relapsed");
    sw_effects_reset(&y->fx);
}

/* From here on the log is kept. */
static void save(struct year *y)
{
    sw_buf_clear(&y->saved.text);
    sw_arena_reset(&y->bodies);
    y->logged = 0;
    SW_ASSERT(sw_engine_save(y->e, y->seq, put_snapshot, &y->saved));
}

/* What was in memory is gone: the last snapshot and the log since give the same to the byte. */
static void come_back(struct year *y)
{
    uint64_t before = sw_engine_digest(y->e);
    struct sw_err err = {.code = SW_OK};
    enum sw_refusal why;
    int64_t seq;

    sw_engine_free(y->e);
    y->saved.at = 0;
    y->e = sw_engine_load(y->books.lease.key, shipped_rules(), &seq, get_snapshot, &y->saved, &err);
    if (y->e == NULL)
        bail_out(NULL, err.text);
    for (size_t i = 0; i < y->logged; i++) {
        if (sw_engine_apply(y->e, &y->log[i], &y->fx, &why, &err) != SW_VERDICT_ACCEPTED)
            y->changed++;
        sw_effects_reset(&y->fx); /* told before */
    }
    y->changed += sw_engine_digest(y->e) != before;
    y->kills++;
}

static void keep_in_log(struct year *y, const struct sw_input *in)
{
    y->log = sw_grow(y->log, &y->log_cap, y->logged + 1, sizeof(*y->log));
    y->log[y->logged] = *in;
    y->log[y->logged++].body = sw_arena_str(&y->bodies, in->body);
}

static bool apply(struct year *y, enum sw_input_kind kind, sw_time now, struct sw_str body)
{
    struct sw_input in = {y->seq + 1, now, kind, body};
    enum sw_refusal why;
    struct sw_err err = {.code = SW_OK};
    enum sw_verdict verdict = sw_engine_apply(y->e, &in, &y->fx, &why, &err);

    if (verdict == SW_VERDICT_ACCEPTED) {
        y->seq++;
        keep_in_log(y, &in);
        books_write(&y->books, y->e, &in, &y->fx);
    }
    take_effects(y);
    look(y);
    return verdict != SW_VERDICT_REJECTED;
}

static void pass_time(struct year *y, sw_time now)
{
    const struct sw_zone *zone = y->e->rules->schema->zone;
    char text[SW_RFC3339_SIZE];

    for (;;) {
        sw_time next = y->e->today == SW_DAY_NEVER ? sw_zone_midnight(zone, sw_zone_day(zone, now))
                                                   : sw_engine_next(y->e);

        if (next > now)
            return;
        apply(y, SW_IN_TICK, next > y->e->came ? next : y->e->came,
              sw_engine_tick(y->e, next, text));
    }
}

static void give(struct year *y, enum sw_input_kind kind, sw_time now, struct sw_str body)
{
    now = now > y->e->came ? now : y->e->came;
    pass_time(y, now);
    y->refused += !apply(y, kind, now, body);
    if (++y->inputs % SAVE_EVERY == 0)
        save(y);
    if (tap_below(&y->dice, KILL_ONCE_IN) == 0)
        come_back(y);
}

/* The answers of before `now`, each at its time. */
static void hear_answers(struct year *y, sw_time now)
{
    const struct sw_due *top;

    while ((top = sw_heap_top(&y->due)) != NULL && top->when <= now) {
        struct answer a = y->answer[top->who];
        struct sw_buf body = {0};
        struct sw_jw w = {.out = &body};
        char text[64];

        sw_heap_pop(&y->due);
        write_answer(y, &a, text);
        sw_jw_object(&w);
        sw_jw_member(&w, "gateway", SW_STR("sms"));
        sw_jw_key(&w, "id");
        sw_buf_printf(&body, "\"%u\"", y->replies++);
        w.after_key = false;
        sw_jw_member(&w, "from", sw_str(a.phone));
        sw_jw_member(&w, "text", sw_str(text));
        sw_jw_end(&w);
        give(y, SW_IN_REPLY, a.at, sw_buf_view(&body));
        sw_buf_free(&body);
    }
}

/* ---- the county ----------------------------------------------------------------------------
 */

static char tables_at[] = "/tmp/year-XXXXXX";

static void make_county(const char *self, uint64_t seed)
{
    char number[24];

    find_county(self);
    snprintf(number, sizeof(number), "%u", (unsigned)(seed % 1000));
    if (mkdtemp(tables_at) == NULL || RUN_COUNTY("--seed", number, "--households", households,
                                                 "--start", live_day, tables_at) != 0)
        exit(1);
}

static struct sw_buf read_and_remove(const char *name)
{
    struct sw_buf text = {0};
    struct sw_err err;
    char path[64];

    snprintf(path, sizeof(path), "%s/%s", tables_at, name);
    if (sw_file_read(path, FILE_MAX, &text, &err) != SW_OK) {
        note("%s", err.text);
        exit(1);
    }
    unlink(path);
    return text;
}

static void load_table(struct year *y, const char *kind, sw_time now)
{
    char name[32];
    struct sw_buf file;
    struct sw_csv csv;
    struct sw_arena arena = {0};
    struct sw_buf text = {0};
    struct sw_csv_row header;
    struct sw_csv_row row;

    snprintf(name, sizeof(name), "%ss.csv", kind);
    file = read_and_remove(name);
    csv = (struct sw_csv){.rest = sw_buf_view(&file)};
    sw_csv_next(&csv, &arena, &header);
    while (sw_csv_next(&csv, &arena, &row)) {
        put_county_row(&text, kind, &header, &row);
        give(y, SW_IN_EVENT, now, sw_buf_view(&text));
    }
    sw_buf_free(&text);
    sw_buf_free(&file);
    sw_arena_free(&arena);
}

/* The generator leaves the county's own work team to the county. */
static void add_county_team(struct year *y, sw_time now)
{
    static const char *const lines[] = {
        "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"1\",\"type\":\"registry.cadre\","
        "\"subject\":\"cadre/CX\",\"data\":{\"name\":\"县专干\",\"phone\":\"13700990001\"}}",
        "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"2\",\"type\":\"registry.team\","
        "\"subject\":\"team/TX\",\"data\":{\"name\":\"县工作专班\",\"leader\":\"CX\"}}",
        "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"3\",\"type\":\"registry."
        "assignment\","
        "\"subject\":\"assignment/AX\",\"data\":{\"area\":\"610999000000\",\"team\":\"TX\"}}",
    };

    for (size_t i = 0; i < SW_COUNTOF(lines); i++)
        give(y, SW_IN_EVENT, now, sw_str(lines[i]));
    is_int_named(y->refused, 0, "the registry is taken");
}

/* When the line's source told of it; 0: no line of a good envelope. */
static sw_time told_at(struct sw_str line)
{
    struct sw_arena arena = {0};
    struct sw_envelope env;
    struct sw_err err;
    sw_time at = 0;

    if (sw_envelope_read(&arena, line, &env, &err) == SW_ACCEPTED && env.has_known)
        at = env.known;
    sw_arena_free(&arena);
    return at;
}

static void live_through(struct year *y)
{
    struct sw_buf file = read_and_remove("history.jsonl");
    struct sw_str rest = sw_buf_view(&file);
    struct sw_str line;

    while (sw_str_split(&rest, '\n', &line)) {
        sw_time at = told_at(line);

        at = at > y->e->came ? at : y->e->came;
        hear_answers(y, at);
        give(y, SW_IN_EVENT, at, line);
    }
    /* And four months more, in which people only answer. */
    for (int d = 0; d < 120; d++) {
        sw_time at = y->e->came + 86400 * SW_SECOND;

        hear_answers(y, at);
        pass_time(y, at);
        look(y);
    }
    sw_buf_free(&file);
}

int main(int argc, char **argv)
{
    static const char *const tables[] = {"area",  "household", "person",
                                         "cadre", "team",      "assignment"};
    static const char *const others[] = {"live.jsonl", "expected.json"};
    struct year y = {.dice = tap_seed()};
    sw_day first;
    sw_time start;

    (void)argc;
    make_county(argv[0], tap_below(&y.dice, 1000));
    books_open(&y.books);
    y.e = sw_engine_new(y.books.lease.key, shipped_rules());
    sw_date_parse(sw_str(first_day), &first);
    start = sw_zone_midnight(y.e->rules->schema->zone, first) + 3600 * SW_SECOND;
    sw_engine_set_rules(y.e, sw_ruleset_ref(y.e->rules));
    apply(&y, SW_IN_RULES, start, sw_str(sw_ruleset_digest(y.e->rules)));
    save(&y);
    for (size_t i = 0; i < SW_COUNTOF(tables); i++)
        load_table(&y, tables[i], start);
    add_county_team(&y, start);
    live_through(&y);
    for (size_t i = 0; i < SW_COUNTOF(others); i++) {
        struct sw_buf text = read_and_remove(others[i]);

        sw_buf_free(&text);
    }
    rmdir(tables_at);
    note("%u inputs, %u answers, %u alerts, %u cases of which %u ended, %u cleared, %u "
         "relapses, %u kills",
         y.inputs, y.replies, y.alerts, y.e->n_cases, y.ended, y.cleared, y.relapsed, y.kills);
    ok_named(y.e->n_cases > 100 && y.ended > 50, "cases were opened and ended in that year");
    is_int_named(y.unowned, 0, "each open case has one owner at every moment");
    is_int_named(y.unclocked, 0, "each open case has one next deadline, or a pause with an end");
    is_int_named(y.nameless, 0, "no case ends without an outcome and a reason");
    is_int_named(y.overrun, 0, "nobody is sent more than the day's budget but for what is red");
    ok_named(y.kills > 5, "the engine was killed again and again");
    is_int_named(y.changed, 0, "and came back as it was");
    books_check(&y.books, y.e);
    sw_engine_free(y.e);
    sw_effects_free(&y.fx);
    sw_heap_free(&y.due);
    sw_buf_free(&y.saved.text);
    sw_arena_free(&y.bodies);
    free(y.log);
    free(y.answer);
    free(y.sent);
    return done_testing();
}
