/* What answers mean: success has to be shown, unknown is never success, and nothing that is told
 * to people holds a secret or a number. */
#include "delivery_help.h"

static const char *const robot =
    "profile: robot\n"
    "version: 1\n"
    "kind: webhook\n"
    "secrets: [key]\n"
    "params: {base: \"http://127.0.0.1:9\"}\n"
    "input: {event: required}\n"
    "request: {method: POST, url: \"${base}/send\", query: {key: \"${key}\"}, "
    "body: {json_value: event}}\n"
    "response:\n"
    "  success: {status: 200, all: [{path: \"$.errcode\", eq: 0}], none: [{path: $.warn, exists: "
    "true}]}\n"
    "  code: \"$.errcode\"\n"
    "  classes:\n"
    "    rate_limited: [{code: [45009]}, {path: \"$.status\", eq: 1111, wait_s: 600}, "
    "{code: [7], match: \"per minute\", wait_s: 60}, {code: [7], wait_s: 3600}]\n"
    "    retry:        [{code: [-1, 6000]}, {status: [500, 502]}, timeout, empty_body]\n"
    "    clock:        [{code: [310000], match: \"timestamp\"}]\n"
    "    renonce:      [{code: [4]}]\n"
    "    disabled:     [{code: [310000, 93000]}, {path: \"$.list[1].n\", in: [5, \"6\"]}]\n"
    "    permanent:    [{code: [\"000404\", 40008]}]\n"
    "    default: permanent\n"
    "limits: {rate: [{count: 20, window_s: 60, cooldown_s: 300}]}\n"
    "receipts: none\n"
    "inbound: none\n";

enum { A = SW_ANSWER_ACCEPTED, R = SW_ANSWER_RETRY, L = SW_ANSWER_RATE_LIMITED };
enum { P = SW_ANSWER_PERMANENT, D = SW_ANSWER_DISABLED };

struct row {
    int status; /* 0: not sent, -1: unknown */
    const char *body, *retry_after;
    int want;
    int64_t wait; /* seconds */
    const char *detail;
};

static void judge(const struct sw_gateway *gw, const struct row *row)
{
    struct sw_arena arena = {0};
    struct sw_http_result r = {
        .end = row->status > 0 ? SW_HTTP_ANSWERED
                               : (row->status == 0 ? SW_HTTP_NOT_SENT : SW_HTTP_UNKNOWN),
        .status = row->status > 0 ? row->status : 0,
        .body = sw_str(row->status > 0 ? row->body : NULL),
        .retry_after = sw_str(row->retry_after),
        .error = row->status > 0 ? NULL : row->body,
    };
    struct sw_str detail;
    sw_time wait;

    is_int_named(sw_gateway_judge(gw, &r, &arena, &wait, &detail), row->want, row->body);
    is_int_named(wait, row->wait * SW_SECOND, "wait");
    is_str_named(detail, row->detail, "detail");
    sw_arena_free(&arena);
}

