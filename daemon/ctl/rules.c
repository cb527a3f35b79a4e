/* rules.c - rules as people ask for them: which there are, what each says in words, and everything
 * a technician may want to know of one. The read-back itself is Chinese whatever LANG says: it is
 * the text that is signed. */
#include "ctl.h"
#include "rulecheck.h"
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/engine/describe.h>
#include <sys/stat.h>
#include <time.h>

/* What stands on the command line behind the verb. */
struct asked {
    const char *rule;   /* NULL: all */
    const char *folder; /* NULL: the configuration's */
};

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* [RULE] [FOLDER]: a folder is known by being one. False: usage. */
static bool read_arguments(int argc, char **argv, struct asked *out)
{
    *out = (struct asked){.rule = NULL};
    if (ctl_unknown_options(argc, argv) || argc > 3)
        return false;
    if (argc == 3) {
        out->rule = argv[1];
        out->folder = argv[2];
    } else if (argc == 2 && is_folder(argv[1])) {
        out->folder = argv[1];
    } else if (argc == 2) {
        out->rule = argv[1];
    }
    return true;
}

static struct sw_ruleset *load(struct ctl *c, const char *folder)
{
    struct sw_diag diag = {0};
    struct sw_ruleset *rs;

    if (folder == NULL && ctl_config(c) == NULL)
        return NULL;
    rs = sw_rules_compile(folder != NULL ? folder : c->config->rules, &diag);
    if (rs == NULL)
        sw_diag_print(&diag, stderr);
    sw_diag_free(&diag);
    return rs;
}

/* ---- list --------------------------------------------------------------------------------- */

static const char *date_or(sw_day day, sw_day none, char out[SW_DATE_SIZE])
{
    return day == none ? "" : sw_date_format(day, out);
}

static void put_json(const struct sw_rule_line *line)
{
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    char date[SW_DATE_SIZE];

    sw_jw_object(&w);
    sw_jw_member(&w, "rule", line->name);
    sw_jw_member(&w, "label", line->label);
    sw_jw_member(&w, "kind", line->task ? SW_STR("task") : SW_STR("risk"));
    sw_jw_member(&w, "category", line->category);
    sw_jw_member(&w, "subject", line->subject);
    sw_jw_key(&w, "enabled");
    sw_jw_bool(&w, line->enabled);
    sw_jw_member(&w, "from", sw_str(date_or(line->from, INT32_MIN, date)));
    sw_jw_member(&w, "until", sw_str(date_or(line->until, SW_DAY_NEVER, date)));
    sw_jw_member_int(&w, "tests", (int64_t)line->tests);
    sw_jw_key(&w, "streams");
    sw_jw_array(&w);
    for (size_t i = 0; i < line->n_streams; i++)
        sw_jw_str(&w, line->stream[i]);
    sw_jw_end(&w);
    sw_jw_member(&w, "file", line->at.file);
    sw_jw_member_int(&w, "line", line->at.line);
    sw_jw_end(&w);
    sw_buf_char(&out, '\n');
    fwrite(out.p, 1, out.n, stdout);
    sw_buf_free(&out);
}

static void put_row(const struct sw_rule_line *line, struct ctl_table *table)
{
    struct sw_buf text = {0};
    char date[SW_DATE_SIZE];

    ctl_table_cell(table, line->name);
    ctl_table_cell(table, line->label);
    ctl_table_cell(table, line->task ? sw_str(_("task")) : line->category);
    ctl_table_cell(table, sw_str(ctl_label(line->subject)));
    ctl_table_cell(table, sw_str(line->enabled ? _("active") : _("switched off")));
    ctl_table_cell(table, sw_str(date_or(line->from, INT32_MIN, date)));
    ctl_table_cell(table, sw_str(date_or(line->until, SW_DAY_NEVER, date)));
    sw_buf_printf(&text, "%zu", line->tests);
    ctl_table_cell(table, sw_buf_view(&text));
    sw_buf_clear(&text);
    for (size_t i = 0; i < line->n_streams; i++)
        sw_buf_printf(&text, "%s%.*s", i > 0 ? " " : "", SW_STR_ARG(line->stream[i]));
    ctl_table_cell(table, sw_buf_view(&text));
    sw_buf_free(&text);
}

