/* Quiet by design, as a property: months of a made-up county in which alerts come, rise, are taken
 * back, answered, hushed and held at random. Whatever happens,
 *   - nobody gets more than the budget but on the highest level, and one digest a day at most;
 *   - nobody but on the highest level is written to in quiet hours;
 *   - nothing is lost: who looks after a household reads its case's number in some message, or the
 *     case says why not;
 *   - the state goes through a snapshot and back. */
#include "../tap.h"
#include "engine/parts.h"
#include "ruleset_help.h"
#include "snapshot_help.h"
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>
#include <stdlib.h>

enum {
    VILLAGES = 4,
    HOUSEHOLDS = 48,
    CADRES = 6,
    DAYS = 100,
    PER_DAY = 2,
    PER_MONTH = 12,
    CASES_MAX = 4096,
    EVENTS_KEPT = 64
};

static const char schema_text[] =
    "schema: 1\n"
    "timezone: Asia/Shanghai\n"
    "household: {income: {type: money, optional: true, label: 收入}}\n"
    "events:\n"
    "  bill: {label: 医疗费, feed: 医保局, fields: {paid: {type: money}}}\n"
    "  loss: {label: 受损, feed: 应急局}\n"
    "  hurt: {label: 意外, feed: 应急局}\n";

#define LEVELS                                                                                     \
    "categories: {all: {label: 各类, cap: 100}}\n"                                               \
    "levels:\n"                                                                                    \
    "  yellow: {label: 黄色, enter: 10, leave: 5}\n"                                             \
    "  orange: {label: 橙色, enter: 20, leave: 15}\n"                                            \
    "  red: {label: 红色, enter: 60, leave: 50}\n"                                               \
    "rules:\n"

static const char rules_text[] = LEVELS
    "  - {rule: bill, label: 医疗费, category: all, sms: 医疗, score: 10, message: m,\n"
    "     when: 'bill.within(days(20)).sum(paid) >= p.line'}\n"
    "  - {rule: loss, label: 受损, category: all, sms: 受损, score: 20, message: m,\n"
    "     when: 'loss.within(days(10)).count() >= 1'}\n"
    "  - {rule: hurt, label: 意外, category: all, sms: 意外, score: 60, hard: red, message: m,\n"
    "     when: 'hurt.within(days(5)).count() >= 1'}\n";

/* The line as it should be, and with a digit less. */
static const char *const params_text[] = {
    "line: {label: 线, unit: 元, value: 100, min: 1, max: 10000, source: 试}\n",
    "line: {label: 线, unit: 元, value: 10, min: 1, max: 10000, source: 试}\n"};

static const char messages_text[] = "withdrawn: \"更正({{level}}):编号{{case}}\"\n"
                                    "quiet: {from: \"21:00\", until: \"07:00\"}\n"
                                    "budget: {day: 2, month: 12, digest: \"08:00\"}\n"
                                    "group: {minutes: 30, first: now}\n"
                                    "storm: {factor: 2, least: 4, days: 28}\n"
                                    "silence: {share: 0.6, longest: 20d}\n";

/* What is known of a case from outside. */
struct outside {
    bool is_told, is_explained;
};

struct county {
    struct sw_engine *e;
    struct sw_ruleset *rules;   /* those that hold, one of … */
    struct sw_ruleset *both[2]; /* … these */
    struct sw_effects fx;
    struct tap_random random;
    sw_time now;
    int64_t seq;
    struct outside by_case[CASES_MAX][CADRES];
    uint16_t in_day[CADRES][DAYS + 400], in_month[CADRES][40], digests[CADRES][DAYS + 400];
    sw_day first;
    char reversible[EVENTS_KEPT][2][32]; /* household, id */
    size_t n_reversible;
    size_t over_day, over_month, over_digests, in_quiet, too_long, differed;
    size_t messages, deferred, held, muted, grouped, digest, neutral; /* that all of it happened */
};

