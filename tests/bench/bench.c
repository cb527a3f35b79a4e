/* bench.c - clocks, medians, results. See bench.h. */
#include "bench.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static unsigned int starts, noisy_starts;

void bench_must(bool good, const char *fmt, ...)
{
    va_list ap;
    int error = errno;

    if (good)
        return;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, ": failed (%s)\n", strerror(error));
    exit(2);
}

long bench_number(const char *name, long full, long smoke)
{
    const char *text = getenv(name);
    const char *is_smoke = getenv("BENCH_SMOKE");
    char *end;
    long n;

    if (text == NULL || *text == '\0')
        return is_smoke != NULL && *is_smoke != '\0' ? smoke : full;
    n = strtol(text, &end, 10);
    bench_must(*end == '\0' && n > 0, "%s=%s", name, text);
    return n;
}

struct bench bench_begin(int argc, char **argv)
{
    struct bench b;

    if (argc != 3) {
        fprintf(stderr, "usage: %s FOLDER BUILD (run.c calls it so)\n", argv[0]);
        exit(2);
    }
    b.folder = argv[1];
    b.build = argv[2];
    b.rounds = (size_t)bench_number("BENCH_ROUNDS", 5, 1);
    bench_must(b.rounds <= BENCH_ROUNDS_MAX, "BENCH_ROUNDS above %d", BENCH_ROUNDS_MAX);
    setvbuf(stdout, NULL, _IOLBF, 0);
    return b;
}

/* ---- time and quiet ----------------------------------------------------------------------- */

double bench_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void bench_pause(double seconds)
{
    struct timespec ts = {.tv_sec = (time_t)seconds};

    ts.tv_nsec = (long)((seconds - (double)ts.tv_sec) * 1e9);
    while (nanosleep(&ts, &ts) != 0 && errno == EINTR) {}
}

/* The processors' time since boot: idle or waiting for the disk, and all of it. */
static void read_processors(double *idle, double *all)
{
    FILE *f = fopen("/proc/stat", "r");
    char word[8];
    double v;

    *idle = *all = 0;
    bench_must(f != NULL && fscanf(f, "%7s", word) == 1, "/proc/stat");
    for (int i = 0; fscanf(f, "%lf", &v) == 1; i++) {
        *all += v;
        *idle += i == 3 || i == 4 ? v : 0;
    }
    fclose(f);
}

static bool is_quiet(double seconds)
{
    double idle[2];
    double all[2];

    read_processors(&idle[0], &all[0]);
    bench_pause(seconds);
    read_processors(&idle[1], &all[1]);
    return idle[1] - idle[0] >= 0.75 * (all[1] - all[0]);
}

void bench_wait_quiet(const struct bench *b)
{
    int fd = open(b->folder, O_RDONLY | O_DIRECTORY);
    double until = bench_now() + 2;

    if (fd >= 0) {
        syncfs(fd);
        close(fd);
    }
    starts++;
    while (!is_quiet(0.3)) {
        if (bench_now() > until) {
            noisy_starts++;
            return;
        }
    }
}

void bench_noise(void)
{
    if (noisy_starts > 0)
        bench_note(0, "the machine was busy with something else at %u of %u starts", noisy_starts,
                   starts);
}

/* ---- results ------------------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_percentile(const double *v, size_t n, double p)
{
    double *sorted = malloc(n * sizeof(*sorted));
    double value;

    bench_must(n > 0 && sorted != NULL, "a percentile of %zu values", n);
    memcpy(sorted, v, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), by_value);
    value = sorted[(size_t)(p * (double)(n - 1) + 0.5)];
    free(sorted);
    return value;
}

double bench_median(const double *v, size_t n)
{
    return bench_percentile(v, n, 0.5);
}

void bench_row(int number, const char *measured, const char *reference, const double *ours,
               const double *reference_values, size_t rounds)
{
    double ratio[BENCH_ROUNDS_MAX];

    for (size_t i = 0; i < rounds; i++)
        ratio[i] = ours[i] / (reference_values == NULL ? 1 : reference_values[i]);
    printf("row\t%d\t%s\t%s\t%.4g\t%.4g\t%.4g\n", number, measured, reference,
           bench_median(ratio, rounds), bench_percentile(ratio, rounds, 0),
           bench_percentile(ratio, rounds, 1));
}

void bench_note(int number, const char *fmt, ...)
{
    va_list ap;

    printf("note\t%d\t", number);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
}

/* ---- files and ports ---------------------------------------------------------------------- */

double bench_file_size(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (double)st.st_size : 0;
}

static void call(const char *const argv[])
{
    pid_t pid = fork();
    int status = -1;

    if (pid == 0) {
        char *copy[8];
        size_t n = 0;

        for (; argv[n] != NULL && n < 7; n++)
            copy[n] = strdup(argv[n]);
        copy[n] = NULL;
        execvp(copy[0], copy);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    bench_must(status == 0, "%s %s", argv[0], argv[2]);
}

void bench_copy(const char *from, const char *to)
{
    call((const char *const[]){"cp", "-r", from, to, NULL});
}

void bench_remove(const char *folder)
{
    call((const char *const[]){"rm", "-rf", folder, NULL});
}

uint16_t bench_free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    bench_must(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
                   getsockname(fd, (struct sockaddr *)&at, &n) == 0,
               "a free port");
    close(fd);
    return ntohs(at.sin_port);
}
