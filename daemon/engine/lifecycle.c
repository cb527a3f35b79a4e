/* lifecycle.c - cases.yaml to the table of a case's life, and what it says of time.
 *
 * One row may name several states and events. `any` is every state that is no end; a row that names
 * a state goes before one for any. A pair without a row is refused. A table is taken when no case
 * can be caught in it: every state leads to an end, none ends without an outcome and, where people
 * end it, a reason. */
#include "lifecycle_file.h"
#include <shouwang/base/i18n.h>

static const char *const shipped[] = {
/* its lines */
#include "cases.inc"
};

struct loading {
    struct sw_ruleset *rs;
    struct sw_life *life;
    struct sw_diag *diag;
    bool is_ours; /* the table shipped: a county's levels may have other names */
};

const char *sw_case_event_name(enum sw_case_event event)
{
    return sw_life_events[event];
}

const char *sw_case_event_label(enum sw_case_event event)
{
    return sw_life_event_labels[event];
}

const char *sw_life_role_label(enum sw_life_role role)
{
    return sw_life_role_labels[role];
}

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

uint8_t sw_life_event(struct sw_str name)
{
    uint8_t i = 0;

    while (i < CASE_EVENTS && !sw_str_is(name, sw_life_events[i]))
        i++;
    return i;
}

uint32_t sw_life_measure(const struct sw_life *l, struct sw_str name_or_label)
{
    for (uint32_t i = 0; i < l->n_measures; i++) {
        if (sw_str_eq(l->measure[i].name, name_or_label) ||
            sw_str_eq(l->measure[i].label, name_or_label))
            return i;
    }
    return SW_NONE;
}

/* ---- states ------------------------------------------------------------------------------- */

static void load_times(struct loading *ld, const struct sw_yaml *map, struct sw_life_state *s)
{
    struct life_deadline_row row = {.levels = NULL};

    if (!sw_keys_read(&sw_life_deadline_keys, map, &row, ld->diag))
        return;
    s->clock = CLOCK_COUNTED;
    for (size_t l = 0; l <= LEVELS_MAX; l++)
        s->time[l] = row.time;
    for (const struct sw_yaml *y = row.levels == NULL ? NULL : row.levels->first; y != NULL;
         y = y->next) {
        struct sw_term time = {0};
        size_t level = 1;

        while (level <= ld->rs->n_levels && !sw_str_eq(ld->rs->level[level].name, y->key))
            level++;
        if (level > ld->rs->n_levels && !ld->is_ours)
            sw_diag_add(ld->diag, SW_ERROR, y->key_at, _("no level %.*s"), SW_STR_ARG(y->key));
        if (sw_keys_read(&sw_life_time_keys, y, &time, ld->diag) && level <= ld->rs->n_levels)
            s->time[level] = time;
    }
}

