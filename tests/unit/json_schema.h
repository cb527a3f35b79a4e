/* json_schema.h - a validator for the part of JSON Schema (draft 2020-12) that shouwang prints. A
 * word it does not know ends the test: a schema must not look stricter than it is.
 *
 * Files are judged as an editor sees them: yaml_as_json() reads plain scalars by YAML 1.2's core
 * rules, where ours keeps every scalar a text. */
#ifndef TESTS_JSON_SCHEMA_H
#define TESTS_JSON_SCHEMA_H

#include "../tap.h"
#include <math.h>
#include <regex.h>
#include <shouwang/base/json.h>
#include <shouwang/base/number.h>
#include <shouwang/base/utf8.h>
#include <shouwang/base/yaml.h>

/* ---- YAML as editors read it -------------------------------------------------------------- */

static inline enum sw_json_kind scalar_kind(const struct sw_yaml *y)
{
    double d;

    if (!y->plain)
        return SW_JSTRING;
    if (y->text.n == 0 || sw_str_is(y->text, "null") || sw_str_is(y->text, "~"))
        return SW_JNULL;
    if (sw_str_is(y->text, "true") || sw_str_is(y->text, "false"))
        return y->text.p[0] == 't' ? SW_JTRUE : SW_JFALSE;
    return sw_double_parse(y->text, &d) ? SW_JNUMBER : SW_JSTRING;
}

static inline struct sw_json *yaml_as_json(struct sw_arena *arena, const struct sw_yaml *y)
{
    struct sw_json *j = SW_ARENA_NEW(arena, struct sw_json);
    struct sw_json **tail = &j->first;

    j->key = y->key;
    j->text = y->text;
    j->count = y->count;
    j->kind = y->kind == SW_YMAP ? SW_JOBJECT : y->kind == SW_YLIST ? SW_JARRAY : scalar_kind(y);
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next) {
        *tail = yaml_as_json(arena, v);
        tail = &(*tail)->next;
    }
    return j;
}

/* ---- words about one value ---------------------------------------------------------------- */

static inline double as_number(const struct sw_json *j)
{
    double d = NAN;

    if (j->kind == SW_JNUMBER && !sw_double_parse(j->text, &d))
        d = NAN;
    return d;
}

static inline bool is_type(const struct sw_json *v, struct sw_str type)
{
    static const struct {
        const char *name;
        enum sw_json_kind kind;
    } types[] = {{"null", SW_JNULL},     {"boolean", SW_JFALSE}, {"boolean", SW_JTRUE},
                 {"number", SW_JNUMBER}, {"string", SW_JSTRING}, {"array", SW_JARRAY},
                 {"object", SW_JOBJECT}};

    for (size_t i = 0; i < SW_COUNTOF(types); i++) {
        if (sw_str_is(type, types[i].name) && v->kind == types[i].kind)
            return true;
    }
    return sw_str_is(type, "integer") && v->kind == SW_JNUMBER &&
           as_number(v) - floor(as_number(v)) <= 0;
}

static inline bool check_type(const struct sw_json *types, const struct sw_json *v)
{
    bool found = types->kind == SW_JSTRING && is_type(v, types->text);

    for (const struct sw_json *t = types->first; t != NULL; t = t->next)
        found |= is_type(v, t->text);
    return found;
}

static inline bool same_json(const struct sw_json *a, const struct sw_json *b)
{
    bool has_text = a->kind == SW_JSTRING || a->kind == SW_JNUMBER; /* lists are not compared */

    return a->kind == b->kind && (!has_text || sw_str_eq(a->text, b->text));
}

static inline bool check_enum(const struct sw_json *words, const struct sw_json *v)
{
    for (const struct sw_json *w = words->first; w != NULL; w = w->next) {
        if (same_json(w, v))
            return true;
    }
    return false;
}

static inline bool check_pattern(const struct sw_json *pattern, struct sw_str text)
{
    char *p = sw_str_dup(pattern->text);
    char *t = sw_str_dup(text);
    regex_t r;
    bool good;

    if (regcomp(&r, p, REG_EXTENDED | REG_NOSUB) != 0)
        exit(printf("Bail out! not a pattern: %s\n", p));
    good = regexec(&r, t, 0, NULL, 0) == 0;
    regfree(&r);
    free(p);
    free(t);
    return good;
}

static inline bool check_length(const struct sw_json *limit, const struct sw_json *v, bool least)
{
    double n = v->kind == SW_JSTRING ? (double)sw_utf8_length(v->text) : (double)v->count;

    return least ? n >= as_number(limit) : n <= as_number(limit);
}

static inline bool check_required(const struct sw_json *names, const struct sw_json *v)
{
    for (const struct sw_json *n = names->first; n != NULL; n = n->next) {
        char *name = sw_str_dup(n->text);
        bool there = sw_json_get(v, name) != NULL;

        free(name);
        if (!there)
            return false;
    }
    return true;
}

/* ---- words about other words -------------------------------------------------------------- */

static inline bool validate(const struct sw_json *root, const struct sw_json *s,
                            const struct sw_json *v);

