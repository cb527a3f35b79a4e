/* Parameters in their two forms: what each mistake is told as and where, that both load to the same
 * values, and that whatever a spreadsheet makes of params.csv is read. */
#include "../tap.h"
#include "engine/parts.h"
#include "ruleset_help.h"
#include <shouwang/base/charset.h>
#include <shouwang/base/mem.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "名称,含义,单位,数值,最小,最大,生效日期,依据\n"
#define GOOD                                                                                       \
    "days,多少天,天,90,30,365,,专班\n"                                                       \
    "share,比例,比例,0.5,0.1,1,,\n"
#define LINE "line,预警线,元,5000,1000,50000,,医保局\n"

/* The ruleset with these parameters; `name` says which of the two files they are. */
static struct sw_ruleset *with(const char *name, struct sw_str text, struct sw_diag *diag)
{
    const struct rule_file files[] = {
        {"schema.yaml", sw_str(small_schema)}, {name, text}, {"rules.yaml", sw_str(small_rules)}};

    return build_rules(files, SW_COUNTOF(files), diag);
}

/* ---- mistakes ----------------------------------------------------------------------------- */

static const struct {
    const char *text, *finding; /* the first line that is printed; "": it loads */
} tables[] = {
    {HEAD GOOD LINE, ""},
    {"\xef\xbb\xbf" HEAD GOOD LINE, ""},
    {"name,label,unit,value,min,max\ndays,d,天,90,30,365\nshare,s,,0.5,0.1,1\nline,l,元,5,1,9\n",
     ""},
    {"最大,最小,数值,单位,含义,名称,,\n365,30,90,天,多少天,days,,\n\n,,,,,,,\n1,0.1,0.5,,,share\n"
     "9,1,5,元,,line\n",
     ""},
    {HEAD GOOD "line,预警线,元,２００００,１０００,５００００．５０,,\n", ""},
    {HEAD GOOD "line,预警线, 元 , 20000 ,1000,50000,,\n", ""},
    {HEAD "params,版本,,7\n" GOOD LINE, ""},
    /* the first line */
    {"",
     "params.csv: error: this file is empty; take it away, or write it elsewhere with `shouwang "
     "params csv` and move it here"},
    {"\n\n", "params.csv: error: this file is empty; take it away, or write it elsewhere with "
             "`shouwang params csv` and move it here"},
    {HEAD, "rules.yaml:7:37: error: there is no parameter days"},
    {"名称,含义,单位,数值,最小,生效日期,依据\n" GOOD,
     "params.csv:1:1: error: the column 最大 is missing"},
    {"名称,含义,数值,最小,最大\n" GOOD, "params.csv:1:1: error: the column 单位 is missing"},
    {"名称,含义,单位,数值,最小,最大,备注\n",
     "params.csv:1:19: error: unknown column 备注; the columns are 名称 含义 单位 数值 最小 最大 "
     "生效日期 依据, separated by commas"},
    {"name,label,unit,valu,value,min,max\n",
     "params.csv:1:17: error: unknown column valu; did you mean value?"},
    {"名称,含义,单位,数值,数值,最小,最大\n",
     "params.csv:1:13: error: the column 数值 is here twice"},
    {"名称;含义;单位;数值;最小;最大\n",
     "params.csv:1:1: error: unknown column 名称;含义;单位;数值;最小;最大; the columns are 名称 "
     "含义 单位 数值 最小 最大 生效日期 依据, separated by commas"},
    /* numbers */
    {HEAD GOOD "line,预警线,元,\"20,000\",1000,50000,,\n",
     "params.csv:4:12: error: value: expected a number, got \"20,000\"; write it without "
     "separators, 20000 for 20,000"},
    {HEAD GOOD "line,预警线,元,20,000,1000,50000,,\n",
     "params.csv:4:31: error: more cells than columns; write numbers without separators, 20000 "
     "for 20,000"},
    {HEAD "days,多少天,天,90天,30,365,,\n", "params.csv:2:12: error: value: expected a number, got "
                                            "\"90天\"; write digits only, without the unit"},
    {HEAD "share,比例,比例,40%,0.1,1,,\n", "params.csv:2:13: error: value: expected a number, got "
                                           "\"40%\"; write a share as a fraction, 0.4 for 40%"},
    {HEAD "line,预警线,元,5000.125,1000,50000,,\n",
     "params.csv:2:12: error: line: \"5000.125\" is no amount in yuan; fen are the smallest: two "
     "places behind the point at most"},
    {HEAD "line,预警线,元,500,1000,50000,,\n",
     "params.csv:2:12: error: line: 500 is outside the range 1000 to 50000元"},
    {HEAD "days,多少天,天,15,90,7,,\n",
     "params.csv:2:15: error: days: min is greater than max; exchange them"},
    {HEAD "days,多少天,天,90,30,,,\n",
     "params.csv:2:1: error: days: max is missing (the most that is allowed)"},
    {HEAD "days,多少天,天,,30,365,,\n", "params.csv:2:12: error: days: the number is missing"},
    {HEAD "days,多少天\n", "params.csv:2:6: error: days: the number is missing"},
    {HEAD ",多少天,天,90,30,365,,\n", "params.csv:2:1: error: the name is missing"},
    {HEAD "医疗线,多少天,天,90,30,365,,\n",
     "params.csv:2:1: error: 医疗线: a name is made of lower-case letters, digits and _"},
    {HEAD "params,版本,,七,,,,\n",
     "params.csv:2:12: error: params: expected a whole number from 1 to 2147483647, got \"七\""},
    {HEAD "params,版本,,,,,,\n", "params.csv:2:1: error: the row params has no version number"},
    {HEAD "params,版本,,1,,,,\nparams,版本,,2,,,,\n",
     "params.csv:3:1: error: the row params, the version number, is here twice"},
    /* dates */
    {HEAD GOOD LINE "line,预警线,元,6000,1000,50000,2024/3/1,\n", ""},
    {HEAD GOOD "line,预警线,元,6000,1000,50000,2025年12月1日,\n" LINE, ""},
    {HEAD GOOD LINE LINE, "params.csv:5:1: error: line: two values begin on the same day"},
    {HEAD GOOD "line,预警线,元,6000,1000,50000,2024-03-01,\nline,,,7000,,,2024/3/1,\n",
     "params.csv:5:15: error: line: two values begin on the same day"},
    {HEAD GOOD LINE "line,预警线,元,6000,1000,50000,2024-02-30,\n",
     "params.csv:5:28: error: from: expected a date such as 2024-03-14, got \"2024-02-30\""},
    {HEAD GOOD LINE "line,预警线,元,6000,1000,50000,明年,\n",
     "params.csv:5:28: error: from: expected a date such as 2024-03-14, got \"明年\""},
    {HEAD GOOD LINE "line,预警线,万元,6000,1000,50000,2024-03-01,\n",
     "params.csv:5:10: error: line: 单位 is 万元 here and 元 in line 4; it must be the same in all "
     "its rows"},
    {HEAD GOOD LINE "line,,,6000,2000,,2024-03-01,\n",
     "params.csv:5:13: error: line: 最小 is 2000 here and 1000 in line 4; it must be the same in "
     "all its rows"},
    /* the form */
    {HEAD "days,\"多少天,天,90,30,365,,\n",
     "params.csv:2:1: error: a quote is opened and not closed"},
    {HEAD "\"days\",\"多\n少\",天,9,30,365,,\n",
     "params.csv:3:6: error: days: 9 is outside the range 30 to 365天"},
};

