/* verify.c - `verify`: is the record of cases as it was written? Of a database, by its chains and,
 * when asked, by its log; of a printed proof, by nothing but itself. */
#include "proof.h"
#include <shouwang/base/crypt.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/version.h>
#include <stdlib.h>

enum { SHOWN_MAX = 20, DOCUMENT_MAX = 64 << 20 };

/* What is wrong, as it comes. */
struct findings {
    bool json;
    struct sw_jw *w; /* with json */
    size_t n;
};

static void put_wrong(void *ctx, const struct sw_wrong *wrong)
{
    struct findings *f = ctx;

    f->n++;
    if (f->json) {
        sw_jw_object(f->w);
        sw_jw_member_int(f->w, "step", wrong->position);
        sw_jw_member_int(f->w, "case", wrong->number);
        sw_jw_member(f->w, "what", wrong->what);
        sw_jw_end(f->w);
    } else if (f->n > SHOWN_MAX) {
        return;
    } else if (wrong->position > 0 && wrong->number > 0) {
        printf(_("step %lld, case %lld: %.*s\n"), (long long)wrong->position,
               (long long)wrong->number, SW_STR_ARG(wrong->what));
    } else if (wrong->position > 0) {
        printf(_("step %lld: %.*s\n"), (long long)wrong->position, SW_STR_ARG(wrong->what));
    } else if (wrong->number > 0) {
        printf(_("case %lld: %.*s\n"), (long long)wrong->number, SW_STR_ARG(wrong->what));
    } else {
        printf("%.*s\n", SW_STR_ARG(wrong->what));
    }
}

static void wrong(struct findings *f, int64_t position, int64_t number, const char *fmt, ...)
    SW_PRINTF(4, 5);

static void wrong(struct findings *f, int64_t position, int64_t number, const char *fmt, ...)
{
    struct sw_buf text = {0};
    va_list ap;

    va_start(ap, fmt);
    sw_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    put_wrong(f, &(struct sw_wrong){position, number, sw_buf_view(&text)});
    sw_buf_free(&text);
}

static void on_damage(void *ctx, struct sw_str finding)
{
    put_wrong(ctx, &(struct sw_wrong){.what = finding});
}

/* ---- a proof ------------------------------------------------------------------------------ */

static bool has_digest(struct sw_str text, struct sw_str hex)
{
    unsigned char hash[SW_DIGEST_MAX];
    struct sw_seal want;

    sw_digest("sha256", text, hash);
    return sw_seal_read(hex, &want) && memcmp(hash, want.byte, SW_SEAL_SIZE) == 0;
}

static const struct sw_json *message_of(const struct sw_json *proof, struct sw_str id)
{
    const struct sw_json *m = sw_json_first(proof, "messages");

    while (m != NULL && !sw_str_eq(sw_json_text(m, "id"), id))
        m = m->next;
    return m;
}

/* The digest of the case's row that the newest step keeps goes to `row`. */
static void check_data(struct findings *f, const struct sw_json *proof, const struct sw_json *step,
                       char row[65])
{
    struct sw_arena arena = {0};
    struct sw_json *data = NULL;
    struct sw_err err;
    struct sw_str text = sw_json_text(step, "data");
    int64_t position = sw_json_int(step, "position");

    if (text.n > 0 && sw_json_parse(&arena, text, &data, &err) == SW_OK) {
        struct sw_str digest = sw_json_text(data, "row");
        const struct sw_json *m = message_of(proof, sw_json_text(data, "message"));

        if (digest.n == 64)
            memcpy(row, digest.p, 64);
        if (sw_str_is(sw_json_text(step, "kind"), SW_STEP_MESSAGE) &&
            (m == NULL || !has_digest(sw_json_text(m, "body"), sw_json_text(data, "sha256")) ||
             !sw_str_eq(sw_json_text(m, "to"), sw_json_text(data, "to"))))
            wrong(f, position, 0, _("message %.*s is not the one that was sent"),
                  SW_STR_ARG(sw_json_text(data, "message")));
    }
    sw_arena_free(&arena);
}