/* ---- reading what came of an input ---------------------------------------------------------- */

static uint32_t cadre_of(struct sw_str phone)
{
    return phone.n == 11 ? (uint32_t)(phone.p[10] - '0') : CADRES;
}

static bool is_red(const struct sw_message_row *m)
{
    return memmem(m->body.p, m->body.n, "红色", 6) != NULL;
}

/* Every number from 100 on is a case's; 142-155 is all of them. */
static void read_numbers(struct county *c, struct sw_str body, uint32_t cadre)
{
    int64_t before = -1;

    for (size_t i = 0; i < body.n; i++) {
        int64_t number = 0;
        bool to = i > 0 && body.p[i - 1] == '-';

        if (body.p[i] < '0' || body.p[i] > '9')
            continue;
        for (; i < body.n && body.p[i] >= '0' && body.p[i] <= '9'; i++)
            number = number * 10 + body.p[i] - '0';
        for (int64_t k = to ? before : number; k <= number; k++) {
            if (k >= FIRST_CASE && k - FIRST_CASE < CASES_MAX)
                c->by_case[k - FIRST_CASE][cadre].is_told = true;
        }
        before = number;
    }
}

static void look_at_message(struct county *c, const struct sw_message_row *m)
{
    const struct sw_zone *zone = c->rules->schema->zone;
    sw_day day = sw_zone_day(zone, m->created);
    struct sw_civil civil = sw_civil_of(day);
    int64_t minute = (m->created - sw_zone_midnight(zone, day)) / (60 * SW_SECOND);
    uint32_t cadre = cadre_of(m->to);

    c->messages++;
    c->too_long += sw_utf8_length(m->body) > SMS_CHARACTERS;
    if (cadre >= CADRES || sw_str_is(m->kind, "storm") || sw_str_is(m->kind, "clarify"))
        return;
    read_numbers(c, m->body, cadre);
    c->grouped += sw_str_is(m->kind, "many");
    if (is_red(m) && !sw_str_is(m->kind, "digest"))
        return;
    c->in_quiet += minute >= 21 * 60 || minute < 7 * 60;
    if (sw_str_is(m->kind, "digest")) {
        c->digest++;
        c->over_digests += ++c->digests[cadre][day - c->first] > 1;
        return;
    }
    if (memmem(m->body.p, m->body.n, "件在办", 9) != NULL)
        return; /* several cases handed over are a list, which is in no budget */
    c->over_day += ++c->in_day[cadre][day - c->first] > PER_DAY;
    c->over_month += ++c->in_month[cadre][civil.month + 12 * (civil.year - 2026)] > PER_MONTH;
}

static void look_at_step(struct county *c, const struct sw_step_row *s)
{
    bool ends = sw_str_is(s->kind, "not_sent") || sw_str_is(s->kind, "discarded");

    c->deferred += sw_str_is(s->kind, "deferred");
    c->held += sw_str_is(s->kind, "held");
    c->muted += sw_str_is(s->kind, "muted");
    c->neutral += memmem(s->text.p, s->text.n, "两相抵消", 12) != NULL;
    for (uint32_t k = 0; k < CADRES && ends; k++)
        c->by_case[s->number - FIRST_CASE][k].is_explained = true;
}

static struct kept_snapshot saved;

static void reload(struct county *c)
{
    uint64_t digest = sw_engine_digest(c->e);
    struct sw_err err = {.code = SW_OK};
    int64_t seq;

    sw_buf_clear(&saved.text);
    saved.at = 0;
    SW_ASSERT(sw_engine_save(c->e, c->seq, put_snapshot, &saved));
    sw_engine_free(c->e);
    c->e = sw_engine_load((struct sw_hash_key){1, 2}, sw_ruleset_ref(c->rules), &seq, get_snapshot,
                          &saved, &err);
    SW_ASSERT(c->e != NULL);
    c->differed += sw_engine_digest(c->e) != digest;
}

