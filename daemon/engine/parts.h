/* parts.h - what the engine's files share. Private to engine.
 *
 *   bundle ──► ruleset (params, areas, wording, rules)      immutable, swapped as a whole
 *   engine = registry + standings + cases + due heap         one owner, one thread
 *
 *   event ──► history ──► judge: rules ──► hits ──► score ──► level ──► case ──► notice ──► effects
 */
#ifndef ENGINE_PARTS_H
#define ENGINE_PARTS_H

#include "case_parts.h"
#include "feed_parts.h"
#include "mail.h"
#include "parked.h"
#include "phones.h"
#include "rolls.h"
#include "rules_parts.h"
#include "telling.h"
#include <shouwang/base/heap.h>

/* ---- engine ------------------------------------------------------------------------------- */

/* A *subject* is a household's number, or AREA_BIT and an area's. */
#define AREA_BIT UINT32_C(0x80000000)

static inline bool sw_is_area(uint32_t subject)
{
    return (subject & AREA_BIT) != 0;
}

static inline uint32_t sw_area_of(uint32_t subject)
{
    return subject & ~AREA_BIT;
}

/* HELD: the condition is true, but only because a feed that would know better is silent. */
enum sw_hit_state { HIT_OFF, HIT_WAITING, HIT_ON, HIT_KEPT, HIT_HELD };

/* One rule's standing with one subject; there is none while the rule never mattered. */
struct sw_hit {
    double score;
    sw_day since; /* waiting: when the condition became true; on: when it became a hit */
    sw_day gone;  /* kept: when the condition became false */
    sw_day asked; /* last verify task, or last task of a task rule; 0: never */
    sw_day told;  /* last message that named it; 0: never */
    uint16_t rule;
    uint8_t state;
    bool has_task; /* somebody was asked to find out or to do something, and it is not settled */
    uint8_t pad[4];
};

struct sw_hits {
    uint32_t n;
    struct sw_hit at[];
};

/* What the engine knows of a subject beside its history. */
struct sw_standing {
    struct sw_hits *hits; /* NULL: none */
    sw_day due;           /* next day to judge by time alone, SW_DAY_NEVER */
    sw_day queued;        /* its entry in the queue: never later than due; SW_DAY_NEVER: none */
    sw_day low_since; /* since when the score is below the level's leave line; SW_DAY_NEVER: not */
    sw_day told_day;  /* last alert */
    uint32_t open_case; /* index, SW_NONE */
    uint8_t level, told_level;
    uint8_t gone;   /* enum sw_gone: how something went since it was judged, though not by time */
    bool monitored; /* a monitored household, as far as was looked: missed.c */
};

/* follow.c: what is to be done about people, and when; SW_TIME_NEVER: nothing is. */
enum { PEOPLE_BRIEF, PEOPLE_COUNT };
struct sw_people {
    sw_time brief_at; /* tell newcomers of their cases */
    sw_time count_at; /* count the households without owner */
    uint32_t missing; /* of them, when last counted */
    bool is_stale;    /* something changed since */
    uint8_t pad[3];
};

/* A message about a case or to a phone, and how far its fate has come. */
struct sw_sent {
    int64_t id;     /* seq << 20 | n of "seq-n" */
    uint32_t index; /* of the case, SW_NONE: about none */
    uint32_t phone; /* text number of where it went, SW_NONE: to no phone of ours */
    sw_day day;
    uint8_t rank;
    uint8_t pad[3];
};

/* Households that have ever had an event of a stream. */
struct sw_seen {
    bool is_kept;
    uint32_t *household;
    uint64_t *bit; /* by household */
    size_t n, cap, words;
};

/* Whom a frame is about: what hosts get as their context. */
struct subject {
    struct sw_engine *e;
    uint32_t number; /* of the household or area */
};

/* Parameters of one area for one day. */
struct sw_param_cache {
    sw_day day;
    bool own, changes; /* has overrides, else the county's are used; some change by time */
    struct sw_value *value;
    sw_day *until;
    struct sw_rule_set asleep; /* that day; see awake.c */
};

