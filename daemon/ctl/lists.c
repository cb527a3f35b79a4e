/* lists.c - cases, messages and refused inputs, read from the database beside the daemon. */
#include "ctl.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>
#include <shouwang/store/query.h>
#include <stdlib.h>
#include <time.h>

/* What the row functions add to: a table for people or lines of JSON for programs. */
struct list {
    struct ctl_table *table; /* NULL: JSON */
    size_t rows;
    struct sw_buf owner; /* of a case: the name in its newest step */
};

int ctl_open_store(struct ctl *c, struct sw_query **q)
{
    const struct sw_config *config = ctl_config(c);
    struct sw_err err;

    if (config == NULL)
        return CTL_FAILED;
    if (sw_query_open(q, config->database, &err) != SW_OK)
        return ctl_fail("%s", err.text);
    sw_query_key_file(*q, config->key_file);
    return CTL_GOOD;
}

static void cell(struct list *l, const char *fmt, ...) SW_PRINTF(2, 3);

static void cell(struct list *l, const char *fmt, ...)
{
    struct sw_buf text = {0};
    va_list ap;

    va_start(ap, fmt);
    sw_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    ctl_table_cell(l->table, sw_buf_view(&text));
    sw_buf_free(&text);
}

static void put_line(struct sw_buf *line)
{
    sw_buf_char(line, '\n');
    fwrite(line->p, 1, line->n, stdout);
    sw_buf_free(line);
}

static bool read_number(const char *text, int64_t lo, int64_t *out)
{
    return sw_str_int(sw_str(text), out) && *out >= lo;
}

/* ---- a list ------------------------------------------------------------------------------- */

struct list_of {
    const struct ctl_column *columns;
    size_t n;
    enum sw_code (*ask)(struct sw_query *q, void *filter, uint32_t limit, struct list *l,
                        struct sw_err *err);
};

/* What every list does once its own options are taken: --limit, the store, table or JSON lines. */
static int show_list(struct ctl *c, int argc, char **argv, const struct list_of *what, void *filter)
{
    struct list l = {0};
    struct sw_query *q;
    struct sw_err err;
    const char *limit = ctl_option(&argc, argv, "--limit");
    int64_t n = 50;
    enum sw_code rc;

    if (ctl_unknown_options(argc, argv) || argc > 1 ||
        (limit != NULL && !read_number(limit, 1, &n)))
        return CTL_USAGE;
    if (ctl_open_store(c, &q) != CTL_GOOD)
        return CTL_FAILED;
    if (!c->json)
        l.table = ctl_table_new(what->columns, what->n);
    rc = what->ask(q, filter, (uint32_t)n, &l, &err);
    if (l.table != NULL)
        ctl_table_print(l.table, stdout);
    sw_query_close(q);
    return rc == SW_OK ? CTL_GOOD : ctl_fail("%s", err.text);
}

/* ---- cases -------------------------------------------------------------------------------- */

void ctl_put_case(struct sw_jw *w, const struct sw_case_row *r)
{
    sw_jw_member(w, "household", r->household);
    sw_jw_member(w, "area", r->area);
    sw_jw_member(w, "place", r->place);
    sw_jw_member(w, "name", r->name);
    sw_jw_member(w, "state", r->state);
    sw_jw_member(w, "level", r->level);
    sw_jw_member(w, "outcome", r->outcome);
    sw_jw_member(w, "owner", r->owner);
    sw_jw_key(w, "score");
    sw_jw_double(w, r->score);
    sw_jw_member(w, "rules", r->rules);
    sw_jw_member_int(w, "opened_us", r->opened);
    sw_jw_member_int(w, "updated_us", r->updated);
    sw_jw_member_int(w, "due_us", r->due);
}

static void put_case_json(const struct sw_case_row *r, struct sw_jw *w)
{
    sw_jw_member_int(w, "case", r->number);
    ctl_put_case(w, r);
    sw_jw_key(w, "causes");
    sw_jw_raw(w, r->causes);
}

