/* notify.c - telling the service manager how we are. */
#include <shouwang/base/buf.h>
#include <shouwang/base/notify.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void send_to(const char *path, struct sw_str text)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    int fd;

    if (n < 2 || n >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(address.sun_path, path, n);
    if (path[0] == '@')
        address.sun_path[0] = '\0'; /* an abstract socket */
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    sendto(fd, text.p, text.n, MSG_NOSIGNAL, (struct sockaddr *)&address,
           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
    close(fd);
}

void sw_notify_manager(const char *fmt, ...)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sw_buf text = {0};
    va_list ap;

    if (path == NULL)
        return;
    va_start(ap, fmt);
    sw_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    send_to(path, sw_buf_view(&text));
    sw_buf_free(&text);
}

sw_time sw_notify_watchdog(void)
{
    const char *usec = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    int64_t value;

    if (usec == NULL || !sw_str_int(sw_str(usec), &value) || value <= 0)
        return 0;
    if (pid != NULL && strtol(pid, NULL, 10) != (long)getpid())
        return 0;
    return value;
}
