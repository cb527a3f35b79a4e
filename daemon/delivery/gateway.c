/* gateway.c - the map `gateways:` of the configuration to gateways.
 *
 * The configuration's tree is copied without its text first: a finding shows the line it is about,
 * and a line of this map may hold a secret. Each profile file is read once, however many gateways
 * use it. At the end every gateway builds a request for trial, so that a wrong address or a secret
 * that is not base64 is found before the first alert and not by it. */
#include "eval.h"
#include "load.h"
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

struct sw_gateways {
    struct sw_arena arena;
    struct pattern *patterns;
    struct profile *profiles;
    struct sw_gateway *at;
    size_t n;
};

struct boot {
    struct loader l;
    struct sw_gateways *g;
    const char *folder;
};

/* ---- the configuration's tree without its text ---- */

static struct sw_yaml *without_text(struct sw_arena *arena, const struct sw_yaml *y)
{
    struct sw_yaml *copy = SW_ARENA_NEW(arena, struct sw_yaml);
    struct sw_yaml **tail = &copy->first;

    *copy = *y;
    copy->first = copy->next = NULL;
    copy->at.text = copy->key_at.text = (struct sw_str){NULL, 0};
    for (const struct sw_yaml *c = y->first; c != NULL; c = c->next) {
        *tail = without_text(arena, c);
        tail = &(*tail)->next;
    }
    return copy;
}

/* ---- profiles ---- */

static bool is_file_name(struct sw_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i > 0)))
            return false;
    }
    return s.n > 0 && s.n <= 64;
}

static const struct profile *find_profile(struct boot *b, const struct sw_yaml *y)
{
    struct sw_str name;
    struct sw_str path;
    struct profile *p;
    struct sw_yaml *root;

    if (!sw_yaml_text(y, &name, b->l.diag))
        return NULL;
    for (p = b->g->profiles; p != NULL; p = p->next) {
        if (sw_str_eq(p->name, name))
            return p->is_broken ? NULL : p;
    }
    if (!is_file_name(name)) {
        sw_diag_add(b->l.diag, SW_ERROR, y->at,
                    _("profile: expected a name such as kannel, for the file kannel.yaml"));
        return NULL;
    }
    path = sw_arena_printf(&b->g->arena, "%s/%.*s.yaml", b->folder, SW_STR_ARG(name));
    root = sw_yaml_load(&b->l.diag->arena, path.p, b->l.diag);
    p = sw_profile_load(&b->l, root, name);
    p->next = b->g->profiles;
    b->g->profiles = p;
    return p->is_broken ? NULL : p;
}

/* ---- parameters and secrets ---- */

static bool has_control(struct sw_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return true;
    }
    return false;
}

static void read_param(struct boot *b, const struct sw_yaml *map, const struct symbol *s,
                       struct sw_gateway *gw)
{
    const struct sw_yaml *y = sw_yaml_get(map, s->name.p);
    struct sw_str value = s->fallback;

    if (y != NULL && !sw_yaml_text(y, &value, b->l.diag))
        return;
    if (y == NULL && value.p == NULL && !s->is_optional)
        sw_diag_add(b->l.diag, SW_ERROR, map->at, _("params: %.*s is missing"),
                    SW_STR_ARG(s->name));
    if (value.p != NULL && has_control(value))
        sw_diag_add(b->l.diag, SW_ERROR, map->at, _("params: %.*s holds a control character"),
                    SW_STR_ARG(s->name));
    if (value.p == NULL || (s->is_optional && value.n == 0))
        return;
    gw->params[s->index] = sw_arena_str(&b->g->arena, value);
}

static struct sw_str read_secret_file(struct boot *b, const struct sw_yaml *y)
{
    struct sw_str path = {NULL, 0};
    struct sw_str value = {NULL, 0};
    struct sw_buf text = {0};
    struct sw_buf full = {0};
    struct sw_err err;

