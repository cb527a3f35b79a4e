/* whatif.c - rows 12 and 13: three hundred rules with nine hundred tests, and what they say of a
 * whole county.
 *
 * Row 12 loads, checks and tests the pack, as a reload does, beside a bare pass of libyaml over the
 * same files. Row 13 makes the pack with one number changed active, as a supervisor's "what would
 * happen if" does: every household is judged anew through the real engine. Beside it a bare loop
 * that only reads every history once. All times are of the processor, not of the clock. */
#include "allocs.h"
#include "bench.h"
#include "engine/parts.h"
#include "pack.h"
#include <math.h>
#include <shouwang/base/date.h>
#include <shouwang/base/file.h>
#include <shouwang/engine/ruletest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yaml.h>

enum { VILLAGE = 200, VILLAGES_A_TOWN = 10, PERSONS = 2, EVENTS_EACH = 12, TEXT_BYTES = 600 };

static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void path_of(const struct bench *b, const char *name, char path[400])
{
    snprintf(path, 400, "%s/%s", b->folder, name);
}

/* ---- row 12 ---------------------------------------------------------------------------------- */

static void on_test(void *ctx, const struct sw_test_case *test, struct sw_str failures)
{
    (void)ctx;
    bench_must(failures.n == 0, "%.*s: %.*s: %.*s", SW_STR_ARG(test->rule), SW_STR_ARG(test->name),
               SW_STR_ARG(failures));
}

/* Seconds to load and to test the pack. */
static void load(const char *folder, size_t tests, double *loading, double *testing)
{
    struct sw_test_report report = {.done = on_test};
    double began = cpu();
    struct sw_ruleset *rs = pack_load(folder);

    *loading = cpu() - began;
    began = cpu();
    sw_ruleset_test(rs, &report);
    *testing = cpu() - began;
    bench_must(report.passed == tests && report.failed == 0, "%zu tests", report.passed);
    sw_ruleset_free(rs);
}

static size_t parse_file(const char *path)
{
    struct sw_buf text = {0};
    struct sw_err err;
    yaml_parser_t parser;
    yaml_event_t event;
    size_t n = 0;
    bool more = true;

    bench_must(sw_file_read(path, 4 << 20, &text, &err) == SW_OK, "%s", path);
    bench_must(yaml_parser_initialize(&parser) == 1, "libyaml");
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
    while (more) {
        bench_must(yaml_parser_parse(&parser, &event) == 1, "parsing %s", path);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        n++;
    }
    yaml_parser_delete(&parser);
    sw_buf_free(&text);
    return n;
}

static double parse(const char *folder)
{
    double began = cpu();
    struct sw_err err;
    char **paths;
    size_t n;
    size_t events = 0;

    bench_must(sw_file_list(folder, ".yaml", &paths, &n, &err) == SW_OK, "%s", folder);
    for (size_t i = 0; i < n; i++) {
        events += parse_file(paths[i]);
        free(paths[i]);
    }
    free(paths);
    bench_must(events > 0, "%s", folder);
    return cpu() - began;
}

static void tell_loading(const struct bench *b, const char *folder, uint32_t rules)
{
    double loading[BENCH_ROUNDS_MAX];
    double testing[BENCH_ROUNDS_MAX];
    double both[BENCH_ROUNDS_MAX];
    double bare[BENCH_ROUNDS_MAX];
    double ratio[BENCH_ROUNDS_MAX];
    char ours[64];
    char reference[64];

    for (size_t i = 0; i < b->rounds; i++) {
        load(folder, (size_t)rules * PACK_TESTS_EACH, &loading[i], &testing[i]);
        both[i] = loading[i] + testing[i];
        bare[i] = parse(folder);
        ratio[i] = both[i] / bare[i];
    }
    snprintf(ours, sizeof(ours), "%.3f s", bench_median(both, b->rounds));
    snprintf(reference, sizeof(reference), "%.3f s bare libyaml", bench_median(bare, b->rounds));
    bench_row(12, ours, reference, both, NULL, b->rounds);
    bench_note(12, "%u rules loaded in %.3f s, %u tests run in %.3f s; %.0f times bare libyaml",
               rules, bench_median(loading, b->rounds), rules * PACK_TESTS_EACH,
               bench_median(testing, b->rounds), bench_median(ratio, b->rounds));
}

/* ---- a county -------------------------------------------------------------------------------- */

struct county {
    struct sw_engine *e;
    struct sw_effects fx;
    uint64_t dice, next;
    int64_t seq;
    sw_time now;
    sw_day today;
};