static void load_states(struct loading *ld, const struct sw_yaml *map)
{
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        struct life_state_row row = {.counted = NULL};

        if (ld->life->n_states == LIFE_STATES) {
            sw_diag_add(ld->diag, SW_ERROR, y->key_at, _("more than %d states"), LIFE_STATES);
            return;
        }
        row.state.name = y->key;
        row.state.at = y->key_at;
        sw_keys_read(&sw_life_state_keys, y, &row, ld->diag);
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

static void load_answers(struct loading *ld, const struct sw_yaml *map)
{
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        uint8_t event = sw_life_event(y->text);

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

/* ---- what hangs on the states ------------------------------------------------------------- */

static void load_reasons(struct loading *ld, const struct sw_yaml *map)
{
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        if (y->key.n != 1 || y->key.p[0] < '1' || y->key.p[0] > '9')
            sw_diag_add(ld->diag, SW_ERROR, y->key_at, _("%.*s: a reason is a digit from 1 to 9"),
                        SW_STR_ARG(y->key));
        else
            ld->life->reason[y->key.p[0] - '0'] = y->text;
    }
}

static void load_checks(struct loading *ld, const struct sw_yaml *list)
{
    struct sw_life *l = ld->life;

    for (const struct sw_yaml *y = list->first; y != NULL; y = y->next) {
        struct sw_str digits = y->text;
        int64_t days = 0;

        if (digits.n > 0 && digits.p[digits.n - 1] == 'd')
            digits.n--;
        sw_str_int(digits, &days);
        if (days < 1 || (l->n_checks > 0 && days <= l->check[l->n_checks - 1]))
            sw_diag_add(ld->diag, SW_ERROR, y->at, _("re-checks come one after another"));
        l->check[l->n_checks++] = (int32_t)days;
    }
}

static void load_measure(struct loading *ld, const struct sw_yaml *y)
{
    struct sw_life_measure *m = &ld->life->measure[ld->life->n_measures++];
    struct life_measure_row row = {.of = NULL};

    if (!sw_keys_read(&sw_life_measure_keys, y, &row, ld->diag))
        return;
    m->name = y->key;
    m->label = row.label;
    m->categories = row.of == NULL ? UINT64_MAX : 0;
    for (const struct sw_yaml *c = row.of == NULL ? NULL : row.of->first; c != NULL; c = c->next) {
        size_t i = 0;

        while (i < ld->rs->n_categories && !sw_str_eq(ld->rs->category[i].name, c->text))
            i++;
        if (i < ld->rs->n_categories)
            m->categories |= UINT64_C(1) << i;
        else if (!ld->is_ours)
            sw_diag_add(ld->diag, SW_ERROR, c->at, _("no category %.*s"), SW_STR_ARG(c->text));
    }
}

static void load_measures(struct loading *ld, const struct sw_yaml *map)
{
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        if (ld->life->n_measures == LIFE_MEASURES) {
            sw_diag_add(ld->diag, SW_ERROR, y->key_at, _("more than %d measures"), LIFE_MEASURES);
            return;
        }
        load_measure(ld, y);
    }
}

/* ---- moves -------------------------------------------------------------------------------- */

/* People end a case with a reason, or with the last of the re-checks that they passed. */
static void check_reason(struct loading *ld, uint8_t event, const struct sw_life_move *m)
{
    if (event < ON_BY_ENGINE && ld->life->state[m->next].end && !m->reason)
        sw_diag_add(ld->diag, SW_ERROR, m->at,
                    _("no case ends without a reason: say reason: true"));
}

static void put_move(struct loading *ld, uint8_t state, uint8_t event, const struct sw_life_move *m,
                     bool any)
{
    struct sw_life_move *to = &ld->life->move[state][event];

    if (to->next == LIFE_REFUSED) {
        *to = *m;
        if (m->next == LIFE_REFUSED)
            to->next = state;
        check_reason(ld, event, to);
    } else if (!any)
        sw_diag_add(ld->diag, SW_ERROR, m->at, _("%s in the state %.*s: line %u says it already"),
                    sw_life_events[event], SW_STR_ARG(ld->life->state[state].name), to->at.line);
}

static void put_events(struct loading *ld, uint8_t state, const struct life_move_row *row,
                       const struct sw_life_move *m, bool any)
{
    if (row->event_list == NULL)
        put_move(ld, state, row->event, m, any);
    for (const struct sw_yaml *y = row->event_list == NULL ? NULL : row->event_list->first;
         y != NULL; y = y->next)
        put_move(ld, state, sw_life_event(y->text), m, any);
}

static void put_any(struct loading *ld, const struct life_move_row *row,
                    const struct sw_life_move *m)
{
    for (size_t s = 0; s < ld->life->n_states; s++) {
        if (!ld->life->state[s].end)
            put_events(ld, (uint8_t)s, row, m, true);
    }
}

static bool is_any(const struct life_move_row *row)
{
    return row->state_list == NULL && sw_str_is(row->state, "any");
}

static struct sw_place place_of(const struct sw_yaml *map, const char *key)
{
    const struct sw_yaml *y = sw_yaml_get(map, key);

    return y == NULL ? map->at : y->at;
}

