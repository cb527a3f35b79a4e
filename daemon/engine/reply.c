/* reply.c - what a cadre writes back from a button phone.
 *
 *     1            the answer about the one case waiting for this phone
 *     142 1        case number and answer
 *     142，１ 已去过   full-width digits, any separator, words behind
 *     收到 / 已核 / 0  acknowledged
 *
 *     31           not true, for the first reason of the list
 *     3 外出务工有收入   or in own words
 *     142 1 143 2  two cases
 *     5 临时救助      what was done
 *
 * What a digit means is said in cases.yaml; as shipped: 0 received, 1 true and needs help, 2 true
 * and already helped, 3 not true, 4 nobody met, 5 a measure, 6 clearance proposed, 7 agreed, 8 not
 * agreed, 9 pass up. Who leaves out the words that a digit needs is asked for them once. A text
 * that says anything else gets one question back; a second one in a row gets silence and stays on
 * the list. A number that belongs to no cadre never gets an answer. */
#include "parts.h"
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>

struct reply {
    int64_t number;      /* of the case, 0: not given */
    int answer;          /* enum sw_case_event, -1: unclear */
    uint8_t digit;       /* that said so */
    uint8_t reason;      /* the digit behind it, 0: none */
    struct sw_str words; /* behind that */
};

static const char *const words_of_receipt[] = {"收到", "已核", "知道了", "好的"};
static const char *const words_in_front[] = {"回复", "回", "编号", "答复", "答"};

/* ---- reading ------------------------------------------------------------------------------ */

/* The text in half-width characters, quotes and spaces at its ends gone. */
static struct sw_str normalise(struct sw_arena *arena, struct sw_str text)
{
    char *out = sw_arena_alloc(arena, text.n + 1);
    size_t n = 0;

    for (size_t at = 0; at < text.n;) {
        size_t from = at;
        int32_t cp = sw_utf8_next(text, &at);

        if (cp >= 0xff01 && cp <= 0xff5e)
            out[n++] = (char)(cp - 0xff01 + '!');
        else if (cp == 0x3000 || cp == 0xa0)
            out[n++] = ' ';
        else if (cp == 0x201c || cp == 0x201d || cp == 0x2018 || cp == 0x2019 || cp == '"' ||
                 cp == '\'')
            out[n++] = ' ';
        else if (cp == 0x3002 || cp == 0x3001)
            out[n++] = ',';
        else {
            memcpy(out + n, text.p + from, at - from);
            n += at - from;
        }
    }
    return sw_str_trim((struct sw_str){out, n});
}

static bool skip_word(struct sw_str *s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (sw_str_starts(*s, sw_str(words[i]))) {
            *s = sw_str_trim(sw_str_sub(*s, strlen(words[i]), s->n));
            return true;
        }
    }
    return false;
}

static bool is_separator(char c)
{
    return c == ' ' || (c != '\0' && strchr(",.;:!+-*#/\t\r\n", c) != NULL);
}

/* A run of digits that ends at a separator or the end; *s moves behind the separators. */
static bool take_number(struct sw_str *s, int64_t *value, size_t *digits)
{
    size_t n = 0;

    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
        n++;
    if (n == 0 || n > 15 || (n < s->n && !is_separator(s->p[n])))
        return false;
    sw_str_int(sw_str_sub(*s, 0, n), value);
    *digits = n;
    while (n < s->n && is_separator(s->p[n]))
        n++;
    *s = sw_str_sub(*s, n, s->n);
    return true;
}

/* "1" or, with a reason of the list, "31"; -1: neither. */
static void take_answer(const struct sw_life *life, int64_t number, size_t digits, struct reply *r)
{
    int64_t digit = digits == 2 ? number / 10 : number;
    uint8_t event = digits <= 2 ? life->answer[digit] : CASE_EVENTS;

    if (event == CASE_EVENTS ||
        (digits == 2 && (event != ON_NOT_TRUE || life->reason[number % 10].n == 0)))
        return;
    r->answer = event;
    r->digit = (uint8_t)digit;
    r->reason = (uint8_t)(digits == 2 ? number % 10 : 0);
}