static void on_case(void *ctx, const struct sw_case_row *r)
{
    struct list *l = ctx;
    char when[32];

    l->rows++;
    if (l->table == NULL) {
        struct sw_buf out = {0};
        struct sw_jw w = {.out = &out};

        sw_jw_object(&w);
        put_case_json(r, &w);
        sw_jw_end(&w);
        put_line(&out);
        return;
    }
    cell(l, "%lld", (long long)r->number);
    cell(l, "%s", ctl_label(r->level));
    cell(l, "%.4g", r->score);
    cell(l, "%s", ctl_label(r->state));
    cell(l, "%.*s", SW_STR_ARG(r->place));
    cell(l, "%.*s", SW_STR_ARG(r->name));
    cell(l, "%.*s", SW_STR_ARG(r->owner));
    cell(l, "%s", ctl_when(r->opened, when));
    cell(l, "%s", r->due > 0 ? ctl_when(r->due, when) : "");
}

static enum sw_code ask_cases(struct sw_query *q, void *filter, uint32_t limit, struct list *l,
                              struct sw_err *err)
{
    struct sw_case_filter *f = filter;
    enum sw_code rc;

    f->limit = limit;
    rc = sw_query_cases(q, f, on_case, l, err);
    if (rc == SW_OK && l->rows == 0 && f->area.n > 0) /* a right code, or no place at all */
        fprintf(stderr, _("no such case in an area whose code begins with %.*s\n"),
                SW_STR_ARG(f->area));
    if (rc == SW_OK && l->rows == 0 && f->owner.n > 0) /* with no such case, or nobody */
        fprintf(stderr, _("no such case of an owner %.*s\n"), SW_STR_ARG(f->owner));
    return rc;
}

int ctl_cases_list(struct ctl *c, int argc, char **argv)
{
    static const struct ctl_column columns[] = {
        {N_("CASE"), CTL_RIGHT}, {N_("LEVEL"), CTL_LEFT},  {N_("SCORE"), CTL_RIGHT},
        {N_("STATE"), CTL_LEFT}, {N_("PLACE"), CTL_LEFT},  {N_("NAME"), CTL_LEFT},
        {N_("OWNER"), CTL_LEFT}, {N_("OPENED"), CTL_LEFT}, {N_("DUE"), CTL_LEFT},
    };
    static const struct list_of cases = {columns, SW_COUNTOF(columns), ask_cases};
    struct sw_case_filter f = {.open_only = true};
    struct sw_buf codes = {0};
    int status;

    f.state = sw_str(ctl_option(&argc, argv, "--state"));
    f.level = sw_str(ctl_option(&argc, argv, "--level"));
    f.area = sw_str(ctl_option(&argc, argv, "--area"));
    f.owner = sw_str(ctl_option(&argc, argv, "--owner"));
    if (ctl_flag(&argc, argv, "--overdue"))
        f.due_before = (sw_time)time(NULL) * SW_SECOND;
    f.open_only = !ctl_flag(&argc, argv, "--all") && f.state.n == 0;
    if (!ctl_is_area(f.area) || !ctl_is_state(c, f.state) || !ctl_is_level(c, f.level))
        return CTL_FAILED;
    ctl_area_codes(c, f.area, &codes);
    f.codes = sw_buf_view(&codes);
    status = show_list(c, argc, argv, &cases, &f);
    sw_buf_free(&codes);
    return status;
}

/* ---- one case ----------------------------------------------------------------------------- */

static void print_causes(struct sw_str causes)
{
    struct sw_arena arena = {0};
    struct sw_json *list;

    if (sw_json_parse(&arena, causes, &list, NULL) == SW_OK) {
        for (const struct sw_json *v = list->first; v != NULL; v = v->next) {
            const struct sw_json *points = sw_json_get(v, "points");

            printf("  %.*s +%.4g  %.*s\n", SW_STR_ARG(sw_json_text(v, "label")),
                   points == NULL ? 0 : strtod(points->text.p, NULL),
                   SW_STR_ARG(sw_json_text(v, "text")));
        }
    }
    sw_arena_free(&arena);
}

