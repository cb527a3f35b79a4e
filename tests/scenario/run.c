/* run.c - plays one .scn file: a county, its events and its people on a clock of its own, through
 * the real engine and a real store. The language is described in tests/scenario/README.md.
 *
 * Every line that expects something is one TAP check named after the line. */
#include "../tap.h"
#include "../unit/part_help.h"
#include <shouwang/base/date.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <shouwang/base/utf8.h>
#include <shouwang/engine/preview.h>
#include <shouwang/intake/table.h>
#include <shouwang/store/figures.h>
#include <shouwang/store/query.h>
#include <shouwang/store/record.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { WORDS_MAX = 40, ROOM = 256 << 20 /* bytes free where a story is played */ };

struct sent {
    char *id, *to, *gateway, *body, *kind;
    int64_t number;
};

/* How many events of a type were stored; those that take one back are none. */
struct told {
    char *type;
    int64_t n;
};

struct play {
    const char *file, *rules;
    char *database, *snapshot; /* snapshot: NULL: none, as after kill -9 */
    struct sw_ruleset *ruleset;
    struct sw_part *part;
    const struct sw_zone *zone;
    sw_time now;
    struct sent *sent;                /* every message that reached the disk */
    size_t n_sent, cap_sent, seen[2]; /* told about by an expect line: messages, reminders */
    struct sw_ack ack;                /* of the last offer */
    char ack_text[400];
    size_t rows[SW_ACK_LATER + 1]; /* of the last table, by what became of them */
    struct sw_buf bad_rows;        /* its refused ones: "52: the reason", one a line */
    unsigned int serial;
    uint32_t line;
    struct told *told; /* events of departments, by type */
    size_t n_told, cap_told;
    struct sw_buf preview; /* of the newest change of rules … */
    struct sw_buf ahead;   /* … and of the day on which its dated numbers change; may be empty */
    bool crashes;          /* after every line */
    bool is_another;       /* a replayed state was not the one that was lost */
    bool is_surprised;     /* a change of rules came out otherwise than its preview */
};

/* ---- the part's hooks --------------------------------------------------------------------- */

static sw_time on_now(void *ctx)
{
    return ((struct play *)ctx)->now;
}

static void on_message(void *ctx, const struct sw_outbox_row *m, bool claimed)
{
    struct play *p = ctx;

    (void)claimed;
    for (size_t i = 0; i < p->n_sent; i++) {
        if (sw_str_is(m->message.id, p->sent[i].id))
            return; /* told again after a restart: the same message */
    }
    p->sent = sw_grow(p->sent, &p->cap_sent, p->n_sent + 1, sizeof(*p->sent));
    p->sent[p->n_sent++] = (struct sent){
        sw_str_dup(m->message.id),   sw_str_dup(m->message.to),   sw_str_dup(m->message.gateway),
        sw_str_dup(m->message.body), sw_str_dup(m->message.kind), m->message.number};
}

static void on_fatal(void *ctx, const char *why)
{
    struct play *p = ctx;

    printf("Bail out! %s:%u: the store failed: %s\n", p->file, p->line, why);
    exit(1);
}

static void on_ack(void *ctx, uint64_t token, const struct sw_ack *a)
{
    struct play *p = ctx;

    (void)token;
    p->ack = *a;
    snprintf(p->ack_text, sizeof(p->ack_text), "%.*s", SW_STR_ARG(a->text));
}

/* ---- up and down -------------------------------------------------------------------------- */

static void bail(struct play *p, const char *why)
{
    printf("Bail out! %s:%u: %s\n", p->file, p->line, why);
    exit(1);
}

static void open_part(struct play *p)
{
    struct sw_part_conf conf = {
        .backend = &sw_backend_sqlite,
        .where = p->database,
        .snapshot = p->snapshot,
        .hooks = {p, on_now, claim_none, on_message, keep_change, NULL, on_fatal},
        .rules = sw_ruleset_ref(p->ruleset),
    };
    struct sw_err err;

    if (sw_part_open(&p->part, &conf, &err) != SW_OK)
        bail(p, err.text);
    while (sw_part_pass_time(p->part)) {}
}

static void load_rules(struct play *p, const char *dir)
{
    struct sw_buf text = {0};

    sw_ruleset_free(p->ruleset);
    p->ruleset = sw_rules_load(dir, &text);
    if (p->ruleset == NULL) {
        printf("# %.*s\n", SW_STR_ARG(sw_buf_view(&text)));
        bail(p, "the rules do not load");
    }
    p->zone = sw_ruleset_schema(p->ruleset)->zone;
    sw_buf_free(&text);
}

/* ---- offering ----------------------------------------------------------------------------- */

static void offer(struct play *p, enum sw_input_kind kind, struct sw_str body)
{
    static struct sw_source source = {"scenario", NULL, on_ack, NULL};
    struct sw_offer o = {.source = &source, .kind = kind, .body = body};

    source.ctx = p;
    p->ack = (struct sw_ack){SW_ACK_LATER, "", {NULL, 0}};
    if (!sw_part_push(p->part, &o))
        bail(p, "the part turned an input away");
    while (sw_part_pass_time(p->part)) {}
}

static const struct sw_stream *stream_named(const struct play *p, struct sw_str type)
{
    const struct sw_schema *s = sw_ruleset_schema(p->ruleset);

    return sw_str_is(type, "registry.household") ? &s->streams[SW_FACTS]
                                                 : sw_schema_stream(s, type);
}

/* Of fields that are not in the schema only feed.batch.closed and case.act have numbers, and only
 * registry.absence a truth. */
static void put_value(struct sw_jw *w, const char *type, const struct sw_field *f, struct sw_str v)
{
    double d;
    bool number = f == NULL ? strcmp(type, SW_BATCH_CLOSED) == 0 || strcmp(type, SW_CASE_ACT) == 0
                            : f->type == SW_FMONEY || f->type == SW_FINT || f->type == SW_FNUMBER;

    bool truth = f == NULL ? strcmp(type, "registry.absence") == 0 && sw_str_is(v, "true")
                           : f->type == SW_FBOOL;

    if ((number && sw_double_parse(v, &d)) || truth)
        sw_jw_raw(w, v);
    else
        sw_jw_str(w, v);
}

static void count_told(struct play *p, const char *type)
{
    for (size_t i = 0; i < p->n_told; i++) {
        if (strcmp(p->told[i].type, type) == 0) {
            p->told[i].n++;
            return;
        }
    }
    p->told = sw_grow(p->told, &p->cap_told, p->n_told + 1, sizeof(*p->told));
    p->told[p->n_told++] = (struct told){sw_strdup(type), 1};
}

/* TYPE SUBJECT key=value …; on=, at=, id=, reverses=, stated= and what is told of a person belong
 * to the envelope. */
