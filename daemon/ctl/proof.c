/* proof.c - `case proof`: everything about a case in one document that proves itself. */
#include "proof.h"
#include <shouwang/base/crypt.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/version.h>
#include <shouwang/engine/ruleset.h>
#include <stdlib.h>
#include <time.h>

/* A document in the making. */
struct making {
    struct sw_query *q;
    struct sw_jw w;
    struct sw_arena arena; /* what steps said, until the end */
    /* Rules that some step gave as a cause, and under which rule texts. */
    struct {
        struct sw_str digest, rule;
    } * cause;
    size_t n_causes, cap_causes;
    struct sw_str *message; /* ids of the messages that steps tell of */
    size_t n_messages, cap_messages;
};

/* ---- the case ----------------------------------------------------------------------------- */

static void on_case(void *ctx, const struct sw_case_row *r)
{
    struct sw_jw *w = &((struct making *)ctx)->w;

    sw_jw_key(w, "case");
    sw_jw_object(w);
    sw_jw_member_int(w, "number", r->number);
    ctl_put_case(w, r);
    sw_jw_member(w, "causes", r->causes); /* as bytes: the row's digest goes over them */
    sw_jw_end(w);
}

/* ---- its steps ---------------------------------------------------------------------------- */

static void put_hex(struct sw_jw *w, const char *key, struct sw_str bytes)
{
    struct sw_buf hex = {0};

    sw_hex_put(&hex, bytes);
    sw_jw_member(w, key, sw_buf_view(&hex));
    sw_buf_free(&hex);
}

void sw_proof_step_json(struct sw_jw *w, const struct sw_sealed_step *s)
{
    sw_jw_object(w);
    sw_jw_member_int(w, "position", s->position);
    sw_jw_member_int(w, "case", s->step.number);
    sw_jw_member_int(w, "at_us", s->step.at);
    sw_jw_member_int(w, "seq", s->step.seq);
    sw_jw_member(w, "kind", s->step.kind);
    sw_jw_member(w, "actor", s->step.actor);
    sw_jw_member(w, "text", s->step.text);
    sw_jw_member(w, "data", s->step.data);
    put_hex(w, "hash", s->hash);
    put_hex(w, "link", s->link);
    sw_jw_end(w);
}

static void note_cause(struct making *m, struct sw_str digest, struct sw_str rule)
{
    for (size_t i = 0; i < m->n_causes; i++) {
        if (sw_str_eq(m->cause[i].digest, digest) && sw_str_eq(m->cause[i].rule, rule))
            return;
    }
    m->cause = sw_grow(m->cause, &m->cap_causes, m->n_causes + 1, sizeof(*m->cause));
    m->cause[m->n_causes].digest = sw_arena_str(&m->arena, digest);
    m->cause[m->n_causes++].rule = sw_arena_str(&m->arena, rule);
}

/* Some are about several cases, and in the row of one. */
static void note_message(struct making *m, struct sw_str id)
{
    m->message = sw_grow(m->message, &m->cap_messages, m->n_messages + 1, sizeof(*m->message));
    m->message[m->n_messages++] = sw_arena_str(&m->arena, id);
}

static void on_step(void *ctx, const struct sw_sealed_step *s)
{
    struct making *m = ctx;
    struct sw_arena arena = {0};
    struct sw_json *data = NULL;
    struct sw_err err;

    sw_proof_step_json(&m->w, s);
    if (s->step.data.n > 0 && sw_json_parse(&arena, s->step.data, &data, &err) == SW_OK) {
        const struct sw_json *causes = sw_json_get(data, "causes");

        if (sw_str_is(s->step.kind, SW_STEP_MESSAGE))
            note_message(m, sw_json_text(data, "message"));
        for (const struct sw_json *c = causes == NULL ? NULL : causes->first; c != NULL;
             c = c->next)
            note_cause(m, sw_json_text(data, "rules"), sw_json_text(c, "rule"));
    }
    sw_arena_free(&arena);
}

/* ---- its messages ------------------------------------------------------------------------- */

