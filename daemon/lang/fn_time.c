/* fn_time.c - instants and durations: texts, parts, sums.
 *
 * Instants are RFC 3339 with nanoseconds; durations are sums such as 1h30m, 1.5s, -100ms. The
 * parts of an instant are those of UTC, of a fixed offset ("+08:00", "02:00") or of a zone by
 * name, which the session's owner supplies. Dates (whole local days) have the same parts. */
#include "lang/native.h"
#include "lang/session.h"
#include <math.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/date.h>
#include <shouwang/base/i18n.h>

/* ---- reading --------------------------------------------------------------------------------- */

/* `n` digits at *at, moved behind them; -1 when they are not all there. */
static int64_t digits(struct sw_str s, size_t *at, size_t n)
{
    int64_t v = 0;

    for (size_t i = 0; i < n; i++, (*at)++) {
        if (*at >= s.n || s.p[*at] < '0' || s.p[*at] > '9')
            return -1;
        v = v * 10 + (s.p[*at] - '0');
    }
    return v;
}

static bool skip(struct sw_str s, size_t *at, char c)
{
    if (*at >= s.n || s.p[*at] != c)
        return false;
    (*at)++;
    return true;
}

/* ".5" as nanoseconds; digits beyond the ninth are cut. False: a point without digits. */
static bool fraction(struct sw_str s, size_t *at, int64_t *nanos)
{
    int64_t unit = 100000000;
    size_t first;

    *nanos = 0;
    if (!skip(s, at, '.'))
        return true;
    for (first = *at; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++) {
        *nanos += (s.p[*at] - '0') * unit;
        unit /= 10;
    }
    return *at > first;
}

/* "Z", "+08:00" as seconds east. */
static bool offset(struct sw_str s, size_t *at, int64_t *seconds)
{
    bool west = *at < s.n && s.p[*at] == '-';
    int64_t hours;
    int64_t minutes;

    *seconds = 0;
    if (skip(s, at, 'Z'))
        return true;
    if (!skip(s, at, '+') && !skip(s, at, '-'))
        return false;
    hours = digits(s, at, 2);
    if (!skip(s, at, ':'))
        return false;
    minutes = digits(s, at, 2);
    *seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
}

static struct sw_value parse_instant(struct sw_str s)
{
    static const char *const malformed = N_("this text is no timestamp");
    size_t at = 0;
    int64_t year = digits(s, &at, 4);
    bool shaped = skip(s, &at, '-');
    int64_t month = digits(s, &at, 2);
    int64_t day;
    int64_t hour;
    int64_t minute;
    int64_t second;
    int64_t nanos = 0;
    int64_t east = 0;

    shaped = skip(s, &at, '-') && shaped;
    day = digits(s, &at, 2);
    shaped = skip(s, &at, 'T') && shaped;
    hour = digits(s, &at, 2);
    shaped = skip(s, &at, ':') && shaped;
    minute = digits(s, &at, 2);
    shaped = skip(s, &at, ':') && shaped;
    second = digits(s, &at, 2);
    shaped = fraction(s, &at, &nanos) && offset(s, &at, &east) && at == s.n && shaped;
    if (!shaped || !sw_date_valid((int32_t)year, (int32_t)month, (int32_t)day) || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return sw_value_error(malformed);
    return sw_value_instant((int64_t)sw_day_of((int32_t)year, (int32_t)month, (int32_t)day) *
                                    86400 +
                                hour * 3600 + minute * 60 + second - east,
                            nanos);
}

static const struct {
    const char *name;
    int64_t nanos;
} units[] = {
    {"ns", 1},       {"us", 1000},      {"\xc2\xb5s", 1000},         {"\xce\xbcs", 1000},
    {"ms", 1000000}, {"s", 1000000000}, {"m", INT64_C(60000000000)}, {"h", INT64_C(3600000000000)},
};

/* The unit at *at, 0 when there is none. Longer names stand before their beginnings. */
static int64_t unit_at(struct sw_str s, size_t *at)
{
    for (size_t i = 0; i < SW_COUNTOF(units); i++) {
        if (sw_str_starts(sw_str_sub(s, *at, s.n), sw_str(units[i].name))) {
            *at += strlen(units[i].name);
            return units[i].nanos;
        }
    }
    return 0;
}

/* One "1.5h" added to *nanos; false when malformed or too large. */
static bool add_part(struct sw_str s, size_t *at, int64_t *nanos)
{
    int64_t whole = 0;
    int64_t part = 0;
    int64_t scale = 1;
    size_t first = *at;
    int64_t unit;

    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++) {
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_add_overflow(whole, s.p[*at] - '0', &whole))
            return false;
    }
    if (skip(s, at, '.')) {
        first++;
        for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++) {
            if (scale < INT64_C(100000000000000000)) {
                part = part * 10 + (s.p[*at] - '0');
                scale *= 10;
            }
        }
    }
    if (*at == first)
        return false;
    unit = unit_at(s, at);
    return unit != 0 && !__builtin_mul_overflow(whole, unit, &whole) &&
           !__builtin_add_overflow(whole, (int64_t)((double)part * ((double)unit / (double)scale)),
                                   &whole) &&
           !__builtin_add_overflow(*nanos, whole, nanos);
}

