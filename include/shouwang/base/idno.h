/* idno.h - citizens' identity numbers (GB 11643): 17 digits and a check character, and the older 15
 * digits, which become 18.
 * Layer: base. Pure. No text made here repeats a number. */
#ifndef SHOUWANG_BASE_IDNO_H
#define SHOUWANG_BASE_IDNO_H

#include <shouwang/base/date.h>

/* What is wrong with a number; the first thing found. */
enum sw_idno_fault {
    SW_IDNO_GOOD,
    SW_IDNO_LENGTH,   /* not 15 or 18 characters, or others than digits and a last X */
    SW_IDNO_REGION,   /* the first two digits are no province */
    SW_IDNO_DATE,     /* no day of the calendar, or after `today` */
    SW_IDNO_SEQUENCE, /* 000 */
    SW_IDNO_CHECK,    /* a digit is wrong or two were swapped */
    SW_IDNO_FAULTS
};

#define SW_IDNO_SIZE 19

/* `s` without blanks; `out` gets the 18 characters with a capital X. */
enum sw_idno_fault sw_idno_read(struct sw_str s, sw_day today, char out[SW_IDNO_SIZE]);
/* The day of birth in a good number of 18. */
sw_day sw_idno_birth(const char number[SW_IDNO_SIZE]);
/* The check character of 17 digits: '0' … '9' or 'X'. */
char sw_idno_check(const char digits[17]);

#endif
