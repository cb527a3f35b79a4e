/* snapshot.h - the engine's state in a file beside the database, so that a restart reads the tail
 * of the log instead of all of it. The file is a cache: anything wrong with it means a full replay.
 * Layer: store.
 *
 * Writing forks: the child writes the memory as it was at the fork while the loop goes on, into a
 * temporary file, and fsyncs it; the caller renames it once the log on disk has reached the
 * snapshot's position (a snapshot may never be ahead of its log).
 *
 * Every byte of the file is covered by a checksum that no change of up to eight bytes in a row
 * passes, and the engine is given no byte before its checksum was right. A snapshot that is found
 * ahead of its log (an older database was put back) is removed, since the log will grow past it
 * with another story. */
#ifndef SHOUWANG_STORE_SNAPSHOT_H
#define SHOUWANG_STORE_SNAPSHOT_H

#include <shouwang/store/backend.h>
#include <sys/types.h>

/* Start writing "<path>.tmp" in a child process: its pid, or -1 with *err. The child ends with
 * status 0 when the file is complete and on disk, else with an enum sw_code. It holds none of this
 * process's descriptors and dies with the thread that forked it. `path` as for load. */
pid_t sw_snapshot_fork(const char *path, const struct sw_engine *e, int64_t seq,
                       const struct sw_lease *lease, struct sw_err *err);
/* The same without a child, for clean shutdown and tests. */
enum sw_code sw_snapshot_write(const char *path, const struct sw_engine *e, int64_t seq,
                               const struct sw_lease *lease, struct sw_err *err);
/* Make the finished temporary file the snapshot. */
enum sw_code sw_snapshot_publish(const char *path, struct sw_err *err);
/* The digest of the ruleset the snapshot was made with and its position, without loading it.
 * SW_ENOTFOUND: no snapshot; SW_EBAD: unusable (damaged head, other version, other database,
 * ahead of the log). */
enum sw_code sw_snapshot_peek(const char *path, const struct sw_lease *lease, char digest[65],
                              int64_t *seq, struct sw_err *err);
/* NULL with *err: no usable snapshot. `rules` is taken over on success only. */
struct sw_engine *sw_snapshot_load(const char *path, const struct sw_lease *lease,
                                   struct sw_ruleset *rules, int64_t *seq, struct sw_err *err);

#endif
