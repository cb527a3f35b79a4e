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

#define SW_HTTPD_BODY_MAX (1U << 20)

/* Everything in it is borrowed and valid until the handler returns. */
struct sw_http_incoming {
    struct sw_str method, path, query, body; /* path: decoded; query: raw, without '?' */
    struct sw_str content_type;
    bool from_loopback; /* the peer is this machine, and no proxy says it speaks for another */
};

typedef void (*sw_http_handler)(void *ctx, struct sw_exchange *x,
                                const struct sw_http_incoming *in);

/* `listen`: "127.0.0.1:7480", "[::1]:0"; port 0 takes a free one. At most `connections` at once,
 * bodies up to SW_HTTPD_BODY_MAX (413 otherwise), 30 s per request (504 when the handler has kept
 * it longer). SW_EINVALID: no address; SW_EBUSY: the port is taken; SW_EIO. */
enum sw_code sw_httpd_start(struct sw_httpd **out, struct ev_loop *loop, struct sw_str listen,
                            unsigned int connections, struct sw_err *err) SW_MUST_USE;
uint16_t sw_httpd_port(const struct sw_httpd *h);
/* Requests whose path equals `path`, or begins with it when it ends in '/'; the longest wins; the
 * method is the handler's business. Handlers answer at once or keep `x` and answer later. */
void sw_httpd_route(struct sw_httpd *h, const char *path, sw_http_handler handler, void *ctx);
/* A header of the request, empty when absent; valid until the handler returns. */
struct sw_str sw_exchange_get(const struct sw_exchange *x, const char *name);
/* A further header of the answer, before sw_exchange_answer(); copied. */
void sw_exchange_set(struct sw_exchange *x, const char *name, const char *value);
/* Exactly once per exchange, also when the client has gone or the server has been stopped
 * meanwhile; `body` is copied; `type` is a MIME type. Later than the handler is allowed, from any
 * place on the loop's thread. */
void sw_exchange_answer(struct sw_exchange *x, int status, const char *type, struct sw_str body);
/* Answers what is open with 503 and closes. Exchanges still kept stay valid for their one
 * sw_exchange_answer(). Never from inside a handler. */
void sw_httpd_stop(struct sw_httpd *h);

#endif
