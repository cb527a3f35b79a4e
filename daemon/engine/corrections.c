/* corrections.c - a case whose alert was taken back before anybody answered: it rests until
 * somebody does, or something comes after all. */
#include "parts.h"

enum { REST_DAYS = 30 };

/* What was told was taken back, or never left: when it comes again it is no repetition. */
static void forget_told(struct sw_engine *e, uint32_t subject)
{
    struct sw_standing *st = sw_standing_of(e, subject);
    size_t n;
    struct sw_hit *hits = sw_hits(e, subject, &n);

    for (size_t i = 0; i < n; i++)
        hits[i].told = 0;
    st->told_level = 0;
    st->told_day = SW_DAY_NEVER;
}

/* It was a mistake, and nobody has answered: nobody need go, so nobody is reminded. The case stays
 * open for a word of theirs, and on the list of tasks; after a month its clock goes again, so that
 * none is forgotten. */
void sw_case_rest(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    forget_told(e, e->cases[index].subject);
    sw_clock_rest(e, index, sw_zone_midnight(e->rules->schema->zone, e->today + REST_DAYS + 1));
    sw_case_task(e, index, "原因已撤销，不必入户，请核对后办结", fx);
}

/* Something came after all. */
void sw_case_rouse(struct sw_engine *e, uint32_t index, struct sw_effects *fx)
{
    const struct sw_case *c = &e->cases[index];

    if (!sw_case_waits(e, c) || !sw_clock_rests(c) || sw_is_held(e, index))
        return;
    sw_clock_anew(e, index);
    sw_case_task_end(e, index, fx);
}
