/* charset.h - a text as an office program saved it, as UTF-8.
 * Layer: base. The only file that knows iconv. */
#ifndef SHOUWANG_BASE_CHARSET_H
#define SHOUWANG_BASE_CHARSET_H

#include <shouwang/base/buf.h>
#include <shouwang/base/err.h>

/* Appends `in` to `out` as UTF-8 without a byte order mark: UTF-16 when its mark stands in front,
 * valid UTF-8 as it is, everything else as GB18030, which Chinese spreadsheets save unasked (GBK
 * and GB2312 are parts of it). SW_EINVALID, naming the line, when it is none of them; `out`
 * is untouched then. */
enum sw_code sw_charset_utf8(struct sw_str in, struct sw_buf *out, struct sw_err *err) SW_MUST_USE;

/* The same for a table of which a few bytes may be spoilt: decided for the file as a whole (one bad
 * byte does not turn UTF-8 into GB18030), and each byte that does not fit becomes U+FFFD, so that
 * the rows with one can be told apart from the good ones. Names the encoding: "UTF-8" … ; NULL and
 * *err when this system lacks a converter. */
const char *sw_charset_table(struct sw_str in, struct sw_buf *out, struct sw_err *err) SW_MUST_USE;
#define SW_SPOILT "\xef\xbf\xbd"

#endif
