/* Strings, UTF-8, numbers, dates: the texts people and machines hand us. */
#include "../tap.h"
#include <shouwang/base/buf.h>
#include <shouwang/base/crypt.h>
#include <shouwang/base/date.h>
#include <shouwang/base/hash.h>
#include <shouwang/base/number.h>
#include <shouwang/base/utf8.h>
#include <shouwang/base/zone.h>

static void test_strings(void)
{
    struct sw_str names[] = {SW_STR("self_paid"), SW_STR("total"), SW_STR("kind")};
    struct sw_str rest = SW_STR("a,,b");
    struct sw_str part;
    int64_t i;
    int parts = 0;

    is_str(sw_str_nearest(SW_STR("self_payed"), names, 3), "self_paid");
    is_str(sw_str_nearest(SW_STR("knid"), names, 3), "kind");
    is_str(sw_str_nearest(SW_STR("village"), names, 3), "");
    while (sw_str_split(&rest, ',', &part))
        parts++;
    is_int(parts, 3);
    ok(sw_str_int(SW_STR("-9223372036854775808"), &i) && i == INT64_MIN);
    ok(!sw_str_int(SW_STR("9223372036854775808"), &i));
    ok(!sw_str_int(SW_STR("-"), &i));
    ok(!sw_str_int(SW_STR("1 "), &i));
    is_str(sw_str_trim(SW_STR(" \t a b \r\n")), "a b");
}

static void test_utf8(void)
{
    static const struct {
        const char *bytes;
        size_t n;
        size_t bad;
    } cases[] = {
        {"plain ascii text", 16, 16}, {"\xe5\xae\x88\xe6\x9c\x9b", 6, 6},
        {"\xc0\xaf", 2, 0},           {"ab\xed\xa0\x80", 5, 2},
        {"\xf0\x9f\x98\x80", 4, 4},   {"\xf4\x90\x80\x80", 4, 0},
        {"12345678\xff", 9, 8},       {"\xe5\xae", 2, 0},
        {"\xe0\x80\xaf", 3, 0},
    };
    char four[4];
    size_t at = 0;

    for (size_t i = 0; i < SW_COUNTOF(cases); i++)
        is_int(sw_utf8_check((struct sw_str){cases[i].bytes, cases[i].n}), cases[i].bad);
    is_int(sw_utf8_length(SW_STR("守望ab")), 4);
    is_int(sw_utf8_width(SW_STR("守望ab")), 6);
    is_str(sw_utf8_prefix(SW_STR("守望ab"), 3), "守望a");
    is_int(sw_utf8_put(four, 0x1f600), 4);
    is_int(sw_utf8_next((struct sw_str){four, 4}, &at), 0x1f600);
    is_int(sw_utf8_put(four, 0xd800), 0);
}

static void test_numbers(void)
{
    static const struct {
        const char *text;
        int64_t fen; /* INT64_MIN: refused */
    } money[] = {
        {"12000", 1200000},
        {"9500.5", 950050},
        {"-0.01", -1},
        {"1e3", 100000},
        {"0", 0},
        {"0.10", 10},
        {"0.001", INT64_MIN},
        {"1.230", 123},
        {"", INT64_MIN},
        {"01", INT64_MIN},
        {"+1", INT64_MIN},
        {"1e30", INT64_MIN},
        {".5", INT64_MIN},
        {"5.", INT64_MIN},
        {"1e-2", 1},
        {"12e-2", 12},
        {"900000000000000", INT64_C(90000000000000000)},
        {"9000000000000000", INT64_MIN},
    };
    char text[SW_FEN_SIZE];
    char number[SW_DOUBLE_SIZE];
    double d;

    for (size_t i = 0; i < SW_COUNTOF(money); i++) {
        int64_t fen = INT64_MIN;

        sw_fen_parse(sw_str(money[i].text), &fen);
        is_int_named(fen, money[i].fen, money[i].text);
    }
    is_str(sw_str(sw_fen_format(1200000, text)), "12000");
    is_str(sw_str(sw_fen_format(950050, text)), "9500.5");
    is_str(sw_str(sw_fen_format(-101, text)), "-1.01");
    is_str(sw_str(sw_double_format(0.1, number)), "0.1");
    is_str(sw_str(sw_double_format(1e30, number)), "1e+30");
    is_str(sw_str(sw_double_format(0.1 + 0.2, number)), "0.30000000000000004");
    ok(sw_double_parse(SW_STR("-1.5e3"), &d) && d < -1499 && d > -1501);
    ok(!sw_double_parse(SW_STR("1e999"), &d));
    ok(!sw_double_parse(SW_STR("NaN"), &d));
    ok(!sw_double_parse(SW_STR("0x10"), &d));
}

static void test_days(void)
{
    sw_day day;
    char text[SW_DATE_SIZE];
    bool all = true;

    is_int(sw_day_of(1970, 1, 1), 0);
    is_int(sw_day_of(2024, 2, 29), 19782);
    for (sw_day d = -800000; d < 800000; d += 37) {
        struct sw_civil c = sw_civil_of(d);

        all &= sw_day_of(c.year, c.month, c.day) == d &&
               (c.year < 1 || sw_date_valid(c.year, c.month, c.day));
    }
    ok_named(all, "days to civil dates and back");
    is_int(sw_weekday(sw_day_of(2026, 11, 21)), 6);
    is_int(sw_weekday(sw_day_of(1969, 12, 31)), 3);
    ok(!sw_date_parse(SW_STR("2023-02-29"), &day));
    ok(!sw_date_parse(SW_STR("2023-2-09"), &day));
    ok(sw_date_parse(SW_STR("2000-02-29"), &day) && day == 11016);
    is_str(sw_str(sw_date_format(19782, text)), "2024-02-29");
}

