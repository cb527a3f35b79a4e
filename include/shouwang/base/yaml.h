/* yaml.h - the part of YAML that configuration needs, as a tree with places.
 * Layer: base. The only file that knows libyaml. Every scalar is a string: the reader of a key
 * decides what it means (`no`, 1e3, 12:30 never turn into something else by themselves). Refused
 * with a place: anchors, aliases, tags, merge keys, several documents, a key twice, keys that are
 * not scalars, nesting deeper than 32, bytes that are not UTF-8. */
#ifndef SHOUWANG_BASE_YAML_H
#define SHOUWANG_BASE_YAML_H

#include <shouwang/base/diag.h>

enum sw_yaml_kind { SW_YSCALAR, SW_YLIST, SW_YMAP };

struct sw_yaml {
    enum sw_yaml_kind kind;
    bool plain;         /* a scalar without quotes */
    uint32_t count;     /* entries of a list or map */
    struct sw_place at; /* of the value, its quote if it has one */
    struct sw_str key;  /* inside a map */
    struct sw_place key_at;
    struct sw_str text; /* of a scalar, NUL-terminated */
    struct sw_yaml *next;
    struct sw_yaml *first;
};

/* The tree of one file's text; findings go to `diag`. NULL when it cannot be read at all; an empty
 * file is an empty map. `file` and `text` are copied into `arena`. */
struct sw_yaml *sw_yaml_parse(struct sw_arena *arena, struct sw_str file, struct sw_str text,
                              struct sw_diag *diag);
/* Reads the file too. */
struct sw_yaml *sw_yaml_load(struct sw_arena *arena, const char *path, struct sw_diag *diag);
/* Put `child` behind the entries of `parent`; *last is the newest of them, NULL at first. For those
 * who make trees of another text. */
void sw_yaml_append(struct sw_yaml *parent, struct sw_yaml **last, struct sw_yaml *child);
/* Entry of a map, NULL when absent or `map` is NULL or no map. */
struct sw_yaml *sw_yaml_get(const struct sw_yaml *map, const char *key);
/* The place in the file of byte `offset` of the scalar's text, whatever its quoting (plain, '…',
 * "…" with escapes, | and > blocks). */
struct sw_place sw_yaml_place(const struct sw_yaml *scalar, size_t offset);

/* Typed reading with one finding per mistake, where a table of keys (yaml_keys.h) is too much.
 * False: *out untouched and a finding was added. */
bool sw_yaml_bool(const struct sw_yaml *y, bool *out, struct sw_diag *diag); /* true, false */
bool sw_yaml_int(const struct sw_yaml *y, int64_t lo, int64_t hi, int64_t *out,
                 struct sw_diag *diag);
bool sw_yaml_text(const struct sw_yaml *y, struct sw_str *out, struct sw_diag *diag);

#endif
