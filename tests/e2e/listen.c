/* listen ENDPOINT FILE - subscribes to where cases stand and writes each event as a line, as a
 * department's program would. Runs until it is killed. */
#include <stdio.h>
#include <zmq.h>

int main(int argc, char **argv)
{
    void *ctx = zmq_ctx_new();
    void *socket = zmq_socket(ctx, ZMQ_SUB);
    FILE *out = argc == 3 ? fopen(argv[2], "w") : NULL;

    if (out == NULL || zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) != 0 ||
        zmq_connect(socket, argv[1]) != 0) {
        fprintf(stderr, "usage: listen ENDPOINT FILE\n");
        return 2;
    }
    for (;;) {
        static char frame[1 << 16];
        int topic = 1;
        int n;

        do {
            n = zmq_recv(socket, frame, sizeof(frame), 0);
            if (n < 0)
                return 1;
            fprintf(out, "%.*s%c", n, frame, topic ? '\t' : '\n');
            topic = 0;
        } while (zmq_getsockopt(socket, ZMQ_RCVMORE, &n, &(size_t){sizeof(n)}) == 0 && n != 0);
        fflush(out);
    }
}
