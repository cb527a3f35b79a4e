/* notify.h - telling the service manager how we are (sd_notify(3)'s protocol, without its library).
 * Layer: base. Everything is silent when $NOTIFY_SOCKET is not set. */
#ifndef SHOUWANG_BASE_NOTIFY_H
#define SHOUWANG_BASE_NOTIFY_H

#include <shouwang/base/def.h>

/* "READY=1", "STATUS=…", "WATCHDOG=1"; several lines at once are allowed. */
void sw_notify_manager(const char *fmt, ...) SW_PRINTF(1, 2);
/* How often the manager wants to hear WATCHDOG=1, µs; 0: not at all. */
sw_time sw_notify_watchdog(void);

#endif