static void on_message(void *ctx, const struct sw_queue_row *r)
{
    struct sw_jw *w = &((struct making *)ctx)->w;
    const struct sw_message_row *m = &r->out.message;
    char to[16];

    ctl_mask_phone(m->to, to);
    sw_jw_object(w);
    sw_jw_member(w, "id", m->id);
    sw_jw_member(w, "kind", m->kind);
    sw_jw_member(w, "gateway", m->gateway);
    sw_jw_member(w, "to", sw_str(to));
    sw_jw_member(w, "body", m->body);
    sw_jw_member_int(w, "created_us", m->created);
    sw_jw_member(w, "fate", r->fate);
    sw_jw_member_int(w, "fate_at_us", r->fate_at);
    sw_jw_end(w);
}

/* ---- the rules ---------------------------------------------------------------------------- */

static size_t indent_of(struct sw_str line)
{
    size_t n = 0;

    while (n < line.n && line.p[n] == ' ')
        n++;
    return n;
}

static bool begins_rule(struct sw_str line, struct sw_str rule)
{
    static const char key[] = "- rule:";
    struct sw_str rest = sw_str_trim(line);

    if (!sw_str_starts(rest, sw_str(key)))
        return false;
    rest = sw_str_trim(sw_str_sub(rest, sizeof(key) - 1, rest.n));
    return sw_str_starts(rest, rule) && (rest.n == rule.n || rest.p[rule.n] == ' ');
}

/* The lines of a rule: from its "- rule:" to the next line that is not deeper. */
static struct sw_str lines_of(struct sw_str file, struct sw_str rule)
{
    struct sw_str rest = file;
    struct sw_str line;
    const char *from = NULL;
    const char *to = NULL;
    size_t indent = 0;

    while (rest.p != NULL && sw_str_split(&rest, '\n', &line)) {
        if (from == NULL && begins_rule(line, rule)) {
            from = line.p;
            indent = indent_of(line);
        } else if (from != NULL && sw_str_trim(line).n > 0 && indent_of(line) <= indent) {
            break;
        }
        if (from != NULL && sw_str_trim(line).n > 0)
            to = line.p + line.n;
    }
    return from == NULL ? SW_STR("") : (struct sw_str){from, (size_t)(to - from)};
}

static void put_rule(struct sw_jw *w, const struct sw_bundle *b, struct sw_str rule)
{
    unsigned char hash[SW_DIGEST_MAX];
    struct sw_str text = SW_STR("");
    size_t i = 0;

    for (; i < b->n && text.n == 0; i++) {
        if (!sw_bundle_special(b->file[i].name))
            text = lines_of(b->file[i].text, rule);
    }
    sw_jw_object(w);
    sw_jw_member(w, "digest", sw_str(b->digest));
    sw_jw_member(w, "rule", rule);
    sw_jw_member(w, "file", text.n == 0 ? SW_STR("") : b->file[i - 1].name);
    sw_jw_member(w, "text", text);
    put_hex(w, "sha256", (struct sw_str){(const char *)hash, sw_digest("sha256", text, hash)});
    sw_jw_end(w);
}

static enum sw_code put_rules(struct making *m, struct sw_err *err)
{
    enum sw_code rc = SW_OK;

    sw_jw_key(&m->w, "rules");
    sw_jw_array(&m->w);
    for (size_t i = 0; rc == SW_OK && i < m->n_causes; i++) {
        struct sw_buf packed = {0};
        struct sw_bundle *b = NULL;

        rc = sw_query_bundle(m->q, m->cause[i].digest, &packed, err);
        if (rc == SW_OK)
            b = sw_bundle_unpack(sw_buf_view(&packed), err);
        if (rc == SW_OK && b == NULL)
            rc = err->code;
        if (b != NULL && !sw_str_is(m->cause[i].digest, b->digest))
            rc = sw_fail(err, SW_EBAD, _("the stored rule texts are not those of digest %.*s"),
                         SW_STR_ARG(m->cause[i].digest));
        if (b != NULL && rc == SW_OK)
            put_rule(&m->w, b, m->cause[i].rule);
        sw_bundle_free(b);
        sw_buf_free(&packed);
    }
    sw_jw_end(&m->w);
    return rc;
}

