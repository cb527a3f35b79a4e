/* base_veil.c - identity numbers by the standard's own examples and by changing each digit; and
 * texts without them, whatever is around a number. */
#include "../tap.h"
#include <shouwang/base/veil.h>

static sw_day today(void)
{
    return sw_day_of(2026, 11, 21);
}

/* ---- numbers ------------------------------------------------------------------------------ */

/* The first two are the examples of GB 11643-1999 itself. */
static const struct {
    const char *text;
    enum sw_idno_fault fault;
    const char *whole; /* when good */
} numbers[] = {
    {"11010519491231002X", SW_IDNO_GOOD, "11010519491231002X"},
    {"440524188001010014", SW_IDNO_GOOD, "440524188001010014"},
    {"11010519491231002x", SW_IDNO_GOOD, "11010519491231002X"},
    {"110105491231002", SW_IDNO_GOOD, "11010519491231002X"}, /* 15 become 18 */
    {"440524880101998", SW_IDNO_GOOD, NULL},                 /* born in 1888 */
    {"110105194912310021", SW_IDNO_CHECK, NULL},
    {"110105194912310020", SW_IDNO_CHECK, NULL},
    {"1101051949123100X2", SW_IDNO_LENGTH, NULL},
    {"11010519491231002", SW_IDNO_LENGTH, NULL},
    {"1101051949123100211", SW_IDNO_LENGTH, NULL},
    {"11010549123100X", SW_IDNO_LENGTH, NULL},
    {"", SW_IDNO_LENGTH, NULL},
    {"1.10105194912E+17", SW_IDNO_LENGTH, NULL},
    {"990105194912310028", SW_IDNO_REGION, NULL},
    {"110105194913310021", SW_IDNO_DATE, NULL},
    {"110105194902290021", SW_IDNO_DATE, NULL}, /* no leap year */
    {"110105202712310021", SW_IDNO_DATE, NULL}, /* not born yet */
    {"110105490229002", SW_IDNO_DATE, NULL},
    {"110105194912310000", SW_IDNO_SEQUENCE, NULL},
};

static void test_numbers(void)
{
    char out[SW_IDNO_SIZE];

    for (size_t i = 0; i < SW_COUNTOF(numbers); i++) {
        const char *text = numbers[i].text;

        is_int_named(sw_idno_read(sw_str(text), today(), out), numbers[i].fault, text);
        if (numbers[i].whole != NULL)
            is_str(sw_str(out), numbers[i].whole);
    }
    sw_idno_read(SW_STR("440524880101998"), today(), out);
    is_int_named(sw_idno_birth(out), sw_day_of(1888, 1, 1), "sequence 998 was born before 1900");
    sw_idno_read(SW_STR("110105491231002"), today(), out);
    is_int(sw_idno_birth(out), sw_day_of(1949, 12, 31));
}

static void make_number(struct tap_random *r, char out[SW_IDNO_SIZE])
{
    struct sw_civil c = sw_civil_of(sw_day_of(1930, 1, 1) + (sw_day)tap_below(r, 34000));

    snprintf(out, SW_IDNO_SIZE, "6109%02u%04d%02d%02d%03u", 10 + tap_below(r, 90), c.year, c.month,
             c.day, 1 + tap_below(r, 999));
    out[17] = sw_idno_check(out);
    out[18] = '\0';
}

/* The check digit finds every wrong digit and every swap of neighbours. */
static void test_mistypes(struct tap_random *r)
{
    size_t passed = 0;
    size_t good = 0;
    char number[SW_IDNO_SIZE];
    char whole[SW_IDNO_SIZE];

    for (int i = 0; i < 2000; i++) {
        size_t at = tap_below(r, 17);
        char wrong[SW_IDNO_SIZE];

        make_number(r, number);
        good += sw_idno_read(sw_str(number), today(), whole) == SW_IDNO_GOOD;
        memcpy(wrong, number, sizeof(wrong));
        wrong[at] = (char)('0' + (wrong[at] - '0' + 1 + (int)tap_below(r, 9)) % 10);
        passed += sw_idno_read(sw_str(wrong), today(), whole) == SW_IDNO_GOOD;
        memcpy(wrong, number, sizeof(wrong));
        wrong[at] = number[at + 1];
        wrong[at + 1] = number[at];
        passed += strcmp(wrong, number) != 0 &&
                  sw_idno_read(sw_str(wrong), today(), whole) == SW_IDNO_GOOD;
    }
    is_int_named(good, 2000, "numbers made with their check digit are good");
    is_int_named(passed, 0, "no wrong digit and no swap passes");
}

