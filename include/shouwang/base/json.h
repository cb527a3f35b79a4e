/* json.h - strict JSON (RFC 8259) into a flat tree, and JSON out.
 * Layer: base. The only file that knows yajl. Refused beyond the grammar: bytes that are not UTF-8,
 * lone surrogate escapes, U+0000 in a string, a key twice in one object, nesting deeper than
 * SW_JSON_DEPTH, anything after the value. Numbers keep their text: 0.10 yuan must not pass
 * through a double. */
#ifndef SHOUWANG_BASE_JSON_H
#define SHOUWANG_BASE_JSON_H

#include <shouwang/base/arena.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/err.h>

#define SW_JSON_DEPTH 32

enum sw_json_kind { SW_JNULL, SW_JFALSE, SW_JTRUE, SW_JNUMBER, SW_JSTRING, SW_JARRAY, SW_JOBJECT };

struct sw_json {
    enum sw_json_kind kind;
    uint32_t count;       /* members of an array or object */
    struct sw_str key;    /* inside an object */
    struct sw_str text;   /* number as written, string decoded */
    struct sw_json *next; /* the sibling behind, NULL for the last */
    struct sw_json *first;
};

/* The tree of `text`, in `arena`; strings without escapes point into `text`, which must outlive
 * the tree. SW_EINVALID with the byte offset in *err otherwise. About 1.5 µs for a 470-byte
 * event. */
enum sw_code sw_json_parse(struct sw_arena *arena, struct sw_str text, struct sw_json **out,
                           struct sw_err *err) SW_MUST_USE;
/* The same for test data: strings may hold U+0000. */
enum sw_code sw_json_parse_data(struct sw_arena *arena, struct sw_str text, struct sw_json **out,
                                struct sw_err *err) SW_MUST_USE;
/* Member of an object, NULL when absent or `object` is NULL or no object. Linear. */
struct sw_json *sw_json_get(const struct sw_json *object, const char *key);
/* Text of a string member, empty when absent or not a string. */
struct sw_str sw_json_text(const struct sw_json *object, const char *key);
/* Of any kind but null, list and object. */
struct sw_str sw_json_word(const struct sw_json *object, const char *key);
/* A whole number; 0 when absent or something else. */
int64_t sw_json_int(const struct sw_json *object, const char *key);
/* The first of what a list or object has, NULL: nothing. */
const struct sw_json *sw_json_first(const struct sw_json *object, const char *key);
/* A member that is the word true. */
bool sw_json_is_true(const struct sw_json *object, const char *key);

/* Writing: appends one compact value after another to `out`; commas and colons by itself.
 *
 *     struct sw_jw w = {.out = &buf};
 *     sw_jw_object(&w); sw_jw_key(&w, "id"); sw_jw_str(&w, id); sw_jw_end(&w);
 */
struct sw_jw {
    struct sw_buf *out;
    uint32_t depth;
    uint8_t more[SW_JSON_DEPTH]; /* the level already has a member */
    bool after_key;
    bool is_array[SW_JSON_DEPTH];
};

void sw_jw_object(struct sw_jw *w);
void sw_jw_array(struct sw_jw *w);
void sw_jw_end(struct sw_jw *w);
void sw_jw_key(struct sw_jw *w, const char *key);
void sw_jw_key_str(struct sw_jw *w, struct sw_str key);
void sw_jw_str(struct sw_jw *w, struct sw_str s); /* valid UTF-8 */
void sw_jw_cstr(struct sw_jw *w, const char *s);
void sw_jw_int(struct sw_jw *w, int64_t i);
void sw_jw_double(struct sw_jw *w, double d); /* finite */
void sw_jw_bool(struct sw_jw *w, bool b);
void sw_jw_raw(struct sw_jw *w, struct sw_str json); /* one value that is JSON already */
/* A parsed value as it was read. */
void sw_jw_value(struct sw_jw *w, const struct sw_json *v);

/* "key": value in one call. */
void sw_jw_member(struct sw_jw *w, const char *key, struct sw_str s);
void sw_jw_member_int(struct sw_jw *w, const char *key, int64_t i);

/* What stands between the quotes of a string that need not be part of a good JSON text, as far as
 * it can be read; appended to `out`. */
void sw_json_unescape(struct sw_str inside, struct sw_buf *out);

#endif
