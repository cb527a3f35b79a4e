/* Profiles: what is refused and where the finger points, what each primitive of `sign` yields, and
 * how a body is built. Values of signatures: RFC 4231, GB/T 32905, GM/T 0042, and openssl. */
#include "delivery_help.h"
#include <shouwang/base/crypt.h>

/* A profile with `middle` in its place. */
static const char *const head = "profile: p\n"
                                "version: 1\n"
                                "kind: webhook\n"
                                "secrets: {key: required, spare: optional}\n"
                                "params: {base: \"http://127.0.0.1:9\", alg: sha256, extra: "
                                "{optional: true}}\n"
                                "input: {event: required, msg_id: required}\n";
static const char *const request = "request:\n"
                                   "  method: POST\n"
                                   "  url: \"${base}/x\"\n";
static const char *const tail = "response:\n"
                                "  parse: none\n"
                                "  success: {status: 2xx}\n"
                                "  classes: {default: retry}\n"
                                "receipts: none\n"
                                "inbound: none\n";
static const char *const config = "gw: {profile: p, secrets: {key: Jefe}}\n";

static struct sw_gateways *load_parts(const char *sign, const char *how, const char *answer,
                                      struct sw_buf *out)
{
    struct sw_buf text = {0};
    struct sw_gateways *g;

    sw_buf_printf(&text, "%s%s%s%s", head, sign, how, answer);
    help_write("p.yaml", text.p, 0644);
    g = help_gateways(config, help_folder, out);
    sw_buf_free(&text);
    return g;
}

static const struct sw_message_row event = {
    .id = {"m-1", 3}, .body = {"{\"a\": \"守\"}", 12}, .gateway = {"gw", 2}};
static const struct sw_attempt attempt = {.now = INT64_C(1700000000123456),
                                          .random = {0x0f, 1, 2, 3, 4, 5, 6, 7, 8}};

/* ---- steps ---- */

