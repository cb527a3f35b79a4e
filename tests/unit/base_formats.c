/* JSON, YAML and CSV: what is read, what is refused and where the finger points. */
#include "../tap.h"
#include <shouwang/base/csv.h>
#include <shouwang/base/date.h>
#include <shouwang/base/json.h>
#include <shouwang/base/yaml_keys.h>

static void test_json_refusals(void)
{
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"{\"a\":1,\"a\":2}", "a key twice in one object: \"a\""},
        {"{\"a\":\"\xc0\xaf\"}", "not UTF-8 at byte 6"},
        {"{\"a\":\"\\ud800\"}", "half a surrogate pair at byte 6"},
        {"{\"a\":\"\\udc00x\"}", "half a surrogate pair at byte 6"},
        {"{\"a\":\"\\u0000\"}", "U+0000 in a string at byte 6"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "nested too deep"},
        {"   ", "not JSON at byte 1: parse error: premature EOF"},
    };
    static const char *const grammar[] = {
        "{\"a\":1,}", "{'a':1}", "{\"a\":012}", "{\"a\":NaN}", "{\"a\":1} x", "[1,2",
        "{\"a\" 1}",  "// c\n1", "\"\x01\"",    "{\"a\":+1}",  "nul",         "\"\\x41\"",
        "[1 2]",      "1.",      "-",           "\"abc",
    };
    struct sw_arena arena = {0};
    struct sw_json *v;
    struct sw_err err;

    for (size_t i = 0; i < SW_COUNTOF(bad); i++) {
        is_int_named(sw_json_parse(&arena, sw_str(bad[i].text), &v, &err), SW_EINVALID,
                     bad[i].text);
        is_str(sw_str(err.text), bad[i].why);
    }
    for (size_t i = 0; i < SW_COUNTOF(grammar); i++)
        is_int_named(sw_json_parse(&arena, sw_str(grammar[i]), &v, &err), SW_EINVALID, grammar[i]);
    sw_arena_free(&arena);
}

static void test_json(void)
{
    static const char text[] = "{\"id\":\"a\\u5b88\\n\\\"b\",\"n\":12345678901234567890.10,"
                               "\"l\":[1,true,null,{}],\"e\":\"\"}";
    struct sw_arena arena = {0};
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    struct sw_json *v = NULL;
    struct sw_err err;

    is_int(sw_json_parse(&arena, sw_str(text), &v, &err), SW_OK);
    is_str(sw_json_text(v, "id"), "a守\n\"b");
    is_str(sw_json_get(v, "n")->text, "12345678901234567890.10");
    is_int(sw_json_get(v, "l")->count, 4);
    ok(sw_json_get(v, "x") == NULL);
    ok(sw_json_get(sw_json_get(v, "n"), "x") == NULL);
    sw_jw_value(&w, v);
    is_str(sw_buf_view(&out), "{\"id\":\"a守\\n\\\"b\",\"n\":12345678901234567890.10,"
                              "\"l\":[1,true,null,{}],\"e\":\"\"}");
    sw_buf_free(&out);
    sw_arena_free(&arena);
}

static struct sw_yaml *yaml(struct sw_arena *arena, const char *text, struct sw_diag *diag)
{
    return sw_yaml_parse(arena, SW_STR("f.yaml"), sw_str(text), diag);
}

static void test_yaml_places(void)
{
    static const char text[] = "plain: a b\n"
                               "folded: one\n"
                               "  two three\n"
                               "single: 'it''s x'\n"
                               "double: \"k == \\\"fire\\\" \\u5b88 x\"\n"
                               "block: |\n"
                               "   first\n"
                               "     second x\n"
                               "list: [{deep: 守望 x}]\n";
    static const struct {
        const char *key, *word;
        uint32_t line, column;
    } want[] = {
        {"plain", "b", 1, 10},  {"folded", "three", 3, 7}, {"single", "x", 4, 16},
        {"double", "x", 5, 31}, {"block", "x", 8, 13},
    };
    struct sw_arena arena = {0};
    struct sw_diag diag = {0};
    struct sw_yaml *y = yaml(&arena, text, &diag);
    struct sw_place at;

    is_int(diag.errors, 0);
    for (size_t i = 0; i < SW_COUNTOF(want); i++) {
        const struct sw_yaml *v = sw_yaml_get(y, want[i].key);

        at = sw_yaml_place(v, (size_t)(strstr(v->text.p, want[i].word) - v->text.p));
        is_int_named(at.line, want[i].line, want[i].key);
        is_int_named(at.column, want[i].column, want[i].key);
    }
    at = sw_yaml_place(sw_yaml_get(y, "list")->first->first, 7);
    is_int(at.line, 9);
    is_int(at.column, 18);
    sw_arena_free(&arena);
    sw_diag_free(&diag);
}

