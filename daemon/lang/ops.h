/* ops.h - the instructions, one table for emitter, verifier, evaluator and listing. Private to
 * lang.
 *
 * An instruction is 8 bytes: op, a (8 bits), b, c, d (16 bits). Operands by letter, in that order:
 *   w  register that is written       u  register that is read and written
 *   v  value: register, constant, variable, event field or group value (see operand.h)
 *   k  number of a constant           i  plain number
 *   j  place to jump to, ahead        l  the loop's NEXT, behind
 *   f  native function                t  first of three registers of a loop
 *   -  not used
 * Unknown and error never need an instruction of their own: every instruction that meets them
 * passes them on by the rules of rule-language.md 3.5. */
#ifndef LANG_OPS_H
#define LANG_OPS_H

/* A relation as a value, as the next term of && and as the next term of ||. */
#define SW_RELATION_OPS(X, name, sign, what)                                                       \
    X(name, "wvv-", "a = b " sign " c, " what)                                                     \
    X(AND_##name, "uvvj", "a = a && b " sign " c, " what "; on to d when that decides")            \
    X(OR_##name, "uvvj", "a = a || b " sign " c, " what "; on to d when that decides")

#define SW_OPS(X)                                                                                  \
    X(RETURN, "-v--", "the value is b")                                                            \
    X(MOVE, "wv--", "a = b")                                                                       \
    X(BOOL, "wi--", "a = true or false")                                                           \
    X(JUMP, "---j", "on to d")                                                                     \
    X(IF, "wvjj", "b true: go on; false: on to d; neither: a = b, on to c")                        \
    X(AND, "uv-j", "a = a && b; on to d when that decides")                                        \
    X(OR, "uv-j", "a = a || b; on to d when that decides")                                         \
    X(AND_NOT, "uv-j", "a = a && !b; on to d when that decides")                                   \
    X(OR_NOT, "uv-j", "a = a || !b; on to d when that decides")                                    \
    X(NOT, "wv--", "a = !b")                                                                       \
    SW_RELATION_OPS(X, LT_I, "<", "whole numbers, amounts or dates")                               \
    SW_RELATION_OPS(X, LE_I, "<=", "whole numbers, amounts or dates")                              \
    SW_RELATION_OPS(X, EQ_I, "==", "whole numbers, amounts, dates, items or persons")              \
    SW_RELATION_OPS(X, NE_I, "!=", "whole numbers, amounts, dates, items or persons")              \
    SW_RELATION_OPS(X, LT_F, "<", "numbers")                                                       \
    SW_RELATION_OPS(X, LE_F, "<=", "numbers")                                                      \
    SW_RELATION_OPS(X, EQ_F, "==", "numbers")                                                      \
    SW_RELATION_OPS(X, NE_F, "!=", "numbers")                                                      \
    X(IN_SET, "wvk-", "a = item b is in the set of bits c")                                        \
    X(AND_IN_SET, "uvkj", "a = a && item b is in set c; on to d when that decides")                \
    X(OR_IN_SET, "uvkj", "a = a || item b is in set c; on to d when that decides")                 \
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
    X(NEXT, "t--j", "register a + 2 = next element; on to d behind the last one")                  \
    X(LOOP, "---l", "back to d")                                                                   \
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

enum op_code {
#define X(name, operands, doc) I_##name,
    SW_OPS(X)
#undef X
};

#endif
