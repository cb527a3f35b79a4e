/* The life of a case: every pair of state and event against a table written by hand, acts that are
 * refused and why, tables that are no tables, and a county where people act at random: no case is
 * ever without owner and next step, none ends without outcome and reason. */
#include "../tap.h"
#include "engine/parts.h"
#include "ruleset_help.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

static const char params[] = "params: 1\n"
                             "line: {label: 线, unit: 元, value: 100, min: 1, max: 100000}\n"
                             "days: {label: 天, unit: 天, value: 30, min: 1, max: 365}\n"
                             "share: {label: 比, unit: 比例, value: 0.5, min: 0, max: 1}\n";

/* What the shipped table is to do. NULL: refused. Who acts here is cadre and leader of every team,
 * so nothing is refused for the person's sake. */
static const struct {
    const char *state;
    const char *next[CASE_EVENTS];
} expected[] = {
#define TOLD_OF                                                                                    \
    [ON_NEEDS_HELP] = "visited", [ON_HELPED] = "helped", [ON_NOT_TRUE] = "closed",                 \
    [ON_PASSED_UP] = "passed_up", [ON_GREEN] = "green", [ON_APPLIED] = "review",                   \
    [ON_MERGED] = "closed", [ON_PAST] = "closed"
#define ENDS [ON_MERGED] = "closed", [ON_PAST] = "closed"
    {"open",
     {TOLD_OF, [ON_DISCARDED] = "closed", [ON_ACKNOWLEDGED] = "acknowledged",
      [ON_UNREACHED] = "unreached"}},
    {"acknowledged",
     {TOLD_OF, [ON_ACKNOWLEDGED] = "acknowledged", [ON_UNREACHED] = "unreached",
      [ON_CONTRADICTED] = "disputed"}},
    {"unreached",
     {TOLD_OF, [ON_ACKNOWLEDGED] = "unreached", [ON_UNREACHED] = "unreached",
      [ON_CONTRADICTED] = "disputed"}},
    {"passed_up",
     {TOLD_OF, [ON_ACKNOWLEDGED] = "acknowledged", [ON_UNREACHED] = "passed_up",
      [ON_CONTRADICTED] = "disputed"}},
    {"disputed",
     {ENDS, [ON_ACKNOWLEDGED] = "disputed", [ON_UNREACHED] = "disputed",
      [ON_NEEDS_HELP] = "visited", [ON_HELPED] = "helped", [ON_NOT_TRUE] = "closed",
      [ON_PASSED_UP] = "disputed", [ON_GREEN] = "green"}},
    {"visited",
     {TOLD_OF, [ON_ACKNOWLEDGED] = "visited", [ON_UNREACHED] = "visited", [ON_MEASURE] = "helping",
      [ON_CONTRADICTED] = "disputed"}},
    {"green",
     {ENDS, [ON_NEEDS_HELP] = "green", [ON_NOT_TRUE] = "closed", [ON_MEASURE] = "green",
      [ON_PAPERS] = "helping", [ON_CONTRADICTED] = "disputed"}},
    {"review",
     {ENDS, [ON_MEASURE] = "review", [ON_AGREED] = "audit", [ON_DISAGREED] = "visited",
      [ON_CONTRADICTED] = "disputed"}},
    {"audit",
     {ENDS, [ON_MEASURE] = "audit", [ON_AGREED] = "decision", [ON_DISAGREED] = "visited",
      [ON_CONTRADICTED] = "disputed"}},
    {"decision",
     {ENDS, [ON_MEASURE] = "decision", [ON_AGREED] = "helping", [ON_DISAGREED] = "visited",
      [ON_CONTRADICTED] = "disputed"}},
    {"helping",
     {ENDS, [ON_ACKNOWLEDGED] = "helping", [ON_UNREACHED] = "helping", [ON_NEEDS_HELP] = "helping",
      [ON_HELPED] = "helped", [ON_NOT_TRUE] = "closed", [ON_PASSED_UP] = "passed_up",
      [ON_MEASURE] = "helping", [ON_APPLIED] = "review", [ON_PROPOSED] = "clearance",
      [ON_CONTRADICTED] = "disputed"}},
    {"helped",
     {ENDS, [ON_ACKNOWLEDGED] = "helped", [ON_UNREACHED] = "helped", [ON_NEEDS_HELP] = "visited",
      [ON_HELPED] = "helped", [ON_NOT_TRUE] = "closed", [ON_PASSED_UP] = "passed_up",
      [ON_MEASURE] = "helped", [ON_PROPOSED] = "clearance", [ON_CONTRADICTED] = "disputed"}},
    {"clearance",
     {ENDS, [ON_NEEDS_HELP] = "visited", [ON_AGREED] = "cleared", [ON_DISAGREED] = "helping",
      [ON_CONTRADICTED] = "disputed"}},
    {"cleared", {ENDS, [ON_NEEDS_HELP] = "visited", [ON_RELAPSED] = "open", [ON_DUE] = "recheck"}},
    {"recheck",
     {ENDS, [ON_NEEDS_HELP] = "visited", [ON_AGREED] = "cleared", [ON_DISAGREED] = "visited",
      [ON_RELAPSED] = "open"}},
    {"closed", {[ON_CONTRADICTED] = "disputed"}},
};

