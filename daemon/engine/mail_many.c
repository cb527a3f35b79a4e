/* mail_many.c - one text for several cases: those of one cause in one place, and a morning's digest
 * of what was too much for a person. Case numbers in a row are written 142-155. */
#include "parts.h"
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>
#include <stdlib.h>

/* ---- lists of case numbers ---------------------------------------------------------------- */

/* Appends the numbers of cases, as many as have room; how many. */
static size_t put_cases(struct sw_buf *out, const uint32_t *index, size_t n, size_t room)
{
    const char *between = "";
    size_t done = 0;

    while (done < n) {
        char text[40];
        size_t last = done;
        int length;

        while (last + 1 < n && index[last + 1] == index[last] + 1)
            last++;
        length = last > done
                     ? snprintf(text, sizeof(text), "%s%u-%u", between, FIRST_CASE + index[done],
                                FIRST_CASE + index[last])
                     : snprintf(text, sizeof(text), "%s%u", between, FIRST_CASE + index[done]);
        if (sw_utf8_length(sw_buf_view(out)) +
                sw_utf8_length((struct sw_str){text, (size_t)length}) >
            room)
            break;
        sw_buf_cstr(out, text);
        between = "、";
        done = last + 1;
    }
    return done;
}

static size_t room_beside(struct sw_engine *e, struct sw_str wording, const struct sw_pair *pairs,
                          size_t n)
{
    size_t used = sw_utf8_length(sw_fill(e, wording, pairs, n));

    return used < SMS_CHARACTERS ? SMS_CHARACTERS - used : 0;
}

/* ---- of one cause in one place ------------------------------------------------------------ */

struct bundle {
    struct sw_letter **letter;
    uint32_t *index;
    size_t n;
    uint8_t level;
};

static bool is_like(const struct sw_engine *e, const struct sw_letter *l,
                    const struct sw_letter *first)
{
    return l->to == first->to && l->place == first->place && l->rule == first->rule &&
           l->index != SW_NONE && l->notice == NOTICE_ALERT &&
           (sw_letter_is_ready(e, l) || l->waits == WAIT_GROUP);
}

/* In order of their cases. */
static struct bundle gather(struct sw_engine *e, struct sw_letter *first, struct sw_effects *fx)
{
    const struct sw_mail *m = &e->mail;
    struct bundle b = {SW_ARENA_ARRAY(&e->arena, struct sw_letter *, m->n + 1),
                       SW_ARENA_ARRAY(&e->arena, uint32_t, m->n + 1), 0, first->level};
    bool many = first->notice == NOTICE_ALERT && first->rule != SW_NONE &&
                first->index != SW_NONE && e->rules->mail.group_minutes > 0 &&
                !sw_is_area(e->cases[first->index].subject);

    for (uint32_t i = 0; i < m->n && many; i++) {
        struct sw_letter *l = &m->at[i];
        size_t k = b.n;

        if (!is_like(e, l, first) || sw_letter_is_moot(e, l, fx))
            continue;
        for (; k > 0 && b.index[k - 1] > l->index; k--) {
            b.index[k] = b.index[k - 1];
            b.letter[k] = b.letter[k - 1];
        }
        b.index[k] = l->index;
        b.letter[k] = l;
        b.n++;
        if (l->level > b.level)
            b.level = l->level;
    }
    return b;
}

/* Of cases of one cause on one level: that of the one that is due first. */
static struct sw_str deadline_of(const struct sw_engine *e, const struct bundle *b)
{
    const struct sw_case *first = &e->cases[b->index[0]];

    for (size_t i = 1; i < b->n; i++) {
        const struct sw_case *c = &e->cases[b->index[i]];

        if (c->level == b->level && (first->level < b->level || c->due < first->due))
            first = c;
    }
    return sw_deadline_words(e, first->subject, b->level);
}

/* The letter, wherever it stands, becomes the first. */
static void bring_forward(struct bundle *b, const struct sw_letter *l)
{
    struct sw_letter *letter;
    size_t at = 0;

    while (b->letter[at] != l)
        at++;
    letter = b->letter[at];
    memmove(b->letter + 1, b->letter, at * sizeof(struct sw_letter *));
    memmove(b->index + 1, b->index, at * sizeof(*b->index));
    b->letter[0] = letter;
    b->index[0] = letter->index;
}

static bool is_among(const struct bundle *b, size_t n, const struct sw_letter *l)
{
    for (size_t i = 0; i < n; i++) {
        if (b->letter[i] == l)
            return true;
    }
    return false;
}

