/* ast.c - names of operators, places of bytes. */
#include "lang/ast.h"
#include <shouwang/base/utf8.h>

static const struct {
    const char *function, *sign;
    int precedence;
} operators[] = {
#define X(name, function, sign, precedence) {function, sign, precedence},
    SW_OPERATORS(X)
#undef X
};

const char *sw_op_function(enum op op)
{
    return operators[op].function;
}

const char *sw_op_sign(enum op op)
{
    return operators[op].sign;
}

int sw_op_precedence(enum op op)
{
    return operators[op].precedence;
}

struct sw_text sw_text_of(const struct sw_yaml *scalar)
{
    return (struct sw_text){.text = scalar->text, .scalar = scalar, .file = scalar->at.file};
}

struct sw_place sw_text_place(const struct sw_text *text, uint32_t offset)
{
    struct sw_place at = {.file = text->file, .text = text->text, .line = 1};
    size_t line_start = 0;

    if (text->scalar != NULL)
        return sw_yaml_place(text->scalar, offset);
    for (size_t i = 0; i < offset && i < text->text.n; i++) {
        if (text->text.p[i] == '\n') {
            at.line++;
            line_start = i + 1;
        }
    }
    at.column =
        (uint32_t)sw_utf8_length(sw_str_sub(text->text, line_start, offset - line_start)) + 1;
    return at;
}
