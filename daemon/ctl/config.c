/* config.c - the configuration file. One table of keys per map; each key knows how it is read. */
#include "config.h"
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/delivery/gateway.h>
#include <stdlib.h>
#include <unistd.h>

#define KEY_NAME "shouwang.key"

static const struct sw_key any_text = {.kind = SW_KEY_TEXT};

static const char *const levels[] = {"debug", "info", "warn", "error", NULL}; /* sw_log_level */
static const struct sw_key log_keys[] = {
    {.name = "level",
     SW_INTO(struct sw_config, log_level),
     .kind = SW_KEY_WORD,
     .words = levels,
     .help = N_("lines below it are not written")},
};
static const struct sw_keys log_map = {SW_TABLE("log", log_keys)};

static const struct sw_key sub_keys[] = {
    {.name = "connect",
     .required = true,
     .help = N_("the address of the department's publisher, such as tcp://10.0.0.8:5556")},
    {.name = "topics",
     .kind = SW_KEY_LIST,
     .hi = SW_CONFIG_ENDPOINTS,
     .item = &any_text,
     .help = N_("only topics that begin like one of these; without any, all")},
};
static const struct sw_keys sub_map = {SW_TABLE("subscription", sub_keys)};
static const struct sw_key one_sub = {.kind = SW_KEY_MAP, .of = &sub_map};

static const struct sw_key intake_keys[] = {
    {.name = "router",
     .kind = SW_KEY_LIST,
     .hi = SW_CONFIG_ENDPOINTS,
     .item = &any_text,
     .help = N_("addresses where events are received and acknowledged")},
    {.name = "sub",
     .kind = SW_KEY_LIST,
     .hi = SW_CONFIG_ENDPOINTS,
     .item = &one_sub,
     .help = N_("publishers that we subscribe to, without acknowledgement")},
    {.name = "pub",
     .kind = SW_KEY_LIST,
     .hi = SW_CONFIG_ENDPOINTS,
     .item = &any_text,
     .help = N_("addresses where other systems may subscribe to where cases stand")},
    {.name = "credit",
     SW_INTO(struct sw_config, credit),
     .kind = SW_KEY_INT,
     .lo = 100,
     .hi = 1000000,
     .help = N_("events a publisher may have unanswered")},
    {.name = "allow_remote",
     SW_INTO(struct sw_config, allow_remote),
     .kind = SW_KEY_BOOL,
     .help = N_("true: other machines may connect, without encryption or password")},
};
static const struct sw_keys intake_map = {SW_TABLE("intake", intake_keys)};

static const struct sw_key http_keys[] = {
    {.name = "listen",
     SW_INTO(struct sw_config, http),
     .help = N_("address and port of status, metrics and gateways' calls; empty: none")},
    {.name = "connections",
     SW_INTO(struct sw_config, http_connections),
     .kind = SW_KEY_INT,
     .lo = 1,
     .hi = 10000,
     .help = N_("most connections at once")},
};
static const struct sw_keys http_map = {SW_TABLE("http", http_keys)};

static const struct sw_key delivery_keys[] = {
    {.name = "ca_file", .lo = 1, .help = N_("certificates to trust instead of the system's")},
};
static const struct sw_keys delivery_map = {SW_TABLE("delivery", delivery_keys)};

static const struct sw_key top_keys[] = {
    {.name = "data", .lo = 1, .required = true, .help = N_("folder of the database")},
    {.name = "key_file",
     .lo = 1,
     .help = N_("file with the key behind the tokens of numbers and names; else shouwang.key in "
                "the folder of the database. A systemd credential shouwang.key goes before both")},
    {.name = "rules", .lo = 1, .required = true, .help = N_("folder of the rule files")},
    {.name = "profiles",
     .lo = 1,
     .help = N_("folder of the gateways' profiles; else gateways in the folder of the rules")},
    {.name = "inbox",
     .lo = 1,
     .help = N_("folder where departments' tables are put, for shouwang import --watch")},
    {.name = "log", .kind = SW_KEY_MAP, .of = &log_map, .help = N_("the log")},
    {.name = "intake", .kind = SW_KEY_MAP, .of = &intake_map, .help = N_("where events come in")},
    {.name = "http", .kind = SW_KEY_MAP, .of = &http_map, .help = N_("the HTTP server")},
    {.name = "delivery",
     .kind = SW_KEY_MAP,
     .of = &delivery_map,
     .help = N_("how messages are sent")},
    {.name = "gateways",
     .kind = SW_KEY_MAP,
     .of = &sw_gateways_keys,
     .later = true,
     .help = N_("who sends messages: the one called sms sends text messages")},
};
const struct sw_keys sw_config_keys = {SW_TABLE("config", top_keys)};