/* Words without a letter or figure, such as "?" or a thumb, give no reason. */
static bool says_something(struct sw_str words)
{
    for (size_t at = 0; at < words.n;) {
        int32_t cp = sw_utf8_next(words, &at);
        bool is_figure = cp >= '0' && cp <= '9';
        bool is_letter = (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z') || cp >= 0xc0;
        bool is_sign = (cp >= 0x2000 && cp < 0x2c00) || (cp >= 0x3000 && cp < 0x3040) ||
                       (cp >= 0xfe00 && cp < 0xfe10) || cp == 0xfffd ||
                       (cp >= 0x1f000 && cp < 0x20000);

        if (is_figure || (is_letter && !is_sign))
            return true;
    }
    return false;
}

/* What is written behind the digit; "3 2" is the second reason of the list, as "32" is. */
static void take_words(const struct sw_life *life, struct sw_str s, struct reply *r)
{
    r->words = says_something(s) ? sw_str_trim(s) : SW_STR("");
    if (r->answer != ON_NOT_TRUE || r->reason > 0 || r->words.n != 1 || r->words.p[0] < '0' ||
        r->words.p[0] > '9' || life->reason[r->words.p[0] - '0'].n == 0)
        return;
    r->reason = (uint8_t)(r->words.p[0] - '0');
    r->words = SW_STR("");
}

static struct reply read_reply(const struct sw_life *life, struct sw_str s)
{
    struct reply r = {.answer = -1};
    int64_t number;
    size_t digits;

    skip_word(&s, words_in_front, SW_COUNTOF(words_in_front));
    if (skip_word(&s, words_of_receipt, SW_COUNTOF(words_of_receipt))) {
        r.answer = ON_ACKNOWLEDGED;
        return r;
    }
    if (!take_number(&s, &number, &digits))
        return r;
    if (digits > 2) { /* a case's number: the first is 100 */
        r.number = number;
        if (skip_word(&s, words_of_receipt, SW_COUNTOF(words_of_receipt))) {
            r.answer = ON_ACKNOWLEDGED;
            return r;
        }
        if (!take_number(&s, &number, &digits))
            return r;
    }
    take_answer(life, number, digits, &r);
    take_words(life, s, &r);
    return r;
}

/* ---- which case --------------------------------------------------------------------------- */

struct candidates {
    uint32_t cadre;   /* who answers */
    uint32_t waiting; /* an unanswered case, and how many there are */
    uint32_t n_waiting;
    uint32_t other; /* an open case answered before */
    uint32_t n_other;
};

/* The told cadre of the case who has this phone; SW_NONE: it was never told to it, or not any
 * more: who has left has no say and learns nothing. */
static uint32_t told_by_phone(const struct sw_engine *e, const struct sw_case *c, uint32_t phone)
{
    for (size_t i = 0; i < c->n_told; i++) {
        if (e->registry.cadre[c->told[i]].phone == phone && sw_has_charge(e, c, c->told[i]))
            return c->told[i];
    }
    return SW_NONE;
}

/* A word is expected from this phone. */
static bool is_waiting(const struct sw_engine *e, const struct sw_case *c, uint32_t phone)
{
    const struct sw_life_state *st = &e->rules->life->state[c->state];

    return st->waits ||
           (st->asks && c->acting != SW_NONE && e->registry.cadre[c->acting].phone == phone);
}

static struct candidates find_candidates(const struct sw_engine *e, uint32_t phone)
{
    struct candidates found = {SW_NONE, SW_NONE, 0, SW_NONE, 0};

    for (uint32_t i = 0; i < e->n_open; i++) {
        const struct sw_case *c = &e->cases[e->open[i]];
        uint32_t cadre = told_by_phone(e, c, phone);

        if (cadre == SW_NONE || sw_is_unsaid(e, cadre, e->open[i]))
            continue;
        found.cadre = cadre;
        if (is_waiting(e, c, phone)) {
            if (found.n_waiting++ == 0 || e->open[i] > found.waiting)
                found.waiting = e->open[i];
        } else if (found.n_other++ == 0 || e->open[i] > found.other) {
            found.other = e->open[i];
        }
    }
    return found;
}

/* The case of that number, SW_NONE: it is none of this phone's. */
static uint32_t numbered(const struct sw_engine *e, int64_t number, uint32_t phone)
{
    uint32_t index;

    if (number < FIRST_CASE || number - FIRST_CASE >= e->n_cases)
        return SW_NONE;
    index = (uint32_t)(number - FIRST_CASE);
    return told_by_phone(e, &e->cases[index], phone) == SW_NONE ? SW_NONE : index;
}

/* The case the reply is about, SW_NONE: cannot be told. */
static uint32_t choose(const struct sw_engine *e, const struct reply *r, uint32_t phone,
                       const struct candidates *found)
{
    if (r->number > 0)
        return numbered(e, r->number, phone);
    if (found->n_waiting == 1)
        return found->waiting;
    if (found->n_waiting == 0 && found->n_other == 1)
        return found->other;
    return SW_NONE;
}

/* ---- answering ---------------------------------------------------------------------------- */

/* "163、157、142": the open cases of a phone that wait for a word, or the others; the newest few:
 * they were just read about. */
static struct sw_str list_cases(struct sw_engine *e, uint32_t phone, bool waiting)
{
    struct sw_buf out = {0};
    struct sw_str text;
    uint32_t shown = 0;

    for (uint32_t index = e->n_cases; index-- > 0 && shown < 4;) {
        const struct sw_case *c = &e->cases[index];
        uint32_t cadre = SW_NONE;

        if (sw_standing_of(e, c->subject)->open_case == index && is_waiting(e, c, phone) == waiting)
            cadre = told_by_phone(e, c, phone);
        if (cadre != SW_NONE && !sw_is_unsaid(e, cadre, index))
            sw_buf_printf(&out, "%s%u", shown++ == 0 ? "" : "、", FIRST_CASE + index);
    }
    text = sw_arena_str(&e->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

static void ask_back(struct sw_engine *e, uint32_t phone, const struct candidates *found,
                     struct sw_effects *fx)
{
    const struct sw_wording *words = &e->rules->wording;
    bool waiting = found->n_waiting > 0;
    uint32_t n = waiting ? found->n_waiting : found->n_other;
    uint32_t example = waiting ? found->waiting : found->other;
    struct sw_str wording = n > 1   ? words->clarify_many
                            : n > 0 ? words->clarify
                                    : words->nothing_open;
    const struct sw_pair pairs[] = {
        {"case", sw_arena_printf(&e->arena, "%u", FIRST_CASE + (example == SW_NONE ? 0 : example))},
        {"count", sw_arena_printf(&e->arena, "%u", n)},
        {"cases", list_cases(e, phone, waiting)},
        {"reply", words->reply},
    };

    sw_text_phone(e, sw_registry_text(&e->registry, phone), "clarify",
                  sw_fill(e, wording, pairs, SW_COUNTOF(pairs)), fx);
}

/* One question per cadre until something clear comes. */
static bool *asked_flag(struct sw_engine *e, uint32_t cadre)
{
    uint32_t n = e->registry.cadre_id.count;

    e->clarified = sw_grow(e->clarified, &e->clarified_cap, n, sizeof(*e->clarified));
    while (e->n_clarified < n)
        e->clarified[e->n_clarified++] = false;
    return &e->clarified[cadre];
}

static void text_about(struct sw_engine *e, uint32_t phone, struct sw_str wording, uint32_t index,
                       const char *name, struct sw_str value, struct sw_effects *fx)
{
    const struct sw_pair pairs[] = {{"case", sw_arena_printf(&e->arena, "%u", FIRST_CASE + index)},
                                    {name, value}};

    sw_text_phone(e, sw_registry_text(&e->registry, phone), "clarify",
                  sw_fill(e, wording, pairs, SW_COUNTOF(pairs)), fx);
}

/* "31信息有误 32已有保障" */
static struct sw_str list_reasons(struct sw_engine *e, uint8_t digit)
{
    const struct sw_life *l = e->rules->life;
    struct sw_buf out = {0};
    struct sw_str text;

    for (size_t i = 1; i < LIFE_REASONS; i++) {
        if (l->reason[i].n > 0)
            sw_buf_printf(&out, "%s%u%zu%.*s", out.n == 0 ? "" : " ", digit, i,
                          SW_STR_ARG(l->reason[i]));
    }
    text = sw_arena_str(&e->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

/* A digit that needs words behind it: once they are asked for, then it is silence. */
static void ask_words(struct sw_engine *e, uint32_t phone, uint32_t index, const struct reply *r,
                      const struct sw_act *a, struct sw_effects *fx)
{
    struct sw_case *c = &e->cases[index];
    bool asked = c->asked_of == a->by && c->asked == a->event;
    struct sw_str reasons = a->event == ON_NOT_TRUE ? list_reasons(e, r->digit) : SW_STR("");

    sw_case_step(e, index, "words_missing", sw_intern_text(&e->registry.cadre_id, a->by), a->text,
                 fx);
    c->asked_of = a->by;
    c->asked = (uint8_t)a->event;
    if (asked)
        return;
    if (reasons.n > 0)
        text_about(e, phone, e->rules->wording.why, index, "reasons", reasons, fx);
    else
        text_about(e, phone, e->rules->wording.words, index, "digit",
                   sw_arena_printf(&e->arena, "%u", r->digit), fx);
}

/* The one case for which this phone owes the words behind a digit, SW_NONE: none or several. Who
 * has left since owes nothing. */
static uint32_t owed_by(const struct sw_engine *e, uint32_t phone)
{
    uint32_t found = SW_NONE;

    for (uint32_t i = 0; i < e->n_open; i++) {
        const struct sw_case *c = &e->cases[e->open[i]];

        if (c->asked_of == SW_NONE || e->registry.cadre[c->asked_of].phone != phone ||
            told_by_phone(e, c, phone) == SW_NONE)
            continue;
        if (found != SW_NONE)
            return SW_NONE;
        found = e->open[i];
    }
    return found;
}

/* What was asked for came: the bare words, or a digit with its reason and no case's number. */
static void fill_in(const struct sw_engine *e, uint32_t phone, struct sw_str text, struct reply *r,
                    uint32_t *index)
{
    uint32_t owed = owed_by(e, phone);

    if (owed == SW_NONE || r->number > 0)
        return;
    if (r->answer < 0 && text.n > 0 && (text.p[0] & 0x80) != 0 && says_something(text)) {
        r->answer = e->cases[owed].asked;
        r->words = text;
        *index = owed;
    } else if (r->answer == e->cases[owed].asked && (r->reason > 0 || r->words.n > 0)) {
        *index = owed;
    }
}

static void act(struct sw_engine *e, uint32_t phone, uint32_t index, const struct reply *r,
                struct sw_str text, bool *asked, struct sw_effects *fx)
{
    struct sw_act a = {.event = (enum sw_case_event)r->answer,
                       .by = told_by_phone(e, &e->cases[index], phone),
                       .text = text,
                       .reason = r->words,
                       .reason_digit = r->reason,
                       .measure = r->words};
    struct sw_str why;

    if (sw_case_wants_words(e, index, &a)) {
        ask_words(e, phone, index, r, &a, fx);
        return;
    }
    why = sw_case_act(e, index, &a, fx);
    if (why.n > 0 && !*asked)
        text_about(e, phone, e->rules->wording.refused, index, "why", why, fx);
    *asked = why.n > 0;
}

static void answer(struct sw_engine *e, uint32_t phone, uint32_t cadre, struct sw_str s,
                   struct sw_str text, struct sw_effects *fx)
{
    struct reply r = read_reply(e->rules->life, s);
    struct candidates found = find_candidates(e, phone);
    uint32_t index = choose(e, &r, phone, &found);
    bool *asked = asked_flag(e, cadre);

    fill_in(e, phone, s, &r, &index);
    if (index != SW_NONE && r.answer >= 0) {
        act(e, phone, index, &r, text, asked, fx);
        return;
    }
    if (index != SW_NONE)
        sw_case_step(e, index, "unclear", sw_intern_text(&e->registry.cadre_id, cadre), text, fx);
    if (!*asked)
        ask_back(e, phone, &found, fx);
    *asked = true;
}

/* "142 1 143 2": where behind the first answer that about another case begins; s.n: nowhere. */
static size_t next_answer(const struct sw_engine *e, uint32_t phone, struct sw_str s)
{
    for (size_t at = 1; at < s.n; at++) {
        struct reply r;

        if (!is_separator(s.p[at - 1]) || is_separator(s.p[at]))
            continue;
        r = read_reply(e->rules->life, sw_str_sub(s, at, s.n));
        if (r.answer >= 0 && numbered(e, r.number, phone) != SW_NONE)
            return at;
    }
    return s.n;
}

static void handle(struct sw_engine *e, uint32_t phone, uint32_t cadre, struct sw_str text,
                   struct sw_effects *fx)
{
    struct sw_str s = normalise(&e->arena, text);
    size_t end;

    skip_word(&s, words_in_front, SW_COUNTOF(words_in_front));
    while ((end = next_answer(e, phone, s)) < s.n) {
        struct sw_str first = sw_str_trim(sw_str_sub(s, 0, end));

        answer(e, phone, cadre, first, first, fx);
        text = s = sw_str_sub(s, end, s.n);
    }
    answer(e, phone, cadre, s, text, fx);
}

static bool seen_before(struct sw_engine *e, uint64_t key)
{
    uint32_t n = e->n_reply < REPLIES_REMEMBERED ? e->n_reply : REPLIES_REMEMBERED;

    for (uint32_t i = 0; i < n; i++) {
        if (e->reply[i] == key)
            return true;
    }
    e->reply[e->n_reply++ % REPLIES_REMEMBERED] = key;
    return false;
}

enum sw_verdict sw_reply_apply(struct sw_engine *e, const struct sw_input *in,
                               struct sw_effects *fx, enum sw_refusal *why, struct sw_err *err)
{
    struct sw_json *body;
    char phone[SW_PHONE_SIZE];
    struct sw_str id;
    uint32_t cadre;

    if (sw_json_parse(&e->arena, in->body, &body, err) != SW_OK) {
        *why = SW_REFUSED_NOT_JSON;
        return SW_VERDICT_REJECTED;
    }
    id = sw_json_text(body, "id");
    if (id.n > 0 && id.n <= 256 &&
        seen_before(e, sw_event_key(&e->registry, sw_json_text(body, "gateway"), id)))
        return SW_VERDICT_DUPLICATE;
    if (!sw_phone_read(sw_json_text(body, "from"), phone))
        return SW_VERDICT_ACCEPTED; /* kept in the log, never answered */
    cadre = sw_registry_phone(&e->registry, sw_str(phone));
    if (cadre != SW_NONE) {
        sw_phone_answered(e, e->registry.cadre[cadre].phone);
        handle(e, e->registry.cadre[cadre].phone, cadre, sw_json_text(body, "text"), fx);
    }
    return SW_VERDICT_ACCEPTED;
}