static void load_persons(struct sw_life_move *m, const struct sw_yaml *list)
{
    for (const struct sw_yaml *y = list == NULL ? NULL : list->first; y != NULL; y = y->next) {
        for (int role = ROLE_CADRE; role <= ROLE_COUNTY; role++) {
            if (sw_str_is(y->text, sw_life_roles[role]))
                m->by |= (uint8_t)SW_IS(role);
        }
    }
}

static void check_outcome(struct loading *ld, const struct sw_yaml *y, const struct sw_life_move *m)
{
    bool ends = (m->next != LIFE_REFUSED && ld->life->state[m->next].end) ||
                (m->last != LIFE_REFUSED && ld->life->state[m->last].end);

    if (ends && (m->outcome == 0 || m->outcome == LIFE_OUTCOMES))
        sw_diag_add(ld->diag, SW_ERROR, y->at, _("no case ends without an outcome: name one"));
    if ((m->last != LIFE_REFUSED) != (m->action == DO_NEXT_CHECK))
        sw_diag_add(ld->diag, SW_ERROR, y->at, _("last and action: next_check go together"));
}

/* False: something in it is not there. `next: same` is LIFE_REFUSED until its state is known. */
static bool read_move(struct loading *ld, const struct sw_yaml *y, const struct life_move_row *row,
                      struct sw_life_move *m)
{
    *m = row->move;
    m->at = y->at;
    m->outcome = LIFE_OUTCOMES;
    m->next = m->last = LIFE_REFUSED;
    load_persons(m, row->by);
    if (!sw_str_is(row->next, "same") &&
        (m->next = state_named(ld, row->next, place_of(y, "next"))) == LIFE_REFUSED)
        return false;
    if (row->last.p != NULL &&
        (m->last = state_named(ld, row->last, place_of(y, "last"))) == LIFE_REFUSED)
        return false;
    if (row->outcome.p != NULL && !sw_str_is(row->outcome, "none")) {
        m->outcome = sw_life_outcome(ld->life, row->outcome);
        if (m->outcome == LIFE_OUTCOMES) {
            sw_diag_add(ld->diag, SW_ERROR, place_of(y, "outcome"), _("no outcome %.*s"),
                        SW_STR_ARG(row->outcome));
            return false;
        }
    } else if (row->outcome.p != NULL) {
        m->outcome = 0;
    }
    check_outcome(ld, y, m);
    return true;
}

static void put_named(struct loading *ld, struct sw_str name, struct sw_place at,
                      const struct life_move_row *row, const struct sw_life_move *m)
{
    uint8_t state = state_named(ld, name, at);

    if (state != LIFE_REFUSED)
        put_events(ld, state, row, m, false);
}

/* First the rows that name states, then those for any. */
static void load_move(struct loading *ld, const struct sw_yaml *y, bool any)
{
    struct sw_diag silent = {0};
    struct life_move_row row = {.state_list = NULL};
    struct sw_life_move m;
    bool good = sw_keys_read(&sw_life_move_keys, y, &row, any ? &silent : ld->diag);

    sw_diag_free(&silent);
    if (!good || is_any(&row) != any || !read_move(ld, y, &row, &m))
        return;
    if (any)
        put_any(ld, &row, &m);
    else if (row.state_list == NULL)
        put_named(ld, row.state, place_of(y, "state"), &row, &m);
    for (const struct sw_yaml *s = row.state_list == NULL ? NULL : row.state_list->first; s != NULL;
         s = s->next)
        put_named(ld, s->text, s->at, &row, &m);
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
        const struct sw_life_move *m = &l->move[state][v];

        if (v == ON_MERGED || v == ON_DISCARDED || v == ON_PAST || m->next == LIFE_REFUSED)
            continue;
        if (good[m->next] || (m->last != LIFE_REFUSED && good[m->last]))
            return true;
    }
    return false;
}

