/* bench.h - what the programs of tests/bench share: clocks, medians, rounds, results.
 *
 * A program measures one or more rows of the table and prints them as tab-separated lines, which
 * run.c reads:
 *
 *     row   NUMBER  MEASURED  REFERENCE  RATIO  MIN  MAX
 *     note  NUMBER  TEXT
 *
 * Anything that fails to run ends the program with status 2. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <shouwang/base/def.h>

enum { BENCH_ROUNDS_MAX = 21 };

/* Where a program works: arguments 1 and 2. */
struct bench {
    const char *folder; /* to be filled with files; the caller removes it */
    const char *build;  /* where shouwangd is */
    size_t rounds;
};

struct bench bench_begin(int argc, char **argv);
/* The variable `name` of the environment; else `full`, or `smoke` when BENCH_SMOKE is set. */
long bench_number(const char *name, long full, long smoke);
void bench_must(bool good, const char *fmt, ...) SW_PRINTF(2, 3);

double bench_now(void); /* seconds, steady; the same clock in all processes */
void bench_pause(double seconds);
/* Until the machine is three quarters idle for 0.3 s, at most 2 s; what is dirty is written back
 * first. How often that was in vain is told by bench_noise(). */
void bench_wait_quiet(const struct bench *b);
void bench_noise(void);

double bench_median(const double *v, size_t n); /* leaves v as it is */
double bench_percentile(const double *v, size_t n, double p);
/* Ratios ours / reference round by round (NULL: ours as they are): their median is the result. */
void bench_row(int number, const char *measured, const char *reference, const double *ours,
               const double *reference_values, size_t rounds);
void bench_note(int number, const char *fmt, ...) SW_PRINTF(2, 3);

double bench_file_size(const char *path);
void bench_copy(const char *from, const char *to); /* folders */
void bench_remove(const char *folder);
uint16_t bench_free_port(void);

#endif
