/* Tables as departments send them: what is found in a file, what each cell becomes, what is told of
 * rows that are wrong; and mutants of a table: nothing crashes, no row is lost in silence. */
#include "intake/table_parts.h"
#include "model_help.h"
#include <iconv.h>
#include <shouwang/base/charset.h>
#include <shouwang/base/number.h>

static const char schema_text[] =
    "schema: 1\n"
    "timezone: Asia/Shanghai\n"
    "enums: {kind: {inpatient: 住院, outpatient: 门诊}}\n"
    "household: {name: {type: string}}\n"
    "events:\n"
    "  bill: {feed: 医保局, fields: {person: {type: person}, kind: {type: enum(kind)}, "
    "paid: {type: money, min: 0, max: 5000000}, total: {type: money, optional: true}, "
    "insured: {type: bool, optional: true}, share: {type: number, optional: true}, "
    "days: {type: int, optional: true}, until: {type: date, optional: true}, "
    "note: {type: string, optional: true}}}\n"
    "  flood: {feed: 应急局, scope: area, fields: {loss: {type: money}}}\n"
    "  cut: {feed: 人社局, scope: person}\n"
    "  ytd: {feed: 医保局, replaces: year, fields: {person: {type: person}, paid: {type: "
    "money}}}\n";

static const char layout_text[] = "feed: 医保局\n"
                                  "event: bill\n"
                                  "files: [\"医保*.csv\"]\n"
                                  "subject: {person: [身份证号, 证件号码]}\n"
                                  "time: 结算日期\n"
                                  "key: [结算单号]\n"
                                  "takes_back: 原结算单号\n"
                                  "fields:\n"
                                  "  kind: {header: 类别, words: {普通住院: inpatient}}\n"
                                  "  paid: {header: [自付, 个人负担(元)]}\n"
                                  "  total: {header: 总额, unit: 万元}\n"
                                  "  insured: {header: 参保, words: {无: false}}\n"
                                  "  share: {header: 比例, unit: \"%\"}\n"
                                  "  days: {header: 天数}\n"
                                  "  until: {header: 有效期}\n"
                                  "  note: {header: 说明}\n"
                                  "ignore: [序号, 姓名]\n";

static struct sw_schema *schema;
static struct sw_layout *layout;

static struct sw_layout *parse(const char *text, bool told)
{
    struct sw_diag diag = {0};
    struct sw_layout *l = sw_layout_parse(SW_STR("feeds/医保局.yaml"), sw_str(text), schema, &diag);

    if (told)
        sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    return l;
}

static struct sw_table *open_text(struct sw_str text, struct sw_err *err)
{
    struct sw_table *t = NULL;

    return sw_table_open(&t, layout, text, err) == SW_OK ? t : NULL;
}

/* What becomes of the only row of a table; the text in `out`. */
static enum sw_row one_row(const char *table, struct sw_buf *out)
{
    struct sw_err err;
    struct sw_table *t = open_text(sw_str(table), &err);
    enum sw_row row = SW_ROW_END;
    uint32_t line;

    sw_buf_clear(out);
    if (t == NULL)
        sw_buf_cstr(out, err.text);
    else
        row = sw_table_next(t, &line, out);
    sw_buf_char(out, '\0');
    sw_table_close(t);
    return row;
}

/* ---- cells -------------------------------------------------------------------------------- */

static void test_dates(void)
{
    static const struct {
        const char *cell, *day;
        int64_t seconds;
    } cases[] = {
        {"2024-03-01", "2024-03-01", 0},
        {"2024/3/1", "2024-03-01", 0},
        {"2024.3.1", "2024-03-01", 0},
        {"20240301", "2024-03-01", 0},
        {"2024年3月1日", "2024-03-01", 0},
        {"2024年03月01日", "2024-03-01", 0},
        {"2024年3月1号", "2024-03-01", 0},
        {"２０２４－０３－０１", "2024-03-01", 0},
        {"45352", "2024-03-01", 0},
        {"45352.5", "2024-03-01", 43200},
        {"36526", "2000-01-01", 0},
        {"2024-2-29", "2024-02-29", 0},
        {"2024-03-01 08:30:15", "2024-03-01", 30615},
        {"2024/3/1 8:30", "2024-03-01", 30600},
        {"20240301 083015", NULL, 0},
        {"2024-03-01T23:59:59.5", "2024-03-01", 86399},
        {"2023-02-29", NULL, 0},
        {"2024-13-01", NULL, 0},
        {"2024-03-01 24:00", NULL, 0},
        {"3/1/2024", NULL, 0},
        {"24-3-1", NULL, 0},
        {"2024-3", NULL, 0},
        {"2024/3-1", NULL, 0},
        {"2024年3月", NULL, 0},
        {"12345", NULL, 0},
        {"99999", NULL, 0},
        {"45352.", NULL, 0},
        {"45352.5x", NULL, 0},
        {"202403011", NULL, 0},
        {"", NULL, 0},
        {"上个月", NULL, 0},
        {"１２３４５６７", NULL, 0},
    };

    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        char text[SW_DATE_SIZE];
        sw_day day = 0;
        sw_time of_day = 0;
        bool good = table_date(sw_str(cases[i].cell), &day, &of_day);

        ok_named(good == (cases[i].day != NULL) &&
                     (!good || (strcmp(sw_date_format(day, text), cases[i].day) == 0 &&
                                of_day / SW_SECOND == cases[i].seconds)),
                 cases[i].cell);
    }
}

