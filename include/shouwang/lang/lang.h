/* lang.h - the rule language: CEL without protobuf, plus declared event streams, money, whole days
 * and unknown.
 * Layer: lang. Pure: no I/O, no clock, no globals. Knows nothing of households: whoever compiles
 * declares the names, whoever evaluates supplies their values.
 *
 *   declare names ──► sw_lang_compile(text) ──► program ──► sw_eval(program, frame) ──► value
 *                     lex, parse, check, emit                  VM, no allocation on the scalar path
 *
 * A `sw_lang` is one compile session: it owns every declaration and program made with it and the
 * table of stream reads they share (two rules that ask for the same sum read it once per frame).
 * It is immutable after sw_lang_seal() and may then be used by any number of frames.
 * Source of the language: the CEL specification, https://github.com/google/cel-spec, v0.25. */
#ifndef SHOUWANG_LANG_LANG_H
#define SHOUWANG_LANG_LANG_H

#include <shouwang/base/diag.h>
#include <shouwang/base/yaml.h>
#include <shouwang/base/zone.h>
#include <shouwang/lang/value.h>

/* ---- declarations ------------------------------------------------------------------------- */

struct sw_lang;
struct sw_type; /* opaque; lives as long as its session */

struct sw_enum_item {
    struct sw_str name;  /* inpatient */
    struct sw_str label; /* 住院 */
};

struct sw_field_decl {
    struct sw_str name;
    struct sw_str label; /* for people; may be empty */
    const struct sw_type *type;
    bool optional; /* may be missing: reads as unknown */
};

struct sw_stream_decl {
    struct sw_str name;  /* medical.bill */
    struct sw_str label; /* 医疗费结算 */
    const struct sw_field_decl *fields;
    size_t n_fields; /* at most 64 */
    uint16_t id;     /* what the host is asked for */
    bool partial;    /* coverage: partial. Nothing recorded does not mean nothing happened: an
                        empty sum or count is unknown */
    uint32_t end;    /* 1 + number of the date field that tells an event's last day, 0: none. For
                        .open() and .ends_within() */
};

enum sw_lang_mode {
    SW_LANG_CEL,  /* plain CEL as the conformance suite has it */
    SW_LANG_RULES /* plus streams, money, dates, numeric promotion; without dyn */
};

struct sw_lang *sw_lang_new(enum sw_lang_mode mode);
void sw_lang_free(struct sw_lang *l);
/* For timestamp accessors with a named zone. The function returns NULL for an unknown name; zones
 * stay the caller's. Without one only UTC and fixed offsets are known. */
void sw_lang_zones(struct sw_lang *l, const struct sw_zone *(*find)(void *ctx, struct sw_str name),
                   void *ctx);

/* Types. Simple kinds: SW_KBOOL … SW_KDURATION, SW_KMONEY, SW_KDATE, SW_KPERSON. */
const struct sw_type *sw_type_of(struct sw_lang *l, enum sw_kind kind);
const struct sw_type *sw_type_list(struct sw_lang *l, const struct sw_type *element);
const struct sw_type *sw_type_map(struct sw_lang *l, const struct sw_type *key,
                                  const struct sw_type *value);
/* `items` is borrowed until sw_lang_free(). The order gives the index. */
const struct sw_type *sw_type_enum(struct sw_lang *l, struct sw_str name,
                                   const struct sw_enum_item *items, size_t n);
const struct sw_type *sw_type_record(struct sw_lang *l, struct sw_str name,
                                     const struct sw_field_decl *fields, size_t n);
const struct sw_type *sw_type_dyn(struct sw_lang *l);
enum sw_kind sw_type_kind(const struct sw_type *t);
/* The items of an enum type, and their number; NULL for another type. */
const struct sw_enum_item *sw_type_items(const struct sw_type *t, size_t *n);
struct sw_buf;
/* "list(int)", "money": appended to `out`. */
void sw_type_put(const struct sw_type *t, struct sw_buf *out);

/* Where a text stands, so that findings point into the file. */
struct sw_text {
    struct sw_str text;
    const struct sw_yaml *scalar; /* the YAML scalar it is, or NULL */
    struct sw_str file;           /* without a scalar: what to call it; lines counted inside text */
};
struct sw_text sw_text_of(const struct sw_yaml *scalar);

/* A variable by its (dotted) name, found at run time in frame->bank[bank][slot]. `optional`: may be
 * unknown; `label` and `unit` are for people ("元", "天"; may be empty). */
#define SW_BANKS     4
#define SW_SLOTS_MAX 8192 /* per bank */
void sw_lang_var(struct sw_lang *l, struct sw_str name, const struct sw_type *type, unsigned bank,
                 uint32_t slot, bool optional, struct sw_str label, struct sw_str unit);
