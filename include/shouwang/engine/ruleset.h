/* ruleset.h - everything supervisors and technicians tune, loaded, checked and compiled as one.
 * Layer: engine.
 *
 * A bundle is the texts of rules/: schema.yaml, params.yaml (or its twin params.csv), areas.yaml,
 * messages.yaml, people.yaml, cases.yaml, calendar.yaml and the rule files. A ruleset is what a
 * bundle compiles to. It never changes; a new bundle makes a new ruleset beside the old one. The
 * log keeps every bundle that was ever active, so that each case can be explained with the text
 * that made it. */
#ifndef SHOUWANG_ENGINE_RULESET_H
#define SHOUWANG_ENGINE_RULESET_H

#include <shouwang/base/diag.h>
#include <shouwang/base/err.h>
#include <shouwang/base/yaml_keys.h>
#include <shouwang/model/calendar.h>
#include <shouwang/model/schema.h>

/* What the files hold (schema.yaml: schema.h; calendar.yaml: calendar.h). */
extern const struct sw_keys sw_rule_file_keys, sw_params_keys, sw_areas_keys, sw_messages_keys,
    sw_cases_keys, sw_people_keys;

struct sw_bundle_file {
    struct sw_str name; /* "params.yaml" */
    struct sw_str text;
};

struct sw_bundle {
    struct sw_arena arena;
    struct sw_bundle_file *file; /* by name */
    size_t n;
    char digest[65]; /* SHA-256 over names and texts, hex */
};

/* Every *.yaml directly in `dir`, and params.csv, whose text becomes UTF-8 whatever it was. */
struct sw_bundle *sw_bundle_load(const char *dir, struct sw_err *err);
/* True for a file of rules/ that has a place of its own (schema.yaml, params.yaml …). */
bool sw_bundle_special(struct sw_str name);
/* Leave out the rule files that are not among the names; the special files stay. False: one of the
 * names is no file of the bundle (*missing). */
bool sw_bundle_keep(struct sw_bundle *b, const struct sw_str *names, size_t n,
                    struct sw_str *missing);
/* From and to one text, as the log keeps it. */
struct sw_bundle *sw_bundle_unpack(struct sw_str packed, struct sw_err *err);
void sw_bundle_pack(const struct sw_bundle *b, struct sw_buf *out);
void sw_bundle_free(struct sw_bundle *b);

struct sw_ruleset;

/* NULL when there is any error finding. `dir` is put before file names in findings (may be ""). The
 * ruleset takes the bundle over, also on failure. */
struct sw_ruleset *sw_ruleset_build(struct sw_bundle *b, const char *dir, struct sw_diag *diag);
/* The same rules once more, with what their conditions are made of, for sw_engine_explain(). NULL:
 * they do not build any more, which is a bug. */
struct sw_ruleset *sw_ruleset_explained(const struct sw_ruleset *rs);
/* One more owner; each gives it back with sw_ruleset_free(). Not for several threads. */
struct sw_ruleset *sw_ruleset_ref(struct sw_ruleset *rs);
void sw_ruleset_free(struct sw_ruleset *rs);

const struct sw_schema *sw_ruleset_schema(const struct sw_ruleset *rs);
const char *sw_ruleset_digest(const struct sw_ruleset *rs);
const struct sw_bundle *sw_ruleset_bundle(const struct sw_ruleset *rs);
/* NULL: the folder has no calendar.yaml. */
const struct sw_calendar *sw_ruleset_calendar(const struct sw_ruleset *rs);
/* The year that calendar.yaml lacks although deadlines count working days; 0: none. */
int32_t sw_ruleset_missing_year(const struct sw_ruleset *rs, sw_day today);
size_t sw_ruleset_rules(const struct sw_ruleset *rs);
/* A rule's index by its name, SW_NONE: there is none. */
uint32_t sw_rule_find(const struct sw_ruleset *rs, struct sw_str name);
size_t sw_ruleset_levels(const struct sw_ruleset *rs);
/* Name of level 0 ("none"), 1 (lowest) … sw_ruleset_levels(), NUL-terminated. */
struct sw_str sw_ruleset_level(const struct sw_ruleset *rs, size_t level);

/* The states a case may have. */
size_t sw_ruleset_states(const struct sw_ruleset *rs);
struct sw_str sw_ruleset_state(const struct sw_ruleset *rs, size_t state, struct sw_str *label);

/* What a rule file says of itself; texts may be empty. */
struct sw_rule_file {
    struct sw_str file;             /* base.yaml */
    struct sw_str ruleset, version; /* 防止返贫监测预警规则, 2026.1 */
    int64_t schema;                 /* the schema it was written for; 0: not said */
    sw_day from, until;             /* first and last day on which its rules hold */
    const struct sw_yaml *root;
};
size_t sw_ruleset_files(const struct sw_ruleset *rs, const struct sw_rule_file **files);
int64_t sw_ruleset_params(const struct sw_ruleset *rs); /* the parameters' version, 0: not said */

/* The life of a case, state by state, in words; appended to `out`. */
void sw_ruleset_cases_put(const struct sw_ruleset *rs, struct sw_buf *out);

/* The parameters as a text that loads to the same values: for a spreadsheet (with a byte order
 * mark, as Excel wants it), or as params.yaml. Appended to `out`. */
enum sw_params_form { SW_PARAMS_TABLE, SW_PARAMS_YAML };
void sw_ruleset_params_put(const struct sw_ruleset *rs, enum sw_params_form form,
                           struct sw_buf *out);

#endif
