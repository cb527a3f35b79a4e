/* filters.c - words that choose rows of a list: one that nothing can ever match is an error that
 * names the words there are, not an empty list somebody believes. */
#include "ctl.h"
#include "rulecheck.h"
#include <shouwang/base/i18n.h>

enum { AREA_DIGITS = 12, WORDS_MAX = 80 };

const struct sw_ruleset *ctl_rules(struct ctl *c)
{
    struct sw_diag diag = {0};

    if (!c->has_looked_for_rules && ctl_config(c) != NULL)
        c->rules = sw_rules_compile(c->config->rules, &diag);
    c->has_looked_for_rules = true;
    sw_diag_free(&diag);
    return c->rules;
}

/* Empty: not asked for. */
static bool is_one_of(const char *option, struct sw_str word, const struct sw_str *names,
                      const struct sw_str *labels, size_t n)
{
    struct sw_buf there = {0};

    for (size_t i = 0; i < n; i++) {
        if (sw_str_eq(names[i], word))
            return true;
    }
    if (word.n == 0 || n == 0) /* the rules cannot be read: nothing is known */
        return true;
    sw_put_choices(&there, word, names, labels, n);
    ctl_fail(_("%s: there is no %.*s%s"), option, SW_STR_ARG(word), there.p);
    sw_buf_free(&there);
    return false;
}

bool ctl_is_state(struct ctl *c, struct sw_str word)
{
    const struct sw_ruleset *rs = word.n == 0 ? NULL : ctl_rules(c);
    struct sw_str names[WORDS_MAX];
    struct sw_str labels[WORDS_MAX];
    size_t n = 0;

    while (rs != NULL && n < WORDS_MAX && n < sw_ruleset_states(rs)) {
        names[n] = sw_ruleset_state(rs, n, &labels[n]);
        n++;
    }
    return is_one_of("--state", word, names, labels, n);
}

bool ctl_is_level(struct ctl *c, struct sw_str word)
{
    const struct sw_ruleset *rs = word.n == 0 ? NULL : ctl_rules(c);
    struct sw_str names[WORDS_MAX];
    size_t n = 0;

    while (rs != NULL && n < WORDS_MAX && n <= sw_ruleset_levels(rs)) {
        names[n] = sw_ruleset_level(rs, n);
        n++;
    }
    return is_one_of("--level", word, names, NULL, n);
}

bool ctl_is_fate(struct sw_str word)
{
    static const char *const fates[] = {"accepted", "buffered", "delivered",
                                        "failed",   "rejected", "expired"};
    struct sw_str names[SW_COUNTOF(fates)];
    struct sw_str labels[SW_COUNTOF(fates)];

    for (size_t i = 0; i < SW_COUNTOF(fates); i++) {
        names[i] = sw_str(fates[i]);
        labels[i] = sw_str(ctl_label(names[i]));
    }
    return is_one_of("--fate", word, names, labels, SW_COUNTOF(fates));
}

bool ctl_is_area(struct sw_str code)
{
    bool good = code.n <= AREA_DIGITS && code.n != 1;

    for (size_t i = 0; i < code.n; i++)
        good = good && code.p[i] >= '0' && code.p[i] <= '9';
    if (!good)
        ctl_fail(_("--area: \"%.*s\" is no area's code: 12 digits, or how it begins"),
                 SW_STR_ARG(code));
    return good;
}
