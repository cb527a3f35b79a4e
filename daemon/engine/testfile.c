/* testfile.c - where tests stand: in rule files, at a rule or for the whole set, and in files of
 * their own, which keep promtool's names where they fit and say so where they do not. */
#include "testrun.h"
#include <shouwang/base/i18n.h>
#include <shouwang/base/mem.h>
#include <stdlib.h>

/* ---- in rule files ------------------------------------------------------------------------ */

void sw_load_tests(struct sw_ruleset *rs, const struct sw_yaml *root, struct sw_diag *diag)
{
    const struct sw_yaml *rules = sw_yaml_get(root, "rules");
    struct sw_test_form f = {
        .rs = rs,
        .arena = &rs->arena,
        .diag = diag,
        .tests = &rs->tests,
        .params = sw_yaml_get(root, "test_params"),
    };

    sw_test_form_params(&f, f.params);
    for (const struct sw_yaml *y = rules == NULL ? NULL : rules->first; y != NULL; y = y->next) {
        const struct sw_yaml *name = sw_yaml_get(y, "rule");
        uint32_t rule = name == NULL ? SW_NONE : sw_rule_find(rs, name->text);

        if (rule != SW_NONE)
            sw_test_form_list(&f, sw_yaml_get(y, "tests"), rule);
    }
    sw_test_form_list(&f, sw_yaml_get(root, "tests"), SW_NONE);
}

void sw_tell_untested(const struct sw_ruleset *rs, struct sw_diag *diag)
{
    struct sw_rule_set tested = {0};

    for (const struct sw_test *test = rs->tests.first; test != NULL; test = test->next) {
        if (test->rule != SW_NONE)
            sw_rules_add(&tested, test->rule);
    }
    for (uint32_t i = 0; i < rs->n_rules; i++) {
        if (!sw_rules_has(&tested, i) && sw_rule_find(rs, rs->rule[i].name) == i)
            sw_diag_add(diag, SW_WARNING, rs->rule[i].at, _("%.*s has no tests"),
                        SW_STR_ARG(rs->rule[i].name));
    }
}

/* ---- in files of their own ---------------------------------------------------------------- */

static void check_file(struct sw_test_file *f, struct sw_diag *diag)
{
    sw_keys_read(&sw_test_file_keys, f->root, f, diag);
    if (f->rule_files != NULL && f->rule_files->count == 0)
        sw_diag_add(diag, SW_ERROR, f->rule_files->at,
                    _("rule_files: names a folder, or rule files of one folder"));
}

struct sw_test_file *sw_test_file_load(const char *path, struct sw_diag *diag)
{
    struct sw_test_file *f = sw_calloc(1, sizeof(*f));
    size_t errors = diag->errors;

    f->path = sw_arena_str(&f->arena, sw_str(path)).p;
    f->root = sw_yaml_load(&f->arena, path, diag);
    if (f->root != NULL)
        check_file(f, diag);
    if (f->root != NULL && diag->errors == errors)
        return f;
    sw_test_file_free(f);
    return NULL;
}

void sw_test_file_free(struct sw_test_file *f)
{
    if (f == NULL)
        return;
    sw_arena_free(&f->arena);
    free(f);
}

const char *sw_test_file_path(const struct sw_test_file *f)
{
    return f->path;
}

const char *sw_test_file_rules(const struct sw_test_file *f, size_t i)
{
    const struct sw_yaml *y = f->rule_files == NULL ? NULL : f->rule_files->first;

    for (; y != NULL && i > 0; i--)
        y = y->next;
    return y == NULL ? NULL : y->text.p;
}

bool sw_test_file_run(struct sw_test_file *file, struct sw_ruleset *rs,
                      struct sw_test_report *report, struct sw_diag *diag)
{
    struct sw_test_form f = {
        .rs = rs,
        .arena = &file->arena,
        .diag = diag,
        .tests = &file->tests,
        .params = file->params,
    };
    size_t errors = diag->errors;

    file->tests = (struct sw_tests){0};
    sw_test_form_params(&f, f.params);
    sw_test_form_list(&f, file->list, SW_NONE);
    if (diag->errors > errors)
        return false;
    sw_tests_run(rs, &file->tests, report);
    return true;
}
