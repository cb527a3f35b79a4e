/* files.h - the county on disk. Private to tests/data/county. */
#ifndef COUNTY_FILES_H
#define COUNTY_FILES_H

#include "live.h"
#include "year.h"
#include <shouwang/base/err.h>

/* What was written of a list of events. */
struct tally {
    uint32_t lines;
    uint32_t role[FAULTY + 1];
    uint32_t good[TYPES];
    uint32_t fault[64];
    uint32_t late[512]; /* good lines by days between `at` and `recorded`, the last: more */
};

/* A file being written in large pieces. A failure is kept and told by the end. */
struct out {
    int fd;
    struct sw_buf buf;
    struct sw_err err; /* code SW_OK as long as all is well */
};

void out_open(struct out *o, const char *dir, const char *name);
void out_flush(struct out *o, size_t keep); /* when more than `keep` bytes wait */
enum sw_code out_close(struct out *o, struct sw_err *err) SW_MUST_USE;

/* The six files of the registry. */
enum sw_code files_registry(const struct county *c, struct sw_err *err) SW_MUST_USE;
/* history.jsonl or live.jsonl, one line per event. */
enum sw_code files_events(const struct county *c, const struct event_list *l, const char *name,
                          struct tally *tally, struct sw_err *err) SW_MUST_USE;
/* expected.json */
enum sw_code files_expected(const struct year *y, const struct tally *history, const struct live *l,
                            const struct tally *live, struct sw_err *err) SW_MUST_USE;

#endif
