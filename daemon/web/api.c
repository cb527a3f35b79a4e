/* api.c - health, reload, and receipts and replies on their way to the part.
 *
 * A receipt or reply is answered only after it is committed: a gateway that gets no 2xx tells us
 * again. */
#include "api_parts.h"
#include <shouwang/base/mem.h>
#include <shouwang/base/url.h>
#include <stdlib.h>
#include <time.h>

enum { PARKED_SHOWN = 10000, OWNERLESS_SHOWN = 10000 };

/* An answer that waits for its commit. */
struct pending {
    struct pending *next; /* spare */
    uint32_t number;
    struct sw_exchange *exchange;
    int status;
    struct sw_buf body;
};

struct sw_api_state {
    struct sw_api *api;
    struct sw_source source;
    struct pending **pending;
    size_t n, cap;
    struct pending *spare;
    struct sw_ruleset *explained; /* the active rules with their parts; NULL until asked for */
};

static void answer_text(struct sw_exchange *x, int status, const char *text)
{
    sw_exchange_answer(x, status, "text/plain; charset=utf-8", sw_str(text));
}

static bool is_method(struct sw_exchange *x, const struct sw_http_incoming *in, const char *method)
{
    if (sw_str_is(in->method, method) ||
        (strcmp(method, "GET") == 0 && sw_str_is(in->method, "HEAD")))
        return true;
    sw_exchange_set(x, "Allow", method);
    answer_text(x, 405, "method not allowed\n");
    return false;
}

/* ---- health ------------------------------------------------------------------------------- */

static void on_healthy(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    (void)ctx;
    if (is_method(x, in, "GET"))
        answer_text(x, 200, "healthy\n");
}

static void on_ready(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_api_state *s = ctx;
    struct sw_part_counts counts;

    if (!is_method(x, in, "GET"))
        return;
    sw_part_count(s->api->part, &counts);
    if (counts.store_full)
        answer_text(x, 503, "the store cannot write\n");
    else
        answer_text(x, 200, "ready\n");
}

static void on_reload(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_api_state *s = ctx;
    struct sw_buf text = {0};

    if (!is_method(x, in, "POST"))
        return;
    if (!in->from_loopback) {
        answer_text(x, 403, "from this machine only\n");
        return;
    }
    if (s->api->reload(s->api->ctx, &text))
        sw_exchange_answer(x, 200, "text/plain; charset=utf-8", sw_buf_view(&text));
    else
        sw_exchange_answer(x, 422, "text/plain; charset=utf-8", sw_buf_view(&text));
    sw_buf_free(&text);
}

static sw_time wall_clock(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (sw_time)ts.tv_sec * SW_SECOND + ts.tv_nsec / 1000;
}

static void on_status(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_api_state *s = ctx;
    struct sw_buf out = {0};

    if (!is_method(x, in, "GET"))
        return;
    sw_api_status(s->api, wall_clock(), &out);
    sw_exchange_answer(x, 200, "application/json", sw_buf_view(&out));
    sw_buf_free(&out);
}

static void on_metrics(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_api_state *s = ctx;
    struct sw_buf out = {0};

    if (!is_method(x, in, "GET"))
        return;
    sw_api_metrics(s->api, &out);
    sw_exchange_answer(x, 200, "application/openmetrics-text; version=1.0.0; charset=utf-8",
                       sw_buf_view(&out));
    sw_buf_free(&out);
}

/* ---- receipts and replies ----------------------------------------------------------------- */

static struct pending *take_pending(struct sw_api_state *s)
{
    struct pending *p = s->spare;

    if (p != NULL) {
        s->spare = p->next;
        return p;
    }
    p = sw_calloc(1, sizeof(*p));
    p->number = (uint32_t)s->n;
    s->pending = sw_grow(s->pending, &s->cap, s->n + 1, sizeof(*s->pending));
    s->pending[s->n++] = p;
    return p;
}

static void give_back(struct sw_api_state *s, struct pending *p)
{
    sw_buf_clear(&p->body);
    p->exchange = NULL;
    p->next = s->spare;
    s->spare = p;
}

static void on_ack(void *ctx, uint64_t token, const struct sw_ack *a)
{
    struct sw_api_state *s = ctx;
    struct pending *p = s->pending[token];

    switch (a->kind) {
    case SW_ACK_STORED:
    case SW_ACK_REPEATED:
        sw_exchange_answer(p->exchange, p->status, "text/plain; charset=utf-8",
                           sw_buf_view(&p->body));
        break;
    case SW_ACK_REFUSED: answer_text(p->exchange, 400, "not understood\n"); break;
    case SW_ACK_LATER: answer_text(p->exchange, 503, "not now\n"); break;
    }
    give_back(s, p);
}

static void push(struct sw_api_state *s, struct sw_exchange *x, const struct sw_inbound *inbound)
{
    struct pending *p = take_pending(s);
    struct sw_offer offer = {
        .source = &s->source,
        .token = p->number,
        .kind = inbound->kind == SW_INBOUND_REPLY ? SW_IN_REPLY : SW_IN_FATE,
        .body = inbound->input,
    };

    p->exchange = x;
    p->status = inbound->status;
    sw_buf_str(&p->body, inbound->body);
    if (!sw_part_push(s->api->part, &offer)) {
        answer_text(x, 503, "not now\n");
        give_back(s, p);
    }
}

