/* acts.c - what supervisors do about storms and silences: CloudEvents like any other, so that the
 * log has who and why. */
#include "parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>

enum { WHO_MAX = 64, REASON_MAX = 400 };

/* Who acts, and why: both are said. */
static enum sw_refusal read_who(const struct sw_envelope *env, struct sw_str *by,
                                struct sw_str *reason, struct sw_err *err)
{
    *by = sw_str_trim(sw_json_text(env->data, "by"));
    *reason = sw_str_trim(sw_json_text(env->data, "reason"));
    if (by->n == 0 || reason->n == 0) {
        sw_fail(err, SW_EINVALID, _("%.*s is missing: who does this, and why, is kept"),
                SW_STR_ARG(by->n == 0 ? SW_STR("by") : SW_STR("reason")));
        return SW_REFUSED_MISSING_FIELD;
    }
    if (by->n > WHO_MAX || reason->n > REASON_MAX) {
        sw_fail(err, SW_EINVALID, _("%.*s is too long"),
                SW_STR_ARG(by->n > WHO_MAX ? SW_STR("by") : SW_STR("reason")));
        return SW_REFUSED_BAD_FIELD;
    }
    return SW_ACCEPTED;
}

enum sw_refusal sw_act_read(const struct sw_envelope *env, const char *kind, uint32_t n,
                            uint32_t *number, struct sw_str *by, struct sw_str *reason,
                            struct sw_err *err)
{
    struct sw_str rest = env->subject;
    struct sw_str word;
    int64_t i;

    if (!sw_str_split(&rest, '/', &word) || !sw_str_is(word, kind) || !sw_str_int(rest, &i) ||
        i < 1 || i > n) {
        sw_fail(err, SW_EINVALID, _("there is no %.*s"), SW_STR_ARG(env->subject));
        return SW_REFUSED_UNKNOWN_SUBJECT;
    }
    *number = (uint32_t)(i - 1);
    return read_who(env, by, reason, err);
}

/* What a silence is to be; names are resolved, nothing is judged yet. */
static enum sw_refusal read_matchers(const struct sw_engine *e, const struct sw_json *data,
                                     struct sw_silence_asked *a, struct sw_err *err)
{
    struct sw_str rule = sw_json_text(data, "rule");
    struct sw_str area = sw_json_text(data, "area");
    struct sw_str household = sw_json_text(data, "household");

    a->rule = a->area = a->household = SW_NONE;
    if (rule.n > 0 && (a->rule = sw_rule_find(e->rules, rule)) == SW_NONE) {
        sw_fail(err, SW_EINVALID, _("no rule %.*s"), SW_STR_ARG(rule));
        return SW_REFUSED_UNKNOWN_SUBJECT;
    }
    for (uint32_t i = 0; i < e->registry.area_code.count && area.n > 0 && a->area == SW_NONE; i++) {
        if (e->registry.area[i].is == i && sw_area_is_called(&e->registry, i, area))
            a->area = i;
    }
    if (area.n > 0 && a->area == SW_NONE) {
        sw_fail(err, SW_EINVALID, _("no place %.*s"), SW_STR_ARG(area));
        return SW_REFUSED_UNKNOWN_SUBJECT;
    }
    if (household.n > 0 &&
        (a->household = sw_registry_household(&e->registry, household)) == SW_NONE) {
        sw_fail(err, SW_EINVALID, _("no household %.*s"), SW_STR_ARG(household));
        return SW_REFUSED_UNKNOWN_SUBJECT;
    }
    return SW_ACCEPTED;
}

static enum sw_refusal read_level(const struct sw_engine *e, const struct sw_json *data,
                                  struct sw_silence_asked *a, struct sw_err *err)
{
    struct sw_str word = sw_json_text(data, "level");

    a->level = 0;
    for (size_t l = 1; l <= e->rules->n_levels; l++) {
        if (sw_str_eq(e->rules->level[l].name, word))
            a->level = (uint8_t)l;
    }
    if (word.n > 0 && (a->level == 0 || sw_level_is_urgent(e, a->level))) {
        sw_fail(err, SW_EINVALID,
                _("level %.*s cannot be silenced: it is none, or the highest one"),
                SW_STR_ARG(word));
        return SW_REFUSED_BAD_FIELD;
    }
    return SW_ACCEPTED;
}

enum sw_refusal sw_silence_read(const struct sw_engine *e, const struct sw_json *data,
                                struct sw_silence_asked *a, struct sw_err *err)
{
    enum sw_refusal why = read_matchers(e, data, a, err);

    if (why == SW_ACCEPTED)
        why = read_level(e, data, a, err);
    if (why != SW_ACCEPTED)
        return why;
    if (!sw_date_parse(sw_json_text(data, "until"), &a->until)) {
        sw_fail(err, SW_EINVALID, _("until: a silence has a last day, such as 2026-12-31"));
        return SW_REFUSED_BAD_DATE;
    }
    if (a->until < e->today || (e->rules->mail.silence_longest > 0 &&
                                a->until - e->today > e->rules->mail.silence_longest)) {
        sw_fail(err, SW_EINVALID,
                _("until: a silence ends today at the earliest, and lasts at most "
                  "%d days"),
                e->rules->mail.silence_longest);
        return SW_REFUSED_BAD_DATE;
    }
    return SW_ACCEPTED;
}

enum sw_verdict sw_act_apply(struct sw_engine *e, const struct sw_envelope *env,
                             struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err)
{
    uint64_t key = sw_event_key(&e->registry, env->source, env->id);
    enum sw_verdict verdict;
    struct sw_str by;
    struct sw_str reason;

    if (sw_history_has(&e->registry.keys, key))
        return SW_VERDICT_DUPLICATE;
    *why = read_who(env, &by, &reason, err);
    if (*why != SW_ACCEPTED)
        return SW_VERDICT_REJECTED;
    verdict = sw_str_starts(env->type, SW_STR("storm.")) ? sw_storm_apply(e, env, fx, why, err)
                                                         : sw_silence_apply(e, env, fx, why, err);
    if (verdict == SW_VERDICT_ACCEPTED)
        sw_history_note(&e->registry.keys, key);
    return verdict;
}

bool sw_is_act(struct sw_str type)
{
    static const char *const types[] = {SW_STORM_RELEASE, SW_STORM_DISCARD, SW_SILENCE_ADD,
                                        SW_SILENCE_END};

    for (size_t i = 0; i < SW_COUNTOF(types); i++) {
        if (sw_str_is(type, types[i]))
            return true;
    }
    return false;
}