/* ---- a county ------------------------------------------------------------------------------- */

struct county {
    struct sw_engine *e;
    struct sw_ruleset *rules;
    struct sw_effects fx;
    sw_time now;
    int64_t seq;
    enum sw_refusal why;
    char text[400]; /* of the newest step */
};

static enum sw_verdict feed(struct county *c, enum sw_input_kind kind, struct sw_str body)
{
    struct sw_input in = {++c->seq, c->now, kind, body};
    struct sw_err err = {.code = SW_OK};
    enum sw_verdict v;

    sw_effects_reset(&c->fx);
    v = sw_engine_apply(c->e, &in, &c->fx, &c->why, &err);
    if (c->fx.steps.n > 0)
        snprintf(c->text, sizeof(c->text), "%.*s",
                 SW_STR_ARG(c->fx.steps.at[c->fx.steps.n - 1].text));
    return v;
}

static enum sw_verdict tell(struct county *c, const char *type, const char *subject,
                            const char *data, const char *more)
{
    struct sw_buf text = {0};
    char at[SW_RFC3339_SIZE];
    enum sw_verdict v;

    sw_buf_printf(&text,
                  "{\"specversion\":\"1.0\",\"source\":\"t\",\"type\":\"%s\",\"subject\":\"%s\","
                  "\"time\":\"%s\",\"id\":\"e%lld\"%s",
                  type, subject, sw_rfc3339_format(c->now, 28800, at), (long long)c->seq, more);
    if (data != NULL)
        sw_buf_printf(&text, ",\"data\":{%s}", data);
    sw_buf_cstr(&text, "}");
    v = feed(c, SW_IN_EVENT, sw_buf_view(&text));
    sw_buf_free(&text);
    return v;
}

static void pass_days(struct county *c, int days)
{
    sw_time until = c->now + days * INT64_C(86400) * SW_SECOND;
    char text[SW_RFC3339_SIZE];

    for (;;) {
        sw_time next = sw_engine_next(c->e);
        sw_time at = next < until ? next : until;

        c->now = at > c->now ? at : c->now;
        feed(c, SW_IN_TICK, sw_engine_tick(c->e, c->now, text));
        if (at == until && sw_engine_next(c->e) > until)
            return;
    }
}

static void open_county(struct county *c)
{
    static const char *const people[][2] = {
        {"registry.area", "area/610000000000"}, {"registry.area", "area/610001000000"},
        {"registry.area", "area/610001001000"}, {"registry.household", "household/H1"},
        {"registry.household", "household/H2"}, {"registry.person", "person/P1"},
        {"registry.person", "person/P2"},
    };
    static const char *const data[] = {
        "\"name\":\"县\"",
        "\"name\":\"镇\",\"parent\":\"610000000000\"",
        "\"name\":\"村\",\"parent\":\"610001000000\"",
        "\"area\":\"610001001000\"",
        "\"area\":\"610001001000\"",
        "\"household\":\"H1\"",
        "\"household\":\"H2\"",
    };
    struct rule_file files[] = {{"schema.yaml", sw_str(small_schema)},
                                {"params.yaml", sw_str(params)},
                                {"rules.yaml", sw_str(small_rules)}};
    struct sw_diag diag = {0};
    char subject[32];
    char text[100];

    *c = (struct county){.now = INT64_C(1704157200) * SW_SECOND}; /* 2 January 2024, nine o'clock */
    c->rules = build_rules(files, SW_COUNTOF(files), &diag);
    sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    c->e = sw_engine_new((struct sw_hash_key){1, 2}, sw_ruleset_ref(c->rules));
    feed(c, SW_IN_TICK, SW_STR("2024-01-02"));
    for (size_t i = 0; i < SW_COUNTOF(people); i++)
        tell(c, people[i][0], people[i][1], data[i], "");
    /* C0 is all in one; C1 … C4: cadre, team, township, county */
    for (int i = 0; i <= 4; i++) {
        snprintf(subject, sizeof(subject), "cadre/C%d", i);
        snprintf(text, sizeof(text), "\"name\":\"甲\",\"phone\":\"1380013800%d\"", i);
        tell(c, "registry.cadre", subject, text, "");
    }
}

