/* Clocks of cases: whatever happens in a county and whoever answers, what is told when, and the
 * state afterwards, do not depend on how often the clock ticked, on restarts from a snapshot, or on
 * the machine being down; and an open case that waits for an answer always has its next moment.
 *
 * A random story is lived through by five engines that are ticked differently. */
#include "../tap.h"
#include "engine/parts.h"
#include "ruleset_help.h"
#include "snapshot_help.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

enum { STORIES = 60, DAYS = 45, HAPPENINGS = 60, HOUSEHOLDS = 6 };

static const char schema_text[] = "schema: 1\n"
                                  "timezone: Asia/Shanghai\n"
                                  "household: {income: {type: money, label: 收入}}\n"
                                  "events:\n"
                                  "  bill: {label: 医疗费, fields: {paid: {type: money}}}\n";

/* What is paid is forgotten after ten days, so cases also change by time alone. */
static const char rules_text[] =
    "categories: {health: {label: 因病, cap: 40}}\n"
    "levels: {yellow: {label: 黄色, enter: 10, leave: 5}, red: {label: 红色, enter: 30, leave: "
    "25}}\n"
    "rules:\n"
    "  - {rule: some, label: 有医疗费, category: health, score: 10, message: m,\n"
    "     when: 'bill.within(days(10)).count() >= 1'}\n"
    "  - {rule: much, label: 医疗费高, category: health, score: 30, message: m,\n"
    "     when: 'bill.within(days(10)).count() >= 3'}\n";

static const char messages_text[] = "deadline: {yellow: {days: 3, text: 3个工作日}, red: {hours: "
                                    "24, text: 24小时}}\n"
                                    "clocks:\n"
                                    "  all:\n"
                                    "    - {at: 50, do: remind}\n"
                                    "    - {at: 100, do: escalate, nobody: hold}\n"
                                    "    - {at: 130, do: escalate}\n"
                                    "    - {at: 200, do: remind, every: 70}\n"
                                    "  red:\n"
                                    "    - {at: 25, do: remind}\n"
                                    "    - {at: 100, do: escalate, every: 100}\n";

static const char calendar_text[] =
    "2024:\n  holidays: [{name: 国庆节, from: 2024-10-01, to: 2024-10-07}]\n"
    "  workdays: [2024-09-29, 2024-10-12]\n";

static const struct rule_file files[] = {
    {"schema.yaml", {schema_text, sizeof(schema_text) - 1}},
    {"r.yaml", {rules_text, sizeof(rules_text) - 1}},
    {"messages.yaml", {messages_text, sizeof(messages_text) - 1}},
    {"calendar.yaml", {calendar_text, sizeof(calendar_text) - 1}}};

/* ---- what happens ------------------------------------------------------------------------- */

struct happening {
    sw_time at;
    enum { BILL, REPLY, PAUSE, RESUME, KINDS } kind;
    uint32_t who; /* household, or case */
    uint32_t what;
};

static const char *const registry[] = {
    "area/A\",\"type\":\"registry.area\",\"data\":{\"name\":\"平川县\"}",
    "area/A01\",\"type\":\"registry.area\",\"data\":{\"name\":\"大溪镇\",\"parent\":\"A\"}",
    "area/A0101\",\"type\":\"registry.area\",\"data\":{\"name\":\"石桥村\",\"parent\":\"A01\"}",
    "area/A0102\",\"type\":\"registry.area\",\"data\":{\"name\":\"东沟村\",\"parent\":\"A01\"}",
    "cadre/C0\",\"type\":\"registry.cadre\",\"data\":{\"name\":\"甲\",\"phone\":\"13800138000\"}",
    "cadre/C1\",\"type\":\"registry.cadre\",\"data\":{\"name\":\"乙\",\"phone\":\"13800138001\"}",
    "cadre/C2\",\"type\":\"registry.cadre\",\"data\":{\"name\":\"丙\",\"phone\":\"13800138002\"}",
    "team/T1\",\"type\":\"registry.team\",\"data\":{\"name\":\"村队\",\"leader\":\"C1\"}",
    "team/T2\",\"type\":\"registry.team\",\"data\":{\"name\":\"县队\",\"leader\":\"C2\"}",
    "assignment/"
    "B1\",\"type\":\"registry.assignment\",\"data\":{\"area\":\"A0101\",\"team\":\"T1\"}",
    "assignment/B2\",\"type\":\"registry.assignment\",\"data\":{\"area\":\"A\",\"team\":\"T2\"}",
};

