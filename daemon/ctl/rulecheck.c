/* rulecheck.c - rule files as the daemon takes them. */
#include "rulecheck.h"
#include <glob.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <stdlib.h>
#include <sys/stat.h>

static void complain(struct sw_diag *diag, const char *path, const char *text)
{
    sw_diag_add(diag, SW_ERROR, (struct sw_place){.file = sw_str(path)}, "%s", text);
}

struct sw_ruleset *sw_rules_compile(const char *dir, struct sw_diag *diag)
{
    struct sw_err err;
    struct sw_bundle *bundle = sw_bundle_load(dir, &err);

    if (bundle == NULL) {
        complain(diag, dir, err.text);
        return NULL;
    }
    return sw_ruleset_build(bundle, dir, diag);
}

/* ---- what a file of tests names ----------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Every path that rule_files: names, relative to the file of tests, patterns filled in. */
static bool named_paths(const struct sw_test_file *tests, glob_t *found, struct sw_diag *diag)
{
    const char *entry;
    bool good = true;

    for (size_t i = 0; (entry = sw_test_file_rules(tests, i)) != NULL && good; i++) {
        struct sw_buf path = {0};

        sw_file_beside(sw_test_file_path(tests), sw_str(entry), &path);
        good = glob(path.p, i == 0 ? 0 : GLOB_APPEND, NULL, found) == 0;
        if (!good)
            sw_diag_add(diag, SW_ERROR, (struct sw_place){.file = sw_str(sw_test_file_path(tests))},
                        _("rule_files: there is no %s"), path.p);
        sw_buf_free(&path);
    }
    return good;
}

/* Rule files by name, with the schema, parameters … that lie beside them. */
static struct sw_ruleset *compile_some(const struct sw_test_file *tests, const char *dir,
                                       const struct sw_str *names, size_t n, struct sw_diag *diag)
{
    struct sw_err err;
    struct sw_str missing;
    struct sw_bundle *bundle = sw_bundle_load(dir, &err);

    if (bundle == NULL) {
        complain(diag, dir, err.text);
        return NULL;
    }
    if (!sw_bundle_keep(bundle, names, n, &missing)) {
        sw_diag_add(diag, SW_ERROR, (struct sw_place){.file = sw_str(sw_test_file_path(tests))},
                    _("rule_files: %.*s is no rule file (*.yaml)"), SW_STR_ARG(missing));
        sw_bundle_free(bundle);
        return NULL;
    }
    return sw_ruleset_build(bundle, dir, diag);
}

/* The folder a path lies in, without the slash; appended to `out`. */
static void folder_of(const char *path, struct sw_buf *out)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        sw_buf_cstr(out, ".");
    else
        sw_buf_put(out, path, slash == path ? 1 : (size_t)(slash - path));
}

static struct sw_ruleset *compile_named(const struct sw_test_file *tests, const glob_t *found,
                                        struct sw_diag *diag)
{
    struct sw_arena arena = {0};
    struct sw_str *names = SW_ARENA_ARRAY(&arena, struct sw_str, found->gl_pathc);
    struct sw_buf dir = {0};
    struct sw_ruleset *rs = NULL;
    bool together = true;

    folder_of(found->gl_pathv[0], &dir);
    for (size_t i = 0; i < found->gl_pathc; i++) {
        const char *path = found->gl_pathv[i];
        const char *slash = strrchr(path, '/');
        struct sw_buf own = {0};

        folder_of(path, &own);
        together &= !is_folder(path) && sw_str_eq(sw_buf_view(&own), sw_buf_view(&dir));
        sw_buf_free(&own);
        names[i] = sw_str(slash == NULL ? path : slash + 1);
    }
    if (together)
        rs = compile_some(tests, dir.p, names, found->gl_pathc, diag);
    else
        complain(diag, sw_test_file_path(tests),
                 _("rule_files: expected one folder, or files of one folder"));
    sw_buf_free(&dir);
    sw_arena_free(&arena);
    return rs;
}

struct sw_ruleset *sw_rules_compile_for(const struct sw_test_file *tests, struct sw_diag *diag)
{
    glob_t found = {0};
    struct sw_ruleset *rs = NULL;

    if (named_paths(tests, &found, diag) && found.gl_pathc > 0)
        rs = found.gl_pathc == 1 && is_folder(found.gl_pathv[0])
                 ? sw_rules_compile(found.gl_pathv[0], diag)
                 : compile_named(tests, &found, diag);
    globfree(&found);
    return rs;
}

/* ---- a folder with its tests -------------------------------------------------------------- */

bool sw_rules_test_files(const char *dir, char ***paths, size_t *n, struct sw_diag *diag)
{
    struct sw_buf folder = {0};
    struct sw_err err;
    bool good;

    sw_buf_printf(&folder, "%s/tests", dir);
    good = sw_file_list(folder.p, ".yaml", paths, n, &err) == SW_OK;
    if (!good)
        complain(diag, folder.p, err.text);
    sw_buf_free(&folder);
    return good;
}

static void on_test(void *ctx, const struct sw_test_case *test, struct sw_str failures)
{
    struct sw_buf *text = ctx;

    if (failures.n > 0)
        sw_buf_printf(text, _("test failed: %.*s %.*s\n%.*s"), SW_STR_ARG(test->rule),
                      SW_STR_ARG(test->name), SW_STR_ARG(failures));
}

static void run_files(const char *dir, struct sw_ruleset *rs, struct sw_test_report *report,
                      struct sw_diag *diag)
{
    char **paths;
    size_t n;

    if (!sw_rules_test_files(dir, &paths, &n, diag))
        return;
    for (size_t i = 0; i < n; i++) {
        struct sw_test_file *f = sw_test_file_load(paths[i], diag);

        if (f != NULL)
            sw_test_file_run(f, rs, report, diag);
        sw_test_file_free(f);
        free(paths[i]);
    }
    free(paths);
}

size_t sw_rules_fail(const char *dir, struct sw_ruleset *rs, struct sw_buf *text)
{
    struct sw_test_report report = {.ctx = text, .done = on_test};
    struct sw_diag diag = {0};
    size_t failed;

    sw_ruleset_test(rs, &report);
    run_files(dir, rs, &report, &diag);
    sw_diag_format(&diag, text);
    failed = report.failed + diag.errors;
    sw_diag_free(&diag);
    return failed;
}

struct sw_ruleset *sw_rules_load(const char *dir, struct sw_buf *text)
{
    struct sw_diag diag = {0};
    struct sw_ruleset *rs = sw_rules_compile(dir, &diag);

    sw_diag_format(&diag, text);
    sw_diag_free(&diag);
    if (rs != NULL && sw_rules_fail(dir, rs, text) > 0) {
        sw_ruleset_free(rs);
        rs = NULL;
    }
    return rs;
}
