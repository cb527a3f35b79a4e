/* gateway.h - gateways described by YAML profiles, run by one evaluator: no gateway has code.
 * Layer: delivery. Pure apart from reading the profile files: building a request and judging an
 * answer neither send nor wait.
 *
 * A profile (rules/gateways/kannel.yaml …) says what goes into a request, how it is signed, which
 * answers mean what, and what the gateway sends back to us (receipts, replies). A gateway is a
 * profile with a name, parameters and secrets from the configuration. */
#ifndef SHOUWANG_DELIVERY_GATEWAY_H
#define SHOUWANG_DELIVERY_GATEWAY_H

#include <shouwang/base/diag.h>
#include <shouwang/base/yaml_keys.h>
#include <shouwang/delivery/http.h>
#include <shouwang/store/backend.h>

struct sw_gateways; /* all configured ones; immutable */
struct sw_gateway;

extern const struct sw_keys sw_gateways_keys; /* what the map `gateways:` holds */

/* `config` is the map `gateways:` of the daemon's configuration (NULL: no gateways):
 *
 *     sms:    {profile: kannel, params: {base: "http://127.0.0.1:13013"},
 *              secrets: {password_file: /run/credentials/…}}
 *     county: {profile: standard-webhooks, params: {url: "https://…"},
 *              secrets: {secret_file: …}, concurrency: 16, rate: [{count: 10, window_s: 1}]}
 *
 * `profiles` is the folder of the profile files. Everything that can be wrong with a gateway before
 * its first message is found here, a request is built for trial too. Findings never show a secret,
 * nor the line it stands in. NULL when there is an error finding. `config` is not needed
 * afterwards. */
struct sw_gateways *sw_gateways_load(const struct sw_yaml *config, const char *profiles,
                                     struct sw_diag *diag);
void sw_gateways_free(struct sw_gateways *g);
/* NULL: no gateway of that name. */
const struct sw_gateway *sw_gateway_find(const struct sw_gateways *g, struct sw_str name);
size_t sw_gateways_count(const struct sw_gateways *g);
const struct sw_gateway *sw_gateway_at(const struct sw_gateways *g, size_t i);
struct sw_str sw_gateway_name(const struct sw_gateway *gw);
bool sw_gateway_is_sms(const struct sw_gateway *gw);          /* else a webhook */
uint32_t sw_gateway_concurrency(const struct sw_gateway *gw); /* requests under way at once */

/* At most `count` requests begin within any `window` µs. */
struct sw_rate {
    uint32_t count;
    sw_time window;
};
#define SW_RATES_MAX 4
const struct sw_rate *sw_gateway_rates(const struct sw_gateway *gw, size_t *n);

/* What may differ from attempt to attempt; given so that tests can repeat a signature. */
struct sw_attempt {
    sw_time now;
    unsigned char random[16];
};

/* The request that carries `m`. Strings are in `arena`, or the message's or gateway's. SW_EINVALID:
 * the profile cannot carry this message (no phone, text too long): final. Secrets, numbers and
 * texts never appear in *err. */
enum sw_code sw_gateway_request(const struct sw_gateway *gw, const struct sw_message_row *m,
                                const struct sw_attempt *attempt, struct sw_arena *arena,
                                struct sw_http_request *out, struct sw_err *err);

enum sw_answer {
    SW_ANSWER_ACCEPTED,
    SW_ANSWER_RETRY,        /* later, with backoff, not before `wait` */
    SW_ANSWER_RATE_LIMITED, /* the whole gateway waits `wait` */
    SW_ANSWER_PERMANENT,    /* this message never */
    SW_ANSWER_DISABLED      /* the gateway is out of order until somebody mends it */
};

/* What an answer means; *wait (µs, 0: none given, at most an hour; always set when rate limited)
 * and *detail (in `arena`, for people and the queue list, without secrets and numbers) are set. */
enum sw_answer sw_gateway_judge(const struct sw_gateway *gw, const struct sw_http_result *result,
                                struct sw_arena *arena, sw_time *wait, struct sw_str *detail);
/* Delay before attempt number `attempt` (1 = the first repeat), without jitter. */
sw_time sw_gateway_backoff(const struct sw_gateway *gw, uint32_t attempt);
/* How far jitter may move that delay to either side: 0.2 = a fifth. */
double sw_gateway_jitter(const struct sw_gateway *gw);
/* The longest a request may take, connecting included. */
sw_time sw_gateway_timeout(const struct sw_gateway *gw);

/* Something a gateway tells us over HTTP. Its paths all begin with "/in/". */
struct sw_inbound_request {
    struct sw_str method, path, query, body; /* query: raw, without '?' */
    bool from_loopback;
};

enum sw_inbound_kind {
    SW_INBOUND_NONE,    /* no gateway listens on this path: answer 404 */
    SW_INBOUND_REFUSED, /* guard or format: answer `status` */
    SW_INBOUND_REPLY,   /* `input` is the body of an SW_IN_REPLY */
    SW_INBOUND_FATE     /* `input` is the body of an SW_IN_FATE */
};

struct sw_inbound {
    enum sw_inbound_kind kind;
    struct sw_str input; /* JSON */
    int status;          /* what to answer, once the input is committed */
    struct sw_str body;
};
void sw_gateways_inbound(const struct sw_gateways *g, const struct sw_inbound_request *r,
                         struct sw_arena *arena, struct sw_inbound *out);

#endif
