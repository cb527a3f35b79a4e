/* testexpect.c - what a test expects of a day, compared with the engine's state.
 *
 *     2024-03-01: on | off | 12.5                          of the test's rule
 *     2024-03-01: {points: 12.5, level: orange, of: 甲户}   one map
 *     2024-03-01: [{score: 20}, {of: 甲户, score: 0}]       several */
#include "testrun.h"
#include <math.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>

static const struct sw_str truth_words[] = {{"false", 5}, {"true", 4}, {"unknown", 7}};
static const struct sw_str bool_words[] = {{"false", 5}, {"true", 4}};

/* What is looked at: one household or area on the day that is. */
struct look {
    struct sw_trial *t;
    uint32_t subject;
    struct sw_str name; /* empty: the main one, or the area around it */
    uint32_t unmet;
};

/* ---- how things stand --------------------------------------------------------------------- */

static const struct sw_hit *standing_of(const struct look *l, uint32_t rule)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(l->t->e, l->subject, &n);

    for (size_t i = 0; i < n; i++) {
        if (hits[i].rule == rule)
            return &hits[i];
    }
    return NULL;
}

static const struct sw_hit *hit_of(const struct look *l)
{
    const struct sw_hit *hit = standing_of(l, l->t->test->rule);

    return hit != NULL && sw_hit_counts(hit) ? hit : NULL;
}

static const struct sw_rule *rule_of(const struct look *l)
{
    return &l->t->rs->rule[l->t->test->rule];
}

static void message_now(const struct look *l, struct sw_buf *out)
{
    struct sw_frame f;
    struct sw_value v;

    sw_frame_for(l->t->e, l->subject, &f);
    v = sw_eval(rule_of(l)->message, &f);
    if (v.kind == SW_KSTRING)
        sw_buf_str(out, sw_value_text(v));
    sw_arena_reset(&l->t->e->arena);
}

static enum sw_truth truth_now(const struct look *l, const char **error, struct sw_buf *missing)
{
    struct sw_frame f;
    enum sw_truth truth;

    sw_frame_for(l->t->e, l->subject, &f);
    truth = sw_eval_truth(rule_of(l)->when, &f, error);
    for (uint32_t i = 0; missing != NULL && truth == SW_TRUTH_UNKNOWN && i < f.n_missing; i++)
        sw_buf_printf(
            missing, "%s%.*s", i == 0 ? "" : "、",
            SW_STR_ARG(sw_lang_source_name(sw_rule_lang(l->t->rs, rule_of(l)), f.missing[i])));
    sw_arena_reset(&l->t->e->arena);
    return truth;
}

/* ---- telling ------------------------------------------------------------------------------ */

/* "rules/health.yaml:27: 2024-05-20: …" */
static void unmet(struct look *l, const struct sw_yaml *at, const char *fmt, ...) SW_PRINTF(3, 4);

static void unmet(struct look *l, const struct sw_yaml *at, const char *fmt, ...)
{
    struct sw_buf text = {0};
    char day[SW_DATE_SIZE];
    va_list ap;

    l->unmet++;
    va_start(ap, fmt);
    sw_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    sw_date_format(l->t->e->today, day);
    sw_trial_fault(l->t, at, "%s%s%.*s: %s", day, l->name.n > 0 ? " " : "", SW_STR_ARG(l->name),
                   text.p);
    sw_buf_free(&text);
}

static const char *points_text(double points, char out[SW_DOUBLE_SIZE])
{
    return sw_double_format(round(points * 100) / 100, out);
}

static void tell_rules_on(const struct look *l, struct sw_buf *out)
{
    char text[SW_DOUBLE_SIZE];
    size_t n;
    const struct sw_hit *hits = sw_hits(l->t->e, l->subject, &n);
    size_t told = 0;

    for (size_t i = 0; i < n; i++) {
        if (sw_hit_counts(&hits[i]))
            sw_buf_printf(out, "%s%.*s %s", told++ == 0 ? "" : ", ",
                          SW_STR_ARG(l->t->rs->rule[hits[i].rule].name),
                          points_text(hits[i].score, text));
    }
    if (told == 0)
        sw_buf_cstr(out, _("none"));
}

