/* live.c - about 400 lines for a minute of watching.
 *
 * Most are made to change something: each goes to a household of its own that the history left in
 * peace, has a cadre and is not poor by income, and is well over the lines that counties publish,
 * so that it matters whatever the lines are set to. The others must not change anything. Then come
 * bills taken back after they alerted, repeats, and faulty lines.
 * `recorded` is the place in the order here, 0 to 999 999. */
#include "live.h"
#include <stdlib.h>
#include <string.h>

enum { YUAN = 100, DAY = 86400, HOUR = 3600, PLACES = 1000000 };

/* What a scene asks of the household it happens to. */
enum {
    POOR = 1,
    OTHER = 2,
    PUPIL = 4,    /* a person of 7 to 14 */
    STUDENT = 8,  /* of 16 to 22 */
    WORKER = 16,  /* of 18 to 58 */
    WORKERS = 32, /* two of them */
    LIVED = 64,   /* lives in its only house */
    HAILED = 128  /* in the village under hail */
};

/* The first pupil, worker … (or else grown-up) from person `p` on who is alive; NOBODY. */
static uint32_t find_person(const struct live *l, uint32_t household, uint32_t wants, uint32_t p)
{
    static const struct {
        uint8_t wants, from, to;
    } ages[] = {{PUPIL, 7, 14}, {STUDENT, 16, 22}, {WORKER | WORKERS, 18, 58}, {UINT8_MAX, 18, 99}};
    const struct household *h = &l->c->household[household];
    size_t a = 0;

    while (a < SW_COUNTOF(ages) - 1 && (ages[a].wants & wants) == 0)
        a++;
    for (; p < h->first + h->members; p++) {
        int32_t age = age_on(&l->c->person[p], l->c->opt.start);

        if (l->c->person[p].gone == SW_DAY_NEVER && age >= ages[a].from && age <= ages[a].to)
            return p;
    }
    return NOBODY;
}

static uint32_t first_person(const struct live *l, uint32_t household, uint32_t wants)
{
    return find_person(l, household, wants, l->c->household[household].first);
}

static bool has_two(const struct live *l, uint32_t household, uint32_t wants)
{
    uint32_t one = first_person(l, household, wants);

    return one != NOBODY && find_person(l, household, wants, one + 1) != NOBODY;
}

static bool is_quiet(const struct household *h)
{
    return !h->trouble && h->cadre != NOBODY && h->spent <= 2500 * YUAN &&
           h->income >= h->members * INT64_C(12000) * YUAN;
}

static bool fits(const struct live *l, uint32_t household, uint32_t wants)
{
    const struct household *h = &l->c->household[household];

    if (l->used[household] || ((wants & POOR) && !is_poor(h)) || ((wants & OTHER) && is_poor(h)) ||
        ((wants & LIVED) && !h->lived) || first_person(l, household, wants) == NOBODY ||
        ((wants & WORKERS) && !has_two(l, household, wants)))
        return false;
    return (wants & HAILED) ? h->village == l->hail : !l->hit[h->village];
}

/* Somebody not chosen yet; a quiet household if there is one. */
static uint32_t pick(struct live *l, uint32_t wants)
{
    uint32_t from = dice_below(&l->dice, l->c->households);

    for (int quiet = 1; quiet >= 0; quiet--) {
        for (uint32_t i = 0; i < l->c->households; i++) {
            uint32_t h = (from + i) % l->c->households;

            if (fits(l, h, wants) && (is_quiet(&l->c->household[h]) || !quiet)) {
                l->unquiet += !quiet;
                l->used[h] = true;
                return h;
            }
        }
    }
    return NOBODY;
}

/* Something `days` before the live day; today it is before half past nine. */
static struct event *add(struct live *l, enum type t, uint32_t subject, uint32_t person,
                         int32_t days)
{
    int64_t day = (int64_t)(l->c->opt.start - days) * DAY;
    int64_t moment = dice_between(&l->dice, 60, days == 0 ? 9 * HOUR + HOUR / 2 : 20 * HOUR);
    uint32_t place = dice_below(&l->dice, PLACES / 100 * 85);

    return event_add(&l->list, (struct event){.at = day + moment,
                                              .recorded = place,
                                              .subject = subject,
                                              .person = person,
                                              .serial = ++l->list.serials,
                                              .reverses = NOBODY,
                                              .type = (uint8_t)t,
                                              .role = GOOD});
}

static int64_t amount(struct live *l, int32_t from, int32_t to)
{
    return (int64_t)dice_between(&l->dice, from * YUAN, to * YUAN - 1);
}

