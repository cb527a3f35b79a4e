/* table.c - tables whose columns line up, Chinese or not; and the progress bar. */
#include "ctl.h"
#include <shouwang/base/arena.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>
#include <shouwang/base/zone.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { COLUMNS_MAX = 20, BAR_WIDTH = 24 };

struct ctl_table {
    struct sw_arena arena;
    size_t columns;
    enum ctl_align align[COLUMNS_MAX];
    size_t width[COLUMNS_MAX];
    struct sw_str *cell; /* titles first */
    size_t n, cap;
};

void ctl_table_cell(struct ctl_table *t, struct sw_str text)
{
    size_t width = sw_utf8_width(text);
    size_t column = t->n % t->columns;

    t->cell = sw_grow(t->cell, &t->cap, t->n + 1, sizeof(*t->cell));
    t->cell[t->n++] = sw_arena_str(&t->arena, text);
    if (width > t->width[column])
        t->width[column] = width;
}

struct ctl_table *ctl_table_new(const struct ctl_column *columns, size_t n)
{
    struct ctl_table *t = sw_calloc(1, sizeof(*t));

    SW_ASSERT(n <= COLUMNS_MAX);
    t->columns = n;
    for (size_t i = 0; i < n; i++) {
        t->align[i] = columns[i].align;
        ctl_table_cell(t, sw_str(_(columns[i].title)));
    }
    return t;
}

static void print_cell(const struct ctl_table *t, size_t i, FILE *to)
{
    size_t column = i % t->columns;
    bool is_last = column + 1 == t->columns;
    int pad = (int)(t->width[column] - sw_utf8_width(t->cell[i]));

    if (t->align[column] == CTL_RIGHT)
        fprintf(to, "%*s%.*s", pad, "", SW_STR_ARG(t->cell[i]));
    else
        fprintf(to, "%.*s%*s", SW_STR_ARG(t->cell[i]), is_last ? 0 : pad, "");
    fputs(is_last ? "\n" : "  ", to);
}

void ctl_table_print(struct ctl_table *t, FILE *to)
{
    for (size_t i = 0; i < t->n && to != NULL; i++)
        print_cell(t, i, to);
    free(t->cell);
    sw_arena_free(&t->arena);
    free(t);
}

/* ---- progress ----------------------------------------------------------------------------- */

static sw_time monotonic(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (sw_time)ts.tv_sec * SW_SECOND + ts.tv_nsec / 1000;
}

void ctl_progress_begin(struct ctl_progress *p, const char *what, uint64_t total)
{
    *p = (struct ctl_progress){.what = what, .total = total, .begun = monotonic()};
    p->on_terminal = isatty(STDERR_FILENO) != 0 || getenv("SHOUWANG_PROGRESS") != NULL;
}

static void draw(const struct ctl_progress *p)
{
    sw_time spent = monotonic() - p->begun;
    double share = p->total == 0 ? 1 : (double)p->done / (double)p->total;
    int full = (int)(share * BAR_WIDTH);
    uint64_t rate = spent == 0 ? 0 : p->done * (uint64_t)SW_SECOND / (uint64_t)spent;

    fprintf(stderr, "%s%-18s ", p->on_terminal ? "\r" : "", p->what);
    for (int i = 0; i < BAR_WIDTH; i++)
        fputs(i < full ? "█" : "░", stderr);
    fprintf(stderr, " %3d%%  %llu/%llu  %llu/s", (int)(share * 100), (unsigned long long)p->done,
            (unsigned long long)p->total, (unsigned long long)rate);
    if (p->refused > 0)
        fprintf(stderr, _("  refused %llu"), (unsigned long long)p->refused);
}

void ctl_progress_step(struct ctl_progress *p, uint64_t done, uint64_t refused)
{
    sw_time t = monotonic();

    p->done = done;
    p->refused = refused;
    if (!p->on_terminal || t - p->shown < SW_SECOND / 20)
        return;
    p->shown = t;
    draw(p);
    fflush(stderr);
}

void ctl_progress_end(struct ctl_progress *p)
{
    draw(p);
    fputc('\n', stderr);
}