static uint32_t below(struct county *c, uint32_t n)
{
    c->dice ^= c->dice << 13; /* xorshift64, Marsaglia 2003 */
    c->dice ^= c->dice >> 7;
    c->dice ^= c->dice << 17;
    return (uint32_t)((c->dice >> 32) * n >> 32);
}

static void apply(struct county *c, enum sw_input_kind kind, struct sw_str body)
{
    struct sw_input in = {++c->seq, c->now, kind, body};
    enum sw_refusal why;
    struct sw_err err = {.code = SW_OK};

    bench_must(sw_engine_apply(c->e, &in, &c->fx, &why, &err) == SW_VERDICT_ACCEPTED, "%s: %.*s",
               err.text, SW_STR_ARG(body));
    sw_effects_reset(&c->fx);
}

/* An event with its data, on a day. */
static void tell(struct county *c, const char *type, const char *subject, sw_day day,
                 const char *data)
{
    char date[SW_DATE_SIZE];
    char text[TEXT_BYTES];
    int n =
        snprintf(text, sizeof(text),
                 "{\"specversion\":\"1.0\",\"id\":\"%llu\",\"source\":\"bench\",\"type\":\"%s\","
                 "\"subject\":\"%s\",\"time\":\"%sT09:30:00+08:00\",\"data\":{%s}}",
                 (unsigned long long)c->next++, type, subject, sw_date_format(day, date), data);

    bench_must(n > 0 && n < TEXT_BYTES, "an event of %d bytes", n);
    apply(c, SW_IN_EVENT, (struct sw_str){text, (size_t)n});
}

static void tick(struct county *c)
{
    char date[SW_DATE_SIZE];

    apply(c, SW_IN_TICK, sw_str(sw_date_format(c->today, date)));
}

static void put_area(struct county *c, const char *code, const char *kind, uint32_t number)
{
    char subject[64];
    char data[128];

    snprintf(subject, sizeof(subject), "area/%s", code);
    snprintf(data, sizeof(data), "\"name\":\"第%u%s\"", number, kind);
    tell(c, "registry.area", subject, c->today - 1000, data);
}

static void village_code(char code[24], uint32_t village)
{
    snprintf(code, 24, "610999%03u%03u", 100 + village / VILLAGES_A_TOWN,
             1 + village % VILLAGES_A_TOWN);
}

static void put_village(struct county *c, uint32_t village)
{
    char code[24];
    char subject[64];
    char data[128];

    village_code(code, village);
    if (village % VILLAGES_A_TOWN == 0) {
        snprintf(subject, sizeof(subject), "%.9s000", code);
        put_area(c, subject, "镇", village / VILLAGES_A_TOWN);
    }
    put_area(c, code, "村", village);
    snprintf(subject, sizeof(subject), "team/T%u", village);
    tell(c, "registry.team", subject, c->today - 1000, "\"name\":\"工作队\",\"gateway\":\"team\"");
    snprintf(subject, sizeof(subject), "assignment/A%u", village);
    snprintf(data, sizeof(data), "\"area\":\"%s\",\"team\":\"T%u\",\"from\":\"2020-01-01\"", code,
             village);
    tell(c, "registry.assignment", subject, c->today - 1000, data);
    if (village % 30 == 0) {
        snprintf(subject, sizeof(subject), "area/%s", code);
        snprintf(data, sizeof(data), "\"severity\":%u", 1 + below(c, 5));
        tell(c, "disaster.hail", subject, c->today - (sw_day)below(c, 365), data);
    }
}

/* One household in five of a kind that is watched; of one in five the income is not known. */
static void put_household(struct county *c, uint32_t h)
{
    static const char *const kinds[] = {"out", "unstable", "edge", "sudden"};
    bool watched = below(c, 5) == 0;
    char code[24];
    char subject[64];
    char income[64] = "";
    char data[400];

    village_code(code, h / VILLAGE);
    snprintf(subject, sizeof(subject), "household/H%07u", h);
    if (below(c, 5) > 0)
        snprintf(income, sizeof(income), ",\"income_12m\":%u", 20000 + below(c, 100000));
    snprintf(data, sizeof(data),
             "\"area\":\"%s\",\"name\":\"王秀英\",\"kind\":\"%s\",\"monitored\":%s,"
             "\"members_n\":%u,\"land_mu\":%u.5,\"house_lived\":true%s%s",
             code, watched ? kinds[below(c, 4)] : "none", watched ? "true" : "false",
             1 + below(c, 6), below(c, 9), watched ? ",\"monitored_since\":\"2024-01-01\"" : "",
             income);
    tell(c, "registry.household", subject, c->today - 900, data);
    for (uint32_t p = 0; p < PERSONS; p++) {
        snprintf(subject, sizeof(subject), "person/P%07u%c", h, (int)('a' + p));
        snprintf(data, sizeof(data), "\"household\":\"H%07u\"", h);
        tell(c, "registry.person", subject, c->today - 900, data);
    }
}

