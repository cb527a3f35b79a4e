/* charset.c - a text as an office program saved it, as UTF-8.
 *
 * Nobody is asked which encoding it is: a mark in front decides, then whether the bytes are UTF-8.
 * Chinese text in GB18030 is practically never valid UTF-8 by chance. */
#include <errno.h>
#include <iconv.h>
#include <shouwang/base/charset.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/utf8.h>

static const struct {
    struct sw_str mark;
    const char *name;
} marks[] = {
    {{"\xef\xbb\xbf", 3}, "UTF-8"},
    {{"\xff\xfe", 2}, "UTF-16LE"},
    {{"\xfe\xff", 2}, "UTF-16BE"},
};

static enum sw_code not_a_text(struct sw_str in, size_t at, struct sw_err *err)
{
    size_t line = 1;

    for (size_t i = 0; i < at; i++)
        line += in.p[i] == '\n';
    return sw_fail(err, SW_EINVALID,
                   _("line %zu is neither UTF-8 nor GB18030; save the file as UTF-8"), line);
}

/* The offset of the first byte that `cd` cannot make out; in.n when all of it went to `out`. */
static size_t convert(iconv_t cd, struct sw_str in, struct sw_buf *out)
{
    char *from = (char *)(uintptr_t)in.p; /* iconv() does not write there */
    size_t left = in.n;

    while (left > 0) {
        char piece[4096];
        char *to = piece;
        size_t room = sizeof(piece);
        size_t rc = iconv(cd, &from, &left, &to, &room);

        sw_buf_put(out, piece, sizeof(piece) - room);
        if (rc == (size_t)-1 && errno != E2BIG)
            break;
    }
    return in.n - left;
}

static enum sw_code decode(const char *name, struct sw_str in, struct sw_buf *out,
                           struct sw_err *err)
{
    iconv_t cd = iconv_open("UTF-8", name);
    size_t before = out->n;
    size_t at;

    if (cd == (iconv_t)-1)
        return sw_fail(err, SW_EIO, _("this system cannot read %s; save the file as UTF-8"), name);
    at = convert(cd, in, out);
    iconv_close(cd);
    if (at == in.n)
        return SW_OK;
    out->n = before;
    return not_a_text(in, at, err);
}

/* What the mark in front says, which is taken off; NULL: there is none. */
static const char *marked_as(struct sw_str *in)
{
    for (size_t i = 0; i < SW_COUNTOF(marks); i++) {
        if (sw_str_starts(*in, marks[i].mark)) {
            *in = sw_str_sub(*in, marks[i].mark.n, in->n);
            return marks[i].name;
        }
    }
    return NULL;
}

enum sw_code sw_charset_utf8(struct sw_str in, struct sw_buf *out, struct sw_err *err)
{
    const char *name = marked_as(&in);
    size_t bad = sw_utf8_check(in);

    if (name == NULL)
        name = bad == in.n ? "UTF-8" : "GB18030";
    if (strcmp(name, "UTF-8") != 0)
        return decode(name, in, out, err);
    if (bad < in.n)
        return not_a_text(in, bad, err);
    sw_buf_str(out, in);
    return SW_OK;
}

/* ---- tables ------------------------------------------------------------------------------- */

/* Which of the two has fewer doubts. Chinese in GB18030 makes hardly any character of UTF-8, and a
 * bad byte in UTF-8 leaves all others good. */
static const char *likelier(struct sw_str in)
{
    size_t good = 0;
    size_t bad = 0;

    for (size_t at = 0; at < in.n;) {
        int32_t c = sw_utf8_next(in, &at);

        good += c > 0x7f;
        bad += c < 0;
    }
    return bad <= good ? "UTF-8" : "GB18030";
}

/* U+FFFD for what is not UTF-8. */
static void mend_utf8(struct sw_str in, struct sw_buf *out)
{
    for (;;) {
        size_t good = sw_utf8_check(in);

        sw_buf_put(out, in.p, good);
        if (good == in.n)
            return;
        sw_buf_cstr(out, SW_SPOILT);
        in = sw_str_sub(in, good + 1, in.n);
    }
}

const char *sw_charset_table(struct sw_str in, struct sw_buf *out, struct sw_err *err)
{
    const char *name = marked_as(&in);
    iconv_t cd;

    if (name == NULL)
        name = likelier(in);
    if (strcmp(name, "UTF-8") == 0) {
        mend_utf8(in, out);
        return name;
    }
    cd = iconv_open("UTF-8", name);
    if (cd == (iconv_t)-1) {
        sw_fail(err, SW_EIO, _("this system cannot read %s; save the file as UTF-8"), name);
        return NULL;
    }
    while (in.n > 0) {
        size_t good = convert(cd, in, out);

        if (good == in.n)
            break;
        sw_buf_cstr(out, SW_SPOILT);
        iconv(cd, NULL, NULL, NULL, NULL);
        in = sw_str_sub(in, good + (strncmp(name, "UTF-16", 6) == 0 ? 2 : 1), in.n);
    }
    iconv_close(cd);
    return name;
}
