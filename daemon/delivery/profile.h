/* profile.h - a gateway profile in the form it is executed. Private to delivery.
 *
 * Loading turns every name into a pointer to its symbol, every pattern into a compiled one and
 * every word into a row of a table; what remains at run time cannot meet an unknown name.
 *
 * A value that is not there (an optional secret, parameter or input that was not given, a step
 * whose `when` is not there) is *absent*: { NULL, 0 }. Whatever refers to an absent value is left
 * out: a query parameter, a header, a member of the body, an item of a join. */
#ifndef DELIVERY_PROFILE_H
#define DELIVERY_PROFILE_H

#include <regex.h>
#include <shouwang/base/json.h>
#include <shouwang/delivery/gateway.h>

enum { STEPS_MAX = 32, SYMBOLS_MAX = 96, CLASSES = 6, PATH_MAX_PARTS = 8 };

/* ---- names and texts with names in them ---- */

enum origin { FROM_GATEWAY, FROM_SECRET, FROM_PARAM, FROM_INPUT, FROM_STEP };
enum shape { SHAPE_TEXT, SHAPE_RAW, SHAPE_LIST, SHAPE_JSON }; /* raw: bytes, never inside a text */

struct symbol {
    struct sw_str name;
    enum origin from;
    enum shape shape;
    bool is_optional;
    struct sw_str fallback; /* of a parameter; absent: none */
    uint32_t index;         /* among those of its origin */
};

struct piece {
    struct sw_str literal;
    const struct symbol *symbol; /* NULL: the literal */
};

/* "v1,${sig}": substituted once, the result is never looked at again. */
struct phrase {
    struct piece *at;
    size_t n;
};

/* What a step works on: a text, the body, another step, or several of them behind one another. */
struct operand {
    enum { OPERAND_TEXT, OPERAND_BODY, OPERAND_STEP, OPERAND_CONCAT } kind;
    struct phrase text;
    const struct symbol *step;
    struct operand *parts;
    size_t n;
};

/* ---- sign ---- */

enum encoding { OUT_RAW, OUT_HEX, OUT_BASE64 };

struct primitive;
struct step {
    const struct primitive *how;
    const struct symbol *when; /* NULL: always */
    struct phrase algorithm;
    struct operand data, key;
    enum encoding out;
    const struct symbol *input; /* join, json */
    struct phrase *items;       /* join */
    size_t n_items;
    struct sw_str separator, prefix; /* prefix: put before (join) or taken away (base64_decode) */
    size_t count;                    /* random_hex: bytes */
};

/* ---- request ---- */

struct pair {
    struct sw_str name;
    struct phrase value;
};

struct pairs {
    struct pair *at;
    size_t n;
};

/* A JSON body, built as a structure and serialised: text is never pasted into JSON. */
struct node {
    enum { NODE_TEXT, NODE_WORD, NODE_OBJECT, NODE_ARRAY, NODE_LIST, NODE_VALUE } kind;
    struct sw_str key;
    struct phrase text;
    struct sw_str word;         /* true, false, null or a number, as written */
    const struct symbol *input; /* list, value */
    struct sw_str prefix;       /* before each item of a list */
    struct node *first, *next;
};

enum body_kind { BODY_NONE, BODY_JSON, BODY_FORM, BODY_RAW, BODY_JSON_VALUE };

struct request {
    struct sw_str method;
    struct phrase url;
    struct pairs query, headers, form;
    enum body_kind body;
    struct node *json;
    struct phrase raw;
    const struct symbol *value;
    bool wrap_base64;
    sw_time connect_timeout, timeout;
};

/* ---- response ---- */

/* "$.result[0].code" */
struct path {
    struct {
        struct sw_str name; /* NULL: an index */
        uint32_t index;
    } at[PATH_MAX_PARTS];
    size_t n;
};

enum parse { PARSE_JSON, PARSE_TEXT, PARSE_NONE, PARSE_QUERY, PARSE_FORM };

struct scalar { /* as written in the profile; plain numbers and words of JSON keep their kind */
    enum sw_json_kind kind;
    struct sw_str text;
};

struct scalars {
    struct scalar *at;
    size_t n;
};

struct status_range {
    int lo, hi;
};

struct statuses {
    struct status_range *at;
    size_t n;
};

struct condition {
    bool has_path;
    struct path path;
    enum { TEST_IN, TEST_EXISTS, TEST_MISSING } test;
    struct scalars values;
    regex_t *match; /* on the whole body; NULL: none */
};

struct conditions {
    struct condition *at;
    size_t n;
};

