/* schema.c - JSON Schemas for whoever writes files or events: printed from the very tables that the
 * loaders read by. */
#include "ctl.h"
#include <shouwang/base/i18n.h>
#include <shouwang/engine/ruletest.h>
#include <shouwang/intake/layout.h>
#include <shouwang/model/event.h>

static const struct {
    const char *name;
    const struct sw_keys *keys;
    const char *title;
} files[] = {
    {"rules", &sw_rule_file_keys, N_("Shouwang: a rule file")},
    {"params", &sw_params_keys, N_("Shouwang: params.yaml, the numbers a county tunes")},
    {"areas", &sw_areas_keys, N_("Shouwang: areas.yaml, places that differ")},
    {"schema", &sw_schema_keys, N_("Shouwang: schema.yaml, events and facts")},
    {"tests", &sw_test_file_keys, N_("Shouwang: a file of tests of rules")},
    {"config", &sw_config_keys, N_("Shouwang: the daemon's configuration")},
    {"calendar", &sw_calendar_keys, N_("Shouwang: calendar.yaml, holidays and worked weekends")},
    {"feed", &sw_layout_keys, N_("Shouwang: feeds/NAME.yaml, a department's table")},
    {"cases", &sw_cases_keys, N_("Shouwang: cases.yaml, how a case goes from alert to end")},
    {"people", &sw_people_keys, N_("Shouwang: people.yaml, whose a case is and who is told")},
    {"messages", &sw_messages_keys, N_("Shouwang: messages.yaml, the texts of messages")},
};

static int print(struct sw_buf *text)
{
    sw_buf_char(text, '\n');
    fwrite(text->p, 1, text->n, stdout);
    sw_buf_free(text);
    return CTL_GOOD;
}

/* Events follow from a county's own schema.yaml. */
static int print_events(struct ctl *c, const char *folder)
{
    struct sw_diag diag = {0};
    struct sw_buf path = {0};
    struct sw_buf text = {0};
    struct sw_schema *s;

    if (folder == NULL && ctl_config(c) == NULL)
        return CTL_FAILED;
    sw_buf_printf(&path, "%s/schema.yaml", folder == NULL ? c->config->rules : folder);
    s = sw_schema_load(path.p, &diag);
    sw_diag_print(&diag, stderr);
    sw_diag_free(&diag);
    sw_buf_free(&path);
    if (s == NULL)
        return CTL_FAILED;
    sw_events_schema(s, &text);
    sw_schema_free(s);
    return print(&text);
}

int ctl_schema(struct ctl *c, int argc, char **argv)
{
    struct sw_buf text = {0};

    if (ctl_unknown_options(argc, argv) || argc < 2 || argc > 3)
        return CTL_USAGE;
    if (strcmp(argv[1], "events") == 0)
        return print_events(c, argv[2]);
    for (size_t i = 0; i < SW_COUNTOF(files) && argc == 2; i++) {
        if (strcmp(argv[1], files[i].name) == 0) {
            sw_keys_schema(files[i].keys, _(files[i].title), &text);
            return print(&text);
        }
    }
    return CTL_USAGE;
}
