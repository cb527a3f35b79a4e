/* mail.h - what lies between "this person is to be told this" and a message: quiet hours, budgets,
 * grouping, the storm guard, silences. Private to engine; a part of parts.h.
 *
 *     people.c ──► letter ──► storm? silence? quiet hours? just sent the like? budget? ──► message
 *                                 └──────────────── waits ──────────────┘
 *
 * A letter is never dropped: it is sent, goes into a digest, or its case says why not. */
#ifndef ENGINE_MAIL_H
#define ENGINE_MAIL_H

#include "telling.h"

/* Whom a letter is for: a cadre's number, or TEAM_BIT and a team's, whose group is told. */
#define TEAM_BIT UINT32_C(0x80000000)

enum { STORM_DAYS_MAX = 56, MAIL_KIND_MAX = 16 };

/* An alert is counted and may be held; corrections, reminders and escalations are not. */
static inline bool sw_is_alert(uint8_t notice)
{
    return notice == NOTICE_ALERT || notice == NOTICE_RISE || notice == NOTICE_CAUSE;
}

/* Somebody has to act. */
static inline bool sw_is_prompt(uint8_t notice)
{
    return notice == NOTICE_REMIND || notice == NOTICE_ESCALATE;
}

/* What a letter waits for. */
enum sw_wait {
    WAIT_NOTHING, /* is decided about when its input ends, or when nothing is due any more today */
    WAIT_QUIET,   /* quiet hours end */
    WAIT_GROUP,   /* the like was sent a moment ago: with whatever else comes of it */
    WAIT_BUDGET,  /* a morning's digest */
    WAIT_STORM,   /* a supervisor's release */
    WAIT_SILENCE, /* a silence ends */
    WAITS
};

struct sw_letter {
    sw_time since;   /* when it was decided that this person is told */
    sw_time until;   /* of what it waits for; SW_TIME_NEVER: somebody ends it */
    char *text;      /* about no case: what to say; owner: this. NULL: about a case */
    uint32_t *about; /* of such a text: the cases it tells of all the same; NULL: none; owner: this
                      */
    uint32_t n, n_about; /* bytes of the text; cases */
    uint32_t to;         /* SW_NONE: it is settled */
    uint32_t index;      /* of the case, SW_NONE: about none */
    uint32_t rule;       /* the cause that is named, SW_NONE: its rule is gone */
    uint32_t place;      /* letters about one cause in one place become one text */
    uint32_t holder;     /* number of the storm or silence it waits for */
    uint8_t notice, level, waits;
    bool by_time;     /* nothing came: a day passed, or rules changed */
    bool by_standard; /* … or numbers did */
    bool of_disaster; /* an event over a place is behind it */
    bool as_team;     /* told because the team's area it is, not because the household is theirs */
    bool released;    /* a storm held it, and a supervisor let it go */
    bool waited;      /* the world may have moved on since */
    char kind[MAIL_KIND_MAX]; /* of the message row; of a letter about no case */
};

/* What a person was sent. */
struct sw_ledger {
    sw_day day;
    int32_t month;
    uint16_t in_day, in_month;
    uint16_t digests; /* of the day */
    uint8_t pad[2];
};

/* A text that was sent a moment ago: what is like it waits a while. */
struct sw_recent {
    sw_time at;
    uint32_t to, place, rule;
    uint8_t pad[4];
};

/* Alerts of a rule by days. The last of all counts the whole county. */
struct sw_tally {
    uint32_t today; /* alerts */
    uint32_t held;  /* of them */
    bool released;  /* somebody said today's are right */
    uint8_t pad[3];
    uint16_t day[STORM_DAYS_MAX]; /* not held; by number of the day modulo this */
};

/* Today's alerts of a rule in a village. */
struct sw_tally_place {
    uint32_t rule, place, n;
};

enum sw_storm_state { STORM_HELD, STORM_RELEASED, STORM_DISCARDED, STORM_OVER, STORM_STATES };

struct sw_storm {
    sw_time at, ended;
    uint32_t rule;         /* text number of the rule's name; SW_NONE: the whole county */
    uint32_t by, reason;   /* text numbers; SW_NONE */
    uint32_t usual, bound; /* alerts of a usual day; how many would have gone unasked */
    uint32_t held, red;    /* cases, and those on the highest level among them */
    uint8_t state;
    uint8_t pad[3];
};

struct sw_silence {
    sw_time at, ended;        /* ended: 0 while it holds */
    uint32_t rule;            /* text number of the rule's name; SW_NONE: any rule */
    uint32_t area, household; /* SW_NONE: any */
    uint32_t by, reason, ended_by;
    uint32_t hushed; /* notices so far */
    sw_day until;    /* the last day */
    uint8_t level;   /* the highest it hushes */
    uint8_t pad[3];
};

struct sw_mail {
    struct sw_letter *at;     /* in order of decision */
    struct sw_ledger *ledger; /* by cadre */
    struct sw_recent *recent;
    struct sw_tally *tally; /* by rule, and one more */
    struct sw_tally_place *place;
    struct sw_storm *storm;
    struct sw_silence *silence;
    size_t cap, ledger_cap, recent_cap, place_cap, storm_cap, silence_cap;
    uint32_t n, n_ledger, n_recent, n_tally, n_place, n_storms, n_silences;
    sw_day day;          /* of tally[].today; 0: before the first */
    sw_time next;        /* the first instant at which a letter need not wait any more */
    uint32_t news;       /* letters that wait for nothing */
    uint32_t counted;    /* the case of the last alert that was counted … */
    int64_t counted_seq; /* … in this input */
    bool recheck;        /* rules changed: what is held may have lost its cause */
    uint8_t pad[7];
};

/* ---- mail.c -------------------------------------------------------------------------------- */

