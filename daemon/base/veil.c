/* veil.c - one pass over a text that may be JSON, broken JSON or none.
 *
 * What counts as a number: a run of 15 digits and more (identity numbers, but also bank cards and
 * whatever is as long), a mobile phone's 11 digits with or without +86, also written 138 0013 8000.
 * Digits may be ASCII, full-width or escaped as in JSON (\u0031). The value of a key `idno` and the
 * subject person-idno/… are numbers whatever they look like, so that a mistyped one leaves no trace
 * either. Names are no such runs: they are known by where they stand, as the value of `personname`,
 * of `name` where a person is registered, and behind person-name/. Only the digits behind a JSON
 * number's decimal point are left alone: shares are written with many. */
#include <shouwang/base/crypt.h>
#include <shouwang/base/json.h>
#include <shouwang/base/name.h>
#include <shouwang/base/utf8.h>
#include <shouwang/base/veil.h>

enum {
    LONG = 15,       /* digits that are veiled whatever they are */
    NUMBER_MAX = 40, /* of a number's digits, more are hashed as they stand */
    HASH = 12,       /* bytes of the HMAC that are kept: 96 bits */
    PHONE = 11,
};

static const char *const fault_words[SW_IDNO_FAULTS] = {
    [SW_IDNO_GOOD] = "id",      [SW_IDNO_LENGTH] = "no-length",     [SW_IDNO_REGION] = "no-region",
    [SW_IDNO_DATE] = "no-date", [SW_IDNO_SEQUENCE] = "no-sequence", [SW_IDNO_CHECK] = "no-check",
};

struct scan {
    const struct sw_veil *v;
    struct sw_str in;
    struct sw_buf *out;
    size_t at, copied;       /* [0, copied) is in `out` already */
    struct sw_str last, key; /* the string read last; the key whose value is read */
    size_t begin;            /* of the string that is being read */
    bool in_string;
};

/* A number as it was met. */
struct run {
    char digit[NUMBER_MAX + 1];
    size_t n, end; /* digits; where the text goes on */
};

/* ---- digits ------------------------------------------------------------------------------- */

/* The digit at `at`: its value and length in bytes, or -1. */
static int digit_at(struct sw_str s, size_t at, size_t *length)
{
    const unsigned char *p = (const unsigned char *)s.p + at;
    size_t left = s.n - at;

    if (left > 0 && *p >= '0' && *p <= '9') {
        *length = 1;
        return *p - '0';
    }
    if (left >= 3 && p[0] == 0xef && p[1] == 0xbc && p[2] >= 0x90 && p[2] <= 0x99) {
        *length = 3;
        return p[2] - 0x90;
    }
    if (left >= 6 && memcmp(p, "\\u003", 5) == 0 && p[5] >= '0' && p[5] <= '9') {
        *length = 6;
        return p[5] - '0';
    }
    return -1;
}

/* True for an x at `at`: the last character of one number in eleven. */
static bool x_at(struct sw_str s, size_t at, size_t *length)
{
    static const char *const written[] = {"x",       "X",      "\xef\xbd\x98", "\xef\xbc\xb8",
                                          "\\u0078", "\\u0058"};

    for (size_t i = 0; i < SW_COUNTOF(written); i++) {
        *length = strlen(written[i]);
        if (s.n - at >= *length && memcmp(s.p + at, written[i], *length) == 0)
            return true;
    }
    return false;
}

static void read_run(struct sw_str s, size_t at, struct run *r)
{
    size_t length;
    int digit;

    r->n = 0;
    r->end = at;
    while ((digit = digit_at(s, r->end, &length)) >= 0) {
        if (r->n < NUMBER_MAX)
            r->digit[r->n] = (char)('0' + digit);
        r->n++;
        r->end += length;
    }
    if (r->n == 17 && x_at(s, r->end, &length)) {
        r->digit[r->n++] = 'X';
        r->end += length;
    }
}

/* ---- tokens ------------------------------------------------------------------------------- */

