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

/* Households' ids of 11 digits that begin with the county's own code look like phones where that
 * code begins with 13 to 19, as in Hebei or Shanxi. They are ids where an id stands and nowhere
 * else. */
static bool is_household_id(const struct sparing *s, const struct sw_veil_found *f)
{
    static const char *const keys[] = {"household", "from", "into"};
    bool stands = s->what == SW_VEIL_ID && f->before.p == NULL && f->key.n == 0;

    if (f->before.p != NULL && sw_str_is(f->key, "subject"))
        stands = sw_str_is(f->before, "household/");
    for (size_t i = 0; i < SW_COUNTOF(keys) && f->before.p != NULL && f->before.n == 0; i++)
        stands |= sw_str_is(f->key, keys[i]);
    return stands && f->is_bare && f->is_last &&
           sw_engine_is_own_code(s->part->engine, sw_str_sub(f->phone, 0, 6));
}

static bool may_stay(void *ctx, const struct sw_veil_found *f)
{
    const struct sparing *s = ctx;

    switch (s->what) {
    case SW_VEIL_EVENT:
        return (sw_str_is(f->key, "phone") && registers(s->text, "\"registry.cadre\"")) ||
               is_household_id(s, f);
    case SW_VEIL_ID: return is_household_id(s, f);
    case SW_VEIL_REPLY:
        return sw_str_is(f->key, "from") && sw_engine_is_cadre(s->part->engine, f->phone);
    case SW_VEIL_WHOLLY: break;
    }
    return false;
}

static bool is_of_person(void *ctx)
{
    const struct sparing *s = ctx;

    return s->what == SW_VEIL_EVENT && registers(s->text, "\"registry.person\"");
}

struct sw_str sw_part_veiled(struct sw_part *p, enum sw_veil_for what, struct sw_str text,
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

struct sw_str sw_part_veil(struct sw_part *p, struct sw_str text, struct sw_arena *arena)
{
    return sw_part_veiled(p, SW_VEIL_WHOLLY, text, arena);
}

struct sw_str sw_part_veil_household(struct sw_part *p, struct sw_str id, struct sw_arena *arena)
{
    return sw_part_veiled(p, SW_VEIL_ID, id, arena);
}