struct loader {
    struct sw_config *c;
    struct sw_diag *diag;
};

/* A path as the program can use it: relative ones begin at the configuration's folder. NULL: not
 * given. */
static const char *path_at(struct loader *l, const struct sw_yaml *map, const char *key)
{
    const struct sw_yaml *y = sw_yaml_get(map, key);
    struct sw_buf full = {0};
    const char *copy;

    if (y == NULL || y->kind != SW_YSCALAR)
        return NULL;
    sw_file_beside(l->c->path, y->text, &full);
    copy = sw_arena_str(&l->c->arena, sw_buf_view(&full)).p;
    sw_buf_free(&full);
    return copy;
}

/* Entries of a list of texts, at most SW_CONFIG_ENDPOINTS. */
static size_t read_texts(const struct sw_yaml *list, const char **out)
{
    size_t n = 0;

    for (const struct sw_yaml *y = list == NULL ? NULL : list->first;
         y != NULL && n < SW_CONFIG_ENDPOINTS; y = y->next)
        out[n++] = y->text.p;
    return n;
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

static void check_bound(struct loader *l, const struct sw_yaml *list)
{
    for (const struct sw_yaml *y = list == NULL ? NULL : list->first; y != NULL; y = y->next) {
        if (!is_local(y->text) && !l->c->allow_remote)
            sw_diag_add(l->diag, SW_ERROR, y->at,
                        _("%.*s can be reached from other machines and nothing is encrypted or "
                          "checked there; if that is wanted, set intake: allow_remote: true"),
                        SW_STR_ARG(y->text));
    }
}

static void read_subs(struct loader *l, const struct sw_yaml *list)
{
    for (const struct sw_yaml *y = list == NULL ? NULL : list->first; y != NULL; y = y->next) {
        struct sw_config_sub *s = &l->c->sub[l->c->n_subs++];

        s->connect = sw_yaml_get(y, "connect")->text.p;
        s->n_topics = read_texts(sw_yaml_get(y, "topics"), s->topic);
    }
}

static void read_all(struct loader *l, struct sw_yaml *root)
{
    const struct sw_yaml *intake = sw_yaml_get(root, "intake");
    struct sw_yaml *gateways = sw_yaml_get(root, "gateways");

    if (gateways != NULL)
        gateways->at.text = (struct sw_str){NULL, 0}; /* its line may hold a secret */
    if (!sw_keys_read(&sw_config_keys, root, l->c, l->diag))
        return;
    l->c->data = path_at(l, root, "data");
    l->c->key_file = path_at(l, root, "key_file");
    l->c->rules = path_at(l, root, "rules");
    l->c->profiles = path_at(l, root, "profiles");
    l->c->inbox = path_at(l, root, "inbox");
    l->c->ca_file = path_at(l, sw_yaml_get(root, "delivery"), "ca_file");
    l->c->n_routers = read_texts(sw_yaml_get(intake, "router"), l->c->router);
    check_bound(l, sw_yaml_get(intake, "router"));
    l->c->n_pubs = read_texts(sw_yaml_get(intake, "pub"), l->c->pub);
    check_bound(l, sw_yaml_get(intake, "pub"));
    read_subs(l, sw_yaml_get(intake, "sub"));
    l->c->gateways = gateways;
}

/* What the service manager hands in by LoadCredential=; NULL: nothing. */
static const char *credential(struct sw_config *c, const char *name)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    const char *path = folder == NULL ? NULL : sw_arena_printf(&c->arena, "%s/%s", folder, name).p;

    return path != NULL && access(path, F_OK) == 0 ? path : NULL;
}

/* Paths that follow from others. */
static void derive(struct sw_config *c)
{
    c->database = sw_arena_printf(&c->arena, "%s/shouwang.db", c->data).p;
    c->snapshot = sw_arena_printf(&c->arena, "%s/shouwang.snapshot", c->data).p;
    if (credential(c, KEY_NAME) != NULL)
        c->key_file = credential(c, KEY_NAME);
    else if (c->key_file == NULL)
        c->key_file = sw_arena_printf(&c->arena, "%s/" KEY_NAME, c->data).p;
    if (c->profiles == NULL)
        c->profiles = sw_arena_printf(&c->arena, "%s/gateways", c->rules).p;
}

struct sw_config *sw_config_load(const char *path, struct sw_diag *diag)
{
    struct sw_config *c = sw_calloc(1, sizeof(*c));
    struct loader l = {c, diag};
    struct sw_yaml *root;
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
