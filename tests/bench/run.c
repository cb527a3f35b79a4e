/* run.c - runs the programs of this folder and prints their results as one table.
 *
 *   run BUILD [ROW…]         ROW: 1 to 13, default all
 *
 * The programs work in a folder of their own inside BUILD, which is removed afterwards. The exit
 * status tells whether everything ran, not how fast it was. */
#include "bench.h"
#include <curl/curl.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { ROWS = 14, NOTES_MAX = 64, TEXT_MAX = 300 }; /* rows count from 1 */

#ifdef __clang__
#define COMPILER ""
#else
#define COMPILER "gcc "
#endif

enum better { MORE, LESS };

static const struct {
    const char *quantity;
    const char *program;
    enum better better;
    double acceptable, close;
    const char *unit; /* of the result: "" for ratios */
} rows[ROWS] = {
    [1] = {"durable ingest over ROUTER, 1 % alerts delivered", "ingest", MORE, 0.30, 0.45, ""},
    [2] = {"the same with millions of events stored", "ingest", MORE, 0.8, 0.95, ""},
    [3] = {"bytes stored an event", "ingest", LESS, 1.3, 1.15, ""},
    [4] = {"idle latency event to webhook, p50", "latency", LESS, 4, 2, ""},
    [5] = {"webhooks out, 16 in flight", "webhooks", MORE, 0.5, 0.8, ""},
    [6] = {"memory a household, 12 events", "scale", LESS, 400, 250, " B"},
    [7] = {"restart from a snapshot", "scale", LESS, 5, 2, ""},
    [8] = {"thirty rules, time of one", "rules", LESS, 0.5, 0.33, ""},
    [9] = {"one condition of four terms", "rules", LESS, 0.7, 0.5, ""},
    [10] = {"members.exists() and a term", "rules", LESS, 0.5, 0.25, ""},
    [11] = {"allocations in evaluations", "rules", LESS, 0, 0, ""},
    [12] = {"load, check, test 300 rules with 900 tests", "whatif", LESS, 1, 0.3, " s"},
    [13] = {"what-if: 100 000 households by 300 rules", "whatif", LESS, 2, 0.6, " s"},
};

static struct result {
    bool is_there;
    char measured[TEXT_MAX], reference[TEXT_MAX];
    double ratio, min, max;
} results[ROWS];

static struct {
    int row;
    char text[TEXT_MAX];
} notes[NOTES_MAX];
static size_t n_notes;

static char folder[4096];
static volatile sig_atomic_t interrupted;

/* ---- reading what programs print ---------------------------------------------------------- */

static void add_note(int row, const char *text)
{
    if (n_notes == NOTES_MAX)
        return;
    notes[n_notes].row = row;
    snprintf(notes[n_notes++].text, TEXT_MAX, "%s", text);
}

/* The part of *line before the next tab. */
static char *next_part(char **line)
{
    char *part = strsep(line, "\t");

    bench_must(part != NULL, "a line with too few parts");
    return part;
}

static void read_line(char *line)
{
    char *kind = next_part(&line);
    int row = atoi(next_part(&line));

    bench_must(row >= 0 && row < ROWS, "row %d", row);
    if (strcmp(kind, "note") == 0) {
        add_note(row, next_part(&line));
        return;
    }
    results[row].is_there = true;
    snprintf(results[row].measured, TEXT_MAX, "%s", next_part(&line));
    snprintf(results[row].reference, TEXT_MAX, "%s", next_part(&line));
    results[row].ratio = strtod(next_part(&line), NULL);
    results[row].min = strtod(next_part(&line), NULL);
    results[row].max = strtod(next_part(&line), NULL);
}

/* webhooks.c prints for people: "round 1: bare curl-multi 51022/s, webhooks 31022/s". */
static struct {
    double bare[BENCH_ROUNDS_MAX], ours[BENCH_ROUNDS_MAX];
    size_t n;
} hooks;

static void read_webhooks(char *line)
{
    size_t n = hooks.n;

    if (n < BENCH_ROUNDS_MAX && sscanf(line, "round %*d: bare curl-multi %lf/s, webhooks %lf/s",
                                       &hooks.bare[n], &hooks.ours[n]) == 2)
        hooks.n++;
}