struct sw_engine {
    struct sw_registry registry;
    struct sw_ruleset *rules, *next_rules;
    struct sw_parking parking;         /* events that wait for who is not registered */
    struct sw_standing *standing;      /* by household */
    struct sw_standing *area_standing; /* by area */
    struct sw_feed_watch *feed;        /* by number of the feed */
    struct sw_amounts *amounts;        /* by stream */
    struct sw_case *cases;             /* by number - FIRST_CASE */
    uint32_t *open;                    /* indexes of open cases, any order */
    struct sw_people people;
    struct sw_phones phones;
    struct sw_mail mail;                /* letters that have not gone, and what was sent lately */
    bool *clarified;                    /* by cadre: the last thing said to them was a question */
    struct sw_sent *sent;               /* messages about cases, ascending by id; record.c */
    uint64_t reply[REPLIES_REMEMBERED]; /* keys of the newest replies, a ring */
    struct sw_heap due;   /* (day, subject): one each that counts, `queued` tells which */
    struct sw_heap wakes; /* (instant, enum sw_wake and an index): see sw_wake_at() */
    size_t area_standing_cap;
    uint32_t area_standings;
    size_t standing_cap, case_cap, open_cap, clarified_cap, sent_cap;
    uint32_t standings, n_cases, n_open, n_clarified, n_reply, n_sent;
    sw_day today;
    sw_day rules_since; /* when these rules became active; SW_DAY_NEVER: with the first day */
    sw_time now;  /* of what happens: in a tick the moment each thing was due, not when it came */
    sw_time came; /* of the input in hand: a tick may be late */
    int64_t seq;
    bool history;
    sw_day spread; /* `happened` of the event over an area that ticks still judge; SW_DAY_NEVER */
    bool spread_is_statement;
    uint32_t level_count[LEVELS_MAX + 1];

    /* working storage, not state */
    struct sw_arena arena; /* one input */
    struct sw_reads *reads;
    struct sw_value facts[SW_FIELDS_MAX + 1]; /* and the members */
    sw_day facts_until[SW_FIELDS_MAX + 1];
    struct sw_reads *area_reads;
    struct sw_seen *seen; /* by stream that rules about areas read: which households have any */
    uint8_t *fired;
    struct sw_rule_set has_hit; /* when the frame was made; few households have any */
    struct sw_rule_set awake;   /* rules to be asked about the household of that frame */
    bool is_sleepless;          /* in tests and explanations: every rule is asked; see awake.c */
    bool all_enabled;           /* in tests: also rules that are switched off */
    const struct sw_rule_set *only; /* in tests: judge no others; NULL outside tests */
    struct sw_param_cache base, *area_params;
    size_t area_params_n;
    const struct sw_value *fixed_params; /* in tests: values that hold whatever params.yaml says;
                                            unknown: not fixed. NULL outside tests */
    sw_day happened;                     /* the day of the event in hand, SW_DAY_NEVER: none */
    bool by_time;                        /* who is judged is so because a day passed, or rules */
    bool is_statement;                   /* … which is when the statement in hand was made */
    uint32_t messages;                   /* made by the input in hand */
    uint64_t judged, rule_errors;
};

/* Why a household is judged: shapes what the case says. */
struct sw_occasion {
    const struct sw_rule_set *rules; /* NULL: all of them */
    enum sw_gone gone;
    bool by_time;      /* nothing came: a day passed, or rules changed */
    bool of_household; /* judged is a place, because of an event of one household there */
};

/* Nobody has said yet whether it is true. */
static inline bool sw_case_waits(const struct sw_engine *e, const struct sw_case *c)
{
    return e->rules->life->state[c->state].waits;
}

void sw_judge(struct sw_engine *e, uint32_t subject, const struct sw_occasion *why,
              struct sw_effects *fx);
/* Something befell a household: is it on the list now of a rule that counts with its village …? */
void sw_judge_lists(struct sw_engine *e, uint32_t household, struct sw_effects *fx);
/* Ready a frame for evaluating programs about a subject as it stands today. One at a time: the
 * engine's storage for facts is behind it. */
void sw_frame_for(struct sw_engine *e, uint32_t subject, struct sw_frame *f);
void sw_forget_params(struct sw_engine *e);
/* awake.c: who sleeps under these parameters (uses the storage for facts); who does not for a
 * household with events in the streams of `present` (NULL: an area, whose rules do not sleep). */
void sw_put_to_sleep(struct sw_engine *e, struct sw_param_cache *c);
void sw_wake(struct sw_engine *e, uint32_t subject, const struct sw_param_cache *c,
             const bool *present);
enum sw_subject_kind sw_subject_kind(const struct sw_engine *e,
                                     uint32_t subject); /* or SUBJECT_KINDS */
struct sw_standing *sw_standing_of(const struct sw_engine *e, uint32_t subject);
struct sw_hit *sw_hits(const struct sw_engine *e, uint32_t subject, size_t *n);
struct sw_hit *sw_hit_find(const struct sw_engine *e, uint32_t subject,
                           uint32_t rule); /* or NULL */