static void send_event(struct play *p, const char *type, const char *subject, struct sw_str *word,
                       size_t n)
{
    static const char *const envelope[] = {"on",     "at",         "id",          "reverses",
                                           "stated", "personname", "personbirth", "personarea"};
    const struct sw_stream *st = stream_named(p, sw_str(type));
    struct sw_str given[SW_COUNTOF(envelope)] = {{NULL, 0}};
    struct sw_buf data = {0};
    struct sw_buf out = {0};
    struct sw_jw d = {.out = &data};
    struct sw_jw w = {.out = &out};
    char text[SW_RFC3339_SIZE];
    char id[32];
    sw_time when = p->now;
    sw_day day;

    sw_jw_object(&d);
    for (size_t i = 0; i < n; i++) {
        struct sw_str value = word[i];
        struct sw_str key;
        bool is_envelope = false;

        sw_str_split(&value, '=', &key);
        for (size_t k = 0; k < SW_COUNTOF(envelope); k++) {
            if (sw_str_is(key, envelope[k])) {
                given[k] = value;
                is_envelope = true;
            }
        }
        if (is_envelope)
            continue;
        sw_jw_key_str(&d, key);
        put_value(&d, type, st == NULL ? NULL : sw_stream_field(st, key, NULL), value);
    }
    sw_jw_end(&d);
    if (given[0].n > 0 && sw_date_parse(given[0], &day))
        when = sw_zone_midnight(p->zone, day) + 43200 * SW_SECOND;
    if (given[1].n > 0)
        sw_rfc3339_parse(given[1], &when);
    snprintf(id, sizeof(id), "s%u", ++p->serial);
    sw_jw_object(&w);
    sw_jw_member(&w, "specversion", SW_STR("1.0"));
    sw_jw_member(&w, "source", SW_STR("scenario"));
    sw_jw_member(&w, "id", given[2].n > 0 ? given[2] : sw_str(id));
    sw_jw_member(&w, "type", sw_str(type));
    sw_jw_member(&w, "subject", sw_str(subject));
    sw_jw_member(&w, "time", sw_str(sw_rfc3339_format(when, 0, text)));
    if (sw_date_parse(given[4], &day)) {
        when = sw_zone_midnight(p->zone, day);
        sw_jw_member(&w, "recordedtime", sw_str(sw_rfc3339_format(when, 0, text)));
    }
    if (given[3].n > 0)
        sw_jw_member(&w, "reverses", given[3]);
    for (size_t k = 5; k < SW_COUNTOF(envelope); k++) {
        if (given[k].n > 0)
            sw_jw_member(&w, envelope[k], given[k]);
    }
    if (given[3].n == 0 || data.n > 2) {
        sw_jw_key(&w, "data");
        sw_jw_raw(&w, sw_buf_view(&data));
    }
    sw_jw_end(&w);
    offer(p, SW_IN_EVENT, sw_buf_view(&out));
    if (p->ack.kind == SW_ACK_STORED && given[3].n == 0)
        count_told(p, type);
    sw_buf_free(&data);
    sw_buf_free(&out);
}

/* ---- commands ----------------------------------------------------------------------------- */

static const char *joined(char out[256], const char *a, struct sw_str b)
{
    snprintf(out, 256, "%s%.*s", a, SW_STR_ARG(b));
    return out;
}

static void must_be_stored(struct play *p)
{
    if (p->ack.kind != SW_ACK_STORED)
        bail(p, p->ack_text[0] == '\0' ? "was not stored" : p->ack_text);
}

/* event TYPE SUBJECT k=v … (a subject without '/' is a household) */
static void do_event(struct play *p, struct sw_str *word, size_t n)
{
    char type[256];
    char subject[256];
    bool bare = memchr(word[2].p, '/', word[2].n) == NULL;

    send_event(p, joined(type, "", word[1]), joined(subject, bare ? "household/" : "", word[2]),
               word + 3, n - 3);
}

/* area CODE name=… | household ID area=… | person ID household=… | cadre … | team … | assignment */
/* act NUMBER ACT by=CADRE … */
static void do_act(struct play *p, struct sw_str *word, size_t n)
{
    char subject[256];
    char act[256];
    struct sw_str field[WORDS_MAX];

    field[0] = sw_str(joined(act, "act=", word[2]));
    memcpy(field + 1, word + 3, (n - 3) * sizeof(*word));
    send_event(p, SW_CASE_ACT, joined(subject, "case/", word[1]), field, n - 2);
}

static void do_register(struct play *p, struct sw_str *word, size_t n)
{
    char type[256];
    char subject[256];
    char entity[256];

    joined(entity, "", word[0]);
    snprintf(subject, sizeof(subject), "%.100s/%.*s", entity, SW_STR_ARG(word[1]));
    send_event(p, joined(type, "registry.", word[0]), subject, word + 2, n - 2);
    must_be_stored(p);
}

/* "2026-03-01T15:30", with seconds if need be, as the county's clocks show it. */
static bool local_time(const struct play *p, struct sw_str text, sw_time *at)
{
    char utc[SW_RFC3339_SIZE];
    sw_day day;

    snprintf(utc, sizeof(utc), "%.*s%sZ", SW_STR_ARG(text), text.n == 16 ? ":00" : "");
    if (!sw_rfc3339_parse(sw_str(utc), at) || !sw_date_parse(sw_str_sub(text, 0, 10), &day))
        return false;
    *at += sw_zone_midnight(p->zone, day) - (sw_time)day * 86400 * SW_SECOND;
    return true;
}

/* The entry of the county's list about this person, as "zhang" or a number's last four: its id. */
static struct sw_json *find_mismatch(struct play *p, struct sw_arena *arena, struct sw_str who)
{
    struct sw_buf text = {0};
    struct sw_json *list = NULL;
    struct sw_json *found = NULL;
    struct sw_err err;

    sw_engine_mismatches(sw_part_engine(p->part), &text);
    if (sw_json_parse(arena, sw_arena_str(arena, sw_buf_view(&text)), &list, &err) != SW_OK)
        bail(p, err.text);
    for (struct sw_json *m = list->first; m != NULL && found == NULL; m = m->next) {
        if (sw_str_eq(sw_json_text(m, "name"), who) || sw_str_eq(sw_json_text(m, "last_four"), who))
            found = m;
    }
    if (found == NULL)
        note("%.*s", SW_STR_ARG(sw_buf_view(&text)));
    sw_buf_free(&text);
    return found;
}

/* accept WHO PERSON by=… | decline WHO by=… reason=…: what the verbs send */
static void do_decide(struct play *p, struct sw_str *word, size_t n)
{
    struct sw_arena arena = {0};
    const struct sw_json *m = find_mismatch(p, &arena, word[1]);
    struct sw_str out[WORDS_MAX];
    char subject[64];
    size_t k = 0;

    if (m == NULL)
        bail(p, "nobody like this is in the list");
    snprintf(subject, sizeof(subject), "match/%.*s", SW_STR_ARG(sw_json_text(m, "id")));
    for (size_t i = 2; i < n; i++)
        out[k++] = i == 2 && sw_str_is(word[0], "accept")
                       ? sw_arena_printf(&arena, "person=%.*s", SW_STR_ARG(word[2]))
                       : word[i];
    if (sw_str_is(word[0], "accept") && (sw_str_is(sw_json_text(m, "number"), "unknown") ||
                                         sw_str_is(sw_json_text(m, "number"), "shared")))
        out[k++] = sw_arena_printf(&arena, "idno=%.*s", SW_STR_ARG(sw_json_text(m, "idno")));
    send_event(p, "registry.match", subject, out, k);
    sw_arena_free(&arena);
}

