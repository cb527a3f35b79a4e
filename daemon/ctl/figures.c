/* figures.c - what became of alerts, by month, level, rule or place: a table, CSV or JSON. */
#include "ctl.h"
#include "rulecheck.h"
#include <shouwang/base/csv.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/store/figures.h>
#include <stdarg.h>
#include <time.h>

/* Shares of one figure in another, in percent; the last is a quotient. */
static const struct {
    const char *name;
    enum sw_figure of, in;
    double scale;
} shares[] = {
    {"in_time_percent", SW_FIGURE_IN_TIME, SW_FIGURE_TIMED, 100},
    {"precision_percent", SW_FIGURE_TRUE, SW_FIGURE_VERIFIED, 100},
    {"visits_per_true", SW_FIGURE_VISITS, SW_FIGURE_TRUE, 1},
};

enum { IN_TIME, PRECISION, VISITS_PER_TRUE, SHARES };

struct printing {
    struct ctl_table *table; /* NULL: CSV or JSON lines */
    bool csv, in_all;
    struct sw_buf line;
};

/* Empty when there is nothing to share. */
static void put_share(struct sw_buf *out, const struct sw_figures_row *r, int share)
{
    if (r->n[shares[share].in] > 0)
        sw_buf_printf(out, "%.1f",
                      shares[share].scale * (double)r->n[shares[share].of] /
                          (double)r->n[shares[share].in]);
}

/* ---- a table ------------------------------------------------------------------------------- */

static const struct ctl_column columns[] = {
    {N_("OF"), CTL_LEFT},           {N_("LABEL"), CTL_LEFT},     {N_("CASES"), CTL_RIGHT},
    {N_("OPEN"), CTL_RIGHT},        {N_("ANSWERED"), CTL_RIGHT}, {N_("IN TIME %"), CTL_RIGHT},
    {N_("OVERDUE"), CTL_RIGHT},     {N_("VISITS"), CTL_RIGHT},   {N_("TRUE"), CTL_RIGHT},
    {N_("NOT TRUE"), CTL_RIGHT},    {N_("TRUE %"), CTL_RIGHT},   {N_("VISITS EACH"), CTL_RIGHT},
    {N_("PASSED UP"), CTL_RIGHT},   {N_("UNOWNED"), CTL_RIGHT},  {N_("TEXTS"), CTL_RIGHT},
    {N_("UNDELIVERED"), CTL_RIGHT}, {N_("MISSED"), CTL_RIGHT},
};

/* What stands in the columns behind the name: a figure, or SW_FIGURES + a share. */
static const int cells[] = {
    SW_FIGURE_OPENED,       SW_FIGURE_OPEN,
    SW_FIGURE_ANSWERED,     SW_FIGURES + IN_TIME,
    SW_FIGURE_OVERDUE,      SW_FIGURE_VISITS,
    SW_FIGURE_TRUE,         SW_FIGURE_NOT_TRUE,
    SW_FIGURES + PRECISION, SW_FIGURES + VISITS_PER_TRUE,
    SW_FIGURE_PASSED_UP,    SW_FIGURE_UNOWNED,
    SW_FIGURE_TEXTS,        SW_FIGURE_UNDELIVERED,
    SW_FIGURE_MISSED,
};

static void put_row(struct printing *p, const struct sw_figures_row *r)
{
    ctl_table_cell(p->table, r->key.n > 0 ? r->key : sw_str(p->in_all ? _("all") : "-"));
    ctl_table_cell(p->table, r->label);
    for (size_t i = 0; i < SW_COUNTOF(cells); i++) {
        sw_buf_clear(&p->line);
        if (cells[i] < SW_FIGURES)
            sw_buf_printf(&p->line, "%llu", (unsigned long long)r->n[cells[i]]);
        else
            put_share(&p->line, r, cells[i] - SW_FIGURES);
        ctl_table_cell(p->table, sw_buf_view(&p->line));
    }
}

/* ---- for programs -------------------------------------------------------------------------- */

static void put_names(struct sw_buf *out, const char *by)
{
    sw_buf_printf(out, "\xef\xbb\xbf%s,label", by); /* for Excel */
    for (int i = 0; i < SW_FIGURES; i++)
        sw_buf_printf(out, ",%s", sw_figure_name((enum sw_figure)i));
    for (int i = 0; i < SHARES; i++)
        sw_buf_printf(out, ",%s", shares[i].name);
    sw_buf_cstr(out, "\r\n");
}

static void put_csv(struct sw_buf *out, const struct sw_figures_row *r)
{
    sw_csv_put(out, r->key, true);
    sw_csv_put(out, r->label, false);
    for (int i = 0; i < SW_FIGURES; i++)
        sw_buf_printf(out, ",%llu", (unsigned long long)r->n[i]);
    for (int i = 0; i < SHARES; i++) {
        sw_buf_char(out, ',');
        put_share(out, r, i);
    }
    sw_buf_cstr(out, "\r\n");
}