static void assign(struct county *c, const char *cadre, const char *const leader[3])
{
    static const char *const areas[] = {"610001001000", "610001000000", "610000000000"};
    char subject[40];
    char text[100];

    snprintf(text, sizeof(text), "\"household\":\"H1\",\"cadre\":\"%s\"", cadre);
    tell(c, "registry.assignment", "assignment/A1", text, "");
    snprintf(text, sizeof(text), "\"household\":\"H2\",\"cadre\":\"%s\"", cadre);
    tell(c, "registry.assignment", "assignment/A2", text, "");
    for (int i = 0; i < 3; i++) {
        snprintf(subject, sizeof(subject), "team/T%d", i);
        snprintf(text, sizeof(text), "\"name\":\"队\",\"leader\":\"%s\"", leader[i]);
        tell(c, "registry.team", subject, text, "");
        snprintf(subject, sizeof(subject), "assignment/B%d", i);
        snprintf(text, sizeof(text), "\"area\":\"%s\",\"team\":\"T%d\"", areas[i], i);
        tell(c, "registry.assignment", subject, text, "");
    }
}

static void close_county(struct county *c)
{
    sw_effects_free(&c->fx);
    sw_engine_free(c->e);
    sw_ruleset_free(c->rules);
}

static const char *state_of(const struct county *c, uint32_t index)
{
    return c->rules->life->state[c->e->cases[index].state].name.p;
}

static bool is_state(const struct county *c, const char *state)
{
    return sw_str_is(c->rules->life->state[c->e->cases[0].state].name, state);
}

static enum sw_verdict act(struct county *c, const char *act, const char *by, const char *more)
{
    char text[300];

    snprintf(text, sizeof(text), "\"act\":\"%s\",\"by\":\"%s\"%s", act, by, more);
    return tell(c, SW_CASE_ACT, "case/100", text, "");
}

/* ---- every pair ------------------------------------------------------------------------------ */

/* A county with one case that stands in `state` and has no level any more. */
static void stand_at(struct county *c, uint8_t state)
{
    static const char *const all[] = {"C0", "C0", "C0"};

    open_county(c);
    assign(c, "C0", all);
    tell(c, "medical.bill", "household/H1", "\"person\":\"P1\",\"paid\":900", "");
    c->e->standing[0].level = 0;
    c->e->cases[0].state = state;
    c->e->cases[0].proposer = 1;
    c->e->cases[0].outcome = 1;
    if (c->rules->life->state[state].settled)
        c->e->cases[0].cleared = c->e->today;
    if (c->rules->life->state[state].end)
        sw_case_close(c->e, 0);
}

static void check_person(const char *state, uint8_t s, uint8_t event, const char *want)
{
    char name[100];
    struct county c;
    uint32_t steps;
    enum sw_verdict v;

    stand_at(&c, s);
    steps = c.e->cases[0].steps;
    v = act(&c, sw_case_event_name((enum sw_case_event)event), "C0",
            ",\"reason\":\"看过了\",\"measure\":\"relief\"");
    snprintf(name, sizeof(name), "%s, %s: %s", state, sw_case_event_name((enum sw_case_event)event),
             want == NULL ? "refused" : want);
    ok_named(v == SW_VERDICT_ACCEPTED && is_state(&c, want == NULL ? state : want) &&
                 c.e->cases[0].steps > steps,
             name);
    if (want == NULL)
        ok_named(sw_str_is(c.fx.steps.at[0].kind, "answer_refused"), "and a step says so");
    close_county(&c);
}

