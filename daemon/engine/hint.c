/* hint.c - the cache misses of an event, ahead of it and side by side with those of others. */
#include "parts.h"
#include <shouwang/engine/hint.h>

/* The household's id in "subject":"household/H1"; empty: another subject. Slashes are few. */
static struct sw_str subject_in(struct sw_str event)
{
    static const struct sw_str before = {"\"household", 10};
    const char *end = event.p + event.n;

    for (const char *p = event.p; (p = memchr(p, '/', (size_t)(end - p))) != NULL; p++) {
        const char *quote;

        if ((size_t)(p - event.p) < before.n || memcmp(p - before.n, before.p, before.n) != 0)
            continue;
        quote = memchr(p, '"', (size_t)(end - p));
        return (struct sw_str){p + 1, quote == NULL ? 0 : (size_t)(quote - p) - 1};
    }
    return (struct sw_str){NULL, 0};
}

static void find_household(const struct sw_registry *r, struct sw_hint *h)
{
    h->household = sw_intern_likely(&r->household_id, h->hash);
    if (h->household != SW_NONE)
        __builtin_prefetch(&r->household[h->household]);
}

static void find_history(const struct sw_registry *r, struct sw_hint *h)
{
    if (h->household == SW_NONE)
        return;
    sw_intern_ahead_text(&r->household_id, h->household);
    sw_history_prefetch(&r->household[h->household].history);
    h->person = r->household[h->household].first_person;
    if (h->person != SW_NONE) {
        __builtin_prefetch(&r->person[h->person]);
        __builtin_prefetch(&r->person_id.end[h->person]);
    }
}

static void find_person(const struct sw_registry *r, struct sw_hint *h)
{
    if (h->person != SW_NONE)
        sw_intern_ahead_text(&r->person_id, h->person);
}

static void find_slot(const struct sw_registry *r, struct sw_hint *h)
{
    if (h->person != SW_NONE)
        sw_intern_ahead(&r->person_id, sw_intern_text(&r->person_id, h->person));
}

void sw_hint_begin(const struct sw_engine *e, struct sw_hint *h, struct sw_str event)
{
    struct sw_str id = subject_in(event);

    *h = (struct sw_hint){.household = SW_NONE, .person = SW_NONE, .step = SW_HINT_STEPS};
    if (id.n == 0)
        return;
    h->hash = sw_intern_ahead(&e->registry.household_id, id);
    h->step = 0;
}

void sw_hint_step(const struct sw_engine *e, struct sw_hint *h)
{
    static void (*const steps[SW_HINT_STEPS])(const struct sw_registry *r, struct sw_hint *h) = {
        find_household, find_history, find_person, find_slot};

    if (h->step < SW_HINT_STEPS)
        steps[h->step++](&e->registry, h);
}
