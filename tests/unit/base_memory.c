/* Containers that hold a county: interned strings, blobs, the queue of due times, arenas. */
#include "../tap.h"
#include <shouwang/base/arena.h>
#include <shouwang/base/heap.h>
#include <shouwang/base/hist.h>
#include <shouwang/base/intern.h>

static void test_intern(void)
{
    struct sw_intern t;
    char name[32];
    bool all = true;

    sw_intern_init(&t, (struct sw_hash_key){1, 2});
    is_int(sw_intern_find(&t, SW_STR("x")), SW_NONE);
    for (uint32_t i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "household-%u", i);
        all &= sw_intern_add(&t, sw_str(name)) == i;
    }
    for (uint32_t i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "household-%u", i);
        all &= sw_intern_add(&t, sw_str(name)) == i && sw_intern_find(&t, sw_str(name)) == i &&
               sw_str_is(sw_intern_text(&t, i), name);
    }
    ok_named(all, "5 000 strings keep their numbers");
    is_int(t.count, 5000);
    is_int(sw_intern_add(&t, SW_STR("")), 5000);
    is_str(sw_intern_text(&t, 5000), "");
    sw_intern_free(&t);
}

static void test_heap(struct tap_random *r)
{
    struct sw_heap h = {0};
    struct sw_due before = {INT64_MIN, 0};
    bool sorted = true;

    ok(sw_heap_top(&h) == NULL);
    for (int i = 0; i < 3000; i++)
        sw_heap_push(&h, tap_below(r, 100), tap_below(r, 1000));
    for (int i = 0; i < 3000; i++) {
        struct sw_due top = *sw_heap_top(&h);

        sorted &= top.when > before.when || (top.when == before.when && top.who >= before.who);
        before = top;
        sw_heap_pop(&h);
    }
    ok_named(sorted && sw_heap_top(&h) == NULL, "comes out by time, then by who");
    sw_heap_free(&h);
}

static void test_arena(void)
{
    struct sw_arena a = {0};
    struct sw_str s;
    char *big;

    s = sw_arena_printf(&a, "%d-%s", 42, "x");
    is_str(s, "42-x");
    big = sw_arena_alloc(&a, 3 << 20);
    memset(big, 1, 3 << 20);
    is_str(sw_arena_str(&a, SW_STR("守望")), "守望");
    ok(((uintptr_t)sw_arena_alloc(&a, 1) & 15) == 0);
    sw_arena_reset(&a);
    is_int(a.used, 0);
    ok(sw_arena_zalloc(&a, 100) != NULL);
    sw_arena_free(&a);
}

/* A quantile is never below the true one and at most a quarter above. */
static void test_hist(struct tap_random *r)
{
    struct sw_hist h = {0};
    int64_t far = 0;

    is_int(sw_hist_quantile(&h, 0.5), 0);
    for (int64_t v = 1; v <= 100000; v++)
        sw_hist_add(&h, v);
    for (uint32_t i = 0; i < 1000; i++) {
        int64_t want = 1 + tap_below(r, 100000);
        int64_t got = sw_hist_quantile(&h, (double)want / 100000);

        far += got < want || got > want + want / 4;
    }
    is_int_named(far, 0, "quantiles are right to a quarter");
    sw_hist_add(&h, -5);
    sw_hist_add(&h, INT64_MAX);
    is_int(h.n, 100002);
    is_int(sw_hist_quantile(&h, 0), 0);
    ok(sw_hist_quantile(&h, 1) >= INT64_C(1) << 40);
}

int main(void)
{
    struct tap_random r = tap_seed();

    test_intern();
    test_heap(&r);
    test_arena();
    test_hist(&r);
    return done_testing();
}
