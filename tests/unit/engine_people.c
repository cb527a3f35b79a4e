/* People: whoever is registered, away, rotated or missing, each open case has the one owner that
 * its route and the registry give, and whoever acts for it is told once. The owner is found here
 * anew from plain lists of what was registered, by the words of people.yaml, not by the engine's
 * code. */
#include "../tap.h"
#include "engine/parts.h"
#include "ruleset_help.h"
#include "snapshot_help.h"
#include <shouwang/base/mem.h>

static const char schema_text[] = "schema: 1\n"
                                  "timezone: Asia/Shanghai\n"
                                  "household: {poor: {type: bool, label: 重点户}}\n"
                                  "events:\n"
                                  "  bill: {label: 医疗费, fields: {paid: {type: money}}}\n";

static const char rules_text[] =
    "categories: {health: {label: 因病, cap: 90}}\n"
    "levels: {yellow: {label: 黄色, enter: 10, leave: 5}, red: {label: 红色, enter: 30, leave: "
    "25}}\n"
    "rules:\n"
    "  - {rule: one, label: 医疗费, category: health, score: 10, message: m,\n"
    "     when: 'bill.within(days(60)).count() >= 1'}\n"
    "  - {rule: two, label: 多笔医疗费, category: health, score: 20, message: m,\n"
    "     when: 'bill.within(days(60)).count() >= 2'}\n";

static const char people_text[] =
    "roles:\n"
    "  cadre: {label: 帮扶责任人, of: household}\n"
    "  team: {label: 驻村工作队, of: village}\n"
    "  village: {label: 村级信息员, of: village}\n"
    "  township: {label: 乡镇专干, of: township}\n"
    "  county: {label: 县专干, of: county}\n"
    "  edu: {label: 教育局, of: county}\n"
    "routes:\n"
    "  - {route: 红色, levels: [red], owner: [township], tell: [cadre, team], copy: [edu]}\n"
    "needs_owner: hh.poor\n";

enum { AREAS = 4, CADRES = 9, TEAMS = 6, HOUSEHOLDS = 6, ENTRIES = 20000, STEPS = 6000 };
enum { VILLAGE_0, VILLAGE_1, TOWN, COUNTY };
enum { CADRE, TEAM, VILLAGE, TOWNSHIP, OF_THE_COUNTY, EDU };

static const char *const codes[AREAS] = {"610999101201", "610999101202", "610999101000",
                                         "610999000000"};
static const char *const roles[] = {"cadre", "team", "village", "township", "county", "edu"};
static const int kind_of_role[] = {OF_HOUSEHOLD, OF_VILLAGE, OF_VILLAGE,
                                   OF_TOWNSHIP,  OF_COUNTY,  OF_COUNTY};

/* What was registered, as lists; the newest last. */
struct entry {
    int id, subject, who; /* subject: of an absence the cadre; who: stand-in, -1: nobody */
    sw_day from, until;
    bool ended;
};

struct list {
    struct entry at[ENTRIES];
    int n;
};

struct county {
    struct sw_engine *e;
    struct sw_ruleset *rules;
    struct sw_effects fx;
    struct kept_snapshot saved;
    sw_time now;
    int64_t seq;
    size_t texts, handovers, alerts, owners;
    char last_to[16];
    int alerted[1000]; /* by the last three digits of the phone */
    int handed[1000];
};

static struct list of_households, of_areas, absences;
static int leader[TEAMS], role_of[TEAMS]; /* -1: none, or the usual one */
static int village_of[HOUSEHOLDS];

/* ---- a county ------------------------------------------------------------------------------ */

static int tail(struct sw_str phone)
{
    int64_t n = 0;

    sw_str_int(sw_str_sub(phone, phone.n - 3, 3), &n);
    return (int)n;
}

