/* events.h - the county of the bench, as events: villages with a team whose webhooks go to the
 * gateway "team", households of one person, and hospital bills of about 470 bytes. */
#ifndef TESTS_BENCH_EVENTS_H
#define TESTS_BENCH_EVENTS_H

#include "feed.h"

/* Areas, teams and their assignments, for that many households. */
void events_villages(struct feed *f, uint32_t households);
/* Households first … first + n - 1; their persons. */
void events_households(struct feed *f, uint32_t first, uint32_t n);
void events_persons(struct feed *f, uint32_t first, uint32_t n);

enum { BILL_BYTES = 470, BILL_DAYS_MAX = 1500 };

/* Where bills come from. Ids count up, so a source never repeats itself. */
struct bills {
    const char *source; /* four letters; two sources are two streams of ids */
    uint32_t days;      /* spread over so many days, at most BILL_DAYS_MAX */
    uint64_t next;
    uint64_t dice;
    uint32_t today;
};

struct bills bills_new(const char source[5], uint32_t days);
/* A bill of 100 to 300 yuan, which raises nothing. */
void bills_small(struct bills *b, char out[BILL_BYTES], uint32_t household);
/* Incomes, expenses, aid and visits, by turns. */
void events_other(struct feed *f, struct bills *b, uint32_t pass, uint32_t household);
/* One of 25 000 yuan today: an alert, when it is the household's first. */
void bills_large(struct bills *b, char out[BILL_BYTES], uint32_t household);
uint32_t bills_below(struct bills *b, uint32_t n); /* a random number below n */

#endif