static void check_engine(const char *state, uint8_t s, uint8_t event, const char *want)
{
    char name[100];
    struct county c;
    uint8_t next;

    stand_at(&c, s);
    next = c.rules->life->move[s][event].next;
    snprintf(name, sizeof(name), "%s, %s: %s", state, sw_case_event_name((enum sw_case_event)event),
             want == NULL ? "refused" : want);
    if (want == NULL || next == LIFE_REFUSED) {
        ok_named(next == LIFE_REFUSED && want == NULL, name);
    } else {
        sw_case_by_engine(c.e, 0, (enum sw_case_event)event, &c.fx);
        ok_named(is_state(&c, want), name);
    }
    close_county(&c);
}

static void test_every_pair(void)
{
    struct county c;

    open_county(&c);
    is_int_named((int64_t)c.rules->life->n_states, (int64_t)SW_COUNTOF(expected),
                 "every state is in the table above");
    for (uint8_t s = 0; s < c.rules->life->n_states; s++) {
        is_str_named(c.rules->life->state[s].name, expected[s].state, "in its order");
        for (uint8_t v = 0; v < CASE_EVENTS; v++)
            (v < ON_BY_ENGINE ? check_person : check_engine)(expected[s].state, s, v,
                                                             expected[s].next[v]);
    }
    close_county(&c);
}

/* ---- who, when and why not ------------------------------------------------------------------- */

/* Who sends an act again, since its answer got lost, hears that it was taken: also when the case
 * has gone on meanwhile, or the sender has gone. */
static void test_repeats(void)
{
    static const char *const each[] = {"C2", "C3", "C4"};
    static const char said[] = "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"once\",\"type\":"
                               "\"case.act\",\"subject\":"
                               "\"case/100\",\"data\":{\"act\":\"acknowledged\",\"by\":\"C1\"}}";
    struct county c;
    uint32_t steps;

    open_county(&c);
    assign(&c, "C1", each);
    tell(&c, "medical.bill", "household/H1", "\"person\":\"P1\",\"paid\":900", "");
    is_int(feed(&c, SW_IN_EVENT, sw_str(said)), SW_VERDICT_ACCEPTED);
    act(&c, "needs_help", "C2", "");
    steps = c.e->cases[0].steps;
    is_int_named(feed(&c, SW_IN_EVENT, sw_str(said)), SW_VERDICT_DUPLICATE, "said again");
    tell(&c, "registry.assignment", "assignment/A1", "\"household\":\"H1\",\"cadre\":\"C0\"", "");
    steps += 1; /* handed over */
    is_int_named(feed(&c, SW_IN_EVENT, sw_str(said)), SW_VERDICT_DUPLICATE,
                 "and again by who does not look after the household any more");
    is_int_named(c.e->cases[0].steps, steps, "nothing came of it");
    close_county(&c);
}

static void test_races(void)
{
    static const char *const each[] = {"C2", "C3", "C4"};
    struct county c;
    char more[64];

    open_county(&c);
    assign(&c, "C1", each);
    tell(&c, "medical.bill", "household/H1", "\"person\":\"P1\",\"paid\":900", "");
    snprintf(more, sizeof(more), ",\"if_step\":%u", c.e->cases[0].steps);
    is_int(act(&c, "acknowledged", "C1", more), SW_VERDICT_ACCEPTED);
    ok(is_state(&c, "acknowledged"));
    act(&c, "needs_help", "C2", more);
    ok_named(is_state(&c, "acknowledged"), "who saw an older case changes nothing");
    is_str(sw_str(c.text), "“属实需帮扶”未受理：个案已经有了新的记录");
    act(&c, "needs_help", "C2", ",\"if_state\":\"open\"");
    is_str(sw_str(c.text), "“属实需帮扶”未受理：个案已经是“已收到”");
    act(&c, "needs_help", "C2", ",\"if_state\":\"acknowledged\"");
    ok(is_state(&c, "visited"));
    is_int_named(act(&c, "not_true", "C1", ""), SW_VERDICT_REJECTED, "not true without a reason");
    is_int(c.why, SW_REFUSED_MISSING_FIELD);
    act(&c, "not_true", "C1", ",\"reason\":\"信息有误\"");
    ok_named(is_state(&c, "disputed"), "two who disagree");
    is_int_named(c.e->cases[0].owner, 3, "the township decides");
    act(&c, "not_true", "C3", ",\"reason\":\"信息有误\"");
    ok(is_state(&c, "closed"));
    is_int_named(c.e->cases[0].reason, 1, "by the list's reason");
    ok(c.e->standing[0].open_case == SW_NONE && c.e->n_open == 0);
    act(&c, "acknowledged", "C1", "");
    is_str(sw_str(c.text), "“收到”未受理：已办结");
    act(&c, "needs_help", "C1", "");
    is_str_named(sw_str(c.text), "“属实需帮扶”未受理：上级已经裁定", "who decided stays right");
    is_int(act(&c, "acknowledged", "C9", ""), SW_VERDICT_REJECTED);
    is_int(c.why, SW_REFUSED_UNKNOWN_SUBJECT);
    is_int_named(act(&c, "acknowledged", "C0", ""), SW_VERDICT_REJECTED, "a stranger");
    is_int(c.why, SW_REFUSED_CONFLICT);
    is_int(act(&c, "relapsed", "C1", ""), SW_VERDICT_REJECTED);
    is_int(c.why, SW_REFUSED_BAD_FIELD);
    close_county(&c);
}