static void look_at_messages(struct county *c)
{
    for (size_t i = 0; i < c->fx.messages.n; i++) {
        const struct sw_message_row *m = &c->fx.messages.at[i];
        bool handover = sw_str_is(m->kind, "handover");

        if (!sw_str_is(m->gateway, "sms"))
            continue;
        c->texts++;
        c->handovers += handover;
        c->owners += sw_str_is(m->kind, "owners");
        c->alerts += sw_str_is(m->kind, "alert");
        c->handed[tail(m->to)] += handover;
        c->alerted[tail(m->to)] += sw_str_is(m->kind, "alert") || sw_str_is(m->kind, "rise");
        snprintf(c->last_to, sizeof(c->last_to), "%.*s", SW_STR_ARG(m->to));
    }
}

static enum sw_verdict feed(struct county *c, enum sw_input_kind kind, struct sw_str body)
{
    struct sw_input in = {++c->seq, c->now, kind, body};
    struct sw_err err = {.code = SW_OK};
    enum sw_refusal why;
    enum sw_verdict v;

    sw_effects_reset(&c->fx);
    v = sw_engine_apply(c->e, &in, &c->fx, &why, &err);
    if (v == SW_VERDICT_REJECTED)
        note("%s: %.*s", err.text, SW_STR_ARG(body));
    look_at_messages(c);
    return v;
}

/* As the store does: each moment at which something is due, in order. */
static void pass_to(struct county *c, sw_time when)
{
    sw_time next;
    char text[SW_RFC3339_SIZE];

    while ((next = sw_engine_day(c->e) == SW_DAY_NEVER ? when : sw_engine_next(c->e)) <= when) {
        c->now = next > c->now ? next : c->now;
        feed(c, SW_IN_TICK, sw_engine_tick(c->e, next, text));
    }
    c->now = when;
}

static sw_time at(const struct county *c, const char *date, int hour, int minute)
{
    sw_day day = 0;

    sw_date_parse(sw_str(date), &day);
    return sw_zone_midnight(c->rules->schema->zone, day) +
           (sw_time)(hour * 60 + minute) * 60 * SW_SECOND;
}

/* n: put behind the subject, -1: it is whole. */
static enum sw_verdict tell(struct county *c, const char *data, const char *type,
                            const char *subject_of, int n)
{
    char subject[64];
    char text[600];

    if (n < 0)
        snprintf(subject, sizeof(subject), "%s", subject_of);
    else
        snprintf(subject, sizeof(subject), "%s%d", subject_of, n);
    snprintf(text, sizeof(text),
             "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"e%lld\",\"type\":\"%s\","
             "\"subject\":\"%s\",\"data\":{%s}}",
             (long long)c->seq, type, subject, data);
    return feed(c, SW_IN_EVENT, sw_str(text));
}

static const char *say(char out[300], const char *fmt, ...) SW_PRINTF(2, 3);

static const char *say(char out[300], const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(out, 300, fmt, ap);
    va_end(ap);
    return out;
}

static void add_cadres(struct county *c, int first, int n)
{
    char data[300];

    for (int i = first; i < first + n; i++)
        tell(c, say(data, "\"name\":\"干部%d\",\"phone\":\"13800138%03d\"", i, i), "registry.cadre",
             "cadre/C", i);
}

static void open_county(struct county *c)
{
    static const char *const names[AREAS] = {"石桥村", "东沟村", "大溪镇", "平川县"};
    struct sw_diag diag = {0};
    char data[300];
    char subject[300];

    *c = (struct county){0};
    c->rules = build_rules((struct rule_file[]){{"people.yaml", sw_str(people_text)},
                                                {"rules.yaml", sw_str(rules_text)},
                                                {"schema.yaml", sw_str(schema_text)}},
                           3, &diag);
    if (c->rules == NULL)
        sw_diag_print(&diag, stdout);
    SW_ASSERT(c->rules != NULL);
    sw_diag_free(&diag);
    c->e = sw_engine_new((struct sw_hash_key){1, 2}, sw_ruleset_ref(c->rules));
    pass_to(c, at(c, "2026-03-02", 9, 0));
    for (int a = AREAS; a-- > 0;)
        tell(c, say(data, "\"name\":\"%s\"", names[a]), "registry.area",
             say(subject, "area/%s", codes[a]), -1);
}

