/* lex.c - tokens of an expression.
 *
 * Follows CEL's lexical grammar (langdef.md, "Syntax"). The longest token wins. A run of bytes that
 * is no token is reported once, together with the byte that made it impossible, and lexing goes on
 * behind it: that is what the public reference parser does, so that error places can be compared
 * with its own. String tokens are only checked for their shape here; literal.c decodes them. */
#include "lang/lex.h"
#include <shouwang/base/utf8.h>

static int peek(const struct lexer *l, size_t ahead)
{
    size_t at = l->at + ahead;

    return at < l->text.n ? (unsigned char)l->text.p[at] : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void skip_blanks(struct lexer *l)
{
    for (;;) {
        int c = peek(l, 0);

        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            l->at++;
        } else if (c == '/' && peek(l, 1) == '/') {
            while (peek(l, 0) >= 0 && peek(l, 0) != '\n')
                l->at++;
        } else {
            return;
        }
    }
}

static struct token token_of(struct lexer *l, enum token_kind kind, size_t n)
{
    struct token t = {.kind = kind, .at = l->at, .text = sw_str_sub(l->text, l->at, n)};

    l->at += (uint32_t)n;
    return t;
}

/* Bytes of the character at `ahead`, so that a report never ends inside one. */
static size_t character_at(const struct lexer *l, size_t ahead)
{
    size_t at = l->at + ahead;
    size_t before = at;

    if (at >= l->text.n)
        return 0;
    sw_utf8_next(l->text, &at);
    return at - before;
}

/* Report everything up to and with the character at `n` bytes and go on behind it. */
static void refuse(struct lexer *l, size_t n)
{
    l->bad(l->ctx, token_of(l, T_END, n + character_at(l, n)));
}

static size_t digits_at(const struct lexer *l, size_t from)
{
    size_t n = from;

    while (is_digit(peek(l, n)))
        n++;
    return n - from;
}

/* Length of "e+10" at `from`, 0 when it is none. */
static size_t exponent_at(const struct lexer *l, size_t from)
{
    size_t n = from;

    if (peek(l, n) != 'e' && peek(l, n) != 'E')
        return 0;
    n++;
    if (peek(l, n) == '+' || peek(l, n) == '-')
        n++;
    return digits_at(l, n) == 0 ? 0 : n + digits_at(l, n) - from;
}

static struct token lex_number(struct lexer *l)
{
    size_t n = digits_at(l, 0);
    enum token_kind kind = T_INT;

    if (n == 1 && peek(l, 0) == '0' && peek(l, 1) == 'x' && is_hex(peek(l, 2))) {
        n = 3;
        while (is_hex(peek(l, n)))
            n++;
    } else {
        size_t whole = n;

        if (peek(l, n) == '.' && is_digit(peek(l, n + 1)))
            n += 1 + digits_at(l, n + 1);
        n += exponent_at(l, n);
        kind = n > whole ? T_FLOAT : T_INT;
    }
    if (kind == T_INT && (peek(l, n) == 'u' || peek(l, n) == 'U')) {
        n++;
        kind = T_UINT;
    }
    return token_of(l, kind, n);
}

/* How many characters of each escape's kind must follow the backslash and its letter. */
static size_t hex_digits_of(int c)
{
    switch (c) {
    case 'x':
    case 'X': return 2;
    case 'u': return 4;
    case 'U': return 8;
    default: return 0;
    }
}

/* Bytes of the escape that begins at `from`; 0 and *stop at the byte it breaks on otherwise. */
static size_t escape_at(const struct lexer *l, size_t from, size_t *stop)
{
    int c = peek(l, from + 1);
    size_t hex = hex_digits_of(c);
    bool octal = c >= '0' && c <= '3';

    *stop = from + 1;
    if (c > 0 && strchr("abfnrtv\"'\\?`", c) != NULL)
        return 2;
    for (size_t i = 0; i < (octal ? 2 : hex); i++) {
        *stop = from + 2 + i;
        if (octal ? peek(l, *stop) < '0' || peek(l, *stop) > '7' : !is_hex(peek(l, *stop)))
            return 0;
    }
    return octal ? 4 : hex > 0 ? 2 + hex : 0;
}

/* Nothing closes the string, or an escape in it is none. Of a triple quote the first two are then
 * an empty string, the longest token there is. */
static bool broken_string(struct lexer *l, size_t prefix, bool triple, size_t stop,
                          struct token *out)
{
    bool bytes = prefix > 0 && (peek(l, 0) == 'b' || peek(l, 0) == 'B');

    if (triple) {
        *out = token_of(l, bytes ? T_BYTES : T_STRING, prefix + 2);
        return true;
    }
    refuse(l, stop);
    return false;
}

/* A string whose opening quote is `prefix` bytes away: r, b, br in any case, or nothing. */
static bool lex_string(struct lexer *l, size_t prefix, bool raw, struct token *out)
{
    int quote = peek(l, prefix);
    bool triple = peek(l, prefix + 1) == quote && peek(l, prefix + 2) == quote;
    bool bytes = prefix > 0 && (peek(l, 0) == 'b' || peek(l, 0) == 'B');
    size_t n = prefix + (triple ? 3 : 1);

    for (;;) {
        int c = peek(l, n);
        size_t stop;

        if (c < 0 || (!triple && (c == '\n' || c == '\r')))
            return broken_string(l, prefix, triple, n, out);
        if (c == quote && (!triple || (peek(l, n + 1) == quote && peek(l, n + 2) == quote)))
            break;
        if (c == '\\' && !raw) {
            size_t escape = escape_at(l, n, &stop);

            if (escape == 0)
                return broken_string(l, prefix, triple, stop, out);
            n += escape;
        } else {
            n++;
        }
    }
    *out = token_of(l, bytes ? T_BYTES : T_STRING, n + (triple ? 3 : 1));
    return true;
}

