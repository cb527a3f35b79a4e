/* parts.h - what the engine's files share. Private to engine.
 *
 *   bundle ──► ruleset (params, areas, wording, rules)      immutable, swapped as a whole
 *   engine = registry + standings + cases + due heap         one owner, one thread
 *
 *   event ──► history ──► judge: rules ──► hits ──► score ──► level ──► case ──► notice ──► effects
 */
#ifndef ENGINE_PARTS_H
#define ENGINE_PARTS_H

#include <shouwang/base/heap.h>
#include <shouwang/base/yaml_keys.h>
#include <shouwang/engine/engine.h>
#include <shouwang/lang/lang.h>

/* ---- ruleset ------------------------------------------------------------------------------ */

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

struct sw_rule {
    struct sw_place at;
    struct sw_str name, label;
    struct sw_str sms; /* the cause in a text message; at most 10 characters, nothing sensitive */
    uint32_t category;
    uint8_t hard; /* number of the level it holds at least, 0: none */
    bool task;    /* kind: task - work to do, no points */
    bool enabled;
    enum sw_on_unknown unknown;
    int32_t wait, keep, cooldown; /* `for`, `keep`, `cooldown` in days */
    sw_day from, until;           /* within its file's `effective` */
    struct sw_prog *when, *clear, *score, *message;
    const struct sw_yaml *source;
};

/* Tests of rules, read and checked; see testrun.h. */
struct sw_test;
struct sw_tests {
    struct sw_test *first, *last;
};

struct sw_wording {
    struct sw_str signature;
    struct sw_str alert, rise, cause, withdrawn, clarify, clarify_many, nothing_open;
    struct sw_str reply;                    /* what the digits mean */
    struct sw_str deadline[LEVELS_MAX + 1]; /* by level */
};

struct sw_ruleset {
    unsigned int owners;
    struct sw_bundle *bundle;
    struct sw_arena arena;
    struct sw_schema *schema;
    struct sw_lang *lang;
    const char *dir;             /* in findings */
    struct sw_stream_decl *decl; /* by stream id */

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

    struct sw_rule_set *by_stream; /* rules to evaluate anew when a stream has a new event */
    struct sw_rule_set *needs;     /* by rule: whom it asks about with fired(), itself among them */
    struct sw_rule_set *askers;    /* by rule: who asks about it, itself among them */
    struct sw_rule_set all;
    uint32_t fact_name, fact_township, fact_village; /* fields of the facts; SW_NONE: undeclared */
    struct sw_tests tests;                           /* those in the rule files */
};

/* keys.c: tables of what is inside the files (those of whole files: ruleset.h) */
extern const struct sw_keys sw_category_keys, sw_level_keys, sw_rule_keys;
extern const struct sw_keys sw_param_keys, sw_dated_keys, sw_override_keys;

/* A value of a parameter as it stands in a file; range not checked. */
bool sw_param_read(const struct sw_param *p, const struct sw_yaml *y, struct sw_value *out,
                   struct sw_diag *diag);