static enum sw_verdict feed(struct county *c, enum sw_input_kind kind, struct sw_str body)
{
    struct sw_input in = {++c->seq, c->now, kind, body};
    struct sw_err err = {.code = SW_OK};
    enum sw_refusal why;
    enum sw_verdict v = sw_engine_apply(c->e, &in, &c->fx, &why, &err);

    for (size_t i = 0; i < c->fx.messages.n; i++)
        look_at_message(c, &c->fx.messages.at[i]);
    for (size_t i = 0; i < c->fx.steps.n; i++)
        look_at_step(c, &c->fx.steps.at[i]);
    sw_effects_reset(&c->fx);
    if (c->seq % 16 == 0)
        reload(c);
    return v;
}

/* ---- time ----------------------------------------------------------------------------------- */

static void pass_to(struct county *c, sw_time when)
{
    char text[SW_RFC3339_SIZE];

    for (;;) {
        bool first = sw_engine_day(c->e) == SW_DAY_NEVER;
        sw_time next =
            first ? sw_zone_midnight(c->rules->schema->zone, c->first) : sw_engine_next(c->e);

        if (next > when)
            break;
        if (next > c->now)
            c->now = next;
        feed(c, SW_IN_TICK, sw_engine_tick(c->e, next, text));
    }
    c->now = when;
}

/* ---- telling -------------------------------------------------------------------------------- */

static void tell(struct county *c, const char *type, const char *subject, const char *data,
                 const char *more)
{
    char text[600];
    char at[SW_RFC3339_SIZE];
    enum sw_verdict v;

    snprintf(text, sizeof(text),
             "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"e%lld\",\"type\":\"%s\","
             "\"subject\":\"%s\",\"time\":\"%s\"%s,\"data\":{%s}}",
             (long long)c->seq, type, subject, sw_rfc3339_format(c->now, 0, at), more, data);
    v = feed(c, SW_IN_EVENT, sw_str(text));
    SW_ASSERT(v == SW_VERDICT_ACCEPTED || !sw_str_starts(sw_str(type), SW_STR("registry.")));
    pass_to(c, c->now);
}

static struct sw_ruleset *rules_with(const char *rules, const char *params, const char *messages)
{
    const struct rule_file files[] = {{"schema.yaml", sw_str(schema_text)},
                                      {"rules.yaml", sw_str(rules)},
                                      {"params.yaml", sw_str(params)},
                                      {"messages.yaml", sw_str(messages)}};
    struct sw_diag diag = {0};
    struct sw_ruleset *built = build_rules(files, SW_COUNTOF(files), &diag);

    if (built == NULL)
        sw_diag_print(&diag, stdout);
    SW_ASSERT(built != NULL);
    sw_diag_free(&diag);
    return built;
}

static void open_county(struct county *c)
{
    char a[64];
    char d[200];

    *c = (struct county){.first = sw_day_of(2026, 3, 2)};
    for (size_t i = 0; i < SW_COUNTOF(c->both); i++)
        c->both[i] = rules_with(rules_text, params_text[i], messages_text);
    c->rules = c->both[0];
    c->e = sw_engine_new((struct sw_hash_key){1, 2}, sw_ruleset_ref(c->rules));
    pass_to(c, sw_zone_midnight(c->rules->schema->zone, c->first) + 32400 * SW_SECOND);
    tell(c, "registry.area", "area/610999000000", "\"name\":\"县\"", "");
    tell(c, "registry.area", "area/610999101000", "\"name\":\"镇\",\"parent\":\"610999000000\"",
         "");
    tell(c, "registry.area", "area/610999102000", "\"name\":\"乡\",\"parent\":\"610999000000\"",
         "");
    for (int i = 0; i < VILLAGES; i++) {
        snprintf(a, sizeof(a), "area/61099910120%d", i);
        snprintf(d, sizeof(d), "\"name\":\"村\",\"parent\":\"61099910%d000\"", 1 + i % 2);
        tell(c, "registry.area", a, d, "");
    }
    for (int i = 0; i < CADRES; i++) {
        snprintf(a, sizeof(a), "cadre/C%d", i);
        snprintf(d, sizeof(d), "\"name\":\"干部\",\"phone\":\"1380013800%d\"", i);
        tell(c, "registry.cadre", a, d, "");
    }
    for (int i = 0; i < HOUSEHOLDS; i++) {
        snprintf(a, sizeof(a), "household/H%c%c", 'a' + i / 26, 'a' + i % 26);
        snprintf(d, sizeof(d), "\"area\":\"61099910120%d\"", i * VILLAGES / HOUSEHOLDS);
        tell(c, "registry.household", a, d, "");
        snprintf(d, sizeof(d), "\"household\":\"H%c%c\",\"cadre\":\"C%d\"", 'a' + i / 26,
                 'a' + i % 26, i / 8);
        snprintf(a, sizeof(a), "assignment/A%d", i);
        tell(c, "registry.assignment", a, d, "");
    }
}

