/* str.c - borrowed strings. */
#include <shouwang/base/mem.h>
#include <shouwang/base/str.h>
#include <stdlib.h>

int sw_str_cmp(struct sw_str a, struct sw_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.p, b.p, n);

    if (order != 0)
        return order;
    return (a.n > b.n) - (a.n < b.n);
}

bool sw_str_starts(struct sw_str s, struct sw_str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

struct sw_str sw_str_sub(struct sw_str s, size_t from, size_t n)
{
    if (from > s.n)
        from = s.n;
    if (n > s.n - from)
        n = s.n - from;
    return (struct sw_str){n == 0 && s.p == NULL ? NULL : s.p + from, n};
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct sw_str sw_str_trim(struct sw_str s)
{
    while (s.n > 0 && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool sw_str_split(struct sw_str *rest, char sep, struct sw_str *part)
{
    const char *cut;

    if (rest->p == NULL)
        return false;
    cut = rest->n == 0 ? NULL : memchr(rest->p, sep, rest->n);
    if (cut == NULL) {
        *part = *rest;
        *rest = (struct sw_str){NULL, 0};
        return true;
    }
    *part = (struct sw_str){rest->p, (size_t)(cut - rest->p)};
    rest->n -= part->n + 1;
    rest->p = cut + 1;
    return true;
}

bool sw_str_int(struct sw_str s, int64_t *out)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    int64_t value = 0;

    if (s.n == (size_t)negative)
        return false;
    for (size_t i = negative; i < s.n; i++) {
        int digit = s.p[i] - '0';

        if (digit < 0 || digit > 9)
            return false;
        /* Built up below zero, where int64 has room for one more. */
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value))
            return false;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *out = negative ? value : -value;
    return true;
}

char *sw_str_dup(struct sw_str s)
{
    char *copy = sw_malloc(s.n + 1);

    if (s.n > 0)
        memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return copy;
}

/* Edit distance with exchange of neighbours counted as one, over bytes; gives up above `limit`. */
static size_t edit_distance(struct sw_str a, struct sw_str b, size_t limit)
{
    size_t row[3][65]; /* the last two rows and the one being made */

    if (a.n > 64 || b.n > 64 || (a.n > b.n ? a.n - b.n : b.n - a.n) > limit)
        return limit + 1;
    for (size_t j = 0; j <= b.n; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *now = row[i % 3];
        const size_t *up = row[(i - 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = up[j - 1] + (a.p[i - 1] != b.p[j - 1]);

            if (up[j] + 1 < best)
                best = up[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
                row[(i - 2) % 3][j - 2] + 1 < best)
                best = row[(i - 2) % 3][j - 2] + 1;
            now[j] = best;
        }
    }
    return row[a.n % 3][b.n];
}

struct sw_str sw_str_nearest(struct sw_str s, const struct sw_str *names, size_t n)
{
    size_t limit = s.n / 3 > 2 ? s.n / 3 : 2;
    size_t best = limit + 1;
    struct sw_str found = {NULL, 0};

    for (size_t i = 0; i < n; i++) {
        size_t d = edit_distance(s, names[i], limit);

        if (d < best && d < s.n) {
            best = d;
            found = names[i];
        }
    }
    return found;
}
