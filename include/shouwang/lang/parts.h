/* parts.h - what a condition is made of, so that people can be told why it holds or does not.
 * Layer: lang.
 *
 *     a >= 3 && (hh.dibao || !fired("x"))        0 all                next 6
 *                                                1   relation a >= 3  next 2
 *                                                2   any              next 6
 *                                                3     fact hh.dibao  next 4
 *                                                4     not            next 6
 *                                                5       fact fired() next 6
 *
 * Macros and lets are looked into; loops and where() are not, each is a fact or an operand as a
 * whole. Every part and every operand is a program of its own, evaluated in the same frames as the
 * condition and sharing its stream reads. Only sessions that were asked for it have parts. */
#ifndef SHOUWANG_LANG_PARTS_H
#define SHOUWANG_LANG_PARTS_H

#include <shouwang/lang/lang.h>

/* From now on conditions (texts compiled as bool) are kept with their parts. */
void sw_lang_explain(struct sw_lang *l);

enum sw_part_kind {
    SW_PART_ALL,      /* all of the parts behind it, up to `next` */
    SW_PART_ANY,      /* at least one of them */
    SW_PART_NOT,      /* not the one behind it */
    SW_PART_CHOICE,   /* three: if the first then the second else the third */
    SW_PART_RELATION, /* left op right */
    SW_PART_FACT      /* true or false by itself */
};

struct sw_part_side {
    const struct sw_prog *value; /* sw_prog_read() has its words, as those of every part */
    struct sw_str source;        /* as it stands in the rule file */
};

struct sw_prog_part {
    enum sw_part_kind kind;
    uint32_t depth;              /* of parts around it */
    uint32_t next;               /* index behind it and what it is made of */
    const struct sw_prog *truth; /* bool */
    struct sw_str source;
    /* SW_PART_RELATION */
    const char *sign; /* "<" "<=" ">=" ">" "==" "!=" "in" */
    struct sw_part_side left, right;
    struct sw_str unit; /* of both sides: 元, 天, 次 …; empty: none known */
};

/* The parts of a condition, outermost first; 0 when its session does not keep them. */
size_t sw_prog_parts(const struct sw_prog *p, const struct sw_prog_part **parts);

#endif
