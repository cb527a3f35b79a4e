/* Many households due on one day: they are spread over ticks, nothing is said of those whose level
 * stays, and a restart between two ticks changes nothing. */
#include "../tap.h"
#include "ruleset_help.h"
#include "snapshot_help.h"
#include <shouwang/base/date.h>
#include <shouwang/base/mem.h>
#include <shouwang/engine/engine.h>

enum { HOUSEHOLDS = 1203, PER_TICK = 500 };

static const char schema_text[] = "schema: 1\n"
                                  "timezone: Asia/Shanghai\n"
                                  "household: {income: {type: money, label: 收入}}\n"
                                  "events:\n"
                                  "  bill: {label: 医疗费, fields: {paid: {type: money}}}\n";

/* From 2025-03-01 on the line is above everybody; a year's bills are forgotten on 1 January. */
static const char rules_text[] =
    "categories: {health: {label: 因病, cap: 30}}\n"
    "levels: {yellow: {label: 黄色, enter: 10, leave: 5}, red: {label: 红色, enter: 30, leave: "
    "25}}\n"
    "rules:\n"
    "  - {rule: bills, label: 医疗费, category: health, score: 10, message: m,\n"
    "     when: 'bill.this_year().count() >= 1'}\n"
    "  - {rule: poor, label: 低收入, category: health, score: 1, message: m,\n"
    "     when: 'hh.income < p.line'}\n";
static const char params_text[] = "line: {label: 线, unit: 元, min: 1, max: 9000, values: [{value: "
                                  "100}, {from: 2025-03-01, value: 5000}]}\n";

struct county {
    struct sw_engine *e;
    struct sw_ruleset *rules;
    struct sw_effects fx;
    sw_time now;
    int64_t seq;
    size_t messages, tasks, eased, causes;
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
    SW_ASSERT(sw_engine_now(c->e) == c->now);
}

static void feed(struct county *c, enum sw_input_kind kind, struct sw_str body)
{
    struct sw_input in = {++c->seq, c->now, kind, body};
    enum sw_refusal why;
    struct sw_err err = {.code = SW_OK};

    if (sw_engine_apply(c->e, &in, &c->fx, &why, &err) != SW_VERDICT_ACCEPTED)
        exit(printf("Bail out! %s\n", err.text));
    c->messages += c->fx.messages.n;
    c->tasks += c->fx.tasks.n;
    for (size_t i = 0; i < c->fx.steps.n; i++) {
        c->eased += sw_str_is(c->fx.steps.at[i].kind, "eased");
        c->causes += sw_str_is(c->fx.steps.at[i].kind, "cause");
    }
    sw_effects_reset(&c->fx);
}

static void tick(struct county *c, sw_day day)
{
    char text[SW_DATE_SIZE];

    c->now = sw_zone_midnight(sw_ruleset_schema(c->rules)->zone, day) + 60 * SW_SECOND;
    feed(c, SW_IN_TICK, sw_str(sw_date_format(day, text)));
}

static void tell(struct county *c, const char *type, const char *subject, const char *data)
{
    char at[SW_RFC3339_SIZE];
    char text[400];

    snprintf(text, sizeof(text),
             "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"e%lld\",\"type\":\"%s\","
             "\"subject\":\"%s\",\"time\":\"%s\",\"data\":{%s}}",
             (long long)c->seq, type, subject, sw_rfc3339_format(c->now, 28800, at), data);
    feed(c, SW_IN_EVENT, sw_str(text));
}

/* Yellow households, every one with a cadre to be told. */
static void settle(struct county *c, sw_day day, int households)
{
    const struct rule_file files[] = {{"schema.yaml", sw_str(schema_text)},
                                      {"params.yaml", sw_str(params_text)},
                                      {"rules.yaml", sw_str(rules_text)}};
    struct sw_diag diag = {0};

    *c = (struct county){.rules = build_rules(files, SW_COUNTOF(files), &diag)};
    if (c->rules == NULL)
        sw_diag_print(&diag, stdout);
    SW_ASSERT(c->rules != NULL);
    sw_diag_free(&diag);
    c->e = sw_engine_new((struct sw_hash_key){1, 2}, sw_ruleset_ref(c->rules));
    tick(c, day);
    tell(c, "registry.area", "area/610999000000", "\"name\":\"平川县\"");
    tell(c, "registry.cadre", "cadre/C1", "\"name\":\"王\",\"phone\":\"13800138001\"");
    for (int i = 0; i < households; i++) {
        char household[32];
        char assignment[32];
        char data[80];

        snprintf(household, sizeof(household), "household/H%d", i);
        snprintf(assignment, sizeof(assignment), "assignment/A%d", i);
        snprintf(data, sizeof(data), "\"household\":\"H%d\",\"cadre\":\"C1\"", i);
        tell(c, "registry.household", household, "\"area\":\"610999000000\",\"income\":3000");
        tell(c, "registry.assignment", assignment, data);
        tell(c, "bill", household, "\"paid\":100");
    }
}

