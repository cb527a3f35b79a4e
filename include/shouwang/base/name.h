/* name.h - names of persons as they are compared: however a department writes one, the same
 * characters come out. For matching only; nobody is shown a name in this form.
 * Layer: base. Pure. */
#ifndef SHOUWANG_BASE_NAME_H
#define SHOUWANG_BASE_NAME_H

#include <shouwang/base/buf.h>

/* Appended to `out`: without blanks and without the dots inside names of minorities (· • ‧ ． and
 * the like, which systems write in a dozen ways or leave out), full-width letters as plain capital
 * ones, and rare characters that GB18030 once kept in the private area of Unicode at their own
 * places. Bytes that are no UTF-8 are left out. */
void sw_name_plain(struct sw_str name, struct sw_buf *out);

#endif