static void put_json(struct sw_buf *out, const struct sw_figures_row *r)
{
    struct sw_jw w = {.out = out};

    sw_jw_object(&w);
    sw_jw_member(&w, "key", r->key);
    sw_jw_member(&w, "label", r->label);
    for (int i = 0; i < SW_FIGURES; i++)
        sw_jw_member_int(&w, sw_figure_name((enum sw_figure)i), (int64_t)r->n[i]);
    sw_jw_end(&w);
    sw_buf_char(out, '\n');
}

static void on_row(void *ctx, const struct sw_figures_row *r)
{
    struct printing *p = ctx;

    if (p->table != NULL) {
        put_row(p, r);
        return;
    }
    sw_buf_clear(&p->line);
    if (p->csv)
        put_csv(&p->line, r);
    else
        put_json(&p->line, r);
    fwrite(p->line.p, 1, p->line.n, stdout);
}

/* ---- the verb ------------------------------------------------------------------------------ */

/* "2026-11" to the first instant of that month, or of the one after it. */
static bool read_month(const struct sw_zone *zone, const char *text, bool after, sw_time *out)
{
    struct sw_buf day = {0};
    sw_day first;
    bool good;

    sw_buf_printf(&day, "%s-01", text);
    good = sw_date_parse(sw_buf_view(&day), &first);
    sw_buf_free(&day);
    if (!good)
        return ctl_fail(_("%s is no month; written like 2026-11"), text) == CTL_GOOD;
    if (after) {
        struct sw_civil c = sw_civil_of(first + 31);

        first = sw_day_of(c.year, c.month, 1);
    }
    *out = sw_zone_midnight(zone, first);
    return true;
}

static bool read_by(const char *text, enum sw_figures_by *by)
{
    for (*by = SW_FIGURES_IN_ALL; *by < SW_FIGURES_BYS; (*by)++) {
        if (strcmp(text, sw_figures_by_name(*by)) == 0)
            return true;
    }
    ctl_fail(_("figures are counted by all, month, level, rule, role, town or village, not by %s"),
             text);
    return false;
}

static int print_figures(struct ctl *c, const struct sw_figures_filter *f, bool csv)
{
    struct printing p = {.csv = csv, .in_all = f->by == SW_FIGURES_IN_ALL};
    struct sw_query *q;
    struct sw_err err;
    enum sw_code rc;

    if (sw_query_open(&q, c->config->database, &err) != SW_OK)
        return ctl_fail("%s", err.text);
    if (csv) {
        put_names(&p.line, sw_figures_by_name(f->by));
        fwrite(p.line.p, 1, p.line.n, stdout);
    } else if (!c->json) {
        p.table = ctl_table_new(columns, SW_COUNTOF(columns));
    }
    rc = sw_query_figures(q, f, on_row, &p, &err);
    if (p.table != NULL)
        ctl_table_print(p.table, rc == SW_OK ? stdout : NULL);
    sw_buf_free(&p.line);
    sw_query_close(q);
    return rc == SW_OK ? CTL_GOOD : ctl_fail("%s", err.text);
}

int ctl_figures(struct ctl *c, int argc, char **argv)
{
    const char *by = ctl_option(&argc, argv, "--by");
    const char *from = ctl_option(&argc, argv, "--from");
    const char *until = ctl_option(&argc, argv, "--until");
    const char *area = ctl_option(&argc, argv, "--area");
    bool csv = ctl_flag(&argc, argv, "--csv");
    struct sw_figures_filter f = {.from = 0, .until = INT64_MAX, .area = sw_str(area)};
    const struct sw_config *config;
    struct sw_diag diag = {0};
    struct sw_buf codes = {0};
    struct sw_ruleset *rs;
    int rc = CTL_USAGE;

    if (ctl_unknown_options(argc, argv) || argc > 1 || (csv && c->json))
        return CTL_USAGE;
    config = ctl_config(c);
    if (config == NULL)
        return CTL_FAILED;
    rs = sw_rules_compile(config->rules, &diag); /* the county's time zone is in its schema */
    if (rs == NULL)
        sw_diag_print(&diag, stderr);
    sw_diag_free(&diag);
    if (rs == NULL)
        return CTL_FAILED;
    f.zone = sw_ruleset_schema(rs)->zone;
    f.now = (sw_time)time(NULL) * SW_SECOND;
    if (!ctl_is_area(f.area)) {
        sw_ruleset_free(rs);
        return CTL_FAILED;
    }
    ctl_area_codes(c, f.area, &codes);
    f.codes = sw_buf_view(&codes);
    if (read_by(by == NULL ? "month" : by, &f.by) &&
        (from == NULL || read_month(f.zone, from, false, &f.from)) &&
        (until == NULL || read_month(f.zone, until, true, &f.until)) &&
        (f.from < f.until || !ctl_fail(_("--from %s lies behind --until %s"), from, until)))
        rc = print_figures(c, &f, csv);
    sw_ruleset_free(rs);
    sw_buf_free(&codes);
    return rc;
}
