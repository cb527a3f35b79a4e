/* record.c - what a case's steps prove, beside their words: where the case stood, on which facts,
 * parameters and rules, what was sent to whom, and what became of it.
 *
 * Each is JSON in the step's `data`. The store chains the steps; nothing here knows of that. Every
 * message about a case is a step when it is made, and one more when its fate moves forward. */
#include "explain.h"
#include <shouwang/base/crypt.h>
#include <shouwang/base/mem.h>

enum { SENT_KEPT_DAYS = 60, SENT_ID_BITS = 20 };

/* ---- where the case stands ---------------------------------------------------------------- */

/* What a rule that counts has read: parameters in force, facts, the newest events. */
static void put_ground(struct sw_page *p, uint32_t rule)
{
    p->rule = rule;
    sw_jw_object(&p->w);
    sw_jw_member(&p->w, "rule", p->rules->rule[rule].name);
    sw_explain_reads(p, &p->rules->rule[rule]);
    sw_explain_events(p);
    sw_jw_end(&p->w);
}

static void put_grounds(struct sw_engine *e, uint32_t subject, struct sw_jw *w)
{
    struct sw_page p = {.view = e,
                        .rules = e->rules,
                        .subject = subject,
                        .kind = sw_subject_kind(e, subject),
                        .day = e->today,
                        .is_today = true,
                        .w = *w};
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    p.lang = p.kind == OF_HOUSEHOLD ? e->rules->lang : e->rules->area_lang;
    sw_frame_for(e, subject, &p.frame);
    sw_jw_key(&p.w, "grounds");
    sw_jw_array(&p.w);
    for (size_t i = 0; i < n; i++) {
        if (sw_hit_counts(&hits[i]) && !e->rules->rule[hits[i].rule].task)
            put_ground(&p, hits[i].rule);
    }
    sw_jw_end(&p.w);
    *w = p.w;
}

static struct sw_str digest_of(struct sw_str text, char out[65])
{
    unsigned char hash[SW_DIGEST_MAX];
    struct sw_buf hex = {0};

    sw_hex_put(&hex, (struct sw_str){(const char *)hash, sw_digest("sha256", text, hash)});
    memcpy(out, hex.p, 65);
    sw_buf_free(&hex);
    return sw_str(out);
}

void sw_case_row_digest(const struct sw_case_row *row, char out[65])
{
    const struct sw_str *const text[] = {&row->household, &row->area,  &row->place,   &row->name,
                                         &row->state,     &row->level, &row->outcome, &row->owner,
                                         &row->causes,    &row->rules};
    struct sw_buf bytes = {0};

    sw_buf_printf(&bytes, "%lld\n%.17g\n%lld\n%lld\n%lld\n", (long long)row->number, row->score,
                  (long long)row->opened, (long long)row->updated, (long long)row->due);
    for (size_t i = 0; i < SW_COUNTOF(text); i++) {
        sw_buf_printf(&bytes, "%zu:", text[i]->n);
        sw_buf_str(&bytes, *text[i]);
    }
    digest_of(sw_buf_view(&bytes), out);
    sw_buf_free(&bytes);
}

/* What the owner is in people.yaml. */
static void put_role(const struct sw_engine *e, const struct sw_case *c, struct sw_jw *w)
{
    const struct sw_routing *r = &e->rules->routing;

    if (c->owner == SW_NONE || c->role >= r->n_roles)
        return;
    sw_jw_member(w, "owner_role", r->role[c->role].name);
    sw_jw_member(w, "owner_role_label", r->role[c->role].label);
}

/* Whom an id means, for who reads the step: the registry may have forgotten them by then. */
static void put_name(const struct sw_engine *e, const char *key, uint32_t cadre, struct sw_jw *w)
{
    if (cadre != SW_NONE)
        sw_jw_member(w, key, sw_registry_text(&e->registry, e->registry.cadre[cadre].name));
}

/* Words of the files in force stay with the step: they may be others when somebody reads it. */
static void put_row(const struct sw_engine *e, const struct sw_case *c,
                    const struct sw_case_row *row, struct sw_jw *w)
{
    const struct sw_life *life = e->rules->life;
    char digest[65];

    sw_case_row_digest(row, digest);
    sw_jw_member(w, "row", sw_str(digest));
    sw_jw_member(w, "state", row->state);
    sw_jw_member(w, "state_label", life->state[c->state].label);
    sw_jw_member(w, "level", row->level);
    sw_jw_member(w, "level_label", e->rules->level[c->level].label);
    sw_jw_key(w, "score");
    sw_jw_double(w, row->score);
    sw_jw_member(w, "outcome", row->outcome);
    sw_jw_member(w, "outcome_label", life->outcome[c->outcome].label);
    sw_jw_member(w, "owner", row->owner);
    put_name(e, "owner_name", c->owner, w);
    put_role(e, c, w);
    sw_jw_member_int(w, "due_us", row->due);
    sw_jw_member(w, "rules", row->rules);
}

