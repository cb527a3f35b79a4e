/* url.h - percent encoding and form-encoded queries (RFC 3986, and '+' for a space in queries).
 * Layer: base. */
#ifndef SHOUWANG_BASE_URL_H
#define SHOUWANG_BASE_URL_H

#include <shouwang/base/buf.h>

/* Everything but A-Z a-z 0-9 - . _ ~ as %XX in upper case. */
void sw_url_encode(struct sw_buf *out, struct sw_str s);
/* One parameter of a query or form body, decoded and appended to `out`. False: absent, or its
 * encoding is broken (nothing is appended then). */
bool sw_query_get(struct sw_str query, const char *name, struct sw_buf *out);

#endif
