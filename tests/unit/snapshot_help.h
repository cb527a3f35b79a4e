/* snapshot_help.h - an engine's snapshot kept in memory, for tests that stop and go on. */
#ifndef TESTS_SNAPSHOT_HELP_H
#define TESTS_SNAPSHOT_HELP_H

#include <shouwang/base/buf.h>
#include <string.h>

struct kept_snapshot {
    struct sw_buf text;
    size_t at; /* what is before it has been read */
};

/* For sw_engine_save() and sw_engine_load(); ctx: struct kept_snapshot. */
static bool put_snapshot(void *ctx, const void *bytes, size_t n)
{
    sw_buf_put(&((struct kept_snapshot *)ctx)->text, bytes, n);
    return true;
}

static bool get_snapshot(void *ctx, void *bytes, size_t n)
{
    struct kept_snapshot *k = ctx;

    if (k->text.n - k->at < n)
        return false;
    memcpy(bytes, k->text.p + k->at, n);
    k->at += n;
    return true;
}

#endif