static void show_case(void *ctx, const struct sw_case_row *r)
{
    const struct list *l = ctx;
    char when[32];

    printf(_("case %lld   %.*s %.*s (%.*s)\n"), (long long)r->number, SW_STR_ARG(r->place),
           SW_STR_ARG(r->name), SW_STR_ARG(r->household));
    printf(_("level %s, %.4g points; %s"), ctl_label(r->level), r->score, ctl_label(r->state));
    if (r->outcome.n > 0)
        printf(_(", outcome %s"), ctl_label(r->outcome));
    printf(_("\nowner %.*s; opened %s; rules %.12s\n"),
           SW_STR_ARG(r->owner.n == 0  ? sw_str(_("nobody"))
                      : l->owner.n > 0 ? sw_buf_view(&l->owner)
                                       : r->owner),
           ctl_when(r->opened, when), r->rules.p);
    if (r->due > 0)
        printf(_("due %s\n"), ctl_when(r->due, when));
    print_causes(r->causes);
}

/* Ids with the names that the step has beside them. */
static void on_step(void *ctx, const struct sw_step_row *s)
{
    struct list *l = ctx;
    struct sw_arena arena = {0};
    struct sw_json *data = NULL;
    struct sw_str actor = {NULL, 0};
    struct sw_err err;
    char when[32];

    if (s->data.n > 0 && sw_json_parse(&arena, s->data, &data, &err) == SW_OK) {
        actor = sw_json_text(data, "actor_name");
        if (sw_json_get(data, "owner") != NULL) {
            sw_buf_clear(&l->owner);
            sw_buf_printf(&l->owner, "%.*s %.*s", SW_STR_ARG(sw_json_text(data, "owner")),
                          SW_STR_ARG(sw_json_text(data, "owner_name")));
        }
    }
    cell(l, "%s", ctl_when(s->at, when));
    cell(l, "%s", ctl_label(s->kind));
    cell(l, "%s%s%.*s", ctl_label(s->actor), actor.n > 0 ? " " : "", SW_STR_ARG(actor));
    cell(l, "%.*s", SW_STR_ARG(s->text));
    sw_arena_free(&arena);
}

void ctl_mask_phone(struct sw_str to, char out[16])
{
    if (to.n == 11)
        snprintf(out, 16, "%.3s****%.4s", to.p, to.p + 7);
    else
        out[0] = '\0';
}

static void on_message(void *ctx, const struct sw_queue_row *m)
{
    struct list *l = ctx;
    char when[32];
    char phone[16];
    struct sw_str fate = m->fate.n > 0                    ? m->fate
                         : m->out.state == SW_OUT_SENDING ? SW_STR("sending")
                                                          : SW_STR("pending");

    ctl_mask_phone(m->out.message.to, phone);
    cell(l, "%.*s", SW_STR_ARG(m->out.message.id));
    cell(l, "%lld", (long long)m->out.message.number);
    cell(l, "%s", ctl_label(m->out.message.kind));
    cell(l, "%.*s", SW_STR_ARG(m->out.message.gateway));
    cell(l, "%s", phone);
    cell(l, "%s", ctl_label(fate));
    cell(l, "%u", m->out.attempts);
    cell(l, "%s", ctl_when(m->out.message.created, when));
    cell(l, "%.*s", SW_STR_ARG(m->detail));
}

static const struct ctl_column message_columns[] = {
    {N_("MESSAGE"), CTL_LEFT}, {N_("CASE"), CTL_RIGHT}, {N_("KIND"), CTL_LEFT},
    {N_("GATEWAY"), CTL_LEFT}, {N_("TO"), CTL_LEFT},    {N_("STATE"), CTL_LEFT},
    {N_("TRIES"), CTL_RIGHT},  {N_("MADE"), CTL_LEFT},  {N_("DETAIL"), CTL_LEFT},
};

static void on_case_json(void *ctx, const struct sw_case_row *r)
{
    put_case_json(r, ctx);
}

static void on_step_json(void *ctx, const struct sw_step_row *s)
{
    struct sw_jw *w = ctx;

    sw_jw_object(w);
    sw_jw_member_int(w, "at_us", s->at);
    sw_jw_member(w, "kind", s->kind);
    sw_jw_member(w, "actor", s->actor);
    sw_jw_member(w, "text", s->text);
    sw_jw_end(w);
}

