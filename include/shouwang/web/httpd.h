/* httpd.h - the HTTP server on the loop.
 * Layer: web. The only file that knows libmicrohttpd. Loopback and trusted networks only: TLS and
 * slow strangers belong to a reverse proxy in front. */
#ifndef SHOUWANG_WEB_HTTPD_H
#define SHOUWANG_WEB_HTTPD_H

#include <shouwang/base/buf.h>
#include <shouwang/base/err.h>

struct ev_loop;
struct sw_httpd;
struct sw_exchange; /* one request and its answer to come */

struct sw_http_incoming {
    struct sw_str method, path, query, body; /* query: raw, without '?' */
    struct sw_str content_type;
    bool from_loopback;
};

/* `listen`: "127.0.0.1:7480", "[::1]:0"; port 0 takes a free one. At most `connections` at once,
 * bodies up to 1 MiB (413 otherwise), 30 s per request. */
enum sw_code sw_httpd_start(struct sw_httpd **out, struct ev_loop *loop, struct sw_str listen,
                            unsigned int connections, struct sw_err *err) SW_MUST_USE;
uint16_t sw_httpd_port(const struct sw_httpd *h);
/* Requests whose path equals `path`, or begins with it when it ends in '/'; the longest wins; the
 * method is the handler's business. Handlers answer at once or keep `x` and answer later. */
void sw_httpd_route(struct sw_httpd *h, const char *path,
                    void (*handler)(void *ctx, struct sw_exchange *x,
                                    const struct sw_http_incoming *in),
                    void *ctx);
/* Exactly once per exchange; `body` is copied; `type` is a MIME type. Later than the handler is
 * allowed, from any place on the loop's thread. */
void sw_exchange_answer(struct sw_exchange *x, int status, const char *type, struct sw_str body);
/* Answers what is open with 503 and closes. */
void sw_httpd_stop(struct sw_httpd *h);

#endif