enum { WORD_TIMEOUT = 1, WORD_REFUSED = 2, WORD_EMPTY = 4, WORD_ANY = 8 };

struct class_entry { /* all that is given must hold */
    unsigned int words;
    struct scalars codes;
    struct statuses statuses;
    struct condition condition;
    bool has_condition;
    sw_time wait;
};

struct answer_class {
    struct class_entry *at;
    size_t n;
};

struct response {
    enum parse parse;
    struct statuses success;
    struct conditions all, any, none;
    bool has_code;
    struct path code;
    regex_t *code_match; /* its first group; NULL: the path */
    struct answer_class classes[CLASSES];
    size_t otherwise; /* class of an unknown code */
};

/* ---- limits, retry, inbound ---- */

struct limits {
    struct sw_rate rates[SW_RATES_MAX];
    size_t n_rates;
    sw_time cooldown; /* when rate limited and nobody said for how long */
    size_t max_bytes, max_chars, max_segments, max_body; /* 0: no limit */
    uint32_t concurrency;
};

struct retry {
    sw_time *delays; /* [0] before the first attempt */
    size_t n;
    double jitter; /* 0 … 1 */
};

struct state_map {
    const char *state;
    struct scalars values;
};

enum { STATES = 4 };

struct door { /* a path on which a gateway talks to us */
    bool is_open;
    struct phrase path;
    bool needs_loopback;
    const struct symbol *token; /* last part of the path; NULL: none */
    enum parse parse;
    struct path id, state, detail; /* receipts; detail.n == 0: none */
    struct state_map states[STATES];
    const char *otherwise; /* state of an unknown word, NULL: refused */
    struct path from, text;
    struct path dedup[PATH_MAX_PARTS];
    size_t n_dedup;
    int status;
    struct sw_str reply;
};

struct profile {
    struct profile *next;
    struct sw_str name;
    bool is_broken;
    bool is_sms;
    struct symbol symbols[SYMBOLS_MAX];
    size_t n_symbols;
    uint32_t count[FROM_STEP + 1]; /* symbols by origin */
    struct step steps[STEPS_MAX];
    struct request request;
    struct response response;
    struct limits limits;
    struct retry retry;
    struct door receipts, inbound;
};

struct pattern { /* every compiled expression, to be freed with the gateways */
    struct pattern *next;
    regex_t compiled;
};

struct sw_gateway {
    struct sw_str name;
    const struct profile *profile;
    struct sw_str *params, *secrets; /* by index; absent: not given */
    uint32_t concurrency;
    const struct sw_rate *rates;
    size_t n_rates;
    struct sw_str receipts, inbound; /* paths, absent: none */
};

/* ---- loading ---- */

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

/* ---- running ---- */

/* One attempt: steps are evaluated when first needed and once. */
struct eval {
    const struct sw_gateway *gw;
    const struct sw_message_row *m; /* NULL: only what belongs to the gateway */
    const struct sw_attempt *attempt;
    struct sw_arena *arena;
    struct sw_err *err;
    bool has_failed;
    struct sw_str step[STEPS_MAX];
    bool is_done[STEPS_MAX];
    struct sw_str body;
    bool is_body_done;
};

/* The first failure is kept. Returns the absent value. */
struct sw_str sw_eval_fail(struct eval *e, const char *fmt, ...) SW_PRINTF(2, 3);
struct sw_str sw_eval_symbol(struct eval *e, const struct symbol *s);
struct sw_str sw_eval_phrase(struct eval *e, const struct phrase *t);
struct sw_str sw_eval_operand(struct eval *e, const struct operand *o);
struct sw_str sw_eval_step(struct eval *e, uint32_t index);
struct sw_str sw_eval_body(struct eval *e);
/* A text of its own, never absent. */
struct sw_str sw_eval_keep(struct eval *e, struct sw_str s);

/* values.c */
/* The value at `path` below `root`, NULL: not there. */
const struct sw_json *sw_path_json(const struct path *path, const struct sw_json *root);
/* Does a value read from JSON, or a text read from a query, equal one that was written? */
bool sw_scalar_is(const struct scalar *s, const struct sw_json *v);
bool sw_scalars_have_text(const struct scalars *list, struct sw_str text);
/* "8613800138000", "+86 …", "0086…" to the 11 digits of a mobile; other numbers as they are. */
struct sw_str sw_phone_plain(struct sw_str number);
/* Characters of a text that a gateway gave us, made safe to show: secrets of `gw` and mobile
 * numbers are replaced, controls become spaces, at most `max` characters. */
struct sw_str sw_safe_text(const struct sw_gateway *gw, struct sw_arena *arena, struct sw_str text,
                           size_t max);

#endif
