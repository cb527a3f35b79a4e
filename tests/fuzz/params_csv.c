/* params_csv.c - any bytes as params.csv (or params.yaml) in a rule folder: nothing crashes, and
 * what loads prints in both forms, loads again from both to equal values, and prints the same
 * again.
 *
 * Input: the file as it lies on the disk, in whatever encoding; a first line "%yaml" makes the rest
 * params.yaml. Build with clang -fsanitize=fuzzer -DSW_LIBFUZZER; without, main() replays files. */
#include "../unit/ruleset_help.h"
#include "engine/parts.h"
#include "replay.h"
#include <shouwang/base/mem.h>
#include <stdlib.h>
#include <unistd.h>

enum { SIZE_MAX_TRIED = 65536 };

static const char rules[] = "categories: {c: {label: 因病, cap: 30}}\n"
                            "levels: {yellow: {label: 黄色, enter: 10, leave: 5}}\n"
                            "rules: [{rule: r, label: 甲, category: c, when: work.lost.exists(), "
                            "score: 10, message: 乙}]\n";

static char folder[] = "/tmp/shouwang-fuzz-XXXXXX";
static const char *const names[] = {"schema.yaml", "rules.yaml", "params.csv", "params.yaml"};
static bool begun;

static const char *path_of(const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, struct sw_str text)
{
    FILE *f = fopen(path_of(name), "wb");

    SW_ASSERT(f != NULL);
    fwrite(text.n == 0 ? "" : text.p, 1, text.n, f);
    fclose(f);
}

static void clean_up(void)
{
    for (size_t i = 0; i < SW_COUNTOF(names); i++)
        unlink(path_of(names[i]));
    rmdir(folder);
}

static void begin(void)
{
    if (begun)
        return;
    begun = true;
    SW_ASSERT(mkdtemp(folder) != NULL);
    atexit(clean_up);
    write_file(names[0], sw_str(small_schema));
    write_file(names[1], sw_str(rules));
}

/* The folder with this text as the one file of parameters. */
static struct sw_ruleset *load(const char *name, struct sw_str text, struct sw_diag *diag)
{
    struct sw_err err = {.code = SW_OK};
    struct sw_bundle *b;

    write_file(name, text);
    b = sw_bundle_load(folder, &err);
    unlink(path_of(name));
    if (b == NULL) {
        SW_ASSERT(err.code != SW_OK && err.text[0] != '\0');
        sw_diag_add(diag, SW_ERROR, (struct sw_place){0}, "%s", err.text);
        return NULL;
    }
    return sw_ruleset_build(b, folder, diag);
}

static bool same_value(struct sw_value a, struct sw_value b)
{
    return a.kind == b.kind && (a.kind == SW_KDOUBLE ? a.d == b.d : a.i == b.i);
}

static void must_be_same(const struct sw_ruleset *a, const struct sw_ruleset *b)
{
    SW_ASSERT(a->n_params == b->n_params && a->params_version == b->params_version);
    for (size_t i = 0; i < a->n_params; i++) {
        const struct sw_param *p = &a->param[i];
        const struct sw_param *q = &b->param[i];

        SW_ASSERT(sw_str_eq(p->name, q->name) && sw_str_eq(p->label, q->label));
        SW_ASSERT(sw_str_eq(p->unit, q->unit) && p->is_whole == q->is_whole);
        SW_ASSERT(same_value(p->min, q->min) && same_value(p->max, q->max) && p->n == q->n);
        for (size_t k = 0; k < p->n; k++) {
            SW_ASSERT(p->value[k].from == q->value[k].from);
            SW_ASSERT(same_value(p->value[k].value, q->value[k].value));
            SW_ASSERT(sw_str_eq(p->value[k].source, q->value[k].source));
        }
    }
}

static void go_round(const struct sw_ruleset *rs, enum sw_params_form form, const char *name)
{
    struct sw_diag diag = {0};
    struct sw_buf text = {0};
    struct sw_buf again = {0};
    struct sw_ruleset *other;

    sw_ruleset_params_put(rs, form, &text);
    other = load(name, sw_buf_view(&text), &diag);
    SW_ASSERT(other != NULL);
    must_be_same(rs, other);
    sw_ruleset_params_put(other, form, &again);
    SW_ASSERT(sw_str_eq(sw_buf_view(&text), sw_buf_view(&again)));
    sw_ruleset_free(other);
    sw_diag_free(&diag);
    sw_buf_free(&text);
    sw_buf_free(&again);
}

/* What is active must come out of the log again. */
static void keep(const struct sw_ruleset *rs)
{
    struct sw_buf packed = {0};
    struct sw_bundle *b;

    sw_bundle_pack(sw_ruleset_bundle(rs), &packed);
    b = sw_bundle_unpack(sw_buf_view(&packed), NULL);
    SW_ASSERT(b != NULL && strcmp(b->digest, sw_ruleset_digest(rs)) == 0);
    sw_bundle_free(b);
    sw_buf_free(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sw_str mark = {"%yaml\n", 6};
    struct sw_str text = {(const char *)data, size};
    bool is_yaml = sw_str_starts(text, mark);
    struct sw_diag diag = {0};
    struct sw_buf out = {0};
    struct sw_ruleset *rs;

    if (size > SIZE_MAX_TRIED)
        return 0;
    begin();
    rs = is_yaml ? load("params.yaml", sw_str_sub(text, mark.n, size), &diag)
                 : load("params.csv", text, &diag);
    SW_ASSERT((rs == NULL) == (diag.errors > 0));
    sw_diag_format(&diag, &out);
    if (rs != NULL) {
        keep(rs);
        go_round(rs, SW_PARAMS_TABLE, "params.csv");
        go_round(rs, SW_PARAMS_YAML, "params.yaml");
    }
    sw_ruleset_free(rs);
    sw_diag_free(&diag);
    sw_buf_free(&out);
    return 0;
}