static void close_county(struct county *c)
{
    sw_engine_free(c->e);
    for (size_t i = 0; i < SW_COUNTOF(c->both); i++)
        sw_ruleset_free(c->both[i]);
    sw_effects_free(&c->fx);
}

/* ---- what happens --------------------------------------------------------------------------- */

static void some_event(struct county *c)
{
    static const char *const types[] = {"bill", "bill", "bill", "bill", "loss", "loss", "hurt"};
    uint32_t h = tap_below(&c->random, HOUSEHOLDS);
    const char *type = types[tap_below(&c->random, SW_COUNTOF(types))];
    char *kept = c->reversible[c->n_reversible % EVENTS_KEPT][0];
    char data[64];

    snprintf(kept, 32, "household/H%c%c", (char)('a' + h / 26), (char)('a' + h % 26));
    snprintf(c->reversible[c->n_reversible % EVENTS_KEPT][1], 32, "e%lld", (long long)c->seq);
    snprintf(data, sizeof(data), "\"paid\":%u", 40 + tap_below(&c->random, 100));
    tell(c, type, kept, strcmp(type, "bill") == 0 ? data : "", "");
    c->n_reversible++;
}

static void take_back(struct county *c)
{
    size_t n = c->n_reversible < EVENTS_KEPT ? c->n_reversible : EVENTS_KEPT;
    size_t i =
        n == 0 ? 0 : (c->n_reversible - 1 - tap_below(&c->random, n < 3 ? 1 : 3)) % EVENTS_KEPT;
    char text[400];
    char at[SW_RFC3339_SIZE];

    if (n == 0)
        return;
    for (size_t k = 0; k < 3; k++) { /* of which type it was, the id does not say */
        static const char *const types[] = {"bill", "loss", "hurt"};

        snprintf(text, sizeof(text),
                 "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"r%lld\",\"type\":\"%s\","
                 "\"subject\":\"%s\",\"time\":\"%s\",\"reverses\":\"%s\"}",
                 (long long)c->seq, types[k], c->reversible[i][0], sw_rfc3339_format(c->now, 0, at),
                 c->reversible[i][1]);
        feed(c, SW_IN_EVENT, sw_str(text));
        pass_to(c, c->now);
    }
}

static void answer(struct county *c)
{
    char text[200];
    uint32_t n = c->e->n_cases;
    uint32_t number = n == 0 ? 0 : tap_below(&c->random, n);

    if (n == 0 || c->e->cases[number].owner == SW_NONE)
        return;
    snprintf(text, sizeof(text),
             "{\"gateway\":\"sms\",\"id\":\"m%lld\",\"from\":\"1380013800%u\",\"text\":\"%u 3\"}",
             (long long)c->seq, c->e->cases[number].owner, FIRST_CASE + number);
    feed(c, SW_IN_REPLY, sw_str(text));
    pass_to(c, c->now);
}

