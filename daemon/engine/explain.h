/* explain.h - what the files that explain share. Private to engine. */
#ifndef ENGINE_EXPLAIN_H
#define ENGINE_EXPLAIN_H

#include "parts.h"
#include <shouwang/base/json.h>

enum { AHEAD_DAYS = 3 * 366 };

enum sw_verdict_of { OF_FALSE, OF_TRUE, OF_UNKNOWN, OF_ERROR };

/* What becomes of one rule by time alone. */
struct sw_ahead {
    enum sw_verdict_of first; /* of its condition on the day in hand; false when not in force */
    bool counted;             /* its hit counts on that day */
    sw_day when_day;          /* first later day with another verdict; SW_DAY_NEVER: none found */
    enum sw_verdict_of when_to;
    sw_day hit_day; /* first day on which the hit comes or goes; SW_DAY_NEVER */
    bool hit_to;
    /* the walk's own */
    struct sw_hit hit;
    sw_day look; /* next day on which anything of it can change */
    bool is_asked;
    uint32_t held_by; /* feed that is silent today, SW_NONE */
};

/* One page in the making. */
struct sw_page {
    struct sw_engine *view; /* a copy with working storage of its own; state is only read */
    struct sw_ruleset *rules;
    uint32_t subject, rule;    /* rule: SW_NONE: all */
    enum sw_subject_kind kind; /* of the subject; SUBJECT_KINDS: no rules are about such an area */
    struct sw_lang *lang;      /* of rules about such subjects */
    uint32_t budget;           /* of each rule */
    sw_day day;
    bool is_today; /* the engine's own day: hits are known */
    struct sw_frame frame;
    struct sw_ahead *ahead; /* by rule */
    sw_day looked_until;
    struct sw_jw w;
};

/* A copy of the engine for reading, with working storage of its own, on another day or with the
 * same rules compiled otherwise. What it points to is the engine's. */
struct sw_engine *sw_view_open(const struct sw_engine *e, struct sw_ruleset *rules, sw_day day);
void sw_view_close(struct sw_engine *v);

/* Is the rule on the page's subject? */
static inline bool sw_on_page(const struct sw_page *p, uint32_t rule)
{
    return p->rules->rule[rule].subject == p->kind;
}

/* Go ahead day by day, as far as needed, at most AHEAD_DAYS. Leaves the frame of the last day. */
void sw_look_ahead(struct sw_page *p);
bool sw_rule_in_force(const struct sw_rule *r, sw_day day);
enum sw_verdict_of sw_condition_of(const struct sw_prog *condition, struct sw_frame *f,
                                   const char **error);
const char *sw_verdict_name(enum sw_verdict_of v);
/* One rule's object. The frame stands on the day in hand. */
void sw_explain_rule(struct sw_page *p, uint32_t rule);
/* "params" and "facts": what a rule read of them. */
void sw_explain_reads(struct sw_page *p, const struct sw_rule *r);
/* "events": the newest ones of the streams that the page's rules look at. */
void sw_explain_events(struct sw_page *p);
/* "value": as JSON has it, and "text": as people read it. */
void sw_put_value(struct sw_page *p, struct sw_value v);
void sw_put_day(struct sw_jw *w, const char *key, sw_day day); /* nothing for SW_DAY_NEVER */
/* To hundredths, null when it is no number. */
void sw_put_number(struct sw_jw *w, const char *key, double d);

#endif
