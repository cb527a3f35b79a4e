/* Snapshots: round trip, damage to any byte, belonging, the child process. The engine here is a
 * stub: a seq and some bytes. */
#include "../../daemon/store/checksum.h"
#include "store_fixture.h"
#include <fcntl.h>
#include <shouwang/base/mem.h>
#include <shouwang/store/snapshot.h>
#include <sys/file.h>
#include <sys/wait.h>

struct sw_ruleset {
    char digest[65];
};

struct sw_engine {
    struct sw_ruleset *rules;
    int64_t seq;
    uint64_t n;
    unsigned char *bytes;
    size_t piece;    /* saved and loaded in pieces of this size */
    bool refuses;    /* to be saved */
    useconds_t slow; /* to be saved */
};

static size_t load_piece = 1000;

const struct sw_ruleset *sw_engine_rules(const struct sw_engine *e)
{
    return e->rules;
}

const char *sw_ruleset_digest(const struct sw_ruleset *rs)
{
    return rs->digest;
}

bool sw_engine_save(const struct sw_engine *e, int64_t seq,
                    bool (*put)(void *ctx, const void *bytes, size_t n), void *ctx)
{
    bool good = !e->refuses && put(ctx, &seq, sizeof(seq)) && put(ctx, &e->n, sizeof(e->n));

    usleep(e->slow);
    for (size_t at = 0; good && at < e->n; at += e->piece)
        good = put(ctx, e->bytes + at, e->n - at < e->piece ? e->n - at : e->piece);
    return good;
}

static void free_engine(struct sw_engine *e)
{
    free(e->bytes);
    free(e);
}

struct sw_engine *sw_engine_load(struct sw_hash_key key, struct sw_ruleset *rules, int64_t *seq,
                                 bool (*get)(void *ctx, void *bytes, size_t n), void *ctx,
                                 struct sw_err *err)
{
    struct sw_engine *e = sw_calloc(1, sizeof(*e));
    bool good = get(ctx, &e->seq, sizeof(e->seq)) && get(ctx, &e->n, sizeof(e->n));

    SW_ASSERT(key.k0 == 5);
    e->rules = rules;
    if (good)
        e->bytes = sw_malloc(e->n);
    for (size_t at = 0; good && at < e->n; at += load_piece)
        good = get(ctx, e->bytes + at, e->n - at < load_piece ? e->n - at : load_piece);
    if (!good) {
        free_engine(e);
        sw_fail(err, SW_EBAD, "the engine says no");
        return NULL;
    }
    *seq = e->seq;
    return e;
}

static char path[600];
static struct sw_ruleset rules = {
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"};
static const struct sw_lease lease = {
    .pos = 1000, .key = {5, 6}, .id = "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb"};

static struct sw_engine *make_engine(struct tap_random *r, size_t n, size_t piece)
{
    struct sw_engine *e = sw_calloc(1, sizeof(*e));

