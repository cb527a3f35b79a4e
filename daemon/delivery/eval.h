/* eval.h - carrying out a profile for one message or one answer. Private to delivery. */
#ifndef DELIVERY_EVAL_H
#define DELIVERY_EVAL_H

#include "profile.h"

/* One attempt: steps are evaluated when first needed and once. */
struct eval {
    const struct sw_gateway *gw;
    const struct sw_message_row *m; /* NULL: only what belongs to the gateway */
    const struct sw_attempt *attempt;
    struct sw_arena *arena;
    struct sw_err *err;
    bool has_failed;
    struct sw_str step[STEPS_MAX];
    bool is_done[STEPS_MAX];
    struct sw_str body;
    bool is_body_done;
};

/* The first failure is kept. Returns the absent value. */
struct sw_str sw_eval_fail(struct eval *e, const char *fmt, ...) SW_PRINTF(2, 3);
struct sw_str sw_eval_symbol(struct eval *e, const struct symbol *s);
struct sw_str sw_eval_phrase(struct eval *e, const struct phrase *t);
struct sw_str sw_eval_operand(struct eval *e, const struct operand *o);
struct sw_str sw_eval_step(struct eval *e, uint32_t index);
struct sw_str sw_eval_body(struct eval *e);
/* A text of its own, never absent. */
struct sw_str sw_eval_keep(struct eval *e, struct sw_str s);

/* values.c */
/* The value at `path` below `root`, NULL: not there. */
const struct sw_json *sw_path_json(const struct path *path, const struct sw_json *root);
/* Does a value read from JSON, or a text read from a query, equal one that was written? */
bool sw_scalar_is(const struct scalar *s, const struct sw_json *v);
bool sw_scalars_have_text(const struct scalars *list, struct sw_str text);
/* "8613800138000", "+86 …", "0086…" to the 11 digits of a mobile; other numbers as they are. */
struct sw_str sw_phone_plain(struct sw_str number);
/* Characters of a text that a gateway gave us, made safe to show: secrets of `gw` and mobile
 * numbers are replaced, controls become spaces, at most `max` characters. */
struct sw_str sw_safe_text(const struct sw_gateway *gw, struct sw_arena *arena, struct sw_str text,
                           size_t max);

#endif
