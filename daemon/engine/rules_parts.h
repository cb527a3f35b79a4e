/* rules_parts.h - a compiled ruleset as the engine's files see it. Private to engine. */
#ifndef ENGINE_RULES_PARTS_H
#define ENGINE_RULES_PARTS_H

#include "mail_rules.h"
#include <shouwang/base/yaml_keys.h>
#include <shouwang/engine/engine.h>
#include <shouwang/lang/lang.h>

/* What rules about areas know of the area itself. */
enum { AREA_NAME, AREA_HOUSEHOLDS };

/* The engine's own decisions, as events that rules can read. */
enum sw_decision { ALERT_RAISED, ALERT_EASED, CASE_CLEARED, DECISIONS };

enum {
    RULES_MAX = 512,
    LEVELS_MAX = 7,
    PARAMS_MAX = 500,
    CATEGORIES_MAX = 64,
    RULE_WORDS = RULES_MAX / 64,
    BANK_HOUSEHOLD = 0,
    BANK_PARAMS = 1,
    SMS_CAUSE_MAX = 10,
};

/* A set of rules, one bit each. */
struct sw_rule_set {
    uint64_t word[RULE_WORDS];
};

static inline void sw_rules_add(struct sw_rule_set *s, uint32_t rule)
{
    s->word[rule / 64] |= UINT64_C(1) << rule % 64;
}

static inline bool sw_rules_has(const struct sw_rule_set *s, uint32_t rule)
{
    return (s->word[rule / 64] >> rule % 64 & 1) != 0;
}

struct sw_dated {
    sw_day from; /* INT32_MIN: ever since */
    struct sw_value value;
    struct sw_str source; /* what it rests on; may be empty */
};

struct sw_param {
    struct sw_place at;
    struct sw_str name, label, unit;
    struct sw_str source; /* of the values that name none of their own */
    bool is_money;
    bool is_whole; /* int, else double; without meaning for money */
    struct sw_value min, max;
    struct sw_dated *value; /* ascending by from */
    size_t n;
};

struct sw_override {
    struct sw_place at;             /* of the area in areas.yaml */
    struct sw_str area, reason, by; /* area: code or name */
    sw_day from, until;             /* first and last day */
    uint32_t param;
    struct sw_value value;
};

struct sw_category {
    struct sw_str name, label;
    double cap;
};

struct sw_level {
    struct sw_str name, label;
    double enter, leave;
    int32_t hold, cooldown; /* days */
};

enum sw_on_unknown { SW_UNKNOWN_TASK, SW_UNKNOWN_TRUE, SW_UNKNOWN_FALSE };

/* Whom a rule is about. An area's kind is its depth: the county has no parent. */
enum sw_subject_kind { OF_HOUSEHOLD, OF_VILLAGE, OF_TOWNSHIP, OF_COUNTY, SUBJECT_KINDS };
extern const char *const sw_subject_names[SUBJECT_KINDS + 1]; /* keys.c; NULL at the end */

/* So much time to act, one of them; all 0: none. */
struct sw_term {
    int32_t days, hours, work_hours; /* working days; hours of any day; hours of working time */
};

/* How the time up to a deadline is counted. */
enum sw_pace { PACE_DAYS, PACE_WALL, PACE_WORK };

/* Until when somebody has to act, 0: not said. */
struct sw_until {
    sw_time at;
    uint8_t pace;
};

/* How long a level or a rule leaves; without a term: words alone. */
struct sw_deadline {
    struct sw_str text;
    struct sw_term term;
};

struct sw_rule {
    struct sw_place at;
    enum sw_subject_kind subject;
    struct sw_str name, label;
    struct sw_str sms; /* the cause in a text message; at most 10 characters, nothing sensitive */
    uint32_t category;
    uint8_t hard; /* number of the level it holds at least, 0: none */
    bool task;    /* kind: task - work to do, no points */
    bool enabled;
    bool owner_alone; /* tell: owner - the team has it from a rule about the village */
    bool daily;       /* of an area: judged the day after its events, not with each of them */
    enum sw_on_unknown unknown;
    int32_t wait, keep, cooldown; /* `for`, `keep`, `cooldown` in days */
    sw_day from, until;           /* within its file's `effective` */
    struct sw_deadline deadline;  /* of its own, beside the level's; empty: none */
    struct sw_prog *when, *clear, *score, *message;
    struct sw_prog *list; /* of an area's rule: which of its households to look at, NULL: none */
    const uint32_t *waits_for; /* feeds whose silence could make it true */
    size_t n_waits_for;
    const struct sw_yaml *source, *tags;
};

/* Tests of rules, read and checked; see testrun.h. */
struct sw_test;
struct sw_tests {
    struct sw_test *first, *last;
};

