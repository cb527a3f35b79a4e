/* check.h - what the parts of the checker share. Private to lang. */
#ifndef LANG_CHECK_H
#define LANG_CHECK_H

#include "lang/session.h"
#include "lang/std.h"

/* A name that exists only inside a loop. */
struct local {
    struct sw_str name;
    const struct sw_type *type;
    uint8_t reg;     /* the emitter's */
    uint32_t source; /* the emitter's: sw_emit_source() of the range */
};

enum scope_kind {
    SCOPE_LOOP,  /* local */
    SCOPE_EVENT, /* where(), sum() …: the fields of one event */
    SCOPE_GROUP  /* exists(), count_if() of groups: sum(), count() … and the key of one group */
};

struct scope {
    struct scope *up;
    enum scope_kind kind;
    struct local *local;
    const struct sw_stream_decl *stream; /* SCOPE_EVENT, SCOPE_GROUP */
    struct sw_str event;                 /* the event's own name inside a plain macro */
    int32_t key;                         /* SCOPE_GROUP: the field grouped by, -1 for months */
};

struct checker {
    struct sw_lang *l;
    struct tree *tree;
    struct sw_diag *diag;
    struct unify u;
    struct scope *scope;
    uint32_t loops; /* around the node in hand */
    bool is_rules;
    bool is_unchecked;
    bool failed;
    struct sw_str container;
    const char **refused;
};

/* Check a macro's or let's tree; the type it has, TYPE_ERROR after a finding. */
const struct sw_type *sw_check_definition(struct sw_lang *l, struct tree *tree,
                                          struct sw_diag *diag);
/* Check a whole text. `want`: the type it must have, NULL: any. False after a finding. */
bool sw_check_tree(struct sw_lang *l, struct tree *tree, const struct sw_type *want,
                   const struct sw_how *how, struct sw_diag *diag);

/* ---- inside the checker: *slot is a node, which may be replaced ------------------------------ */

const struct sw_type *sw_check_node(struct checker *ck, struct node **slot);
/* Check inside a new scope. */
const struct sw_type *sw_check_in(struct checker *ck, struct scope *scope, struct node **slot);
/* The type as far as it is known now. */
const struct sw_type *sw_check_type(struct checker *ck, const struct node *n);
/* A finding at a node, at the place that the session's mode shows. */
void sw_check_error(struct checker *ck, const struct node *n, const char *fmt, ...) SW_PRINTF(3, 4);
void sw_check_error_at(struct checker *ck, uint32_t at, const char *fmt, ...) SW_PRINTF(3, 4);
void sw_check_warning(struct checker *ck, const struct node *n, const char *fmt, ...)
    SW_PRINTF(3, 4);
/* Set the type and hand it back. */
const struct sw_type *sw_check_set(struct node *n, const struct sw_type *t);

/* check_name.c */
const struct sw_type *sw_check_ident(struct checker *ck, struct node **slot);
const struct sw_type *sw_check_select(struct checker *ck, struct node **slot);
const struct sw_type *sw_check_has(struct checker *ck, struct node **slot);
/* "a.b.c" of a chain of names, false when there is something else in it. */
bool sw_qualified_name(struct checker *ck, const struct node *n, struct sw_buf *out);

/* What one event of a stream is. */
const struct sw_type *sw_record_of(struct checker *ck, const struct sw_stream_decl *stream);
/* Is the node inside the condition of a where() or of groups? */
bool sw_in_event(const struct checker *ck);

/* check_call.c */
const struct sw_type *sw_check_call(struct checker *ck, struct node **slot);
/* Choose among the overloads of n->fn by the types of n's arguments. */
const struct sw_type *sw_check_overloads(struct checker *ck, struct node *n, bool is_member);

/* check_rules.c, check_function.c: rule mode's own */
/* What may stand where CEL is stricter: literals become money, enum items, dates; whole numbers
 * meet others. False when a finding was made. */
bool sw_rules_promote(struct checker *ck, struct node *n);
/* known(), fired(), ramp(), math.least() …; NULL: not one of them. */
const struct sw_type *sw_rules_function(struct checker *ck, struct node *n);
const struct sw_type *sw_rules_least(struct checker *ck, struct node *n);
/* x.orValue(y) */
const struct sw_type *sw_rules_or_value(struct checker *ck, struct node *n);
/* Bring *slot to type `t` if it is a literal that can be, or a whole number wanted as double. */
bool sw_rules_convert(struct checker *ck, struct node **slot, const struct sw_type *t);
/* The one type that n nodes can be brought to, converting them; NULL: none. */
const struct sw_type *sw_rules_common(struct checker *ck, struct node **slots, uint32_t n);
void sw_rules_no_operator(struct checker *ck, const struct node *n);
/* How people call the type of a node: "amount (yuan)", "days", "number". */
struct sw_str sw_rules_word(struct checker *ck, const struct node *n);
/* The literal a node is, through macros; NULL: it is none. */
const struct node *sw_literal_of(const struct node *n);
/* A list of names as a list literal for elements of type `t` (NULL: as it is written), because of
 * node `n`. */
struct node *sw_rules_list(struct checker *ck, const struct node *n, struct symbol *s,
                           const struct sw_type *t);

/* check_stream.c */
const struct sw_type *sw_stream_call(struct checker *ck, struct node *n);
const struct sw_type *sw_stream_loop(struct checker *ck, struct node **slot);
const struct sw_type *sw_group_value(struct checker *ck, struct node *n, struct scope *scope);

/* check_message.c: findings about names */
void sw_unknown_name(struct checker *ck, const struct node *n, struct sw_str name);
void sw_unknown_field(struct checker *ck, const struct node *n, const struct sw_type *record,
                      struct sw_str name);
/* `owner`: whose item it should be, a field or the enum itself. */
void sw_unknown_item(struct checker *ck, struct sw_place at, const struct sw_type *e,
                     struct sw_str name, struct sw_str owner);
void sw_unknown_period(struct checker *ck, const struct node *n, struct sw_str name);
void sw_unknown_tag(struct checker *ck, const struct node *n, struct sw_str name);
void sw_unknown_rule(struct checker *ck, const struct node *n, struct sw_str name);

#endif