/* A cell of the column, as JSON; "" when it is refused, "null" when it is blank. */
static struct sw_str value_of(struct sw_arena *arena, const char *field, const char *cell)
{
    for (size_t i = 0; i < layout->n_columns; i++) {
        const struct sw_layout_column *c = &layout->column[i];
        struct sw_json v;
        struct sw_err why = {.code = SW_OK};

        if (c->field == NULL || !sw_str_is(c->field->name, field))
            continue;
        if (!table_value(arena, layout, c, table_clean(sw_str(cell)), &v, &why))
            return why.text[0] == '\0' ? SW_STR("no reason") : SW_STR("");
        return v.kind == SW_JNULL    ? SW_STR("null")
               : v.kind == SW_JTRUE  ? SW_STR("true")
               : v.kind == SW_JFALSE ? SW_STR("false")
                                     : v.text;
    }
    return SW_STR("no such field");
}

static void test_values(void)
{
    static const struct {
        const char *field, *cell, *want;
    } cases[] = {
        {"paid", "12000", "12000"},
        {"paid", "12,000.50", "12000.5"},
        {"paid", "1,234,567.89", "1234567.89"},
        {"paid", "１２，０００．５", "12000.5"},
        {"paid", "　500 ", "500"},
        {"paid", "￥500.00", "500"},
        {"paid", "¥ 500元", "500"},
        {"paid", "1.2万元", "12000"},
        {"paid", "3万", "30000"},
        {"paid", "2.5千元", "2500"},
        {"paid", ".5", "0.5"},
        {"paid", "+5", "5"},
        {"paid", "0", "0"},
        {"paid", "=\"88\"", "88"},
        {"paid", "'88", "88"},
        {"paid", "(500)", ""},
        {"paid", "-500", ""},
        {"paid", "5000001", ""},
        {"paid", "1,23", ""},
        {"paid", "12,34,567", ""},
        {"paid", "1,2345", ""},
        {"paid", ",123", ""},
        {"paid", "1.2,345", ""},
        {"paid", "12.345", ""},
        {"paid", "1.2E+04", ""},
        {"paid", "1e3", ""},
        {"paid", "12x", ""},
        {"paid", "50%", ""},
        {"total", "0.5％", ""},
        {"paid", "元", ""},
        {"paid", "", ""},
        {"paid", "/", ""},
        {"total", "1.23456", "12345.6"},
        {"total", "0.000001", "0.01"},
        {"total", "0.0000001", ""},
        {"total", "1.1", "11000"},
        {"total", "500元", "500"},
        {"total", "-0.5", "-5000"},
        {"total", "(0.5)", "-5000"},
        {"total", "", "null"},
        {"total", "-", "null"},
        {"total", "无", "null"},
        {"total", "99999999999999", ""},
        {"kind", "住院", "inpatient"},
        {"kind", "普通住院", "inpatient"},
        {"kind", " 普通 住院", "inpatient"},
        {"kind", "outpatient", "outpatient"},
        {"kind", "针灸", ""},
        {"kind", "", ""},
        {"insured", "是", "true"},
        {"insured", "有", "true"},
        {"insured", "无", "false"},
        {"insured", "Ｙ", "true"},
        {"insured", "", "null"},
        {"insured", "也许", ""},
        {"share", "30", "30e-2"},
        {"share", "30%", "30e-2"},
        {"share", "12.5％", "12.5e-2"},
        {"share", "x", ""},
        {"days", "12", "12"},
        {"days", "1,200", "1200"},
        {"days", "12.5", ""},
        {"until", "2024/3/1", "2024-03-01"},
        {"until", "长期", ""},
        {"note", "转诊", "转诊"},
        {"note", "6.1E+17", ""},
        {"note", "无", "null"},
    };
    struct sw_arena arena = {0};

    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        char name[80];

        snprintf(name, sizeof(name), "%s: %s", cases[i].field, cases[i].cell);
        is_str_named(value_of(&arena, cases[i].field, cases[i].cell), cases[i].want, name);
    }
    sw_arena_free(&arena);
}

static void test_codes(void)
{
    static const struct {
        const char *cell, *want;
        enum sw_field_type type;
    } cases[] = {
        {"11010119900307783X", "11010119900307783X", SW_FPERSON},
        {"11010119900307783x", "11010119900307783X", SW_FPERSON},
        {"１１０１０１", "110101", SW_FPERSON},
        {"1.1E+17", NULL, SW_FPERSON},
        {"1.10101E+17", NULL, SW_FSTRING},
        {"6.10999e+11", NULL, SW_FAREA},
        {"1.10105194912310016E17", NULL, SW_FPERSON}, /* as programs in Java print it */
        {"3E12", "3E12", SW_FSTRING},
        {"110101199003077000", NULL, SW_FPERSON}, /* fifteen digits and three zeros */
        {"110101199003077000", "110101199003077000", SW_FSTRING},
        {"P1E+2x", "P1E+2x", SW_FPERSON},
        {"E+17", "E+17", SW_FPERSON},
    };
    struct sw_arena arena = {0};

    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        struct sw_str out = {NULL, 0};
        struct sw_err why;
        bool good = table_code(&arena, cases[i].type, sw_str(cases[i].cell), &out, &why);

        ok_named(good == (cases[i].want != NULL) && (!good || sw_str_is(out, cases[i].want)),
                 cases[i].cell);
    }
    sw_arena_free(&arena);
}

