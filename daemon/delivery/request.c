/* request.c - `request`: how a message becomes one HTTP request.
 *
 * The bytes signed are the bytes sent: the body is serialised once per attempt and kept. Query
 * values are percent-encoded exactly once; in the address, parameters stand as the site wrote them
 * and everything else is encoded. */
#include "eval.h"
#include "load.h"
#include <shouwang/base/crypt.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>
#include <shouwang/base/url.h>
#include <shouwang/base/utf8.h>

/* ---- loading ---- */

static bool is_token(struct sw_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return s.n > 0;
}

static void check_header_name(struct loader *l, const struct sw_yaml *y)
{
    if (!is_token(y->key))
        sw_diag_add(l->diag, SW_ERROR, y->key_at, _("%.*s is no name of a header"),
                    SW_STR_ARG(y->key));
    if (sw_str_is(y->key, "Content-Length") || sw_str_is(y->key, "Transfer-Encoding"))
        sw_diag_add(l->diag, SW_ERROR, y->key_at, _("%.*s is set by the program"),
                    SW_STR_ARG(y->key));
}

static void load_pairs(struct loader *l, const struct sw_yaml *map, struct pairs *out,
                       bool are_headers)
{
    if (map == NULL || !sw_load_is_map(l, map))
        return;
    out->at = SW_ARENA_ARRAY(l->keep, struct pair, map->count);
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        if (are_headers)
            check_header_name(l, y);
        out->at[out->n].name = sw_arena_str(l->keep, y->key);
        sw_load_phrase(l, y, &out->at[out->n++].value);
    }
}

static bool is_json_word(struct sw_str s)
{
    double d;

    return sw_str_is(s, "true") || sw_str_is(s, "false") || sw_str_is(s, "null") ||
           sw_double_parse(s, &d);
}

static struct node *load_node(struct loader *l, const struct sw_yaml *y);

/* {list: mobiles, prefix: "+86"} or {value: event} */
static bool load_directive(struct loader *l, const struct sw_yaml *y, struct node *node)
{
    static const char *const keys[] = {"list", "value", "prefix"};
    const struct sw_yaml *name = sw_yaml_get(y, "list");
    const struct sw_yaml *prefix = sw_yaml_get(y, "prefix");
    struct sw_str text;

    node->kind = name != NULL ? NODE_LIST : NODE_VALUE;
    if (name == NULL)
        name = sw_yaml_get(y, "value");
    if (name == NULL || name->kind != SW_YSCALAR)
        return false;
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    node->input = sw_load_symbol(l, name, name->text, 0);
    if (node->input != NULL && (node->input->shape == SHAPE_LIST) != (node->kind == NODE_LIST))
        sw_diag_add(l->diag, SW_ERROR, name->at,
                    node->kind == NODE_LIST ? _("%s is no list") : _("%s is a list; use list"),
                    name->text.p);
    if (node->input != NULL && node->input->shape == SHAPE_RAW)
        sw_diag_add(l->diag, SW_ERROR, name->at, _("%s is bytes and cannot stand in JSON"),
                    name->text.p);
    if (prefix != NULL && sw_yaml_text(prefix, &text, l->diag))
        node->prefix = sw_arena_str(l->keep, text);
    return true;
}

static void load_children(struct loader *l, const struct sw_yaml *y, struct node *parent)
{
    struct node **tail = &parent->first;

    for (const struct sw_yaml *c = y->first; c != NULL; c = c->next) {
        *tail = load_node(l, c);
        (*tail)->key = sw_arena_str(l->keep, c->key);
        tail = &(*tail)->next;
    }
}

static struct node *load_node(struct loader *l, const struct sw_yaml *y)
{
    struct node *node = SW_ARENA_NEW(l->keep, struct node);

    if (y->kind == SW_YSCALAR && y->plain && is_json_word(y->text)) {
        node->kind = NODE_WORD;
        node->word = sw_arena_str(l->keep, y->text);
    } else if (y->kind == SW_YSCALAR) {
        node->kind = NODE_TEXT;
        sw_load_phrase(l, y, &node->text);
    } else if (y->kind == SW_YLIST) {
        node->kind = NODE_ARRAY;
        load_children(l, y, node);
    } else if (!load_directive(l, y, node)) {
        node->kind = NODE_OBJECT;
        load_children(l, y, node);
    }
    return node;
}

static void load_json_value(struct loader *l, const struct sw_yaml *y, struct request *r)
{
    struct sw_str name;

    if (!sw_yaml_text(y, &name, l->diag))
        return;
    r->value = sw_load_symbol(l, y, name, 0);
    if (r->value != NULL && r->value->shape != SHAPE_JSON)
        sw_diag_add(l->diag, SW_ERROR, y->at, _("json_value: %s is not JSON"), y->text.p);
}

