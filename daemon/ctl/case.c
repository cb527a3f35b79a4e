/* case.c - acting on a case, and the table of what can be done. */
#include "feeding.h"
#include "rulecheck.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/engine/ruleset.h>
#include <shouwang/model/event.h>
#include <shouwang/store/query.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void put_given(struct sw_jw *w, const char *key, const char *value)
{
    if (value != NULL)
        sw_jw_member(w, key, sw_str(value));
}

struct given {
    const char *by, *reason, *measure, *until, *if_state;
};

static void put_act(struct sw_buf *out, const char *number, const char *act, const struct given *g)
{
    struct sw_jw w = {.out = out};
    struct timespec now;
    char id[64];
    char subject[64];

    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(id, sizeof(id), "%lld-%09ld-%d", (long long)now.tv_sec, now.tv_nsec, (int)getpid());
    snprintf(subject, sizeof(subject), "case/%s", number);
    sw_jw_object(&w);
    sw_jw_member(&w, "specversion", SW_STR("1.0"));
    sw_jw_member(&w, "source", SW_STR("shouwang-case"));
    sw_jw_member(&w, "id", sw_str(id));
    sw_jw_member(&w, "type", SW_STR(SW_CASE_ACT));
    sw_jw_member(&w, "subject", sw_str(subject));
    sw_jw_key(&w, "data");
    sw_jw_object(&w);
    sw_jw_member(&w, "act", sw_str(act));
    put_given(&w, "by", g->by);
    put_given(&w, "reason", g->reason);
    put_given(&w, "measure", g->measure);
    put_given(&w, "until", g->until);
    put_given(&w, "if_state", g->if_state);
    sw_jw_end(&w);
    sw_jw_end(&w);
}

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
    struct given g = {.by = ctl_option(&argc, argv, "--by")};
    const char *endpoint = ctl_option(&argc, argv, "--endpoint");
    struct sw_buf event = {0};
    struct feeding f;
    int64_t number;
    int status;

    g.reason = ctl_option(&argc, argv, "--reason");
    g.measure = ctl_option(&argc, argv, "--measure");
    g.until = ctl_option(&argc, argv, "--until");
    g.if_state = ctl_option(&argc, argv, "--if-state");
    if (ctl_unknown_options(argc, argv) || argc != 3 || g.by == NULL ||
        !sw_str_int(sw_str(argv[1]), &number))
        return CTL_USAGE;
    status = feeding_begin(&f, c, endpoint, false);
    if (status != CTL_GOOD)
        return status;
    f.file = argv[1];
    put_act(&event, argv[1], argv[2], &g);
    status = feeding_event(&f, sw_buf_view(&event), 1);
    if (status == CTL_GOOD)
        status = feeding_flush(&f);
    if (feeding_end(&f) != CTL_GOOD)
        status = CTL_FAILED;
    sw_buf_free(&event);
    return status == CTL_GOOD ? tell_result(c, number, g.by) : status;
}

int ctl_case_states(struct ctl *c, int argc, char **argv)
{
    struct sw_diag diag = {0};
    struct sw_buf out = {0};
    struct sw_ruleset *rs;
    const char *dir;

    if (ctl_unknown_options(argc, argv) || argc > 2)
        return CTL_USAGE;
    dir = ctl_rules_folder(c, argc, argv);
    if (dir == NULL)
        return CTL_FAILED;
    rs = sw_rules_compile(dir, &diag);
    if (rs == NULL) {
        sw_diag_print(&diag, stderr);
        sw_diag_free(&diag);
        return CTL_FAILED;
    }
    sw_ruleset_cases_put(rs, &out);
    fwrite(out.p, 1, out.n, stdout);
    sw_buf_free(&out);
    sw_diag_free(&diag);
    sw_ruleset_free(rs);
    return CTL_GOOD;
}
