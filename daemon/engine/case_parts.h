/* case_parts.h - what the engine keeps of a case. Private to engine; a part of parts.h. */
#ifndef ENGINE_CASE_PARTS_H
#define ENGINE_CASE_PARTS_H

#include <shouwang/engine/engine.h>

enum {
    TOLD_MAX = 6,
    CASES_NAMED = 4,
    FIRST_CASE = 100,
    REPLIES_REMEMBERED = 4096,
    DUE_PER_TICK = 500
};

/* How far the time of a case's deadline has gone; see clocks.c. */
struct sw_clock {
    sw_time began;  /* when the deadline was set, or the clock went on after a pause */
    sw_time spent;  /* what had passed of it before that */
    sw_time paused; /* since when it stands, 0: it goes */
    sw_time until;  /* when a pause ends by itself */
    uint32_t rung;  /* the area it was escalated to last, SW_NONE: none */
    int32_t done;   /* stages up to this percentage are over */
    bool runs;      /* somebody has to act until `due` */
    bool late;
    uint8_t pace; /* enum sw_pace */
    bool rests;   /* stands because what was told was taken back */
    uint8_t pad[4];
};

struct sw_case {
    sw_time opened;
    sw_time due;  /* until when somebody has to have looked, 0: not said */
    sw_time wake; /* when its clock strikes next, SW_TIME_NEVER: not at all */
    struct sw_clock clock;
    double score; /* as last written */
    uint32_t subject;
    uint32_t owner;   /* cadre, SW_NONE */
    uint32_t acting;  /* who does the owner's work: the owner, or who stands in; SW_NONE */
    uint32_t briefed; /* who was told last to be acting */
    uint32_t told[TOLD_MAX];
    uint32_t steps;    /* how many it has */
    uint32_t earlier;  /* index of the case it is a relapse of, SW_NONE: of none */
    uint32_t proposer; /* cadre who proposed clearance, SW_NONE */
    uint32_t verdict_by;
    uint32_t asked_of; /* cadre who was asked for the words behind a digit, SW_NONE */
    sw_day cleared;    /* SW_DAY_NEVER */
    sw_day closed;
    uint8_t n_told, state, outcome, level; /* state, outcome, reason: of lifecycle.h */
    uint8_t reason, verdict, checks;       /* checks: passed after clearance */
    uint8_t asked;                         /* behind which digit's event */
    bool has_task;                         /* it was proposed to propose clearance */
    uint8_t route, role;                   /* in people.yaml: its way, and what its owner is */
    uint8_t least;   /* kind of subject: roles of a nearer one do not own it: passed up, or asked */
    bool is_settled; /* has had its owner looked for */
    uint8_t pad[7];
};

#endif
