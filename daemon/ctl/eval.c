/* eval.c - `shouwang eval`: one CEL expression, or a file of the conformance suite's cases.
 *
 * A case is one JSON line: {"id","expr","container","check","macros","types","vars","expect",
 * "type"}; values as {"int":"-1"}, {"list":[…]}, {"map":[[k,v],…]} … Values are compared, not
 * error texts: an error is expected, any error will do. A case that uses an extension the language
 * leaves out is skipped and counted under the extension's name. */
#include "ctl.h"
#include <math.h>
#include <shouwang/base/crypt.h>
#include <shouwang/base/date.h>
#include <shouwang/base/file.h>
#include <shouwang/base/i18n.h>
#include <shouwang/base/json.h>
#include <shouwang/base/mem.h>
#include <shouwang/base/number.h>
#include <shouwang/lang/lang.h>
#include <stdlib.h>

enum {
    BUDGET = 100000,
    VARS_MAX = 64,
    ZONES_MAX = 64,
    FEATURES_MAX = 32,
    CASES_FILE_MAX = 64 << 20
};

/* ---- time zones, loaded once ----------------------------------------------------------------- */

struct zones {
    struct sw_zone *at[ZONES_MAX];
    size_t n;
};

static const struct sw_zone *find_zone(void *ctx, struct sw_str name)
{
    struct zones *z = ctx;
    struct sw_err err;

    for (size_t i = 0; i < z->n; i++) {
        if (sw_str_eq(sw_zone_name(z->at[i]), name))
            return z->at[i];
    }
    if (z->n == ZONES_MAX || sw_zone_load(&z->at[z->n], name, &err) != SW_OK)
        return NULL;
    return z->at[z->n++];
}

static void free_zones(struct zones *z)
{
    for (size_t i = 0; i < z->n; i++)
        sw_zone_free(z->at[i]);
}

/* ---- from JSON ------------------------------------------------------------------------------- */

/* One case, or the one expression of the command line, being run. */
struct run {
    struct sw_arena arena;
    struct sw_lang *l;
    struct sw_diag diag;
    struct zones zones;
    struct sw_value var[VARS_MAX];
    const char *refused;
};

static const struct {
    const char *name;
    enum sw_kind kind;
} type_names[] = {
    {"null", SW_KNULL},         {"null_type", SW_KNULL}, {"bool", SW_KBOOL},
    {"int", SW_KINT},           {"uint", SW_KUINT},      {"double", SW_KDOUBLE},
    {"string", SW_KSTRING},     {"bytes", SW_KBYTES},    {"timestamp", SW_KTIMESTAMP},
    {"duration", SW_KDURATION},
};

/* The text of one type up to a comma or closing bracket of its own level. */
static struct sw_str take_argument(struct sw_str *rest)
{
    struct sw_str all = *rest;
    int depth = 0;
    size_t i = 0;

    for (; i < all.n && !(depth == 0 && all.p[i] == ','); i++)
        depth += (all.p[i] == '(') - (all.p[i] == ')');
    *rest = sw_str_sub(all, i + 1, all.n);
    return sw_str_trim(sw_str_sub(all, 0, i));
}

/* "map(string, list(int))"; what is not known is dyn. */
static const struct sw_type *type_of(struct sw_lang *l, struct sw_str text)
{
    const char *open = text.n == 0 ? NULL : memchr(text.p, '(', text.n);
    struct sw_str name = text;
    struct sw_str inside = {NULL, 0};
    const struct sw_type *first;

    for (size_t i = 0; i < SW_COUNTOF(type_names); i++) {
        if (sw_str_is(text, type_names[i].name))
            return sw_type_of(l, type_names[i].kind);
    }
    if (open == NULL || text.p[text.n - 1] != ')')
        return sw_type_dyn(l);
    name.n = (size_t)(open - text.p);
    inside = sw_str_sub(text, name.n + 1, text.n - name.n - 2);
    first = type_of(l, take_argument(&inside));
    if (sw_str_is(name, "list"))
        return sw_type_list(l, first);
    if (sw_str_is(name, "map"))
        return sw_type_map(l, first, type_of(l, take_argument(&inside)));
    return sw_type_dyn(l);
}

static struct sw_value value_of(struct run *r, const struct sw_json *j);

static struct sw_value list_value(struct run *r, const struct sw_json *j)
{
    struct sw_list *l = SW_ARENA_NEW(&r->arena, struct sw_list);
    struct sw_value *at = SW_ARENA_ARRAY(&r->arena, struct sw_value, j->count);

    for (const struct sw_json *e = j->first; e != NULL; e = e->next)
        at[l->n++] = value_of(r, e);
    l->at = at;
    return (struct sw_value){.kind = SW_KLIST, .list = l};
}

