/* preview.c - `rules preview`: whom a change of rules would concern, before it is saved.
 *
 * The county is read from the database and the snapshot beside it, as every list is: the service
 * need not run, and is not asked. The rules become active in this process's memory only. */
#include "ctl.h"
#include "rulecheck.h"
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/engine/preview.h>
#include <shouwang/store/query.h>
#include <time.h>

enum { LISTED = 20, AHEAD_DAYS = 366 };

/* ---- for people --------------------------------------------------------------------------- */

/* Counts as they are; a 0 as nothing, so that the table shows what changes. */
static void cell_number(struct ctl_table *t, const struct sw_json *v, const char *key, bool always)
{
    ctl_table_cell(t, !always && sw_json_int(v, key) == 0 ? SW_STR("") : sw_json_word(v, key));
}

static void put_total(const struct sw_json *t, bool of_areas)
{
    if (sw_json_int(t, "changed") == 0)
        return;
    printf(of_areas ? _("%.*s of %.*s villages, townships and the county stand otherwise: ")
                    : _("%.*s of %.*s households stand otherwise: "),
           SW_STR_ARG(sw_json_word(t, "changed")), SW_STR_ARG(sw_json_word(t, "of")));
    printf(_("%.*s newly on a level, %.*s higher, %.*s lower, %.*s on none any more\n"),
           SW_STR_ARG(sw_json_word(t, "new")), SW_STR_ARG(sw_json_word(t, "up")),
           SW_STR_ARG(sw_json_word(t, "down")), SW_STR_ARG(sw_json_word(t, "out")));
    if (sw_json_int(t, "falls") > 0)
        printf(_("  %.*s are below their level's line and fall when its days of hold are over, "
                 "unless something new comes\n"),
               SW_STR_ARG(sw_json_word(t, "falls")));
}

static void put_towns(const struct sw_json *root)
{
    const struct sw_json *most = NULL;
    size_t n = 0;

    for (const struct sw_json *t = sw_json_first(root, "towns"); t != NULL; t = t->next) {
        n += sw_json_int(t, "up") > 0;
        if (most == NULL || sw_json_int(t, "up") > sw_json_int(most, "up"))
            most = t;
    }
    if (n > 0)
        printf(_("  those newly on a level or higher are in %zu townships, most of them in %.*s "
                 "(%.*s)\n"),
               n, SW_STR_ARG(sw_json_text(most, "place")), SW_STR_ARG(sw_json_word(most, "up")));
}

static void put_levels(const struct sw_json *total, const char *title)
{
    const struct ctl_column columns[] = {
        {title, CTL_LEFT},       {N_("NOW"), CTL_RIGHT},  {N_("THEN"), CTL_RIGHT},
        {N_("CAME"), CTL_RIGHT}, {N_("LEFT"), CTL_RIGHT},
    };
    struct ctl_table *table;
    int64_t moved = 0;

    for (const struct sw_json *l = sw_json_first(total, "levels"); l != NULL; l = l->next)
        moved += sw_json_int(l, "came");
    if (moved == 0)
        return;
    table = ctl_table_new(columns, SW_COUNTOF(columns));
    for (const struct sw_json *l = sw_json_first(total, "levels"); l != NULL; l = l->next) {
        ctl_table_cell(table, sw_str(ctl_label(sw_json_text(l, "level"))));
        cell_number(table, l, "before", true);
        cell_number(table, l, "after", true);
        cell_number(table, l, "came", false);
        cell_number(table, l, "left", false);
    }
    printf("\n");
    ctl_table_print(table, stdout);
}

static void put_rules(const struct sw_json *root)
{
    static const struct ctl_column columns[] = {
        {N_("RULE"), CTL_LEFT},  {N_("LABEL"), CTL_LEFT},    {N_("ABOUT"), CTL_LEFT},
        {N_("NOW"), CTL_RIGHT},  {N_("THEN"), CTL_RIGHT},    {N_("BEGINS"), CTL_RIGHT},
        {N_("ENDS"), CTL_RIGHT}, {N_("NOT YET"), CTL_RIGHT},
    };
    struct ctl_table *table;

    if (sw_json_first(root, "by_rule") == NULL)
        return;
    table = ctl_table_new(columns, SW_COUNTOF(columns));
    for (const struct sw_json *r = sw_json_first(root, "by_rule"); r != NULL; r = r->next) {
        ctl_table_cell(table, sw_json_text(r, "rule"));
        ctl_table_cell(table, sw_json_text(r, "label"));
        ctl_table_cell(table, sw_str(ctl_label(sw_json_text(r, "subject"))));
        cell_number(table, r, "before", true);
        cell_number(table, r, "after", true);
        cell_number(table, r, "begins", false);
        cell_number(table, r, "ends", false);
        cell_number(table, r, "waits", false);
    }
    printf("\n");
    ctl_table_print(table, stdout);
}

