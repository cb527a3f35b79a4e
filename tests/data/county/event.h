/* event.h - what happened: records small enough to keep a year of them, and their lines.
 * Private to tests/data/county. */
#ifndef COUNTY_EVENT_H
#define COUNTY_EVENT_H

#include "county.h"
#include <shouwang/base/buf.h>

/* Types of rules/schema.yaml, then changes of the registry. */
enum type {
    BILL,
    REFUND,
    LOST,
    HIRED,
    INCOME,
    SPEND,
    ABSENCE,
    DROPOUT,
    BACK,
    FEE,
    INSPECT,
    REPAIRED,
    OUTAGE,
    RESTORED,
    HAIL,
    LOSS,
    ACCIDENT,
    FARM,
    OVERDUE,
    REPAID,
    AID,
    REPORT,
    VISIT,
    SURVEYED,   /* registry.household: a new income */
    LISTED,     /* registry.household: monitored from now on */
    UNLISTED,   /* registry.household: not monitored any more */
    NEW_PHONE,  /* registry.cadre */
    NEW_LEADER, /* registry.team */
    TYPES
};

/* Values of the enums, in the schema's order. */
enum { INPATIENT, OUTPATIENT, CHRONIC };
enum { SERIOUS, RELIEF, COMMERCIAL, MANUAL };
enum { LOST_CUT, LOST_CLOSED, LOST_BACK, LOST_ILL, LOST_OTHER };
enum { WAGE, BUSINESS, PROPERTY, TRANSFER, NO_WORD = 255 };
enum { FOOD, RENT, RIGID, OTHER_SPEND };
enum { GRADE_A, GRADE_B, GRADE_C, GRADE_D };
enum { BY_HAIL, BY_FLOOD, BY_DROUGHT, BY_WIND, BY_FROST, BY_QUAKE, BY_FIRE };
enum { INJURY, DISABLED, DEATH };
enum { FOR_ILL, FOR_SCHOOL, FOR_DISABLED, FOR_DISASTER, FOR_JOBLESS, FOR_OTHER };

/* Every line has exactly one role. */
enum role {
    GOOD,       /* told once, to be accepted */
    TAKE_BACK,  /* `reverses` without data */
    CORRECTION, /* `reverses` with data */
    REPEAT,     /* source and id were there before */
    FAULTY      /* to be refused */
};

struct event {
    int64_t at;        /* local seconds since 1970-01-01T00:00:00, when it happened */
    int64_t recorded;  /* likewise, when the source knew; on the live day: place in the order */
    int64_t money;     /* fen */
    int64_t total;     /* fen, 0: none */
    uint32_t subject;  /* household, village or cadre */
    uint32_t person;   /* NOBODY: none */
    uint32_t serial;   /* of the id */
    uint32_t reverses; /* index of the event that is taken back, NOBODY: none */
    uint16_t count;
    uint8_t type, role, word, fault;
};

struct event_list {
    struct event *at;
    size_t n, cap;
    uint32_t serials;
    bool live; /* lines carry no recordedtime */
};

/* The copy in the list; valid until the next one is added. */
struct event *event_add(struct event_list *l, struct event e);
void event_free(struct event_list *l);
/* The list in the order of `recorded`, equal ones as they were added; free() it. */
uint32_t *event_order(const struct event_list *l);

/* ---- lines -------------------------------------------------------------------------------- */

enum {
    NEEDS_MONEY = 1,
    NEEDS_WORD = 2,
    NEEDS_COUNT = 4,
    NEEDS_PERSON = 8,
    NEEDS_AREA = 16,
    NEEDS_HOUSEHOLD = 32
};

/* One way in which a line is wrong. Only what is set differs from the right line. */
struct fault {
    const char *name;
    const char *reason; /* sw_refusal_name() of what must come of it */
    uint8_t needs;      /* of the type that is spoilt */
    uint8_t field;      /* which field below is about: one of NEEDS_…, 0: none */
    const char *rename; /* the field's name */
    const char *raw;    /* the field's value, JSON */
    const char *version, *type, *time, *subject; /* attributes */
    bool cut, array, twice, no_id, no_subject, no_data, no_field, stranger, bulk;
};

extern const struct fault faults[];
extern const size_t n_faults;

const char *event_type_name(enum type t); /* also of registry changes: "registry.team" */
uint8_t event_has(enum type t);           /* the NEEDS_… it fulfils */
/* Append the line of `e`, without a newline. */
void event_write(const struct county *c, const struct event_list *l, const struct event *e,
                 struct sw_buf *out);

#endif
