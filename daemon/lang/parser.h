/* parser.h - what parse.c shares with macro.c. Private to lang. */
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
    uint32_t depth, loops;
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
/* A finding that does not disturb the parser. */
void sw_parse_error(struct parser *p, uint32_t at, const char *why);
/* What a call stands for: the call itself, or its macro written out. */
struct node *sw_macro_expand(struct parser *p, struct node *call);

#endif