static struct sw_value map_value(struct run *r, const struct sw_json *j)
{
    struct sw_map *m = SW_ARENA_NEW(&r->arena, struct sw_map);
    struct sw_value *at = SW_ARENA_ARRAY(&r->arena, struct sw_value, 2 * (size_t)j->count);

    for (const struct sw_json *e = j->first; e != NULL; e = e->next) {
        at[2 * m->n] = value_of(r, e->first);
        at[2 * m->n + 1] = value_of(r, e->first->next);
        m->n++;
    }
    m->at = at;
    return (struct sw_value){.kind = SW_KMAP, .map = m};
}

static struct sw_value double_value(struct sw_str s)
{
    double d = 0;

    if (sw_str_is(s, "NaN"))
        d = NAN;
    else if (sw_str_is(s, "Infinity") || sw_str_is(s, "-Infinity"))
        d = s.p[0] == '-' ? -INFINITY : INFINITY;
    else if (sw_str_is(s, "-0"))
        d = -0.0;
    else
        sw_double_parse(s, &d);
    return sw_value_double(d);
}

static struct sw_value bytes_value(struct run *r, struct sw_str s)
{
    struct sw_buf b = {0};
    struct sw_value v = {.kind = SW_KBYTES};

    if (sw_base64_decode(&b, s)) {
        v.s = sw_arena_str(&r->arena, sw_buf_view(&b)).p;
        v.n = (uint32_t)b.n;
    }
    sw_buf_free(&b);
    return v;
}

/* Texts of times, types and other things that the language reads itself. */
static struct sw_value evaluated(struct run *r, const char *fmt, struct sw_str s)
{
    struct sw_text text = {.file = SW_STR("case")};
    struct sw_frame f = {.arena = &r->arena, .budget = BUDGET};
    const struct sw_prog *p;

    if (fmt == NULL)
        text.text = s;
    else
        text.text = sw_arena_printf(&r->arena, "%s('%.*s')", fmt, SW_STR_ARG(s));
    p = sw_lang_compile(r->l, text, NULL, &r->diag);
    sw_frame_begin(&f);
    return p == NULL ? (struct sw_value){.kind = SW_KERROR, .s = "?"} : sw_eval(p, &f);
}

static struct sw_value value_of(struct run *r, const struct sw_json *j)
{
    const struct sw_json *v = j->first;
    int64_t i = 0;

    if (v == NULL || sw_str_is(v->key, "null"))
        return (struct sw_value){.kind = SW_KNULL};
    if (sw_str_is(v->key, "bool"))
        return sw_value_bool(v->kind == SW_JTRUE);
    if (sw_str_is(v->key, "int"))
        return sw_str_int(v->text, &i) ? sw_value_int(i) : evaluated(r, NULL, v->text);
    if (sw_str_is(v->key, "uint"))
        return evaluated(r, "uint", v->text);
    if (sw_str_is(v->key, "double"))
        return double_value(v->text);
    if (sw_str_is(v->key, "string"))
        return sw_value_str(v->text);
    if (sw_str_is(v->key, "bytes"))
        return bytes_value(r, v->text);
    if (sw_str_is(v->key, "list"))
        return list_value(r, v);
    if (sw_str_is(v->key, "map"))
        return map_value(r, v);
    if (sw_str_is(v->key, "timestamp"))
        return evaluated(r, "timestamp", v->text);
    if (sw_str_is(v->key, "duration"))
        return evaluated(r, "duration", v->text);
    return evaluated(r, NULL, v->text); /* {"type":"int"} */
}

/* ---- comparing ------------------------------------------------------------------------------- */

static bool same(struct sw_value a, struct sw_value b);

static bool same_lists(const struct sw_list *a, const struct sw_list *b)
{
    bool equal = a->n == b->n;

    for (uint32_t i = 0; equal && i < a->n; i++)
        equal = same(a->at[i], b->at[i]);
    return equal;
}

/* Order is free. */
static bool same_maps(const struct sw_map *a, const struct sw_map *b)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++) {
        bool found = false;

        for (uint32_t k = 0; k < b->n && !found; k++)
            found = same(a->at[2 * i], b->at[2 * k]) && same(a->at[2 * i + 1], b->at[2 * k + 1]);
        if (!found)
            return false;
    }
    return true;
}

/* Stricter than CEL's equality: kinds count, -0 is not 0, but NaN is NaN. */
static bool same(struct sw_value a, struct sw_value b)
{
    if (a.kind != b.kind)
        return false;
    if (a.kind == SW_KDOUBLE)
        return (isnan(a.d) && isnan(b.d)) || (a.d == b.d && signbit(a.d) == signbit(b.d));
    if (a.kind == SW_KLIST)
        return same_lists(a.list, b.list);
    if (a.kind == SW_KMAP)
        return same_maps(a.map, b.map);
    return sw_value_equal(a, b);
}

