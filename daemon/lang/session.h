/* session.h - one compile session: what is declared, compiled and shared. Private to lang. */
#ifndef LANG_SESSION_H
#define LANG_SESSION_H

#include "lang/ast.h"
#include "lang/type.h"
#include <shouwang/base/intern.h>

enum symbol_kind { SYM_VAR, SYM_STREAM, SYM_MACRO, SYM_LIST };

/* What a name stands for. */
struct symbol {
    enum symbol_kind kind;
    struct sw_str name, label, unit;
    const struct sw_type *type; /* as an expression sees it */
    uint32_t source;            /* number in struct sw_lang.source */

    unsigned bank; /* SYM_VAR */
    uint32_t slot;
    bool optional;
    bool is_yuan; /* a number in the bank, money in expressions */

    const struct sw_stream_decl *stream; /* SYM_STREAM */

    struct tree *tree; /* SYM_MACRO, which lets are too */
    struct sw_text text;
    bool is_let, is_used, is_faulty;

    const struct sw_text *entry; /* SYM_LIST */
    size_t n_entries;
    struct node *list;               /* as last made for an enum: a fault is reported once */
    const struct sw_type *list_type; /* of its elements then */
    const struct sw_type *fits;      /* the enum that all its entries are items of */
};

struct source {
    struct sw_str name, label;
};

struct named {
    struct sw_str name;
    uint32_t index;     /* rules */
    int32_t month, day; /* periods */
};

/* The rules that carry a tag, and the group of each. */
struct tag {
    struct sw_str name;
    struct tagged {
        uint32_t rule, group;
    } * at;
    size_t n, cap;
};

enum { SW_GROUPS_MAX = 128 };

struct read;

#define SW_LETS_MAX 64

struct sw_lang {
    enum sw_lang_mode mode;
    bool is_sealed;
    bool explains;         /* conditions are kept with their parts */
    struct sw_arena arena; /* of everything below */
    struct sw_intern names;
    struct symbol **symbol; /* by number of its name */
    size_t cap_symbols;
    struct symbol *let[SW_LETS_MAX];
    size_t n_lets;
    bool has_lets; /* between begin and end */
    struct named *rule, *period;
    size_t n_rules, cap_rules, n_periods, cap_periods;
    struct tag *tag;
    size_t n_tags, cap_tags;
    struct source *source;
    size_t n_sources, cap_sources;
    uint32_t *slot_source[SW_BANKS]; /* source of the variable in each slot */
    size_t n_slots[SW_BANKS], cap_slots[SW_BANKS];
    const struct sw_type **enums; /* number - 1 */
    size_t n_enums, cap_enums;
    struct read **read; /* shared stream reads */
    size_t n_reads, cap_reads;
    uint32_t most_fields; /* of any stream declared */
    const struct sw_zone *(*find_zone)(void *ctx, struct sw_str name);
    void *zone_ctx;
};

/* A global name or a let of the rule in hand; NULL: neither. */
struct symbol *sw_session_find(const struct sw_lang *l, struct sw_str name);
const struct sw_zone *sw_session_zone(const struct sw_lang *l, struct sw_str name);
const struct named *sw_session_rule(const struct sw_lang *l, struct sw_str name);
const struct named *sw_session_period(const struct sw_lang *l, struct sw_str name);
/* Number of a tag, SW_NONE: no rule carries it. */
uint32_t sw_session_tag(const struct sw_lang *l, struct sw_str name);
/* How this session's texts are parsed. */
struct parse_rules sw_session_rules(const struct sw_lang *l, const struct sw_how *how);

#endif
