/* feed.c - SW1 (daemon/intake/README.md) over ZMTP 3 (rfc.zeromq.org/spec/23), by hand. */
#include "feed.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MORE = 1, LONG = 2, COMMAND = 4 }; /* flags of a frame */

enum {
    BATCH = 500, /* events in a message */
    EVENT_MAX = 1000,
    OUT_MAX = BATCH * (EVENT_MAX + 9) + 200,
    IN_MAX = 1 << 20,
    WORDS_MAX = 8, /* frames of a message that are looked at */
    PATIENCE = 120 /* seconds without an answer */
};

struct word {
    const unsigned char *p;
    size_t n;
};

struct feed {
    int fd;
    struct feed_counts counts;
    uint64_t credit, outstanding, tag;
    unsigned char *out, *last; /* message in the making; flags of its newest frame */
    size_t out_n;
    uint32_t events; /* in it */
    unsigned char *in;
    size_t in_n;
    struct word word[WORDS_MAX]; /* the message being read */
    size_t words;
};

/* ---- out ---------------------------------------------------------------------------------- */

static void write_all(struct feed *f, const void *bytes, size_t n)
{
    const char *p = bytes;

    while (n > 0) {
        ssize_t done = write(f->fd, p, n);

        if (done < 0 && errno == EINTR)
            continue;
        bench_must(done > 0, "writing to the service");
        p += done;
        n -= (size_t)done;
    }
}

/* A frame of n bytes at the end of the message; more is to follow. */
static unsigned char *put_frame(struct feed *f, size_t n)
{
    unsigned char *p = f->out + f->out_n;

    f->last = p;
    if (n < 256) {
        *p++ = MORE;
        *p++ = (unsigned char)n;
    } else {
        *p++ = MORE | LONG;
        for (int shift = 56; shift >= 0; shift -= 8)
            *p++ = (unsigned char)((uint64_t)n >> shift);
    }
    f->out_n = (size_t)(p - f->out) + n;
    return p;
}

static void put_word(struct feed *f, const char *word)
{
    memcpy(put_frame(f, strlen(word)), word, strlen(word));
}

static void end_message(struct feed *f)
{
    *f->last &= (unsigned char)~MORE;
    write_all(f, f->out, f->out_n);
    f->out_n = 0;
}

static void say_hello(struct feed *f)
{
    put_word(f, "SW1");
    put_word(f, "HELLO");
    put_word(f, "live");
    end_message(f);
}

static void greet(struct feed *f)
{
    static const char ready[] = "\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06"
                                "DEALER";
    unsigned char greeting[64] = {0xff, [9] = 0x7f, 3, 0, 'N', 'U', 'L', 'L'};

    write_all(f, greeting, sizeof(greeting));
    write_all(f, ready, sizeof(ready) - 1);
}

/* ---- in ----------------------------------------------------------------------------------- */

static uint64_t number(const struct feed *f, size_t i)
{
    uint64_t v = 0;

    for (size_t k = 0; i < f->words && k < f->word[i].n; k++)
        v = v * 10 + (uint64_t)(f->word[i].p[k] - '0');
    return v;
}

static bool is(const struct feed *f, size_t i, const char *text)
{
    return i < f->words && f->word[i].n == strlen(text) &&
           memcmp(f->word[i].p, text, f->word[i].n) == 0;
}

static void take_message(struct feed *f)
{
    uint64_t answered;

    if (is(f, 1, "CREDIT")) {
        f->credit = number(f, 2);
        return;
    }
    bench_must(is(f, 0, "SW1") && is(f, 1, "ANSWER"), "an answer of the service (%.*s)",
               f->words > 1 ? (int)f->word[1].n : 0,
               f->words > 1 ? (const char *)f->word[1].p : "");
    answered = number(f, 3) + number(f, 4) + number(f, 5);
    f->counts.stored += number(f, 3);
    f->counts.repeated += number(f, 4);
    f->counts.refused += number(f, 5);
    f->outstanding -= answered;
}

/* The peer's PING wants a PONG with its context, or it ends the connection. */
static void take_command(struct feed *f, const unsigned char *p, size_t n)
{
    unsigned char pong[64] = {COMMAND, 0, 4, 'P', 'O', 'N', 'G'};

    if (n < 7 || n > 7 + 16 || memcmp(p, "\4PING", 5) != 0)
        return;
    memcpy(pong + 7, p + 7, n - 7);
    pong[1] = (unsigned char)(5 + n - 7);
    write_all(f, pong, 2 + 5 + n - 7);
}

