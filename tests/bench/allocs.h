/* allocs.h - how often memory was asked for. The program is linked with -Wl,--wrap, so that every
 * malloc, calloc and realloc of ours is counted (not those inside shared libraries). */
#ifndef TESTS_BENCH_ALLOCS_H
#define TESTS_BENCH_ALLOCS_H

#include <shouwang/base/def.h>

uint64_t allocs(void); /* since the program began */

#endif
