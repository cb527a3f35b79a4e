/* post_webhook.c - one signed webhook by the shipped profile, for a peer to judge.
 *
 *     post_webhook URL ID SECRET [OLD_SECRET] <body       prints what we make of the answer
 *
 * $WEBHOOK_TIME (seconds since 1970) replaces the clock. */
#include <ev.h>
#include <shouwang/delivery/gateway.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *const answers[] = {"accepted", "retry", "rate limited", "permanent", "disabled"};

static struct sw_gateways *load(char **argv, int argc)
{
    struct sw_buf config = {0};
    struct sw_arena arena = {0};
    struct sw_diag diag = {0};
    struct sw_gateways *g;

    sw_buf_printf(&config,
                  "hook: {profile: standard-webhooks, params: {url: \"%s\"}, secrets: "
                  "{secret: \"%s\"",
                  argv[1], argv[3]);
    if (argc > 4)
        sw_buf_printf(&config, ", old_secret: \"%s\"", argv[4]);
    sw_buf_cstr(&config, "}}\n");
    g = sw_gateways_load(sw_yaml_parse(&arena, SW_STR("config"), sw_buf_view(&config), &diag),
                         "rules/gateways", &diag);
    sw_diag_print(&diag, stderr);
    sw_diag_free(&diag);
    sw_arena_free(&arena);
    sw_buf_free(&config);
    return g;
}

static void on_done(void *ctx, const struct sw_http_result *result)
{
    struct sw_arena arena = {0};
    struct sw_str detail;
    sw_time wait;

    puts(answers[sw_gateway_judge(ctx, result, &arena, &wait, &detail)]);
    sw_arena_free(&arena);
    ev_break(EV_DEFAULT, EVBREAK_ALL);
}

static sw_time now(void)
{
    const char *given = getenv("WEBHOOK_TIME");

    return (given == NULL ? (sw_time)time(NULL) : strtoll(given, NULL, 10)) * SW_SECOND;
}

int main(int argc, char **argv)
{
    char body[65536];
    struct sw_message_row m = {.body = {body, 0}};
    struct sw_attempt attempt = {.now = now()};
    struct sw_arena arena = {0};
    struct sw_http_request r;
    struct sw_http *http = sw_http_new(EV_DEFAULT, NULL);
    struct sw_gateways *g = argc < 4 ? NULL : load(argv, argc);
    struct sw_err err;

    if (g == NULL)
        return 2;
    m.id = sw_str(argv[2]);
    m.body.n = fread(body, 1, sizeof(body), stdin);
    if (sw_gateway_request(sw_gateway_at(g, 0), &m, &attempt, &arena, &r, &err) != SW_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    sw_http_send(http, &r, on_done, (void *)(uintptr_t)sw_gateway_at(g, 0));
    ev_run(EV_DEFAULT, 0);
    sw_http_free(http);
    sw_gateways_free(g);
    sw_arena_free(&arena);
    return 0;
}
