/* status.c - the daemon's figures: one JSON document for the tool, one OpenMetrics text for
 * Prometheus. Aggregates only; nothing about a household or a person. */
#include "api_parts.h"
#include <shouwang/base/json.h>
#include <shouwang/base/version.h>

enum { LANES_MAX = 64 };

/* ---- JSON --------------------------------------------------------------------------------- */

static void put_part(struct sw_jw *w, const struct sw_api *api)
{
    struct sw_part_counts c;

    sw_part_count(api->part, &c);
    sw_jw_key(w, "inputs");
    sw_jw_object(w);
    sw_jw_member_int(w, "accepted", (int64_t)c.accepted);
    sw_jw_member_int(w, "duplicates", (int64_t)c.duplicates);
    sw_jw_member_int(w, "rejected", (int64_t)c.rejected);
    sw_jw_member_int(w, "later", (int64_t)c.later);
    sw_jw_key(w, "rejected_by_reason");
    sw_jw_object(w);
    for (size_t i = 1; i < SW_REFUSALS; i++) {
        if (c.by_reason[i] > 0)
            sw_jw_member_int(w, sw_refusal_name((enum sw_refusal)i), (int64_t)c.by_reason[i]);
    }
    sw_jw_end(w);
    sw_jw_end(w);
    sw_jw_key(w, "store");
    sw_jw_object(w);
    sw_jw_member_int(w, "position", c.pos);
    sw_jw_member_int(w, "snapshot_position", c.snapshot_pos);
    sw_jw_member_int(w, "commits", (int64_t)c.commits);
    sw_jw_member_int(w, "commit_last_us", c.commit_last);
    sw_jw_member_int(w, "commit_max_us", c.commit_max);
    sw_jw_member_int(w, "batches_waiting", (int64_t)c.waiting);
    sw_jw_key(w, "full");
    sw_jw_bool(w, c.store_full);
    sw_jw_end(w);
}

/* By which rules and numbers the county is judged now, and places with numbers of their own that
 * nobody knows. */
static void put_rules(struct sw_jw *w, const struct sw_api *api)
{
    const struct sw_engine *e = sw_part_engine(api->part);
    const struct sw_ruleset *rs = sw_engine_rules(e);
    const struct sw_rule_file *files;
    size_t n = sw_ruleset_files(rs, &files);
    struct sw_diag diag = {0};

    sw_jw_key(w, "rules");
    sw_jw_object(w);
    sw_jw_member(w, "digest", sw_str(sw_ruleset_digest(rs)));
    sw_jw_member_int(w, "count", (int64_t)sw_ruleset_rules(rs));
    sw_jw_key(w, "last_reload_good");
    sw_jw_bool(w, api->last_reload_good);
    sw_jw_member_int(w, "params", sw_ruleset_params(rs));
    sw_jw_key(w, "rulesets");
    sw_jw_array(w);
    for (size_t i = 0; i < n; i++) {
        if (files[i].ruleset.n == 0 && files[i].version.n == 0)
            continue;
        sw_jw_object(w);
        sw_jw_member(w, "file", files[i].file);
        sw_jw_member(w, "name", files[i].ruleset);
        sw_jw_member(w, "version", files[i].version);
        sw_jw_end(w);
    }
    sw_jw_end(w);
    sw_engine_check_areas(e, rs, &diag);
    sw_jw_key(w, "warnings");
    sw_jw_array(w);
    for (const struct sw_finding *f = diag.first; f != NULL; f = f->next)
        sw_jw_str(w, f->message);
    sw_jw_end(w);
    sw_diag_free(&diag);
    sw_jw_end(w);
}

/* Which years' holidays are known, and the one that is wanted and is not there. */
static void put_calendar(struct sw_jw *w, const struct sw_api *api)
{
    const struct sw_engine *e = sw_part_engine(api->part);
    const struct sw_ruleset *rs = sw_engine_rules(e);
    const int32_t *years;
    size_t n = sw_calendar_years(sw_ruleset_calendar(rs), &years);

    sw_jw_key(w, "calendar");
    sw_jw_object(w);
    sw_jw_key(w, "years");
    sw_jw_array(w);
    for (size_t i = 0; i < n; i++)
        sw_jw_int(w, years[i]);
    sw_jw_end(w);
    sw_jw_member_int(w, "missing", sw_ruleset_missing_year(rs, sw_engine_day(e)));
    sw_jw_end(w);
}