/* ---- running --------------------------------------------------------------------------------- */

static void begin(struct run *r)
{
    *r = (struct run){.refused = NULL};
    r->l = sw_lang_new(SW_LANG_CEL);
    sw_lang_zones(r->l, find_zone, &r->zones);
}

static void end(struct run *r)
{
    sw_lang_free(r->l);
    sw_diag_free(&r->diag);
    sw_arena_free(&r->arena);
    free_zones(&r->zones);
}

static void declare(struct run *r, const struct sw_json *types, const struct sw_json *vars)
{
    const struct sw_str none = {NULL, 0};
    uint32_t slot = 0;

    if (types == NULL)
        return;
    for (const struct sw_json *t = types->first; t != NULL && slot < VARS_MAX; t = t->next) {
        const struct sw_json *bound = NULL;

        for (const struct sw_json *v = vars == NULL ? NULL : vars->first; v != NULL; v = v->next) {
            if (sw_str_eq(v->key, t->key))
                bound = v;
        }
        r->var[slot] = bound != NULL
                           ? value_of(r, bound)
                           : (struct sw_value){.kind = SW_KERROR, .s = N_("no such variable")};
        sw_lang_var(r->l, t->key, type_of(r->l, t->text), 0, slot++, false, none, none);
    }
}

static struct sw_value run_text(struct run *r, struct sw_text text, const struct sw_how *how,
                                struct sw_prog **program)
{
    struct sw_frame f = {.arena = &r->arena, .budget = BUDGET, .bank = {r->var}};
    struct sw_prog *p = sw_lang_compile_as(r->l, text, how, &r->diag);

    *program = p;
    if (p == NULL)
        return (struct sw_value){.kind = SW_KERROR, .s = N_("does not compile")};
    f.reads = sw_reads_new(r->l);
    sw_frame_begin(&f);
    struct sw_value v = sw_eval(p, &f);
    sw_reads_free(f.reads);
    return v;
}

enum outcome { PASSED, FAILED, SKIPPED };

static bool type_is(const struct sw_prog *p, const struct sw_json *want)
{
    struct sw_buf got = {0};
    bool equal;

    if (want == NULL || want->kind != SW_JSTRING)
        return true;
    sw_type_put(sw_prog_type(p), &got);
    equal = sw_str_eq(sw_buf_view(&got), want->text);
    sw_buf_free(&got);
    return equal;
}

static enum outcome judge(struct run *r, const struct sw_json *c, struct sw_value v,
                          const struct sw_prog *p)
{
    const struct sw_json *expect = sw_json_get(c, "expect");
    const struct sw_json *want = sw_json_get(expect, "value");
    const struct sw_json *type = sw_json_get(c, "type");

    if (r->refused != NULL)
        return SKIPPED;
    if (sw_json_get(expect, "error") != NULL)
        return v.kind == SW_KERROR ? PASSED : FAILED;
    if (p == NULL || !type_is(p, type))
        return FAILED;
    if (want == NULL)
        return PASSED;
    return same(v, value_of(r, want)) ? PASSED : FAILED;
}

static bool is_false(const struct sw_json *c, const char *key)
{
    const struct sw_json *flag = sw_json_get(c, key);

    return flag != NULL && flag->kind == SW_JFALSE;
}

static void tell_failure(struct run *r, const struct sw_json *c, struct sw_value v)
{
    struct sw_buf text = {0};

    sw_value_put(r->l, v, &text);
    printf("%s: %.*s: %.*s\n  got %.*s\n", _("FAILED"), SW_STR_ARG(sw_json_text(c, "id")),
           SW_STR_ARG(sw_json_text(c, "expr")), SW_STR_ARG(sw_buf_view(&text)));
    sw_diag_print(&r->diag, stdout);
    sw_buf_free(&text);
}

/* ---- a file of cases ------------------------------------------------------------------------- */

struct tally {
    size_t passed, failed, skipped;
    struct {
        struct sw_str name;
        size_t n;
    } feature[FEATURES_MAX];
    size_t n_features;
    struct sw_arena arena;
};

static void count_feature(struct tally *t, struct sw_str name)
{
    t->skipped++;
    for (size_t i = 0; i < t->n_features; i++) {
        if (sw_str_eq(t->feature[i].name, name)) {
            t->feature[i].n++;
            return;
        }
    }
    if (t->n_features == FEATURES_MAX)
        return;
    t->feature[t->n_features].name = sw_arena_str(&t->arena, name);
    t->feature[t->n_features++].n = 1;
}

/* What a case says it needs beyond the core and this language does not have. */
static struct sw_str left_out(const struct sw_json *c)
{
    static const char *const had[] = {"json_type", "wkt_unwrapped", "wrapper_type", "optional"};
    const struct sw_json *needs = sw_json_get(c, "needs");

