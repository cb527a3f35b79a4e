/* mail_moot.c - letters that waited until there was nothing left to say. */
#include "parts.h"

/* It says why the case is there: of no use when that is no more. Whose the case is, and until when,
 * is to be said as long as it is open. */
static bool tells_causes(uint8_t notice)
{
    return sw_is_alert(notice) || notice == NOTICE_COPY;
}

/* Somebody acted since: the time that had passed is another's. */
static bool is_answered(const struct sw_case *c)
{
    return sw_clock_due(c) == 0 || (c->clock.done == 0 && !c->clock.late);
}

/* Empty while there is still something to say. */
static struct sw_str why_unwanted(const struct sw_engine *e, const struct sw_letter *l)
{
    uint32_t subject = e->cases[l->index].subject;

    if (!l->waited)
        return SW_STR("");
    if (sw_standing_of(e, subject)->open_case != l->index)
        return SW_STR("发送前个案已结束，不再发送");
    if (l->notice == NOTICE_ASK)
        return l->to == e->cases[l->index].acting ? SW_STR("")
                                                  : SW_STR("发送前已换人负责，不再发给原来的人");
    if (sw_is_prompt(l->notice) && is_answered(&e->cases[l->index]))
        return SW_STR("发送前已有人办理，不再催");
    if (tells_causes(l->notice) && !sw_has_causes(e, subject))
        return SW_STR("发送前原因已消失，不再发送");
    if ((l->to & TEAM_BIT) == 0 && !sw_has_charge(e, &e->cases[l->index], l->to))
        return SW_STR("发送前已换人负责，不再发给原来的人");
    return SW_STR("");
}

bool sw_letter_is_moot(struct sw_engine *e, struct sw_letter *l, struct sw_effects *fx)
{
    struct sw_str why = l->index == SW_NONE ? SW_STR("") : why_unwanted(e, l);

    if (why.n == 0)
        return false;
    if (e->cases[l->index].briefed == l->to)
        e->cases[l->index].briefed = SW_NONE; /* was not told after all */
    sw_letter_end(e, l, "not_sent", why, fx);
    return true;
}
