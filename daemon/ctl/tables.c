/* tables.c - a department's table into the daemon: which layout it has, its rows as events, and
 * what became of them. Good rows go in whatever stands in the others; bad ones are told by line and
 * kept in a table of their own. */
#include "tables.h"
#include <shouwang/base/hash.h>
#include <shouwang/base/i18n.h>
#include <shouwang/model/event.h>

/* ---- layouts ------------------------------------------------------------------------------ */

bool tables_load(struct tables *ts, const char *rules)
{
    struct sw_diag diag = {0};
    struct sw_buf path = {0};
    bool good = false;

    *ts = (struct tables){0};
    sw_buf_printf(&path, "%s/schema.yaml", rules);
    ts->schema = sw_schema_load(path.p, &diag);
    if (ts->schema != NULL)
        good = sw_layouts_load(rules, ts->schema, &ts->layouts, &diag);
    sw_diag_print(&diag, stderr);
    sw_diag_free(&diag);
    sw_buf_free(&path);
    return good;
}

void tables_free(struct tables *ts)
{
    sw_layouts_free(&ts->layouts);
    sw_schema_free(ts->schema);
    *ts = (struct tables){0};
}

const char *tables_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* By its own name, or all of a department. */
static bool is_wanted(const struct sw_layout *l, const struct table_job *job)
{
    if (job->feed == NULL)
        return sw_layout_is_for(l, job->name);
    return sw_str_is(l->name, job->feed) || sw_str_is(l->feed, job->feed);
}

static void tell_no_layout(const struct tables *ts, const struct table_job *job, struct sw_err *err)
{
    const char *other = sw_table_not_a_text(job->bytes);
    struct sw_buf names = {0};

    for (size_t i = 0; i < ts->layouts.n; i++)
        sw_buf_printf(&names, "%s%.*s", i == 0 ? "" : ", ",
                      SW_STR_ARG(ts->layouts.layout[i]->name));
    if (names.n == 0)
        sw_fail(err, SW_EINVALID,
                _("no tables of departments are described in the rule folder (feeds/*.yaml)"));
    else if (job->feed != NULL)
        sw_fail(err, SW_EINVALID, _("no feed %s; there are %s"), job->feed, names.p);
    else if (other != NULL) /* renaming would not help */
        sw_fail(err, SW_EINVALID, "%s", _(other));
    else
        sw_fail(err, SW_EINVALID, _("no feed is for files of this name; name one with --feed: %s"),
                names.p);
    sw_buf_free(&names);
}

/* Among several layouts that may be meant, the one whose header is there. */
static enum sw_code open_table(const struct tables *ts, const struct table_job *job,
                               struct sw_table **out, struct sw_err *err)
{
    struct sw_err other;
    size_t tried = 0;

    *out = NULL;
    for (size_t i = 0; i < ts->layouts.n; i++) {
        struct sw_layout *l = ts->layouts.layout[i];
        struct sw_table *t;

        if (!is_wanted(l, job) ||
            sw_table_open(&t, l, job->bytes, tried++ == 0 ? err : &other) != SW_OK)
            continue;
        if (*out == NULL) {
            *out = t;
            continue;
        }
        sw_fail(err, SW_EINVALID, _("both %.*s and %.*s fit this table; name one with --feed"),
                SW_STR_ARG(sw_table_facts(*out)->layout->name), SW_STR_ARG(l->name));
        sw_table_close(t);
        sw_table_close(*out);
        *out = NULL;
        return SW_EINVALID;
    }
    if (tried == 0)
        tell_no_layout(ts, job, err);
    return *out == NULL ? SW_EINVALID : SW_OK;
}

/* ---- rows --------------------------------------------------------------------------------- */

struct run {
    struct table_job *job;
    struct feeding *f;
    struct sw_table *table;
    struct refusals refusals;
};

static void report_found(struct run *r)
{
    const struct sw_table_facts *facts = sw_table_facts(r->table);
    const char *separator = facts->separator == '\t'  ? _("tabs")
                            : facts->separator == ';' ? _("semicolons")
                                                      : _("commas");

    sw_buf_printf(&r->job->report, _("%s: %.*s (%.*s), %s, %s, titles in line %u\n"), r->job->path,
                  SW_STR_ARG(facts->layout->name), SW_STR_ARG(facts->layout->stream->name),
                  facts->encoding, separator, facts->header_line);
    if (facts->unused.n > 0)
        sw_buf_printf(&r->job->report, _("%s: columns not read: %.*s\n"), r->job->path,
                      SW_STR_ARG(facts->unused));
}

/* False: not all rows were handed over and answered. */
static bool send_rows(struct run *r)
{
    struct sw_buf text = {0};
    enum sw_row row = SW_ROW_EVENT;
    uint32_t line;
    bool good = true;

    while (good && (row = sw_table_next(r->table, &line, &text)) != SW_ROW_END) {
        if (row == SW_ROW_EVENT) {
            good = feeding_event(r->f, sw_buf_view(&text), line) == CTL_GOOD;
        } else {
            r->f->refused++;
            refusals_keep(&r->refusals, line, sw_buf_view(&text));
        }
        good = good && (r->job->stop == NULL || *r->job->stop == 0);
    }
    sw_buf_free(&text);
    return good && feeding_flush(r->f) == CTL_GOOD;
}

