/* registry_parts.h - what the files that change the registry share. Private to model. */
#ifndef MODEL_REGISTRY_PARTS_H
#define MODEL_REGISTRY_PARTS_H

#include <shouwang/model/registry.h>

/* What a change needs to know of the event in hand. */
struct sw_change {
    struct sw_registry *r;
    struct sw_arena *arena;
    const struct sw_schema *schema;
    const struct sw_envelope *in;
    struct sw_str id; /* behind the slash of the subject */
    sw_time now;
    struct sw_event event; /* stream: the entity's fields; day, key, value */
    struct sw_changed changed;
    struct sw_err *err;
};

extern const struct sw_changed sw_no_change;

enum sw_refusal sw_change_conflict(struct sw_change *c, const char *why);
enum sw_refusal sw_change_missing(struct sw_change *c, const char *what);
enum sw_refusal sw_change_unknown_id(struct sw_change *c, const char *field, struct sw_str id);
/* Remember the event's key in `h`; true when it was there, and the event is a repeat. */
bool sw_change_seen(struct sw_change *c, struct sw_history *h);

static inline bool sw_change_given(const struct sw_change *c, uint32_t field)
{
    return c->event.value[field].kind != SW_KUNKNOWN;
}

/* Empty when the field is not given. */
static inline struct sw_str sw_change_text(const struct sw_change *c, uint32_t field)
{
    return sw_change_given(c, field) ? sw_value_text(c->event.value[field])
                                     : (struct sw_str){NULL, 0};
}

/* identity.c */
/* The token of the identity number in the event; empty: none is given. */
enum sw_refusal sw_change_idno(struct sw_change *c, struct sw_str *token);
/* The number in the event, unless a newer change told another. */
void sw_person_take_idno(struct sw_change *c, uint32_t person, struct sw_str token);

/* match.c */
enum { SW_MATCH_FIELDS = 4 };
extern const struct sw_field sw_match_fields[SW_MATCH_FIELDS];
enum sw_refusal sw_apply_match(struct sw_change *c);
/* The name and birth in the event, unless a newer change told others. */
void sw_person_take_told(struct sw_change *c, uint32_t person);

/* The text's number, SW_NONE when the field is not given. */
uint32_t sw_change_text_number(struct sw_change *c, uint32_t field);

/* codes.c */
enum { SW_AREA_FIELDS = 4 };
extern const struct sw_field sw_area_fields[SW_AREA_FIELDS];
enum sw_refusal sw_apply_area(struct sw_change *c);

/* households.c */
enum sw_refusal sw_apply_household(struct sw_change *c);
enum sw_refusal sw_apply_person(struct sw_change *c);

#endif