void sw_mail_free(struct sw_mail *m);
/* A text to a cadre about no case: waits out quiet hours, nothing else. */
void sw_mail_text(struct sw_engine *e, uint32_t cadre, const char *kind, struct sw_str text,
                  const uint32_t *about, size_t n_about);
/* The alert of a case waits for a supervisor's release: nobody knows of the case. */
bool sw_is_held(const struct sw_engine *e, uint32_t index);
/* A cadre's alert about a case has not gone yet. */
bool sw_is_unsaid(const struct sw_engine *e, uint32_t to, uint32_t index);
/* What came of the input: decide about new letters and those whose wait is over. */
void sw_mail_flush(struct sw_engine *e, struct sw_effects *fx);
/* Letters and counts follow their rules by name: now[number before], SW_NONE: gone. */
void sw_mail_carry(struct sw_engine *e, const struct sw_ruleset *old, const uint32_t *now);
/* Settle a letter: its case says why. */
void sw_letter_end(struct sw_engine *e, struct sw_letter *l, const char *kind, struct sw_str why,
                   struct sw_effects *fx);
/* Let a letter wait; its case says for what. */
void sw_letter_wait(struct sw_engine *e, struct sw_letter *l, enum sw_wait waits, sw_time until,
                    struct sw_str why, struct sw_effects *fx);
/* True when there is nothing to say any more: it is settled. */
bool sw_letter_is_moot(struct sw_engine *e, struct sw_letter *l, struct sw_effects *fx);
/* True when it can be decided about now. */
bool sw_letter_is_ready(const struct sw_engine *e, const struct sw_letter *l);
/* For ticks.c. */
sw_time sw_mail_wanted(const struct sw_engine *e, uint32_t index);
void sw_mail_fire(struct sw_engine *e, uint32_t index, struct sw_effects *fx);
struct sw_str sw_letter_name(const struct sw_engine *e, const struct sw_letter *l);
/* True for the level that nothing holds up but a storm. */
bool sw_level_is_urgent(const struct sw_engine *e, uint8_t level);
/* The day and minute as people write it; in the engine's arena. */
struct sw_str sw_when_text(struct sw_engine *e, sw_time at);

/* ---- mail_budget.c ------------------------------------------------------------------------- */

/* The end of the quiet hours that hold a letter now, 0: none do. */
sw_time sw_quiet_until(const struct sw_engine *e, const struct sw_letter *l);
/* The next morning's digest. */
sw_time sw_digest_at(const struct sw_engine *e);
/* False: the person has had enough for today or this month. */
bool sw_budget_allows(struct sw_engine *e, uint32_t cadre);
/* "今日已发4条（每日上限4条）" */
const char *sw_budget_text(struct sw_engine *e, uint32_t cadre);
void sw_budget_spend(struct sw_engine *e, uint32_t cadre, bool digest);

/* ---- mail_many.c --------------------------------------------------------------------------- */

/* One text for a letter and those about the same cause in the same place to the same receiver. */
void sw_send_group(struct sw_engine *e, struct sw_letter *first, struct sw_effects *fx);
/* A person's digest of what waits for it; what has no place in it waits for the next. */
void sw_send_digest(struct sw_engine *e, uint32_t cadre, struct sw_effects *fx);

/* ---- storm.c ------------------------------------------------------------------------------- */

/* An alert was made: count it. */
void sw_storm_count(struct sw_engine *e, const struct sw_letter *l);
/* Hold what is too much of new letters; tell the county once. */
void sw_storm_guard(struct sw_engine *e, struct sw_effects *fx);
void sw_storm_pass_day(struct sw_engine *e);
void sw_storm_carry(struct sw_engine *e, const struct sw_ruleset *old, const uint32_t *now);
/* After new rules: what is held and has no cause any more is settled. */
void sw_storm_recheck(struct sw_engine *e, struct sw_effects *fx);
/* Whether two rules read a stream of which events come over places, or a household's. */
bool sw_rules_share(const struct sw_ruleset *rs, uint32_t a, uint32_t b);
/* An event over a place that the rule reads lies over the place, or an area around it. */
bool sw_is_disaster(const struct sw_engine *e, uint32_t place, uint32_t rule);
/* "storm.release", "storm.discard", "silence.add", "silence.end". */
enum sw_verdict sw_storm_apply(struct sw_engine *e, const struct sw_envelope *env,
                               struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err);
enum sw_verdict sw_silence_apply(struct sw_engine *e, const struct sw_envelope *env,
                                 struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err);
/* What a silence is to be; numbers of today's rules, areas and households. */
struct sw_silence_asked {
    uint32_t rule, area, household; /* SW_NONE: any */
    sw_day until;
    uint8_t level; /* 0: not said */
};

/* acts.c: one of them. */
#define SW_STORM_RELEASE "storm.release"
#define SW_STORM_DISCARD "storm.discard"
#define SW_SILENCE_ADD   "silence.add"
#define SW_SILENCE_END   "silence.end"
bool sw_is_act(struct sw_str type);
enum sw_verdict sw_act_apply(struct sw_engine *e, const struct sw_envelope *env,
                             struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err);
struct sw_json;
enum sw_refusal sw_silence_read(const struct sw_engine *e, const struct sw_json *data,
                                struct sw_silence_asked *a, struct sw_err *err);
/* "storm/3" with {"by","reason"}: which of so many, counted from 1; *number counts from 0. */
enum sw_refusal sw_act_read(const struct sw_envelope *env, const char *kind, uint32_t n,
                            uint32_t *number, struct sw_str *by, struct sw_str *reason,
                            struct sw_err *err);
/* The silence that hushes a letter, SW_NONE: none does. */
uint32_t sw_silence_of(const struct sw_engine *e, const struct sw_letter *l);

#endif