struct county {
    struct sw_engine *e;
    struct sw_effects fx;
    struct sw_buf told; /* every step and its moment */
    struct sw_buf sent; /* every message */
    sw_time now;
    int64_t seq;
    unsigned ids;
    struct sw_ruleset *rules;
};

static struct kept_snapshot saved;

static void restart(struct county *c)
{
    struct sw_err err;
    int64_t seq;

    sw_buf_clear(&saved.text);
    saved.at = 0;
    SW_ASSERT(sw_engine_save(c->e, c->seq, put_snapshot, &saved));
    sw_engine_free(c->e);
    c->e = sw_engine_load((struct sw_hash_key){1, 2}, sw_ruleset_ref(c->rules), &seq, get_snapshot,
                          &saved, &err);
    SW_ASSERT(c->e != NULL);
}

static void feed(struct county *c, enum sw_input_kind kind, struct sw_str body)
{
    struct sw_input in = {++c->seq, c->now, kind, body};
    enum sw_refusal why;
    struct sw_err err = {.code = SW_OK};

    if (sw_engine_apply(c->e, &in, &c->fx, &why, &err) == SW_VERDICT_REJECTED)
        exit(printf("Bail out! %s: %.*s\n", err.text, SW_STR_ARG(body)));
    for (size_t i = 0; i < c->fx.steps.n; i++) {
        const struct sw_step_row *s = &c->fx.steps.at[i];
        char at[SW_RFC3339_SIZE];

        sw_buf_printf(&c->told, "%lld %s %.*s %.*s %.*s\n", (long long)s->number,
                      sw_rfc3339_format(s->at, 28800, at), SW_STR_ARG(s->kind),
                      SW_STR_ARG(s->actor), SW_STR_ARG(s->text));
    }
    for (size_t i = 0; i < c->fx.messages.n; i++) {
        const struct sw_message_row *m = &c->fx.messages.at[i];

        sw_buf_printf(&c->sent, "%.*s to %.*s: %.*s\n", SW_STR_ARG(m->kind), SW_STR_ARG(m->to),
                      SW_STR_ARG(m->body));
    }
    sw_effects_reset(&c->fx);
}

static void tick(struct county *c, sw_time at)
{
    char text[SW_RFC3339_SIZE];

    feed(c, SW_IN_TICK, sw_engine_tick(c->e, at, text));
}

/* ---- five clocks -------------------------------------------------------------------------- */

/* As the daemon does when it looks at the clock all the time: every tick in its own moment. */
static void pass_exactly(struct county *c, sw_time to, struct tap_random *dice)
{
    (void)dice;
    while (sw_engine_next(c->e) <= to) {
        c->now = sw_engine_next(c->e) > c->now ? sw_engine_next(c->e) : c->now;
        tick(c, sw_engine_next(c->e));
    }
    c->now = to;
}

/* It was down: everything is late. */
static void pass_late(struct county *c, sw_time to, struct tap_random *dice)
{
    (void)dice;
    c->now = to;
    while (sw_engine_next(c->e) <= to)
        tick(c, sw_engine_next(c->e));
}

/* It was down, and what a gateway says of some message comes before all that was missed. */
static void pass_after_word(struct county *c, sw_time to, struct tap_random *dice)
{
    c->now = to;
    feed(c, SW_IN_FATE, SW_STR("{\"message\":\"999999999-0\",\"state\":\"delivered\"}"));
    pass_late(c, to, dice);
}

/* Only days are ticked, and the moment of the next input. */
static void pass_days(struct county *c, sw_time to, struct tap_random *dice)
{
    const struct sw_zone *zone = c->e->rules->schema->zone;

    (void)dice;
    c->now = to;
    while (sw_engine_next(c->e) <= to) {
        sw_time midnight = sw_zone_midnight(zone, c->e->today + 1);

        if (sw_engine_due(c->e) <= c->e->today)
            midnight = sw_zone_midnight(zone, c->e->today);
        tick(c, midnight < to ? midnight : to);
    }
}