static void settle_webhooks(void)
{
    struct result *r = &results[5];
    double ratio[BENCH_ROUNDS_MAX];

    if (hooks.n == 0)
        return;
    for (size_t i = 0; i < hooks.n; i++)
        ratio[i] = hooks.ours[i] / hooks.bare[i];
    r->is_there = true;
    snprintf(r->measured, TEXT_MAX, "%.1f k/s", bench_median(hooks.ours, hooks.n) / 1e3);
    snprintf(r->reference, TEXT_MAX, "%.1f k/s bare curl-multi",
             bench_median(hooks.bare, hooks.n) / 1e3);
    r->ratio = bench_median(ratio, hooks.n);
    r->min = bench_percentile(ratio, hooks.n, 0);
    r->max = bench_percentile(ratio, hooks.n, 1);
}

/* ---- running them ------------------------------------------------------------------------- */

static void become(const char *build, const char *program, int out)
{
    char path[4200];
    char number[32];
    char rounds[32];

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(out, STDOUT_FILENO);
    snprintf(path, sizeof(path), "%s/tests/bench/%s", build, program);
    snprintf(number, sizeof(number), "%ld", bench_number("BENCH_WEBHOOKS", 30000, 2000));
    snprintf(rounds, sizeof(rounds), "%ld", bench_number("BENCH_ROUNDS", 5, 1));
    if (strcmp(program, "webhooks") == 0)
        execl(path, program, number, rounds, (char *)NULL);
    execl(path, program, folder, build, (char *)NULL);
    _exit(127);
}

/* True when it ran; webhooks.c ends with 1 when it was slow. */
static bool run_program(const char *build, const char *program)
{
    bool is_hooks = strcmp(program, "webhooks") == 0;
    char line[1000];
    int fd[2];
    int status = -1;
    pid_t pid;
    FILE *f;

    fprintf(stderr, "--- %s\n", program);
    bench_must(pipe2(fd, O_CLOEXEC) == 0, "pipe");
    pid = fork();
    if (pid == 0)
        become(build, program, fd[1]);
    close(fd[1]);
    f = fdopen(fd[0], "r");
    while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (is_hooks)
            read_webhooks(line);
        else
            read_line(line);
    }
    if (f != NULL)
        fclose(f);
    waitpid(pid, &status, 0);
    settle_webhooks();
    return WIFEXITED(status) &&
           (WEXITSTATUS(status) == 0 || (is_hooks && WEXITSTATUS(status) == 1));
}

/* ---- printing ----------------------------------------------------------------------------- */

/* The text behind `key` in a file of lines "key : value", without spaces around. */
static void find_line(const char *path, const char *key, char out[128])
{
    char line[512];
    FILE *f = fopen(path, "r");

    snprintf(out, 128, "?");
    while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
        char *value = strchr(line, ':');

        if (strncmp(line, key, strlen(key)) != 0 || value == NULL)
            continue;
        value += 1 + strspn(value + 1, " \t");
        value[strcspn(value, "\n")] = '\0';
        snprintf(out, 128, "%.127s", value);
        break;
    }
    if (f != NULL)
        fclose(f);
}

/* First line of what `command` prints. */
static void ask(const char *command, char out[128])
{
    FILE *f = popen(command, "r");

    if (f == NULL || fgets(out, 128, f) == NULL)
        snprintf(out, 128, "?");
    out[strcspn(out, "\n")] = '\0';
    if (f != NULL)
        pclose(f);
}