static void put_hash(struct scan *s, const char *kind, struct sw_str number)
{
    unsigned char bytes[SW_DIGEST_MAX];
    struct sw_buf text = {0};

    sw_buf_printf(&text, "%s/", kind);
    sw_buf_str(&text, number);
    sw_hmac("sha256", (struct sw_str){(const char *)&s->v->key, sizeof(s->v->key)},
            sw_buf_view(&text), bytes);
    explicit_bzero(text.p, text.n);
    sw_buf_free(&text);
    sw_buf_char(s->out, '~');
    for (size_t i = 0; i < HASH; i++) {
        sw_buf_char(s->out, (char)('a' + (bytes[i] >> 4)));
        sw_buf_char(s->out, (char)('a' + (bytes[i] & 15)));
    }
}

/* Put what was read before `from`, and go on at `to`. */
static void cut(struct scan *s, size_t from, size_t to)
{
    sw_buf_put(s->out, s->in.p + s->copied, from - s->copied);
    s->copied = s->at = to;
}

static void put_idno(struct scan *s, struct sw_str digits, struct sw_str raw)
{
    char number[SW_IDNO_SIZE];
    enum sw_idno_fault fault = sw_idno_read(digits, s->v->today, number);

    sw_buf_cstr(s->out, fault_words[fault]);
    put_hash(s, "idno", fault == SW_IDNO_GOOD ? sw_str(number) : raw);
    if (fault == SW_IDNO_GOOD)
        sw_buf_printf(s->out, "~%s", number + 14);
}

/* A number outside a string becomes a string, and takes its decimals with it (spreadsheets write
 * 13800138000.0). */
static void replace(struct scan *s, struct run *r, const char *phone)
{
    size_t from = s->at;
    size_t length;
    struct sw_str raw;

    if (!s->in_string && r->end + 1 < s->in.n && s->in.p[r->end] == '.') {
        r->end++;
        while (digit_at(s->in, r->end, &length) >= 0)
            r->end += length;
    }
    raw = r->n <= NUMBER_MAX ? (struct sw_str){r->digit, r->n}
                             : sw_str_sub(s->in, from, r->end - from);
    cut(s, from, r->end);
    if (!s->in_string)
        sw_buf_char(s->out, '"');
    if (phone != NULL) {
        sw_buf_cstr(s->out, "tel");
        put_hash(s, "tel", (struct sw_str){phone, PHONE});
        sw_buf_printf(s->out, "~%.4s", phone + 7);
    } else {
        put_idno(s, raw, raw);
    }
    if (!s->in_string)
        sw_buf_char(s->out, '"');
}

/* ---- phones ------------------------------------------------------------------------------- */

static bool is_phone(const char *digits, size_t n)
{
    return n == PHONE && digits[0] == '1' && digits[1] >= '3';
}

/* The 11 digits in a run, which may have +86, 0086 or 0 in front; NULL: no phone. */
static const char *phone_in(const struct run *r)
{
    static const char *const fronts[] = {"", "0", "86", "0086"};

    for (size_t i = 0; i < SW_COUNTOF(fronts); i++) {
        size_t n = strlen(fronts[i]);

        if (r->n == n + PHONE && memcmp(r->digit, fronts[i], n) == 0 &&
            is_phone(r->digit + n, PHONE))
            return r->digit + n;
    }
    return NULL;
}

/* 138 0013 8000, 138-0013-8000: the groups behind the three digits in `r`. */
static bool grouped_phone(const struct scan *s, struct run *r)
{
    struct run whole = *r;

    if (r->n != 3 || !s->in_string)
        return false;
    for (int group = 0; group < 2; group++) {
        struct run next;

        if (whole.end >= s->in.n || (s->in.p[whole.end] != ' ' && s->in.p[whole.end] != '-'))
            return false;
        read_run(s->in, whole.end + 1, &next);
        if (next.n != 4)
            return false;
        memcpy(whole.digit + whole.n, next.digit, 4);
        whole.n += 4;
        whole.end = next.end;
    }
    if (!is_phone(whole.digit, whole.n))
        return false;
    *r = whole;
    return true;
}

/* ---- the pass ----------------------------------------------------------------------------- */

