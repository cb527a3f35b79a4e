/* county.h - the county itself: who lives where, and who looks after them.
 * Private to tests/data/county. Built once (land, people, posts), then only read, except for what
 * the year does to people: `gone` and `trouble`. */
#ifndef COUNTY_COUNTY_H
#define COUNTY_COUNTY_H

#include "dice.h"
#include <shouwang/base/date.h>
#include <shouwang/base/mem.h>

/* Size of the county "D2": 11 towns, 87 villages. Other sizes keep its proportions. */
enum { FULL_HOUSEHOLDS = 18490, FULL_PERSONS = 44831, FULL_VILLAGES = 87, FULL_TOWNS = 11 };
/* Town codes are 100 to 399, a village's serial has three digits. */
enum { HOUSEHOLDS_MIN = 20, HOUSEHOLDS_MAX = 500000 };

enum { NAME_SIZE = 48, CODE_SIZE = 13, ID_SIZE = 32 };

#define NOBODY UINT32_MAX

struct options {
    uint64_t seed;
    sw_day start; /* the live day; the history ends on the day before */
    int32_t days; /* length of the history */
    uint32_t households;
    const char *gateway; /* of every team's group; "" for none */
    const char *dir;
};

struct area {
    char code[CODE_SIZE];
    char name[NAME_SIZE];
    uint32_t parent;       /* of a village: its town */
    uint32_t first, count; /* of a village: households; of a town: villages */
    uint8_t poverty;       /* 1 … 6: how many of its households are poor */
    bool dry;              /* an outage nobody told the end of */
    bool minority;         /* many names with a middle dot */
    uint8_t clan[3];       /* surnames that half of its households bear */
};

enum hh_kind { HH_NONE, HH_OUT, HH_UNSTABLE, HH_EDGE, HH_SUDDEN, HH_KINDS };
extern const char *const hh_kind_names[HH_KINDS];

struct household {
    uint32_t village;
    uint32_t first; /* of its persons, the head */
    uint32_t cadre; /* who looks after it on the live day, NOBODY: vacant */
    sw_day monitored_since;
    int64_t income; /* of 12 months, fen; -1: not known */
    int64_t spent;  /* on medicine, schools and the like in the history, fen */
    int16_t land;   /* tenths of a mu; -1: not known */
    int8_t labor;   /* -1: not known */
    uint8_t members;
    uint8_t kind; /* enum hh_kind */
    uint8_t luck; /* 1 … 10: how much more of the year's misfortune comes here */
    bool dibao, monitored, lived;
    bool trouble; /* the history told of something that may have raised an alert */
};

enum relation { HEAD, SPOUSE, SON, DAUGHTER, FATHER, MOTHER, WIFE_OF_SON, GRANDSON, GRANDDAUGHTER };
extern const char *const relation_names[];

struct person {
    uint32_t household;
    sw_day birth;
    sw_day gone;      /* day of death, SW_DAY_NEVER: alive */
    uint8_t relation; /* enum relation */
    bool woman;
    bool jobless; /* lost a job this year: once is enough */
    char name[NAME_SIZE];
};

struct cadre {
    char name[NAME_SIZE];
};

/* A cadre for a household or (cadre == NOBODY) the village's own team for the village. */
struct post {
    uint32_t subject, cadre;
    sw_day from, until; /* SW_DAY_NEVER: open */
};

struct county {
    struct options opt;
    sw_day first; /* of the history */
    struct area *town, *village;
    struct household *household;
    struct person *person;
    struct cadre *cadre; /* cadre v leads the team of village v */
    struct post *post;
    uint32_t towns, villages, households, persons, cadres, posts;
    size_t cadre_cap, post_cap;
    uint32_t vacant, rotated; /* households without a cadre today; posts that ended */
};

void land_build(struct county *c);
void people_build(struct county *c);
void posts_build(struct county *c);
void county_free(struct county *c);

/* "610999101203-0147", "610999101203-0147-02", "G00017", "T101203", "13900991234". */
char *household_id(const struct county *c, uint32_t household, char out[ID_SIZE]);
char *person_id(const struct county *c, uint32_t person, char out[ID_SIZE]);
char *cadre_id(uint32_t cadre, char out[ID_SIZE]);
char *team_id(const struct county *c, uint32_t village, char out[ID_SIZE]);
char *cadre_phone(const struct county *c, uint32_t cadre, char out[ID_SIZE]);

bool is_poor(const struct household *h); /* out of poverty, or on one of the lists */
/* Completed years; negative before birth. */
int32_t age_on(const struct person *p, sw_day day);

/* Names. `surname` is a number below SURNAMES. */
enum { SURNAMES = 100 };
uint32_t names_surname(struct dice *d);
void names_person(struct dice *d, uint32_t surname, bool woman, int32_t born, char out[NAME_SIZE]);
void names_minority(struct dice *d, bool woman, char out[NAME_SIZE]);
void names_place(uint32_t number, const char *ending, char out[NAME_SIZE]);

#endif
