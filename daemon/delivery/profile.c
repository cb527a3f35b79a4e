/* profile.c - a gateway profile's blocks: a table of them, and the small ones.
 *
 * Keys are strict. Words of the grammar that this version does not carry out yet are refused by
 * name, because a profile that is half understood would send wrong messages. Such a word becomes a
 * row of `blocks` here, of `primitives` in sign.c or a key of its block when it is built. */
#include "load.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <stdlib.h>

/* Words of the profile grammar that are still to come. */
static const char *const later_words[] = {
    "canon_query", "canon_headers", "headers_from", "raw_query",     "token",        "poll",
    "variants",    "lookup",        "verify",       "items",         "at",           "to",
    "message_id",  "first",         "resend",       "avoid",         "batch",        "require",
    "gateway_id",  "ip_allow",      "bearer",       "per_recipient", "template_var", "wait",
    "wait_header", "optional",      "canon_json",   "sm4_cbc",       "sm2_sign",     "transport",
};

/* What the core gives to a request. */
static const struct {
    const char *name;
    enum shape shape;
    bool for_sms, for_webhook;
} inputs[] = {
    {"text", SHAPE_TEXT, true, false},    {"mobile", SHAPE_TEXT, true, false},
    {"mobiles", SHAPE_LIST, true, false}, {"msg_id", SHAPE_TEXT, true, true},
    {"event", SHAPE_JSON, false, true},
};

/* ---- shared by the blocks ---- */

bool sw_load_is_map(struct loader *l, const struct sw_yaml *y)
{
    if (y->kind == SW_YMAP)
        return true;
    sw_diag_add(l->diag, SW_ERROR, y->at, _("%.*s: expected a map of keys and values"),
                SW_STR_ARG(y->key));
    return false;
}

static bool is_later(struct sw_str word)
{
    for (size_t i = 0; i < SW_COUNTOF(later_words); i++) {
        if (sw_str_is(word, later_words[i]))
            return true;
    }
    return false;
}

static void tell_unknown_key(struct loader *l, const struct sw_yaml *y, const char *const *names,
                             size_t n)
{
    struct sw_str known[64];
    struct sw_str near;

    SW_ASSERT(n <= SW_COUNTOF(known));
    for (size_t i = 0; i < n; i++)
        known[i] = sw_str(names[i]);
    near = sw_str_nearest(y->key, known, n);
    if (is_later(y->key))
        sw_diag_add(l->diag, SW_ERROR, y->key_at, _("%s is not supported by this version"),
                    y->key.p);
    else if (near.n > 0)
        sw_diag_add(l->diag, SW_ERROR, y->key_at, _("unknown key %.*s; did you mean %.*s?"),
                    SW_STR_ARG(y->key), SW_STR_ARG(near));
    else
        sw_diag_add(l->diag, SW_ERROR, y->key_at, _("unknown key %.*s"), SW_STR_ARG(y->key));
}

void sw_load_keys(struct loader *l, const struct sw_yaml *map, const char *const *names, size_t n)
{
    for (const struct sw_yaml *y = map->first; y != NULL; y = y->next) {
        bool found = false;

        for (size_t i = 0; i < n; i++)
            found |= sw_str_is(y->key, names[i]);
        if (!found)
            tell_unknown_key(l, y, names, n);
    }
}

static void tell_words(struct loader *l, const struct sw_yaml *y, const char *const *words,
                       size_t n)
{
    struct sw_buf list = {0};

    if (is_later(y->text)) {
        sw_diag_add(l->diag, SW_ERROR, y->at, _("%s is not supported by this version"), y->text.p);
        return;
    }
    for (size_t i = 0; i < n; i++)
        sw_buf_printf(&list, "%s%s", i == 0 ? "" : ", ", words[i]);
    sw_diag_add(l->diag, SW_ERROR, y->at, _("\"%s\": expected one of %s"), y->text.p, list.p);
    sw_buf_free(&list);
}