void ctl_progress_say(const struct ctl_progress *p, const char *fmt, ...)
{
    va_list ap;

    if (p->on_terminal)
        fputs("\r\033[K", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

/* ---- texts -------------------------------------------------------------------------------- */

/* The words that stand in the database and in --json, as people read them. */
static const struct {
    const char *word, *label;
} labels[] = {
    /* states of cases, levels, outcomes */
    {"open", N_("open")},
    {"acknowledged", N_("acknowledged")},
    {"helping", N_("helping")},
    {"helped", N_("helped")},
    {"passed_up", N_("passed up")},
    {"closed", N_("closed")},
    {"none", N_("none")},
    {"yellow", N_("yellow")},
    {"orange", N_("orange")},
    {"red", N_("red")},
    {"not_true", N_("not true")},
    {"needs_help", N_("needs help")},
    /* states and kinds of messages */
    {"pending", N_("waiting")},
    {"sending", N_("sending")},
    {"accepted", N_("accepted")},
    {"delivered", N_("delivered")},
    {"failed", N_("failed")},
    {"rejected", N_("rejected")},
    {"expired", N_("expired")},
    {"buffered", N_("buffered")},
    {"alert", N_("alert")},
    {"rise", N_("rise")},
    {"cause", N_("new cause")},
    {"withdrawn", N_("withdrawn")},
    {"remind", N_("reminder")},
    {"escalate", N_("escalation")},
    {"clarify", N_("question back")},
    /* steps of a case */
    {"raised", N_("alert raised")},
    {"risen", N_("level rose")},
    {"lowered", N_("level fell")},
    {"eased", N_("no level any more")},
    {"cause_gone", N_("a cause is gone")},
    {"replaced", N_("replaced by a newer figure")},
    {"unlisted", N_("not in the new list")},
    {"not_sent", N_("not sent")},
    {"no_owner", N_("nobody to tell")},
    {"bad_number", N_("number not reached")},
    {"nobody_above", N_("nobody above")},
    {"unreached", N_("not reached")},
    {"overdue", N_("overdue")},
    {"reminded", N_("reminded")},
    {"nobody_to_remind", N_("nobody to remind")},
    {"escalated", N_("escalated")},
    {"escalation_held", N_("escalation held")},
    {"paused", N_("paused")},
    {"resumed", N_("goes on")},
    {"unclear", N_("unclear answer")},
    {"visited", N_("true, to be helped")},
    {"disputed", N_("disputed")},
    {"green", N_("green channel")},
    {"review", N_("village review")},
    {"audit", N_("township audit")},
    {"decision", N_("county decision")},
    {"clearance", N_("clearance proposed")},
    {"cleared", N_("cleared")},
    {"recheck", N_("re-check")},
    {"again", N_("alerted again")},
    {"came_back", N_("came back")},
    {"words_missing", N_("words asked for")},
    {"measure_mismatch", N_("measure does not fit")},
    {"measure_unlisted", N_("measure not listed")},
    {"ask", N_("asked to act")},
    {"answer_refused", N_("answer refused")},
    {"message", N_("message")},
    {"receipt", N_("receipt")},
    {"changed", N_("points changed")},
    {"moved", N_("moved")},
    {"member_gone", N_("a member moved away")},
    {"merged", N_("merged")},
    {"joined", N_("joined")},
    {"recoded", N_("place recoded")},
    {"past", N_("risk is over")},
    {"late", N_("late event")},
    {"handed_over", N_("handed over")},
    {"fallback", N_("looked after from above")},
    {"returned", N_("given back")},
    {"deferred", N_("put off")},
    {"held", N_("held back")},
    {"muted", N_("muted")},
    {"unmuted", N_("no longer muted")},
    {"sent", N_("sent with others or later")},
    {"released", N_("released")},
    {"discarded", N_("discarded")},
    {"state_gone", N_("state no longer there")},
    {"measure", N_("measure taken")},
    {"papers", N_("papers complete")},
    {"applied", N_("applied")},
    {"agreed", N_("agreed")},
    {"disagreed", N_("disagreed")},
    {"proposed", N_("clearance proposed")},
    {"contradicted", N_("contradicted")},
    {"relapsed", N_("relapsed")},
    {"due", N_("due")},
    {"over", N_("over by itself")},
    {"active", N_("active")},
    {"ended", N_("ended")},
    {"many", N_("several cases")},
    {"digest", N_("digest")},
    {"storm", N_("storm")},
    {"engine", N_("engine")},
    {"gateway", N_("gateway")},
    /* what rules are about */
    {"household", N_("household")},
    {"village", N_("village")},
    {"township", N_("township")},
    {"county", N_("county")},
};

const char *ctl_label(struct sw_str word)
{
    for (size_t i = 0; i < SW_COUNTOF(labels); i++) {
        if (sw_str_is(word, labels[i].word))
            return _(labels[i].label);
    }
    return word.p == NULL ? "" : word.p;
}