static void put_engine(struct sw_jw *w, const struct sw_api *api)
{
    const struct sw_engine *e = sw_part_engine(api->part);
    const struct sw_ruleset *rs = sw_engine_rules(e);
    struct sw_engine_counts c;
    char day[SW_DATE_SIZE];

    sw_engine_count(e, &c);
    sw_jw_key(w, "county");
    sw_jw_object(w);
    sw_jw_member_int(w, "areas", (int64_t)c.areas);
    sw_jw_member_int(w, "households", (int64_t)c.households);
    sw_jw_member_int(w, "persons", (int64_t)c.persons);
    sw_jw_member_int(w, "cadres", (int64_t)c.cadres);
    sw_jw_member_int(w, "teams", (int64_t)c.teams);
    sw_jw_member_int(w, "judged", (int64_t)c.judged);
    sw_jw_member_int(w, "rule_errors", (int64_t)c.rule_errors);
    sw_jw_member_int(w, "cases", (int64_t)c.cases);
    sw_jw_member_int(w, "open_cases", (int64_t)c.open_cases);
    sw_jw_member_int(w, "without_owner", (int64_t)c.without_owner);
    sw_jw_member_int(w, "ownerless", (int64_t)c.ownerless);
    sw_jw_member_int(w, "overdue", (int64_t)c.overdue);
    sw_jw_member_int(w, "paused", (int64_t)c.paused);
    sw_jw_member_int(w, "parked", (int64_t)c.parked);
    sw_jw_member_int(w, "parked_red", (int64_t)c.parked_red);
    sw_jw_member_int(w, "doubtful", (int64_t)c.doubtful);
    sw_jw_member_int(w, "letters", (int64_t)c.letters);
    sw_jw_member_int(w, "storms", (int64_t)c.storms);
    sw_jw_key(w, "by_level");
    sw_jw_object(w);
    for (size_t l = 0; l <= sw_ruleset_levels(rs); l++)
        sw_jw_member_int(w, sw_ruleset_level(rs, l).p, (int64_t)c.by_level[l]);
    sw_jw_end(w);
    if (sw_engine_day(e) != SW_DAY_NEVER)
        sw_jw_member(w, "day", sw_str(sw_date_format(sw_engine_day(e), day)));
    sw_jw_key(w, "in_history");
    sw_jw_bool(w, sw_engine_in_history(e));
    sw_jw_end(w);
}

/* {"trouble":"short","since":"2026-03-05","text":"…"} */
static void put_troubles(struct sw_jw *w, const struct sw_feed_state *feed)
{
    char day[SW_DATE_SIZE];

    sw_jw_key(w, "troubles");
    sw_jw_array(w);
    for (enum sw_feed_trouble t = 0; t < SW_FEED_TROUBLES; t++) {
        if (feed->trouble[t] == 0)
            continue;
        sw_jw_object(w);
        sw_jw_member(w, "trouble", sw_str(sw_feed_trouble_name(t)));
        sw_jw_member(w, "since", sw_str(sw_date_format(feed->trouble[t], day)));
        sw_jw_member(w, "text", feed->text[t]);
        sw_jw_end(w);
    }
    sw_jw_end(w);
}

static void put_newest_batch(struct sw_jw *w, const struct sw_feed_state *feed)
{
    char day[SW_DATE_SIZE];

    if (feed->closed > 0) {
        sw_jw_member(w, "closed", sw_str(sw_date_format(feed->closed, day)));
        sw_jw_member_int(w, "rows_told", feed->told);
        sw_jw_member_int(w, "rows_arrived", feed->arrived);
    }
    sw_jw_member_int(w, "rows_since", feed->since);
}

/* Departments that declare how often they report. */
static void put_feeds(struct sw_jw *w, const struct sw_api *api)
{
    struct sw_arena arena = {0};
    struct sw_feed_state *feed;
    size_t n = sw_engine_feeds(sw_part_engine(api->part), &arena, &feed);
    char day[SW_DATE_SIZE];

    sw_jw_key(w, "feeds");
    sw_jw_array(w);
    for (size_t i = 0; i < n; i++) {
        sw_jw_object(w);
        sw_jw_member(w, "name", feed[i].name);
        sw_jw_member_int(w, "period_days", feed[i].period);
        if (feed[i].heard > 0)
            sw_jw_member(w, "heard", sw_str(sw_date_format(feed[i].heard, day)));
        sw_jw_key(w, "stale");
        sw_jw_bool(w, feed[i].stale);
        sw_jw_member_int(w, "held", (int64_t)feed[i].held);
        sw_jw_key(w, "batch");
        sw_jw_bool(w, feed[i].batch);
        put_newest_batch(w, &feed[i]);
        put_troubles(w, &feed[i]);
        sw_jw_end(w);
    }
    sw_jw_end(w);
    sw_arena_free(&arena);
}

