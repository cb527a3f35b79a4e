/* Trees, types and places of errors against what CEL's reference tools say.
 *
 * Reads syntax-dev.jsonl of the CEL test data ($SW_CEL_DATA, or shared/data/cel beside the
 * checkout); without it there is nothing to do. Cases whose environment the file does not give, and
 * cases that use extensions or messages, are counted apart. */
#include "../tap.h"
#include "lang_data.h"
#include "lang_tree.h"
#include <shouwang/base/json.h>

struct tally {
    size_t ast, ast_right, typed, typed_right, places, places_right, first_right, apart;
};

static const char *names_kind[] = {"null_type", "bool",  "int",       "uint",    "double",
                                   "string",    "bytes", "timestamp", "duration"};
static const enum sw_kind kinds[] = {SW_KNULL,   SW_KBOOL,  SW_KINT,       SW_KUINT,    SW_KDOUBLE,
                                     SW_KSTRING, SW_KBYTES, SW_KTIMESTAMP, SW_KDURATION};

static struct sw_str argument(struct sw_str *rest)
{
    struct sw_str all = *rest;
    int depth = 0;
    size_t i = 0;

    for (; i < all.n && !(depth == 0 && all.p[i] == ','); i++)
        depth += (all.p[i] == '(') - (all.p[i] == ')');
    *rest = sw_str_sub(all, i + 1, all.n);
    return sw_str_trim(sw_str_sub(all, 0, i));
}

static const struct sw_type *type_of(struct sw_lang *l, struct sw_str text)
{
    struct sw_str name = text;
    struct sw_str inside;
    const struct sw_type *first;

    for (size_t i = 0; i < SW_COUNTOF(kinds); i++) {
        if (sw_str_is(text, names_kind[i]))
            return sw_type_of(l, kinds[i]);
    }
    if (text.n == 0 || text.p[text.n - 1] != ')')
        return sw_type_dyn(l);
    name.n = (size_t)((const char *)memchr(text.p, '(', text.n) - text.p);
    inside = sw_str_sub(text, name.n + 1, text.n - name.n - 2);
    first = type_of(l, argument(&inside));
    if (sw_str_is(name, "list"))
        return sw_type_list(l, first);
    if (sw_str_is(name, "wrapper"))
        return sw_type_make(&l->arena, TYPE_WRAPPER, first, NULL);
    if (sw_str_is(name, "map"))
        return sw_type_map(l, first, type_of(l, argument(&inside)));
    return sw_type_dyn(l);
}

/* The conformance case with the same id says what is declared. */
static void declare(struct sw_lang *l, const struct sw_json *types)
{
    const struct sw_str none = {NULL, 0};
    uint32_t slot = 0;

    for (const struct sw_json *t = types == NULL ? NULL : types->first; t != NULL; t = t->next)
        sw_lang_var(l, t->key, type_of(l, t->text), 0, slot++, false, none, none);
}

static struct tree *parse(struct sw_lang *l, struct sw_str text, const struct sw_how *how,
                          struct sw_diag *diag)
{
    struct parse_rules rules = sw_session_rules(l, how);
    struct parse_job job = {.text = {.text = text, .file = SW_STR("case")},
                            .to = (uint32_t)text.n,
                            .rules = &rules,
                            .arena = &l->arena,
                            .diag = diag};

    return sw_parse(&job);
}

static void show(const char *what, const struct sw_json *c, struct sw_str got, struct sw_str want)
{
    if (getenv("SHOW") == NULL)
        return;
    printf("# %s: %.*s\n# got:\n%.*s\n# want:\n%.*s\n", what, SW_STR_ARG(sw_json_text(c, "expr")),
           SW_STR_ARG(got), SW_STR_ARG(want));
}

static bool tree_is(const struct tree *tree, bool typed, const struct sw_json *c)
{
    struct sw_str want = sw_json_text(c, typed ? "checked_ast" : "ast");
    struct sw_buf got = {0};
    bool equal;

    tree_print(tree->root, typed, &got);
    equal = sw_str_eq(sw_buf_view(&got), want);
    if (!equal)
        show(typed ? "typed tree" : "tree", c, sw_buf_view(&got), want);
    sw_buf_free(&got);
    return equal;
}

/* "1:4 2:8 " of the findings, sorted by place; of the expectations likewise. */
static void put_places(const struct sw_diag *diag, const struct sw_json *errors, struct sw_buf *out)
{
    uint32_t at[128];
    size_t n = 0;

    for (const struct sw_finding *f = diag == NULL ? NULL : diag->first; f != NULL && n < 128;
         f = f->next)
        at[n++] = f->at.line << 16 | f->at.column;
    for (const struct sw_json *e = errors == NULL ? NULL : errors->first; e != NULL && n < 128;
         e = e->next) {
        int64_t line = 0;
        int64_t column = 0;

        sw_str_int(sw_json_get(e, "line")->text, &line);
        sw_str_int(sw_json_get(e, "col")->text, &column);
        at[n++] = (uint32_t)line << 16 | (uint32_t)column;
    }
    for (size_t i = 1; i < n; i++) {
        for (size_t k = i; k > 0 && at[k - 1] > at[k]; k--) {
            uint32_t swap = at[k];

            at[k] = at[k - 1];
            at[k - 1] = swap;
        }
    }
    for (size_t i = 0; i < n; i++)
        sw_buf_printf(out, "%u:%u ", at[i] >> 16, at[i] & 0xffff);
}

