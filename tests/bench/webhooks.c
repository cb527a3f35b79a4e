/* webhooks.c - signed webhooks through profile, outbox and client, beside a bare curl-multi loop
 * that posts the same bytes, in one run: 16 under way, an nginx of its own on 127.0.0.1 answering
 * 200.
 *
 *     webhooks [MESSAGES] [ROUNDS]        default 30000, 5; prints medians and their ratio
 *
 * The store is not in it: leases are "committed" at once, so what is measured is all that delivery
 * itself costs (two changes, a signature, scheduling, judging). */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <ev.h>
#include <netinet/in.h>
#include <shouwang/base/mem.h>
#include <shouwang/delivery/outbox.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FLIGHT = 16, ROUNDS_MAX = 21 };

static char body[1024 + 1];
static char url[64];
static size_t messages = 30000;

static double seconds(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ---- nginx ---- */

static char folder[] = "/tmp/shouwang-bench-XXXXXX";
static pid_t nginx = -1;

static uint16_t free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        abort();
    close(fd);
    return ntohs(at.sin_port);
}

static bool is_listening(uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;

    close(fd);
    return is;
}

static void write_config(const char *path, uint16_t port)
{
    FILE *f = fopen(path, "w");

    if (f == NULL)
        abort();
    fprintf(f,
            "worker_processes 1;\npid %s/pid;\nerror_log %s/error.log;\ndaemon off;\n"
            "events { worker_connections 256; }\n"
            "http {\n  access_log off;\n  keepalive_requests 100000000;\n"
            "  client_body_temp_path %s/body;\n  proxy_temp_path %s/proxy;\n"
            "  fastcgi_temp_path %s/fastcgi;\n  uwsgi_temp_path %s/uwsgi;\n"
            "  scgi_temp_path %s/scgi;\n"
            "  server { listen 127.0.0.1:%u; location / { return 200 \"ok\"; } }\n}\n",
            folder, folder, folder, folder, folder, folder, folder, port);
    fclose(f);
}

static bool start_nginx(void)
{
    uint16_t port = free_port();
    char path[128];

    if (mkdtemp(folder) == NULL)
        return false;
    snprintf(path, sizeof(path), "%s/nginx.conf", folder);
    write_config(path, port);
    nginx = fork();
    if (nginx == 0) {
        execlp("nginx", "nginx", "-p", folder, "-c", path, (char *)NULL);
        execl("/usr/sbin/nginx", "nginx", "-p", folder, "-c", path, (char *)NULL);
        _exit(127);
    }
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/hook", port);
    for (int i = 0; i < 100; i++) {
        if (is_listening(port))
            return true;
        usleep(50000);
    }
    return false;
}

static void stop_nginx(void)
{
    char command[128];

    if (nginx > 0) {
        kill(nginx, SIGTERM);
        waitpid(nginx, NULL, 0);
    }
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "left behind: %s\n", folder);
}

/* ---- the reference: sixteen easy handles, used again and again ---- */

static size_t drop(char *bytes, size_t size, size_t n, void *ctx)
{
    (void)bytes;
    (void)ctx;
    return size * n;
}

static CURL *new_easy(struct curl_slist *headers)
{
    CURL *e = curl_easy_init();

    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, 20000L);
    return e;
}

/* As many bytes as a signed one has. */
static struct curl_slist *same_headers(void)
{
    static const char *const lines[] = {
        "Content-Type: application/json", "webhook-id: 12345-0", "webhook-timestamp: 1700000000",
        "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "User-Agent: shouwang"};
    struct curl_slist *list = NULL;

    for (size_t i = 0; i < SW_COUNTOF(lines); i++)
        list = curl_slist_append(list, lines[i]);
    return list;
}

/* The handles that have finished start again; how many finished. */
static size_t again(CURLM *multi, size_t *started)
{
    size_t finished = 0;
    CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(multi, &left)) != NULL) {
        CURL *e = m->easy_handle;

        if (m->msg != CURLMSG_DONE || m->data.result != CURLE_OK)
            abort();
        finished++;
        curl_multi_remove_handle(multi, e);
        if ((*started)++ < messages)
            curl_multi_add_handle(multi, e);
    }
    return finished;
}

