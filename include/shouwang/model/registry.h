/* registry.h - who is who: areas, households, persons, and the people who look after them.
 * Layer: model. Flat arrays and 32-bit numbers, nothing is ever removed: a snapshot writes the
 * arrays as they are. Owner: the engine, on the loop's thread.
 * Numbers are given in order of arrival and are the same after every replay of the log. */
#ifndef SHOUWANG_MODEL_REGISTRY_H
#define SHOUWANG_MODEL_REGISTRY_H

#include <shouwang/model/history.h>

struct sw_household {
    struct sw_history history;
    uint32_t area;         /* SW_NONE until known */
    uint32_t next_in_area; /* the list of an area's households */
    uint32_t assignment;   /* newest of its assignments, SW_NONE: none */
    uint32_t first_person; /* SW_NONE: nobody is registered */
    uint32_t merged_into;  /* the household it became part of, SW_NONE: it stands */
    uint32_t split_from;   /* the household it came from, SW_NONE: none told */
    sw_day split_day;
};

/* A person belongs to one household; what is known of them is in its history, and moves along. */
struct sw_person {
    uint64_t name; /* hash of the name's token, 0: not known */
    uint32_t household;
    uint32_t next_in_household;
    sw_day since; /* when the change that says so happened: an older one that comes later moves
                     nobody */
    uint16_t moment;
    uint16_t idno_moment;
    sw_day idno_since;       /* the same of the identity number */
    uint32_t idno;           /* number of its token, SW_NONE: not known */
    uint32_t next_same_idno; /* another person with this identity number */
    uint32_t shown;          /* text number of what may be shown of the name: 张* */
    sw_day name_since;       /* when the change that says so happened; so below */
    sw_day birth;            /* SW_DAY_NEVER: not known */
    sw_day birth_since;
    uint16_t name_moment, birth_moment;
};

/* The county's word on who somebody is, in order of `told`. */
struct sw_match {
    uint64_t told;       /* sw_told_of(), or that of a number whoever tells it */
    uint64_t key;        /* of the event that says so */
    uint32_t person;     /* text number of the person's id; SW_NONE: nobody we know, declined */
    uint32_t by, reason; /* text numbers; SW_NONE: no reason given */
    sw_day day;          /* when it was decided */
    uint16_t moment;
    uint8_t pad[6];
};

/* Every code ever registered has an entry; `is` tells whose. A place keeps its first number when
 * its code changes, and everything about it keeps that number: see codes.c. */
struct sw_area {
    struct sw_history history; /* events over the whole area */
    uint32_t name;             /* text number, SW_NONE: unnamed; the name under this code */
    uint32_t is;               /* the place's number; its own but for a later code */
    uint32_t shown;            /* of a place: the entry whose code and name hold today */
    uint32_t next_code;        /* of a place: its later codes, a list */
    uint32_t next_parent;      /* the parent from `from` on; SW_NONE: as it is */
    sw_day from;               /* of a later code, or of next_parent */
    uint32_t parent;           /* SW_NONE for the county */
    uint32_t first_child, next_sibling;
    uint32_t first_household;
    uint32_t assignment;
    bool is_part; /* joined another place of its own kind: no place of its own any more */
    uint8_t pad[7];
};

struct sw_cadre {
    uint32_t name, phone;     /* text numbers */
    uint32_t next_same_phone; /* another cadre with this phone */
    uint32_t absence;         /* newest of theirs, SW_NONE: none */
};

struct sw_team {
    uint32_t name;
    uint32_t leader;  /* cadre, SW_NONE: none */
    uint32_t gateway; /* text number of the gateway of its group, SW_NONE: none */
    uint32_t role;    /* text number of its role in people.yaml, SW_NONE: the usual one there */
};

/* A cadre looks after a household, or a team after an area, from one day to another. */
struct sw_assignment {
    uint32_t who;       /* cadre of a household, team of an area */
    uint32_t subject;   /* household or area */
    uint32_t older;     /* the subject's assignment before this one */
    sw_day from, until; /* first and last day; SW_DAY_NEVER: open */
    bool of_area;
    bool ended; /* replaced by a newer text of the same assignment */
    uint8_t pad[2];
};