static void put_message_json(const struct sw_queue_row *m, struct sw_jw *w)
{
    static const char *const states[] = {"pending", "sending", "final"};

    sw_jw_object(w);
    sw_jw_member(w, "id", m->out.message.id);
    sw_jw_member_int(w, "case", m->out.message.number);
    sw_jw_member(w, "kind", m->out.message.kind);
    sw_jw_member(w, "gateway", m->out.message.gateway);
    sw_jw_member(w, "to", m->out.message.to);
    sw_jw_member(w, "body", m->out.message.body);
    sw_jw_member(w, "state", sw_str(states[m->out.state]));
    sw_jw_member_int(w, "attempts", m->out.attempts);
    sw_jw_member_int(w, "created_us", m->out.message.created);
    sw_jw_member_int(w, "expires_us", m->out.message.expires);
    sw_jw_member(w, "fate", m->fate);
    sw_jw_member(w, "detail", m->detail);
    sw_jw_member_int(w, "fate_at_us", m->fate_at);
    sw_jw_end(w);
}

static void on_message_json(void *ctx, const struct sw_queue_row *m)
{
    put_message_json(m, ctx);
}

static enum sw_code show_json(struct sw_query *q, int64_t number, struct sw_err *err)
{
    struct sw_queue_filter f = {.number = number, .limit = 1000};
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    enum sw_code rc;

    sw_jw_object(&w);
    rc = sw_query_case(q, number, on_case_json, &w, err);
    sw_jw_key(&w, "steps");
    sw_jw_array(&w);
    if (rc == SW_OK)
        rc = sw_query_steps(q, number, on_step_json, &w, err);
    sw_jw_end(&w);
    sw_jw_key(&w, "messages");
    sw_jw_array(&w);
    if (rc == SW_OK)
        rc = sw_query_queue(q, &f, on_message_json, &w, err);
    sw_jw_end(&w);
    sw_jw_end(&w);
    if (rc == SW_OK)
        put_line(&out);
    else
        sw_buf_free(&out);
    return rc;
}

static enum sw_code show_text(struct sw_query *q, int64_t number, struct sw_err *err)
{
    static const struct ctl_column columns[] = {{N_("TIME"), CTL_LEFT},
                                                {N_("STEP"), CTL_LEFT},
                                                {N_("BY"), CTL_LEFT},
                                                {N_("TEXT"), CTL_LEFT}};
    struct sw_queue_filter f = {.number = number, .limit = 1000};
    struct list steps = {.table = ctl_table_new(columns, SW_COUNTOF(columns))};
    struct list messages = {.table = ctl_table_new(message_columns, SW_COUNTOF(message_columns))};
    enum sw_code rc = sw_query_steps(q, number, on_step, &steps, err);

    if (rc == SW_OK)
        rc = sw_query_case(q, number, show_case, &steps, err);
    if (rc == SW_OK)
        rc = sw_query_queue(q, &f, on_message, &messages, err);
    if (rc == SW_OK)
        putchar('\n');
    ctl_table_print(steps.table, rc == SW_OK ? stdout : NULL);
    if (rc == SW_OK)
        putchar('\n');
    ctl_table_print(messages.table, rc == SW_OK ? stdout : NULL);
    sw_buf_free(&steps.owner);
    return rc;
}

int ctl_cases_show(struct ctl *c, int argc, char **argv)
{
    struct sw_query *q;
    struct sw_err err;
    int64_t number;
    enum sw_code rc;

    if (ctl_unknown_options(argc, argv) || argc != 2 || !read_number(argv[1], 1, &number))
        return CTL_USAGE;
    if (ctl_open_store(c, &q) != CTL_GOOD)
        return CTL_FAILED;
    rc = c->json ? show_json(q, number, &err) : show_text(q, number, &err);
    sw_query_close(q);
    return rc == SW_OK ? CTL_GOOD : ctl_fail("%s", err.text);
}

/* ---- messages ----------------------------------------------------------------------------- */

static void on_queue_json(void *ctx, const struct sw_queue_row *m)
{
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};

    (void)ctx;
    put_message_json(m, &w);
    put_line(&out);
}

static enum sw_code ask_queue(struct sw_query *q, void *filter, uint32_t limit, struct list *l,
                              struct sw_err *err)
{
    struct sw_queue_filter *f = filter;

    f->limit = limit;
    return sw_query_queue(q, f, l->table == NULL ? on_queue_json : on_message, l, err);
}