int sw_load_word(struct loader *l, const struct sw_yaml *y, const char *const *words, size_t n)
{
    struct sw_str text;

    if (!sw_yaml_text(y, &text, l->diag))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (sw_str_is(text, words[i]))
            return (int)i;
    }
    tell_words(l, y, words, n);
    return -1;
}

/* Braces are refused: "(a{1,999}){1,999}" compiles into more memory than a machine has. */
regex_t *sw_load_pattern(struct loader *l, const struct sw_yaml *y, int flags)
{
    struct pattern *p;
    struct sw_str text;

    if (!sw_yaml_text(y, &text, l->diag))
        return NULL;
    if (text.n == 0 || text.n > 200 || memchr(text.p, '{', text.n) != NULL) {
        sw_diag_add(l->diag, SW_ERROR, y->at,
                    _("a pattern has 1 to 200 characters and no { } repetition"));
        return NULL;
    }
    p = sw_calloc(1, sizeof(*p));
    if (regcomp(&p->compiled, text.p, REG_EXTENDED | flags) != 0) {
        sw_diag_add(l->diag, SW_ERROR, y->at, _("not a regular expression"));
        free(p);
        return NULL;
    }
    p->next = *l->patterns;
    *l->patterns = p;
    return &p->compiled;
}

/* ---- names ---- */

static bool is_name(struct sw_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'a' && c <= 'z') || (i > 0 && ((c >= '0' && c <= '9') || c == '_'))))
            return false;
    }
    return s.n > 0 && s.n <= 40;
}

struct symbol *sw_profile_symbol(struct profile *p, struct sw_str name)
{
    for (size_t i = 0; i < p->n_symbols; i++) {
        if (sw_str_eq(p->symbols[i].name, name))
            return &p->symbols[i];
    }
    return NULL;
}

struct symbol *sw_load_declare(struct loader *l, struct sw_str name, struct sw_place at,
                               enum origin from)
{
    struct profile *p = l->p;

    if (sw_profile_symbol(p, name) != NULL) {
        sw_diag_add(l->diag, SW_ERROR, at, _("%.*s is declared twice"), SW_STR_ARG(name));
        return NULL;
    }
    if (!is_name(name)) {
        sw_diag_add(l->diag, SW_ERROR, at,
                    _("%.*s: a name is made of lower-case letters, digits and _"),
                    SW_STR_ARG(name));
        return NULL;
    }
    if (p->n_symbols == SYMBOLS_MAX || (from == FROM_STEP && p->count[from] == STEPS_MAX)) {
        sw_diag_add(l->diag, SW_ERROR, at, _("too many names"));
        return NULL;
    }
    p->symbols[p->n_symbols] = (struct symbol){
        .name = sw_arena_str(l->keep, name), .from = from, .index = p->count[from]++};
    return &p->symbols[p->n_symbols++];
}

/* "required" or "optional" */
static void load_need(struct loader *l, const struct sw_yaml *y, struct symbol *s)
{
    static const char *const words[] = {"required", "optional"};

    s->is_optional = sw_load_word(l, y, words, SW_COUNTOF(words)) == 1;
}

/* [password] or {secret: required, old_secret: optional} */
static void load_secrets(struct loader *l, const struct sw_yaml *y)
{
    if (y->kind == SW_YSCALAR)
        sw_diag_add(l->diag, SW_ERROR, y->at, _("secrets: expected names"));
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next) {
        bool in_list = y->kind == SW_YLIST;
        struct symbol *s;

        if (in_list && v->kind != SW_YSCALAR) {
            sw_diag_add(l->diag, SW_ERROR, v->at, _("secrets: expected names"));
            continue;
        }
        s = sw_load_declare(l, in_list ? v->text : v->key, in_list ? v->at : v->key_at,
                            FROM_SECRET);
        if (s != NULL && !in_list)
            load_need(l, v, s);
    }
}