/* What a clock does when so many percent of the time are over; stages.c. */
enum sw_stage_does { STAGE_REMINDS, STAGE_ESCALATES };
enum sw_stage_vacant { VACANT_NEXT, VACANT_HOLD };
struct sw_stage {
    int32_t at, every;
    uint8_t does, vacant;
};

enum { STAGES_MAX = 16 };
struct sw_stages {
    struct sw_stage at[STAGES_MAX];
    size_t n;
};

struct sw_wording {
    struct sw_str signature;
    struct sw_str alert, rise, cause, withdrawn, clarify, clarify_many, nothing_open;
    struct sw_str area_alert, area_rise, area_cause, area_withdrawn;
    struct sw_str remind, escalate, area_remind, area_escalate;
    struct sw_str copy, area_copy, handover, area_handover, handover_many, owners_missing,
        phones_bad;
    struct sw_str many, digest, storm_alert;
    struct sw_str feed_alert, feeds_alert;       /* of one department, of several */
    struct sw_str ask, area_ask;                 /* who acts next */
    struct sw_str refused, why, words;           /* an answer that is not enough */
    struct sw_str reply;                         /* what the digits mean */
    struct sw_deadline deadline[LEVELS_MAX + 1]; /* by level */
    struct sw_stages stages[LEVELS_MAX + 1];
};

/* ---- people.yaml, routes.c ---- */

enum { ROLES_MAX = 16, ROUTES_MAX = 64, RUNGS_MAX = 8 };

/* Somebody who is assigned to a household, or a team that is to a place. */
struct sw_role {
    struct sw_place at;
    struct sw_str name, label;
    enum sw_subject_kind of;
    bool is_usual; /* the first of its kind: teams that name no role have this one */
};

struct sw_rungs {
    uint8_t role[RUNGS_MAX + 1]; /* numbers of roles; one more for the county behind them */
    uint8_t n;
};

struct sw_route {
    struct sw_place at;
    struct sw_str name;
    uint8_t levels;  /* a bit each, 0: all */
    bool some_rules; /* only when one of `rules` counts */
    struct sw_rule_set rules;
    const struct sw_yaml *areas;       /* NULL: everywhere */
    struct sw_rungs owner, tell, copy; /* owner: nearest first, the county's among them */
};

struct sw_routing {
    struct sw_role role[ROLES_MAX];
    size_t n_roles, n_routes;
    struct sw_route *route;      /* the first that fits; the last fits every case */
    struct sw_prog *needs_owner; /* of a household; NULL: none has to have a cadre */
    int64_t bad_number_after;    /* failures in a row */
};

struct sw_ruleset {
    unsigned int owners;
    struct sw_bundle *bundle;
    struct sw_arena arena;
    struct sw_schema *schema;
    struct sw_lang *lang;      /* rules about households */
    struct sw_lang *area_lang; /* rules about areas: other names, other streams */
    const char *dir;           /* in findings */

    struct sw_rule_file *file; /* in order of their names */
    size_t n_files;
    int64_t params_version; /* 0: not given */
    struct sw_param *param;
    struct sw_override *override;
    struct sw_category *category;
    struct sw_level *level; /* [1] lowest … [n_levels]; [0] is "none" */
    struct sw_rule *rule;
    uint32_t *order; /* of evaluation: what fired() asks about comes first */
    size_t n_params, n_overrides, n_categories, n_levels, n_rules, n_ordered;
    struct sw_wording wording;
    struct sw_routing routing;
    struct sw_mail_rules mail;
    const struct sw_calendar *calendar; /* NULL: there is none */
    struct sw_life *life;               /* lifecycle.h */

    struct sw_rule_set *by_stream; /* rules to evaluate anew when a stream has a new event */
    struct sw_rule_set *needs;     /* by rule: whom it asks about with fired(), itself among them */
    struct sw_rule_set *askers;    /* by rule: who asks about it, itself among them */
    struct sw_rule_set *area_by_stream;   /* the same, of areas around or inside */
    struct sw_rule_set of[SUBJECT_KINDS]; /* all rules, by whom they are about */
    struct sw_rule_set daily;
    uint16_t decision[DECISIONS]; /* streams of the engine's own events, 0: undeclared */
    uint16_t measure;             /* that of measures logged on cases, 0: undeclared */
    bool uses_members;
    struct sw_field_decl *member;                    /* fields of a member */
    uint32_t fact_name, fact_township, fact_village; /* fields of the facts; SW_NONE: undeclared */
    uint32_t fact_monitored;
    struct sw_tests tests; /* those in the rule files */
};

static inline struct sw_lang *sw_rule_lang(const struct sw_ruleset *rs, const struct sw_rule *r)
{
    return r->subject == OF_HOUSEHOLD ? rs->lang : rs->area_lang;
}

