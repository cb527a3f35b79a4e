/* identity.c - identity numbers of persons, which come here as tokens (base/veil.h).
 *
 * Persons with one number stand in a list of it, in order of arrival: that there are several is for
 * the county to settle, not for us. */
#include "registry_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/veil.h>

const char *sw_idno_wrong(struct sw_str token)
{
    static const char *const wrong[SW_IDNO_FAULTS] = {
        [SW_IDNO_LENGTH] = N_("it has 15 digits, or 17 and a digit or X"),
        [SW_IDNO_REGION] = N_("it does not begin with a province"),
        [SW_IDNO_DATE] = N_("there is no such day of birth in it"),
        [SW_IDNO_SEQUENCE] = N_("its sequence number is 000"),
        [SW_IDNO_CHECK] = N_("its check digit is wrong: a digit is mistyped or two are swapped"),
    };
    enum sw_idno_fault fault;

    if (!sw_veil_idno(token, &fault))
        fault = SW_IDNO_LENGTH;
    return fault == SW_IDNO_GOOD ? NULL : _(wrong[fault]);
}

enum sw_refusal sw_change_idno(struct sw_change *c, struct sw_str *token)
{
    const char *wrong;
    uint32_t field;

    *token = (struct sw_str){NULL, 0};
    if (sw_stream_field(c->event.stream, SW_STR("idno"), &field) == NULL ||
        !sw_change_given(c, field))
        return SW_ACCEPTED;
    *token = sw_change_text(c, field);
    wrong = sw_idno_wrong(*token);
    if (wrong == NULL)
        return SW_ACCEPTED;
    sw_fail(c->err, SW_EINVALID, _("idno is no identity number: %s"), wrong);
    return SW_REFUSED_BAD_FIELD;
}

static void drop(struct sw_registry *r, uint32_t person)
{
    uint32_t *link;

    if (r->person[person].idno == SW_NONE)
        return;
    link = &r->person_of_idno[r->person[person].idno];
    while (*link != person)
        link = &r->person[*link].next_same_idno;
    *link = r->person[person].next_same_idno;
}

static uint32_t number_of(struct sw_registry *r, struct sw_str token)
{
    uint32_t known = r->idno.count;
    uint32_t idno = sw_intern_add(&r->idno, token);

    if (idno == known) {
        r->person_of_idno =
            sw_grow(r->person_of_idno, &r->idno_cap, known + 1, sizeof(*r->person_of_idno));
        r->person_of_idno[idno] = SW_NONE;
    }
    return idno;
}

void sw_person_take_idno(struct sw_change *c, uint32_t person, struct sw_str token)
{
    struct sw_registry *r = c->r;
    struct sw_person *p = &r->person[person];
    bool is_older = c->event.day < p->idno_since ||
                    (c->event.day == p->idno_since && c->event.moment < p->idno_moment);
    uint32_t idno = number_of(r, token);
    uint32_t *link;

    if (is_older && p->idno != SW_NONE)
        return;
    p->idno_since = c->event.day;
    p->idno_moment = c->event.moment;
    if (p->idno == idno)
        return;
    drop(r, person);
    link = &r->person_of_idno[idno];
    while (*link != SW_NONE)
        link = &r->person[*link].next_same_idno;
    *link = person;
    p->idno = idno;
    p->next_same_idno = SW_NONE;
}
