/* preview_put.c - how two courses of one county differ, as JSON. What is compared is whom a rule
 * counts with, on which level everybody stands, and what would be sent. */
#include "explain.h"
#include "preview.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>

enum {
    ROWS_MAX = 2 * RULES_MAX, /* rules of either */
    COUNTED_BEFORE = 1,
    COUNTS = 2,
    WAITED_BEFORE = 4,
    WAITS_NOW = 8
};

/* A rule of either, and with how many it counts. */
struct row {
    const struct sw_rule *rule;
    int64_t before, after, begins, ends, waits;
};

/* A household or area that stands otherwise. */
struct moved {
    uint32_t subject;
    uint8_t before, after; /* numbers of the new rules' levels */
    bool falls;            /* stays on its level for its hold, and then falls */
    double score_before, score_after;
};

/* Of households, and of areas. */
struct total {
    int64_t of, n_new, up, down, out, falls;
    int64_t before[LEVELS_MAX + 1], after[LEVELS_MAX + 1], came[LEVELS_MAX + 1],
        left[LEVELS_MAX + 1];
    size_t changed;
};

struct comparison {
    struct sw_engine *from, *to;
    struct row row[ROWS_MAX];
    uint32_t n_rows;
    uint32_t row_of[BRANCHES][RULES_MAX]; /* by number of the rule */
    uint8_t level[LEVELS_MAX + 1];        /* the new rules' number of an old level */
    uint8_t mark[ROWS_MAX];               /* of the subject in hand */
    struct total total[2];                /* of areas: [1] */
    struct moved *moved;
    size_t n_moved, cap_moved;
    int64_t *town[2]; /* by area: households up, down */
    struct sw_jw *w;
};

/* ---- rules and levels by their names ------------------------------------------------------ */

static void pair_rules(struct comparison *c)
{
    const struct sw_ruleset *old = c->from->rules;
    const struct sw_ruleset *now = c->to->rules;

    for (uint32_t i = 0; i < now->n_rules; i++) {
        c->row_of[AS_IT_WOULD_BE][i] = c->n_rows;
        c->row[c->n_rows++].rule = &now->rule[i];
    }
    for (uint32_t i = 0; i < old->n_rules; i++) {
        uint32_t same = sw_rule_find(now, old->rule[i].name);

        c->row_of[AS_IT_IS][i] = same == SW_NONE ? c->n_rows : same;
        if (same == SW_NONE)
            c->row[c->n_rows++].rule = &old->rule[i];
    }
}

static void pair_levels(struct comparison *c)
{
    for (size_t l = 1; l <= c->from->rules->n_levels; l++) {
        for (size_t k = 1; k <= c->to->rules->n_levels; k++) {
            if (sw_str_eq(c->from->rules->level[l].name, c->to->rules->level[k].name))
                c->level[l] = (uint8_t)k;
        }
    }
}

/* ---- one household or area ---------------------------------------------------------------- */

static void mark(struct comparison *c, const struct sw_engine *e, int which, uint32_t subject)
{
    uint8_t counts = which == AS_IT_IS ? COUNTED_BEFORE : COUNTS;
    uint8_t waits = which == AS_IT_IS ? WAITED_BEFORE : WAITS_NOW;
    size_t n;
    const struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t i = 0; i < n; i++) {
        uint8_t *m = &c->mark[c->row_of[which][hits[i].rule]];

        if (sw_hit_counts(&hits[i]))
            *m |= counts;
        else if (hits[i].state != HIT_OFF)
            *m |= waits;
    }
}

static void mark_both(struct comparison *c, uint32_t subject)
{
    memset(c->mark, 0, c->n_rows);
    mark(c, c->from, AS_IT_IS, subject);
    mark(c, c->to, AS_IT_WOULD_BE, subject);
}

static bool begins(const struct comparison *c, uint32_t row)
{
    return (c->mark[row] & (COUNTED_BEFORE | COUNTS)) == COUNTS;
}

static bool ends(const struct comparison *c, uint32_t row)
{
    return (c->mark[row] & (COUNTED_BEFORE | COUNTS)) == COUNTED_BEFORE;
}

/* True when some rule counts that did not, or the other way about, or begins to wait. */
static bool count_rules(struct comparison *c)
{
    bool any = false;

    for (uint32_t i = 0; i < c->n_rows; i++) {
        bool waits = (c->mark[i] & (COUNTED_BEFORE | WAITED_BEFORE | WAITS_NOW)) == WAITS_NOW;

        c->row[i].before += (c->mark[i] & COUNTED_BEFORE) != 0;
        c->row[i].after += (c->mark[i] & COUNTS) != 0;
        c->row[i].begins += begins(c, i);
        c->row[i].ends += ends(c, i);
        c->row[i].waits += waits;
        any = any || begins(c, i) || ends(c, i) || waits;
    }
    return any;
}

