/* why.c - `why`: one page on a case, a message, a household or an area: every decision in order of
 * time, each with what brought it about, also why nothing was sent. What happened comes from the
 * record of cases and the log; where it stands now from the running daemon, if there is one. The
 * page is Chinese, like the steps it shows. */
#include "proof.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/url.h>
#include <stdlib.h>
#include <time.h>

enum { CASES_MAX = 50, REFUSED_MAX = 100000, REFUSED_SHOWN = 20 };

struct why {
    struct ctl *c;
    struct sw_query *q;
    struct sw_jw *w;    /* --json; NULL: a page */
    struct sw_buf *out; /* the page */
    int32_t offset;
    struct sw_arena arena;
    struct sw_str subject; /* household or area; empty: not known */
    int64_t number[CASES_MAX];
    size_t n_numbers;
    int64_t told; /* input whose cause was told last */
    struct sw_err err;
    enum sw_code rc;
};

/* ---- what brought it about ---------------------------------------------------------------- */

static void put_event(struct why *y, struct sw_str body)
{
    struct sw_arena arena = {0};
    struct sw_json *e = NULL;
    struct sw_err err;

    if (sw_json_parse(&arena, body, &e, &err) == SW_OK)
        sw_buf_printf(y->out, "%.*s %.*s（来源 %.*s，编号 %.*s）",
                      SW_STR_ARG(sw_json_word(e, "type")), SW_STR_ARG(sw_json_word(e, "subject")),
                      SW_STR_ARG(sw_json_word(e, "source")), SW_STR_ARG(sw_json_word(e, "id")));
    sw_arena_free(&arena);
}

static void on_input(void *ctx, const struct sw_input *in)
{
    static const char *const kinds[] = {
        [SW_IN_EVENT] = "收到 ",      [SW_IN_REPLY] = "短信答复", [SW_IN_FATE] = "网关的话",
        [SW_IN_TICK] = "时间推进到 ", [SW_IN_RULES] = "规则集 ",  [SW_IN_HISTORY] = "补录历史 ",
    };
    struct why *y = ctx;

    if ((size_t)in->kind >= SW_COUNTOF(kinds) || kinds[in->kind] == NULL)
        return;
    sw_buf_cstr(y->out, kinds[in->kind]);
    if (in->kind == SW_IN_EVENT)
        put_event(y, in->body);
    else if (in->kind == SW_IN_RULES)
        sw_buf_printf(y->out, "%.12s 生效", in->body.p);
    else if (in->kind != SW_IN_REPLY && in->kind != SW_IN_FATE)
        sw_buf_str(y->out, in->body);
}

static void put_cause(struct why *y, int64_t seq)
{
    struct sw_err err;

    if (seq == 0 || seq == y->told)
        return;
    y->told = seq;
    sw_buf_printf(y->out, "← 第%lld条输入：", (long long)seq);
    if (sw_query_input(y->q, seq, on_input, y, &err) != SW_OK)
        sw_buf_cstr(y->out, err.text);
    sw_buf_char(y->out, '\n');
}

/* ---- cases -------------------------------------------------------------------------------- */

static void on_step(void *ctx, const struct sw_sealed_step *s)
{
    struct why *y = ctx;
    struct sw_buf text = {0};
    struct sw_jw w = {.out = &text};
    struct sw_json *step;
    struct sw_err err;

    if (y->w != NULL) {
        sw_proof_step_json(y->w, s);
        return;
    }
    put_cause(y, s->step.seq);
    sw_proof_step_json(&w, s);
    sw_arena_reset(&y->arena);
    if (sw_json_parse(&y->arena, sw_buf_view(&text), &step, &err) == SW_OK)
        sw_proof_step(step, y->offset, &y->arena, y->out);
    sw_buf_free(&text);
}

static void on_case(void *ctx, const struct sw_case_row *r)
{
    struct why *y = ctx;

    if (y->w != NULL)
        sw_jw_member(y->w, "household", r->household.n > 0 ? r->household : r->area);
    else
        sw_buf_printf(y->out, "\n== 个案 %lld  %.*s %.*s %.*s\n", (long long)r->number,
                      SW_STR_ARG(r->place), SW_STR_ARG(r->name), SW_STR_ARG(r->household));
}