static bool is_list(const struct sw_table_facts *facts)
{
    return facts->layout->stream->replaces != SW_REPLACES_NONE;
}

/* When the list was drawn up, and a day of the period it is about: as its rows say. */
static void put_drawn_up(struct sw_jw *w, const struct sw_table_facts *facts)
{
    const struct sw_zone *zone = facts->layout->schema->zone;
    char text[SW_RFC3339_SIZE];

    sw_rfc3339_format(facts->time, sw_zone_offset(zone, facts->time), text);
    sw_jw_member(w, "time", sw_str(text));
    sw_rfc3339_format(facts->stated, sw_zone_offset(zone, facts->stated), text);
    sw_jw_member(w, "recordedtime", sw_str(text));
}

/* The same file makes the same id: it is no batch of its own when it comes again. */
static void put_closed(const struct run *r, struct sw_buf *out)
{
    const struct sw_table_facts *facts = sw_table_facts(r->table);
    struct sw_str feed = facts->layout->stream->feed;
    struct sw_jw w = {.out = out};
    struct sw_buf text = {0};

    sw_jw_object(&w);
    sw_jw_member(&w, "specversion", SW_STR("1.0"));
    sw_buf_printf(&text, "batch-%016llx",
                  (unsigned long long)sw_siphash((struct sw_hash_key){1, 2}, r->job->bytes.p,
                                                 r->job->bytes.n));
    if (is_list(facts))
        sw_buf_printf(&text, "-%lld", (long long)(facts->stated / SW_SECOND));
    sw_jw_member(&w, "id", sw_buf_view(&text));
    sw_buf_clear(&text);
    sw_buf_printf(&text, "table/%.*s", SW_STR_ARG(feed));
    sw_jw_member(&w, "source", sw_buf_view(&text));
    sw_jw_member(&w, "type", SW_STR(SW_BATCH_CLOSED));
    sw_buf_clear(&text);
    sw_buf_printf(&text, "feed/%.*s", SW_STR_ARG(feed));
    sw_jw_member(&w, "subject", sw_buf_view(&text));
    if (is_list(facts))
        put_drawn_up(&w, facts);
    sw_jw_key(&w, "data");
    sw_jw_object(&w);
    sw_jw_member_int(&w, "rows", (int64_t)(facts->rows - facts->repeats));
    if (!is_list(facts)) /* rows of the list before may stand in this one again */
        sw_jw_member_int(&w, "known",
                         (int64_t)(r->refusals.after.repeated - r->refusals.before.repeated));
    if (is_list(facts))
        sw_jw_member(&w, "list", facts->layout->stream->name);
    sw_jw_end(&w);
    sw_jw_end(&w);
    sw_buf_free(&text);
}

/* The rows are in. True: so is that they were all, where the layout wants it told. */
static bool close_batch(struct run *r)
{
    const struct sw_table_facts *facts = sw_table_facts(r->table);
    struct sw_publisher_counts now;
    struct sw_buf event = {0};
    bool good;

    refusals_rows_are_in(&r->refusals);
    if (!facts->layout->batch || facts->is_rest || r->job->history || r->refusals.n == facts->rows)
        return true;
    if (is_list(facts) && !facts->one_list) {
        sw_buf_printf(&r->job->report,
                      _("%s: rows were stated at different times or are about different periods: "
                        "they are no whole list, and nobody is taken away by it\n"),
                      r->job->path);
        return true;
    }
    put_closed(r, &event);
    good =
        feeding_event(r->f, sw_buf_view(&event), 0) == CTL_GOOD && feeding_flush(r->f) == CTL_GOOD;
    sw_publisher_count(r->f->publisher, &now);
    r->f->own_stored += now.stored - r->refusals.after.stored;
    r->f->own_repeated += now.repeated - r->refusals.after.repeated;
    sw_buf_free(&event);
    return good;
}

static enum table_end run_table(struct run *r)
{
    const struct sw_table_facts *facts = sw_table_facts(r->table);
    struct sw_buf rejected = {0};
    enum table_end end;
    bool sent;

    refusals_begin(&r->refusals, r->f, r->job);
    report_found(r);
    sent = send_rows(r) && close_batch(r);
    if (sent && r->refusals.n > 0)
        sw_table_rejected(r->table, r->refusals.row, r->refusals.n, &rejected);
    end = refusals_end(&r->refusals, sent, sw_buf_view(&rejected), facts->rows, facts->skipped);
    sw_buf_free(&rejected);
    return end;
}

enum table_end tables_run(const struct tables *ts, struct feeding *f, struct table_job *job)
{
    struct run r = {.job = job, .f = f};
    struct sw_err err;
    enum table_end end = TABLE_REFUSED;

    if (open_table(ts, job, &r.table, &err) == SW_OK) {
        if (job->as_of != 0)
            sw_table_state(r.table, job->as_of);
        end = run_table(&r);
    } else
        sw_buf_printf(&job->report, "%s: %s\n", job->path, err.text);
    sw_table_close(r.table);
    return end;
}