static void tell_rule(const struct look *l, struct sw_buf *out)
{
    static const char *const states[] = {N_("off"), N_("waiting for its days (for:)"), N_("on"),
                                         N_("on, kept by keep:"),
                                         N_("held while a feed is silent")};
    const struct sw_hit *hit = standing_of(l, l->t->test->rule);
    struct sw_buf missing = {0};
    struct sw_buf message = {0};
    const char *error = NULL;
    enum sw_truth truth = truth_now(l, &error, &missing);
    char text[SW_DOUBLE_SIZE];

    sw_buf_printf(out, _("    that day: condition %s; the rule is %s, %s points\n"),
                  error != NULL ? _("failed") : truth_words[truth].p,
                  _(states[hit == NULL ? HIT_OFF : hit->state]),
                  points_text(hit == NULL || !sw_hit_counts(hit) ? 0 : hit->score, text));
    if (error != NULL)
        sw_buf_printf(out, _("    the condition cannot be evaluated: %s\n"), error);
    if (missing.n > 0)
        sw_buf_printf(out, _("    not known: %s\n"), missing.p);
    message_now(l, &message);
    if (message.n > 0)
        sw_buf_printf(out, _("    its message: %s\n"), message.p);
    sw_buf_free(&missing);
    sw_buf_free(&message);
}

static struct sw_str subject_name(const struct look *l)
{
    if (sw_is_area(l->subject))
        return sw_area_name(&l->t->e->registry, sw_area_of(l->subject));
    return l->name.n > 0 ? l->name : sw_str(_("the household"));
}

/* How things stood on a day that disappoints. */
static void tell_standing(const struct look *l)
{
    struct sw_trial *t = l->t;
    struct sw_buf *out = &t->failures;
    char text[SW_DOUBLE_SIZE];

    if (t->test->rule != SW_NONE)
        tell_rule(l, out);
    sw_buf_printf(out, _("    %.*s: score %s, level %s, rules on: "), SW_STR_ARG(subject_name(l)),
                  points_text(sw_score(t->e, l->subject), text),
                  t->rs->level[sw_standing_of(t->e, l->subject)->level].name.p);
    tell_rules_on(l, out);
    sw_buf_char(out, '\n');
}

/* ---- comparing ---------------------------------------------------------------------------- */

static void compare_number(struct look *l, const struct sw_yaml *want, const char *what, double got)
{
    double d = 0;
    char text[SW_DOUBLE_SIZE];
    char room[SW_NUMBER_SIZE];

    if (!sw_double_parse(sw_number_plain(want->text, room), &d) || fabs(d - got) >= 0.005)
        unmet(l, want, _("%s should be %s, not %s"), what, want->text.p, points_text(got, text));
}

static void compare_word(struct look *l, const struct sw_yaml *want, const char *what,
                         struct sw_str got)
{
    if (!sw_str_eq(want->text, got))
        unmet(l, want, _("%s should be %s, not %.*s"), what, want->text.p, SW_STR_ARG(got));
}

static void compare_score(struct look *l, const struct sw_yaml *want)
{
    compare_number(l, want, _("the score"), sw_score(l->t->e, l->subject));
}

static void compare_points(struct look *l, const struct sw_yaml *want)
{
    compare_number(l, want, _("the points"), hit_of(l) == NULL ? 0 : hit_of(l)->score);
}

static void compare_level(struct look *l, const struct sw_yaml *want)
{
    compare_word(l, want, _("the level"),
                 l->t->rs->level[sw_standing_of(l->t->e, l->subject)->level].name);
}

static void compare_alert(struct look *l, const struct sw_yaml *want)
{
    const struct sw_standing *st = sw_standing_of(l->t->e, l->subject);

    compare_word(l, want, _("the alert"),
                 l->t->rs->level[st->told_day == l->t->e->today ? st->told_level : 0].name);
}

static void compare_truth(struct look *l, const struct sw_yaml *want)
{
    compare_word(l, want, _("the condition"), truth_words[truth_now(l, NULL, NULL)]);
}

/* A rule about an area makes tasks for the households it lists. */
static void compare_task(struct look *l, const struct sw_yaml *want)
{
    bool is_area = sw_is_area(l->subject);
    struct sw_str id =
        is_area ? SW_STR("") : sw_intern_text(&l->t->e->registry.household_id, l->subject);
    bool found = false;

    for (const struct sw_tasked *k = l->t->tasked; k != NULL; k = k->next)
        found |= (is_area || sw_str_eq(k->household, id)) && sw_str_eq(k->rule, rule_of(l)->name);
    compare_word(l, want, _("a task"), bool_words[found ? 1 : 0]);
}