static void test_robot(void)
{
    static const struct row rows[] = {
        {200, "{\"errcode\":0,\"errmsg\":\"ok\"}", NULL, A, 0, "HTTP 200, code 0"},
        {200, "{\"errcode\":\"0\"}", NULL, P, 0, "HTTP 200, code 0"},
        {200, "{\"errcode\":0,\"warn\":1}", NULL, P, 0, "HTTP 200, code 0"},
        {200, "{}", NULL, P, 0, "HTTP 200"},
        {200, "", NULL, R, 0, "HTTP 200"},
        {200, "ok", NULL, P, 0, "HTTP 200"},
        {200, "<html>captive portal</html>", NULL, P, 0, "HTTP 200"},
        {200, "{\"errcode\":0", NULL, P, 0, "HTTP 200"},
        {200, "[{\"errcode\":0}]", NULL, P, 0, "HTTP 200"},
        {200, "{\"errcode\":null}", NULL, P, 0, "HTTP 200"},
        {200, "{\"errcode\":false}", NULL, P, 0, "HTTP 200"},
        {200, "{\"errcode\":{\"errcode\":0}}", NULL, P, 0, "HTTP 200"},
        {201, "{\"errcode\":0}", NULL, P, 0, "HTTP 201, code 0"},
        {301, "{\"errcode\":0}", NULL, P, 0, "HTTP 301, code 0"},
        {500, "{\"errcode\":0}", NULL, R, 0, "HTTP 500, code 0"},
        {503, "", "17", R, 17, "HTTP 503"},
        {200, "{\"errcode\":45009}", NULL, L, 300, "HTTP 200, code 45009"},
        {200, "{\"errcode\":45009}", "5", L, 5, "HTTP 200, code 45009"},
        {200, "{\"errcode\":45009}", "9999999", L, 3600, "HTTP 200, code 45009"},
        {200, "{\"errcode\":45009}", "x", L, 300, "HTTP 200, code 45009"},
        {200, "{\"status\":1111,\"wait\":5,\"punish\":\"deny\"}", NULL, L, 600, "HTTP 200"},
        {200, "{\"errcode\":7,\"m\":\"5 per minute\"}", NULL, L, 60, "HTTP 200, code 7"},
        {200, "{\"errcode\":7,\"m\":\"a day\"}", NULL, L, 3600, "HTTP 200, code 7"},
        {200, "{\"errcode\":-1}", NULL, R, 0, "HTTP 200, code -1"},
        {200, "{\"errcode\":310000,\"m\":\"invalid timestamp\"}", NULL, D, 0,
         "HTTP 200, code 310000"},
        {200, "{\"errcode\":310000,\"m\":\"sign not match\"}", "9", D, 0, "HTTP 200, code 310000"},
        {200, "{\"errcode\":4}", NULL, R, 0, "HTTP 200, code 4"},
        {200, "{\"list\":[{\"n\":5},{\"n\":5}]}", NULL, D, 0, "HTTP 200"},
        {200, "{\"list\":[{\"n\":5},{\"n\":6}]}", NULL, P, 0, "HTTP 200"},
        {200, "{\"list\":[{\"n\":5}]}", NULL, P, 0, "HTTP 200"},
        {200, "{\"errcode\":\"000404\"}", NULL, P, 0, "HTTP 200, code 000404"},
        {200, "{\"errcode\":123456}", NULL, P, 0, "HTTP 200, code 123456"},
        {0, "Couldn't connect to server", NULL, R, 0, "Couldn't connect to server"},
        {-1, "Empty reply from server", NULL, R, 0, "Empty reply from server"},
        /* What a gateway says back may be anything, the secret and a number included. */
        {200, "{\"errcode\":\"bad key hunter2-hunter2 of 13800138000\"}", NULL, P, 0,
         "HTTP 200, code bad key <secret> of <number>"},
        {200, "{\"errcode\":\"a\\nb\\u0007\"}", NULL, P, 0, "HTTP 200, code a b "},
        {0, "cannot reach http://x/?key=hunter2-hunter2", NULL, R, 0,
         "cannot reach http://x/?key=<secret>"},
    };
    struct sw_gateways *g;

    help_write("robot.yaml", robot, 0644);
    g = help_gateways("r: {profile: robot, secrets: {key: hunter2-hunter2}}\n", help_folder, NULL);
    ok(g != NULL);
    for (size_t i = 0; i < SW_COUNTOF(rows) && g != NULL; i++)
        judge(sw_gateway_at(g, 0), &rows[i]);
    sw_gateways_free(g);
    help_remove("robot.yaml");
}

static void test_kannel(void)
{
    static const struct row rows[] = {
        {202, "0: Accepted for delivery", NULL, A, 0, "HTTP 202, code 0"},
        {202, "3: Queued for later delivery", NULL, A, 0, "HTTP 202, code 3"},
        {202, "", NULL, R, 0, "HTTP 202"},
        {202, "10: something", NULL, P, 0, "HTTP 202, code 10"},
        {202, "Accepted", NULL, P, 0, "HTTP 202"},
        {200, "0: Accepted for delivery", NULL, P, 0, "HTTP 200, code 0"},
        {403, "Authorization failed for sendsms", NULL, D, 0, "HTTP 403"},
        {404, "Not found", NULL, D, 0, "HTTP 404"},
        {400, "Missing receiver number, rejected", NULL, P, 0, "HTTP 400"},
        {503, "Temporal failure, try again later.", NULL, R, 0, "HTTP 503"},
        {0, "refused", NULL, R, 0, "refused"},
        {-1, "timed out", NULL, R, 0, "timed out"},
    };
    struct sw_gateways *g = help_gateways("k: {profile: kannel, secrets: {password: hunter2}}\n",
                                          "rules/gateways", NULL);

    for (size_t i = 0; i < SW_COUNTOF(rows); i++)
        judge(sw_gateway_at(g, 0), &rows[i]);
    sw_gateways_free(g);
}

static void test_webhook(void)
{
    static const struct row rows[] = {
        {200, "", NULL, A, 0, "HTTP 200"},          {204, "", NULL, A, 0, "HTTP 204"},
        {299, "whatever", NULL, A, 0, "HTTP 299"},  {302, "", NULL, R, 0, "HTTP 302"},
        {400, "", NULL, R, 0, "HTTP 400"},          {410, "", NULL, D, 0, "HTTP 410"},
        {429, "", NULL, L, 60, "HTTP 429"},         {429, "", "3", L, 3, "HTTP 429"},
        {503, "", "120", R, 120, "HTTP 503"},       {500, "", NULL, R, 0, "HTTP 500"},
        {-1, "timed out", NULL, R, 0, "timed out"},
    };
    struct sw_gateways *g = help_gateways("h: {profile: standard-webhooks, params: {url: "
                                          "\"http://x\"}, secrets: {secret: whsec_AAAA}}\n",
                                          "rules/gateways", NULL);

    for (size_t i = 0; i < SW_COUNTOF(rows); i++)
        judge(sw_gateway_at(g, 0), &rows[i]);
    sw_gateways_free(g);
}

int main(void)
{
    help_begin();
    test_robot();
    test_kannel();
    test_webhook();
    help_end();
    return done_testing();
}
