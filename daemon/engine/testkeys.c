/* testkeys.c - what a test of a rule may hold, in rule files and in files of their own. */
#include "testrun.h"
#include <shouwang/base/i18n.h>

static const struct sw_key any_text = {.kind = SW_KEY_TEXT, .lo = 1};
static const struct sw_key any_scalar = {.kind = SW_KEY_SCALAR};
static const struct sw_key a_number = {.kind = SW_KEY_NUMBER};

/* ---- what happens ------------------------------------------------------------------------- */

static const struct sw_keys facts = {.name = "test_facts", .other = &any_scalar};
static const struct sw_key some_facts = {.kind = SW_KEY_MAP, .of = &facts};
static const struct sw_keys named = {.name = "test_facts_by_name", .other = &some_facts};

static const struct sw_key several = {
    .kind = SW_KEY_LIST, .item = &any_text, SW_INTO(struct sw_moment, of)};

static const struct sw_key event[] = {
    {.name = "on",
     SW_INTO(struct sw_moment, on),
     .kind = SW_KEY_DATE,
     .required = true,
     .help = N_("the day it happened")},
    {.name = "recorded",
     SW_INTO(struct sw_moment, day),
     .kind = SW_KEY_DATE,
     .help = N_("the day it became known, when that was later")},
    {.name = "id",
     SW_INTO(struct sw_moment, id),
     .kind = SW_KEY_SCALAR,
     .help = N_("a name to take it back by")},
    {.name = "reverses",
     SW_INTO(struct sw_moment, reverses),
     .kind = SW_KEY_SCALAR,
     .help = N_("the id of the event this one takes back")},
    {.name = "area",
     SW_INTO(struct sw_moment, area),
     .kind = SW_KEY_SCALAR,
     .help = N_("where it happened, if not in the household's village")},
    {.name = "of",
     SW_INTO(struct sw_moment, of),
     .kind = SW_KEY_SCALAR,
     .or_else = &several,
     .help = N_("whose event it is: a household's name, or a list of them")},
    {.name = "household",
     .kind = SW_KEY_MAP,
     .of = &facts,
     .help = N_("facts of the household that change on this day")},
    {.name = "members",
     .kind = SW_KEY_MAP,
     .of = &named,
     .help = N_("facts of persons that change on this day")},
};
const struct sw_keys sw_event_keys = {SW_TABLE("test_event", event), .other = &some_facts,
                                      .names = SW_NAMES_DOTTED};
static const struct sw_key one_event = {.kind = SW_KEY_MAP, .of = &sw_event_keys};

static const struct sw_key a_date = {.kind = SW_KEY_DATE};
static const struct sw_keys heard = {.name = "test_stale", .other = &a_date};

/* ---- what should be ----------------------------------------------------------------------- */

static const char *const truths[] = {"false", "true", "unknown", NULL};
static const char *const on_off[] = {"on", "off", NULL};

static const struct sw_key expectation[] = {
    {.name = "points",
     .kind = SW_KEY_NUMBER,
     .help = N_("points the rule gives; 0 when it is off")},
    {.name = "truth", .kind = SW_KEY_WORD, .words = truths, .help = N_("the rule's condition")},
    {.name = "task",
     .kind = SW_KEY_BOOL,
     .help = N_("whether the rule has asked somebody to find out or to do something")},
    {.name = "message", .help = N_("the rule's message, filled in")},
    {.name = "listed",
     .kind = SW_KEY_LIST,
     .item = &any_text,
     .help = N_("the households that the rule about an area lists, in any order")},
    {.name = "score",
     .kind = SW_KEY_NUMBER,
     .help = N_("the score of the household, or of the area the rule is about")},
    {.name = "level", .help = N_("its level; none when it has none")},
    {.name = "alert", .help = N_("the level of an alert made on this very day; none: no alert")},
    {.name = "of", .help = N_("another household than the test's own, or another area")},
};
static const struct sw_keys expectations = {SW_TABLE("test_expectation", expectation)};
static const struct sw_key expected_map = {.kind = SW_KEY_MAP, .of = &expectations};
static const struct sw_key expected_number = {.kind = SW_KEY_NUMBER, .or_else = &expected_map};
static const struct sw_key expected_word = {
    .kind = SW_KEY_WORD, .words = on_off, .or_else = &expected_number};