static void count_levels(struct comparison *c, const struct moved *m)
{
    struct total *t = &c->total[sw_is_area(m->subject)];

    t->before[m->before]++;
    t->after[m->after]++;
    t->falls += m->falls;
    if (m->before == m->after)
        return;
    t->came[m->after]++;
    t->left[m->before]++;
    t->n_new += m->before == 0;
    t->up += m->before > 0 && m->after > m->before;
    t->down += m->after > 0 && m->after < m->before;
    t->out += m->after == 0;
}

static void count_town(struct comparison *c, const struct moved *m)
{
    uint32_t a = sw_place_of(c->to, m->subject);

    if (sw_is_area(m->subject) || m->before == m->after)
        return;
    while (a != SW_NONE && sw_subject_kind(c->to, AREA_BIT | a) != OF_TOWNSHIP)
        a = c->to->registry.area[a].parent;
    if (a != SW_NONE)
        c->town[m->after < m->before][a]++;
}

static void compare_subject(struct comparison *c, uint32_t subject)
{
    const struct sw_standing *old = sw_standing_of(c->from, subject);
    const struct sw_standing *now = sw_standing_of(c->to, subject);
    struct total *t = &c->total[sw_is_area(subject)];
    struct moved m = {
        .subject = subject,
        .before = c->level[old->level],
        .after = now->level,
        .falls = old->low_since == SW_DAY_NEVER && now->low_since != SW_DAY_NEVER,
        .score_before = sw_score(c->from, subject),
        .score_after = sw_score(c->to, subject),
    };
    bool any;

    mark_both(c, subject);
    any = count_rules(c);
    count_levels(c, &m);
    count_town(c, &m);
    t->of++;
    if (!any && m.before == m.after && !m.falls && !(m.score_before < m.score_after) &&
        !(m.score_before > m.score_after))
        return;
    t->changed++;
    c->moved = sw_grow(c->moved, &c->cap_moved, c->n_moved + 1, sizeof(*c->moved));
    c->moved[c->n_moved++] = m;
}

static void compare(struct comparison *c)
{
    const struct sw_registry *r = &c->to->registry;

    for (uint32_t h = 0; h < c->to->standings; h++) {
        if (r->household[h].merged_into == SW_NONE)
            compare_subject(c, h);
    }
    for (uint32_t a = 0; a < c->to->area_standings; a++) {
        if (r->area[a].is == a)
            compare_subject(c, AREA_BIT | a);
    }
}

/* ---- putting ------------------------------------------------------------------------------ */

static void put_levels(struct comparison *c, const struct total *t)
{
    const struct sw_ruleset *rs = c->to->rules;

    sw_jw_key(c->w, "levels");
    sw_jw_array(c->w);
    for (size_t l = rs->n_levels + 1; l-- > 0;) {
        sw_jw_object(c->w);
        sw_jw_member(c->w, "level", rs->level[l].name);
        sw_jw_member(c->w, "label", rs->level[l].label);
        sw_jw_member_int(c->w, "before", t->before[l]);
        sw_jw_member_int(c->w, "after", t->after[l]);
        sw_jw_member_int(c->w, "came", t->came[l]);
        sw_jw_member_int(c->w, "left", t->left[l]);
        sw_jw_end(c->w);
    }
    sw_jw_end(c->w);
}

static void put_total(struct comparison *c, const char *key, const struct total *t)
{
    sw_jw_key(c->w, key);
    sw_jw_object(c->w);
    sw_jw_member_int(c->w, "of", t->of);
    sw_jw_member_int(c->w, "changed", (int64_t)t->changed);
    sw_jw_member_int(c->w, "new", t->n_new);
    sw_jw_member_int(c->w, "up", t->up);
    sw_jw_member_int(c->w, "down", t->down);
    sw_jw_member_int(c->w, "out", t->out);
    sw_jw_member_int(c->w, "falls", t->falls);
    put_levels(c, t);
    sw_jw_end(c->w);
}

static void put_rules(struct comparison *c)
{
    sw_jw_key(c->w, "by_rule");
    sw_jw_array(c->w);
    for (uint32_t i = 0; i < c->n_rows; i++) {
        const struct row *r = &c->row[i];

        if (r->begins + r->ends + r->waits == 0)
            continue;
        sw_jw_object(c->w);
        sw_jw_member(c->w, "rule", r->rule->name);
        sw_jw_member(c->w, "label", r->rule->label);
        sw_jw_member(c->w, "subject", sw_str(sw_subject_names[r->rule->subject]));
        sw_jw_member_int(c->w, "before", r->before);
        sw_jw_member_int(c->w, "after", r->after);
        sw_jw_member_int(c->w, "begins", r->begins);
        sw_jw_member_int(c->w, "ends", r->ends);
        sw_jw_member_int(c->w, "waits", r->waits);
        sw_jw_end(c->w);
    }
    sw_jw_end(c->w);
}