/* ---- tables ------------------------------------------------------------------------------- */

static void test_event(void)
{
    struct sw_buf out = {0};

    is_int(one_row("医保局3月清单,,,,\n,,单位：元,,\n序号,证件号码,结算日期,类 别,"
                   "个人负担（元）,结算单号,备注\n"
                   "1,P1,2024年3月1日,普通住院,\"12,000.5\",JS 1,x\n",
                   &out),
           SW_ROW_EVENT);
    is_str(sw_str(out.p),
           "{\"specversion\":\"1.0\",\"id\":\"row-4253ee6998c79e121b9bfd00ea5396bf\","
           "\"source\":\"table/医保局\",\"type\":\"bill\",\"subject\":\"person/P1\","
           "\"time\":\"2024-03-01T00:00:00+08:00\","
           "\"data\":{\"kind\":\"inpatient\",\"paid\":12000.5}}");
    sw_buf_free(&out);
}

#define HEAD "身份证号,结算日期,类别,自付,结算单号\n"

/* The same row, whatever the file looks like. */
static void test_same_event(void)
{
    static const char *const same[] = {
        "身份证号\t结算日期\t类别\t自付\t结算单号\nP1\t2024-03-01\t住院\t5\tA1\n",
        "身份证号;结算日期;类别;自付;结算单号\r\nP1;20240301;住院;5.0;A1\r\n",
        "\xef\xbb\xbf" HEAD "P1,2024/3/1,住院,５,A1\n",
        HEAD "=\"P1\",=\"2024-03-01\",住院,5,=\"A1\"\n",
        HEAD "\"P1\",45352,\"住院\",\"5.00\",\"A1\"",
        "结算单号,自付,类别,结算日期,身份证号\nA1,5,普通住院,2024.3.1,P1\n",
        "标题\n\n" HEAD "\n,,,,\nP1,2024-03-01,住院,5元,A1,,,\n",
    };
    struct sw_buf first = {0};
    struct sw_buf other = {0};

    is_int(one_row(HEAD "P1,2024-03-01,住院,5,A1\n", &first), SW_ROW_EVENT);
    for (size_t i = 0; i < SW_COUNTOF(same); i++) {
        is_int(one_row(same[i], &other), SW_ROW_EVENT);
        is_str(sw_str(other.p), first.p);
    }
    one_row(HEAD "P1,2024-03-01,住院,5,A2\n", &other);
    ok_named(strcmp(first.p, other.p) != 0, "another key is another event");
    is_int(
        one_row("身份证号,结算日期,类别,自付,结算单号,原结算单号\nP1,2024-03-09,,,A9,A1\n", &other),
        SW_ROW_EVENT);
    {
        const char *id = strstr(first.p, "row-");
        char want[80];

        snprintf(want, sizeof(want), "\"reverses\":\"%.36s\"}", id);
        ok_named(strstr(other.p, want) != NULL && strstr(other.p, "data") == NULL,
                 "a row that takes back names the other's id");
    }
    sw_buf_free(&first);
    sw_buf_free(&other);
}

/* Some bureaus cancel a bill under its own number. */
static void test_same_number_taken_back(void)
{
    static const char text[] = "身份证号,结算日期,类别,自付,结算单号,原结算单号\n"
                               "P1,2024-03-01,住院,5,A1,\n"
                               "P1,2024-03-09,住院,-5,A1,A1\n";
    struct sw_err err;
    struct sw_table *t = open_text(sw_str(text), &err);
    struct sw_buf bill = {0};
    struct sw_buf back = {0};
    char want[80];
    uint32_t line = 0;

    is_int(sw_table_next(t, &line, &bill), SW_ROW_EVENT);
    is_int(sw_table_next(t, &line, &back), SW_ROW_EVENT);
    sw_buf_char(&bill, '\0');
    sw_buf_char(&back, '\0');
    snprintf(want, sizeof(want), "\"id\":\"%.36s\"", strstr(bill.p, "row-"));
    ok_named(strstr(back.p, want) == NULL, "what takes back is an event of its own");
    snprintf(want, sizeof(want), "\"reverses\":\"%.36s\"}", strstr(bill.p, "row-"));
    ok_named(strstr(back.p, want) != NULL, "about the bill of the same number");
    sw_table_close(t);
    sw_buf_free(&bill);
    sw_buf_free(&back);
}