static double run_bare(void)
{
    struct curl_slist *headers = same_headers();
    CURLM *multi = curl_multi_init();
    CURL *easy[FLIGHT];
    size_t started = FLIGHT;
    size_t finished = 0;
    double began = seconds();
    int running;

    for (size_t i = 0; i < FLIGHT; i++) {
        easy[i] = new_easy(headers);
        curl_multi_add_handle(multi, easy[i]);
    }
    while (finished < messages) {
        curl_multi_perform(multi, &running);
        finished += again(multi, &started);
        if (finished < messages)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    began = seconds() - began;
    for (size_t i = 0; i < FLIGHT; i++) {
        curl_multi_remove_handle(multi, easy[i]);
        curl_easy_cleanup(easy[i]);
    }
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    return (double)messages / began;
}

/* ---- ours ---- */

static struct sw_outbox *outbox;
static size_t fates;

static void change(void *ctx, const struct sw_outbox_change *c, uint64_t token)
{
    (void)ctx;
    if (c->state != SW_OUT_SENDING)
        abort(); /* nothing is to be tried again here */
    sw_outbox_committed(outbox, token);
}

static void fate(void *ctx, struct sw_str text, const struct sw_outbox_change *c)
{
    (void)text;
    (void)c;
    if (++fates == messages)
        ev_break(ctx, EVBREAK_ALL);
}

static struct sw_gateways *load_gateways(void)
{
    struct sw_buf config = {0};
    struct sw_arena arena = {0};
    struct sw_diag diag = {0};
    struct sw_gateways *g;

    sw_buf_printf(&config,
                  "hook: {profile: standard-webhooks, params: {url: \"%s\"}, secrets: {secret: "
                  "\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}, concurrency: %d}\n",
                  url, FLIGHT);
    g = sw_gateways_load(sw_yaml_parse(&arena, SW_STR("bench"), sw_buf_view(&config), &diag),
                         "rules/gateways", &diag);
    sw_diag_print(&diag, stderr);
    sw_diag_free(&diag);
    sw_arena_free(&arena);
    sw_buf_free(&config);
    return g;
}

static double run_ours(struct ev_loop *loop, struct sw_http *http, const struct sw_gateways *g)
{
    const struct sw_outbox_sink sink = {loop, change, fate};
    struct sw_outbox_row row = {.state = SW_OUT_PENDING};
    double began;

    fates = 0;
    outbox = sw_outbox_new(loop, http, g, sink, 1);
    row.message.gateway = SW_STR("hook");
    row.message.body = sw_str(body);
    row.message.expires = INT64_MAX;
    for (size_t i = 0; i < messages; i++) {
        char id[32];

        snprintf(id, sizeof(id), "%zu-0", i);
        row.message.id = sw_str(id);
        sw_outbox_add(outbox, &row, false);
    }
    began = seconds();
    ev_run(loop, 0);
    began = seconds() - began;
    sw_outbox_free(outbox);
    return (double)messages / began;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *rates, size_t n)
{
    qsort(rates, n, sizeof(*rates), by_size);
    return rates[n / 2];
}

int main(int argc, char **argv)
{
    double bare[ROUNDS_MAX];
    double ours[ROUNDS_MAX];
    size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 5;
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct sw_http *http = sw_http_new(loop, NULL);
    struct sw_gateways *g;
    double ratio;

    messages = argc > 1 ? strtoul(argv[1], NULL, 10) : messages;
    rounds = rounds < 1 || rounds > ROUNDS_MAX ? 5 : rounds;
    memset(body, 'x', sizeof(body) - 1);
    memcpy(body, "{\"type\":\"alert.raised\",\"text\":\"", 31);
    memcpy(body + sizeof(body) - 3, "\"}", 2);
    if (!start_nginx()) {
        fprintf(stderr, "nginx does not start; install Debian's nginx-light\n");
        stop_nginx();
        return 2;
    }
    g = load_gateways();
    for (size_t i = 0; i < rounds; i++) {
        bare[i] = run_bare();
        ours[i] = run_ours(loop, http, g);
        printf("round %zu: bare curl-multi %.0f/s, webhooks %.0f/s\n", i + 1, bare[i], ours[i]);
        fflush(stdout);
    }
    ratio = median(ours, rounds) / median(bare, rounds);
    printf("webhooks out, %d in flight: %.0f/s beside %.0f/s bare, ratio %.2f (target 0.5, close "
           "0.8)\n",
           FLIGHT, median(ours, rounds), median(bare, rounds), ratio);
    sw_gateways_free(g);
    sw_http_free(http);
    ev_loop_destroy(loop);
    stop_nginx();
    return ratio >= 0.5 ? 0 : 1;
}