/* ---- the document ------------------------------------------------------------------------- */

static enum sw_code put_record(struct making *m, struct sw_err *err)
{
    struct sw_record_head head;
    char link[2 * SW_SEAL_SIZE + 1];
    enum sw_code rc = sw_query_record_head(m->q, &head, err);

    sw_seal_hex(&head.link, link);
    sw_jw_key(&m->w, "record");
    sw_jw_object(&m->w);
    sw_jw_member_int(&m->w, "steps", head.steps);
    sw_jw_member(&m->w, "link", sw_str(link));
    sw_jw_end(&m->w);
    return rc;
}

static enum sw_code put_lists(struct making *m, int64_t number, struct sw_err *err)
{
    enum sw_code rc;

    sw_jw_key(&m->w, "steps");
    sw_jw_array(&m->w);
    rc = sw_query_record(m->q, number, on_step, m, err);
    sw_jw_end(&m->w);
    sw_jw_key(&m->w, "messages");
    sw_jw_array(&m->w);
    for (size_t i = 0; rc == SW_OK && i < m->n_messages; i++)
        rc = sw_query_message(m->q, m->message[i], on_message, m, err);
    sw_jw_end(&m->w);
    return rc == SW_OK ? put_rules(m, err) : rc;
}

enum sw_code sw_proof_make(struct sw_query *q, int64_t number, struct sw_buf *out,
                           struct sw_err *err)
{
    struct making m = {.q = q, .w = {.out = out}};
    enum sw_code rc = sw_query_begin(q, err);

    if (rc != SW_OK)
        return rc;
    sw_jw_object(&m.w);
    sw_jw_member(&m.w, "format", SW_STR(PROOF_FORMAT));
    sw_jw_member(&m.w, "program", SW_STR(SW_VERSION));
    sw_jw_member_int(&m.w, "printed_us", (int64_t)time(NULL) * SW_SECOND);
    sw_jw_member_int(&m.w, "utc_offset_s", ctl_utc_offset((sw_time)time(NULL) * SW_SECOND));
    rc = sw_query_case(q, number, on_case, &m, err);
    if (rc == SW_OK)
        rc = put_lists(&m, number, err);
    if (rc == SW_OK)
        rc = put_record(&m, err);
    sw_jw_end(&m.w);
    sw_query_end(q);
    free(m.cause);
    free(m.message);
    sw_arena_free(&m.arena);
    return rc;
}

/* ---- the verb ----------------------------------------------------------------------------- */

static int print(const struct sw_buf *json, bool json_only)
{
    struct sw_arena arena = {0};
    struct sw_json *proof;
    struct sw_buf page = {0};
    struct sw_err err;
    int result = CTL_GOOD;

    if (sw_json_parse(&arena, sw_buf_view(json), &proof, &err) != SW_OK) {
        result = ctl_fail("%s", err.text);
    } else {
        if (!json_only) {
            sw_proof_page(proof, &page);
            sw_buf_cstr(&page, "\n" PROOF_MARK "\n");
        }
        sw_buf_str(&page, sw_buf_view(json));
        sw_buf_char(&page, '\n');
        fwrite(page.p, 1, page.n, stdout);
    }
    sw_buf_free(&page);
    sw_arena_free(&arena);
    return result;
}

int ctl_case_proof(struct ctl *c, int argc, char **argv)
{
    struct sw_query *q;
    struct sw_buf json = {0};
    struct sw_err err;
    int64_t number;
    int result;

    if (ctl_unknown_options(argc, argv) || argc != 2 || !sw_str_int(sw_str(argv[1]), &number) ||
        number < 1)
        return CTL_USAGE;
    if (ctl_open_store(c, &q) != CTL_GOOD)
        return CTL_FAILED;
    if (sw_proof_make(q, number, &json, &err) == SW_OK)
        result = print(&json, c->json);
    else
        result = ctl_fail("%s", err.text);
    sw_query_close(q);
    sw_buf_free(&json);
    return result;
}
