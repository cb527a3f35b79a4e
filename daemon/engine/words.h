/* words.h - what describe.c, which tells a rule to those who sign it, shares with detail.c, which
 * tells it to technicians. Private to engine. */
#ifndef ENGINE_WORDS_H
#define ENGINE_WORDS_H

#include "parts.h"
#include <shouwang/engine/describe.h>

/* A parameter's number with its unit. */
void sw_param_put(const struct sw_param *p, struct sw_value v, struct sw_buf *out);

/* The programs of a rule that decide about its subject, and the session each belongs to. */
enum { RULE_PROGS = 4 };
struct rule_prog {
    const char *name; /* its key in the rule file */
    const struct sw_prog *prog;
    const struct sw_lang *lang;
};
size_t sw_rule_progs(const struct sw_ruleset *rs, const struct sw_rule *rule,
                     struct rule_prog out[RULE_PROGS]);
/* Which streams they name through sw_prog_streams() or sw_prog_absences(). */
typedef size_t sw_ids_of(const struct sw_prog *p, const uint16_t **ids);
void sw_rule_streams(const struct sw_ruleset *rs, const struct sw_rule *rule, sw_ids_of *of,
                     bool has[SW_STREAMS_MAX]);
bool sw_rule_uses_param(const struct sw_ruleset *rs, const struct sw_rule *rule, uint32_t param);

#endif