    if (!sw_yaml_text(y, &path, b->l.diag))
        return value;
    sw_file_beside(y->at.file.p, path, &full); /* places have NUL-terminated names (yaml.c) */
    if (sw_file_secret(full.p, &text, &err) == SW_OK)
        value = sw_arena_str(&b->g->arena, sw_buf_view(&text));
    else
        sw_diag_add(b->l.diag, SW_ERROR, y->at, "%s", err.text);
    sw_buf_free(&text);
    sw_buf_free(&full);
    return value;
}

static void read_secret(struct boot *b, const struct sw_yaml *map, const struct symbol *s,
                        struct sw_gateway *gw)
{
    struct sw_str file_key = sw_arena_printf(&b->g->arena, "%s_file", s->name.p);
    const struct sw_yaml *y = sw_yaml_get(map, s->name.p);
    const struct sw_yaml *file = sw_yaml_get(map, file_key.p);
    struct sw_str value = {NULL, 0};

    if (y != NULL && file != NULL) {
        sw_diag_add(b->l.diag, SW_ERROR, file->key_at, _("secrets: give %s or %s, not both"),
                    s->name.p, file_key.p);
        return;
    }
    if (file != NULL)
        value = read_secret_file(b, file);
    else if (y != NULL && sw_yaml_text(y, &value, b->l.diag))
        value = sw_arena_str(&b->g->arena, value);
    else if (y == NULL && !s->is_optional)
        sw_diag_add(b->l.diag, SW_ERROR, map->at, _("secrets: %s is missing; give %s or %s"),
                    s->name.p, s->name.p, file_key.p);
    if (y != NULL && value.p != NULL && value.n == 0)
        sw_diag_add(b->l.diag, SW_ERROR, y->at, _("secrets: %s is empty"), s->name.p);
    gw->secrets[s->index] = value;
}

/* Keys of `map` that belong to no symbol of `from`. */
static void check_names(struct boot *b, const struct sw_yaml *map, const struct profile *p,
                        enum origin from)
{
    const char *names[2 * SYMBOLS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < p->n_symbols && n + 2 <= 60; i++) {
        const struct symbol *s = &p->symbols[i];

        if (s->from != from)
            continue;
        names[n++] = s->name.p;
        if (from == FROM_SECRET)
            names[n++] = sw_arena_printf(&b->g->arena, "%s_file", s->name.p).p;
    }
    sw_load_keys(&b->l, map, names, n);
}

static void read_values(struct boot *b, const struct sw_yaml *entry, struct sw_gateway *gw)
{
    static const struct sw_yaml nothing = {.kind = SW_YMAP};
    const struct profile *p = gw->profile;
    struct sw_yaml params = nothing;
    struct sw_yaml secrets = nothing;

    params.at = secrets.at = entry->key_at;
    if (sw_yaml_get(entry, "params") != NULL)
        params = *sw_yaml_get(entry, "params");
    if (sw_yaml_get(entry, "secrets") != NULL)
        secrets = *sw_yaml_get(entry, "secrets");
    check_names(b, &params, p, FROM_PARAM);
    check_names(b, &secrets, p, FROM_SECRET);
    gw->params = SW_ARENA_ARRAY(&b->g->arena, struct sw_str, p->count[FROM_PARAM]);
    gw->secrets = SW_ARENA_ARRAY(&b->g->arena, struct sw_str, p->count[FROM_SECRET]);
    for (size_t i = 0; i < p->n_symbols; i++) {
        if (p->symbols[i].from == FROM_PARAM)
            read_param(b, &params, &p->symbols[i], gw);
        if (p->symbols[i].from == FROM_SECRET)
            read_secret(b, &secrets, &p->symbols[i], gw);
    }
}

/* ---- one gateway ---- */

/* Its name goes into paths, metrics and logs. */
static bool check_gateway_name(struct boot *b, const struct sw_yaml *entry)
{
    bool good = entry->key.n > 0 && entry->key.n <= 32;

    for (size_t i = 0; i < entry->key.n; i++) {
        char c = entry->key.p[i];

        good &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }
    if (!good)
        sw_diag_add(b->l.diag, SW_ERROR, entry->key_at,
                    _("a gateway's name is made of lower-case letters, digits, - and _"));
    return good;
}