static void test_yaml_refusals(void)
{
    static const struct {
        const char *text, *finding;
    } bad[] = {
        {"a: 1\na: 2\n", "f.yaml:2:1: error: the key a is here twice, first in line 1\n"},
        {"a: &x 1\nb: *x\n", "f.yaml:1:4: error: anchors and tags are not used in these files\n"},
        {"a: !!int 1\n", "f.yaml:1:4: error: anchors and tags are not used in these files\n"},
        {"a: 1\n---\nb: 2\n", "f.yaml:2:1: error: only one document per file\n"},
        {"a: [1\n", "f.yaml:1:4: error: this [ is not closed; expected , or ] by line 2\n"},
        {"a: {b: 1, c: [2}\n", "f.yaml:1:16: error: expected , or ] here: the [ in column 14 is "
                               "not closed yet\n"},
        {"a: {b: 1\nc: 2\nd: 3\n", "f.yaml:1:4: error: this { is not closed; expected , or } by "
                                   "line 2\n"},
        {"a: \"x >= 1\nb: \"text\"\nc: 2\n", "f.yaml:1:4: error: this quote is not closed in its "
                                             "line (it was noticed in line 2)\n"},
        {"a: 1\nb: \"text\n", "f.yaml:2:4: error: this quote is not closed in its line (it was "
                              "noticed in line 3)\n"},
        {"a: 1\nb: 'text\nc: don't\n",
         "f.yaml:2:4: error: this quote is not closed in its line (it "
         "was noticed in line 3)\n"},
        {"a: 1\nb： 2\nc: 3\n", "f.yaml:2:2: error: a full-width ： behind a key; write : and a "
                                "blank behind it\n"},
        {"a:\n  - b: 1\n    c：2\nd: 3\n",
         "f.yaml:3:6: error: a full-width ： behind a key; write : "
         "and a blank behind it\n"},
        {"a: 1\nb：2",
         "f.yaml:2:2: error: a full-width ： behind a key; write : and a blank behind "
         "it\n"},
        {"a: b: c\n", "f.yaml:1:5: error: there is a : too many: put a value that holds a : into "
                      "double quotes, or correct the indentation of this line\n"},
        {"a: 1\nb\nc: 2\n", "f.yaml:2:1: error: expected a key with : and a blank behind it\n"},
        {"a:\n  b: 1\n c: 2\n",
         "f.yaml:3:2: error: expected a key here: the indentation differs "
         "from the lines above, or a quote or bracket above is not closed\n"},
        {"a: []\n  - {b: 1}\n",
         "f.yaml:1:4: error: [] says that there is no entry; take it away, for "
         "entries stand below\n"},
        {"# x\na: []\n\n# y\n- {b: 1}\n",
         "f.yaml:2:4: error: [] says that there is no entry; take it "
         "away, for entries stand below\n"},
        {"- a\nb: []\n", "f.yaml:2:1: error: expected - as for the entries above, or another "
                         "indentation of this line\n"},
        {"a:\n- b\n c: 2\n", "f.yaml:3:3: error: there is a : too many: put a value that holds a : "
                             "into double quotes, or correct the indentation of this line\n"},
        {"a: `b`\n", "f.yaml:1:4: error: no value begins with this character (a tab, %, @ or `); "
                     "indent with blanks, put the value into double quotes\n"},
        {"a: \"\\d\"\n",
         "f.yaml:1:5: error: unknown \\ inside double quotes; write \\\\ for a \\ and "
         "\\\" for a quote\n"},
        {"a: !b && c\n", "f.yaml:1:8: error: put a value that begins with !, & or * into double "
                         "quotes\n"},
        {"a: \xff\n", "f.yaml:1:0: error: this line is not UTF-8; save the file as UTF-8\n"},
        {"? [a]\n: 1\n", "f.yaml:1:3: error: a key must be a plain word\n"},
    };
    struct sw_arena arena = {0};

    for (size_t i = 0; i < SW_COUNTOF(bad); i++) {
        struct sw_diag diag = {0};
        struct sw_buf out = {0};
        struct sw_str rest;
        struct sw_str first = {NULL, 0};

        yaml(&arena, bad[i].text, &diag);
        sw_diag_format(&diag, &out);
        rest = sw_buf_view(&out);
        sw_str_split(&rest, '\n', &first);
        first.n += first.n > 0;
        is_str_named(first, bad[i].finding, bad[i].text);
        sw_buf_free(&out);
        sw_diag_free(&diag);
    }
    sw_arena_free(&arena);
}

