/* Every profile that is shipped builds exactly the requests of its vectors file. */
#include "../tap.h"
#include <shouwang/delivery/gateway.h>

#define FOLDER "rules/gateways"

/* A vector's params and secrets as the configuration {test: {profile: …}}. */
static struct sw_gateways *load(const struct sw_yaml *vector, const char *profile,
                                struct sw_diag *diag)
{
    static const char text[] = "test:\n  profile: x\n";
    struct sw_yaml *config = sw_yaml_parse(&diag->arena, SW_STR("vector"), sw_str(text), diag);
    struct sw_yaml *entry = config->first;
    struct sw_yaml *params = sw_yaml_get(vector, "params");
    struct sw_yaml *secrets = sw_yaml_get(vector, "secrets");

    entry->first->text = sw_str(profile);
    entry->first->next = params;
    params->next = secrets;
    secrets->next = NULL;
    entry->count = 3;
    return sw_gateways_load(config, FOLDER, diag);
}

static struct sw_str text_of(const struct sw_yaml *map, const char *key)
{
    const struct sw_yaml *y = sw_yaml_get(map, key);

    return y == NULL ? (struct sw_str){NULL, 0} : y->text;
}

static void compare(const struct sw_http_request *got, const struct sw_yaml *want)
{
    const struct sw_yaml *headers = sw_yaml_get(want, "headers");
    size_t i = 0;

    is_str(got->method, text_of(want, "method").p);
    is_str(got->url, text_of(want, "url").p);
    is_str(got->body, text_of(want, "body").p);
    is_int(got->n_headers, headers->count);
    for (const struct sw_yaml *h = headers->first; h != NULL && i < got->n_headers; h = h->next) {
        is_str(got->headers[i].name, h->key.p);
        is_str_named(got->headers[i++].value, h->text.p, h->key.p);
    }
}

static void run_vector(const struct sw_yaml *vector, const char *profile)
{
    struct sw_diag diag = {0};
    struct sw_arena arena = {0};
    struct sw_err err = {0};
    struct sw_attempt attempt = {0};
    struct sw_http_request request;
    const struct sw_yaml *message = sw_yaml_get(vector, "message");
    const struct sw_yaml *want = sw_yaml_get(vector, "request");
    struct sw_message_row m = {.id = text_of(message, "id"),
                               .to = text_of(message, "to"),
                               .body = text_of(message, "body")};
    int64_t now = 0;
    struct sw_gateways *g;

    note("%s: %s", profile, text_of(vector, "name").p);
    sw_yaml_int(sw_yaml_get(vector, "now"), 0, INT64_MAX / SW_SECOND, &now, &diag);
    attempt.now = now * SW_SECOND + 999999;
    g = load(vector, profile, &diag);
    sw_diag_print(&diag, stdout);
    ok(g != NULL);
    if (g != NULL) {
        is_int(sw_gateway_request(sw_gateway_at(g, 0), &m, &attempt, &arena, &request, &err), 0);
        compare(&request, want);
        sw_gateways_free(g);
    }
    sw_arena_free(&arena);
    sw_diag_free(&diag);
}

int main(void)
{
    static const char *const profiles[] = {"kannel", "standard-webhooks"};

    for (size_t i = 0; i < SW_COUNTOF(profiles); i++) {
        struct sw_arena arena = {0};
        struct sw_diag diag = {0};
        char path[200];
        struct sw_yaml *list;

        snprintf(path, sizeof(path), FOLDER "/%s.vectors.yaml", profiles[i]);
        list = sw_yaml_load(&arena, path, &diag);
        sw_diag_print(&diag, stdout);
        ok(list != NULL && list->kind == SW_YLIST && list->count >= 2);
        for (struct sw_yaml *v = list == NULL ? NULL : list->first; v != NULL; v = v->next)
            run_vector(v, profiles[i]);
        sw_arena_free(&arena);
        sw_diag_free(&diag);
    }
    return done_testing();
}
