/* testing.c - test rules: promtool's verb, options and exit codes.
 *
 * A folder is tested with what stands in its rule files and in its own folder tests; files of tests
 * named beside it are run against it too. Files alone are run against what their rule_files: name,
 * as promtool does. */
#include "ctl.h"
#include "junit.h"
#include "rulecheck.h"
#include <shouwang/base/i18n.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

struct session {
    struct ctl *c;
    bool verbose;
    const char *run; /* part of a rule's name or label or a test's name; NULL: all tests */
    const char *xml; /* path of the JUnit file; NULL: none */
    FILE *out;       /* for people; stderr when the XML goes to stdout */
    struct ctl_junit *junit;
    struct sw_test_report report;
    sw_time mark;    /* when the test under way began */
    size_t unusable; /* folders and files with findings */
};

static sw_time clock_now(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return (sw_time)ts.tv_sec * SW_SECOND + ts.tv_nsec / 1000;
}

/* ---- one test ----------------------------------------------------------------------------- */

static bool contains(struct sw_str s, const char *part)
{
    return part[0] == '\0' || (s.n > 0 && memmem(s.p, s.n, part, strlen(part)) != NULL);
}

static bool on_wanted(void *ctx, const struct sw_test_case *test)
{
    const struct session *s = ctx;

    return s->run == NULL || contains(test->rule, s->run) || contains(test->label, s->run) ||
           contains(test->name, s->run);
}

static void on_done(void *ctx, const struct sw_test_case *test, struct sw_str failures)
{
    struct session *s = ctx;
    sw_time now = clock_now(CLOCK_MONOTONIC);
    const char *space = test->rule.n > 0 ? " " : "";

    if (failures.n > 0)
        fprintf(s->out, _("  FAILED: %.*s%s%.*s\n%.*s"), SW_STR_ARG(test->rule), space,
                SW_STR_ARG(test->name), SW_STR_ARG(failures));
    else if (s->verbose)
        fprintf(s->out, _("  passed: %.*s%s%.*s\n"), SW_STR_ARG(test->rule), space,
                SW_STR_ARG(test->name));
    ctl_junit_test(s->junit, test->file, test->rule, test->name, now - s->mark, failures);
    s->mark = clock_now(CLOCK_MONOTONIC);
}

/* ---- folders and files -------------------------------------------------------------------- */

static void begin(struct session *s, const char *path)
{
    fprintf(s->out, _("Testing %s\n"), path);
    s->mark = clock_now(CLOCK_MONOTONIC);
}

/* Tell the findings, if there are any; false: there are errors. */
static bool settle(struct session *s, const char *path, struct sw_diag *diag)
{
    struct sw_buf text = {0};
    bool good = diag->errors == 0;

    if (!good) {
        sw_diag_format(diag, &text);
        fprintf(s->out, _("%s  FAILED: %zu errors\n"), text.p, diag->errors);
        ctl_junit_error(s->junit, sw_str(path), sw_buf_view(&text));
        s->unusable++;
    }
    sw_buf_free(&text);
    sw_diag_free(diag);
    return good;
}

/* A file of tests against `rs`, or (NULL) against what it names itself. */
static void test_file(struct session *s, const char *path, struct sw_ruleset *rs)
{
    struct sw_diag diag = {0};
    struct sw_test_file *f;
    struct sw_ruleset *own = NULL;
    const char *dir;

    begin(s, path);
    f = sw_test_file_load(path, &diag);
    if (f != NULL && rs == NULL && sw_test_file_rules(f, 0) != NULL) {
        own = sw_rules_compile_for(f, &diag);
    } else if (f != NULL && rs == NULL) {
        dir = ctl_rules_folder(s->c, 1, NULL);
        own = dir == NULL ? NULL : sw_rules_compile(dir, &diag);
        if (dir == NULL)
            sw_diag_add(&diag, SW_ERROR, (struct sw_place){.file = sw_str(path)},
                        _("no rules to test: name their FOLDER, or write rule_files: [..]"));
    }
    s->mark = clock_now(CLOCK_MONOTONIC);
    if (f != NULL && (rs != NULL || own != NULL))
        sw_test_file_run(f, rs != NULL ? rs : own, &s->report, &diag);
    settle(s, path, &diag);
    sw_ruleset_free(own);
    sw_test_file_free(f);
}

