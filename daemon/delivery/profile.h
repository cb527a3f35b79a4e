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

#endif