static struct sw_value parse_duration(struct sw_str s)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    size_t at = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
    int64_t nanos = 0;

    if (sw_str_is(sw_str_sub(s, at, s.n), "0"))
        return sw_value_span(0, 0);
    do {
        if (!add_part(s, &at, &nanos))
            return sw_value_error(N_("this text is no duration, or too long a one"));
    } while (at < s.n);
    return sw_value_span(0, negative ? -nanos : nanos);
}

struct sw_value sw_fn_timestamp(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    switch ((int)arg[0].kind) {
    case SW_KTIMESTAMP: return arg[0];
    case SW_KINT: return sw_value_instant(arg[0].i, 0);
    case SW_KSTRING: return parse_instant(sw_value_text(arg[0]));
    default: return sw_value_error(sw_no_overload);
    }
}

struct sw_value sw_fn_duration(struct native *c, const struct sw_value *arg, uint32_t n)
{
    (void)c;
    (void)n;
    switch ((int)arg[0].kind) {
    case SW_KDURATION: return arg[0];
    case SW_KINT: return sw_value_span(arg[0].i, 0);
    case SW_KSTRING: return parse_duration(sw_value_text(arg[0]));
    default: return sw_value_error(sw_no_overload);
    }
}

/* ---- writing --------------------------------------------------------------------------------- */

static void put_fraction(uint32_t nanos, struct sw_buf *out)
{
    char text[16];
    int n = 9;

    if (nanos == 0)
        return;
    snprintf(text, sizeof(text), "%09u", nanos);
    while (text[n - 1] == '0')
        n--;
    sw_buf_printf(out, ".%.*s", n, text);
}

static void put_duration(struct sw_value v, struct sw_buf *out)
{
    int64_t seconds = v.i;
    uint32_t nanos = v.n;

    if (seconds < 0) {
        sw_buf_char(out, '-');
        seconds = -seconds - (nanos > 0);
        nanos = nanos > 0 ? 1000000000 - nanos : 0;
    }
    sw_buf_printf(out, "%lld", (long long)seconds);
    put_fraction(nanos, out);
    sw_buf_char(out, 's');
}

void sw_time_put(struct sw_value v, struct sw_buf *out)
{
    sw_day day = (sw_day)sw_floor_div(v.i, 86400);
    int second = (int)(v.i - (int64_t)day * 86400);
    char date[SW_DATE_SIZE];

    if (v.kind == SW_KDURATION) {
        put_duration(v, out);
        return;
    }
    sw_buf_printf(out, "%sT%02d:%02d:%02d", sw_date_format(day, date), second / 3600,
                  second / 60 % 60, second % 60);
    put_fraction(v.n, out);
    sw_buf_char(out, 'Z');
}

/* ---- sums ------------------------------------------------------------------------------------ */

/* A date moved by a whole number of days. */
static struct sw_value move_date(int64_t day, struct sw_value by, int sign)
{
    int64_t days = by.i / 86400;

    if (by.n != 0 || by.i % 86400 != 0)
        return sw_value_error(N_("a date moves by whole days only; write days(n)"));
    day += sign * days;
    if (day < -1000000 || day > 3000000)
        return sw_value_error(N_("date out of range"));
    return sw_value_date((sw_day)day);
}

struct sw_value sw_time_add(struct sw_value a, struct sw_value b)
{
    int64_t seconds;

    switch (SW_PAIR(a.kind, b.kind)) {
    case SW_PAIR(SW_KDATE, SW_KDURATION): return move_date(a.i, b, 1);
    case SW_PAIR(SW_KDURATION, SW_KDATE): return move_date(b.i, a, 1);
    case SW_PAIR(SW_KTIMESTAMP, SW_KDURATION):
    case SW_PAIR(SW_KDURATION, SW_KTIMESTAMP):
        return sw_value_instant(a.i + b.i, (int64_t)a.n + b.n);
    case SW_PAIR(SW_KDURATION, SW_KDURATION):
        seconds = a.i + b.i;
        return sw_value_span(seconds, (int64_t)a.n + b.n);
    default: return sw_value_error(sw_no_overload);
    }
}

