/* verify.c - is the record as it was written? What the file itself can tell: both chains, their
 * end, the messages and the rules that steps tell of, the rows of cases. One read transaction, so
 * that a running daemon's commits do not come between. */
#include "query_parts.h"
#include <shouwang/base/crypt.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/intern.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/engine/ruleset.h>
#include <shouwang/store/record.h>
#include <stdlib.h>

/* A case has a step before the next one is opened, so its number is never far ahead of the steps.
 * One that is was changed, and must not cost memory for all the cases that are not there. */
enum { AHEAD_MAX = 10000 };

/* What is known of a case by its steps so far. */
struct known {
    struct sw_seal hash; /* of its last step */
    char row[65];        /* digest of its row, empty: from before rows were kept */
};

struct verify {
    struct sw_query *q;
    const struct sw_record_head *noted;
    void (*row)(void *ctx, const struct sw_wrong *w);
    void *ctx;
    struct known *known; /* by number of the case */
    size_t cases, cap;
    struct sw_record_head head; /* as far as it was read */
    struct sw_intern rules;     /* digests of rules that steps name; their texts were looked at */
    struct sw_arena arena;      /* one step */
    enum sw_code rc;
    struct sw_err *err;
};

static void wrong(struct verify *v, int64_t position, int64_t number, const char *fmt, ...)
    SW_PRINTF(4, 5);

static void wrong(struct verify *v, int64_t position, int64_t number, const char *fmt, ...)
{
    struct sw_buf text = {0};
    va_list ap;

    va_start(ap, fmt);
    sw_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    v->row(v->ctx, &(struct sw_wrong){position, number, sw_buf_view(&text)});
    sw_buf_free(&text);
}

/* ---- the record's rows -------------------------------------------------------------------- */

enum sw_code sw_query_record(struct sw_query *q, int64_t number,
                             void (*row)(void *ctx, const struct sw_sealed_step *s), void *ctx,
                             struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, number == 0 ? QUERY_RECORD : QUERY_RECORD_CASE);
    struct sw_sealed_step s;

    if (number != 0)
        sw_put_int(&u, number);
    else
        q->deadline = 0;
    while (sw_use_row(&u)) {
        s.position = sw_get_int(&u);
        s.step = sw_get_step(&u);
        s.hash = sw_get_str(&u);
        s.link = sw_get_str(&u);
        row(ctx, &s);
    }
    return sw_use_end(&u, err);
}

static struct sw_seal seal_of(struct sw_str bytes)
{
    struct sw_seal seal = {{0}};

    if (bytes.n == SW_SEAL_SIZE)
        memcpy(seal.byte, bytes.p, SW_SEAL_SIZE);
    return seal;
}

static bool is_seal(struct sw_str bytes, const struct sw_seal *seal)
{
    return bytes.n == SW_SEAL_SIZE && memcmp(bytes.p, seal->byte, SW_SEAL_SIZE) == 0;
}

enum sw_code sw_query_record_head(struct sw_query *q, struct sw_record_head *out,
                                  struct sw_err *err)
{
    struct sw_use u = sw_query_use(q, QUERY_RECORD_HEAD);

    *out = (struct sw_record_head){0};
    if (sw_use_row(&u)) {
        out->steps = sw_get_int(&u);
        out->link = seal_of(sw_get_str(&u));
    }
    return sw_use_end(&u, err);
}

/* ---- messages ----------------------------------------------------------------------------- */

static bool is_masked(struct sw_str to, struct sw_str masked)
{
    return to.n < 8 ? sw_str_eq(to, masked)
                    : masked.n == 11 && memcmp(to.p, masked.p, 3) == 0 &&
                          memcmp(to.p + to.n - 4, masked.p + 7, 4) == 0;
}

/* The row of a message against what its step says of it; NULL: they agree. */
static const char *message_fault(const struct sw_queue_row *r, const struct sw_json *data)
{
    const struct sw_json *number = sw_json_get(data, "case"); /* the first it is about */
    int64_t first = 0;
    const struct sw_message_row *m = &r->out.message;
    unsigned char hash[SW_DIGEST_MAX];
    struct sw_seal digest;

    sw_digest("sha256", m->body, hash);
    if (!sw_seal_read(sw_json_text(data, "sha256"), &digest) ||
        memcmp(hash, digest.byte, SW_SEAL_SIZE) != 0)
        return N_("has another text than the one that was sent");
    if (!is_masked(m->to, sw_json_text(data, "to")))
        return N_("has another receiver than the one it was sent to");
    if (!sw_str_eq(m->gateway, sw_json_text(data, "gateway")) ||
        !sw_str_eq(m->kind, sw_json_text(data, "kind")) || number == NULL ||
        !sw_str_int(number->text, &first) || m->number != first)
        return N_("is not the one that was sent");
    return NULL;
}

