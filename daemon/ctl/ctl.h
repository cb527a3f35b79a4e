/* ctl.h - what the verbs of `shouwang` share. Private to ctl.
 *
 * Exit codes are promtool's: 0 good, 1 something is invalid or failed, 2 wrong usage, 3 warnings
 * with --lint-fatal. Lists go to stdout, everything else to stderr; --json for programs. */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "config.h"
#include <shouwang/base/buf.h>
#include <shouwang/base/err.h>
#include <stdio.h>

enum { CTL_GOOD = 0, CTL_FAILED = 1, CTL_USAGE = 2, CTL_LINT = 3 };

struct sw_ruleset;

/* Options every verb understands; the rest of argv is the verb's own. */
struct ctl {
    const char *config_path;
    struct sw_config *config; /* NULL until ctl_config() */
    bool json;
    struct sw_ruleset *rules; /* NULL until ctl_rules(), and when they cannot be used */
    bool has_looked_for_rules;
};

struct ctl_verb {
    const char *name; /* "cases list" */
    const char *usage, *help;
    int (*run)(struct ctl *c, int argc, char **argv);
};

int ctl_status(struct ctl *c, int argc, char **argv);
int ctl_cases_list(struct ctl *c, int argc, char **argv);
int ctl_case_act(struct ctl *c, int argc, char **argv);
int ctl_case_states(struct ctl *c, int argc, char **argv);
int ctl_cases_show(struct ctl *c, int argc, char **argv);
int ctl_queue_show(struct ctl *c, int argc, char **argv);
int ctl_figures(struct ctl *c, int argc, char **argv);
int ctl_tasks_list(struct ctl *c, int argc, char **argv);
int ctl_rejected_list(struct ctl *c, int argc, char **argv);
int ctl_parked_list(struct ctl *c, int argc, char **argv);
int ctl_phones_bad(struct ctl *c, int argc, char **argv);
int ctl_owners_missing(struct ctl *c, int argc, char **argv);
int ctl_parked_drop(struct ctl *c, int argc, char **argv);
int ctl_mismatch_list(struct ctl *c, int argc, char **argv);
int ctl_mismatch_accept(struct ctl *c, int argc, char **argv);
int ctl_mismatch_decline(struct ctl *c, int argc, char **argv);
int ctl_feeds_list(struct ctl *c, int argc, char **argv);
int ctl_storm_list(struct ctl *c, int argc, char **argv);
int ctl_storm_release(struct ctl *c, int argc, char **argv);
int ctl_storm_discard(struct ctl *c, int argc, char **argv);
int ctl_silence_list(struct ctl *c, int argc, char **argv);
int ctl_silence_add(struct ctl *c, int argc, char **argv);
int ctl_silence_end(struct ctl *c, int argc, char **argv);
int ctl_explain(struct ctl *c, int argc, char **argv);
int ctl_case_proof(struct ctl *c, int argc, char **argv);
int ctl_verify(struct ctl *c, int argc, char **argv);
int ctl_why(struct ctl *c, int argc, char **argv);
int ctl_publish(struct ctl *c, int argc, char **argv);
int ctl_import(struct ctl *c, int argc, char **argv);
int ctl_history_end(struct ctl *c, int argc, char **argv);
int ctl_check_rules(struct ctl *c, int argc, char **argv);
int ctl_check_config(struct ctl *c, int argc, char **argv);
int ctl_test_rules(struct ctl *c, int argc, char **argv);
int ctl_params_csv(struct ctl *c, int argc, char **argv);
int ctl_params_yaml(struct ctl *c, int argc, char **argv);
int ctl_rules_list(struct ctl *c, int argc, char **argv);
int ctl_rules_read(struct ctl *c, int argc, char **argv);
int ctl_rules_explain(struct ctl *c, int argc, char **argv);
int ctl_rules_preview(struct ctl *c, int argc, char **argv);
int ctl_reload(struct ctl *c, int argc, char **argv);
int ctl_eval(struct ctl *c, int argc, char **argv);
int ctl_schema(struct ctl *c, int argc, char **argv);
int ctl_version(struct ctl *c, int argc, char **argv);