/* One frame at the beginning of `p`; its length with the head, 0: not all of it is there. */
static size_t take_frame(struct feed *f, const unsigned char *p, size_t n)
{
    size_t head = n > 0 && (p[0] & LONG) != 0 ? 9 : 2;
    size_t length = 0;

    if (n < head)
        return 0;
    for (size_t i = 1; i < head; i++)
        length = length << 8 | p[i];
    if (n - head < length)
        return 0;
    if ((p[0] & COMMAND) != 0) {
        take_command(f, p + head, length);
        return head + length;
    }
    if (f->words < WORDS_MAX)
        f->word[f->words++] = (struct word){p + head, length};
    return head + length;
}

/* The whole message at the beginning of `p`, read; its length, 0: not all of it is there. */
static size_t take_frames(struct feed *f, const unsigned char *p, size_t n)
{
    size_t at = 0;

    f->words = 0;
    for (;;) {
        size_t length = take_frame(f, p + at, n - at);

        if (length == 0)
            return 0;
        at += length;
        if ((p[at - length] & (COMMAND | MORE)) == 0) {
            take_message(f);
            return at;
        }
        if ((p[at - length] & COMMAND) != 0 && f->words == 0)
            return at;
    }
}

/* What the service has said; waits for something when `wait`. */
static void read_answers(struct feed *f, bool wait)
{
    ssize_t got = recv(f->fd, f->in + f->in_n, IN_MAX - f->in_n, wait ? 0 : MSG_DONTWAIT);
    size_t at = 0;
    size_t length;

    if (got < 0 && !wait && (errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    bench_must(got > 0, "reading from the service");
    f->in_n += (size_t)got;
    while ((length = take_frames(f, f->in + at, f->in_n - at)) > 0)
        at += length;
    memmove(f->in, f->in + at, f->in_n - at);
    f->in_n -= at;
}

/* ---- publishing --------------------------------------------------------------------------- */

static void read_greeting(struct feed *f)
{
    unsigned char greeting[64];
    size_t n = 0;

    while (n < sizeof(greeting)) {
        ssize_t got = recv(f->fd, greeting + n, sizeof(greeting) - n, 0);

        bench_must(got > 0, "the service's greeting");
        n += (size_t)got;
    }
    bench_must(greeting[0] == 0xff && greeting[10] >= 3, "ZMTP 3");
}

struct feed *feed_open(uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int on = 1;
    struct feed *f = calloc(1, sizeof(*f));

    bench_must(f != NULL && (f->out = malloc(OUT_MAX)) != NULL && (f->in = malloc(IN_MAX)) != NULL,
               "memory");
    f->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bench_must(connect(f->fd, (struct sockaddr *)&to, sizeof(to)) == 0, "port %u",
               (unsigned int)port);
    setsockopt(f->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(f->fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = PATIENCE},
               sizeof(struct timeval));
    greet(f);
    read_greeting(f);
    say_hello(f);
    while (f->credit == 0)
        read_answers(f, true);
    return f;
}

static void send_batch(struct feed *f)
{
    if (f->events == 0)
        return;
    while (f->outstanding + f->events > f->credit)
        read_answers(f, true);
    f->outstanding += f->events;
    f->counts.sent += f->events;
    f->events = 0;
    end_message(f);
    read_answers(f, false);
}

char *feed_event(struct feed *f, size_t n)
{
    char tag[24];

    bench_must(n <= EVENT_MAX, "an event of %zu bytes", n);
    if (f->events == BATCH)
        send_batch(f);
    if (f->events == 0) {
        snprintf(tag, sizeof(tag), "%llu", (unsigned long long)++f->tag);
        put_word(f, "SW1");
        put_word(f, "EVENTS");
        put_word(f, tag);
    }
    f->events++;
    f->counts.bytes += n;
    return (char *)put_frame(f, n);
}

void feed_flush(struct feed *f)
{
    send_batch(f);
    while (f->outstanding > 0)
        read_answers(f, true);
}

const struct feed_counts *feed_counts(const struct feed *f)
{
    return &f->counts;
}

void feed_close(struct feed *f)
{
    close(f->fd);
    free(f->out);
    free(f->in);
    free(f);
}