/* The step of this input that keeps where the case stands: the first one since its row was last
 * written, else the one that kept it then. Steps about messages have data of their own. NULL: the
 * row changed and no step says so. */
static struct sw_step_row *keeper(const struct sw_engine *e, int64_t number, struct sw_effects *fx)
{
    struct sw_step_row *first = NULL;

    for (size_t i = fx->steps.n; i > 0 && fx->steps.at[i - 1].seq == e->seq; i--) {
        struct sw_step_row *s = &fx->steps.at[i - 1];

        if (s->number != number || sw_str_is(s->kind, SW_STEP_MESSAGE))
            continue;
        if (s->data.n > 0)
            return first == NULL ? s : first;
        first = s;
    }
    return first;
}

static const struct sw_case_row *row_of(const struct sw_effects *fx, int64_t number)
{
    size_t i = fx->cases.n;

    while (i > 0 && fx->cases.at[i - 1].number != number)
        i--;
    return i == 0 ? NULL : &fx->cases.at[i - 1];
}

/* Points came and went with a new fact, but neither level nor causes. */
static struct sw_step_row *silent_step(struct sw_engine *e, uint32_t index, double score,
                                       struct sw_effects *fx)
{
    sw_case_step(e, index, "changed", SW_STR("engine"),
                 sw_arena_printf(&e->arena, "现为%.4g分", score), fx);
    return &fx->steps.at[fx->steps.n - 1];
}