/* Digits behind the point of a number that is no text. */
static bool is_fraction(const struct scan *s)
{
    size_t at = s->at;

    return !s->in_string && at >= 2 && s->in.p[at - 1] == '.' && s->in.p[at - 2] >= '0' &&
           s->in.p[at - 2] <= '9';
}

static bool is_spared(const struct scan *s, const struct run *r, const char *phone)
{
    struct sw_veil_found f = {.key = s->key, .phone = {phone, PHONE}};

    f.is_bare = r->n == PHONE && r->end == s->at + PHONE;
    if (s->in_string)
        f.before = sw_str_sub(s->in, s->begin, s->at - s->begin);
    f.is_last = r->end == s->in.n || s->in.p[r->end] == '"';
    return s->v->spare != NULL && s->v->spare(s->v->ctx, &f);
}

static void take_digits(struct scan *s)
{
    struct run r;
    const char *phone;
    bool is_idno;

    read_run(s->in, s->at, &r);
    is_idno = sw_str_is(s->key, "idno");
    phone = is_idno ? NULL : phone_in(&r);
    if (phone == NULL && !is_idno && grouped_phone(s, &r))
        phone = r.digit;
    if (is_fraction(s) || (phone != NULL && is_spared(s, &r, phone)) ||
        (phone == NULL && r.n < LONG && !is_idno))
        s->at = r.end;
    else
        replace(s, &r, phone);
}

/* Where the string that begins at `at` ends. */
static size_t end_of_string(struct sw_str in, size_t at)
{
    while (at < in.n && in.p[at] != '"')
        at += in.p[at] == '\\' && at + 1 < in.n ? 2 : 1;
    return at < in.n ? at : in.n;
}

/* A text that should be an identity number, blanks and dashes in it or not. */
static void take_idno(struct scan *s, size_t begin, size_t end)
{
    struct sw_str raw = sw_str_sub(s->in, begin, end - begin);
    struct run r = {.n = 0};
    enum sw_idno_fault known;
    size_t length;

    if (raw.n == 0 || sw_veil_idno(raw, &known)) {
        s->at = end;
        return;
    }
    for (size_t at = 0; at < raw.n && r.n < NUMBER_MAX; at += length) {
        int digit = digit_at(raw, at, &length);

        if (digit >= 0)
            r.digit[r.n++] = (char)('0' + digit);
        else if (x_at(raw, at, &length))
            r.digit[r.n++] = 'X';
        else if (raw.p[at] == ' ' || raw.p[at] == '-')
            length = 1;
        else
            break;
        r.end = at + length;
    }
    cut(s, begin, end);
    put_idno(s, (struct sw_str){r.digit, r.end == raw.n ? r.n : 0}, raw);
}

/* ---- names -------------------------------------------------------------------------------- */

/* The token's letters say nothing of how the name was written: equal names have equal tokens. */
static void take_name(struct scan *s, size_t begin, size_t end)
{
    struct sw_str raw = sw_str_sub(s->in, begin, end - begin);
    struct sw_buf text = {0};
    struct sw_buf plain = {0};
    struct sw_str first;

    if (raw.n == 0 || sw_veil_is_token(raw)) {
        s->at = end;
        return;
    }
    sw_json_unescape(raw, &text);
    sw_name_plain(sw_buf_view(&text), &plain);
    cut(s, begin, end);
    sw_buf_cstr(s->out, "name");
    put_hash(s, "name", sw_buf_view(&plain));
    first = sw_utf8_prefix(sw_buf_view(&plain), 1);
    if (first.n > 1) /* only what needs no escape in JSON, and no digit */
        sw_buf_printf(s->out, "~%.*s*", SW_STR_ARG(first));
    else
        sw_buf_cstr(s->out, "~*");
    if (text.n > 0)
        explicit_bzero(text.p, text.n);
    if (plain.n > 0)
        explicit_bzero(plain.p, plain.n);
    sw_buf_free(&text);
    sw_buf_free(&plain);
}

/* ---- strings ------------------------------------------------------------------------------ */

static bool is_name_key(const struct scan *s)
{
    return sw_str_is(s->key, SW_NAME_KEY) ||
           (s->v->of_person != NULL && sw_str_is(s->key, "name") && s->v->of_person(s->v->ctx));
}