static void test_refused_rows(void)
{
    static const struct {
        const char *row, *part;
    } cases[] = {
        {"1.1E+17,2024-03-01,住院,5,A1\n", "column 身份证号: Excel has turned"},
        {",2024-03-01,住院,5,A1\n", "column 身份证号: nothing stands here"},
        {"P1,三月,住院,5,A1\n", "column 结算日期: a date such as"},
        {"P1,三月,针灸,x,A1\n", "column 类别"},
        {"P1,三月,针灸,x,A1\n", "column 自付: an amount"},
        {"P1,2024-03-01,住院,5,\n", "column 结算单号: nothing stands here, and"},
        {"P1,2024-03-01,住院,5,6.2E+15\n", "column 结算单号: Excel has turned"},
        {"P1,2024-03-01,住院,1,200,A1\n", "more cells"},
        {"P=\"1\",2024-03-01,住院,5,A1\n", "a quote inside"},
        {"=\"P\"1\",2024-03-01,住院,5,A1\n", "a quote inside"},
        {"=\",2024-03-01,住院,5,A1\n", "a quote inside"},
        {"P1,2024-03-01,住院,A1\n", "fewer cells"},
        {"P1,2024-03-01,住院,5,\"A1\n", "a quote is opened"},
        {"P1,2024-03-01,住\xff院,5,A1\n", "bytes that do not fit"},
        {"P1,2024-03-01,住院,6000000,A1\n", "no more than 5000000"},
    };
    struct sw_buf text = {0};
    struct sw_buf out = {0};

    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        sw_buf_clear(&text);
        sw_buf_printf(&text, HEAD "%s", cases[i].row);
        is_int(one_row(text.p, &out), SW_ROW_REFUSED);
        ok_named(strstr(out.p, cases[i].part) != NULL, out.p);
    }
    sw_buf_free(&text);
    sw_buf_free(&out);
}

static void test_same_key(void)
{
    static const char text[] = HEAD "P1,2024-03-01,住院,5,A1\n"
                                    "P1,2024/3/1,住院,5.00,A1\n"
                                    "P1,2024-03-01,住院,6,A1\n";
    static const enum sw_row want[] = {SW_ROW_EVENT, SW_ROW_EVENT, SW_ROW_REFUSED, SW_ROW_END};
    struct sw_err err;
    struct sw_table *t = open_text(sw_str(text), &err);
    struct sw_buf out = {0};
    uint32_t line = 0;

    for (size_t i = 0; i < SW_COUNTOF(want); i++)
        is_int(sw_table_next(t, &line, &out), want[i]);
    is_str(sw_buf_view(&out), "line 2 has the same key and says something else");
    sw_table_close(t);
    sw_buf_free(&out);
}

static void test_not_data(void)
{
    static const char text[] = "清单\n" HEAD "P1,2024-03-01,住院,5,A1\n"
                               ",,小计,5,\n" HEAD "P1,2024-03-02,住院,7,A2\n"
                               "合计：,,,12,\n\n制表人：王五,,审核：赵六,,\n";
    struct sw_err err;
    struct sw_table *t = open_text(sw_str(text), &err);
    struct sw_buf out = {0};
    uint32_t line = 0;

    is_int(sw_table_next(t, &line, &out), SW_ROW_EVENT);
    is_int(line, 3);
    is_int(sw_table_next(t, &line, &out), SW_ROW_EVENT);
    is_int(line, 6);
    is_int(sw_table_next(t, &line, &out), SW_ROW_END);
    is_int(sw_table_facts(t)->rows, 2);
    is_int(sw_table_facts(t)->skipped, 4);
    is_int(sw_table_facts(t)->header_line, 2);
    is_str(sw_table_facts(t)->unused, "");
    sw_table_close(t);
    sw_buf_free(&out);
}

static void test_two_header_rows(void)
{
    static const char text[] = "feed: 医保局\nevent: bill\nheader_rows: 2\n"
                               "subject: {person: 证件/号码}\ntime: 日期\nfields:\n"
                               "  kind: {value: 住院}\n"
                               "  paid: {header: 费用/个人}\n"
                               "  total: {header: 费用/总额}\n";
    struct sw_layout *mine = layout;
    struct sw_buf out = {0};

    layout = parse(text, true);
    ok(layout != NULL);
    is_int(one_row("表\n序号,证件,,日期,费用,,扣除,\n,类型,号码,,总额,个人,总额,个人\n"
                   "1,身份证,P1,2024-03-01,10,4,3,2\n",
                   &out),
           SW_ROW_EVENT);
    ok_named(strstr(out.p, "{\"kind\":\"inpatient\",\"paid\":4,\"total\":10}") != NULL, out.p);
    sw_layout_free(layout);
    layout = mine;
    sw_buf_free(&out);
}

static void test_identity_numbers(void)
{
    struct sw_layout *mine = layout;
    struct sw_buf out = {0};

    layout = parse("feed: 人社局\nevent: cut\nsubject: {idno: 身份证号}\ntime: 日期\n", true);
    ok(layout != NULL);
    is_int(one_row("身份证号,日期\n\t11010519491231002x,2024-03-01\n", &out), SW_ROW_EVENT);
    ok_named(strstr(out.p, "\"subject\":\"person-idno/11010519491231002X\"") != NULL, out.p);
    is_int(one_row("身份证号,日期\n110105194912310000,2024-03-01\n", &out), SW_ROW_REFUSED);
    sw_layout_free(layout);
    layout = mine;
    sw_buf_free(&out);
}

