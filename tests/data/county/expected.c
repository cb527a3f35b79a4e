/* expected.c - what the generator itself knows of what it wrote, for tests to hold against. */
#include "files.h"
#include <shouwang/base/json.h>

static const char *const role_names[] = {
    [GOOD] = "good",      [TAKE_BACK] = "taken_back", [CORRECTION] = "corrections",
    [REPEAT] = "repeats", [FAULTY] = "faulty",
};

static void put_day(struct sw_jw *w, const char *key, sw_day day)
{
    char text[SW_DATE_SIZE];

    sw_jw_member(w, key, sw_str(sw_date_format(day, text)));
}

static void put_registry(struct sw_jw *w, const struct county *c)
{
    uint32_t kinds[HH_KINDS] = {0};

    for (uint32_t h = 0; h < c->households; h++)
        kinds[c->household[h].kind]++;
    sw_jw_key(w, "registry");
    sw_jw_object(w);
    sw_jw_member_int(w, "areas", 1 + (int64_t)c->towns + c->villages);
    sw_jw_member_int(w, "towns", c->towns);
    sw_jw_member_int(w, "villages", c->villages);
    sw_jw_member_int(w, "households", c->households);
    sw_jw_member_int(w, "persons", c->persons);
    sw_jw_member_int(w, "cadres", c->cadres);
    sw_jw_member_int(w, "teams", c->villages);
    sw_jw_member_int(w, "assignments", c->posts);
    sw_jw_member_int(w, "assignments_ended", c->rotated);
    sw_jw_member_int(w, "households_without_cadre_on_start", c->vacant);
    sw_jw_key(w, "households_by_kind");
    sw_jw_object(w);
    for (size_t k = 0; k < HH_KINDS; k++)
        sw_jw_member_int(w, hh_kind_names[k], kinds[k]);
    sw_jw_end(w);
    sw_jw_end(w);
}

/* Registry changes of several types of ours may have one name: they are counted together. */
static void put_types(struct sw_jw *w, const struct tally *t)
{
    struct sw_str last = {NULL, 0};
    int64_t n = 0;

    sw_jw_key(w, "good_by_type");
    sw_jw_object(w);
    for (int i = 0; i < TYPES; i++) {
        struct sw_str name = sw_str(event_type_name((enum type)i));

        if (i > 0 && !sw_str_eq(name, last)) {
            sw_jw_key_str(w, last);
            sw_jw_int(w, n);
            n = 0;
        }
        n += t->good[i];
        last = name;
    }
    sw_jw_key_str(w, last);
    sw_jw_int(w, n);
    sw_jw_end(w);
}

/* By kind, and added up by the reason of the refusal. */
static void put_faults(struct sw_jw *w, const struct tally *t)
{
    sw_jw_key(w, "faulty_by_kind");
    sw_jw_object(w);
    for (size_t i = 0; i < n_faults; i++)
        sw_jw_member_int(w, faults[i].name, t->fault[i]);
    sw_jw_end(w);
    sw_jw_key(w, "faulty_by_reason");
    sw_jw_object(w);
    for (size_t i = 0; i < n_faults; i++) {
        int64_t n = 0;

        if (i > 0 && sw_str_is(sw_str(faults[i].reason), faults[i - 1].reason))
            continue; /* the table keeps equal reasons together */
        for (size_t k = i; k < n_faults; k++)
            n += sw_str_is(sw_str(faults[i].reason), faults[k].reason) ? t->fault[k] : 0;
        sw_jw_member_int(w, faults[i].reason, n);
    }
    sw_jw_end(w);
}

static void put_tally(struct sw_jw *w, const struct tally *t)
{
    sw_jw_member_int(w, "lines", t->lines);
    for (size_t r = 0; r < SW_COUNTOF(role_names); r++)
        sw_jw_member_int(w, role_names[r], t->role[r]);
    put_types(w, t);
    put_faults(w, t);
}

