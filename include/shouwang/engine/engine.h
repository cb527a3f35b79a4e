/* engine.h - the fold: effects = engine(state, input).
 * Layer: engine. Deterministic: no clock, no I/O, no log, no globals. Time comes with the input.
 *
 * Everything that happens is an input: a department's event, a change of the registry, a cadre's
 * reply, a receipt, the passing of a day, the activation of a ruleset. The same inputs in the same
 * order give the same state, byte for byte; restart, import, test and backtest are this fold with
 * other edges. Owner: one thread. */
#ifndef SHOUWANG_ENGINE_ENGINE_H
#define SHOUWANG_ENGINE_ENGINE_H

#include <shouwang/base/date.h>
#include <shouwang/engine/effects.h>
#include <shouwang/engine/ruleset.h>
#include <shouwang/model/event.h>
#include <shouwang/model/replace.h>

enum sw_input_kind {
    SW_IN_EVENT = 1, /* body: the CloudEvents text as it came */
    SW_IN_REPLY,     /* body: {"gateway","id","from","text"}; a message from a phone */
    SW_IN_FATE,      /* body: {"message","state","detail"}; a receipt, or delivery's last word */
    SW_IN_TICK,      /* body: "2026-11-21", the day that is (still) to be gone through, or
                        "2026-11-21T15:30:00+08:00", the instant that time has come to */
    SW_IN_RULES,     /* body: the digest of a bundle; see sw_engine_set_rules() */
    SW_IN_HISTORY    /* body: "begin" or "end": between them nothing is sent, see below */
};

struct sw_input {
    int64_t seq; /* the number it gets in the log if it is accepted */
    sw_time now; /* when it came; never before the one before it */
    enum sw_input_kind kind;
    struct sw_str body;
};

enum sw_verdict {
    /* State may have changed: commit input and effects together. `why` is
     * SW_REFUSED_UNKNOWN_SUBJECT and `err` names whom, when the event waits for somebody who is not
     * registered. */
    SW_VERDICT_ACCEPTED,
    SW_VERDICT_DUPLICATE, /* known already: nothing changed, nothing to commit */
    SW_VERDICT_REJECTED   /* refused for good: nothing changed */
};

struct sw_engine;

/* `key` hashes event ids; it belongs to the database. The ruleset is taken over. */
struct sw_engine *sw_engine_new(struct sw_hash_key key, struct sw_ruleset *rules);
void sw_engine_free(struct sw_engine *e);

/* Apply one input; effects are added to `fx`. On rejection *why and *err say what is wrong.
 * Inputs other than ticks must come on the engine's own day: see sw_engine_day(). */
enum sw_verdict sw_engine_apply(struct sw_engine *e, const struct sw_input *in,
                                struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err);

/* The day the engine has reached, SW_DAY_NEVER before the first tick. */
sw_day sw_engine_day(const struct sw_engine *e);
/* The time of the last input: no later one may be before it. */
sw_time sw_engine_now(const struct sw_engine *e);
/* The next moment at which something is to be done: each midnight, each timer, and at once while
 * households of today are due. The caller feeds ticks for these moments, in order, before any input
 * that comes later (but a word on a message, which may come any time); a tick handles at most some
 * hundred households or timers, after which the same moment is next again. SW_TIME_NEVER before the
 * first tick, which the caller chooses. */
sw_time sw_engine_next(const struct sw_engine *e);
/* The body of the tick for a moment: its day at midnight, else the instant. */
struct sw_str sw_engine_tick(const struct sw_engine *e, sw_time at, char text[SW_RFC3339_SIZE]);
/* The next day on which a household or area is due; not later than today: ticks are wanted. */
sw_day sw_engine_due(const struct sw_engine *e);

/* The ruleset that the next SW_IN_RULES input (with its digest as body) makes active; taken over.
 */
void sw_engine_set_rules(struct sw_engine *e, struct sw_ruleset *rules);
const struct sw_ruleset *sw_engine_rules(const struct sw_engine *e);
/* A warning for each override of `rules` for an area that the registry does not know; none while
 * the registry is empty. */
void sw_engine_check_areas(const struct sw_engine *e, const struct sw_ruleset *rules,
                           struct sw_diag *diag);
/* Inside SW_IN_HISTORY begin … end: a county's past is being told; cases open and move as they
 * would have then, but nobody is sent a message about it. */
bool sw_engine_in_history(const struct sw_engine *e);

/* True for the phone (11 digits) of somebody who looks after households. */
bool sw_engine_is_cadre(const struct sw_engine *e, struct sw_str phone);

/* True when the code of the county (an area that lies in none) begins so. */
bool sw_engine_is_own_code(const struct sw_engine *e, struct sw_str begin);