static void hush(struct county *c)
{
    char data[200];
    char date[SW_DATE_SIZE];
    uint32_t h = tap_below(&c->random, HOUSEHOLDS);

    sw_date_format(c->e->today + (sw_day)tap_below(&c->random, 8), date);
    if (tap_below(&c->random, 2) == 0)
        snprintf(data, sizeof(data), "\"household\":\"H%c%c\"", (char)('a' + h / 26),
                 (char)('a' + h % 26));
    else
        snprintf(data, sizeof(data), "\"area\":\"61099910120%u\",\"level\":\"orange\"",
                 tap_below(&c->random, VILLAGES));
    snprintf(data + strlen(data), sizeof(data) - strlen(data),
             ",\"until\":\"%s\",\"by\":\"主任\",\"reason\":\"试\"", date);
    tell(c, "silence.add", "silence/new", data, "");
}

static void settle(struct county *c, uint32_t number, const char *what)
{
    char subject[40];

    snprintf(subject, sizeof(subject), "storm/%u", number + 1);
    tell(c, what, subject, "\"by\":\"主任\",\"reason\":\"试\"", "");
}

static void settle_storms(struct county *c, bool all)
{
    for (uint32_t i = 0; i < c->e->mail.n_storms; i++) {
        if (c->e->mail.storm[i].state == STORM_HELD && (all || tap_below(&c->random, 3) == 0))
            settle(c, i, tap_below(&c->random, 3) > 0 ? "storm.release" : "storm.discard");
    }
}

/* Hail over a village: it is told of by households. */
static void wave(struct county *c)
{
    uint32_t village = tap_below(&c->random, VILLAGES);
    char subject[40];

    for (uint32_t k = 0; k < HOUSEHOLDS / VILLAGES; k++) {
        uint32_t h = village * HOUSEHOLDS / VILLAGES + k;

        snprintf(subject, sizeof(subject), "household/H%c%c", (char)('a' + h / 26),
                 (char)('a' + h % 26));
        tell(c, "loss", subject, "", "");
    }
}

/* Somebody leaves a digit out of the line, or puts it back. */
static void other_line(struct county *c)
{
    c->rules = c->rules == c->both[0] ? c->both[1] : c->both[0];
    sw_engine_set_rules(c->e, sw_ruleset_ref(c->rules));
    feed(c, SW_IN_RULES, sw_str(sw_ruleset_digest(c->rules)));
    pass_to(c, c->now);
}

static void everybody(struct county *c)
{
    char subject[40];

    for (uint32_t h = 0; h < HOUSEHOLDS; h++) {
        snprintf(subject, sizeof(subject), "household/H%c%c", (char)('a' + h / 26),
                 (char)('a' + h % 26));
        tell(c, "bill", subject, "\"paid\":15", "");
    }
}

static void live(struct county *c)
{
    sw_time end = c->now + (sw_time)DAYS * 86400 * SW_SECOND;

    while (c->now < end) {
        uint32_t what = tap_below(&c->random, 100);

        if (what < 50 || (what < 60 && c->now % 2 == 0))
            some_event(c);
        if (what >= 45 && what < 65)
            take_back(c);
        else if (what >= 65 && what < 88)
            answer(c);
        else if (what == 88)
            hush(c);
        else if (what == 89)
            wave(c);
        else if (what < 94)
            settle_storms(c, false);
        if (tap_below(&c->random, 300) == 0) {
            everybody(c);
            other_line(c);
        }
        pass_to(c, c->now + (sw_time)tap_below(&c->random, 90) * 60 * SW_SECOND);
    }
}

/* ---- the properties ------------------------------------------------------------------------- */

