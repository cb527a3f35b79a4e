/* inbound.c - `receipts` and `inbound`: what a gateway tells us over HTTP becomes an input.
 *
 * These calls are not signed: a guard decides who may make them, and what they say is evidence, not
 * truth. A receipt names our own message id (given to the gateway with the message); whether that
 * id exists and whether the state may still move is the engine's business, so receipts may come
 * twice, in any order and for ids nobody knows. */
#include "eval.h"
#include "load.h"
#include <shouwang/base/crypt.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/url.h>
#include <shouwang/base/utf8.h>

enum { ID_MAX = 128, FROM_MAX = 32, REPLY_CHARS = 1000, DETAIL_CHARS = 64 };

static const char *const state_words[STATES] = {"accepted", "buffered", "delivered", "failed"};

/* ---- loading ---- */

static void load_door_path(struct loader *l, const struct sw_yaml *y, struct door *d)
{
    static const char form[] = "/in/";

    sw_load_phrase(l, y, &d->path);
    for (size_t i = 0; i < d->path.n; i++) {
        const struct symbol *s = d->path.at[i].symbol;

        if (s != NULL && s->from != FROM_GATEWAY && s->from != FROM_PARAM)
            sw_diag_add(l->diag, SW_ERROR, y->at, _("path: only ${gateway} and parameters"));
    }
    if (d->path.n == 0 || !sw_str_starts(d->path.at[0].literal, sw_str(form)))
        sw_diag_add(l->diag, SW_ERROR, y->at, _("path: expected a path that begins with %s"), form);
}

static void load_guard(struct loader *l, const struct sw_yaml *y, struct door *d)
{
    static const char *const keys[] = {"loopback", "path_token"};
    const struct sw_yaml *loopback = sw_yaml_get(y, "loopback");
    const struct sw_yaml *token = sw_yaml_get(y, "path_token");
    struct sw_str name;

    if (!sw_load_is_map(l, y))
        return;
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    if (loopback != NULL)
        sw_yaml_bool(loopback, &d->needs_loopback, l->diag);
    if (token != NULL && sw_yaml_text(token, &name, l->diag)) {
        d->token = sw_load_symbol(l, token, name, 0);
        if (d->token != NULL && (d->token->from != FROM_SECRET || d->token->is_optional))
            sw_diag_add(l->diag, SW_ERROR, token->at,
                        _("path_token: expected the name of a required secret"));
    }
    if (!d->needs_loopback && d->token == NULL)
        sw_diag_add(l->diag, SW_ERROR, y->at,
                    _("guard: loopback: true or path_token is needed; anybody could call else"));
}

/* A path into what the gateway sends; in a query or form only a name. */
static void load_field(struct loader *l, const struct sw_yaml *y, const struct door *d,
                       struct path *out)
{
    if (!sw_load_path(l, y, out))
        return;
    if (d->parse != PARSE_JSON && (out->n != 1 || out->at[0].name.p == NULL))
        sw_diag_add(l->diag, SW_ERROR, y->at, _("in a query or form a path is $.name"));
}

static void load_needed_field(struct loader *l, const struct sw_yaml *map, const char *key,
                              const struct door *d, struct path *out)
{
    const struct sw_yaml *y = sw_yaml_get(map, key);

    if (y == NULL)
        sw_diag_add(l->diag, SW_ERROR, map->at, _("%.*s: %s is missing"), SW_STR_ARG(map->key),
                    key);
    else
        load_field(l, y, d, out);
}

static void load_answer(struct loader *l, const struct sw_yaml *y, struct door *d)
{
    static const char *const keys[] = {"status", "body"};
    const struct sw_yaml *status = sw_yaml_get(y, "status");
    const struct sw_yaml *body = sw_yaml_get(y, "body");
    struct sw_str text = {NULL, 0};
    int64_t n = 200;

    d->status = 200;
    if (y == NULL || !sw_load_is_map(l, y))
        return;
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    if (status != NULL && sw_yaml_int(status, 200, 299, &n, l->diag))
        d->status = (int)n;
    if (body != NULL && sw_yaml_text(body, &text, l->diag))
        d->reply = sw_arena_str(l->keep, text);
}