static void put_lanes(struct sw_jw *w, const struct sw_api *api)
{
    struct sw_lane_counts lane[LANES_MAX];
    size_t n = sw_outbox_count(api->outbox, lane, LANES_MAX);

    sw_jw_key(w, "gateways");
    sw_jw_array(w);
    for (size_t i = 0; i < n && i < LANES_MAX; i++) {
        sw_jw_object(w);
        sw_jw_member(w, "name", lane[i].gateway);
        sw_jw_member_int(w, "waiting", (int64_t)lane[i].waiting);
        sw_jw_member_int(w, "in_flight", (int64_t)lane[i].in_flight);
        sw_jw_member_int(w, "accepted", (int64_t)lane[i].accepted);
        sw_jw_member_int(w, "retried", (int64_t)lane[i].retried);
        sw_jw_member_int(w, "rejected", (int64_t)lane[i].rejected);
        sw_jw_member_int(w, "expired", (int64_t)lane[i].expired);
        sw_jw_member_int(w, "taken_p50_us", sw_hist_quantile(lane[i].taken, 0.5));
        sw_jw_member_int(w, "taken_p99_us", sw_hist_quantile(lane[i].taken, 0.99));
        sw_jw_key(w, "disabled");
        sw_jw_bool(w, lane[i].disabled);
        sw_jw_end(w);
    }
    sw_jw_end(w);
}

static void put_door(struct sw_jw *w, const char *name, const struct sw_door_counts *c)
{
    sw_jw_key(w, name);
    sw_jw_object(w);
    sw_jw_member_int(w, "messages", (int64_t)c->messages);
    sw_jw_member_int(w, "events", (int64_t)c->events);
    sw_jw_member_int(w, "bad_frames", (int64_t)c->bad_frames);
    sw_jw_member_int(w, "answers", (int64_t)c->answers);
    sw_jw_member_int(w, "unreachable", (int64_t)c->unreachable);
    sw_jw_end(w);
}

static struct sw_door_counts all_subs(const struct sw_api *api)
{
    struct sw_door_counts sum = {0};

    for (size_t i = 0; i < api->n_subs; i++) {
        struct sw_door_counts c;

        sw_sub_count(api->subs[i], &c);
        sum.messages += c.messages;
        sum.events += c.events;
        sum.bad_frames += c.bad_frames;
    }
    return sum;
}

static void put_doors(struct sw_jw *w, const struct sw_api *api)
{
    struct sw_door_counts c = {0};

    sw_jw_key(w, "doors");
    sw_jw_object(w);
    if (api->router != NULL) {
        sw_router_count(api->router, &c);
        put_door(w, "router", &c);
    }
    if (api->n_subs > 0) {
        c = all_subs(api);
        put_door(w, "sub", &c);
    }
    sw_jw_end(w);
}

void sw_api_status(const struct sw_api *api, sw_time now, struct sw_buf *out)
{
    struct sw_jw w = {.out = out};

    sw_jw_object(&w);
    sw_jw_member(&w, "version", SW_STR(SW_VERSION));
    sw_jw_member_int(&w, "uptime_s", (now - api->started) / SW_SECOND);
    put_engine(&w, api);
    put_rules(&w, api);
    put_calendar(&w, api);
    put_feeds(&w, api);
    put_part(&w, api);
    put_lanes(&w, api);
    put_doors(&w, api);
    sw_jw_end(&w);
    sw_buf_char(out, '\n');
}

/* ---- OpenMetrics -------------------------------------------------------------------------- */

static void family(struct sw_buf *out, const char *name, const char *type, const char *help)
{
    sw_buf_printf(out, "# TYPE %s %s\n# HELP %s %s\n", name, type, name, help);
}

