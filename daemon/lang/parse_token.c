/* parse_token.c - what parsing is made of: nodes, findings, tokens that are taken or missed.
 *
 * After an error nothing more is said until a token fits again (`panic`); an unexpected token is
 * dropped when the one behind it would fit. A limit that is passed ends the parsing at once: from
 * then on only T_END comes. */
#include "lang/parser.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/utf8.h>

/* ---- nodes and findings ---------------------------------------------------------------------- */

void sw_parse_error(struct parser *p, uint32_t at, const char *why)
{
    p->tree->failed = true;
    if (!p->muted)
        sw_diag_add(p->diag, SW_ERROR, sw_text_place(&p->tree->text, at), "%s", why);
}

void sw_parse_stop(struct parser *p, uint32_t at, const char *fmt, ...)
{
    struct sw_buf why = {0};
    va_list ap;

    va_start(ap, fmt);
    sw_buf_vprintf(&why, fmt, ap);
    va_end(ap);
    if (!p->stopped)
        sw_parse_error(p, at, why.p);
    sw_buf_free(&why);
    p->stopped = true;
    p->panic = true;
    p->now = p->next = (struct token){.kind = T_END, .at = at};
}

struct node *sw_node_new(struct parser *p, enum node_kind kind, uint32_t at)
{
    struct node *n = SW_ARENA_NEW(p->arena, struct node);

    n->kind = (uint8_t)kind;
    n->at = n->mark = n->start = n->from = at;
    if (++p->tree->nodes > p->rules->nodes_max)
        sw_parse_stop(p, at, _("the expression has more than %u parts; split it with macros"),
                      p->rules->nodes_max);
    return n;
}

void sw_node_args(struct parser *p, struct node *n, struct node *const *arg, uint32_t n_args)
{
    n->arg = SW_ARENA_ARRAY(p->arena, struct node *, n_args);
    n->to = p->end_before;
    n->n_args = n_args;
    n->height = 1;
    for (uint32_t i = 0; i < n_args; i++) {
        n->arg[i] = arg[i];
        if (arg[i]->height >= n->height)
            n->height = (uint16_t)(arg[i]->height + 1);
    }
    if (n->height > p->rules->depth_max)
        sw_parse_stop(p, n->at, _("the expression is nested more than %u deep"),
                      p->rules->depth_max);
}

void sw_nodes_add(struct parser *p, struct nodes *list, struct node *n)
{
    if (list->n == list->cap) {
        uint32_t cap = list->cap == 0 ? 4 : list->cap * 2;
        struct node **at = SW_ARENA_ARRAY(p->arena, struct node *, cap);

        if (list->n > 0)
            memcpy(at, list->at, list->n * sizeof(*at));
        list->at = at;
        list->cap = cap;
    }
    list->at[list->n++] = n;
}

struct node *sw_parse_bad(struct parser *p)
{
    return sw_node_new(p, N_BAD, p->now.at);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

void sw_parse_skip(struct parser *p)
{
    p->end_before = p->now.at + (uint32_t)p->now.text.n;
    p->now = p->next;
    if (p->next.kind != T_END)
        p->next = sw_lex_next(&p->lexer);
}

void sw_parse_take(struct parser *p)
{
    p->panic = p->stopped;
    sw_parse_skip(p);
}

bool sw_parse_accept(struct parser *p, enum token_kind kind)
{
    if (p->now.kind != kind)
        return false;
    sw_parse_take(p);
    return true;
}

/* Signs as people know them from elsewhere. */
static const char *written_here(struct sw_str word)
{
    static const struct {
        const char *habit, *sign;
    } of[] = {{"=", "=="}, {"and", "&&"}, {"or", "||"}};

    for (size_t i = 0; i < SW_COUNTOF(of); i++) {
        if (sw_str_is(sw_str_trim(word), of[i].habit))
            return of[i].sign;
    }
    return NULL;
}

/* "“", "＝", "，": typed without switching the keyboard back. */
static bool is_full_width(struct sw_str text)
{
    size_t at = 0;
    int32_t c = sw_utf8_next(text, &at);

    return (c >= 0x2018 && c <= 0x201d) || (c >= 0x3000 && c <= 0x303f) ||
           (c >= 0xff01 && c <= 0xff5e);
}

void sw_parse_bad_token(void *ctx, struct token t)
{
    struct parser *p = ctx;
    struct sw_place at = sw_text_place(&p->tree->text, t.at);
    struct sw_str text = p->rules->rules_mode ? sw_str_trim(t.text) : t.text;

    p->tree->failed = true;
    if (p->rules->rules_mode && written_here(text) != NULL)
        sw_diag_add(p->diag, SW_ERROR, at, _("syntax error: %.*s is written %s here"),
                    SW_STR_ARG(text), written_here(text));
    else if (p->rules->rules_mode && is_full_width(text))
        sw_diag_add(p->diag, SW_ERROR, at,
                    _("syntax error: %.*s is a full-width sign; type the half-width one"),
                    SW_STR_ARG(text));
    else
        sw_diag_add(p->diag, SW_ERROR, at,
                    _("syntax error: \"%.*s\" is nothing this language knows"), SW_STR_ARG(text));
}

void sw_parse_expected(struct parser *p, const char *wanted)
{
    struct sw_place at = sw_text_place(&p->tree->text, p->now.at);
    const char *sign = p->rules->rules_mode ? written_here(p->now.text) : NULL;

    if (!p->panic) {
        p->tree->failed = true;
        if (p->now.kind == T_END)
            sw_diag_add(p->diag, SW_ERROR, at, _("syntax error: found the end but expecting %s"),
                        wanted);
        else if (sign != NULL)
            sw_diag_add(p->diag, SW_ERROR, at, _("syntax error: %.*s is written %s here"),
                        SW_STR_ARG(p->now.text), sign);
        else
            sw_diag_add(p->diag, SW_ERROR, at, _("syntax error: found %.*s but expecting %s"),
                        SW_STR_ARG(p->now.text), wanted);
    }
    p->panic = true;
}

bool sw_parse_expect(struct parser *p, enum token_kind kind, const char *wanted)
{
    if (sw_parse_accept(p, kind))
        return true;
    sw_parse_expected(p, wanted);
    if (p->now.kind != T_END && p->next.kind == kind && !p->stopped) {
        sw_parse_skip(p);
        sw_parse_take(p);
        return true;
    }
    return false;
}

static bool opens(enum token_kind kind)
{
    return kind == T_OPEN || kind == T_OPEN_LIST || kind == T_OPEN_MAP;
}

static bool closes(enum token_kind kind)
{
    return kind == T_CLOSE || kind == T_CLOSE_LIST || kind == T_CLOSE_MAP;
}

void sw_parse_resynchronise(struct parser *p)
{
    int inside = 0;

    while (p->now.kind != T_END) {
        if (inside == 0 && (p->now.kind == T_COMMA || closes(p->now.kind)))
            return;
        inside += opens(p->now.kind) - closes(p->now.kind);
        sw_parse_skip(p);
    }
}