/* ---- files that are no tables ---------------------------------------------------------------- */

static const char good_table[] = "start: open\n"
                                 "states:\n"
                                 "  open: {label: 待核实, waits: true, deadline: alert}\n"
                                 "  closed: {label: 已办结, end: true}\n"
                                 "outcomes: {not_true: 不属实, other: 其他}\n"
                                 "answers: {3: not_true}\n"
                                 "moves:\n"
                                 "  - {state: open, event: not_true, next: closed, reason: true, "
                                 "outcome: not_true}\n"
                                 "  - {state: any, event: [merged, past], next: closed, "
                                 "outcome: other}\n";

static void load(const char *from, const char *to, const char *says)
{
    struct sw_buf text = {0};
    struct rule_file files[] = {{"schema.yaml", sw_str(small_schema)},
                                {"params.yaml", sw_str(params)},
                                {"rules.yaml", sw_str(small_rules)},
                                {"cases.yaml", {NULL, 0}}};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs;
    const char *at = from == NULL ? good_table : strstr(good_table, from);
    bool told = says == NULL;

    SW_ASSERT(at != NULL);
    sw_buf_str(&text, (struct sw_str){good_table, (size_t)(at - good_table)});
    sw_buf_cstr(&text, from == NULL ? "" : to);
    sw_buf_cstr(&text, at + (from == NULL ? 0 : strlen(from)));
    files[3].text = sw_buf_view(&text);
    rs = build_rules(files, SW_COUNTOF(files), &diag);
    for (const struct sw_finding *f = diag.first; says != NULL && f != NULL; f = f->next)
        told |= strstr(f->message.p, says) != NULL && f->at.line > 0;
    ok_named(told && (rs == NULL) == (says != NULL), says == NULL ? "a small table loads" : says);
    if (!told)
        sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    sw_ruleset_free(rs);
    sw_buf_free(&text);
}

static void test_files(void)
{
    load(NULL, NULL, NULL);
    load("next: closed, reason", "next: close, reason", "no state close; did you mean closed?");
    load("start: open", "start: closed", "no case begins at an end");
    load(", end: true}", ", end: true}\n  over: {label: 归档, end: true}",
         "an end is called closed");
    load(", reason: true", "", "no case ends without a reason");
    load("outcome: not_true}", "outcome: none}", "no case ends without an outcome");
    load("outcome: not_true}", "outcome: never}", "no outcome never");
    load("[merged, past]", "past", "the event merged must lead from the state open");
    load("next: closed, reason", "next: open, reason", "no way leads from the state open");
    load("3: not_true", "3: merged", "merged comes from the engine, not from people");
    load("3: not_true", "33: not_true", "an answer is one digit");
    load("event: not_true", "event: untrue", "expected one of");
    load("  - {state: any", "  - {state: open, event: not_true, next: open}\n  - {state: any",
         "says it already");
    load("deadline: alert", "deadline: {days: 5, levels: {violet: {days: 1}}}", "no level violet");
    load("deadline: alert", "deadline: rechecks", "waits for re-checks");
    load("waits: true", "settled: true", "the event relapsed must lead on");
    load("deadline: alert", "role: mayor", "expected one of");
}

/* ---- another table --------------------------------------------------------------------------- */

