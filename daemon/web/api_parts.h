/* api_parts.h - what api.c, explain.c and status.c share. Private to web. */
#ifndef WEB_API_PARTS_H
#define WEB_API_PARTS_H

#include <shouwang/web/api.h>

void sw_api_metrics(const struct sw_api *api, struct sw_buf *out);
/* Answers with a household's page. *explained: the ruleset it was made with last, replaced when
 * other rules have become active. */
void sw_api_explain(struct sw_part *part, struct sw_ruleset **explained, struct sw_exchange *x,
                    struct sw_str query);
/* quiet.c */
void sw_api_storms(const struct sw_engine *e, struct sw_exchange *x);
void sw_api_silences(const struct sw_engine *e, struct sw_exchange *x);
void sw_api_silence_preview(const struct sw_engine *e, struct sw_exchange *x, struct sw_str query);

#endif
