/* ops.h - the instructions, one table for emitter, verifier, evaluator and listing. Private to
 * lang.
 *
 * An instruction is 8 bytes: op, a (8 bits), b, c, d (16 bits). Operands by letter, in that order:
 *   w  register that is written       u  register that is read and written
 *   v  value: register, constant, variable, event field or group value (see code.h)
 *   k  number of a constant           i  plain number
 *   j  place to jump to, ahead        l  behind the loop's NEXT, back
 *   f  native function                t  first of three registers of a loop
 *   o  place to go on when a term decides; SW_AT_END: then the value is a, at once; SW_AT_LAST:
 *      so it is when the term does not decide, unless a is unknown or an error already
 *   -  not used
 * Unknown and error never need an instruction of their own: every instruction that meets them
 * passes them on by the rules of rule-language.md 3.5. */
#ifndef LANG_OPS_H
#define LANG_OPS_H

/* Whether a relation holds, as the next term of && and as the next term of ||. */
#define SW_RELATION_OPS(X, name, sign, what)                                                       \
    X(AND_##name, "uvvo", "a = a && b " sign " c, " what "; on to d when that decides")            \
    X(OR_##name, "uvvo", "a = a || b " sign " c, " what "; on to d when that decides")

#define SW_OPS(X)                                                                                  \
    X(RETURN, "-v--", "the value is b")                                                            \
    X(MOVE, "wv--", "a = b")                                                                       \
    X(BOOL, "wi--", "a = true or false")                                                           \
    X(JUMP, "---j", "on to d")                                                                     \
    X(IF, "wvjj", "b true: go on; false: on to d; neither: a = b, on to c")                        \
    X(AND, "uv-o", "a = a && b; on to d when that decides")                                        \
    X(OR, "uv-o", "a = a || b; on to d when that decides")                                         \
    X(AND_NOT, "uv-o", "a = a && !b; on to d when that decides")                                   \
    X(OR_NOT, "uv-o", "a = a || !b; on to d when that decides")                                    \
    X(AND_SET, "uvko", "a = a && item b is in the set of bits c; on to d when that decides")       \
    X(OR_SET, "uvko", "a = a || item b is in the set of bits c; on to d when that decides")        \
    SW_RELATION_OPS(X, LT_I, "<", "whole numbers, amounts or dates")                               \
    SW_RELATION_OPS(X, LE_I, "<=", "whole numbers, amounts or dates")                              \
    SW_RELATION_OPS(X, EQ_I, "==", "whole numbers, amounts, dates, items or persons")              \
    SW_RELATION_OPS(X, NE_I, "!=", "whole numbers, amounts, dates, items or persons")              \
    SW_RELATION_OPS(X, LT_F, "<", "numbers")                                                       \
    SW_RELATION_OPS(X, LE_F, "<=", "numbers")                                                      \
    SW_RELATION_OPS(X, EQ_F, "==", "numbers")                                                      \
    SW_RELATION_OPS(X, NE_F, "!=", "numbers")                                                      \
    X(NOT, "wv--", "a = !b")                                                                       \
    X(ADD_I, "wvv-", "a = b + c, whole numbers or amounts")                                        \
    X(SUB_I, "wvv-", "a = b - c, whole numbers or amounts")                                        \
    X(MUL_I, "wvv-", "a = b * c, whole numbers")                                                   \
    X(ADD_F, "wvv-", "a = b + c, numbers")                                                         \
    X(SUB_F, "wvv-", "a = b - c, numbers")                                                         \
    X(MUL_F, "wvv-", "a = b * c, numbers")                                                         \
    X(DIV_F, "wvv-", "a = b / c, numbers")                                                         \
    X(MUL_MF, "wvv-", "a = amount b * number c")                                                   \
    X(DIV_MM, "wvv-", "a = amount b / amount c, a number")                                         \
    X(TO_NUMBER, "wv--", "a = whole number or amount (in yuan) b as a number")                     \
    X(TO_MONEY, "wv--", "a = b yuan as an amount")                                                 \
    X(FIELD, "wvii", "a = field c of record b; d - 1 names the source when it is missing")         \
    X(TAG, "wvi-", "a = item b, marked as one of enum c")                                          \
    X(CALL1, "wv-f", "a = d(b)")                                                                   \
    X(CALL2, "wvvf", "a = d(b, c)")                                                                \
    X(CALL, "wiif", "a = d(the c registers from b on)")                                            \
    X(LIST, "wi--", "a = new list with room for b")                                                \
    X(LIST_LIKE, "wv--", "a = new list with room for as many as list b has")                       \
    X(PUSH, "uv-j", "append b to list a; if b is no value, a = b and on to d")                     \
    X(PUSH_SOME, "uv-j", "append what optional b holds; if b is no value, a = b and on to d")      \
    X(PUSH_ANY, "uv--", "append b to list a, whatever it is")                                      \
    X(MAP, "wi--", "a = new map with room for b")                                                  \
    X(PUT, "uvvj", "a[b] = c; if that cannot be, a = why and on to d")                             \
    X(PUT_SOME, "uvvj", "a[b] = what optional c holds; if that cannot be, a = why, on to d")       \
    X(EACH, "tvij", "begin a loop over list or keys b; if it is none, register c = why, to d")     \
    X(NEXT, "tiij", "register a + 2 = next element; on to d behind the last one")                  \
    X(LOOP, "tiil", "the same; back to d, on behind the last one")                                 \
    X(COUNT, "uv--", "a = a + 1 when b is true")                                                   \
    X(ONE, "u---", "a = (a == 1)")                                                                 \
    X(READ, "wi--", "a = shared stream read b")                                                    \
    X(FIRED, "wi--", "a = whether rule b is active")                                               \
    X(TODAY, "w---", "a = today")                                                                  \
    X(DAY_ADD, "wvv-", "a = b + c where either may grow from day to day")                          \
    X(DAY_SUB, "wvv-", "a = b - c where either may grow from day to day")                          \
    X(DAY_CMP, "wvvi", "a = b c in relation d; notes the day on which it turns")                   \
    X(DAILY, "wv--", "a = b; notes tomorrow if b grows from day to day")                           \
    X(KNOWN, "wv--", "a = b is not unknown")                                                       \
    X(OR_VALUE, "wv-j", "b known: a = b, on to d; else go on")

#define SW_AT_END  0xffffU
#define SW_AT_LAST 0xfffeU

enum op_code {
#define X(name, operands, doc) I_##name,
    SW_OPS(X)
#undef X
};

#endif
