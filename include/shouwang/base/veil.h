/* veil.h - texts without identity numbers, phone numbers and names of persons: each is replaced by
 * a keyed token. Layer: base. Works on bytes, so that what is no JSON is veiled too. Equal numbers
 * get equal tokens, so a token stands for the number wherever one is compared, looked up or
 * counted; only who has the key can find out which number it was, by trying.
 *
 *     110101199003078515   id~kfojmhcbaadpnglmebkiohcd~8515   a good number, its last four
 *     110101199003078516   no-check~bfcgjoamdihpklenfabcolgj  a wrong one, and what is wrong
 *     13800138000          tel~clnmabohgfedpkijbmacgond~8000
 *     阿卜杜拉·买买提      name~bhdoapmkfcnjgeilmbdpahco~阿*   written in whatever way
 * (base/name.h)
 *
 * Tokens have no run of digits longer than four: veiling a veiled text changes nothing. */
#ifndef SHOUWANG_BASE_VEIL_H
#define SHOUWANG_BASE_VEIL_H

#include <shouwang/base/buf.h>
#include <shouwang/base/hash.h>
#include <shouwang/base/idno.h>

#define SW_IDNO_SUBJECT "person-idno" /* person-idno/NUMBER: a person by identity number */
#define SW_NAME_SUBJECT "person-name" /* person-name/NAME: somebody without a number */
#define SW_NAME_KEY     "personname"  /* what a source calls the person of an event */

/* A phone of 11 digits, or what may be one, and where it stands. */
struct sw_veil_found {
    struct sw_str key;    /* whose value it is in, or is */
    struct sw_str before; /* of the string it stands in; NULL: in none */
    struct sw_str phone;
    bool is_bare; /* written as 11 ASCII digits, without 0 or 86 in front or gaps */
    bool is_last; /* the text or the string ends behind it */
};

struct sw_veil {
    struct sw_hash_key key;
    sw_day today; /* nobody is born later */
    /* True when it may stay; NULL: none may. */
    bool (*spare)(void *ctx, const struct sw_veil_found *found);
    /* True when what stands behind the key `name` is a person's; NULL: it never is. */
    bool (*of_person)(void *ctx);
    void *ctx;
};

/* False: there is nothing to veil and `out` is untouched. Else the veiled text was appended. */
bool sw_veil(const struct sw_veil *v, struct sw_str text, struct sw_buf *out);

/* True when `s` is a token of any kind. */
bool sw_veil_is_token(struct sw_str s);
/* True when `s` is the token of an identity number or of what should have been one. */
bool sw_veil_idno(struct sw_str s, enum sw_idno_fault *fault);
/* The last four characters of the number behind a good token. */
struct sw_str sw_veil_tail(struct sw_str token);

/* True when `s` is the token of a name; *shown is what may be shown of it, "张*". */
bool sw_veil_name(struct sw_str s, struct sw_str *shown);

#endif