static void check_link(struct findings *f, const struct sw_json *step, const struct sw_json *before,
                       const struct sw_seal *hash)
{
    int64_t position = sw_json_int(step, "position");
    struct sw_seal link = {{0}};
    struct sw_seal want;

    if (position != 1 && (before == NULL || sw_json_int(before, "position") != position - 1 ||
                          !sw_seal_read(sw_json_text(before, "link"), &link)))
        return; /* another case's step comes before: only the database knows it */
    want = sw_step_link(&link, position, hash);
    if (!sw_seal_read(sw_json_text(step, "link"), &link) || memcmp(&link, &want, sizeof(link)) != 0)
        wrong(f, position, 0, _("it does not follow the record's step before it"));
}

static void check_steps(struct findings *f, const struct sw_json *proof, char row[65])
{
    const struct sw_json *before = NULL;
    int64_t number = sw_json_int(sw_json_get(proof, "case"), "number");
    struct sw_seal hash = {{0}};
    struct sw_seal stored;

    for (const struct sw_json *s = sw_json_first(proof, "steps"); s != NULL; s = s->next) {
        struct sw_step_row step = {.number = sw_json_int(s, "case"),
                                   .at = sw_json_int(s, "at_us"),
                                   .seq = sw_json_int(s, "seq"),
                                   .kind = sw_json_text(s, "kind"),
                                   .actor = sw_json_text(s, "actor"),
                                   .text = sw_json_text(s, "text"),
                                   .data = sw_json_text(s, "data")};

        hash = sw_step_hash(&hash, &step);
        if (step.number != number || !sw_seal_read(sw_json_text(s, "hash"), &stored) ||
            memcmp(&hash, &stored, sizeof(hash)) != 0)
            wrong(f, sw_json_int(s, "position"), number,
                  _("it is not as it was written, or the case's step before it is another"));
        check_link(f, s, before, &hash);
        check_data(f, proof, s, row);
        before = s;
        hash = sw_seal_read(sw_json_text(s, "hash"), &stored) ? stored : hash;
    }
    if (before == NULL)
        wrong(f, 0, number, _("no step tells of this case"));
}

static void check_row(struct findings *f, const struct sw_json *proof, const char *row)
{
    const struct sw_json *c = sw_json_get(proof, "case");
    const struct sw_json *score = sw_json_get(c, "score");
    struct sw_case_row r = {.number = sw_json_int(c, "number"),
                            .opened = sw_json_int(c, "opened_us"),
                            .updated = sw_json_int(c, "updated_us"),
                            .due = sw_json_int(c, "due_us")};
    struct sw_str *const text[] = {&r.household, &r.area,    &r.place, &r.name,   &r.state,
                                   &r.level,     &r.outcome, &r.owner, &r.causes, &r.rules};
    static const char *const keys[] = {"household", "area",    "place", "name",   "state",
                                       "level",     "outcome", "owner", "causes", "rules"};
    char digest[65];
    char number[64];

    for (size_t i = 0; i < SW_COUNTOF(text); i++)
        *text[i] = sw_json_text(c, keys[i]);
    snprintf(number, sizeof(number), "%.*s", SW_STR_ARG(score == NULL ? SW_STR("0") : score->text));
    r.score = strtod(number, NULL);
    sw_case_row_digest(&r, digest);
    if (row[0] != '\0' && memcmp(row, digest, 64) != 0)
        wrong(f, 0, r.number, _("the case is not as its last step left it"));
}

static void check_rules(struct findings *f, const struct sw_json *proof)
{
    for (const struct sw_json *r = sw_json_first(proof, "rules"); r != NULL; r = r->next) {
        if (!has_digest(sw_json_text(r, "text"), sw_json_text(r, "sha256")))
            wrong(f, 0, 0, _("the text of the rule %.*s was changed"),
                  SW_STR_ARG(sw_json_text(r, "rule")));
    }
}