/* drop WHO by=… reason=…: all that waits about this person */
static void do_drop(struct play *p, struct sw_str *word, size_t n)
{
    struct sw_arena arena = {0};
    const struct sw_json *m = find_mismatch(p, &arena, word[1]);
    char subject[64];

    if (m == NULL)
        bail(p, "nobody like this is in the list");
    snprintf(subject, sizeof(subject), "parked/%.*s", SW_STR_ARG(sw_json_text(m, "id")));
    send_event(p, "parked.drop", subject, word + 2, n - 2);
    sw_arena_free(&arena);
}

/* pass 30d, or until 2026-03-01 (nine in the morning), or until 2026-03-01T15:30 */
static void do_pass(struct play *p, struct sw_str *word, size_t n)
{
    sw_time length;
    sw_day day;

    (void)n;
    if (sw_str_is(word[0], "pass") && sw_duration_parse(word[1], &length))
        p->now += length;
    else if (sw_date_parse(word[1], &day))
        p->now = sw_zone_midnight(p->zone, day) + 32400 * SW_SECOND; /* nine in the morning */
    else if (!local_time(p, word[1], &p->now))
        bail(p, "a duration or a date is wanted");
    while (sw_part_pass_time(p->part)) {}
}

static void do_reply(struct play *p, struct sw_str *word, size_t n)
{
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    char id[32];

    (void)n;
    snprintf(id, sizeof(id), "r%u", ++p->serial);
    sw_jw_object(&w);
    sw_jw_member(&w, "gateway", SW_STR("sms"));
    sw_jw_member(&w, "id", sw_str(id));
    sw_jw_member(&w, "from", word[1]);
    sw_jw_member(&w, "text", word[2]);
    sw_jw_end(&w);
    offer(p, SW_IN_REPLY, sw_buf_view(&out));
    sw_buf_free(&out);
}

static void refuse_row(struct play *p, uint32_t line, struct sw_str why)
{
    p->rows[SW_ACK_REFUSED]++;
    sw_buf_printf(&p->bad_rows, "%u: %.*s\n", line, SW_STR_ARG(why));
}

static void take_rows(struct play *p, struct sw_table *t)
{
    struct sw_buf text = {0};
    enum sw_row row;
    uint32_t line;

    while ((row = sw_table_next(t, &line, &text)) != SW_ROW_END) {
        if (row == SW_ROW_EVENT) {
            offer(p, SW_IN_EVENT, sw_buf_view(&text));
            sw_part_flush(p->part);
        }
        if (row == SW_ROW_REFUSED)
            refuse_row(p, line, sw_buf_view(&text));
        else if (p->ack.kind == SW_ACK_REFUSED)
            refuse_row(p, line, sw_str(p->ack_text));
        else
            p->rows[p->ack.kind]++;
    }
    sw_buf_free(&text);
}

/* import FILE [FOLDER]: a department's table beside the scenario, by the layout that is for it: of
 * the rules, or of another folder. */
static void do_import(struct play *p, struct sw_str *word, size_t n)
{
    struct sw_diag diag = {0};
    struct sw_layouts all;
    struct sw_table *t = NULL;
    struct sw_buf path = {0};
    struct sw_buf dir = {0};
    struct sw_buf bytes = {0};
    struct sw_err err = {.code = SW_OK};

    memset(p->rows, 0, sizeof(p->rows));
    sw_buf_clear(&p->bad_rows);
    sw_file_beside(p->file, word[1], &path);
    if (sw_file_read(path.p, ROOM, &bytes, &err) != SW_OK)
        bail(p, err.text);
    if (n > 2)
        sw_file_beside(p->file, word[2], &dir);
    if (!sw_layouts_load(n > 2 ? dir.p : p->rules, sw_ruleset_schema(p->ruleset), &all, &diag))
        bail(p, "the layouts of tables do not load");
    for (size_t i = 0; i < all.n && t == NULL; i++) {
        if (sw_layout_is_for(all.layout[i], strrchr(path.p, '/') + 1) &&
            sw_table_open(&t, all.layout[i], sw_buf_view(&bytes), &err) != SW_OK)
            bail(p, err.text);
    }
    if (t == NULL)
        bail(p, "no layout is for such a file");
    take_rows(p, t);
    sw_table_close(t);
    sw_layouts_free(&all);
    sw_diag_free(&diag);
    sw_buf_free(&path);
    sw_buf_free(&dir);
    sw_buf_free(&bytes);
}

/* fate PHONE STATE [DETAIL]: the gateway's word on the newest message to a phone. */
static void do_fate(struct play *p, struct sw_str *word, size_t n)
{
    size_t i = p->n_sent;
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};

    while (i > 0 && !sw_str_is(word[1], p->sent[i - 1].to))
        i--;
    if (i == 0)
        bail(p, "nothing was sent to this phone");
    sw_jw_object(&w);
    sw_jw_member(&w, "message", sw_str(p->sent[i - 1].id));
    sw_jw_member(&w, "state", word[2]);
    sw_jw_member(&w, "detail", n > 3 ? word[3] : SW_STR(""));
    sw_jw_end(&w);
    offer(p, SW_IN_FATE, sw_buf_view(&out));
    sw_buf_free(&out);
}

/* The process dies and is started again: what was committed is there, nothing else; or it ends in
 * good order and goes on from its snapshot. */
static void do_crash(struct play *p, struct sw_str *word, size_t n)
{
    uint64_t digest = sw_engine_digest(sw_part_engine(p->part));

    (void)word;
    (void)n;
    sw_part_close(p->part); /* writes nothing in synchronous mode: every push was committed */
    open_part(p);
    if (sw_engine_digest(sw_part_engine(p->part)) != digest) {
        note("%s:%u: the log gives another state", p->file, p->line);
        p->is_another = true;
    }
}

/* The rules become active; what they bring was to be seen before, to the byte, and looking at it
 * changed nothing. */
static void activate(struct play *p)
{
    struct sw_arena arena = {0};
    struct sw_json *root;
    const struct sw_engine *e = sw_part_engine(p->part);
    struct sw_preview asked = {.rules = p->ruleset, .now = p->now, .listed = 100};
    uint64_t before = sw_engine_digest(e);
    uint64_t foretold = 0;
    struct sw_part_counts counts;
    struct sw_err err;
    bool seen;

    sw_part_count(p->part, &counts);
    asked.pos = counts.pos;
    sw_buf_clear(&p->preview);
    seen = sw_engine_preview(e, &asked, &p->preview, &foretold, &err) == SW_OK;
    sw_buf_clear(&p->ahead);
    if (seen && sw_json_parse(&arena, sw_buf_view(&p->preview), &root, &err) == SW_OK &&
        sw_date_parse(sw_json_text(root, "ahead"), &asked.until))
        seen = sw_engine_preview(e, &asked, &p->ahead, NULL, &err) == SW_OK;
    sw_arena_free(&arena);
    p->is_surprised |= sw_engine_digest(e) != before;
    sw_part_activate(p->part, sw_ruleset_ref(p->ruleset));
    while (sw_part_pass_time(p->part)) {}
    if (seen && sw_engine_digest(sw_part_engine(p->part)) != foretold) {
        note("%s:%u: the preview was another state", p->file, p->line);
        p->is_surprised = true;
    }
}

