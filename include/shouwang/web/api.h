/* api.h - what the daemon serves over HTTP: health, status, metrics, reload, and the gateways' way
 * back (receipts and replies).
 * Layer: web. */
#ifndef SHOUWANG_WEB_API_H
#define SHOUWANG_WEB_API_H

#include <shouwang/delivery/outbox.h>
#include <shouwang/intake/doors.h>
#include <shouwang/store/part.h>
#include <shouwang/web/httpd.h>

/* Everything is the caller's and must outlive the server; router, sub may be NULL. */
struct sw_api {
    struct sw_part *part;
    struct sw_outbox *outbox;
    const struct sw_gateways *gateways;
    const struct sw_router *router;
    struct sw_sub *const *subs;
    size_t n_subs;
    sw_time started;
    /* Load the rule files anew; true when they are active (or were already). `text` gets what to
     * tell: the findings, or which rules are active. */
    bool (*reload)(void *ctx, struct sw_buf *text);
    void *ctx;
    bool last_reload_good;
    sw_time last_reload;
};

struct sw_api_state;

/*   GET  /-/healthy /-/ready          200, or 503 and why
 *   POST /-/reload                    200, or 422 and the findings; loopback only
 *   GET  /api/v1/status               JSON
 *   GET  /api/v1/explain?household=ID&at=DATE&rule=NAME   JSON; loopback only. 400, 404 and why
 *   GET  /api/v1/parked               JSON; loopback only
 *   GET  /api/v1/mismatches           JSON; loopback only. With person=ID: who that is, or 404
 *   GET  /metrics                     OpenMetrics text
 *   *    /in/…                        receipts and replies, by the gateways' profiles */
struct sw_api_state *sw_api_install(struct sw_httpd *h, struct sw_api *api);
void sw_api_free(struct sw_api_state *s);

/* The status document, also for tests. */
void sw_api_status(const struct sw_api *api, sw_time now, struct sw_buf *out);

#endif
