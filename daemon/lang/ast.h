/* ast.h - the tree of one expression, and what the checker writes into it.
 * Private to lang. Nodes live in the session's arena and are never freed one by one. */
#ifndef LANG_AST_H
#define LANG_AST_H

#include <shouwang/lang/lang.h>

/* Operators: enumerator, the name CEL's declarations give the function, how people write it, the
 * precedence of binary ones (0: not binary). */
#define SW_OPERATORS(X)                                                                            \
    X(OP_NONE, "", "", 0)                                                                          \
    X(OP_COND, "_?_:_", "?", 0)                                                                    \
    X(OP_OR, "_||_", "||", 1)                                                                      \
    X(OP_AND, "_&&_", "&&", 2)                                                                     \
    X(OP_LT, "_<_", "<", 3)                                                                        \
    X(OP_LE, "_<=_", "<=", 3)                                                                      \
    X(OP_GE, "_>=_", ">=", 3)                                                                      \
    X(OP_GT, "_>_", ">", 3)                                                                        \
    X(OP_EQ, "_==_", "==", 3)                                                                      \
    X(OP_NE, "_!=_", "!=", 3)                                                                      \
    X(OP_IN, "@in", "in", 3)                                                                       \
    X(OP_ADD, "_+_", "+", 4)                                                                       \
    X(OP_SUB, "_-_", "-", 4)                                                                       \
    X(OP_MUL, "_*_", "*", 5)                                                                       \
    X(OP_DIV, "_/_", "/", 5)                                                                       \
    X(OP_MOD, "_%_", "%", 5)                                                                       \
    X(OP_NOT, "!_", "!", 0)                                                                        \
    X(OP_NEG, "-_", "-", 0)                                                                        \
    X(OP_INDEX, "_[_]", "[]", 0)                                                                   \
    X(OP_OPT_INDEX, "_[?_]", "[?]", 0)                                                             \
    X(OP_OPT_SELECT, "_?._", ".?", 0)

enum op {
#define X(name, function, sign, precedence) name,
    SW_OPERATORS(X)
#undef X
};

enum node_kind {
    N_BAD,     /* stands where a syntax error was */
    N_LITERAL, /* value */
    N_IDENT,   /* name; a leading dot sets is_root */
    N_SELECT,  /* arg[0].name */
    N_HAS,     /* has(arg[0].name) */
    N_CALL,    /* name(arg…), arg[0].name(arg[1]…) when is_member, or an operator */
    N_LIST,    /* [arg…] */
    N_MAP,     /* {arg[0]: arg[1], …} */
    N_STRUCT,  /* name{field[0]: arg[0], …}: parsed so that it can be refused by name */
    N_LOOP,    /* a macro over a list: see enum loop; arg[0] the range, arg[1] what is asked,
                  arg[2] what is collected (map with three arguments) */
    N_ALIAS,   /* the checker's: a macro or let stands here; arg[0] is its tree */
    N_CONVERT  /* the checker's: arg[0] as `type` */
};

/* What the checker found an identifier (or a dotted name) to be. */
enum binding {
    BIND_NONE,
    BIND_VAR,    /* symbol */
    BIND_STREAM, /* symbol */
    BIND_LOOP,   /* local */
    BIND_EVENT,  /* the event in hand, by the name a plain macro gave it */
    BIND_FIELD,  /* field `index` of the event in hand */
    BIND_GROUP,  /* value `index` of the group in hand */
    BIND_TODAY,
    BIND_MISSING /* unchecked: no such name, an error when reached */
};

/* The range of the loop that o.optMap(x, …) becomes is a call of this; see macro.c. */
#define SW_OPTIONAL_LIST "@list"

enum loop { LOOP_ALL, LOOP_EXISTS, LOOP_ONE, LOOP_MAP, LOOP_MAP_IF, LOOP_FILTER };

struct symbol;
struct local;
struct function;

struct node {
    uint8_t kind;         /* enum node_kind */
    uint8_t op;           /* enum op of a call, enum loop of a loop, enum fold of a group's value */
    uint8_t bind;         /* enum binding, the checker's */
    bool is_member : 1;   /* arg[0].name(…) */
    bool is_root : 1;     /* .name */
    bool is_optional : 1; /* ?element, ?key: of a list or map */
    bool is_linear : 1;   /* the checker's: may grow by itself from day to day */
    bool is_bracketed : 1; /* (…): a && (b && c) keeps its shape */
    uint32_t at;           /* byte that CEL's own tools name when this node is wrong */
    uint32_t mark;         /* byte that rule files' authors are shown instead */
    uint32_t start;        /* first byte of the whole expression */
    uint32_t from, to;     /* what it takes up with its brackets: the byte behind it is `to` */
    uint16_t height;       /* of the tree below */
    uint32_t n_args;
    struct node **arg;
    struct sw_str name;    /* identifier, field, function, loop variable */
    struct sw_str *field;  /* N_STRUCT */
    struct sw_value value; /* N_LITERAL */

    /* the checker's */
    const struct sw_type *type;
    struct sw_str unit; /* 元, 天 …; empty: none known */
    const struct function *fn;
    uint32_t overloads; /* bit i: overload i of fn fits the types */
    uint32_t index;     /* field, event field, group value, rule, period, loop variable */
    struct symbol *symbol;
    struct local *local; /* what an identifier inside a loop, where() or groups stands for */
};

/* One parsed text. */
struct tree {
    struct sw_text text;
    struct node *root; /* never NULL */
    uint32_t nodes;
    bool failed; /* a finding was made: do not check */
};

const char *sw_op_function(enum op op);
const char *sw_op_sign(enum op op);
int sw_op_precedence(enum op op);

/* The place of byte `offset` of a text in its file. */
struct sw_place sw_text_place(const struct sw_text *text, uint32_t offset);

/* How a text is to be read; from the session's mode and struct sw_how. */
struct parse_rules {
    bool rules_mode;
    bool with_macros;
    bool with_optionals;
    uint32_t text_max, nodes_max, depth_max, list_max, loops_max;
};

struct parse_job {
    struct sw_text text;
    uint32_t from, to; /* bytes of it that are the expression */
    const struct parse_rules *rules;
    struct sw_arena *arena; /* gets the tree and its strings; the text must outlive both */
    struct sw_diag *diag;   /* as many findings as can be told apart in one run */
};

struct tree *sw_parse(const struct parse_job *job);

/* The value of a number, string or bytes literal as written, in `arena` when it has escapes.
 * NULL, or what is wrong with it. */
const char *sw_literal_int(struct sw_str text, bool negative, struct sw_value *out);
const char *sw_literal_uint(struct sw_str text, struct sw_value *out);
const char *sw_literal_double(struct sw_str text, bool negative, struct sw_value *out);
const char *sw_literal_string(struct sw_arena *arena, struct sw_str text, bool is_bytes,
                              struct sw_value *out);

#endif
