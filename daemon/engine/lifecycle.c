/* lifecycle.c - cases.yaml to the table of a case's life, and what it says of time.
 *
 *     states:  name: {label, waits, end, deadline}
 *     moves:   - {state, event, next, action, outcome}      one row may name several states, events
 *
 * `any` is every state that is no end; a row that names a state goes before one for any. A pair
 * without a row is refused. A table is taken when every state leads to an end: no case can be
 * caught in it. */
#include "lifecycle.h"
#include <shouwang/base/i18n.h>

static const char shipped[] = {
#include "cases.inc"
};

struct loading {
    struct sw_ruleset *rs;
    struct sw_life *life;
    struct sw_diag *diag;
    bool is_ours; /* the table shipped: a county's levels may have other names */
};

static const char *const event_names[] = {
    [ON_ACKNOWLEDGED] = "acknowledged",
    [ON_NEEDS_HELP] = "needs_help",
    [ON_HELPED] = "helped",
    [ON_NOT_TRUE] = "not_true",
    [ON_UNREACHED] = "unreached",
    [ON_PASSED_UP] = "passed_up",
    [ON_MERGED] = "merged",
    [ON_PAST] = "past",
    [CASE_EVENTS] = NULL,
};

const char *sw_case_event_name(enum sw_case_event event)
{
    return event_names[event];
}

/* ---- what the file may hold --------------------------------------------------------------- */

enum { HOURS_MAX = 720 };

static const struct sw_key a_name = {.kind = SW_KEY_TEXT};
static const struct sw_key a_label = {.kind = SW_KEY_TEXT, .lo = 1};

static const struct sw_key time_keys[] = {
    {.name = "days",
     SW_INTO(struct sw_life_time, days),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = SW_WORKING_DAYS_MAX,
     .choice = true,
     .help = N_("working days after the day on which it began, by calendar.yaml")},
    {.name = "hours",
     SW_INTO(struct sw_life_time, hours),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = HOURS_MAX,
     .choice = true,
     .help = N_("hours after it began, on whatever day")},
};
static const struct sw_keys time_map = {SW_TABLE("time", time_keys)};
static const struct sw_key one_time = {.kind = SW_KEY_MAP, .of = &time_map, .later = true};
static const struct sw_keys times_by_level = {.name = "times", .other = &one_time};

struct deadline_row {
    struct sw_life_time time;
    const struct sw_yaml *levels;
};

static const struct sw_key deadline_keys[] = {
    {.name = "days",
     SW_INTO(struct deadline_row, time.days),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = SW_WORKING_DAYS_MAX,
     .choice = true,
     .help = N_("working days after the day on which it began, by calendar.yaml")},
    {.name = "hours",
     SW_INTO(struct deadline_row, time.hours),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = HOURS_MAX,
     .choice = true,
     .help = N_("hours after it began, on whatever day")},
    {.name = "levels",
     SW_INTO(struct deadline_row, levels),
     .kind = SW_KEY_MAP,
     .of = &times_by_level,
     .help = N_("levels that have another time")},
};
static const struct sw_keys deadline_map = {SW_TABLE("deadline", deadline_keys)};

struct state_row {
    struct sw_life_state state;
    uint8_t clock; /* words of `clocks` */
    const struct sw_yaml *counted;
};

static const char *const clocks[] = {"keep", "alert", NULL}; /* enum sw_life_clock */
static const struct sw_key counted = {SW_INTO(struct state_row, counted), .kind = SW_KEY_MAP,
                                      .of = &deadline_map, .later = true};

