/* Rules that sleep change nothing: random rules over random households, the same inputs to an
 * engine that lets rules sleep and to one that does not. After every input both know and have told
 * the same; only days on which it was looked in vain may differ. A third one, that goes through a
 * snapshot again and again, has the first one's state to the byte. SEED=n repeats a run. */
#include "../tap.h"
#include "engine/parts.h"
#include "ruleset_help.h"
#include "snapshot_help.h"
#include <shouwang/base/mem.h>

enum { WORLDS = 60, HOUSEHOLDS = 6, PERSONS = 2, STEPS = 160, RULES = 14 };
enum { SERVICE, SLEEPLESS, RELOADED, ENGINES };

static const char schema_text[] =
    "schema: 1\n"
    "enums:\n"
    "  kinds: {none: 一般农户, poor: 脱贫户}\n"
    "  level: {none: 无, yellow: 黄色, red: 红色}\n"
    "  outcome: {needs_help: 需帮扶, helped: 已帮扶, not_true: 不属实}\n"
    "household:\n"
    "  kind: {type: enum(kinds), optional: true, label: 户类型}\n"
    "  income: {type: money, optional: true, label: 收入}\n"
    "  since: {type: date, optional: true, label: 纳入}\n"
    "person:\n"
    "  birth: {type: date, label: 出生日期}\n"
    "  labor: {type: bool, label: 劳动力}\n"
    "feeds: {人社局: {period: 9d}}\n"
    "events:\n"
    "  bill: {label: 医疗费, fields: {person: {type: person}, paid: {type: money}}}\n"
    "  lost: {label: 失业, feed: 人社局, fields: {person: {type: person}}}\n"
    "  hired: {label: 就业, feed: 人社局, fields: {person: {type: person}}}\n"
    "  note: {label: 收入记账, coverage: partial, fields: {amount: {type: money}}}\n"
    "  loan: {label: 贷款, end: due, fields: {due: {type: date}}}\n"
    "  hail: {label: 冰雹, scope: area, fields: {grade: {type: int}}}\n"
    "  alert.raised: {label: 预警, feed: engine, fields: {level: {type: enum(level)}, "
    "score: {type: number}}}\n"
    "  alert.eased: {label: 缓解, feed: engine, fields: {level: {type: enum(level)}}}\n"
    "  case.cleared: {label: 结案, feed: engine, fields: {outcome: {type: enum(outcome)}}}\n";

static const char params_text[] =
    "line: {label: 线, unit: 元, min: 0, max: 999,\n"
    "  values: [{from: 2024-01-01, value: 100}, {from: 2024-01-20, value: 400}]}\n"
    "n: {label: 次数, unit: 次, value: 1, min: 0, max: 9}\n"
    "off: {label: 关, unit: 次, min: 0, max: 9,\n"
    "  values: [{from: 2024-01-01, value: 9}, {from: 2024-02-01, value: 0}]}\n";

static const char areas_text[] = "overrides:\n"
                                 "  - {area: 东沟村, from: 2024-01-10, until: 2024-01-25, set: {n: "
                                 "0}, reason: 试点, by: 会议}\n";

static const char heads_text[] =
    "categories: {health: {label: 因病, cap: 30}, work: {label: 务工, cap: 30}}\n"
    "levels: {yellow: {label: 黄色, enter: 10, leave: 5, hold: 3d}, red: {label: 红色, enter: 30, "
    "leave: 25, cooldown: 5d}}\n"
    "rules:\n";

/* What conditions are made of. */
static const char *const atoms[] = {
    "hh.kind == \"poor\"",
    "known(hh.kind)",
    "known(hh.income) && hh.income >= p.line",
    "hh.income.orValue(p.line) < p.line",
    "hh.income < p.line",
    "hh.since <= today - days(20)",
    "p.off == 0",
    "bill.count() >= 1",
    "bill.count() == 0",
    "bill.within(days(10)).count() >= p.n",
    "bill.within(days(15)).sum(paid) >= p.line",
    "bill.max(paid).orValue(0) >= p.line",
    "known(bill.max(paid))",
    "bill.where(paid >= hh.income.orValue(p.line)).count() >= 1",
    "bill.exists(paid >= p.line)",
    "bill.by(person).exists(count() >= 2)",
    "bill.latest(paid).orValue(p.line) >= p.line",
    "lost.unless(hired, person).older_than(days(8)).count() >= 1",
    "lost.unless(hired, person).count() == 0",
    "hired.within(days(12)).count() == 0",
    "note.count() >= 1",
    "known(note.sum(amount))",
    "note.sum(amount).orValue(hh.income) >= p.line",
    "note.sum(amount) >= p.line",
    "loan.open().count() >= 1",
    "loan.ends_within(days(5)).count() >= 1",
    "hail.within(days(9)).max(grade).orValue(0) >= 3",
    "hail.count() == 0",
    "members.exists(m, years_since(m.birth) < 16)",
    "members.all(m, m.labor.orValue(false))",
    "members.exists(m, known(m.labor))",
    "alert.raised.within(days(20)).count() >= 1",
    "alert.raised.unless(case.cleared).count() >= 2",
    "alert.eased.count() >= 1",
    "case.cleared.where(outcome == \"not_true\").count() >= 1",
    "today.getMonth() == 1",
    "count_fired(\"t\") >= 1",
    "count_fired(\"t\") == 0",
};