/* As many as have room, in order of their numbers; but the one whose turn it is does not wait for
 * another text. */
static size_t list_cases(struct sw_buf *out, struct bundle *b, const struct sw_letter *first,
                         size_t room)
{
    size_t listed = put_cases(out, b->index, b->n, room);

    if (is_among(b, listed, first))
        return listed;
    bring_forward(b, first);
    sw_buf_clear(out);
    listed = put_cases(out, b->index, b->n, room);
    return listed > 0 ? listed : put_cases(out, b->index, 1, SIZE_MAX);
}

static struct sw_str many_text(struct sw_engine *e, const struct sw_letter *first, struct bundle *b,
                               size_t *listed)
{
    const struct sw_wording *words = &e->rules->wording;
    struct sw_buf cases = {0};
    struct sw_str text;
    struct sw_pair pairs[] = {
        {"level", e->rules->level[b->level].label},
        {"count", sw_arena_printf(&e->arena, "%zu", b->n)},
        {"place", sw_area_name(&e->registry, first->place)},
        {"cause", sw_rule_cause(e, first->rule)},
        {"deadline", deadline_of(e, b)},
        {"reply", words->reply},
        {"cases", SW_STR("")},
    };
    const size_t n = SW_COUNTOF(pairs);

    *listed = list_cases(&cases, b, first, room_beside(e, words->many, pairs, n));
    pairs[1].value = sw_arena_printf(&e->arena, "%zu", *listed);
    pairs[n - 1].value = sw_buf_view(&cases);
    text = sw_fill(e, words->many, pairs, n);
    sw_buf_free(&cases);
    return text;
}

/* {"type":"case.many","data":{"level","place","cause","cases":[…]}} for a team's group. */
static struct sw_str many_event(struct sw_engine *e, const struct sw_letter *first,
                                const struct bundle *b)
{
    struct sw_webhook hook;
    struct sw_jw *w = sw_webhook_begin(e, &hook, "case.many");

    sw_jw_member(w, "level", e->rules->level[b->level].name);
    sw_jw_member(w, "place", sw_area_name(&e->registry, first->place));
    sw_jw_member(w, "cause", sw_rule_cause(e, first->rule));
    sw_jw_key(w, "cases");
    sw_jw_array(w);
    for (size_t i = 0; i < b->n; i++)
        sw_jw_int(w, FIRST_CASE + (int64_t)b->index[i]);
    sw_jw_end(w);
    sw_jw_member(w, "deadline", deadline_of(e, b));
    return sw_webhook_end(e, &hook);
}

static void send_many(struct sw_engine *e, struct sw_letter *first, struct bundle *b,
                      struct sw_effects *fx)
{
    bool to_group = (first->to & TEAM_BIT) != 0;
    size_t listed = b->n;
    struct sw_str text = to_group ? many_event(e, first, b) : many_text(e, first, b, &listed);
    struct sw_str name = sw_letter_name(e, first);

    sw_send_text(e, first->to, b->index[0], "many", text, fx);
    for (size_t i = 1; i < listed; i++)
        sw_record_also(e, b->index[i], fx);
    for (size_t i = 0; i < listed; i++)
        sw_letter_end(e, b->letter[i], "sent",
                      sw_arena_printf(&e->arena, "同村同因的%zu户合成一条，发给%.*s", listed,
                                      SW_STR_ARG(name)),
                      fx);
}

static void remember(struct sw_engine *e, const struct sw_letter *l)
{
    struct sw_mail *m = &e->mail;

    if (e->rules->mail.group_minutes == 0 || l->notice != NOTICE_ALERT || l->rule == SW_NONE)
        return;
    m->recent = sw_grow(m->recent, &m->recent_cap, m->n_recent + 1, sizeof(*m->recent));
    m->recent[m->n_recent++] =
        (struct sw_recent){.at = e->now, .to = l->to, .place = l->place, .rule = l->rule};
}

void sw_send_group(struct sw_engine *e, struct sw_letter *first, struct sw_effects *fx)
{
    struct bundle b = gather(e, first, fx);
    uint32_t to = first->to;

    remember(e, first);
    if (first->index != SW_NONE && (to & TEAM_BIT) == 0)
        sw_budget_spend(e, to, false);
    if (b.n > 1) {
        send_many(e, first, &b, fx);
        return;
    }
    sw_send_letter(e, first, fx);
    sw_letter_end(e, first, "sent",
                  first->waited && first->index != SW_NONE
                      ? sw_arena_printf(&e->arena, "推迟的消息已发给%.*s",
                                        SW_STR_ARG(sw_letter_name(e, first)))
                      : SW_STR(""),
                  fx);
}

