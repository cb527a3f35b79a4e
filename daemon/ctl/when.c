/* when.c - instants as the county reads them: in the time zone of its schema.yaml, as everything
 * that the engine writes is, wherever the tool runs; in the machine's where that cannot be read. */
#include "ctl.h"
#include <shouwang/base/zone.h>
#include <shouwang/model/schema.h>
#include <time.h>

static struct {
    struct ctl *c;
    struct sw_zone *zone;
    bool has_looked;
} here;

void ctl_when_begin(struct ctl *c)
{
    here.c = c;
}

void ctl_when_end(void)
{
    sw_zone_free(here.zone);
    here.zone = NULL;
}

/* Nothing is told of what is wrong: who needs more of it than the zone says so. */
static void look(void)
{
    struct sw_diag diag = {0};
    struct sw_err err;
    struct sw_buf path = {0};
    struct sw_schema *schema = NULL;

    if (here.c->config == NULL)
        here.c->config = sw_config_load(here.c->config_path, &diag);
    if (here.c->config != NULL) {
        sw_buf_printf(&path, "%s/schema.yaml", here.c->config->rules);
        schema = sw_schema_load(path.p, &diag);
    }
    if (schema != NULL && sw_zone_load(&here.zone, sw_zone_name(schema->zone), &err) != SW_OK)
        here.zone = NULL;
    sw_schema_free(schema);
    sw_buf_free(&path);
    sw_diag_free(&diag);
}

int32_t ctl_utc_offset(sw_time at)
{
    time_t seconds = (time_t)sw_floor_div(at, SW_SECOND);
    struct tm tm;

    if (!here.has_looked && here.c != NULL)
        look();
    here.has_looked = true;
    if (here.zone != NULL)
        return sw_zone_offset(here.zone, at);
    localtime_r(&seconds, &tm);
    return (int32_t)tm.tm_gmtoff;
}

const char *ctl_when(sw_time at, char out[32])
{
    time_t seconds = (time_t)sw_floor_div(at, SW_SECOND) + ctl_utc_offset(at);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm);
    return out;
}