static void load_body(struct loader *l, const struct sw_yaml *y, struct request *r)
{
    static const char *const keys[] = {"json", "form", "raw", "json_value", "wrap"};
    static const char *const wraps[] = {"base64"};
    const struct sw_yaml *wrap = sw_yaml_get(y, "wrap");
    unsigned int bodies = 0;

    if (!sw_load_is_map(l, y))
        return;
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    for (size_t i = 0; i + 1 < SW_COUNTOF(keys); i++) {
        if (sw_yaml_get(y, keys[i]) != NULL) {
            r->body = (enum body_kind)(BODY_JSON + i);
            bodies++;
        }
    }
    if (bodies != 1)
        sw_diag_add(l->diag, SW_ERROR, y->at,
                    _("body: expected exactly one of json, form, raw, json_value"));
    if (r->body == BODY_JSON)
        r->json = load_node(l, sw_yaml_get(y, "json"));
    if (r->body == BODY_FORM)
        load_pairs(l, sw_yaml_get(y, "form"), &r->form, false);
    if (r->body == BODY_RAW)
        sw_load_phrase(l, sw_yaml_get(y, "raw"), &r->raw);
    if (r->body == BODY_JSON_VALUE)
        load_json_value(l, sw_yaml_get(y, "json_value"), r);
    if (wrap != NULL)
        r->wrap_base64 = sw_load_word(l, wrap, wraps, 1) == 0;
}

static sw_time load_seconds(struct loader *l, const struct sw_yaml *y, int64_t otherwise)
{
    if (y != NULL)
        sw_yaml_int(y, 1, 120, &otherwise, l->diag);
    return otherwise * SW_SECOND;
}

static void load_follow(struct loader *l, const struct sw_yaml *y)
{
    bool follow = false;

    if (y != NULL && sw_yaml_bool(y, &follow, l->diag) && follow)
        sw_diag_add(l->diag, SW_ERROR, y->at,
                    _("redirects are never followed: a signed request belongs to one address"));
}

void sw_load_request(struct loader *l, const struct sw_yaml *y)
{
    static const char *const keys[] = {
        "method",          "url", "query", "headers", "body", "timeout_s", "connect_timeout_s",
        "follow_redirects"};
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH"};
    struct request *r = &l->p->request;
    const struct sw_yaml *method = sw_yaml_get(y, "method");
    const struct sw_yaml *body = sw_yaml_get(y, "body");
    int word;

    if (!sw_load_is_map(l, y))
        return;
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    if (method == NULL || sw_yaml_get(y, "url") == NULL)
        sw_diag_add(l->diag, SW_ERROR, y->at, _("request: method or url is missing"));
    word = method == NULL ? 0 : sw_load_word(l, method, methods, SW_COUNTOF(methods));
    r->method = sw_str(methods[word < 0 ? 0 : word]);
    sw_load_phrase(l, sw_yaml_get(y, "url"), &r->url);
    load_pairs(l, sw_yaml_get(y, "query"), &r->query, false);
    load_pairs(l, sw_yaml_get(y, "headers"), &r->headers, true);
    l->node = NODE_BODY;
    if (body != NULL)
        load_body(l, body, r);
    l->node = NODE_REST;
    r->timeout = load_seconds(l, sw_yaml_get(y, "timeout_s"), 20);
    r->connect_timeout = load_seconds(l, sw_yaml_get(y, "connect_timeout_s"), 5);
    load_follow(l, sw_yaml_get(y, "follow_redirects"));
}

/* ---- the body ---- */

static void put_node(struct eval *e, struct sw_jw *w, const struct node *node);

static void put_children(struct eval *e, struct sw_jw *w, const struct node *parent)
{
    for (const struct node *c = parent->first; c != NULL; c = c->next)
        put_node(e, w, c);
    sw_jw_end(w);
}

static void put_key(struct sw_jw *w, const struct node *node)
{
    if (w->depth > 0 && !w->is_array[w->depth - 1])
        sw_jw_key_str(w, node->key);
}

/* A text, a list of one receiver, or a JSON input; absent ones are left out, key and all. */
static void put_value(struct eval *e, struct sw_jw *w, const struct node *node)
{
    struct sw_str value =
        node->kind == NODE_TEXT ? sw_eval_phrase(e, &node->text) : sw_eval_symbol(e, node->input);

    if (value.p == NULL)
        return;
    put_key(w, node);
    if (node->kind == NODE_LIST) {
        sw_jw_array(w);
        sw_jw_str(
            w, sw_arena_printf(e->arena, "%.*s%.*s", SW_STR_ARG(node->prefix), SW_STR_ARG(value)));
        sw_jw_end(w);
    } else if (node->kind == NODE_VALUE && node->input->shape == SHAPE_JSON) {
        sw_jw_raw(w, value);
    } else {
        sw_jw_str(w, value);
    }
}

