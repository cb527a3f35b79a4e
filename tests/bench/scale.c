/* scale.c - rows 6 and 7: a province's worth of households in memory, and starting with them.
 *
 * Everything is registered and reported through the acknowledged door; memory is what the service's
 * process holds more afterwards. Then it is stopped (which writes a snapshot) and started again in
 * turn with a bare read of that file into fresh memory; at last it is started without the snapshot,
 * which replays the whole log. */
#include "events.h"
#include "receiver.h"
#include "service.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVENTS_EACH = 12, BILLS_EACH = 4, YEAR = 365, PIECE = 1 << 20 };

struct scale {
    struct bench b;
    struct service s;
    uint32_t households;
    char snapshot[400], database[400];
    double facts, persons, events; /* bytes of memory a household */
};

/* ---- row 6 -------------------------------------------------------------------------------- */

/* Every household once a pass, in an order that jumps about: bills, then what else a year brings.
 */
static void publish_year(struct feed *f, uint32_t households)
{
    struct bills bills = bills_new("YEAR", YEAR);
    uint64_t stride = 2654435761; /* prime */

    for (uint64_t pass = 0; pass < EVENTS_EACH; pass++) {
        for (uint64_t i = 0; i < households; i++) {
            uint32_t household = (uint32_t)((i * stride + pass) % households);

            if (pass < BILLS_EACH)
                bills_small(&bills, feed_event(f, BILL_BYTES), household);
            else
                events_other(f, &bills, (uint32_t)(pass - BILLS_EACH), household);
        }
    }
    feed_flush(f);
}

/* Caches and queues fill with the first households, which are therefore left out of the count. */
static void fill(struct scale *sc)
{
    struct feed *f = feed_open(sc->s.port);
    uint32_t first = sc->households / 50;
    double began = bench_now();
    double memory[4];
    double took;

    events_villages(f, sc->households);
    events_households(f, 0, first);
    memory[0] = service_memory(&sc->s);
    events_households(f, first, sc->households - first);
    memory[1] = service_memory(&sc->s);
    events_persons(f, 0, sc->households);
    memory[2] = service_memory(&sc->s);
    took = bench_now() - began;
    bench_note(6, "%.1f M registry events at %.0f k/s", (double)feed_counts(f)->sent / 1e6,
               (double)feed_counts(f)->sent / took / 1e3);
    began = bench_now();
    publish_year(f, sc->households);
    memory[3] = service_memory(&sc->s);
    took = bench_now() - began;
    bench_note(6, "%.1f M events at %.0f k/s", (double)sc->households * EVENTS_EACH / 1e6,
               (double)sc->households * EVENTS_EACH / took / 1e3);
    bench_must(feed_counts(f)->stored == feed_counts(f)->sent, "filling: %llu of %llu stored",
               (unsigned long long)feed_counts(f)->stored,
               (unsigned long long)feed_counts(f)->sent);
    sc->facts = (memory[1] - memory[0]) / (sc->households - first);
    sc->persons = (memory[2] - memory[1]) / sc->households;
    sc->events = (memory[3] - memory[2]) / sc->households;
    feed_close(f);
}

static void tell_memory(const struct scale *sc)
{
    double all = sc->facts + sc->events;
    double one = 1;
    char text[64];

    snprintf(text, sizeof(text), "%.0f B a household", all);
    bench_row(6, text, "-", &all, &one, 1);
    bench_note(6, "of it facts and standing %.0f, %d events %.0f; each person %.0f more", sc->facts,
               EVENTS_EACH, sc->events, sc->persons);
}

/* ---- row 7 -------------------------------------------------------------------------------- */

/* Seconds to read the file to memory that was never touched before; `whole` false: piece by piece
 * to the same memory, which only moves the bytes. */
static double read_file(const char *path, bool whole)
{
    size_t size = (size_t)bench_file_size(path);
    double began = bench_now();
    size_t room = whole ? size : PIECE;
    char *to = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t at = 0;

    bench_must(to != MAP_FAILED && fd >= 0, "%s", path);
    while (at < size) {
        size_t left = size - at;
        ssize_t got = read(fd, whole ? to + at : to, left < PIECE ? left : PIECE);

        bench_must(got > 0, "reading %s", path);
        at += (size_t)got;
    }
    close(fd);
    munmap(to, room);
    return bench_now() - began;
}

/* The file's pages leave the cache; clean ones do without a privilege. */
static void cool(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    fdatasync(fd);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
}

static double restart(struct scale *sc)
{
    double took = service_start(&sc->s);

    service_stop(&sc->s);
    return took;
}

static void tell_restart(struct scale *sc)
{
    double ours[BENCH_ROUNDS_MAX];
    double bare[BENCH_ROUNDS_MAX];
    double moved[BENCH_ROUNDS_MAX];
    size_t n = sc->b.rounds;
    char a[64];
    char b[64];

    (void)read_file(sc->snapshot, false);
    for (size_t i = 0; i < n; i++) {
        bench_wait_quiet(&sc->b);
        moved[i] = read_file(sc->snapshot, false);
        bare[i] = read_file(sc->snapshot, true);
        ours[i] = restart(sc);
        fprintf(stderr, "round %zu: ready in %.2f s, bare read %.2f s\n", i + 1, ours[i], bare[i]);
    }
    snprintf(a, sizeof(a), "%.2f s", bench_median(ours, n));
    snprintf(b, sizeof(b), "%.2f s bare read", bench_median(bare, n));
    bench_row(7, a, b, ours, bare, n);
    bench_note(7, "snapshot %.0f MB, database %.1f GB; the bytes moved to one place only: %.2f s",
               bench_file_size(sc->snapshot) / 1e6, bench_file_size(sc->database) / 1e9,
               bench_median(moved, n));
}

static void tell_cold(struct scale *sc)
{
    double bare;
    double ours;

    cool(sc->snapshot);
    bare = read_file(sc->snapshot, true);
    cool(sc->snapshot);
    cool(sc->database);
    ours = restart(sc);
    bench_note(7, "cold files: ready in %.2f s, bare read %.2f s (once)", ours, bare);
}

static void tell_replay(struct scale *sc)
{
    double inputs = (double)sc->households * (EVENTS_EACH + 2);
    double took;

    unlink(sc->snapshot);
    bench_wait_quiet(&sc->b);
    took = restart(sc);
    bench_note(7, "without the snapshot, %.1f M inputs replayed: %.1f s, %.2f us an input (once)",
               inputs / 1e6, took, took / inputs * 1e6);
}

int main(int argc, char **argv)
{
    struct scale sc = {.b = bench_begin(argc, argv)};
    struct receiver *receiver = receiver_start();
    double took;

    sc.households = (uint32_t)bench_number("BENCH_SCALE", 1000000, 20000);
    service_configure(&sc.s, &sc.b, "scale", receiver_port(receiver));
    service_path(&sc.s, "shouwang.snapshot", sc.snapshot);
    service_path(&sc.s, "shouwang.db", sc.database);
    service_start(&sc.s);
    bench_wait_quiet(&sc.b);
    fill(&sc);
    tell_memory(&sc);
    took = bench_now();
    service_stop(&sc.s);
    bench_note(7, "stopped with a snapshot in %.1f s", bench_now() - took);
    tell_restart(&sc);
    tell_cold(&sc);
    tell_replay(&sc);
    receiver_stop(receiver);
    bench_noise();
    return 0;
}
