/* http.h - requests out, many at a time, on the loop.
 * Layer: delivery. The only file that knows libcurl. */
#ifndef SHOUWANG_DELIVERY_HTTP_H
#define SHOUWANG_DELIVERY_HTTP_H

#include <shouwang/base/buf.h>
#include <shouwang/base/err.h>

struct ev_loop;
struct sw_http;

struct sw_http_header {
    struct sw_str name, value; /* no control characters: the request is refused (not sent) else */
};

struct sw_http_request {
    struct sw_str method, url, body;
    const struct sw_http_header *headers;
    size_t n_headers;
    sw_time connect_timeout, timeout; /* 0: 5 s, 20 s; timeout is over all, connecting included */
    size_t answer_max;                /* bytes of the answer to keep; 0: SW_HTTP_ANSWER_MAX */
};

enum sw_http_end {
    SW_HTTP_ANSWERED, /* there is a status */
    SW_HTTP_NOT_SENT, /* name, connection, TLS: the request never left */
    SW_HTTP_UNKNOWN   /* it left and no (whole) answer came */
};

#define SW_HTTP_ANSWER_MAX (64U << 10)

struct sw_http_result {
    enum sw_http_end end;
    int status;
    struct sw_str body;        /* the first answer_max bytes of it */
    struct sw_str retry_after; /* in seconds, whichever form the header had; empty: none */
    const char *error;         /* in words when not answered, else NULL */
    sw_time took;
};

typedef void (*sw_http_done)(void *ctx, const struct sw_http_result *result);

/* `ca_file`: trusted certificates instead of the system's, NULL: the system's. */
struct sw_http *sw_http_new(struct ev_loop *loop, const char *ca_file);
/* `done` is called once, later, never from inside this call. Everything in `r` is copied. Only
 * http and https; redirects are not followed; no proxy; connections are kept and used again. */
void sw_http_send(struct sw_http *h, const struct sw_http_request *r, sw_http_done done, void *ctx);
size_t sw_http_active(const struct sw_http *h);
/* Requests under way end as SW_HTTP_UNKNOWN, told from inside this call; `done` must not send then.
 * Not from inside `done`. */
void sw_http_free(struct sw_http *h);

#endif