struct twins {
    struct sw_engine *e[ENGINES];
    struct sw_effects fx[ENGINES];
    struct sw_ruleset *rules;
    struct tap_random *dice;
    sw_time now;
    int64_t seq;
    size_t inputs, refused, slept;
    bool same;
};

/* ---- rules ------------------------------------------------------------------------------------
 */

static void put_condition(struct tap_random *dice, int rule, int depth, struct sw_buf *out)
{
    if (depth > 0 && tap_below(dice, 3) > 0) {
        const char *joint = tap_below(dice, 3) == 0 ? " || " : " && ";

        sw_buf_cstr(out, tap_below(dice, 6) == 0 ? "!(" : "(");
        put_condition(dice, rule, depth - 1, out);
        sw_buf_cstr(out, joint);
        put_condition(dice, rule, depth - 1, out);
        sw_buf_cstr(out, ")");
        return;
    }
    if (rule > 0 && tap_below(dice, 6) == 0) {
        sw_buf_printf(out, "%sfired(\"r%u\")", tap_below(dice, 3) == 0 ? "!" : "",
                      tap_below(dice, (uint32_t)rule));
        return;
    }
    for (;;) {
        const char *atom = atoms[tap_below(dice, SW_COUNTOF(atoms))];

        if (rule < 3 && strstr(atom, "count_fired") != NULL) /* the first three have the tag */
            continue;
        sw_buf_printf(out, "(%s)", atom);
        return;
    }
}

static void put_rule(struct tap_random *dice, int rule, struct sw_buf *out)
{
    static const char *const more[] = {"",
                                       "",
                                       ", for: 4d",
                                       ", keep: 6d",
                                       ", for: 2d, keep: 3d",
                                       ", unknown: \"true\"",
                                       ", unknown: \"false\"",
                                       ", from: 2024-01-15",
                                       ", until: 2024-01-18",
                                       ", enabled: false"};

    sw_buf_printf(out,
                  "  - {rule: r%d, label: r%d, category: %s, message: '{{bill.count()}}'%s%s, %s,\n"
                  "     when: '",
                  rule, rule, tap_below(dice, 2) == 0 ? "health" : "work",
                  rule < 3 ? ", tags: [t]" : "", more[tap_below(dice, SW_COUNTOF(more))],
                  rule > 2 && tap_below(dice, 5) == 0 ? "kind: task, cooldown: 7d" : "score: 12");
    put_condition(dice, rule, 2, out);
    sw_buf_cstr(out, "'");
    if (tap_below(dice, 6) == 0) {
        sw_buf_cstr(out, ",\n     clear: '");
        put_condition(dice, rule, 1, out);
        sw_buf_cstr(out, "'");
    }
    sw_buf_cstr(out, "}\n");
}

static struct sw_ruleset *random_rules(struct tap_random *dice)
{
    struct sw_buf text = {0};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs;

    sw_buf_cstr(&text, heads_text);
    for (int i = 0; i < RULES; i++)
        put_rule(dice, i, &text);
    rs = build_rules((struct rule_file[]){{"areas.yaml", sw_str(areas_text)},
                                          {"params.yaml", sw_str(params_text)},
                                          {"rules.yaml", sw_buf_view(&text)},
                                          {"schema.yaml", sw_str(schema_text)}},
                     4, &diag);
    if (rs == NULL) {
        sw_diag_print(&diag, stdout);
        printf("%.*s", SW_STR_ARG(sw_buf_view(&text)));
    }
    SW_ASSERT(rs != NULL);
    sw_diag_free(&diag);
    sw_buf_free(&text);
    return rs;
}

