/* act.c - "case.act" about case/NUMBER: somebody who was told of a case acts on it. */
#include "event_parts.h"
#include <shouwang/base/i18n.h>
#include <shouwang/model/registry.h>

enum { ACT_NAME, ACT_BY, ACT_REASON, ACT_MEASURE, ACT_IF_STATE, ACT_IF_STEP, ACT_UNTIL };

#define TEXT(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

const struct sw_field sw_act_fields[SW_ACT_FIELDS] = {
    [ACT_NAME] = {.name = TEXT("act"), .type = SW_FSTRING},
    [ACT_BY] = {.name = TEXT("by"), .type = SW_FSTRING},
    [ACT_REASON] = {.name = TEXT("reason"), .type = SW_FSTRING, .optional = true},
    [ACT_MEASURE] = {.name = TEXT("measure"), .type = SW_FSTRING, .optional = true},
    [ACT_IF_STATE] = {.name = TEXT("if_state"), .type = SW_FSTRING, .optional = true},
    [ACT_IF_STEP] = {.name = TEXT("if_step"),
                     .type = SW_FINT,
                     .optional = true,
                     .min = {.kind = SW_KINT, .i = 1},
                     .max = {.kind = SW_KINT, .i = INT32_MAX}},
    [ACT_UNTIL] = {.name = TEXT("until"), .type = SW_FDATE, .optional = true},
};

static struct sw_str text_of(const struct sw_value *v)
{
    return v->kind == SW_KSTRING ? sw_value_text(*v) : SW_STR("");
}

static enum sw_refusal missing(const struct sw_envelope *in, const char *field, struct sw_err *err)
{
    sw_fail(err, SW_EINVALID, _("%.*s: the field %s is missing"), SW_STR_ARG(in->type), field);
    return SW_REFUSED_MISSING_FIELD;
}

enum sw_refusal sw_case_act_read(struct sw_arena *arena, const struct sw_registry *registry,
                                 const struct sw_envelope *in, struct sw_act_told *out,
                                 struct sw_err *err)
{
    struct sw_field fields[SW_ACT_FIELDS];
    const struct sw_stream st = {.name = in->type, .fields = fields, .n_fields = SW_ACT_FIELDS};
    struct sw_value value[SW_ACT_FIELDS];
    struct sw_str number = {NULL, 0};
    enum sw_refusal r;

    memcpy(fields, sw_act_fields, sizeof(fields));
    if (!sw_subject_split(in->subject, "case", &number) || !sw_str_int(number, &out->number)) {
        sw_fail(err, SW_EINVALID, _("the subject of %.*s must be case/NUMBER"),
                SW_STR_ARG(in->type));
        return SW_REFUSED_ENVELOPE;
    }
    if (in->reverses.n > 0) {
        sw_fail(err, SW_EINVALID, _("what was done on a case is not taken back; act anew"));
        return SW_REFUSED_CONFLICT;
    }
    r = sw_event_read_fields(arena, &st, registry, in->data, value, err);
    if (r != SW_ACCEPTED)
        return r;
    if (text_of(&value[ACT_NAME]).n == 0)
        return missing(in, "act", err);
    if (text_of(&value[ACT_BY]).n == 0)
        return missing(in, "by", err);
    *out = (struct sw_act_told){
        .number = out->number,
        .key = sw_event_key(registry, in->source, in->id),
        .act = text_of(&value[ACT_NAME]),
        .by = text_of(&value[ACT_BY]),
        .reason = text_of(&value[ACT_REASON]),
        .measure = text_of(&value[ACT_MEASURE]),
        .until = value[ACT_UNTIL].kind == SW_KUNKNOWN ? SW_DAY_NEVER : (sw_day)value[ACT_UNTIL].i,
        .if_state = text_of(&value[ACT_IF_STATE]),
        .if_step = value[ACT_IF_STEP].kind == SW_KUNKNOWN ? 0 : value[ACT_IF_STEP].i,
    };
    return SW_ACCEPTED;
}
