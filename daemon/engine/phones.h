/* phones.h - numbers that messages do not reach: phones.c. Private to engine; a part of parts.h. */
#ifndef ENGINE_PHONES_H
#define ENGINE_PHONES_H

#include "telling.h"

/* What a message's fate says of the number it was sent to. */
enum sw_number_fate {
    NUMBER_UNKNOWN, /* nothing yet */
    NUMBER_LATE,    /* nobody took it in time: the number's fault only if nothing ever arrived */
    NUMBER_DEAD,    /* refused or given up for good */
    NUMBER_ALIVE
};

enum { NUMBER_WORD_MAX = 47, BAD_NUMBER_AFTER = 3 /* where people.yaml says nothing */ };

/* A number of some cadre of which a fate was heard. */
struct sw_phone {
    sw_time since;              /* the first of the failures in a row; 0: there are none */
    uint32_t phone;             /* text number */
    uint32_t failures;          /* in a row */
    bool reached;               /* something arrived, or was answered, some time */
    char word[NUMBER_WORD_MAX]; /* the operator's about the last of them */
};

struct sw_phones {
    struct sw_phone *at; /* ascending by `phone` */
    size_t cap;
    sw_time list_at; /* tell the county; SW_TIME_NEVER: there is nothing to tell */
    uint32_t n;
    uint8_t pad[4];
};

/* A word on a message to this number (text number) moved its fate forward. */
void sw_phone_heard(struct sw_engine *e, uint32_t phone, enum sw_number_fate says,
                    const struct sw_fate_row *f, struct sw_effects *fx);
/* Somebody wrote from it. */
void sw_phone_answered(struct sw_engine *e, uint32_t phone);
/* The registry may have given a cadre another number: those that are nobody's are forgotten. */
void sw_phones_follow(struct sw_engine *e);
/* So many failures in a row that the cadre is not reached by it. */
bool sw_phone_is_bad(const struct sw_engine *e, uint32_t cadre);
uint32_t sw_phone_failures(const struct sw_engine *e, uint32_t cadre);
/* For ticks.c. */
sw_time sw_phones_wanted(const struct sw_engine *e, uint32_t index);
void sw_phones_fire(struct sw_engine *e, uint32_t index, struct sw_effects *fx);

/* people.c: what this cadre, whose number is bad, is told of a case goes on to the next. */
void sw_pass_on(struct sw_engine *e, uint32_t index, enum sw_notice kind, uint32_t cadre,
                struct sw_effects *fx);

#endif