struct typed {
    bool flag;
    int32_t days;
    int64_t count;
    double share;
    sw_day date;
    unsigned int word;
    struct sw_str text;
    const struct sw_yaml *list;
};

static const char *const colours[] = {"red", "green", NULL};
static const struct sw_key small_number = {.kind = SW_KEY_INT, .lo = 1, .hi = 3};
static const struct sw_key a_range = {.kind = SW_KEY_LIST, .item = &small_number, .hi = 2};
static const struct sw_key typed[] = {
    {.name = "flag", SW_INTO(struct typed, flag), .kind = SW_KEY_BOOL},
    {.name = "days", SW_INTO(struct typed, days), .kind = SW_KEY_DAYS},
    {.name = "count", SW_INTO(struct typed, count), .kind = SW_KEY_INT},
    {.name = "share", SW_INTO(struct typed, share), .kind = SW_KEY_NUMBER, .hi = 1},
    {.name = "date", SW_INTO(struct typed, date), .kind = SW_KEY_DATE},
    {.name = "word", SW_INTO(struct typed, word), .kind = SW_KEY_WORD, .words = colours},
    {.name = "text", SW_INTO(struct typed, text), .hi = 3, .required = true, .help = "some text"},
    {.name = "list", SW_INTO(struct typed, list), .kind = SW_KEY_LIST, .item = &small_number},
    {.name = "either", .kind = SW_KEY_INT, .or_else = &a_range},
    {.name = "code", .pattern = "^[a-z]+$", .wanted = "letters"},
    {.name = "old", .refused = "say days: instead"},
};
static const struct sw_keys typed_keys = {SW_TABLE("typed", typed)};

static void test_keys_read(void)
{
    struct sw_arena arena = {0};
    struct sw_diag diag = {0};
    struct typed t = {.share = 0.25};
    struct sw_yaml *y = yaml(&arena,
                             "flag: true\ndays: 30d\ncount: -12\ndate: 2024-02-29\nword: green\n"
                             "text: 一二三\nlist: [1, 2, 3]\neither: [1]\ncode: ab\n",
                             &diag);

    ok(sw_keys_read(&typed_keys, y, &t, &diag));
    is_int(diag.errors, 0);
    ok(t.flag);
    is_int(t.days, 30);
    is_int(t.count, -12);
    ok(t.share > 0.2 && t.share < 0.3);
    is_int(t.date, sw_day_of(2024, 2, 29));
    is_int(t.word, 1);
    is_str(t.text, "一二三");
    is_int(t.list->count, 3);
    sw_diag_free(&diag);
    sw_arena_free(&arena);
}

