/* publish.c - events from a file or a pipe to the daemon, one JSON text a line. */
#include "feeding.h"
#include <errno.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- shared with import ------------------------------------------------------------------- */

static void on_refused(void *ctx, uint64_t mark, struct sw_str reason, struct sw_str text)
{
    struct feeding *f = ctx;

    f->refused++;
    if (f->refuse != NULL)
        f->refuse(f->refuse_ctx, mark, reason, text);
    else if (f->quiet || f->refused > FEEDING_SHOWN)
        f->untold++;
    else
        ctl_progress_say(&f->progress, "%s:%llu: %.*s (%.*s)", f->file, (unsigned long long)mark,
                         SW_STR_ARG(text), SW_STR_ARG(reason));
}

/* Said once: the rest is waiting. */
static void on_put_off(void *ctx, struct sw_str why)
{
    struct feeding *f = ctx;

    if (!f->told_waiting)
        ctl_progress_say(&f->progress, _("waiting: %.*s"), SW_STR_ARG(why));
    f->told_waiting = true;
}

static void on_stored(void *ctx, uint64_t mark)
{
    struct feeding *f = ctx;

    (void)mark;
    f->stored++;
}

int feeding_begin(struct feeding *f, struct ctl *c, const char *endpoint, bool history)
{
    struct sw_publisher_conf conf = {
        .endpoint = endpoint,
        .history = history,
        .ctx = f,
        .refused = on_refused,
        .put_off = on_put_off,
        .stored = on_stored,
    };
    struct sw_err err;

    if (endpoint == NULL) {
        const struct sw_config *config = ctl_config(c);

        if (config == NULL)
            return CTL_FAILED;
        if (config->n_routers == 0)
            return ctl_fail(_("the configuration has no intake: router:; name an --endpoint"));
        conf.endpoint = config->router[0];
    }
    *f = (struct feeding){.file = ""};
    if (sw_publisher_open(&f->publisher, &conf, &err) != SW_OK)
        return ctl_fail("%s", err.text);
    return CTL_GOOD;
}

int feeding_event(struct feeding *f, struct sw_str event, uint64_t line)
{
    struct sw_err err;

    if (sw_publish(f->publisher, event, line, &err) != SW_OK)
        return ctl_fail("%s", err.text);
    ctl_progress_step(&f->progress, f->stored + f->refused - f->before, f->refused);
    return CTL_GOOD;
}

int feeding_flush(struct feeding *f)
{
    struct sw_err err;

    if (sw_publisher_flush(f->publisher, &err) != SW_OK)
        return ctl_fail("%s", err.text);
    f->progress.done = f->stored + f->refused - f->before;
    f->progress.refused = f->refused;
    return CTL_GOOD;
}

void feeding_waiting(uint64_t n, char out[FEEDING_WAITING])
{
    out[0] = '\0';
    if (n > 0)
        snprintf(out, FEEDING_WAITING, _(" (%llu of them wait for who is not registered)"),
                 (unsigned long long)n);
}

int feeding_end(struct feeding *f)
{
    struct sw_publisher_counts counts;
    char waiting[FEEDING_WAITING];

    sw_publisher_count(f->publisher, &counts);
    sw_publisher_close(f->publisher);
    if (!f->quiet && f->untold > 0)
        fprintf(stderr, _("… and %llu more refusals; `shouwang rejected list` has them\n"),
                (unsigned long long)f->untold);
    feeding_waiting(counts.waiting, waiting);
    fprintf(stderr, _("%llu stored%s, %llu known already, %llu refused\n"),
            (unsigned long long)(counts.stored - f->own_stored), waiting,
            (unsigned long long)(counts.repeated - f->own_repeated),
            (unsigned long long)f->refused);
    if (counts.waiting > 0)
        fprintf(stderr, _("`shouwang parked list` tells which wait for whom\n"));
    return f->refused > 0 ? CTL_FAILED : CTL_GOOD;
}

/* ---- the verb ----------------------------------------------------------------------------- */

static uint64_t count_lines(const char *path)
{
    struct sw_buf text = {0};
    struct sw_err err;
    uint64_t n = 0;

    if (sw_file_read(path, SIZE_MAX, &text, &err) == SW_OK) {
        for (size_t i = 0; i < text.n; i++)
            n += text.p[i] == '\n';
        n += text.n > 0 && text.p[text.n - 1] != '\n';
    }
    sw_buf_free(&text);
    return n;
}

static int publish_lines(struct feeding *f, FILE *in)
{
    char *line = NULL;
    size_t cap = 0;
    uint64_t number = 0;
    int status = CTL_GOOD;
    ssize_t n;

    while (status == CTL_GOOD && (n = getline(&line, &cap, in)) >= 0) {
        struct sw_str event = sw_str_trim((struct sw_str){line, (size_t)n});

        number++;
        if (event.n > 0)
            status = feeding_event(f, event, number);
        if (status == CTL_GOOD && in == stdin && f->interactive)
            status = feeding_flush(f);
    }
    free(line);
    return status == CTL_GOOD ? feeding_flush(f) : status;
}

int ctl_publish(struct ctl *c, int argc, char **argv)
{
    const char *endpoint = ctl_option(&argc, argv, "--endpoint");
    bool history = ctl_flag(&argc, argv, "--history");
    bool quiet = ctl_flag(&argc, argv, "--quiet");
    struct feeding f;
    FILE *in;
    int status;

    if (ctl_unknown_options(argc, argv) || argc != 2)
        return CTL_USAGE;
    in = strcmp(argv[1], "-") == 0 ? stdin : fopen(argv[1], "re");
    if (in == NULL)
        return ctl_fail("%s: %s", argv[1], strerror(errno));
    status = feeding_begin(&f, c, endpoint, history);
    if (status == CTL_GOOD) {
        f.file = in == stdin ? "stdin" : argv[1];
        f.quiet = quiet;
        f.interactive = in == stdin;
        ctl_progress_begin(&f.progress, history ? _("history") : _("events"),
                           in == stdin ? 0 : count_lines(argv[1]));
        status = publish_lines(&f, in);
        if (in != stdin)
            ctl_progress_end(&f.progress);
        if (feeding_end(&f) != CTL_GOOD)
            status = CTL_FAILED;
    }
    if (in != stdin)
        fclose(in);
    return status;
}

int ctl_history_end(struct ctl *c, int argc, char **argv)
{
    const char *endpoint = ctl_option(&argc, argv, "--endpoint");
    struct sw_err err;
    struct feeding f = {.publisher = NULL};
    int status;

    if (ctl_unknown_options(argc, argv) || argc > 1)
        return CTL_USAGE;
    status = feeding_begin(&f, c, endpoint, false);
    if (status != CTL_GOOD)
        return status;
    if (sw_publisher_end_history(f.publisher, &err) != SW_OK)
        status = ctl_fail("%s", err.text);
    sw_publisher_close(f.publisher);
    return status;
}
