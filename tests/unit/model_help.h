/* model_help.h - a small schema and county for tests of model and engine. */
#ifndef TESTS_MODEL_HELP_H
#define TESTS_MODEL_HELP_H

#include "../tap.h"
#include <shouwang/base/veil.h>
#include <shouwang/model/registry.h>

static const char small_schema[] =
    "schema: 1\n"
    "timezone: Asia/Shanghai\n"
    "enums:\n"
    "  bill_kind: {inpatient: 住院, outpatient: 门诊}\n"
    "household:\n"
    "  name: {type: string}\n"
    "  members_n: {type: int}\n"
    "  income_12m: {type: money}\n"
    "events:\n"
    "  medical.bill: {label: 医疗费, fields: {person: {type: person}, kind: {type: "
    "enum(bill_kind)}, "
    "total: {type: money, optional: true}, self_paid: {type: money}}}\n"
    "  work.lost: {scope: person, fields: {person: {type: person}}}\n"
    "  disaster.hail: {scope: area, fields: {severity: {type: int, min: 1, max: 5}}}\n"
    "  note: {fields: {a: {type: string, optional: true}, b: {type: string, optional: true}, "
    "c: {type: string, optional: true}, at: {type: date, optional: true}, "
    "share: {type: number, optional: true}, ok: {type: bool, optional: true}}}\n";

/* 2026-11-21T12:00:00+08:00 */
#define NOON (INT64_C(1795233600) * SW_SECOND)

struct county {
    struct sw_schema *schema;
    struct sw_registry r;
    struct sw_arena arena;
    struct sw_err err;
    struct sw_event event; /* of the last offer() that was read */
    struct sw_changed changed;
    int serial;
};

static inline struct sw_schema *load_small(const char *text)
{
    struct sw_diag diag = {0};
    struct sw_schema *s = sw_schema_parse(SW_STR("schema.yaml"), sw_str(text), &diag);

    sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    return s;
}

static inline bool spare_cadre(void *ctx, const struct sw_veil_found *f)
{
    const char *const *type = ctx;

    return sw_str_is(f->key, "phone") && strcmp(*type, "registry.cadre") == 0;
}

/* Without identity numbers, as the store's door takes them out. One event by its type, subject,
 * data (JSON) and other attributes; what became of it. */
static inline enum sw_refusal offer(struct county *c, const char *type, const char *subject,
                                    const char *data, const char *more)
{
    const struct sw_veil veil = {
        .key = {1, 2}, .today = 20778 /* 2026-11-21 */, .spare = spare_cadre, .ctx = &type};
    struct sw_buf text = {0};
    struct sw_buf veiled = {0};
    struct sw_envelope env;
    struct sw_str s;
    enum sw_refusal r;

    sw_buf_printf(&text,
                  "{\"specversion\":\"1.0\",\"source\":\"t\",\"type\":\"%s\",\"subject\":\"%s\"",
                  type, subject);
    if (strstr(more, "\"id\"") == NULL)
        sw_buf_printf(&text, ",\"id\":\"e%d\"", c->serial++);
    sw_buf_cstr(&text, more);
    if (data != NULL)
        sw_buf_printf(&text, ",\"data\":%s", data);
    sw_buf_cstr(&text, "}");
    s = sw_arena_str(&c->arena,
                     sw_buf_view(sw_veil(&veil, sw_buf_view(&text), &veiled) ? &veiled : &text));
    sw_buf_free(&text);
    sw_buf_free(&veiled);
    r = sw_envelope_read(&c->arena, s, &env, &c->err);
    if (r != SW_ACCEPTED)
        return r;
    if (strncmp(type, "registry.", 9) == 0)
        return sw_registry_apply(&c->r, &c->arena, c->schema, &env, NOON, &c->changed, &c->err);
    return sw_event_read(&c->arena, c->schema, &c->r, &env, NOON, &c->event, &c->err);
}

static inline void open_county(struct county *c)
{
    *c = (struct county){.schema = load_small(small_schema)};
    sw_registry_init(&c->r, (struct sw_hash_key){7, 8});
    offer(c, "registry.area", "area/610999000000", "{\"name\":\"平川县\"}", "");
    offer(c, "registry.area", "area/610999101000", "{\"name\":\"大溪镇\"}", "");
    offer(c, "registry.area", "area/610999101201", "{\"name\":\"石桥村\"}", "");
    offer(c, "registry.area", "area/610999101202", "{\"name\":\"东沟村\"}", "");
    offer(c, "registry.household", "household/H1",
          "{\"area\":\"610999101201\",\"name\":\"张三\",\"members_n\":4}", "");
    offer(c, "registry.household", "household/H2", "{\"area\":\"610999101202\"}", "");
    offer(c, "registry.person", "person/P1", "{\"household\":\"H1\",\"name\":\"张三\"}", "");
    offer(c, "registry.person", "person/P2", "{\"household\":\"H2\"}", "");
}

static inline void close_county(struct county *c)
{
    sw_registry_free(&c->r);
    sw_schema_free(c->schema);
    sw_arena_free(&c->arena);
}

#endif
