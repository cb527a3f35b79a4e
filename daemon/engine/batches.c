/* batches.c - whether what departments send is whole and looks as it always does.
 *
 * A batch that is closed is compared with the events that came from that feed since the batch
 * before: fewer, more, other amounts. Its size and the median of its amounts are compared with the
 * feed's own last batches. With silence and lateness these are the *troubles* of a feed. A
 * trouble is told to the county's teams once and goes away by itself when the feed is well again.
 *
 * Refused events leave no trace in the state: they are rows that did not come. */
#include "parts.h"
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

enum {
    BATCHES_TO_JUDGE = 3, /* so many batches make a habit */
    FAR = 3,              /* times the usual number of rows, or a part of it */
    ROWS_THAT_MATTER = 20,
    NAMES_IN_TEXT = 3,
    AMOUNTS_TO_JUDGE = 10
};

static const char *const names[SW_FEED_TROUBLES] = {"silent", "late", "short", "long",
                                                    "sum",    "many", "few",   "amounts"};

const char *sw_feed_trouble_name(enum sw_feed_trouble t)
{
    return names[t];
}

static void set(struct sw_engine *e, struct sw_feed_watch *w, enum sw_feed_trouble what, bool is)
{
    if (is && w->trouble[what] == 0) {
        w->trouble[what] = e->today;
        w->fresh |= (uint8_t)(1 << what);
    } else if (!is) {
        w->trouble[what] = 0;
        w->fresh &= (uint8_t) ~(1 << what);
    }
}

/* ---- counting ------------------------------------------------------------------------------- */

/* Steps of a ratio: AMOUNTS_PER_DECADE of them make ten times as much. The bounds are those of the
 * first decade in thousandths of a fen; in the others the decimal point is elsewhere. */
static uint8_t step_of(int64_t fen)
{
    static const int64_t bound[AMOUNTS_PER_DECADE] = {1000, 1334, 1778, 2371,
                                                      3162, 4217, 5623, 7499};
    int64_t thousandths = fen * 1000;
    uint8_t decade = 0;
    uint8_t step = 0;

    for (; thousandths >= 10000 && decade < AMOUNT_STEPS / AMOUNTS_PER_DECADE - 1; decade++)
        thousandths /= 10;
    while (step + 1 < AMOUNTS_PER_DECADE && thousandths >= bound[step + 1])
        step++;
    return (uint8_t)(decade * AMOUNTS_PER_DECADE + step);
}

/* The amount of an event: its first field of money that must be there, else its first at all. */
static bool amount_of(const struct sw_event *ev, int64_t *fen)
{
    const struct sw_stream *st = ev->stream;
    uint32_t found = SW_NONE;

    for (uint32_t i = st->n_fields; i-- > 0;) {
        if (st->fields[i].type == SW_FMONEY &&
            (found == SW_NONE || !st->fields[i].optional || st->fields[found].optional))
            found = i;
    }
    if (found == SW_NONE || !ev->has_data || ev->value[found].kind == SW_KUNKNOWN)
        return false;
    *fen = ev->value[found].i;
    return true;
}

/* A list now and then of a feed that else tells what is new: its rows are counted by what they say
 * of themselves (rolls.c), and are none of the batch in hand. */
static bool is_apart(const struct sw_engine *e, const struct sw_stream *st)
{
    return st->replaces != SW_REPLACES_NONE && !e->rules->schema->feeds[st->feed_number].cumulative;
}

void sw_batch_count(struct sw_engine *e, const struct sw_event *ev)
{
    struct sw_feed_watch *w = &e->feed[ev->stream->feed_number];
    int64_t fen;

    if (e->history || is_apart(e, ev->stream))
        return;
    w->rows++;
    if (!amount_of(ev, &fen))
        return;
    w->sum += fen;
    if (fen > 0)
        e->amounts[ev->stream->id].seen[step_of(fen)]++;
}

/* ---- a batch against those before it -------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static uint32_t median(uint32_t *of, uint32_t n)
{
    qsort(of, n, sizeof(*of), by_number);
    return of[n / 2];
}

/* Of the batches before the newest; 0: too few of them. */
static uint32_t usual_rows(const struct sw_feed_watch *w)
{
    uint32_t told[BATCHES_KEPT];
    uint32_t n = 0;

    for (uint32_t i = 2; i <= w->n && i <= BATCHES_KEPT; i++)
        told[n++] = w->batch[(w->n - i) % BATCHES_KEPT].told;
    return n < BATCHES_TO_JUDGE ? 0 : median(told, n);
}