static inline const struct sw_json *referred(const struct sw_json *root, struct sw_str ref)
{
    const struct sw_json *definitions = sw_json_get(root, "$defs");
    const struct sw_json *d = definitions == NULL ? NULL : definitions->first;

    ref = sw_str_sub(ref, strlen("#/$defs/"), ref.n);
    while (d != NULL && !sw_str_eq(d->key, ref))
        d = d->next;
    if (d == NULL)
        exit(printf("Bail out! no definition %.*s\n", SW_STR_ARG(ref)));
    return d;
}

static inline size_t count_valid(const struct sw_json *root, const struct sw_json *list,
                                 const struct sw_json *v)
{
    size_t n = 0;

    for (const struct sw_json *s = list->first; s != NULL; s = s->next)
        n += validate(root, s, v);
    return n;
}

static inline const struct sw_json *member(const struct sw_json *object, struct sw_str key)
{
    const struct sw_json *m = object == NULL ? NULL : object->first;

    while (m != NULL && !sw_str_eq(m->key, key))
        m = m->next;
    return m;
}

/* properties, additionalProperties and propertyNames. */
static inline bool check_members(const struct sw_json *root, const struct sw_json *s,
                                 const struct sw_json *v)
{
    const struct sw_json *known = sw_json_get(s, "properties");
    const struct sw_json *others = sw_json_get(s, "additionalProperties");
    const struct sw_json *names = sw_json_get(s, "propertyNames");

    for (const struct sw_json *m = v->kind == SW_JOBJECT ? v->first : NULL; m != NULL;
         m = m->next) {
        const struct sw_json name = {.kind = SW_JSTRING, .text = m->key};
        const struct sw_json *of = member(known, m->key);

        if (of == NULL)
            of = others;
        if ((of != NULL && !validate(root, of, m)) ||
            (names != NULL && !validate(root, names, &name)))
            return false;
    }
    return true;
}

static inline bool check_items(const struct sw_json *root, const struct sw_json *s,
                               const struct sw_json *v)
{
    for (const struct sw_json *m = v->kind == SW_JARRAY ? v->first : NULL; m != NULL; m = m->next) {
        if (!validate(root, s, m))
            return false;
    }
    return true;
}

static inline bool is_silent(struct sw_str word)
{
    static const char *const words[] = {
        "$schema", "title", "description", "format",        "$defs",
        "then",    "else",  "properties",  "propertyNames", "additionalProperties"};

    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        if (sw_str_is(word, words[i]))
            return true;
    }
    return false;
}

static inline bool check_if(const struct sw_json *root, const struct sw_json *s,
                            const struct sw_json *v)
{
    const struct sw_json *follows =
        sw_json_get(s, validate(root, sw_json_get(s, "if"), v) ? "then" : "else");

    return follows == NULL || validate(root, follows, v);
}

static inline bool check_word(const struct sw_json *root, const struct sw_json *s,
                              const struct sw_json *word, const struct sw_json *v)
{
    struct sw_str w = word->key;

    if (sw_str_is(w, "$ref"))
        return validate(root, referred(root, word->text), v);
    if (sw_str_is(w, "type"))
        return check_type(word, v);
    if (sw_str_is(w, "enum"))
        return check_enum(word, v);
    if (sw_str_is(w, "const"))
        return same_json(word, v);
    if (sw_str_is(w, "pattern"))
        return v->kind != SW_JSTRING || check_pattern(word, v->text);
    if (sw_str_is(w, "minimum"))
        return v->kind != SW_JNUMBER || as_number(v) >= as_number(word);
    if (sw_str_is(w, "maximum"))
        return v->kind != SW_JNUMBER || as_number(v) <= as_number(word);
    if (sw_str_is(w, "minLength") || sw_str_is(w, "maxLength"))
        return v->kind != SW_JSTRING || check_length(word, v, sw_str_is(w, "minLength"));
    if (sw_str_is(w, "maxItems"))
        return v->kind != SW_JARRAY || check_length(word, v, false);
    if (sw_str_is(w, "required"))
        return v->kind != SW_JOBJECT || check_required(word, v);
    if (sw_str_is(w, "items"))
        return check_items(root, word, v);
    if (sw_str_is(w, "anyOf"))
        return count_valid(root, word, v) > 0;
    if (sw_str_is(w, "oneOf"))
        return count_valid(root, word, v) == 1;
    if (sw_str_is(w, "allOf"))
        return count_valid(root, word, v) == word->count;
    if (sw_str_is(w, "if"))
        return check_if(root, s, v);
    if (!is_silent(w))
        exit(printf("Bail out! the validator does not know %.*s\n", SW_STR_ARG(w)));
    return true;
}

static inline bool validate(const struct sw_json *root, const struct sw_json *s,
                            const struct sw_json *v)
{
    if (s->kind == SW_JTRUE || s->kind == SW_JFALSE)
        return s->kind == SW_JTRUE;
    for (const struct sw_json *word = s->first; word != NULL; word = word->next) {
        if (!check_word(root, s, word, v))
            return false;
    }
    return check_members(root, s, v);
}

#endif