/* One finding per mistake; what is wrong leaves its place as it was. */
static void test_keys_findings(void)
{
    static const struct {
        const char *text, *finding;
    } bad[] = {
        {"text: a\nflag: yes\n", "f.yaml:2:7: error: flag: expected true or false, got \"yes\"\n"},
        {"text: a\ncount: 12x\n",
         "f.yaml:2:8: error: count: expected a whole number, got \"12x\"; write digits "
         "only, without the unit\n"},
        {"text: a\nshare: 2\n",
         "f.yaml:2:8: error: share: expected a number from 0 to 1, got \"2\"\n"},
        {"text: a\ndate: 2024-02-30\n",
         "f.yaml:2:7: error: date: expected a date such as 2024-03-14, got \"2024-02-30\"\n"},
        {"text: a\ndays: 36h\n",
         "f.yaml:2:7: error: days: expected whole days such as 30d, got \"36h\"\n"},
        {"text: a\nword: gren\n", "f.yaml:2:7: error: word: expected one of red, green, got "
                                  "\"gren\"; did you mean green?\n"},
        {"text: abcd\n",
         "f.yaml:1:7: error: text: expected a text of at most 3 characters, got \"abcd\"\n"},
        {"text: a\ncoutn: 1\n", "f.yaml:2:1: error: unknown key coutn; did you mean count?\n"},
        {"text: a\nzzzzzz: 1\n", "f.yaml:2:1: error: unknown key zzzzzz\n"},
        {"text: a\nlist: 1\n", "f.yaml:2:7: error: list: expected a list\n"},
        {"text: a\nlist: [1, 4]\n",
         "f.yaml:2:11: error: expected a whole number from 1 to 3, got \"4\"\n"},
        {"text: a\neither: x\n", "f.yaml:2:9: error: either: expected a whole number or a list of "
                                 "at most 2 entries, got \"x\"\n"},
        {"text: a\neither: [1, 2, 3]\n", "f.yaml:2:9: error: either: expected a whole number or a "
                                         "list of at most 2 entries\n"},
        {"text: a\ncode: A\n", "f.yaml:2:7: error: code: expected letters, got \"A\"\n"},
        {"text: a\nold: 1\n", "f.yaml:2:1: error: old: say days: instead\n"},
        {"flag: true\n", "f.yaml:1:1: error: text is missing (some text)\n"},
        {"- text\n", "f.yaml:1:1: error: expected a map of keys and values\n"},
    };
    struct sw_arena arena = {0};

    for (size_t i = 0; i < SW_COUNTOF(bad); i++) {
        struct typed t = {.word = 7, .count = 7};
        struct sw_diag diag = {0};
        struct sw_buf out = {0};
        struct sw_str rest;
        struct sw_str first = {NULL, 0};

        sw_keys_read(&typed_keys, yaml(&arena, bad[i].text, &diag), &t, &diag);
        sw_diag_format(&diag, &out);
        rest = sw_buf_view(&out);
        sw_str_split(&rest, '\n', &first);
        first.n += first.n > 0;
        is_str_named(first, bad[i].finding, bad[i].text);
        is_int_named(diag.errors, 1, bad[i].text);
        ok_named(t.word == 7 && t.count == 7, bad[i].text);
        sw_buf_free(&out);
        sw_diag_free(&diag);
    }
    sw_arena_free(&arena);
}

static void test_csv(void)
{
    static const char text[] = "\xef\xbb\xbfid,name\r\n1,\"a,\"\"b\"\"\nc\"\n\n2,x\"y\n3,\"open";
    struct sw_csv c = {.rest = SW_STR("")};
    struct sw_csv_row row;
    struct sw_arena arena = {0};
    struct sw_buf out = {0};

    c.rest = sw_str(text);
    ok(sw_csv_next(&c, &arena, &row) && row.n == 2 && row.line == 1);
    is_str(row.field[0], "id");
    ok(sw_csv_next(&c, &arena, &row) && row.fault == NULL);
    is_str(row.field[1], "a,\"b\"\nc");
    sw_csv_put(&out, row.field[0], true);
    sw_csv_put(&out, row.field[1], false);
    is_str(sw_buf_view(&out), "1,\"a,\"\"b\"\"\nc\"");
    ok(sw_csv_next(&c, &arena, &row) && row.fault != NULL);
    is_int(row.line, 5);
    ok(sw_csv_next(&c, &arena, &row) && row.fault != NULL);
    is_str(sw_str(row.fault), "a quote is opened and not closed");
    ok(!sw_csv_next(&c, &arena, &row));
    c = (struct sw_csv){.rest = SW_STR("1,\"open\n2,b\n3\n4,\"d\"\n"), .fields = 2};
    ok(sw_csv_next(&c, &arena, &row) && row.fault != NULL && row.line == 1);
    ok(sw_csv_next(&c, &arena, &row) && row.fault == NULL && row.line == 2);
    ok(sw_csv_next(&c, &arena, &row) && row.fault != NULL && row.line == 3);
    ok(sw_csv_next(&c, &arena, &row) && row.fault == NULL && row.line == 4);
    is_str_named(row.field[1], "d", "a stray quote costs one row");
    c = (struct sw_csv){.rest = SW_STR("a,\n")};
    ok(sw_csv_next(&c, &arena, &row) && row.n == 2 && row.field[1].n == 0);
    sw_buf_free(&out);
    sw_arena_free(&arena);
}

int main(void)
{
    test_json();
    test_json_refusals();
    test_yaml_places();
    test_yaml_refusals();
    test_keys_read();
    test_keys_findings();
    test_csv();
    return done_testing();
}