static void do_reload(struct play *p, struct sw_str *word, size_t n)
{
    char *dir = sw_str_dup(word[1]);

    (void)n;
    load_rules(p, dir);
    free(dir);
    activate(p);
}

/* down 3d: killed, and started again so much later. */
static void do_down(struct play *p, struct sw_str *word, size_t n)
{
    sw_time length;

    (void)n;
    if (!sw_duration_parse(word[1], &length))
        bail(p, "a duration is wanted");
    sw_part_close(p->part);
    p->now += length;
    open_part(p);
}

/* back 5h: the machine's clock is put back. */
static void do_back(struct play *p, struct sw_str *word, size_t n)
{
    sw_time length;

    (void)n;
    if (!sw_duration_parse(word[1], &length))
        bail(p, "a duration is wanted");
    p->now -= length;
    while (sw_part_pass_time(p->part)) {}
}

/* "\\n" in a word is the end of a line. */
static struct sw_str with_lines(struct sw_arena *arena, struct sw_str word)
{
    char *text = memcpy(SW_ARENA_ARRAY(arena, char, word.n + 1), word.p, word.n);
    size_t n = 0;

    for (size_t i = 0; i < word.n; i++) {
        bool end = text[i] == '\\' && i + 1 < word.n && text[i + 1] == 'n';

        text[n++] = end ? '\n' : text[i];
        i += end;
    }
    return (struct sw_str){text, n};
}

/* The text of a file of the active rules with one passage replaced. */
static struct sw_str amended(struct play *p, struct sw_arena *arena, struct sw_str text,
                             struct sw_str old, struct sw_str now)
{
    const char *at = memmem(text.p, text.n, old.p, old.n);
    size_t before = at == NULL ? 0 : (size_t)(at - text.p);

    if (at == NULL)
        bail(p, "the file has no such passage");
    return sw_arena_printf(arena, "%.*s%.*s%.*s", (int)before, text.p, SW_STR_ARG(now),
                           SW_STR_ARG(sw_str_sub(text, before + old.n, text.n)));
}

/* amend FILE "old" "new": the active rules with one passage replaced become active. */
static void do_amend(struct play *p, struct sw_str *word, size_t n)
{
    const struct sw_bundle *active = sw_ruleset_bundle(p->ruleset);
    struct sw_arena arena = {0};
    struct sw_buf packed = {0};
    struct sw_jw w = {.out = &packed};
    struct sw_diag diag = {0};
    bool found = false;

    (void)n;
    sw_jw_object(&w);
    for (size_t i = 0; i < active->n; i++) {
        struct sw_bundle_file f = active->file[i];

        if (sw_str_eq(f.name, word[1])) {
            f.text = amended(p, &arena, f.text, word[2], with_lines(&arena, word[3]));
            found = true;
        }
        sw_jw_key_str(&w, f.name);
        sw_jw_str(&w, f.text);
    }
    sw_jw_end(&w);
    sw_ruleset_free(p->ruleset);
    p->ruleset = sw_ruleset_build(sw_bundle_unpack(sw_buf_view(&packed), NULL), "", &diag);
    sw_diag_print(&diag, stdout);
    if (!found || p->ruleset == NULL)
        bail(p, "the amended rules do not load");
    sw_diag_free(&diag);
    sw_buf_free(&packed);
    sw_arena_free(&arena);
    p->zone = sw_ruleset_schema(p->ruleset)->zone;
    activate(p);
}

/* ---- expectations ------------------------------------------------------------------------- */

struct found_case {
    struct sw_str household;
    bool found;
    char state[32], level[32], outcome[32], owner[64], area[64], place[128];
    sw_time due;
    char due_text[SW_RFC3339_SIZE]; /* local, to the minute; "none" */
    double score;
    int64_t number;
};

static void on_case(void *ctx, const struct sw_case_row *r)
{
    struct found_case *f = ctx;

    if (f->found || !sw_str_eq(r->household, f->household))
        return;
    f->found = true;
    f->number = r->number;
    f->score = r->score;
    f->due = r->due;
    snprintf(f->state, sizeof(f->state), "%.*s", SW_STR_ARG(r->state));
    snprintf(f->level, sizeof(f->level), "%.*s", SW_STR_ARG(r->level));
    snprintf(f->outcome, sizeof(f->outcome), "%.*s", SW_STR_ARG(r->outcome));
    snprintf(f->owner, sizeof(f->owner), "%.*s", SW_STR_ARG(r->owner));
    snprintf(f->area, sizeof(f->area), "%.*s", SW_STR_ARG(r->area));
    snprintf(f->place, sizeof(f->place), "%.*s", SW_STR_ARG(r->place));
}

static struct found_case find_case(struct play *p, struct sw_str household)
{
    struct found_case f = {.household = household};
    struct sw_case_filter all = {.limit = 10000};
    struct sw_query *q;
    struct sw_err err;

    if (sw_query_open(&q, p->database, &err) != SW_OK ||
        sw_query_cases(q, &all, on_case, &f, &err) != SW_OK)
        bail(p, err.text);
    sw_query_close(q);
    sw_rfc3339_format(f.due, sw_zone_offset(p->zone, f.due), f.due_text);
    f.due_text[16] = '\0'; /* 2026-03-09T23:59 */
    if (f.due == 0)
        snprintf(f.due_text, sizeof(f.due_text), "none");
    return f;
}

static bool field_is(const struct found_case *f, struct sw_str key, struct sw_str want)
{
    char score[32];

    snprintf(score, sizeof(score), "%g", f->score);
    return (sw_str_is(key, "state") && sw_str_is(want, f->state)) ||
           (sw_str_is(key, "level") && sw_str_is(want, f->level)) ||
           (sw_str_is(key, "outcome") && sw_str_is(want, f->outcome)) ||
           (sw_str_is(key, "owner") && sw_str_is(want, f->owner)) ||
           (sw_str_is(key, "due") && sw_str_is(want, f->due_text)) ||
           (sw_str_is(key, "area") && sw_str_is(want, f->area)) ||
           (sw_str_is(key, "place") && sw_str_is(want, f->place)) ||
           (sw_str_is(key, "score") && sw_str_is(want, score));
}

/* expect case H1 none | expect case H1 level=… state=… */
static bool expect_case(struct play *p, struct sw_str *word, size_t n)
{
    struct found_case f = find_case(p, word[2]);
    bool good = true;

    if (n > 3 && sw_str_is(word[3], "none"))
        return !f.found;
    for (size_t i = 3; i < n; i++) {
        struct sw_str value = word[i];
        struct sw_str key;

        sw_str_split(&value, '=', &key);
        good &= field_is(&f, key, value);
    }
    if (!f.found || !good)
        note("case %lld: state=%s level=%s score=%g outcome=%s owner=%s area=%s place=%s due=%s",
             (long long)f.number, f.state, f.level, f.score, f.outcome, f.owner, f.area, f.place,
             f.due_text);
    return f.found && good;
}

/* What a clock sends when nobody answers. */
static bool is_reminder(const struct sent *s)
{
    return strcmp(s->kind, "remind") == 0 || strcmp(s->kind, "escalate") == 0;
}