static const struct sw_key state_keys[] = {
    {.name = "label",
     SW_INTO(struct state_row, state.label),
     .lo = 1,
     .required = true,
     .help = N_("what people read")},
    {.name = "waits",
     SW_INTO(struct state_row, state.waits),
     .kind = SW_KEY_BOOL,
     .help = N_("true: nobody has said yet whether it is true")},
    {.name = "end",
     SW_INTO(struct state_row, state.end),
     .kind = SW_KEY_BOOL,
     .help = N_("true: the case is over")},
    {.name = "deadline",
     SW_INTO(struct state_row, clock),
     .kind = SW_KEY_WORD,
     .words = clocks,
     .or_else = &counted,
     .help = N_("until when somebody has to act: keep as it was (also when left out), alert as "
                "messages.yaml says, or days or hours")},
};
static const struct sw_keys state_map = {SW_TABLE("state", state_keys)};
static const struct sw_key one_state = {.kind = SW_KEY_MAP, .of = &state_map, .later = true};
static const struct sw_keys states = {
    .name = "states", .other = &one_state, .names = SW_NAMES_WORDS};
static const struct sw_keys outcomes = {
    .name = "outcomes", .other = &a_label, .names = SW_NAMES_WORDS};

static const char *const actions[] = {"none", "hand_up", NULL}; /* enum sw_life_action */

struct move_row {
    struct sw_str state, next, outcome;
    uint8_t event, action;
    const struct sw_yaml *state_list, *event_list;
};

static const struct sw_key an_event = {.kind = SW_KEY_WORD, .words = event_names};
static const struct sw_key event_list = {SW_INTO(struct move_row, event_list), .kind = SW_KEY_LIST,
                                         .item = &an_event};
static const struct sw_key state_list = {SW_INTO(struct move_row, state_list), .kind = SW_KEY_LIST,
                                         .item = &a_name};

static const struct sw_key move_keys[] = {
    {.name = "state",
     SW_INTO(struct move_row, state),
     .required = true,
     .or_else = &state_list,
     .help = N_("the state it is in, a list of states, or any: each that is no end")},
    {.name = "event",
     SW_INTO(struct move_row, event),
     .kind = SW_KEY_WORD,
     .words = event_names,
     .required = true,
     .or_else = &event_list,
     .help = N_("what happens")},
    {.name = "next",
     SW_INTO(struct move_row, next),
     .required = true,
     .help = N_("the state it comes to")},
    {.name = "action",
     SW_INTO(struct move_row, action),
     .kind = SW_KEY_WORD,
     .words = actions,
     .help = N_("what the engine does besides")},
    {.name = "outcome",
     SW_INTO(struct move_row, outcome),
     .help = N_("the outcome that this settles; none takes it back; left out, it stays")},
};
static const struct sw_keys move_map = {SW_TABLE("move", move_keys)};
static const struct sw_key one_move = {.kind = SW_KEY_MAP, .of = &move_map, .later = true};
static const struct sw_keys digits = {.name = "answers", .other = &an_event};

struct life_file {
    struct sw_str start;
    const struct sw_yaml *states, *outcomes, *answers, *moves;
};

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
    {.name = "moves",
     SW_INTO(struct life_file, moves),
     .kind = SW_KEY_LIST,
     .item = &one_move,
     .required = true,
     .later = true,
     .help = N_("the table: in which state what leads where")},
};
const struct sw_keys sw_cases_keys = {SW_TABLE("cases", file_keys)};

/* ---- names -------------------------------------------------------------------------------- */

uint8_t sw_life_state(const struct sw_life *l, struct sw_str name)
{
    uint8_t i = 0;

    while (i < l->n_states && !sw_str_eq(l->state[i].name, name))
        i++;
    return i < l->n_states ? i : LIFE_REFUSED;
}

/* LIFE_REFUSED: there is none, and it was told. */
static uint8_t state_named(struct loading *ld, struct sw_str name, struct sw_place at)
{
    struct sw_str known[LIFE_STATES];
    struct sw_str near;
    uint8_t state = sw_life_state(ld->life, name);

    if (state != LIFE_REFUSED)
        return state;
    for (size_t i = 0; i < ld->life->n_states; i++)
        known[i] = ld->life->state[i].name;
    near = sw_str_nearest(name, known, ld->life->n_states);
    if (near.n > 0)
        sw_diag_add(ld->diag, SW_ERROR, at, _("no state %.*s; did you mean %.*s?"),
                    SW_STR_ARG(name), SW_STR_ARG(near));
    else
        sw_diag_add(ld->diag, SW_ERROR, at, _("no state %.*s"), SW_STR_ARG(name));
    return LIFE_REFUSED;
}