/* The page says what the document says, line by line. */
static void check_page(struct findings *f, const struct sw_json *proof, struct sw_str page)
{
    struct sw_buf made = {0};
    struct sw_str want;
    struct sw_str a = page;
    struct sw_str b;
    struct sw_str have;
    int line = 0;

    sw_proof_page(proof, &made);
    b = sw_buf_view(&made);
    while (a.p != NULL && b.p != NULL) {
        line++;
        sw_str_split(&a, '\n', &have);
        sw_str_split(&b, '\n', &want);
        if (have.n > 0 && have.p[have.n - 1] == '\r')
            have.n--;
        if (!sw_str_eq(have, want)) {
            wrong(f, 0, 0, _("line %d of the page is not what the record below it says"), line);
            break;
        }
    }
    sw_buf_free(&made);
}

/* A byte order mark, and lines as another system ends them, change nothing of what it says. */
static struct sw_str json_of(struct sw_str text, struct sw_str *page)
{
    const char *mark = text.n == 0 ? NULL : memmem(text.p, text.n, PROOF_MARK, strlen(PROOF_MARK));
    size_t at;

    *page = (struct sw_str){NULL, 0};
    if (sw_str_starts(text, SW_STR("\xef\xbb\xbf")))
        text = sw_str_sub(text, 3, text.n);
    if (mark == NULL)
        return sw_str_trim(text);
    *page = (struct sw_str){text.p, (size_t)(mark - text.p)};
    at = (size_t)(mark - text.p) + strlen(PROOF_MARK);
    return sw_str_trim(sw_str_sub(text, at, text.n));
}

/* There is no record in it that could be checked: none at all, only its beginning, or spoilt. */
static int tell_unread(struct sw_str text, struct sw_str json, bool has_mark,
                       const struct sw_err *err)
{
    bool is_proof =
        has_mark || sw_str_starts(json, SW_STR("{")) ||
        (text.n > 0 && memmem(text.p, text.n, PROOF_TITLE, strlen(PROOF_TITLE)) != NULL);

    if (!is_proof)
        return ctl_fail(_("this is neither a database nor a proof"));
    if (json.n == 0 || json.p[json.n - 1] != '}' || !sw_str_starts(json, SW_STR("{")))
        return ctl_fail(_("the proof is not complete: its end is missing, so nothing of it can be "
                          "checked; print it once more"));
    return ctl_fail(_("the record in the proof was changed and cannot be read any more (%s)"),
                    err->text);
}

static int check_proof(struct ctl *c, struct sw_str text, struct findings *f)
{
    struct sw_arena arena = {0};
    struct sw_json *proof = NULL;
    struct sw_str page;
    struct sw_str json = json_of(text, &page);
    char row[65] = "";
    struct sw_err err;
    int result = CTL_GOOD;

    (void)c;
    if (sw_json_parse(&arena, json, &proof, &err) != SW_OK) {
        result = tell_unread(text, json, page.p != NULL, &err);
    } else if (!sw_str_is(sw_json_text(proof, "format"), PROOF_FORMAT)) {
        result = ctl_fail(_("this is no proof, or one of a newer program"));
    } else {
        check_steps(f, proof, row);
        check_row(f, proof, row);
        check_rules(f, proof);
        if (page.n > 0 && sw_str_is(sw_json_text(proof, "program"), SW_VERSION))
            check_page(f, proof, page);
        else if (page.n > 0)
            fprintf(stderr, "%s\n",
                    _("the page was made by another version and was not compared; the record below "
                      "it was checked"));
        if (f->n == 0 && !f->json)
            printf(_("case %lld: the proof is as it was printed (record: %lld steps)\n"),
                   (long long)sw_json_int(sw_json_get(proof, "case"), "number"),
                   (long long)sw_json_int(sw_json_get(proof, "record"), "steps"));
    }
    sw_arena_free(&arena);
    return result;
}

/* ---- a database --------------------------------------------------------------------------- */