static void close_county(struct county *c)
{
    sw_engine_free(c->e);
    sw_ruleset_free(c->rules);
    sw_effects_free(&c->fx);
    sw_buf_free(&c->saved.text);
}

static void restart(struct county *c)
{
    uint64_t digest = sw_engine_digest(c->e);
    struct sw_err err = {.code = SW_OK};
    int64_t seq;

    sw_buf_clear(&c->saved.text);
    c->saved.at = 0;
    SW_ASSERT(sw_engine_save(c->e, c->seq, put_snapshot, &c->saved));
    sw_engine_free(c->e);
    c->e = sw_engine_load((struct sw_hash_key){1, 2}, sw_ruleset_ref(c->rules), &seq, get_snapshot,
                          &c->saved, &err);
    if (c->e == NULL || sw_engine_digest(c->e) != digest)
        exit(printf("Bail out! the snapshot is another state: %s\n", err.text));
}

/* ---- who should own a case ----------------------------------------------------------------- */

static bool holds(const struct entry *x, sw_day day)
{
    return !x->ended && x->from <= day && day <= x->until;
}

/* Who is there in a place of a role, the newest first; how many. */
static int people_of(sw_day day, int household, int role, int out[64])
{
    const struct list *l = role == CADRE ? &of_households : &of_areas;
    int place = kind_of_role[role] == OF_VILLAGE    ? village_of[household]
                : kind_of_role[role] == OF_TOWNSHIP ? TOWN
                                                    : COUNTY;
    int n = 0;

    for (int i = l->n; i-- > 0 && n < 64;) {
        const struct entry *x = &l->at[i];

        if (!holds(x, day) || x->subject != (role == CADRE ? household : place))
            continue;
        if (role == CADRE)
            out[n++] = x->who;
        else if (role_of[x->who] == role ||
                 (role_of[x->who] == -1 && role != VILLAGE && role != EDU))
            out[n++] = leader[x->who];
    }
    return n;
}

static int works_today(sw_day day, int cadre)
{
    for (int hops = 0; hops < 4 && cadre >= 0; hops++) {
        const struct entry *away = NULL;

        for (int i = absences.n; i-- > 0 && away == NULL;) {
            if (absences.at[i].subject == cadre && holds(&absences.at[i], day))
                away = &absences.at[i];
        }
        if (away == NULL)
            return cadre;
        cadre = away->who;
    }
    return -1;
}

static void expected(const struct county *c, const struct sw_case *x, int *owner, int *acting)
{
    static const int ways[2][5] = {{TOWNSHIP, OF_THE_COUNTY, -1},
                                   {CADRE, TEAM, TOWNSHIP, OF_THE_COUNTY, -1}};
    int who[64];

    *owner = *acting = -1;
    for (const int *role = ways[x->route]; *role >= 0; role++) {
        int n = kind_of_role[*role] < x->least
                    ? 0
                    : people_of(c->e->today, (int)x->subject, *role, who);

        for (int i = 0; i < n; i++) {
            if (*owner < 0)
                *owner = who[i];
            if (*acting < 0)
                *acting = works_today(c->e->today, who[i]);
        }
    }
    if (*acting < 0)
        *acting = *owner;
}

/* Cadres are registered in order of their numbers. */
static int number_of(uint32_t cadre)
{
    return cadre == SW_NONE ? -1 : (int)cadre;
}

static bool is_one_of(const struct county *c, int household, int cadre)
{
    int who[64];

    for (int role = CADRE; role <= EDU; role++) {
        int n = people_of(c->e->today, household, role, who);

        for (int i = 0; i < n; i++) {
            if (who[i] == cadre || works_today(c->e->today, who[i]) == cadre)
                return true;
        }
    }
    return false;
}