static void read_limits(struct boot *b, const struct sw_yaml *entry, struct sw_gateway *gw)
{
    const struct sw_yaml *concurrency = sw_yaml_get(entry, "concurrency");
    const struct sw_yaml *rate = sw_yaml_get(entry, "rate");
    const struct limits *own = &gw->profile->limits;
    struct limits *given = SW_ARENA_NEW(&b->g->arena, struct limits);
    int64_t n = own->concurrency;

    if (concurrency != NULL)
        sw_str_int(concurrency->text, &n);
    gw->concurrency = (uint32_t)n;
    if (rate != NULL)
        sw_load_rates(&b->l, rate, given);
    gw->rates = rate != NULL ? given->rates : own->rates;
    gw->n_rates = rate != NULL ? given->n_rates : own->n_rates;
}

static struct sw_str door_path(struct boot *b, const struct sw_gateway *gw, const struct door *d)
{
    struct sw_err err;
    struct eval e = {.gw = gw, .arena = &b->g->arena, .err = &err};

    return d->is_open ? sw_eval_phrase(&e, &d->path) : (struct sw_str){NULL, 0};
}

/* Two gateways must not listen on one path: whose receipt would it be? */
static void check_paths(struct boot *b, const struct sw_yaml *entry, struct sw_gateway *gw)
{
    gw->receipts = door_path(b, gw, &gw->profile->receipts);
    gw->inbound = door_path(b, gw, &gw->profile->inbound);
    for (const struct sw_gateway *other = b->g->at; other < gw; other++) {
        const struct sw_str mine[] = {gw->receipts, gw->inbound};
        const struct sw_str theirs[] = {other->receipts, other->inbound};

        for (size_t i = 0; i < 4; i++) {
            if (mine[i / 2].p != NULL && sw_str_eq(mine[i / 2], theirs[i % 2]))
                sw_diag_add(b->l.diag, SW_ERROR, entry->key_at,
                            _("%.*s and %.*s would both listen on %.*s"), SW_STR_ARG(gw->name),
                            SW_STR_ARG(other->name), SW_STR_ARG(mine[i / 2]));
        }
    }
}

static void try_request(struct boot *b, const struct sw_yaml *entry, const struct sw_gateway *gw)
{
    const struct sw_message_row sample = {
        .id = SW_STR("trial"),
        .to = gw->profile->is_sms ? SW_STR("13800138000") : (struct sw_str){NULL, 0},
        .body = gw->profile->is_sms ? SW_STR("守望") : SW_STR("{}"),
    };
    const struct sw_attempt attempt = {.now = 0};
    struct sw_arena arena = {0};
    struct sw_http_request request;
    struct sw_err err;

    if (sw_gateway_request(gw, &sample, &attempt, &arena, &request, &err) != SW_OK)
        sw_diag_add(b->l.diag, SW_ERROR, entry->key_at, _("%.*s cannot send: %s"),
                    SW_STR_ARG(gw->name), err.text);
    sw_arena_free(&arena);
}

static const struct sw_key any_text = {.kind = SW_KEY_TEXT};
static const struct sw_keys params = {.name = "params", .other = &any_text};
static const struct sw_keys secrets = {.name = "secrets", .other = &any_text};
static const struct sw_key one_rate = {.kind = SW_KEY_MAP, .of = &sw_rate_keys};

static const struct sw_key keys[] = {
    {.name = "profile",
     .required = true,
     .help = N_("the name of a file in the folder of profiles, such as kannel")},
    {.name = "params",
     .kind = SW_KEY_MAP,
     .of = &params,
     .help = N_("values of the profile's params")},
    {.name = "secrets",
     .kind = SW_KEY_MAP,
     .of = &secrets,
     .help = N_("the profile's secrets: NAME, or NAME_file for a file that holds it")},
    {.name = "concurrency",
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = 1000,
     .help = N_("most requests under way at once")},
    {.name = "rate",
     .kind = SW_KEY_LIST,
     .hi = SW_RATES_MAX,
     .item = &one_rate,
     .help = N_("most requests in a time, instead of the profile's")},
};
static const struct sw_keys gateway_keys = {SW_TABLE("gateway", keys)};
static const struct sw_key one_gateway = {.kind = SW_KEY_MAP, .of = &gateway_keys};
const struct sw_keys sw_gateways_keys = {.name = "gateways", .other = &one_gateway};

