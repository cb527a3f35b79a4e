/* Places: a village of which nothing is heard is looked at once a day; a village that gets a new
 * code and a new town keeps its numbers, parameters and events under either code; and a storm over
 * a township of 20 000 households is a few messages, judged a bounded number at a time. */
#include "../tap.h"
#include "engine/parts.h"
#include "ruleset_help.h"
#include <shouwang/base/mem.h>

static const char schema_text[] =
    "schema: 1\n"
    "household: {poor: {type: bool, label: 重点户}}\n"
    "events:\n"
    "  hail: {label: 冰雹, feed: 气象局, scope: area, fields: {grade: {type: int}}}\n"
    "  loss: {label: 灾损, feed: 应急局, fields: {amount: {type: money}}}\n";

static const char params_text[] = "line: {label: 线, unit: 元, value: 1000, min: 0, max: 9999}\n";

static const char areas_text[] =
    "overrides:\n"
    "  - {area: \"610999101201\", set: {line: 500}, reason: 老代码}\n"
    "  - {area: 新石桥村, from: 2024-08-01, set: {line: 300}, reason: 新名称}\n";

static const char rules_text[] =
    "categories: {disaster: {label: 因灾, cap: 30}}\n"
    "levels: {yellow: {label: 黄色, enter: 10, leave: 5}}\n"
    "rules:\n"
    "  - {rule: lost, label: 灾损过线, category: disaster, score: 10, message: m,\n"
    "     when: 'loss.within(days(400)).sum(amount) >= p.line'}\n"
    "  - {rule: village, subject: village, label: 村里受灾, category: disaster, score: 10,\n"
    "     sms: 冰雹, list: hh.poor, message: '{{area.name}}受灾',\n"
    "     when: 'hail.within(days(10)).count() >= 1'}\n"
    "  - {rule: quiet, subject: village, daily: true, label: 久无灾损, category: disaster, score: "
    "10,\n"
    "     sms: 久无, message: '{{area.name}}久无',\n"
    "     when: 'loss.within(days(60)).count() == 0 && loss.between(days(60), days(425)).count() "
    ">= "
    "2'}\n"
    "  - {rule: work, kind: task, label: 查看受灾, category: disaster, message: 请查看受灾,\n"
    "     when: 'hail.within(days(10)).count() >= 1 && hh.poor'}\n";

struct county {
    struct sw_engine *e;
    struct sw_ruleset *rules;
    struct sw_effects fx;
    sw_time now;
    int64_t seq;
    size_t texts, tasks, inputs;
    uint64_t most; /* judgements of one input */
    enum sw_refusal why;
};

static enum sw_verdict feed(struct county *c, enum sw_input_kind kind, struct sw_str body)
{
    struct sw_input in = {++c->seq, c->now, kind, body};
    struct sw_err err = {.code = SW_OK};
    uint64_t before = c->e->judged;
    enum sw_verdict v = sw_engine_apply(c->e, &in, &c->fx, &c->why, &err);

    if (c->e->judged - before > c->most)
        c->most = c->e->judged - before;
    c->inputs++;
    c->texts += c->fx.messages.n;
    c->tasks += c->fx.tasks.n;
    sw_effects_reset(&c->fx);
    return v;
}

static void pass_to(struct county *c, const char *date)
{
    sw_day day = 0;
    char text[SW_DATE_SIZE];

    sw_date_parse(sw_str(date), &day);
    while (sw_engine_day(c->e) != day || sw_engine_due(c->e) <= day) {
        sw_day due = sw_engine_due(c->e);
        sw_day reached = sw_engine_day(c->e);
        sw_day next = due < day ? due : day;

        if (reached != SW_DAY_NEVER && next < reached)
            next = reached;
        c->now = sw_zone_midnight(c->rules->schema->zone, next) + 43200 * SW_SECOND;
        feed(c, SW_IN_TICK, sw_str(sw_date_format(next, text)));
    }
}

/* An input and nothing more: what is due stays due. */
static enum sw_verdict tell(struct county *c, const char *type, const char *subject,
                            const char *data)
{
    char text[512];

    snprintf(text, sizeof(text),
             "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"e%lld\",\"type\":\"%s\","
             "\"subject\":\"%s\",\"data\":{%s}}",
             (long long)c->seq, type, subject, data);
    return feed(c, SW_IN_EVENT, sw_str(text));
}