uint8_t sw_life_outcome(const struct sw_life *l, struct sw_str name)
{
    uint8_t i = 0;

    while (i < l->n_outcomes && !sw_str_eq(l->outcome[i].name, name))
        i++;
    return i < l->n_outcomes ? i : LIFE_OUTCOMES;
}

/* ---- states ------------------------------------------------------------------------------- */

static void load_times(struct loading *ld, const struct sw_yaml *map, struct sw_life_state *s)
{
    struct deadline_row row = {.levels = NULL};

    if (!sw_keys_read(&deadline_map, map, &row, ld->diag))
        return;
    s->clock = CLOCK_COUNTED;
    for (size_t l = 0; l <= LEVELS_MAX; l++)
        s->time[l] = row.time;
    for (const struct sw_yaml *y = row.levels == NULL ? NULL : row.levels->first; y != NULL;
         y = y->next) {
        struct sw_life_time time = {0};
        size_t level = 1;

        while (level <= ld->rs->n_levels && !sw_str_eq(ld->rs->level[level].name, y->key))
            level++;
        if (level > ld->rs->n_levels && !ld->is_ours)
            sw_diag_add(ld->diag, SW_ERROR, y->key_at, _("no level %.*s"), SW_STR_ARG(y->key));
        if (sw_keys_read(&time_map, y, &time, ld->diag) && level <= ld->rs->n_levels)
            s->time[level] = time;
    }
}

static void load_states(struct loading *ld, const struct sw_yaml *map)
{
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        struct state_row row = {.counted = NULL};

        if (ld->life->n_states == LIFE_STATES) {
            sw_diag_add(ld->diag, SW_ERROR, y->key_at, _("more than %d states"), LIFE_STATES);
            return;
        }
        row.state.name = y->key;
        row.state.at = y->key_at;
        if (sw_keys_read(&state_map, y, &row, ld->diag) && row.counted == NULL)
            row.state.clock = row.clock;
        if (row.counted != NULL)
            load_times(ld, row.counted, &row.state);
        ld->life->state[ld->life->n_states++] = row.state;
    }
}

static void load_outcomes(struct loading *ld, const struct sw_yaml *map)
{
    struct sw_life *l = ld->life;

    l->outcome[l->n_outcomes++].name = SW_STR("");
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        if (l->n_outcomes == LIFE_OUTCOMES) {
            sw_diag_add(ld->diag, SW_ERROR, y->key_at, _("more than %d outcomes"),
                        LIFE_OUTCOMES - 1);
            return;
        }
        l->outcome[l->n_outcomes].name = y->key;
        l->outcome[l->n_outcomes++].label = y->text;
    }
}

static uint8_t event_named(struct sw_str name)
{
    uint8_t i = 0;

    while (i < CASE_EVENTS && !sw_str_is(name, event_names[i]))
        i++;
    return i;
}

static void load_answers(struct loading *ld, const struct sw_yaml *map)
{
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        uint8_t event = event_named(y->text);

        if (y->key.n != 1 || y->key.p[0] < '0' || y->key.p[0] > '9')
            sw_diag_add(ld->diag, SW_ERROR, y->key_at, _("%.*s: an answer is one digit"),
                        SW_STR_ARG(y->key));
        else if (event >= ON_BY_ENGINE)
            sw_diag_add(ld->diag, SW_ERROR, y->at, _("%.*s comes from the engine, not from people"),
                        SW_STR_ARG(y->text));
        else
            ld->life->answer[y->key.p[0] - '0'] = event;
    }
}

/* ---- moves -------------------------------------------------------------------------------- */