static const struct {
    const char *text, *finding;
} yamls[] = {
    {"line: {unit: 元, value: \"20,000\", min: 1, max: 50000}\n",
     "params.yaml:1:24: error: value: expected a number, got \"20,000\"; write it without "
     "separators, 20000 for 20,000"},
    {"line: {unit: 元, value: ２００, min: 1, max: 100}\n",
     "params.yaml:1:24: error: line: ２００ is outside the range 1 to 100元"},
    {"line: {unit: 元, min: 1, max: 9, values: []}\n",
     "params.yaml:1:41: error: line: there is no value in this list"},
    {"line: {unit: 元, min: 1, max: 9, values: [{value: 1}, {from: 2024-01-01, value: 2}, "
     "{from: 2024-01-01, value: 3}]}\n",
     "params.yaml:1:91: error: line: two values begin on the same day"},
    {"line: {unit: 元, min: 1, max: 9, values: [{from: 2024-01-01}]}\n",
     "params.yaml:1:42: error: value is missing (what holds from that day on)"},
    {"line: {unit: 元, value: 5, min: 1, max: 9, label: \"a\\0\"}\n",
     "params.yaml:1:50: error: label: there is a control character in this text"},
    {"Line: {unit: 元, value: 5, min: 1, max: 9}\n",
     "params.yaml:1:1: error: Line: a name is made of lower-case letters, digits and _"},
};

