/* date.c - civil days, instants and their texts. */
#include <shouwang/base/date.h>
#include <stdio.h>

sw_day sw_day_of(int32_t year, int32_t month, int32_t day)
{
    /* Years begin in March here, so that the leap day is the last of its year. */
    int32_t y = year - (month <= 2);
    int32_t era = (int32_t)sw_floor_div(y, 400);
    int32_t of_era = y - era * 400;
    int32_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct sw_civil sw_civil_of(sw_day day)
{
    int32_t z = day + 719468;
    int32_t era = (int32_t)sw_floor_div(z, 146097);
    int32_t doe = z - era * 146097;
    int32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int32_t mp = (5 * doy + 2) / 153;
    int32_t month = mp < 10 ? mp + 3 : mp - 9;

    return (struct sw_civil){yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) / 5 + 1};
}

int sw_weekday(sw_day day)
{
    return (int)(day + 4 - 7 * sw_floor_div(day + 4, 7));
}

bool sw_date_valid(int32_t year, int32_t month, int32_t day)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    return day <= days[month - 1] + (month == 2 && leap);
}

/* `n` decimal digits at s.p[at]; -1 when they are not all there. */
static int32_t digits(struct sw_str s, size_t at, size_t n)
{
    int32_t value = 0;

    if (at + n > s.n)
        return -1;
    for (size_t i = at; i < at + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return -1;
        value = value * 10 + (s.p[i] - '0');
    }
    return value;
}

static bool is_at(struct sw_str s, size_t at, char c)
{
    return at < s.n && s.p[at] == c;
}

bool sw_date_parse(struct sw_str s, sw_day *out)
{
    int32_t year = digits(s, 0, 4);
    int32_t month = digits(s, 5, 2);
    int32_t day = digits(s, 8, 2);

    if (s.n != 10 || !is_at(s, 4, '-') || !is_at(s, 7, '-') || !sw_date_valid(year, month, day))
        return false;
    *out = sw_day_of(year, month, day);
    return true;
}

char *sw_date_format(sw_day day, char out[SW_DATE_SIZE])
{
    struct sw_civil c = sw_civil_of(day);

    snprintf(out, SW_DATE_SIZE, "%04d-%02d-%02d", (int)c.year, (int)c.month, (int)c.day);
    return out;
}

/* ".5" at *at as µs, digits beyond the sixth skipped; false when the point has no digit. */
static bool parse_fraction(struct sw_str s, size_t *at, int64_t *micros)
{
    int64_t unit = 100000;
    size_t start = *at + 1;

    *micros = 0;
    if (!is_at(s, *at, '.'))
        return true;
    for (*at = start; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++) {
        *micros += (s.p[*at] - '0') * unit;
        unit /= 10;
    }
    return *at > start;
}

/* "Z" or "+08:00" up to the end, as seconds east. */
static bool parse_offset(struct sw_str s, size_t at, int32_t *seconds)
{
    int32_t hours = digits(s, at + 1, 2);
    int32_t minutes = digits(s, at + 4, 2);

    *seconds = 0;
    if (is_at(s, at, 'Z') || is_at(s, at, 'z'))
        return s.n == at + 1;
    if (s.n != at + 6 || !is_at(s, at + 3, ':') || hours < 0 || hours > 23 || minutes < 0 ||
        minutes > 59)
        return false;
    *seconds = hours * 3600 + minutes * 60;
    if (is_at(s, at, '-'))
        *seconds = -*seconds;
    return is_at(s, at, '-') || is_at(s, at, '+');
}

bool sw_rfc3339_parse(struct sw_str s, sw_time *out)
{
    sw_day day;
    int32_t hour = digits(s, 11, 2);
    int32_t minute = digits(s, 14, 2);
    int32_t second = digits(s, 17, 2);
    int32_t offset;
    int64_t micros;
    size_t at = 19;

    if (s.n < 20 || !sw_date_parse(sw_str_sub(s, 0, 10), &day))
        return false;
    if (s.p[10] != 'T' && s.p[10] != 't' && s.p[10] != ' ')
        return false;
    if (!is_at(s, 13, ':') || !is_at(s, 16, ':') || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 60)
        return false;
    if (!parse_fraction(s, &at, &micros) || !parse_offset(s, at, &offset))
        return false;
    if (second == 60)
        second = 59;
    *out =
        ((int64_t)day * 86400 + hour * 3600 + minute * 60 + second - offset) * SW_SECOND + micros;
    return true;
}

char *sw_rfc3339_format(sw_time t, int32_t offset, char out[SW_RFC3339_SIZE])
{
    int64_t seconds = sw_floor_div(t, SW_SECOND) + offset;
    int64_t micros = t - sw_floor_div(t, SW_SECOND) * SW_SECOND;
    int64_t day = sw_floor_div(seconds, 86400);
    int of_day = (int)(seconds - day * 86400);
    int east = offset < 0 ? -offset : offset;
    char date[SW_DATE_SIZE];
    char fraction[16] = "";
    char zone[8] = "Z";

    if (micros != 0)
        snprintf(fraction, sizeof(fraction), ".%06d", (int)micros % 1000000);
    if (offset != 0)
        snprintf(zone, sizeof(zone), "%c%02d:%02d", offset < 0 ? '-' : '+', east / 3600 % 100,
                 east / 60 % 60);
    snprintf(out, SW_RFC3339_SIZE, "%sT%02d:%02d:%02d%s%s", sw_date_format((sw_day)day, date),
             of_day / 3600, of_day / 60 % 60, of_day % 60, fraction, zone);
    return out;
}

bool sw_duration_parse(struct sw_str s, sw_time *out)
{
    static const struct {
        const char *name;
        sw_time value;
    } units[] = {
        {"y", 365 * 86400 * SW_SECOND},
        {"w", 7 * 86400 * SW_SECOND},
        {"d", 86400 * SW_SECOND},
        {"h", 3600 * SW_SECOND},
        {"ms", SW_SECOND / 1000},
        {"m", 60 * SW_SECOND},
        {"s", SW_SECOND},
    };
    sw_time total = 0;
    size_t at = 0;

    while (at < s.n) {
        int64_t count = 0;
        sw_time part;
        size_t start = at;
        size_t u = 0;

        while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9' && at - start < 15)
            count = count * 10 + (s.p[at++] - '0');
        while (u < SW_COUNTOF(units) &&
               !sw_str_starts(sw_str_sub(s, at, s.n), sw_str(units[u].name)))
            u++;
        if (at == start || u == SW_COUNTOF(units) ||
            __builtin_mul_overflow(count, units[u].value, &part) ||
            __builtin_add_overflow(total, part, &total))
            return false;
        at += strlen(units[u].name);
    }
    *out = total;
    return s.n > 0;
}