static void on_inbound(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_api_state *s = ctx;
    struct sw_arena arena = {0};
    struct sw_inbound_request request = {in->method, in->path, in->query, in->body,
                                         in->from_loopback};
    struct sw_inbound inbound;

    sw_gateways_inbound(s->api->gateways, &request, &arena, &inbound);
    switch (inbound.kind) {
    case SW_INBOUND_NONE: answer_text(x, 404, "no gateway listens here\n"); break;
    case SW_INBOUND_REFUSED:
        sw_exchange_answer(x, inbound.status, "text/plain; charset=utf-8", inbound.body);
        break;
    case SW_INBOUND_REPLY:
    case SW_INBOUND_FATE: push(s, x, &inbound); break;
    }
    sw_arena_free(&arena);
}

/* ---- installing --------------------------------------------------------------------------- */

static void on_explain(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_api_state *s = ctx;

    if (!is_method(x, in, "GET"))
        return;
    if (in->from_loopback) /* it tells about persons */
        sw_api_explain(s->api->part, &s->explained, x, in->query);
    else
        answer_text(x, 403, "from this machine only\n");
}

/* What tells about persons stays on this machine. */
static bool is_local(struct sw_exchange *x, const struct sw_http_incoming *in)
{
    if (!is_method(x, in, "GET"))
        return false;
    if (!in->from_loopback)
        answer_text(x, 403, "from this machine only\n");
    return in->from_loopback;
}

static void on_parked(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_api_state *s = ctx;
    struct sw_buf out = {0};

    if (!is_local(x, in))
        return;
    sw_engine_parked(sw_part_engine(s->api->part), PARKED_SHOWN, &out);
    sw_exchange_answer(x, 200, "application/json", sw_buf_view(&out));
    sw_buf_free(&out);
}

static void on_owners(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_api_state *s = ctx;
    struct sw_buf out = {0};

    if (!is_local(x, in))
        return;
    sw_engine_ownerless(sw_part_engine(s->api->part), OWNERLESS_SHOWN, &out);
    sw_exchange_answer(x, 200, "application/json", sw_buf_view(&out));
    sw_buf_free(&out);
}

static void on_phones(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_api_state *s = ctx;
    struct sw_buf out = {0};

    if (!is_local(x, in))
        return;
    sw_engine_bad_phones(sw_part_engine(s->api->part), &out);
    sw_exchange_answer(x, 200, "application/json", sw_buf_view(&out));
    sw_buf_free(&out);
}

/* Whom events are about of which it is not certain; or, asked with person=ID, who that is. */
static void on_mismatches(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_api_state *s = ctx;
    const struct sw_engine *e = sw_part_engine(s->api->part);
    struct sw_arena arena = {0};
    struct sw_buf person = {0};
    struct sw_buf out = {0};
    bool found = true;

    if (!is_local(x, in))
        return;
    if (sw_query_get(in->query, "person", &person))
        found = sw_engine_person(e, sw_part_veil(s->api->part, sw_buf_view(&person), &arena), &out);
    else
        sw_engine_mismatches(e, &out);
    if (found)
        sw_exchange_answer(x, 200, "application/json", sw_buf_view(&out));
    else
        answer_text(x, 404, "no such person\n");
    sw_buf_free(&person);
    sw_buf_free(&out);
    sw_arena_free(&arena);
}

/* GET /api/v1/areas?code=BEGINNING: the other codes of those places. */
static void on_areas(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_api_state *s = ctx;
    struct sw_buf code = {0};
    struct sw_buf out = {0};

    if (!is_method(x, in, "GET"))
        return;
    sw_query_get(in->query, "code", &code);
    sw_engine_area_codes(sw_part_engine(s->api->part), sw_buf_view(&code), &out);
    sw_exchange_answer(x, 200, "application/json", sw_buf_view(&out));
    sw_buf_free(&code);
    sw_buf_free(&out);
}

/* Storms name rules, silences places and households, a preview the households themselves. */
static void on_quiet(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_api_state *s = ctx;
    const struct sw_engine *e = sw_part_engine(s->api->part);

    if (!is_method(x, in, "GET"))
        return;
    if (!in->from_loopback)
        answer_text(x, 403, "from this machine only\n");
    else if (sw_str_is(in->path, "/api/v1/storms"))
        sw_api_storms(e, x);
    else if (sw_str_is(in->path, "/api/v1/silences"))
        sw_api_silences(e, x);
    else
        sw_api_silence_preview(e, x, in->query);
}

static const struct {
    const char *path;
    sw_http_handler handler;
} routes[] = {
    {"/api/v1/parked", on_parked},
    {"/api/v1/owners", on_owners},
    {"/api/v1/phones", on_phones},
    {"/api/v1/mismatches", on_mismatches},
    {"/api/v1/areas", on_areas},
    {"/api/v1/storms", on_quiet},
    {"/api/v1/silences", on_quiet},
    {"/api/v1/silences/preview", on_quiet},

    {"/-/healthy", on_healthy},
    {"/-/ready", on_ready},
    {"/-/reload", on_reload},
    {"/api/v1/status", on_status},
    {"/api/v1/explain", on_explain},
    {"/metrics", on_metrics},
    {"/in/", on_inbound},
};

struct sw_api_state *sw_api_install(struct sw_httpd *h, struct sw_api *api)
{
    struct sw_api_state *s = sw_calloc(1, sizeof(*s));

    s->api = api;
    s->source = (struct sw_source){"http", s, on_ack, NULL};
    for (size_t i = 0; i < SW_COUNTOF(routes); i++)
        sw_httpd_route(h, routes[i].path, routes[i].handler, s);
    return s;
}

void sw_api_free(struct sw_api_state *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n; i++) {
        sw_buf_free(&s->pending[i]->body);
        free(s->pending[i]);
    }
    free(s->pending);
    sw_ruleset_free(s->explained);
    free(s);
}