static void open_county(struct county *c)
{
    struct sw_diag diag = {0};

    *c = (struct county){0};
    c->rules = build_rules((struct rule_file[]){{"areas.yaml", sw_str(areas_text)},
                                                {"params.yaml", sw_str(params_text)},
                                                {"rules.yaml", sw_str(rules_text)},
                                                {"schema.yaml", sw_str(schema_text)}},
                           4, &diag);
    if (c->rules == NULL)
        sw_diag_print(&diag, stdout);
    SW_ASSERT(c->rules != NULL);
    c->e = sw_engine_new((struct sw_hash_key){1, 2}, sw_ruleset_ref(c->rules));
    pass_to(c, "2024-07-01");
    tell(c, "registry.area", "area/610999000000", "\"name\":\"平川县\"");
    tell(c, "registry.area", "area/610999101000", "\"name\":\"大溪镇\"");
    tell(c, "registry.area", "area/610999102000", "\"name\":\"青山镇\"");
    tell(c, "registry.area", "area/610999101201", "\"name\":\"石桥村\"");
    tell(c, "registry.household", "household/H1", "\"area\":\"610999101201\",\"poor\":true");
    sw_diag_free(&diag);
}

static void close_county(struct county *c)
{
    sw_engine_free(c->e);
    sw_ruleset_free(c->rules);
    sw_effects_free(&c->fx);
}

/* ---- a new code ------------------------------------------------------------------------------ */

static double line_of(struct county *c, const char *code, const char *date)
{
    struct sw_value value[1];
    sw_day until[1];
    sw_day day = 0;

    sw_date_parse(sw_str(date), &day);
    sw_params_at(c->rules, &c->e->registry, sw_registry_area(&c->e->registry, sw_str(code)), day,
                 value, until);
    return value[0].kind == SW_KMONEY ? (double)value[0].i / 100 : (double)value[0].i;
}

static uint32_t area(struct county *c, const char *code)
{
    return sw_registry_area(&c->e->registry, sw_str(code));
}

static void test_recode(void)
{
    struct county c;
    struct sw_engine_counts n;
    uint32_t place;

    open_county(&c);
    place = area(&c, "610999101201");
    is_int(tell(&c, "registry.area", "area/610999102501",
                "\"name\":\"新石桥村\",\"replaces\":\"610999101201\",\"from\":\"2024-08-01\""),
           SW_VERDICT_ACCEPTED);
    is_int_named(area(&c, "610999102501"), place, "both codes are one place before the day");
    ok(sw_str_is(sw_area_name(&c.e->registry, place), "石桥村"));
    is_int_named(c.e->registry.area[place].parent, area(&c, "610999101000"), "in its town");
    is_int_named((int64_t)line_of(&c, "610999102501", "2024-07-01"), 500, "its own line");
    tell(&c, "loss", "household/H1", "\"amount\":499");
    is_int(sw_subject_kind(c.e, AREA_BIT | (c.e->registry.area_code.count - 1)), SUBJECT_KINDS);
    pass_to(&c, "2024-08-01");
    ok(sw_str_is(sw_area_name(&c.e->registry, place), "新石桥村"));
    ok(sw_str_is(sw_area_code(&c.e->registry, place), "610999102501"));
    is_int_named(c.e->registry.area[place].parent, area(&c, "610999102000"), "in the new town");
    is_int_named((int64_t)line_of(&c, "610999101201", "2024-08-01"), 300, "by the new name");
    is_int_named((int64_t)line_of(&c, "610999101201", "2024-07-31"), 500, "by the old code");
    is_int_named(c.e->standing[0].level, 1, "the household was judged by its new line that day");
    is_int_named((int64_t)c.e->registry.recodes, 0, "nothing is still to come");
    sw_engine_count(c.e, &n);
    is_int_named((int64_t)n.areas, 4, "a code is not a place");
    tell(&c, "registry.household", "household/H2", "\"area\":\"610999101201\"");
    is_int_named(c.e->registry.household[1].area, place, "who comes by the old code lives here");
    close_county(&c);
}

/* Any order of telling two steps of a chain ends in the same place. */
static void test_chain(void)
{
    static const char *const steps[][2] = {
        {"area/610999102501", "\"name\":\"乙\",\"replaces\":\"610999101201\",\"from\":"
                              "\"2024-08-01\""},
        {"area/610999102502", "\"name\":\"丙\",\"replaces\":\"610999102501\",\"from\":"
                              "\"2024-09-01\""},
    };
    static const char *const dates[] = {"2024-07-20", "2024-08-20", "2024-09-20"};
    static const char *const names[][3] = {{"石桥村", "乙", "丙"}};

    for (size_t told = 0; told < 3; told++) {
        struct county c;

        open_county(&c);
        for (size_t d = 0; d < 3; d++) {
            pass_to(&c, dates[d]);
            for (size_t s = 0; s < 2 && d == told; s++)
                is_int(tell(&c, "registry.area", steps[s][0], steps[s][1]), SW_VERDICT_ACCEPTED);
            if (d >= told)
                ok_named(
                    sw_str_is(sw_area_name(&c.e->registry, area(&c, "610999101201")), names[0][d]),
                    names[0][d]);
        }
        is_int(tell(&c, "registry.area", "area/610999102503",
                    "\"name\":\"丁\",\"replaces\":\"610999101201\""),
               SW_VERDICT_REJECTED);
        is_int(c.why, SW_REFUSED_CONFLICT);
        close_county(&c);
    }
}

