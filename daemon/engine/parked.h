/* parked.h - events about households and persons who are not registered yet. Private to engine. */
#ifndef ENGINE_PARKED_H
#define ENGINE_PARKED_H

#include <shouwang/engine/engine.h>

enum { PARKED_MAX = 10000, PARKED_BYTES_MAX = 16 << 20 };

/* One event that waits. */
struct sw_parked {
    char *body;       /* its text; owner: this */
    uint64_t key;     /* of (source, id): what makes a repeat a repeat, for the same subject */
    uint64_t subject; /* hash of the subject as it was named */
    uint64_t waits;   /* hash of who is missing */
    uint64_t person;  /* hash of who is registered otherwise (SW_DOUBT_DIFFERS), else 0 */
    uint64_t task;    /* hash of the subject and the type; 0: nobody was asked to look */
    uint64_t told;    /* what its source says of the person (sw_told_of()); 0: of no person */
    sw_time arrived;
    uint32_t n;      /* bytes of the body */
    uint8_t refused; /* enum sw_refusal: whoever it waited for came, and it did not fit; else 0 */
    bool withdrawn;  /* taken back while it waited */
    uint8_t doubt;   /* enum sw_doubt */
    uint8_t pad[1];
};

struct sw_parking {
    struct sw_parked *at;      /* in order of arrival */
    struct sw_history dropped; /* keys of those that were dropped: they do not come again */
    size_t cap;
    uint64_t bytes; /* of all bodies */
    uint32_t n;
    uint32_t red; /* of them could have made a household red at once, and nobody looked yet */
};

void sw_parking_free(struct sw_parking *p);
/* Keep an event that was refused only for want of ev->missing. */
enum sw_verdict sw_park(struct sw_engine *e, struct sw_str body, const struct sw_envelope *env,
                        const struct sw_event *ev, struct sw_effects *fx, enum sw_refusal *why,
                        struct sw_err *err);
/* An event takes back another one of its subject, which may be parked. */
void sw_parked_withdraw(struct sw_engine *e, const struct sw_envelope *env, uint64_t reverses,
                        struct sw_effects *fx);
/* A household or person was registered or changed (`env`), and had the identity number `before`
 * (SW_NONE: none): what waited for them takes effect, in order of arrival, and is judged once. */
void sw_unpark(struct sw_engine *e, const struct sw_envelope *env, uint32_t before,
               struct sw_effects *fx);
/* The county has decided who somebody is, or that it is nobody: changed->match. */
void sw_unpark_match(struct sw_engine *e, const struct sw_changed *changed, struct sw_effects *fx);
/* "parked.drop": an event that waits, or all that say the same of a person, wait no longer. */
enum sw_verdict sw_parked_drop(struct sw_engine *e, const struct sw_envelope *env,
                               struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err);

/* The event's text again; valid as long as the arena. False: it is none, which is a bug. */
bool sw_parked_read(struct sw_engine *e, const struct sw_parked *p, struct sw_envelope *env);
/* The number by which lists and parked.drop call an event. */
uint64_t sw_parked_number(const struct sw_engine *e, const struct sw_parked *p);
/* Nobody has decided yet who it is about. */
bool sw_parked_is_open(const struct sw_engine *e, const struct sw_parked *p);

#endif
