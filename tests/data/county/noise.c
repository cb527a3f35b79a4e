/* noise.c - what happens to lines on their way: taken back, told anew, sent twice, spoilt. */
#include "year.h"

enum { HOUR = 3600, DAY = 86400, FAULTY_PERMILLE = 3, BULKS = 2 };

/* Per thousand of a type's lines: how many are taken back, and how. 灾损 is told three times (初报,
 * 续报, 核报), so most of its changes are corrections. */
static const struct {
    uint16_t changed;
    uint16_t how[3]; /* weights: only taken back, taken back and told anew, corrected in one line */
} changes[TYPES] = {
    [BILL] = {14, {3, 5, 2}},    [REFUND] = {10, {2, 1, 2}},  [LOST] = {10, {1, 0, 0}},
    [HIRED] = {12, {1, 0, 0}},   [INCOME] = {12, {1, 1, 4}},  [SPEND] = {8, {1, 1, 2}},
    [ABSENCE] = {15, {1, 0, 1}}, [DROPOUT] = {40, {1, 0, 0}}, [FEE] = {9, {1, 3, 2}},
    [INSPECT] = {14, {1, 0, 1}}, [LOSS] = {120, {1, 0, 9}},   [ACCIDENT] = {20, {1, 0, 1}},
    [FARM] = {20, {1, 0, 3}},    [AID] = {5, {2, 2, 1}},      [REPORT] = {15, {1, 0, 0}},
};

enum { ONLY_BACK, ANEW, IN_ONE_LINE };

static const struct quantile second_thoughts[] = {
    {0, 0}, {400000, 3}, {800000, 21}, {1000000, 95}}; /* days */

/* When the taking-back is known; one in eight late lines is overtaken by it. */
static int64_t change_known(struct year *y, const struct event *old)
{
    int64_t late = old->recorded - old->at;
    int64_t later;

    if (late > 2 * DAY && dice_chance(&y->dice, 120))
        return old->recorded - HOUR - (int64_t)dice_below(&y->dice, (uint32_t)(late - 2 * HOUR));
    later = dice_tail(&y->dice, second_thoughts) * DAY;
    return old->recorded + later + dice_between(&y->dice, 1, 20 * HOUR);
}

static int64_t other_amount(struct year *y, int64_t fen)
{
    int64_t other = fen * dice_between(&y->dice, 55, 135) / 100;

    return other + dice_between(&y->dice, 1, 99);
}

/* What the line should have said. A death that is corrected was a mistake. */
static void revise(struct year *y, struct event *e)
{
    if (e->money > 0) {
        e->money = other_amount(y, e->money);
        e->total += e->total > 0 ? e->money : 0; /* never less than what is left to pay */
    } else if (e->count > 0) {
        e->count = (uint16_t)(e->count + dice_between(&y->dice, 1, 3));
    } else if (e->type == INSPECT) {
        e->word = e->word == GRADE_A ? GRADE_B : (uint8_t)(e->word - 1);
    } else if (e->type == ACCIDENT) {
        e->word = e->word == INJURY ? DISABLED : INJURY;
    }
}

static void change(struct year *y, uint32_t index)
{
    struct event old = y->list.at[index];
    uint32_t how = dice_choose(&y->dice, changes[old.type].how, SW_COUNTOF(changes[0].how));
    struct event e = old;
    int64_t known = change_known(y, &old);

    if (known < (int64_t)y->first * DAY || known >= (int64_t)y->end * DAY - HOUR)
        return;
    e.reverses = index;
    e.serial = ++y->list.serials;
    e.recorded = known;
    e.role = how == IN_ONE_LINE ? CORRECTION : TAKE_BACK;
    if (how == IN_ONE_LINE)
        revise(y, &e);
    else
        e.at = known - dice_between(&y->dice, 60, HOUR);
    y->before += known < old.recorded;
    event_add(&y->list, e);
    if (how != ANEW)
        return;
    e = old;
    e.serial = ++y->list.serials;
    e.recorded = known + dice_between(&y->dice, 30, HOUR / 2);
    revise(y, &e);
    y->resettled++;
    event_add(&y->list, e);
}

/* ---- sent twice --------------------------------------------------------------------------- */

static void repeat(struct year *y, uint32_t index, int64_t later)
{
    struct event e = y->list.at[index];

    e.recorded += later;
    e.role = REPEAT;
    if (e.recorded < (int64_t)y->end * DAY)
        event_add(&y->list, e);
}

/* Half of the repeats are the same bytes at the same time, half the same thing days later. */
static void repeat_some(struct year *y)
{
    uint32_t n = (uint32_t)y->list.n;

    for (uint32_t i = 0; i < n; i++) {
        if (dice_chance(&y->dice, 6))
            repeat(y, i, dice_chance(&y->dice, 500) ? 0 : dice_between(&y->dice, 1, 20 * DAY));
    }
}

/* The bank's list of one month, the whole of it, once more after three days. */
static void repeat_list(struct year *y)
{
    struct sw_civil month = sw_civil_of(y->end - 100);
    int64_t from = (int64_t)sw_day_of(month.year, month.month, 1) * DAY;
    uint32_t n = (uint32_t)y->list.n;

    for (uint32_t i = 0; i < n; i++) {
        const struct event *e = &y->list.at[i];

        if (event_source(e->type) != YINHANG || e->role != GOOD || e->recorded < from ||
            e->recorded >= from + 28 * DAY)
            continue;
        repeat(y, i, 3 * DAY);
        y->listed++;
    }
}

/* ---- spoilt ------------------------------------------------------------------------------- */

/* A copy of some right line that this fault can happen to. */
static void spoil(struct year *y, uint8_t fault, uint32_t n)
{
    for (int tries = 0; tries < 20000; tries++) {
        struct event e = y->list.at[dice_below(&y->dice, n)];

        if (e.role != GOOD || e.type >= SURVEYED ||
            (event_has(e.type) & faults[fault].needs) != faults[fault].needs)
            continue;
        e.serial = ++y->list.serials;
        e.role = FAULTY;
        e.fault = fault;
        if (e.word == NO_WORD)
            e.word = WAGE;
        event_add(&y->list, e);
        return;
    }
}

static void spoil_some(struct year *y)
{
    uint32_t n = (uint32_t)y->list.n;
    uint32_t lines = n * FAULTY_PERMILLE / 1000;
    uint32_t bulks = 0;

    if (lines < n_faults)
        lines = (uint32_t)n_faults; /* of every kind one, in the smallest county too */
    for (uint32_t i = 0; i < lines; i++) {
        uint8_t fault = (uint8_t)(i % n_faults);

        if (faults[fault].bulk && bulks++ >= BULKS)
            fault = 0;
        spoil(y, fault, n);
    }
}

void noise_tell(struct year *y)
{
    uint32_t n = (uint32_t)y->list.n;

    for (uint32_t i = 0; i < n; i++) {
        if (dice_chance(&y->dice, changes[y->list.at[i].type].changed))
            change(y, i);
    }
    repeat_some(y);
    repeat_list(y);
    spoil_some(y);
}
