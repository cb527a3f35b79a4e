/* backend.h - the contract of a store's backend.
 * Layer: store. Backends are blocking functions called on the writer thread (or on the caller's
 * thread in synchronous mode); they touch only their arguments, never log and never abort.
 *
 * Three facts keep it small: the log is a table; the daemon's writer thread may block; one process
 * owns the part it folds. A commit carries a fence (epoch, old position -> new position), so a
 * second owner cannot write even if a lock failed. One part and one backend (SQLite) exist; a
 * second backend is one more table of these functions. */
#ifndef SHOUWANG_STORE_BACKEND_H
#define SHOUWANG_STORE_BACKEND_H

#include <shouwang/base/hash.h>
#include <shouwang/engine/engine.h>

/* What becomes of a message between "to be sent" and its last word. Only delivery moves these;
 * receipts and last words come as inputs (SW_IN_FATE) and are effects' fates. */
enum sw_outbox_state {
    SW_OUT_PENDING, /* to be sent at next_at */
    SW_OUT_SENDING, /* leased until lease_until: a request may be under way */
    SW_OUT_FINAL    /* delivery has said its last word (the fate tells which) */
};

struct sw_outbox_change {
    struct sw_str message; /* id */
    enum sw_outbox_state state;
    uint32_t attempts;
    sw_time next_at;      /* pending: when to try again; sending: end of the lease */
    struct sw_str detail; /* last error in words; empty: keep the one before */
};

/* A message as the outbox has it. */
struct sw_outbox_row {
    struct sw_message_row message;
    enum sw_outbox_state state;
    uint32_t attempts;
    sw_time next_at;
};

/* An input that was refused: kept so that somebody can look at it. */
struct sw_rejected_row {
    sw_time at;
    struct sw_str door;   /* "zmq-router", "zmq-sub", "http" … */
    struct sw_str reason; /* sw_refusal_name() */
    struct sw_str text;   /* for people */
    struct sw_str body;   /* as it came, at most 64 KiB, perhaps not UTF-8 */
};

/* Rules that became active with the batch, packed. */
struct sw_bundle_row {
    struct sw_str digest, packed;
};

#define SW_VIEW(type)                                                                              \
    struct {                                                                                       \
        const type *at;                                                                            \
        size_t n;                                                                                  \
    }

/* One transaction. Everything in it is borrowed for the call. */
struct sw_commit {
    int64_t epoch, old_pos, new_pos; /* fence; new_pos == old_pos: no input, only upkeep */
    SW_VIEW(struct sw_input) inputs; /* appended to the log: seq old_pos + 1 … new_pos, dense */
    /* NULL: none. Written in the order cases, steps, messages, tasks, fates: a step's or message's
     * case must be in the store or in `cases`. Message ids are "seq-n" with n < 2^20. A fate of a
     * message that is not in the store changes nothing. */
    const struct sw_effects *fx;
    /* Applied after fx's new messages (inserted pending, due when created). Each message must be
     * there. */
    SW_VIEW(struct sw_outbox_change) outbox;
    SW_VIEW(struct sw_rejected_row) rejected; /* the newest 100 000 are kept */
    SW_VIEW(struct sw_bundle_row) bundles;    /* one that is known already is kept as it is */
};

/* What a store knows when it is opened. */
struct sw_lease {
    int64_t epoch;          /* one more than the last owner's */
    int64_t pos;            /* seq of the last input in the log, 0: empty */
    struct sw_hash_key key; /* random, made with the database */
    bool has_key;           /* false: it is in a file of its own, see move_key */
    char id[33];            /* random hex, made with the database: ties a snapshot to it */
};

struct sw_backend {
    const char *name;
    /* Opens or creates the database at `where` (a path; ":memory:" for tests and backtests), checks
     * its schema, brings an older one up to date, and becomes its only owner. SW_EBUSY: another
     * process owns it. SW_EBAD: damaged, of another program, or written by a newer one. SW_EIO (the
     * directory cannot be synced, too), SW_EFULL as they are. */
    enum sw_code (*open)(void **handle, const char *where, struct sw_lease *out,
                         struct sw_err *err);
    /* After open: the key is taken out of the database into this file, or read from it (NULL:
     * none). SW_EBAD: it is another database's, or missing; nothing has changed. */
    enum sw_code (*move_key)(void *handle, const char *file, struct sw_lease *lease,
                             struct sw_err *err);
    /* All or nothing, on disk when it returns SW_OK. SW_EFENCED: not the owner any more.
     * SW_EFULL: nothing written, try again later. SW_EBUSY: nothing written, try again.
     * SW_EIO and SW_EBAD: stop; what is on disk is unknown until it is opened again: all of the
     * batch or nothing of it. After these and SW_EFENCED the handle refuses to write (SW_EIO). */
    enum sw_code (*commit)(void *handle, const struct sw_commit *c, struct sw_err *err);
    /* Inputs with seq > after in order until `row` returns false. SW_EBAD: one is missing. */
    enum sw_code (*read_log)(void *handle, int64_t after,
                             bool (*row)(void *ctx, const struct sw_input *in), void *ctx,
                             struct sw_err *err);
    /* Messages that are not final, by (seq, n) of their ids. */
    enum sw_code (*read_outbox)(void *handle, bool (*row)(void *ctx, const struct sw_outbox_row *m),
                                void *ctx, struct sw_err *err);
    /* The packed bundle, appended to `out`; SW_ENOTFOUND. */
    enum sw_code (*read_bundle)(void *handle, struct sw_str digest, struct sw_buf *out,
                                struct sw_err *err);
    /* Housekeeping when there is nothing else to do (checkpoint the WAL …); bounded work. */
    enum sw_code (*idle)(void *handle, struct sw_err *err);
    void (*close)(void *handle);
};

extern const struct sw_backend sw_backend_sqlite;

#endif