static void put_input_metrics(struct sw_buf *out, const struct sw_part_counts *c)
{
    family(out, "shouwang_inputs", "counter", "Inputs offered, by what became of them.");
    sw_buf_printf(out, "shouwang_inputs_total{result=\"accepted\"} %llu\n",
                  (unsigned long long)c->accepted);
    sw_buf_printf(out, "shouwang_inputs_total{result=\"duplicate\"} %llu\n",
                  (unsigned long long)c->duplicates);
    sw_buf_printf(out, "shouwang_inputs_total{result=\"rejected\"} %llu\n",
                  (unsigned long long)c->rejected);
    sw_buf_printf(out, "shouwang_inputs_total{result=\"later\"} %llu\n",
                  (unsigned long long)c->later);
    family(out, "shouwang_rejected", "counter", "Refused inputs, by reason.");
    for (size_t i = 1; i < SW_REFUSALS; i++)
        sw_buf_printf(out, "shouwang_rejected_total{reason=\"%s\"} %llu\n",
                      sw_refusal_name((enum sw_refusal)i), (unsigned long long)c->by_reason[i]);
    family(out, "shouwang_commits", "counter", "Transactions on disk.");
    sw_buf_printf(out, "shouwang_commits_total %llu\n", (unsigned long long)c->commits);
    family(out, "shouwang_commit_last_seconds", "gauge", "How long the newest commit took.");
    sw_buf_printf(out, "shouwang_commit_last_seconds %.6f\n", (double)c->commit_last / 1e6);
    family(out, "shouwang_store_full", "gauge", "1 while the store cannot write.");
    sw_buf_printf(out, "shouwang_store_full %d\n", c->store_full);
}

static void put_county_metrics(struct sw_buf *out, const struct sw_api *api)
{
    const struct sw_engine *e = sw_part_engine(api->part);
    const struct sw_ruleset *rs = sw_engine_rules(e);
    struct sw_engine_counts c;

    sw_engine_count(e, &c);
    family(out, "shouwang_households", "gauge", "Households, by level.");
    for (size_t l = 0; l <= sw_ruleset_levels(rs); l++)
        sw_buf_printf(out, "shouwang_households{level=\"%s\"} %llu\n", sw_ruleset_level(rs, l).p,
                      (unsigned long long)c.by_level[l]);
    family(out, "shouwang_open_cases", "gauge", "Open cases.");
    sw_buf_printf(out, "shouwang_open_cases %llu\n", (unsigned long long)c.open_cases);
    family(out, "shouwang_cases_without_owner", "gauge", "Open cases nobody looks after.");
    sw_buf_printf(out, "shouwang_cases_without_owner %llu\n", (unsigned long long)c.without_owner);
    family(out, "shouwang_cases_overdue", "gauge", "Open cases nobody has answered in time.");
    sw_buf_printf(out, "shouwang_cases_overdue %llu\n", (unsigned long long)c.overdue);
    family(out, "shouwang_cases_paused", "gauge", "Open cases whose clock stands.");
    sw_buf_printf(out, "shouwang_cases_paused %llu\n", (unsigned long long)c.paused);
    family(out, "shouwang_calendar_missing", "gauge",
           "1 while deadlines count days of a year that calendar.yaml lacks.");
    sw_buf_printf(out, "shouwang_calendar_missing %d\n",
                  sw_ruleset_missing_year(rs, sw_engine_day(e)) != 0);
    family(out, "shouwang_parked", "gauge",
           "Events that wait for households and persons that are not registered.");
    sw_buf_printf(out, "shouwang_parked %llu\n", (unsigned long long)c.parked);
    family(out, "shouwang_parked_red", "gauge", "Of them, those that could raise the top level.");
    sw_buf_printf(out, "shouwang_parked_red %llu\n", (unsigned long long)c.parked_red);
    family(out, "shouwang_doubtful", "gauge",
           "Events of which the county has to decide whom they are about.");
    sw_buf_printf(out, "shouwang_doubtful %llu\n", (unsigned long long)c.doubtful);
    family(out, "shouwang_letters", "gauge",
           "Messages that wait for their time, a release or the end of a silence.");
    sw_buf_printf(out, "shouwang_letters %llu\n", (unsigned long long)c.letters);
    family(out, "shouwang_storms_held", "gauge",
           "Storms of alerts that wait for a supervisor's word.");
    sw_buf_printf(out, "shouwang_storms_held %llu\n", (unsigned long long)c.storms);
    family(out, "shouwang_rule_errors", "counter", "Conditions that failed to evaluate.");
    sw_buf_printf(out, "shouwang_rule_errors_total %llu\n", (unsigned long long)c.rule_errors);
}

