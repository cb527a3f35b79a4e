/* part_parts.h - what part.c, part_open.c and part_snapshot.c share. Private to store. */
#ifndef STORE_PART_PARTS_H
#define STORE_PART_PARTS_H

#include <ev.h>
#include <shouwang/base/veil.h>
#include <shouwang/store/part.h>

enum {
    PIPELINE = 2, /* batches with the writer: one being committed, one waiting its turn */
    TICKS_PER_TURN = 4,
};

#define ROWS(type)                                                                                 \
    struct {                                                                                       \
        type *at;                                                                                  \
        size_t n, cap;                                                                             \
    }

struct waiter {
    const struct sw_source *source;
    uint64_t token;
    struct sw_ack ack;
};

/* One transaction in the making, then with the writer, then spare. Owner: the loop's thread; the
 * writer's thread only reads `commit` and what it points to. */
struct batch {
    struct sw_part *part;
    struct batch *next; /* in the list of spare ones */
    struct sw_commit commit;
    struct sw_arena arena; /* bodies and texts below */
    struct sw_effects fx;
    ROWS(struct sw_input) inputs;
    ROWS(struct sw_outbox_change) outbox;
    ROWS(struct sw_rejected_row) rejected;
    ROWS(struct waiter) waiters;
    ROWS(uint64_t) tokens;
    ROWS(bool) claimed; /* one per message in fx */
    ROWS(struct sw_bundle_row) bundles;
};

struct sw_part {
    struct sw_part_conf conf;
    void *handle; /* of the backend */
    struct sw_lease lease;
    struct sw_writer *writer;
    struct sw_engine *engine;
    struct sw_ruleset *next_rules; /* to become active with the next input */
    struct batch *open, *spare;
    size_t with_writer;
    int64_t applied_pos, handed_pos, pos; /* in memory, handed to the writer, on disk */
    sw_time now;                          /* of the last input */
    bool closing, dead;
    ROWS(const struct sw_source *) turned_away;
    struct sw_part_counts counts;

    /* snapshots */
    int child; /* pid, 0: none */
    int64_t child_pos, snapshot_pos;
    bool child_done; /* the file is complete; waits for the log to reach child_pos */
    sw_time snapshot_at;

    ev_prepare prepare; /* hand over the open batch before the loop sleeps */
    ev_timer second;    /* let time pass */
    ev_idle busy;       /* more due households: do not sleep */
    ev_child reaper;
};

struct sw_refused {
    enum sw_refusal why;
    struct sw_err err;
};

enum sw_verdict sw_part_apply(struct sw_part *p, enum sw_input_kind kind, sw_time now,
                              struct sw_str body, struct sw_refused *refused);
/* What stays in a text beside what is no identity number and no phone. */
enum sw_veil_for {
    SW_VEIL_WHOLLY,
    SW_VEIL_EVENT, /* the phone of a cadre who is being registered, and households' ids */
    SW_VEIL_ID,    /* a household's id alone */
    SW_VEIL_REPLY  /* the phone a registered cadre wrote from */
};
/* Without identity numbers, phones of households and names of persons; lives as `text` or `arena`.
 */
struct sw_str sw_part_veiled(struct sw_part *p, enum sw_veil_for what, struct sw_str text,
                             struct sw_arena *arena);
struct sw_writer_events sw_part_writer_events(struct sw_part *p);
struct batch *sw_part_first_batch(struct sw_part *p);
void sw_batch_free(struct batch *b);
void sw_part_more_to_do(struct sw_part *p);     /* let time pass as soon as the loop turns */
bool sw_part_has_open(const struct sw_part *p); /* something waits in the open batch */
/* After a commit: start, publish or leave alone. */
void sw_part_snapshot_step(struct sw_part *p);
void sw_part_snapshot_end(struct sw_part *p);

#endif
