/* Working days: the shipped calendar against instants counted by hand from the notices, and what is
 * found wrong in a calendar. */
#include "../tap.h"
#include <shouwang/base/file.h>
#include <shouwang/model/calendar.h>

struct shipped {
    struct sw_arena arena;
    const struct sw_calendar *c;
    struct sw_zone *zone;
};

static void load_shipped(struct shipped *s)
{
    struct sw_buf text = {0};
    struct sw_diag diag = {0};
    struct sw_err err;

    if (sw_file_read("rules/calendar.yaml", 1 << 20, &text, &err) != SW_OK ||
        sw_zone_load(&s->zone, SW_STR("Asia/Shanghai"), &err) != SW_OK)
        exit(printf("Bail out! %s\n", err.text));
    s->c = sw_calendar_read(
        &s->arena, sw_yaml_parse(&s->arena, SW_STR("c"), sw_buf_view(&text), &diag), &diag);
    is_int_named((int64_t)(diag.errors + diag.warnings), 0, "the shipped calendar has no findings");
    sw_diag_free(&diag);
    sw_buf_free(&text);
}

/* ---- deadlines ---------------------------------------------------------------------------- */

static const struct {
    const char *from;
    int32_t days;
    const char *due, *what;
} deadlines[] = {
    {"2024-09-27T10:00:00+08:00", 10, "2024-10-16T23:59:59+08:00",
     "over National Day 2024: Sun 29 Sep and Sat 12 Oct are worked, 1 to 7 Oct are not"},
    {"2024-09-27T10:00:00+08:00", 1, "2024-09-29T23:59:59+08:00", "due on a worked Sunday"},
    {"2024-09-30T16:00:00+08:00", 1, "2024-10-08T23:59:59+08:00", "the eve of the holidays"},
    {"2024-10-03T12:00:00+08:00", 1, "2024-10-08T23:59:59+08:00", "within them"},
    {"2025-09-26T12:00:00+08:00", 5, "2025-10-10T23:59:59+08:00",
     "National Day and Mid-Autumn 2025 together: eight days"},
    {"2025-01-24T09:00:00+08:00", 5, "2025-02-07T23:59:59+08:00", "over Spring Festival 2025"},
    {"2025-01-24T09:00:00+08:00", 6, "2025-02-08T23:59:59+08:00", "its second worked weekend day"},
    {"2026-02-13T09:00:00+08:00", 3, "2026-02-25T23:59:59+08:00", "over Spring Festival 2026"},
    {"2026-11-23T23:59:00+08:00", 1, "2026-11-24T23:59:59+08:00", "a minute before midnight"},
    {"2026-11-24T00:01:00+08:00", 1, "2026-11-25T23:59:59+08:00", "two minutes later"},
    {"2026-11-20T23:59:59+08:00", 1, "2026-11-23T23:59:59+08:00", "Friday night"},
    {"2026-11-21T00:00:00+08:00", 1, "2026-11-23T23:59:59+08:00", "Saturday morning"},
    {"2026-11-20T16:30:00Z", 5, "2026-11-27T23:59:59+08:00", "it is Saturday there already"},
    {"2024-02-28T08:00:00+08:00", 1, "2024-02-29T23:59:59+08:00", "due on 29 February"},
    {"2024-02-29T08:00:00+08:00", 1, "2024-03-01T23:59:59+08:00", "from 29 February"},
    {"2028-02-28T08:00:00+08:00", 2, "2028-03-01T23:59:59+08:00",
     "29 February of a year without data"},
    {"2026-12-31T08:00:00+08:00", 1, "2027-01-01T23:59:59+08:00",
     "a year without data is Monday to Friday, holidays too"},
    {"2027-10-01T08:00:00+08:00", 5, "2027-10-08T23:59:59+08:00", "National Day without data"},
    {"2025-12-31T08:00:00+08:00", 1, "2026-01-04T23:59:59+08:00", "New Year 2026"},
};

static void test_deadlines(const struct shipped *s)
{
    for (size_t i = 0; i < SW_COUNTOF(deadlines); i++) {
        char text[SW_RFC3339_SIZE];
        sw_time from;
        sw_time due;
        sw_day first;
        sw_day last;

        sw_rfc3339_parse(sw_str(deadlines[i].from), &from);
        first = sw_zone_day(s->zone, from);
        last = sw_calendar_add(s->c, first, deadlines[i].days);
        due = sw_day_end(s->zone, last);
        is_str_named(sw_str(sw_rfc3339_format(due, sw_zone_offset(s->zone, due), text)),
                     deadlines[i].due, deadlines[i].what);
        is_int_named(sw_calendar_between(s->c, first, last), deadlines[i].days,
                     "counted back, as many");
    }
    is_int_named(sw_calendar_between(s->c, sw_day_of(2024, 9, 30), sw_day_of(2024, 10, 7)), 0,
                 "no working day in a holiday week");
    is_int_named(sw_calendar_between(s->c, sw_day_of(2024, 10, 8), sw_day_of(2024, 10, 7)), 0,
                 "nor backwards");
    is_int_named(sw_calendar_between(s->c, sw_day_of(2023, 12, 31), sw_day_of(2024, 12, 31)), 251,
                 "2024 has 251 working days");
    is_int_named(sw_calendar_between(s->c, sw_day_of(2024, 12, 31), sw_day_of(2025, 12, 31)), 248,
                 "2025 has 248");
    is_int_named(sw_calendar_between(s->c, sw_day_of(2025, 12, 31), sw_day_of(2026, 12, 31)), 248,
                 "2026 has 248");
    is_int_named(sw_calendar_add(NULL, sw_day_of(2024, 9, 30), 1), sw_day_of(2024, 10, 1),
                 "without a calendar: Monday to Friday");
}