static uint64_t on_level(const struct county *c, size_t level)
{
    struct sw_engine_counts counts;

    sw_engine_count(c->e, &counts);
    return counts.by_level[level];
}

static void leave(struct county *c)
{
    sw_engine_free(c->e);
    sw_ruleset_free(c->rules);
    sw_effects_free(&c->fx);
}

/* ---- the stories -------------------------------------------------------------------------- */

static void test_new_year(void)
{
    struct county a;
    struct county b;
    sw_day day = sw_day_of(2025, 1, 1);

    settle(&a, sw_day_of(2024, 12, 30), HOUSEHOLDS);
    settle(&b, sw_day_of(2024, 12, 30), HOUSEHOLDS);
    is_int_named(on_level(&a, 1), HOUSEHOLDS, "all are yellow");
    is_int_named(a.messages, HOUSEHOLDS, "and each was told once");
    a.messages = b.messages = 0;
    is_int_named(sw_engine_due(a.e), day, "the next day on which anything changes is 1 January");
    for (int n = 1; n <= 3; n++) {
        int done = n * PER_TICK < HOUSEHOLDS ? n * PER_TICK : HOUSEHOLDS;

        tick(&a, day);
        tick(&b, day);
        restart(&b);
        is_int_named(on_level(&a, 0), done, "a tick takes some hundreds");
        is_int_named(sw_engine_due(a.e) == day, n < 3, "the same day is due until all are through");
        ok_named(sw_engine_digest(a.e) == sw_engine_digest(b.e),
                 "a restart between changes nothing");
    }
    is_int_named(a.eased, HOUSEHOLDS, "each case says so once");
    is_int_named(b.eased, HOUSEHOLDS, "with restarts too");
    is_int_named(a.messages + b.messages, 0, "and nobody is sent a message about it");
    leave(&a);
    leave(&b);
}

/* A line that rises over everybody by its date: points for all, a level for nobody. */
static void test_standard(void)
{
    struct county c;
    sw_day day = sw_day_of(2025, 3, 1);
    size_t told;

    settle(&c, sw_day_of(2025, 2, 28), HOUSEHOLDS);
    told = c.messages;
    is_int_named(sw_engine_due(c.e), day, "the day of the new line is due");
    for (int n = 0; n < 2; n++)
        tick(&c, day);
    restart(&c);
    tick(&c, day);
    ok_named(sw_engine_due(c.e) > day, "three ticks are enough");
    is_int_named(on_level(&c, 1), HOUSEHOLDS, "all stay yellow");
    is_int_named(c.eased, 0, "nothing eased");
    is_int_named(c.messages - told, 0, "and nobody is sent that there is one cause more");
    is_int_named(c.causes, HOUSEHOLDS, "but each case has it");
    tell(&c, "registry.household", "household/H7", "\"area\":\"610999000000\",\"income\":9000");
    tell(&c, "registry.household", "household/H7", "\"area\":\"610999000000\",\"income\":2000");
    is_int_named(c.messages - told, 0, "what was in the case is no news the same day");
    leave(&c);
}

/* What nobody knows is asked again, though nothing happens to the household. */
static void test_question(void)
{
    struct county c;
    sw_day day = sw_day_of(2025, 3, 2);

    settle(&c, day, 0);
    tell(&c, "registry.household", "household/H0", "\"area\":\"610999000000\"");
    is_int_named(c.tasks, 1, "a household without an income is asked about");
    for (int month = 1; month <= 3; month++) {
        is_int_named(sw_engine_due(c.e), day + 30 * month, "again when thirty days are over");
        tick(&c, day + 30 * month);
        is_int_named(c.tasks, 1 + month, "so it is asked again");
    }
    leave(&c);
}

int main(void)
{
    test_new_year();
    test_standard();
    test_question();
    sw_buf_free(&saved.text);
    return done_testing();
}
