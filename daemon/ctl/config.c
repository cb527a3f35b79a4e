/* config.c - the configuration file. One table of keys per map; each key knows how it is read. */
#include "config.h"
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

enum kind { PATH, TEXT, NUMBER, SWITCH, SECTION };

struct key {
    const char *name;
    enum kind kind;
    size_t offset; /* in struct sw_config */
    int64_t lo, hi;
    bool required;
};

#define AT(field) offsetof(struct sw_config, field)

static const struct key top_keys[] = {
    {.name = "data", .kind = PATH, .offset = AT(data), .required = true},
    {.name = "rules", .kind = PATH, .offset = AT(rules), .required = true},
    {.name = "profiles", .kind = PATH, .offset = AT(profiles)},
    {.name = "log", .kind = SECTION},
    {.name = "intake", .kind = SECTION},
    {.name = "http", .kind = SECTION},
    {.name = "delivery", .kind = SECTION},
    {.name = "gateways", .kind = SECTION},
};

static const struct key intake_keys[] = {
    {.name = "router", .kind = SECTION},
    {.name = "sub", .kind = SECTION},
    {.name = "credit", .kind = NUMBER, .offset = AT(credit), .lo = 100, .hi = 1000000},
    {.name = "allow_remote", .kind = SWITCH, .offset = AT(allow_remote)},
};

static const struct key http_keys[] = {
    {.name = "listen", .kind = TEXT, .offset = AT(http)},
    {.name = "connections", .kind = NUMBER, .offset = AT(http_connections), .lo = 1, .hi = 10000},
};

static const struct key delivery_keys[] = {
    {.name = "ca_file", .kind = PATH, .offset = AT(ca_file)},
};

static const struct key log_keys[] = {{.name = "level", .kind = SECTION}};

struct loader {
    struct sw_config *c;
    struct sw_diag *diag;
};

/* A path as the program can use it: relative ones begin at the configuration's folder. */
static const char *resolve(struct loader *l, struct sw_str path)
{
    struct sw_buf full = {0};
    const char *copy;

    sw_file_beside(l->c->path, path, &full);
    copy = sw_arena_str(&l->c->arena, sw_buf_view(&full)).p;
    sw_buf_free(&full);
    return copy;
}

static void read_key(struct loader *l, const struct key *k, const struct sw_yaml *y)
{
    void *field = (char *)l->c + k->offset;
    struct sw_str text;

    switch (k->kind) {
    case PATH:
        if (sw_yaml_text(y, &text, l->diag) && text.n > 0)
            *(const char **)field = resolve(l, text);
        break;
    case TEXT: sw_yaml_text(y, field, l->diag); break;
    case NUMBER: sw_yaml_int(y, k->lo, k->hi, field, l->diag); break;
    case SWITCH: sw_yaml_bool(y, field, l->diag); break;
    case SECTION: break;
    }
}

static void read_map(struct loader *l, const struct sw_yaml *map, const struct key *keys, size_t n)
{
    const char *names[16];

    if (map == NULL)
        return;
    if (map->kind != SW_YMAP) {
        sw_diag_add(l->diag, SW_ERROR, map->at, _("%.*s: expected a map of keys and values"),
                    SW_STR_ARG(map->key));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const struct sw_yaml *y = sw_yaml_get(map, keys[i].name);

        names[i] = keys[i].name;
        if (y != NULL)
            read_key(l, &keys[i], y);
        else if (keys[i].required)
            sw_diag_add(l->diag, SW_ERROR, map->at, _("the key %s is missing"), keys[i].name);
    }
    sw_yaml_only(map, names, n, l->diag);
}

static bool is_local(struct sw_str endpoint)
{
    static const char *const local[] = {"tcp://127.", "tcp://localhost:", "tcp://[::1]:", "ipc://",
                                        "inproc://"};

    for (size_t i = 0; i < SW_COUNTOF(local); i++) {
        if (sw_str_starts(endpoint, sw_str(local[i])))
            return true;
    }
    return false;
}

static void read_routers(struct loader *l, const struct sw_yaml *list)
{
    if (list == NULL)
        return;
    if (list->kind != SW_YLIST || list->count > SW_CONFIG_ENDPOINTS) {
        sw_diag_add(l->diag, SW_ERROR, list->at,
                    _("router: expected a list of at most %d addresses"), SW_CONFIG_ENDPOINTS);
        return;
    }
    for (const struct sw_yaml *y = list->first; y != NULL; y = y->next) {
        struct sw_str text;

        if (!sw_yaml_text(y, &text, l->diag))
            continue;
        if (!is_local(text) && !l->c->allow_remote)
            sw_diag_add(l->diag, SW_ERROR, y->at,
                        _("%.*s can be reached from other machines and nothing is encrypted or "
                          "checked there; if that is wanted, set intake: allow_remote: true"),
                        SW_STR_ARG(text));
        l->c->router[l->c->n_routers++] = text.p;
    }
}