/* ---- scenes ------------------------------------------------------------------------------- */

/* A scene of one line; `days`, `money` and `count` are from and to. */
struct plan {
    const char *name;
    enum effect effect;
    uint8_t n; /* in a county of 4 000 households and more */
    enum type type;
    uint8_t wants, word;
    int16_t days[2], count[2];
    int32_t money[2];
};

static const struct plan plans[] = {
    {"bill_of_poor", ALERT, 30, BILL, POOR, INPATIENT, {0, 2}, {0, 0}, {6000, 19000}},
    {"bill_of_other", ALERT, 28, BILL, OTHER, INPATIENT, {0, 2}, {0, 0}, {24000, 96000}},
    {"dropout", ALERT, 24, DROPOUT, PUPIL, 0, {7, 9}, {0, 0}, {0, 0}},
    {"absence", ALERT, 10, ABSENCE, PUPIL, 0, {0, 1}, {11, 18}, {0, 0}},
    {"house_d", ALERT, 20, INSPECT, LIVED, GRADE_D, {0, 2}, {0, 0}, {0, 0}},
    {"house_c", ALERT, 8, INSPECT, LIVED, GRADE_C, {0, 2}, {0, 0}, {0, 0}},
    {"death", ALERT, 14, ACCIDENT, WORKER, DEATH, {0, 2}, {0, 0}, {0, 0}},
    {"disabled", ALERT, 8, ACCIDENT, WORKER, DISABLED, {0, 3}, {0, 0}, {0, 0}},
    {"loan", ALERT, 24, OVERDUE, 0, 0, {31, 60}, {0, 0}, {8000, 50000}},
    {"loss_by_hail", ALERT, 14, LOSS, HAILED, BY_HAIL, {0, 0}, {0, 0}, {11000, 36000}},
    {"loss_by_fire", ALERT, 8, LOSS, 0, BY_FIRE, {0, 2}, {0, 0}, {15000, 90000}},
    {"report", ALERT, 12, REPORT, 0, FOR_ILL, {0, 1}, {0, 0}, {0, 0}},
    {"farm", ALERT, 8, FARM, 0, 0, {0, 3}, {0, 0}, {12000, 60000}},
    {"fee", ALERT, 8, FEE, STUDENT, 0, {0, 3}, {0, 0}, {10500, 18000}},
    {"drugs", POINTS, 8, BILL, 0, CHRONIC, {0, 3}, {0, 0}, {520, 900}},
    {"bill_small", NOTHING, 16, BILL, 0, INPATIENT, {0, 3}, {0, 0}, {80, 480}},
    {"injury", NOTHING, 6, ACCIDENT, WORKER, INJURY, {0, 3}, {0, 0}, {0, 0}},
    {"house_fine", NOTHING, 8, INSPECT, 0, GRADE_B, {0, 3}, {0, 0}, {0, 0}},
    {"visit", NOTHING, 10, VISIT, POOR, 0, {0, 2}, {0, 0}, {0, 0}},
    {"aid", NOTHING, 10, AID, 0, 0, {0, 2}, {0, 0}, {300, 2000}},
    {"income", NOTHING, 8, INCOME, POOR, WAGE, {0, 3}, {0, 0}, {1500, 6000}},
    {"spend", NOTHING, 6, SPEND, POOR, FOOD, {0, 3}, {0, 0}, {100, 700}},
    {"refund", NOTHING, 8, REFUND, 0, RELIEF, {0, 2}, {0, 0}, {200, 900}},
    {"hired", NOTHING, 6, HIRED, WORKER, 0, {0, 5}, {0, 0}, {0, 0}},
    {"repaid", NOTHING, 6, REPAID, 0, 0, {0, 5}, {0, 0}, {0, 0}},
};

static uint32_t how_many(const struct live *l, uint32_t n)
{
    uint32_t fewer = (uint32_t)((uint64_t)n * l->c->households / 4000);

    return fewer >= n ? n : fewer == 0 ? 1 : fewer;
}

static struct scene *open_scene(struct live *l, const char *name, enum effect effect)
{
    SW_ASSERT(l->scenes < SCENES);
    l->scene[l->scenes] = (struct scene){.name = name, .effect = effect};
    return &l->scene[l->scenes++];
}

static void note_whom(struct scene *s, uint32_t whom)
{
    s->whom = sw_grow(s->whom, &s->cap, s->n + 1, sizeof(*s->whom));
    s->whom[s->n++] = whom;
}

