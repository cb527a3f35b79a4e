/* feeding.h - sending many events with a progress bar and line-numbered refusals; publish and
 * import are two ways to get the lines. Private to ctl. */
#ifndef CTL_FEEDING_H
#define CTL_FEEDING_H

#include "ctl.h"
#include <shouwang/intake/publisher.h>

enum { FEEDING_SHOWN = 20 }; /* refusals told one by one; the daemon keeps all of them */

struct feeding {
    struct sw_publisher *publisher;
    struct ctl_progress progress;
    const char *file;                  /* in refusals */
    uint64_t stored, refused, before;  /* before: answered ahead of this file */
    uint64_t own_stored, own_repeated; /* events that were no rows */
    uint64_t untold;                   /* refusals beyond FEEDING_SHOWN */
    bool told_waiting;
    bool quiet;       /* refusals are counted, not told */
    bool interactive; /* a person or program waits for each line */
    /* NULL: refusals are told as they come */
    void (*refuse)(void *ctx, uint64_t line, struct sw_str reason, struct sw_str text);
    void *refuse_ctx;
};

/* `endpoint` NULL: the configuration's first router. Each returns an exit code. */
int feeding_begin(struct feeding *f, struct ctl *c, const char *endpoint, bool history);
int feeding_event(struct feeding *f, struct sw_str event, uint64_t line);
int feeding_flush(struct feeding *f);
int feeding_end(struct feeding *f);
/* Behind "12 stored": how many of them wait, or nothing. */
enum { FEEDING_WAITING = 120 };
void feeding_waiting(uint64_t n, char out[FEEDING_WAITING]);

#endif