static void load_gateway(struct boot *b, const struct sw_yaml *entry)
{
    struct sw_gateway *gw = &b->g->at[b->g->n];
    size_t errors = b->l.diag->errors;

    if (!check_gateway_name(b, entry) || !sw_load_is_map(&b->l, entry))
        return;
    if (!sw_keys_read(&gateway_keys, entry, NULL, b->l.diag))
        return;
    gw->name = sw_arena_str(&b->g->arena, entry->key);
    gw->profile = find_profile(b, sw_yaml_get(entry, "profile"));
    if (gw->profile == NULL)
        return;
    read_values(b, entry, gw);
    read_limits(b, entry, gw);
    if (b->l.diag->errors > errors)
        return;
    check_paths(b, entry, gw);
    try_request(b, entry, gw);
    b->g->n++;
}

struct sw_gateways *sw_gateways_load(const struct sw_yaml *config, const char *profiles,
                                     struct sw_diag *diag)
{
    struct sw_gateways *g = sw_calloc(1, sizeof(*g));
    struct boot b = {.g = g, .folder = profiles};
    size_t errors = diag->errors;

    b.l = (struct loader){.keep = &g->arena, .diag = diag, .patterns = &g->patterns};
    config = config == NULL ? NULL : without_text(&diag->arena, config);
    if (config != NULL && sw_load_is_map(&b.l, config)) {
        g->at = SW_ARENA_ARRAY(&g->arena, struct sw_gateway, config->count);
        for (const struct sw_yaml *entry = config->first; entry != NULL; entry = entry->next)
            load_gateway(&b, entry);
    }
    if (diag->errors == errors)
        return g;
    sw_gateways_free(g);
    return NULL;
}

void sw_gateways_free(struct sw_gateways *g)
{
    if (g == NULL)
        return;
    while (g->patterns != NULL) {
        struct pattern *p = g->patterns;

        g->patterns = p->next;
        regfree(&p->compiled);
        free(p);
    }
    sw_arena_free(&g->arena);
    free(g);
}

/* ---- what a gateway is ---- */

const struct sw_gateway *sw_gateway_find(const struct sw_gateways *g, struct sw_str name)
{
    for (size_t i = 0; i < g->n; i++) {
        if (sw_str_eq(g->at[i].name, name))
            return &g->at[i];
    }
    return NULL;
}

size_t sw_gateways_count(const struct sw_gateways *g)
{
    return g->n;
}

const struct sw_gateway *sw_gateway_at(const struct sw_gateways *g, size_t i)
{
    return &g->at[i];
}

struct sw_str sw_gateway_name(const struct sw_gateway *gw)
{
    return gw->name;
}

bool sw_gateway_is_sms(const struct sw_gateway *gw)
{
    return gw->profile->is_sms;
}

uint32_t sw_gateway_concurrency(const struct sw_gateway *gw)
{
    return gw->concurrency;
}

const struct sw_rate *sw_gateway_rates(const struct sw_gateway *gw, size_t *n)
{
    *n = gw->n_rates;
    return gw->rates;
}

sw_time sw_gateway_backoff(const struct sw_gateway *gw, uint32_t attempt)
{
    const struct retry *r = &gw->profile->retry;

    return r->delays[attempt < r->n ? attempt : r->n - 1];
}

double sw_gateway_jitter(const struct sw_gateway *gw)
{
    return gw->profile->retry.jitter;
}

sw_time sw_gateway_timeout(const struct sw_gateway *gw)
{
    return gw->profile->request.timeout;
}