struct sw_value sw_time_sub(struct sw_value a, struct sw_value b)
{
    switch (SW_PAIR(a.kind, b.kind)) {
    case SW_PAIR(SW_KDATE, SW_KDATE): return sw_value_days(a.i - b.i);
    case SW_PAIR(SW_KDATE, SW_KDURATION): return move_date(a.i, b, -1);
    case SW_PAIR(SW_KTIMESTAMP, SW_KDURATION):
        return sw_value_instant(a.i - b.i, (int64_t)a.n - b.n);
    case SW_PAIR(SW_KTIMESTAMP, SW_KTIMESTAMP):
    case SW_PAIR(SW_KDURATION, SW_KDURATION): return sw_value_span(a.i - b.i, (int64_t)a.n - b.n);
    default: return sw_value_error(sw_no_overload);
    }
}

/* ---- parts ----------------------------------------------------------------------------------- */

/* "02:00", "+08:00", "-09:30" as seconds east. */
static bool fixed_offset(struct sw_str s, int64_t *east)
{
    bool west = s.n > 0 && s.p[0] == '-';
    size_t at = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
    int64_t hours = digits(s, &at, 2);
    int64_t minutes;

    if (hours < 0 || !skip(s, &at, ':'))
        return false;
    minutes = digits(s, &at, 2);
    *east = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return minutes >= 0 && minutes < 60 && hours < 24 && at == s.n;
}

static bool zone_offset(const struct native *c, struct sw_str name, int64_t seconds, int64_t *east)
{
    const struct sw_zone *zone;

    *east = 0;
    if (name.n == 0 || sw_str_is(name, "UTC") || fixed_offset(name, east))
        return true;
    zone = sw_session_zone(c->lang, name);
    if (zone != NULL)
        *east = sw_zone_offset(zone, seconds * SW_SECOND);
    return zone != NULL;
}

struct parts {
    struct sw_civil civil;
    sw_day day;
    int64_t second; /* of the day */
    uint32_t nanos;
    const char *fault;
};

static struct parts parts_of(const struct native *c, const struct sw_value *arg, uint32_t n)
{
    struct parts p = {.fault = sw_no_overload};
    int64_t seconds = arg[0].i;
    int64_t east = 0;

    if (arg[0].kind == SW_KDATE && n == 1) {
        p.day = (sw_day)arg[0].i;
        p.fault = NULL;
    } else if (arg[0].kind == SW_KTIMESTAMP && (n == 1 || arg[1].kind == SW_KSTRING)) {
        p.fault = n == 1 || zone_offset(c, sw_value_text(arg[1]), seconds, &east)
                      ? NULL
                      : N_("no such time zone");
        seconds += east;
        p.day = (sw_day)sw_floor_div(seconds, 86400);
        p.second = seconds - (int64_t)p.day * 86400;
        p.nanos = arg[0].n;
    }
    p.civil = sw_civil_of(p.day);
    return p;
}

static struct sw_value part(const struct parts *p, int64_t value)
{
    return p->fault != NULL ? sw_value_error(p->fault) : sw_value_int(value);
}

#define PART(name, expression)                                                                     \
    struct sw_value name(struct native *c, const struct sw_value *arg, uint32_t n)                 \
    {                                                                                              \
        struct parts p = parts_of(c, arg, n);                                                      \
                                                                                                   \
        return part(&p, (expression));                                                             \
    }

PART(sw_fn_year, p.civil.year)
PART(sw_fn_month, p.civil.month - 1)
PART(sw_fn_day_of_month, p.civil.day - 1)
PART(sw_fn_date_of_month, p.civil.day)
PART(sw_fn_day_of_week, sw_weekday(p.day))
PART(sw_fn_day_of_year, p.day - sw_day_of(p.civil.year, 1, 1))

/* Of a duration the whole of it in that unit, cut towards zero. */
#define PART_OR_SPAN(name, of_instant, of_span)                                                    \
    struct sw_value name(struct native *c, const struct sw_value *arg, uint32_t n)                 \
    {                                                                                              \
        struct parts p = parts_of(c, arg, n);                                                      \
        int64_t seconds = arg[0].i + (arg[0].i < 0 && arg[0].n > 0);                               \
        int64_t nanos = (int64_t)arg[0].n - (arg[0].i < 0 && arg[0].n > 0 ? 1000000000 : 0);       \
                                                                                                   \
        (void)nanos;                                                                               \
        (void)seconds;                                                                             \
        if (arg[0].kind == SW_KDURATION && n == 1)                                                 \
            return sw_value_int(of_span);                                                          \
        return part(&p, (of_instant));                                                             \
    }

PART_OR_SPAN(sw_fn_hours, p.second / 3600, seconds / 3600)
PART_OR_SPAN(sw_fn_minutes, p.second / 60 % 60, seconds / 60)
PART_OR_SPAN(sw_fn_seconds, p.second % 60, seconds)
PART_OR_SPAN(sw_fn_milliseconds, p.nanos / 1000000, nanos / 1000000)
