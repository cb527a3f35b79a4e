/* calendar.c - working days, from calendar.yaml.
 *
 * A year's entries stand in the file as the notice of the State Council words them: holidays from
 * day to day, and the weekend days that are worked for them. A notice may reach back into the last
 * days of the year before (2022-12-31 belonged to New Year 2023), never further. Kept is one sorted
 * list of those spans of days; every other day is what its weekday says. */
#include <shouwang/base/i18n.h>
#include <shouwang/model/calendar.h>
#include <stdlib.h>

enum { YEAR_MIN = 1950, YEAR_MAX = 2199, LONG_HOLIDAY = 12, DECEMBER_DAYS = 7 };
enum { WORK_BEGINS = 8 * 60 + 30, WORK_ENDS = 17 * 60 + 30 }; /* minutes of the day */

struct span {
    sw_day from, to;
    bool works;
    struct sw_place at;
};

struct sw_calendar {
    int32_t *year;
    struct span *span; /* by their first days; none overlap in a calendar without findings */
    size_t n_years, n_spans;
    int32_t begins, ends; /* minutes of a working day */
};

/* ---- what the file holds ------------------------------------------------------------------ */

struct holiday {
    struct sw_str name;
    sw_day from, to;
};

static const struct sw_key holiday[] = {
    {.name = "name",
     SW_INTO(struct holiday, name),
     .lo = 1,
     .required = true,
     .help = N_("what people call it")},
    {.name = "from",
     SW_INTO(struct holiday, from),
     .kind = SW_KEY_DATE,
     .required = true,
     .help = N_("first day off")},
    {.name = "to",
     SW_INTO(struct holiday, to),
     .kind = SW_KEY_DATE,
     .help = N_("last day off; without one, the first")},
};
static const struct sw_keys holiday_keys = {SW_TABLE("holiday", holiday)};
static const struct sw_key one_holiday = {.kind = SW_KEY_MAP, .of = &holiday_keys};
static const struct sw_key one_day = {.kind = SW_KEY_DATE};

struct year {
    const struct sw_yaml *holidays, *workdays;
};

static const struct sw_key year[] = {
    {.name = "notice", .help = N_("the number of the notice that these days are taken from")},
    {.name = "holidays",
     SW_INTO(struct year, holidays),
     .kind = SW_KEY_LIST,
     .item = &one_holiday,
     .later = true,
     .required = true,
     .help = N_("public holidays, from day to day, weekends among them")},
    {.name = "workdays",
     SW_INTO(struct year, workdays),
     .kind = SW_KEY_LIST,
     .item = &one_day,
     .help = N_("Saturdays and Sundays that are worked in exchange")},
};
static const struct sw_keys year_keys = {SW_TABLE("year", year)};
static const struct sw_key one_year = {.kind = SW_KEY_MAP, .of = &year_keys, .later = true};

struct hours {
    struct sw_str from, to;
};

#define HOUR_PATTERN "^([01][0-9]|2[0-3]):[0-5][0-9]$"

static const struct sw_key hours[] = {
    {.name = "from",
     SW_INTO(struct hours, from),
     .pattern = HOUR_PATTERN,
     .wanted = N_("a time of the day like 08:30"),
     .required = true,
     .help = N_("when work begins")},
    {.name = "to",
     SW_INTO(struct hours, to),
     .pattern = HOUR_PATTERN,
     .wanted = N_("a time of the day like 08:30"),
     .required = true,
     .help = N_("when it ends")},
};
static const struct sw_keys hours_keys = {SW_TABLE("hours", hours)};

static const struct sw_key calendar[] = {
    {.name = "hours",
     .kind = SW_KEY_MAP,
     .of = &hours_keys,
     .later = true,
     .help = N_("the hours of a working day, for times that are counted in work; without them "
                "08:30 to 17:30")},
};
const struct sw_keys sw_calendar_keys = {SW_TABLE("calendar", calendar), .other = &one_year,
                                         .names = SW_NAMES_YEARS};

/* ---- reading ------------------------------------------------------------------------------ */

struct reading {
    struct sw_calendar *c;
    struct sw_diag *diag;
    int32_t year;
};

static bool is_weekend(sw_day day)
{
    int weekday = sw_weekday(day);

    return weekday == 0 || weekday == 6;
}