/* The households listed, as they are looked for among those expected. */
struct listed {
    const struct look *l;
    const struct sw_yaml *want;
    struct sw_buf names;
    size_t n, expected;
};

static void note_listed(void *ctx, uint32_t household)
{
    struct listed *list = ctx;
    struct sw_str id = sw_intern_text(&list->l->t->e->registry.household_id, household);

    sw_buf_printf(&list->names, "%s%.*s", list->n++ == 0 ? "" : ", ", SW_STR_ARG(id));
    for (const struct sw_yaml *y = list->want->first; y != NULL; y = y->next)
        list->expected += sw_str_eq(y->text, id);
}

static void compare_listed(struct look *l, const struct sw_yaml *want)
{
    struct listed list = {.l = l, .want = want};
    struct sw_buf wanted = {0};

    if (hit_of(l) != NULL)
        sw_area_list(l->t->e, sw_area_of(l->subject), l->t->test->rule, note_listed, &list);
    sw_arena_reset(&l->t->e->arena);
    for (const struct sw_yaml *y = want->first; y != NULL; y = y->next)
        sw_buf_printf(&wanted, "%s%.*s", wanted.n == 0 ? "" : ", ", SW_STR_ARG(y->text));
    if (list.n != want->count || list.expected != want->count)
        unmet(l, want, _("the households listed should be %s, not %s"),
              want->count == 0 ? _("none") : wanted.p, list.n == 0 ? _("none") : list.names.p);
    sw_buf_free(&list.names);
    sw_buf_free(&wanted);
}

static void compare_message(struct look *l, const struct sw_yaml *want)
{
    struct sw_buf message = {0};

    message_now(l, &message);
    compare_word(l, want, _("the message"), sw_buf_view(&message));
    sw_buf_free(&message);
}

/* ---- what there is to expect -------------------------------------------------------------- */

static const struct {
    const char *name; /* a key of testkeys.c */
    bool of_rule, is_level;
    void (*compare)(struct look *l, const struct sw_yaml *want);
} expectable[] = {
    {"score", false, false, compare_score},    {"level", false, true, compare_level},
    {"alert", false, true, compare_alert},     {"points", true, false, compare_points},
    {"truth", true, false, compare_truth},     {"task", true, false, compare_task},
    {"message", true, false, compare_message}, {"listed", true, false, compare_listed},
};

static void form_level(const struct sw_test_form *f, const struct sw_yaml *y)
{
    const struct sw_ruleset *rs = f->rs;
    struct sw_str names[LEVELS_MAX + 1];

    for (size_t i = 0; i <= rs->n_levels; i++) {
        names[i] = rs->level[i].name;
        if (sw_str_eq(y->text, names[i]))
            return;
    }
    sw_test_no_such(f->diag, y->at, _("level"), y->text, names, rs->n_levels + 1);
}

static void form_entry(const struct sw_test_form *f, const struct sw_yaml *y, uint32_t rule)
{
    for (size_t i = 0; i < SW_COUNTOF(expectable); i++) {
        if (!sw_str_is(y->key, expectable[i].name))
            continue;
        if (expectable[i].of_rule && rule == SW_NONE)
            sw_diag_add(f->diag, SW_ERROR, y->key_at,
                        _("%s is about a rule, and this test names none with rule:"),
                        expectable[i].name);
        else if (expectable[i].is_level)
            form_level(f, y);
        else if (expectable[i].compare == compare_listed &&
                 sw_yaml_get(f->rs->rule[rule].source, "list") == NULL)
            sw_diag_add(f->diag, SW_ERROR, y->key_at,
                        _("%.*s lists no households: it has no list:"),
                        SW_STR_ARG(f->rs->rule[rule].name));
    }
}

static void form_one(const struct sw_test_form *f, const struct sw_yaml *y, uint32_t rule)
{
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next)
        form_entry(f, v, rule);
    if (y->kind == SW_YSCALAR && rule == SW_NONE)
        sw_diag_add(f->diag, SW_ERROR, y->at,
                    _("a test without rule: expects {score: …, level: …, alert: …}"));
}

