/* part_help.h - a part on its own: the rules we ship, and hooks of nobody who sends messages. */
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

#endif