    for (const struct sw_json *n = needs == NULL ? NULL : needs->first; n != NULL; n = n->next) {
        bool known = false;

        for (size_t i = 0; i < SW_COUNTOF(had); i++)
            known |= sw_str_is(n->text, had[i]);
        if (!known)
            return n->text;
    }
    return (struct sw_str){NULL, 0};
}

static void run_case(struct tally *t, const struct sw_json *c)
{
    struct run r;
    struct sw_how how = {.container = sw_json_text(c, "container"),
                         .unchecked = is_false(c, "check"),
                         .no_macros = is_false(c, "macros")};
    struct sw_text text = {.text = sw_json_text(c, "expr"), .file = sw_json_text(c, "id")};
    struct sw_str need = left_out(c);
    struct sw_prog *p;
    struct sw_value v;

    begin(&r);
    how.refused = &r.refused;
    declare(&r, sw_json_get(c, "types"), sw_json_get(c, "vars"));
    v = run_text(&r, text, &how, &p);
    switch (need.n > 0 && p == NULL ? SKIPPED : judge(&r, c, v, p)) {
    case PASSED: t->passed++; break;
    case SKIPPED: count_feature(t, r.refused != NULL ? sw_str(r.refused) : need); break;
    case FAILED:
        t->failed++;
        tell_failure(&r, c, v);
        break;
    }
    end(&r);
}

static void run_line(struct tally *t, struct sw_str line, const char *path, size_t number)
{
    struct sw_arena arena = {.first = NULL};
    struct sw_json *c;
    struct sw_err err;

    if (sw_json_parse_data(&arena, line, &c, &err) == SW_OK) {
        run_case(t, c);
    } else {
        t->failed++;
        printf("%s:%zu: %s\n", path, number, err.text);
    }
    sw_arena_free(&arena);
}

static int run_cases(const char *path)
{
    struct tally t = {.passed = 0};
    struct sw_buf file = {0};
    struct sw_err err;
    struct sw_str rest;
    struct sw_str line;

    if (sw_file_read(path, CASES_FILE_MAX, &file, &err) != SW_OK) {
        fprintf(stderr, "%s\n", err.text);
        sw_buf_free(&file);
        return CTL_USAGE;
    }
    rest = sw_buf_view(&file);
    for (size_t number = 1; sw_str_split(&rest, '\n', &line); number++) {
        if (sw_str_trim(line).n > 0)
            run_line(&t, line, path, number);
    }
    for (size_t i = 0; i < t.n_features; i++)
        printf(_("skipped for %.*s: %zu\n"), SW_STR_ARG(t.feature[i].name), t.feature[i].n);
    printf(_("%zu passed, %zu failed, %zu skipped\n"), t.passed, t.failed, t.skipped);
    sw_arena_free(&t.arena);
    sw_buf_free(&file);
    return t.failed == 0 ? CTL_GOOD : CTL_FAILED;
}

/* ---- one expression -------------------------------------------------------------------------- */

static int run_expression(const char *expression, bool show_code)
{
    struct run r;
    struct sw_how how = {.unchecked = false};
    struct sw_text text = {.text = sw_str(expression), .file = SW_STR("expression")};
    struct sw_prog *p;
    struct sw_value v;
    struct sw_buf out = {0};
    int status = CTL_GOOD;

    begin(&r);
    v = run_text(&r, text, &how, &p);
    sw_diag_print(&r.diag, stderr);
    if (r.diag.errors > 0)
        fputs(
            _("eval knows numbers, texts, lists and dates alone; what rules know (hh., p., events, "
              "days(), today) is tried in a rule, with tests: and `shouwang test rules`\n"),
            stderr);
    if (p != NULL && show_code) {
        sw_prog_put(p, &out);
        sw_type_put(sw_prog_type(p), &out);
        sw_buf_char(&out, '\n');
    }
    if (p != NULL) {
        sw_value_put(r.l, v, &out);
        sw_buf_char(&out, '\n');
    }
    if (p == NULL || v.kind == SW_KERROR)
        status = CTL_FAILED;
    if (out.n > 0)
        fwrite(out.p, 1, out.n, status == CTL_GOOD ? stdout : stderr);
    sw_buf_free(&out);
    end(&r);
    return status;
}

int ctl_eval(struct ctl *c, int argc, char **argv)
{
    (void)c;
    if (argc == 3 && strcmp(argv[1], "--cases") == 0)
        return run_cases(argv[2]);
    if (argc == 3 && strcmp(argv[1], "--code") == 0)
        return run_expression(argv[2], true);
    if (argc == 2 && argv[1][0] != '\0' && strcmp(argv[1], "--cases") != 0)
        return run_expression(argv[1], false);
    return CTL_USAGE;
}