static void put_work(const struct sw_json *root)
{
    const struct sw_json *cases = sw_json_get(root, "cases");
    const struct sw_json *tasks = sw_json_get(root, "tasks");

    if (sw_json_int(cases, "opened") != 0 || sw_json_int(cases, "closed") != 0)
        printf(_("cases: %.*s opened, %.*s closed\n"), SW_STR_ARG(sw_json_word(cases, "opened")),
               SW_STR_ARG(sw_json_word(cases, "closed")));
    if (sw_json_int(tasks, "opened") != 0 || sw_json_int(tasks, "closed") != 0)
        printf(_("tasks: %.*s opened, %.*s closed\n"), SW_STR_ARG(sw_json_word(tasks, "opened")),
               SW_STR_ARG(sw_json_word(tasks, "closed")));
}

static void put_messages(const struct sw_json *root)
{
    const struct sw_json *m = sw_json_get(root, "messages");

    printf(_("messages: %.*s sent to %.*s receivers\n"), SW_STR_ARG(sw_json_word(m, "more")),
           SW_STR_ARG(sw_json_word(m, "receivers")));
    if (sw_json_int(m, "fewer") > 0)
        printf(_("  %.*s that would have been sent are not\n"),
               SW_STR_ARG(sw_json_word(m, "fewer")));
    if (sw_json_int(m, "put_off") > 0)
        printf(_("  %.*s more wait: quiet hours, the like that is gathered, who has enough for "
                 "the day\n"),
               SW_STR_ARG(sw_json_word(m, "put_off")));
    if (sw_json_int(m, "hushed") > 0)
        printf(_("  %.*s more are silenced\n"), SW_STR_ARG(sw_json_word(m, "hushed")));
    for (const struct sw_json *s = sw_json_first(root, "storms"); s != NULL; s = s->next)
        printf(_("  held: the alerts of %.*s households by \"%.*s\" (on a usual day: %.*s); "
                 "nothing of it leaves until somebody releases it\n"),
               SW_STR_ARG(sw_json_word(s, "held")), SW_STR_ARG(sw_json_text(s, "label")),
               SW_STR_ARG(sw_json_word(s, "usual")));
}

/* "黄色 → 橙色", or the one of both. */
static void put_pair(struct sw_buf *out, struct sw_str before, struct sw_str after)
{
    if (sw_str_eq(before, after))
        sw_buf_printf(out, "%.*s", SW_STR_ARG(after));
    else
        sw_buf_printf(out, "%.*s → %.*s", SW_STR_ARG(before), SW_STR_ARG(after));
}

static void put_labels(struct sw_buf *out, const struct sw_json *rule, const char *sign)
{
    for (; rule != NULL; rule = rule->next)
        sw_buf_printf(out, "%s%s%.*s", out->n == 0 ? "" : " ", sign,
                      SW_STR_ARG(sw_json_text(rule, "label")));
}

static void put_one(struct ctl_table *t, const struct sw_json *v)
{
    struct sw_str id = sw_json_text(v, "household");
    struct sw_str falls = sw_json_text(v, "falls");
    struct sw_buf text = {0};

    ctl_table_cell(t, id.n > 0 ? id : sw_json_text(v, "area"));
    ctl_table_cell(t, sw_json_text(v, "place"));
    ctl_table_cell(t, sw_json_text(v, "name"));
    put_pair(&text, sw_str(ctl_label(sw_json_text(v, "before"))),
             sw_str(ctl_label(sw_json_text(v, "after"))));
    if (falls.n > 0)
        sw_buf_printf(&text, _(", falls on %.*s"), SW_STR_ARG(falls));
    ctl_table_cell(t, sw_buf_view(&text));
    sw_buf_clear(&text);
    put_pair(&text, sw_json_word(v, "score_before"), sw_json_word(v, "score"));
    ctl_table_cell(t, sw_buf_view(&text));
    sw_buf_clear(&text);
    put_labels(&text, sw_json_first(v, "begins"), "+");
    put_labels(&text, sw_json_first(v, "ends"), "-");
    ctl_table_cell(t, sw_buf_view(&text));
    sw_buf_free(&text);
}

