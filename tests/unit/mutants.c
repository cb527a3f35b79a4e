/* Ten thousand mutated messages through the real router and part, ten thousand mutated rule files:
 * nothing crashes, nothing leaks (this runs under ASan and UBSan too), whatever is refused has a
 * reason, and what is good still goes in. MUTANTS=n makes n of each. */
#include "../tap.h"
#include "part_help.h"
#include <ev.h>
#include <shouwang/base/file.h>
#include <shouwang/base/json.h>
#include <shouwang/base/utf8.h>
#include <shouwang/engine/describe.h>
#include <shouwang/intake/doors.h>
#include <unistd.h>
#include <zmq.h>

/* The bills are spread: one history of them all would be read again and again. */
enum { PARTS_MAX = 8, HOUSEHOLDS = 100 };

/* ---- mutating ----------------------------------------------------------------------------- */

static const char *const tokens[] = {"{",
                                     "}",
                                     "[",
                                     "]",
                                     "\"",
                                     ":",
                                     ",",
                                     "-",
                                     "1e999",
                                     "\\u0000",
                                     "\xff",
                                     "\n",
                                     "  ",
                                     "null",
                                     "true",
                                     "0",
                                     "99999999999999999999",
                                     "SW1",
                                     "EVENTS",
                                     "household/",
                                     "\xe5\xae",
                                     "\t",
                                     "&x",
                                     "*x",
                                     "!!",
                                     "#",
                                     "- ",
                                     "? ",
                                     ">",
                                     "|",
                                     "'",
                                     "{{",
                                     "}}",
                                     "p.",
                                     "days("};

/* One to four small wounds: a byte changed, a stretch doubled or cut out, a token put in. */
static void mutate(struct tap_random *r, struct sw_buf *b)
{
    for (uint32_t n = 1 + tap_below(r, 4); n > 0; n--) {
        size_t at = tap_below(r, (uint32_t)b->n + 1);
        size_t length = tap_below(r, 20);
        struct sw_buf out = {0};
        const char *token = tokens[tap_below(r, SW_COUNTOF(tokens))];
        uint32_t kind = tap_below(r, 4);

        if (at + length > b->n)
            length = b->n - at;
        sw_buf_put(&out, b->p, at);
        if (kind == 0)
            sw_buf_char(&out, (char)tap_below(r, 256));
        else if (kind == 1)
            sw_buf_put(&out, b->p + at, length);
        else if (kind == 2)
            sw_buf_cstr(&out, token);
        if (kind == 1)
            length = 0;
        sw_buf_put(&out, b->p + at + length, b->n - at - length);
        sw_buf_free(b);
        *b = out;
    }
}

/* ---- frames ------------------------------------------------------------------------------- */

struct world {
    struct ev_loop *loop;
    struct sw_part *part;
    struct sw_router *router;
    void *zmq, *socket;
    uint64_t answers, refused, without_reason, broken;
};

static sw_time on_now(void *ctx)
{
    (void)ctx;
    return INT64_C(1795233600) * SW_SECOND;
}

static void open_world(struct world *w)
{
    struct sw_part_conf conf = {
        .loop = ev_default_loop(EVFLAG_AUTO),
        .backend = &sw_backend_sqlite,
        .where = ":memory:",
        .hooks = {w, on_now, claim_none, keep_message, keep_change, NULL, bail_out},
        .rules = shipped_rules(),
    };
    const char *any = "tcp://127.0.0.1:*";
    struct sw_err err;

    *w = (struct world){.loop = conf.loop, .zmq = sw_doors_context()};
    if (sw_part_open(&w->part, &conf, &err) != SW_OK ||
        sw_router_open(&w->router, w->loop, w->zmq, &any, 1, 4000, w->part, &err) != SW_OK)
        bail_out(NULL, err.text);
    w->socket = zmq_socket(w->zmq, ZMQ_DEALER);
    zmq_connect(w->socket, sw_router_endpoint(w->router, 0));
}

static void send_parts(struct world *w, struct sw_buf *part, size_t n)
{
    for (size_t i = 0; i < n; i++)
        zmq_send(w->socket, part[i].p == NULL ? "" : part[i].p, part[i].n,
                 i + 1 < n ? ZMQ_SNDMORE : 0);
}

/* One answer, if there is one: its frames as texts. */
static size_t receive(struct world *w, struct sw_buf *part)
{
    size_t n = 0;
    int more = 1;

    while (more) {
        zmq_msg_t m;

        zmq_msg_init(&m);
        if (zmq_msg_recv(&m, w->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&m);
            return 0;
        }
        if (n < PARTS_MAX) {
            sw_buf_clear(&part[n]);
            sw_buf_put(&part[n++], zmq_msg_data(&m), zmq_msg_size(&m));
        }
        more = zmq_msg_more(&m);
        zmq_msg_close(&m);
    }
    return n;
}