/* False: told that the day is of another year. */
static bool check_year(const struct reading *r, sw_day day, struct sw_place at)
{
    sw_day first = sw_day_of(r->year, 1, 1) - DECEMBER_DAYS;
    char text[SW_DATE_SIZE];

    if (day >= first && day <= sw_day_of(r->year, 12, 31))
        return true;
    sw_diag_add(r->diag, SW_ERROR, at, _("%s is no day of %d"), sw_date_format(day, text),
                (int)r->year);
    return false;
}

static void keep(struct reading *r, sw_day from, sw_day to, bool works, struct sw_place at)
{
    r->c->span[r->c->n_spans++] = (struct span){from, to, works, at};
}

static void read_holiday(struct reading *r, const struct sw_yaml *y)
{
    struct holiday h = {.to = SW_DAY_NEVER};
    int32_t length;

    if (!sw_keys_read(&holiday_keys, y, &h, r->diag))
        return;
    if (h.to == SW_DAY_NEVER)
        h.to = h.from;
    length = h.to - h.from + 1;
    if (length < 1) {
        sw_diag_add(r->diag, SW_ERROR, y->at, _("%.*s ends before it begins"), SW_STR_ARG(h.name));
        return;
    }
    if (!check_year(r, h.from, y->at) || !check_year(r, h.to, y->at))
        return;
    if (length > LONG_HOLIDAY)
        sw_diag_add(r->diag, SW_WARNING, y->at,
                    _("%.*s is %d days long; compare it with the notice"), SW_STR_ARG(h.name),
                    (int)length);
    keep(r, h.from, h.to, false, y->at);
}

static void read_workday(struct reading *r, const struct sw_yaml *y)
{
    sw_day day;

    if (!sw_date_parse(y->text, &day) || !check_year(r, day, y->at))
        return;
    if (is_weekend(day))
        keep(r, day, day, true, y->at);
    else
        sw_diag_add(r->diag, SW_ERROR, y->at,
                    _("%.*s is no Saturday or Sunday: it is worked anyway"), SW_STR_ARG(y->text));
}

static void read_year(struct reading *r, const struct sw_yaml *y)
{
    struct year found = {NULL, NULL};
    int64_t number = 0;

    if (!sw_str_int(y->key, &number) || !sw_keys_read(&year_keys, y, &found, r->diag))
        return;
    if (number < YEAR_MIN || number > YEAR_MAX || found.holidays->first == NULL) {
        sw_diag_add(r->diag, SW_ERROR, y->key_at,
                    _("%.*s: expected a year from %d to %d with its holidays; leave out a year "
                      "that is not announced yet"),
                    SW_STR_ARG(y->key), YEAR_MIN, YEAR_MAX);
        return;
    }
    r->year = (int32_t)number;
    r->c->year[r->c->n_years++] = r->year;
    for (const struct sw_yaml *v = found.holidays->first; v != NULL; v = v->next)
        read_holiday(r, v);
    if (found.workdays == NULL)
        return;
    for (const struct sw_yaml *v = found.workdays->first; v != NULL; v = v->next)
        read_workday(r, v);
}

static int32_t minutes(struct sw_str s)
{
    return ((s.p[0] - '0') * 10 + s.p[1] - '0') * 60 + (s.p[3] - '0') * 10 + s.p[4] - '0';
}

static void read_hours(struct reading *r, const struct sw_yaml *y)
{
    struct hours h;

    if (y == NULL || !sw_keys_read(&hours_keys, y, &h, r->diag))
        return;
    if (minutes(h.from) >= minutes(h.to)) {
        sw_diag_add(r->diag, SW_ERROR, y->at, _("work ends before it begins"));
        return;
    }
    r->c->begins = minutes(h.from);
    r->c->ends = minutes(h.to);
}

static int by_day(const void *a, const void *b)
{
    const struct span *x = a;
    const struct span *y = b;

    return x->from != y->from ? (x->from > y->from) - (x->from < y->from)
                              : (x->at.line > y->at.line) - (x->at.line < y->at.line);
}

static int by_number(const void *a, const void *b)
{
    const int32_t *x = a;
    const int32_t *y = b;

    return (*x > *y) - (*x < *y);
}

