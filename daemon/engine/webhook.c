/* webhook.c - the body of what teams' groups are sent. */
#include "parts.h"

void sw_put_time(const struct sw_engine *e, struct sw_jw *w, const char *key, sw_time at)
{
    int32_t offset = sw_zone_offset(e->rules->schema->zone, at);
    char text[SW_RFC3339_SIZE];

    sw_jw_member(w, key, sw_str(sw_rfc3339_format(at, offset, text)));
}

struct sw_jw *sw_webhook_begin(const struct sw_engine *e, struct sw_webhook *hook, const char *type)
{
    struct sw_jw *w = &hook->w;

    *hook = (struct sw_webhook){.w = {.out = &hook->body}};
    sw_jw_object(w);
    sw_jw_member(w, "type", sw_str(type));
    sw_put_time(e, w, "timestamp", e->now);
    sw_jw_key(w, "data");
    sw_jw_object(w);
    return w;
}

struct sw_str sw_webhook_end(struct sw_engine *e, struct sw_webhook *hook)
{
    struct sw_str body;

    sw_jw_end(&hook->w);
    sw_jw_end(&hook->w);
    body = sw_arena_str(&e->arena, sw_buf_view(&hook->body));
    sw_buf_free(&hook->body);
    return body;
}