/* name: default, or name: {required: true}, name: {optional: true} */
static void load_params(struct loader *l, const struct sw_yaml *y)
{
    static const char *const keys[] = {"required", "optional"};

    if (!sw_load_is_map(l, y))
        return;
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next) {
        struct symbol *s = sw_load_declare(l, v->key, v->key_at, FROM_PARAM);
        bool yes = false;

        if (s == NULL)
            continue;
        if (v->kind == SW_YSCALAR) {
            s->fallback = sw_arena_str(l->keep, v->text);
            continue;
        }
        if (!sw_load_is_map(l, v))
            continue;
        sw_load_keys(l, v, keys, SW_COUNTOF(keys));
        if (v->count != 1 || !sw_yaml_bool(v->first, &yes, l->diag) || !yes)
            sw_diag_add(l->diag, SW_ERROR, v->at,
                        _("%.*s: expected a default, {required: true} or {optional: true}"),
                        SW_STR_ARG(v->key));
        s->is_optional = sw_yaml_get(v, "optional") != NULL;
    }
}

static void load_one_input(struct loader *l, const struct sw_yaml *y)
{
    for (size_t i = 0; i < SW_COUNTOF(inputs); i++) {
        struct symbol *s;

        if (!sw_str_is(y->key, inputs[i].name))
            continue;
        if (l->p->is_sms ? !inputs[i].for_sms : !inputs[i].for_webhook)
            sw_diag_add(l->diag, SW_ERROR, y->key_at, _("%.*s is not there for this kind"),
                        SW_STR_ARG(y->key));
        s = sw_load_declare(l, y->key, y->key_at, FROM_INPUT);
        if (s == NULL)
            return;
        s->shape = inputs[i].shape;
        load_need(l, y, s);
        return;
    }
    sw_diag_add(l->diag, SW_ERROR, y->key_at,
                _("input %.*s is not supported by this version; there are text, mobile, mobiles "
                  "(kind: sms), event (kind: webhook) and msg_id"),
                SW_STR_ARG(y->key));
}

static void load_input(struct loader *l, const struct sw_yaml *y)
{
    if (!sw_load_is_map(l, y))
        return;
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next)
        load_one_input(l, v);
}

/* ---- limits and retry ---- */

struct rate {
    int64_t count, window, cooldown;
};

static const char *const rate_scopes[] = {"endpoint", "account", NULL};
static const struct sw_key rate_keys[] = {
    {.name = "scope",
     .kind = SW_KEY_WORD,
     .words = rate_scopes,
     .help = N_("what the gateway counts by; for people")},
    {.name = "count",
     SW_INTO(struct rate, count),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = 10000,
     .required = true,
     .help = N_("so many requests at most")},
    {.name = "window_s",
     SW_INTO(struct rate, window),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = 86400,
     .required = true,
     .help = N_("within so many seconds")},
    {.name = "cooldown_s",
     SW_INTO(struct rate, cooldown),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = 3600,
     .help = N_("seconds to pause when the gateway says it was too much")},
};
const struct sw_keys sw_rate_keys = {SW_TABLE("rate", rate_keys)};

static void load_rate(struct loader *l, const struct sw_yaml *y, struct limits *out)
{
    struct rate r = {0, 0, 0};

    if (!sw_keys_read(&sw_rate_keys, y, &r, l->diag))
        return;
    if (out->n_rates == SW_RATES_MAX) {
        sw_diag_add(l->diag, SW_ERROR, y->at, _("rate: more than %d of them"), SW_RATES_MAX);
        return;
    }
    out->rates[out->n_rates++] = (struct sw_rate){(uint32_t)r.count, r.window * SW_SECOND};
    if (r.cooldown * SW_SECOND > out->cooldown)
        out->cooldown = r.cooldown * SW_SECOND;
}

void sw_load_rates(struct loader *l, const struct sw_yaml *y, struct limits *out)
{
    if (y->kind != SW_YLIST) {
        sw_diag_add(l->diag, SW_ERROR, y->at, _("rate: expected a list"));
        return;
    }
    for (const struct sw_yaml *r = y->first; r != NULL; r = r->next)
        load_rate(l, r, out);
}

static void load_size(struct loader *l, const struct sw_yaml *map, const char *key, size_t *out)
{
    const struct sw_yaml *y = sw_yaml_get(map, key);
    int64_t n;

    if (y != NULL && sw_yaml_int(y, 1, 1 << 20, &n, l->diag))
        *out = (size_t)n;
}