/* The configuration, read once; findings are printed. NULL: it cannot be used. */
const struct sw_config *ctl_config(struct ctl *c);
/* The rule folder named on a verb's command line, else the configuration's; NULL: there is none. */
const char *ctl_rules_folder(struct ctl *c, int argc, char **argv);
/* The rules of the configuration's folder, compiled once; NULL: they cannot be used, and nobody is
 * told why. */
const struct sw_ruleset *ctl_rules(struct ctl *c);
/* filters.c: what an option chooses rows by can be there, or is empty; else it was told. Words that
 * rules name are not held against rules that cannot be read. */
bool ctl_is_state(struct ctl *c, struct sw_str word);
bool ctl_is_level(struct ctl *c, struct sw_str word);
bool ctl_is_fate(struct sw_str word);
bool ctl_is_area(struct sw_str code);
/* A verb that prints something of the rules in that folder. */
int ctl_print_rules(struct ctl *c, int argc, char **argv,
                    void (*put)(const struct sw_ruleset *rs, struct sw_buf *out));
/* Print "shouwang: …" to stderr; returns CTL_FAILED. */
int ctl_fail(const char *fmt, ...) SW_PRINTF(1, 2);
/* Value of `--name value` or `--name=value` taken out of argv; NULL: not given. */
const char *ctl_option(int *argc, char **argv, const char *name);
bool ctl_flag(int *argc, char **argv, const char *name);
/* True when options are left that no one knows (told to stderr). */
bool ctl_unknown_options(int argc, char **argv);

/* One request to the running daemon; its status, 0 with *err: not reachable. */
int ctl_request(struct ctl *c, const char *method, const char *path, struct sw_buf *body,
                struct sw_err *err);

/* What --area names: a code or its beginning. The codes that the same places had before or have now
 * as a JSON array; empty with a word to stderr when the daemon does not answer. */
void ctl_area_codes(struct ctl *c, struct sw_str area, struct sw_buf *out);

/* A verb that has no arguments and shows a list: the answer to `GET path`, or its `member` (NULL:
 * itself). `show` prints it for people, --json an entry a line. */
struct sw_json;
int ctl_show_list(struct ctl *c, int argc, char **argv, const char *path, const char *member,
                  void (*show)(const struct sw_json *list));

/* ---- tables: columns by display width, a Chinese character is two wide --------------------- */

enum ctl_align { CTL_LEFT, CTL_RIGHT };

struct ctl_column {
    const char *title; /* N_() */
    enum ctl_align align;
};

struct ctl_table;
struct ctl_table *ctl_table_new(const struct ctl_column *columns, size_t n);
/* Cells of one row after another; copied. */
void ctl_table_cell(struct ctl_table *t, struct sw_str text);
void ctl_table_print(struct ctl_table *t, FILE *to); /* and free; NULL: only that */

/* ---- progress ----------------------------------------------------------------------------- */

struct ctl_progress {
    const char *what;
    uint64_t total, done, refused;
    sw_time begun, shown;
    bool on_terminal;
};
void ctl_progress_begin(struct ctl_progress *p, const char *what, uint64_t total);
void ctl_progress_step(struct ctl_progress *p, uint64_t done, uint64_t refused);
void ctl_progress_end(struct ctl_progress *p);
/* A line to stderr, in the place of the bar where one is drawn. */
void ctl_progress_say(const struct ctl_progress *p, const char *fmt, ...) SW_PRINTF(2, 3);

/* The configured database, for reading; CTL_FAILED was told why. */
struct sw_query;
int ctl_open_store(struct ctl *c, struct sw_query **q);
/* Members for a case's row, all but its number and causes: lists and proofs show each in their way.
 */
struct sw_case_row;
struct sw_jw;
void ctl_put_case(struct sw_jw *w, const struct sw_case_row *r);
/* "138****8001"; empty when it is no phone. */
void ctl_mask_phone(struct sw_str to, char out[16]);

/* when.c: instants in the county's time zone; how far it is ahead of UTC then, in seconds. */
void ctl_when_begin(struct ctl *c);
void ctl_when_end(void);
const char *ctl_when(sw_time at, char out[32]);
int32_t ctl_utc_offset(sw_time at);
/* The names of states, for tables. */
const char *ctl_label(struct sw_str word); /* "open" -> "待核实" by LANG */

#endif