/* ---- a village nothing is heard of ------------------------------------------------------------
 */

static bool is_quiet(const struct county *c, uint32_t place)
{
    uint32_t rule = sw_rule_find(c->rules, SW_STR("quiet"));
    size_t n;
    const struct sw_hit *hits = sw_hits(c->e, AREA_BIT | place, &n);

    for (size_t i = 0; i < n; i++) {
        if (hits[i].rule == rule && hits[i].state == HIT_ON)
            return true;
    }
    return false;
}

static void test_daily(void)
{
    struct county c;
    uint32_t place;

    open_county(&c);
    place = area(&c, "610999101201");
    tell(&c, "loss", "household/H1", "\"amount\":1");
    tell(&c, "loss", "household/H1", "\"amount\":1");
    pass_to(&c, "2024-08-29");
    ok_named(!is_quiet(&c, place), "the last one was 59 days ago");
    pass_to(&c, "2024-08-30");
    ok_named(is_quiet(&c, place), "60 days, where others were before");
    c.most = 0;
    tell(&c, "loss", "household/H1", "\"amount\":1");
    is_int_named((int64_t)c.most, 1, "an event judges its household and not the village");
    ok(is_quiet(&c, place));
    pass_to(&c, "2024-08-31");
    ok_named(!is_quiet(&c, place), "the day after it does");
    close_county(&c);
}

/* ---- a storm --------------------------------------------------------------------------------- */

enum { VILLAGES = 40, HOUSEHOLDS = 500, POOR_EVERY = 25 };

static void settle_township(struct county *c)
{
    char subject[64];
    char data[128];

    tell(c, "registry.cadre", "cadre/K", "\"name\":\"甲\",\"phone\":\"13800138000\"");
    tell(c, "registry.team", "team/T", "\"name\":\"乙\",\"leader\":\"K\"");
    for (unsigned int v = 0; v < VILLAGES; v++) {
        snprintf(subject, sizeof(subject), "area/6109991023%02u", v);
        snprintf(data, sizeof(data), "\"name\":\"村%u\"", v);
        tell(c, "registry.area", subject, data);
        snprintf(data, sizeof(data), "\"area\":\"6109991023%02u\",\"team\":\"T\"", v);
        snprintf(subject, sizeof(subject), "assignment/A%u", v);
        tell(c, "registry.assignment", subject, data);
        for (unsigned int h = 0; h < HOUSEHOLDS; h++) {
            snprintf(subject, sizeof(subject), "household/S%02u%03u", v, h);
            snprintf(data, sizeof(data), "\"area\":\"6109991023%02u\",\"poor\":%s", v,
                     h % POOR_EVERY == 0 ? "true" : "false");
            tell(c, "registry.household", subject, data);
        }
    }
    pass_to(c, "2024-07-01");
}

static void test_storm(void)
{
    struct county c;

    open_county(&c);
    settle_township(&c);
    c.texts = c.tasks = c.inputs = 0;
    c.most = 0;
    is_int(tell(&c, "hail", "area/610999102000", "\"grade\":5"), SW_VERDICT_ACCEPTED);
    is_int_named((int64_t)c.most, 0, "the event itself judges nobody");
    pass_to(&c, "2024-07-01");
    is_int_named((int64_t)c.texts, VILLAGES, "one message a village, to its team");
    is_int_named((int64_t)c.tasks, 2 * VILLAGES * HOUSEHOLDS / POOR_EVERY,
                 "one task a household by the village's list, one by the rule about households");
    is_int_named((int64_t)c.e->n_open, VILLAGES, "one case a village, none for a household");
    ok_named(c.most <= DUE_PER_TICK, "no input judges more than its share");
    note("%zu inputs, at most %llu judgements each", c.inputs, (unsigned long long)c.most);
    ok_named(c.inputs > VILLAGES * HOUSEHOLDS / DUE_PER_TICK, "so it takes many");
    close_county(&c);
}

int main(void)
{
    test_recode();
    test_chain();
    test_daily();
    test_storm();
    return done_testing();
}
