/* telling.h - what a case follows, who is told in which words, and the rows that come of an input.
 * Private to engine; a part of parts.h. */
#ifndef ENGINE_TELLING_H
#define ENGINE_TELLING_H

#include "case_acts.h"
#include "clocks.h"
#include <shouwang/base/json.h>

/* ---- cases.c, deadlines.c, standards.c ---------------------------------------------------- */

/* Why something that counted may count no more, beside time and other events: for the case's words.
 */
enum sw_gone {
    NOT_GONE,
    GONE_TAKEN_BACK, /* an event was taken back */
    GONE_REPLACED,   /* a newer statement stands in its place */
    GONE_UNLISTED    /* a newer whole list has it not any more */
};

/* What judging found, for the case. */
struct sw_finding_of {
    uint8_t level_before;
    bool new_cause;   /* a rule is on that nobody was told of */
    bool by_standard; /* … and only because numbers or rules changed */
    bool lost_cause;  /* a rule that was on is off */
    enum sw_gone gone;
};
/* standards.c: the rule may be on, today for the first time, because a number or the rules changed.
 */
bool sw_by_standard(const struct sw_engine *e, uint32_t subject, uint32_t rule);
void sw_case_follow(struct sw_engine *e, uint32_t subject, const struct sw_finding_of *f,
                    struct sw_effects *fx);
/* Until when to act on a case about the subject that enters a state now: as level and state say, or
 * sooner if a rule that counts says so and the state asks what the alert asked. `rule` (or NULL):
 * whose time it is, SW_NONE: that of level or state. */
struct sw_life_stand;
struct sw_until sw_case_deadline(const struct sw_engine *e, uint32_t subject,
                                 const struct sw_life_stand *s, uint32_t *rule);
/* The nearest of what those rules say that nobody was told of yet. */
struct sw_until sw_news_deadline(const struct sw_engine *e, uint32_t subject, uint32_t *rule);
/* The same in the words of a message. */
struct sw_str sw_deadline_words(const struct sw_engine *e, uint32_t subject, uint8_t level);
/* Some rule counts that is more than a task. */
bool sw_has_causes(const struct sw_engine *e, uint32_t subject);
/* A household became part of another: its open case is the other's, or ends in the one that has. */
void sw_case_merge(struct sw_engine *e, uint32_t from, uint32_t into, struct sw_effects *fx);
/* Open cases of a place, and of those inside, say which code and name it has now. */
void sw_case_recode(struct sw_engine *e, uint32_t area, struct sw_effects *fx);
/* The open case of a household that lives elsewhere now says where. */
void sw_case_move(struct sw_engine *e, uint32_t household, struct sw_effects *fx);
/* judge.c: its task, "个案163的" and what: there is one at most, of households. It is done, or
 * needless. */
void sw_case_task(struct sw_engine *e, uint32_t index, const char *what, struct sw_effects *fx);
void sw_case_task_end(struct sw_engine *e, uint32_t index, struct sw_effects *fx);
/* corrections.c: its alert was taken back and nobody has answered; it has a cause again. */
void sw_case_rest(struct sw_engine *e, uint32_t index, struct sw_effects *fx);
void sw_case_rouse(struct sw_engine *e, uint32_t index, struct sw_effects *fx);
/* It is over; it is not over after all. */
void sw_case_close(struct sw_engine *e, uint32_t index);
void sw_case_reopen(struct sw_engine *e, uint32_t index);
/* Another ruleset may name other states and outcomes: cases keep theirs by name. */
void sw_case_carry(struct sw_engine *e, const struct sw_ruleset *old, struct sw_effects *fx);
/* After that, and when owners are found: rows of cases whose state is gone. */
void sw_case_carried(struct sw_engine *e, struct sw_effects *fx);
/* Its row as it stands now; finds the owner anew. */
void sw_case_write(struct sw_engine *e, uint32_t index, struct sw_effects *fx);
void sw_case_step(struct sw_engine *e, uint32_t index, const char *kind, struct sw_str actor,
                  struct sw_str text, struct sw_effects *fx);

enum { SMS_CHARACTERS = 70 }; /* of one text message in UCS-2, the signature among them */