/* ---- the same to all ----------------------------------------------------------------------------
 */

static bool told_the_same(const struct sw_effects *a, const struct sw_effects *b)
{
    bool same = a->tasks.n == b->tasks.n && a->steps.n == b->steps.n &&
                a->messages.n == b->messages.n && a->cases.n == b->cases.n;

    for (size_t i = 0; same && i < a->tasks.n; i++)
        same = sw_str_eq(a->tasks.at[i].text, b->tasks.at[i].text) &&
               sw_str_eq(a->tasks.at[i].rule, b->tasks.at[i].rule);
    for (size_t i = 0; same && i < a->steps.n; i++)
        same = sw_str_eq(a->steps.at[i].text, b->steps.at[i].text);
    return same;
}

static bool stands_the_same(const struct sw_engine *a, const struct sw_engine *b, uint32_t subject)
{
    const struct sw_standing *x = sw_standing_of(a, subject);
    const struct sw_standing *y = sw_standing_of(b, subject);
    size_t n;
    size_t m;
    const struct sw_hit *p = sw_hits(a, subject, &n);
    const struct sw_hit *q = sw_hits(b, subject, &m);

    return x->level == y->level && x->told_level == y->told_level && x->told_day == y->told_day &&
           x->low_since == y->low_since && x->open_case == y->open_case && n == m &&
           (n == 0 || memcmp(p, q, n * sizeof(*p)) == 0) &&
           sw_history_length(&a->registry.household[subject].history) ==
               sw_history_length(&b->registry.household[subject].history);
}

static void compare(struct twins *t)
{
    t->same &= told_the_same(&t->fx[SERVICE], &t->fx[SLEEPLESS]) &&
               told_the_same(&t->fx[SERVICE], &t->fx[RELOADED]) &&
               sw_engine_digest(t->e[SERVICE]) == sw_engine_digest(t->e[RELOADED]);
    for (uint32_t h = 0; h < t->e[SERVICE]->standings && t->same; h++)
        t->same = stands_the_same(t->e[SERVICE], t->e[SLEEPLESS], h);
    for (size_t i = 0; i < ENGINES; i++)
        sw_effects_reset(&t->fx[i]);
    for (uint32_t r = 0; r < t->rules->n_rules; r++)
        t->slept += sw_rules_has(&t->e[SERVICE]->base.asleep, r);
    t->inputs++;
}

static enum sw_verdict apply(struct twins *t, size_t i, enum sw_input_kind kind, struct sw_str body)
{
    struct sw_input in = {t->seq, t->now, kind, body};
    enum sw_refusal why;
    struct sw_err err = {.code = SW_OK};
    enum sw_verdict v = sw_engine_apply(t->e[i], &in, &t->fx[i], &why, &err);

    if (v == SW_VERDICT_REJECTED && t->refused++ == 0)
        note("refused: %s", err.text);
    return v;
}

/* Each engine has ticks of its own: as many as it asks for. */
static void pass_day(struct twins *t, sw_day day)
{
    char text[SW_DATE_SIZE];
    struct sw_str body = sw_str(sw_date_format(day, text));

    t->now = sw_zone_midnight(t->rules->schema->zone, day) + 43200 * SW_SECOND;
    for (size_t i = 0; i < ENGINES; i++) {
        do {
            apply(t, i, SW_IN_TICK, body);
        } while (sw_engine_due(t->e[i]) <= day);
    }
    compare(t);
}

static void pass_to(struct twins *t, sw_day day)
{
    sw_day next = sw_engine_day(t->e[SERVICE]);

    for (next = next == SW_DAY_NEVER ? day : next; next <= day && t->same; next++)
        pass_day(t, next);
}

static void reload(struct twins *t)
{
    struct kept_snapshot saved = {.at = 0};
    struct sw_err err = {.code = SW_OK};
    int64_t seq;

    SW_ASSERT(sw_engine_save(t->e[RELOADED], t->seq, put_snapshot, &saved));
    sw_engine_free(t->e[RELOADED]);
    t->e[RELOADED] = sw_engine_load((struct sw_hash_key){1, 2}, sw_ruleset_ref(t->rules), &seq,
                                    get_snapshot, &saved, &err);
    SW_ASSERT(t->e[RELOADED] != NULL && saved.at == saved.text.n);
    sw_buf_free(&saved.text);
}

