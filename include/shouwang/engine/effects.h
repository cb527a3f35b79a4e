/* effects.h - what an input brings about, as rows for the store and messages for delivery.
 * Layer: engine. Everything is in the arena and valid until sw_effects_reset(). */
#ifndef SHOUWANG_ENGINE_EFFECTS_H
#define SHOUWANG_ENGINE_EFFECTS_H

#include <shouwang/base/arena.h>

/* A case as it stands now: insert or replace by number. */
struct sw_case_row {
    int64_t number;
    struct sw_str household, area; /* id, code */
    struct sw_str place, name;     /* for lists: 大溪镇石桥村, 张* */
    struct sw_str state, level, outcome;
    struct sw_str owner;  /* cadre id, empty: nobody */
    struct sw_str causes; /* JSON array of {rule, label, points, text} */
    struct sw_str rules;  /* digest of the ruleset that judged it last */
    double score;
    sw_time opened, updated;
    sw_time due; /* until when somebody has to have looked, 0: not said */
};

/* One change of a case, never altered afterwards. */
struct sw_step_row {
    int64_t number; /* of the case */
    sw_time at;
    struct sw_str kind;  /* raised, risen, cause, eased, replied, receipt … */
    struct sw_str actor; /* cadre id, "engine", feed */
    struct sw_str text;
    int64_t seq;        /* of the input that brought it about */
    struct sw_str data; /* what it proves, a JSON object, may be empty: engine/README.md */
};

/* Kinds of steps about a message: it was made, its fate moved forward. */
#define SW_STEP_MESSAGE "message"
#define SW_STEP_RECEIPT "receipt"

/* One text to one receiver. The id is made from the input's seq: the same after every replay. */
struct sw_message_row {
    struct sw_str id;
    int64_t number;        /* of the case, 0: none */
    struct sw_str kind;    /* alert, rise, cause, clarify, withdrawn */
    struct sw_str gateway; /* its name in the configuration */
    struct sw_str to;      /* a phone of 11 digits; empty for a webhook */
    struct sw_str body;    /* the text, or the webhook's JSON */
    sw_time created, expires;
};

/* Work that is no alert: missing data to be found out, a visit that is overdue. */
/* One is open for a household and rule at a time. With `closed` the text does not matter: the open
 * one is settled. */
struct sw_task_row {
    struct sw_str household, area, rule, text; /* area: its code, may be empty */
    sw_time opened, closed;                    /* closed: 0 while it is open */
};
/* As a rule's name: the household was found by another way, without an alert. No work: over at
 * once. */
#define SW_TASK_MISSED "missed"

/* A word on a message's fate; states only move forward. */
struct sw_fate_row {
    struct sw_str message;
    struct sw_str state; /* accepted, buffered, delivered, failed … */
    struct sw_str detail;
    sw_time at;
};

/* What other systems are told: where a case stands, as a CloudEvent. One a case and input, the last
 * word of it. Not stored: whoever needs each of them reads the record. */
struct sw_said_row {
    struct sw_str id;   /* "SEQ-CASE" */
    struct sw_str type; /* "case.step", "visit.result" */
    struct sw_str body;
};

#define SW_ROWS(type)                                                                              \
    struct {                                                                                       \
        type *at;                                                                                  \
        size_t n, cap;                                                                             \
    }

struct sw_effects {
    struct sw_arena arena;
    SW_ROWS(struct sw_case_row) cases;
    SW_ROWS(struct sw_step_row) steps;
    SW_ROWS(struct sw_message_row) messages;
    SW_ROWS(struct sw_task_row) tasks;
    SW_ROWS(struct sw_fate_row) fates;
    SW_ROWS(struct sw_said_row) said;
};

/* SHA-256 in hex over everything in a case's row: each step keeps that of the row it left. */
void sw_case_row_digest(const struct sw_case_row *row, char out[65]);

void sw_effects_reset(struct sw_effects *fx);
void sw_effects_free(struct sw_effects *fx);

#endif