static void turn(struct world *w)
{
    struct sw_buf part[PARTS_MAX] = {{0}};
    size_t n;

    ev_run(w->loop, EVRUN_NOWAIT);
    while ((n = receive(w, part)) > 0) {
        w->answers++;
        w->broken += !sw_str_is(sw_buf_view(&part[0]), "SW1");
        if (n >= 6 && sw_str_is(sw_buf_view(&part[1]), "ANSWER") &&
            !sw_str_is(sw_buf_view(&part[5]), "0")) {
            w->refused++;
            w->without_reason += n < 7 || part[6].n == 0;
        }
    }
    for (size_t i = 0; i < PARTS_MAX; i++)
        sw_buf_free(&part[i]);
}

/* True when the daemon's answer `word` comes within a second. */
static bool ask(struct world *w, const char *const *frames, size_t n, const char *word)
{
    struct sw_buf part[PARTS_MAX] = {{0}};
    bool found = false;

    for (size_t i = 0; i < n; i++)
        zmq_send(w->socket, frames[i], strlen(frames[i]), i + 1 < n ? ZMQ_SNDMORE : 0);
    for (int tries = 0; tries < 1000 && !found; tries++) {
        ev_run(w->loop, EVRUN_NOWAIT);
        while (receive(w, part) > 0)
            found |= sw_str_is(sw_buf_view(&part[1]), word);
        if (!found)
            usleep(1000);
    }
    for (size_t i = 0; i < PARTS_MAX; i++)
        sw_buf_free(&part[i]);
    return found;
}

static const char area[] = "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"m\",\"type\":"
                           "\"registry.area\",\"subject\":\"area/1\",\"data\":{\"name\":\"x\"}}";
static const char household[] =
    "{\"specversion\":\"1.0\",\"id\":\"h%u\",\"source\":\"m\",\"type\":\"registry.household\","
    "\"subject\":\"household/"
    "H%u\",\"data\":{\"area\":\"1\",\"kind\":\"unstable\",\"members_n\":3}}";
static const char person[] =
    "{\"specversion\":\"1.0\",\"id\":\"p%u\",\"source\":\"m\",\"type\":\"registry.person\","
    "\"subject\":\"person/P%u\",\"data\":{\"household\":\"H%u\",\"name\":\"张三\"}}";
static const char bill[] =
    "{\"specversion\":\"1.0\",\"id\":\"%u\",\"source\":\"m\",\"type\":\"medical.bill\",\"subject\":"
    "\"household/"
    "H%u\",\"time\":\"2026-11-20T10:00:00+08:00\",\"data\":{\"person\":\"P%u\",\"kind\":"
    "\"inpatient\",\"self_paid\":123.45}}";

static void make_message(struct tap_random *r, struct sw_buf *part, uint32_t serial)
{
    uint32_t who = serial % HOUSEHOLDS;

    sw_buf_cstr(&part[0], "SW1");
    sw_buf_cstr(&part[1], "EVENTS");
    sw_buf_printf(&part[2], "t%u", serial);
    for (size_t i = 3; i < 6; i++)
        sw_buf_printf(&part[i], bill, serial * 3 + (uint32_t)i, who, who);
    if (tap_below(r, 5) == 0) /* now and then the protocol itself is hurt */
        mutate(r, &part[tap_below(r, 3)]);
    mutate(r, &part[3 + tap_below(r, 3)]);
}

static bool register_household(struct world *w, uint32_t who)
{
    struct sw_buf one = {0};
    struct sw_buf two = {0};
    bool answered;

    sw_buf_printf(&one, household, who, who);
    sw_buf_printf(&two, person, who, who, who);
    answered = ask(w, (const char *[]){"SW1", "EVENTS", "r", area, one.p, two.p}, 6, "ANSWER");
    sw_buf_free(&one);
    sw_buf_free(&two);
    return answered;
}

