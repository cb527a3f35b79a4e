/* err.h - errors as values: a code a program can act on and a text a person can act on.
 * Layer: base. Functions return the code (0 = done) and fill *err when it is given. */
#ifndef SHOUWANG_BASE_ERR_H
#define SHOUWANG_BASE_ERR_H

#include <shouwang/base/def.h>
#include <stdarg.h>

enum sw_code {
    SW_OK = 0,
    SW_EINVALID,  /* the input is wrong: say so to whoever sent it, do not try again */
    SW_ENOTFOUND, /* no such thing */
    SW_EIO,       /* a file, socket or device failed */
    SW_EFULL,     /* disk, quota or limit: nothing was written, try later */
    SW_EBUSY,     /* somebody else holds it: nothing was done, try later */
    SW_EFENCED,   /* not the owner any more: drop the state, do not write */
    SW_EUNKNOWN,  /* may or may not have happened (connection lost half-way) */
    SW_EBAD       /* our bug, a corrupt file or a schema mismatch: stop */
};

struct sw_err {
    enum sw_code code;
    char text[320]; /* what is wrong, what was expected, what to do; UTF-8, no newline */
};

/* Fill *err (may be NULL) and return `code`: `return sw_fail(err, SW_EIO, "%s: %s", path, …);`
 * A text that is too long is cut at a character border. */
enum sw_code sw_fail(struct sw_err *err, enum sw_code code, const char *fmt, ...) SW_PRINTF(3, 4);
/* Put "fmt: " in front of the text that is there. Returns err->code. */
enum sw_code sw_fail_prefix(struct sw_err *err, const char *fmt, ...) SW_PRINTF(2, 3);

#endif