static bool is_same(const char *a, const char *b)
{
    struct stat x;
    struct stat y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void test_folder(struct session *s, const char *dir, char **files, int n_files)
{
    struct sw_diag diag = {0};
    struct sw_ruleset *rs;
    char **own = NULL;
    size_t n = 0;

    begin(s, dir);
    rs = sw_rules_compile(dir, &diag);
    if (rs != NULL)
        sw_rules_test_files(dir, &own, &n, &diag);
    if (settle(s, dir, &diag)) {
        s->mark = clock_now(CLOCK_MONOTONIC);
        sw_ruleset_test(rs, &s->report);
        for (size_t i = 0; i < n; i++)
            test_file(s, own[i], rs);
        for (int i = 0; i < n_files; i++) {
            bool known = false;

            for (size_t k = 0; k < n; k++)
                known |= is_same(files[i], own[k]);
            if (!known)
                test_file(s, files[i], rs);
        }
    }
    for (size_t i = 0; i < n; i++)
        free(own[i]);
    free(own);
    sw_ruleset_free(rs);
}

/* ---- all of it ---------------------------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folder among the arguments, taken out of them. False: there are several. */
static bool take_folder(int *argc, char **argv, const char **dir)
{
    int n = 1;

    *dir = NULL;
    for (int i = 1; i < *argc; i++) {
        if (!is_folder(argv[i])) {
            argv[n++] = argv[i];
            continue;
        }
        if (*dir != NULL)
            return false;
        *dir = argv[i];
    }
    *argc = n;
    return true;
}

static int tell_counts(const struct session *s)
{
    const struct sw_test_report *r = &s->report;
    bool good = r->failed == 0 && s->unusable == 0;

    fprintf(s->out, _("  %s: %zu tests passed, %zu failed, %zu expectations\n"),
            good ? _("SUCCESS") : _("FAILED"), r->passed, r->failed, r->expectations);
    if (r->left_out > 0)
        fprintf(s->out, _("  %zu tests left out by --run\n"), r->left_out);
    if (!good || s->run == NULL || r->passed > 0)
        return good ? CTL_GOOD : CTL_FAILED;
    return ctl_fail(_("no rule and no test has \"%s\" in its name"), s->run);
}

static int write_xml(const struct session *s, sw_time began, int status)
{
    struct sw_err err;

    if (s->xml == NULL || ctl_junit_write(s->junit, s->xml, began, &err) == SW_OK)
        return status;
    return ctl_fail("%s", err.text);
}

int ctl_test_rules(struct ctl *c, int argc, char **argv)
{
    struct session s = {
        .c = c,
        .verbose = ctl_flag(&argc, argv, "-v"),
        .run = ctl_option(&argc, argv, "--run"),
        .xml = ctl_option(&argc, argv, "--junit"),
    };
    sw_time began = clock_now(CLOCK_REALTIME);
    const char *dir;
    int status;

    if (ctl_unknown_options(argc, argv) || !take_folder(&argc, argv, &dir))
        return CTL_USAGE;
    if (dir == NULL && argc == 1 && (dir = ctl_rules_folder(c, argc, argv)) == NULL)
        return CTL_FAILED;
    s.out = s.xml != NULL && strcmp(s.xml, "-") == 0 ? stderr : stdout;
    s.junit = ctl_junit_new();
    s.report = (struct sw_test_report){.ctx = &s, .wanted = on_wanted, .done = on_done};
    if (dir != NULL)
        test_folder(&s, dir, argv + 1, argc - 1);
    for (int i = 1; dir == NULL && i < argc; i++)
        test_file(&s, argv[i], NULL);
    status = write_xml(&s, began, tell_counts(&s));
    ctl_junit_free(s.junit);
    return status;
}