enum sw_notice {
    NOTICE_ALERT,
    NOTICE_RISE,
    NOTICE_CAUSE,
    NOTICE_WITHDRAWN,
    NOTICE_REMIND,
    NOTICE_ESCALATE,
    NOTICE_COPY,
    NOTICE_HANDOVER,
    NOTICE_ASK /* whoever acts next */
};

/* ---- people.c, routes.c ------------------------------------------------------------------- */

/* The first route of people.yaml that fits a case as it stands. */
uint8_t sw_route_for(const struct sw_engine *e, const struct sw_case *c);
/* Whose a case is by its route and today's registry. */
struct sw_charge {
    uint32_t owner;  /* cadre; SW_NONE: nobody, not even in the county */
    uint32_t acting; /* the owner, or who stands in; SW_NONE only without owner */
    uint8_t role;    /* the owner's */
};
struct sw_charge sw_charge_of(const struct sw_engine *e, const struct sw_case *c);
/* True while somebody has to do with a case: may answer, may be told about it. */
bool sw_has_charge(const struct sw_engine *e, const struct sw_case *c, uint32_t cadre);
void sw_remember_told(struct sw_engine *e, struct sw_case *c, uint32_t cadre);

/* Tell those who look after the household; remembers whom in the case. Inside a told history nobody
 * is sent anything. */
void sw_notify(struct sw_engine *e, uint32_t index, enum sw_notice kind, struct sw_effects *fx);
/* Tell only whose the case is, or who stands in; false: it is nobody's. */
bool sw_notify_owner(struct sw_engine *e, uint32_t index, enum sw_notice kind,
                     struct sw_effects *fx);
/* Tell the teams of just this area; false: there is nobody beside the owner. */
bool sw_notify_area(struct sw_engine *e, uint32_t index, enum sw_notice kind, uint32_t area,
                    struct sw_effects *fx);
/* Whether a cadre leads a team of this area today. */
bool sw_is_leader(const struct sw_engine *e, uint32_t cadre, uint32_t area);
/* The same without a message: people nearer than that do not own it any more. */
bool sw_case_rise(struct sw_engine *e, uint32_t index);
/* Hand the case to who is above its place and its owner; false: there is nobody. */
bool sw_notify_above(struct sw_engine *e, uint32_t index, struct sw_effects *fx);

/* follow.c */
/* Finds the owner of an open case anew and tells it in steps; true: its row changed. */
bool sw_settle_owner(struct sw_engine *e, uint32_t index, struct sw_effects *fx);
void sw_people_follow(struct sw_engine *e, const struct sw_changed *c, struct sw_effects *fx);
void sw_people_pass_day(struct sw_engine *e, struct sw_effects *fx);
void sw_people_carry(struct sw_engine *e, const struct sw_ruleset *old, struct sw_effects *fx);
sw_time sw_people_wanted(const struct sw_engine *e, uint32_t what);
void sw_people_fire(struct sw_engine *e, uint32_t what, struct sw_effects *fx);
/* owners.c: count the households without owner; the county is told when there are others. */
void sw_owners_count(struct sw_engine *e, struct sw_effects *fx);

/* To the teams of the county, about no case: a text for their leaders, `event` for their groups. */
void sw_notify_county(struct sw_engine *e, const char *kind, struct sw_str text,
                      struct sw_str event, struct sw_effects *fx);

/* ---- notice.c, wording.c ------------------------------------------------------------------ */

/* A letter about a case: a text to a cadre's phone, an event to a team's group if it has one. What
 * becomes of it: mail.c. */
void sw_notice_cadre(struct sw_engine *e, uint32_t index, enum sw_notice kind, uint32_t cadre,
                     struct sw_effects *fx);
void sw_notice_team(struct sw_engine *e, uint32_t index, enum sw_notice kind, uint32_t team,
                    struct sw_effects *fx);
/* One message to who takes over n cases; each of them keeps that it was sent. */
void sw_notice_handover(struct sw_engine *e, uint32_t cadre, const uint32_t *index, size_t n,
                        struct sw_effects *fx);