/* The proportions of tests/data/county: of a hundred thousand events so many are of a kind. */
static const struct {
    uint32_t share;
    const char *type;
    bool of_person;
    const char *field, *word; /* an enum's field and its value; NULL: none */
    const char *amount;       /* the number's field, NULL: none */
    uint32_t from, to;
} told[] = {
    {7600, "medical.bill", true, "kind", "inpatient", "self_paid", 0, 0},
    {21000, "medical.bill", true, "kind", "chronic", "self_paid", 30, 300},
    {1700, "medical.bill", true, "kind", "outpatient", "self_paid", 100, 900},
    {25000, "income.record", false, NULL, NULL, "amount", 500, 4000},
    {7000, "spend.record", false, "kind", "rigid", "amount", 100, 2000},
    {12800, "aid.paid", false, NULL, NULL, "amount", 200, 500},
    {16800, "visit.done", false, NULL, NULL, NULL, 0, 0},
    {4600, "edu.fee", true, NULL, NULL, "self_paid", 300, 6000},
    {430, "edu.absence", true, NULL, NULL, "days_absent", 1, 6},
    {30, "edu.dropout", true, NULL, NULL, NULL, 0, 0},
    {800, "work.lost", true, NULL, NULL, NULL, 0, 0},
    {1000, "work.hired", true, NULL, NULL, NULL, 0, 0},
    {1000, "disaster.loss", false, "kind", "flood", "loss", 500, 9000},
    {140, "house.inspect", false, "grade", "C", NULL, 0, 0},
    {40, "house.repaired", false, NULL, NULL, NULL, 0, 0},
    {60, "accident.report", true, "outcome", "disabled", NULL, 0, 0},
};

/* Hospital bills are heavy-tailed: median 1 800 yuan, one in a hundred above 38 000. */
static uint32_t hospital_bill(struct county *c)
{
    double u = (1 + below(c, 1000000)) / 1000001.0;
    double v = (1 + below(c, 1000000)) / 1000001.0;
    double normal = sqrt(-2 * log(u)) * cos(2 * acos(-1) * v); /* Box and Muller */

    return (uint32_t)(1800 * exp(1.31 * normal));
}

static void put_event(struct county *c, uint32_t h)
{
    uint32_t dice = below(c, 100000);
    struct sw_buf data = {0};
    char subject[64];
    size_t i = 0;

    while (i + 1 < SW_COUNTOF(told) && dice >= told[i].share)
        dice -= told[i++].share;
    if (told[i].amount != NULL)
        sw_buf_printf(&data, ",\"%s\":%u", told[i].amount,
                      i == 0 ? hospital_bill(c)
                             : told[i].from + below(c, told[i].to - told[i].from + 1));
    if (told[i].of_person)
        sw_buf_printf(&data, ",\"person\":\"P%07u%c\"", h, (int)('a' + below(c, PERSONS)));
    if (told[i].field != NULL)
        sw_buf_printf(&data, ",\"%s\":\"%s\"", told[i].field, told[i].word);
    snprintf(subject, sizeof(subject), "household/H%07u", h);
    tell(c, told[i].type, subject, c->today - (sw_day)below(c, 365), data.n == 0 ? "" : data.p + 1);
    sw_buf_free(&data);
}

/* Households come first and their years after them, in an order that jumps about: so do their
 * pieces of memory. */
static void fill(struct county *c, uint32_t households)
{
    uint64_t stride = 2654435761; /* prime */

    put_area(c, "610999000000", "县", 0);
    for (uint32_t v = 0; v * VILLAGE < households; v++)
        put_village(c, v);
    for (uint32_t h = 0; h < households; h++)
        put_household(c, h);
    for (uint64_t i = 0; i < (uint64_t)households * EVENTS_EACH; i++)
        put_event(c, (uint32_t)(i * stride % households));
}

static void open_county(struct county *c, struct sw_ruleset *rules)
{
    c->e = sw_engine_new((struct sw_hash_key){1, 2}, rules);
    c->dice = UINT64_C(0x9e3779b97f4a7c15);
    c->today = sw_day_of(2026, 11, 21);
    c->now = INT64_C(1795233600) * SW_SECOND; /* its noon in the county */
    tick(c);
}

