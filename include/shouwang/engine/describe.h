/* describe.h - rules in words: for those who sign them, and for technicians.
 * Layer: engine. Read from a finished ruleset; nothing is evaluated. */
#ifndef SHOUWANG_ENGINE_DESCRIBE_H
#define SHOUWANG_ENGINE_DESCRIBE_H

#include <shouwang/base/buf.h>
#include <shouwang/engine/ruleset.h>

/* One rule's line in a list. Texts live as long as the ruleset. */
struct sw_rule_line {
    struct sw_place at;
    struct sw_str name, label;
    struct sw_str category; /* label; empty: gives no points */
    struct sw_str subject;  /* household */
    bool enabled, task;
    sw_day from, until; /* INT32_MIN, SW_DAY_NEVER: no end there */
    size_t tests;
    struct sw_str stream[SW_STREAMS_MAX]; /* names of those its condition or points look at */
    size_t n_streams;
};

void sw_rule_line(const struct sw_ruleset *rs, size_t rule, struct sw_rule_line *out);
/* The rule whose name is nearest, for "did you mean"; may be empty. */
struct sw_str sw_rule_nearest(const struct sw_ruleset *rs, struct sw_str name);

/* The whole rule in Chinese, several lines, for signature. False: something in it has no words, or
 * no label, and stands there in backquotes. */
bool sw_rule_read(const struct sw_ruleset *rs, size_t rule, struct sw_buf *out);
/* What a technician wants to know: that, its texts and byte code, what it looks at and shares, what
 * parameters are worth on `today`, and what changes it by time alone. */
void sw_rule_explain(const struct sw_ruleset *rs, size_t rule, sw_day today, struct sw_buf *out);

#endif
