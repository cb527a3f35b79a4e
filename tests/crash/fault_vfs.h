/* fault_vfs.h - SQLite on a disk that fails, fills up or loses power on demand. For tests only:
 * a program that links it and calls sw_fault_vfs_register(), or runs with SW_FAULT set, has it
 * below every database it opens afterwards.
 *
 *     SW_FAULT=write:100    the 100th write fails after half of its bytes
 *     SW_FAULT=sync:57      the 57th sync fails (sync:57+: every one from there on); what it should
 *                           have kept will never reach the disk unless it is written again
 *     SW_FAULT=full:1000000 after so many bytes the disk is full
 *     SW_FAULT=cut:80:7     power is cut before the 80th write, truncation or sync: what was not
 *                           synced is kept, lost or torn into sectors as the seed 7 decides, and
 *                           the process is killed
 *
 * Bytes go through to the real files, which play the system's cache; what a disk would have is kept
 * in memory beside them and put in their place when power is cut. Sectors of 512 bytes are written
 * wholly or not at all, in any order between two syncs (as SQLite's own test6.c has it). */
#ifndef TESTS_FAULT_VFS_H
#define TESTS_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

enum sw_fault_kind {
    SW_FAULT_NONE,
    SW_FAULT_WRITE,
    SW_FAULT_SYNC,
    SW_FAULT_FULL,
    SW_FAULT_CUT,
};

struct sw_fault {
    enum sw_fault_kind kind;
    uint64_t n;    /* which one; bytes for SW_FAULT_FULL */
    bool lasting;  /* all from there on, not only that one; FULL always lasts */
    bool track;    /* remember what a disk would have, for sw_fault_power_cut() and CUT */
    uint64_t seed; /* for what a cut leaves */
};

/* Makes it the default VFS, once; SW_FAULT gives the first fault. */
void sw_fault_vfs_register(void);
/* From now on, counting from zero. What is on the real files now counts as being on disk unless
 * tracking was and stays on; while it is turned off no database may be open. */
void sw_fault_set(struct sw_fault f);
/* Whether the fault has happened. */
bool sw_fault_fired(void);
/* Writes, truncations and syncs since then. */
uint64_t sw_fault_changes(void);
/* Power is cut now: files get what the disk has, all open ones are dead (I/O errors) for ever. */
void sw_fault_power_cut(uint64_t seed);

#endif