/* ---- working time ------------------------------------------------------------------------- */

/* So many minutes of work after an instant: counted by hand, 8:30 to 17:30, nine hours a day. */
static const struct {
    const char *from;
    int32_t minutes;
    const char *then, *what;
} works[] = {
    {"2026-03-02T09:00:00+08:00", 60, "2026-03-02T10:00:00+08:00", "within a day"},
    {"2026-03-02T09:00:00+08:00", 510, "2026-03-02T17:30:00+08:00", "to its very end"},
    {"2026-03-02T09:00:00+08:00", 511, "2026-03-03T08:31:00+08:00", "a minute more"},
    {"2026-03-02T23:59:00+08:00", 1, "2026-03-03T08:31:00+08:00", "a minute before midnight"},
    {"2026-03-03T00:01:00+08:00", 1, "2026-03-03T08:31:00+08:00", "a minute after it"},
    {"2026-03-02T17:30:00+08:00", 0, "2026-03-03T08:30:00+08:00", "no work left: next morning"},
    {"2026-03-02T12:00:00+08:00", 0, "2026-03-02T12:00:00+08:00", "at work: now"},
    {"2026-02-12T09:00:00+08:00", 1980, "2026-02-24T15:00:00+08:00",
     "Spring Festival 2026: Thu 510, Fri 540, Sat 14 Feb (worked) 540, then Tue 24"},
    {"2024-09-27T10:00:00+08:00", 2430, "2024-10-09T14:30:00+08:00",
     "National Day 2024: Fri 450, worked Sun 29 and Mon 30 540 each, then 8 and 9 October"},
    {"2026-10-07T12:00:00+08:00", 1, "2026-10-08T08:31:00+08:00", "the last day of a holiday"},
    {"2027-10-01T08:00:00+08:00", 540, "2027-10-01T17:30:00+08:00",
     "a year without data: a holiday is a Friday like any other"},
};

static void test_work(const struct shipped *s)
{
    sw_time from;
    sw_time then;
    char text[SW_RFC3339_SIZE];

    for (size_t i = 0; i < SW_COUNTOF(works); i++) {
        sw_rfc3339_parse(sw_str(works[i].from), &from);
        then = sw_work_add(s->c, s->zone, from, works[i].minutes * 60 * SW_SECOND);
        is_str_named(sw_str(sw_rfc3339_format(then, sw_zone_offset(s->zone, then), text)),
                     works[i].then, works[i].what);
        is_int_named(sw_work_between(s->c, s->zone, from, then) / (60 * SW_SECOND),
                     works[i].minutes, "counted back, as much");
    }
    is_int_named(sw_work_between(s->c, s->zone, then, from), 0, "nor backwards");
    is_int_named(sw_work_add(NULL, NULL, 0, 1), (8 * 60 + 30) * 60 * SW_SECOND + 1,
                 "without a calendar, 1 January 1970 was a Thursday");
}

static void test_years(const struct shipped *s)
{
    const int32_t *years;
    size_t n = sw_calendar_years(s->c, &years);

    ok(n >= 3 && years[0] == 2024 && years[1] == 2025 && years[2] == 2026);
    ok(!sw_calendar_has(s->c, 2023));
    is_int(sw_calendar_missing(s->c, sw_day_of(2025, 12, 1)), 0);
    is_int_named(sw_calendar_missing(s->c, sw_day_of(2023, 10, 31)), 2023, "this year");
    is_int(sw_calendar_missing(NULL, sw_day_of(2026, 5, 1)), 2026);
    is_int(sw_calendar_years(NULL, &years), 0);
}

/* Years that are not in the shipped file one day will be. */
static void test_next_year(void)
{
    static const char text[] = "2026: {holidays: [{name: 元旦, from: 2026-01-01}]}\n";
    struct sw_arena arena = {0};
    struct sw_diag diag = {0};
    const struct sw_calendar *c =
        sw_calendar_read(&arena, sw_yaml_parse(&arena, SW_STR("c"), sw_str(text), &diag), &diag);

    is_int_named(sw_calendar_missing(c, sw_day_of(2026, 10, 31)), 0, "next year is not announced");
    is_int_named(sw_calendar_missing(c, sw_day_of(2026, 11, 1)), 2027, "now it is");
    is_int_named(sw_calendar_missing(c, sw_day_of(2026, 12, 31)), 2027, "and still");
    is_int_named(sw_calendar_missing(c, sw_day_of(2027, 1, 1)), 2027, "and then it is this year");
    sw_diag_free(&diag);
    sw_arena_free(&arena);
}

