/* keys.c - what the files of a rule folder may hold. Loaders read by these tables, and
 * `shouwang schema` prints them. */
#include "testrun.h"
#include <shouwang/base/i18n.h>

enum { HOURS_MAX = 720 };

static const struct sw_key any_text = {.kind = SW_KEY_TEXT};
static const struct sw_key any_scalar = {.kind = SW_KEY_SCALAR};
static const struct sw_key an_expression = {.kind = SW_KEY_EXPRESSION};
static const struct sw_key a_number = {.kind = SW_KEY_NUMBER};

/* ---- rule files --------------------------------------------------------------------------- */

static const struct sw_key category[] = {
    {.name = "label",
     SW_INTO(struct sw_category, label),
     .required = true,
     .help = N_("what people read")},
    {.name = "cap",
     SW_INTO(struct sw_category, cap),
     .kind = SW_KEY_NUMBER,
     .hi = 1000,
     .required = true,
     .help = N_("most points that the rules of this category give together")},
};
const struct sw_keys sw_category_keys = {SW_TABLE("category", category)};

static const struct sw_key level[] = {
    {.name = "label",
     SW_INTO(struct sw_level, label),
     .required = true,
     .help = N_("what people read")},
    {.name = "enter",
     SW_INTO(struct sw_level, enter),
     .kind = SW_KEY_NUMBER,
     .hi = 1000,
     .required = true,
     .help = N_("from so many points on a household has this level")},
    {.name = "leave",
     SW_INTO(struct sw_level, leave),
     .kind = SW_KEY_NUMBER,
     .hi = 1000,
     .required = true,
     .help = N_("below so many points, and for `hold` days, it loses the level")},
    {.name = "hold",
     SW_INTO(struct sw_level, hold),
     .kind = SW_KEY_DAYS,
     .help = N_("days below `leave` before the level is lost")},
    {.name = "cooldown",
     SW_INTO(struct sw_level, cooldown),
     .kind = SW_KEY_DAYS,
     .help = N_("days without another alert of the same level")},
};
const struct sw_keys sw_level_keys = {SW_TABLE("level", level)};

static const char *const kinds[] = {"risk", "task", NULL};
const char *const sw_subject_names[SUBJECT_KINDS + 1] = {"household", "village", "township",
                                                         "county"};
static const char *const receivers[] = {"team", "owner", NULL};
static const char *const on_unknown[] = {"task", "true", "false", NULL}; /* enum sw_on_unknown */

static const struct sw_key own_deadline[] = {
    {.name = "days",
     SW_INTO(struct sw_rule, deadline.term.days),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = SW_WORKING_DAYS_MAX,
     .choice = true,
     .help = N_("working days after the day of the alert, by calendar.yaml")},
    {.name = "hours",
     SW_INTO(struct sw_rule, deadline.term.hours),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = HOURS_MAX,
     .choice = true,
     .help = N_("hours after the alert, on whatever day")},
    {.name = "work_hours",
     SW_INTO(struct sw_rule, deadline.term.work_hours),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = HOURS_MAX,
     .choice = true,
     .help = N_("hours of working time after the alert, by calendar.yaml")},
    {.name = "text",
     SW_INTO(struct sw_rule, deadline.text),
     .lo = 1,
     .help = N_("the words in the message; without them they are made from the number")},
};
static const struct sw_keys own_deadline_keys = {SW_TABLE("rule_deadline", own_deadline)};

static const struct sw_keys let = {.name = "let", .other = &an_expression};

