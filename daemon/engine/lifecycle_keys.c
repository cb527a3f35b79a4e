/* lifecycle_keys.c - what cases.yaml may hold. The loader reads by these tables, and
 * `shouwang schema cases` prints them. */
#include "lifecycle_file.h"
#include <shouwang/base/i18n.h>

enum { HOURS_MAX = 720, LABEL_MAX = 12 };

const char *const sw_life_events[] = {
    [ON_ACKNOWLEDGED] = "acknowledged",
    [ON_NEEDS_HELP] = "needs_help",
    [ON_HELPED] = "helped",
    [ON_NOT_TRUE] = "not_true",
    [ON_UNREACHED] = "unreached",
    [ON_PASSED_UP] = "passed_up",
    [ON_MEASURE] = "measure",
    [ON_GREEN] = "green",
    [ON_PAPERS] = "papers",
    [ON_APPLIED] = "applied",
    [ON_AGREED] = "agreed",
    [ON_DISAGREED] = "disagreed",
    [ON_PROPOSED] = "proposed",
    [ON_CONTRADICTED] = "contradicted",
    [ON_RELAPSED] = "relapsed",
    [ON_DUE] = "due",
    [ON_MERGED] = "merged",
    [ON_DISCARDED] = "discarded",
    [ON_PAST] = "past",
    [CASE_EVENTS] = NULL,
};

const char *const sw_life_event_labels[] = {
    [ON_ACKNOWLEDGED] = "收到", [ON_NEEDS_HELP] = "属实需帮扶", [ON_HELPED] = "属实已帮扶",
    [ON_NOT_TRUE] = "不属实",   [ON_UNREACHED] = "未遇到人",    [ON_PASSED_UP] = "上交",
    [ON_MEASURE] = "落实措施",  [ON_GREEN] = "绿色通道",        [ON_PAPERS] = "补齐手续",
    [ON_APPLIED] = "申请纳入",  [ON_AGREED] = "同意",           [ON_DISAGREED] = "不同意",
    [ON_PROPOSED] = "提出解除",
};

const char *const sw_life_roles[] = {
    [ROLE_KEEP] = "keep",         [ROLE_CADRE] = "cadre",   [ROLE_TEAM] = "team",
    [ROLE_TOWNSHIP] = "township", [ROLE_COUNTY] = "county", [ROLE_ABOVE] = "above",
    [ROLE_OTHER] = "other",       [LIFE_ROLES] = NULL,
};

const char *const sw_life_role_labels[] = {
    [ROLE_KEEP] = "不变",
    [ROLE_CADRE] = "帮扶责任人",
    [ROLE_TEAM] = "驻村工作队",
    [ROLE_TOWNSHIP] = "乡镇",
    [ROLE_COUNTY] = "县",
    [ROLE_ABOVE] = "上一级",
    [ROLE_OTHER] = "提出人以外的人",
};

static const char *const actions[] = {
    [DO_NOTHING] = "none",    [DO_HAND_UP] = "hand_up", [DO_MEASURE] = "measure",
    [DO_PROPOSE] = "propose", [DO_RETURN] = "return",   [DO_NEXT_CHECK] = "next_check",
    [LIFE_ACTIONS] = NULL,
};
static const char *const clocks[] = {
    [CLOCK_KEEP] = "keep", [CLOCK_ALERT] = "alert", [CLOCK_CHECKS] = "rechecks", NULL};
static const char *const persons[] = {"cadre", "team", "township", "county", NULL};

static const struct sw_key a_name = {.kind = SW_KEY_TEXT};
static const struct sw_key a_label = {.kind = SW_KEY_TEXT, .lo = 1, .hi = LABEL_MAX};
static const struct sw_key an_event = {.kind = SW_KEY_WORD, .words = sw_life_events};
static const struct sw_key a_person = {.kind = SW_KEY_WORD, .words = persons};
static const struct sw_key some_days = {.kind = SW_KEY_DAYS};