static void put_case(struct why *y, int64_t number)
{
    y->told = 0;
    if (y->w != NULL) {
        sw_jw_object(y->w);
        sw_jw_member_int(y->w, "case", number);
    }
    y->rc = sw_query_case(y->q, number, on_case, y, &y->err);
    if (y->w != NULL) {
        sw_jw_key(y->w, "steps");
        sw_jw_array(y->w);
    }
    if (y->rc == SW_OK)
        y->rc = sw_query_record(y->q, number, on_step, y, &y->err);
    if (y->w != NULL) {
        sw_jw_end(y->w);
        sw_jw_end(y->w);
    }
}

/* The oldest first. */
static void put_cases(struct why *y)
{
    if (y->w != NULL) {
        sw_jw_key(y->w, "cases");
        sw_jw_array(y->w);
    }
    for (size_t i = y->n_numbers; i > 0 && y->rc == SW_OK; i--)
        put_case(y, y->number[i - 1]);
    if (y->w != NULL)
        sw_jw_end(y->w);
    else if (y->n_numbers == 0 && y->rc == SW_OK)
        sw_buf_cstr(y->out,
                    "\n没有个案：没有这个编号，或者从未达到预警等级，因此没有通知任何人。\n");
}

/* ---- where it stands now ------------------------------------------------------------------ */

/* Why a condition that holds does not count. */
static void put_hit(struct why *y, const struct sw_json *rule)
{
    static const struct {
        const char *state, *text;
    } states[] = {{"on", "成立，计"},
                  {"kept", "已不成立，仍保留"},
                  {"waiting", "成立，尚在等待"},
                  {"held", "成立，但相关部门数据中断，暂缓"}};
    const struct sw_json *hit = sw_json_get(rule, "hit");

    for (size_t i = 0; i < SW_COUNTOF(states); i++) {
        if (!sw_str_is(sw_json_word(hit, "state"), states[i].state))
            continue;
        sw_buf_printf(y->out, "   %.*s：%s", SW_STR_ARG(sw_json_word(rule, "label")),
                      states[i].text);
        if (sw_json_word(hit, "points").n > 0)
            sw_buf_printf(y->out, "%.*s分", SW_STR_ARG(sw_json_word(hit, "points")));
        if (sw_json_word(hit, "until").n > 0)
            sw_buf_printf(y->out, "，到 %.*s", SW_STR_ARG(sw_json_word(hit, "until")));
        if (sw_json_word(hit, "held_by").n > 0)
            sw_buf_printf(y->out, "（%.*s）", SW_STR_ARG(sw_json_word(hit, "held_by")));
        sw_buf_char(y->out, '\n');
    }
}

static void put_standing(struct why *y, const struct sw_json *page)
{
    const struct sw_json *h = sw_json_get(page, "household");
    const struct sw_json *next = sw_json_get(h, "next_level");
    const struct sw_json *rules = sw_json_get(page, "rules");

    if (y->w != NULL) {
        sw_jw_key(y->w, "standing");
        sw_jw_value(y->w, h);
        return;
    }
    sw_buf_printf(y->out, "\n== 现在（%.*s）：%.*s %.*s分", SW_STR_ARG(sw_json_word(page, "day")),
                  SW_STR_ARG(sw_json_word(h, "level_label")), SW_STR_ARG(sw_json_word(h, "score")));
    if (next != NULL)
        sw_buf_printf(y->out, "，到%.*s线 %.*s分", SW_STR_ARG(sw_json_word(next, "label")),
                      SW_STR_ARG(sw_json_word(next, "enter")));
    sw_buf_printf(y->out, "；%s\n", sw_json_get(h, "case") != NULL ? "有在办个案" : "没有在办个案");
    for (const struct sw_json *r = rules == NULL ? NULL : rules->first; r != NULL; r = r->next)
        put_hit(y, r);
}

static struct sw_json *ask_daemon(struct why *y, const char *path, struct sw_buf *body)
{
    struct sw_json *answer = NULL;
    struct sw_err err;

