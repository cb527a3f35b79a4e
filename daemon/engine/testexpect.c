/* testexpect.c - what a test expects of a day, compared with the engine's state. */
#include "testrun.h"
#include <math.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>

static const struct sw_hit *hit_of(const struct sw_trial *t)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(t->e, 0, &n);

    for (size_t i = 0; i < n; i++) {
        if (hits[i].rule == t->rule && sw_hit_counts(&hits[i]))
            return &hits[i];
    }
    return NULL;
}

static void expect_number(struct sw_trial *t, const struct sw_yaml *want, const char *what,
                          double got)
{
    double d;
    char text[SW_DOUBLE_SIZE];

    if (!sw_double_parse(want->text, &d))
        sw_trial_fault(t, want, _("expected a number, got \"%s\""), want->text.p);
    else if (fabs(d - got) >= 0.005)
        sw_trial_fault(t, want, _("%s should be %s, is %s"), what, want->text.p,
                       sw_double_format(round(got * 100) / 100, text));
}

static void expect_word(struct sw_trial *t, const struct sw_yaml *want, const char *what,
                        struct sw_str got)
{
    if (!sw_str_eq(want->text, got))
        sw_trial_fault(t, want, _("%s should be %s, is %.*s"), what, want->text.p, SW_STR_ARG(got));
}

static struct sw_str truth_now(struct sw_trial *t)
{
    static const struct sw_str words[] = {{"false", 5}, {"true", 4}, {"unknown", 7}};
    struct sw_frame f;
    enum sw_truth truth;

    sw_frame_for(t->e, 0, &f);
    truth = sw_eval_truth(t->rs->rule[t->rule].when, &f, NULL);
    sw_arena_reset(&t->e->arena);
    return words[truth];
}

/* {score:, level:, alert:, points:, truth:, task:} */
static void expect_entry(struct sw_trial *t, const struct sw_yaml *want)
{
    const struct sw_standing *st = &t->e->standing[0];
    bool of_rule = t->rule != SW_NONE;

    if (sw_str_is(want->key, "score"))
        expect_number(t, want, _("the score"), sw_score(t->e, 0));
    else if (sw_str_is(want->key, "level"))
        expect_word(t, want, _("the level"), t->rs->level[st->level].name);
    else if (sw_str_is(want->key, "alert"))
        expect_word(t, want, _("the alert"),
                    t->rs->level[st->told_day == t->e->today ? st->told_level : 0].name);
    else if (of_rule && sw_str_is(want->key, "points"))
        expect_number(t, want, _("the points"), hit_of(t) == NULL ? 0 : hit_of(t)->score);
    else if (of_rule && sw_str_is(want->key, "truth"))
        expect_word(t, want, _("the condition"), truth_now(t));
    else if (of_rule && sw_str_is(want->key, "task"))
        expect_word(t, want, _("a task"),
                    sw_rules_has(&t->tasked, t->rule) ? SW_STR("true") : SW_STR("false"));
    else
        sw_trial_fault(t, want,
                       _("no expectation %.*s; there are score, level, alert, points, truth, task"),
                       SW_STR_ARG(want->key));
}

void sw_trial_expect(struct sw_trial *t, const struct sw_yaml *want)
{
    t->expectations++;
    if (want->kind == SW_YMAP) {
        for (const struct sw_yaml *v = want->first; v != NULL; v = v->next)
            expect_entry(t, v);
    } else if (t->rule == SW_NONE) {
        sw_trial_fault(t, want, _("a test of the whole set expects {score:, level:, alert:}"));
    } else if (sw_str_is(want->text, "off")) {
        if (hit_of(t) != NULL)
            sw_trial_fault(t, want, _("%.*s: should be off, is on"), SW_STR_ARG(want->key));
    } else if (hit_of(t) == NULL) {
        sw_trial_fault(t, want, _("%.*s: should be on, is off"), SW_STR_ARG(want->key));
    } else if (!sw_str_is(want->text, "on")) {
        expect_number(t, want, _("the points"), hit_of(t)->score);
    }
}