/* Every open case has the owner that it should have; what was sent about it went to its people. */
static bool is_right(const struct county *c)
{
    bool good = true;

    for (uint32_t i = 0; i < c->e->n_open; i++) {
        const struct sw_case *x = &c->e->cases[c->e->open[i]];
        int owner;
        int acting;

        expected(c, x, &owner, &acting);
        if (number_of(x->owner) != owner || number_of(x->acting) != acting) {
            note("case %u of H%u, route %u, least %u: owner %d, not %d; acting %d, not %d",
                 FIRST_CASE + c->e->open[i], x->subject, x->route, x->least, number_of(x->owner),
                 owner, number_of(x->acting), acting);
            good = false;
        }
        if (c->e->people.brief_at == SW_TIME_NEVER && x->acting != SW_NONE &&
            x->briefed != x->acting) {
            note("case %u: nobody told C%d", FIRST_CASE + c->e->open[i], acting);
            good = false;
        }
    }
    for (size_t i = 0; i < c->fx.messages.n; i++) {
        const struct sw_message_row *m = &c->fx.messages.at[i];

        if (m->number == 0 || !sw_str_is(m->gateway, "sms"))
            continue;
        if (!is_one_of(c, (int)c->e->cases[m->number - FIRST_CASE].subject, tail(m->to))) {
            note("%.*s of case %lld to C%d", SW_STR_ARG(m->kind), (long long)m->number,
                 tail(m->to));
            good = false;
        }
    }
    return good;
}

/* ---- random changes ------------------------------------------------------------------------ */

static struct tap_random dice;

static int rnd(int n)
{
    return (int)tap_below(&dice, (uint32_t)n);
}

static void put_entry(struct list *l, struct entry x)
{
    for (int i = 0; i < l->n; i++)
        l->at[i].ended |= l->at[i].id == x.id;
    SW_ASSERT(l->n < ENTRIES);
    l->at[l->n++] = x;
}

static struct entry some_days(const struct county *c)
{
    struct entry x = {.from = c->e->today + rnd(5) - 2};

    x.until = rnd(2) == 0 ? SW_DAY_NEVER : x.from + rnd(4);
    return x;
}

static const char *dates(char out[300], const struct entry *x)
{
    char from[SW_DATE_SIZE];
    char until[SW_DATE_SIZE];

    return x->until == SW_DAY_NEVER
               ? say(out, "\"from\":\"%s\"", sw_date_format(x->from, from))
               : say(out, "\"from\":\"%s\",\"until\":\"%s\"", sw_date_format(x->from, from),
                     sw_date_format(x->until, until));
}

static void assign_cadre(struct county *c)
{
    struct entry x = some_days(c);
    char days[300];
    char data[300];

    x.id = rnd(10);
    x.subject = rnd(HOUSEHOLDS);
    x.who = rnd(CADRES);
    tell(c,
         say(data, "\"household\":\"H%d\",\"cadre\":\"C%d\",%.100s", x.subject, x.who,
             dates(days, &x)),
         "registry.assignment", "assignment/A", x.id);
    put_entry(&of_households, x);
}

static void assign_team(struct county *c)
{
    struct entry x = some_days(c);
    char days[300];
    char data[300];

    x.id = 100 + rnd(8);
    x.subject = rnd(AREAS);
    x.who = rnd(TEAMS);
    tell(c,
         say(data, "\"area\":\"%s\",\"team\":\"T%d\",%.100s", codes[x.subject], x.who,
             dates(days, &x)),
         "registry.assignment", "assignment/A", x.id);
    put_entry(&of_areas, x);
}

static void change_team(struct county *c, int team, int who, int role)
{
    char data[300];
    char more[2][300] = {"", ""};

    if (who >= 0)
        say(more[0], ",\"leader\":\"C%d\"", who);
    if (role >= 0)
        say(more[1], ",\"role\":\"%s\"", roles[role]);
    tell(c, say(data, "\"name\":\"队%d\"%.60s%.60s", team, more[0], more[1]), "registry.team",
         "team/T", team);
    leader[team] = who;
    role_of[team] = role;
}