static void load_limits(struct loader *l, const struct sw_yaml *y)
{
    static const char *const keys[] = {"rate", "text", "body", "concurrency"};
    static const char *const text_keys[] = {"max_bytes", "max_chars", "max_segments"};
    static const char *const body_keys[] = {"max_bytes"};
    struct limits *out = &l->p->limits;
    const struct sw_yaml *rate = sw_yaml_get(y, "rate");
    const struct sw_yaml *text = sw_yaml_get(y, "text");
    const struct sw_yaml *body = sw_yaml_get(y, "body");
    const struct sw_yaml *concurrency = sw_yaml_get(y, "concurrency");
    int64_t n = out->concurrency;

    if (!sw_load_is_map(l, y))
        return;
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    if (rate != NULL)
        sw_load_rates(l, rate, out);
    if (text != NULL && sw_load_is_map(l, text)) {
        sw_load_keys(l, text, text_keys, SW_COUNTOF(text_keys));
        load_size(l, text, "max_bytes", &out->max_bytes);
        load_size(l, text, "max_chars", &out->max_chars);
        load_size(l, text, "max_segments", &out->max_segments);
    }
    if (body != NULL && sw_load_is_map(l, body)) {
        sw_load_keys(l, body, body_keys, SW_COUNTOF(body_keys));
        load_size(l, body, "max_bytes", &out->max_body);
    }
    if (concurrency != NULL)
        sw_yaml_int(concurrency, 1, 1000, &n, l->diag);
    out->concurrency = (uint32_t)n;
}

static void set_delays(struct loader *l, const int64_t *seconds, size_t n)
{
    l->p->retry.delays = SW_ARENA_ARRAY(l->keep, sw_time, n);
    l->p->retry.n = n;
    for (size_t i = 0; i < n; i++)
        l->p->retry.delays[i] = seconds[i] * SW_SECOND;
}

static void load_delays(struct loader *l, const struct sw_yaml *y)
{
    int64_t seconds[32] = {0};
    size_t n = 0;

    if (y->kind != SW_YLIST || y->count < 2 || y->count > SW_COUNTOF(seconds)) {
        sw_diag_add(l->diag, SW_ERROR, y->at,
                    _("delays_s: expected a list of 2 to 32 numbers of seconds, 0 first"));
        return;
    }
    for (const struct sw_yaml *v = y->first; v != NULL; v = v->next, n++)
        sw_yaml_int(v, n == 0 ? 0 : 1, n == 0 ? 0 : 86400, &seconds[n], l->diag);
    set_delays(l, seconds, n);
}

static void load_retry(struct loader *l, const struct sw_yaml *y)
{
    static const char *const keys[] = {"delays_s", "jitter"};
    const struct sw_yaml *delays = sw_yaml_get(y, "delays_s");
    const struct sw_yaml *jitter = sw_yaml_get(y, "jitter");
    struct retry *r = &l->p->retry;

    if (!sw_load_is_map(l, y))
        return;
    sw_load_keys(l, y, keys, SW_COUNTOF(keys));
    if (delays != NULL)
        load_delays(l, delays);
    if (jitter != NULL &&
        (jitter->kind != SW_YSCALAR || !sw_double_parse(jitter->text, &r->jitter) ||
         r->jitter < 0. || r->jitter > 0.5)) {
        r->jitter = 0.;
        sw_diag_add(l->diag, SW_ERROR, jitter->at, _("jitter: expected a number from 0 to 0.5"));
    }
}

/* ---- the whole ---- */

static void load_version(struct loader *l, const struct sw_yaml *y)
{
    int64_t version;

    sw_yaml_int(y, 1, 1, &version, l->diag);
}

static void load_kind(struct loader *l, const struct sw_yaml *y)
{
    static const char *const words[] = {"sms", "webhook"};

    l->p->is_sms = sw_load_word(l, y, words, SW_COUNTOF(words)) == 0;
}