/* The small table, with more states in front of the end, and more moves. */
static struct sw_ruleset *rules_with_states(const char *more, const char *moves)
{
    static const char messages[] = "deadline: {yellow: {days: 3, text: 3个工作日内}}\n";
    const char *states = strstr(good_table, "  closed:");
    struct sw_buf text = {0};
    struct rule_file files[] = {{"schema.yaml", sw_str(small_schema)},
                                {"params.yaml", sw_str(params)},
                                {"rules.yaml", sw_str(small_rules)},
                                {"messages.yaml", sw_str(messages)},
                                {"cases.yaml", {NULL, 0}}};
    struct sw_diag diag = {0};
    struct sw_ruleset *rules;

    sw_buf_str(&text, (struct sw_str){good_table, (size_t)(states - good_table)});
    sw_buf_printf(&text, "%s%s%s", more, states, moves);
    files[4].text = sw_buf_view(&text);
    rules = build_rules(files, SW_COUNTOF(files), &diag);
    if (rules == NULL)
        sw_diag_print(&diag, stdout);
    SW_ASSERT(rules != NULL);
    sw_diag_free(&diag);
    sw_buf_free(&text);
    return rules;
}

static void change_rules(struct county *c, struct sw_ruleset *rules)
{
    sw_engine_set_rules(c->e, sw_ruleset_ref(rules));
    feed(c, SW_IN_RULES, sw_str(sw_ruleset_digest(rules)));
    sw_ruleset_free(c->rules);
    c->rules = rules;
}

/* A case whose state is gone begins anew: the nearest looks at it, within the time of an alert. */
static void test_state_gone(void)
{
    static const char states[] = "  seen: {label: 已看}\n"
                                 "  higher: {label: 已上报, role: above}\n";
    static const char moves[] = "  - {state: open, event: acknowledged, next: seen}\n"
                                "  - {state: open, event: passed_up, next: higher}\n"
                                "  - {state: [seen, higher], event: not_true, next: closed, "
                                "reason: true, outcome: not_true}\n";
    static const char *const each[] = {"C2", "C3", "C4"};
    struct county c;
    sw_time due;

    open_county(&c);
    assign(&c, "C1", each);
    change_rules(&c, rules_with_states(states, moves));
    tell(&c, "medical.bill", "household/H1", "\"person\":\"P1\",\"paid\":900", "");
    tell(&c, "medical.bill", "household/H2", "\"person\":\"P2\",\"paid\":900", "");
    due = c.e->cases[0].due;
    act(&c, "passed_up", "C1", "");
    tell(&c, SW_CASE_ACT, "case/101", "\"act\":\"acknowledged\",\"by\":\"C1\"", "");
    ok_named(is_state(&c, "higher") && !c.e->cases[0].clock.runs, "a state without a time");
    is_int_named(c.e->cases[0].owner, 3, "the township's");
    pass_days(&c, 30);
    change_rules(&c, rules_with_states("", ""));
    for (size_t i = 0; i < 2; i++) {
        const struct sw_case_row *row = &c.fx.cases.at[i];

        ok_named(i < c.fx.cases.n && sw_str_is(row->state, "open"), "begun anew, its row says so");
        ok_named(i < c.fx.cases.n && row->due > due, "with the time of an alert");
        is_int_named(c.e->cases[i].owner, 1, "and the cadre's");
    }
    pass_days(&c, 10);
    ok_named(c.e->cases[0].clock.late && c.e->cases[1].clock.late, "which passes");
    close_county(&c);
}

/* ---- at random --------------------------------------------------------------------------------
 */

/* Mostly of a case that is open, if there is one. */
static uint32_t case_at_random(const struct county *c, struct tap_random *r)
{
    uint32_t any = tap_below(r, c->e->n_cases == 0 ? 1 : c->e->n_cases);
    uint32_t open = c->e->standing[tap_below(r, 2)].open_case;

    return FIRST_CASE + (open == SW_NONE || tap_below(r, 4) == 0 ? any : open);
}

static void act_at_random(struct county *c, struct tap_random *r)
{
    static const char *const reasons[] = {"", ",\"reason\":\"信息有误\"", ",\"reason\":\"好转\""};
    const char *event =
        sw_case_event_name((enum sw_case_event)tap_below(r, (uint32_t)ON_BY_ENGINE));
    char subject[32];
    char data[200];

    snprintf(subject, sizeof(subject), "case/%u", case_at_random(c, r));
    snprintf(data, sizeof(data), "\"act\":\"%s\",\"by\":\"C%u\",\"measure\":\"relief\"%s", event,
             tap_below(r, 5), reasons[tap_below(r, 3)]);
    tell(c, SW_CASE_ACT, subject, data, "");
}

