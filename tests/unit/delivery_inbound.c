/* Receipts and replies: guards, shapes, numbers, and that repeated or foreign ones pass as they
 * are, for the engine to judge. */
#include "delivery_help.h"

static const char *const cloud =
    "profile: cloud\n"
    "version: 1\n"
    "kind: sms\n"
    "secrets: [token, key]\n"
    "params: {base: \"http://127.0.0.1:9\"}\n"
    "input: {text: required, mobile: required}\n"
    "request: {method: POST, url: \"${base}\", body: {form: {k: \"${key}\"}}}\n"
    "response: {parse: none, success: {status: 200}, classes: {default: retry}}\n"
    "receipts:\n"
    "  path: \"/in/${gateway}/report\"\n"
    "  guard: {path_token: token}\n"
    "  parse: json\n"
    "  match: {msg_id: \"$.r[0].out_id\"}\n"
    "  state: {from: \"$.r[0].success\", delivered: [true, \"DELIVRD\"], buffered: [7], else: "
    "failed}\n"
    "  code: \"$.r[0].err\"\n"
    "  reply: {status: 200, body: '{\"code\":0}'}\n"
    "inbound:\n"
    "  path: \"/in/${gateway}/mo\"\n"
    "  guard: {path_token: token}\n"
    "  parse: form\n"
    "  from: $.from\n"
    "  text: $.body\n"
    "  dedup: [$.from, $.time, $.body]\n"
    "  reply: {status: 204}\n";

enum { NONE = SW_INBOUND_NONE, REFUSED = SW_INBOUND_REFUSED };
enum { REPLY = SW_INBOUND_REPLY, FATE = SW_INBOUND_FATE };

struct row {
    const char *method, *path, *query, *body;
    bool far; /* not from this machine */
    int want, status;
    const char *input, *answer; /* NULL: not looked at */
};

static void knock(const struct sw_gateways *g, const struct row *row)
{
    struct sw_arena arena = {0};
    struct sw_inbound_request r = {.method = sw_str(row->method),
                                   .path = sw_str(row->path),
                                   .query = sw_str(row->query),
                                   .body = sw_str(row->body),
                                   .from_loopback = !row->far};
    struct sw_inbound out;

    sw_gateways_inbound(g, &r, &arena, &out);
    is_int_named(out.kind, row->want, row->query == NULL ? row->body : row->query);
    is_int_named(out.status, row->status, "status");
    if (row->input != NULL)
        is_str_named(out.input, row->input, "input");
    if (row->answer != NULL)
        is_str_named(out.body, row->answer, "answer");
    if (out.kind == SW_INBOUND_REPLY || out.kind == SW_INBOUND_FATE) {
        struct sw_json *tree;

        ok(sw_json_parse(&arena, out.input, &tree, NULL) == SW_OK);
    }
    sw_arena_free(&arena);
}