/* A cadre is away, and who stands in. */
struct sw_absence {
    uint32_t cadre;
    uint32_t stand_in;  /* SW_NONE: nobody was named */
    uint32_t older;     /* the cadre's absence before this one */
    sw_day from, until; /* first and last day; SW_DAY_NEVER: open */
    uint32_t ended;     /* 1: replaced by a newer text of the same absence, or cancelled */
};

/* A whole list that a department closed, of one stream and one period. Rows of the period that were
 * stated before it and are not in it are gone once all its rows have arrived. Of each stream and
 * period there is the newest whole one and those drawn up after it that are not whole yet. */
struct sw_roll {
    uint16_t stream;
    bool whole;
    uint8_t pad;
    sw_day period;         /* its first day */
    uint32_t stated;       /* seconds since 1970: its rows say the same of themselves */
    uint32_t rows, needed; /* that it has, and that make it whole */
    uint32_t arrived;
};

struct sw_registry {
    struct sw_history keys; /* of changes to cadres and teams, of absences and closed batches */
    struct sw_intern household_id, person_id, area_code, cadre_id, team_id, assignment_id,
        absence_id;
    struct sw_intern texts;         /* names, phones, gateway names */
    struct sw_intern idno;          /* tokens of identity numbers (base/veil.h) */
    struct sw_household *household; /* by number, household_id.count of them; so below */
    struct sw_person *person;
    struct sw_area *area;
    struct sw_cadre *cadre;
    struct sw_team *team;
    struct sw_assignment *assignment; /* by number; a changed text makes a new one */
    uint32_t *current_assignment;     /* of an assignment id */
    struct sw_absence *absence;       /* by number; a changed text makes a new one */
    uint32_t *current_absence;        /* of an absence id */
    uint32_t *cadre_of_phone;         /* by text number; SW_NONE */
    uint32_t *person_of_idno;         /* by number of the token; SW_NONE */
    struct sw_match *match;
    size_t household_cap, person_cap, area_cap, cadre_cap, team_cap, assignment_cap, current_cap,
        phone_cap, idno_cap, absence_cap, current_absence_cap, match_cap;
    uint32_t matches;
    uint32_t recodes;             /* new codes and parents that do not hold yet */
    uint32_t assignments, phones; /* entries of assignment and cadre_of_phone */
    uint32_t absences;
    struct sw_roll *roll; /* by stream, period and time */
    size_t roll_cap;
    uint32_t rolls;
    struct sw_hash_key key; /* of event keys, per database */
    bool lenient; /* in tests of rules: events may lack fields, which read as unknown, and may tell
                     what the engine decided */
};

void sw_registry_init(struct sw_registry *r, struct sw_hash_key key);
void sw_registry_free(struct sw_registry *r);

/* Hash of (source, id) within SW_KEY_MASK, never 0. */
uint64_t sw_event_key(const struct sw_registry *r, struct sw_str source, struct sw_str id);

/* What a change of the registry did. */
struct sw_changed {
    bool repeat;        /* this key was here before: nothing changed */
    uint32_t household; /* whose facts or members changed, or SW_NONE */
    uint32_t left;      /* the household a person left, or that became part of `household` */
    bool merged;        /* the latter */
    bool settled;       /* a household has another area than before … */
    uint32_t area;      /* … which was this one, or SW_NONE */
    uint32_t recoded;   /* a place whose code, name or parent changed today, or SW_NONE */
    uint64_t reverses;  /* key of an event that the household's facts take back, or 0 */
    uint32_t assigned;  /* a household with other cadres than before, or SW_NONE */
    bool people;        /* other teams, leaders or absences than before, anywhere */
    uint64_t match;     /* what was decided about: sw_told_of(), or 0 … */
    struct sw_str idno; /* … and the number's token that stands for the person now; or empty */
};

/* A change of the registry ("registry.household" …); *changed is set on SW_ACCEPTED. */
enum sw_refusal sw_registry_apply(struct sw_registry *r, struct sw_arena *arena,
                                  const struct sw_schema *schema, const struct sw_envelope *in,
                                  sw_time now, struct sw_changed *changed, struct sw_err *err);

/* An event took back what was told of where the household lives, perhaps: *changed says what it
 * did.
 */
void sw_registry_resettle(struct sw_registry *r, const struct sw_schema *schema, uint32_t household,
                          sw_time now, struct sw_changed *changed);

