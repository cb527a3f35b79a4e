/* readback_program.c - whole expressions in words.
 *
 * Macros and lets are written out where they stand. One that is long and comes more than once would
 * bury the sentence: it is called 甲, 乙, 丙 … there and said once, behind it:
 *
 *   甲不低于“…”(10000元)，并且（乙减甲）除以家庭人口低于“…”(9000元)；其中甲＝…；乙＝…   */
#include "lang/code.h"
#include "lang/readback.h"
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>

enum { ASIDE_LEAST = 30 /* characters */ };

static const char *const letters[SW_ASIDES_MAX] = {"甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"};

/* ---- asides ---------------------------------------------------------------------------------- */

static struct aside *find_aside(struct aside *list, size_t n, const struct symbol *s)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i].symbol == s)
            return &list[i];
    }
    return NULL;
}

/* How often each macro and let comes, each looked into once. */
static size_t count_aliases(struct aside *list, size_t n_list, const struct node *n)
{
    if (n->kind == N_ALIAS) {
        struct aside *a = find_aside(list, n_list, n->symbol);

        if (a != NULL) {
            a->count++;
            return n_list;
        }
        if (n_list < SW_ASIDES_MAX)
            list[n_list++] = (struct aside){.symbol = n->symbol, .what = n->arg[0], .count = 1};
    }
    for (uint32_t i = 0; i < n->n_args; i++)
        n_list = count_aliases(list, n_list, n->arg[i]);
    return n_list;
}

static bool is_long(const struct teller *t, const struct node *n)
{
    const struct sw_reader names = {
        .value = t->names->value, .rule = t->names->rule, .ctx = t->names->ctx};
    struct sw_buf text = {0};
    struct teller trial = {.l = t->l, .names = &names, .out = &text};
    bool found;

    sw_tell(&trial, n, TIGHT_NOT);
    found = sw_utf8_length(sw_buf_view(&text)) >= ASIDE_LEAST;
    sw_buf_free(&text);
    return found;
}

/* What is called by a letter in this text. */
static void choose_asides(struct teller *t, const struct node *root)
{
    struct aside list[SW_ASIDES_MAX] = {{.count = 0}};
    size_t n = count_aliases(list, 0, root);

    for (size_t i = 0; i < n; i++) {
        const struct sw_type *type = list[i].what->type;

        if (list[i].count > 1 && type->form != TYPE_STREAM && type->form != TYPE_GROUPS &&
            is_long(t, list[i].what))
            t->aside[t->n_asides++] = list[i];
    }
}

bool sw_tell_aside(struct teller *t, const struct node *n)
{
    struct aside *a = NULL;

    for (; a == NULL && (n->kind == N_ALIAS || n->kind == N_CONVERT); n = n->arg[0]) {
        if (n->kind == N_ALIAS)
            a = find_aside(t->aside, t->n_asides, n->symbol);
    }
    if (a == NULL)
        return false;
    if (a->letter == NULL)
        a->letter = letters[t->n_letters++];
    sw_say(t, a->letter);
    return true;
}

/* Behind the sentence, in the order of the letters; each may bring up further ones. */
static void tell_asides(struct teller *t)
{
    t->unit = (struct sw_str){NULL, 0};
    for (size_t said = 0; said < t->n_letters; said++) {
        const struct aside *a = t->aside;

        while (a->letter != letters[said])
            a++;
        sw_buf_printf(t->out, "%s%s＝", said == 0 ? "；其中" : "；", a->letter);
        sw_tell(t, a->what, TIGHT_NOT);
    }
}

/* ---- whole expressions ----------------------------------------------------------------------- */

bool sw_read_node(const struct sw_lang *l, const struct node *n, const struct sw_reader *names,
                  struct sw_buf *out)
{
    struct teller t = {.l = l, .names = names, .out = out};

    choose_asides(&t, n);
    sw_tell(&t, n, TIGHT_NOT);
    tell_asides(&t);
    return !t.failed;
}

bool sw_prog_read(const struct sw_prog *p, const struct sw_reader *names, struct sw_buf *out)
{
    SW_ASSERT(p->root != NULL);
    return sw_read_node(p->l, p->root, names, out);
}

/* Points: 10分; …时为10分，否则为20分; …，最多20分; …加5分. */
static void tell_points(struct teller *t, const struct node *n)
{
    n = sw_tell_behind(n);
    t->unit = SW_STR("分");
    if (n->kind == N_LITERAL || sw_is_call(n, "ramp")) {
        sw_tell(t, n, TIGHT_NOT);
    } else if (n->kind == N_CALL && n->op == OP_COND) {
        sw_tell(t, n->arg[0], TIGHT_CLAUSE);
        sw_say(t, "时");
        tell_points(t, n->arg[1]);
        sw_say(t, "，否则");
        tell_points(t, n->arg[2]);
    } else if (sw_is_extreme(n) && n->n_args == 2 && sw_tell_behind(n->arg[1])->kind == N_LITERAL) {
        tell_points(t, n->arg[0]);
        sw_say(t, sw_is_call(n, "math.least") ? "，最多" : "，最少");
        sw_tell(t, n->arg[1], TIGHT_WORD);
    } else if (n->kind == N_CALL && n->op == OP_ADD) {
        tell_points(t, n->arg[0]);
        sw_say(t, "，再加");
        tell_points(t, n->arg[1]);
    } else if (n->kind == N_CALL && n->op == OP_MUL &&
               sw_tell_behind(n->arg[1])->kind == N_LITERAL) {
        sw_tell(t, n->arg[0], TIGHT_PRODUCT);
        sw_say(t, "乘以");
        sw_tell(t, n->arg[1], TIGHT_WORD);
    } else {
        sw_say(t, "按");
        sw_tell(t, n, TIGHT_WORD);
        sw_say(t, "计分");
    }
}

bool sw_prog_read_points(const struct sw_prog *p, const struct sw_reader *names, struct sw_buf *out)
{
    struct teller t = {.l = p->l, .names = names, .out = out};

    SW_ASSERT(p->root != NULL);
    choose_asides(&t, p->root);
    tell_points(&t, p->root);
    tell_asides(&t);
    return !t.failed;
}