static void test_kannel(void)
{
    static const struct row rows[] = {
        {"GET", "/in/sms/dlr", "id=12-0&type=8&ans=ACK%2F", "", false, FATE, 200,
         "{\"message\":\"12-0\",\"state\":\"accepted\",\"detail\":\"ACK/\"}", ""},
        {"GET", "/in/sms/dlr", "id=12-0&type=1&ans=", "", false, FATE, 200,
         "{\"message\":\"12-0\",\"state\":\"delivered\",\"detail\":\"\"}", NULL},
        {"GET", "/in/sms/dlr", "id=12-0&type=1&ans=", "", false, FATE, 200,
         "{\"message\":\"12-0\",\"state\":\"delivered\",\"detail\":\"\"}", NULL},
        {"GET", "/in/sms/dlr", "id=99999-7&type=2", "", false, FATE, 200,
         "{\"message\":\"99999-7\",\"state\":\"failed\",\"detail\":\"\"}", NULL},
        {"GET", "/in/sms/dlr", "type=16&id=1-0&ans=NACK%2F0x0b%2FInvalid+of+8613800138000", "",
         false, FATE, 200,
         "{\"message\":\"1-0\",\"state\":\"failed\",\"detail\":\"NACK/0x0b/Invalid of <number>\"}",
         NULL},
        {"GET", "/in/sms/dlr", "id=1-0&type=1&ans=hunter2", "", false, FATE, 200,
         "{\"message\":\"1-0\",\"state\":\"delivered\",\"detail\":\"<secret>\"}", NULL},
        {"GET", "/in/sms/dlr", "id=12-0&type=64", "", false, REFUSED, 400, "", NULL},
        {"GET", "/in/sms/dlr", "id=12-0", "", false, REFUSED, 400, "", NULL},
        {"GET", "/in/sms/dlr", "type=1", "", false, REFUSED, 400, "", NULL},
        {"GET", "/in/sms/dlr", "id=&type=1", "", false, REFUSED, 400, "", NULL},
        {"GET", "/in/sms/dlr", "id=a%00b&type=1", "", false, REFUSED, 400, "", NULL},
        {"GET", "/in/sms/dlr", "id=%22%3E&type=1", "", false, REFUSED, 400, "", NULL},
        {"GET", "/in/sms/dlr", "id=12-0&type=1", "", true, REFUSED, 403, "", NULL},
        {"PUT", "/in/sms/dlr", "id=12-0&type=1", "", false, REFUSED, 405, "", NULL},
        {"GET", "/in/sms/dlr/", "id=12-0&type=1", "", false, NONE, 404, "", NULL},
        {"GET", "/in/sms/dlrx", "id=12-0&type=1", "", false, NONE, 404, "", NULL},
        {"GET", "/in/other/dlr", "id=12-0&type=1", "", false, NONE, 404, "", NULL},
        {"GET", "/in/sms/mo",
         "from=13800138000&to=10690000&text=1+%E5%B7%B2%E8%BD%AC%E7%A7%BB%EF%BC%8C%E5%AE%89%E5%85%"
         "A8&id=ac2b972d",
         "", false, REPLY, 200,
         "{\"gateway\":\"sms\",\"id\":\"ac2b972d\",\"from\":\"13800138000\",\"text\":\"1 "
         "已转移，安全\"}",
         ""},
        {"GET", "/in/sms/mo", "from=8613800138000&text=1&id=a", "", false, REPLY, 200,
         "{\"gateway\":\"sms\",\"id\":\"a\",\"from\":\"13800138000\",\"text\":\"1\"}", NULL},
        {"GET", "/in/sms/mo", "from=%2B8613800138000&text=1&id=a", "", false, REPLY, 200,
         "{\"gateway\":\"sms\",\"id\":\"a\",\"from\":\"13800138000\",\"text\":\"1\"}", NULL},
        {"GET", "/in/sms/mo", "from=008613800138000&text=1&id=a", "", false, REPLY, 200,
         "{\"gateway\":\"sms\",\"id\":\"a\",\"from\":\"13800138000\",\"text\":\"1\"}", NULL},
        {"GET", "/in/sms/mo", "from=10086&text=1&id=a", "", false, REPLY, 200,
         "{\"gateway\":\"sms\",\"id\":\"a\",\"from\":\"10086\",\"text\":\"1\"}", NULL},
        {"GET", "/in/sms/mo", "from=13800138000&text=&id=a", "", false, REPLY, 200,
         "{\"gateway\":\"sms\",\"id\":\"a\",\"from\":\"13800138000\",\"text\":\"\"}", NULL},
        {"GET", "/in/sms/mo", "from=13800138000&text=a%00b%0A%22c&id=a", "", false, REPLY, 200,
         "{\"gateway\":\"sms\",\"id\":\"a\",\"from\":\"13800138000\",\"text\":\"a b\\n\\\"c\"}",
         NULL},
        {"GET", "/in/sms/mo", "from=13800138000&text=%B1%B1&id=a", "", false, REFUSED, 400, "",
         NULL},
        {"GET", "/in/sms/mo", "from=13800138000&text=1", "", false, REFUSED, 400, "", NULL},
        {"GET", "/in/sms/mo", "from=&text=1&id=a", "", false, REFUSED, 400, "", NULL},
        {"GET", "/in/sms/mo", "from=1&id=a", "", false, REFUSED, 400, "", NULL},
        {"GET", "/in/sms/mo", "from=1&text=1&id=a", "", true, REFUSED, 403, "", NULL},
    };
    struct sw_gateways *g = help_gateways("sms: {profile: kannel, secrets: {password: hunter2}}\n",
                                          "rules/gateways", NULL);

    for (size_t i = 0; i < SW_COUNTOF(rows); i++)
        knock(g, &rows[i]);
    sw_gateways_free(g);
}