/* Median and tail of the days between an event and its line, right lines only. */
static void put_lateness(struct sw_jw *w, const struct tally *t)
{
    static const struct {
        const char *name;
        uint32_t permille;
    } marks[] = {{"median", 500}, {"of_90_percent", 900}, {"of_99_percent", 990}};
    uint64_t sum = 0;
    size_t day = 0;

    sw_jw_key(w, "days_late");
    sw_jw_object(w);
    for (size_t m = 0; m < SW_COUNTOF(marks); m++) {
        while (sum + t->late[day] < (uint64_t)t->role[GOOD] * marks[m].permille / 1000)
            sum += t->late[day++];
        sw_jw_member_int(w, marks[m].name, (int64_t)day);
    }
    sw_jw_end(w);
}

static void put_history(struct sw_jw *w, const struct year *y, const struct tally *t)
{
    sw_jw_key(w, "history");
    sw_jw_object(w);
    put_day(w, "first_day", y->first);
    put_day(w, "last_day", y->end - 1);
    put_tally(w, t);
    sw_jw_member_int(w, "reversals_before_the_original", y->before);
    sw_jw_member_int(w, "told_anew_after_reversal", y->resettled);
    sw_jw_member_int(w, "repeats_of_a_whole_list", y->listed);
    put_lateness(w, t);
    sw_jw_end(w);
}

/* ---- the live day ------------------------------------------------------------------------- */

static void put_whom(struct sw_jw *w, const struct county *c, const struct scene *s)
{
    char id[ID_SIZE];

    sw_jw_key(w, s->name);
    sw_jw_array(w);
    for (size_t i = 0; i < s->n; i++)
        sw_jw_cstr(w,
                   s->of_villages ? c->village[s->whom[i]].code : household_id(c, s->whom[i], id));
    sw_jw_end(w);
}

static void put_scenes(struct sw_jw *w, const struct live *l)
{
    static const char *const keys[] = {
        [NOTHING] = "changes_nothing", [POINTS] = "adds_points", [ALERT] = "alerts"};

    for (enum effect k = NOTHING; k <= ALERT; k++) {
        sw_jw_key(w, keys[k]);
        sw_jw_object(w);
        for (size_t i = 0; i < l->scenes; i++) {
            if (l->scene[i].effect == k)
                put_whom(w, l->c, &l->scene[i]);
        }
        sw_jw_end(w);
    }
}

static void put_live(struct sw_jw *w, const struct live *l, const struct tally *t)
{
    char id[ID_SIZE];

    sw_jw_key(w, "live");
    sw_jw_object(w);
    put_tally(w, t);
    sw_jw_member_int(w, "reversals_before_the_original", l->before);
    sw_jw_member_int(w, "poor_households_under_hail_with_2_mu", l->with_land);
    sw_jw_member_int(w, "chosen_with_troubles_of_their_own", l->unquiet);
    put_scenes(w, l);
    sw_jw_key(w, "bill_taken_back_or_lowered");
    sw_jw_array(w);
    for (size_t i = 0; i < l->backs; i++)
        sw_jw_cstr(w, household_id(l->c, l->back[i], id));
    sw_jw_end(w);
    sw_jw_end(w);
}

enum sw_code files_expected(const struct year *y, const struct tally *history, const struct live *l,
                            const struct tally *live, struct sw_err *err)
{
    struct out o;
    struct sw_jw w = {.out = &o.buf};

    out_open(&o, y->c->opt.dir, "expected.json");
    sw_jw_object(&w);
    sw_jw_member_int(&w, "seed", (int64_t)y->c->opt.seed);
    put_day(&w, "start", y->c->opt.start);
    put_registry(&w, y->c);
    put_history(&w, y, history);
    put_live(&w, l, live);
    sw_jw_end(&w);
    sw_buf_char(&o.buf, '\n');
    return out_close(&o, err);
}
