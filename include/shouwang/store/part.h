/* part.h - the one part of the county this process owns: an engine in memory and its log on disk.
 * Layer: store.
 *
 *   doors ──push──► part ──► engine ──► open batch ──► writer ──► disk
 *     ▲                                                   │
 *     └── verdict, after the commit ◄──────────────────────┘──► messages to delivery
 *
 * An input is applied in memory at once and joins the open batch. A batch is handed to the writer
 * when the writer has room, so batches are as large as the disk is slow (group commit), at most
 * SW_BATCH_INPUTS inputs. Nobody is told anything before the commit. A duplicate waits for the
 * batch that is open when it comes: the input it repeats is in that batch or an earlier one. */
#ifndef SHOUWANG_STORE_PART_H
#define SHOUWANG_STORE_PART_H

#include <shouwang/store/snapshot.h>
#include <shouwang/store/writer.h>

#define SW_BATCH_INPUTS 1000

struct sw_part;

/* What became of an offered input. */
enum sw_ack_kind {
    SW_ACK_STORED,
    SW_ACK_REPEATED, /* was stored before */
    SW_ACK_REFUSED,  /* for good; kept in the table of refused inputs */
    SW_ACK_LATER     /* not now: nothing was kept, offer it again */
};

struct sw_ack {
    enum sw_ack_kind kind;
    const char *reason; /* sw_refusal_name() of a refusal, or of why a stored one waits; else "" */
    struct sw_str text; /* for people; valid during the call */
};

/* Somebody who offers inputs: a door. */
struct sw_source {
    const char *name; /* "zmq-router" … as in the table of refused inputs */
    void *ctx;
    /* Told once per offer, after the commit; NULL: nobody waits. */
    void (*ack)(void *ctx, uint64_t token, const struct sw_ack *a);
    /* A push was turned away; there is room again. NULL: nobody waits. */
    void (*resume)(void *ctx);
};

struct sw_offer {
    const struct sw_source *source; /* must outlive the acknowledgement; NULL: nobody is told */
    uint64_t token;
    enum sw_input_kind kind; /* event, reply or fate */
    struct sw_str body;      /* copied */
    bool history;            /* part of a told history: its own time is the time */
};

struct sw_part_hooks {
    void *ctx;
    sw_time (*now)(void *ctx); /* wall clock, µs */
    /* A new message, before it is committed: true when it will be sent at once, with the lease to
     * commit. */
    bool (*claim)(void *ctx, const struct sw_message_row *m, struct sw_outbox_change *lease);
    /* A message is on disk: new ones after the commit, old ones while opening. */
    void (*message)(void *ctx, const struct sw_outbox_row *m, bool claimed);
    /* A change asked for with a token is on disk. */
    void (*changed)(void *ctx, uint64_t token);
    /* What a case came to is on disk: for whoever subscribed. NULL: nobody can. */
    void (*said)(void *ctx, const struct sw_said_row *s);
    /* The store cannot go on: end the process without acknowledging anything more. */
    void (*fatal)(void *ctx, const char *why);
};

struct sw_part_conf {
    struct ev_loop *loop; /* NULL: synchronous, for tests and tools */
    const struct sw_backend *backend;
    const char *where;    /* path of the database */
    const char *snapshot; /* path of the snapshot, NULL: none is kept */
    const char *key_file; /* where the key is kept; NULL: in the database, for tests */
    struct sw_part_hooks hooks;
    /* The ruleset to begin with when the log is empty, and to change to when the log's last one
     * differs; taken over. NULL: go on with the log's. */
    struct sw_ruleset *rules;
    /* Told while the log is read at start: inputs read, of how many (for sd_notify). */
    void (*progress)(void *ctx, int64_t done, int64_t total);
};

/* Opens the database, brings memory up to it (snapshot, then the rest of the log), hands over the
 * unsent messages. */
enum sw_code sw_part_open(struct sw_part **out, const struct sw_part_conf *conf,
                          struct sw_err *err) SW_MUST_USE;
/* False: no room, or days to catch up with first; source->resume() tells when to try again. */
bool sw_part_push(struct sw_part *p, const struct sw_offer *offer);
/* Delivery's upkeep of the outbox; `token` 0: nobody waits. With `fate` (the body of an SW_IN_FATE
 * input, may be empty) both are in one commit. */
void sw_part_outbox(struct sw_part *p, const struct sw_outbox_change *c, uint64_t token,
                    struct sw_str fate);
/* Make another ruleset active, from the next input on; taken over. */
void sw_part_activate(struct sw_part *p, struct sw_ruleset *rules);
/* A told history is complete: from here on the wall clock counts. */
void sw_part_end_history(struct sw_part *p);
/* Let time pass: call at least every few seconds and after the system woke up. Goes through days
 * and due households in steps; true when there is more to do now. */
bool sw_part_pass_time(struct sw_part *p);
/* Hand the open batch to the writer now if it has room (the loop does so before it sleeps). */
void sw_part_flush(struct sw_part *p);
/* Stop taking inputs; everything offered is committed and answered before this returns, and a
 * snapshot is written. Then free. */
void sw_part_close(struct sw_part *p);

/* A text from outside as this part would keep it: without identity numbers and phones. The ids of
 * who is registered may be such texts. */
struct sw_str sw_part_veil(struct sw_part *p, struct sw_str text, struct sw_arena *arena);
/* The same of a household's id that somebody asks for. */
struct sw_str sw_part_veil_household(struct sw_part *p, struct sw_str id, struct sw_arena *arena);
const struct sw_engine *sw_part_engine(const struct sw_part *p);

struct sw_part_counts {
    uint64_t accepted, duplicates, rejected, later;
    uint64_t by_reason[SW_REFUSALS];
    uint64_t commits, inputs;        /* batches and inputs committed since start */
    sw_time commit_last, commit_max; /* how long the newest and the slowest commit took */
    int64_t pos;                     /* last input on disk */
    int64_t snapshot_pos;            /* 0: none */
    size_t waiting;                  /* batches not yet on disk */
    bool store_full;                 /* the store refuses to write at the moment */
    sw_time oldest_batch; /* when the oldest batch not on disk was handed over, 0: none */
};
void sw_part_count(const struct sw_part *p, struct sw_part_counts *out);

#endif
