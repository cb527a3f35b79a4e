/* yaml_keys.h - what a map of a file may hold, said once in a table: loaders read by it, and the
 * JSON Schema that editors complete and check by is printed from it. So nothing is printed that is
 * not checked.
 * Layer: base. Tables are constant data of whoever loads the file.
 *
 *     static const struct sw_key level[] = {
 *         {.name = "enter", SW_INTO(struct level, enter), .kind = SW_KEY_NUMBER, .hi = 1000,
 *          .required = true, .help = N_("points from which a household has this level")},
 *     };
 *     static const struct sw_keys level_keys = {SW_TABLE("level", level)};
 */
#ifndef SHOUWANG_BASE_YAML_KEYS_H
#define SHOUWANG_BASE_YAML_KEYS_H

#include <shouwang/base/yaml.h>

#define SW_JSON_SCHEMA      "https://json-schema.org/draft/2020-12/schema"
#define SW_KEY_DAYS_MAX     3660
#define SW_KEY_YEAR_PATTERN "^[0-9]{4}$"
#define SW_KEY_DATE_PATTERN                                                                        \
    "^[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|"      \
    "02-(0[1-9]|[12][0-9]))$"

enum sw_key_kind {                    /* stored by SW_INTO in a */
                   SW_KEY_TEXT,       /* struct sw_str; `lo`, `hi`: characters */
                   SW_KEY_EXPRESSION, /* const struct sw_yaml * */
                   SW_KEY_SCALAR,     /* any of text, number, true, false: const struct sw_yaml * */
                   SW_KEY_NUMBER,     /* double */
                   SW_KEY_INT,        /* int64_t or int32_t */
                   SW_KEY_DAYS,       /* 30d or 30; int32_t */
                   SW_KEY_DATE,       /* sw_day */
                   SW_KEY_BOOL,       /* bool */
                   SW_KEY_WORD, /* one of `words`; its number: bool, uint8_t, enum or unsigned int
                                 */
                   SW_KEY_MAP,  /* const struct sw_yaml * */
                   SW_KEY_LIST  /* const struct sw_yaml * */
};

struct sw_key {
    const char *name;
    const char *help; /* N_(): one line for people who write the file */
    enum sw_key_kind kind;
    bool required;
    bool later;          /* the loader reads what is inside with sw_keys_read(), not this reading */
    bool choice;         /* exactly one of the map's keys with this is given */
    const char *refused; /* N_(): other tools have this key, this one has not; what to do instead */
    const char *unless_key, *unless_word; /* not required where KEY is WORD */
    double lo, hi;                        /* bounds that count; both 0: none */
    const char *pattern,
        *wanted;               /* of a text: a regular expression, and what it is in words, N_() */
    const char *const *words;  /* ends with NULL */
    const struct sw_keys *of;  /* a map's table */
    const struct sw_key *item; /* a list's entries; NULL: anything */
    const struct sw_key *or_else; /* another shape the value may have */
    size_t into, size;            /* SW_INTO; size 0: not stored */
};

#define SW_INTO(type, field) .into = offsetof(type, field), .size = sizeof(((type *)0)->field)

/* What keys of the writer's own choosing look like. */
enum sw_key_names { SW_NAMES_ANY, SW_NAMES_WORDS, SW_NAMES_DOTTED, SW_NAMES_DATES, SW_NAMES_YEARS };

struct sw_keys {
    const char *name; /* of the definition in the JSON Schema */
    const struct sw_key *key;
    size_t n;
    const struct sw_key *other; /* what keys not in the table hold; NULL: there are none */
    enum sw_key_names names;
};

#define SW_TABLE(label, keys) .name = label, .key = keys, .n = SW_COUNTOF(keys)

/* Check `map` and everything inside it, except what is marked `later`; store what has a place in
 * *into (NULL: nothing is stored; maps inside store into the same). One finding per mistake:
 * unknown key with the nearest one, missing key, wrong shape or value. Keys that are absent or
 * wrong leave their place untouched. False: something needed is missing or wrong (unknown keys
 * alone are only told). */
bool sw_keys_read(const struct sw_keys *keys, const struct sw_yaml *map, void *into,
                  struct sw_diag *diag);
/* Lower-case words, digits and underscores; with dots between them when `dots`. */
bool sw_is_name(struct sw_str s, bool dots);

/* The JSON Schema (draft 2020-12) of a file whose root is `keys`, one line of text appended to
 * `out`; descriptions in the language of the locale. */
void sw_keys_schema(const struct sw_keys *keys, const char *title, struct sw_buf *out);

#endif