#define TIME(type, before)                                                                         \
    {.name = "days",                                                                               \
     SW_INTO(type, before days),                                                                   \
     .kind = SW_KEY_INT,                                                                           \
     .lo = 1,                                                                                      \
     .hi = SW_WORKING_DAYS_MAX,                                                                    \
     .choice = true,                                                                               \
     .help = N_("working days after the day on which it began, by calendar.yaml")},                \
        {.name = "hours",                                                                          \
         SW_INTO(type, before hours),                                                              \
         .kind = SW_KEY_INT,                                                                       \
         .lo = 1,                                                                                  \
         .hi = HOURS_MAX,                                                                          \
         .choice = true,                                                                           \
         .help = N_("hours after it began, on whatever day")},                                     \
    {                                                                                              \
        .name = "work_hours", SW_INTO(type, before work_hours), .kind = SW_KEY_INT, .lo = 1,       \
        .hi = HOURS_MAX, .choice = true,                                                           \
        .help = N_("hours of working time after it began, by calendar.yaml")                       \
    }

static const struct sw_key time_keys[] = {TIME(struct sw_term, )};
const struct sw_keys sw_life_time_keys = {SW_TABLE("time", time_keys)};
static const struct sw_key one_time = {.kind = SW_KEY_MAP, .of = &sw_life_time_keys, .later = true};
static const struct sw_keys times_by_level = {.name = "times", .other = &one_time};

static const struct sw_key deadline_keys[] = {
    TIME(struct life_deadline_row, time.),
    {.name = "levels",
     SW_INTO(struct life_deadline_row, levels),
     .kind = SW_KEY_MAP,
     .of = &times_by_level,
     .help = N_("levels that have another time")},
};
const struct sw_keys sw_life_deadline_keys = {SW_TABLE("deadline", deadline_keys)};
static const struct sw_key counted = {SW_INTO(struct life_state_row, counted), .kind = SW_KEY_MAP,
                                      .of = &sw_life_deadline_keys, .later = true};

#define FLAG(type, label, field, text)                                                             \
    {                                                                                              \
        .name = label, SW_INTO(type, field), .kind = SW_KEY_BOOL, .help = text                     \
    }

static const struct sw_key state_keys[] = {
    {.name = "label",
     SW_INTO(struct life_state_row, state.label),
     .lo = 1,
     .hi = LABEL_MAX,
     .required = true,
     .help = N_("what people read")},
    {.name = "role",
     SW_INTO(struct life_state_row, state.role),
     .kind = SW_KEY_WORD,
     .words = sw_life_roles,
     .help = N_("whose the next action is: keep whose it was (also when left out); above: the next "
                "area's upwards; other: who did not propose")},
    {.name = "deadline",
     SW_INTO(struct life_state_row, state.clock),
     .kind = SW_KEY_WORD,
     .words = clocks,
     .or_else = &counted,
     .help = N_("until when: keep as it was (also when left out), alert as messages.yaml says, "
                "rechecks as listed below, or days or hours")},
    {.name = "reply",
     SW_INTO(struct life_state_row, state.reply),
     .help = N_("what the digits mean to who is asked; left out, as messages.yaml says")},
    FLAG(struct life_state_row, "waits", state.waits,
         N_("true: nobody has said yet whether it is true")),
    FLAG(struct life_state_row, "asks", state.asks,
         N_("true: who acts next is told so, and an answer is expected")),
    FLAG(struct life_state_row, "settled", state.settled,
         N_("true: the matter is cleared; what comes now is a relapse")),
    FLAG(struct life_state_row, "end", state.end, N_("true: the case is over")),
};
const struct sw_keys sw_life_state_keys = {SW_TABLE("state", state_keys)};
static const struct sw_key one_state = {
    .kind = SW_KEY_MAP, .of = &sw_life_state_keys, .later = true};
static const struct sw_keys states = {
    .name = "states", .other = &one_state, .names = SW_NAMES_WORDS};
static const struct sw_keys outcomes = {
    .name = "outcomes", .other = &a_label, .names = SW_NAMES_WORDS};
static const struct sw_keys reasons = {.name = "reasons", .other = &a_label};
static const struct sw_keys digits = {.name = "answers", .other = &an_event};

static const struct sw_key measure_keys[] = {
    {.name = "label",
     SW_INTO(struct life_measure_row, label),
     .lo = 1,
     .hi = LABEL_MAX,
     .required = true,
     .help = N_("what people read, and may write from a phone")},
    {.name = "for",
     SW_INTO(struct life_measure_row, of),
     .kind = SW_KEY_LIST,
     .item = &a_name,
     .help = N_("the categories of causes it is meant for; left out, for all")},
};
const struct sw_keys sw_life_measure_keys = {SW_TABLE("measure", measure_keys)};
static const struct sw_key one_measure = {
    .kind = SW_KEY_MAP, .of = &sw_life_measure_keys, .later = true};