static const struct sw_key rule[] = {
    {.name = "rule",
     SW_INTO(struct sw_rule, name),
     .lo = 1,
     .required = true,
     .help = N_("the rule's name, for fired() and reports")},
    {.name = "label",
     SW_INTO(struct sw_rule, label),
     .required = true,
     .help = N_("what people read")},
    {.name = "category",
     .required = true,
     .unless_key = "kind",
     .unless_word = "task",
     .help = N_("the category its points count in")},
    {.name = "kind",
     SW_INTO(struct sw_rule, task),
     .kind = SW_KEY_WORD,
     .words = kinds,
     .help = N_("risk: gives points; task: gives work to do and no points")},
    {.name = "let",
     .kind = SW_KEY_MAP,
     .of = &let,
     .help = N_("names for parts of this rule's expressions")},
    {.name = "when",
     .kind = SW_KEY_EXPRESSION,
     .required = true,
     .help = N_("the condition: an expression that is true or false")},
    {.name = "clear",
     .kind = SW_KEY_EXPRESSION,
     .help = N_("the condition that ends it; without one, when `when` is no longer true")},
    {.name = "for",
     SW_INTO(struct sw_rule, wait),
     .kind = SW_KEY_DAYS,
     .help = N_("days the condition has to hold before it counts")},
    {.name = "keep",
     SW_INTO(struct sw_rule, keep),
     .kind = SW_KEY_DAYS,
     .help = N_("days it goes on counting when the condition no longer holds")},
    {.name = "score",
     .kind = SW_KEY_EXPRESSION,
     .required = true,
     .unless_key = "kind",
     .unless_word = "task",
     .help = N_("points: a number or an expression")},
    {.name = "hard", .help = N_("the level a household has at least while this rule holds")},
    {.name = "unknown",
     SW_INTO(struct sw_rule, unknown),
     .kind = SW_KEY_WORD,
     .words = on_unknown,
     .help = N_("when facts are missing: task asks somebody to find out; true and false decide")},
    {.name = "message",
     .required = true,
     .help = N_("why, for people; {{expression}} is filled in")},
    {.name = "sms",
     SW_INTO(struct sw_rule, sms),
     .hi = SMS_CAUSE_MAX,
     .help = N_("the cause in a text message; nothing private")},
    {.name = "tell",
     SW_INTO(struct sw_rule, owner_alone),
     .kind = SW_KEY_WORD,
     .words = receivers,
     .help = N_("team: the household's cadre and the village's team; owner: the cadre alone, where "
                "there is one, as another rule tells the team of the whole village")},
    {.name = "cooldown",
     SW_INTO(struct sw_rule, cooldown),
     .kind = SW_KEY_DAYS,
     .help = N_("days without another message because of this rule")},
    {.name = "deadline",
     .kind = SW_KEY_MAP,
     .of = &own_deadline_keys,
     .help = N_("time to act on an alert by this rule, where that is less than the level leaves")},
    {.name = "from",
     SW_INTO(struct sw_rule, from),
     .kind = SW_KEY_DATE,
     .help = N_("first day on which the rule holds")},
    {.name = "until",
     SW_INTO(struct sw_rule, until),
     .kind = SW_KEY_DATE,
     .help = N_("last day on which the rule holds")},
    {.name = "enabled",
     SW_INTO(struct sw_rule, enabled),
     .kind = SW_KEY_BOOL,
     .help = N_("false: switched off")},
    {.name = "version", .help = N_("for your own records")},
    {.name = "owner", .help = N_("who answers for this rule")},
    {.name = "tags",
     SW_INTO(struct sw_rule, tags),
     .kind = SW_KEY_LIST,
     .item = &any_text,
     .help = N_("words to group rules by; count_fired(\"word\") counts them")},
    {.name = "subject",
     SW_INTO(struct sw_rule, subject),
     .kind = SW_KEY_WORD,
     .words = sw_subject_names,
     .help = N_("whom the rule is about: each household, or each village, township or county")},
    {.name = "list",
     .kind = SW_KEY_EXPRESSION,
     .help = N_("of an area's rule: which of its households to look at, a condition on one")},
    {.name = "daily",
     SW_INTO(struct sw_rule, daily),
     .kind = SW_KEY_BOOL,
     .help =
         N_("true: of an area's rule that counts what comes every day: judged the day after, not "
            "with each event")},
    {.name = "tests",
     .kind = SW_KEY_LIST,
     .item = &sw_one_test,
     .later = true,
     .help = N_("made-up households, what happens to them and what the rule must say")},
};
const struct sw_keys sw_rule_keys = {SW_TABLE("rule", rule)};