/* `decl` is borrowed until sw_lang_free(). */
void sw_lang_stream(struct sw_lang *l, const struct sw_stream_decl *decl);
/* A named list of names or literals: poor_kinds. Entries are texts. */
void sw_lang_list(struct sw_lang *l, struct sw_str name, const struct sw_text *entries, size_t n);
/* A named piece of expression, usable in every later text; a fault in it is reported once, here. */
void sw_lang_macro(struct sw_lang *l, struct sw_str name, struct sw_text text,
                   struct sw_diag *diag);
/* A name that fired("…") may ask for; frame->fired[index]. */
void sw_lang_rule(struct sw_lang *l, struct sw_str name, uint32_t index);
/* A tag that count_fired("…") may ask for, carried by a rule: it counts the groups in which a rule
 * with the tag has fired. */
void sw_lang_tag(struct sw_lang *l, struct sw_str tag, uint32_t rule, uint32_t group);
/* A period that S.this("…") may ask for, by the first day of each year's instance (month, day). */
void sw_lang_period(struct sw_lang *l, struct sw_str name, int32_t month, int32_t day);

/* Names local to one rule. Begin, add lets in order (each may use those before it), compile the
 * rule's texts, end. A let that no text used is a warning at end. */
void sw_lang_begin(struct sw_lang *l);
void sw_lang_let(struct sw_lang *l, struct sw_str name, struct sw_text text, struct sw_diag *diag);
void sw_lang_end(struct sw_lang *l, struct sw_diag *diag);

/* ---- compiling ---------------------------------------------------------------------------- */

struct sw_prog; /* owned by its session */

/* NULL and at least one finding when the text is no expression of type `want` (NULL: any type);
 * NULL alone when its only fault is a macro, let or list that was reported where it stands.
 * In rule mode `want` = double also takes int and money; the value then is a double (yuan). */
struct sw_prog *sw_lang_compile(struct sw_lang *l, struct sw_text text, const struct sw_type *want,
                                struct sw_diag *diag);
/* The same for plain CEL, as its conformance suite asks for it. Zero is the usual way. */
struct sw_how {
    struct sw_str container; /* names are looked up in it and what encloses it first */
    bool unchecked;          /* types are found out while evaluating */
    bool no_macros;
    bool no_optionals;    /* a.?b, a[?b], [?a], {?a: b} are syntax errors */
    const char **refused; /* when not NULL and the text uses an extension this language leaves out:
                             set to the extension's name ("regex", "strings" …) */
};
struct sw_prog *sw_lang_compile_as(struct sw_lang *l, struct sw_text text, const struct sw_how *how,
                                   struct sw_diag *diag);
/* A text with {{expression}} places; its value is a string. */
struct sw_prog *sw_lang_template(struct sw_lang *l, struct sw_text text, struct sw_diag *diag);
void sw_lang_seal(struct sw_lang *l);

const struct sw_type *sw_prog_type(const struct sw_prog *p);
/* What the program may read, for the index from events to rules: each once, in order. */
size_t sw_prog_streams(const struct sw_prog *p, const uint16_t **ids);
size_t sw_prog_vars(const struct sw_prog *p, unsigned bank, const uint32_t **slots);
size_t sw_prog_rules(const struct sw_prog *p, const uint32_t **indexes);
/* Of the streams, those whose silence makes the result true (older_than, unless, days_since). */
size_t sw_prog_absences(const struct sw_prog *p, const uint16_t **ids);
/* Uses today or days_since in a way that changes every day. */
bool sw_prog_daily(const struct sw_prog *p);
/* The code, one instruction per line, for those who want to know; appended to `out`. */
void sw_prog_put(const struct sw_prog *p, struct sw_buf *out);

/* ---- reading back -------------------------------------------------------------------------- */

/* Who knows what variables are worth and how rules are called. Functions may be NULL. */
struct sw_reader {
    /* Append the value a variable has for every subject, with its unit ("5000元"), as parameters
     * do; false: it has none, it is a fact of each subject. */
    bool (*value)(void *ctx, unsigned bank, uint32_t slot, struct sw_buf *out);
    /* Append a rule's label. */
    void (*rule)(void *ctx, uint32_t index, struct sw_buf *out);
    /* Told of each x.orValue(y) on the way: "x，不详时取y". The same one may come more than once.
     */
    void (*defaulted)(void *ctx, struct sw_str text);
    void *ctx;
};

/* A program in Chinese words, for those who sign it; macros and lets are written out. Points say
 * how much they are, everything else what must hold or what is told. Appended to `out`. False:
 * something in it has no words, or no label, and stands there as source text in backquotes. */
bool sw_prog_read(const struct sw_prog *p, const struct sw_reader *names, struct sw_buf *out);
bool sw_prog_read_points(const struct sw_prog *p, const struct sw_reader *names,
                         struct sw_buf *out);