static size_t lost(const struct county *c)
{
    size_t n = 0;

    for (uint32_t i = 0; i < c->e->n_cases && i < CASES_MAX; i++) {
        uint32_t owner = c->e->cases[i].owner;
        bool fine =
            owner != SW_NONE && (c->by_case[i][owner].is_told || c->by_case[i][owner].is_explained);

        if (!fine && n++ < 5)
            note("case %u of cadre %d: neither told nor explained", FIRST_CASE + i, (int)owner);
    }
    return n;
}

/* The rarest kind of message, several cases in one, is seen in four rounds of ten: more rounds are
 * played until it was. */
enum { ROUNDS = 5, ROUNDS_MAX = 50, HAPPENINGS = 6 };

/* Months of one county; adds to what happened of each kind. */
static void play(struct tap_random *random, size_t happened[HAPPENINGS])
{
    static struct county c;

    open_county(&c);
    c.random = *random;
    live(&c);
    settle_storms(&c, true);
    /* What still waits has its end: silences run out, digests follow one another. */
    for (int day = 0; day < 60 && c.e->mail.n > 0; day++)
        pass_to(&c, c.now + 86400 * SW_SECOND);
    note("%u cases, %zu messages; %zu put off, %zu held, %zu hushed, %zu grouped, %zu digests, "
         "%zu settled with their correction",
         c.e->n_cases, c.messages, c.deferred, c.held, c.muted, c.grouped, c.digest, c.neutral);
    is_int_named((int64_t)c.over_day, 0, "nobody gets more a day than the budget but red");
    is_int_named((int64_t)c.over_month, 0, "nor a month");
    is_int_named((int64_t)c.over_digests, 0, "nor more than one digest a day");
    is_int_named((int64_t)c.in_quiet, 0, "nobody is woken but by red");
    is_int_named((int64_t)c.too_long, 0, "every text fits one message");
    is_int_named(c.e->mail.n, 0, "nothing waits for ever");
    is_int_named((int64_t)lost(&c), 0, "and nothing is lost");
    is_int_named((int64_t)c.differed, 0, "snapshots came back as they were");
    happened[0] += c.deferred;
    happened[1] += c.held;
    happened[2] += c.muted;
    happened[3] += c.grouped;
    happened[4] += c.digest;
    happened[5] += c.neutral;
    *random = c.random;
    close_county(&c);
}

/* ---- days of our own ------------------------------------------------------------------------- */

/* The county's rules from now on, kept as one of both. */
static void use_rules(struct county *c, size_t which, struct sw_ruleset *rules)
{
    sw_ruleset_free(c->both[which]);
    c->rules = c->both[which] = rules;
    sw_engine_set_rules(c->e, sw_ruleset_ref(rules));
    feed(c, SW_IN_RULES, sw_str(sw_ruleset_digest(rules)));
}

/* ---- more cases in a text than it has room for ---------------------------------------------- */

/* One cause, two levels. */
static const char *const graded_params[] = {
    "line: {label: 线, unit: 元, value: 100, min: 1, max: 10000}\n"
    "high: {label: 高线, unit: 元, value: 1000, min: 1, max: 10000}\n",
    "line: {label: 线, unit: 元, value: 10, min: 1, max: 10000}\n"
    "high: {label: 高线, unit: 元, value: 100, min: 1, max: 10000}\n"};
static const char graded_text[] =
    LEVELS "  - {rule: bill, label: 医疗费, category: all, sms: 住院费用和其他支出线, message: m,\n"
           "     when: 'bill.within(days(20)).sum(paid) >= p.line',\n"
           "     score: 'bill.within(days(20)).sum(paid) >= p.high ? 20.0 : 10.0'}\n";

/* Nothing of it is too much. */
static const char calm_text[] = "quiet: {from: \"21:00\", until: \"07:00\"}\n"
                                "group: {minutes: 30, first: now}\n"
                                "storm: {factor: 2, least: 100, days: 28}\n";

/* At night many of a village have bills, the last one the largest: in the morning's text about them
 * it is named, whoever has to wait for the next. */
