/* A part while the disk takes nothing: what piles up is bounded, and when the disk is well again
 * all of it is in the log, and the log can be read back. */
#include "part_help.h"
#include "ruleset_help.h"
#include "store_fixture.h"
#include <ev.h>
#include <shouwang/base/mem.h>
#include <stdatomic.h>

/* ---- a disk that is full on demand -------------------------------------------------------- */

static atomic_bool is_full;

static enum sw_code commit(void *handle, const struct sw_commit *c, struct sw_err *err)
{
    if (is_full)
        return sw_fail(err, SW_EFULL, "full");
    return sw_backend_sqlite.commit(handle, c, err);
}

static void open_part(struct sw_part **p, struct sw_ruleset *rules, struct ev_loop *loop)
{
    static struct sw_backend backend;
    struct sw_part_conf conf = {
        .loop = loop,
        .backend = &backend,
        .where = db_path,
        .hooks = {NULL, tell_clock, claim_none, keep_message, keep_change, NULL, bail_out},
        .rules = rules,
    };
    struct sw_err err = {.text = ""};

    backend = sw_backend_sqlite;
    backend.commit = commit;
    *p = NULL;
    ok_named(sw_part_open(p, &conf, &err) == SW_OK, "opened");
    if (*p == NULL)
        bail_out(NULL, err.text);
}

/* Both batches that may be under way are with the writer, which cannot write them. */
static void fill_pipeline(struct sw_part *p)
{
    struct sw_part_counts counts;

    is_full = true;
    for (size_t i = 0; i < 2; i++) {
        tell(p, "registry.area", "area/6109", "{\"name\":\"县\"}");
        sw_part_flush(p);
    }
    sw_part_count(p, &counts);
    is_int_named(counts.waiting, 2, "two batches wait for the disk");
}

static void empty_pipeline(struct sw_part *p, struct ev_loop *loop)
{
    struct sw_part_counts counts;
    double end = ev_time() + 20;

    is_full = false;
    do {
        ev_run(loop, EVRUN_ONCE);
        sw_part_flush(p);
        sw_part_count(p, &counts);
    } while (counts.waiting > 0 && ev_time() < end);
    is_int_named(counts.waiting, 0, "the disk has taken all");
}

/* ---- rules --------------------------------------------------------------------------------- */

/* Of a folder whose only rule counts bills from so many yuan on. */
static struct sw_ruleset *rules_with(int line)
{
    struct sw_diag diag = {0};
    struct sw_ruleset *rules;
    char params[200];

    snprintf(params, sizeof(params),
             "params: 1\n"
             "line: {label: 线, unit: 元, value: %d, min: 1, max: 100000}\n"
             "days: {label: 天, unit: 天, value: 30, min: 1, max: 365}\n"
             "share: {label: 比, unit: 比例, value: 0.5, min: 0, max: 1}\n",
             line);
    rules = build_rules((struct rule_file[]){{"params.yaml", sw_str(params)},
                                             {"rules.yaml", sw_str(small_rules)},
                                             {"schema.yaml", sw_str(small_schema)}},
                        3, &diag);
    sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    if (rules == NULL)
        bail_out(NULL, "rules");
    return rules;
}

/* Whoever tunes numbers saves more than once while nothing can be written. */
static void test_rules(struct ev_loop *loop)
{
    struct sw_part *p;
    uint64_t digest;

    open_part(&p, rules_with(1000), loop);
    fill_pipeline(p);
    for (int line = 2000; line <= 4000; line += 1000) {
        sw_part_activate(p, rules_with(line));
        tell(p, "registry.area", "area/6109", "{\"name\":\"县\"}");
    }
    empty_pipeline(p, loop);
    digest = sw_engine_digest(sw_part_engine(p));
    sw_part_close(p);
    open_part(&p, NULL, NULL);
    ok_named(sw_engine_digest(sw_part_engine(p)) == digest, "each of the rules is in the log");
    sw_part_close(p);
    remove_database();
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void on_resume(void *ctx)
{
    ++*(size_t *)ctx;
}

/* A door that acknowledges nothing (a subscription), and somebody who sends it rubbish. */
static void test_refused(struct ev_loop *loop)
{
    size_t resumed = 0;
    size_t taken = 0;
    struct sw_source source = {"zmq-sub", &resumed, NULL, on_resume};
    struct sw_offer rubbish = {.source = &source, .kind = SW_IN_EVENT, .body = SW_STR("{")};
    struct sw_part_counts counts;
    struct sw_part *p;

    open_part(&p, rules_with(1000), loop);
    fill_pipeline(p);
    while (taken < 4 * SW_BATCH_INPUTS && sw_part_push(p, &rubbish))
        taken++;
    note("%zu taken", taken);
    ok_named(taken <= SW_BATCH_INPUTS, "so much is kept, and no more");
    is_int_named(resumed, 0, "the door waits");
    empty_pipeline(p, loop);
    ok_named(resumed > 0, "and is told when there is room again");
    sw_part_count(p, &counts);
    is_int_named(counts.rejected, taken, "what was kept is counted");
    sw_part_close(p);
    remove_database();
}

int main(void)
{
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);

    make_folder();
    test_rules(loop);
    test_refused(loop);
    return done_testing();
}
