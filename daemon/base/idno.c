/* idno.c - identity numbers: region 6, day of birth 8 (6 in the old ones), sequence 3, check 1.
 * The check character is ISO 7064 MOD 11-2. */
#include <shouwang/base/idno.h>
#include <stdio.h>

enum { OLD = 15, WHOLE = 18, DIGITS = 17 };

char sw_idno_check(const char digits[17])
{
    static const char check[] = "10X98765432";
    static const int weight[DIGITS] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;

    for (int i = 0; i < DIGITS; i++)
        sum += (digits[i] - '0') * weight[i];
    return check[sum % 11];
}

static int number(const char *p, int n)
{
    int v = 0;

    for (int i = 0; i < n; i++)
        v = v * 10 + (p[i] - '0');
    return v;
}

/* Provinces, and those from outside who have a number of this kind. */
static bool is_region(int two)
{
    static const unsigned char known[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34,
                                          35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
                                          53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91};

    for (size_t i = 0; i < SW_COUNTOF(known); i++) {
        if (two == known[i])
            return true;
    }
    return false;
}

static bool all_digits(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
    }
    return true;
}

/* 15 digits have two of the year; 996 to 999 were kept for those born before 1900. */
static void lengthen(const char *old, char out[SW_IDNO_SIZE])
{
    bool before_1900 = number(old + 12, 3) >= 996;

    snprintf(out, SW_IDNO_SIZE, "%.6s%s%.9s", old, before_1900 ? "18" : "19", old + 6);
    out[DIGITS] = sw_idno_check(out);
    out[WHOLE] = '\0';
}

enum sw_idno_fault sw_idno_read(struct sw_str s, sw_day today, char out[SW_IDNO_SIZE])
{
    int year;
    int month;
    int day;

    if (s.n == OLD && all_digits(s.p, OLD)) {
        lengthen(s.p, out);
    } else if (s.n == WHOLE && all_digits(s.p, DIGITS) &&
               (all_digits(s.p + DIGITS, 1) || s.p[DIGITS] == 'X' || s.p[DIGITS] == 'x')) {
        memcpy(out, s.p, WHOLE);
        out[WHOLE] = '\0';
        if (out[DIGITS] == 'x')
            out[DIGITS] = 'X';
    } else {
        return SW_IDNO_LENGTH;
    }
    year = number(out + 6, 4);
    month = number(out + 10, 2);
    day = number(out + 12, 2);
    if (!is_region(number(out, 2)))
        return SW_IDNO_REGION;
    if (year < 1800 || !sw_date_valid(year, month, day) || sw_day_of(year, month, day) > today)
        return SW_IDNO_DATE;
    if (number(out + 14, 3) == 0)
        return SW_IDNO_SEQUENCE;
    return out[DIGITS] == sw_idno_check(out) ? SW_IDNO_GOOD : SW_IDNO_CHECK;
}

sw_day sw_idno_birth(const char n[SW_IDNO_SIZE])
{
    return sw_day_of(number(n + 6, 4), number(n + 10, 2), number(n + 12, 2));
}
