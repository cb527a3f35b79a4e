/* service.h - a shouwangd of our own, in a folder of its own, on free ports of 127.0.0.1. It dies
 * with this process. */
#ifndef TESTS_BENCH_SERVICE_H
#define TESTS_BENCH_SERVICE_H

#include "bench.h"
#include <sys/types.h>

struct service {
    const struct bench *bench;
    char folder[300]; /* shouwang.yaml, data/, daemon.log */
    uint16_t port;    /* of the acknowledged door */
    pid_t pid;
    int notify; /* where it says READY */
};

/* Makes the folder with a configuration: the rules of this tree, one webhook gateway "team" that
 * posts to `hook_port`. A folder that is there keeps its data and gets a new configuration. */
void service_configure(struct service *s, const struct bench *b, const char *name,
                       uint16_t hook_port);
/* Seconds from exec to READY. */
double service_start(struct service *s);
/* SIGTERM, and the wait for the end. */
void service_stop(struct service *s);
/* A file of its data: "shouwang.db". */
void service_path(const struct service *s, const char *name, char out[400]);
/* Bytes of the stopped service's database with its log, after a checkpoint. */
double service_stored(const struct service *s);

/* Resident memory of the process itself, bytes. */
double service_memory(const struct service *s);

/* Processor seconds so far, by thread. */
struct service_work {
    double loop, writer, zmq, all;
};
struct service_work service_work(const struct service *s);

#endif