void sw_test_form_expectation(const struct sw_test_form *f, const struct sw_yaml *want,
                              uint32_t rule)
{
    if (want->kind != SW_YLIST)
        form_one(f, want, rule);
    for (const struct sw_yaml *y = want->kind == SW_YLIST ? want->first : NULL; y != NULL;
         y = y->next)
        form_one(f, y, rule);
}

/* True when some entry is about the household, whom every rule concerns. */
static bool is_of_household(const struct sw_yaml *want)
{
    bool found = false;

    for (const struct sw_yaml *v = want->first; want->kind != SW_YSCALAR && v != NULL;
         v = v->next) {
        for (size_t i = 0; i < SW_COUNTOF(expectable); i++)
            found |= !expectable[i].of_rule && sw_str_is(v->key, expectable[i].name);
        found |= want->kind == SW_YLIST && is_of_household(v);
    }
    return found;
}

bool sw_test_is_of_rule(const struct sw_test *test)
{
    if (test->rule == SW_NONE)
        return false;
    for (size_t i = 0; i < test->n_moments; i++) {
        if (test->moment[i].kind == MOMENT_EXPECTATION && is_of_household(test->moment[i].y))
            return false;
    }
    return true;
}

/* ---- one day ------------------------------------------------------------------------------ */

static void expect_entry(struct look *l, const struct sw_yaml *want)
{
    for (size_t i = 0; i < SW_COUNTOF(expectable); i++) {
        if (sw_str_is(want->key, expectable[i].name)) {
            l->t->expectations++;
            expectable[i].compare(l, want);
        }
    }
}

/* Whom a rule about an area speaks of: an area by its name, or the one around a household. */
static bool find_area(struct look *l, uint32_t household)
{
    const struct sw_registry *r = &l->t->e->registry;
    uint32_t area = l->name.n > 0 ? sw_registry_area(r, l->name) : SW_NONE;

    if (area == SW_NONE && household != SW_NONE)
        area = r->household[household].area;
    for (; area != SW_NONE; area = r->area[area].parent) {
        l->subject = AREA_BIT | area;
        if (sw_subject_kind(l->t->e, l->subject) == rule_of(l)->subject)
            return true;
    }
    return false;
}

static bool find_subject(struct look *l)
{
    uint32_t household = sw_registry_household(&l->t->e->registry,
                                               l->name.n > 0 ? l->name : SW_STR(SW_MAIN_HOUSEHOLD));

    if (l->t->test->rule != SW_NONE && rule_of(l)->subject != OF_HOUSEHOLD)
        return find_area(l, household);
    l->subject = household;
    return household != SW_NONE;
}

static void expect_rule(struct look *l, const struct sw_yaml *want)
{
    l->t->expectations++;
    if (sw_str_is(want->text, "off") && hit_of(l) != NULL)
        unmet(l, want, _("the rule should be off, not on"));
    else if (!sw_str_is(want->text, "off") && hit_of(l) == NULL)
        unmet(l, want, _("the rule should be %s, not off"), want->text.p);
    else if (!sw_str_is(want->text, "off") && !sw_str_is(want->text, "on"))
        compare_points(l, want);
}

static void expect_one(struct sw_trial *t, const struct sw_yaml *want)
{
    const struct sw_yaml *of = sw_yaml_get(want, "of");
    struct look l = {.t = t};

    if (of != NULL && !sw_str_is(of->text, SW_MAIN_HOUSEHOLD))
        l.name = of->text;
    if (!find_subject(&l)) {
        sw_trial_fault(t, want, _("nothing here is called %.*s"), SW_STR_ARG(l.name));
        return;
    }
    if (want->kind == SW_YSCALAR)
        expect_rule(&l, want);
    for (const struct sw_yaml *v = want->first; v != NULL; v = v->next)
        expect_entry(&l, v);
    if (l.unmet > 0)
        tell_standing(&l);
}

void sw_trial_expect(struct sw_trial *t, const struct sw_yaml *want)
{
    if (want->kind == SW_YLIST) {
        for (const struct sw_yaml *y = want->first; y != NULL; y = y->next)
            expect_one(t, y);
    } else {
        expect_one(t, want);
    }
}