/* Many ticks too many, and restarts anywhere. */
static void pass_finely(struct county *c, sw_time to, struct tap_random *dice)
{
    while (c->now < to) {
        sw_time step = (sw_time)(1 + tap_below(dice, 20000)) * SW_SECOND;
        sw_time then = c->now + step < to ? c->now + step : to;

        while (sw_engine_next(c->e) <= then) {
            c->now = sw_engine_next(c->e) > c->now ? sw_engine_next(c->e) : c->now;
            tick(c, sw_engine_next(c->e));
        }
        c->now = then;
        if (sw_zone_day(c->e->rules->schema->zone, then) == c->e->today)
            tick(c, then);
        if (tap_below(dice, 9) == 0)
            restart(c);
    }
}

static void (*const clocks[])(struct county *c, sw_time to, struct tap_random *dice) = {
    pass_exactly, pass_late, pass_days, pass_finely, pass_after_word};

/* ---- a story ------------------------------------------------------------------------------ */

static void event(struct county *c, const char *rest)
{
    char body[400];
    char at[SW_RFC3339_SIZE];

    snprintf(body, sizeof(body),
             "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"e%u\",\"time\":\"%s\","
             "\"subject\":\"%s}",
             ++c->ids, sw_rfc3339_format(c->now, 0, at), rest);
    feed(c, SW_IN_EVENT, sw_str(body));
}

static void happen(struct county *c, const struct happening *h)
{
    char text[200];

    if (h->kind == PAUSE || h->kind == RESUME)
        c->e->now = c->e->came = c->now; /* as the input would that does it */
    if (h->kind == BILL) {
        snprintf(text, sizeof(text), "household/H%u\",\"type\":\"bill\",\"data\":{\"paid\":100}",
                 h->who);
        event(c, text);
    } else if (h->kind == REPLY) {
        snprintf(
            text, sizeof(text),
            "{\"gateway\":\"sms\",\"id\":\"r%u\",\"from\":\"1380013800%u\",\"text\":\"%u %u\"}",
            ++c->ids, h->what % 3, FIRST_CASE + h->who, h->what / 3);
        feed(c, SW_IN_REPLY, sw_str(text));
    } else if (h->who < c->e->n_cases && h->kind == PAUSE) {
        sw_clock_pause(c->e, h->who, c->now + (sw_time)(h->what + 1) * 7 * 3600 * SW_SECOND);
    } else if (h->who < c->e->n_cases) {
        sw_clock_resume(c->e, h->who);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct happening *x = a;
    const struct happening *y = b;

    return (x->at > y->at) - (x->at < y->at);
}

static void make_story(struct happening *h, sw_time begin, struct tap_random *dice)
{
    static const uint32_t digits[] = {0, 0, 1, 2, 3, 4, 9};

    for (size_t i = 0; i < HAPPENINGS; i++) {
        uint32_t kind = tap_below(dice, 10);

        h[i] = (struct happening){
            .at = begin + (sw_time)tap_below(dice, DAYS * 86400) * SW_SECOND,
            .kind = kind < 6    ? BILL
                    : kind < 8  ? REPLY
                    : kind == 8 ? PAUSE
                                : RESUME,
            .who = tap_below(dice, HOUSEHOLDS),
            .what = tap_below(dice, 3) + 3 * digits[tap_below(dice, SW_COUNTOF(digits))],
        };
    }
    qsort(h, HAPPENINGS, sizeof(*h), by_time);
}

/* Who waits for an answer has a deadline and a next moment, or a pause that ends. */
static bool has_next_moments(const struct sw_engine *e, bool has_caught_up)
{
    for (uint32_t i = 0; i < e->n_open; i++) {
        const struct sw_case *c = &e->cases[e->open[i]];
        bool paused = c->clock.paused > 0;
        bool good = c->wake != SW_TIME_NEVER && c->due > 0 && c->clock.runs &&
                    sw_clock_due(c) == (paused ? 0 : c->due) &&
                    (!paused || c->wake == c->clock.until);

        if (has_caught_up) /* what was set into the past has been done */
            good &= c->wake > e->came && (paused || c->clock.late == (c->due <= e->came));
        if (sw_case_waits(e, c) && !good) {
            note("case %u: due %lld wake %lld paused %lld now %lld", FIRST_CASE + e->open[i],
                 (long long)c->due, (long long)c->wake, (long long)c->clock.paused,
                 (long long)e->came);
            return false;
        }
    }
    return true;
}

static void open_county(struct county *c, struct sw_ruleset *rules, sw_time begin)
{
    char text[SW_RFC3339_SIZE];

    *c = (struct county){.rules = rules, .now = begin};
    c->e = sw_engine_new((struct sw_hash_key){1, 2}, sw_ruleset_ref(rules));
    feed(c, SW_IN_TICK, sw_engine_tick(c->e, begin, text));
    for (size_t i = 0; i < SW_COUNTOF(registry); i++)
        event(c, registry[i]);
    for (uint32_t i = 0; i < HOUSEHOLDS; i++) {
        char body[200];

        snprintf(body, sizeof(body),
                 "household/H%u\",\"type\":\"registry.household\",\"data\":{\"area\":\"A010%u\"}",
                 i, 1 + i % 2);
        event(c, body);
        snprintf(
            body, sizeof(body),
            "assignment/K%u\",\"type\":\"registry.assignment\",\"data\":{\"household\":\"H%u\","
            "\"cadre\":\"C%u\"}",
            i, i, i % 2);
        if (i < 4) /* two families have nobody */
            event(c, body);
    }
}

static bool live(struct county *c, int clock, const struct happening *h, sw_time end,
                 struct tap_random *dice)
{
    bool good = true;

    for (size_t i = 0; i < HAPPENINGS; i++) {
        clocks[clock](c, h[i].at, dice);
        good &= has_next_moments(c->e, true);
        happen(c, &h[i]);
        good &= has_next_moments(c->e, false);
    }
    clocks[clock](c, end, dice);
    return good & has_next_moments(c->e, true);
}

static void show_difference(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        const char *a_end = strchrnul(a, '\n');
        size_t n = (size_t)(a_end - a) + 1;

        if (strncmp(a, b, n) != 0)
            break;
        a += n;
        b += n;
    }
    note("one: %.300s", a);
    note("other: %.300s", b);
}