static void be_away(struct county *c)
{
    struct entry x = some_days(c);
    bool cancelled = rnd(5) == 0;
    char days[300];
    char data[300];
    char who[300] = "";

    x.id = rnd(8);
    x.subject = rnd(CADRES);
    x.who = rnd(3) == 0 ? -1 : rnd(CADRES);
    if (x.who == x.subject)
        x.who = -1;
    if (x.who >= 0)
        say(who, "\"stand_in\":\"C%d\",", x.who);
    tell(c,
         say(data, "\"cadre\":\"C%d\",%.40s%.100s%s", x.subject, who, dates(days, &x),
             cancelled ? ",\"cancelled\":true" : ""),
         "registry.absence", "absence/L", x.id);
    put_entry(&absences, x);
    absences.at[absences.n - 1].ended = cancelled;
}

static void answer(struct county *c)
{
    static const int digits[] = {0, 1, 2, 3, 4, 9, 9};
    char text[300];

    if (c->e->n_cases == 0)
        return;
    feed(c, SW_IN_REPLY,
         sw_str(say(
             text,
             "{\"gateway\":\"sms\",\"id\":\"r%lld\",\"from\":\"13800138%03d\",\"text\":\"%u %d\"}",
             (long long)c->seq, rnd(CADRES), FIRST_CASE + (unsigned)rnd((int)c->e->n_cases),
             digits[rnd(SW_COUNTOF(digits))])));
}

static void move_house(struct county *c)
{
    char data[300];
    int household = rnd(HOUSEHOLDS);

    village_of[household] = rnd(2);
    tell(c,
         say(data, "\"area\":\"%s\",\"poor\":%s", codes[village_of[household]],
             rnd(2) == 0 ? "true" : "false"),
         "registry.household", "household/H", household);
}

static void step(struct county *c)
{
    switch (rnd(14)) {
    case 0:
    case 1:
    case 2: assign_cadre(c); break;
    case 3:
    case 4: assign_team(c); break;
    case 5:
        change_team(c, rnd(TEAMS), rnd(5) == 0 ? -1 : rnd(CADRES), rnd(2) == 0 ? -1 : 1 + rnd(5));
        break;
    case 6:
    case 7: be_away(c); break;
    case 8:
    case 9: tell(c, "\"paid\":1", "bill", "household/H", rnd(HOUSEHOLDS)); break;
    case 10: answer(c); break;
    case 11: move_house(c); break;
    default: pass_to(c, c->now + (sw_time)rnd(rnd(4) > 0 ? 30 : 2000) * 60 * SW_SECOND); break;
    }
}

static void test_any_changes(void)
{
    struct county c;
    bool good = true;
    size_t owned = 0;
    size_t ownerless = 0;

    dice = tap_seed();
    open_county(&c);
    add_cadres(&c, 0, CADRES);
    for (int t = 0; t < TEAMS; t++)
        change_team(&c, t, t, -1);
    for (int h = 0; h < HOUSEHOLDS; h++) {
        char data[300];

        tell(&c, say(data, "\"area\":\"%s\",\"poor\":true", codes[0]), "registry.household",
             "household/H", h);
    }
    for (int n = 0; n < STEPS && good; n++) {
        step(&c);
        good = is_right(&c);
        if (n % 40 == 0)
            restart(&c);
        for (uint32_t i = 0; i < c.e->n_open; i++) {
            owned += c.e->cases[c.e->open[i]].owner != SW_NONE;
            ownerless += c.e->cases[c.e->open[i]].owner == SW_NONE;
        }
        if (!good)
            note("at step %d", n);
    }
    note("%zu steps owned, %zu without owner, %u cases, %zu handovers", owned, ownerless,
         c.e->n_cases, c.handovers);
    ok_named(good, "whatever changes, every open case has the owner it should have");
    ok_named(owned > STEPS / 2 && ownerless > 0, "there were cases with and without owner");
    ok_named(c.handovers > 20, "cases were handed over");
    close_county(&c);
}

/* ---- a rotation ---------------------------------------------------------------------------- */

enum { ROTATED = 317, WITH_CASES = 200, NEWCOMERS = 400 };