static int check_database(const char *path, const struct sw_record_head *noted,
                          const char *key_file, struct findings *f)
{
    struct sw_query *q;
    struct sw_record_head head = {0};
    char link[2 * SW_SEAL_SIZE + 1];
    struct sw_err err;
    enum sw_code rc = sw_query_open(&q, path, &err);

    if (rc != SW_OK)
        return ctl_fail("%s", err.text);
    rc = sw_query_verify(q, noted, put_wrong, f, &err);
    sw_query_key_file(q, key_file);
    if (rc == SW_OK && key_file != NULL)
        rc = sw_query_recompute(q, put_wrong, f, &err);
    if (rc == SW_OK)
        rc = sw_query_check(q, on_damage, f, &err);
    if (rc == SW_OK)
        rc = sw_query_record_head(q, &head, &err);
    sw_query_close(q);
    if (rc != SW_OK)
        return ctl_fail("%s", err.text);
    sw_seal_hex(&head.link, link);
    if (f->n == 0 && !f->json)
        printf(_("the record is as it was written: %lld steps\nits end: %lld:%s\n"),
               (long long)head.steps, (long long)head.steps, link);
    return CTL_GOOD;
}

/* "120:9f86…" as a proof and this verb print it. */
static bool read_head(const char *text, struct sw_record_head *out)
{
    struct sw_str rest = sw_str(text);
    struct sw_str steps;

    return sw_str_split(&rest, ':', &steps) && sw_str_int(steps, &out->steps) && out->steps > 0 &&
           sw_seal_read(rest, &out->link);
}

/* ---- the verb ----------------------------------------------------------------------------- */

/* `key_file`: with the log, from which the record follows; NULL: without. */
static int check_file(struct ctl *c, const char *path, const struct sw_record_head *noted,
                      const char *key_file, struct findings *f)
{
    static const char magic[] = "SQLite format 3";
    struct sw_buf text = {0};
    char start[sizeof(magic)] = "";
    struct sw_err err;
    FILE *file = fopen(path, "rb");
    int result;

    if (file != NULL) {
        size_t n = fread(start, 1, sizeof(start), file);

        fclose(file);
        if (n == sizeof(start) && memcmp(start, magic, sizeof(start)) == 0)
            return check_database(path, noted, key_file, f);
    }
    if (noted != NULL || key_file != NULL)
        return ctl_fail(_("--head and --log are about a database, and %s is none"), path);
    if (sw_file_read(path, DOCUMENT_MAX, &text, &err) != SW_OK)
        result = ctl_fail("%s: %s", path, err.text);
    else
        result = check_proof(c, sw_buf_view(&text), f);
    sw_buf_free(&text);
    return result;
}

static int finish(struct findings *f, int result)
{
    if (f->json) {
        sw_jw_end(f->w);
        sw_jw_key(f->w, "good");
        sw_jw_bool(f->w, result == CTL_GOOD && f->n == 0);
        sw_jw_end(f->w);
        sw_buf_char(f->w->out, '\n');
        fwrite(f->w->out->p, 1, f->w->out->n, stdout);
    } else if (f->n > SHOWN_MAX) {
        printf(_("… and %zu more\n"), f->n - SHOWN_MAX);
    }
    return result == CTL_GOOD && f->n > 0 ? CTL_FAILED : result;
}

int ctl_verify(struct ctl *c, int argc, char **argv)
{
    const char *head = ctl_option(&argc, argv, "--head");
    const char *key_file = ctl_option(&argc, argv, "--key-file");
    bool with_log = ctl_flag(&argc, argv, "--log");
    struct sw_record_head noted;
    struct sw_buf out = {0};
    struct sw_jw w = {.out = &out};
    struct findings f = {.json = c->json, .w = &w};
    int result;

    if (ctl_unknown_options(argc, argv) || argc > 2)
        return CTL_USAGE;
    if (head != NULL && !read_head(head, &noted))
        return ctl_fail(_("--head: expected STEPS:LINK as a proof prints it"));
    if ((argc == 1 || (with_log && key_file == NULL)) && ctl_config(c) == NULL)
        return CTL_FAILED;
    if (!with_log)
        key_file = NULL;
    else if (key_file == NULL)
        key_file = c->config->key_file;
    if (f.json) {
        sw_jw_object(&w);
        sw_jw_key(&w, "wrong");
        sw_jw_array(&w);
    }
    result = check_file(c, argc == 2 ? argv[1] : c->config->database, head == NULL ? NULL : &noted,
                        key_file, &f);
    result = finish(&f, result);
    sw_buf_free(&out);
    return result;
}
