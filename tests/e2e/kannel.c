/* A Chinese text through a real Kannel to a fake phone and the phone's answer back: profile, HTTP
 * client and server, receipts and replies together. Then the way down: the wrong password, a long
 * text in parts, a Kannel that is gone and comes back.
 *
 * Skipped where Kannel is not installed. */
#include "../unit/delivery_help.h"
#include <shouwang/delivery/outbox.h>
#include <sys/wait.h>

#define SCRIPT "tests/e2e/kannel.sh"

static struct ev_loop *loop;
static struct sw_http *http;
static struct sw_httpd *httpd;
static struct sw_gateways *gateways;
static char folder[80];
static char base[64], password[64];

/* What came in, as the engine would get it. */
static char inputs[32][1024];
static size_t n_inputs;

static void on_inbound(void *ctx, struct sw_exchange *x, const struct sw_http_incoming *in)
{
    struct sw_inbound_request r = {.method = in->method,
                                   .path = in->path,
                                   .query = in->query,
                                   .body = in->body,
                                   .from_loopback = in->from_loopback};
    struct sw_arena arena = {0};
    struct sw_inbound out;

    (void)ctx;
    sw_gateways_inbound(gateways, &r, &arena, &out);
    if (out.input.n > 0 && n_inputs < SW_COUNTOF(inputs))
        snprintf(inputs[n_inputs++], sizeof(inputs[0]), "%.*s", SW_STR_ARG(out.input));
    sw_exchange_answer(x, out.status, "text/plain", out.body);
    sw_arena_free(&arena);
}

