/* explain.c - one household's page, made while the asker waits.
 *
 * The rules that judge know nothing of their parts. The first question after a start or reload
 * builds them once more from the same texts, with parts; the next ones use that again. */
#include "api_parts.h"
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/url.h>
#include <shouwang/engine/explain.h>

static void answer_error(struct sw_exchange *x, int status, const char *text)
{
    struct sw_buf line = {0};

    sw_buf_printf(&line, "%s\n", text);
    sw_exchange_answer(x, status, "text/plain; charset=utf-8", sw_buf_view(&line));
    sw_buf_free(&line);
}

/* True when *explained tells of the rules that are active. */
static bool make_ready(const struct sw_ruleset *active, struct sw_ruleset **explained)
{
    if (*explained != NULL && strcmp(sw_ruleset_digest(*explained), sw_ruleset_digest(active)) == 0)
        return true;
    sw_ruleset_free(*explained);
    *explained = sw_ruleset_explained(active);
    return *explained != NULL;
}

static enum sw_code read_question(struct sw_str query, struct sw_buf room[3],
                                  struct sw_explain_ask *ask, struct sw_err *err)
{
    static const char *const names[] = {"household", "rule", "at"};
    struct sw_str at;

    for (size_t i = 0; i < SW_COUNTOF(names); i++)
        sw_query_get(query, names[i], &room[i]);
    ask->household = sw_buf_view(&room[0]);
    ask->rule = sw_buf_view(&room[1]);
    ask->day = SW_DAY_NEVER;
    at = sw_buf_view(&room[2]);
    if (ask->household.n == 0)
        return sw_fail(err, SW_EINVALID, _("which household? ask with household=ID"));
    if (at.n > 0 && !sw_date_parse(at, &ask->day))
        return sw_fail(err, SW_EINVALID, _("at: \"%.*s\" is no date such as 2024-03-14"),
                       SW_STR_ARG(at));
    return SW_OK;
}

void sw_api_explain(struct sw_part *part, struct sw_ruleset **explained, struct sw_exchange *x,
                    struct sw_str query)
{
    const struct sw_engine *e = sw_part_engine(part);
    struct sw_arena arena = {0};
    struct sw_buf room[3] = {{NULL, 0, 0}};
    struct sw_buf page = {0};
    struct sw_explain_ask ask;
    struct sw_err err = {.code = SW_OK};
    enum sw_code rc = read_question(query, room, &ask, &err);

    ask.household = sw_part_veil_household(part, ask.household, &arena);
    if (rc == SW_OK && !make_ready(sw_engine_rules(e), explained))
        rc = sw_fail(&err, SW_EBAD, _("the active rules do not build a second time"));
    if (rc == SW_OK)
        rc = sw_engine_explain(e, *explained, &ask, &page, &err);
    if (rc == SW_OK)
        sw_exchange_answer(x, 200, "application/json", sw_buf_view(&page));
    else
        answer_error(x, rc == SW_ENOTFOUND ? 404 : rc == SW_EINVALID ? 400 : 500, err.text);
    for (size_t i = 0; i < SW_COUNTOF(room); i++)
        sw_buf_free(&room[i]);
    sw_buf_free(&page);
    sw_arena_free(&arena);
}