/* ---- findings ----------------------------------------------------------------------------- */

#define DAY "{name: 元旦, from: 2026-01-01}"

static const struct {
    const char *text, *finding;
} mistakes[] = {
    {"2026: {holidays: [" DAY "]}\n", ""},
    {"hours: {from: '09:00', to: '17:00'}\n2026: {holidays: [" DAY "]}\n", ""},
    {"hours: {from: '17:00', to: '09:00'}\n", "c:1:8: error: work ends before it begins"},
    {"hours: {from: '9 Uhr', to: '17:00'}\n",
     "c:1:15: error: from: expected a time of the day like 08:30, got \"9 Uhr\""},
    {"2023: {holidays: [{name: 元旦, from: 2022-12-31, to: 2023-01-02}]}\n", ""},
    {"2019: {holidays: [{name: 元旦, from: 2018-12-30, to: 2019-01-01}], workdays: "
     "[2018-12-29]}\n",
     ""},
    {"2026: {holidays: [" DAY ", {name: 春节, from: 2025-02-15, to: 2026-02-23}]}\n",
     "c:1:49: error: 2025-02-15 is no day of 2026"},
    {"2026: {holidays: [" DAY ", {name: 春节, from: 2026-02-15, to: 2027-02-23}]}\n",
     "c:1:49: error: 2027-02-23 is no day of 2026"},
    {"2026: {holidays: [" DAY ", {name: 春节, from: 2026-02-23, to: 2026-02-15}]}\n",
     "c:1:49: error: 春节 ends before it begins"},
    {"2026: {holidays: [{name: 春节, from: 2026-02-15, to: 2026-03-23}]}\n",
     "c:1:19: warning: 春节 is 37 days long; compare it with the notice"},
    {"2026:\n  holidays:\n    - {name: 国庆节, from: 2026-10-01, to: 2026-10-07}\n"
     "    - {name: 中秋节, from: 2026-10-06, to: 2026-10-08}\n",
     "c:4:7: error: 2026-10-06 is said to be off or worked in line 3 too"},
    {"2026:\n  holidays:\n    - {name: 国庆节, from: 2026-10-01, to: 2026-10-07}\n"
     "  workdays: [2026-10-04]\n",
     "c:4:14: error: 2026-10-04 is said to be off or worked in line 3 too"},
    {"2026:\n  holidays: [" DAY "]\n  workdays:\n    - 2026-01-04\n    - 2026-01-04\n",
     "c:5:7: error: 2026-01-04 is said to be off or worked in line 4 too"},
    {"2026: {holidays: [" DAY "], workdays: [2026-01-05]}\n",
     "c:1:61: error: 2026-01-05 is no Saturday or Sunday: it is worked anyway"},
    {"2026: {holidays: [" DAY "], workdays: [2025-01-04]}\n",
     "c:1:61: error: 2025-01-04 is no day of 2026"},
    {"2026: {holidays: []}\n",
     "c:1:1: error: 2026: expected a year from 1950 to 2199 with its holidays; leave out a year "
     "that is not announced yet"},
    {"0001: {holidays: [" DAY "]}\n",
     "c:1:1: error: 0001: expected a year from 1950 to 2199 with its holidays; leave out a year "
     "that is not announced yet"},
    {"next: {holidays: [" DAY "]}\n", "c:1:1: error: next: expected a year such as 2026"},
    {"2026: {holiday: [" DAY "]}\n",
     "c:1:1: error: 2026: holidays is missing (public holidays, from day to day, weekends among "
     "them)"},
    {"2026: {holidays: [" DAY "], workday: [2026-01-04]}\n",
     "c:1:50: error: unknown key workday; did you mean workdays?"},
};

static void test_mistakes(void)
{
    for (size_t i = 0; i < SW_COUNTOF(mistakes); i++) {
        struct sw_arena arena = {0};
        struct sw_diag diag = {0};
        struct sw_buf out = {0};
        struct sw_str rest;
        struct sw_str line = {NULL, 0};

        sw_calendar_read(
            &arena, sw_yaml_parse(&arena, SW_STR("c"), sw_str(mistakes[i].text), &diag), &diag);
        sw_diag_format(&diag, &out);
        rest = sw_buf_view(&out);
        if (rest.n > 0)
            sw_str_split(&rest, '\n', &line);
        is_str_named(line, mistakes[i].finding,
                     mistakes[i].finding[0] == '\0' ? "a year as announced" : mistakes[i].finding);
        sw_buf_free(&out);
        sw_diag_free(&diag);
        sw_arena_free(&arena);
    }
}

int main(void)
{
    struct shipped s = {.c = NULL};

    load_shipped(&s);
    test_deadlines(&s);
    test_work(&s);
    test_years(&s);
    test_next_year();
    test_mistakes();
    sw_zone_free(s.zone);
    sw_arena_free(&s.arena);
    return done_testing();
}