/* For technicians. The shared reads a program makes, each once, in order; one as source text. */
size_t sw_prog_reads(const struct sw_prog *p, const uint32_t **numbers);
void sw_prog_read_put(const struct sw_prog *p, uint32_t number, struct sw_buf *out);
/* What lets a program's value change by time alone, parameters aside. */
enum sw_turn {
    SW_TURN_OUT,      /* an event leaves a window so many days after its own */
    SW_TURN_IN,       /* an event becomes old enough */
    SW_TURN_IN_OUT,   /* both */
    SW_TURN_END,      /* an event's last day passes, or comes near enough */
    SW_TURN_YEAR,     /* 1 January */
    SW_TURN_PERIOD,   /* a declared period begins anew */
    SW_TURN_MONTH,    /* the first of a month */
    SW_TURN_TODAY,    /* today */
    SW_TURN_BIRTHDAY, /* one more whole year since a date */
    SW_TURN_SINCE     /* days since the latest event */
};
/* `source` is what it stands in, valid during the call. */
void sw_prog_turns(const struct sw_prog *p,
                   void (*turn)(void *ctx, enum sw_turn turn, struct sw_str source), void *ctx);

/* ---- evaluating --------------------------------------------------------------------------- */

/* Reading one stream of one subject, records ascending by day. The host keeps its position in
 * `at`. */
struct sw_cursor {
    sw_day day;                   /* of the record that next() found */
    const struct sw_value *field; /* its fields by declared order; those not in `need` undefined */
    /* for the host */
    const void *from, *to;
    struct sw_value *room; /* n_fields values to point `field` at */
    uint64_t need;         /* bit i: field i will be looked at */
    sw_day since;          /* records of earlier days may be left out, and better are */
    const void *at;
    uint16_t stream;
};

struct sw_host {
    /* Set up `c` (stream, need, room are given) before the first record. */
    void (*open)(void *ctx, struct sw_cursor *c);
    /* The next record; false at the end. */
    bool (*next)(void *ctx, struct sw_cursor *c);
};

enum sw_truth { SW_FALSE, SW_TRUE, SW_TRUTH_UNKNOWN };

#define SW_MISSING_MAX 8

struct sw_frame {
    /* given */
    const struct sw_value *bank[SW_BANKS];
    const struct sw_value *own[4]; /* the evaluator's own, directly behind the banks */
    const sw_day *until[SW_BANKS]; /* per slot: first later day its value may differ; NULL: none */
    const uint8_t *fired;          /* enum sw_truth by rule index */
    const struct sw_host *host;
    void *ctx;
    const struct sw_zone *zone;
    sw_day today;
    uint32_t budget; /* instructions this frame may still spend; 100 000 is usual */
    /* kept between evaluations of one frame: the values of shared stream reads */
    struct sw_reads *reads;
    struct sw_arena *arena; /* lists and texts made while evaluating; the caller resets it */
    /* told */
    sw_day horizon; /* the first day after today on which the results so far may change by time
                       alone; SW_DAY_NEVER: never. Never too late, possibly too early. */
    uint32_t missing[SW_MISSING_MAX]; /* what was unknown: see sw_lang_source_name() */
    uint32_t n_missing;
    /* the evaluator's own */
    const struct sw_lang *lang;
    uint32_t event_source;
    bool is_inner;
};

/* Storage for the shared reads of one session; one per thread of evaluation. */
struct sw_reads *sw_reads_new(const struct sw_lang *l);
void sw_reads_free(struct sw_reads *r);
/* A new subject or a new day: forget read values, horizon and missing. Bank, host, today are the
 * caller's to set. */
void sw_frame_begin(struct sw_frame *f);

/* The value; SW_KUNKNOWN or SW_KERROR when there is none. */
struct sw_value sw_eval(const struct sw_prog *p, struct sw_frame *f);
/* Bool program: false, true or unknown; an error is `unknown` with *error set (may be NULL). */
enum sw_truth sw_eval_truth(const struct sw_prog *p, struct sw_frame *f, const char **error);
/* The exact first day after f->today, up to `limit`, on which the program's value differs by time
 * alone; SW_DAY_NEVER: none. Walks candidate days; begins frames anew. `at_day` is called before
 * each evaluation so that the caller can set bank and fired for that day. */
sw_day sw_next_change(const struct sw_prog *p, struct sw_frame *f, sw_day limit,
                      void (*at_day)(void *ctx, struct sw_frame *f, sw_day day), void *ctx);

/* The name (label when it has one) of a number in frame->missing. */
struct sw_str sw_lang_source_name(const struct sw_lang *l, uint32_t source);

/* A value as people read it: money in yuan, an enum by its label, dates ISO, doubles rounded to
 * two places in rule mode and shortest in CEL mode. Appended to `out`. */
void sw_value_put(const struct sw_lang *l, struct sw_value v, struct sw_buf *out);
/* CEL equality across numeric types; kinds that cannot be compared are unequal. */
bool sw_value_equal(struct sw_value a, struct sw_value b);

#endif