/* expect messages N: so many since the last such line, reminders not counted; expect reminders N */
static bool expect_messages(struct play *p, struct sw_str *word, size_t n)
{
    bool reminders = sw_str_is(word[1], "reminders");
    int64_t want;
    int64_t got = 0;

    if (n < 3 || !sw_str_int(word[2], &want))
        bail(p, "how many messages?");
    for (size_t i = p->seen[reminders]; i < p->n_sent; i++)
        got += is_reminder(&p->sent[i]) == reminders;
    for (size_t i = p->seen[reminders]; i < p->n_sent && got != want; i++)
        note("%s to %s%s: %s", p->sent[i].id, p->sent[i].gateway, p->sent[i].to, p->sent[i].body);
    p->seen[reminders] = p->n_sent;
    return got == want;
}

/* expect told PHONE|GATEWAY N: so many messages in the whole story */
static bool expect_told(struct play *p, struct sw_str *word, size_t n)
{
    int64_t got = 0;
    int64_t want;

    if (n < 4 || !sw_str_int(word[3], &want))
        bail(p, "to whom, and how many messages?");
    for (size_t i = 0; i < p->n_sent; i++)
        got += sw_str_is(word[2], p->sent[i].to) || sw_str_is(word[2], p->sent[i].gateway);
    if (got != want)
        note("were %lld", (long long)got);
    return got == want;
}

/* The alerts among the messages to phones that are of a case of their own. */
static int64_t cases_told(const struct play *p)
{
    int64_t n = 0;

    for (size_t i = 0; i < p->n_sent; i++) {
        bool is_new = p->sent[i].to[0] != '\0' && p->sent[i].number != 0;

        for (size_t k = 0; k < i && is_new; k++)
            is_new = p->sent[k].to[0] == '\0' || p->sent[k].number != p->sent[i].number;
        n += is_new;
    }
    return n;
}

/* expect reached N of M TYPE: of M events of departments N cases came to somebody's phone */
static bool expect_reached(struct play *p, struct sw_str *word, size_t n)
{
    int64_t want, of;
    int64_t clues = 0;
    int64_t got = cases_told(p);
    int64_t texts = 0;

    if (n < 6 || !sw_str_int(word[2], &want) || !sw_str_int(word[4], &of))
        bail(p, "how many cases, of how many events of which type?");
    for (size_t i = 0; i < p->n_told; i++) {
        if (sw_str_is(word[5], p->told[i].type))
            clues = p->told[i].n;
    }
    for (size_t i = 0; i < p->n_sent; i++)
        texts += p->sent[i].to[0] != '\0';
    note("%lld clues: %lld cases (%.1f %%) reached a phone, with %lld messages: %.3f a clue",
         (long long)clues, (long long)got, clues == 0 ? 0 : 100.0 * (double)got / (double)clues,
         (long long)texts, clues == 0 ? 0 : (double)texts / (double)clues);
    return got == want && clues == of;
}

/* ---- steps ---- */

struct step_wanted {
    const struct sw_zone *zone;
    struct sw_str part, at;
    bool found;
};

static void on_step(void *ctx, const struct sw_step_row *r)
{
    struct step_wanted *w = ctx;

    char at[SW_RFC3339_SIZE];

    sw_rfc3339_format(r->at, sw_zone_offset(w->zone, r->at), at);
    if (r->text.n == 0 || memmem(r->text.p, r->text.n, w->part.p, w->part.n) == NULL)
        return;
    if (sw_str_starts(sw_str(at), w->at))
        w->found = true;
    else
        note("it says so at %s", at);
}

/* expect step H1 "part" [at=2026-03-01T15:30]: some step of the newest case says it, then */
static bool expect_step(struct play *p, struct sw_str *word, size_t n)
{
    struct step_wanted w = {.zone = p->zone, .at = {"", 0}};
    struct sw_query *q;
    struct sw_err err;

    if (n < 4)
        bail(p, "of whose case, and what?");
    w.part = word[3];
    if (n > 4 && sw_str_starts(word[4], SW_STR("at=")))
        w.at = sw_str_sub(word[4], 3, word[4].n);
    if (sw_query_open(&q, p->database, &err) != SW_OK ||
        sw_query_steps(q, find_case(p, word[2]).number, on_step, &w, &err) != SW_OK)
        bail(p, err.text);
    sw_query_close(q);
    return w.found;
}

/* expect text PHONE|GATEWAY "part": some message to it, not told about yet or ever, contains it */
static bool expect_text(struct play *p, struct sw_str *word, size_t n)
{
    if (n < 4)
        bail(p, "to whom, and what?");
    for (size_t i = p->n_sent; i > 0; i--) {
        const struct sent *s = &p->sent[i - 1];

        if ((sw_str_is(word[2], s->to) || sw_str_is(word[2], s->gateway)) &&
            memmem(s->body, strlen(s->body), word[3].p, word[3].n) != NULL)
            return true;
    }
    for (size_t i = 0; i < p->n_sent; i++)
        note("%s to %s%s: %s", p->sent[i].id, p->sent[i].gateway, p->sent[i].to, p->sent[i].body);
    return false;
}

/* expect refused REASON, expect repeated, expect stored: what the last input met */
static bool expect_ack(struct play *p, struct sw_str *word, size_t n)
{
    static const char *const words[] = {"stored", "repeated", "refused", "later"};

    if (!sw_str_is(word[1], words[p->ack.kind])) {
        note("was %s: %s", words[p->ack.kind], p->ack_text);
        return false;
    }
    if (n > 2 && !sw_str_is(word[2], p->ack.reason)) {
        note("was %s: %s", p->ack.reason, p->ack_text);
        return false;
    }
    return true;
}

struct count {
    struct sw_str name;
    int64_t value;
};

static void on_count(void *ctx, struct sw_str name, int64_t value)
{
    struct count *c = ctx;
    bool inside = sw_str_starts(name, c->name) && name.n > c->name.n && name.p[c->name.n] == '.';

    if (sw_str_eq(name, c->name) || inside)
        c->value += value;
}

/* expect parked N [RED]: so many events wait for who is not registered, so many of them serious */
static bool expect_parked(struct play *p, struct sw_str *word, size_t n)
{
    struct sw_engine_counts c;
    struct sw_buf list = {0};
    int64_t want;
    int64_t red = 0;
    bool good;

    if (n < 3 || !sw_str_int(word[2], &want) || (n > 3 && !sw_str_int(word[3], &red)))
        bail(p, "how many?");
    sw_engine_count(sw_part_engine(p->part), &c);
    good = (int64_t)c.parked == want && (n <= 3 || (int64_t)c.parked_red == red);
    if (!good) {
        sw_engine_parked(sw_part_engine(p->part), 100, &list);
        note("%.*s", SW_STR_ARG(sw_buf_view(&list)));
    }
    sw_buf_free(&list);
    return good;
}

/* expect ownerless H1 H2 | expect ownerless none: exactly these lack somebody who looks after them
 */
static bool expect_ownerless(struct play *p, struct sw_str *word, size_t n)
{
    struct sw_arena arena = {0};
    struct sw_buf text = {0};
    struct sw_json *list;
    struct sw_err err;
    size_t want = n == 3 && sw_str_is(word[2], "none") ? 0 : n - 2;
    size_t found = 0;

    sw_engine_ownerless(sw_part_engine(p->part), 1000, &text);
    if (sw_json_parse(&arena, sw_buf_view(&text), &list, &err) != SW_OK)
        bail(p, err.text);
    for (const struct sw_json *v = list->first; v != NULL; v = v->next) {
        for (size_t i = 2; i < n; i++)
            found += sw_str_eq(sw_json_text(v, "household"), word[i]);
    }
    if (list->count != want || found != want)
        note("%.*s", SW_STR_ARG(sw_buf_view(&text)));
    want = list->count == want && found == want;
    sw_buf_free(&text);
    sw_arena_free(&arena);
    return want != 0;
}

