/* standards.c - did something happen to this household, or did somebody move a line?
 *
 * A new standard, or new rules, can make a rule true for half a county in one night. Whoever rises
 * by it is told; that a household which stays on its level has one cause more is kept in its case
 * and sent to nobody. */
#include "parts.h"

static bool param_changes(const struct sw_engine *e, uint32_t area, uint32_t param, sw_day day)
{
    const struct sw_param *p = &e->rules->param[param];

    for (size_t i = 0; i < p->n; i++) {
        if (p->value[i].from == day)
            return true;
    }
    for (size_t i = 0; i < e->rules->n_overrides; i++) {
        const struct sw_override *o = &e->rules->override[i];

        if (o->param == param && (o->from == day || o->until == day - 1) &&
            sw_override_concerns(o, &e->registry, area))
            return true;
    }
    return false;
}

static bool rule_changes(const struct sw_engine *e, uint32_t area, const struct sw_rule *r,
                         sw_day day)
{
    const uint32_t *param = NULL;
    size_t n = sw_prog_vars(r->when, BANK_PARAMS, &param);

    if (e->rules_since == day || r->from == day)
        return true;
    for (size_t i = 0; i < n; i++) {
        if (param_changes(e, area, param[i], day))
            return true;
    }
    return false;
}

bool sw_by_standard(const struct sw_engine *e, uint32_t subject, uint32_t rule)
{
    const struct sw_ruleset *rs = e->rules;
    uint32_t area = sw_place_of(e, subject);

    for (uint32_t k = 0; k < rs->n_rules; k++) {
        if (sw_rules_has(&rs->needs[rule], k) &&
            (rule_changes(e, area, &rs->rule[k], e->today) ||
             rule_changes(e, area, &rs->rule[k], e->today - rs->rule[rule].wait)))
            return true;
    }
    return false;
}