static void put_feed_metrics(struct sw_buf *out, const struct sw_api *api)
{
    struct sw_arena arena = {0};
    struct sw_feed_state *feed;
    size_t n = sw_engine_feeds(sw_part_engine(api->part), &arena, &feed);

    family(out, "shouwang_feed_stale", "gauge", "1 while a feed is silent beyond its period.");
    for (size_t i = 0; i < n; i++)
        sw_buf_printf(out, "shouwang_feed_stale{feed=\"%.*s\"} %d\n", SW_STR_ARG(feed[i].name),
                      feed[i].stale);
    family(out, "shouwang_feed_trouble", "gauge", "1 while this is wrong with a feed.");
    for (size_t i = 0; i < n; i++) {
        for (enum sw_feed_trouble t = 0; t < SW_FEED_TROUBLES; t++)
            sw_buf_printf(out, "shouwang_feed_trouble{feed=\"%.*s\",trouble=\"%s\"} %d\n",
                          SW_STR_ARG(feed[i].name), sw_feed_trouble_name(t),
                          feed[i].trouble[t] != 0);
    }
    family(out, "shouwang_held", "gauge", "Rules held because a feed is silent.");
    for (size_t i = 0; i < n; i++)
        sw_buf_printf(out, "shouwang_held{feed=\"%.*s\"} %llu\n", SW_STR_ARG(feed[i].name),
                      (unsigned long long)feed[i].held);
    sw_arena_free(&arena);
}

static void put_summary(struct sw_buf *out, const char *name, struct sw_str gateway,
                        const struct sw_hist *h)
{
    static const double quantiles[] = {0.5, 0.9, 0.99};

    for (size_t i = 0; i < SW_COUNTOF(quantiles) && h->n > 0; i++)
        sw_buf_printf(out, "%s{gateway=\"%.*s\",quantile=\"%g\"} %.6f\n", name, SW_STR_ARG(gateway),
                      quantiles[i], (double)sw_hist_quantile(h, quantiles[i]) / 1e6);
    sw_buf_printf(out, "%s_sum{gateway=\"%.*s\"} %.6f\n%s_count{gateway=\"%.*s\"} %llu\n", name,
                  SW_STR_ARG(gateway), (double)h->sum / 1e6, name, SW_STR_ARG(gateway),
                  (unsigned long long)h->n);
}

static void put_delivery_metrics(struct sw_buf *out, const struct sw_api *api)
{
    struct sw_lane_counts lane[LANES_MAX];
    size_t n = sw_outbox_count(api->outbox, lane, LANES_MAX);

    family(out, "shouwang_messages", "counter", "Last words of gateways on messages.");
    for (size_t i = 0; i < n && i < LANES_MAX; i++) {
        const struct {
            const char *outcome;
            uint64_t count;
        } rows[] = {{"accepted", lane[i].accepted},
                    {"rejected", lane[i].rejected},
                    {"expired", lane[i].expired}};

        for (size_t k = 0; k < SW_COUNTOF(rows); k++)
            sw_buf_printf(out, "shouwang_messages_total{gateway=\"%.*s\",outcome=\"%s\"} %llu\n",
                          SW_STR_ARG(lane[i].gateway), rows[k].outcome,
                          (unsigned long long)rows[k].count);
    }
    family(out, "shouwang_messages_waiting", "gauge", "Messages not yet sent.");
    for (size_t i = 0; i < n && i < LANES_MAX; i++)
        sw_buf_printf(out, "shouwang_messages_waiting{gateway=\"%.*s\"} %zu\n",
                      SW_STR_ARG(lane[i].gateway), lane[i].waiting);
    family(out, "shouwang_message_seconds", "summary", "From an event's arrival to acceptance.");
    for (size_t i = 0; i < n && i < LANES_MAX; i++)
        put_summary(out, "shouwang_message_seconds", lane[i].gateway, lane[i].taken);
}

void sw_api_metrics(const struct sw_api *api, struct sw_buf *out)
{
    struct sw_part_counts c;

    sw_part_count(api->part, &c);
    family(out, "shouwang_build", "info", "Version.");
    sw_buf_printf(out, "shouwang_build_info{version=\"%s\"} 1\n", SW_VERSION);
    family(out, "shouwang_config_last_reload_successful", "gauge", "1 when the rule files loaded.");
    sw_buf_printf(out, "shouwang_config_last_reload_successful %d\n", api->last_reload_good);
    put_input_metrics(out, &c);
    put_county_metrics(out, api);
    put_feed_metrics(out, api);
    put_delivery_metrics(out, api);
    sw_buf_cstr(out, "# EOF\n");
}