/* Subjects that tell a person by number or name; a slash may be escaped. */
static const struct {
    struct sw_str begins;
    void (*take)(struct scan *s, size_t begin, size_t end);
} subjects[] = {
    {{SW_IDNO_SUBJECT "/", sizeof(SW_IDNO_SUBJECT)}, take_idno},
    {{SW_IDNO_SUBJECT "\\/", sizeof(SW_IDNO_SUBJECT) + 1}, take_idno},
    {{SW_NAME_SUBJECT "/", sizeof(SW_NAME_SUBJECT)}, take_name},
    {{SW_NAME_SUBJECT "\\/", sizeof(SW_NAME_SUBJECT) + 1}, take_name},
};

static void open_string(struct scan *s)
{
    struct sw_str rest;

    s->in_string = true;
    s->begin = ++s->at;
    rest = sw_str_sub(s->in, s->at, s->in.n);
    if (sw_str_is(s->key, "idno")) {
        take_idno(s, s->at, end_of_string(s->in, s->at));
        return;
    }
    if (is_name_key(s)) {
        take_name(s, s->at, end_of_string(s->in, s->at));
        return;
    }
    for (size_t i = 0; i < SW_COUNTOF(subjects) && rest.n > 0 && rest.p[0] == 'p'; i++) {
        if (sw_str_starts(rest, subjects[i].begins)) {
            subjects[i].take(s, s->at + subjects[i].begins.n, end_of_string(s->in, s->at));
            return;
        }
    }
}

static void take_other(struct scan *s)
{
    char c = s->in.p[s->at];
    size_t length;

    if (c == '"' && !s->in_string) {
        open_string(s);
        return;
    }
    s->at++;
    if (s->in_string) {
        if (c == '\\' && s->at < s->in.n && digit_at(s->in, s->at, &length) < 0)
            s->at++;
        s->in_string = c != '"';
        if (!s->in_string)
            s->last = sw_str_sub(s->in, s->begin, s->at - 1 - s->begin);
    } else if (c == ':') {
        s->key = s->last;
    } else if (c == ',' || c == '{' || c == '}') {
        s->key = (struct sw_str){NULL, 0};
    }
}

/* Bytes that begin no digit and end nothing: most of a text. */
static bool is_plain(unsigned char c)
{
    static const bool other[256] = {
        ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true,
        ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true, ['"'] = true, ['\\'] = true,
        [':'] = true, [','] = true, ['{'] = true, ['}'] = true, [0xef] = true};

    return !other[c];
}

/* ---- the look before --------------------------------------------------------------------------
 */

/* What every phone and identity number written in ASCII is made of. */
static bool is_numeric(char c)
{
    return (c >= '0' && c <= '9') || c == ' ' || c == '-';
}

/* Is one of the numbers in these numeric bytes to be veiled? */
static bool holds_number(struct sw_str bytes)
{
    const struct scan s = {.in = bytes, .in_string = true};
    struct run r;

    for (size_t at = 0; at < bytes.n; at = r.end == at ? at + 1 : r.end) {
        read_run(bytes, at, &r);
        if (r.n >= LONG || phone_in(&r) != NULL || grouped_phone(&s, &r))
            return true;
    }
    return false;
}

/* The words that keys and subjects of numbers and of names contain. Only each fourth byte is looked
 * at: a word of four letters has one of them there. */
static bool holds_word(struct sw_str text)
{
    static const char words[2][5] = {"idno", "name"};
    static const unsigned char letter[2][256] = {{['i'] = 1, ['d'] = 2, ['n'] = 3, ['o'] = 4},
                                                 {['n'] = 1, ['a'] = 2, ['m'] = 3, ['e'] = 4}};
    enum { LETTERS = 4 };

    for (size_t at = LETTERS - 1; at < text.n; at += LETTERS) {
        for (size_t w = 0; w < SW_COUNTOF(words); w++) {
            unsigned char l = letter[w][(unsigned char)text.p[at]];

            if (l > 0 && at + LETTERS - l < text.n &&
                memcmp(text.p + at + 1 - l, words[w], LETTERS) == 0)
                return true;
        }
    }
    return false;
}