/* Lists and figures are read beside the engine: they know by the name what is over. */
static void check_closed(struct loading *ld)
{
    const struct sw_life *l = ld->life;

    for (size_t s = 0; s < l->n_states; s++) {
        if (l->state[s].end != sw_str_is(l->state[s].name, "closed"))
            sw_diag_add(ld->diag, SW_ERROR, l->state[s].at,
                        _("an end is called closed, and nothing else is: lists and figures know by "
                          "that name what is over"));
    }
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
                        sw_life_events[event], SW_STR_ARG(l->state[s].name));
    }
}

/* What has its time must be able to pass, and what is cleared to come back. */
static void check_time(struct loading *ld)
{
    const struct sw_life *l = ld->life;

    for (size_t s = 0; s < l->n_states; s++) {
        const struct sw_life_state *st = &l->state[s];

        if (st->clock == CLOCK_CHECKS && (l->n_checks == 0 || l->move[s][ON_DUE].next == s ||
                                          l->move[s][ON_DUE].next == LIFE_REFUSED))
            sw_diag_add(ld->diag, SW_ERROR, st->at,
                        _("%.*s waits for re-checks: list rechecks, and say where due leads"),
                        SW_STR_ARG(st->name));
        if (st->settled && l->move[s][ON_RELAPSED].next == LIFE_REFUSED)
            sw_diag_add(ld->diag, SW_ERROR, st->at,
                        _("the event relapsed must lead on from the settled state %.*s"),
                        SW_STR_ARG(st->name));
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
    if (file.reasons != NULL)
        load_reasons(ld, file.reasons);
    if (file.rechecks != NULL)
        load_checks(ld, file.rechecks);
    if (file.measures != NULL)
        load_measures(ld, file.measures);
    load_moves(ld, file.moves);
    l->start = state_named(ld, file.start, place_of(root, "start"));
    if (ld->diag->errors > errors)
        return;
    if (l->state[l->start].end)
        sw_diag_add(ld->diag, SW_ERROR, place_of(root, "start"), _("no case begins at an end"));
    check_closed(ld);
    check_ends(ld);
    check_time(ld);
    check_always(ld, ON_MERGED);
    check_always(ld, ON_PAST);
}

static const struct sw_yaml *parse_shipped(struct sw_ruleset *rs, struct sw_diag *diag)
{
    struct sw_buf text = {0};
    const struct sw_yaml *root;

    for (size_t i = 0; i < SW_COUNTOF(shipped); i++)
        sw_buf_str(&text, sw_str(shipped[i]));
    root = sw_yaml_parse(&rs->arena, SW_STR("cases.yaml"), sw_buf_view(&text), diag);
    sw_buf_free(&text);
    return root;
}

void sw_load_life(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    struct loading ld = {.rs = rs, .diag = diag, .is_ours = root == NULL};

    rs->life = ld.life = sw_arena_alloc(&rs->arena, sizeof(*ld.life));
    memset(ld.life, 0, sizeof(*ld.life));
    load(&ld, root == NULL ? parse_shipped(rs, diag) : root);
}

/* At nine in the morning of the day. */
static sw_time check_at(const struct sw_ruleset *rs, const struct sw_life_stand *s)
{
    const struct sw_life *l = rs->life;

    return s->cleared == SW_DAY_NEVER || s->checks >= l->n_checks
               ? 0
               : sw_zone_midnight(rs->schema->zone, s->cleared + l->check[s->checks]) +
                     9 * 3600 * SW_SECOND;
}

struct sw_until sw_lifecycle_deadline(const struct sw_ruleset *rs, const struct sw_life_stand *s,
                                      sw_time now)
{
    const struct sw_life_state *st = &rs->life->state[s->state];

    switch ((enum sw_life_clock)st->clock) {
    case CLOCK_KEEP: break;
    case CLOCK_ALERT: return sw_term_end(rs, &rs->wording.deadline[s->level].term, now);
    case CLOCK_CHECKS: return (struct sw_until){check_at(rs, s), PACE_WALL};
    case CLOCK_COUNTED: return sw_term_end(rs, &st->time[s->level], now);
    }
    return (struct sw_until){s->before, PACE_DAYS}; /* its clock goes on as it went */
}
