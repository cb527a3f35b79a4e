/* url.c - percent encoding and form-encoded queries. */
#include <shouwang/base/url.h>

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void sw_url_encode(struct sw_buf *out, struct sw_str s)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (is_unreserved(s.p[i])) {
            sw_buf_char(out, s.p[i]);
            continue;
        }
        sw_buf_char(out, '%');
        sw_buf_char(out, digits[c >> 4]);
        sw_buf_char(out, digits[c & 0x0f]);
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte at s.p[*at], decoded, *at moved behind it; -1: a '%' without two digits. */
static int next_byte(struct sw_str s, size_t *at)
{
    char c = s.p[(*at)++];
    int high;
    int low;

    if (c == '+')
        return ' ';
    if (c != '%')
        return (unsigned char)c;
    if (s.n - *at < 2)
        return -1;
    high = hex_digit(s.p[*at]);
    low = hex_digit(s.p[*at + 1]);
    *at += 2;
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static bool decode(struct sw_buf *out, struct sw_str s)
{
    size_t start = out->n;

    for (size_t at = 0; at < s.n;) {
        int c = next_byte(s, &at);

        if (c < 0) {
            out->n = start;
            return false;
        }
        sw_buf_char(out, (char)c);
    }
    return true;
}

/* Names may be encoded too. */
static bool is_named(struct sw_str coded, const char *name)
{
    struct sw_str wanted = sw_str(name);
    size_t i = 0;

    for (size_t at = 0; at < coded.n; i++) {
        int c = next_byte(coded, &at);

        if (i == wanted.n || c != (unsigned char)wanted.p[i])
            return false;
    }
    return i == wanted.n;
}

bool sw_query_get(struct sw_str query, const char *name, struct sw_buf *out)
{
    struct sw_str pair;

    while (sw_str_split(&query, '&', &pair)) {
        struct sw_str value = pair;
        struct sw_str key = {NULL, 0};

        sw_str_split(&value, '=', &key);
        if (is_named(key, name))
            return decode(out, value);
    }
    return false;
}
