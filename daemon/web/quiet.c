/* quiet.c - what is held, what is hushed, and whom a silence would hush. */
#include "api_parts.h"
#include <shouwang/base/json.h>
#include <shouwang/base/url.h>

static void answer(struct sw_exchange *x, struct sw_buf *out)
{
    sw_exchange_answer(x, 200, "application/json", sw_buf_view(out));
    sw_buf_free(out);
}

void sw_api_storms(const struct sw_engine *e, struct sw_exchange *x)
{
    struct sw_buf out = {0};

    sw_engine_storms(e, &out);
    answer(x, &out);
}

void sw_api_silences(const struct sw_engine *e, struct sw_exchange *x)
{
    struct sw_buf out = {0};

    sw_engine_silences(e, &out);
    answer(x, &out);
}

/* The question as the event would say it, so that both are read by the same code. */
void sw_api_silence_preview(const struct sw_engine *e, struct sw_exchange *x, struct sw_str query)
{
    static const char *const names[] = {"rule", "area", "household", "until", "level"};
    struct sw_arena arena = {0};
    struct sw_buf text = {0};
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &text};
    struct sw_json *asked;
    struct sw_err err;

    sw_jw_object(&w);
    for (size_t i = 0; i < SW_COUNTOF(names); i++) {
        struct sw_buf value = {0};

        if (sw_query_get(query, names[i], &value) && value.n > 0)
            sw_jw_member(&w, names[i], sw_buf_view(&value));
        sw_buf_free(&value);
    }
    sw_jw_end(&w);
    if (sw_json_parse(&arena, sw_buf_view(&text), &asked, &err) == SW_OK) {
        sw_engine_silence_preview(e, asked, &out);
        answer(x, &out);
    } else { /* bytes that are no UTF-8 */
        sw_exchange_answer(x, 400, "text/plain; charset=utf-8", SW_STR("not understood\n"));
    }
    sw_buf_free(&text);
    sw_arena_free(&arena);
}
