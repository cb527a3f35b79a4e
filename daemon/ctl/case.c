/* case.c - acting on a case, and the table of what can be done. */
#include "act.h"
#include <shouwang/base/i18n.h>
#include <shouwang/engine/ruleset.h>
#include <shouwang/model/event.h>
#include <shouwang/store/query.h>

/* ---- what came of it ---------------------------------------------------------------------- */

/* The newest step of who acted: others, gateways too, may have left more since. */
struct newest {
    const char *by;
    char kind[40];
    char text[400];
};

static void on_step(void *ctx, const struct sw_step_row *s)
{
    struct newest *n = ctx;

    if (!sw_str_is(s->actor, n->by))
        return;
    snprintf(n->kind, sizeof(n->kind), "%.*s", SW_STR_ARG(s->kind));
    snprintf(n->text, sizeof(n->text), "%.*s", SW_STR_ARG(s->text));
}

static void on_case(void *ctx, const struct sw_case_row *r)
{
    (void)ctx;
    printf(_("case %lld: %s\n"), (long long)r->number, ctl_label(r->state));
}

/* The daemon stored the act: whether the case took it is in a step, and where it led in its row. */
static int tell_result(struct ctl *c, int64_t number, const char *by)
{
    struct newest newest = {.by = by};
    struct sw_query *q;
    struct sw_err err;
    enum sw_code rc;
    bool refused = false;

    if (ctl_open_store(c, &q) != CTL_GOOD)
        return CTL_FAILED;
    rc = sw_query_steps(q, number, on_step, &newest, &err);
    if (rc == SW_OK) {
        refused = strcmp(newest.kind, "answer_refused") == 0;
        if (!refused)
            rc = sw_query_case(q, number, on_case, NULL, &err);
    }
    sw_query_close(q);
    if (rc != SW_OK)
        return ctl_fail("%s", err.text);
    return refused ? ctl_fail("%s", newest.text) : CTL_GOOD;
}

int ctl_case_act(struct ctl *c, int argc, char **argv)
{
    struct act_word data[] = {
        {"act", NULL},
        {"measure", ctl_option(&argc, argv, "--measure")},
        {"until", ctl_option(&argc, argv, "--until")},
        {"if_state", ctl_option(&argc, argv, "--if-state")},
    };
    char subject[64];
    struct act a;
    int64_t number;
    int status;

    act_options(&a, &argc, argv);
    if (ctl_unknown_options(argc, argv) || argc != 3 || a.by == a.login ||
        !sw_str_int(sw_str(argv[1]), &number))
        return CTL_USAGE;
    data[0].value = argv[2];
    snprintf(subject, sizeof(subject), "case/%lld", (long long)number);
    status = act_send(c, &a, SW_CASE_ACT, subject, data, SW_COUNTOF(data));
    return status == CTL_GOOD ? tell_result(c, number, a.by) : status;
}

int ctl_case_states(struct ctl *c, int argc, char **argv)
{
    return ctl_print_rules(c, argc, argv, sw_ruleset_cases_put);
}