/* ---- texts -------------------------------------------------------------------------------- */

/* One phone, and what stands whole and alone behind "household/" in a subject. */
static bool spare_phone(void *ctx, const struct sw_veil_found *f)
{
    return (sw_str_is(f->key, "phone") && sw_str_is(f->phone, ctx)) ||
           (sw_str_is(f->key, "subject") && sw_str_is(f->before, "household/") && f->is_bare &&
            f->is_last);
}

static bool is_person(void *ctx)
{
    (void)ctx;
    return true;
}

static const char *veiled(const char *text)
{
    static char room[2000];
    static char own[] = "13800138001";
    struct sw_veil v = {{1, 2}, sw_day_of(2026, 11, 21), spare_phone, is_person, own};
    struct sw_buf out = {0};

    if (!sw_veil(&v, sw_str(text), &out))
        return text;
    snprintf(room, sizeof(room), "%.*s", SW_STR_ARG(sw_buf_view(&out)));
    sw_buf_free(&out);
    return room;
}

/* What stands in [..] is one token, whose letters are not looked at. */
static bool looks_like(const char *got, const char *want)
{
    while (*want != '\0') {
        if (*want != '[') {
            if (*got++ != *want++)
                return false;
            continue;
        }
        for (want++; *want != ']'; want++) {
            if (*want != '~') {
                if (*got++ != *want)
                    return false;
                continue;
            }
            if (*got++ != '~')
                return false;
            if (want[1] == '@')
                for (want++; *got >= 'a' && *got <= 'p';)
                    got++;
        }
        want++;
    }
    return *got == '\0';
}

static const struct {
    const char *text, *want;
} texts[] = {
    {"{\"idno\":\"11010519491231002X\"}", "{\"idno\":\"[id~@~002X]\"}"},
    {"{\"idno\":\"11010519491231002x\",\"n\":3}", "{\"idno\":\"[id~@~002X]\",\"n\":3}"},
    {"{\"idno\": \"110105 19491231 002X\"}", "{\"idno\": \"[id~@~002X]\"}"},
    {"{\"idno\":\"110105491231002\"}", "{\"idno\":\"[id~@~002X]\"}"},
    {"{\"idno\":110105194912310021}", "{\"idno\":\"[no-check~@]\"}"},
    {"{\"idno\":440524188001010014}", "{\"idno\":\"[id~@~0014]\"}"},
    {"{\"idno\":440524188001010014.0}", "{\"idno\":\"[id~@~0014]\"}"},
    {"{\"idno\":\"1.10105E+17\"}", "{\"idno\":\"[no-length~@]\"}"},
    {"{\"idno\":\"1101051949\"}", "{\"idno\":\"[no-length~@]\"}"},
    {"{\"idno\":1101051949}", "{\"idno\":\"[no-length~@]\"}"},
    {"{\"idno\":\"\"}", "{\"idno\":\"\"}"},
    {"{\"subject\":\"person-idno/440524188001010014\"}",
     "{\"subject\":\"person-idno/[id~@~0014]\"}"},
    {"{\"subject\":\"person-idno/4405241880\"}", "{\"subject\":\"person-idno/[no-length~@]\"}"},
    {"{\"note\":\"电话13800138000，证440524188001010014\"}",
     "{\"note\":\"电话[tel~@~8000]，证[id~@~0014]\"}"},
    {"{\"note\":\"138 0013 8000 138-0013-8000\"}", "{\"note\":\"[tel~@~8000] [tel~@~8000]\"}"},
    {"{\"note\":\"+8613800138000\"}", "{\"note\":\"+[tel~@~8000]\"}"},
    {"{\"note\":\"１３８００１３８０００\"}", "{\"note\":\"[tel~@~8000]\"}"},
    {"{\"note\":\"\\u00313800138000\"}", "{\"note\":\"[tel~@~8000]\"}"},
    {"{\"phone\":\"13800138001\",\"note\":\"13800138001\"}",
     "{\"phone\":\"13800138001\",\"note\":\"[tel~@~8001]\"}"},
    {"{\"phone\":\"13800138002\"}", "{\"phone\":\"[tel~@~8002]\"}"},
    {"{\"total\":13800138000.0}", "{\"total\":\"[tel~@~8000]\"}"},
    {"13800138000", "\"[tel~@~8000]\""},
    {"cut off {\"id\":\"440524188001010014", "cut off {\"id\":\"[id~@~0014]"},
    {"6222021234567890123", "\"[no-length~@]\""}, /* a bank card */
    {"{\"personname\":\"张三\"}", "{\"personname\":\"[name~@~张*]\"}"},
    {"{\"name\":\"欧阳 修\",\"note\":\"张三\"}", "{\"name\":\"[name~@~欧*]\",\"note\":\"张三\"}"},
    {"{\"personname\":\"13800138000\"}", "{\"personname\":\"[name~@~*]\"}"},
    {"{\"personname\":\"张\\\"三", "{\"personname\":\"[name~@~张*]"},
    {"{\"personname\":\"\"}", NULL},
    {"{\"subject\":\"person-name/张三\"}", "{\"subject\":\"person-name/[name~@~张*]\"}"},
    {"{\"subject\":\"person-name\\/张三\"}", "{\"subject\":\"person-name\\/[name~@~张*]\"}"},
    /* a household's id that looks like one, and what is none */
    {"{\"subject\":\"household/13012300001\",\"n\":1}", NULL},
    {"{\"subject\":\"person/13012300001\"}", "{\"subject\":\"person/[tel~@~0001]\"}"},
    {"{\"subject\":\"household/13012300001-1\"}", "{\"subject\":\"household/[tel~@~0001]-1\"}"},
    {"{\"subject\":\"household/8613012300001\"}", "{\"subject\":\"household/[tel~@~0001]\"}"},
    {"{\"subject\":\"household/130 1230 0001\"}", "{\"subject\":\"household/[tel~@~0001]\"}"},
    {"{\"subject\":\"household/１3012300001\"}", "{\"subject\":\"household/[tel~@~0001]\"}"},
    {"{\"note\":\"household/13012300001\"}", "{\"note\":\"household/[tel~@~0001]\"}"},
    /* and what stays */
    {"{\"share\":0.3333333333333333,\"time\":\"2026-11-21T09:40:00+08:00\"}", NULL},
    {"{\"subject\":\"area/610999101201\",\"id\":\"610999100201-0001-01\"}", NULL},
    {"{\"time\":\"2026-11-21 09:40:00Z\",\"n\":20261121094000}", NULL},
    {"{\"note\":\"12345678901 23800138000 1990-03-07 100\"}", NULL},
    {"", NULL},
};

