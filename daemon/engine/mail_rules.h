/* mail_rules.h - what messages.yaml says of when and how much people are told. Private to engine; a
 * part of rules_parts.h. What it says nothing of is not done. */
#ifndef ENGINE_MAIL_RULES_H
#define ENGINE_MAIL_RULES_H

#include <shouwang/base/yaml_keys.h>

struct sw_quiet_hours {
    struct sw_str area;  /* county by name or code; empty: all others */
    int32_t from, until; /* minutes of the day; equal: none */
};

struct sw_mail_rules {
    struct sw_quiet_hours quiet;
    struct sw_quiet_hours *county;
    size_t n_counties;
    uint32_t quiet_levels;      /* bits: those that wait */
    int32_t per_day, per_month; /* 0: no bound */
    int32_t digest_at;          /* minute of the day */
    int32_t group_minutes;      /* 0: no grouping */
    bool group_first_waits;
    double storm_factor; /* 0: no guard */
    int32_t storm_least, storm_days;
    double storm_local; /* the share of a storm that makes a place its place */
    double silence_share;
    int32_t silence_longest;
};

struct sw_ruleset;
extern const struct sw_keys sw_quiet_keys, sw_budget_keys, sw_group_keys, sw_storm_keys,
    sw_silence_keys;
void sw_load_mail(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);

#endif