/* A household by its id, or the one it was merged into; SW_NONE: there is none. */
uint32_t sw_registry_household(const struct sw_registry *r, struct sw_str id);
uint32_t sw_registry_person(const struct sw_registry *r, struct sw_str id);
/* The place that has or had this code. */
uint32_t sw_registry_area(const struct sw_registry *r, struct sw_str code);
/* Calls `each` for the codes, those gone too, of all places that have, or lie in one that has, a
 * code that begins so and do not begin so themselves. */
void sw_area_other_codes(const struct sw_registry *r, struct sw_str begin,
                         void (*each)(void *ctx, struct sw_str code), void *ctx);
/* The person with this identity number, given as its token; *n says how many have it. SW_NONE
 * unless it is one. */
uint32_t sw_registry_idno(const struct sw_registry *r, struct sw_str token, uint32_t *n);
/* What is wrong with the identity number behind a token, for people; NULL: nothing. */
const char *sw_idno_wrong(struct sw_str token);

/* ---- who an event is about (match.c) ------------------------------------------------------- */

/* Hash of all that a source says of a person, which decisions are about. */
uint64_t sw_told_of(const struct sw_registry *r, struct sw_str subject, const struct sw_who *who);
/* Such a hash as people write it: 12 letters. */
#define SW_MATCH_SIZE 13
void sw_match_letters(uint64_t hash, char out[SW_MATCH_SIZE]);
bool sw_match_number(struct sw_str letters, uint64_t *hash);
/* The decision about what was told, or about a number; NULL: none. */
const struct sw_match *sw_match_find(const struct sw_registry *r, uint64_t told);
const struct sw_match *sw_match_of_number(const struct sw_registry *r, struct sw_str token);
uint64_t sw_name_hash(const struct sw_registry *r, struct sw_str token); /* 0: no token */

/* Whether what is told of somebody is what is registered. */
enum sw_fit { SW_FIT_UNKNOWN, SW_FITS, SW_FIT_NOT };
enum sw_fit sw_name_fits(const struct sw_registry *r, uint32_t person, const struct sw_who *who);
enum sw_fit sw_birth_fits(const struct sw_registry *r, uint32_t person, const struct sw_who *who);
enum sw_fit sw_area_fits(const struct sw_registry *r, uint32_t person, const struct sw_who *who);

struct sw_str sw_registry_text(const struct sw_registry *r, uint32_t text); /* empty for SW_NONE */
struct sw_str sw_area_name(const struct sw_registry *r, uint32_t area); /* its code if unnamed */
struct sw_str sw_area_code(const struct sw_registry *r, uint32_t area); /* the one that holds */
/* True when this is a code or name that the place has, had or will have. */
bool sw_area_is_called(const struct sw_registry *r, uint32_t area, struct sw_str code_or_name);
/* A place whose new code or parent holds from `day` or before, and does so now; SW_NONE: none is
 * left. Call it until then. */
uint32_t sw_registry_recode(struct sw_registry *r, sw_day day);
/* True when `area` is `of` or lies inside it. */
bool sw_area_within(const struct sw_registry *r, uint32_t area, uint32_t of);
/* Every household of the area and the areas inside it, in order of area and arrival. */
void sw_area_each(const struct sw_registry *r, uint32_t area,
                  void (*each)(void *ctx, uint32_t household), void *ctx);

/* A mobile number as people write it ("+86 138-0013-8000") to its 11 digits; false: not one. */
#define SW_PHONE_SIZE 12
bool sw_phone_read(struct sw_str s, char out[SW_PHONE_SIZE]);
/* First cadre with this phone (11 digits), SW_NONE: nobody's; more by next_same_phone. */
uint32_t sw_registry_phone(const struct sw_registry *r, struct sw_str phone);

/* Who looks after a subject on a day: newest first, *from starts at the subject's `assignment` and
 * is moved on; SW_NONE at the end. Returns the cadre or team. */
uint32_t sw_assigned_next(const struct sw_registry *r, sw_day day, uint32_t *from);
/* Why a cadre is away on a day: the newest absence that holds; NULL: they are there. */
const struct sw_absence *sw_cadre_absence(const struct sw_registry *r, uint32_t cadre, sw_day day);

#endif