/* What both kinds of door have; false: the block says none, or is no map. */
static bool load_door(struct loader *l, const struct sw_yaml *y, struct door *d,
                      const char *const *keys, size_t n)
{
    static const char *const parses[] = {"json", "query", "form"};
    static const enum parse kinds[] = {PARSE_JSON, PARSE_QUERY, PARSE_FORM};
    static const char *const needed[] = {"path", "guard", "parse"};
    int word;

    if (y->kind == SW_YSCALAR && sw_str_is(y->text, "none"))
        return false;
    if (!sw_load_is_map(l, y))
        return false;
    sw_load_keys(l, y, keys, n);
    for (size_t i = 0; i < SW_COUNTOF(needed); i++) {
        if (sw_yaml_get(y, needed[i]) == NULL) {
            sw_diag_add(l->diag, SW_ERROR, y->at, _("%.*s: %s is missing"), SW_STR_ARG(y->key),
                        needed[i]);
            return false;
        }
    }
    d->is_open = true;
    load_door_path(l, sw_yaml_get(y, "path"), d);
    load_guard(l, sw_yaml_get(y, "guard"), d);
    word = sw_load_word(l, sw_yaml_get(y, "parse"), parses, SW_COUNTOF(parses));
    d->parse = word < 0 ? PARSE_JSON : kinds[word];
    load_answer(l, sw_yaml_get(y, "reply"), d);
    return true;
}

static void load_match(struct loader *l, const struct sw_yaml *y, struct door *d)
{
    static const char *const keys[] = {"msg_id"};

    if (y == NULL || !sw_load_is_map(l, y))
        return;
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    load_needed_field(l, y, "msg_id", d, &d->id);
}

static void load_states(struct loader *l, const struct sw_yaml *y, struct door *d)
{
    const char *keys[STATES + 2] = {[STATES] = "from", [STATES + 1] = "else"};
    const struct sw_yaml *otherwise = sw_yaml_get(y, "else");
    int word;

    if (y == NULL || !sw_load_is_map(l, y))
        return;
    memcpy(keys, state_words, sizeof(state_words));
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    load_needed_field(l, y, "from", d, &d->state);
    for (size_t i = 0; i < STATES; i++) {
        const struct sw_yaml *values = sw_yaml_get(y, state_words[i]);

        d->states[i].state = state_words[i];
        if (values != NULL)
            sw_load_scalars(l, values, &d->states[i].values);
    }
    if (otherwise == NULL)
        return;
    word = sw_load_word(l, otherwise, state_words, STATES);
    d->otherwise = word < 0 ? NULL : state_words[word];
}

void sw_load_receipts(struct loader *l, const struct sw_yaml *y)
{
    static const char *const keys[] = {"path", "guard", "parse", "match", "state", "code", "reply"};
    struct door *d = &l->p->receipts;

    if (!load_door(l, y, d, keys, SW_COUNTOF(keys)))
        return;
    if (sw_yaml_get(y, "match") == NULL || sw_yaml_get(y, "state") == NULL)
        sw_diag_add(l->diag, SW_ERROR, y->at, _("receipts: match or state is missing"));
    load_match(l, sw_yaml_get(y, "match"), d);
    load_states(l, sw_yaml_get(y, "state"), d);
    if (sw_yaml_get(y, "code") != NULL)
        load_field(l, sw_yaml_get(y, "code"), d, &d->detail);
}

static void load_dedup(struct loader *l, const struct sw_yaml *map, struct door *d)
{
    const struct sw_yaml *y = sw_yaml_get(map, "dedup");

    if (y == NULL || y->kind != SW_YLIST || y->count == 0 || y->count > PATH_MAX_PARTS) {
        sw_diag_add(l->diag, SW_ERROR, y == NULL ? map->at : y->at,
                    _("inbound: dedup: expected a list of 1 to %d paths that together name a "
                      "reply"),
                    PATH_MAX_PARTS);
        return;
    }
    for (const struct sw_yaml *p = y->first; p != NULL; p = p->next)
        load_field(l, p, d, &d->dedup[d->n_dedup++]);
}

void sw_load_inbound(struct loader *l, const struct sw_yaml *y)
{
    static const char *const keys[] = {"path", "guard", "parse", "from", "text", "dedup", "reply"};
    struct door *d = &l->p->inbound;

    if (!load_door(l, y, d, keys, SW_COUNTOF(keys)))
        return;
    load_needed_field(l, y, "from", d, &d->from);
    load_needed_field(l, y, "text", d, &d->text);
    load_dedup(l, y, d);
}

