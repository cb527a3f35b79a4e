/* pack.c - writes out pack/templates.txt, which explains its notation. */
#include "pack.h"
#include "bench.h"
#include <ctype.h>
#include <shouwang/base/buf.h>
#include <shouwang/base/date.h>
#include <shouwang/base/file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SOURCE "tests/bench/pack/"

enum { VARIANTS = 15, TEMPLATES = PACK_RULES_MAX / VARIANTS };

/* What the letters of a template stand for. */
struct variant {
    int v, w, s, m, e;
};

static struct variant variant_of(int v, int edition)
{
    static const int windows[] = {30, 60, 90, 180, 365};
    int w = windows[v / 3];

    return (struct variant){.v = v, .w = w, .s = 1 << v % 3, .m = w / 30 + 3, .e = edition};
}

/* ---- expressions of a template --------------------------------------------------------------- */

static int factor(const struct variant *x, const char **at)
{
    char c = **at;
    char *end;
    long n;

    if (isdigit((unsigned char)c)) {
        n = strtol(*at, &end, 10);
        *at = end;
        return (int)n;
    }
    ++*at;
    switch (c) {
    case 'v': return x->v;
    case 'w': return x->w;
    case 's': return x->s;
    case 'm': return x->m;
    case 'e': return x->e;
    default: bench_must(false, "a template's letter \"%c\"", c); return 0;
    }
}

static int product(const struct variant *x, const char **at)
{
    int n = factor(x, at);

    while (**at == '*') {
        ++*at;
        n *= factor(x, at);
    }
    return n;
}

static int sum(const struct variant *x, const char **at)
{
    int n = product(x, at);

    while (**at == '+' || **at == '-') {
        int sign = *(*at)++ == '+' ? 1 : -1;

        n += sign * product(x, at);
    }
    return n;
}

/* What stands behind a "$"; the place behind it. */
static const char *put_place(const struct variant *x, const char *at, struct sw_buf *out)
{
    char text[SW_DATE_SIZE];
    char open = *at;
    bool is_letter = isalpha((unsigned char)open) != 0;
    int n;

    at += is_letter ? 0 : 1;
    n = is_letter ? factor(x, &at) : sum(x, &at);
    if (open == '[')
        sw_buf_cstr(out, sw_date_format(sw_day_of(2024, 1, 1) + n, text));
    else if (open == '<')
        sw_buf_cstr(out, sw_date_format(sw_day_of(2024 + (n - 1) / 12, 1 + (n - 1) % 12, 1), text));
    else
        sw_buf_printf(out, "%d", n);
    return is_letter ? at : at + 1;
}

/* One template, lines from `at` up to the next "##", for one variant; where it ends. */
static const char *put_template(const struct variant *x, const char *at, struct sw_buf *rules,
                                struct sw_buf *params)
{
    while (*at != '\0' && strncmp(at, "##", 2) != 0) {
        struct sw_buf *out = strncmp(at, "p ", 2) == 0 ? params : rules;

        at += out == params ? 2 : 0;
        while (*at != '\n') {
            if (*at == '$')
                at = put_place(x, at + 1, out);
            else
                sw_buf_char(out, *at++);
        }
        sw_buf_char(out, *at++);
    }
    return at;
}

/* ---- files ----------------------------------------------------------------------------------- */

static void write_file(const char *folder, const char *name, struct sw_str text)
{
    char path[400];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "w");
    bench_must(f != NULL && fwrite(text.p, 1, text.n, f) == text.n && fclose(f) == 0, "%s", path);
}

static struct sw_buf read_source(const char *name)
{
    char path[400];
    struct sw_buf text = {0};
    struct sw_err err;

    snprintf(path, sizeof(path), SOURCE "%s", name);
    bench_must(sw_file_read(path, 1 << 20, &text, &err) == SW_OK, "%s", path);
    return text;
}

static void copy_source(const char *folder, const char *name)
{
    struct sw_buf text = read_source(name);

    write_file(folder, name, sw_buf_view(&text));
    sw_buf_free(&text);
}

static void put_rules(uint32_t n, int edition, struct sw_buf *rules, struct sw_buf *params)
{
    struct sw_buf text = read_source("templates.txt");
    const char *begin[TEMPLATES];
    int found = 0;

    for (const char *at = strstr(text.p, "\n##"); at != NULL; at = strstr(at + 1, "\n##")) {
        if (at[3] != '\n')
            continue; /* in the head */
        bench_must(found < TEMPLATES, "more than %d templates", TEMPLATES);
        begin[found++] = at + 4;
    }
    bench_must(found == TEMPLATES, "%d templates", found);
    for (uint32_t i = 0; i < n; i++) {
        struct variant x = variant_of((int)i / TEMPLATES, edition);

        put_template(&x, begin[i % TEMPLATES], rules, params);
    }
    sw_buf_free(&text);
}

void pack_write(const char *folder, uint32_t rules, int edition)
{
    struct sw_buf text = {0};
    struct sw_buf params = {0};

    bench_must(rules <= PACK_RULES_MAX && rules % TEMPLATES == 0, "a pack of %u rules", rules);
    bench_must(mkdir(folder, 0700) == 0, "%s", folder);
    copy_source(folder, "schema.yaml");
    copy_source(folder, "base.yaml");
    sw_buf_printf(&params, "params: %d\n", edition + 1);
    if (rules > 0) {
        sw_buf_cstr(&text, "rules:\n");
        put_rules(rules, edition, &text, &params);
        write_file(folder, "pack.yaml", sw_buf_view(&text));
    }
    write_file(folder, "params.yaml", sw_buf_view(&params));
    sw_buf_free(&text);
    sw_buf_free(&params);
}

struct sw_ruleset *pack_load(const char *folder)
{
    struct sw_diag diag = {0};
    struct sw_err err;
    struct sw_bundle *bundle = sw_bundle_load(folder, &err);
    struct sw_ruleset *rs;

    bench_must(bundle != NULL, "reading %s", folder);
    rs = sw_ruleset_build(bundle, folder, &diag);
    if (rs == NULL)
        sw_diag_print(&diag, stderr);
    bench_must(rs != NULL, "compiling %s", folder);
    sw_diag_free(&diag);
    return rs;
}