static void test_headers(void)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "empty"},
        {"a,b\n1,2\n", "no line of titles"},
        {"身份证号,结算日期,自付,结算单号\n", "(1) lacks 类别"},
        {"表\n身份证号,结算日期,类别,自付,自付,结算单号\n",
         "two columns of line 2 are called 自付"},
        {"PK\x03\x04..xl/workbook.xml", "Excel workbook"},
        {"PK\x03\x04..word/document.xml", "Word"},
        {"PK\x03\x04..", "ZIP"},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"},
        {"%PDF-1.4", "PDF"},
        {" <HTML><table>", "web page"},
        {"<?xml version=\"1.0\"?><Workbook>", "web page"},
    };
    struct sw_buf out = {0};

    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        is_int(one_row(cases[i].text, &out), SW_ROW_END);
        ok_named(strstr(out.p, cases[i].part) != NULL, out.p);
    }
    sw_buf_free(&out);
}

/* ---- encodings ---------------------------------------------------------------------------- */

static void convert(const char *name, const char *text, struct sw_buf *out)
{
    iconv_t cd = iconv_open(name, "UTF-8");
    char *from = (char *)(uintptr_t)text;
    size_t left = strlen(text);
    char *to;
    size_t room = left * 4;

    sw_buf_clear(out);
    sw_buf_reserve(out, room);
    to = out->p;
    ok(iconv(cd, &from, &left, &to, &room) != (size_t)-1);
    out->n = (size_t)(to - out->p);
    iconv_close(cd);
}

static void check_encoding(struct sw_str text, const char *want, size_t good, size_t refused)
{
    struct sw_err err;
    struct sw_table *t = open_text(text, &err);
    struct sw_buf out = {0};
    uint32_t line;
    size_t n[3] = {0};
    enum sw_row row;

    ok_named(t != NULL, want);
    if (t == NULL)
        return;
    is_str(sw_str(sw_table_facts(t)->encoding), want);
    while ((row = sw_table_next(t, &line, &out)) != SW_ROW_END)
        n[row]++;
    is_int(n[SW_ROW_EVENT], good);
    is_int(n[SW_ROW_REFUSED], refused);
    sw_table_close(t);
    sw_buf_free(&out);
}

static void test_encodings(void)
{
    static const char text[] = HEAD "P1,2024-03-01,住院,5,甲1\n"
                                    "P2,2024-03-01,门诊,6,甲2\n"
                                    "P3,2024-03-01,门诊,7,甲3\n";
    struct sw_buf b = {0};
    struct sw_buf marked = {0};
    char *at;

    check_encoding(sw_str(text), "UTF-8", 3, 0);
    convert("GB18030", text, &b);
    check_encoding(sw_buf_view(&b), "GB18030", 3, 0);
    at = memmem(b.p, b.n, "P2", 2);
    memcpy(at + 14, "\xff\xff", 2); /* inside 门诊 */
    check_encoding(sw_buf_view(&b), "GB18030", 2, 1);
    convert("UTF-16LE", text, &b);
    sw_buf_put(&marked, "\xff\xfe", 2);
    sw_buf_str(&marked, sw_buf_view(&b));
    check_encoding(sw_buf_view(&marked), "UTF-16LE", 3, 0);
    sw_buf_clear(&b);
    sw_buf_cstr(&b, text);
    at = memmem(b.p, b.n, "甲2", 4);
    at[1] = '\xff';
    check_encoding(sw_buf_view(&b), "UTF-8", 2, 1);
    sw_buf_free(&b);
    sw_buf_free(&marked);
}

/* ---- who the person is -------------------------------------------------------------------- */

#define WHO_LAYOUT                                                                                 \
    "feed: 人社局\nevent: cut\nsubject: {idno: 号码}\ntime: 日期\n"                         \
    "who: {name: 姓名, birth: 出生, area: 村}\n"
#define WHO_HEAD "姓名,号码,出生,村,日期\n"

/* A number that is there goes with what else is told; one that is missing or spoilt gives way to
 * the name with birth or village, in whatever style they are written. */