static void check_message(struct verify *v, const struct sw_sealed_step *s,
                          const struct sw_json *data)
{
    struct sw_str id = sw_json_text(data, "message");
    struct sw_use u = sw_query_use(v->q, QUERY_MESSAGE);
    char room[MESSAGE_ID_SIZE];
    struct sw_queue_row r;
    const char *fault = N_("is gone");

    v->q->deadline = 0;
    sw_put_int(&u, sw_message_rowid(id));
    if (sw_use_row(&u)) {
        sw_query_get_message(&u, room, &r);
        fault = message_fault(&r, data);
    }
    if (sw_use_end(&u, v->err) != SW_OK)
        v->rc = v->err->code;
    else if (fault != NULL)
        wrong(v, s->position, s->step.number, _("message %.*s %s"), SW_STR_ARG(id), _(fault));
}

/* ---- rules -------------------------------------------------------------------------------- */

/* Whether the log has them, and as they were. */
static bool are_rules(struct verify *v, struct sw_str digest)
{
    struct sw_buf packed = {0};
    struct sw_bundle *b = NULL;
    enum sw_code rc = sw_query_bundle(v->q, digest, &packed, v->err);
    bool good;

    if (rc == SW_OK)
        b = sw_bundle_unpack(sw_buf_view(&packed), NULL);
    else if (rc != SW_ENOTFOUND)
        v->rc = rc;
    good = b != NULL && sw_str_is(digest, b->digest);
    sw_bundle_free(b);
    sw_buf_free(&packed);
    return good;
}

/* The texts that decided are kept under their digest, which the step has; each is read once. */
static void check_rules(struct verify *v, const struct sw_sealed_step *s,
                        const struct sw_json *data)
{
    struct sw_str digest = sw_json_text(data, "rules");

    if (digest.n == 0 || sw_intern_find(&v->rules, digest) != SW_NONE)
        return;
    sw_intern_add(&v->rules, digest);
    v->q->deadline = 0;
    if (!are_rules(v, digest) && v->rc == SW_OK)
        wrong(v, s->position, s->step.number, _("the rules %.*s are gone, or other than they were"),
              SW_STR_ARG(sw_str_sub(digest, 0, 12)));
}

/* ---- steps -------------------------------------------------------------------------------- */

static struct known *known_of(struct verify *v, int64_t number, int64_t position)
{
    if (number < 1 || number - position > AHEAD_MAX)
        return NULL;
    if ((size_t)number >= v->cases) {
        v->known = sw_grow(v->known, &v->cap, (size_t)number + 1, sizeof(*v->known));
        memset(v->known + v->cases, 0, ((size_t)number + 1 - v->cases) * sizeof(*v->known));
        v->cases = (size_t)number + 1;
    }
    return &v->known[number];
}

/* What the step keeps beside its words. */
static void check_data(struct verify *v, const struct sw_sealed_step *s, struct known *k)
{
    struct sw_json *data = NULL;
    struct sw_err err;
    struct sw_str row;

    if (s->step.data.n == 0)
        return;
    sw_arena_reset(&v->arena);
    if (sw_json_parse(&v->arena, s->step.data, &data, &err) != SW_OK) {
        wrong(v, s->position, s->step.number, _("its data cannot be read: %s"), err.text);
        return;
    }
    row = sw_json_text(data, "row");
    if (row.n == sizeof(k->row) - 1)
        memcpy(k->row, row.p, row.n);
    if (sw_str_is(s->step.kind, SW_STEP_MESSAGE))
        check_message(v, s, data);
    check_rules(v, s, data);
}