static void put_list(const struct sw_json *root)
{
    static const struct ctl_column columns[] = {
        {N_("HOUSEHOLD"), CTL_LEFT}, {N_("PLACE"), CTL_LEFT}, {N_("NAME"), CTL_LEFT},
        {N_("LEVEL"), CTL_LEFT},     {N_("SCORE"), CTL_LEFT}, {N_("RULES"), CTL_LEFT},
    };
    int64_t all = sw_json_int(sw_json_get(root, "households"), "changed") +
                  sw_json_int(sw_json_get(root, "areas"), "changed");
    int64_t left = all;
    struct ctl_table *table;

    if (sw_json_first(root, "list") == NULL)
        return;
    table = ctl_table_new(columns, SW_COUNTOF(columns));
    for (const struct sw_json *v = sw_json_first(root, "list"); v != NULL; v = v->next, left--)
        put_one(table, v);
    printf("\n");
    ctl_table_print(table, stdout);
    if (left > 0)
        printf(_("… and %lld more; --limit %lld names all\n"), (long long)left, (long long)all);
}

static bool has_effect(const struct sw_json *root)
{
    static const char *const counts[][2] = {
        {"households", "changed"}, {"areas", "changed"},    {"messages", "more"},
        {"messages", "fewer"},     {"messages", "put_off"}, {"messages", "held"},
        {"messages", "hushed"},    {"cases", "opened"},     {"cases", "closed"},
        {"tasks", "opened"},       {"tasks", "closed"},
    };
    bool any = false;

    for (size_t i = 0; i < SW_COUNTOF(counts); i++)
        any = any || sw_json_int(sw_json_get(root, counts[i][0]), counts[i][1]) != 0;
    return any;
}

/* A later day that --on takes. */
static bool can_show(struct sw_str day, struct sw_str ahead)
{
    sw_day now;
    sw_day then;

    return sw_date_parse(day, &now) && sw_date_parse(ahead, &then) && then - now <= AHEAD_DAYS;
}

static void show(const struct sw_json *root, const char *folder, bool on_a_day)
{
    const struct sw_json *households = sw_json_get(root, "households");
    const struct sw_json *areas = sw_json_get(root, "areas");
    struct sw_str ahead = sw_json_text(root, "ahead");
    struct sw_str day = sw_json_text(root, "day");

    printf(on_a_day ? _("If the rules in %s became active now, at the end of %.*s:\n")
                    : _("If the rules in %s became active now, %.*s:\n"),
           folder, SW_STR_ARG(day));
    if (sw_str_eq(sw_json_text(root, "active"), sw_json_text(root, "rules"))) {
        printf(_("nothing changes: these rules are in force\n"));
        return;
    }
    if (!has_effect(root)) {
        printf(_("nothing changes: no household, no place, no message (%.*s households)\n"),
               SW_STR_ARG(sw_json_word(households, "of")));
    } else {
        put_total(households, false);
        put_towns(root);
        put_total(areas, true);
        put_work(root);
        put_messages(root);
        put_levels(households, N_("HOUSEHOLDS"));
        put_levels(areas, N_("PLACES"));
        put_rules(root);
        put_list(root);
    }
    if (can_show(day, ahead))
        printf(_("\nNumbers or rules change on %.*s, too: --on %.*s shows that day\n"),
               SW_STR_ARG(ahead), SW_STR_ARG(ahead));
}

static int show_text(const struct sw_buf *text, const char *folder, bool on_a_day)
{
    struct sw_arena arena = {0};
    struct sw_json *root;
    struct sw_err err;
    int status = CTL_GOOD;

    if (sw_json_parse(&arena, sw_buf_view(text), &root, &err) == SW_OK)
        show(root, folder, on_a_day);
    else
        status = ctl_fail("%s", err.text);
    sw_arena_free(&arena);
    return status;
}