/* Runs `command` while the loop goes on turning (Kannel calls us meanwhile); its output. */
static int run(const char *command, char *out, size_t size)
{
    FILE *p = popen(command, "r");
    size_t n = 0;
    int status;

    if (p == NULL)
        return -1;
    while (n + 1 < size && fgets(out + n, (int)(size - n), p) != NULL)
        n += strlen(out + n);
    out[n] = '\0';
    status = pclose(p);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool take_line(const char *env, const char *name, char *out, size_t size)
{
    const char *at = strstr(env, name);

    if (at == NULL)
        return false;
    at += strlen(name);
    snprintf(out, size, "%.*s", (int)strcspn(at, "\n"), at);
    return true;
}

static bool start_kannel(void)
{
    char command[256];
    char env[2048];

    snprintf(command, sizeof(command), SCRIPT " start %s http://127.0.0.1:%u/in/sms", folder,
             sw_httpd_port(httpd));
    return run(command, env, sizeof(env)) == 0 &&
           take_line(env, "KANNEL_SEND=", base, sizeof(base)) &&
           take_line(env, "KANNEL_PASSWORD=", password, sizeof(password));
}

static void stop_kannel(void)
{
    char command[256];
    char out[256];

    snprintf(command, sizeof(command), SCRIPT " stop %s", folder);
    run(command, out, sizeof(out));
}

static struct sw_gateways *make_gateways(const char *with_password)
{
    struct sw_buf config = {0};
    struct sw_gateways *g;

    sw_buf_printf(&config,
                  "sms:\n"
                  "  profile: kannel\n"
                  "  params: {base: \"%s\", our_base: \"http://127.0.0.1:%u\"}\n"
                  "  secrets: {password: \"%s\"}\n",
                  base, sw_httpd_port(httpd), with_password);
    g = help_gateways(config.p, "rules/gateways", NULL);
    sw_buf_free(&config);
    return g;
}

static enum sw_answer send_text(const struct sw_gateways *g, const char *id, const char *to,
                                const char *text, char *detail, size_t size)
{
    struct sw_message_row m = {.id = sw_str(id), .to = sw_str(to), .body = sw_str(text)};
    struct sw_attempt attempt = {.now = 0};
    struct sw_arena arena = {0};
    struct sw_http_request r;
    struct help_reply reply;
    struct sw_str words;
    struct sw_err err;
    enum sw_answer answer;
    sw_time wait;

    if (sw_gateway_request(sw_gateway_at(g, 0), &m, &attempt, &arena, &r, &err) != SW_OK)
        note("%s", err.text);
    reply = help_fetch(loop, http, &r);
    reply.result.body = sw_str(reply.body);
    reply.result.error = reply.error;
    answer = sw_gateway_judge(sw_gateway_at(g, 0), &reply.result, &arena, &wait, &words);
    snprintf(detail, size, "%.*s", SW_STR_ARG(words));
    note("answer: %s", detail);
    sw_arena_free(&arena);
    return answer;
}

static bool wait_input(const char *wanted, double seconds)
{
    double until = ev_time() + seconds;

    while (ev_time() < until) {
        for (size_t i = 0; i < n_inputs; i++) {
            if (strstr(inputs[i], wanted) != NULL)
                return true;
        }
        help_rest(loop, 0.02);
    }
    for (size_t i = 0; i < n_inputs; i++)
        note("came in: %s", inputs[i]);
    return false;
}

static bool wait_inbox(const char *wanted, double seconds)
{
    double until = ev_time() + seconds;
    char command[256];
    char out[8192];

    snprintf(command, sizeof(command), SCRIPT " inbox %s", folder);
    while (ev_time() < until) {
        if (run(command, out, sizeof(out)) == 0 && strstr(out, wanted) != NULL)
            return true;
        help_rest(loop, 0.1);
    }
    note("the phones have: %s", out);
    return false;
}

static void test_there_and_back(void)
{
    static const char text[] =
        "【青山县】石桥村一户有新情况，请3个工作日内入户核实。回复1确认 100% & ${password}";
    char detail[200];
    char command[400];
    char out[400];
    char line[400];

    is_int(send_text(gateways, "12-0", "13800138000", text, detail, sizeof(detail)),
           SW_ANSWER_ACCEPTED);
    is_str(sw_str(detail), "HTTP 202, code 0");
    snprintf(line, sizeof(line), "13800138000\t%s\n", text);
    ok_named(wait_inbox(line, 5.), "the phone has the text, byte for byte");
    ok_named(wait_input("{\"message\":\"12-0\",\"state\":\"accepted\",\"detail\":\"ACK/\"}", 5.),
             "receipt: accepted by the carrier");
    ok_named(wait_input("{\"message\":\"12-0\",\"state\":\"delivered\",\"detail\":\"\"}", 5.),
             "receipt: delivered");
    snprintf(command, sizeof(command), SCRIPT " reply %s 8613800138000 '1 已转移，安全'", folder);
    is_int(run(command, out, sizeof(out)), 0);
    ok_named(wait_input("\"from\":\"13800138000\",\"text\":\"1 已转移，安全\"}", 5.),
             "the phone's answer, its number without 86");
    ok(wait_input("{\"gateway\":\"sms\",\"id\":\"", 1.));
}

static void test_long(void)
{
    static const char text[] =
        "【青山县】一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
        "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
        "🌧"
        "完";
    char detail[200];
    char line[500];

    is_int(send_text(gateways, "13-0", "13800138001", text, detail, sizeof(detail)),
           SW_ANSWER_ACCEPTED);
    snprintf(line, sizeof(line), "13800138001\t%s\n", text);
    ok_named(wait_inbox(line, 5.), "a long text arrives in parts and whole");
}

static void test_wrong_password(void)
{
    struct sw_gateways *g = make_gateways("not-the-password");
    char detail[200];

    is_int(send_text(g, "14-0", "13800138000", "x", detail, sizeof(detail)), SW_ANSWER_DISABLED);
    is_str(sw_str(detail), "HTTP 403");
    sw_gateways_free(g);
}

static void test_gone_and_back(void)
{
    char detail[200];

    stop_kannel();
    is_int(send_text(gateways, "15-0", "13800138000", "还在吗", detail, sizeof(detail)),
           SW_ANSWER_RETRY);
    ok(strstr(detail, password) == NULL && strstr(detail, "13800138000") == NULL);
    ok(start_kannel());
    sw_gateways_free(gateways);
    gateways = make_gateways(password);
    is_int(send_text(gateways, "15-0", "13800138000", "还在吗", detail, sizeof(detail)),
           SW_ANSWER_ACCEPTED);
    ok(wait_inbox("13800138000\t还在吗\n", 5.));
    ok(wait_input("{\"message\":\"15-0\",\"state\":\"delivered\"", 5.));
}

int main(void)
{
    char out[256];
    struct sw_err err;

    if (run("command -v bearerbox && command -v smsbox && ls /usr/lib/kannel/test/fakesmsc", out,
            sizeof(out)) != 0) {
        printf("1..0 # SKIP Kannel is not installed\n");
        return 0;
    }
    help_begin();
    snprintf(folder, sizeof(folder), "%s/kannel", help_folder);
    loop = ev_loop_new(EVFLAG_AUTO);
    http = sw_http_new(loop, NULL);
    is_int(sw_httpd_start(&httpd, loop, SW_STR("127.0.0.1:0"), 100, &err), SW_OK);
    sw_httpd_route(httpd, "/in/", on_inbound, NULL);
    if (ok_named(start_kannel(), "Kannel runs")) {
        gateways = make_gateways(password);
        test_there_and_back();
        test_long();
        test_wrong_password();
        test_gone_and_back();
    }
    stop_kannel();
    for (size_t i = 0; i < n_inputs; i++)
        note("input: %s", inputs[i]);
    sw_gateways_free(gateways);
    sw_httpd_stop(httpd);
    sw_http_free(http);
    ev_loop_destroy(loop);
    snprintf(out, sizeof(out), "rm -rf '%s'", help_folder);
    ok(system(out) == 0);
    return done_testing();
}
