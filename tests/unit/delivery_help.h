/* delivery_help.h - what the tests of delivery and web share: gateways from texts, a loop that
 * ends, and a sender. */
#ifndef TESTS_UNIT_DELIVERY_HELP_H
#define TESTS_UNIT_DELIVERY_HELP_H

#include "../tap.h"
#include <ev.h>
#include <shouwang/delivery/gateway.h>
#include <shouwang/web/httpd.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of its own for profile files and secrets. */
static char help_folder[64];

static inline void help_begin(void)
{
    snprintf(help_folder, sizeof(help_folder), "/tmp/shouwang-test-XXXXXX");
    if (mkdtemp(help_folder) == NULL)
        abort();
}

static inline void help_write(const char *name, const char *text, mode_t mode)
{
    char path[160];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", help_folder, name);
    unlink(path);
    f = fopen(path, "w");
    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 || chmod(path, mode) != 0)
        abort();
}

static inline void help_remove(const char *name)
{
    char path[160];

    snprintf(path, sizeof(path), "%s/%s", help_folder, name);
    unlink(path);
}

static inline void help_end(void)
{
    if (rmdir(help_folder) != 0)
        note("left behind: %s", help_folder);
}

/* Gateways of a configuration's text; findings are appended to `out` when it is given. */
static inline struct sw_gateways *help_gateways(const char *config, const char *profiles,
                                                struct sw_buf *out)
{
    struct sw_arena arena = {0};
    struct sw_diag diag = {0};
    struct sw_yaml *y = sw_yaml_parse(&arena, SW_STR("shouwang.yaml"), sw_str(config), &diag);
    struct sw_gateways *g = y == NULL ? NULL : sw_gateways_load(y, profiles, &diag);

    if (out != NULL)
        sw_diag_format(&diag, out);
    else
        sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    sw_arena_free(&arena);
    return g;
}

/* Turns the loop until *done is true or `seconds` have passed; returns *done. */
static inline void help_tired(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)w;
    (void)events;
    ev_break(loop, EVBREAK_ONE);
}

static inline bool help_run(struct ev_loop *loop, const bool *done, double seconds)
{
    double until = ev_time() + seconds;

    while (!*done && ev_time() < until) {
        ev_timer tired;

        ev_timer_init(&tired, help_tired, 0.02, 0.);
        ev_timer_start(loop, &tired);
        ev_run(loop, EVRUN_ONCE);
        ev_timer_stop(loop, &tired);
    }
    return *done;
}

static inline void help_rest(struct ev_loop *loop, double seconds)
{
    bool never = false;

    help_run(loop, &never, seconds);
}

/* One request and its result. */
struct help_reply {
    bool done;
    struct sw_http_result result;
    char body[1024], error[256], retry_after[32];
};

static inline void help_done(void *ctx, const struct sw_http_result *r)
{
    struct help_reply *reply = ctx;

    reply->result = *r;
    snprintf(reply->body, sizeof(reply->body), "%.*s", SW_STR_ARG(r->body));
    snprintf(reply->retry_after, sizeof(reply->retry_after), "%.*s", SW_STR_ARG(r->retry_after));
    snprintf(reply->error, sizeof(reply->error), "%s", r->error == NULL ? "" : r->error);
    reply->done = true;
}

static inline struct help_reply help_fetch(struct ev_loop *loop, struct sw_http *http,
                                           const struct sw_http_request *r)
{
    struct help_reply reply = {0};

    sw_http_send(http, r, help_done, &reply);
    if (!help_run(loop, &reply.done, 10.))
        abort(); /* `reply` would be written to later */
    return reply;
}

#endif