static bool is_far_more(uint32_t a, uint32_t b)
{
    return (uint64_t)a > (uint64_t)b * FAR && a - b >= ROWS_THAT_MATTER;
}

static uint8_t median_step(const struct sw_amounts *a, uint64_t n)
{
    uint64_t below = 0;

    for (size_t s = 0; s < AMOUNT_STEPS; s++) {
        below += a->seen[s];
        if (below * 2 >= n)
            return (uint8_t)s;
    }
    return 0;
}

/* By how many steps the amounts of the batch differ from those before; they become history. */
static int32_t close_amounts(struct sw_amounts *a)
{
    uint32_t before[BATCHES_KEPT];
    uint32_t kept = a->n < BATCHES_KEPT ? a->n : BATCHES_KEPT;
    uint64_t n = 0;
    int32_t by = 0;
    uint8_t now;

    for (size_t s = 0; s < AMOUNT_STEPS; s++)
        n += a->seen[s];
    if (n < AMOUNTS_TO_JUDGE)
        return 0; /* the next batch's are added to them */
    now = median_step(a, n);
    for (uint32_t i = 0; i < kept; i++)
        before[i] = a->median[i];
    if (kept >= BATCHES_TO_JUDGE)
        by = (int32_t)now - (int32_t)median(before, kept);
    a->median[a->n++ % BATCHES_KEPT] = now;
    memset(a->seen, 0, sizeof(a->seen));
    return by;
}

/* The stream whose amounts differ most speaks for the feed. */
static void judge_amounts(struct sw_engine *e, uint32_t feed)
{
    const struct sw_schema *s = e->rules->schema;
    struct sw_feed_watch *w = &e->feed[feed];
    int32_t most = 0;

    for (size_t st = 1; st < s->n_streams; st++) {
        int32_t by = s->streams[st].feed_number == feed ? close_amounts(&e->amounts[st]) : 0;

        if (abs(by) > abs(most))
            most = by;
    }
    w->is_less = most < 0;
    w->times = 1;
    for (int32_t i = AMOUNTS_PER_DECADE; i <= abs(most) + 1; i += AMOUNTS_PER_DECADE)
        w->times *= 10; /* one step short of ten times is ten times: medians are steps wide */
    set(e, w, SW_FEED_AMOUNTS, w->times > 1);
}

void sw_judge_short(struct sw_engine *e, uint32_t feed)
{
    const struct sw_feed *f = &e->rules->schema->feeds[feed];
    struct sw_feed_watch *w = &e->feed[feed];
    const struct sw_batch *b = &w->batch[(w->n + BATCHES_KEPT - 1) % BATCHES_KEPT];
    bool few = !f->cumulative && (uint64_t)b->rows + b->known < sw_rows_needed(f, b->told);

    set(e, w, SW_FEED_SHORT, few || sw_roll_pending(&e->registry, e->rules->schema, feed) != NULL);
}

static void judge_batch(struct sw_engine *e, uint32_t feed)
{
    const struct sw_feed *f = &e->rules->schema->feeds[feed];
    struct sw_feed_watch *w = &e->feed[feed];
    const struct sw_batch *b = &w->batch[(w->n - 1) % BATCHES_KEPT];
    uint32_t usual = usual_rows(w);

    set(e, w, SW_FEED_LATE, false);
    sw_judge_short(e, feed);
    set(e, w, SW_FEED_LONG, w->n > 1 && b->rows > b->told); /* nobody knows when the first began */
    set(e, w, SW_FEED_SUM, b->has_sum && b->rows == b->told && b->sum != b->sum_told);
    set(e, w, SW_FEED_MANY,
        f->rows_max > 0 ? b->told > (uint32_t)f->rows_max
                        : usual > 0 && is_far_more(b->told, usual));
    set(e, w, SW_FEED_FEW,
        f->rows_min > 0 ? b->told < (uint32_t)f->rows_min
                        : usual > 0 && is_far_more(usual, b->told));
    judge_amounts(e, feed);
}

/* Rows of a whole list are known by what they say of themselves, whenever they came; of a list that
 * is older than one known whole nothing is asked. Its sum is compared when nothing else came. */
static void count_by_list(const struct sw_engine *e, const struct sw_batch_told *told,
                          struct sw_batch *b)
{
    uint32_t arrived = sw_roll_rows(&e->registry, e->rules->schema, told);