int64_t sw_param_find(const struct sw_ruleset *rs, struct sw_str name); /* -1: none */
bool sw_load_params(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
/* params.csv as the tree that params.yaml would be. */
struct sw_yaml *sw_params_table(struct sw_arena *arena, struct sw_str file, struct sw_str text,
                                struct sw_diag *diag);
bool sw_load_areas(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
void sw_load_wording(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
/* Every rule file: its categories, levels, lists and macros, then (second pass) its rules. */
void sw_load_rule_heads(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
void sw_load_rules(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
void sw_declare_names(struct sw_ruleset *rs);
/* versions.c: a rule file's own words about itself, and what they bound. */
void sw_load_rule_file(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag);
void sw_bound_rule(const struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_rule *r,
                   struct sw_diag *diag);
/* A warning for each parameter that no rule reads. */
void sw_check_unused(const struct sw_ruleset *rs, struct sw_diag *diag);
/* What a case rests on: "规则集 2026.1，参数第7版，青山镇 灾损线=1（…）"; in the engine's arena. */
struct sw_str sw_versions_of(struct sw_engine *e, uint32_t household);

/* The parameters of an area on a day: value[i] and the first later day it changes. */
void sw_params_at(const struct sw_ruleset *rs, const struct sw_registry *r, uint32_t area,
                  sw_day day, struct sw_value *value, sw_day *until);
/* The override that gives an area its value of a parameter on a day; NULL: the county's holds. */
const struct sw_override *sw_override_at(const struct sw_ruleset *rs, const struct sw_registry *r,
                                         uint32_t area, sw_day day, uint32_t param);
bool sw_override_concerns(const struct sw_override *o, const struct sw_registry *r, uint32_t area);
/* True when some override may concern the area or one around it. */
bool sw_params_differ(const struct sw_ruleset *rs, const struct sw_registry *r, uint32_t area);

/* ---- engine ------------------------------------------------------------------------------- */

enum sw_hit_state { HIT_OFF, HIT_WAITING, HIT_ON, HIT_KEPT };

/* One rule's standing with one household; there is none while the rule never mattered. */
struct sw_hit {
    double score;
    sw_day since; /* waiting: when the condition became true; on: when it became a hit */
    sw_day gone;  /* kept: when the condition became false */
    sw_day asked; /* last verify task, or last task of a task rule; 0: never */
    sw_day told;  /* last message that named it; 0: never */
    uint16_t rule;
    uint8_t state;
    uint8_t pad[5];
};

struct sw_hits {
    uint32_t n;
    struct sw_hit at[];
};

/* What the engine knows of a household beside its history. */
struct sw_standing {
    struct sw_hits *hits; /* NULL: none */
    sw_day due;           /* next day to judge by time alone, SW_DAY_NEVER */
    sw_day queued;        /* its entry in the queue: never later than due; SW_DAY_NEVER: none */
    sw_day low_since; /* since when the score is below the level's leave line; SW_DAY_NEVER: not */
    sw_day told_day;  /* last alert */
    uint32_t open_case; /* index, SW_NONE */
    uint8_t level, told_level;
    uint8_t pad[2];
};

enum sw_case_state {
    CASE_OPEN,
    CASE_ACKNOWLEDGED,
    CASE_HELPING,
    CASE_HELPED,
    CASE_PASSED_UP,
    CASE_CLOSED,
    CASE_STATES
};

enum { TOLD_MAX = 6, FIRST_CASE = 100, REPLIES_REMEMBERED = 4096, DUE_PER_TICK = 500 };

struct sw_case {
    sw_time opened;
    double score; /* as last written */
    uint32_t household;
    uint32_t owner; /* cadre, SW_NONE */
    uint32_t told[TOLD_MAX];
    uint8_t n_told, state, outcome, level;
    uint8_t pad[4];
};

/* Parameters of one area for one day. */
struct sw_param_cache {
    sw_day day;
    bool own, changes; /* has overrides, else the county's are used; some change by time */
    struct sw_value *value;
    sw_day *until;
    uint32_t uses;             /* that day */
    struct sw_rule_set asleep; /* see awake.c; none before it pays to know */
};

struct sw_engine {
    struct sw_registry registry;
    struct sw_ruleset *rules, *next_rules;
    struct sw_standing *standing;       /* by household */
    struct sw_case *cases;              /* by number - FIRST_CASE */
    uint32_t *open;                     /* indexes of open cases, any order */
    bool *clarified;                    /* by cadre: the last thing said to them was a question */
    uint64_t reply[REPLIES_REMEMBERED]; /* keys of the newest replies, a ring */
    struct sw_heap due; /* (day, household): one each that counts, `queued` tells which */
    size_t standing_cap, case_cap, open_cap, clarified_cap;
    uint32_t standings, n_cases, n_open, n_clarified, n_reply;
    sw_day today;
    sw_time now;
    int64_t seq;
    bool history;
    uint32_t level_count[LEVELS_MAX + 1];

    /* working storage, not state */
    struct sw_arena arena; /* one input */
    struct sw_reads *reads;
    struct sw_value facts[SW_FIELDS_MAX];
    sw_day facts_until[SW_FIELDS_MAX];
    uint8_t *fired;
    struct sw_rule_set has_hit;     /* when the frame was made; few households have any */
    struct sw_rule_set awake;       /* rules to be asked about the household of that frame */
    const struct sw_rule_set *only; /* in tests: judge no others; NULL outside tests */
    struct sw_param_cache base, *area_params;
    size_t area_params_n;
    const struct sw_value *fixed_params; /* in tests: values that hold whatever params.yaml says;
                                            unknown: not fixed. NULL outside tests */
    uint32_t messages;                   /* made by the input in hand */
    uint64_t judged, rule_errors;
};

/* Why a household is judged: shapes what the case says. */
struct sw_occasion {
    const struct sw_rule_set *rules; /* NULL: all of them */
    bool takes_back;                 /* an event was taken back */
};

void sw_judge(struct sw_engine *e, uint32_t household, const struct sw_occasion *why,
              struct sw_effects *fx);
/* Ready e->facts and a frame for evaluating programs about a household as it stands today. */
void sw_frame_for(struct sw_engine *e, uint32_t household, struct sw_frame *f);
void sw_forget_params(struct sw_engine *e);
/* awake.c: who sleeps under these parameters; who does not for a household with events in the
 * streams of `present`. */
void sw_put_to_sleep(struct sw_engine *e, struct sw_param_cache *c);
void sw_wake(struct sw_engine *e, uint32_t household, const struct sw_param_cache *c,
             const bool *present);
struct sw_hit *sw_hits(const struct sw_engine *e, uint32_t household, size_t *n);
/* The hit of a rule, made when there is none. Moves other hits. */
struct sw_hit *sw_hit_of(struct sw_engine *e, uint32_t household, uint32_t rule);
static inline bool sw_hit_counts(const struct sw_hit *h)
{
    return h->state == HIT_ON || h->state == HIT_KEPT;
}
double sw_score(const struct sw_engine *e, uint32_t household);
void sw_set_due(struct sw_engine *e, uint32_t household, sw_day day);

/* What judging found, for the case. */
struct sw_finding_of {
    uint8_t level_before;
    bool new_cause;  /* a rule is on that nobody was told of */
    bool lost_cause; /* a rule that was on is off */
    bool takes_back; /* an event was taken back */
};
void sw_case_follow(struct sw_engine *e, uint32_t household, const struct sw_finding_of *f,
                    struct sw_effects *fx);
enum sw_case_event {
    ANSWER_ACK,
    ANSWER_NEEDS_HELP,
    ANSWER_HELPED,
    ANSWER_NOT_TRUE,
    ANSWER_UNREACHED,
    ANSWER_PASS_UP,
    CASE_EVENTS
};
/* False: the state does not allow it (nothing changed). */
bool sw_case_answer(struct sw_engine *e, uint32_t index, enum sw_case_event event, uint32_t cadre,
                    struct sw_str text, struct sw_effects *fx);
const char *sw_case_state_name(uint8_t state);
void sw_case_step(struct sw_engine *e, uint32_t index, const char *kind, struct sw_str actor,
                  struct sw_str text, struct sw_effects *fx);

enum sw_notice { NOTICE_ALERT, NOTICE_RISE, NOTICE_CAUSE, NOTICE_WITHDRAWN };
/* Tell those who look after the household; remembers whom in the case. Inside a told history nobody
 * is sent anything. */
void sw_notify(struct sw_engine *e, uint32_t index, enum sw_notice kind, struct sw_effects *fx);
/* Hand the case to the team of the next area upwards that has one; false: there is none. */
bool sw_notify_above(struct sw_engine *e, uint32_t index, struct sw_effects *fx);
/* One text to one phone about no case in particular. */
void sw_text_phone(struct sw_engine *e, struct sw_str phone, const char *kind, struct sw_str body,
                   struct sw_effects *fx);
/* A wording with {{names}} filled in from pairs, the signature in front. */
struct sw_pair {
    const char *name;
    struct sw_str value;
};
struct sw_str sw_fill(struct sw_engine *e, struct sw_str wording, const struct sw_pair *pairs,
                      size_t n);
struct sw_str sw_place_name(struct sw_engine *e, uint32_t household, bool with_town);
struct sw_str sw_masked_name(struct sw_engine *e, uint32_t household);

enum sw_verdict sw_reply_apply(struct sw_engine *e, const struct sw_input *in,
                               struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err);

void sw_fx_case(struct sw_effects *fx, const struct sw_case_row *row);
void sw_fx_step(struct sw_effects *fx, const struct sw_step_row *row);
void sw_fx_message(struct sw_effects *fx, const struct sw_message_row *row);
void sw_fx_task(struct sw_effects *fx, const struct sw_task_row *row);
void sw_fx_fate(struct sw_effects *fx, const struct sw_fate_row *row);

#endif
