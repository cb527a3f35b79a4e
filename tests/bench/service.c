/* service.c - starting, watching and stopping the daemon under test. */
#include "service.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_PATIENCE = 600 }; /* seconds without a word before it is given up */

void service_path(const struct service *s, const char *name, char out[400])
{
    snprintf(out, 400, "%s/data/%s", s->folder, name);
}

static void write_config(const struct service *s, uint16_t hook_port)
{
    char path[400];
    char rules[400];
    char command[1300];
    FILE *f;

    /* Nobody is spared here: messages leave at night too, and thousands of them. */
    service_path(s, "rules", rules);
    snprintf(command, sizeof(command),
             "cp -r rules %s && sed -i '/^# ---- 少打扰/,$d' %s/messages.yaml", rules, rules);
    bench_must(system(command) == 0, "rules/ (run this from the top of the tree)");
    snprintf(path, sizeof(path), "%s/shouwang.yaml", s->folder);
    f = fopen(path, "w");
    bench_must(f != NULL, "%s", path);
    fprintf(f,
            "data: data\nrules: data/rules\nlog: {level: warn}\n"
            "intake: {router: [\"tcp://127.0.0.1:%u\"]}\n"
            "gateways:\n"
            "  team: {profile: standard-webhooks, params: {url: \"http://127.0.0.1:%u/hook\"},"
            " secrets: {secret: \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}}\n",
            (unsigned int)s->port, (unsigned int)hook_port);
    fclose(f);
}

void service_configure(struct service *s, const struct bench *b, const char *name,
                       uint16_t hook_port)
{
    char data[400];

    *s = (struct service){.bench = b, .port = bench_free_port(), .notify = -1};
    snprintf(s->folder, sizeof(s->folder), "%s/%s", b->folder, name);
    service_path(s, "", data);
    mkdir(s->folder, 0700);
    mkdir(data, 0700);
    write_config(s, hook_port);
}

/* ---- life --------------------------------------------------------------------------------- */

/* The name of the socket, for NOTIFY_SOCKET: an abstract one needs no file. */
static void listen_for_ready(struct service *s, char name[64])
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int n = snprintf(name, 64, "@shouwang-bench-%ld-%u", (long)getpid(), (unsigned int)s->port);

    memcpy(at.sun_path, name, (size_t)n);
    at.sun_path[0] = '\0';
    s->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bench_must(s->notify >= 0 &&
                   bind(s->notify, (struct sockaddr *)&at,
                        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n)) == 0,
               "a socket for READY");
    setsockopt(s->notify, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = START_PATIENCE},
               sizeof(struct timeval));
}

static void become_service(const struct service *s, const char *notify, pid_t parent)
{
    char program[400];
    char config[400];
    char log[400];
    int fd;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    snprintf(program, sizeof(program), "%s/shouwangd", s->bench->build);
    snprintf(config, sizeof(config), "%s/shouwang.yaml", s->folder);
    snprintf(log, sizeof(log), "%s/daemon.log", s->folder);
    fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    setenv("NOTIFY_SOCKET", notify, 1);
    unsetenv("WATCHDOG_USEC");
    execl(program, program, "--config", config, (char *)NULL);
    _exit(127);
}

static void show_log(const struct service *s)
{
    char log[400];
    char line[1000];
    FILE *f;

    snprintf(log, sizeof(log), "%s/daemon.log", s->folder);
    f = fopen(log, "r");
    while (f != NULL && fgets(line, sizeof(line), f) != NULL)
        fputs(line, stderr);
    if (f != NULL)
        fclose(f);
}

/* True at READY, false when the process ended before. */
static bool wait_for_ready(struct service *s)
{
    for (;;) {
        char text[600];
        ssize_t n = recv(s->notify, text, sizeof(text) - 1, 0);

        if (n <= 0)
            return false;
        text[n] = '\0';
        if (strstr(text, "READY=1") != NULL)
            return true;
    }
}

double service_start(struct service *s)
{
    pid_t parent = getpid();
    char notify[64];
    double began;

    listen_for_ready(s, notify);
    began = bench_now();
    s->pid = fork();
    if (s->pid == 0)
        become_service(s, notify, parent);
    if (!wait_for_ready(s)) {
        show_log(s);
        bench_must(false, "shouwangd in %s does not become ready", s->folder);
    }
    began = bench_now() - began;
    close(s->notify);
    return began;
}

void service_stop(struct service *s)
{
    int status = -1;

    kill(s->pid, SIGTERM);
    waitpid(s->pid, &status, 0);
    s->pid = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        show_log(s);
        bench_must(false, "shouwangd in %s ended with status %x", s->folder, (unsigned int)status);
    }
}

/* ---- looking at it ------------------------------------------------------------------------ */

double service_stored(const struct service *s)
{
    char path[400];
    char wal[400];
    sqlite3 *db;

    service_path(s, "shouwang.db", path);
    service_path(s, "shouwang.db-wal", wal);
    bench_must(sqlite3_open(path, &db) == SQLITE_OK &&
                   sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) ==
                       SQLITE_OK,
               "a checkpoint of %s", path);
    sqlite3_close(db);
    return bench_file_size(path) + bench_file_size(wal);
}

double service_memory(const struct service *s)
{
    char path[64];
    char line[256];
    double kib = 0;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%ld/status", (long)s->pid);
    f = fopen(path, "r");
    bench_must(f != NULL, "%s", path);
    while (fgets(line, sizeof(line), f) != NULL) {
        if (sscanf(line, "VmRSS: %lf", &kib) == 1)
            break;
    }
    fclose(f);
    return kib * 1024;
}

static bool read_line(const char *folder, const char *thread, const char *name, char line[64])
{
    char path[400];
    FILE *f;
    bool read;

    line[0] = '\0';
    snprintf(path, sizeof(path), "%s/%s/%s", folder, thread, name);
    f = fopen(path, "r");
    if (f == NULL)
        return false;
    read = fgets(line, 64, f) != NULL;
    fclose(f);
    return read;
}

struct service_work service_work(const struct service *s)
{
    struct service_work w = {0};
    char folder[64];
    struct dirent *entry;
    DIR *dir;

    snprintf(folder, sizeof(folder), "/proc/%ld/task", (long)s->pid);
    dir = opendir(folder);
    bench_must(dir != NULL, "%s", folder);
    while ((entry = readdir(dir)) != NULL) {
        char name[64];
        char run[64]; /* nanoseconds on a processor, and more */
        double t;

        if (entry->d_name[0] == '.' || !read_line(folder, entry->d_name, "comm", name) ||
            !read_line(folder, entry->d_name, "schedstat", run))
            continue;
        t = strtod(run, NULL) / 1e9;
        w.all += t;
        if (strncmp(name, "writer", 6) == 0)
            w.writer += t;
        else if (strncmp(name, "ZMQ", 3) == 0)
            w.zmq += t;
        else
            w.loop += t;
    }
    closedir(dir);
    return w;
}