/* expect rows stored=198 repeated=0 refused=2: of the last table. */
static bool expect_rows(struct play *p, struct sw_str *word, size_t n)
{
    static const char *const names[] = {"stored", "repeated", "refused"}; /* sw_ack_kind */
    bool good = true;

    for (size_t i = 2; i < n; i++) {
        struct sw_str rest = word[i];
        struct sw_str name;
        int64_t want = -1;
        size_t k = 0;

        if (!sw_str_split(&rest, '=', &name) || !sw_str_int(rest, &want))
            bail(p, "expect rows NAME=COUNT");
        while (k < SW_COUNTOF(names) && !sw_str_is(name, names[k]))
            k++;
        if (k == SW_COUNTOF(names))
            bail(p, "rows are stored, repeated or refused");
        good &= (int64_t)p->rows[k] == want;
    }
    if (!good)
        note("stored %zu, repeated %zu, refused %zu", p->rows[0], p->rows[1], p->rows[2]);
    return good;
}

/* expect row 52 "part": that line was refused, and this was said of it. */
static bool expect_row(struct play *p, struct sw_str *word, size_t n)
{
    struct sw_str rest = sw_buf_view(&p->bad_rows);
    struct sw_str line;
    bool found = false;

    if (n < 4)
        bail(p, "expect row LINE PART");
    while (!found && sw_str_split(&rest, '\n', &line)) {
        struct sw_str number;

        found = sw_str_split(&line, ':', &number) && sw_str_eq(number, word[2]) &&
                memmem(line.p, line.n, word[3].p, word[3].n) != NULL;
    }
    if (!found)
        note("%.*s", SW_STR_ARG(sw_buf_view(&p->bad_rows)));
    return found;
}

/* expect phones C1 C2 | expect phones none: exactly these cadres are not reached by phone */
static bool expect_phones(struct play *p, struct sw_str *word, size_t n)
{
    struct sw_arena arena = {0};
    struct sw_buf text = {0};
    struct sw_json *list;
    struct sw_err err;
    size_t want = n == 3 && sw_str_is(word[2], "none") ? 0 : n - 2;
    size_t found = 0;
    bool good;

    sw_engine_bad_phones(sw_part_engine(p->part), &text);
    if (sw_json_parse(&arena, sw_buf_view(&text), &list, &err) != SW_OK)
        bail(p, err.text);
    for (const struct sw_json *v = list->first; v != NULL; v = v->next) {
        for (size_t i = 2; i < n; i++)
            found += sw_str_eq(sw_json_text(v, "cadre"), word[i]);
    }
    good = list->count == want && found == want;
    if (!good)
        note("%.*s", SW_STR_ARG(sw_buf_view(&text)));
    sw_buf_free(&text);
    sw_arena_free(&arena);
    return good;
}

/* expect mismatch WHO none | expect mismatch WHO kind=… number=… state=… candidates=P1,P2 */
static bool expect_mismatch(struct play *p, struct sw_str *word, size_t n)
{
    struct sw_arena arena = {0};
    const struct sw_json *m = find_mismatch(p, &arena, word[2]);
    struct sw_buf people = {0};
    bool good = m != NULL;

    if (n > 3 && sw_str_is(word[3], "none")) {
        sw_arena_free(&arena);
        return m == NULL;
    }
    for (const struct sw_json *c = good ? sw_json_get(m, "candidates")->first : NULL; c != NULL;
         c = c->next)
        sw_buf_printf(&people, "%s%.*s", people.n == 0 ? "" : ",",
                      SW_STR_ARG(sw_json_text(c, "person")));
    for (size_t i = 3; i < n && m != NULL; i++) {
        struct sw_str value = word[i];
        struct sw_str key;
        const struct sw_json *v;

        sw_str_split(&value, '=', &key);
        key = sw_arena_printf(&arena, "%.*s", SW_STR_ARG(key));
        v = sw_json_get(m, key.p);
        good &= sw_str_is(key, "candidates") ? sw_str_eq(value, sw_buf_view(&people))
                                             : v != NULL && sw_str_eq(v->text, value);
    }
    if (m != NULL && !good) {
        sw_buf_clear(&people);
        sw_jw_value(&(struct sw_jw){.out = &people}, m);
        note("%.*s", SW_STR_ARG(sw_buf_view(&people)));
    }
    sw_buf_free(&people);
    sw_arena_free(&arena);
    return good;
}

/* expect count NAME N: a total of the store; "rejected" is the sum of "rejected.…" */
static bool expect_count(struct play *p, struct sw_str *word, size_t n)
{
    struct count c = {.name = word[2]};
    struct sw_query *q;
    struct sw_err err;
    int64_t want;

    if (n < 4 || !sw_str_int(word[3], &want))
        bail(p, "which count, how many?");
    if (sw_query_open(&q, p->database, &err) != SW_OK ||
        sw_query_counts(q, on_count, &c, &err) != SW_OK)
        bail(p, err.text);
    sw_query_close(q);
    if (c.value != want)
        note("is %lld", (long long)c.value);
    return c.value == want;
}

struct figures {
    struct sw_str key;
    struct sw_figures_row row; /* all 0 while it was not there */
};

static void on_figures(void *ctx, const struct sw_figures_row *r)
{
    struct figures *f = ctx;

    if (sw_str_eq(r->key, f->key))
        memcpy(f->row.n, r->n, sizeof(r->n));
}

/* The way to count of which this is a row. */
static enum sw_figures_by figures_by(struct sw_str key)
{
    bool digits = key.n > 0 && key.p[0] >= '0' && key.p[0] <= '9';

    return key.n == 0                     ? SW_FIGURES_IN_ALL
           : sw_str_is(key, "cadre")      ? SW_FIGURES_BY_ROLE
           : !digits                      ? SW_FIGURES_BY_RULE
           : key.n > 4 && key.p[4] == '-' ? SW_FIGURES_BY_MONTH
           : key.n == 9                   ? SW_FIGURES_BY_TOWN
                                          : SW_FIGURES_BY_VILLAGE;
}

static bool figure_is(const struct figures *f, struct sw_str name, struct sw_str value)
{
    int64_t want;

    for (int i = 0; i < SW_FIGURES; i++) {
        if (!sw_str_is(name, sw_figure_name((enum sw_figure)i)) || !sw_str_int(value, &want))
            continue;
        if ((int64_t)f->row.n[i] != want)
            note("%.*s is %lld", SW_STR_ARG(name), (long long)f->row.n[i]);
        return (int64_t)f->row.n[i] == want;
    }
    note("no figure %.*s", SW_STR_ARG(name));
    return false;
}

