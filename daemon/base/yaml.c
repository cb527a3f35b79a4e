/* yaml.c - the part of YAML that configuration needs, as a tree with places. */
#include "yaml_problem.h"
#include <shouwang/base/date.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>
#include <shouwang/base/yaml.h>
#include <yaml.h>

enum { DEPTH_MAX = 32, FILE_MAX = 16 << 20 };

struct reader {
    yaml_parser_t parser;
    struct sw_arena *arena;
    struct sw_diag *diag;
    struct sw_place whole; /* file and text; line 0 */
    bool failed;
};

static struct sw_place place_at(const struct reader *r, yaml_mark_t mark)
{
    struct sw_place at = r->whole;

    at.line = (uint32_t)mark.line + 1;
    at.column = (uint32_t)mark.column + 1;
    return at;
}

static void fail(struct reader *r, yaml_mark_t mark, const char *why)
{
    if (!r->failed)
        sw_diag_add(r->diag, SW_ERROR, place_at(r, mark), "%s", why);
    r->failed = true;
}

static bool next_event(struct reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event))
        return true;
    if (!r->failed) {
        struct sw_yaml_problem p = {.problem = r->parser.problem == NULL ? "?" : r->parser.problem,
                                    .at = place_at(r, r->parser.problem_mark)};

        if (r->parser.context != NULL)
            p.began = place_at(r, r->parser.context_mark);
        sw_yaml_tell(&p, r->diag);
        r->failed = true;
    }
    return false;
}

static struct sw_yaml *read_node(struct reader *r, const yaml_event_t *event, unsigned int depth);

static struct sw_yaml *new_node(struct reader *r, enum sw_yaml_kind kind, const yaml_event_t *event)
{
    struct sw_yaml *y = SW_ARENA_NEW(r->arena, struct sw_yaml);

    y->kind = kind;
    y->at = place_at(r, event->start_mark);
    return y;
}

static struct sw_yaml *read_scalar(struct reader *r, const yaml_event_t *event)
{
    struct sw_yaml *y = new_node(r, SW_YSCALAR, event);

    if (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL)
        fail(r, event->start_mark, _("anchors and tags are not used in these files"));
    y->text = sw_arena_str(r->arena, (struct sw_str){(const char *)event->data.scalar.value,
                                                     event->data.scalar.length});
    y->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return y;
}

void sw_yaml_append(struct sw_yaml *parent, struct sw_yaml **last, struct sw_yaml *child)
{
    if (*last == NULL)
        parent->first = child;
    else
        (*last)->next = child;
    *last = child;
    parent->count++;
}

static void read_list(struct reader *r, struct sw_yaml *list, unsigned int depth)
{
    struct sw_yaml *last = NULL;
    yaml_event_t event;

    while (!r->failed && next_event(r, &event)) {
        bool done = event.type == YAML_SEQUENCE_END_EVENT;
        struct sw_yaml *child = done ? NULL : read_node(r, &event, depth);

        if (child != NULL)
            sw_yaml_append(list, &last, child);
        yaml_event_delete(&event);
        if (done)
            return;
    }
}

/* Key and value; false at the end of the map or after a failure. */
static bool read_entry(struct reader *r, struct sw_yaml *map, struct sw_yaml **last,
                       unsigned int depth)
{
    yaml_event_t event;
    struct sw_yaml *key = NULL;
    struct sw_yaml *value;

    if (!next_event(r, &event))
        return false;
    if (event.type == YAML_SCALAR_EVENT)
        key = read_scalar(r, &event);
    else if (event.type != YAML_MAPPING_END_EVENT)
        fail(r, event.start_mark, _("a key must be a plain word"));
    yaml_event_delete(&event);
    if (key == NULL || r->failed || !next_event(r, &event))
        return false;
    for (const struct sw_yaml *e = map->first; e != NULL; e = e->next) {
        if (sw_str_eq(e->key, key->text))
            sw_diag_add(r->diag, SW_ERROR, key->at, _("the key %s is here twice, first in line %u"),
                        key->text.p, e->key_at.line);
    }
    value = read_node(r, &event, depth);
    if (value != NULL) {
        value->key = key->text;
        value->key_at = key->at;
        sw_yaml_append(map, last, value);
    }
    yaml_event_delete(&event);
    return !r->failed;
}