static void test_cloud(void)
{
    static const struct row rows[] = {
        {"POST", "/in/c/report/s3cret", "", "{\"r\":[{\"out_id\":\"1-0\",\"success\":true}]}", true,
         FATE, 200, "{\"message\":\"1-0\",\"state\":\"delivered\",\"detail\":\"\"}",
         "{\"code\":0}"},
        {"POST", "/in/c/report/s3cret", "",
         "{\"r\":[{\"out_id\":\"1-0\",\"success\":false,\"err\":\"E:1\"}]}", true, FATE, 200,
         "{\"message\":\"1-0\",\"state\":\"failed\",\"detail\":\"E:1\"}", NULL},
        {"POST", "/in/c/report/s3cret", "", "{\"r\":[{\"out_id\":\"1-0\",\"success\":7}]}", true,
         FATE, 200, "{\"message\":\"1-0\",\"state\":\"buffered\",\"detail\":\"\"}", NULL},
        {"POST", "/in/c/report/s3cret", "", "{\"r\":[{\"out_id\":\"1-0\"}]}", true, REFUSED, 400,
         "", NULL},
        {"POST", "/in/c/report/s3cret", "", "{\"r\":[]}", true, REFUSED, 400, "", NULL},
        {"POST", "/in/c/report/s3cret", "", "{\"r\":", true, REFUSED, 400, "", NULL},
        {"POST", "/in/c/report/s3cret", "", "", true, REFUSED, 400, "", NULL},
        {"GET", "/in/c/report/s3cret", "", "{\"r\":[{\"out_id\":\"1-0\",\"success\":true}]}", true,
         REFUSED, 405, "", NULL},
        {"POST", "/in/c/report/s3cre", "", "{}", true, REFUSED, 403, "", NULL},
        {"POST", "/in/c/report/s3cretX", "", "{}", true, REFUSED, 403, "", NULL},
        {"POST", "/in/c/report/", "", "{}", false, REFUSED, 403, "", NULL},
        {"POST", "/in/c/report", "", "{}", false, NONE, 404, "", NULL},
        {"POST", "/in/c/mo/s3cret", "", "from=13800138000&time=1&body=1+%E5%A5%BD", true, REPLY,
         204,
         "{\"gateway\":\"c\",\"id\":\"60d0f55737149272c281726487f259d2\",\"from\":\"13800138000\","
         "\"text\":\"1 好\"}",
         ""},
        {"POST", "/in/c/mo/s3cret", "", "from=13800138000&body=1", true, REFUSED, 400, "", NULL},
    };
    struct sw_gateways *g;
    struct sw_buf out = {0};

    help_write("cloud.yaml", cloud, 0644);
    g = help_gateways("c: {profile: cloud, secrets: {token: s3cret, key: k}}\n", help_folder, NULL);
    ok(g != NULL);
    for (size_t i = 0; i < SW_COUNTOF(rows) && g != NULL; i++)
        knock(g, &rows[i]);
    sw_gateways_free(g);
    help_remove("cloud.yaml");
    help_write("fixed.yaml",
               "profile: fixed\nversion: 1\nkind: sms\ninput: {text: required}\n"
               "request: {method: GET, url: \"http://x\"}\n"
               "response: {parse: none, success: {status: 200}, classes: {default: retry}}\n"
               "receipts: none\n"
               "inbound: {path: /in/fixed, guard: {loopback: true}, parse: query, from: $.f, text: "
               "$.t, dedup: [$.i]}\n",
               0644);
    g = help_gateways("a: {profile: fixed}\nb: {profile: fixed}\n", help_folder, &out);
    ok(g == NULL && strstr(out.p, "b and a would both listen on /in/fixed") != NULL);
    sw_gateways_free(g);
    sw_buf_free(&out);
    help_remove("fixed.yaml");
}

int main(void)
{
    help_begin();
    test_kannel();
    test_cloud();
    help_end();
    return done_testing();
}
