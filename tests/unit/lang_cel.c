/* Plain CEL, function by function: what each expression yields and of which type, that the checker
 * refuses what it must, and that evaluation without types comes to the same values. Written from
 * the language definition; the conformance suite itself is run by lang_conformance. */
#include "../tap.h"
#include <shouwang/base/buf.h>
#include <shouwang/lang/lang.h>

/* The value and its type; "error" while evaluating; "no expression" when a finding is made. */
static const struct {
    const char *text, *result;
} cases[] = {
    /* arithmetic */
    {"1 + 2", "3 int"},
    {"1 - 2", "-1 int"},
    {"2 * 3", "6 int"},
    {"7 / 2", "3 int"},
    {"-7 / 2", "-3 int"},
    {"7 % 2", "1 int"},
    {"-7 % 2", "-1 int"},
    {"7 % -2", "1 int"},
    {"-9223372036854775808", "-9223372036854775808 int"},
    {"9223372036854775807 + 1", "error"},
    {"-9223372036854775808 - 1", "error"},
    {"9223372036854775807 * 2", "error"},
    {"-9223372036854775808 / -1", "error"},
    {"-9223372036854775808 % -1", "error"},
    {"-(-9223372036854775807 - 1)", "error"},
    {"1 / 0", "error"},
    {"1 % 0", "error"},
    {"1u + 2u", "3 uint"},
    {"1u - 2u", "error"},
    {"2u * 3u", "6 uint"},
    {"7u / 2u", "3 uint"},
    {"7u % 2u", "1 uint"},
    {"18446744073709551615u + 1u", "error"},
    {"0u - 1u", "error"},
    {"1u / 0u", "error"},
    {"1u % 0u", "error"},
    {"1.5 + 2.0", "3.5 double"},
    {"1.5 - 2.0", "-0.5 double"},
    {"1.5 * 2.0", "3 double"},
    {"1.0 / 0.0", "Infinity double"},
    {"-1.0 / 0.0", "-Infinity double"},
    {"0.0 / 0.0", "NaN double"},
    {"-(1.5)", "-1.5 double"},
    {"-0.0", "-0 double"},
    {"--3", "3 int"},
    {"---3", "-3 int"},
    {"!true", "false bool"},
    {"!!true", "true bool"},
    {"'a' + 'b'", "ab string"},
    {"b'a' + b'\\xff'", "61ff bytes"},
    {"[1] + [2, 3]", "[1, 2, 3] list(int)"},
    {"[] + []", "[] list(dyn)"},
    {"duration('1h') + duration('30m')", "5400s duration"},
    {"timestamp('2024-01-01T00:00:00Z') + duration('1s')", "2024-01-01T00:00:01Z timestamp"},
    {"duration('1s') + timestamp('2024-01-01T00:00:00Z')", "2024-01-01T00:00:01Z timestamp"},
    {"timestamp('2024-01-01T00:00:01Z') - timestamp('2024-01-01T00:00:00Z')", "1s duration"},
    {"timestamp('2024-01-01T00:00:00Z') - duration('1ns')",
     "2023-12-31T23:59:59.999999999Z timestamp"},
    {"duration('1h') - duration('90m')", "-1800s duration"},
    {"timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error"},
    {"timestamp('0001-01-01T00:00:00Z') - duration('1ns')", "error"},
    {"duration('320000000000s')", "error"},
    {"timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z')", "error"},
    {"1 + 1.0", "no expression"},
    {"1 + 1u", "no expression"},
    {"'a' + 1", "no expression"},
    {"[1] + 1", "no expression"},
    /* comparison */
    {"1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3", "true bool"},
    {"1u < 2u && 1.5 <= 2.0 && 'a' < 'b' && b'a' < b'b' && false < true", "true bool"},
    {"timestamp(1) < timestamp(2) && duration('1s') > duration('999ms')", "true bool"},
    {"'' < 'a' && 'a' < 'aa' && 'Z' < 'a' && 'é' < '中' && '\\uffff' < '\\U00010000'", "true bool"},
    {"dyn(1) < 1.5 && dyn(1u) < 2 && dyn(-1) < 0u", "true bool"},
    {"dyn(9007199254740993) > 9007199254740992.0", "true bool"},
    {"dyn(9007199254740993) == 9007199254740992.0", "false bool"},
    {"dyn(9223372036854775807) < 9223372036854775808.0", "false bool"},
    {"dyn(18446744073709551615u) < 18446744073709551616.0", "false bool"},
    {"0.0/0.0 == 0.0/0.0", "false bool"},
    {"0.0/0.0 != 0.0/0.0", "true bool"},
    {"0.0/0.0 < 1.0 || 0.0/0.0 >= 1.0", "false bool"},
    {"dyn(1) < 0.0/0.0 || dyn(1) > 0.0/0.0", "false bool"},
    {"1.0 / 0.0 > 1e308", "true bool"},
    {"0.0 == -0.0", "true bool"},
    {"dyn('a') < 1", "error"},
    {"[1] < [2]", "no expression"},
    {"null < null", "error"},
    /* equality */
    {"1 == 1 && 1 != 2 && 'a' == 'a' && null == null && [1, 2] == [1, 2] && {'a': 1} == {'a': 1}",
     "true bool"},
    {"[1, 2] == [2, 1]", "false bool"},
    {"{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "true bool"},
    {"[dyn(1)] == [1u] && [1.0] == [dyn(1)] && {1: 2u} == {dyn(1u): dyn(2.0)}", "true bool"},
    {"dyn('1') == 1", "false bool"},
    {"dyn(null) == 0", "false bool"},
    {"dyn([]) == {}", "false bool"},
    {"type(1) == int && type(1u) == uint && type(1.0) == double && type('') == string && type(b'') "
     "== bytes",
     "true bool"},
    {"type([]) == list && type({}) == map && type(null) == null_type && type(true) == bool && "
     "type(int) == type",
     "true bool"},
    {"type(timestamp(0)) == google.protobuf.Timestamp && type(duration('0s')) == "
     "google.protobuf.Duration",
     "true bool"},
    {"[[1, [2]], {'a': [3]}] == [[1, [2]], {'a': [3]}]", "true bool"},
    {"[0.0/0.0] == [0.0/0.0]", "false bool"},
    {"1 == 'a'", "no expression"},
    {"b'a' == 'a'", "no expression"},
    /* logic */
    {"true && false || true", "true bool"},
    {"1/0 > 0 || true", "true bool"},
    {"true || 1/0 > 0", "true bool"},
    {"1/0 > 0 && false", "false bool"},
    {"false && 1/0 > 0", "false bool"},
    {"1/0 > 0 || false", "error"},
    {"true && 1/0 > 0", "error"},
    {"dyn('x') || true", "true bool"},
    {"dyn('x') && false", "false bool"},
    {"dyn('x') || false", "error"},
    {"true ? 1 : 2", "1 int"},
    {"false ? 1/0 : 2", "2 int"},
    {"true ? 1 : 1/0", "1 int"},
    {"1/0 > 0 ? 1 : 2", "error"},
    {"dyn('x') ? 1 : 2", "error"},
    {"true ? 1 : 'a'", "no expression"},
    {"true ? dyn(1) : 'a'", "1 dyn"},
    /* in */
    {"1 in [1, 2]", "true bool"},
    {"3 in [1, 2]", "false bool"},
    {"1 in [dyn('a'), 1]", "true bool"},
    {"1u in [dyn(1)]", "true bool"},
    {"1.0 in [dyn(1), 2]", "true bool"},
    {"'a' in {'a': 1}", "true bool"},
    {"'b' in {'a': 1}", "false bool"},
    {"1 in {dyn(1u): 2}", "true bool"},
    {"1.0 in {dyn(1): 2}", "true bool"},
    {"'a' in 'abc'", "no expression"},
    {"1 in []", "false bool"},
    /* index */
    {"[1, 2][0]", "1 int"},
    {"[1, 2][2]", "error"},
    {"[1, 2][-1]", "error"},
    {"[1, 2][dyn(1u)]", "2 int"},
    {"[1, 2][dyn(1.0)]", "2 int"},
    {"[1, 2][dyn(1.5)]", "error"},
    {"[1, 2]['a']", "no expression"},
    {"{'a': 1}['a']", "1 int"},
    {"{'a': 1}['b']", "error"},
    {"{'a': 1}.a", "1 int"},
    {"{'a': 1}.b", "error"},
    {"{1: 'x'}[1]", "x string"},
    {"{1u: 'x'}[dyn(1)]", "x string"},
    {"{1: 'x'}[dyn(1.0)]", "x string"},
    {"{true: 'x'}[true]", "x string"},
    {"{'a': 1, 'a': 2}", "error"},
    {"{1: 1, 1u: 2}", "error"},
    {"{1.5: 1}", "error"},
    {"{null: 1}", "error"},
    {"{[1]: 1}", "error"},
    {"{1: 1, 'a': 2}[dyn('a')]", "2 int"},
    {"[[1, 2], [3]][1][0]", "3 int"},
    {"'abc'[0]", "no expression"},
    /* has */
    {"has({'a': 1}.a)", "true bool"},
    {"has({'a': 1}.b)", "false bool"},
    {"has({'a': {'b': 1}}.a.b)", "true bool"},
    {"has({'a': {'b': 1}}.b.b)", "error"},
    {"has(dyn(1).a)", "error"},
    {"has({'a': 1}['a'])", "no expression"},
    {"has('a')", "no expression"},
    /* size */
    {"size('守望') == 2 && '守望'.size() == 2", "true bool"},
    {"size(b'\\u00e9')", "no expression"},
    {"size([1, 2]) + [1].size()", "3 int"},
    {"size({'a': 1}) + {}.size()", "1 int"},
    {"size(1)", "no expression"},
    /* conversions to int */
    {"int(1) + int(2u) + int('3') + int(-4.9) + int(5.9)", "7 int"},
    {"int('-9223372036854775808')", "-9223372036854775808 int"},
    {"int('9223372036854775808')", "error"},
    {"int('')", "error"},
    {"int('1.5')", "error"},
    {"int('0x10')", "error"},
    {"int(' 1')", "error"},
    {"int('+1')", "1 int"},
    {"int(18446744073709551615u)", "error"},
    {"int(9223372036854775807u)", "9223372036854775807 int"},
    {"int(1e99)", "error"},
    {"int(-1e99)", "error"},
    {"int(0.0/0.0)", "error"},
    {"int(9223372036854775808.0)", "error"},
    {"int(-9223372036854775808.0)", "error"},
    {"int(timestamp('1970-01-01T00:01:00.9Z'))", "60 int"},
    {"int(timestamp('1969-12-31T23:59:59.5Z'))", "-1 int"},
    {"int(true)", "no expression"},
    {"int(null)", "error"},
    /* uint */
    {"uint(1) + uint(2u) + uint('3') + uint(4.9)", "10 uint"},
    {"uint(-1)", "error"},
    {"uint(-0.5)", "error"},
    {"uint(-1.0)", "error"},
    {"uint('18446744073709551615')", "18446744073709551615 uint"},
    {"uint('18446744073709551616')", "error"},
    {"uint('-1')", "error"},
    {"uint(1.8446744073709552e19)", "error"},
    {"uint(0.0/0.0)", "error"},
    /* double */
    {"double(1) + double(2u) + double('3.5') + double(1.5)", "8 double"},
    {"double('NaN') == double('NaN')", "false bool"},
    {"double('Infinity') == 1.0/0.0", "true bool"},
    {"double('-inf')", "-Infinity double"},
    {"double('1e400')", "error"},
    {"double('x')", "error"},
    {"double('')", "error"},
    {"double(9007199254740993)", "9.007199254740992e+15 double"},
    {"double('-0.0')", "-0 double"},
    /* bool */
    {"bool('true') && bool('t') && bool('True') && bool('TRUE') && bool('1')", "true bool"},
    {"bool('false') || bool('f') || bool('False') || bool('FALSE') || bool('0')", "false bool"},
    {"bool('yes')", "error"},
    {"bool('tRuE')", "error"},
    {"bool(true)", "true bool"},
    {"bool(1)", "no expression"},
    /* string */
    {"string(2u == 0u)", "false string"},
    {"string(1) + string(2u) + string(true) + string('x')", "12truex string"},
    {"string(1.0)", "1 string"},
    {"string(1.5)", "1.5 string"},
    {"string(-0.0)", "-0 string"},
    {"string(1e6)", "1e+06 string"},
    {"string(1234567.0)", "1.234567e+06 string"},
    {"string(1e21)", "1e+21 string"},
    {"string(1e-5)", "1e-05 string"},
    {"string(0.1)", "0.1 string"},
    {"string(1.0/0.0)", "Infinity string"},
    {"string(0.0/0.0)", "NaN string"},
    {"string(b'abc')", "abc string"},
    {"string(b'\\xff')", "error"},
    {"string(timestamp('2024-02-29T12:00:00.120Z'))", "2024-02-29T12:00:00.12Z string"},
    {"string(timestamp('2024-02-29T12:00:00+08:00'))", "2024-02-29T04:00:00Z string"},
    {"string(duration('1h1m1.5s'))", "3661.5s string"},
    {"string(duration('-1.5s'))", "-1.5s string"},
    {"string(duration('100us'))", "0.0001s string"},
    {"string(null)", "error"},
    {"string([1])", "no expression"},
    /* bytes */
    {"bytes('é')", "c3a9 bytes"},
    {"bytes(b'x')", "78 bytes"},
    {"bytes(1)", "no expression"},
    /* timestamp */
    {"timestamp('2024-02-30T00:00:00Z')", "error"},
    {"timestamp('2023-02-29T00:00:00Z')", "error"},
    {"timestamp('2024-02-29T00:00:00Z')", "2024-02-29T00:00:00Z timestamp"},
    {"timestamp('2024-02-29')", "error"},
    {"timestamp('2024-02-29T00:00:00')", "error"},
    {"timestamp('2024-02-29T24:00:00Z')", "error"},
    {"timestamp('2024-02-29T00:60:00Z')", "error"},
    {"timestamp('2024-02-29T00:00:00.123456789Z')", "2024-02-29T00:00:00.123456789Z timestamp"},
    {"timestamp('2024-02-29T00:00:00.1234567891Z')", "2024-02-29T00:00:00.123456789Z timestamp"},
    {"timestamp('10000-01-01T00:00:00Z')", "error"},
    {"timestamp('0001-01-01T00:00:00Z')", "0001-01-01T00:00:00Z timestamp"},
    {"timestamp('0000-01-01T00:00:00Z')", "error"},
    {"timestamp('2024-02-29t00:00:00z')", "error"},
    {"timestamp('2024-01-01T00:00:00+08:00') == timestamp('2023-12-31T16:00:00Z')", "true bool"},
    {"timestamp(0) == timestamp('1970-01-01T00:00:00Z')", "true bool"},
    {"timestamp(-1)", "1969-12-31T23:59:59Z timestamp"},
    {"timestamp(253402300800)", "error"},
    {"timestamp(timestamp(5)) == timestamp(5)", "true bool"},
    /* duration */
    {"duration('1h') == duration('60m') && duration('1m') == duration('60s') && duration('1ms') == "
     "duration('1000us')",
     "true bool"},
    {"duration('-1h')", "-3600s duration"},
    {"duration('1.5h')", "5400s duration"},
    {"duration('1h30m')", "5400s duration"},
    {"duration('0')", "0s duration"},
    {"duration('1')", "error"},
    {"duration('')", "error"},
    {"duration('1d')", "error"},
    {"duration('1µs') == duration('1us')", "true bool"},
    {"duration('+1s')", "1s duration"},
    {"duration('.5s')", "0.5s duration"},
    {"duration('1.s')", "1s duration"},
    {"duration('1s1h')", "3601s duration"},
    {"duration(duration('1s')) == duration('1s')", "true bool"},
    {"-duration('1s')", "no expression"},
    /* accessors */
    {"timestamp('2024-02-29T13:14:15.678Z').getFullYear()", "2024 int"},
    {"timestamp('2024-02-29T13:14:15.678Z').getMonth()", "1 int"},
    {"timestamp('2024-02-29T13:14:15.678Z').getDate()", "29 int"},
    {"timestamp('2024-02-29T13:14:15.678Z').getDayOfMonth()", "28 int"},
    {"timestamp('2024-02-29T13:14:15.678Z').getDayOfWeek()", "4 int"},
    {"timestamp('2024-02-29T13:14:15.678Z').getDayOfYear()", "59 int"},
    {"timestamp('2024-02-29T13:14:15.678Z').getHours()", "13 int"},
    {"timestamp('2024-02-29T13:14:15.678Z').getMinutes()", "14 int"},
    {"timestamp('2024-02-29T13:14:15.678Z').getSeconds()", "15 int"},
    {"timestamp('2024-02-29T13:14:15.678Z').getMilliseconds()", "678 int"},
    {"timestamp('2024-02-29T23:14:15Z').getDate('+02:00')", "1 int"},
    {"timestamp('2024-02-29T23:14:15Z').getDate('02:00')", "1 int"},
    {"timestamp('2024-02-29T23:14:15Z').getHours('-09:30')", "13 int"},
    {"timestamp('2024-02-29T23:14:15Z').getHours('Asia/Shanghai')", "7 int"},
    {"timestamp('2024-07-01T12:00:00Z').getHours('America/New_York')", "8 int"},
    {"timestamp('2024-01-01T12:00:00Z').getHours('America/New_York')", "7 int"},
    {"timestamp('2024-02-29T23:14:15Z').getHours('UTC')", "23 int"},
    {"timestamp('2024-02-29T23:14:15Z').getHours('')", "23 int"},
    {"timestamp('2024-02-29T23:14:15Z').getHours('Nowhere/At_All')", "error"},
    {"timestamp('2024-02-29T23:14:15Z').getHours('+25:00')", "error"},
    {"timestamp('1969-12-31T23:59:59.999Z').getMilliseconds()", "999 int"},
    {"duration('25h61m').getHours()", "26 int"},
    {"duration('1h1m').getMinutes()", "61 int"},
    {"duration('1h1s').getSeconds()", "3601 int"},
    {"duration('1.234s').getMilliseconds()", "234 int"},
    {"duration('-90m').getHours()", "-1 int"},
    {"duration('1s').getDate()", "no expression"},
    /* strings */
    {"'hello'.contains('ell') && 'hello'.startsWith('he') && 'hello'.endsWith('lo') && "
     "''.contains('')",
     "true bool"},
    {"'hello'.contains('') && 'hello'.startsWith('') && 'hello'.endsWith('')", "true bool"},
    {"'hello'.contains('x') || 'hello'.startsWith('ello') || 'hello'.endsWith('hell')",
     "false bool"},
    {"'hello'.contains(1)", "no expression"},
    {"'hello'.matches('h.*')", "no expression"},
    {"matches('hello', 'h.*')", "no expression"},
    /* macros */
    {"[1, 2, 3].all(x, x > 0)", "true bool"},
    {"[1, 2, 3].all(x, x > 1)", "false bool"},
    {"[].all(x, false)", "true bool"},
    {"[0, 1].all(x, 1 / x > 5)", "false bool"},
    {"[1, 0].all(x, 1 / x > 5)", "false bool"},
    {"[0, 1].exists(x, 1 / x == 1)", "true bool"},
    {"[0].exists(x, 1 / x == 1)", "error"},
    {"[].exists(x, true)", "false bool"},
    {"[1, 2].exists_one(x, x > 1)", "true bool"},
    {"[2, 2].exists_one(x, x > 1)", "false bool"},
    {"[].exists_one(x, true)", "false bool"},
    {"[0, 1].exists_one(x, 1 / x == 1)", "error"},
    {"[1, 2, 3].map(x, x * 2)", "[2, 4, 6] list(int)"},
    {"[1, 2, 3].map(x, x > 1, x * 2)", "[4, 6] list(int)"},
    {"[0, 1].map(x, 1 / x)", "error"},
    {"[1, 2, 3].filter(x, x % 2 == 1)", "[1, 3] list(int)"},
    {"[0, 1].filter(x, 1 / x == 1)", "error"},
    {"{'a': 1, 'b': 2}.all(k, k < 'c')", "true bool"},
    {"{'a': 1, 'b': 2}.exists(k, k == 'b')", "true bool"},
    {"{'a': 1}.map(k, k + k)", "[aa] list(string)"},
    {"{'a': 1}.filter(k, true)", "[a] list(string)"},
    {"[1, 2].map(x, [x].map(y, x + y))", "[[2], [4]] list(list(int))"},
    {"[1].all(x, [1].all(y, [1].all(z, true)))", "no expression"},
    {"'abc'.all(x, true)", "no expression"},
    {"1.map(x, x)", "no expression"},
    {"[1].map(x)", "no expression"},
    {"[1].all(1, true)", "no expression"},
    {"[1].exists(a.b, true)", "no expression"},
    {"[[1, 2], [3]].exists(x, x.exists(y, y == 3))", "true bool"},
    {"[1, 2].filter(x, x)", "no expression"},
    {"[1].all(x, x)", "no expression"},
    /* literals */
    {"0x1F + 0xffffffff", "4294967326 int"},
    {"0xFFu", "255 uint"},
    {"1e3 + 1.5e-3 + .5", "1000.5015 double"},
    {"0x", "no expression"},
    {"1.", "no expression"},
    {"9223372036854775808", "no expression"},
    {"-9223372036854775809", "no expression"},
    {"18446744073709551616u", "no expression"},
    {"1e999", "no expression"},
    {"\"a\\n\\t\\r\\a\\b\\f\\v\\\\\\?\\\"\\'\\`\" == "
     "'a\\x0a\\x09\\x0d\\x07\\x08\\x0c\\x0b\\x5c\\x3f\\x22\\x27\\x60'",
     "true bool"},
    {"'\\101\\u0041\\U00000041\\x41'", "AAAA string"},
    {"r'\\n' + R\"\\t\"", "\\n\\t string"},
    {"b'\\101\\x41'", "4141 bytes"},
    {"b'é'", "c3a9 bytes"},
    {"'''a'b\"c''' + \"\"\"d\"e'f\"\"\"", "a'b\"cd\"e'f string"},
    {"br'\\x41' + bR'A' + Br'A'", "5c7834314141 bytes"},
    {"'\\u00e'", "no expression"},
    {"'\\U00110000'", "no expression"},
    {"'\\ud800'", "no expression"},
    {"'\\q'", "no expression"},
    {"'abc", "no expression"},
    {"true && !false && null == null", "true bool"},
    {"// comment", "no expression"},
    {"[1, 2, ]", "[1, 2] list(int)"},
    {"{'a': 1, }", "{a: 1} map(string, int)"},
    {"[,]", "no expression"},
    {"{,}", "no expression"},
    {"[1,,2]", "no expression"},
    {"f(1,)", "no expression"},
    /* names */
    {".x", "no expression"},
    {"x", "no expression"},
    {"x.y", "no expression"},
    {"package", "no expression"},
    {"google.protobuf.Timestamp == google.protobuf.Timestamp", "true bool"},
    {"if", "no expression"},
    {"in", "no expression"},
    {"a.in", "no expression"},
    {"{'in': 1}.in", "no expression"},
    {"{'if': 1}.if", "1 int"},
    {"list", "list type(list(dyn))"},
    {"map == map", "true bool"},
    {"type(list)", "type type(type(list(dyn)))"},
    {"null_type == type(null)", "true bool"},
    /* nested */
    {"1 + (2 * (3 - 4)) / 5 % 6 == 7 || !(8 < 9) && -10 >= -11 ? [12][0] : {13: 14}[13]", "14 int"},
    {"(((((1)))))", "1 int"},
    {"1 < 2 == true", "true bool"},
    {"1 == 1 == true", "true bool"},
    {"a b", "no expression"},
    {"1 +", "no expression"},
    {"(1", "no expression"},
    {"[1", "no expression"},
    {"{1", "no expression"},
    {"1)", "no expression"},
};

static struct sw_zone *zones[8];
static size_t n_zones;

static const struct sw_zone *find_zone(void *ctx, struct sw_str name)
{
    (void)ctx;
    for (size_t i = 0; i < n_zones; i++) {
        if (sw_str_eq(sw_zone_name(zones[i]), name))
            return zones[i];
    }
    if (n_zones == SW_COUNTOF(zones) || sw_zone_load(&zones[n_zones], name, NULL) != SW_OK)
        return NULL;
    return zones[n_zones++];
}

static void run(struct sw_str text, bool unchecked, struct sw_buf *out)
{
    struct sw_lang *l = sw_lang_new(SW_LANG_CEL);
    struct sw_arena arena = {.first = NULL};
    struct sw_diag diag = {0};
    struct sw_how how = {.unchecked = unchecked};
    struct sw_frame f = {.budget = 100000, .arena = &arena};
    struct sw_prog *p;

    sw_lang_zones(l, find_zone, NULL);
    p = sw_lang_compile_as(l, (struct sw_text){.text = text}, &how, &diag);
    if (p == NULL) {
        sw_buf_cstr(out, diag.errors > 0 ? "no expression" : "silence");
    } else {
        struct sw_value v;

        sw_frame_begin(&f);
        v = sw_eval(p, &f);
        if (v.kind == SW_KERROR) {
            sw_buf_cstr(out, "error");
        } else {
            sw_value_put(l, v, out);
            sw_buf_char(out, ' ');
            sw_type_put(sw_prog_type(p), out);
        }
    }
    sw_diag_free(&diag);
    sw_arena_free(&arena);
    sw_lang_free(l);
}

/* "3 int" and "3 dyn" agree. */
static struct sw_str value_part(struct sw_str s)
{
    while (s.n > 0 && s.p[s.n - 1] != ' ')
        s.n--;
    return s;
}

int main(void)
{
    struct sw_buf out = {0};

    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        struct sw_str want = sw_str(cases[i].result);

        sw_buf_clear(&out);
        run(sw_str(cases[i].text), false, &out);
        is_str_named(sw_buf_view(&out), cases[i].result, cases[i].text);
        if (sw_str_is(want, "no expression"))
            continue;
        sw_buf_clear(&out);
        run(sw_str(cases[i].text), true, &out);
        ok_named(sw_str_is(want, "error") ? sw_str_eq(sw_buf_view(&out), want)
                                          : sw_str_starts(sw_buf_view(&out), value_part(want)),
                 "  the same without types");
    }
    sw_buf_free(&out);
    for (size_t i = 0; i < n_zones; i++)
        sw_zone_free(zones[i]);
    return done_testing();
}
