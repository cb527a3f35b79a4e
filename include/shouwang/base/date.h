/* date.h - civil days, instants and their texts. Pure arithmetic, proleptic Gregorian calendar.
 * Layer: base. Source of the day algorithms: H. Hinnant, "chrono-compatible low-level date
 * algorithms". */
#ifndef SHOUWANG_BASE_DATE_H
#define SHOUWANG_BASE_DATE_H

#include <shouwang/base/str.h>

struct sw_civil {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};

sw_day sw_day_of(int32_t year, int32_t month, int32_t day); /* arguments in range */
struct sw_civil sw_civil_of(sw_day day);
/* 0 = Sunday … 6 = Saturday. */
int sw_weekday(sw_day day);
bool sw_date_valid(int32_t year, int32_t month, int32_t day);

/* "2024-02-29", exactly ten characters, a day that exists, year 0001..9999. */
bool sw_date_parse(struct sw_str s, sw_day *out);
/* Writes "2024-02-29" and a NUL; returns `out`. Years outside 0..9999 get more digits. */
#define SW_DATE_SIZE 16
char *sw_date_format(sw_day day, char out[SW_DATE_SIZE]);

/* RFC 3339: "2024-02-29T08:30:00.5+08:00", "…Z"; 'T' and 'Z' may be lower case, a space may stand
 * for 'T', a leap second :60 counts as :59. Fractions beyond the µs are cut. */
bool sw_rfc3339_parse(struct sw_str s, sw_time *out);
/* Writes the instant shifted by `offset` seconds east of UTC: "2024-02-29T16:30:00+08:00", with
 * ".123456" only when it is not zero, "Z" for offset 0. */
#define SW_RFC3339_SIZE 48
char *sw_rfc3339_format(sw_time t, int32_t offset, char out[SW_RFC3339_SIZE]);

/* "90s" "5m" "1h30m" "7d" "2w" "1y" (365 d) after Prometheus, and "250ms". False if malformed or
 * too large. */
bool sw_duration_parse(struct sw_str s, sw_time *out);

/* Floor division for instants before 1970. */
static inline int64_t sw_floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;

    return q - (a % b != 0 && (a < 0) != (b < 0));
}

#endif