static void open_rotation(struct county *c)
{
    char data[300];

    open_county(c);
    add_cadres(c, 0, ROTATED);
    add_cadres(c, NEWCOMERS, ROTATED);
    for (int i = 0; i < ROTATED; i++) {
        tell(c, say(data, "\"area\":\"%s\",\"poor\":true", codes[i % 2]), "registry.household",
             "household/H", i);
        tell(c, say(data, "\"household\":\"H%d\",\"cadre\":\"C%d\"", i, i), "registry.assignment",
             "assignment/A", i);
        if (i < WITH_CASES)
            tell(c, "\"paid\":1", "bill", "household/H", i);
    }
    is_int_named(c->e->n_open, WITH_CASES, "cases are open");
    is_int_named((int64_t)c->texts, WITH_CASES, "each told to its cadre");
}

static void rotate(struct county *c, const char *last, const char *first)
{
    char data[300];

    for (int i = 0; i < ROTATED; i++) {
        tell(c,
             say(data,
                 "\"household\":\"H%d\",\"cadre\":\"C%d\",\"from\":\"2026-03-01\",\"until\":\"%s\"",
                 i, i, last),
             "registry.assignment", "assignment/A", i);
        tell(c,
             say(data, "\"household\":\"H%d\",\"cadre\":\"C%d\",\"from\":\"%s\"", i, NEWCOMERS + i,
                 first),
             "registry.assignment", "assignment/N", i);
    }
}

static void check_rotated(const struct county *c)
{
    int once = 0;
    int leavers = 0;
    int others = 0;
    size_t theirs = 0;

    for (int i = 0; i < ROTATED; i++) {
        once += i < WITH_CASES && c->handed[NEWCOMERS + i] == 1;
        others += i >= WITH_CASES && c->handed[NEWCOMERS + i] > 0;
        leavers += c->handed[i];
    }
    for (uint32_t i = 0; i < c->e->n_open; i++) {
        const struct sw_case *x = &c->e->cases[c->e->open[i]];

        theirs +=
            x->owner == x->acting &&
            sw_registry_text(&c->e->registry, c->e->registry.cadre[x->owner].phone).p[8] >= '4';
    }
    is_int_named(once, WITH_CASES, "each newcomer with a case had exactly one message");
    is_int_named(others, 0, "newcomers without a case had none");
    is_int_named(leavers, 0, "who left had none");
    is_int_named((int64_t)theirs, c->e->n_open, "every case is a newcomer's");
}

static void test_rotation_at_midnight(void)
{
    struct county c;

    open_rotation(&c);
    rotate(&c, "2026-03-10", "2026-03-11");
    is_int_named((int64_t)c.handovers, 0, "a rotation to come changes nothing yet");
    pass_to(&c, at(&c, "2026-03-10", 23, 59));
    tell(&c, "\"paid\":1", "bill", "household/H", 300);
    is_str_named(sw_str(c.last_to), "13800138300",
                 "one minute before midnight the old cadre is told");
    is_int(c.alerted[300], 1);
    pass_to(&c, at(&c, "2026-03-11", 0, 1));
    is_int_named((int64_t)c.handovers, 0, "nobody is woken at once");
    tell(&c, "\"paid\":1", "bill", "household/H", 301);
    is_int_named(c.alerted[NEWCOMERS + 301], 1, "one minute after it the newcomer");
    is_int(c.alerted[301], 0);
    restart(&c);
    pass_to(&c, at(&c, "2026-03-11", 0, 30));
    is_int_named(c.handed[NEWCOMERS + 300], 1, "the case of 23:59 went over, too");
    c.handed[NEWCOMERS + 300] = 0;
    is_int_named(c.handed[NEWCOMERS + 301], 0, "who had the alert is not told again");
    check_rotated(&c);
    pass_to(&c, at(&c, "2026-03-20", 0, 0));
    is_int_named((int64_t)c.handovers, WITH_CASES + 1, "and nobody ever after");
    close_county(&c);
}