static void expect(const char *name, const char *text, const char *finding)
{
    struct sw_diag diag = {0};
    struct sw_ruleset *rs = with(name, sw_str(text), &diag);
    struct sw_buf out = {0};
    struct sw_str all;
    struct sw_str line = {NULL, 0};

    sw_diag_format(&diag, &out);
    all = sw_buf_view(&out);
    if (diag.errors > 0)
        sw_str_split(&all, '\n', &line);
    is_str_named(line, finding, finding[0] == '\0' ? "loads" : finding);
    ok_named((rs != NULL) == (finding[0] == '\0'), "loads only without a finding");
    sw_ruleset_free(rs);
    sw_diag_free(&diag);
    sw_buf_free(&out);
}

/* The caret stands under the cell, and the whole of a finding fits what it is about. */
static void test_caret(void)
{
    struct sw_diag diag = {0};
    struct sw_buf out = {0};

    sw_ruleset_free(with("params.csv", SW_STR(HEAD "line,线,元,9,10,90,,\r\n" GOOD), &diag));
    sw_diag_format(&diag, &out);
    is_str(sw_buf_view(&out), "params.csv:2:10: error: line: 9 is outside the range 10 to 90元\n"
                              "    line,线,元,9,10,90,,\n"
                              "               ^\n");
    sw_diag_free(&diag);
    sw_buf_free(&out);
}

#define OVERRIDE                                                                                     \
    "overrides: [{area: 青山镇, from: 2024-01-01, until: 2024-12-31, set: {line: 4000}, reason: " \
    "x, by: y}]\n"

/* A file of parameters that cannot be read is the one thing to tell. */
static void test_broken(void)
{
    static const char *const broken[] = {"line: {unit: 元, value: 5, min: 1, max: 9\n",
                                         "line: {unit: 元, value: 5, min: 9, max: 1}\n"};

    for (size_t i = 0; i < SW_COUNTOF(broken); i++) {
        const struct rule_file files[] = {{"schema.yaml", sw_str(small_schema)},
                                          {"areas.yaml", SW_STR(OVERRIDE)},
                                          {"params.yaml", sw_str(broken[i])},
                                          {"rules.yaml", sw_str(small_rules)}};
        struct sw_diag diag = {0};

        ok(build_rules(files, SW_COUNTOF(files), &diag) == NULL);
        is_int_named(diag.errors, 1, "a mistake in the parameters is told alone");
        is_str(diag.first->at.file, "params.yaml");
        sw_diag_free(&diag);
    }
}

static void test_both(void)
{
    const struct rule_file files[] = {{"schema.yaml", sw_str(small_schema)},
                                      {"params.csv", SW_STR(HEAD GOOD LINE)},
                                      {"params.yaml", SW_STR("params: 1\n")},
                                      {"areas.yaml", SW_STR(OVERRIDE)},
                                      {"rules.yaml", sw_str(small_rules)}};
    struct sw_diag diag = {0};

    ok(build_rules(files, SW_COUNTOF(files), &diag) == NULL);
    is_int_named(diag.errors, 1, "who uses a parameter is not to blame");
    is_str(diag.first->at.file, "params.csv");
    is_str(diag.first->message,
           "params.yaml is here too; keep one of the two and take the other away");
    sw_diag_free(&diag);
}

/* ---- both forms are the same -------------------------------------------------------------- */

static bool same_value(struct sw_value a, struct sw_value b)
{
    return a.kind == b.kind && (a.kind == SW_KDOUBLE ? a.d == b.d : a.i == b.i);
}

static bool same_param(const struct sw_param *a, const struct sw_param *b)
{
    bool same = sw_str_eq(a->name, b->name) && sw_str_eq(a->label, b->label) &&
                sw_str_eq(a->unit, b->unit) && a->is_money == b->is_money &&
                a->is_whole == b->is_whole && same_value(a->min, b->min) &&
                same_value(a->max, b->max) && a->n == b->n;

    for (size_t i = 0; same && i < a->n; i++)
        same = a->value[i].from == b->value[i].from &&
               same_value(a->value[i].value, b->value[i].value) &&
               sw_str_eq(a->value[i].source, b->value[i].source);
    return same;
}

