/* parser.h - what the parser's files share. Private to lang.
 *
 *   parse_token.c   nodes, findings, tokens taken or missed
 *   parse_value.c   names, literals, brackets, calls
 *   macro.c         has(), exists() … written out
 *   parse.c         members, operators, whole texts */
#ifndef LANG_PARSER_H
#define LANG_PARSER_H

#include "lang/lex.h"

struct parser {
    struct lexer lexer;
    struct token now, next;
    uint32_t end_before; /* byte behind the last token taken */
    bool panic;          /* an error was reported and nothing fitted since: say no more */
    bool stopped;        /* a limit was passed: unwind */
    bool muted;          /* inside what was refused as a whole */
    uint32_t depth;
    struct sw_arena *arena;
    struct tree *tree;
    const struct parse_rules *rules;
    struct sw_diag *diag;
};

/* A growing list of nodes in the arena. */
struct nodes {
    struct node **at;
    uint32_t n, cap;
};

struct node *sw_node_new(struct parser *p, enum node_kind kind, uint32_t at);
/* Set the arguments and with them the depth limit. */
void sw_node_args(struct parser *p, struct node *n, struct node *const *arg, uint32_t n_args);
void sw_nodes_add(struct parser *p, struct nodes *list, struct node *n);
/* Stands where a value is missing. */
struct node *sw_parse_bad(struct parser *p);

/* A finding that does not disturb the parser. */
void sw_parse_error(struct parser *p, uint32_t at, const char *why);
/* A limit was passed. Reported once; every loop of the parser ends soon because only T_END comes
 * from now on. */
void sw_parse_stop(struct parser *p, uint32_t at, const char *fmt, ...) SW_PRINTF(3, 4);

/* The lexer's callback for characters that begin no token. */
void sw_parse_bad_token(void *ctx, struct token t);

/* Take a token that fits; skip one that does not. */
void sw_parse_take(struct parser *p);
void sw_parse_skip(struct parser *p);
bool sw_parse_accept(struct parser *p, enum token_kind kind);
/* Report that `wanted` should stand here, unless an error is being skipped already. */
void sw_parse_expected(struct parser *p, const char *wanted);
/* Take `kind`; if it does not come, drop one token when it comes then. */
bool sw_parse_expect(struct parser *p, enum token_kind kind, const char *wanted);
/* Behind something that did not fit: go on at the next comma or closing bracket of this level. */
void sw_parse_resynchronise(struct parser *p);

/* `behind` is the operator a value must follow, or NULL. */
struct node *sw_parse_primary(struct parser *p, const struct token *behind);
struct node *sw_parse_unary(struct parser *p, const struct token *behind);
struct node *sw_parse_expr(struct parser *p);
/* A number, text or other constant; `start` is its sign's place when it has one. */
struct node *sw_parse_literal(struct parser *p, bool negative, uint32_t start);
/* The arguments and what the call stands for. `call` has its name already. */
struct node *sw_parse_call(struct parser *p, struct node *call, struct node *target);
/* Name{field: value …}, from the brace on. */
struct node *sw_parse_struct(struct parser *p, struct sw_str name, uint32_t start);
/* What a call stands for: the call itself, or its macro written out. */
struct node *sw_macro_expand(struct parser *p, struct node *call);

#endif