/* A table for today: every case is for a while nobody's own, and back within the minutes. */
static void test_rotation_by_table(void)
{
    struct county c;

    open_rotation(&c);
    pass_to(&c, at(&c, "2026-03-11", 14, 0));
    rotate(&c, "2026-03-10", "2026-03-11");
    pass_to(&c, at(&c, "2026-03-11", 15, 0));
    check_rotated(&c);
    close_county(&c);
}

/* One person takes over everything. */
static void test_many_to_one(void)
{
    struct county c;
    char data[300];
    const struct sw_message_row *m;

    open_rotation(&c);
    for (int i = 0; i < WITH_CASES; i++)
        tell(&c, say(data, "\"household\":\"H%d\",\"cadre\":\"C%d\"", i, NEWCOMERS),
             "registry.assignment", "assignment/A", i);
    pass_to(&c, sw_engine_next(c.e));
    is_int_named((int64_t)c.fx.messages.n, 1, "one message for two hundred cases");
    m = c.fx.messages.at;
    ok_named(memmem(m->body.p, m->body.n, "200件", strlen("200件")) != NULL, "it says how many");
    ok_named(memmem(m->body.p, m->body.n, "100、101、102、103等", strlen("100、101、102、103等")) !=
                 NULL,
             "and names the first");
    close_county(&c);
}

/* ---- copies, routes, lists ----------------------------------------------------------------- */

static void test_routes(void)
{
    struct county c;

    open_county(&c);
    add_cadres(&c, 0, CADRES);
    change_team(&c, 0, 0, -1);
    change_team(&c, 1, 1, -1);
    change_team(&c, 2, 2, EDU);
    tell(&c, "\"area\":\"610999101201\",\"team\":\"T0\"", "registry.assignment", "assignment/A", 0);
    tell(&c, "\"area\":\"610999101000\",\"team\":\"T1\"", "registry.assignment", "assignment/A", 1);
    tell(&c, "\"area\":\"610999000000\",\"team\":\"T2\"", "registry.assignment", "assignment/A", 2);
    tell(&c, "\"area\":\"610999101201\",\"poor\":true", "registry.household", "household/H", 0);
    tell(&c, "\"household\":\"H0\",\"cadre\":\"C5\"", "registry.assignment", "assignment/A", 5);
    tell(&c, "\"paid\":1", "bill", "household/H", 0);
    is_int_named((int64_t)c.texts, 2, "yellow: the cadre and the team");
    is_int(number_of(c.e->cases[0].owner), 5);
    tell(&c, "\"paid\":2", "bill", "household/H", 0);
    is_int_named(number_of(c.e->cases[0].owner), 1, "red: the township owns it");
    is_int_named((int64_t)c.texts, 2 + 4,
                 "the cadre and the team are told, the department has a copy");
    is_int_named(c.alerted[2], 0, "a copy is no alert");
    is_str_named(sw_str(c.last_to), "13800138002", "a department's team has it");
    ok_named(!sw_has_charge(c.e, &c.e->cases[0], 7), "who has no part in it may not answer");
    close_county(&c);
}

/* Other rules become active, as the log has it. */
static void change_rules(struct county *c, struct sw_ruleset *rules)
{
    SW_ASSERT(rules != NULL);
    sw_engine_set_rules(c->e, sw_ruleset_ref(rules));
    feed(c, SW_IN_RULES, sw_str(sw_ruleset_digest(rules)));
    sw_ruleset_free(c->rules);
    c->rules = rules;
}