int ctl_queue_show(struct ctl *c, int argc, char **argv)
{
    static const struct list_of queue = {message_columns, SW_COUNTOF(message_columns), ask_queue};
    struct sw_queue_filter f = {.number = 0};
    const char *number = ctl_option(&argc, argv, "--case");

    f.gateway = sw_str(ctl_option(&argc, argv, "--gateway"));
    f.fate = sw_str(ctl_option(&argc, argv, "--fate"));
    f.waiting_only = ctl_flag(&argc, argv, "--waiting");
    if (!ctl_is_fate(f.fate))
        return CTL_FAILED;
    if (number != NULL && !read_number(number, 1, &f.number))
        return CTL_USAGE;
    return show_list(c, argc, argv, &queue, &f);
}

/* ---- refused inputs ----------------------------------------------------------------------- */

static void on_rejected(void *ctx, const struct sw_rejected_row *r)
{
    struct list *l = ctx;
    char when[32];
    bool is_text = sw_utf8_check(r->body) == r->body.n;

    if (l->table == NULL) {
        struct sw_buf out = {0};
        struct sw_jw w = {.out = &out};

        sw_jw_object(&w);
        sw_jw_member_int(&w, "at_us", r->at);
        sw_jw_member(&w, "door", r->door);
        sw_jw_member(&w, "reason", r->reason);
        sw_jw_member(&w, "text", r->text);
        if (is_text)
            sw_jw_member(&w, "body", r->body);
        sw_jw_end(&w);
        put_line(&out);
        return;
    }
    cell(l, "%s", ctl_when(r->at, when));
    cell(l, "%.*s", SW_STR_ARG(r->door));
    cell(l, "%.*s", SW_STR_ARG(r->reason));
    cell(l, "%.*s", SW_STR_ARG(r->text));
}

static void on_task(void *ctx, const struct sw_task_row *t)
{
    struct list *l = ctx;
    char when[32];

    if (l->table == NULL) {
        struct sw_buf out = {0};
        struct sw_jw w = {.out = &out};

        sw_jw_object(&w);
        sw_jw_member_int(&w, "at_us", t->opened);
        if (t->closed != 0)
            sw_jw_member_int(&w, "closed_us", t->closed);
        sw_jw_member(&w, "household", t->household);
        sw_jw_member(&w, "area", t->area);
        sw_jw_member(&w, "rule", t->rule);
        sw_jw_member(&w, "text", t->text);
        sw_jw_end(&w);
        put_line(&out);
        return;
    }
    cell(l, "%s", ctl_when(t->opened, when));
    cell(l, "%s", t->closed == 0 ? "" : ctl_when(t->closed, when));
    cell(l, "%.*s", SW_STR_ARG(t->household));
    cell(l, "%.*s", SW_STR_ARG(t->rule));
    cell(l, "%.*s", SW_STR_ARG(t->text));
}

static enum sw_code ask_rejected(struct sw_query *q, void *filter, uint32_t limit, struct list *l,
                                 struct sw_err *err)
{
    (void)filter;
    return sw_query_rejected(q, limit, on_rejected, l, err);
}

static enum sw_code ask_tasks(struct sw_query *q, void *filter, uint32_t limit, struct list *l,
                              struct sw_err *err)
{
    const bool *all = filter;

    return sw_query_tasks(q, *all, limit, on_task, l, err);
}

int ctl_rejected_list(struct ctl *c, int argc, char **argv)
{
    static const struct ctl_column columns[] = {{N_("TIME"), CTL_LEFT},
                                                {N_("DOOR"), CTL_LEFT},
                                                {N_("REASON"), CTL_LEFT},
                                                {N_("TEXT"), CTL_LEFT}};
    static const struct list_of rejected = {columns, SW_COUNTOF(columns), ask_rejected};

    return show_list(c, argc, argv, &rejected, NULL);
}

int ctl_tasks_list(struct ctl *c, int argc, char **argv)
{
    static const struct ctl_column columns[] = {{N_("TIME"), CTL_LEFT},
                                                {N_("SETTLED"), CTL_LEFT},
                                                {N_("HOUSEHOLD"), CTL_LEFT},
                                                {N_("RULE"), CTL_LEFT},
                                                {N_("TEXT"), CTL_LEFT}};
    static const struct list_of tasks = {columns, SW_COUNTOF(columns), ask_tasks};
    bool all = ctl_flag(&argc, argv, "--all");

    return show_list(c, argc, argv, &tasks, &all);
}