    *e = (struct sw_engine){.rules = &rules, .n = n, .bytes = sw_malloc(n), .piece = piece};
    for (size_t i = 0; i < n; i++)
        e->bytes[i] = (unsigned char)tap_next(r);
    return e;
}

/* What is in the file is this engine. */
static bool loads_same(const struct sw_engine *e, int64_t seq)
{
    struct sw_err err = {0};
    int64_t got = 0;
    struct sw_engine *copy = sw_snapshot_load(path, &lease, &rules, &got, &err);
    bool same;

    if (copy == NULL) {
        note("%s", err.text);
        return false;
    }
    same = got == seq && copy->n == e->n && memcmp(copy->bytes, e->bytes, e->n) == 0;
    free_engine(copy);
    return same;
}

static void test_checksum(struct tap_random *r)
{
    unsigned char text[200];
    uint64_t plain;
    bool differ = true;

    is_int_named(sw_checksum(0, "", 0) != sw_checksum(1, "", 0), 1, "the seed counts");
    /* From the definition in checksum.h, written down once more in another language. */
    ok_named(sw_checksum(7, "abcdefghijklmnopqrstuvwxyz0123456789", 36) ==
                 UINT64_C(0x707b40f54001014c),
             "known answer (little endian)");
    memset(text, 0, sizeof(text));
    for (size_t n = 0; n < sizeof(text); n++)
        differ &= n == 0 || sw_checksum(0, text, n) != sw_checksum(0, text, n - 1);
    ok_named(differ, "zeros at the end count");
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (unsigned char)tap_next(r);
    plain = sw_checksum(0, text, sizeof(text));
    for (size_t i = 0; i < sizeof(text) * 8; i++) {
        text[i / 8] ^= (unsigned char)(1 << i % 8);
        differ &= sw_checksum(0, text, sizeof(text)) != plain;
        text[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    ok_named(differ, "every bit counts");
    for (size_t i = 0; i + 16 <= sizeof(text); i++) {
        unsigned char other[200];

        memcpy(other, text, sizeof(text));
        memcpy(other + i, text + i + 8, 8);
        memcpy(other + i + 8, text + i, 8);
        differ &= sw_checksum(0, other, sizeof(other)) != plain;
    }
    ok_named(differ, "words in another order");
}

/* Sizes around the block's, saved and loaded in pieces around it. */
static void test_round_trip(struct tap_random *r)
{
    static const size_t sizes[] = {0,      1,      1000,    262127,  262128, 262129,
                                   262144, 524272, 1048576, 1500000, 3000000};
    static const size_t pieces[] = {7001, 262144, 1 << 20};
    struct sw_err err = {0};
    bool all = true;

    for (size_t i = 0; i < SW_COUNTOF(sizes); i++) {
        for (size_t p = 0; p < SW_COUNTOF(pieces); p++) {
            struct sw_engine *e = make_engine(r, sizes[i], pieces[p]);

            load_piece = pieces[(p + i) % SW_COUNTOF(pieces)];
            all &= sw_snapshot_write(path, e, 900 + (int64_t)i, &lease, &err) == SW_OK &&
                   sw_snapshot_publish(path, &err) == SW_OK && loads_same(e, 900 + (int64_t)i);
            free_engine(e);
        }
    }
    ok_named(all, "33 sizes and ways");
}

static void test_belonging(struct tap_random *r)
{
    struct sw_engine *e = make_engine(r, 5000, 100);
    struct sw_lease other = lease;
    struct sw_err err = {0};
    char digest[65];
    int64_t seq = 0;

    unlink(path);
    is_int(sw_snapshot_peek(path, &lease, digest, &seq, &err), SW_ENOTFOUND);
    ok(sw_snapshot_load(path, &lease, &rules, &seq, &err) == NULL);
    is_int(sw_snapshot_write(path, e, 800, &lease, &err), SW_OK);
    is_int_named(sw_snapshot_peek(path, &lease, digest, &seq, &err), SW_ENOTFOUND,
                 "not there before it is published");
    is_int(sw_snapshot_publish(path, &err), SW_OK);
    is_int(sw_snapshot_publish(path, &err), SW_ENOTFOUND);
    is_int(sw_snapshot_peek(path, &lease, digest, &seq, &err), SW_OK);
    is_str(sw_str(digest), rules.digest);
    is_int(seq, 800);
    other.id[0] = 'c';
    is_int_named(sw_snapshot_peek(path, &other, digest, &seq, &err), SW_EBAD, "another database");
    ok_named(strstr(err.text, "belongs to another database") != NULL, err.text);
    ok(loads_same(e, 800));
    other = lease;
    other.pos = 799;
    is_int_named(sw_snapshot_peek(path, &other, digest, &seq, &err), SW_EBAD, "ahead of its log");
    is_int_named(sw_snapshot_peek(path, &lease, digest, &seq, &err), SW_ENOTFOUND, "is removed");
    e->refuses = true;
    e->slow = 0;
    is_int(sw_snapshot_write(path, e, 800, &lease, &err), SW_EBAD);
    is_int(sw_snapshot_write("/nonexistent/snapshot", e, 800, &lease, &err), SW_ENOTFOUND);
    ok(sw_snapshot_fork("/nonexistent/snapshot", e, 800, &lease, &err) == -1);
    free_engine(e);
}

/* Any byte changed, any length: never loaded. */
static void test_damage(struct tap_random *r)
{
    struct sw_engine *e = make_engine(r, 3000, 100);
    struct sw_err err = {0};
    struct stat st;
    int64_t seq;
    int refused = 0;
    int fd;

    load_piece = 100;
    is_int(sw_snapshot_write(path, e, 700, &lease, &err), SW_OK);
    is_int(sw_snapshot_publish(path, &err), SW_OK);
    fd = open(path, O_RDWR);
    fstat(fd, &st);
    for (off_t at = 0; at < st.st_size; at++) {
        unsigned char byte = 0;
        unsigned char wrong;

        (void)!pread(fd, &byte, 1, at);
        wrong = (unsigned char)(byte ^ (1 + tap_below(r, 255)));
        (void)!pwrite(fd, &wrong, 1, at);
        refused +=
            sw_snapshot_load(path, &lease, &rules, &seq, &err) == NULL && err.code == SW_EBAD;
        (void)!pwrite(fd, &byte, 1, at);
    }
    is_int_named(refused, st.st_size, "every byte counts");
    ok_named(loads_same(e, 700), "and is as it was");
    is_int(pwrite(fd, "x", 1, st.st_size), 1);
    ok_named(sw_snapshot_load(path, &lease, &rules, &seq, &err) == NULL, "longer");
    refused = 0;
    for (off_t size = st.st_size - 1; size >= 0; size -= 7) {
        (void)!ftruncate(fd, size);
        refused +=
            sw_snapshot_load(path, &lease, &rules, &seq, &err) == NULL && err.code == SW_EBAD;
    }
    is_int_named(refused, (st.st_size + 6) / 7, "shorter");
    close(fd);
    unlink(path);
    free_engine(e);
}

/* Blocks of two snapshots of the same database mixed. */
static void test_mixed(struct tap_random *r)
{
    struct sw_engine *e = make_engine(r, 1 << 20, 1 << 20);
    struct sw_err err = {0};
    struct stat st;
    unsigned char *first;
    int64_t seq;
    int fd;

    is_int(sw_snapshot_write(path, e, 600, &lease, &err), SW_OK);
    is_int(sw_snapshot_publish(path, &err), SW_OK);
    stat(path, &st);
    first = sw_malloc((size_t)st.st_size);
    fd = open(path, O_RDONLY);
    is_int(read(fd, first, (size_t)st.st_size), st.st_size);
    close(fd);
    e->bytes[10] ^= 1;
    is_int(sw_snapshot_write(path, e, 600, &lease, &err), SW_OK);
    is_int(sw_snapshot_publish(path, &err), SW_OK);
    fd = open(path, O_WRONLY);
    (void)!pwrite(fd, first + 136, 262152, 136); /* the first block and its sum */
    close(fd);
    ok_named(sw_snapshot_load(path, &lease, &rules, &seq, &err) == NULL, "a block of another");
    free(first);
    unlink(path);
    free_engine(e);
}

/* The child writes what was at the fork, holds none of our locks and ends with 0. */
static void test_fork(struct tap_random *r)
{
    struct sw_engine *e = make_engine(r, 40 << 20, 1 << 20);
    struct sw_engine *was = sw_calloc(1, sizeof(*was));
    struct sw_err err = {0};
    char lock_path[700];
    int status = -1;
    int locked;
    int again;
    int free_again = -1;
    pid_t child;

    *was = *e;
    was->bytes = sw_malloc(e->n);
    memcpy(was->bytes, e->bytes, e->n);
    snprintf(lock_path, sizeof(lock_path), "%s/lock", folder);
    locked = open(lock_path, O_RDWR | O_CREAT, 0600);
    flock(locked, LOCK_EX);
    child = sw_snapshot_fork(path, e, 500, &lease, &err);
    ok(child > 0);
    memset(e->bytes, 0, e->n);
    is_int(waitpid(child, &status, 0), child);
    is_int(status, 0);
    is_int(sw_snapshot_publish(path, &err), SW_OK);
    ok_named(loads_same(was, 500), "as it was at the fork");

    e->slow = 1000000;
    child = sw_snapshot_fork(path, e, 500, &lease, &err);
    close(locked);
    again = open(lock_path, O_RDWR);
    for (int i = 0; i < 900 && (free_again = flock(again, LOCK_EX | LOCK_NB)) != 0; i++)
        usleep(1000);
    ok_named(free_again == 0 && waitpid(child, &status, WNOHANG) == 0,
             "a child does not keep our locks");
    waitpid(child, &status, 0);
    close(again);
    e->refuses = true;
    e->slow = 0;
    child = sw_snapshot_fork(path, e, 500, &lease, &err);
    waitpid(child, &status, 0);
    is_int_named(WEXITSTATUS(status), SW_EBAD, "a failure is its status");
    free_engine(e);
    free_engine(was);
}

int main(void)
{
    struct tap_random r = tap_seed();

    make_folder();
    snprintf(path, sizeof(path), "%s/state.snapshot", folder);
    test_checksum(&r);
    test_round_trip(&r);
    test_belonging(&r);
    test_damage(&r);
    test_mixed(&r);
    test_fork(&r);
    return done_testing();
}