static void put_towns(struct comparison *c)
{
    const struct sw_registry *r = &c->to->registry;

    sw_jw_key(c->w, "towns");
    sw_jw_array(c->w);
    for (uint32_t a = 0; a < c->to->area_standings; a++) {
        if (c->town[0][a] + c->town[1][a] == 0)
            continue;
        sw_jw_object(c->w);
        sw_jw_member(c->w, "area", sw_area_code(r, a));
        sw_jw_member(c->w, "place", sw_area_name(r, a));
        sw_jw_member_int(c->w, "up", c->town[0][a]);
        sw_jw_member_int(c->w, "down", c->town[1][a]);
        sw_jw_end(c->w);
    }
    sw_jw_end(c->w);
}

static void put_marked(struct comparison *c, const char *key,
                       bool (*is)(const struct comparison *c, uint32_t row))
{
    sw_jw_key(c->w, key);
    sw_jw_array(c->w);
    for (uint32_t i = 0; i < c->n_rows; i++) {
        if (!is(c, i))
            continue;
        sw_jw_object(c->w);
        sw_jw_member(c->w, "rule", c->row[i].rule->name);
        sw_jw_member(c->w, "label", c->row[i].rule->label);
        sw_jw_end(c->w);
    }
    sw_jw_end(c->w);
}

static void put_moved(struct comparison *c, const struct moved *m)
{
    struct sw_engine *e = c->to;
    const struct sw_level *level = e->rules->level;
    struct sw_jw *w = c->w;
    uint32_t area = sw_place_of(e, m->subject);

    mark_both(c, m->subject);
    sw_jw_object(w);
    sw_jw_member(w, "household",
                 sw_is_area(m->subject) ? SW_STR("")
                                        : sw_intern_text(&e->registry.household_id, m->subject));
    sw_jw_member(w, "area", area == SW_NONE ? SW_STR("") : sw_area_code(&e->registry, area));
    sw_jw_member(w, "place", area == SW_NONE ? SW_STR("") : sw_place_name(e, m->subject, true));
    sw_jw_member(w, "name", sw_masked_name(e, m->subject));
    sw_jw_member(w, "before", level[m->before].name);
    sw_jw_member(w, "after", level[m->after].name);
    sw_put_number(w, "score_before", m->score_before);
    sw_put_number(w, "score", m->score_after);
    if (m->falls)
        sw_put_day(w, "falls", sw_standing_of(e, m->subject)->low_since + level[m->after].hold);
    put_marked(c, "begins", begins);
    put_marked(c, "ends", ends);
    sw_jw_end(w);
    sw_arena_reset(&e->arena);
}

/* Who rises before who falls before who stays; then the higher level, then the larger score. */
static int compare_moved(const void *a, const void *b)
{
    const struct moved *x = a;
    const struct moved *y = b;
    int way_x = x->after > x->before ? 0 : x->after < x->before ? 1 : 2;
    int way_y = y->after > y->before ? 0 : y->after < y->before ? 1 : 2;

    if (way_x != way_y)
        return way_x - way_y;
    if (x->after != y->after)
        return y->after - x->after;
    if (x->score_after < y->score_after || x->score_after > y->score_after)
        return x->score_after > y->score_after ? -1 : 1;
    return x->subject < y->subject ? -1 : 1;
}

static void put_list(struct comparison *c, uint32_t most)
{
    if (c->n_moved > 1)
        qsort(c->moved, c->n_moved, sizeof(*c->moved), compare_moved);
    sw_jw_key(c->w, "list");
    sw_jw_array(c->w);
    for (size_t i = 0; i < c->n_moved && i < most; i++)
        put_moved(c, &c->moved[i]);
    sw_jw_end(c->w);
}

/* ---- what is sent ------------------------------------------------------------------------- */

static void count_letters(const struct sw_mail *m, int64_t sign, int64_t waiting[WAITS])
{
    for (uint32_t i = 0; i < m->n; i++) {
        if (m->at[i].to != SW_NONE)
            waiting[m->at[i].waits] += sign;
    }
}

static void put_kinds(struct sw_jw *w, const struct sw_counted *c)
{
    sw_jw_key(w, "kinds");
    sw_jw_array(w);
    for (uint32_t i = 0; i < c->text.count; i++) {
        int64_t n = c->n[i][AS_IT_WOULD_BE] - c->n[i][AS_IT_IS];

        if (n == 0)
            continue;
        sw_jw_object(w);
        sw_jw_member(w, "kind", sw_intern_text(&c->text, i));
        sw_jw_member_int(w, "n", n);
        sw_jw_end(w);
    }
    sw_jw_end(w);
}

