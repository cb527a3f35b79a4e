/* The acknowledged door while signals come in all the time: every message, small or large, is
 * answered once, whole. A call into ZeroMQ that a signal interrupted has done nothing, and must be
 * made again; of a large message the end waits for the loop's next turn. */
#include "../tap.h"
#include "part_help.h"
#include <ev.h>
#include <pthread.h>
#include <shouwang/base/mem.h>
#include <shouwang/intake/doors.h>
#include <signal.h>
#include <sys/time.h>
#include <zmq.h>

enum { MESSAGES = 600, MANY = 1000, CREDIT = 4000, SIGNAL_EVERY = 20 /* us */, PATIENCE = 20000 };

static volatile sig_atomic_t signals;
static const char *endpoint;
static void *context;
static unsigned int answered, wrong;

static void on_signal(int number)
{
    (void)number;
    signals++;
}

static void storm(long us)
{
    const struct sigaction act = {.sa_handler = on_signal};
    const struct itimerval every = {{0, us}, {0, us}};

    sigaction(SIGALRM, &act, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
}

/* ---- the publisher, on a thread that signals leave alone ---------------------------------- */

static size_t receive(void *socket, char part[8][64])
{
    size_t n = 0;
    int more = 1;
    size_t size = sizeof(more);

    while (more != 0) {
        char extra[64];
        char *to = n < 8 ? part[n] : extra;
        int length = zmq_recv(socket, to, 63, 0);

        if (length < 0)
            return 0;
        to[length < 63 ? length : 63] = '\0';
        n++;
        zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
    }
    return n;
}

/* Mostly a few; now and then as many as a message may have, or a few less. */
static int events_in(unsigned int number)
{
    return number % 100 == 99 ? MANY - (int)(number / 100) : 1 + (int)(number % 20);
}

static void send_message(void *socket, unsigned int number)
{
    int events = events_in(number);
    char text[200];

    zmq_send(socket, "SW1", 3, ZMQ_SNDMORE);
    zmq_send(socket, "EVENTS", 6, ZMQ_SNDMORE);
    snprintf(text, sizeof(text), "%u", number);
    zmq_send(socket, text, strlen(text), ZMQ_SNDMORE);
    for (int i = 0; i < events; i++) {
        snprintf(text, sizeof(text),
                 "{\"specversion\":\"1.0\",\"source\":\"t\",\"id\":\"%u-%d\",\"type\":"
                 "\"registry.cadre\",\"subject\":\"cadre/"
                 "C%u\",\"data\":{\"name\":\"王\",\"phone\":\"13800138000\"}}",
                 number, i, number);
        zmq_send(socket, text, strlen(text), i + 1 < events ? ZMQ_SNDMORE : 0);
    }
}

/* An answer to message `number`, and nothing else. */
static bool is_answer(char part[8][64], size_t n, unsigned int number)
{
    return n == 6 && strcmp(part[0], "SW1") == 0 && strcmp(part[1], "ANSWER") == 0 &&
           (unsigned int)atoi(part[2]) == number &&
           atoi(part[3]) + atoi(part[4]) + atoi(part[5]) == events_in(number);
}

static void *publish(void *done)
{
    const int patience = PATIENCE;
    void *socket = zmq_socket(context, ZMQ_DEALER);
    char part[8][64];
    size_t n;

    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &patience, sizeof(patience));
    zmq_connect(socket, endpoint);
    zmq_send(socket, "SW1", 3, ZMQ_SNDMORE);
    zmq_send(socket, "HELLO", 5, ZMQ_SNDMORE);
    zmq_send(socket, "live", 4, 0);
    receive(socket, part);
    for (unsigned int i = 0; i < MESSAGES; i++) {
        send_message(socket, i);
        n = receive(socket, part);
        answered += n > 0;
        wrong += n > 0 && !is_answer(part, n, i);
        if (n == 0)
            break;
    }
    zmq_close(socket);
    ev_async_send(ev_default_loop(0), done);
    return NULL;
}

static pthread_t start_publisher(ev_async *done)
{
    pthread_t thread;
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    SW_ASSERT(pthread_create(&thread, NULL, publish, done) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return thread;
}

/* ---- the door ----------------------------------------------------------------------------- */

static sw_time on_now(void *ctx)
{
    (void)ctx;
    return INT64_C(1795233600) * SW_SECOND;
}

static void on_done(struct ev_loop *loop, ev_async *w, int revents)
{
    (void)w;
    (void)revents;
    ev_break(loop, EVBREAK_ALL);
}

int main(void)
{
    struct sw_part_conf conf = {
        .loop = ev_default_loop(EVFLAG_AUTO),
        .backend = &sw_backend_sqlite,
        .where = ":memory:",
        .hooks = {NULL, on_now, claim_none, keep_message, keep_change, NULL, bail_out},
        .rules = shipped_rules(),
    };
    const char *any = "tcp://127.0.0.1:*";
    struct sw_router *router;
    struct sw_door_counts counts;
    struct sw_part *part;
    struct sw_err err;
    ev_async done;
    pthread_t thread;

    context = sw_doors_context();
    if (sw_part_open(&part, &conf, &err) != SW_OK ||
        sw_router_open(&router, conf.loop, context, &any, 1, CREDIT, part, &err) != SW_OK)
        bail_out(NULL, err.text);
    endpoint = sw_router_endpoint(router, 0);
    ev_async_init(&done, on_done);
    ev_async_start(conf.loop, &done);
    thread = start_publisher(&done);
    storm(SIGNAL_EVERY);
    ev_run(conf.loop, 0);
    storm(0);
    pthread_join(thread, NULL);
    sw_router_count(router, &counts);
    note("%d signals in %u messages", (int)signals, MESSAGES);
    ok_named(signals > MESSAGES / 10, "signals came in between");
    is_int_named(answered, MESSAGES, "every message was answered");
    is_int_named(wrong, 0, "by a whole answer that is its own");
    is_int_named(counts.answers, MESSAGES, "once each");
    is_int_named(counts.unreachable, 0, "and no answer was dropped");
    sw_router_drain(router);
    sw_part_close(part);
    sw_router_close(router);
    sw_doors_context_free(context);
    return done_testing();
}