/* ---- running ---- */

/* One call and the door it came to. */
struct call {
    const struct sw_gateway *gw;
    const struct door *door;
    const struct sw_inbound_request *request;
    struct sw_arena *arena;
    struct sw_json *tree; /* PARSE_JSON */
    struct sw_inbound *out;
};

static void refuse(struct call *c, int status, const char *why)
{
    c->out->kind = SW_INBOUND_REFUSED;
    c->out->status = status;
    c->out->body = sw_str(why);
}

static struct sw_str json_text(const struct sw_json *v)
{
    if (v == NULL)
        return (struct sw_str){NULL, 0};
    switch (v->kind) {
    case SW_JSTRING:
    case SW_JNUMBER: return v->text;
    case SW_JTRUE: return SW_STR("true");
    case SW_JFALSE: return SW_STR("false");
    case SW_JNULL:
    case SW_JARRAY:
    case SW_JOBJECT: break;
    }
    return (struct sw_str){NULL, 0};
}

/* A field of the call; absent when it is not there or not UTF-8. */
static struct sw_str field(struct call *c, const struct path *path)
{
    struct sw_str source = c->door->parse == PARSE_QUERY ? c->request->query : c->request->body;
    struct sw_str value = {NULL, 0};
    struct sw_buf out = {0};

    if (c->door->parse == PARSE_JSON)
        return json_text(sw_path_json(path, c->tree));
    if (path->n == 1 && sw_query_get(source, path->at[0].name.p, &out) &&
        sw_utf8_check(sw_buf_view(&out)) == out.n)
        value = sw_arena_str(c->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return value;
}

/* Printable, not empty, not longer than `max`. */
static bool is_plain(struct sw_str s, size_t max)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    }
    return s.n > 0 && s.n <= max;
}

/* Letters, digits and . _ : - only: what our own ids are made of. */
static bool is_message_id(struct sw_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              (c != '\0' && strchr("._:-", c) != NULL)))
            return false;
    }
    return s.n > 0 && s.n <= ID_MAX;
}

/* A text from a phone as it may be kept: no controls but line breaks, not endless. */
static struct sw_str clean_text(struct call *c, struct sw_str text)
{
    struct sw_str s = sw_utf8_prefix(text, REPLY_CHARS);
    char *copy = sw_arena_alloc(c->arena, s.n + 1);

    for (size_t i = 0; i < s.n; i++) {
        bool is_control = (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f;

        copy[i] = is_control && s.p[i] != '\n' ? ' ' : s.p[i];
    }
    copy[s.n] = '\0';
    return (struct sw_str){copy, s.n};
}

/* The gateway's own id of a reply, or one made of several fields; absent when one is missing. A
 * made one is a digest: numbers and texts must not end up in an id. */
static struct sw_str reply_id(struct call *c)
{
    unsigned char digest[SW_DIGEST_MAX];
    struct sw_buf all = {0};
    struct sw_buf hex = {0};
    struct sw_str value = {NULL, 0};

