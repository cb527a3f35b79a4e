/* tap.h - a test program's whole framework: Test Anything Protocol on stdout, run by prove(1).
 *
 * One process per file; a crash is a failure because the plan comes last. Failing checks print
 * both values. Random tests take their seed from $SEED and print it. */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <inttypes.h>
#include <shouwang/base/str.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int tap_count, tap_failures;

static inline bool tap_result(bool passed, const char *file, int line, const char *what)
{
    printf("%sok %d - %s\n", passed ? "" : "not ", ++tap_count, what);
    if (!passed) {
        tap_failures++;
        printf("# at %s:%d\n", file, line);
    }
    fflush(stdout);
    return passed;
}

static inline bool tap_int(int64_t got, int64_t want, const char *file, int line, const char *what)
{
    if (tap_result(got == want, file, line, what))
        return true;
    printf("#  got %" PRId64 "\n# want %" PRId64 "\n", got, want);
    return false;
}

static inline void tap_text(const char *label, struct sw_str s)
{
    printf("# %s \"", label);
    for (size_t i = 0; i < s.n; i++)
        printf(s.p[i] == '\n' ? "\\n\n#        " : "%c", s.p[i]);
    printf("\"\n");
}

static inline bool tap_str(struct sw_str got, struct sw_str want, const char *file, int line,
                           const char *what)
{
    if (tap_result(sw_str_eq(got, want), file, line, what))
        return true;
    tap_text(" got", got);
    tap_text("want", want);
    return false;
}

/* ok(condition), is_int(got, want), is_str(sw_str, "literal") and their named forms. */
#define ok(cond)             tap_result((cond), __FILE__, __LINE__, #cond)
#define ok_named(cond, name) tap_result((cond), __FILE__, __LINE__, (name))
#define is_int(got, want)    tap_int((int64_t)(got), (int64_t)(want), __FILE__, __LINE__, #got)
#define is_int_named(got, want, name)                                                              \
    tap_int((int64_t)(got), (int64_t)(want), __FILE__, __LINE__, (name))
#define is_str(got, want)             tap_str((got), sw_str(want), __FILE__, __LINE__, #got)
#define is_str_named(got, want, name) tap_str((got), sw_str(want), __FILE__, __LINE__, (name))
#define note(...)                     (printf("# "), printf(__VA_ARGS__), printf("\n"), (void)fflush(stdout))

/* Last line of main(): return done_testing(); */
static inline int done_testing(void)
{
    printf("1..%d\n", tap_count);
    return tap_failures == 0 ? 0 : 1;
}

/* xorshift64*: the same numbers on every machine for one seed. */
struct tap_random {
    uint64_t state;
};

static inline struct tap_random tap_seed(void)
{
    const char *given = getenv("SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);

    note("seed %" PRIu64 " (SEED=%" PRIu64 " repeats this run)", seed, seed);
    return (struct tap_random){seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
}

static inline uint64_t tap_next(struct tap_random *r)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return r->state * UINT64_C(0x2545f4914f6cdd1d);
}

/* 0 … n - 1 */
static inline uint32_t tap_below(struct tap_random *r, uint32_t n)
{
    return (uint32_t)((tap_next(r) >> 32) * n >> 32);
}

#endif
