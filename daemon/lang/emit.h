/* emit.h - what the parts of the emitter share. Private to lang. */
#ifndef LANG_EMIT_H
#define LANG_EMIT_H

#include "lang/check.h"
#include "lang/code.h"

/* A set of numbers that grows. */
struct number_set {
    uint32_t *at;
    size_t n, cap;
};

/* What one program looks at, collected over its code and the reads it needs. */
struct collector {
    struct number_set streams, absences, rules, reads, slots[SW_BANKS];
    bool is_daily;
};

/* Jumps to a place that is not known yet, linked through their targets. */
struct label {
    uint16_t by_d, by_c; /* 1 + the last instruction whose d, whose c is open; 0: none */
};

struct emitter {
    struct sw_lang *l;
    const struct tree *tree; /* whose place is shown when something is too large */
    struct sw_diag *diag;
    struct collector *uses;
    struct ins *ins;
    struct sw_value *constant;
    sw_native **native;
    size_t n_ins, cap_ins, n_constants, cap_constants, n_natives, cap_natives;
    uint32_t top, most;          /* registers in use, and ever */
    struct read *groups;         /* while emitting a condition of groups: where its values go */
    bool is_inner;               /* code of a read */
    const struct local *element; /* of the loop whose element's fields lie IN_GROUP */
    bool failed;
};

/* ---- instructions ---------------------------------------------------------------------------- */

struct ins *sw_emit(struct emitter *e, enum op_code op, uint8_t a, uint16_t b, uint16_t c);
uint8_t sw_emit_register(struct emitter *e, uint32_t n);  /* the first of n new ones */
void sw_emit_jump(struct emitter *e, struct label *to);   /* by d of the last instruction */
void sw_emit_jump_c(struct emitter *e, struct label *to); /* by its c */
void sw_emit_here(struct emitter *e, struct label *l);
uint16_t sw_emit_constant(struct emitter *e, struct sw_value v); /* an operand */
uint16_t sw_emit_native(struct emitter *e, sw_native *f);
void sw_emit_uses_slot(struct emitter *e, const struct symbol *s);

/* ---- nodes ----------------------------------------------------------------------------------- */

/* The value of a node in register r. Of one that grows from day to day it keeps the slope. */
void sw_emit_into(struct emitter *e, const struct node *n, uint8_t r);
/* The value of a node, where it is or in a new register; as sw_emit_into() about slopes. */
uint16_t sw_emit_value(struct emitter *e, const struct node *n);
/* The same, for whoever cannot follow a slope: notes that tomorrow may differ. */
uint16_t sw_emit_plain(struct emitter *e, const struct node *n);
/* Is the node known now? *out then. */
bool sw_emit_folds(struct emitter *e, const struct node *n, struct sw_value *out);
void sw_emit_call(struct emitter *e, const struct node *n, uint8_t r);  /* emit_call.c */
void sw_emit_logic(struct emitter *e, const struct node *n, uint8_t r); /* emit_logic.c */
/* One term of && or || gathered in acc; on to `decided` when it decides. */
void sw_emit_term(struct emitter *e, const struct node *n, uint8_t acc, bool is_and,
                  struct label *decided);
/* A relation that has an instruction of its own, as value (or as term, see emit_logic.c). */
bool sw_emit_relation(struct emitter *e, const struct node *n, uint8_t r);
void sw_emit_loop(struct emitter *e, const struct node *n, uint8_t r); /* emit_loop.c */
/* source + 1 of the variable or stream a node's value comes out of, 0: of none. */
uint32_t sw_emit_source(const struct node *n);
/* The kind every value of a node has, SW_KERROR: not one. */
enum sw_kind sw_kind_of(const struct node *n);

/* ---- whole codes: emit.c, plan.c ------------------------------------------------------------- */

/* A code of its own for a condition or value inside a read. NULL after a finding. */
struct code *sw_emit_inner(struct emitter *outer, const struct node *n, struct read *groups);
/* Value number of sum(f), count() … in a condition of groups; 0 after a finding. */
uint32_t sw_plan_group_value(struct emitter *e, const struct node *n);
/* The shared read that a fold at the end of a chain is; UINT32_MAX after a finding. */
uint32_t sw_plan_read(struct emitter *e, const struct node *fold);
bool sw_code_equal(const struct code *a, const struct code *b);
void sw_set_add(struct number_set *set, uint32_t number); /* kept sorted, each once */
struct sw_prog *sw_emit_program(struct sw_lang *l, const struct tree *tree, struct sw_diag *diag);
/* parts.c: what the condition is made of, as programs of their own. */
void sw_parts_keep(struct sw_lang *l, const struct tree *tree, struct sw_prog *p,
                   struct sw_diag *diag);

/* The parts of a template: texts and expressions, in order. */
struct part {
    struct sw_str text;
    const struct tree *tree; /* NULL: text */
};
struct sw_prog *sw_emit_template(struct sw_lang *l, const struct part *parts, size_t n,
                                 struct sw_diag *diag);

/* silence.c: add the streams whose silence makes a condition (negated: its opposite) true. */
void sw_note_silence(struct emitter *e, const struct node *n, bool negated);

#endif
