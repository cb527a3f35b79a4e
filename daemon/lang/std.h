/* std.h - the declarations of operators and standard functions. Private to lang. */
#ifndef LANG_STD_H
#define LANG_STD_H

#include "lang/ast.h"
#include "lang/native.h"

/* One overload: its public name and its types in short form, the result first. Letters as in
 * type.c (b bool, i int, u uint, d double, s string, y bytes, t timestamp, r duration, m money,
 * z date, n null, * dyn, [X list, {XY map, ?X optional, TX type of, A B C type parameters).
 * In front: '.' receiver style, '+' rule mode only. */
struct overload {
    const char *id;
    const char *sign;
};

struct function {
    const char *name;
    sw_native *native; /* NULL: the emitter has code of its own for it */
    const struct overload *overload;
    uint32_t n; /* at most 32 */
    bool folds; /* of constants is a constant: no zone, no day */
};

/* NULL: no such function. */
const struct function *sw_std_find(struct sw_str name);
const struct function *sw_std_operator(enum op op);
/* The name of the extension a function belongs to ("strings", "regex" …) when it is one this
 * language leaves out; NULL for other names. */
const char *sw_std_refused(struct sw_str name, bool is_member, uint32_t n_args);

/* What the front of `sign` says. */
static inline bool sw_overload_is_member(const struct overload *o)
{
    return o->sign[0] == '.' || (o->sign[0] == '+' && o->sign[1] == '.');
}

static inline bool sw_overload_is_rules(const struct overload *o)
{
    return o->sign[0] == '+';
}

/* The types behind it. */
static inline const char *sw_overload_types(const struct overload *o)
{
    return o->sign + sw_overload_is_rules(o) + sw_overload_is_member(o);
}

/* Number of arguments, with the receiver. */
uint32_t sw_overload_args(const struct overload *o);

#endif