/* expect figures all|MONTH|TOWN|VILLAGE|RULE NAME=N …: a row of the figures */
static bool expect_figures(struct play *p, struct sw_str *word, size_t n)
{
    struct figures f = {.key = sw_str_is(word[2], "all") ? SW_STR("") : word[2]};
    struct sw_figures_filter filter = {
        .until = INT64_MAX, .zone = sw_ruleset_schema(p->ruleset)->zone, .now = p->now};
    struct sw_query *q;
    struct sw_err err;
    bool good = true;

    filter.by = figures_by(f.key);
    if (sw_query_open(&q, p->database, &err) != SW_OK ||
        sw_query_figures(q, &filter, on_figures, &f, &err) != SW_OK)
        bail(p, err.text);
    sw_query_close(q);
    for (size_t i = 3; i < n; i++) {
        struct sw_str value = word[i];
        struct sw_str name;

        sw_str_split(&value, '=', &name);
        good &= figure_is(&f, name, value);
    }
    return good;
}

/* expect short: no text message is longer than 70 characters or tells what it must not */
static bool expect_short(struct play *p, struct sw_str *word, size_t n)
{
    bool good = true;

    (void)word;
    (void)n;
    for (size_t i = 0; i < p->n_sent; i++) {
        if (p->sent[i].to[0] != '\0' && sw_utf8_length(sw_str(p->sent[i].body)) > 70) {
            note("%zu characters: %s", sw_utf8_length(sw_str(p->sent[i].body)), p->sent[i].body);
            good = false;
        }
    }
    return good;
}

/* expect feed NAME good | expect feed NAME TROUBLE …: exactly these are wrong with it */
static bool expect_feed(struct play *p, struct sw_str *word, size_t n)
{
    struct sw_arena arena = {0};
    struct sw_feed_state *feed;
    size_t feeds = sw_engine_feeds(sw_part_engine(p->part), &arena, &feed);
    size_t wanted = 0;
    size_t found = 0;
    bool known = false;

    for (size_t i = 0; i < feeds; i++) {
        if (!sw_str_eq(feed[i].name, word[2]))
            continue;
        known = true;
        for (enum sw_feed_trouble t = 0; t < SW_FEED_TROUBLES; t++) {
            if (feed[i].trouble[t] == 0)
                continue;
            found++;
            for (size_t k = 3; k < n; k++)
                wanted += sw_str_is(word[k], sw_feed_trouble_name(t));
            note("%s: %.*s", sw_feed_trouble_name(t), SW_STR_ARG(feed[i].text[t]));
        }
    }
    sw_arena_free(&arena);
    if (n == 4 && sw_str_is(word[3], "good"))
        return known && found == 0;
    return known && found == n - 3 && wanted == found;
}

/* expect calendar YEAR: its holidays are wanted and not there, which is told; 0: nothing is missing
 */
static bool expect_calendar(struct play *p, struct sw_str *word, size_t n)
{
    int32_t missing = sw_ruleset_missing_year(p->ruleset, sw_engine_day(sw_part_engine(p->part)));
    int64_t want;

    if (n < 3 || !sw_str_int(word[2], &want))
        bail(p, "which year?");
    if (missing != want)
        note("is %d", (int)missing);
    return missing == want;
}

/* The member of an object, or the object in an array that bears the name. */
static const struct sw_json *inside(const struct sw_json *v, struct sw_str name)
{
    const struct sw_json *at = v->first;

    for (; at != NULL; at = at->next) {
        const struct sw_json *m = at->first;

        if (v->kind == SW_JOBJECT ? sw_str_eq(at->key, name) : sw_str_eq(at->text, name))
            return at;
        while (m != NULL && !(m->kind == SW_JSTRING && sw_str_eq(m->text, name)))
            m = m->next;
        if (v->kind == SW_JARRAY && m != NULL)
            return at;
    }
    return NULL;
}

/* expect preview households.new=1 by_rule.RULE.begins=12 …: what was to be seen before the newest
 * change of rules, and expect ahead …: on the day of its dated numbers. What is not there is 0. */
static bool expect_preview(struct play *p, struct sw_str *word, size_t n)
{
    const struct sw_buf *text = sw_str_is(word[1], "ahead") ? &p->ahead : &p->preview;
    struct sw_arena arena = {0};
    struct sw_json *root;
    struct sw_err err;
    bool good = true;

    if (sw_json_parse(&arena, sw_buf_view(text), &root, &err) != SW_OK)
        bail(p, err.text);
    for (size_t i = 2; i < n; i++) {
        const struct sw_json *at = root;
        struct sw_str want = word[i];
        struct sw_str path;
        struct sw_str step;

        sw_str_split(&want, '=', &path);
        while (at != NULL && sw_str_split(&path, '.', &step))
            at = inside(at, step);
        good &= sw_str_eq(at == NULL ? SW_STR("0") : at->text, want);
    }
    if (!good)
        note("%.*s", SW_STR_ARG(sw_buf_view(text)));
    sw_arena_free(&arena);
    return good;
}

static const struct {
    const char *word;
    bool (*check)(struct play *p, struct sw_str *word, size_t n);
} expectations[] = {
    {"reminders", expect_messages},  {"calendar", expect_calendar}, {"case", expect_case},
    {"messages", expect_messages},   {"text", expect_text},         {"refused", expect_ack},
    {"repeated", expect_ack},        {"stored", expect_ack},        {"count", expect_count},
    {"short", expect_short},         {"feed", expect_feed},         {"step", expect_step},
    {"parked", expect_parked},       {"reached", expect_reached},   {"told", expect_told},
    {"ownerless", expect_ownerless}, {"figures", expect_figures},   {"mismatch", expect_mismatch},
    {"rows", expect_rows},           {"row", expect_row},           {"phones", expect_phones},
    {"preview", expect_preview},     {"ahead", expect_preview},
};

static void do_expect(struct play *p, struct sw_str *word, size_t n)
{
    struct sw_buf name = {0};

    sw_buf_printf(&name,
                  "%s:%u:", strrchr(p->file, '/') == NULL ? p->file : strrchr(p->file, '/') + 1,
                  p->line);
    for (size_t i = 1; i < n; i++)
        sw_buf_printf(&name, " %.*s", SW_STR_ARG(word[i]));
    for (size_t i = 0; i < SW_COUNTOF(expectations); i++) {
        if (n > 1 && sw_str_is(word[1], expectations[i].word)) {
            ok_named(expectations[i].check(p, word, n), name.p);
            sw_buf_free(&name);
            return;
        }
    }
    bail(p, "unknown expectation");
}

static const struct {
    const char *word;
    size_t least;
    void (*run)(struct play *p, struct sw_str *word, size_t n);
} commands[] = {
    {"event", 3, do_event},         {"area", 3, do_register},    {"household", 2, do_register},
    {"person", 3, do_register},     {"cadre", 3, do_register},   {"team", 3, do_register},
    {"assignment", 3, do_register}, {"pass", 2, do_pass},        {"until", 2, do_pass},
    {"reply", 3, do_reply},         {"crash", 1, do_crash},      {"rules", 2, do_reload},
    {"expect", 2, do_expect},       {"down", 2, do_down},        {"back", 2, do_back},
    {"amend", 4, do_amend},         {"absence", 3, do_register}, {"act", 4, do_act},
    {"accept", 3, do_decide},       {"decline", 2, do_decide},   {"drop", 2, do_drop},
    {"fate", 3, do_fate},           {"import", 2, do_import},
};

