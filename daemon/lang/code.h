/* code.h - compiled expressions and stream reads. Private to lang.
 *
 *   tree ──► emit.c ──► struct code (instructions, constants) ──► verify.c ──► vm.c
 *              └─ plan.c ──► struct read, one per distinct read of a session ──► read.c
 *
 * Invariants, checked by verify.c for every code that is kept: jumps lead ahead, only LOOP leads
 * back, to its own NEXT; every register is written before it is read; every path ends in RETURN.
 * So evaluation ends, and its cost is the code's length but for loops and reads, which count. */
#ifndef LANG_CODE_H
#define LANG_CODE_H

#include "lang/native.h"
#include "lang/ops.h"
#include "lang/session.h"
#include "lang/stream.h"

struct ins {
    uint8_t op, a;
    uint16_t b, c, d;
};

/* Where a value operand lies: three bits of space, thirteen of number above them. The spaces are
 * the pointers that a frame begins with: its banks and the evaluator's own behind them. */
enum space { IN_BANK, IN_REGISTER = SW_BANKS, IN_CONSTANT, IN_EVENT, IN_GROUP };

#define SW_OPERAND(space, index) ((uint16_t)((unsigned)(index) << 3 | (unsigned)(space)))
#define SW_OPERAND_SPACE(o)      ((o)&7U)
#define SW_OPERAND_INDEX(o)      ((unsigned)(o) >> 3)

/* NEXT and LOOP: b is one when the element's fields are to lie IN_GROUP (a list of records, not
 * inside a read), c then one more than the source that is named when a field is missing. */

/* The pointer to a space of a frame; spaces behind the banks are set by the evaluator. */
#define SW_SPACE(f, space) ((f)->own[(space)-SW_BANKS])

enum { CODE_MAX = 4096, REGISTERS_MAX = 250, GROUP_VALUES_MAX = 8, FIELDS_BOUND_MAX = 64 };

struct code {
    const struct ins *ins;
    const struct sw_value *constant;
    sw_native *const *native;
    uint32_t n_ins, n_constants, n_natives, n_registers;
};

/* A number of days or months: written out, or a variable's value. */
struct amount {
    bool is_variable;
    uint16_t operand; /* the variable */
    int32_t value;
};

struct window {
    enum step step;
    struct amount from, to; /* within n: to; older_than n: from; between a, b: both */
    int32_t month, day;     /* STEP_PERIOD, STEP_YEAR: the instance's first day */
};

enum { WINDOWS_MAX = 6, ENDINGS_MAX = 3, WHERES_MAX = 6 };

/* S.unless(T, key) */
struct ending {
    uint16_t stream;
    uint32_t source;
    int16_t key, other_key; /* field of S and of T; -1: any event of T ends any of S */
    uint64_t need;
    struct code *where[WHERES_MAX];
    uint8_t n_wheres;
};

/* One value folded from events. */
struct folding {
    enum step fold;
    enum sw_kind kind;  /* of each event's value */
    int16_t field;      /* -1: see code; a fold without argument uses neither */
    struct code *value; /* what each event gives when it is more than a field */
};

/* One distinct read of a stream. Reads are compared by content, so equal ones are one. */
struct read {
    /* what every read looks at, in one line of the cache */
    uint64_t need;
    uint16_t stream;
    bool partial;
    uint8_t by; /* STEP_NONE, STEP_BY, STEP_BY_MONTH */
    uint8_t n_windows, n_wheres, n_endings, n_group;
    uint32_t source; /* what is missing when the result is unknown for want of events */
    uint32_t n_fields;
    int16_t end; /* the field with an event's last day, when a window asks for it; else -1 */
    int16_t key; /* of groups */
    struct folding folding;
    struct code *where[WHERES_MAX];
    struct window window[WINDOWS_MAX];
    struct ending ending[ENDINGS_MAX];
    /* groups */
    struct amount months;
    struct folding group[GROUP_VALUES_MAX]; /* values 1 … of a group; value 0 is its key */
    struct code *condition;
    uint32_t number;         /* in struct sw_lang.read */
    const struct node *fold; /* of the first chain that asked for it, for showing it */
};

/* What a program looks at: sorted, each once. */
struct uses {
    uint16_t *stream;
    uint16_t *absence;
    uint32_t *slot[SW_BANKS];
    uint32_t *rule;
    uint32_t *read;
    size_t n_streams, n_absences, n_slots[SW_BANKS], n_rules, n_reads;
};

struct sw_prog {
    const struct sw_lang *l;
    const struct sw_type *type;
    struct code code;
    const struct node *root; /* what it was made of, for reading it back; NULL: a template */
    struct uses uses;
    bool is_daily;
    const struct sw_prog_part *part; /* of a condition, when the session explains */
    size_t n_parts;
};

/* Text of the code, one instruction per line; appended to `out`. */
void sw_code_put(const struct code *code, struct sw_buf *out);
/* NULL, or which invariant is broken where. */
const char *sw_code_verify(const struct code *code, size_t n_reads, uint32_t *where);
const char *sw_op_operands(enum op_code op);

/* ---- evaluation: vm.c, read.c ---------------------------------------------------------------- */

struct sw_value sw_vm_run(struct sw_frame *f, const struct code *code);
struct sw_value sw_vm_read(struct sw_frame *f, uint32_t number);

#endif