static const struct sw_keys measures = {
    .name = "measures", .other = &one_measure, .names = SW_NAMES_WORDS};

static const struct sw_key event_list = {SW_INTO(struct life_move_row, event_list),
                                         .kind = SW_KEY_LIST, .item = &an_event};
static const struct sw_key state_list = {SW_INTO(struct life_move_row, state_list),
                                         .kind = SW_KEY_LIST, .item = &a_name};

static const struct sw_key move_keys[] = {
    {.name = "state",
     SW_INTO(struct life_move_row, state),
     .required = true,
     .or_else = &state_list,
     .help = N_("the state it is in, a list of states, or any: each that is no end")},
    {.name = "event",
     SW_INTO(struct life_move_row, event),
     .kind = SW_KEY_WORD,
     .words = sw_life_events,
     .required = true,
     .or_else = &event_list,
     .help = N_("what happens")},
    {.name = "next",
     SW_INTO(struct life_move_row, next),
     .required = true,
     .help = N_("the state it comes to")},
    {.name = "last",
     SW_INTO(struct life_move_row, last),
     .help = N_("with next_check: the state it comes to when no re-check is left")},
    {.name = "action",
     SW_INTO(struct life_move_row, move.action),
     .kind = SW_KEY_WORD,
     .words = actions,
     .help = N_("what the engine does besides")},
    {.name = "outcome",
     SW_INTO(struct life_move_row, outcome),
     .help = N_("the outcome that this settles; none takes it back; left out, it stays")},
    {.name = "by",
     SW_INTO(struct life_move_row, by),
     .kind = SW_KEY_LIST,
     .item = &a_person,
     .help = N_("who alone may; left out, everybody who was told")},
    FLAG(struct life_move_row, "reason", move.reason, N_("true: only with a reason")),
    FLAG(struct life_move_row, "other", move.other, N_("true: not by who proposed it")),
    FLAG(struct life_move_row, "calm", move.calm, N_("true: only when no level is left")),
};
const struct sw_keys sw_life_move_keys = {SW_TABLE("move", move_keys)};
static const struct sw_key one_move = {.kind = SW_KEY_MAP, .of = &sw_life_move_keys, .later = true};

static const struct sw_key file_keys[] = {
    {.name = "start",
     SW_INTO(struct life_file, start),
     .required = true,
     .help = N_("the state in which a case begins")},
    {.name = "states",
     SW_INTO(struct life_file, states),
     .kind = SW_KEY_MAP,
     .of = &states,
     .required = true,
     .help = N_("the states of a case, in the order in which lists show them")},
    {.name = "outcomes",
     SW_INTO(struct life_file, outcomes),
     .kind = SW_KEY_MAP,
     .of = &outcomes,
     .required = true,
     .help = N_("how a case can turn out, each with the words that people read")},
    {.name = "answers",
     SW_INTO(struct life_file, answers),
     .kind = SW_KEY_MAP,
     .of = &digits,
     .required = true,
     .help = N_("what each digit of a reply from a phone means")},
    {.name = "reasons",
     SW_INTO(struct life_file, reasons),
     .kind = SW_KEY_MAP,
     .of = &reasons,
     .help = N_("reasons why it is not true, by the digit that follows the answer")},
    {.name = "rechecks",
     SW_INTO(struct life_file, rechecks),
     .kind = SW_KEY_LIST,
     .item = &some_days,
     .hi = LIFE_CHECKS,
     .help = N_("how many days after clearance somebody looks again, ascending")},
    {.name = "measures",
     SW_INTO(struct life_file, measures),
     .kind = SW_KEY_MAP,
     .of = &measures,
     .help = N_("what can be done, and against which causes")},
    {.name = "moves",
     SW_INTO(struct life_file, moves),
     .kind = SW_KEY_LIST,
     .item = &one_move,
     .required = true,
     .later = true,
     .help = N_("the table: in which state what leads where")},
};
const struct sw_keys sw_cases_keys = {SW_TABLE("cases", file_keys)};
