/* zone.h - from instants to local days. A zone is loaded once (TZif, RFC 8536, or a fixed offset);
 * after that every function is pure.
 * Layer: base. */
#ifndef SHOUWANG_BASE_ZONE_H
#define SHOUWANG_BASE_ZONE_H

#include <shouwang/base/date.h>
#include <shouwang/base/err.h>

struct sw_zone; /* immutable after loading */

/* By IANA name ("Asia/Shanghai", looked up under $TZDIR or /usr/share/zoneinfo), "UTC", or a fixed
 * offset "+08:00" / "-05:30". SW_EINVALID for a malformed name, SW_ENOTFOUND for an unknown one,
 * SW_EBAD for a damaged file. Free with sw_zone_free(). */
enum sw_code sw_zone_load(struct sw_zone **out, struct sw_str name, struct sw_err *err) SW_MUST_USE;
void sw_zone_free(struct sw_zone *z);
struct sw_str sw_zone_name(const struct sw_zone *z);

/* Seconds east of UTC at that instant. NULL means UTC everywhere below. */
int32_t sw_zone_offset(const struct sw_zone *z, sw_time at);
/* The local civil day of an instant, and the first instant of a local day. */
sw_day sw_zone_day(const struct sw_zone *z, sw_time at);
sw_time sw_zone_midnight(const struct sw_zone *z, sw_day day);

#endif
