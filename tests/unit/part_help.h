/* part_help.h - a part on its own: the rules we ship, hooks of nobody who sends messages, inputs
 * on a clock that goes a second with each. */
#ifndef TESTS_PART_HELP_H
#define TESTS_PART_HELP_H

#include "ctl/rulecheck.h"
#include <shouwang/store/part.h>
#include <stdio.h>
#include <stdlib.h>

/* Findings go to the test's output; the test ends where there are errors. */
static inline struct sw_ruleset *shipped_rules(void)
{
    struct sw_diag diag = {0};
    struct sw_ruleset *rs = sw_rules_compile("rules", &diag);

    sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    if (rs == NULL)
        exit(2);
    return rs;
}

static inline bool claim_none(void *ctx, const struct sw_message_row *m,
                              struct sw_outbox_change *lease)
{
    (void)ctx;
    (void)m;
    (void)lease;
    return false;
}

static inline void keep_message(void *ctx, const struct sw_outbox_row *m, bool claimed)
{
    (void)ctx;
    (void)m;
    (void)claimed;
}

static inline void keep_change(void *ctx, uint64_t token)
{
    (void)ctx;
    (void)token;
}

/* Without a loop: it has caught up with time. */
static inline struct sw_part *open_part_with(const struct sw_part_conf *conf)
{
    struct sw_part *p = NULL;
    struct sw_err err;

    if (sw_part_open(&p, conf, &err) != SW_OK) {
        printf("Bail out! %s\n", err.text);
        exit(2);
    }
    while (sw_part_pass_time(p)) {}
    return p;
}

static inline void bail_out(void *ctx, const char *why)
{
    (void)ctx;
    printf("Bail out! %s\n", why);
    exit(1);
}

static sw_time clock_now = INT64_C(1700014400) * SW_SECOND;

static inline sw_time tell_clock(void *ctx)
{
    (void)ctx;
    return clock_now;
}

/* The test ends where it is turned away. */
static inline void push(struct sw_part *p, enum sw_input_kind kind, const char *body)
{
    struct sw_offer o = {.kind = kind, .body = sw_str(body)};

    clock_now += SW_SECOND;
    if (!sw_part_push(p, &o))
        bail_out(NULL, body);
}

/* An event of its own id. */
static inline void tell(struct sw_part *p, const char *type, const char *subject, const char *data)
{
    static unsigned int serial;
    char body[600];

    snprintf(body, sizeof(body),
             "{\"specversion\":\"1.0\",\"id\":\"e%u\",\"source\":\"test\",\"type\":\"%s\","
             "\"subject\":\"%s\",\"data\":%s}",
             ++serial, type, subject, data);
    push(p, SW_IN_EVENT, body);
}

#endif
