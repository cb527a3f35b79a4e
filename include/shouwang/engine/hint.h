/* hint.h - touching the memory of events to come, so that it is there when they are applied.
 * Layer: engine. A county's households lie all over a gigabyte; half of what an event costs would
 * be waiting for its household and its first person, one cache miss after the other. Whoever holds
 * several events calls each step for one event while it applies those before it; nothing is read
 * from a hint, so a wrong one only wastes it. Cost: about 50 ns an event, all steps. */
#ifndef SHOUWANG_ENGINE_HINT_H
#define SHOUWANG_ENGINE_HINT_H

#include <shouwang/engine/engine.h>

/* All zero for an event not looked at. */
struct sw_hint {
    uint64_t hash;              /* of its household's id */
    uint32_t household, person; /* SW_NONE: not known */
    uint32_t step;
};

enum { SW_HINT_STEPS = 4 };

/* The event as it came. */
void sw_hint_begin(const struct sw_engine *e, struct sw_hint *h, struct sw_str event);
/* SW_HINT_STEPS times; more do nothing. */
void sw_hint_step(const struct sw_engine *e, struct sw_hint *h);

#endif