    b->has_sum = b->has_sum && b->rows == arrived;
    b->rows = arrived == SW_NONE ? b->told : arrived;
}

/* The same period closed again: what came meanwhile is added to what came before. */
bool sw_batch_close(struct sw_engine *e, const struct sw_batch_told *told)
{
    struct sw_feed_watch *w = &e->feed[told->feed];
    struct sw_batch b = {.period = told->period,
                         .told = told->rows,
                         .known = told->known,
                         .sum_told = told->sum,
                         .has_sum = told->has_sum,
                         .rows = w->rows,
                         .sum = w->sum,
                         .day = e->today};
    const struct sw_batch *last = &w->batch[(w->n + BATCHES_KEPT - 1) % BATCHES_KEPT];

    if (told->roll != NULL && !e->rules->schema->feeds[told->feed].cumulative)
        return sw_roll_told(e, told);
    /* told twice, however long ago and whatever closed its period since */
    if (sw_history_note(&e->registry.keys, told->key) == SW_RECORDED_REPEAT)
        return false;
    if (told->roll != NULL)
        sw_roll_told(e, told);
    if (e->history)
        return true;
    if (told->roll != NULL)
        count_by_list(e, told, &b);
    if (w->n > 0 && b.period != 0 && b.period == last->period) {
        b.rows += told->roll == NULL ? last->rows : 0;
        b.sum += last->sum;
        w->n--;
    }
    w->batch[w->n++ % BATCHES_KEPT] = b;
    w->rows = 0;
    w->sum = 0;
    judge_batch(e, told->feed);
    return true;
}

/* ---- time ----------------------------------------------------------------------------------- */

static sw_day last_batch(const struct sw_feed_watch *w)
{
    return w->n == 0 ? w->known : w->batch[(w->n - 1) % BATCHES_KEPT].day;
}

static sw_day last_heard(const struct sw_feed_watch *w)
{
    return w->heard > w->known ? w->heard : w->known;
}

void sw_feeds_pass_day(struct sw_engine *e)
{
    const struct sw_schema *s = e->rules->schema;

    if (e->history || e->today == SW_DAY_NEVER) /* rules come before the first day */
        return;
    for (size_t i = 0; i < s->n_feeds; i++) {
        struct sw_feed_watch *w = &e->feed[i];
        int32_t period = s->feeds[i].period;

        if (w->known == 0)
            w->known = e->today;
        set(e, w, SW_FEED_SILENT,
            period > 0 && 2 * ((int64_t)e->today - last_heard(w)) > 3 * (int64_t)period);
        set(e, w, SW_FEED_LATE,
            period > 0 && s->feeds[i].batch && e->today - last_batch(w) > period);
    }
}

/* ---- told ----------------------------------------------------------------------------------- */

static struct sw_str since_text(const struct sw_engine *e, sw_day last, int32_t period,
                                const char *what, struct sw_arena *arena)
{
    return sw_arena_printf(arena, "已%d天%s，应每%d天一次", e->today - last, what, period);
}

struct sw_str sw_feed_trouble_text(const struct sw_engine *e, uint32_t feed,
                                   enum sw_feed_trouble what, struct sw_arena *arena)
{
    const struct sw_feed_watch *w = &e->feed[feed];
    const struct sw_feed *f = &e->rules->schema->feeds[feed];
    const struct sw_batch *b = &w->batch[(w->n + BATCHES_KEPT - 1) % BATCHES_KEPT];
    const struct sw_roll *roll = sw_roll_pending(&e->registry, e->rules->schema, feed);

    switch (what) {
    case SW_FEED_SILENT: return since_text(e, last_heard(w), f->period, "没有消息", arena);
    case SW_FEED_LATE: return since_text(e, last_batch(w), f->period, "没有报完一批", arena);
    case SW_FEED_SHORT:
        if (roll != NULL)
            return sw_arena_printf(arena, "一份名单应有%u条，只到%u条，到齐前不按名单撤",
                                   roll->rows, roll->arrived);
        return sw_arena_printf(arena, "一批应有%u条，只到%u条", b->told, b->rows);
    case SW_FEED_LONG: return sw_arena_printf(arena, "一批应有%u条，却到%u条", b->told, b->rows);
    case SW_FEED_SUM: return SW_STR("一批的合计金额与明细不符");
    case SW_FEED_MANY:
        return f->rows_max > 0
                   ? sw_arena_printf(arena, "一批%u条，多于约定的%d条", b->told, f->rows_max)
                   : sw_arena_printf(arena, "一批%u条，大大多于以往", b->told);
    case SW_FEED_FEW:
        return f->rows_min > 0
                   ? sw_arena_printf(arena, "一批只有%u条，少于约定的%d条", b->told, f->rows_min)
                   : sw_arena_printf(arena, "一批只有%u条，大大少于以往", b->told);
    case SW_FEED_AMOUNTS:
        return sw_arena_printf(arena, "金额约为以往的%s%u，单位可能有误", w->is_less ? "1/" : "",
                               w->times);
    case SW_FEED_TROUBLES: break;
    }
    return SW_STR("");
}

