/* decide.c - what the engine decides, as events that rules can read like any other.
 *
 * A stream of schema.yaml with `feed: engine` and one of the names below gets an event each time:
 *     alert.raised   a household's level rose            {level, score}
 *     alert.eased    it fell                             {level, score}
 *     case.cleared   a person closed its case            {outcome}
 * Nobody else may send such events. They make "came back within a year" and "no better half a year
 * after help began" rules like the others.
 *
 * A measure that somebody logs on a case is an event, too: of the stream measure.logged, if there
 * is one, whose field `kind` (an enum) has the names of cases.yaml. Departments may send it as
 * well. */
#include "parts.h"
#include <shouwang/base/i18n.h>

static const struct {
    struct sw_str name;
    const char *word; /* its enum field: the level's or outcome's name */
} decisions[DECISIONS] = {
    [ALERT_RAISED] = {{"alert.raised", 12}, "level"},
    [ALERT_EASED] = {{"alert.eased", 11}, "level"},
    [CASE_CLEARED] = {{"case.cleared", 12}, "outcome"},
};

#define MEASURE "measure.logged"

/* ---- declared rightly ----------------------------------------------------------------------- */

static void check_word(const struct sw_ruleset *rs, size_t what, const struct sw_stream *st,
                       struct sw_diag *diag)
{
    const struct sw_field *f = sw_stream_field(st, sw_str(decisions[what].word), NULL);

    if (f == NULL)
        return;
    if (f->type != SW_FENUM)
        sw_diag_add(diag, SW_ERROR, st->at, _("%.*s: the field %s must be an enum"),
                    SW_STR_ARG(st->name), decisions[what].word);
    for (size_t l = 0; f->type == SW_FENUM && what != CASE_CLEARED && l <= rs->n_levels; l++) {
        if ((l > 0 || what == ALERT_EASED) && sw_enum_find(f->of, rs->level[l].name) < 0)
            sw_diag_add(diag, SW_ERROR, st->at, _("%.*s: the enum of level lacks %.*s"),
                        SW_STR_ARG(st->name), SW_STR_ARG(rs->level[l].name));
    }
}

static void check_fields(const struct sw_ruleset *rs, size_t what, const struct sw_stream *st,
                         struct sw_diag *diag)
{
    check_word(rs, what, st, diag);
    for (uint32_t i = 0; i < st->n_fields; i++) {
        const struct sw_field *f = &st->fields[i];
        bool score = what != CASE_CLEARED && sw_str_is(f->name, "score") && f->type == SW_FNUMBER;

        if (!score && !sw_str_is(f->name, decisions[what].word))
            sw_diag_add(diag, SW_ERROR, st->at,
                        what == CASE_CLEARED ? _("%.*s has the field outcome alone, not %.*s")
                                             : _("%.*s has the fields level (an enum) and score (a "
                                                 "number) alone, not %.*s"),
                        SW_STR_ARG(st->name), SW_STR_ARG(f->name));
    }
}

void sw_check_decisions(struct sw_ruleset *rs, struct sw_diag *diag)
{
    for (size_t s = 1; s < rs->schema->n_streams; s++) {
        const struct sw_stream *st = &rs->schema->streams[s];
        size_t what = 0;

        if (sw_str_is(st->name, MEASURE) && st->scope == SW_HOUSEHOLD)
            rs->measure = st->id;
        if (!st->of_engine)
            continue;
        while (what < DECISIONS && !sw_str_eq(decisions[what].name, st->name))
            what++;
        if (what == DECISIONS) {
            sw_diag_add(diag, SW_ERROR, st->at,
                        _("feed: engine is for alert.raised, alert.eased and case.cleared, not "
                          "for %.*s"),
                        SW_STR_ARG(st->name));
            continue;
        }
        rs->decision[what] = st->id;
        check_fields(rs, what, st, diag);
    }
}

/* ---- kept ----------------------------------------------------------------------------------- */

static struct sw_value word_of(const struct sw_field *f, struct sw_str word)
{
    int32_t i = f->type == SW_FENUM ? sw_enum_find(f->of, word) : -1;

    return i < 0 ? sw_value_unknown(0) : (struct sw_value){.kind = SW_KENUM, .i = i};
}

/* `what`: which of the stream's events it is; there is one of each. */
static uint64_t key_of(struct sw_engine *e, const struct sw_stream *st, struct sw_str what)
{
    return sw_event_key(
        &e->registry, SW_STR("engine"),
        sw_arena_printf(&e->arena, "%.*s/%.*s", SW_STR_ARG(st->name), SW_STR_ARG(what)));
}

static void keep(struct sw_engine *e, uint32_t household, struct sw_event *ev)
{
    sw_time midnight = sw_zone_midnight(e->rules->schema->zone, e->today);

    ev->has_data = true;
    ev->day = e->today;
    if (e->now >= midnight && e->now - midnight < 86400 * SW_SECOND)
        ev->moment = (uint16_t)((e->now - midnight) / (2 * SW_SECOND));
    if (sw_history_add(&e->registry.household[household].history, ev) != SW_RECORDED)
        return;
    sw_seen_add(e, ev->stream->id, household);
    sw_set_due(e, household, e->today); /* rules may read it */
    sw_around_due(e, sw_place_of(e, household), &e->rules->area_by_stream[ev->stream->id],
                  NOT_GONE);
}

void sw_decide(struct sw_engine *e, uint32_t subject, enum sw_decision what, uint8_t level,
               struct sw_str outcome)
{
    const struct sw_stream *st = &e->rules->schema->streams[e->rules->decision[what]];
    struct sw_str word = what == CASE_CLEARED ? outcome : e->rules->level[level].name;
    struct sw_value value[SW_FIELDS_MAX];
    struct sw_event ev = {.stream = st, .value = value};

    if (e->rules->decision[what] == 0 || sw_is_area(subject))
        return;
    for (uint32_t i = 0; i < st->n_fields; i++)
        value[i] = sw_str_is(st->fields[i].name, "score") ? sw_value_double(sw_score(e, subject))
                                                          : word_of(&st->fields[i], word);
    /* one of a kind, level and day: judging again cannot make another */
    ev.key = key_of(e, st, sw_arena_printf(&e->arena, "%.*s/%d", SW_STR_ARG(word), e->today));
    keep(e, subject, &ev);
}

void sw_keep_measure(struct sw_engine *e, uint32_t index, struct sw_str measure)
{
    const struct sw_case *c = &e->cases[index];
    const struct sw_stream *st = &e->rules->schema->streams[e->rules->measure];
    struct sw_value value[SW_FIELDS_MAX];
    struct sw_event ev = {.stream = st, .value = value};

    if (e->rules->measure == 0 || sw_is_area(c->subject))
        return;
    for (uint32_t i = 0; i < st->n_fields; i++)
        value[i] = sw_str_is(st->fields[i].name, "kind") ? word_of(&st->fields[i], measure)
                                                         : sw_value_unknown(0);
    ev.key = key_of(e, st, sw_arena_printf(&e->arena, "%u/%u", FIRST_CASE + index, c->steps));
    keep(e, c->subject, &ev);
}