struct sw_engine_counts {
    uint64_t households, persons, areas, cadres, teams;
    uint64_t judged;      /* evaluations of a household since start */
    uint64_t rule_errors; /* conditions that failed (division by zero …) since start */
    uint64_t open_cases, cases;
    uint64_t without_owner; /* open cases nobody looks after */
    uint64_t ownerless;     /* households without the cadre they must have, as last counted */
    uint64_t overdue;       /* open cases nobody has answered in time */
    uint64_t paused;        /* open cases whose clock stands */
    uint64_t parked;        /* events that wait for who is not registered */
    uint64_t parked_red;    /* of them could make a household red at once */
    uint64_t letters;       /* messages that wait for their time */
    uint64_t storms;        /* that wait for a supervisor's word */
    uint64_t doubtful;      /* of them are about somebody of whom it is not certain who it is */
    uint64_t by_level[8];   /* households on each level, [0] = none */
};
void sw_engine_count(const struct sw_engine *e, struct sw_engine_counts *out);
/* The events that wait for households and persons that are not registered, oldest first, as a JSON
 * array of at most `limit`; appended to `out`. engine/README.md tells the keys. */
void sw_engine_parked(const struct sw_engine *e, uint32_t limit, struct sw_buf *out);

/* The households that must have a cadre of their own and have none, and open cases that are
 * nobody's, as a JSON array of at most `limit`; appended to `out`. engine/README.md tells the keys.
 */
void sw_engine_ownerless(const struct sw_engine *e, uint32_t limit, struct sw_buf *out);

/* Cadres whose phones messages do not reach, as a JSON array appended to `out`. engine/README.md
 * tells the keys. */
void sw_engine_bad_phones(const struct sw_engine *e, struct sw_buf *out);

/* Storms and silences, newest first, and whom a silence would hush ({"rule","area","household",
 * "until","level"}), as JSON appended to `out`. engine/README.md tells the keys. */
void sw_engine_storms(const struct sw_engine *e, struct sw_buf *out);
void sw_engine_silences(const struct sw_engine *e, struct sw_buf *out);
struct sw_json;
void sw_engine_silence_preview(const struct sw_engine *e, const struct sw_json *asked,
                               struct sw_buf *out);

/* What the county has to decide: whom those events are about of which it is not certain, as a JSON
 * array, the oldest first; appended to `out`. engine/README.md tells the keys. Cost: once over all
 * persons. */
void sw_engine_mismatches(const struct sw_engine *e, struct sw_buf *out);
/* A person as lists show one, masked; false: there is none with this id. */
bool sw_engine_person(const struct sw_engine *e, struct sw_str id, struct sw_buf *out);
/* The codes that mean a place whose code, today or once, begins so, or one inside it, and do not
 * begin so themselves: a JSON array, appended to `out`. */
void sw_engine_area_codes(const struct sw_engine *e, struct sw_str begin, struct sw_buf *out);

/* What can be wrong with a feed. */
enum sw_feed_trouble {
    SW_FEED_SILENT,  /* nothing came for half as long again as its period */
    SW_FEED_LATE,    /* no batch was closed within the period */
    SW_FEED_SHORT,   /* fewer rows came than the batch said */
    SW_FEED_LONG,    /* more */
    SW_FEED_SUM,     /* all rows came, but their amounts are not those it said */
    SW_FEED_MANY,    /* far more rows than usual or declared */
    SW_FEED_FEW,     /* far fewer */
    SW_FEED_AMOUNTS, /* amounts ten times the usual, or a tenth: yuan and ten thousands mixed up */
    SW_FEED_TROUBLES
};
const char *sw_feed_trouble_name(enum sw_feed_trouble t); /* "silent" */

/* A department that declares how often it reports, or closes batches. */
struct sw_feed_state {
    struct sw_str name;
    int32_t period; /* days, 0: not declared */
    sw_day heard;   /* the last day something came, 0: never */
    bool stale, batch;
    uint64_t held;                        /* households and areas with a rule that waits for it */
    sw_day closed;                        /* the day of the newest batch, 0: none */
    uint32_t told;                        /* rows it said it has */
    uint32_t arrived;                     /* of which so many were new here */
    uint32_t since;                       /* new events after it */
    sw_day trouble[SW_FEED_TROUBLES];     /* since when, 0: all is well */
    struct sw_str text[SW_FEED_TROUBLES]; /* of those: in words */
};
/* The feeds with a period or a batch; *out is in `arena`. Cost: once over all subjects. */
size_t sw_engine_feeds(const struct sw_engine *e, struct sw_arena *arena,
                       struct sw_feed_state **out);

/* ---- snapshot: the state as bytes, so that a restart need not read the whole log ------------ */

/* Calls `put` with the state's bytes in order; all pointers stay valid meanwhile. Stops when put
 * returns false. `seq` is the last input applied. */
bool sw_engine_save(const struct sw_engine *e, int64_t seq,
                    bool (*put)(void *ctx, const void *bytes, size_t n), void *ctx);
/* The engine of a snapshot, or NULL with *err: damaged, of another version, or made with another
 * ruleset than `rules` (taken over on success only). `get` fills n bytes or returns false. */
struct sw_engine *sw_engine_load(struct sw_hash_key key, struct sw_ruleset *rules, int64_t *seq,
                                 bool (*get)(void *ctx, void *bytes, size_t n), void *ctx,
                                 struct sw_err *err);
/* Digest over the whole state, for tests: equal states have equal digests. */
uint64_t sw_engine_digest(const struct sw_engine *e);

#endif