static bool same_params(const struct sw_ruleset *a, const struct sw_ruleset *b)
{
    bool same = a->n_params == b->n_params && a->params_version == b->params_version;

    for (size_t i = 0; same && i < a->n_params; i++)
        same = same_param(&a->param[i], &b->param[i]);
    return same;
}

/* Printed as a table, loaded, printed as YAML, loaded: the same values; printing anew gives the
 * same bytes. */
static void round_trip(struct sw_str text, const char *name, const char *what)
{
    struct sw_diag diag = {0};
    struct sw_ruleset *rs = with(name, text, &diag);
    struct sw_buf table = {0};
    struct sw_buf yaml = {0};
    struct sw_buf again = {0};
    struct sw_ruleset *from_table;
    struct sw_ruleset *from_yaml;

    SW_ASSERT(rs != NULL);
    sw_ruleset_params_put(rs, SW_PARAMS_TABLE, &table);
    sw_ruleset_params_put(rs, SW_PARAMS_YAML, &yaml);
    from_table = with("params.csv", sw_buf_view(&table), &diag);
    from_yaml = with("params.yaml", sw_buf_view(&yaml), &diag);
    sw_diag_print(&diag, stdout);
    if (ok_named(from_table != NULL && from_yaml != NULL, what)) {
        ok_named(same_params(rs, from_table), "the table has the same values");
        ok_named(same_params(rs, from_yaml), "so has the YAML");
        sw_ruleset_params_put(from_yaml, SW_PARAMS_TABLE, &again);
        ok_named(sw_str_eq(sw_buf_view(&again), sw_buf_view(&table)), "byte for byte");
    }
    sw_ruleset_free(rs);
    sw_ruleset_free(from_table);
    sw_ruleset_free(from_yaml);
    sw_buf_free(&table);
    sw_buf_free(&yaml);
    sw_buf_free(&again);
    sw_diag_free(&diag);
}

static const char odd_yaml[] =
    "params: 12\n"
    "days: {unit: 天, value: 90, min: 0, max: 2147483648000}\n"
    "share: {label: \"a, b: \\\"c\\\"\\\\ #d\", value: 2, min: 1.0, max: 3}\n"
    "line:\n"
    "  label: '  - 一行\n\n    两行'\n"
    "  unit: 元\n"
    "  min: -0.01\n"
    "  max: 1e6\n"
    "  source: 专班\n"
    "  values:\n"
    "    - {from: 2025-01-01, value: 0.1, source: \"=1+1\\t\\r\\n\\u0085\\u2028\\uFEFFx\"}\n"
    "    - {value: 3}\n"
    "    - {from: 0001-01-01, value: 999999.99}\n";

/* ---- from a folder ------------------------------------------------------------------------ */

static void write_file(const char *dir, const char *name, struct sw_str text)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    f = fopen(path, "wb");
    SW_ASSERT(f != NULL);
    fwrite(text.p, 1, text.n, f);
    fclose(f);
}

/* "days,多少天,天,…" as WPS saves it when nobody chose an encoding. */
static const char gb_table[] =
    "\xc3\xfb\xb3\xc6,\xba\xac\xd2\xe5,\xb5\xa5\xce\xbb,\xca\xfd\xd6\xb5,\xd7\xee\xd0\xa1,"
    "\xd7\xee\xb4\xf3\r\n"
    "days,\xb6\xe0\xc9\xd9\xcc\xec,\xcc\xec,90,30,365\r\n"
    "line,\xd4\xa4\xbe\xaf\xcf\xdf,\xd4\xaa,5000,1000,50000\r\n"
    "share,\xb1\xc8\xc0\xfd,,0.5,0.1,1\r\n";

