/* config.h - the configuration file, for the daemon and the tool. Private to ctl and main.
 * Every key is checked; unknown ones are errors. An example with all keys: systemd/shouwang.yaml.
 */
#ifndef CTL_CONFIG_H
#define CTL_CONFIG_H

#include <shouwang/base/log.h>
#include <shouwang/base/yaml_keys.h>

#define SW_CONFIG_PATH "/etc/shouwang/shouwang.yaml"

enum { SW_CONFIG_ENDPOINTS = 16 };

struct sw_config_sub {
    const char *connect;
    const char *topic[SW_CONFIG_ENDPOINTS];
    size_t n_topics;
};

struct sw_config {
    struct sw_arena arena;
    const char *path;                /* of the file itself */
    const char *data;                /* folder of the database */
    const char *database, *snapshot; /* in that folder */
    const char *key_file;            /* of the database; in that folder unless said otherwise */
    const char *rules, *profiles;    /* folders */
    const char *inbox;               /* folder, NULL: none */
    enum sw_log_level log_level;
    const char *router[SW_CONFIG_ENDPOINTS];
    const char *pub[SW_CONFIG_ENDPOINTS];
    size_t n_routers, n_pubs;
    int64_t credit;
    bool allow_remote;
    struct sw_config_sub sub[SW_CONFIG_ENDPOINTS];
    size_t n_subs;
    struct sw_str http; /* address to listen on; empty: no HTTP */
    int64_t http_connections;
    const char *ca_file; /* NULL: the system's certificates */
    const struct sw_yaml *gateways;
};

extern const struct sw_keys sw_config_keys; /* what the file holds */

/* Relative paths are taken from the file's own folder. NULL when there is an error finding. */
struct sw_config *sw_config_load(const char *path, struct sw_diag *diag);
void sw_config_free(struct sw_config *c);

#endif
