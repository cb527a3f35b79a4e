/* log.c - one logfmt line per event on stderr.
 *
 * Repeats of one (component, msg) beyond BURST a minute are counted and told once the minute is
 * over, so that a failing disk cannot fill the journal. */
#include <pthread.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/date.h>
#include <shouwang/base/log.h>
#include <stdio.h>
#include <time.h>

enum { BURST = 10, REMEMBERED = 64 };

enum sw_log_level sw_log_level = SW_LOG_INFO;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

/* Guarded by `lock`: the writer thread logs too. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct repeat {
    const char *component, *msg;
    int64_t minute;
    unsigned int count;
} repeats[REMEMBERED];

static sw_time now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (sw_time)ts.tv_sec * SW_SECOND + ts.tv_nsec / 1000;
}

static void put_pairs(struct sw_buf *line, const char *pairs, va_list ap) SW_PRINTF(2, 0);

static void put_pairs(struct sw_buf *line, const char *pairs, va_list ap)
{
    size_t from;

    if (pairs == NULL)
        return;
    sw_buf_char(line, ' ');
    from = line->n;
    sw_buf_vprintf(line, pairs, ap);
    for (size_t i = from; i < line->n; i++) {
        if ((unsigned char)line->p[i] < 0x20) /* a value must not begin a line of its own */
            line->p[i] = ' ';
    }
}

static void begin_line(struct sw_buf *line, sw_time at, enum sw_log_level level,
                       const char *component, const char *msg)
{
    char ts[SW_RFC3339_SIZE];

    sw_rfc3339_format(at - at % 1000, 0, ts);
    sw_buf_printf(line, "ts=%s level=%s component=%s msg=\"%s\"", ts, level_names[level], component,
                  msg);
}

/* True when this line is to be written; tells of the lines left out in the minute before. */
static bool admit(const char *component, const char *msg, sw_time at, struct sw_buf *line)
{
    struct repeat *r = &repeats[((uintptr_t)component * 31 + (uintptr_t)msg) / 8 % REMEMBERED];
    int64_t minute = at / (60 * SW_SECOND);

    if (r->component != component || r->msg != msg || r->minute != minute) {
        if (r->msg != NULL && r->count > BURST) {
            begin_line(line, at, SW_LOG_WARN, r->component, r->msg);
            sw_buf_printf(line, " left_out=%u\n", r->count - BURST);
        }
        *r = (struct repeat){component, msg, minute, 0};
    }
    return ++r->count <= BURST;
}

void sw_log(enum sw_log_level level, const char *component, const char *msg, const char *pairs, ...)
{
    struct sw_buf line = {0};
    sw_time at = now();
    va_list ap;

    if (level < sw_log_level)
        return;
    pthread_mutex_lock(&lock);
    if (admit(component, msg, at, &line)) {
        begin_line(&line, at, level, component, msg);
        va_start(ap, pairs);
        put_pairs(&line, pairs, ap);
        va_end(ap);
        sw_buf_char(&line, '\n');
    }
    if (line.n > 0)
        fwrite(line.p, 1, line.n, stderr);
    pthread_mutex_unlock(&lock);
    sw_buf_free(&line);
}
