/* number.c - texts to numbers and back, exactly. */
#include <math.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>
#include <shouwang/base/utf8.h>
#include <stdio.h>
#include <stdlib.h>

/* The JSON number grammar: -?int frac? exp?, split into its parts. */
struct decimal {
    bool negative;
    struct sw_str whole, fraction;
    int64_t exponent;
};

static struct sw_str take_digits(struct sw_str *s)
{
    size_t n = 0;
    struct sw_str run;

    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
        n++;
    run = sw_str_sub(*s, 0, n);
    *s = sw_str_sub(*s, n, s->n);
    return run;
}

static bool take_char(struct sw_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = sw_str_sub(*s, 1, s->n);
    return true;
}

static bool parse_decimal(struct sw_str s, struct decimal *d)
{
    *d = (struct decimal){.negative = take_char(&s, '-')};
    d->whole = take_digits(&s);
    if (d->whole.n == 0 || (d->whole.n > 1 && d->whole.p[0] == '0'))
        return false;
    if (take_char(&s, '.')) {
        d->fraction = take_digits(&s);
        if (d->fraction.n == 0)
            return false;
    }
    if (take_char(&s, 'e') || take_char(&s, 'E')) {
        bool negative = take_char(&s, '-');
        struct sw_str digits;

        if (!negative)
            take_char(&s, '+');
        digits = take_digits(&s);
        if (digits.n > 9 || !sw_str_int(digits, &d->exponent))
            return false;
        if (negative)
            d->exponent = -d->exponent;
    }
    return s.n == 0;
}

bool sw_fen_parse(struct sw_str s, int64_t *fen)
{
    const int64_t limit = INT64_C(90000000000000000);
    struct decimal d;
    int64_t value = 0;
    int64_t place; /* of the digit in hand: 1 = fen, 3 = yuan; 0 and below: parts of a fen */

    if (s.n > 64 || !parse_decimal(s, &d))
        return false;
    place = (int64_t)d.whole.n + d.exponent + 2;
    for (size_t i = 0; i < d.whole.n + d.fraction.n; i++, place--) {
        int digit = (i < d.whole.n ? d.whole.p[i] : d.fraction.p[i - d.whole.n]) - '0';

        if (place <= 0 && digit != 0)
            return false;
        if (place <= 0)
            continue;
        if (value > limit / 10 - 1)
            return false;
        value = value * 10 + digit;
    }
    for (; place > 0 && value != 0; place--) {
        if (value > limit / 10)
            return false;
        value *= 10;
    }
    *fen = d.negative ? -value : value;
    return true;
}

char *sw_fen_format(int64_t fen, char out[SW_FEN_SIZE])
{
    uint64_t size = fen < 0 ? -(uint64_t)fen : (uint64_t)fen;
    int cents = (int)(size % 100);
    int n =
        snprintf(out, SW_FEN_SIZE, "%s%llu", fen < 0 ? "-" : "", (unsigned long long)(size / 100));

    if (cents % 10 != 0)
        snprintf(out + n, SW_FEN_SIZE - (size_t)n, ".%02d", cents);
    else if (cents != 0)
        snprintf(out + n, SW_FEN_SIZE - (size_t)n, ".%d", cents / 10);
    return out;
}

bool sw_double_parse(struct sw_str s, double *out)
{
    struct decimal d;
    char small[64];
    char *text = s.n < sizeof(small) ? small : sw_str_dup(s);
    double value;

    if (text == small && s.n > 0)
        memcpy(small, s.p, s.n);
    text[s.n] = '\0';
    /* The programs set LC_NUMERIC to C and keep it (sw_i18n_init), so '.' is the point. */
    value = parse_decimal(s, &d) ? strtod(text, NULL) : NAN;
    if (text != small)
        free(text);
    if (!isfinite(value))
        return false;
    *out = value;
    return true;
}

char *sw_double_format(double d, char out[SW_DOUBLE_SIZE])
{
    if (isnan(d))
        return strcpy(out, "NaN");
    if (isinf(d))
        return strcpy(out, d < 0 ? "-Infinity" : "Infinity");
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(out, SW_DOUBLE_SIZE, "%.*g", precision, d);
        if (strtod(out, NULL) == d)
            break;
    }
    return out;
}

/* ---- as people type them ------------------------------------------------------------------ */

struct sw_str sw_number_plain(struct sw_str text, char room[SW_NUMBER_SIZE])
{
    enum { FULL_WIDTH = 0xff01 - '!' }; /* U+FF01 … U+FF5E are ASCII's ! … ~ */
    size_t n = 0;

    text = sw_str_trim(text);
    for (size_t at = 0; at < text.n;) {
        int32_t c = sw_utf8_next(text, &at);

        if (c >= FULL_WIDTH + '!' && c <= FULL_WIDTH + '~')
            c -= FULL_WIDTH;
        if (c <= 0 || c > '~' || n == SW_NUMBER_SIZE)
            return text;
        room[n++] = (char)c;
    }
    return (struct sw_str){room, n};
}

const char *sw_number_hint(struct sw_str text, bool is_money)
{
    char room[SW_NUMBER_SIZE];
    double d;

    text = sw_number_plain(text, room);
    if (text.n == 0 || text.p[0] < '0' || text.p[0] > '9')
        return "";
    if (text.p[text.n - 1] == '%')
        return _("; write a share as a fraction, 0.4 for 40%");
    if (memchr(text.p, ',', text.n) != NULL)
        return _("; write it without separators, 20000 for 20,000");
    if (is_money && sw_double_parse(text, &d))
        return _("; fen are the smallest: two places behind the point at most");
    return _("; write digits only, without the unit");
}
