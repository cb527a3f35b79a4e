/* value.h - what an expression yields.
 * Layer: lang. 16 bytes, passed by value. Texts, lists and maps are borrowed: from the program
 * (constants), from the frame's arena (made while evaluating) or from the host. */
#ifndef SHOUWANG_LANG_VALUE_H
#define SHOUWANG_LANG_VALUE_H

#include <shouwang/base/str.h>

enum sw_kind {
    /* CEL's own */
    SW_KNULL,
    SW_KBOOL,
    SW_KINT,
    SW_KUINT,
    SW_KDOUBLE,
    SW_KSTRING,
    SW_KBYTES,
    SW_KLIST,
    SW_KMAP,
    SW_KTIMESTAMP, /* seconds since 1970-01-01T00:00:00Z in i, nanoseconds in n (0 … 999 999 999) */
    SW_KDURATION, /* the same: -0.5 s is i = -1, n = 500 000 000 */
    SW_KTYPE,
    SW_KOPTIONAL,
    /* the county's */
    SW_KMONEY,  /* fen in i */
    SW_KDATE,   /* sw_day in i */
    SW_KENUM,   /* index into the enum in i. enum_id says which enum where the static type is not
                   at hand; hosts may leave it 0 */
    SW_KPERSON, /* the host's number of a person in i: compared, grouped by, never calculated with
                 */
    SW_KRECORD, /* fields of one event, person or household */
    /* not values */
    SW_KUNKNOWN, /* missing data. As a result: i = number of the variable or stream it came from,
                    see sw_lang_source_name(); from a host i does not matter */
    SW_KERROR    /* s: why, a message id for _() that lives for ever */
};

struct sw_list;
struct sw_map;
struct sw_type;

struct sw_value {
    uint8_t kind; /* enum sw_kind */
    int8_t slope; /* the evaluator's own: by how much it grows from day to day. Hosts leave it 0 */
    uint16_t enum_id;
    uint32_t n; /* bytes of a string or bytes; nanoseconds part of a time */
    union {
        bool b;
        int64_t i;
        uint64_t u;
        double d;
        const char *s;
        const struct sw_list *list;
        const struct sw_map *map;
        const struct sw_type *type;
        const struct sw_value *record;   /* one value per declared field */
        const struct sw_value *optional; /* NULL: none */
    };
};

/* Both are built by whoever makes the values and never changed afterwards. */
struct sw_list {
    uint32_t n;
    const struct sw_value *at;
};

struct sw_map {
    uint32_t n;
    const struct sw_value *at; /* n keys, each followed by its value; no key twice */
};

static inline struct sw_value sw_value_bool(bool b)
{
    return (struct sw_value){.kind = SW_KBOOL, .b = b};
}

static inline struct sw_value sw_value_int(int64_t i)
{
    return (struct sw_value){.kind = SW_KINT, .i = i};
}

static inline struct sw_value sw_value_double(double d)
{
    return (struct sw_value){.kind = SW_KDOUBLE, .d = d};
}

static inline struct sw_value sw_value_money(int64_t fen)
{
    return (struct sw_value){.kind = SW_KMONEY, .i = fen};
}

static inline struct sw_value sw_value_date(sw_day day)
{
    return (struct sw_value){.kind = SW_KDATE, .i = day};
}

static inline struct sw_value sw_value_str(struct sw_str s)
{
    return (struct sw_value){.kind = SW_KSTRING, .n = (uint32_t)s.n, .s = s.p};
}

static inline struct sw_value sw_value_unknown(int64_t source)
{
    return (struct sw_value){.kind = SW_KUNKNOWN, .i = source};
}

static inline struct sw_str sw_value_text(struct sw_value v)
{
    return (struct sw_str){v.s, v.n};
}

#endif
