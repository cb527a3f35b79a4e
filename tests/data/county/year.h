/* year.h - the telling of the history. Private to tests/data/county.
 *
 * What happened is drawn from five months before the history on, so that its first weeks receive
 * late lines as every other week does; a line is kept when its `recorded` lies in the history. */
#ifndef COUNTY_YEAR_H
#define COUNTY_YEAR_H

#include "source.h"

struct year {
    struct county *c;
    struct dice dice; /* of the part that is being told */
    struct event_list list;
    sw_day early, first, end; /* drawn from, recorded from, recorded before */
    struct event dropped;     /* where lines outside the history are written */
    uint32_t before;          /* reversals recorded before what they reverse */
    uint32_t resettled;       /* bills and the like told anew after being taken back */
    uint32_t listed;          /* lines of a whole list that was sent twice */
};

void year_tell(struct year *y, struct county *c);
void year_free(struct year *y);

/* The parts, in this order: who dies in one has no bills in the next. */
void harm_tell(struct year *y);
void health_tell(struct year *y);
void work_tell(struct year *y);
void school_tell(struct year *y);
void care_tell(struct year *y);
/* Reversals, repeats and faulty lines among what was told. */
void noise_tell(struct year *y);

/* ---- what the parts share ----------------------------------------------------------------- */

/* Something happened to a household (`person` NOBODY or one of its persons), a village or a cadre
 * on `day`, at a time of day that suits the type. The rest is for the caller to fill in; the place
 * is valid until the next one. */
struct event *year_add(struct year *y, enum type t, uint32_t subject, uint32_t person, sw_day day);
/* The same at a moment the caller has chosen (local seconds). */
struct event *year_add_at(struct year *y, enum type t, uint32_t subject, uint32_t person,
                          int64_t at);
struct event *year_money(struct year *y, enum type t, uint32_t subject, uint32_t person, sw_day day,
                         int64_t fen);
struct event *year_word(struct year *y, enum type t, uint32_t subject, uint32_t person, sw_day day,
                        uint8_t word);

/* How often something happens in the time drawn from, given its number per year and 100 000 of
 * `base`. */
uint32_t year_count(const struct year *y, uint32_t base, uint32_t per_100k);
/* A day of it, as likely as the weight of its month (0 … 100). */
sw_day year_day(struct year *y, const uint8_t month[12]);
sw_day year_any_day(struct year *y);
/* A household, the unlucky ones more often; a person of it. */
uint32_t year_household(struct year *y);
uint32_t year_person_of(struct year *y, uint32_t household);
/* First day of Spring Festival of that year. */
sw_day spring_festival(int32_t year);
bool is_worker(const struct person *p, sw_day day);
void year_trouble(struct year *y, uint32_t household);

/* Things of one part that another part's misfortune leads to. */
void health_admit(struct year *y, uint32_t person, sw_day day);
void work_lose(struct year *y, uint32_t person, sw_day day, uint8_t reason);
void care_help(struct year *y, uint32_t household, sw_day day, uint8_t report);

#endif