    sw_arena_reset(&y->arena);
    if (ctl_request(y->c, "GET", path, body, &err) == 200 &&
        sw_json_parse(&y->arena, sw_buf_view(body), &answer, &err) == SW_OK)
        return answer;
    return NULL;
}

static void put_now(struct why *y)
{
    struct sw_buf path = {0};
    struct sw_buf body = {0};
    const struct sw_json *page;

    sw_buf_cstr(&path, "/api/v1/explain?household=");
    sw_url_encode(&path, y->subject);
    page = ask_daemon(y, path.p, &body);
    if (page != NULL)
        put_standing(y, page);
    else if (y->w == NULL)
        sw_buf_cstr(y->out, "\n== 现在：服务没有运行，或没有登记过这个编号，无法说明\n");
    sw_buf_free(&path);
    sw_buf_free(&body);
}

/* ---- what never reached the rules --------------------------------------------------------- */

struct refused {
    struct why *y;
    size_t n;
};

/* "household/H1" and no longer id. */
static bool names_subject(struct sw_str body, struct sw_str subject)
{
    const char *at = body.p;
    const char *end = body.n == 0 ? body.p : body.p + body.n;

    while (at != NULL && subject.n > 0 && at < end &&
           (at = memmem(at, (size_t)(end - at), subject.p, subject.n)) != NULL) {
        bool begins = at == body.p || at[-1] == '/' || at[-1] == '"';
        bool ends = at + subject.n == end || at[subject.n] == '"';

        if (begins && ends)
            return true;
        at++;
    }
    return false;
}

static void on_rejected(void *ctx, const struct sw_rejected_row *r)
{
    struct refused *f = ctx;
    struct why *y = f->y;
    char when[32];

    if (!names_subject(r->body, y->subject) || f->n++ >= REFUSED_SHOWN)
        return;
    if (y->w != NULL) {
        sw_jw_object(y->w);
        sw_jw_member_int(y->w, "at_us", r->at);
        sw_jw_member(y->w, "reason", r->reason);
        sw_jw_member(y->w, "text", r->text);
        sw_jw_end(y->w);
        return;
    }
    if (f->n == 1)
        sw_buf_cstr(y->out, "\n== 没有受理的输入\n");
    sw_buf_printf(y->out, "%s  %.*s：%.*s\n", ctl_when(r->at, when), SW_STR_ARG(r->reason),
                  SW_STR_ARG(r->text));
}

static void put_refused(struct why *y)
{
    struct refused f = {.y = y};

    if (y->w != NULL) {
        sw_jw_key(y->w, "refused");
        sw_jw_array(y->w);
    }
    if (y->rc == SW_OK)
        y->rc = sw_query_rejected(y->q, REFUSED_MAX, on_rejected, &f, &y->err);
    if (y->w != NULL)
        sw_jw_end(y->w);
}

static void put_parked(struct why *y)
{
    struct sw_buf body = {0};
    const struct sw_json *list = ask_daemon(y, "/api/v1/parked", &body);
    bool titled = false;

    for (const struct sw_json *p = list == NULL || y->w != NULL ? NULL : list->first; p != NULL;
         p = p->next) {
        if (!names_subject(sw_json_word(p, "subject"), y->subject) &&
            !names_subject(sw_json_word(p, "waits_for"), y->subject))
            continue;
        if (!titled)
            sw_buf_cstr(y->out, "\n== 等候登记、尚未起作用的事件\n");
        titled = true;
        sw_buf_printf(y->out, "%.*s  %.*s 等 %.*s\n", SW_STR_ARG(sw_json_word(p, "arrived")),
                      SW_STR_ARG(sw_json_word(p, "type")),
                      SW_STR_ARG(sw_json_word(p, "waits_for")));
    }
    sw_buf_free(&body);
}

/* ---- what is asked about ------------------------------------------------------------------ */