/* The hit of a rule, made when there is none. Moves other hits. */
struct sw_hit *sw_hit_of(struct sw_engine *e, uint32_t subject, uint32_t rule);
static inline bool sw_hit_counts(const struct sw_hit *h)
{
    return h->state == HIT_ON || h->state == HIT_KEPT;
}
/* The open task of a rule is settled. */
void sw_task_put(struct sw_engine *e, uint32_t subject, struct sw_str rule, struct sw_str text,
                 sw_time closed, struct sw_effects *fx);
void sw_task_end(struct sw_engine *e, uint32_t subject, struct sw_str rule, struct sw_effects *fx);
double sw_score(const struct sw_engine *e, uint32_t subject);
void sw_level_clear(struct sw_engine *e, uint32_t subject); /* at once, whatever its hold */
void sw_set_due(struct sw_engine *e, uint32_t subject, sw_day day);
/* The place a subject is, or is in; SW_NONE: not known. */
uint32_t sw_place_of(const struct sw_engine *e, uint32_t subject);

/* missed.c: the registry said something new of a household, or registered it just now. */
void sw_monitored_look(struct sw_engine *e, uint32_t household, bool is_new, struct sw_effects *fx);

/* areas.c: which households have events of the streams that rules about areas read. */
void sw_seen_begin(struct sw_engine *e);
void sw_seen_free(struct sw_engine *e);
void sw_seen_add(struct sw_engine *e, uint32_t stream, uint32_t household);
/* engine.c: the stream of what an event recorded in `h` took back, when it is of another type than
 * the event itself; NULL: nothing is. Rules that read it are concerned as well. */
const struct sw_stream *sw_also_taken(const struct sw_engine *e, const struct sw_event *ev,
                                      const struct sw_history *h);
/* Judge what a household's new event concerns: the areas around it. */
void sw_judge_around(struct sw_engine *e, uint32_t household, uint32_t stream, enum sw_gone gone,
                     struct sw_effects *fx);
/* Mark a subject due today, and say of what is gone how it went. */
void sw_due_today(struct sw_engine *e, uint32_t subject, enum sw_gone gone);
/* The same of the area and those around it that some of the rules (NULL: of all) are about. */
void sw_around_due(struct sw_engine *e, uint32_t area, const struct sw_rule_set *rules,
                   enum sw_gone gone);
/* The same of whom an event over an area concerns: its households, the areas around and inside. */
void sw_area_due(struct sw_engine *e, uint32_t area, uint32_t stream, enum sw_gone gone);
/* Whether a rule about an area has the household on its list; uses the storage for facts. */
bool sw_area_chooses(struct sw_engine *e, uint32_t rule, uint32_t household);
/* Calls `each` for the households that a rule about an area chooses. */
void sw_area_list(struct sw_engine *e, uint32_t area, uint32_t rule,
                  void (*each)(void *ctx, uint32_t household), void *ctx);
/* The same for all households of the area, with what the condition said; the rule SW_NONE chooses
 * nobody. */
void sw_area_sort(struct sw_engine *e, uint32_t area, uint32_t rule,
                  void (*each)(void *ctx, uint32_t household, bool chosen), void *ctx);
/* How many households the rules that count with an area choose: the largest list. When none of them
 * has a list, all that live there. */
size_t sw_area_listed(struct sw_engine *e, uint32_t area);
/* A host for the streams of an area: those of all its households, and of areas around and inside.
 */
const struct sw_host *sw_area_host(void);

/* The household's whole history may have come from elsewhere. */
void sw_seen_all(struct sw_engine *e, uint32_t household);

/* moves.c: after persons or households moved. */
void sw_follow_moves(struct sw_engine *e, const struct sw_changed *c, struct sw_effects *fx);
/* An event of the household took back something of the stream `also`; before it is judged. */
void sw_follow_taken(struct sw_engine *e, uint32_t household, const struct sw_stream *also,
                     struct sw_effects *fx);

/* A place has another code, name or parent than before. */
void sw_follow_recode(struct sw_engine *e, uint32_t area, struct sw_effects *fx);

/* decide.c */
/* Keep a decision about a household as an event of its history, when a stream is declared for it.
 */
void sw_decide(struct sw_engine *e, uint32_t subject, enum sw_decision what, uint8_t level,
               struct sw_str outcome);
/* A measure was logged on a case; its name in cases.yaml, empty: it is not listed there. */
void sw_keep_measure(struct sw_engine *e, uint32_t index, struct sw_str measure);

enum sw_verdict sw_reply_apply(struct sw_engine *e, const struct sw_input *in,
                               struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err);

#endif