static void test_texts(void)
{
    for (size_t i = 0; i < SW_COUNTOF(texts); i++) {
        const char *got = veiled(texts[i].text);

        if (!ok_named(looks_like(got, texts[i].want == NULL ? texts[i].text : texts[i].want),
                      texts[i].text))
            note("got %s", got);
    }
}

/* One person by any way of writing the number; another person is another. */
static void test_tokens(void)
{
    char first[200];
    enum sw_idno_fault fault;

    snprintf(first, sizeof(first), "%s", veiled("{\"idno\":\"11010519491231002X\"}"));
    ok(strcmp(first, veiled("{\"idno\":\"110105491231002\"}")) == 0);
    ok(strcmp(first, veiled("{\"idno\":\"１１０１０５１９４９１２３１００２Ｘ\"}")) == 0);
    ok(strcmp(first, veiled("{\"idno\":\"440524188001010014\"}")) != 0);
    ok_named(strcmp(first, veiled(first)) == 0, "a token stays");
    ok(sw_veil_idno((struct sw_str){first + 9, strlen(first) - 11}, &fault));
    is_int(fault, SW_IDNO_GOOD);
    is_str(sw_veil_tail((struct sw_str){first + 9, strlen(first) - 11}), "002X");
    ok(!sw_veil_idno(SW_STR("11010519491231002X"), &fault));
    ok(!sw_veil_idno(SW_STR("id~kfojmhcbaadpnglmebkiohcd"), &fault));
    snprintf(first, sizeof(first), "%s", veiled("\"13800138000\""));
    ok_named(sw_veil_is_token((struct sw_str){first + 1, strlen(first) - 2}), "a phone's is one");
    ok(!sw_veil_is_token(SW_STR("13800138000")));
}