static void feed(struct twins *t, enum sw_input_kind kind, struct sw_str body)
{
    enum sw_verdict v[ENGINES];

    t->seq++;
    for (size_t i = 0; i < ENGINES; i++)
        v[i] = apply(t, i, kind, body);
    t->same &= v[SERVICE] == v[SLEEPLESS] && v[SERVICE] == v[RELOADED];
    compare(t);
    if (tap_below(t->dice, 8) == 0)
        reload(t);
    if (t->same)
        pass_to(t, sw_engine_day(t->e[SERVICE]));
}

/* `back`: days before today on which it happened. */
static void tell(struct twins *t, const char *type, const char *subject, int back, const char *data,
                 const char *more)
{
    struct sw_buf text = {0};
    char at[SW_RFC3339_SIZE];

    sw_rfc3339_format(t->now - back * 86400 * SW_SECOND, 28800, at);
    sw_buf_printf(&text,
                  "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"e%lld\",\"type\":\"%s\","
                  "\"subject\":\"%s\",\"time\":\"%s\"%s%s%s%s}",
                  (long long)t->seq + 1, type, subject, at, data[0] == '\0' ? "" : ",\"data\":{",
                  data, data[0] == '\0' ? "" : "}", more);
    feed(t, SW_IN_EVENT, sw_buf_view(&text));
    sw_buf_free(&text);
}

/* ---- what happens -------------------------------------------------------------------------------
 */

static void change_household(struct twins *t, uint32_t h)
{
    char subject[32];
    char data[160];
    char date[SW_DATE_SIZE];
    struct tap_random *dice = t->dice;
    int n = snprintf(data, sizeof(data), "\"area\":\"61099910120%u\"", 1 + tap_below(dice, 2));

    snprintf(subject, sizeof(subject), "household/H%u", h);
    if (tap_below(dice, 2) == 0)
        n += snprintf(data + n, sizeof(data) - (size_t)n, ",\"kind\":\"%s\"",
                      tap_below(dice, 2) == 0 ? "poor" : "none");
    if (tap_below(dice, 2) == 0)
        n += snprintf(data + n, sizeof(data) - (size_t)n, ",\"income\":%u", tap_below(dice, 600));
    if (tap_below(dice, 3) == 0)
        snprintf(data + n, sizeof(data) - (size_t)n, ",\"since\":\"%s\"",
                 sw_date_format(sw_engine_day(t->e[SERVICE]) - (sw_day)tap_below(dice, 40), date));
    tell(t, "registry.household", subject, (int)tap_below(dice, 3), data, "");
}

static void change_person(struct twins *t, uint32_t h)
{
    char subject[32];
    char data[160];

    snprintf(subject, sizeof(subject), "person/P%u-%u", h, tap_below(t->dice, PERSONS));
    snprintf(data, sizeof(data), "\"household\":\"H%u\",\"birth\":\"20%02u-01-%02u\"%s", h,
             tap_below(t->dice, 12), 10 + tap_below(t->dice, 20),
             tap_below(t->dice, 2) == 0 ? ",\"labor\":true" : "");
    tell(t, "registry.person", subject, 0, data, "");
}

static void take_back(struct twins *t, uint32_t h)
{
    char subject[32];
    char more[64];

    snprintf(subject, sizeof(subject), "household/H%u", h);
    snprintf(more, sizeof(more), ",\"reverses\":\"e%lld\"",
             (long long)t->seq - (int64_t)tap_below(t->dice, 40));
    tell(t, "note", subject, 0, "", more);
}

static void event(struct twins *t, uint32_t h)
{
    static const char *const types[] = {"bill", "lost", "hired", "note", "loan"};
    uint32_t type = tap_below(t->dice, SW_COUNTOF(types));
    char subject[32];
    char data[96] = "";
    char date[SW_DATE_SIZE];

    snprintf(subject, sizeof(subject), type < 3 ? "person/P%u-%u" : "household/H%u", h,
             tap_below(t->dice, PERSONS));
    if (type == 0)
        snprintf(data, sizeof(data), "\"paid\":%u", tap_below(t->dice, 600));
    if (type == 3)
        snprintf(data, sizeof(data), "\"amount\":%u", tap_below(t->dice, 600));
    if (type == 4)
        snprintf(
            data, sizeof(data), "\"due\":\"%s\"",
            sw_date_format(sw_engine_day(t->e[SERVICE]) + (sw_day)tap_below(t->dice, 20), date));
    tell(t, types[type], subject, (int)tap_below(t->dice, 2) * (int)tap_below(t->dice, 15), data,
         "");
}

