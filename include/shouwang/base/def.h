/* def.h - the scalars and attributes every file of the project may use.
 * Layer: base. */
#ifndef SHOUWANG_BASE_DEF_H
#define SHOUWANG_BASE_DEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t sw_time; /* µs since 1970-01-01T00:00:00Z; a duration is µs too */
typedef int32_t sw_day;  /* days since 1970-01-01 in the county's own civil calendar */

#define SW_SECOND     INT64_C(1000000)
#define SW_DAY_NEVER  INT32_MAX /* "no day": later than every day */
#define SW_TIME_NEVER INT64_MAX

#define SW_COUNTOF(a) (sizeof(a) / sizeof((a)[0]))
/* The struct that embeds `member`, from a pointer to the member. */
#define SW_CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#if defined(__GNUC__)
#define SW_MUST_USE          __attribute__((warn_unused_result))
#define SW_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define SW_NORETURN          __attribute__((noreturn))
#else
#define SW_MUST_USE
#define SW_PRINTF(fmt, args)
#define SW_NORETURN
#endif

#endif