static void put_messages(struct comparison *c, const struct sw_branch *to)
{
    int64_t waiting[WAITS] = {0};
    int64_t more = 0;
    int64_t fewer = 0;
    int64_t receivers = 0;

    for (uint32_t i = 0; i < to->receivers->text.count; i++) {
        int64_t n = to->receivers->n[i][AS_IT_WOULD_BE] - to->receivers->n[i][AS_IT_IS];

        more += n > 0 ? n : 0;
        fewer += n < 0 ? -n : 0;
        receivers += n > 0;
    }
    count_letters(&c->from->mail, -1, waiting);
    count_letters(&c->to->mail, 1, waiting);
    sw_jw_key(c->w, "messages");
    sw_jw_object(c->w);
    sw_jw_member_int(c->w, "more", more);
    sw_jw_member_int(c->w, "fewer", fewer);
    sw_jw_member_int(c->w, "receivers", receivers);
    put_kinds(c->w, to->kinds);
    sw_jw_member_int(c->w, "put_off",
                     waiting[WAIT_QUIET] + waiting[WAIT_GROUP] + waiting[WAIT_BUDGET]);
    sw_jw_member_int(c->w, "held", waiting[WAIT_STORM]);
    sw_jw_member_int(c->w, "hushed", waiting[WAIT_SILENCE]);
    sw_jw_end(c->w);
}

/* Those that would begin. */
static void put_storms(struct comparison *c)
{
    const struct sw_engine *e = c->to;

    sw_jw_key(c->w, "storms");
    sw_jw_array(c->w);
    for (uint32_t i = c->from->mail.n_storms; i < e->mail.n_storms; i++) {
        const struct sw_storm *s = &e->mail.storm[i];
        uint32_t rule = s->rule == SW_NONE
                            ? SW_NONE
                            : sw_rule_find(e->rules, sw_registry_text(&e->registry, s->rule));

        sw_jw_object(c->w);
        sw_jw_member(c->w, "rule", rule == SW_NONE ? SW_STR("") : e->rules->rule[rule].name);
        sw_jw_member(c->w, "label", rule == SW_NONE ? SW_STR("全县") : e->rules->rule[rule].label);
        sw_jw_member_int(c->w, "held", s->held);
        sw_jw_member_int(c->w, "red", s->red);
        sw_jw_member_int(c->w, "usual", s->usual);
        sw_jw_member_int(c->w, "bound", s->bound);
        sw_jw_end(c->w);
    }
    sw_jw_end(c->w);
}

static void put_work(struct comparison *c, const struct sw_branch *from, const struct sw_branch *to)
{
    int64_t opened = (int64_t)c->to->n_cases - c->from->n_cases;
    int64_t open = (int64_t)c->to->n_open - c->from->n_open;

    sw_jw_key(c->w, "cases");
    sw_jw_object(c->w);
    sw_jw_member_int(c->w, "opened", opened);
    sw_jw_member_int(c->w, "closed", opened - open);
    sw_jw_end(c->w);
    sw_jw_key(c->w, "tasks");
    sw_jw_object(c->w);
    sw_jw_member_int(c->w, "opened", to->tasks - from->tasks);
    sw_jw_member_int(c->w, "closed", to->tasks_ended - from->tasks_ended);
    sw_jw_end(c->w);
}

/* ---- the whole ---------------------------------------------------------------------------- */

void sw_preview_put(const struct sw_branch *from, const struct sw_branch *to, uint32_t listed,
                    struct sw_jw *w)
{
    struct comparison *c = sw_calloc(1, sizeof(*c));

    c->from = from->e;
    c->to = to->e;
    c->w = w;
    for (int i = 0; i < 2; i++)
        c->town[i] = sw_calloc(to->e->area_standings + 1, sizeof(*c->town[i]));
    pair_rules(c);
    pair_levels(c);
    compare(c);
    sw_put_day(w, "day", to->e->today);
    sw_jw_member(w, "active", sw_str(sw_ruleset_digest(from->e->rules)));
    sw_jw_member(w, "rules", sw_str(sw_ruleset_digest(to->e->rules)));
    put_total(c, "households", &c->total[0]);
    put_total(c, "areas", &c->total[1]);
    put_rules(c);
    put_towns(c);
    put_work(c, from, to);
    put_messages(c, to);
    put_storms(c);
    put_list(c, listed);
    for (int i = 0; i < 2; i++)
        free(c->town[i]);
    free(c->moved);
    free(c);
}
