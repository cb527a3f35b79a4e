/* live.h - the live day: what comes in while people watch. Private to tests/data/county. */
#ifndef COUNTY_LIVE_H
#define COUNTY_LIVE_H

#include "source.h"

enum { SCENES = 32 };

/* What a scene is made for: to change nothing, to pass a line that is too small to alert by itself,
 * to be an alert by itself. */
enum effect { NOTHING, POINTS, ALERT };

/* One kind of thing that happens on the live day, and to whom it did. */
struct scene {
    const char *name;
    enum effect effect;
    bool of_villages; /* `whom` are villages, not households */
    uint32_t *whom;
    size_t n, cap;
};

struct live {
    struct county *c;
    struct dice dice;
    struct event_list list;
    struct scene scene[SCENES];
    size_t scenes;
    bool *used;         /* by household */
    bool *hit;          /* by village */
    uint32_t hail;      /* the village under heavy hail */
    uint32_t with_land; /* its poor households of 2 mu and more */
    uint32_t unquiet;   /* households chosen though the history had not left them in peace */
    uint32_t before;    /* reversals in front of what they reverse */
    uint32_t *back;     /* households whose bill is taken back or corrected to little */
    size_t backs, back_cap;
};

void live_tell(struct live *l, struct county *c);
void live_free(struct live *l);

#endif
