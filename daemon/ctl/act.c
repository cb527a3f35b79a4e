/* act.c - what a supervisor decides, as one event through the ordinary door: so it is in the log,
 * with who decided and why, and is replayed like everything else. */
#include "act.h"
#include "feeding.h"
#include <pwd.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <time.h>
#include <unistd.h>

void act_options(struct act *a, int *argc, char **argv)
{
    const struct passwd *user = getpwuid(getuid());

    a->by = ctl_option(argc, argv, "--by");
    a->reason = ctl_option(argc, argv, "--reason");
    a->endpoint = ctl_option(argc, argv, "--endpoint");
    snprintf(a->login, sizeof(a->login), "%s", user == NULL ? "?" : user->pw_name);
    if (a->by == NULL)
        a->by = a->login;
}

static void on_refused(void *ctx, uint64_t mark, struct sw_str reason, struct sw_str text)
{
    (void)mark;
    ctl_fail("%s: %.*s (%.*s)", (const char *)ctx, SW_STR_ARG(text), SW_STR_ARG(reason));
}

static void put_word(struct sw_jw *w, const char *name, const char *value)
{
    if (value != NULL)
        sw_jw_member(w, name, sw_str(value));
}

static void put_act(const struct act *a, const char *type, const char *subject,
                    const struct act_word *data, size_t n, struct sw_buf *out)
{
    struct sw_jw w = {.out = out};
    struct timespec now;
    char id[64];

    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(id, sizeof(id), "act-%lld-%09ld-%d", (long long)now.tv_sec, now.tv_nsec, getpid());
    sw_jw_object(&w);
    sw_jw_member(&w, "specversion", SW_STR("1.0"));
    sw_jw_member(&w, "id", sw_str(id));
    sw_jw_member(&w, "source", SW_STR("shouwang"));
    sw_jw_member(&w, "type", sw_str(type));
    sw_jw_member(&w, "subject", sw_str(subject));
    sw_jw_key(&w, "data");
    sw_jw_object(&w);
    put_word(&w, "by", a->by);
    put_word(&w, "reason", a->reason);
    for (size_t i = 0; i < n; i++)
        put_word(&w, data[i].name, data[i].value);
    sw_jw_end(&w);
    sw_jw_end(&w);
}

int act_send(struct ctl *c, const struct act *a, const char *type, const char *subject,
             const struct act_word *data, size_t n)
{
    struct feeding f;
    struct sw_buf event = {0};
    char what[300];
    int status = feeding_begin(&f, c, a->endpoint, false);

    if (status != CTL_GOOD)
        return status;
    snprintf(what, sizeof(what), "%s", subject);
    f.refuse = on_refused;
    f.refuse_ctx = what;
    put_act(a, type, subject, data, n, &event);
    status = feeding_event(&f, sw_buf_view(&event), 1);
    if (status == CTL_GOOD)
        status = feeding_flush(&f);
    if (status == CTL_GOOD && f.refused > 0)
        status = CTL_FAILED;
    sw_publisher_close(f.publisher);
    sw_buf_free(&event);
    return status;
}