/* ---- row 13 ---------------------------------------------------------------------------------- */

/* The rules become active and every household is judged by them: seconds. */
static double activate(struct county *c, struct sw_ruleset *rules)
{
    double began = cpu();

    sw_engine_set_rules(c->e, sw_ruleset_ref(rules));
    apply(c, SW_IN_RULES, sw_str(sw_ruleset_digest(rules)));
    while (sw_engine_due(c->e) <= c->today)
        tick(c);
    return cpu() - began;
}

/* Every field of every record once: seconds. */
static double read_all(const struct county *c)
{
    const struct sw_schema *s = sw_ruleset_schema(sw_engine_rules(c->e));
    struct sw_value room[SW_FIELDS_MAX];
    double began = cpu();
    uint64_t n = 0;

    for (uint32_t h = 0; h < c->e->registry.household_id.count; h++) {
        for (size_t st = 0; st < s->n_streams; st++) {
            struct sw_cursor at = {.stream = (uint16_t)st, .room = room, .need = UINT64_MAX};

            sw_history_open(&c->e->registry.household[h].history, &at);
            while (sw_history_next(&s->streams[st], &at))
                n++;
        }
    }
    bench_must(n >= (uint64_t)c->e->registry.household_id.count * EVENTS_EACH, "%llu records",
               (unsigned long long)n);
    return cpu() - began;
}

static void tell_levels(const struct county *c, uint32_t rules, double first)
{
    struct sw_engine_counts n;

    sw_engine_count(c->e, &n);
    bench_note(13,
               "%llu households, %u events each, %u rules; made active for the first time %.2f s",
               (unsigned long long)n.households, EVENTS_EACH, rules, first);
    bench_note(13, "on a level after it: %.1f %% of the households; rules that failed: %llu",
               100.0 * (double)(n.households - n.by_level[0]) / (double)n.households,
               (unsigned long long)n.rule_errors);
}

static void tell_what_if(const struct bench *b, struct county *c, struct sw_ruleset *const rules[2])
{
    double ours[BENCH_ROUNDS_MAX];
    double bare[BENCH_ROUNDS_MAX];
    double ratio[BENCH_ROUNDS_MAX];
    uint32_t households = c->e->registry.household_id.count;
    uint64_t judged = c->e->judged;
    uint64_t memory = allocs();
    char text[64];
    char reference[64];

    for (size_t i = 0; i < b->rounds; i++) {
        ours[i] = activate(c, rules[(i + 1) % 2]);
        bare[i] = read_all(c);
        ratio[i] = ours[i] / bare[i];
    }
    bench_must(c->e->judged - judged >= b->rounds * households, "every household judged");
    snprintf(text, sizeof(text), "%.2f s", bench_median(ours, b->rounds));
    snprintf(reference, sizeof(reference), "%.3f s bare read", bench_median(bare, b->rounds));
    bench_row(13, text, reference, ours, NULL, b->rounds);
    bench_note(13,
               "%.1f us a household, %.1f ns a rule; %.0f times a bare read of the histories; "
               "%.2f allocations a household",
               bench_median(ours, b->rounds) / households * 1e6,
               bench_median(ours, b->rounds) / households / (double)rules[0]->n_rules * 1e9,
               bench_median(ratio, b->rounds),
               (double)(allocs() - memory) / (double)(b->rounds * households));
}

int main(int argc, char **argv)
{
    struct bench b = bench_begin(argc, argv);
    uint32_t n = (uint32_t)bench_number("BENCH_RULES", PACK_RULES_MAX, 60);
    uint32_t households = (uint32_t)bench_number("BENCH_WHATIF", 100000, 2000);
    struct county c = {.seq = 0};
    struct sw_ruleset *rules[2];
    char folder[3][400];
    double first;

    for (int i = 0; i < 3; i++) {
        path_of(&b, i == 0 ? "pack0" : i == 1 ? "pack1" : "base", folder[i]);
        pack_write(folder[i], i < 2 ? n : 0, i % 2);
    }
    tell_loading(&b, folder[0], n);
    open_county(&c, pack_load(folder[2]));
    fill(&c, households);
    rules[0] = pack_load(folder[0]);
    rules[1] = pack_load(folder[1]);
    first = activate(&c, rules[0]);
    tell_levels(&c, n, first);
    tell_what_if(&b, &c, rules);
    sw_ruleset_free(rules[0]);
    sw_ruleset_free(rules[1]);
    sw_engine_free(c.e);
    sw_effects_free(&c.fx);
    return 0;
}