void sw_record_row(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    const struct sw_case_row *row = row_of(fx, FIRST_CASE + (int64_t)index);
    struct sw_step_row *step = keeper(e, FIRST_CASE + (int64_t)index, fx);
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    struct sw_step_row said;

    if (row == NULL)
        return;
    if (step == NULL)
        step = silent_step(e, index, row->score, fx);
    sw_jw_object(&w);
    put_row(e, &e->cases[index], row, &w);
    put_name(e, "actor_name", sw_intern_find(&e->registry.cadre_id, step->actor), &w);
    if (sw_str_is(step->actor, "engine")) {
        sw_jw_key(&w, "causes");
        sw_jw_raw(&w, row->causes);
        put_grounds(e, e->cases[index].subject, &w);
    }
    sw_jw_end(&w);
    step->data = sw_arena_str(&fx->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    said = *step; /* telling makes steps, which moves the others */
    sw_say(e, index, &said, row, fx);
}

/* ---- messages ----------------------------------------------------------------------------- */

/* Fates in the order in which they can follow one another: a receipt may come twice, and late. */
static const struct {
    const char *state, *label;
    uint8_t rank;
    enum sw_number_fate number;
} fates[] = {
    {"accepted", "网关已受理", 1, NUMBER_UNKNOWN}, {"buffered", "运营商待投", 2, NUMBER_UNKNOWN},
    {"expired", "逾时未发出", 3, NUMBER_LATE},     {"rejected", "网关拒收", 3, NUMBER_DEAD},
    {"failed", "未送达", 3, NUMBER_DEAD},          {"delivered", "已送达", 4, NUMBER_ALIVE},
};

enum { OTHER_RANK = 3 };

/* "seq-n" as a number that grows with both; 0: no id of ours. */
static int64_t sent_id(struct sw_str id)
{
    struct sw_str rest = id;
    struct sw_str part;
    int64_t seq;
    int64_t n;

    if (!sw_str_split(&rest, '-', &part) || !sw_str_int(part, &seq) || !sw_str_int(rest, &n) ||
        seq < 1 || seq >= INT64_C(1) << (62 - SENT_ID_BITS) || n < 0 ||
        n >= INT64_C(1) << SENT_ID_BITS)
        return 0;
    return seq << SENT_ID_BITS | n;
}

static struct sw_str masked_phone(struct sw_engine *e, struct sw_str phone)
{
    return phone.n < 8
               ? phone
               : sw_arena_printf(&e->arena, "%.*s****%.*s", 3, phone.p, 4, phone.p + phone.n - 4);
}

/* The text itself is in the message's row: its digest binds it. */
static void message_step(struct sw_engine *e, uint32_t index, const struct sw_message_row *m,
                         struct sw_effects *fx)
{
    const struct sw_registry *r = &e->registry;
    uint32_t cadre = m->to.n > 0 ? sw_registry_phone(r, m->to) : SW_NONE;
    struct sw_str to = masked_phone(e, m->to);
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    char digest[65];

    sw_jw_object(&w);
    sw_jw_member(&w, "message", m->id);
    sw_jw_member_int(&w, "case", m->number);
    sw_jw_member(&w, "kind", m->kind);
    sw_jw_member(&w, "gateway", m->gateway);
    sw_jw_member(&w, "to", to);
    if (cadre != SW_NONE)
        sw_jw_member(&w, "cadre", sw_intern_text(&r->cadre_id, cadre));
    sw_jw_member(&w, "sha256", digest_of(m->body, digest));
    sw_jw_end(&w);
    sw_case_step(
        e, index, SW_STEP_MESSAGE, SW_STR("engine"),
        m->to.n == 0 ? sw_arena_printf(&e->arena, "推送→%.*s", SW_STR_ARG(m->gateway))
        : cadre == SW_NONE
            ? sw_arena_printf(&e->arena, "短信→%.*s：%.*s", SW_STR_ARG(to), SW_STR_ARG(m->body))
            : sw_arena_printf(&e->arena, "短信→%.*s（%.*s）：%.*s",
                              SW_STR_ARG(sw_registry_text(r, r->cadre[cadre].name)), SW_STR_ARG(to),
                              SW_STR_ARG(m->body)),
        fx);
    fx->steps.at[fx->steps.n - 1].data = sw_arena_str(&fx->arena, sw_buf_view(&out));
    sw_buf_free(&out);
}

void sw_record_message(struct sw_engine *e, uint32_t index, const struct sw_message_row *m,
                       struct sw_effects *fx)
{
    uint32_t phone = m->to.n == 0 ? SW_NONE : sw_intern_find(&e->registry.texts, m->to);

    if (index != SW_NONE)
        message_step(e, index, m, fx);
    e->sent = sw_grow(e->sent, &e->sent_cap, e->n_sent + 1, sizeof(*e->sent));
    e->sent[e->n_sent++] =
        (struct sw_sent){.id = sent_id(m->id), .index = index, .phone = phone, .day = e->today};
}

void sw_record_also(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    if (!e->history && fx->messages.n > 0)
        sw_record_message(e, index, &fx->messages.at[fx->messages.n - 1], fx);
}

/* The first of the entries with this id, in ascending order; n_sent: there is none. */
static uint32_t find_sent(const struct sw_engine *e, int64_t id)
{
    uint32_t lo = 0;
    uint32_t hi = e->n_sent;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (e->sent[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void fate_step(struct sw_engine *e, uint32_t index, const struct sw_fate_row *f,
                      const char *label, struct sw_effects *fx)
{
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    struct sw_str what = label == NULL ? f->state : sw_str(label);

    sw_jw_object(&w);
    sw_jw_member(&w, "message", f->message);
    sw_jw_member(&w, "state", f->state);
    sw_jw_end(&w);
    sw_case_step(e, index, SW_STEP_RECEIPT, SW_STR("gateway"),
                 f->detail.n == 0 ? what
                                  : sw_arena_printf(&e->arena, "%.*s：%.*s", SW_STR_ARG(what),
                                                    SW_STR_ARG(f->detail)),
                 fx);
    fx->steps.at[fx->steps.n - 1].data = sw_arena_str(&fx->arena, sw_buf_view(&out));
    sw_buf_free(&out);
}

bool sw_record_fate(struct sw_engine *e, const struct sw_fate_row *f, struct sw_effects *fx)
{
    int64_t id = sent_id(f->message);
    const char *label = NULL;
    uint8_t rank = OTHER_RANK;
    enum sw_number_fate number = NUMBER_UNKNOWN;
    uint32_t first = find_sent(e, id);
    uint32_t phone;

    if (first == e->n_sent || e->sent[first].id != id)
        return true; /* to a group about no case, or from long ago */
    phone = e->sent[first].phone;
    for (size_t i = 0; i < SW_COUNTOF(fates); i++) {
        if (sw_str_is(f->state, fates[i].state)) {
            label = fates[i].label;
            rank = fates[i].rank;
            number = fates[i].number;
        }
    }
    if (rank <= e->sent[first].rank)
        return false;
    for (uint32_t i = first; i < e->n_sent && e->sent[i].id == id; i++) {
        e->sent[i].rank = rank;
        if (e->sent[i].index != SW_NONE)
            fate_step(e, e->sent[i].index, f, label, fx);
    }
    if (phone != SW_NONE)
        sw_phone_heard(e, phone, number, f, fx);
    return true;
}

void sw_record_pass_day(struct sw_engine *e)
{
    uint32_t old = 0;

    while (old < e->n_sent && e->sent[old].day < e->today - SENT_KEPT_DAYS)
        old++;
    if (old == 0)
        return;
    memmove(e->sent, e->sent + old, (e->n_sent - old) * sizeof(*e->sent));
    e->n_sent -= old;
}