/* One feed's new troubles: "一批应有300条，只到290条；金额约为…" */
static struct sw_str fresh_text(struct sw_engine *e, uint32_t feed)
{
    struct sw_buf out = {0};
    struct sw_str text;

    for (enum sw_feed_trouble t = 0; t < SW_FEED_TROUBLES; t++) {
        if ((e->feed[feed].fresh >> t & 1) == 0)
            continue;
        text = sw_feed_trouble_text(e, feed, t, &e->arena);
        sw_buf_printf(&out, "%s%.*s", out.n == 0 ? "" : "；", SW_STR_ARG(text));
    }
    text = sw_arena_str(&e->arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

static void put_fresh(struct sw_engine *e, uint32_t feed, struct sw_jw *w)
{
    sw_jw_object(w);
    sw_jw_member(w, "feed", e->rules->schema->feeds[feed].name);
    sw_jw_key(w, "troubles");
    sw_jw_array(w);
    for (enum sw_feed_trouble t = 0; t < SW_FEED_TROUBLES; t++) {
        if ((e->feed[feed].fresh >> t & 1) != 0)
            sw_jw_cstr(w, names[t]);
    }
    sw_jw_end(w);
    sw_jw_member(w, "text", fresh_text(e, feed));
    sw_jw_end(w);
}

static struct sw_str group_text(struct sw_engine *e)
{
    struct sw_webhook hook;
    struct sw_jw *w = sw_webhook_begin(e, &hook, "feed.alert");

    sw_jw_key(w, "feeds");
    sw_jw_array(w);
    for (uint32_t i = 0; i < e->rules->schema->n_feeds; i++) {
        if (e->feed[i].fresh != 0)
            put_fresh(e, i, w);
    }
    sw_jw_end(w);
    return sw_webhook_end(e, &hook);
}

/* One department with its trouble; of several, as when the network was down, the first names. */
static struct sw_str phone_text(struct sw_engine *e, uint32_t first, uint32_t n)
{
    const struct sw_schema *s = e->rules->schema;
    const struct sw_wording *words = &e->rules->wording;
    struct sw_buf list = {0};
    struct sw_str text;

    for (uint32_t i = first, left = NAMES_IN_TEXT; i < s->n_feeds && left > 0; i++) {
        if (e->feed[i].fresh == 0)
            continue;
        sw_buf_printf(&list, "%s%.*s", list.n == 0 ? "" : "、", SW_STR_ARG(s->feeds[i].name));
        left--;
    }
    if (n > NAMES_IN_TEXT)
        sw_buf_cstr(&list, "等");
    const struct sw_pair pairs[] = {
        {"feed", n == 1 ? s->feeds[first].name : sw_buf_view(&list)},
        {"trouble", n == 1 ? fresh_text(e, first) : SW_STR("")},
        {"count", sw_arena_printf(&e->arena, "%u", n)},
    };
    text = sw_fill(e, n == 1 ? words->feed_alert : words->feeds_alert, pairs, SW_COUNTOF(pairs));
    sw_buf_free(&list);
    return text;
}

void sw_feeds_tell(struct sw_engine *e, struct sw_effects *fx)
{
    uint32_t first = SW_NONE;
    uint32_t n = 0;

    for (uint32_t i = 0; i < e->rules->schema->n_feeds; i++) {
        if (e->feed[i].fresh != 0 && n++ == 0)
            first = i;
    }
    if (n == 0)
        return;
    sw_notify_county(e, "feed", phone_text(e, first, n), group_text(e), fx);
    for (uint32_t i = 0; i < e->rules->schema->n_feeds; i++)
        e->feed[i].fresh = 0;
}
