/* feed.h - a publisher for the acknowledged door that costs next to nothing.
 *
 * A DEALER by hand: ZMTP 3 frames are put into one buffer and written with one call per message, so
 * that on a small machine the processors are left to the service. (sw_publisher through libzmq
 * costs about 1.5 µs an event, this 0.15.) */
#ifndef TESTS_BENCH_FEED_H
#define TESTS_BENCH_FEED_H

#include "bench.h"

struct feed;

struct feed_counts {
    uint64_t sent, stored, repeated, refused;
    uint64_t bytes; /* of the events sent */
};

struct feed *feed_open(uint16_t port);
/* Room for the next event of n bytes, to be filled before the next call here. Sends what was filled
 * before, when it is a whole message, as soon as there is credit. */
char *feed_event(struct feed *f, size_t n);
/* Everything sent is answered when this returns. */
void feed_flush(struct feed *f);
const struct feed_counts *feed_counts(const struct feed *f);
void feed_close(struct feed *f);

#endif
