/* type.h - types, type variables, and finding out whether one fits another. Private to lang. */
#ifndef LANG_TYPE_H
#define LANG_TYPE_H

#include <shouwang/lang/lang.h>

enum type_form {
    TYPE_SIMPLE,   /* kind says all */
    TYPE_DYN,      /* not known before it is there */
    TYPE_ERROR,    /* of a node that was reported: fits everything, so that it is said once */
    TYPE_VAR,      /* a type variable of the checker; number */
    TYPE_LIST,     /* param[0] the element */
    TYPE_MAP,      /* param[0] the key, param[1] the value */
    TYPE_TYPE,     /* param[0] the type it denotes */
    TYPE_WRAPPER,  /* param[0] or null */
    TYPE_OPTIONAL, /* param[0], perhaps */
    TYPE_ENUM,
    TYPE_RECORD,
    TYPE_STREAM, /* of one kind of event, cut to windows and conditions */
    TYPE_GROUPS  /* a stream by somebody or by month */
};

struct sw_type {
    enum type_form form;
    enum sw_kind kind; /* of its values; SW_KERROR where there is no one kind */
    uint32_t number;   /* of a type variable; of an enum, from 1 */
    struct sw_str name;
    const struct sw_type *param[2];
    const struct sw_enum_item *items;    /* TYPE_ENUM */
    const struct sw_field_decl *fields;  /* TYPE_RECORD */
    size_t n;                            /* of items or fields */
    const struct sw_stream_decl *stream; /* TYPE_STREAM, TYPE_GROUPS, record of one event */
    const struct sw_type *projected;     /* TYPE_STREAM: what .map() made of each event */
};

/* The types that every session shares. `kind` is one of CEL's own or money, date, person. */
const struct sw_type *sw_type_simple(enum sw_kind kind);
extern const struct sw_type sw_dyn, sw_error_type;
const struct sw_type *sw_type_make(struct sw_arena *arena, enum type_form form,
                                   const struct sw_type *a, const struct sw_type *b);
bool sw_type_same(const struct sw_type *a, const struct sw_type *b);
/* The number of a field of a record, -1: none. */
int32_t sw_type_field(const struct sw_type *record, struct sw_str name);

/* The kind that a name such as int or google.protobuf.Duration denotes, and back. */
bool sw_type_denoted(struct sw_str name, enum sw_kind *kind);
const char *sw_type_denotation(enum sw_kind kind);

static inline bool sw_type_is(const struct sw_type *t, enum sw_kind kind)
{
    return t->form == TYPE_SIMPLE && t->kind == kind;
}

static inline bool sw_type_is_free(const struct sw_type *t)
{
    return t->form == TYPE_DYN || t->form == TYPE_ERROR;
}

/* What is known about the type variables of one text. Zero is a valid start. */
struct unify {
    struct sw_arena *arena;
    const struct sw_type **bound; /* by number; NULL: nothing yet */
    uint32_t n, cap;
    struct undo *trail; /* so that a failed attempt leaves nothing behind */
    size_t n_trail, cap_trail;
};

const struct sw_type *sw_unify_var(struct unify *u);
/* May a value of type `from` stand where `to` is wanted? Binds variables if so. */
bool sw_unify(struct unify *u, const struct sw_type *to, const struct sw_type *from);
bool sw_unify_all(struct unify *u, const struct sw_type *const *to,
                  const struct sw_type *const *from, uint32_t n);
/* `t` with its variables replaced; unknown ones stay, or become dyn. */
const struct sw_type *sw_unify_apply(struct unify *u, const struct sw_type *t, bool to_dyn);
/* The more general of two types that fit each other. */
const struct sw_type *sw_type_general(const struct sw_type *a, const struct sw_type *b);
void sw_unify_free(struct unify *u);

/* A type from its short form in the tables of std.c, with type parameters A, B, C taken from
 * `param`; *sign moves behind it. */
const struct sw_type *sw_type_from_sign(struct sw_arena *arena, const char **sign,
                                        const struct sw_type *const param[3]);

#endif