static struct sw_yaml *read_node(struct reader *r, const yaml_event_t *event, unsigned int depth)
{
    struct sw_yaml *y = NULL;
    struct sw_yaml *last = NULL;

    if (depth == DEPTH_MAX) {
        fail(r, event->start_mark, _("nested too deep"));
        return NULL;
    }
    switch ((int)event->type) {
    case YAML_SCALAR_EVENT: return read_scalar(r, event);
    case YAML_SEQUENCE_START_EVENT:
        y = new_node(r, SW_YLIST, event);
        if (event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL)
            fail(r, event->start_mark, _("anchors and tags are not used in these files"));
        read_list(r, y, depth + 1);
        return y;
    case YAML_MAPPING_START_EVENT:
        y = new_node(r, SW_YMAP, event);
        if (event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL)
            fail(r, event->start_mark, _("anchors and tags are not used in these files"));
        while (!r->failed && read_entry(r, y, &last, depth + 1)) {}
        return y;
    default: fail(r, event->start_mark, _("anchors and tags are not used in these files"));
    }
    return NULL;
}

/* Events up to the first node: stream start, document start. */
static struct sw_yaml *read_document(struct reader *r)
{
    struct sw_yaml *root = NULL;
    yaml_event_t event;
    bool done = false;

    while (!done && !r->failed && next_event(r, &event)) {
        switch ((int)event.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT: break;
        case YAML_DOCUMENT_START_EVENT:
            if (root != NULL)
                fail(r, event.start_mark, _("only one document per file"));
            break;
        case YAML_STREAM_END_EVENT: done = true; break;
        default: root = read_node(r, &event, 0);
        }
        yaml_event_delete(&event);
    }
    if (root == NULL && !r->failed) {
        root = SW_ARENA_NEW(r->arena, struct sw_yaml);
        root->kind = SW_YMAP;
        root->at = r->whole;
    }
    return r->failed ? NULL : root;
}

struct sw_yaml *sw_yaml_parse(struct sw_arena *arena, struct sw_str file, struct sw_str text,
                              struct sw_diag *diag)
{
    struct reader r = {.arena = arena, .diag = diag};
    struct sw_yaml *root;
    size_t bad = sw_utf8_check(text);

    r.whole.file = sw_arena_str(arena, file);
    r.whole.text = sw_arena_str(arena, text);
    if (bad < text.n) {
        r.whole.line = 1;
        for (size_t i = 0; i < bad; i++)
            r.whole.line += text.p[i] == '\n';
        sw_diag_add(diag, SW_ERROR, r.whole, _("this line is not UTF-8; save the file as UTF-8"));
        return NULL;
    }
    SW_ASSERT(yaml_parser_initialize(&r.parser));
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.whole.text.p, text.n);
    root = read_document(&r);
    yaml_parser_delete(&r.parser);
    return root;
}

struct sw_yaml *sw_yaml_load(struct sw_arena *arena, const char *path, struct sw_diag *diag)
{
    struct sw_buf text = {0};
    struct sw_err err;
    struct sw_yaml *root = NULL;

    if (sw_file_read(path, FILE_MAX, &text, &err) == SW_OK)
        root = sw_yaml_parse(arena, sw_str(path), sw_buf_view(&text), diag);
    else
        sw_diag_add(diag, SW_ERROR, (struct sw_place){.file = sw_arena_str(arena, sw_str(path))},
                    "%s", err.text);
    sw_buf_free(&text);
    return root;
}

struct sw_yaml *sw_yaml_get(const struct sw_yaml *map, const char *key)
{
    if (map == NULL || map->kind != SW_YMAP)
        return NULL;
    for (struct sw_yaml *e = map->first; e != NULL; e = e->next) {
        if (sw_str_is(e->key, key))
            return e;
    }
    return NULL;
}