static void tell_overlaps(const struct reading *r)
{
    const struct span *longest = r->c->span;

    for (size_t i = 1; i < r->c->n_spans; i++) {
        const struct span *s = &r->c->span[i];
        char text[SW_DATE_SIZE];

        if (s->from <= longest->to)
            sw_diag_add(r->diag, SW_ERROR, s->at,
                        _("%s is said to be off or worked in line %u too"),
                        sw_date_format(s->from, text), longest->at.line);
        if (s->to > longest->to)
            longest = s;
    }
}

/* Entries, in all years. */
static size_t entries_of(const struct sw_yaml *root)
{
    size_t n = 0;

    for (const struct sw_yaml *y = root->first; y != NULL; y = y->next) {
        const struct sw_yaml *holidays = sw_yaml_get(y, "holidays");
        const struct sw_yaml *workdays = sw_yaml_get(y, "workdays");

        n += (holidays == NULL ? 0 : holidays->count) + (workdays == NULL ? 0 : workdays->count);
    }
    return n;
}

const struct sw_calendar *sw_calendar_read(struct sw_arena *arena, const struct sw_yaml *root,
                                           struct sw_diag *diag)
{
    struct sw_calendar *c = SW_ARENA_ARRAY(arena, struct sw_calendar, 1);
    struct reading r = {.c = c, .diag = diag};

    c->begins = WORK_BEGINS;
    c->ends = WORK_ENDS;
    if (!sw_keys_read(&sw_calendar_keys, root, NULL, diag))
        return c;
    read_hours(&r, sw_yaml_get(root, "hours"));
    c->span = SW_ARENA_ARRAY(arena, struct span, entries_of(root) + 1);
    c->year = SW_ARENA_ARRAY(arena, int32_t, root->count + 1);
    for (const struct sw_yaml *y = root->first; y != NULL; y = y->next) {
        if (!sw_str_is(y->key, "hours"))
            read_year(&r, y);
    }
    qsort(c->span, c->n_spans, sizeof(*c->span), by_day);
    qsort(c->year, c->n_years, sizeof(*c->year), by_number);
    tell_overlaps(&r);
    return c;
}

void sw_calendar_hours(const struct sw_calendar *c, sw_time *from, sw_time *to)
{
    *from = (c == NULL ? WORK_BEGINS : c->begins) * 60 * SW_SECOND;
    *to = (c == NULL ? WORK_ENDS : c->ends) * 60 * SW_SECOND;
}

/* ---- asking ------------------------------------------------------------------------------- */

size_t sw_calendar_years(const struct sw_calendar *c, const int32_t **years)
{
    *years = c == NULL ? NULL : c->year;
    return c == NULL ? 0 : c->n_years;
}

bool sw_calendar_has(const struct sw_calendar *c, int32_t number)
{
    for (size_t i = 0; c != NULL && i < c->n_years; i++) {
        if (c->year[i] == number)
            return true;
    }
    return false;
}

int32_t sw_calendar_missing(const struct sw_calendar *c, sw_day today)
{
    struct sw_civil now = sw_civil_of(today);

    if (!sw_calendar_has(c, now.year))
        return now.year;
    return now.month >= 11 && !sw_calendar_has(c, now.year + 1) ? now.year + 1 : 0;
}

bool sw_calendar_is_working(const struct sw_calendar *c, sw_day day)
{
    size_t low = 0;
    size_t high = c == NULL ? 0 : c->n_spans;

    while (low < high) { /* to the first span that begins later */
        size_t middle = low + (high - low) / 2;

        if (c->span[middle].from <= day)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && day <= c->span[low - 1].to ? c->span[low - 1].works : !is_weekend(day);
}

sw_day sw_calendar_add(const struct sw_calendar *c, sw_day from, int32_t n)
{
    while (n > 0)
        n -= sw_calendar_is_working(c, ++from);
    return from;
}

int32_t sw_calendar_between(const struct sw_calendar *c, sw_day from, sw_day to)
{
    int32_t n = 0;

    while (from < to)
        n += sw_calendar_is_working(c, ++from);
    return n;
}

sw_time sw_day_end(const struct sw_zone *zone, sw_day day)
{
    return sw_zone_midnight(zone, day + 1) - SW_SECOND;
}
