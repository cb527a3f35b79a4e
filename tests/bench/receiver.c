/* receiver.c - the least HTTP server: keep-alive, one buffer per connection, every request a POST
 * with a Content-Length. */
#include "receiver.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 64, REQUEST_MAX = 32768 };

struct connection {
    int fd; /* -1: free */
    size_t n;
    char bytes[REQUEST_MAX + 1];
};

struct receiver {
    pthread_t thread;
    int listener, poll;
    uint16_t port;
    _Atomic bool ending;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t came;
    uint64_t count;
    double last;
    double seconds;
    struct connection connection[CONNECTIONS]; /* the thread's own */
};

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

static void add(struct receiver *r, int fd, void *who)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = who};

    bench_must(epoll_ctl(r->poll, EPOLL_CTL_ADD, fd, &e) == 0, "epoll_ctl");
}

static void accept_one(struct receiver *r)
{
    const int on = 1;
    int fd = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0)
        return;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &r->connection[i];

        if (c->fd >= 0)
            continue;
        c->fd = fd;
        c->n = 0;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        add(r, fd, c);
        return;
    }
    close(fd);
}

/* Length of the whole request at the beginning of the buffer; 0: more is to come. */
static size_t request_length(struct connection *c)
{
    const char *length;
    char *end;

    c->bytes[c->n] = '\0';
    end = strstr(c->bytes, "\r\n\r\n");
    if (end == NULL)
        return 0;
    length = strcasestr(c->bytes, "\r\nContent-Length:");
    end += 4;
    if (length != NULL && length < end)
        end += strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
    return (size_t)(end - c->bytes) <= c->n ? (size_t)(end - c->bytes) : 0;
}

static void note(struct receiver *r)
{
    struct timespec ts;

    pthread_mutex_lock(&r->lock);
    r->last = bench_now();
    r->count++;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    r->seconds = (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
    pthread_cond_signal(&r->came);
    pthread_mutex_unlock(&r->lock);
}

static void read_some(struct receiver *r, struct connection *c)
{
    ssize_t got = read(c->fd, c->bytes + c->n, REQUEST_MAX - c->n);
    size_t length;

    if (got <= 0) {
        close(c->fd);
        c->fd = -1;
        return;
    }
    c->n += (size_t)got;
    while ((length = request_length(c)) > 0) {
        note(r);
        if (write(c->fd, answer, sizeof(answer) - 1) < 0)
            return;
        memmove(c->bytes, c->bytes + length, c->n - length);
        c->n -= length;
    }
}

static void *run(void *arg)
{
    struct receiver *r = arg;
    struct epoll_event event[CONNECTIONS + 1];

    while (!r->ending) {
        int n = epoll_wait(r->poll, event, CONNECTIONS + 1, -1);

        for (int i = 0; i < n; i++) {
            if (event[i].data.ptr == r)
                accept_one(r);
            else
                read_some(r, event[i].data.ptr);
        }
    }
    return NULL;
}

static void open_listener(struct receiver *r)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);

    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bench_must(bind(r->listener, (struct sockaddr *)&at, sizeof(at)) == 0 &&
                   listen(r->listener, 64) == 0 &&
                   getsockname(r->listener, (struct sockaddr *)&at, &n) == 0,
               "a port for webhooks");
    r->port = ntohs(at.sin_port);
}

struct receiver *receiver_start(void)
{
    struct receiver *r = calloc(1, sizeof(*r));
    pthread_condattr_t attr;

    bench_must(r != NULL, "memory");
    open_listener(r);
    for (size_t i = 0; i < CONNECTIONS; i++)
        r->connection[i].fd = -1;
    r->poll = epoll_create1(EPOLL_CLOEXEC);
    add(r, r->listener, r);
    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&r->came, &attr);
    pthread_condattr_destroy(&attr);
    bench_must(pthread_create(&r->thread, NULL, run, r) == 0, "a thread");
    return r;
}

uint16_t receiver_port(const struct receiver *r)
{
    return r->port;
}

uint64_t receiver_count(const struct receiver *r)
{
    struct receiver *mine = (struct receiver *)(uintptr_t)r; /* only its lock changes */
    uint64_t count;

    pthread_mutex_lock(&mine->lock);
    count = r->count;
    pthread_mutex_unlock(&mine->lock);
    return count;
}

double receiver_wait(struct receiver *r, uint64_t count, double seconds)
{
    double until = bench_now() + seconds;
    struct timespec ts = {.tv_sec = (time_t)until};
    double last;

    ts.tv_nsec = (long)((until - (double)ts.tv_sec) * 1e9);
    pthread_mutex_lock(&r->lock);
    while (r->count < count && bench_now() < until)
        pthread_cond_timedwait(&r->came, &r->lock, &ts);
    last = r->count >= count ? r->last : 0;
    pthread_mutex_unlock(&r->lock);
    return last;
}

double receiver_seconds(const struct receiver *r)
{
    return r->seconds;
}

void receiver_stop(struct receiver *r)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(r->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    r->ending = true;
    bench_must(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0, "the receiver's end");
    pthread_join(r->thread, NULL);
    close(fd);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (r->connection[i].fd >= 0)
            close(r->connection[i].fd);
    }
    close(r->listener);
    close(r->poll);
    free(r);
}