/* A phone is eleven numeric bytes, all else is longer: each eleventh byte is looked at. */
static bool holds_run(struct sw_str text)
{
    for (size_t at = PHONE - 1; at < text.n; at += PHONE) {
        size_t from = at;

        if (!is_numeric(text.p[at]))
            continue;
        while (from > 0 && is_numeric(text.p[from - 1]))
            from--;
        while (at < text.n && is_numeric(text.p[at]))
            at++;
        if (at - from >= PHONE && holds_number(sw_str_sub(text, from, at - from)))
            return true;
    }
    return false;
}

/* Full-width digits: their first byte is that of Chinese commas and brackets too. */
static bool holds_wide(struct sw_str text)
{
    const char *end = text.p + text.n;
    size_t length;

    for (const char *p = text.p; (p = memchr(p, 0xef, (size_t)(end - p))) != NULL; p++) {
        if (digit_at(text, (size_t)(p - text.p), &length) >= 0)
            return true;
    }
    return false;
}

/* False when there is surely nothing to replace, which is so of nearly every event; found out
 * without looking at every byte. */
static bool may_hold(struct sw_str text)
{
    return text.n > 0 && (memchr(text.p, '\\', text.n) != NULL || /* escaped digits or words */
                          holds_wide(text) || holds_word(text) || holds_run(text));
}

bool sw_veil(const struct sw_veil *v, struct sw_str text, struct sw_buf *out)
{
    struct scan s = {.v = v, .in = text, .out = out};
    size_t length;

    if (!may_hold(text))
        return false;
    while (s.at < text.n) {
        if (is_plain((unsigned char)text.p[s.at]))
            s.at++;
        else if (digit_at(text, s.at, &length) >= 0)
            take_digits(&s);
        else
            take_other(&s);
    }
    if (s.copied == 0)
        return false;
    sw_buf_put(out, text.p + s.copied, text.n - s.copied);
    return true;
}

/* ---- reading tokens ----------------------------------------------------------------------- */

/* What stands behind the letters of a token that begins like this; false: it is none. */
static bool behind_hash(struct sw_str s, const char *kind, struct sw_str *rest)
{
    struct sw_str head = sw_str(kind);
    size_t end = head.n + 1 + (size_t)HASH * 2;

    if (s.n < end || !sw_str_starts(s, head) || s.p[head.n] != '~')
        return false;
    for (size_t i = head.n + 1; i < end; i++) {
        if (s.p[i] < 'a' || s.p[i] > 'p')
            return false;
    }
    *rest = sw_str_sub(s, end, s.n);
    return true;
}

/* "~1234", what is told of a number. */
static bool is_tail(struct sw_str s)
{
    return s.n == 5 && s.p[0] == '~';
}

bool sw_veil_idno(struct sw_str s, enum sw_idno_fault *fault)
{
    struct sw_str rest;

    for (size_t f = 0; f < SW_IDNO_FAULTS; f++) {
        if (behind_hash(s, fault_words[f], &rest)) {
            *fault = (enum sw_idno_fault)f;
            return f == SW_IDNO_GOOD ? is_tail(rest) : rest.n == 0;
        }
    }
    return false;
}

bool sw_veil_name(struct sw_str s, struct sw_str *shown)
{
    struct sw_str rest;
    size_t at = 0;

    if (!behind_hash(s, "name", &rest) || rest.n < 2 || rest.p[0] != '~' ||
        rest.p[rest.n - 1] != '*')
        return false;
    *shown = sw_str_sub(rest, 1, rest.n);
    return shown->n == 1 || (sw_utf8_next(*shown, &at) > 0x7f && at + 1 == shown->n);
}

struct sw_str sw_veil_tail(struct sw_str token)
{
    return sw_str_sub(token, token.n - 4, 4);
}

bool sw_veil_is_token(struct sw_str s)
{
    enum sw_idno_fault fault;
    struct sw_str rest;

    return sw_veil_name(s, &rest) || sw_veil_idno(s, &fault) ||
           (behind_hash(s, "tel", &rest) && is_tail(rest));
}
