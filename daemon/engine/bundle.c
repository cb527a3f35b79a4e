/* bundle.c - the texts of rules/ as one thing with one digest. */
#include <shouwang/base/charset.h>
#include <shouwang/base/crypt.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/engine/ruleset.h>
#include <stdlib.h>

enum { FILES_MAX = 200, FILE_BYTES_MAX = 4 << 20 };

#define TABLE "params.csv"

static void add_file(struct sw_bundle *b, struct sw_str name, struct sw_str text)
{
    b->file[b->n].name = sw_arena_str(&b->arena, name);
    b->file[b->n++].text = sw_arena_str(&b->arena, text);
}

/* Lengths go in too, so that text cannot wander from one file into the next. */
static void seal(struct sw_bundle *b)
{
    unsigned char hash[SW_DIGEST_MAX];
    struct sw_buf all = {0};
    struct sw_buf hex = {0};
    size_t n;

    for (size_t i = 0; i < b->n; i++) {
        sw_buf_printf(&all, "%.*s\n%zu\n", SW_STR_ARG(b->file[i].name), b->file[i].text.n);
        sw_buf_str(&all, b->file[i].text);
    }
    n = sw_digest("sha256", sw_buf_view(&all), hash);
    sw_hex_put(&hex, (struct sw_str){(const char *)hash, n});
    memcpy(b->digest, hex.p, sizeof(b->digest));
    sw_buf_free(&all);
    sw_buf_free(&hex);
}

/* The log keeps texts: what holds a NUL could go in and never come out again. */
static enum sw_code check_text(struct sw_str text, struct sw_err *err)
{
    const char *nul = text.n == 0 ? NULL : memchr(text.p, '\0', text.n);
    size_t line = 1;

    if (nul == NULL)
        return SW_OK;
    for (const char *p = text.p; p < nul; p++)
        line += *p == '\n';
    return sw_fail(err, SW_EINVALID,
                   _("line %zu holds a NUL byte: this is no text file; save it as UTF-8"), line);
}

/* One file's text; params.csv comes out of spreadsheets in several encodings. */
static enum sw_code load_file(struct sw_bundle *b, const char *path, struct sw_err *err)
{
    struct sw_str name = sw_str(strrchr(path, '/') + 1);
    struct sw_buf raw = {0};
    struct sw_buf text = {0};
    enum sw_code rc;

    if (!sw_file_is_regular(path))
        return sw_fail(err, SW_EINVALID, _("%s: no ordinary file, but a pipe, socket or device"),
                       path);
    rc = sw_file_read(path, FILE_BYTES_MAX, &raw, err);
    if (rc != SW_OK)
        return rc;
    if (sw_str_is(name, TABLE))
        rc = sw_charset_utf8(sw_buf_view(&raw), &text, err);
    else
        sw_buf_str(&text, sw_buf_view(&raw));
    if (rc == SW_OK)
        rc = check_text(sw_buf_view(&text), err);
    if (rc == SW_OK)
        add_file(b, name, sw_buf_view(&text));
    else
        sw_fail_prefix(err, "%s", path);
    sw_buf_free(&raw);
    sw_buf_free(&text);
    return rc;
}

static enum sw_code load_files(struct sw_bundle *b, char **paths, size_t n, struct sw_err *err)
{
    enum sw_code rc = SW_OK;

    b->file = SW_ARENA_ARRAY(&b->arena, struct sw_bundle_file, n);
    for (size_t i = 0; i < n && rc == SW_OK; i++)
        rc = load_file(b, paths[i], err);
    return rc;
}

static bool belongs(const char *path)
{
    struct sw_str name = sw_str(strrchr(path, '/') + 1);

    return sw_str_is(name, TABLE) || sw_str_is(sw_str_sub(name, name.n - 5, 5), ".yaml");
}

/* What of the folder is no rule file goes out of the list; its order stays. */
static size_t choose(char **paths, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (belongs(paths[i]))
            paths[kept++] = paths[i];
        else
            free(paths[i]);
    }
    return kept;
}

struct sw_bundle *sw_bundle_load(const char *dir, struct sw_err *err)
{
    struct sw_bundle *b = sw_calloc(1, sizeof(*b));
    char **paths;
    size_t n;
    enum sw_code rc = sw_file_list(dir, "", &paths, &n, err);

    n = choose(paths, n);
    if (rc == SW_OK && n == 0)
        rc = sw_fail(err, SW_ENOTFOUND, _("%s: no rule files (*.yaml) here"), dir);
    if (rc == SW_OK && n > FILES_MAX)
        rc = sw_fail(err, SW_EFULL, _("%s: more than %d rule files"), dir, FILES_MAX);
    if (rc == SW_OK)
        rc = load_files(b, paths, n, err);
    for (size_t i = 0; i < n; i++)
        free(paths[i]);
    free(paths);
    if (rc != SW_OK) {
        sw_bundle_free(b);
        return NULL;
    }
    seal(b);
    return b;
}

static bool has_file(const struct sw_bundle *b, struct sw_str name)
{
    for (size_t i = 0; i < b->n; i++) {
        if (sw_str_eq(b->file[i].name, name))
            return true;
    }
    return false;
}

bool sw_bundle_keep(struct sw_bundle *b, const struct sw_str *names, size_t n,
                    struct sw_str *missing)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        *missing = names[i];
        if (!has_file(b, names[i]))
            return false;
    }
    for (size_t i = 0; i < b->n; i++) {
        bool wanted = sw_bundle_special(b->file[i].name);

        for (size_t k = 0; k < n; k++)
            wanted |= sw_str_eq(b->file[i].name, names[k]);
        if (wanted)
            b->file[kept++] = b->file[i];
    }
    b->n = kept;
    seal(b);
    return true;
}

void sw_bundle_pack(const struct sw_bundle *b, struct sw_buf *out)
{
    struct sw_jw w = {.out = out};

    sw_jw_object(&w);
    for (size_t i = 0; i < b->n; i++) {
        sw_jw_key_str(&w, b->file[i].name);
        sw_jw_str(&w, b->file[i].text);
    }
    sw_jw_end(&w);
}

struct sw_bundle *sw_bundle_unpack(struct sw_str packed, struct sw_err *err)
{
    struct sw_bundle *b = sw_calloc(1, sizeof(*b));
    struct sw_arena arena = {0};
    struct sw_json *root;

    if (sw_json_parse(&arena, packed, &root, err) != SW_OK || root->kind != SW_JOBJECT) {
        sw_fail(err, SW_EBAD, _("the stored rule files are damaged"));
        sw_arena_free(&arena);
        sw_bundle_free(b);
        return NULL;
    }
    b->file = SW_ARENA_ARRAY(&b->arena, struct sw_bundle_file, root->count);
    for (const struct sw_json *f = root->first; f != NULL; f = f->next)
        add_file(b, f->key, f->text);
    sw_arena_free(&arena);
    seal(b);
    return b;
}

void sw_bundle_free(struct sw_bundle *b)
{
    if (b == NULL)
        return;
    sw_arena_free(&b->arena);
    free(b);
}