static void put_move(struct loading *ld, uint8_t state, uint8_t event, const struct sw_life_move *m,
                     bool any)
{
    struct sw_life_move *to = &ld->life->move[state][event];

    if (to->next == LIFE_REFUSED)
        *to = *m;
    else if (!any)
        sw_diag_add(ld->diag, SW_ERROR, m->at, _("%s in the state %.*s: line %u says it already"),
                    event_names[event], SW_STR_ARG(ld->life->state[state].name), to->at.line);
}

static void put_events(struct loading *ld, uint8_t state, const struct move_row *row,
                       const struct sw_life_move *m, bool any)
{
    if (row->event_list == NULL)
        put_move(ld, state, row->event, m, any);
    for (const struct sw_yaml *y = row->event_list == NULL ? NULL : row->event_list->first;
         y != NULL; y = y->next)
        put_move(ld, state, event_named(y->text), m, any);
}

static void put_any(struct loading *ld, const struct move_row *row, const struct sw_life_move *m)
{
    for (uint8_t s = 0; s < ld->life->n_states; s++) {
        if (!ld->life->state[s].end)
            put_events(ld, s, row, m, true);
    }
}

static bool is_any(const struct move_row *row)
{
    return row->state_list == NULL && sw_str_is(row->state, "any");
}

static struct sw_place place_of(const struct sw_yaml *map, const char *key)
{
    const struct sw_yaml *y = sw_yaml_get(map, key);

    return y == NULL ? map->at : y->at;
}

/* First the rows that name states, then those for any. */
static void load_move(struct loading *ld, const struct sw_yaml *y, bool any)
{
    struct sw_diag silent = {0};
    struct move_row row = {.outcome = {NULL, 0}};
    struct sw_life_move m = {.at = y->at, .outcome = LIFE_OUTCOMES};
    bool good = sw_keys_read(&move_map, y, &row, any ? &silent : ld->diag);

    sw_diag_free(&silent);
    if (!good || is_any(&row) != any)
        return;
    m.action = row.action;
    m.next = state_named(ld, row.next, place_of(y, "next"));
    if (row.outcome.p != NULL) {
        m.outcome = sw_str_is(row.outcome, "none") ? 0 : sw_life_outcome(ld->life, row.outcome);
        if (m.outcome == LIFE_OUTCOMES)
            sw_diag_add(ld->diag, SW_ERROR, place_of(y, "outcome"), _("no outcome %.*s"),
                        SW_STR_ARG(row.outcome));
    }
    if (m.next == LIFE_REFUSED)
        return;
    if (ld->life->state[m.next].end && (m.outcome == 0 || m.outcome == LIFE_OUTCOMES))
        sw_diag_add(ld->diag, SW_ERROR, y->at, _("no case ends without an outcome: name one"));
    if (any)
        put_any(ld, &row, &m);
    else if (row.state_list == NULL) {
        uint8_t state = state_named(ld, row.state, place_of(y, "state"));

        if (state != LIFE_REFUSED)
            put_events(ld, state, &row, &m, false);
    }
    for (const struct sw_yaml *s = row.state_list == NULL ? NULL : row.state_list->first; s != NULL;
         s = s->next) {
        uint8_t state = state_named(ld, s->text, s->at);

        if (state != LIFE_REFUSED)
            put_events(ld, state, &row, &m, false);
    }
}

static void load_moves(struct loading *ld, const struct sw_yaml *list)
{
    for (size_t s = 0; s < LIFE_STATES; s++) {
        for (size_t v = 0; v < CASE_EVENTS; v++)
            ld->life->move[s][v].next = LIFE_REFUSED;
    }
    for (int any = 0; any <= 1; any++) {
        for (const struct sw_yaml *y = list->first; y != NULL; y = y->next)
            load_move(ld, y, any == 1);
    }
}

/* ---- a table in which no case is caught --------------------------------------------------- */