/* A case that is over has a route and a role, too: the village's team may still contradict. */
static void test_routes_gone(void)
{
    struct sw_diag diag = {0};
    struct county c;
    char data[300];

    open_county(&c);
    add_cadres(&c, 0, CADRES);
    for (int t = 0; t < 3; t++) {
        static const char *const places[] = {"610999101201", "610999101000", "610999000000"};

        change_team(&c, t, t, -1);
        tell(&c, say(data, "\"area\":\"%s\",\"team\":\"T%d\"", places[t], t), "registry.assignment",
             "assignment/T", t);
    }
    for (int h = 0; h < 2; h++) {
        tell(&c, "\"area\":\"610999101201\"", "registry.household", "household/H", h);
        tell(&c, say(data, "\"household\":\"H%d\",\"cadre\":\"C5\"", h), "registry.assignment",
             "assignment/H", h);
        tell(&c, "\"paid\":1", "bill", "household/H", h);
    }
    tell(&c, "\"paid\":2", "bill", "household/H", 1);
    is_int_named(number_of(c.e->cases[0].owner), 5, "the first is the cadre's");
    is_int_named(number_of(c.e->cases[1].owner), 1, "the red one the township's");
    for (int i = 0; i < 2; i++)
        tell(&c, "\"act\":\"not_true\",\"by\":\"C5\",\"reason\":\"误报\"", "case.act", "case/",
             FIRST_CASE + i);
    is_int_named(c.e->n_open, 0, "both are over");
    change_rules(&c, build_rules((struct rule_file[]){{"rules.yaml", sw_str(rules_text)},
                                                      {"schema.yaml", sw_str(schema_text)}},
                                 2, &diag));
    is_int_named((int64_t)c.rules->routing.n_routes, 1, "the new rules have one route");
    for (int i = 0; i < 2; i++)
        tell(&c, "\"act\":\"needs_help\",\"by\":\"C0\"", "case.act", "case/", FIRST_CASE + i);
    is_int_named(c.e->n_open, 2, "contradicted: open again");
    is_int_named(number_of(c.e->cases[0].owner), 1, "the cadre's is the township's now");
    is_int_named(number_of(c.e->cases[1].owner), 2, "the township's the county's");
    sw_diag_free(&diag);
    close_county(&c);
}

/* needs_owner chooses who is listed; the county is told once when the number changes. */
static void test_missing(void)
{
    struct county c;
    struct sw_buf list = {0};

    open_county(&c);
    add_cadres(&c, 0, CADRES);
    change_team(&c, 0, 0, -1);
    tell(&c, "\"area\":\"610999000000\",\"team\":\"T0\"", "registry.assignment", "assignment/A", 0);
    tell(&c, "\"area\":\"610999101201\",\"poor\":true", "registry.household", "household/H", 0);
    tell(&c, "\"area\":\"610999101201\",\"poor\":false", "registry.household", "household/H", 1);
    sw_engine_ownerless(c.e, 10, &list);
    ok_named(strstr(list.p, "\"H0\"") != NULL && strstr(list.p, "\"H1\"") == NULL,
             "by needs_owner");
    ok_named(strstr(list.p, "\"role\":\"县专干\"") != NULL, "it says who stands in");
    pass_to(&c, at(&c, "2026-03-03", 9, 0));
    is_int_named((int64_t)c.owners, 1, "the county is told the next morning");
    is_int(c.e->people.missing, 1);
    pass_to(&c, at(&c, "2026-03-20", 9, 0));
    is_int_named((int64_t)c.owners, 1, "once");
    tell(&c, "\"area\":\"610999101201\",\"poor\":true", "registry.household", "household/H", 1);
    pass_to(&c, at(&c, "2026-03-21", 9, 0));
    is_int_named((int64_t)c.owners, 2, "and again when there are more");
    tell(&c, "\"household\":\"H0\",\"cadre\":\"C5\"", "registry.assignment", "assignment/A", 5);
    tell(&c, "\"household\":\"H1\",\"cadre\":\"C5\"", "registry.assignment", "assignment/A", 6);
    pass_to(&c, at(&c, "2026-03-22", 9, 0));
    is_int_named((int64_t)c.owners, 2, "not when there is nobody any more");
    is_int(c.e->people.missing, 0);
    sw_buf_free(&list);
    close_county(&c);
}

int main(void)
{
    test_any_changes();
    test_rotation_at_midnight();
    test_rotation_by_table();
    test_many_to_one();
    test_routes();
    test_routes_gone();
    test_missing();
    return done_testing();
}