/* keys.c: tables of what is inside the files (those of whole files: ruleset.h) */
extern const struct sw_keys sw_category_keys, sw_level_keys, sw_rule_keys;
extern const struct sw_keys sw_param_keys, sw_dated_keys, sw_override_keys;
extern const struct sw_keys sw_deadline_keys, sw_clocks_keys;

/* A value of a parameter as it stands in a file; range not checked. */
bool sw_param_read(const struct sw_param *p, const struct sw_yaml *y, struct sw_value *out,
                   struct sw_diag *diag);
int64_t sw_param_find(const struct sw_ruleset *rs, struct sw_str name); /* -1: none */
bool sw_load_params(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
/* params.csv as the tree that params.yaml would be. */
struct sw_yaml *sw_params_table(struct sw_arena *arena, struct sw_str file, struct sw_str text,
                                struct sw_diag *diag);
bool sw_load_areas(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
/* ruleset_order.c: the order of evaluation, told when rules ask in circles; then which rules to
 * evaluate when a stream changes, and what else is asked of rules while judging. */
void sw_sort_rules(struct sw_ruleset *rs, struct sw_diag *diag);
void sw_index_rules(struct sw_ruleset *rs);
/* deadlines.c; root: NULL when the folder has no calendar.yaml. */
void sw_load_calendar(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
void sw_load_deadlines(struct sw_ruleset *rs, const struct sw_yaml *map, struct sw_diag *diag);
/* stages.c; map: NULL when messages.yaml has no `clocks`. */
void sw_load_clocks(struct sw_ruleset *rs, const struct sw_yaml *map, struct sw_diag *diag);
/* The percentage of the first stage after those up to `done`; 0: there is none. */
int32_t sw_stages_next(const struct sw_stages *s, int32_t done);
static inline bool sw_term_is_set(const struct sw_term *t)
{
    return t->days > 0 || t->hours > 0 || t->work_hours > 0;
}

/* The end of the term that begins at `from`. */
struct sw_until sw_term_end(const struct sw_ruleset *rs, const struct sw_term *t, sw_time from);
/* "2个工作日", "4个工作小时"; of one that is set. */
void sw_term_put(const struct sw_term *t, struct sw_buf *out);
/* A rule's own deadline has been read: the words it is told in, where the file has none. */
void sw_rule_deadline_words(struct sw_ruleset *rs, struct sw_rule *r);
void sw_load_wording(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
/* routes.c; root: NULL when the folder has no people.yaml. Rules are known by then. */
void sw_load_people(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
/* The route of this name, n_routes when there is none; the role, n_roles. */
uint8_t sw_route_named(const struct sw_ruleset *rs, struct sw_str name);
uint8_t sw_role_named(const struct sw_ruleset *rs, struct sw_str name);
/* Every rule file: its categories, levels, lists and macros, then (second pass) its rules. */
void sw_load_rule_heads(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
void sw_load_rules(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
/* versions.c: a rule file's own words about itself, and what they bound. */
void sw_load_rule_file(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
void sw_bound_rule(const struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_rule *r,
                   struct sw_diag *diag);
/* Whether a program (NULL: none, it does not) reads a slot of a bank. */
bool sw_prog_looks_at(const struct sw_prog *p, unsigned bank, uint32_t slot);
/* A warning for each parameter that no rule reads. */
void sw_check_unused(const struct sw_ruleset *rs, struct sw_diag *diag);
/* What a case rests on: "规则集 2026.1，参数第7版，青山镇 灾损线=1（…）"; in the engine's arena. */
struct sw_str sw_versions_of(struct sw_engine *e, uint32_t subject);
/* The streams declared for the engine's own decisions. */
void sw_check_decisions(struct sw_ruleset *rs, struct sw_diag *diag);
/* Names and streams for rules about households and for rules about areas. */
void sw_declare_names(struct sw_ruleset *rs);

/* The parameters of an area on a day: value[i] and the first later day it changes. */
void sw_params_at(const struct sw_ruleset *rs, const struct sw_registry *r, uint32_t area,
                  sw_day day, struct sw_value *value, sw_day *until);
/* The override that gives an area its value of a parameter on a day; NULL: the county's holds. */
const struct sw_override *sw_override_at(const struct sw_ruleset *rs, const struct sw_registry *r,
                                         uint32_t area, sw_day day, uint32_t param);
bool sw_override_concerns(const struct sw_override *o, const struct sw_registry *r, uint32_t area);
/* True when some override may concern the area or one around it. */
bool sw_params_differ(const struct sw_ruleset *rs, const struct sw_registry *r, uint32_t area);

bool sw_prog_reads_stream(const struct sw_prog *p, uint32_t stream);

#endif