static void test_who(void)
{
    static const char by_name[] = "\"subject\":\"person-name/张三\",\"personbirth\":\"1962-03-01\","
                                  "\"personarea\":\"东沟村\",\"time\"";
    static const struct {
        const char *row, *part;
        enum sw_row want;
    } cases[] = {
        {"张三,11010119900307783X,1962/3/1,东沟村,2026-03-01\n",
         "\"subject\":\"person-idno/11010119900307783X\",\"personname\":\"张三\","
         "\"personbirth\":\"1962-03-01\",\"personarea\":\"东沟村\",\"time\"",
         SW_ROW_EVENT},
        {",11010119900307783X,,,2026-03-01\n", "7783X\",\"time\"", SW_ROW_EVENT},
        {"张三,,1962/3/1,东沟村,2026-03-01\n", by_name, SW_ROW_EVENT},
        {"张三,1.1E+17,1962年3月1日,东沟村,2026-03-01\n", by_name, SW_ROW_EVENT},
        {"张三,110101199003077000,19620301,东沟村,2026-03-01\n", by_name, SW_ROW_EVENT},
        {"张三,无,22706,东沟村,2026-03-01\n", by_name, SW_ROW_EVENT},
        {"张三,/,,６１０９９９１０１２０１,2026-03-01\n",
         "person-name/张三\",\"personarea\":\"610999101201\",\"time\"", SW_ROW_EVENT},
        {"张三,,19620301,,2026-03-01\n", "\"personbirth\":\"1962-03-01\",\"time\"", SW_ROW_EVENT},
        {"张三,,,,2026-03-01\n", "column 号码: nothing stands here; nor is there a name",
         SW_ROW_REFUSED},
        {",1.1E+17,1962/3/1,东沟村,2026-03-01\n", "nor is there a name with", SW_ROW_REFUSED},
        {"张三,,六二年,,2026-03-01\n", "column 出生: a date such as", SW_ROW_REFUSED},
        {"张三,,1962/3/1,6.1E+11,2026-03-01\n", "column 村: Excel has turned", SW_ROW_REFUSED},
    };
    struct sw_layout *before = layout;
    struct sw_buf text = {0};
    struct sw_buf out = {0};

    layout = parse(WHO_LAYOUT, true);
    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        sw_buf_clear(&text);
        sw_buf_printf(&text, WHO_HEAD "%s", cases[i].row);
        is_int(one_row(text.p, &out), cases[i].want);
        ok_named(strstr(out.p, cases[i].part) != NULL, out.p);
    }
    sw_buf_clear(&text);
    sw_buf_cstr(&text, "号码,日期\n110101199003077000,2026-03-01\n");
    is_int(one_row(text.p, &out), SW_ROW_REFUSED);
    ok_named(strstr(out.p, "Excel has turned") != NULL, "a table may lack the other columns");
    sw_layout_free(layout);
    layout = before;
    sw_buf_free(&text);
    sw_buf_free(&out);
}

static struct sw_str id_of(struct sw_str event)
{
    const char *id = memmem(event.p, event.n, "row-", 4);

    return id == NULL ? SW_STR("") : (struct sw_str){id, 36};
}

/* Two people without a number are two rows, and one of them is the same in the next list, whether
 * the number is part of the key or all is. */
static void test_who_is_key(void)
{
    static const char *const keys[] = {"", "key: [号码, 日期]\n"};
    static const char *const same[] = {"张三,,1962/3/1,东沟村,2026-03-01\n",
                                       "张　三,1.1E+17,1962.3.1,东沟村,2026/3/1\n"};
    static const char *const other[] = {"李四,,1962/3/1,东沟村,2026-03-01\n",
                                        "张三,,1962/3/2,东沟村,2026-03-01\n",
                                        "张三,,1962/3/1,石桥村,2026-03-01\n"};
    struct sw_layout *before = layout;

    for (size_t k = 0; k < SW_COUNTOF(keys); k++) {
        struct sw_buf text = {0};
        struct sw_buf first = {0};
        struct sw_buf out = {0};

        sw_buf_printf(&text, WHO_LAYOUT "%s", keys[k]);
        layout = parse(text.p, true);
        for (size_t i = 0; i < SW_COUNTOF(same); i++) {
            sw_buf_clear(&text);
            sw_buf_printf(&text, WHO_HEAD "%s", same[i]);
            is_int(one_row(text.p, i == 0 ? &first : &out), SW_ROW_EVENT);
        }
        ok_named(sw_str_eq(id_of(sw_buf_view(&first)), id_of(sw_buf_view(&out))), out.p);
        for (size_t i = 0; i < SW_COUNTOF(other); i++) {
            sw_buf_clear(&text);
            sw_buf_printf(&text, WHO_HEAD "%s", other[i]);
            is_int(one_row(text.p, &out), SW_ROW_EVENT);
            ok_named(!sw_str_eq(id_of(sw_buf_view(&first)), id_of(sw_buf_view(&out))), out.p);
        }
        sw_layout_free(layout);
        sw_buf_free(&text);
        sw_buf_free(&first);
        sw_buf_free(&out);
    }
    layout = before;
}

/* ---- layouts ------------------------------------------------------------------------------ */

#define BEGIN "feed: 医保局\nevent: bill\nsubject: {person: a}\ntime: b\n"
#define NEEDS "kind: {header: k}, paid: {header: p}"
#define LIST                                                                                       \
    "feed: 医保局\nevent: ytd\nsubject: {person: a}\ntime: b\nfields: {paid: {header: p}}\n"

/* Rows that replace carry the time of their list, and are told apart by it; one key twice in a list
 * with other figures is refused. */