static void count_kinds(const char *told, size_t count[4])
{
    static const char *const kinds[] = {" reminded ", " escalated ", " overdue ", " resumed "};

    for (size_t k = 0; k < SW_COUNTOF(kinds); k++) {
        for (const char *at = told; (at = strstr(at, kinds[k])) != NULL; at++)
            count[k]++;
    }
}

int main(void)
{
    struct tap_random dice = tap_seed();
    struct sw_diag diag = {0};
    struct sw_ruleset *rules = build_rules(files, SW_COUNTOF(files), &diag);
    size_t count[4] = {0};
    sw_time begin;

    sw_diag_print(&diag, stdout);
    if (rules == NULL)
        exit(printf("Bail out! the rules do not load\n"));
    sw_rfc3339_parse(SW_STR("2024-09-20T00:00:00+08:00"), &begin);
    for (int n = 0; n < STORIES; n++) {
        struct happening h[HAPPENINGS];
        struct county c[SW_COUNTOF(clocks)];
        bool same = true;
        bool good = true;

        make_story(h, begin, &dice);
        for (int k = 0; k < (int)SW_COUNTOF(clocks); k++) {
            open_county(&c[k], rules, begin);
            good &= live(&c[k], k, h, begin + (DAYS + 20) * 86400 * SW_SECOND, &dice);
            if (strcmp(c[0].told.p, c[k].told.p) == 0 && strcmp(c[0].sent.p, c[k].sent.p) == 0 &&
                sw_engine_digest(c[0].e) == sw_engine_digest(c[k].e))
                continue;
            note("clock %d", k);
            show_difference(c[0].told.p, c[k].told.p);
            show_difference(c[0].sent.p, c[k].sent.p);
            same = false;
        }
        ok_named(same, "the same is told and known, however often the clock ticked");
        ok_named(good, "each open case that waits has one next moment");
        count_kinds(c[0].told.p, count);
        for (size_t k = 0; k < SW_COUNTOF(clocks); k++) {
            sw_engine_free(c[k].e);
            sw_effects_free(&c[k].fx);
            sw_buf_free(&c[k].told);
            sw_buf_free(&c[k].sent);
        }
    }
    note("%zu reminded, %zu escalated, %zu overdue, %zu pauses ran out", count[0], count[1],
         count[2], count[3]);
    ok_named(count[0] > 100 && count[1] > 100 && count[2] > 50 && count[3] > 5,
             "and it was told often enough");
    sw_ruleset_free(rules);
    sw_diag_free(&diag);
    sw_buf_free(&saved.text);
    return done_testing();
}