/* ---- lines -------------------------------------------------------------------------------- */

/* Words by spaces; "…" keeps spaces; # begins a comment. */
static size_t split_words(char *line, struct sw_str *word)
{
    size_t n = 0;
    char *at = line;

    while (n < WORDS_MAX) {
        char *end;

        at += strspn(at, " \t\r\n");
        if (*at == '\0' || *at == '#')
            break;
        if (*at == '"') {
            end = strchr(++at, '"');
            if (end == NULL)
                end = at + strlen(at);
        } else {
            end = at + strcspn(at, " \t\r\n");
        }
        word[n++] = (struct sw_str){at, (size_t)(end - at)};
        at = *end == '\0' ? end : end + 1;
    }
    return n;
}

static void run_command(struct play *p, struct sw_str *word, size_t n)
{
    for (size_t i = 0; i < SW_COUNTOF(commands); i++) {
        if (sw_str_is(word[0], commands[i].word)) {
            if (n < commands[i].least || p->part == NULL)
                bail(p, "too few words, or no clock yet");
            commands[i].run(p, word, n);
            return;
        }
    }
    bail(p, "unknown command");
}

/* many N COMMAND …: the command N times, % in a word being 1 … N; many M-N: % being M … N. */
static void run_many(struct play *p, const struct sw_str *word, size_t n)
{
    struct sw_arena arena = {0};
    struct sw_str last = n < 3 ? SW_STR("") : word[1];
    struct sw_str part;
    int64_t from = 1;
    int64_t to;

    if (memchr(last.p, '-', last.n) != NULL && sw_str_split(&last, '-', &part) &&
        !sw_str_int(part, &from))
        bail(p, "many M-N takes two numbers");
    if (n < 3 || !sw_str_int(last, &to))
        bail(p, "how often, and what?");
    for (int64_t k = from; k <= to; k++) {
        struct sw_str filled[WORDS_MAX];

        for (size_t i = 2; i < n; i++) {
            const char *mark = memchr(word[i].p, '%', word[i].n);
            size_t at = mark == NULL ? word[i].n : (size_t)(mark - word[i].p);

            filled[i - 2] =
                mark == NULL
                    ? word[i]
                    : sw_arena_printf(&arena, "%.*s%lld%.*s", (int)at, word[i].p, (long long)k,
                                      SW_STR_ARG(sw_str_sub(word[i], at + 1, SIZE_MAX)));
        }
        run_command(p, filled, n - 2);
        sw_arena_reset(&arena);
    }
    sw_arena_free(&arena);
}

static void run_line(struct play *p, char *line)
{
    struct sw_str word[WORDS_MAX];
    size_t n = split_words(line, word);

    if (n == 0)
        return;
    if (sw_str_is(word[0], "clock") && n > 1) {
        sw_day day;

        if (p->part != NULL || !sw_date_parse(word[1], &day))
            bail(p, "clock DATE comes first");
        if (n > 2) {
            char *dir = sw_str_dup(word[2]);

            load_rules(p, dir);
            free(dir);
        }
        p->now = sw_zone_midnight(p->zone, day) + 32400 * SW_SECOND;
        open_part(p);
        return;
    }
    if (sw_str_is(word[0], "many"))
        run_many(p, word, n);
    else
        run_command(p, word, n);
}

static void play_file(struct play *p)
{
    FILE *f = fopen(p->file, "re");
    char *line = NULL;
    size_t cap = 0;

    if (f == NULL)
        bail(p, "cannot open the scenario");
    while (getline(&line, &cap, f) >= 0) {
        p->line++;
        run_line(p, line);
        if (p->crashes && p->part != NULL)
            do_crash(p, NULL, 0);
    }
    free(line);
    fclose(f);
}

static void on_wrong(void *ctx, const struct sw_wrong *w)
{
    size_t *n = ctx;

    ++*n;
    note("step %lld, case %lld: %.*s", (long long)w->position, (long long)w->number,
         SW_STR_ARG(w->what));
}

/* The record of cases is whole, and the log brings about every step of it once more. */
static bool has_proof(struct play *p)
{
    struct sw_query *q;
    struct sw_err err;
    size_t n = 0;
    bool good;

    if (sw_query_open(&q, p->database, &err) != SW_OK)
        bail(p, err.text);
    good = sw_query_verify(q, NULL, on_wrong, &n, &err) == SW_OK &&
           sw_query_recompute(q, on_wrong, &n, &err) == SW_OK;
    if (!good)
        note("%s", err.text);
    sw_query_close(q);
    return good && n == 0;
}

static void remove_database(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".lock", "-lock"};

    for (size_t i = 0; i < SW_COUNTOF(ends); i++) {
        char name[300];

        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
}

/* In memory where there is room (containers have 64 MB): a story ends no machine's power, and
 * waiting for the disk after every line would be most of its time. */
static void make_folder(struct play *p, char dir[64])
{
    static const char *const places[] = {"/dev/shm", "/tmp"};

    for (size_t i = 0; i < SW_COUNTOF(places); i++) {
        struct statvfs fs;

        if (statvfs(places[i], &fs) != 0 || fs.f_bavail < ROOM / fs.f_frsize)
            continue;
        snprintf(dir, 64, "%s/shouwang-scn-XXXXXX", places[i]);
        if (mkdtemp(dir) != NULL)
            return;
    }
    bail(p, "no temporary folder");
}

/* The whole story on a database of its own. */
static void play_once(const char *file, const char *rules, bool crashes, bool snapshots)
{
    struct play p = {.file = file, .rules = rules, .crashes = crashes};
    char dir[64];
    char path[80];
    char snapshot[80];

    make_folder(&p, dir);
    snprintf(path, sizeof(path), "%s/s.db", dir);
    p.database = path;
    snprintf(snapshot, sizeof(snapshot), "%s/s.snap", dir);
    p.snapshot = snapshots ? snapshot : NULL;
    load_rules(&p, p.rules);
    play_file(&p);
    do_crash(&p, NULL, 0);
    ok_named(!p.is_another, "the log gives the same state again");
    ok_named(!p.is_surprised, "each change of rules came out as its preview");
    ok_named(has_proof(&p), "the record of cases is whole, and the log gives it again");
    sw_part_close(p.part);
    sw_ruleset_free(p.ruleset);
    for (size_t i = 0; i < p.n_sent; i++) {
        free(p.sent[i].id);
        free(p.sent[i].to);
        free(p.sent[i].gateway);
        free(p.sent[i].body);
        free(p.sent[i].kind);
    }
    free(p.sent);
    for (size_t i = 0; i < p.n_told; i++)
        free(p.told[i].type);
    free(p.told);
    sw_buf_free(&p.bad_rows);
    sw_buf_free(&p.preview);
    sw_buf_free(&p.ahead);
    remove_database(path);
    unlink(snapshot);
    rmdir(dir);
}

int main(int argc, char **argv)
{
    const char *rules = argc > 2 ? argv[2] : "rules";

    if (argc < 2)
        return 2;
    sw_i18n_init();
    play_once(argv[1], rules, false, false);
    note("once more, killed after every line");
    play_once(argv[1], rules, true, false);
    note("once more, ended and started after every line");
    play_once(argv[1], rules, true, true);
    return done_testing();
}