static void test_frames(struct tap_random *r, uint32_t mutants)
{
    static const char *const hello[] = {"SW1", "HELLO", "live"};
    struct world w;
    struct sw_part_counts counts;
    int registered = 0;

    open_world(&w);
    ok_named(ask(&w, hello, 3, "CREDIT"), "the router greets");
    for (uint32_t h = 0; h < HOUSEHOLDS; h++)
        registered += register_household(&w, h);
    is_int_named(registered, HOUSEHOLDS, "a registry of households");
    for (uint32_t i = 0; i < mutants; i++) {
        struct sw_buf part[6] = {{0}};
        size_t n = tap_below(r, 20) == 0 ? 1 + tap_below(r, 6) : 6;

        make_message(r, part, i);
        send_parts(&w, part, n);
        turn(&w);
        for (size_t k = 0; k < 6; k++)
            sw_buf_free(&part[k]);
    }
    ok_named(ask(&w, hello, 3, "CREDIT"), "after the mutants it still greets");
    sw_part_count(w.part, &counts);
    note("%llu answers, %llu of them with refusals; %llu events stored, %llu refused",
         (unsigned long long)w.answers, (unsigned long long)w.refused,
         (unsigned long long)counts.accepted, (unsigned long long)counts.rejected);
    is_int_named(w.broken, 0, "every answer speaks the protocol");
    is_int_named(w.without_reason, 0, "every refusal has a reason");
    ok_named(counts.accepted > mutants && counts.rejected > mutants / 10,
             "sound events went in beside wounded ones");
    zmq_close(w.socket);
    sw_router_drain(w.router);
    sw_part_close(w.part);
    sw_router_close(w.router);
    sw_doors_context_free(w.zmq);
}

/* ---- rule files --------------------------------------------------------------------------- */

static const char *const rule_files[] = {"schema.yaml",   "params.yaml", "areas.yaml",
                                         "messages.yaml", "base.yaml",   "work.yaml",
                                         "calendar.yaml", "cases.yaml",  "people.yaml"};

static void keep_utf8(struct sw_buf *text)
{
    for (size_t at = 0;
         (at += sw_utf8_check(sw_str_sub(sw_buf_view(text), at, SIZE_MAX))) < text->n;)
        text->p[at] = '?';
}

/* {"name": text, …} with one of the files wounded. */
static void pack_mutant(struct tap_random *r, const struct sw_buf *text, struct sw_buf *out)
{
    struct sw_jw w = {.out = out};
    size_t victim = tap_below(r, SW_COUNTOF(rule_files));

    sw_jw_object(&w);
    for (size_t i = 0; i < SW_COUNTOF(rule_files); i++) {
        struct sw_buf copy = {0};

        sw_buf_str(&copy, sw_buf_view(&text[i]));
        if (i == victim)
            mutate(r, &copy);
        keep_utf8(&copy); /* JSON carries the bundle */
        sw_jw_member(&w, rule_files[i], sw_buf_view(&copy));
        sw_buf_free(&copy);
    }
    sw_jw_end(&w);
}

/* What loads can be told. */
static void read_back(const struct sw_ruleset *rs, size_t rule)
{
    struct sw_buf text = {0};

    sw_rule_explain(rs, rule, 20000, &text);
    sw_buf_free(&text);
}

static void test_rules(struct tap_random *r, uint32_t mutants)
{
    struct sw_buf text[SW_COUNTOF(rule_files)] = {{0}};
    uint32_t refused = 0;
    uint32_t silent = 0;

    for (size_t i = 0; i < SW_COUNTOF(rule_files); i++) {
        char path[64];

        snprintf(path, sizeof(path), "rules/%s", rule_files[i]);
        if (sw_file_read(path, 1 << 20, &text[i], NULL) != SW_OK)
            bail_out(NULL, path);
    }
    for (uint32_t i = 0; i < mutants; i++) {
        struct sw_buf packed = {0};
        struct sw_diag diag = {0};
        struct sw_bundle *b;
        struct sw_ruleset *rs;

        pack_mutant(r, text, &packed);
        b = sw_bundle_unpack(sw_buf_view(&packed), NULL);
        rs = b == NULL ? NULL : sw_ruleset_build(b, "", &diag);
        refused += b != NULL && rs == NULL;
        silent += b != NULL && rs == NULL && (diag.first == NULL || diag.first->message.n == 0);
        for (size_t k = 0; rs != NULL && k < sw_ruleset_rules(rs); k++)
            read_back(rs, k);
        sw_ruleset_free(rs);
        sw_diag_free(&diag);
        sw_buf_free(&packed);
    }
    note("%u of %u mutated rule folders refused", refused, mutants);
    ok_named(refused > mutants / 10, "wounded rule files are refused");
    ok_named(refused < mutants, "unless the wound is harmless");
    is_int_named(silent, 0, "never without a finding");
    for (size_t i = 0; i < SW_COUNTOF(rule_files); i++)
        sw_buf_free(&text[i]);
}

int main(void)
{
    struct tap_random r = tap_seed();
    const char *given = getenv("MUTANTS");
    uint32_t mutants = given == NULL ? 10000 : (uint32_t)strtoul(given, NULL, 10);

    test_frames(&r, mutants);
    test_rules(&r, mutants);
    return done_testing();
}