static void read_sub(struct loader *l, const struct sw_yaml *y)
{
    static const char *const keys[] = {"connect", "topics"};
    struct sw_config_sub *s = &l->c->sub[l->c->n_subs];
    const struct sw_yaml *connect = sw_yaml_get(y, "connect");
    const struct sw_yaml *topics = sw_yaml_get(y, "topics");
    struct sw_str text;

    if (connect == NULL || !sw_yaml_text(connect, &text, l->diag)) {
        sw_diag_add(l->diag, SW_ERROR, y->at,
                    _("a subscription is {connect: ADDRESS, topics: []}"));
        return;
    }
    sw_yaml_only(y, keys, SW_COUNTOF(keys), l->diag);
    s->connect = text.p;
    for (const struct sw_yaml *t = topics == NULL ? NULL : topics->first; t != NULL; t = t->next) {
        if (s->n_topics < SW_CONFIG_ENDPOINTS && sw_yaml_text(t, &text, l->diag))
            s->topic[s->n_topics++] = text.p;
    }
    l->c->n_subs++;
}

static void read_subs(struct loader *l, const struct sw_yaml *list)
{
    if (list == NULL)
        return;
    if (list->kind != SW_YLIST || list->count > SW_CONFIG_ENDPOINTS) {
        sw_diag_add(l->diag, SW_ERROR, list->at, _("sub: expected a list of at most %d entries"),
                    SW_CONFIG_ENDPOINTS);
        return;
    }
    for (const struct sw_yaml *y = list->first; y != NULL; y = y->next)
        read_sub(l, y);
}

static void read_level(struct loader *l, const struct sw_yaml *y)
{
    struct sw_str text;

    if (y == NULL || !sw_yaml_text(y, &text, l->diag))
        return;
    if (!sw_log_level_parse(text.p, &l->c->log_level))
        sw_diag_add(l->diag, SW_ERROR, y->at, _("level is debug, info, warn or error"));
}

static void read_all(struct loader *l, const struct sw_yaml *root)
{
    const struct sw_yaml *intake = sw_yaml_get(root, "intake");
    const struct sw_yaml *log = sw_yaml_get(root, "log");

    read_map(l, root, top_keys, SW_COUNTOF(top_keys));
    read_map(l, log, log_keys, SW_COUNTOF(log_keys));
    read_map(l, intake, intake_keys, SW_COUNTOF(intake_keys));
    read_map(l, sw_yaml_get(root, "http"), http_keys, SW_COUNTOF(http_keys));
    read_map(l, sw_yaml_get(root, "delivery"), delivery_keys, SW_COUNTOF(delivery_keys));
    read_level(l, sw_yaml_get(log, "level"));
    read_routers(l, sw_yaml_get(intake, "router"));
    read_subs(l, sw_yaml_get(intake, "sub"));
    l->c->gateways = sw_yaml_get(root, "gateways");
}

/* Paths that follow from others. */
static void derive(struct sw_config *c)
{
    c->database = sw_arena_printf(&c->arena, "%s/shouwang.db", c->data).p;
    c->snapshot = sw_arena_printf(&c->arena, "%s/shouwang.snapshot", c->data).p;
    if (c->profiles == NULL)
        c->profiles = sw_arena_printf(&c->arena, "%s/gateways", c->rules).p;
}

struct sw_config *sw_config_load(const char *path, struct sw_diag *diag)
{
    struct sw_config *c = sw_calloc(1, sizeof(*c));
    struct loader l = {c, diag};
    const struct sw_yaml *root;
    size_t errors = diag->errors;

    c->path = sw_arena_str(&c->arena, sw_str(path)).p;
    c->credit = 4000;
    c->http_connections = 100;
    c->log_level = SW_LOG_INFO;
    root = sw_yaml_load(&c->arena, path, diag);
    if (root != NULL)
        read_all(&l, root);
    if (diag->errors > errors) {
        sw_config_free(c);
        return NULL;
    }
    derive(c);
    return c;
}

void sw_config_free(struct sw_config *c)
{
    if (c == NULL)
        return;
    sw_arena_free(&c->arena);
    free(c);
}