static void check_step(struct verify *v, const struct sw_sealed_step *s)
{
    struct known *k = known_of(v, s->step.number, s->position);
    struct sw_seal hash = seal_of(s->hash);
    bool gap = s->position != v->head.steps + 1;
    struct sw_seal want;

    if (gap)
        wrong(v, s->position, s->step.number, _("step %lld should be here: steps are missing"),
              (long long)v->head.steps + 1);
    if (k == NULL) {
        wrong(v, s->position, s->step.number, _("there is no such case"));
    } else {
        want = sw_step_hash(&k->hash, &s->step);
        if (!is_seal(s->hash, &want))
            wrong(v, s->position, s->step.number,
                  _("it is not as it was written, or the case's step before it is another"));
        k->hash = hash;
        check_data(v, s, k);
    }
    want = sw_step_link(&v->head.link, s->position, &hash);
    if (!gap && !is_seal(s->link, &want))
        wrong(v, s->position, s->step.number, _("it does not follow the record's step before it"));
    v->head = (struct sw_record_head){s->position, seal_of(s->link)};
    if (v->noted != NULL && v->noted->steps == s->position && !is_seal(s->link, &v->noted->link))
        wrong(v, s->position, s->step.number,
              _("up to here the record is another than when its end was noted"));
}

static void on_step(void *ctx, const struct sw_sealed_step *s)
{
    struct verify *v = ctx;

    if (v->rc == SW_OK)
        check_step(v, s);
}

static void check_head(struct verify *v)
{
    struct sw_record_head head;

    if (v->rc == SW_OK)
        v->rc = sw_query_record_head(v->q, &head, v->err);
    if (v->rc != SW_OK)
        return;
    if (head.steps != v->head.steps)
        wrong(v, v->head.steps, 0, _("the record ends here, but %lld steps were written"),
              (long long)head.steps);
    else if (memcmp(&head.link, &v->head.link, sizeof(head.link)) != 0)
        wrong(v, v->head.steps, 0, _("the record's end is another than the one that was kept"));
    if (v->noted != NULL && v->noted->steps > v->head.steps)
        wrong(v, v->head.steps, 0, _("the record ends here, but it had %lld steps when noted"),
              (long long)v->noted->steps);
}

/* ---- rows of cases ------------------------------------------------------------------------ */

static void check_case(struct verify *v, const struct sw_case_row *c)
{
    struct known *k = c->number > 0 && c->number < (int64_t)v->cases ? &v->known[c->number] : NULL;
    static const struct sw_seal none = {{0}};
    char digest[65];

    if (k == NULL || memcmp(&k->hash, &none, sizeof(none)) == 0) {
        wrong(v, 0, c->number, _("no step tells of this case"));
        return;
    }
    sw_case_row_digest(c, digest);
    if (k->row[0] != '\0' && memcmp(k->row, digest, 64) != 0)
        wrong(v, 0, c->number, _("the case is not as its last step left it"));
    k->row[64] = 'x'; /* seen */
}

static void check_cases(struct verify *v)
{
    struct sw_use u = sw_query_use(v->q, QUERY_ROWS);

    v->q->deadline = 0;
    while (v->rc == SW_OK && sw_use_row(&u)) {
        struct sw_case_row c = sw_query_get_case(&u);

        check_case(v, &c);
    }
    if (sw_use_end(&u, v->rc == SW_OK ? v->err : NULL) != SW_OK && v->rc == SW_OK)
        v->rc = v->err->code;
    for (size_t i = 0; v->rc == SW_OK && i < v->cases; i++) {
        if (v->known[i].row[0] != '\0' && v->known[i].row[64] == '\0')
            wrong(v, 0, (int64_t)i, _("the case is gone"));
    }
}

/* ---- the whole ---------------------------------------------------------------------------- */

enum sw_code sw_query_verify(struct sw_query *q, const struct sw_record_head *noted,
                             void (*row)(void *ctx, const struct sw_wrong *w), void *ctx,
                             struct sw_err *err)
{
    struct verify v = {.q = q, .noted = noted, .row = row, .ctx = ctx, .err = err};
    enum sw_code rc = sw_query_begin(q, err);

    if (rc != SW_OK)
        return rc;
    q->deadline = 0;
    sw_intern_init(&v.rules, (struct sw_hash_key){0, 0});
    rc = sw_query_record(q, 0, on_step, &v, err);
    v.rc = v.rc == SW_OK ? rc : v.rc;
    check_head(&v);
    if (v.rc == SW_OK)
        check_cases(&v);
    sw_query_end(q);
    sw_intern_free(&v.rules);
    sw_arena_free(&v.arena);
    free(v.known);
    return v.rc;
}
