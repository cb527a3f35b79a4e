/* number.h - texts to numbers and back, exactly. Independent of the locale.
 * Layer: base. */
#ifndef SHOUWANG_BASE_NUMBER_H
#define SHOUWANG_BASE_NUMBER_H

#include <shouwang/base/str.h>

/* A decimal text in yuan to int64 fen: "12000", "9500.5", "-0.01", "1e3". False when it is not a
 * number, has a fraction of a fen or leaves ±9e16 fen. Never goes through a double. */
bool sw_fen_parse(struct sw_str s, int64_t *fen);
/* Fen to yuan without needless zeros: 1200000 -> "12000", 950050 -> "9500.5". */
#define SW_FEN_SIZE 24
char *sw_fen_format(int64_t fen, char out[SW_FEN_SIZE]);

/* A number as it was meant: without blanks around it, full-width digits and signs as plain ones.
 * Texts too long to be a number, or with other characters in them, stay as they are. */
#define SW_NUMBER_SIZE 64
struct sw_str sw_number_plain(struct sw_str text, char room[SW_NUMBER_SIZE]);
/* What to do about a text that is no number: the usual slips, for behind a finding.
 * "": nothing to say. */
const char *sw_number_hint(struct sw_str text, bool is_money);

/* strtod in the C locale over the whole of s (JSON number grammar, leading '+' refused).
 * False when malformed or not finite. */
bool sw_double_parse(struct sw_str s, double *out);
/* The shortest text that reads back as the same double: "0.1", "1e+30", "10". NaN and infinities
 * as "NaN", "Infinity", "-Infinity". */
#define SW_DOUBLE_SIZE 32
char *sw_double_format(double d, char out[SW_DOUBLE_SIZE]);

#endif