int ctl_rules_list(struct ctl *c, int argc, char **argv)
{
    static const struct ctl_column columns[] = {
        {N_("RULE"), CTL_LEFT},  {N_("LABEL"), CTL_LEFT},  {N_("CATEGORY"), CTL_LEFT},
        {N_("ABOUT"), CTL_LEFT}, {N_("STATE"), CTL_LEFT},  {N_("FROM"), CTL_LEFT},
        {N_("UNTIL"), CTL_LEFT}, {N_("TESTS"), CTL_RIGHT}, {N_("EVENTS READ"), CTL_LEFT},
    };
    struct ctl_table *table = NULL;
    struct sw_ruleset *rs;

    if (ctl_unknown_options(argc, argv) || argc > 2)
        return CTL_USAGE;
    rs = load(c, argc == 2 ? argv[1] : NULL);
    if (rs == NULL)
        return CTL_FAILED;
    if (!c->json)
        table = ctl_table_new(columns, SW_COUNTOF(columns));
    for (size_t i = 0; i < sw_ruleset_rules(rs); i++) {
        struct sw_rule_line line;

        sw_rule_line(rs, i, &line);
        if (table == NULL)
            put_json(&line);
        else
            put_row(&line, table);
    }
    if (table != NULL)
        ctl_table_print(table, stdout);
    sw_ruleset_free(rs);
    return CTL_GOOD;
}

/* ---- one rule, or all --------------------------------------------------------------------- */

/* The rule asked for; SW_NONE after saying that there is none. */
static uint32_t find(const struct sw_ruleset *rs, const char *name)
{
    uint32_t rule = sw_rule_find(rs, sw_str(name));
    struct sw_str near;

    if (rule != SW_NONE)
        return rule;
    near = sw_rule_nearest(rs, sw_str(name));
    if (near.n > 0)
        ctl_fail(_("no rule %s; did you mean %.*s?"), name, SW_STR_ARG(near));
    else
        ctl_fail(_("no rule %s; `shouwang rules list` tells which there are"), name);
    return SW_NONE;
}

static void print(struct sw_buf *text)
{
    fwrite(text->p, 1, text->n, stdout);
    sw_buf_free(text);
}

int ctl_rules_read(struct ctl *c, int argc, char **argv)
{
    struct sw_buf text = {0};
    bool complete = true;
    struct asked asked;
    struct sw_ruleset *rs;
    uint32_t only;

    if (!read_arguments(argc, argv, &asked))
        return CTL_USAGE;
    rs = load(c, asked.folder);
    if (rs == NULL)
        return CTL_FAILED;
    only = asked.rule == NULL ? 0 : find(rs, asked.rule);
    for (size_t i = 0; only != SW_NONE && i < sw_ruleset_rules(rs); i++) {
        if (asked.rule == NULL || i == only)
            complete &= sw_rule_read(rs, i, &text);
    }
    print(&text);
    if (!complete)
        fprintf(stderr, _("What stands in backquotes has no words, or no label in schema.yaml or "
                          "params.yaml.\n"));
    sw_ruleset_free(rs);
    return only == SW_NONE ? CTL_FAILED : CTL_GOOD;
}

int ctl_rules_explain(struct ctl *c, int argc, char **argv)
{
    struct sw_buf text = {0};
    struct asked asked;
    struct sw_ruleset *rs;
    uint32_t rule;

    if (!read_arguments(argc, argv, &asked) || asked.rule == NULL)
        return CTL_USAGE;
    rs = load(c, asked.folder);
    if (rs == NULL)
        return CTL_FAILED;
    rule = find(rs, asked.rule);
    if (rule != SW_NONE) {
        const struct sw_zone *zone = sw_ruleset_schema(rs)->zone;

        sw_rule_explain(rs, rule, sw_zone_day(zone, (sw_time)time(NULL) * SW_SECOND), &text);
        print(&text);
    }
    sw_ruleset_free(rs);
    return rule == SW_NONE ? CTL_FAILED : CTL_GOOD;
}
