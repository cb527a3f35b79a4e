/* phones.c - numbers that messages do not reach.
 *
 * The gateway's words on texts to a cadre's number are counted. So many failures in a row
 * (`bad_number_after` of people.yaml), and it is bad: what its owner is told goes on to the next
 * channel or person as well (people.c), and the county gets the list on Monday mornings. The number
 * itself is still written to, since only a receipt, an answer or another number in the registry
 * shows that all is well again: a gateway that refused everything for an hour leaves nobody out. */
#include "explain.h"
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>

#define LISTED_AT (9 * 3600 * SW_SECOND) /* on a Monday */

enum { MONDAY = 1, NAMES_TOLD = 3 };

/* ---- what is known of a number ------------------------------------------------------------ */

static uint32_t place_of(const struct sw_phones *p, uint32_t phone)
{
    uint32_t lo = 0;
    uint32_t hi = p->n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (p->at[mid].phone < phone)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static struct sw_phone *find(const struct sw_engine *e, uint32_t phone)
{
    uint32_t i = place_of(&e->phones, phone);

    return i < e->phones.n && e->phones.at[i].phone == phone ? &e->phones.at[i] : NULL;
}

static struct sw_phone *find_or_add(struct sw_engine *e, uint32_t phone)
{
    struct sw_phones *p = &e->phones;
    uint32_t i = place_of(p, phone);

    if (i < p->n && p->at[i].phone == phone)
        return &p->at[i];
    p->at = sw_grow(p->at, &p->cap, p->n + 1, sizeof(*p->at));
    memmove(p->at + i + 1, p->at + i, (p->n - i) * sizeof(*p->at));
    p->at[i] = (struct sw_phone){.phone = phone};
    p->n++;
    return &p->at[i];
}

static bool is_bad(const struct sw_engine *e, const struct sw_phone *p)
{
    return p != NULL && p->failures >= (uint32_t)e->rules->routing.bad_number_after;
}

/* The first cadre who has the number, SW_NONE: nobody has. */
static uint32_t cadre_of(const struct sw_engine *e, uint32_t phone)
{
    return phone < e->registry.phones ? e->registry.cadre_of_phone[phone] : SW_NONE;
}

uint32_t sw_phone_failures(const struct sw_engine *e, uint32_t cadre)
{
    const struct sw_phone *p = find(e, e->registry.cadre[cadre].phone);

    return p == NULL ? 0 : p->failures;
}

bool sw_phone_is_bad(const struct sw_engine *e, uint32_t cadre)
{
    return is_bad(e, find(e, e->registry.cadre[cadre].phone));
}

/* ---- news of it --------------------------------------------------------------------------- */

static void plan_list(struct sw_engine *e)
{
    sw_day day = e->today;
    sw_time at;

    do {
        while (sw_weekday(day) != MONDAY)
            day++;
        at = sw_zone_midnight(e->rules->schema->zone, day++) + LISTED_AT;
    } while (at <= e->now);
    e->phones.list_at = at;
    sw_wake_at(e, at, SW_WAKE_PHONES, 0);
}

/* What was told to the number alone reaches somebody else now. Who was told already is reminded. */
static void turn_bad(struct sw_engine *e, uint32_t phone, struct sw_effects *fx)
{
    for (uint32_t i = 0; i < e->n_open; i++) {
        uint32_t index = e->open[i];
        const struct sw_case *c = &e->cases[index];

        if (c->acting != SW_NONE && e->registry.cadre[c->acting].phone == phone &&
            sw_case_waits(e, c))
            sw_pass_on(e, index, c->n_told > 1 ? NOTICE_REMIND : NOTICE_ALERT, c->acting, fx);
    }
}

static void be_good(struct sw_phone *p)
{
    *p = (struct sw_phone){.phone = p->phone, .reached = true};
}

void sw_phone_heard(struct sw_engine *e, uint32_t phone, enum sw_number_fate says,
                    const struct sw_fate_row *f, struct sw_effects *fx)
{
    struct sw_phone *p;
    struct sw_str word = f->detail.n > 0 ? f->detail : f->state;

    if (says == NUMBER_UNKNOWN || cadre_of(e, phone) == SW_NONE)
        return;
    p = find_or_add(e, phone);
    if (says == NUMBER_ALIVE) {
        be_good(p);
        return;
    }
    if (says == NUMBER_LATE && p->reached)
        return;
    if (p->failures++ == 0)
        p->since = e->now;
    word = sw_utf8_prefix(word, NUMBER_WORD_MAX / 4);
    memset(p->word, 0, sizeof(p->word));
    memcpy(p->word, word.p, word.n);
    if (e->phones.list_at == SW_TIME_NEVER)
        plan_list(e);
    if (p->failures == (uint32_t)e->rules->routing.bad_number_after)
        turn_bad(e, phone, fx);
}

void sw_phone_answered(struct sw_engine *e, uint32_t phone)
{
    struct sw_phone *p = find(e, phone);

    if (p != NULL)
        be_good(p);
}

void sw_phones_follow(struct sw_engine *e)
{
    struct sw_phones *p = &e->phones;
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->n; i++) {
        if (cadre_of(e, p->at[i].phone) != SW_NONE)
            p->at[n++] = p->at[i];
    }
    p->n = n;
}

