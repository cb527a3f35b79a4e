/* vm.h - the evaluator's slow ways. Private to lang. */
#ifndef LANG_VM_H
#define LANG_VM_H

#include "lang/code.h"

#define NO_SOURCE     UINT32_MAX
#define IS_TROUBLE(v) ((v)->kind >= SW_KUNKNOWN)

/* vm_slow.c. Operands come with their instruction, which says where they lie. */
/* An unknown value with the number of what it comes out of; others as they are. */
struct sw_value sw_vm_named(const struct sw_frame *f, struct sw_value v, uint16_t o);
/* Tell the frame what was missing. */
void sw_vm_missing(struct sw_frame *f, int64_t source);
/* native(x, y), native(x) or the worse of the two when one is unknown or an error. */
struct sw_value sw_vm_binary(struct sw_frame *f, const struct sw_value *x, const struct sw_value *y,
                             const struct ins *i, sw_native *native);
struct sw_value sw_vm_unary(struct sw_frame *f, const struct sw_value *x, const struct ins *i,
                            sw_native *native);
/* Add a term to an accumulator; true when it decides. */
bool sw_vm_term(struct sw_value *acc, struct sw_value term, bool is_or);
struct sw_value sw_vm_call(struct sw_frame *f, const struct sw_value *arg, const struct ins *i,
                           sw_native *native);
struct sw_value sw_vm_field(struct sw_frame *f, const struct sw_value *x, const struct ins *i);
struct sw_value sw_vm_money(struct sw_frame *f, const struct sw_value *x, const struct ins *i);
/* False: *a is why. */
bool sw_vm_push(struct sw_frame *f, struct sw_value *a, const struct sw_value *x,
                const struct ins *i);
bool sw_vm_put(struct sw_frame *f, struct sw_value *a, const struct sw_value *key,
               const struct sw_value *value, const struct ins *i);
bool sw_vm_each(struct sw_frame *f, struct sw_value *loop, const struct sw_value *range,
                const struct ins *i, struct sw_value *fault);
void sw_vm_count(struct sw_frame *f, struct sw_value *a, const struct sw_value *x,
                 const struct ins *i);
/* The fields of an element that is not known. */
extern const struct sw_value sw_all_unknown[FIELDS_BOUND_MAX];
struct sw_value sw_vm_fired(const struct sw_frame *f, uint32_t rule);

/* vm_day.c */
struct sw_value sw_vm_daily(struct sw_frame *f, const struct sw_value *x, uint16_t o);
struct sw_value sw_vm_day_sum(struct sw_frame *f, const struct sw_value *x,
                              const struct sw_value *y, const struct ins *i);
struct sw_value sw_vm_day_compare(struct sw_frame *f, const struct sw_value *x,
                                  const struct sw_value *y, const struct ins *i);

#endif