    for (size_t i = 0; i < c->door->n_dedup; i++) {
        value = field(c, &c->door->dedup[i]);
        if (value.p == NULL)
            break;
        sw_buf_str(&all, value);
        sw_buf_char(&all, '\0');
    }
    if (value.p != NULL && c->door->n_dedup > 1) {
        sw_digest("sha256", sw_buf_view(&all), digest);
        sw_hex_put(&hex, (struct sw_str){(const char *)digest, 16});
        value = sw_arena_str(c->arena, sw_buf_view(&hex));
    }
    sw_buf_free(&all);
    sw_buf_free(&hex);
    return value;
}

static void put_input(struct call *c, enum sw_inbound_kind kind, const char *const *keys,
                      const struct sw_str *values, size_t n)
{
    struct sw_buf json = {0};
    struct sw_jw w = {.out = &json};

    sw_buf_reserve(&json, 1000); /* growing would leave copies behind */
    sw_jw_object(&w);
    for (size_t i = 0; i < n; i++)
        sw_jw_member(&w, keys[i], values[i]);
    sw_jw_end(&w);
    c->out->input = sw_arena_str(c->arena, sw_buf_view(&json));
    c->out->kind = kind;
    c->out->status = c->door->status;
    c->out->body = c->door->reply;
    sw_buf_free(&json);
}

static void take_reply(struct call *c)
{
    static const char *const keys[] = {"gateway", "id", "from", "text"};
    struct sw_str from = field(c, &c->door->from);
    struct sw_str text = field(c, &c->door->text);
    struct sw_str id = reply_id(c);

    if (!is_plain(id, ID_MAX) || !is_plain(from, FROM_MAX) || text.p == NULL) {
        refuse(c, 400, _("id, from or text is missing or malformed\n"));
        return;
    }
    put_input(c, SW_INBOUND_REPLY, keys,
              (const struct sw_str[]){c->gw->name, id, sw_phone_plain(from), clean_text(c, text)},
              SW_COUNTOF(keys));
}

static const char *find_state(const struct door *d, struct sw_str word)
{
    for (size_t i = 0; i < STATES; i++) {
        if (sw_scalars_have_text(&d->states[i].values, word))
            return d->states[i].state;
    }
    return d->otherwise;
}

static void take_receipt(struct call *c)
{
    static const char *const keys[] = {"message", "state", "detail"};
    struct sw_str id = field(c, &c->door->id);
    struct sw_str word = field(c, &c->door->state);
    struct sw_str detail = {NULL, 0};
    const char *state = word.p == NULL ? NULL : find_state(c->door, word);

    if (!is_message_id(id) || state == NULL) {
        refuse(c, 400, _("the message id or the state is missing or unknown\n"));
        return;
    }
    if (c->door->detail.n > 0)
        detail = sw_safe_text(c->gw, c->arena, field(c, &c->door->detail), DETAIL_CHARS);
    put_input(c, SW_INBOUND_FATE, keys, (const struct sw_str[]){id, sw_str(state), detail},
              SW_COUNTOF(keys));
}

/* Equal without telling by its time how much of it is equal. */
static bool is_same_secret(struct sw_str a, struct sw_str b)
{
    unsigned int different = a.n != b.n;

    for (size_t i = 0; i < a.n && i < b.n; i++)
        different |= (unsigned int)(unsigned char)(a.p[i] ^ b.p[i]);
    return different == 0;
}

static bool is_allowed(const struct call *c, struct sw_str path)
{
    struct sw_str token;

    if (c->door->needs_loopback && !c->request->from_loopback)
        return false;
    if (c->door->token == NULL)
        return true;
    token = sw_str_sub(c->request->path, path.n + 1, c->request->path.n);
    return is_same_secret(token, c->gw->secrets[c->door->token->index]);
}

static bool has_right_method(const struct call *c)
{
    return sw_str_is(c->request->method, "POST") ||
           (c->door->parse == PARSE_QUERY && sw_str_is(c->request->method, "GET"));
}

/* True: it was this door's business, whatever came of it. */
static bool try_door(struct call *c, struct sw_str path, void (*take)(struct call *c))
{
    struct sw_str asked = c->request->path;

    if (path.p == NULL || !sw_str_starts(asked, path))
        return false;
    if (c->door->token == NULL ? asked.n != path.n : asked.n <= path.n || asked.p[path.n] != '/')
        return false;
    if (!is_allowed(c, path))
        refuse(c, 403, _("not allowed from there\n"));
    else if (!has_right_method(c))
        refuse(c, 405, _("another method is expected\n"));
    else if (c->door->parse == PARSE_JSON &&
             sw_json_parse(c->arena, c->request->body, &c->tree, NULL) != SW_OK)
        refuse(c, 400, _("the body is not JSON\n"));
    else
        take(c);
    return true;
}

void sw_gateways_inbound(const struct sw_gateways *g, const struct sw_inbound_request *r,
                         struct sw_arena *arena, struct sw_inbound *out)
{
    *out = (struct sw_inbound){.kind = SW_INBOUND_NONE, .status = 404};
    for (size_t i = 0; i < sw_gateways_count(g); i++) {
        const struct sw_gateway *gw = sw_gateway_at(g, i);
        struct call receipt = {gw, &gw->profile->receipts, r, arena, NULL, out};
        struct call reply = {gw, &gw->profile->inbound, r, arena, NULL, out};

        if (try_door(&receipt, gw->receipts, take_receipt) ||
            try_door(&reply, gw->inbound, take_reply))
            return;
    }
}
