/* junit.c - results of tests as JUnit's XML. Source of the form: what promtool --junit= writes and
 * what Jenkins and GitLab read (testsuites, testsuite, testcase, failure, error). */
#include "junit.h"
#include <errno.h>
#include <fcntl.h>
#include <shouwang/base/arena.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/date.h>
#include <shouwang/base/file.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/utf8.h>
#include <stdlib.h>
#include <unistd.h>

struct suite {
    struct suite *next;
    struct sw_str file;
    size_t tests, failures, errors;
    sw_time took;
    struct sw_buf cases;
};

struct ctl_junit {
    struct sw_arena arena;
    struct suite *first, *last;
};

/* ---- XML ---------------------------------------------------------------------------------- */

/* What XML 1.0 allows in a text at all. */
static bool is_allowed(int32_t cp)
{
    return cp == '\t' || cp == '\n' || cp == '\r' || (cp >= 0x20 && cp != 0xFFFE && cp != 0xFFFF);
}

/* What XML cannot hold becomes U+FFFD. A reader makes blanks of the line ends in an attribute
 * unless they are written as numbers. */
static void put_escaped(struct sw_buf *out, struct sw_str s, bool in_attribute)
{
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        int32_t cp = sw_utf8_next(s, &at);

        switch (cp) {
        case '&': sw_buf_cstr(out, "&amp;"); break;
        case '<': sw_buf_cstr(out, "&lt;"); break;
        case '>': sw_buf_cstr(out, "&gt;"); break;
        case '"': sw_buf_cstr(out, "&quot;"); break;
        default:
            if (cp == '\r' || (in_attribute && (cp == '\t' || cp == '\n')))
                sw_buf_printf(out, "&#%d;", cp);
            else if (is_allowed(cp))
                sw_buf_put(out, s.p + from, at - from);
            else
                sw_buf_cstr(out, "\xEF\xBF\xBD");
        }
    }
}

static void put_attribute(struct sw_buf *out, const char *name, struct sw_str value)
{
    sw_buf_printf(out, " %s=\"", name);
    put_escaped(out, value, true);
    sw_buf_char(out, '"');
}

static void put_seconds(struct sw_buf *out, sw_time took)
{
    sw_buf_printf(out, " time=\"%lld.%06lld\"", (long long)(took / SW_SECOND),
                  (long long)(took % SW_SECOND));
}

/* <failure> or <error>: the first line as message, all of it as text. */
static void put_problem(struct sw_buf *out, const char *element, struct sw_str text)
{
    struct sw_str rest = text;
    struct sw_str line = {NULL, 0};

    sw_str_split(&rest, '\n', &line);
    sw_buf_printf(out, "      <%s", element);
    put_attribute(out, "message", line);
    sw_buf_char(out, '>');
    put_escaped(out, text, false);
    sw_buf_printf(out, "</%s>\n", element);
}

/* ---- suites ------------------------------------------------------------------------------- */

struct ctl_junit *ctl_junit_new(void)
{
    return sw_calloc(1, sizeof(struct ctl_junit));
}

void ctl_junit_free(struct ctl_junit *j)
{
    if (j == NULL)
        return;
    for (struct suite *s = j->first; s != NULL; s = s->next)
        sw_buf_free(&s->cases);
    sw_arena_free(&j->arena);
    free(j);
}

static struct suite *suite_of(struct ctl_junit *j, struct sw_str file)
{
    struct suite *s;

    for (s = j->first; s != NULL; s = s->next) {
        if (sw_str_eq(s->file, file))
            return s;
    }
    s = SW_ARENA_NEW(&j->arena, struct suite);
    s->file = sw_arena_str(&j->arena, file);
    if (j->last == NULL)
        j->first = s;
    else
        j->last->next = s;
    j->last = s;
    return s;
}

/* The class of a test that is about no rule in particular: "safety" of rules/safety.yaml. */
static struct sw_str stem(struct sw_str file)
{
    size_t from = file.n;
    struct sw_str name;

    while (from > 0 && file.p[from - 1] != '/')
        from--;
    name = sw_str_sub(file, from, file.n);
    return name.n > 5 ? sw_str_sub(name, 0, name.n - 5) : name;
}

static struct sw_buf *begin_case(struct suite *s, struct sw_str class, struct sw_str name,
                                 sw_time took)
{
    struct sw_buf *out = &s->cases;

    s->tests++;
    s->took += took;
    sw_buf_cstr(out, "    <testcase");
    put_attribute(out, "classname", class);
    put_attribute(out, "name", name);
    put_attribute(out, "file", s->file);
    put_seconds(out, took);
    return out;
}

void ctl_junit_test(struct ctl_junit *j, struct sw_str file, struct sw_str rule, struct sw_str name,
                    sw_time took, struct sw_str failures)
{
    struct suite *s = suite_of(j, file);
    struct sw_buf *out = begin_case(s, rule.n > 0 ? rule : stem(file), name, took);

    if (failures.n == 0) {
        sw_buf_cstr(out, "/>\n");
        return;
    }
    s->failures++;
    sw_buf_cstr(out, ">\n");
    put_problem(out, "failure", failures);
    sw_buf_cstr(out, "    </testcase>\n");
}

void ctl_junit_error(struct ctl_junit *j, struct sw_str file, struct sw_str findings)
{
    struct suite *s = suite_of(j, file);
    struct sw_buf *out = begin_case(s, stem(file), SW_STR("load"), 0);

    s->errors++;
    sw_buf_cstr(out, ">\n");
    put_problem(out, "error", findings);
    sw_buf_cstr(out, "    </testcase>\n");
}

/* ---- the file ----------------------------------------------------------------------------- */

static void put_counts(struct sw_buf *out, const struct suite *s)
{
    sw_buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\"", s->tests,
                  s->failures, s->errors);
    put_seconds(out, s->took);
}

static void put_suites(const struct ctl_junit *j, sw_time began, struct sw_buf *out)
{
    struct suite all = {0};
    char at[SW_RFC3339_SIZE];

    for (const struct suite *s = j->first; s != NULL; s = s->next) {
        all.tests += s->tests;
        all.failures += s->failures;
        all.errors += s->errors;
        all.took += s->took;
    }
    sw_buf_cstr(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    put_attribute(out, "name", SW_STR("shouwang test rules"));
    put_counts(out, &all);
    sw_buf_cstr(out, ">\n");
    for (const struct suite *s = j->first; s != NULL; s = s->next) {
        sw_buf_cstr(out, "  <testsuite");
        put_attribute(out, "name", s->file);
        put_counts(out, s);
        put_attribute(out, "timestamp", sw_str(sw_rfc3339_format(began, 0, at)));
        sw_buf_cstr(out, ">\n");
        sw_buf_str(out, sw_buf_view(&s->cases));
        sw_buf_cstr(out, "  </testsuite>\n");
    }
    sw_buf_cstr(out, "</testsuites>\n");
}

enum sw_code ctl_junit_write(const struct ctl_junit *j, const char *path, sw_time began,
                             struct sw_err *err)
{
    bool to_stdout = strcmp(path, "-") == 0;
    struct sw_buf out = {0};
    int fd = to_stdout ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    enum sw_code rc;

    if (fd < 0)
        return sw_fail(err, SW_EIO, "%s: %s", path, strerror(errno));
    put_suites(j, began, &out);
    rc = sw_file_write_all(fd, out.p, out.n, err);
    sw_buf_free(&out);
    if (!to_stdout && close(fd) != 0 && rc == SW_OK)
        rc = sw_fail(err, SW_EIO, "%s: %s", path, strerror(errno));
    return rc;
}
