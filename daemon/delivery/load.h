/* load.h - reading a profile: what the files of the blocks share. Private to delivery.
 *
 * Every reader adds findings with their place and goes on, so that one run tells all mistakes; what
 * it leaves behind then is never executed. */
#ifndef DELIVERY_LOAD_H
#define DELIVERY_LOAD_H

#include "profile.h"

struct loader {
    struct sw_arena *keep; /* what stays; the YAML tree does not */
    struct sw_diag *diag;
    struct pattern **patterns;
    struct profile *p;
    uint64_t needs[STEPS_MAX + 1]; /* by step, the last is the body: bits of what it needs */
    size_t node;                   /* what is being loaded: names it uses are added to its needs */
};

enum { NODE_BODY = STEPS_MAX, NODE_REST = STEPS_MAX + 1 };

/* profile.c */
/* Never NULL; `is_broken` when there were error findings. `root` is the file's tree, NULL: it could
 * not be read. */
struct profile *sw_profile_load(struct loader *l, const struct sw_yaml *root, struct sw_str name);
/* NULL when the name cannot be used; a finding was added. */
struct symbol *sw_load_declare(struct loader *l, struct sw_str name, struct sw_place at,
                               enum origin from);
struct symbol *sw_profile_symbol(struct profile *p, struct sw_str name); /* NULL: none */
bool sw_load_is_map(struct loader *l, const struct sw_yaml *y);
/* Keys of `map` against `names`; words of the grammar that this version lacks are told apart. */
void sw_load_keys(struct loader *l, const struct sw_yaml *map, const char *const *names, size_t n);
/* Index of the text among `words`, -1 and a finding that lists them. */
int sw_load_word(struct loader *l, const struct sw_yaml *y, const char *const *words, size_t n);
regex_t *sw_load_pattern(struct loader *l, const struct sw_yaml *y, int flags);
extern const struct sw_keys sw_rate_keys;
void sw_load_rates(struct loader *l, const struct sw_yaml *y, struct limits *out);

/* phrase.c */
const struct symbol *sw_load_symbol(struct loader *l, const struct sw_yaml *y, struct sw_str name,
                                    size_t offset);
void sw_load_phrase(struct loader *l, const struct sw_yaml *y, struct phrase *out);
void sw_load_operand(struct loader *l, const struct sw_yaml *y, struct operand *out);

/* sign.c, request.c, response.c, values.c, inbound.c */
void sw_load_sign(struct loader *l, const struct sw_yaml *list);
void sw_load_request(struct loader *l, const struct sw_yaml *y);
void sw_load_response(struct loader *l, const struct sw_yaml *y);
bool sw_load_path(struct loader *l, const struct sw_yaml *y, struct path *out);
void sw_load_scalars(struct loader *l, const struct sw_yaml *y, struct scalars *out);
void sw_load_receipts(struct loader *l, const struct sw_yaml *y);
void sw_load_inbound(struct loader *l, const struct sw_yaml *y);

#endif
