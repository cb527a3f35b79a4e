/* part_veil.c - what no input keeps: identity numbers, the phones of households, names of persons.
 *
 * Every text from outside passes here before anything else reads it. So the engine, the log and all
 * that follows from them (snapshot, cases, queue, refused inputs, answers, our own log lines) know
 * tokens only (base/veil.h), and replaying the log needs no key and no second look. */
#include "part_parts.h"

struct sparing {
    const struct sw_part *part;
    enum sw_veil_for what;
    struct sw_str text;
};

static bool registers(struct sw_str text, const char *type)
{
    return memmem(text.p, text.n, type, strlen(type)) != NULL;
}

static bool may_stay(void *ctx, struct sw_str key, struct sw_str phone)
{
    const struct sparing *s = ctx;

    if (s->what == SW_VEIL_EVENT)
        return sw_str_is(key, "phone") && registers(s->text, "\"registry.cadre\"");
    return s->what == SW_VEIL_REPLY && sw_str_is(key, "from") &&
           sw_engine_is_cadre(s->part->engine, phone);
}

static bool is_of_person(void *ctx)
{
    const struct sparing *s = ctx;

    return s->what == SW_VEIL_EVENT && registers(s->text, "\"registry.person\"");
}

static struct sw_str veil_into(struct sw_part *p, enum sw_veil_for what, struct sw_str text,
                               struct sw_arena *arena)
{
    struct sparing sparing = {p, what, text};
    sw_time now = p->conf.hooks.now(p->conf.hooks.ctx);
    struct sw_veil veil = {
        .key = p->lease.key, .spare = may_stay, .of_person = is_of_person, .ctx = &sparing};
    struct sw_buf out = {0};

    /* In UTC it may be yesterday here, and clocks go wrong: a day more costs nothing. */
    veil.today = (sw_day)sw_floor_div(now, 86400 * SW_SECOND) + 1;
    if (sw_veil(&veil, text, &out))
        text = sw_arena_str(arena, sw_buf_view(&out));
    sw_buf_free(&out);
    return text;
}

struct sw_str sw_part_veiled(struct sw_part *p, enum sw_veil_for what, struct sw_str text)
{
    return veil_into(p, what, text, &p->open->arena);
}

struct sw_str sw_part_veil(struct sw_part *p, struct sw_str text, struct sw_arena *arena)
{
    return veil_into(p, SW_VEIL_WHOLLY, text, arena);
}
