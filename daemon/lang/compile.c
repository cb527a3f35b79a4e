/* compile.c - texts to programs: parse, check, emit. */
#include "lang/emit.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>

static struct sw_prog *compile(struct sw_lang *l, struct sw_text text, const struct sw_type *want,
                               const struct sw_how *how, struct sw_diag *diag)
{
    struct parse_rules rules = sw_session_rules(l, how);
    struct parse_job job = {.text = text,
                            .to = (uint32_t)text.text.n,
                            .rules = &rules,
                            .arena = &l->arena,
                            .diag = diag};
    struct tree *tree;
    struct sw_prog *p;

    SW_ASSERT(!l->is_sealed);
    job.text.text = sw_arena_str(&l->arena, text.text);
    tree = sw_parse(&job);
    if (!sw_check_tree(l, tree, want, how, diag))
        return NULL;
    p = sw_emit_program(l, tree, diag);
    if (p != NULL && l->explains && sw_type_is(tree->root->type, SW_KBOOL))
        sw_parts_keep(l, tree, p, diag);
    return p;
}

struct sw_prog *sw_lang_compile(struct sw_lang *l, struct sw_text text, const struct sw_type *want,
                                struct sw_diag *diag)
{
    return compile(l, text, want, NULL, diag);
}

struct sw_prog *sw_lang_compile_as(struct sw_lang *l, struct sw_text text, const struct sw_how *how,
                                   struct sw_diag *diag)
{
    return compile(l, text, NULL, how, diag);
}

/* ---- templates ------------------------------------------------------------------------------- */

enum { PARTS_MAX = 64 };

/* The byte where "{{" or "}}" begins at or behind `from`; the text's length when it does not. */
static size_t find_pair(struct sw_str s, size_t from, char c)
{
    for (size_t i = from; i + 1 < s.n; i++) {
        if (s.p[i] == c && s.p[i + 1] == c)
            return i;
    }
    return s.n;
}

static void finding(struct sw_diag *diag, const struct sw_text *text, size_t at, const char *why)
{
    sw_diag_add(diag, SW_ERROR, sw_text_place(text, (uint32_t)at), "%s", why);
}

/* The expression between two pairs of braces; NULL after a finding. */
static const struct tree *parse_place(struct sw_lang *l, const struct sw_text *text, size_t from,
                                      size_t to, struct sw_diag *diag)
{
    struct parse_rules rules = sw_session_rules(l, NULL);
    struct parse_job job = {.text = *text,
                            .from = (uint32_t)from,
                            .to = (uint32_t)to,
                            .rules = &rules,
                            .arena = &l->arena,
                            .diag = diag};
    struct tree *tree = sw_parse(&job);

    return sw_check_tree(l, tree, NULL, NULL, diag) ? tree : NULL;
}

/* Cut the text into parts; false after a finding. */
static bool cut(struct sw_lang *l, const struct sw_text *text, struct part *parts, size_t *n,
                struct sw_diag *diag)
{
    struct sw_str s = text->text;
    bool good = true;

    for (size_t at = 0; at < s.n;) {
        size_t open = find_pair(s, at, '{');
        size_t close = find_pair(s, open, '}');

        if (*n + 2 > PARTS_MAX) {
            finding(diag, text, at, _("the text has too many {{...}} places"));
            return false;
        }
        if (open > at)
            parts[(*n)++].text = sw_str_sub(s, at, open - at);
        if (open == s.n)
            break;
        if (close == s.n) {
            finding(diag, text, open, _("{{ without }} behind it"));
            return false;
        }
        parts[*n].tree = parse_place(l, text, open + 2, close, diag);
        good = parts[(*n)++].tree != NULL && good;
        at = close + 2;
    }
    return good;
}

struct sw_prog *sw_lang_template(struct sw_lang *l, struct sw_text text, struct sw_diag *diag)
{
    struct part parts[PARTS_MAX] = {{.tree = NULL}};
    size_t n = 0;

    SW_ASSERT(!l->is_sealed);
    text.text = sw_arena_str(&l->arena, text.text);
    return cut(l, &text, parts, &n, diag) ? sw_emit_template(l, parts, n, diag) : NULL;
}