static void put_node(struct eval *e, struct sw_jw *w, const struct node *node)
{
    switch (node->kind) {
    case NODE_TEXT:
    case NODE_LIST:
    case NODE_VALUE: put_value(e, w, node); return;
    case NODE_WORD:
        put_key(w, node);
        sw_jw_raw(w, node->word);
        return;
    case NODE_OBJECT:
    case NODE_ARRAY: break;
    }
    put_key(w, node);
    if (node->kind == NODE_OBJECT)
        sw_jw_object(w);
    else
        sw_jw_array(w);
    put_children(e, w, node);
}

/* name=value&…; absent values are left out. */
static void put_coded(struct eval *e, const struct pairs *pairs, struct sw_buf *out)
{
    bool is_first = out->n == 0;

    for (size_t i = 0; i < pairs->n; i++) {
        struct sw_str value = sw_eval_phrase(e, &pairs->at[i].value);

        if (value.p == NULL)
            continue;
        if (!is_first)
            sw_buf_char(out, '&');
        is_first = false;
        sw_url_encode(out, pairs->at[i].name);
        sw_buf_char(out, '=');
        sw_url_encode(out, value);
    }
}

/* A body that has to be written out first. */
static struct sw_str write_body(struct eval *e, const struct request *r)
{
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    struct sw_str kept;

    if (r->body == BODY_JSON)
        put_node(e, &w, r->json);
    else
        put_coded(e, &r->form, &out);
    kept = sw_eval_keep(e, sw_buf_view(&out));
    sw_buf_free(&out);
    return kept;
}

static struct sw_str wrap_base64(struct eval *e, struct sw_str body)
{
    struct sw_buf out = {0};
    struct sw_str kept;

    sw_base64_put(&out, body);
    kept = sw_eval_keep(e, sw_buf_view(&out));
    sw_buf_free(&out);
    return kept;
}

struct sw_str sw_eval_body(struct eval *e)
{
    const struct request *r = &e->gw->profile->request;

    if (e->is_body_done)
        return e->body;
    e->is_body_done = true;
    switch (r->body) {
    case BODY_NONE: break;
    case BODY_JSON:
    case BODY_FORM: e->body = write_body(e, r); break;
    case BODY_RAW: e->body = sw_eval_phrase(e, &r->raw); break;
    case BODY_JSON_VALUE: e->body = sw_eval_symbol(e, r->value); break;
    }
    if (e->body.p == NULL)
        e->body = SW_STR("");
    if (r->wrap_base64)
        e->body = wrap_base64(e, e->body);
    return e->body;
}

/* ---- address and headers ---- */

static bool has_control(struct sw_str s, unsigned char below)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < below || s.p[i] == 0x7f)
            return true;
    }
    return false;
}

static void put_address(struct eval *e, const struct phrase *t, struct sw_buf *out)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct symbol *s = t->at[i].symbol;
        struct sw_str part = s == NULL ? t->at[i].literal : sw_eval_symbol(e, s);

        if (s == NULL || s->from == FROM_PARAM)
            sw_buf_str(out, part);
        else
            sw_url_encode(out, part);
    }
}

static bool is_address(struct sw_str url)
{
    struct sw_str rest;

    if (sw_str_starts(url, SW_STR("http://")))
        rest = sw_str_sub(url, 7, url.n);
    else if (sw_str_starts(url, SW_STR("https://")))
        rest = sw_str_sub(url, 8, url.n);
    else
        return false;
    return rest.n > 0 && rest.p[0] != '/' && rest.p[0] != '?' && rest.p[0] != ':' &&
           !has_control(rest, 0x21);
}

static struct sw_str eval_url(struct eval *e, const struct request *r)
{
    struct sw_buf url = {0};
    struct sw_buf query = {0};
    struct sw_str kept = {NULL, 0};

    put_address(e, &r->url, &url);
    put_coded(e, &r->query, &query);
    if (!is_address(sw_buf_view(&url)))
        sw_eval_fail(e, _("the address is not http://host… or https://host…"));
    if (query.n > 0 && url.n > 0) {
        sw_buf_char(&url, memchr(url.p, '?', url.n) == NULL ? '?' : '&');
        sw_buf_str(&url, sw_buf_view(&query));
    }
    kept = sw_eval_keep(e, sw_buf_view(&url));
    sw_buf_free(&url);
    sw_buf_free(&query);
    return kept;
}

