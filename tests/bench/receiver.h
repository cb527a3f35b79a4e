/* receiver.h - the other end of the webhooks: a thread that answers 200 to every POST and notes
 * when it came. */
#ifndef TESTS_BENCH_RECEIVER_H
#define TESTS_BENCH_RECEIVER_H

#include "bench.h"

struct receiver;

struct receiver *receiver_start(void);
uint16_t receiver_port(const struct receiver *r);
uint64_t receiver_count(const struct receiver *r); /* POSTs so far */
/* Until there were `count`, at most `seconds`; bench_now() of the last POST when there were, else
 * 0. */
double receiver_wait(struct receiver *r, uint64_t count, double seconds);
double receiver_seconds(const struct receiver *r); /* processor time of the thread */
void receiver_stop(struct receiver *r);

#endif
