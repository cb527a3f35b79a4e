/* drop.c - "parked.drop" about parked/ID: somebody has looked at an event that waits, or at all
 * that are about one person, and says that it is to wait no longer. */
#include "event_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/model/registry.h>

enum { DROP_BY, DROP_REASON };

const struct sw_field sw_drop_fields[SW_DROP_FIELDS] = {
    [DROP_BY] = {.name = {"by", 2}, .type = SW_FSTRING, .min = SW_NOT_BLANK},
    [DROP_REASON] = {.name = {"reason", 6}, .type = SW_FSTRING, .min = SW_NOT_BLANK},
};

enum sw_refusal sw_drop_read(struct sw_arena *arena, const struct sw_registry *registry,
                             const struct sw_envelope *in, uint64_t *which, struct sw_err *err)
{
    struct sw_field fields[SW_DROP_FIELDS];
    struct sw_stream st = {.name = in->type, .fields = fields, .n_fields = SW_DROP_FIELDS};
    struct sw_value value[SW_DROP_FIELDS];
    struct sw_str id = {NULL, 0};
    enum sw_refusal rc;

    memcpy(fields, sw_drop_fields, sizeof(fields));
    if (!sw_subject_split(in->subject, "parked", &id) || !sw_match_number(id, which)) {
        sw_fail(err, SW_EINVALID,
                _("the subject of %.*s must be parked/ID with the 12 letters that the list of "
                  "parked events or that of mismatches shows"),
                SW_STR_ARG(in->type));
        return SW_REFUSED_ENVELOPE;
    }
    if (in->reverses.n > 0) {
        sw_fail(err, SW_EINVALID, _("what was dropped is not taken back; send the event anew"));
        return SW_REFUSED_CONFLICT;
    }
    rc = sw_event_read_fields(arena, &st, registry, in->data, value, err);
    for (uint32_t i = 0; i < SW_DROP_FIELDS && rc == SW_ACCEPTED; i++) {
        if (value[i].kind != SW_KUNKNOWN)
            continue;
        sw_fail(err, SW_EINVALID, _("%.*s: the field %.*s is missing"), SW_STR_ARG(st.name),
                SW_STR_ARG(fields[i].name));
        rc = SW_REFUSED_MISSING_FIELD;
    }
    return rc;
}