static void print_heading(void)
{
    char cpu[128];
    char memory[128];
    char disk[128];
    char nginx[128];
    char command[4200];
    char date[32];
    struct utsname u;
    time_t t = time(NULL);
    int zmq[3];

    find_line("/proc/cpuinfo", "model name", cpu);
    find_line("/proc/meminfo", "MemTotal", memory);
    snprintf(command, sizeof(command), "df --output=fstype '%s' | tail -n 1", folder);
    ask(command, disk);
    ask("nginx -v 2>&1 || /usr/sbin/nginx -v 2>&1", nginx);
    uname(&u);
    zmq_version(&zmq[0], &zmq[1], &zmq[2]);
    strftime(date, sizeof(date), "%Y-%m-%d %H:%M", localtime(&t));
    printf("make bench, %s; medians of %ld round(s)\n", date, bench_number("BENCH_ROUNDS", 5, 1));
    printf("machine:   %s, %ld processors, %.1f GiB, %s\n", cpu, sysconf(_SC_NPROCESSORS_ONLN),
           strtod(memory, NULL) / (1 << 20), disk);
    printf("system:    %s %s, compiled by %s%s\n", u.sysname, u.release, COMPILER, __VERSION__);
    printf("libraries: libzmq %d.%d.%d, libev %d.%d, SQLite %s, libcurl %s; %s\n\n", zmq[0], zmq[1],
           zmq[2], ev_version_major(), ev_version_minor(), sqlite3_libversion(),
           curl_version_info(CURLVERSION_NOW)->version,
           strncmp(nginx, "nginx version: ", 15) == 0 ? nginx + 15 : nginx);
}

/* The targets are meant for the full sizes: a small run has no verdict. */
static const char *verdict(int row, double ratio)
{
    double sign = rows[row].better == MORE ? 1 : -1;

    if (getenv("BENCH_SMOKE") != NULL)
        return "-";

    return sign * ratio >= sign * rows[row].close        ? "close to the limit"
           : sign * ratio >= sign * rows[row].acceptable ? "acceptable"
                                                         : "SHORT OF IT";
}

static void print_row(int row)
{
    const struct result *r = &results[row];
    const char *sign = rows[row].better == MORE ? ">=" : "<=";
    const char *unit = rows[row].unit;
    char ratio[64];
    char range[64];
    char targets[64];

    snprintf(ratio, sizeof(ratio), "%.*f%s", r->ratio < 100 ? 2 : 0, r->ratio, unit);
    snprintf(range, sizeof(range), r->ratio < 100 ? "[%.2f..%.2f]" : "-", r->min, r->max);
    snprintf(targets, sizeof(targets), "%s %g%s / %g%s", sign, rows[row].acceptable, unit,
             rows[row].close, unit);
    printf("%-2d  %-48s  %-18s  %-27s  %7s  %-13s  %-18s  %s\n", row, rows[row].quantity,
           r->measured, r->reference, ratio, range, targets, verdict(row, r->ratio));
}

static void print_table(void)
{
    print_heading();
    printf("#   %-48s  %-18s  %-27s  %7s  %-13s  %-18s  %s\n", "quantity", "measured", "reference",
           "ratio", "min..max", "acceptable / close", "verdict");
    for (int row = 1; row < ROWS; row++) {
        if (results[row].is_there)
            print_row(row);
    }
    printf("\n");
    for (int row = 1; row <= ROWS; row++) {
        for (size_t i = 0; i < n_notes; i++) {
            if (notes[i].row == row % ROWS && row < ROWS)
                printf("%d: %s\n", row, notes[i].text);
            else if (notes[i].row == 0 && row == ROWS)
                printf("%s\n", notes[i].text);
        }
    }
}

/* ---- life --------------------------------------------------------------------------------- */

static void on_signal(int number)
{
    interrupted = number; /* the programs get it too, or die with us */
}

static void make_folder(const char *build)
{
    snprintf(folder, sizeof(folder), "%s/bench-XXXXXX", build);
    bench_must(mkdtemp(folder) != NULL, "%s", folder);
}

static bool wants(int argc, char **argv, int row)
{
    for (int i = 2; i < argc; i++) {
        if (atoi(argv[i]) == row)
            return true;
    }
    return argc <= 2;
}

int main(int argc, char **argv)
{
    struct sigaction act = {.sa_handler = on_signal};
    const char *before = "";
    bool good = true;

    if (argc < 2) {
        fprintf(stderr, "usage: run BUILD [ROW...]\n");
        return 2;
    }
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    make_folder(argv[1]);
    for (int row = 1; row < ROWS && !interrupted; row++) {
        if (!wants(argc, argv, row) || strcmp(rows[row].program, before) == 0)
            continue;
        before = rows[row].program;
        if (!run_program(argv[1], before)) {
            fprintf(stderr, "%s did not run\n", before);
            good = false;
        }
    }
    if (!interrupted)
        print_table();
    bench_remove(folder);
    return good && !interrupted ? 0 : 2;
}
