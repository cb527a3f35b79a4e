/* table_cell.c - cells as people and spreadsheets write them, exactly: nothing is guessed, and no
 * amount goes through a double. */
#include "table_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/number.h>
#include <shouwang/base/utf8.h>
#include <shouwang/model/event.h>

static bool ends(struct sw_str s, struct sw_str tail)
{
    return s.n >= tail.n && memcmp(s.p + s.n - tail.n, tail.p, tail.n) == 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool fail(struct sw_err *why, const char *wanted, struct sw_str got)
{
    struct sw_str shown = sw_utf8_prefix(got, 30);

    sw_fail(why, SW_EINVALID, _("%s, not \"%.*s\""), wanted, SW_STR_ARG(shown));
    return false;
}

/* ---- any cell ----------------------------------------------------------------------------- */

/* Blanks of all kinds at both ends: ASCII's, U+3000, U+00A0. */
static struct sw_str trim(struct sw_str s)
{
    static const struct sw_str wide[] = {{"\xe3\x80\x80", 3}, {"\xc2\xa0", 2}};
    size_t before;

    do {
        before = s.n;
        s = sw_str_trim(s);
        for (size_t i = 0; i < SW_COUNTOF(wide); i++) {
            if (sw_str_starts(s, wide[i]))
                s = sw_str_sub(s, wide[i].n, s.n);
            if (ends(s, wide[i]))
                s.n -= wide[i].n;
        }
    } while (s.n < before);
    return s;
}

struct sw_str table_clean(struct sw_str cell)
{
    cell = trim(cell);
    if (cell.n >= 3 && sw_str_starts(cell, SW_STR("=\"")) && cell.p[cell.n - 1] == '"')
        cell = sw_str_sub(cell, 2, cell.n - 3);
    if (cell.n > 1 && cell.p[0] == '\'')
        cell = sw_str_sub(cell, 1, cell.n);
    return trim(cell);
}

bool table_is_blank(const struct sw_layout *l, struct sw_arena *arena, struct sw_str cell)
{
    static const char *const words[] = {"-",  "--", "—",    "——",   "/",   "\\",
                                        "无", "空", "null", "#n/a", "n/a", "暂无"};
    struct sw_str plain;

    if (cell.n == 0)
        return true;
    if (cell.n > 40)
        return false;
    plain = sw_layout_plain(arena, cell);
    for (size_t i = 0; i < SW_COUNTOF(words); i++) {
        if (sw_str_is(plain, words[i]))
            return true;
    }
    for (size_t i = 0; i < l->n_blank; i++) {
        if (sw_str_eq(plain, l->blank[i]))
            return true;
    }
    return plain.n == 0;
}

/* 1.1E+17, 1.10101E+17; programs that read a workbook print 1.10105194912310016E17 */
bool table_is_spoilt_code(struct sw_str cell)
{
    size_t n = 0;
    size_t digits = 0;
    bool plus;

    while (n < cell.n && (is_digit(cell.p[n]) || cell.p[n] == '.')) {
        digits += cell.p[n] != '.';
        n++;
    }
    if (digits == 0 || n + 2 >= cell.n || (cell.p[n] != 'E' && cell.p[n] != 'e'))
        return false;
    plus = cell.p[n + 1] == '+';
    if (!plus && digits == n) /* 3E12 may be a code; with a point it is none */
        return false;
    for (n += plus ? 2 : 1; n < cell.n; n++) {
        if (!is_digit(cell.p[n]))
            return false;
    }
    return true;
}

static bool tell_spoilt(struct sw_err *why, struct sw_str cell)
{
    sw_fail(why, SW_EINVALID,
            _("Excel has turned a long number into %.*s and its digits are lost; set the column "
              "to text (文本) in the original and export it again"),
            SW_STR_ARG(sw_utf8_prefix(cell, 30)));
    return false;
}

/* ---- dates -------------------------------------------------------------------------------- */

/* Digits at the front, at most `most` of them; -1: none or more. */
static int32_t take_number(struct sw_str *s, size_t most)
{
    int32_t value = 0;
    size_t n = 0;

    while (n < s->n && n <= most && is_digit(s->p[n]))
        value = value * 10 + (s->p[n++] - '0');
    if (n == 0 || n > most)
        return -1;
    *s = sw_str_sub(*s, n, s->n);
    return value;
}

static bool take(struct sw_str *s, const char *what)
{
    if (!sw_str_starts(*s, sw_str(what)))
        return false;
    *s = sw_str_sub(*s, strlen(what), s->n);
    return true;
}

/* " 8:30", " 08:30:00.5", "T08:30"; nothing: midnight. */
static bool read_time(struct sw_str s, sw_time *of_day)
{
    int32_t part[3] = {0, 0, 0};

    *of_day = 0;
    if (s.n == 0)
        return true;
    if (!take(&s, " ") && !take(&s, "T"))
        return false;
    s = trim(s);
    part[0] = take_number(&s, 2);
    for (int i = 1; i < 3 && take(&s, ":"); i++)
        part[i] = take_number(&s, 2);
    if (take(&s, ".")) {
        while (s.n > 0 && is_digit(s.p[0]))
            s = sw_str_sub(s, 1, s.n);
    }
    if (s.n > 0 || part[0] < 0 || part[0] > 23 || part[1] < 0 || part[1] > 59 || part[2] < 0 ||
        part[2] > 59)
        return false;
    *of_day = (part[0] * 3600 + part[1] * 60 + part[2]) * SW_SECOND;
    return true;
}

/* Days since 1899-12-30, the part of a day behind the point: 45352, 45352.354167. */
static bool read_serial(struct sw_str s, sw_day *day, sw_time *of_day)
{
    enum { EPOCH = 25569, FIRST = 18264, LAST = 73050 }; /* 1970-01-01, 1950, 2099 */
    int32_t whole = take_number(&s, 5);
    sw_time unit = 24 * 3600 * SW_SECOND;

    *of_day = 0;
    if (whole < FIRST || whole > LAST || (s.n > 0 && (s.p[0] != '.' || s.n == 1 || s.n > 13)))
        return false;
    for (size_t i = 1; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return false;
        unit /= 10;
        *of_day += (s.p[i] - '0') * unit;
    }
    *day = whole - EPOCH;
    return true;
}

static bool read_parts(struct sw_str *s, int32_t *y, int32_t *m, int32_t *d)
{
    static const char *const marks[][3] = {
        {"-", "-", ""}, {"/", "/", ""}, {".", ".", ""}, {"年", "月", "日"}, {"年", "月", "号"}};

    for (size_t i = 0; i < SW_COUNTOF(marks); i++) {
        struct sw_str rest = *s;

        *y = take_number(&rest, 4);
        if (*y < 1000 || !take(&rest, marks[i][0]))
            continue;
        rest = trim(rest);
        *m = take_number(&rest, 2);
        if (*m < 0 || !take(&rest, marks[i][1]))
            continue;
        rest = trim(rest);
        *d = take_number(&rest, 2);
        if (*d < 0 || !take(&rest, marks[i][2]))
            continue;
        *s = rest;
        return true;
    }
    return false;
}

/* ASCII for full-width digits and signs; other characters stay. */
static struct sw_str narrow(struct sw_str s, char *room, size_t size)
{
    enum { FULL_WIDTH = 0xff01 - '!' };
    size_t n = 0;

    for (size_t at = 0; at < s.n && n + 4 <= size;) {
        int32_t c = sw_utf8_next(s, &at);

        if (c >= FULL_WIDTH + '!' && c <= FULL_WIDTH + '~')
            c -= FULL_WIDTH;
        n += c < 0 ? 0 : sw_utf8_put(room + n, (uint32_t)c);
    }
    return (struct sw_str){room, n};
}

bool table_date(struct sw_str cell, sw_day *day, sw_time *of_day)
{
    char room[80];
    struct sw_str s = cell;
    int32_t y;
    int32_t m;
    int32_t d;

    if (cell.n > 60)
        return false;
    s = narrow(cell, room, sizeof(room));
    if (read_serial(s, day, of_day))
        return true;
    if (s.n < 8)
        return false;
    if (!read_parts(&s, &y, &m, &d)) {
        struct sw_str digits = sw_str_sub(s, 0, 8);
        int32_t all = take_number(&digits, 8);

        if (all < 0 || digits.n > 0)
            return false;
        y = all / 10000;
        m = all / 100 % 100;
        d = all % 100;
        s = sw_str_sub(s, 8, s.n);
    }
    if (y < 1900 || y > 2200 || !sw_date_valid(y, m, d))
        return false;
    *day = sw_day_of(y, m, d);
    return read_time(s, of_day);
}

/* ---- codes -------------------------------------------------------------------------------- */

/* GB 11643's check digit of an 18-digit number of a person. */
static bool check_digit_fits(const char *p)
{
    static const int weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;

    for (int i = 0; i < 17; i++)
        sum += (p[i] - '0') * weight[i];
    return p[17] == "10X98765432"[sum % 11];
}

/* Eighteen digits that a spreadsheet kept fifteen of: the rest became 0. */
static bool is_rounded_id(struct sw_str s)
{
    if (s.n != 18 || memcmp(s.p + 15, "000", 3) != 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return false;
    }
    return !check_digit_fits(s.p);
}

bool table_code(struct sw_arena *arena, enum sw_field_type type, struct sw_str cell,
                struct sw_str *out, struct sw_err *why)
{
    char *room = sw_arena_alloc(arena, cell.n + 4);
    struct sw_str s = narrow(cell, room, cell.n + 4);

    if (table_is_spoilt_code(s) || (type == SW_FPERSON && is_rounded_id(s)))
        return tell_spoilt(why, s);
    if (s.n > 200)
        return fail(why, _("a number or code is expected"), cell);
    if (type == SW_FPERSON && s.n == 18 && s.p[17] == 'x')
        room[17] = 'X';
    *out = s;
    return true;
}

/* ---- numbers ------------------------------------------------------------------------------ */

struct amount {
    char text[SW_NUMBER_SIZE + 16];
    size_t n;
    int64_t shift;
};

static bool is_share(struct sw_str s)
{
    return ends(s, SW_STR("%")) || ends(s, SW_STR("\xef\xbc\x85"));
}

/* A unit behind the number counts, whatever the column's. */
static struct sw_str strip_units(struct sw_str s, struct amount *a)
{
    static const struct {
        struct sw_str word;
        int64_t shift;
    } units[] = {{{"万元", 6}, 4}, {{"千元", 6}, 3}, {{"万", 3}, 4},
                 {{"元", 3}, 0},   {{"%", 1}, -2},   {{"\xef\xbc\x85", 3}, -2}};
    static const struct sw_str marks[] = {{"￥", 3}, {"¥", 2}};

    for (size_t i = 0; i < SW_COUNTOF(marks); i++) {
        if (sw_str_starts(s, marks[i]))
            s = trim(sw_str_sub(s, marks[i].n, s.n));
    }
    for (size_t i = 0; i < SW_COUNTOF(units); i++) {
        if (ends(s, units[i].word)) {
            a->shift = units[i].shift;
            return trim(sw_str_sub(s, 0, s.n - units[i].word.n));
        }
    }
    return s;
}

/* Thousands separators are in their places or it is no number: 1,23 may be 1.23 or 123. */
static bool put_digits(struct sw_str s, struct amount *a)
{
    size_t run = 0;
    bool commas = false;
    size_t i = 0;

    for (; i < s.n && s.p[i] != '.'; i++) {
        if (s.p[i] == ',') {
            if (run == 0 || run > 3 || (commas && run != 3))
                return false;
            commas = true;
            run = 0;
        } else if (is_digit(s.p[i])) {
            run++;
            a->text[a->n++] = s.p[i];
        } else {
            return false;
        }
    }
    if (commas && run != 3)
        return false;
    for (; i < s.n; i++) {
        if (s.p[i] == ',')
            return false;
        a->text[a->n++] = s.p[i];
    }
    return true;
}

/* The number a cell means, in JSON's grammar: "¥1,234.50", "(500)", "３万元", "12.5%". */
static bool read_amount(struct sw_str cell, int64_t shift, struct amount *a)
{
    char room[SW_NUMBER_SIZE];
    struct sw_str s;
    bool bracketed;
    bool negative;

    *a = (struct amount){.shift = shift};
    s = sw_number_plain(strip_units(cell, a), room);
    bracketed = s.n > 2 && s.p[0] == '(' && s.p[s.n - 1] == ')';
    negative = bracketed || (s.n > 1 && s.p[0] == '-');
    if (bracketed)
        s = sw_str_sub(s, 1, s.n - 2);
    else if (negative)
        s = sw_str_sub(s, 1, s.n);
    else if (s.n > 1 && s.p[0] == '+')
        s = sw_str_sub(s, 1, s.n);
    if (s.n == 0 || s.n > SW_NUMBER_SIZE)
        return false;
    if (negative)
        a->text[a->n++] = '-';
    if (s.p[0] == '.')
        a->text[a->n++] = '0';
    if (!put_digits(s, a))
        return false;
    if (a->shift != 0)
        a->n += (size_t)snprintf(a->text + a->n, sizeof(a->text) - a->n, "e%d", (int)a->shift);
    return true;
}

static bool read_money(struct sw_arena *arena, const struct sw_layout_column *c, struct sw_str cell,
                       struct sw_json *out, struct sw_err *why)
{
    struct amount a;
    char text[SW_FEN_SIZE];
    int64_t fen;

    if (table_is_spoilt_code(cell))
        return tell_spoilt(why, cell);
    if (is_share(cell) || !read_amount(cell, c->shift, &a) ||
        !sw_fen_parse((struct sw_str){a.text, a.n}, &fen))
        return fail(why, _("an amount is expected, fen the smallest"), cell);
    out->kind = SW_JNUMBER;
    out->text = sw_arena_str(arena, sw_str(sw_fen_format(fen, text)));
    return true;
}

static bool read_number(struct sw_arena *arena, const struct sw_layout_column *c,
                        struct sw_str cell, struct sw_json *out, struct sw_err *why)
{
    struct amount a;
    double d;

    if (!read_amount(cell, c->shift, &a) || !sw_double_parse((struct sw_str){a.text, a.n}, &d))
        return fail(why, _("a number is expected"), cell);
    out->kind = SW_JNUMBER;
    out->text = sw_arena_str(arena, (struct sw_str){a.text, a.n});
    return true;
}

/* ---- words -------------------------------------------------------------------------------- */

static const struct sw_layout_word truths[] = {
    {{"是", 3}, {"true", 4}},     {{"否", 3}, {"false", 5}}, {{"true", 4}, {"true", 4}},
    {{"false", 5}, {"false", 5}}, {{"1", 1}, {"true", 4}},   {{"0", 1}, {"false", 5}},
    {{"y", 1}, {"true", 4}},      {{"n", 1}, {"false", 5}},  {{"√", 3}, {"true", 4}},
    {{"×", 2}, {"false", 5}},     {{"有", 3}, {"true", 4}},  {{"不是", 6}, {"false", 5}},
    {{"没有", 6}, {"false", 5}}};

static struct sw_str find_word(const struct sw_layout_word *w, size_t n, struct sw_str plain)
{
    for (size_t i = 0; i < n; i++) {
        if (sw_str_eq(w[i].word, plain))
            return w[i].item;
    }
    return (struct sw_str){NULL, 0};
}

/* An enum's item by its name or label. */
static struct sw_str find_item(struct sw_arena *arena, const struct sw_enum *e, struct sw_str plain)
{
    for (size_t i = 0; i < e->n; i++) {
        if (sw_str_eq(sw_layout_plain(arena, e->items[i].name), plain) ||
            sw_str_eq(sw_layout_plain(arena, e->items[i].label), plain))
            return e->items[i].name;
    }
    return (struct sw_str){NULL, 0};
}

static struct sw_str word_of(struct sw_arena *arena, const struct sw_layout_column *c,
                             struct sw_str cell)
{
    struct sw_str plain = sw_layout_plain(arena, cell);
    struct sw_str item = find_word(c->word, c->n_words, plain);

    if (item.n == 0 && c->field->type == SW_FENUM)
        item = find_item(arena, c->field->of, plain);
    if (item.n == 0 && c->field->type == SW_FBOOL)
        item = find_word(truths, SW_COUNTOF(truths), plain);
    return item;
}

static bool tell_words(struct sw_arena *arena, const struct sw_layout_column *c, struct sw_str cell,
                       struct sw_err *why)
{
    struct sw_buf text = {0};

    sw_buf_cstr(&text, _("one of these is expected: "));
    for (size_t i = 0; c->field->type == SW_FENUM && i < c->field->of->n && i < 12; i++)
        sw_buf_printf(&text, "%s%.*s", i == 0 ? "" : "、",
                      SW_STR_ARG(c->field->of->items[i].label));
    for (size_t i = 0; i < c->n_words && i < 12; i++)
        sw_buf_printf(&text, "%s%.*s", i == 0 && c->field->type != SW_FENUM ? "" : "、",
                      SW_STR_ARG(c->word[i].word));
    if (c->field->type == SW_FBOOL)
        sw_buf_cstr(&text, c->n_words == 0 ? "是、否" : "、是、否");
    fail(why, sw_arena_str(arena, sw_buf_view(&text)).p, cell);
    sw_buf_free(&text);
    return false;
}

static bool read_date(struct sw_arena *arena, struct sw_str cell, struct sw_json *out,
                      struct sw_err *why)
{
    char text[SW_DATE_SIZE];
    sw_day day;
    sw_time of_day;

    if (!table_date(cell, &day, &of_day))
        return fail(why, _("a date such as 2024-03-01 is expected"), cell);
    out->text = sw_arena_str(arena, sw_str(sw_date_format(day, text)));
    return true;
}

/* ---- a field ------------------------------------------------------------------------------ */

static bool convert(struct sw_arena *arena, const struct sw_layout_column *c, struct sw_str cell,
                    struct sw_json *out, struct sw_err *why)
{
    switch (c->field->type) {
    case SW_FMONEY: return read_money(arena, c, cell, out, why);
    case SW_FINT:
    case SW_FNUMBER: return read_number(arena, c, cell, out, why);
    case SW_FDATE: return read_date(arena, cell, out, why);
    case SW_FPERSON:
    case SW_FAREA: return table_code(arena, c->field->type, cell, &out->text, why);
    case SW_FENUM:
        out->text = word_of(arena, c, cell);
        return out->text.n > 0 || tell_words(arena, c, cell, why);
    case SW_FBOOL:
        out->text = word_of(arena, c, cell);
        out->kind = sw_str_is(out->text, "true") ? SW_JTRUE : SW_JFALSE;
        return out->text.n > 0 || tell_words(arena, c, cell, why);
    case SW_FSTRING: break;
    }
    out->text = cell;
    return !table_is_spoilt_code(cell) || tell_spoilt(why, cell);
}

bool table_value(struct sw_arena *arena, const struct sw_layout *l,
                 const struct sw_layout_column *c, struct sw_str cell, struct sw_json *out,
                 struct sw_err *why)
{
    struct sw_value typed;
    bool worded = (c->field->type == SW_FENUM || c->field->type == SW_FBOOL) && cell.n > 0 &&
                  word_of(arena, c, cell).n > 0; /* 无 may be a word */

    *out = (struct sw_json){.kind = SW_JSTRING};
    if (!worded && table_is_blank(l, arena, cell)) {
        out->kind = SW_JNULL;
        if (!c->field->optional)
            sw_fail(why, SW_EINVALID, _("nothing stands here"));
        return c->field->optional;
    }
    if (!convert(arena, c, cell, out, why))
        return false;
    return c->field->type == SW_FPERSON || c->field->type == SW_FAREA ||
           sw_field_read(arena, c->field, NULL, out, &typed, why) == SW_ACCEPTED;
}
