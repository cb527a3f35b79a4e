/* utf8.c - UTF-8: strict check, code points, columns on a terminal. */
#include <shouwang/base/utf8.h>

/* Length of the sequence that begins with this byte and the lowest code point it may carry. */
static size_t sequence(unsigned char lead, uint32_t *bits, uint32_t *lowest)
{
    if (lead >= 0xc2 && lead <= 0xdf) {
        *bits = lead & 0x1fU;
        *lowest = 0x80;
        return 2;
    }
    if ((lead & 0xf0) == 0xe0) {
        *bits = lead & 0x0fU;
        *lowest = 0x800;
        return 3;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        *bits = lead & 0x07U;
        *lowest = 0x10000;
        return 4;
    }
    return 0;
}

/* Decode the multi-byte character at `at`; its length, or 0 when invalid. */
static size_t decode(struct sw_str s, size_t at, uint32_t *cp)
{
    uint32_t lowest;
    size_t n = sequence((unsigned char)s.p[at], cp, &lowest);

    if (n == 0 || s.n - at < n)
        return 0;
    for (size_t i = 1; i < n; i++) {
        unsigned char c = (unsigned char)s.p[at + i];

        if ((c & 0xc0) != 0x80)
            return 0;
        *cp = *cp << 6 | (c & 0x3fU);
    }
    if (*cp < lowest || *cp > 0x10ffff || (*cp >= 0xd800 && *cp <= 0xdfff))
        return 0;
    return n;
}

size_t sw_utf8_check(struct sw_str s)
{
    size_t at = 0;
    uint32_t cp;

    while (at < s.n) {
        uint64_t eight;
        size_t n;

        if (s.n - at >= 8) {
            memcpy(&eight, s.p + at, 8);
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                at += 8;
                continue;
            }
        }
        if ((s.p[at] & 0x80) == 0) {
            at++;
            continue;
        }
        n = decode(s, at, &cp);
        if (n == 0)
            return at;
        at += n;
    }
    return s.n;
}

int32_t sw_utf8_next(struct sw_str s, size_t *at)
{
    uint32_t cp;
    size_t n;

    if (*at >= s.n)
        return -1;
    if ((s.p[*at] & 0x80) == 0)
        return s.p[(*at)++];
    n = decode(s, *at, &cp);
    if (n == 0) {
        (*at)++;
        return -1;
    }
    *at += n;
    return (int32_t)cp;
}

size_t sw_utf8_put(char *out, uint32_t cp)
{
    size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
        return 0;
    if (n == 1) {
        out[0] = (char)cp;
        return 1;
    }
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3f));
        cp >>= 6;
    }
    out[0] = (char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | cp);
    return n;
}

static bool is_lead(char c)
{
    return (c & 0xc0) != 0x80;
}

size_t sw_utf8_length(struct sw_str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += is_lead(s.p[i]);
    return n;
}

struct sw_str sw_utf8_prefix(struct sw_str s, size_t n)
{
    size_t at = 0;

    for (; at < s.n; at++) {
        if (is_lead(s.p[at]) && n-- == 0)
            break;
    }
    return sw_str_sub(s, 0, at);
}

/* Blocks of wide (2) and zero-width (0) characters; Unicode 15, EastAsianWidth W and F, joined
 * where only unassigned points lie between. */
static const struct {
    uint32_t first, last;
    uint8_t width;
} blocks[] = {
    {0x0300, 0x036f, 0},   {0x1100, 0x115f, 2},   {0x200b, 0x200f, 0},   {0x20d0, 0x20ff, 0},
    {0x2e80, 0x303e, 2},   {0x3041, 0x33ff, 2},   {0x3400, 0x4dbf, 2},   {0x4e00, 0x9fff, 2},
    {0xa000, 0xa4cf, 2},   {0xa960, 0xa97f, 2},   {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},
    {0xfe00, 0xfe0f, 0},   {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},   {0xffe0, 0xffe6, 2},
    {0x1f300, 0x1f64f, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
};

static size_t width_of(uint32_t cp)
{
    if (cp < 0x20 || cp == 0x7f)
        return 0;
    for (size_t i = 0; cp >= blocks[0].first && i < SW_COUNTOF(blocks); i++) {
        if (cp >= blocks[i].first && cp <= blocks[i].last)
            return blocks[i].width;
    }
    return 1;
}

size_t sw_utf8_width(struct sw_str s)
{
    size_t width = 0;

    for (size_t at = 0; at < s.n;) {
        int32_t cp = sw_utf8_next(s, &at);

        width += cp < 0 ? 1 : width_of((uint32_t)cp);
    }
    return width;
}
