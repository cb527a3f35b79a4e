/* api_parts.h - what api.c and status.c share. Private to web. */
#ifndef WEB_API_PARTS_H
#define WEB_API_PARTS_H

#include <shouwang/web/api.h>

void sw_api_metrics(const struct sw_api *api, struct sw_buf *out);

#endif
