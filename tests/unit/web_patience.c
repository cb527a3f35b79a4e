/* A request whose handler never answers gets 504, and the handler's late answer harms nothing. */
#define PATIENCE 0.3
#include "../../daemon/web/httpd.c"

#include "delivery_help.h"

static struct sw_exchange *kept[2];
static size_t n_kept;

static void keep(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    (void)ctx;
    (void)in;
    kept[n_kept++] = x;
}

int main(void)
{
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct sw_http *http = sw_http_new(loop, NULL);
    struct help_reply replies[2] = {0};
    struct sw_httpd *httpd;
    struct sw_err err;
    char url[64];
    double began = ev_time();

    is_int(sw_httpd_start(&httpd, loop, SW_STR("127.0.0.1:0"), 10, &err), SW_OK);
    sw_httpd_route(httpd, "/late", keep, NULL);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/late", sw_httpd_port(httpd));
    for (size_t i = 0; i < 2; i++) {
        struct sw_http_request r = {.method = SW_STR("GET"), .url = sw_str(url)};

        sw_http_send(http, &r, help_done, &replies[i]);
    }
    ok(help_run(loop, &replies[0].done, 5.) && help_run(loop, &replies[1].done, 5.));
    is_int(replies[0].result.status, 504);
    is_int(replies[1].result.status, 504);
    ok(ev_time() - began >= 0.29);
    is_int(n_kept, 2);
    sw_exchange_answer(kept[0], 200, "text/plain", SW_STR("too late"));
    sw_httpd_stop(httpd);
    sw_exchange_answer(kept[1], 200, "text/plain", SW_STR("much too late"));
    sw_http_free(http);
    ev_loop_destroy(loop);
    return done_testing();
}