static const struct sw_key one_category = {.kind = SW_KEY_MAP, .of = &sw_category_keys};
static const struct sw_keys categories = {.name = "categories", .other = &one_category};
static const struct sw_key one_level = {.kind = SW_KEY_MAP, .of = &sw_level_keys};
static const struct sw_keys levels = {.name = "levels", .other = &one_level};
static const struct sw_key one_list = {.kind = SW_KEY_LIST, .item = &any_scalar};
static const struct sw_keys lists = {.name = "lists", .other = &one_list};
static const struct sw_keys macros = {.name = "macros", .other = &an_expression};
static const struct sw_key one_rule = {.kind = SW_KEY_MAP, .of = &sw_rule_keys};
static const struct sw_keys test_params = {.name = "test_params", .other = &a_number};

static const struct sw_key period[] = {
    {.name = "from",
     SW_INTO(struct sw_rule_file, from),
     .kind = SW_KEY_DATE,
     .help = N_("first day")},
    {.name = "until",
     SW_INTO(struct sw_rule_file, until),
     .kind = SW_KEY_DATE,
     .help = N_("last day")},
};
static const struct sw_keys effective = {SW_TABLE("effective", period)};

static const struct sw_key rule_file[] = {
    {.name = "ruleset",
     SW_INTO(struct sw_rule_file, ruleset),
     .help = N_("what this collection of rules is called; every case names it")},
    {.name = "version",
     SW_INTO(struct sw_rule_file, version),
     .help = N_("of this collection; every case names it")},
    {.name = "effective",
     .kind = SW_KEY_MAP,
     .of = &effective,
     .help = N_("the days on which these rules hold")},
    {.name = "schema",
     SW_INTO(struct sw_rule_file, schema),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = 1000000,
     .help = N_("the number of the schema.yaml these rules were written for")},
    {.name = "categories",
     .kind = SW_KEY_MAP,
     .of = &categories,
     .later = true,
     .help = N_("classes of causes, each with a cap on its points")},
    {.name = "levels",
     .kind = SW_KEY_MAP,
     .of = &levels,
     .later = true,
     .help = N_("levels of alerts from the lowest up; in one file only")},
    {.name = "lists",
     .kind = SW_KEY_MAP,
     .of = &lists,
     .help = N_("named lists of values, for `in`")},
    {.name = "macros",
     .kind = SW_KEY_MAP,
     .of = &macros,
     .help = N_("named expressions that every rule may use")},
    {.name = "rules",
     .kind = SW_KEY_LIST,
     .item = &one_rule,
     .later = true,
     .help = N_("the rules")},
    {.name = "tests",
     .kind = SW_KEY_LIST,
     .item = &sw_one_test,
     .later = true,
     .help = N_("tests of all rules together")},
    {.name = "test_params",
     .kind = SW_KEY_MAP,
     .of = &test_params,
     .help = N_("parameters as this file's tests were written for, whatever params.yaml says")},
};
const struct sw_keys sw_rule_file_keys = {SW_TABLE("rules", rule_file)};

/* ---- params.yaml -------------------------------------------------------------------------- */

static const struct sw_key dated[] = {
    {.name = "from",
     SW_INTO(struct sw_dated, from),
     .kind = SW_KEY_DATE,
     .help = N_("first day; without one, ever since")},
    {.name = "value",
     .kind = SW_KEY_NUMBER,
     .required = true,
     .help = N_("what holds from that day on")},
    {.name = "source",
     SW_INTO(struct sw_dated, source),
     .help = N_("the paper or decision the number comes from")},
};
const struct sw_keys sw_dated_keys = {SW_TABLE("dated_value", dated)};

static const struct sw_key one_dated = {.kind = SW_KEY_MAP, .of = &sw_dated_keys};