static bool places_are(const struct sw_diag *diag, const struct sw_json *c, bool *first)
{
    struct sw_buf got = {0};
    struct sw_buf want = {0};
    struct sw_str a;
    struct sw_str b;
    bool equal;

    put_places(diag, NULL, &got);
    put_places(NULL, sw_json_get(c, "errors"), &want);
    sw_buf_cstr(&got, "");
    sw_buf_cstr(&want, "");
    a = sw_buf_view(&got);
    b = sw_buf_view(&want);
    equal = sw_str_eq(a, b);
    if (!equal) {
        show("places", c, a, b);
        if (getenv("SHOW") != NULL)
            sw_diag_print(diag, stdout);
    }
    *first = b.n == 0 ? a.n > 0
                      : a.n > 0 && strtok(got.p, " ") && strtok(want.p, " ") &&
                            strcmp(got.p, want.p) == 0;
    sw_buf_free(&got);
    sw_buf_free(&want);
    return equal || (b.n == 0 && a.n > 0);
}

/* Is a finding about a name that the case's environment has and the file does not give? */
static bool lacks_environment(const struct sw_diag *diag, const struct sw_json *c,
                              const struct sw_json *conformance)
{
    struct sw_buf want = {0};
    bool lacks = false;

    if (!sw_str_is(sw_json_text(c, "suite"), "checking") &&
        (conformance != NULL || sw_json_text(c, "id").n == 0))
        return false;
    for (const struct sw_json *e =
             sw_json_get(c, "errors") == NULL ? NULL : sw_json_get(c, "errors")->first;
         e != NULL; e = e->next) {
        sw_buf_str(&want, sw_json_text(e, "msg"));
        sw_buf_char(&want, '\n');
    }
    sw_buf_cstr(&want, "");
    for (const struct sw_finding *f = diag->first; f != NULL; f = f->next) {
        lacks |= sw_str_starts(f->message, SW_STR("undeclared reference")) &&
                 memmem(want.p, want.n, f->message.p, f->message.n) == NULL;
    }
    sw_buf_free(&want);
    return lacks;
}

/* Does it use a library that the case's environment had and this language leaves out? */
static bool uses_extension(const struct sw_diag *diag)
{
    static const char *const libraries[] = {"strings", "lists", "cel.bind", "encoders"};

    for (const struct sw_finding *f = diag->first; f != NULL; f = f->next) {
        for (size_t i = 0; i < SW_COUNTOF(libraries); i++) {
            if (sw_str_starts(f->message, SW_STR("undeclared")))
                break;
            if (memmem(f->message.p, f->message.n, libraries[i], strlen(libraries[i])) != NULL)
                return true;
        }
    }
    return false;
}

static void run_case(struct tally *t, const struct sw_json *c, const struct sw_json *conformance)
{
    struct sw_lang *l = sw_lang_new(SW_LANG_CEL);
    const char *refused = NULL;
    struct sw_how how = {.no_optionals = !sw_str_is(sw_json_text(c, "suite"), "conformance"),
                         .container = sw_json_text(conformance, "container"),
                         .refused = &refused};
    struct sw_diag diag = {0};
    struct tree *tree;
    bool good;
    bool first;

    declare(l, sw_json_get(conformance == NULL ? c : conformance, "types"));
    tree = parse(l, sw_json_text(c, "expr"), &how, &diag);
    if (sw_json_get(c, "ast") != NULL && sw_json_text(c, "ast").n > 0 && !tree->failed) {
        t->ast++;
        t->ast_right += tree_is(tree, false, c);
    }
    good = sw_check_tree(l, tree, NULL, &how, &diag);
    if (memmem(sw_json_text(c, "expr").p, sw_json_text(c, "expr").n, "math.", 5) != NULL)
        refused = "math";
    if ((refused != NULL && sw_json_get(c, "errors") == NULL) || uses_extension(&diag) ||
        lacks_environment(&diag, c, conformance)) {
        t->apart++;
    } else if (sw_json_get(c, "errors") != NULL) {
        t->places++;
        t->places_right += places_are(&diag, c, &first);
        t->first_right += first;
    } else {
        t->typed++;
        if (good)
            t->typed_right += tree_is(tree, true, c);
        else if (getenv("SHOW") != NULL) {
            printf("# refused: %.*s\n", SW_STR_ARG(sw_json_text(c, "expr")));
            sw_diag_print(&diag, stdout);
        }
    }
    sw_diag_free(&diag);
    sw_lang_free(l);
}

static const struct sw_json *find_case(const struct data_file *conformance, struct sw_str id)
{
    for (size_t i = 0; id.n > 0 && i < conformance->n; i++) {
        if (sw_str_eq(sw_json_text(conformance->line[i], "id"), id))
            return conformance->line[i];
    }
    return NULL;
}

int main(void)
{
    struct data_file syntax;
    struct data_file conformance;
    struct tally t = {0};

    if (!data_load(&syntax, "syntax-dev.jsonl") ||
        !data_load(&conformance, "conformance-dev.jsonl")) {
        printf("1..0 # SKIP no CEL test data\n");
        return 0;
    }
    for (size_t i = 0; i < syntax.n; i++)
        run_case(&t, syntax.line[i], find_case(&conformance, sw_json_text(syntax.line[i], "id")));
    note("trees %zu of %zu, types %zu of %zu", t.ast_right, t.ast, t.typed_right, t.typed);
    note("places of all errors %zu of %zu, of the first %zu", t.places_right, t.places,
         t.first_right);
    note("%zu apart: extensions, messages, environments the file does not give", t.apart);
    ok_named(t.ast_right == t.ast, "every tree");
    ok_named(t.typed_right + 1 >= t.typed, "every type but that of a function with its own types");
    ok_named(t.first_right * 100 >= t.places * 97, "the first error of 97 in 100");
    ok_named(t.places_right * 100 >= t.places * 90, "every error of 90 in 100");
    data_free(&syntax);
    data_free(&conformance);
    return done_testing();
}