static void test_folder(void)
{
    char dir[] = "/tmp/params-XXXXXX";
    static const char *const names[] = {"schema.yaml", "rules.yaml", "params.csv", "notes.csv"};
    struct sw_err err = {.code = SW_OK};
    struct sw_diag diag = {0};
    struct sw_ruleset *rs;
    struct sw_bundle *b;
    char digest[65];
    char pipe[64];

    SW_ASSERT(mkdtemp(dir) != NULL);
    write_file(dir, names[0], sw_str(small_schema));
    write_file(dir, names[1], sw_str(small_rules));
    write_file(dir, names[2], sw_str(gb_table));
    write_file(dir, names[3], SW_STR("other,table\n"));
    b = sw_bundle_load(dir, &err);
    SW_ASSERT(b != NULL);
    is_int_named(b->n, 3, "rule files and params.csv, no other table");
    is_str_named(b->file[0].name, "params.csv", "by name");
    ok_named(sw_str_starts(b->file[0].text, SW_STR("名称,含义")), "in UTF-8");
    memcpy(digest, b->digest, sizeof(digest));
    rs = sw_ruleset_build(b, dir, &diag);
    sw_diag_print(&diag, stdout);
    if (ok_named(rs != NULL, "GB18030 loads"))
        is_str(rs->param[0].label, "多少天");
    sw_ruleset_free(rs);
    write_file(dir, names[2], SW_STR("\xef\xbb\xbf" HEAD GOOD LINE));
    b = sw_bundle_load(dir, &err);
    ok_named(strcmp(b->digest, digest) != 0, "the digest covers the table");
    ok_named(sw_str_starts(b->file[0].text, SW_STR("名称")), "without a byte order mark");
    sw_bundle_free(b);
    write_file(dir, names[2], SW_STR("a,b\n\xff\xff\xff\n"));
    ok(sw_bundle_load(dir, &err) == NULL);
    ok(strstr(err.text, "/params.csv: line 2 is neither UTF-8 nor GB18030") != NULL);
    write_file(dir, names[2], (struct sw_str){HEAD "params,\0,,7\n", sizeof(HEAD) + 11});
    ok_named(sw_bundle_load(dir, &err) == NULL, "what the log could not give back is refused");
    ok(strstr(err.text, "/params.csv: line 2 holds a NUL byte") != NULL);
    snprintf(pipe, sizeof(pipe), "%s/a.yaml", dir);
    SW_ASSERT(mkfifo(pipe, 0600) == 0);
    ok_named(sw_bundle_load(dir, &err) == NULL, "a pipe is refused, not waited for");
    ok(strstr(err.text, "/a.yaml: no ordinary file") != NULL);
    unlink(pipe);
    sw_diag_free(&diag);
    for (size_t i = 0; i < SW_COUNTOF(names); i++) {
        char path[128];

        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}

static void test_charset(void)
{
    static const struct {
        const char *in;
        const char *out; /* NULL: refused */
    } cases[] = {
        {"守望", "守望"},
        {"\xef\xbb\xbf守", "守"},
        {"", ""},
        {"\xca\xd8\xcd\xfb", "守望"},
        {"\x81\x30\x81\x30 \x82\x32\x8d\x31", "\xc2\x80 㼀"},
        {"\xff\xfe\x88\x5b", "守"},
        {"\xfe\xff\x5b\x88", "守"},
        {"\xff\xfe\x88", NULL},
        {"\xef\xbb\xbf\xca\xd8", NULL},
        {"ok\n\xca\xd8\n\xff", NULL},
    };

    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        struct sw_buf out = {0};
        struct sw_err err = {.code = SW_OK};
        enum sw_code rc;

        sw_buf_cstr(&out, ">");
        rc = sw_charset_utf8(sw_str(cases[i].in), &out, &err);
        is_int(rc, cases[i].out == NULL ? SW_EINVALID : SW_OK);
        is_str(sw_str_sub(sw_buf_view(&out), 1, out.n), cases[i].out == NULL ? "" : cases[i].out);
        sw_buf_free(&out);
    }
}

int main(void)
{
    for (size_t i = 0; i < SW_COUNTOF(tables); i++)
        expect("params.csv", tables[i].text, tables[i].finding);
    for (size_t i = 0; i < SW_COUNTOF(yamls); i++)
        expect("params.yaml", yamls[i].text, yamls[i].finding);
    test_caret();
    test_both();
    test_broken();
    round_trip(sw_str(odd_yaml), "params.yaml", "odd texts and numbers");
    round_trip(
        SW_STR("params: 3\nline: {unit: 元, value: 1, min: 0, max: 2}\ndays: {value: 1, min: "
               "0, max: 2}\nshare: {value: 1e-300, min: 0.0, max: 1e22}\n"),
        "params.yaml", "numbers far out");
    round_trip(SW_STR(HEAD GOOD "line,预警线,元,6000,1000,50000,2025年12月1日,\n" LINE),
               "params.csv", "a table");
    test_folder();
    test_charset();
    return done_testing();
}