/* One name in all the ways in which departments write it; another name is another. */
static void test_names(void)
{
    static const char *const same[] = {
        "阿卜杜拉·买买提",  "阿卜杜拉•买买提", "阿卜杜拉‧买买提", "阿卜杜拉．买买提",
        "阿卜杜拉・买买提", "阿卜杜拉.买买提", "阿卜杜拉˙买买提", "阿卜杜拉-买买提",
    };
    static const char *const alike[][2] = {
        {"张三", "张　三"},
        {"张三", " 张 三 "},
        {"张三", "\\u5f20\\u4e09"},
        {"阿卜杜拉·买买提", "阿卜杜拉买买提"},
        {"阿卜杜拉·买买提", "阿卜杜拉 · 买买提"},
        {"李Ａlice", "李alicE"},
        {"王\xee\xa0\x9e", "王\xe9\xbe\xb4"},       /* U+E81E was U+9FB4 in GB18030-2000 */
        {"王\xee\xa1\x95", "王\xf0\xa4\x87\xbe"},   /* U+E855 was U+241FE */
        {"王\\ud850\\uddfe", "王\xf0\xa4\x87\xbe"}, /* the same as an escape */
    };
    static const char *const other[][2] = {
        {"张三", "张三丰"}, {"张三", "章三"}, {"王\xe9\xbe\xb4", "王\xe9\xbe\xb5"}};
    struct sw_str shown;
    char a[200];
    char first[200];

    for (size_t i = 0; i < SW_COUNTOF(same); i++) {
        snprintf(a, sizeof(a), "{\"name\":\"%s\"}", same[i]);
        if (i == 0)
            snprintf(first, sizeof(first), "%s", veiled(a));
        ok_named(strcmp(first, veiled(a)) == 0, same[i]);
    }
    for (size_t i = 0; i < SW_COUNTOF(alike) + SW_COUNTOF(other); i++) {
        bool is_alike = i < SW_COUNTOF(alike);
        const char *const *pair = is_alike ? alike[i] : other[i - SW_COUNTOF(alike)];

        snprintf(a, sizeof(a), "{\"name\":\"%s\"}", pair[0]);
        snprintf(first, sizeof(first), "%s", veiled(a));
        snprintf(a, sizeof(a), "{\"name\":\"%s\"}", pair[1]);
        ok_named((strcmp(first, veiled(a)) == 0) == is_alike, pair[1]);
    }
    ok_named(strcmp(first, veiled(first)) == 0, "a token stays");
    ok(sw_veil_name((struct sw_str){first + 9, strlen(first) - 11}, &shown));
    is_str(shown, "王*");
    ok(!sw_veil_name(SW_STR("张三"), &shown));
    ok(!sw_veil_name(SW_STR("name~kfojmhcbaadpnglmebkiohcd~张三*"), &shown));
}

/* Numbers anywhere in anything: nothing of them is left, and what was veiled stays as it is. */
static void test_anything(struct tap_random *r)
{
    static const char *const pieces[] = {"\"",
                                         "{",
                                         "}",
                                         ":",
                                         ",",
                                         "\\",
                                         "\\u",
                                         "idno",
                                         " ",
                                         "-",
                                         ".",
                                         "person",
                                         "证号：",
                                         "\"idno\":",
                                         "\\\"",
                                         "x",
                                         "\"personname\":",
                                         "person-name/",
                                         "张三"};
    size_t left = 0;
    size_t changed = 0;

    for (int i = 0; i < 20000; i++) {
        char number[SW_IDNO_SIZE];
        char phone[12];
        char grouped[14];
        char text[400] = "";
        char once[2000];

        make_number(r, number);
        snprintf(phone, sizeof(phone), "1%u%09u", 3 + tap_below(r, 7), tap_below(r, 1000000000));
        snprintf(grouped, sizeof(grouped), "%.3s-%.4s %.4s", phone, phone + 3, phone + 7);
        for (size_t n = 1 + tap_below(r, 12); n > 0; n--) {
            const char *piece = pieces[tap_below(r, SW_COUNTOF(pieces))];

            strcat(text, n == 7 ? grouped : n == 5 ? number : n == 3 ? phone : piece);
        }
        /* Behind the point of a number is a fraction, which no identity number is. */
        if (strstr(text, ".") != NULL)
            continue;
        snprintf(once, sizeof(once), "%s", veiled(text));
        if (strstr(once, number) != NULL || strstr(once, phone) != NULL) {
            note("%s -> %s", text, once);
            left++;
        }
        if (strcmp(once, veiled(once)) != 0) {
            note("%s -> %s -> %s", text, once, veiled(once));
            changed++;
        }
    }
    is_int_named(left, 0, "no number is left in any text");
    is_int_named(changed, 0, "veiling again changes nothing");
}

int main(void)
{
    struct tap_random r = tap_seed();

    test_numbers();
    test_mistypes(&r);
    test_texts();
    test_tokens();
    test_names();
    test_anything(&r);
    return done_testing();
}