static const struct sw_key param[] = {
    {.name = "label", SW_INTO(struct sw_param, label), .help = N_("what people read")},
    {.name = "unit",
     SW_INTO(struct sw_param, unit),
     .help = N_("元 is money; any other unit is a number")},
    {.name = "value", .kind = SW_KEY_NUMBER, .choice = true, .help = N_("the number itself")},
    {.name = "values",
     .kind = SW_KEY_LIST,
     .item = &one_dated,
     .later = true,
     .choice = true,
     .help = N_("numbers with their first days")},
    {.name = "min",
     .kind = SW_KEY_NUMBER,
     .required = true,
     .help = N_("the least that is allowed")},
    {.name = "max",
     .kind = SW_KEY_NUMBER,
     .required = true,
     .help = N_("the most that is allowed")},
    {.name = "source",
     SW_INTO(struct sw_param, source),
     .help = N_("the paper or decision the number comes from")},
};
const struct sw_keys sw_param_keys = {SW_TABLE("parameter", param)};

static const struct sw_key one_param = {
    .kind = SW_KEY_MAP, .of = &sw_param_keys, .later = true, .help = N_("a parameter")};

static const struct sw_key params_file[] = {
    {.name = "params",
     SW_INTO(struct sw_ruleset, params_version),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = INT32_MAX,
     .help = N_("the number of this edition")},
};
const struct sw_keys sw_params_keys = {SW_TABLE("params", params_file), .other = &one_param,
                                       .names = SW_NAMES_WORDS};

/* ---- areas.yaml --------------------------------------------------------------------------- */

static const struct sw_keys values = {.name = "values", .other = &a_number};

static const struct sw_key override[] = {
    {.name = "area",
     SW_INTO(struct sw_override, area),
     .required = true,
     .help = N_("the place: its name or its code of 12 digits")},
    {.name = "from",
     SW_INTO(struct sw_override, from),
     .kind = SW_KEY_DATE,
     .help = N_("first day")},
    {.name = "until",
     SW_INTO(struct sw_override, until),
     .kind = SW_KEY_DATE,
     .help = N_("last day")},
    {.name = "set",
     .kind = SW_KEY_MAP,
     .of = &values,
     .required = true,
     .help = N_("the parameters that differ there, each with its value")},
    {.name = "reason",
     SW_INTO(struct sw_override, reason),
     .required = true,
     .help = N_("why it differs")},
    {.name = "by",
     SW_INTO(struct sw_override, by),
     .help = N_("the meeting or paper that decided it")},
};
const struct sw_keys sw_override_keys = {SW_TABLE("override", override)};

static const struct sw_key one_override = {.kind = SW_KEY_MAP, .of = &sw_override_keys};

static const struct sw_key areas_file[] = {
    {.name = "overrides",
     .kind = SW_KEY_LIST,
     .item = &one_override,
     .later = true,
     .help = N_("places with parameters of their own")},
};
const struct sw_keys sw_areas_keys = {SW_TABLE("areas", areas_file)};

/* ---- messages.yaml ------------------------------------------------------------------------ */

#define WORDING(field, text)                                                                       \
    {                                                                                              \
        .name = #field, SW_INTO(struct sw_wording, field), .help = text                            \
    }

static const struct sw_key deadline[] = {
    {.name = "text",
     SW_INTO(struct sw_deadline, text),
     .lo = 1,
     .required = true,
     .help = N_("the words in the message")},
    {.name = "days",
     SW_INTO(struct sw_deadline, term.days),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = SW_WORKING_DAYS_MAX,
     .choice = true,
     .help = N_("working days after the day of the alert, by calendar.yaml")},
    {.name = "hours",
     SW_INTO(struct sw_deadline, term.hours),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = HOURS_MAX,
     .choice = true,
     .help = N_("hours after the alert, on whatever day")},
    {.name = "work_hours",
     SW_INTO(struct sw_deadline, term.work_hours),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = HOURS_MAX,
     .choice = true,
     .help = N_("hours of working time after the alert, by calendar.yaml")},
};
const struct sw_keys sw_deadline_keys = {SW_TABLE("deadline", deadline)};

static const struct sw_key counted_deadline = {
    .kind = SW_KEY_MAP, .of = &sw_deadline_keys, .later = true};