/* Years with bills and years without: a case is cleared only when its risk is gone. */
static void happen_at_random(struct county *c, struct tap_random *r)
{
    static const char *const replies[] = {"0", "1", "2", "34", "3", "7", "8 不行", "9", "6 好了"};
    uint32_t house = 1 + tap_below(r, 2);
    char subject[32];
    char text[200];

    switch (tap_below(r, 10)) {
    case 0:
        if (c->seq / 300 % 2 == 1)
            break;
        snprintf(subject, sizeof(subject), "household/H%u", house);
        snprintf(text, sizeof(text), "\"person\":\"P%u\",\"paid\":900", house);
        tell(c, "medical.bill", subject, text, "");
        break;
    case 1: pass_days(c, 1 + (int)tap_below(r, 45)); break;
    case 2:
    case 3:
        snprintf(text, sizeof(text),
                 "{\"gateway\":\"sms\",\"id\":\"r%lld\",\"from\":\"1380013800%u\",\"text\":\"%s\"}",
                 (long long)c->seq, tap_below(r, 5), replies[tap_below(r, SW_COUNTOF(replies))]);
        feed(c, SW_IN_REPLY, sw_str(text));
        break;
    default: act_at_random(c, r); break;
    }
}

/* What is wrong with a case, NULL: nothing. */
static const char *flaw(const struct county *c, uint32_t index)
{
    const struct sw_case *x = &c->e->cases[index];
    const struct sw_life *l = c->rules->life;
    const struct sw_life_state *st = &l->state[x->state];
    bool moves = false;

    for (size_t v = 0; v < CASE_EVENTS; v++)
        moves |= v != ON_MERGED && v != ON_DISCARDED && v != ON_PAST &&
                 l->move[x->state][v].next != LIFE_REFUSED;
    if (st->end)
        return x->outcome == 0             ? "an end without outcome"
               : x->reason == 0            ? "an end without reason"
               : x->closed == SW_DAY_NEVER ? "an end without its day"
               : x->wake != SW_TIME_NEVER  ? "an end with a clock"
                                           : NULL;
    if (c->e->standing[x->subject].open_case != index)
        return "not the open case of its household";
    if (x->owner == SW_NONE)
        return "no owner";
    if (!moves)
        return "no way on";
    return st->clock != CLOCK_KEEP && st->clock != CLOCK_ALERT && x->due == 0 ? "no deadline"
                                                                              : NULL;
}

static void test_at_random(void)
{
    static const char *const each[] = {"C2", "C3", "C4"};
    struct tap_random r = tap_seed();
    struct county c;
    uint32_t reached = 0;
    uint32_t all;
    uint32_t open;
    const char *wrong = NULL;
    int last = 0;

    open_county(&c);
    assign(&c, "C1", each);
    all = (UINT32_C(1) << c.rules->life->n_states) - 1;
    for (int i = 0; i < (reached == all ? 6000 : 100000) && wrong == NULL; i++) {
        happen_at_random(&c, &r);
        open = 0;
        for (uint32_t k = 0; k < c.e->n_cases && wrong == NULL; k++) {
            wrong = flaw(&c, k);
            open += !c.rules->life->state[c.e->cases[k].state].end;
            if ((reached >> c.e->cases[k].state & 1) == 0)
                last = i;
            reached |= UINT32_C(1) << c.e->cases[k].state;
            if (wrong != NULL)
                note("case %u, %s: %s", FIRST_CASE + k, state_of(&c, k), wrong);
        }
        if (wrong == NULL && open != c.e->n_open)
            wrong = "the list of open cases";
    }
    ok_named(wrong == NULL,
             wrong == NULL ? "every case has an owner, a way on, and ends rightly" : wrong);
    is_int_named(reached, all, "every state was reached");
    note("%u cases; every state was reached after %d happenings", c.e->n_cases, last);
    close_county(&c);
}

int main(void)
{
    test_every_pair();
    test_repeats();
    test_races();
    test_files();
    test_state_gone();
    test_at_random();
    return done_testing();
}
