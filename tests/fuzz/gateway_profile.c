/* gateway_profile.c - any configuration and any profile: nothing crashes, and a gateway that loads
 * can build a request, judge answers and take calls.
 *
 * Input: the map `gateways:` with every profile named "p", a line "%%", the text of p.yaml.
 * Build with clang -fsanitize=fuzzer -DSW_LIBFUZZER; without, main() replays files. */
#include "replay.h"
#include <shouwang/base/mem.h>
#include <shouwang/delivery/gateway.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/shouwang-fuzz-XXXXXX";
static char path[64];

static void clean_up(void)
{
    unlink(path);
    rmdir(folder);
}

static void begin(void)
{
    if (path[0] != '\0')
        return;
    SW_ASSERT(mkdtemp(folder) != NULL);
    snprintf(path, sizeof(path), "%s/p.yaml", folder);
    atexit(clean_up);
}

static void write_profile(struct sw_str text)
{
    FILE *f = fopen(path, "w");

    SW_ASSERT(f != NULL);
    fwrite(text.p, 1, text.n, f);
    fclose(f);
}

static void use_gateway(const struct sw_gateways *g, const struct sw_gateway *gw)
{
    static const struct sw_http_result results[] = {
        {.end = SW_HTTP_ANSWERED, .status = 200, .body = {"{\"code\":0}", 10}},
        {.end = SW_HTTP_ANSWERED, .status = 202, .body = {"0: ok", 5}, .retry_after = {"7", 1}},
        {.end = SW_HTTP_ANSWERED, .status = 503},
        {.end = SW_HTTP_UNKNOWN, .error = "gone"},
    };
    struct sw_message_row m = {.id = SW_STR("1-0"),
                               .to = sw_gateway_is_sms(gw) ? SW_STR("13800138000") : SW_STR(""),
                               .body = SW_STR("{\"a\":[1,\"守\"]}")};
    struct sw_attempt attempt = {.now = 1, .random = {1}};
    struct sw_inbound_request call = {.method = SW_STR("POST"),
                                      .path = SW_STR("/in/x"),
                                      .query = SW_STR("id=1-0&type=1&a=b"),
                                      .body = SW_STR("{\"id\":\"1-0\"}"),
                                      .from_loopback = true};
    struct sw_arena arena = {0};
    struct sw_http_request request;
    struct sw_inbound in;
    struct sw_str detail;
    sw_time wait;

    if (sw_gateway_request(gw, &m, &attempt, &arena, &request, NULL) == SW_OK)
        SW_ASSERT(sw_str_starts(request.url, SW_STR("http")));
    for (size_t i = 0; i < SW_COUNTOF(results); i++) {
        enum sw_answer answer = sw_gateway_judge(gw, &results[i], &arena, &wait, &detail);

        SW_ASSERT(answer != SW_ANSWER_ACCEPTED || results[i].end == SW_HTTP_ANSWERED);
        SW_ASSERT(wait >= 0 && (wait > 0 || answer != SW_ANSWER_RATE_LIMITED));
    }
    sw_gateways_inbound(g, &call, &arena, &in);
    sw_arena_free(&arena);
}

/* A key such as password_file would read whatever the fuzzer thinks of. */
static bool names_a_file(struct sw_str text)
{
    return text.n > 5 && memmem(text.p, text.n, "_file", 5) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sw_str text = {(const char *)data, size};
    const char *cut = size == 0 ? NULL : memmem(data, size, "\n%%\n", 4);
    struct sw_arena arena = {0};
    struct sw_diag diag = {0};
    struct sw_gateways *g = NULL;
    struct sw_buf out = {0};
    struct sw_yaml *config;

    if (cut == NULL || size > 65536 || names_a_file(text))
        return 0;
    begin();
    write_profile((struct sw_str){cut + 4, size - (size_t)(cut + 4 - text.p)});
    text.n = (size_t)(cut - text.p);
    config = sw_yaml_parse(&arena, SW_STR("config"), text, &diag);
    if (config != NULL)
        g = sw_gateways_load(config, folder, &diag);
    SW_ASSERT((g != NULL) == (diag.errors == 0) || config == NULL);
    for (size_t i = 0; g != NULL && i < sw_gateways_count(g); i++)
        use_gateway(g, sw_gateway_at(g, i));
    sw_diag_format(&diag, &out);
    sw_gateways_free(g);
    sw_diag_free(&diag);
    sw_arena_free(&arena);
    sw_buf_free(&out);
    return 0;
}