static const struct sw_key expected_list = {.kind = SW_KEY_LIST, .item = &expected_word};
static const struct sw_key list_or_map = {
    .kind = SW_KEY_MAP, .of = &expectations, .or_else = &expected_list};
static const struct sw_key list_or_number = {.kind = SW_KEY_NUMBER, .or_else = &list_or_map};
static const struct sw_key one_day = {
    .kind = SW_KEY_WORD, .words = on_off, .or_else = &list_or_number};
static const struct sw_keys days = {
    .name = "test_expect", .other = &one_day, .names = SW_NAMES_DATES};

/* ---- a test ------------------------------------------------------------------------------- */

static const struct sw_key test[] = {
    {.name = "name", SW_INTO(struct sw_test, what.name), .help = N_("what it shows, in a line")},
    {.name = "rule",
     SW_INTO(struct sw_test, named),
     .kind = SW_KEY_SCALAR,
     .help = N_("the rule whose on, off and points are meant, when the test stands in none")},
    {.name = "household",
     SW_INTO(struct sw_test, household),
     .kind = SW_KEY_MAP,
     .of = &facts,
     .help = N_("facts of the household the test is about")},
    {.name = "households",
     SW_INTO(struct sw_test, households),
     .kind = SW_KEY_MAP,
     .of = &named,
     .help = N_("further households, by a name of your own, with their facts")},
    {.name = "members",
     SW_INTO(struct sw_test, members),
     .kind = SW_KEY_MAP,
     .of = &named,
     .help = N_("persons of the household, with what is known of them")},
    {.name = "stale",
     SW_INTO(struct sw_test, stale),
     .kind = SW_KEY_MAP,
     .of = &heard,
     .help = N_("feeds that are silent, each with the day it was last heard of; all others are "
                "heard of every day")},
    {.name = "events",
     SW_INTO(struct sw_test, events),
     .kind = SW_KEY_LIST,
     .item = &one_event,
     .later = true,
     .help = N_("what happens, with its days")},
    {.name = "expect",
     SW_INTO(struct sw_test, expect),
     .kind = SW_KEY_MAP,
     .of = &days,
     .required = true,
     .help = N_("days, each with what should be at its end")},
    {.name = "interval", .refused = N_("days pass one by one; each event says on: DATE")},
    {.name = "start_timestamp", .refused = N_("days pass one by one; each event says on: DATE")},
    {.name = "input_series",
     .refused = N_("what happens stands under events: [{on: DATE, medical.bill: {…}}]")},
    {.name = "alert_rule_test", .refused = N_("what should be stands under expect: {DATE: on}")},
    {.name = "promql_expr_test",
     .refused = N_("expect: {DATE: {truth: true}} asks for a rule's condition")},
};
const struct sw_keys sw_test_keys = {SW_TABLE("test", test)};
const struct sw_key sw_one_test = {.kind = SW_KEY_MAP, .of = &sw_test_keys};

/* ---- a file of tests ---------------------------------------------------------------------- */

static const struct sw_keys test_params = {.name = "test_params", .other = &a_number};

static const struct sw_key file[] = {
    {.name = "rule_files",
     SW_INTO(struct sw_test_file, rule_files),
     .kind = SW_KEY_LIST,
     .item = &any_text,
     .help =
         N_("the folder of rules to test, or rule files of one folder, from this file's folder")},
    {.name = "test_params",
     SW_INTO(struct sw_test_file, params),
     .kind = SW_KEY_MAP,
     .of = &test_params,
     .help = N_("parameters as this file's tests were written for, whatever params.yaml says")},
    {.name = "tests",
     SW_INTO(struct sw_test_file, list),
     .kind = SW_KEY_LIST,
     .item = &sw_one_test,
     .required = true,
     .later = true,
     .help = N_("tests of rules, and of all rules together")},
    {.name = "evaluation_interval",
     .refused = N_("rules are judged day by day, there is no interval; leave this key out")},
    {.name = "group_eval_order",
     .refused = N_("there are no groups: a rule comes after those it asks about with fired(); "
                   "leave this key out")},
    {.name = "fuzzy_compare",
     .refused = N_("points are compared to the hundredth; leave this key out")},
    {.name = "groups", .refused = N_("rules stand in rule files; rule_files: names their folder")},
    {.name = "rules",
     .refused = N_("this is a rule file; name its folder instead to run the tests in it")},
};
const struct sw_keys sw_test_file_keys = {SW_TABLE("tests", file)};