static void test_instants(void)
{
    static const char *const bad[] = {
        "2026-11-21",
        "2026-11-21T09:40:00",
        "2026-11-21T24:00:00Z",
        "2026-11-21T09:40:00.Z",
        "2026-11-21T09:40:00+0800",
        "2026-13-01T00:00:00Z",
        "2026-11-21T09:40:00Zjunk",
    };
    char text[SW_RFC3339_SIZE];
    sw_time t = 0;
    sw_time d;

    ok(sw_rfc3339_parse(SW_STR("2026-11-21T09:40:00Z"), &t));
    is_int(t, INT64_C(1795254000) * SW_SECOND);
    is_str(sw_str(sw_rfc3339_format(t, 8 * 3600, text)), "2026-11-21T17:40:00+08:00");
    ok(sw_rfc3339_parse(SW_STR("2026-11-21t17:40:00.1234567+08:00"), &t));
    is_str(sw_str(sw_rfc3339_format(t, 0, text)), "2026-11-21T09:40:00.123456Z");
    ok(sw_rfc3339_parse(SW_STR("1969-12-31T23:59:59.5Z"), &t) && t == -SW_SECOND / 2);
    for (size_t i = 0; i < SW_COUNTOF(bad); i++)
        ok_named(!sw_rfc3339_parse(sw_str(bad[i]), &t), bad[i]);
    ok(sw_duration_parse(SW_STR("1h30m"), &d) && d == 5400 * SW_SECOND);
    ok(sw_duration_parse(SW_STR("250ms"), &d) && d == SW_SECOND / 4);
    ok(!sw_duration_parse(SW_STR("5"), &d));
    ok(!sw_duration_parse(SW_STR(""), &d));
}

static void test_zones(void)
{
    struct sw_zone *z = NULL;
    struct sw_err err;
    sw_time t = 0;

    is_int(sw_zone_load(&z, SW_STR("Asia/Shanghai"), &err), SW_OK);
    sw_rfc3339_parse(SW_STR("2026-11-20T16:00:00Z"), &t);
    is_int(sw_zone_day(z, t), sw_day_of(2026, 11, 21));
    is_int(sw_zone_day(z, t - 1), sw_day_of(2026, 11, 20));
    is_int(sw_zone_midnight(z, sw_day_of(2026, 11, 21)), t);
    sw_rfc3339_parse(SW_STR("1988-07-01T00:00:00Z"), &t); /* China had summer time then */
    is_int(sw_zone_offset(z, t), 9 * 3600);
    sw_zone_free(z);
    is_int(sw_zone_load(&z, SW_STR("-05:30"), &err), SW_OK);
    is_int(sw_zone_offset(z, t), -19800);
    sw_zone_free(z);
    is_int(sw_zone_load(&z, SW_STR("Asia/Nowhere"), &err), SW_ENOTFOUND);
    is_int(sw_zone_load(&z, SW_STR("../etc/passwd"), &err), SW_EINVALID);
}

static void test_crypt(void)
{
    struct sw_buf out = {0};
    unsigned char mac[SW_DIGEST_MAX];
    unsigned char bytes[15];
    size_t n;

    n = sw_digest("sha256", SW_STR("abc"), mac);
    sw_hex_put(&out, (struct sw_str){(const char *)mac, n});
    is_str(sw_buf_view(&out), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ok(sw_hex_read(sw_buf_view(&out), mac + n, n) && memcmp(mac, mac + n, n) == 0);
    ok(!sw_hex_read(SW_STR("0g"), bytes, 1) && !sw_hex_read(SW_STR("0A"), bytes, 1) &&
       !sw_hex_read(SW_STR("000"), bytes, 1) && sw_hex_read(SW_STR(""), bytes, 0));
    sw_buf_clear(&out);
    n = sw_hmac("sha256", SW_STR("Jefe"), SW_STR("what do ya want for nothing?"), mac);
    sw_base64_put(&out, (struct sw_str){(const char *)mac, n});
    is_str(sw_buf_view(&out), "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    sw_buf_clear(&out);
    ok(sw_base64_decode(&out, SW_STR("5a6I5pyb")));
    is_str(sw_buf_view(&out), "守望");
    sw_buf_clear(&out);
    ok(sw_base64_decode(&out, SW_STR("YQ")) && sw_base64_decode(&out, SW_STR("YmM=")));
    is_str(sw_buf_view(&out), "abc");
    sw_buf_clear(&out);
    ok(sw_base64_decode(&out, SW_STR("YQ==")));
    is_str(sw_buf_view(&out), "a");
    ok(!sw_base64_decode(&out, SW_STR("Y===")));
    ok(!sw_base64_decode(&out, SW_STR("Y*==")));
    ok(!sw_base64_decode(&out, SW_STR("Y")));
    is_int(sw_digest("sha3", SW_STR(""), mac), 0);
    sw_buf_free(&out);
    /* The reference vector of the SipHash paper: key 00…0f, message 00…0e. */
    for (unsigned char i = 0; i < 15; i++)
        bytes[i] = i;
    ok(sw_siphash((struct sw_hash_key){UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)},
                  bytes, 15) == UINT64_C(0xa129ca6149be45e5));
}

int main(void)
{
    test_strings();
    test_utf8();
    test_numbers();
    test_days();
    test_instants();
    test_zones();
    test_crypt();
    return done_testing();
}