/* What people and time can bring about; merging households ends no matter. */
static bool leads_on(const struct sw_life *l, size_t state, const bool *good)
{
    for (size_t v = 0; v < CASE_EVENTS; v++) {
        uint8_t next = l->move[state][v].next;

        if (v != ON_MERGED && v != ON_PAST && next != LIFE_REFUSED && good[next])
            return true;
    }
    return false;
}

static void check_ends(struct loading *ld)
{
    const struct sw_life *l = ld->life;
    bool good[LIFE_STATES] = {false};
    bool more = true;

    while (more) {
        more = false;
        for (size_t s = 0; s < l->n_states; s++) {
            if (good[s] || !(l->state[s].end || leads_on(l, s, good)))
                continue;
            good[s] = more = true;
        }
    }
    for (size_t s = 0; s < l->n_states; s++) {
        if (!good[s])
            sw_diag_add(ld->diag, SW_ERROR, l->state[s].at,
                        _("no way leads from the state %.*s to an end"),
                        SW_STR_ARG(l->state[s].name));
    }
}

static void check_always(struct loading *ld, enum sw_case_event event)
{
    const struct sw_life *l = ld->life;

    for (size_t s = 0; s < l->n_states; s++) {
        uint8_t next = l->move[s][event].next;

        if (!l->state[s].end && (next == LIFE_REFUSED || !l->state[next].end))
            sw_diag_add(ld->diag, SW_ERROR, l->state[s].at,
                        _("the event %s must lead from the state %.*s to an end"),
                        event_names[event], SW_STR_ARG(l->state[s].name));
    }
}

/* ---- all of it ---------------------------------------------------------------------------- */

static void load(struct loading *ld, const struct sw_yaml *root)
{
    struct life_file file = {.states = NULL};
    struct sw_life *l = ld->life;
    size_t errors = ld->diag->errors;

    memset(l->answer, CASE_EVENTS, sizeof(l->answer));
    if (!sw_keys_read(&sw_cases_keys, root, &file, ld->diag))
        return;
    load_states(ld, file.states);
    load_outcomes(ld, file.outcomes);
    load_answers(ld, file.answers);
    load_moves(ld, file.moves);
    l->start = state_named(ld, file.start, place_of(root, "start"));
    if (ld->diag->errors > errors)
        return;
    if (l->state[l->start].end)
        sw_diag_add(ld->diag, SW_ERROR, place_of(root, "start"), _("no case begins at an end"));
    check_ends(ld);
    check_always(ld, ON_MERGED);
    check_always(ld, ON_PAST);
}

void sw_load_life(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    struct loading ld = {.rs = rs, .diag = diag, .is_ours = root == NULL};

    rs->life = ld.life = sw_arena_alloc(&rs->arena, sizeof(*ld.life));
    memset(ld.life, 0, sizeof(*ld.life));
    if (root == NULL)
        root = sw_yaml_parse(&rs->arena, SW_STR("cases.yaml"),
                             (struct sw_str){shipped, sizeof(shipped) - 1}, diag);
    load(&ld, root);
}

bool sw_lifecycle_by_wall(const struct sw_ruleset *rs, uint8_t state, uint8_t level)
{
    const struct sw_life_state *s = &rs->life->state[state];

    return s->clock == CLOCK_COUNTED ? s->time[level].hours > 0
                                     : rs->wording.deadline[level].hours > 0;
}

sw_time sw_lifecycle_deadline(const struct sw_ruleset *rs, uint8_t state, uint8_t level,
                              sw_time now, sw_time before)
{
    const struct sw_life_state *s = &rs->life->state[state];

    switch ((enum sw_life_clock)s->clock) {
    case CLOCK_KEEP: return before;
    case CLOCK_ALERT:
        return sw_deadline_at(rs, rs->wording.deadline[level].days,
                              rs->wording.deadline[level].hours, now);
    case CLOCK_COUNTED: return sw_deadline_at(rs, s->time[level].days, s->time[level].hours, now);
    }
    return before;
}
