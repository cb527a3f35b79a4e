/* inbound.c - any call to the receipt and reply doors of two gateways: what comes out is a JSON
 * input with a well-formed id and text, or a refusal.
 *
 * Input: one byte (path, method, where from), the query, a newline, the body.
 * Build with clang -fsanitize=fuzzer -DSW_LIBFUZZER; without, main() replays files. */
#include "replay.h"
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>
#include <shouwang/delivery/gateway.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char profile[] =
    "profile: cloud\nversion: 1\nkind: sms\nsecrets: [token]\ninput: {text: required}\n"
    "request: {method: GET, url: \"http://x\"}\n"
    "response: {parse: none, success: {status: 200}, classes: {default: retry}}\n"
    "receipts: {path: \"/in/${gateway}/report\", guard: {path_token: token}, parse: json,\n"
    "  match: {msg_id: \"$.r[0].id\"}, state: {from: \"$.r[0].s\", delivered: [true], else: "
    "failed},\n"
    "  code: \"$.r[0].e\"}\n"
    "inbound: {path: \"/in/${gateway}/mo\", guard: {loopback: true}, parse: form, from: $.from,\n"
    "  text: $.text, dedup: [$.from, $.text]}\n";

static const char *const paths[] = {"/in/sms/dlr",       "/in/sms/mo",   "/in/c/report/hunter2",
                                    "/in/c/report/wron", "/in/c/mo",     "/in/",
                                    "/in/c/report",      "/in/sms/dlr/x"};

static struct sw_gateways *gateways;

static void forget(void)
{
    sw_gateways_free(gateways);
}

static void begin(void)
{
    static const char config[] = "c: {profile: cloud, secrets: {token: hunter2}}\n";
    static const char kannel[] = "sms: {profile: kannel, secrets: {password: hunter2}}\n";
    char folder[] = "/tmp/shouwang-fuzz-XXXXXX";
    char path[96];
    char command[512];
    struct sw_arena arena = {0};
    struct sw_diag diag = {0};
    struct sw_buf text = {0};
    FILE *f;

    SW_ASSERT(mkdtemp(folder) != NULL);
    snprintf(path, sizeof(path), "%s/cloud.yaml", folder);
    f = fopen(path, "w");
    SW_ASSERT(f != NULL && fputs(profile, f) >= 0 && fclose(f) == 0);
    snprintf(command, sizeof(command), "cp rules/gateways/kannel.yaml %s/", folder);
    SW_ASSERT(system(command) == 0);
    sw_buf_cstr(&text, config);
    sw_buf_cstr(&text, kannel);
    gateways = sw_gateways_load(sw_yaml_parse(&arena, SW_STR("config"), sw_buf_view(&text), &diag),
                                folder, &diag);
    sw_diag_print(&diag, stderr);
    SW_ASSERT(gateways != NULL);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    SW_ASSERT(system(command) == 0);
    sw_diag_free(&diag);
    sw_arena_free(&arena);
    sw_buf_free(&text);
    atexit(forget);
}

static void check_input(const struct sw_inbound *in, struct sw_arena *arena)
{
    struct sw_json *v = NULL;
    struct sw_str id;
    struct sw_str detail;

    SW_ASSERT(sw_json_parse(arena, in->input, &v, NULL) == SW_OK);
    id = sw_json_text(v, in->kind == SW_INBOUND_FATE ? "message" : "id");
    SW_ASSERT(id.n > 0 && id.n <= 128 && memchr(id.p, '\n', id.n) == NULL);
    detail = sw_json_text(v, "detail");
    SW_ASSERT(detail.n == 0 || memmem(detail.p, detail.n, "hunter2", 7) == NULL);
    if (in->kind == SW_INBOUND_FATE)
        SW_ASSERT(sw_json_text(v, "state").n > 0);
    else
        SW_ASSERT(sw_utf8_length(sw_json_text(v, "text")) <= 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const methods[] = {"GET", "POST", "PUT", ""};
    struct sw_str rest = {(const char *)data + 1, size - 1};
    struct sw_arena arena = {0};
    struct sw_inbound_request r = {.query = {NULL, 0}};
    struct sw_inbound in;

    if (size < 1)
        return 0;
    if (gateways == NULL)
        begin();
    r.path = sw_str(paths[data[0] & 7]);
    r.method = sw_str(methods[data[0] >> 3 & 3]);
    r.from_loopback = (data[0] >> 5 & 1) == 0;
    sw_str_split(&rest, '\n', &r.query);
    r.body = rest;
    sw_gateways_inbound(gateways, &r, &arena, &in);
    SW_ASSERT(in.status >= 200 && in.status < 500);
    if (in.kind == SW_INBOUND_REPLY || in.kind == SW_INBOUND_FATE)
        check_input(&in, &arena);
    else
        SW_ASSERT(in.input.n == 0 && in.status >= 400);
    sw_arena_free(&arena);
    return 0;
}
