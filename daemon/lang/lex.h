/* lex.h - tokens of an expression. Private to lang. */
#ifndef LANG_LEX_H
#define LANG_LEX_H

#include "lang/ast.h"

enum token_kind {
    T_END,
    T_IDENT,
    T_QUOTED, /* `a-b` */
    T_INT,
    T_UINT,
    T_FLOAT,
    T_STRING,
    T_BYTES,
    T_TRUE,
    T_FALSE,
    T_NULL,
    T_DOT,
    T_COMMA,
    T_COLON,
    T_QUESTION,
    T_OPEN, /* ( */
    T_CLOSE,
    T_OPEN_LIST, /* [ */
    T_CLOSE_LIST,
    T_OPEN_MAP, /* { */
    T_CLOSE_MAP,
    T_NOT,     /* ! */
    T_OPERATOR /* binary; op says which. '-' is one */
};

struct token {
    enum token_kind kind;
    enum op op;
    uint32_t at; /* byte */
    struct sw_str text;
};

struct lexer {
    struct sw_str text;
    uint32_t at;                            /* next byte */
    void (*bad)(void *ctx, struct token t); /* told of every run of bytes that is no token */
    void *ctx;
};

struct token sw_lex_next(struct lexer *l);
/* Words that CEL keeps for languages it may be embedded in: no identifiers, but fields. */
bool sw_lex_is_reserved(struct sw_str word);

#endif
