/* log.h - one logfmt line per event on stderr: ts level component msg and key=value pairs.
 * Layer: base, but lang, model and engine never log. Never pass a phone number, a name or a
 * message text. The same (component, message) more than 10 times a minute is counted and
 * summarised.
 *
 *     ts=2026-11-21T09:40:00.123Z level=warn component=store msg="commit slow" ms=250
 */
#ifndef SHOUWANG_BASE_LOG_H
#define SHOUWANG_BASE_LOG_H

#include <shouwang/base/str.h>

enum sw_log_level { SW_LOG_DEBUG, SW_LOG_INFO, SW_LOG_WARN, SW_LOG_ERROR };

extern enum sw_log_level sw_log_level; /* lines below it are not written; default info */

/* `pairs` is a printf format of the key=value pairs, or NULL. */
void sw_log(enum sw_log_level level, const char *component, const char *msg, const char *pairs, ...)
    SW_PRINTF(4, 5);

#endif
