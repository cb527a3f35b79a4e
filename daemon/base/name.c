/* name.c - names of persons as they are compared. */
#include <shouwang/base/name.h>
#include <shouwang/base/utf8.h>

enum { FULL_WIDTH = 0xff01 - '!' };

/* Blanks, joiners and the dots of 阿卜杜拉·买买提 in all the forms that keyboards and code pages
 * have for them. */
static const struct {
    int32_t first, last;
} left_out[] = {
    {0x0000, 0x0020},   {'.', '.'},       {'\'', '\''},     {'`', '`'},       {'-', '-'},
    {0x007f, 0x00a0},   {0x00ad, 0x00ad}, {0x00b7, 0x00b7}, {0x02d9, 0x02d9}, {0x0387, 0x0387},
    {0x05bc, 0x05bc},   {0x16eb, 0x16eb}, {0x2000, 0x200f}, {0x2018, 0x2019}, {0x2022, 0x2022},
    {0x2024, 0x2024},   {0x2026, 0x202f}, {0x205f, 0x2060}, {0x2218, 0x2219}, {0x22c5, 0x22c6},
    {0x25aa, 0x25ab},   {0x25cf, 0x25cf}, {0x25e6, 0x25e6}, {0x26ab, 0x26ab}, {0x2981, 0x2981},
    {0x2e30, 0x2e31},   {0x2e33, 0x2e33}, {0x3000, 0x3002}, {0x30fb, 0x30fb}, {0xa78f, 0xa78f},
    {0xfe00, 0xfe0f},   {0xfe52, 0xfe52}, {0xfeff, 0xfeff}, {0xff61, 0xff61}, {0xff65, 0xff65},
    {0xe0100, 0xe01ef},
};

/* GB18030-2000 had no other place for these; departments still send both. */
static const struct {
    int32_t once, now;
} moved[] = {
    {0xe816, 0x20087}, {0xe817, 0x20089}, {0xe818, 0x200cc}, {0xe81e, 0x9fb4}, {0xe826, 0x9fb5},
    {0xe82b, 0x9fb6},  {0xe82c, 0x9fb7},  {0xe831, 0x215d7}, {0xe832, 0x9fb8}, {0xe83b, 0x2298f},
    {0xe843, 0x9fb9},  {0xe854, 0x9fba},  {0xe855, 0x241fe}, {0xe864, 0x9fbb},
};

static bool is_left_out(int32_t c)
{
    for (size_t i = 0; i < SW_COUNTOF(left_out); i++) {
        if (c >= left_out[i].first && c <= left_out[i].last)
            return true;
    }
    return false;
}

static int32_t plain(int32_t c)
{
    if (c >= FULL_WIDTH + '!' && c <= FULL_WIDTH + '~')
        c -= FULL_WIDTH;
    for (size_t i = 0; i < SW_COUNTOF(moved); i++) {
        if (c == moved[i].once)
            return moved[i].now;
    }
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

void sw_name_plain(struct sw_str name, struct sw_buf *out)
{
    char bytes[4];

    for (size_t at = 0; at < name.n;) {
        int32_t c = plain(sw_utf8_next(name, &at));

        if (c >= 0 && !is_left_out(c))
            sw_buf_put(out, bytes, sw_utf8_put(bytes, (uint32_t)c));
    }
}