/* The same about no case: to the team's leader and group. */
void sw_tell_team(struct sw_engine *e, uint32_t team, const char *kind, struct sw_str text,
                  struct sw_str event, struct sw_effects *fx);
/* A message now: what a letter says; a text about several cases, the first of them `index`. */
struct sw_letter;
void sw_send_letter(struct sw_engine *e, const struct sw_letter *l, struct sw_effects *fx);
void sw_send_text(struct sw_engine *e, uint32_t to, uint32_t index, const char *kind,
                  struct sw_str text, struct sw_effects *fx);
/* The rule with the most points among the news, or, without news, among all that count; SW_NONE. */
uint32_t sw_main_cause(const struct sw_engine *e, uint32_t subject);
struct sw_str sw_rule_cause(struct sw_engine *e, uint32_t rule); /* in a few characters */
/* One text to one phone about no case in particular. */
void sw_text_phone(struct sw_engine *e, struct sw_str phone, const char *kind, struct sw_str body,
                   struct sw_effects *fx);
/* A wording with {{names}} filled in from pairs, the signature in front. */
struct sw_pair {
    const char *name;
    struct sw_str value;
};
struct sw_str sw_fill(struct sw_engine *e, struct sw_str wording, const struct sw_pair *pairs,
                      size_t n);
struct sw_str sw_place_name(struct sw_engine *e, uint32_t subject, bool with_town);
struct sw_str sw_masked_name(struct sw_engine *e, uint32_t subject); /* empty for an area */

/* ---- record.c ----------------------------------------------------------------------------- */

/* The case's row was written: its step of this input keeps where the case stands, and on which
 * facts. */
void sw_record_row(struct sw_engine *e, uint32_t index, struct sw_effects *fx);
/* The message is about this case (SW_NONE: a text about none, whose fate tells of the number): a
 * step now, and one for each word on its fate. */
void sw_record_message(struct sw_engine *e, uint32_t index, const struct sw_message_row *m,
                       struct sw_effects *fx);
/* The message that was just made is about this case, too. */
void sw_record_also(struct sw_engine *e, uint32_t index, struct sw_effects *fx);
/* False: the fate of a message does not move forward by this. */
bool sw_record_fate(struct sw_engine *e, const struct sw_fate_row *f, struct sw_effects *fx);
/* A new day: messages from long ago are forgotten. */
void sw_record_pass_day(struct sw_engine *e);

/* ---- effects.c ---------------------------------------------------------------------------- */

void sw_fx_case(struct sw_effects *fx, const struct sw_case_row *row);
void sw_fx_step(struct sw_effects *fx, const struct sw_step_row *row);
void sw_fx_message(struct sw_effects *fx, const struct sw_message_row *row);
void sw_fx_said(struct sw_effects *fx, const struct sw_said_row *row);
void sw_fx_task(struct sw_effects *fx, const struct sw_task_row *row);
void sw_fx_fate(struct sw_effects *fx, const struct sw_fate_row *row);

/* ---- said.c ------------------------------------------------------------------------------- */

/* The case's row was written and `step` says why: tell whoever subscribed, and the departments
 * whose data raised it what a visit found. */
void sw_say(struct sw_engine *e, uint32_t index, const struct sw_step_row *step,
            const struct sw_case_row *row, struct sw_effects *fx);
/* ---- webhook.c ---------------------------------------------------------------------------- */

/* A Standard Webhooks' body under way: {"type","timestamp","data":{…}}; `data` is open in between.
 */
struct sw_webhook {
    struct sw_buf body;
    struct sw_jw w;
};
struct sw_jw *sw_webhook_begin(const struct sw_engine *e, struct sw_webhook *hook,
                               const char *type);
struct sw_str sw_webhook_end(struct sw_engine *e, struct sw_webhook *hook);
void sw_put_time(const struct sw_engine *e, struct sw_jw *w, const char *key, sw_time at);

/* notice.c: an event to a gateway that is not a person's. */
void sw_send_event(struct sw_engine *e, uint32_t index, const char *kind, struct sw_str gateway,
                   struct sw_str body, struct sw_effects *fx);

#endif