static const struct sw_key one_deadline = {.or_else = &counted_deadline};
static const struct sw_keys deadlines = {.name = "deadlines", .other = &one_deadline};

/* mail_rules.c reads what is inside. */
#define PART(part, text)                                                                           \
    {                                                                                              \
        .name = #part, .kind = SW_KEY_MAP, .of = &sw_##part##_keys, .later = true, .help = text    \
    }

static const struct sw_key messages_file[] = {
    WORDING(signature, N_("who sends, in front of every text message")),
    WORDING(alert, N_("a new alert")),
    WORDING(rise, N_("a case that rose to a higher level")),
    WORDING(cause, N_("a new cause at the same level")),
    WORDING(withdrawn, N_("the causes were taken back")),
    WORDING(remind, N_("to the owner: nobody has answered yet; {{left}}: how much time is left")),
    WORDING(escalate, N_("to the team of the next area upwards: nobody has answered")),
    WORDING(area_alert, N_("a new alert about a place; {{count}}: households to look at")),
    WORDING(area_rise, N_("a place's case that rose to a higher level")),
    WORDING(area_cause, N_("a new cause in a place's case")),
    WORDING(area_withdrawn, N_("the causes of a place's case were taken back")),
    WORDING(area_remind, N_("remind, of a place's case")),
    WORDING(area_escalate, N_("escalate, of a place's case")),
    WORDING(copy, N_("a copy of an alert, for who need not answer")),
    WORDING(area_copy, N_("a copy of a place's alert")),
    WORDING(handover, N_("a case that is somebody else's now")),
    WORDING(area_handover, N_("a place's case that is somebody else's now")),
    WORDING(handover_many, N_("several cases at once; {{count}}, {{cases}}: their numbers")),
    WORDING(owners_missing,
            N_("households without owner; {{count}}, {{cases}}: open cases that are nobody's")),
    WORDING(phones_bad, N_("numbers that nothing reaches; {{count}}, {{names}}: whose")),
    WORDING(many, N_("several cases of one cause in one place; {{count}}, {{cases}}")),
    WORDING(digest, N_("a morning's digest of what was too much; {{count}}, {{cases}}")),
    WORDING(
        storm_alert,
        N_("a rule gives far more alerts than usual; {{rule}}, {{count}}, {{usual}}, {{number}}")),
    WORDING(feed_alert,
            N_("a department is silent, or its data look wrong; {{feed}}, {{trouble}}")),
    WORDING(feeds_alert, N_("several departments at once; {{count}}, {{feed}}: their names")),
    WORDING(clarify, N_("a reply that was not understood")),
    WORDING(clarify_many, N_("a reply without number from somebody with several cases")),
    WORDING(nothing_open, N_("a reply from somebody without an open case")),
    WORDING(ask, N_("who acts next on a case; {{state}}, {{until}}")),
    WORDING(area_ask, N_("who acts next on a place's case")),
    WORDING(refused, N_("an answer that the case does not allow now; {{why}}")),
    WORDING(why, N_("asks for the reason behind an answer; {{reasons}}: the list of cases.yaml")),
    WORDING(words, N_("asks for the words behind an answer; {{digit}}")),
    WORDING(reply, N_("what the digits of a reply mean")),
    {.name = "deadline",
     .kind = SW_KEY_MAP,
     .of = &deadlines,
     .help = N_("by level, until when to visit: words, or days or hours that are counted")},
    {.name = "clocks",
     .kind = SW_KEY_MAP,
     .of = &sw_clocks_keys,
     .help = N_("by level, or all: when to remind and to escalate while nobody answers")},
    PART(quiet, N_("hours in which nobody is written to but about the highest level")),
    PART(budget, N_("how many texts a person gets, and when the digest of the rest goes out")),
    PART(group, N_("many cases of one cause in one village make one text")),
    PART(storm, N_("when a rule's alerts are held for a supervisor")),
    PART(silence, N_("how broad and how long a silence may be")),
};
const struct sw_keys sw_messages_keys = {SW_TABLE("messages", messages_file)};