static void test_lists(void)
{
    static const char table[] =
        "a,b,p,t\nQ1,2026-03-31,100,2026-04-02\nQ1,2026-03-31,100,2026-04-02\n"
        "Q1,2026-03-31,300,2026-04-02\nQ2,2025-03-31,5,2026-04-02\n";
    struct sw_layout *before = layout;
    struct sw_buf first = {0};
    struct sw_buf text = {0};
    struct sw_table *t;
    struct sw_err err;
    uint32_t line;

    layout = parse(LIST "key: [a]\nstated: t\n", true);
    t = open_text(sw_str(table), &err);
    is_int(sw_table_next(t, &line, &first), SW_ROW_EVENT);
    ok(strstr(first.p, "\"recordedtime\":\"2026-04-02T00:00:00+08:00\"") != NULL);
    is_int(sw_table_next(t, &line, &text), SW_ROW_EVENT);
    ok_named(sw_str_eq(sw_buf_view(&first), sw_buf_view(&text)), "the same row again is the same");
    is_int((int64_t)sw_table_facts(t)->repeats, 1);
    is_int(sw_table_next(t, &line, &text), SW_ROW_REFUSED);
    sw_buf_char(&text, '\0');
    ok(strstr(text.p, "has the same key and says something else") != NULL);
    ok(sw_table_facts(t)->one_list);
    is_int(sw_table_next(t, &line, &text), SW_ROW_EVENT);
    ok_named(!sw_table_facts(t)->one_list, "another year is another list");
    sw_table_close(t);
    t = open_text(sw_str(table), &err);
    sw_table_state(t, INT64_C(1777600000) * SW_SECOND);
    is_int(sw_table_next(t, &line, &text), SW_ROW_EVENT);
    sw_buf_char(&text, '\0');
    ok(strstr(text.p, "\"recordedtime\":\"2026-05-01T09:46:40+08:00\"") != NULL);
    ok_named(memcmp(first.p, text.p, first.n) != 0, "in another list it is another statement");
    sw_table_close(t);
    is_int(one_row("a,b,p\nQ1,2026-03-31,100\n", &text), SW_ROW_REFUSED);
    ok_named(strstr(text.p, "--as-of") != NULL, text.p);
    sw_layout_free(layout);
    layout = before;
    sw_buf_free(&first);
    sw_buf_free(&text);
}

static void test_layouts(void)
{
    static const struct {
        bool good;
        const char *text;
    } cases[] = {
        {true, BEGIN "fields: {" NEEDS "}\n"},
        {true, BEGIN "fields: {" NEEDS ", share: {header: s, unit: \"%\"}}\n"},
        {true, BEGIN "fields: {kind: {value: 住院}, paid: {header: p}}\n"},
        {false, BEGIN "fields: {kind: {value: 针灸}, paid: {header: p}}\n"},
        {false, BEGIN "fields: {paid: {header: p}}\n"},
        {false, BEGIN "fields: {" NEEDS ", paied: {header: p}}\n"},
        {false, BEGIN "fields: {" NEEDS ", days: {header: p, unit: 万元}}\n"},
        {false, BEGIN "fields: {" NEEDS ", total: {header: p, unit: \"%\"}}\n"},
        {false, BEGIN "fields: {" NEEDS ", note: {header: p, words: {a: b}}}\n"},
        {false, BEGIN "fields: {kind: {header: k, words: {a: x}}, paid: {header: p}}\n"},
        {false, BEGIN "fields: {" NEEDS ", note: {header: []}}\n"},
        {false, BEGIN "fields: {" NEEDS "}\ntakes_back: t\n"},
        {false, BEGIN "fields: {" NEEDS "}\ntakes_back: t\nkey: [a, b]\n"},
        {false, "feed: x\nevent: billl\nsubject: {person: a}\ntime: b\n"},
        {false, "feed: 应急局\nevent: flood\nsubject: {person: a}\ntime: b\n"
                "fields: {loss: {header: l}}\n"},
        {true, "feed: 人社局\nevent: cut\nsubject: {idno: a}\ntime: b\n"},
        {false, "feed: 应急局\nevent: flood\nsubject: {idno: a}\ntime: b\n"
                "fields: {loss: {header: l}}\n"},
        {true, "feed: 应急局\nevent: flood\nsubject: {area: a}\ntime: b\n"
               "fields: {loss: {header: l}}\n"},
        {false, "feed: 人社局\nevent: cut\nsubject: {household: a}\ntime: b\n"},
        {true, BEGIN "fields: {" NEEDS "}\nwho: {name: n, birth: [d, e], area: v}\n"},
        {false, BEGIN "fields: {" NEEDS "}\nwho: {birth: d}\n"},
        {false, BEGIN "fields: {" NEEDS "}\nwho: {name: n, nmae: d}\n"},
        {false, "feed: 应急局\nevent: flood\nsubject: {area: a}\ntime: b\nwho: {name: n}\n"
                "fields: {loss: {header: l}}\n"},
        {false, BEGIN "fields: {" NEEDS "}\nstated: t\n"},
        {true, LIST "key: [a]\n"},
        {true, LIST "key: [a]\nstated: t\nbatch: true\n"},
        {false, LIST},
        {false, LIST "key: [a]\ntakes_back: t\n"},
        {false, "feed: 医保局\n"},
        {false, "- a\n"},
    };

    for (size_t i = 0; i < SW_COUNTOF(cases); i++) {
        struct sw_layout *l = parse(cases[i].text, false);

        ok_named((l != NULL) == cases[i].good, cases[i].text);
        sw_layout_free(l);
    }
    ok(sw_layout_is_for(layout, "医保局3月.csv"));
    ok(!sw_layout_is_for(layout, "人社局3月.csv"));
}

static void test_shipped(void)
{
    struct sw_diag diag = {0};
    struct sw_schema *real = sw_schema_load("rules/schema.yaml", &diag);
    struct sw_layouts all;

    ok(sw_layouts_load("rules", real, &all, &diag));
    ok_named(all.n >= 3, "the shipped layouts load");
    is_int(diag.warnings, 0);
    sw_layouts_free(&all);
    sw_schema_free(real);
    sw_diag_free(&diag);
}