/* Length of a string prefix here, when a quote follows it: "", r, b, rb is none, br is one. */
static bool string_prefix(const struct lexer *l, size_t *prefix, bool *raw)
{
    size_t n = 0;

    if (peek(l, n) == 'b' || peek(l, n) == 'B')
        n++;
    *raw = peek(l, n) == 'r' || peek(l, n) == 'R';
    n += *raw;
    *prefix = n;
    return peek(l, n) == '"' || peek(l, n) == '\'';
}

static struct token lex_word(struct lexer *l)
{
    static const struct {
        const char *word;
        enum token_kind kind;
        enum op op;
    } words[] = {
        {"true", T_TRUE, OP_NONE},
        {"false", T_FALSE, OP_NONE},
        {"null", T_NULL, OP_NONE},
        {"in", T_OPERATOR, OP_IN},
    };
    struct token t;
    size_t n = 1;

    while (is_letter(peek(l, n)) || is_digit(peek(l, n)))
        n++;
    t = token_of(l, T_IDENT, n);
    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        if (sw_str_is(t.text, words[i].word)) {
            t.kind = words[i].kind;
            t.op = words[i].op;
        }
    }
    return t;
}

static bool lex_quoted(struct lexer *l, struct token *out)
{
    size_t n = 1;
    int c;

    while (is_letter(c = peek(l, n)) || is_digit(c) || (c > 0 && strchr(".-/ ", c) != NULL))
        n++;
    if (c != '`' || n == 1) {
        refuse(l, n);
        return false;
    }
    *out = token_of(l, T_QUOTED, n + 1);
    return true;
}

/* Longer signs before their own beginnings. */
static const struct {
    const char *sign;
    enum token_kind kind;
    enum op op;
} signs[] = {
    {"==", T_OPERATOR, OP_EQ},    {"!=", T_OPERATOR, OP_NE},  {"<=", T_OPERATOR, OP_LE},
    {">=", T_OPERATOR, OP_GE},    {"&&", T_OPERATOR, OP_AND}, {"||", T_OPERATOR, OP_OR},
    {"<", T_OPERATOR, OP_LT},     {">", T_OPERATOR, OP_GT},   {"+", T_OPERATOR, OP_ADD},
    {"-", T_OPERATOR, OP_SUB},    {"*", T_OPERATOR, OP_MUL},  {"/", T_OPERATOR, OP_DIV},
    {"%", T_OPERATOR, OP_MOD},    {"!", T_NOT, OP_NOT},       {".", T_DOT, OP_NONE},
    {",", T_COMMA, OP_NONE},      {":", T_COLON, OP_NONE},    {"?", T_QUESTION, OP_COND},
    {"(", T_OPEN, OP_NONE},       {")", T_CLOSE, OP_NONE},    {"[", T_OPEN_LIST, OP_NONE},
    {"]", T_CLOSE_LIST, OP_NONE}, {"{", T_OPEN_MAP, OP_NONE}, {"}", T_CLOSE_MAP, OP_NONE},
};

static bool lex_sign(struct lexer *l, struct token *out)
{
    struct sw_str rest = sw_str_sub(l->text, l->at, 2);
    int c = peek(l, 0);

    for (size_t i = 0; i < SW_COUNTOF(signs); i++) {
        if (sw_str_starts(rest, sw_str(signs[i].sign))) {
            *out = token_of(l, signs[i].kind, strlen(signs[i].sign));
            out->op = signs[i].op;
            return true;
        }
    }
    /* '=', '&' and '|' began a sign that the next character broke off; others begin nothing. */
    refuse(l, c == '=' || c == '&' || c == '|');
    return false;
}

struct token sw_lex_next(struct lexer *l)
{
    struct token t;

    for (;;) {
        size_t prefix;
        bool raw;
        int c;

        skip_blanks(l);
        c = peek(l, 0);
        if (c < 0)
            return token_of(l, T_END, 0);
        if (is_digit(c))
            return lex_number(l);
        if (c == '.' && is_digit(peek(l, 1)))
            return token_of(l, T_FLOAT, 1 + digits_at(l, 1) + exponent_at(l, 1 + digits_at(l, 1)));
        if (string_prefix(l, &prefix, &raw)) {
            if (lex_string(l, prefix, raw, &t))
                return t;
        } else if (is_letter(c)) {
            return lex_word(l);
        } else if (c == '`' ? lex_quoted(l, &t) : lex_sign(l, &t)) {
            return t;
        }
    }
}

bool sw_lex_is_reserved(struct sw_str word)
{
    static const char *const reserved[] = {
        "as",  "break", "const",   "continue",  "else",   "for", "function", "if",    "import",
        "let", "loop",  "package", "namespace", "return", "var", "void",     "while",
    };

    for (size_t i = 0; i < SW_COUNTOF(reserved); i++) {
        if (sw_str_is(word, reserved[i]))
            return true;
    }
    return false;
}