/* ---- the county's list -------------------------------------------------------------------- */

/* "王干部、李干部、赵干部等" */
static struct sw_str names(struct sw_engine *e)
{
    struct sw_buf out = {0};
    struct sw_str text;
    uint32_t n = 0;

    for (uint32_t i = 0; i < e->phones.n; i++) {
        uint32_t cadre = cadre_of(e, e->phones.at[i].phone);

        if (!is_bad(e, &e->phones.at[i]) || n++ >= NAMES_TOLD)
            continue;
        sw_buf_printf(&out, "%s%.*s", n == 1 ? "" : "、",
                      SW_STR_ARG(sw_registry_text(&e->registry, e->registry.cadre[cadre].name)));
    }
    if (n > NAMES_TOLD)
        sw_buf_cstr(&out, "等");
    text = sw_arena_str(&e->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

static struct sw_str event_text(struct sw_engine *e, uint32_t count)
{
    struct sw_webhook hook;
    struct sw_jw *w = sw_webhook_begin(e, &hook, "phones.bad");

    sw_jw_member_int(w, "count", count);
    sw_jw_key(w, "phones");
    sw_engine_bad_phones(e, w->out);
    return sw_webhook_end(e, &hook);
}

sw_time sw_phones_wanted(const struct sw_engine *e, uint32_t index)
{
    (void)index;
    return e->phones.list_at;
}

/* As long as some number fails it is looked at every week: a few more, and it is bad. */
void sw_phones_fire(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    uint32_t bad = 0;
    bool any = false;

    (void)index;
    for (uint32_t i = 0; i < e->phones.n; i++) {
        bad += is_bad(e, &e->phones.at[i]);
        any = any || e->phones.at[i].failures > 0;
    }
    e->phones.list_at = SW_TIME_NEVER;
    if (any)
        plan_list(e);
    if (bad == 0)
        return;
    sw_notify_county(e, "phones",
                     sw_fill(e, e->rules->wording.phones_bad,
                             (const struct sw_pair[]){
                                 {"count", sw_arena_printf(&e->arena, "%u", bad)},
                                 {"names", names(e)},
                             },
                             2),
                     event_text(e, bad), fx);
}

/* ---- the list for people ------------------------------------------------------------------ */

static void put_cases(const struct sw_engine *e, uint32_t cadre, struct sw_jw *w)
{
    sw_jw_key(w, "cases");
    sw_jw_array(w);
    for (uint32_t index = 0; index < e->n_cases; index++) {
        const struct sw_case *c = &e->cases[index];

        if (!e->rules->life->state[c->state].end && (c->owner == cadre || c->acting == cadre))
            sw_jw_int(w, FIRST_CASE + (int64_t)index);
    }
    sw_jw_end(w);
}

static void put_phone(const struct sw_engine *e, const struct sw_phone *p, uint32_t cadre,
                      struct sw_jw *w)
{
    const struct sw_registry *r = &e->registry;
    struct sw_str number = sw_registry_text(r, p->phone);
    char masked[SW_PHONE_SIZE];

    snprintf(masked, sizeof(masked), "%.3s****%.4s", number.p, number.p + number.n - 4);
    sw_jw_object(w);
    sw_jw_member(w, "cadre", sw_intern_text(&r->cadre_id, cadre));
    sw_jw_member(w, "name", sw_registry_text(r, r->cadre[cadre].name));
    sw_jw_member(w, "phone", sw_str(masked));
    sw_put_time(e, w, "since", p->since);
    sw_jw_member_int(w, "failures", p->failures);
    sw_jw_member(w, "word", sw_str(p->word));
    put_cases(e, cadre, w);
    sw_jw_end(w);
}

void sw_engine_bad_phones(const struct sw_engine *e, struct sw_buf *out)
{
    struct sw_jw w = {.out = out};

    sw_jw_array(&w);
    for (uint32_t i = 0; i < e->phones.n; i++) {
        const struct sw_phone *p = &e->phones.at[i];

        for (uint32_t cadre = is_bad(e, p) ? cadre_of(e, p->phone) : SW_NONE; cadre != SW_NONE;
             cadre = e->registry.cadre[cadre].next_same_phone)
            put_phone(e, p, cadre, &w);
    }
    sw_jw_end(&w);
}
