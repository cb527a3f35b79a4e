/* part_snapshot.c - when to write a snapshot. A child process writes it; it is published once the
 * log on disk has reached its position, so that a snapshot never knows more than the log. */
#include "part_parts.h"
#include <shouwang/base/log.h>
#include <signal.h>
#include <sys/wait.h>

/* Five to ten seconds of replay after a crash; each costs the loop copies of the pages it writes.
 */
enum { EVERY_INPUTS = 1000000 };

#define EVERY_TIME (15 * 60 * SW_SECOND)

static void publish(struct sw_part *p)
{
    struct sw_err err;

    p->child_done = false;
    if (sw_snapshot_publish(p->conf.snapshot, &err) == SW_OK)
        p->snapshot_pos = p->child_pos;
    else
        sw_log(SW_LOG_WARN, "store", "snapshot not kept", "error=\"%s\"", err.text);
}

static void on_child(struct ev_loop *loop, ev_child *w, int revents)
{
    struct sw_part *p = w->data;

    (void)revents;
    ev_child_stop(loop, w);
    p->child = 0;
    p->child_done = WIFEXITED(w->rstatus) && WEXITSTATUS(w->rstatus) == 0;
    if (!p->child_done)
        sw_log(SW_LOG_WARN, "store", "snapshot not written", "status=%d", w->rstatus);
    sw_part_snapshot_step(p);
}

static void start(struct sw_part *p)
{
    struct sw_err err;

    p->snapshot_at = p->now;
    p->child_pos = p->applied_pos;
    p->child = sw_snapshot_fork(p->conf.snapshot, p->engine, p->applied_pos, &p->lease, &err);
    if (p->child < 0) {
        p->child = 0;
        sw_log(SW_LOG_WARN, "store", "snapshot not started", "error=\"%s\"", err.text);
        return;
    }
    ev_child_init(&p->reaper, on_child, p->child, 0);
    p->reaper.data = p;
    ev_child_start(p->conf.loop, &p->reaper);
}

void sw_part_snapshot_step(struct sw_part *p)
{
    int64_t behind = p->applied_pos - p->snapshot_pos;

    if (p->conf.snapshot == NULL || p->conf.loop == NULL)
        return;
    if (p->child_done && p->pos >= p->child_pos)
        publish(p);
    if (p->child != 0 || p->child_done || p->closing)
        return;
    if (p->snapshot_at == 0)
        p->snapshot_at = p->now;
    if (behind >= EVERY_INPUTS || (behind > 0 && p->now - p->snapshot_at >= EVERY_TIME))
        start(p);
}

void sw_part_snapshot_end(struct sw_part *p)
{
    struct sw_err err;

    if (p->conf.snapshot == NULL)
        return;
    if (p->child != 0) {
        ev_child_stop(p->conf.loop, &p->reaper);
        kill(p->child, SIGKILL);
        waitpid(p->child, NULL, 0);
    }
    if (p->dead || p->pos != p->applied_pos || p->pos == p->snapshot_pos)
        return;
    if (sw_snapshot_write(p->conf.snapshot, p->engine, p->pos, &p->lease, &err) != SW_OK ||
        sw_snapshot_publish(p->conf.snapshot, &err) != SW_OK)
        sw_log(SW_LOG_WARN, "store", "snapshot not written", "error=\"%s\"", err.text);
}