static void test_primitives(void)
{
    static const struct {
        const char *step, *value;
    } rows[] = {
        {"{text: \"a${msg_id}$$${base}$\"}", "am-1$http://127.0.0.1:9$"},
        {"{now: unix_s}", "1700000000"},
        {"{now: unix_ms}", "1700000000123"},
        {"{now: \"%Y-%m-%dT%H:%M:%SZ\"}", "2023-11-14T22:13:20Z"},
        {"{random_hex: 8}", "0f01020304050607"},
        {"{join: [\"${msg_id}\", \"${spare}\", \"b\"], sep: \",\", prefix: \"+\"}", "+m-1,+b"},
        {"{json: event}", "{\"a\":\"守\"}"},
        {"{digest: md5, data: \"\", out: hex_lower}", "d41d8cd98f00b204e9800998ecf8427e"},
        {"{digest: sha1, data: abc, out: hex_lower}", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"{digest: sm3, data: abc, out: hex_lower}",
         "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
        {"{digest: \"${alg}\", data: {body: true}, out: base64}",
         "tYEuq+2uRN61zgK0um20jQ7pQHqLH8Sze2j7MVcq4lo="},
        {"{hmac: sha256, key: \"${key}\", data: \"what do ya want for nothing?\", out: hex_lower}",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"{hmac: sm3, key: \"${key}\", data: \"what do ya want for nothing?\", out: hex_lower}",
         "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882"},
        {"{base64: \"守\"}", "5a6I"},
        {"{text: {concat: [a, {ref: s1}, \"${s2}\"]}}", "ax1x2"},
    };

    for (size_t i = 0; i < SW_COUNTOF(rows); i++) {
        struct sw_buf sign = {0};
        struct sw_arena arena = {0};
        struct sw_http_request r = {.n_headers = 0};
        struct sw_gateways *g;

        sw_buf_printf(&sign, "sign:\n- s1: {text: x1}\n- v: %s\n- s2: {text: x2}\n", rows[i].step);
        g = load_parts(sign.p,
                       "request: {method: POST, url: \"${base}/x\", headers: {V: \"${v}\"}, "
                       "body: {json_value: event}}\n",
                       tail, NULL);
        ok(g != NULL &&
           sw_gateway_request(sw_gateway_at(g, 0), &event, &attempt, &arena, &r, NULL) == SW_OK);
        ok(r.n_headers == 1);
        if (r.n_headers == 1)
            is_str_named(r.headers[0].value, rows[i].value, rows[i].step);
        sw_buf_free(&sign);
        sw_arena_free(&arena);
        sw_gateways_free(g);
    }
}

/* Chained keys stay bytes, and the body may hold what is signed from elsewhere. */
static void test_chain(void)
{
    struct sw_arena arena = {0};
    struct sw_http_request r;
    struct sw_gateways *g = load_parts(
        "sign:\n"
        "- k1: {hmac: sha256, key: \"${key}\", data: \"20240101\", out: raw}\n"
        "- k2: {hmac: sha256, key: {ref: k1}, data: svc, out: raw}\n"
        "- raw: {base64_decode: \"AP8=\"}\n"
        "- sig: {hmac: sha256, key: {ref: k2}, data: {concat: [\"a\", {ref: raw}]}, "
        "out: hex_lower}\n",
        "request: {method: POST, url: \"${base}/h/${sig}?x=1\", query: {\"a b\": \"${sig}\", none: "
        "\"${extra}\"},\n"
        "  body: {wrap: base64, json: {s: \"${sig}\", n: 5, q: \"5\", t: true, z: null, l: [1, "
        "\"${spare}\", {value: event}], gone: \"${spare}\", o: {}}}}\n",
        tail, NULL);
    struct sw_buf decoded = {0};

    ok(g != NULL);
    is_int(sw_gateway_request(sw_gateway_at(g, 0), &event, &attempt, &arena, &r, NULL), SW_OK);
    is_str(r.url, "http://127.0.0.1:9/h/"
                  "3edad9d5270961df5cec926c419de920e87d9699df8b505d0e6150cac540f137?x=1&a%20b="
                  "3edad9d5270961df5cec926c419de920e87d9699df8b505d0e6150cac540f137");
    sw_base64_decode(&decoded, r.body);
    is_str(sw_buf_view(&decoded),
           "{\"s\":\"3edad9d5270961df5cec926c419de920e87d9699df8b505d0e6150cac540f137\",\"n\":5,"
           "\"q\":\"5\",\"t\":true,\"z\":null,\"l\":[1,{\"a\": \"守\"}],\"o\":{}}");
    sw_buf_free(&decoded);
    sw_arena_free(&arena);
    sw_gateways_free(g);
}

/* ---- findings ---- */

static void test_findings(void)
{
    static const struct {
        const char *sign, *how, *answer, *finding;
    } rows[] = {
        {"sign:\n- a: {text: \"${nope}\"}\n", NULL, NULL,
         "p.yaml:8:14: error: nothing is called nope; declare it under secrets, params, input or "
         "sign"},
        {"sign:\n- sig: {text: x}\n- b: {text: \"${sgi}\"}\n", NULL, NULL,
         "p.yaml:9:14: error: nothing is called sgi; did you mean sig?"},
        {"sign:\n- a: {text: \"${b}\"}\n- b: {text: \"${a}\"}\n", NULL, NULL,
         "p.yaml:8:3: error: a needs itself, in a circle"},
        {"sign:\n- a: {digest: md5, data: {body: true}, out: hex_lower}\n",
         "request: {method: POST, url: \"${base}\", body: {raw: \"${a}\"}}\n", NULL,
         "p.yaml:8:3: error: a needs itself, in a circle"},
        {"sign:\n- a: {digest: md4, data: x, out: hex_lower}\n", NULL, NULL,
         "p.yaml:8:15: error: \"md4\": expected one of md5, sha1, sha256, sm3"},
        {"sign:\n- a: {digest: md5, data: x}\n", NULL, NULL,
         "p.yaml:8:6: error: a: out is missing"},
        {"sign:\n- a: {hmac: md5, data: x, out: raw}\n", NULL, NULL,
         "p.yaml:8:6: error: a: key is missing"},
        {"sign:\n- a: {digest: md5, data: x, out: raw}\n- b: {text: \"x${a}\"}\n", NULL, NULL,
         "p.yaml:9:15: error: a is bytes, not text; use {ref: a}, or out: hex_lower"},
        {"sign:\n- a: {text: \"${event}\"}\n", NULL, NULL,
         "p.yaml:8:14: error: event is JSON; use a step {json: event}, or body: {json_value: "
         "event}"},
        {"sign:\n- a: {text: \"${b\"}\n", NULL, NULL,
         "p.yaml:8:14: error: ${ without }; for a dollar sign write $$"},
        {"sign:\n- a: {now: \"%Y-%j\"}\n", NULL, NULL,
         "p.yaml:8:16: error: now: after % only Y m d H M S (of UTC); or unix_s, unix_ms"},
        {"sign:\n- a: {text: x}\n- a: {text: y}\n", NULL, NULL,
         "p.yaml:9:3: error: a is declared twice"},
        {"sign:\n- key: {text: x}\n", NULL, NULL, "p.yaml:8:3: error: key is declared twice"},
        {"sign:\n- a: {canon_query: {a: b}}\n", NULL, NULL,
         "p.yaml:8:7: error: canon_query is not supported by this version"},
        {"sign:\n- a: {hmca: sha256}\n", NULL, NULL,
         "p.yaml:8:7: error: unknown key hmca; did you mean hmac?"},
        {"token: {request: {}}\n", NULL, NULL,
         "p.yaml:7:1: error: token is not supported by this version"},
        {"poll: {}\n", NULL, NULL, "p.yaml:7:1: error: poll is not supported by this version"},
        {"limits: {avoid: {}}\n", NULL, NULL,
         "p.yaml:7:10: error: avoid is not supported by this version"},
        {"limits: {rate: [{count: 0, window_s: 1}]}\n", NULL, NULL,
         "p.yaml:7:25: error: count: expected a whole number from 1 to 10000, got \"0\""},
        {"retry: {delays_s: [5]}\n", NULL, NULL,
         "p.yaml:7:19: error: delays_s: expected a list of 2 to 32 numbers of seconds, 0 first"},
        {"retry: {jitter: 2}\n", NULL, NULL,
         "p.yaml:7:17: error: jitter: expected a number from 0 to 0.5"},
        {"reqest: {}\n", NULL, NULL,
         "p.yaml:7:1: error: unknown key reqest; did you mean request?"},
        {"", "request: {method: GET, url: \"${base}\", heders: {}}\n", NULL,
         "p.yaml:7:40: error: unknown key heders; did you mean headers?"},
        {"", "request: {method: FETCH, url: \"${base}\"}\n", NULL,
         "p.yaml:7:19: error: \"FETCH\": expected one of GET, POST, PUT, PATCH"},
        {"", "request: {method: GET}\n", NULL,
         "p.yaml:7:10: error: request: method or url is missing"},
        {"", "request: {method: GET, url: \"${base}\", follow_redirects: true}\n", NULL,
         "p.yaml:7:58: error: redirects are never followed: a signed request belongs to one "
         "address"},
        {"", "request: {method: GET, url: \"${base}\", headers: {\"A B\": x}}\n", NULL,
         "p.yaml:7:50: error: A B is no name of a header"},
        {"", "request: {method: GET, url: \"${base}\", headers: {Content-Length: x}}\n", NULL,
         "p.yaml:7:50: error: Content-Length is set by the program"},
        {"", "request: {method: GET, url: \"${base}\", body: {raw: x, form: {}}}\n", NULL,
         "p.yaml:7:46: error: body: expected exactly one of json, form, raw, json_value"},
        {"", "request: {method: GET, url: \"ftp://x\"}\n", NULL,
         "shouwang.yaml:1:1: error: gw cannot send: the address is not http://host… or "
         "https://host…"},
        {"sign:\n- a: {digest: \"${base}\", data: x, out: hex_lower}\n",
         "request: {method: GET, url: \"${base}\", headers: {A: \"${a}\"}}\n", NULL,
         "shouwang.yaml:1:1: error: gw cannot send: no such digest; there are md5, sha1, sha256 "
         "and "
         "sm3"},
        {"sign:\n- a: {base64_decode: \"***\"}\n- b: {digest: md5, data: {ref: a}, out: base64}\n",
         "request: {method: GET, url: \"${base}\", headers: {A: \"${b}\"}}\n", NULL,
         "shouwang.yaml:1:1: error: gw cannot send: base64_decode: the value is not base64"},
        {"", NULL,
         "response: {success: {status: 200}, classes: {default: retry}}\nreceipts: none\ninbound: "
         "none\n",
         "p.yaml:10:21: error: success: say in all or any what the answer must hold; many gateways "
         "answer 200 to a failure (parse: none if the status is really everything)"},
        {"", NULL,
         "response: {parse: none, success: {status: 200}, classes: {retry: [any]}}\nreceipts: "
         "none\ninbound: none\n",
         "p.yaml:10:58: error: classes: default is missing; it decides what an unknown code means"},
        {"", NULL,
         "response: {parse: none, success: {status: 20}, classes: {default: retry}}\nreceipts: "
         "none\ninbound: none\n",
         "p.yaml:10:43: error: expected a status such as 200 or 2xx"},
        {"", NULL,
         "response: {success: {status: 200, all: [{path: code, eq: 0}]}, classes: {default: "
         "retry}}\nreceipts: none\ninbound: none\n",
         "p.yaml:10:48: error: expected a path such as $.result.code or $.items[0], at most 8 "
         "parts"},
        {"", NULL,
         "response: {success: {status: 200, all: [{path: $.a}]}, classes: {default: "
         "retry}}\nreceipts: none\ninbound: none\n",
         "p.yaml:10:41: error: path needs one of eq, in, exists"},
        {"", NULL,
         "response: {parse: text, code: {regex: \"^a(\"}, success: {status: 200, any: [{match: "
         "x}]}, classes: {default: retry}}\nreceipts: none\ninbound: none\n",
         "p.yaml:10:39: error: not a regular expression"},
        {"", NULL,
         "response: {parse: text, success: {status: 200, any: [{match: \"(a{1,999})\"}]}, classes: "
         "{default: retry}}\nreceipts: none\ninbound: none\n",
         "p.yaml:10:62: error: a pattern has 1 to 200 characters and no { } repetition"},
        {"", NULL,
         "response: {parse: none, success: {status: 200}, classes: {default: retry, retry: "
         "[{status: [500], wait: next_local_day}]}}\nreceipts: none\ninbound: none\n",
         "p.yaml:10:99: error: wait is not supported by this version"},
        {"", NULL,
         "response: {parse: none, success: {status: 200}, classes: {default: retry}}\nreceipts: "
         "{path: /in/x, parse: query, match: {msg_id: $.id}, state: {from: $.s}}\ninbound: none\n",
         "p.yaml:11:11: error: receipts: guard is missing"},
        {"", NULL,
         "response: {parse: none, success: {status: 200}, classes: {default: retry}}\nreceipts: "
         "{path: /in/x, guard: {loopback: false}, parse: query, match: {msg_id: $.id}, state: "
         "{from: $.s}}\ninbound: none\n",
         "p.yaml:11:32: error: guard: loopback: true or path_token is needed; anybody could call "
         "else"},
        {"", NULL,
         "response: {parse: none, success: {status: 200}, classes: {default: retry}}\nreceipts: "
         "{path: /x, guard: {loopback: true}, parse: query, match: {msg_id: $.a.b}, state: {from: "
         "$.s}}\ninbound: none\n",
         "p.yaml:11:18: error: path: expected a path that begins with /in/"},
        {"", NULL,
         "response: {parse: none, success: {status: 200}, classes: {default: retry}}\nreceipts: "
         "{path: /in/x, guard: {path_token: spare}, parse: query, match: {msg_id: $.a}, state: "
         "{from: $.s, done: [x]}}\ninbound: none\n",
         "p.yaml:11:45: error: path_token: expected the name of a required secret"},
        {"", NULL,
         "response: {parse: none, success: {status: 200}, classes: {default: retry}}\nreceipts: "
         "none\ninbound: {path: /in/x, guard: {loopback: true}, parse: json, items: $.a, from: "
         "$.a, text: $.b, dedup: [$.c]}\n",
         "p.yaml:12:62: error: items is not supported by this version"},
        {"", NULL, "response: {parse: none, success: {status: 200}, classes: {default: retry}}\n",
         "p.yaml:1:1: error: receipts is missing"},
    };

    for (size_t i = 0; i < SW_COUNTOF(rows); i++) {
        struct sw_buf out = {0};
        struct sw_gateways *g =
            load_parts(rows[i].sign, rows[i].how == NULL ? request : rows[i].how,
                       rows[i].answer == NULL ? tail : rows[i].answer, &out);
        bool found = out.n > 0 && strstr(out.p, rows[i].finding) != NULL;

        ok(g == NULL);
        ok_named(found, rows[i].finding);
        if (!found)
            note("%s", out.n > 0 ? out.p : "(nothing)");
        sw_buf_free(&out);
        sw_gateways_free(g);
    }
}

/* ---- the configuration ---- */

static void test_config(void)
{
    static const struct {
        const char *config, *finding;
    } rows[] = {
        {"gw: {profile: p}\n",
         "shouwang.yaml:1:1: error: secrets: key is missing; give key or key_file"},
        {"gw: {profile: p, secrets: {key: hunter2, kye: hunter2}}\n",
         "shouwang.yaml:1:42: error: unknown key kye; did you mean key?"},
        {"gw: {profile: p, secrets: {key: hunter2}, params: {bse: x}}\n",
         "shouwang.yaml:1:52: error: unknown key bse; did you mean base?"},
        {"gw: {profile: p, secrets: {key: hunter2, key_file: /x}}\n",
         "shouwang.yaml:1:42: error: secrets: give key or key_file, not both"},
        {"gw: {profile: p, secrets: {key: [hunter2]}}\n",
         "shouwang.yaml:1:33: error: key: expected a text"},
        {"gw: {profile: p, secrets: {key: \"\"}}\n",
         "shouwang.yaml:1:33: error: secrets: key is empty"},
        {"gw: {profile: p, secrets: {key: hunter2}, concurrency: many}\n",
         "shouwang.yaml:1:56: error: concurrency: expected a whole number from 1 to 1000, got "
         "\"many\""},
        {"gw: {profile: p, secrets: {key: hunter2}, params: {base: \"http://a\\nb\"}}\n",
         "shouwang.yaml:1:51: error: params: base holds a control character"},
        {"gw: {profile: ../p, secrets: {key: hunter2}}\n",
         "shouwang.yaml:1:15: error: profile: expected a name such as kannel, for the file "
         "kannel.yaml"},
        {"gw: {profile: nothere, secrets: {key: hunter2}}\n", "nothere.yaml: error: "},
        {"gw: {secrets: {key: hunter2}}\n", "shouwang.yaml:1:1: error: gw: profile is missing"},
        {"Gw x: {profile: p, secrets: {key: hunter2}}\n",
         "shouwang.yaml:1:1: error: a gateway's name is made of lower-case letters, digits, - and "
         "_"},
        {"gw: hunter2\n", "shouwang.yaml:1:5: error: gw: expected a map of keys and values"},
        {"- hunter2\n", "shouwang.yaml:1:1: error: : expected a map of keys and values"},
        {"gw: {profile: p, secrets: {key_file: "
         "/nowhere/secret"
         "}}\n",
         "shouwang.yaml:1:38: error: /nowhere/secret: No such file or directory"},
    };
    struct sw_gateways *g = load_parts("", request, tail, NULL);
    struct sw_buf open_file = {0};
    struct sw_buf out = {0};

    ok(g != NULL);
    sw_gateways_free(g);
    for (size_t i = 0; i < SW_COUNTOF(rows); i++) {
        bool found;

        sw_buf_clear(&out);
        g = help_gateways(rows[i].config, help_folder, &out);
        found = out.n > 0 && strstr(out.p, rows[i].finding) != NULL;
        ok(g == NULL);
        ok_named(found, rows[i].finding);
        ok_named(out.n > 0 && strstr(out.p, "hunter2") == NULL, "no secret in a finding");
        if (!found)
            note("%s", out.n > 0 ? out.p : "(nothing)");
        sw_gateways_free(g);
    }
    sw_buf_clear(&out);
    help_write("secret", "hunter2\nsecond line\n", 0644);
    sw_buf_printf(&open_file, "gw: {profile: p, secrets: {key_file: %s/secret}}\n", help_folder);
    ok(help_gateways(open_file.p, help_folder, &out) == NULL);
    ok(strstr(out.p, "everybody may read this secret") != NULL);
    help_write("secret", "hunter2\nsecond line\n", 0600);
    g = help_gateways(open_file.p, help_folder, NULL);
    ok_named(g != NULL, "a secret from its file");
    help_remove("secret");
    sw_gateways_free(g);
    sw_buf_free(&open_file);
    sw_buf_free(&out);
}

static void test_several(void)
{
    struct sw_buf out = {0};
    struct sw_gateways *g = help_gateways(
        "sms: {profile: kannel, secrets: {password: x}}\n"
        "b-2: {profile: kannel, secrets: {password: x}, concurrency: 9, rate: [{count: 2, "
        "window_s: 60}]}\n"
        "hook: {profile: standard-webhooks, params: {url: \"https://x\"}, secrets: {secret: "
        "whsec_AAAA}}\n",
        "rules/gateways", &out);
    const struct sw_gateway *gw;
    const struct sw_rate *rates;
    size_t n;

    is_str(sw_buf_view(&out), "");
    is_int(sw_gateways_count(g), 3);
    gw = sw_gateway_find(g, SW_STR("b-2"));
    ok(gw == sw_gateway_at(g, 1) && sw_gateway_is_sms(gw));
    is_str(sw_gateway_name(gw), "b-2");
    is_int(sw_gateway_concurrency(gw), 9);
    rates = sw_gateway_rates(gw, &n);
    ok(n == 1 && rates[0].count == 2 && rates[0].window == 60 * SW_SECOND);
    is_int(sw_gateway_concurrency(sw_gateway_at(g, 0)), 4);
    ok(!sw_gateway_is_sms(sw_gateway_at(g, 2)));
    ok(sw_gateway_find(g, SW_STR("no")) == NULL);
    gw = sw_gateway_at(g, 2);
    is_int(sw_gateway_backoff(gw, 1), 5 * SW_SECOND);
    is_int(sw_gateway_backoff(gw, 9), 86400 * SW_SECOND);
    is_int(sw_gateway_backoff(gw, 4000), 86400 * SW_SECOND);
    sw_gateways_free(g);
    g = help_gateways("{}\n", "rules/gateways", NULL);
    ok(g != NULL && sw_gateways_count(g) == 0);
    sw_gateways_free(g);
    sw_buf_free(&out);
}

/* ---- messages a gateway cannot carry ---- */

static void test_messages(void)
{
    static char long_text[3 * 340 + 1];
    struct sw_gateways *g = help_gateways("sms: {profile: kannel, secrets: {password: hunter2}}\n",
                                          "rules/gateways", NULL);
    struct sw_arena arena = {0};
    struct sw_http_request r;
    struct sw_err err;
    struct {
        const char *to, *body, *why;
    } rows[] = {
        {"", "x", "the message has no mobile"},
        {"13800138000", "", "the message has no text"},
        {"1380013800", "x", "the receiver is no mobile number of 11 digits"},
        {"13800138000a", "x", "the receiver is no mobile number of 11 digits"},
        {"-3800138000", "x", "the receiver is no mobile number of 11 digits"},
        {"13800138000", "\xff", "the text is not UTF-8"},
        {"13800138000", long_text, "the text needs 6 short messages; this gateway takes 5"},
    };

    for (size_t i = 0; i < 336; i++)
        memcpy(long_text + 3 * i, "雨", 3);
    for (size_t i = 0; i < SW_COUNTOF(rows); i++) {
        struct sw_message_row m = {
            .id = SW_STR("m-1"), .to = sw_str(rows[i].to), .body = sw_str(rows[i].body)};

        is_int(sw_gateway_request(sw_gateway_at(g, 0), &m, &attempt, &arena, &r, &err),
               SW_EINVALID);
        is_str(sw_str(err.text), rows[i].why);
    }
    long_text[3 * 335] = '\0';
    is_int(sw_gateway_request(sw_gateway_at(g, 0),
                              &(struct sw_message_row){.id = SW_STR("m-1"),
                                                       .to = SW_STR("13800138000"),
                                                       .body = sw_str(long_text)},
                              &attempt, &arena, &r, &err),
           SW_OK);
    sw_arena_free(&arena);
    sw_gateways_free(g);
    g = help_gateways("h: {profile: standard-webhooks, params: {url: \"http://x\"}, secrets: "
                      "{secret: whsec_AAAA}}\n",
                      "rules/gateways", NULL);
    is_int(sw_gateway_request(
               sw_gateway_at(g, 0),
               &(struct sw_message_row){.id = SW_STR("m\r\nX: 1"), .body = SW_STR("{}")}, &attempt,
               &arena, &r, &err),
           SW_EINVALID);
    is_str(sw_str(err.text), "the header webhook-id would hold a control character");
    is_int(sw_gateway_request(
               sw_gateway_at(g, 0),
               &(struct sw_message_row){.id = SW_STR("m-1"), .body = SW_STR("{not json")}, &attempt,
               &arena, &r, &err),
           SW_EINVALID);
    is_str(sw_str(err.text), "the event is not JSON");
    sw_arena_free(&arena);
    sw_gateways_free(g);
}

int main(void)
{
    help_begin();
    test_primitives();
    test_chain();
    test_findings();
    test_config();
    test_several();
    test_messages();
    help_remove("p.yaml");
    help_end();
    return done_testing();
}
