/* err.c - errors as values. */
#include <shouwang/base/err.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_SIZE = sizeof(((struct sw_err *)0)->text) };

/* Fill a text, cut at a character border when it is too long. */
static void set_text(char text[TEXT_SIZE], const char *fmt, va_list ap) SW_PRINTF(2, 0);

static void set_text(char text[TEXT_SIZE], const char *fmt, va_list ap)
{
    char wide[TEXT_SIZE + 1];
    size_t n;

    vsnprintf(wide, sizeof(wide), fmt, ap);
    n = strlen(wide);
    if (n == TEXT_SIZE)
        n--;
    while (n > 0 && ((unsigned char)wide[n] & 0xc0) == 0x80)
        n--;
    memset(text, 0, TEXT_SIZE);
    memcpy(text, wide, n);
}

enum sw_code sw_fail(struct sw_err *err, enum sw_code code, const char *fmt, ...)
{
    va_list ap;

    if (err == NULL)
        return code;
    err->code = code;
    va_start(ap, fmt);
    set_text(err->text, fmt, ap);
    va_end(ap);
    return code;
}

enum sw_code sw_fail_prefix(struct sw_err *err, const char *fmt, ...)
{
    char rest[TEXT_SIZE];
    char prefix[TEXT_SIZE];
    va_list ap;

    if (err == NULL)
        return SW_EINVALID;
    memcpy(rest, err->text, sizeof(rest));
    va_start(ap, fmt);
    set_text(prefix, fmt, ap);
    va_end(ap);
    return sw_fail(err, err->code, "%s: %s", prefix, rest);
}
