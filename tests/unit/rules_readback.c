/* Whole rules read back in Chinese. The rules that are shipped must be said in words completely:
 * whoever signs them must not meet an expression. The handbook's twenty example rules, where it
 * lies beside the checkout, must read as the handbook says; it is not part of the project. */
#include "../tap.h"
#include <shouwang/base/file.h>
#include <shouwang/base/json.h>
#include <shouwang/base/utf8.h>
#include <shouwang/engine/describe.h>

static struct sw_ruleset *built(struct sw_bundle *b)
{
    struct sw_diag diag = {0};
    struct sw_ruleset *rs = b == NULL ? NULL : sw_ruleset_build(b, "", &diag);

    ok_named(rs != NULL, "the rules load");
    if (rs == NULL)
        sw_diag_print(&diag, stdout);
    sw_diag_free(&diag);
    return rs;
}

/* Every rule is said in words: no expression is left. */
static void all_in_words(const struct sw_ruleset *rs)
{
    for (size_t i = 0; rs != NULL && i < sw_ruleset_rules(rs); i++) {
        struct sw_buf text = {0};
        struct sw_rule_line line;
        bool complete = sw_rule_read(rs, i, &text);

        sw_rule_line(rs, i, &line);
        ok_named(complete && strchr(text.p, '`') == NULL, line.name.p);
        if (!complete)
            printf("# no words or no label: %s\n", text.p);
        sw_buf_free(&text);
    }
}

static void shipped_rules(void)
{
    struct sw_err err;
    struct sw_ruleset *rs = built(sw_bundle_load("rules", &err));

    all_in_words(rs);
    sw_ruleset_free(rs);
}

/* ---- the language's description
 * --------------------------------------------------------------------- */

/* What stands between "```yaml" behind `name` and the next "```". */
static struct sw_str block_behind(struct sw_str book, const char *title, const char *opening)
{
    const char *at = strstr(book.p, title);
    const char *from = at == NULL ? NULL : strstr(at, opening);
    const char *to;

    if (from == NULL)
        return (struct sw_str){NULL, 0};
    from += strlen(opening);
    to = strstr(from, "```");
    return to == NULL ? (struct sw_str){NULL, 0} : (struct sw_str){from, (size_t)(to - from)};
}

static struct sw_bundle *bundle_of(struct sw_str book)
{
    static const char *const names[] = {"schema.yaml", "params.yaml", "areas.yaml", "rules.yaml"};
    struct sw_buf packed = {0};
    struct sw_buf wording = {0};
    struct sw_jw w = {.out = &packed};
    struct sw_bundle *b;
    struct sw_err err;

    ok(sw_file_read("rules/messages.yaml", 1 << 20, &wording, &err) == SW_OK);
    sw_jw_object(&w);
    sw_jw_member(&w, "messages.yaml", sw_buf_view(&wording));
    for (size_t i = 0; i < SW_COUNTOF(names); i++) {
        char title[32];

        snprintf(title, sizeof(title), "\n`%s`", names[i]);
        sw_jw_member(&w, names[i], block_behind(book, title, "```yaml\n"));
    }
    sw_jw_end(&w);
    b = sw_bundle_unpack(sw_buf_view(&packed), &err);
    sw_buf_free(&packed);
    sw_buf_free(&wording);
    return b;
}

/* The read-back whose heading this line is. */
static bool read_by_heading(const struct sw_ruleset *rs, struct sw_str heading, struct sw_buf *out)
{
    for (size_t i = 0; i < sw_ruleset_rules(rs); i++) {
        sw_buf_clear(out);
        sw_rule_read(rs, i, out);
        if (sw_str_starts(sw_buf_view(out), heading) && out->p[heading.n] == '\n')
            return true;
    }
    return false;
}

static bool has_line(const struct sw_buf *text, struct sw_str line)
{
    struct sw_str rest = sw_buf_view(text);
    struct sw_str one;

    while (rest.n > 0 && sw_str_split(&rest, '\n', &one)) {
        if (sw_str_eq(one, line))
            return true;
    }
    return false;
}

static void example_rules(void)
{
    struct sw_buf book = {0};
    struct sw_buf text = {0};
    struct sw_err err;
    struct sw_ruleset *rs;
    struct sw_str rest;
    struct sw_str line;

    if (sw_file_read("../shared/rule-language.md", 1 << 20, &book, &err) != SW_OK) {
        ok_named(true,
                 "the example rules # SKIP their description does not lie beside the checkout");
        return;
    }
    rs = built(bundle_of(sw_buf_view(&book)));
    rest = block_behind(sw_buf_view(&book), "### 3.7", "```\n");
    ok_named(rs != NULL && rest.n > 0, "the description has rules and their read-back");
    all_in_words(rs);
    while (rs != NULL && rest.n > 0 && sw_str_split(&rest, '\n', &line)) {
        char what[200];

        snprintf(what, sizeof(what), "%.*s", SW_STR_ARG(sw_utf8_prefix(line, 40)));
        if (sw_str_starts(line, SW_STR("【")))
            ok_named(read_by_heading(rs, line, &text), what);
        else if (line.n > 0 && !ok_named(has_line(&text, line), what))
            printf("# got\n%s", text.p);
    }
    sw_ruleset_free(rs);
    sw_buf_free(&book);
    sw_buf_free(&text);
}

int main(void)
{
    shipped_rules();
    example_rules();
    return done_testing();
}