static void play(struct live *l, const struct plan *plan)
{
    struct scene *s = open_scene(l, plan->name, plan->effect);

    for (uint32_t n = how_many(l, plan->n); n > 0; n--) {
        uint32_t h = pick(l, plan->wants);
        struct event *e;

        if (h == NOBODY)
            return;
        e = add(l, plan->type, h, first_person(l, h, plan->wants),
                dice_between(&l->dice, plan->days[0], plan->days[1]));
        e->word = plan->word;
        e->count = (uint16_t)dice_between(&l->dice, plan->count[0], plan->count[1]);
        e->money = plan->money[1] > 0 ? amount(l, plan->money[0], plan->money[1]) : 0;
        e->total = plan->type == BILL ? e->money * 5 / 2 : 0;
        if (plan->wants & HAILED) /* first the hail, then what it did */
            e->recorded += PLACES / 10;
        note_whom(s, h);
    }
}

/* Pupils who came back within the week: the school's message is there before the list of those who
 * were missed. */
static void tell_back(struct live *l, uint32_t household)
{
    uint32_t p = first_person(l, household, PUPIL);
    int64_t back = add(l, BACK, household, p, dice_between(&l->dice, 1, 3))->recorded;
    struct event *missed = add(l, DROPOUT, household, p, dice_between(&l->dice, 5, 6));

    if (missed->recorded <= back)
        missed->recorded = back + 1;
}

/* Two earners without work for a season; the list comes late. */
static void tell_jobless(struct live *l, uint32_t household)
{
    uint32_t one = first_person(l, household, WORKERS);
    uint32_t two = find_person(l, household, WORKERS, one + 1);

    add(l, LOST, household, one, dice_between(&l->dice, 95, 130))->word = LOST_CLOSED;
    add(l, LOST, household, two, dice_between(&l->dice, 95, 130))->word = LOST_CUT;
}

/* Two kinds of risk at once. */
static void tell_farm_and_fee(struct live *l, uint32_t household)
{
    int64_t lost = amount(l, 12000, 60000);
    int64_t fee = amount(l, 10500, 18000);

    add(l, FARM, household, NOBODY, 1)->money = lost;
    add(l, FEE, household, first_person(l, household, STUDENT), 2)->money = fee;
}

/* Scenes of two lines. */
static void play_pairs(struct live *l)
{
    static const struct {
        const char *name;
        enum effect effect;
        uint8_t n, wants;
        void (*tell)(struct live *l, uint32_t household);
    } pairs[] = {
        {"dropout_back", NOTHING, 8, PUPIL, tell_back},
        {"jobless", ALERT, 14, WORKERS, tell_jobless},
        {"farm_and_fee", ALERT, 10, STUDENT, tell_farm_and_fee},
    };

    for (size_t i = 0; i < SW_COUNTOF(pairs); i++) {
        struct scene *s = open_scene(l, pairs[i].name, pairs[i].effect);

        for (uint32_t n = how_many(l, pairs[i].n); n > 0; n--) {
            uint32_t h = pick(l, pairs[i].wants);

            if (h == NOBODY)
                break;
            pairs[i].tell(l, h);
            note_whom(s, h);
        }
    }
}

/* ---- scenes of villages ------------------------------------------------------------------- */

static void play_village(struct live *l, const char *name, enum effect effect, enum type t,
                         uint32_t village, int32_t days, uint16_t severity)
{
    struct scene *s = open_scene(l, name, effect);
    struct event *e = add(l, t, village, NOBODY, days);

    l->hit[village] |= effect == ALERT;
    e->count = severity;
    e->recorded = dice_below(&l->dice, PLACES / 10);
    s->of_villages = true;
    note_whom(s, village);
}

static uint32_t count_poor(const struct county *c, uint32_t village, int16_t land)
{
    const struct area *v = &c->village[village];
    uint32_t n = 0;

    for (uint32_t h = v->first; h < v->first + v->count; h++)
        n += is_poor(&c->household[h]) && c->household[h].land >= land;
    return n;
}

/* Hail over the village with most poor farmers; no water where the poor are fewest; elsewhere hail
 * that breaks nothing. A county of few villages has only the hail, and it spares nobody. */