static void test_long_group(void)
{
    static struct county c;
    sw_time midnight;
    uint32_t last;

    open_county(&c);
    use_rules(&c, 1, rules_with(graded_text, graded_params[0], calm_text));
    midnight = sw_zone_midnight(c.rules->schema->zone, c.first + 1);
    pass_to(&c, midnight - 7200 * SW_SECOND);
    for (int i = 0; i < 8; i++) { /* in between others, so that numbers are in no row */
        char subject[32];

        snprintf(subject, sizeof(subject), "household/Ha%c", 'a' + i);
        tell(&c, "bill", subject, i == 7 ? "\"paid\":2000" : "\"paid\":200", "");
        snprintf(subject, sizeof(subject), "household/Ha%c", 'q' + i);
        tell(&c, "bill", subject, "\"paid\":200", "");
    }
    last = c.e->standing[7].open_case;
    is_int_named(c.e->cases[last].level, 2, "the last one is orange");
    pass_to(&c, midnight + 7 * 3600 * SW_SECOND);
    ok_named(c.by_case[last][0].is_told, "named in the morning");
    is_int_named((int64_t)c.grouped, 2, "in one text each for two cadres");
    pass_to(&c, midnight + 9 * 3600 * SW_SECOND);
    is_int_named(c.e->mail.n, 0, "the others are in the next");
    is_int((int64_t)lost(&c), 0);
    close_county(&c);
}

/* A held case counts once, however many letters of it wait and wherever they stand: what is usual
 * must not come out of more that were held than there were. */
static void test_held_once(void)
{
    static struct county c;
    sw_time morning;
    const struct sw_tally *t;

    open_county(&c);
    use_rules(&c, 0, rules_with(graded_text, graded_params[0], messages_text));
    for (int i = 0; i < 2; i++) {
        static const char *const both[] = {"Haa", "Hab"};
        char text[200];

        snprintf(text, sizeof(text),
                 "\"household\":\"%s\",\"by\":\"李\",\"reason\":\"x\",\"until\":\"2026-03-10\"",
                 both[i]);
        tell(&c, "silence.add", "silence/new", text, "");
        snprintf(text, sizeof(text), "household/%s", both[i]);
        tell(&c, "bill", text, "\"paid\":200", "");
    }
    tell(&c, "registry.assignment", "assignment/new", "\"household\":\"Haa\",\"cadre\":\"C1\"", "");
    for (int i = 2; i < 10; i++) {
        char subject[32];

        snprintf(subject, sizeof(subject), "household/Ha%c", 'a' + i);
        tell(&c, "bill", subject, "\"paid\":50", "");
    }
    morning = sw_zone_midnight(c.rules->schema->zone, c.first + 1) + 32400 * SW_SECOND;
    pass_to(&c, morning);
    is_int_named(c.e->mail.n, 3, "three letters of two cases are hushed");
    use_rules(&c, 1, rules_with(graded_text, graded_params[1], messages_text));
    pass_to(&c, morning + 3600 * SW_SECOND);
    t = &c.e->mail.tally[0];
    is_int_named(t->today, 10, "ten alerts in an hour");
    is_int_named(t->held, 10, "which are held");
    pass_to(&c, morning + 86400 * SW_SECOND);
    is_int_named(t->day[(c.first + 1) % STORM_DAYS_MAX], 0, "so the usual day has none");
    close_county(&c);
}

int main(void)
{
    struct tap_random random = tap_seed();
    size_t happened[HAPPENINGS] = {0};
    size_t kinds = 0;

    for (int i = 0; i < ROUNDS || (kinds < HAPPENINGS && i < ROUNDS_MAX); i++) {
        play(&random, happened);
        kinds = 0;
        for (size_t k = 0; k < HAPPENINGS; k++)
            kinds += happened[k] > 0;
    }
    is_int_named((int64_t)kinds, HAPPENINGS, "all of it happened");
    test_long_group();
    test_held_once();
    sw_buf_free(&saved.text);
    return done_testing();
}