static void keep_message(void *ctx, const struct sw_queue_row *r)
{
    struct why *y = ctx;
    const struct sw_message_row *m = &r->out.message;
    char when[32];
    char to[16];

    if (m->number != 0)
        y->number[y->n_numbers++] = m->number;
    ctl_mask_phone(m->to, to);
    if (y->w != NULL) {
        sw_jw_member(y->w, "message", m->id);
        sw_jw_member(y->w, "fate", r->fate);
        return;
    }
    sw_buf_printf(y->out, "消息 %.*s（%s，%.*s %s，%s）\n   %.*s\n", SW_STR_ARG(m->id),
                  ctl_label(m->kind), SW_STR_ARG(m->gateway), to, ctl_when(m->created, when),
                  SW_STR_ARG(m->body));
    sw_buf_printf(y->out, "   %s %.*s（试发%u次）\n",
                  r->fate.n > 0 ? ctl_label(r->fate) : "尚无回执", SW_STR_ARG(r->detail),
                  r->out.attempts);
}

static void keep_case(void *ctx, const struct sw_case_row *r)
{
    struct why *y = ctx;

    if (y->n_numbers < CASES_MAX)
        y->number[y->n_numbers++] = r->number;
    if (y->subject.n == 0)
        y->subject =
            sw_str(sw_str_dup(r->household.n > 0 ? r->household : r->area)); /* until the end */
}

static struct sw_str behind(struct sw_str what, const char *prefix)
{
    return sw_str_starts(what, sw_str(prefix)) ? sw_str_sub(what, strlen(prefix), what.n)
                                               : (struct sw_str){NULL, 0};
}

/* "17-0" */
static bool is_message(struct sw_str what)
{
    struct sw_str rest = what;
    struct sw_str part;
    int64_t n;

    return sw_str_split(&rest, '-', &part) && rest.n > 0 && sw_str_int(part, &n) &&
           sw_str_int(rest, &n);
}

/* A message's id, a case's number, else a household or area: each also with its word in front. */
static void find(struct why *y, struct sw_str what)
{
    struct sw_case_filter f = {.limit = CASES_MAX};
    struct sw_str name = behind(what, "case/");
    int64_t number;

    if (is_message(what)) {
        y->rc = sw_query_message(y->q, what, keep_message, y, &y->err);
        put_cause(y, strtoll(what.p, NULL, 10));
        return;
    }
    if (sw_str_int(name.p != NULL ? name : what, &number)) {
        y->rc = sw_query_case(y->q, number, keep_case, y, &y->err);
        if (y->rc == SW_OK || name.p != NULL)
            return;
    }
    name = behind(what, "household/");
    if (name.p == NULL)
        name = behind(what, "area/");
    y->subject = sw_str(sw_str_dup(name.p != NULL ? name : what));
    f.subject = y->subject;
    y->rc = sw_query_cases(y->q, &f, keep_case, y, &y->err);
}

/* ---- the verb ----------------------------------------------------------------------------- */

static void put_all(struct why *y, struct sw_str what)
{
    if (y->w != NULL)
        sw_jw_object(y->w);
    find(y, what);
    if (y->rc == SW_OK && (y->n_numbers > 0 || y->subject.n > 0))
        put_cases(y);
    if (y->rc == SW_OK && y->subject.n > 0) {
        put_now(y);
        put_refused(y);
        put_parked(y);
    }
    if (y->w != NULL) {
        sw_jw_end(y->w);
        sw_buf_char(y->w->out, '\n');
    }
}

int ctl_why(struct ctl *c, int argc, char **argv)
{
    struct sw_buf out = {0};
    struct sw_buf page = {0};
    struct sw_jw w = {.out = &out};
    struct why y = {.c = c,
                    .w = c->json ? &w : NULL,
                    .out = &page,
                    .offset = ctl_utc_offset((sw_time)time(NULL) * SW_SECOND)};
    int result = CTL_GOOD;

    if (ctl_unknown_options(argc, argv) || argc != 2)
        return CTL_USAGE;
    if (ctl_open_store(c, &y.q) != CTL_GOOD)
        return CTL_FAILED;
    put_all(&y, sw_str(argv[1]));
    sw_query_close(y.q);
    if (y.rc == SW_OK)
        fwrite(c->json ? out.p : page.p, 1, c->json ? out.n : page.n, stdout);
    else
        result = ctl_fail("%s", y.err.text);
    free((char *)(uintptr_t)y.subject.p);
    sw_arena_free(&y.arena);
    sw_buf_free(&out);
    sw_buf_free(&page);
    return result;
}