/* ---- a morning's digest ------------------------------------------------------------------- */

static int compare_letters(const struct sw_engine *e, const struct sw_letter *a,
                           const struct sw_letter *b)
{
    sw_time x = e->cases[a->index].due;
    sw_time y = e->cases[b->index].due;
    bool gone_a = a->notice == NOTICE_WITHDRAWN;
    bool gone_b = b->notice == NOTICE_WITHDRAWN;

    if (gone_a != gone_b)
        return gone_a ? 1 : -1;
    if (a->level != b->level)
        return a->level > b->level ? -1 : 1;
    if (x != y)
        return y == 0 || (x != 0 && x < y) ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static struct bundle gather_digest(struct sw_engine *e, uint32_t cadre, struct sw_effects *fx)
{
    const struct sw_mail *m = &e->mail;
    struct bundle b = {SW_ARENA_ARRAY(&e->arena, struct sw_letter *, m->n + 1),
                       SW_ARENA_ARRAY(&e->arena, uint32_t, m->n + 1), 0, 0};

    for (uint32_t i = 0; i < m->n; i++) {
        struct sw_letter *l = &m->at[i];
        size_t k = b.n;

        if (l->to != cadre || l->waits != WAIT_BUDGET || l->until > e->now ||
            sw_letter_is_moot(e, l, fx))
            continue;
        for (; k > 0 && compare_letters(e, l, b.letter[k - 1]) < 0; k--)
            b.letter[k] = b.letter[k - 1];
        b.letter[k] = l;
        b.n++;
    }
    for (size_t i = 0; i < b.n; i++)
        b.index[i] = b.letter[i]->index;
    return b;
}

static bool is_same_part(const struct sw_letter *a, const struct sw_letter *b)
{
    return a->level == b->level &&
           (a->notice == NOTICE_WITHDRAWN) == (b->notice == NOTICE_WITHDRAWN);
}

/* "橙色142-146、150;黄色160;撤销139": as many as have room. */
static size_t put_parts(struct sw_engine *e, struct sw_buf *out, const struct bundle *b,
                        size_t room)
{
    size_t done = 0;

    while (done < b->n) {
        const struct sw_letter *l = b->letter[done];
        struct sw_str label =
            l->notice == NOTICE_WITHDRAWN ? SW_STR("撤销") : e->rules->level[l->level].label;
        size_t before = out->n;
        size_t end = done;
        size_t put;

        while (end < b->n && is_same_part(l, b->letter[end]))
            end++;
        sw_buf_printf(out, "%s%.*s", done == 0 ? "" : ";", SW_STR_ARG(label));
        put = put_cases(out, &b->index[done], end - done, done == 0 && room < 12 ? 12 : room);
        done += put;
        if (put == 0)
            out->n = before;
        if (done < end)
            break;
    }
    return done;
}

void sw_send_digest(struct sw_engine *e, uint32_t cadre, struct sw_effects *fx)
{
    const struct sw_wording *words = &e->rules->wording;
    struct bundle b = gather_digest(e, cadre, fx);
    struct sw_buf cases = {0};
    struct sw_pair pairs[] = {{"count", sw_arena_printf(&e->arena, "%zu", b.n)},
                              {"cases", SW_STR("")}};
    struct sw_str name;
    size_t listed;

    if (b.n == 0)
        return;
    name = sw_letter_name(e, b.letter[0]);
    listed = put_parts(e, &cases, &b, room_beside(e, words->digest, pairs, SW_COUNTOF(pairs)));
    pairs[1].value = sw_buf_view(&cases);
    sw_send_text(e, cadre, b.index[0], "digest",
                 sw_fill(e, words->digest, pairs, SW_COUNTOF(pairs)), fx);
    for (size_t i = 1; i < listed; i++)
        sw_record_also(e, b.index[i], fx);
    sw_buf_free(&cases);
    sw_budget_spend(e, cadre, true);
    for (size_t i = 0; i < b.n; i++) {
        if (i < listed)
            sw_letter_end(e, b.letter[i], "sent",
                          sw_arena_printf(&e->arena, "列入发给%.*s的早间汇总", SW_STR_ARG(name)),
                          fx);
        else
            sw_letter_wait(e, b.letter[i], WAIT_BUDGET, sw_digest_at(e),
                           SW_STR("今天的汇总写不下，列入明早的汇总"), fx);
    }
}
