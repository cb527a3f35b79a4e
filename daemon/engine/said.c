/* said.c - what other systems are told: CloudEvents about cases.
 *
 * Whenever a case's row changes, whoever subscribed is told where it stands (best effort). What a
 * visit found goes back to the departments whose data raised the case, through a gateway of theirs
 * like any message: they learn which of their rows were true. */
#include "parts.h"
#include <shouwang/base/json.h>

#define VISIT_RESULT "visit.result"

/* What somebody says who was there. */
static bool is_visit(struct sw_str kind)
{
    static const enum sw_case_event found[] = {ON_NEEDS_HELP, ON_HELPED, ON_NOT_TRUE};

    for (size_t i = 0; i < SW_COUNTOF(found); i++) {
        if (sw_str_is(kind, sw_case_event_name(found[i])))
            return true;
    }
    return false;
}

static void put_rules(const struct sw_engine *e, uint32_t subject, struct sw_jw *w)
{
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    sw_jw_key(w, "rules");
    sw_jw_array(w);
    for (size_t i = 0; i < n; i++) {
        if (sw_hit_counts(&hits[i]) && !e->rules->rule[hits[i].rule].task)
            sw_jw_str(w, e->rules->rule[hits[i].rule].name);
    }
    sw_jw_end(w);
}

static void put_data(const struct sw_engine *e, uint32_t index, const struct sw_step_row *step,
                     const struct sw_case_row *row, struct sw_jw *w)
{
    sw_jw_object(w);
    sw_jw_member_int(w, "case", row->number);
    sw_jw_member(w, "step", step->kind);
    sw_jw_member(w, "by", step->actor);
    sw_jw_member(w, "state", row->state);
    sw_jw_member(w, "level", row->level);
    sw_jw_member(w, "outcome", row->outcome);
    sw_jw_key(w, "score");
    sw_jw_double(w, row->score);
    sw_jw_member(w, "area", row->area);
    put_rules(e, e->cases[index].subject, w);
    sw_jw_end(w);
}

/* The county is the source: the first six digits of the area's code. */
static struct sw_str body_of(struct sw_engine *e, uint32_t index, const struct sw_step_row *step,
                             const struct sw_case_row *row, const struct sw_said_row *said,
                             struct sw_effects *fx)
{
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    struct sw_str body;

    sw_jw_object(&w);
    sw_jw_member(&w, "specversion", SW_STR("1.0"));
    sw_jw_member(&w, "id", said->id);
    sw_jw_member(
        &w, "source",
        sw_arena_printf(&e->arena, "shouwang/%.*s", SW_STR_ARG(sw_str_sub(row->area, 0, 6))));
    sw_jw_member(&w, "type", said->type);
    sw_jw_member(&w, "subject",
                 row->household.n > 0
                     ? sw_arena_printf(&e->arena, "household/%.*s", SW_STR_ARG(row->household))
                     : sw_arena_printf(&e->arena, "area/%.*s", SW_STR_ARG(row->area)));
    sw_put_time(e, &w, "time", step->at);
    sw_jw_key(&w, "data");
    put_data(e, index, step, row, &w);
    sw_jw_end(&w);
    body = sw_arena_str(&fx->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return body;
}

/* A rule that counts reads something of this feed. */
static bool is_concerned(const struct sw_engine *e, uint32_t subject, uint32_t feed)
{
    const struct sw_schema *schema = e->rules->schema;
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t i = 0; i < n; i++) {
        const struct sw_rule *r = &e->rules->rule[hits[i].rule];

        for (uint32_t st = 1; st < schema->n_streams && sw_hit_counts(&hits[i]); st++) {
            if (schema->streams[st].feed_number == feed && sw_prog_reads_stream(r->when, st))
                return true;
        }
    }
    return false;
}

void sw_say(struct sw_engine *e, uint32_t index, const struct sw_step_row *step,
            const struct sw_case_row *row, struct sw_effects *fx)
{
    const struct sw_schema *schema = e->rules->schema;
    bool visit = is_visit(step->kind);
    struct sw_said_row said = {.type = visit ? SW_STR(VISIT_RESULT) : SW_STR("case.step")};

    if (e->history)
        return;
    said.id = sw_arena_printf(&fx->arena, "%lld-%lld", (long long)e->seq, (long long)row->number);
    said.body = body_of(e, index, step, row, &said, fx);
    sw_fx_said(fx, &said);
    for (uint32_t f = 0; visit && f < schema->n_feeds; f++) {
        if (schema->feeds[f].answers.n > 0 && is_concerned(e, e->cases[index].subject, f))
            sw_send_event(e, index, VISIT_RESULT, schema->feeds[f].answers, said.body, fx);
    }
}