static void answer(struct twins *t)
{
    struct sw_buf body = {0};

    sw_buf_printf(&body,
                  "{\"gateway\":\"sms\",\"id\":\"r%lld\",\"from\":\"13800138000\",\"text\":\"%u "
                  "%u\"}",
                  (long long)t->seq, FIRST_CASE + tap_below(t->dice, t->e[SERVICE]->n_cases + 1),
                  1 + tap_below(t->dice, 4));
    feed(t, SW_IN_REPLY, sw_buf_view(&body));
    sw_buf_free(&body);
}

static void step(struct twins *t)
{
    uint32_t h = tap_below(t->dice, HOUSEHOLDS);
    uint32_t what = tap_below(t->dice, 20);

    if (what < 8)
        event(t, h);
    else if (what < 10)
        change_household(t, h);
    else if (what < 11)
        change_person(t, h);
    else if (what < 12)
        take_back(t, h);
    else if (what < 13)
        tell(t, "hail", tap_below(t->dice, 2) == 0 ? "area/610999101201" : "area/610999101000", 0,
             "\"grade\":4", "");
    else if (what < 14)
        tell(t, "feed.heartbeat", "feed/人社局", 0, "", "");
    else if (what < 16)
        answer(t);
    else
        pass_to(t, sw_engine_day(t->e[SERVICE]) + 1 + (sw_day)tap_below(t->dice, 3));
}

static void begin(struct twins *t)
{
    sw_day first = 0;

    sw_date_parse(SW_STR("2024-01-01"), &first);
    for (size_t i = 0; i < ENGINES; i++) {
        t->e[i] = sw_engine_new((struct sw_hash_key){1, 2}, sw_ruleset_ref(t->rules));
        t->e[i]->is_sleepless = i == SLEEPLESS;
    }
    pass_to(t, first);
    tell(t, "registry.area", "area/610999000000", 0, "\"name\":\"平川县\"", "");
    tell(t, "registry.area", "area/610999101000", 0, "\"name\":\"大溪镇\"", "");
    tell(t, "registry.area", "area/610999101201", 0, "\"name\":\"石桥村\"", "");
    tell(t, "registry.area", "area/610999101202", 0, "\"name\":\"东沟村\"", "");
    tell(t, "registry.cadre", "cadre/C1", 0, "\"name\":\"王\",\"phone\":\"13800138000\"", "");
    tell(t, "registry.team", "team/T1", 0, "\"name\":\"工作队\",\"leader\":\"C1\"", "");
    tell(t, "registry.assignment", "assignment/A1", 0, "\"area\":\"610999101000\",\"team\":\"T1\"",
         "");
    for (uint32_t h = 0; h < HOUSEHOLDS; h++) {
        char subject[32];
        char data[64];

        change_household(t, h);
        for (uint32_t p = 0; p < PERSONS; p++) {
            snprintf(subject, sizeof(subject), "person/P%u-%u", h, p);
            snprintf(data, sizeof(data), "\"household\":\"H%u\"", h);
            tell(t, "registry.person", subject, 0, data, "");
        }
    }
}

int main(void)
{
    struct tap_random dice = tap_seed();
    size_t inputs = 0;
    size_t slept = 0;
    size_t cases = 0;
    int differ = 0;

    for (int w = 0; w < WORLDS; w++) {
        struct twins t = {.rules = random_rules(&dice), .dice = &dice, .same = true};

        begin(&t);
        for (int i = 0; i < STEPS && t.same; i++)
            step(&t);
        if (!t.same && differ++ == 0) {
            note("world %d differs after input %zu", w, t.inputs);
            tap_text("rules", t.rules->bundle->file[2].text);
        }
        inputs += t.inputs;
        slept += t.slept;
        cases += t.e[SERVICE]->n_cases;
        for (size_t i = 0; i < ENGINES; i++) {
            sw_effects_free(&t.fx[i]);
            sw_engine_free(t.e[i]);
        }
        sw_ruleset_free(t.rules);
    }
    note("%zu inputs, %zu cases, %zu rules asleep after them", inputs, cases, slept);
    is_int_named(differ, 0, "rules that sleep, or a restart, change nothing");
    ok_named(slept > inputs && cases > WORLDS, "rules did sleep, and something happened");
    return done_testing();
}