static void play_villages(struct live *l)
{
    const uint32_t few = 8;
    uint32_t dry = 0;

    for (uint32_t v = 0; v < l->c->villages; v++) {
        uint32_t n = count_poor(l->c, v, 20);

        l->hail = n > l->with_land ? v : l->hail;
        l->with_land = n > l->with_land ? n : l->with_land;
        dry = count_poor(l->c, v, -1) < count_poor(l->c, dry, -1) ? v : dry;
        l->hit[v] = l->c->village[v].dry;
    }
    play_village(l, "hail", ALERT, HAIL, l->hail, 1, 4);
    if (l->c->villages < few) {
        memset(l->hit, 0, l->c->villages * sizeof(*l->hit));
    } else {
        play_village(l, "water", ALERT, OUTAGE, dry, 8, 0);
        play_village(l, "hail_weak", NOTHING, HAIL, (l->hail + 1) % l->c->villages, 0, 1);
    }
}

/* ---- second thoughts ---------------------------------------------------------------------- */

enum change { AFTERWARDS, TO_LITTLE, IN_FRONT };

static void change_bill(struct live *l, uint32_t index, enum change how)
{
    struct event old = l->list.at[index];
    struct event e = old;
    uint32_t after = (uint32_t)(PLACES - old.recorded);

    e.serial = ++l->list.serials;
    e.reverses = index;
    e.role = how == TO_LITTLE ? CORRECTION : TAKE_BACK;
    e.recorded += after / 5 + dice_below(&l->dice, after * 4 / 5);
    if (how == IN_FRONT)
        e.recorded = old.recorded / 2;
    if (how == TO_LITTLE)
        e.money = amount(l, 300, 900);
    else
        e.at = (int64_t)l->c->opt.start * DAY + 9 * HOUR + dice_between(&l->dice, 0, HOUR);
    l->before += how == IN_FRONT;
    event_add(&l->list, e);
    l->back = sw_grow(l->back, &l->back_cap, l->backs + 1, sizeof(*l->back));
    l->back[l->backs++] = old.subject;
}

/* Of the big bills, told from place `from` of the list on, every third or fourth. */
static void change_bills(struct live *l, uint32_t from)
{
    static const enum change hows[] = {AFTERWARDS, TO_LITTLE,  AFTERWARDS, AFTERWARDS,
                                       IN_FRONT,   AFTERWARDS, TO_LITTLE,  AFTERWARDS};
    uint32_t bills = 0;
    uint32_t n = how_many(l, 16);

    while (from + bills < l->list.n && l->list.at[from + bills].type == BILL)
        bills++;
    for (uint32_t i = 0; i < n && i * 7 / 2 < bills; i++)
        change_bill(l, from + i * 7 / 2, hows[i % SW_COUNTOF(hows)]);
}

static void repeat_some(struct live *l)
{
    uint32_t n = (uint32_t)l->list.n;

    for (uint32_t i = how_many(l, 12); i > 0; i--) {
        struct event e = l->list.at[dice_below(&l->dice, n)];

        if (e.role != GOOD)
            continue;
        e.recorded += 1 + dice_below(&l->dice, (uint32_t)(PLACES - e.recorded - 1));
        e.role = REPEAT;
        event_add(&l->list, e);
    }
}

/* One line of each kind, except the huge ones. */
static void spoil_some(struct live *l)
{
    uint32_t n = (uint32_t)l->list.n;

    for (uint8_t f = 0; f < n_faults; f++) {
        uint32_t from = dice_below(&l->dice, n);

        for (uint32_t i = 0; i < n && !faults[f].bulk; i++) {
            struct event e = l->list.at[(from + i) % n];

            if (e.role != GOOD || (event_has(e.type) & faults[f].needs) != faults[f].needs)
                continue;
            e.serial = ++l->list.serials;
            e.recorded = dice_below(&l->dice, PLACES);
            e.role = FAULTY;
            e.fault = f;
            event_add(&l->list, e);
            break;
        }
    }
}

void live_tell(struct live *l, struct county *c)
{
    uint32_t bills;

    *l = (struct live){.c = c, .dice = dice_new(c->opt.seed, PART_LIVE), .list = {.live = true}};
    l->used = sw_calloc(c->households, sizeof(*l->used));
    l->hit = sw_calloc(c->villages, sizeof(*l->hit));
    play_villages(l); /* first, so that nobody in them is chosen for something else */
    bills = (uint32_t)l->list.n;
    for (size_t i = 0; i < SW_COUNTOF(plans); i++)
        play(l, &plans[i]);
    play_pairs(l);
    change_bills(l, bills);
    repeat_some(l);
    spoil_some(l);
}

void live_free(struct live *l)
{
    for (size_t i = 0; i < l->scenes; i++)
        free(l->scene[i].whom);
    free(l->used);
    free(l->hit);
    free(l->back);
    event_free(&l->list);
}