/* ---- the verb ----------------------------------------------------------------------------- */

/* A word of the folder that only the registry can judge. */
static void warn_of_areas(const struct sw_engine *e, const struct sw_ruleset *rules)
{
    struct sw_diag diag = {0};

    sw_engine_check_areas(e, rules, &diag);
    sw_diag_print(&diag, stderr);
    sw_diag_free(&diag);
}

/* The service takes no rules of which a test fails: what is shown would not come about. */
static int run_tests(struct sw_ruleset *rules, const char *folder)
{
    struct sw_buf text = {0};
    size_t failed = sw_rules_fail(folder, rules, &text);

    if (failed > 0)
        fprintf(stderr, "%.*s", SW_STR_ARG(sw_buf_view(&text)));
    sw_buf_free(&text);
    return failed == 0 ? CTL_GOOD
                       : ctl_fail(_("%zu tests of %s fail: the service does not take these rules "
                                    "before they pass"),
                                  failed, folder);
}

static void on_day(void *ctx, uint64_t days, uint64_t all)
{
    struct ctl_progress *p = ctx;

    if (p->total == 0)
        ctl_progress_begin(p, _("days"), all);
    ctl_progress_step(p, days, 0);
}

static int preview(struct ctl *c, struct sw_preview *asked, const char *folder)
{
    struct ctl_progress *progress = asked->ctx;
    struct sw_engine *e = NULL;
    struct sw_buf text = {0};
    struct sw_query *q;
    struct sw_err err;
    enum sw_code rc;
    int status = CTL_GOOD;

    if (ctl_open_store(c, &q) != CTL_GOOD)
        return CTL_FAILED;
    rc = sw_query_engine(q, c->config->snapshot, &e, &asked->pos, &err);
    sw_query_close(q);
    if (rc == SW_OK) {
        warn_of_areas(e, asked->rules);
        rc = sw_engine_preview(e, asked, &text, NULL, &err);
    }
    if (progress->total > 0)
        ctl_progress_end(progress);
    if (rc != SW_OK)
        status = ctl_fail("%s", err.text);
    else if (c->json)
        printf("%.*s\n", SW_STR_ARG(sw_buf_view(&text)));
    else
        status = show_text(&text, folder, asked->until > 0);
    sw_engine_free(e);
    sw_buf_free(&text);
    return status;
}

static bool read_options(int *argc, char **argv, struct sw_preview *asked, const char **on)
{
    const char *limit = ctl_option(argc, argv, "--limit");
    int64_t n = LISTED;

    *on = ctl_option(argc, argv, "--on");
    if (ctl_unknown_options(*argc, argv) || *argc > 2 ||
        (limit != NULL && (!sw_str_int(sw_str(limit), &n) || n < 0 || n > UINT32_MAX)))
        return false;
    asked->listed = (uint32_t)n;
    return true;
}

int ctl_rules_preview(struct ctl *c, int argc, char **argv)
{
    struct ctl_progress progress = {.total = 0};
    struct sw_preview asked = {
        .now = (sw_time)time(NULL) * SW_SECOND, .passed = on_day, .ctx = &progress};
    struct sw_diag diag = {0};
    const char *folder;
    const char *on;
    int status;

    if (!read_options(&argc, argv, &asked, &on))
        return CTL_USAGE;
    folder = ctl_config(c) == NULL ? NULL : ctl_rules_folder(c, argc, argv);
    if (folder == NULL)
        return CTL_FAILED;
    asked.rules = sw_rules_compile(folder, &diag);
    sw_diag_print(&diag, stderr);
    sw_diag_free(&diag);
    if (asked.rules == NULL)
        return CTL_FAILED;
    if (on != NULL) {
        sw_day today = sw_zone_day(sw_ruleset_schema(asked.rules)->zone, asked.now);

        if (!sw_date_parse(sw_str(on), &asked.until) || asked.until < today ||
            asked.until - today > AHEAD_DAYS) {
            sw_ruleset_free(asked.rules);
            return ctl_fail(_("--on: expected a day like 2026-08-01, within a year from today"));
        }
    }
    status = preview(c, &asked, folder);
    if (status == CTL_GOOD)
        status = run_tests(asked.rules, folder);
    sw_ruleset_free(asked.rules);
    return status;
}
