/* readback.h - what the parts of the read-back share. Private to lang.
 *
 * A phrase is put together from the tree: values become nouns
 * ("近365天〔医疗费结算〕自付费用合计"), conditions clauses ("…不低于…"). Whatever hangs together
 * more loosely than its surroundings want is put in brackets. */
#ifndef LANG_READBACK_H
#define LANG_READBACK_H

#include "lang/session.h"
#include <shouwang/base/buf.h>

/* How tightly the words of a phrase hang together. */
enum tightness {
    TIGHT_NOT,     /* …时为…，否则为… */
    TIGHT_OR,      /* …或者… */
    TIGHT_AND,     /* …并且… */
    TIGHT_CLAUSE,  /* …不低于… */
    TIGHT_SUM,     /* …加… */
    TIGHT_SHARE,   /* …除以… */
    TIGHT_PRODUCT, /* …的…倍 */
    TIGHT_WORD
};

/* A macro or let that is called by a letter and said behind the sentence. */
struct aside {
    const struct symbol *symbol;
    const struct node *what;
    uint32_t count;     /* how often it comes */
    const char *letter; /* NULL until it is told */
};

enum { SW_ASIDES_MAX = 8 };

struct teller {
    const struct sw_lang *l;
    const struct sw_reader *names;
    struct sw_buf *out;
    const struct sw_stream_decl *stream; /* whose events are talked about */
    int32_t key;                         /* the field groups are made by, -1: months */
    struct sw_str unit;                  /* of a bare number met now */
    bool is_inside;                      /* a condition inside a phrase: no commas */
    bool failed;                         /* something had no words */
    struct aside aside[SW_ASIDES_MAX];
    size_t n_asides, n_letters;
};

/* The node behind names of macros and lets, and changes of type. */
static inline const struct node *sw_tell_behind(const struct node *n)
{
    while (n->kind == N_ALIAS || n->kind == N_CONVERT)
        n = n->arg[0];
    return n;
}

static inline bool sw_is_operation(const struct node *n, enum op op)
{
    return n->kind == N_CALL && n->op == op;
}

/* A call of a function by this name. */
static inline bool sw_is_call(const struct node *n, const char *name)
{
    return sw_is_operation(n, OP_NONE) && n->bind == BIND_NONE && sw_str_is(n->name, name);
}

/* A step or fold of a chain that reads events. */
static inline bool sw_is_on_stream(const struct node *n)
{
    if (n->kind != N_LOOP && (!sw_is_operation(n, OP_NONE) || !n->is_member))
        return false;
    return n->arg[0]->type->form == TYPE_STREAM || n->arg[0]->type->form == TYPE_GROUPS;
}

static inline bool sw_is_clause(const struct node *n)
{
    return sw_type_is(n->type, SW_KBOOL);
}

static inline void sw_say(struct teller *t, const char *words)
{
    sw_buf_cstr(t->out, words);
}

/* 的, once. */
static inline void sw_say_of(struct teller *t)
{
    size_t n = strlen("的");

    if (t->out->n < n || memcmp(t->out->p + t->out->n - n, "的", n) != 0)
        sw_say(t, "的");
}

/* readback.c */
void sw_tell(struct teller *t, const struct node *n, enum tightness least);
/* A condition, or its opposite. */
void sw_tell_truth(struct teller *t, const struct node *n, bool yes);
/* A condition inside a phrase: "（近30天有）属于住院（的）". */
void sw_tell_inside(struct teller *t, const struct node *n);
/* One side of a comparison or sum; a bare number is of this unit. */
void sw_tell_side(struct teller *t, const struct node *n, struct sw_str unit);
/* days(n), in days. */
void sw_tell_days(struct teller *t, const struct node *n);
void sw_tell_list(struct teller *t, const struct node *n);
/* What field `index` of n is called. */
void sw_tell_field(struct teller *t, const struct sw_field_decl *fields, size_t n, size_t index);
/* Source text in backquotes: there are no words. */
void sw_tell_source(struct teller *t, const struct node *n);

/* readback_program.c: the letter of a macro or let that has one; false: it has none. */
bool sw_tell_aside(struct teller *t, const struct node *n);

/* readback_operator.c; false: no condition of its own that has an opposite */
void sw_tell_operator(struct teller *t, const struct node *n);
bool sw_tell_opposite_operator(struct teller *t, const struct node *n);
enum tightness sw_tightness_of_operator(enum op op);

/* readback_call.c: functions and loops over lists, the same */
void sw_tell_call(struct teller *t, const struct node *n);
bool sw_tell_opposite_call(struct teller *t, const struct node *n);
enum tightness sw_tightness_of_call(const struct node *n);
void sw_tell_loop(struct teller *t, const struct node *n, bool yes);
/* years_since(date), alone and compared; false: it is compared as any number is. */
void sw_tell_years(struct teller *t, const struct node *n);
bool sw_tell_years_relation(struct teller *t, const struct node *years, enum op op,
                            const struct node *n);
/* math.least(), math.greatest() */
bool sw_is_extreme(const struct node *n);

/* readback_stream.c: a fold at the end of a chain; a value of the group in hand */
void sw_tell_fold(struct teller *t, const struct node *n, bool yes);
void sw_tell_group_value(struct teller *t, const struct node *n);

/* readback_source.c: the expression as it could have been written; appended. */
void sw_source_put(const struct node *n, struct sw_buf *out);

/* One node of a checked tree in words; false as sw_prog_read(). */
bool sw_read_node(const struct sw_lang *l, const struct node *n, const struct sw_reader *names,
                  struct sw_buf *out);

#endif