/* In the order they are read: a block may use the names of those above it. */
static const struct {
    const char *key;
    void (*load)(struct loader *l, const struct sw_yaml *y);
    bool is_needed;
} blocks[] = {
    {"version", load_version, true},      {"kind", load_kind, true},
    {"secrets", load_secrets, false},     {"params", load_params, false},
    {"input", load_input, true},          {"sign", sw_load_sign, false},
    {"request", sw_load_request, true},   {"limits", load_limits, false},
    {"retry", load_retry, false},         {"response", sw_load_response, true},
    {"receipts", sw_load_receipts, true}, /* `none` has to be said */
    {"inbound", sw_load_inbound, true},
};

static void check_name(struct loader *l, const struct sw_yaml *root, struct sw_str wanted)
{
    const struct sw_yaml *y = sw_yaml_get(root, "profile");
    struct sw_str name;

    if (y == NULL)
        sw_diag_add(l->diag, SW_ERROR, root->at, _("%s is missing"), "profile");
    else if (sw_yaml_text(y, &name, l->diag) && !sw_str_eq(name, wanted))
        sw_diag_add(l->diag, SW_ERROR, y->at, _("the profile is named like its file, %.*s"),
                    SW_STR_ARG(wanted));
}

/* A step that needs itself through others, or through the body, can never be evaluated. */
static void check_circles(struct loader *l, const struct sw_yaml *sign)
{
    for (size_t round = 0; round <= STEPS_MAX; round++) {
        for (size_t i = 0; i <= STEPS_MAX; i++) {
            for (size_t k = 0; k <= STEPS_MAX; k++) {
                if ((l->needs[i] >> k & 1) != 0)
                    l->needs[i] |= l->needs[k];
            }
        }
    }
    if (sign == NULL || sign->kind != SW_YLIST)
        return;
    for (const struct sw_yaml *y = sign->first; y != NULL; y = y->next) {
        const struct sw_yaml *map = y->first;
        const struct symbol *s = map == NULL ? NULL : sw_profile_symbol(l->p, map->key);

        if (s != NULL && s->from == FROM_STEP && (l->needs[s->index] >> s->index & 1) != 0)
            sw_diag_add(l->diag, SW_ERROR, map->key_at, _("%.*s needs itself, in a circle"),
                        SW_STR_ARG(map->key));
    }
}

/* 5 s, doubling, an hour at most: for gateways without a schedule of their own. */
static void set_defaults(struct loader *l)
{
    static const int64_t doubling[] = {0, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600};

    l->p->retry.jitter = 0.2;
    l->p->limits.concurrency = 4;
    set_delays(l, doubling, SW_COUNTOF(doubling));
}

static void load_blocks(struct loader *l, const struct sw_yaml *root)
{
    const char *keys[SW_COUNTOF(blocks) + 1] = {[SW_COUNTOF(blocks)] = "profile"};

    for (size_t i = 0; i < SW_COUNTOF(blocks); i++)
        keys[i] = blocks[i].key;
    sw_load_keys(l, root, keys, SW_COUNTOF(keys));
    for (size_t i = 0; i < SW_COUNTOF(blocks); i++) {
        const struct sw_yaml *y = sw_yaml_get(root, blocks[i].key);

        if (y != NULL)
            blocks[i].load(l, y);
        else if (blocks[i].is_needed)
            sw_diag_add(l->diag, SW_ERROR, root->at, _("%s is missing"), blocks[i].key);
    }
    check_circles(l, sw_yaml_get(root, "sign"));
}

struct profile *sw_profile_load(struct loader *l, const struct sw_yaml *root, struct sw_str name)
{
    size_t errors = l->diag->errors;

    l->p = SW_ARENA_NEW(l->keep, struct profile);
    l->p->name = sw_arena_str(l->keep, name);
    memset(l->needs, 0, sizeof(l->needs));
    l->node = NODE_REST;
    set_defaults(l);
    if (root != NULL && sw_load_is_map(l, root)) {
        sw_load_declare(l, SW_STR("gateway"), root->at, FROM_GATEWAY);
        check_name(l, root, name);
        load_blocks(l, root);
    }
    l->p->is_broken = root == NULL || l->diag->errors > errors;
    return l->p;
}
