/* record.h - the record of cases: append-only steps, each bound to those before by a hash.
 * Layer: store. Two chains over the same rows:
 *
 *   hash   over the case's step before and everything in this one: a case proves itself, alone
 *   link   over the link before and this step's hash: one chain over all steps of the database,
 * whose length and end are kept beside it, so that a step cannot be missing, added or moved
 *
 * Canonical bytes, SHA-256 of them; `N:` is the length in bytes of the text behind it:
 *
 *   hash: "shouwang step 1\n" before "\n" case "\n" at "\n" seq "\n"
 *         N:kind "\n" N:actor "\n" N:text "\n" N:data "\n"
 *   link: "shouwang link 1\n" before "\n" position "\n" hash "\n"
 *
 * `before` and `hash` in hex, 64 zeros before the first; numbers in decimal (at: µs since 1970
 * UTC); position: 1 for the first step of the database. So a proof on paper can be checked with
 * sha256sum, and by whoever has no program of ours. */
#ifndef SHOUWANG_STORE_RECORD_H
#define SHOUWANG_STORE_RECORD_H

#include <shouwang/engine/effects.h>
#include <shouwang/store/query.h>

#define SW_SEAL_SIZE 32

struct sw_seal {
    unsigned char byte[SW_SEAL_SIZE]; /* all 0: before the first */
};

struct sw_seal sw_step_hash(const struct sw_seal *before, const struct sw_step_row *step);
struct sw_seal sw_step_link(const struct sw_seal *before, int64_t position,
                            const struct sw_seal *hash);
void sw_seal_hex(const struct sw_seal *seal, char out[2 * SW_SEAL_SIZE + 1]);
bool sw_seal_read(struct sw_str hex, struct sw_seal *out); /* false: no 64 hex digits */

/* A step as it is stored. */
struct sw_sealed_step {
    int64_t position;
    struct sw_step_row step;
    struct sw_str hash, link; /* SW_SEAL_SIZE bytes when nobody touched them */
};
/* The steps of a case in order, or (0) of all cases. */
enum sw_code sw_query_record(struct sw_query *q, int64_t number,
                             void (*row)(void *ctx, const struct sw_sealed_step *s), void *ctx,
                             struct sw_err *err);

/* How long the record is, and its newest link. Whoever notes it down (on paper, elsewhere) can say
 * later that nothing before was changed, whatever was done to the database. */
struct sw_record_head {
    int64_t steps;
    struct sw_seal link;
};
enum sw_code sw_query_record_head(struct sw_query *q, struct sw_record_head *out,
                                  struct sw_err *err);

/* Something that is not as it was written. */
struct sw_wrong {
    int64_t position; /* of the step, 0: none in particular */
    int64_t number;   /* of the case, 0: none in particular */
    struct sw_str what;
};
/* Everything that can be checked in the file itself: both chains and their end, the messages that
 * steps tell of, the rows of cases. `noted`: a head of before that must still be met; NULL: none.
 * The first wrong thing first; SW_OK also when there are some. */
enum sw_code sw_query_verify(struct sw_query *q, const struct sw_record_head *noted,
                             void (*row)(void *ctx, const struct sw_wrong *w), void *ctx,
                             struct sw_err *err);
/* The log once more through this program's engine: each step must come out of it as it is stored.
 * Another version of the program may have had other words. Stops at the first difference. */
enum sw_code sw_query_recompute(struct sw_query *q,
                                void (*row)(void *ctx, const struct sw_wrong *w), void *ctx,
                                struct sw_err *err);

#endif