/* ---- mutants ------------------------------------------------------------------------------ */

enum { MUTANTS = 4000, ROWS = 12 };

static void mutate(struct tap_random *r, struct sw_buf *b, bool any)
{
    static const char *const tokens[] = {",",    "\t",           ";",  "\"", "\n",    "\r\n",
                                         "\xff", "\xd6",         "合", "计", "1E+17", "，",
                                         "　",   "\xef\xbf\xbd", "'",  "=\""};

    for (uint32_t n = 1 + tap_below(r, 5); n > 0; n--) {
        size_t from = any ? 0 : strlen(HEAD);
        size_t at = from + tap_below(r, (uint32_t)(b->n - from));

        if (any && tap_below(r, 3) == 0) {
            const char *token = tokens[tap_below(r, SW_COUNTOF(tokens))];
            struct sw_buf out = {0};

            sw_buf_put(&out, b->p, at);
            sw_buf_cstr(&out, token);
            sw_buf_put(&out, b->p + at, b->n - at);
            sw_buf_free(b);
            *b = out;
        } else if (any || (b->p[at] != '\n' && b->p[at] != ',')) {
            b->p[at] = any ? (char)tap_next(r)
                           : (char)('#' + tap_below(r, 88)) /* no quote: it joins rows */;
        }
    }
}

static void make_table(struct tap_random *r, struct sw_buf *b)
{
    sw_buf_clear(b);
    sw_buf_cstr(b, HEAD);
    for (int i = 0; i < ROWS; i++)
        sw_buf_printf(b, "P%u,2024-03-%02u,%s,%u.%u,JS%d\n", tap_below(r, 9), 1 + tap_below(r, 28),
                      tap_below(r, 2) == 0 ? "住院" : "门诊", tap_below(r, 99999), tap_below(r, 99),
                      i);
}

/* Every row is an event or refused with a reason, and the refused ones make a table again with as
 * many rows. */
static bool is_sound(struct sw_table *t, uint64_t *rows)
{
    struct sw_refused_row refused[ROWS * 40];
    struct sw_arena arena = {0};
    struct sw_buf out = {0};
    struct sw_table *again;
    struct sw_err err;
    enum sw_row row;
    uint32_t line;
    size_t n = 0;
    uint64_t all = 0;
    bool good = true;

    while ((row = sw_table_next(t, &line, &out)) != SW_ROW_END && n < SW_COUNTOF(refused)) {
        struct sw_json *event;

        all++;
        if (row == SW_ROW_EVENT)
            good &= sw_json_parse(&arena, sw_arena_str(&arena, sw_buf_view(&out)), &event, &err) ==
                    SW_OK;
        else
            refused[n++] = (struct sw_refused_row){line, sw_arena_str(&arena, sw_buf_view(&out))};
        good &= out.n > 0;
    }
    good &= all == sw_table_facts(t)->rows;
    *rows = all + sw_table_facts(t)->skipped;
    sw_buf_clear(&out);
    sw_table_rejected(t, refused, n, &out);
    again = open_text(sw_buf_view(&out), &err);
    good &= again != NULL;
    sw_buf_clear(&out);
    all = 0;
    while (again != NULL && sw_table_next(again, &line, &out) != SW_ROW_END)
        all++;
    good &= again != NULL && all + sw_table_facts(again)->skipped == n;
    sw_table_close(again);
    sw_buf_free(&out);
    sw_arena_free(&arena);
    return good;
}

static void test_mutants(void)
{
    struct tap_random r = tap_seed();
    struct sw_buf b = {0};
    int bad = 0;
    int lost = 0;
    int opened = 0;

    for (int i = 0; i < MUTANTS * 2; i++) {
        bool any = i < MUTANTS;
        struct sw_err err = {.code = SW_OK};
        struct sw_table *t;
        uint64_t rows;

        make_table(&r, &b);
        mutate(&r, &b, any);
        t = open_text(sw_buf_view(&b), &err);
        if (t == NULL) {
            bad += err.text[0] == '\0';
            continue;
        }
        opened++;
        if (!is_sound(t, &rows)) {
            bad++;
            note("mutant %d", i);
        }
        lost += !any && rows != ROWS;
        sw_table_close(t);
    }
    note("%d of %d mutants still had a header", opened, MUTANTS * 2);
    is_int_named(bad, 0, "mutants: every row is an event or refused with a reason, and kept");
    is_int_named(lost, 0, "mutants of cells: no row is lost");
    sw_buf_free(&b);
}

int main(void)
{
    schema = load_small(schema_text);
    layout = parse(layout_text, true);
    if (layout == NULL)
        exit(printf("Bail out! no layout\n"));
    test_dates();
    test_values();
    test_codes();
    test_event();
    test_same_event();
    test_same_number_taken_back();
    test_refused_rows();
    test_same_key();
    test_not_data();
    test_two_header_rows();
    test_identity_numbers();
    test_headers();
    test_encodings();
    test_who();
    test_who_is_key();
    test_lists();
    test_layouts();
    test_shipped();
    test_mutants();
    sw_layout_free(layout);
    sw_schema_free(schema);
    return done_testing();
}