static void eval_headers(struct eval *e, const struct pairs *pairs, struct sw_http_request *out)
{
    struct sw_http_header *headers = SW_ARENA_ARRAY(e->arena, struct sw_http_header, pairs->n);

    for (size_t i = 0; i < pairs->n; i++) {
        struct sw_str value = sw_eval_phrase(e, &pairs->at[i].value);

        if (value.p == NULL)
            continue;
        if (has_control(value, 0x20))
            sw_eval_fail(e, _("the header %.*s would hold a control character"),
                         SW_STR_ARG(pairs->at[i].name));
        headers[out->n_headers++] = (struct sw_http_header){pairs->at[i].name, value};
    }
    out->headers = headers;
}

/* ---- is the message fit for this gateway? ---- */

static bool is_mobile(struct sw_str s)
{
    int64_t number;

    return s.n == 11 && s.p[0] == '1' && sw_str_int(s, &number);
}

/* Parts of a text sent as UCS-2: 70 units alone, 67 each when split; a pair stays together. */
static size_t count_segments(struct sw_str text)
{
    size_t units = 0;
    size_t parts = 1;
    size_t in_part = 0;
    int32_t cp;

    for (size_t at = 0; (cp = sw_utf8_next(text, &at)) >= 0;) {
        size_t width = cp > 0xffff ? 2 : 1;

        units += width;
        if (in_part + width > 67) {
            parts++;
            in_part = 0;
        }
        in_part += width;
    }
    return units <= 70 ? 1 : parts;
}

static void check_text(struct eval *e, struct sw_str text)
{
    const struct limits *lim = &e->gw->profile->limits;

    if (sw_utf8_check(text) < text.n) {
        sw_eval_fail(e, _("the text is not UTF-8"));
        return;
    }
    if (lim->max_bytes > 0 && text.n > lim->max_bytes)
        sw_eval_fail(e, _("the text has %zu bytes; this gateway takes %zu"), text.n,
                     lim->max_bytes);
    if (lim->max_chars > 0 && sw_utf8_length(text) > lim->max_chars)
        sw_eval_fail(e, _("the text has %zu characters; this gateway takes %zu"),
                     sw_utf8_length(text), lim->max_chars);
    if (lim->max_segments > 0 && count_segments(text) > lim->max_segments)
        sw_eval_fail(e, _("the text needs %zu short messages; this gateway takes %zu"),
                     count_segments(text), lim->max_segments);
}

static void check_inputs(struct eval *e)
{
    const struct profile *p = e->gw->profile;
    struct sw_json *tree;

    for (size_t i = 0; i < p->n_symbols; i++) {
        const struct symbol *s = &p->symbols[i];

        if (s->from == FROM_INPUT && !s->is_optional && sw_eval_symbol(e, s).p == NULL)
            sw_eval_fail(e, _("the message has no %.*s"), SW_STR_ARG(s->name));
        if (s->from == FROM_INPUT && s->shape == SHAPE_JSON &&
            sw_json_parse(e->arena, e->m->body, &tree, NULL) != SW_OK)
            sw_eval_fail(e, _("the event is not JSON"));
    }
    if (p->is_sms && !is_mobile(e->m->to))
        sw_eval_fail(e, _("the receiver is no mobile number of 11 digits"));
    check_text(e, e->m->body);
}

enum sw_code sw_gateway_request(const struct sw_gateway *gw, const struct sw_message_row *m,
                                const struct sw_attempt *attempt, struct sw_arena *arena,
                                struct sw_http_request *out, struct sw_err *err)
{
    const struct request *r = &gw->profile->request;
    struct sw_err ignored = {.code = SW_OK};
    struct eval e = {.gw = gw, .m = m, .attempt = attempt, .arena = arena};

    e.err = err == NULL ? &ignored : err;
    *out = (struct sw_http_request){
        .method = r->method, .connect_timeout = r->connect_timeout, .timeout = r->timeout};
    check_inputs(&e);
    if (e.has_failed)
        return SW_EINVALID;
    out->body = sw_eval_body(&e);
    if (gw->profile->limits.max_body > 0 && out->body.n > gw->profile->limits.max_body)
        sw_eval_fail(&e, _("the request has %zu bytes; this gateway takes %zu"), out->body.n,
                     gw->profile->limits.max_body);
    out->url = eval_url(&e, r);
    eval_headers(&e, &r->headers, out);
    return e.has_failed ? SW_EINVALID : SW_OK;
}
